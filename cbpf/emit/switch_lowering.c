/* Switch lowering: a switch to comparisons. A short table is a chain of comparisons; a long one is
 * split in the middle until its parts are short. */
#include "cbpf/program/program.h"
#include "code.h"

#include <string.h>

/* Whether an arm passes on what the switch is made on. */
static bool is_passed_on(const struct graph *graph, const struct node *node)
{
        for (uint32_t i = 0; i < node->count; i++) {
                const struct node *to = &graph->nodes[node->arms[i].to];

                if (to->kind == NODE_CALL && to->term == node->term)
                        return true;
        }
        return false;
}

void switch_wanted(const struct graph *graph, const struct node *node, struct wanted *wanted)
{
        const struct term *term = &graph->terms[node->term];

        *wanted = (struct wanted){.a = node->term, .x = GRAPH_NONE};
        if (term->kind == TERM_EQUAL || term->kind == TERM_GREATER) {
                *wanted = (struct wanted){.a = term->a,
                                          .x = term->b,
                                          .with_x = true,
                                          .jump = term->kind == TERM_EQUAL ? BPF_JEQ : BPF_JGT};
                return;
        }
        if (term->kind != TERM_OPERATION || term->code != BPF_AND || node->count != 2)
                return;
        if (!graph_is_constant(graph, term->b)) {
                if (node->arms[1].from == 1)
                        *wanted = (struct wanted){
                            .a = term->a, .x = term->b, .with_x = true, .jump = BPF_JSET};
                return;
        }
        wanted->k = graph->terms[term->b].k;
        if (node->arms[1].from > (wanted->k & -wanted->k) || is_passed_on(graph, node))
                return;
        wanted->masked = true;
        wanted->a = term->a;
}

/* A switch is lowered as a table of consecutive ranges. */
enum {
        MAX_TABLE_ARMS = 2 * MAX_CHAIN + 1,
        MAX_APART = 4,
        MAX_WEIGHED_ARMS = 32,
        MAX_RANGES = 2 * MAX_TABLE_ARMS,
        MAX_RANKED_NODES = 2000, /* nodes; where there are more, it takes long and gains little */
        MAX_RANKED_ARMS = 128,   /* arms; longer tables share nothing but as a whole */
        HUB_MIN_ARMS = 640,      /* arms; their comparisons take more than a jump reaches */
        HUB_MAX_CHAIN = 10,
        FAR_ARMS = 640,         /* a table of so many takes jumps of more than 255 */
        MAX_SPLIT_DISTANCE = 8, /* from the middle of a long table */
        SPARE_PATH = 3,         /* of a long search, beyond the logarithm */
        HUB_LEVELS = 7,         /* take 127 splits and a `ja` for each of the 128 parts */
        MIN_HUB_LEVELS = 3,
};

/* Beside the target: what is ranked is where a range begins, and no single value. */
#define BOUNDARY 0x80000000u

#define FREQUENT_MIN_SHARE 0.05 /* of packets, for a value to be tested first in any style */

struct range {
        uint32_t low, high;
        uint32_t to;
        uint32_t otherwise, rank; /* of a single value: how often tables have it between others */
};

struct compare {
        const struct node *node;
        uint32_t possible; /* bits that the values compared can have */
        uint32_t longest;  /* chain */
        unsigned field; /* BPF_W, … if they are of a field at a fixed place; or CBPF_NO_FIELD */
        uint32_t apart; /* so many neighbouring values are tested one by one */
        bool weighs;    /* how frequent they are: it takes time, and a search is balanced */
        bool frequent_first;
        bool *has_orders;
        const struct ranks *ranks;
        struct range *ranges; /* room for MAX_RANGES, not on the stack of a recursion */
        struct comparison *comparisons;
        uint32_t count;
};

/* Of 12 & a, only 4 lies from 4 to 7. */
static bool is_single_arm(const struct node *node, uint32_t possible, uint32_t arm)
{
        return graph_next_possible((uint64_t)node->arms[arm].from + 1, possible) >
               graph_arm_end(node, arm);
}

static uint32_t *rank_of(const struct ranks *ranks, uint32_t value, uint32_t to, uint32_t otherwise)
{
        uint64_t hash = ((uint64_t)to << 32 | value) * 0x9e3779b97f4a7c15u;
        struct rank *rank;

        hash = (hash ^ otherwise) * 0x9e3779b97f4a7c15u >> 32;
        for (;; hash++) {
                rank = &ranks->slots[hash & (ranks->size - 1)];
                if (rank->count == 0)
                        *rank = (struct rank){value, to, otherwise, 0};
                if (rank->value == value && rank->to == to && rank->otherwise == otherwise)
                        return &rank->count;
        }
}

/* Long searches are shared only as a whole. */
static bool is_ranked(const struct node *node)
{
        return node->kind == NODE_SWITCH && node->count < MAX_RANKED_ARMS;
}

int switch_rank(const struct graph *graph, const uint32_t *nodes, uint32_t count,
                struct arena *arena, struct ranks *ranks)
{
        size_t arms = 0;

        if (count > MAX_RANKED_NODES)
                return 0;
        for (uint32_t i = 0; i < count; i++)
                if (is_ranked(&graph->nodes[nodes[i]]))
                        arms += graph->nodes[nodes[i]].count;
        for (ranks->size = 16; ranks->size < arms * 2; ranks->size *= 2)
                ;
        ranks->slots = arena_take(arena, ranks->size * sizeof *ranks->slots);
        if (!ranks->slots)
                return -1;
        for (uint32_t i = 0; i < count; i++) {
                const struct node *node = &graph->nodes[nodes[i]];
                uint32_t possible;

                if (!is_ranked(node))
                        continue;
                possible = graph->terms[node->term].possible;
                for (uint32_t arm = 1; arm < node->count; arm++) {
                        bool single = is_single_arm(node, possible, arm);

                        ++*rank_of(ranks, node->arms[arm].from,
                                   single ? node->arms[arm].to : BOUNDARY | node->arms[arm].to,
                                   node->arms[arm - 1].to);
                }
        }
        return 0;
}

static bool is_single(const struct compare *compare, uint32_t arm)
{
        return is_single_arm(compare->node, compare->possible, arm);
}

static uint32_t rank_in(const struct compare *compare, uint32_t value, uint32_t to,
                        uint32_t otherwise)
{
        if (!compare->ranks->slots || !is_ranked(compare->node))
                return 0;
        return *rank_of(compare->ranks, value, to, otherwise);
}

static struct range range_at(const struct compare *compare, uint32_t arm, uint32_t low)
{
        const struct arm *content = &compare->node->arms[arm];
        struct range range = {.to = content->to};

        range.low = range.high = content->from > low ? content->from : low;
        if (!is_single(compare, arm)) {
                range.high = graph_arm_end(compare->node, arm);
        } else if (arm > 0) {
                range.otherwise = content[-1].to;
                range.rank = rank_in(compare, range.low, range.to, range.otherwise);
        }
        return range;
}

static void drop_range(struct range *ranges, uint32_t *count, uint32_t at)
{
        memmove(ranges + at, ranges + at + 1, (*count - at - 1) * sizeof *ranges);
        --*count;
}

/* True if `first` is the first of a few single values between ranges with the same target. */
static bool ends_run(const struct range *ranges, uint32_t count, uint32_t first)
{
        if (first == 0 || ranges[first].to == ranges[first - 1].to)
                return false;
        for (uint32_t i = first + 1; i < count && i <= first + MAX_TABLE_ARMS; i++) {
                if (ranges[i].to == ranges[first - 1].to)
                        return true;
                if (ranges[i].low != ranges[i].high)
                        return false;
        }
        return false;
}

/* The value that the fewest tables have of a run that starts with `first`. */
static uint32_t rarest_of_run(const struct range *ranges, uint32_t count, uint32_t first)
{
        uint32_t rarest = first;

        for (uint32_t i = first; i < count && ranges[i].to != ranges[first - 1].to; i++)
                if (ranges[i].rank < ranges[rarest].rank)
                        rarest = i;
        return rarest;
}

/* The single value to test next: one between two ranges with the same target, which saves two
 * boundaries, or one of a run of single values between such ranges, whichever fewer tables have, so
 * that they share the end of their chains; else one at an end. */
static uint32_t best_single(const struct compare *compare, const struct range *ranges,
                            uint32_t count)
{
        uint32_t end = GRAPH_NONE, run = GRAPH_NONE, saving = GRAPH_NONE, least = UINT32_MAX;

        for (uint32_t i = 0; i < count; i++) {
                if (ranges[i].low != ranges[i].high)
                        continue;
                if (i > 0 && i + 1 < count && ranges[i - 1].to == ranges[i + 1].to &&
                    ranges[i].to != ranges[i - 1].to) {
                        uint32_t rank =
                            ranges[i].otherwise == ranges[i - 1].to
                                ? ranges[i].rank
                                : rank_in(compare, ranges[i].low, ranges[i].to, ranges[i - 1].to);

                        saving = rank < least ? i : saving;
                        least = rank < least ? rank : least;
                } else if (ends_run(ranges, count, i))
                        run = rarest_of_run(ranges, count, i);
                if (i == 0 || i + 1 == count)
                        end = i;
        }
        if (saving != GRAPH_NONE && run != GRAPH_NONE && ranges[run].rank < least)
                return run;
        return saving != GRAPH_NONE ? saving : run != GRAPH_NONE ? run : end;
}

/* A value that has been tested may go with either neighbour from now on. */
static void remove_single(struct range *ranges, uint32_t *count, uint32_t at)
{
        bool joins = at > 0 && at + 1 < *count && ranges[at - 1].to == ranges[at + 1].to;

        if (joins) {
                ranges[at - 1].high = ranges[at + 1].high;
                drop_range(ranges, count, at + 1);
        }
        drop_range(ranges, count, at);
}

static void write_comparison(struct compare *compare, unsigned jump, uint32_t k, uint32_t yes,
                             uint32_t no)
{
        compare->comparisons[compare->count++] =
            (struct comparison){.code = (uint16_t)(BPF_JMP | jump), .k = k, .yes = yes, .no = no};
}

static uint32_t next_comparison(const struct compare *compare)
{
        return LOCAL_TARGET + compare->count + 1;
}

static bool is_one_value(const struct range *range)
{
        return range->low == range->high;
}

static void cut_bottom(struct compare *compare, struct range *ranges, uint32_t *count)
{
        uint32_t to = ranges[0].to, k = ranges[1].low;

        drop_range(ranges, count, 0);
        write_comparison(compare, BPF_JGE, k, *count == 1 ? ranges[0].to : next_comparison(compare),
                         to);
}

static void cut_top(struct compare *compare, struct range *ranges, uint32_t *count)
{
        struct range *top = &ranges[--*count];

        write_comparison(compare, BPF_JGE, top->low, top->to,
                         *count == 1 ? ranges[0].to : next_comparison(compare));
}

static void ask_single(struct compare *compare, struct range *ranges, uint32_t *count,
                       uint32_t single)
{
        uint32_t k = ranges[single].low, yes = ranges[single].to;

        remove_single(ranges, count, single);
        write_comparison(compare, BPF_JEQ, k, yes,
                         *count == 1 ? ranges[0].to : next_comparison(compare));
}

/* True if testing the range at once takes no comparison more than the chain has anyway. A boundary
 * beside a single value may become unnecessary when that has been tested. */
static bool may_come_first(const struct range *ranges, uint32_t count, uint32_t at)
{
        if ((at > 0 && is_one_value(&ranges[at - 1])) ||
            (at + 1 < count && is_one_value(&ranges[at + 1])))
                return false;
        return at == 0 || at + 1 == count ||
               (is_one_value(&ranges[at]) && ranges[at - 1].to == ranges[at + 1].to);
}

/* The most frequent single value, or GRAPH_NONE if none is more frequent than what else may come
 * first. Unless `any` will do, none that other tables have as well: those had better stand at the
 * end of the chain, which they can share. */
static uint32_t frequent_single(const struct compare *compare, const struct range *ranges,
                                uint32_t count, bool any)
{
        double most = 0, least = any ? 1 : FREQUENT_MIN_SHARE;
        uint32_t best = GRAPH_NONE;

        for (uint32_t i = 0; i < count; i++) {
                double share;

                if (!may_come_first(ranges, count, i))
                        continue;
                share = cbpf_expected_share(compare->field, ranges[i].low, ranges[i].high);
                if (share < least)
                        least = share;
                if (is_one_value(&ranges[i]) && (ranges[i].rank <= 1 || any) && share > most) {
                        best = i;
                        most = share;
                }
        }
        return most > least ? best : GRAPH_NONE;
}

/* Whether the range at the top may be expected to hold more values than the one at the bottom, as
 * it may for addresses. Other values are rather small. */
static bool is_top_likelier(const struct compare *compare, const struct range *ranges,
                            uint32_t count)
{
        const struct range *bottom = ranges, *top = &ranges[count - 1];

        return compare->field == BPF_W && cbpf_expected_share(BPF_W, top->low, top->high) >
                                              cbpf_expected_share(BPF_W, bottom->low, bottom->high);
}

static uint32_t rank_of_boundary(const struct compare *compare, const struct range *ranges,
                                 uint32_t at)
{
        return rank_in(compare, ranges[at].low, BOUNDARY | ranges[at].to, ranges[at - 1].to);
}

/* Whether to cut off the range at the top rather than the one at the bottom: what fewer tables cut
 * off comes first, unless what is likelier does. */
static bool cuts_top_first(const struct compare *compare, const struct range *ranges,
                           uint32_t count)
{
        bool likelier = is_top_likelier(compare, ranges, count), rarer;
        uint32_t bottom, top;

        if (!compare->weighs)
                return likelier;
        bottom = rank_of_boundary(compare, ranges, 1);
        top = rank_of_boundary(compare, ranges, count - 1);
        rarer = top == bottom ? likelier : top < bottom;
        *compare->has_orders |= rarer != likelier;
        return compare->frequent_first ? likelier : rarer;
}

/* Writes a comparison of a chain for at least two ranges. A range at an end is tested before single
 * values, as it may hold most values. */
static void write_link(struct compare *compare, struct range *ranges, uint32_t *count, bool begins)
{
        uint32_t single = GRAPH_NONE, top = *count - 1;
        bool cuts_bottom = !is_one_value(&ranges[0]) && may_come_first(ranges, *count, 0);
        bool cuts_top = !is_one_value(&ranges[top]) && may_come_first(ranges, *count, top);

        if (compare->weighs)
                single = frequent_single(compare, ranges, *count, false);
        if (compare->weighs && begins) {
                uint32_t any = frequent_single(compare, ranges, *count, true);

                *compare->has_orders |= any != single;
                single = compare->frequent_first ? any : single;
        }
        if (single == GRAPH_NONE && !cuts_bottom && !cuts_top)
                single = best_single(compare, ranges, *count);
        if (single != GRAPH_NONE)
                ask_single(compare, ranges, count, single);
        else if (cuts_top && (!cuts_bottom || cuts_top_first(compare, ranges, *count)))
                cut_top(compare, ranges, count);
        else
                cut_bottom(compare, ranges, count);
}

static void write_chain(struct compare *compare, struct range *ranges, uint32_t count)
{
        for (bool begins = true; count > 1; begins = false)
                write_link(compare, ranges, &count, begins);
}

/* Where to split the arms from `first` to `last`: near the middle (if the upper part takes one more
 * jump to reach, it is smaller by about the golden ratio, so that both paths are equally long); in
 * a short search such that both halves fill their chains; and, if possible, at a boundary that is
 * needed anyway, beside no single value. */
static uint32_t split_at(const struct compare *compare, uint32_t first, uint32_t last)
{
        uint32_t arms = last - first + 1, chains = (arms - 1) / (2 * compare->longest) + 1;
        uint32_t lower = arms > FAR_ARMS ? chains * 5 / 8 : chains / 2;
        bool whole = chains > 1 && compare->node->count < HUB_MIN_ARMS;
        uint32_t half = whole             ? (uint32_t)((uint64_t)arms * lower / chains)
                        : arms > FAR_ARMS ? (uint32_t)((uint64_t)arms * 5 / 8)
                                          : arms / 2;
        uint32_t middle = first + half, reach = (half < arms - half ? half : arms - half) / 4;

        if (arms >= HUB_MIN_ARMS && reach > MAX_SPLIT_DISTANCE)
                reach = MAX_SPLIT_DISTANCE;

        for (uint32_t i = 0; i <= reach; i++) {
                if (!is_single(compare, middle + i) && !is_single(compare, middle + i - 1))
                        return middle + i;
                if (!is_single(compare, middle - i) && !is_single(compare, middle - i - 1))
                        return middle - i;
        }
        return is_single(compare, middle) || middle == first + 1 ? middle : middle - 1;
}

/* True for the values of a network mask of 30 bits or less. */
static bool is_network(const struct range *range)
{
        uint32_t others = range->high - range->low;

        return others >= 3 && (others & (others + 1)) == 0 && (range->low & others) == 0;
}

/* A few neighbouring values between ranges with the same target are tested one by one: of addresses
 * that are listed, one often is that of most of the traffic. Two take no comparison more than their
 * boundaries, which other tests hardly share. */
static uint32_t add_ranges(const struct compare *compare, struct range *ranges, uint32_t room,
                           struct range range, bool between)
{
        uint32_t values = range.high - range.low + 1;

        if (!between || is_one_value(&range) || values > compare->apart || values > room ||
            is_network(&range)) {
                *ranges = range;
                return 1;
        }
        for (uint32_t i = 0; i < values; i++) {
                uint32_t value = range.low + i;

                ranges[i] = (struct range){.low = value, .high = value, .to = range.to};
        }
        return values;
}

/* True if the arm lies between two with the same target, and is not the gap that is left between
 * single values when those have been tested. */
static bool lies_between(const struct compare *compare, uint32_t arm, uint32_t first, uint32_t last)
{
        const struct node *node = compare->node;

        if (arm <= first || arm >= last || node->arms[arm - 1].to != node->arms[arm + 1].to)
                return false;
        return (arm == 1 || !is_single(compare, arm - 1)) &&
               (arm + 2 == node->count || !is_single(compare, arm + 1));
}

/* Writes the arms as a chain, if that is short enough. There are no more ranges than two an arm,
 * and so no more comparisons. */
static bool write_short(struct compare *compare, uint32_t first, uint32_t last, uint32_t low)
{
        struct range *ranges = compare->ranges;
        uint32_t start = compare->count, arms = last - first + 1, count = 0;

        if (arms > MAX_TABLE_ARMS || last - first > compare->longest * 2)
                return false;
        for (uint32_t i = first; i <= last; i++)
                count +=
                    add_ranges(compare, ranges + count, 2 * arms - count - (last - i),
                               range_at(compare, i, low), lies_between(compare, i, first, last));
        write_chain(compare, ranges, count);
        if (compare->count - start <= compare->longest)
                return true;
        compare->count = start;
        return false;
}

/* A part of a table that a comparison leads to, still to be written. */
struct part {
        uint32_t at;
        bool yes; /* that side of the comparison */
        uint32_t first, last, low;
};

/* The parts of the splits at the top of a table. */
struct parts {
        struct part parts[1 << HUB_LEVELS];
        uint32_t count;
};

static void write_table(struct compare *compare, uint32_t first, uint32_t last, uint32_t low);

static void set_side(struct compare *compare, const struct part *part, uint32_t to)
{
        if (part->yes)
                compare->comparisons[part->at].yes = to;
        else
                compare->comparisons[part->at].no = to;
}

/* Writes a part, or its splits from `levels` on down; then the rest of it waits in `parts`. */
static void write_part(struct compare *compare, const struct part *part, uint32_t levels,
                       struct parts *parts);

static void write_split(struct compare *compare, uint32_t first, uint32_t last, uint32_t low,
                        uint32_t split, uint32_t levels, struct parts *parts)
{
        uint32_t at = compare->count, from = compare->node->arms[split].from;
        struct part lower = {at, false, first, split - 1, low};
        struct part upper = {at, true, split, last, from};

        write_comparison(compare, BPF_JGE, from, 0, 0);
        write_part(compare, &lower, levels, parts);
        write_part(compare, &upper, levels, parts);
}

static void write_part(struct compare *compare, const struct part *part, uint32_t levels,
                       struct parts *parts)
{
        uint32_t arms = part->last - part->first + 1;

        if (arms == 1) {
                set_side(compare, part, compare->node->arms[part->first].to);
                return;
        }
        if (parts && levels == 0) {
                parts->parts[parts->count++] = *part;
                return;
        }
        set_side(compare, part, LOCAL_TARGET + compare->count);
        if (parts)
                write_split(compare, part->first, part->last, part->low, part->first + arms / 2,
                            levels - 1, parts);
        else
                write_table(compare, part->first, part->last, part->low);
}

/* How many levels of a search are placed together at its beginning. */
static uint32_t hub_levels(uint32_t arms)
{
        uint32_t levels = 0;

        while (levels < HUB_LEVELS && arms >> levels >= 2 * HUB_MIN_ARMS)
                levels++;
        return levels >= MIN_HUB_LEVELS ? levels : 0;
}

/* The first splits of a very long table are placed together, so that jumps reach from one to the
 * next, and only the last ones need a `ja`. Splits halve the table, so the recursion depth is
 * logarithmic. */
static void write_table(struct compare *compare, uint32_t first, uint32_t last, uint32_t low)
{
        uint32_t arms = last - first + 1, levels = hub_levels(arms);
        struct parts parts;

        if (write_short(compare, first, last, low))
                return;
        if (levels == 0) {
                write_split(compare, first, last, low, split_at(compare, first, last), 0, NULL);
                return;
        }
        parts.count = 0;
        write_split(compare, first, last, low, first + arms / 2, levels - 1, &parts);
        for (uint32_t i = 0; i < parts.count; i++)
                write_part(compare, &parts.parts[i], 0, NULL);
}

/* The longest path through a search that ends in chains for up to `leaf` arms. */
static uint32_t path_of_search(uint32_t arms, uint32_t leaf, uint32_t chain)
{
        uint32_t path = chain;

        while (hub_levels(arms)) {
                uint32_t levels = hub_levels(arms);

                path += levels + 1;
                arms = (arms >> levels) + 1;
        }
        for (; arms > leaf; path++)
                arms = arms <= FAR_ARMS ? (arms + 1) / 2 : (uint32_t)((uint64_t)arms * 5 / 8) + 1;
        return path;
}

/* The longest chains for which the path through the search stays within the logarithm and a little
 * more. */
static void shorten_chains(struct compare *compare)
{
        uint32_t arms = compare->node->count, singles = 0;
        uint32_t most = 31 - (uint32_t)__builtin_clz(arms) + SPARE_PATH;
        bool sparse;

        for (uint32_t i = 0; i < arms; i++)
                singles += is_single(compare, i);
        sparse = singles > arms / 2 - arms / 16;
        for (compare->longest = HUB_MAX_CHAIN; compare->longest > 2; compare->longest--)
                if (path_of_search(arms, compare->longest * (sparse ? 2 : 1) + 1,
                                   compare->longest) <= most)
                        return;
}

static unsigned field_of(const struct term *term)
{
        return term->kind == TERM_LOAD && term->a == GRAPH_NONE ? term->code : CBPF_NO_FIELD;
}

static uint32_t tested_apart(const struct term *term)
{
        bool loaded = term->kind == TERM_LOAD || term->kind == TERM_ARGUMENT;

        return term->possible < UINT32_MAX ? 1 : loaded ? MAX_APART : 2;
}

uint32_t switch_comparisons(const struct graph *graph, const struct node *node,
                            const struct wanted *wanted, const struct ranks *ranks,
                            const struct style *style, bool *has_orders,
                            struct comparison *comparisons)
{
        const struct term *term = &graph->terms[node->term];
        struct range ranges[MAX_RANGES];
        struct compare compare = {
            .node = node,
            .possible = term->possible,
            .longest = style->longest_chain,
            .field = field_of(term),
            .apart = tested_apart(term),
            .weighs = node->count <= MAX_WEIGHED_ARMS,
            .frequent_first = style->frequent_first,
            .has_orders = has_orders,
            .ranks = ranks,
            .ranges = ranges,
            .comparisons = comparisons,
        };

        if (wanted->with_x) {
                write_comparison(&compare, wanted->jump | BPF_X, 0, node->arms[1].to,
                                 node->arms[0].to);
                return 1;
        }
        if (wanted->masked) {
                write_comparison(&compare, BPF_JSET, wanted->k, node->arms[1].to, node->arms[0].to);
                return 1;
        }
        if (node->count >= HUB_MIN_ARMS)
                shorten_chains(&compare);
        write_table(&compare, 0, node->count - 1, 0);
        return compare.count;
}

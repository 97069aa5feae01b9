/* Outlining: merges parts of the graph that differ only in the packet offsets they load from, and
 * passes the offset in X. Examples: the ports after an IPv4 and after an IPv6 header, the addresses
 * of an IPv4 and of an ARP packet.
 *
 * A call node passes values in A and X, which the terms of the outlined part name as arguments. It
 * does not return, so there is no stack: the arguments are those of the last call. The passes do
 * not support calls, so outlining runs after them. */
#include "base/array.h"
#include "rewrite.h"

#include <stdlib.h>
#include <string.h>

enum {
        MAX_TERM_DEPTH = 32,
        MIN_WEIGHT = 3,    /* comparisons and loads a merge must save */
        LARGE = 65536,     /* instructions; a program larger than this, which the kernel does not */
        LARGE_SHARE = 128, /* take by far, must become so much shorter by a merge */
        MAX_MEMBERS = 8,
        /* Comparisons that emitting shares between tests of different terms anyway. */
        SHARED_TABLE_MIN_ARMS = 16, /* arms */
        ALL_HASHED_MAX_ARMS = 64,   /* arms; of larger nodes so many make up the hash */
};

struct outlining {
        struct rewrite rewrite;
        struct graph *graph;
        uint64_t *term_shapes; /* by term: hash, equal if only load offsets differ */
        bool *term_open;       /* by term: it contains an argument */
        uint64_t *shapes;      /* by node: hash of the subgraph, likewise */
        uint64_t *tails;       /* by node: that hash without its own term */
        bool *open;            /* by node: the subgraph up to calls uses an argument */
        uint32_t *partner;     /* by node, in the current merge; or GRAPH_NONE */
        struct pair *pairs;
        uint32_t pair_count, pair_room;
        size_t work; /* pairs that may still be compared */
        uint32_t min_weight;
        bool wide;  /* an argument may be so large that a sum with it wraps */
        bool moved; /* there is a sum with an argument */
};

struct pair {
        uint32_t one, other;
};

/* Two parts being matched. The argument in X is base[i] + offset[i]. */
struct merge {
        bool started;
        uint32_t base[2]; /* terms, or GRAPH_NONE */
        int64_t apart;    /* the second's offsets minus the first's */
        uint32_t least;   /* lowest offset of the first */
        uint32_t weight;  /* roughly what removing the second saves */
};

/* Shapes */

/* What keeps an owed load are values that it never has, and nothing says of a load at an argument
 * that it is owed. */
static bool is_movable(const struct graph *graph, uint32_t term)
{
        return graph->terms[term].kind == TERM_LOAD && graph->terms[term].k <= INT32_MAX &&
               !graph_is_owed(graph, term, false);
}

static void find_term_shapes(struct outlining *outlining)
{
        for (uint32_t i = 0; i < outlining->graph->term_count; i++) {
                const struct term *term = &outlining->graph->terms[i];
                bool has_a = term->kind >= TERM_OPERATION ||
                             (term->kind == TERM_LOAD && term->a != GRAPH_NONE);
                bool has_b = term->kind >= TERM_OPERATION && term->b != GRAPH_NONE;
                uint64_t hash = hash_mix(term->kind, term->code);

                outlining->term_open[i] = term->kind == TERM_ARGUMENT ||
                                          (has_a && outlining->term_open[term->a]) ||
                                          (has_b && outlining->term_open[term->b]);
                if (!is_movable(outlining->graph, i)) {
                        hash = hash_mix(hash, term->k);
                        hash = hash_mix(hash, has_a ? outlining->term_shapes[term->a] : 0);
                        hash = hash_mix(hash, has_b ? outlining->term_shapes[term->b] : 0);
                }
                outlining->term_shapes[i] = hash;
        }
}

static void find_shapes(struct outlining *outlining)
{
        bool any_open = false;

        for (uint32_t i = 0; i < outlining->graph->term_count; i++)
                any_open |= outlining->term_open[i];
        for (uint32_t i = 0; i < outlining->rewrite.nodes; i++) {
                const struct node *node = &outlining->graph->nodes[i];
                uint64_t hash = hash_mix(node->kind, node->count);

                outlining->open[i] = node->term != GRAPH_NONE && node->kind != NODE_RETURN &&
                                     outlining->term_open[node->term];
                if (node->kind == NODE_CALL)
                        outlining->open[i] |=
                            node->k != GRAPH_NONE && outlining->term_open[node->k];
                if (node->kind != NODE_SWITCH) {
                        outlining->shapes[i] = outlining->tails[i] = hash_mix(hash, i);
                        continue;
                }
                for (uint32_t arm = 0; arm < node->count;
                     arm += 1 + node->count / ALL_HASHED_MAX_ARMS) {
                        hash = hash_mix(hash, node->arms[arm].from);
                        hash = hash_mix(hash, outlining->shapes[node->arms[arm].to]);
                }
                for (uint32_t arm = 0; any_open && arm < node->count; arm++)
                        outlining->open[i] |= outlining->open[node->arms[arm].to];
                outlining->tails[i] = hash;
                outlining->shapes[i] = hash_mix(hash, outlining->term_shapes[node->term]);
        }
}

/* Matching two parts */

static bool match_bases(struct merge *merge, uint32_t one, uint32_t other, uint32_t one_offset,
                        uint32_t other_offset)
{
        int64_t apart = (int64_t)other_offset - one_offset;

        if (!merge->started) {
                *merge = (struct merge){.started = true,
                                        .base = {one, other},
                                        .apart = apart,
                                        .least = one_offset,
                                        .weight = merge->weight};
                return true;
        }
        if (one_offset < merge->least)
                merge->least = one_offset;
        return merge->base[0] == one && merge->base[1] == other && merge->apart == apart;
}

static bool match_terms(const struct outlining *outlining, struct merge *merge, uint32_t one,
                        uint32_t other, int depth)
{
        const struct term *a = &outlining->graph->terms[one], *b = &outlining->graph->terms[other];

        if (one == other && !outlining->term_open[one])
                return true;
        if (depth == 0 || a->kind != b->kind || a->code != b->code)
                return false;
        if (a->kind == TERM_ARGUMENT)
                return one == other && match_bases(merge, one, other, 0, 0);
        if (is_movable(outlining->graph, one) && is_movable(outlining->graph, other))
                return match_bases(merge, a->a, b->a, a->k, b->k);
        if (a->kind < TERM_OPERATION || (a->b == GRAPH_NONE) != (b->b == GRAPH_NONE))
                return false;
        return match_terms(outlining, merge, a->a, b->a, depth - 1) &&
               (a->b == GRAPH_NONE || match_terms(outlining, merge, a->b, b->b, depth - 1));
}

static bool add_pair(struct outlining *outlining, uint32_t one, uint32_t other)
{
        if (one == other && !outlining->open[one])
                return true;
        if (outlining->partner[one] != GRAPH_NONE)
                return outlining->partner[one] == other;
        if (outlining->work == 0)
                return false;
        outlining->work--;
        if (!array_grow(outlining->pairs, outlining->pair_room,
                        outlining->pair_count + (size_t)1)) {
                outlining->graph->failed = true;
                return false;
        }
        outlining->partner[one] = other;
        outlining->pairs[outlining->pair_count++] = (struct pair){one, other};
        return true;
}

static bool same_boundaries(const struct node *one, const struct node *other)
{
        if (one->kind != NODE_SWITCH || other->kind != NODE_SWITCH || one->count != other->count)
                return false;
        for (uint32_t i = 0; i < one->count; i++)
                if (one->arms[i].from != other->arms[i].from)
                        return false;
        return true;
}

static bool add_targets(struct outlining *outlining, const struct pair *pair)
{
        const struct node *one = &outlining->graph->nodes[pair->one];
        const struct node *other = &outlining->graph->nodes[pair->other];

        for (uint32_t i = 0; i < one->count; i++)
                if (!add_pair(outlining, one->arms[i].to, other->arms[i].to))
                        return false;
        return true;
}

/* Equal tables of large programs; what they lead to is not looked at. */
static bool is_shared_anyway(const struct node *one, const struct node *other)
{
        return one->count >= SHARED_TABLE_MIN_ARMS &&
               memcmp(one->arms, other->arms, one->count * sizeof *one->arms) == 0;
}

/* Matches everything but the terms of the two roots. */
static bool match_targets(struct outlining *outlining, struct merge *merge, uint32_t one,
                          uint32_t other)
{
        if (!same_boundaries(&outlining->graph->nodes[one], &outlining->graph->nodes[other]) ||
            !add_pair(outlining, one, other))
                return false;
        for (uint32_t i = 0; i < outlining->pair_count; i++) {
                struct pair pair = outlining->pairs[i];
                const struct node *a = &outlining->graph->nodes[pair.one];
                const struct node *b = &outlining->graph->nodes[pair.other];

                if (!same_boundaries(a, b) || !add_targets(outlining, &pair) ||
                    (i > 0 && !match_terms(outlining, merge, a->term, b->term, MAX_TERM_DEPTH)))
                        return false;
                if (pair.one == pair.other ||
                    (outlining->min_weight > MIN_WEIGHT && is_shared_anyway(a, b)))
                        continue;
                merge->weight += a->count;
        }
        return true;
}

static void forget_pairs(struct outlining *outlining)
{
        for (uint32_t i = 0; i < outlining->pair_count; i++)
                outlining->partner[outlining->pairs[i].one] = GRAPH_NONE;
        outlining->pair_count = 0;
}

/* Building */

/* The offsets to add to the bases; they differ by `apart`. False if a load would need a negative
 * offset. */
static bool find_offsets(const struct merge *merge, uint32_t *offsets)
{
        int64_t first = merge->base[0] != GRAPH_NONE   ? 0
                        : merge->base[1] != GRAPH_NONE ? -merge->apart
                                                       : (int64_t)merge->least;

        if (first + merge->apart < 0)
                first = -merge->apart;
        offsets[0] = (uint32_t)first;
        offsets[1] = (uint32_t)(first + merge->apart);
        return first >= 0 && first <= merge->least && first + merge->apart <= INT32_MAX;
}

static uint32_t sum(struct graph *graph, uint32_t base, uint32_t offset)
{
        uint32_t constant = graph_constant(graph, offset);

        return base == GRAPH_NONE ? constant : graph_operation(graph, BPF_ADD, base, constant);
}

/* Term `one`, with the loads in which `other` differs made relative to the argument. */
static uint32_t lift_out(const struct outlining *outlining, uint32_t one, uint32_t other,
                         uint32_t offset)
{
        struct graph *graph = outlining->graph;
        struct term a = graph->terms[one], b = graph->terms[other];
        uint32_t left, right;

        if (a.kind == TERM_ARGUMENT || (one == other && !outlining->term_open[one]))
                return one;
        if (is_movable(graph, one))
                return graph_load(graph, a.code, graph_argument(graph, 1), a.k - offset);
        left = lift_out(outlining, a.a, b.a, offset);
        right = a.b == GRAPH_NONE ? a.b : lift_out(outlining, a.b, b.b, offset);
        if (a.kind == TERM_OPERATION)
                return graph_operation(graph, a.code, left, right);
        return graph_comparison(graph, a.kind, left, right);
}

static int by_number(const void *one, const void *other)
{
        const struct pair *a = one, *b = other;

        return a->one < b->one ? -1 : a->one > b->one;
}

/* Builds the outlined part from the pairs of a successful match; the first pair is the roots. */
static uint32_t make_part(struct outlining *outlining, uint32_t root_term, uint32_t offset)
{
        uint32_t root = outlining->pairs[0].one, part = 0;

        for (uint32_t i = 0; i < outlining->rewrite.nodes; i++)
                outlining->rewrite.copy[i] = i;
        qsort(outlining->pairs, outlining->pair_count, sizeof *outlining->pairs, by_number);
        for (uint32_t i = 0; i < outlining->pair_count; i++) {
                const struct pair *pair = &outlining->pairs[i];
                struct node node = outlining->graph->nodes[pair->one];
                uint32_t other = outlining->graph->nodes[pair->other].term;

                node.term = pair->one == root && root_term != GRAPH_NONE
                                ? root_term
                                : lift_out(outlining, node.term, other, offset);
                part = rewrite_rebuild(&outlining->rewrite, pair->one, &node);
                outlining->rewrite.copy[pair->one] = part;
        }
        return part;
}

/* Replaces the nodes `at` by `calls`. Returns the new root. */
static uint32_t put_calls(struct outlining *outlining, struct pair at, struct pair calls)
{
        uint32_t *copy = outlining->rewrite.copy;

        for (uint32_t i = 0; i < outlining->rewrite.nodes; i++) {
                struct node node = outlining->graph->nodes[i];

                copy[i] = i == at.one ? calls.one : i == at.other ? calls.other : i;
                if (copy[i] == i && outlining->rewrite.reached[i])
                        copy[i] = rewrite_rebuild(&outlining->rewrite, i, &node);
        }
        return copy[outlining->graph->root];
}

/* Comparisons can only be tested, not computed. */
static bool is_value(const struct graph *graph, uint32_t term)
{
        return graph->terms[term].kind != TERM_EQUAL && graph->terms[term].kind != TERM_GREATER;
}

/* True if computing `base` for the call makes no load that `term`, tested right after it, does not
 * make anyway. */
static bool is_owed(const struct graph *graph, uint32_t term, uint32_t base)
{
        return base == GRAPH_NONE || graph->terms[base].kind == TERM_ARGUMENT ||
               graph->terms[base].kind == TERM_VARIABLE || graph_contains(graph, term, base);
}

static bool is_wide(const struct graph *graph, uint32_t base, uint32_t offset)
{
        return (uint64_t)graph->terms[base].high + offset > INT32_MAX / 2;
}

/* True if an offset can be split between base and loads without a sum that wraps, so that both
 * forms are recognized as the same value. */
static bool may_move(const struct outlining *outlining, uint32_t base, uint32_t offset)
{
        if (base == GRAPH_NONE)
                return true;
        if (outlining->graph->terms[base].kind == TERM_ARGUMENT)
                return offset == 0 || !outlining->wide;
        return !is_wide(outlining->graph, base, offset) || (offset == 0 && !outlining->moved);
}

static void note_move(struct outlining *outlining, uint32_t base, uint32_t offset)
{
        if (base == GRAPH_NONE)
                return;
        if (outlining->graph->terms[base].kind == TERM_ARGUMENT)
                outlining->moved |= offset > 0;
        else
                outlining->wide |= is_wide(outlining->graph, base, offset);
}

/* Returns the new root, or GRAPH_NONE if the two cannot be merged or too little is saved. */
static uint32_t merge_nodes(struct outlining *outlining, uint32_t one, uint32_t other)
{
        struct graph *graph = outlining->graph;
        uint32_t terms[2] = {graph->nodes[one].term, graph->nodes[other].term};
        uint32_t x[2], offsets[2], part, root_term = GRAPH_NONE;
        struct merge merge = {0}, with_root;
        struct pair calls;
        bool works = match_targets(outlining, &merge, one, other) && merge.started;

        if (works) {
                with_root = merge;
                if (match_terms(outlining, &with_root, terms[0], terms[1], MAX_TERM_DEPTH))
                        merge = with_root;
                else if (is_value(graph, terms[0]) && is_value(graph, terms[1]))
                        root_term = graph_argument(graph, 0);
                else
                        works = false;
                for (int i = 0; i < 2; i++)
                        works &= is_owed(graph, terms[i], merge.base[i]);
                works =
                    works && find_offsets(&merge, offsets) && merge.weight >= outlining->min_weight;
                for (int i = 0; i < 2 && works; i++)
                        works = may_move(outlining, merge.base[i], offsets[i]);
        }
        if (!works) {
                forget_pairs(outlining);
                return GRAPH_NONE;
        }
        for (int i = 0; i < 2; i++) {
                note_move(outlining, merge.base[i], offsets[i]);
                x[i] = sum(graph, merge.base[i], offsets[i]);
                if (root_term == GRAPH_NONE)
                        terms[i] = GRAPH_NONE;
        }
        part = make_part(outlining, root_term, offsets[0]);
        forget_pairs(outlining);
        calls.one = graph_call(graph, terms[0], x[0], part);
        calls.other = graph_call(graph, terms[1], x[1], part);
        return graph->failed ? GRAPH_NONE : put_calls(outlining, (struct pair){one, other}, calls);
}

/* Finding */

struct member {
        uint64_t tail;
        uint32_t node;
        uint32_t first; /* of all with the same tail */
};

static int by_tail(const void *one, const void *other)
{
        const struct member *a = one, *b = other;

        if (a->tail != b->tail)
                return a->tail < b->tail ? -1 : 1;
        return a->node < b->node ? 1 : a->node > b->node ? -1 : 0;
}

static int by_first(const void *one, const void *other)
{
        const struct member *a = one, *b = other;

        if (a->first != b->first)
                return a->first < b->first ? 1 : -1;
        return by_tail(one, other);
}

/* Brings those with equal tails together; with `largest_first`, what is nearest to the root comes
 * first, as most is below it. */
static void sort_members(struct member *members, uint32_t count, bool largest_first)
{
        qsort(members, count, sizeof *members, by_tail);
        if (!largest_first)
                return;
        for (uint32_t i = 0; i < count; i++)
                members[i].first = i > 0 && members[i - 1].tail == members[i].tail
                                       ? members[i - 1].first
                                       : members[i].node;
        qsort(members, count, sizeof *members, by_first);
}

/* Tries pairs of similar nodes until a merge is `wanted`. */
static uint32_t try_pairs(struct outlining *outlining, const struct member *members, uint32_t count,
                          const int *tries, bool (*wanted)(void *context, uint32_t root),
                          void *context)
{
        for (uint32_t i = 0; *tries > 0 && i < count; i++)
                for (uint32_t j = i + 1; j < count && j <= i + MAX_MEMBERS &&
                                         members[j].tail == members[i].tail && *tries > 0;
                     j++) {
                        uint32_t root = merge_nodes(outlining, members[i].node, members[j].node);

                        if (outlining->graph->failed)
                                return GRAPH_NONE;
                        if (root != GRAPH_NONE && wanted(context, root))
                                return root;
                }
        return GRAPH_NONE;
}

static void take_memory(struct outlining *outlining)
{
        struct rewrite *rewrite = &outlining->rewrite;
        size_t nodes = rewrite->nodes, terms = outlining->graph->term_count;

        outlining->term_shapes = rewrite_take(rewrite, terms * sizeof *outlining->term_shapes);
        outlining->term_open = rewrite_take(rewrite, terms * sizeof *outlining->term_open);
        outlining->shapes = rewrite_take(rewrite, nodes * sizeof *outlining->shapes);
        outlining->tails = rewrite_take(rewrite, nodes * sizeof *outlining->tails);
        outlining->open = rewrite_take(rewrite, nodes * sizeof *outlining->open);
        outlining->partner = rewrite_take(rewrite, nodes * sizeof *outlining->partner);
        if (outlining->partner)
                memset(outlining->partner, 0xff, nodes * sizeof *outlining->partner);
}

static bool is_reached_switch(const struct outlining *outlining, uint32_t node)
{
        return outlining->rewrite.reached[node] &&
               outlining->graph->nodes[node].kind == NODE_SWITCH;
}

/* Whether a switch may share its tail with another. `tails` counts switches by the hash of that, of
 * which `mask` is taken: 0, 1 or more. */
static bool may_share(const struct outlining *outlining, const uint8_t *tails, uint32_t mask,
                      uint32_t node)
{
        return is_reached_switch(outlining, node) && tails[outlining->tails[node] & mask] > 1;
}

/* Fills `members` with these switches. */
static uint32_t find_members(struct outlining *outlining, struct member **members)
{
        uint32_t size = 64, count = 0, found = 0, nodes = outlining->rewrite.nodes;
        uint8_t *tails;

        while (size < nodes * 4)
                size *= 2;
        tails = calloc(size, 1);
        if (!tails) {
                outlining->graph->failed = true;
                return 0;
        }
        for (uint32_t i = 0; i < nodes; i++)
                if (is_reached_switch(outlining, i) && tails[outlining->tails[i] & (size - 1)] < 2)
                        tails[outlining->tails[i] & (size - 1)]++;
        for (uint32_t i = 0; i < nodes; i++)
                count += may_share(outlining, tails, size - 1, i);
        *members = rewrite_take(&outlining->rewrite, count * sizeof **members);
        for (uint32_t i = 0; i < nodes && *members; i++)
                if (may_share(outlining, tails, size - 1, i))
                        (*members)[found++] = (struct member){outlining->tails[i], i, 0};
        free(tails);
        return found;
}

uint32_t outlining(struct graph *graph, uint32_t length, bool largest_first, const int *tries,
                   bool (*wanted)(void *context, uint32_t root), void *context)
{
        struct outlining outlining = {
            .graph = graph,
            .work = (size_t)graph->root * 4 + 1000,
            .min_weight = length > LARGE ? length / LARGE_SHARE : MIN_WEIGHT,
        };
        uint32_t count = 0, root = GRAPH_NONE;
        struct member *members = NULL;

        rewrite_start(&outlining.rewrite, graph);
        take_memory(&outlining);
        if (!graph->failed) {
                rewrite_mark_reached(&outlining.rewrite);
                find_term_shapes(&outlining);
                find_shapes(&outlining);
                count = find_members(&outlining, &members);
        }
        if (!graph->failed) {
                sort_members(members, count, largest_first);
                root = try_pairs(&outlining, members, count, tries, wanted, context);
        }
        free(outlining.pairs);
        rewrite_end(&outlining.rewrite);
        return root;
}

/* Abstract states: value ranges of terms, kept in persistent radix trees keyed by term (Okasaki and
 * Gill, "Fast Mergeable Integer Maps", 1998). */
#include "value_range.h"

#include <linux/filter.h>
#include <string.h>

/* A leaf where `branch` is 0; else `key` holds the bits above `branch`. */
struct abstract_state {
        uint32_t key;
        uint32_t branch;
        union {
                const struct abstract_state *sides[2];
                const struct value_range *set;
        };
};

/* The bits of `term` at `shift` of the load it belongs to are those of `other` at `other_shift`. */
struct overlap {
        uint32_t other;
        uint32_t next;
        uint8_t shift, other_shift, bits;
};

enum {
        MAX_OVERLAPS = 6,
        MAX_QUESTION_DEPTH = 4,
        /* Ranges joined: for all nodes together, and then in each join of two states. */
        JOINS_PER_NODE = 4,
        SPARE_JOINS = 20000,
        JOINS_ALLOWED = 4,
        /* In a graph of more nodes than that, ranges are kept of fewer spans. */
        FEW_SPANS_MIN_NODES = 20000,
        FEW_SPANS = 6,
};

static const struct value_range everything = {.count = 1, .spans = {{0, UINT32_MAX}}};

/* Sets */

static void set_full(struct value_range *set, uint32_t low, uint32_t high)
{
        set->known = set->value = 0;
        set->count = 1;
        set->spans[0] = (struct span){low, high};
}

void value_range_append(struct value_range *set, uint32_t low, uint32_t high)
{
        struct span *last = set->count ? &set->spans[set->count - 1] : NULL;

        if (last && (low <= last->high || low - 1 == last->high || set->count == MAX_SPANS)) {
                if (high > last->high)
                        last->high = high;
                return;
        }
        set->spans[set->count++] = (struct span){low, high};
}

/* Bits that all values of the spans share: those above where the least and the greatest differ. */
static void learn_bits(struct value_range *set)
{
        uint32_t low = set->spans[0].low;
        uint32_t differ = low ^ set->spans[set->count - 1].high;
        uint32_t same = differ ? ~(UINT32_MAX >> __builtin_clz(differ)) : UINT32_MAX;

        set->value = (set->value & ~same) | (low & same);
        set->known |= same;
}

/* Intersects two ranges. If the result is empty, the place is unreachable; then any range is
 * correct, and `one` is taken. */
static void intersect(const struct value_range *one, const struct value_range *other,
                      struct value_range *result)
{
        struct value_range common = {.known = one->known | other->known,
                                     .value =
                                         (one->value & one->known) | (other->value & other->known)};

        for (uint32_t i = 0, j = 0; i < one->count && j < other->count;) {
                uint32_t low = one->spans[i].low, high = one->spans[i].high;

                if (other->spans[j].low > low)
                        low = other->spans[j].low;
                if (other->spans[j].high < high)
                        high = other->spans[j].high;
                if (low <= high)
                        value_range_append(&common, low, high);
                if (one->spans[i].high < other->spans[j].high)
                        i++;
                else
                        j++;
        }
        *result = common.count ? common : *one;
}

static void unite(const struct value_range *one, const struct value_range *other,
                  struct value_range *result)
{
        uint32_t i = 0, j = 0;

        result->known = one->known & other->known & ~(one->value ^ other->value);
        result->value = one->value & result->known;
        result->count = 0;
        while (i < one->count || j < other->count) {
                bool first = j == other->count ||
                             (i < one->count && one->spans[i].low <= other->spans[j].low);
                const struct span *span = first ? &one->spans[i++] : &other->spans[j++];

                value_range_append(result, span->low, span->high);
        }
}

/* A set of too many spans is widened. */
static const struct value_range *keep(struct value_analysis *analysis,
                                      const struct value_range *set)
{
        uint32_t most = analysis->most_spans, count = set->count < most ? set->count : most;
        size_t size = offsetof(struct value_range, spans) + count * sizeof *set->spans;
        struct value_range *kept = arena_take(&analysis->arena, size);

        if (!kept) {
                analysis->graph->failed = true;
                return &everything;
        }
        memcpy(kept, set, size);
        kept->count = count;
        kept->spans[count - 1].high = set->spans[set->count - 1].high;
        return kept;
}

/* A kept set is shorter than its type; this makes it whole. */
static void recall(const struct value_range *kept, struct value_range *set)
{
        memcpy(set, kept, offsetof(struct value_range, spans) + kept->count * sizeof *kept->spans);
}

/* Trees */

static const struct value_range *look_up(const struct abstract_state *state, uint32_t key)
{
        while (state && state->branch)
                state = state->sides[(key & state->branch) != 0];
        return state && state->key == key ? state->set : NULL;
}

static const struct abstract_state *new_state(struct value_analysis *analysis,
                                              struct abstract_state content)
{
        struct abstract_state *state = arena_take(&analysis->arena, sizeof *state);

        if (state)
                *state = content;
        else
                analysis->graph->failed = true;
        return state;
}

static uint32_t above(uint32_t key, uint32_t branch)
{
        return key & ~(branch | (branch - 1));
}

static bool belongs(const struct abstract_state *state, uint32_t key)
{
        return state->branch ? above(key, state->branch) == state->key : key == state->key;
}

/* The same tree with other sides; none where there is nothing. */
static const struct abstract_state *with_sides(struct value_analysis *analysis,
                                               const struct abstract_state *state,
                                               const struct abstract_state *left,
                                               const struct abstract_state *right)
{
        struct abstract_state content = {.key = state->key, .branch = state->branch};

        if (left == state->sides[0] && right == state->sides[1])
                return state;
        if (!left || !right)
                return left ? left : right;
        content.sides[0] = left;
        content.sides[1] = right;
        return new_state(analysis, content);
}

/* Recursion is as deep as a key has bits. */
static const struct abstract_state *insert(struct value_analysis *analysis,
                                           const struct abstract_state *state, uint32_t key,
                                           const struct value_range *set)
{
        struct abstract_state leaf = {.key = key, .set = set};
        struct abstract_state fork = {0};
        const struct abstract_state *added;
        int side;

        if (!state || (!state->branch && state->key == key))
                return new_state(analysis, leaf);
        if (state->branch && belongs(state, key)) {
                side = (key & state->branch) != 0;
                added = insert(analysis, state->sides[side], key, set);
                return with_sides(analysis, state, side ? state->sides[0] : added,
                                  side ? added : state->sides[1]);
        }
        fork.branch = 1u << (31 - __builtin_clz(key ^ state->key));
        fork.key = above(key, fork.branch);
        side = (key & fork.branch) != 0;
        fork.sides[side] = new_state(analysis, leaf);
        fork.sides[!side] = state;
        return new_state(analysis, fork);
}

static bool says_nothing(const struct value_analysis *analysis, uint32_t term,
                         const struct value_range *set)
{
        const struct term *content = &analysis->graph->terms[term];

        return set->known == 0 && set->count == 1 && set->spans[0].low <= content->low &&
               set->spans[0].high >= content->high;
}

static const struct abstract_state *join_leaf(struct value_analysis *analysis,
                                              const struct abstract_state *leaf,
                                              const struct abstract_state *other)
{
        const struct value_range *set = look_up(other, leaf->key);
        struct value_range one, two, both;

        if (!set)
                return NULL;
        if (set == leaf->set)
                return leaf;
        if (analysis->joins > 0)
                analysis->joins--;
        else if (analysis->allowance > 0)
                analysis->allowance--;
        else
                return NULL;
        recall(leaf->set, &one);
        recall(set, &two);
        unite(&one, &two, &both);
        if (says_nothing(analysis, leaf->key, &both))
                return NULL;
        return new_state(analysis,
                         (struct abstract_state){.key = leaf->key, .set = keep(analysis, &both)});
}

static const struct abstract_state *join_trees(struct value_analysis *analysis,
                                               const struct abstract_state *one,
                                               const struct abstract_state *other)
{
        if (one == other || !one || !other)
                return one == other ? one : NULL;
        if (!one->branch)
                return join_leaf(analysis, one, other);
        if (!other->branch)
                return join_leaf(analysis, other, one);
        if (one->branch == other->branch && one->key == other->key)
                return with_sides(analysis, one,
                                  join_trees(analysis, one->sides[0], other->sides[0]),
                                  join_trees(analysis, one->sides[1], other->sides[1]));
        if (one->branch > other->branch && belongs(one, other->key))
                return join_trees(analysis, one->sides[(other->key & one->branch) != 0], other);
        if (other->branch > one->branch && belongs(other, one->key))
                return join_trees(analysis, one, other->sides[(one->key & other->branch) != 0]);
        return NULL;
}

const struct abstract_state *abstract_state_join(struct value_analysis *analysis,
                                                 const struct abstract_state *one,
                                                 const struct abstract_state *other)
{
        analysis->allowance = JOINS_ALLOWED;
        return join_trees(analysis, one, other);
}

/* Loads that overlap */

static void note_overlap(struct value_analysis *analysis, uint32_t term, uint32_t other)
{
        const struct term *one = &analysis->graph->terms[term];
        const struct term *two = &analysis->graph->terms[other];
        int64_t start = one->k > two->k ? one->k : two->k;
        int64_t one_end = (int64_t)one->k + graph_load_size(one);
        int64_t two_end = (int64_t)two->k + graph_load_size(two);
        int64_t end = one_end < two_end ? one_end : two_end;

        analysis->overlaps[analysis->overlap_count] = (struct overlap){
            .other = other,
            .next = analysis->first_overlap[term],
            .shift = (uint8_t)((one_end - end) * 8),
            .other_shift = (uint8_t)((two_end - end) * 8),
            .bits = (uint8_t)((end - start) * 8),
        };
        analysis->first_overlap[term] = analysis->overlap_count++;
}

static bool overlaps(const struct term *one, const struct term *two)
{
        return one->a == two->a && one->k < (uint64_t)two->k + graph_load_size(two) &&
               two->k < (uint64_t)one->k + graph_load_size(one);
}

/* Loads of one base are few in practice; where there are many, only close neighbours by number are
 * compared, which loses precision and nothing else. */
static void find_overlaps(struct value_analysis *analysis)
{
        const struct graph *graph = analysis->graph;
        uint32_t *loads = arena_take(&analysis->arena, (graph->term_count + 1) * sizeof *loads);
        uint32_t count = 0;

        if (!loads)
                return;
        for (uint32_t i = 0; i < graph->term_count; i++)
                if (graph->terms[i].kind == TERM_LOAD && graph->terms[i].k < (uint32_t)SKF_LL_OFF)
                        loads[count++] = i;
        for (uint32_t i = 0; i < count; i++) {
                uint32_t found = 0;

                for (uint32_t j = i > 64 ? i - 64 : 0;
                     j < count && j < i + 64 && found < MAX_OVERLAPS; j++)
                        if (i != j && overlaps(&graph->terms[loads[i]], &graph->terms[loads[j]])) {
                                note_overlap(analysis, loads[i], loads[j]);
                                found++;
                        }
        }
}

void value_analysis_start(struct value_analysis *analysis, struct graph *graph)
{
        size_t terms = graph->term_count;

        *analysis = (struct value_analysis){
            .graph = graph,
            .terms = graph->term_count,
            .joins = SPARE_JOINS + JOINS_PER_NODE * (size_t)graph->root,
            .most_spans = graph->root > FEW_SPANS_MIN_NODES ? FEW_SPANS : MAX_SPANS,
        };
        analysis->overlaps =
            arena_take(&analysis->arena, (terms * MAX_OVERLAPS + 1) * sizeof(struct overlap));
        analysis->first_overlap = arena_take(&analysis->arena, (terms + 1) * sizeof(uint32_t));
        if (!analysis->overlaps || !analysis->first_overlap) {
                graph->failed = true;
                return;
        }
        memset(analysis->first_overlap, 0xff, terms * sizeof(uint32_t));
        find_overlaps(analysis);
}

static uint32_t find_class(uint32_t *classes, uint32_t term)
{
        while (classes[term] != term)
                term = classes[term] = classes[classes[term]];
        return term;
}

static void join_classes(uint32_t *classes, uint32_t one, uint32_t other)
{
        classes[find_class(classes, one)] = find_class(classes, other);
}

/* A query for an operation or a comparison queries its operands. */
static void join_operands(const struct graph *graph, uint32_t *classes, uint32_t term)
{
        const struct term *content = &graph->terms[term];

        if (content->kind < TERM_OPERATION)
                return;
        join_classes(classes, term, content->a);
        if (content->b != GRAPH_NONE && !graph_is_constant(graph, content->b))
                join_classes(classes, term, content->b);
}

void value_analysis_classes(struct value_analysis *analysis, uint64_t *bits)
{
        uint32_t *classes =
            arena_take(&analysis->arena, (analysis->terms + (size_t)1) * sizeof *classes);
        unsigned count = 0;

        if (!classes) {
                analysis->graph->failed = true;
                return;
        }
        for (uint32_t i = 0; i < analysis->terms; i++)
                classes[i] = i;
        for (uint32_t i = 0; i < analysis->terms; i++) {
                join_operands(analysis->graph, classes, i);
                for (uint32_t j = analysis->first_overlap[i]; j != GRAPH_NONE;
                     j = analysis->overlaps[j].next)
                        join_classes(classes, i, analysis->overlaps[j].other);
        }
        for (uint32_t i = 0; i < analysis->terms; i++)
                if (classes[i] == i && !graph_is_constant(analysis->graph, i))
                        bits[i] = (uint64_t)1 << count++ % 64;
        for (uint32_t i = 0; i < analysis->terms; i++)
                bits[i] = bits[find_class(classes, i)];
}

void value_analysis_end(struct value_analysis *analysis)
{
        arena_free(&analysis->arena);
}

/* Queries */

static void ask(const struct value_analysis *analysis, const struct abstract_state *state,
                uint32_t term, int depth, struct value_range *set);

static void learn_from_overlaps(const struct value_analysis *analysis,
                                const struct abstract_state *state, uint32_t term,
                                struct value_range *set)
{
        uint32_t i = term < analysis->terms ? analysis->first_overlap[term] : GRAPH_NONE;

        for (; i != GRAPH_NONE; i = analysis->overlaps[i].next) {
                const struct overlap *overlap = &analysis->overlaps[i];
                const struct value_range *other = look_up(state, overlap->other);
                uint32_t bits = overlap->bits == 32 ? UINT32_MAX : (1u << overlap->bits) - 1;
                uint32_t known, value;

                if (!other)
                        continue;
                known = (other->known >> overlap->other_shift & bits) << overlap->shift;
                value = (other->value >> overlap->other_shift & bits) << overlap->shift;
                set->value |= value & known & ~set->known;
                set->known |= known;
        }
}

static void learn_comparison(const struct value_analysis *analysis,
                             const struct abstract_state *state, const struct term *term, int depth,
                             struct value_range *set)
{
        struct value_range a, b;
        uint32_t a_low, a_high, b_low, b_high;

        ask(analysis, state, term->a, depth - 1, &a);
        ask(analysis, state, term->b, depth - 1, &b);
        a_low = a.spans[0].low;
        a_high = a.spans[a.count - 1].high;
        b_low = b.spans[0].low;
        b_high = b.spans[b.count - 1].high;
        if (term->kind == TERM_EQUAL && (a_low > b_high || b_low > a_high))
                set_full(set, 0, 0);
        else if (term->kind == TERM_EQUAL && a_low == a_high && b_low == b_high)
                set_full(set, 1, 1); /* ranges meet, so they are the same value */
        else if (term->kind == TERM_GREATER && a_low > b_high)
                set_full(set, 1, 1);
        else if (term->kind == TERM_GREATER && a_high <= b_low)
                set_full(set, 0, 0);
}

static void learn_operation(const struct value_analysis *analysis,
                            const struct abstract_state *state, const struct term *term, int depth,
                            struct value_range *set)
{
        uint32_t mask;
        struct value_range a;

        if (term->code != BPF_AND || !graph_is_constant(analysis->graph, term->b))
                return;
        mask = analysis->graph->terms[term->b].k;
        ask(analysis, state, term->a, depth - 1, &a);
        set->value |= a.value & a.known & mask & ~set->known;
        set->known |= a.known & mask;
}

static void ask(const struct value_analysis *analysis, const struct abstract_state *state,
                uint32_t term, int depth, struct value_range *set)
{
        const struct term *content = &analysis->graph->terms[term];
        const struct value_range *known = look_up(state, term);

        if (known)
                recall(known, set);
        else
                set_full(set, content->low, content->high);
        if (depth > 0 && state) {
                if (content->kind == TERM_LOAD)
                        learn_from_overlaps(analysis, state, term, set);
                else if (content->kind == TERM_OPERATION)
                        learn_operation(analysis, state, content, depth, set);
                else if (content->kind == TERM_EQUAL || content->kind == TERM_GREATER)
                        learn_comparison(analysis, state, content, depth, set);
        }
        set->value = set->value & set->known & content->possible;
        set->known |= ~content->possible;
        if (set->known == UINT32_MAX)
                set->spans[0] = (struct span){set->value, set->value}, set->count = 1;
        else
                learn_bits(set);
}

void abstract_state_get(const struct value_analysis *analysis, const struct abstract_state *state,
                        uint32_t term, struct value_range *set)
{
        ask(analysis, state, term, MAX_QUESTION_DEPTH, set);
}

/* The range of a masked term determines the bits under the mask; a single bit that is not 0 is 1.
 */
static const struct abstract_state *add_bits(struct value_analysis *analysis,
                                             const struct abstract_state *state,
                                             const struct term *term, const struct value_range *set)
{
        uint32_t mask = analysis->graph->terms[term->b].k;
        uint32_t low = set->spans[0].low;
        struct value_range bits;

        if (low != set->spans[set->count - 1].high) {
                if (low == 0 || (mask & (mask - 1)))
                        return state;
                low = mask;
        }
        abstract_state_get(analysis, state, term->a, &bits);
        bits.value = (bits.value & ~mask) | (low & mask);
        bits.known |= mask;
        return insert(analysis, state, term->a, keep(analysis, &bits));
}

const struct abstract_state *abstract_state_add(struct value_analysis *analysis,
                                                const struct abstract_state *state, uint32_t term,
                                                const struct value_range *set)
{
        const struct term *content = &analysis->graph->terms[term];
        struct value_range before, after;

        abstract_state_get(analysis, state, term, &before);
        intersect(&before, set, &after);
        learn_bits(&after);
        state = insert(analysis, state, term, keep(analysis, &after));
        if (content->kind == TERM_OPERATION && content->code == BPF_AND &&
            graph_is_constant(analysis->graph, content->b))
                state = add_bits(analysis, state, content, &after);
        return state;
}

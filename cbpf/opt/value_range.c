/* Abstract states: value ranges of terms, kept in persistent radix trees (Okasaki and Gill, "Fast
 * Mergeable Integer Maps", 1998).
 *
 * The key of a term says how long it matters: along a path, first the greatest keys cease to. So
 * what no longer matters is a few whole subtrees. */
#include "value_range.h"
#include "base/array.h"

#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

/* A leaf where `branch` is 0; else `key` holds the bits above `branch`. */
struct abstract_state {
        uint32_t key;
        uint32_t branch;
        union {
                struct {
                        const struct abstract_state *sides[2];
                        uint64_t bits; /* of the keys below */
                };
                struct {
                        uint32_t term;
                        struct value_range set; /* only the spans that it has are there */
                };
                const struct abstract_state *copy; /* where `branch` is COPIED */
        };
};

enum {
        COPIED = 3,                    /* no bit */
        COLLECTED_MIN_BYTES = 1 << 17, /* of states */

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

/* The value that the term is a masked part of, or GRAPH_NONE. */
static uint32_t masked_value(const struct graph *graph, uint32_t term)
{
        const struct term *content = &graph->terms[term];

        return content->kind == TERM_OPERATION && content->code == BPF_AND &&
                       graph_is_constant(graph, content->b)
                   ? content->a
                   : GRAPH_NONE;
}

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

/* A kept set is shorter than its type; this makes it whole. */
static void recall(const struct value_range *kept, struct value_range *set)
{
        memcpy(set, kept, offsetof(struct value_range, spans) + kept->count * sizeof *kept->spans);
}

/* Trees */

static const struct abstract_state *find_leaf(const struct abstract_state *state, uint32_t key)
{
        while (state && state->branch)
                state = state->sides[(key & state->branch) != 0];
        return state && state->key == key ? state : NULL;
}

static const struct value_range *look_up(const struct value_analysis *analysis,
                                         const struct abstract_state *state, uint32_t term)
{
        const struct abstract_state *leaf;

        if (!state || term >= analysis->terms)
                return NULL;
        leaf = find_leaf(state, analysis->keys[term]);
        return leaf ? &leaf->set : NULL;
}

static size_t size_of_leaf(uint32_t spans)
{
        return offsetof(struct abstract_state, set.spans) + spans * sizeof(struct span);
}

static size_t size_of(const struct abstract_state *state)
{
        return state->branch ? offsetof(struct abstract_state, bits) + sizeof state->bits
                             : size_of_leaf(state->set.count);
}

/* Room for a state of `size` bytes; NULL, and the graph failed, if memory is short. */
static struct abstract_state *take_state(struct value_analysis *analysis, size_t size)
{
        struct abstract_state *state = arena_take(&analysis->states, size);

        if (!state)
                analysis->graph->failed = true;
        analysis->states_size += size;
        return state;
}

/* A set of too many spans is widened. */
static const struct abstract_state *new_leaf(struct value_analysis *analysis, uint32_t term,
                                             const struct value_range *set)
{
        uint32_t most = analysis->most_spans, count = set->count < most ? set->count : most;
        struct abstract_state *leaf = take_state(analysis, size_of_leaf(count));

        if (!leaf)
                return NULL;
        leaf->key = analysis->keys[term];
        leaf->branch = 0;
        leaf->term = term;
        memcpy(&leaf->set, set, offsetof(struct value_range, spans) + count * sizeof *set->spans);
        leaf->set.count = count;
        leaf->set.spans[count - 1].high = set->spans[set->count - 1].high;
        return leaf;
}

/* A bit for each term that something is known of; several terms share one. */
static uint64_t bits_of(const struct abstract_state *state)
{
        return state->branch ? state->bits : (uint64_t)1 << state->key % 64;
}

static const struct abstract_state *new_fork(struct value_analysis *analysis, uint32_t key,
                                             uint32_t branch, const struct abstract_state *left,
                                             const struct abstract_state *right)
{
        struct abstract_state *fork;

        if (!left || !right)
                return NULL; /* memory is short */
        fork = take_state(analysis, offsetof(struct abstract_state, bits) + sizeof fork->bits);
        if (!fork)
                return NULL;
        fork->key = key;
        fork->branch = branch;
        fork->sides[0] = left;
        fork->sides[1] = right;
        fork->bits = bits_of(left) | bits_of(right);
        return fork;
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
        if (left == state->sides[0] && right == state->sides[1])
                return state;
        if (!left || !right)
                return left ? left : right;
        return new_fork(analysis, state->key, state->branch, left, right);
}

/* Recursion is as deep as a key has bits. */
static const struct abstract_state *insert_leaf(struct value_analysis *analysis,
                                                const struct abstract_state *state,
                                                const struct abstract_state *leaf)
{
        const struct abstract_state *added;
        uint32_t key = leaf->key, branch;
        int side;

        if (!state || (!state->branch && state->key == key))
                return leaf;
        if (state->branch && belongs(state, key)) {
                side = (key & state->branch) != 0;
                added = insert_leaf(analysis, state->sides[side], leaf);
                return with_sides(analysis, state, side ? state->sides[0] : added,
                                  side ? added : state->sides[1]);
        }
        branch = 1u << (31 - __builtin_clz(key ^ state->key));
        side = (key & branch) != 0;
        return new_fork(analysis, above(key, branch), branch, side ? state : leaf,
                        side ? leaf : state);
}

/* `state`, with `set` for a term that some query looks up. */
static const struct abstract_state *insert(struct value_analysis *analysis,
                                           const struct abstract_state *state, uint32_t term,
                                           const struct value_range *set)
{
        const struct abstract_state *leaf;

        if (term >= analysis->terms || analysis->keys[term] == GRAPH_NONE)
                return state;
        leaf = new_leaf(analysis, term, set);
        return leaf ? insert_leaf(analysis, state, leaf) : NULL;
}

static const struct abstract_state *forget(struct value_analysis *analysis,
                                           const struct abstract_state *state, uint32_t horizon)
{
        if (!state || state->key >= horizon)
                return NULL;
        if (!state->branch || (state->key | (state->branch | (state->branch - 1))) < horizon)
                return state;
        return with_sides(analysis, state, forget(analysis, state->sides[0], horizon),
                          forget(analysis, state->sides[1], horizon));
}

const struct abstract_state *abstract_state_forget(struct value_analysis *analysis,
                                                   const struct abstract_state *state,
                                                   uint32_t horizon, uint64_t asked)
{
        state = forget(analysis, state, horizon);
        return state && bits_of(state) & asked ? state : NULL;
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
        const struct abstract_state *twin = find_leaf(other, leaf->key);
        struct value_range one, two, both;

        if (!twin || twin == leaf)
                return twin;
        if (analysis->joins > 0)
                analysis->joins--;
        else if (analysis->allowance > 0)
                analysis->allowance--;
        else
                return NULL;
        recall(&leaf->set, &one);
        recall(&twin->set, &two);
        unite(&one, &two, &both);
        return says_nothing(analysis, leaf->term, &both) ? NULL
                                                         : new_leaf(analysis, leaf->term, &both);
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

/* From how many bytes of states on those that are not needed are dropped, when there are so many
 * that are, and so many places to look for them. */
static size_t states_kept(size_t size, uint32_t places)
{
        return 2 * size + 4 * (size_t)places + COLLECTED_MIN_BYTES;
}

/* The copy that `state` has or gets in the new arena. */
static const struct abstract_state *copy_state(struct value_analysis *analysis,
                                               const struct abstract_state *state)
{
        struct abstract_state *copy, *old = (struct abstract_state *)state;

        if (!state || state->branch == COPIED)
                return state ? state->copy : NULL;
        copy = take_state(analysis, size_of(state));
        if (!copy)
                return NULL;
        memcpy(copy, state, size_of(state));
        for (int side = 0; copy->branch && side < 2; side++)
                copy->sides[side] = copy_state(analysis, copy->sides[side]);
        old->branch = COPIED;
        old->copy = copy;
        return copy;
}

void value_analysis_collect(struct value_analysis *analysis, const struct abstract_state **states,
                            uint32_t count)
{
        struct arena before = analysis->states;

        if (analysis->states_size < analysis->states_most)
                return;
        analysis->states = (struct arena){0};
        analysis->states_size = 0;
        for (uint32_t i = 0; i < count; i++)
                states[i] = copy_state(analysis, states[i]);
        arena_free(&before);
        analysis->states_most = states_kept(analysis->states_size, count);
}

/* Loads that overlap */

/* The bits of one load from `shift` on are those of another from `other_shift` on. */
struct overlap {
        uint8_t shift, other_shift, bits;
};

static struct overlap overlap_of(const struct graph *graph, uint32_t term, uint32_t other)
{
        const struct term *one = &graph->terms[term], *two = &graph->terms[other];
        int64_t start = one->k > two->k ? one->k : two->k;
        int64_t one_end = (int64_t)one->k + graph_load_size(one);
        int64_t two_end = (int64_t)two->k + graph_load_size(two);
        int64_t end = one_end < two_end ? one_end : two_end;

        return (struct overlap){(uint8_t)((one_end - end) * 8), (uint8_t)((two_end - end) * 8),
                                (uint8_t)((end - start) * 8)};
}

static bool overlaps(const struct term *one, const struct term *two)
{
        return one->a == two->a && one->k < (uint64_t)two->k + graph_load_size(two) &&
               two->k < (uint64_t)one->k + graph_load_size(one);
}

/* Loads of one base are few in practice; where there are many, only close neighbours by number are
 * compared, which loses precision and nothing else. */
static bool note_overlaps(struct value_analysis *analysis, const uint32_t *loads, uint32_t count,
                          uint32_t at)
{
        const struct term *terms = analysis->graph->terms;
        uint32_t found = 0;

        if (!array_grow(analysis->overlaps, analysis->overlap_room,
                        analysis->overlap_count + (size_t)MAX_OVERLAPS))
                return false;
        for (uint32_t i = at > 64 ? at - 64 : 0; i < count && i < at + 64 && found < MAX_OVERLAPS;
             i++)
                if (i != at && overlaps(&terms[loads[at]], &terms[loads[i]])) {
                        analysis->overlaps[analysis->overlap_count++] = loads[i];
                        found++;
                }
        return true;
}

/* `loads` has room for all terms. */
static bool find_overlaps(struct value_analysis *analysis, uint32_t *loads)
{
        const struct term *terms = analysis->graph->terms;
        uint32_t count = 0, next = 0;

        for (uint32_t i = 0; i < analysis->terms; i++)
                if (terms[i].kind == TERM_LOAD && terms[i].k < (uint32_t)SKF_LL_OFF)
                        loads[count++] = i;
        for (uint32_t i = 0; i < analysis->terms; i++) {
                analysis->first_overlap[i] = analysis->overlap_count;
                if (next < count && loads[next] == i &&
                    !note_overlaps(analysis, loads, count, next++))
                        return false;
        }
        analysis->first_overlap[analysis->terms] = analysis->overlap_count;
        return true;
}

void value_analysis_start(struct value_analysis *analysis, struct graph *graph)
{
        size_t terms = graph->term_count;

        *analysis = (struct value_analysis){
            .graph = graph,
            .terms = graph->term_count,
            .joins = SPARE_JOINS + JOINS_PER_NODE * (size_t)graph->root,
            .most_spans = graph->root > FEW_SPANS_MIN_NODES ? FEW_SPANS : MAX_SPANS,
            .states_most = states_kept(0, graph->root),
        };
        analysis->first_overlap = arena_take(&analysis->arena, (terms + 1) * sizeof(uint32_t));
        analysis->keys = arena_take(&analysis->arena, (terms + 1) * sizeof(uint32_t));
        if (!analysis->first_overlap || !analysis->keys || !find_overlaps(analysis, analysis->keys))
                graph->failed = true;
        if (!graph->failed)
                memset(analysis->keys, 0xff, terms * sizeof *analysis->keys);
}

void value_analysis_end(struct value_analysis *analysis)
{
        free(analysis->overlaps);
        arena_free(&analysis->states);
        arena_free(&analysis->arena);
}

/* Which terms matter. What queries look up is what ask() does. */

static uint64_t bit_of(const struct value_analysis *analysis, uint32_t term, uint32_t horizon)
{
        uint32_t key = analysis->keys[term];

        return key < horizon ? (uint64_t)1 << key % 64 : 0;
}

static uint64_t note_looked_up(struct value_analysis *analysis, uint32_t term)
{
        if (analysis->keys[term] == GRAPH_NONE)
                analysis->keys[term] = analysis->key_count++;
        return bit_of(analysis, term, GRAPH_NONE);
}

static uint64_t note_question(struct value_analysis *analysis, uint32_t term, int depth)
{
        const struct term *content = &analysis->graph->terms[term];
        uint64_t bits = note_looked_up(analysis, term);

        if (depth == 0)
                return bits;
        for (uint32_t i = analysis->first_overlap[term]; i < analysis->first_overlap[term + 1]; i++)
                bits |= note_looked_up(analysis, analysis->overlaps[i]);
        if (masked_value(analysis->graph, term) != GRAPH_NONE)
                bits |= note_question(analysis, content->a, depth - 1);
        else if (content->kind == TERM_EQUAL || content->kind == TERM_GREATER)
                bits |= note_question(analysis, content->a, depth - 1) |
                        note_question(analysis, content->b, depth - 1);
        return bits;
}

uint64_t value_analysis_ask(struct value_analysis *analysis, uint32_t term)
{
        return note_question(analysis, term, MAX_QUESTION_DEPTH);
}

uint64_t value_analysis_bits(const struct value_analysis *analysis, uint32_t term, uint32_t horizon)
{
        uint32_t value = masked_value(analysis->graph, term);

        return bit_of(analysis, term, horizon) |
               (value == GRAPH_NONE ? 0 : bit_of(analysis, value, horizon));
}

/* Queries */

static void ask(const struct value_analysis *analysis, const struct abstract_state *state,
                uint32_t term, int depth, struct value_range *set);

static void learn_from_overlaps(const struct value_analysis *analysis,
                                const struct abstract_state *state, uint32_t term,
                                struct value_range *set)
{
        uint32_t end = term < analysis->terms ? analysis->first_overlap[term + 1] : 0;

        for (uint32_t i = end > 0 ? analysis->first_overlap[term] : 0; i < end; i++) {
                const struct value_range *other = look_up(analysis, state, analysis->overlaps[i]);
                struct overlap overlap;
                uint32_t bits, known, value;

                if (!other)
                        continue;
                overlap = overlap_of(analysis->graph, term, analysis->overlaps[i]);
                bits = overlap.bits == 32 ? UINT32_MAX : (1u << overlap.bits) - 1;
                known = (other->known >> overlap.other_shift & bits) << overlap.shift;
                value = (other->value >> overlap.other_shift & bits) << overlap.shift;
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

        mask = analysis->graph->terms[term->b].k;
        ask(analysis, state, term->a, depth - 1, &a);
        set->value |= a.value & a.known & mask & ~set->known;
        set->known |= a.known & mask;
}

static void ask(const struct value_analysis *analysis, const struct abstract_state *state,
                uint32_t term, int depth, struct value_range *set)
{
        const struct term *content = &analysis->graph->terms[term];
        const struct value_range *known = look_up(analysis, state, term);

        if (known)
                recall(known, set);
        else
                set_full(set, content->low, content->high);
        if (depth > 0 && state) {
                if (content->kind == TERM_LOAD)
                        learn_from_overlaps(analysis, state, term, set);
                else if (masked_value(analysis->graph, term) != GRAPH_NONE)
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
        return insert(analysis, state, term->a, &bits);
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
        state = insert(analysis, state, term, &after);
        if (masked_value(analysis->graph, term) != GRAPH_NONE)
                state = add_bits(analysis, state, content, &after);
        return state;
}

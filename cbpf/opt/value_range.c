/* What is known of terms: sets of values, kept in persistent radix trees keyed by term (Okasaki and
 * Gill, "Fast Mergeable Integer Maps", 1998). */
#include "value_range.h"

#include <linux/filter.h>
#include <string.h>

/* A leaf where `branch` is 0; else `key` holds the bits above `branch`. */
struct facts {
        uint32_t key;
        uint32_t branch;
        union {
                const struct facts *sides[2];
                const struct set *set;
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
        DEEPEST_QUESTION = 4,
};

static const struct set everything = {.count = 1, .spans = {{0, UINT32_MAX}}};

/* Sets */

static void set_full(struct set *set, uint32_t low, uint32_t high)
{
        set->known = set->value = 0;
        set->count = 1;
        set->spans[0] = (struct span){low, high};
}

void set_append(struct set *set, uint32_t low, uint32_t high)
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
static void learn_bits(struct set *set)
{
        uint32_t low = set->spans[0].low;
        uint32_t differ = low ^ set->spans[set->count - 1].high;
        uint32_t same = differ ? ~(UINT32_MAX >> __builtin_clz(differ)) : UINT32_MAX;

        set->value = (set->value & ~same) | (low & same);
        set->known |= same;
}

/* The common part goes to `result`. An empty one means that control never gets there; then nothing
 * that is said is wrong, and `one` will do. */
static void intersect(const struct set *one, const struct set *other, struct set *result)
{
        struct set common = {.known = one->known | other->known,
                             .value = (one->value & one->known) | (other->value & other->known)};

        for (uint32_t i = 0, j = 0; i < one->count && j < other->count;) {
                uint32_t low = one->spans[i].low, high = one->spans[i].high;

                if (other->spans[j].low > low)
                        low = other->spans[j].low;
                if (other->spans[j].high < high)
                        high = other->spans[j].high;
                if (low <= high)
                        set_append(&common, low, high);
                if (one->spans[i].high < other->spans[j].high)
                        i++;
                else
                        j++;
        }
        *result = common.count ? common : *one;
}

static void unite(const struct set *one, const struct set *other, struct set *result)
{
        uint32_t i = 0, j = 0;

        result->known = one->known & other->known & ~(one->value ^ other->value);
        result->value = one->value & result->known;
        result->count = 0;
        while (i < one->count || j < other->count) {
                bool first = j == other->count ||
                             (i < one->count && one->spans[i].low <= other->spans[j].low);
                const struct span *span = first ? &one->spans[i++] : &other->spans[j++];

                set_append(result, span->low, span->high);
        }
}

static const struct set *keep(struct knowledge *knowledge, const struct set *set)
{
        size_t size = offsetof(struct set, spans) + set->count * sizeof *set->spans;
        struct set *kept = arena_take(&knowledge->arena, size);

        if (!kept) {
                knowledge->graph->failed = true;
                return &everything;
        }
        memcpy(kept, set, size);
        return kept;
}

/* A kept set is shorter than its type; this makes it whole. */
static void recall(const struct set *kept, struct set *set)
{
        memcpy(set, kept, offsetof(struct set, spans) + kept->count * sizeof *kept->spans);
}

/* Trees */

static const struct set *look_up(const struct facts *facts, uint32_t key)
{
        while (facts && facts->branch)
                facts = facts->sides[(key & facts->branch) != 0];
        return facts && facts->key == key ? facts->set : NULL;
}

static const struct facts *new_facts(struct knowledge *knowledge, struct facts content)
{
        struct facts *facts = arena_take(&knowledge->arena, sizeof *facts);

        if (facts)
                *facts = content;
        else
                knowledge->graph->failed = true;
        return facts;
}

static uint32_t above(uint32_t key, uint32_t branch)
{
        return key & ~(branch | (branch - 1));
}

static bool belongs(const struct facts *facts, uint32_t key)
{
        return facts->branch ? above(key, facts->branch) == facts->key : key == facts->key;
}

/* The same tree with other sides; none where there is nothing. */
static const struct facts *with_sides(struct knowledge *knowledge, const struct facts *facts,
                                      const struct facts *left, const struct facts *right)
{
        struct facts content = {.key = facts->key, .branch = facts->branch};

        if (left == facts->sides[0] && right == facts->sides[1])
                return facts;
        if (!left || !right)
                return left ? left : right;
        content.sides[0] = left;
        content.sides[1] = right;
        return new_facts(knowledge, content);
}

/* Recursion is as deep as a key has bits. */
static const struct facts *insert(struct knowledge *knowledge, const struct facts *facts,
                                  uint32_t key, const struct set *set)
{
        struct facts leaf = {.key = key, .set = set};
        struct facts fork = {0};
        const struct facts *added;
        int side;

        if (!facts || (!facts->branch && facts->key == key))
                return new_facts(knowledge, leaf);
        if (facts->branch && belongs(facts, key)) {
                side = (key & facts->branch) != 0;
                added = insert(knowledge, facts->sides[side], key, set);
                return with_sides(knowledge, facts, side ? facts->sides[0] : added,
                                  side ? added : facts->sides[1]);
        }
        fork.branch = 1u << (31 - __builtin_clz(key ^ facts->key));
        fork.key = above(key, fork.branch);
        side = (key & fork.branch) != 0;
        fork.sides[side] = new_facts(knowledge, leaf);
        fork.sides[!side] = facts;
        return new_facts(knowledge, fork);
}

static bool says_nothing(const struct knowledge *knowledge, uint32_t term, const struct set *set)
{
        const struct term *content = &knowledge->graph->terms[term];

        return set->known == 0 && set->count == 1 && set->spans[0].low <= content->low &&
               set->spans[0].high >= content->high;
}

static const struct facts *join_leaf(struct knowledge *knowledge, const struct facts *leaf,
                                     const struct facts *other)
{
        const struct set *set = look_up(other, leaf->key);
        struct set one, two, both;

        if (!set)
                return NULL;
        if (set == leaf->set)
                return leaf;
        recall(leaf->set, &one);
        recall(set, &two);
        unite(&one, &two, &both);
        if (says_nothing(knowledge, leaf->key, &both))
                return NULL;
        return new_facts(knowledge,
                         (struct facts){.key = leaf->key, .set = keep(knowledge, &both)});
}

const struct facts *facts_join(struct knowledge *knowledge, const struct facts *one,
                               const struct facts *other)
{
        if (one == other || !one || !other)
                return one == other ? one : NULL;
        if (!one->branch)
                return join_leaf(knowledge, one, other);
        if (!other->branch)
                return join_leaf(knowledge, other, one);
        if (one->branch == other->branch && one->key == other->key)
                return with_sides(knowledge, one,
                                  facts_join(knowledge, one->sides[0], other->sides[0]),
                                  facts_join(knowledge, one->sides[1], other->sides[1]));
        if (one->branch > other->branch && belongs(one, other->key))
                return facts_join(knowledge, one->sides[(other->key & one->branch) != 0], other);
        if (other->branch > one->branch && belongs(other, one->key))
                return facts_join(knowledge, one, other->sides[(one->key & other->branch) != 0]);
        return NULL;
}

/* Loads that overlap */

static void note_overlap(struct knowledge *knowledge, uint32_t term, uint32_t other)
{
        const struct term *one = &knowledge->graph->terms[term];
        const struct term *two = &knowledge->graph->terms[other];
        int64_t start = one->k > two->k ? one->k : two->k;
        int64_t one_end = (int64_t)one->k + graph_load_size(one);
        int64_t two_end = (int64_t)two->k + graph_load_size(two);
        int64_t end = one_end < two_end ? one_end : two_end;

        knowledge->overlaps[knowledge->overlap_count] = (struct overlap){
            .other = other,
            .next = knowledge->first_overlap[term],
            .shift = (uint8_t)((one_end - end) * 8),
            .other_shift = (uint8_t)((two_end - end) * 8),
            .bits = (uint8_t)((end - start) * 8),
        };
        knowledge->first_overlap[term] = knowledge->overlap_count++;
}

/* Every offset around is asked for by name; terms are hash-consed, so this makes none that matter.
 */
static bool overlaps(const struct term *one, const struct term *two)
{
        return one->a == two->a && one->k < (uint64_t)two->k + graph_load_size(two) &&
               two->k < (uint64_t)one->k + graph_load_size(one);
}

/* Loads of one base are few in practice; where they are many, only close neighbours by number are
 * compared, which costs knowledge and nothing else. */
static void find_overlaps(struct knowledge *knowledge)
{
        const struct graph *graph = knowledge->graph;
        uint32_t *loads = arena_take(&knowledge->arena, (graph->term_count + 1) * sizeof *loads);
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
                                note_overlap(knowledge, loads[i], loads[j]);
                                found++;
                        }
        }
}

int knowledge_start(struct knowledge *knowledge, struct graph *graph)
{
        size_t terms = graph->term_count;

        *knowledge = (struct knowledge){.graph = graph, .terms = graph->term_count};
        knowledge->overlaps =
            arena_take(&knowledge->arena, (terms * MAX_OVERLAPS + 1) * sizeof(struct overlap));
        knowledge->first_overlap = arena_take(&knowledge->arena, (terms + 1) * sizeof(uint32_t));
        if (!knowledge->overlaps || !knowledge->first_overlap) {
                graph->failed = true;
                return -1;
        }
        memset(knowledge->first_overlap, 0xff, terms * sizeof(uint32_t));
        find_overlaps(knowledge);
        return 0;
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

/* Who is asked about an operation or a comparison asks about its operands. */
static void join_operands(const struct graph *graph, uint32_t *classes, uint32_t term)
{
        const struct term *content = &graph->terms[term];

        if (content->kind < TERM_OPERATION)
                return;
        join_classes(classes, term, content->a);
        if (content->b != GRAPH_NONE && !graph_is_constant(graph, content->b))
                join_classes(classes, term, content->b);
}

int knowledge_classes(struct knowledge *knowledge, uint64_t *bits)
{
        uint32_t *classes =
            arena_take(&knowledge->arena, (knowledge->terms + (size_t)1) * sizeof *classes);
        unsigned count = 0;

        if (!classes) {
                knowledge->graph->failed = true;
                return -1;
        }
        for (uint32_t i = 0; i < knowledge->terms; i++)
                classes[i] = i;
        for (uint32_t i = 0; i < knowledge->terms; i++) {
                join_operands(knowledge->graph, classes, i);
                for (uint32_t j = knowledge->first_overlap[i]; j != GRAPH_NONE;
                     j = knowledge->overlaps[j].next)
                        join_classes(classes, i, knowledge->overlaps[j].other);
        }
        for (uint32_t i = 0; i < knowledge->terms; i++)
                if (classes[i] == i && !graph_is_constant(knowledge->graph, i))
                        bits[i] = (uint64_t)1 << count++ % 64;
        for (uint32_t i = 0; i < knowledge->terms; i++)
                bits[i] = bits[find_class(classes, i)];
        return 0;
}

void knowledge_end(struct knowledge *knowledge)
{
        arena_free(&knowledge->arena);
}

/* Questions */

static void ask(const struct knowledge *knowledge, const struct facts *facts, uint32_t term,
                int depth, struct set *set);

static void learn_from_overlaps(const struct knowledge *knowledge, const struct facts *facts,
                                uint32_t term, struct set *set)
{
        uint32_t i = term < knowledge->terms ? knowledge->first_overlap[term] : GRAPH_NONE;

        for (; i != GRAPH_NONE; i = knowledge->overlaps[i].next) {
                const struct overlap *overlap = &knowledge->overlaps[i];
                const struct set *other = look_up(facts, overlap->other);
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

static void learn_comparison(const struct knowledge *knowledge, const struct facts *facts,
                             const struct term *term, int depth, struct set *set)
{
        struct set a, b;
        uint32_t a_low, a_high, b_low, b_high;

        ask(knowledge, facts, term->a, depth - 1, &a);
        ask(knowledge, facts, term->b, depth - 1, &b);
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

static void learn_operation(const struct knowledge *knowledge, const struct facts *facts,
                            const struct term *term, int depth, struct set *set)
{
        uint32_t mask;
        struct set a;

        if (term->code != BPF_AND || !graph_is_constant(knowledge->graph, term->b))
                return;
        mask = knowledge->graph->terms[term->b].k;
        ask(knowledge, facts, term->a, depth - 1, &a);
        set->value |= a.value & a.known & mask & ~set->known;
        set->known |= a.known & mask;
}

static void ask(const struct knowledge *knowledge, const struct facts *facts, uint32_t term,
                int depth, struct set *set)
{
        const struct term *content = &knowledge->graph->terms[term];
        const struct set *known = look_up(facts, term);

        if (known)
                recall(known, set);
        else
                set_full(set, content->low, content->high);
        if (depth > 0 && facts) {
                if (content->kind == TERM_LOAD)
                        learn_from_overlaps(knowledge, facts, term, set);
                else if (content->kind == TERM_OPERATION)
                        learn_operation(knowledge, facts, content, depth, set);
                else if (content->kind == TERM_EQUAL || content->kind == TERM_GREATER)
                        learn_comparison(knowledge, facts, content, depth, set);
        }
        set->value = set->value & set->known & content->possible;
        set->known |= ~content->possible;
        if (set->known == UINT32_MAX)
                set->spans[0] = (struct span){set->value, set->value}, set->count = 1;
        else
                learn_bits(set);
}

void facts_ask(const struct knowledge *knowledge, const struct facts *facts, uint32_t term,
               struct set *set)
{
        ask(knowledge, facts, term, DEEPEST_QUESTION, set);
}

/* A masked term says what the bits under the mask are; and a single bit that is not 0 is 1. */
static const struct facts *add_bits(struct knowledge *knowledge, const struct facts *facts,
                                    const struct term *term, const struct set *set)
{
        uint32_t mask = knowledge->graph->terms[term->b].k;
        uint32_t low = set->spans[0].low;
        struct set bits;

        if (low != set->spans[set->count - 1].high) {
                if (low == 0 || (mask & (mask - 1)))
                        return facts;
                low = mask;
        }
        facts_ask(knowledge, facts, term->a, &bits);
        bits.value = (bits.value & ~mask) | (low & mask);
        bits.known |= mask;
        return insert(knowledge, facts, term->a, keep(knowledge, &bits));
}

const struct facts *facts_add(struct knowledge *knowledge, const struct facts *facts, uint32_t term,
                              const struct set *set)
{
        const struct term *content = &knowledge->graph->terms[term];
        struct set before, after;

        facts_ask(knowledge, facts, term, &before);
        intersect(&before, set, &after);
        learn_bits(&after);
        facts = insert(knowledge, facts, term, keep(knowledge, &after));
        if (content->kind == TERM_OPERATION && content->code == BPF_AND &&
            graph_is_constant(knowledge->graph, content->b))
                facts = add_bits(knowledge, facts, content, &after);
        return facts;
}

/* Sharing: parts of the graph that differ only in where in the packet they look become one, which
 * is told the place in X: the ports behind an IPv4 header and behind an IPv6 header, the addresses
 * of an IPv4 packet and of an ARP packet.
 *
 * A call node leaves values in A and X, which terms of the shared part name as arguments. Nothing
 * returns from there, so there is no stack: the arguments in force are those of the last call.
 * Calls are for the emitter only, and come last. */
#include "pass.h"

#include <stdlib.h>
#include <string.h>

enum {
        DEEPEST_TERM = 32,
        WORTH_IT = 3, /* comparisons and loads saved, at least, for a pair to be tried */
        MAX_MEMBERS = 8,
};

struct share {
        struct graph *graph;
        struct arena arena;
        uint32_t nodes;
        uint64_t *term_shapes; /* equal for terms that differ in offsets of loads only */
        bool *term_open;       /* by term: it contains an argument */
        uint64_t *shapes;      /* by node: likewise, of all that is behind it */
        uint64_t *tails;       /* by node: the same without its own term */
        bool *open; /* by node: it or what is behind it up to calls asks for an argument */
        bool *reached;
        uint32_t *partner; /* by node, of the merge at hand; else GRAPH_NONE */
        uint32_t *made;    /* by node: what became of it */
        struct pair *pairs;
        uint32_t pair_count, pair_room;
        size_t work; /* pairs that may still be looked at */
        bool wide;   /* an argument may be so large that a sum with it wraps */
        bool moved;  /* there is a sum with an argument */
};

struct pair {
        uint32_t one, other;
};

/* One part being laid over another. The argument in X is base[i] + offset[i]. */
struct merge {
        bool started;
        uint32_t base[2]; /* terms, or GRAPH_NONE */
        int64_t apart;    /* what an offset of the second is more than that of the first */
        uint32_t least;   /* offset of the first */
        uint32_t weight;  /* what is saved if the second is not needed any more, roughly */
};

/* Shapes */

static uint64_t mix(uint64_t hash, uint64_t value)
{
        hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
        return hash ^ hash >> 29;
}

static bool is_movable(const struct term *term)
{
        return term->kind == TERM_LOAD && term->k <= INT32_MAX;
}

static void find_term_shapes(struct share *share)
{
        for (uint32_t i = 0; i < share->graph->term_count; i++) {
                const struct term *term = &share->graph->terms[i];
                bool has_a = term->kind >= TERM_OPERATION ||
                             (term->kind == TERM_LOAD && term->a != GRAPH_NONE);
                bool has_b = term->kind >= TERM_OPERATION && term->b != GRAPH_NONE;
                uint64_t hash = mix(term->kind, term->code);

                share->term_open[i] = term->kind == TERM_ARGUMENT ||
                                      (has_a && share->term_open[term->a]) ||
                                      (has_b && share->term_open[term->b]);
                if (!is_movable(term)) {
                        hash = mix(hash, term->k);
                        hash = mix(hash, has_a ? share->term_shapes[term->a] : 0);
                        hash = mix(hash, has_b ? share->term_shapes[term->b] : 0);
                }
                share->term_shapes[i] = hash;
        }
}

static void mark_reached(struct share *share)
{
        share->reached[share->graph->root] = true;
        for (uint32_t i = share->graph->root + 1; i-- > 0;) {
                const struct node *node = &share->graph->nodes[i];

                for (uint32_t arm = 0; share->reached[i] && arm < node->count; arm++)
                        share->reached[node->arms[arm].to] = true;
        }
}

static void find_shapes(struct share *share)
{
        for (uint32_t i = 0; i < share->nodes; i++) {
                const struct node *node = &share->graph->nodes[i];
                uint64_t hash = mix(node->kind, node->count);

                share->open[i] = node->term != GRAPH_NONE && node->kind != NODE_RETURN &&
                                 share->term_open[node->term];
                if (node->kind == NODE_CALL)
                        share->open[i] |= node->k != GRAPH_NONE && share->term_open[node->k];
                if (node->kind != NODE_SWITCH) {
                        share->shapes[i] = share->tails[i] = mix(hash, i);
                        continue;
                }
                for (uint32_t arm = 0; arm < node->count; arm++) {
                        hash = mix(hash, node->arms[arm].from);
                        hash = mix(hash, share->shapes[node->arms[arm].to]);
                        share->open[i] |= share->open[node->arms[arm].to];
                }
                share->tails[i] = hash;
                share->shapes[i] = mix(hash, share->term_shapes[node->term]);
        }
}

/* Laying one part over another */

static bool lay_bases(struct merge *merge, uint32_t one, uint32_t other, uint32_t one_offset,
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

static bool lay_terms(const struct share *share, struct merge *merge, uint32_t one, uint32_t other,
                      int depth)
{
        const struct term *a = &share->graph->terms[one], *b = &share->graph->terms[other];

        if (one == other && !share->term_open[one])
                return true;
        if (depth == 0 || a->kind != b->kind || a->code != b->code)
                return false;
        if (a->kind == TERM_ARGUMENT)
                return one == other && lay_bases(merge, one, other, 0, 0);
        if (is_movable(a) && is_movable(b))
                return lay_bases(merge, a->a, b->a, a->k, b->k);
        if (a->kind < TERM_OPERATION || (a->b == GRAPH_NONE) != (b->b == GRAPH_NONE))
                return false;
        return lay_terms(share, merge, a->a, b->a, depth - 1) &&
               (a->b == GRAPH_NONE || lay_terms(share, merge, a->b, b->b, depth - 1));
}

static bool add_pair(struct share *share, uint32_t one, uint32_t other)
{
        struct pair *grown;

        if (one == other && !share->open[one])
                return true;
        if (share->partner[one] != GRAPH_NONE)
                return share->partner[one] == other;
        if (share->work == 0)
                return false;
        share->work--;
        if (share->pair_count == share->pair_room) {
                uint32_t room = share->pair_room ? share->pair_room * 2 : 64;

                grown = realloc(share->pairs, room * sizeof *grown);
                if (!grown) {
                        share->graph->failed = true;
                        return false;
                }
                share->pairs = grown;
                share->pair_room = room;
        }
        share->partner[one] = other;
        share->pairs[share->pair_count++] = (struct pair){one, other};
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

static bool add_targets(struct share *share, const struct pair *pair)
{
        const struct node *one = &share->graph->nodes[pair->one];
        const struct node *other = &share->graph->nodes[pair->other];

        for (uint32_t i = 0; i < one->count; i++)
                if (!add_pair(share, one->arms[i].to, other->arms[i].to))
                        return false;
        return true;
}

/* All but the terms of the two themselves. */
static bool lay_behind(struct share *share, struct merge *merge, uint32_t one, uint32_t other)
{
        if (!same_boundaries(&share->graph->nodes[one], &share->graph->nodes[other]) ||
            !add_pair(share, one, other))
                return false;
        for (uint32_t i = 0; i < share->pair_count; i++) {
                struct pair pair = share->pairs[i];
                const struct node *a = &share->graph->nodes[pair.one];
                const struct node *b = &share->graph->nodes[pair.other];

                if (!same_boundaries(a, b) || !add_targets(share, &pair))
                        return false;
                if (i > 0 && !lay_terms(share, merge, a->term, b->term, DEEPEST_TERM))
                        return false;
                merge->weight += pair.one != pair.other ? a->count : 0;
        }
        return true;
}

static void forget_pairs(struct share *share)
{
        for (uint32_t i = 0; i < share->pair_count; i++)
                share->partner[share->pairs[i].one] = GRAPH_NONE;
        share->pair_count = 0;
}

/* Building */

/* The offsets to add to the bases, in both the same but for `apart`. False if a load would have to
 * reach back. */
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

/* `one`, its loads at the argument where those of `other` are elsewhere. */
static uint32_t lift_out(const struct share *share, uint32_t one, uint32_t other, uint32_t offset)
{
        struct graph *graph = share->graph;
        struct term a = graph->terms[one], b = graph->terms[other];
        uint32_t left, right;

        if (a.kind == TERM_ARGUMENT || (one == other && !share->term_open[one]))
                return one;
        if (is_movable(&a))
                return graph_load(graph, a.code, graph_argument(graph, 1), a.k - offset);
        left = lift_out(share, a.a, b.a, offset);
        right = a.b == GRAPH_NONE ? a.b : lift_out(share, a.b, b.b, offset);
        if (a.kind == TERM_OPERATION)
                return graph_operation(graph, a.code, left, right);
        return graph_comparison(graph, a.kind, left, right);
}

static int by_number(const void *one, const void *other)
{
        const struct pair *a = one, *b = other;

        return a->one < b->one ? -1 : a->one > b->one;
}

static uint32_t copy_switch(struct share *share, uint32_t number, uint32_t term)
{
        struct node node = share->graph->nodes[number];
        struct arm *arms = malloc(node.count * sizeof *arms);
        uint32_t made;

        if (!arms) {
                share->graph->failed = true;
                return 0;
        }
        for (uint32_t i = 0; i < node.count; i++)
                arms[i] = (struct arm){node.arms[i].from, share->made[node.arms[i].to]};
        made = graph_switch(share->graph, term, arms, node.count);
        free(arms);
        return made;
}

/* Makes the shared part. The pairs are those of a merge that worked; the first is the root's. */
static uint32_t make_part(struct share *share, uint32_t root_term, uint32_t offset)
{
        uint32_t root = share->pairs[0].one, part = 0;

        for (uint32_t i = 0; i < share->nodes; i++)
                share->made[i] = i;
        qsort(share->pairs, share->pair_count, sizeof *share->pairs, by_number);
        for (uint32_t i = 0; i < share->pair_count; i++) {
                const struct pair *pair = &share->pairs[i];
                uint32_t one = share->graph->nodes[pair->one].term;
                uint32_t other = share->graph->nodes[pair->other].term;
                uint32_t term = pair->one == root && root_term != GRAPH_NONE
                                    ? root_term
                                    : lift_out(share, one, other, offset);

                part = share->made[pair->one] = copy_switch(share, pair->one, term);
        }
        return part;
}

/* The graph with calls in the place of `one` and `other`. */
static uint32_t put_calls(struct share *share, struct pair at, struct pair calls)
{
        struct graph *graph = share->graph;

        for (uint32_t i = 0; i <= graph->root; i++) {
                const struct node *node = &graph->nodes[i];
                bool changed = false;

                share->made[i] = i == at.one ? calls.one : i == at.other ? calls.other : i;
                if (share->made[i] != i || !share->reached[i])
                        continue;
                for (uint32_t arm = 0; arm < node->count; arm++)
                        changed |= share->made[node->arms[arm].to] != node->arms[arm].to;
                if (changed && node->kind == NODE_CALL)
                        share->made[i] =
                            graph_call(graph, node->term, node->k, share->made[node->arms[0].to]);
                else if (changed)
                        share->made[i] = copy_switch(share, i, node->term);
        }
        return share->made[graph->root];
}

/* Comparisons are tested, but not computed. */
static bool is_value(const struct graph *graph, uint32_t term)
{
        return graph->terms[term].kind != TERM_EQUAL && graph->terms[term].kind != TERM_GREATER;
}

/* True if to compute `base` for the call makes no load that `term`, tested right behind it, does
 * not make anyway. */
static bool is_owed(const struct graph *graph, uint32_t term, uint32_t base)
{
        return base == GRAPH_NONE || graph->terms[base].kind == TERM_ARGUMENT ||
               graph_contains(graph, term, base, DEEPEST_TERM);
}

static bool is_wide(const struct graph *graph, uint32_t base, uint32_t offset)
{
        return (uint64_t)graph->terms[base].high + offset > INT32_MAX / 2;
}

/* True if an offset can be split between the base and the loads without a sum that wraps, so that
 * both are known for the same. */
static bool may_move(const struct share *share, uint32_t base, uint32_t offset)
{
        if (base == GRAPH_NONE)
                return true;
        if (share->graph->terms[base].kind == TERM_ARGUMENT)
                return offset == 0 || !share->wide;
        return !is_wide(share->graph, base, offset) || (offset == 0 && !share->moved);
}

static void note_move(struct share *share, uint32_t base, uint32_t offset)
{
        if (base == GRAPH_NONE)
                return;
        if (share->graph->terms[base].kind == TERM_ARGUMENT)
                share->moved |= offset > 0;
        else
                share->wide |= is_wide(share->graph, base, offset);
}

/* Merges the two. Returns the new root, or GRAPH_NONE if that cannot be, or is not worth it. */
static uint32_t merge_nodes(struct share *share, uint32_t one, uint32_t other)
{
        struct graph *graph = share->graph;
        uint32_t terms[2] = {graph->nodes[one].term, graph->nodes[other].term};
        uint32_t x[2], offsets[2], part, root_term = GRAPH_NONE;
        struct merge merge = {0}, with_root;
        struct pair calls;
        bool works = lay_behind(share, &merge, one, other) && merge.started;

        if (works) {
                with_root = merge;
                if (lay_terms(share, &with_root, terms[0], terms[1], DEEPEST_TERM))
                        merge = with_root;
                else if (is_value(graph, terms[0]) && is_value(graph, terms[1]))
                        root_term = graph_argument(graph, 0);
                else
                        works = false;
                for (int i = 0; i < 2; i++)
                        works &= is_owed(graph, terms[i], merge.base[i]);
                works = works && find_offsets(&merge, offsets) && merge.weight >= WORTH_IT;
                for (int i = 0; i < 2 && works; i++)
                        works = may_move(share, merge.base[i], offsets[i]);
        }
        if (!works) {
                forget_pairs(share);
                return GRAPH_NONE;
        }
        for (int i = 0; i < 2; i++) {
                note_move(share, merge.base[i], offsets[i]);
                x[i] = sum(graph, merge.base[i], offsets[i]);
                if (root_term == GRAPH_NONE)
                        terms[i] = GRAPH_NONE;
        }
        part = make_part(share, root_term, offsets[0]);
        forget_pairs(share);
        calls.one = graph_call(graph, terms[0], x[0], part);
        calls.other = graph_call(graph, terms[1], x[1], part);
        return graph->failed ? GRAPH_NONE : put_calls(share, (struct pair){one, other}, calls);
}

/* Finding */

struct member {
        uint64_t tail;
        uint32_t node;
};

static int by_tail(const void *one, const void *other)
{
        const struct member *a = one, *b = other;

        if (a->tail != b->tail)
                return a->tail < b->tail ? -1 : 1;
        return a->node < b->node ? 1 : a->node > b->node ? -1 : 0;
}

/* Tries the pairs of nodes that look alike until one is `wanted`. */
static uint32_t try_pairs(struct share *share, const struct member *members, uint32_t count,
                          const int *tries, bool (*wanted)(void *context, uint32_t root),
                          void *context)
{
        for (uint32_t i = 0; i<count && * tries> 0; i++)
                for (uint32_t j = i + 1; j < count && j <= i + MAX_MEMBERS &&
                                         members[j].tail == members[i].tail && *tries > 0;
                     j++) {
                        uint32_t root = merge_nodes(share, members[i].node, members[j].node);

                        if (share->graph->failed)
                                return GRAPH_NONE;
                        if (root != GRAPH_NONE && wanted(context, root))
                                return root;
                }
        return GRAPH_NONE;
}

static bool take_memory(struct share *share)
{
        size_t nodes = share->nodes, terms = share->graph->term_count;
        struct arena *arena = &share->arena;

        share->term_shapes = arena_take(arena, terms * sizeof *share->term_shapes);
        share->term_open = arena_take(arena, terms * sizeof *share->term_open);
        share->shapes = arena_take(arena, nodes * sizeof *share->shapes);
        share->tails = arena_take(arena, nodes * sizeof *share->tails);
        share->open = arena_take(arena, nodes * sizeof *share->open);
        share->reached = arena_take(arena, nodes * sizeof *share->reached);
        share->partner = arena_take(arena, nodes * sizeof *share->partner);
        share->made = arena_take(arena, nodes * sizeof *share->made);
        if (!share->term_shapes || !share->term_open || !share->shapes || !share->tails ||
            !share->open || !share->reached || !share->partner || !share->made)
                return false;
        memset(share->partner, 0xff, nodes * sizeof *share->partner);
        return true;
}

/* The switches whose tails others may have, too. */
static uint32_t find_members(struct share *share, struct member *members)
{
        uint32_t size = 64, count = 0;
        uint8_t *tails; /* switches by hash of the tail: 0, 1 or more */

        while (size < share->nodes * 4)
                size *= 2;
        tails = arena_take(&share->arena, size);
        if (!tails) {
                share->graph->failed = true;
                return 0;
        }
        for (uint32_t i = 0; i < share->nodes; i++)
                if (share->reached[i] && share->graph->nodes[i].kind == NODE_SWITCH &&
                    tails[share->tails[i] & (size - 1)] < 2)
                        tails[share->tails[i] & (size - 1)]++;
        for (uint32_t i = 0; i < share->nodes; i++)
                if (share->reached[i] && share->graph->nodes[i].kind == NODE_SWITCH &&
                    tails[share->tails[i] & (size - 1)] > 1)
                        members[count++] = (struct member){share->tails[i], i};
        return count;
}

uint32_t outlining(struct graph *graph, const int *tries,
                   bool (*wanted)(void *context, uint32_t root), void *context)
{
        struct share share = {
            .graph = graph, .nodes = graph->root + 1, .work = (size_t)graph->root * 4 + 1000};
        struct member *members = malloc(share.nodes * sizeof *members);
        uint32_t count = 0, root = GRAPH_NONE;

        if (!members || !take_memory(&share)) {
                graph->failed = true;
        } else {
                find_term_shapes(&share);
                find_shapes(&share);
                mark_reached(&share);
                count = find_members(&share, members);
                qsort(members, count, sizeof *members, by_tail);
                root = try_pairs(&share, members, count, tries, wanted, context);
        }
        free(members);
        free(share.pairs);
        arena_free(&share.arena);
        return root;
}

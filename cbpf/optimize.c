/* Making a graph smaller. Three passes take turns until nothing changes:
 *
 *   thread   carries down the graph what is known, leads every arm past the tests whose outcome is
 *            known, and drops arms that cannot be taken;
 *   flatten  makes one switch of switches of the same term that follow one another;
 *   gather   brings tests of the same term together where others stand between them.
 *
 * No pass copies a node, so no pass makes the graph larger. Each builds its result by
 * graph_switch() from the leaves up, so equal subgraphs become one on the way. */
#include "facts.h"

#include <stdlib.h>
#include <string.h>

enum {
        MOST_ROUNDS = 16,
        /* Steps past decided tests, for a node of the graph and in all. */
        STEPS_PER_NODE = 256,
        SPARE_STEPS = 1 << 20,
        /* Arms up to which each piece of a switch is followed by itself. */
        FEW_PIECES = 64,
        /* How many ways from a node are compared, and how far. */
        MOST_WAYS = 8,
        LONGEST_WAY = 64,
};

/* One arm's values, or a part of them. */
struct piece {
        uint32_t low, high;
        uint32_t to;
        uint32_t arm;
};

/* On how many ways from a node, the first ones, another node was met. */
struct visit {
        uint32_t from;
        uint32_t ways;
};

struct pass {
        struct graph *graph;
        struct knowledge knowledge;
        struct arena arena;
        uint32_t nodes; /* there were at the start */
        bool *reached;
        const struct facts **facts; /* by node */
        uint32_t *copy;             /* by node: what it becomes */
        struct node *changed;       /* by node: what it becomes, still with old targets */
        uint32_t *parents;          /* by node: how many nodes lead to it */
        uint32_t *parent_value; /* by node: what all parents test, but for masks, or GRAPH_NONE */
        uint32_t *next;         /* by node: what follows it in its chain, or GRAPH_NONE */
        bool *absorbed;         /* by node: it is in the chain of another */
        bool reuse;             /* GRAPH_REUSE */
        uint32_t *exit;         /* by node: the exit of the run it heads */
        size_t steps;           /* left for follow() */
        const bool *stops;      /* by node: where follow() stops; NULL: nowhere */
        struct visit *visits;   /* by node */
        uint32_t visit;         /* the number of the last node whose ways were compared */
        const struct facts *before; /* known at the node at hand */
        bool laziest;               /* GRAPH_LAZIEST */
        struct piece *pieces;       /* of the node at hand */
        uint32_t *order;
        uint32_t piece_count, piece_room;
};

static void *take(struct pass *pass, size_t size)
{
        void *memory = arena_take(&pass->arena, size);

        if (!memory)
                pass->graph->failed = true;
        return memory;
}

static void pass_start(struct pass *pass, struct graph *graph)
{
        uint32_t nodes = graph->node_count;

        *pass = (struct pass){.graph = graph, .nodes = nodes};
        pass->reached = take(pass, nodes * sizeof *pass->reached);
        pass->copy = take(pass, nodes * sizeof *pass->copy);
}

static void pass_end(struct pass *pass)
{
        free(pass->pieces);
        free(pass->order);
        arena_free(&pass->arena);
}

static const struct node *node_at(const struct pass *pass, uint32_t node)
{
        return &pass->graph->nodes[node];
}

/* thread: pieces of a switch */

static bool room_for_pieces(struct pass *pass, uint32_t count)
{
        struct piece *pieces;
        uint32_t *order;

        if (count <= pass->piece_room)
                return true;
        count = count * 2 + MOST_SPANS;
        pieces = realloc(pass->pieces, count * sizeof *pieces);
        pass->pieces = pieces ? pieces : pass->pieces;
        order = realloc(pass->order, count * sizeof *order);
        pass->order = order ? order : pass->order;
        if (!pieces || !order) {
                pass->graph->failed = true;
                return false;
        }
        pass->piece_room = count;
        return true;
}

static bool bits_allow(const struct set *set, uint32_t low, uint32_t high)
{
        return low != high || ((low ^ set->value) & set->known) == 0;
}

/* The values that the term can have, cut at the arms. */
static bool cut(struct pass *pass, const struct node *node, const struct set *set)
{
        pass->piece_count = 0;
        if (!room_for_pieces(pass, node->count + set->count))
                return false;
        for (uint32_t i = 0; i < set->count; i++) {
                const struct span *span = &set->spans[i];

                for (uint32_t arm = graph_arm(node, span->low);
                     arm < node->count && node->arms[arm].from <= span->high; arm++) {
                        uint32_t low = node->arms[arm].from, high = graph_arm_end(node, arm);

                        low = low > span->low ? low : span->low;
                        high = high < span->high ? high : span->high;
                        if (bits_allow(set, low, high))
                                pass->pieces[pass->piece_count++] =
                                    (struct piece){low, high, node->arms[arm].to, arm};
                }
        }
        return pass->piece_count > 0;
}

/* The outcome of a switch where `facts` hold, or GRAPH_NONE. */
static uint32_t outcome(const struct pass *pass, const struct facts *facts, const struct node *node)
{
        uint32_t result = GRAPH_NONE;
        struct set set;

        facts_ask(&pass->knowledge, facts, node->term, &set);
        for (uint32_t i = 0; i < set.count; i++) {
                uint32_t arm = graph_arm(node, set.spans[i].low);

                for (; arm < node->count && node->arms[arm].from <= set.spans[i].high; arm++) {
                        uint32_t from = node->arms[arm].from;
                        uint32_t low = from > set.spans[i].low ? from : set.spans[i].low;
                        uint32_t high = graph_arm_end(node, arm);

                        high = high < set.spans[i].high ? high : set.spans[i].high;
                        if (!bits_allow(&set, low, high) || node->arms[arm].to == result)
                                continue;
                        if (result != GRAPH_NONE)
                                return GRAPH_NONE;
                        result = node->arms[arm].to;
                }
        }
        return result;
}

/* Past all tests that `facts` decide, or up to the first that stays in the graph anyway and was not
 * decided before the arm at hand. */
static uint32_t follow(struct pass *pass, const struct facts *facts, uint32_t node)
{
        while (node_at(pass, node)->kind == NODE_SWITCH && pass->steps > 0) {
                if (pass->stops && pass->stops[node] &&
                    (pass->laziest ||
                     outcome(pass, pass->before, node_at(pass, node)) == GRAPH_NONE))
                        break;
                uint32_t next = outcome(pass, facts, node_at(pass, node));

                if (next == GRAPH_NONE)
                        break;
                node = next;
                pass->steps--;
        }
        return node;
}

static void arrive(struct pass *pass, const struct facts *facts, uint32_t node)
{
        if (node_at(pass, node)->kind != NODE_SWITCH)
                facts = NULL;
        pass->facts[node] =
            pass->reached[node] ? facts_join(&pass->knowledge, pass->facts[node], facts) : facts;
        pass->reached[node] = true;
}

static void send_on(struct pass *pass, const struct facts *facts, uint32_t term,
                    const uint32_t *order, uint32_t count);

/* The pieces lead to a switch of their own term, which together they do not decide. One by one they
 * may; a piece of several values only if all do, as else it gains nothing and costs a comparison.
 */
static void send_apart(struct pass *pass, const struct facts *facts, uint32_t term,
                       const uint32_t *order, uint32_t count, uint32_t to)
{
        uint32_t left = 0;

        for (int decided = 1; decided >= 0; decided--)
                for (uint32_t i = 0; i < count; i++) {
                        struct piece *piece = &pass->pieces[order[i]];
                        struct node node = *node_at(pass, to);
                        bool known = graph_arm(&node, piece->low) == graph_arm(&node, piece->high);

                        if (decided)
                                left += !known;
                        piece->to = to;
                        if (!decided && (left == 0 || piece->low == piece->high))
                                send_on(pass, facts, term, order + i, 1);
                        else if (!decided)
                                arrive(pass, facts, to);
                }
}

/* Sends `count` pieces, the ones in `order`, on to where they lead together. */
static void send_on(struct pass *pass, const struct facts *facts, uint32_t term,
                    const uint32_t *order, uint32_t count)
{
        struct set set = {0};
        uint32_t to;

        for (uint32_t i = 0; i < count; i++)
                set_append(&set, pass->pieces[order[i]].low, pass->pieces[order[i]].high);
        facts = facts_add(&pass->knowledge, facts, term, &set);
        to = follow(pass, facts, pass->pieces[order[0]].to);
        if (count > 1 && pass->piece_count <= FEW_PIECES &&
            node_at(pass, to)->kind == NODE_SWITCH && node_at(pass, to)->term == term) {
                send_apart(pass, facts, term, order, count, to);
                return;
        }
        for (uint32_t i = 0; i < count; i++)
                pass->pieces[order[i]].to = to;
        arrive(pass, facts, to);
}

struct sorting {
        uint32_t to, index;
};

static int by_target(const void *one, const void *other)
{
        const struct sorting *a = one, *b = other;

        if (a->to != b->to)
                return a->to < b->to ? -1 : 1;
        return a->index < b->index ? -1 : a->index > b->index;
}

/* Orders the pieces by target, those of a target by value. */
static bool sort_pieces(struct pass *pass)
{
        struct sorting few[FEW_PIECES], *sorting = few;

        if (pass->piece_count > FEW_PIECES)
                sorting = malloc(pass->piece_count * sizeof *sorting);
        if (!sorting) {
                pass->graph->failed = true;
                return false;
        }
        for (uint32_t i = 0; i < pass->piece_count; i++)
                sorting[i] = (struct sorting){pass->pieces[i].to, i};
        qsort(sorting, pass->piece_count, sizeof *sorting, by_target);
        for (uint32_t i = 0; i < pass->piece_count; i++)
                pass->order[i] = sorting[i].index;
        if (sorting != few)
                free(sorting);
        return true;
}

/* The pieces of the first target in `order`. */
static uint32_t count_group(const struct pass *pass, uint32_t start)
{
        uint32_t end = start;

        while (end < pass->piece_count &&
               pass->pieces[pass->order[end]].to == pass->pieces[pass->order[start]].to)
                end++;
        return end - start;
}

/* Walks on from the `way`th target as follow() does, and notes what all ways so far have met.
 * Returns the first node that this one has in common with them, or GRAPH_NONE. */
static uint32_t walk_way(struct pass *pass, const struct facts *facts, uint32_t node, uint32_t way)
{
        uint32_t common = GRAPH_NONE;

        for (int step = 0; step < LONGEST_WAY; step++) {
                struct visit *visit = &pass->visits[node];

                if (visit->from != pass->visit)
                        *visit = (struct visit){pass->visit, 0};
                if (visit->ways == way) {
                        visit->ways++;
                        if (common == GRAPH_NONE)
                                common = node;
                }
                if (node_at(pass, node)->kind != NODE_SWITCH)
                        break;
                node = outcome(pass, facts, node_at(pass, node));
                if (node == GRAPH_NONE)
                        break;
        }
        return common;
}

/* Where all ways meet again whatever the switch says, or GRAPH_NONE. Then nothing depends on it. */
static uint32_t meeting(struct pass *pass, const struct facts *facts, uint32_t term)
{
        uint32_t common = GRAPH_NONE, way = 0;

        pass->visit++;
        for (uint32_t start = 0, count; start < pass->piece_count; start += count, way++) {
                struct set set = {0};
                const struct facts *known;

                count = count_group(pass, start);
                if (way == MOST_WAYS)
                        return GRAPH_NONE;
                for (uint32_t i = start; i < start + count; i++)
                        set_append(&set, pass->pieces[pass->order[i]].low,
                                   pass->pieces[pass->order[i]].high);
                known = facts_add(&pass->knowledge, facts, term, &set);
                common = walk_way(pass, known, pass->pieces[pass->order[start]].to, way);
                if (common == GRAPH_NONE)
                        return GRAPH_NONE;
        }
        return common;
}

static void send_pieces(struct pass *pass, const struct facts *facts, uint32_t term)
{
        uint32_t count;

        for (uint32_t start = 0; start < pass->piece_count; start += count) {
                count = count_group(pass, start);
                send_on(pass, facts, term, pass->order + start, count);
        }
}

/* thread: the switch that the pieces make. Values between pieces do not occur, so a boundary may
 * lie anywhere there. */

/* If each arm is still taken, and as a whole, its old boundaries are as good, and more likely the
 * same as another node's. */
static bool keeps_arms(const struct pass *pass, const struct node *node)
{
        uint32_t arm = 0;

        for (uint32_t i = 0; i < pass->piece_count; i++) {
                const struct piece *piece = &pass->pieces[i];

                if (i > 0 && piece->arm == piece[-1].arm) {
                        if (piece->to != piece[-1].to)
                                return false;
                } else if (piece->arm != arm++) {
                        return false;
                }
        }
        return arm == node->count;
}

static void join_pieces(struct pass *pass)
{
        uint32_t kept = 0;

        for (uint32_t i = 0; i < pass->piece_count; i++)
                if (kept > 0 && pass->pieces[kept - 1].to == pass->pieces[i].to)
                        pass->pieces[kept - 1].high = pass->pieces[i].high;
                else
                        pass->pieces[kept++] = pass->pieces[i];
        pass->piece_count = kept;
}

static bool is_single(const struct piece *piece)
{
        return piece->low == piece->high;
}

/* A piece of one value stays one, as it can then be asked for by a single test. */
static uint32_t boundary(const struct piece *piece, const struct piece *next)
{
        return is_single(piece) && !is_single(next) ? piece->high + 1 : next->low;
}

static void change(struct pass *pass, struct node *changed)
{
        struct arm *arms;
        bool same = keeps_arms(pass, changed);
        uint32_t count = 0;

        if (!same)
                join_pieces(pass);
        arms = take(pass, pass->piece_count * sizeof *arms);
        if (!arms)
                return;
        for (uint32_t i = 0; i < pass->piece_count; i++) {
                const struct piece *piece = &pass->pieces[i];

                if (same && i > 0 && piece->arm == piece[-1].arm)
                        continue;
                arms[count].to = piece->to;
                arms[count].from = same    ? changed->arms[piece->arm].from
                                   : i > 0 ? boundary(piece - 1, piece)
                                           : 0;
                count++;
        }
        changed->arms = arms;
        changed->count = count;
}

/* The switch gives way to one of the nodes behind it. */
static void skip(struct pass *pass, struct node *changed, const struct facts *facts, uint32_t to)
{
        struct arm *arm = take(pass, sizeof *arm);

        if (!arm)
                return;
        *arm = (struct arm){0, to};
        changed->arms = arm;
        changed->count = 1;
        arrive(pass, facts, to);
}

static void thread_node(struct pass *pass, uint32_t number)
{
        struct node *changed = &pass->changed[number];
        const struct facts *facts = pass->facts[number];
        struct set set;
        uint32_t common;

        *changed = *node_at(pass, number);
        if (changed->kind != NODE_SWITCH)
                return;
        facts_ask(&pass->knowledge, facts, changed->term, &set);
        if (!cut(pass, changed, &set)) {
                skip(pass, changed, facts, changed->arms[0].to); /* nothing gets here */
                return;
        }
        if (!sort_pieces(pass))
                return;
        common = meeting(pass, facts, changed->term);
        if (common != GRAPH_NONE) {
                skip(pass, changed, facts, common);
                return;
        }
        pass->before = facts;
        send_pieces(pass, facts, changed->term);
        change(pass, changed);
}

/* Rebuilding */

static uint32_t rebuild_node(struct pass *pass, const struct node *node)
{
        struct arm few[FEW_PIECES], *arms = few;
        uint32_t copy;

        if (node->kind == NODE_RETURN)
                return graph_return(pass->graph, node->k);
        if (node->kind == NODE_RETURN_TERM)
                return graph_return_term(pass->graph, node->term);
        if (node->count > FEW_PIECES)
                arms = take(pass, node->count * sizeof *arms);
        if (!arms)
                return 0;
        for (uint32_t i = 0; i < node->count; i++)
                arms[i] = (struct arm){node->arms[i].from, pass->copy[node->arms[i].to]};
        copy = graph_switch(pass->graph, node->term, arms, node->count);
        return copy;
}

/* Goes down the graph; `changed` and `reached` then tell what it becomes. */
static void thread_down(struct pass *pass, const bool *stops, bool laziest)
{
        struct graph *graph = pass->graph;

        pass_start(pass, graph);
        pass->stops = stops;
        pass->laziest = laziest;
        pass->facts = take(pass, pass->nodes * sizeof *pass->facts);
        pass->changed = take(pass, pass->nodes * sizeof *pass->changed);
        pass->visits = take(pass, pass->nodes * sizeof *pass->visits);
        pass->steps = (size_t)pass->nodes * STEPS_PER_NODE + SPARE_STEPS;
        if (graph->failed || knowledge_start(&pass->knowledge, graph) < 0)
                return;
        arrive(pass, NULL, graph->root);
        for (uint32_t i = graph->root + 1; i-- > 0 && !graph->failed;)
                if (pass->reached[i])
                        thread_node(pass, i);
}

static void thread_end(struct pass *pass)
{
        knowledge_end(&pass->knowledge);
        pass_end(pass);
}

/* To lead an arm past a test that others still need makes paths shorter, but not the graph, and can
 * hide that two arms lead to the same place. So at first, if
 * lazy, arms stop where only their own values decide; if laziest, at the first such test. */
static void thread(struct graph *graph, unsigned how)
{
        struct pass eager = {.graph = graph}, pass = {.graph = graph};

        if (how & (GRAPH_LAZY | GRAPH_LAZIEST)) {
                thread_down(&eager, NULL, false);
                for (uint32_t i = 0; i < eager.nodes && !graph->failed; i++)
                        eager.reached[i] &= eager.changed[i].count != 1; /* not if it vanishes */
        }
        if (!graph->failed)
                thread_down(&pass, eager.reached, how & GRAPH_LAZIEST);
        for (uint32_t i = 0; i < pass.nodes && !graph->failed; i++)
                if (pass.reached[i]) {
                        struct node node = pass.changed[i];

                        pass.copy[i] = rebuild_node(&pass, &node);
                }
        if (!graph->failed)
                graph->root = pass.copy[graph->root];
        thread_end(&pass);
        thread_end(&eager);
}

/* Chains: what flatten and gather have in common. */

/* The value that a term is a masked part of: who holds it in the accumulator need not load it. */
static uint32_t unmasked(const struct graph *graph, uint32_t term)
{
        const struct term *content = &graph->terms[term];

        if (content->kind == TERM_OPERATION && content->code == BPF_AND &&
            graph_is_constant(graph, content->b))
                return content->a;
        return term;
}

static void note_parent(struct pass *pass, uint32_t node, uint32_t term)
{
        uint32_t value = unmasked(pass->graph, term);

        if (pass->parents[node]++ == 0)
                pass->parent_value[node] = value;
        else if (pass->parent_value[node] != value)
                pass->parent_value[node] = GRAPH_NONE;
}

static void count_parents(struct pass *pass)
{
        uint32_t *last = take(pass, pass->nodes * sizeof *last); /* parent counted, + 1 */

        pass->parents = take(pass, pass->nodes * sizeof *pass->parents);
        pass->parent_value = take(pass, pass->nodes * sizeof *pass->parent_value);
        pass->next = take(pass, pass->nodes * sizeof *pass->next);
        pass->absorbed = take(pass, pass->nodes * sizeof *pass->absorbed);
        if (pass->graph->failed)
                return;
        memset(pass->next, 0xff, pass->nodes * sizeof *pass->next);
        pass->reached[pass->graph->root] = true;
        for (uint32_t i = pass->graph->root + 1; i-- > 0;) {
                const struct node *node = node_at(pass, i);

                for (uint32_t arm = 0; pass->reached[i] && arm < node->count; arm++) {
                        uint32_t to = node->arms[arm].to;

                        pass->reached[to] = true;
                        if (last[to] != i + 1)
                                note_parent(pass, to, node->term);
                        last[to] = i + 1;
                }
        }
}

/* A set of values given as arms to one target, and what a switch has for them first. */
struct claim {
        uint32_t low, high;
        uint32_t to;
        uint32_t priority; /* of two claims of a value the lower holds */
};

static int by_low(const void *one, const void *other)
{
        const struct claim *a = one, *b = other;

        return a->low < b->low ? -1 : a->low > b->low;
}

/* A heap of claims, that of the lowest priority number first. */
static void heap_up(struct claim *heap, uint32_t at)
{
        while (at > 0 && heap[at].priority < heap[(at - 1) / 2].priority) {
                struct claim swapped = heap[at];

                heap[at] = heap[(at - 1) / 2];
                heap[(at - 1) / 2] = swapped;
                at = (at - 1) / 2;
        }
}

static void heap_pop(struct claim *heap, uint32_t *count)
{
        uint32_t at = 0, least;

        heap[0] = heap[--*count];
        for (;; at = least) {
                struct claim swapped = heap[at];

                least = at;
                for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < *count; child++)
                        if (heap[child].priority < heap[least].priority)
                                least = child;
                if (least == at)
                        return;
                heap[at] = heap[least];
                heap[least] = swapped;
        }
}

/* The arms in which each value goes where the first claim to it says; every value has a claim.
 * `arms` has room for two a claim. */
static uint32_t settle(struct claim *claims, uint32_t count, struct claim *heap, struct arm *arms)
{
        uint32_t active = 0, arm_count = 0, next = 0;
        uint64_t at = 0;

        qsort(claims, count, sizeof *claims, by_low);
        while (at <= UINT32_MAX) {
                uint64_t end;

                for (; next < count && claims[next].low <= at; next++) {
                        heap[active] = claims[next];
                        heap_up(heap, active++);
                }
                while (active > 0 && heap[0].high < at)
                        heap_pop(heap, &active);
                if (active == 0)
                        break; /* not with a claim for every value */
                if (arm_count == 0 || arms[arm_count - 1].to != heap[0].to)
                        arms[arm_count++] = (struct arm){(uint32_t)at, heap[0].to};
                end = (uint64_t)heap[0].high + 1;
                at = next < count && claims[next].low < end ? claims[next].low : end;
        }
        return arm_count;
}

struct claims {
        struct claim *items;
        uint32_t count;
};

static void claim(struct claims *claims, const struct node *node, uint32_t arm, uint32_t to,
                  uint32_t priority)
{
        claims->items[claims->count++] =
            (struct claim){node->arms[arm].from, graph_arm_end(node, arm), to, priority};
}

static uint32_t switch_of_claims(struct pass *pass, uint32_t term, struct claims *claims)
{
        struct claim *heap = malloc((claims->count + (size_t)1) * sizeof *heap);
        struct arm *arms = malloc((claims->count * (size_t)2 + 1) * sizeof *arms);
        uint32_t node = 0;

        if (heap && arms)
                node = graph_switch(pass->graph, term, arms,
                                    settle(claims->items, claims->count, heap, arms));
        else
                pass->graph->failed = true;
        free(heap);
        free(arms);
        return node;
}

/* flatten */

/* A switch of the same term that only `node` leads to. */
static uint32_t same_term_below(const struct pass *pass, const struct node *node)
{
        for (uint32_t i = 0; i < node->count; i++) {
                uint32_t to = node->arms[i].to;
                const struct node *below = node_at(pass, to);

                if (below->kind == NODE_SWITCH && below->term == node->term &&
                    pass->parents[to] == 1)
                        return to;
        }
        return GRAPH_NONE;
}

static uint32_t flat_switch(struct pass *pass, uint32_t head)
{
        struct claims claims = {0};
        uint32_t term = node_at(pass, head)->term, priority = 0, node, room = 0;

        for (uint32_t i = head; i != GRAPH_NONE; i = pass->next[i])
                room += node_at(pass, i)->count;
        claims.items = malloc(room * sizeof *claims.items);
        if (!claims.items) {
                pass->graph->failed = true;
                return 0;
        }
        for (uint32_t i = head; i != GRAPH_NONE; i = pass->next[i], priority++) {
                const struct node *link = node_at(pass, i);

                for (uint32_t arm = 0; arm < link->count; arm++)
                        if (link->arms[arm].to != pass->next[i])
                                claim(&claims, link, arm, pass->copy[link->arms[arm].to], priority);
        }
        node = switch_of_claims(pass, term, &claims);
        free(claims.items);
        return node;
}

static void rebuild_chains(struct pass *pass, uint32_t (*rebuild)(struct pass *, uint32_t))
{
        struct graph *graph = pass->graph;
        uint32_t root = graph->root;

        for (uint32_t i = 0; i <= root && !graph->failed; i++) {
                struct node node = *node_at(pass, i);

                if (!pass->reached[i] || pass->absorbed[i])
                        continue;
                pass->copy[i] =
                    pass->next[i] == GRAPH_NONE ? rebuild_node(pass, &node) : rebuild(pass, i);
        }
        if (!graph->failed)
                graph->root = pass->copy[root];
}

static void flatten(struct graph *graph)
{
        struct pass pass;

        pass_start(&pass, graph);
        count_parents(&pass);
        for (uint32_t i = graph->root + 1; i-- > 0 && !graph->failed;) {
                uint32_t below;

                if (!pass.reached[i] || node_at(&pass, i)->kind != NODE_SWITCH)
                        continue;
                below = same_term_below(&pass, node_at(&pass, i));
                pass.next[i] = below;
                if (below != GRAPH_NONE)
                        pass.absorbed[below] = true;
        }
        if (!graph->failed)
                rebuild_chains(&pass, flat_switch);
        pass_end(&pass);
}

/* gather: in a run of switches each leads either to one common exit or on to the next. Whatever the
 * order of asking, the exit is taken if any of them takes it. A test moves up to the first of the
 * same term, where its loads were made already, so no packet is asked for more bytes. */

/* True if an arm leads to `exit`; or past it, to where it would lead on these values. Then it may
 * as well lead to `exit`: the test there loads nothing that was not loaded for this one. */
static bool leads_to(const struct pass *pass, const struct node *node, uint32_t arm, uint32_t exit)
{
        const struct node *passed = node_at(pass, exit);
        uint32_t first, last;

        if (node->arms[arm].to == exit)
                return true;
        if (passed->kind != NODE_SWITCH || passed->term != node->term)
                return false;
        first = graph_arm(passed, node->arms[arm].from);
        last = graph_arm(passed, graph_arm_end(node, arm));
        return first == last && passed->arms[first].to == node->arms[arm].to;
}

/* True if all arms lead to `exit` or to one other node, which is put in `*on`. */
static bool leads_on(const struct pass *pass, uint32_t number, uint32_t exit, uint32_t *on)
{
        const struct node *node = node_at(pass, number);
        bool exits = false;

        *on = GRAPH_NONE;
        for (uint32_t i = 0; i < node->count; i++) {
                if (leads_to(pass, node, i, exit))
                        exits = true;
                else if (*on == GRAPH_NONE)
                        *on = node->arms[i].to;
                else if (*on != node->arms[i].to)
                        return false;
        }
        return exits && *on != GRAPH_NONE;
}

static bool is_link(const struct pass *pass, uint32_t number, uint32_t exit, uint32_t *on)
{
        return node_at(pass, number)->kind == NODE_SWITCH && pass->parents[number] == 1 &&
               leads_on(pass, number, exit, on);
}

/* True if a link had better come first: its value was tested just before the run. */
static bool comes_first(const struct pass *pass, uint32_t head, uint32_t link)
{
        uint32_t value = pass->parent_value[head];

        return pass->reuse && pass->parents[head] > 0 && value != GRAPH_NONE &&
               unmasked(pass->graph, node_at(pass, link)->term) == value;
}

/* Links the run from `head`; true if that is of use: if a value occurs in it twice but apart, or
 * one comes first that does not stand first. `seen` tells by value the last head that had it, + 1.
 */
static bool link_run(struct pass *pass, uint32_t head, uint32_t exit, uint32_t *seen)
{
        uint32_t at = head, on, beyond, before;
        bool useful = false;

        leads_on(pass, head, exit, &on);
        before = node_at(pass, head)->term;
        seen[unmasked(pass->graph, before)] = head + 1;
        while (is_link(pass, on, exit, &beyond)) {
                uint32_t term = node_at(pass, on)->term;
                uint32_t value = unmasked(pass->graph, term);

                useful |= seen[value] == head + 1 &&
                          (unmasked(pass->graph, before) != value || term == value);
                useful |= comes_first(pass, head, on) && !comes_first(pass, head, head);
                seen[value] = head + 1;
                before = term;
                pass->next[at] = on;
                at = on;
                on = beyond;
        }
        return useful;
}

static void cut_run(struct pass *pass, uint32_t head, bool absorb)
{
        for (uint32_t i = head, next; i != GRAPH_NONE; i = next) {
                next = pass->next[i];
                if (i != head)
                        pass->absorbed[i] = absorb;
                if (!absorb)
                        pass->next[i] = GRAPH_NONE;
        }
}

/* A run needs a first link behind the head. Its exit is where the head leads otherwise; or one of
 * the link's targets, if the head leads past that. */
static bool find_exit(const struct pass *pass, uint32_t head, uint32_t *exit)
{
        const struct node *node = node_at(pass, head);
        uint32_t on, beyond;

        for (uint32_t i = 0; i < node->count && i < 3; i++) {
                const struct node *link = node_at(pass, node->arms[i].to);

                *exit = node->arms[i].to;
                if (leads_on(pass, head, *exit, &on) && is_link(pass, on, *exit, &beyond))
                        return true;
                if (link->kind != NODE_SWITCH || pass->parents[node->arms[i].to] != 1)
                        continue;
                for (uint32_t arm = 0; arm < link->count && arm < 3; arm++) {
                        *exit = link->arms[arm].to;
                        if (leads_on(pass, head, *exit, &on) && on == node->arms[i].to &&
                            is_link(pass, on, *exit, &beyond))
                                return true;
                }
        }
        return false;
}

static void find_run(struct pass *pass, uint32_t head, uint32_t *seen)
{
        uint32_t exit;

        if (!find_exit(pass, head, &exit))
                return;
        pass->exit[head] = exit;
        cut_run(pass, head, link_run(pass, head, exit, seen));
}

/* A node of a run, in the order in which the new nodes stand. */
struct link {
        uint32_t node;
        uint32_t place; /* of the first node with its value */
        uint32_t mask;  /* the term, if it is a masked value: those come after the value itself */
        uint32_t index;
};

static int by_place(const void *one, const void *other)
{
        const struct link *a = one, *b = other;

        if (a->place != b->place)
                return a->place < b->place ? -1 : 1;
        if (a->mask != b->mask)
                return a->mask < b->mask ? -1 : 1;
        return a->index < b->index ? -1 : a->index > b->index;
}

/* One switch for the links of one term. */
static uint32_t switch_of_links(struct pass *pass, const struct link *links, uint32_t count,
                                uint32_t exit, uint32_t on)
{
        struct claims claims = {0};
        uint32_t term = node_at(pass, links[0].node)->term, room = 1, node;

        for (uint32_t i = 0; i < count; i++)
                room += node_at(pass, links[i].node)->count;
        claims.items = malloc(room * sizeof *claims.items);
        if (!claims.items) {
                pass->graph->failed = true;
                return 0;
        }
        for (uint32_t i = 0; i < count; i++) {
                const struct node *link = node_at(pass, links[i].node);

                for (uint32_t arm = 0; arm < link->count; arm++)
                        if (leads_to(pass, link, arm, exit))
                                claim(&claims, link, arm, pass->copy[exit], 0);
        }
        claims.items[claims.count++] = (struct claim){0, UINT32_MAX, on, 1};
        node = switch_of_claims(pass, term, &claims);
        free(claims.items);
        return node;
}

static uint32_t build_run(struct pass *pass, struct link *links, uint32_t count, uint32_t exit,
                          uint32_t on)
{
        uint32_t node = pass->copy[on];

        qsort(links, count, sizeof *links, by_place);
        for (uint32_t end = count, start; end > 0; end = start) {
                for (start = end - 1; start > 0 && links[start - 1].place == links[end - 1].place &&
                                      links[start - 1].mask == links[end - 1].mask;)
                        start--;
                node = switch_of_links(pass, links + start, end - start, exit, node);
        }
        return node;
}

static uint32_t gathered_switch(struct pass *pass, uint32_t head)
{
        uint32_t count = 0, nodes = pass->nodes, exit = pass->exit[head], on = GRAPH_NONE;
        struct link *links;

        for (uint32_t i = head; i != GRAPH_NONE; i = pass->next[i])
                count++;
        links = take(pass, count * sizeof *links);
        if (!links)
                return 0;
        count = 0;
        for (uint32_t i = head; i != GRAPH_NONE; i = pass->next[i], count++) {
                uint32_t term = node_at(pass, i)->term;
                uint32_t value = unmasked(pass->graph, term);

                /* `order` holds by value the place of the first link, + 1. */
                if (pass->order[value] == 0)
                        pass->order[value] = count + 1;
                links[count] =
                    (struct link){i, pass->order[value], term == value ? 0 : term + 1, count};
                if (!comes_first(pass, head, i))
                        links[count].place += nodes;
                leads_on(pass, i, exit, &on);
        }
        for (uint32_t i = 0; i < count; i++)
                pass->order[unmasked(pass->graph, node_at(pass, links[i].node)->term)] = 0;
        return build_run(pass, links, count, exit, on);
}

static void gather(struct graph *graph, bool reuse)
{
        struct pass pass;
        uint32_t *seen;

        pass_start(&pass, graph);
        count_parents(&pass);
        pass.order = calloc(graph->term_count + (size_t)1, sizeof *pass.order);
        pass.reuse = reuse;
        pass.exit = take(&pass, pass.nodes * sizeof *pass.exit);
        seen = take(&pass, graph->term_count * sizeof *seen);
        if (!pass.order)
                graph->failed = true;
        for (uint32_t i = graph->root + 1; i-- > 0 && !graph->failed;)
                if (pass.reached[i] && !pass.absorbed[i] && node_at(&pass, i)->kind == NODE_SWITCH)
                        find_run(&pass, i, seen);
        if (!graph->failed)
                rebuild_chains(&pass, gathered_switch);
        pass_end(&pass);
}

int graph_optimize(struct graph *graph, unsigned how)
{
        uint32_t before = GRAPH_NONE;

        for (int round = 0; round < MOST_ROUNDS && before != graph->root && !graph->failed;
             round++) {
                before = graph->root;
                thread(graph, how);
                if (!graph->failed)
                        flatten(graph);
                if (!graph->failed)
                        gather(graph, how & GRAPH_REUSE);
        }
        return graph->failed ? -1 : 0;
}

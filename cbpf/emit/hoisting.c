/* Values in X, early or kept: several places load the same computed value into X, each by itself
 * (the length of a radio header, say). Computing it once where all of them pass, or writing it to
 * scratch memory, can make the program shorter; whether it does is found by trying.
 *
 * To compute a value earlier adds its loads to the paths from there on. That is right where every
 * path that accepts makes them anyway: a failing load rejects, sooner or later. */
#include "emit.h"

#include <stdlib.h>
#include <string.h>

enum {
        MAX_ROUNDS = 6,
        MAX_CLIMBS = 8,
        DEEPEST_TERM = 32,
};

struct early {
        struct graph *graph;
        struct arena arena;
        uint32_t *dominator; /* by node: the nearest on all paths from the root; its own for that */
        uint32_t *term;      /* by node: style.early */
        bool *sure;          /* by node: every accepting path from here makes the loads at hand */
        struct style style;
        struct bpf_program *best;
        struct uses uses; /* of the best */
};

/* The loads of a term: bytes of the packet up to `end`; or `unknown` ones as well. */
struct reach {
        uint64_t end;
        bool unknown;
        bool divides; /* by what may be 0 */
};

static void find_reach(const struct graph *graph, uint32_t term, int depth, struct reach *reach)
{
        const struct term *content = &graph->terms[term];

        if (depth == 0) {
                reach->unknown = true;
                return;
        }
        if (content->kind == TERM_LOAD) {
                uint64_t size = graph_load_size(content);

                if (content->a != GRAPH_NONE || content->k > INT32_MAX)
                        reach->unknown = true;
                else if (content->k + size > reach->end)
                        reach->end = content->k + size;
        } else if (content->kind >= TERM_OPERATION) {
                reach->divides |= content->kind == TERM_OPERATION &&
                                  (content->code == BPF_DIV || content->code == BPF_MOD) &&
                                  graph->terms[content->b].low == 0;
                find_reach(graph, content->a, depth - 1, reach);
                if (content->b != GRAPH_NONE)
                        find_reach(graph, content->b, depth - 1, reach);
        }
}

/* True if who passes the node has made the loads of `term`. */
static bool covers(const struct graph *graph, uint32_t node, uint32_t term,
                   const struct reach *wanted)
{
        const struct node *content = &graph->nodes[node];
        struct reach reach = {0};

        if (content->kind == NODE_RETURN || content->kind == NODE_CALL)
                return false;
        find_reach(graph, content->term, DEEPEST_TERM, &reach);
        return (!wanted->unknown && reach.end >= wanted->end) ||
               graph_contains(graph, content->term, term, DEEPEST_TERM);
}

/* Fills `sure`. */
static void look_ahead(struct early *early, uint32_t term, const struct reach *wanted)
{
        const struct graph *graph = early->graph;

        for (uint32_t i = 0; i <= graph->root; i++) {
                const struct node *node = &graph->nodes[i];
                bool sure = true;

                for (uint32_t arm = 0; arm < node->count && sure; arm++)
                        sure = early->sure[node->arms[arm].to];
                if (node->kind == NODE_RETURN || node->kind == NODE_RETURN_TERM)
                        sure = node->kind == NODE_RETURN && node->k == 0;
                early->sure[i] = sure || covers(graph, i, term, wanted);
        }
}

static bool may_compute(const struct early *early, uint32_t node, uint32_t term,
                        const struct reach *wanted)
{
        if (early->sure[node])
                return true;
        for (; node != early->graph->root; node = early->dominator[node])
                if (covers(early->graph, early->dominator[node], term, wanted))
                        return true;
        return false;
}

static uint32_t common_dominator(const struct early *early, uint32_t one, uint32_t other)
{
        while (one != other)
                if (one < other)
                        one = early->dominator[one];
                else
                        other = early->dominator[other];
        return one;
}

/* Numbers descend along paths, so each node is met after all that lead to it. (Cooper, Harvey and
 * Kennedy, "A Simple, Fast Dominance Algorithm", 2001) */
static void find_dominators(struct early *early)
{
        const struct graph *graph = early->graph;

        memset(early->dominator, 0xff, graph->node_count * sizeof *early->dominator);
        early->dominator[graph->root] = graph->root;
        for (uint32_t i = graph->root + 1; i-- > 0;) {
                const struct node *node = &graph->nodes[i];

                if (early->dominator[i] == GRAPH_NONE)
                        continue;
                for (uint32_t arm = 0; arm < node->count; arm++) {
                        uint32_t *dominator = &early->dominator[node->arms[arm].to];

                        *dominator =
                            *dominator == GRAPH_NONE ? i : common_dominator(early, *dominator, i);
                }
        }
}

static bool is_switch_of_term(const struct early *early, uint32_t node, uint32_t term)
{
        struct wanted wanted;

        if (early->graph->nodes[node].kind != NODE_SWITCH || early->term[node] != GRAPH_NONE)
                return false;
        code_wanted(early->graph, &early->graph->nodes[node], &wanted);
        return wanted.x == GRAPH_NONE && wanted.a != term;
}

/* The last place that all uses of the term pass and where it may be computed, or GRAPH_NONE. */
static uint32_t find_place(struct early *early, uint32_t term)
{
        struct reach wanted = {0};
        uint32_t node = GRAPH_NONE;

        find_reach(early->graph, term, DEEPEST_TERM, &wanted);
        if (wanted.divides)
                return GRAPH_NONE;
        for (uint32_t i = 0; i < early->uses.count; i++) {
                const struct use *use = &early->uses.uses[i];

                /* Nodes that the emitter made itself have no dominator here. */
                if (use->term != term || use->node > early->graph->root ||
                    early->dominator[use->node] == GRAPH_NONE)
                        continue;
                node = node == GRAPH_NONE ? use->node : common_dominator(early, node, use->node);
        }
        if (node == GRAPH_NONE)
                return GRAPH_NONE;
        look_ahead(early, term, &wanted);
        for (int climbs = 0; climbs < MAX_CLIMBS; climbs++) {
                if (!may_compute(early, node, term, &wanted))
                        return GRAPH_NONE;
                if (is_switch_of_term(early, node, term))
                        return node;
                if (node == early->graph->root)
                        return GRAPH_NONE;
                node = early->dominator[node];
        }
        return GRAPH_NONE;
}

/* Emits in the style as it is now. Returns 1 if the program is the best so far, 0 if not, -1 if
 * memory is short. */
static int try_style(struct early *early)
{
        struct bpf_program program;
        struct uses uses;
        int failure = emit_program(early->graph, &early->style, &program, &uses);

        if (failure)
                return failure < 0 ? -1 : 0;
        if (program.bf_len >= early->best->bf_len) {
                cbpf_program_free(&program);
                return 0;
        }
        cbpf_program_free(early->best);
        *early->best = program;
        early->uses = uses;
        return 1;
}

static int try_term(struct early *early, uint32_t term)
{
        struct slots *slots = &early->style.slots;
        uint32_t place = find_place(early, term);
        bool may_keep = slots->count < BPF_MEMWORDS / 2;
        int better = 0;

        if (graph_contains(early->graph, term, graph_argument(early->graph, 1), DEEPEST_TERM))
                return 0; /* its value changes with each call */
        for (uint32_t i = 0; i < slots->count; i++)
                may_keep &= slots->terms[i] != term;
        if (place != GRAPH_NONE) {
                early->term[place] = term;
                better = try_style(early);
        }
        if (better == 0 && may_keep) {
                slots->terms[slots->count++] = term;
                better = try_style(early);
                if (better == 0 && place != GRAPH_NONE) {
                        early->term[place] = GRAPH_NONE;
                        better = try_style(early);
                }
                if (better == 0)
                        slots->count--;
        }
        if (better == 0 && place != GRAPH_NONE)
                early->term[place] = GRAPH_NONE;
        return better;
}

/* True if it is used before number `index` too, or nowhere else. */
static bool is_repeated(const struct uses *uses, uint32_t index)
{
        uint32_t count = 0;

        for (uint32_t i = 0; i < uses->count; i++) {
                if (uses->uses[i].term != uses->uses[index].term)
                        continue;
                if (i < index)
                        return true;
                count++;
        }
        return count < 2;
}

static int try_all(struct early *early)
{
        int better = 1;

        for (int round = 0; round < MAX_ROUNDS && better > 0; round++) {
                struct uses uses = early->uses;

                better = 0;
                for (uint32_t i = 0; i < uses.count && better == 0; i++)
                        if (!is_repeated(&uses, i))
                                better = try_term(early, uses.uses[i].term);
        }
        return better < 0 ? -1 : 0;
}

int emit_early(struct graph *graph, const struct style *style, struct bpf_program *program,
               const struct uses *uses)
{
        uint32_t nodes = graph->node_count;
        struct early early = {.graph = graph, .style = *style, .best = program, .uses = *uses};
        int failure = -1;

        early.dominator = arena_take(&early.arena, nodes * sizeof *early.dominator);
        early.term = arena_take(&early.arena, nodes * sizeof *early.term);
        early.sure = arena_take(&early.arena, nodes * sizeof *early.sure);
        if (early.dominator && early.term && early.sure) {
                memset(early.term, 0xff, nodes * sizeof *early.term);
                early.style.early = early.term;
                find_dominators(&early);
                failure = try_all(&early);
        }
        arena_free(&early.arena);
        return failure;
}

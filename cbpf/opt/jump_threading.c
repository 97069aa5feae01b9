/* Jump threading: carries the abstract state down the graph, leads every arm past the tests whose
 * outcome it decides, and drops arms that cannot be taken and switches that decide nothing. */
#include "base/array.h"
#include "rewrite.h"
#include "value_range.h"

#include <stdlib.h>
#include <string.h>

enum {
        /* Decided tests to step past, per node of the graph and in all. */
        STEPS_PER_NODE = 256,
        SPARE_STEPS = 1 << 20,
        /* Pieces of a switch up to which each is threaded by itself. */
        MAX_PIECES_APART = 64,
        /* How many paths from a node are compared, and how far. */
        MAX_PATHS = 8,
        MAX_PATH_STEPS = 64,
        MAX_VISITS = 1024, /* a power of two, more than all these steps */
        /* How far only_end() looks ahead. */
        MAX_NODES_AHEAD = 24,
        MAX_ARMS_AHEAD = 8,
        /* Terms visited to find whether a load is made anyway. */
        MAX_TERMS_COVERED = 64,
};

/* One arm's values, or a part of them. */
struct piece {
        uint32_t low, high;
        uint32_t to;
        uint32_t arm;
};

/* How many of the first paths from a node have met another node. */
struct visit {
        uint32_t from, node;
        uint32_t paths;
};

struct threading {
        struct rewrite rewrite;
        struct graph *graph;
        struct value_analysis analysis;
        struct arena arena;                  /* of what is needed on the way down only */
        const struct abstract_state **state; /* by node: what is known on every path to it */
        /* By node: the arms that it gets, still with old targets, and their number. */
        const struct arm **arms;
        uint32_t *counts;
        bool laziest, ahead;  /* PASS_LAZIEST, PASS_AHEAD */
        size_t steps;         /* left for follow() */
        const bool *stops;    /* by node: where follow() stops; NULL: nowhere */
        struct visit *visits; /* MAX_VISITS, by the low bits of the node or behind those */
        uint32_t visit;       /* the number of the last node whose paths were compared */
        /* Which terms matter (value_range.h): */
        uint32_t *horizon; /* by node */
        uint64_t *asked;   /* by node: the bits of what is looked up there and behind it */
        const struct abstract_state *before; /* known at the node at hand */
        struct piece *pieces;                /* of the node at hand */
        uint32_t *order;                     /* of the pieces, by target */
        uint32_t *groups;                    /* their targets, in sort_pieces() */
        uint32_t piece_count, piece_room, order_room, group_room;
};

static const struct node *node_at(const struct threading *pass, uint32_t number)
{
        return rewrite_node(&pass->rewrite, number);
}

/* Pieces of a switch */

static bool room_for_pieces(struct threading *pass, uint32_t count)
{
        if (array_grow(pass->pieces, pass->piece_room, count) &&
            array_grow(pass->order, pass->order_room, count) &&
            array_grow(pass->groups, pass->group_room, count))
                return true;
        pass->graph->failed = true;
        return false;
}

/* Finds the values of an arm that are also in span `i` of the range; false if there are none. */
static bool clip(const struct node *node, uint32_t arm, const struct value_range *set, uint32_t i,
                 struct span *part)
{
        uint32_t low = node->arms[arm].from, high = graph_arm_end(node, arm);

        part->low = low > set->spans[i].low ? low : set->spans[i].low;
        part->high = high < set->spans[i].high ? high : set->spans[i].high;
        return part->low < part->high ||
               (part->low == part->high && ((part->low ^ set->value) & set->known) == 0);
}

/* Cuts the term's value range at the boundaries of the arms. */
static bool cut(struct threading *pass, const struct node *node, const struct value_range *set)
{
        pass->piece_count = 0;
        if (!room_for_pieces(pass, node->count + set->count))
                return false;
        for (uint32_t i = 0; i < set->count; i++) {
                uint32_t arm = graph_arm(node, set->spans[i].low);
                struct span part;

                for (; arm < node->count && node->arms[arm].from <= set->spans[i].high; arm++)
                        if (clip(node, arm, set, i, &part))
                                pass->pieces[pass->piece_count++] =
                                    (struct piece){part.low, part.high, node->arms[arm].to, arm};
        }
        return pass->piece_count > 0;
}

/* The target of a switch in `state`; GRAPH_NONE if the state does not decide it, or for a leaf. */
static uint32_t outcome(const struct threading *pass, const struct abstract_state *state,
                        uint32_t number)
{
        const struct node *node = node_at(pass, number);
        uint32_t result = GRAPH_NONE;
        struct value_range set;

        if (node->kind != NODE_SWITCH)
                return GRAPH_NONE;
        abstract_state_get(&pass->analysis, state, node->term, &set);
        for (uint32_t i = 0; i < set.count; i++) {
                uint32_t arm = graph_arm(node, set.spans[i].low);
                struct span part;

                for (; arm < node->count && node->arms[arm].from <= set.spans[i].high; arm++) {
                        if (node->arms[arm].to == result || !clip(node, arm, &set, i, &part))
                                continue;
                        if (result != GRAPH_NONE)
                                return GRAPH_NONE;
                        result = node->arms[arm].to;
                }
        }
        return result;
}

/* Steps past all tests that `state` decides, or up to the first that stays in the graph anyway and
 * was not decided before the arm at hand. */
static uint32_t follow(struct threading *pass, const struct abstract_state *state, uint32_t node)
{
        while (pass->steps > 0) {
                uint32_t next;

                if (pass->stops && pass->stops[node] &&
                    (pass->laziest || outcome(pass, pass->before, node) == GRAPH_NONE))
                        break;
                next = outcome(pass, state, node);
                if (next == GRAPH_NONE)
                        break;
                node = next;
                pass->steps--;
        }
        return node;
}

/* The leaf where all paths from `node` end in `state`, or GRAPH_NONE. `budget` is the number of
 * nodes to visit, which bounds the recursion. */
static uint32_t only_end(struct threading *pass, const struct abstract_state *state,
                         uint32_t number, int *budget)
{
        const struct node node = *node_at(pass, number);
        uint32_t end = GRAPH_NONE;
        struct value_range known;

        if (node.kind != NODE_SWITCH)
                return number;
        if (--*budget < 0 || node.count > MAX_ARMS_AHEAD)
                return GRAPH_NONE;
        abstract_state_get(&pass->analysis, state, node.term, &known);
        for (uint32_t arm = 0; arm < node.count; arm++) {
                struct value_range set = {0};
                struct span part;
                uint32_t found;

                for (uint32_t i = 0; i < known.count; i++)
                        if (clip(&node, arm, &known, i, &part))
                                value_range_append(&set, part.low, part.high);
                if (set.count == 0)
                        continue;
                found = only_end(pass, abstract_state_add(&pass->analysis, state, node.term, &set),
                                 node.arms[arm].to, budget);
                if (found == GRAPH_NONE || (end != GRAPH_NONE && end != found))
                        return GRAPH_NONE;
                end = found;
        }
        return end;
}

/* The only leaf reachable from `node`, or the node itself if there are several. */
static uint32_t look_ahead(struct threading *pass, const struct abstract_state *state,
                           uint32_t node)
{
        int budget = MAX_NODES_AHEAD;
        uint32_t end;

        if (!pass->ahead)
                return node;
        end = only_end(pass, state, node, &budget);
        return end == GRAPH_NONE ? node : end;
}

static void arrive(struct threading *pass, const struct abstract_state *state, uint32_t node)
{
        state =
            abstract_state_forget(&pass->analysis, state, pass->horizon[node], pass->asked[node]);
        pass->state[node] = pass->rewrite.reached[node]
                                ? abstract_state_join(&pass->analysis, pass->state[node], state)
                                : state;
        pass->rewrite.reached[node] = true;
}

/* True if knowing `term` makes a difference at `node` or below it. */
static bool matters(const struct threading *pass, uint32_t term, uint32_t node)
{
        return pass->asked[node] & value_analysis_bits(&pass->analysis, term, pass->horizon[node]);
}

/* The state where the `count` pieces in `order` lead, as far as it matters at `node`. */
static const struct abstract_state *know(struct threading *pass, const struct abstract_state *state,
                                         uint32_t term, const uint32_t *order, uint32_t count,
                                         uint32_t node)
{
        struct value_range set;

        if (!matters(pass, term, node))
                return state;
        set.count = set.known = set.value = 0;
        for (uint32_t i = 0; i < count; i++)
                value_range_append(&set, pass->pieces[order[i]].low, pass->pieces[order[i]].high);
        return abstract_state_add(&pass->analysis, state, term, &set);
}

static void send_on(struct threading *pass, const struct abstract_state *state, uint32_t term,
                    const uint32_t *order, uint32_t count);

/* The pieces lead to a switch of their own term, which they do not decide together. One by one they
 * may; a piece of several values is sent on by itself only if all are decided, as it otherwise
 * gains nothing and costs a comparison. */
static void send_apart(struct threading *pass, const struct abstract_state *state, uint32_t term,
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
                                send_on(pass, state, term, order + i, 1);
                        else if (!decided)
                                arrive(pass, state, to);
                }
}

/* Threads the `count` pieces in `order` together. */
static void send_on(struct threading *pass, const struct abstract_state *state, uint32_t term,
                    const uint32_t *order, uint32_t count)
{
        uint32_t to = pass->pieces[order[0]].to;

        state = know(pass, state, term, order, count, to);
        to = look_ahead(pass, state, follow(pass, state, to));
        if (count > 1 && pass->piece_count <= MAX_PIECES_APART &&
            node_at(pass, to)->kind == NODE_SWITCH && node_at(pass, to)->term == term) {
                send_apart(pass, state, term, order, count, to);
                return;
        }
        for (uint32_t i = 0; i < count; i++)
                pass->pieces[order[i]].to = to;
        arrive(pass, state, to);
}

static int by_number(const void *one, const void *other)
{
        const uint32_t *a = one, *b = other;

        return *a < *b ? -1 : *a > *b;
}

/* Sorts the pieces by target, then by value: a counting sort, as many pieces have few targets. The
 * counts, by node, are where the copies will be, and all 0 but in here. */
static void sort_pieces(struct threading *pass)
{
        uint32_t *targets = pass->groups, *counts = pass->rewrite.copy, count = 0, start = 0;
        bool ascending = true;

        for (uint32_t i = 0; i < pass->piece_count; i++)
                if (counts[pass->pieces[i].to]++ == 0) {
                        ascending &= count == 0 || targets[count - 1] < pass->pieces[i].to;
                        targets[count++] = pass->pieces[i].to;
                }
        if (!ascending)
                qsort(targets, count, sizeof *targets, by_number);
        for (uint32_t i = 0; i < count; i++) {
                uint32_t pieces = counts[targets[i]];

                counts[targets[i]] = start;
                start += pieces;
        }
        for (uint32_t i = 0; i < pass->piece_count; i++)
                pass->order[counts[pass->pieces[i].to]++] = i;
        for (uint32_t i = 0; i < count; i++)
                counts[targets[i]] = 0;
}

/* The pieces of the first target in `order`. */
static uint32_t count_group(const struct threading *pass, uint32_t start)
{
        uint32_t end = start;

        while (end < pass->piece_count &&
               pass->pieces[pass->order[end]].to == pass->pieces[pass->order[start]].to)
                end++;
        return end - start;
}

static struct visit *visit_of(struct threading *pass, uint32_t node)
{
        uint32_t at = node % MAX_VISITS;
        struct visit *visit = &pass->visits[at];

        while (visit->from == pass->visit && visit->node != node)
                visit = &pass->visits[++at % MAX_VISITS];
        if (visit->from != pass->visit)
                *visit = (struct visit){pass->visit, node, 0};
        return visit;
}

/* Walks on from target number `path` as follow() does, and notes the nodes that all paths so far
 * have met. Returns the first node that this path has in common with them, or GRAPH_NONE. */
static uint32_t walk_path(struct threading *pass, const struct abstract_state *state, uint32_t node,
                          uint32_t path)
{
        uint32_t common = GRAPH_NONE;

        for (int step = 0; step < MAX_PATH_STEPS && node != GRAPH_NONE; step++) {
                struct visit *visit = visit_of(pass, node);

                if (visit->paths == path) {
                        visit->paths++;
                        if (common == GRAPH_NONE)
                                common = node;
                }
                node = outcome(pass, state, node);
        }
        return common;
}

/* True if the pieces have few enough targets for their paths to be compared. */
static bool has_few_paths(const struct threading *pass)
{
        uint32_t start = 0;

        for (int path = 0; path < MAX_PATHS && start < pass->piece_count; path++)
                start += count_group(pass, start);
        return start == pass->piece_count;
}

/* The node where all paths from the switch meet again, or GRAPH_NONE. If there is one, the switch
 * decides nothing. */
static uint32_t meeting(struct threading *pass, const struct abstract_state *state, uint32_t term)
{
        uint32_t common = GRAPH_NONE, path = 0;

        if (!has_few_paths(pass))
                return GRAPH_NONE;
        pass->visit++;
        for (uint32_t start = 0, count; start < pass->piece_count; start += count, path++) {
                uint32_t to = pass->pieces[pass->order[start]].to;

                count = count_group(pass, start);
                common = walk_path(pass, know(pass, state, term, pass->order + start, count, to),
                                   to, path);
                if (common == GRAPH_NONE)
                        return GRAPH_NONE;
        }
        return common;
}

/* Where the path from `node` joins the one from `to`, or GRAPH_NONE. */
static uint32_t joins(struct threading *pass, const struct abstract_state *state, uint32_t node,
                      uint32_t to)
{
        for (int step = 0; step < MAX_PATH_STEPS && node != GRAPH_NONE; step++) {
                uint32_t next;

                while (to > node && (next = outcome(pass, state, to)) != GRAPH_NONE)
                        to = next;
                if (node == to)
                        return node;
                node = outcome(pass, state, node);
        }
        return GRAPH_NONE;
}

/* True if a packet too short for `wanted` is rejected on the path from `to` as well, or has been
 * rejected already, when `term` was loaded. */
static bool is_owed(struct threading *pass, const struct abstract_state *state, uint32_t wanted,
                    uint32_t term, uint32_t to)
{
        int budget = MAX_TERMS_COVERED;

        if (loads_are_made(pass->graph, term, wanted, &budget))
                return true;
        for (int step = 0; step < MAX_PATH_STEPS && to != GRAPH_NONE; step++) {
                const struct node *node = node_at(pass, to);

                if (node->kind != NODE_SWITCH)
                        return node->kind == NODE_RETURN && node->k == 0;
                if (loads_are_made(pass->graph, node->term, wanted, &budget))
                        return true;
                to = outcome(pass, state, to);
        }
        return false;
}

/* True if the path from `node` goes through `to`, or joins the path from there, without loading
 * more bytes than that path and `term` do. */
static bool leads_to(struct threading *pass, const struct abstract_state *state, uint32_t node,
                     uint32_t term, uint32_t to)
{
        uint32_t end = joins(pass, state, node, to);

        if (end == GRAPH_NONE)
                return false;
        for (; node != end; node = outcome(pass, state, node))
                if (!is_owed(pass, state, node_at(pass, node)->term, term, to))
                        return false;
        return true;
}

/* A target that by itself sends the values of all other arms to where these arms lead, or
 * GRAPH_NONE. */
static uint32_t find_substitute(struct threading *pass, const struct abstract_state *state,
                                uint32_t term)
{
        if (!has_few_paths(pass))
                return GRAPH_NONE;
        for (uint32_t i = 0; i < pass->piece_count; i += count_group(pass, i)) {
                uint32_t candidate = pass->pieces[pass->order[i]].to, other = 0;

                if (node_at(pass, candidate)->kind != NODE_SWITCH)
                        continue;
                for (; other < pass->piece_count; other += count_group(pass, other))
                        if (other != i &&
                            !leads_to(pass,
                                      know(pass, state, term, pass->order + other,
                                           count_group(pass, other), candidate),
                                      candidate, term, pass->pieces[pass->order[other]].to))
                                break;
                if (other >= pass->piece_count)
                        return candidate;
        }
        return GRAPH_NONE;
}

static void send_pieces(struct threading *pass, const struct abstract_state *state, uint32_t term)
{
        uint32_t count;

        for (uint32_t start = 0; start < pass->piece_count; start += count) {
                count = count_group(pass, start);
                send_on(pass, state, term, pass->order + start, count);
        }
}

/* Building the switch from the pieces. Values between pieces do not occur, so a boundary may be
 * anywhere in between. */

/* If every arm is still taken as a whole, the old boundaries are just as good, and more likely to
 * equal those of another node. */
static bool keeps_arms(const struct threading *pass, const struct node *node)
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

static void join_pieces(struct threading *pass)
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

/* A piece of one value stays one, so that a single comparison tests for it. */
static uint32_t boundary(const struct piece *piece, const struct piece *next)
{
        return is_single(piece) && !is_single(next) ? piece->high + 1 : next->low;
}

/* True if each piece leads to where its arm did. */
static bool leads_as_before(const struct threading *pass, const struct node *node)
{
        for (uint32_t i = 0; i < pass->piece_count; i++)
                if (pass->pieces[i].to != node->arms[pass->pieces[i].arm].to)
                        return false;
        return true;
}

static void change(struct threading *pass, uint32_t number, const struct node *node)
{
        struct arm *arms;
        bool same = keeps_arms(pass, node);
        uint32_t count = 0;

        if (same && leads_as_before(pass, node))
                return;
        if (!same)
                join_pieces(pass);
        arms = rewrite_take(&pass->rewrite, pass->piece_count * sizeof *arms);
        if (!arms)
                return;
        for (uint32_t i = 0; i < pass->piece_count; i++) {
                const struct piece *piece = &pass->pieces[i];

                if (same && i > 0 && piece->arm == piece[-1].arm)
                        continue;
                arms[count].to = piece->to;
                arms[count].from = same    ? node->arms[piece->arm].from
                                   : i > 0 ? boundary(piece - 1, piece)
                                           : 0;
                count++;
        }
        pass->arms[number] = arms;
        pass->counts[number] = count;
}

/* Replaces the switch by one of the nodes below it. */
static void skip(struct threading *pass, uint32_t number, const struct abstract_state *state,
                 uint32_t to)
{
        struct arm *arm = rewrite_take(&pass->rewrite, sizeof *arm);

        if (!arm)
                return;
        *arm = (struct arm){0, to};
        pass->arms[number] = arm;
        pass->counts[number] = 1;
        arrive(pass, state, to);
}

/* True if nothing known or tested at a node matters below it, so that it stays as it is. */
static bool stays(const struct threading *pass, const struct node *node,
                  const struct abstract_state *state)
{
        uint32_t possible = pass->graph->terms[node->term].possible;

        if (state || pass->ahead || (possible & (possible + 1)) != 0)
                return false;
        for (uint32_t arm = 0; arm < node->count; arm++)
                if (matters(pass, node->term, node->arms[arm].to))
                        return false;
        return true;
}

static void thread_node(struct threading *pass, uint32_t number)
{
        const struct node *node = node_at(pass, number);
        const struct abstract_state *state = pass->state[number];
        struct value_range set;
        uint32_t common;

        pass->arms[number] = node->arms;
        pass->counts[number] = node->count;
        if (node->kind == NODE_SET)
                arrive(pass, state, node->arms[0].to);
        if (node->kind != NODE_SWITCH)
                return;
        if (stays(pass, node, state)) {
                for (uint32_t arm = 0; arm < node->count; arm++)
                        arrive(pass, NULL, node->arms[arm].to);
                return;
        }
        abstract_state_get(&pass->analysis, state, node->term, &set);
        if (!cut(pass, node, &set)) {
                skip(pass, number, state, node->arms[0].to); /* nothing gets here */
                return;
        }
        sort_pieces(pass);
        common = meeting(pass, state, node->term);
        if (common == GRAPH_NONE)
                common = find_substitute(pass, state, node->term);
        if (common != GRAPH_NONE) {
                skip(pass, number, state, common);
                return;
        }
        pass->before = state;
        send_pieces(pass, state, node->term);
        change(pass, number, node);
}

static void *take(struct threading *pass, size_t size)
{
        void *memory = arena_take(&pass->arena, size);

        if (!memory)
                pass->graph->failed = true;
        return memory;
}

/* The last nodes come first. */
static void find_asked(struct threading *pass)
{
        struct rewrite *rewrite = &pass->rewrite;

        pass->asked = take(pass, rewrite->nodes * sizeof *pass->asked);
        pass->horizon = take(pass, rewrite->nodes * sizeof *pass->horizon);
        if (pass->graph->failed)
                return;
        rewrite_mark_reached(rewrite);
        for (uint32_t i = 0; i < rewrite->nodes; i++) {
                const struct node *node = node_at(pass, i);

                if (!rewrite->reached[i])
                        continue;
                if (node->kind == NODE_SWITCH)
                        pass->asked[i] = value_analysis_ask(&pass->analysis, node->term);
                for (uint32_t arm = 0; arm < node->count; arm++)
                        pass->asked[i] |= pass->asked[node->arms[arm].to];
                pass->horizon[i] = pass->analysis.key_count;
        }
        memset(rewrite->reached, 0, rewrite->nodes * sizeof *rewrite->reached);
}

/* Goes down the graph; `arms`, `counts` and `reached` then hold what it becomes. */
static void thread_down(struct threading *pass, const bool *stops, unsigned variant)
{
        struct rewrite *rewrite = &pass->rewrite;
        struct graph *graph = pass->graph;

        rewrite_start(rewrite, graph);
        pass->stops = stops;
        pass->laziest = variant & PASS_LAZIEST;
        pass->ahead = variant & PASS_AHEAD;
        pass->state = take(pass, rewrite->nodes * sizeof *pass->state);
        pass->arms = rewrite_take(rewrite, rewrite->nodes * sizeof *pass->arms);
        pass->counts = rewrite_take(rewrite, rewrite->nodes * sizeof *pass->counts);
        pass->visits = take(pass, MAX_VISITS * sizeof *pass->visits);
        pass->steps = (size_t)rewrite->nodes * STEPS_PER_NODE + SPARE_STEPS;
        value_analysis_start(&pass->analysis, graph);
        if (!graph->failed)
                find_asked(pass);
        if (!graph->failed)
                arrive(pass, NULL, graph->root);
        for (uint32_t i = graph->root + 1; i-- > 0 && !graph->failed;) {
                value_analysis_collect(&pass->analysis, pass->state, i + 1);
                if (pass->rewrite.reached[i])
                        thread_node(pass, i);
        }
        value_analysis_end(&pass->analysis);
        arena_free(&pass->arena);
}

static void thread_end(struct threading *pass)
{
        free(pass->pieces);
        free(pass->order);
        free(pass->groups);
        rewrite_end(&pass->rewrite);
}

/* Leading an arm past a test that other paths still need makes paths shorter but not the graph, and
 * can hide that two arms lead to the same place. So PASS_LAZY stops an arm where only its own
 * values decide, and PASS_LAZIEST at the first such test. */
void jump_threading(struct graph *graph, unsigned variant)
{
        struct threading eager = {.graph = graph}, pass = {.graph = graph};

        if (variant & (PASS_LAZY | PASS_LAZIEST)) {
                thread_down(&eager, NULL, 0);
                for (uint32_t i = 0; i < eager.rewrite.nodes && !graph->failed; i++)
                        eager.rewrite.reached[i] &= eager.counts[i] != 1; /* not if it vanishes */
        }
        if (!graph->failed)
                thread_down(&pass, eager.rewrite.reached, variant);
        for (uint32_t i = 0; i < pass.rewrite.nodes && !graph->failed; i++)
                if (pass.rewrite.reached[i]) {
                        struct node node = *node_at(&pass, i);

                        node.arms = pass.arms[i];
                        node.count = pass.counts[i];
                        pass.rewrite.copy[i] = rewrite_rebuild(&pass.rewrite, i, &node);
                }
        if (!graph->failed)
                graph->root = pass.rewrite.copy[graph->root];
        thread_end(&pass);
        thread_end(&eager);
}

/* Chains of switches. Flattening makes one switch of switches of the same term that follow one
 * another; gathering brings tests of the same term together where others stand between them. */
#include "pass.h"
#include "rewrite.h"

#include <stdlib.h>
#include <string.h>

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

static void note_parent(struct rewrite *pass, uint32_t node, uint32_t term)
{
        uint32_t value = unmasked(pass->graph, term);

        if (pass->parents[node]++ == 0)
                pass->parent_value[node] = value;
        else if (pass->parent_value[node] != value)
                pass->parent_value[node] = GRAPH_NONE;
}

static void count_parents(struct rewrite *pass)
{
        uint32_t *last = rewrite_take(pass, pass->nodes * sizeof *last); /* parent counted, + 1 */

        pass->parents = rewrite_take(pass, pass->nodes * sizeof *pass->parents);
        pass->parent_value = rewrite_take(pass, pass->nodes * sizeof *pass->parent_value);
        pass->next = rewrite_take(pass, pass->nodes * sizeof *pass->next);
        pass->absorbed = rewrite_take(pass, pass->nodes * sizeof *pass->absorbed);
        if (pass->graph->failed)
                return;
        memset(pass->next, 0xff, pass->nodes * sizeof *pass->next);
        pass->reached[pass->graph->root] = true;
        for (uint32_t i = pass->graph->root + 1; i-- > 0;) {
                const struct node *node = rewrite_node(pass, i);

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

static uint32_t switch_of_claims(struct rewrite *pass, uint32_t term, struct claims *claims)
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
static uint32_t same_term_below(const struct rewrite *pass, const struct node *node)
{
        for (uint32_t i = 0; i < node->count; i++) {
                uint32_t to = node->arms[i].to;
                const struct node *below = rewrite_node(pass, to);

                if (below->kind == NODE_SWITCH && below->term == node->term &&
                    pass->parents[to] == 1)
                        return to;
        }
        return GRAPH_NONE;
}

static uint32_t flat_switch(struct rewrite *pass, uint32_t head)
{
        struct claims claims = {0};
        uint32_t term = rewrite_node(pass, head)->term, priority = 0, node, room = 0;

        for (uint32_t i = head; i != GRAPH_NONE; i = pass->next[i])
                room += rewrite_node(pass, i)->count;
        claims.items = malloc(room * sizeof *claims.items);
        if (!claims.items) {
                pass->graph->failed = true;
                return 0;
        }
        for (uint32_t i = head; i != GRAPH_NONE; i = pass->next[i], priority++) {
                const struct node *link = rewrite_node(pass, i);

                for (uint32_t arm = 0; arm < link->count; arm++)
                        if (link->arms[arm].to != pass->next[i])
                                claim(&claims, link, arm, pass->copy[link->arms[arm].to], priority);
        }
        node = switch_of_claims(pass, term, &claims);
        free(claims.items);
        return node;
}

static void rebuild_chains(struct rewrite *pass, uint32_t (*rebuild)(struct rewrite *, uint32_t))
{
        struct graph *graph = pass->graph;
        uint32_t root = graph->root;

        for (uint32_t i = 0; i <= root && !graph->failed; i++) {
                struct node node = *rewrite_node(pass, i);

                if (!pass->reached[i] || pass->absorbed[i])
                        continue;
                pass->copy[i] = pass->next[i] == GRAPH_NONE ? rewrite_rebuild(pass, i, &node)
                                                            : rebuild(pass, i);
        }
        if (!graph->failed)
                graph->root = pass->copy[root];
}

void switch_formation(struct graph *graph, unsigned variant)
{
        struct rewrite pass;

        (void)variant;
        rewrite_start(&pass, graph);
        count_parents(&pass);
        for (uint32_t i = graph->root + 1; i-- > 0 && !graph->failed;) {
                uint32_t below;

                if (!pass.reached[i] || rewrite_node(&pass, i)->kind != NODE_SWITCH)
                        continue;
                below = same_term_below(&pass, rewrite_node(&pass, i));
                pass.next[i] = below;
                if (below != GRAPH_NONE)
                        pass.absorbed[below] = true;
        }
        if (!graph->failed)
                rebuild_chains(&pass, flat_switch);
        rewrite_end(&pass);
}

/* gather: in a run of switches each leads either to one common exit or on to the next. Whatever the
 * order of asking, the exit is taken if any of them takes it. A test moves up to the first of the
 * same term, where its loads were made already, so no packet is asked for more bytes. */

/* True if an arm leads to `exit`; or past it, to where it would lead on these values. Then it may
 * as well lead to `exit`: the test there loads nothing that was not loaded for this one. */
static bool leads_to(const struct rewrite *pass, const struct node *node, uint32_t arm,
                     uint32_t exit)
{
        const struct node *passed = rewrite_node(pass, exit);
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
static bool leads_on(const struct rewrite *pass, uint32_t number, uint32_t exit, uint32_t *on)
{
        const struct node *node = rewrite_node(pass, number);
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

static bool is_link(const struct rewrite *pass, uint32_t number, uint32_t exit, uint32_t *on)
{
        return rewrite_node(pass, number)->kind == NODE_SWITCH && pass->parents[number] == 1 &&
               leads_on(pass, number, exit, on);
}

/* True if a link had better come first: its value was tested just before the run. */
static bool comes_first(const struct rewrite *pass, uint32_t head, uint32_t link)
{
        uint32_t value = pass->parent_value[head];

        return pass->reuse && pass->parents[head] > 0 && value != GRAPH_NONE &&
               unmasked(pass->graph, rewrite_node(pass, link)->term) == value;
}

/* Links the run from `head`; true if that is of use: if a value occurs in it twice but apart, or
 * one comes first that does not stand first. `seen` tells by value the last head that had it, + 1.
 */
static bool link_run(struct rewrite *pass, uint32_t head, uint32_t exit, uint32_t *seen)
{
        uint32_t at = head, on, beyond, before;
        bool useful = false;

        leads_on(pass, head, exit, &on);
        before = rewrite_node(pass, head)->term;
        seen[unmasked(pass->graph, before)] = head + 1;
        while (is_link(pass, on, exit, &beyond)) {
                uint32_t term = rewrite_node(pass, on)->term;
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

static void cut_run(struct rewrite *pass, uint32_t head, bool absorb)
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
static bool find_exit(const struct rewrite *pass, uint32_t head, uint32_t *exit)
{
        const struct node *node = rewrite_node(pass, head);
        uint32_t on, beyond;

        for (uint32_t i = 0; i < node->count && i < 3; i++) {
                const struct node *link = rewrite_node(pass, node->arms[i].to);

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

/* The rest of a run that is of no use is of no use either. */
static void find_run(struct rewrite *pass, uint32_t head, uint32_t *seen)
{
        uint32_t exit;
        bool useful;

        if (!find_exit(pass, head, &exit) || pass->useless[head] == exit)
                return;
        pass->exit[head] = exit;
        useful = link_run(pass, head, exit, seen);
        for (uint32_t i = head; i != GRAPH_NONE && !useful; i = pass->next[i])
                pass->useless[i] = exit;
        cut_run(pass, head, useful);
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
static uint32_t switch_of_links(struct rewrite *pass, const struct link *links, uint32_t count,
                                uint32_t exit, uint32_t on)
{
        struct claims claims = {0};
        uint32_t term = rewrite_node(pass, links[0].node)->term, room = 1, node;

        for (uint32_t i = 0; i < count; i++)
                room += rewrite_node(pass, links[i].node)->count;
        claims.items = malloc(room * sizeof *claims.items);
        if (!claims.items) {
                pass->graph->failed = true;
                return 0;
        }
        for (uint32_t i = 0; i < count; i++) {
                const struct node *link = rewrite_node(pass, links[i].node);

                for (uint32_t arm = 0; arm < link->count; arm++)
                        if (leads_to(pass, link, arm, exit))
                                claim(&claims, link, arm, pass->copy[exit], 0);
        }
        claims.items[claims.count++] = (struct claim){0, UINT32_MAX, on, 1};
        node = switch_of_claims(pass, term, &claims);
        free(claims.items);
        return node;
}

static uint32_t build_run(struct rewrite *pass, struct link *links, uint32_t count, uint32_t exit,
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

static uint32_t gathered_switch(struct rewrite *pass, uint32_t head)
{
        uint32_t count = 0, nodes = pass->nodes, exit = pass->exit[head], on = GRAPH_NONE;
        struct link *links;

        for (uint32_t i = head; i != GRAPH_NONE; i = pass->next[i])
                count++;
        links = rewrite_take(pass, count * sizeof *links);
        if (!links)
                return 0;
        count = 0;
        for (uint32_t i = head; i != GRAPH_NONE; i = pass->next[i], count++) {
                uint32_t term = rewrite_node(pass, i)->term;
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
                pass->order[unmasked(pass->graph, rewrite_node(pass, links[i].node)->term)] = 0;
        return build_run(pass, links, count, exit, on);
}

void test_reordering(struct graph *graph, unsigned variant)
{
        struct rewrite pass;
        uint32_t *seen;

        rewrite_start(&pass, graph);
        count_parents(&pass);
        pass.order = calloc(graph->term_count + (size_t)1, sizeof *pass.order);
        pass.reuse = variant & PASS_REUSE;
        pass.exit = rewrite_take(&pass, pass.nodes * sizeof *pass.exit);
        seen = rewrite_take(&pass, graph->term_count * sizeof *seen);
        pass.useless = rewrite_take(&pass, pass.nodes * sizeof *pass.useless);
        if (!pass.order)
                graph->failed = true;
        if (pass.useless)
                memset(pass.useless, 0xff, pass.nodes * sizeof *pass.useless);
        for (uint32_t i = graph->root + 1; i-- > 0 && !graph->failed;)
                if (pass.reached[i] && !pass.absorbed[i] &&
                    rewrite_node(&pass, i)->kind == NODE_SWITCH)
                        find_run(&pass, i, seen);
        if (!graph->failed)
                rebuild_chains(&pass, gathered_switch);
        rewrite_end(&pass);
}

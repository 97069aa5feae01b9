/* Test reordering: tests of the same term come together where others stand between them.
 *
 * In a run of switches each leads either to one common exit or on to the next. Whatever the order
 * of the tests, the exit is taken if any of them takes it. A test moves up to the first of the same
 * term, where its loads have been made already, so no load is added to a path. */
#include "chains.h"

#include <stdlib.h>
#include <string.h>

struct reordering {
        struct chains chains; /* first: chains_rebuild() hands on a pointer to it */
        bool reuse;           /* PASS_REUSE */
        uint32_t *exit;       /* by node: the exit of the run it heads */
        uint32_t *useless;    /* by node: the exit of a run through it that is of no use */
        bool *wide;           /* by value: tests of itself take the exit for most of its values */
        uint32_t *order;      /* by value: the place of the first link, + 1, of the run at hand */
};

static const struct node *node_at(const struct reordering *pass, uint32_t number)
{
        return rewrite_node(&pass->chains.rewrite, number);
}

/* The value that a switch tests, but for a mask. */
static uint32_t value_of(const struct reordering *pass, uint32_t number)
{
        return chains_unmasked(pass->chains.rewrite.graph, node_at(pass, number)->term);
}

/* True if an arm leads to `exit`; or past it, to where it would lead on these values. Then it may
 * as well lead to `exit`: the test there loads nothing that was not loaded for this one. */
static bool leads_to(const struct reordering *pass, const struct node *node, uint32_t arm,
                     uint32_t exit)
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
static bool leads_on(const struct reordering *pass, uint32_t number, uint32_t exit, uint32_t *on)
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

static bool is_link(const struct reordering *pass, uint32_t number, uint32_t exit, uint32_t *on)
{
        return node_at(pass, number)->kind == NODE_SWITCH && pass->chains.parents[number] == 1 &&
               leads_on(pass, number, exit, on);
}

/* True if a link had better come first: its value was tested just before the run. */
static bool comes_first(const struct reordering *pass, uint32_t head, uint32_t link)
{
        uint32_t value = pass->chains.parent_value[head];

        return pass->reuse && pass->chains.parents[head] > 0 && value != GRAPH_NONE &&
               value_of(pass, link) == value;
}

/* Links the run from `head`; true if that is of use: if a value occurs in it twice but apart, or
 * one comes first that does not stand first. `seen` tells by value the last head that had it, + 1.
 */
static bool link_run(struct reordering *pass, uint32_t head, uint32_t exit, uint32_t *seen)
{
        uint32_t at = head, on, beyond;
        bool useful = false;

        leads_on(pass, head, exit, &on);
        seen[value_of(pass, head)] = head + 1;
        while (is_link(pass, on, exit, &beyond)) {
                uint32_t value = value_of(pass, on);

                useful |= seen[value] == head + 1 &&
                          (value_of(pass, at) != value || node_at(pass, on)->term == value);
                useful |= comes_first(pass, head, on) && !comes_first(pass, head, head);
                seen[value] = head + 1;
                pass->chains.next[at] = on;
                at = on;
                on = beyond;
        }
        return useful;
}

static void cut_run(struct reordering *pass, uint32_t head, bool absorb)
{
        for (uint32_t i = head, next; i != GRAPH_NONE; i = next) {
                next = pass->chains.next[i];
                if (i != head)
                        pass->chains.absorbed[i] = absorb;
                if (!absorb)
                        pass->chains.next[i] = GRAPH_NONE;
        }
}

/* A run needs a first link behind the head. Its exit is where the head leads otherwise; or one of
 * the link's targets, if the head leads past that. */
static bool find_exit(const struct reordering *pass, uint32_t head, uint32_t *exit)
{
        const struct node *node = node_at(pass, head);
        uint32_t on, beyond;

        for (uint32_t i = 0; i < node->count && i < 3; i++) {
                const struct node *link = node_at(pass, node->arms[i].to);

                *exit = node->arms[i].to;
                if (leads_on(pass, head, *exit, &on) && is_link(pass, on, *exit, &beyond))
                        return true;
                if (link->kind != NODE_SWITCH || pass->chains.parents[node->arms[i].to] != 1)
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
static void find_run(struct reordering *pass, uint32_t head, uint32_t *seen)
{
        uint32_t exit;
        bool useful;

        if (!find_exit(pass, head, &exit) || pass->useless[head] == exit)
                return;
        pass->exit[head] = exit;
        useful = link_run(pass, head, exit, seen);
        for (uint32_t i = head; i != GRAPH_NONE && !useful; i = pass->chains.next[i])
                pass->useless[i] = exit;
        cut_run(pass, head, useful);
}

/* True if the test takes the exit for half of its values or more. */
static bool exits_mostly(const struct reordering *pass, uint32_t number, uint32_t exit)
{
        const struct node *node = node_at(pass, number);
        uint32_t most = pass->chains.rewrite.graph->terms[node->term].high;
        uint64_t values = 0;

        for (uint32_t arm = 0; arm < node->count && node->arms[arm].from <= most; arm++) {
                uint32_t end = graph_arm_end(node, arm);

                if (leads_to(pass, node, arm, exit))
                        values += (uint64_t)(end < most ? end : most) - node->arms[arm].from + 1;
        }
        return values > most / 2;
}

/* A node of a run, in the order in which the new nodes stand. */
struct link {
        uint32_t node;
        uint32_t place; /* of the first node with its value */
        uint32_t mask;  /* the term, if it is a masked value; see key_of() */
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
static uint32_t switch_of_links(struct reordering *pass, const struct link *links, uint32_t count,
                                uint32_t exit, uint32_t on)
{
        struct claims claims = {0};
        uint32_t room = 1;

        for (uint32_t i = 0; i < count; i++)
                room += node_at(pass, links[i].node)->count;
        claims.items = rewrite_take(&pass->chains.rewrite, room * sizeof *claims.items);
        if (!claims.items)
                return 0;
        for (uint32_t i = 0; i < count; i++) {
                const struct node *link = node_at(pass, links[i].node);

                for (uint32_t arm = 0; arm < link->count; arm++)
                        if (leads_to(pass, link, arm, exit))
                                claims_add(&claims, link, arm, pass->chains.rewrite.copy[exit]);
        }
        claims.items[claims.count++] = (struct claim){0, UINT32_MAX, on};
        return claims_switch(&pass->chains, node_at(pass, links[0].node)->term, &claims);
}

static uint32_t build_run(struct reordering *pass, struct link *links, uint32_t count,
                          uint32_t exit, uint32_t on)
{
        uint32_t node = pass->chains.rewrite.copy[on];

        qsort(links, count, sizeof *links, by_place);
        for (uint32_t end = count, start; end > 0; end = start) {
                for (start = end - 1; start > 0 && links[start - 1].place == links[end - 1].place &&
                                      links[start - 1].mask == links[end - 1].mask;)
                        start--;
                node = switch_of_links(pass, links + start, end - start, exit, node);
        }
        return node;
}

/* Tests of the value itself come before those of its bits, which they may decide, if they take the
 * exit for most of its values; otherwise after them. */
static uint32_t key_of(const struct reordering *pass, uint32_t term, uint32_t value)
{
        if (term != value)
                return term + 1;
        return pass->wide[value] ? 0 : UINT32_MAX;
}

static uint32_t reordered_run(struct chains *chains, uint32_t head)
{
        struct reordering *pass = (struct reordering *)chains;
        uint32_t count = 0, nodes = pass->chains.rewrite.nodes, exit = pass->exit[head],
                 on = GRAPH_NONE;
        struct link *links;

        for (uint32_t i = head; i != GRAPH_NONE; i = pass->chains.next[i], count++)
                if (node_at(pass, i)->term == value_of(pass, i) && exits_mostly(pass, i, exit))
                        pass->wide[value_of(pass, i)] = true;
        links = rewrite_take(&pass->chains.rewrite, count * sizeof *links);
        if (!links)
                return 0;
        count = 0;
        for (uint32_t i = head; i != GRAPH_NONE; i = pass->chains.next[i], count++) {
                uint32_t term = node_at(pass, i)->term;
                uint32_t value = value_of(pass, i);

                /* `order` holds by value the place of the first link, + 1. */
                if (pass->order[value] == 0)
                        pass->order[value] = count + 1;
                links[count] =
                    (struct link){i, pass->order[value], key_of(pass, term, value), count};
                if (!comes_first(pass, head, i))
                        links[count].place += nodes;
                leads_on(pass, i, exit, &on);
        }
        for (uint32_t i = 0; i < count; i++) {
                uint32_t value = value_of(pass, links[i].node);

                pass->order[value] = 0;
                pass->wide[value] = false;
        }
        return build_run(pass, links, count, exit, on);
}

void test_reordering(struct graph *graph, unsigned variant)
{
        struct reordering pass = {.reuse = variant & PASS_REUSE};
        struct rewrite *rewrite = &pass.chains.rewrite;
        uint32_t *seen;

        chains_start(&pass.chains, graph);
        pass.order = rewrite_take(rewrite, graph->term_count * sizeof *pass.order);
        pass.wide = rewrite_take(rewrite, graph->term_count * sizeof *pass.wide);
        pass.exit = rewrite_take(rewrite, rewrite->nodes * sizeof *pass.exit);
        seen = rewrite_take(rewrite, graph->term_count * sizeof *seen);
        pass.useless = rewrite_take(rewrite, rewrite->nodes * sizeof *pass.useless);
        if (pass.useless)
                memset(pass.useless, 0xff, rewrite->nodes * sizeof *pass.useless);
        for (uint32_t i = rewrite->nodes; i-- > 0 && !graph->failed;)
                if (rewrite->reached[i] && !pass.chains.absorbed[i] &&
                    node_at(&pass, i)->kind == NODE_SWITCH)
                        find_run(&pass, i, seen);
        if (!graph->failed)
                chains_rebuild(&pass.chains, reordered_run);
        rewrite_end(rewrite);
}

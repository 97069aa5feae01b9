/* Origins: which nodes of the graph the instructions of a program are for.
 *
 * Outlining emits another graph than the optimizer's, with calls and merged parts. It asks the same
 * in the same order, so walking both at once, past the calls, shows which nodes stand for which. */
#include "base/array.h"
#include "code.h"

#include <stdlib.h>

bool origins_note(struct origin_list *list, uint32_t place, uint32_t node)
{
        if (!array_grow(list->items, list->room, list->count + (size_t)1))
                return false;
        list->items[list->count++] = (struct cbpf_origin){place, node};
        return true;
}

static int by_instruction(const void *one, const void *other)
{
        const struct cbpf_origin *a = one, *b = other;

        if (a->instruction != b->instruction)
                return a->instruction < b->instruction ? -1 : 1;
        return a->node < b->node ? -1 : a->node > b->node;
}

bool origins_keep(const struct origin_list *list, uint32_t length, struct arena *arena,
                  struct uses *uses)
{
        struct cbpf_origin *origins = arena_take(arena, list->count * sizeof *origins);

        if (!origins)
                return false;
        for (uint32_t i = 0; i < list->count; i++)
                origins[i] =
                    (struct cbpf_origin){length - list->items[i].instruction, list->items[i].node};
        qsort(origins, list->count, sizeof *origins, by_instruction);
        uses->origins = origins;
        uses->origin_count = list->count;
        return true;
}

/* A node of the merged graph, and one that it stands for. */
struct pair {
        uint32_t merged, before;
};

struct walk {
        const struct graph *graph;
        struct pair *pairs; /* those found, which are also what is still to be looked at */
        uint32_t count, room;
        struct hash_table table;
        bool failed;
};

static void add_pair(struct walk *walk, uint32_t merged, uint32_t before)
{
        uint32_t hash = hash_fold(hash_mix(hash_mix(1, merged), before)), at = hash, item;

        while ((item = hash_next(&walk->table, hash, &at)) != HASH_NONE)
                if (walk->pairs[item].merged == merged && walk->pairs[item].before == before)
                        return;
        if (walk->failed || !array_grow(walk->pairs, walk->room, walk->count + (size_t)1) ||
            !hash_put(&walk->table, hash, walk->count)) {
                walk->failed = true;
                return;
        }
        walk->pairs[walk->count++] = (struct pair){merged, before};
}

static bool same_boundaries(const struct node *one, const struct node *other)
{
        if (one->count != other->count)
                return false;
        for (uint32_t i = 0; i < one->count; i++)
                if (one->arms[i].from != other->arms[i].from)
                        return false;
        return true;
}

/* The arm of a single value, in a node that asks for no other; else none. */
static uint32_t single_arm(const struct graph *graph, const struct node *node)
{
        const struct term *term = &graph->terms[node->term];

        if (node->count == 3 && node->arms[0].to == node->arms[2].to &&
            node->arms[2].from == node->arms[1].from + 1)
                return 1;
        if (node->count != 2)
                return node->count;
        return node->arms[1].from == term->high      ? 1
               : node->arms[1].from == term->low + 1 ? 0
                                                     : node->count;
}

static void add_targets(struct walk *walk, struct pair pair)
{
        const struct node *merged = &walk->graph->nodes[pair.merged];
        const struct node *before = &walk->graph->nodes[pair.before];
        uint32_t single;

        if (merged->kind == NODE_CALL || (merged->kind == NODE_SET && before->kind != NODE_SET)) {
                add_pair(walk, merged->arms[0].to, pair.before);
                return;
        }
        if (merged->kind != before->kind)
                return;
        if (same_boundaries(merged, before)) {
                for (uint32_t i = 0; i < merged->count; i++)
                        add_pair(walk, merged->arms[i].to, before->arms[i].to);
                return;
        }
        /* a comparison with a value that is passed */
        single = single_arm(walk->graph, before);
        if (merged->count != 2 || single == before->count)
                return;
        add_pair(walk, merged->arms[0].to, before->arms[!single].to);
        add_pair(walk, merged->arms[1].to, before->arms[single].to);
}

static int by_merged(const void *one, const void *other)
{
        const struct pair *a = one, *b = other;

        if (a->merged != b->merged)
                return a->merged < b->merged ? -1 : 1;
        return a->before < b->before ? -1 : a->before > b->before;
}

/* The first of the pairs of a node, which are sorted. */
static uint32_t first_pair(const struct walk *walk, uint32_t merged)
{
        uint32_t low = 0, high = walk->count;

        while (low < high) {
                uint32_t middle = low + (high - low) / 2;

                if (walk->pairs[middle].merged < merged)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

/* Writes what the origins become to `made`, or counts it. */
static uint32_t replace(const struct walk *walk, const struct cbpf_origin *origins, uint32_t count,
                        struct cbpf_origin *made)
{
        uint32_t written = 0;

        for (uint32_t i = 0; i < count; i++)
                for (uint32_t pair = first_pair(walk, origins[i].node);
                     pair < walk->count && walk->pairs[pair].merged == origins[i].node;
                     pair++, written++)
                        if (made)
                                made[written] = (struct cbpf_origin){origins[i].instruction,
                                                                     walk->pairs[pair].before};
        return written;
}

int origins_show(struct graph *graph, uint32_t optimized, uint32_t merged,
                 const struct cbpf_origin *origins, uint32_t count,
                 const struct cbpf_pass_observer *observer)
{
        struct walk walk = {.graph = graph};
        struct cbpf_emitted emitted = {
            .graph = graph, .optimized = optimized, .emitted = graph->root};
        struct cbpf_origin *made = NULL;

        add_pair(&walk, merged, graph->root);
        for (uint32_t i = 0; i < walk.count && !walk.failed; i++)
                add_targets(&walk, walk.pairs[i]);
        if (!walk.failed) {
                qsort(walk.pairs, walk.count, sizeof *walk.pairs, by_merged);
                emitted.count = replace(&walk, origins, count, NULL);
                made = calloc(emitted.count + (size_t)1, sizeof *made);
        }
        if (made) {
                replace(&walk, origins, count, made);
                emitted.origins = made;
                observer->emitted(observer->context, &emitted);
        }
        walk.failed |= !made || graph->failed;
        free(made);
        free(walk.pairs);
        hash_free(&walk.table);
        return walk.failed ? -1 : 0;
}

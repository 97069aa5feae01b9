/* The pass manager: the passes take turns until nothing changes.
 *
 * No pass copies a node, so none makes the graph larger. */
#include "pass.h"

#include <stdlib.h>

enum {
        MAX_ROUNDS = 16,
        MANY_ROUNDS_MAX_SIZE = 20000, /* arms */
        DEEP = 256,                   /* nodes; searches of long lists are not so deep */
};

size_t pass_graph_size(const struct graph *graph)
{
        size_t size = 0;

        for (uint32_t i = 0; i <= graph->root; i++)
                size += graph->nodes[i].count;
        return size;
}

/* Whether a path goes through more than DEEP nodes. What a node leads to has a lower number. */
static bool is_deep(struct graph *graph)
{
        uint32_t *depths = malloc((graph->root + (size_t)1) * sizeof *depths), most = 0;

        if (!depths) {
                graph->failed = true;
                return false;
        }
        for (uint32_t i = 0; i <= graph->root; i++) {
                const struct node *node = &graph->nodes[i];

                depths[i] = 0;
                for (uint32_t arm = 0; arm < node->count; arm++)
                        if (depths[node->arms[arm].to] >= depths[i])
                                depths[i] = depths[node->arms[arm].to] + 1;
        }
        most = depths[graph->root];
        free(depths);
        return most > DEEP;
}

/* In a large graph that is flat, as those of long lists are, the first round finds nearly all. In a
 * deep one each round brings tests together that the next one can gather. */
static bool needs_rounds(struct graph *graph)
{
        return pass_graph_size(graph) < MANY_ROUNDS_MAX_SIZE || is_deep(graph);
}

bool passes_take(const struct graph *graph)
{
        if (graph->variables > 0)
                return false;
        for (uint32_t i = 0; i <= graph->root; i++)
                if (graph->nodes[i].kind == NODE_CALL)
                        return false;
        return true;
}

/* `held` is NULL if nothing is collected. */
static int run(const struct pass_list *list, struct graph *graph, unsigned variant,
               const struct cbpf_pass_observer *observer, uint32_t *const *held, size_t held_count)
{
        size_t unchanged = 0; /* passes, the last ones */
        unsigned rounds = needs_rounds(graph) ? MAX_ROUNDS : 1;

        for (size_t i = 0; i < rounds * list->count && unchanged < list->count && !graph->failed;
             i++) {
                const struct pass *pass = &list->passes[i % list->count];
                uint32_t before = graph->root;

                if (i < list->count && variant & pass->waits)
                        continue;
                pass->run(graph, variant);
                unchanged = graph->root == before ? unchanged + 1 : 0;
                if (observer && !graph->failed)
                        observer->after(observer->context,
                                        &(struct cbpf_pass_event){
                                            .pass = pass->name,
                                            .round = (unsigned)(i / list->count) + 1,
                                            .graph = graph,
                                            .changed = graph->root != before,
                                        });
                if (held && !graph->failed && graph->root != before)
                        graph_collect(graph, held, held_count);
        }
        return graph->failed ? -1 : 0;
}

int passes_run(const struct pass_list *list, struct graph *graph, unsigned variant,
               const struct cbpf_pass_observer *observer)
{
        return run(list, graph, variant, observer, NULL, 0);
}

int passes_run_collecting(const struct pass_list *list, struct graph *graph, unsigned variant,
                          const struct cbpf_pass_observer *observer, uint32_t *const *held,
                          size_t held_count)
{
        return run(list, graph, variant, observer, held, held_count);
}

/* The pass manager: the passes take turns until nothing changes.
 *
 * No pass copies a node, so none makes the graph larger. */
#include "pass.h"

enum {
        MAX_ROUNDS = 16,
        MANY_ROUNDS_MAX_SIZE = 20000, /* in larger graphs the first round finds nearly all */
};

size_t pass_graph_size(const struct graph *graph)
{
        size_t size = 0;

        for (uint32_t i = 0; i <= graph->root; i++)
                size += graph->nodes[i].count;
        return size;
}

int passes_run(const struct pass_list *list, struct graph *graph, unsigned variant,
               const struct cbpf_pass_observer *observer)
{
        unsigned rounds = pass_graph_size(graph) < MANY_ROUNDS_MAX_SIZE ? MAX_ROUNDS : 1;
        size_t unchanged = 0; /* passes, the last ones */

        for (size_t i = 0; i < rounds * list->count && unchanged < list->count && !graph->failed;
             i++) {
                const struct pass *pass = &list->passes[i % list->count];
                uint32_t before = graph->root;

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
        }
        return graph->failed ? -1 : 0;
}

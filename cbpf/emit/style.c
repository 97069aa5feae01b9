/* The choices the emitter begins with. */
#include "emit.h"

struct style style_of(struct graph *graph, uint32_t longest_chain)
{
        struct style style = {.longest_chain = longest_chain,
                              .slots.count = graph->variables,
                              .shares_x = graph->variables > 0};

        for (uint32_t i = 0; i < graph->variables; i++)
                style.slots.terms[i] = graph_variable(graph, i);
        return style;
}

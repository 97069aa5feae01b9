/* Where jumps go: the labels of nodes, and what is known at each. */
#include "emission.h"

struct state *emission_state(struct emission *emission, enum way way, uint32_t node)
{
        return &emission->states[way * ((size_t)emission->graph->root + 1) + node];
}

uint32_t *emission_label(struct emission *emission, enum way way, uint32_t node)
{
        return &emission->labels[way * ((size_t)emission->graph->root + 1) + node];
}

/* What holds of both. */
static void meet(struct state *state, const struct state *other)
{
        for (unsigned i = 0; i < VALUES; i++)
                if (state->values[i] != other->values[i] ||
                    (state->swapped >> i & 1) != (other->swapped >> i & 1))
                        state->values[i] = GRAPH_NONE;
        if (other->checked < state->checked)
                state->checked = other->checked;
        if (state->base != other->base)
                state->base = state->base_checked = 0;
        else if (other->base_checked < state->base_checked)
                state->base_checked = other->base_checked;
}

static void arrive(struct emission *emission, enum way way, uint32_t node)
{
        struct state *there = emission_state(emission, way, node), here = emission->state;

        if (way != emission->way)
                here.checked = here.base = here.base_checked = 0;
        here.arrived = true;
        if (there->arrived)
                meet(there, &here);
        else
                *there = here;
}

uint32_t emission_target(struct emission *emission, enum way way, uint32_t node)
{
        uint32_t *label = emission_label(emission, way, node);

        if (emission->graph->nodes[node].kind == NODE_RETURN) {
                label = emission_label(emission, DIRECT, node);
                emission_state(emission, DIRECT, node)->arrived = true;
        } else {
                arrive(emission, way, node);
        }
        if (*label == NOWHERE)
                *label = code_label(&emission->code);
        return *label;
}

uint32_t emission_reject(struct emission *emission)
{
        if (emission->reject == NOWHERE)
                emission->reject = code_label(&emission->code);
        return emission->reject;
}

bool emission_ends(const struct emission *emission, uint32_t node)
{
        return emission->graph->nodes[node].kind == NODE_RETURN;
}

void emission_go(struct emission *emission, uint32_t node)
{
        code_goto(&emission->code, emission_target(emission, emission->way, node));
}

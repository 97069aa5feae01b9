/* Fields of the packet as terms, and tests of them.
 *
 * Here alone is known that a cooked socket shows the packet from the network header on. A load is
 * made with the very steps that libpcap's program would take, as those that come near the end of
 * the address space do not fold. */
#include "cbpf/program/program.h"
#include "lowering.h"

static struct place behind(struct place place, uint32_t bytes)
{
        return (struct place){place.base, place.add + bytes};
}

static struct place start_of(struct lower *lower, enum header header)
{
        const struct headers *headers = lower->headers;

        lower->used[header == HEADER_LINK ? START_LINK : START_PAYLOAD] = true;
        lower->used_headers |= 1u << header;
        switch (header) {
        case HEADER_LINK: return headers->link_header;
        case HEADER_TYPE: return headers->type;
        case HEADER_NETWORK: return behind(headers->payload, headers->network);
        case HEADER_NETWORK_8022: return behind(headers->payload, headers->network_8022);
        default: return headers->payload;
        }
}

static uint32_t load(struct lower *lower, uint32_t index, uint32_t offset, unsigned size)
{
        unsigned mode = index == GRAPH_NONE ? BPF_ABS : BPF_IND;
        uint32_t term;

        if (lower->cooked && !cbpf_cook_load(mode, &size, &offset))
                return lower_foreign(lower);
        term = graph_load(lower->graph, size, index, offset);
        if (mode == BPF_ABS ? cbpf_is_unknown_ancillary(offset)
                            : graph_is_beyond(lower->graph, index, offset))
                lower->reach.beyond = true;
        else if (graph_is_owed(lower->graph, term, lower->target->place == CBPF_FILE))
                lower->reach.owed = term + 1;
        return term;
}

uint32_t lower_reaching(struct lower *lower, struct reach reach, uint32_t node)
{
        if (reach.beyond)
                return graph_return(lower->graph, 0);
        return reach.owed ? graph_owe_unasked(lower->graph, reach.owed - 1, node) : node;
}

/* The sum of two terms, of which the second may be GRAPH_NONE. */
static uint32_t sum(struct lower *lower, uint32_t a, uint32_t b)
{
        return b == GRAPH_NONE ? a : graph_operation(lower->graph, BPF_ADD, a, b);
}

uint32_t lower_load(struct lower *lower, enum header header, uint32_t offset, unsigned size)
{
        struct place start = start_of(lower, header);

        return load(lower, start.base, start.add + offset, size);
}

uint32_t lower_load_outermost(struct lower *lower, uint32_t offset, unsigned size)
{
        return load(lower, GRAPH_NONE, offset, size);
}

uint32_t lower_load_outermost_indexed(struct lower *lower, uint32_t index, unsigned size)
{
        return load(lower, index, 0, size);
}

uint32_t lower_load_indexed(struct lower *lower, enum header header, uint32_t index,
                            uint32_t offset, unsigned size)
{
        struct place start = start_of(lower, header);

        return load(lower, sum(lower, index, start.base), start.add + offset, size);
}

uint32_t lower_length(struct lower *lower)
{
        uint32_t length = graph_length(lower->graph);

        if (!lower->cooked)
                return length;
        return graph_operation(lower->graph, BPF_ADD, length,
                               graph_constant(lower->graph, CBPF_COOKED_HEADER));
}

/* What an IPv4 header adds to where it starts, but for what is constant of that. */
static uint32_t behind_ipv4(struct lower *lower, struct place network)
{
        struct graph *graph = lower->graph;
        uint32_t start = lower_load(lower, HEADER_NETWORK, 0, BPF_B);

        start = graph_operation(graph, BPF_AND, start, graph_constant(graph, 0xf));
        start = graph_operation(graph, BPF_LSH, start, graph_constant(graph, 2));
        return sum(lower, start, network.base);
}

uint32_t lower_transport_place(struct lower *lower, bool ipv6, uint32_t offset)
{
        enum { IPV6_LENGTH = 40 };
        struct graph *graph = lower->graph;
        struct place network = start_of(lower, HEADER_NETWORK);
        uint32_t start = ipv6 ? sum(lower, graph_constant(graph, IPV6_LENGTH), network.base)
                              : behind_ipv4(lower, network);

        return sum(lower, start, graph_constant(graph, network.add + offset));
}

uint32_t lower_load_transport(struct lower *lower, uint32_t index, uint32_t offset, unsigned size)
{
        struct place network = start_of(lower, HEADER_NETWORK);
        uint32_t start = behind_ipv4(lower, network);

        if (index != GRAPH_NONE)
                start = sum(lower, index, start);
        return load(lower, start, network.add + offset, size);
}

unsigned lower_load_size(uint32_t bytes)
{
        static const uint8_t sizes[] = {[1] = BPF_B, [2] = BPF_H, [4] = BPF_W};

        return sizes[bytes];
}

uint32_t lower_start_at(struct lower *lower, enum start start, uint32_t term, lower_step *step)
{
        uint32_t before = lower->starts[start], node;

        if (lower->keeps_starts && lower->asked[start])
                lower->starts[start] = graph_variable(lower->graph, start);
        else
                lower->starts[start] = term;
        node = step(lower);
        if (lower->keeps_starts && lower->asked[start])
                node = graph_set(lower->graph, start, term, GRAPH_NONE, node);
        lower->starts[start] = before;
        return node;
}

uint32_t lower_jump(struct lower *lower, unsigned jump, uint32_t term, uint32_t value, uint32_t yes,
                    uint32_t no)
{
        return graph_branch(lower->graph, jump, term, graph_constant(lower->graph, value), yes, no);
}

uint32_t lower_equal(struct lower *lower, uint32_t term, uint32_t value, uint32_t yes, uint32_t no)
{
        return lower_jump(lower, BPF_JEQ, term, value, yes, no);
}

uint32_t lower_masked(struct lower *lower, uint32_t term, uint32_t mask, uint32_t value,
                      uint32_t yes, uint32_t no)
{
        term = graph_operation(lower->graph, BPF_AND, term, graph_constant(lower->graph, mask));
        return lower_equal(lower, term, value, yes, no);
}

uint32_t lower_match(struct lower *lower, const struct tree *tree, const struct word *words,
                     uint32_t count, uint32_t yes, uint32_t no)
{
        uint32_t terms[LISTS_MAX_WORDS];

        if (!tree->list || !lower->lists) {
                while (count-- > 0)
                        yes = lower_masked(lower, words[count].term, words[count].mask,
                                           words[count].value, yes, no);
                return yes;
        }
        for (uint32_t i = 0; i < count; i++)
                terms[i] = words[i].term;
        return lists_switch(lower->lists, tree->list, lower->graph, terms, yes, no);
}

uint32_t lower_ends(struct lower *lower, const struct tree *tree, const struct ends *ends,
                    uint32_t yes, uint32_t no)
{
        switch (tree->test->qualifiers.direction) {
        case DIRECTION_SRC: return ends->test(lower, tree, ends, ends->source, yes, no);
        case DIRECTION_DST: return ends->test(lower, tree, ends, ends->destination, yes, no);
        case DIRECTION_AND:
                yes = ends->test(lower, tree, ends, ends->destination, yes, no);
                return ends->test(lower, tree, ends, ends->source, yes, no);
        case DIRECTION_DEFAULT:
        case DIRECTION_OR:
                no = ends->test(lower, tree, ends, ends->destination, yes, no);
                return ends->test(lower, tree, ends, ends->source, yes, no);
        default: return lower_foreign(lower);
        }
}

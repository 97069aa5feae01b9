/* The tests of a layer: those of pcap-filter(7), with headers where the walk has found them. What
 * the layer is, is known by then but for the values of its fields, so that a test of another
 * protocol becomes nothing. */
#include "layers.h"
#include "net/headers.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <string.h>

enum {
        ETHERNET_SOURCE = 6,
        IPV4_SOURCE = 12,
        IPV4_DESTINATION = 16,
        IPV6_SOURCE = 8,
        IPV6_DESTINATION = 24,
        ARP_SENDER = 14,
        ARP_TARGET = 24,
};

/* --- Loads --- */

uint32_t layer_load_at(struct graph *graph, uint32_t base, uint32_t offset, unsigned size)
{
        if (base != GRAPH_NONE && offset > INT32_MAX) {
                base = graph_operation(graph, BPF_ADD, base, graph_constant(graph, offset));
                offset = 0;
        }
        return graph_load(graph, size, base, offset);
}

static uint32_t load_at(struct lower *lower, struct place place, uint32_t index, uint32_t offset,
                        unsigned size)
{
        struct graph *graph = lower->graph;
        uint32_t base = place.base;

        offset += lower->layer->origin + place.add;
        if (index != GRAPH_NONE && graph_is_constant(graph, index)) {
                offset += graph->terms[index].k;
                index = GRAPH_NONE;
        }
        if (index != GRAPH_NONE)
                base = base == GRAPH_NONE ? index : graph_operation(graph, BPF_ADD, base, index);
        return layer_load_at(graph, base, offset, size);
}

uint32_t layer_load(struct lower *lower, struct place place, uint32_t offset, unsigned size)
{
        return load_at(lower, place, GRAPH_NONE, offset, size);
}

/* Of the packet as it is saved. */
static uint32_t layer_length(struct lower *lower)
{
        struct graph *graph = lower->graph;
        uint32_t tagged;

        if (lower->target->place == CBPF_LIVE_ANY || lower->target->place == CBPF_LIVE_NETWORK)
                return lower_foreign(lower);
        if (lower->target->place != CBPF_LIVE || lower->cooked)
                return lower_length(lower);
        tagged =
            graph_load(graph, BPF_B, GRAPH_NONE, (uint32_t)(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT));
        tagged = graph_operation(graph, BPF_LSH, tagged, graph_constant(graph, 2));
        return graph_operation(graph, BPF_ADD, tagged, graph_length(graph));
}

/* --- Addresses --- */

static uint32_t ipv4_at(struct lower *lower, const struct tree *tree, const struct ends *ends,
                        uint32_t offset, uint32_t yes, uint32_t no)
{
        struct word word = {layer_load(lower, lower->layer->head, offset, BPF_W),
                            tree->test->ipv4.mask, tree->test->ipv4.address};

        (void)ends;
        return lower_match(lower, tree, &word, 1, yes, no);
}

static uint32_t test_ipv4(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        static const struct {
                uint8_t protocol;
                struct ends ends;
        } classes[] = {
            [CLASS_IPV4] = {PROTOCOL_IP, {ipv4_at, 0, IPV4_SOURCE, IPV4_DESTINATION}},
            [CLASS_IPV6] = {0, {0}},
            [CLASS_ARP] = {PROTOCOL_ARP, {ipv4_at, 0, ARP_SENDER, ARP_TARGET}},
            [CLASS_RARP] = {PROTOCOL_RARP, {ipv4_at, 0, ARP_SENDER, ARP_TARGET}},
            [CLASS_OTHER] = {0, {0}},
        };
        uint8_t class = lower->layer->class, wanted = tree->test->qualifiers.protocol;

        if (!classes[class].protocol ||
            (wanted != PROTOCOL_DEFAULT && wanted != classes[class].protocol))
                return no;
        return lower_ends(lower, tree, &classes[class].ends, yes, no);
}

static uint32_t ipv6_at(struct lower *lower, const struct tree *tree, const struct ends *ends,
                        uint32_t offset, uint32_t yes, uint32_t no)
{
        struct value value = lists_value(tree);
        struct word words[4];

        (void)ends;
        for (uint32_t i = 0; i < 4; i++) {
                struct interval interval = value.words[i];

                words[i] =
                    (struct word){layer_load(lower, lower->layer->head, offset + 4 * i, BPF_W),
                                  ~(interval.first ^ interval.last), interval.first};
        }
        return lower_match(lower, tree, words, 4, yes, no);
}

static uint32_t test_ipv6(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        static const struct ends ends = {ipv6_at, 0, IPV6_SOURCE, IPV6_DESTINATION};

        return lower->layer->class == CLASS_IPV6 ? lower_ends(lower, tree, &ends, yes, no) : no;
}

static uint32_t test_cast(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        const struct layer *layer = lower->layer;
        uint32_t host = ~lower->target->netmask, term;
        bool ipv6 = tree->test->qualifiers.protocol == PROTOCOL_IP6;

        if (layer->class != (ipv6 ? CLASS_IPV6 : CLASS_IPV4))
                return no;
        if (ipv6)
                return lower_equal(lower, layer_load(lower, layer->head, IPV6_DESTINATION, BPF_B),
                                   0xff, yes, no);
        if (tree->kind == TREE_MULTICAST)
                return lower_jump(lower, BPF_JGE,
                                  layer_load(lower, layer->head, IPV4_DESTINATION, BPF_B), 224, yes,
                                  no);
        term = layer_load(lower, layer->head, IPV4_DESTINATION, BPF_W);
        return lower_masked(lower, term, host, 0, yes,
                            lower_masked(lower, term, host, host, yes, no));
}

/* --- Protocols and ports --- */

/* Whether the layer is of protocol `number`, of what `below` says. */
static bool is_protocol(const struct layer *layer, enum tree_protocol below, uint32_t number)
{
        static const uint16_t types[] = {[CLASS_IPV4] = ETHERTYPE_IPV4,
                                         [CLASS_IPV6] = ETHERTYPE_IPV6,
                                         [CLASS_ARP] = ETHERTYPE_ARP,
                                         [CLASS_RARP] = ETHERTYPE_RARP};
        bool ipv4 = layer->class == CLASS_IPV4, ipv6 = layer->class == CLASS_IPV6;

        switch (below) {
        case PROTOCOL_LINK:
                return number == (layer->class == CLASS_OTHER ? layer->type : types[layer->class]);
        case PROTOCOL_IP: return ipv4 && layer->number == number;
        case PROTOCOL_IP6: return ipv6 && layer->number == number;
        default: return (ipv4 || ipv6) && layer->number == number;
        }
}

static bool is_named_protocol(const struct layer *layer, enum tree_protocol protocol)
{
        enum tree_protocol below;
        const uint16_t *numbers = lower_protocol_numbers(protocol, &below);

        for (; *numbers; numbers++)
                if (is_protocol(layer, below, *numbers))
                        return true;
        return false;
}

static bool has_ports(uint32_t number)
{
        return number == IPPROTO_TCP || number == IPPROTO_UDP || number == IPPROTO_SCTP;
}

static uint32_t port_at(struct lower *lower, const struct tree *tree, const struct ends *ends,
                        uint32_t offset, uint32_t yes, uint32_t no)
{
        (void)ends;
        return lower_port(lower, tree, layer_load(lower, lower->layer->body, offset, BPF_H), yes,
                          no);
}

static uint32_t test_ports(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        static const struct ends ends = {port_at, 0, 0, 2};
        const struct layer *layer = lower->layer;
        uint8_t transport = tree->test->ports.transport;

        if (layer->later_fragment)
                return no;
        if (transport ? layer->number != transport : !has_ports(layer->number))
                return no;
        return lower_ends(lower, tree, &ends, yes, no);
}

/* The pairs for one transport as tuples, whose fields are the words of the address, and the port;
 * `shape->fields` but for their directions. */
static bool collect_pairs(struct lower *lower, const struct pairs *pairs, struct tuples *tuples)
{
        uint32_t words = lists_words(pairs->shape.host), fields = words + 1;
        uint8_t port_direction = pairs->shape.port_direction;

        *tuples = (struct tuples){.shape.count = (uint8_t)fields};
        tuples->values = lower_take(lower, pairs->count * (size_t)fields * sizeof *tuples->values);
        for (uint32_t i = 0; tuples->values && i < pairs->count; i++) {
                const struct pair *pair = &pairs->pairs[i];
                struct interval *values = tuples->values + tuples->count * (size_t)fields;

                if (pair->transport && pair->transport != lower->layer->number)
                        continue;
                memcpy(values, pair->host.words, words * sizeof *values);
                values[words] = pair->port;
                tuples->count++;
        }
        tuples->shape.fields[words] = (struct tuple_field){TREE_PORT, port_direction, 0};
        return tuples->values;
}

/* A search for the address at one end after the other. */
static uint32_t test_pairs(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        const struct pairs *pairs = &lower->lists->pairs[tree->list - 1];
        const struct layer *layer = lower->layer;
        bool ipv4 = pairs->shape.host == TREE_IPV4;
        uint32_t terms[TUPLES_MAX_FIELDS][2], words = lists_words(pairs->shape.host);
        struct tuples tuples;

        if (layer->class != (ipv4 ? CLASS_IPV4 : CLASS_IPV6) || layer->later_fragment ||
            !has_ports(layer->number) || !collect_pairs(lower, pairs, &tuples))
                return no;
        for (uint32_t end = 0; end < 2; end++) {
                for (uint32_t word = 0; word < words; word++)
                        terms[word][end] = layer_load(lower, layer->head,
                                                      ipv4 ? IPV4_SOURCE + 4 * end
                                                           : IPV6_SOURCE + 16 * end + 4 * word,
                                                      BPF_W);
                terms[words][end] = layer_load(lower, layer->body, 2 * end, BPF_H);
        }
        for (uint8_t direction = DIRECTION_DST; direction >= DIRECTION_SRC; direction--) {
                if (pairs->shape.host_direction != DIRECTION_DEFAULT &&
                    pairs->shape.host_direction != direction)
                        continue;
                for (uint32_t word = 0; word < words; word++)
                        tuples.shape.fields[word] =
                            (struct tuple_field){pairs->shape.host, direction, (uint8_t)word};
                no = lower_tuple_search(lower, &tuples, (const uint32_t(*)[2])terms, yes, no);
        }
        return no;
}

/* --- Calculations --- */

/* A number: its term, and what must not be 0 in it. */
struct calculation {
        uint32_t divisors[8];
        uint32_t count;
        bool failed;
};

static bool is_of_network(enum tree_protocol protocol)
{
        return protocol == PROTOCOL_IP || protocol == PROTOCOL_IP6 || protocol == PROTOCOL_ARP ||
               protocol == PROTOCOL_RARP;
}

/* Where the header of a protocol is; false if the layer has none. */
static bool find_header(const struct layer *layer, enum tree_protocol protocol, struct place *place)
{
        bool in_head = protocol == PROTOCOL_LINK || is_of_network(protocol);

        *place = in_head ? layer->head : layer->body;
        if (protocol == PROTOCOL_LINK)
                return true;
        return is_named_protocol(layer, protocol) && (in_head || !layer->later_fragment);
}

static uint32_t calculate(struct lower *lower, const struct tree *tree,
                          struct calculation *calculation);

static uint32_t calculate_load(struct lower *lower, const struct tree *tree,
                               struct calculation *calculation)
{
        uint32_t index = calculate(lower, tree->operands, calculation);
        struct place place;

        if (!find_header(lower->layer, tree->protocol, &place)) {
                calculation->failed = true;
                return 0;
        }
        return load_at(lower, place, index, 0, lower_load_size(tree->size));
}

/* Their depth is limited (layers.c). */
static uint32_t calculate(struct lower *lower, const struct tree *tree,
                          struct calculation *calculation)
{
        struct graph *graph = lower->graph;
        uint32_t left, right;

        switch (tree->kind) {
        case TREE_NUMBER: return graph_constant(graph, tree->number);
        case TREE_LENGTH: return layer_length(lower);
        case TREE_LOAD: return calculate_load(lower, tree, calculation);
        case TREE_NEGATE:
                left = calculate(lower, tree->operands, calculation);
                return graph_operation(graph, BPF_NEG, left, GRAPH_NONE);
        }
        left = calculate(lower, tree->operands, calculation);
        right = calculate(lower, tree->operands->next, calculation);
        if ((tree->operation == TREE_DIVIDE || tree->operation == TREE_MODULO) &&
            graph->terms[right].low == 0) {
                if (calculation->count <
                    sizeof calculation->divisors / sizeof *calculation->divisors)
                        calculation->divisors[calculation->count++] = right;
                else
                        lower_foreign(lower);
        }
        return graph_operation(graph, lower_operation(tree->operation), left, right);
}

static uint32_t test_relation(struct lower *lower, const struct tree *tree, uint32_t yes,
                              uint32_t no)
{
        struct calculation calculation = {.count = 0};
        uint32_t left = calculate(lower, tree->operands, &calculation), node;
        uint32_t right = calculate(lower, tree->operands->next, &calculation);

        if (calculation.failed)
                return no;
        node = lower_comparison(lower, tree->operation, left, right, yes, no);
        while (calculation.count > 0)
                node = lower_jump(lower, BPF_JGT, calculation.divisors[--calculation.count], 0,
                                  node, no);
        return node;
}

/* --- Facts --- */

static uint32_t mac_at(struct lower *lower, const struct tree *tree, const struct ends *ends,
                       uint32_t offset, uint32_t yes, uint32_t no)
{
        static const uint8_t everyone[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
        const uint8_t *mac = tree->kind == TREE_MAC ? tree->test->mac : everyone;
        struct word words[] = {
            {layer_load(lower, lower->layer->head, offset + 2, BPF_W), UINT32_MAX,
             net_read(mac + 2, 4)},
            {layer_load(lower, lower->layer->head, offset, BPF_H), UINT32_MAX, net_read(mac, 2)},
        };

        (void)ends;
        return lower_match(lower, tree, words, 2, yes, no);
}

uint32_t layer_frame_fact(struct lower *lower, const struct tree *tree, struct place place,
                          uint32_t yes, uint32_t no)
{
        static const struct ends ends = {mac_at, 0, ETHERNET_SOURCE, 0};
        const struct layer *layer = lower->layer;
        struct layer frame = *layer;
        uint32_t node;

        frame.head = (struct place){place.base, place.add - ETHERNET_HEADER};
        lower->layer = &frame;
        switch (tree->kind) {
        case TREE_MAC: node = lower_ends(lower, tree, &ends, yes, no); break;
        case TREE_BROADCAST: node = mac_at(lower, tree, &ends, 0, yes, no); break;
        case TREE_MULTICAST:
                node = lower_jump(lower, BPF_JSET, layer_load(lower, frame.head, 0, BPF_B), 1, yes,
                                  no);
                break;
        case TREE_RELATION: node = test_relation(lower, tree, yes, no); break;
        default: node = no; /* met elsewhere */
        }
        lower->layer = layer;
        return node;
}

static uint32_t test_fact(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        const struct layers *layers = lower->layers;
        uint32_t marks = graph_variable(lower->graph, LAYER_MARKS);

        for (uint32_t i = 0; i < layers->fact_count; i++)
                if (layers->facts[i].tree->test == tree->test &&
                    layers->facts[i].tree->operands == tree->operands)
                        return lower_jump(lower, BPF_JSET, marks, layers->facts[i].mark, yes, no);
        return no;
}

/* --- Queries --- */

/* Operands are made from the last to the first. */
static uint32_t test_operands(struct lower *lower, const struct tree *tree, uint32_t yes,
                              uint32_t no)
{
        const struct tree **operands = lower_take(lower, tree->operand_count * sizeof *operands);
        uint32_t count = 0;

        if (!operands)
                return no;
        for (const struct tree *operand = tree->operands; operand; operand = operand->next)
                operands[count++] = operand;
        while (count-- > 0)
                if (tree->kind == TREE_AND)
                        yes = layer_test(lower, operands[count], yes, no);
                else
                        no = layer_test(lower, operands[count], yes, no);
        return tree->kind == TREE_AND ? yes : no;
}

uint32_t layer_test(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        const struct layer *layer = lower->layer;

        if (layers_is_fact(tree))
                return test_fact(lower, tree, yes, no);
        switch (tree->kind) {
        case TREE_AND:
        case TREE_OR: return test_operands(lower, tree, yes, no);
        case TREE_IPV4: return test_ipv4(lower, tree, yes, no);
        case TREE_IPV6: return test_ipv6(lower, tree, yes, no);
        case TREE_BROADCAST:
        case TREE_MULTICAST: return test_cast(lower, tree, yes, no);
        case TREE_PORT:
        case TREE_PORT_RANGE: return test_ports(lower, tree, yes, no);
        case TREE_PAIRS: return test_pairs(lower, tree, yes, no);
        case TREE_PROTO:
                return is_protocol(layer, tree->test->qualifiers.protocol, tree->test->number)
                           ? yes
                           : test_fact(lower, tree, yes, no);
        case TREE_PROTOCOL:
                return is_named_protocol(layer, tree->test->qualifiers.protocol)
                           ? yes
                           : test_fact(lower, tree, yes, no);
        case TREE_PPPOED: return is_protocol(layer, PROTOCOL_LINK, ETHERTYPE_PPPOED) ? yes : no;
        case TREE_LESS:
                return lower_jump(lower, BPF_JGT, layer_length(lower), tree->test->number, no, yes);
        case TREE_GREATER:
                return lower_jump(lower, BPF_JGE, layer_length(lower), tree->test->number, yes, no);
        case TREE_RELATION: return test_relation(lower, tree, yes, no);
        default: return no;
        }
}

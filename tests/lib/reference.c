/* What lies within `deep` is answered for the layers that the dissector finds; tests outside of it
 * by libpcap's program for each. */
#include "reference.h"

#include "base/array.h"
#include "dissector.h"
#include "radio.h"

#include <pcap/pcap.h>
#include <stdlib.h>

/* --- Answers --- */

static enum answer from_bool(bool value)
{
        return value ? ANSWER_YES : ANSWER_NO;
}

static enum answer either(enum answer a, enum answer b)
{
        if (a == ANSWER_YES || b == ANSWER_YES)
                return ANSWER_YES;
        return a == ANSWER_NO && b == ANSWER_NO ? ANSWER_NO : ANSWER_UNKNOWN;
}

static enum answer negated(enum answer a)
{
        return a == ANSWER_UNKNOWN ? a : from_bool(a == ANSWER_NO);
}

static enum answer both(enum answer a, enum answer b)
{
        return negated(either(negated(a), negated(b)));
}

/* Found among values of which more may be missing. */
static enum answer found(bool yes, bool known)
{
        return yes ? ANSWER_YES : known ? ANSWER_NO : ANSWER_UNKNOWN;
}

static enum answer has_type(const struct dissected_layer *layer, uint16_t type)
{
        return layer->type_known ? from_bool(layer->type == type) : ANSWER_UNKNOWN;
}

static enum answer is_ip(const struct dissected_layer *layer)
{
        return either(has_type(layer, TYPE_IPV4), has_type(layer, TYPE_IPV6));
}

static enum answer has_number(const struct dissected_layer *layer, uint32_t number)
{
        for (size_t i = 0; i < layer->number_count; i++)
                if (layer->numbers[i] == number)
                        return ANSWER_YES;
        return found(false, layer->number_known);
}

/* The protocol, and its header. */
static enum answer has_body(const struct dissected_layer *layer, uint32_t number)
{
        if (!layer->number_known)
                return ANSWER_UNKNOWN;
        return from_bool(layer->has_body && layer->number_count > 0 &&
                         layer->numbers[layer->number_count - 1] == number);
}

/* A field of the packet compared with a value, byte by byte under a mask. */
static enum answer field_is(struct dissection *dissection, uint64_t offset, const uint8_t *value,
                            const uint8_t *mask, size_t size)
{
        if (offset + size > dissection->packet->captured)
                return ANSWER_UNKNOWN;
        for (size_t i = 0; i < size; i++)
                if ((dissection->packet->data[offset + i] & mask[i]) != (value[i] & mask[i]))
                        return ANSWER_NO;
        return ANSWER_YES;
}

static enum answer directed(uint8_t direction, enum answer source, enum answer destination)
{
        switch (direction) {
        case DIRECTION_SRC: return source;
        case DIRECTION_DST: return destination;
        case DIRECTION_AND: return both(source, destination);
        default: return either(source, destination);
        }
}

static enum answer answer_ipv4(struct dissection *dissection, const struct dissected_layer *layer,
                               const struct tree_test *test)
{
        static const struct {
                uint8_t protocol;
                uint16_t type;
                uint8_t source, destination;
        } places[] = {
            {PROTOCOL_IP, TYPE_IPV4, 12, 16},
            {PROTOCOL_ARP, TYPE_ARP, 14, 24},
            {PROTOCOL_RARP, TYPE_RARP, 14, 24},
        };
        uint8_t value[4], mask[4];
        enum answer answer = ANSWER_NO;

        for (int i = 0; i < 4; i++) {
                value[i] = (uint8_t)(test->ipv4.address >> (24 - 8 * i));
                mask[i] = (uint8_t)(test->ipv4.mask >> (24 - 8 * i));
        }
        for (size_t i = 0; i < array_count(places); i++) {
                uint8_t protocol = test->qualifiers.protocol;
                size_t head = layer->head;

                if (protocol != PROTOCOL_DEFAULT && protocol != places[i].protocol)
                        continue;
                answer = either(
                    answer,
                    both(has_type(layer, places[i].type),
                         directed(
                             test->qualifiers.direction,
                             field_is(dissection, head + places[i].source, value, mask, 4),
                             field_is(dissection, head + places[i].destination, value, mask, 4))));
        }
        return answer;
}

static enum answer answer_ipv6(struct dissection *dissection, const struct dissected_layer *layer,
                               const struct tree_test *test)
{
        uint8_t mask[16];

        for (unsigned i = 0; i < 16; i++) {
                unsigned bits = test->ipv6.prefix > 8 * i ? test->ipv6.prefix - 8 * i : 0;

                mask[i] = (uint8_t)(bits >= 8 ? 0xff : 0xff00 >> bits);
        }
        return both(has_type(layer, TYPE_IPV6),
                    directed(test->qualifiers.direction,
                             field_is(dissection, layer->head + 8, test->ipv6.address, mask, 16),
                             field_is(dissection, layer->head + 24, test->ipv6.address, mask, 16)));
}

static enum answer answer_mac(struct dissection *dissection, const struct dissected_layer *layer,
                              uint8_t direction, const uint8_t *mac, const uint8_t *mask)
{
        size_t source = layer->frame + 6, destination = layer->frame;
        enum radio radio = RADIO_FOUND;

        if (!layer->has_frame)
                return ANSWER_NO;
        if (layer->wlan)
                radio =
                    radio_find_addresses(dissection->packet, layer->frame, &source, &destination);
        if (radio != RADIO_FOUND)
                return found(false, radio == RADIO_NOTHING);
        if (layer->wlan && direction != DIRECTION_DST && source + 6 > dissection->packet->captured)
                return ANSWER_UNKNOWN; /* it is looked at first, and the last thing there is */
        return directed(direction, field_is(dissection, source, mac, mask, 6),
                        field_is(dissection, destination, mac, mask, 6));
}

static enum answer port_within(struct dissection *dissection, uint64_t offset, uint16_t low,
                               uint16_t high)
{
        uint32_t port;

        if (!read_number(dissection->packet, offset, 2, &port))
                return ANSWER_UNKNOWN;
        return from_bool(port >= low && port <= high);
}

static enum answer answer_ports(struct dissection *dissection, const struct dissected_layer *layer,
                                const struct tree_test *test)
{
        static const uint8_t transports[] = {6, 17, 132};
        uint16_t first = test->ports.first, last = test->ports.last;
        uint16_t low = first < last ? first : last, high = first < last ? last : first;
        enum answer answer = ANSWER_NO;

        for (size_t i = 0; i < array_count(transports); i++)
                if (!test->ports.transport || test->ports.transport == transports[i])
                        answer = either(answer, has_body(layer, transports[i]));
        if (test->qualifiers.protocol == PROTOCOL_IP)
                answer = both(answer, has_type(layer, TYPE_IPV4));
        if (test->qualifiers.protocol == PROTOCOL_IP6)
                answer = both(answer, has_type(layer, TYPE_IPV6));
        return both(answer, directed(test->qualifiers.direction,
                                     port_within(dissection, layer->body, low, high),
                                     port_within(dissection, layer->body + 2, low, high)));
}

/* Protocols of IP by name: which versions, and the number. */
static const struct protocol {
        uint8_t protocol, number;
        bool ipv4, ipv6;
} protocols[] = {
    {PROTOCOL_SCTP, 132, true, true},  {PROTOCOL_TCP, 6, true, true},
    {PROTOCOL_UDP, 17, true, true},    {PROTOCOL_ICMP, 1, true, false},
    {PROTOCOL_IGMP, 2, true, false},   {PROTOCOL_IGRP, 9, true, false},
    {PROTOCOL_PIM, 103, true, true},   {PROTOCOL_VRRP, 112, true, false},
    {PROTOCOL_CARP, 112, true, false}, {PROTOCOL_ICMP6, 58, false, true},
    {PROTOCOL_AH, 51, true, true},     {PROTOCOL_ESP, 50, true, true},
};

static const struct protocol *find_protocol(uint8_t protocol)
{
        for (size_t i = 0; i < array_count(protocols); i++)
                if (protocols[i].protocol == protocol)
                        return &protocols[i];
        return NULL;
}

static enum answer has_version(const struct dissected_layer *layer, bool ipv4, bool ipv6)
{
        return either(ipv4 ? has_type(layer, TYPE_IPV4) : ANSWER_NO,
                      ipv6 ? has_type(layer, TYPE_IPV6) : ANSWER_NO);
}

/* EtherTypes by name. */
static uint16_t type_of(uint8_t protocol)
{
        switch (protocol) {
        case PROTOCOL_IP: return TYPE_IPV4;
        case PROTOCOL_IP6: return TYPE_IPV6;
        case PROTOCOL_ARP: return TYPE_ARP;
        case PROTOCOL_RARP: return TYPE_RARP;
        case PROTOCOL_LAT: return 0x6004;
        case PROTOCOL_SCA: return 0x6007;
        case PROTOCOL_MOPDL: return 0x6001;
        case PROTOCOL_MOPRC: return 0x6002;
        case PROTOCOL_DECNET: return 0x6003;
        case PROTOCOL_ATALK: return 0x809b;
        case PROTOCOL_AARP: return 0x80f3;
        default: return 0;
        }
}

static enum answer answer_protocol(const struct dissected_layer *layer, uint8_t protocol)
{
        const struct protocol *of_ip = find_protocol(protocol);

        if (of_ip)
                return both(has_version(layer, of_ip->ipv4, of_ip->ipv6),
                            has_number(layer, of_ip->number));
        return has_type(layer, type_of(protocol));
}

static enum answer answer_proto(const struct dissected_layer *layer, const struct tree_test *test)
{
        switch (test->qualifiers.protocol) {
        case PROTOCOL_LINK: return has_type(layer, (uint16_t)test->number);
        case PROTOCOL_IP:
                return both(has_version(layer, true, false), has_number(layer, test->number));
        case PROTOCOL_IP6:
                return both(has_version(layer, false, true), has_number(layer, test->number));
        default: return both(is_ip(layer), has_number(layer, test->number));
        }
}

static enum answer answer_casts(struct dissection *dissection, const struct dissected_layer *layer,
                                const struct tree *tree)
{
        static const uint8_t all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, group[6] = {1};
        uint32_t byte;

        switch (tree->test->qualifiers.protocol) {
        case PROTOCOL_IP:
                if (!read_number(dissection->packet, layer->head + 16, 1, &byte))
                        return both(has_type(layer, TYPE_IPV4), ANSWER_UNKNOWN);
                return both(has_type(layer, TYPE_IPV4), from_bool(byte >= 224));
        case PROTOCOL_IP6:
                if (!read_number(dissection->packet, layer->head + 24, 1, &byte))
                        return both(has_type(layer, TYPE_IPV6), ANSWER_UNKNOWN);
                return both(has_type(layer, TYPE_IPV6), from_bool(byte == 255));
        default:
                return answer_mac(dissection, layer, DIRECTION_DST,
                                  tree->kind == TREE_BROADCAST ? all : group,
                                  tree->kind == TREE_BROADCAST ? all : group);
        }
}

static enum answer answer_tunnel(const struct dissected_layer *layer, uint8_t tunnel,
                                 bool has_network, uint32_t network)
{
        if (!layer->in_tunnel)
                return ANSWER_NO;
        if (tunnel == TUNNEL_VNI ? layer->tunnel != TUNNEL_VXLAN && layer->tunnel != TUNNEL_GENEVE
                                 : layer->tunnel != tunnel)
                return ANSWER_NO;
        return from_bool(!has_network || layer->network == network);
}

/* --- Relations --- */

struct value {
        enum answer there; /* ANSWER_NO: its header is none of the layer's */
        uint32_t number;
};

static struct value value_of(struct dissection *dissection, const struct dissected_layer *layer,
                             const struct tree *tree);

/* Where the header of a load begins. */
static enum answer find_header(const struct dissected_layer *layer, uint8_t protocol,
                               uint64_t *offset)
{
        const struct protocol *of_ip = find_protocol(protocol);

        if (protocol == PROTOCOL_LINK) {
                *offset = layer->frame;
                return from_bool(layer->has_frame);
        }
        if (of_ip) {
                *offset = layer->body;
                return both(has_version(layer, of_ip->ipv4, of_ip->ipv6),
                            has_body(layer, of_ip->number));
        }
        *offset = layer->head;
        return has_type(layer, type_of(protocol));
}

static struct value load_of(struct dissection *dissection, const struct dissected_layer *layer,
                            const struct tree *tree)
{
        struct value index = value_of(dissection, layer, tree->operands);
        struct value value = {ANSWER_UNKNOWN, 0};
        uint64_t offset;

        value.there = both(find_header(layer, tree->protocol, &offset), index.there);
        if (value.there == ANSWER_YES &&
            !read_number(dissection->packet, offset + index.number, tree->size, &value.number))
                value.there = ANSWER_UNKNOWN;
        return value;
}

static bool calculate(uint8_t operation, uint32_t a, uint32_t b, uint32_t *number)
{
        switch (operation) {
        case TREE_ADD: *number = a + b; return true;
        case TREE_SUBTRACT: *number = a - b; return true;
        case TREE_MULTIPLY: *number = a * b; return true;
        case TREE_BIT_AND: *number = a & b; return true;
        case TREE_BIT_OR: *number = a | b; return true;
        case TREE_BIT_XOR: *number = a ^ b; return true;
        case TREE_SHIFT_LEFT: *number = b > 31 ? 0 : a << b; return true;
        case TREE_SHIFT_RIGHT: *number = b > 31 ? 0 : a >> b; return true;
        case TREE_DIVIDE: *number = b ? a / b : 0; return b != 0;
        case TREE_MODULO: *number = b ? a % b : 0; return b != 0;
        default: return false;
        }
}

static struct value value_of(struct dissection *dissection, const struct dissected_layer *layer,
                             const struct tree *tree)
{
        struct value a, b;

        switch (tree->kind) {
        case TREE_NUMBER: return (struct value){ANSWER_YES, tree->number};
        case TREE_LENGTH: return (struct value){ANSWER_YES, dissection->packet->length};
        case TREE_LOAD: return load_of(dissection, layer, tree);
        case TREE_NEGATE:
                a = value_of(dissection, layer, tree->operands);
                a.number = -a.number;
                return a;
        default:
                a = value_of(dissection, layer, tree->operands);
                b = value_of(dissection, layer, tree->operands->next);
                a.there = both(a.there, b.there);
                if (!calculate(tree->operation, a.number, b.number, &a.number) &&
                    a.there == ANSWER_YES)
                        a.there = ANSWER_UNKNOWN;
                return a;
        }
}

static bool compare(uint8_t operation, uint32_t a, uint32_t b)
{
        switch (operation) {
        case TREE_EQUAL: return a == b;
        case TREE_NOT_EQUAL: return a != b;
        case TREE_GREATER_THAN: return a > b;
        case TREE_GREATER_OR_EQUAL: return a >= b;
        case TREE_LESS_THAN: return a < b;
        default: return a <= b;
        }
}

static enum answer answer_relation(struct dissection *dissection,
                                   const struct dissected_layer *layer, const struct tree *tree)
{
        struct value a = value_of(dissection, layer, tree->operands);
        struct value b = value_of(dissection, layer, tree->operands->next);
        enum answer there = both(a.there, b.there);

        return there == ANSWER_YES ? from_bool(compare(tree->operation, a.number, b.number))
                                   : there;
}

/* --- Trees --- */

enum {
        SCOPE_OUTER = 1,
        SCOPE_INNER = 2,
};

static const unsigned scopes[] = {
    [LAYERS_ANY] = SCOPE_OUTER | SCOPE_INNER,
    [LAYERS_OUTER] = SCOPE_OUTER,
    [LAYERS_INNER] = SCOPE_INNER,
};

/* The answer to one test of a layer. */
static enum answer answer_test(struct dissection *dissection, const struct dissected_layer *layer,
                               const struct tree *tree)
{
        const struct tree_test *test = tree->test;
        uint32_t length = dissection->packet->length;
        bool yes = false;

        switch (tree->kind) {
        case TREE_IPV4: return answer_ipv4(dissection, layer, test);
        case TREE_IPV6: return answer_ipv6(dissection, layer, test);
        case TREE_MAC: {
                static const uint8_t all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

                return answer_mac(dissection, layer, test->qualifiers.direction, test->mac, all);
        }
        case TREE_PORT:
        case TREE_PORT_RANGE: return answer_ports(dissection, layer, test);
        case TREE_PROTO: return answer_proto(layer, test);
        case TREE_PROTOCOL: return answer_protocol(layer, test->qualifiers.protocol);
        case TREE_BROADCAST:
        case TREE_MULTICAST: return answer_casts(dissection, layer, tree);
        case TREE_PPPOED: return has_type(layer, TYPE_PPPOED);
        case TREE_LESS: return from_bool(length <= test->number);
        case TREE_GREATER: return from_bool(length >= test->number);
        case TREE_VLAN:
                for (size_t i = 0; i < layer->tag_count; i++)
                        yes |= !test->has_number || layer->tags[i] == test->number;
                return found(yes, layer->type_known);
        case TREE_MPLS:
                for (size_t i = 0; i < layer->label_count; i++)
                        yes |= !test->has_number || layer->labels[i] == test->number;
                return found(yes, layer->type_known);
        case TREE_PPPOES:
                yes = layer->has_session && (!test->has_number || layer->session == test->number);
                return found(yes, layer->type_known);
        case TREE_GENEVE:
                return answer_tunnel(layer, TUNNEL_GENEVE, test->has_number, test->number);
        case TREE_TUNNEL: return answer_tunnel(layer, test->word, test->has_number, test->number);
        default: abort(); /* none that the generator of expressions writes */
        }
}

static enum answer some_layer(struct dissection *dissection, unsigned scope, bool strict,
                              const struct tree *tree);

/* A layer that has nothing, and one of which nothing is there. */
static const struct dissected_layer no_layer, missing_layer;

/* `strict`: an operand that is unknown is not made up for by a later one. */
static enum answer of_layer(struct dissection *dissection, const struct dissected_layer *layer,
                            unsigned scope, bool strict, const struct tree *tree)
{
        bool all = tree->kind == TREE_AND;
        enum answer answer = from_bool(all);

        switch (tree->kind) {
        case TREE_AND:
        case TREE_OR:
                for (const struct tree *operand = tree->operands; operand;
                     operand = operand->next) {
                        enum answer next = of_layer(dissection, layer, scope, strict, operand);

                        if (strict && (answer == ANSWER_UNKNOWN || next == ANSWER_UNKNOWN))
                                answer = ANSWER_UNKNOWN;
                        else
                                answer = all ? both(answer, next) : either(answer, next);
                }
                return answer;
        case TREE_NOT: return negated(some_layer(dissection, scope, strict, tree->operands));
        case TREE_LAYERS:
                return some_layer(dissection, scope & scopes[tree->test->word], strict,
                                  tree->test->inside);
        }
        if (layer == &missing_layer || layer == &no_layer)
                return layer == &missing_layer ? ANSWER_UNKNOWN : ANSWER_NO;
        answer = tree->kind == TREE_RELATION ? answer_relation(dissection, layer, tree)
                                             : answer_test(dissection, layer, tree);
        if (answer == ANSWER_UNKNOWN && (size_t)(layer - dissection->layers) < dissection->complete)
                dissection->complete = (size_t)(layer - dissection->layers);
        return answer;
}

/* Without any layer, what holds is what is said by `not` alone. `strict`: nothing is said of the
 * layer that is cut off. */
static enum answer some_layer(struct dissection *dissection, unsigned scope, bool strict,
                              const struct tree *tree)
{
        enum answer answer = of_layer(dissection, &no_layer, scope, strict, tree);

        for (size_t i = 0; i < dissection->count; i++) {
                const struct dissected_layer *layer = &dissection->layers[i];

                if (strict && i >= dissection->complete)
                        layer = &missing_layer;
                if (scope & (i == 0 ? SCOPE_OUTER : SCOPE_INNER))
                        answer = either(answer, of_layer(dissection, layer, scope, strict, tree));
        }
        if (dissection->cut && dissection->count < DISSECTOR_LAYERS && scope & SCOPE_INNER)
                answer = either(answer, of_layer(dissection, &missing_layer, scope, strict, tree));
        return answer;
}

/* Whether a layer that is there decides the expression by one test of it: it is that, or it and
 * others joined by `or`. */
static bool decides(struct dissection *dissection, unsigned scope, const struct tree *tree)
{
        bool plain = true;

        if (tree->kind == TREE_LAYERS)
                return decides(dissection, scope & scopes[tree->test->word], tree->test->inside);
        for (const struct tree *node = tree_first(tree); node != tree; node = tree_next(node))
                plain &= node->kind != TREE_NOT && node->kind != TREE_LAYERS;
        if (plain && tree->kind != TREE_NOT)
                return some_layer(dissection, scope, true, tree) == ANSWER_YES;
        for (const struct tree *operand = tree->operands; operand && tree->kind == TREE_OR;
             operand = operand->next)
                if (decides(dissection, scope, operand))
                        return true;
        return false;
}

/* The same of tests within and outside of `deep`. */
static bool layer_decides(struct dissection *dissection, const struct tree *tree)
{
        if (tree->kind == TREE_LAYERS)
                return decides(dissection, SCOPE_OUTER | SCOPE_INNER, tree);
        for (const struct tree *operand = tree->operands; operand && tree->kind == TREE_OR;
             operand = operand->next)
                if (layer_decides(dissection, operand))
                        return true;
        return false;
}

/* --- Expressions --- */

struct ordinary {
        const struct tree *tree;
        struct bpf_program program;
        struct ordinary *next;
};

struct reference {
        struct arena arena;
        struct tree *tree; /* NULL: all packets */
        char *text;        /* with sets written out */
        int link_type;
        struct ordinary *ordinary;
        bool asks_inner; /* about other layers than the outermost */
};

static bool add_ordinary(struct reference *reference, const struct tree *tree, struct error *error)
{
        struct ordinary *ordinary = calloc(1, sizeof *ordinary);
        char *text = cbpf_tree_text(tree);
        pcap_t *pcap = pcap_open_dead(reference->link_type, 262144);
        bool compiled = ordinary && text && pcap &&
                        pcap_compile(pcap, &ordinary->program, text, 0, PCAP_NETMASK_UNKNOWN) == 0;

        if (compiled) {
                ordinary->tree = tree;
                ordinary->next = reference->ordinary;
                reference->ordinary = ordinary;
        } else {
                error_set(error, "%s: %s", text ? text : "?", pcap ? pcap_geterr(pcap) : "?");
                free(ordinary);
        }
        if (pcap)
                pcap_close(pcap);
        free(text);
        return compiled;
}

/* Where headers vary in length, libpcap may overwrite where they start, if comparisons come before;
 * not in a program for each test. */
static bool may_overwrite(const struct reference *reference, const struct tree *tree)
{
        return tree->kind == TREE_RELATION &&
               (reference->link_type == DLT_PFLOG || radio_link_type(reference->link_type));
}

static bool asks_inner(const struct tree *tree)
{
        for (const struct tree *node = tree_first(tree); node; node = tree_next(node))
                if (node->kind == TREE_LAYERS && node->test->word != LAYERS_OUTER)
                        return true;
        return false;
}

struct reference *reference_new(const char *expression, int link_type, struct error *error)
{
        struct reference *reference = calloc(1, sizeof *reference);

        if (!reference)
                return NULL;
        reference->link_type = link_type;
        if (cbpf_has_sets(expression)) {
                reference->text = cbpf_write_out(expression, NULL, error);
                if (!reference->text)
                        goto failed;
                expression = reference->text;
        }
        if (cbpf_parse(expression, 0, NULL, &reference->arena, &reference->tree, error) < 0)
                goto failed;
        if (!reference->tree)
                return reference;
        reference->asks_inner = asks_inner(reference->tree);
        for (const struct tree *node = tree_first(reference->tree); node; node = tree_next(node))
                if (may_overwrite(reference, node)) {
                        error_set(error, "a meaning that only libpcap knows");
                        goto failed;
                } else if (!tree_is_logic(node) && !tree_is_number(node) &&
                           node->kind != TREE_LAYERS && !add_ordinary(reference, node, error))
                        goto failed;
        return reference;
failed:
        reference_free(reference);
        return NULL;
}

void reference_free(struct reference *reference)
{
        if (!reference)
                return;
        while (reference->ordinary) {
                struct ordinary *ordinary = reference->ordinary;

                reference->ordinary = ordinary->next;
                pcap_freecode(&ordinary->program);
                free(ordinary);
        }
        arena_free(&reference->arena);
        free(reference->text);
        free(reference);
}

static enum answer answer_ordinary(const struct reference *reference, const struct tree *tree,
                                   const struct packet *packet)
{
        for (const struct ordinary *ordinary = reference->ordinary; ordinary;
             ordinary = ordinary->next)
                if (ordinary->tree == tree) {
                        struct cbpf_outcome outcome =
                            cbpf_execute(&ordinary->program, packet, NULL, NULL);

                        if (outcome.end != CBPF_END_RETURN)
                                return ANSWER_UNKNOWN;
                        return from_bool(outcome.verdict > 0);
                }
        abort();
}

/* What lies outside of `deep`. `*early` is left unknown by the first test that is. */
static enum answer of_packet(const struct reference *reference, struct dissection *dissection,
                             const struct tree *tree, enum answer *early)
{
        enum answer answer, next, next_early;

        switch (tree->kind) {
        case TREE_AND:
        case TREE_OR:
                answer = *early = from_bool(tree->kind == TREE_AND);
                for (const struct tree *operand = tree->operands; operand;
                     operand = operand->next) {
                        next = of_packet(reference, dissection, operand, &next_early);
                        answer = tree->kind == TREE_AND ? both(answer, next) : either(answer, next);
                        if (*early == from_bool(tree->kind == TREE_AND))
                                *early = next_early;
                }
                return answer;
        case TREE_NOT:
                answer = of_packet(reference, dissection, tree->operands, early);
                *early = negated(*early);
                return negated(answer);
        case TREE_LAYERS:
                return *early = some_layer(dissection, scopes[tree->test->word], false,
                                           tree->test->inside);
        default: return *early = answer_ordinary(reference, tree, dissection->packet);
        }
}

enum answer reference_answer(struct reference *reference, const struct packet *packet,
                             enum answer *early)
{
        struct dissection dissection;
        enum answer answer;

        if (!reference->tree)
                return *early = ANSWER_YES;
        if (!dissect(&dissection, packet, reference->link_type))
                abort();
        if (dissection.none)
                return *early = ANSWER_NO;
        if (!reference->asks_inner && dissection.count > 1) {
                dissection.count = dissection.complete = 1;
                dissection.cut = false;
        }
        answer = of_packet(reference, &dissection, reference->tree, early);
        if (dissection.complete < dissection.count)
                *early = layer_decides(&dissection, reference->tree) ? ANSWER_YES : ANSWER_UNKNOWN;
        return answer;
}

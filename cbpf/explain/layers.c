/* What is known of a packet, and the headers it must have for that.
 *
 * A header is there if the field before it, which says what follows, is known to say so. Nothing
 * else makes one: a note must hold for every packet that comes to its instruction. */
#include "layers.h"
#include "net/protocols.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <string.h>

/* --- Knowledge --- */

/* Whether a term is worth knowing: of what is at a constant place, as headers' types are. */
static bool tells(const struct graph *graph, uint32_t term)
{
        const struct term *at = &graph->terms[term];

        if (at->kind == TERM_OPERATION && (at->code == BPF_AND || at->code == BPF_RSH) &&
            graph_is_constant(graph, at->b))
                at = &graph->terms[at->a];
        return at->kind == TERM_LOAD && at->a == GRAPH_NONE;
}

bool knowledge_add(struct knowledge *knowledge, const struct graph *graph, uint32_t term,
                   uint32_t low, uint32_t high)
{
        uint32_t most = graph->terms[term].high;

        if (high > most)
                high = most;
        if (low > high)
                return false;
        for (uint32_t i = 0; i < knowledge->count; i++) {
                struct fact *fact = &knowledge->facts[i];

                if (fact->term != term)
                        continue;
                if (low > fact->low)
                        fact->low = low;
                if (high < fact->high)
                        fact->high = high;
                return fact->low <= fact->high;
        }
        if (knowledge->count < MAX_FACTS && tells(graph, term) && (low > 0 || high < most))
                knowledge->facts[knowledge->count++] = (struct fact){term, low, high};
        return true;
}

bool knowledge_find(const struct knowledge *knowledge, uint32_t term, uint32_t *low, uint32_t *high)
{
        for (uint32_t i = 0; i < knowledge->count; i++)
                if (knowledge->facts[i].term == term) {
                        *low = knowledge->facts[i].low;
                        *high = knowledge->facts[i].high;
                        return true;
                }
        return false;
}

void knowledge_meet(struct knowledge *knowledge, const struct knowledge *other)
{
        uint32_t kept = 0;

        for (uint32_t i = 0; i < knowledge->count; i++) {
                struct fact fact = knowledge->facts[i];
                uint32_t low, high;

                if (!knowledge_find(other, fact.term, &low, &high))
                        continue;
                if (low < fact.low)
                        fact.low = low;
                if (high > fact.high)
                        fact.high = high;
                knowledge->facts[kept++] = fact;
        }
        knowledge->count = kept;
}

/* --- Headers --- */

struct finder {
        struct layers *layers;
        const struct scene *scene;
        const struct knowledge *knowledge;
        bool assumed;
};

/* The term of a load at a constant offset. */
static uint32_t load(const struct finder *finder, unsigned size, uint32_t offset)
{
        return graph_load(finder->scene->graph, size, GRAPH_NONE, offset);
}

/* What a field is known to be. Loads of a part of it, or bits, count as far as they are loads of
 * all of it. */
static bool is_known(const struct finder *finder, unsigned size, uint32_t offset, uint32_t *value)
{
        uint32_t high;

        return knowledge_find(finder->knowledge, load(finder, size, offset), value, &high) &&
               *value == high;
}

/* The value of some bits of a byte, whether they were asked for alone or follow from all. */
static bool bits_known(const struct finder *finder, uint32_t offset, uint32_t mask, uint32_t *value)
{
        struct graph *graph = finder->scene->graph;
        uint32_t byte = load(finder, BPF_B, offset);
        uint32_t bits = graph_operation(graph, BPF_AND, byte, graph_constant(graph, mask));
        uint32_t low, high;

        if (knowledge_find(finder->knowledge, byte, &low, &high) && (low & mask) == (high & mask) &&
            high - low < mask) {
                *value = low & mask;
                return true;
        }
        return knowledge_find(finder->knowledge, bits, value, &high) && *value == high;
}

static void put(struct finder *finder, enum layer_kind kind, uint32_t base, uint32_t offset)
{
        struct layers *layers = finder->layers;

        if (layers->count < MAX_LAYERS)
                layers->layers[layers->count++] =
                    (struct layer){(uint8_t)kind, finder->assumed, base, offset};
}

static void find_transport(struct finder *finder, uint32_t protocol, bool known, uint32_t base,
                           uint32_t offset)
{
        static const struct {
                uint8_t protocol, kind;
        } kinds[] = {
            {IPPROTO_TCP, LAYER_TCP},   {IPPROTO_UDP, LAYER_UDP},   {IPPROTO_SCTP, LAYER_SCTP},
            {IPPROTO_ICMP, LAYER_ICMP}, {IPPROTO_IGMP, LAYER_IGMP}, {IPPROTO_ICMPV6, LAYER_ICMP6},
            {IPPROTO_ESP, LAYER_ESP},   {IPPROTO_AH, LAYER_AH},
        };

        if (!known) {
                put(finder, LAYER_TRANSPORT, base, offset);
                return;
        }
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
                if (kinds[i].protocol == protocol) {
                        put(finder, kinds[i].kind, base, offset);
                        return;
                }
        put(finder, LAYER_OTHER, base, offset);
}

static void find_ipv4(struct finder *finder, uint32_t at)
{
        struct graph *graph = finder->scene->graph;
        uint32_t start = load(finder, BPF_B, at), protocol = 0;
        bool known = is_known(finder, BPF_B, at + 9, &protocol);

        put(finder, LAYER_IPV4, GRAPH_NONE, at);
        start = graph_operation(graph, BPF_AND, start, graph_constant(graph, 0xf));
        start = graph_operation(graph, BPF_LSH, start, graph_constant(graph, 2));
        find_transport(finder, protocol, known, start, at);
}

static void find_ipv6(struct finder *finder, uint32_t at)
{
        uint32_t next = 0;
        bool known = is_known(finder, BPF_B, at + 6, &next);

        put(finder, LAYER_IPV6, GRAPH_NONE, at);
        if (known && next == IPPROTO_FRAGMENT) {
                put(finder, LAYER_FRAGMENT, GRAPH_NONE, at + 40);
                known = is_known(finder, BPF_B, at + 40, &next);
                find_transport(finder, next, known, GRAPH_NONE, at + 48);
                return;
        }
        find_transport(finder, next, known, GRAPH_NONE, at + 40);
}

/* Where only the version number of IP tells. */
static void find_raw(struct finder *finder, uint32_t at)
{
        uint32_t version;

        if (!bits_known(finder, at, 0xf0, &version))
                put(finder, LAYER_RAW, GRAPH_NONE, at);
        else if (version == 0x40)
                find_ipv4(finder, at);
        else if (version == 0x60)
                find_ipv6(finder, at);
        else
                put(finder, LAYER_OTHER, GRAPH_NONE, at);
}

static void find_mpls(struct finder *finder, uint32_t at)
{
        uint32_t bottom;

        for (;; at += 4) {
                put(finder, LAYER_MPLS, GRAPH_NONE, at);
                if (!bits_known(finder, at + 2, 1, &bottom) || finder->layers->count == MAX_LAYERS)
                        return;
                if (bottom)
                        break;
        }
        find_raw(finder, at + 4);
}

static void find_ppp(struct finder *finder, uint32_t type, uint32_t payload);

static bool is_tag(uint32_t type)
{
        return type == ETHERTYPE_VLAN || type == ETHERTYPE_PROVIDER_VLAN ||
               type == ETHERTYPE_OLD_PROVIDER_VLAN;
}

static bool find_by_ethertype(struct finder *finder, uint32_t type, uint32_t payload)
{
        switch (type) {
        case ETHERTYPE_IPV4: find_ipv4(finder, payload); return true;
        case ETHERTYPE_IPV6: find_ipv6(finder, payload); return true;
        case ETHERTYPE_ARP: put(finder, LAYER_ARP, GRAPH_NONE, payload); return true;
        case ETHERTYPE_RARP: put(finder, LAYER_RARP, GRAPH_NONE, payload); return true;
        case ETHERTYPE_DECNET: put(finder, LAYER_DECNET, GRAPH_NONE, payload); return true;
        case ETHERTYPE_MPLS: find_mpls(finder, payload); return true;
        case ETHERTYPE_PPPOES:
                put(finder, LAYER_PPPOE, GRAPH_NONE, payload);
                find_ppp(finder, payload + 6, payload + 8);
                return true;
        default: return false;
        }
}

/* A network header that is looked for as if behind a tag or label that was not asked for, or in
 * vain: what was tested there tells. */
static bool find_assumed(struct finder *finder, uint32_t type_offset, uint32_t payload)
{
        uint32_t type, bottom, low, high;
        bool mpls = bits_known(finder, payload + 2, 1, &bottom) && bottom &&
                    bits_known(finder, payload + 4, 0xf0, &low) && (low == 0x40 || low == 0x60);

        finder->assumed = true;
        if (is_known(finder, BPF_H, type_offset + 4, &type) && !is_tag(type) &&
            find_by_ethertype(finder, type, payload + 4))
                return true;
        if (mpls) {
                find_raw(finder, payload + 4);
                return true;
        }
        if (knowledge_find(finder->knowledge, load(finder, BPF_H, payload + 6), &low, &high) &&
            low == high && (low == 0x21 || low == 0x57)) {
                find_ppp(finder, payload + 6, payload + 8);
                return true;
        }
        finder->assumed = false;
        return false;
}

/* Behind a field with an EtherType. */
static void find_ethertype(struct finder *finder, uint32_t type_offset, uint32_t payload)
{
        uint32_t type;

        while (is_known(finder, BPF_H, type_offset, &type) && is_tag(type) &&
               finder->layers->count < MAX_LAYERS) {
                put(finder, LAYER_VLAN, GRAPH_NONE, payload);
                type_offset = payload + 2;
                payload += 4;
        }
        if (is_known(finder, BPF_H, type_offset, &type)) {
                if (!find_by_ethertype(finder, type, payload))
                        put(finder, type <= ETHERNET_MAX_LENGTH ? LAYER_LLC : LAYER_OTHER,
                            GRAPH_NONE, payload);
                return;
        }
        find_assumed(finder, type_offset, payload);
}

static void find_llc(struct finder *finder, uint32_t at)
{
        uint32_t saps;

        put(finder, LAYER_LLC, GRAPH_NONE, at);
        if (is_known(finder, BPF_H, at, &saps) && saps == (SAP_ISO << 8 | SAP_ISO))
                put(finder, LAYER_ISO, GRAPH_NONE, at + 3);
}

static void find_ethernet(struct finder *finder)
{
        uint32_t low, high, at = 12;

        put(finder, LAYER_ETHERNET, GRAPH_NONE, 0);
        while (is_known(finder, BPF_H, at, &low) && is_tag(low))
                at += 4;
        if (at == 12 && knowledge_find(finder->knowledge, load(finder, BPF_H, at), &low, &high) &&
            high <= ETHERNET_MAX_LENGTH)
                find_llc(finder, at + 2);
        else
                find_ethertype(finder, 12, 14);
}

static void find_sll(struct finder *finder)
{
        uint32_t type;

        put(finder, LAYER_SLL, GRAPH_NONE, 0);
        if (is_known(finder, BPF_H, 14, &type) && (type == 1 || type == 4))
                find_llc(finder, 16);
        else
                find_ethertype(finder, 14, 16);
}

static void find_ppp(struct finder *finder, uint32_t type_offset, uint32_t payload)
{
        uint32_t type;

        put(finder, LAYER_PPP, GRAPH_NONE, type_offset);
        if (!is_known(finder, BPF_H, type_offset, &type)) {
                find_assumed(finder, type_offset, payload);
                return;
        }
        switch (type) {
        case 0x21: find_ipv4(finder, payload); return;
        case 0x57: find_ipv6(finder, payload); return;
        case 0x27: put(finder, LAYER_DECNET, GRAPH_NONE, payload); return;
        case 0x23: put(finder, LAYER_ISO, GRAPH_NONE, payload); return;
        case 0x281: find_mpls(finder, payload); return;
        }
        if (!find_by_ethertype(finder, type, payload))
                put(finder, LAYER_OTHER, GRAPH_NONE, payload);
}

static void find_by_family(struct finder *finder)
{
        uint32_t family;

        put(finder, LAYER_FAMILY, GRAPH_NONE, 0);
        if (!is_known(finder, BPF_W, 0, &family))
                return;
        if (finder->scene->link_type == DLT_NULL)
                family = htonl(family);
        if (family == AF_INET)
                find_ipv4(finder, 4);
        else if (family == AF_INET6)
                find_ipv6(finder, 4);
}

/* A cooked socket shows the packet from the network header on, and the type as metadata. */
static void find_cooked(struct finder *finder)
{
        uint32_t offset = (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL), type;

        if (is_known(finder, BPF_W, offset, &type) && !find_by_ethertype(finder, type, 0))
                put(finder, LAYER_OTHER, GRAPH_NONE, 0);
}

uint32_t layers_type_offset(const struct scene *scene)
{
        switch (scene->link_type) {
        case DLT_EN10MB: return 12;
        case DLT_LINUX_SLL: return 14;
        case DLT_LINUX_SLL2: return scene->live ? GRAPH_NONE : 0;
        default: return GRAPH_NONE;
        }
}

void layers_find(struct layers *layers, const struct scene *scene,
                 const struct knowledge *knowledge)
{
        struct finder finder = {layers, scene, knowledge, false};

        layers->count = 0;
        switch (scene->link_type) {
        case DLT_EN10MB: find_ethernet(&finder); break;
        case DLT_RAW: find_raw(&finder, 0); break;
        case DLT_IPV4: find_ipv4(&finder, 0); break;
        case DLT_IPV6: find_ipv6(&finder, 0); break;
        case DLT_NULL:
        case DLT_LOOP: find_by_family(&finder); break;
        case DLT_LINUX_SLL: find_sll(&finder); break;
        case DLT_LINUX_SLL2:
                if (scene->live) {
                        find_cooked(&finder);
                        break;
                }
                put(&finder, LAYER_SLL2, GRAPH_NONE, 0);
                find_ethertype(&finder, 0, 20);
                break;
        case DLT_PPP:
        case DLT_PPP_SERIAL:
                put(&finder, LAYER_HDLC, GRAPH_NONE, 0);
                find_ppp(&finder, 2, 4);
                break;
        case DLT_PPP_ETHER:
                put(&finder, LAYER_PPP_ETHER, GRAPH_NONE, 0);
                find_ppp(&finder, 6, 8);
                break;
        }
}

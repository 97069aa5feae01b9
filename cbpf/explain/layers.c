/* What is known about a packet, and which headers follow from that. A header counts as present only
 * if the field that announces it is known to do so: a note must be true of every packet that
 * reaches its instruction. */
#include "layers.h"
#include "base/array.h"
#include "net/protocols.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_arp.h>
#include <netinet/in.h>
#include <string.h>

/* --- Knowledge --- */

/* Parts of a sum; each is at most so large that no place of a packet wraps. */
struct sum {
        uint32_t parts[8];
        uint32_t count;
        uint64_t constant, high;
};

enum { MAX_SETTLED_DEPTH = 12 };

static uint32_t settled(struct graph *graph, uint32_t term, unsigned depth);

static bool add_parts(struct graph *graph, struct sum *sum, uint32_t term, unsigned depth)
{
        const struct term content = graph->terms[term];

        if (content.kind == TERM_CONSTANT) {
                sum->constant += content.k;
                return true;
        }
        if (content.kind == TERM_OPERATION && content.code == BPF_ADD)
                return depth > 0 && add_parts(graph, sum, content.a, depth - 1) &&
                       add_parts(graph, sum, content.b, depth - 1);
        if (sum->count == array_count(sum->parts))
                return false;
        sum->high += content.high;
        sum->parts[sum->count++] = settled(graph, term, depth);
        return true;
}

static void settle(struct graph *graph, uint32_t *base, uint32_t *offset, unsigned depth)
{
        struct sum sum = {.constant = *offset};

        if (*base == GRAPH_NONE || graph->terms[*base].kind != TERM_OPERATION ||
            !add_parts(graph, &sum, *base, depth) || sum.constant + sum.high > INT32_MAX)
                return;
        for (uint32_t i = 1; i < sum.count; i++)
                for (uint32_t j = i; j > 0 && sum.parts[j] < sum.parts[j - 1]; j--) {
                        uint32_t lower = sum.parts[j];

                        sum.parts[j] = sum.parts[j - 1];
                        sum.parts[j - 1] = lower;
                }
        *offset = (uint32_t)sum.constant;
        *base = sum.count > 0 ? sum.parts[0] : GRAPH_NONE;
        for (uint32_t i = 1; i < sum.count; i++)
                *base = graph_operation(graph, BPF_ADD, *base, sum.parts[i]);
}

static uint32_t settled(struct graph *graph, uint32_t term, unsigned depth)
{
        const struct term content = graph->terms[term];
        uint32_t base = content.a, offset = content.k;

        if (content.kind == TERM_OPERATION && content.code != BPF_NEG && depth > 0 &&
            graph_is_constant(graph, content.b))
                return graph_operation(graph, content.code, settled(graph, content.a, depth - 1),
                                       content.b);
        if (content.kind != TERM_LOAD || base == GRAPH_NONE)
                return term;
        settle(graph, &base, &offset, depth);
        return graph_load(graph, content.code, base, offset);
}

void layers_settle(struct graph *graph, uint32_t *base, uint32_t *offset)
{
        settle(graph, base, offset, MAX_SETTLED_DEPTH);
}

uint32_t layers_settled(struct graph *graph, uint32_t term)
{
        return settled(graph, term, MAX_SETTLED_DEPTH);
}

/* Whether facts about a term can tell headers: it is a load, or bits of one. */
static bool tells(const struct graph *graph, uint32_t term)
{
        const struct term *at = &graph->terms[term];

        if (at->kind == TERM_OPERATION && (at->code == BPF_AND || at->code == BPF_RSH) &&
            graph_is_constant(graph, at->b))
                at = &graph->terms[at->a];
        return at->kind == TERM_LOAD;
}

bool knowledge_add(struct knowledge *knowledge, struct graph *graph, uint32_t term, uint32_t low,
                   uint32_t high)
{
        uint32_t most;

        term = layers_settled(graph, term);
        most = graph->terms[term].high;
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

const struct net_header layer_payload = {.name = "payload", .level = NET_OTHER_LEVEL};

static const struct net_field transport_fields[] = {
    NET_FIELD(0, 2, NET_NUMBER, "source port", NULL, .role = NET_SOURCE_PORT),
    NET_FIELD(2, 2, NET_NUMBER, "destination port", NULL, .role = NET_DESTINATION_PORT),
};

const struct net_header layer_transport =
    NET_HEADER("transport", NULL, transport_fields, NET_TRANSPORT, 4);

struct finder {
        struct layers *layers;
        const struct scene *scene;
        const struct knowledge *knowledge;
        bool assumed;
        bool inside;   /* a tunnel */
        uint32_t base; /* what offsets count from, settled; GRAPH_NONE: the packet's start */
};

/* The term of a load at an offset. */
static uint32_t load(const struct finder *finder, unsigned size, uint32_t offset)
{
        return graph_load(finder->scene->graph, size, finder->base, offset);
}

/* Whether exactly one value of a field is possible. */
static bool is_known(const struct finder *finder, unsigned size, uint32_t offset, uint32_t *value)
{
        uint32_t high;

        return knowledge_find(finder->knowledge, load(finder, size, offset), value, &high) &&
               *value == high;
}

/* The value of some bits of a byte, tested on their own or implied by the range of the byte. */
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

static void put_at(struct finder *finder, const struct net_header *header, uint32_t base,
                   uint32_t offset)
{
        struct layers *layers = finder->layers;

        if (layers->count < MAX_LAYERS)
                layers->layers[layers->count++] =
                    (struct layer){header, finder->assumed, finder->inside, base, offset};
}

static void put(struct finder *finder, const struct net_header *header, uint32_t offset)
{
        put_at(finder, header, finder->base, offset);
}

static void find_inside(struct finder *finder, uint32_t base, uint32_t offset);

/* Only transport headers are named behind IP: IP inside IP would get the outer header's name. */
static void find_transport(struct finder *finder, uint32_t protocol, bool known, uint32_t base,
                           uint32_t offset)
{
        bool udp = known && protocol == IPPROTO_UDP;
        const struct net_header *header = net_header_by(NET_IP_PROTOCOLS, protocol);

        if (!known)
                header = &layer_transport;
        else if (!header || header->level != NET_TRANSPORT)
                header = &layer_payload;
        layers_settle(finder->scene->graph, &base, &offset);
        put_at(finder, header, base, offset);
        if (udp)
                find_inside(finder, base, offset);
}

static void find_ipv4(struct finder *finder, uint32_t at)
{
        struct graph *graph = finder->scene->graph;
        uint32_t start = load(finder, BPF_B, at), protocol = 0;
        bool known = is_known(finder, BPF_B, at + net_ipv4.next_offset, &protocol);

        put(finder, &net_ipv4, at);
        start = graph_operation(graph, BPF_AND, start, graph_constant(graph, 0xf));
        start = graph_operation(graph, BPF_LSH, start, graph_constant(graph, 2));
        if (finder->base != GRAPH_NONE)
                start = graph_operation(graph, BPF_ADD, finder->base, start);
        find_transport(finder, protocol, known, start, at);
}

static void find_ipv6(struct finder *finder, uint32_t at)
{
        uint32_t next = 0, fragment = at + net_ipv6.size;
        bool known = is_known(finder, BPF_B, at + net_ipv6.next_offset, &next);

        put(finder, &net_ipv6, at);
        if (!known || next != IPPROTO_FRAGMENT) {
                find_transport(finder, next, known, finder->base, fragment);
                return;
        }
        put(finder, &net_ipv6_fragment, fragment);
        known = is_known(finder, BPF_B, fragment + net_ipv6_fragment.next_offset, &next);
        find_transport(finder, next, known, finder->base, fragment + net_ipv6_fragment.size);
}

/* Where nothing but the version number says what follows; `unknown` names it until that is known.
 */
static void find_by_version(struct finder *finder, const struct net_header *unknown, uint32_t at)
{
        uint32_t version;

        if (!bits_known(finder, at, 0xf0, &version))
                put(finder, unknown, at);
        else if (version == 0x40)
                find_ipv4(finder, at);
        else if (version == 0x60)
                find_ipv6(finder, at);
        else
                put(finder, &layer_payload, at);
}

static void find_mpls(struct finder *finder, uint32_t at)
{
        uint32_t bottom;

        for (;; at += net_mpls.size) {
                put(finder, &net_mpls, at);
                if (!bits_known(finder, at + 2, 1, &bottom) || finder->layers->count == MAX_LAYERS)
                        return;
                if (bottom)
                        break;
        }
        find_by_version(finder, &net_raw, at + net_mpls.size);
}

static void find_link(struct finder *finder, const struct net_header *header, uint32_t at);

static void find_header(struct finder *finder, const struct net_header *header, uint32_t at)
{
        if (header == &net_ipv4)
                find_ipv4(finder, at);
        else if (header == &net_ipv6)
                find_ipv6(finder, at);
        else if (header == &net_mpls)
                find_mpls(finder, at);
        else if (header->level == NET_LINK)
                find_link(finder, header, at);
        else
                put(finder, header, at);
}

/* A filter like `vlan or ip` looks for a network header behind a tag or label that need not be
 * there. Its tests there tell which header it expects. */
static void find_assumed(struct finder *finder, uint32_t type_offset, uint32_t payload)
{
        const struct net_header *header;
        uint32_t type, bottom, version;

        finder->assumed = true;
        if (is_known(finder, BPF_H, type_offset + net_vlan.size, &type) && !net_is_vlan(type) &&
            (header = net_header_by(NET_ETHERTYPES, type)))
                find_header(finder, header, payload + net_vlan.size);
        else if (bits_known(finder, payload + 2, 1, &bottom) && bottom &&
                 bits_known(finder, payload + net_mpls.size, 0xf0, &version) &&
                 net_header_by(NET_VERSIONS, version >> 4))
                find_by_version(finder, &net_raw, payload + net_mpls.size);
        else if (is_known(finder, BPF_H, payload + net_pppoe.size, &type) &&
                 (type == PPP_IPV4 || type == PPP_IPV6))
                find_link(finder, &net_ppp, payload + net_pppoe.size);
        finder->assumed = false;
}

/* The headers that an EtherType announces. */
static void find_ethertype(struct finder *finder, uint32_t type_offset, uint32_t payload)
{
        const struct net_header *header;
        uint32_t type;

        while (is_known(finder, BPF_H, type_offset, &type) && net_is_vlan(type) &&
               finder->layers->count < MAX_LAYERS) {
                put(finder, &net_vlan, payload);
                type_offset = payload + net_vlan.next_offset;
                payload += net_vlan.size;
        }
        if (!is_known(finder, BPF_H, type_offset, &type)) {
                find_assumed(finder, type_offset, payload);
                return;
        }
        header = net_header_by(NET_ETHERTYPES, type);
        if (header)
                find_header(finder, header, payload);
        else
                put(finder, type <= ETHERNET_MAX_LENGTH ? &net_llc : &layer_payload, payload);
}

static void find_llc(struct finder *finder, uint32_t at)
{
        uint32_t saps;

        put(finder, &net_llc, at);
        if (is_known(finder, BPF_H, at, &saps) && saps == (SAP_ISO << 8 | SAP_ISO))
                put(finder, &net_iso, at + net_llc.size);
}

/* The headers that PPP's number announces; libpcap also looks for EtherTypes in its place. */
static void find_ppp(struct finder *finder, uint32_t type_offset, uint32_t payload)
{
        const struct net_header *header;
        uint32_t type;

        if (!is_known(finder, BPF_H, type_offset, &type)) {
                find_assumed(finder, type_offset, payload);
                return;
        }
        header = net_header_by(NET_PPP_PROTOCOLS, type);
        if (!header)
                header = net_header_by(NET_ETHERTYPES, type);
        find_header(finder, header ? header : &layer_payload, payload);
}

/* The header that an address family announces. */
static void find_family(struct finder *finder, const struct net_header *header, uint32_t at)
{
        const struct net_header *next;
        uint32_t family;

        if (!is_known(finder, BPF_W, at, &family))
                return;
        next = net_header_by(NET_FAMILIES,
                             header->numbers == NET_HOST_FAMILIES ? htonl(family) : family);
        if (next)
                find_header(finder, next, at + header->size);
}

/* A link header and what follows it. */
static void find_link(struct finder *finder, const struct net_header *header, uint32_t at)
{
        uint32_t type_offset = at + header->next_offset, payload = at + header->size, low, high;

        if (header->numbers == NET_VERSIONS) {
                find_by_version(finder, header, at);
                return;
        }
        put(finder, header, at);
        if (header->next) {
                find_link(finder, header->next, payload);
                return;
        }
        switch (header->numbers) {
        case NET_ETHERTYPES:
                if (knowledge_find(finder->knowledge, load(finder, BPF_H, type_offset), &low,
                                   &high) &&
                    high <= ETHERNET_MAX_LENGTH)
                        find_llc(finder, payload);
                else
                        find_ethertype(finder, type_offset, payload);
                return;
        case NET_PPP_PROTOCOLS: find_ppp(finder, type_offset, payload); return;
        case NET_FAMILIES:
        case NET_HOST_FAMILIES: find_family(finder, header, at); return;
        }
}

/* What is in a tunnel behind UDP's header: Geneve's port tells. */
static void find_inside(struct finder *finder, uint32_t base, uint32_t offset)
{
        struct graph *graph = finder->scene->graph;
        struct finder inside = *finder;
        const struct net_header *header = net_header_by(NET_PORTS, GENEVE_PORT);
        uint32_t at = offset + net_udp.size, port, type, options;

        inside.base = base;
        if (!is_known(&inside, BPF_H, offset + 2, &port) || port != GENEVE_PORT)
                return;
        put(&inside, header, at);
        if (!is_known(&inside, BPF_H, at + header->next_offset, &type))
                return;
        options =
            graph_operation(graph, BPF_AND, load(&inside, BPF_B, at), graph_constant(graph, 0x3f));
        options = graph_operation(graph, BPF_LSH, options, graph_constant(graph, 2));
        inside.base = base == GRAPH_NONE ? options : graph_operation(graph, BPF_ADD, base, options);
        inside.inside = true;
        at += header->size;
        layers_settle(graph, &inside.base, &at);
        header = net_header_by(NET_ETHERTYPES, type);
        if (type == ETHERTYPE_BRIDGING)
                find_link(&inside, &net_ethernet, at);
        else
                find_header(&inside, header ? header : &layer_payload, at);
}

/* On a cooked socket the packet begins at the network header; its type is metadata. */
static void find_cooked(struct finder *finder)
{
        uint32_t offset = (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL), type;
        const struct net_header *header;

        if (!is_known(finder, BPF_W, offset, &type))
                return;
        header = net_header_by(NET_ETHERTYPES, type);
        find_header(finder, header ? header : &layer_payload, 0);
}

/* On the raw socket for all interfaces, the packet begins with an Ethernet header or without any; a
 * program asks for the hardware type to tell. A tag that is metadata is always Ethernet's. */
static void find_any(struct finder *finder)
{
        uint32_t present = (uint32_t)(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT), known, type, low, high;
        uint32_t hardware = load(finder, BPF_H, (uint32_t)(SKF_AD_OFF + SKF_AD_HATYPE));
        uint32_t start = 0;
        const struct net_header *header;

        if (is_known(finder, BPF_B, present, &known) && known == 1) {
                find_ethertype(finder, net_ethernet.next_offset, net_ethernet.size);
                return;
        }
        if (!is_known(finder, BPF_H, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL), &type))
                return;
        if (knowledge_find(finder->knowledge, hardware, &low, &high) && low >= ARPHRD_ETHER &&
            high <= ARPHRD_LOOPBACK)
                start = net_ethernet.size;
        header = net_header_by(NET_ETHERTYPES, type);
        if (net_is_vlan(type)) {
                put(finder, &net_vlan, start);
                find_ethertype(finder, start + net_vlan.next_offset, start + net_vlan.size);
        } else {
                find_header(finder, header ? header : &layer_payload, start);
        }
}

/* Whether exactly one value of a byte or two behind a place is possible. */
static bool is_known_at(const struct finder *finder, unsigned size, uint32_t place, uint32_t offset,
                        uint32_t *value)
{
        struct graph *graph = finder->scene->graph;
        uint32_t term = graph_load(graph, size, graph_variable(graph, place), offset), high;

        return knowledge_find(finder->knowledge, term, value, &high) && *value == high;
}

/* A load from `count` bytes before what is at `base` plus `offset`, as such loads are made. */
static uint32_t load_before(struct graph *graph, unsigned size, uint32_t base, uint32_t offset,
                            uint32_t count)
{
        if (offset >= count)
                return graph_load(graph, size, base, offset - count);
        base = graph_operation(graph, BPF_ADD, base, graph_constant(graph, offset - count));
        return graph_load(graph, size, base, 0);
}

/* The network header at PLACE_HEAD, by the type before it or its own version; NULL if unknown. */
static const struct net_header *find_head(const struct finder *finder, uint32_t origin)
{
        struct graph *graph = finder->scene->graph;
        uint32_t first = graph_load(graph, BPF_B, graph_variable(graph, PLACE_HEAD), origin);
        uint32_t type = load_before(graph, BPF_H, graph_variable(graph, PLACE_HEAD), origin, 2);
        const struct net_header *header;
        uint32_t low, high;

        if (knowledge_find(finder->knowledge, type, &low, &high) &&
            (low == high || (low == ETHERTYPE_MPLS && high == ETHERTYPE_MPLS_MULTICAST))) {
                header = net_header_by(NET_ETHERTYPES, low);
                return header ? header : net_header_by(NET_PPP_PROTOCOLS, low);
        }
        if (finder->scene->walks && !finder->scene->link && !finder->scene->wlan &&
            is_known(finder, BPF_B, 1, &low)) /* the family in PFLOG's header */
                return low == AF_INET ? &net_ipv4 : &net_ipv6;
        if (!knowledge_find(finder->knowledge, first, &low, &high) || low >> 4 != high >> 4)
                return NULL;
        return net_header_by(NET_VERSIONS, low >> 4);
}

/* The headers of the layer that a walk is at. */
static void find_places(struct finder *finder)
{
        struct graph *graph = finder->scene->graph;
        uint32_t origin = layers_origin(finder->scene), number;
        const struct net_header *head = find_head(finder, origin), *body;

        if (!head)
                return;
        put_at(finder, head, graph_variable(graph, PLACE_HEAD), origin);
        if (head->next)
                put_at(finder, head->next, graph_variable(graph, PLACE_HEAD), origin + head->size);
        if (head != &net_ipv4 && head != &net_ipv6)
                return;
        if (!is_known_at(finder, BPF_B, PLACE_PASSED, origin, &number) &&
            !is_known_at(finder, BPF_B, PLACE_HEAD, origin + head->next_offset, &number))
                return;
        body = net_header_by(NET_IP_PROTOCOLS, number);
        if (body && body->level == NET_TRANSPORT)
                put_at(finder, body, graph_variable(graph, PLACE_BODY), origin);
}

uint32_t layers_type_offset(const struct scene *scene)
{
        if (!scene->link || scene->cooked || scene->link->header->numbers != NET_ETHERTYPES)
                return GRAPH_NONE;
        return scene->link->header->next_offset;
}

struct scene scene_of(struct graph *graph, const struct cbpf_target *target)
{
        const struct net_link_type *link = net_link_type(target->link_type);

        struct scene scene = {.graph = graph,
                              .link = link,
                              .cooked = target->place != CBPF_FILE && link && link->cooked,
                              .any = target->place == CBPF_LIVE_ANY};

        scene.walks = target->layers;
        scene.wlan = !link && target->link_type != DLT_PFLOG;
        return scene;
}

uint32_t layers_origin(const struct scene *scene)
{
        return scene->any || scene->cooked || !scene->link ? 0 : net_link_walk_offset(scene->link);
}

void layers_find(struct layers *layers, const struct scene *scene,
                 const struct knowledge *knowledge)
{
        struct finder finder = {
            .layers = layers, .scene = scene, .knowledge = knowledge, .base = GRAPH_NONE};

        layers->count = 0;
        if (!scene->link)
                ; /* what comes in front of the layers varies in length */
        else if (scene->any)
                find_any(&finder);
        else if (scene->cooked)
                find_cooked(&finder);
        else if (scene->link->network)
                find_header(&finder, scene->link->network, 0);
        else
                find_link(&finder, scene->link->header, 0);
        if (scene->walks)
                find_places(&finder);
}

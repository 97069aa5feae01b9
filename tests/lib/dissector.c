/* Written from the manual page and the RFCs named below, apart from the compiler. */
#include "dissector.h"

#include "radio.h"

#include <pcap/pcap.h>

bool read_number(const struct packet *packet, uint64_t offset, unsigned size, uint32_t *number)
{
        if (offset + size > packet->captured)
                return false;
        *number = 0;
        for (unsigned i = 0; i < size; i++)
                *number = *number << 8 | packet->data[offset + i];
        return true;
}

struct walk {
        struct dissection *dissection;
        const struct packet *packet;
        struct dissected_layer *layer;
        size_t at;
};

static void walk_frame(struct walk *walk);
static void walk_type(struct walk *walk, uint32_t type);
static void walk_network(struct walk *walk, uint32_t type);
static void walk_by_version(struct walk *walk);

/* The next number; if it is not there, the walk ends, and what would follow is unknown. */
static bool next(struct walk *walk, unsigned size, uint32_t *number)
{
        if (!read_number(walk->packet, walk->at, size, number)) {
                walk->dissection->cut = true;
                return false;
        }
        walk->at += size;
        return true;
}

/* A layer that comes in a tunnel; false beyond the last that is looked into. */
static bool begin_layer(struct walk *walk, uint8_t tunnel, uint32_t network)
{
        struct dissection *dissection = walk->dissection;

        if (dissection->count == DISSECTOR_LAYERS)
                return false;
        walk->layer = &dissection->layers[dissection->count++];
        *walk->layer =
            (struct dissected_layer){.in_tunnel = true, .tunnel = tunnel, .network = network};
        return true;
}

/* What GRE and Geneve carry: a layer without a network header, if none of these. */
static void walk_carried(struct walk *walk, uint8_t tunnel, uint32_t network, uint32_t type)
{
        if (!begin_layer(walk, tunnel, network))
                return;
        switch (type) {
        case TYPE_IPV4:
        case TYPE_IPV6:
        case TYPE_MPLS:
        case TYPE_MPLS_MULTICAST: walk_type(walk, type); break;
        case TYPE_BRIDGED: walk_frame(walk); break;
        default: walk_network(walk, 0);
        }
}

/* RFC 2784 and 2890; of RFC 1701, source routes are not passed. */
static void walk_gre(struct walk *walk)
{
        uint32_t flags, type;

        if (!next(walk, 2, &flags) || flags & 7 || flags & 0x4000 || !next(walk, 2, &type))
                return;
        walk->at += flags & 0x8000 ? 4 : 0;
        walk->at += flags & 0x2000 ? 4 : 0;
        walk->at += flags & 0x1000 ? 4 : 0;
        walk_carried(walk, TUNNEL_GRE, 0, type);
}

/* RFC 7348; the bit says that the number of the network is valid. */
static void walk_vxlan(struct walk *walk)
{
        uint32_t flags, network;

        if (!next(walk, 4, &flags) || !(flags & 0x08000000) || !next(walk, 4, &network))
                return;
        if (begin_layer(walk, TUNNEL_VXLAN, network >> 8))
                walk_frame(walk);
}

/* RFC 8926, section 3.4. */
static void walk_geneve(struct walk *walk)
{
        uint32_t first, type, network;

        if (!next(walk, 2, &first) || first >> 14 != 0 || !next(walk, 2, &type) ||
            !next(walk, 4, &network))
                return;
        walk->at += (first >> 8 & 0x3f) * 4;
        walk_carried(walk, TUNNEL_GENEVE, network >> 8, type);
}

/* 3GPP TS 29.281, sections 5.1 and 5.2.1: a G-PDU. */
static void walk_gtp(struct walk *walk)
{
        uint32_t first, flags, type, length;

        if (!next(walk, 2, &first) || (first & 0xf0ff) != 0x30ff)
                return;
        flags = first >> 8;
        walk->at += 6;
        if (flags & 7) {
                walk->at += 3;
                if (!next(walk, 1, &type))
                        return;
                if (!(flags & 4))
                        type = 0;
                for (int i = 0; type != 0; i++) {
                        if (i == 2)
                                return;
                        if (!next(walk, 1, &length) || length == 0)
                                return;
                        walk->at += length * 4 - 2;
                        if (!next(walk, 1, &type))
                                return;
                }
        }
        if (begin_layer(walk, TUNNEL_GTP, 0))
                walk_by_version(walk);
}

static void walk_udp(struct walk *walk)
{
        uint32_t port;

        walk->at += 2;
        if (!next(walk, 2, &port))
                return;
        walk->at += 4;
        if (port == 4789 || port == 8472)
                walk_vxlan(walk);
        else if (port == 6081)
                walk_geneve(walk);
        else if (port == 2152)
                walk_gtp(walk);
}

/* RFC 3378; the version is not looked at. */
static void walk_etherip(struct walk *walk)
{
        uint32_t version;

        if (next(walk, 2, &version) && begin_layer(walk, TUNNELS, 0))
                walk_frame(walk);
}

/* RFC 3931, sections 4.1.1.1 and 4.6: session 0 is for control messages. */
static void walk_l2tp(struct walk *walk)
{
        uint32_t session;

        if (!next(walk, 4, &session) || session == 0)
                return;
        walk->at += 4;
        if (begin_layer(walk, TUNNELS, 0))
                walk_frame(walk);
}

/* What the layer carries, behind its extension headers. */
static void walk_body(struct walk *walk, uint32_t number)
{
        walk->layer->number_known = true;
        walk->layer->has_body = true;
        walk->layer->body = walk->at;
        switch (number) {
        case 4:
        case 41:
                if (begin_layer(walk, TUNNEL_IPIP, 0))
                        walk_type(walk, number == 4 ? TYPE_IPV4 : TYPE_IPV6);
                break;
        case 17: walk_udp(walk); break;
        case 47: walk_gre(walk); break;
        case 97: walk_etherip(walk); break;
        case 115: walk_l2tp(walk); break;
        }
}

static void add_number(struct dissected_layer *layer, uint32_t number)
{
        layer->numbers[layer->number_count++] = (uint8_t)number;
}

/* RFC 791, and RFC 4302 behind it. */
static void walk_ipv4(struct walk *walk)
{
        size_t head = walk->at;
        uint32_t first, fragment, number, length;

        if (!next(walk, 1, &first))
                return;
        walk->at = head + 9;
        if (!next(walk, 1, &number))
                return;
        add_number(walk->layer, number);
        walk->at = head + 6;
        if (!next(walk, 2, &fragment))
                return;
        if (fragment & 0x1fff) {
                walk->layer->number_known = true;
                return;
        }
        walk->at = head + (first & 15) * 4;
        if (number == 51) {
                size_t header = walk->at;

                if (!next(walk, 1, &number) || !next(walk, 1, &length))
                        return;
                add_number(walk->layer, number);
                walk->at = header + (length + 2) * 4;
        }
        walk_body(walk, number);
}

/* RFC 7045 lists them. */
static bool is_extension(uint32_t number)
{
        switch (number) {
        case 0:
        case 43:
        case 44:
        case 51:
        case 60:
        case 135:
        case 139:
        case 140: return true;
        default: return false;
        }
}

/* RFC 8200, sections 3 and 4. */
static void walk_ipv6(struct walk *walk)
{
        size_t head = walk->at;
        uint32_t number, following, second;

        walk->at = head + 6;
        if (!next(walk, 1, &number))
                return;
        add_number(walk->layer, number);
        walk->at = head + 40;
        for (int i = 0; is_extension(number); i++) {
                size_t header = walk->at;

                if (i == DISSECTOR_EXTENSIONS) {
                        walk->layer->number_known = true;
                        return;
                }
                if (!next(walk, 1, &following) || !next(walk, 1, &second))
                        return;
                add_number(walk->layer, following);
                if (number == 44) {
                        uint32_t fragment;

                        if (!next(walk, 2, &fragment))
                                return;
                        if (fragment & 0xfff8) {
                                walk->layer->number_known = true;
                                return;
                        }
                        walk->at = header + 8;
                } else {
                        walk->at = header + (number == 51 ? (second + 2) * 4 : (second + 1) * 8);
                }
                number = following;
        }
        walk_body(walk, number);
}

static void walk_network(struct walk *walk, uint32_t type)
{
        walk->layer->type_known = true;
        walk->layer->type = (uint16_t)type;
        walk->layer->head = walk->at;
        if (type == TYPE_IPV4)
                walk_ipv4(walk);
        else if (type == TYPE_IPV6)
                walk_ipv6(walk);
        else
                walk->layer->number_known = true;
}

/* What tells itself by its version. */
static void walk_by_version(struct walk *walk)
{
        uint32_t version;

        if (!next(walk, 1, &version))
                return;
        walk->at--;
        walk_network(walk, version >> 4 == 4 ? TYPE_IPV4 : version >> 4 == 6 ? TYPE_IPV6 : 0);
}

/* RFC 3032; what is behind the last label tells itself by its version. */
static void walk_labels(struct walk *walk)
{
        uint32_t label;

        do {
                if (walk->layer->label_count == DISSECTOR_LABELS) {
                        walk_network(walk, 0);
                        return;
                }
                if (!next(walk, 4, &label))
                        return;
                walk->layer->labels[walk->layer->label_count++] = label >> 12;
        } while (!(label & 0x100));
        walk_by_version(walk);
}

/* RFC 2516, and the protocol numbers of PPP. */
static void walk_session(struct walk *walk)
{
        uint32_t version, session, protocol;

        if (!next(walk, 2, &version))
                return;
        if (version & 0xff) { /* no session data */
                walk_network(walk, 0);
                return;
        }
        if (!next(walk, 2, &session))
                return;
        walk->layer->has_session = true;
        walk->layer->session = (uint16_t)session;
        walk->at += 2;
        if (next(walk, 2, &protocol))
                walk_network(walk, protocol == 0x21 ? TYPE_IPV4 : protocol == 0x57 ? TYPE_IPV6 : 0);
}

static bool is_tag(uint32_t type)
{
        return type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == 0x9200;
}

static void walk_type(struct walk *walk, uint32_t type)
{
        uint32_t tag;

        while (is_tag(type) && walk->layer->tag_count < DISSECTOR_TAGS) {
                if (!next(walk, 2, &tag))
                        return;
                walk->layer->tags[walk->layer->tag_count++] = tag & 0xfff;
                if (!next(walk, 2, &type))
                        return;
        }
        if (type == TYPE_MPLS || type == TYPE_MPLS_MULTICAST)
                walk_labels(walk);
        else if (type == TYPE_PPPOES)
                walk_session(walk);
        else
                walk_network(walk, type < FIRST_TYPE || is_tag(type) ? 0 : type);
}

static void walk_frame(struct walk *walk)
{
        uint32_t type;

        walk->layer->has_frame = true;
        walk->layer->frame = walk->at;
        walk->at += 12;
        if (next(walk, 2, &type))
                walk_type(walk, type);
}

/* RFC 1661, RFC 2472, and RFC 3032, section 4.3; EtherTypes in Cisco's framing (RFC 1547). */
static void walk_ppp(struct walk *walk)
{
        uint32_t protocol;

        if (!next(walk, 2, &protocol))
                return;
        switch (protocol) {
        case 0x0021:
        case TYPE_IPV4: walk_network(walk, TYPE_IPV4); break;
        case 0x0057:
        case TYPE_IPV6: walk_network(walk, TYPE_IPV6); break;
        case 0x0281:
        case 0x0283:
        case TYPE_MPLS:
        case TYPE_MPLS_MULTICAST: walk_labels(walk); break;
        default: walk_network(walk, 0);
        }
}

/* The address family, whose number for IPv6 differs from system to system. */
static void walk_loopback(struct walk *walk, bool either_order)
{
        uint32_t family;

        if (!next(walk, 4, &family))
                return;
        if (either_order && family > 0xffffff)
                family = __builtin_bswap32(family);
        switch (family) {
        case 2: walk_network(walk, TYPE_IPV4); break;
        case 10: /* Linux */
        case 24: /* NetBSD, OpenBSD */
        case 28: /* FreeBSD */
        case 30: /* macOS */ walk_network(walk, TYPE_IPV6); break;
        default: walk_network(walk, 0);
        }
}

/* True if what was looked for is there; otherwise the layer has nothing else, or is cut off. */
static bool is_found(struct walk *walk, enum radio radio)
{
        if (radio == RADIO_CUT)
                walk->dissection->cut = true;
        else if (radio == RADIO_NOTHING)
                walk_network(walk, 0);
        return radio == RADIO_FOUND;
}

static void walk_wlan(struct walk *walk, int link_type)
{
        size_t frame;
        bool padded;
        enum radio radio = radio_find_frame(walk->packet, link_type, &frame, &padded);
        uint32_t type;

        walk->dissection->none = radio == RADIO_NOTHING;
        if (!is_found(walk, radio))
                return;
        walk->layer->has_frame = walk->layer->wlan = true;
        walk->layer->frame = frame;
        if (is_found(walk, radio_find_type(walk->packet, frame, padded, &walk->at)) &&
            next(walk, 2, &type))
                walk_type(walk, type);
}

/* The header's length without what fills it up, and the address family. */
static void walk_behind_pf(struct walk *walk)
{
        uint32_t length, family;

        if (!next(walk, 1, &length) || !next(walk, 1, &family))
                return;
        walk->at = (length + 3) / 4 * 4;
        switch (family) {
        case 2: walk_network(walk, TYPE_IPV4); break;
        case 10:
        case 24:
        case 28:
        case 30: walk_network(walk, TYPE_IPV6); break;
        default: walk_network(walk, 0);
        }
}

static bool walk_packet(struct dissection *dissection, const struct packet *packet, int link_type)
{
        struct walk walk = {dissection, packet, dissection->layers, 0};
        uint32_t type;

        dissection->packet = packet;
        dissection->count = 1;
        dissection->cut = dissection->none = false;
        dissection->layers[0] = (struct dissected_layer){0};
        if (radio_link_type(link_type)) {
                walk_wlan(&walk, link_type);
                return true;
        }
        switch (link_type) {
        case DLT_PFLOG: walk_behind_pf(&walk); return true;
        case DLT_EN10MB: walk_frame(&walk); return true;
        case DLT_RAW: walk_by_version(&walk); return true;
        case DLT_IPV4: walk_network(&walk, TYPE_IPV4); return true;
        case DLT_IPV6: walk_network(&walk, TYPE_IPV6); return true;
        case DLT_NULL:
        case DLT_LOOP: walk_loopback(&walk, link_type == DLT_NULL); return true;
        case DLT_PPP: /* RFC 1662: address and control may be missing */
                if (next(&walk, 2, &type)) {
                        walk.at = type == 0xff03 ? 2 : 0;
                        walk_ppp(&walk);
                }
                return true;
        case DLT_PPP_SERIAL:
                walk.at = 2;
                walk_ppp(&walk);
                return true;
        case DLT_PPP_ETHER: walk_session(&walk); return true;
        case DLT_LINUX_SLL:
                walk.at = 14;
                if (next(&walk, 2, &type))
                        walk_type(&walk, type);
                return true;
        case DLT_LINUX_SLL2:
                if (next(&walk, 2, &type)) {
                        walk.at = 20;
                        walk_type(&walk, type);
                }
                return true;
        default: return false;
        }
}

bool dissect(struct dissection *dissection, const struct packet *packet, int link_type)
{
        if (!walk_packet(dissection, packet, link_type))
                return false;
        dissection->complete = dissection->count - dissection->cut;
        return true;
}

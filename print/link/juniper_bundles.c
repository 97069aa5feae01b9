/* Juniper's cards for bundles of links, which may have taken the packets out of their frames. */
#include "juniper.h"

#include <pcap/dlt.h>

enum { SERVICES_IPV4 = 0x00, SERVICES_IPV6 = 0x10, SERVICES_MPLS = 0x20, SERVICES_ISO = 0x30 };

/* Bits of the fifth byte of a services card's cookie. */
enum { INCOMING = 0x04, TO_ENGINE = 0x08 };

/* What a services card has taken out of its frames. False if that is not known. */
static bool services_payload_print(struct printer *printer, struct packet packet, uint16_t protocol)
{
        switch (protocol) {
        case SERVICES_IPV4: return protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV4, packet);
        case SERVICES_IPV6: return protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV6, packet);
        case SERVICES_MPLS: return protocol_print(printer, ETHERTYPE, ETHERTYPE_MPLS, packet);
        case SERVICES_ISO: return protocol_print(printer, LLC_SAP, SAP_ISO, packet);
        default: return false;
        }
}

void juniper_mlppp_print(struct printer *printer, struct packet packet)
{
        static const struct juniper_pic pic = {
            .protocol = "juniper_mlppp", .name = "MLPPP", .cookie_size = 2, .bundles = true};
        struct juniper juniper;

        if (!juniper_header_take(printer, &packet, &pic, &juniper))
                return;
        if (printer->options.link_header)
                putf(printer, "Bundle-ID %u: ", juniper.bundle);
        /* What is for the routing engine and comes in is PPP, though it says IPv4. */
        if ((juniper.kind == JUNIPER_SERVICES && juniper.protocol == SERVICES_IPV4 &&
             juniper.cookie[4] == (TO_ENGINE | INCOMING)) ||
            !services_payload_print(printer, packet, juniper.protocol))
                ppp_print_inside(printer, packet);
}

/* Protocols of frame relay: the control byte of LLC, and a protocol number of ISO's. */
enum { FRAME_ISO = 0xfefe, FRAME_Q933 = 0x0308, FRAME_IPV4 = 0x03cc, FRAME_IPV6 = 0x038e };

/* The packet with one more byte in front, which is there. */
static struct packet packet_before(struct packet packet)
{
        return (struct packet){packet.data - 1, packet.captured + 1, packet.length + 1};
}

static void frame_unknown_print(struct printer *printer, struct packet packet, uint16_t protocol)
{
        putf(printer, "unknown protocol 0x%04x, length %u", protocol, packet.length);
}

static bool frame_protocol_print(struct printer *printer, struct packet packet, uint16_t protocol)
{
        if (protocol != FRAME_Q933 && protocol != FRAME_IPV4 && protocol != FRAME_IPV6)
                return false;
        return protocol_print(printer, LLC_SAP, SAP_ISO, packet_before(packet));
}

static void bundle_print(struct printer *printer, const struct juniper *juniper)
{
        if (printer->options.link_header)
                putf(printer, "Bundle-ID %u, ", juniper->bundle);
}

void juniper_mlfr_print(struct printer *printer, struct packet packet)
{
        enum { CONTROL = 0x0300, PADDED_CONTROL = 0x0003 };
        static const struct juniper_pic pic = {
            .protocol = "juniper_mlfr", .name = "MLFR", .cookie_size = 2, .bundles = true};
        struct juniper juniper;

        if (!juniper_header_print(printer, packet, &pic, &juniper))
                return;
        if (juniper.kind != JUNIPER_SERVICES)
                juniper.header += 2;
        juniper_header_end(printer, &packet, &juniper);
        bundle_print(printer, &juniper);
        if (juniper.protocol == CONTROL || juniper.protocol == PADDED_CONTROL)
                protocol_print(printer, LLC_SAP, SAP_ISO, packet);
        else if (!frame_protocol_print(printer, packet, juniper.protocol))
                frame_unknown_print(printer, packet, juniper.protocol);
}

void juniper_mfr_print(struct printer *printer, struct packet packet)
{
        static const struct juniper_pic pic = {.protocol = "juniper_mfr",
                                               .name = "MFR",
                                               .cookie_size = 4,
                                               .bundles = true,
                                               .bare_fragments = true};
        static const uint8_t no_bundle[4] = {0, 0, 0, 1};
        struct juniper juniper;

        if (!juniper_header_print(printer, packet, &pic, &juniper))
                return;
        if (juniper.kind == JUNIPER_LINK_SERVICES)
                juniper.header += 2;
        juniper_header_end(printer, &packet, &juniper);
        if (juniper.cookie_size == 0) {
                juniper_link_print(printer, DLT_MFR, packet);
                return;
        }
        if (juniper.kind == JUNIPER_SERVICES) {
                services_payload_print(printer, packet, juniper.protocol);
                return;
        }
        if (memcmp(juniper.cookie, no_bundle, sizeof no_bundle) != 0)
                bundle_print(printer, &juniper);
        if (juniper.protocol == FRAME_ISO) {
                need_hard(printer, packet, 0, 1);
                protocol_print(printer, LLC_SAP, SAP_ISO, packet_from(packet, 1));
        } else if (!frame_protocol_print(printer, packet, juniper.protocol)) {
                frame_unknown_print(printer, packet, juniper.protocol);
        }
}

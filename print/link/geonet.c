/* GeoNetworking for vehicles, ETSI TS 102 636-4-1, with the transport headers of 102 636-5-1; and
 * CALM FAST, ISO 29281. */
#include "link.h"

enum { HEADER = 36, TRANSPORT = 4 };

enum next { ANY = 0, BTP_A = 1, BTP_B = 2, IPV6 = 3 };

static const struct name next_headers[] = {
    {ANY, "Any"}, {BTP_A, "BTP-A"}, {BTP_B, "BTP-B"}, {IPV6, "IPv6"}, {0, NULL}};

/* Type and subtype of the header, and how much follows the common part of it; -1 if what lies
 * behind is not read. */
static const struct header_type {
        uint8_t type;
        int more;
        const char *name;
} header_types[] = {
    {0x00, 0, "Any"},
    {0x10, 0, "Beacon"},
    {0x20, -1, "GeoUnicast"},
    {0x30, -1, "GeoAnycastCircle"},
    {0x31, -1, "GeoAnycastRect"},
    {0x32, -1, "GeoAnycastElipse"},
    {0x40, -1, "GeoBroadcastCircle"},
    {0x41, -1, "GeoBroadcastRect"},
    {0x42, -1, "GeoBroadcastElipse"},
    {0x50, 0, "TopoScopeBcast-SH"},
    {0x51, 32, "TopoScopeBcast-MH"},
    {0x60, -1, "LocService-Request"},
    {0x61, -1, "LocService-Reply"},
};

static const struct header_type *header_type(uint8_t type)
{
        static const struct header_type unknown = {0, -1, "Unknown"};

        for (size_t i = 0; i < sizeof header_types / sizeof *header_types; i++)
                if (header_types[i].type == type ||
                    ((type >> 4) < 3 && header_types[i].type >> 4 == type >> 4))
                        return &header_types[i];
        return &unknown;
}

static void transport_print(struct printer *printer, struct packet packet)
{
        static const struct name messages[] = {{0, "CAM"},     {1, "DENM"},     {101, "TPEGM"},
                                               {102, "TSPDM"}, {103, "VPM"},    {104, "SRM"},
                                               {105, "SLAM"},  {106, "ecoCAM"}, {107, "ITM"},
                                               {150, "SA"},    {0, NULL}};

        putf(printer, "; BTP Dst:%u", get16(printer, packet, 0));
        putf(printer, " Src:%u", get16(printer, packet, 2));
        packet = packet_from(packet, TRANSPORT);
        if (packet.length < 2)
                return;
        putf(printer, "; ItsPduHeader v:%u", get8(printer, packet, 0));
        putf(printer, " t:%u-", get8(printer, packet, 1));
        put_name(printer, messages, "unknown (%u)", get8(printer, packet, 1));
}

static void put_source(struct printer *printer, const char *label)
{
        if (printer->stations.source) {
                put(printer, label);
                put_frame_station(printer, printer->stations.source);
        }
        put(printer, "; ");
}

static void rest_print(struct printer *printer, struct packet rest)
{
        dump_hex_ascii(printer, "\n\t", rest, rest.length);
        need_hard(printer, rest, 0, rest.length);
}

void geonet_print(struct printer *printer, struct packet packet)
{
        const struct header_type *type;
        uint8_t next;

        printer->protocol = "geonet";
        put(printer, "GeoNet ");
        put_source(printer, "src:");
        if (packet.length < HEADER) {
                putf(printer, " (common header length %u < %u)", packet.length, HEADER);
                put_invalid(printer);
                return;
        }
        need_hard(printer, packet, 0, 8);
        next = get8(printer, packet, 0) & 15;
        putf(printer, "v:%u NH:%u-%s", get8(printer, packet, 0) >> 4, next,
             name_or(next_headers, next, "Unknown"));
        type = header_type(get8(printer, packet, 1));
        putf(printer, " HT:%u-%u-%s", get8(printer, packet, 1) >> 4, get8(printer, packet, 1) & 15u,
             type->name);
        putf(printer, " HopLim:%u Payload:%u ", get8(printer, packet, 7),
             get16(printer, packet, 4));
        need_hard(printer, packet, 8, 8);
        put(printer, "GN_ADDR:");
        put_link_address(printer, packet, 8, 8);
        put_char(printer, ' ');
        need_hard(printer, packet, 16, 4);
        putf(printer, "lat:%u ", get32(printer, packet, 20));
        putf(printer, "lon:%u", get32(printer, packet, 24));
        need_hard(printer, packet, 28, 8);
        packet = packet_from(packet, HEADER);
        if (type->more >= 0) {
                if (packet.length < (uint32_t)type->more) {
                        putf(printer, " (header size %d > %u)", type->more, packet.length);
                        put_invalid(printer);
                        return;
                }
                need_hard(printer, packet, 0, (uint32_t)type->more);
                packet = packet_from(packet, (uint32_t)type->more);
                if (next == BTP_A || next == BTP_B) {
                        if (packet.length < TRANSPORT) {
                                putf(printer, " (BTP length %u < %u)", packet.length, TRANSPORT);
                                put_invalid(printer);
                                return;
                        }
                        transport_print(printer, packet);
                        packet = packet_from(packet, TRANSPORT);
                }
        }
        if (printer->options.verbose)
                rest_print(printer, packet);
}

void calm_fast_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "calm_fast";
        put_as(printer, ROLE_PROTOCOL, "CALM FAST");
        put_source(printer, " src:");
        if (packet.length < 2) {
                putf(printer, " (length %u < 2)", packet.length);
                put_invalid_rest(printer, packet);
                return;
        }
        putf(printer, "SrcNwref:%u; ", get8(printer, packet, 0));
        putf(printer, "DstNwref:%u; ", get8(printer, packet, 1));
        packet = packet_from(packet, 2);
        if (printer->options.verbose)
                rest_print(printer, packet);
}

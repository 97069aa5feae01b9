/* EIGRP, RFC 7868: with -v its TLVs, of which those of general use and of the routes of IPv4 and
 * AppleTalk are taken apart. */
#include "routing.h"

enum { HEADER = 20, TLV_HEADER = 4 };

enum type {
        PARAMETERS = 0x0001,
        AUTHENTICATION,
        SEQUENCE,
        SOFTWARE,
        NEXT_MULTICAST,
        IP_INTERNAL = 0x0102,
        IP_EXTERNAL,
        APPLETALK_INTERNAL = 0x0202,
        APPLETALK_EXTERNAL,
        APPLETALK_CABLE,
        IPX_INTERNAL = 0x0302,
        IPX_EXTERNAL,
};

static const struct name types[] = {{PARAMETERS, "General Parameters"},
                                    {AUTHENTICATION, "Authentication"},
                                    {SEQUENCE, "Sequence"},
                                    {SOFTWARE, "Software Version"},
                                    {NEXT_MULTICAST, "Next Multicast Sequence"},
                                    {IP_INTERNAL, "IP Internal routes"},
                                    {IP_EXTERNAL, "IP External routes"},
                                    {APPLETALK_INTERNAL, "AppleTalk Internal routes"},
                                    {APPLETALK_EXTERNAL, "AppleTalk External routes"},
                                    {APPLETALK_CABLE, "AppleTalk Cable setup"},
                                    {IPX_INTERNAL, "IPX Internal routes"},
                                    {IPX_EXTERNAL, "IPX External routes"},
                                    {0, NULL}};

static const struct name origins[] = {{1, "IGRP"},  {2, "EIGRP"}, {3, "Static"},     {4, "RIP"},
                                      {5, "Hello"}, {6, "OSPF"},  {7, "IS-IS"},      {8, "EGP"},
                                      {9, "BGP"},   {10, "IDRP"}, {11, "Connected"}, {0, NULL}};

/* RFC 7868, 6.6: sixteen bytes. */
static void metric_print(struct printer *printer, struct packet packet, uint32_t at)
{
        putf(printer, "\n\t      delay %u ms, bandwidth %u Kbps, mtu %u, hop %u",
             get32(printer, packet, at) / 100, get32(printer, packet, at + 4),
             get24(printer, packet, at + 8), get8(printer, packet, at + 11));
        putf(printer, ", reliability %u, load %u", get8(printer, packet, at + 12),
             get8(printer, packet, at + 13));
}

/* What is known of a route from outside; `protocol` is where its protocol stands. */
static void origin_print(struct printer *printer, struct packet packet, uint32_t at,
                         uint32_t protocol, uint32_t metric)
{
        putf(printer, ", origin-as %u, origin-proto %s, flags [0x%02x], tag 0x%08x, metric %u",
             get32(printer, packet, at),
             name_or(origins, get8(printer, packet, protocol), "unknown"),
             get8(printer, packet, protocol + 1), get32(printer, packet, at + 4), metric);
}

/* A route of IPv4, whose length and destination are at `at`. Bytes of an address past the end of
 * its TLV are read as well, as by tcpdump. */
static bool ip_prefix_print(struct printer *printer, struct packet packet, uint32_t at)
{
        uint8_t length = get8(printer, packet, at), address[4] = {0};

        if (length > 32) {
                put_damage(printer, "\n\t    illegal prefix length %u", length);
                return false;
        }
        need_hard(printer, packet, at + 1, (length + 7u) / 8);
        memcpy(address, packet.data + at + 1, (length + 7u) / 8);
        put(printer, "\n\t    IPv4 prefix: ");
        put_ipv4_right(printer, address);
        putf(printer, "/%u, nexthop: ", length);
        if (get32(printer, packet, 0) == 0)
                put(printer, "self");
        else
                put_ipv4_at(printer, packet, 0);
        return true;
}

static void ip_internal_print(struct printer *printer, struct packet packet)
{
        if (ip_prefix_print(printer, packet, 20))
                metric_print(printer, packet, 4);
}

static void ip_external_print(struct printer *printer, struct packet packet)
{
        if (!ip_prefix_print(printer, packet, 40))
                return;
        put_ipv4_labelled(printer, "\n\t      origin-router ", packet, 4);
        origin_print(printer, packet, 8, 22, get32(printer, packet, 16));
        metric_print(printer, packet, 24);
}

static void put_cables(struct printer *printer, struct packet packet, uint32_t at)
{
        putf(printer, "\n\t     Cable-Range: %u-%u, nexthop: ", get16(printer, packet, at),
             get16(printer, packet, at + 2));
        if (get32(printer, packet, 0) == 0)
                put(printer, "self");
        else
                putf(printer, "%u.%u", get16(printer, packet, 0), get16(printer, packet, 2));
}

static void appletalk_internal_print(struct printer *printer, struct packet packet)
{
        put_cables(printer, packet, 20);
        metric_print(printer, packet, 4);
}

static void appletalk_external_print(struct printer *printer, struct packet packet)
{
        put_cables(printer, packet, 36);
        putf(printer, "\n\t      origin-router %u", get32(printer, packet, 4));
        origin_print(printer, packet, 8, 16, get16(printer, packet, 18));
        metric_print(printer, packet, 20);
}

static void cable_print(struct printer *printer, struct packet packet)
{
        putf(printer, "\n\t    Cable-range: %u-%u, Router-ID %u", get16(printer, packet, 0),
             get16(printer, packet, 2), get32(printer, packet, 4));
}

static void parameters_print(struct printer *printer, struct packet packet)
{
        putf(printer, "\n\t    holdtime: %us", get16(printer, packet, 6));
        for (uint32_t i = 0; i < 5; i++)
                putf(printer, ", k%u %u", i + 1, get8(printer, packet, i));
}

static void software_print(struct printer *printer, struct packet packet)
{
        putf(printer, "\n\t    IOS version: %u.%u, EIGRP version %u.%u", get8(printer, packet, 0),
             get8(printer, packet, 1), get8(printer, packet, 2), get8(printer, packet, 3));
}

static const struct value {
        enum type type;
        uint32_t least; /* bytes, with the header */
        protocol_printer *print;
} values[] = {
    {PARAMETERS, 12, parameters_print},
    {SOFTWARE, 8, software_print},
    {IP_INTERNAL, 26, ip_internal_print},
    {IP_EXTERNAL, 46, ip_external_print},
    {APPLETALK_INTERNAL, 28, appletalk_internal_print},
    {APPLETALK_EXTERNAL, 44, appletalk_external_print},
    {APPLETALK_CABLE, 12, cable_print},
};

static void value_print(struct printer *printer, struct packet packet, uint16_t type, uint16_t size)
{
        const struct value *value = NULL;

        for (size_t i = 0; i < sizeof values / sizeof *values; i++)
                if (values[i].type == type)
                        value = &values[i];
        if (value && size < value->least)
                put_damage(printer, " (too short, < %u)", value->least);
        else if (value)
                value->print(printer, packet);
        if (!value || printer->options.verbose > 1)
                dump_hex(printer, "\n\t    ", packet, size - TLV_HEADER);
}

static void tlvs_print(struct printer *printer, struct packet packet)
{
        while (packet.length > 0) {
                struct packet data = packet_from(packet, TLV_HEADER);
                uint16_t type, size;

                need(printer, packet, 0, TLV_HEADER);
                type = get16(printer, packet, 0);
                size = get16(printer, packet, 2);
                if (size < TLV_HEADER || size > packet.length) {
                        dump_hex(printer, "\n\t    ", data, data.length);
                        return;
                }
                putf(printer, "\n\t  %s TLV (0x%04x), length: %u", name_or(types, type, "Unknown"),
                     type, size);
                need(printer, packet, 0, size);
                value_print(printer, data, type, size);
                packet = packet_from(packet, size);
        }
}

void eigrp_print(struct printer *printer, struct packet packet)
{
        static const struct name operations[] = {{1, "Update"}, {3, "Query"},   {4, "Reply"},
                                                 {5, "Hello"},  {6, "IPX SAP"}, {7, "Probe"},
                                                 {0, NULL}};
        static const struct name flags[] = {{1, "Init"},
                                            {2, "Conditionally Received"},
                                            {4, "Restart"},
                                            {8, "End-of-Table"},
                                            {0, NULL}};
        uint8_t version, operation;

        printer->protocol = "eigrp";
        need(printer, packet, 0, HEADER);
        version = get8(printer, packet, 0);
        operation = get8(printer, packet, 1);
        if (version != 2) {
                putf(printer, "EIGRP version %u packet not supported", version);
                return;
        }
        if (!printer->options.verbose) {
                put(printer, "EIGRP ");
                put_name(printer, operations, "unknown (%u)", operation);
                putf(printer, ", length: %u", packet.length);
                return;
        }
        put(printer, "\n\tEIGRP v2, opcode: ");
        put_name(printer, operations, "unknown, type: %u", operation);
        putf(printer, " (%u), chksum: 0x%04x, ", operation, get16(printer, packet, 2));
        put_flag_list(printer, "Flags: [", flags, get32(printer, packet, 4));
        putf(printer, "\n\tseq: 0x%08x, ack: 0x%08x, VRID: %u, AS: %u, length: %u",
             get32(printer, packet, 8), get32(printer, packet, 12), get16(printer, packet, 16),
             get16(printer, packet, 18), packet.length - HEADER);
        tlvs_print(printer, packet_from(packet, HEADER));
}

/* The data center bridging exchange before IEEE had one, versions 1.0 and 1.01: TLVs within one of
 * LLDP. */
#include "lldp.h"

enum { TLV_HEADER = 2 };

static void versions_print(struct printer *printer, struct packet packet)
{
        putf(printer, "\n\t      Oper_Version: %u\n\t      Max_Version: %u",
             get8(printer, packet, 0), get8(printer, packet, 1));
}

/* In hex, of capital letters. */
static void put_upper(struct printer *printer, uint8_t byte)
{
        static const char digits[] = "0123456789ABCDEF";

        put_char(printer, digits[byte >> 4]);
        put_char(printer, digits[byte & 15]);
}

static void feature_print(struct printer *printer, struct packet packet)
{
        uint8_t info = get8(printer, packet, 2);

        versions_print(printer, packet);
        put(printer, "\n\t      Info block(0x");
        put_upper(printer, info);
        put(printer, "): ");
        putf(printer, "Enable bit: %u, Willing bit: %u, Error Bit: %u", info >> 7, info >> 6 & 1u,
             info >> 5 & 1u);
        putf(printer, "\n\t      SubType: %u", get8(printer, packet, 3));
}

static void control_print(struct printer *printer, struct packet packet)
{
        versions_print(printer, packet);
        putf(printer, "\n\t      Sequence Number: %u\n\t      Acknowledgement Number: %u",
             get32(printer, packet, 2), get32(printer, packet, 6));
}

static void groups_print(struct printer *printer, struct packet packet)
{
        feature_print(printer, packet);
        put(printer, "\n\t      Priority Allocation");
        for (uint32_t i = 0; i < 8; i++)
                putf(printer, "\n\t          PgId_%u: %u", i,
                     get32(printer, packet, 4) >> (28 - 4 * i) & 15);
        put(printer, "\n\t      Priority Group Allocation");
        for (uint32_t i = 0; i < 8; i++)
                putf(printer, "\n\t          Pg percentage[%u]: %u", i,
                     get8(printer, packet, 8 + i));
        putf(printer, "\n\t      NumTCsSupported: %u", get8(printer, packet, 16));
}

static void flow_control_print(struct printer *printer, struct packet packet)
{
        uint8_t enabled = get8(printer, packet, 4);

        feature_print(printer, packet);
        put(printer, "\n\t      PFC Config (0x");
        put_upper(printer, enabled);
        put_char(printer, ')');
        for (unsigned i = 0; i < 8; i++)
                putf(printer, "\n\t          Priority Bit %u: %s", i,
                     enabled >> i & 1 ? "Enabled" : "Disabled");
        putf(printer, "\n\t      NumTCPFCSupported: %u", get8(printer, packet, 5));
}

static void applications_print(struct printer *printer, struct packet packet)
{
        enum { APPLICATION = 6 };

        feature_print(printer, packet);
        for (packet = packet_from(packet, 4); packet.length >= APPLICATION;
             packet = packet_from(packet, APPLICATION)) {
                uint32_t selector = get24(printer, packet, 2);

                putf(printer, "\n\t      Application Value\n\t          ");
                putf(printer, "Application Protocol ID: 0x%04x", get16(printer, packet, 0));
                putf(printer, "\n\t          SF (0x%x) Application Protocol ID is %s",
                     selector >> 22, selector >> 22 ? "Socket Number" : "L2 EtherType");
                putf(printer, "\n\t          OUI: 0x%06x", selector & 0x3fffff);
                putf(printer, "\n\t          User Priority Map: 0x%02x", get8(printer, packet, 5));
        }
}

static const struct {
        uint8_t least; /* the minimum length */
        const char *name;
        void (*print)(struct printer *printer, struct packet packet);
} types[] = {
    [1] = {10, "Control - Protocol Control", control_print},
    [2] = {17, "Feature - Priority Group", groups_print},
    [3] = {6, "Feature - Priority Flow Control", flow_control_print},
    [4] = {4, "Feature - Application", applications_print},
};

enum lldp_result lldp_dcbx_print(struct printer *printer, struct packet packet)
{
        enum { FIRST_VERSION = 1, SECOND_VERSION = 2 };
        static const struct name versions[] = {
            {FIRST_VERSION, "DCB Capability Exchange Protocol Rev 1"},
            {SECOND_VERSION, "DCB Capability Exchange Protocol Rev 1.01"},
            {0, NULL}};
        uint8_t version = get8(printer, packet, 3);
        enum lldp_result result = LLDP_SHOWN;

        putf(printer, "\n\t  %s Subtype (%u)", name_or(versions, version, "unknown"), version);
        if (version == FIRST_VERSION)
                return LLDP_UNKNOWN;
        packet = packet_from(packet, 4);
        while (packet.length >= TLV_HEADER) {
                uint16_t header = get16(printer, packet, 0);
                uint32_t type = header >> 9, length = header & 0x1ff;
                struct packet value;

                result = LLDP_SHOWN;
                packet = packet_from(packet, TLV_HEADER);
                if (type == 0 || length == 0)
                        return result;
                if (packet.length < length)
                        return result;
                value = packet_cut(packet, length);
                if (type < sizeof types / sizeof *types) {
                        if (length < types[type].least)
                                return result;
                        putf(printer, "\n\t    %s (type 0x%x, length %u)", types[type].name, type,
                             length);
                        types[type].print(printer, value);
                } else {
                        result = LLDP_UNKNOWN;
                }
                if (printer->options.verbose > 1 || result == LLDP_UNKNOWN)
                        dump_hex(printer, "\n\t    ", value, length);
                packet = packet_from(packet, length);
        }
        return result;
}

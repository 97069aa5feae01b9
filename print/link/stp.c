/* The spanning tree protocol, IEEE 802.1D, with its rapid (802.1w), multiple (802.1s) and
 * shortest path (802.1aq) forms. */
#include "print/printer/printer.h"

enum {
        CONFIGURATION = 0,
        TOPOLOGY_CHANGE = 0x80,
        RAPID = 2,
        SHORTEST_PATH = 4,
        /* Sizes, and where fields are in a message. */
        CONFIGURATION_SIZE = 35,
        RAPID_SIZE = 36,
        MULTIPLE_SIZE = 102,
        INSTANCE_SIZE = 16,
        AGREEMENT_PART = 87,
        FLAGS = 4,
        ROOT = 5,
        COST = 13,
        BRIDGE = 17,
        PORT = 25,
        TIMES = 27,
        VERSION_1_LENGTH = 35,
        VERSION_3_LENGTH = 36,
        NAME = 39,
        REVISION = 71,
        DIGEST = 73,
        INTERNAL_COST = 89,
        MULTIPLE_BRIDGE = 93,
        HOPS = 101,
};

static const struct name versions[] = {
    {0, "802.1d"}, {2, "802.1w"}, {3, "802.1s"}, {4, "802.1aq"}, {0, NULL}};

static const struct name flag_names[] = {
    {0x01, "Topology change"},
    {0x02, "Proposal"},
    {0x10, "Learn"},
    {0x20, "Forward"},
    {0x40, "Agreement"},
    {0x80, "Topology change ACK"},
    {0, NULL},
};

static const struct name roles[] = {
    {0, "Unknown"}, {1, "Alternate"}, {2, "Root"}, {3, "Designated"}, {0, NULL}};

static const char *role(uint8_t flags)
{
        return name_find(roles, flags >> 2 & 3);
}

/* "8001.02:00:00:00:00:01": priority and address. */
static void put_bridge(struct printer *printer, struct packet packet, uint32_t offset)
{
        size_t start = span_start(printer);

        put_hex(printer, get16(printer, packet, offset), 4);
        put_char(printer, '.');
        put_ethernet_numeric(printer, bytes_at(printer, packet, offset + 2, 6));
        span_end(printer, ROLE_ADDRESS, start);
}

/* In 256ths of a second. */
static void put_time(struct printer *printer, struct packet packet, uint32_t offset)
{
        uint32_t product = get16(printer, packet, offset) * 100u;
        uint32_t hundredths = product / 256;

        /* Rounded to nearest, ties to even. */
        if (product % 256 > 128 || (product % 256 == 128 && hundredths % 2 != 0))
                hundredths++;

        putf(printer, "%u.%02us", hundredths / 100, hundredths % 100);
}

static void times_print(struct printer *printer, struct packet packet)
{
        static const char *const names[] = {"message-age ", ", max-age ", ", hello-time ",
                                            ", forwarding-delay "};

        need_hard(printer, packet, TIMES, 8);
        put(printer, "\n\t");
        for (uint32_t i = 0; i < 4; i++) {
                put(printer, names[i]);
                put_time(printer, packet, TIMES + 2 * i);
        }
}

static void configuration_print(struct printer *printer, struct packet packet)
{
        uint8_t flags = get8(printer, packet, FLAGS);

        put_flag_list(printer, ", Flags [", flag_names, flags);
        need_hard(printer, packet, BRIDGE, 10);
        put(printer, ", bridge-id ");
        put_bridge(printer, packet, BRIDGE);
        putf(printer, ".%04x", get16(printer, packet, PORT));
        put_number_as(printer, ROLE_LENGTH, ", length ", packet.length);
        if (!printer->options.verbose)
                return;
        times_print(printer, packet);
        put(printer, "\n\troot-id ");
        put_bridge(printer, packet, ROOT);
        putf(printer, ", root-pathcost %u", get32(printer, packet, COST));
        if (get8(printer, packet, 2) == 2)
                putf(printer, ", port-role %s", role(flags));
}

static void instance_print(struct printer *printer, struct packet packet)
{
        uint8_t flags = get8(printer, packet, 0);

        putf(printer, "\n\tMSTI %u, Flags [", get16(printer, packet, 1) & 0xfffu);
        put_flags(printer, flag_names, ", ", flags);
        putf(printer, "], port-role %s", role(flags));
        need_hard(printer, packet, 1, 12);
        put(printer, "\n\t\tMSTI regional-root-id ");
        put_bridge(printer, packet, 1);
        putf(printer, ", pathcost %u", get32(printer, packet, 9));
        need_hard(printer, packet, 13, 3);
        putf(printer, "\n\t\tMSTI bridge-prio %u", get8(printer, packet, 13) >> 4);
        putf(printer, ", port-prio %u, hops %u", get8(printer, packet, 14) >> 4,
             get8(printer, packet, 15));
}

static void multiple_print(struct printer *printer, struct packet packet)
{
        uint8_t flags = get8(printer, packet, FLAGS);
        uint32_t length;

        need_hard(printer, packet, VERSION_3_LENGTH, 2);
        put_flag_list(printer, ", CIST Flags [", flag_names, flags);
        put_number_as(printer, ROLE_LENGTH, ", length ", packet.length);
        if (!printer->options.verbose)
                return;
        putf(printer, "\n\tport-role %s, CIST root-id ", role(flags));
        put_bridge(printer, packet, ROOT);
        putf(printer, ", CIST ext-pathcost %u\n\tCIST regional-root-id ",
             get32(printer, packet, COST));
        put_bridge(printer, packet, BRIDGE);
        putf(printer, ", CIST port-id %04x,", get16(printer, packet, PORT));
        times_print(printer, packet);
        length = get16(printer, packet, VERSION_3_LENGTH);
        putf(printer, "\n\tv3len %u, MCID Name ", length);
        for (uint32_t i = 0; i < 32 && get8(printer, packet, NAME + i) != 0; i++)
                put_visible(printer, packet.data[NAME + i]);
        need_hard(printer, packet, REVISION, 18);
        putf(printer, ", rev %u,\n\t\tdigest ", get16(printer, packet, REVISION));
        put_hex_bytes(printer, packet, DIGEST, 16);
        put(printer, ", ");
        putf(printer, "CIST int-root-pathcost %u,", get32(printer, packet, INTERNAL_COST));
        need_hard(printer, packet, MULTIPLE_BRIDGE, 8);
        put(printer, "\n\tCIST bridge-id ");
        put_bridge(printer, packet, MULTIPLE_BRIDGE);
        put(printer, ", ");
        putf(printer, "CIST remaining-hops %u", get8(printer, packet, HOPS));
        for (uint32_t at = MULTIPLE_SIZE; at + INSTANCE_SIZE <= length + VERSION_3_LENGTH + 2;
             at += INSTANCE_SIZE)
                instance_print(printer, packet_from(packet, at));
}

/* What shortest path bridges agree on, IEEE 802.1aq: behind the other two parts. */
static void agreement_print(struct printer *printer, struct packet packet)
{
        enum {
                NAME_FIELD = 3,
                NAME_SIZE = 32,
                AUX_REVISION = 35,
                AUX_DIGEST = 37,
                DIGEST_SIZE = 16
        };
        enum { BITS = 53, FORMAT = 55, CONVENTION = 56, EDGES = 57 };
        enum { AGREEMENT_DIGEST = 67, AGREEMENT_SIZE = 20 };
        uint8_t bits;

        putf(printer, "\n\tv4len %u, AUXMCID Name ", get16(printer, packet, 0));
        for (uint32_t i = 0; i < NAME_SIZE && get8(printer, packet, NAME_FIELD + i) != 0; i++)
                put_visible(printer, packet.data[NAME_FIELD + i]);
        need_hard(printer, packet, AUX_REVISION, 2 + DIGEST_SIZE);
        putf(printer, ", Rev %u,\n\t\tdigest ", get16(printer, packet, AUX_REVISION));
        put_hex_bytes(printer, packet, AUX_DIGEST, DIGEST_SIZE);
        need_hard(printer, packet, BITS, AGREEMENT_DIGEST + AGREEMENT_SIZE - BITS);
        bits = get8(printer, packet, BITS);
        putf(printer, "\n\tAgreement num %u, Discarded Agreement num %u, ", bits >> 6,
             bits >> 4 & 3u);
        putf(printer, "Agreement valid-flag %u,\n\tRestricted role-flag: %u, ", bits >> 3 & 1u,
             bits >> 2 & 1u);
        putf(printer, "Format id %u cap %u, ", get8(printer, packet, FORMAT) >> 4,
             get8(printer, packet, FORMAT));
        putf(printer, "Convention id %u cap %u,\n\t", get8(printer, packet, CONVENTION) >> 4,
             get8(printer, packet, CONVENTION));
        putf(printer, "Edge count %u, Agreement digest ", get16(printer, packet, EDGES));
        put_hex_bytes(printer, packet, AGREEMENT_DIGEST, AGREEMENT_SIZE);
}

static bool rapid_print(struct printer *printer, struct packet packet, uint8_t version)
{
        if (version < 2)
                return true;
        if (version == 2) {
                if (packet.length < RAPID_SIZE)
                        return false;
                configuration_print(printer, packet);
                return true;
        }
        if (packet.length < MULTIPLE_SIZE || get8(printer, packet, VERSION_1_LENGTH) != 0 ||
            packet.length < VERSION_3_LENGTH + 2u + get16(printer, packet, VERSION_3_LENGTH))
                return false;
        multiple_print(printer, packet);
        if (version == SHORTEST_PATH) {
                uint32_t at = VERSION_3_LENGTH + 2u + get16(printer, packet, VERSION_3_LENGTH);
                uint32_t size = 2u + get16(printer, packet, at);

                if (size < AGREEMENT_PART || packet.length < at + size)
                        return false;
                if (printer->options.verbose)
                        agreement_print(printer, packet_from(packet, at));
        }
        return true;
}

void stp_print(struct printer *printer, struct packet packet)
{
        uint8_t version, type;
        bool good = true;

        printer->protocol = "stp";
        if (packet.length < 4) {
                put_invalid(printer);
                return;
        }
        if (get16(printer, packet, 0) != 0) {
                put_damage(printer, "unknown STP version");
                put_number_as(printer, ROLE_LENGTH, ", length ", packet.length);
                return;
        }
        version = get8(printer, packet, 2);
        put_as(printer, ROLE_PROTOCOL, "STP ");
        put_name_as(printer, ROLE_PROTOCOL, versions, "Unknown STP protocol (0x%02x)", version);
        if (!name_find(versions, version))
                return;
        type = get8(printer, packet, 3);
        if (type == CONFIGURATION) {
                put(printer, ", Config");
                good = packet.length >= CONFIGURATION_SIZE;
                if (good)
                        configuration_print(printer, packet);
        } else if (type == RAPID) {
                put(printer, ", Rapid STP");
                good = rapid_print(printer, packet, version);
        } else if (type == TOPOLOGY_CHANGE) {
                put(printer, ", Topology Change");
        } else {
                putf(printer, ", Unknown BPDU Type (0x%02x)", type);
        }
        if (!good)
                put_invalid(printer);
}

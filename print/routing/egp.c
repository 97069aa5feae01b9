/* EGP, RFC 904. */
#include "print/printer/printer.h"

enum { HEADER = 16 /* with the first bytes of the body */, UPDATE_HEADER = 16 };

enum type { UPDATE = 1, POLL = 2, ACQUIRE = 3, REACH = 5, ERROR = 8 };

static void put_state(struct printer *printer, uint8_t status)
{
        static const struct name states[] = {
            {0, "state:indeterminate"}, {1, "state:up"}, {2, "state:down"}, {0, NULL}};

        put_char(printer, ' ');
        put_name(printer, states, "[status %u]", status);
}

/* How many of an address's bytes its class makes the network's. */
static uint32_t network_size(uint8_t deciding)
{
        return deciding < 128 ? 1 : deciding < 192 ? 2 : 3;
}

/* tcpdump forms addresses in the byte order of its machine, and prints them as if they were in that
 * of networks: on all machines of today backwards. The class is that of the last byte, too. */
static void put_backwards(struct printer *printer, const uint8_t bytes[4])
{
        const uint8_t address[] = {bytes[3], bytes[2], bytes[1], bytes[0]};

        put_ipv4(printer, address);
}

/* Whether bytes are missing: by the length that IP claims, too. */
static void need_bytes(struct printer *printer, struct packet packet, uint32_t at, uint32_t size)
{
        need_length(printer, packet, at + size);
        need_hard(printer, packet, at, size);
}

/* A gateway is written as the bytes behind its network's; behind it stands the number of its
 * distances. Of networks of class D and E tcpdump reads no bytes, but counts four. Returns the
 * offset behind the number. */
static uint32_t gateway_print(struct printer *printer, struct packet *packet, uint32_t at,
                              const uint8_t network[4], const char *kind)
{
        const uint8_t last = network[3];
        uint32_t net = last >= 224 ? 4 : network_size(last), host = 4 - net;
        uint8_t address[4] = {0};

        if (net == 4)
                packet->length = packet->length < 4 ? 0 : packet->length - 4;
        need_length(printer, *packet, at + host + 1);
        need(printer, *packet, at, net == 4 ? 4 : host);
        need_hard(printer, *packet, at, host + 1);
        for (uint32_t i = 0; i < net && net < 4; i++)
                address[i] = network[3 - i];
        for (uint32_t i = 0; i < host; i++)
                address[net + i] = get8(printer, *packet, at + i);
        putf(printer, " %s ", kind);
        put_backwards(printer, address);
        return at + host + 1;
}

static uint32_t distances_print(struct printer *printer, struct packet packet, uint32_t at,
                                uint32_t count)
{
        put(printer, " (");
        for (uint32_t i = 0; i < count; i++) {
                uint32_t networks;

                need_length(printer, packet, at + 2);
                putf(printer, "%sd%u:", i > 0 ? ", " : "", get8(printer, packet, at));
                networks = get8(printer, packet, at + 1);
                at += 2;
                for (; networks > 0; networks--) {
                        uint8_t address[4] = {0};
                        uint32_t size;

                        need_bytes(printer, packet, at, 1);
                        size = network_size(get8(printer, packet, at));
                        need_bytes(printer, packet, at, size);
                        memcpy(address, packet.data + at, size);
                        put_char(printer, ' ');
                        put_backwards(printer, address);
                        at += size;
                }
        }
        put_char(printer, ')');
        return at;
}

static void update_print(struct printer *printer, struct packet packet)
{
        uint32_t interior = get8(printer, packet, 10), exterior = get8(printer, packet, 11);
        const uint8_t *network = bytes_at(printer, packet, 12, 4);
        uint32_t at = UPDATE_HEADER;

        put_ipv4_labelled(printer, " ", packet, 12);
        putf(printer, " int %u ext %u", interior, exterior);
        for (uint32_t i = 0; i < interior + exterior; i++) {
                at = gateway_print(printer, &packet, at, network, i < interior ? "int" : "ext");
                at = distances_print(printer, packet, at, get8(printer, packet, at - 1));
        }
}

static void acquire_print(struct printer *printer, struct packet packet, uint8_t code,
                          uint8_t status)
{
        enum { REQUEST, CONFIRM, REFUSE };
        static const struct name codes[] = {{REQUEST, "request"}, {CONFIRM, "confirm"},
                                            {REFUSE, "refuse"},   {3, "cease"},
                                            {4, "cease_ack"},     {0, NULL}};
        static const struct name modes[] = {
            {0, "unspecified"}, {1, "active_mode"}, {2, "passive_mode"}, {0, NULL}};
        static const struct name reasons[] = {{0, " unspecified"},
                                              {3, " insufficient_resources"},
                                              {4, " administratively_prohibited"},
                                              {5, " going_down"},
                                              {6, " parameter_violation"},
                                              {7, " protocol_violation"},
                                              {0, NULL}};
        const char *name = name_find(codes, code);

        put(printer, " acquire");
        if (!name) {
                putf(printer, "[code %u]", code);
                return;
        }
        putf(printer, " %s", name);
        if (code >= REFUSE) {
                put_name(printer, reasons, "[status %u]", status);
                return;
        }
        put_char(printer, ' ');
        put_name(printer, modes, "[status %u]", status);
        putf(printer, " hello:%u poll:%u", get16(printer, packet, 10), get16(printer, packet, 12));
}

static void error_print(struct printer *printer, struct packet packet, uint8_t status)
{
        static const struct name reasons[] = {{0, "unspecified"},
                                              {1, "bad_EGP_header_format"},
                                              {2, "bad_EGP_data_field_format"},
                                              {3, "reachability_info_unavailable"},
                                              {4, "excessive_polling_rate"},
                                              {5, "no_response"},
                                              {6, "unsupported_version"},
                                              {0, NULL}};

        put(printer, " error");
        put_state(printer, status);
        put_char(printer, ' ');
        put_name(printer, reasons, "[reason %u]", get16(printer, packet, 10));
}

static void message_print(struct printer *printer, struct packet packet)
{
        enum { UNSOLICITED = 0x80 };
        uint8_t type = get8(printer, packet, 1), code = get8(printer, packet, 2);
        uint8_t status = get8(printer, packet, 3);

        switch (type) {
        case UPDATE:
                put(printer, " update");
                if (status & UNSOLICITED)
                        put(printer, " unsolicited");
                put_state(printer, status & (UNSOLICITED - 1));
                update_print(printer, packet);
                break;
        case POLL:
                put(printer, " poll");
                put_state(printer, status);
                put_ipv4_labelled(printer, " net:", packet, 12);
                break;
        case ACQUIRE: acquire_print(printer, packet, code, status); break;
        case REACH:
                if (code > 1) {
                        putf(printer, "[reach code %u]", code);
                        break;
                }
                put(printer, code == 0 ? " hello" : " i-h-u");
                put_state(printer, status);
                break;
        case ERROR: error_print(printer, packet, status); break;
        default: putf(printer, "[type %u]", type);
        }
}

void egp_print(struct printer *printer, struct packet packet)
{
        uint8_t version;

        printer->protocol = "egp";
        need_length(printer, packet, HEADER);
        need(printer, packet, 0, HEADER);
        version = get8(printer, packet, 0);
        putf(printer, "EGPv%u, ", version);
        if (!printer->options.verbose) {
                putf(printer, "AS %u, seq %u, length %u", get16(printer, packet, 6),
                     get16(printer, packet, 8), packet.length);
                return;
        }
        putf(printer, "length %u", packet.length);
        if (version != 2) {
                putf(printer, "[version %u]", version);
                return;
        }
        message_print(printer, packet);
}

/* Bidirectional forwarding detection, RFC 5880: versions 1 and 0, over one hop and many, over the
 * links of a bundle (RFC 7130), and its echo, whose contents only the sender knows. */
#include "print/printer/printer.h"

enum { HEADER = 24, MULTIHOP_PORT = 4784, LAG_PORT = 6784 };

enum authentication { PASSWORD = 1, KEYED_MD5, METICULOUS_MD5, KEYED_SHA1, METICULOUS_SHA1 };

static void put_digest(struct printer *printer, struct packet packet, const char *title,
                       uint32_t size)
{
        enum { BEFORE = 8 };

        if (packet.length != BEFORE + size) {
                put_damage(printer, "[invalid length %u]", packet.length);
                return;
        }
        need_hard(printer, packet, 4, 4);
        putf(printer, ", Sequence Number: 0x%08x", get32(printer, packet, 4));
        need_hard(printer, packet, BEFORE, size);
        put(printer, title);
        put_hex_bytes(printer, packet, BEFORE, size);
}

/* RFC 5880, 4.2 to 4.4. */
static void authentication_print(struct printer *printer, struct packet packet)
{
        enum { LEAST = 4, MOST_PASSWORD = 19, MD5 = 16, SHA1 = 20 };
        static const struct name names[] = {{PASSWORD, "Simple Password"},
                                            {KEYED_MD5, "Keyed MD5"},
                                            {METICULOUS_MD5, "Meticulous Keyed MD5"},
                                            {KEYED_SHA1, "Keyed SHA1"},
                                            {METICULOUS_SHA1, "Meticulous Keyed SHA1"},
                                            {0, NULL}};
        uint8_t type;

        need_hard(printer, packet, 0, LEAST);
        type = get8(printer, packet, 0);
        packet.length = get8(printer, packet, 1);
        putf(printer, "\n\tAuthentication: %s (%u), length: %u", name_or(names, type, "Unknown"),
             type, packet.length);
        putf(printer, "\n\t  Auth Key ID: %u", get8(printer, packet, 2));
        switch (type) {
        case PASSWORD:
                if (packet.length < LEAST || packet.length > MOST_PASSWORD) {
                        put_damage(printer, "[invalid length %u]", packet.length);
                        break;
                }
                put(printer, ", Password: ");
                for (uint32_t i = 3; i < packet.length; i++)
                        put_visible(printer, get8(printer, packet, i));
                break;
        case KEYED_MD5:
        case METICULOUS_MD5: put_digest(printer, packet, "\n\t  Digest: ", MD5); break;
        case KEYED_SHA1:
        case METICULOUS_SHA1: put_digest(printer, packet, "\n\t  Hash: ", SHA1); break;
        }
}

static const char *kind_of(uint16_t port)
{
        return port == MULTIHOP_PORT ? "Multihop" : port == LAG_PORT ? "Lag" : "Control";
}

/* Milliseconds, of a time in microseconds. */
static uint32_t time_at(struct printer *printer, struct packet packet, uint32_t offset)
{
        return get32(printer, packet, offset) / 1000;
}

static void control_print(struct printer *printer, struct packet packet, uint16_t port)
{
        enum { AUTHENTICATED = 0x04 };
        static const struct name states[] = {
            {0, "AdminDown"}, {1, "Down"}, {2, "Init"}, {3, "Up"}, {0, NULL}};
        static const struct name flags[] = {{0x20, "Poll"},
                                            {0x10, "Final"},
                                            {0x08, "Control Plane Independent"},
                                            {0x04, "Authentication Present"},
                                            {0x02, "Demand"},
                                            {0x01, "Multipoint"},
                                            {0, NULL}};
        static const struct name old_flags[] = {{0x80, "I Hear You"},
                                                {0x40, "Demand"},
                                                {0x20, "Poll"},
                                                {0x10, "Final"},
                                                {0x08, "Control Plane Independent"},
                                                {0x04, "Authentication Present"},
                                                {0x02, "Reserved"},
                                                {0x01, "Reserved"},
                                                {0, NULL}};
        static const struct name diagnostics[] = {{0, "No Diagnostic"},
                                                  {1, "Control Detection Time Expired"},
                                                  {2, "Echo Function Failed"},
                                                  {3, "Neighbor Signaled Session Down"},
                                                  {4, "Forwarding Plane Reset"},
                                                  {5, "Path Down"},
                                                  {6, "Concatenated Path Down"},
                                                  {7, "Administratively Down"},
                                                  {8, "Reverse Concatenated Path Down"},
                                                  {0, NULL}};
        uint8_t first = get8(printer, packet, 0);
        uint8_t bits = get8(printer, packet, 1);
        unsigned version = first >> 5;
        bool verbose = printer->options.verbose > 0;

        putf_as(printer, ROLE_PROTOCOL, "BFDv%u, ", version);
        if (verbose)
                putf(printer, "length: %u\n\t", packet.length);
        put(printer, kind_of(port));
        if (version == 1)
                putf(printer, ", State %s", name_or(states, bits >> 6, ""));
        put_flag_list(printer, ", Flags: [", version == 1 ? flags : old_flags, bits);
        if (!verbose) {
                putf(printer, ", length: %u", packet.length);
                return;
        }
        putf(printer, ", Diagnostic: %s (0x%02x)", name_or(diagnostics, first & 0x1f, "unknown"),
             first & 0x1fu);
        putf(printer, "\n\tDetection Timer Multiplier: %u (%u ms Detection time), BFD Length: %u",
             get8(printer, packet, 2), get8(printer, packet, 2) * get32(printer, packet, 12) / 1000,
             get8(printer, packet, 3));
        putf(printer, "\n\tMy Discriminator: 0x%08x, Your Discriminator: 0x%08x",
             get32(printer, packet, 4), get32(printer, packet, 8));
        putf(printer, "\n\t  Desired min Tx Interval:    %4u ms", time_at(printer, packet, 12));
        putf(printer, "\n\t  Required min Rx Interval:   %4u ms", time_at(printer, packet, 16));
        putf(printer, "\n\t  Required min Echo Interval: %4u ms", time_at(printer, packet, 20));
        if (bits & AUTHENTICATED)
                authentication_print(printer, packet_from(packet, HEADER));
}

static void bfd_print_port(struct printer *printer, struct packet packet, uint16_t port)
{
        unsigned version;

        printer->protocol = "bfd";
        need_hard(printer, packet, 0, HEADER);
        version = packet.data[0] >> 5;
        if (version <= 1) {
                control_print(printer, packet, version == 1 ? port : 0);
                return;
        }
        putf_as(printer, ROLE_PROTOCOL, "BFDv%u, Control", version);
        putf(printer, ", length: %u", packet.length);
        if (printer->options.verbose > 0)
                dump_hex(printer, "\n\t", packet, packet.length);
}

void bfd_print(struct printer *printer, struct packet packet)
{
        bfd_print_port(printer, packet, 0);
}

void bfd_multihop_print(struct printer *printer, struct packet packet)
{
        bfd_print_port(printer, packet, MULTIHOP_PORT);
}

void bfd_lag_print(struct printer *printer, struct packet packet)
{
        bfd_print_port(printer, packet, LAG_PORT);
}

void bfd_echo_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "bfd";
        put_as(printer, ROLE_PROTOCOL, "BFD");
        putf(printer, ", Echo, length: %u", packet.length);
        if (printer->options.verbose > 0)
                dump_hex(printer, "\n\t", packet, packet.length);
}

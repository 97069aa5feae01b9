/* ICMP, RFC 792, with router discovery (RFC 1256) and the extensions of RFC 4884. */
#include "network.h"

#include "net/checksum.h"
#include "print/printer/fields.h"

#include <netinet/in.h>
#include <string.h>

enum type {
        ECHO_REPLY = 0,
        UNREACHABLE = 3,
        SOURCE_QUENCH = 4,
        REDIRECT = 5,
        ECHO_REQUEST = 8,
        ROUTER_ADVERTISEMENT = 9,
        ROUTER_SOLICITATION = 10,
        TIME_EXCEEDED = 11,
        PARAMETER_PROBLEM = 12,
        TIMESTAMP = 13,
        TIMESTAMP_REPLY = 14,
        INFORMATION = 15,
        INFORMATION_REPLY = 16,
        MASK = 17,
        MASK_REPLY = 18,
};

enum {
        QUOTE = 8, /* where the quoted packet starts */
        EXTENSION = QUOTE + 128,
        UNREACHABLE_PROTOCOL = 2,
        UNREACHABLE_PORT = 3,
        UNREACHABLE_TOO_BIG = 4,
};

static const struct name type_names[] = {
    {ECHO_REPLY, "echo reply"},           {SOURCE_QUENCH, "source quench"},
    {ECHO_REQUEST, "echo request"},       {ROUTER_SOLICITATION, "router solicitation"},
    {INFORMATION, "information request"}, {INFORMATION_REPLY, "information reply"},
    {MASK, "address mask request"},       {0, NULL},
};

static void put_quoted_destination(struct printer *printer, struct packet packet)
{
        put_ipv4_at(printer, packet, QUOTE + 16);
}

static void unreachable_port_print(struct printer *printer, struct packet packet)
{
        uint8_t protocol;
        uint32_t header;
        uint16_t port;

        need(printer, packet, QUOTE + 9, 1);
        protocol = get8(printer, packet, QUOTE + 9);
        header = (get8(printer, packet, QUOTE) & 15) * 4u;
        port = get16(printer, packet, QUOTE + header + 2);

        put_quoted_destination(printer, packet);
        switch (protocol) {
        case IPPROTO_TCP: put(printer, " tcp port "); break;
        case IPPROTO_UDP: put(printer, " udp port "); break;
        default:
                putf_as(printer, ROLE_REFUSAL, " protocol %u port %u unreachable", protocol, port);
                return;
        }
        put_port(printer, protocol, port);
        put_as(printer, ROLE_REFUSAL, " unreachable");
}

static void unreachable_print(struct printer *printer, struct packet packet)
{
        /* The text before and after the destination's address. */
        static const struct {
                const char *before, *after;
        } codes[] = {
            [0] = {"net ", " unreachable"},
            [1] = {"host ", " unreachable"},
            [5] = {"", " unreachable - source route failed"},
            [6] = {"net ", " unreachable - unknown"},
            [7] = {"host ", " unreachable - unknown"},
            [8] = {"", " unreachable - source host isolated"},
            [9] = {"net ", " unreachable - admin prohibited"},
            [10] = {"host ", " unreachable - admin prohibited"},
            [11] = {"net ", " unreachable - tos prohibited"},
            [12] = {"host ", " unreachable - tos prohibited"},
            [13] = {"host ", " unreachable - admin prohibited filter"},
            [14] = {"host ", " unreachable - host precedence violation"},
            [15] = {"host ", " unreachable - precedence cutoff"},
        };
        uint8_t code = get8(printer, packet, 1);

        switch (code) {
        case UNREACHABLE_PROTOCOL:
                put_quoted_destination(printer, packet);
                putf_as(printer, ROLE_REFUSAL, " protocol %u unreachable",
                        get8(printer, packet, QUOTE + 9));
                return;
        case UNREACHABLE_PORT: unreachable_port_print(printer, packet); return;
        case UNREACHABLE_TOO_BIG: {
                uint16_t mtu = get16(printer, packet, 6);

                put_quoted_destination(printer, packet);
                put_as(printer, ROLE_REFUSAL, " unreachable - need to frag");
                if (mtu)
                        putf(printer, " (mtu %u)", mtu);
                return;
        }
        }
        if (code >= sizeof codes / sizeof *codes) {
                put_quoted_destination(printer, packet);
                putf_as(printer, ROLE_REFUSAL, " unreachable - #%u", code);
                return;
        }
        put(printer, codes[code].before);
        put_quoted_destination(printer, packet);
        put_as(printer, ROLE_REFUSAL, codes[code].after);
}

static void redirect_print(struct printer *printer, struct packet packet)
{
        static const struct {
                const char *before, *middle;
        } codes[] = {
            {"redirect ", " to net "},
            {"redirect ", " to host "},
            {"redirect-tos ", " to net "},
            {"redirect-tos ", " to host "},
        };
        uint8_t code = get8(printer, packet, 1);
        bool known = code < sizeof codes / sizeof *codes;

        if (known)
                put(printer, codes[code].before);
        else
                putf(printer, "redirect-#%u ", code);
        put_quoted_destination(printer, packet);
        put(printer, known ? codes[code].middle : " to ");
        put_ipv4_at(printer, packet, 4);
}

/* "30:00", "1:00:00". */
static void put_lifetime(struct printer *printer, uint32_t seconds)
{
        if (seconds < 60)
                putf(printer, "%u", seconds);
        else if (seconds < 3600)
                putf(printer, "%u:%02u", seconds / 60, seconds % 60);
        else
                putf(printer, "%u:%02u:%02u", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

static void router_advertisement_print(struct printer *printer, struct packet packet)
{
        enum { MOST = 163 };
        size_t start = printer->text.length;
        uint8_t count, size;

        need(printer, packet, 0, 8);
        put(printer, "router advertisement lifetime ");
        put_lifetime(printer, get16(printer, packet, 6));
        count = get8(printer, packet, 4);
        putf(printer, " %u:", count);
        size = get8(printer, packet, 5);
        if (size != 2) {
                putf(printer, " [size %u]", size);
                return;
        }
        for (uint32_t i = 0; i < count; i++) {
                need(printer, packet, 8 + i * 8, 8);
                put_ipv4_labelled(printer, " {", packet, 8 + i * 8);
                putf(printer, " %u}", get32(printer, packet, 12 + i * 8));
        }
        /* tcpdump cuts it at its buffer's size. */
        if (printer->text.length - start > MOST)
                output_take_back(printer, start + MOST);
}

static void time_exceeded_print(struct printer *printer, struct packet packet)
{
        uint8_t code = get8(printer, packet, 1);

        need(printer, packet, QUOTE, 20);
        if (code == 0)
                put_as(printer, ROLE_REFUSAL, "time exceeded in-transit");
        else if (code == 1)
                put_as(printer, ROLE_REFUSAL, "ip reassembly time exceeded");
        else
                putf_as(printer, ROLE_REFUSAL, "time exceeded-#%u", code);
}

static void parameter_problem_print(struct printer *printer, struct packet packet)
{
        uint8_t code = get8(printer, packet, 1);

        if (code)
                putf_as(printer, ROLE_REFUSAL, "parameter problem - code %u", code);
        else
                putf_as(printer, ROLE_REFUSAL, "parameter problem - octet %u",
                        get8(printer, packet, 4));
}

/* Milliseconds since midnight UTC, RFC 792. */
static void put_milliseconds(struct printer *printer, const char *label, uint32_t time)
{
        uint32_t seconds = time / 1000;

        putf(printer, "%s%02u:%02u:%02u.%03u", label, seconds / 3600, seconds / 60 % 60,
             seconds % 60, time % 1000);
}

static void timestamp_print(struct printer *printer, struct packet packet)
{
        bool reply = get8(printer, packet, 0) == TIMESTAMP_REPLY;

        if (reply)
                need(printer, packet, 0, 20);
        putf(printer, "time stamp %s id %u seq %u", reply ? "reply" : "query",
             get16(printer, packet, 4), get16(printer, packet, 6));
        if (!reply)
                return;
        put_milliseconds(printer, ": org ", get32(printer, packet, 8));
        put_milliseconds(printer, ", recv ", get32(printer, packet, 12));
        put_milliseconds(printer, ", xmit ", get32(printer, packet, 16));
}

static void message_print(struct printer *printer, struct packet packet, uint8_t type)
{
        switch (type) {
        case ECHO_REPLY:
        case ECHO_REQUEST:
                put(printer, name_find(type_names, type));
                put_labelled(printer, ", id ", get16(printer, packet, 4));
                put_labelled(printer, ", seq ", get16(printer, packet, 6));
                return;
        case UNREACHABLE: unreachable_print(printer, packet); return;
        case REDIRECT: redirect_print(printer, packet); return;
        case ROUTER_ADVERTISEMENT: router_advertisement_print(printer, packet); return;
        case TIME_EXCEEDED: time_exceeded_print(printer, packet); return;
        case PARAMETER_PROBLEM: parameter_problem_print(printer, packet); return;
        case TIMESTAMP:
        case TIMESTAMP_REPLY: timestamp_print(printer, packet); return;
        case MASK_REPLY: putf(printer, "address mask is 0x%08x", get32(printer, packet, 8)); return;
        }
        put_name(printer, type_names, "type-#%u", type);
}

static bool is_error(uint8_t type)
{
        return type == UNREACHABLE || type == SOURCE_QUENCH || type == REDIRECT ||
               type == TIME_EXCEEDED || type == PARAMETER_PROBLEM;
}

/* What an error quotes, and its extensions. */
static void error_print(struct printer *printer, struct packet packet, uint8_t type)
{
        struct packet quote = packet_from(packet, QUOTE);

        put(printer, "\n\t");
        /* The packet may go on further than what is quoted of it. */
        quote.length = get16(printer, quote, 2);
        if (quote.length < quote.captured)
                quote.captured = quote.length;
        need_hard(printer, quote, 0, 4);
        protocol_print_quote(printer, ETHERTYPE, ETHERTYPE_IPV4, quote);
        printer->protocol = "icmp";
        if (packet.length > EXTENSION &&
            (type == UNREACHABLE || type == TIME_EXCEEDED || type == PARAMETER_PROBLEM))
                icmp_extension_print(printer, packet_from(packet, EXTENSION),
                                     get8(printer, packet, 5) != 0);
}

void icmp_print(struct printer *printer, struct packet packet)
{
        const struct network *network = printer->network;
        uint8_t type;

        if (network->version != 4) {
                put_damage(printer, "[ICMP requires IPv4] (invalid)");
                return;
        }
        printer->protocol = "icmp";
        type = get8(printer, packet, 0);
        get8(printer, packet, 1);
        /* A message cut short is not shown in part. */
        printer->withdraw = printer->text.length;
        put_as(printer, ROLE_PROTOCOL, "ICMP ");
        message_print(printer, packet, type);
        printer->withdraw = SIZE_MAX;
        put_number_as(printer, ROLE_LENGTH, ", length ", packet.length);
        if (!printer->options.verbose)
                return;
        if (!network->fragment && has(packet, 0, packet.length)) {
                uint16_t sum = checksum(packet.data, packet.length);

                if (sum != 0) {
                        uint16_t found = get16(printer, packet, 2);

                        put_damage(printer, " (wrong icmp cksum %x (->%x)!)", found,
                                   checksum_expected(found, sum));
                }
        }
        if (is_error(type))
                error_print(printer, packet, type);
}

void icmp_fields(struct printer *printer, struct packet packet)
{
        if (get8(printer, packet, 0) == UNREACHABLE &&
            get8(printer, packet, 1) == UNREACHABLE_TOO_BIG)
                field_number(printer, "icmp.mtu", get16(printer, packet, 6));
}

bool icmp_quotes(struct packet packet)
{
        return has(packet, 0, QUOTE) && is_error(packet.data[0]);
}

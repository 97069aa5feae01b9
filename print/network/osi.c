/* The OSI network layer: which protocol it is (ISO TR 9577), and the end system to intermediate
 * system protocol, ES-IS (ISO 9542). */
#include "osi.h"

enum { NULL_LAYER = 0x00 };

/* Begins with the protocol's number, which belongs to the protocol's own header. */
void osi_print(struct printer *printer, struct packet packet)
{
        uint8_t number;

        printer->protocol = "isoclns";
        if (!has(packet, 0, 1))
                printer_abandon_short(printer);
        number = packet.data[0];
        if (printer->options.link_header)
                putf(printer, "OSI NLPID %s (0x%02x): ", name_or(nlpid_names, number, "Unknown"),
                     number);
        if (protocol_print(printer, NLPID, number, packet))
                return;
        if (number != NULL_LAYER && !printer->options.link_header)
                putf(printer, "OSI NLPID 0x%02x unknown", number);
        putf(printer, "%slength: %u", printer->options.link_header ? "" : ", ", packet.length);
        if (number != NULL_LAYER && packet.length > 1)
                dump_hex(printer, "\n\t", packet, packet.length);
}

/* As an EtherType, behind a byte that has no meaning. */
void osi_ethernet_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "isoclns";
        need_length(printer, packet, 1);
        need(printer, packet, 0, 1);
        osi_print(printer, packet_from(packet, 1));
}

void osi_ipv4_print(struct printer *printer, struct packet packet)
{
        protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV4, packet_from(packet, 1));
}

void osi_ipv6_print(struct printer *printer, struct packet packet)
{
        protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV6, packet_from(packet, 1));
}

/* ---- ES-IS ---- */

enum { HEADER = 9, LEAST = 11, VERSION = 1 };

enum message { REDIRECT = 6, END_SYSTEM_HELLO = 2, INTERMEDIATE_SYSTEM_HELLO = 4 };

static const struct name messages[] = {{REDIRECT, "redirect"},
                                       {END_SYSTEM_HELLO, "ESH"},
                                       {INTERMEDIATE_SYSTEM_HELLO, "ISH"},
                                       {0, NULL}};

static const struct name options[] = {
    {195, "QoS Maintenance"}, {197, "Security"}, {198, "ES Configuration Time"},
    {205, "Priority"},        {0, NULL},
};

static uint8_t get_size(struct printer *printer, struct packet rest)
{
        need(printer, rest, 0, 1);
        return rest.data[0];
}

/* An address behind its size. False if it is cut off by the header's end. */
static bool address_take(struct printer *printer, struct packet *rest, uint32_t *size)
{
        need(printer, *rest, 0, 1);
        if (rest->length < 1) {
                put_damage(printer, ", bad redirect/li");
                return false;
        }
        *size = rest->data[0];
        *rest = packet_from(*rest, 1);
        need(printer, *rest, 0, *size);
        if (rest->length < *size) {
                put_damage(printer, ", bad redirect/li");
                return false;
        }
        return true;
}

static bool redirect_print(struct printer *printer, struct packet *rest)
{
        struct packet destination, snpa;
        uint32_t size;

        if (!address_take(printer, rest, &size))
                return false;
        destination = packet_cut(*rest, size);
        *rest = packet_from(*rest, size);
        put(printer, "\n\t  ");
        put_nsap(printer, destination, 0, destination.length);
        if (!address_take(printer, rest, &size))
                return false;
        snpa = packet_cut(*rest, size);
        *rest = packet_from(*rest, size);
        size = get_size(printer, *rest);
        if (rest->length < 1) {
                put_damage(printer, ", bad redirect/li");
                return false;
        }
        need(printer, *rest, 1, size);
        if (rest->length < size) {
                put_damage(printer, ", bad redirect/li");
                return false;
        }
        /* As in tcpdump, this byte does not count. */
        *rest = (struct packet){rest->data + 1, rest->captured - 1, rest->length};
        putf(printer, "\n\t  SNPA (length: %u): ", snpa.length);
        if (snpa.length == 6)
                put_ethernet(printer, bytes_at(printer, snpa, 0, 6));
        else
                put_link_address(printer, snpa, 0, snpa.length);
        if (size == 0)
                return true;
        putf(printer, "\n\t  NET (length: %u) ", size);
        put_nsap(printer, *rest, 0, size);
        *rest = packet_from(*rest, size);
        return true;
}

static bool end_system_print(struct printer *printer, struct packet *rest)
{
        uint8_t count = get_size(printer, *rest);

        if (rest->length < 1) {
                put_damage(printer, ", bad esh/li");
                return false;
        }
        *rest = packet_from(*rest, 1);
        putf(printer, "\n\t  Number of Source Addresses: %u", count);
        for (; count > 0; count--) {
                uint32_t size = get_size(printer, *rest);

                if (rest->length < 1) {
                        put_damage(printer, ", bad esh/li");
                        return false;
                }
                need(printer, *rest, 1, size);
                if (rest->length < 1 + size) {
                        put_damage(printer, ", bad esh/li");
                        return false;
                }
                putf(printer, "\n\t  NET (length: %u): ", size);
                put_nsap(printer, *rest, 1, size);
                *rest = packet_from(*rest, 1 + size);
        }
        return true;
}

static bool intermediate_system_print(struct printer *printer, struct packet *rest)
{
        uint32_t size = get_size(printer, *rest);

        if (rest->length < 1) {
                put_damage(printer, ", bad ish/li");
                return false;
        }
        *rest = packet_from(*rest, 1);
        need(printer, *rest, 0, size);
        if (rest->length < size) {
                put_damage(printer, ", bad ish/li");
                return false;
        }
        putf(printer, "\n\t  NET (length: %u): ", size);
        put_nsap(printer, *rest, 0, size);
        *rest = packet_from(*rest, size);
        return true;
}

static void options_print(struct printer *printer, struct packet rest)
{
        enum { TIMER = 198 };

        while (rest.length > 0) {
                uint8_t option;
                uint32_t size;
                struct packet value;

                if (rest.length < 2) {
                        put_damage(printer, ", bad opts/li");
                        return;
                }
                need_hard(printer, rest, 0, 2);
                option = get8(printer, rest, 0);
                size = get8(printer, rest, 1);
                rest = packet_from(rest, 2);
                if (size > rest.length) {
                        put_damage(printer, ", opt (%u) too long", option);
                        return;
                }
                putf(printer,
                     "\n\t  %s Option #%u, length %u, value: ", name_or(options, option, "Unknown"),
                     option, size);
                value = packet_cut(rest, size);
                if (option == TIMER && size == 2)
                        putf(printer, "%us", get16(printer, value, 0));
                else if (option == TIMER)
                        put_damage(printer, "(bad length)");
                else
                        dump_hex(printer, "\n\t  ", value, size);
                if (printer->options.verbose > 1)
                        dump_hex(printer, "\n\t  ", value, size);
                rest = packet_from(rest, size);
        }
}

/* What lies behind the header: `whole` up to the packet's end, `rest` as far as the length
 * indicator goes. */
static void body_print(struct printer *printer, struct packet whole, struct packet rest,
                       uint8_t message)
{
        bool good = true;

        if (message == REDIRECT)
                good = redirect_print(printer, &rest);
        else if (message == END_SYSTEM_HELLO)
                good = end_system_print(printer, &rest);
        else if (message == INTERMEDIATE_SYSTEM_HELLO)
                good = intermediate_system_print(printer, &rest);
        else if (printer->options.verbose <= 1)
                dump_hex(printer, "\n\t  ", whole, whole.length);
        if (good && name_find(messages, message))
                options_print(printer, rest);
}

void osi_short_print(struct printer *printer, struct packet packet, uint32_t size)
{
        static const char digits[] = "0123456789ABCDEF";

        putf(printer, " length indicator %u < min PDU size:", size);
        for (uint32_t i = 0; i < packet.captured; i++) {
                put_char(printer, digits[packet.data[i] >> 4]);
                put_char(printer, digits[packet.data[i] & 15]);
        }
}

void esis_print(struct printer *printer, struct packet packet)
{
        bool shown = printer->options.link_header;
        struct packet header;
        uint8_t size, message;

        printer->protocol = "esis";
        if (!shown)
                put(printer, "ES-IS");
        if (packet.length <= 2) {
                put_damage(printer, printer->options.quiet ? "bad pkt!" : "no header at all!");
                return;
        }
        need(printer, packet, 0, HEADER);
        size = get8(printer, packet, 1);
        if (get8(printer, packet, 2) != VERSION) {
                putf(printer, " version %u packet not supported", get8(printer, packet, 2));
                return;
        }
        if (size > packet.length) {
                putf(printer, " length indicator(%u) > PDU size (%u)!", size, packet.length);
                return;
        }
        if (size < LEAST) {
                osi_short_print(printer, packet, size);
                return;
        }
        message = get8(printer, packet, 4) & 0x1f;
        if (!printer->options.verbose) {
                put(printer, shown ? "" : ", ");
                put_name(printer, messages, "unknown type (%u)", message);
                putf(printer, ", length %u", packet.length);
                return;
        }
        putf(printer, "%slength %u\n\t", shown ? "" : ", ", packet.length);
        put_name(printer, messages, "unknown type: %u", message);
        putf(printer, " (%u), v: %u, checksum: 0x%04x", message, VERSION,
             get16(printer, packet, 7));
        iso_checksum_print(printer, packet, get16(printer, packet, 7), 7, size);
        putf(printer, ", holding time: %us, length indicator: %u", get16(printer, packet, 5), size);
        if (printer->options.verbose > 1)
                dump_hex(printer, "\n\t", packet, HEADER);
        header = packet;
        header.length = size;
        body_print(printer, packet_from(packet, HEADER), packet_from(header, HEADER), message);
}

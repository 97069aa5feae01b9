/* RIPng, RFC 2080. */
#include "print/printer/printer.h"

enum { HEADER = 4, ENTRY = 20, UNREACHABLE = 16 };

static bool asks_for_all(struct printer *printer, struct packet entry)
{
        static const uint8_t any[16];

        return get8(printer, entry, 19) == UNREACHABLE &&
               memcmp(bytes_at(printer, entry, 0, 16), any, sizeof any) == 0;
}

static void entry_print(struct printer *printer, struct packet packet, bool response)
{
        uint16_t tag = get16(printer, packet, 16);
        uint8_t prefix_length = get8(printer, packet, 18), metric;

        put_ipv6_at(printer, packet, 0);
        putf(printer, "/%u", prefix_length);
        if (tag != 0)
                putf(printer, " [%u]", tag);
        metric = get8(printer, packet, 19);
        if (response && metric != 0)
                putf(printer, " (%u)", metric);
}

static void entries_print(struct printer *printer, struct packet packet, bool response)
{
        uint32_t count = (packet.length - HEADER) / ENTRY;

        putf(printer, " ripng-%s %u", response ? "resp" : "req", count);
        if (count * ENTRY != packet.length - HEADER)
                putf(printer, "[%u]", packet.length);
        put_char(printer, ':');
        packet = packet_from(packet, HEADER);
        for (; packet.length >= ENTRY; packet = packet_from(packet, ENTRY)) {
                put(printer, printer->options.verbose > 1 ? "\n\t" : " ");
                entry_print(printer, packet, response);
        }
        if (packet.length > 0)
                put_invalid(printer);
}

void ripng_print(struct printer *printer, struct packet packet)
{
        enum { REQUEST = 1, RESPONSE = 2, VERSION = 1 };
        uint8_t command, version;

        printer->protocol = "ripng";
        command = get8(printer, packet, 0);
        version = get8(printer, packet, 1);
        if (version != VERSION) {
                putf(printer, " [vers %u]", version);
                put_invalid(printer);
                return;
        }
        if (command != REQUEST && command != RESPONSE) {
                putf(printer, " ripng-%u ?? %u", command, packet.length);
                put_invalid(printer);
                return;
        }
        if (packet.length < HEADER) {
                put_invalid(printer);
                return;
        }
        if (command == REQUEST && (packet.length - HEADER) / ENTRY == 1 &&
            asks_for_all(printer, packet_from(packet, HEADER)))
                put(printer, " ripng-req dump");
        else
                entries_print(printer, packet, command == RESPONSE);
}

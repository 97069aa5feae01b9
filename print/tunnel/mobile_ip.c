/* Minimal encapsulation within IP, RFC 2004: what the addresses were before. */
#include "print/printer/printer.h"

void mobile_ip_print(struct printer *printer, struct packet packet)
{
        enum { SHORT = 8, LONG = 12, WITH_SOURCE = 0x80 };
        uint32_t size = SHORT, sum = 0;

        printer->protocol = "mobile";
        need_length(printer, packet, LONG);
        need(printer, packet, 0, LONG);
        put(printer, "mobile: ");
        if (get8(printer, packet, 1) & WITH_SOURCE) {
                size = LONG;
                put(printer, "[S] ");
                if (printer->options.verbose) {
                        put_ipv4_at(printer, packet, 8);
                        put_char(printer, ' ');
                }
        } else {
                put(printer, "[] ");
        }
        if (printer->options.verbose) {
                put_ipv4_labelled(printer, "> ", packet, 4);
                putf(printer, " (oproto=%u)", get8(printer, packet, 0));
        }
        for (uint32_t i = 0; i < size; i += 2)
                sum += get16(printer, packet, i);
        sum = (sum & 0xffff) + (sum >> 16);
        sum = (sum & 0xffff) + (sum >> 16);
        if (sum != 0xffff)
                put_damage(printer, " (bad checksum %u)", get16(printer, packet, 2));
}

/* Cisco's IGRP: "An Introduction to IGRP" (Hedrick, 1991). */
#include "print/printer/printer.h"

enum { HEADER = 12, ROUTE = 14 };

/* Of a network, three bytes are sent: the first or the last is known from elsewhere. */
enum kind { INTERIOR, SYSTEM, EXTERIOR, KINDS };

static void route_print(struct printer *printer, struct packet packet, enum kind kind)
{
        static const char *const forms[] = {" *.%u.%u.%u", " %u.%u.%u.0", " X%u.%u.%u.0"};
        enum { MOST = 0xffffff };
        uint32_t delay, bandwidth, metric;

        putf(printer, forms[kind], get8(printer, packet, 0), get8(printer, packet, 1),
             get8(printer, packet, 2));
        delay = get24(printer, packet, 3);
        bandwidth = get24(printer, packet, 6);
        metric = delay + bandwidth > MOST ? MOST : delay + bandwidth;
        putf(printer, " d=%u b=%u r=%u l=%u M=%u mtu=%u in %u hops", delay * 10,
             bandwidth == 0 ? 0 : 10000000 / bandwidth, get8(printer, packet, 11),
             get8(printer, packet, 12), metric, get16(printer, packet, 9),
             get8(printer, packet, 13));
}

void igrp_print(struct printer *printer, struct packet packet)
{
        static const struct name operations[] = {{1, "update"}, {2, "request"}, {0, NULL}};
        uint32_t counts[KINDS], length;
        uint16_t checksum;
        uint8_t first;

        printer->protocol = "igrp";
        put(printer, "igrp:");
        need_hard(printer, packet, 0, HEADER - 2);
        first = get8(printer, packet, 0);
        put_char(printer, ' ');
        put_name(printer, operations, "op-#%u", first & 15);
        for (uint32_t i = 0; i < KINDS; i++)
                counts[i] = get16(printer, packet, 4 + 2 * i);
        putf(printer, " V%u edit=%u AS=%u (%u/%u/%u)", first >> 4, get8(printer, packet, 1),
             get16(printer, packet, 2), counts[INTERIOR], counts[SYSTEM], counts[EXTERIOR]);
        checksum = get16(printer, packet, 10);
        if (printer->options.verbose)
                putf(printer, " checksum=0x%04x", checksum);
        packet = packet_from(packet, HEADER);
        length = packet.length;
        for (enum kind kind = INTERIOR; kind < KINDS; kind++) {
                for (; counts[kind] > 0; counts[kind]--) {
                        if (length < ROUTE) {
                                put_invalid(printer);
                                return;
                        }
                        route_print(printer, packet, kind);
                        packet = packet_from(packet, ROUTE);
                        length -= ROUTE;
                }
        }
        if (length > 0) {
                /* Another network is read, but not shown. */
                if (length >= ROUTE) {
                        need_hard(printer, packet, 0, 3);
                        putf(printer, " [extra bytes %u]", length);
                }
                put_invalid(printer);
        }
}

/* CARP, OpenBSD's protocol of redundant routers, which has VRRP's number. */
#include "routing.h"

#include "net/checksum.h"

static void advertisement_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 6 };
        uint16_t found;

        need_hard(printer, packet, 0, HEADER);
        putf(printer, "vhid=%u advbase=%u advskew=%u authlen=%u ", get8(printer, packet, 1),
             get8(printer, packet, 5), get8(printer, packet, 2), get8(printer, packet, 3));
        if (printer->options.verbose && has(packet, 0, packet.length) &&
            checksum(packet.data, packet.length) != 0) {
                found = get16(printer, packet, 6);
                putf(printer, " (bad carp cksum %x!)", found);
        }
        putf(printer, "counter=%llu", (unsigned long long)get64(printer, packet, 8));
}

void carp_print(struct printer *printer, struct packet packet)
{
        enum { ADVERTISEMENT = 1, VERSION = 2 };
        uint8_t version, type;

        printer->protocol = "carp";
        version = get8(printer, packet, 0) >> 4;
        type = get8(printer, packet, 0) & 15;
        putf(printer, "CARPv%u-%s %u: ", version, type == ADVERTISEMENT ? "advertise" : "unknown",
             packet.length);
        if (printer->network->ttl != 255)
                putf(printer, "[ttl=%u!] ", printer->network->ttl);
        if (version == VERSION && type == ADVERTISEMENT)
                advertisement_print(printer, packet);
}

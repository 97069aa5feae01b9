/* The heartbeat of Microsoft's network load balancing, as observed. */
#include "link.h"

void msnlb_print(struct printer *printer, struct packet packet)
{
        enum { PRIORITY = 8, CLUSTER = 12, HOST = 16 };

        printer->protocol = "msnlb";
        put_as(printer, ROLE_PROTOCOL, "MS NLB heartbeat");
        putf(printer, ", host priority: %u", __builtin_bswap32(get32(printer, packet, PRIORITY)));
        need_hard(printer, packet, CLUSTER, 4);
        put_ipv4_labelled(printer, ", cluster IP: ", packet, CLUSTER);
        need_hard(printer, packet, HOST, 4);
        put_ipv4_labelled(printer, ", host IP: ", packet, HOST);
}

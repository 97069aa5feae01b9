/* The configuration testing protocol of Ethernet 2.0 (DEC, Intel, Xerox, chapter 8), whose numbers
 * are little-endian. */
#include "link.h"

enum function { REPLY = 1, FORWARD = 2 };

/* The messages still to come lie one behind the other; how much of them is done is the skip count.
 */
void loopback_print(struct printer *printer, struct packet packet)
{
        uint16_t skip, function;

        printer->protocol = "loopback";
        put(printer, "Loopback");
        if (packet.length < 2)
                goto invalid;
        skip = get16_little(printer, packet, 0);
        packet = packet_from(packet, 2);
        putf(printer, ", skipCount %u", skip);
        if (skip % 8 != 0)
                put_damage(printer, " (bogus)");
        if (skip > packet.length)
                goto invalid;
        need_hard(printer, packet, 0, skip);
        packet = packet_from(packet, skip);
        if (packet.length < 2)
                goto invalid;
        function = get16_little(printer, packet, 0);
        packet = packet_from(packet, 2);
        if (function == REPLY) {
                put(printer, ", Reply");
                if (packet.length < 2)
                        goto invalid;
                putf(printer, ", receipt number %u", get16_little(printer, packet, 0));
                packet = packet_from(packet, 2);
        } else if (function == FORWARD) {
                put(printer, ", Forward Data");
                if (packet.length < 6)
                        goto invalid;
                put_ethernet_labelled(printer, ", forwarding address ", packet, 0);
                packet = packet_from(packet, 6);
        } else {
                put_damage(printer, ",  invalid (%u)", function);
                need_hard(printer, packet, 0, packet.length);
                return;
        }
        putf(printer, ", data (%u octets)", packet.length);
        need_hard(printer, packet, 0, packet.length);
        return;
invalid:
        put_invalid_rest(printer, packet);
}

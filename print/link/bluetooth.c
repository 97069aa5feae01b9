/* Bluetooth HCI packets behind a direction (LINKTYPE_BLUETOOTH_HCI_H4_WITH_PHDR). They are not
 * decoded. */
#include "link.h"

void bluetooth_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 4, RECEIVED = 1 };
        struct packet inner = packet_from(packet, HEADER);

        printer->protocol = "bluetooth";
        put(printer, "bluetooth");
        need_hard(printer, packet, 0, HEADER);
        printer->link_header = HEADER;
        if (printer->options.link_header)
                putf(printer, ", hci length %u, direction %s", inner.length,
                     get32(printer, packet, 0) & RECEIVED ? "in" : "out");
        if (!printer->options.quiet)
                put_unknown(printer, inner, inner.captured);
}

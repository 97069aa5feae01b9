/* SSH's identification, RFC 4253 section 4.2: a segment that starts with it. */
#include "print/printer/printer.h"

void ssh_print(struct printer *printer, struct packet packet)
{
        static const char mark[] = "SSH-";
        enum { MARK = sizeof mark - 1 };

        printer->protocol = "ssh";
        for (uint32_t at = 0; at < packet.length; at++) {
                uint8_t c = get8(printer, packet, at);
                uint32_t end = at;

                if (at < MARK && c != (uint8_t)mark[at])
                        return;
                if (c == '\r') {
                        if (at + 1 >= packet.length || get8(printer, packet, ++at) != '\n')
                                return;
                        c = '\n';
                }
                if (c == '\n') {
                        put(printer, ": ");
                        put_as(printer, ROLE_PROTOCOL, "SSH");
                        put(printer, ": ");
                        put_bytes(printer, (const char *)packet.data, end);
                        return;
                }
                if (c < 0x20 || c >= 0x7f)
                        return;
        }
        if (packet.length < MARK)
                printer_abandon_short(printer);
}

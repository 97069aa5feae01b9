/* BEEP, RFC 3080 and 3081: the keyword of a frame. */
#include "print/printer/printer.h"

void beep_print(struct printer *printer, struct packet packet)
{
        enum { SIZE = 4 };
        /* tcpdump wants a zero byte behind two of them. */
        static const char keywords[][SIZE] = {
            {'M', 'S', 'G', '\0'}, {'E', 'R', 'R', ' '}, {'A', 'N', 'S', ' '}, {'N', 'U', 'L', ' '},
            {'S', 'E', 'Q', ' '},  {'R', 'P', 'Y', ' '}, {'E', 'N', 'D', '\0'}};

        printer->protocol = "beep";
        for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
                if (packet.length >= SIZE && has(packet, 0, SIZE) &&
                    memcmp(packet.data, keywords[i], SIZE) == 0) {
                        put(printer, " BEEP ");
                        put_bytes(printer, keywords[i], 3);
                        return;
                }
        put(printer, " BEEP (payload or undecoded)");
}

/* Packets quoted in the middle of a message: what ends the quote does not end the message. */
#include "printer.h"

void protocol_print_quote(struct printer *printer, enum number_space space, uint32_t number,
                          struct packet quote)
{
        const struct network *network = printer->network;
        unsigned depth = printer->depth, tunnels = printer->tunnels;
        jmp_buf outer;
        int reason = 0;

        if (depth >= MAX_DEPTH)
                return;
        memcpy(&outer, &printer->abandon, sizeof outer);
        reason = setjmp(printer->abandon);
        if (reason == 0)
                protocol_print(printer, space, number, quote);
        memcpy(&printer->abandon, &outer, sizeof outer);
        if (reason == ABANDON_SOFTLY)
                put_truncated(printer);
        else if (reason != 0)
                longjmp(printer->abandon, reason);
        printer->depth = depth;
        printer->tunnels = tunnels;
        printer->network = network;
}

/* TFTP, RFC 1350, with options, RFC 2347. */
#include "print/printer/printer.h"

enum operation { READ = 1, WRITE, DATA, ACKNOWLEDGMENT, ERROR, OPTIONS };

static const struct name operations[] = {
    {READ, "RRQ"},    {WRITE, "WRQ"},    {DATA, "DATA"}, {ACKNOWLEDGMENT, "ACK"},
    {ERROR, "ERROR"}, {OPTIONS, "OACK"}, {0, NULL}};

static const struct name errors[] = {{0, "EUNDEF"},   {1, "ENOTFOUND"}, {2, "EACCESS"},
                                     {3, "ENOSPACE"}, {4, "EBADOP"},    {5, "EBADID"},
                                     {6, "EEXISTS"},  {7, "ENOUSER"},   {0, NULL}};

/* The string at `at`; returns what is behind its zero. Without a zero the packet is cut. */
static uint32_t put_string(struct printer *printer, struct packet packet, uint32_t at,
                           const char *quote)
{
        put(printer, quote);
        while (has(packet, at, 1) && packet.data[at] != 0)
                put_visible(printer, packet.data[at++]);
        put(printer, quote);
        need(printer, packet, at, 1);
        return at + 1;
}

/* Names of options and their values; empty ones leave no space. */
static void strings_print(struct printer *printer, struct packet packet, uint32_t at)
{
        while (at < packet.length) {
                if (get8(printer, packet, at) != 0)
                        put_char(printer, ' ');
                at = put_string(printer, packet, at, "");
        }
}

void tftp_print(struct printer *printer, struct packet packet)
{
        uint16_t operation, code;
        uint32_t at;

        printer->protocol = "tftp";
        packet = packet_claimed(packet);
        put_as(printer, ROLE_PROTOCOL, "TFTP");
        putf(printer, ", length %u", packet.length);
        need_length(printer, packet, 2);
        operation = get16(printer, packet, 0);
        put(printer, ", ");
        put_name(printer, operations, "tftp-#%u", operation);
        if (!name_find(operations, operation))
                return;
        if ((packet.length == 2 && operation != OPTIONS) ||
            (packet.length < 4 && operation >= DATA && operation <= ERROR))
                printer_abandon_softly(printer);
        switch (operation) {
        case READ:
        case WRITE:
                put_char(printer, ' ');
                at = put_string(printer, packet, 2, "\"");
                if (at >= packet.length)
                        printer_abandon_softly(printer);
                put_char(printer, ' ');
                at = put_string(printer, packet, at, "");
                strings_print(printer, packet, at);
                break;
        case OPTIONS: strings_print(printer, packet, 2); break;
        case DATA:
        case ACKNOWLEDGMENT: putf(printer, " block %u", get16(printer, packet, 2)); break;
        case ERROR:
                code = get16(printer, packet, 2);
                put_char(printer, ' ');
                put_name(printer, errors, "tftp-err-#%u \"", code);
                if (packet.length == 4)
                        printer_abandon_softly(printer);
                put_char(printer, ' ');
                put_string(printer, packet, 4, "\"");
                break;
        }
}

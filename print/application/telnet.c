/* Telnet's commands, RFC 854 and 855: those a segment starts with. */
#include "print/printer/printer.h"

#include "base/array.h"

enum { FIRST_COMMAND = 236, END_SUB = 240, SUB = 250, WILL, WONT, DO, DONT, IAC };

static const char *const commands[] = {"EOF", "SUSP", "ABORT", "EOR", "SE",   "NOP", "DMARK",
                                       "BRK", "IP",   "AO",    "AYT", "EC",   "EL",  "GA",
                                       "SB",  "WILL", "WONT",  "DO",  "DONT", "IAC"};

enum { AUTHENTICATION = 37, ENCRYPT = 38 };

static const char *const options[] = {"BINARY",
                                      "ECHO",
                                      "RCP",
                                      "SUPPRESS GO AHEAD",
                                      "NAME",
                                      "STATUS",
                                      "TIMING MARK",
                                      "RCTE",
                                      "NAOL",
                                      "NAOP",
                                      "NAOCRD",
                                      "NAOHTS",
                                      "NAOHTD",
                                      "NAOFFD",
                                      "NAOVTS",
                                      "NAOVTD",
                                      "NAOLFD",
                                      "EXTEND ASCII",
                                      "LOGOUT",
                                      "BYTE MACRO",
                                      "DATA ENTRY TERMINAL",
                                      "SUPDUP",
                                      "SUPDUP OUTPUT",
                                      "SEND LOCATION",
                                      "TERMINAL TYPE",
                                      "END OF RECORD",
                                      "TACACS UID",
                                      "OUTPUT MARKING",
                                      "TTYLOC",
                                      "3270 REGIME",
                                      "X.3 PAD",
                                      "NAWS",
                                      "TSPEED",
                                      "LFLOW",
                                      "LINEMODE",
                                      "XDISPLOC",
                                      "OLD-ENVIRON",
                                      "AUTHENTICATION",
                                      "ENCRYPT",
                                      "NEW-ENVIRON"};

static const char *const qualifiers[] = {"IS", "SEND", "INFO"};
static const char *const authentications[] = {"IS", "SEND", "REPLY", "NAME"};
static const char *const methods[] = {"NULL",   "KERBEROS_V4",  "KERBEROS_V5", "SPX", "MINK", "SRP",
                                      "RSA",    "SSL",          NULL,          NULL,  "LOKI", "SSA",
                                      "KEA_SJ", "KEA_SJ_INTEG", "DSS",         "NTLM"};
static const char *const encryptions[] = {"IS",          "SUPPORT",   "REPLY",
                                          "START",       "END",       "REQUEST-START",
                                          "REQUEST-END", "END_KEYID", "DEC_KEYID"};
static const char *const ciphers[] = {
    "NULL", "DES_CFB64",      "DES_OFB64",      "DES3_CFB64",    "DES3_OFB64",
    NULL,   "CAST5_40_CFB64", "CAST5_40_OFB64", "CAST128_CFB64", "CAST128_OFB64"};

/* " 0x1f", but " 0". */
static void number_print(struct printer *printer, uint8_t value)
{
        putf(printer, value ? " 0x%x" : " %u", value);
}

static void named_print(struct printer *printer, const char *const *names, size_t count,
                        uint8_t value)
{
        if (value < count && names[value])
                putf(printer, " %s", names[value]);
        else
                number_print(printer, value);
}

/* What is told of an option, at [at, end). */
static void suboption_print(struct printer *printer, struct packet packet, uint32_t at,
                            uint32_t end, uint8_t option)
{
        if (at < end && option == AUTHENTICATION) {
                named_print(printer, authentications, array_count(authentications),
                            get8(printer, packet, at++));
                if (at < end)
                        named_print(printer, methods, array_count(methods),
                                    get8(printer, packet, at++));
        } else if (at < end && option == ENCRYPT) {
                named_print(printer, encryptions, array_count(encryptions),
                            get8(printer, packet, at++));
                if (at < end)
                        named_print(printer, ciphers, array_count(ciphers),
                                    get8(printer, packet, at++));
        } else if (at < end) {
                named_print(printer, qualifiers, array_count(qualifiers),
                            get8(printer, packet, at++));
        }
        for (; at < end; at++)
                number_print(printer, get8(printer, packet, at));
        put(printer, " SE");
}

/* The size of the command at the packet's start; 0 if it is none, or not all there. Puts into
 * `*end` where the value of an option ends. */
static uint32_t command_size(struct printer *printer, struct packet packet, uint32_t *end)
{
        uint8_t command;
        uint32_t at = 3;

        if (packet.length < 2)
                return 0;
        command = get8(printer, packet, 1);
        if (command < FIRST_COMMAND)
                return 0;
        if (command == IAC || command < SUB)
                return 2;
        if (packet.length < 3)
                return 0;
        need_hard(printer, packet, 2, 1);
        if (command != SUB)
                return 3;
        for (; packet.length > at + 1; at++) {
                need_hard(printer, packet, at, 2);
                if (packet.data[at] == IAC && packet.data[at + 1] == END_SUB)
                        break;
        }
        if (get8(printer, packet, at) != IAC)
                return 0;
        *end = at;
        return at + 2;
}

static void command_print(struct printer *printer, struct packet packet, uint32_t end)
{
        uint8_t command = get8(printer, packet, 1), option;

        put(printer, commands[command - FIRST_COMMAND]);
        if (command == IAC)
                put(printer, " IAC");
        if (command == IAC || command < SUB)
                return;
        option = get8(printer, packet, 2);
        named_print(printer, options, array_count(options), option);
        if (command == SUB)
                suboption_print(printer, packet, 3, end, option);
}

/* "0x0003:  fffb 01               \t", or on a line of its own where that leaves no room: the bytes
 * of the command that begins at `offset` of the segment, shown one by one as far as they go. */
static void bytes_print(struct printer *printer, struct packet packet, uint32_t offset,
                        uint32_t size)
{
        enum { LINE = 16, ROOM = 8, WIDTH = 3 };

        for (uint32_t i = 0; i < size; i++) {
                if (i % LINE == 0)
                        putf(printer, "\n0x%04x: ", offset + i);
                putf(printer, i % 2 == 0 ? " %02x" : "%02x", get8(printer, packet, i));
        }
        if (size > ROOM) {
                put(printer, "\n\t\t\t\t");
                return;
        }
        for (uint32_t i = 0; i < (ROOM - size) * WIDTH; i++)
                put_char(printer, ' ');
        put_char(printer, '\t');
}

void telnet_print(struct printer *printer, struct packet packet)
{
        bool dumps =
            printer->options.verbose > 2 && (printer->options.dump == PRINT_DUMP_HEX_ASCII ||
                                             printer->options.dump == PRINT_DUMP_HEX_ASCII_LINK);
        struct packet whole = packet;
        bool first = true;

        printer->protocol = "telnet";
        while (packet.length > 0) {
                uint32_t size, end = 0;

                if (get8(printer, packet, 0) != IAC)
                        break;
                size = command_size(printer, packet, &end);
                if (size == 0)
                        break;
                if (dumps)
                        put(printer, first ? "\nTelnet:" : "");
                else
                        put(printer, first ? " [telnet " : ", ");
                first = false;
                if (dumps)
                        bytes_print(printer, packet, (uint32_t)(packet.data - whole.data), size);
                command_print(printer, packet, end);
                /* One that ends with the segment is taken for longer than it. */
                need_hard(printer, packet, 0, size);
                packet = packet_from(packet, size);
        }
        if (!first)
                put_char(printer, dumps ? '\n' : ']');
}

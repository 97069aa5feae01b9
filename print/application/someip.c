/* SOME/IP, AUTOSAR's "SOME/IP Protocol Specification": its header. */
#include "print/printer/printer.h"

void someip_print(struct printer *printer, struct packet packet)
{
        enum { SIZE = 16, EVENT = 0x8000, TRANSPORTED = 0x20 };
        static const struct name types[] = {{0x00, "REQUEST"},
                                            {0x01, "REQUEST_NO_RETURN"},
                                            {0x02, "NOTIFICATION"},
                                            {0x80, "RESPONSE"},
                                            {0x81, "ERROR"},
                                            {TRANSPORTED | 0x00, "TP_REQUEST"},
                                            {TRANSPORTED | 0x01, "TP_REQUEST_NO_RETURN"},
                                            {TRANSPORTED | 0x02, "TP_NOTIFICATION"},
                                            {TRANSPORTED | 0x80, "TP_RESPONSE"},
                                            {TRANSPORTED | 0x81, "TP_ERROR"},
                                            {0, NULL}};
        static const char *const codes[] = {"E_OK",
                                            "E_NOT_OK",
                                            "E_UNKNOWN_SERVICE",
                                            "E_UNKNOWN_METHOD",
                                            "E_NOT_READY",
                                            "E_NOT_REACHABLE",
                                            "E_TIMEOUT",
                                            "E_WRONG_PROTOCOL_VERSION",
                                            "E_WRONG_INTERFACE_VERSION",
                                            "E_MALFORMED_MESSAGE",
                                            "E_WRONG_MESSAGE_TYPE",
                                            "E_E2E_REPEATED",
                                            "E_E2E_WRONG_SEQUENCE",
                                            "E_E2E",
                                            "E_E2E_NOT_AVAILABLE",
                                            "E_E2E_NO_NEW_DATA"};
        uint16_t method;
        uint8_t type, code;

        printer->protocol = "someip";
        put(printer, "SOMEIP");
        if (packet.length < SIZE) {
                put_invalid(printer);
                return;
        }
        need_hard(printer, packet, 0, 4);
        putf(printer, ", service %u", get16(printer, packet, 0));
        method = get16(printer, packet, 2);
        putf(printer, ", %s %u", method & EVENT ? "event" : "method", method & ~EVENT);
        putf(printer, ", len %u", get32(printer, packet, 4));
        need_hard(printer, packet, 8, 4);
        putf(printer, ", client %u", get16(printer, packet, 8));
        putf(printer, ", session %u", get16(printer, packet, 10));
        putf(printer, ", pver %u", get8(printer, packet, 12));
        putf(printer, ", iver %u", get8(printer, packet, 13));
        type = get8(printer, packet, 14);
        putf(printer, ", msgtype %s", name_or(types, type, "Unknown"));
        code = get8(printer, packet, 15);
        putf(printer, ", retcode %s\n",
             code < sizeof codes / sizeof *codes ? codes[code] : "Unknown");
}

/* Cisco's hot standby router protocol, version 0, RFC 2281. */
#include "routing.h"

void hsrp_print(struct printer *printer, struct packet packet)
{
        enum { KEY = 8, KEY_SIZE = 8, ADDRESS = 16 };
        static const struct name operations[] = {
            {0, "hello"}, {1, "coup"}, {2, "resign"}, {0, NULL}};
        static const struct name states[] = {{0, "initial"}, {1, "learn"},   {2, "listen"},
                                             {4, "speak"},   {8, "standby"}, {16, "active"},
                                             {0, NULL}};
        uint8_t version, reserved;

        printer->protocol = "hsrp";
        version = get8(printer, packet, 0);
        putf(printer, "HSRPv%u", version);
        if (version != 0)
                return;
        put_char(printer, '-');
        put_named8(printer, "", operations, "unknown (%u)", packet, 1);
        putf(printer, " %u: ", packet.length);
        put_named8(printer, "state=", states, "Unknown (%u)", packet, 2);
        put_char(printer, ' ');
        putf(printer, "group=%u ", get8(printer, packet, 6));
        reserved = get8(printer, packet, 7);
        if (reserved != 0)
                putf(printer, "[reserved=%u!] ", reserved);
        need_hard(printer, packet, ADDRESS, 4);
        put_ipv4_labelled(printer, "addr=", packet, ADDRESS);
        if (!printer->options.verbose)
                return;
        put(printer, " hellotime=");
        put_duration(printer, get8(printer, packet, 3));
        put(printer, " holdtime=");
        put_duration(printer, get8(printer, packet, 4));
        putf(printer, " priority=%u", get8(printer, packet, 5));
        put(printer, " auth=\"");
        put_until_zero(printer, packet_cut(packet_from(packet, KEY), KEY_SIZE));
        put_char(printer, '"');
}

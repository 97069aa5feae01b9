/* FDDI (ISO 9314): frame control, addresses; in asynchronous frames LLC. */
#include "link.h"

enum {
        HEADER = 13,
        CLASS = 0xf0, /* of the frame control */
        STATION_MANAGEMENT = 0x40,
        ASYNCHRONOUS = 0x50,
};

static void put_control(struct printer *printer, uint8_t control)
{
        static const struct name controls[] = {
            {0x40, "void"}, {0x41, "info"},   {0x4f, "nsa"},   {0x80, "nrt"},
            {0xc0, "rt"},   {0xc2, "beacon"}, {0xc3, "claim"}, {0, NULL},
        };
        static const struct name classes[] = {
            {STATION_MANAGEMENT, "smt"},
            {ASYNCHRONOUS, "async"},
            {0x60, "imp_async"},
            {0xc0, "mac"},
            {0xd0, "sync"},
            {0xe0, "imp_sync"},
            {0, NULL},
        };
        const char *name = name_find(controls, control);
        const char *class = name_find(classes, control & CLASS);

        if (name)
                put(printer, name);
        else if (class)
                putf(printer, "%s%x", class, control & ~CLASS & 0xffu);
        else
                put_hex(printer, control, 2);
        put_char(printer, ' ');
}

static void header_print(struct printer *printer, struct packet packet, struct stations stations)
{
        if (!printer->options.quiet)
                put_control(printer, get8(printer, packet, 0));
        put_ethernet(printer, stations.source);
        put(printer, " > ");
        put_ethernet(printer, stations.destination);
        putf(printer, ", length %u: ", packet.length);
}

void fddi_print(struct printer *printer, struct packet packet)
{
        struct packet inner = packet_from(packet, HEADER);
        struct stations stations;
        uint8_t class;

        printer->protocol = "fddi";
        if (printer->tunnels == 0)
                printer->link_header = packet.captured < HEADER ? packet.captured : HEADER;
        if (!has(packet, 0, HEADER)) {
                put_truncated(printer);
                return;
        }
        stations = (struct stations){packet.data + 7, packet.data + 1};
        class = get8(printer, packet, 0) & CLASS;
        if (printer->options.link_header)
                header_print(printer, packet, stations);
        if (class == ASYNCHRONOUS) {
                if (llc_print(printer, inner, stations))
                        return;
        } else if (class == STATION_MANAGEMENT) {
                put(printer, "<SMT printer not yet implemented>");
                return;
        } else if (!printer->options.link_header) {
                header_print(printer, packet, stations);
        }
        if (!printer->options.quiet)
                put_unknown(printer, inner, inner.captured);
}

void fddi_print_bridged(struct printer *printer, struct packet packet)
{
        uint32_t padding = printer->bridge_padding + 1;

        need(printer, packet, 0, padding);
        printer->tunnels++;
        fddi_print(printer, packet_from(packet, padding));
        printer->tunnels--;
}

/* Token ring (IEEE 802.5): access control, frame control, addresses, a route if the frame crosses
 * bridges; LLC. */
#include "link.h"

#include <string.h>

enum {
        HEADER = 14,
        DESTINATION = 2,
        SOURCE = 8,
        ADDRESS = 6,
        IS_ROUTED = 0x80, /* in the source address */
        TYPE_MASK = 0xc0, /* of the frame control */
        TYPE_LLC = 0x40,
};

static void header_print(struct printer *printer, struct packet packet, struct stations stations)
{
        if (!printer->options.quiet)
                putf(printer, "%02x %02x ", get8(printer, packet, 0), get8(printer, packet, 1));
        put_ethernet(printer, stations.source);
        put(printer, " > ");
        put_ethernet(printer, stations.destination);
        putf(printer, ", length %u: ", packet.length);
}

/* The routing information field. False if it is cut short. */
static bool route_print(struct printer *printer, struct packet packet, uint32_t *size)
{
        enum { CONTROL = 2, SEGMENT = 2, BACKWARD = 0x80 };
        static const char *const casts[] = {"Non-Broadcast", "Non-Broadcast", "All-routes",
                                            "Single-route"};
        static const char *const largest[] = {"516",  "1500",  "2052",  "4472",
                                              "8144", "11407", "17800", "??"};
        uint32_t segments;
        uint16_t control;

        if (!has(packet, HEADER, CONTROL))
                return false;
        control = get16(printer, packet, HEADER);
        *size = control >> 8 & 0x1f;
        segments = *size < CONTROL ? 0 : (*size - CONTROL) / SEGMENT;
        if (printer->tunnels == 0)
                printer->link_header += *size;
        if (!has(packet, HEADER, *size))
                return false;
        if (printer->options.verbose)
                putf(printer, "%s %s", casts[control >> 14],
                     control & BACKWARD ? "Backward" : "Forward");
        else
                putf(printer, "rt = %x", control);
        for (uint32_t i = 0; i < segments; i++) {
                unsigned segment = get16(printer, packet, HEADER + CONTROL + i * SEGMENT);

                if (printer->options.verbose)
                        putf(printer, " [%u:%u]", segment >> 4, segment & 15);
                else
                        putf(printer, ":%x", segment);
        }
        putf(printer, " (%s) ", largest[control >> 4 & 7]);
        return true;
}

void token_ring_print(struct printer *printer, struct packet packet)
{
        uint8_t source[ADDRESS];
        struct stations stations;
        struct packet inner;

        printer->protocol = "token-ring";
        if (printer->tunnels == 0)
                printer->link_header = packet.captured < HEADER ? packet.captured : HEADER;
        if (!has(packet, 0, HEADER)) {
                put_truncated(printer);
                return;
        }
        memcpy(source, packet.data + SOURCE, ADDRESS);
        source[0] &= ~IS_ROUTED & 0xffu;
        stations = (struct stations){source, packet.data + DESTINATION};
        if (printer->options.link_header)
                header_print(printer, packet, stations);
        inner = packet_from(packet, HEADER);
        if (packet.data[SOURCE] & IS_ROUTED) {
                uint32_t size;

                if (!route_print(printer, packet, &size)) {
                        put_truncated(printer);
                        return;
                }
                inner = packet_from(inner, size);
        }
        if ((packet.data[1] & TYPE_MASK) == TYPE_LLC) {
                if (llc_print(printer, inner, stations))
                        return;
        } else if (!printer->options.link_header) {
                header_print(printer, packet, stations);
        }
        if (!printer->options.quiet)
                put_unknown(printer, inner, inner.captured);
}

void token_ring_print_bridged(struct printer *printer, struct packet packet)
{
        need(printer, packet, 0, printer->bridge_padding);
        printer->tunnels++;
        token_ring_print(printer, packet_from(packet, printer->bridge_padding));
        printer->tunnels--;
}

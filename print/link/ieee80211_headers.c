/* The headers in front of IEEE 802.11 frames that came before radiotap: AVS and Prism. Both are
 * skipped. */
#include "ieee80211.h"

/* Begins with one of two magic numbers and its size, in network byte order. */
void avs_print(struct printer *printer, struct packet packet)
{
        enum { SIZE = 4, LEAST = 8 };
        uint32_t size = 0;

        printer->protocol = "802.11_radio_avs";
        if (has(packet, 0, LEAST))
                size = get32(printer, packet, SIZE);
        if (size < LEAST || size > packet.captured) {
                printer->link_header = packet.captured;
                put_truncated(printer);
                return;
        }
        printer->link_header = size;
        ieee80211_frame_print(printer, packet_from(packet, size),
                              (struct ieee80211_form){false, 0});
}

/* What is captured as Prism may begin with AVS. */
void prism_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 144, AVS_1 = 0x80211001, AVS_2 = 0x80211002 };
        uint32_t magic = 0;

        printer->protocol = "prism";
        if (has(packet, 0, 4))
                magic = get32(printer, packet, 0);
        if (magic == AVS_1 || magic == AVS_2) {
                avs_print(printer, packet);
                return;
        }
        printer->link_header = HEADER;
        if (!has(packet, 0, HEADER)) {
                put_truncated(printer);
                return;
        }
        ieee80211_frame_print(printer, packet_from(packet, HEADER),
                              (struct ieee80211_form){false, 0});
}

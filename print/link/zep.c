/* ZEP, the encapsulation of IEEE 802.15.4 frames in UDP that Exegin's sniffers began: versions 1
 * and 2, as https://wiki.wireshark.org/IEEE_802.15.4 and those sniffers' manual describe them. */
#include "ieee802154.h"

#include <time.h>

enum { ACKNOWLEDGMENT = 2 };

/* Where fields are. */
enum { VERSION = 2, TYPE = 3, VERSION_1_RECEPTION = 3, VERSION_2_RECEPTION = 4 };

/* Seconds since 1900 and a fraction, of which tcpdump keeps as many bits as a float has: it may so
 * become a whole second. */
static void time_print(struct printer *printer, struct packet packet, uint32_t at)
{
        enum { UNIX_EPOCH = 2208988800u };
        uint32_t seconds = get32(printer, packet, at);
        float fraction = (float)get32(printer, packet, at + 4) / 4294967296.0f;
        time_t since_1970 = (uint32_t)(seconds - UNIX_EPOCH);
        struct tm date;

        putf(printer, "%u.%09u", seconds, (unsigned)(fraction * 1000000000.0));
        if (seconds == 0)
                return;
        if (!localtime_r(&since_1970, &date))
                return;
        putf(printer, " (%04d/%02d/%02d %02d:%02d:%02d)", date.tm_year + 1900, date.tm_mon + 1,
             date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec);
}

/* Channel, device, and how well the frame was received: by its check sequence, or the quality of
 * the link. */
static void reception_print(struct printer *printer, struct packet packet, uint32_t at)
{
        uint8_t channel = get8(printer, packet, at);
        uint16_t device = get16(printer, packet, at + 1);

        if (at == VERSION_2_RECEPTION)
                putf(printer, "Type %u, ", get8(printer, packet, TYPE));
        putf(printer, "Channel ID %u, Device ID 0x%04x, ", channel, device);
        if (get8(printer, packet, at + 3) == 0)
                putf(printer, "LQI %u, ", get8(printer, packet, at + 4));
        else
                put(printer, "CRC, ");
}

/* The size of the header, 0 if the packet is too short for it. */
static uint32_t header_print(struct printer *printer, struct packet packet, uint8_t *inner)
{
        uint8_t version = get8(printer, packet, VERSION);
        uint8_t type = version == 1 ? 0 : get8(printer, packet, TYPE);
        uint32_t size = version == 1 ? 16 : type == ACKNOWLEDGMENT ? 8 : 32;

        if (packet.length < size) {
                putf(printer, " [len %u < %u]", packet.length, size);
                put_invalid(printer);
                return 0;
        }
        if (size == 8) {
                putf(printer, "ACK, seq# = %u", get32(printer, packet, 4));
                return size;
        }
        if (version == 1) {
                reception_print(printer, packet, VERSION_1_RECEPTION);
        } else {
                reception_print(printer, packet, VERSION_2_RECEPTION);
                time_print(printer, packet, 9);
                need_hard(printer, packet, 17, 15);
                putf(printer, ", seq# = %u, ", get32(printer, packet, 17));
        }
        *inner = get8(printer, packet, size - 1);
        putf(printer, "inner len = %u", *inner);
        return size;
}

void zep_print(struct printer *printer, struct packet packet)
{
        uint8_t inner = 0;
        uint32_t size;

        printer->protocol = "zep";
        put_as(printer, ROLE_PROTOCOL, "ZEP");
        if (get8(printer, packet, 0) != 'E' || get8(printer, packet, 1) != 'X') {
                put(printer, " [Preamble Code: ");
                put_visible(printer, get8(printer, packet, 0));
                put_visible(printer, get8(printer, packet, 1));
                put_char(printer, ']');
                put_invalid(printer);
                return;
        }
        putf(printer, "v%u ", get8(printer, packet, VERSION));
        size = header_print(printer, packet, &inner);
        if (size == 0)
                return;
        packet = packet_from(packet, size);
        if (inner > 0)
                put(printer, "\n\t");
        if (inner > 0 && ieee802154_print_inside(printer, packet, inner)) {
                need_hard(printer, packet, 0, packet.length); /* though nothing of it is shown */
        } else if (!printer->dumps) {
                put_unknown(printer, packet, packet_claimed(packet).captured);
                need_hard(printer, packet, 0, packet.length);
        }
}

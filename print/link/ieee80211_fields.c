/* The addresses of IEEE 802.11 frames, and the name of their network, as fields of JSON. The
 * section numbers are those of IEEE 802.11-2016. */
#include "ieee80211.h"
#include "print/printer/fields.h"

enum {
        ADDRESS_1 = 4, /* offsets into the header */
        ADDRESS_2 = 10,
        ADDRESS_3 = 16,
        SEQUENCE = 22,
        ADDRESS_4 = 24,
        HEADER = 24,
};

enum { MANAGEMENT, CONTROL, DATA };

static void addresses(struct printer *printer, struct packet packet, const char *const names[3])
{
        static const uint32_t offsets[] = {ADDRESS_1, ADDRESS_2, ADDRESS_3};

        for (int i = 0; i < 3; i++)
                if (names[i])
                        field_station(printer, names[i], packet, offsets[i]);
}

/* 9.3.1, by subtype. */
static void control_fields(struct printer *printer, struct packet packet, unsigned subtype)
{
        static const char *const names[16][3] = {
            [8] = {"wlan.ra", "wlan.ta"},
            [9] = {"wlan.ra", "wlan.ta"},
            [10] = {"wlan.ra", "wlan.ta"},
            [11] = {"wlan.ra", "wlan.ta"},
            [12] = {"wlan.ra"},
            [13] = {"wlan.ra"},
            [14] = {"wlan.ra", "wlan.ta"},
            [15] = {"wlan.ra", "wlan.ta"},
        };

        addresses(printer, packet, names[subtype]);
}

/* Which address is whose depends on the direction, 9.3.2.1. */
static void data_fields(struct printer *printer, struct packet packet, uint16_t control)
{
        static const char *const names[4][3] = {
            {"wlan.da", "wlan.sa", "wlan.bssid"},
            {"wlan.bssid", "wlan.sa", "wlan.da"},
            {"wlan.da", "wlan.bssid", "wlan.sa"},
            {NULL, NULL, "wlan.da"},
        };
        unsigned direction = control >> 8 & 3;

        addresses(printer, packet, (const char *const[3]){"wlan.ra", "wlan.ta"});
        addresses(printer, packet, names[direction]);
        if (direction == 3)
                field_station(printer, "wlan.sa", packet, ADDRESS_4);
}

/* The name and the channel, from the elements on. */
static void element_fields(struct printer *printer, struct packet elements)
{
        enum { SSID = 0, CHANNEL = 3, MOST = 32 };
        bool named = false, has_channel = false;

        while (elements.length >= 2) {
                uint8_t element = get8(printer, elements, 0), size = get8(printer, elements, 1);

                need_length(printer, elements, 2u + size);
                if (element == SSID && size <= MOST && !named) {
                        field_text(printer, "wlan.ssid", elements, 2, size);
                        named = true;
                } else if (element == CHANNEL && size == 1 && !has_channel) {
                        field_number(printer, "wlan.ds.current_channel",
                                     get8(printer, elements, 2));
                        has_channel = true;
                }
                elements = packet_from(elements, 2u + size);
        }
}

/* 9.3.3, by subtype: where the elements are, behind the header; 0 where none are read. */
static void management_fields(struct printer *printer, struct packet packet, uint16_t control)
{
        enum { NO_ELEMENTS = 255, WITH_HT_CONTROL = 4 };
        static const uint8_t fixed[16] = {4,           6,           10,          6,
                                          0,           12,          NO_ELEMENTS, NO_ELEMENTS,
                                          12,          NO_ELEMENTS, NO_ELEMENTS, NO_ELEMENTS,
                                          NO_ELEMENTS, NO_ELEMENTS, NO_ELEMENTS, NO_ELEMENTS};
        uint8_t size = fixed[control >> 4 & 15];
        uint32_t header = HEADER + (control & FC_ORDER ? WITH_HT_CONTROL : 0);

        addresses(printer, packet, (const char *const[3]){"wlan.ra", "wlan.ta", "wlan.bssid"});
        addresses(printer, packet, (const char *const[3]){"wlan.da", "wlan.sa"});
        if (size != NO_ELEMENTS && !(control & FC_PROTECTED))
                element_fields(printer, packet_from(packet, header + size));
}

void ieee80211_fields(struct printer *printer, struct packet packet)
{
        uint16_t control = get16_little(printer, packet, 0);
        unsigned type = control >> 2 & 3;

        if (type == CONTROL) {
                control_fields(printer, packet, control >> 4 & 15);
                return;
        }
        if (type == DATA)
                data_fields(printer, packet, control);
        if (type == DATA || type == MANAGEMENT) {
                field_number(printer, "wlan.seq", get16_little(printer, packet, SEQUENCE) >> 4);
                field_number(printer, "wlan.frag", get16_little(printer, packet, SEQUENCE) & 15);
        }
        if (type == MANAGEMENT)
                management_fields(printer, packet, control);
}

uint32_t ieee80211_data(struct printer *printer, struct packet packet, bool padded)
{
        enum { SUBTYPE_NULL = 0x40, SUBTYPE_QOS = 0x80, AGGREGATE = 0x80 };
        uint16_t control = get16_little(printer, packet, 0);
        uint32_t header = HEADER;

        if ((control >> 2 & 3) != DATA || control & (SUBTYPE_NULL | FC_PROTECTED))
                return 0;
        if (get16_little(printer, packet, SEQUENCE) & 15) /* a fragment, but the first */
                return 0;
        if (control & FC_TO_DS && control & FC_FROM_DS)
                header += 6;
        if (control & SUBTYPE_QOS) {
                if (get8(printer, packet, header) & AGGREGATE) /* several, 9.3.2.2 */
                        return 0;
                header += control & FC_ORDER ? 6 : 2;
        }
        return padded ? (header + 3) & ~3u : header;
}

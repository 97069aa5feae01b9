#include "radio.h"

#include "dissector.h"

#include <pcap/pcap.h>

bool radio_link_type(int link_type)
{
        switch (link_type) {
        case DLT_IEEE802_11:
        case DLT_IEEE802_11_RADIO:
        case DLT_IEEE802_11_RADIO_AVS:
        case DLT_PRISM_HEADER:
        case DLT_PPI: return true;
        default: return false;
        }
}

/* A number of `size` bytes, the least significant first. */
static bool read_little(const struct packet *packet, uint64_t offset, unsigned size,
                        uint32_t *number)
{
        uint32_t byte;

        *number = 0;
        for (unsigned i = size; i-- > 0;) {
                if (!read_number(packet, offset + i, 1, &byte))
                        return false;
                *number = *number << 8 | byte;
        }
        return true;
}

/* Fields come behind all words of flags, each aligned as its size: the time (64 bits) is the first,
 * then come flags. */
static enum radio find_radiotap(const struct packet *packet, size_t *frame, bool *padded)
{
        uint32_t length, present, word, flags;
        size_t words = 1, at;

        *padded = false;
        if (!read_little(packet, 2, 2, &length))
                return RADIO_CUT;
        *frame = length;
        if (!read_little(packet, 4, 4, &present))
                return RADIO_CUT;
        if (!(present & 2))
                return RADIO_FOUND;
        for (word = present; word >> 31; words++) {
                if (words == 5)
                        return RADIO_FOUND;
                if (!read_little(packet, 4 + 4 * words, 4, &word))
                        return RADIO_CUT;
        }
        at = 4 + 4 * words;
        if (present & 1)
                at = (at + 7) / 8 * 8 + 8;
        if (!read_number(packet, at, 1, &flags))
                return RADIO_CUT;
        *padded = flags & 0x20;
        return RADIO_FOUND;
}

static enum radio find_ppi(const struct packet *packet, size_t *frame)
{
        uint32_t type, length;

        if (!read_little(packet, 4, 4, &type))
                return RADIO_CUT;
        if (type != DLT_IEEE802_11)
                return RADIO_NOTHING;
        if (!read_little(packet, 2, 2, &length))
                return RADIO_CUT;
        *frame = length;
        return RADIO_FOUND;
}

/* In both the length stands behind a number; without AVS's, it is a header of Prism's. */
static enum radio find_avs(const struct packet *packet, bool maybe_prism, size_t *frame)
{
        uint32_t magic, length;

        if (maybe_prism) {
                if (!read_number(packet, 0, 4, &magic))
                        return RADIO_CUT;
                if (magic >> 12 != 0x80211) {
                        *frame = 144;
                        return RADIO_FOUND;
                }
        }
        if (!read_number(packet, 4, 4, &length))
                return RADIO_CUT;
        *frame = length;
        return RADIO_FOUND;
}

enum radio radio_find_frame(const struct packet *packet, int link_type, size_t *frame, bool *padded)
{
        *padded = false;
        *frame = 0;
        switch (link_type) {
        case DLT_IEEE802_11_RADIO: return find_radiotap(packet, frame, padded);
        case DLT_PPI: return find_ppi(packet, frame);
        case DLT_IEEE802_11_RADIO_AVS: return find_avs(packet, false, frame);
        case DLT_PRISM_HEADER: return find_avs(packet, true, frame);
        default: return RADIO_FOUND;
        }
}

enum radio radio_find_type(const struct packet *packet, size_t frame, bool padded, size_t *type)
{
        uint32_t control, flags, fragment, qos, llc, organization;
        size_t at = frame + 24;

        if (!read_number(packet, frame, 1, &control))
                return RADIO_CUT;
        if ((control & 3) != 0 || (control >> 2 & 3) != 2 || control & 0x40)
                return RADIO_NOTHING; /* another version, no data frame, or one without data */
        if (!read_number(packet, frame + 1, 1, &flags))
                return RADIO_CUT;
        if (flags & 0x40)
                return RADIO_NOTHING; /* encrypted */
        if (!read_number(packet, frame + 22, 1, &fragment))
                return RADIO_CUT;
        if (fragment & 15)
                return RADIO_NOTHING;
        if ((flags & 3) == 3)
                at += 6;
        if (control & 0x80) {
                if (!read_number(packet, at, 1, &qos))
                        return RADIO_CUT;
                if (qos & 0x80)
                        return RADIO_NOTHING; /* an A-MSDU */
                at += flags & 0x80 ? 6 : 2;
        }
        if (padded)
                at = frame + (at - frame + 3) / 4 * 4;
        if (!read_number(packet, at, 4, &llc))
                return RADIO_CUT;
        if (llc != 0xaaaa0300)
                return RADIO_NOTHING;
        if (!read_number(packet, at + 4, 2, &organization))
                return RADIO_CUT;
        if (organization != 0 && organization != 0x00f8)
                return RADIO_NOTHING;
        *type = at + 6;
        return RADIO_FOUND;
}

enum radio radio_find_addresses(const struct packet *packet, size_t frame, size_t *source,
                                size_t *destination)
{
        uint32_t control, flags;

        if (!read_number(packet, frame, 1, &control))
                return RADIO_CUT;
        if (control & 4)
                return RADIO_NOTHING; /* control frames, and a kind that is reserved */
        *destination = frame + 4;
        *source = frame + 10;
        if (!(control & 8))
                return RADIO_FOUND;
        if (!read_number(packet, frame + 1, 1, &flags))
                return RADIO_CUT;
        if (flags & 1)
                *destination = frame + 16;
        if (flags & 2)
                *source = frame + (flags & 1 ? 24 : 16);
        return RADIO_FOUND;
}

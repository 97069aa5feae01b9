/* Radiotap (https://www.radiotap.org), what a receiver or sender says about an IEEE 802.11 frame:
 * a bit for each field that is present, then the fields, each aligned to its size. Little-endian.
 */
#include "base/array.h"
#include "ieee80211.h"
#include "print/printer/fields.h"

enum {
        HEADER = 8, /* with the first word of presence bits */
        WORD = 4,

        CHANNEL = 3, /* bits of fields that others depend on */
        XCHANNEL = 18,
        MCS = 19,
        SIGNAL = 5,
        NOISE = 6,
        ANTENNA = 11,
        FIELDS = 22,
        FIELD_BITS = 29, /* of a word; the others: */

        IS_RADIOTAP = 1u << 29, /* where the bits of the next word are defined */
        IS_VENDOR = 1u << 30,
        HAS_MORE = 1u << 31,
        NAMES_NAMESPACE = IS_RADIOTAP | IS_VENDOR,

        FLAG_FCS = 0x10,
        FLAG_PADDED = 0x20,
};

/* Reads fields from left to right. Offsets count from the start of the header. */
struct reader {
        struct packet header;
        uint32_t at;
        uint32_t present; /* the word of presence bits */
        uint8_t flags;    /* the field of that name */
};

static void put_spaced(struct printer *printer, const char *text)
{
        put(printer, text);
        put_char(printer, ' ');
}

static void flags_print(struct printer *printer, struct reader *reader, struct packet field)
{
        static const struct name names[] = {
            {1, "cfp "},        {2, "short preamble "}, {4, "wep "},
            {8, "fragmented "}, {0x40, "bad-fcs "},     {0, NULL},
        };

        reader->flags = get8(printer, field, 0);
        for (const struct name *name = names; name->name; name++)
                if (reader->flags & name->value)
                        put(printer, name->name);
}

/* In units of 500 kbit/s. FreeBSD puts the number of a modulation and coding scheme here. */
static void rate_print(struct printer *printer, struct reader *reader, struct packet field)
{
        uint8_t rate = get8(printer, field, 0);

        (void)reader;
        if (rate >= 0x80 && rate <= 0x8f)
                putf(printer, "MCS %u ", rate & 0x7fu);
        else
                putf(printer, "%u.%u Mb/s ", rate / 2u, rate % 2u * 5);
}

static void put_channel(struct printer *printer, unsigned frequency, uint32_t flags,
                        uint32_t present)
{
        enum { CCK = 0x20, OFDM = 0x40, GHZ_2 = 0x80, GHZ_5 = 0x100, DYNAMIC = 0x400 };
        enum { TURBO = 0x10, GFSK = 0x800, HALF = 0x4000, QUARTER = 0x8000 };
        static const struct name widths[] = {
            {0x10000, " ht/20"}, {0x40000, " ht/40-"}, {0x20000, " ht/40+"}, {0, NULL}};
        const char *clocked = flags & HALF ? "/10Mhz" : flags & QUARTER ? "/5Mhz" : "";

        putf(printer, "%u MHz", frequency);
        if (present & 1u << MCS) {
                put(printer, " 11n");
        } else {
                if ((flags & (GHZ_2 | GFSK)) == (GHZ_2 | GFSK))
                        put(printer, " FHSS");
                if ((flags & (GHZ_5 | OFDM)) == (GHZ_5 | OFDM))
                        putf(printer, " 11a%s", clocked);
                if ((flags & GHZ_2) && (flags & (OFDM | DYNAMIC)))
                        putf(printer, " 11g%s", clocked);
                else if ((flags & (GHZ_2 | CCK)) == (GHZ_2 | CCK))
                        put(printer, " 11b");
                if (flags & TURBO)
                        put(printer, " Turbo");
        }
        for (const struct name *width = widths; width->name; width++) {
                if (flags & width->value) {
                        put(printer, width->name);
                        break;
                }
        }
        put_char(printer, ' ');
}

static void channel_print(struct printer *printer, struct reader *reader, struct packet field)
{
        if (!(reader->present & 1u << XCHANNEL))
                put_channel(printer, get16_little(printer, field, 0),
                            get16_little(printer, field, 2), reader->present);
}

static void xchannel_print(struct printer *printer, struct reader *reader, struct packet field)
{
        put_channel(printer, get16_little(printer, field, 4), get32_little(printer, field, 0),
                    reader->present);
}

static void hopping_print(struct printer *printer, struct reader *reader, struct packet field)
{
        (void)reader;
        putf(printer, "fhset %u fhpat %u ", get8(printer, field, 0), get8(printer, field, 1));
}

static void nothing_print(struct printer *printer, struct reader *reader, struct packet field)
{
        (void)printer;
        (void)reader;
        (void)field;
}

/* The rate of a modulation and coding scheme in units of 100 kbit/s; 0 if it has none. In 20 MHz,
 * 52 subcarriers of a symbol of 4 µs carry data, in 40 MHz 108; with a short guard interval a
 * symbol takes 3.6 µs. Of IEEE 802.11, 19.5. */
static unsigned mcs_rate(unsigned scheme, bool wide, bool short_guard)
{
        /* Twice the bits of data a subcarrier carries, all streams together. */
        static const uint8_t bits[] = {
            1,  2,  3,  4,  6,  8,  9,  10, 2,  4,  6,  8,  12, 16, 18, 20, 3,  6,  9,  12,
            18, 24, 27, 30, 4,  8,  12, 16, 24, 32, 36, 40, 0,  6,  8,  10, 9,  12, 15, 8,
            10, 10, 12, 14, 14, 16, 12, 15, 15, 18, 21, 21, 24, 10, 12, 14, 12, 14, 16, 18,
            16, 18, 20, 20, 22, 15, 18, 21, 18, 21, 24, 27, 24, 27, 30, 30, 33,
        };
        enum { DUPLICATE = 32 }; /* 40 MHz only, the halves alike */

        if (scheme >= array_count(bits))
                return 0;
        if (scheme == DUPLICATE)
                return !wide ? 0 : short_guard ? 67 : 60;
        if (short_guard)
                return wide ? 150u * bits[scheme] : (650u * bits[scheme] * 2 + 9) / 18;
        return (wide ? 135u : 65u) * bits[scheme];
}

static void mcs_print(struct printer *printer, struct reader *reader, struct packet field)
{
        enum { BANDWIDTH = 1, INDEX = 2, GUARD = 4, FORMAT = 8, CODING = 0x10, STREAMS = 0x20 };
        enum { SHORT_GUARD = 4, GREENFIELD = 8, LDPC = 0x10 };
        static const char *const bandwidths[] = {"20 MHz", "40 MHz", "20 MHz (L)", "20 MHz (U)"};
        unsigned known = get8(printer, field, 0), flags = get8(printer, field, 1);
        unsigned scheme = get8(printer, field, 2);

        (void)reader;
        if (known & INDEX) {
                unsigned rate = 0;

                if (known & (BANDWIDTH | GUARD))
                        rate = mcs_rate(scheme, (flags & 3) == 1, flags & SHORT_GUARD);
                if (rate)
                        putf(printer, "%u.%u Mb/s ", rate / 10, rate % 10);
                putf(printer, "MCS %u ", scheme);
        }
        if (known & BANDWIDTH)
                put_spaced(printer, bandwidths[flags & 3]);
        if (known & GUARD)
                put_spaced(printer, flags & SHORT_GUARD ? "short GI" : "long GI");
        if (known & FORMAT)
                put_spaced(printer, flags & GREENFIELD ? "greenfield" : "mixed");
        if (known & CODING)
                put_spaced(printer, flags & LDPC ? "LDPC FEC" : "BCC FEC");
        if (known & STREAMS)
                putf(printer, "RX-STBC%u ", flags >> 5 & 3);
}

static void vht_print(struct printer *printer, struct reader *reader, struct packet field)
{
        enum { GUARD = 4, BANDWIDTH = 0x40, SHORT_GUARD = 4, USERS = 4, STREAMS = 0x0f };
        static const struct name bandwidths[] = {
            {0, "20 MHz"},         {1, "40 MHz"},         {2, "20 MHz (L)"},
            {3, "20 MHz (U)"},     {4, "80 MHz"},         {5, "80 MHz (L)"},
            {6, "80 MHz (U)"},     {7, "80 MHz (LL)"},    {8, "80 MHz (LU)"},
            {9, "80 MHz (UL)"},    {10, "80 MHz (UU)"},   {11, "160 MHz"},
            {12, "160 MHz (L)"},   {13, "160 MHz (U)"},   {14, "160 MHz (LL)"},
            {15, "160 MHz (LU)"},  {16, "160 MHz (UL)"},  {17, "160 MHz (UU)"},
            {18, "160 MHz (LLL)"}, {19, "160 MHz (LLU)"}, {20, "160 MHz (LUL)"},
            {21, "160 MHz (UUU)"}, {22, "160 MHz (ULL)"}, {23, "160 MHz (ULU)"},
            {24, "160 MHz (UUL)"}, {25, "160 MHz (UUU)"}, {0, NULL},
        };
        unsigned known = get16_little(printer, field, 0), coding = get8(printer, field, 8);

        (void)reader;
        for (unsigned user = 0; user < USERS; user++) {
                unsigned scheme = get8(printer, field, 4 + user);

                if (scheme & STREAMS)
                        putf(printer, "User %u MCS %u %s FEC ", user, scheme >> 4,
                             coding & 1u << user ? "LDPC" : "BCC");
        }
        if (known & BANDWIDTH) {
                put_name(printer, bandwidths, "unknown (%u)", get8(printer, field, 3) & 0x1f);
                put_char(printer, ' ');
        }
        if (known & GUARD)
                put_spaced(printer, get8(printer, field, 2) & SHORT_GUARD ? "short GI" : "long GI");
}

/* By presence bit. Where there is none, the size is not known, and nothing behind it can be read.
 */
static const struct radiotap_field {
        uint8_t alignment, size;
        /* NULL if it is a number, which stands between these texts. */
        void (*print)(struct printer *, struct reader *, struct packet field);
        const char *before, *after;
        bool is_signed, is_negated;
} fields[FIELDS] = {
    [0] = {8, 8, .before = "", .after = "us tsft "},
    [1] = {1, 1, .print = flags_print},
    [2] = {1, 1, .print = rate_print},
    [CHANNEL] = {2, 4, .print = channel_print},
    [4] = {1, 2, .print = hopping_print},
    [5] = {1, 1, .before = "", .after = "dBm signal ", .is_signed = true},
    [6] = {1, 1, .before = "", .after = "dBm noise ", .is_signed = true},
    [7] = {2, 2, .before = "", .after = " sq "},
    [8] = {2, 2, .before = "", .after = " tx power ", .is_signed = true, .is_negated = true},
    [9] = {1, 1, .before = "", .after = "dB tx attenuation ", .is_signed = true,
           .is_negated = true},
    [10] = {1, 1, .before = "", .after = "dBm tx power ", .is_signed = true},
    [11] = {1, 1, .before = "antenna ", .after = " "},
    [12] = {1, 1, .before = "", .after = "dB signal "},
    [13] = {1, 1, .before = "", .after = "dB noise "},
    [14] = {2, 2, .print = nothing_print}, /* receiver's flags */
    [XCHANNEL] = {4, 8, .print = xchannel_print},
    [MCS] = {1, 3, .print = mcs_print},
    [20] = {4, 8, .print = nothing_print}, /* A-MPDU status */
    [21] = {2, 12, .print = vht_print},
};

static void number_print(struct printer *printer, const struct radiotap_field *field,
                         struct packet packet)
{
        uint64_t value = 0;
        int64_t number;

        for (uint32_t i = field->size; i-- > 0;)
                value = value << 8 | get8(printer, packet, i);
        put(printer, field->before);
        if (field->is_signed) {
                number = field->size == 1 ? (int8_t)value : (int16_t)value;
                putf(printer, "%lld", (long long)(field->is_negated ? -number : number));
        } else {
                put_decimal(printer, value);
        }
        put(printer, field->after);
}

static uint32_t aligned(uint32_t at, uint32_t alignment)
{
        return (at + alignment - 1) / alignment * alignment;
}

/* The fields of one word of presence bits, the first of which is number `first`. False if there is
 * no knowing where the next ones are. */
static bool fields_print(struct printer *printer, struct reader *reader, uint32_t first)
{
        static const struct radiotap_field unknown = {.size = 0};

        for (uint32_t bit = 0; bit < FIELD_BITS; bit++) {
                const struct radiotap_field *field = &unknown;

                if (!(reader->present & 1u << bit))
                        continue;
                if (first == 0 && bit < FIELDS)
                        field = &fields[bit];
                if (field->size == 0) {
                        putf(printer, "[bit %u] ", first + bit);
                        return false;
                }
                reader->at = aligned(reader->at, field->alignment);
                if (!has(reader->header, reader->at, field->size)) {
                        put_truncated(printer);
                        return false;
                }
                if (field->print)
                        field->print(printer, reader, packet_from(reader->header, reader->at));
                else
                        number_print(printer, field, packet_from(reader->header, reader->at));
                reader->at += field->size;
        }
        return true;
}

/* A vendor's namespace: its OUI, a number of its own, how many bytes of fields follow. False if
 * those are not all there. A header that is cut short is read as far as it goes. */
static bool vendor_skip(struct printer *printer, struct reader *reader)
{
        enum { NAME = 4, SIZE = 2 };
        uint32_t size_at = aligned(reader->at + NAME, SIZE);

        if (has(reader->header, size_at, SIZE)) {
                reader->at = size_at + SIZE + get16_little(printer, reader->header, size_at);
                return has(reader->header, reader->at, 0);
        }
        put_truncated(printer);
        if (has(reader->header, aligned(reader->at, SIZE), SIZE))
                reader->at = reader->header.captured - reader->at < NAME ? reader->header.captured
                                                                         : reader->at + NAME;
        return true;
}

/* The fields of all words. */
static void words_print(struct printer *printer, struct reader *reader)
{
        uint32_t first = 0, word = WORD;
        bool is_vendor = false;

        do {
                reader->present = get32_little(printer, reader->header, word);
                if (!is_vendor && !fields_print(printer, reader, first))
                        return;
                switch (reader->present & NAMES_NAMESPACE) {
                case 0: first += 32; break;
                case IS_RADIOTAP:
                        first = 0;
                        is_vendor = false;
                        break;
                case IS_VENDOR:
                        first = 0;
                        is_vendor = true;
                        if (!vendor_skip(printer, reader))
                                return;
                        break;
                default: break;
                }
                word += WORD;
        } while (reader->present & HAS_MORE);
}

/* Where the words of presence bits end; 0 if they are cut short. */
static uint32_t words_end(struct printer *printer, struct packet header)
{
        uint32_t word = WORD;

        while (has(header, word, WORD)) {
                if (!(get32_little(printer, header, word) & HAS_MORE))
                        return word + WORD;
                word += WORD;
        }
        return 0;
}

void radiotap_frame_print(struct printer *printer, struct packet packet)
{
        struct reader reader = {.flags = 0};
        uint32_t size = 0;

        printer->protocol = "802.11_radio";
        if (has(packet, 0, HEADER))
                size = get16_little(printer, packet, 2);
        reader.header = packet_cut(packet, size);
        if (size > packet.captured || (reader.at = words_end(printer, reader.header)) == 0) {
                printer->link_header += packet.captured;
                put_truncated(printer);
                return;
        }
        printer->link_header += size;
        words_print(printer, &reader);
        ieee80211_frame_print(printer, packet_from(packet, size),
                              (struct ieee80211_form){.padded = reader.flags & FLAG_PADDED,
                                                      .fcs_size = reader.flags & FLAG_FCS ? 4 : 0});
}

void radiotap_print(struct printer *printer, struct packet packet)
{
        printer->link_header = 0;
        radiotap_frame_print(printer, packet);
}

/* The field of the first word with this number; nothing if there is none, or it is not captured. */
static struct packet field_find(struct printer *printer, struct packet header, uint32_t number)
{
        const struct packet nothing = {NULL, 0, 0};
        uint32_t present = get32_little(printer, header, WORD);
        uint32_t at = words_end(printer, header);

        if (at == 0 || !(present & 1u << number))
                return nothing;
        for (uint32_t bit = 0; bit <= number; bit++) {
                if (!(present & 1u << bit))
                        continue;
                if (fields[bit].size == 0)
                        return nothing;
                at = aligned(at, fields[bit].alignment);
                if (bit == number && has(header, at, fields[bit].size))
                        return packet_from(header, at);
                at += fields[bit].size;
        }
        return nothing;
}

void radiotap_fields(struct printer *printer, struct packet packet)
{
        struct packet header = packet_cut(packet, get16_little(printer, packet, 2)), field;

        if ((field = field_find(printer, header, CHANNEL)).data)
                field_number(printer, "radiotap.channel.freq", get16_little(printer, field, 0));
        if ((field = field_find(printer, header, SIGNAL)).data)
                field_signed(printer, "radiotap.dbm_antsignal", (int8_t)get8(printer, field, 0));
        if ((field = field_find(printer, header, NOISE)).data)
                field_signed(printer, "radiotap.dbm_antnoise", (int8_t)get8(printer, field, 0));
        if ((field = field_find(printer, header, ANTENNA)).data)
                field_number(printer, "radiotap.antenna", get8(printer, field, 0));
}

bool radiotap_pads(struct printer *printer, struct packet packet, uint32_t *size)
{
        enum { FLAGS = 1 };
        struct packet flags;

        *size = get16_little(printer, packet, 2);
        flags = field_find(printer, packet_cut(packet, *size), FLAGS);
        return flags.data && flags.data[0] & FLAG_PADDED;
}

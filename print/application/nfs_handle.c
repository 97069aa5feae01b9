/* File handles of NFS. They are the server's own business; but most servers put the numbers of a
 * device and of a file into them, at places that tell what kind of server it is. Which ones, and
 * how they are told apart, is what tcpdump was seen to know. */
#include "nfs.h"

#include <endian.h>

enum { VERSION2 = 32, LEAST = 16 };

enum form {
        UNKNOWN,
        BIG_8,
        BIG_8_SHORT,
        BIG_8_SECOND,
        LITTLE_8,
        LITTLE_8_SHORT,
        BIG_18,
        BIG_24,
        LITTLE_20,
};

/* Where a handle has the device and the file: 4 bytes each. */
static const struct {
        uint8_t device, file;
        bool little;        /* the lowest byte comes first */
        uint8_t minor_bits; /* the lowest of the device, */
        uint8_t major_bits; /* and those above */
} forms[] = {
    [BIG_8] = {0, 12, false, 8, 8},        [BIG_8_SHORT] = {0, 8, false, 8, 8},
    [BIG_8_SECOND] = {4, 12, false, 8, 8}, [LITTLE_8] = {0, 12, true, 8, 8},
    [LITTLE_8_SHORT] = {0, 4, true, 8, 8}, [BIG_18] = {0, 12, false, 18, 14},
    [BIG_24] = {0, 12, false, 24, 8},      [LITTLE_20] = {0, 12, true, 20, 12},
};

static uint32_t word_at(const uint8_t *handle, uint32_t at, bool little)
{
        uint32_t word;

        memcpy(&word, handle + at, sizeof word);
        return little ? le32toh(word) : be32toh(word);
}

static uint16_t half_at(const uint8_t *handle, uint32_t at)
{
        return (uint16_t)(handle[at] << 8 | handle[at + 1]);
}

/* Of a handle of at least 16 bytes. */
static enum form form_find(const uint8_t *handle, uint32_t size)
{
        /* Sizes of what identifies the file, in either byte order. */
        enum { BIG_10 = 10, LITTLE_12 = 12 << 8, FLAGS_END = 24 };
        uint32_t second = word_at(handle, 4, false);
        bool little_12 = half_at(handle, 8) == LITTLE_12;

        if (half_at(handle, 0) == 0) {
                if (half_at(handle, 2) == 0)
                        return BIG_8_SECOND;
                if (second == 0x00080000)
                        return BIG_8_SHORT;
                return little_12 && handle[4] != 0 && handle[5] == 0 ? LITTLE_20 : BIG_8;
        }
        if (half_at(handle, 2) == 0) {
                if (half_at(handle, 6) == 0)
                        return LITTLE_8;
                if (size >= FLAGS_END && handle[21] == 0 && handle[23] == 0)
                        return LITTLE_8_SHORT;
                return handle[9] == BIG_10 ? BIG_18 : UNKNOWN;
        }
        if (half_at(handle, 8) == BIG_10)
                return second == 0 ? BIG_24 : BIG_18;
        return little_12 ? LITTLE_20 : UNKNOWN;
}

/* VMS: "DISK/12", the name of a disk, filled up with zeros, and a number in two parts. False if it
 * is no name. */
static bool disk_print(struct printer *printer, const uint8_t *handle, uint32_t size)
{
        enum { NAME = 1, NAME_END = 14, END = 28 };
        uint32_t end = NAME;

        if (size < END)
                return false;
        while (end < NAME_END && handle[end] >= ' ' && handle[end] < 0x7f)
                end++;
        for (uint32_t i = end; i < NAME_END; i++)
                if (handle[i] != 0)
                        return false;
        if (end == NAME)
                return false;
        /* As many characters as the handle has words, as in tcpdump; also behind the name. */
        for (uint32_t i = 0; i < size / 4; i++) {
                uint8_t c = handle[NAME + i];

                if (c == ' ' || c == 0)
                        break;
                put_visible(printer, c);
        }
        putf(printer, "/%u",
             (uint32_t)half_at(handle, 26) << 16 | (uint32_t)handle[23] << 8 | handle[22]);
        return true;
}

static void unknown_print(struct printer *printer, const uint8_t *handle, uint32_t size)
{
        enum { MOST = 32 };
        static const char unknown[] = "Unknown", digits[] = "0123456789ABCDEF";
        uint32_t words = size / 4;

        put_bytes(printer, unknown, words < sizeof unknown - 1 ? words : sizeof unknown - 1);
        put_char(printer, '/');
        for (uint32_t i = 0; i < size && i < MOST; i++) {
                put_char(printer, digits[handle[i] >> 4]);
                put_char(printer, digits[handle[i] & 15]);
        }
}

/* "1,2/345": the device's numbers and the file's. */
static void form_print(struct printer *printer, const uint8_t *handle, enum form form)
{
        uint32_t device = word_at(handle, forms[form].device, forms[form].little);
        uint32_t file = word_at(handle, forms[form].file, forms[form].little);
        uint8_t minor_bits = forms[form].minor_bits;

        putf(printer, "%u,%u/%u", device >> minor_bits & ((1u << forms[form].major_bits) - 1),
             device & ((1u << minor_bits) - 1), file);
}

void nfs_handle_print(struct printer *printer, struct nfs_reader *reader)
{
        uint32_t words = (reader->version3 ? nfs_word(printer, reader) : VERSION2) / 4;
        uint32_t at = reader->at;
        const uint8_t *handle;
        enum form form = UNKNOWN;

        need(printer, reader->packet, at, words < UINT32_MAX / 4 ? words * 4 : UINT32_MAX);
        reader->at += words * 4;
        handle = reader->packet.data + at;
        if (printer->options.whole_handles) {
                put(printer, " fh[");
                for (uint32_t i = 0; i < words; i++)
                        putf(printer, "%s%x", i ? ":" : "", word_at(handle, 4 * i, false));
                put_char(printer, ']');
                return;
        }
        put(printer, " fh ");
        if (words * 4 >= LEAST)
                form = form_find(handle, words * 4);
        if (form != UNKNOWN)
                form_print(printer, handle, form);
        else if (!disk_print(printer, handle, words * 4))
                unknown_print(printer, handle, words * 4);
}

/* HPACK, RFC 7541: how HTTP/2 writes header fields. */
#include "hpack.h"

#include "base/array.h"

/* ---- Strings, section 5.2 and appendix B ---- */

enum { SYMBOLS = 257, END_OF_STRING = 256, MAX_CODE = 30 };

/* The code is canonical: of one length, codes follow one another in the order of their symbols. */
static const uint8_t code_counts[MAX_CODE + 1] = {
    0, 0, 0, 0, 0, 10, 26, 32, 6,  0, 5,  3,  2,  6, 2, 3,
    0, 0, 0, 3, 8, 13, 26, 29, 12, 4, 15, 19, 29, 0, 4,
};

/* By length of the code, then by value. */
static const uint16_t symbols[SYMBOLS] = {
    48,  49,  50,  97,  99,  101, 105, 111, 115, 116, 32,  37,  45,  46,  47,  51,  52,  53,  54,
    55,  56,  57,  61,  65,  95,  98,  100, 102, 103, 104, 108, 109, 110, 112, 114, 117, 58,  66,
    67,  68,  69,  70,  71,  72,  73,  74,  75,  76,  77,  78,  79,  80,  81,  82,  83,  84,  85,
    86,  87,  89,  106, 107, 113, 118, 119, 120, 121, 122, 38,  42,  44,  59,  88,  90,  33,  34,
    40,  41,  63,  39,  43,  124, 35,  62,  0,   36,  64,  91,  93,  126, 94,  125, 60,  96,  123,
    92,  195, 208, 128, 130, 131, 162, 184, 194, 224, 226, 153, 161, 167, 172, 176, 177, 179, 209,
    216, 217, 227, 229, 230, 129, 132, 133, 134, 136, 146, 154, 156, 160, 163, 164, 169, 170, 173,
    178, 181, 185, 186, 187, 189, 190, 196, 198, 228, 232, 233, 1,   135, 137, 138, 139, 140, 141,
    143, 147, 149, 150, 151, 152, 155, 157, 158, 165, 166, 168, 174, 175, 180, 182, 183, 188, 191,
    197, 231, 239, 9,   142, 144, 145, 148, 159, 171, 206, 215, 225, 236, 237, 199, 207, 234, 235,
    192, 193, 200, 201, 202, 205, 210, 213, 218, 219, 238, 240, 242, 243, 255, 203, 204, 211, 212,
    214, 221, 222, 223, 241, 244, 245, 246, 247, 248, 250, 251, 252, 253, 254, 2,   3,   4,   5,
    6,   7,   8,   11,  12,  14,  15,  16,  17,  18,  19,  20,  21,  23,  24,  25,  26,  27,  28,
    29,  30,  31,  127, 220, 249, 10,  13,  22,  256,
};

/* Decodes to `text`, which has room for `room` bytes. Returns how many it has. */
static uint32_t huffman_decode(struct packet coded, uint8_t *text, uint32_t room)
{
        uint32_t length = 0, code = 0, first = 0, index = 0;
        unsigned bits = 0;

        for (uint32_t i = 0; i < 8 * coded.captured && length < room; i++) {
                code = code << 1 | (coded.data[i / 8] >> (7 - i % 8) & 1u);
                bits++;
                if (code - first < code_counts[bits]) {
                        uint16_t symbol = symbols[index + code - first];

                        if (symbol == END_OF_STRING)
                                break;
                        text[length++] = (uint8_t)symbol;
                        code = first = index = bits = 0;
                        continue;
                }
                index += code_counts[bits];
                first = (first + code_counts[bits]) << 1;
                if (bits == MAX_CODE)
                        break;
        }
        return length;
}

/* ---- The tables, section 2.3 ---- */

static const struct {
        const char *name, *value;
} fixed_fields[] = {
    {":authority", ""},
    {":method", "GET"},
    {":method", "POST"},
    {":path", "/"},
    {":path", "/index.html"},
    {":scheme", "http"},
    {":scheme", "https"},
    {":status", "200"},
    {":status", "204"},
    {":status", "206"},
    {":status", "304"},
    {":status", "400"},
    {":status", "404"},
    {":status", "500"},
    {"accept-charset", ""},
    {"accept-encoding", "gzip, deflate"},
    {"accept-language", ""},
    {"accept-ranges", ""},
    {"accept", ""},
    {"access-control-allow-origin", ""},
    {"age", ""},
    {"allow", ""},
    {"authorization", ""},
    {"cache-control", ""},
    {"content-disposition", ""},
    {"content-encoding", ""},
    {"content-language", ""},
    {"content-length", ""},
    {"content-location", ""},
    {"content-range", ""},
    {"content-type", ""},
    {"cookie", ""},
    {"date", ""},
    {"etag", ""},
    {"expect", ""},
    {"expires", ""},
    {"from", ""},
    {"host", ""},
    {"if-match", ""},
    {"if-modified-since", ""},
    {"if-none-match", ""},
    {"if-range", ""},
    {"if-unmodified-since", ""},
    {"last-modified", ""},
    {"link", ""},
    {"location", ""},
    {"max-forwards", ""},
    {"proxy-authenticate", ""},
    {"proxy-authorization", ""},
    {"range", ""},
    {"referer", ""},
    {"refresh", ""},
    {"retry-after", ""},
    {"server", ""},
    {"set-cookie", ""},
    {"strict-transport-security", ""},
    {"transfer-encoding", ""},
    {"user-agent", ""},
    {"vary", ""},
    {"via", ""},
    {"www-authenticate", ""},
};

static struct packet text_of(const char *text)
{
        uint32_t length = (uint32_t)strlen(text);

        return (struct packet){(const uint8_t *)text, length, length};
}

static const struct packet unknown = {(const uint8_t *)"?", 1, 1};

/* The field with this index, from 1 on: the fixed ones, then those added, the latest first. */
static struct header_field field_at(const struct hpack *hpack, uint64_t index)
{
        if (index >= 1 && index <= array_count(fixed_fields))
                return (struct header_field){text_of(fixed_fields[index - 1].name),
                                             text_of(fixed_fields[index - 1].value)};
        index -= array_count(fixed_fields) + 1;
        if (index < HPACK_FIELDS && index < hpack->added) {
                uint32_t at = (hpack->added - 1 - (uint32_t)index) % HPACK_FIELDS;
                const uint8_t *text = hpack->fields[at].text;
                uint32_t name = hpack->fields[at].name, value = hpack->fields[at].value;

                if (hpack->fields[at].known)
                        return (struct header_field){{text, name, name},
                                                     {text + name, value, value}};
        }
        return (struct header_field){unknown, unknown};
}

/* A long one is not kept: each byte of the packet may print it once more. The name may be the one
 * in the place that is written to. */
static void field_add(struct hpack *hpack, const struct header_field *field)
{
        uint32_t at = hpack->added++ % HPACK_FIELDS;
        uint8_t *text = hpack->fields[at].text;
        uint32_t name = field->name.captured, value = field->value.captured;

        hpack->fields[at].known = name <= HPACK_TEXT && value <= HPACK_TEXT - name;
        if (!hpack->fields[at].known)
                return;
        memmove(text, field->name.data, name);
        memcpy(text + name, field->value.data, value);
        hpack->fields[at].name = (uint16_t)name;
        hpack->fields[at].value = (uint16_t)value;
}

/* ---- Fields, section 6 ---- */

/* Section 5.1: in the low `bits` of the next byte, and further ones if it is too large for them. */
static uint64_t integer_read(struct cursor *at, unsigned bits)
{
        uint64_t most = (1u << bits) - 1, value = cursor_8(at) & most;
        unsigned shift = 0;
        uint8_t byte;

        if (value < most)
                return value;
        do {
                byte = cursor_8(at);
                value += (uint64_t)(byte & 0x7f) << shift;
                shift += 7;
        } while ((byte & 0x80) && shift < 28 && !at->cut);
        return value;
}

static struct packet string_read(struct printer *printer, struct cursor *at)
{
        enum { HUFFMAN = 0x80, SHORTEST_CODE = 5 };
        bool coded = has(at->rest, 0, 1) && (at->rest.data[0] & HUFFMAN);
        struct packet string = cursor_part(at, (uint32_t)integer_read(at, 7));
        uint32_t room = string.captured * 8 / SHORTEST_CODE;
        uint8_t *text;

        if (!coded)
                return string;
        text = arena_take(&printer->decrypted, room + 1);
        if (!text)
                longjmp(printer->abandon, ABANDON_MEMORY);
        room = huffman_decode(string, text, room);
        return (struct packet){text, room, room};
}

bool hpack_read(struct printer *printer, struct hpack *hpack, struct cursor *at,
                struct header_field *field)
{
        enum { INDEXED = 0x80, ADDED = 0x40, SIZE = 0x20 };

        while (!cursor_at_end(at) && has(at->rest, 0, 1)) {
                uint8_t first = at->rest.data[0];
                uint64_t index;

                if (first & INDEXED) {
                        *field = field_at(hpack, integer_read(at, 7));
                        return !at->cut;
                }
                if (!(first & ADDED) && first & SIZE) {
                        integer_read(at, 5);
                        continue;
                }
                index = integer_read(at, first & ADDED ? 6 : 4);
                field->name = index ? field_at(hpack, index).name : string_read(printer, at);
                field->value = string_read(printer, at);
                if (first & ADDED)
                        field_add(hpack, field);
                return !at->cut;
        }
        at->cut = at->cut || at->rest.length > 0;
        return false;
}

/* ForCES, RFC 5810: what operations come with: paths to components, and their data. */
#include "forces.h"

#include "base/array.h"

const struct name forces_tlv_names[] = {
    {REDIRECT, "REDIRECT TLV"},         {ASSOCIATION_RESULT, "ASResult TLV"},
    {TEARDOWN_REASON, "ASTreason TLV"}, {PATH_DATA, "PATH-DATA TLV"},
    {KEY_INFO, "KEYINFO TLV"},          {FULL_DATA, "FULLDATA TLV"},
    {SPARSE_DATA, "SPARSEDATA TLV"},    {RESULT, "RESULT TLV"},
    {METADATA, "METADATA TLV"},         {REDIRECT_DATA, "REDIRECTDATA TLV"},
    {LFB_SELECT, "LFBselect TLV"},      {0, NULL},
};

void forces_put_spaces(struct printer *printer, unsigned count)
{
        while (count-- > 0)
                put_char(printer, ' ');
}

void forces_data_print(struct printer *printer, struct packet packet, uint32_t size,
                       unsigned column)
{
        char indent[128];
        unsigned length = 0;

        indent[length++] = '\n';
        while (length <= column && length + 1 < sizeof indent)
                indent[length++] = ' ';
        indent[length] = '\0';
        put_char(printer, '[');
        dump_hex(printer, indent, packet, size);
        put(printer, indent);
        put_char(printer, ']');
}

bool forces_tlv_fits(struct printer *printer, struct packet packet, uint32_t left)
{
        uint32_t size;

        need_hard(printer, packet, 0, TLV_HEADER);
        size = get16(printer, packet, 2);
        return left >= TLV_HEADER && size >= TLV_HEADER && aligned(size) <= left;
}

/* Why it does not. */
static const char *tlv_fault(struct printer *printer, struct packet packet, uint32_t left)
{
        uint16_t size = get16(printer, packet, 2);

        if (left < TLV_HEADER)
                return "Invalid total length";
        if (size < TLV_HEADER)
                return "xLV too short";
        return size > left ? "xLV too long" : "data padding missing";
}

void forces_messy_print(struct printer *printer, struct packet packet, uint32_t left,
                        const char *kind)
{
        putf(printer, "\n\t\tMessy %s TLV header, type (0x%x)\n\t\texcess of %u Bytes ", kind,
             get16(printer, packet, 0), left - get16(printer, packet, 2));
}

void forces_put_tlv_name(struct printer *printer, uint16_t type)
{
        if (type == 0)
                put(printer, "Invalid TLV");
        else
                put_name(printer, forces_tlv_names, "#%u", type);
}

static bool full_print(struct printer *printer, struct packet packet, uint32_t size,
                       unsigned column)
{
        if (!shows_all(printer))
                return true;
        forces_put_spaces(printer, column);
        forces_data_print(printer, packet, aligned(size), column);
        return true;
}

static bool sparse_print(struct printer *printer, struct packet packet, uint32_t size,
                         unsigned column)
{
        uint32_t left = aligned(size);

        if (left < ILV_HEADER) {
                put(printer, "Error: BAD SPARSEDATA-TLV!\n");
                return false;
        }
        while (left > 0) {
                uint32_t length;

                if (left < ILV_HEADER) {
                        putf(printer, "Error: Invalid total length, rlen %u\n", left);
                        return false;
                }
                need(printer, packet, 0, ILV_HEADER);
                length = get32(printer, packet, 4);
                if (length < ILV_HEADER || length > left) {
                        putf(printer, "Error: xLV too %s, rlen %u\n",
                             length < ILV_HEADER ? "short" : "long", left);
                        return false;
                }
                if (shows_all(printer)) {
                        put_char(printer, '\n');
                        forces_put_spaces(printer, column);
                        putf(printer, "ILV: type %x length %u\n", get32(printer, packet, 0),
                             length);
                        dump_hex(printer, "\t\t[", packet_from(packet, ILV_HEADER),
                                 length - ILV_HEADER);
                }
                length = aligned(length);
                left -= length < left ? length : left;
                packet = packet_from(packet, length);
        }
        return true;
}

static bool result_print(struct printer *printer, struct packet packet, uint32_t size,
                         unsigned column)
{
        enum { LAST = 0x17, UNSPECIFIED = 0xff };
        static const char *const results[] = {
            "SUCCESS",
            "INVALID HEADER",
            "LENGTH MISMATCH",
            "VERSION MISMATCH",
            "INVALID DESTINATION PID",
            "LFB UNKNOWN",
            "LFB NOT FOUND",
            "LFB INSTANCE ID NOT FOUND",
            "INVALID PATH",
            "COMPONENT DOES NOT EXIST",
            "EXISTS ALREADY",
            "NOT FOUND",
            "READ ONLY",
            "INVALID ARRAY CREATION",
            "VALUE OUT OF RANGE",
            "CONTENTS TOO LONG",
            "INVALID PARAMETERS",
            "INVALID MESSAGE TYPE",
            "INVALID FLAGS",
            "INVALID TLV",
            "EVENT ERROR",
            "NOT SUPPORTED",
            "MEMORY ERROR",
            "INTERNAL ERROR",
        };
        uint8_t result;

        size = aligned(size);
        if (size != 4) {
                putf(printer, "illegal RESULT-TLV: %u bytes!\n", size);
                return false;
        }
        result = get8(printer, packet, 0);
        if (result > LAST && result != UNSPECIFIED) {
                putf(printer, "illegal reserved result code: 0x%x!\n", result);
                return false;
        }
        if (shows_all(printer)) {
                forces_put_spaces(printer, column + 1);
                putf(printer, "Result: %s (code 0x%x)\n",
                     result == UNSPECIFIED ? "UNSPECIFIED ERROR" : results[result], result);
        }
        return true;
}

/* tcpdump never gets further than the key and whether something is behind it. */
static bool key_print(struct printer *printer, struct packet packet, uint32_t size, unsigned column)
{
        enum { LEAST = 4 };
        uint32_t key;

        need_hard(printer, packet, 0, 4);
        key = get32(printer, packet, 0);
        forces_put_spaces(printer, column - 1);
        putf(printer, "Keyinfo: Key 0x%x\n", key);
        packet = packet_from(packet, 4);
        size = aligned(size) + TLV_HEADER;
        need_hard(printer, packet, 0, TLV_HEADER);
        if (forces_tlv_fits(printer, packet, size)) {
                if (has(packet, TLV_HEADER, LEAST))
                        put(printer, "Error: expecting FULLDATA!\n");
                else
                        put_truncated(printer);
                return false;
        }
        putf(printer, "%s TLV type 0x%x len %u\n", tlv_fault(printer, packet, size),
             get16(printer, packet, 0), get16(printer, packet, 2));
        return false;
}

/* The data that stand behind a path's identifiers. */
static bool content_print(struct printer *printer, struct packet packet, unsigned column,
                          uint8_t with)
{
        static const struct {
                uint8_t with;
                bool (*print)(struct printer *printer, struct packet packet, uint32_t size,
                              unsigned column);
        } contents[] = {
            [KEY_INFO - KEY_INFO] = {0, key_print},
            [FULL_DATA - KEY_INFO] = {WITH_FULL, full_print},
            [SPARSE_DATA - KEY_INFO] = {WITH_SPARSE, sparse_print},
            [RESULT - KEY_INFO] = {WITH_RESULT, result_print},
        };
        uint16_t type = get16(printer, packet, 0);
        uint32_t length = get16(printer, packet, 2);
        uint32_t size = length - TLV_HEADER;

        if (shows_all(printer)) {
                forces_put_spaces(printer, column);
                putf(printer, "%s (Length %u DataLen %u", name_or(forces_tlv_names, type, ""),
                     length, size);
                if (size != aligned(size))
                        putf(printer, " pad %u", aligned(size) - size);
                put(printer, " Bytes)\n");
        }
        if ((with & WITH_KEY) && type != KEY_INFO)
                put(printer, "Based on flags expected KEYINFO TLV!\n");
        else if (!(with & WITH_KEY) && !(contents[type - KEY_INFO].with & with))
                putf(printer, "Illegal DATA encoding for type 0x%x programmed %x got %x\n", type,
                     contents[type - KEY_INFO].with, with);
        return contents[type - KEY_INFO].print(printer, packet_from(packet, TLV_HEADER), size,
                                               column + 1);
}

/* The first bytes of a path: flags and identifiers. Takes them off `*packet`, which is as long as
 * the path. False if they are malformed. */
static bool identifiers_print(struct printer *printer, struct packet *packet, unsigned column,
                              uint8_t *with)
{
        enum { KEY = 1, TABLE_RANGE = 2, TABLE_APPEND = 4, FLAGS_AND_COUNT = 4, IDENTIFIER = 4 };
        uint16_t flags, count;

        if (packet->length < FLAGS_AND_COUNT || !has(*packet, 0, FLAGS_AND_COUNT)) {
                put_truncated(printer);
                return false;
        }
        flags = get16(printer, *packet, 0);
        count = get16(printer, *packet, 2);
        *packet = packet_from(*packet, FLAGS_AND_COUNT);
        if (shows_all(printer)) {
                put_char(printer, '\n');
                forces_put_spaces(printer, column);
                putf(printer, "Pathdata: Flags 0x%x ID count %u\n", flags, count);
        }
        if (flags & KEY)
                *with |= WITH_KEY;
        if (flags & TABLE_RANGE)
                *with |= WITH_RANGE;
        if (flags & TABLE_APPEND)
                *with |= WITH_APPEND;
        if (count * (uint32_t)IDENTIFIER > packet->length) {
                putf(printer, "\t\t\ttruncated IDs expected %uB got %uB\n", count * IDENTIFIER,
                     packet->length);
                dump_hex(printer, "\t\t\tID Data[", *packet, packet->length);
                put(printer, "]\n");
                return false;
        }
        if ((*with & WITH_KEY) && (*with & WITH_RANGE)) {
                put(printer, "\t\t\tIllegal to have both Table ranges and keys\n");
                return false;
        }
        if ((*with & WITH_APPEND) && shows_all(printer)) {
                forces_put_spaces(printer, column);
                put(printer, "TABLE APPEND\n");
        }
        for (uint32_t i = 0; i < count; i++) {
                uint32_t identifier = get32(printer, *packet, 0);

                *packet = packet_from(*packet, IDENTIFIER);
                if (!shows_all(printer))
                        continue;
                forces_put_spaces(printer, column);
                putf(printer, "ID#%02u: %u\n", i + 1, identifier);
        }
        return true;
}

/* The key or the range of a table that the flags announce. Takes it off `*packet`. False if it is
 * malformed. */
static bool choice_print(struct printer *printer, struct packet *packet, unsigned column,
                         uint8_t with)
{
        enum { LEAST = 12, LEAST_KEY = 4 };
        uint32_t key;

        if (!(with & (WITH_KEY | WITH_RANGE)))
                return true;
        if (packet->length < LEAST) {
                putf(printer, "pathlength %u with key/range too short %u\n", packet->length, LEAST);
                return false;
        }
        if (with & WITH_RANGE) {
                uint32_t first = get32(printer, *packet, 4), last = get32(printer, *packet, 8);

                if (shows_all(printer)) {
                        forces_put_spaces(printer, column);
                        putf(printer, "Table range: [%u,%u]\n", first, last);
                }
                *packet = packet_from(*packet, LEAST);
                return true;
        }
        /* tcpdump takes the key, or what is left of it in 16 bits, for the size of its contents. */
        key = get32(printer, *packet, 4) & 0xffff;
        if (key < LEAST_KEY) {
                putf(printer, "key content length %u < %u\n", key, LEAST_KEY);
                return false;
        }
        if (key > packet->length - TLV_HEADER) {
                put(printer, "key content too short\n");
                return false;
        }
        *packet = packet_from(*packet, TLV_HEADER + key);
        return true;
}

/* A header and the path behind it, with as many bytes as the header says. */
static bool headed_path_print(struct printer *printer, struct packet packet, unsigned column,
                              uint8_t with, unsigned depth)
{
        uint32_t length = get16(printer, packet, 2);

        if (shows_all(printer)) {
                forces_put_spaces(printer, column);
                forces_put_tlv_name(printer, get16(printer, packet, 0));
                putf(printer, ", length %u (data encapsulated %u Bytes)", length,
                     length - TLV_HEADER);
        }
        packet = packet_from(packet, TLV_HEADER);
        packet.length = length - TLV_HEADER;
        return forces_path_print(printer, packet, column + 1, with, depth);
}

bool forces_paths_print(struct printer *printer, struct packet packet, unsigned column,
                        uint8_t with, unsigned depth)
{
        while (packet.length > 0) {
                uint32_t length;

                if (!forces_tlv_fits(printer, packet, packet.length)) {
                        forces_messy_print(printer, packet, packet.length, "PATHDATA");
                        return false;
                }
                length = get16(printer, packet, 2);
                if (!headed_path_print(printer, packet, column, with, depth))
                        return false;
                packet = packet_from(packet, aligned(length));
        }
        return true;
}

bool forces_path_print(struct printer *printer, struct packet packet, unsigned column, uint8_t with,
                       unsigned depth)
{
        uint16_t type, length;
        bool more;

        if (depth >= MAX_DEPTH || !identifiers_print(printer, &packet, column, &with))
                return false;
        if (!choice_print(printer, &packet, column, with) || packet.length == 0)
                return true;
        more = forces_tlv_fits(printer, packet, packet.length);
        type = get16(printer, packet, 0);
        length = get16(printer, packet, 2);
        if (!more)
                putf(printer, "%s Outstanding bytes %u for TLV type 0x%x TLV len %u\n",
                     tlv_fault(printer, packet, packet.length), packet.length, type, length);
        else if (type < PATH_DATA || type > RESULT)
                putf(printer, "Invalid path data content type 0x%x len %u\n", type, length);
        if (length != 0 && (!more || type < PATH_DATA || type > RESULT)) {
                dump_hex(printer, "Bad Data val\n\t  [", packet, packet.length);
                put(printer, "]\n");
                return true;
        }
        if (length != 0) {
                more = type == PATH_DATA
                           ? headed_path_print(printer, packet, column + 2, with, depth + 1)
                           : content_print(printer, packet, column + 2, with);
                if (!more)
                        return true;
                packet = packet_from(packet, aligned(length));
        }
        return forces_paths_print(printer, packet, column + 1, with, depth + 1);
}

/* What the payloads of IKE have in common: attributes, hex. */
#include "isakmp.h"

#include "base/array.h"

uint32_t isakmp_cut(struct printer *printer, const char *name)
{
        put_damage(printer, " [|%s]", name);
        return 0;
}

void isakmp_protocol_print(struct printer *printer, uint8_t protocol)
{
        static const struct name protocols[] = {
            {1, "isakmp"}, {2, "ipsec-ah"}, {3, "ipsec-esp"}, {4, "ipcomp"}, {0, NULL}};

        put_name(printer, protocols, "#%u", protocol);
}

void isakmp_excerpt_print(struct printer *printer, struct packet packet, uint32_t at, bool dots)
{
        enum { FRONT = 10, BACK = 20 };
        uint32_t size = packet.captured > at ? packet.captured - at : 0;
        uint32_t front = size < FRONT ? size : FRONT;
        uint32_t back = size - front < BACK ? size - front : BACK;

        put(printer, " data=(");
        put_hex_bytes(printer, packet, at, front);
        if (dots || size >= FRONT + BACK)
                put(printer, "...");
        put_hex_bytes(printer, packet, at + size - back, back);
        put_char(printer, ')');
}

void isakmp_hex_print(struct printer *printer, struct packet packet, uint32_t at, uint32_t size)
{
        if (printer->options.verbose < 3 || size == 0)
                return;
        put_char(printer, ' ');
        put_hex_bytes(printer, packet, at, size);
}

/* RFC 2409, appendix A. */
const char *const isakmp_groups[19] = {NULL,         "modp768",    "modp1024",   "EC2N 2^155",
                                       "EC2N 2^185", "modp1536",   "iana-grp06", "iana-grp07",
                                       "iana-grp08", "iana-grp09", "iana-grp10", "iana-grp11",
                                       "iana-grp12", "iana-grp13", "modp2048",   "modp3072",
                                       "modp4096",   "modp6144",   "modp8192"};

static const char *const ciphers[] = {NULL,  "1des", "idea", "blowfish",
                                      "rc5", "3des", "cast", "aes"};
static const char *const hashes[] = {NULL,       "md5",      "sha1",    "tiger",
                                     "sha2-256", "sha2-384", "sha2-512"};
static const char *const methods[] = {NULL,      "preshared", "dss",
                                      "rsa sig", "rsa enc",   "rsa enc revised"};
static const char *const group_types[] = {NULL, "MODP", "ECP", "EC2N"};
static const char *const life_types[] = {NULL, "sec", "kb"};

const struct isakmp_attribute isakmp_oakley_attributes[] = {
    {NULL, NULL, 0},
    {"enc", ciphers, array_count(ciphers)},
    {"hash", hashes, array_count(hashes)},
    {"auth", methods, array_count(methods)},
    {"group desc", isakmp_groups, array_count(isakmp_groups) - 1}, /* as many as tcpdump has */
    {"group type", group_types, array_count(group_types)},
    {"group prime", NULL, 0},
    {"group gen1", NULL, 0},
    {"group gen2", NULL, 0},
    {"group curve A", NULL, 0},
    {"group curve B", NULL, 0},
    {"lifetype", life_types, array_count(life_types)},
    {"lifeduration", NULL, 0},
    {"prf", NULL, 0},
    {"keylen", NULL, 0},
    {"field", NULL, 0},
    {"order", NULL, 0},
};
const unsigned isakmp_oakley_attribute_count = array_count(isakmp_oakley_attributes);

uint32_t isakmp_attributes_print(struct printer *printer, struct packet packet, uint32_t at,
                                 uint32_t end, const struct isakmp_attribute *map, unsigned count)
{
        enum { SHORT = 0x8000, HEADER = 4 };

        while (at < end) {
                const struct isakmp_attribute *known = NULL;
                bool is_short = get8(printer, packet, at) & SHORT >> 8;
                uint32_t size = is_short ? HEADER : HEADER + get16(printer, packet, at + 2);
                uint16_t type, value;

                if (size > end - at) {
                        put_damage(printer, "[|attr]");
                        return end + 1;
                }
                type = get16(printer, packet, at) & (SHORT - 1);
                value = get16(printer, packet, at + 2);
                if (map && type < count && map[type].name)
                        known = &map[type];
                if (known)
                        putf(printer, "(type=%s ", known->name);
                else
                        putf(printer, "(type=#%u ", type);
                if (!is_short) {
                        putf(printer, "len=%u value=", value);
                        put_hex_bytes(printer, packet, at + HEADER, value);
                } else if (known && value < known->count && known->values[value]) {
                        putf(printer, "value=%s", known->values[value]);
                } else {
                        putf(printer, "value=%04x", value);
                }
                put_char(printer, ')');
                at += size;
        }
        return at;
}

/* RFC 2407, 4.4.4. */
const char *const isakmp_esp_transforms[13] = {
    NULL,       "1des-iv64", "1des",      "3des", "rc5",  "idea", "cast",
    "blowfish", "3idea",     "1des-iv32", "rc4",  "null", "aes"};

/* The payloads of IKEv2, RFC 7296. */
#include "isakmp.h"

#include "base/array.h"

/* "sa: ", with a mark if the receiver must know it. */
static void label_print(struct printer *printer, struct packet packet, const char *name)
{
        enum { CRITICAL = 0x80 };

        putf(printer, "%s%s:", name, get8(printer, packet, 1) & CRITICAL ? "[C]" : "");
}

static uint32_t transform_print(struct printer *printer, struct packet packet, uint32_t size,
                                struct isakmp_context *context)
{
        enum { FIXED = 8, CIPHER = 1, FUNCTION, INTEGRITY, GROUP, SEQUENCE };
        static const char *const functions[] = {NULL, "hmac-md5", "hmac-sha", "hmac-tiger",
                                                "aes128_xcbc"};
        static const char *const integrities[] = {NULL,      "hmac-md5", "hmac-sha",
                                                  "dec-mac", "kpdk-md5", "aes-xcbc"};
        static const char *const sequences[] = {"no-esn", "esn"};
        static const struct {
                const char *name;
                const char *const *ids;
                unsigned count;
        } types[] = {
            [CIPHER] = {"encr", isakmp_esp_transforms, array_count(isakmp_esp_transforms)},
            [FUNCTION] = {"prf", functions, array_count(functions)},
            [INTEGRITY] = {"integ", integrities, array_count(integrities)},
            [GROUP] = {"dh", isakmp_groups, array_count(isakmp_groups)},
            [SEQUENCE] = {"esn", sequences, array_count(sequences)},
        };
        static const struct isakmp_attribute attributes[15] = {[14] = {"keylen", NULL, 0}};
        uint8_t type;
        uint16_t id;

        if (!has(packet, 0, FIXED))
                return isakmp_cut(printer, "t");
        type = get8(printer, packet, 4);
        id = get16(printer, packet, 6);
        label_print(printer, packet, "t");
        putf(printer, " #%u type=", context->count);
        if (type < CIPHER || type > SEQUENCE)
                putf(printer, "#%u id=%u ", type, id);
        else if (id < types[type].count && types[type].ids[id])
                putf(printer, "%s id=%s ", types[type].name, types[type].ids[id]);
        else
                putf(printer, "%s id=#%u ", types[type].name, id);
        return isakmp_attributes_print(printer, packet, FIXED, size,
                                       type == CIPHER ? attributes : NULL, array_count(attributes));
}

static uint32_t nested_cut(struct printer *printer, const char *name,
                           struct isakmp_context *context)
{
        context->depth--;
        return isakmp_cut(printer, name);
}

/* Payloads that name one another, of `type` first; only those of it are known. They are in a
 * payload called `name`, from `at` on up to `end`; one of another length than it says moves `end`.
 * Returns where they end, which is there if one is said to go past it; or 0 if one is cut short. */
static uint32_t nested_print(struct printer *printer, struct packet packet, uint32_t at,
                             uint32_t end, uint8_t type, isakmp_payload *print, const char *name,
                             struct isakmp_context *context)
{
        uint8_t next = type;

        if (at + ISAKMP_GENERIC > end) {
                isakmp_cut(printer, name);
                return end;
        }
        context->depth++;
        for (context->count = 1; next != 0; context->count++) {
                struct packet payload = packet_from(packet, at);
                bool fits = at + ISAKMP_GENERIC <= end;
                uint32_t size = 0, used;

                if (fits && has(payload, 0, ISAKMP_GENERIC))
                        size = get16(printer, payload, 2);
                if (fits && size <= ISAKMP_GENERIC)
                        return nested_cut(printer, name, context);
                if (!fits || at + size > end) {
                        isakmp_cut(printer, name);
                        at = at > end ? at : end;
                        break;
                }
                if (!has(payload, 0, size))
                        return nested_cut(printer, name, context);
                put_char(printer, '\n');
                for (unsigned i = 0; i < context->depth; i++)
                        put(printer, "    ");
                put_char(printer, '(');
                used = size;
                if (next == type)
                        used = print(printer, payload, size, context);
                else
                        context->put_type(printer, next);
                if (used == 0) {
                        context->depth--;
                        return 0;
                }
                put_char(printer, ')');
                next = get8(printer, payload, 0);
                at += used;
                end += used - size;
        }
        context->depth--;
        return at;
}

static uint32_t proposal_print(struct printer *printer, struct packet packet, uint32_t size,
                               struct isakmp_context *context)
{
        enum { FIXED = 8, TRANSFORM = 3 };
        uint32_t at = FIXED, end = ISAKMP_GENERIC + size; /* as tcpdump counts */
        unsigned count = context->count;
        uint8_t spi;

        if (!has(packet, 0, FIXED))
                return isakmp_cut(printer, "p");
        label_print(printer, packet, "p");
        putf(printer, " #%u protoid=", get8(printer, packet, 4));
        isakmp_protocol_print(printer, get8(printer, packet, 5));
        putf(printer, " transform=%u len=%u", get8(printer, packet, 7), size);
        spi = get8(printer, packet, 6);
        if (spi > 0) {
                if (at + spi > end) {
                        isakmp_cut(printer, "p");
                        return end;
                }
                put(printer, " spi=");
                if (!has(packet, at, spi))
                        return isakmp_cut(printer, "p");
                put_hex_bytes(printer, packet, at, spi);
                at += spi;
        }
        at = nested_print(printer, packet, at, end, TRANSFORM, transform_print, "p", context);
        context->count = count;
        return at;
}

uint32_t isakmp_v2sa_print(struct printer *printer, struct packet packet, uint32_t size,
                           struct isakmp_context *context)
{
        enum { PROPOSAL = 2 };

        label_print(printer, packet, "sa");
        putf(printer, " len=%u", size - ISAKMP_GENERIC);
        return nested_print(printer, packet, ISAKMP_GENERIC, size, PROPOSAL, proposal_print, "v2sa",
                            context);
}

uint32_t isakmp_v2ke_print(struct printer *printer, struct packet packet, uint32_t size,
                           struct isakmp_context *context)
{
        enum { FIXED = 8 };
        uint16_t group;

        (void)context;
        if (!has(packet, 0, FIXED))
                return isakmp_cut(printer, "v2ke");
        label_print(printer, packet, "v2ke");
        if (size < FIXED) {
                putf(printer, " len=%u < %u", size, FIXED);
                return size;
        }
        group = get16(printer, packet, 4);
        putf(printer, " len=%u group=", size - FIXED);
        if (group < array_count(isakmp_groups) && isakmp_groups[group])
                put(printer, isakmp_groups[group]);
        else
                putf(printer, "#%u", group);
        isakmp_hex_print(printer, packet, FIXED, size - FIXED);
        return size;
}

/* Those that are shown in hex alone. */
static uint32_t plain_print(struct printer *printer, struct packet packet, uint32_t size,
                            const char *name)
{
        label_print(printer, packet, name);
        putf(printer, " len=%u", size - ISAKMP_GENERIC);
        isakmp_hex_print(printer, packet, ISAKMP_GENERIC, size - ISAKMP_GENERIC);
        return size;
}

#define PLAIN(payload, name)                                                             \
        uint32_t isakmp_##payload##_print(struct printer *printer, struct packet packet, \
                                          uint32_t size, struct isakmp_context *context) \
        {                                                                                \
                (void)context;                                                           \
                return plain_print(printer, packet, size, name);                         \
        }

PLAIN(v2cert, "v2cert")
PLAIN(v2cr, "v2cr")
PLAIN(v2d, "v2d")
PLAIN(v2tsi, "v2TSi")
PLAIN(v2tsr, "v2TSr")
PLAIN(v2cp, "v2cp")
PLAIN(v2eap, "v2eap")

static void text_print(struct printer *printer, struct packet packet, uint32_t at, uint32_t size)
{
        for (uint32_t i = 0; i < size; i++) {
                uint8_t c = get8(printer, packet, at + i);

                put_char(printer, c >= 0x20 && c < 0x7f ? (char)c : '.');
        }
}

static uint32_t identity_print(struct printer *printer, struct packet packet, uint32_t size,
                               const char *name)
{
        enum { FIXED = 8, NAME = 2, USER_NAME = 3 };
        static const struct name types[] = {{1, "ipv4"},   {NAME, "fqdn"}, {USER_NAME, "rfc822"},
                                            {5, "ipv6"},   {9, "dn"},      {10, "gn"},
                                            {11, "keyid"}, {0, NULL}};
        const char *type;

        if (!has(packet, 0, FIXED))
                return isakmp_cut(printer, name);
        label_print(printer, packet, name);
        putf(printer, " len=%u", size - ISAKMP_GENERIC);
        isakmp_hex_print(printer, packet, ISAKMP_GENERIC, size - ISAKMP_GENERIC);
        type = name_find(types, get8(printer, packet, 4));
        if (!type)
                return size;
        putf(printer, " %s:", type);
        if (size < FIXED)
                return isakmp_cut(printer, name);
        if (get8(printer, packet, 4) == NAME || get8(printer, packet, 4) == USER_NAME)
                text_print(printer, packet, FIXED, size - FIXED);
        else
                put_hex_bytes(printer, packet, FIXED, size - FIXED);
        return size;
}

uint32_t isakmp_v2idi_print(struct printer *printer, struct packet packet, uint32_t size,
                            struct isakmp_context *context)
{
        (void)context;
        return identity_print(printer, packet, size, "v2IDi");
}

uint32_t isakmp_v2idr_print(struct printer *printer, struct packet packet, uint32_t size,
                            struct isakmp_context *context)
{
        (void)context;
        return identity_print(printer, packet, size, "v2IDr");
}

/* All of it with -vv, an excerpt with -v. */
static void secret_print(struct printer *printer, struct packet packet, uint32_t at, uint32_t size,
                         const char *label)
{
        if (printer->options.verbose > 1) {
                putf(printer, " %s=(", label);
                put_hex_bytes(printer, packet, at, size);
                put(printer, ") ");
        } else {
                isakmp_excerpt_print(printer, packet, at, true);
        }
}

uint32_t isakmp_v2auth_print(struct printer *printer, struct packet packet, uint32_t size,
                             struct isakmp_context *context)
{
        enum { FIXED = 8 };
        static const struct name methods[] = {
            {0, "invalid"}, {1, "rsasig"}, {2, "shared-secret"}, {3, "dsssig"}, {0, NULL}};

        (void)context;
        if (!has(packet, 0, FIXED))
                return isakmp_cut(printer, "v2auth");
        label_print(printer, packet, "v2auth");
        putf(printer, " len=%u method=", size - ISAKMP_GENERIC);
        put_name(printer, methods, "#%u", get8(printer, packet, 4));
        if (size < FIXED && printer->options.verbose > 1) {
                put(printer, " authdata=(");
                return isakmp_cut(printer, "v2auth");
        }
        secret_print(printer, packet, FIXED, size - FIXED, "authdata");
        return size;
}

uint32_t isakmp_v2nonce_print(struct printer *printer, struct packet packet, uint32_t size,
                              struct isakmp_context *context)
{
        (void)context;
        label_print(printer, packet, "nonce");
        putf(printer, " len=%u", size - ISAKMP_GENERIC);
        secret_print(printer, packet, ISAKMP_GENERIC, size - ISAKMP_GENERIC, "nonce");
        return size;
}

/* Most notifications that concern no security association have no SPI to show. */
static bool shows_spi(uint16_t type)
{
        static const uint16_t without[] = {1,     5,     35,    36,    37,    39,    16384,
                                           16385, 16386, 16387, 16391, 16392, 16394, 16395};

        for (size_t i = 0; i < array_count(without); i++)
                if (without[i] == type)
                        return false;
        return true;
}

uint32_t isakmp_v2n_print(struct printer *printer, struct packet packet, uint32_t size,
                          struct isakmp_context *context)
{
        enum { FIXED = 8, COOKIE = 16390, PRIVATE = 8192, STATUS = 16384, PRIVATE_STATUS = 40960 };
        static const struct name names[] = {{1, "unsupported_critical_payload"},
                                            {4, "invalid_ike_spi"},
                                            {5, "invalid_major_version"},
                                            {7, "invalid_syntax"},
                                            {9, "invalid_message_id"},
                                            {11, "invalid_spi"},
                                            {14, "no_protocol_chosen"},
                                            {17, "invalid_ke_payload"},
                                            {24, "authentication_failed"},
                                            {34, "single_pair_required"},
                                            {35, "no_additional_sas"},
                                            {36, "internal_address_failure"},
                                            {37, "failed:cp_required"},
                                            {39, "invalid_selectors"},
                                            {16384, "initial_contact"},
                                            {16385, "set_window_size"},
                                            {16386, "additional_ts_possible"},
                                            {16387, "ipcomp_supported"},
                                            {16388, "nat_detection_source_ip"},
                                            {16389, "nat_detection_destination_ip"},
                                            {COOKIE, "cookie"},
                                            {16391, "use_transport_mode"},
                                            {16392, "http_cert_lookup_supported"},
                                            {16393, "rekey_sa"},
                                            {16394, "tfc_padding_not_supported"},
                                            {16395, "non_first_fragment_also"},
                                            {0, NULL}};
        uint32_t at = FIXED;
        uint16_t type;
        uint8_t spi;

        (void)context;
        if (!has(packet, 0, FIXED))
                return isakmp_cut(printer, "n");
        label_print(printer, packet, "n");
        put(printer, " prot_id=");
        isakmp_protocol_print(printer, get8(printer, packet, 4));
        spi = get8(printer, packet, 5);
        type = get16(printer, packet, 6);
        putf(printer, " type=%u(%s)", type,
             name_or(names, type,
                     type >= PRIVATE_STATUS ? "private-status"
                     : type >= STATUS       ? "status"
                     : type >= PRIVATE      ? "private-error"
                                            : "error"));
        if (spi > 0 && shows_spi(type)) {
                put(printer, " spi=");
                if (!has(packet, at, spi))
                        return isakmp_cut(printer, "n");
                put_hex_bytes(printer, packet, at, spi);
        }
        at += spi;
        if (at < packet.captured && type == COOKIE)
                isakmp_excerpt_print(printer, packet, at, false);
        return size;
}

uint32_t isakmp_v2vid_print(struct printer *printer, struct packet packet, uint32_t size,
                            struct isakmp_context *context)
{
        (void)context;
        label_print(printer, packet, "v2vid");
        putf(printer, " len=%u vid=", size - ISAKMP_GENERIC);
        text_print(printer, packet, ISAKMP_GENERIC, size - ISAKMP_GENERIC);
        if (size - ISAKMP_GENERIC > 4) /* tcpdump counts the generic header twice */
                isakmp_hex_print(printer, packet, ISAKMP_GENERIC, size - ISAKMP_GENERIC);
        return size;
}

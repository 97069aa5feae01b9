/* The payloads of ISAKMP, RFC 2408, with the IPsec domain of interpretation, RFC 2407, and IKE's,
 * RFC 2409. */
#include "isakmp.h"

#include "base/array.h"

enum { IPSEC = 1 }; /* the domain of interpretation */
enum { PROPOSAL = 2, TRANSFORM = 3 };

uint32_t isakmp_sa_print(struct printer *printer, struct packet packet, uint32_t size,
                         struct isakmp_context *context)
{
        enum { FIXED = 12, IDENTITY = 1, SECRECY = 2, INTEGRITY = 4 };
        uint32_t domain, situation, at = FIXED;
        uint32_t used;

        (void)size;
        put(printer, "sa:");
        if (!has(packet, 0, FIXED))
                return isakmp_cut(printer, "sa");
        domain = get32(printer, packet, 4);
        situation = get32(printer, packet, 8);
        if (domain != IPSEC) {
                putf(printer, " doi=%u situation=%u", domain, situation);
                return FIXED;
        }
        put(printer, " doi=ipsec situation=");
        if (situation & IDENTITY)
                put(printer, "identity");
        if (situation & SECRECY)
                putf(printer, "%ssecrecy", situation & IDENTITY ? "+" : "");
        if (situation & INTEGRITY)
                putf(printer, "%sintegrity", situation & (IDENTITY | SECRECY) ? "+" : "");
        if (situation != IDENTITY) {
                /* What tcpdump shows is the domain. */
                need_hard(printer, packet, 4, 4);
                putf(printer, " ident=%u", domain);
                at += 4;
        }
        if (!has(packet, at, ISAKMP_GENERIC))
                return isakmp_cut(printer, "sa");
        used = context->payloads(printer, packet_from(packet, at), PROPOSAL, context);
        return used ? at + used : 0;
}

uint32_t isakmp_p_print(struct printer *printer, struct packet packet, uint32_t size,
                        struct isakmp_context *context)
{
        enum { FIXED = 8 };
        uint8_t spi;
        uint32_t at = FIXED, used;
        uint8_t outer = context->protocol;

        (void)size;
        put(printer, "p:");
        if (!has(packet, 0, FIXED))
                return isakmp_cut(printer, "p");
        context->protocol = get8(printer, packet, 5);
        putf(printer, " #%u protoid=", get8(printer, packet, 4));
        isakmp_protocol_print(printer, context->protocol);
        putf(printer, " transform=%u", get8(printer, packet, 7));
        spi = get8(printer, packet, 6);
        if (spi > 0) {
                put(printer, " spi=");
                if (!has(packet, at, spi))
                        return isakmp_cut(printer, "p");
                put_hex_bytes(printer, packet, at, spi);
                at += spi;
        }
        if (!has(packet, at, ISAKMP_GENERIC))
                return isakmp_cut(printer, "p");
        used = context->payloads(printer, packet_from(packet, at), TRANSFORM, context);
        context->protocol = outer;
        return used ? at + used : 0;
}

uint32_t isakmp_t_print(struct printer *printer, struct packet packet, uint32_t size,
                        struct isakmp_context *context)
{
        enum { FIXED = 8, ISAKMP = 1, AH, ESP, IPCOMP };
        static const char *const ike[] = {NULL, "ike"};
        static const char *const ah[] = {NULL,   "(reserved)", "md5",      "sha",
                                         "1des", "sha2-256",   "sha2-384", "sha2-512"};
        static const char *const ipcomp[] = {NULL, "oui", "deflate", "lzs"};
        static const struct {
                const char *const *names;
                unsigned count;
        } transforms[] = {
            [ISAKMP] = {ike, array_count(ike)},
            [AH] = {ah, array_count(ah)},
            [ESP] = {isakmp_esp_transforms, array_count(isakmp_esp_transforms)},
            [IPCOMP] = {ipcomp, array_count(ipcomp)},
        };
        static const char *const life_types[] = {NULL, "sec", "kb"};
        static const char *const modes[] = {NULL, "tunnel", "transport"};
        static const char *const hashes[] = {NULL, "hmac-md5", "hmac-sha1", "1des-mac", "keyed"};
        static const struct isakmp_attribute ipsec[] = {
            {NULL, NULL, 0},
            {"lifetype", life_types, array_count(life_types)},
            {"life", NULL, 0},
            {"group desc", isakmp_groups, array_count(isakmp_groups)},
            {"enc mode", modes, array_count(modes)},
            {"auth", hashes, array_count(hashes)},
            {"keylen", NULL, 0},
            {"rounds", NULL, 0},
            {"dictsize", NULL, 0},
            {"privalg", NULL, 0},
        };
        uint8_t protocol = context->protocol, id;
        const struct isakmp_attribute *map = NULL;
        unsigned count = 0;

        put(printer, "t:");
        if (!has(packet, 0, FIXED))
                return isakmp_cut(printer, "t");
        if (protocol == ISAKMP) {
                map = isakmp_oakley_attributes;
                count = isakmp_oakley_attribute_count;
        } else if (protocol >= AH && protocol <= IPCOMP) {
                map = ipsec;
                count = array_count(ipsec);
        }
        id = get8(printer, packet, 5);
        putf(printer, " #%u id=", get8(printer, packet, 4));
        if (protocol < ISAKMP || protocol > IPCOMP)
                putf(printer, "%u ", id);
        else if (id < transforms[protocol].count && transforms[protocol].names[id])
                putf(printer, "%s ", transforms[protocol].names[id]);
        else
                putf(printer, "#%u ", id);
        return isakmp_attributes_print(printer, packet, FIXED, size, map, count);
}

/* "name: len=4" and hex, of what follows the generic header. */
static uint32_t plain_print(struct printer *printer, struct packet packet, uint32_t size,
                            const char *label)
{
        putf(printer, "%s%u", label, size - ISAKMP_GENERIC);
        isakmp_hex_print(printer, packet, ISAKMP_GENERIC, size - ISAKMP_GENERIC);
        return size;
}

uint32_t isakmp_ke_print(struct printer *printer, struct packet packet, uint32_t size,
                         struct isakmp_context *context)
{
        (void)context;
        return plain_print(printer, packet, size, "ke: key len=");
}

uint32_t isakmp_hash_print(struct printer *printer, struct packet packet, uint32_t size,
                           struct isakmp_context *context)
{
        (void)context;
        return plain_print(printer, packet, size, "hash: len=");
}

uint32_t isakmp_sig_print(struct printer *printer, struct packet packet, uint32_t size,
                          struct isakmp_context *context)
{
        (void)context;
        return plain_print(printer, packet, size, "sig: len=");
}

uint32_t isakmp_vid_print(struct printer *printer, struct packet packet, uint32_t size,
                          struct isakmp_context *context)
{
        (void)context;
        return plain_print(printer, packet, size, "vid: len=");
}

uint32_t isakmp_nonce_print(struct printer *printer, struct packet packet, uint32_t size,
                            struct isakmp_context *context)
{
        uint32_t length = size - ISAKMP_GENERIC;

        (void)context;
        putf(printer, "nonce: n len=%u", length);
        if (printer->options.verbose == 2) {
                put_char(printer, ' ');
                isakmp_excerpt_print(printer, packet, ISAKMP_GENERIC, true);
        }
        isakmp_hex_print(printer, packet, ISAKMP_GENERIC, length);
        return size;
}

/* An address of `length` bytes, or two. */
static void identity_print(struct printer *printer, struct packet packet, uint32_t at, uint8_t type,
                           uint32_t length)
{
        enum { V4 = 1, NAME, USER_NAME, V4_NET, V6, V6_NET, V4_RANGE, V6_RANGE };
        static const uint8_t sizes[] = {
            [V4] = 4, [V4_NET] = 8, [V6] = 16, [V6_NET] = 32, [V4_RANGE] = 8, [V6_RANGE] = 32};

        if (type == NAME || type == USER_NAME) {
                put_char(printer, ' ');
                for (uint32_t i = 0; i < length; i++)
                        put_visible(printer, get8(printer, packet, at + i));
                return;
        }
        if (type < V4 || type > V6_RANGE) {
                isakmp_hex_print(printer, packet, at, length);
                return;
        }
        if (length < sizes[type]) {
                put_damage(printer, " [bad: < %u]", sizes[type]);
                return;
        }
        switch (type) {
        case V4: put_ipv4_labelled(printer, " ", packet, at); break;
        case V4_NET:
                put_ipv4_labelled(printer, " ", packet, at);
                put_char(printer, '/');
                put_ipv4_numeric_at(printer, packet, at + 4);
                break;
        case V4_RANGE:
                put_ipv4_labelled(printer, " ", packet, at);
                put_ipv4_labelled(printer, "-", packet, at + 4);
                break;
        case V6: put_ipv6_labelled(printer, " ", packet, at); break;
        case V6_NET:
                put_ipv6_labelled(printer, " ", packet, at);
                put(printer, "/0x");
                put_hex_bytes(printer, packet, at + 16, 16);
                break;
        default:
                put_ipv6_labelled(printer, " ", packet, at);
                put_ipv6_labelled(printer, "-", packet, at + 16);
        }
}

uint32_t isakmp_id_print(struct printer *printer, struct packet packet, uint32_t size,
                         struct isakmp_context *context)
{
        enum { FIXED = 8 };
        static const struct name types[] = {{1, "IPv4"},      {2, "FQDN"},      {3, "user FQDN"},
                                            {4, "IPv4net"},   {5, "IPv6"},      {6, "IPv6net"},
                                            {7, "IPv4range"}, {8, "IPv6range"}, {9, "ASN1 DN"},
                                            {10, "ASN1 GN"},  {11, "keyid"},    {0, NULL}};
        const char *name;
        uint8_t type, protocol;

        (void)context;
        put(printer, "id:");
        if (!has(packet, 0, FIXED))
                return isakmp_cut(printer, "id");
        type = get8(printer, packet, 4);
        put(printer, " idtype=");
        put_name(printer, types, "#%u", type);
        protocol = get8(printer, packet, 5);
        name = protocol ? ip_protocol_name(printer, protocol) : NULL;
        put(printer, " protoid=");
        if (name)
                put(printer, name);
        else
                put_decimal(printer, protocol);
        putf(printer, " port=%u", get16(printer, packet, 6));
        if (size <= FIXED)
                return size;
        putf(printer, " len=%u", size - FIXED);
        identity_print(printer, packet, FIXED, type, size - FIXED);
        return size;
}

static uint32_t certificate_print(struct printer *printer, struct packet packet, uint32_t size,
                                  const char *label)
{
        static const struct name encodings[] = {
            {0, "none"},     {1, "pkcs7"}, {2, "pgp"}, {3, "dns"},  {4, "x509sign"},  {5, "x509ke"},
            {6, "kerberos"}, {7, "crl"},   {8, "arl"}, {9, "spki"}, {10, "x509attr"}, {0, NULL}};

        enum { FIXED = 6 };

        putf(printer, "%s:", label);
        if (!has(packet, 0, FIXED))
                return isakmp_cut(printer, label);
        putf(printer, " len=%u type=", size - ISAKMP_GENERIC);
        put_name(printer, encodings, "#%u", get8(printer, packet, ISAKMP_GENERIC));
        isakmp_hex_print(printer, packet, ISAKMP_GENERIC, size - ISAKMP_GENERIC);
        return size;
}

uint32_t isakmp_cert_print(struct printer *printer, struct packet packet, uint32_t size,
                           struct isakmp_context *context)
{
        (void)context;
        return certificate_print(printer, packet, size, "cert");
}

uint32_t isakmp_cr_print(struct printer *printer, struct packet packet, uint32_t size,
                         struct isakmp_context *context)
{
        (void)context;
        return certificate_print(printer, packet, size, "cr");
}

static const char *const errors[] = {NULL,
                                     "INVALID-PAYLOAD-TYPE",
                                     "DOI-NOT-SUPPORTED",
                                     "SITUATION-NOT-SUPPORTED",
                                     "INVALID-COOKIE",
                                     "INVALID-MAJOR-VERSION",
                                     "INVALID-MINOR-VERSION",
                                     "INVALID-EXCHANGE-TYPE",
                                     "INVALID-FLAGS",
                                     "INVALID-MESSAGE-ID",
                                     "INVALID-PROTOCOL-ID",
                                     "INVALID-SPI",
                                     "INVALID-TRANSFORM-ID",
                                     "ATTRIBUTES-NOT-SUPPORTED",
                                     "NO-PROPOSAL-CHOSEN",
                                     "BAD-PROPOSAL-SYNTAX",
                                     "PAYLOAD-MALFORMED",
                                     "INVALID-KEY-INFORMATION",
                                     "INVALID-ID-INFORMATION",
                                     "INVALID-CERT-ENCODING",
                                     "INVALID-CERTIFICATE",
                                     "CERT-TYPE-UNSUPPORTED",
                                     "INVALID-CERT-AUTHORITY",
                                     "INVALID-HASH-INFORMATION",
                                     "AUTHENTICATION-FAILED",
                                     "INVALID-SIGNATURE",
                                     "ADDRESS-NOTIFICATION",
                                     "NOTIFY-SA-LIFETIME",
                                     "CERTIFICATE-UNAVAILABLE",
                                     "UNSUPPORTED-EXCHANGE-TYPE",
                                     "UNEQUAL-PAYLOAD-LENGTHS"};

/* Where the numbers of notifications start: errors, those of private use, states, those of IPsec,
 * of private use again. */
enum range { PRIVATE = 8192, CONNECTED = 16384, LIFETIME = 24576, PRIVATE_STATUS = 32768 };
enum { REPLAY = 24577, INITIAL_CONTACT };

/* A number without a name is counted from the start of its range, as in tcpdump. */
static void notification_name(struct printer *printer, uint16_t type, bool ipsec)
{
        static const struct name names[] = {{PRIVATE, "RESERVED"},
                                            {CONNECTED, "CONNECTED"},
                                            {LIFETIME, "RESPONDER-LIFETIME"},
                                            {REPLAY, "REPLAY-STATUS"},
                                            {INITIAL_CONTACT, "INITIAL-CONTACT"},
                                            {0, NULL}};
        const char *name = type < array_count(errors) ? errors[type] : NULL;

        if (!name && (ipsec || type == CONNECTED))
                name = name_find(names, type);
        put(printer, " type=");
        if (name)
                put(printer, name);
        else if (!ipsec && type > CONNECTED && type < LIFETIME)
                putf(printer, "#%u", type - CONNECTED);
        else if (!ipsec || type < PRIVATE || type >= PRIVATE_STATUS)
                putf(printer, "#%u", type);
        else if (type < CONNECTED)
                putf(printer, "#%u", type - PRIVATE);
        else if (type < LIFETIME)
                putf(printer, "#%u", type - CONNECTED);
        else
                putf(printer, "#%u", type - LIFETIME);
}

static void notification_data_print(struct printer *printer, struct packet packet, uint32_t at,
                                    uint32_t size, uint16_t type)
{
        switch (type) {
        case LIFETIME:
                put(printer, " attrs=(");
                isakmp_attributes_print(printer, packet, at, size, isakmp_oakley_attributes,
                                        isakmp_oakley_attribute_count);
                put_char(printer, ')');
                break;
        case REPLAY:
                put(printer, " status=(");
                putf(printer, "replay detection %sabled",
                     get32(printer, packet, at) ? "en" : "dis");
                put_char(printer, ')');
                break;
        default: isakmp_excerpt_print(printer, packet, at, true);
        }
}

uint32_t isakmp_n_print(struct printer *printer, struct packet packet, uint32_t size,
                        struct isakmp_context *context)
{
        enum { FIXED = 12 };
        uint32_t domain, at = FIXED;
        uint16_t type;
        uint8_t spi;

        (void)context;
        put(printer, "n:");
        if (!has(packet, 0, FIXED))
                return isakmp_cut(printer, "n");
        domain = get32(printer, packet, 4);
        type = get16(printer, packet, 10);
        if (domain == IPSEC) {
                put(printer, " doi=ipsec proto=");
                isakmp_protocol_print(printer, get8(printer, packet, 8));
        } else {
                putf(printer, " doi=%u proto=%u", domain, get8(printer, packet, 8));
        }
        notification_name(printer, type, domain == IPSEC);
        spi = get8(printer, packet, 9);
        if (spi > 0) {
                put(printer, " spi=");
                if (!has(packet, at, spi))
                        return isakmp_cut(printer, "n");
                put_hex_bytes(printer, packet, at, spi);
                at += spi;
        }
        if (has(packet, at, 1) && domain == IPSEC)
                notification_data_print(printer, packet, at, size, type);
        return domain == IPSEC ? size : at;
}

uint32_t isakmp_d_print(struct printer *printer, struct packet packet, uint32_t size,
                        struct isakmp_context *context)
{
        enum { FIXED = 12 };
        uint32_t domain, at = FIXED;
        uint16_t count;
        uint8_t protocol, spi;

        (void)context;
        (void)size;
        put(printer, "d:");
        if (!has(packet, 0, FIXED))
                return isakmp_cut(printer, "d");
        domain = get32(printer, packet, 4);
        protocol = get8(printer, packet, 8);
        spi = get8(printer, packet, 9);
        count = get16(printer, packet, 10);
        if (domain == IPSEC) {
                put(printer, " doi=ipsec proto=");
                isakmp_protocol_print(printer, protocol);
        } else {
                putf(printer, " doi=%u proto=%u", domain, protocol);
        }
        putf(printer, " spilen=%u nspi=%u spi=", spi, count);
        for (uint32_t i = 0; i < count; i++, at += spi) {
                if (i > 0)
                        put_char(printer, ',');
                if (!has(packet, at, spi))
                        return isakmp_cut(printer, "d");
                put_hex_bytes(printer, packet, at, spi);
        }
        return at;
}

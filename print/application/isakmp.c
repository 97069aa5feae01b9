/* ISAKMP's header, RFC 2408, as IKE (RFC 2409) and IKEv2 (RFC 7296) use it, and its payloads'. */
#include "isakmp.h"

#include "base/array.h"
#include "print/printer/earlier.h"

enum { ENCRYPTED = 46, LAST_V2 = 48 };

static const struct {
        const char *name;
        isakmp_payload *print; /* NULL if only named */
} payloads[] = {
    [0] = {"none", NULL},
    [1] = {"sa", isakmp_sa_print},
    [2] = {"p", isakmp_p_print},
    [3] = {"t", isakmp_t_print},
    [4] = {"ke", isakmp_ke_print},
    [5] = {"id", isakmp_id_print},
    [6] = {"cert", isakmp_cert_print},
    [7] = {"cr", isakmp_cr_print},
    [8] = {"hash", isakmp_hash_print},
    [9] = {"sig", isakmp_sig_print},
    [10] = {"nonce", isakmp_nonce_print},
    [11] = {"n", isakmp_n_print},
    [12] = {"d", isakmp_d_print},
    [13] = {"vid", isakmp_vid_print},
    [33] = {"v2sa", isakmp_v2sa_print},
    [34] = {"v2ke", isakmp_v2ke_print},
    [35] = {"v2IDi", isakmp_v2idi_print},
    [36] = {"v2IDr", isakmp_v2idr_print},
    [37] = {"v2cert", isakmp_v2cert_print},
    [38] = {"v2cr", isakmp_v2cr_print},
    [39] = {"v2auth", isakmp_v2auth_print},
    [40] = {"v2nonce", isakmp_v2nonce_print},
    [41] = {"v2n", isakmp_v2n_print},
    [42] = {"v2d", isakmp_v2d_print},
    [43] = {"v2vid", isakmp_v2vid_print},
    [44] = {"v2TSi", isakmp_v2tsi_print},
    [45] = {"v2TSr", isakmp_v2tsr_print},
    [ENCRYPTED] = {"v2e", NULL},
    [47] = {"v2cp", isakmp_v2cp_print},
    [LAST_V2] = {"v2eap", isakmp_v2eap_print},
};

/* "hash", "pay14", "#49". */
static void put_type(struct printer *printer, uint8_t type)
{
        if (type > LAST_V2)
                putf(printer, "#%u", type);
        else if (payloads[type].name)
                put(printer, payloads[type].name);
        else
                putf(printer, "pay%u", type);
}

static uint32_t cut_print(struct printer *printer, uint8_t type)
{
        size_t start = span_start(printer);

        put(printer, " [|");
        put_type(printer, type);
        put_char(printer, ']');
        span_end(printer, ROLE_DAMAGE, start);
        return 0;
}

static uint32_t payload_print(struct printer *printer, struct packet packet, uint8_t type,
                              uint32_t size, struct isakmp_context *context)
{
        /* One of no more than its header would lead nowhere. */
        if (size <= ISAKMP_GENERIC)
                return 0;
        if (type == ENCRYPTED && context->version == 2) {
                putf(printer, "v2e%s: len=%u", get8(printer, packet, 1) & 0x80 ? "[C]" : "",
                     size - ISAKMP_GENERIC);
                if (size > 2 * ISAKMP_GENERIC) /* as tcpdump */
                        isakmp_hex_print(printer, packet, ISAKMP_GENERIC, size - ISAKMP_GENERIC);
                return 0; /* the next payload is inside */
        }
        if (type > LAST_V2 || !payloads[type].print) {
                put_type(printer, type);
                return size;
        }
        return payloads[type].print(printer, packet, size, context);
}

static uint32_t payloads_print(struct printer *printer, struct packet packet, uint8_t type,
                               struct isakmp_context *context)
{
        uint32_t at = 0;

        while (type != 0) {
                struct packet payload = packet_from(packet, at);
                uint32_t size, used;

                if (!has(payload, 0, ISAKMP_GENERIC))
                        return cut_print(printer, type);
                size = get16(printer, payload, 2);
                if (!has(payload, 0, size))
                        return cut_print(printer, type);
                put_char(printer, '\n');
                context->depth++;
                for (unsigned i = 0; i < context->depth; i++)
                        put(printer, "    ");
                put_char(printer, '(');
                used = payload_print(printer, payload, type, size, context);
                put_char(printer, ')');
                context->depth--;
                if (used == 0)
                        return 0;
                type = get8(printer, payload, 0);
                at += used;
        }
        return at;
}

struct exchange {
        uint8_t addresses[2][16]; /* the initiator's, the responder's */
        int version;
};

static struct exchange exchange_of(struct printer *printer)
{
        const struct network *network = printer->network;
        size_t size = network->version == 4 ? 4 : 16;
        struct exchange exchange = {.version = network->version};

        memcpy(exchange.addresses[0], network->source, size);
        memcpy(exchange.addresses[1], network->destination, size);
        return exchange;
}

/* " I" if the initiator of this exchange sent the packet, " R" if the responder, " ?" if that is
 * not known. The first packet has no responder's cookie. Where later ones go is not looked at. */
static void sender_print(struct printer *printer, struct packet packet)
{
        enum { COOKIE = 8, ADDRESS = sizeof((struct exchange *)0)->addresses[0] };
        static const uint8_t zeros[COOKIE];
        struct exchange from = exchange_of(printer);
        struct exchange *known = recall_get(printer, RECALL_IKE, packet.data, COOKIE);
        /* tcpdump takes a cookie of zeros for one of the exchanges that it has room for. */
        bool first =
            memcmp(packet.data + COOKIE, zeros, COOKIE) == 0 &&
            (memcmp(packet.data, zeros, COOKIE) != 0 || recall_is_full(printer, RECALL_IKE));

        if (known)
                putf(printer, " %c",
                     known->version != from.version                                 ? '?'
                     : memcmp(known->addresses[0], from.addresses[0], ADDRESS) == 0 ? 'I'
                     : memcmp(known->addresses[1], from.addresses[0], ADDRESS) == 0 ? 'R'
                                                                                    : '?');
        else
                put(printer, first ? " I" : " ?");
        if (!known && first)
                recall_put(printer, RECALL_IKE, packet.data, COOKIE, &from, sizeof from);
}

static void exchange_print(struct printer *printer, uint8_t type)
{
        static const struct name exchanges[] = {
            {0, "none"},        {1, "base"},        {2, "ident"},         {3, "auth"},
            {4, "agg"},         {5, "inf"},         {32, "oakley-quick"}, {33, "oakley-newgroup"},
            {34, "ikev2_init"}, {35, "ikev2_auth"}, {36, "child_sa"},     {37, "inf2"},
            {0, NULL}};

        put_char(printer, ' ');
        put_name(printer, exchanges, "#%u", type);
}

static void version1_print(struct printer *printer, struct packet packet, uint32_t message)
{
        enum { HEADER = 28, ENCRYPTION = 1, COMMIT = 2 };
        struct isakmp_context context = {
            .payloads = payloads_print, .put_type = put_type, .version = 1};
        uint8_t type = get8(printer, packet, 16), flags;

        putf(printer, " phase %s", message == 0 ? "1" : "2/others");
        sender_print(printer, packet);
        exchange_print(printer, get8(printer, packet, 18));
        flags = get8(printer, packet, 19);
        if (flags)
                putf(printer, "[%s%s]", flags & ENCRYPTION ? "E" : "", flags & COMMIT ? "C" : "");
        if (!printer->options.verbose)
                return;
        put_char(printer, ':');
        if (flags & ENCRYPTION) {
                put(printer, " [encrypted ");
                put_type(printer, type);
                put_char(printer, ']');
                return;
        }
        payloads_print(printer, packet_from(packet, HEADER), type, &context);
}

static void version2_print(struct printer *printer, struct packet packet, uint32_t message)
{
        enum { HEADER = 28, ENCRYPTION = 1, INITIATOR = 8, VERSION = 0x10, RESPONSE = 0x20 };
        struct isakmp_context context = {
            .payloads = payloads_print, .put_type = put_type, .version = 2};
        uint8_t type = get8(printer, packet, 16), flags;

        put(printer, message == 0 ? " parent_sa" : " child_sa ");
        exchange_print(printer, get8(printer, packet, 18));
        flags = get8(printer, packet, 19);
        if (flags)
                putf(printer, "[%s%s%s]", flags & INITIATOR ? "I" : "", flags & VERSION ? "V" : "",
                     flags & RESPONSE ? "R" : "");
        if (!printer->options.verbose)
                return;
        put_char(printer, ':');
        if (flags & ENCRYPTION) {
                put(printer, " [encrypted ");
                put_type(printer, type);
                put_char(printer, ']');
                return;
        }
        payloads_print(printer, packet_from(packet, HEADER), type, &context);
}

void isakmp_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 28 };
        uint32_t message, length;
        uint8_t version;

        printer->protocol = "isakmp";
        secrets_expect(printer);
        need(printer, packet, 0, HEADER);
        version = get8(printer, packet, 17);
        message = get32(printer, packet, 20);
        put(printer, "isakmp");
        if (printer->options.verbose) {
                putf(printer, " %u.%u msgid %08x", version >> 4, version & 15, message);
                if (printer->options.verbose > 1) {
                        put(printer, " cookie ");
                        put_hex_bytes(printer, packet, 0, 8);
                        put(printer, "->");
                        put_hex_bytes(printer, packet, 8, 8);
                }
        }
        put_char(printer, ':');
        if (version >> 4 == 1)
                version1_print(printer, packet, message);
        else if (version >> 4 == 2)
                version2_print(printer, packet, message);
        else
                return;
        length = get32(printer, packet, 24);
        if (printer->options.verbose && length != packet.length)
                put_damage(printer, " (len mismatch: isakmp %u/ip %u)", length, packet.length);
}

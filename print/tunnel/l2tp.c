/* The layer two tunneling protocol, RFC 2661: control messages with their attributes, and PPP. */
#include "print/printer/printer.h"

enum kind {
        NOTHING,
        TYPE,       /* of the message */
        RESULT,     /* result, error, message */
        VERSION,    /* two bytes */
        FRAMING,    /* flags */
        BEARER,     /* flags */
        NUMBER2,    /* 2 bytes */
        NUMBER4,    /* 4 bytes */
        NUMBER8,    /* 8 bytes, in hex */
        TEXT,       /* to the end */
        HEX,        /* to the end */
        CAUSE,      /* Q.931's cause code and message */
        RESPONSE,   /* 16 bytes, in hex */
        OBSOLETE,   /* not shown */
        PROXY_TYPE, /* how the peer authenticated itself */
        PROXY_ID,   /* a byte behind a reserved one */
        ERRORS,     /* counters */
        MAP,        /* of control characters, both directions */
        DISCONNECT, /* PPP's cause code */
};

static const struct {
        const char *name;
        enum kind kind;
} attributes[] = {{"MSGTYPE", TYPE},
                  {"RESULT_CODE", RESULT},
                  {"PROTO_VER", VERSION},
                  {"FRAMING_CAP", FRAMING},
                  {"BEARER_CAP", BEARER},
                  {"TIE_BREAKER", NUMBER8},
                  {"FIRM_VER", NUMBER2},
                  {"HOST_NAME", TEXT},
                  {"VENDOR_NAME", TEXT},
                  {"ASSND_TUN_ID", NUMBER2},
                  {"RECV_WIN_SIZE", NUMBER2},
                  {"CHALLENGE", HEX},
                  {"Q931_CC", CAUSE},
                  {"CHALLENGE_RESP", RESPONSE},
                  {"ASSND_SESS_ID", NUMBER2},
                  {"CALL_SER_NUM", NUMBER4},
                  {"MINIMUM_BPS", NUMBER4},
                  {"MAXIMUM_BPS", NUMBER4},
                  {"BEARER_TYPE", BEARER},
                  {"FRAMING_TYPE", FRAMING},
                  {"PACKET_PROC_DELAY", OBSOLETE},
                  {"CALLED_NUMBER", TEXT},
                  {"CALLING_NUMBER", TEXT},
                  {"SUB_ADDRESS", TEXT},
                  {"TX_CONN_SPEED", NUMBER4},
                  {"PHY_CHANNEL_ID", NUMBER4},
                  {"INI_RECV_LCP", HEX},
                  {"LAST_SENT_LCP", HEX},
                  {"LAST_RECV_LCP", HEX},
                  {"PROXY_AUTH_TYPE", PROXY_TYPE},
                  {"PROXY_AUTH_NAME", TEXT},
                  {"PROXY_AUTH_CHAL", HEX},
                  {"PROXY_AUTH_ID", PROXY_ID},
                  {"PROXY_AUTH_RESP", HEX},
                  {"CALL_ERRORS", ERRORS},
                  {"ACCM", MAP},
                  {"RANDOM_VECTOR", HEX},
                  {"PRIVATE_GRP_ID", TEXT},
                  {"RX_CONN_SPEED", NUMBER4},
                  {"SEQ_REQUIRED", NOTHING},
                  [46] = {"PPP_DISCON_CC", DISCONNECT}};

enum { ATTRIBUTES = sizeof attributes / sizeof *attributes };

/* False, and says so, if the value is shorter than `size`. */
static bool long_enough(struct printer *printer, struct packet value, uint32_t size)
{
        if (value.length < size)
                put_damage(printer, "AVP too short");
        return value.length >= size;
}

static void text_print(struct printer *printer, struct packet packet, uint32_t at)
{
        for (; at < packet.length; at++)
                put_visible(printer, get8(printer, packet, at));
}

static void result_print(struct printer *printer, struct packet value)
{
        if (!long_enough(printer, value, 2))
                return;
        put_decimal(printer, get16(printer, value, 0));
        if (value.length == 2)
                return;
        if (value.length < 4) {
                put_damage(printer, " AVP too short");
                return;
        }
        putf(printer, "/%u", get16(printer, value, 2));
        if (value.length > 4) {
                put_char(printer, ' ');
                text_print(printer, value, 4);
        }
}

static void errors_print(struct printer *printer, struct packet value)
{
        static const char *const labels[] = {"CRCErr",  "FrameErr", "HardOver",
                                             "BufOver", "Timeout",  "AlignErr"};
        uint32_t at = 2;

        if (!long_enough(printer, value, at))
                return;
        for (size_t i = 0; i < sizeof labels / sizeof *labels; i++, at += 4) {
                uint32_t count;

                if (value.length < at + 4) {
                        put_damage(printer, "AVP too short");
                        return;
                }
                count = get32(printer, value, at);
                putf(printer, "%s=%u ", labels[i], count);
        }
}

static void map_print(struct printer *printer, struct packet value)
{
        uint32_t map;

        if (!long_enough(printer, value, 6))
                return;
        map = get32(printer, value, 2);
        putf(printer, "send=%08x ", map);
        if (!long_enough(printer, value, 10))
                return;
        map = get32(printer, value, 6);
        putf(printer, "recv=%08x ", map);
}

static void disconnect_print(struct printer *printer, struct packet value)
{
        static const struct name directions[] = {
            {0, "global error"}, {1, "at peer"}, {2, "at local"}, {0, NULL}};
        uint16_t code, protocol;

        if (!long_enough(printer, value, 5))
                return;
        code = get16(printer, value, 0);
        putf(printer, "%04x, ", code);
        protocol = get16(printer, value, 2);
        putf(printer, "%04x ", protocol);
        put_name(printer, directions, "Direction-#%u", get8(printer, value, 4));
        if (value.length > 5) {
                put_char(printer, ' ');
                text_print(printer, value, 5);
        }
}

static void value_print(struct printer *printer, struct packet value, enum kind kind)
{
        static const struct name types[] = {
            {1, "SCCRQ"}, {2, "SCCRP"}, {3, "SCCCN"}, {4, "StopCCN"}, {6, "HELLO"},
            {7, "OCRQ"},  {8, "OCRP"},  {9, "OCCN"},  {10, "ICRQ"},   {11, "ICRP"},
            {12, "ICCN"}, {14, "CDN"},  {15, "WEN"},  {16, "SLI"},    {0, NULL}};
        static const struct name proxies[] = {{0, "Reserved"}, {1, "Textual"}, {2, "CHAP"},
                                              {3, "PAP"},      {4, "No Auth"}, {5, "MS-CHAPv1"},
                                              {0, NULL}};
        static const uint8_t least[] = {
            [TYPE] = 2,       [VERSION] = 2,  [FRAMING] = 4, [BEARER] = 4,
            [NUMBER2] = 2,    [NUMBER4] = 4,  [NUMBER8] = 8, [RESPONSE] = 16,
            [PROXY_TYPE] = 2, [PROXY_ID] = 2, [CAUSE] = 3,   [DISCONNECT] = 0};
        uint32_t flags;

        if (!long_enough(printer, value, least[kind]))
                return;
        switch (kind) {
        case TYPE: put_name(printer, types, "MSGTYPE-#%u", get16(printer, value, 0)); break;
        case RESULT: result_print(printer, value); break;
        case VERSION: {
                uint16_t version = get16(printer, value, 0);

                putf(printer, "%u.%u", version >> 8, version & 0xff);
                break;
        }
        case FRAMING:
        case BEARER:
                flags = get32(printer, value, 0);
                if (flags & 2)
                        put_char(printer, 'A');
                if (flags & 1)
                        put_char(printer, kind == FRAMING ? 'S' : 'D');
                break;
        case NUMBER2: put_decimal(printer, get16(printer, value, 0)); break;
        case NUMBER4: put_decimal(printer, get32(printer, value, 0)); break;
        case NUMBER8: {
                uint64_t number = get64(printer, value, 0);

                put_hex(printer, number, 16);
                break;
        }
        case TEXT: text_print(printer, value, 0); break;
        case HEX: put_hex_bytes(printer, value, 0, value.length); break;
        case CAUSE: {
                uint16_t cause = get16(printer, value, 0);

                putf(printer, "%u", cause);
                putf(printer, ", %02x", get8(printer, value, 2));
                if (value.length > 3) {
                        put_char(printer, ' ');
                        text_print(printer, value, 3);
                }
                break;
        }
        case RESPONSE: put_hex_bytes(printer, value, 0, 16); break;
        case OBSOLETE: put(printer, "obsolete"); break;
        case PROXY_TYPE:
                put_name(printer, proxies, "AuthType-#%u", get16(printer, value, 0));
                break;
        case PROXY_ID: put_decimal(printer, get16(printer, value, 0) & 0xff); break;
        case ERRORS: errors_print(printer, value); break;
        case MAP: map_print(printer, value); break;
        case DISCONNECT: disconnect_print(printer, value); break;
        case NOTHING: break;
        }
}

static void attributes_print(struct printer *printer, struct packet packet)
{
        enum { MANDATORY = 0x8000, HIDDEN = 0x4000, LENGTH = 0x3ff, HEADER = 6 };

        while (packet.length > 0) {
                uint16_t flags, vendor, type;
                uint32_t size;
                struct packet value;

                put_char(printer, ' ');
                need_hard(printer, packet, 0, 2);
                flags = get16(printer, packet, 0);
                size = flags & LENGTH;
                if (packet.length < HEADER || size < HEADER || size > packet.length) {
                        put_truncated(printer);
                        return;
                }
                need(printer, packet, 0, size);
                if (flags & MANDATORY)
                        put_char(printer, '*');
                if (flags & HIDDEN)
                        put_char(printer, '?');
                vendor = get16(printer, packet, 2);
                type = get16(printer, packet, 4);
                value = packet_from(packet, HEADER);
                value.length = size - HEADER;
                if (vendor != 0) {
                        putf(printer, "VENDOR%04x:ATTR%04x(", vendor, type);
                        put_hex_bytes(printer, value, 0, value.length);
                } else {
                        if (type < ATTRIBUTES && attributes[type].name)
                                put(printer, attributes[type].name);
                        else
                                putf(printer, "AVP-#%u", type);
                        put_char(printer, '(');
                        if (flags & HIDDEN)
                                put(printer, "???");
                        else if (type < ATTRIBUTES)
                                value_print(printer, value, attributes[type].kind);
                }
                put_char(printer, ')');
                packet = packet_from(packet, size);
        }
}

void l2tp_print(struct printer *printer, struct packet packet)
{
        enum { VERSION_BITS = 15, L2F = 1, L2TP = 2, CONTROL = 0x8000, LENGTH = 0x4000 };
        enum { SEQUENCE = 0x0800, OFFSET = 0x0200, PRIORITY = 0x0100 };
        uint16_t flags;
        uint32_t at = 2, length = 0;

        printer->protocol = "l2tp";
        need_hard(printer, packet, 0, 2);
        flags = get16(printer, packet, 0);
        if ((flags & VERSION_BITS) == L2TP) {
                put(printer, " l2tp:");
        } else if ((flags & VERSION_BITS) == L2F) {
                put(printer, " l2f:");
                return;
        } else {
                put(printer, " Unknown Version, neither L2F(1) nor L2TP(2)");
                return;
        }
        putf(printer, "[%s%s%s%s%s]", flags & CONTROL ? "T" : "", flags & LENGTH ? "L" : "",
             flags & SEQUENCE ? "S" : "", flags & OFFSET ? "O" : "", flags & PRIORITY ? "P" : "");
        if (flags & LENGTH) {
                need_hard(printer, packet, at, 2);
                length = get16(printer, packet, at);
                at += 2;
        }
        need_hard(printer, packet, at, 2);
        putf(printer, "(%u/", get16(printer, packet, at));
        at += 2;
        need_hard(printer, packet, at, 2);
        putf(printer, "%u)", get16(printer, packet, at));
        at += 2;
        if (flags & SEQUENCE) {
                need_hard(printer, packet, at, 2);
                putf(printer, "Ns=%u,", get16(printer, packet, at));
                at += 2;
                need_hard(printer, packet, at, 2);
                putf(printer, "Nr=%u", get16(printer, packet, at));
                at += 2;
        }
        if (flags & OFFSET) {
                need_hard(printer, packet, at, 2);
                at += 2 + get16(printer, packet, at);
                need(printer, packet, 0, at);
        }
        if (flags & LENGTH) {
                if (length > packet.length) {
                        putf(printer, " Length %u larger than packet", length);
                        return;
                }
        } else {
                length = packet.length;
        }
        if (length < at) {
                putf(printer, " Length %u smaller than header length", length);
                return;
        }
        need_hard(printer, packet, 0, at);
        if (!(flags & CONTROL)) {
                struct packet inside = packet_from(packet, at);

                put(printer, " {");
                inside.length = length - at;
                protocol_print_quote(printer, TUNNEL, ETHERTYPE_PPP, inside);
                put_char(printer, '}');
        } else if (!(flags & LENGTH)) {
                put(printer, " No length");
        } else if (length == at) {
                put(printer, " ZLB");
        } else {
                struct packet inside = packet_from(packet, at);

                inside.length = length - at;
                attributes_print(printer, inside);
        }
}

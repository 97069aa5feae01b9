/* IS-IS: what bridges of shortest paths tell, RFC 6329. */
#include "isis.h"

enum port_field { MCID = 4, DIGEST = 5, BVID = 6 };

enum field { INSTANCE = 1, SERVICE = 3 };

static const struct name port_fields[] = {
    {MCID, "SPB MCID"}, {DIGEST, "SPB Digest"}, {BVID, "SPB BVID"}, {0, NULL}};

static const struct name fields[] = {{INSTANCE, "SPB Instance"},
                                     {SERVICE, "SPBM Service Identifier and Unicast Address"},
                                     {0, NULL}};

static void put_short(struct printer *printer)
{
        put_damage(printer, " (too short)");
}

enum { MCID_SIZE = 51 };

/* A region of multiple spanning trees: a name and the digest of its table. */
static void mcid_print(struct printer *printer, struct packet packet)
{
        need_hard(printer, packet, 0, MCID_SIZE);
        putf(printer, "ID: %u, Name: ", get8(printer, packet, 0));
        put_until_zero(printer, packet_cut(packet_from(packet, 1), 32));
        putf(printer, "\n\t              Lvl: %u, Digest: ", get16(printer, packet, 33));
        for (uint32_t i = 0; i < 16; i++)
                putf(printer, "%02x ", get8(printer, packet, 35 + i));
}

static void digest_print(struct printer *printer, struct packet value)
{
        uint8_t first = get8(printer, value, 0);

        putf(printer, "\n\t        RES: %u V: %u A: %u D: %u", first >> 5, first >> 4 & 1u,
             first >> 2 & 3u, first & 3u);
        put(printer, "\n\t         Digest: ");
        for (uint32_t i = 0; i < 8; i++) {
                putf(printer, "%08x ", get32(printer, value, 1 + 4 * i));
                if (i == 3)
                        put(printer, "\n\t                 ");
        }
}

/* A value that is too short ends the list. */
static bool port_value_print(struct printer *printer, struct packet value, uint8_t type)
{
        enum { DIGEST_SIZE = 33, ALGORITHM_SIZE = 4, BVID_SIZE = 6 };

        if ((type == MCID && value.length < 2 * MCID_SIZE) ||
            (type == DIGEST && value.length < DIGEST_SIZE)) {
                put_short(printer);
                return false;
        }
        switch (type) {
        case MCID:
                put(printer, "\n\t         MCID: ");
                mcid_print(printer, value);
                put(printer, "\n\t         AUX-MCID: ");
                mcid_print(printer, packet_from(value, MCID_SIZE));
                break;
        case DIGEST: digest_print(printer, value); break;
        case BVID:
                for (; value.length > 0; value = packet_from(value, BVID_SIZE)) {
                        uint16_t word;

                        if (value.length < ALGORITHM_SIZE) {
                                put_short(printer);
                                return false;
                        }
                        putf(printer, "\n\t           ECT: %08x", get32(printer, value, 0));
                        if (value.length < BVID_SIZE) {
                                put_short(printer);
                                return false;
                        }
                        word = get16(printer, value, 4);
                        putf(printer, " BVID: %u, U:%u M:%u ", (unsigned)word >> 4, word >> 3 & 1u,
                             word >> 2 & 1u);
                }
                break;
        default: break;
        }
        return true;
}

/* Sub-TLVs behind the topology's identifier: `print` shows a value, and returns false to end. */
static void sub_fields_print(struct printer *printer, struct packet value, const char *indent,
                             const struct name *names,
                             bool (*print)(struct printer *, struct packet value, uint8_t type))
{
        for (value = packet_from(value, 2); value.length > 2;) {
                struct packet sub;
                uint8_t type = get8(printer, value, 0);
                uint32_t size = get8(printer, value, 1);

                value = packet_from(value, 2);
                putf(printer, "%s%s subTLV #%u, length: %u", indent,
                     name_or(names, type, "unknown"), type, size);
                if (value.length < size) {
                        put(printer, " (> containing TLV length)");
                        return;
                }
                if (!has(value, 0, size)) {
                        put_truncated(printer);
                        return;
                }
                sub = value;
                sub.length = size;
                if (!print(printer, sub, type))
                        return;
                value = packet_from(value, size);
        }
}

enum isis_result isis_port_capability_print(struct printer *printer, struct packet value)
{
        if (value.length < 2)
                return ISIS_DONE;
        putf(printer, "\n\t       RES: %u, MTID(s): %u", get16(printer, value, 0) >> 12,
             get16(printer, value, 0) & 0xfffu);
        sub_fields_print(printer, value, "\n\t       ", port_fields, port_value_print);
        return ISIS_DONE;
}

static bool instance_print(struct printer *printer, struct packet value)
{
        enum { FIXED = 19, TREE = 8 };
        uint32_t word;
        unsigned trees;

        if (value.length < FIXED) {
                put_short(printer);
                return false;
        }
        if (!has(value, 0, value.length)) {
                put_truncated(printer);
                return false;
        }
        putf(printer, "\n\t        CIST Root-ID: %08x %08x", get32(printer, value, 0),
             get32(printer, value, 4));
        putf(printer, ", Path Cost: %08x", get32(printer, value, 8));
        putf(printer, ", Prio: %u", get16(printer, value, 12));
        word = get32(printer, value, 14);
        putf(printer, "\n\t        RES: %u, V: %u, SPSource-ID: %u", word >> 21, word >> 20 & 1,
             word & 0xfffff);
        trees = get8(printer, value, 18);
        putf(printer, ", No of Trees: %x", trees);
        for (uint32_t at = FIXED; trees > 0; trees--, at += TREE) {
                uint8_t flags;

                if (value.length < at + TREE || !has(value, at, TREE)) {
                        put_truncated(printer);
                        return false;
                }
                flags = get8(printer, value, at);
                putf(printer, "\n\t         U:%u, M:%u, A:%u, RES:%u", flags >> 7, flags >> 6 & 1u,
                     flags >> 5 & 1u, flags & 0x1fu);
                putf(printer, ", ECT: %08x", get32(printer, value, at + 1));
                word = get24(printer, value, at + 5);
                putf(printer, ", BVID: %u, SPVID: %u", word >> 12, word & 0xfff);
        }
        return true;
}

static bool service_print(struct printer *printer, struct packet value)
{
        enum { FIXED = 8, ENTRY = 4 };
        uint16_t word;

        if (value.length < FIXED || !has(value, 0, FIXED)) {
                put_truncated(printer);
                return false;
        }
        put(printer, "\n\t        BMAC: ");
        put_hex_bytes(printer, value, 0, 6);
        word = get16(printer, value, 6);
        putf(printer, ", RES: %u, VID: %u", (unsigned)word >> 12, word & 0xfffu);
        for (value = packet_from(value, FIXED); value.length >= ENTRY;
             value = packet_from(value, ENTRY)) {
                uint32_t entry = get32(printer, value, 0);

                putf(printer, "\n\t        T: %u, R: %u, RES: %u, ISID: %u", entry >> 31,
                     entry >> 30 & 1, entry >> 24 & 0x3f, entry & 0xffffff);
        }
        return true;
}

static bool capability_value_print(struct printer *printer, struct packet value, uint8_t type)
{
        return type == INSTANCE  ? instance_print(printer, value)
               : type == SERVICE ? service_print(printer, value)
                                 : true;
}

enum isis_result isis_capability_print(struct printer *printer, struct packet value)
{
        uint16_t word;

        if (value.length < 2)
                return ISIS_DONE;
        word = get16(printer, value, 0);
        putf(printer, "\n\t      O: %u, RES: %u, MTID(s): %u", (unsigned)word >> 15,
             word >> 12 & 7u, word & 0xfffu);
        sub_fields_print(printer, value, "\n\t      ", fields, capability_value_print);
        return ISIS_DONE;
}

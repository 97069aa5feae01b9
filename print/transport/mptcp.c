/* Multipath TCP, RFC 8684: the subtypes of TCP option 30. Sizes here are those of the whole option,
 * as the RFC gives them. */
#include "tcp.h"

#include "base/array.h"

enum { OPTION_HEADER = 2 };

static bool capable_print(struct printer *printer, struct packet packet, uint32_t size,
                          uint16_t flags)
{
        uint8_t version = get8(printer, packet, 0) & 15;
        bool opening = (flags & TCP_SYN) && (size == 4 || size == 12);
        bool established = (flags & (TCP_SYN | TCP_ACK)) == TCP_ACK && (size == 20 || size == 22);

        if (!opening && !established)
                return false;
        if (version > 1) {
                putf(printer, " Unknown Version (%u)", version);
                return true;
        }
        putf(printer, " v%u", version);
        if (get8(printer, packet, 1) & 0x80)
                put(printer, " csum");
        if (size >= 12) {
                putf(printer, " {0x%llx", (unsigned long long)get64(printer, packet, 2));
                if (size >= 20)
                        putf(printer, ",0x%llx", (unsigned long long)get64(printer, packet, 10));
                put_char(printer, '}');
        }
        return true;
}

static bool join_print(struct printer *printer, struct packet packet, uint32_t size, uint16_t flags)
{
        bool syn = (flags & TCP_SYN) != 0;
        bool ack = (flags & TCP_ACK) != 0;

        if (!(syn && size == 12) && !(syn && ack && size == 16) && !(ack && size == 24))
                return false;
        if (size == 24) {
                put(printer, " hmac 0x");
                put_hex_bytes(printer, packet, 2, 20);
                return true;
        }
        if (get8(printer, packet, 0) & 1)
                put(printer, " backup");
        putf(printer, " id %u", get8(printer, packet, 1));
        if (size == 12)
                putf(printer, " token 0x%x nonce 0x%x", get32(printer, packet, 2),
                     get32(printer, packet, 6));
        else
                putf(printer, " hmac 0x%llx nonce 0x%x",
                     (unsigned long long)get64(printer, packet, 2), get32(printer, packet, 10));
        return true;
}

/* A number of 4 or 8 bytes at *at; false if the option has no room for it. */
static bool sequence_print(struct printer *printer, struct packet packet, uint32_t end,
                           uint32_t *at, bool wide)
{
        uint32_t size = wide ? 8 : 4;

        if (end - *at < size)
                return false;
        putf(
            printer, "%llu",
            (unsigned long long)(wide ? get64(printer, packet, *at) : get32(printer, packet, *at)));
        *at += size;
        return true;
}

static bool dss_print(struct printer *printer, struct packet packet, uint32_t size,
                      uint16_t tcp_flags)
{
        enum { ACK = 1, ACK_WIDE = 2, MAP = 4, MAP_WIDE = 8, FIN = 16 };
        uint32_t end = size - OPTION_HEADER;
        uint32_t at = 2;
        uint8_t flags;

        if (size < 4 || (tcp_flags & TCP_SYN))
                return false;
        flags = get8(printer, packet, 1);
        if (flags & FIN)
                put(printer, " fin");
        if (flags & ACK) {
                put(printer, " ack ");
                if (!sequence_print(printer, packet, end, &at, flags & ACK_WIDE))
                        return false;
        }
        if (flags & MAP) {
                put(printer, " seq ");
                if (!sequence_print(printer, packet, end, &at, flags & MAP_WIDE))
                        return false;
                if (end - at < 4)
                        return false;
                putf(printer, " subseq %u", get32(printer, packet, at));
                at += 4;
                if (end - at < 2)
                        return false;
                putf(printer, " len %u", get16(printer, packet, at));
                at += 2;
                if (end - at >= 2) {
                        putf(printer, " csum 0x%x", get16(printer, packet, at));
                        at += 2;
                }
        }
        return at == end;
}

static bool add_address_print(struct printer *printer, struct packet packet, uint32_t size)
{
        static const struct name versions[] = {
            {0, "v1"}, {1, "v1-echo"}, {4, "v0-ip4"}, {6, "v0-ip6"}, {0, NULL}};
        uint32_t rest = size;
        uint32_t at = 2;
        bool authenticated, ipv6, port;

        /* Distinguished by size alone: an address of 4 or 16 bytes, then perhaps 2 of port, 8 of
         * HMAC. */
        ipv6 = size >= 20;
        rest -= ipv6 ? 20 : 8;
        if (size < 8)
                return false;
        authenticated = rest >= 8;
        rest -= authenticated ? 8 : 0;
        port = rest == 2;
        if (rest != 0 && rest != 2)
                return false;
        putf(printer, " %s id %u ",
             name_or(versions, get8(printer, packet, 0) & 15, "[bad version/echo]"),
             get8(printer, packet, 1));
        if (ipv6) {
                put_ipv6_at(printer, packet, at);
                at += 16;
        } else {
                put_ipv4_at(printer, packet, at);
                at += 4;
        }
        if (port) {
                putf(printer, ":%u", get16(printer, packet, at));
                at += 2;
        }
        if (authenticated)
                putf(printer, " hmac 0x%llx", (unsigned long long)get64(printer, packet, at));
        return true;
}

static bool remove_address_print(struct printer *printer, struct packet packet, uint32_t size)
{
        if (size < 4)
                return false;
        put(printer, " id");
        for (uint32_t at = 1; at < size - OPTION_HEADER; at++)
                putf(printer, " %u", get8(printer, packet, at));
        return true;
}

static bool priority_print(struct printer *printer, struct packet packet, uint32_t size)
{
        if (size != 3 && size != 4)
                return false;
        put(printer, get8(printer, packet, 0) & 1 ? " backup" : " non-backup");
        if (size == 4)
                putf(printer, " id %u", get8(printer, packet, 1));
        return true;
}

bool mptcp_print(struct printer *printer, struct packet value, uint16_t flags)
{
        static const char *const names[] = {"capable",  "join", "dss",  "add-addr",
                                            "rem-addr", "prio", "fail", "fast-close"};
        enum { CAPABLE, JOIN, DSS, ADD_ADDRESS, REMOVE_ADDRESS, PRIORITY, FAIL, FAST_CLOSE };
        uint32_t subtype, size = value.length + OPTION_HEADER;

        printer->protocol = "mptcp";
        if (value.length < 1)
                return false;
        subtype = get8(printer, value, 0) >> 4;
        putf(printer, " %u %s", size, subtype < array_count(names) ? names[subtype] : "unknown");
        switch (subtype) {
        case CAPABLE: return capable_print(printer, value, size, flags);
        case JOIN: return join_print(printer, value, size, flags);
        case DSS: return dss_print(printer, value, size, flags);
        case ADD_ADDRESS: return add_address_print(printer, value, size);
        case REMOVE_ADDRESS: return remove_address_print(printer, value, size);
        case PRIORITY: return priority_print(printer, value, size);
        case FAIL:
                if (size == 12)
                        putf(printer, " seq %llu", (unsigned long long)get64(printer, value, 2));
                return size == 12;
        case FAST_CLOSE:
                if (size == 12)
                        putf(printer, " key 0x%llx", (unsigned long long)get64(printer, value, 2));
                return size == 12;
        default: return true;
        }
}

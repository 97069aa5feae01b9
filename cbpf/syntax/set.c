/* The entries of sets: a line of a file, or an item between braces, as values. Names are none, so
 * that what a file means depends on nothing else. */
#include "set.h"
#include "base/array.h"
#include "lex.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

const char set_out_of_memory[] = "out of memory";

static const char no_address[] = "is no IPv4 or IPv6 address, network or range of addresses";
static const char no_port[] = "is no port from 0 to 65535, or range of two";
static const char bits_set[] = "has bits set behind its prefix";
static const char no_prefix[] = "has no prefix of as many bits as an address has";
static const char backwards[] = "is a range that ends before it begins";

/* What the text of an entry is made of. */
struct span {
        const char *at, *end;
};

/* The first `sign` in the text, or NULL. */
static const char *find(struct span span, char sign)
{
        return memchr(span.at, sign, (size_t)(span.end - span.at));
}

/* A decimal number up to `most` that is all of the text. */
static bool read_number(struct span span, uint32_t most, uint32_t *number)
{
        uint32_t value = 0;

        if (span.at == span.end)
                return false;
        for (; span.at < span.end; span.at++) {
                if (*span.at < '0' || *span.at > '9')
                        return false;
                value = value * 10 + (uint32_t)(*span.at - '0');
                if (value > most)
                        return false;
        }
        *number = value;
        return true;
}

/* Numbers up to 255 with dots between; their count, 0 if it is something else. The address is
 * filled up with zeros. */
static unsigned read_ipv4(struct span span, uint32_t *address)
{
        const char *at = span.at;
        unsigned count = 0;

        *address = 0;
        for (;;) {
                const char *start = at;
                uint32_t byte = 0;

                for (; at < span.end && *at >= '0' && *at <= '9' && at - start < 4; at++)
                        byte = byte * 10 + (uint32_t)(*at - '0');
                if (at == start || byte > 255 || count == 4)
                        return 0;
                *address |= byte << (24 - 8 * count++);
                if (at == span.end)
                        return count;
                if (*at++ != '.')
                        return 0;
        }
}

static bool read_ipv6(struct span span, uint8_t address[16])
{
        char text[INET6_ADDRSTRLEN];
        size_t length = (size_t)(span.end - span.at);

        if (length >= sizeof text)
                return false;
        memcpy(text, span.at, length);
        text[length] = '\0';
        return inet_pton(AF_INET6, text, address) == 1;
}

/* PORT, PORT-PORT */
static bool read_ports(struct span span, struct set_range *ports)
{
        const char *dash = find(span, '-');

        if (!dash)
                return read_number(span, 65535, &ports->first) &&
                       ((ports->last = ports->first), true);
        return read_number((struct span){span.at, dash}, 65535, &ports->first) &&
               read_number((struct span){dash + 1, span.end}, 65535, &ports->last);
}

/* --- Adding --- */

#define PUT(array, count, room, value) \
        (array_grow((array), (room), (size_t)(count) + 1) && (((array)[(count)] = (value)), true))

static const char *put_ipv4(struct set *set, struct set_range range, const struct set_range *ports)
{
        if (!PUT(set->ipv4, set->ipv4_count, set->ipv4_room, range) ||
            (ports && !PUT(set->ipv4_ports, set->ipv4_count, set->ipv4_ports_room, *ports)))
                return set_out_of_memory;
        set->ipv4_count++;
        return NULL;
}

static const char *put_ipv6(struct set *set, const uint8_t address[16], unsigned bits,
                            const struct set_range *ports)
{
        struct set_prefix prefix = {.bits = (uint8_t)bits};

        memcpy(prefix.address, address, sizeof prefix.address);
        if (!PUT(set->ipv6, set->ipv6_count, set->ipv6_room, prefix) ||
            (ports && !PUT(set->ipv6_ports, set->ipv6_count, set->ipv6_ports_room, *ports)))
                return set_out_of_memory;
        if (set->ipv6_count++ == 0 && set->ipv4_count == 0)
                set->ipv6_first = true;
        return NULL;
}

/* ADDRESS/BITS; of IPv4, numbers at the end may be missing. */
static const char *add_network(struct set *set, struct span address, struct span bits,
                               const struct set_range *ports)
{
        uint8_t ipv6[16];
        uint32_t ipv4, prefix, mask;

        if (read_ipv4(address, &ipv4)) {
                if (!read_number(bits, 32, &prefix))
                        return no_prefix;
                mask = prefix ? UINT32_MAX << (32 - prefix) : 0;
                if (ipv4 & ~mask)
                        return bits_set;
                return put_ipv4(set, (struct set_range){ipv4, ipv4 | ~mask}, ports);
        }
        if (!read_ipv6(address, ipv6))
                return no_address;
        if (!read_number(bits, 128, &prefix))
                return no_prefix;
        for (uint32_t bit = prefix; bit < 128; bit++)
                if (ipv6[bit / 8] & 0x80 >> bit % 8)
                        return bits_set;
        return put_ipv6(set, ipv6, prefix, ports);
}

static bool bit_of(const uint8_t address[16], unsigned bit)
{
        return address[bit / 8] & 0x80 >> bit % 8;
}

/* Adds one; false if that is zero again. */
static bool count_up(uint8_t address[16], unsigned last_bit)
{
        for (unsigned bit = last_bit; bit-- > 0;) {
                address[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
                if (bit_of(address, bit))
                        return true;
        }
        return false;
}

/* A range of IPv6 as the prefixes it consists of, 254 at most. */
static const char *add_ipv6_range(struct set *set, const uint8_t start[16], const uint8_t last[16],
                                  const struct set_range *ports)
{
        uint8_t first[16];
        const char *wrong = NULL;

        memcpy(first, start, sizeof first);
        do {
                uint8_t end[16];
                unsigned bits = 128;

                memcpy(end, first, sizeof end);
                while (bits > 0 && !bit_of(first, bits - 1)) {
                        uint8_t more[16];

                        memcpy(more, end, sizeof more);
                        more[(bits - 1) / 8] |= (uint8_t)(0x80 >> (bits - 1) % 8);
                        if (memcmp(more, last, sizeof more) > 0)
                                break;
                        memcpy(end, more, sizeof end);
                        bits--;
                }
                wrong = put_ipv6(set, first, bits, ports);
                if (wrong || memcmp(end, last, sizeof end) == 0)
                        return wrong;
                count_up(first, bits);
        } while (memcmp(first, last, sizeof first) <= 0);
        return wrong;
}

/* ADDRESS-ADDRESS, both in it */
static const char *add_range(struct set *set, struct span first, struct span last,
                             const struct set_range *ports)
{
        struct set_range ipv4;
        uint8_t ipv6[2][16];

        if (read_ipv4(first, &ipv4.first) == 4 && read_ipv4(last, &ipv4.last) == 4)
                return ipv4.first > ipv4.last ? backwards : put_ipv4(set, ipv4, ports);
        if (!read_ipv6(first, ipv6[0]) || !read_ipv6(last, ipv6[1]))
                return no_address;
        if (memcmp(ipv6[0], ipv6[1], sizeof ipv6[0]) > 0)
                return backwards;
        return add_ipv6_range(set, ipv6[0], ipv6[1], ports);
}

static const char *add_host(struct set *set, struct span span, const struct set_range *ports)
{
        const char *sign;
        uint8_t ipv6[16];
        uint32_t ipv4;

        if (read_ipv4(span, &ipv4) == 4)
                return put_ipv4(set, (struct set_range){ipv4, ipv4}, ports);
        if ((sign = find(span, '/')))
                return add_network(set, (struct span){span.at, sign},
                                   (struct span){sign + 1, span.end}, ports);
        if ((sign = find(span, '-')))
                return add_range(set, (struct span){span.at, sign},
                                 (struct span){sign + 1, span.end}, ports);
        return read_ipv6(span, ipv6) ? put_ipv6(set, ipv6, 128, ports) : no_address;
}

/* HOST:PORT, [HOST]:PORT; in brackets what may have colons itself */
static const char *add_pair(struct set *set, struct span span)
{
        static const char no_pair[] = "is no ADDRESS:PORT, of IPv6 [ADDRESS]:PORT";
        struct span host = span;
        const char *colon = NULL;
        struct set_range ports;

        for (const char *at = span.at; at < span.end; at++)
                if (*at == ':')
                        colon = at;
        if (!colon)
                return no_pair;
        host.end = colon;
        if (host.at < host.end && *host.at == '[') {
                if (host.end[-1] != ']')
                        return no_pair;
                host.at++;
                host.end--;
        } else if (find(host, ':')) {
                return no_pair;
        }
        if (!read_ports((struct span){colon + 1, span.end}, &ports))
                return no_pair;
        return ports.first > ports.last ? backwards : add_host(set, host, &ports);
}

static const char *add_ports(struct set *set, struct span span)
{
        struct set_range ports;

        if (!read_ports(span, &ports))
                return no_port;
        if (ports.first > ports.last)
                return backwards;
        if (!PUT(set->ports, set->port_count, set->port_room, ports))
                return set_out_of_memory;
        set->port_count++;
        return NULL;
}

static const char *add_mac(struct set *set, struct span span)
{
        uint8_t mac[6];

        if (lex_mac(span.at, mac) != (size_t)(span.end - span.at))
                return "is no MAC address";
        if (!array_grow(set->macs, set->mac_room, set->mac_count + 1))
                return set_out_of_memory;
        memcpy(set->macs[set->mac_count++], mac, sizeof mac);
        return NULL;
}

const char *set_add(struct set *set, const char *text, size_t length)
{
        struct span span = {text, text + length};

        switch ((enum set_kind)set->kind) {
        case SET_MACS: return add_mac(set, span);
        case SET_PORTS: return add_ports(set, span);
        case SET_PAIRS: return add_pair(set, span);
        default: return add_host(set, span, NULL);
        }
}

uint32_t set_cut_prefix(struct set_range *range, bool *left)
{
        uint32_t host = 0; /* the bits behind the prefix */

        while (host != UINT32_MAX && !(range->first & (host << 1 | 1)) &&
               (range->first | (host << 1 | 1)) <= range->last)
                host = host << 1 | 1;
        *left = (range->first | host) < range->last;
        range->first = (range->first | host) + 1;
        return ~host;
}

void set_free(struct set *set)
{
        free(set->ipv4);
        free(set->ipv4_ports);
        free(set->ipv6);
        free(set->ipv6_ports);
        free(set->ports);
        free(set->macs);
        *set = (struct set){.kind = set->kind};
}

const struct set *sets_find(const struct cbpf_sets *sets, const char *name, enum set_kind kind)
{
        for (size_t i = 0; sets && i < sets->count; i++)
                if (sets->files[i].set.kind == kind && strcmp(sets->files[i].name, name) == 0)
                        return &sets->files[i].set;
        return NULL;
}

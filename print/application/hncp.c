/* The Home Networking Control Protocol, RFC 7788: its TLVs and those of DNCP, RFC 7787, which it is
 * a profile of. A packet is a list of TLVs, and some of them hold more. */
#include "print/printer/printer.h"

#include "base/array.h"

enum { HEADER = 4, IPV4_SIZE = 4, IPV6_SIZE = 16, MAPPED_BITS = 96 };

static const uint8_t mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static uint32_t aligned(uint32_t at)
{
        return (at + 3) & ~3u;
}

static void put_line(struct printer *printer, unsigned depth)
{
        put_char(printer, '\n');
        while (depth-- > 0)
                put_char(printer, '\t');
}

/* ---- Fields ---- */

static void put_address(struct printer *printer, const uint8_t *address)
{
        if (memcmp(address, mapped, sizeof mapped) == 0)
                put_ipv4(printer, address + sizeof mapped);
        else
                put_ipv6(printer, address);
}

/* The size of a prefix and as many bytes of it as it takes, in the first `size` bytes. Returns how
 * many bytes that are, or 0 if it is malformed. */
static uint32_t prefix_size(struct printer *printer, struct packet packet, uint32_t size)
{
        uint8_t bits;

        if (size < 1)
                return 0;
        bits = get8(printer, packet, 0);
        return size < 1 + (bits + 7u) / 8 ? 0 : 1 + (bits + 7u) / 8;
}

/* False if it is longer than an address. */
static bool prefix_print(struct printer *printer, struct packet packet)
{
        uint8_t bits = get8(printer, packet, 0);
        uint8_t address[IPV6_SIZE] = {0};

        if (bits > 8 * IPV6_SIZE)
                return false;
        for (uint32_t i = 0; i < (bits + 7u) / 8; i++)
                address[i] = get8(printer, packet, 1 + i);
        if (bits % 8 != 0)
                address[bits / 8] &= (uint8_t)(0xff00u >> bits % 8);
        put_address(printer, address);
        if (bits >= MAPPED_BITS && memcmp(address, mapped, sizeof mapped) == 0)
                bits -= MAPPED_BITS;
        putf(printer, "/%u", bits);
        return true;
}

static void put_seconds(struct printer *printer, struct packet packet, uint32_t offset)
{
        uint32_t milliseconds = get32(printer, packet, offset);

        putf(printer, "%u.%03us", milliseconds / 1000, milliseconds % 1000);
}

static void put_identifier(struct printer *printer, const char *label, struct packet packet,
                           uint32_t offset)
{
        put(printer, label);
        put_link_address(printer, packet, offset, 4);
}

static void put_endpoint(struct printer *printer, const char *label, struct packet packet,
                         uint32_t offset)
{
        putf(printer, "%s%08x", label, get32(printer, packet, offset));
}

/* A domain name in `size` bytes, without pointers. Returns the size of what it takes, or 0. */
static uint32_t labels_print(struct printer *printer, struct packet packet, uint32_t size)
{
        for (uint32_t at = 0; at < size;) {
                uint32_t label = get8(printer, packet, at++);

                if (label == 0)
                        return at;
                if (at > 1)
                        put_char(printer, '.');
                if (label > size - at) {
                        put_until_zero(printer, packet_cut(packet_from(packet, at), size - at));
                        break;
                }
                put_until_zero(printer, packet_cut(packet_from(packet, at), label));
                at += label;
        }
        put_damage(printer, "[|DNS]");
        return 0;
}

/* ---- DHCP's options ---- */

enum kind { NOT_SHOWN, ADDRESSES, NAMES };

struct option {
        uint16_t type;
        enum kind kind;
        const char *name;
};

static bool addresses_print(struct printer *printer, struct packet packet, uint32_t size,
                            uint32_t each)
{
        if (size % each != 0 || (each == IPV4_SIZE && size == 0)) {
                put_invalid(printer);
                return false;
        }
        for (uint32_t at = 0; at < size; at += each) {
                put_char(printer, ' ');
                if (each == IPV4_SIZE)
                        put_ipv4_at(printer, packet, at);
                else
                        put_ipv6_at(printer, packet, at);
        }
        return true;
}

/* tcpdump counts pointers from the option's end. */
static bool names_print(struct printer *printer, struct packet packet, uint32_t size)
{
        for (uint32_t at = 0; at < size;) {
                put_char(printer, ' ');
                at = domain_name_print_from(printer, packet, at, size);
                if (at == 0) {
                        put_invalid(printer);
                        return false;
                }
        }
        return true;
}

/* Options with types and sizes of one byte each (DHCP for IPv4) or two. False if they are
 * malformed. */
static bool options_print(struct printer *printer, struct packet packet, uint32_t size,
                          unsigned depth, bool ipv4)
{
        static const struct option options4[] = {{6, ADDRESSES, "DNS-server"},
                                                 {42, ADDRESSES, "NTP-server"},
                                                 {119, NAMES, "DNS-search"},
                                                 {0, NOT_SHOWN, NULL}};
        static const struct option options6[] = {{23, ADDRESSES, "DNS-server"},
                                                 {24, NAMES, "DNS-search-list"},
                                                 {31, ADDRESSES, "SNTP-servers"},
                                                 {0, NOT_SHOWN, NULL}};
        uint32_t header = ipv4 ? 2 : 4;

        if (size == 0) {
                put_invalid(printer);
                return false;
        }
        while (size > 0) {
                const struct option *option = ipv4 ? options4 : options6;
                uint32_t type, value;
                bool valid = true;

                if (size < header) {
                        put_invalid(printer);
                        return false;
                }
                type = ipv4 ? get8(printer, packet, 0) : get16(printer, packet, 0);
                value = ipv4 ? get8(printer, packet, 1) : get16(printer, packet, 2);
                while (option->name && option->type != type)
                        option++;
                put_line(printer, depth);
                putf(printer, "%s (%u)", option->name ? option->name : "Unknown", header + value);
                if (value > size - header) {
                        put_invalid(printer);
                        return false;
                }
                packet = packet_from(packet, header);
                if (option->kind == ADDRESSES)
                        valid =
                            addresses_print(printer, packet, value, ipv4 ? IPV4_SIZE : IPV6_SIZE);
                else if (option->kind == NAMES)
                        valid = names_print(printer, packet, value);
                if (!valid) {
                        if (!ipv4 && option->kind == ADDRESSES) /* twice, as tcpdump */
                                put_invalid(printer);
                        return false;
                }
                packet = packet_from(packet, value);
                size -= header + value;
        }
        return true;
}

/* ---- TLVs: their values. Each prints the first `size` bytes of `packet`, which are captured, and
 * returns where in it more TLVs begin, INVALID, or STOP if no more TLVs are to be printed. ---- */

enum { INVALID = UINT32_MAX, STOP = UINT32_MAX - 1 };

static uint32_t request_print(struct printer *printer, struct packet packet, uint32_t size,
                              unsigned depth)
{
        (void)printer;
        (void)packet;
        (void)depth;
        return size == 0 ? 0 : (uint32_t)INVALID;
}

static uint32_t container_print(struct printer *printer, struct packet packet, uint32_t size,
                                unsigned depth)
{
        (void)printer;
        (void)packet;
        (void)size;
        (void)depth;
        return 0;
}

static uint32_t node_request_print(struct printer *printer, struct packet packet, uint32_t size,
                                   unsigned depth)
{
        (void)depth;
        if (size != 4)
                return INVALID;
        put_identifier(printer, " NID: ", packet, 0);
        return size;
}

static uint32_t endpoint_print(struct printer *printer, struct packet packet, uint32_t size,
                               unsigned depth)
{
        (void)depth;
        if (size != 8)
                return INVALID;
        put_identifier(printer, " NID: ", packet, 0);
        put_endpoint(printer, " EPID: ", packet, 4);
        return size;
}

static uint32_t network_state_print(struct printer *printer, struct packet packet, uint32_t size,
                                    unsigned depth)
{
        (void)depth;
        if (size != 8)
                return INVALID;
        put(printer, " hash: ");
        put_hex_bytes(printer, packet, 0, 8);
        return size;
}

static uint32_t node_state_print(struct printer *printer, struct packet packet, uint32_t size,
                                 unsigned depth)
{
        (void)depth;
        if (size < 20)
                return INVALID;
        put_identifier(printer, " NID: ", packet, 0);
        putf(printer, " seqno: %u ", get32(printer, packet, 4));
        put_seconds(printer, packet, 8);
        put(printer, " hash: ");
        put_hex_bytes(printer, packet, 12, 8);
        return 20;
}

static uint32_t peer_print(struct printer *printer, struct packet packet, uint32_t size,
                           unsigned depth)
{
        (void)depth;
        if (size != 12)
                return INVALID;
        put_identifier(printer, " Peer-NID: ", packet, 0);
        put_endpoint(printer, " Peer-EPID: ", packet, 4);
        put_endpoint(printer, " Local-EPID: ", packet, 8);
        return size;
}

static uint32_t keep_alive_print(struct printer *printer, struct packet packet, uint32_t size,
                                 unsigned depth)
{
        (void)depth;
        if (size < 8)
                return INVALID;
        put_endpoint(printer, " EPID: ", packet, 0);
        put(printer, " Interval: ");
        put_seconds(printer, packet, 4);
        return size;
}

static uint32_t trust_print(struct printer *printer, struct packet packet, uint32_t size,
                            unsigned depth)
{
        enum { FINGERPRINT = 32, FIXED = 4 + FINGERPRINT };

        (void)depth;
        if (size <= FIXED)
                return INVALID;
        putf(printer, " Verdict: %u Fingerprint: ", get8(printer, packet, 0));
        put_hex_bytes(printer, packet, 4, FINGERPRINT);
        put(printer, " Common Name: ");
        put_until_zero(printer, packet_from(packet_cut(packet, size), FIXED));
        return size;
}

static uint32_t version_print(struct printer *printer, struct packet packet, uint32_t size,
                              unsigned depth)
{
        uint16_t capabilities;

        (void)depth;
        if (size < 5)
                return INVALID;
        capabilities = get16(printer, packet, 2);
        putf(printer, " M: %u P: %u H: %u L: %u User-agent: ", capabilities >> 12,
             capabilities >> 8 & 15, capabilities >> 4 & 15, capabilities & 15);
        put_until_zero(printer, packet_from(packet_cut(packet, size), 4));
        return size;
}

static uint32_t delegated_prefix_print(struct printer *printer, struct packet packet, uint32_t size,
                                       unsigned depth)
{
        enum { PREFIX = 8 };
        uint32_t prefix;

        (void)depth;
        prefix =
            size > PREFIX ? prefix_size(printer, packet_from(packet, PREFIX), size - PREFIX) : 0;
        if (prefix == 0)
                return INVALID;
        put(printer, " VLSO: ");
        put_seconds(printer, packet, 0);
        put(printer, " PLSO: ");
        put_seconds(printer, packet, 4);
        put(printer, " Prefix: ");
        if (prefix_print(printer, packet_from(packet, PREFIX)))
                return PREFIX + prefix;
        put_damage(printer, "(length is invalid)");
        return size;
}

static uint32_t assigned_prefix_print(struct printer *printer, struct packet packet, uint32_t size,
                                      unsigned depth)
{
        enum { PREFIX = 5 };
        uint32_t prefix;

        (void)depth;
        prefix =
            size > PREFIX ? prefix_size(printer, packet_from(packet, PREFIX), size - PREFIX) : 0;
        if (prefix == 0)
                return INVALID;
        put_endpoint(printer, " EPID: ", packet, 0);
        putf(printer, " Prty: %u Prefix: ", get8(printer, packet, 4) & 15);
        return prefix_print(printer, packet_from(packet, PREFIX)) ? PREFIX + prefix
                                                                  : (uint32_t)INVALID;
}

static uint32_t node_address_print(struct printer *printer, struct packet packet, uint32_t size,
                                   unsigned depth)
{
        (void)depth;
        if (size < 20)
                return INVALID;
        put_endpoint(printer, " EPID: ", packet, 0);
        put(printer, " IP Address: ");
        put_address(printer, bytes_at(printer, packet, 4, IPV6_SIZE));
        return 20;
}

static uint32_t dhcp4_print(struct printer *printer, struct packet packet, uint32_t size,
                            unsigned depth)
{
        if (size == 0)
                return INVALID;
        /* tcpdump gives up the whole list. */
        return options_print(printer, packet, size, depth + 1, true) ? size : (uint32_t)STOP;
}

static uint32_t dhcp6_print(struct printer *printer, struct packet packet, uint32_t size,
                            unsigned depth)
{
        options_print(printer, packet, size, depth + 1, false);
        return size;
}

static uint32_t zone_print(struct printer *printer, struct packet packet, uint32_t size,
                           unsigned depth)
{
        enum { LEGACY = 4, BROWSE = 2, SEARCH = 1, NAME = 17 };
        uint32_t name;
        uint8_t flags;

        (void)depth;
        if (size < NAME)
                return INVALID;
        put(printer, " IP-Address: ");
        put_address(printer, bytes_at(printer, packet, 0, IPV6_SIZE));
        flags = get8(printer, packet, 16);
        putf(printer, " %c%c%c ", flags & LEGACY ? 'l' : '-', flags & BROWSE ? 'b' : '-',
             flags & SEARCH ? 's' : '-');
        name = labels_print(printer, packet_from(packet, NAME), size - NAME);
        return name == 0 ? (uint32_t)INVALID : NAME + name;
}

static uint32_t domain_print(struct printer *printer, struct packet packet, uint32_t size,
                             unsigned depth)
{
        (void)depth;
        if (size == 0)
                return INVALID;
        put(printer, " Domain: ");
        labels_print(printer, packet, size);
        return size;
}

static uint32_t node_name_print(struct printer *printer, struct packet packet, uint32_t size,
                                unsigned depth)
{
        enum { NAME = 17, LONGEST = 63 };
        uint32_t name;

        (void)depth;
        if (size < NAME)
                return INVALID;
        name = get8(printer, packet, NAME - 1);
        if (name > size - NAME)
                return INVALID;
        put(printer, " IP-Address: ");
        put_address(printer, bytes_at(printer, packet, 0, IPV6_SIZE));
        put(printer, " Name: ");
        if (name > LONGEST)
                return INVALID;
        put_char(printer, '"');
        put_until_zero(printer, packet_cut(packet_from(packet, NAME), name));
        put_char(printer, '"');
        return NAME + name;
}

static uint32_t key_print(struct printer *printer, struct packet packet, uint32_t size,
                          unsigned depth)
{
        enum { KEY = 32 };

        (void)depth;
        if (size < KEY)
                return INVALID;
        put(printer, " PSK: ");
        put_hex_bytes(printer, packet, 0, KEY);
        return KEY;
}

static uint32_t policy_print(struct printer *printer, struct packet packet, uint32_t size,
                             unsigned depth)
{
        enum { INTERNET = 0, LONGEST_PREFIX = 128, DOMAIN = 129, OPAQUE = 130, RESTRICTIVE = 131 };
        uint8_t type;

        (void)depth;
        if (size < 1)
                return INVALID;
        type = get8(printer, packet, 0);
        put(printer, " type: ");
        if (type == INTERNET || type == RESTRICTIVE) {
                if (size != 1)
                        return INVALID;
                put(printer, type == INTERNET ? "Internet connectivity" : "Restrictive assignment");
        } else if (type <= LONGEST_PREFIX) {
                put(printer, "Dest-Prefix: ");
                if (prefix_size(printer, packet, size) == 0)
                        return INVALID;
                prefix_print(printer, packet);
        } else if (type == DOMAIN) {
                put(printer, "DNS domain: ");
                labels_print(printer, packet_from(packet, 1), size - 1);
        } else if (type == OPAQUE) {
                put(printer, "Opaque UTF-8: ");
                put_until_zero(printer, packet_from(packet_cut(packet, size), 1));
        } else {
                putf(printer, "Unknown (%u)", type);
        }
        return size;
}

static const struct tlv {
        const char *name;
        uint32_t (*print)(struct printer *printer, struct packet packet, uint32_t size,
                          unsigned depth);
} tlvs[] = {
    [1] = {"Request network state", request_print},
    [2] = {"Request node state", node_request_print},
    [3] = {"Node endpoint", endpoint_print},
    [4] = {"Network state", network_state_print},
    [5] = {"Node state", node_state_print},
    [8] = {"Peer", peer_print},
    [9] = {"Keep-alive interval", keep_alive_print},
    [10] = {"Trust-Verdict", trust_print},
    [32] = {"HNCP-Version", version_print},
    [33] = {"External-Connection", container_print},
    [34] = {"Delegated-Prefix", delegated_prefix_print},
    [35] = {"Assigned-Prefix", assigned_prefix_print},
    [36] = {"Node-Address", node_address_print},
    [37] = {"DHCPv4-Data", dhcp4_print},
    [38] = {"DHCPv6-Data", dhcp6_print},
    [39] = {"DNS-Delegated-Zone", zone_print},
    [40] = {"Domain-Name", domain_print},
    [41] = {"Node-Name", node_name_print},
    [42] = {"Managed-PSK", key_print},
    [43] = {"Prefix-Policy", policy_print},
};

static const struct tlv *tlv_find(uint16_t type)
{
        return type < array_count(tlvs) && tlvs[type].name ? &tlvs[type] : NULL;
}

/* Of a type, or of the range that it lies in. */
static const char *type_name(uint16_t type)
{
        static const struct {
                uint16_t first;
                const char *name;
        } ranges[] = {
            {1024, "Future use"}, {768, "Private use"}, {512, "Future use"},
            {32, "Unassigned"},   {1, "Future use"},    {0, "Reserved"},
        };
        size_t i = 0;

        if (tlv_find(type))
                return tlv_find(type)->name;
        while (ranges[i].first > type)
                i++;
        return ranges[i].name;
}

/* Whether a whole TLV is in the `left` bytes. Where it is not, only the list it is in ends. */
static bool check(struct printer *printer, struct packet packet, uint32_t left)
{
        if (!has(packet, 0, HEADER)) {
                put_truncated(printer);
                return false;
        }
        if (left < HEADER) {
                put_invalid(printer);
                return false;
        }
        if (!has(packet, HEADER, get16(printer, packet, 2))) {
                put_truncated(printer);
                return false;
        }
        if (get16(printer, packet, 2) > left - HEADER) {
                put_invalid(printer);
                return false;
        }
        return true;
}

/* "Peer (x2), Node state": of TLVs of the same name that follow one another, one name. */
static void summary_print(struct printer *printer, struct packet packet, uint32_t size,
                          unsigned depth)
{
        const char *name = NULL;
        unsigned times = 0;
        bool first = true;

        for (uint32_t at = 0, next; at < size || name; at = next) {
                const char *found = NULL;

                next = at;
                if (at < size) {
                        struct packet tlv = packet_from(packet, at);

                        if (!check(printer, tlv, size - at))
                                return;
                        found = type_name(get16(printer, tlv, 0));
                        next = aligned(at + HEADER + get16(printer, tlv, 2));
                }
                if (name && found && strcmp(name, found) == 0) {
                        times++;
                        continue;
                }
                if (name) {
                        if (!first)
                                put(printer, ", ");
                        else if (depth > 0)
                                put_line(printer, depth + 1);
                        else
                                put_char(printer, ' ');
                        put(printer, name);
                        if (times > 1)
                                putf(printer, " (x%u)", times);
                        first = false;
                }
                name = found;
                times = 1;
        }
}

/* The TLVs in the first `size` bytes, `depth` TLVs deep. */
static void tlvs_print(struct printer *printer, struct packet packet, uint32_t size, unsigned depth)
{
        if (depth >= MAX_DEPTH) {
                put_invalid(printer);
                return;
        }
        if (printer->options.verbose < 3 && printer->options.verbose <= (int)depth) {
                summary_print(printer, packet, size, depth);
                return;
        }
        for (uint32_t at = 0; at < size;) {
                struct packet tlv = packet_from(packet, at);
                const struct tlv *known;
                uint32_t length, inner;
                uint16_t type;

                put_line(printer, depth + 1);
                if (!check(printer, tlv, size - at))
                        return;
                type = get16(printer, tlv, 0);
                length = get16(printer, tlv, 2);
                known = tlv_find(type);
                put(printer, type_name(type));
                if (!known)
                        putf(printer, ": type=%u", type);
                putf(printer, " (%u)", HEADER + length);
                inner = length;
                tlv = packet_from(tlv, HEADER);
                if (known)
                        inner = known->print(printer, tlv, length, depth + 1);
                if (inner == STOP)
                        return;
                if (inner == INVALID)
                        put_invalid(printer);
                else if (aligned(inner) < length)
                        tlvs_print(printer, packet_from(tlv, aligned(inner)),
                                   length - aligned(inner), depth + 1);
                at = aligned(at + HEADER + length);
        }
}

void hncp_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "hncp";
        putf(printer, "hncp (%u)", packet.length);
        tlvs_print(printer, packet, packet.length, 0);
}

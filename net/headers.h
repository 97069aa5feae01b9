/* Headers: which fields each one has, and which header follows it.
 *
 * This is the one description of them. Explanations use its names in words, JSON its names of
 * Wireshark's; both go from header to header by its numbers. */
#ifndef NET_HEADERS_H
#define NET_HEADERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the value of a field stands for, and so how it is written. */
enum net_value {
        NET_NUMBER,
        NET_BITS,       /* hexadecimal: flags, checksums, random numbers */
        NET_IDENTIFIER, /* a number that is only compared */
        NET_FLAG,       /* one bit */
        NET_ETHERTYPE,
        NET_PPP_PROTOCOL,
        NET_IP_PROTOCOL,
        NET_FAMILY, /* of addresses */
        NET_IPV4_ADDRESS,
        NET_IPV6_ADDRESS,
        NET_MAC_ADDRESS,
        NET_VERSION, /* of IP, in the upper half of a byte */
        NET_VERSION_AND_LENGTH,
        NET_FRAGMENT, /* IPv4's flags and fragment offset */
        NET_TCP_FLAGS,
        NET_MPLS_LABEL, /* in the upper 20 of 32 bits */
        NET_VLAN_TAG,   /* priority and number */
        NET_VLAN_NUMBER,
        NET_PACKET_TYPE, /* PACKET_* of <linux/if_packet.h> */
        NET_ICMP_TYPE,
        NET_ICMP6_TYPE,
        NET_SAP,  /* of 802.2 */
        NET_SAPS, /* two of them */
        NET_VALUES,
};

/* What a field is for. Most need no role: what they are follows from their value. */
enum net_role {
        NET_NO_ROLE,
        NET_TYPE_OR_LENGTH, /* an EtherType, or the length of an 802.3 frame */
        NET_ADDRESS_TYPE,   /* the EtherType whose addresses ARP asks for: it follows nowhere */
        NET_SOURCE_PORT,
        NET_DESTINATION_PORT,
        NET_HEADER_LENGTH,
        NET_ROLES,
};

struct net_field {
        uint8_t offset, size; /* in bytes, from the header's start */
        uint8_t value;        /* enum net_value */
        uint8_t role;         /* enum net_role */
        uint8_t unit;         /* how many bytes one of what it counts is, if not one */
        bool complete;        /* the name says which header it is of */
        uint32_t mask;        /* the field's bits in these bytes, big-endian; 0 for all */
        const char *name;     /* in words; NULL if it has none */
        const char *filter;   /* Wireshark's name; NULL if JSON does not show it */
};

/* A row of a table of fields: whole bytes, or some bits of them. */
#define NET_FIELD(from, bytes, kind, words, wireshark, ...)                          \
        {                                                                            \
                .offset = (from), .size = (bytes), .value = (kind), .name = (words), \
                .filter = (wireshark), ##__VA_ARGS__                                 \
        }
#define NET_PART(from, bytes, bits, kind, words, wireshark, ...) \
        NET_FIELD(from, bytes, kind, words, wireshark, .mask = (bits), ##__VA_ARGS__)

/* What the number that says what follows is one of. */
enum net_numbers {
        NET_NO_NUMBERS, /* nothing follows that is known */
        NET_ETHERTYPES,
        NET_IP_PROTOCOLS,
        NET_PPP_PROTOCOLS,
        NET_FAMILIES,      /* big-endian */
        NET_HOST_FAMILIES, /* in the byte order of the capturing machine */
        NET_VERSIONS,      /* the version of IP, which is in the first byte of what follows */
        NET_LABELS,        /* more labels until the one at the bottom, then NET_VERSIONS */
        NET_PORTS,         /* UDP's; either of a packet's two may tell */
};

enum net_level { NET_LINK, NET_NETWORK, NET_TRANSPORT, NET_OTHER_LEVEL };

/* Fills `fields` and `field_count`. */
#define NET_FIELDS(table) (table), sizeof(table) / sizeof *(table)

#define NET_NO_FIELDS NULL, 0

struct net_header {
        const char *name;   /* in words, as in front of a field's name; NULL if it has none */
        const char *filter; /* Wireshark's name; NULL if JSON does not show it */
        const struct net_field *fields;
        uint8_t field_count;
        uint8_t level;       /* enum net_level; NET_LINK for what may stand between, as tags */
        uint8_t size;        /* bytes; the least where it varies */
        uint8_t numbers;     /* enum net_numbers */
        uint8_t next_offset; /* of the number that says what follows */
        const struct net_header *next; /* what follows always; NULL: what `numbers` say */
};

extern const struct net_header net_ethernet, net_vlan, net_mpls, net_pppoe, net_ppp, net_llc,
    net_iso, net_arp, net_raw, net_ipv4, net_ipv6, net_ipv6_fragment, net_tcp;

/* The header that `number` announces; NULL if none is known. */
const struct net_header *net_header_by(enum net_numbers numbers, uint32_t number);

/* Finds the header behind `header`, of which `captured` bytes are at `data`. Returns NULL if
 * nothing known follows or too little is captured to tell, else sets `offset` to where it starts,
 * which may be behind the end. */
const struct net_header *net_next_header(const struct net_header *header, const uint8_t *data,
                                         uint32_t captured, uint32_t *offset);

/* The big-endian number of `size` bytes, at most 4. */
static inline uint32_t net_read(const uint8_t *data, uint32_t size)
{
        uint32_t value = 0;

        for (uint32_t i = 0; i < size; i++)
                value = value << 8 | data[i];
        return value;
}

/* The value of `value` in words, "IPv4" of an EtherType; NULL if it has no name. Families are in
 * big-endian order. */
const char *net_value_name(enum net_value kind, uint32_t value);

#endif

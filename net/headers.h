/* Protocol headers: the fields of each, and which header follows it.
 *
 * This is their only description. Explanations use the names in words, JSON those of Wireshark, and
 * both find the next header by its tables. */
#pragma once

#include "base/array.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the value of a field means, and so how it is written. */
enum net_value {
        NET_NUMBER,
        NET_BITS,       /* hexadecimal: flags, checksums, random numbers */
        NET_IDENTIFIER, /* a number without order: hexadecimal in JSON */
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

/* What a field is for, where its kind of value does not say it. */
enum net_role {
        NET_NO_ROLE,
        NET_TYPE_OR_LENGTH, /* an EtherType, or the length of an 802.3 frame */
        NET_ADDRESS_TYPE,   /* an EtherType that announces no header: of the addresses in ARP */
        NET_SOURCE_PORT,
        NET_DESTINATION_PORT,
        NET_HEADER_LENGTH,
        NET_ROLES,
};

struct net_field {
        uint8_t offset, size; /* in bytes, from the header's start */
        uint8_t value;        /* enum net_value */
        uint8_t role;         /* enum net_role */
        uint8_t unit;         /* the value counts units of so many bytes; 0 for 1 */
        bool complete;        /* the name needs no header's name in front */
        uint32_t mask;        /* the field's bits in these bytes, big-endian; 0 for all */
        const char *name;     /* in words; NULL if it has none */
        const char *filter;   /* Wireshark's name; NULL if JSON does not show it */
        uint32_t filter_size; /* its characters; of fewer bits, memcpy() would become a slow loop */
        const uint8_t *types; /* the first byte of headers that have the field; NULL: all have */
        uint8_t type_count;
};

/* The types of headers that have a field, in its row. */
#define NET_TYPES(...) \
        .types = (const uint8_t[]){__VA_ARGS__}, .type_count = sizeof((uint8_t[]){__VA_ARGS__})

/* Whether a header, of which at least a byte is there, has the field. */
bool net_has_field(const struct net_field *field, const uint8_t *header);

/* Rows of a table of fields: whole bytes, and some bits of them. The names are literals, or NULL.
 */
#define NET_FIELD(from, bytes, kind, words, wireshark, ...)                                \
        {                                                                                  \
                .offset = (from), .size = (bytes), .value = (kind), .name = (words),       \
                .filter = (wireshark), .filter_size = sizeof(wireshark) - 1, ##__VA_ARGS__ \
        }
#define NET_PART(from, bytes, bits, kind, words, wireshark, ...) \
        NET_FIELD(from, bytes, kind, words, wireshark, .mask = (bits), ##__VA_ARGS__)

/* The number space of the field that announces the next header. */
enum net_numbers {
        NET_NO_NUMBERS, /* no known header follows */
        NET_ETHERTYPES,
        NET_IP_PROTOCOLS,
        NET_PPP_PROTOCOLS,
        NET_FAMILIES,      /* big-endian */
        NET_HOST_FAMILIES, /* in the byte order of the capturing machine */
        NET_VERSIONS,      /* none: the first byte of what follows has IP's version */
        NET_LABELS,        /* none: labels up to the bottom of the stack, then NET_VERSIONS */
        NET_PORTS,         /* UDP's: source or destination */
};

enum net_level { NET_LINK, NET_NETWORK, NET_TRANSPORT, NET_OTHER_LEVEL };

struct net_header {
        const char *name;   /* in words, to be put in front of a field's name */
        const char *filter; /* Wireshark's name; NULL if JSON does not show it */
        const struct net_field *fields;
        uint8_t field_count;
        uint8_t level;                 /* enum net_level; tags and labels are NET_LINK */
        uint8_t size;                  /* in bytes; the minimum if it varies */
        uint8_t numbers;               /* enum net_numbers */
        uint8_t next_offset;           /* of the number that announces the next header */
        const struct net_header *next; /* the one that always follows; NULL: by the number */
};

/* A header with a table of fields; the rest, from `numbers` on, is 0 or given by name. */
#define NET_HEADER(words, wireshark, table, place, bytes, ...)                        \
        {                                                                             \
                .name = (words), .filter = (wireshark), .fields = (table),            \
                .field_count = array_count(table), .level = (place), .size = (bytes), \
                ##__VA_ARGS__                                                         \
        }

extern const struct net_header net_ethernet, net_vlan, net_mpls, net_pppoe, net_ppp, net_llc,
    net_iso, net_arp, net_raw, net_ipv4, net_ipv6, net_ipv6_fragment, net_tcp, net_udp, net_icmp,
    net_icmp6, net_gre, net_gtp, net_dns, net_mdns, net_dns_tcp, net_dhcp, net_dhcp6, net_http,
    net_tls, net_quic, net_wlan, net_wlan_padded, net_radiotap, net_ppi, net_avs, net_prism, net_rx,
    net_afs;

/* The header that `number` announces; NULL if none is known. */
const struct net_header *net_header_by(enum net_numbers numbers, uint32_t number);

/* Finds the header that follows `header`, which starts at `data`, with `captured` bytes there.
 * Returns NULL if it is not known or too little was captured to tell; else sets `offset` to where
 * it starts, which may be past the end. */
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

/* The name of a value, such as "IPv4" of an EtherType; NULL if it has none. */
const char *net_value_name(enum net_value kind, uint32_t value);

/* The layers of a packet, found by walking through it header by header, as the manual page says it
 * (section LAYERS), with no program compiled. */
#pragma once

#include "cbpf/syntax/syntax.h"

enum {
        TYPE_IPV4 = 0x0800,
        TYPE_ARP = 0x0806,
        TYPE_RARP = 0x8035,
        TYPE_BRIDGED = 0x6558, /* an Ethernet frame, in GRE and Geneve */
        TYPE_IPV6 = 0x86dd,
        TYPE_MPLS = 0x8847,
        TYPE_MPLS_MULTICAST = 0x8848,
        TYPE_PPPOED = 0x8863,
        TYPE_PPPOES = 0x8864,
        FIRST_TYPE = 0x0600, /* below are lengths */
};

enum {
        DISSECTOR_TAGS = 4,
        DISSECTOR_LABELS = 8,
        DISSECTOR_EXTENSIONS = 8,
        DISSECTOR_LAYERS = 4, /* the outermost, and three tunnels */
};

struct dissected_layer {
        bool in_tunnel;
        uint8_t tunnel;   /* enum tree_tunnel; TUNNELS for one that no word asks for */
        uint32_t network; /* of VXLAN and Geneve */

        bool has_frame;
        size_t frame; /* offset of the MAC addresses */
        bool wlan;    /* it is an 802.11 frame, of which that is the start */
        uint16_t tags[DISSECTOR_TAGS];
        uint32_t labels[DISSECTOR_LABELS];
        size_t tag_count, label_count;
        bool has_session;
        uint16_t session; /* of PPPoE */

        bool type_known; /* nothing of the above is missing either */
        uint16_t type;   /* EtherType of the network header; 0: none */
        size_t head;

        bool number_known;
        uint8_t
            numbers[DISSECTOR_EXTENSIONS + 2]; /* protocols: extension headers, what they carry */
        size_t number_count;
        bool has_body; /* no later fragment */
        size_t body;
};

struct dissection {
        const struct packet *packet;
        struct dissected_layer layers[DISSECTOR_LAYERS];
        size_t count;
        bool none;       /* a packet that no filter of its link type matches */
        bool cut;        /* the walk ended within the last layer, for what is missing */
        size_t complete; /* layers before the walk ended so, or a test (reference.c) found that */
};

/* Finds the layers of `packet`. False for a link type that the dissector does not know. */
bool dissect(struct dissection *dissection, const struct packet *packet, int link_type);

/* False if the bytes are not all there. */
bool read_number(const struct packet *packet, uint64_t offset, unsigned size, uint32_t *number);

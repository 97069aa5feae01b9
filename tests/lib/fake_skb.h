/* A struct sk_buff of our own in the kernel's memory, for programs at raw tracepoints, to which
 * only an address is told: it lies in a map that we see, too. As root. */
#pragma once

#include "net/skb_layout.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
        FAKE_SKB_ROOM = 4096, /* bytes of a packet */
};

struct fake_skb {
        struct skb_layout layout;
        int map;
        uint8_t *memory;  /* where we see it */
        uint64_t address; /* where the kernel does */
        bool has_receiver;
};

bool fake_skb_make(struct fake_skb *skb, const struct skb_layout *layout);
void fake_skb_free(struct fake_skb *skb);

/* What is told of a packet. Without a link header, the bytes of one in front of the network header
 * are junk. */
struct fake_packet {
        const uint8_t *bytes;
        size_t length;
        size_t link_length; /* bytes up to the network header */
        bool has_link;
        size_t pulled;    /* bytes that are in front of skb->data */
        size_t elsewhere; /* bytes at the end that are not in a row with the others */
};

void fake_skb_put(struct fake_skb *skb, const struct fake_packet *packet);

/* Sets the metadata: a field of the structure, and of its device. */
void fake_skb_set(struct fake_skb *skb, const struct skb_field *field, uint32_t value);
void fake_skb_set_device(struct fake_skb *skb, const struct skb_field *field, uint32_t value);

/* Gives it a socket of that address family (AF_*): its own, or one that only the tracepoint is
 * told.
 */
void fake_skb_set_family(struct fake_skb *skb, uint32_t family, bool own);

/* Runs a program with its address as argument number `argument`. The next one is that of
 * the socket it is for. Returns 0 or a negative errno. */
int fake_skb_run(const struct fake_skb *skb, int program, unsigned argument, uint32_t *returned);

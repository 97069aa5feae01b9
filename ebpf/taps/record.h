/* What taps share with those who read them: tap.bpf.h and taps.c. */
#pragma once

/* A copy of a packet. */
struct taps_record {
        unsigned long long time; /* nanoseconds of CLOCK_MONOTONIC */
        unsigned int tap;        /* its number */
        unsigned int where;    /* of the places that share it: XDP, tc: the index of the interface;
                                  netfilter: NF_INET_*; else 0 */
        unsigned int length;   /* of the packet, in bytes, with the VLAN tag that was put back */
        unsigned int captured; /* of them, those that follow */
        unsigned char type;    /* PACKET_* of <linux/if_packet.h> */
        unsigned char unused[3]; /* bytes stand where a structure of 32-bit numbers may */
        unsigned char bytes[];
};

/* What a tap's program is loaded with. */
struct taps_constants {
        unsigned int tap;   /* its number */
        unsigned int where; /* XDP: the index of its only interface; 0: the packet's */
};

/* How many copies found no room. */
struct taps_loss {
        unsigned long long count;
        unsigned int where; /* set by who reads the taps, before such packets come */
        unsigned int unused;
};

enum {
        TAPS_LOSSES = 1024,  /* a power of two */
        TAPS_LOSS_TRIES = 8, /* where a place's counter may be, from number `where` on */
};

/* What a tap and its reader write while it runs. */
struct taps_state {
        unsigned long long accepted; /* packets */
        unsigned long long lost;     /* of them, those for which the ring had no room */
        unsigned int many;           /* bytes in the ring, from which on its reader is woken up */
        unsigned int armed;          /* so it is for the next packet */
        unsigned int snapshot;       /* bytes kept of a packet at most */
        unsigned int unused;
        struct taps_loss losses[TAPS_LOSSES];
};

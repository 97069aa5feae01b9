/* What a tap puts into its ring, shared by taps.bpf.c and taps.c. */
#pragma once

/* A copy of a packet. */
struct taps_record {
        unsigned long long time; /* nanoseconds of CLOCK_MONOTONIC */
        unsigned int tap;        /* its number */
        unsigned int length;     /* of the packet, in bytes, with the VLAN tag that was put back */
        unsigned int captured;   /* of them, those that follow */
        unsigned char type;      /* PACKET_* of <linux/if_packet.h> */
        unsigned char unused[3]; /* bytes stand where a structure of 32-bit numbers may */
        unsigned char bytes[];
};

/* What a dropped packet leaves in the ring, shared by drops.bpf.c and drops.c. */
#pragma once

enum {
        DROPS_STACK = 40, /* addresses of functions, at most */
        DROPS_NAME = 16,  /* bytes of an interface's name, with its NUL */
        DROPS_ADDRESS = 6,
        DROPS_LONGEST = 66000, /* bytes kept of a packet, at most */
};

struct drops_record {
        unsigned long long time;               /* nanoseconds of CLOCK_MONOTONIC */
        unsigned long long location;           /* where in the kernel's code it was dropped */
        unsigned long long stack[DROPS_STACK]; /* who was called there, innermost first, from the
                                                  program that made this record on; 0 ends it */
        unsigned int reason;                   /* the kernel's number; 0 before Linux 5.17 */
        unsigned int network_namespace;        /* its inode; 0 if not known */
        unsigned int interface;                /* the index in there; 0 if not known */
        unsigned int length;         /* of the packet, in bytes, from its network header on */
        unsigned int captured;       /* of them, those that follow */
        unsigned short protocol;     /* EtherType; this and the next two in host byte order */
        unsigned short tag_protocol; /* of a VLAN tag that is not among the bytes; 0: none */
        unsigned short tag;          /* the tag */
        unsigned short hardware;     /* ARPHRD_* of the interface */
        unsigned char type;          /* PACKET_* of <linux/if_packet.h> */
        unsigned char received;      /* by an interface, at first; else it was made here */
        unsigned char has_address;   /* the next is known */
        unsigned char address[DROPS_ADDRESS]; /* the sender's, of Ethernet */
        char name[DROPS_NAME];                /* of the interface; "" if not known */
        unsigned char unused[3]; /* bytes stand where a structure of 32-bit numbers may */
        unsigned char bytes[];
};

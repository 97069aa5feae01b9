/* What packets that are followed leave in the ring, shared by fate.bpf.c and fate.c. */
#pragma once

#include "ebpf/drops/record.h"

/* Where a packet has been seen. */
enum fate_kind {
        FATE_RECEIVED, /* by an interface: netif_receive_skb */
        FATE_QUEUED,   /* to be sent by one: net_dev_queue */
        FATE_SENT,     /* handed to its driver: net_dev_start_xmit */
        FATE_DROPPED,  /* kfree_skb */
        FATE_CONSUMED, /* its good end: consume_skb */
        FATE_COPIED,   /* to a process: skb_copy_datagram_iovec */
        FATE_SOCKET,   /* arrived at a TCP socket: tcp_probe, inet_sock_set_state */
        FATE_READ,     /* something was, from a socket of UDP: sock_recv_length; of no packet */
};

enum {
        FATE_CAPTURED = 1, /* a record with the packet's bytes follows; and it is one to be shown */
        FATE_SHARED = 2,   /* it has ended, but other buffers still have its data */
        FATE_CLONE = 4,    /* another buffer with the same data: it has no number */
};

struct fate_event {
        unsigned long long time;     /* nanoseconds of CLOCK_MONOTONIC */
        unsigned long long packet;   /* which one: numbers go up, from 1 */
        unsigned long long location; /* consumed: where in the kernel's code */
        unsigned int number; /* of the packet's events, from 0: a gap tells of lost ones; read: how
                                many bytes */
        unsigned int network_namespace; /* its inode; 0 if not known */
        unsigned int interface;         /* the index in there; 0 if not known */
        unsigned int process;           /* copied, consumed: in whose context */
        unsigned char kind;             /* enum fate_kind */
        unsigned char flags;
        unsigned short port, peer_port; /* read: of the socket, 0 for any */
        unsigned char unused[2];
        char name[DROPS_NAME]; /* of the interface */
        char command[16];      /* of the process */
        /* A struct drops_record follows with FATE_CAPTURED, and when it is dropped. */
};

/* What is told of processes and their sockets, shared by process.bpf.c and process.c. */
#pragma once

enum {
        PROCESS_COMM = 16,   /* bytes of a name, with its NUL */
        PROCESS_LEVELS = 8,  /* names of a cgroup's path, at most, from its end */
        PROCESS_LEVEL = 128, /* bytes of each, with its NUL */
};

/* A program that runs in a process: another one after exec, or under another name, is another. */
struct process_id {
        unsigned long long start; /* nanoseconds since the machine was started */
        unsigned int pid;         /* in the initial PID namespace; 0: not known */
        char comm[PROCESS_COMM];  /* NULs fill it */
        unsigned int unused;
};

/* The ends of a conversation, as the socket has them. IPv4 addresses are mapped (RFC
 * 4291, 2.5.5.2). Of echo messages, the local port is their number and the remote one their type;
 * of fragments that have no ports, they are their number and 65535. What is not known is 0. */
struct process_ends {
        unsigned char local[16], remote[16];
        unsigned int network_namespace;         /* its inode */
        unsigned short local_port, remote_port; /* host byte order, as all numbers here */
        unsigned char protocol;                 /* IPPROTO_* */
        unsigned char unused[3];
};

enum process_event {
        PROCESS_NEW,    /* struct process_new: before it is told of anywhere else */
        PROCESS_SENT,   /* a packet was sent, and its ends were another process' before */
        PROCESS_USED,   /* a process read from a socket, wrote to it, or had it listen */
        PROCESS_ENDED,  /* a socket is closed, of TCP */
        PROCESS_HOLDS,  /* a process has the socket open */
        PROCESS_FORKED, /* a process has a child, which has its sockets, too */
};

enum process_flag {
        PROCESS_DIRECTLY = 1, /* SENT: nothing can hold the packet up before it is captured */
        PROCESS_BY_OTHERS =
            2, /* SENT: not while the process ran; that is who used the socket last */
        PROCESS_CONNECTED = 4, /* the socket has these two ends alone */
        PROCESS_LISTENS = 8,   /* SENT: who listens sent it, as there is no socket yet */
        PROCESS_READ = 16,     /* USED: something was read */
        PROCESS_SHARES = 32,   /* other sockets may have the same local end */
        PROCESS_IPV6_ONLY = 64,
        PROCESS_UNCONFIRMED = 128, /* SENT: by that process if USED follows */
        PROCESS_ALONE = 256,       /* USED: no other process has the socket open */
        PROCESS_EMPTIED = 512,     /* USED: nothing is left to be read */
        PROCESS_HELD = 1024,       /* SENT by others: that process has the socket open */
};

struct process_record {
        unsigned long long time;   /* nanoseconds of CLOCK_MONOTONIC */
        unsigned long long socket; /* a number for it, as long as it is open */
        unsigned long long inode;  /* of its file; 0 if it has none */
        struct process_id who;     /* pid 0: not known */
        struct process_ends ends;
        unsigned char event;
        unsigned char unused;
        unsigned short flags;
};

struct process_new {
        unsigned long long time;
        struct process_id who;
        unsigned char event;
        unsigned char followed; /* it descends from the one that is */
        unsigned char levels;   /* of `cgroup` that are used; PROCESS_LEVELS: there may be more */
        unsigned char unused;
        unsigned int pid; /* in filt's PID namespace; 0 if it has none there */
        unsigned int uid;
        unsigned int network_namespace;
        char cgroup[PROCESS_LEVELS][PROCESS_LEVEL]; /* from the end of the path */
};

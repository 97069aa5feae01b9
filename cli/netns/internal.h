/* What the process that looks for network namespaces tells the capture, and how it finds them. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum netns_news {
        NETNS_CAME, /* with sockets: of struct capture_namespace, in its order */
        NETNS_WENT,
        NETNS_REFUSED, /* it cannot be entered */
        NETNS_ALL,     /* those that were there at the start have been told */
};

enum { NETNS_SOCKETS = 3 };

struct netns_message {
        enum netns_news news;
        uint32_t inode;
        char name[NAME_MAX + 1];
        int loopback;
        int reason;        /* NETNS_REFUSED: errno */
        size_t unreadable; /* NETNS_ALL: processes whose namespaces only others may see */
};

/* --- scan.c --- */

/* A namespace that was found. */
struct netns_found {
        uint32_t inode;
        unsigned scan, times; /* the last scan that found it; how many did so in a row */
        bool mounted;         /* as a file, which names it */
        bool told;            /* that it is there, or refused */
        bool held;            /* and entered */
        char name[NAME_MAX + 1];
        char path[PATH_MAX];
};

struct netns_scan {
        unsigned number;
        uint32_t own; /* the namespace that this process is in, which is left out */
        struct netns_found *all;
        size_t count, room;
        size_t unreadable; /* see above */
};

/* Looks at all mounts and processes: whatever is found gets the new number. Returns false when
 * memory is short. */
bool netns_scan(struct netns_scan *scan);

/* --- helper.c --- */

/* The process: until the other end of `channel` is closed. */
_Noreturn void netns_help(int channel);

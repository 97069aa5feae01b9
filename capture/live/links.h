/* What the kernel says of network interfaces, by rtnetlink(7). */
#pragma once

#include "base/error.h"

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

struct space;

struct link_state {
        const struct space
            *space; /* its network namespace, if that is another one; set by the caller */
        int index;
        char name[IF_NAMESIZE];
        bool exists;
        bool up;                /* by the administrator */
        bool carrier;           /* and by the other end */
        uint16_t hardware_type; /* ARPHRD_* */
        char alias[256];        /* "" if it has none */
        char other_names[256];  /* one behind the other, as far as they fit; then "" */
        uint32_t mtu;           /* bytes */
        uint32_t largest; /* bytes of a packet that segmentation has not cut yet or that was put
                             together */
};

/* Opens a socket that becomes readable when an interface of this network namespace changes. Returns
 * -1 with errno set if it cannot be had. */
int links_open(void);

/* Opens a socket for links_each(), which needs no right to open another one. */
int links_open_query(void);

/* Calls `each` for every interface. Returns false if the kernel does not answer or, with errno
 * ENOMEM, memory is short. */
bool links_each(int query, void (*each)(void *context, const struct link_state *state),
                void *context);

/* Takes the next change: fills `state` with what the interface is now. Returns 1; 0 if there is
 * none for now; -1 if changes were lost and all has to be asked for anew or, with errno ENOMEM,
 * memory is short. */
int links_next(int links, struct link_state *state);

/* Takes all changes that there are, and forgets them. Returns false if memory is short. */
bool links_discard(int links);

/* Asks for the state of the interface of this name, or one of its other names, or, if that is NULL,
 * index. Returns false if there is none, the kernel does not answer or, with errno ENOMEM, memory
 * is short. Needs no privilege. */
bool links_find(const char *name, int index, struct link_state *state);

/* The greatest `largest` of all interfaces; UINT32_MAX if memory is short. */
uint32_t links_largest(void);

/* The names of all interfaces, freed with if_freenameindex(). Returns NULL with `error` filled,
 * about `device`, on failure. */
struct if_nameindex *links_list(const char *device, struct error *error);

/* A private network: two hosts, A and B, joined by a veth pair, and a third, C, behind B if wanted,
 * for traffic that must not touch any other. The hosts are network namespaces without a name, held
 * by this process alone, so that nothing of them outlives it, however it ends. */
#pragma once

#include "cli/common/cli.h"

enum network_host {
        NETWORK_A,
        NETWORK_B,
        NETWORK_C,
        NETWORK_HOSTS,
};

#define NETWORK_A_DEVICE "a0"
#define NETWORK_A_ADDRESS "192.0.2.1"
#define NETWORK_B_DEVICE "b0"
#define NETWORK_B_ADDRESS "192.0.2.2"
#define NETWORK_B_DEVICE_TO_C "b1"
#define NETWORK_C_ADDRESS "198.51.100.2"

struct network {
        int hosts[NETWORK_HOSTS]; /* their network namespaces; children inherit the descriptors */
};

/* Moves this process into namespaces of its own, without any network yet: a user namespace unless
 * it is root, so that an ordinary user may do this, and those for networks and mounts. Returns 0,
 * or -1 after complaining. */
int network_isolate(void);

/* network_isolate(), and builds the two hosts there, links up, addresses set. Needs the program
 * `ip`. Returns 0, or -1 after complaining; either way there is no going back: the process stays
 * where it is and should end soon. */
int network_open(struct network *network);

/* Adds host C: A reaches it through B, which forwards. Returns 0, or -1 after complaining. */
int network_extend(struct network *network);

/* Makes `host` the one this process is on: sockets opened and programs started from here on belong
 * to it. Returns 0, or -1 after complaining. */
int network_enter(const struct network *network, enum network_host host);

/* process_run() on `host`. Returns -1 after complaining. Afterwards this process is on `host`. */
int network_command(const struct network *network, enum network_host host, char *const argv[],
                    struct process_result *result);

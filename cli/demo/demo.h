/* filt demo: its parts.
 *
 *     demo.c       the command line
 *     ping.c       what comes first: pings that iptables drops, shown at length
 *     scenarios.c  the rows of the table: rules, their counters, what must be seen, why
 *     places.c     its columns: where filt captures
 *     measure.c    one of them: the network, the rule, the packets, the numbers
 *     run.c        many of them, each in a process of its own
 *     report.c     the numbers, for people
 *     json.c       the same, for programs
 *     tap.c        filt's own capture on a host
 *     network.c    the hosts
 *     command.c    the tools: ip, iptables, nft, tc, ... */
#pragma once

#include "cli/common/cli.h"

/* Functions that return an int return 0, or nonzero after complaining, unless they say otherwise.
 */

/* --- network.c: a private network, for traffic that must not touch any other. Two hosts, A and B,
 * are joined by a veth pair, and a third, C, is behind B if wanted. The hosts are network
 * namespaces without a name, held by this process alone, so that nothing of them outlives it. ---
 */

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
 * it is root, so that an ordinary user may do this, and those for networks and mounts. */
int network_isolate(void);

/* network_isolate(), and builds the two hosts there, links up, addresses set. Needs the program
 * `ip`. There is no going back: the process stays where it is and should end soon. */
int network_open(struct network *network);

/* Adds host C: A reaches it through B, which forwards. */
int network_extend(struct network *network);

/* Makes `host` the one this process is on: sockets opened and programs started from here on belong
 * to it. */
int network_enter(const struct network *network, enum network_host host);

/* Runs a command line, of words and of 'words in single quotes', on `host`, where this process then
 * stays. Fails if it could not be started; otherwise see struct process_result. */
int network_command(const struct network *network, enum network_host host, const char *line,
                    struct process_result *result);

/* The length of a command line's first three words, which name it in messages. */
int command_name_length(const char *line);

/* --- places.c: where filt captures, in the order in which packets come there --- */

enum {
        DEMO_NOWHERE = -1,
        DEMO_OUTPUT,
        DEMO_EGRESS,
        DEMO_SENDER, /* A's packet socket */
        DEMO_XDP,
        DEMO_RECEIVER, /* B's */
        DEMO_INGRESS,
        DEMO_PREROUTING,
        DEMO_FORWARD, /* B is a router */
        DEMO_INPUT,   /* or it is not */
        DEMO_PLACES,
};

struct demo_place {
        const char *name; /* of --at */
        enum network_host host;
};

extern const struct demo_place demo_places[DEMO_PLACES];
bool demo_place_is_socket(int place);

/* What was captured at a place. */
struct demo_captured {
        uint64_t packets;
        char reason[200]; /* why filt could not capture there; empty if it could */
};

/* --- the scenarios --- */

#define DEMO_TEXT(number) DEMO_TEXT_OF(number)
#define DEMO_TEXT_OF(number) #number

#define DEMO_PACKETS 5
#define DEMO_PORT 9
#define DEMO_FILTER "udp dst port " DEMO_TEXT(DEMO_PORT)

enum { DEMO_COMMANDS = 4 };

/* A rule, and what is measured with it. Commands are lines for network_command(). */
struct demo_scenario {
        const char *name;
        const char *summary;
        enum network_host host;              /* where the rule is set */
        bool routed;                         /* the packets are for host C, behind B */
        bool xdp;                            /* the rule is ebpf/xdp_drop */
        const char *commands[DEMO_COMMANDS]; /* set the rule; or none */
        const char *counter;                 /* a command that prints the rule's own counter ... */
        const char *counted;                 /* ... as the first number after this */
        int last;                            /* the last place that the packets come to */
        const char *fate; /* how what --fate tells of the packets begins; NULL: there are none */
        const char *why;  /* the kernel's function, and what it does, in a sentence */
};

/* Whether there is a rule, which drops all packets; else they are all delivered. */
bool demo_has_rule(const struct demo_scenario *scenario);

/* Whether the packets come to a place. */
bool demo_reaches(const struct demo_scenario *scenario, int place);

extern const struct demo_scenario demo_scenarios[];
extern const size_t demo_scenario_count;

enum demo_state {
        DEMO_FAILED,     /* something is wrong that must not be */
        DEMO_UNMEASURED, /* the rule cannot be had: a program, a privilege, the kernel's support */
        DEMO_MEASURED,
};

/* What one scenario showed. Plain data without pointers: it crosses from process to process. */
struct demo_result {
        enum demo_state state;
        char reason[512]; /* unless measured */
        unsigned sent;
        unsigned refused; /* of these, by sendto() */
        int refusal;      /* ... with this errno */
        uint64_t counted;
        uint64_t delivered;
        struct demo_captured captured[DEMO_PLACES];
        char rule[512]; /* what `counter` printed of the rule */
        unsigned fates; /* with --fate: packets of which this is told: */
        char fate[256];
        char other_fate[256];  /* of other ones; or "" */
        char packets[2][2048]; /* the captured packets, printed; on A and on B */
};

/* Measures a scenario in this process, which moves into namespaces of its own for good. Complains
 * if that fails or the rule cannot be had. With `fate`, packets are captured with their fates, and
 * nowhere else. */
void demo_measure(const struct demo_scenario *scenario, struct demo_result *result, bool fate);

/* Measures `count` scenarios, a few at a time. `results` has room for as many. Fails if not even
 * that could be tried. */
int demo_run_all(const struct demo_scenario *scenarios, size_t count, struct demo_result *results,
                 bool fate);

/* Are the numbers of a measured scenario what they must be? Complains of each that is not, if
 * `loud`. */
bool demo_right(const struct demo_scenario *scenario, const struct demo_result *result, bool loud);

/* For people: the numbers of many, the whole story of one. For programs: a JSON array of objects.
 */
void demo_show_table(const struct demo_scenario *scenarios, const struct demo_result *results,
                     size_t count);
void demo_show_one(const struct demo_scenario *scenario, const struct demo_result *result);
void demo_show_json(const struct demo_scenario *scenarios, const struct demo_result *results,
                    size_t count);

/* filt's own capture on host A or B. */
struct demo_tap;

/* Starts it, as `filt -i DEVICE FILTER` does or, unless `captured` is NULL, with --at for each of
 * the host's places. Where it cannot capture, other than at the packet socket, it goes without, and
 * `captured` has the reason. `filter` is used until demo_tap_close(). Returns NULL after
 * complaining. */
struct demo_tap *demo_tap_open(const struct network *network, enum network_host host,
                               const char *filter, struct demo_captured *captured);
void demo_tap_close(struct demo_tap *tap); /* NULL is fine */

/* The listing of the packet socket's program, which the caller frees; NULL when memory is short. */
char *demo_tap_listing(const struct demo_tap *tap);

/* Ends the capture, prints its packets into fresh memory, and adds to `counts` how many each place
 * has seen. */
int demo_tap_collect(struct demo_tap *tap, char **lines, uint64_t counts[DEMO_PLACES]);

/* The demonstration with pings. Returns an exit status, or -1 after complaining that no private
 * network can be had. */
int demo_ping(void);

/* Runs a command line on a host. Returns what it printed, which the caller frees, or NULL after
 * complaining that it is not there or failed; `advice` is then added. */
char *demo_command(const struct network *network, enum network_host host, const char *line,
                   const char *advice);

/* Complains that a command line failed, with the first line of what it printed. */
void demo_complain_command(const char *line, const struct process_result *result,
                           const char *advice);

/* True if the program is installed; complains otherwise, naming the Debian package. */
bool demo_has_program(const char *program);

/* --- fate.c: what --fate tells of the packets --- */

/* Starts a capture on a host. Returns NULL after complaining. */
struct capture *demo_fate_open(const struct network *network, enum network_host host);

/* Ends it, and puts what it told into the result. */
int demo_fate_collect(struct capture *capture, struct demo_result *result);

/* Is it what must be told? Complains if not, if `loud`. */
bool demo_fate_right(const struct demo_scenario *scenario, const struct demo_result *result,
                     bool loud);
void demo_show_fates(const struct demo_scenario *scenarios, const struct demo_result *results,
                     size_t count);

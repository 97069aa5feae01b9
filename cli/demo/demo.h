/* filt demo: its parts.
 *
 *     demo.c            the command line
 *     ping.c       what comes first: pings that iptables drops, shown at length
 *     scenarios.c  the rows of the table: rules, their counters, what must be seen, why
 *     measure.c    one of them: the network, the rule, the packets, the numbers
 *     run.c        many of them, each in a process of its own
 *     report.c     the numbers, for people
 *     json.c       the same, for programs
 *     tap.c        filt's own capture on a host
 *     command.c    the tools: ip, iptables, nft, tc, ... */
#pragma once

#include "cli/capture/capture.h"
#include "network.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define DEMO_TEXT(number) DEMO_TEXT_OF(number)
#define DEMO_TEXT_OF(number) #number

#define DEMO_PACKETS 5
#define DEMO_PORT 9
#define DEMO_FILTER "udp dst port " DEMO_TEXT(DEMO_PORT)

enum { DEMO_COMMANDS = 4 };

/* A rule, and what is measured with it. A command is a line for a shell, of words and of 'words in
 * single quotes'. */
struct demo_scenario {
        const char *name;
        const char *summary;
        enum network_host host;              /* where the rule is set */
        bool routed;                         /* the packets are for host C, behind B */
        bool xdp;                            /* the rule is ebpf/xdp_drop */
        const char *commands[DEMO_COMMANDS]; /* set the rule; or none */
        const char *counter;                 /* a command that prints the rule's own counter ... */
        const char *counted;                 /* ... as the first number after this */
        struct {
                bool counted, sender, receiver, delivered; /* all packets, or none? */
        } expected;
        const char *why; /* the kernel's function, and what it does, in a sentence */
};

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
        uint64_t sender;   /* captured by filt on host A */
        uint64_t receiver; /* captured by filt on host B */
        uint64_t delivered;
        char rule[512];        /* what `counter` printed of the rule */
        char packets[2][1024]; /* the captured packets, printed; on A and on B */
};

/* Measures a scenario in this process, which moves into namespaces of its own for good. Complains
 * if that fails or the rule cannot be had. */
void demo_measure(const struct demo_scenario *scenario, struct demo_result *result);

/* Measures `count` scenarios, a few at a time. `results` has room for as many. Returns 0, or -1
 * after complaining if not even that could be tried. */
int demo_run_all(const struct demo_scenario *scenarios, size_t count, struct demo_result *results);

/* Are the numbers of a measured scenario what they must be? Complains of each that is not, if
 * `loud`.
 */
bool demo_right(const struct demo_scenario *scenario, const struct demo_result *result, bool loud);

/* For people: the numbers of many, the whole story of one. For programs: a JSON array of objects.
 */
void demo_show_table(const struct demo_scenario *scenarios, const struct demo_result *results,
                     size_t count);
void demo_show_one(const struct demo_scenario *scenario, const struct demo_result *result);
void demo_show_json(const struct demo_scenario *scenarios, const struct demo_result *results,
                    size_t count);

/* Starts filt's capture on a host, as `filt -i DEVICE FILTER` does. Its program's listing goes to
 * `*listing` unless that is NULL; free() it. Returns NULL after complaining. */
struct capture *demo_tap_open(const struct network *network, enum network_host host,
                              const char *device, const char *filter, char **listing);

/* Takes all packets that have passed the filter until now, prints them into `lines` and counts
 * them. Returns 0, or -1 after complaining. */
int demo_tap_collect(struct capture *capture, FILE *lines, uint64_t *count);

/* The demonstration with pings. Returns an exit status, or -1 after complaining that no private
 * network can be had. */
int demo_ping(void);

/* Runs a command line of a scenario on a host. Returns what it printed, which the caller frees, or
 * NULL after complaining that it is not there or failed. */
char *demo_command(const struct network *network, enum network_host host, const char *line);

/* Complains that the command `argv` failed, with the first line of what it printed. */
void demo_complain_command(char *const argv[], const struct process_result *result,
                           const char *advice);

/* True if the program is installed; complains otherwise, naming the Debian package. */
bool demo_has_program(const char *program);

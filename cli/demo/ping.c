/* What filt demo shows first: one host pings another, which drops the pings in iptables, and filt
 * captures them there. The pings, the firewall and the capture are real. */
#include "base/array.h"
#include "demo.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PINGS 3

#define FILTER "icmp"
#define COUNTED "-A INPUT " /* begins the line with "-c" and the packets dropped */

static const char rule[] = "iptables -A INPUT -p icmp -j DROP";
static const char counter[] = "iptables -v -S INPUT";
static const char ping[] = "ping -n -c " DEMO_TEXT(PINGS) " -i 0.2 -W 1 " NETWORK_B_ADDRESS;

static const char why[] =
    "Why: a capture socket hangs on the packet tap, the ptype_all handlers that the\n"
    "kernel calls in __netif_receive_skb_core() before it hands a packet to the IP\n"
    "layer. The INPUT chain hangs on netfilter's LOCAL_IN hook, later on that way, in\n"
    "ip_local_deliver(): when the rule drops a packet, filt already has its copy.\n";

/* What one run showed. */
struct outcome {
        unsigned sent;
        unsigned replies;
        uint64_t dropped;
        uint64_t captured;
        char *rule;    /* the line with the counter; free() it */
        char *lines;   /* the captured packets, printed; free() it */
        char *listing; /* the filter's program; free() it */
};

static int set_rule(const struct network *network)
{
        char *output =
            demo_command(network, NETWORK_B, rule,
                         " (it needs netfilter in the kernel: load nf_tables and nft_compat, or "
                         "for iptables-legacy iptable_filter, with sudo modprobe; or switch "
                         "between the two with sudo update-alternatives --config iptables)");

        free(output);
        return output ? 0 : STATUS_FAILED;
}

/* Sends the pings from host A, to their end; the ring keeps what is captured meanwhile. */
static int send_pings(const struct network *network, struct outcome *outcome)
{
        struct process_result result;
        const char *summary;
        bool counted;

        if (network_command(network, NETWORK_A, ping, &result))
                return STATUS_FAILED;
        /* The line before the one with the time: "3 packets transmitted, 0 received, ...". */
        summary = strstr(result.output, " packets transmitted");
        while (summary && summary > result.output && summary[-1] != '\n')
                summary--;
        counted = summary && sscanf(summary, "%u packets transmitted, %u", &outcome->sent,
                                    &outcome->replies) == 2;
        if (!counted)
                demo_complain_command(ping, &result, "");
        free(result.output);
        return counted ? 0 : STATUS_FAILED;
}

static int count_drops(const struct network *network, struct outcome *outcome)
{
        char *output = demo_command(network, NETWORK_B, counter, "");
        char *saved;
        char *line;
        const char *count;

        if (!output)
                return STATUS_FAILED;
        line = strtok_r(output, "\n", &saved);
        while (line && strncmp(line, COUNTED, strlen(COUNTED)) != 0)
                line = strtok_r(NULL, "\n", &saved);
        count = line ? strstr(line, " -c ") : NULL;
        if (count && sscanf(count, " -c %" SCNu64, &outcome->dropped) == 1)
                outcome->rule = strdup(line);
        else
                complain("demo: iptables shows no packet counter for the rule");
        free(output);
        return outcome->rule ? 0 : STATUS_FAILED;
}

static void show_hosts(void)
{
        printf("Two hosts in a private network, joined by a cable (a veth pair):\n\n"
               "  host A, " NETWORK_A_ADDRESS "   %s\n"
               "  host B, " NETWORK_B_ADDRESS "   %s\n"
               "                      filt -t -i " NETWORK_B_DEVICE " " FILTER "\n\n",
               ping, rule);
        fflush(stdout);
}

static void show_outcome(const struct outcome *outcome)
{
        printf("  %-23s| %-24s| %s\n"
               "  -----------------------+-------------------------+-------------------------\n"
               "  %5u requests sent    | %5" PRIu64 " packets dropped   | %5" PRIu64
               " packets captured\n"
               "  %5u replies received |                         |\n",
               "ping on A", "iptables on B", "filt on B", outcome->sent, outcome->dropped,
               outcome->captured, outcome->replies);
        printf("\nThe rule, with its counters (-c packets bytes):\n\n  %s\n", outcome->rule);
        printf("\nThe packets filt captured:\n\n%s", outcome->lines);
        printf("\nThe filter '%s', as the kernel ran it on each packet:\n\n", FILTER);
        for (const char *line = outcome->listing; line && *line;) {
                int length = (int)strcspn(line, "\n");

                printf("  %.*s\n", length, line);
                line += length + (line[length] == '\n');
        }
        printf("\n%s", why);
}

/* The point of it all: are the numbers what they must be? */
static int check(const struct outcome *outcome)
{
        const struct {
                const char *what;
                uint64_t is;
                uint64_t must_be;
        } numbers[] = {
            {"requests sent", outcome->sent, PINGS},
            {"replies received", outcome->replies, 0},
            {"packets dropped", outcome->dropped, PINGS},
            {"packets captured", outcome->captured, PINGS},
        };
        int status = STATUS_DONE;

        for (size_t i = 0; i < array_count(numbers); i++) {
                if (numbers[i].is == numbers[i].must_be)
                        continue;
                complain("demo: %s: %" PRIu64 ", but it must be %" PRIu64, numbers[i].what,
                         numbers[i].is, numbers[i].must_be);
                status = STATUS_FAILED;
        }
        return status;
}

int demo_ping(void)
{
        struct network network;
        struct demo_tap *tap = NULL;
        uint64_t captured[DEMO_PLACES] = {0};
        struct outcome outcome = {0};
        int status = STATUS_FAILED;
        bool iptables;

        iptables = demo_has_program("iptables"); /* complain about both */
        if (!demo_has_program("ping") || !iptables)
                return STATUS_FAILED;
        if (network_open(&network))
                return -1;
        show_hosts();
        if (set_rule(&network) == 0 && (tap = demo_tap_open(&network, NETWORK_B, FILTER, NULL)) &&
            send_pings(&network, &outcome) == 0 &&
            demo_tap_collect(tap, &outcome.lines, captured) == 0 &&
            count_drops(&network, &outcome) == 0) {
                outcome.captured = captured[DEMO_RECEIVER];
                outcome.listing = demo_tap_listing(tap);
                show_outcome(&outcome);
                status = check(&outcome);
        }
        demo_tap_close(tap);
        free(outcome.rule);
        free(outcome.lines);
        free(outcome.listing);
        return status;
}

/* What filt demo shows first: one host pings another, which drops the pings in iptables, and filt
 * captures them there. The pings, the firewall and the capture are real. */
#include "cli/common/cli.h"
#include "demo.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PINGS 3

#define FILTER "icmp"
#define COUNTED "-A INPUT " /* begins the line with "-c" and the packets dropped */

static char *const rule[] = {"iptables", "-A", "INPUT", "-p", "icmp", "-j", "DROP", NULL};
static char *const counter[] = {"iptables", "-v", "-S", "INPUT", NULL};

static const char why[] =
    "Why: a capture socket hangs on the packet tap, the ptype_all handlers that the\n"
    "kernel calls in __netif_receive_skb_core() before it hands a packet to the IP\n"
    "layer. The INPUT chain hangs on netfilter's LOCAL_IN hook, later on that way, in\n"
    "ip_local_deliver(): when the rule drops a packet, filt already has its copy.\n";

static char *const ping[] = {"ping", "-n", "-c", DEMO_TEXT(PINGS),  "-i",
                             "0.2",  "-W", "1",  NETWORK_B_ADDRESS, NULL};

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

static void show_command(const char *prefix, char *const argv[])
{
        fputs(prefix, stdout);
        for (; *argv; argv++)
                printf(" %s", *argv);
        putchar('\n');
}

/* Is everything installed? Complains about each program that is not. */
static bool has_programs(void)
{
        bool iptables = demo_has_program("iptables");

        return demo_has_program("ping") && iptables;
}

static int set_rule(const struct network *network)
{
        struct process_result result;

        if (network_command(network, NETWORK_B, rule, &result) < 0)
                return -1;
        if (result.status != 0)
                demo_complain_command(
                    rule, &result,
                    " (it needs netfilter in the kernel: load nf_tables and nft_compat, or for "
                    "iptables-legacy iptable_filter, with sudo modprobe; or switch between the "
                    "two with sudo update-alternatives --config iptables)");
        free(result.output);
        return result.status == 0 ? 0 : -1;
}

/* Sends the pings from host A, to their end; the ring keeps what is captured meanwhile. */
static int send_pings(const struct network *network, struct outcome *outcome)
{
        struct process_result result;
        const char *summary;
        bool counted;

        if (network_command(network, NETWORK_A, ping, &result) < 0)
                return -1;
        /* The line before the one with the time: "3 packets transmitted, 0 received, ...". */
        summary = strstr(result.output, " packets transmitted");
        while (summary && summary > result.output && summary[-1] != '\n')
                summary--;
        counted = summary && sscanf(summary, "%u packets transmitted, %u", &outcome->sent,
                                    &outcome->replies) == 2;
        if (!counted)
                demo_complain_command(ping, &result, "");
        free(result.output);
        return counted ? 0 : -1;
}

static int count_drops(const struct network *network, struct outcome *outcome)
{
        struct process_result result;
        char *saved;
        char *line;
        const char *count;

        if (network_command(network, NETWORK_B, counter, &result) < 0)
                return -1;
        if (result.status != 0)
                demo_complain_command(counter, &result, "");
        line = strtok_r(result.output, "\n", &saved);
        while (line && strncmp(line, COUNTED, strlen(COUNTED)) != 0)
                line = strtok_r(NULL, "\n", &saved);
        count = line ? strstr(line, " -c ") : NULL;
        if (count && sscanf(count, " -c %" SCNu64, &outcome->dropped) == 1)
                outcome->rule = strdup(line);
        else if (result.status == 0)
                complain("demo: %s shows no packet counter for the rule", counter[0]);
        free(result.output);
        return outcome->rule ? 0 : -1;
}

static int collect_packets(struct capture *capture, struct outcome *outcome)
{
        size_t length;
        FILE *lines = open_memstream(&outcome->lines, &length);
        int failed;

        if (!lines) {
                complain("demo: out of memory");
                return -1;
        }
        failed = demo_tap_collect(capture, lines, &outcome->captured);
        if (fclose(lines) != 0 && !failed) {
                complain("demo: out of memory");
                failed = -1;
        }
        return failed;
}

static void show_hosts(void)
{
        puts("Two hosts in a private network, joined by a cable (a veth pair):\n");
        show_command("  host A, " NETWORK_A_ADDRESS "  ", ping);
        show_command("  host B, " NETWORK_B_ADDRESS "  ", rule);
        printf("                      filt -t -i %s %s\n\n", NETWORK_B_DEVICE, FILTER);
        fflush(stdout);
}

static void show_outcome(const struct outcome *outcome)
{
        char cells[3][3][32] = {0};

        snprintf(cells[0][0], sizeof cells[0][0], "ping on A");
        snprintf(cells[0][1], sizeof cells[0][1], "%s on B", rule[0]);
        snprintf(cells[0][2], sizeof cells[0][2], "filt on B");
        snprintf(cells[1][0], sizeof cells[1][0], "%5u requests sent", outcome->sent);
        snprintf(cells[1][1], sizeof cells[1][1], "%5" PRIu64 " packets dropped", outcome->dropped);
        snprintf(cells[1][2], sizeof cells[1][2], "%5" PRIu64 " packets captured",
                 outcome->captured);
        snprintf(cells[2][0], sizeof cells[2][0], "%5u replies received", outcome->replies);

        for (int row = 0; row < 3; row++) {
                printf("  %-23s| %-24s|%s%s\n", cells[row][0], cells[row][1],
                       *cells[row][2] ? " " : "", cells[row][2]);
                if (row == 0)
                        puts("  -----------------------+-------------------------+----------------"
                             "---------");
        }
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

        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
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
        struct capture *capture = NULL;
        struct outcome outcome = {0};
        int status = STATUS_FAILED;

        if (!has_programs())
                return STATUS_FAILED;
        if (network_open(&network) < 0)
                return -1;
        show_hosts();
        if (set_rule(&network) == 0 &&
            (capture =
                 demo_tap_open(&network, NETWORK_B, NETWORK_B_DEVICE, FILTER, &outcome.listing)) &&
            send_pings(&network, &outcome) == 0 && collect_packets(capture, &outcome) == 0 &&
            count_drops(&network, &outcome) == 0) {
                show_outcome(&outcome);
                status = check(&outcome);
        }
        capture_close(capture);
        free(outcome.rule);
        free(outcome.lines);
        free(outcome.listing);
        return status;
}

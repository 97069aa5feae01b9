/* filt demo: shows in a private network what the tap sees and others do not. A scenario is data:
 * what is set up on host B, how its effect is counted, what filt captures, and why. The pings, the
 * firewall and the capture are real. */
#include "cli.h"
#include "network.h"
#include "print/print.h"
#include "process.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PINGS 3
#define TEXT(number) TEXT_OF(number)
#define TEXT_OF(number) #number

enum { LONGEST_COMMAND = 12 };

static const struct scenario {
        const char *name;
        const char *summary;
        char *setup[LONGEST_COMMAND];   /* makes host B drop the pings */
        char *counter[LONGEST_COMMAND]; /* prints, in a line that starts with ... */
        const char *counted;            /* ... this, "-c" and the packets dropped */
        const char *filter;
        const char *why;
} scenarios[] = {
    {
        .name = "iptables-input",
        .summary = "iptables drops pings in INPUT; the tap sees each of them",
        .setup = {"iptables", "-A", "INPUT", "-p", "icmp", "-j", "DROP"},
        .counter = {"iptables", "-v", "-S", "INPUT"},
        .counted = "-A INPUT ",
        .filter = "icmp",
        .why = "Why: a capture socket hangs on the packet tap, the ptype_all handlers that the\n"
               "kernel calls in __netif_receive_skb_core() before it hands a packet to the IP\n"
               "layer. The INPUT chain hangs on netfilter's LOCAL_IN hook, later on that way, in\n"
               "ip_local_deliver(): when the rule drops a packet, filt already has its copy.\n",
    },
};

static char *const ping[] = {"ping", "-n", "-c", TEXT(PINGS),       "-i",
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

/* The first line of a command's output, or what stands for it. */
static void complain_command(char *const argv[], const struct process_result *result,
                             const char *advice)
{
        const char *output = result->output + strspn(result->output, "\n");
        char *command = join_words(argv[1] && argv[2] ? 3 : 1, argv);

        complain("demo: %s: exit status %d: %.*s%s", command ? command : argv[0], result->status,
                 (int)strcspn(output, "\n"), output, advice);
        free(command);
}

/* Is everything installed? Complains about each program that is not. */
static int require_programs(void)
{
        static const struct {
                const char *program;
                const char *package;
        } needed[] = {
            {"ip", "iproute2"},
            {"iptables", "iptables"},
            {"ping", "iputils-ping"},
        };
        int missing = 0;

        for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
                if (process_find(needed[i].program))
                        continue;
                complain("demo: %s is not installed; on Debian: sudo apt-get install %s",
                         needed[i].program, needed[i].package);
                missing = -1;
        }
        return missing;
}

static int set_up(const struct scenario *scenario, const struct network *network)
{
        struct process_result result;

        if (network_command(network, NETWORK_B, scenario->setup, &result) < 0)
                return -1;
        if (result.status != 0)
                complain_command(
                    scenario->setup, &result,
                    " (it needs netfilter in the kernel: load nf_tables and nft_compat, or for "
                    "iptables-legacy iptable_filter, with sudo modprobe; or switch between the "
                    "two with sudo update-alternatives --config iptables)");
        free(result.output);
        return result.status == 0 ? 0 : -1;
}

/* Opens the capture on host B, as `filt -i b0 FILTER` does, and lists the program it attached. */
static struct capture *start_capture(const struct scenario *scenario, const struct network *network,
                                     struct outcome *outcome)
{
        const struct capture_live_options options = {.snapshot_length = CAPTURE_MAX_SNAPSHOT};
        struct cbpf_target target = {.snapshot_length = CAPTURE_MAX_SNAPSHOT,
                                     .place = CBPF_LIVE,
                                     .netmask = CBPF_NETMASK_UNKNOWN};
        struct bpf_program program;
        struct cbpf_error wrong;
        struct capture_error error;
        struct capture *capture;

        if (network_enter(network, NETWORK_B) < 0)
                return NULL;
        capture = capture_open_live(NETWORK_B_DEVICE, &options, &error);
        if (!capture) {
                complain("demo: %s", error.message);
                return NULL;
        }
        target.link_type = capture_link_type(capture);
        if (cbpf_compile(scenario->filter, &target, 0, &program, &wrong) < 0) {
                complain_filter(scenario->filter, &wrong);
                capture_close(capture);
                return NULL;
        }
        outcome->listing = cbpf_list(&program, CBPF_LISTING_TEXT);
        if (capture_set_filter(capture, &program, &error) < 0 ||
            capture_start(capture, &error) < 0) {
                complain("demo: %s", error.message);
                capture_close(capture);
                capture = NULL;
        }
        cbpf_program_free(&program);
        return capture;
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
                complain_command(ping, &result, "");
        free(result.output);
        return counted ? 0 : -1;
}

static int count_drops(const struct scenario *scenario, const struct network *network,
                       struct outcome *outcome)
{
        struct process_result result;
        char *saved;
        char *line;
        const char *count;

        if (network_command(network, NETWORK_B, scenario->counter, &result) < 0)
                return -1;
        if (result.status != 0)
                complain_command(scenario->counter, &result, "");
        line = strtok_r(result.output, "\n", &saved);
        while (line && strncmp(line, scenario->counted, strlen(scenario->counted)) != 0)
                line = strtok_r(NULL, "\n", &saved);
        count = line ? strstr(line, " -c ") : NULL;
        if (count && sscanf(count, " -c %" SCNu64, &outcome->dropped) == 1)
                outcome->rule = strdup(line);
        else if (result.status == 0)
                complain("demo: %s shows no packet counter for the rule", scenario->counter[0]);
        free(result.output);
        return outcome->rule ? 0 : -1;
}

static void add_line(struct printer *printer, const struct capture_packet *packet, FILE *lines)
{
        const struct print_packet seen = {
            .data = packet->data,
            .captured = packet->captured,
            .length = packet->length,
            .time = packet->time,
        };
        size_t length;
        const char *text = printer_print(printer, &seen, &length);

        fprintf(lines, "  %s", text ? text : "(no memory to print it)\n");
}

/* Takes what is in the ring, and prints it into `lines`. Ends when nothing more came for a while: a
 * short one if all pings are there, as only surplus packets could follow. */
static int drain(struct capture *capture, struct printer *printer, FILE *lines,
                 struct outcome *outcome)
{
        enum { PAUSE = 100, ENOUGH = 2, PATIENT = 20 };
        struct capture_error error;
        struct capture_packet packet;
        int pauses = 0;

        for (;;) {
                enum capture_result result = capture_next(capture, &packet, &error);

                if (result == CAPTURE_PACKET) {
                        add_line(printer, &packet, lines);
                        outcome->captured++;
                        pauses = 0;
                } else if (result == CAPTURE_ERROR) {
                        break;
                } else if (pauses++ >= (outcome->captured >= outcome->sent ? ENOUGH : PATIENT)) {
                        return 0;
                } else if (capture_wait(capture, -1, PAUSE, &error) < 0) {
                        break;
                }
        }
        complain("demo: %s", error.message);
        return -1;
}

static int collect_packets(struct capture *capture, struct outcome *outcome)
{
        const struct print_options options = {.link_type = capture_link_type(capture),
                                              .time = PRINT_TIME_NONE};
        struct printer *printer = printer_new(&options);
        size_t length;
        FILE *lines = open_memstream(&outcome->lines, &length);
        int failed = -1;

        if (printer && lines)
                failed = drain(capture, printer, lines, outcome);
        else
                complain("demo: out of memory");
        if (lines)
                fclose(lines);
        printer_free(printer);
        return failed;
}

static void show_hosts(const struct scenario *scenario)
{
        puts("Two hosts in a private network, joined by a cable (a veth pair):\n");
        show_command("  host A, " NETWORK_A_ADDRESS "  ", ping);
        show_command("  host B, " NETWORK_B_ADDRESS "  ", scenario->setup);
        printf("                      filt -t -i %s %s\n\n", NETWORK_B_DEVICE, scenario->filter);
        fflush(stdout);
}

static void show_outcome(const struct scenario *scenario, const struct outcome *outcome)
{
        char cells[3][3][32] = {0};

        snprintf(cells[0][0], sizeof cells[0][0], "ping on A");
        snprintf(cells[0][1], sizeof cells[0][1], "%s on B", scenario->setup[0]);
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
        printf("\nThe filter '%s', as the kernel ran it on each packet:\n\n", scenario->filter);
        for (const char *line = outcome->listing; line && *line;) {
                int length = (int)strcspn(line, "\n");

                printf("  %.*s\n", length, line);
                line += length + (line[length] == '\n');
        }
        printf("\n%s", scenario->why);
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

static int run(const struct scenario *scenario)
{
        struct network network;
        struct capture *capture = NULL;
        struct outcome outcome = {0};
        int status = STATUS_FAILED;

        /* What ip, iptables and ping print is read here: not in another language. */
        setenv("LC_ALL", "C", 1);
        if (require_programs() < 0 || network_open(&network) < 0)
                return STATUS_FAILED;
        show_hosts(scenario);
        if (set_up(scenario, &network) == 0 &&
            (capture = start_capture(scenario, &network, &outcome)) &&
            send_pings(&network, &outcome) == 0 && collect_packets(capture, &outcome) == 0 &&
            count_drops(scenario, &network, &outcome) == 0) {
                show_outcome(scenario, &outcome);
                status = check(&outcome);
        }
        capture_close(capture);
        free(outcome.rule);
        free(outcome.lines);
        free(outcome.listing);
        return status;
}

static int show_scenarios(void)
{
        for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++)
                printf("%-16s  %s\n", scenarios[i].name, scenarios[i].summary);
        return STATUS_DONE;
}

static int show_help(void)
{
        puts("Usage: filt demo [SCENARIO]\n"
             "\n"
             "Shows, in a private network of two hosts, packets that filt captures and others\n"
             "never see. Needs no privilege where user namespaces are allowed, and leaves\n"
             "nothing behind. Exits with 1 if the numbers are not what they must be.\n"
             "\n"
             "  --list    list the scenarios (the first one is the default)\n"
             "  --help    this text\n"
             "\n"
             "Scenarios:");
        return show_scenarios();
}

static int run_named(const char *name)
{
        for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++)
                if (strcmp(name, scenarios[i].name) == 0)
                        return run(&scenarios[i]);
        if (name[0] == '-')
                return complain_usage("demo", "demo: unknown option '%s'", name);
        return complain_usage("demo", "demo: there is no scenario '%s'", name);
}

int demo_run(int argc, char **argv)
{
        if (argc < 2)
                return run(&scenarios[0]);
        if (argc > 2)
                return complain_usage("demo", "demo: one scenario at a time, not also '%s'",
                                      argv[2]);
        if (strcmp(argv[1], "--help") == 0)
                return show_help();
        if (strcmp(argv[1], "--list") == 0)
                return show_scenarios();
        return run_named(argv[1]);
}

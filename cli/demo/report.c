/* What was measured, for people: in 80 columns. */
#include "base/array.h"
#include "demo.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static uint64_t expected(bool all, const struct demo_result *result)
{
        return all ? result->sent : 0;
}

bool demo_right(const struct demo_scenario *scenario, const struct demo_result *result, bool loud)
{
        const struct {
                const char *what;
                uint64_t is;
                uint64_t must_be;
        } numbers[] = {
            {"packets sent", result->sent, DEMO_PACKETS},
            {"counted by the rule", result->counted, expected(scenario->expected.counted, result)},
            {"captured on A", result->sender, expected(scenario->expected.sender, result)},
            {"captured on B", result->receiver, expected(scenario->expected.receiver, result)},
            {"delivered", result->delivered, expected(scenario->expected.delivered, result)},
        };
        bool right = true;

        for (size_t i = 0; i < array_count(numbers); i++) {
                if (numbers[i].is == numbers[i].must_be)
                        continue;
                right = false;
                if (loud)
                        complain("demo: %s: %s: %" PRIu64 ", but it must be %" PRIu64,
                                 scenario->name, numbers[i].what, numbers[i].is,
                                 numbers[i].must_be);
        }
        return right;
}

static bool has_rule(const struct demo_scenario *scenario)
{
        return scenario->counter || scenario->xdp;
}

static void show_head(void)
{
        puts("                                packets  the rule  captured by filt\n"
             "  scenario          the rule on    sent   counted    on A      on B    delivered");
}

/* Where the packets come to a tap on their way, and so in the table. */
static void show_tap(const char *text)
{
        int length = printf("  ---- %s ", text);

        while (length++ < 78)
                putchar('-');
        putchar('\n');
}

static void show_taps(const struct demo_scenario *before, const struct demo_scenario *scenario)
{
        if (scenario->expected.sender && !before->expected.sender)
                show_tap("A's tap: dev_queue_xmit_nit(), below __dev_queue_xmit()");
        if (scenario->expected.receiver && !before->expected.receiver)
                show_tap("B's tap: ptype_all, in __netif_receive_skb_core()");
}

static void show_row(const struct demo_scenario *scenario, const struct demo_result *result)
{
        const char *host = scenario->host == NETWORK_A ? "A"
                           : scenario->routed          ? "B, a router"
                                                       : "B";
        char counted[24] = "-";

        printf("  %-16s  %-11s  ", scenario->name, has_rule(scenario) ? host : "-");
        if (result->state != DEMO_MEASURED) {
                puts(result->state == DEMO_FAILED ? "failed: see below"
                                                  : "not measured: see below");
                return;
        }
        if (has_rule(scenario))
                snprintf(counted, sizeof counted, "%" PRIu64, result->counted);
        printf("%6u  %8s  %6" PRIu64 "  %8" PRIu64 "  %11" PRIu64 "\n", result->sent, counted,
               result->sender, result->receiver, result->delivered);
}

static void show_reason(const struct demo_result *result, size_t column)
{
        if (result->state == DEMO_MEASURED)
                return;
        printf("%*s", (int)column, "");
        column += (size_t)printf(result->state == DEMO_FAILED ? "Failed: " : "Not measured: ");
        print_wrapped(result->reason, column, column, 80);
}

static void show_why(const struct demo_scenario *scenario, const struct demo_result *result)
{
        const size_t column = (size_t)printf("  %-16s  ", scenario->name);

        print_wrapped(scenario->why, column, column, 80);
        show_reason(result, column);
}

static void show_single(const struct demo_scenario *scenario, const struct demo_result *result)
{
        show_head();
        show_row(scenario, result);
        fputs("\nWhy: ", stdout);
        print_wrapped(scenario->why, 5, 5, 80);
        show_reason(result, 0);
}

void demo_show_table(const struct demo_scenario *scenarios, const struct demo_result *results,
                     size_t count)
{
        if (count == 1) {
                printf("Host A sends " DEMO_TEXT(DEMO_PACKETS) " UDP packets %s host B; filt "
                                                               "captures on both:\n\n",
                       scenarios->routed ? "through" : "to");
                show_single(scenarios, results);
                return;
        }
        puts("What the tap sees. Host A sends " DEMO_TEXT(
            DEMO_PACKETS) " UDP packets to host B, or through B to a third\n"
                          "host; filt captures on A and on B. A scenario is a rule at one place of "
                          "the\n"
                          "packets' way, and the table follows that way:\n");
        show_head();
        for (size_t i = 0; i < count; i++) {
                if (i > 0)
                        show_taps(&scenarios[i - 1], &scenarios[i]);
                show_row(&scenarios[i], &results[i]);
        }
        puts("\nWhy, and where in the kernel:\n");
        for (size_t i = 0; i < count; i++)
                show_why(&scenarios[i], &results[i]);
}

static void show_rule(const struct demo_scenario *scenario, const struct demo_result *result)
{
        if (!has_rule(scenario))
                return;
        printf("\nThe rule, on host %c:\n\n", 'A' + (int)scenario->host);
        for (int i = 0; i < DEMO_COMMANDS && scenario->commands[i]; i++)
                printf("  %s\n", scenario->commands[i]);
        if (scenario->xdp)
                puts("  the XDP program ebpf/xdp_drop.bpf.c on " NETWORK_B_DEVICE
                     ", in generic mode");
        if (result->state != DEMO_MEASURED)
                return;
        printf("\nIts counter, %s:\n\n  %s\n",
               scenario->xdp ? "the program's map" : scenario->counter, result->rule);
}

static void show_captured(const struct demo_result *result, int host, const char *device)
{
        printf("\nThe packets filt captured on host %c (filt -t -i %s %s):\n\n%s", 'A' + host,
               device, DEMO_FILTER, *result->packets[host] ? result->packets[host] : "  none\n");
}

void demo_show_one(const struct demo_scenario *scenario, const struct demo_result *result)
{
        const bool routed = scenario->routed;

        printf("%s: %s.\n\n", scenario->name, scenario->summary);
        printf("  host A, " NETWORK_A_ADDRESS
               "      sends " DEMO_TEXT(DEMO_PACKETS) " UDP packets to %s, port %d\n",
               routed ? NETWORK_C_ADDRESS : NETWORK_B_ADDRESS, DEMO_PORT);
        printf("  host B, " NETWORK_B_ADDRESS "      %s\n",
               routed ? "routes them" : "receives them");
        if (routed)
                puts("  host C, " NETWORK_C_ADDRESS "   receives them");
        show_rule(scenario, result);
        if (result->state == DEMO_MEASURED) {
                show_captured(result, NETWORK_A, NETWORK_A_DEVICE);
                show_captured(result, NETWORK_B, NETWORK_B_DEVICE);
                if (result->refused)
                        printf("\nsendto() failed %u times on A: %s\n", result->refused,
                               strerror(result->refusal));
        }
        putchar('\n');
        show_single(scenario, result);
}

/* What was measured, for people: in 80 columns. */
#include "demo.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static char letter(enum network_host host)
{
        return (char)('A' + host);
}

/* Is `what` as it must be: all packets, or none? */
static bool check(const struct demo_scenario *scenario, const char *what, uint64_t is, bool all,
                  bool loud)
{
        const uint64_t must_be = all ? DEMO_PACKETS : 0;

        if (is == must_be)
                return true;
        if (loud)
                complain("demo: %s: %s: %" PRIu64 ", but it must be %" PRIu64, scenario->name, what,
                         is, must_be);
        return false;
}

bool demo_right(const struct demo_scenario *scenario, const struct demo_result *result, bool loud)
{
        const bool rule = demo_has_rule(scenario);
        bool right = check(scenario, "packets sent", result->sent, true, loud);

        right &= check(scenario, "counted by the rule", result->counted, rule, loud);
        for (int i = 0; i < DEMO_PLACES; i++) {
                const struct demo_captured *captured = &result->captured[i];
                char what[64];

                snprintf(what, sizeof what, "captured on %c at %s", letter(demo_places[i].host),
                         demo_places[i].name);
                if (!*captured->reason)
                        right &= check(scenario, what, captured->packets, demo_reaches(scenario, i),
                                       loud);
        }
        return right & check(scenario, "delivered", result->delivered, !rule, loud);
}

/* The columns of the places: where the first is, and how wide they are. */
enum { PLACES_COLUMN = 40, PLACE_WIDTH = 3 };

/* The name of each place stands above its column, the first one highest. */
static void show_head(void)
{
        printf("%*scaptured by filt at\n", PLACES_COLUMN, "");
        for (int i = 0; i < DEMO_PLACES; i++) {
                printf("%-*s", PLACES_COLUMN,
                       i == DEMO_PLACES - 1 ? "                    the rule" : "");
                for (int above = 0; above < i; above++)
                        printf("%-*s", PLACE_WIDTH, "|");
                printf("%s on %c\n", demo_places[i].name, letter(demo_places[i].host));
        }
        printf("%-*s", PLACES_COLUMN, "  scenario          on          counted");
        for (int i = 0; i < DEMO_PLACES; i++)
                printf("%-*s", PLACE_WIDTH, "|");
        puts("delivered");
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
        if (demo_reaches(scenario, DEMO_SENDER) && !demo_reaches(before, DEMO_SENDER))
                show_tap("A's tap: dev_queue_xmit_nit(), below __dev_queue_xmit()");
        if (demo_reaches(scenario, DEMO_RECEIVER) && !demo_reaches(before, DEMO_RECEIVER))
                show_tap("B's tap: ptype_all, in __netif_receive_skb_core()");
}

static void show_number(int width, bool known, uint64_t number)
{
        char text[24] = "-";

        if (known)
                snprintf(text, sizeof text, "%" PRIu64, number);
        printf("%*s", width, text);
}

static void show_row(const struct demo_scenario *scenario, const struct demo_result *result)
{
        const char *host = scenario->host == NETWORK_A ? "A"
                           : scenario->routed          ? "B, a router"
                                                       : "B";
        const bool rule = demo_has_rule(scenario);

        printf("  %-16s  %-11s ", scenario->name, rule ? host : "-");
        if (result->state != DEMO_MEASURED) {
                puts(result->state == DEMO_FAILED ? "failed: see below"
                                                  : "not measured: see below");
                return;
        }
        show_number(7, rule, result->counted);
        putchar(' ');
        for (int i = 0; i < DEMO_PLACES; i++)
                show_number(-PLACE_WIDTH, !*result->captured[i].reason,
                            result->captured[i].packets);
        printf("%" PRIu64 "\n", result->delivered);
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

/* Why a place has no number in a scenario, or NULL. */
static const char *gap(const struct demo_result *result, int place)
{
        const char *reason = result->captured[place].reason;

        return result->state == DEMO_MEASURED && *reason ? reason : NULL;
}

/* Whether a place has no number for this reason, in one of these scenarios. */
static bool has_gap(const struct demo_result *results, size_t count, int place, const char *reason)
{
        for (size_t i = 0; i < count; i++) {
                const char *other = gap(&results[i], place);

                if (other && strcmp(other, reason) == 0)
                        return true;
        }
        return false;
}

/* Tells the reason once, with all places that have it, unless that was done at an earlier place. */
static void show_gap(const struct demo_result *results, size_t count, int place, const char *reason)
{
        char text[DEMO_PLACES * 32 + sizeof results->captured->reason] = "no capture at ";
        size_t length = strlen(text);

        for (int other = 0; other < DEMO_PLACES; other++) {
                if (!has_gap(results, count, other, reason))
                        continue;
                if (other < place)
                        return;
                length += (size_t)snprintf(text + length, sizeof text - length, "%s%s",
                                           other > place ? ", " : "", demo_places[other].name);
        }
        snprintf(text + length, sizeof text - length, ": %s", reason);
        fputs("\n  -: ", stdout);
        print_wrapped(text, 5, 5, 80);
}

static void show_gaps(const struct demo_result *results, size_t count)
{
        for (int place = 0; place < DEMO_PLACES; place++) {
                const char *told = NULL;

                for (size_t i = 0; i < count; i++) {
                        const char *reason = gap(&results[i], place);

                        if (reason && (!told || strcmp(reason, told) != 0))
                                show_gap(results, count, place, told = reason);
                }
        }
}

static void show_single(const struct demo_scenario *scenario, const struct demo_result *result)
{
        show_head();
        show_row(scenario, result);
        show_gaps(result, 1);
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
        show_gaps(results, count);
        puts("\nWhy, and where in the kernel:\n");
        for (size_t i = 0; i < count; i++)
                show_why(&scenarios[i], &results[i]);
}

static void show_rule(const struct demo_scenario *scenario, const struct demo_result *result)
{
        if (!demo_has_rule(scenario))
                return;
        printf("\nThe rule, on host %c:\n\n", letter(scenario->host));
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

/* The command that captures the same. */
static void show_command(const struct demo_result *result, enum network_host host,
                         const char *device)
{
        char line[512];
        size_t length = (size_t)snprintf(line, sizeof line, "filt -t -i %s", device);
        bool elsewhere = false;

        for (int i = 0; i < DEMO_PLACES; i++)
                elsewhere |= demo_places[i].host == host && !demo_place_is_socket(i) &&
                             !*result->captured[i].reason;
        for (int i = 0; i < DEMO_PLACES; i++)
                if (elsewhere && demo_places[i].host == host && !*result->captured[i].reason)
                        length += (size_t)snprintf(line + length, sizeof line - length, " --at %s",
                                                   demo_places[i].name);
        snprintf(line + length, sizeof line - length, " %s", DEMO_FILTER);
        fputs("  ", stdout);
        print_wrapped(line, 2, 4, 80);
}

static void show_captured(const struct demo_result *result, enum network_host host,
                          const char *device)
{
        printf("\nThe packets filt captured on host %c:\n\n", letter(host));
        show_command(result, host, device);
        printf("\n%s", *result->packets[host] ? result->packets[host] : "  none\n");
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

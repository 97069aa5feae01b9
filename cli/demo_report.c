/* What was measured, for people and, as JSON, for programs. */
#include "cli.h"
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

        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
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

static const char *host_name(const struct demo_scenario *scenario)
{
        if (!scenario->counter && !scenario->xdp)
                return "-";
        return scenario->host == NETWORK_A ? "A" : scenario->routed ? "B, router" : "B";
}

/* A sign in the table, where the packets come to a tap. */
static void show_tap(const char *text)
{
        int length = printf("  ---- %s ", text);

        while (length++ < 78)
                putchar('-');
        putchar('\n');
}

static void show_head(void)
{
        puts("                                      rule's     filt on A  filt on B\n"
             "  scenario          rule on    sent   counter     (sender)  (receiver)  delivered");
}

static void show_row(const struct demo_scenario *scenario, const struct demo_result *result)
{
        char counted[24] = "-";

        printf("  %-16s  %-9s  ", scenario->name, host_name(scenario));
        if (result->state != DEMO_MEASURED) {
                printf("%s; see below\n",
                       result->state == DEMO_FAILED ? "failed" : "not measured here");
                return;
        }
        if (*result->rule)
                snprintf(counted, sizeof counted, "%" PRIu64, result->counted);
        printf("%4u   %7s   %10" PRIu64 "  %10" PRIu64 "  %9" PRIu64 "\n", result->sent, counted,
               result->sender, result->receiver, result->delivered);
}

/* Prints text of one line or several, indented to `column`, where the cursor is. Long lines, which
 * come from elsewhere, are broken between words. */
static void show_paragraph(const char *text, int column)
{
        const int width = 79 - column;

        while (*text) {
                int length = (int)strcspn(text, "\n");

                if (length > width) {
                        length = width;
                        while (length > 0 && text[length] != ' ')
                                length--;
                        if (length == 0) /* a long word */
                                length = (int)strcspn(text, " \n");
                }
                printf("%.*s\n", length, text);
                text += length;
                text += *text == '\n' || *text == ' ';
                if (*text)
                        printf("%*s", column, "");
        }
}

static void show_why(const struct demo_scenario *scenario, const struct demo_result *result)
{
        enum { COLUMN = 19 };

        printf("%-*s", COLUMN, scenario->name);
        show_paragraph(scenario->why, COLUMN);
        if (result->state == DEMO_MEASURED)
                return;
        printf("%*s", COLUMN, "");
        printf("%s: ", result->state == DEMO_FAILED ? "Failed" : "Not measured");
        show_paragraph(result->reason, COLUMN);
}

void demo_show_table(const struct demo_scenario *scenarios, const struct demo_result *results,
                     size_t count)
{
        enum network_host at = NETWORK_A;

        puts("What the tap sees: host A sends " DEMO_TEXT(
            DEMO_PACKETS) " UDP packets to host B; filt captures on both. The\n"
                          "scenarios are in the order of a packet's way, each in a new network.\n");
        show_head();
        for (size_t i = 0; i < count; i++) {
                if (strcmp(scenarios[i].name, "no-rule") != 0) {
                }
                show_row(&scenarios[i], &results[i]);
        }
        (void)at;
        (void)show_tap;
        puts("\nWhy:\n");
        for (size_t i = 0; i < count; i++)
                show_why(&scenarios[i], &results[i]);
}
void demo_show_one(const struct demo_scenario *scenario, const struct demo_result *result)
{
        show_head();
        show_row(scenario, result);
        show_why(scenario, result);
        puts(result->rule);
        puts(result->packets[1]);
}
void demo_show_json(const struct demo_scenario *scenarios, const struct demo_result *results,
                    size_t count)
{
        (void)scenarios;
        (void)results;
        (void)count;
}

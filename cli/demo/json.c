/* What was measured, as a JSON array with an object for each scenario. What was not measured is
 * null. */
#include "cli/common/cli.h"
#include "demo.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Text may come from a tool's message; JSON wants UTF-8, so what is not ASCII is not kept. */
static void show_string(const char *text)
{
        putchar('"');
        for (; *text; text++) {
                unsigned char byte = (unsigned char)*text;

                if (byte == '"' || byte == '\\')
                        printf("\\%c", byte);
                else if (byte < ' ')
                        printf("\\u%04x", byte);
                else
                        putchar(byte < 0x7f ? byte : '?');
        }
        putchar('"');
}

static void show_text(const char *name, const char *text)
{
        printf(",\n    \"%s\": ", name);
        if (text)
                show_string(text);
        else
                fputs("null", stdout);
}

static void show_number(const char *name, bool known, uint64_t number)
{
        printf(",\n    \"%s\": ", name);
        if (known)
                printf("%" PRIu64, number);
        else
                fputs("null", stdout);
}

static void show_commands(const struct demo_scenario *scenario)
{
        fputs(",\n    \"rule\": [", stdout);
        for (int i = 0; i < DEMO_COMMANDS && scenario->commands[i]; i++) {
                fputs(i > 0 ? ", " : "", stdout);
                show_string(scenario->commands[i]);
        }
        if (scenario->xdp)
                show_string("ebpf/xdp_drop.bpf.c on " NETWORK_B_DEVICE ", generic mode");
        putchar(']');
}

static void show_object(const struct demo_scenario *scenario, const struct demo_result *result)
{
        static const char *const states[] = {
            [DEMO_FAILED] = "failed",
            [DEMO_UNMEASURED] = "unmeasured",
            [DEMO_MEASURED] = "measured",
        };
        const bool rule = scenario->counter || scenario->xdp;
        const bool known = result->state == DEMO_MEASURED;

        fputs("  {\n    \"scenario\": ", stdout);
        show_string(scenario->name);
        show_text("summary", scenario->summary);
        show_text("state", states[result->state]);
        show_text("reason", known ? NULL : result->reason);
        show_text("host", !rule ? NULL : scenario->host == NETWORK_A ? "A" : "B");
        printf(",\n    \"routed\": %s", scenario->routed ? "true" : "false");
        show_commands(scenario);
        show_number("sent", known, result->sent);
        show_number("refused", known, result->refused);
        show_text("refusal", known && result->refused ? strerror(result->refusal) : NULL);
        show_number("counted", known && rule, result->counted);
        show_text("counter", known && rule ? result->rule : NULL);
        show_number("captured_sender", known, result->sender);
        show_number("captured_receiver", known, result->receiver);
        show_number("delivered", known, result->delivered);
        printf(",\n    \"as_expected\": %s", !known                                ? "null"
                                             : demo_right(scenario, result, false) ? "true"
                                                                                   : "false");
        show_text("why", scenario->why);
        fputs("\n  }", stdout);
}

void demo_show_json(const struct demo_scenario *scenarios, const struct demo_result *results,
                    size_t count)
{
        puts("[");
        for (size_t i = 0; i < count; i++) {
                show_object(&scenarios[i], &results[i]);
                puts(i + 1 < count ? "," : "");
        }
        puts("]");
}

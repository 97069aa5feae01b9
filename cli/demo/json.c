/* What was measured, as a JSON array with an object for each scenario. What was not measured is
 * null. */
#include "base/json.h"
#include "demo.h"

#include <stdio.h>
#include <string.h>

static void put_number(struct json *json, bool known, uint64_t number)
{
        if (known)
                json_decimal(json, number);
        else
                json_null(json);
}

static void put_commands(struct json *json, const struct demo_scenario *scenario)
{
        json_open(json_key(json, "rule"), '[');
        for (int i = 0; i < DEMO_COMMANDS && scenario->commands[i]; i++)
                json_text(json, scenario->commands[i]);
        if (scenario->xdp)
                json_text(json, "ebpf/xdp_drop.bpf.c on " NETWORK_B_DEVICE ", generic mode");
        json_close(json, ']');
}

static void put_scenario(struct json *json, const struct demo_scenario *scenario,
                         const struct demo_result *result)
{
        static const char *const states[] = {
            [DEMO_FAILED] = "failed",
            [DEMO_UNMEASURED] = "unmeasured",
            [DEMO_MEASURED] = "measured",
        };
        const bool rule = scenario->counter || scenario->xdp;
        const bool known = result->state == DEMO_MEASURED;
        const bool refused = known && result->refused;

        json_open(json, '{');
        json_text(json_key(json, "scenario"), scenario->name);
        json_text(json_key(json, "summary"), scenario->summary);
        json_text(json_key(json, "state"), states[result->state]);
        json_text(json_key(json, "reason"), known ? NULL : result->reason);
        json_text(json_key(json, "host"), !rule ? NULL : scenario->host == NETWORK_A ? "A" : "B");
        json_boolean(json_key(json, "routed"), scenario->routed);
        put_commands(json, scenario);
        put_number(json_key(json, "sent"), known, result->sent);
        put_number(json_key(json, "refused"), known, result->refused);
        json_text(json_key(json, "refusal"), refused ? strerror(result->refusal) : NULL);
        put_number(json_key(json, "counted"), known && rule, result->counted);
        json_text(json_key(json, "counter"), known && rule ? result->rule : NULL);
        put_number(json_key(json, "captured_sender"), known, result->sender);
        put_number(json_key(json, "captured_receiver"), known, result->receiver);
        put_number(json_key(json, "delivered"), known, result->delivered);
        json_key(json, "as_expected");
        if (known)
                json_boolean(json, demo_right(scenario, result, false));
        else
                json_null(json);
        json_text(json_key(json, "why"), scenario->why);
        json_close(json, '}');
}

void demo_show_json(const struct demo_scenario *scenarios, const struct demo_result *results,
                    size_t count)
{
        struct json json = {.file = stdout, .lines = 2, .spaced = true};

        json_open(&json, '[');
        for (size_t i = 0; i < count; i++)
                put_scenario(&json, &scenarios[i], &results[i]);
        json_close(&json, ']');
        putchar('\n');
}

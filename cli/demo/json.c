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

/* An object for each host, with a number for each place. */
static void put_captured(struct json *json, const struct demo_result *result)
{
        static const char *const hosts[] = {[NETWORK_A] = "A", [NETWORK_B] = "B"};
        const bool known = result->state == DEMO_MEASURED;

        json_open(json_key(json, "captured"), '{');
        for (int host = NETWORK_A; host <= NETWORK_B; host++) {
                json_open(json_key(json, hosts[host]), '{');
                for (int i = 0; i < DEMO_PLACES; i++)
                        if (demo_places[i].host == (enum network_host)host)
                                put_number(json_key(json, demo_places[i].name),
                                           known && !*result->captured[i].reason,
                                           result->captured[i].packets);
                json_close(json, '}');
        }
        json_close(json, '}');
}

/* Why filt could not capture somewhere: an object with a text for each such place. */
static void put_reasons(struct json *json, const struct demo_result *result)
{
        json_open(json_key(json, "not_captured_at"), '{');
        for (int i = 0; i < DEMO_PLACES; i++)
                if (*result->captured[i].reason)
                        json_text(json_key(json, demo_places[i].name), result->captured[i].reason);
        json_close(json, '}');
}

static void put_scenario(struct json *json, const struct demo_scenario *scenario,
                         const struct demo_result *result)
{
        static const char *const states[] = {
            [DEMO_FAILED] = "failed",
            [DEMO_UNMEASURED] = "unmeasured",
            [DEMO_MEASURED] = "measured",
        };
        const bool rule = demo_has_rule(scenario);
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
        put_captured(json, result);
        put_reasons(json, result);
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

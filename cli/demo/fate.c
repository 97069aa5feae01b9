/* demo --fate: each scenario's packets are captured on the host where its rule is, with their
 * fates, which must be those that the rule makes. */
#include "cli/fate/fate.h"
#include "demo.h"

#include <stdio.h>
#include <string.h>

struct capture *demo_fate_open(const struct network *network, enum network_host host)
{
        static const char *const devices[] = {"any"};
        const struct fate_settings settings = {
            .devices = devices,
            .device_count = 1,
            .buffer = 1 << 20,
            .kept = CAPTURE_MAX_SNAPSHOT,
            .expression = DEMO_FILTER,
            .wait = 1000,
        };
        struct fate_source *source;
        struct capture *capture;
        struct error error;

        if (network_enter(network, host))
                return NULL;
        capture = fate_capture(&settings, &source, &error);
        if (capture && capture_start(capture, &error) < 0) {
                capture_close(capture);
                capture = NULL;
        }
        if (!capture)
                complain("demo: %s", error.message);
        return capture;
}

/* Counts those that have the same one; another one is kept, too, for it is wrong. */
static void take(const struct capture_record *record, struct demo_result *result)
{
        const char *note = record->note ? record->note + strspn(record->note, " ") : "? unknown";

        if (result->fates == 0)
                snprintf(result->fate, sizeof result->fate, "%s", note);
        if (strcmp(result->fate, note) == 0)
                result->fates++;
        else
                snprintf(result->other_fate, sizeof result->other_fate, "%s", note);
}

int demo_fate_collect(struct capture *capture, struct demo_result *result)
{
        capture_stop(capture);
        while (true) {
                struct capture_record record;
                struct error error;

                switch (capture_next(capture, &record, &error)) {
                case CAPTURE_PACKET: take(&record, result); break;
                case CAPTURE_EMPTY:
                case CAPTURE_CHANGE: break;
                case CAPTURE_END: return 0;
                default: return complain("demo: %s", error.message);
                }
        }
}

bool demo_fate_right(const struct demo_scenario *scenario, const struct demo_result *result,
                     bool loud)
{
        const unsigned expected = scenario->fate ? DEMO_PACKETS : 0;
        const bool right =
            result->fates == expected && !*result->other_fate &&
            (!scenario->fate || strncmp(result->fate, scenario->fate, strlen(scenario->fate)) == 0);

        if (!right && loud)
                complain("demo: %s: %u packets are told to be '%s'%s%s%s, not %u '%s...'",
                         scenario->name, result->fates, result->fate,
                         *result->other_fate ? ", and others '" : "", result->other_fate,
                         *result->other_fate ? "'" : "", expected,
                         scenario->fate ? scenario->fate : "");
        return right;
}

void demo_show_fates(const struct demo_scenario *scenarios, const struct demo_result *results,
                     size_t count)
{
        static const char *const hosts[] = {[NETWORK_A] = "A", [NETWORK_B] = "B"};

        printf("%-16s  %-4s  %7s  %s\n", "scenario", "host", "counted", "what --fate tells");
        for (size_t i = 0; i < count; i++) {
                const struct demo_result *result = &results[i];

                printf("%-16s  %-4s  ", scenarios[i].name, hosts[scenarios[i].host]);
                if (result->state != DEMO_MEASURED)
                        printf("%7s  not measured: %s\n", "-", result->reason);
                else if (result->fates == 0)
                        printf("%7llu  there was no packet\n", (unsigned long long)result->counted);
                else
                        printf("%7llu  %u %s\n", (unsigned long long)result->counted, result->fates,
                               result->fate);
        }
}

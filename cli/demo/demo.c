/* filt demo: shows in private networks what the tap sees and others do not: first pings that
 * iptables drops, then a table of rules at each place of a packet's way. */
#include "demo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
        const char *name; /* NULL: all scenarios */
        bool table;       /* only the table */
        bool json;
        bool fate;  /* what --fate tells, instead */
        bool list;  /* only their names */
        bool pings; /* first */
};

/* The scenario that the pings show at length. */
static const char pinged[] = "iptables-input";

static int show_scenarios(void)
{
        for (size_t i = 0; i < demo_scenario_count; i++)
                printf("%-16s  %s\n", demo_scenarios[i].name, demo_scenarios[i].summary);
        return STATUS_DONE;
}

static const char *scenario_name(size_t index)
{
        return index < demo_scenario_count ? demo_scenarios[index].name : NULL;
}

#define AT(member) offsetof(struct request, member)

static const struct cli_option rows[] = {
    {0, "table", NULL, take_yes, AT(table), .help = "show only the table"},
    {0, "json", NULL, take_yes, AT(json),
     .help = "print the numbers as a JSON array with an object for each scenario",
     .more = "What was not measured is null."},
    {0, "fate", NULL, take_yes, AT(fate),
     .help = "show what --fate tells of each scenario's packets, and check it",
     .more = "Packets are captured on the host that has the rule. As root alone."},
    {0, "list", NULL, take_yes, AT(list), .help = "list the scenarios"},
    {0},
};

static const struct cli_rule rules[] = {{.one_of = "--table --json --fate --list"}, {0}};

const struct cli_options demo_options = {
    .synopsis = "[--table] [--json] [--fate] [SCENARIO]",
    .about = "Shows, in private networks of two or three hosts, which packets filt captures that a "
             "rule drops: pings that iptables drops, then a table of scenarios (--list), each a "
             "rule at one place of a packet's way. Needs no privilege where user namespaces are "
             "allowed (but XDP and all places of --at other than the packet socket do, and are "
             "left out then), and leaves nothing behind.",
    .rows = rows,
    .rules = rules,
    .word = scenario_name,
    .end = "Exit status: 1 if the numbers are not what they must be, or if the scenario named "
           "cannot be measured.",
};

/* How many letters must change, come or go to make one word the other; too many if one is long. */
static size_t distance(const char *one, const char *other)
{
        enum { LONGEST = 32 };
        size_t length = strlen(other);
        size_t row[LONGEST + 1];

        if (length > LONGEST || strlen(one) > LONGEST)
                return SIZE_MAX;
        for (size_t i = 0; i <= length; i++)
                row[i] = i;
        for (; *one; one++) {
                size_t diagonal = row[0]++;

                for (size_t i = 0; i < length; i++) {
                        size_t best = diagonal + (*one != other[i]);

                        diagonal = row[i + 1];
                        best = best < diagonal + 1 ? best : diagonal + 1;
                        row[i + 1] = best < row[i] + 1 ? best : row[i] + 1;
                }
        }
        return row[length];
}

/* The scenario that `name` may have meant: one that contains it, or the most similar one; NULL if
 * none is similar. */
static const char *nearest(const char *name)
{
        const char *found = NULL;
        size_t least = strlen(name) / 2 + 1;

        for (size_t i = 0; i < demo_scenario_count; i++) {
                const char *candidate = demo_scenarios[i].name;
                size_t changes = distance(name, candidate);

                if (strstr(candidate, name))
                        return candidate;
                if (changes < least) {
                        least = changes;
                        found = candidate;
                }
        }
        return found;
}

static const struct demo_scenario *find_scenario(const char *name)
{
        const char *similar;

        for (size_t i = 0; i < demo_scenario_count; i++)
                if (strcmp(name, demo_scenarios[i].name) == 0)
                        return &demo_scenarios[i];
        similar = *name ? nearest(name) : NULL;
        complain_usage("demo: there is no scenario '%s'%s%s%s", name,
                       similar ? "; did you mean '" : "", similar ? similar : "",
                       similar ? "'?" : "");
        return NULL;
}

static void show(const struct request *request, const struct demo_scenario *scenarios,
                 const struct demo_result *results, size_t count)
{
        if (request->fate)
                demo_show_fates(scenarios, results, count);
        else if (request->json)
                demo_show_json(scenarios, results, count);
        else if (request->name && !request->table && !request->pings)
                demo_show_one(scenarios, results);
        else
                demo_show_table(scenarios, results, count);
}

/* A scenario that cannot be measured here is a failure only if it was asked for by name; if the
 * pings came before, they have failed for the same reason. What keeps many from being measured is
 * told once. */
static int judge(const struct request *request, const struct demo_scenario *scenarios,
                 const struct demo_result *results, size_t count)
{
        int status = STATUS_DONE;

        for (size_t i = 0; i < count; i++) {
                if (results[i].state == DEMO_MEASURED) {
                        if (request->fate ? demo_fate_right(&scenarios[i], &results[i], true)
                                          : demo_right(&scenarios[i], &results[i], true))
                                continue;
                } else if (results[i].state == DEMO_FAILED || (request->name && !request->pings)) {
                        if (i == 0 || strcmp(results[i].reason, results[i - 1].reason) != 0)
                                complain("demo: %s: %s", scenarios[i].name, results[i].reason);
                } else {
                        continue;
                }
                status = STATUS_FAILED;
        }
        return status;
}

static int run_scenarios(const struct request *request, const struct demo_scenario *scenarios,
                         size_t count)
{
        struct demo_result *results = calloc(count, sizeof *results);
        int status = STATUS_FAILED;

        if (!results) {
                out_of_memory();
        } else if (demo_run_all(scenarios, count, results, request->fate) == 0) {
                show(request, scenarios, results, count);
                status = judge(request, scenarios, results, count);
        }
        free(results);
        return status;
}

static int run(struct request *request)
{
        const struct demo_scenario *scenarios = demo_scenarios;
        size_t count = demo_scenario_count;
        int status = STATUS_DONE;

        request->pings = !request->table && !request->json && !request->fate &&
                         (!request->name || strcmp(request->name, pinged) == 0);
        if (request->name) {
                scenarios = find_scenario(request->name);
                count = 1;
                if (!scenarios)
                        return STATUS_USAGE;
        }
        /* What ip, iptables and ping print is read here: not in another language. */
        setenv("LC_ALL", "C", 1);
        if (!demo_has_program("ip") || network_isolate())
                return STATUS_FAILED;
        if (request->pings) {
                status = demo_ping();
                if (status < 0)
                        return STATUS_FAILED;
                puts("");
        }
        return run_scenarios(request, scenarios, count) == STATUS_DONE ? status : STATUS_FAILED;
}

int demo_run(char **argv)
{
        struct request request = {0};
        struct words words;
        int status = options_read(&demo_options, argv, &request, &words);

        if (status != GO_ON)
                return status;
        if (words.count > 1)
                return complain_usage("one scenario at a time, not also '%s'", words.words[1]);
        request.name = words.count ? words.words[0] : NULL;
        return request.list ? show_scenarios() : run(&request);
}

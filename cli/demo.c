#include "demo.h"
#include "cli.h"
#include <stdlib.h>
int demo_run(int argc, char **argv)
{
        struct demo_result *results = calloc(demo_scenario_count, sizeof *results);
        setenv("LC_ALL", "C", 1);
        network_isolate();
        if (argc == 1)
                demo_ping();
        (void)argv;
        demo_run_all(demo_scenarios, demo_scenario_count, results);
        demo_show_table(demo_scenarios, results, demo_scenario_count);
        for (size_t i = 0; i < demo_scenario_count; i++)
                if (results[i].state == DEMO_MEASURED)
                        demo_right(&demo_scenarios[i], &results[i], true);
        return 0;
}

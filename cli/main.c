/* filt: chooses the subcommand. The first word selects one only if it is exactly its name; anything
 * else is the capture command, whose words are options and a filter expression. */
#include "cli/common/cli.h"

#include <stdio.h>
#include <string.h>

static const struct subcommand {
        const char *name;
        int (*run)(int argc, char **argv);
} subcommands[] = {
    {"compare", compare_run},
    {"debug", debug_run},
    {"demo", demo_run},
    {"explain", explain_run},
    {"write-trace", write_trace_run},
};

static int run(int argc, char **argv)
{
        for (size_t i = 0; argc > 1 && i < sizeof subcommands / sizeof *subcommands; i++)
                if (strcmp(argv[1], subcommands[i].name) == 0)
                        return subcommands[i].run(argc - 1, argv + 1);
        return capture_run(argc, argv);
}

int main(int argc, char **argv)
{
        int status;

        open_standard_streams();
        status = run(argc, argv);
        /* Nothing is done whose result could not be handed on. */
        return status == STATUS_DONE && flush_standard_output() > 0 ? STATUS_FAILED : status;
}

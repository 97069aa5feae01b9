/* The tools that the demo runs: is one there, what did it say, where did it fail. */
#include "base/array.h"
#include "demo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
        const char *program;
        const char *package;
} packages[] = {
    {"ip", "iproute2"},       {"iptables", "iptables"}, {"nft", "nftables"}, {"nstat", "iproute2"},
    {"ping", "iputils-ping"}, {"sysctl", "procps"},     {"tc", "iproute2"},
};

bool demo_has_program(const char *program)
{
        const char *package = program;

        if (process_find(program))
                return true;
        for (size_t i = 0; i < array_count(packages); i++)
                if (strcmp(packages[i].program, program) == 0)
                        package = packages[i].package;
        complain("demo: %s is not installed; on Debian: sudo apt-get install %s", program, package);
        return false;
}

void demo_complain_command(const char *line, const struct process_result *result,
                           const char *advice)
{
        const char *output = result->output + strspn(result->output, "\n");

        complain("demo: %.*s: exit status %d: %.*s%s", command_name_length(line), line,
                 result->status, (int)strcspn(output, "\n"), output, advice);
}

char *demo_command(const struct network *network, enum network_host host, const char *line,
                   const char *advice)
{
        char program[32];
        struct process_result result;

        snprintf(program, sizeof program, "%.*s", (int)strcspn(line, " "), line);
        if (!demo_has_program(program) || network_command(network, host, line, &result))
                return NULL;
        if (result.status == 0)
                return result.output;
        demo_complain_command(line, &result, advice);
        free(result.output);
        return NULL;
}

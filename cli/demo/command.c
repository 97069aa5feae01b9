/* The tools that the demo runs: is one there, what did it say, where did it fail. */
#include "cli/common/cli.h"
#include "demo.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS = 24 };

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
        for (size_t i = 0; i < sizeof packages / sizeof *packages; i++)
                if (strcmp(packages[i].program, program) == 0)
                        package = packages[i].package;
        complain("demo: %s is not installed; on Debian: sudo apt-get install %s", program, package);
        return false;
}

void demo_complain_command(char *const argv[], const struct process_result *result,
                           const char *advice)
{
        const char *output = result->output + strspn(result->output, "\n");
        char *command = join_words(argv[1] && argv[2] ? 3 : 1, argv);

        complain("demo: %s: exit status %d: %.*s%s", command ? command : argv[0], result->status,
                 (int)strcspn(output, "\n"), output, advice);
        free(command);
}

/* Cuts a command line into words, in place. Single quotes keep a word together, as in a shell. */
static void split(char *line, char *words[WORDS + 1])
{
        int count = 0;

        while (*line && count < WORDS) {
                char end = *line == '\'' ? '\'' : ' ';

                line += end == '\'';
                words[count++] = line;
                line = strchrnul(line, end);
                if (*line)
                        *line++ = '\0';
                line += strspn(line, " ");
        }
        words[count] = NULL;
}

char *demo_command(const struct network *network, enum network_host host, const char *line)
{
        char *words[WORDS + 1];
        struct process_result result = {0};
        char *copy = strdup(line);

        if (!copy) {
                complain("demo: out of memory");
                return NULL;
        }
        split(copy, words);
        if (demo_has_program(words[0]) && network_command(network, host, words, &result) == 0 &&
            result.status != 0) {
                demo_complain_command(words, &result, "");
                free(result.output);
                result.output = NULL;
        }
        free(copy);
        return result.output;
}

/* The tables as fish's `complete` commands; cli/generate/filt.fish has what they use. */
#include "generate.h"

#include <stdio.h>
#include <string.h>

static void put_choice(const char *set)
{
        printf(" -a '");
        put_set(set, " ");
        putchar('\'');
}

static void put_values(const struct cli_option *row)
{
        if (strcmp(row->value, "FILE") == 0 || strcmp(row->value, "FOLDER") == 0) {
                printf(" -r -F");
                return;
        }
        printf(" -x");
        if (strcmp(row->value, "INTERFACE") == 0) {
                printf(" -a '(__filt_interfaces)'");
        } else if (strcmp(row->value, "TYPE") == 0) {
                printf(" -a '%s'", link_types);
        } else if (strchr(row->value, '|')) {
                put_choice(row->value);
        }
}

static void put_option(const char *subcommand, const struct cli_option *row)
{
        printf("complete -c filt -n '__filt_is %s", subcommand);
        if (row->with && row->with[1])
                printf("; and __fish_contains_opt -s %c", row->with[1]);
        putchar('\'');
        if (row->letter)
                printf(row->letter == '#' ? " -s '%c'" : " -s %c", row->letter);
        if (row->name)
                printf(" -l %s", row->name);
        if (row->value && row->optional)
                put_choice(row->value);
        else if (row->value)
                put_values(row);
        printf(" -d '");
        put_help(row, "\\", "\\'");
        printf("'\n");
}

static void put_subcommand(const struct subcommand *subcommand)
{
        const struct cli_options *options = subcommand->options;
        const char *name = subcommand->name ? subcommand->name : "capture";

        printf("\n");
        for (const struct cli_option *row = NULL; (row = option_after(options, row));)
                if (!row->heading)
                        put_option(name, row);
        printf("complete -c filt -n '__filt_is %s' -s h -l help -d 'show all options'\n"
               "complete -c filt -n '__filt_is %s' -a '",
               name, name);
        if (takes_expression(subcommand)) {
                printf("(__filt_after ");
                put_words(options);
                putchar(')');
        } else if (options->word)
                put_words(options);
        else
                printf("(__fish_complete_subcommand --fcs-skip=2)");
        printf("'\n");
}

void write_fish(void)
{
        const struct subcommand *row;

        printf("set -g __filt_subcommands");
        for (row = subcommands; row->name; row++)
                printf(" %s", row->name);
        putchar('\n');
        write_fish_following();
        for (row = subcommands; row->name; row++)
                printf("complete -c filt -n __filt_first -a %s -d '%s'\n", row->name, row->summary);
        for (row = subcommands; row; row = next_subcommand(row))
                put_subcommand(row);
}

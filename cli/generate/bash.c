/* The tables as shell functions for bash; cli/generate/filt.bash uses them. */
#include "generate.h"

#include <stdio.h>

static void put_spellings(const struct cli_option *row)
{
        if (row->letter) {
                printf(" -");
                put_letters(row, " -");
        }
        if (row->name)
                printf(" --%s", row->name);
}

/* The case of an option that takes a value: prints what that is. */
static void put_value(const char *name, const struct cli_option *row)
{
        const struct cli_option *other = other_row(row);

        printf("        ");
        if (row->letter)
                printf("'%s -%c'%s", name, row->letter, row->name ? " | " : "");
        if (row->name)
                printf("'%s --%s'", name, row->name);
        printf(") ");
        if (other)
                printf("case $3 in *' %s '*) echo '%s' ;; *) echo '%s' ;; esac", other->with,
                       other->value, row->value);
        else
                printf("echo '%s'", row->value);
        printf(" ;;\n");
}

void write_bash(void)
{
        const struct subcommand *subcommand;
        const struct cli_option *row;

        printf("_filt_subcommands='");
        for (subcommand = subcommands; subcommand->name; subcommand++)
                printf("%s%s", subcommand == subcommands ? "" : " ", subcommand->name);
        printf("'\n_filt_link_types='%s'\n", link_types);
        printf("_filt_filters='");
        for (subcommand = subcommands; subcommand; subcommand = next_subcommand(subcommand))
                if (takes_expression(subcommand))
                        printf(" %s ", name_of(subcommand));
        printf("' # subcommands that take an expression\n\n");
        write_following();
        printf("\n# _filt_words_of SUBCOMMAND: what its words may be that are no options.\n"
               "_filt_words_of() {\n        case $1 in\n");
        for (subcommand = subcommands; subcommand; subcommand = next_subcommand(subcommand)) {
                printf("        '%s') echo '", name_of(subcommand));
                put_words(subcommand->options);
                printf("' ;;\n");
        }
        printf("        esac\n}\n"
               "\n# _filt_options_of SUBCOMMAND: its options.\n"
               "_filt_options_of() {\n        case $1 in\n");
        for (subcommand = subcommands; subcommand; subcommand = next_subcommand(subcommand)) {
                printf("        '%s') echo '", name_of(subcommand));
                for (row = NULL; (row = next_option(subcommand->options, row));)
                        put_spellings(row);
                printf(" -h --help' ;;\n");
        }
        printf("        esac\n}\n"
               "\n# _filt_takes SUBCOMMAND OPTION LINE: what the option takes: FILE, in|out|inout, "
               "...; nothing if it takes\n# nothing. LINE is the command line, with a space at "
               "each end.\n"
               "_filt_takes() {\n        case \"$1 $2\" in\n");
        for (subcommand = subcommands; subcommand; subcommand = next_subcommand(subcommand))
                for (row = NULL; (row = next_option(subcommand->options, row));)
                        if (row->value)
                                put_value(name_of(subcommand), row);
        printf("        esac\n}\n");
}

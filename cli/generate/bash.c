/* The tables as shell functions for bash; cli/generate/filt.bash uses them. */
#include "generate.h"

#include <stdio.h>
#include <string.h>

/* "-v -vv -vvv --verbose": all ways to write it. */
static void put_spellings(const struct cli_option *row)
{
        uint64_t most = row->value || row->most == 0 ? 1 : row->most;

        for (uint64_t times = 1; row->letter && times <= most; times++) {
                fputs(" -", stdout);
                for (uint64_t i = 0; i < times; i++)
                        putchar(row->letter);
        }
        if (row->name)
                printf(" --%s", row->name);
}

static void put_options(const struct cli_options *options)
{
        for (const struct cli_option *row = options->rows; is_row(row); row++)
                if (!row->heading && !is_other_row(options, row))
                        put_spellings(row);
        printf(" -h --help");
}

/* A case for an option that takes a value, which is printed. */
static void put_value(const char *subcommand, const struct cli_option *row)
{
        const struct cli_option *other = other_row(row);

        printf("        ");
        if (row->letter)
                printf("'%s -%c'%s", subcommand, row->letter, row->name ? " | " : "");
        if (row->name)
                printf("'%s --%s'", subcommand, row->name);
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

        printf("_filt_subcommands='");
        for (subcommand = subcommands; subcommand->name; subcommand++)
                printf("%s%s", subcommand == subcommands ? "" : " ", subcommand->name);
        printf("'\n_filt_link_types='%s'\n", link_types);
        printf("\n# _filt_words_of SUBCOMMAND: what its words may be that are no options.\n"
               "_filt_words_of() {\n        case $1 in\n");
        for (subcommand = subcommands;; subcommand++) {
                printf("        '%s') echo '", subcommand->name ? subcommand->name : "");
                put_words(subcommand->options);
                printf("' ;;\n");
                if (!subcommand->name)
                        break;
        }
        printf("        esac\n}\n"
               "\n# _filt_options_of SUBCOMMAND: its options.\n"
               "_filt_options_of() {\n        case $1 in\n");
        for (subcommand = subcommands;; subcommand++) {
                printf("        '%s') echo '", subcommand->name ? subcommand->name : "");
                put_options(subcommand->options);
                printf("' ;;\n");
                if (!subcommand->name)
                        break;
        }
        printf("        esac\n}\n"
               "\n# _filt_takes SUBCOMMAND OPTION LINE: what the option takes: FILE, in|out|inout, "
               "...; nothing "
               "if it takes\n# nothing. LINE is the command line, with a space at each end.\n"
               "_filt_takes() {\n        case \"$1 $2\" in\n");
        for (subcommand = subcommands;; subcommand++) {
                const struct cli_options *options = subcommand->options;

                for (const struct cli_option *row = options->rows; is_row(row); row++)
                        if (row->value && !is_other_row(options, row))
                                put_value(subcommand->name ? subcommand->name : "", row);
                if (!subcommand->name)
                        break;
        }
        printf("        esac\n}\n");
}

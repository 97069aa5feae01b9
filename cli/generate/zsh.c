/* The tables as arguments of _arguments, one function a subcommand; cli/generate/filt.zsh uses
 * them. */
#include "generate.h"

#include <stdio.h>
#include <string.h>

/* What completes the row's value, after a colon. */
static void put_action(const struct cli_option *row)
{
        const struct cli_option *other = other_row(row);

        printf(":%s:", strpbrk(row->value, "|[") ? "value" : row->value);
        if (other) {
                printf("{ if (( $words[(I)%s] )) { compadd ", other->with);
                put_set(other->value, " ");
                printf(" } else { compadd ");
                put_set(row->value, " ");
                printf(" } }");
        } else if (strchr(row->value, '|')) {
                putchar('(');
                put_set(row->value, " ");
                putchar(')');
        } else if (strcmp(row->value, "FILE") == 0 || strcmp(row->value, "FOLDER") == 0) {
                printf("_files");
        } else if (strcmp(row->value, "INTERFACE") == 0) {
                printf("_filt_interfaces");
        } else if (strcmp(row->value, "TYPE") == 0) {
                printf("(%s)", link_types);
        } else {
                putchar(' ');
        }
}

static void put_spec(const struct cli_option *row, const char *dashes, const char *name)
{
        bool repeats = row->repeats || (!row->value && row->most > 0);

        printf(" \\\n                '%s%s%s%s[", repeats ? "*" : "", dashes, name,
               !row->value         ? ""
               : dashes[1] == '\0' ? "+"
               : row->optional     ? "=-"
                                   : "=");
        put_help(row, "[]:\\", "'\\''");
        putchar(']');
        if (row->value) {
                fputs(row->optional ? ":" : "", stdout);
                put_action(row);
        }
        putchar('\'');
}

static void put_function(const struct subcommand *subcommand)
{
        const struct cli_options *options = subcommand->options;

        printf("\n_filt_%s() {\n        _arguments -s :", name_of(subcommand));
        for (const struct cli_option *row = NULL; (row = next_option(options, row));) {
                if (row->letter)
                        put_spec(row, "-", (char[]){row->letter, '\0'});
                if (row->name)
                        put_spec(row, "--", row->name);
        }
        printf(" \\\n                '(- *)'{-h,--help}'[show all options]'");
        if (!subcommand->name)
                printf(" \\\n                '1: :_filt_first'");
        if (takes_expression(subcommand)) {
                printf(" \\\n                '*: :_filt_expression'\n}\n");
        } else if (options->word) {
                printf(" \\\n                '*: :(");
                put_words(options);
                printf(")'\n}\n");
        } else {
                printf(" \\\n                '(-)1: :_command_names -e' '*:: :_normal'\n}\n");
        }
}

void write_zsh(void)
{
        const struct subcommand *row = subcommands;

        write_following();
        printf("\n");
        printf("_filt_subcommands=(\n");
        for (; row->name; row++)
                printf("        '%s:%s'\n", row->name, row->summary);
        printf(")\n_filt_words='");
        put_words(row->options);
        printf("'\n\n_filt_first() {\n"
               "        _describe subcommand _filt_subcommands\n"
               "        compadd -- ${=$(_filt_after '' '' \"$_filt_words\")}\n}\n");
        for (row = subcommands; row; row = next_subcommand(row))
                put_function(row);
}

/* The text of --help, from the tables of subcommands and options. It fits a terminal of 80 columns.
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

enum { WIDTH = 79, NAMES = 28 }; /* columns in all, and before the texts */

/* "-v, -vv, -vvv": how often a switch adds up. */
static size_t spell_switch(const struct cli_option *option, char *text, size_t room)
{
        size_t used = 0;

        for (uint64_t times = 1; times <= option->most && used < room; times++) {
                used += (size_t)snprintf(text + used, room - used, times > 1 ? ", -" : "-");
                for (uint64_t i = 0; i < times && used < room; i++)
                        used += (size_t)snprintf(text + used, room - used, "%c", option->letter);
        }
        return used;
}

void option_spelling(const struct cli_option *option, char *text, size_t room)
{
        size_t used = 0;

        *text = '\0';
        if (option->letter && option->most > 1 && !option->value)
                used = spell_switch(option, text, room);
        else if (option->letter)
                used = (size_t)snprintf(text, room, "-%c", option->letter);
        if (option->name && used < room)
                used += (size_t)snprintf(text + used, room - used, "%s--%s", used ? ", " : "",
                                         option->name);
        if (option->value && used < room)
                snprintf(text + used, room - used, "%s%s%s%s", option->optional ? "[" : "",
                         option->name ? "=" : " ", option->value, option->optional ? "]" : "");
}

/* A character of a help text: there, quotes stand around a literal. */
static char shown(char character)
{
        return character == '`' ? '\'' : character;
}

void print_wrapped(const char *text, size_t column, size_t indent, size_t width)
{
        while (*text) {
                size_t length = strcspn(text, " \n");

                if (column > indent && column + 1 + length > width) {
                        printf("\n%*s", (int)indent, "");
                        column = indent;
                }
                if (column > indent)
                        putchar(' ');
                column += length + (column > indent);
                for (; length > 0; length--)
                        putchar(shown(*text++));
                text += strspn(text, " \n");
        }
        putchar('\n');
}

static void print_option(const struct cli_option *option)
{
        char names[128];
        int used;

        option_spelling(option, names, sizeof names);
        used = printf("  %s%s", option->letter ? "" : "    ", names);
        if (used > NAMES - 2)
                printf("\n%*s", NAMES, "");
        else
                printf("%*s", NAMES - used, "");
        print_wrapped(option->help, NAMES, NAMES, WIDTH);
}

static void print_usage(const struct cli_options *options)
{
        const char *name = running_subcommand->name;

        for (const char *line = options->synopsis; *line;) {
                size_t length = strcspn(line, "\n");

                printf("%s filt%s%s%s%.*s\n", line == options->synopsis ? "Usage:" : "      ",
                       name ? " " : "", name ? name : "", length ? " " : "", (int)length, line);
                line += length + (line[length] != '\0');
        }
        if (!name)
                printf("       filt SUBCOMMAND ...\n");
        putchar('\n');
}

static void print_subcommands(void)
{
        printf("\nSubcommands; each has a --help\n");
        for (const struct subcommand *row = subcommands; row->name; row++)
                printf("  %-*s%s\n", NAMES - 2, row->name, row->summary);
}

void print_help(const struct cli_options *options)
{
        const struct cli_option *row = option_after(options, NULL);

        if (options->print_versions)
                options->print_versions(stdout);
        print_usage(options);
        print_wrapped(options->about, 0, 0, WIDTH);
        if (!running_subcommand->name)
                print_subcommands();
        if (!row->heading)
                printf("\nOptions\n");
        for (; row; row = option_after(options, row))
                if (row->heading)
                        printf("\n%s\n", row->heading);
                else
                        print_option(row);
        print_option(&(struct cli_option){'h', "help", .help = "this"});
        if (options->end) {
                putchar('\n');
                print_wrapped(options->end, 0, 0, WIDTH);
        }
}

/* Copies a template from standard input to standard output, and puts in what the tables of
 * subcommands and options say: a line `@bash@`, `@zsh@` or `@fish@` becomes that shell's part of
 * the completion, `@options NAME@` the list of the subcommand's options for the manual page, and
 * `@habits@` the one of how filt differs when called as tcpdump. */
#include "generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Mistakes in the tables end the build --- */

static _Noreturn void mistake(const struct subcommand *subcommand, const char *what,
                              const char *where)
{
        fprintf(stderr, "generate: filt %s: %s: %s\n", name_of(subcommand), what, where);
        exit(1);
}

static void check_names(const struct subcommand *subcommand, const char *names)
{
        while (names && *names) {
                size_t length = strcspn(names, " ");
                bool found = false;

                for (const struct cli_option *row = NULL;
                     (row = option_after(subcommand->options, row));)
                        found = found || (length == 2 && names[1] == row->letter) ||
                                (row->name && strlen(row->name) + 2 == length &&
                                 strncmp(row->name, names + 2, length - 2) == 0);
                if (!found)
                        mistake(subcommand, "a rule names an option that there is not", names);
                names += length;
                names += strspn(names, " ");
        }
}

static void check_tables(const struct subcommand *subcommand)
{
        const struct cli_options *options = subcommand->options;

        for (const struct cli_option *row = options->rows; option_is_row(row); row++) {
                const struct cli_option *other = other_row(row);

                if (other && !(row->with && other->with))
                        mistake(subcommand, "two rows have one name",
                                row->name ? row->name : row->help);
        }
        for (const struct cli_rule *rule = options->rules; rule && (rule->options || rule->one_of);
             rule++) {
                check_names(subcommand, rule->options);
                check_names(subcommand, rule->one_of);
                check_names(subcommand, rule->needs);
                check_names(subcommand, rule->excludes);
        }
}

static bool is_word(const struct cli_options *options, const char *text, size_t length)
{
        const char *word;

        for (size_t i = 0; (word = options->word(i)); i++)
                if (strlen(word) == length && strncmp(word, text, length) == 0)
                        return true;
        return length == 1 && *text == '[';
}

static void check_following(const struct subcommand *capture)
{
        const char *words;

        for (size_t row = 0; following_names(row, &words); row++)
                for (size_t length; words && *words; words += length + (words[length] == ' ')) {
                        length = strcspn(words, " ");
                        if (!is_word(capture->options, words, length))
                                mistake(capture, "what may follow names a word that there is not",
                                        words);
                }
}

/* --- Templates --- */

/* Writes what stands for the line `@NAME@`. Returns false if there is no such name. */
static bool replace(const char *name)
{
        const struct subcommand *row = subcommand_table;

        if (strcmp(name, "bash") == 0)
                write_bash();
        else if (strcmp(name, "zsh") == 0)
                write_zsh();
        else if (strcmp(name, "fish") == 0)
                write_fish();
        else if (strcmp(name, "habits") == 0)
                write_habits();
        else if (strncmp(name, "options", 7) == 0) {
                while (row->name && strcmp(name + 7 + strspn(name + 7, " "), row->name) != 0)
                        row++;
                write_manual(row);
        } else
                return false;
        return true;
}

int main(void)
{
        char line[4096];

        subcommands = subcommand_table;
        for (const struct subcommand *row = subcommands; row; row = next_subcommand(row)) {
                check_tables(row);
                if (!row->name)
                        check_following(row);
        }
        while (fgets(line, sizeof line, stdin)) {
                size_t length = strcspn(line, "\n");

                if (line[0] != '@' || length < 2 || line[length - 1] != '@') {
                        fputs(line, stdout);
                        continue;
                }
                line[length - 1] = '\0';
                if (!replace(line + 1)) {
                        fprintf(stderr, "generate: the template has an unknown line %s@\n", line);
                        return 1;
                }
        }
        return fflush(stdout) || ferror(stdin);
}

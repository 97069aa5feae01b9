/* Reads a command line by a subcommand's table of options. Letters may stand together (-nvr FILE),
 * long names may be cut short where that is unambiguous, and other words may stand anywhere: GNU's
 * habits, as getopt_long(3) has them. */
#include "base/text.h"
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
        const struct cli_options *options;
        const char *command; /* the word that the command was called by */
        void *arguments;
        char **next; /* word of the command line; NULL at the end */
        char *given; /* of each row: 0, 'l' if by its letter, 'n' if by its name */
        bool done;   /* --help has been printed */
};

static const struct cli_option help_row = {.letter = 'h', .name = "help"};

/* option_after(), and the row of --help behind all. */
static const struct cli_option *row_after(const struct reader *reader, const struct cli_option *row)
{
        if (row == &help_row)
                return NULL;
        row = option_after(reader->options, row);
        return row ? row : &help_row;
}

/* What is known of whether the row's option was given. */
static char *given(const struct reader *reader, const struct cli_option *row)
{
        const struct cli_options *options = reader->options;
        size_t number = option_number(options->rows, row), own = number;

        if (!option_is_row(&options->rows[own]) && options->more_rows)
                number += option_number(options->more_rows, row);
        return &reader->given[number];
}

static const struct cli_option *find_letter(const struct reader *reader, char letter)
{
        const struct cli_option *row;

        for (row = row_after(reader, NULL); row; row = row_after(reader, row))
                if (letter && row->letter == letter)
                        return row;
        return NULL;
}

/* The option whose long name is or begins with the `length` bytes at `name`. NULL if there is none,
 * or if there are several: then `rivals` are two of them, else NULL. */
static const struct cli_option *find_name(const struct reader *reader, const char *name,
                                          size_t length, const struct cli_option *rivals[2])
{
        const struct cli_option *row, *found = NULL;

        rivals[0] = rivals[1] = NULL;
        for (row = row_after(reader, NULL); row; row = row_after(reader, row)) {
                if (!row->name || strncmp(row->name, name, length) != 0)
                        continue;
                if (!row->name[length]) {
                        rivals[1] = NULL;
                        return row;
                }
                if (!found) {
                        found = row;
                } else if (strcmp(found->name, row->name) != 0) {
                        rivals[0] = found;
                        rivals[1] = row;
                }
        }
        return rivals[1] ? NULL : found;
}

/* Complains unless the option may be given, perhaps once more. */
static bool may_be_given(struct reader *reader, const struct cli_option *row, char how)
{
        char *before = given(reader, row);
        bool again =
            *before && !row->repeats && !reader->options->repeats && (row->value || row->most == 0);

        *before = how;
        if (again && how == 'l')
                complain_usage("option -%c is given twice", row->letter);
        else if (again)
                complain_usage("option --%s is given twice", row->name);
        return !again;
}

static bool take(struct reader *reader, const struct cli_option *row, char how, const char *value)
{
        if (row == &help_row) {
                print_help(reader->options);
                reader->done = true;
                return false;
        }
        if (value && !*value && strcmp(row->value, "FILE") == 0) {
                if (how == 'l')
                        complain_usage("option -%c: the name of the file is empty", row->letter);
                else
                        complain_usage("option --%s: the name of the file is empty", row->name);
                return false;
        }
        return may_be_given(reader, row, how) &&
               row->take((char *)reader->arguments + row->offset, row, value);
}

/* --- Mistakes --- */

enum mistake { UNKNOWN, LACKS_VALUE, HAS_VALUE };

/* What stands before and after an option. */
struct around {
        const char *before, *after;
};

static const struct around filts_words[] = {
    [UNKNOWN] = {"unknown option ", ""},
    [LACKS_VALUE] = {"option ", " needs an argument"},
    [HAS_VALUE] = {"option ", " takes no argument"},
};

/* getopt_long(3)'s, of letters without their dash, and of names with theirs. */
static const struct around getopts_words_of_letters[] = {
    [UNKNOWN] = {"invalid option -- '", "'"},
    [LACKS_VALUE] = {"option requires an argument -- '", "'"},
};

static const struct around getopts_words_of_names[] = {
    [UNKNOWN] = {"unrecognized option '", "'"},
    [LACKS_VALUE] = {"option '", "' requires an argument"},
    [HAS_VALUE] = {"option '", "' doesn't allow an argument"},
};

/* Complains as getopt_long(3) does. */
static void complain_as_getopt(const struct reader *reader, const struct around *around,
                               const char *option, const char *more)
{
        say("%s: %s%s%s%s", reader->command, around->before, option, around->after, more);
        reader->options->tell_usage();
}

static void complain_of_letter(const struct reader *reader, enum mistake mistake, char letter)
{
        const char option[] = {'-', letter, '\0'};
        const struct around *around = &filts_words[mistake];

        if (reader->options->tell_usage)
                complain_as_getopt(reader, &getopts_words_of_letters[mistake], option + 1, "");
        else
                complain_usage("%s%s%s", around->before, option, around->after);
}

static void complain_of_name(const struct reader *reader, enum mistake mistake, const char *name)
{
        const struct around *around = &filts_words[mistake];
        char option[128];

        snprintf(option, sizeof option, "--%s", name);
        if (reader->options->tell_usage) {
                complain_as_getopt(reader, &getopts_words_of_names[mistake], option, "");
                return;
        }
        option[strcspn(option, "=")] = '\0';
        complain_usage("%s%s%s", around->before, option, around->after);
}

/* Of the beginning of a name, which is that of several; two of them are `rivals`. */
static void complain_of_beginning(const struct reader *reader, const char *text, size_t length,
                                  const struct cli_option *const rivals[2])
{
        static const struct around getopts_words = {"option '--", "' is ambiguous; possibilities:"};
        const struct cli_option *row;
        struct text names = {0};

        if (!reader->options->tell_usage) {
                complain_usage("option --%.*s is ambiguous: --%s, --%s", (int)length, text,
                               rivals[0]->name, rivals[1]->name);
                return;
        }
        for (row = row_after(reader, NULL); row; row = row_after(reader, row))
                if (row->name && strncmp(row->name, text, length) == 0)
                        text_format(&names, " '--%s'", row->name);
        text_char(&names, '\0');
        if (names.failed)
                out_of_memory();
        else
                complain_as_getopt(reader, &getopts_words, text, names.start);
        text_free(&names);
}

/* --- Options --- */

/* Takes `letters`, a word without its dash. */
static bool take_letters(struct reader *reader, const char *letters)
{
        for (; *letters; letters++) {
                const struct cli_option *row = find_letter(reader, *letters);
                const char *value = letters + 1;

                if (!row) {
                        complain_of_letter(reader, UNKNOWN, *letters);
                        return false;
                }
                if (!row->value || (row->optional && !*value)) {
                        if (!take(reader, row, 'l', NULL))
                                return false;
                        continue;
                }
                if (!*value && !*reader->next) {
                        complain_of_letter(reader, LACKS_VALUE, row->letter);
                        return false;
                }
                return take(reader, row, 'l', *value ? value : *reader->next++);
        }
        return true;
}

/* Takes `text`, a word without its two dashes. */
static bool take_name(struct reader *reader, const char *text)
{
        size_t length = strcspn(text, "=");
        const struct cli_option *rivals[2];
        const struct cli_option *row = find_name(reader, text, length, rivals);
        const char *value = text[length] ? text + length + 1 : NULL;

        if (rivals[1])
                complain_of_beginning(reader, text, length, rivals);
        else if (!row)
                complain_of_name(reader, UNKNOWN, text);
        else if (value && !row->value)
                complain_of_name(reader, HAS_VALUE, row->name);
        else if (row->value && !value && !row->optional && !*reader->next)
                complain_of_name(reader, LACKS_VALUE, row->name);
        else {
                if (row->value && !value && !row->optional)
                        value = *reader->next++;
                return take(reader, row, 'n', value);
        }
        return false;
}

/* --- Rules --- */

/* The row that a rule names. */
static const struct cli_option *find_row(const struct reader *reader, const char *name,
                                         size_t length)
{
        const struct cli_option *rivals[2];

        return name[1] == '-' ? find_name(reader, name + 2, length - 2, rivals)
                              : find_letter(reader, name[1]);
}

/* The given ones of the options in `names`; the first two are put into `found`. */
static int find_given(const struct reader *reader, const char *names,
                      const struct cli_option *found[2])
{
        int count = 0;

        for (; *names && count < 2; names += strspn(names, " ")) {
                size_t length = strcspn(names, " ");
                const struct cli_option *row = find_row(reader, names, length);

                if (row && *given(reader, row))
                        found[count++] = row;
                names += length;
        }
        return count;
}

struct spelled {
        char text[64];
};

/* An option as it was given. */
static struct spelled as_given(const struct reader *reader, const struct cli_option *row)
{
        struct spelled spelled = {"-?"};

        if (*given(reader, row) == 'l')
                spelled.text[1] = row->letter;
        else
                snprintf(spelled.text, sizeof spelled.text, "--%s", row->name);
        return spelled;
}

static bool obeys(const struct reader *reader, const struct cli_rule *rule)
{
        const struct cli_option *found[2], *others[2];
        int count = find_given(reader, rule->one_of ? rule->one_of : rule->options, found);

        if (count < (rule->one_of ? 2 : 1) ||
            (rule->needs && find_given(reader, rule->needs, others) > 0) ||
            (rule->excludes && find_given(reader, rule->excludes, others) == 0))
                return true;
        if (rule->message && reader->options->tell_usage)
                complain("%s", rule->message);
        else if (rule->message)
                complain_usage("%s", rule->message);
        else if (rule->needs)
                complain_usage("%s has no effect without %s", as_given(reader, found[0]).text,
                               rule->needs);
        else
                complain_usage("%s and %s exclude each other", as_given(reader, found[0]).text,
                               as_given(reader, rule->one_of ? found[1] : others[0]).text);
        return false;
}

static bool obeys_all(const struct reader *reader)
{
        const struct cli_rule *rule = reader->options->rules;

        for (; rule && (rule->one_of || rule->options); rule++)
                if (!obeys(reader, rule))
                        return false;
        return true;
}

/* --- The whole --- */

/* Reads the words of the command line; those that are no options stay in `words`. */
static int read_words(struct reader *reader, struct words *words)
{
        while (*reader->next) {
                char *word = *reader->next++;

                if (word[0] != '-' || !word[1]) {
                        words->words[words->count++] = word;
                        if (!reader->options->word)
                                break;
                } else if (strcmp(word, "--") == 0) {
                        words->before = words->count;
                        break;
                } else if (word[1] == '-' ? !take_name(reader, word + 2)
                                          : !take_letters(reader, word + 1)) {
                        return reader->done ? STATUS_DONE : STATUS_USAGE;
                }
        }
        while (*reader->next)
                words->words[words->count++] = *reader->next++;
        words->words[words->count] = NULL;
        return obeys_all(reader) ? GO_ON : STATUS_USAGE;
}

int options_read(const struct cli_options *options, char **argv, void *arguments,
                 struct words *words)
{
        struct reader reader = {
            .options = options, .command = argv[0], .arguments = arguments, .next = argv + 1};
        int status;

        words->words = argv + 1; /* they never overtake the reader */
        words->count = 0;
        words->before = -1;
        reader.given =
            calloc(option_count(options->rows) + option_count(options->more_rows) + 1, 1);
        if (!reader.given)
                return out_of_memory();
        status = read_words(&reader, words);
        free(reader.given);
        return status;
}

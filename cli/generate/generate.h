/* generate: completions and the manual page from the tables of subcommands and options. */
#pragma once

#include "cli/common/cli.h"

/* cli/main.c, whose main() the Makefile renames here. */
extern const struct subcommand subcommand_table[];

/* What libpcap compiles filters for: the link types that completion offers for -y. */
extern const char link_types[];

/* Each writes to standard output what stands for a line `@NAME@` of a template: all subcommands, or
 * the options of one. */
void write_bash(void);
void write_zsh(void);
void write_fish(void);
void write_manual(const struct subcommand *subcommand);

/* The name of a subcommand, "" of the capture command. */
const char *name_of(const struct subcommand *subcommand);

/* The subcommand after this one, NULL after the last: the capture command. */
const struct subcommand *next_subcommand(const struct subcommand *subcommand);

/* The option after `row`, the first one after NULL; NULL after the last. Of two rows with one name
 * only the first counts. */
const struct cli_option *next_option(const struct cli_options *options,
                                     const struct cli_option *row);

/* The list of differences, in mdoc(7). */
void write_habits(void);

/* The table of what may follow a word of the filter language, as functions of bash and zsh, and of
 * fish. */
void write_following(void);
void write_fish_following(void);

/* Words that this table speaks of, some at a time: those of `row`, which counts from 0; NULL or ""
 * if it has none. False past the last. */
bool following_names(size_t row, const char **words);

/* Whether the subcommand's operands are an expression. */
bool takes_expression(const struct subcommand *subcommand);

/* The row after `row` that has its name and holds with another option, such as the second --format.
 * NULL if there is none. */
const struct cli_option *other_row(const struct cli_option *row);

/* "v", "vv", "vvv": how often the letter may be given at once. */
void put_letters(const struct cli_option *row, const char *separator);

/* "a|b|c" with `separator` for each bar. */
void put_set(const char *set, const char *separator);

/* The row's help between single quotes, without the marks of literals. Characters in `escaped` get
 * a backslash; `quote` stands for a single quote. */
void put_help(const struct cli_option *row, const char *escaped, const char *quote);

/* All words that a subcommand's operands may be, separated by spaces. */
void put_words(const struct cli_options *options);

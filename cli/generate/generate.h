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

/* True of a row in the table, false of what ends it. */
bool is_row(const struct cli_option *row);

/* The row after `row` that has its name and holds with another option, such as the second --format.
 * NULL if there is none. */
const struct cli_option *other_row(const struct cli_option *row);

/* Whether `row` is such a second row. */
bool is_other_row(const struct cli_options *options, const struct cli_option *row);

/* "a|b|c" with `separator` for each bar. */
void put_set(const char *set, const char *separator);

/* The row's help between single quotes, without the marks of literals. Characters in `escaped` get
 * a backslash; `quote` stands for a single quote. */
void put_help(const struct cli_option *row, const char *escaped, const char *quote);

/* All words that a subcommand's operands may be, separated by spaces. */
void put_words(const struct cli_options *options);

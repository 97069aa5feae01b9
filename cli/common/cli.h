/* cli: what the subcommands share: exit status, messages, the expression on the command line. */
#ifndef CLI_H
#define CLI_H

#include "capture/capture.h"
#include "cbpf/cbpf.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
        STATUS_DONE = 0,
        STATUS_FAILED = 1, /* failed at run time, or compare found a difference */
        STATUS_USAGE = 2,  /* bad usage, or a filter that does not compile */
};

/* The subcommands. argv[0] is the subcommand's name; each returns the exit status. */
int capture_run(int argc, char **argv);
int compare_run(int argc, char **argv);
int debug_run(int argc, char **argv);
int demo_run(int argc, char **argv);
int explain_run(int argc, char **argv);
int write_trace_run(int argc, char **argv);

/* Opens /dev/null for each of the three standard streams that is closed. Without, a socket or file
 * opened later would get its number, and what is meant for a stream would be written there. */
void open_standard_streams(void);

/* Prints "filt: ", the message and a newline to standard error. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether a line without its end stands on standard error, a terminal, which the next complaint is
 * to replace. */
void standing_line(bool stands);

/* complain(), then a line that points to --help; returns STATUS_USAGE. `subcommand` is NULL for
 * the capture options. */
int complain_usage(const char *subcommand, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A counted noun in plain English: "1 call", "2 calls". Use it inside an argument list, as
 * counted(n, "call").text: the text lives until the end of that full expression. */
struct counted {
        char text[64];
};
struct counted counted(uint64_t count, const char *noun);

/* Hands on what has been printed. Returns 0, STATUS_FAILED after a complaint, or -1 if the reader
 * has closed its end, which is no error: it has seen enough. */
int flush_standard_output(void);

/* Reads a decimal number from `text` into `*value`. Returns false unless all of it is a number from
 * `least` to `most`; then complains, naming `option` and the range. */
bool parse_number(const char *option, const char *text, uint64_t least, uint64_t most,
                  uint64_t *value);

/* The words of an expression, joined by spaces, as fresh memory the caller frees. */
char *join_words(int count, char *const *words);

/* Reads a text file ("-" is standard input) as fresh memory. Complains and returns NULL if it
 * cannot be read, is empty, or has a NUL byte; `content` is what it should hold, for the message.
 */
char *read_text_file(const char *path, const char *content);

/* Reads the expression of -F FILE ("-" is standard input) as fresh memory. Complains and returns
 * NULL if it cannot be read, is empty, or has a NUL byte. */
char *read_expression(const char *path);

/* Complains about an expression that does not compile, with a caret under what is wrong. */
void complain_filter(const char *expression, const struct error *error);

/* The same about `text`, which was read from `name`: says line and column, too. */
void complain_text(const char *name, const char *text, const struct error *error);

#endif

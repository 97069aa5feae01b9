/* --process: whose the packets of a live capture are. */
#pragma once

#include "base/error.h"
#include "capture/capture.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Tests of processes in an expression. */
struct process_language;

/* Finds them. Returns GO_ON, with NULL if there are none, or a status after a complaint. */
int process_language_read(const char *expression, struct process_language **language);
void process_language_free(struct process_language *language); /* NULL is fine */

/* Reads the files that the expression names as sets, which the caller frees after the language
 * (NULL: there are none), and finds out whether it compiles. Returns GO_ON, or a status after a
 * complaint.
 */
struct cbpf_sets;
int process_language_prepare(struct process_language *language, const char *expression,
                             struct cbpf_sets **sets);

/* The expression, for the kernel: what is accepted for any processes. */
const char *process_language_any(const struct process_language *language);

/* What a pcapng file tells of processes, as --process -w has written it. */
struct process_told;

/* `members`: records get them. NULL when memory is short. */
struct process_told *process_told_new(bool members);
void process_told_free(struct process_told *told); /* NULL is fine */

/* Gives the record of a file's packet a `note`, and `members`, if its comment says whose it is;
 * they are valid until the next call. Returns false when memory is short. */
bool process_told_read(struct process_told *told, struct capture_record *record);

/* Whether the language accepts it; `failed`: that could not be told, as memory was short. */
bool process_told_accepts(struct process_told *told, struct process_language *language,
                          const struct capture_record *record, bool *failed);

/* Whether packets were asked so, and none has told of a process. */
bool process_told_nothing(const struct process_told *told);

struct process_options {
        struct process_language *language; /* packets that it accepts alone; NULL: all */
        pid_t only;    /* packets of this process and those that descend from it alone; 0: all */
        bool members;  /* records have them, */
        bool comments; /* and these */
};

struct process_source;

/* Opens a capture that has the packets of `capture`, which it takes over (even on failure), each
 * with the processes that it is known to be sent and received by: `note`, `members` and `comment`
 * of its record say so. A packet that a process is still to read is held back for up to a tenth of
 * a second, and those behind it, too. `opened` gets the source, which the capture owns. Returns
 * NULL with `error` filled on failure. */
struct capture *process_open(struct capture *capture, const struct process_options *options,
                             struct process_source **opened, struct error *error);

/* Says on standard error, a line each, what this kernel does not tell. */
void process_tell_lacks(const struct process_source *source);

/* How many records of processes were lost: packets near them are of unknown processes. */
uint64_t process_lost(const struct process_source *source);

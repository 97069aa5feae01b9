/* Keeps libbpf's messages instead of printing them. */
#pragma once

#include "base/error.h"

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stddef.h>

struct libbpf_log {
        char text[16384]; /* the latest warnings; NUL-terminated */
        size_t length;
        libbpf_print_fn_t before;
};

/* Sends libbpf's warnings to `log` until libbpf_log_stop(). As libbpf's print function is
 * process-wide, other threads' messages are dropped meanwhile; a thread can have one log at a time.
 */
void libbpf_log_start(struct libbpf_log *log);
void libbpf_log_stop(struct libbpf_log *log);

/* Adds `size` bytes of text; if full, drops the oldest half. */
void libbpf_log_add(struct libbpf_log *log, const char *text, size_t size);

/* Copies the most informative line to `reason` (`size` bytes, truncated): the verifier's last line
 * if there is one, else libbpf's first; or "". Returns whether it is the verifier's. */
bool libbpf_log_reason(const struct libbpf_log *log, char *reason, size_t size);

/* The errno behind one of libbpf's: where descriptors ran short, it may say something else. */
int libbpf_log_cause(int number);

/* Fills `error` with what failed ("loading a tap"), why, and what to do: `needs` are the
 * capabilities it takes. `number` is an errno; the verifier may return EACCES, too, but then its
 * log, which may be NULL, says why. Returns -1. */
int libbpf_log_fail(struct error *error, const char *what, const char *needs, int number,
                    const struct libbpf_log *log);

/* Fills `error` with that the kernel has no BTF, which says how its structures lie in memory, and
 * what does not go without ("filt cannot ..."). Returns -1. */
int libbpf_log_no_structures(struct error *error, const char *so);

/* Keeps libbpf's messages instead of printing them. */
#pragma once

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

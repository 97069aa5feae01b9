/* libbpf's messages, kept instead of printed. */
#ifndef LIBBPF_LOG_H
#define LIBBPF_LOG_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stddef.h>

struct libbpf_log {
        char text[16384]; /* the last of what libbpf warned of; NUL-terminated */
        size_t length;
        libbpf_print_fn_t before;
};

/* From here to libbpf_log_stop() libbpf's warnings go to `log`. libbpf has one print function for
 * the process and gives it no context: messages from other threads meanwhile are dropped, and two
 * logs at a time in one thread do not work. */
void libbpf_log_start(struct libbpf_log *log);
void libbpf_log_stop(struct libbpf_log *log);

/* Adds `size` bytes of text; when full, the oldest half goes. */
void libbpf_log_add(struct libbpf_log *log, const char *text, size_t size);

/* The line of the log that tells most: the verifier's last words if it spoke, else libbpf's first
 * line. Copied to `reason` (`size` bytes, cut if need be); empty if there is none. Returns true if
 * it is the verifier's. */
bool libbpf_log_reason(const struct libbpf_log *log, char *reason, size_t size);

#endif

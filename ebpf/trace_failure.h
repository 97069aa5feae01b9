/* Opens tracefs, and explains why a tracer cannot start. On failure each function fills `error` and
 * returns -1. */
#pragma once

#include "base/error.h"
#include "libbpf_log.h"

/* Explains why libbpf failed with errno `number`. */
int ebpf_fail_for_program(struct error *error, const char *step, int number,
                          const struct libbpf_log *log);

/* Explains, by errno, why file `name` of the tracefs at `place` cannot be used. */
int ebpf_fail_for_file(struct error *error, const char *place, const char *name);

/* Returns a descriptor of tracefs for the *at() calls, and sets `*place` to its path. If it is not
 * mounted, mounts it in a new mount namespace of the calling thread, so that no one else sees it
 * and it vanishes with the process. */
int ebpf_open_tracefs(const char **place, struct error *error);

/* Checks that tracefs has the tracepoint syscalls:sys_enter_`call`. Returns 0 if so. */
int ebpf_check_tracepoint(int folder, const char *place, const char *call, struct error *error);

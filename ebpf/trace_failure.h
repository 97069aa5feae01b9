/* Why a tracer could not be started: the messages that both of them give. Each of these fills
 * `error` and returns -1. */
#ifndef TRACE_FAILURE_H
#define TRACE_FAILURE_H

#include "base/error.h"
#include "libbpf_log.h"

/* Explains an EPERM or EACCES. `step` is what could not be done, `reason` what libbpf said, or "".
 */
int ebpf_fail_for_privilege(struct error *error, const char *step, const char *reason);

/* Explains why libbpf failed with errno `number`. */
int ebpf_fail_for_program(struct error *error, const char *step, int number,
                          const struct libbpf_log *log);

/* Tells, from errno, what is wrong with a file in the tracefs at `place`. */
int ebpf_fail_for_file(struct error *error, const char *place, const char *name);

/* Opens tracefs's folder for the *at() calls, mounting it first if need be, and sets `*place` to
 * where it is. */
int ebpf_open_tracefs(const char **place, struct error *error);

#endif

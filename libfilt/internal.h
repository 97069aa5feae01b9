/* Inside libfilt: what a filter is. */
#pragma once

#include "cbpf/cbpf.h"

#define FILT_API __attribute__((visibility("default")))
#include "filt.h"

#include <pthread.h>
#include <stdatomic.h>

/* Whether a program runs as machine code is decided when it is first used. */
enum machine { MACHINE_UNDECIDED, MACHINE_NATIVE, MACHINE_INTERPRETER };

struct filt_filter {
        char *expression; /* NULL if the filter was made of a program */
        struct cbpf_sets *sets;
        struct cbpf_target target;
        struct bpf_program program;
        bool by_libpcap;
        struct cbpf_jit *_Atomic jit;
        _Atomic int machine;
        pthread_mutex_t attaching; /* for the rest */
        int extended, table;       /* descriptors; -1 until the extended program is loaded */
};

/* Fill `error`, NULL to ignore it. Return -1, so that a function can fail by returning it. */
int fail(struct filt_error *error, enum filt_error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int fail_memory(struct filt_error *error);
int fail_system(struct filt_error *error, int reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int fail_by(struct filt_error *error, const struct error *reason); /* what another library says */

/* Whether libpcap can be loaded; if not, `reason` says why not. */
bool libpcap_is_there(char *reason, size_t room);

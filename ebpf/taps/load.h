/* Inside ebpf/taps: the programs of taps.bpf.c and netfilter.bpf.c, loaded. */
#pragma once

#include "base/error.h"
#include "ebpf/libbpf_log.h"
#include "ebpf/program.h"
#include "record.h"
#include "taps.h"

struct tap_object {
        void *opened; /* the skeleton: a netfilter_bpf at that hook, else a taps_bpf; or NULL */
        enum taps_hook hook;
        int program, ring;        /* descriptors, which are the object's; the ring is a map */
        int before;               /* XDP: the map of the program that the tap goes on to; else -1 */
        struct taps_state *state; /* shared with the program */
};

struct tap_request {
        enum taps_hook hook;
        enum ebpf_kind kind;
        struct taps_constants constants;
        int ring;         /* that of other taps; or -1, and one is made */
        size_t ring_size; /* in bytes */
};

/* Loads the program of a hook. Returns 0, or -1 with `error` filled; unload it either way. */
int tap_object_load(struct tap_object *object, const struct tap_request *request,
                    struct libbpf_log *log, struct error *error);
void tap_object_unload(struct tap_object *object);

/* Fills `error` with what has failed and why; `number` is an errno. `log`: where the verifier has
 * had its say; or NULL. Returns -1. */
int tap_fail(struct error *error, const char *what, int number, const struct libbpf_log *log);

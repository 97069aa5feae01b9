/* Loads drops.bpf.c and reads its ring. */
#include "drops.h"

#include "ebpf/drops/drops.skel.h"
#include "ebpf/libbpf_log.h"
#include "ebpf/program.h"
#include "ebpf/ring.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct drops {
        struct drops_bpf *skeleton;
        struct ring ring;
        unsigned long taken; /* the position in the ring up to which records were returned */
        int link;            /* what is attached; -1 if nothing is */
        int information;     /* what /proc says of that; -1 if it is not known */
        bool has_reasons;
        bool has_socket;
};

/* --- Loading --- */

static int fail(struct error *error, const char *what, int number, const struct libbpf_log *log)
{
        return libbpf_log_fail(error, what, "CAP_BPF and CAP_PERFMON", number, log);
}

static int load(struct drops *drops, const struct drops_options *options, size_t ring_size,
                const struct libbpf_log *log, struct error *error)
{
        enum { WITH_REASON = 3, WITH_SOCKET = 4 };
        const int arguments = ebpf_tracepoint_arguments("kfree_skb");
        int result;

        if (arguments < 0)
                return libbpf_log_no_structures(error, "filt cannot do without that here");
        drops->skeleton = drops_bpf__open();
        if (!drops->skeleton)
                return fail(error, "opening the program for dropped packets", errno, log);
        drops->has_reasons = arguments >= WITH_REASON;
        drops->skeleton->rodata->has_reason = arguments >= WITH_REASON;
        drops->has_socket = drops->skeleton->rodata->has_socket = arguments >= WITH_SOCKET;
        drops->skeleton->rodata->only_namespace = options->network_namespace;
        drops->skeleton->rodata->snapshot = options->snapshot;
        drops->skeleton->rodata->frames = options->frames;
        result = bpf_map__set_max_entries(drops->skeleton->maps.ring, (uint32_t)ring_size);
        if (result == 0)
                result = drops_bpf__load(drops->skeleton);
        if (result < 0)
                return fail(error, "loading the program for dropped packets", -result, log);
        if (ring_open(&drops->ring, bpf_map__fd(drops->skeleton->maps.ring), ring_size) < 0)
                return fail(error, "mapping the ring of dropped packets", errno, log);
        return 0;
}

int drops_table(const struct drops *drops)
{
        return bpf_map__fd(drops->skeleton->maps.behind_filter);
}

uint8_t drops_receiver(const struct drops *drops)
{
        enum { RECEIVER = 3 };

        return drops->has_socket ? RECEIVER : 0;
}

int drops_attach(struct drops *drops, int filter, struct error *error)
{
        const int program = bpf_program__fd(drops->skeleton->progs.drop);
        const uint32_t first = 0;
        int result = bpf_map_update_elem(drops_table(drops), &first, &program, BPF_ANY);

        if (filter < 0)
                filter = program;
        if (result == 0)
                result = drops->link = bpf_raw_tracepoint_open("kfree_skb", filter);
        if (result < 0)
                return fail(error, "attaching to the tracepoint kfree_skb", -result, NULL);
        drops->information = ebpf_program_information(filter);
        return 0;
}

struct drops *drops_open(const struct drops_options *options, struct error *error)
{
        struct drops *drops = calloc(1, sizeof *drops);
        struct libbpf_log *log = calloc(1, sizeof *log);
        int result = -1;

        if (drops && log) {
                drops->information = drops->link = -1;
                libbpf_log_start(log);
                result = load(drops, options, ring_round(options->ring), log, error);
                libbpf_log_stop(log);
        } else {
                error_memory(error);
        }
        free(log);
        if (result == 0)
                return drops;
        drops_close(drops);
        return NULL;
}

void drops_stop(struct drops *drops)
{
        if (drops->link >= 0)
                close(drops->link);
        drops->link = -1;
}

void drops_close(struct drops *drops)
{
        if (!drops)
                return;
        drops_stop(drops);
        ring_close(&drops->ring);
        drops_bpf__destroy(drops->skeleton);
        if (drops->information >= 0)
                close(drops->information);
        free(drops);
}

/* --- Reading --- */

bool drops_has_reasons(const struct drops *drops)
{
        return drops->has_reasons;
}

int drops_descriptor(const struct drops *drops)
{
        return bpf_map__fd(drops->skeleton->maps.ring);
}

const struct drops_record *drops_next(struct drops *drops)
{
        size_t size;

        return ring_next(&drops->ring, &drops->taken, &size);
}

void drops_release(struct drops *drops)
{
        ring_release(&drops->ring, drops->taken);
}

bool drops_is_empty(const struct drops *drops)
{
        return ring_is_empty(&drops->ring);
}

uint64_t drops_lost(const struct drops *drops)
{
        return __atomic_load_n(&drops->skeleton->bss->lost, __ATOMIC_RELAXED) +
               ebpf_program_missed(drops->information);
}

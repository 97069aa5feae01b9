/* Loads process.bpf.c, and reads its ring and its iterator. */
#include "process.h"

#include "ebpf/libbpf_log.h"
#include "ebpf/process/process.skel.h"
#include "ebpf/ring.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The inode of the initial PID namespace (PROC_PID_INIT_INO). */
#define INITIAL_PID_NAMESPACE 0xeffffffcu

struct process_watch {
        struct process_bpf *skeleton;
        struct ring ring;
        unsigned lacks;
};

/* --- Loading --- */

static int fail(struct error *error, const char *what, int number, const struct libbpf_log *log)
{
        return libbpf_log_fail(error, what, "CAP_BPF and CAP_PERFMON", number, log);
}

/* What the running kernel has, by its BTF. Returns false if it has none. */
static bool find_lacks(unsigned *lacks)
{
        struct btf *btf = btf__load_vmlinux_btf();

        if (!btf)
                return false;
        *lacks = 0;
        if (btf__find_by_name_kind(btf, "btf_trace_sock_recv_length", BTF_KIND_TYPEDEF) < 0)
                *lacks |= PROCESS_LACKS_USES;
        if (btf__find_by_name_kind(btf, "bpf_sock_from_file", BTF_KIND_FUNC) < 0)
                *lacks |= PROCESS_LACKS_FILES;
        btf__free(btf);
        return true;
}

static uint32_t own_pid_namespace(void)
{
        struct stat status;

        if (stat("/proc/self/ns/pid", &status) < 0 || status.st_ino == INITIAL_PID_NAMESPACE)
                return 0;
        return (uint32_t)status.st_ino;
}

static void choose_programs(struct process_watch *watch,
                            const struct process_watch_options *options)
{
        struct process_bpf *skeleton = watch->skeleton;
        bool uses = !(watch->lacks & PROCESS_LACKS_USES);

        skeleton->rodata->only_namespace = options->network_namespace;
        skeleton->rodata->pid_namespace = own_pid_namespace();
        skeleton->rodata->has_lengths = uses;
        bpf_program__set_autoload(skeleton->progs.sent_length, uses);
        bpf_program__set_autoload(skeleton->progs.received_length, uses);
        bpf_program__set_autoload(skeleton->progs.holder, !(watch->lacks & PROCESS_LACKS_FILES));
        bpf_program__set_autoload(skeleton->progs.exited, options->followed > 0);
}

static int load(struct process_watch *watch, const struct process_watch_options *options,
                const struct libbpf_log *log, struct error *error)
{
        const size_t ring_size = ring_round(options->ring);
        const uint32_t followed = (uint32_t)options->followed;
        const uint8_t yes = 1;
        int result;

        if (!find_lacks(&watch->lacks))
                return libbpf_log_no_structures(error, "filt cannot do without that here");
        watch->skeleton = process_bpf__open();
        if (!watch->skeleton)
                return fail(error, "opening the programs for processes", errno, log);
        choose_programs(watch, options);
        result = bpf_map__set_max_entries(watch->skeleton->maps.ring, (uint32_t)ring_size);
        if (result == 0)
                result = process_bpf__load(watch->skeleton);
        if (result == 0 && followed)
                result = bpf_map_update_elem(bpf_map__fd(watch->skeleton->maps.followed), &followed,
                                             &yes, BPF_ANY);
        if (result < 0)
                return fail(error, "loading the programs for processes", -result, log);
        if (ring_open(&watch->ring, bpf_map__fd(watch->skeleton->maps.ring), ring_size) < 0)
                return fail(error, "mapping the ring of processes", errno, log);
        result = process_bpf__attach(watch->skeleton);
        return result < 0 ? fail(error, "attaching to the tracepoints of processes", -result, log)
                          : 0;
}

struct process_watch *process_watch_open(const struct process_watch_options *options,
                                         struct error *error)
{
        struct process_watch *watch = calloc(1, sizeof *watch);
        struct libbpf_log *log = calloc(1, sizeof *log);
        int result = -1;

        if (watch && log) {
                libbpf_log_start(log);
                result = load(watch, options, log, error);
                libbpf_log_stop(log);
        } else {
                error_memory(error);
        }
        free(log);
        if (result == 0)
                return watch;
        process_watch_close(watch);
        return NULL;
}

void process_watch_close(struct process_watch *watch)
{
        if (!watch)
                return;
        ring_close(&watch->ring);
        process_bpf__destroy(watch->skeleton);
        free(watch);
}

unsigned process_watch_lacks(const struct process_watch *watch)
{
        return watch->lacks;
}

/* --- Reading --- */

static void take_record(const void *record, size_t size, process_watch_take *take, void *context)
{
        const struct process_new *process = record;

        if (size >= sizeof *process)
                take(context, process, NULL);
        else if (size >= sizeof(struct process_record))
                take(context, NULL, record);
}

/* A record that is being written is waited for: the rest of what was told before this call stands
 * behind it. That takes as long as an interrupt. */
void process_watch_read(struct process_watch *watch, process_watch_take *take, void *context)
{
        const unsigned long end = __atomic_load_n(watch->ring.producer, __ATOMIC_ACQUIRE);
        unsigned long position = *watch->ring.consumer;
        const void *record;
        size_t size;

        while (position < end) {
                while (position < end && (record = ring_next(&watch->ring, &position, &size)))
                        take_record(record, size, take, context);
                ring_release(&watch->ring, position);
                if (position < end)
                        sched_yield();
        }
}

bool process_watch_scan(struct process_watch *watch, process_watch_take *take, void *context)
{
        struct process_record records[64];
        const uint64_t lost = process_watch_lost(watch);
        ssize_t got = -1;
        int fd;

        if (!watch->skeleton->links.holder)
                return false;
        fd = bpf_iter_create(bpf_link__fd(watch->skeleton->links.holder));
        while (fd >= 0 && ((got = read(fd, records, sizeof records)) > 0 ||
                           (got < 0 && (errno == EINTR || errno == EAGAIN)))) {
                process_watch_read(watch, take, context); /* first, who they are */
                for (size_t i = 0; got > 0 && i < (size_t)got / sizeof *records; i++)
                        take(context, NULL, &records[i]);
        }
        if (fd >= 0)
                close(fd);
        return got == 0 && process_watch_lost(watch) == lost;
}

uint64_t process_watch_lost(const struct process_watch *watch)
{
        return __atomic_load_n(&watch->skeleton->bss->lost, __ATOMIC_RELAXED);
}

void process_watch_again(struct process_watch *watch)
{
        __atomic_fetch_add(&watch->skeleton->data->epoch, 1, __ATOMIC_RELAXED);
}

/* Loads writes.bpf.c, attaches it, and reads its maps. */
#include "writes.h"

#include "ebpf/writes.skel.h"
#include "ring.h"
#include "trace_failure.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct writes {
        struct writes_bpf *skeleton;
        struct ring ring;
        size_t vector_most;
        int cpus;
        struct libbpf_log log;
};

static const char *const names[WRITES_CALLS] = {
    [WRITES_WRITE] = "write",     [WRITES_WRITEV] = "writev",     [WRITES_PWRITE64] = "pwrite64",
    [WRITES_PWRITEV] = "pwritev", [WRITES_PWRITEV2] = "pwritev2",
};

const char *writes_call_name(enum writes_call call)
{
        return names[call];
}

/* The programs of one call; of those at its end one is loaded. */
enum { LEAVE, LEAVE_LATER, WHOLE, ENDS };

struct programs {
        struct bpf_program *enter, *ends[ENDS];
        struct bpf_link **enter_link, **end_link;
};

static struct programs programs_of(struct writes_bpf *skeleton, enum writes_call call)
{
#define PROGRAMS(name)                                                               \
        {                                                                            \
                skeleton->progs.enter_##name,                                        \
                    {skeleton->progs.exit_##name, skeleton->progs.exit_later_##name, \
                     skeleton->progs.whole_##name},                                  \
                    &skeleton->links.enter_##name, &skeleton->links.exit_##name      \
        }
        const struct programs programs[WRITES_CALLS] = {
            [WRITES_WRITE] = PROGRAMS(write),       [WRITES_WRITEV] = PROGRAMS(writev),
            [WRITES_PWRITE64] = PROGRAMS(pwrite64), [WRITES_PWRITEV] = PROGRAMS(pwritev),
            [WRITES_PWRITEV2] = PROGRAMS(pwritev2),
        };
#undef PROGRAMS
        return programs[call];
}

/* The initial PID namespace has this inode on every kernel. */
enum { INITIAL_NAMESPACE = 0xEFFFFFFC };

static int set_namespace(struct writes_bpf *skeleton, struct error *error)
{
        static const char path[] = "/proc/self/ns/pid";
        struct stat status;

        if (stat(path, &status) < 0)
                return error_set(error, "%s: %s; it needs a mounted /proc", path, strerror(errno));
        if ((uint32_t)status.st_ino != (uint32_t)INITIAL_NAMESPACE)
                skeleton->rodata->namespace_inode = (uint32_t)status.st_ino;
        return 0;
}

/* Returns the room for data in an entry of `calls`, and sets how many elements of a vector fit. */
static size_t room_for_data(struct writes *writes, const struct writes_options *options)
{
        const size_t most = options->data_most;
        const size_t stride = sizeof(struct writes_vector) + most;
        bool vectors = false;

        if (options->summary)
                return 0;
        for (int i = 0; i < WRITES_CALLS; i++)
                vectors |= options->calls[i] && writes_is_vector(i);
        if (!vectors)
                return most;
        /* strace also shows as many elements as bytes. */
        writes->vector_most = most < 64 ? most : 64;
        if (writes->vector_most * stride > WRITES_DATA_MAX)
                writes->vector_most = WRITES_DATA_MAX / stride;
        if (writes->vector_most == 0)
                writes->vector_most = 1;
        return writes->vector_most * stride > most ? writes->vector_most * stride : most;
}

static void size_maps(struct writes *writes, const struct writes_options *options, bool modern)
{
        const size_t memory = 32 << 20;
        struct writes_bpf *skeleton = writes->skeleton;
        const size_t room = room_for_data(writes, options);
        const size_t value = (sizeof(struct writes_event) + room + 7) & ~7UL;
        const bool small = modern && room <= WRITES_DATA_SMALL;
        size_t threads = memory / value;

        if (threads > 32768)
                threads = 32768;
        if (small)
                threads = 1;
        skeleton->rodata->small = small;
        bpf_map__set_autocreate(skeleton->maps.small_calls, small);
        bpf_map__set_value_size(skeleton->maps.calls, (uint32_t)value);
        bpf_map__set_max_entries(skeleton->maps.calls, (uint32_t)threads);
        bpf_map__set_value_size(skeleton->maps.blank, (uint32_t)value);
        bpf_map__set_max_entries(skeleton->maps.ring,
                                 (uint32_t)ring_round(options->summary ? 0 : options->ring_size));
        if (options->summary)
                bpf_map__set_max_entries(skeleton->maps.totals, WRITES_KEYS);
        if (!options->cgroup)
                bpf_map__set_autocreate(skeleton->maps.cgroup, false);
}

static void set_selection(struct writes_bpf *skeleton, const struct writes_options *options)
{
        struct writes_bpf__rodata *constants = skeleton->rodata;

        constants->by_pid = options->pids != NULL;
        constants->by_uid = options->by_uid;
        constants->uid_wanted = options->uid;
        constants->by_comm = options->comm != NULL;
        if (options->comm)
                snprintf((char *)constants->comm_wanted, WRITES_COMM, "%s", options->comm);
        constants->by_cgroup = options->cgroup != NULL;
        constants->by_fd = options->by_fd;
        constants->fd_wanted = options->fd;
        constants->bytes_least = options->bytes_least;
        constants->self = (uint32_t)getpid();
}

static void set_report(const struct writes *writes, const struct writes_options *options)
{
        struct writes_bpf__rodata *constants = writes->skeleton->rodata;

        constants->data_most = options->summary ? 0 : (uint32_t)options->data_most;
        constants->vector_most = (uint32_t)writes->vector_most;
        constants->with_paths = options->with_paths;
        constants->with_comm = options->with_comm || options->summary;
        constants->with_times = options->with_times || options->summary;
        constants->with_sum = options->with_sum || options->bytes_least > 0;
        constants->summary = options->summary;
        constants->summary_by_descriptor = options->by_descriptor;
}

/* Returns whether it suffices to examine a call when it ends. */
static bool can_be_whole(const struct writes_options *options)
{
#ifdef __x86_64__
        return !options->with_times && !options->summary;
#else
        (void)options;
        return false; /* the result has replaced the first argument */
#endif
}

/* Loads only what the selection needs. */
static void choose_programs(struct writes_bpf *skeleton, const struct writes_options *options,
                            bool modern)
{
        static const long numbers[WRITES_CALLS] = {SYS_write, SYS_writev, SYS_pwrite64, SYS_pwritev,
                                                   SYS_pwritev2};
        const int best = can_be_whole(options) ? WHOLE : LEAVE_LATER;
        const int chosen = modern ? best : LEAVE;
        const bool whole = chosen == WHOLE;
        /* Signals matter if processes are watched, not if calls are. */
        const bool signals = options->pids && !options->summary;

        skeleton->rodata->at_end_only = whole;
        for (int i = 0; i < WRITES_CALLS; i++) {
                struct programs programs = programs_of(skeleton, i);

                skeleton->rodata->call_numbers[i] = options->calls[i] ? numbers[i] : -2;
                bpf_program__set_autoload(programs.enter, options->calls[i] && !whole);
                for (int end = 0; end < ENDS; end++)
                        bpf_program__set_autoload(programs.ends[end],
                                                  options->calls[i] && end == chosen);
        }
        bpf_program__set_autoload(skeleton->progs.follow_fork, options->follow);
        bpf_program__set_autoload(skeleton->progs.signal_arrives, signals);
        bpf_program__set_autoload(skeleton->progs.signal_is_made, signals);
}

static int set_pids(const struct writes *writes, const struct writes_options *options,
                    struct error *error)
{
        int map = bpf_map__fd(writes->skeleton->maps.wanted);
        const uint8_t one = 1;

        for (size_t i = 0; i < options->pid_count; i++)
                if (bpf_map_update_elem(map, &options->pids[i], &one, BPF_ANY) < 0)
                        return error_set(error, "cannot select %zu processes: %s",
                                         options->pid_count, strerror(errno));
        return 0;
}

static int set_cgroup(const struct writes *writes, const struct writes_options *options,
                      struct error *error)
{
        const uint32_t zero = 0;
        int folder;
        int failed;

        if (!options->cgroup)
                return 0;
        folder = open(options->cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder < 0)
                return error_set(error, "cgroup %s: %s", options->cgroup, strerror(errno));
        failed = bpf_map_update_elem(bpf_map__fd(writes->skeleton->maps.cgroup), &zero, &folder, 0);
        close(folder);
        if (failed)
                return error_set(error,
                                 "%s is not a cgroup (%s); use a folder of a cgroup2 file "
                                 "system, like /sys/fs/cgroup/system.slice",
                                 options->cgroup, strerror(errno));
        return 0;
}

static int attach(const struct writes *writes, struct bpf_program *program, struct bpf_link **link,
                  struct error *error)
{
        char step[64];

        if (!bpf_program__autoload(program))
                return 0;
        *link = bpf_program__attach(program);
        if (*link)
                return 0;
        snprintf(step, sizeof step, "attach to %s", bpf_program__section_name(program));
        return ebpf_fail_for_program(error, step, errno, &writes->log);
}

/* Attaches to the ends of calls before their starts, so that no call lacks its end, and follows
 * forks before both, so that no child is missed. */
static int attach_all(const struct writes *writes, struct error *error)
{
        struct writes_bpf *skeleton = writes->skeleton;

#define ATTACH(name) attach(writes, skeleton->progs.name, &skeleton->links.name, error)
        if (ATTACH(follow_exit) < 0 || ATTACH(follow_fork) < 0 || ATTACH(forget_name) < 0 ||
            ATTACH(signal_arrives) < 0 || ATTACH(signal_is_made) < 0)
                return -1;
#undef ATTACH
        for (int i = 0; i < WRITES_CALLS; i++) {
                struct programs programs = programs_of(skeleton, i);

                for (int end = 0; end < ENDS; end++)
                        if (attach(writes, programs.ends[end], programs.end_link, error) < 0)
                                return -1;
        }
        for (int i = 0; i < WRITES_CALLS; i++) {
                struct programs programs = programs_of(skeleton, i);

                if (attach(writes, programs.enter, programs.enter_link, error) < 0)
                        return -1;
        }
        return 0;
}

/* `modern`: with what Linux 5.11 and 6.18 added, for speed and for data that is not in memory. */
static int load(struct writes *writes, const struct writes_options *options, bool modern,
                struct error *error)
{
        int status;

        writes->skeleton = writes_bpf__open();
        if (!writes->skeleton)
                return ebpf_fail_for_program(error, "open the eBPF program", errno, &writes->log);
        size_maps(writes, options, modern);
        set_selection(writes->skeleton, options);
        set_report(writes, options);
        if (set_namespace(writes->skeleton, error) < 0)
                return -1;
        choose_programs(writes->skeleton, options, modern);
        status = writes_bpf__load(writes->skeleton);
        if (status == 0)
                return 0;
        writes_bpf__destroy(writes->skeleton);
        writes->skeleton = NULL;
        return ebpf_fail_for_program(error, "load the eBPF program", -status, &writes->log);
}

static int load_and_attach(struct writes *writes, const struct writes_options *options,
                           struct error *error)
{
        if (load(writes, options, true, error) < 0 && load(writes, options, false, error) < 0)
                return -1;
        if (set_pids(writes, options, error) < 0 || set_cgroup(writes, options, error) < 0)
                return -1;
        if (ring_open(&writes->ring, bpf_map__fd(writes->skeleton->maps.ring),
                      bpf_map__max_entries(writes->skeleton->maps.ring)) < 0)
                return error_set(error, "cannot map the ring buffer: %s", strerror(errno));
        return attach_all(writes, error);
}

static int check_tracepoints(const struct writes_options *options, struct error *error)
{
        const char *place;
        int failed = 0;
        int folder = ebpf_open_tracefs(&place, error);

        if (folder < 0)
                return -1;
        for (int i = 0; i < WRITES_CALLS && !failed; i++)
                if (options->calls[i])
                        failed = ebpf_check_tracepoint(folder, place, names[i], error);
        close(folder);
        return failed;
}

static int check_btf(struct error *error)
{
        static const char path[] = "/sys/kernel/btf/vmlinux";

        if (access(path, R_OK) == 0)
                return 0;
        return error_set(error,
                         "%s: %s; it needs a kernel built with CONFIG_DEBUG_INFO_BTF, which "
                         "describes its structures (--minimal works without)",
                         path, strerror(errno));
}

static int open_all(struct writes *writes, const struct writes_options *options,
                    struct error *error)
{
        int failed;

        if (check_btf(error) < 0 || check_tracepoints(options, error) < 0)
                return -1;
        libbpf_log_start(&writes->log);
        failed = load_and_attach(writes, options, error);
        libbpf_log_stop(&writes->log);
        return failed;
}

struct writes *writes_open(const struct writes_options *options, struct error *error)
{
        struct writes *writes = calloc(1, sizeof *writes);

        if (!writes) {
                error_memory(error);
                return NULL;
        }
        writes->cpus = libbpf_num_possible_cpus();
        if (open_all(writes, options, error) < 0) {
                writes_close(writes);
                return NULL;
        }
        return writes;
}

/* Starts before ends, so that calls that started are seen to end. */
void writes_stop(struct writes *writes)
{
        for (int leave = 0; leave < 2; leave++)
                for (int i = 0; i < WRITES_CALLS; i++) {
                        struct programs programs = programs_of(writes->skeleton, i);
                        struct bpf_link **link = leave ? programs.end_link : programs.enter_link;

                        bpf_link__destroy(*link);
                        *link = NULL;
                }
        writes_bpf__detach(writes->skeleton);
}

void writes_close(struct writes *writes)
{
        if (!writes)
                return;
        ring_close(&writes->ring);
        writes_bpf__destroy(writes->skeleton);
        free(writes);
}

int writes_descriptor(const struct writes *writes)
{
        return bpf_map__fd(writes->skeleton->maps.ring);
}

struct taker {
        void (*take)(void *context, const struct writes_event *event);
        void *context;
};

static void take_record(void *context, const void *record, size_t size)
{
        const struct taker *taker = context;

        if (size >= sizeof(struct writes_event))
                taker->take(taker->context, record);
}

bool writes_read(struct writes *writes,
                 void (*take)(void *context, const struct writes_event *event), void *context,
                 double *fullness)
{
        struct taker taker = {take, context};

        *fullness =
            (double)ring_read(&writes->ring, take_record, &taker) / (double)writes->ring.size;
        return !ring_is_empty(&writes->ring);
}

bool writes_lost(const struct writes *writes, uint64_t lost[WRITES_LOSSES])
{
        uint64_t *counts = calloc((size_t)writes->cpus, sizeof *counts);

        memset(lost, 0, WRITES_LOSSES * sizeof *lost);
        for (uint32_t i = 0; counts && i < WRITES_LOSSES; i++)
                if (bpf_map_lookup_elem(bpf_map__fd(writes->skeleton->maps.lost), &i, counts) == 0)
                        for (int cpu = 0; cpu < writes->cpus; cpu++)
                                lost[i] += counts[cpu];
        free(counts);
        return counts;
}

void writes_forget(struct writes *writes, pid_t pid)
{
        bpf_map_delete_elem(bpf_map__fd(writes->skeleton->maps.wanted), &pid);
}

bool writes_has_followed(const struct writes *writes)
{
        uint32_t first;

        return bpf_map_get_next_key(bpf_map__fd(writes->skeleton->maps.followed), NULL, &first) ==
               0;
}

void writes_totals(const struct writes *writes,
                   void (*take)(void *context, const struct writes_key *key,
                                const struct writes_total *total),
                   void *context)
{
        int map = bpf_map__fd(writes->skeleton->maps.totals);
        struct writes_total total;
        struct writes_key key;
        const struct writes_key *before = NULL;

        while (bpf_map_get_next_key(map, before, &key) == 0) {
                if (bpf_map_lookup_elem(map, &key, &total) == 0)
                        take(context, &key, &total);
                before = &key;
        }
}

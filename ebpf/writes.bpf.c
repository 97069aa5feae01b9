// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Reports write calls through a ring buffer, or sums them up in a map.
 *
 * A call's record is assembled in its thread's entry, at sys_enter and sys_exit, and copied to the
 * ring. The entry stays until the thread ends, so a call costs two lookups and no insertion. Data
 * is read at the start, when it is what the caller meant to write. If its page is not in memory (a
 * BPF program must not sleep), it is read at the end, when the call has faulted the page in.
 *
 * Maps are keyed by the thread's ID in the initial PID namespace, the only one where every task has
 * one; user space gets IDs of filt's own namespace. */
#include <linux/bpf.h> /* first: the next ones need its types */
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "kernel.bpf.h"
#include "writes_event.h"
#include "writes_path.bpf.h"
#include "writes_selection.bpf.h"
#include "writes_summary.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
        __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
        __uint(max_entries, WRITES_LOSSES);
        __type(key, __u32);
        __type(value, __u64);
} lost SEC(".maps");

static __always_inline void count_lost(__u32 which)
{
        __u64 *count = bpf_map_lookup_elem(&lost, &which);

        if (count)
                ++*count;
}

/* What is reported. */
const volatile __u32 data_most = 0;   /* bytes of a buffer, or of an element of a vector */
const volatile __u32 vector_most = 0; /* elements of a vector */
const volatile bool with_paths = false;
const volatile bool with_comm = false;
const volatile bool with_times = false; /* reading the clock is expensive */
const volatile bool with_sum = false;   /* of a vector's lengths */

enum {
        ELEMENTS_MAX = 64,    /* `vector_most` is at most this */
        VECTOR_LONGEST = 1024 /* the kernel refuses longer ones */
};

/* On x86-64, from Linux 5.15 on, without times: a call is examined only at its end, with its
 * arguments still in the registers, which saves the more expensive tracepoint. */
const volatile bool at_end_only = false;
const volatile __s64 call_numbers[WRITES_CALLS] = {0};

/* Keep calls in task storage, which is faster (from Linux 5.11 on, if their data fits), not in the
 * map `calls`. */
const volatile bool small = false;

/* User space sets the size of each map. */
struct {
        __uint(type, BPF_MAP_TYPE_RINGBUF);
        __uint(max_entries, 4096);
} ring SEC(".maps");

/* Thread to struct writes_event with room for data. */
struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(max_entries, 1);
        __uint(key_size, sizeof(__u32));
        __uint(value_size, sizeof(struct writes_event));
} calls SEC(".maps");

union small_call {
        struct writes_event event;
        char room[sizeof(struct writes_event) + WRITES_DATA_SMALL];
};

struct {
        __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
        __uint(map_flags, BPF_F_NO_PREALLOC);
        __type(key, int);
        __type(value, union small_call);
} small_calls SEC(".maps");

/* The initial value of an entry of `calls`: zeros, too many for the stack. */
struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, 1);
        __uint(key_size, sizeof(__u32));
        __uint(value_size, sizeof(struct writes_event));
} blank SEC(".maps");

/* Threads with a call to finish on return to user space: see finish_late(). */
struct bpf_task_work {
        __u64 opaque;
} __attribute__((aligned(8)));

struct late {
        struct bpf_task_work work;
};

struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(max_entries, 4096);
        __type(key, __u32);
        __type(value, struct late);
} late SEC(".maps");

typedef int (*late_callback)(struct bpf_map *map, void *key, void *value);
extern int bpf_task_work_schedule_resume_impl(struct task_struct *task, struct bpf_task_work *work,
                                              void *map, late_callback callback,
                                              void *unused) __weak __ksym;
extern void bpf_preempt_disable(void) __weak __ksym; /* older than the one above */
extern void bpf_preempt_enable(void) __weak __ksym;

/* The contexts of system call tracepoints. */
struct enter {
        __u64 common;
        long number;
        unsigned long arguments[6];
};

struct leave {
        __u64 common;
        long number;
        long result;
};

struct vector {
        __u64 base;
        __u64 length;
};

/* Returns the current thread's entry, or NULL if it has none. */
static __always_inline struct writes_event *find_call(void)
{
        __u32 tid;

        if (small)
                return bpf_task_storage_get(&small_calls, bpf_get_current_task_btf(), NULL, 0);
        tid = (__u32)bpf_get_current_pid_tgid();
        return bpf_map_lookup_elem(&calls, &tid);
}

static __always_inline struct writes_event *make_call(__u32 tid)
{
        __u32 zero = 0;
        void *empty;

        if (small)
                return bpf_task_storage_get(&small_calls, bpf_get_current_task_btf(), NULL,
                                            BPF_LOCAL_STORAGE_GET_F_CREATE);
        empty = bpf_map_lookup_elem(&blank, &zero);
        if (!empty || bpf_map_update_elem(&calls, &tid, empty, BPF_ANY))
                return NULL;
        return bpf_map_lookup_elem(&calls, &tid);
}

static __always_inline void forget_call(void)
{
        __u32 tid;

        if (small) {
                bpf_task_storage_delete(&small_calls, bpf_get_current_task_btf());
                return;
        }
        tid = (__u32)bpf_get_current_pid_tgid();
        bpf_map_delete_elem(&calls, &tid);
}

/* Makes the current thread's entry if the thread is to be traced. */
static __always_inline struct writes_event *admit(void)
{
        struct task_struct *task = current_task();
        __u32 tid = (__u32)bpf_get_current_pid_tgid();
        struct writes_event *call;
        struct identity who;

        if (!identify(task, &who) || who.pid == self)
                return NULL;
        if (by_pid && !is_followed(tid, &who))
                return NULL;
        call = make_call(tid);
        if (!call) {
                count_lost(WRITES_LOST_THREADS);
                return NULL;
        }
        call->pid = who.pid;
        call->tid = who.tid;
        bpf_get_current_comm(call->comm, sizeof(call->comm));
        return call;
}

/* Reads user memory; with `wait`, pages that are not in memory are faulted in. */
static __always_inline long read_user(void *to, __u64 size, const void *from, const bool wait)
{
        return wait ? bpf_copy_from_user(to, size, from) : bpf_probe_read_user(to, size, from);
}

/* Copies as much of the data as is wanted. */
static __always_inline void read_buffer(struct writes_event *call, const bool wait)
{
        __u64 size = call->count;

        if (size > data_most)
                size = data_most;
        call->length = size;
        call->data_state = WRITES_DATA_READ;
        if (small && !wait) {
                /* The kernel checks where user memory is copied to; the stack is fastest. */
                __u64 data[WRITES_DATA_SMALL / sizeof(__u64)] = {0};

                if (size > 0 && bpf_probe_read_user(data, size, (void *)call->buffer))
                        call->data_state = WRITES_DATA_ABSENT;
                __builtin_memcpy(__builtin_assume_aligned(call->data, sizeof(*data)), data,
                                 sizeof(data));
                return;
        }
        if (size > 0 && read_user(call->data, size, (void *)call->buffer, wait))
                call->data_state = WRITES_DATA_ABSENT;
}

/* Copies the vector's first elements and the start of what each points to. */
static __always_inline void read_vector(struct writes_event *call, const bool wait)
{
        const __u32 stride = sizeof(struct writes_vector) + data_most;
        __u64 count = call->count;
        __u32 i;

        call->data_state = WRITES_DATA_READ;
        for (i = 0; i < ELEMENTS_MAX; i++) {
                struct writes_vector *element = (void *)(call->data + i * stride);
                struct vector vector;
                __u64 size;

                if (i >= vector_most || i >= count)
                        break;
                if (read_user(&vector, sizeof(vector), (void *)(call->buffer + i * sizeof(vector)),
                              wait)) {
                        call->data_state = WRITES_DATA_ABSENT;
                        break;
                }
                element->base = vector.base;
                element->length = vector.length;
                element->state = WRITES_DATA_READ;
                size = vector.length;
                if (size > data_most)
                        size = data_most;
                if (size > 0 && read_user(element + 1, size, (void *)vector.base, wait))
                        element->state = call->data_state = WRITES_DATA_ABSENT;
        }
        call->length = i * stride;
}

static __always_inline void read_data(struct writes_event *call, __u8 which, const bool wait)
{
        if (writes_is_vector(which))
                read_vector(call, wait);
        else
                read_buffer(call, wait);
}

/* Returns how many bytes the vector holds. */
static __always_inline __u64 vector_sum(const void *vector, __u64 count)
{
        __u64 sum = 0;

        for (__u32 i = 0; i < VECTOR_LONGEST; i++) {
                struct vector element;

                if (i >= count ||
                    bpf_probe_read_user(&element, sizeof(element), vector + i * sizeof(element)))
                        break;
                sum += element.length;
        }
        return sum;
}

/* A call starts. `which` is constant: each program has the code of one system call. */
static __always_inline struct writes_event *begin(const unsigned long *arguments, const __u8 which)
{
        struct writes_event *call;
        __u64 requested = arguments[2];

        if (by_fd && (__u32)arguments[0] != fd_wanted)
                return NULL;
        if (writes_is_vector(which) && with_sum)
                requested = vector_sum((const void *)arguments[1], requested);
        if (requested < bytes_least || !task_matches())
                return NULL;
        call = find_call();
        if (!call)
                call = admit();
        if (!call)
                return NULL;
        call->kind = WRITES_CALL;
        call->call = which;
        call->fd = (__s32)arguments[0];
        if (!summary) {
                call->buffer = arguments[1];
                call->count = arguments[2];
                call->requested = requested;
                if (which >= WRITES_PWRITE64)
                        call->offset = (__s64)arguments[3];
                if (which == WRITES_PWRITEV2)
                        call->flags = (__u32)arguments[5];
                read_data(call, which, false);
        }
        if (with_comm && !summary)
                bpf_get_current_comm(call->comm, sizeof(call->comm));
        if (with_times)
                call->start = bpf_ktime_get_ns();
        return call;
}

static __always_inline __u64 most_of_data(__u8 which)
{
        return writes_is_vector(which) ? vector_most * (sizeof(struct writes_vector) + data_most)
                                       : data_most;
}

/* Reports a call with what its descriptor refers to. */
static __always_inline long output_with_path(struct writes_event *call, __u64 size)
{
        const __u64 last = sizeof(struct writes_event) + WRITES_DATA_MAX;
        __u32 zero = 0;
        struct scratch *room = bpf_map_lookup_elem(&scratch, &zero);
        __u64 end;

        if (!room || put_path(call->fd, (size + 7) & ~7ULL))
                return -1;
        end = room->end;
        if (size > last || end > sizeof(room->bytes))
                return -1;
        call->has_path = 1;
        bpf_probe_read_kernel(room->bytes, size, call);
        return bpf_ringbuf_output(&ring, room->bytes, end, 0);
}

static __always_inline void output(struct writes_event *call, __u64 most)
{
        __u64 length = call->length;
        long failed;

        if (length > most)
                length = most;
        call->kind = WRITES_CALL;
        if (with_paths)
                failed = output_with_path(call, sizeof(*call) + length);
        else
                failed = bpf_ringbuf_output(&ring, call, sizeof(*call) + length, 0);
        if (failed)
                count_lost(WRITES_LOST_RING);
        call->kind = WRITES_NONE;
}

/* Runs before the thread of a call whose data was not in memory returns to user space: sleeping is
 * allowed here, so the data can be read. */
static int finish_late(struct bpf_map *map, void *key, void *value)
{
        struct writes_event *call = find_call();

        (void)map;
        (void)key;
        (void)value;
        if (!call || call->kind != WRITES_LATE || !bpf_preempt_disable || !bpf_preempt_enable)
                return 0;
        read_data(call, call->call, true);
        /* Unlike a tracepoint, this can be preempted; per-CPU data must be used by one task. */
        bpf_preempt_disable();
        output(call, most_of_data(writes_is_vector(call->call) ? WRITES_WRITEV : WRITES_WRITE));
        bpf_preempt_enable();
        return 0;
}

/* Schedules finish_late() for the current thread. Returns false if that is not possible. */
static __always_inline bool finish_later(void)
{
        __u32 tid = (__u32)bpf_get_current_pid_tgid();
        static const struct late zero;
        struct late *entry;

        if (!bpf_task_work_schedule_resume_impl)
                return false;
        entry = bpf_map_lookup_elem(&late, &tid);
        if (!entry) {
                bpf_map_update_elem(&late, &tid, &zero, BPF_ANY);
                entry = bpf_map_lookup_elem(&late, &tid);
        }
        return entry && bpf_task_work_schedule_resume_impl(bpf_get_current_task_btf(), &entry->work,
                                                           &late, finish_late, NULL) == 0;
}

/* A call ends. */
static __always_inline int end(struct writes_event *call, long result, const __u8 which,
                               const bool later)
{
        if (!call || call->kind != WRITES_CALL)
                return 0;
        if (summary) {
                if (!sum_up(call, result))
                        count_lost(WRITES_LOST_TOTALS);
                call->kind = WRITES_NONE;
                return 0;
        }
        if (with_times)
                call->duration = bpf_ktime_get_ns() - call->start;
        call->result = result;
        if (call->data_state == WRITES_DATA_ABSENT)
                read_data(call, which, false);
        if (later && call->data_state == WRITES_DATA_ABSENT && finish_later()) {
                call->kind = WRITES_LATE;
                return 0;
        }
        output(call, most_of_data(which));
        return 0;
}

/* A call ends whose start was not examined. */
static __always_inline int whole(long result, const __u8 which)
{
        struct pt_regs *registers = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
        const unsigned long arguments[6] = {registers->di,  registers->si, registers->dx,
                                            registers->r10, registers->r8, registers->r9};

        return end(begin(arguments, which), result, which, true);
}

/* User space loads the last of the three sys_exit programs that suits the options and the kernel:
 * finishing later takes Linux 6.18, and old kernels refuse a program that tries. */
#define CALL(name, which)                                               \
        SEC("tp/syscalls/sys_enter_" #name)                             \
        int enter_##name(struct enter *context)                         \
        {                                                               \
                begin(context->arguments, which);                       \
                return 0;                                               \
        }                                                               \
        SEC("tp/syscalls/sys_exit_" #name)                              \
        int exit_##name(struct leave *context)                          \
        {                                                               \
                return end(find_call(), context->result, which, false); \
        }                                                               \
        SEC("tp/syscalls/sys_exit_" #name)                              \
        int exit_later_##name(struct leave *context)                    \
        {                                                               \
                return end(find_call(), context->result, which, true);  \
        }                                                               \
        SEC("tp/syscalls/sys_exit_" #name)                              \
        int whole_##name(struct leave *context)                         \
        {                                                               \
                return whole(context->result, which);                   \
        }

CALL(write, WRITES_WRITE)
CALL(writev, WRITES_WRITEV)
CALL(pwrite64, WRITES_PWRITE64)
CALL(pwritev, WRITES_PWRITEV)
CALL(pwritev2, WRITES_PWRITEV2)

/* A record that is not a call. */
union note {
        struct writes_event event;
        char room[sizeof(struct writes_event) + WRITES_SIGINFO];
};

static __always_inline void report(union note *note, __u8 kind, struct task_struct *task,
                                   const struct identity *who, __s64 result, const __u32 length)
{
        note->event.kind = kind;
        note->event.pid = who->pid;
        note->event.tid = who->tid;
        note->event.start = with_times ? bpf_ktime_get_ns() : 0;
        note->event.result = result;
        note->event.length = length;
        if (with_comm)
                bpf_probe_read_kernel(note->event.comm, WRITES_COMM, task->comm);
        if (!summary && bpf_ringbuf_output(&ring, note, sizeof(note->event) + length, 0))
                count_lost(WRITES_LOST_OTHERS);
}

/* The current task creates a new one, a process or a thread. */
SEC("raw_tp/sched_process_fork")
int follow_fork(struct bpf_raw_tracepoint_args *context)
{
        struct task_struct *parent = current_task();
        __u32 tid = BPF_CORE_READ(parent, pid);
        __u32 child = BPF_CORE_READ((struct task_struct *)context->args[1], pid);
        union note note = {.room = {0}};
        struct identity who;
        __u8 one = 1;

        if (!identify(parent, &who) || !is_followed(tid, &who))
                return 0;
        if (bpf_map_update_elem(&followed, &child, &one, BPF_ANY))
                count_lost(WRITES_LOST_THREADS);
        report(&note, WRITES_FORK, parent, &who, 0, 0);
        return 0;
}

/* `task` is ending. Returns the thread whose execve(2) replaces it and takes over its ID, or NULL.
 */
static __always_inline struct task_struct *heir_of(struct task_struct *task)
{
        struct signal_struct *process = BPF_CORE_READ(task, signal);
        struct signal_struct___before_5_17 *older = (void *)process;
        struct task_struct *heir;

        if (BPF_CORE_READ(task, pid) != BPF_CORE_READ(task, tgid))
                return NULL;
        if (bpf_core_field_exists(process->group_exec_task))
                heir = BPF_CORE_READ(process, group_exec_task);
        else
                heir = BPF_CORE_READ(older, group_exit_task);
        return heir != task ? heir : NULL;
}

/* A followed task ends. */
static __always_inline void report_end(struct task_struct *task, const struct identity *who)
{
        struct task_struct *heir = heir_of(task);
        union note note = {.room = {0}};
        struct identity former;
        __u32 tid;

        if (heir && identify(heir, &former)) {
                tid = BPF_CORE_READ(heir, pid);
                report(&note, WRITES_EXEC, task, who, former.tid, 0);
        } else {
                tid = BPF_CORE_READ(task, pid);
                report(&note, WRITES_EXIT, task, who, BPF_CORE_READ(task, exit_code), 0);
        }
        /* Only after the report, because user space stops when no task is left. */
        bpf_map_delete_elem(&followed, &tid);
}

/* The current task ends. */
SEC("raw_tp/sched_process_exit")
int follow_exit(void *context)
{
        struct task_struct *task = current_task();
        __u32 tid = BPF_CORE_READ(task, pid);
        struct writes_event *call = find_call();
        struct identity who;

        (void)context;
        if (call && call->kind == WRITES_LATE) /* killed before it returned */
                output(call, most_of_data(call->call));
        forget_call();
        bpf_map_delete_elem(&late, &tid);
        if (by_pid && identify(task, &who) && is_followed(tid, &who))
                report_end(task, &who);
        return 0;
}

/* execve(2) renames the task and, if it is not the first thread, gives it the first one's ID. */
SEC("raw_tp/sched_process_exec")
int forget_name(struct bpf_raw_tracepoint_args *context)
{
        __u32 former = context->args[1];
        __u32 tid = (__u32)bpf_get_current_pid_tgid();
        __u8 one = 1;

        forget_call();
        if (former == tid)
                return 0;
        bpf_map_delete_elem(&calls, &former);
        bpf_map_delete_elem(&late, &former);
        /* Present only if the first thread ended before the execve(2). */
        if (bpf_map_lookup_elem(&followed, &former)) {
                if (bpf_map_update_elem(&followed, &tid, &one, BPF_ANY))
                        count_lost(WRITES_LOST_THREADS);
                bpf_map_delete_elem(&followed, &former);
        }
        return 0;
}

/* Returns whether the current task is in a call that will be reported. */
static __always_inline bool in_call(void)
{
        struct writes_event *call;

        if (at_end_only) {
                struct pt_regs *registers = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
                __s64 number = registers->orig_ax;

                for (int i = 0; i < WRITES_CALLS; i++)
                        if (number == call_numbers[i])
                                return true;
                return false;
        }
        call = find_call();
        return call && call->kind == WRITES_CALL;
}

static __always_inline void report_signal(struct task_struct *task, int number, const void *info,
                                          bool within_call)
{
        __u32 tid = BPF_CORE_READ(task, pid);
        union note note = {.room = {0}};
        struct identity who;
        int *simple = (int *)note.event.data;

        if (number == 9 || !identify(task, &who) || !is_followed(tid, &who))
                return;
        if ((unsigned long)info > 1)
                bpf_probe_read_kernel(note.event.data, WRITES_SIGINFO, info);
        else { /* SEND_SIG_NOINFO is a process, SEND_SIG_PRIV the kernel */
                simple[0] = number;
                simple[2] = info ? 0x80 : 0;
                if (!info)
                        simple[4] = bpf_get_current_pid_tgid() >> 32;
                if (!info)
                        simple[5] = (__u32)bpf_get_current_uid_gid();
        }
        note.event.within_call = within_call && !with_times;
        report(&note, WRITES_SIGNAL, task, &who, number, WRITES_SIGINFO);
}

/* A signal is delivered to the current task. */
SEC("raw_tp/signal_deliver")
int signal_arrives(struct bpf_raw_tracepoint_args *context)
{
        report_signal(current_task(), context->args[0], (void *)context->args[1], false);
        return 0;
}

/* Returns whether the default action of a signal is to end the process without a core dump. */
static __always_inline bool is_deadly(int number)
{
        const __u64 mask = 1ULL << 1 | 1ULL << 2 | 1ULL << 10 | 1ULL << 12 | 1ULL << 13 |
                           1ULL << 14 | 1ULL << 15 | 1ULL << 16 | 1ULL << 26 | 1ULL << 27 |
                           1ULL << 29 | 1ULL << 30;

        return (number > 0 && number < 32 && mask >> number & 1) || (number >= 32 && number <= 64);
}

/* Returns whether the kernel ends the task's process as soon as the signal is generated. */
static __always_inline bool kills(struct task_struct *task, int number)
{
        const unsigned long size = bpf_core_type_size(struct k_sigaction);
        struct sighand_struct *handlers = BPF_CORE_READ(task, sighand);
        char *actions = (char *)handlers + bpf_core_field_offset(handlers->action);
        struct k_sigaction *action = (void *)(actions + (unsigned long)(number - 1) * size);

        return is_deadly(number) && !BPF_CORE_READ(action, sa.sa_handler) &&
               !(BPF_CORE_READ(task, blocked.sig[0]) >> (number - 1) & 1);
}

/* A signal is generated. One that is ignored or kills is never delivered, but strace shows it. */
SEC("raw_tp/signal_generate")
int signal_is_made(struct bpf_raw_tracepoint_args *context)
{
        enum { DELIVERED, IGNORED }; /* the kernel's TRACE_SIGNAL_... */
        struct task_struct *task = (void *)context->args[2];
        int number = context->args[0];
        int result = context->args[4];

        if (result == IGNORED || (result == DELIVERED && kills(task, number)))
                report_signal(task, number, (void *)context->args[1],
                              task == current_task() && in_call());
        return 0;
}

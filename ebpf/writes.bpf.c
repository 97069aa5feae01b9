// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Reports the write calls of chosen processes through a ring buffer, or sums them up in a map.
 *
 * A call's record is put together in an entry of its thread: what is known
 * as the call starts at sys_enter, the rest at sys_exit, where it is copied to the ring. The entry
 * stays until the thread ends, so that a call costs two lookups and no insertion. Data is read at
 * the start, when it is what the caller meant to write; if its page is not in memory then (a BPF
 * program must not wait for it), once more at the end, when the call itself has brought it there.
 *
 * Who is traced is decided here, by the constants and maps that user space fills before loading.
 * Maps are keyed by the thread's number in the initial PID namespace, the only one that every task
 * has; what goes to user space are the numbers in filt's own. */
#include <linux/bpf.h> /* first: the next ones need its types */
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "writes_event.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* What is selected. All that is set must hold. */
const volatile bool by_pid = false; /* those in `followed` and `wanted` */
const volatile bool by_uid = false;
const volatile bool by_comm = false;
const volatile bool by_cgroup = false;
const volatile bool by_fd = false;
const volatile __u32 uid_wanted = 0;
const volatile __u32 fd_wanted = 0;
const volatile __u64 bytes_least = 0;
const volatile char comm_wanted[WRITES_COMM] = {0};
const volatile __u32 self = 0; /* filt's own process: never traced */

/* filt's PID namespace; 0 if it is the initial one. */
const volatile __u32 namespace_inode = 0;

/* What is reported. */
const volatile __u32 data_most = 0;   /* bytes of a buffer, or of an element of a vector */
const volatile __u32 vector_most = 0; /* elements of a vector */
const volatile bool with_paths = false;
const volatile bool with_comm = false;
const volatile bool with_times = false; /* to read the clock is dear */
const volatile bool with_sum = false;   /* of a vector's lengths */
const volatile bool summary = false;    /* sum up in `totals`; no records */
const volatile bool summary_by_descriptor = false;

enum {
        NAME_ROOM = 256,
        DEEPEST = 64, /* folders of a path that are told */
        LAST_BUCKET = WRITES_BUCKETS - 1,
        ELEMENTS_MAX = 64,    /* `vector_most` is at most this */
        VECTOR_LONGEST = 1024 /* the kernel refuses longer ones */
};

/* On x86-64 and from Linux 5.15 on, where no times are wanted: a call is looked at only when it
 * ends, when its arguments are still in the registers. That saves the dearer one of the two
 * tracepoints. */
const volatile bool at_end_only = false;
const volatile __s64 call_numbers[WRITES_CALLS] = {0};

/* Where calls under way are kept: in their tasks, from Linux 5.11 on and if their data fits, which
 * is faster; or in the map `calls`. */
const volatile bool small = false;

/* Sizes are set by user space. */
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

/* What a new entry of `calls` starts as: zeros, too large for the stack. */
struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, 1);
        __uint(key_size, sizeof(__u32));
        __uint(value_size, sizeof(struct writes_event));
} blank SEC(".maps");

/* Where a record and its path are put together, one a CPU. `end` is where the path's names end so
 * far: in memory, as the verifier would follow each value that a variable might have. */
struct scratch {
        __u64 end;
        char bytes[sizeof(struct writes_event) + WRITES_DATA_MAX + sizeof(struct writes_path) +
                   WRITES_PATH_MAX + NAME_ROOM];
};

struct {
        __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
        __uint(max_entries, 1);
        __type(key, __u32);
        __type(value, struct scratch);
} scratch SEC(".maps");

/* Threads that are followed because their parent was. */
struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(max_entries, 65536);
        __type(key, __u32);
        __type(value, __u8);
} followed SEC(".maps");

/* Processes that user space asks for, as its namespace counts. */
struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(max_entries, 1024);
        __type(key, __u32);
        __type(value, __u8);
} wanted SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
        __uint(max_entries, 1);
        __uint(key_size, sizeof(__u32));
        __uint(value_size, sizeof(__u32));
} cgroup SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(max_entries, 1);
        __type(key, struct writes_key);
        __type(value, struct writes_total);
} totals SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
        __uint(max_entries, WRITES_LOSSES);
        __type(key, __u32);
        __type(value, __u64);
} lost SEC(".maps");

/* Threads with a call to finish on their way back to user space: see finish_late(). */
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

/* The kernel's structures, as far as they matter here. */
#define KERNEL __attribute__((preserve_access_index))

struct ns_common {
        unsigned int inum;
} KERNEL;

struct pid_namespace {
        struct ns_common ns;
} KERNEL;

struct upid {
        int nr;
        struct pid_namespace *ns;
} KERNEL;

struct pid {
        unsigned int level;
        struct upid numbers[1];
} KERNEL;

struct super_block {
        unsigned long s_magic;
} KERNEL;

struct inode {
        unsigned long i_ino;
        struct super_block *i_sb;
} KERNEL;

struct qstr {
        const unsigned char *name;
} KERNEL;

struct hlist_bl_node {
        struct hlist_bl_node **pprev;
} KERNEL;

struct dentry {
        struct hlist_bl_node d_hash;
        struct dentry *d_parent;
        struct qstr d_name;
} KERNEL;

struct vfsmount {
        struct dentry *mnt_root;
} KERNEL;

struct mount {
        struct mount *mnt_parent;
        struct dentry *mnt_mountpoint;
        struct vfsmount mnt;
} KERNEL;

struct path {
        struct vfsmount *mnt;
        struct dentry *dentry;
} KERNEL;

struct file {
        struct path f_path;
        struct inode *f_inode;
} KERNEL;

struct fdtable {
        unsigned int max_fds;
        struct file **fd;
} KERNEL;

struct files_struct {
        struct fdtable *fdt;
} KERNEL;

struct pt_regs {
        unsigned long r10, r9, r8, dx, si, di, orig_ax;
} KERNEL;

typedef struct {
        unsigned long sig[1];
} KERNEL sigset_t;

struct sigaction {
        void *sa_handler;
} KERNEL;

struct k_sigaction {
        struct sigaction sa;
} KERNEL;

struct sighand_struct {
        struct k_sigaction action[64];
} KERNEL;

struct signal_struct {
        struct task_struct *group_exec_task;
} KERNEL;

struct signal_struct___before_5_17 {
        struct task_struct *group_exit_task;
} KERNEL;

struct task_struct {
        struct signal_struct *signal;
        struct sighand_struct *sighand;
        struct files_struct *files;
        sigset_t blocked;
        int pid;
        int tgid;
        int exit_code;
        char comm[WRITES_COMM];
        struct task_struct *group_leader;
        struct pid *thread_pid;
} KERNEL;

struct bpf_map {
        unsigned int id;
} KERNEL;
typedef int (*late_callback)(struct bpf_map *map, void *key, void *value);
extern int bpf_task_work_schedule_resume_impl(struct task_struct *task, struct bpf_task_work *work,
                                              void *map, late_callback callback,
                                              void *unused) __weak __ksym;
extern void bpf_preempt_disable(void) __weak __ksym; /* older than the one above */
extern void bpf_preempt_enable(void) __weak __ksym;

/* Arguments as the tracepoints of system calls have them. */
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

struct identity {
        __u32 pid;
        __u32 tid;
};

static __always_inline void count_lost(__u32 which)
{
        __u64 *count = bpf_map_lookup_elem(&lost, &which);

        if (count)
                ++*count;
}

/* The number of a task in filt's namespace; 0 if it has none there. A namespace's tasks have
 * numbers in all namespaces above, which may be 32. */
static __always_inline __u32 number_in_namespace(struct pid *pid)
{
        unsigned int level = BPF_CORE_READ(pid, level);
        char *numbers = (char *)pid + bpf_core_field_offset(pid->numbers);

        for (unsigned int i = 0; i < 33; i++) {
                struct upid *number = (void *)(numbers + i * bpf_core_type_size(struct upid));

                if (i > level)
                        break;
                if (BPF_CORE_READ(number, ns, ns.inum) == namespace_inode)
                        return BPF_CORE_READ(number, nr);
        }
        return 0;
}

static __always_inline bool identify(struct task_struct *task, struct identity *who)
{
        if (namespace_inode) {
                who->tid = number_in_namespace(BPF_CORE_READ(task, thread_pid));
                who->pid = number_in_namespace(BPF_CORE_READ(task, group_leader, thread_pid));
        } else {
                who->tid = BPF_CORE_READ(task, pid);
                who->pid = BPF_CORE_READ(task, tgid);
        }
        return who->tid != 0;
}

static __always_inline struct task_struct *current_task(void)
{
        return (struct task_struct *)bpf_get_current_task();
}

/* Whether a thread, `tid` to the maps and `who` to user space, is one of those asked for
 * by their numbers. */
static __always_inline bool is_followed(__u32 tid, const struct identity *who)
{
        return bpf_map_lookup_elem(&followed, &tid) || bpf_map_lookup_elem(&wanted, &who->pid);
}

static __always_inline bool comm_matches(void)
{
        char comm[WRITES_COMM];

        if (bpf_get_current_comm(comm, sizeof(comm)))
                return false;
        for (int i = 0; i < WRITES_COMM; i++) {
                if (comm[i] != comm_wanted[i])
                        return false;
                if (!comm[i])
                        return true;
        }
        return true;
}

/* The part of the selection that can change in a thread's life. */
static __always_inline bool task_matches(void)
{
        if (by_uid && (__u32)bpf_get_current_uid_gid() != uid_wanted)
                return false;
        if (by_cgroup && bpf_current_task_under_cgroup(&cgroup, 0) != 1)
                return false;
        return !by_comm || comm_matches();
}

/* The current thread's entry, or NULL if it has none. */
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

/* Makes the thread's entry if it is to be traced. */
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

/* Reads user memory; with `wait`, also what has to be brought into memory first. */
static __always_inline long read_user(void *to, __u64 size, const void *from, const bool wait)
{
        return wait ? bpf_copy_from_user(to, size, from) : bpf_probe_read_user(to, size, from);
}

/* Copies the data, as far as it is wanted. */
static __always_inline void read_buffer(struct writes_event *call, const bool wait)
{
        __u64 size = call->count;

        if (size > data_most)
                size = data_most;
        call->length = size;
        call->data_state = WRITES_DATA_READ;
        if (small && !wait) {
                /* The kernel checks what it copies user memory to, and the stack quickest. */
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

/* How many bytes the vector holds. */
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

static __always_inline bool is_vector(__u8 call)
{
        return call != WRITES_WRITE && call != WRITES_PWRITE64;
}

/* A call starts. `which` is a constant, so that each program holds the code of one call only. */
static __always_inline struct writes_event *begin(const unsigned long *arguments, const __u8 which)
{
        struct writes_event *call;
        __u64 requested = arguments[2];

        if (by_fd && (__u32)arguments[0] != fd_wanted)
                return NULL;
        if (is_vector(which) && with_sum)
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
                if (is_vector(which))
                        read_vector(call, false);
                else
                        read_buffer(call, false);
        }
        if (with_comm && !summary)
                bpf_get_current_comm(call->comm, sizeof(call->comm));
        if (with_times)
                call->start = bpf_ktime_get_ns();
        return call;
}

/* floor(log2(value)), by halves: loops would cost more. */
static __always_inline __u32 bucket_of(__u64 value)
{
        __u32 bucket = 0;

        if (value >> 32)
                return LAST_BUCKET;
        if (value >> 16) {
                value >>= 16;
                bucket += 16;
        }
        if (value >> 8) {
                value >>= 8;
                bucket += 8;
        }
        if (value >> 4) {
                value >>= 4;
                bucket += 4;
        }
        if (value >> 2) {
                value >>= 2;
                bucket += 2;
        }
        return bucket + (value >> 1);
}

static __always_inline struct writes_total *new_total(const struct writes_key *key)
{
        static const struct writes_total zero;

        bpf_map_update_elem(&totals, key, &zero, BPF_NOEXIST); /* another thread may be first */
        return bpf_map_lookup_elem(&totals, key);
}

static __always_inline void sum_up(const struct writes_event *call, long result)
{
        __u64 time = bpf_ktime_get_ns() - call->start;
        struct writes_key key = {call->pid, WRITES_NO_DESCRIPTOR};
        struct writes_total *total;

        if (summary_by_descriptor)
                key.fd = call->fd;
        total = bpf_map_lookup_elem(&totals, &key);
        if (!total) {
                total = new_total(&key);
                if (!total) {
                        count_lost(WRITES_LOST_THREADS);
                        return;
                }
        }
        __sync_fetch_and_add(&total->calls, 1);
        if (result < 0)
                __sync_fetch_and_add(&total->errors, 1);
        else
                __sync_fetch_and_add(&total->bytes, result);
        __sync_fetch_and_add(&total->time, time);
        __sync_fetch_and_add(&total->histogram[bucket_of(time) & LAST_BUCKET], 1);
        __builtin_memcpy(total->comm, call->comm, sizeof(total->comm));
}

static __always_inline __u64 most_of_data(__u8 which)
{
        return is_vector(which) ? vector_most * (sizeof(struct writes_vector) + data_most)
                                : data_most;
}

static __always_inline struct file *file_of(__s32 fd)
{
        struct fdtable *table = BPF_CORE_READ(current_task(), files, fdt);
        struct file **files = BPF_CORE_READ(table, fd);
        struct file *file = NULL;

        if ((__u32)fd < BPF_CORE_READ(table, max_fds))
                bpf_probe_read_kernel(&file, sizeof(file), files + fd);
        return file;
}

static __always_inline __u32 kind_of(struct file *file, struct dentry *dentry)
{
        switch (BPF_CORE_READ(file, f_inode, i_sb, s_magic)) {
        case 0x50495045: return WRITES_PATH_PIPE;
        case 0x534f434b: return WRITES_PATH_SOCKET;
        case 0x09041934: return WRITES_PATH_ANONYMOUS;
        case 0x50494446: return WRITES_PATH_PIDFD;
        case 0x6e736673: return WRITES_PATH_NONE; /* a namespace, which is never written to */
        }
        if (!BPF_CORE_READ(dentry, d_hash.pprev) &&
            dentry != BPF_CORE_READ(file, f_path.mnt, mnt_root))
                return WRITES_PATH_DELETED;
        return WRITES_PATH_FILE;
}

/* Adds a name to the path. */
static __always_inline bool put_name(struct scratch *room, struct dentry *dentry)
{
        const __u64 last = sizeof(room->bytes) - NAME_ROOM;
        __u64 end = room->end;
        long length;

        if (end > last)
                return false;
        length = bpf_probe_read_kernel_str(room->bytes + end, NAME_ROOM,
                                           BPF_CORE_READ(dentry, d_name.name));
        if (length <= 0)
                return false;
        room->end = end + length;
        return true;
}

/* Adds the names of `file` and the folders above it, up to the root of all mounts. Returns false if
 * there are more. */
static __always_inline bool put_names(struct scratch *room, struct file *file)
{
        struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
        char *inner = (char *)BPF_CORE_READ(file, f_path.mnt);
        struct mount *mount = (void *)(inner - bpf_core_field_offset(((struct mount *)0)->mnt));

        for (int i = 0; i < DEEPEST; i++) {
                struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
                struct mount *outer;

                if (dentry != BPF_CORE_READ(mount, mnt.mnt_root)) {
                        /* One that is its own parent is in no folder: memfd_create(2). */
                        if (!put_name(room, dentry))
                                return false;
                        if (dentry == parent)
                                return true;
                        dentry = parent;
                        continue;
                }
                outer = BPF_CORE_READ(mount, mnt_parent);
                if (outer == mount)
                        return true;
                dentry = BPF_CORE_READ(mount, mnt_mountpoint);
                mount = outer;
        }
        return false;
}

/* Puts what the current task's descriptor refers to at `start` of the scratch memory, up to its
 * `end`. Returns 0, or -1. Not static: the verifier goes through it once, and not once for each of
 * the many states in which it is called. */
__noinline int put_path(__s32 fd, __u64 start)
{
        const __u64 last = sizeof(struct writes_event) + WRITES_DATA_MAX;
        __u32 zero = 0;
        struct scratch *room = bpf_map_lookup_elem(&scratch, &zero);
        struct file *file = file_of(fd);
        struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
        struct writes_path *path;

        if (!room || start > last)
                return -1;
        path = (void *)(room->bytes + start);
        room->end = start + sizeof(*path);
        path->inode = BPF_CORE_READ(file, f_inode, i_ino);
        path->kind = file ? kind_of(file, dentry) : WRITES_PATH_NONE;
        path->cut = 0;
        if (path->kind == WRITES_PATH_ANONYMOUS)
                put_name(room, dentry);
        else if (path->kind == WRITES_PATH_FILE || path->kind == WRITES_PATH_DELETED)
                path->cut = !put_names(room, file);
        path->length = room->end - start - sizeof(*path);
        return 0;
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
        long failed;

        __u64 length = call->length;

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

/* The thread of a call whose data is not in memory is about to return to user space. Here, where
 * waiting is allowed, the data can be had after all. */
static int finish_late(struct bpf_map *map, void *key, void *value)
{
        struct writes_event *call = find_call();

        (void)map;
        (void)key;
        (void)value;
        if (!call || call->kind != WRITES_LATE || !bpf_preempt_disable || !bpf_preempt_enable)
                return 0;
        if (is_vector(call->call))
                read_vector(call, true);
        else
                read_buffer(call, true);
        /* Unlike a tracepoint this can be interrupted by another task, but what there is one of a
         * CPU, scratch memory and counters, is in one task's hands at a time. */
        bpf_preempt_disable();
        output(call, most_of_data(is_vector(call->call) ? WRITES_WRITEV : WRITES_WRITE));
        bpf_preempt_enable();
        return 0;
}

/* Arranges for that. */
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
        __u64 most =
            is_vector(which) ? vector_most * (sizeof(struct writes_vector) + data_most) : data_most;

        if (!call || call->kind != WRITES_CALL)
                return 0;
        if (summary) {
                sum_up(call, result);
                call->kind = WRITES_NONE;
                return 0;
        }
        if (with_times)
                call->duration = bpf_ktime_get_ns() - call->start;
        call->result = result;
        if (call->data_state == WRITES_DATA_ABSENT) {
                if (is_vector(which))
                        read_vector(call, false);
                else
                        read_buffer(call, false);
        }
        if (later && call->data_state == WRITES_DATA_ABSENT && finish_later()) {
                call->kind = WRITES_LATE;
                return 0;
        }
        output(call, most);
        return 0;
}

/* A call has ended, of which nothing is known yet. */
static __always_inline int whole(long result, const __u8 which)
{
        struct pt_regs *registers = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
        const unsigned long arguments[6] = {registers->di,  registers->si, registers->dx,
                                            registers->r10, registers->r8, registers->r9};

        return end(begin(arguments, which), result, which, true);
}

/* Of the three programs at the end of a call user space takes the last that serves and that the
 * kernel knows: those before Linux 6.18 have no way to finish later, and the oldest refuse to load
 * the attempt. */
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

/* A record other than a call. */
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

/* The current task makes a new one, process or thread. */
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

/* The thread that makes `task`, which ends, give way by execve(2) and takes its number; or NULL. */
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
        /* Not before the report, as user space goes when there is none left. */
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
        if (call && call->kind == WRITES_LATE) /* killed before it could return */
                output(call, most_of_data(call->call));
        forget_call();
        bpf_map_delete_elem(&late, &tid);
        if (by_pid && identify(task, &who) && is_followed(tid, &who))
                report_end(task, &who);
        return 0;
}

/* A program takes a new name and, if a thread other than the first has started it, the number of
 * the first. */
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
        /* Here only if the first had ended before, so that no heir was known. */
        if (bpf_map_lookup_elem(&followed, &former)) {
                if (bpf_map_update_elem(&followed, &tid, &one, BPF_ANY))
                        count_lost(WRITES_LOST_THREADS);
                bpf_map_delete_elem(&followed, &former);
        }
        return 0;
}

/* Whether the current task is within a call that will be told of. */
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

/* The current task gets a signal. */
SEC("raw_tp/signal_deliver")
int signal_arrives(struct bpf_raw_tracepoint_args *context)
{
        report_signal(current_task(), context->args[0], (void *)context->args[1], false);
        return 0;
}

/* Signals that end a process without a core dump, if it has not arranged for them. */
static __always_inline bool is_deadly(int number)
{
        const __u64 mask = 1ULL << 1 | 1ULL << 2 | 1ULL << 10 | 1ULL << 12 | 1ULL << 13 |
                           1ULL << 14 | 1ULL << 15 | 1ULL << 16 | 1ULL << 26 | 1ULL << 27 |
                           1ULL << 29 | 1ULL << 30;

        return (number > 0 && number < 32 && mask >> number & 1) || (number >= 32 && number <= 64);
}

/* Whether the kernel, when the signal is made, ends the task's process there and then. */
static __always_inline bool kills(struct task_struct *task, int number)
{
        const unsigned long size = bpf_core_type_size(struct k_sigaction);
        struct sighand_struct *handlers = BPF_CORE_READ(task, sighand);
        char *actions = (char *)handlers + bpf_core_field_offset(handlers->action);
        struct k_sigaction *action = (void *)(actions + (unsigned long)(number - 1) * size);

        return is_deadly(number) && !BPF_CORE_READ(action, sa.sa_handler) &&
               !(BPF_CORE_READ(task, blocked.sig[0]) >> (number - 1) & 1);
}

/* A signal is made. One that its task ignores is not delivered, and one that kills it is not
 * either; a tracer like strace gets to see both, so they are told here. */
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

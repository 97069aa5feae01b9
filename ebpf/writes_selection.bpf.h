// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Which tasks the write tracer traces: decided by constants and maps that user space fills before
 * loading. */
#pragma once

/* All that is set must hold. */
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

/* Threads that are followed because their parent is. */
struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(max_entries, 65536);
        __type(key, __u32);
        __type(value, __u8);
} followed SEC(".maps");

/* Process IDs that user space asks for, as in its own PID namespace. */
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

struct identity {
        __u32 pid;
        __u32 tid;
};

static __always_inline bool identify(struct task_struct *task, struct identity *who)
{
        if (namespace_inode) {
                who->tid = number_in_namespace(BPF_CORE_READ(task, thread_pid), namespace_inode);
                who->pid = number_in_namespace(BPF_CORE_READ(task, group_leader, thread_pid),
                                               namespace_inode);
        } else {
                who->tid = BPF_CORE_READ(task, pid);
                who->pid = BPF_CORE_READ(task, tgid);
        }
        return who->tid != 0;
}

/* Returns whether a thread, `tid` in the maps and `who` to user space, was selected by its ID. */
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

/* Checks the criteria that can change while a thread lives. */
static __always_inline bool task_matches(void)
{
        if (by_uid && (__u32)bpf_get_current_uid_gid() != uid_wanted)
                return false;
        if (by_cgroup && bpf_current_task_under_cgroup(&cgroup, 0) != 1)
                return false;
        return !by_comm || comm_matches();
}

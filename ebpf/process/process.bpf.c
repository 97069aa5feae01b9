// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Tells which processes send packets, and use the sockets that packets come to. What is sent passes
 * the tracepoint net:net_dev_queue with its socket, mostly while the sender runs; what runs there
 * in an interrupt sends for whoever used the socket last. Readers and listeners are told by
 * sock:sock_recv_length (Linux 6.3), sock:sock_send_length and sock:inet_sock_set_state, and who
 * has a socket open by an iterator over the files of all tasks.
 *
 * What was told is not told again: user space has it in order of time. When the ring is full it
 * raises `epoch`, and then all is. */
#include <linux/bpf.h> /* first: the next ones need its types */
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "kernel.bpf.h"
#include "record.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* --- Maps --- */

struct {
        __uint(type, BPF_MAP_TYPE_RINGBUF);
        __uint(max_entries, 4096); /* set before it is created */
} ring SEC(".maps");

/* Who uses a socket, or sends from one end to another. */
struct user {
        struct process_id who; /* pid 0: nobody that is known */
        __u64 socket, inode;
        __u32 epoch;
        __u32 alone;      /* nobody else had the socket open */
        __u64 leader;     /* the process' first thread */
        __u32 descriptor; /* of the socket there; MAX_DESCRIPTORS: not known */
        __u32 held;       /* the process had it open when a packet was sent by others */
};

/* As told. */
struct {
        __uint(type, BPF_MAP_TYPE_LRU_HASH);
        __uint(max_entries, 65536);
        __type(key, struct process_ends);
        __type(value, struct user);
} senders SEC(".maps");

/* Of each socket, by its address, which it has as long as a packet of it is on its way. */
struct {
        __uint(type, BPF_MAP_TYPE_LRU_HASH);
        __uint(max_entries, 65536);
        __type(key, __u64);
        __type(value, struct user);
} users SEC(".maps");

/* Processes that were told, in which epoch. */
struct {
        __uint(type, BPF_MAP_TYPE_LRU_HASH);
        __uint(max_entries, 16384);
        __type(key, struct process_id);
        __type(value, __u32);
} known SEC(".maps");

/* Process IDs, in filt's PID namespace, of those that descend from the one that is followed. */
struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(max_entries, 65536);
        __type(key, __u32);
        __type(value, __u8);
} followed SEC(".maps");

const volatile __u32 only_namespace; /* 0 for all */
const volatile bool has_lengths;     /* the tracepoints of what is read and written */
const volatile __u32 pid_namespace;  /* filt's; 0 if it is the initial one */

__u32 epoch = 1; /* raised by user space */
__u64 lost;      /* records for which the ring had no room */

/* --- Contexts --- */

/* Whether current is not the process that does this, but was interrupted. Interrupts that are soft
 * run on a stack of their own on x86, where the arguments of a tracepoint then lie. */
static __always_inline bool is_interrupt(const void *context)
{
        struct task_struct *task = current_task();
        struct task_struct___arm64 *arm64 = (void *)task;
        struct task_struct___others *others = (void *)task;
        struct task_struct___more *more = (void *)task;
        __u64 at;

        if (bpf_core_field_exists(more->softirq_disable_cnt) &&
            BPF_CORE_READ(more, softirq_disable_cnt) & 0x100)
                return true;
        if (bpf_core_field_exists(arm64->thread_info.preempt.count))
                return BPF_CORE_READ(arm64, thread_info.preempt.count) & INTERRUPTED;
        if (bpf_core_field_exists(others->thread_info.preempt_count))
                return BPF_CORE_READ(others, thread_info.preempt_count) & INTERRUPTED;
        /* The verifier wants no sums with `context`: it is read as a number. */
        if (bpf_probe_read_kernel(&at, sizeof(at), (const void *)&context))
                return true;
        return at - (__u64)BPF_CORE_READ(more, stack) >= LEAST_STACK;
}

/* --- Processes --- */

static __always_inline void identify(struct task_struct *task, struct process_id *who)
{
        struct task_struct *leader = BPF_CORE_READ(task, group_leader);
        struct task_struct___more *more = (void *)leader;

        __builtin_memset(who, 0, sizeof(*who));
        who->start = BPF_CORE_READ(more, start_boottime);
        who->pid = BPF_CORE_READ(task, tgid);
        BPF_CORE_READ_INTO(&who->comm, leader, comm);
}

/* The process' ID in filt's PID namespace; 0 if it has none there. */
static __always_inline __u32 own_number(struct task_struct *task)
{
        if (!pid_namespace)
                return (__u32)BPF_CORE_READ(task, tgid);
        return number_in_namespace(BPF_CORE_READ(task, group_leader, thread_pid), pid_namespace);
}

static __always_inline bool is_same(const struct process_id *one, const struct process_id *other)
{
        const __u64 *a = (const __u64 *)one, *b = (const __u64 *)other;

        return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3];
}

static __always_inline struct kernfs_node *parent_of(struct kernfs_node *node)
{
        struct kernfs_node___from_6_15 *later = (void *)node;

        if (bpf_core_field_exists(later->__parent))
                return BPF_CORE_READ(later, __parent);
        return BPF_CORE_READ(node, parent);
}

/* Of version 2, where the process is not in its root; else of a hierarchy of version 1 in which
 * containers are told apart. */
static __always_inline struct kernfs_node *cgroup_of(struct task_struct *task)
{
        struct task_struct___more *more = (void *)task;
        struct css_set *set = BPF_CORE_READ(more, cgroups);
        struct kernfs_node *node = BPF_CORE_READ(set, dfl_cgrp, kn);
        const int ids[] = {
            bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id)
                ? (int)bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id)
                : -1,
            bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id)
                ? (int)bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id)
                : -1,
        };

#pragma unroll
        for (int i = 0; i < 2; i++) {
                struct cgroup_subsys_state *state = NULL;

                if ((node && parent_of(node)) || ids[i] < 0)
                        continue;
                bpf_probe_read_kernel(&state, sizeof(state),
                                      (char *)set + bpf_core_field_offset(set->subsys) +
                                          ids[i] * sizeof(void *));
                node = state ? BPF_CORE_READ(state, cgroup, kn) : NULL;
        }
        return node;
}

static __always_inline unsigned char copy_cgroup(struct task_struct *task,
                                                 char names[PROCESS_LEVELS][PROCESS_LEVEL])
{
        struct kernfs_node *node = cgroup_of(task), *parent;
        unsigned char levels = 0;

#pragma unroll
        for (int i = 0; i < PROCESS_LEVELS; i++) {
                parent = node ? parent_of(node) : NULL;
                if (!parent) /* the root has no name */
                        break;
                bpf_probe_read_kernel_str(names[i], PROCESS_LEVEL, BPF_CORE_READ(node, name));
                node = parent;
                levels++;
        }
        return levels;
}

/* Tells of the process, if that was not done. Returns false if there was no room. */
static __always_inline bool introduce(struct task_struct *task, const struct process_id *who)
{
        struct task_struct___more *more = (void *)task;
        const __u32 *told = bpf_map_lookup_elem(&known, who);
        const __u32 now = epoch, number = own_number(task);
        struct process_new *record;

        if (told && *told == now)
                return true;
        record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
        if (!record) {
                __sync_fetch_and_add(&lost, 1);
                return false;
        }
        record->time = bpf_ktime_get_ns();
        record->who = *who;
        record->event = PROCESS_NEW;
        record->followed = bpf_map_lookup_elem(&followed, &number) != NULL;
        record->pid = number;
        record->uid = BPF_CORE_READ(more, cred, uid.val);
        record->network_namespace = BPF_CORE_READ(more, nsproxy, net_ns, ns.inum);
        record->levels = copy_cgroup(task, record->cgroup);
        bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
        bpf_map_update_elem(&known, who, &now, BPF_ANY);
        return true;
}

/* --- Sockets --- */

static __always_inline __u64 inode_of(struct sock *socket)
{
        struct socket *file = BPF_CORE_READ(socket, sk_socket);
        struct socket_alloc *whole = NULL;

        if (!file)
                return 0;
        whole = (void *)((char *)file - bpf_core_field_offset(whole->socket));
        return BPF_CORE_READ(whole, vfs_inode.i_ino);
}

static __always_inline void map_address(unsigned char to[16], __be32 address)
{
        __builtin_memset(to, 0, 10);
        to[10] = to[11] = 0xff;
        __builtin_memcpy(to + 12, &address, 4);
}

static __always_inline void ends_of(struct sock *socket, struct process_ends *ends)
{
        __u16 family = BPF_CORE_READ(socket, __sk_common.skc_family);

        __builtin_memset(ends, 0, sizeof(*ends));
        ends->network_namespace = BPF_CORE_READ(socket, __sk_common.skc_net.net, ns.inum);
        ends->local_port = BPF_CORE_READ(socket, __sk_common.skc_num);
        ends->remote_port = bpf_ntohs(BPF_CORE_READ(socket, __sk_common.skc_dport));
        ends->protocol = (unsigned char)BPF_CORE_READ(socket, sk_protocol);
        if (family == INET6) {
                BPF_CORE_READ_INTO(&ends->local, socket, __sk_common.skc_v6_rcv_saddr);
                BPF_CORE_READ_INTO(&ends->remote, socket, __sk_common.skc_v6_daddr);
        } else {
                map_address(ends->local, BPF_CORE_READ(socket, __sk_common.skc_rcv_saddr));
                map_address(ends->remote, BPF_CORE_READ(socket, __sk_common.skc_daddr));
        }
}

static __always_inline bool is_inet(struct sock *socket)
{
        __u16 family = BPF_CORE_READ(socket, __sk_common.skc_family);

        return family == INET || family == INET6;
}

static __always_inline unsigned short flags_of(struct sock *socket)
{
        unsigned char state = BPF_CORE_READ(socket, __sk_common.skc_state);
        unsigned short flags = 0;

        if (state == LISTEN)
                flags |= PROCESS_LISTENS;
        if (BPF_CORE_READ(socket, __sk_common.skc_dport))
                flags |= PROCESS_CONNECTED;
        if (BPF_CORE_READ_BITFIELD_PROBED(socket, __sk_common.skc_reuse) ||
            BPF_CORE_READ_BITFIELD_PROBED(socket, __sk_common.skc_reuseport))
                flags |= PROCESS_SHARES;
        if (BPF_CORE_READ_BITFIELD_PROBED(socket, __sk_common.skc_ipv6only))
                flags |= PROCESS_IPV6_ONLY;
        return flags;
}

/* Whether the socket is open once. While a process with threads is at it, it is counted twice. */
static __always_inline bool is_open_once(struct sock *socket)
{
        struct file *file = BPF_CORE_READ(socket, sk_socket, file);
        struct file___before_6_13 *before = (void *)file;
        struct file___from_6_13 *later = (void *)file;

        if (!file)
                return false;
        if (bpf_core_field_exists(later->f_ref))
                return BPF_CORE_READ(later, f_ref.refcnt.counter) == 0;
        return BPF_CORE_READ(before, f_count.counter) == 1;
}

static __always_inline bool tell(enum process_event event, unsigned short flags,
                                 const struct user *user, const struct process_ends *ends)
{
        struct process_record *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

        if (!record) {
                __sync_fetch_and_add(&lost, 1);
                return false;
        }
        record->time = bpf_ktime_get_ns();
        record->socket = user->socket;
        record->inode = user->inode;
        record->who = user->who;
        record->ends = *ends;
        record->event = (unsigned char)event;
        record->unused = 0;
        record->flags = flags;
        bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
        return true;
}

static __always_inline struct file **table_of(struct task_struct *task)
{
        return BPF_CORE_READ(task, files, fdt, fd);
}

/* Notes under which number the current process has the socket open. */
static __always_inline void find_descriptor(struct task_struct *task, struct sock *socket,
                                            struct user *user)
{
        struct file *wanted = BPF_CORE_READ(socket, sk_socket, file), *file;
        struct file **table = table_of(task);
        __u32 most = BPF_CORE_READ(task, files, fdt, max_fds);

        user->leader = (__u64)BPF_CORE_READ(task, group_leader);
        user->descriptor = MAX_DESCRIPTORS;
        for (__u32 i = 0; wanted && i < MAX_DESCRIPTORS && i < most; i++)
                if (bpf_probe_read_kernel(&file, sizeof(file), table + i) == 0 && file == wanted) {
                        user->descriptor = i;
                        break;
                }
}

/* Whether a process still has the socket open under that number. The task may be gone, and its
 * memory another one's. */
static __always_inline bool still_holds(const struct user *user, struct sock *socket)
{
        struct task_struct *task = (struct task_struct *)user->leader;
        struct task_struct___more *more = (void *)task;
        struct file *wanted = BPF_CORE_READ(socket, sk_socket, file), *file;

        if (!task || !wanted || user->descriptor >= MAX_DESCRIPTORS ||
            BPF_CORE_READ(task, tgid) != (int)user->who.pid ||
            BPF_CORE_READ(more, start_boottime) != user->who.start ||
            user->descriptor >= BPF_CORE_READ(task, files, fdt, max_fds))
                return false;
        return bpf_probe_read_kernel(&file, sizeof(file), table_of(task) + user->descriptor) == 0 &&
               file == wanted;
}

/* The current process uses the socket. */
static __always_inline void use(struct sock *socket, unsigned short flags, bool always)
{
        struct task_struct *task = current_task();
        __u64 key = (__u64)socket;
        struct user *before = bpf_map_lookup_elem(&users, &key);
        struct user user = {.socket = key, .inode = inode_of(socket), .epoch = epoch};
        struct process_ends ends;

        identify(task, &user.who);
        user.alone = is_open_once(socket);
        if (before && before->inode == user.inode && before->epoch == user.epoch &&
            before->alone == user.alone && is_same(&before->who, &user.who) && !always)
                return;
        ends_of(socket, &ends);
        if (only_namespace && ends.network_namespace != only_namespace)
                return;
        if (user.alone)
                flags |= PROCESS_ALONE;
        if (!introduce(task, &user.who) ||
            !tell(PROCESS_USED, flags | flags_of(socket), &user, &ends))
                return;
        find_descriptor(task, socket, &user);
        bpf_map_update_elem(&users, &key, &user, BPF_ANY);
        bpf_map_delete_elem(&senders, &ends); /* so that who sends next is told */
}

/* --- Packets that are sent --- */

/* Where headers are read to. */
struct header {
        union {
                unsigned char bytes[40];
                __u32 words[10];
        };
};

static __always_inline bool has_ports(unsigned char protocol)
{
        return protocol == TCP || protocol == UDP || protocol == UDP_LITE || protocol == SCTP ||
               protocol == DCCP;
}

/* Fills in ports from what follows the network header. */
static __always_inline void read_ports(struct process_ends *ends, const unsigned char *at)
{
        unsigned char bytes[8];

        if (bpf_probe_read_kernel(bytes, sizeof(bytes), at))
                return;
        if (has_ports(ends->protocol)) {
                ends->local_port = (unsigned short)(bytes[0] << 8 | bytes[1]);
                ends->remote_port = (unsigned short)(bytes[2] << 8 | bytes[3]);
        } else if (ends->protocol == ICMP || ends->protocol == ICMP6) {
                ends->local_port = (unsigned short)(bytes[4] << 8 | bytes[5]);
                ends->remote_port = bytes[0];
        }
}

static __always_inline bool read_ipv4(struct process_ends *ends, const struct header *header,
                                      const unsigned char *at)
{
        const unsigned char *bytes = header->bytes;

        map_address(ends->local, header->words[3]);
        map_address(ends->remote, header->words[4]);
        ends->protocol = bytes[9];
        if ((bytes[6] & 0x1f) || bytes[7]) {
                ends->local_port = (unsigned short)(bytes[4] << 8 | bytes[5]);
                ends->remote_port = 0xffff;
        } else {
                read_ports(ends, at + (bytes[0] & 15) * 4);
        }
        return true;
}

static __always_inline bool read_ipv6(struct process_ends *ends, const struct header *header,
                                      const unsigned char *at)
{
        unsigned char fragment[8];

        __builtin_memcpy(ends->local, header->bytes + 8, 16);
        __builtin_memcpy(ends->remote, header->bytes + 24, 16);
        ends->protocol = header->bytes[6];
        at += 40;
        if (ends->protocol == FRAGMENT) {
                if (bpf_probe_read_kernel(fragment, sizeof(fragment), at))
                        return false;
                ends->protocol = fragment[0];
                at += 8;
                if (fragment[2] || fragment[3] & 0xf8) {
                        ends->local_port = (unsigned short)(fragment[6] << 8 | fragment[7]);
                        ends->remote_port = 0xffff;
                        return true;
                }
        }
        read_ports(ends, at);
        return true;
}

static __always_inline bool read_ends(struct sk_buff *packet, struct process_ends *ends)
{
        const unsigned char *at =
            BPF_CORE_READ(packet, head) + BPF_CORE_READ(packet, network_header);
        struct header header = {0};

        if (bpf_probe_read_kernel(header.bytes, 20, at))
                return false;
        if (header.bytes[0] >> 4 == 4)
                return read_ipv4(ends, &header, at);
        if (header.bytes[0] >> 4 != 6 || bpf_probe_read_kernel(header.bytes, 40, at))
                return false;
        return read_ipv6(ends, &header, at);
}

/* Whether the interface has no queue: what is sent there is captured at once. */
static __always_inline bool goes_directly(struct net_device *device)
{
        return !BPF_CORE_READ(device, _tx, qdisc, enqueue);
}

/* Who used the socket last; without pid if that is not known. Without a file, it is closed, or not
 * yet accepted: then it has no entry. Returns whether that process still has it open. */
static __always_inline bool last_user(struct sock *socket, struct user *user)
{
        __u64 key = (__u64)socket;
        const struct user *entry = bpf_map_lookup_elem(&users, &key);

        user->inode = inode_of(socket);
        if (!entry || (user->inode && entry->inode != user->inode))
                return false;
        user->who = entry->who;
        return still_holds(entry, socket);
}

/* Whether the packet is not sent by the process that runs. Of TCP, a process that sends has locked
 * the socket, and whoever comes meanwhile leaves what it has to that process. */
static __always_inline bool is_by_others(const void *context, struct sock *socket,
                                         unsigned char protocol)
{
        if (protocol == TCP)
                return BPF_CORE_READ(socket, sk_lock.owned) == 0;
        return is_interrupt(context);
}

/* Who sends it, and how that is known. Returns false if nothing new can be told. */
static __always_inline bool find_sender(const void *context, struct sock *socket,
                                        const struct process_ends *ends, const struct user *before,
                                        struct user *user, unsigned short *flags)
{
        const bool tcp = ends->protocol == TCP;
        const unsigned char state = BPF_CORE_READ(socket, __sk_common.skc_state);
        const bool request = tcp && state == NEW_SYN_RECV;
        __u64 key = (__u64)socket;
        const struct user *entry;

        user->socket = key;
        if (tcp && state == TIME_WAIT)
                return false;
        if (tcp || state == ESTABLISHED)
                *flags |= PROCESS_CONNECTED;
        if (request || is_by_others(context, socket, ends->protocol)) {
                *flags |= PROCESS_BY_OTHERS | (request ? PROCESS_LISTENS : 0);
                if (request)
                        socket = BPF_CORE_READ(socket, __sk_common.skc_listener);
                user->socket = (__u64)socket;
                if (last_user(socket, user))
                        *flags |= PROCESS_HELD;
                user->held = *flags & PROCESS_HELD;
                /* A connection stays whose it was. */
                return user->who.pid || request ||
                       (before && !tcp && before->socket != user->socket);
        }
        identify(current_task(), &user->who);
        user->inode = inode_of(socket);
        entry = bpf_map_lookup_elem(&users, &key);
        if (has_lengths && !tcp &&
            !(entry && entry->inode == user->inode && is_same(&entry->who, &user->who)))
                *flags |= PROCESS_UNCONFIRMED;
        return true;
}

SEC("raw_tp/net_dev_queue")
int queued(struct bpf_raw_tracepoint_args *context)
{
        struct sk_buff *packet = (struct sk_buff *)context->args[0];
        struct sock *socket = BPF_CORE_READ(packet, sk);
        struct net_device *device = BPF_CORE_READ(packet, dev);
        struct process_ends ends = {0};
        struct user user = {.epoch = epoch};
        const struct user *before;
        unsigned short flags = 0;

        if (!socket || !device)
                return 0;
        ends.network_namespace = BPF_CORE_READ(device, nd_net.net, ns.inum);
        if ((only_namespace && ends.network_namespace != only_namespace) ||
            !read_ends(packet, &ends))
                return 0;
        before = bpf_map_lookup_elem(&senders, &ends);
        if (!find_sender(context, socket, &ends, before, &user, &flags))
                return 0;
        if (before && before->epoch == user.epoch && before->socket == user.socket &&
            before->held == user.held && !(flags & PROCESS_UNCONFIRMED) &&
            is_same(&before->who, &user.who))
                return 0;
        if (!(flags & PROCESS_BY_OTHERS) && !introduce(current_task(), &user.who))
                return 0;
        if (goes_directly(device))
                flags |= PROCESS_DIRECTLY;
        if (!tell(PROCESS_SENT, flags, &user, &ends))
                return 0;
        bpf_map_update_elem(&senders, &ends, &user, BPF_ANY);
        if (!has_lengths && !(flags & PROCESS_BY_OTHERS))
                bpf_map_update_elem(&users, &user.socket, &user, BPF_ANY);
        return 0;
}

/* --- Sockets that are used --- */

/* What a reader of UDP has come to is put into a queue of its own. */
static __always_inline bool has_nothing_left(struct sock *socket, __u16 protocol)
{
        struct udp_sock *udp = (void *)socket;

        if (BPF_CORE_READ(socket, sk_receive_queue.qlen))
                return false;
        return (protocol != UDP && protocol != UDP_LITE) || !BPF_CORE_READ(udp, reader_queue.qlen);
}

static __always_inline int used(struct bpf_raw_tracepoint_args *context, unsigned short flags)
{
        struct sock *socket = (struct sock *)context->args[0];

        __u16 protocol;

        if (!is_inet(socket) || (int)context->args[1] < 0 || is_interrupt(context))
                return 0;
        protocol = BPF_CORE_READ(socket, sk_protocol);
        if (flags && has_nothing_left(socket, protocol))
                flags |= PROCESS_EMPTIED;
        use(socket, flags, flags && protocol != TCP);
        return 0;
}

SEC("raw_tp/sock_send_length")
int sent_length(struct bpf_raw_tracepoint_args *context)
{
        return used(context, 0);
}

SEC("raw_tp/sock_recv_length")
int received_length(struct bpf_raw_tracepoint_args *context)
{
        return used(context, PROCESS_READ);
}

SEC("raw_tp/inet_sock_set_state")
int state_set(struct bpf_raw_tracepoint_args *context)
{
        struct sock *socket = (struct sock *)context->args[0];
        __u64 key = (__u64)socket;
        int state = (int)context->args[2];
        struct user user = {.socket = key};
        struct process_ends ends;

        if (!is_inet(socket))
                return 0;
        if ((state == LISTEN || state == SYN_SENT) && !is_interrupt(context)) {
                if (state == LISTEN)
                        use(socket, PROCESS_LISTENS, true);
                else
                        bpf_map_delete_elem(&users, &key);
        } else if (state == SYN_RECV) {
                bpf_map_delete_elem(&users, &key);
        } else if (state == CLOSED) {
                ends_of(socket, &ends);
                if (!only_namespace || ends.network_namespace == only_namespace)
                        tell(PROCESS_ENDED, (int)context->args[1] == LISTEN ? PROCESS_LISTENS : 0,
                             &user, &ends);
                bpf_map_delete_elem(&users, &key);
        }
        return 0;
}

/* --- Who has a socket open --- */

SEC("iter/task_file")
int holder(struct bpf_iter__task_file *context)
{
        struct task_struct *task = context->task;
        struct file *file = context->file;
        struct process_record record = {.event = PROCESS_HOLDS};
        struct socket *open;
        struct sock *socket;

        if (!task || !file)
                return 0;
        open = bpf_sock_from_file(file);
        socket = open ? BPF_CORE_READ(open, sk) : NULL;
        if (!socket || !is_inet(socket))
                return 0;
        ends_of(socket, &record.ends);
        if (only_namespace && record.ends.network_namespace != only_namespace)
                return 0;
        identify(task, &record.who);
        if (!introduce(task, &record.who))
                return 0;
        record.time = bpf_ktime_get_ns();
        record.socket = (__u64)socket;
        record.inode = inode_of(socket);
        record.flags = flags_of(socket);
        bpf_seq_write(context->meta->seq, &record, sizeof(record));
        return 0;
}

/* --- Who descends from whom --- */

SEC("raw_tp/sched_process_fork")
int forked(struct bpf_raw_tracepoint_args *context)
{
        struct task_struct *parent = (struct task_struct *)context->args[0];
        struct task_struct *child = (struct task_struct *)context->args[1];
        __u32 from = BPF_CORE_READ(parent, tgid), to = BPF_CORE_READ(child, tgid);
        struct process_ends none = {0};
        struct user user = {0};
        __u8 yes = 1;

        if (from == to)
                return 0;
        identify(parent, &user.who);
        tell(PROCESS_FORKED, 0, &user, &none);
        from = own_number(parent);
        to = own_number(child);
        if (bpf_map_lookup_elem(&followed, &from))
                bpf_map_update_elem(&followed, &to, &yes, BPF_ANY);
        return 0;
}

SEC("raw_tp/sched_process_exit")
int exited(struct bpf_raw_tracepoint_args *context)
{
        struct task_struct *task = (struct task_struct *)context->args[0];
        __u32 process = BPF_CORE_READ(task, tgid), thread = BPF_CORE_READ(task, pid);

        if (process != thread)
                return 0;
        process = own_number(task);
        bpf_map_delete_elem(&followed, &process);
        return 0;
}

// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* The kernel's structures and numbers that process.bpf.c reads, beside those of kernel.bpf.h. */
#pragma once

#include "ebpf/kernel.bpf.h"

struct Qdisc {
        int (*enqueue)(void);
} KERNEL;

struct netdev_queue {
        struct Qdisc *qdisc;
} KERNEL;

struct net_device {
        struct netdev_queue *_tx;
        possible_net_t nd_net;
} KERNEL;

struct in6_addr {
        unsigned char bytes[16];
};

struct sock_common {
        __be32 skc_daddr;
        __be32 skc_rcv_saddr;
        __be16 skc_dport;
        __u16 skc_num;
        unsigned short skc_family;
        volatile unsigned char skc_state;
        unsigned char skc_reuse : 4;
        unsigned char skc_reuseport : 1;
        unsigned char skc_ipv6only : 1;
        possible_net_t skc_net;
        struct in6_addr skc_v6_daddr;
        struct in6_addr skc_v6_rcv_saddr;
        struct sock *skc_listener;
} KERNEL;

struct socket;

typedef struct {
        int owned;
} KERNEL socket_lock_t;

struct sk_buff_head {
        __u32 qlen;
} KERNEL;

struct sock {
        struct sock_common __sk_common;
        socket_lock_t sk_lock;
        struct sk_buff_head sk_receive_queue;
        struct socket *sk_socket;
        __u16 sk_protocol;
} KERNEL;

struct udp_sock {
        struct sk_buff_head reader_queue;
} KERNEL;

typedef struct {
        long counter;
} KERNEL atomic64_t;

typedef struct {
        atomic64_t refcnt;
} KERNEL file_ref_t;

/* Both count references: the first from one on, the second, from Linux 6.13 on, from zero on. */
struct file___before_6_13 {
        atomic64_t f_count;
} KERNEL;

struct file___from_6_13 {
        file_ref_t f_ref;
} KERNEL;

struct socket {
        struct file *file;
        struct sock *sk;
} KERNEL;

struct socket_alloc {
        struct socket socket;
        struct inode vfs_inode;
} KERNEL;

struct sk_buff {
        struct net_device *dev;
        struct sock *sk;
        __be16 protocol;
        __u16 network_header;
        unsigned char *head;
} KERNEL;

struct kernfs_node {
        const char *name;
        struct kernfs_node *parent;
} KERNEL;

struct kernfs_node___from_6_15 {
        const char *name;
        struct kernfs_node *__parent;
} KERNEL;

struct cgroup {
        struct kernfs_node *kn;
} KERNEL;

struct cgroup_subsys_state {
        struct cgroup *cgroup;
} KERNEL;

struct css_set {
        struct cgroup_subsys_state *subsys[16];
        struct cgroup *dfl_cgrp;
} KERNEL;

enum cgroup_subsys_id { memory_cgrp_id, pids_cgrp_id };

struct nsproxy {
        struct net *net_ns;
} KERNEL;

typedef struct {
        __u32 val;
} KERNEL kuid_t;

struct cred {
        kuid_t uid;
} KERNEL;

/* What else is read of it. */
struct task_struct___more {
        __u64 start_boottime;
        struct nsproxy *nsproxy;
        struct css_set *cgroups;
        const struct cred *cred;
        void *stack;
        int softirq_disable_cnt; /* with CONFIG_PREEMPT_RT */
} KERNEL;

/* On most machines; on x86, the count is no task's. */
struct thread_info___arm64 {
        struct {
                __u32 count;
        } preempt;
} KERNEL;

struct task_struct___arm64 {
        struct thread_info___arm64 thread_info;
} KERNEL;

struct thread_info___others {
        int preempt_count;
} KERNEL;

struct task_struct___others {
        struct thread_info___others thread_info;
} KERNEL;

/* The context of an iterator over files. */
struct bpf_iter_meta {
        struct seq_file *seq;
} KERNEL;

struct bpf_iter__task_file {
        struct bpf_iter_meta *meta;
        struct task_struct *task;
        __u32 fd;
        struct file *file;
} KERNEL;

enum {
        FRAGMENT = 44, /* IPPROTO_* */
        UDP_LITE = 136,
        SCTP = 132,
        DCCP = 33,
        ESTABLISHED = 1, /* TCP_* of <net/tcp_states.h> */
        SYN_SENT = 2,
        SYN_RECV = 3,
        TIME_WAIT = 6,
        CLOSED = 7,
        LISTEN = 10,
        NEW_SYN_RECV = 12,
        /* Bits of the count of preemptions: soft interrupts that are served, hard ones, NMIs. */
        INTERRUPTED = 0x100 | 0xf0000 | 0xf00000,
        LEAST_STACK = 16384,   /* bytes of a task's */
        MAX_DESCRIPTORS = 128, /* that are looked through for a socket */
};

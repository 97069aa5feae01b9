// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* The kernel's structures, reduced to the fields that filt's eBPF programs read, and its numbers.
 * libbpf relocates each access to where the running kernel has the field (CO-RE), so nothing else
 * of them matters.
 */
#pragma once

#define KERNEL __attribute__((preserve_access_index))

struct ns_common {
        unsigned int inum;
} KERNEL;

struct net {
        struct ns_common ns;
} KERNEL;

typedef struct {
        struct net *net;
} KERNEL possible_net_t;

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

struct fs_struct {
        struct path root;
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
        struct fs_struct *fs;
        struct files_struct *files;
        sigset_t blocked;
        int pid;
        int tgid;
        int exit_code;
        char comm[16];
        struct task_struct *group_leader;
        struct pid *thread_pid;
} KERNEL;

struct bpf_map {
        unsigned int id;
} KERNEL;

static __always_inline struct task_struct *current_task(void)
{
        return (struct task_struct *)bpf_get_current_task();
}

/* Returns the ID of a task in the PID namespace of that inode; 0 if it has none there. A task has
 * an ID in its namespace and in all those above, of which there may be 32. */
static __always_inline __u32 number_in_namespace(struct pid *pid, __u32 inode)
{
        unsigned int level = BPF_CORE_READ(pid, level);
        char *numbers = (char *)pid + bpf_core_field_offset(pid->numbers);

        for (unsigned int i = 0; i < 33; i++) {
                struct upid *number = (void *)(numbers + i * bpf_core_type_size(struct upid));

                if (i > level)
                        break;
                if (BPF_CORE_READ(number, ns, ns.inum) == inode)
                        return BPF_CORE_READ(number, nr);
        }
        return 0;
}

enum {
        INET = 2, /* AF_* */
        INET6 = 10,
        IPV4 = 0x0800, /* EtherTypes */
        IPV6 = 0x86dd,
        ICMP = 1, /* IPPROTO_* */
        TCP = 6,
        UDP = 17,
        ICMP6 = 58,
};

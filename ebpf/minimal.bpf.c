// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Reports each write(2) of one process on entry. User space sets the globals before loading. */
#include <linux/bpf.h> /* first: the next one needs its types */

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

int my_pid = 0;

/* The PID namespace of my_pid. bpf_get_current_pid_tgid() returns PIDs of the initial namespace
 * only, and a process in a container cannot learn its own there. */
__u64 namespace_device = 0;
__u64 namespace_inode = 0;

SEC("tp/syscalls/sys_enter_write")
int handle_write(void *context)
{
        struct bpf_pidns_info ids;
        int pid;

        (void)context;
        if (bpf_get_ns_current_pid_tgid(namespace_device, namespace_inode, &ids, sizeof(ids)))
                return 0; /* a process of another namespace */
        pid = ids.tgid;
        if (pid != my_pid)
                return 0;
        bpf_printk("BPF triggered from PID %d.\n", pid);
        return 0;
}

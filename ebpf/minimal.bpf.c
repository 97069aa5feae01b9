// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Reports every write(2) of one process, as it enters the kernel. User space sets the three globals
 * before loading. */
#include <linux/bpf.h> /* first: the next one needs its types */

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

int my_pid = 0;

/* The PID namespace in which my_pid counts. bpf_get_current_pid_tgid() would do without, but knows
 * the initial namespace's numbers alone, and a process in a container cannot learn its own there.
 */
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

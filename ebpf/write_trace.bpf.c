// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

int my_pid = 0;

SEC("tp/syscalls/sys_enter_write")
int handle_write(void *context)
{
        int pid = bpf_get_current_pid_tgid() >> 32;

        (void)context;
        if (pid != my_pid)
                return 0;
        bpf_printk("BPF triggered from PID %d.\n", pid);
        return 0;
}

#include "program.h"

#include <bpf/bpf.h>

int ebpf_program_load(enum ebpf_kind kind, const void *instructions, size_t count, char *log,
                      size_t log_room)
{
        static const enum bpf_prog_type types[] = {
            [EBPF_SOCKET_FILTER] = BPF_PROG_TYPE_SOCKET_FILTER,
            [EBPF_TC] = BPF_PROG_TYPE_SCHED_CLS,
            [EBPF_XDP] = BPF_PROG_TYPE_XDP,
            [EBPF_CGROUP_SKB] = BPF_PROG_TYPE_CGROUP_SKB,
        };
        LIBBPF_OPTS(bpf_prog_load_opts, options, .log_buf = log, .log_size = (uint32_t)log_room,
                    .log_level = log_room > 0);

        if (log_room > 0)
                log[0] = '\0';
        return bpf_prog_load(types[kind], "filt", "GPL", instructions, count, &options);
}

int ebpf_program_run(int program, const void *data, size_t length, unsigned repeat,
                     uint32_t *returned, uint32_t *nanoseconds)
{
        LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = data, .data_size_in = (uint32_t)length,
                    .repeat = (int)repeat);
        int result = bpf_prog_test_run_opts(program, &options);

        *returned = options.retval;
        if (nanoseconds)
                *nanoseconds = options.duration;
        return result;
}

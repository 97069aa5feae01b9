/* The few calls of bpf(2) that loading a filter takes, by the names that libbpf has for them, which
 * a program that uses libfilt need not have. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Returns what the kernel does, or a negative errno. */
static int call(enum bpf_cmd command, union bpf_attr *attributes)
{
        long result = syscall(SYS_bpf, command, attributes, sizeof *attributes);

        return result < 0 ? -errno : (int)result;
}

/* As bpf(2) wants addresses. */
static uint64_t address(const void *pointer)
{
        return (uintptr_t)pointer;
}

int bpf_map_create(enum bpf_map_type type, const char *name, __u32 key_size, __u32 value_size,
                   __u32 most, const struct bpf_map_create_opts *options)
{
        union bpf_attr attributes;

        memset(&attributes, 0, sizeof attributes);
        attributes.map_type = type;
        attributes.key_size = key_size;
        attributes.value_size = value_size;
        attributes.max_entries = most;
        attributes.map_flags = options ? options->map_flags : 0;
        snprintf(attributes.map_name, sizeof attributes.map_name, "%s", name);
        return call(BPF_MAP_CREATE, &attributes);
}

int bpf_map_update_elem(int map, const void *key, const void *value, __u64 flags)
{
        union bpf_attr attributes;

        memset(&attributes, 0, sizeof attributes);
        attributes.map_fd = (__u32)map;
        attributes.key = address(key);
        attributes.value = address(value);
        attributes.flags = flags;
        return call(BPF_MAP_UPDATE_ELEM, &attributes);
}

int bpf_map_update_batch(int map, const void *keys, const void *values, __u32 *count,
                         const struct bpf_map_batch_opts *options)
{
        union bpf_attr attributes;
        int result;

        (void)options;
        memset(&attributes, 0, sizeof attributes);
        attributes.batch.map_fd = (__u32)map;
        attributes.batch.keys = address(keys);
        attributes.batch.values = address(values);
        attributes.batch.count = *count;
        result = call(BPF_MAP_UPDATE_BATCH, &attributes);
        *count = attributes.batch.count;
        return result;
}

/* The kernel gives up with EAGAIN when a signal comes. */
int bpf_prog_load(enum bpf_prog_type type, const char *name, const char *license,
                  const struct bpf_insn *instructions, size_t count,
                  const struct bpf_prog_load_opts *options)
{
        enum { TRIES = 5 };
        union bpf_attr attributes;
        int result = -EAGAIN;

        memset(&attributes, 0, sizeof attributes);
        attributes.prog_type = type;
        attributes.expected_attach_type = options->expected_attach_type;
        attributes.insns = address(instructions);
        attributes.insn_cnt = (__u32)count;
        attributes.license = address(license);
        attributes.log_buf = address(options->log_size ? options->log_buf : NULL);
        attributes.log_size = options->log_size;
        attributes.log_level = options->log_level;
        attributes.prog_flags = options->prog_flags;
        snprintf(attributes.prog_name, sizeof attributes.prog_name, "%s", name);
        for (int i = 0; i < TRIES && result == -EAGAIN; i++)
                result = call(BPF_PROG_LOAD, &attributes);
        return result;
}

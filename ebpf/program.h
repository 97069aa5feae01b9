/* Programs of instructions, as opposed to those of object files: loaded into the kernel and tried
 * there. */
#pragma once

#include "net/skb_layout.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the kernel calls each program and map of filt's. */
#define EBPF_NAME "filt"

/* What a program is for; it decides what the verifier lets it do. */
enum ebpf_kind {
        EBPF_SOCKET_FILTER,
        EBPF_TC,
        EBPF_XDP,
        EBPF_XDP_PARTS, /* packets may be in pieces, of which the program sees the first directly */
        EBPF_XDP_UNTYPED,       /* without expected attach type, as old loaders have it */
        EBPF_XDP_UNTYPED_PARTS, /* the same, for packets in pieces */
        EBPF_CGROUP_SKB,
        EBPF_NETFILTER,
        EBPF_RAW_TRACEPOINT,
};

/* What the kernel is told of it. Programs that go on to one another must have all in common. */
struct ebpf_attributes {
        uint32_t type, attach_type, flags; /* BPF_PROG_TYPE_*, BPF_*, BPF_F_* */
};

struct ebpf_attributes ebpf_attributes(enum ebpf_kind kind);

/* Loads `count` instructions of 8 bytes, as the kernel has them. Returns a descriptor, which the
 * caller closes; or a negative errno. Then `log`, of `log_room` bytes (0: none is wanted), has the
 * verifier's words. */
int ebpf_program_load(enum ebpf_kind kind, const void *instructions, size_t count, char *log,
                      size_t log_room);

/* Has the verifier look again at a program that it refused, and copies its reason to `reason`
 * (`room` bytes, truncated), with the instruction that it stopped at; "" if it gives none. */
void ebpf_program_refusal(enum ebpf_kind kind, const void *instructions, size_t count, char *reason,
                          size_t room);

/* What a program that goes on to others does where there is none, as the kernel empties their table
 * when the last process closes it. */
struct ebpf_miss {
        int table;      /* the descriptor of another table, */
        uint32_t entry; /* and which entry it goes on to; -1 for none */
        int verdict;    /* if that is not there either */
};

/* Makes a program that does nothing but go on to `program`, and is as short however long that is:
 * what a socket's memory is charged for. Returns its descriptor, and in `table` that of the map
 * whose entry 0 is the other: the caller keeps it open as long as it is to be found, and closes
 * both. On failure returns a negative errno. */
int ebpf_program_forward(enum ebpf_kind kind, int program, const struct ebpf_miss *miss,
                         int *table);

/* Puts a program into a table, atomically. Returns 0 or a negative errno. */
int ebpf_table_put(int table, uint32_t entry, int program);

/* Makes a set: a map of `count` keys of `key_size` bytes, one behind the other, each with a number
 * of its class that a lookup finds. With `prefixes`, keys are of a longest-prefix match (struct
 * bpf_lpm_trie_key: the length in bits, of 32 bits, then bytes in network byte order). Returns its
 * descriptor, which the caller closes; or a negative errno. */
int ebpf_set_new(bool prefixes, const void *keys, size_t key_size, const uint32_t *classes,
                 uint32_t count);

/* Whether the running kernel has jumps of 32 bits, as Linux 6.6 and later. True, too, if it does
 * not say: to those who may not load programs. */
bool ebpf_kernel_jumps_far(void);

/* What there is in the running kernel by its BTF: for programs that read a packet where it lies, by
 * a dynptr, or by its address. */
struct ebpf_kernel {
        int cast_context;    /* the number of bpf_cast_to_kern_ctx(); 0 if there is none */
        int dynptr_from_skb; /* that of bpf_dynptr_from_skb() */
        uint16_t data, length, data_length; /* offsets in struct sk_buff */
        struct skb_layout skb;
};

/* Returns 0; or a negative errno if the kernel has no BTF, or nothing of this in it. */
int ebpf_kernel_find(struct ebpf_kernel *kernel);

/* Has the kernel run the program `repeat` times on `length` bytes, at least 14: the whole frame or,
 * for EBPF_SOCKET_FILTER, which is shown what follows the first 14, a frame. Sets what it returned,
 * and the average time of a run in nanoseconds (NULL: not wanted). Returns 0 or a negative errno.
 */
int ebpf_program_run(int program, const void *data, size_t length, unsigned repeat,
                     uint32_t *returned, uint32_t *nanoseconds);

/* The same once, of an XDP program for packets in pieces: the first has `first` bytes, at least 14.
 * Kernels older than Linux 6.18 only take all of them: -EINVAL. */
int ebpf_program_run_in_pieces(int program, const void *data, size_t length, size_t first,
                               uint32_t *returned);

/* How many arguments a raw tracepoint has; a negative errno if the kernel has no BTF, or no such
 * tracepoint. */
int ebpf_tracepoint_arguments(const char *tracepoint);

/* Opens what /proc says of a program, while files may be opened. Returns a descriptor, which the
 * caller closes, or -1. */
int ebpf_program_information(int program);

/* How often the kernel did not run that program because it ran already on the same processor (Linux
 * 5.12): by what was opened so; 0 for -1. */
uint64_t ebpf_program_missed(int information);

/* cbpf: what its files share. */
#ifndef CBPF_INTERNAL_H
#define CBPF_INTERNAL_H

#include "cbpf.h"

/* Compiles `expression` by libpcap, with or without its optimizer. An error is told in terms of
 * `original`, the text the user wrote. Returns 0, or -1 with `error` filled. */
int cbpf_compile_by_libpcap(const char *expression, const char *original,
                            const struct cbpf_target *target, bool optimize,
                            struct bpf_program *program, struct error *error);

/* Makes the program that returns `k` for every packet. Returns 0, or -1 with `error` filled. */
int cbpf_return_constant(uint32_t k, struct bpf_program *program, struct error *error);

/* Rewrites `program`, compiled for frames with an SLL2 header, in place for a cooked socket.
 * Returns 0; -1 if it reads what the kernel cannot tell there (`program` is then as it was) or
 * memory is short. */
int cbpf_cook(struct bpf_program *program);

#define CBPF_COOKED_HEADER 20 /* bytes of the SLL2 header, which a cooked socket does not show */

/* The same for one load: `mode` is BPF_ABS, BPF_IND or BPF_MSH, `offset` counts from the SLL2
 * header. Returns false if the kernel cannot tell what it reads. */
bool cbpf_cook_load(unsigned mode, unsigned *size, uint32_t *offset);

/* True if an absolute load at `k` asks for ancillary data that Linux has not. The kernel refuses
 * the program; in user space the load is past the end of every packet. */
bool cbpf_is_unknown_ancillary(uint32_t k);

struct graph;
struct lists;

/* The graph's program, as short as it can be made. The graph is of no use afterwards. On a packet
 * that the graph rejects for a load past its captured bytes, the program may give the answer that
 * every completion of the packet gets. Returns 0; 1 if it cannot be done (`out` is then empty); -1
 * if memory is short. */
int cbpf_finish(struct graph *graph, struct bpf_program *out);

/* The same for what a program means, with the values of `lists` (lists.h; NULL for none) where
 * their markers stand in `in`. Without lists `out` is no longer than `in`. Returns 1 also if `in`
 * has no graph. */
int cbpf_optimize(const struct bpf_program *in, const struct lists *lists, struct bpf_program *out);

#endif

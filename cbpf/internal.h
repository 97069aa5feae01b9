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

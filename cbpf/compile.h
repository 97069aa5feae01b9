/* Inside the compiler: compiling by libpcap, and compiling a program again. */
#pragma once

#include "cbpf.h"

struct graph;

/* Compiles `expression` by libpcap without its optimizer, which tells what the expression means.
 * Errors are reported in terms of `original`, the text the user wrote. Returns 0, or -1 with
 * `error` filled. */
int cbpf_compile_by_libpcap(const char *expression, const char *original,
                            const struct cbpf_target *target, struct bpf_program *program,
                            struct error *error);

/* Fills `error`: it is not allowed. Returns -1. */
int cbpf_refuse_libpcap(struct error *error);

/* Lifts `in`, optimizes its graph and emits it; `out` is no longer than `in` if `in` keeps the
 * rules of cbpf_check() but for its length. On a packet that `in` rejects for a load past the
 * captured bytes, `out` may give the answer that every completion of the packet gets. Returns 0; 1
 * if it cannot be done (`out` is then empty), as `in` jumps back or needs too much scratch memory;
 * -1 if memory is short. */
int cbpf_recompile(const struct bpf_program *in, struct bpf_program *out);

/* The optimizer and the emitter by themselves, for tests. `variant` is as in opt/pass.h; both
 * return as find_candidates() of shortest_program.h. */
int cbpf_optimize_graph(struct graph *graph, unsigned variant);
int cbpf_emit_graph(struct graph *graph, struct bpf_program *program);

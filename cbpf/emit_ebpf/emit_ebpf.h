/* The other emitter: a decision graph to extended BPF, for one of the places of the kernel where
 * such programs run. It knows nothing of the classic program. */
#pragma once

#include "cbpf/extended.h"
#include "cbpf/ir/ir.h"

enum {
        EMIT_UNTOLD =
            1, /* the graph asks for what programs there are not told, or computes too much */
        EMIT_TOO_LONG, /* it takes more jumps in a row than the kernel's verifier follows, or jumps
                        * farther than `target` has */
};

/* Fills `program` with code for `graph`, which the caller frees with cbpf_extended_free(). Returns
 * 0; -1 if memory is short; or EMIT_UNTOLD or EMIT_TOO_LONG. */
int emit_ebpf(const struct graph *graph, const struct cbpf_extended_target *target,
              struct cbpf_extended_program *program);

/* The same as a file in C, fresh memory, whose code returns the same for every packet. Returns as
 * emit_ebpf(); `*text` is NULL unless 0 is returned. */
int emit_ebpf_c(const struct graph *graph, const struct cbpf_extended_target *target, char **text);

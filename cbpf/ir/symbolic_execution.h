/* One instruction on registers that hold terms. */
#ifndef CBPF_SYMBOLIC_H
#define CBPF_SYMBOLIC_H

#include "graph.h"

#include <linux/filter.h>

enum {
        SYMBOLIC_A = BPF_MEMWORDS, /* behind the scratch memory */
        SYMBOLIC_X,
        SYMBOLIC_REGISTERS,
};

/* From here on arguments (graph.h) make terms different that look alike. */
#define SYMBOLIC_UNIQUE 0x80000000u

/* Does what an instruction does that is no jump and no return. Returns the register it sets. */
uint32_t symbolic_step(struct graph *graph, const struct bpf_insn *instruction,
                       uint32_t *registers);

/* The other operand of a calculation or a jump. */
uint32_t symbolic_operand(struct graph *graph, const struct bpf_insn *instruction,
                          const uint32_t *registers);

#endif

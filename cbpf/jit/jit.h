/* The just-in-time compiler: what its machine-independent part plans, and what each machine's part
 * writes. */
#pragma once

#include "cbpf/program/program.h"

/* What the machine code of an instruction has to do. */
enum jit_fate {
        JIT_UNREACHED, /* nothing: it is never executed */
        JIT_REJECTS,   /* return 0: whatever the packet, the program does so from here on */
        JIT_RUNS,      /* what the instruction does */
};

struct jit_plan {
        enum jit_fate fate;
        /* For a load that runs: reject unless so many bytes are captured, counted from the packet's
         * start, or from X on if the load is indexed. 0: they are known to be there. */
        uint32_t check;
};

/* Plans each instruction of `program`. Returns an array that the caller frees; NULL if memory is
 * short, or a jump leads back or out of the program. */
struct jit_plan *jit_make_plan(const struct bpf_program *program);

/* No packet has so many bytes captured: the offsets from here on are ancillary data. */
#define JIT_NEVER ((uint32_t)SKF_AD_OFF)

/* The machine code. `unused` and `x`, which must be 0, stand where they do so that the other
 * arguments arrive in the registers where the code wants them. */
typedef uint32_t jit_entry(const uint8_t *data, uint64_t captured, uint32_t unused, uint64_t x,
                           uint32_t length, const struct cbpf_ancillary *ancillary);

/* Writes machine code for this machine, which may then be copied to any place. Returns it in fresh
 * memory that the caller frees, `size` set; NULL if memory is short, an opcode is unknown, or the
 * machine is. */
uint8_t *jit_translate(const struct bpf_program *program, const struct jit_plan *plan,
                       size_t *size);

/* What a listing of a program does not show. */
#pragma once

#include <pcap/bpf.h>
#include <stdbool.h>

/* Clears the fields that an instruction does not use; assembler and -d do not show them. */
static inline void clear_unused(struct bpf_insn *instruction)
{
        unsigned class = BPF_CLASS(instruction->code);
        bool branch = class == BPF_JMP && BPF_OP(instruction->code) != BPF_JA;
        bool by_x = (class == BPF_ALU || branch) && BPF_SRC(instruction->code) == BPF_X;

        if (!branch)
                instruction->jt = instruction->jf = 0;
        if (by_x || class == BPF_MISC || instruction->code == (BPF_RET | BPF_A) ||
            instruction->code == (BPF_ALU | BPF_NEG) ||
            (class <= BPF_LDX && BPF_MODE(instruction->code) == BPF_LEN))
                instruction->k = 0;
}

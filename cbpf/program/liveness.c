/* Liveness: which registers and words of scratch memory are read before they are written again. */
#include "program.h"

#include <string.h>

enum { A = 1u << CBPF_A, X = 1u << CBPF_X };

void cbpf_registers_of(const struct bpf_insn *instruction, uint32_t *reads, uint32_t *writes)
{
        uint32_t code = instruction->code, word = 1u << instruction->k % BPF_MEMWORDS;

        *reads = *writes = 0;
        switch (BPF_CLASS(code)) {
        case BPF_LD:
        case BPF_LDX:
                *writes = BPF_CLASS(code) == BPF_LD ? A : X;
                if (BPF_MODE(code) == BPF_IND)
                        *reads = X;
                if (BPF_MODE(code) == BPF_MEM)
                        *reads = word;
                break;
        case BPF_ST:
        case BPF_STX:
                *reads = BPF_CLASS(code) == BPF_ST ? A : X;
                *writes = word;
                break;
        case BPF_ALU:
                *writes = A;
                *reads = BPF_OP(code) != BPF_NEG && BPF_SRC(code) == BPF_X ? A | X : A;
                break;
        case BPF_JMP:
                if (BPF_OP(code) != BPF_JA)
                        *reads = BPF_SRC(code) == BPF_X ? A | X : A;
                break;
        case BPF_RET: *reads = BPF_RVAL(code) == BPF_A ? A : 0; break;
        case BPF_MISC:
                *reads = BPF_MISCOP(code) == BPF_TAX ? A : X;
                *writes = BPF_MISCOP(code) == BPF_TAX ? X : A;
                break;
        }
}

/* One pass up; true if another one may find more, which only jumps back make possible. */
static bool pass_up(const struct bpf_program *program, uint32_t *live)
{
        bool changed = false, loops = false;

        for (uint32_t i = program->bf_len; i-- > 0;) {
                const struct bpf_insn *instruction = &program->bf_insns[i];
                uint32_t reads, writes, yes = i + 1, no = i + 1, after = 0;

                cbpf_registers_of(instruction, &reads, &writes);
                if (BPF_CLASS(instruction->code) == BPF_JMP)
                        cbpf_jump_targets(instruction, i, &yes, &no);
                if (BPF_CLASS(instruction->code) != BPF_RET) {
                        after |= yes < program->bf_len ? live[yes] : 0;
                        after |= no < program->bf_len ? live[no] : 0;
                        loops |= yes <= i || no <= i;
                }
                after = (after & ~writes) | reads;
                changed |= after != live[i];
                live[i] = after;
        }
        return changed && loops;
}

void cbpf_find_live(const struct bpf_program *program, uint32_t *live)
{
        memset(live, 0, program->bf_len * sizeof *live);
        while (pass_up(program, live))
                ;
}

#include "mutant.h"

#include "cbpf/program/program.h"
#include "random.h"

#include <stdlib.h>

enum { MAX_ATTEMPTS = 100 };

bool program_reads_before_x(const struct bpf_program *program)
{
        for (uint32_t i = 0; i < program->bf_len; i++)
                if (BPF_CLASS(program->bf_insns[i].code) == BPF_LD &&
                    BPF_MODE(program->bf_insns[i].code) == BPF_IND &&
                    program->bf_insns[i].k > INT32_MAX)
                        return true;
        return false;
}

/* How many bytes are kept does not count, so no return is changed. */
static void change(uint64_t *random, struct bpf_program *program)
{
        struct bpf_insn *at = &program->bf_insns[random_below(random, program->bf_len)];

        if (BPF_CLASS(at->code) == BPF_RET)
                at = &program->bf_insns[0];
        switch (random_below(random, 4)) {
        case 0: at->k ^= 1u << random_below(random, 6); break;
        case 1: at->k += 1; break;
        case 2: {
                uint8_t jt = at->jt;

                if (cbpf_is_branch(at->code)) {
                        at->jt = at->jf;
                        at->jf = jt;
                }
                break;
        }
        case 3:
                if (at->code == (BPF_JMP | BPF_JGT | BPF_K))
                        at->code = BPF_JMP | BPF_JGE | BPF_K;
                else if (at->code == (BPF_JMP | BPF_JEQ | BPF_K))
                        at->code = BPF_JMP | BPF_JGE | BPF_K;
                else
                        at->k -= 1;
        }
}

bool mutant_make(uint64_t *random, const struct bpf_program *program, struct bpf_program *mutant)
{
        struct cbpf_violation violation;

        for (int i = 0; i < MAX_ATTEMPTS; i++) {
                if (cbpf_program_copy(program, mutant) < 0)
                        abort();
                change(random, mutant);
                if (cbpf_check(mutant, &violation) == 0 || violation.only_length)
                        return true;
                cbpf_program_free(mutant);
        }
        return false;
}

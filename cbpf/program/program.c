/* Making and freeing programs. */
#include "program.h"

#include <stdlib.h>
#include <string.h>

void cbpf_program_free(struct bpf_program *program)
{
        free(program->bf_insns);
        *program = (struct bpf_program){0};
}

int cbpf_program_copy(const struct bpf_program *in, struct bpf_program *out)
{
        *out = (struct bpf_program){in->bf_len, malloc(in->bf_len * sizeof *in->bf_insns)};
        if (!out->bf_insns) {
                *out = (struct bpf_program){0};
                return -1;
        }
        memcpy(out->bf_insns, in->bf_insns, in->bf_len * sizeof *in->bf_insns);
        return 0;
}

int cbpf_program_constant(uint32_t k, struct bpf_program *program)
{
        struct bpf_insn instruction = BPF_STMT(BPF_RET | BPF_K, k);

        return cbpf_program_copy(&(struct bpf_program){1, &instruction}, program);
}

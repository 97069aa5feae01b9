/* What can be said of a program without running it. */
#include "cbpf/cbpf.h"

#include <stdlib.h>

/* A walk along all jumps. An instruction enters `pending` when first seen, so once at most. */
struct walk {
        const struct bpf_program *program;
        bool *seen;
        uint32_t *pending;
        size_t pending_count;
};

static void visit(struct walk *walk, uint32_t instruction)
{
        if (instruction >= walk->program->bf_len || walk->seen[instruction])
                return;
        walk->seen[instruction] = true;
        walk->pending[walk->pending_count++] = instruction;
}

/* The target of `ja` wraps: libpcap's `protochain` jumps back by a huge forward distance. */
static void visit_next(struct walk *walk, uint32_t at)
{
        const struct bpf_insn *instruction = &walk->program->bf_insns[at];

        if (BPF_CLASS(instruction->code) != BPF_JMP) {
                visit(walk, at + 1);
        } else if (BPF_OP(instruction->code) == BPF_JA) {
                visit(walk, at + 1 + instruction->k);
        } else {
                visit(walk, at + 1 + instruction->jt);
                visit(walk, at + 1 + instruction->jf);
        }
}

/* The accumulator may hold anything, so `ret a` counts as accepting. */
static bool reaches_acceptance(struct walk *walk)
{
        visit(walk, 0);
        while (walk->pending_count > 0) {
                uint32_t at = walk->pending[--walk->pending_count];
                const struct bpf_insn *instruction = &walk->program->bf_insns[at];

                if (BPF_CLASS(instruction->code) != BPF_RET)
                        visit_next(walk, at);
                else if (BPF_RVAL(instruction->code) == BPF_A || instruction->k != 0)
                        return true;
        }
        return false;
}

bool cbpf_rejects_all(const struct bpf_program *program)
{
        struct walk walk = {
            .program = program,
            .seen = calloc(program->bf_len + (size_t)1, sizeof *walk.seen),
            .pending = malloc((program->bf_len + (size_t)1) * sizeof *walk.pending),
        };
        /* Without memory nothing is known, and nothing is claimed. */
        bool rejects = walk.seen && walk.pending && !reaches_acceptance(&walk);

        free(walk.seen);
        free(walk.pending);
        return rejects;
}

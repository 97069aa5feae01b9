/* What can be said of a program without running it: how long it can run, and whether it can accept.
 */
#include "program.h"

#include <stdlib.h>

/* The longest path. Jumps lead forward, so one pass from the last instruction to the first knows of
 * each how far it is from there to a return. */

/* The longest path from instruction `to`; 0 past the end. */
static uint32_t path_from(const struct bpf_program *program, const uint32_t *paths, uint64_t to)
{
        return to < program->bf_len ? paths[to] : 0;
}

static uint32_t path_of(const struct bpf_program *program, const uint32_t *paths, uint32_t at)
{
        const struct bpf_insn *instruction = &program->bf_insns[at];
        uint64_t next = (uint64_t)at + 1;
        uint32_t yes, no;

        switch (BPF_CLASS(instruction->code)) {
        case BPF_RET: return 1;
        case BPF_JMP: break;
        default: return 1 + path_from(program, paths, next);
        }
        if (BPF_OP(instruction->code) == BPF_JA)
                return 1 + path_from(program, paths, next + instruction->k);
        yes = path_from(program, paths, next + instruction->jt);
        no = path_from(program, paths, next + instruction->jf);
        return 1 + (yes > no ? yes : no);
}

bool cbpf_jumps_back(const struct bpf_program *program)
{
        for (uint32_t i = 0; i < program->bf_len; i++)
                if (program->bf_insns[i].code == (BPF_JMP | BPF_JA) &&
                    program->bf_insns[i].k > INT32_MAX)
                        return true;
        return false;
}

int cbpf_longest_path(const struct bpf_program *program, uint32_t *longest)
{
        uint32_t *paths;

        if (cbpf_jumps_back(program))
                return 1;
        paths = malloc((program->bf_len + (size_t)1) * sizeof *paths);
        if (!paths)
                return -1;
        for (uint32_t i = program->bf_len; i-- > 0;)
                paths[i] = path_of(program, paths, i);
        *longest = path_from(program, paths, 0);
        free(paths);
        return 0;
}

/* Reachability: a walk along all jumps. An instruction enters `pending` when first seen, so at most
 * once. */
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

/* The sum wraps where `ja` jumps back. */
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

/* The accumulator may hold any value, so `ret a` counts as accepting. */
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
        /* If memory is short, nothing is known and nothing claimed. */
        bool rejects = walk.seen && walk.pending && !reaches_acceptance(&walk);

        free(walk.seen);
        free(walk.pending);
        return rejects;
}

/* Making and freeing programs, and what can be said of one without running it: how long it can run,
 * whether it can accept, and which registers are live. */
#include "program.h"

#include <stdlib.h>
#include <string.h>

void cbpf_program_free(struct bpf_program *program)
{
        free(program->bf_insns);
        *program = (struct bpf_program){0};
}

/* The word that the instruction reads, if that is what it breaks the rules with; otherwise -1. */
static int read_unwritten(const struct bpf_program *program)
{
        struct cbpf_violation violation;
        const struct bpf_insn *instruction;

        if (cbpf_check(program, &violation) == 0 || violation.instruction >= program->bf_len)
                return -1;
        instruction = &program->bf_insns[violation.instruction];
        if ((BPF_CLASS(instruction->code) != BPF_LD && BPF_CLASS(instruction->code) != BPF_LDX) ||
            BPF_MODE(instruction->code) != BPF_MEM || instruction->k >= BPF_MEMWORDS)
                return -1;
        return (int)instruction->k;
}

int cbpf_fill_memory_first(struct bpf_program *program)
{
        int word;

        while ((word = read_unwritten(program)) >= 0) {
                size_t size = program->bf_len * sizeof *program->bf_insns;
                struct bpf_insn *longer = realloc(program->bf_insns, size + sizeof *longer);

                if (!longer)
                        return -1;
                memmove(longer + 1, longer, size);
                longer[0] = (struct bpf_insn)BPF_STMT(BPF_ST, (uint32_t)word);
                *program = (struct bpf_program){program->bf_len + 1, longer};
        }
        return 0;
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

bool cbpf_jumps_back(const struct bpf_program *program)
{
        for (uint32_t i = 0; i < program->bf_len; i++)
                if (program->bf_insns[i].code == (BPF_JMP | BPF_JA) &&
                    program->bf_insns[i].k > INT32_MAX)
                        return true;
        return false;
}

bool cbpf_writes_memory(const struct bpf_program *program)
{
        for (uint32_t i = 0; i < program->bf_len; i++)
                if (BPF_CLASS(program->bf_insns[i].code) == BPF_ST ||
                    BPF_CLASS(program->bf_insns[i].code) == BPF_STX)
                        return true;
        return false;
}

/* Jumps lead forward, so one pass from the last instruction to the first finds the longest path
 * from each to a return; it is 0 past the end. */
int cbpf_longest_path(const struct bpf_program *program, uint32_t *longest)
{
        uint32_t *paths, yes, no;

        if (cbpf_jumps_back(program))
                return 1;
        paths = calloc(program->bf_len + (size_t)1, sizeof *paths);
        if (!paths)
                return -1;
        for (uint32_t i = program->bf_len; i-- > 0;) {
                paths[i] = 1;
                if (BPF_CLASS(program->bf_insns[i].code) == BPF_RET)
                        continue;
                cbpf_successors(program, i, &yes, &no);
                yes = yes < program->bf_len ? paths[yes] : 0;
                no = no < program->bf_len ? paths[no] : 0;
                paths[i] += yes > no ? yes : no;
        }
        *longest = paths[0];
        free(paths);
        return 0;
}

/* Reachability: a walk along all jumps. Each instruction becomes pending once, when first seen. */
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

/* The accumulator may hold any value, so `ret a` counts as accepting. */
static bool reaches_acceptance(struct walk *walk)
{
        visit(walk, 0);
        while (walk->pending_count > 0) {
                uint32_t at = walk->pending[--walk->pending_count];
                const struct bpf_insn *instruction = &walk->program->bf_insns[at];

                if (BPF_CLASS(instruction->code) != BPF_RET) {
                        uint32_t yes, no;

                        cbpf_successors(walk->program, at, &yes, &no);
                        visit(walk, yes);
                        visit(walk, no);
                } else if (BPF_RVAL(instruction->code) == BPF_A || instruction->k != 0) {
                        return true;
                }
        }
        return false;
}

int cbpf_rejects_all(const struct bpf_program *program)
{
        struct walk walk = {
            .program = program,
            .seen = calloc(program->bf_len + (size_t)1, sizeof *walk.seen),
            .pending = malloc((program->bf_len + (size_t)1) * sizeof *walk.pending),
        };
        int rejects = walk.seen && walk.pending ? !reaches_acceptance(&walk) : -1;

        free(walk.seen);
        free(walk.pending);
        return rejects;
}

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

/* One backward pass; true if another may find more, which takes jumps back. */
static bool pass_up(const struct bpf_program *program, uint32_t *live)
{
        bool changed = false, loops = false;

        for (uint32_t i = program->bf_len; i-- > 0;) {
                const struct bpf_insn *instruction = &program->bf_insns[i];
                uint32_t reads, writes, yes, no, after = 0;

                cbpf_registers_of(instruction, &reads, &writes);
                cbpf_successors(program, i, &yes, &no);
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

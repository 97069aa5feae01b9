/* Cuts a program into basic blocks: one begins at every target of a jump and behind every jump and
 * return. */
#include "explain.h"

#include <stdlib.h>

static bool is_jump(const struct bpf_insn *instruction)
{
        return BPF_CLASS(instruction->code) == BPF_JMP;
}

static bool is_test(const struct bpf_insn *instruction)
{
        return is_jump(instruction) && BPF_OP(instruction->code) != BPF_JA;
}

/* Where a jump of `distance` from instruction `at` leads; the program's length if outside. Backward
 * jumps (libpcap's protochain) wrap, as they do in the machine. */
static uint32_t target(const struct bpf_program *program, uint32_t at, uint32_t distance)
{
        uint32_t to = at + 1 + distance;

        return to < program->bf_len ? to : program->bf_len;
}

/* Marks in `starts` (one entry more than the program is long) where blocks begin. */
static void mark_starts(const struct bpf_program *program, bool *starts)
{
        starts[0] = true;
        for (uint32_t i = 0; i < program->bf_len; i++) {
                const struct bpf_insn *instruction = &program->bf_insns[i];

                if (is_test(instruction)) {
                        starts[target(program, i, instruction->jt)] = true;
                        starts[target(program, i, instruction->jf)] = true;
                } else if (is_jump(instruction)) {
                        starts[target(program, i, instruction->k)] = true;
                }
                if (is_jump(instruction) || BPF_CLASS(instruction->code) == BPF_RET)
                        starts[i + 1] = true;
        }
}

/* Fills in where a block leads. `block_of` has the block that begins at an instruction, NO_BLOCK at
 * the program's end. */
static void join(const struct bpf_program *program, const uint32_t *block_of, struct block *block)
{
        const struct bpf_insn *last = &program->bf_insns[block->last];

        block->if_true = block->if_not = block->next = NO_BLOCK;
        if (is_test(last)) {
                block->if_true = block_of[target(program, block->last, last->jt)];
                block->if_not = block_of[target(program, block->last, last->jf)];
        } else if (is_jump(last)) {
                block->next = block_of[target(program, block->last, last->k)];
        } else if (BPF_CLASS(last->code) != BPF_RET) {
                block->next = block_of[block->last + 1];
        }
}

int blocks_find(const struct bpf_program *program, struct blocks *blocks)
{
        uint32_t length = program->bf_len;
        bool *starts = calloc(length + 1, sizeof *starts);
        uint32_t *block_of = malloc((length + 1) * sizeof *block_of);

        *blocks = (struct blocks){.list = malloc(length * sizeof *blocks->list)};
        if (!starts || !block_of || !blocks->list) {
                free(starts);
                free(block_of);
                free(blocks->list);
                return -1;
        }
        mark_starts(program, starts);
        for (uint32_t i = 0; i < length; i++) {
                if (starts[i])
                        blocks->list[blocks->count++].first = i;
                blocks->list[blocks->count - 1].last = i;
                block_of[i] = blocks->count - 1;
        }
        block_of[length] = NO_BLOCK;
        for (uint32_t i = 0; i < blocks->count; i++)
                join(program, block_of, &blocks->list[i]);
        free(starts);
        free(block_of);
        return 0;
}

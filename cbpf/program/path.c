/* How long a program can run. Jumps lead forward, so one pass from the last instruction to the
 * first knows of each how far it is from there to a return. */
#include "cbpf/cbpf.h"

#include <stdlib.h>

/* The longest way from instruction `to`; 0 if there is none, behind the end. */
static uint32_t way_from(const struct bpf_program *program, const uint32_t *ways, uint64_t to)
{
        return to < program->bf_len ? ways[to] : 0;
}

static uint32_t way_of(const struct bpf_program *program, const uint32_t *ways, uint32_t at)
{
        const struct bpf_insn *instruction = &program->bf_insns[at];
        uint64_t next = (uint64_t)at + 1;
        uint32_t yes, no;

        switch (BPF_CLASS(instruction->code)) {
        case BPF_RET: return 1;
        case BPF_JMP: break;
        default: return 1 + way_from(program, ways, next);
        }
        if (BPF_OP(instruction->code) == BPF_JA)
                return 1 + way_from(program, ways, next + instruction->k);
        yes = way_from(program, ways, next + instruction->jt);
        no = way_from(program, ways, next + instruction->jf);
        return 1 + (yes > no ? yes : no);
}

/* `protochain` jumps back by a huge distance forward, which wraps. */
static bool jumps_back(const struct bpf_program *program)
{
        for (uint32_t i = 0; i < program->bf_len; i++)
                if (program->bf_insns[i].code == (BPF_JMP | BPF_JA) &&
                    program->bf_insns[i].k > INT32_MAX)
                        return true;
        return false;
}

int cbpf_longest_path(const struct bpf_program *program, uint32_t *longest)
{
        uint32_t *ways;

        if (jumps_back(program))
                return 1;
        ways = malloc((program->bf_len + (size_t)1) * sizeof *ways);
        if (!ways)
                return -1;
        for (uint32_t i = program->bf_len; i-- > 0;)
                ways[i] = way_of(program, ways, i);
        *longest = way_from(program, ways, 0);
        free(ways);
        return 0;
}

#include "mend.h"

#include "programs.h"

#include <linux/filter.h>

enum {
        MAX_OFFSET = 2048, /* the tests' packets do not reach farther */
};

static bool is_opcode(uint16_t code)
{
        for (size_t i = 0; i < PROGRAM_OPCODES; i++)
                if (program_opcodes[i] == code)
                        return true;
        return false;
}

/* The ancillary data that the interpreter of the tests knows; it cannot know the rest of what the
 * kernel knows. */
static uint32_t known_offset(uint32_t offset)
{
        static const uint8_t known[] = {SKF_AD_PROTOCOL, SKF_AD_PKTTYPE,          SKF_AD_IFINDEX,
                                        SKF_AD_HATYPE,   SKF_AD_VLAN_TAG_PRESENT, SKF_AD_VLAN_TAG,
                                        SKF_AD_VLAN_TPID};

        if (offset <= INT32_MAX)
                return offset % MAX_OFFSET;
        return (uint32_t)SKF_AD_OFF + known[offset % sizeof known];
}

/* Makes an instruction keep the kernel's rules; `left` is the number of instructions after it. */
static void mend(struct bpf_insn *instruction, uint32_t left)
{
        uint16_t code = instruction->code;

        if (!is_opcode(code))
                code = program_opcodes[code % PROGRAM_OPCODES];
        if (left == 0 && BPF_CLASS(code) != BPF_RET)
                code = BPF_RET | BPF_K;
        instruction->code = code;
        if (BPF_CLASS(code) == BPF_JMP && left > 0) {
                instruction->jt = (uint8_t)(instruction->jt % left);
                instruction->jf = (uint8_t)(instruction->jf % left);
                if (BPF_OP(code) == BPF_JA)
                        instruction->k %= left;
        } else {
                instruction->jt = instruction->jf = 0;
        }
        if (BPF_CLASS(code) == BPF_LD && BPF_MODE(code) == BPF_ABS)
                instruction->k = known_offset(instruction->k);
        if (BPF_CLASS(code) == BPF_LDX && BPF_MODE(code) == BPF_MSH)
                instruction->k %= MAX_OFFSET;
        if (BPF_CLASS(code) == BPF_LD && BPF_MODE(code) == BPF_IND && instruction->k <= INT32_MAX)
                instruction->k %= MAX_OFFSET;
        if (BPF_CLASS(code) == BPF_ST || BPF_CLASS(code) == BPF_STX ||
            (BPF_CLASS(code) <= BPF_LDX && BPF_MODE(code) == BPF_MEM))
                instruction->k %= BPF_MEMWORDS;
        if (code == (BPF_ALU | BPF_DIV | BPF_K) || code == (BPF_ALU | BPF_MOD | BPF_K))
                instruction->k += instruction->k == 0;
        if (code == (BPF_ALU | BPF_LSH | BPF_K) || code == (BPF_ALU | BPF_RSH | BPF_K))
                instruction->k &= 31;
}

void mend_program(struct bpf_program *program)
{
        for (uint32_t i = 0; i < program->bf_len; i++)
                mend(&program->bf_insns[i], program->bf_len - 1 - i);
}

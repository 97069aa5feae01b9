/* Shortening a program from elsewhere. The graph takes every load for a pure value of the packet.
 * That is true of all loads the compiler makes; programs with other loads are refused here. */
#include "cbpf/program/program.h"
#include "compile.h"

/* Ancillary data that are the same whenever a run loads them, whatever the registers hold. */
static bool is_pure_ancillary(uint32_t k)
{
        switch (k - (uint32_t)SKF_AD_OFF) {
        case SKF_AD_NLATTR:
        case SKF_AD_NLATTR_NEST:
        case SKF_AD_ALU_XOR_X:
        case SKF_AD_RANDOM: return false;
        default: return cbpf_ancillary(k) != NULL;
        }
}

/* Offsets above INT32_MAX count from elsewhere than the packet's start (SKF_NET_OFF, SKF_LL_OFF),
 * and tell nothing of how long it is. */
static bool is_pure(const struct bpf_insn *instruction)
{
        unsigned class = BPF_CLASS(instruction->code), mode = BPF_MODE(instruction->code);

        if ((class != BPF_LD || mode != BPF_ABS) && (class != BPF_LDX || mode != BPF_MSH))
                return true;
        return instruction->k <= INT32_MAX ||
               (mode == BPF_ABS && is_pure_ancillary(instruction->k));
}

int cbpf_shorten(const struct bpf_program *in, struct bpf_program *out)
{
        *out = (struct bpf_program){0};
        for (uint32_t i = 0; i < in->bf_len; i++)
                if (!is_pure(&in->bf_insns[i]))
                        return 1;
        return cbpf_recompile(in, out);
}

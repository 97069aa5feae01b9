/* What traffic is expected to look like, and how many instructions of a program it takes. A program
 * does not say which field it loads, but few fields at fixed places have the values of a protocol
 * that is frequent. The shares are rounded from the captures in pcaps/. */
#include "program.h"

#include "base/array.h"

#include <linux/ppp_defs.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdlib.h>

enum {
        FRAME_RELAY_IPV4 = 0x3cc, /* control and NLPID (RFC 2427) */
        FRAME_RELAY_IPV6 = 0x38e,
        CISCO_HDLC_OSI = 0xfefe,
};

/* Of the packets that have the field; those of ICMPv6, that have IPv6's. */
static const struct share {
        unsigned size;
        uint32_t value;
        double share;
} shares[] = {
    {BPF_H, ETHERTYPE_IP, 0.62},   {BPF_H, PPP_IP, 0.62},       {BPF_H, FRAME_RELAY_IPV4, 0.62},
    {BPF_H, ETHERTYPE_IPV6, 0.13}, {BPF_H, PPP_IPV6, 0.13},     {BPF_H, FRAME_RELAY_IPV6, 0.13},
    {BPF_H, CISCO_HDLC_OSI, 0.05}, {BPF_B, IPPROTO_UDP, 0.45},  {BPF_B, IPPROTO_TCP, 0.3},
    {BPF_B, IPPROTO_ICMPV6, 0.2},  {BPF_B, IPPROTO_SCTP, 0.03}, {BPF_B, IPPROTO_FRAGMENT, 0.005},
};

#define ADDRESS_SHARE 0.1 /* of one that a filter asks for */
#define OTHER_SHARE 0.02  /* of any other value; and of a range, at least */
#define SPREAD_SHARE 0.15 /* of all values that are not in the table, in proportion */
#define FRAGMENT_SHARE 0.03
#define BITS_SHARE 0.25 /* of values that have one of some bits set */
#define MOST_SHARE 0.95

static uint32_t greatest(unsigned size)
{
        return size == BPF_B ? UINT8_MAX : size == BPF_H ? UINT16_MAX : UINT32_MAX;
}

static double share_of_value(unsigned size, uint32_t value)
{
        for (size_t i = 0; i < array_count(shares) && (size == BPF_H || size == BPF_B); i++)
                if (shares[i].size == size && shares[i].value == value)
                        return shares[i].share;
        return size == BPF_W ? ADDRESS_SHARE : OTHER_SHARE;
}

double cbpf_expected_share(unsigned size, uint32_t low, uint32_t high)
{
        uint32_t most = greatest(size);
        double share = OTHER_SHARE;

        if (low == high)
                return share_of_value(size, low);
        if (high > most)
                high = most;
        for (size_t i = 0; i < array_count(shares); i++)
                if (shares[i].size == size && shares[i].value >= low && shares[i].value <= high)
                        share += shares[i].share;
        return share + SPREAD_SHARE * (high - low) / most;
}

/* What is expected where an instruction is reached. */
struct expectation {
        double reached; /* by how many of all packets */
        double left;    /* of the values of the field in the accumulator, those not ruled out */
        unsigned size;  /* of that field; or CBPF_NO_FIELD */
};

/* How many of the values are at least `value`. */
static double share_from(unsigned size, uint32_t value)
{
        uint32_t most = value <= UINT8_MAX    ? UINT8_MAX
                        : value <= UINT16_MAX ? UINT16_MAX
                                              : UINT32_MAX;

        return size == BPF_H ? cbpf_expected_share(size, value, UINT16_MAX)
                             : 1 - value / (1.0 + most);
}

/* How many of the packets that reach the jump make it. */
static double share_of_jump(const struct bpf_insn *jump, const struct expectation *here)
{
        bool constant = BPF_SRC(jump->code) == BPF_K;
        double share;

        switch (BPF_OP(jump->code)) {
        case BPF_JA: return 1;
        case BPF_JEQ:
                share = constant ? share_of_value(here->size, jump->k) / here->left : ADDRESS_SHARE;
                break;
        case BPF_JSET: share = jump->k == IP_OFFMASK ? FRAGMENT_SHARE : BITS_SHARE; break;
        default: share = constant ? share_from(here->size, jump->k) : 0.5; break;
        }
        return share < MOST_SHARE ? share : MOST_SHARE;
}

/* Where paths meet, what is left is that of both on average. */
static void arrive(struct expectation *at, struct expectation from)
{
        double all = at->reached + from.reached;

        if (at->reached == 0)
                *at = from;
        if (at->reached == all || from.reached == 0)
                return;
        at->size = at->size == from.size ? from.size : CBPF_NO_FIELD;
        at->left = (at->left * at->reached + from.left * from.reached) / all;
        at->reached = all;
}

static void pass_jump(struct expectation *at, const struct bpf_insn *jump, uint32_t number)
{
        const struct expectation *here = &at[number];
        double share = share_of_jump(jump, here);
        struct expectation yes = {here->reached * share, here->left, here->size};
        struct expectation no = {here->reached - yes.reached, here->left, here->size};
        uint32_t yes_target, no_target;

        if (BPF_OP(jump->code) == BPF_JEQ)
                no.left *= 1 - share;
        cbpf_jump_targets(jump, number, &yes_target, &no_target);
        arrive(&at[yes_target], yes);
        arrive(&at[no_target], no);
}

/* What is left in the accumulator. */
static struct expectation run(const struct bpf_insn *instruction, struct expectation here)
{
        switch (BPF_CLASS(instruction->code)) {
        case BPF_LD:
                here.left = 1;
                here.size = BPF_MODE(instruction->code) == BPF_ABS ? BPF_SIZE(instruction->code)
                                                                   : CBPF_NO_FIELD;
                break;
        case BPF_ALU:
        case BPF_MISC:
                here.left = 1;
                here.size = CBPF_NO_FIELD;
                break;
        }
        return here;
}

int cbpf_expected_steps(const struct bpf_program *program, double *steps)
{
        struct expectation *at = calloc(program->bf_len + (size_t)1, sizeof *at);

        if (!at)
                return -1;
        *steps = 0;
        at[0] = (struct expectation){1, 1, CBPF_NO_FIELD};
        for (uint32_t i = 0; i < program->bf_len; i++) {
                const struct bpf_insn *instruction = &program->bf_insns[i];

                *steps += at[i].reached;
                if (BPF_CLASS(instruction->code) == BPF_JMP)
                        pass_jump(at, instruction, i);
                else if (BPF_CLASS(instruction->code) != BPF_RET)
                        arrive(&at[i + 1], run(instruction, at[i]));
        }
        free(at);
        return 0;
}

/* Programs written in place, and what they are made of. */
#pragma once

#include "base/array.h"

#include <linux/filter.h>
#include <pcap/pcap.h>
#include <stdint.h>

#define PROGRAM(...)                                                                 \
        (struct bpf_program)                                                         \
        {                                                                            \
                array_count(((struct bpf_insn[]){__VA_ARGS__})), (struct bpf_insn[]) \
                {                                                                    \
                        __VA_ARGS__                                                  \
                }                                                                    \
        }

/* Short names of opcodes. */
enum {
        LD_IMM = BPF_LD | BPF_IMM,
        LD_ABS = BPF_LD | BPF_W | BPF_ABS,
        LDH_ABS = BPF_LD | BPF_H | BPF_ABS,
        LDB_ABS = BPF_LD | BPF_B | BPF_ABS,
        LD_IND = BPF_LD | BPF_W | BPF_IND,
        LD_LEN = BPF_LD | BPF_W | BPF_LEN,
        LD_MEM = BPF_LD | BPF_MEM,
        LDX_MEM = BPF_LDX | BPF_MEM,
        LDX_IMM = BPF_LDX | BPF_IMM,
        LDX_MSH = BPF_LDX | BPF_B | BPF_MSH,
        DIV_K = BPF_ALU | BPF_DIV | BPF_K,
        DIV_X = BPF_ALU | BPF_DIV | BPF_X,
        MOD_K = BPF_ALU | BPF_MOD | BPF_K,
        LSH_K = BPF_ALU | BPF_LSH | BPF_K,
        RSH_K = BPF_ALU | BPF_RSH | BPF_K,
        JA = BPF_JMP | BPF_JA,
        JEQ = BPF_JMP | BPF_JEQ | BPF_K,
        RET = BPF_RET | BPF_K,
        RET_A = BPF_RET | BPF_A,
        LDH_IND = BPF_LD | BPF_H | BPF_IND,
        LDB_IND = BPF_LD | BPF_B | BPF_IND,
        AND = BPF_ALU | BPF_AND | BPF_K,
        ADD = BPF_ALU | BPF_ADD | BPF_K,
        NEG = BPF_ALU | BPF_NEG,
        TAX = BPF_MISC | BPF_TAX,
        JGE = BPF_JMP | BPF_JGE | BPF_K,
        JSET = BPF_JMP | BPF_JSET | BPF_K,
        TXA = BPF_MISC | BPF_TXA,
};

/* Every opcode that the kernel and libpcap know. The last two return: the others may stand anywhere
 * in a program. */
enum { PROGRAM_OPCODES = 49, PROGRAM_OPCODES_INSIDE = PROGRAM_OPCODES - 2 };
extern const uint16_t program_opcodes[PROGRAM_OPCODES];

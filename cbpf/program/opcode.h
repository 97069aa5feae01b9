/* What an opcode is called and what it takes: shared by those who write programs as text and those
 * who read them. */
#ifndef CBPF_OPCODE_H
#define CBPF_OPCODE_H

#include "cbpf/cbpf.h"

#include <linux/filter.h>

enum operand {
        OPERAND_UNKNOWN, /* no such opcode */
        OPERAND_NONE,
        OPERAND_DECIMAL,
        OPERAND_HEXADECIMAL,
        OPERAND_INDEX_REGISTER,
        OPERAND_ABSOLUTE,
        OPERAND_INDEXED,
        OPERAND_SCRATCH,
        OPERAND_HEADER_LENGTH,
        OPERAND_PACKET_LENGTH,
        OPERAND_TARGET,
};

struct opcode {
        const char *mnemonic;
        enum operand operand;
};

/* What libpcap calls it. One that libpcap does not know is `unimp`, with OPERAND_UNKNOWN; so is
 * BPF_LDX_LENGTH, which the kernel does know. */
const struct opcode *cbpf_opcode(uint16_t code);

#define BPF_LDX_LENGTH (BPF_LDX | BPF_W | BPF_LEN)

/* What the kernel serves in place of packet bytes, by its offset from SKF_AD_OFF. */
struct ancillary {
        const char *listed;    /* in libpcap's listings */
        const char *assembler; /* for bpf_asm; NULL if it has no name */
};

/* NULL if the absolute offset `k` is none that libpcap has a name for. */
const struct ancillary *cbpf_ancillary(uint32_t k);

/* The absolute offset of what has this name in either language; 0 if nothing has. */
uint32_t cbpf_ancillary_offset(const char *name, size_t length);

static inline bool cbpf_is_branch(uint16_t code)
{
        return BPF_CLASS(code) == BPF_JMP && BPF_OP(code) != BPF_JA;
}

#endif

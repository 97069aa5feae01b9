/* Programs: what the rest of the compiler needs to know of them. What anybody may call (check, run,
 * list, read) is in cbpf.h. */
#pragma once

#include "cbpf/cbpf.h"

#include <linux/filter.h>

/* Fills `out` with a copy of `in`. Returns 0, or -1 with `out` empty if memory is short. */
int cbpf_program_copy(const struct bpf_program *in, struct bpf_program *out);

/* The share of packets of ordinary traffic whose value lies from `low` to `high` in a field of that
 * size (BPF_W, BPF_H, BPF_B) at a fixed place; or CBPF_NO_FIELD. */
enum { CBPF_NO_FIELD = 1 };
double cbpf_expected_share(unsigned size, uint32_t low, uint32_t high);

/* The number of instructions that `program`, which jumps forward only, may be expected to run for a
 * packet of ordinary traffic. Returns 0, or -1 if memory is short. */
int cbpf_expected_steps(const struct bpf_program *program, double *steps);

/* Puts stores in front for scratch memory that is read where it may not have been written, which
 * the kernel refuses: a program, whose memory is its own, starts with 0 everywhere. Returns 0, or
 * -1 if memory is short. */
int cbpf_fill_memory_first(struct bpf_program *program);

/* Makes the program that returns `k` for every packet. Returns the same. */
int cbpf_program_constant(uint32_t k, struct bpf_program *program);

/* True if the program jumps back, as libpcap's `protochain` does: a huge distance forward that
 * wraps. */
bool cbpf_jumps_back(const struct bpf_program *program);

/* True if the program writes scratch memory anywhere. */
bool cbpf_writes_memory(const struct bpf_program *program);

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
        const char *sign; /* of an operator or a comparison, as in C; else NULL */
};

/* The row of the table of opcodes, with libpcap's mnemonic. An opcode that libpcap does not know is
 * `unimp` with OPERAND_UNKNOWN; so is BPF_LDX_LENGTH, which the kernel does know. */
const struct opcode *cbpf_opcode(uint16_t code);

#define BPF_LDX_LENGTH (BPF_LDX | BPF_W | BPF_LEN)

/* Finds an opcode by its mnemonic, of `length` bytes: the lowest of several. Returns false if there
 * is none. */
bool cbpf_opcode_named(const char *mnemonic, size_t length, uint16_t *code);

/* Ancillary data: what the kernel serves in place of packet bytes from SKF_AD_OFF on. */
struct ancillary {
        const char *listed;    /* in libpcap's listings */
        const char *assembler; /* for bpf_asm; NULL if it has no name */
        uint8_t offset, size;  /* bytes in struct cbpf_ancillary, if it is there */
};

/* NULL if the absolute offset `k` is none that libpcap has a name for. */
const struct ancillary *cbpf_ancillary(uint32_t k);

/* NULL if the absolute offset `k` is none that struct cbpf_ancillary has a field for. */
const struct ancillary *cbpf_ancillary_field(uint32_t k);

/* The absolute offset of what has this name in either language; 0 if nothing has. */
uint32_t cbpf_ancillary_offset(const char *name, size_t length);

/* True if an absolute load at `k` asks for ancillary data that Linux does not have. The kernel
 * refuses the program; in user space the load is past the end of every packet. */
bool cbpf_is_unknown_ancillary(uint32_t k);

/* How many bytes of the packet a load takes. */
static inline unsigned cbpf_load_size(uint16_t code)
{
        return BPF_SIZE(code) == BPF_W ? 4 : BPF_SIZE(code) == BPF_H ? 2 : 1;
}

/* Whether it loads bytes of the packet, or ancillary data. */
static inline bool cbpf_loads_packet(uint16_t code)
{
        unsigned mode = BPF_MODE(code);

        return (BPF_CLASS(code) == BPF_LD || BPF_CLASS(code) == BPF_LDX) &&
               (mode == BPF_ABS || mode == BPF_IND || mode == BPF_MSH);
}

static inline bool cbpf_is_branch(uint16_t code)
{
        return BPF_CLASS(code) == BPF_JMP && BPF_OP(code) != BPF_JA;
}

/* Where a jump leads, at instruction number `at`; a jump back wraps. */
static inline void cbpf_jump_targets(const struct bpf_insn *instruction, uint32_t at, uint32_t *yes,
                                     uint32_t *no)
{
        bool always = BPF_OP(instruction->code) == BPF_JA;

        *yes = at + 1 + (always ? instruction->k : instruction->jt);
        *no = at + 1 + (always ? instruction->k : instruction->jf);
}

/* What may follow instruction number `at`: the targets of a jump; else twice the next one. */
static inline void cbpf_successors(const struct bpf_program *program, uint32_t at, uint32_t *yes,
                                   uint32_t *no)
{
        *yes = *no = at + 1;
        if (BPF_CLASS(program->bf_insns[at].code) == BPF_JMP)
                cbpf_jump_targets(&program->bf_insns[at], at, yes, no);
}

/* Registers by number: M[0] to M[15] come first. */
enum {
        CBPF_A = BPF_MEMWORDS,
        CBPF_X,
        CBPF_REGISTERS,
};

/* The registers that an instruction reads and writes, a bit each. */
void cbpf_registers_of(const struct bpf_insn *instruction, uint32_t *reads, uint32_t *writes);

/* Fills `live`, by instruction: the registers that are read, from there on, before they are
 * written. */
void cbpf_find_live(const struct bpf_program *program, uint32_t *live);

/* Cooked sockets (DLT_LINUX_SLL2): the kernel shows a program the packet from its network header
 * on, without the SLL2 header of CBPF_COOKED_HEADER bytes that the program was compiled for. */
#define CBPF_COOKED_HEADER 20

/* Rewrites `program` in place for a cooked socket. Returns 0; -1, with `program` unchanged, if it
 * reads what the kernel cannot tell there or memory is short. */
int cbpf_cook(struct bpf_program *program);

/* The same for one load: `mode` is BPF_ABS, BPF_IND or BPF_MSH, `offset` counts from the SLL2
 * header. Returns false if the kernel cannot tell what it reads. */
bool cbpf_cook_load(unsigned mode, unsigned *size, uint32_t *offset);

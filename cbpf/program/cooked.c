/* Programs for cooked sockets, where a packet starts at its network header. They were compiled for
 * packets behind a synthetic LINUX_SLL2 header of 20 bytes: loads behind it move, loads of it
 * become ancillary loads, and an additional instruction adds the 20 bytes to the packet length. */
#include "program.h"

#include <stdlib.h>
#include <string.h>

/* https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html. The address is not here: the kernel
 * has no ancillary load for it. */
static const struct {
        uint32_t offset;
        uint16_t size; /* BPF_B, BPF_H, BPF_W */
        uint32_t ancillary;
} fields[] = {{0, BPF_H, SKF_AD_PROTOCOL},
              {4, BPF_W, SKF_AD_IFINDEX},
              {8, BPF_H, SKF_AD_HATYPE},
              {10, BPF_B, SKF_AD_PKTTYPE}};

static bool loads_length(const struct bpf_insn *instruction)
{
        return (BPF_CLASS(instruction->code) == BPF_LD ||
                BPF_CLASS(instruction->code) == BPF_LDX) &&
               BPF_MODE(instruction->code) == BPF_LEN;
}

bool cbpf_cook_load(unsigned mode, unsigned *size, uint32_t *offset)
{
        if (*offset >= CBPF_COOKED_HEADER) {
                *offset -= CBPF_COOKED_HEADER;
                return true;
        }
        for (size_t i = 0; mode == BPF_ABS && i < sizeof fields / sizeof *fields; i++)
                if (fields[i].offset == *offset && fields[i].size == *size) {
                        *size = BPF_W;
                        *offset = (uint32_t)SKF_AD_OFF + fields[i].ancillary;
                        return true;
                }
        return false;
}

/* Moves one load. Returns -1 if the kernel cannot tell what it reads. */
static int cook_load(struct bpf_insn *instruction)
{
        unsigned mode = BPF_MODE(instruction->code), size = BPF_SIZE(instruction->code);

        if (!cbpf_loads_packet(instruction->code))
                return 0;
        if (!cbpf_cook_load(mode, &size, &instruction->k))
                return -1;
        instruction->code = (uint16_t)(BPF_CLASS(instruction->code) | mode | size);
        return 0;
}

/* Fills in the targets of the jump `old`, which was instruction `from`. */
static int move_jumps(struct bpf_insn *moved, const struct bpf_insn *old, size_t from,
                      const size_t *place)
{
        size_t next = place[from] + 1;
        size_t yes, no;

        if (BPF_CLASS(old->code) != BPF_JMP)
                return 0;
        if (BPF_OP(old->code) == BPF_JA) {
                /* A jump back, as for `protochain`, wraps. */
                moved->k = (uint32_t)(place[(uint32_t)(from + 1 + old->k)] - next);
                return 0;
        }
        yes = place[from + 1 + old->jt] - next;
        no = place[from + 1 + old->jf] - next;
        moved->jt = (uint8_t)yes;
        moved->jf = (uint8_t)no;
        return yes > UINT8_MAX || no > UINT8_MAX ? -1 : 0;
}

static int cook_into(struct bpf_insn *cooked, const struct bpf_program *program,
                     const size_t *place)
{
        for (size_t i = 0; i < program->bf_len; i++) {
                const struct bpf_insn *old = &program->bf_insns[i];
                struct bpf_insn *moved = &cooked[place[i]];

                *moved = *old;
                if (cook_load(moved) < 0 || move_jumps(moved, old, i, place) < 0)
                        return -1;
                if (loads_length(old) && BPF_CLASS(old->code) == BPF_LDX)
                        return -1; /* nothing adds to X; libpcap loads the length into A */
                if (loads_length(old))
                        moved[1] = (struct bpf_insn)BPF_STMT(BPF_ALU | BPF_ADD | BPF_K,
                                                             CBPF_COOKED_HEADER);
        }
        return 0;
}

int cbpf_cook(struct bpf_program *program)
{
        size_t *place = calloc(program->bf_len + 1, sizeof *place); /* where each one goes */
        struct bpf_insn *cooked;
        size_t length = 0;

        if (!place)
                return -1;
        for (size_t i = 0; i < program->bf_len; i++) {
                place[i] = length;
                length += loads_length(&program->bf_insns[i]) ? 2 : 1;
        }
        place[program->bf_len] = length;
        cooked = calloc(length, sizeof *cooked);
        if (!cooked || cook_into(cooked, program, place) < 0) {
                free(place);
                free(cooked);
                return -1;
        }
        free(place);
        free(program->bf_insns);
        program->bf_insns = cooked;
        program->bf_len = (u_int)length;
        return 0;
}

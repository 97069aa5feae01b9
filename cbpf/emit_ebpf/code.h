/* Inside the eBPF emitter. */
#pragma once

#include "emit_ebpf.h"

/* Instruction classes and operations, by RFC 9669. */
enum {
        CLASS_LD = 0x00,
        CLASS_LDX = 0x01,
        CLASS_ST = 0x02,
        CLASS_STX = 0x03,
        CLASS_ALU = 0x04, /* 32 bits; the upper half becomes 0 */
        CLASS_JMP = 0x05, /* 64 bits */
        CLASS_JMP32 = 0x06,
        CLASS_ALU64 = 0x07,

        BY_REGISTER = 0x08,

        SIZE_W = 0x00,
        SIZE_H = 0x08,
        SIZE_B = 0x10,
        SIZE_DW = 0x18,
        MODE_MEM = 0x60,

        ALU_ADD = 0x00,
        ALU_SUB = 0x10,
        ALU_AND = 0x50,
        ALU_NEG = 0x80,
        ALU_MOV = 0xb0,
        ALU_END = 0xd0, /* with BY_REGISTER: to big-endian */

        JUMP_ALWAYS = 0x00,
        JUMP_EQ = 0x10,
        JUMP_GT = 0x20,
        JUMP_GE = 0x30,
        JUMP_SET = 0x40,
        JUMP_NE = 0x50,
        JUMP_CALL = 0x80,
        JUMP_EXIT = 0x90,
        JUMP_LT = 0xa0,
        JUMP_LE = 0xb0,

        KERNEL_FUNCTION = 2, /* source register of a call: the number is one of the kernel's BTF */

        /* Helpers. */
        LOOK_UP = 1,       /* the place of a value in a map, or 0 */
        TAIL_CALL = 12,    /* goes on to a program of a table, if there is one */
        READ_KERNEL = 113, /* (to, length, address) */

        NF_SKB = 8, /* where struct bpf_nf_ctx has its packet */

        FRAME = 10, /* register */
        NOWHERE = UINT32_MAX,
};

/* Code being written: instructions, and places in it that have names. */
struct line {
        struct cbpf_extended_instruction instruction;
        uint32_t label; /* of a jump: where to; else NOWHERE */
        struct cbpf_extended_origin origin;
};

struct code {
        struct line *lines;
        uint32_t count, room;
        uint32_t *places; /* by label: the line it is before */
        uint32_t labels, label_room;
        struct cbpf_extended_origin origin; /* of the lines that come */
        bool failed;                        /* memory ran short */
};

void code_put(struct code *code, unsigned operation, unsigned destination, unsigned source,
              int32_t offset, int32_t immediate);

/* Notes that the last instruction has made a register hold a term, if it has written there. */
void code_note_term(struct code *code, unsigned destination, uint32_t term, bool swapped);

/* Has a register be the address `below` the frame pointer. */
void code_address(struct code *code, unsigned destination, int below);

/* A label of a place that is not there yet. */
uint32_t code_label(struct code *code);
void code_here(struct code *code, uint32_t label);

/* A jump of a class and an operation, which compares a register with another or a constant. */
void code_jump(struct code *code, unsigned operation, unsigned destination, unsigned source,
               int32_t immediate, uint32_t label);
void code_goto(struct code *code, uint32_t label);

/* Leads jumps past gotos, and drops those that are needless then, and what is not reached. */
void code_drop_gotos(struct code *code);

enum {
        MAX_PENDING = 8192, /* the kernel's BPF_COMPLEXITY_LIMIT_JMP_SEQ */
};

/* How many jumps the kernel's verifier has to come back to at most: it goes on without a jump
 * first. */
uint32_t code_pending(struct code *code);

/* Has jumps that 16 bits do not reach go by others (relays.c). */
void code_add_relays(struct code *code);

/* Makes the program of it. Returns as emit_ebpf(). */
int code_assemble(struct code *code, bool far_jumps, struct cbpf_extended_program *program);

void code_free(struct code *code);
void extended_free_map(struct cbpf_extended_map *map);
void extended_free_maps(struct cbpf_extended_map *maps, uint32_t count);

/* A helper that copies bytes from the packet. */
struct copier {
        const char *name;
        int32_t helper;
        uint8_t from, offset, to, length; /* registers of its arguments */
};

/* What programs are told in a context. Offsets are those of fields of its structure in
 * <linux/bpf.h>. */
struct context {
        bool direct; /* data from `data` to `data_end` can be read */
        uint16_t data, data_end;
        uint16_t unknown; /* a field of which the verifier knows nothing */
        bool has_length;  /* a field has the packet's length; else it is data_end - data */
        uint16_t length;
        const char *length_name; /* or, of packets in pieces, what this helper returns */
        int32_t length_helper;
        bool is_skb;     /* struct __sk_buff: it has metadata */
        bool is_address; /* of a struct sk_buff, in an argument: skb.c reads it */
        bool is_dynptr;  /* the packet is read by a struct bpf_dynptr, which the program makes */
        const struct copier *copier;
};

extern const struct context emission_contexts[CBPF_CONTEXTS];

/* The field that has the value of an ancillary load at `k`, and whether it is in network byte
 * order. Returns false if there is none. */
bool context_field(const struct context *context, uint32_t k, uint16_t *field, bool *swapped);

/* Its name in struct __sk_buff, or NULL. */
const char *context_field_name(uint32_t k);

/* Needs: how far into the packet all paths look that accept, so that one comparison with the
 * packet's end does for all. Places are counted from bases: the packet's start, and terms that
 * loads add to their offset. */
struct base {
        uint32_t term;       /* GRAPH_NONE for the packet's start, which is base 0 */
        uint32_t lowest;     /* offset of any load */
        uint32_t weights[4]; /* of the loads that are aligned if an offset is which has this
                                remainder by 4 */
        uint32_t *need;      /* by node: bytes that all paths load which accept from there */
};

struct needs {
        struct base *bases;
        uint32_t count, room;
        bool *reached; /* by node */
        bool failed;
};

void needs_find(struct needs *needs, const struct graph *graph);
void needs_free(struct needs *needs);

/* An offset, up to 3 less than the lowest, that makes as many loads as can be aligned where a copy
 * of it is. */
uint32_t needs_origin(const struct base *base);

/* The base of a load's term. */
uint32_t needs_base(const struct needs *needs, uint32_t term);

/* True for a load of the packet's bytes, rather than of what the kernel knows of it. */
bool is_packet_load(const struct term *term);

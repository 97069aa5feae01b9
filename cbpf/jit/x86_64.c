/* Machine code for x86-64 (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2).
 *
 * Calling convention: jit_entry in the System V ABI. All registers used are caller-saved:
 *
 *     eax       A; at the end, the verdict
 *     ecx       X; the caller passes 0
 *     rdi       the packet's first byte
 *     rsi       bytes captured
 *     r8d       length on the wire
 *     r9        ancillary data, or NULL
 *     edx, r10  spare
 *     rsp - 64  M[0] to M[15], in the red zone, which a leaf function may use
 *
 * The upper halves of rax, rcx and rsi are always 0: writing a 32-bit register clears them.
 *
 * Code is generated backwards, from the last instruction to the first. Jumps only lead forward, so
 * each target is known when its jump is written, and whether the short form reaches it. Positions
 * are distances from the end of the code. */
#include "jit.h"

#if defined __x86_64__ && defined __LP64__

#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

enum machine_register {
        A = 0,    /* eax */
        X = 1,    /* ecx */
        HIGH = 2, /* edx: the upper half of a dividend, then the remainder */
        STACK = 4,
        CAPTURED = 6,
        PACKET = 7,
        LENGTH = 8,
        ANCILLARY = 9,
        SPARE = 10,
        NO_REGISTER = 255,
};

/* Opcodes by operand form; two-byte opcodes start with 0f. The ModRM byte holds two registers, in
 * its middle (reg) and low (r/m) bits. */
enum machine_opcode {
        WIDE = 0x10000, /* with 64-bit operands */

        /* to the low register, or memory, from the middle one */
        ADD = 0x01,
        OR = 0x09,
        AND = 0x21,
        SUBTRACT = 0x29,
        XOR = 0x31,
        COMPARE = 0x39,
        TEST = 0x85,
        MOVE = 0x89,

        /* to the middle register from the low one, or memory */
        LOAD = 0x8b,
        LOAD_ADDRESS = 0x8d,
        MOVE_IF_ABOVE_OR_EQUAL = 0x0f43,
        MULTIPLY = 0x0faf,
        MULTIPLY_BY_CONSTANT = 0x69,
        LOAD_BYTE = 0x0fb6, /* and clear the other bits */
        LOAD_HALF = 0x0fb7,

        /* to the low register; the middle bits extend the opcode */
        CALCULATE_WITH_BYTE = 0x83, /* ADD >> 3 to COMPARE >> 3; sign-extended */
        CALCULATE_WITH_CONSTANT = 0x81,
        SHIFT_BY_CONSTANT = 0xc1, /* enum shift */
        SHIFT_BY_X = 0xd3,
        UNARY = 0xf7, /* enum unary */

        /* to a register implied by the opcode */
        CALCULATE_A_WITH_CONSTANT = 0x04, /* added to ADD to COMPARE */
        TEST_A_WITH_BYTE = 0xa8,
        TEST_A_WITH_CONSTANT = 0xa9,
        SET = 0xb8, /* the register is added */
        SWAP_A = 0x0fc8,

        /* 16 bytes, in xmm0 */
        VECTOR_XOR = 0x0f57,
        VECTOR_STORE = 0x0f11,

        RETURN = 0xc3,
        JUMP_NEAR = 0xeb, /* by a byte */
        JUMP_FAR = 0xe9,
        JUMP_NEAR_IF = 0x70, /* the condition is added */
        JUMP_FAR_IF = 0x0f80,

        OPERANDS_OF_16_BITS = 0x66, /* a prefix */
};

enum shift {
        ROTATE_LEFT = 0,
        SHIFT_LEFT = 4,
        SHIFT_RIGHT = 5,
};

enum unary {
        UNARY_NEGATE = 3,
        UNARY_DIVIDE = 6, /* edx:eax; the quotient to eax, the remainder to edx */
};

/* Of the last comparison. The lowest bit inverts it. */
enum condition {
        BELOW = 2,
        ABOVE_OR_EQUAL = 3,
        EQUAL = 4,
        NOT_EQUAL = 5,
        ABOVE = 7,
        ALWAYS = 16,
};

enum {
        MAX_LINE_BYTES = 15,
        MAX_LINES = 10,
        MAX_BYTES = 64,             /* of code for an instruction, or for the prologue */
        MAX_INSTRUCTIONS = 1 << 24, /* so that all jumps reach their targets */
        SCRATCH = -64,              /* M[0], relative to the stack pointer */
};

/* A pending machine instruction. A jump has a condition and target instead of bytes. */
struct line {
        uint8_t bytes[MAX_LINE_BYTES];
        uint8_t count;
        bool jumps;
        enum condition condition;
        size_t target;
};

struct code {
        const struct bpf_program *program;
        const struct jit_plan *plan;
        uint32_t at;     /* the instruction being translated */
        size_t *targets; /* where each instruction starts */
        size_t reject;   /* where the nearest `return 0` after the instruction starts */
        struct line lines[MAX_LINES]; /* the pending code of the instruction */
        size_t count;
        uint8_t *end;   /* of all code */
        size_t written; /* bytes in front of it */
};

static const struct bpf_insn *current(const struct code *code)
{
        return &code->program->bf_insns[code->at];
}

/* Encoding */

static struct line *new_line(struct code *code)
{
        struct line *line = &code->lines[code->count++];

        line->count = 0;
        line->jumps = false;
        return line;
}

static void add_byte(struct line *line, unsigned byte)
{
        line->bytes[line->count++] = (uint8_t)byte;
}

static void add_constant(struct line *line, uint32_t constant)
{
        for (int i = 0; i < 4; i++)
                add_byte(line, constant >> 8 * i & 0xff);
}

static bool fits_byte(uint32_t constant)
{
        return (int32_t)constant >= INT8_MIN && (int32_t)constant <= INT8_MAX;
}

/* The REX prefix, if the operands need one, and the opcode. */
static void add_opcode(struct line *line, enum machine_opcode opcode, unsigned middle,
                       unsigned index, unsigned base)
{
        unsigned rex =
            (opcode & WIDE ? 8u : 0) | (middle >> 3) << 2 | (index >> 3) << 1 | base >> 3;

        if (rex)
                add_byte(line, 0x40 | rex);
        if (opcode & 0xff00)
                add_byte(line, 0x0f);
        add_byte(line, opcode & 0xff);
}

static void add_modrm(struct line *line, unsigned mode, unsigned middle, unsigned low)
{
        add_byte(line, mode << 6 | (middle & 7) << 3 | (low & 7));
}

/* An opcode without ModRM byte. */
static struct line *plain(struct code *code, enum machine_opcode opcode)
{
        struct line *line = new_line(code);

        add_opcode(line, opcode, 0, 0, 0);
        return line;
}

/* Two registers, or one and an opcode extension. */
static struct line *registers(struct code *code, enum machine_opcode opcode, unsigned middle,
                              enum machine_register low)
{
        struct line *line = new_line(code);

        add_opcode(line, opcode, middle, 0, low);
        add_modrm(line, 3, middle, low);
        return line;
}

struct memory {
        enum machine_register base, index; /* `index` may be NO_REGISTER */
        int32_t offset;
};

/* A register and memory. */
static struct line *memory(struct code *code, enum machine_opcode opcode,
                           enum machine_register middle, struct memory place)
{
        struct line *line = new_line(code);
        bool indexed = place.index != NO_REGISTER;
        bool sib = indexed || place.base == STACK;
        bool byte = fits_byte((uint32_t)place.offset);

        add_opcode(line, opcode, middle, indexed ? place.index : 0, place.base);
        add_modrm(line, place.offset == 0 ? 0 : byte ? 1 : 2, middle, sib ? 4 : place.base);
        if (sib)
                add_modrm(line, 0, indexed ? place.index : 4, place.base);
        if (place.offset != 0 && byte)
                add_byte(line, (uint8_t)place.offset);
        else if (place.offset != 0)
                add_constant(line, (uint32_t)place.offset);
        return line;
}

/* ADD to COMPARE with a constant. */
static void constant(struct code *code, enum machine_opcode opcode, enum machine_register to,
                     uint32_t k)
{
        if (fits_byte(k))
                add_byte(registers(code, CALCULATE_WITH_BYTE, opcode >> 3, to), k & 0xff);
        else if (to == A)
                add_constant(plain(code, opcode + CALCULATE_A_WITH_CONSTANT), k);
        else
                add_constant(registers(code, CALCULATE_WITH_CONSTANT, opcode >> 3, to), k);
}

static void set(struct code *code, enum machine_register to, uint32_t k)
{
        struct line *line;

        if (k == 0) {
                registers(code, XOR, to, to);
                return;
        }
        line = new_line(code);
        add_opcode(line, SET + (to & 7), 0, 0, to);
        add_constant(line, k);
}

/* Testing the lowest byte is enough if all other bits of `k` are 0. */
static void test_a(struct code *code, uint32_t k)
{
        if (k <= UINT8_MAX)
                add_byte(plain(code, TEST_A_WITH_BYTE), k);
        else
                add_constant(plain(code, TEST_A_WITH_CONSTANT), k);
}

static void shift(struct code *code, enum shift which, enum machine_register what, uint32_t bits)
{
        add_byte(registers(code, SHIFT_BY_CONSTANT, which, what), bits);
}

/* Swaps A's two lower bytes by rotating its low 16 bits by 8. */
static void swap_half(struct code *code)
{
        struct line *line = new_line(code);

        add_byte(line, OPERANDS_OF_16_BITS);
        add_opcode(line, SHIFT_BY_CONSTANT, 0, 0, A);
        add_modrm(line, 3, ROTATE_LEFT, A);
        add_byte(line, 8);
}

static void jump(struct code *code, enum condition condition, size_t target)
{
        struct line *line = new_line(code);

        line->jumps = true;
        line->condition = condition;
        line->target = target;
}

/* Output */

/* Encodes a jump; to the next instruction it takes no bytes. */
static void finish_jump(struct line *line, size_t distance)
{
        bool near = distance <= INT8_MAX;

        if (distance == 0)
                return;
        if (line->condition == ALWAYS)
                add_opcode(line, near ? JUMP_NEAR : JUMP_FAR, 0, 0, 0);
        else
                add_opcode(line, (near ? JUMP_NEAR_IF : JUMP_FAR_IF) + line->condition, 0, 0, 0);
        if (near)
                add_byte(line, (unsigned)distance);
        else
                add_constant(line, (uint32_t)distance);
}

static void write_lines(struct code *code)
{
        while (code->count > 0) {
                struct line *line = &code->lines[--code->count];

                if (line->jumps)
                        finish_jump(line, code->written - line->target);
                code->written += line->count;
                memcpy(code->end - code->written, line->bytes, line->count);
        }
}

/* Shared by several instructions */

static size_t target(const struct code *code, uint32_t distance)
{
        return code->targets[code->at + 1 + distance];
}

static struct memory scratch(const struct code *code)
{
        int word = (int)(current(code)->k % BPF_MEMWORDS);

        return (struct memory){STACK, NO_REGISTER, SCRATCH + 4 * word};
}

/* Rejects if fewer bytes are captured than the plan requires. */
static void check_captured(struct code *code)
{
        uint32_t wanted = code->plan[code->at].check;

        if (wanted == 0)
                return;
        constant(code, COMPARE, CAPTURED, wanted);
        jump(code, BELOW, code->reject);
}

/* The same, counted from X. The 64-bit sum does not wrap. */
static void check_captured_behind_x(struct code *code)
{
        uint32_t wanted = code->plan[code->at].check;

        if (wanted == 0)
                return;
        if (wanted <= INT32_MAX) {
                memory(code, LOAD_ADDRESS | WIDE, SPARE,
                       (struct memory){X, NO_REGISTER, (int32_t)wanted});
        } else {
                set(code, SPARE, wanted);
                registers(code, ADD | WIDE, X, SPARE);
        }
        registers(code, COMPARE | WIDE, CAPTURED, SPARE);
        jump(code, ABOVE, code->reject);
}

/* Byte `k` of the packet, or X + k. Displacements are signed, so a large `k` goes through SPARE. */
static struct memory packet_at(struct code *code, enum machine_register index)
{
        uint32_t k = current(code)->k;

        if (k <= INT32_MAX)
                return (struct memory){PACKET, index, (int32_t)k};
        set(code, SPARE, k);
        if (index != NO_REGISTER)
                registers(code, ADD | WIDE, index, SPARE);
        return (struct memory){PACKET, SPARE, 0};
}

static void load_packet(struct code *code, enum machine_register index)
{
        struct memory place = packet_at(code, index);

        switch (BPF_SIZE(current(code)->code)) {
        case BPF_W:
                memory(code, LOAD, A, place);
                plain(code, SWAP_A);
                break;
        case BPF_H:
                memory(code, LOAD_HALF, A, place);
                swap_half(code);
                break;
        default: memory(code, LOAD_BYTE, A, place);
        }
}

static void load_ancillary(struct code *code, const struct ancillary *ancillary)
{
        struct memory place = {ANCILLARY, NO_REGISTER, ancillary->offset};

        registers(code, TEST | WIDE, ANCILLARY, ANCILLARY);
        jump(code, EQUAL, code->reject);
        memory(code,
               ancillary->size == 4   ? LOAD
               : ancillary->size == 2 ? LOAD_HALF
                                      : LOAD_BYTE,
               A, place);
}

/* Divides A by the register. */
static void divide_by(struct code *code, enum machine_register divisor)
{
        set(code, HIGH, 0);
        registers(code, UNARY, UNARY_DIVIDE, divisor);
        if (BPF_OP(current(code)->code) == BPF_MOD)
                registers(code, MOVE, HIGH, A);
}

static void branch(struct code *code, enum condition condition)
{
        size_t yes = target(code, current(code)->jt), no = target(code, current(code)->jf);

        if (yes == code->written) {
                jump(code, condition ^ 1, no);
                return;
        }
        jump(code, condition, yes);
        jump(code, ALWAYS, no);
}

static void load_absolute(struct code *code)
{
        const struct ancillary *ancillary = cbpf_ancillary_field(current(code)->k);

        if (ancillary) {
                load_ancillary(code, ancillary);
                return;
        }
        check_captured(code);
        load_packet(code, NO_REGISTER);
}

static void load_indexed(struct code *code)
{
        check_captured_behind_x(code);
        load_packet(code, X);
}

static void load_header_length(struct code *code)
{
        check_captured(code);
        memory(code, LOAD_BYTE, X, packet_at(code, NO_REGISTER));
        constant(code, AND, X, 0xf);
        shift(code, SHIFT_LEFT, X, 2);
}

/* Division by a constant 0 does not get here: the plan makes it JIT_REJECTS. */
static void divide_k(struct code *code)
{
        set(code, SPARE, current(code)->k);
        divide_by(code, SPARE);
}

static void divide_x(struct code *code)
{
        registers(code, TEST, X, X);
        jump(code, EQUAL, code->reject);
        divide_by(code, X);
}

/* A shift by 32 or more gives 0; the machine would mask the count. */
static void shift_k(struct code *code, enum shift which)
{
        if (current(code)->k < 32)
                shift(code, which, A, current(code)->k);
        else
                set(code, A, 0);
}

static void shift_x(struct code *code, enum shift which)
{
        registers(code, SHIFT_BY_X, which, A);
        set(code, SPARE, 0);
        constant(code, COMPARE, X, 32);
        registers(code, MOVE_IF_ABOVE_OR_EQUAL, A, SPARE);
}

static void compare_k(struct code *code, enum condition condition)
{
        constant(code, COMPARE, A, current(code)->k);
        branch(code, condition);
}

static void compare_x(struct code *code, enum condition condition)
{
        registers(code, COMPARE, X, A);
        branch(code, condition);
}

static void test_k(struct code *code)
{
        test_a(code, current(code)->k);
        branch(code, NOT_EQUAL);
}

static void test_x(struct code *code)
{
        registers(code, TEST, X, A);
        branch(code, NOT_EQUAL);
}

static void give_back(struct code *code, uint32_t k)
{
        set(code, A, k);
        plain(code, RETURN);
}

/* Makes the lines of the current instruction. False if its opcode is unknown. */
static bool write_instruction(struct code *code)
{
        uint32_t k = current(code)->k;

        switch (current(code)->code) {
        case BPF_LD | BPF_W | BPF_ABS:
        case BPF_LD | BPF_H | BPF_ABS:
        case BPF_LD | BPF_B | BPF_ABS: load_absolute(code); break;
        case BPF_LD | BPF_W | BPF_IND:
        case BPF_LD | BPF_H | BPF_IND:
        case BPF_LD | BPF_B | BPF_IND: load_indexed(code); break;
        case BPF_LDX | BPF_B | BPF_MSH: load_header_length(code); break;
        case BPF_LD | BPF_IMM: set(code, A, k); break;
        case BPF_LDX | BPF_IMM: set(code, X, k); break;
        case BPF_LD | BPF_LEN: registers(code, MOVE, LENGTH, A); break;
        case BPF_LDX | BPF_LEN: registers(code, MOVE, LENGTH, X); break;
        case BPF_LD | BPF_MEM: memory(code, LOAD, A, scratch(code)); break;
        case BPF_LDX | BPF_MEM: memory(code, LOAD, X, scratch(code)); break;
        case BPF_ST: memory(code, MOVE, A, scratch(code)); break;
        case BPF_STX: memory(code, MOVE, X, scratch(code)); break;
        case BPF_MISC | BPF_TAX: registers(code, MOVE, A, X); break;
        case BPF_MISC | BPF_TXA: registers(code, MOVE, X, A); break;

        case BPF_ALU | BPF_ADD | BPF_K: constant(code, ADD, A, k); break;
        case BPF_ALU | BPF_ADD | BPF_X: registers(code, ADD, X, A); break;
        case BPF_ALU | BPF_SUB | BPF_K: constant(code, SUBTRACT, A, k); break;
        case BPF_ALU | BPF_SUB | BPF_X: registers(code, SUBTRACT, X, A); break;
        case BPF_ALU | BPF_AND | BPF_K: constant(code, AND, A, k); break;
        case BPF_ALU | BPF_AND | BPF_X: registers(code, AND, X, A); break;
        case BPF_ALU | BPF_OR | BPF_K: constant(code, OR, A, k); break;
        case BPF_ALU | BPF_OR | BPF_X: registers(code, OR, X, A); break;
        case BPF_ALU | BPF_XOR | BPF_K: constant(code, XOR, A, k); break;
        case BPF_ALU | BPF_XOR | BPF_X: registers(code, XOR, X, A); break;
        case BPF_ALU | BPF_MUL | BPF_K:
                add_constant(registers(code, MULTIPLY_BY_CONSTANT, A, A), k);
                break;
        case BPF_ALU | BPF_MUL | BPF_X: registers(code, MULTIPLY, A, X); break;
        case BPF_ALU | BPF_DIV | BPF_K:
        case BPF_ALU | BPF_MOD | BPF_K: divide_k(code); break;
        case BPF_ALU | BPF_DIV | BPF_X:
        case BPF_ALU | BPF_MOD | BPF_X: divide_x(code); break;
        case BPF_ALU | BPF_LSH | BPF_K: shift_k(code, SHIFT_LEFT); break;
        case BPF_ALU | BPF_LSH | BPF_X: shift_x(code, SHIFT_LEFT); break;
        case BPF_ALU | BPF_RSH | BPF_K: shift_k(code, SHIFT_RIGHT); break;
        case BPF_ALU | BPF_RSH | BPF_X: shift_x(code, SHIFT_RIGHT); break;
        case BPF_ALU | BPF_NEG: registers(code, UNARY, UNARY_NEGATE, A); break;

        case BPF_JMP | BPF_JEQ | BPF_K: compare_k(code, EQUAL); break;
        case BPF_JMP | BPF_JEQ | BPF_X: compare_x(code, EQUAL); break;
        case BPF_JMP | BPF_JGT | BPF_K: compare_k(code, ABOVE); break;
        case BPF_JMP | BPF_JGT | BPF_X: compare_x(code, ABOVE); break;
        case BPF_JMP | BPF_JGE | BPF_K: compare_k(code, ABOVE_OR_EQUAL); break;
        case BPF_JMP | BPF_JGE | BPF_X: compare_x(code, ABOVE_OR_EQUAL); break;
        case BPF_JMP | BPF_JSET | BPF_K: test_k(code); break;
        case BPF_JMP | BPF_JSET | BPF_X: test_x(code); break;
        case BPF_JMP | BPF_JA: jump(code, ALWAYS, target(code, k)); break;

        case BPF_RET | BPF_K: give_back(code, k); break;
        case BPF_RET | BPF_A: plain(code, RETURN); break;
        default: return false;
        }
        return true;
}

static void write_reject(struct code *code)
{
        give_back(code, 0);
        write_lines(code);
        code->reject = code->written;
}

/* Jumps to a `ja` lead straight to its target. False if the opcode is unknown. */
static bool translate(struct code *code)
{
        enum jit_fate fate = code->plan[code->at].fate;
        bool known = write_instruction(code);

        if (fate != JIT_RUNS)
                code->count = 0;
        if (fate == JIT_REJECTS)
                write_reject(code);
        write_lines(code);
        code->targets[code->at] = code->written;
        if (fate == JIT_RUNS && current(code)->code == (BPF_JMP | BPF_JA))
                code->targets[code->at] = target(code, current(code)->k);
        return known;
}

/* All 64 bytes. */
static void clear_scratch(struct code *code)
{
        registers(code, VECTOR_XOR, 0, 0);
        for (int i = 0; i < 4; i++)
                memory(code, VECTOR_STORE, 0,
                       (struct memory){STACK, NO_REGISTER, SCRATCH + 16 * i});
}

static void write_start(struct code *code)
{
        bool reads_scratch = false;

        for (uint32_t i = 0; i < code->program->bf_len; i++) {
                uint16_t opcode = code->program->bf_insns[i].code;

                reads_scratch |= BPF_CLASS(opcode) <= BPF_LDX && BPF_MODE(opcode) == BPF_MEM;
        }
        set(code, A, 0);
        if (reads_scratch)
                clear_scratch(code);
        write_lines(code);
}

/* Writes the code to the end of its buffer. False if an opcode is unknown. */
static bool write_code(struct code *code)
{
        bool known = true;

        write_reject(code);
        for (code->at = code->program->bf_len; known && code->at-- > 0;)
                known = translate(code);
        write_start(code);
        return known;
}

uint8_t *jit_translate(const struct bpf_program *program, const struct jit_plan *plan, size_t *size)
{
        size_t count = program->bf_len, room = (count + 2) * MAX_BYTES;
        struct code code = {.program = program, .plan = plan};
        uint8_t *bytes;

        if (count > MAX_INSTRUCTIONS)
                return NULL;
        bytes = malloc(room);
        code.targets = malloc(count * sizeof *code.targets);
        code.end = bytes + room;
        if (bytes && code.targets && write_code(&code)) {
                *size = code.written;
                memmove(bytes, code.end - code.written, code.written);
        } else {
                free(bytes);
                bytes = NULL;
        }
        free(code.targets);
        return bytes;
}

#else /* no code generator for this machine */

uint8_t *jit_translate(const struct bpf_program *program, const struct jit_plan *plan, size_t *size)
{
        (void)program;
        (void)plan;
        (void)size;
        return NULL;
}

#endif

/* Running a program on one packet, with the semantics of libpcap's bpf_filter(). The kernel differs
 * in three places, which compiled programs do not reach: it adds X and k of an indexed load modulo
 * 2^32, so that a negative k reads before X (here the sum does not wrap and is past the end); it
 * takes a shift by X modulo 32 (here 32 and more give 0); and it serves SKF_NET_OFF, SKF_LL_OFF and
 * ancillary data that struct cbpf_ancillary does not hold (here these reject). */
#include "program.h"

#include <endian.h>
#include <string.h>

/* More than libpcap's `protochain`, which moves on by at least 8 bytes a round, takes on any
 * packet. */
#define MAX_JUMPS_BACK (1u << 20)

static inline uint32_t read_packet(const uint8_t *bytes, uint32_t size)
{
        uint32_t word;
        uint16_t half;

        if (size == 1)
                return *bytes;
        if (size == 2) {
                memcpy(&half, bytes, sizeof half);
                return be16toh(half);
        }
        memcpy(&word, bytes, sizeof word);
        return be32toh(word);
}

bool cbpf_is_metadata(uint64_t offset)
{
        return offset >= (uint32_t)SKF_AD_OFF && offset < (uint32_t)SKF_AD_OFF + SKF_AD_MAX;
}

static bool loads_within(const struct bpf_program *program, uint32_t first, uint32_t count)
{
        for (uint32_t i = 0; i < program->bf_len; i++) {
                const struct bpf_insn *instruction = &program->bf_insns[i];

                if (BPF_CLASS(instruction->code) == BPF_LD &&
                    BPF_MODE(instruction->code) == BPF_ABS && instruction->k - first < count)
                        return true;
        }
        return false;
}

bool cbpf_program_asks(const struct bpf_program *program, int number)
{
        return loads_within(program, (uint32_t)(SKF_AD_OFF + number), 1);
}

bool cbpf_program_asks_metadata(const struct bpf_program *program)
{
        return loads_within(program, (uint32_t)SKF_AD_OFF, SKF_AD_MAX);
}

/* Sets `value` to what the kernel loads for the absolute offset `k`; false if that is not known. */
static bool read_ancillary(const struct cbpf_ancillary *ancillary, uint32_t k, uint32_t *value)
{
        if (!ancillary)
                return false;
        switch (k - (uint32_t)SKF_AD_OFF) {
        case SKF_AD_PROTOCOL: *value = ancillary->protocol; return true;
        case SKF_AD_PKTTYPE: *value = ancillary->packet_type; return true;
        case SKF_AD_IFINDEX: *value = ancillary->interface; return true;
        case SKF_AD_HATYPE: *value = ancillary->hardware_type; return true;
        case SKF_AD_VLAN_TAG: *value = ancillary->vlan_tag; return true;
        case SKF_AD_VLAN_TAG_PRESENT: *value = ancillary->vlan_present; return true;
        case SKF_AD_VLAN_TPID: *value = ancillary->vlan_protocol; return true;
        default: return false;
        }
}

/* Shows the observer the instruction about to be executed. */
static void show(const struct cbpf_observer *observer, const struct bpf_insn *at,
                 size_t instruction, uint32_t a, uint32_t x, const uint32_t *memory)
{
        struct cbpf_step step = {.instruction = instruction, .a = a, .x = x, .memory = memory};

        if (!observer->step)
                return;
        if (cbpf_loads_packet(at->code)) {
                step.offset = at->k + (BPF_MODE(at->code) == BPF_IND ? (uint64_t)x : 0);
                step.size = (uint8_t)cbpf_load_size(at->code);
        }
        observer->step(observer->context, &step);
}

/* The interpreter. Each instruction jumps directly to the code of the next one, which helps branch
 * prediction. */

#define NEXT                                                \
        do {                                                \
                at++;                                       \
                goto *(origin + labels[(uint8_t)at->code]); \
        } while (0)

#define END(how, what)                                       \
        do {                                                 \
                outcome->end = how;                          \
                outcome->instruction = (size_t)(at - first); \
                return what;                                 \
        } while (0)

/* An instruction that is one assignment. */
#define SET(name, assignment) \
        name:                 \
        assignment;           \
        NEXT;

/* An instruction with k, and the same with X, as operand. */
#define EITHER(name, ...)           \
        name##_k : operand = at->k; \
        __VA_ARGS__;                \
        NEXT;                       \
        name##_x : operand = x;     \
        __VA_ARGS__;                \
        NEXT;

#define BRANCH(name, condition) EITHER(name, at += (condition) ? at->jt : at->jf)
#define CALCULATE(name, result) EITHER(name, a = (result))
#define DIVIDE(name, result) EITHER(name, if (operand == 0) END(CBPF_END_DIVISION, 0); a = (result))

/* Packet bytes come first: no packet reaches SKF_AD_OFF. */
#define LOAD(size)                                          \
        load_absolute_##size : offset = at->k;              \
        if (offset + size <= captured)                      \
                a = read_packet(data + offset, size);       \
        else if (!read_ancillary(ancillary, at->k, &a))     \
                END(CBPF_END_OUTSIDE, 0);                   \
        NEXT;                                               \
        load_indexed_##size : offset = (uint64_t)x + at->k; \
        if (offset + size > captured)                       \
                END(CBPF_END_OUTSIDE, 0);                   \
        a = read_packet(data + offset, size);               \
        NEXT;

#define LABEL(code, label) [code] = &&label - &&invalid
#define LABELS(code, name) \
        [(code) | BPF_K] = &&name##_k - &&invalid, [(code) | BPF_X] = &&name##_x - &&invalid

/* With an observer, every instruction goes through `observed` first. */
static uint32_t interpret(const struct bpf_program *program, const struct packet *packet,
                          const struct cbpf_ancillary *ancillary,
                          const struct cbpf_observer *observer, struct cbpf_outcome *outcome)
{
        static const int instructions[256] = {
            LABEL(BPF_LD | BPF_W | BPF_ABS, load_absolute_4),
            LABEL(BPF_LD | BPF_H | BPF_ABS, load_absolute_2),
            LABEL(BPF_LD | BPF_B | BPF_ABS, load_absolute_1),
            LABEL(BPF_LD | BPF_W | BPF_IND, load_indexed_4),
            LABEL(BPF_LD | BPF_H | BPF_IND, load_indexed_2),
            LABEL(BPF_LD | BPF_B | BPF_IND, load_indexed_1),
            LABEL(BPF_LDX | BPF_B | BPF_MSH, load_header_length),
            LABEL(BPF_LD | BPF_IMM, set_a),
            LABEL(BPF_LDX | BPF_IMM, set_x),
            LABEL(BPF_LD | BPF_W | BPF_LEN, length_to_a),
            LABEL(BPF_LDX | BPF_W | BPF_LEN, length_to_x),
            LABEL(BPF_LD | BPF_MEM, memory_to_a),
            LABEL(BPF_LDX | BPF_MEM, memory_to_x),
            LABEL(BPF_ST, store_a),
            LABEL(BPF_STX, store_x),
            LABEL(BPF_MISC | BPF_TAX, a_to_x),
            LABEL(BPF_MISC | BPF_TXA, x_to_a),
            LABELS(BPF_ALU | BPF_ADD, add),
            LABELS(BPF_ALU | BPF_SUB, subtract),
            LABELS(BPF_ALU | BPF_MUL, multiply),
            LABELS(BPF_ALU | BPF_DIV, divide),
            LABELS(BPF_ALU | BPF_MOD, remainder),
            LABELS(BPF_ALU | BPF_AND, and),
            LABELS(BPF_ALU | BPF_OR, or),
            LABELS(BPF_ALU | BPF_XOR, xor),
            LABELS(BPF_ALU | BPF_LSH, shift_left),
            LABELS(BPF_ALU | BPF_RSH, shift_right),
            LABEL(BPF_ALU | BPF_NEG, negate),
            LABELS(BPF_JMP | BPF_JEQ, equal),
            LABELS(BPF_JMP | BPF_JGT, greater),
            LABELS(BPF_JMP | BPF_JGE, greater_or_equal),
            LABELS(BPF_JMP | BPF_JSET, any_bit),
            LABEL(BPF_JMP | BPF_JA, jump),
            LABEL(BPF_RET | BPF_K, return_k),
            LABEL(BPF_RET | BPF_A, return_a),
        };
        static const int observation[256]; /* all of it 0 */
        const int *labels = observer ? observation : instructions;
        const void *origin = observer ? &&observed : &&invalid;
        const struct bpf_insn *first = program->bf_insns;
        const struct bpf_insn *at = first - 1;
        const uint8_t *data = packet->data;
        uint32_t captured = packet->captured;
        uint32_t memory[BPF_MEMWORDS] = {0};
        uint32_t a = 0, x = 0, operand, jumps_back = 0;
        uint64_t offset;

        NEXT;

observed:
        show(observer, at, (size_t)(at - first), a, x, memory);
        outcome->steps++;
        goto *(&&invalid + instructions[(uint8_t)at->code]);

        LOAD(4)
        LOAD(2)
        LOAD(1)
load_header_length:
        if (at->k >= captured)
                END(CBPF_END_OUTSIDE, 0);
        x = (data[at->k] & 0xfu) << 2;
        NEXT;

        SET(set_a, a = at->k)
        SET(set_x, x = at->k)
        SET(length_to_a, a = packet->length)
        SET(length_to_x, x = packet->length)
        SET(a_to_x, x = a)
        SET(x_to_a, a = x)

        SET(memory_to_a, a = memory[at->k % BPF_MEMWORDS])
        SET(memory_to_x, x = memory[at->k % BPF_MEMWORDS])
        SET(store_a, memory[at->k % BPF_MEMWORDS] = a)
        SET(store_x, memory[at->k % BPF_MEMWORDS] = x)

        CALCULATE(add, a + operand)
        CALCULATE(subtract, a - operand)
        CALCULATE(multiply, a * operand)
        CALCULATE(and, a & operand)
        CALCULATE(or, a | operand)
        CALCULATE(xor, a ^ operand)
        CALCULATE(shift_left, operand < 32 ? a << operand : 0)
        CALCULATE(shift_right, operand < 32 ? a >> operand : 0)
        DIVIDE(divide, a / operand)
        DIVIDE(remainder, a % operand)
        SET(negate, a = -a)

        BRANCH(equal, a == operand)
        BRANCH(greater, a > operand)
        BRANCH(greater_or_equal, a >= operand)
        BRANCH(any_bit, a & operand)

        /* A target that wraps is a jump back; only such jumps can loop. */
jump:
        if (at->k > INT32_MAX && ++jumps_back > MAX_JUMPS_BACK)
                END(CBPF_END_LOOP, 0);
        at += (int32_t)at->k;
        NEXT;

return_k:
        END(CBPF_END_RETURN, at->k);
return_a:
        END(CBPF_END_RETURN, a);

invalid:
        END(CBPF_END_INVALID, 0);
}

uint32_t cbpf_run(const struct bpf_program *program, const struct packet *packet)
{
        struct cbpf_outcome ignored;

        return interpret(program, packet, NULL, NULL, &ignored);
}

struct cbpf_outcome cbpf_execute(const struct bpf_program *program, const struct packet *packet,
                                 const struct cbpf_ancillary *ancillary,
                                 const struct cbpf_observer *observer)
{
        static const struct cbpf_observer nobody;
        struct cbpf_outcome outcome = {0};

        outcome.verdict =
            interpret(program, packet, ancillary, observer ? observer : &nobody, &outcome);
        return outcome;
}

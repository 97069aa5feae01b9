/* The machine code of the just-in-time compiler: exactly the forms of x86-64 instructions that it
 * writes (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2). Others are not
 * modelled. */
#include "machine.h"

#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

enum register_number {
        RAX = 0,
        RCX = 1,
        RDX = 2,
        RSP = 4,
        RSI = 6,
        RDI = 7,
        R8 = 8,
        R9 = 9,
        R10 = 10,
        RAX_AND_RDX = 1 << RAX | 1 << RDX,
        FLAGS_OF = 13, /* and the register behind it: what was compared; */
        FLAGS = 15,    /* and how */
        NO_REGISTER = 255,
};

enum flags {
        COMPARED,
        COMPARED_WIDE,
        TESTED,
        TESTED_WIDE,
};

enum action {
        CALCULATE, /* `operation`: BPF_ADD ... BPF_XOR */
        COMPARE,
        TEST,
        MOVE,
        LOAD_ADDRESS,
        MOVE_IF,
        SWAP,
        SWAP_HALF,
        NEGATE,
        DIVIDE,
        CLEAR_VECTOR,
        STORE_VECTOR,
        JUMP,
        JUMP_IF,
        RETURN,
};

/* Conditions of jumps and moves. The lowest bit inverts them. */
enum { IF_BELOW = 2, IF_EQUAL = 4, IF_BELOW_OR_EQUAL = 6 };

struct instruction {
        enum action action;
        uint8_t operation, condition, size; /* of a load or store */
        bool wide, has_constant;
        uint8_t to, from; /* registers */
        bool loads, stores;
        uint8_t base, index;
        int32_t offset;
        uint32_t constant;
        size_t target; /* position, then number */
};

struct code {
        struct instruction *instructions;
        uint32_t count;
};

/* Decoding */

struct decoder {
        const uint8_t *bytes;
        size_t size, at;
        unsigned rex;
        bool unknown;
};

static unsigned next_byte(struct decoder *decoder)
{
        if (decoder->at < decoder->size)
                return decoder->bytes[decoder->at++];
        decoder->unknown = true;
        return 0;
}

static uint32_t next_word(struct decoder *decoder)
{
        uint32_t word = next_byte(decoder);

        for (unsigned i = 1; i < 4; i++)
                word |= (uint32_t)next_byte(decoder) << 8 * i;
        return word;
}

static uint32_t next_signed_byte(struct decoder *decoder)
{
        return (uint32_t)(int32_t)(int8_t)next_byte(decoder);
}

/* The ModRM byte and what follows it. Returns its middle bits; the other register, or memory, is in
 * `base`. Returns whether it is memory in `*memory`. */
static unsigned operands(struct decoder *decoder, struct instruction *instruction, bool *memory)
{
        unsigned modrm = next_byte(decoder), mode = modrm >> 6, low = modrm & 7;
        unsigned sib;

        *memory = mode != 3;
        instruction->index = NO_REGISTER;
        instruction->base = (uint8_t)(low | (decoder->rex & 1) << 3);
        if (*memory && low == 4) {
                sib = next_byte(decoder);
                decoder->unknown |= sib >> 6 != 0;
                instruction->base = (uint8_t)((sib & 7) | (decoder->rex & 1) << 3);
                instruction->index = (uint8_t)((sib >> 3 & 7) | (decoder->rex & 2) << 2);
                if (instruction->index == RSP)
                        instruction->index = NO_REGISTER;
        }
        if (mode == 0)
                decoder->unknown |= (instruction->base & 7) == 5;
        if (mode == 1)
                instruction->offset = (int32_t)next_signed_byte(decoder);
        if (mode == 2)
                instruction->offset = (int32_t)next_word(decoder);
        return (modrm >> 3 & 7) | (decoder->rex & 4) << 1;
}

static void needs_register(struct decoder *decoder, bool memory)
{
        decoder->unknown |= memory;
}

/* The eight operations of opcodes 01 to 39 and of the middle bits of 81 and 83. */
static void calculation(struct decoder *decoder, struct instruction *instruction, unsigned number)
{
        static const uint8_t operations[] = {BPF_ADD, BPF_OR,  0xff,    0xff,
                                             BPF_AND, BPF_SUB, BPF_XOR, 0xff};

        instruction->action = number == 7 ? COMPARE : CALCULATE;
        instruction->operation = operations[number & 7];
        decoder->unknown |= number != 7 && instruction->operation == 0xff;
}

static void with_constant(struct instruction *instruction, unsigned to, uint32_t constant)
{
        instruction->to = (uint8_t)to;
        instruction->has_constant = true;
        instruction->constant = constant;
}

static void jump_by(struct decoder *decoder, struct instruction *instruction, uint32_t distance)
{
        instruction->target = decoder->at + (size_t)(int64_t)(int32_t)distance;
}

static void load_or_store(struct decoder *decoder, struct instruction *instruction, unsigned size,
                          bool stores)
{
        bool memory;
        unsigned middle = operands(decoder, instruction, &memory);

        instruction->action = MOVE;
        instruction->size = (uint8_t)size;
        instruction->loads = memory && !stores;
        instruction->stores = memory && stores;
        instruction->to = (uint8_t)(stores && !memory ? instruction->base : middle);
        instruction->from = (uint8_t)(stores ? middle : instruction->base);
        decoder->unknown |= !memory && size != 4;
        decoder->unknown |= instruction->wide;
}

static void decode_two_bytes(struct decoder *decoder, struct instruction *instruction)
{
        unsigned opcode = next_byte(decoder), middle;
        bool memory;

        if (opcode >= 0x80 && opcode <= 0x8f) {
                instruction->action = JUMP_IF;
                instruction->condition = opcode & 15;
                jump_by(decoder, instruction, next_word(decoder));
                return;
        }
        switch (opcode) {
        case 0xb6:
        case 0xb7:
                load_or_store(decoder, instruction, opcode == 0xb6 ? 1 : 2, false);
                decoder->unknown |= !instruction->loads;
                return;
        case 0xc8:
                instruction->action = SWAP;
                instruction->to = RAX;
                return;
        }
        middle = operands(decoder, instruction, &memory);
        instruction->to = (uint8_t)middle;
        instruction->from = instruction->base;
        switch (opcode) {
        case 0x43:
                instruction->action = MOVE_IF;
                instruction->condition = opcode & 15;
                needs_register(decoder, memory);
                break;
        case 0xaf:
                instruction->action = CALCULATE;
                instruction->operation = BPF_MUL;
                needs_register(decoder, memory);
                break;
        case 0x57:
                instruction->action = CLEAR_VECTOR;
                decoder->unknown |= memory || middle != 0 || instruction->base != 0;
                break;
        case 0x11:
                instruction->action = STORE_VECTOR;
                decoder->unknown |= !memory || middle != 0;
                break;
        default: decoder->unknown = true;
        }
}

static void decode_group(struct decoder *decoder, struct instruction *instruction, unsigned opcode)
{
        bool memory;
        unsigned middle = operands(decoder, instruction, &memory) & 7;

        needs_register(decoder, memory);
        instruction->to = instruction->from = instruction->base;
        switch (opcode) {
        case 0x81:
        case 0x83:
                calculation(decoder, instruction, middle);
                with_constant(instruction, instruction->base,
                              opcode == 0x81 ? next_word(decoder) : next_signed_byte(decoder));
                break;
        case 0xc1:
                instruction->action = CALCULATE;
                decoder->unknown |= middle != 4 && middle != 5;
                instruction->operation = middle == 4 ? BPF_LSH : BPF_RSH;
                with_constant(instruction, instruction->base, next_byte(decoder) & 31);
                break;
        case 0xd3:
                instruction->action = CALCULATE;
                decoder->unknown |= middle != 4 && middle != 5;
                instruction->operation = middle == 4 ? BPF_LSH : BPF_RSH;
                instruction->from = RCX;
                break;
        case 0xf7:
                decoder->unknown |= middle != 3 && middle != 6;
                instruction->action = middle == 3 ? NEGATE : DIVIDE;
                break;
        }
}

static void decode_registers(struct decoder *decoder, struct instruction *instruction,
                             unsigned opcode)
{
        bool memory;
        unsigned middle = operands(decoder, instruction, &memory);

        instruction->to = instruction->base;
        instruction->from = (uint8_t)middle;
        switch (opcode) {
        case 0x85: instruction->action = TEST; break;
        case 0x8d:
                instruction->action = LOAD_ADDRESS;
                instruction->to = (uint8_t)middle;
                decoder->unknown |= !memory || instruction->index != NO_REGISTER;
                return;
        case 0x69:
                instruction->action = CALCULATE;
                instruction->operation = BPF_MUL;
                decoder->unknown |= middle != instruction->base;
                with_constant(instruction, middle, next_word(decoder));
                break;
        default: calculation(decoder, instruction, opcode >> 3);
        }
        needs_register(decoder, memory);
}

static void decode_one(struct decoder *decoder, struct instruction *instruction)
{
        unsigned opcode = next_byte(decoder);

        decoder->rex = 0;
        if (opcode == 0x66) { /* rol ax, 8 */
                instruction->action = SWAP_HALF;
                instruction->to = RAX;
                decoder->unknown |= next_byte(decoder) != 0xc1 || next_byte(decoder) != 0xc0 ||
                                    next_byte(decoder) != 8;
                return;
        }
        if (opcode >> 4 == 4) {
                decoder->rex = opcode & 15;
                instruction->wide = decoder->rex >> 3;
                opcode = next_byte(decoder);
        }
        if (opcode == 0x0f) {
                decode_two_bytes(decoder, instruction);
        } else if (opcode >> 4 == 7) {
                instruction->action = JUMP_IF;
                instruction->condition = opcode & 15;
                instruction->constant = next_signed_byte(decoder);
                jump_by(decoder, instruction, instruction->constant);
        } else if (opcode >= 0xb8 && opcode <= 0xbf) {
                instruction->action = MOVE;
                with_constant(instruction, (opcode & 7) | (decoder->rex & 1) << 3,
                              next_word(decoder));
                decoder->unknown |= instruction->wide;
        } else if (opcode < 0x40 && (opcode & 7) == 5) {
                calculation(decoder, instruction, opcode >> 3);
                with_constant(instruction, RAX, next_word(decoder));
                decoder->unknown |= instruction->wide;
        } else if (opcode < 0x40 && (opcode & 7) == 1) {
                decode_registers(decoder, instruction, opcode);
        } else
                switch (opcode) {
                case 0x85:
                case 0x8d:
                case 0x69: decode_registers(decoder, instruction, opcode); break;
                case 0x89: load_or_store(decoder, instruction, 4, true); break;
                case 0x8b: load_or_store(decoder, instruction, 4, false); break;
                case 0x81:
                case 0x83:
                case 0xc1:
                case 0xd3:
                case 0xf7: decode_group(decoder, instruction, opcode); break;
                case 0xa8:
                        instruction->action = TEST;
                        with_constant(instruction, RAX, next_byte(decoder));
                        break;
                case 0xa9:
                        instruction->action = TEST;
                        with_constant(instruction, RAX, next_word(decoder));
                        break;
                case 0xc3: instruction->action = RETURN; break;
                case 0xeb:
                case 0xe9:
                        instruction->action = JUMP;
                        instruction->constant =
                            opcode == 0xeb ? next_signed_byte(decoder) : next_word(decoder);
                        jump_by(decoder, instruction, instruction->constant);
                        break;
                default: decoder->unknown = true;
                }
}

/* Positions of targets become numbers of instructions. Returns false if one is none. */
static bool find_targets(struct code *code, const size_t *positions)
{
        for (uint32_t i = 0; i < code->count; i++) {
                struct instruction *instruction = &code->instructions[i];
                uint32_t low = 0, high = code->count;

                if (instruction->action != JUMP && instruction->action != JUMP_IF)
                        continue;
                while (high - low > 1) {
                        uint32_t middle = low + (high - low) / 2;

                        if (positions[middle] <= instruction->target)
                                low = middle;
                        else
                                high = middle;
                }
                if (positions[low] != instruction->target)
                        return false;
                instruction->target = low;
        }
        return true;
}

/* Returns false if something is unknown, or memory is short (then there are no instructions). */
static bool decode(const uint8_t *bytes, size_t size, struct code *code)
{
        struct decoder decoder = {.bytes = bytes, .size = size};
        size_t *positions = malloc((size + 1) * sizeof *positions);
        bool good;

        *code = (struct code){calloc(size + 1, sizeof *code->instructions), 0};
        if (!positions || !code->instructions) {
                free(positions);
                free(code->instructions);
                code->instructions = NULL;
                return false;
        }
        while (decoder.at < size && !decoder.unknown) {
                positions[code->count] = decoder.at;
                decode_one(&decoder, &code->instructions[code->count++]);
        }
        good = !decoder.unknown && find_targets(code, positions);
        free(positions);
        return good;
}

/* What is read and written */

static uint32_t bit(unsigned number)
{
        return number == NO_REGISTER ? 0 : 1u << number;
}

static const uint32_t all_flags = 1u << FLAGS_OF | 1u << (FLAGS_OF + 1) | 1u << FLAGS;

static bool clears(const struct instruction *instruction)
{
        return instruction->action == CALCULATE && instruction->operation == BPF_XOR &&
               !instruction->has_constant && instruction->to == instruction->from;
}

static void find_register_effects(const struct instruction *instruction, struct effects *effects)
{
        uint32_t to = bit(instruction->to);
        uint32_t from = instruction->has_constant ? 0 : bit(instruction->from);

        switch (instruction->action) {
        case CALCULATE:
                effects->writes = to | all_flags;
                effects->reads = clears(instruction) ? 0 : to | from;
                break;
        case COMPARE:
        case TEST:
                effects->writes = all_flags;
                effects->reads = to | from;
                break;
        case MOVE:
                effects->writes = instruction->stores ? 0 : to;
                effects->reads = instruction->loads ? 0 : from;
                break;
        case LOAD_ADDRESS: effects->writes = to; break;
        case MOVE_IF:
                effects->writes = to;
                effects->reads = to | from | all_flags;
                effects->splits = true;
                break;
        case SWAP: effects->reads = effects->writes = to; break;
        case SWAP_HALF:
        case NEGATE:
                effects->reads = to;
                effects->writes = to | all_flags;
                break;
        case DIVIDE:
                effects->reads = from | RAX_AND_RDX;
                effects->writes = RAX_AND_RDX | all_flags;
                break;
        case JUMP_IF: effects->reads = all_flags; break;
        case RETURN: effects->reads = bit(RAX); break;
        case CLEAR_VECTOR:
        case STORE_VECTOR:
        case JUMP: break;
        }
}

static bool has_memory(const struct instruction *instruction)
{
        return instruction->loads || instruction->stores || instruction->action == LOAD_ADDRESS ||
               instruction->action == STORE_VECTOR;
}

static void find_effects(const void *context, uint32_t at, struct effects *effects)
{
        const struct instruction *instruction = &((const struct code *)context)->instructions[at];
        int size = instruction->action == STORE_VECTOR ? 16 : instruction->size;

        find_register_effects(instruction, effects);
        if (has_memory(instruction))
                effects->reads |= bit(instruction->base) | bit(instruction->index);
        if (instruction->loads && instruction->base == RSP) {
                effects->reads_from = instruction->offset;
                effects->reads_to = instruction->offset + size;
        }
        if ((instruction->stores || instruction->action == STORE_VECTOR) &&
            instruction->base == RSP) {
                effects->writes_from = instruction->offset;
                effects->writes_to = instruction->offset + size;
        }
        if (instruction->action == JUMP)
                effects->next[0] = (uint32_t)instruction->target;
        if (instruction->action == JUMP_IF)
                effects->next[1] = (uint32_t)instruction->target;
        if (instruction->action == RETURN)
                effects->next[0] = UINT32_MAX;
}

/* Running */

static struct value other_of(struct machine *machine, const struct instruction *instruction,
                             const struct machine_state *state)
{
        return instruction->has_constant ? machine_constant(machine, instruction->constant)
                                         : state->registers[instruction->from];
}

static struct value address_of(struct machine *machine, const struct instruction *instruction,
                               const struct machine_state *state)
{
        struct value address = state->registers[instruction->base];

        if (instruction->index != NO_REGISTER)
                address = machine_add(machine, &address, &state->registers[instruction->index]);
        return machine_add_constant(machine, &address, instruction->offset);
}

static struct value load_ancillary(struct machine *machine, const struct instruction *instruction)
{
        for (uint32_t k = (uint32_t)SKF_AD_OFF; k < (uint32_t)SKF_AD_OFF + SKF_AD_MAX; k++) {
                const struct ancillary *field = cbpf_ancillary_field(k);

                if (field && (int32_t)field->offset == instruction->offset &&
                    field->size == instruction->size)
                        return machine_number(graph_load(machine->graph, BPF_W, GRAPH_NONE, k));
        }
        machine_give_up(machine, "ancillary data that are unknown");
        return (struct value){0};
}

static void move(struct machine *machine, const struct instruction *instruction,
                 struct machine_state *state)
{
        struct value address;

        if (!instruction->loads && !instruction->stores) {
                struct value from = other_of(machine, instruction, state);

                if (from.kind != VALUE_NUMBER && from.kind != VALUE_BYTES)
                        machine_give_up(machine, "half of an address");
                state->registers[instruction->to] = from;
                return;
        }
        if (instruction->loads && state->registers[instruction->base].kind == VALUE_CONTEXT) {
                state->registers[instruction->to] = load_ancillary(machine, instruction);
                return;
        }
        address = address_of(machine, instruction, state);
        if (address.kind == VALUE_FRAME && instruction->stores)
                machine_store(machine, state, address.k, 4, &state->registers[instruction->from]);
        else if (address.kind == VALUE_FRAME)
                state->registers[instruction->to] =
                    machine_fetch(machine, state, address.k, instruction->size);
        else if (instruction->stores)
                machine_give_up(machine, "a store elsewhere than to the stack");
        else
                state->registers[instruction->to] =
                    machine_load(machine, &address, instruction->size, false);
}

static void forget_flags(struct machine_state *state)
{
        for (unsigned i = FLAGS_OF; i <= FLAGS; i++)
                state->registers[i] = (struct value){0};
}

static void calculate(struct machine *machine, const struct instruction *instruction,
                      struct machine_state *state)
{
        struct value *to = &state->registers[instruction->to];
        struct value other = other_of(machine, instruction, state), count;
        bool shifts = instruction->operation == BPF_LSH || instruction->operation == BPF_RSH;

        forget_flags(state);
        if (clears(instruction)) {
                *to = machine_constant(machine, 0);
                return;
        }
        if (instruction->wide) {
                if (instruction->operation != BPF_ADD)
                        machine_give_up(machine, "64 bits");
                *to = machine_add(machine, to, &other);
                return;
        }
        if (shifts) {
                count = machine_constant(machine, 31);
                other = machine_operate(machine, BPF_AND, &other, &count);
        }
        *to = machine_operate(machine, instruction->operation, to, &other);
}

static void divide(struct machine *machine, const struct instruction *instruction,
                   struct machine_state *state)
{
        struct value *low = &state->registers[RAX], *high = &state->registers[RDX];
        struct value by = state->registers[instruction->from], quotient;
        uint32_t zero;

        if (!machine_is_constant(machine, high, &zero) || zero != 0)
                machine_give_up(machine, "a division of 64 bits");
        machine_divide_by(machine, machine_term(machine, &by));
        quotient = machine_operate(machine, BPF_DIV, low, &by);
        *high = machine_operate(machine, BPF_MOD, low, &by);
        *low = quotient;
        forget_flags(state);
}

static void set_flags(struct machine *machine, const struct instruction *instruction,
                      struct machine_state *state)
{
        enum flags flags = instruction->action == TEST ? TESTED : COMPARED;

        state->registers[FLAGS_OF + 1] = other_of(machine, instruction, state);
        state->registers[FLAGS_OF] = state->registers[instruction->to];
        state->registers[FLAGS] =
            (struct value){.kind = VALUE_FLAGS, .k = flags + instruction->wide};
}

static bool is_captured(const struct machine *machine, const struct value *value)
{
        return value->kind == VALUE_NUMBER && value->term == machine->captured;
}

/* What the flags say. `*negated` if it is the opposite. Returns false if it is known, as `*known`.
 */
static bool find_condition(struct machine *machine, unsigned number,
                           const struct machine_state *state, struct condition *condition,
                           bool *negated, bool *known)
{
        const struct value *a = &state->registers[FLAGS_OF], *b = a + 1;
        const struct value *flags = &state->registers[FLAGS];
        enum flags kind = (enum flags)flags->k;
        unsigned plain = number & ~1u;
        uint32_t k;

        *negated = number & 1;
        *condition = (struct condition){0};
        if (flags->kind == VALUE_FLAGS && kind == COMPARED && plain == IF_EQUAL)
                *condition = machine_compare(machine, BPF_JEQ, a, b);
        else if (flags->kind == VALUE_FLAGS && kind == COMPARED && plain == IF_BELOW)
                *condition = machine_compare(machine, BPF_JGE, a, b);
        else if (flags->kind == VALUE_FLAGS && kind == COMPARED && plain == IF_BELOW_OR_EQUAL)
                *condition = machine_compare(machine, BPF_JGT, a, b);
        else if (flags->kind == VALUE_FLAGS && kind == COMPARED_WIDE &&
                 plain == IF_BELOW_OR_EQUAL && is_captured(machine, b))
                *condition = machine_reaches(machine, a, false);
        else if (flags->kind == VALUE_FLAGS && kind == TESTED && plain == IF_EQUAL)
                *condition = machine_compare(machine, BPF_JSET, a, b);
        else if (flags->kind == VALUE_FLAGS && kind == TESTED_WIDE && plain == IF_EQUAL &&
                 (a->kind == VALUE_CONTEXT || machine_is_constant(machine, a, &k))) {
                *known = (a->kind != VALUE_CONTEXT && k == 0) != *negated;
                return false;
        } else
                machine_give_up(machine, "flags of something else");
        /* These are asked for by their opposites. */
        *negated ^=
            plain == IF_BELOW || (kind == COMPARED && plain == IF_BELOW_OR_EQUAL) || kind == TESTED;
        return true;
}

/* Goes on at `yes` in one state, or at `no` in the other. */
static void decide(struct machine *machine, unsigned number, const struct machine_state *state,
                   uint32_t yes, const struct machine_state *if_so, uint32_t no)
{
        struct condition condition;
        bool negated, known;

        if (!find_condition(machine, number, state, &condition, &negated, &known))
                machine_go(machine, known ? yes : no, known ? if_so : state);
        else if (negated)
                machine_branch(machine, &condition, no, state, yes, if_so);
        else
                machine_branch(machine, &condition, yes, if_so, no, state);
}

static void move_if(struct machine *machine, const struct instruction *instruction, uint32_t at,
                    const struct machine_state *state)
{
        struct machine_state moved = *state;

        moved.registers[instruction->to] = state->registers[instruction->from];
        decide(machine, instruction->condition, state, at + 1, &moved, at + 1);
}

static void step(struct machine *machine, uint32_t at, struct machine_state *state)
{
        const struct code *code = machine->code;
        const struct instruction *instruction = &code->instructions[at];
        struct value *to = &state->registers[instruction->to], address, zero;
        uint32_t k;

        switch (instruction->action) {
        case CALCULATE: calculate(machine, instruction, state); break;
        case COMPARE:
        case TEST: set_flags(machine, instruction, state); break;
        case MOVE: move(machine, instruction, state); break;
        case LOAD_ADDRESS:
                address = address_of(machine, instruction, state);
                if (!instruction->wide)
                        machine_give_up(machine, "half of an address");
                *to = address;
                break;
        case MOVE_IF: move_if(machine, instruction, at, state); break;
        case SWAP: *to = machine_swap(machine, to, 32); break;
        case SWAP_HALF: /* those above are 0 */
                if (!(to->kind == VALUE_BYTES && !to->order[2] && !to->order[3]) &&
                    !(machine_is_constant(machine, to, &k) && k <= UINT16_MAX))
                        machine_give_up(machine, "half of a word swapped");
                *to = machine_swap(machine, to, 16);
                break;
        case NEGATE:
                forget_flags(state);
                *to = machine_operate(machine, BPF_NEG, to, to);
                break;
        case DIVIDE: divide(machine, instruction, state); break;
        case CLEAR_VECTOR: break;
        case STORE_VECTOR:
                zero = machine_constant(machine, 0);
                address = address_of(machine, instruction, state);
                for (unsigned i = 0; i < 16; i += 4)
                        machine_store(machine, state, address.k + i, 4, &zero);
                break;
        case JUMP: machine_go(machine, (uint32_t)instruction->target, state); break;
        case JUMP_IF:
                decide(machine, instruction->condition, state, (uint32_t)instruction->target, state,
                       at + 1);
                break;
        case RETURN: machine_return(machine, machine_term(machine, &state->registers[RAX])); break;
        }
}

int machine_run_x86_64(struct machine *machine, const uint8_t *bytes, size_t size,
                       struct graph *graph, uint32_t captured, bool live)
{
        struct machine_state *start = calloc(1, sizeof *start);
        struct code code;
        bool known = decode(bytes, size, &code);
        int result = -1;

        *machine = (struct machine){.graph = graph,
                                    .captured = captured,
                                    .direct = GRAPH_NONE,
                                    .length = code.count,
                                    .code = &code,
                                    .effects = find_effects,
                                    .step = step};
        if (start && code.instructions && !known) {
                machine_give_up(machine, "an instruction that the compiler does not write");
                result = 1;
        } else if (start && code.instructions) {
                start->registers[RDI] = (struct value){.kind = VALUE_PACKET, .term = GRAPH_NONE};
                start->registers[RSI] = machine_number(captured);
                start->registers[RCX] = machine_constant(machine, 0);
                start->registers[R8] = machine_number(graph_length(graph));
                start->registers[RSP] = (struct value){.kind = VALUE_FRAME};
                start->registers[R9] =
                    live ? (struct value){.kind = VALUE_CONTEXT} : machine_constant(machine, 0);
                result = machine_run(machine, start);
        }
        machine->code = NULL;
        free(code.instructions);
        free(start);
        return result;
}

/* Extended BPF, as far as the emitter writes it (RFC 9669; the helpers' manual page
 * bpf-helpers(7)).
 *
 * The kernel's verifier sees to it that a program reads no memory but its own and the packet's, so
 * what is asked here is what it means. Packets are whole. How many of their bytes can be read
 * directly is any number, where packets may be in pieces. */
#include "machine.h"

#include "cbpf/emit_ebpf/emission.h"

#include <linux/filter.h>
#include <stdlib.h>

enum {
        ARGUMENT_REGISTERS = 5,
        LOOKED_BACK = 12, /* instructions before a call that say where it writes */
        DIRECT_ARGUMENT = 0x40000001,
        CLASS_MASK = 7,
        OPERATION_MASK = 0xf0,
        SIZE_MASK = 0x18,
};

struct extended {
        const struct cbpf_extended_program *program;
        const struct cbpf_extended_target *target;
        const struct context *context;
};

static const struct cbpf_extended_instruction *at(const struct extended *code, uint32_t number)
{
        return &code->program->instructions[number];
}

static unsigned size_of(const struct cbpf_extended_instruction *instruction)
{
        switch (instruction->code & SIZE_MASK) {
        case SIZE_W: return 4;
        case SIZE_H: return 2;
        case SIZE_B: return 1;
        default: return 8;
        }
}

static uint32_t jump_target(const struct cbpf_extended_instruction *instruction, uint32_t number)
{
        bool is_long = instruction->code == (CLASS_JMP32 | JUMP_ALWAYS);

        return (uint32_t)((int64_t)number + 1 +
                          (is_long ? instruction->immediate : instruction->offset));
}

/* What is read and written */

/* The constant that is put into a register, or added to a copy of the frame pointer, shortly before
 * a call. */
static bool find_argument(const struct extended *code, uint32_t call, unsigned number,
                          unsigned action, int32_t *found)
{
        for (uint32_t i = call; i-- > 0 && call - i < LOOKED_BACK;) {
                const struct cbpf_extended_instruction *instruction = at(code, i);

                if ((instruction->code & CLASS_MASK) == CLASS_JMP ||
                    (instruction->code & CLASS_MASK) == CLASS_JMP32)
                        return false;
                if (instruction->destination != number ||
                    (instruction->code & CLASS_MASK) < CLASS_ALU)
                        continue;
                *found = instruction->immediate;
                return instruction->code == action;
        }
        return false;
}

static void find_call_effects(const struct extended *code, uint32_t number, struct effects *effects)
{
        const struct cbpf_extended_instruction *call = at(code, number);
        const struct copier *copier = code->context->copier;
        int32_t to, length;

        effects->writes = (1u << (ARGUMENT_REGISTERS + 1)) - 1;
        effects->splits = true;
        if (call->source == KERNEL_FUNCTION) {
                effects->reads = 1 << 1;
        } else if (call->immediate == LOOK_UP) {
                effects->reads = 1 << 1 | 1 << 2;
                effects->reads_from = -KEY_AREA;
                effects->reads_to = -KEY_AREA + 4 * (CBPF_EXTENDED_WORDS + 1);
        } else if (copier && call->immediate == copier->helper) {
                effects->reads = 1u << copier->from | 1u << copier->offset | 1u << copier->to |
                                 1u << copier->length;
                if (find_argument(code, number, copier->to, CLASS_ALU64 | ALU_ADD, &to) &&
                    find_argument(code, number, copier->length, CLASS_ALU | ALU_MOV, &length)) {
                        effects->writes_from = to;
                        effects->writes_to = to + length;
                }
        } else if (call->immediate == code->context->length_helper) {
                effects->reads = 1 << 1;
        }
}

static void find_stack_effects(const struct cbpf_extended_instruction *instruction,
                               struct effects *effects)
{
        unsigned class = instruction->code & CLASS_MASK;
        int from = instruction->offset, to = from + (int)size_of(instruction);

        if (class == CLASS_LDX && instruction->source == FRAME) {
                effects->reads_from = from;
                effects->reads_to = to;
        } else if (class != CLASS_LDX && instruction->destination == FRAME) {
                effects->writes_from = from;
                effects->writes_to = to;
        }
}

static void find_effects(const void *context, uint32_t number, struct effects *effects)
{
        const struct extended *code = context;
        const struct cbpf_extended_instruction *instruction = at(code, number);
        unsigned operation = instruction->code & OPERATION_MASK;
        uint32_t to = 1u << instruction->destination, from = 1u << instruction->source;
        bool by_register = instruction->code & BY_REGISTER;

        switch (instruction->code & CLASS_MASK) {
        case CLASS_LD: effects->writes = instruction->code == CBPF_EXTENDED_LOAD ? to : 0; break;
        case CLASS_LDX:
                effects->writes = to;
                effects->reads = from;
                find_stack_effects(instruction, effects);
                break;
        case CLASS_STX: effects->reads = from; /* fall through */
        case CLASS_ST:
                effects->reads |= to;
                find_stack_effects(instruction, effects);
                break;
        case CLASS_ALU:
        case CLASS_ALU64:
                effects->writes = to;
                effects->reads = by_register && operation != ALU_END ? from : 0;
                if (operation != ALU_MOV)
                        effects->reads |= to;
                effects->splits = by_register && (operation == BPF_DIV || operation == BPF_MOD);
                break;
        default:
                if (operation == JUMP_EXIT) {
                        effects->reads = 1;
                        effects->next[0] = NOWHERE;
                } else if (operation == JUMP_CALL) {
                        find_call_effects(code, number, effects);
                } else if (operation == JUMP_ALWAYS) {
                        effects->next[0] = jump_target(instruction, number);
                } else {
                        effects->reads = to | (by_register ? from : 0);
                        effects->next[1] = jump_target(instruction, number);
                }
        }
}

/* Running */

static struct value of_kind(enum value_kind kind)
{
        return (struct value){.kind = (uint8_t)kind, .term = GRAPH_NONE};
}

/* How many bytes can be read directly. */
static struct value room(const struct machine *machine)
{
        return machine->direct == GRAPH_NONE ? machine_number(machine->captured)
                                             : of_kind(VALUE_ROOM);
}

static struct value load_field(struct machine *machine, const struct extended *code,
                               unsigned offset, unsigned size)
{
        const struct context *context = code->context;
        uint16_t field;
        bool swapped;

        if (context->is_dynptr && size == 8 && offset == NF_SKB)
                return of_kind(VALUE_OBJECT);
        if (context->direct && size == 4 && offset == context->data)
                return (struct value){.kind = VALUE_PACKET, .term = GRAPH_NONE};
        if (context->direct && size == 4 && offset == context->data_end)
                return of_kind(VALUE_END);
        if (context->has_length && size == 4 && offset == context->length)
                return machine_number(graph_length(machine->graph));
        for (uint32_t k = (uint32_t)SKF_AD_OFF; k < (uint32_t)SKF_AD_OFF + SKF_AD_MAX; k++)
                if (size == 4 && context_field(context, k, &field, &swapped) && field == offset) {
                        struct value value =
                            machine_number(graph_load(machine->graph, BPF_W, GRAPH_NONE, k));

                        value.swap = swapped ? 16 : 0;
                        return value;
                }
        machine_give_up(machine, "a field of the context");
        return (struct value){0};
}

static struct value load_object(struct machine *machine, const struct extended *code,
                                unsigned offset, unsigned size)
{
        const struct cbpf_extended_peek *peek = code->target->peek;
        bool peeks = peek && code->context->is_skb;

        if (peeks && size == 8 && offset == peek->data)
                return (struct value){.kind = VALUE_PACKET, .term = GRAPH_NONE};
        if (peeks && size == 4 && offset == peek->data_length)
                return of_kind(VALUE_REST);
        if (size == 4 && offset == (peeks ? peek->length : code->target->netfilter->length))
                return machine_number(graph_length(machine->graph));
        machine_give_up(machine, "a field of the kernel's structure");
        return (struct value){0};
}

static struct value load(struct machine *machine, const struct extended *code,
                         const struct cbpf_extended_instruction *instruction,
                         const struct machine_state *state)
{
        const struct value *base = &state->registers[instruction->source];
        unsigned size = size_of(instruction);
        struct value address;

        switch (base->kind) {
        case VALUE_CONTEXT: return load_field(machine, code, (unsigned)instruction->offset, size);
        case VALUE_OBJECT: return load_object(machine, code, (unsigned)instruction->offset, size);
        case VALUE_FRAME: return machine_fetch(machine, state, base->k + instruction->offset, size);
        case VALUE_PACKET:
                address = machine_add_constant(machine, base, instruction->offset);
                if (size == 8)
                        machine_give_up(machine, "a load of 8 bytes");
                return machine_load(machine, &address, size == 8 ? 4 : size, true);
        case VALUE_ENTRY:
                if (base->k > 0 && instruction->offset == 0 && size == 4)
                        return machine_constant(machine, (uint32_t)base->k);
        }
        machine_give_up(machine, "a load from elsewhere");
        return (struct value){0};
}

static void store(struct machine *machine, const struct cbpf_extended_instruction *instruction,
                  struct machine_state *state)
{
        const struct value *base = &state->registers[instruction->destination];
        bool is_constant = (instruction->code & CLASS_MASK) == CLASS_ST;
        struct value value = is_constant
                                 ? machine_constant(machine, (uint32_t)instruction->immediate)
                                 : state->registers[instruction->source];

        if (base->kind != VALUE_FRAME || (is_constant && instruction->immediate < 0))
                machine_give_up(machine, "a store elsewhere than to the stack");
        machine_store(machine, state, base->k + instruction->offset, size_of(instruction), &value);
}

/* Operations */

static bool is_start(const struct value *value)
{
        return value->kind == VALUE_PACKET && value->term == GRAPH_NONE && value->k == 0;
}

static struct value subtract_wide(struct machine *machine, const struct value *a,
                                  const struct value *b)
{
        struct value difference = *a;

        if (!is_start(b) || (a->kind != VALUE_END && a->kind != VALUE_PACKET))
                machine_give_up(machine, "a difference of 64 bits");
        if (a->kind == VALUE_END)
                return room(machine);
        difference.kind = VALUE_SUM;
        return difference;
}

static void calculate_wide(struct machine *machine,
                           const struct cbpf_extended_instruction *instruction,
                           struct machine_state *state)
{
        struct value *to = &state->registers[instruction->destination];
        bool by_register = instruction->code & BY_REGISTER;
        const struct value *from = &state->registers[instruction->source];

        switch (instruction->code & OPERATION_MASK) {
        case ALU_MOV:
                if (!by_register && instruction->immediate < 0)
                        machine_give_up(machine, "a constant of 64 bits");
                *to = by_register ? *from
                                  : machine_constant(machine, (uint32_t)instruction->immediate);
                return;
        case ALU_ADD:
                *to = by_register ? machine_add(machine, to, from)
                                  : machine_add_constant(machine, to, instruction->immediate);
                return;
        case ALU_SUB:
                if (by_register) {
                        *to = subtract_wide(machine, to, from);
                        return;
                }
        }
        machine_give_up(machine, "an operation of 64 bits");
}

/* Division by 0 gives 0, and its remainder is what was divided. */
static void divide(struct machine *machine, uint32_t number, struct machine_state *state,
                   unsigned operation, struct value *to, const struct value *by)
{
        struct condition is_positive;
        struct machine_state *other = malloc(sizeof *other);
        struct value zero = machine_constant(machine, 0);

        if (!other) {
                machine_give_up(machine, "memory is short");
                return;
        }
        is_positive = machine_compare(machine, BPF_JGT, by, &zero);
        *other = *state;
        if (operation == BPF_DIV)
                other->registers[to - state->registers] = zero;
        *to = machine_operate(machine, operation, to, by);
        machine_branch(machine, &is_positive, number + 1, state, number + 1, other);
        free(other);
}

static void calculate(struct machine *machine, uint32_t number,
                      const struct cbpf_extended_instruction *instruction,
                      struct machine_state *state)
{
        struct value *to = &state->registers[instruction->destination], count;
        unsigned operation = instruction->code & OPERATION_MASK;
        bool by_register = instruction->code & BY_REGISTER;
        struct value from = by_register && operation != ALU_END
                                ? state->registers[instruction->source]
                                : machine_constant(machine, (uint32_t)instruction->immediate);

        if (operation == ALU_MOV) {
                if (from.kind != VALUE_NUMBER && from.kind != VALUE_BYTES)
                        machine_give_up(machine, "half of an address");
                *to = from;
        } else if (operation == ALU_END) {
                *to = machine_swap(machine, to, (unsigned)instruction->immediate);
        } else if (operation == ALU_SUB && from.kind == VALUE_REST) {
                *to = room(machine);
        } else if (by_register && (operation == BPF_DIV || operation == BPF_MOD)) {
                divide(machine, number, state, operation, to, &from);
        } else {
                if (operation == BPF_LSH || operation == BPF_RSH) {
                        count = machine_constant(machine, 31);
                        from = machine_operate(machine, BPF_AND, &from, &count);
                }
                *to = machine_operate(machine, operation, to, &from);
        }
}

/* Jumps */

/* One that is known: the place of an entry, or what stands for a failure, compared with 0. */
static bool is_known(const struct value *value, unsigned operation, int32_t immediate, bool *jumps)
{
        if ((value->kind != VALUE_ENTRY && value->kind != VALUE_FAILURE) || immediate != 0 ||
            (operation != JUMP_EQ && operation != JUMP_NE))
                return false;
        *jumps = (operation == JUMP_EQ) == (value->kind == VALUE_ENTRY && value->k == 0);
        return true;
}

static unsigned plain_jump(unsigned operation, bool *negated)
{
        *negated = operation == JUMP_NE || operation == JUMP_LT || operation == JUMP_LE;
        switch (operation) {
        case JUMP_EQ:
        case JUMP_NE: return BPF_JEQ;
        case JUMP_GT:
        case JUMP_LE: return BPF_JGT;
        case JUMP_GE:
        case JUMP_LT: return BPF_JGE;
        case JUMP_SET: return BPF_JSET;
        default: return BPF_JA;
        }
}

/* Whether bytes are there: an address or a number compared with the end, or with how many there
 * are; and that with a constant. */
static bool is_bound(struct machine *machine, const struct value *a, unsigned operation,
                     const struct value *b, struct condition *condition, bool *negated)
{
        if ((a->kind == VALUE_PACKET && b->kind == VALUE_END) ||
            (a->kind == VALUE_SUM &&
             (b->kind == VALUE_ROOM ||
              (b->kind == VALUE_NUMBER && b->term == machine->captured && !b->swap)))) {
                if (operation != JUMP_GT && operation != JUMP_LE)
                        return false;
                *condition = machine_reaches(machine, a, true);
                *negated = operation == JUMP_GT;
                return true;
        }
        if (a->kind == VALUE_ROOM && (operation == JUMP_LT || operation == JUMP_GE)) {
                *condition = machine_reaches(machine, b, true);
                *negated = operation == JUMP_LT;
                return true;
        }
        return false;
}

static void jump(struct machine *machine, uint32_t number,
                 const struct cbpf_extended_instruction *instruction, struct machine_state *state)
{
        const struct value *a = &state->registers[instruction->destination];
        unsigned operation = instruction->code & OPERATION_MASK, plain;
        bool wide = (instruction->code & CLASS_MASK) == CLASS_JMP, negated, jumps;
        uint32_t to = jump_target(instruction, number);
        struct value b = instruction->code & BY_REGISTER
                             ? state->registers[instruction->source]
                             : machine_constant(machine, (uint32_t)instruction->immediate);
        struct condition condition;

        if (wide && !(instruction->code & BY_REGISTER) &&
            is_known(a, operation, instruction->immediate, &jumps)) {
                machine_go(machine, jumps ? to : number + 1, state);
                return;
        }
        if (!is_bound(machine, a, operation, &b, &condition, &negated)) {
                plain = plain_jump(operation, &negated);
                if (plain == BPF_JA || (wide && instruction->immediate < 0))
                        machine_give_up(machine, "a jump of another kind");
                condition = machine_compare(machine, plain, a, &b);
        }
        if (negated)
                machine_branch(machine, &condition, number + 1, state, to, state);
        else
                machine_branch(machine, &condition, to, state, number + 1, state);
}

/* Calls */

static void forget_arguments(struct machine_state *state)
{
        for (unsigned i = 1; i <= ARGUMENT_REGISTERS; i++)
                state->registers[i] = (struct value){0};
}

static void give_class(struct machine_state *state, uint32_t class)
{
        state->registers[0] = (struct value){.kind = VALUE_ENTRY, .k = class};
}

/* Register 0 becomes the place of the entry, which says its class, or 0. */
static void look_up(struct machine *machine, const struct extended *code, uint32_t number,
                    struct machine_state *state)
{
        const struct value map_number = state->registers[1], key = state->registers[2];
        const struct cbpf_extended_map *map;
        uint32_t words[CBPF_EXTENDED_WORDS];
        struct machine_set set;

        if (map_number.kind != VALUE_MAP || key.kind != VALUE_FRAME ||
            map_number.k >= code->program->map_count) {
                machine_give_up(machine, "a map of another kind");
                return;
        }
        map = &code->program->maps[map_number.k];
        set = (struct machine_set){.words = map->words,
                                   .ranges = map->ranges,
                                   .count = map->count,
                                   .values = map->values,
                                   .prefixes = map->prefixes,
                                   .classes = map->classes};
        for (unsigned i = 0; i < map->words; i++) {
                struct value word =
                    machine_fetch(machine, state, key.k + 4 * (int64_t)(i + map->ranges), 4);

                if (map->ranges) /* which has them in network byte order */
                        word = machine_swap(machine, &word, 32);
                words[i] = machine_term(machine, &word);
        }
        if (map->ranges) {
                struct value bits = machine_fetch(machine, state, key.k, 4);
                uint32_t all;

                if (!machine_is_constant(machine, &bits, &all) || all != 32u * map->words)
                        machine_give_up(machine, "a part of a map's key");
        }
        forget_arguments(state);
        if (!machine->unmodelled)
                machine_look_up(machine, &set, words, number + 1, state, give_class);
}

static void copy(struct machine *machine, const struct extended *code, uint32_t number,
                 struct machine_state *state)
{
        const struct copier *copier = code->context->copier;
        const struct value offset = state->registers[copier->offset];
        const struct value to = state->registers[copier->to];
        struct machine_state *failed = malloc(sizeof *failed);
        struct condition there;
        struct value end;
        uint32_t length;

        if (!failed || to.kind != VALUE_FRAME ||
            !machine_is_constant(machine, &state->registers[copier->length], &length) ||
            state->registers[copier->from].kind !=
                (code->context->is_dynptr ? VALUE_FRAME : VALUE_CONTEXT)) {
                machine_give_up(machine, "a copy of another kind");
                free(failed);
                return;
        }
        end = machine_add_constant(machine, &offset, length);
        there = machine_reaches(machine, &end, false);
        forget_arguments(state);
        *failed = *state;
        state->registers[0] = machine_constant(machine, 0);
        failed->registers[0] = (struct value){.kind = VALUE_FAILURE};
        machine_copy(machine, state, to.k, length, &offset);
        machine_copy(machine, failed, to.k, length, NULL);
        if (!machine->unmodelled)
                machine_branch(machine, &there, number + 1, state, number + 1, failed);
        free(failed);
}

static void call_kernel(struct machine *machine, const struct extended *code, int32_t function,
                        struct machine_state *state)
{
        enum value_kind kind = (enum value_kind)state->registers[1].kind;

        forget_arguments(state);
        if (code->target->peek && function == code->target->peek->to_kernel &&
            kind == VALUE_CONTEXT)
                state->registers[0] = of_kind(VALUE_OBJECT);
        else if (code->context->is_dynptr && function == code->target->netfilter->to_dynptr &&
                 kind == VALUE_OBJECT)
                state->registers[0] = machine_constant(machine, 0);
        else
                machine_give_up(machine, "a call of another function of the kernel");
}

static void call(struct machine *machine, const struct extended *code, uint32_t number,
                 struct machine_state *state)
{
        const struct cbpf_extended_instruction *instruction = at(code, number);
        const struct context *context = code->context;

        if (instruction->source == KERNEL_FUNCTION) {
                call_kernel(machine, code, instruction->immediate, state);
        } else if (instruction->immediate == LOOK_UP) {
                look_up(machine, code, number, state);
        } else if (context->copier && instruction->immediate == context->copier->helper) {
                copy(machine, code, number, state);
        } else if (context->length_helper && instruction->immediate == context->length_helper) {
                forget_arguments(state);
                state->registers[0] = machine_number(graph_length(machine->graph));
        } else {
                machine_give_up(machine, instruction->immediate == READ_KERNEL
                                             ? "packets by their address in the kernel"
                                             : "a call of another helper");
        }
}

static void step(struct machine *machine, uint32_t number, struct machine_state *state)
{
        const struct extended *code = machine->code;
        const struct cbpf_extended_instruction *instruction = at(code, number);
        unsigned operation = instruction->code & OPERATION_MASK;
        struct value *to = &state->registers[instruction->destination];

        switch (instruction->code & CLASS_MASK) {
        case CLASS_LD:
                if (instruction->code == CBPF_EXTENDED_LOAD &&
                    instruction->source == CBPF_EXTENDED_MAP)
                        *to = (struct value){.kind = VALUE_MAP, .k = instruction->immediate};
                else if (instruction->code != 0) /* the other half */
                        machine_give_up(machine, "a constant of 64 bits");
                break;
        case CLASS_LDX: *to = load(machine, code, instruction, state); break;
        case CLASS_ST:
        case CLASS_STX: store(machine, instruction, state); break;
        case CLASS_ALU: calculate(machine, number, instruction, state); break;
        case CLASS_ALU64: calculate_wide(machine, instruction, state); break;
        default:
                if (operation == JUMP_EXIT)
                        machine_return(machine, machine_term(machine, &state->registers[0]));
                else if (operation == JUMP_CALL)
                        call(machine, code, number, state);
                else if (operation == JUMP_ALWAYS)
                        machine_go(machine, jump_target(instruction, number), state);
                else
                        jump(machine, number, instruction, state);
        }
}

int machine_run_ebpf(struct machine *machine, const struct cbpf_extended_program *program,
                     const struct cbpf_extended_target *target, struct graph *graph,
                     uint32_t captured)
{
        struct extended code = {program, target, &emission_contexts[target->context]};
        struct machine_state *start = calloc(1, sizeof *start);
        int result = -1;

        *machine = (struct machine){.graph = graph,
                                    .captured = captured,
                                    .direct = target->fragments || target->peek
                                                  ? graph_argument(graph, DIRECT_ARGUMENT)
                                                  : GRAPH_NONE,
                                    .length = program->count,
                                    .code = &code,
                                    .effects = find_effects,
                                    .step = step};
        if (start) {
                start->registers[1] = of_kind(VALUE_CONTEXT);
                start->registers[FRAME] = of_kind(VALUE_FRAME);
                result = machine_run(machine, start);
        }
        machine->code = NULL;
        free(start);
        return result;
}

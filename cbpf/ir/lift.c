/* A classic program to its decision graph, by running it on symbols.
 *
 * Jumps lead forward only, so one pass down the program meets every way to an instruction before
 * the instruction itself: each block is run once for each different state of the registers that
 * something still reads. A pass back up makes the nodes, targets before those that lead to them. */
#include "cbpf/program/program.h"
#include "ir.h"

#include <stdlib.h>
#include <string.h>

enum {
        A = CBPF_A,
        X = CBPF_X,
        REGISTERS = CBPF_REGISTERS,
        /* Most programs have one state per block; a program with more than this is not a filter. */
        STATES_PER_INSTRUCTION = 4,
        SPARE_STATES = 1000,
        MORE_STATES = 16,         /* as often, if the graph is not to be made shorter */
        STATES_OF_A_BLOCK = 4096, /* values may be passed from as many places (value_outlining.c) */
};

/* What rejects besides the tests. */
enum guard_kind {
        GUARD_DIVISOR, /* that is 0 */
        GUARD_OWED,    /* an owed load */
        GUARD_BOUND,   /* a load of which byte number `end` after the term is not captured */
};

struct guard {
        struct guard *earlier;
        enum guard_kind kind;
        uint32_t term;
        uint32_t end;
};

/* A block in one state. */
struct state {
        uint32_t block; /* its first instruction */
        uint32_t next;  /* another state of the same block, or GRAPH_NONE */
        uint32_t yes, no;
        /* How it ends: a branch on a and b, a return of a, or (GRAPH_NONE) straight on to `yes`. */
        uint8_t end; /* BPF_JMP, BPF_RET or 0 */
        uint8_t jump;
        uint32_t a, b;
        struct guard *guards;
        uint32_t node;
        uint32_t registers[]; /* one term a live register, in order */
};

struct lift {
        struct graph *graph;
        const struct bpf_insn *instructions;
        uint32_t length;
        uint32_t *live;  /* registers read from here on, a bit each */
        bool *leader;    /* a block starts here */
        uint32_t *first; /* the first state of a block, or GRAPH_NONE */
        struct state **states;
        uint32_t state_count, state_limit;
        size_t steps; /* left */
        struct arena arena;
        uint32_t captured; /* how many bytes, a term, for exact bounds; or GRAPH_NONE */
        bool on_socket;    /* ancillary data are known */
        bool gave_up;
};

static uint32_t bit(uint32_t number)
{
        return 1u << number;
}

/* Finds the blocks. False if a jump leads back. */
static bool find_leaders(struct lift *lift)
{
        for (uint32_t i = 0; i < lift->length; i++) {
                const struct bpf_insn *instruction = &lift->instructions[i];
                uint32_t yes, no;

                if (BPF_CLASS(instruction->code) != BPF_JMP)
                        continue;
                cbpf_jump_targets(instruction, i, &yes, &no);
                if (yes <= i || yes >= lift->length || no <= i || no >= lift->length)
                        return false;
                lift->leader[yes] = lift->leader[no] = true;
        }
        return true;
}

/* The number of the state of `block` with these registers, a new one if there is none. */
static uint32_t arrive(struct lift *lift, uint32_t block, const uint32_t *registers)
{
        uint32_t live = lift->live[block];
        uint32_t packed[REGISTERS];
        uint32_t count = 0, others = 0;
        struct state *state;

        for (uint32_t i = 0; i < REGISTERS; i++)
                if (live & bit(i))
                        packed[count++] = registers[i];
        for (uint32_t i = lift->first[block]; i != GRAPH_NONE; i = lift->states[i]->next, others++)
                if (memcmp(lift->states[i]->registers, packed, count * sizeof *packed) == 0)
                        return i;
        if (lift->state_count == lift->state_limit || others == STATES_OF_A_BLOCK) {
                lift->gave_up = true;
                return 0;
        }
        state = arena_take(&lift->arena, sizeof *state + count * sizeof *packed);
        if (!state) {
                lift->graph->failed = true;
                return 0;
        }
        state->block = block;
        state->next = lift->first[block];
        memcpy(state->registers, packed, count * sizeof *packed);
        lift->states[lift->state_count] = state;
        return lift->first[block] = lift->state_count++;
}

static void unpack(const struct lift *lift, const struct state *state, uint32_t *registers)
{
        const uint32_t *packed = state->registers;

        for (uint32_t i = 0; i < REGISTERS; i++)
                registers[i] = lift->live[state->block] & bit(i) ? *packed++ : 0;
}

static void guard(struct lift *lift, struct state *state, enum guard_kind kind, uint32_t term,
                  uint32_t end)
{
        struct guard *guard = arena_take(&lift->arena, sizeof *guard);

        if (!guard) {
                lift->graph->failed = true;
                return;
        }
        *guard = (struct guard){state->guards, kind, term, end};
        state->guards = guard;
}

static bool is_ancillary_load(const struct bpf_insn *instruction)
{
        return BPF_CLASS(instruction->code) == BPF_LD && BPF_MODE(instruction->code) == BPF_ABS &&
               instruction->k > INT32_MAX;
}

static void step(struct lift *lift, struct state *state, const struct bpf_insn *instruction,
                 uint32_t *registers)
{
        unsigned class = BPF_CLASS(instruction->code), operation = BPF_OP(instruction->code);
        struct graph *graph = lift->graph;
        bool exact = lift->captured != GRAPH_NONE;
        uint32_t term;

        if (class == BPF_ALU && (operation == BPF_DIV || operation == BPF_MOD)) {
                term = symbolic_operand(graph, instruction, registers);
                if (graph->terms[term].low == 0)
                        guard(lift, state, GUARD_DIVISOR, term, 0);
        }
        if (exact && cbpf_loads_packet(instruction->code) && !is_ancillary_load(instruction))
                guard(lift, state, GUARD_BOUND,
                      BPF_MODE(instruction->code) == BPF_IND ? registers[X] : GRAPH_NONE,
                      instruction->k + cbpf_load_size(instruction->code));
        term = registers[symbolic_step(graph, instruction, registers, true)];
        if (!exact && class == BPF_LD && BPF_MODE(instruction->code) != BPF_MEM &&
            graph_is_owed(graph, term, false))
                guard(lift, state, GUARD_OWED, term, 0);
}

static void end_block(struct lift *lift, struct state *state, uint32_t at,
                      const uint32_t *registers)
{
        const struct bpf_insn *instruction = &lift->instructions[at];
        uint32_t yes, no;

        state->end = BPF_CLASS(instruction->code);
        state->a = registers[A];
        if (state->end == BPF_RET) {
                if (BPF_RVAL(instruction->code) != BPF_A)
                        state->a = graph_constant(lift->graph, instruction->k);
                return;
        }
        state->jump = BPF_OP(instruction->code);
        cbpf_jump_targets(instruction, at, &yes, &no);
        state->yes = arrive(lift, yes, registers);
        if (yes == no) {
                state->end = 0;
                return;
        }
        state->no = arrive(lift, no, registers);
        state->b = symbolic_operand(lift->graph, instruction, registers);
}

/* True if the instruction rejects every packet. */
static bool always_rejects(const struct lift *lift, const struct bpf_insn *instruction,
                           const uint32_t *registers)
{
        unsigned code = instruction->code;
        bool absolute;

        if (lift->captured != GRAPH_NONE && cbpf_loads_packet(code) &&
            instruction->k > UINT32_MAX - cbpf_load_size(code) && !is_ancillary_load(instruction))
                return true; /* no packet reaches there */
        if (lift->captured != GRAPH_NONE && is_ancillary_load(instruction))
                return !lift->on_socket || !cbpf_ancillary_field(instruction->k);
        if (BPF_CLASS(code) == BPF_LD && BPF_MODE(code) == BPF_IND)
                return graph_is_beyond(lift->graph, registers[X], instruction->k);
        absolute = (BPF_CLASS(code) == BPF_LD && BPF_MODE(code) == BPF_ABS) ||
                   (BPF_CLASS(code) == BPF_LDX && BPF_MODE(code) == BPF_MSH);
        return absolute && cbpf_is_unknown_ancillary(instruction->k);
}

static void run_block(struct lift *lift, struct state *state)
{
        uint32_t registers[REGISTERS];

        unpack(lift, state, registers);
        for (uint32_t at = state->block;; at++) {
                const struct bpf_insn *instruction = &lift->instructions[at];
                unsigned class = BPF_CLASS(instruction->code);

                if (class == BPF_JMP || class == BPF_RET) {
                        end_block(lift, state, at, registers);
                        return;
                }
                if (always_rejects(lift, instruction, registers)) {
                        state->end = BPF_RET;
                        state->a = graph_constant(lift->graph, 0);
                        return;
                }
                if (lift->steps-- == 0) {
                        lift->gave_up = true;
                        return;
                }
                step(lift, state, instruction, registers);
                if (lift->leader[at + 1]) {
                        state->end = 0;
                        state->yes = arrive(lift, at + 1, registers);
                        return;
                }
        }
}

/* The same bound without a constant in the term, as graph_load() has it, if no sum of these wraps.
 */
static void normalize_bound(const struct graph *graph, uint32_t *base, uint32_t *end)
{
        const struct term *sum = &graph->terms[*base], *constant;

        if (sum->kind == TERM_CONSTANT) {
                constant = sum;
        } else if (sum->kind == TERM_OPERATION && sum->code == BPF_ADD) {
                constant = &graph->terms[sum->b];
                if (constant->kind != TERM_CONSTANT || graph->terms[sum->a].high > INT32_MAX ||
                    (uint64_t)graph->terms[sum->a].high + constant->k > INT32_MAX)
                        return;
        } else {
                return;
        }
        if ((uint64_t)constant->k + *end > INT32_MAX)
                return;
        *end += constant->k;
        *base = sum == constant ? GRAPH_NONE : sum->a;
}

uint32_t graph_bound(struct graph *graph, uint32_t captured, uint32_t base, uint32_t end,
                     uint32_t yes, uint32_t no)
{
        uint32_t room = captured, node;

        if (yes == no || captured == GRAPH_ENDLESS)
                return yes;
        if (base != GRAPH_NONE)
                normalize_bound(graph, &base, &end);
        if (base != GRAPH_NONE)
                room = graph_operation(graph, BPF_SUB, captured, base);
        node = graph_branch(graph, BPF_JGE, room, graph_constant(graph, end), yes, no);
        if (base == GRAPH_NONE)
                return node;
        return graph_branch(graph, BPF_JGT, base, captured, no, node);
}

static uint32_t node_of(struct lift *lift, const struct state *state)
{
        struct graph *graph = lift->graph;
        uint32_t node;

        if (state->end == BPF_RET)
                node = graph_return_term(graph, state->a);
        else if (state->end == BPF_JMP)
                node = graph_branch(graph, state->jump, state->a, state->b,
                                    lift->states[state->yes]->node, lift->states[state->no]->node);
        else
                node = lift->states[state->yes]->node;
        for (struct guard *guard = state->guards; guard; guard = guard->earlier)
                switch (guard->kind) {
                case GUARD_DIVISOR:
                        node = graph_branch(graph, BPF_JGT, guard->term, graph_constant(graph, 0),
                                            node, graph_return(graph, 0));
                        break;
                case GUARD_OWED: node = graph_owe_unasked(graph, guard->term, node); break;
                case GUARD_BOUND:
                        node = graph_bound(graph, lift->captured, guard->term, guard->end, node,
                                           graph_return(graph, 0));
                        break;
                }
        return node;
}

/* States are numbered as they are met, blocks in the order of the program. */
static void lift_all(struct lift *lift)
{
        uint32_t registers[REGISTERS];

        memset(lift->first, 0xff, lift->length * sizeof *lift->first);
        for (uint32_t i = 0; i < REGISTERS; i++)
                registers[i] = graph_constant(lift->graph, 0);
        arrive(lift, 0, registers);
        if (lift->gave_up || lift->graph->failed)
                return;
        for (uint32_t at = 0; at < lift->length; at++)
                for (uint32_t i = lift->first[at]; i != GRAPH_NONE; i = lift->states[i]->next) {
                        run_block(lift, lift->states[i]);
                        if (lift->gave_up || lift->graph->failed)
                                return;
                }
        for (uint32_t at = lift->length; at-- > 0;)
                for (uint32_t i = lift->first[at]; i != GRAPH_NONE; i = lift->states[i]->next)
                        lift->states[i]->node = node_of(lift, lift->states[i]);
        lift->graph->root = lift->states[0]->node;
}

static bool take_memory(struct lift *lift)
{
        size_t length = lift->length;
        uint32_t more = lift->captured == GRAPH_NONE ? 1 : MORE_STATES;

        lift->steps = (length * STATES_PER_INSTRUCTION * 2 + SPARE_STATES * 100) * more;
        lift->state_limit = (lift->length * STATES_PER_INSTRUCTION + SPARE_STATES) * more;
        lift->live = arena_take(&lift->arena, length * sizeof *lift->live);
        lift->leader = arena_take(&lift->arena, length * sizeof *lift->leader);
        lift->first = arena_take(&lift->arena, length * sizeof *lift->first);
        lift->states = arena_take(&lift->arena, lift->state_limit * sizeof *lift->states);
        return lift->live && lift->leader && lift->first && lift->states;
}

static int lift_program(struct graph *graph, const struct bpf_program *program, uint32_t captured,
                        bool live)
{
        struct lift lift = {
            .graph = graph,
            .instructions = program->bf_insns,
            .length = program->bf_len,
            .captured = captured,
            .on_socket = live,
        };
        bool enough = graph_start(graph) && take_memory(&lift);

        if (enough && !find_leaders(&lift)) {
                lift.gave_up = true;
        } else if (enough) {
                cbpf_find_live(program, lift.live);
                lift_all(&lift);
        }
        arena_free(&lift.arena);
        if (!enough || graph->failed)
                return -1;
        return lift.gave_up ? 1 : 0;
}

int graph_lift(struct graph *graph, const struct bpf_program *program)
{
        return lift_program(graph, program, GRAPH_NONE, false);
}

int graph_lift_exactly(struct graph *graph, const struct bpf_program *program, uint32_t captured,
                       bool live)
{
        return lift_program(graph, program, captured, live);
}

/* Instruction selection: terms to straight code. A value is computed into the register that needs
 * it, and reused while the register holds it; a value whose register is needed is spilled to
 * scratch memory. */
#include "code.h"

#include "base/array.h"

#include <stdlib.h>
#include <string.h>

struct writer {
        const struct graph *graph;
        const struct slots *slots;
        struct step *steps;
        uint32_t count, room;
        uint32_t depth;
        uint32_t spilled; /* words in use from the last downwards */
        uint32_t trials;  /* left */
        struct registers now;
        struct registers entering; /* arguments that the code takes for granted */
        bool failed;
        bool short_of_memory;
};

enum {
        MAX_TERM_DEPTH = 200,
        MAX_TRIALS = 300,
        MAX_HEIGHT = 6,
        CHAIN_STRIDE = 50,
};

static void write_a(struct writer *writer, uint32_t term);
static void write_x(struct writer *writer, uint32_t term);

static void step(struct writer *writer, unsigned code, uint32_t k)
{
        if (writer->count == MAX_STEPS) {
                writer->failed = true;
                return;
        }
        if (!array_grow(writer->steps, writer->room, writer->count + 1)) {
                writer->failed = writer->short_of_memory = true;
                return;
        }
        writer->steps[writer->count++] =
            (struct step){.code = (uint16_t)code, .k = k, .after = writer->now};
}

static void step_a(struct writer *writer, unsigned code, uint32_t k, uint32_t term)
{
        writer->now.a = term;
        step(writer, code, k);
}

static void step_x(struct writer *writer, unsigned code, uint32_t k, uint32_t term)
{
        writer->now.x = term;
        step(writer, code, k);
}

static uint32_t slot_of(const struct writer *writer, uint32_t term)
{
        for (uint32_t i = 0; i < writer->slots->count; i++)
                if (writer->slots->terms[i] == term)
                        return i;
        return GRAPH_NONE;
}

/* True if X can be loaded without touching A. */
static bool is_direct(const struct writer *writer, uint32_t term)
{
        const struct term *content = &writer->graph->terms[term];
        uint32_t k;

        return content->kind == TERM_CONSTANT || content->kind == TERM_LENGTH ||
               content->kind == TERM_VARIABLE || graph_is_header_length(writer->graph, term, &k);
}

/* True if the kernel takes the constant as operand; it refuses some in the instruction, though not
 * in X. */
static bool is_allowed(unsigned operation, uint32_t k)
{
        if (operation == BPF_LSH || operation == BPF_RSH)
                return k <= 31;
        return k != 0 || (operation != BPF_DIV && operation != BPF_MOD);
}

/* True if code for the term uses X, or is too deep to tell. */
static bool uses_x(const struct writer *writer, uint32_t term, int depth)
{
        const struct term *content = &writer->graph->terms[term];

        if (depth == 0 || graph_is_header_length(writer->graph, term, &(uint32_t){0}))
                return true;
        if (content->kind == TERM_LOAD)
                return content->a != GRAPH_NONE;
        if (content->kind != TERM_OPERATION)
                return false;
        if (content->b != GRAPH_NONE &&
            (!graph_is_constant(writer->graph, content->b) ||
             !is_allowed(content->code, writer->graph->terms[content->b].k)))
                return true;
        return uses_x(writer, content->a, depth - 1);
}

/* Ways to have one value in A and another in X. */
enum way {
        WAY_X_FIRST, /* where code for A leaves X alone */
        WAY_A_FIRST, /* where code for X leaves A alone */
        WAY_SCRATCH, /* X by way of scratch memory */
        WAY_SCRATCH_FOR_A,
        WAY_COUNT,
};

/* `first` is computed, put aside, and fetched back when `second` is there. */
static void write_through_scratch(struct writer *writer, uint32_t first, uint32_t second,
                                  bool for_a)
{
        uint32_t word;

        write_a(writer, first);
        if (writer->slots->count + writer->spilled >= BPF_MEMWORDS) {
                writer->failed = true;
                return;
        }
        word = BPF_MEMWORDS - ++writer->spilled;
        writer->now.scratch |= (uint16_t)(1u << word);
        step(writer, BPF_ST, word);
        if (for_a) {
                write_x(writer, second);
                step_a(writer, BPF_LD | BPF_MEM, word, first);
        } else {
                write_a(writer, second);
                step_x(writer, BPF_LDX | BPF_MEM, word, first);
        }
        writer->now.scratch &= (uint16_t) ~(1u << word);
        writer->spilled--;
}

static void write_way(struct writer *writer, enum way way, uint32_t a, uint32_t x)
{
        switch (way) {
        case WAY_X_FIRST:
                write_x(writer, x);
                write_a(writer, a);
                break;
        case WAY_A_FIRST:
                write_a(writer, a);
                write_x(writer, x);
                break;
        case WAY_SCRATCH_FOR_A: write_through_scratch(writer, a, x, true); break;
        default: write_through_scratch(writer, x, a, false); break;
        }
        writer->failed |= writer->now.a != a || writer->now.x != x;
}

/* The number of steps it takes, UINT32_MAX if it does not work. */
static uint32_t cost_of_way(struct writer *writer, enum way way, uint32_t a, uint32_t x)
{
        struct writer before = *writer;
        uint32_t cost;

        write_way(writer, way, a, x);
        cost = writer->failed ? UINT32_MAX : writer->count - before.count;
        before.trials = writer->trials;
        before.steps = writer->steps;
        before.room = writer->room;
        before.short_of_memory = writer->short_of_memory;
        *writer = before;
        return cost;
}

/* How many operations a term nests, up to `most`. */
static int height(const struct graph *graph, uint32_t term, int most)
{
        const struct term *content = &graph->terms[term];
        int a = 0, b = 0;

        if (most == 0 || term == GRAPH_NONE || content->kind < TERM_LOAD)
                return 0;
        if (content->a != GRAPH_NONE)
                a = height(graph, content->a, most - 1);
        if (content->kind != TERM_LOAD && content->b != GRAPH_NONE)
                b = height(graph, content->b, most - 1);
        return 1 + (a > b ? a : b);
}

/* True if computing `one` before `other` keeps fewer values waiting. */
static bool is_higher(const struct graph *graph, uint32_t one, uint32_t other)
{
        return height(graph, one, MAX_HEIGHT) > height(graph, other, MAX_HEIGHT);
}

/* The way without trying. */
static enum way usual_way(const struct writer *writer, uint32_t a, uint32_t x)
{
        if (is_direct(writer, x) && uses_x(writer, a, 20))
                return WAY_A_FIRST;
        if (!uses_x(writer, a, 20))
                return WAY_X_FIRST;
        if (writer->graph->terms[a].kind == TERM_LOAD && writer->graph->terms[a].a == x &&
            writer->now.a != a)
                return WAY_X_FIRST;
        return is_higher(writer->graph, a, x) ? WAY_SCRATCH_FOR_A : WAY_SCRATCH;
}

/* Trials nest, so their number for one sequence is limited. */
static enum way best_way(struct writer *writer, uint32_t a, uint32_t x, uint32_t *cost)
{
        enum way best = usual_way(writer, a, x);

        *cost = UINT32_MAX;
        if (writer->trials < WAY_COUNT)
                return best;
        writer->trials -= WAY_COUNT;
        for (enum way way = 0; way < WAY_COUNT; way++) {
                uint32_t steps = cost_of_way(writer, way, a, x);

                if (steps < *cost) {
                        *cost = steps;
                        best = way;
                }
        }
        return best;
}

static void write_both(struct writer *writer, uint32_t a, uint32_t x)
{
        uint32_t cost;

        if (a == x) {
                write_a(writer, a);
                step_x(writer, BPF_MISC | BPF_TAX, 0, x);
                return;
        }
        write_way(writer, best_way(writer, a, x, &cost), a, x);
}

/* True if code for the term needs `base` in X and leaves it there: the term is a field behind it,
 * with constants applied. */
static bool is_field_behind(const struct writer *writer, uint32_t term, uint32_t base)
{
        const struct graph *graph = writer->graph;

        while (graph->terms[term].kind == TERM_OPERATION && graph->terms[term].b != GRAPH_NONE &&
               graph_is_constant(graph, graph->terms[term].b) &&
               is_allowed(graph->terms[term].code, graph->terms[graph->terms[term].b].k))
                term = graph->terms[term].a;
        return graph->terms[term].kind == TERM_LOAD && graph->terms[term].a == base &&
               slot_of(writer, term) == GRAPH_NONE;
}

/* Both operands of an operation, in the order that takes fewer steps. */
static void write_operands(struct writer *writer, const struct term *content)
{
        uint32_t a = content->a, b = content->b, cost, swapped;
        enum way way, swapped_way;

        if (a == b || !graph_commutes(content->code)) {
                write_both(writer, a, b);
                return;
        }
        if (is_field_behind(writer, a, b) || is_field_behind(writer, b, a)) {
                bool swap = is_field_behind(writer, b, a);

                write_way(writer, WAY_X_FIRST, swap ? b : a, swap ? a : b);
                return;
        }
        if (writer->trials < 2 * WAY_COUNT) {
                bool swap = is_direct(writer, a) ||
                            (!is_direct(writer, b) && is_higher(writer->graph, a, b));

                write_both(writer, swap ? b : a, swap ? a : b);
                return;
        }
        way = best_way(writer, a, b, &cost);
        swapped_way = best_way(writer, b, a, &swapped);
        if (swapped < cost || (swapped == cost && way == WAY_SCRATCH && swapped_way != WAY_SCRATCH))
                write_way(writer, swapped_way, b, a);
        else
                write_way(writer, way, a, b);
}

static void write_operation(struct writer *writer, uint32_t term)
{
        const struct term *content = &writer->graph->terms[term];
        unsigned code = BPF_ALU | content->code;
        uint32_t k;

        if (graph_is_header_length(writer->graph, term, &k)) {
                write_x(writer, term);
                step_a(writer, BPF_MISC | BPF_TXA, 0, term);
                return;
        }
        if (content->code == BPF_NEG) {
                write_a(writer, content->a);
                step_a(writer, code, 0, term);
                return;
        }
        if (!graph_is_constant(writer->graph, content->b)) {
                write_operands(writer, content);
                step_a(writer, code | BPF_X, 0, term);
                return;
        }
        k = writer->graph->terms[content->b].k;
        if (!is_allowed(content->code, k)) {
                write_a(writer, content->a);
                write_x(writer, content->b);
                step_a(writer, code | BPF_X, 0, term);
                return;
        }
        write_a(writer, content->a);
        if (content->code == BPF_ADD && k > INT32_MAX)
                step_a(writer, BPF_ALU | BPF_SUB, -k, term);
        else
                step_a(writer, code, k, term);
}

/* The value in A goes to its word, from where who comes with the word filled can take it. */
static void keep(struct writer *writer, uint32_t slot, uint32_t term)
{
        writer->now.scratch |= (uint16_t)(1u << slot);
        step(writer, BPF_ST, slot);
        step_a(writer, BPF_LD | BPF_MEM, slot, term);
}

/* The argument is in X still, if it is anywhere. */
static void take_argument(struct writer *writer, uint32_t term)
{
        if (writer->graph->terms[term].k != 1 || writer->now.x != GRAPH_NONE)
                writer->failed = true;
        writer->now.x = writer->entering.x = term;
}

static void write_argument(struct writer *writer, uint32_t term)
{
        if (writer->graph->terms[term].k == 1) {
                write_x(writer, term);
                step_a(writer, BPF_MISC | BPF_TXA, 0, term);
                return;
        }
        if (writer->now.a != GRAPH_NONE)
                writer->failed = true;
        writer->now.a = writer->entering.a = term;
}

/* A variable is in its word, and perhaps in the other register. */
static void write_variable(struct writer *writer, uint32_t term, bool to_x)
{
        uint32_t slot = slot_of(writer, term);

        writer->failed |= slot == GRAPH_NONE;
        if (to_x && writer->now.a == term)
                step_x(writer, BPF_MISC | BPF_TAX, 0, term);
        else if (to_x)
                step_x(writer, BPF_LDX | BPF_MEM, slot, term);
        else if (writer->now.x == term)
                step_a(writer, BPF_MISC | BPF_TXA, 0, term);
        else
                step_a(writer, BPF_LD | BPF_MEM, slot, term);
}

static void write_a(struct writer *writer, uint32_t term)
{
        const struct term *content = &writer->graph->terms[term];
        uint32_t slot;

        if (writer->now.a == term || writer->failed)
                return;
        if (content->kind == TERM_VARIABLE) {
                write_variable(writer, term, false);
                return;
        }
        slot = slot_of(writer, term);
        if (content->kind == TERM_ARGUMENT) {
                write_argument(writer, term);
                return;
        }
        if (++writer->depth > MAX_TERM_DEPTH) {
                writer->failed = true;
                return;
        }
        switch (content->kind) {
        case TERM_CONSTANT: step_a(writer, BPF_LD | BPF_IMM, content->k, term); break;
        case TERM_LENGTH: step_a(writer, BPF_LD | BPF_LEN, 0, term); break;
        case TERM_LOAD:
                if (content->a == GRAPH_NONE) {
                        step_a(writer, BPF_LD | BPF_ABS | content->code, content->k, term);
                        break;
                }
                write_x(writer, content->a);
                step_a(writer, BPF_LD | BPF_IND | content->code, content->k, term);
                break;
        default: write_operation(writer, term); break;
        }
        if (slot != GRAPH_NONE && !writer->failed)
                keep(writer, slot, term);
        writer->depth--;
}

static void write_x(struct writer *writer, uint32_t term)
{
        const struct term *content = &writer->graph->terms[term];
        uint32_t k;

        if (writer->now.x == term || writer->failed)
                return;
        if (content->kind == TERM_ARGUMENT) {
                take_argument(writer, term);
                return;
        }
        if (content->kind == TERM_VARIABLE) {
                write_variable(writer, term, true);
                return;
        }
        if (graph_is_header_length(writer->graph, term, &k)) {
                step_x(writer, BPF_LDX | BPF_MSH | BPF_B, k, term);
        } else if (content->kind == TERM_CONSTANT) {
                step_x(writer, BPF_LDX | BPF_IMM, content->k, term);
        } else if (content->kind == TERM_LENGTH) {
                step_x(writer, BPF_LDX | BPF_LEN, 0, term);
        } else {
                struct step *last;

                write_a(writer, term);
                last = writer->count > 0 ? &writer->steps[writer->count - 1] : NULL;
                if (last && last->code == (BPF_LD | BPF_MEM)) {
                        /* From the word straight to X; A keeps the value where it was made. */
                        last->code = BPF_LDX | BPF_MEM;
                        writer->now.x = term;
                        last->after = writer->now;
                } else {
                        step_x(writer, BPF_MISC | BPF_TAX, 0, term);
                }
        }
}

/* Backwards: what must be there to enter at each step. */
static void set_before(struct writer *writer, uint32_t a, uint32_t x)
{
        const struct registers *entering = &writer->entering;
        struct registers need = {.a = a, .x = x};

        for (uint32_t i = writer->count; i-- > 0;) {
                struct step *step = &writer->steps[i];
                struct registers had = {GRAPH_NONE, GRAPH_NONE, 0};

                if (i > 0)
                        had = writer->steps[i - 1].after;
                had.a = had.a == GRAPH_NONE ? entering->a : had.a;
                had.x = had.x == GRAPH_NONE ? entering->x : had.x;
                cbpf_registers_of(&(struct bpf_insn){.code = step->code, .k = step->k},
                                  &step->reads, &step->writes);
                if (step->writes & IN_A)
                        need.a = GRAPH_NONE;
                if (step->writes & IN_X)
                        need.x = GRAPH_NONE;
                if (step->reads & IN_A)
                        need.a = had.a;
                if (step->reads & IN_X)
                        need.x = had.x;
                need.scratch =
                    (uint16_t)((need.scratch & ~step->writes) | (step->reads & IN_SCRATCH));
                step->before = need;
        }
}

/* Keeps code that leaves `a` and `x` in the registers. Returns 0, or -1 if memory is short. */
static int keep_steps(struct writer *writer, struct arena *arena, uint32_t a, uint32_t x,
                      struct sequence *sequence)
{
        const size_t size = writer->count * sizeof *writer->steps;
        void *steps = arena_take(arena, size);

        if (!steps)
                return -1;
        set_before(writer, a, x);
        *sequence = (struct sequence){steps, writer->count};
        if (size > 0)
                memcpy(steps, writer->steps, size);
        return 0;
}

/* The operand of a term that is computed first, where there are no trials; or GRAPH_NONE. */
static uint32_t higher_operand(const struct graph *graph, uint32_t term)
{
        const struct term *content = &graph->terms[term];

        if (content->kind < TERM_LOAD || content->a == GRAPH_NONE)
                return GRAPH_NONE;
        if (content->kind == TERM_LOAD || content->b == GRAPH_NONE)
                return content->a;
        return is_higher(graph, content->b, content->a) ? content->b : content->a;
}

/* A long sum is computed from its innermost operations on, so that the recursion stays shallow. */
static void write_chain(struct writer *writer, uint32_t term)
{
        uint32_t *chain = NULL, count = 0, room = 0;

        for (; term != GRAPH_NONE; term = higher_operand(writer->graph, term)) {
                if (!array_grow(chain, room, count + 1)) {
                        writer->failed = writer->short_of_memory = true;
                        break;
                }
                chain[count++] = term;
        }
        while (count > 0 && !writer->failed) {
                count -= count > CHAIN_STRIDE ? CHAIN_STRIDE : count;
                writer->depth = 0;
                write_a(writer, chain[count]);
        }
        free(chain);
}

/* Returns 0; 1 if it does not work; or -1 if memory is short. */
static int write_sequence(struct writer *writer, struct arena *arena, uint32_t a, uint32_t x,
                          struct sequence *sequence)
{
        int result = -1;

        if (writer->trials == 0 && x == GRAPH_NONE)
                write_chain(writer, a);
        else if (x == GRAPH_NONE)
                write_a(writer, a);
        else if (a == GRAPH_NONE)
                write_x(writer, x);
        else
                write_both(writer, a, x);
        if (!writer->short_of_memory)
                result = writer->failed ? 1 : keep_steps(writer, arena, a, x, sequence);
        free(writer->steps);
        return result;
}

int select_instructions(const struct graph *graph, const struct slots *slots, struct arena *arena,
                        uint32_t a, uint32_t x, struct sequence *sequence)
{
        static const struct registers nothing = {GRAPH_NONE, GRAPH_NONE, 0};
        struct writer writer = {.graph = graph,
                                .slots = slots,
                                .now = nothing,
                                .entering = nothing,
                                .trials = MAX_TRIALS};
        struct writer straight = writer;
        struct sequence other;
        int result = write_sequence(&writer, arena, a, x, sequence);

        if (result < 0 || writer.trials >= 2 * WAY_COUNT)
                return result;
        straight.trials = 0;
        switch (write_sequence(&straight, arena, a, x, &other)) {
        case -1: return -1;
        case 0:
                if (result != 0 || other.count < sequence->count)
                        *sequence = other;
                return 0;
        default: return result;
        }
}

/* The value to pass, of the time before the variable in word `word` is set. Where code for it would
 * load that word, it is computed first and put aside. */
static void write_passed(struct writer *writer, const struct node *node, uint32_t passed)
{
        struct writer before = *writer;
        uint32_t word = BPF_MEMWORDS - 1;
        uint32_t from;
        bool stale = false;

        write_a(writer, node->term);
        step(writer, BPF_ST, node->k);
        from = writer->count;
        write_a(writer, passed);
        for (uint32_t i = from; i < writer->count; i++)
                stale |= BPF_MODE(writer->steps[i].code) == BPF_MEM &&
                         BPF_CLASS(writer->steps[i].code) <= BPF_LDX &&
                         writer->steps[i].k == node->k;
        if (!stale)
                return;
        before.steps = writer->steps;
        before.room = writer->room;
        before.short_of_memory = writer->short_of_memory;
        *writer = before;
        if (writer->slots->count >= BPF_MEMWORDS) {
                writer->failed = true;
                return;
        }
        write_a(writer, passed);
        step(writer, BPF_ST, word);
        write_a(writer, node->term);
        step(writer, BPF_ST, node->k);
        step_a(writer, BPF_LD | BPF_MEM, word, passed);
}

int select_set(const struct graph *graph, const struct slots *slots, struct arena *arena,
               const struct node *node, struct sequence *sequence)
{
        static const struct registers nothing = {GRAPH_NONE, GRAPH_NONE, 0};
        uint32_t k, passed = node->arms[0].from;
        struct writer writer = {.graph = graph,
                                .slots = slots,
                                .now = nothing,
                                .entering = nothing,
                                .trials = MAX_TRIALS};
        int result = -1;

        if (passed != GRAPH_NONE) {
                write_passed(&writer, node, passed);
        } else if (graph_is_header_length(graph, node->term, &k)) {
                write_x(&writer, node->term);
                step(&writer, BPF_STX, node->k);
        } else {
                write_a(&writer, node->term);
                step(&writer, BPF_ST, node->k);
        }
        if (!writer.short_of_memory)
                result =
                    writer.failed ? 1 : keep_steps(&writer, arena, passed, GRAPH_NONE, sequence);
        free(writer.steps);
        return result;
}

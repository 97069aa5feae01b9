/* Emitting a graph as a program.
 *
 * Each node becomes straight code that loads what its test needs, then the test. A predecessor that
 * already holds some of that in its registers jumps in behind its loads; code that all predecessors
 * jump over is not emitted. Instructions are placed from the last to the first, so that every
 * target is placed before the jumps to it and their distance is known; one that is too far goes by
 * way of a `ja`, which serves all that reach it. A call that passes constants is as short as such a
 * detour, so it is placed where one may be. */
#include "base/array.h"
#include "code.h"

#include <stdlib.h>
#include <string.h>

/* A node being emitted. */
struct block {
        uint32_t node;
        uint16_t needed; /* words of scratch memory that what follows takes from it */
        bool sets : 1;   /* a variable */
        bool arrived : 1;
        bool beside : 1; /* it is placed beside the first jump to it, not in its order, */
        bool placed : 1; /* which has happened */
        struct sequence sequence;
        struct wanted wanted;
        struct registers begin; /* what all that lead to it have in the registers */
        struct registers end;   /* what its test leaves in the registers */
        /* By step, and one more for the test: is it jumped to? then its place. Then, by entry, the
         * nearest `ja` to it. A return has one of each. */
        uint32_t *entries;
};

/* A comparison that was placed, which an equal one with the same targets can reuse. */
struct shared {
        uint32_t k, yes, no; /* places */
        uint32_t place;      /* 0 if the slot is empty */
        uint16_t code;
};

struct emit {
        const struct graph *graph;
        uint32_t root;
        const struct style *style;
        struct uses *uses;
        struct ranks ranks;
        struct arena arena;
        struct shared *shared;
        uint32_t shared_size;
        struct hash_table tables; /* blocks whose long test was placed, by its arms */
        uint32_t *order; /* reachable switches and returned terms, in order of the program */
        uint32_t count;
        struct block *blocks;            /* in that order */
        uint32_t *block_of;              /* by node */
        uint32_t nodes;                  /* up to the root */
        uint32_t argument_a, argument_x; /* terms */
        uint32_t *guarded; /* by node: the one behind it, if it only guards a division there */
        uint32_t *like;    /* by term: the last block that loads it into A, + 1; or 0 */

        struct bpf_insn *program; /* backwards */
        uint32_t length, room;
        uint32_t node;              /* the one whose code is being placed */
        struct origin_list origins; /* if the style asks for them */
        uint16_t needed; /* words of scratch memory that the block placed last reads unwritten */
        struct comparison *comparisons; /* of the test being placed */
        uint32_t *places;               /* of its comparisons; then of detours to them */
        uint32_t comparison_room, place_room;
        int failure; /* what emit_program() returns */
};

static void *take(struct emit *emit, size_t size)
{
        void *memory = arena_take(&emit->arena, size);

        if (!memory)
                emit->failure = -1;
        return memory;
}

static const struct node *node_at(const struct emit *emit, uint32_t node)
{
        return &emit->graph->nodes[node];
}

/* The node to emit for a target. */
static uint32_t emitted(const struct emit *emit, uint32_t node)
{
        return behind_guards(emit->guarded, node);
}

/* Entering */

static bool holds(const struct registers *have, const struct registers *need)
{
        return (need->a == GRAPH_NONE || need->a == have->a) &&
               (need->x == GRAPH_NONE || need->x == have->x) &&
               (need->scratch & ~have->scratch) == 0;
}

/* The number of the step at which to enter, or of the test behind them. */
static uint32_t entry(const struct block *block, const struct registers *have)
{
        struct registers test = {.a = block->wanted.a, .x = block->wanted.x};
        uint32_t last = block->sequence.count;

        if (!block->sets && holds(have, &test))
                return last;
        for (; block->sets && !(block->sequence.steps[last - 1].writes & IN_SCRATCH); last--)
                ; /* what sets the variable is always run */
        for (uint32_t i = last; i-- > 1;)
                if (holds(have, &block->sequence.steps[i].before))
                        return i;
        return 0;
}

static struct registers run_steps(const struct block *block, uint32_t at, struct registers have)
{
        for (; at < block->sequence.count; at++) {
                const struct step *step = &block->sequence.steps[at];

                have.scratch |= (uint16_t)(step->writes & IN_SCRATCH);
                if (step->writes & IN_X)
                        have.x = step->after.x;
                if (step->writes & IN_A)
                        have.a = step->after.a;
        }
        return have;
}

static struct registers meet(struct registers one, struct registers other)
{
        return (struct registers){one.a == other.a ? one.a : GRAPH_NONE,
                                  one.x == other.x ? one.x : GRAPH_NONE,
                                  one.scratch & other.scratch};
}

static void arrive(struct emit *emit, uint32_t node, const struct registers *have)
{
        struct block *block;
        struct registers after, need;
        uint32_t at;

        if (node_at(emit, node)->kind == NODE_RETURN)
                return;
        block = &emit->blocks[emit->block_of[node]];
        at = entry(block, have);
        need = at < block->sequence.count
                   ? block->sequence.steps[at].before
                   : (struct registers){.a = block->wanted.a, .x = block->wanted.x};
        if (!holds(have, &need))
                emit->failure = 1; /* an argument was overwritten */
        after = run_steps(block, at, *have);
        block->entries[at] = 1;
        block->begin = block->arrived ? meet(block->begin, *have) : *have;
        block->end = block->arrived ? meet(block->end, after) : after;
        block->arrived = true;
}

/* If the comparison is symmetric, the operand that makes the code shorter goes to A. Many tests ask
 * for the same term. */
static int make_sequence(struct emit *emit, struct block *block)
{
        const struct slots *slots = &emit->style->slots;
        struct wanted *wanted = &block->wanted;
        uint32_t *like = wanted->a != GRAPH_NONE && !wanted->with_x ? &emit->like[wanted->a] : NULL;
        struct sequence swapped;
        int failure;

        if (like && *like && emit->blocks[*like - 1].wanted.x == wanted->x) {
                block->sequence = emit->blocks[*like - 1].sequence;
                return 0;
        }
        failure = select_instructions(emit->graph, slots, &emit->arena, wanted->a, wanted->x,
                                      &block->sequence);
        if (like && failure == 0)
                *like = (uint32_t)(block - emit->blocks) + 1;

        if (!wanted->with_x || wanted->jump == BPF_JGT || failure < 0 ||
            select_instructions(emit->graph, slots, &emit->arena, wanted->x, wanted->a, &swapped) !=
                0 ||
            (failure == 0 && swapped.count >= block->sequence.count))
                return failure;
        block->sequence = swapped;
        *wanted =
            (struct wanted){.a = wanted->x, .x = wanted->a, .jump = wanted->jump, .with_x = true};
        return 0;
}

/* The variable that more than one target of a switch loads into X first, or GRAPH_NONE. */
static uint32_t shared_x(const struct emit *emit, const struct node *node)
{
        uint32_t found[BPF_MEMWORDS] = {0}, best = GRAPH_NONE, before = GRAPH_NONE;

        for (uint32_t arm = 0; arm < node->count; arm++) {
                uint32_t to = emitted(emit, node->arms[arm].to);
                const struct sequence *sequence = &emit->blocks[emit->block_of[to]].sequence;
                const struct step *step = sequence->steps;

                if (node_at(emit, to)->kind == NODE_RETURN || sequence->count == 0 || to == before)
                        continue;
                before = to;
                if (step->code == (BPF_LDX | BPF_MEM) && step->k < emit->graph->variables &&
                    ++found[step->k] > 1 && (best == GRAPH_NONE || found[step->k] > found[best]))
                        best = step->k;
        }
        return best == GRAPH_NONE ? GRAPH_NONE : emit->style->slots.terms[best];
}

/* True for what passes values to an outlined part: there are many of these. */
static bool passes_values(const struct emit *emit, const struct node *node)
{
        const struct node *next;

        if ((node->kind != NODE_CALL && node->kind != NODE_SET) || node->term == GRAPH_NONE ||
            !graph_is_constant(emit->graph, node->term))
                return false;
        next = node_at(emit, node->arms[0].to);
        return node->kind == NODE_SET ? passes_values(emit, next)
                                      : next->kind == NODE_SET && next->term == emit->argument_a;
}

static void take_entries(struct emit *emit, struct block *block)
{
        block->entries = take(emit, (block->sequence.count + 1) * 2 * sizeof *block->entries);
}

static uint32_t *detour_to(const struct block *block, uint32_t at)
{
        return &block->entries[block->sequence.count + 1 + at];
}

/* Only spill slots outlive a sequence. */
static void make_block(struct emit *emit, uint32_t number)
{
        struct block *block = &emit->blocks[number];
        const struct node *node = node_at(emit, emit->order[number]);
        int failure;

        block->node = emit->order[number];
        emit->block_of[block->node] = number;
        block->wanted = (struct wanted){.a = node->term, .x = GRAPH_NONE};
        if (node->kind == NODE_RETURN) {
                take_entries(emit, block);
                return;
        }
        if (node->kind == NODE_SWITCH)
                switch_wanted(emit->graph, node, &block->wanted);
        else if (node->kind == NODE_CALL)
                block->wanted.x = node->k;
        else if (node->kind == NODE_SET)
                block->sets = true;
        block->beside = block->node != emit->root && passes_values(emit, node);
        if (emit->style->shares_x && node->kind == NODE_SWITCH && block->wanted.x == GRAPH_NONE)
                block->wanted.x = shared_x(emit, node);
        if (emit->style->hoisted && node->kind == NODE_SWITCH && block->wanted.x == GRAPH_NONE)
                block->wanted.x = emit->style->hoisted[block->node];
        failure = block->sets ? select_set(emit->graph, &emit->style->slots, &emit->arena, node,
                                           &block->sequence)
                              : make_sequence(emit, block);
        if (failure)
                emit->failure = failure;
        take_entries(emit, block);
}

/* Below a call, what the registers hold has the names of arguments. */
static void pass_arguments(struct emit *emit, struct block *block)
{
        const struct node *node = node_at(emit, block->node);

        block->end.a = node->term == GRAPH_NONE ? GRAPH_NONE : emit->argument_a;
        if (node->k != GRAPH_NONE)
                block->end.x = emit->argument_x;
        else if (block->end.x != GRAPH_NONE &&
                 emit->graph->terms[block->end.x].kind != TERM_VARIABLE)
                block->end.x = GRAPH_NONE;
}

/* A term that is made of the variable is another from now on, and what it was set to is its value.
 */
static void set_variable(struct emit *emit, struct block *block)
{
        const struct node *node = node_at(emit, block->node);
        const struct slots *slots = &emit->style->slots;
        uint32_t *const registers[] = {&block->end.a, &block->end.x}, variable;

        variable = slots->terms[node->k];
        if (node->arms[0].from != GRAPH_NONE)
                block->end.a = emit->argument_a;
        for (size_t i = 0; i < array_count(registers); i++)
                if (*registers[i] == node->term)
                        *registers[i] = variable;
                else if (*registers[i] != GRAPH_NONE &&
                         graph_contains(emit->graph, *registers[i], variable))
                        *registers[i] = GRAPH_NONE;
        for (uint32_t i = emit->graph->variables; i < slots->count; i++)
                if (graph_contains(emit->graph, slots->terms[i], variable))
                        block->end.scratch &= (uint16_t) ~(1u << i);
}

static void make_blocks(struct emit *emit)
{
        static const struct registers nothing = {GRAPH_NONE, GRAPH_NONE, 0};
        uint16_t lasting = (uint16_t)((1u << emit->style->slots.count) - 1);

        emit->like = take(emit, emit->graph->term_count * sizeof *emit->like);
        emit->blocks = take(emit, emit->count * sizeof *emit->blocks);
        emit->block_of = take(emit, emit->nodes * sizeof *emit->block_of);
        for (uint32_t i = emit->count; i-- > 0 && !emit->failure;)
                make_block(emit, i); /* the targets of a switch before it */
        if (emit->failure)
                return;
        arrive(emit, emit->root, &nothing);
        for (uint32_t i = 0; i < emit->count; i++) {
                struct block *block = &emit->blocks[i];
                const struct node *node = node_at(emit, block->node);

                block->end.scratch &= lasting;
                if (node->kind == NODE_CALL)
                        pass_arguments(emit, block);
                else if (node->kind == NODE_SET)
                        set_variable(emit, block);
                for (uint32_t arm = 0; arm < node->count; arm++)
                        arrive(emit, emitted(emit, node->arms[arm].to), &block->end);
        }
}

/* Liveness of scratch memory: words that are not read below a block need not be written. */
static uint16_t needed_before(const struct step *step, uint16_t needed)
{
        return (uint16_t)((needed & ~step->writes) | (step->reads & IN_SCRATCH));
}

static uint16_t needed_at(const struct block *block, uint32_t at)
{
        uint16_t needed = block->needed;

        for (uint32_t i = block->sequence.count; i-- > at;)
                needed = needed_before(&block->sequence.steps[i], needed);
        return needed;
}

/* Placing */

/* What is at a place is for the node whose code is being placed. */
static void note_origin(struct emit *emit, uint32_t at)
{
        if (emit->style->notes && !origins_note(&emit->origins, at, emit->node))
                emit->failure = -1;
}

static void place(struct emit *emit, unsigned code, uint32_t k)
{
        if (!array_grow(emit->program, emit->room, emit->length + (size_t)1)) {
                emit->failure = -1;
                return;
        }
        emit->program[emit->length++] = (struct bpf_insn){.code = (u_short)code, .k = k};
        note_origin(emit, emit->length);
}

/* A target's place, counted from the end of the program; that of the last instruction is 1. */
struct target {
        uint32_t place;
        uint32_t *detour; /* the nearest `ja` or return placed for it so far, or 0 */
        bool is_return;
        uint32_t k;
        struct block *beside; /* where this is to be placed, or NULL; then the entry */
        uint32_t entry;
};

static uint32_t distance(const struct emit *emit, uint32_t place)
{
        return emit->length - place;
}

enum {
        SLOTS_PROBED = 8,
        MAX_SHARED = 2048, /* slots; what is farther away than a jump reaches is of no use */
        SHARED_TABLE_MIN_ARMS = 16, /* arms */
        ALONE_MIN_ARMS = 16384, /* arms; too many for the kernel, and next to nothing to share */
        MAX_JUMP = 255 - 2,     /* detours of both targets may come between */
};

/* A place that the next jump, or one after up to two more detours, can use to reach the target. */
static uint32_t reach(struct emit *emit, const struct target *target)
{
        if (distance(emit, target->place) <= MAX_JUMP)
                return target->place;
        if (*target->detour && distance(emit, *target->detour) <= MAX_JUMP)
                return *target->detour;
        /* A return is as short as a jump to one; but code behind a return may not read scratch
         * memory that was not written before it. */
        if (target->is_return && emit->style->slots.count == 0)
                place(emit, BPF_RET | BPF_K, target->k);
        else
                place(emit, BPF_JMP | BPF_JA, distance(emit, target->place));
        *target->detour = emit->length;
        return emit->length;
}

static struct target target_at(struct emit *emit, const struct block *from, uint32_t node)
{
        const struct node *content = node_at(emit, node);
        struct block *block = &emit->blocks[emit->block_of[node]];
        bool is_return = content->kind == NODE_RETURN;
        uint32_t at = is_return ? 0 : entry(block, &from->end);

        return (struct target){
            .place = block->entries[at],
            .detour = detour_to(block, at),
            .is_return = is_return,
            .k = content->k,
            .beside = block->beside && !block->placed ? block : NULL,
            .entry = at,
        };
}

static void place_block(struct emit *emit, struct block *block);

/* The target, which is placed now if that has not been done yet. */
static struct target placed(struct emit *emit, struct target target)
{
        if (!target.beside)
                return target;
        if (!target.beside->placed)
                place_block(emit, target.beside);
        target.place = target.beside->entries[target.entry];
        return target;
}

/* The slot of an equal comparison, or one to put it in: of a few, the farthest is replaced. */
static struct shared *share(const struct emit *emit, const struct comparison *comparison,
                            uint32_t yes, uint32_t no)
{
        uint64_t hash = ((uint64_t)comparison->k << 32 | yes) * 0x9e3779b97f4a7c15u;
        struct shared *farthest = NULL;

        hash = (hash ^ (uint64_t)comparison->code << 32 ^ no) * 0x9e3779b97f4a7c15u;
        for (uint32_t i = 0; i < SLOTS_PROBED; i++) {
                struct shared *slot = &emit->shared[((hash >> 32) + i) & (emit->shared_size - 1)];

                if (slot->code == comparison->code && slot->k == comparison->k &&
                    slot->yes == yes && slot->no == no)
                        return slot;
                if (!farthest || slot->place < farthest->place)
                        farthest = slot;
        }
        return farthest;
}

/* Places it whatever is there. Returns its place. */
static uint32_t place_alone(struct emit *emit, const struct comparison *comparison,
                            struct target yes, struct target no)
{
        uint32_t yes_place, no_place;
        struct bpf_insn *instruction;

        no = placed(emit, no);
        yes = placed(emit, yes);
        yes_place = reach(emit, &yes);
        no_place = reach(emit, &no);
        place(emit, comparison->code, comparison->k);
        if (emit->failure)
                return 0;
        instruction = &emit->program[emit->length - 1];
        instruction->jt = (u_char)(emit->length - 1 - yes_place);
        instruction->jf = (u_char)(emit->length - 1 - no_place);
        return emit->length;
}

/* Returns its place. `anew`: it must not be shared, as the code placed next falls through to it. */
static uint32_t place_comparison(struct emit *emit, const struct comparison *comparison,
                                 struct target yes, struct target no, bool anew)
{
        struct shared *shared;
        bool there;
        uint32_t at;

        if (yes.beside || no.beside)
                return place_alone(emit, comparison, yes, no);
        shared = share(emit, comparison, yes.place, no.place);
        there = shared->place && distance(emit, shared->place) < MAX_JUMP / 2 &&
                shared->code == comparison->code && shared->k == comparison->k &&
                shared->yes == yes.place && shared->no == no.place;

        if (there && !anew)
                note_origin(emit, at = shared->place);
        else
                at = place_alone(emit, comparison, yes, no);
        if (!there && at)
                *shared = (struct shared){comparison->k, yes.place, no.place, at, comparison->code};
        return at;
}

static struct target local_or_node(struct emit *emit, const struct block *block, uint32_t to,
                                   uint32_t *detours)
{
        if (to >= LOCAL_TARGET)
                return (struct target){.place = emit->places[to - LOCAL_TARGET],
                                       .detour = &detours[to - LOCAL_TARGET]};
        return target_at(emit, block, emitted(emit, to));
}

/* Returns the place of the test's first comparison. `follows`: code of the block falls through to
 * it. */
static uint32_t place_test(struct emit *emit, struct block *block, bool follows)
{
        const struct node *node = node_at(emit, block->node);
        size_t room = node->count * (size_t)2;
        uint32_t *detours, first = 0;

        if (!array_grow(emit->comparisons, emit->comparison_room, room) ||
            !array_grow(emit->places, emit->place_room, 2 * room)) {
                emit->failure = -1;
                return 0;
        }
        detours = memset(emit->places + room, 0, room * sizeof *detours);
        for (uint32_t i =
                 switch_comparisons(emit->graph, node, &block->wanted, &emit->ranks, emit->style,
                                    &emit->uses->has_orders, emit->comparisons);
             i-- > 0;) {
                const struct comparison *comparison = &emit->comparisons[i];
                struct target yes = local_or_node(emit, block, comparison->yes, detours);
                struct target no = local_or_node(emit, block, comparison->no, detours);

                first = node->count >= ALONE_MIN_ARMS
                            ? place_alone(emit, comparison, yes, no)
                            : place_comparison(emit, comparison, yes, no, i == 0 && follows);
                emit->places[i] = first;
        }
        return first;
}

/* Two tests are the same if the same values lead to the same places. */
static bool same_test(const struct emit *emit, const struct block *one, const struct block *other)
{
        const struct node *a = node_at(emit, one->node), *b = node_at(emit, other->node);

        if (a->count != b->count || memcmp(a->arms, b->arms, a->count * sizeof *a->arms) != 0)
                return false;
        for (uint32_t i = 0; i < a->count; i++) {
                uint32_t to = emitted(emit, a->arms[i].to);
                const struct block *next = &emit->blocks[emit->block_of[to]];

                if (node_at(emit, to)->kind != NODE_RETURN &&
                    entry(next, &one->end) != entry(next, &other->end))
                        return false;
        }
        return true;
}

/* Goes on at `at`; returns that place, or that of a jump there if code of the block falls through
 * to what is placed now. */
static uint32_t go_on_at(struct emit *emit, uint32_t at, bool follows)
{
        if (!follows || at == emit->length)
                return at;
        place(emit, BPF_JMP | BPF_JA, distance(emit, at));
        return emit->length;
}

static uint32_t go_on_to(struct emit *emit, struct block *block, uint32_t node, bool follows)
{
        struct target target = target_at(emit, block, emitted(emit, node));

        return go_on_at(emit, placed(emit, target).place, follows);
}

/* A long test is not emitted a second time for another term, but jumped to. */
static uint32_t place_table(struct emit *emit, struct block *block, bool follows)
{
        const struct node *node = node_at(emit, block->node);
        uint32_t hash, at, item;

        if (node->count < SHARED_TABLE_MIN_ARMS)
                return place_test(emit, block, follows);
        at = hash = hash_bytes(node->arms, node->count * sizeof *node->arms);
        while ((item = hash_next(&emit->tables, hash, &at)) != HASH_NONE) {
                const struct block *other = &emit->blocks[item];

                if (!same_test(emit, other, block))
                        continue;
                note_origin(emit, other->entries[other->sequence.count]);
                return go_on_at(emit, other->entries[other->sequence.count], follows);
        }
        if (!hash_put(&emit->tables, hash, emit->block_of[block->node]))
                emit->failure = -1;
        return place_test(emit, block, follows);
}

static uint32_t first_entry(const struct block *block)
{
        uint32_t first = 0;

        while (first < block->sequence.count && !block->entries[first])
                first++;
        return first;
}

static bool loads_x(const struct step *step)
{
        return BPF_CLASS(step->code) == BPF_LDX;
}

/* True if X already holds what the step loads, however the block is entered. */
static bool has_x(const struct block *block, uint32_t at)
{
        const struct step *steps = block->sequence.steps;

        if (!loads_x(&steps[at]) || block->begin.x != steps[at].after.x)
                return false;
        for (uint32_t i = 0; i < at; i++)
                if (steps[i].after.x != GRAPH_NONE)
                        return false;
        return true;
}

/* What a register already holds need not be loaded, unless the block is entered here. */
static bool is_idle(const struct block *block, uint32_t at, uint32_t first)
{
        const struct step *step = &block->sequence.steps[at];

        if (has_x(block, at))
                return true;
        return step->code == (BPF_LD | BPF_MEM) && at > first && !block->entries[at] &&
               block->sequence.steps[at - 1].after.a == step->after.a;
}

static void note_use(struct emit *emit, uint32_t node, const struct step *step)
{
        struct uses *uses = emit->uses;

        if (step->writes & IN_X && uses->count < MAX_USES)
                uses->uses[uses->count++] = (struct use){node, step->after.x};
}

/* Returns the return's place. The kernel takes what is behind a return to follow it, so that
 * scratch memory which is read there has to be written on this path, too, where it is of no use and
 * may be left out; but not behind a jump, which nothing reaches. */
static uint32_t place_return_of_a(struct emit *emit)
{
        if (emit->needed)
                place(emit, BPF_JMP | BPF_JA, distance(emit, 1));
        place(emit, BPF_RET | BPF_A, 0);
        return emit->length;
}

/* Words of scratch memory that are read behind the block. */
static uint16_t needed_behind(const struct emit *emit, const struct block *block)
{
        const struct node *node = node_at(emit, block->node);
        uint16_t needed = 0;

        for (uint32_t arm = 0; arm < node->count; arm++) {
                uint32_t to = emitted(emit, node->arms[arm].to);
                const struct block *next = &emit->blocks[emit->block_of[to]];

                if (node_at(emit, to)->kind != NODE_RETURN)
                        needed |= needed_at(next, entry(next, &block->end));
        }
        return needed;
}

static void place_code(struct emit *emit, struct block *block)
{
        const struct node *node = node_at(emit, block->node);
        uint32_t first = first_entry(block), count = block->sequence.count;
        uint16_t needed = block->needed;

        if (node->kind == NODE_SWITCH)
                block->entries[count] = place_table(emit, block, first < count);
        else if (node->kind == NODE_CALL || node->kind == NODE_SET)
                block->entries[count] = go_on_to(emit, block, node->arms[0].to, first < count);
        else
                block->entries[count] = place_return_of_a(emit);
        if (block->entries[count] != emit->length)
                return; /* code of another block serves it, and is not what was placed last */
        for (uint32_t i = count; i-- > first;) {
                const struct step *step = &block->sequence.steps[i];
                bool unread = step->writes & IN_SCRATCH && !(needed & 1u << step->k);

                if (!unread && !is_idle(block, i, first)) {
                        needed = needed_before(step, needed);
                        place(emit, step->code, step->k);
                        note_use(emit, block->node, step);
                }
                block->entries[i] = emit->length;
        }
        emit->needed = needed;
}

static void place_block(struct emit *emit, struct block *block)
{
        uint32_t before = emit->node; /* this one may be placed while another one is */

        block->placed = true;
        emit->node = block->node;
        place_code(emit, block);
        emit->node = before;
}

/* The constant returns stand at the end, rejection last. */
static void place_returns(struct emit *emit)
{
        for (int accepts = 0; accepts < 2; accepts++)
                for (uint32_t i = 0; i < emit->count; i++) {
                        const struct node *node = node_at(emit, emit->order[i]);

                        if (node->kind != NODE_RETURN || (node->k != 0) != accepts)
                                continue;
                        emit->node = emit->order[i];
                        place(emit, BPF_RET | BPF_K, node->k);
                        *emit->blocks[i].entries = emit->length;
                }
}

static void place_all(struct emit *emit)
{
        emit->shared_size = 64;
        while (emit->shared_size < emit->count * 4 && emit->shared_size < MAX_SHARED)
                emit->shared_size *= 2;
        emit->shared = take(emit, emit->shared_size * sizeof *emit->shared);
        if (switch_rank(emit->graph, emit->order, emit->count, &emit->arena, &emit->ranks) < 0)
                emit->failure = -1;
        if (emit->failure)
                return;
        place_returns(emit);
        for (uint32_t i = emit->count; i-- > 0 && !emit->failure;) {
                struct block *block = &emit->blocks[i];

                if (node_at(emit, block->node)->kind == NODE_RETURN)
                        continue;
                block->needed = needed_behind(emit, block);
                if (!block->beside)
                        place_block(emit, block);
        }
}

int emit_program(struct graph *graph, const struct style *style, struct bpf_program *program,
                 struct uses *uses)
{
        struct emit emit = {.graph = graph, .style = style, .uses = uses};

        *uses = (struct uses){.count = 0};
        emit.argument_a = graph_argument(graph, 0);
        emit.argument_x = graph_argument(graph, 1);
        emit.nodes = graph->root + 1;
        emit.guarded = find_guards(graph, &emit.arena);
        if (!emit.guarded)
                emit.failure = -1;
        if (!emit.failure) {
                emit.root = emitted(&emit, graph->root);
                emit.order = order_nodes(graph, emit.guarded, emit.root, &emit.arena, &emit.count);
                emit.failure = emit.order ? 0 : -1;
        }
        if (!emit.failure)
                make_blocks(&emit);
        if (!emit.failure)
                place_all(&emit);
        if (!emit.failure && style->notes &&
            !origins_keep(&emit.origins, emit.length, style->notes, uses))
                emit.failure = -1;
        free(emit.origins.items);
        free(emit.comparisons);
        free(emit.places);
        hash_free(&emit.tables);
        arena_free(&emit.arena);
        if (emit.failure) {
                free(emit.program);
                return emit.failure;
        }
        for (uint32_t i = 0; i < emit.length / 2; i++) {
                struct bpf_insn swapped = emit.program[i];

                emit.program[i] = emit.program[emit.length - 1 - i];
                emit.program[emit.length - 1 - i] = swapped;
        }
        *program = (struct bpf_program){emit.length, emit.program};
        return 0;
}

int emit_length(struct graph *graph, const struct style *style, uint32_t *length)
{
        struct bpf_program program;
        struct uses uses;
        int failure = emit_program(graph, style, &program, &uses);

        if (failure)
                return failure;
        *length = program.bf_len;
        cbpf_program_free(&program);
        return 0;
}

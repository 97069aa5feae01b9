/* Running a machine's program on symbols: its blocks, the states of each, and their nodes. */
#include "machine.h"

#include <stdlib.h>
#include <string.h>

enum {
        STATES_PER_INSTRUCTION = 16,
        SPARE_STATES = 16000,
        STATES_OF_A_BLOCK = 4096,
        STACK_WORDS = MACHINE_STACK / 64,
        MAX_CLASSES = 17, /* of a set, and none of them */
        NOWHERE = UINT32_MAX,
};

/* What is read from an instruction on. */
struct live {
        uint32_t registers;
        uint64_t stack[STACK_WORDS];
};

enum end {
        END_OPEN,
        END_RETURN, /* a term */
        END_GO,
        END_BRANCH,
        END_LOOK_UP,
};

/* What goes wrong unless it holds. */
struct fault {
        struct fault *earlier;
        struct condition condition;
};

struct state {
        uint32_t block; /* its first instruction */
        uint32_t next;  /* another state of the same block, or NOWHERE */
        enum end end;
        uint32_t term; /* returned */
        struct condition condition;
        uint32_t to[2]; /* yes, no; states */
        const struct machine_set *set;
        uint32_t *words, *classes; /* and the state for each class */
        struct fault *faults;
        uint32_t node;
        size_t size;
        uint8_t packed[]; /* what is live */
};

struct machine_run {
        struct arena arena;
        struct live *live;
        bool *leader;
        uint32_t *first; /* by block: its first state */
        struct state **states;
        uint32_t count, limit;
        struct state *current;
        bool failed;
        uint8_t packed[sizeof(struct machine_state)];
};

void machine_give_up(struct machine *machine, const char *why)
{
        if (!machine->unmodelled)
                machine->unmodelled = why;
}

static void *take(struct machine *machine, size_t size)
{
        void *memory = arena_take(&machine->run->arena, size);

        machine->run->failed |= !memory;
        return memory;
}

static bool is_over(const struct machine *machine)
{
        return machine->run->failed || machine->unmodelled || machine->graph->failed;
}

/* What is live */

static void mark(uint64_t stack[STACK_WORDS], int from, int to, bool live)
{
        for (int at = from + MACHINE_STACK; at < to + MACHINE_STACK; at++) {
                uint64_t bit = (uint64_t)1 << at % 64;

                if (at < 0 || at >= MACHINE_STACK)
                        continue;
                if (live)
                        stack[at / 64] |= bit;
                else
                        stack[at / 64] &= ~bit;
        }
}

static bool is_live(const struct live *live, int at)
{
        return live->stack[at / 64] >> at % 64 & 1;
}

static void find_live(struct machine *machine)
{
        struct machine_run *run = machine->run;

        run->leader[0] = true;
        for (uint32_t at = machine->length; at-- > 0 && !is_over(machine);) {
                struct live *live = &run->live[at];
                struct effects effects = {.next = {at + 1, NOWHERE}};

                machine->effects(machine->code, at, &effects);
                for (int i = 0; i < 2; i++) {
                        uint32_t next = effects.next[i];

                        if (next == NOWHERE)
                                continue;
                        if (next <= at || next >= machine->length) {
                                machine_give_up(machine, "a jump back, or out of the program");
                                return;
                        }
                        if (next != at + 1 || effects.next[1] != NOWHERE || effects.splits)
                                run->leader[next] = true;
                        live->registers |= run->live[next].registers;
                        for (int word = 0; word < STACK_WORDS; word++)
                                live->stack[word] |= run->live[next].stack[word];
                }
                live->registers = (live->registers & ~effects.writes) | effects.reads;
                mark(live->stack, effects.writes_from, effects.writes_to, false);
                mark(live->stack, effects.reads_from, effects.reads_to, true);
        }
}

/* States */

static size_t pack(const struct live *live, const struct machine_state *state, uint8_t *to)
{
        size_t size = 0;

        for (unsigned i = 0; i < MACHINE_REGISTERS; i++)
                if (live->registers >> i & 1) {
                        memcpy(to + size, &state->registers[i], sizeof *state->registers);
                        size += sizeof *state->registers;
                }
        for (int i = 0; i < MACHINE_STACK; i++)
                if (is_live(live, i)) {
                        memcpy(to + size, &state->stack[i], sizeof *state->stack);
                        size += sizeof *state->stack;
                }
        return size;
}

static void unpack(const struct live *live, const uint8_t *from, struct machine_state *state)
{
        memset(state, 0, sizeof *state);
        for (unsigned i = 0; i < MACHINE_REGISTERS; i++)
                if (live->registers >> i & 1) {
                        memcpy(&state->registers[i], from, sizeof *state->registers);
                        from += sizeof *state->registers;
                }
        for (int i = 0; i < MACHINE_STACK; i++)
                if (is_live(live, i)) {
                        memcpy(&state->stack[i], from, sizeof *state->stack);
                        from += sizeof *state->stack;
                }
}

/* The number of the block's state, a new one if there is none like it. */
static uint32_t arrive(struct machine *machine, uint32_t block, const struct machine_state *state)
{
        struct machine_run *run = machine->run;
        size_t size = pack(&run->live[block], state, run->packed);
        uint32_t others = 0;
        struct state *made;

        for (uint32_t i = run->first[block]; i != NOWHERE; i = run->states[i]->next, others++)
                if (memcmp(run->states[i]->packed, run->packed, size) == 0)
                        return i;
        if (run->count == run->limit || others == STATES_OF_A_BLOCK) {
                machine_give_up(machine, "too many states");
                return 0;
        }
        made = take(machine, sizeof *made + size);
        if (!made)
                return 0;
        *made = (struct state){.block = block, .next = run->first[block], .size = size};
        memcpy(made->packed, run->packed, size);
        run->states[run->count] = made;
        return run->first[block] = run->count++;
}

void machine_return(struct machine *machine, uint32_t term)
{
        machine->run->current->end = END_RETURN;
        machine->run->current->term = term;
}

void machine_go(struct machine *machine, uint32_t to, const struct machine_state *state)
{
        uint32_t number = arrive(machine, to, state);

        machine->run->current->end = END_GO;
        machine->run->current->to[0] = number;
}

void machine_branch(struct machine *machine, const struct condition *condition, uint32_t yes,
                    const struct machine_state *if_so, uint32_t no,
                    const struct machine_state *if_not)
{
        struct state *current = machine->run->current;

        current->end = END_BRANCH;
        current->condition = *condition;
        current->to[0] = arrive(machine, yes, if_so);
        current->to[1] = arrive(machine, no, if_not);
}

void machine_look_up(struct machine *machine, const struct machine_set *set, const uint32_t *words,
                     uint32_t to, struct machine_state *state,
                     void (*into)(struct machine_state *state, uint32_t class))
{
        struct state *current = machine->run->current;
        struct machine_set *copy = take(machine, sizeof *copy);
        uint32_t last = 0;

        for (uint32_t i = 0; i < set->count; i++)
                if (set->classes[i] > last)
                        last = set->classes[i];
        current->words = take(machine, set->words * sizeof *words);
        current->classes = take(machine, MAX_CLASSES * sizeof *words);
        if (last >= MAX_CLASSES)
                machine_give_up(machine, "a map of many classes");
        if (is_over(machine))
                return;
        *copy = *set;
        current->end = END_LOOK_UP;
        current->set = copy;
        memcpy(current->words, words, set->words * sizeof *words);
        for (uint32_t class = 0; class <= last; class ++) {
                into(state, class);
                current->classes[class] = arrive(machine, to, state);
        }
}

static void add_fault(struct machine *machine, const struct condition *condition)
{
        struct fault *fault = take(machine, sizeof *fault);

        if (!fault)
                return;
        *fault = (struct fault){machine->run->current->faults, *condition};
        machine->run->current->faults = fault;
}

struct value machine_load(struct machine *machine, const struct value *address, unsigned size,
                          bool direct)
{
        struct value end = machine_add_constant(machine, address, size), loaded = {0};
        struct condition there = machine_reaches(machine, &end, direct);
        struct packet_place place;

        if (address->kind != VALUE_PACKET)
                machine_give_up(machine, "a load from elsewhere");
        if (is_over(machine))
                return loaded;
        add_fault(machine, &there);
        if (address->k > INT32_MAX - (int)sizeof(uint32_t))
                return machine_constant(machine, 0); /* nothing is there, as the fault says */
        place = machine_place(machine, address->term, (uint32_t)address->k);
        loaded = (struct value){.kind = VALUE_BYTES, .term = place.base, .k = place.k};
        for (unsigned i = 0; i < size; i++)
                loaded.order[i] = (uint8_t)(i + 1);
        return loaded;
}

void machine_divide_by(struct machine *machine, uint32_t term)
{
        struct condition is_positive = {CONDITION_COMPARISON, BPF_JGT, term,
                                        graph_constant(machine->graph, 0)};

        if (machine->graph->terms[term].low == 0)
                add_fault(machine, &is_positive);
}

static void run_block(struct machine *machine, uint32_t number)
{
        struct machine_run *run = machine->run;
        struct machine_state state;

        run->current = run->states[number];
        unpack(&run->live[run->current->block], run->current->packed, &state);
        for (uint32_t at = run->current->block; !is_over(machine); at++) {
                machine->step(machine, at, &state);
                if (run->current->end != END_OPEN)
                        return;
                if (at + 1 == machine->length)
                        machine_give_up(machine, "no end");
                else if (run->leader[at + 1]) {
                        machine_go(machine, at + 1, &state);
                        return;
                }
        }
}

/* Nodes */

static uint32_t condition_node(struct machine *machine, const struct condition *condition,
                               uint32_t yes, uint32_t no)
{
        struct graph *graph = machine->graph;

        if (condition->kind == CONDITION_COMPARISON)
                return graph_branch(graph, condition->jump, condition->a, condition->b, yes, no);
        if (condition->kind == CONDITION_DIRECT && machine->direct != GRAPH_NONE)
                yes = graph_bound(graph, machine->direct, condition->a, condition->b, yes, no);
        return graph_bound(graph, machine->captured, condition->a, condition->b, yes, no);
}

/* Entries that have the words before number `word` in common, sorted by value. */
struct group {
        struct machine *machine;
        const struct state *state;
        const uint32_t *order; /* entries */
};

static const uint32_t *entry_words(const struct machine_set *set, uint32_t entry)
{
        return set->values + (size_t)entry * set->words;
}

/* How many bits of a word the entry says. */
static unsigned entry_bits(const struct machine_set *set, uint32_t entry, unsigned word)
{
        unsigned prefix = set->ranges ? set->prefixes[entry] : 32 * set->words;

        return prefix <= 32 * word ? 0 : prefix >= 32 * (word + 1) ? 32 : prefix - 32 * word;
}

static uint32_t class_node(const struct group *group, uint32_t class)
{
        return group->machine->run->states[group->state->classes[class]]->node;
}

/* What becomes of entries from number `from` to before `to`. Those that overlap are not modelled.
 */
static uint32_t group_node(const struct group *group, unsigned word, uint32_t from, uint32_t to)
{
        const struct machine_set *set = group->state->set;
        struct machine *machine = group->machine;
        uint32_t none = class_node(group, 0), count = 0, result;
        struct arm *arms;
        uint64_t next = 0;

        if (word == set->words || entry_bits(set, group->order[from], word) == 0) {
                if (to != from + 1)
                        machine_give_up(machine, "a map whose entries overlap");
                return class_node(group, set->classes[group->order[from]]);
        }
        arms = malloc(((size_t)(to - from) * 2 + 1) * sizeof *arms);
        if (!arms) {
                machine->run->failed = true;
                return none;
        }
        for (uint32_t i = from, end; i < to && !is_over(machine); i = end) {
                uint32_t value = entry_words(set, group->order[i])[word];
                unsigned bits = entry_bits(set, group->order[i], word);

                for (end = i + 1; end < to; end++)
                        if (entry_words(set, group->order[end])[word] != value ||
                            entry_bits(set, group->order[end], word) != bits)
                                break;
                if (value < next)
                        machine_give_up(machine, "a map whose entries overlap");
                if (value > next)
                        arms[count++] = (struct arm){(uint32_t)next, none};
                arms[count++] = (struct arm){value, group_node(group, word + 1, i, end)};
                next = value + ((uint64_t)1 << (32 - bits));
        }
        if (next <= UINT32_MAX)
                arms[count++] = (struct arm){(uint32_t)next, none};
        result = is_over(machine)
                     ? none
                     : graph_switch(machine->graph, group->state->words[word], arms, count);
        free(arms);
        return result;
}

static int compare_entries(const void *one, const void *other, void *context)
{
        const struct machine_set *set = context;
        const uint32_t *a = entry_words(set, *(const uint32_t *)one);
        const uint32_t *b = entry_words(set, *(const uint32_t *)other);

        for (unsigned i = 0; i < set->words; i++)
                if (a[i] != b[i])
                        return a[i] < b[i] ? -1 : 1;
        return 0;
}

static uint32_t set_node(struct machine *machine, const struct state *state)
{
        const struct machine_set *set = state->set;
        uint32_t *order = malloc((set->count + (size_t)1) * sizeof *order), result = 0;
        struct group group = {machine, state, order};

        if (!order) {
                machine->run->failed = true;
                return 0;
        }
        for (uint32_t i = 0; i < set->count; i++)
                order[i] = i;
        qsort_r(order, set->count, sizeof *order, compare_entries, (void *)set);
        result = set->count ? group_node(&group, 0, 0, set->count) : class_node(&group, 0);
        free(order);
        return result;
}

static uint32_t node_of(struct machine *machine, const struct state *state, bool faults)
{
        struct graph *graph = machine->graph;
        const struct machine_run *run = machine->run;
        uint32_t node = graph_return(graph, 0), fault_node = graph_return(graph, faults);

        switch (state->end) {
        case END_OPEN: break;
        case END_RETURN:
                if (!faults)
                        node = graph_return_term(graph, state->term);
                break;
        case END_GO: node = run->states[state->to[0]]->node; break;
        case END_BRANCH:
                node = condition_node(machine, &state->condition, run->states[state->to[0]]->node,
                                      run->states[state->to[1]]->node);
                break;
        case END_LOOK_UP: node = set_node(machine, state); break;
        }
        for (const struct fault *fault = state->faults; fault; fault = fault->earlier)
                node = condition_node(machine, &fault->condition, node, fault_node);
        return node;
}

uint32_t machine_root(struct machine *machine, bool faults)
{
        struct machine_run *run = machine->run;

        for (uint32_t at = machine->length; at-- > 0;)
                for (uint32_t i = run->first[at]; i != NOWHERE && !is_over(machine);
                     i = run->states[i]->next)
                        run->states[i]->node = node_of(machine, run->states[i], faults);
        return run->states[0]->node;
}

static bool take_memory(struct machine *machine)
{
        size_t length = machine->length;
        struct machine_run *run = calloc(1, sizeof *run);

        machine->run = run;
        if (!run)
                return false;
        run->limit = machine->length * STATES_PER_INSTRUCTION + SPARE_STATES;
        run->live = take(machine, length * sizeof *run->live);
        run->leader = take(machine, length * sizeof *run->leader);
        run->first = take(machine, length * sizeof *run->first);
        run->states = take(machine, run->limit * sizeof *run->states);
        if (run->failed)
                return false;
        memset(run->live, 0, length * sizeof *run->live);
        memset(run->leader, 0, length * sizeof *run->leader);
        memset(run->first, 0xff, length * sizeof *run->first);
        return true;
}

int machine_run(struct machine *machine, const struct machine_state *start)
{
        if (!graph_start(machine->graph) || !take_memory(machine))
                return -1;
        find_live(machine);
        if (!is_over(machine))
                arrive(machine, 0, start);
        for (uint32_t at = 0; at < machine->length && !is_over(machine); at++)
                for (uint32_t i = machine->run->first[at]; i != NOWHERE && !is_over(machine);
                     i = machine->run->states[i]->next)
                        run_block(machine, i);
        if (machine->run->failed || machine->graph->failed)
                return -1;
        return machine->unmodelled != NULL;
}

void machine_free(struct machine *machine)
{
        if (machine->run)
                arena_free(&machine->run->arena);
        free(machine->run);
        machine->run = NULL;
}

/* What registers and the stack hold: numbers, bytes of the packet in any order, addresses. */
#include "machine.h"

#include <byteswap.h>
#include <string.h>

enum { BYTES = 4, SPILLED = 8 };

struct value machine_number(uint32_t term)
{
        return (struct value){.kind = VALUE_NUMBER, .term = term};
}

struct value machine_constant(struct machine *machine, uint32_t k)
{
        return machine_number(graph_constant(machine->graph, k));
}

static uint32_t operation(struct machine *machine, unsigned code, uint32_t a, uint32_t b)
{
        return graph_operation(machine->graph, code, a, b);
}

static uint32_t with(struct machine *machine, unsigned code, uint32_t a, uint32_t k)
{
        return operation(machine, code, a, graph_constant(machine->graph, k));
}

/* Bytes */

/* How many bytes there are, one behind the other, if they are in the packet's order or, with
 * `swapped`, in the other one; above them is nothing. Else 0. */
static unsigned in_order(const struct value *value, bool swapped)
{
        unsigned size = 0;

        while (size < BYTES && value->order[size])
                size++;
        for (unsigned i = 0; i < BYTES; i++)
                if (value->order[i] != (i >= size ? 0 : swapped ? i + 1 : size - i))
                        return 0;
        return size == 3 ? 0 : size;
}

static uint32_t load(struct machine *machine, const struct value *value, unsigned first,
                     unsigned size)
{
        static const uint8_t codes[] = {[1] = BPF_B, [2] = BPF_H, [4] = BPF_W};

        return graph_load(machine->graph, codes[size], value->term, (uint32_t)value->k + first - 1);
}

static uint32_t term_of_bytes(struct machine *machine, const struct value *value)
{
        unsigned size = in_order(value, false);
        uint32_t sum = GRAPH_NONE;

        if (size > 0)
                return load(machine, value, 1, size);
        for (unsigned i = 0; i < BYTES; i++) {
                uint32_t byte;

                if (!value->order[i])
                        continue;
                byte = with(machine, BPF_LSH, load(machine, value, value->order[i], 1), 8 * i);
                sum = sum == GRAPH_NONE ? byte : operation(machine, BPF_OR, sum, byte);
        }
        return sum == GRAPH_NONE ? graph_constant(machine->graph, 0) : sum;
}

/* The first byte that is meant becomes number 1. */
static struct value normal_bytes(struct machine *machine, struct value value)
{
        unsigned first = UINT8_MAX;

        for (unsigned i = 0; i < BYTES; i++)
                if (value.order[i] && value.order[i] < first)
                        first = value.order[i];
        if (first == UINT8_MAX)
                return machine_constant(machine, 0);
        for (unsigned i = 0; i < BYTES; i++)
                value.order[i] -= (uint8_t)(value.order[i] ? first - 1 : 0);
        value.k += first - 1;
        return value;
}

static uint32_t swap_term(struct machine *machine, uint32_t term, unsigned bits)
{
        uint32_t sum = GRAPH_NONE;

        for (unsigned at = 0; at < bits; at += 8) {
                uint32_t byte = with(machine, BPF_AND, with(machine, BPF_RSH, term, at), 0xff);

                byte = with(machine, BPF_LSH, byte, bits - 8 - at);
                sum = sum == GRAPH_NONE ? byte : operation(machine, BPF_OR, sum, byte);
        }
        return sum;
}

uint32_t machine_term(struct machine *machine, const struct value *value)
{
        switch (value->kind) {
        case VALUE_BYTES: return term_of_bytes(machine, value);
        case VALUE_NUMBER:
                return value->swap ? swap_term(machine, value->term, value->swap) : value->term;
        case VALUE_SUM:
                if (value->term == GRAPH_NONE && value->k >= 0 && value->k <= UINT32_MAX)
                        return graph_constant(machine->graph, (uint32_t)value->k);
        }
        machine_give_up(machine, "an address as a number, or a value that is not known");
        return graph_constant(machine->graph, 0);
}

bool machine_is_constant(struct machine *machine, const struct value *value, uint32_t *k)
{
        if (value->kind != VALUE_NUMBER || value->swap ||
            !graph_is_constant(machine->graph, value->term))
                return false;
        *k = machine->graph->terms[value->term].k;
        return true;
}

/* Addresses and sums */

static bool is_sum(const struct value *value)
{
        return value->kind == VALUE_SUM || value->kind == VALUE_PACKET;
}

static bool is_number(const struct value *value)
{
        return value->kind == VALUE_NUMBER || value->kind == VALUE_BYTES;
}

static struct value as_sum(struct machine *machine, const struct value *value)
{
        uint32_t k;

        if (!is_number(value))
                return *value;
        if (machine_is_constant(machine, value, &k))
                return (struct value){.kind = VALUE_SUM, .term = GRAPH_NONE, .k = k};
        return (struct value){.kind = VALUE_SUM, .term = machine_term(machine, value)};
}

struct value machine_add_constant(struct machine *machine, const struct value *value, int64_t k)
{
        struct value sum = as_sum(machine, value);

        if (!is_sum(&sum) && sum.kind != VALUE_FRAME)
                machine_give_up(machine, "a sum of what is no number and no address");
        sum.k += k;
        return sum;
}

struct value machine_add(struct machine *machine, const struct value *a, const struct value *b)
{
        struct value one = as_sum(machine, a), other = as_sum(machine, b);

        if (!is_sum(&one) || !is_sum(&other) ||
            (one.kind == VALUE_PACKET && other.kind == VALUE_PACKET) ||
            (one.term != GRAPH_NONE && other.term != GRAPH_NONE)) {
                machine_give_up(machine, "a sum of two addresses, or of two terms in 64 bits");
                return one;
        }
        if (other.kind == VALUE_PACKET)
                one.kind = VALUE_PACKET;
        if (one.term == GRAPH_NONE)
                one.term = other.term;
        one.k += other.k;
        return one;
}

struct packet_place machine_place(struct machine *machine, uint32_t base, uint32_t k)
{
        uint32_t byte = graph_load(machine->graph, BPF_B, base, k);

        return (struct packet_place){machine->graph->terms[byte].a, machine->graph->terms[byte].k};
}

struct condition machine_reaches(struct machine *machine, const struct value *sum, bool direct)
{
        struct value far = as_sum(machine, sum);
        struct condition condition = {direct ? CONDITION_DIRECT : CONDITION_THERE, 0, GRAPH_NONE,
                                      0};
        struct packet_place place;

        if (far.k > UINT32_MAX)
                far.k = UINT32_MAX; /* no packet has so many */
        if (!is_sum(&far) || far.k < 0) {
                machine_give_up(machine, "a comparison with what is no address");
                return condition;
        }
        place = machine_place(machine, far.term, (uint32_t)far.k);
        condition.a = place.base;
        condition.b = place.k;
        return condition;
}

/* Operations */

static bool shift_bytes(struct machine *machine, const struct value *a, uint32_t bits, bool left,
                        struct value *result)
{
        unsigned by = bits / 8;

        if (a->kind != VALUE_BYTES || bits % 8 || by >= BYTES)
                return false;
        *result = *a;
        memset(result->order, 0, BYTES);
        for (unsigned i = 0; i + by < BYTES; i++)
                result->order[left ? i + by : i] = a->order[left ? i : i + by];
        *result = normal_bytes(machine, *result);
        return true;
}

/* Where no byte is in both. */
static bool join_bytes(struct machine *machine, const struct value *a, const struct value *b,
                       struct value *result)
{
        int64_t apart = b->k - a->k;

        if (a->kind != VALUE_BYTES || b->kind != VALUE_BYTES || a->term != b->term ||
            apart < -100 || apart > 100)
                return false;
        *result = *a;
        for (unsigned i = 0; i < BYTES; i++) {
                if (a->order[i] && b->order[i])
                        return false;
                if (b->order[i] && apart >= 0)
                        result->order[i] = (uint8_t)(b->order[i] + apart);
                if (a->order[i] && apart < 0)
                        result->order[i] = (uint8_t)(a->order[i] - apart);
                if (b->order[i] && apart < 0)
                        result->order[i] = b->order[i];
        }
        if (apart < 0)
                result->k = b->k;
        *result = normal_bytes(machine, *result);
        return true;
}

struct value machine_operate(struct machine *machine, unsigned code, const struct value *a,
                             const struct value *b)
{
        struct value result;
        uint32_t k;

        if ((code == BPF_LSH || code == BPF_RSH) && machine_is_constant(machine, b, &k) &&
            shift_bytes(machine, a, k, code == BPF_LSH, &result))
                return result;
        if (code == BPF_OR && join_bytes(machine, a, b, &result))
                return result;
        return machine_number(operation(machine, code, machine_term(machine, a),
                                        code == BPF_NEG ? GRAPH_NONE : machine_term(machine, b)));
}

struct value machine_swap(struct machine *machine, const struct value *value, unsigned bits)
{
        struct value swapped = *value;
        uint32_t k;

        if (machine_is_constant(machine, value, &k))
                return machine_constant(machine, bits == 32 ? bswap_32(k) : bswap_16((uint16_t)k));
        if (value->kind == VALUE_BYTES) {
                for (unsigned i = 0; i < BYTES; i++)
                        swapped.order[i] = i < bits / 8 ? value->order[bits / 8 - 1 - i] : 0;
                return normal_bytes(machine, swapped);
        }
        if (value->kind == VALUE_NUMBER && value->swap == bits) {
                swapped.swap = 0;
                return swapped;
        }
        swapped = machine_number(machine_term(machine, value));
        if (bits == 16)
                swapped.term = with(machine, BPF_AND, swapped.term, UINT16_MAX);
        swapped.swap = (uint8_t)bits;
        return swapped;
}

/* What was loaded in the other byte order is compared with a constant in the other order. */
static bool compare_swapped(struct machine *machine, unsigned jump, const struct value *a,
                            const struct value *b, struct condition *condition)
{
        unsigned size = a->kind == VALUE_BYTES ? in_order(a, true) : 0;
        uint32_t k;

        if (size < 2 || (jump != BPF_JEQ && jump != BPF_JSET) ||
            !machine_is_constant(machine, b, &k) || (size == 2 && k > UINT16_MAX))
                return false;
        *condition = (struct condition){
            CONDITION_COMPARISON, (uint8_t)jump, load(machine, a, 1, size),
            graph_constant(machine->graph, size == 4 ? bswap_32(k) : bswap_16((uint16_t)k))};
        return true;
}

struct condition machine_compare(struct machine *machine, unsigned jump, const struct value *a,
                                 const struct value *b)
{
        struct condition condition;

        if (compare_swapped(machine, jump, a, b, &condition))
                return condition;
        return (struct condition){CONDITION_COMPARISON, (uint8_t)jump, machine_term(machine, a),
                                  machine_term(machine, b)};
}

/* The stack */

static struct cell *cell_at(struct machine *machine, struct machine_state *state, int64_t at,
                            unsigned size)
{
        if (at < -MACHINE_STACK || at + (int64_t)size > 0) {
                machine_give_up(machine, "the stack beyond its end");
                return state->stack;
        }
        return &state->stack[at + MACHINE_STACK];
}

static struct cell part_of(const struct value *value, unsigned part)
{
        if (value->kind == VALUE_BYTES && part < BYTES && value->order[part])
                return (struct cell){.kind = VALUE_BYTES,
                                     .term = value->term,
                                     .k = (uint32_t)value->k + value->order[part] - 1};
        if (value->kind == VALUE_NUMBER && part < BYTES)
                return (struct cell){.kind = VALUE_NUMBER,
                                     .part = (uint8_t)part,
                                     .swap = value->swap,
                                     .term = value->term};
        return (struct cell){.kind = VALUE_NUMBER, .part = BYTES}; /* 0 */
}

void machine_store(struct machine *machine, struct machine_state *state, int64_t at, unsigned size,
                   const struct value *value)
{
        struct cell *cell = cell_at(machine, state, at, size);

        if (!is_number(value))
                machine_give_up(machine, "an address on the stack");
        for (unsigned i = 0; i < size; i++)
                cell[i] = part_of(value, i);
}

void machine_copy(struct machine *machine, struct machine_state *state, int64_t at, uint32_t size,
                  const struct value *offset)
{
        struct cell *cell = cell_at(machine, state, at, size);
        struct value from = offset ? as_sum(machine, offset) : (struct value){0};

        if (machine->unmodelled)
                return;
        for (uint32_t i = 0; i < size; i++) {
                struct packet_place place;

                cell[i] = (struct cell){0};
                if (!offset)
                        continue;
                place = machine_place(machine, from.term, (uint32_t)from.k + i);
                cell[i] = (struct cell){.kind = VALUE_BYTES, .term = place.base, .k = place.k};
        }
}

static bool is_zero(const struct cell *cell)
{
        return cell->kind == VALUE_NUMBER && cell->part >= BYTES;
}

/* Bytes of the packet behind one term, and nothing else. */
static bool fetch_bytes(struct machine *machine, const struct cell *cells, unsigned size,
                        struct value *value)
{
        uint32_t least = UINT32_MAX;

        *value = (struct value){.kind = VALUE_BYTES};
        for (unsigned i = 0; i < size && i < BYTES; i++)
                if (cells[i].kind == VALUE_BYTES && cells[i].k < least) {
                        least = cells[i].k;
                        value->term = cells[i].term;
                }
        value->k = least;
        for (unsigned i = 0; i < size; i++) {
                if (is_zero(&cells[i]))
                        continue;
                if (i >= BYTES || cells[i].kind != VALUE_BYTES || cells[i].term != value->term ||
                    cells[i].k - least >= 100)
                        return false;
                value->order[i] = (uint8_t)(cells[i].k - least + 1);
        }
        *value = normal_bytes(machine, *value);
        return true;
}

/* The first bytes of a number; the whole of it, or a byte. */
static bool fetch_number(struct machine *machine, const struct cell *cells, unsigned size,
                         struct value *value)
{
        unsigned parts = size < BYTES ? size : BYTES;

        for (unsigned i = 0; i < size; i++)
                if (i < parts ? cells[i].kind != VALUE_NUMBER || cells[i].part != i ||
                                    cells[i].term != cells[0].term || cells[i].swap != cells[0].swap
                              : !is_zero(&cells[i]))
                        return false;
        *value = machine_number(cells[0].term);
        value->swap = cells[0].swap;
        if (size < BYTES)
                *value = machine_number(with(machine, BPF_AND, machine_term(machine, value),
                                             UINT32_MAX >> (8 * (BYTES - size))));
        return true;
}

struct value machine_fetch(struct machine *machine, const struct machine_state *state, int64_t at,
                           unsigned size)
{
        const struct cell *cells = cell_at(machine, (struct machine_state *)state, at, size);
        struct value value = {0};

        if (!fetch_bytes(machine, cells, size, &value) &&
            !fetch_number(machine, cells, size, &value))
                machine_give_up(machine, "a load from the stack of what is not known");
        return value;
}

/* Terms to code. */
#include "emission.h"

#include <linux/filter.h>

enum {
        MAX_DIRECT = 0xffff, /* bytes; the kernel's verifier knows no longer packets */
};

static const struct term *term_at(const struct emission *emission, uint32_t term)
{
        return &emission->graph->terms[term];
}

/* Registers */

void values_forget(struct emission *emission)
{
        for (unsigned i = 0; i < VALUES; i++)
                emission->state.values[i] = GRAPH_NONE;
        emission->state.swapped = 0;
}

static bool is_swapped(const struct emission *emission, unsigned place)
{
        return emission->state.swapped >> place & 1;
}

/* A register for another value: a free one, or the next in turn. */
static unsigned take(struct emission *emission)
{
        unsigned found = VALUES;

        for (unsigned i = 0; i < VALUES && found == VALUES; i++)
                if (emission->state.values[i] == GRAPH_NONE && !(emission->pinned >> i & 1))
                        found = i;
        for (unsigned i = 0; i < VALUES && found == VALUES; i++) {
                unsigned next = (emission->turn + i) % VALUES;

                if (!(emission->pinned >> next & 1))
                        found = next;
        }
        if (found == VALUES) {
                emission->impossible = true; /* a term of terms of terms, each with two sides */
                return 0;
        }
        emission->turn = (found + 1) % VALUES;
        emission->state.values[found] = GRAPH_NONE;
        emission->pinned |= (uint8_t)(1u << found);
        return found;
}

static void release(struct emission *emission, unsigned place)
{
        emission->pinned &= (uint8_t) ~(1u << place);
}

static void keep(struct emission *emission, unsigned place, uint32_t term, bool swapped)
{
        code_note_term(&emission->code, place, term, swapped);
        emission->state.values[place] = term;
        emission->state.swapped &= (uint8_t) ~(1u << place);
        emission->state.swapped |= (uint8_t)(swapped << place);
}

/* Places in the packet */

static unsigned size_code(unsigned code)
{
        return code == BPF_W ? SIZE_W : code == BPF_H ? SIZE_H : SIZE_B;
}

/* True if the verifier, too, knows that the value is small. It forgets what it knows when bytes are
 * swapped. */
static bool is_seen_small(const struct emission *emission, uint32_t number, int depth)
{
        const struct term *term = term_at(emission, number);

        if (depth == 0)
                return false;
        if (term->kind == TERM_CONSTANT)
                return term->k <= MAX_DIRECT;
        if (term->kind == TERM_LOAD)
                return is_packet_load(term) && term->code == BPF_B;
        if (term->kind != TERM_OPERATION || term->b == GRAPH_NONE)
                return false;
        if (term->code == BPF_AND)
                return term_at(emission, term->b)->kind == TERM_CONSTANT;
        if (term->code == BPF_ADD)
                return is_seen_small(emission, term->a, depth - 1) &&
                       is_seen_small(emission, term->b, depth - 1);
        return (term->code == BPF_LSH || term->code == BPF_RSH) &&
               term_at(emission, term->b)->kind == TERM_CONSTANT &&
               is_seen_small(emission, term->a, depth - 1);
}

/* Adds a number, which may be too large for an instruction. */
static void add_to(struct emission *emission, unsigned place, uint32_t number)
{
        if (number > 0)
                code_put(&emission->code, CLASS_ALU64 | ALU_ADD, place, 0, 0, (int32_t)number);
}

/* Where a node goes on whose packet has fewer bytes here than are to be read: it is too short, or
 * goes on by copies. */
static uint32_t too_short(struct emission *emission, uint32_t node)
{
        return emission->target->fragments || emission->target->peek
                   ? emission_target(emission, BY_COPIES, node)
                   : emission_reject(emission);
}

/* Compares `end` bytes after a place with END: the packet's end or, where it is peeked at, the
 * number of its bytes. */
static void check_end(struct emission *emission, uint32_t node, unsigned place, uint32_t end)
{
        struct code *code = &emission->code;
        bool peeks = emission->target->peek;
        unsigned scratch;

        if (peeks && place == START) {
                code_jump(code, CLASS_JMP | JUMP_LT, END, 0, (int32_t)end,
                          too_short(emission, node));
                return;
        }
        scratch = take(emission);
        release(emission, scratch);
        code_put(code, CLASS_ALU64 | ALU_MOV | BY_REGISTER, scratch, place, 0, 0);
        if (peeks)
                code_put(code, CLASS_ALU64 | ALU_SUB | BY_REGISTER, scratch, START, 0, 0);
        add_to(emission, scratch, end);
        code_jump(code, CLASS_JMP | JUMP_GT | BY_REGISTER, scratch, END, 0,
                  too_short(emission, node));
}

/* Calls the helper: copies `length` bytes from `offset` in the packet, after what is in register
 * `place` if that is not FRAME, to `below` the frame pointer. */
static void copy(struct emission *emission, unsigned place, uint32_t offset, int below,
                 uint32_t length)
{
        const struct copier *copier = emission->context->copier;
        struct code *code = &emission->code;

        if (emission->context->is_address) {
                skb_copy(emission, place, offset, below, length);
                values_forget(emission);
                return;
        }
        if (place == FRAME) {
                code_put(code, CLASS_ALU | ALU_MOV, copier->offset, 0, 0, (int32_t)offset);
        } else {
                code_put(code, CLASS_ALU | ALU_MOV | BY_REGISTER, copier->offset, place, 0, 0);
                if (offset > 0)
                        code_put(code, CLASS_ALU | ALU_ADD, copier->offset, 0, 0, (int32_t)offset);
        }
        if (emission->context->is_dynptr) {
                code_address(code, copier->from, DYNPTR_AREA);
                code_put(code, CLASS_ALU | ALU_MOV, 5, 0, 0, 0); /* flags */
        } else {
                code_put(code, CLASS_ALU64 | ALU_MOV | BY_REGISTER, copier->from, CONTEXT, 0, 0);
                emission->uses_context = true;
        }
        code_address(code, copier->to, below);
        code_put(code, CLASS_ALU | ALU_MOV, copier->length, 0, 0, (int32_t)length);
        code_put(code, CLASS_JMP | JUMP_CALL, 0, 0, 0, copier->helper);
        values_forget(emission);
        code_jump(code, CLASS_JMP | JUMP_NE, 0, 0, 0, emission_reject(emission));
}

static void prepare_start(void *context, uint32_t node, uint32_t own)
{
        struct emission *emission = context;
        const struct base *base = &emission->needs.bases[0];
        uint32_t from = emission->state.checked, end;

        if (from >= own)
                return;
        end = reach_end(emission->graph, &emission->needs, emission->way, 0, node, own);
        if (emission->way == DIRECT) {
                check_end(emission, node, START, end);
        } else {
                if (from < base->lowest)
                        from = base->lowest;
                copy(emission, FRAME, from, START_AREA - (int)(from - needs_origin(base)),
                     end - from);
        }
        emission->state.checked = end;
}

/* PLACE becomes START and what is in `from`. */
static void place_directly(struct emission *emission, unsigned from, uint32_t number)
{
        struct code *code = &emission->code;
        bool peeks = emission->target->peek;

        /* In the order of peeking the verifier takes the sum for a pointer. */
        code_put(code, CLASS_ALU64 | ALU_MOV | BY_REGISTER, PLACE, peeks ? START : from, 0, 0);
        if (!peeks && !is_seen_small(emission, number, 8))
                code_jump(code, CLASS_JMP | JUMP_GT, PLACE, 0,
                          (int32_t)term_at(emission, number)->high, emission_reject(emission));
        code_put(code, CLASS_ALU64 | ALU_ADD | BY_REGISTER, PLACE, peeks ? from : START, 0, 0);
}

/* Has PLACE be the place of the base. */
static void go_to_base(struct emission *emission, uint32_t base)
{
        uint32_t term = emission->needs.bases[base].term;
        unsigned from;

        if (emission->state.base == base)
                return;
        from = values_compute(emission, term, false);
        if (emission->way == DIRECT)
                place_directly(emission, from, term);
        else
                code_put(&emission->code, CLASS_ALU64 | ALU_MOV | BY_REGISTER, PLACE, from, 0, 0);
        code_note_term(&emission->code, PLACE, term, false);
        emission->state.base = base;
        emission->state.base_checked = 0;
}

static void prepare_base(void *context, uint32_t node, uint32_t base, uint32_t own)
{
        struct emission *emission = context;
        const struct base *found = &emission->needs.bases[base];
        uint32_t from, end;

        go_to_base(emission, base);
        from = emission->state.base_checked;
        if (from >= own)
                return;
        end = reach_end(emission->graph, &emission->needs, emission->way, base, node, own);
        if (emission->way == DIRECT) {
                check_end(emission, node, PLACE, end);
        } else {
                if (from < found->lowest)
                        from = found->lowest;
                copy(emission, PLACE, from, BASE_AREA - (int)(from - needs_origin(found)),
                     end - from);
        }
        emission->state.base_checked = end;
}

/* Copies what a load takes by itself to `below` the frame pointer, where all of the packet can be
 * read directly: without the helper, which not every kernel has at XDP. */
static void copy_directly(struct emission *emission, const struct term *load, int below)
{
        struct code *code = &emission->code;
        unsigned size = size_code(load->code), place, end;

        if (load->a == GRAPH_NONE) {
                place = take(emission);
                code_put(code, CLASS_ALU | ALU_MOV, place, 0, 0, (int32_t)load->k);
        } else {
                unsigned from = values_compute(emission, load->a, false);

                place = take(emission);
                code_put(code, CLASS_ALU | ALU_MOV | BY_REGISTER, place, from, 0, 0);
                if (load->k > 0)
                        code_put(code, CLASS_ALU | ALU_ADD, place, 0, 0, (int32_t)load->k);
        }
        code_jump(code, CLASS_JMP | JUMP_GT, place, 0, MAX_DIRECT - 4, emission_reject(emission));
        code_put(code, CLASS_ALU64 | ALU_ADD | BY_REGISTER, place, START, 0, 0);
        end = take(emission);
        code_put(code, CLASS_ALU64 | ALU_MOV | BY_REGISTER, end, place, 0, 0);
        add_to(emission, end, graph_load_size(load));
        code_jump(code, CLASS_JMP | JUMP_GT | BY_REGISTER, end, END, 0, emission_reject(emission));
        code_put(code, CLASS_LDX | MODE_MEM | size, end, place, 0, 0);
        code_put(code, CLASS_STX | MODE_MEM | size, FRAME, end, -below, 0);
        release(emission, place);
        release(emission, end);
}

/* Copies what a load takes by itself. */
static void prepare_single(void *context, uint32_t number, unsigned slot)
{
        struct emission *emission = context;
        const struct term *load = term_at(emission, number);
        int below = VARIABLE_AREA + 8 * ((int)slot + 1);

        if (emission->way == DIRECT && !emission->target->fragments && !emission->target->peek)
                copy_directly(emission, load, below);
        else
                copy(emission,
                     load->a == GRAPH_NONE ? FRAME : values_compute(emission, load->a, false),
                     load->k, below, graph_load_size(load));
}

void values_prepare(struct emission *emission, uint32_t node, uint32_t term)
{
        const struct reach reach = {
            .graph = emission->graph,
            .needs = &emission->needs,
            .way = emission->way,
            .singles = emission->singles,
            .base = &emission->state.base,
            .impossible = &emission->impossible,
            .context = emission,
            .look_at_start = prepare_start,
            .look_at_base = prepare_base,
            .copy_single = prepare_single,
        };

        reach_prepare(&reach, node, term);
}

/* Computing */

static void swap_bytes(struct emission *emission, unsigned place, unsigned bits)
{
        code_put(&emission->code, CLASS_ALU | ALU_END | BY_REGISTER, place, 0, 0, (int32_t)bits);
}

/* Loads from the stack must be aligned: puts one together from halves that are, or halves of
 * halves. */
static void load_pieces(struct emission *emission, unsigned to, uint32_t size, int32_t offset)
{
        static const unsigned codes[] = {[1] = SIZE_B, [2] = SIZE_H, [4] = SIZE_W};
        struct code *code = &emission->code;
        unsigned half;
        bool upper_first = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

        if (offset % (int32_t)size == 0) {
                code_put(code, CLASS_LDX | MODE_MEM | codes[size], to, FRAME, offset, 0);
                return;
        }
        half = take(emission);
        load_pieces(emission, upper_first ? half : to, size / 2, offset);
        load_pieces(emission, upper_first ? to : half, size / 2, offset + (int32_t)size / 2);
        code_put(code, CLASS_ALU | BPF_LSH, half, 0, 0, (int32_t)size * 4);
        code_put(code, CLASS_ALU | BPF_OR | BY_REGISTER, to, half, 0, 0);
        release(emission, half);
}

/* Of the packet, where it is or where its copy is. */
static unsigned load_from(struct emission *emission, const struct term *load, unsigned base,
                          int32_t offset, bool swapped)
{
        unsigned to = take(emission);

        if (base == FRAME)
                load_pieces(emission, to, graph_load_size(load), offset);
        else
                code_put(&emission->code, CLASS_LDX | MODE_MEM | size_code(load->code), to, base,
                         offset, 0);
        if (!swapped && load->code != BPF_B)
                swap_bytes(emission, to, load->code == BPF_W ? 32 : 16);
        return to;
}

static unsigned compute_field(struct emission *emission, const struct term *load)
{
        unsigned to = take(emission);
        uint16_t field = 0;
        bool swapped = false;

        if (emission->context->is_address) {
                skb_load_metadata(emission, to, load->k);
                return to;
        }
        if (!context_field(emission->context, load->k, &field, &swapped))
                emission->impossible = true;
        code_put(&emission->code, CLASS_LDX | MODE_MEM | SIZE_W, to, CONTEXT, field, 0);
        emission->uses_context = true;
        if (swapped)
                swap_bytes(emission, to, 16);
        return to;
}

static unsigned compute_load(struct emission *emission, uint32_t number, bool swapped)
{
        const struct term *load = term_at(emission, number);
        uint32_t base;
        int slot = reach_single(emission->singles, number);

        if (!is_packet_load(load))
                return compute_field(emission, load);
        if (slot >= 0)
                return load_from(emission, load, FRAME, -(VARIABLE_AREA + 8 * (slot + 1)), swapped);
        base = needs_base(&emission->needs, load->a);
        if (base > 0 && emission->state.base != base)
                emission->impossible = true; /* two bases in one term */
        if (emission->way == DIRECT)
                return load_from(emission, load, base ? PLACE : START, (int32_t)load->k, swapped);
        return load_from(emission, load, FRAME,
                         (int32_t)(load->k - needs_origin(&emission->needs.bases[base])) -
                             (base ? (int)BASE_AREA : (int)START_AREA),
                         swapped);
}

static unsigned compute_length(struct emission *emission)
{
        unsigned to = take(emission);

        if (emission->context->is_dynptr) {
                emission->uses_context = true;
                code_put(&emission->code, CLASS_LDX | MODE_MEM | SIZE_DW, to, CONTEXT, NF_SKB, 0);
                code_put(&emission->code, CLASS_LDX | MODE_MEM | SIZE_W, to, to,
                         emission->target->netfilter->length, 0);
        } else if (emission->context->has_length) {
                emission->uses_context = true;
                code_put(&emission->code, CLASS_LDX | MODE_MEM | SIZE_W, to, CONTEXT,
                         emission->context->length, 0);
        } else if (emission_keeps_length(emission) || emission->context->is_address) {
                code_put(&emission->code, CLASS_LDX | MODE_MEM | SIZE_DW, to, FRAME, -LENGTH_AREA,
                         0);
        } else {
                code_put(&emission->code, CLASS_ALU64 | ALU_MOV | BY_REGISTER, to, END, 0, 0);
                code_put(&emission->code, CLASS_ALU64 | ALU_SUB | BY_REGISTER, to, START, 0, 0);
        }
        return to;
}

static uint32_t weight(const struct emission *emission, uint32_t number, int depth)
{
        const struct term *term = term_at(emission, number);

        if (depth == 0 || term->kind < TERM_OPERATION)
                return 1;
        return 1 + weight(emission, term->a, depth - 1) +
               (term->b == GRAPH_NONE ? 0 : weight(emission, term->b, depth - 1));
}

/* Both sides of an operation or a comparison, the one that takes more registers first. */
static void compute_sides(struct emission *emission, const struct term *term, unsigned sides[2])
{
        bool second_first = weight(emission, term->b, 6) > weight(emission, term->a, 6);

        sides[second_first] = values_compute(emission, second_first ? term->b : term->a, false);
        emission->pinned |= (uint8_t)(1u << sides[second_first]);
        sides[!second_first] = values_compute(emission, second_first ? term->a : term->b, false);
        emission->pinned |= (uint8_t)(1u << sides[!second_first]);
}

/* A register for the result of an operation on what is in `from`: the same, if nothing else needs
 * that. */
static unsigned take_result(struct emission *emission, uint32_t term, unsigned from)
{
        unsigned to = from;

        if (emission->uses[term] == 1) {
                emission->state.values[from] = GRAPH_NONE;
                return from;
        }
        to = take(emission);
        code_put(&emission->code, CLASS_ALU | ALU_MOV | BY_REGISTER, to, from, 0, 0);
        release(emission, from);
        return to;
}

/* A shift by more than 31, of which the machine takes the lower bits only, leaves nothing. */
static void lose_all_bits(struct emission *emission, unsigned value, unsigned shift)
{
        uint32_t label = code_label(&emission->code);

        code_jump(&emission->code, CLASS_JMP32 | JUMP_LE, shift, 0, 31, label);
        code_put(&emission->code, CLASS_ALU | ALU_MOV, value, 0, 0, 0);
        code_here(&emission->code, label);
}

static unsigned compute_operation(struct emission *emission, const struct term *term)
{
        struct code *code = &emission->code;
        unsigned operation = CLASS_ALU | term->code, to, sides[2];

        if (term->b == GRAPH_NONE || term_at(emission, term->b)->kind == TERM_CONSTANT) {
                sides[0] = values_compute(emission, term->a, false);
                emission->pinned |= (uint8_t)(1u << sides[0]);
                to = take_result(emission, term->a, sides[0]);
                code_put(code, operation, to, 0, 0,
                         term->b == GRAPH_NONE ? 0 : (int32_t)term_at(emission, term->b)->k);
                return to;
        }
        compute_sides(emission, term, sides);
        to = take_result(emission, term->a, sides[0]);
        if ((term->code == BPF_LSH || term->code == BPF_RSH) &&
            term_at(emission, term->b)->high > 31)
                lose_all_bits(emission, to, sides[1]);
        code_put(code, operation | BY_REGISTER, to, sides[1], 0, 0);
        if (sides[1] != to)
                release(emission, sides[1]);
        return to;
}

static unsigned compute_stored(struct emission *emission, const struct term *term)
{
        unsigned to = take(emission);

        code_put(&emission->code, CLASS_LDX | MODE_MEM | SIZE_DW, to, FRAME,
                 emission_slot(term->kind, term->k), 0);
        return to;
}

static unsigned compute_new(struct emission *emission, uint32_t number, bool swapped)
{
        const struct term *term = term_at(emission, number);
        unsigned to = 0;

        switch (term->kind) {
        case TERM_CONSTANT:
                to = take(emission);
                code_put(&emission->code, CLASS_ALU | ALU_MOV, to, 0, 0, (int32_t)term->k);
                return to;
        case TERM_LENGTH: return compute_length(emission);
        case TERM_VARIABLE:
        case TERM_ARGUMENT: return compute_stored(emission, term);
        case TERM_LOAD: return compute_load(emission, number, swapped);
        case TERM_OPERATION: return compute_operation(emission, term);
        }
        emission->impossible = true; /* a comparison as a value */
        return to;
}

unsigned values_compute(struct emission *emission, uint32_t term, bool swapped)
{
        unsigned to = 0;

        if (emission->impossible)
                return 0;
        while (to < VALUES &&
               (emission->state.values[to] != term || is_swapped(emission, to) != swapped))
                to++;
        if (to < VALUES)
                return to;
        to = compute_new(emission, term, swapped);
        release(emission, to);
        keep(emission, to, term, swapped);
        return to;
}

void values_forget_kind(struct emission *emission, unsigned kind, uint32_t k)
{
        struct state *state = &emission->state;
        const struct graph *graph = emission->graph;

        for (uint32_t term = 0; term < graph->term_count; term++) {
                if (graph->terms[term].kind != kind || graph->terms[term].k != k)
                        continue;
                for (unsigned i = 0; i < VALUES; i++)
                        if (state->values[i] != GRAPH_NONE &&
                            graph_contains(graph, state->values[i], term))
                                state->values[i] = GRAPH_NONE;
                if (state->base > 0 &&
                    graph_contains(graph, emission->needs.bases[state->base].term, term))
                        state->base = state->base_checked = 0;
        }
}

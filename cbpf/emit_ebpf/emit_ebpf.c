/* A decision graph to extended BPF: node after node.
 *
 * A node is emitted once all ways to it are known (per way of reading), and follows, where that can
 * be, the node that goes on to it. What the registers hold at its begin is what they hold on all
 * ways to it. */
#include "emission.h"

#include <stdlib.h>
#include <string.h>

/* Nodes */

static void emit_return_of(struct emission *emission, uint32_t number)
{
        uint32_t term = emission->graph->nodes[number].term;
        unsigned from;

        if (emission->target->verdicts)
                emission->impossible = true;
        values_prepare(emission, number, term);
        from = values_compute(emission, term, false);
        if (from != 0)
                code_put(&emission->code, CLASS_ALU | ALU_MOV | BY_REGISTER, 0, from, 0, 0);
        code_put(&emission->code, CLASS_JMP | JUMP_EXIT, 0, 0, 0, 0);
}

/* A value that a node stores on the stack. */
struct stored {
        uint32_t term; /* or GRAPH_NONE */
        unsigned kind; /* TERM_VARIABLE or TERM_ARGUMENT */
        uint32_t k;
        unsigned from; /* register */
};

/* The verifier follows every path with the positions that are known there, and keeps paths apart
 * that differ in these: a walk through layers is more than it follows. With a number added of which
 * it knows nothing, they are all the same to it. */
static bool hides_positions(const struct emission *emission)
{
        return emission->target->hides_positions && emission->context->direct &&
               emission->graph->variables > 0;
}

static void begin_hiding(struct emission *emission)
{
        struct code *code = &emission->code;

        code_put(code, CLASS_LDX | MODE_MEM | SIZE_W, 0, 1, emission->context->unknown, 0);
        code_put(code, CLASS_ALU64 | ALU_MOV | BY_REGISTER, 2, 0, 0, 0);
        code_put(code, CLASS_ALU64 | ALU_SUB | BY_REGISTER, 2, 0, 0, 0);
        code_put(code, CLASS_STX | MODE_MEM | SIZE_DW, FRAME, 2, -ZERO_AREA, 0);
}

static void hide(struct emission *emission, unsigned value, unsigned other)
{
        unsigned zero = 0;

        while (zero == value || zero == other)
                zero++;
        emission->state.values[zero] = emission->state.values[value] = GRAPH_NONE;
        code_put(&emission->code, CLASS_LDX | MODE_MEM | SIZE_DW, zero, FRAME, -ZERO_AREA, 0);
        code_put(&emission->code, CLASS_ALU | ALU_ADD | BY_REGISTER, value, zero, 0, 0);
}

/* Stores up to two, which both are made of what holds before. */
static void emit_stores(struct emission *emission, uint32_t number, struct stored stored[2])
{
        for (int i = 0; i < 2; i++)
                if (stored[i].term != GRAPH_NONE)
                        values_prepare(emission, number, stored[i].term);
        for (int i = 0; i < 2; i++)
                if (stored[i].term != GRAPH_NONE) {
                        stored[i].from = values_compute(emission, stored[i].term, false);
                        emission->pinned |= (uint8_t)(1u << stored[i].from);
                }
        emission->pinned = 0;
        for (int i = 0; i < 2; i++)
                if (stored[i].term != GRAPH_NONE) {
                        if (hides_positions(emission) && stored[i].kind == TERM_VARIABLE)
                                hide(emission, stored[i].from, stored[!i].from);
                        code_put(&emission->code, CLASS_STX | MODE_MEM | SIZE_DW, FRAME,
                                 stored[i].from, emission_slot(stored[i].kind, stored[i].k), 0);
                        values_forget_kind(emission, stored[i].kind, stored[i].k);
                }
        emission_go(emission, emission->graph->nodes[number].arms[0].to);
}

static void emit_set(struct emission *emission, uint32_t number)
{
        const struct node *node = &emission->graph->nodes[number];
        struct stored stored[] = {{node->term, TERM_VARIABLE, node->k, 0},
                                  {node->arms[0].from, TERM_ARGUMENT, 0, 0}};

        emit_stores(emission, number, stored);
}

static void emit_call(struct emission *emission, uint32_t number)
{
        const struct node *node = &emission->graph->nodes[number];
        struct stored stored[] = {{node->term, TERM_ARGUMENT, 0, 0},
                                  {node->k, TERM_ARGUMENT, 1, 0}};

        emit_stores(emission, number, stored);
}

static struct cbpf_extended_origin origin_of(uint32_t node, enum way way)
{
        return (struct cbpf_extended_origin){
            .node = node, .term = GRAPH_NONE, .by_copies = way == BY_COPIES};
}

static void emit_node(struct emission *emission, uint32_t number)
{
        const struct node *node = &emission->graph->nodes[number];

        emission->state = *emission_state(emission, emission->way, number);
        emission->pinned = 0;
        emission->code.origin = origin_of(number, emission->way);
        code_here(&emission->code, *emission_label(emission, emission->way, number));
        switch (node->kind) {
        case NODE_SWITCH: switch_emit(emission, number); break;
        case NODE_RETURN_TERM: emit_return_of(emission, number); break;
        case NODE_SET: emit_set(emission, number); break;
        case NODE_CALL: emit_call(emission, number); break;
        }
}

/* What a node leads to has a lower number, so descending numbers are an order in which all ways to
 * a node come before it. */
static void emit_nodes(struct emission *emission)
{
        for (uint32_t i = emission->graph->root + 1; i-- > 0 && !emission->impossible;)
                if (emission_state(emission, emission->way, i)->arrived &&
                    !emission_ends(emission, i))
                        emit_node(emission, i);
}

/* What stands for a value that the classic program returns. */
static uint32_t result_for(const struct emission *emission, uint32_t value)
{
        const struct cbpf_verdicts *verdicts = emission->target->verdicts;

        if (!verdicts)
                return value;
        return (uint32_t)(value ? verdicts->accept : verdicts->reject);
}

/* Goes on to an entry of the table, if there is one. */
static void emit_tail_call(struct emission *emission, int32_t entry)
{
        struct code *code = &emission->code;

        emission->uses_context = true;
        code_put(code, CLASS_ALU64 | ALU_MOV | BY_REGISTER, 1, CONTEXT, 0, 0);
        code_put(code, CBPF_EXTENDED_LOAD, 2, CBPF_EXTENDED_MAP, 0, (int32_t)emission->map_count);
        code_put(code, 0, 0, 0, 0, 0); /* the other half */
        code_put(code, CLASS_ALU | ALU_MOV, 3, 0, 0, entry);
        code_put(code, CLASS_JMP | JUMP_CALL, 0, 0, 0, TAIL_CALL);
}

/* Ends with what stands for a value that the classic program returns. */
static void emit_end(struct emission *emission, uint32_t returned)
{
        const struct cbpf_extended_table *table = emission->target->table;
        uint32_t value = result_for(emission, returned);

        if (table && (returned ? table->accept : table->reject) != CBPF_NO_ENTRY)
                emit_tail_call(emission, returned ? table->accept : table->reject);
        code_put(&emission->code, CLASS_ALU | ALU_MOV, 0, 0, 0, (int32_t)value);
        code_put(&emission->code, CLASS_JMP | JUMP_EXIT, 0, 0, 0, 0);
}

static void emit_return(struct emission *emission, uint32_t number)
{
        const struct node *node = &emission->graph->nodes[number];
        uint32_t label = *emission_label(emission, DIRECT, number);

        if (node->kind != NODE_RETURN || !emission_state(emission, DIRECT, number)->arrived ||
            emission->code.places[label] != NOWHERE)
                return;
        emission->code.origin = origin_of(number, DIRECT);
        code_here(&emission->code, label);
        if (node->k == 0 && emission->reject != NOWHERE) {
                code_here(&emission->code, emission->reject);
                emission->reject = NOWHERE;
        }
        emit_end(emission, node->k);
}

/* First what the last node goes on to. */
static void emit_returns(struct emission *emission)
{
        const struct code *code = &emission->code;

        for (uint32_t i = emission->graph->root + 1; i-- > 0;) {
                const uint32_t *label = emission_label(emission, DIRECT, i);

                if (!code->failed && emission_ends(emission, i) && *label != NOWHERE &&
                    code->count > 0 && code->lines[code->count - 1].label == *label)
                        emit_return(emission, i);
        }
        for (uint32_t i = emission->graph->root + 1; i-- > 0 && !code->failed;)
                emit_return(emission, i);
        if (emission->reject != NOWHERE) {
                emission->code.origin = origin_of(NOWHERE, DIRECT);
                code_here(&emission->code, emission->reject);
                emit_end(emission, 0);
        }
}

static bool is_constant(const struct graph *graph)
{
        return graph->nodes[graph->root].kind == NODE_RETURN;
}

/* START becomes the packet's first byte, END the number of those that lie there in a row. */
static void begin_peeking(struct emission *emission)
{
        const struct cbpf_extended_peek *peek = emission->target->peek;
        struct code *code = &emission->code;

        code_put(code, CLASS_JMP | JUMP_CALL, 0, KERNEL_FUNCTION, 0, peek->to_kernel);
        code_put(code, CLASS_LDX | MODE_MEM | SIZE_W, END, 0, peek->length, 0);
        code_put(code, CLASS_LDX | MODE_MEM | SIZE_W, 2, 0, peek->data_length, 0);
        code_put(code, CLASS_ALU | ALU_SUB | BY_REGISTER, END, 2, 0, 0);
        code_put(code, CLASS_LDX | MODE_MEM | SIZE_DW, START, 0, peek->data, 0);
}

/* Makes a dynptr of the packet, by which the rest is read. */
static void begin_dynptr(struct emission *emission)
{
        struct code *code = &emission->code;

        code_put(code, CLASS_LDX | MODE_MEM | SIZE_DW, 1, 1, NF_SKB, 0);
        code_put(code, CLASS_ALU | ALU_MOV, 2, 0, 0, 0); /* flags */
        code_address(code, 3, DYNPTR_AREA);
        code_put(code, CLASS_JMP | JUMP_CALL, 0, KERNEL_FUNCTION, 0,
                 emission->target->netfilter->to_dynptr);
}

static bool asks_length(const struct emission *emission)
{
        const struct graph *graph = emission->graph;

        for (uint32_t i = 0; i < graph->term_count; i++)
                if (graph->terms[i].kind == TERM_LENGTH && emission->uses[i] > 0)
                        return true;
        return false;
}

static void begin_length(struct emission *emission)
{
        struct code *code = &emission->code;

        emission->uses_context = true;
        code_put(code, CLASS_JMP | JUMP_CALL, 0, 0, 0, emission->context->length_helper);
        code_put(code, CLASS_STX | MODE_MEM | SIZE_DW, FRAME, 0, -LENGTH_AREA, 0);
        code_put(code, CLASS_ALU64 | ALU_MOV | BY_REGISTER, 1, CONTEXT, 0, 0);
}

static bool looks_at_packet(const struct emission *emission)
{
        return !is_constant(emission->graph) &&
               (emission->needs.count > 1 || emission->needs.bases[0].lowest != UINT32_MAX);
}

static void begin(struct emission *emission)
{
        const struct context *context = emission->context;

        code_put(&emission->code, CLASS_ALU64 | ALU_MOV | BY_REGISTER, CONTEXT, 1, 0, 0);
        emission->way = context->direct || emission->target->peek ? DIRECT : BY_COPIES;
        if (emission_keeps_length(emission) && asks_length(emission))
                begin_length(emission);
        if (hides_positions(emission))
                begin_hiding(emission);
        if (emission->target->peek && looks_at_packet(emission)) {
                begin_peeking(emission);
        } else if (context->is_dynptr && looks_at_packet(emission)) {
                begin_dynptr(emission);
        } else if (context->is_address && !is_constant(emission->graph)) {
                skb_begin(emission);
        } else if (context->direct && !is_constant(emission->graph)) {
                code_put(&emission->code, CLASS_LDX | MODE_MEM | SIZE_W, START, 1, context->data,
                         0);
                code_put(&emission->code, CLASS_LDX | MODE_MEM | SIZE_W, END, 1, context->data_end,
                         0);
        }
        values_forget(emission);
        emission_target(emission, emission->way, emission->graph->root);
}

/* Nothing has used the first instruction, which keeps the context. */
static void drop_first(struct code *code)
{
        if (code->failed)
                return;
        memmove(code->lines, code->lines + 1, --code->count * sizeof *code->lines);
        for (uint32_t i = 0; i < code->labels; i++)
                code->places[i] -= code->places[i] != NOWHERE && code->places[i] > 0;
}

static void count_use(struct emission *emission, uint32_t term)
{
        emission->uses[term] += emission->uses[term] < 2;
}

/* A term's number is above those it is made of. */
static void count_uses(struct emission *emission)
{
        const struct graph *graph = emission->graph;

        for (uint32_t i = 0; i <= graph->root; i++) {
                const struct node *node = &graph->nodes[i];

                if (!emission->needs.reached[i] || node->kind == NODE_RETURN)
                        continue;
                if (node->term != GRAPH_NONE)
                        count_use(emission, node->term);
                if (node->kind == NODE_SET && node->arms[0].from != GRAPH_NONE)
                        count_use(emission, node->arms[0].from);
                if (node->kind == NODE_CALL && node->k != GRAPH_NONE)
                        count_use(emission, node->k);
        }
        for (uint32_t i = graph->term_count; i-- > 0;) {
                const struct term *term = &graph->terms[i];

                if (!emission->uses[i] || term->kind < TERM_LOAD)
                        continue;
                if (term->a != GRAPH_NONE)
                        count_use(emission, term->a);
                if (term->kind > TERM_LOAD && term->b != GRAPH_NONE)
                        count_use(emission, term->b);
        }
}

static bool start(struct emission *emission)
{
        size_t nodes = (size_t)emission->graph->root + 1;

        needs_find(&emission->needs, emission->graph);
        emission->states = calloc(WAYS * nodes, sizeof *emission->states);
        emission->labels = malloc(WAYS * nodes * sizeof *emission->labels);
        emission->uses = calloc((size_t)emission->graph->term_count + 1, 1);
        if (emission->needs.failed || !emission->states || !emission->labels || !emission->uses)
                return false;
        memset(emission->labels, 0xff, WAYS * nodes * sizeof *emission->labels);
        count_uses(emission);
        return !emission->target->maps || set_count_paths(emission);
}

static void end(struct emission *emission)
{
        needs_free(&emission->needs);
        code_free(&emission->code);
        free(emission->states);
        free(emission->labels);
        free(emission->uses);
        free(emission->paths);
        extended_free_maps(emission->maps, emission->map_count);
}

static void give_maps(struct emission *emission, struct cbpf_extended_program *program)
{
        program->maps = emission->maps;
        program->map_count = emission->map_count;
        emission->maps = NULL;
        emission->map_count = 0;
}

/* Makes the program of the code, in which all labels have their places. */
static int finish(struct emission *emission, struct cbpf_extended_program *program)
{
        const bool far_jumps = emission->target->far_jumps;
        struct code *code = &emission->code;

        code_drop_gotos(code);
        if (!far_jumps && code->count > INT16_MAX)
                code_add_relays(code);
        return code_pending(code) > MAX_PENDING ? EMIT_TOO_LONG
                                                : code_assemble(code, far_jumps, program);
}

int emit_ebpf(const struct graph *graph, const struct cbpf_extended_target *target,
              struct cbpf_extended_program *program)
{
        struct emission emission = {
            .graph = graph,
            .target = target,
            .context = &emission_contexts[target->context],
            .reject = NOWHERE,
            .code = {.origin = origin_of(NOWHERE, DIRECT)},
        };
        int result = -1;

        *program = (struct cbpf_extended_program){0};
        if (start(&emission)) {
                begin(&emission);
                emit_nodes(&emission);
                if (emission.way == DIRECT && (target->fragments || target->peek)) {
                        emission.way = BY_COPIES;
                        emit_nodes(&emission);
                }
                emit_returns(&emission);
                if (!emission.uses_context)
                        drop_first(&emission.code);
                result = emission.impossible ? EMIT_UNTOLD : finish(&emission, program);
                if (result == 0)
                        give_maps(&emission, program);
        }
        end(&emission);
        return result;
}

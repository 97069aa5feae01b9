/* What a question asks: of a packet, of which the interpreters answer it; and of diagrams. */
#include "question.h"

enum { MAX_ARGUMENT = 4096 };

static bool graph_accepts(struct term_values *values, uint32_t root,
                          const struct proof_packet *packet)
{
        const struct node *node = &values->graph->nodes[root];

        while (node->kind == NODE_SWITCH) {
                uint32_t value = term_value(values, node->term, packet);

                node = &values->graph->nodes[node->arms[graph_arm(node, value)].to];
        }
        return (node->kind == NODE_RETURN ? node->k : term_value(values, node->term, packet)) != 0;
}

/* What there is but a graph of: for some value of its arguments, which are compared with numbers of
 * bytes. */
static bool graph_answers(const struct proof *proof, const struct proof_program *program,
                          const struct proof_packet *packet, bool accepts)
{
        struct term_values values;
        bool found = false;

        if (term_values_start(&values, proof))
                for (uint32_t i = 0; i <= packet->captured && i <= MAX_ARGUMENT && !found; i++) {
                        values.argument = i == MAX_ARGUMENT ? packet->captured : i;
                        term_values_forget(&values);
                        found = graph_accepts(&values, program->root, packet) == accepts;
                }
        term_values_free(&values);
        return found;
}

/* Asking the interpreters: libpcap's, too, where it runs the program, as it knows no ancillary
 * data. What a completed packet would have too far away is not there to be asked. */
static bool answers(const struct proof *proof, const struct proof_program *program,
                    const struct proof_packet *packet, bool accepts)
{
        uint32_t captured = program->completed ? PROOF_ROOM : packet->captured;
        struct packet seen = {packet->data, captured, packet->length};
        bool file = proof->settings.place == CBPF_FILE;
        struct cbpf_outcome outcome;

        if (!program->program)
                return graph_answers(proof, program, packet, accepts);
        if (file && !program->completed)
                return (cbpf_run(program->program, &seen) != 0) == accepts &&
                       (bpf_filter(program->program->bf_insns, packet->data, packet->length,
                                   captured) != 0) == accepts;
        outcome = cbpf_execute(program->program, &seen, file ? NULL : &packet->ancillary, NULL);
        return (outcome.verdict != 0) == accepts &&
               (!program->completed || outcome.end != CBPF_END_OUTSIDE ||
                program->program->bf_insns[outcome.instruction].k > INT32_MAX);
}

static bool takes_path(const struct question *question, const struct proof_packet *packet)
{
        const struct graph *graph = &question->proof->graph;
        struct term_values values;
        bool does = term_values_start(&values, question->proof);

        for (size_t i = 0; i < question->path_count && does; i++) {
                const struct path_step *step = &question->path[i];
                const struct node *node = &graph->nodes[step->node];
                uint32_t value = term_value(&values, node->term, packet);

                does = (node->arms[graph_arm(node, value)].to == step->target) != step->away;
        }
        term_values_free(&values);
        return does;
}

bool question_is_met(const struct question *question, const struct proof_packet *packet)
{
        const struct proof *proof = question->proof;

        if (packet->captured > packet->length ||
            packet->captured > proof->settings.snapshot_length ||
            (proof->settings.whole && packet->captured != packet->length))
                return false;
        for (size_t i = 0; i < question->count; i++) {
                const struct proof_condition *condition = &question->conditions[i];
                const struct proof_program *program = &proof->programs[condition->program];

                if (!answers(proof, program, packet, condition->accepts))
                        return false;
        }
        return question->path_count == 0 || takes_path(question, packet);
}

uint32_t question_diagram(const struct question *question)
{
        struct proof *proof = question->proof;
        uint32_t wanted = proof->possible;

        for (size_t i = 0; i < question->count && wanted != DIAGRAM_FALSE; i++) {
                const struct proof_condition *condition = &question->conditions[i];
                uint32_t diagram = proof->programs[condition->program].diagram;

                wanted = condition->accepts
                             ? diagram_choose(&proof->diagrams, diagram, wanted, DIAGRAM_FALSE)
                             : diagram_choose(&proof->diagrams, diagram, DIAGRAM_FALSE, wanted);
        }
        return wanted;
}

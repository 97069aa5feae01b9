/* What a question asks: of a packet, of which the interpreters answer it; and of diagrams. */
#include "question.h"

/* Asking the interpreters: libpcap's, too, where it runs the program, as it knows no ancillary
 * data. What a completed packet would have too far away is not there to be asked. */
static bool answers(const struct proof *proof, const struct proof_program *program,
                    const struct proof_packet *packet, bool accepts)
{
        uint32_t captured = program->completed ? PROOF_ROOM : packet->captured;
        struct packet seen = {packet->data, captured, packet->length};
        bool file = proof->settings.place == CBPF_FILE;
        struct cbpf_outcome outcome;

        if (file && !program->completed)
                return (cbpf_run(program->program, &seen) != 0) == accepts &&
                       (bpf_filter(program->program->bf_insns, packet->data, packet->length,
                                   captured) != 0) == accepts;
        outcome = cbpf_execute(program->program, &seen, file ? NULL : &packet->ancillary, NULL);
        return (outcome.verdict != 0) == accepts &&
               (!program->completed || outcome.end != CBPF_END_OUTSIDE ||
                program->program->bf_insns[outcome.instruction].k > INT32_MAX);
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
        return true;
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

/* Questions about programs: what there is to know of these, and the order in which an answer is
 * looked for. */
#include "question.h"

#include "base/array.h"
#include "cbpf/program/program.h"

#include <stdlib.h>
#include <string.h>

enum {
        BUDGET = 20000000, /* choices between diagrams */
        CAPTURED = 0x40000000,
};

struct proof *proof_new(const struct proof_settings *settings)
{
        struct proof *proof = calloc(1, sizeof *proof);

        if (!proof)
                return NULL;
        proof->settings = *settings;
        proof->random = settings->seed;
        proof->diagrams.budget = BUDGET;
        proof->ordinary_count = ordinary_packets(settings->link_type, proof->ordinary);
        if (!graph_start(&proof->graph)) {
                proof_free(proof);
                return NULL;
        }
        graph_return(&proof->graph, 0);
        proof->captured =
            settings->whole ? graph_length(&proof->graph) : graph_argument(&proof->graph, CAPTURED);
        proof->encoding = (struct encoding){
            .graph = &proof->graph, .diagrams = &proof->diagrams, .captured = proof->captured};
        return proof;
}

void proof_free(struct proof *proof)
{
        if (!proof)
                return;
        for (size_t i = 0; i < proof->count; i++)
                free(proof->programs[i].unrolled.bf_insns);
        free(proof->programs);
        encoding_free(&proof->encoding);
        diagrams_free(&proof->diagrams);
        graph_free(&proof->graph);
        free(proof);
}

bool proof_has_loop(const struct proof *proof)
{
        return proof->loops;
}

/* True if it asks for what the kernel knows and the interpreter does not. */
static bool asks_too_much(const struct proof *proof, const struct bpf_program *program)
{
        for (uint32_t i = 0; i < program->bf_len && proof->settings.place != CBPF_FILE; i++) {
                const struct bpf_insn *instruction = &program->bf_insns[i];

                if (BPF_CLASS(instruction->code) == BPF_LD &&
                    BPF_MODE(instruction->code) == BPF_ABS && instruction->k > INT32_MAX &&
                    !cbpf_ancillary_field(instruction->k))
                        return true;
        }
        return false;
}

/* Returns 0 or what proof_add() does. */
static int lift(struct proof *proof, struct proof_program *added)
{
        uint32_t captured = added->completed ? GRAPH_ENDLESS : proof->captured;
        const struct bpf_program *program = added->program;
        int status;

        if (asks_too_much(proof, program))
                return PROOF_NO_GRAPH;
        if (cbpf_jumps_back(program)) {
                status = proof_unroll(program, &added->unrolled);
                if (status)
                        return status < 0 ? PROOF_NO_MEMORY : PROOF_NO_GRAPH;
                program = &added->unrolled;
                proof->loops = true;
        }
        status = graph_lift_exactly(&proof->graph, program, captured,
                                    proof->settings.place != CBPF_FILE);
        added->root = proof->graph.root;
        return status < 0 ? PROOF_NO_MEMORY : status > 0 ? PROOF_NO_GRAPH : 0;
}

/* Returns its number, or memory is short. */
static int keep(struct proof *proof, const struct proof_program *added)
{
        if (!array_grow(proof->programs, proof->room, proof->count + 1)) {
                free(added->unrolled.bf_insns);
                return PROOF_NO_MEMORY;
        }
        proof->programs[proof->count] = *added;
        return (int)proof->count++;
}

int proof_add(struct proof *proof, const struct bpf_program *program, bool completed)
{
        struct proof_program added = {.program = program, .completed = completed};
        int status = lift(proof, &added);

        if (status < 0) {
                free(added.unrolled.bf_insns);
                return status;
        }
        return keep(proof, &added);
}

int proof_add_lifted(struct proof *proof,
                     int (*lift)(void *context, struct graph *graph, uint32_t captured),
                     void *context)
{
        struct proof_program added = {0};
        int status = lift(context, &proof->graph, proof->captured);

        if (status)
                return status < 0 ? PROOF_NO_MEMORY : PROOF_NO_GRAPH;
        added.root = proof->graph.root;
        return keep(proof, &added);
}

/* What no packet is: longer than the snapshot length, or a round more than is followed. */
static uint32_t find_possible(struct proof *proof)
{
        struct encoding *encoding = &proof->encoding;
        uint32_t size =
            encoding_variable(encoding, (struct variable){VARIABLE_ROOM, proof->captured, 0});
        uint32_t possible = DIAGRAM_TRUE;

        if (size != UINT32_MAX)
                possible = encoding_span(encoding, size, 0, proof->settings.snapshot_length);
        encoding->only = ENCODING_ASIDE;
        for (size_t i = 0; i < proof->count; i++)
                if (proof->programs[i].unrolled.bf_insns)
                        possible = diagram_choose(encoding->diagrams,
                                                  encoding_of(encoding, proof->programs[i].root),
                                                  DIAGRAM_FALSE, possible);
        encoding->only = 0;
        return possible;
}

void proof_prepare(struct proof *proof)
{
        uint32_t *roots = malloc((proof->count + 1) * sizeof *roots);

        if (proof->prepared || !roots) {
                proof->diagrams.failed |= !roots;
                free(roots);
                return;
        }
        proof->prepared = true;
        for (size_t i = 0; i < proof->count; i++)
                roots[i] = proof->programs[i].root;
        encoding_find_variables(&proof->encoding, roots, proof->count);
        for (size_t i = 0; i < proof->count && !diagrams_stopped(&proof->diagrams); i++) {
                size_t same = 0;

                while (roots[same] != roots[i] || same > i)
                        same++;
                proof->programs[i].diagram = same < i ? proof->programs[same].diagram
                                                      : encoding_of(&proof->encoding, roots[i]);
        }
        proof->possible = find_possible(proof);
        free(roots);
}

static enum proof_answer ask_diagrams(const struct question *question, struct proof_packet *packet)
{
        struct proof *proof = question->proof;
        uint32_t wanted;

        proof_prepare(proof);
        wanted = diagrams_stopped(&proof->diagrams) ? DIAGRAM_TRUE : question_diagram(question);
        if (proof->diagrams.failed || proof->graph.failed)
                return PROOF_FAILED;
        if (proof->diagrams.exhausted)
                return PROOF_UNDECIDED;
        if (wanted == DIAGRAM_FALSE)
                return PROOF_NONE;
        if (witness_find(question, wanted, NULL, packet))
                return PROOF_FOUND;
        return proof->diagrams.failed ? PROOF_FAILED : PROOF_UNDECIDED;
}

enum proof_answer proof_find(struct proof *proof, const struct proof_condition *conditions,
                             size_t count, struct proof_packet *packet, enum proof_way *way)
{
        struct question question = {.proof = proof, .conditions = conditions, .count = count};
        enum proof_answer answer = ask_diagrams(&question, packet);

        if (way)
                *way = PROOF_BY_DIAGRAM;
        if (answer != PROOF_UNDECIDED || !proof->settings.limit)
                return answer;
        answer = solve(&question, proof->settings.limit, packet);
        if (way && answer != PROOF_UNDECIDED)
                *way = PROOF_BY_SOLVER;
        return answer;
}

/* Packets that show what a program means: one for each of its paths, and those that just miss. The
 * paths are those of the graph without bounds, each with the diagram of the packets that take it,
 * so that none is followed that no packet takes. Where a path's values are not independent, the
 * solver is asked for a packet, once. */
#include "question.h"

#include "base/array.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

enum {
        MAX_ROUNDS = 1000,  /* over all paths */
        MAX_STEPS = 200000, /* nodes met on all paths of a round */
};

/* A test on the path at hand. */
struct test {
        uint32_t before;    /* the diagram of what comes to it */
        uint32_t condition; /* and of what takes the path on */
};

struct sampling {
        struct proof *proof;
        const struct proof_sample *sample;
        uint64_t shown;
        size_t steps;
        struct test *tests;
        struct path_step *path; /* the same, for the solver */
        size_t count, room, path_room;
        uint64_t end; /* nanoseconds: until then the solver may be asked */
        int round;
        uint32_t *hashes; /* of packets shown */
        size_t hash_count, hash_room;
        struct proof_packet *packet, *near;
        bool failed, stopped, news;
        uint64_t missed;
};

static bool is_over(const struct sampling *sampling)
{
        return sampling->failed || sampling->stopped || sampling->steps > MAX_STEPS ||
               sampling->shown >= sampling->sample->count ||
               diagrams_stopped(&sampling->proof->diagrams);
}

/* Shows the packet unless it has been shown. */
static void show(struct sampling *sampling, const struct proof_packet *packet, bool accepted)
{
        bool is_file = sampling->proof->settings.place == CBPF_FILE;
        uint64_t beside = is_file ? 0 : hash_bytes(&packet->ancillary, sizeof packet->ancillary);
        uint32_t hash =
            hash_fold(hash_mix(hash_mix(hash_bytes(packet->data, packet->captured), beside),
                               (uint64_t)packet->captured << 32 | packet->length));

        for (size_t i = 0; i < sampling->hash_count; i++)
                if (sampling->hashes[i] == hash)
                        return;
        if (!array_grow(sampling->hashes, sampling->hash_room, sampling->hash_count + 1)) {
                sampling->failed = true;
                return;
        }
        sampling->hashes[sampling->hash_count++] = hash;
        sampling->news = true;
        sampling->shown++;
        sampling->stopped |= sampling->sample->show(sampling->sample->context, packet, accepted);
}

/* As the solver finds it; what it finds does not vary. */
static enum proof_answer ask_solver(struct sampling *sampling, struct question *question,
                                    size_t steps, struct proof_packet *packet)
{
        uint64_t now = (uint64_t)clock_now(CLOCK_MONOTONIC);

        if (sampling->round > 0 || now >= sampling->end)
                return PROOF_UNDECIDED;
        question->path = sampling->path;
        question->path_count = steps;
        return solve(question, (sampling->end - now) / 1000000 + 1, packet);
}

/* A packet of the diagram that the program answers so; one that takes the first `steps` of the
 * path. */
static enum proof_answer find(struct sampling *sampling, uint32_t wanted, bool accepts,
                              size_t steps, const struct proof_packet *near,
                              struct proof_packet *packet)
{
        struct proof *proof = sampling->proof;
        struct proof_condition condition = {sampling->sample->program, accepts};
        struct question question = {.proof = proof, .conditions = &condition, .count = 1};
        uint32_t answer = proof->programs[sampling->sample->program].diagram;

        wanted = accepts ? diagram_and(&proof->diagrams, wanted, answer)
                         : diagram_choose(&proof->diagrams, answer, DIAGRAM_FALSE, wanted);
        if (wanted == DIAGRAM_FALSE)
                return PROOF_NONE;
        if (witness_find(&question, wanted, near, packet))
                return PROOF_FOUND;
        if (proof->diagrams.failed)
                return PROOF_FAILED;
        return ask_solver(sampling, &question, steps, packet);
}

/* For each test of an accepting path: what comes to it, and fails. */
static void show_misses(struct sampling *sampling)
{
        struct diagrams *diagrams = &sampling->proof->diagrams;

        for (size_t i = 0; i < sampling->count && !is_over(sampling); i++) {
                uint32_t wanted = diagram_choose(diagrams, sampling->tests[i].condition,
                                                 DIAGRAM_FALSE, sampling->tests[i].before);

                sampling->path[i].away = true;
                if (find(sampling, wanted, false, i + 1, sampling->near, sampling->packet) ==
                    PROOF_FOUND)
                        show(sampling, sampling->packet, false);
                sampling->path[i].away = false;
        }
}

static void end_path(struct sampling *sampling, uint32_t wanted, bool accepts)
{
        enum proof_sample_kind kind = sampling->sample->kind;

        if (!accepts && kind != PROOF_SAMPLE_PATHS)
                return;
        switch (find(sampling, wanted, accepts, sampling->count, NULL, sampling->near)) {
        case PROOF_FOUND: break;
        case PROOF_NONE: return;
        case PROOF_UNDECIDED: sampling->missed += sampling->round == 0; return;
        case PROOF_FAILED: sampling->failed = true; return;
        }
        if (kind == PROOF_SAMPLE_MISSES)
                show_misses(sampling);
        else
                show(sampling, sampling->near, accepts);
}

/* The diagram of packets for which the switch leads to `target`. */
static uint32_t condition_of(struct sampling *sampling, const struct node *node, uint32_t target)
{
        struct encoding *encoding = &sampling->proof->encoding;
        uint32_t condition = DIAGRAM_FALSE;

        for (uint32_t i = 0; i < node->count; i++)
                if (node->arms[i].to == target)
                        condition = diagram_choose(encoding->diagrams,
                                                   encoding_term_span(encoding, node->term,
                                                                      node->arms[i].from,
                                                                      graph_arm_end(node, i)),
                                                   DIAGRAM_TRUE, condition);
        return condition;
}

static void walk(struct sampling *sampling, uint32_t number, uint32_t so_far);

static void walk_on(struct sampling *sampling, uint32_t node, uint32_t target, uint32_t before,
                    uint32_t condition)
{
        uint32_t wanted = diagram_and(&sampling->proof->diagrams, condition, before);

        if (wanted == DIAGRAM_FALSE || is_over(sampling))
                return;
        if (!array_grow(sampling->tests, sampling->room, sampling->count + 1) ||
            !array_grow(sampling->path, sampling->path_room, sampling->count + 1)) {
                sampling->failed = true;
                return;
        }
        sampling->path[sampling->count] = (struct path_step){node, target, false};
        sampling->tests[sampling->count++] = (struct test){before, condition};
        walk(sampling, target, wanted);
        sampling->count--;
}

/* Recursion is as deep as the longest path. */
static void walk(struct sampling *sampling, uint32_t number, uint32_t so_far)
{
        const struct node node = sampling->proof->graph.nodes[number];

        if (is_over(sampling))
                return;
        sampling->steps++;
        if (node.kind == NODE_RETURN) {
                if (node.k != ENCODING_ASIDE)
                        end_path(sampling, so_far, node.k != 0);
                return;
        }
        if (node.kind == NODE_RETURN_TERM) {
                end_path(sampling, so_far, true);
                end_path(sampling, so_far, false);
                return;
        }
        for (uint32_t i = 0; i < node.count; i++) {
                uint32_t target = node.arms[i].to, first = 0;

                while (node.arms[first].to != target)
                        first++;
                if (first == i)
                        walk_on(sampling, number, target, so_far,
                                condition_of(sampling, &node, target));
        }
}

/* The first round has the most ordinary packets; the others vary. */
static void run(struct sampling *sampling)
{
        struct proof *proof = sampling->proof;

        for (int round = 0; round < MAX_ROUNDS && !is_over(sampling); round++) {
                proof->varied = round > 0;
                sampling->round = round;
                sampling->news = false;
                sampling->steps = 0;
                walk(sampling, proof->programs[sampling->sample->paths].root, proof->possible);
                if (!sampling->news || sampling->sample->kind == PROOF_SAMPLE_PATHS)
                        break;
        }
        proof->varied = false;
}

int proof_sample(struct proof *proof, const struct proof_sample *sample, uint64_t *missed)
{
        struct sampling sampling = {.proof = proof,
                                    .sample = sample,
                                    .packet = malloc(sizeof *sampling.packet),
                                    .near = malloc(sizeof *sampling.near),
                                    .end = (uint64_t)clock_now(CLOCK_MONOTONIC) +
                                           proof->settings.limit * 1000000};
        bool failed = !sampling.packet || !sampling.near;

        *missed = 0;
        proof_prepare(proof);
        if (!failed && !diagrams_stopped(&proof->diagrams))
                run(&sampling);
        *missed = sampling.missed;
        failed |= sampling.failed || proof->diagrams.failed || proof->graph.failed;
        free(sampling.packet);
        free(sampling.near);
        free(sampling.tests);
        free(sampling.path);
        free(sampling.hashes);
        return failed ? PROOF_NO_MEMORY : proof->diagrams.exhausted ? PROOF_NO_GRAPH : 0;
}

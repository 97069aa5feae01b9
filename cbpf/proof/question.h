/* Inside the proof: the programs, and the search for a packet. */
#pragma once

#include "encoding.h"
#include "ordinary.h"
#include "proof.h"

/* A program that was added. */
struct proof_program {
        const struct bpf_program *program; /* NULL if there is but a graph */
        struct bpf_program unrolled;       /* if it has a loop */
        bool completed;
        uint32_t root, diagram;
};

struct proof {
        struct proof_settings settings;
        struct graph graph;
        struct diagrams diagrams;
        struct encoding encoding;
        struct proof_program *programs;
        size_t count, room;
        uint32_t captured; /* the term: how many bytes are */
        struct ordinary ordinary[ORDINARY_MAX];
        size_t ordinary_count;
        bool prepared;     /* variables and diagrams are there */
        uint32_t possible; /* the diagram of packets that there can be */
        bool loops;
        bool varied; /* packets are to be different, not the most ordinary ones */
        uint64_t random;
};

/* A switch that a packet passes: on to `target`, or, with `away`, to anything else. */
struct path_step {
        uint32_t node, target;
        bool away;
};

struct question {
        struct proof *proof;
        const struct proof_condition *conditions;
        size_t count;
        const struct path_step *path; /* that the packet takes, too */
        size_t path_count;
};

/* True if programs answer to the packet as the question wants, each interpreter asked. */
bool question_is_met(const struct question *question, const struct proof_packet *packet);

/* The diagram of what meets it, as far as diagrams know; after proof_prepare(). */
uint32_t question_diagram(const struct question *question);

/* Finds the variables and makes the diagrams, once; the caller looks at diagrams_stopped(). */
void proof_prepare(struct proof *proof);

/* What a term is for a packet. */
struct term_values {
        const struct graph *graph;
        uint32_t captured_term;
        uint32_t argument;           /* what other arguments are */
        uint32_t *values, *known_at; /* by term */
        uint32_t now;
};
bool term_values_start(struct term_values *values, const struct proof *proof);
void term_values_free(struct term_values *values);
/* To be called when the packet has changed. */
void term_values_forget(struct term_values *values);
uint32_t term_value(struct term_values *values, uint32_t term, const struct proof_packet *packet);

/* A packet of the diagram `wanted` that meets the question, made of ordinary ones by the fewest
 * changes; or, with `near`, of that packet. False if none was found, though there may be one. */
bool witness_find(const struct question *question, uint32_t wanted, const struct proof_packet *near,
                  struct proof_packet *packet);

/* Makes `packet`, which meets the question, more ordinary. */
void witness_mend(const struct question *question, struct proof_packet *packet);

/* By the solver. */
enum proof_answer solve(const struct question *question, uint64_t milliseconds,
                        struct proof_packet *packet);

/* Fills `out` with a program that has no loop: each is followed for PROOF_ROUNDS rounds, and then
 * ENCODING_ASIDE is returned. Returns 0; 1 if it would be too long; -1 if memory is short. */
int proof_unroll(const struct bpf_program *in, struct bpf_program *out);

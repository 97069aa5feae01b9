/* Compares a candidate program with a reference on packets that steer into every branch of both. */
#pragma once

#include "judge.h"

/* A difference, for the report. */
struct difference {
        enum judgement judgement;
        uint32_t reference, candidate; /* what they return */
        struct sample sample;
        struct sample completion; /* as in struct judge */
};

enum {
        EXPLORE_DIFFERENCES = 3, /* reported of each judgement */
};

/* Conditional jumps of one program: each has two outcomes. */
struct coverage {
        size_t outcomes; /* of the jumps that a path of jumps leads to */
        size_t covered;
};

struct exploration {
        /* To be set. */
        const struct bpf_program *reference;
        const struct bpf_program *candidate;
        const struct bpf_program *bystander; /* or NULL: only asked whether it is right */
        enum sample_form form;               /* in which the candidate sees packets */
        /* What answers in place of the candidate, which then is only steered by; or NULL. */
        uint32_t (*answer)(void *context, const struct sample *sample);
        void *context;
        uint64_t seed;
        uint64_t budget; /* instructions to spend on steering; as much again on cutting packets */
        /* Where steering has missed an outcome, the proof is asked for a packet of a file, of this
         * link type, or told that there is none; its solver for so many milliseconds each time. */
        bool by_proof;
        uint64_t proof_limit;
        int link_type;

        /* The result. */
        uint64_t packets;
        struct coverage reference_coverage, candidate_coverage;
        struct {
                size_t found, never; /* outcomes that the proof found, or proved impossible */
        } proved;
        size_t judged[JUDGED_DIFFERENT + 1];
        size_t unsure;
        bool bystander_wrong; /* it gave an answer that is JUDGED_DIFFERENT */
        struct difference differences[EXPLORE_DIFFERENCES];
        size_t difference_count;
};

/* Returns false when memory is short. */
bool explore(struct exploration *exploration, const struct sample *const *seeds, size_t seed_count);

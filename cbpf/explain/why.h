/* Why a packet passes: runs of programs on it, with names for what they compare, and the tests that
 * decide. */
#pragma once

#include "base/text.h"
#include "cbpf/syntax/syntax.h"
#include "field.h"

enum { MAX_ASKED = 64 };

/* A conditional jump that was executed. */
struct asked {
        struct field field;
        uint32_t jump, k; /* `k` is the value compared with */
        uint32_t value;   /* what the packet has */
        uint8_t depth;    /* how far into the packet */
        bool against_x;   /* `k` comes from the packet as well: from X, which holds `other` */
        struct field other;
};

struct run {
        struct asked asked[MAX_ASKED]; /* the last ones */
        uint32_t count;
        struct cbpf_outcome outcome;
        char outside[256]; /* what was past the end, if the run ended there */
        bool asked_kernel; /* it was metadata of the kernel's instead */
};

/* An expression and a packet. */
struct why {
        const struct cbpf_target *target;
        const struct packet *packet;
        const struct tree *tree;
        bool any_moves; /* a test changes where later ones look for headers */
        bool failed;    /* out of memory */
};

/* Runs `program` on the packet. Returns -1 if memory is short. */
int run_program(struct why *why, struct run *run, const struct bpf_program *program);

/* Runs a test of the expression alone. Returns 1 if it holds, 0 if not, -1 if it cannot be told;
 * then `why->failed` is set if memory is short. */
int run_test(struct why *why, const struct tree *test, struct run *run);

/* The same for what a test asks of layers, of those within tunnels that a word names. */
int run_test_within(struct why *why, const struct tree *test, const char *tunnel, struct run *run);

/* Whether the test changes where later ones look for headers. */
bool run_moves(const struct tree *test);

/* --- Why tests hold or fail, in words (reason.c) --- */

enum { MAX_BLAMED = 4 }; /* the most tests that a sentence names */

struct blamed {
        const struct tree *test;
        bool holds;
};

struct blame {
        struct blamed tests[MAX_BLAMED];
        uint64_t count; /* may be more than MAX_BLAMED */
        int depth;      /* how far into the packet they came */
};

/* Writes why the packet is accepted or rejected: what it has, and what the tests want instead. */
void reason_put(struct text *out, struct why *why, const struct blame *blame, bool accepted);

/* The same where the tests do not add up to the verdict: speaks of the last jump of `run`. */
void reason_put_last(struct text *out, const struct why *why, const struct run *run);

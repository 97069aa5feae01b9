/* Why tests hold or fail, in words. */
#ifndef CBPF_REASON_H
#define CBPF_REASON_H

#include "run.h"

#include <stdio.h>

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
void reason_put(FILE *out, struct why *why, const struct blame *blame, bool accepted);

/* The same where the tests do not add up to the verdict: speaks of the last jump of `run`. */
void reason_put_last(FILE *out, const struct why *why, const struct run *run);

#endif

/* Why tests hold or do not, in words. */
#ifndef CBPF_REASON_H
#define CBPF_REASON_H

#include "run.h"

#include <stdio.h>

enum { MAX_BLAMED = 4 }; /* tests that a sentence names */

struct blamed {
        const struct tree *test;
        bool holds;
};

struct blame {
        struct blamed tests[MAX_BLAMED];
        uint64_t count; /* all of them */
        int depth;      /* how far they came, for an `or` that fails */
};

/* Tells why the packet is accepted or not: what it has, and what the tests want instead. */
void reason_put(FILE *out, struct why *why, const struct blame *blame, bool accepted);

/* The same where the tests alone do not add up to the verdict: the last one that was made. */
void reason_put_last(FILE *out, const struct why *why, const struct run *run);

#endif

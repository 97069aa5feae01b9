/* Packets that reach a place of a program, found by the proof (cbpf/proof/) rather than by chance.
 */
#pragma once

#include "sample.h"

enum reach {
        REACH_FOUND,
        REACH_NEVER,   /* no packet does */
        REACH_UNKNOWN, /* none was found */
};

/* Looks for a packet of a file for which the conditional jump at `instruction` holds, or does not,
 * the solver for `limit` milliseconds at most.
 * `sample` needs room for all of SAMPLE_ROOM. Aborts if memory is short. */
enum reach reach_branch(const struct bpf_program *program, int link_type, uint32_t instruction,
                        bool holds, uint64_t limit, struct sample *sample);

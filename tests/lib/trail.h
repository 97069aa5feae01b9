/* The trail of one run of a program on a packet: what it read, which conditional jumps it took, and
 * for both sides of each comparison how it was computed from the packet. This makes it possible to
 * change the packet so that a jump goes the other way. */
#pragma once

#include "sample.h"

enum {
        TRAIL_TERMS = 8192,
        TRAIL_BRANCHES = 4096,
        TRAIL_READS = 4096,
};

/* A value as the program computed it. Terms are named by their index; 0 is the constant 0 of the
 * registers at the start. */
enum term_kind {
        TERM_CONSTANT,
        TERM_LOAD,
        TERM_LENGTH,
        TERM_ANCILLARY,
        TERM_OPERATION,
};

struct term {
        enum term_kind kind;
        uint32_t value;       /* in this run */
        uint32_t offset;      /* load: of the first byte; ancillary: as in the instruction */
        uint32_t size;        /* load: bytes */
        uint16_t operation;   /* BPF_ADD ... BPF_NEG */
        uint32_t left, right; /* operation: operands; load: `left` is the index, or 0 */
};

struct branch {
        uint32_t instruction;
        uint16_t condition; /* BPF_JEQ ... BPF_JSET */
        bool holds;
        uint32_t left, right; /* terms */
        uint64_t prefix;      /* the path to here: equal for equal paths */
};

struct trail_read {
        uint64_t offset;
        uint32_t size;
};

struct trail {
        struct cbpf_outcome outcome;
        uint64_t path;         /* equal for runs that took the same path */
        bool complete;         /* false if it was too long to be recorded completely */
        bool ends_past_packet; /* the last read was outside, and `reads` has it */
        size_t term_count, branch_count, read_count;
        struct term terms[TRAIL_TERMS];
        struct branch branches[TRAIL_BRANCHES];
        struct trail_read reads[TRAIL_READS]; /* the last one may be outside the packet */
};

void trail_record(struct trail *trail, const struct bpf_program *program,
                  const struct sample *sample);

/* Which part of a sample may be changed. */
struct trail_freedom {
        uint32_t first_byte; /* bytes before this one stay */
        bool metadata;       /* the wire length and ancillary data may change */
};

/* Changes `sample`, as far as `freedom` allows, so that `term` would get the value `wanted` if all
 * it does not depend on stayed the same. Returns false, with `sample` in any state, if no way is
 * known. */
bool trail_solve(const struct trail *trail, uint32_t term, uint32_t wanted,
                 const struct trail_freedom *freedom, struct sample *sample);

/* Whether `condition` holds. */
bool trail_compare(uint16_t condition, uint32_t left, uint32_t right);

/* The values of the left side worth trying to make `branch` go the other way, most promising first.
 * Returns how many. */
enum {
        TRAIL_WANTED = 48,
};
size_t trail_wanted(const struct trail *trail, const struct branch *branch,
                    uint32_t wanted[TRAIL_WANTED]);

/* Flips a bit of the packet bytes that `term` depends on, the `choice`th bit modulo their number.
 * Returns false if there is none within `freedom`. */
bool trail_disturb(const struct trail *trail, uint32_t term, uint32_t choice,
                   const struct trail_freedom *freedom, struct sample *sample);

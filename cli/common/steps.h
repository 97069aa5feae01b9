/* All steps that a program takes for a packet, kept to go back and forth in. */
#ifndef STEPS_H
#define STEPS_H

#include "cli.h"

/* The machine before an instruction is executed. */
struct step {
        uint32_t instruction;
        uint32_t a, x;
        uint32_t memory[16];
        uint64_t offset; /* what it reads of the packet, which may be outside of it */
        uint32_t size;   /* bytes; 0 if none */
};

enum { MAX_STEPS = 1 << 20 }; /* kept; only a program that jumps back takes more */

struct steps {
        struct step *steps;
        size_t count, room;
        struct cbpf_outcome outcome;
        bool incomplete; /* there were more than are kept */
};

/* Runs `program` on `packet` and keeps the steps. Returns 0; -1 after a complaint if memory is
 * short. A struct steps that is all zero, or of an earlier run, may be given. */
int steps_record(struct steps *steps, const struct bpf_program *program,
                 const struct packet *packet);
void steps_free(struct steps *steps);

/* Says how the run ended: "accepted: 262144 bytes are kept", "rejected", "rejected: ...". */
void steps_verdict(const struct steps *steps, const struct packet *packet, char *text, size_t room);

#endif

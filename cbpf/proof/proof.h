/* Proof: whether there is a packet that some programs accept and others reject, and which.
 *
 * Programs are lifted to graphs that keep the bounds of loads. Their diagrams (encoding.h) decide
 * most questions in a millisecond; what depends on arithmetic, on places that were computed, or on
 * lengths compared with bytes goes to a solver (solver.h), if filt was built with one. Every packet
 * that is found has been run through the interpreter and, for programs of files, through libpcap's.
 *
 * Bounds and packets cut short are part of the meaning. A packet has at most as many bytes captured
 * as there were on the wire, and as the snapshot length says. */
#pragma once

#include "cbpf/cbpf.h"

struct graph;

enum {
        PROOF_ROOM = 1 << 17, /* bytes of packet that are looked at: more than 16 bits address */
        PROOF_ROUNDS = 12,    /* of a loop that are followed, as `protochain` has one */
};

struct proof_settings {
        int link_type;            /* DLT_*: what ordinary packets look like */
        enum cbpf_place place;    /* live: packets as the kernel shows them, with ancillary data */
        uint32_t snapshot_length; /* bytes */
        bool whole;               /* no packet is cut short */
        uint64_t limit; /* milliseconds that a question, or all samples, may take the solver; 0: it
                           is not asked */
        uint64_t seed;  /* of samples that vary */
};

/* Programs, and what is asked of them. */
struct proof;

/* NULL if memory is short. The caller frees it with proof_free(). */
struct proof *proof_new(const struct proof_settings *settings);
void proof_free(struct proof *proof); /* NULL is fine */

enum {
        PROOF_NO_MEMORY = -1,
        PROOF_NO_GRAPH = -2, /* the program has too many states, or asks for what only the kernel
                                knows and struct cbpf_ancillary does not */
};

/* Adds a program that keeps the rules of cbpf_check() but for its length and jumps back, and must
 * stay while `proof` does. Returns its number, from 0; or one of the above. With `completed`, the
 * program sees packets as if all bytes past the captured end had been captured, too. Programs are
 * added before the first question. */
int proof_add(struct proof *proof, const struct bpf_program *program, bool completed);

/* The same for anything else that accepts packets or rejects them, as machine code does. `lift`
 * adds its meaning to `graph` and sets the root, `captured` being the term for how many bytes are;
 * it returns 0, 1 if it cannot, or -1 if memory is short. The graph may have arguments of its own
 * (graph_argument()), whose values are open: what holds for some of them is a packet's answer, too.
 */
int proof_add_lifted(struct proof *proof,
                     int (*lift)(void *context, struct graph *graph, uint32_t captured),
                     void *context);

/* True if a program that was added has a loop, of which PROOF_ROUNDS rounds are followed: packets
 * that would take more are left aside. */
bool proof_has_loop(const struct proof *proof);

/* A condition: the program `program` accepts, or rejects. */
struct proof_condition {
        int program;
        bool accepts;
};

/* A packet; `data` past `captured` counts for programs added as completed only. */
struct proof_packet {
        uint32_t captured, length;
        struct cbpf_ancillary ancillary; /* of live programs */
        uint8_t data[PROOF_ROOM];
};

enum proof_answer {
        PROOF_NONE,      /* no packet meets the conditions */
        PROOF_FOUND,     /* one that does */
        PROOF_UNDECIDED, /* within the limit, or without a solver */
        PROOF_FAILED,    /* memory was short */
};

enum proof_way {
        PROOF_BY_DIAGRAM,
        PROOF_BY_SOLVER,
};

/* Looks for a packet that meets all conditions, an ordinary one if there is one: valid checksums,
 * lengths that fit, short. Fills `packet` if it is FOUND. `way`, unless NULL, tells how. */
enum proof_answer proof_find(struct proof *proof, const struct proof_condition *conditions,
                             size_t count, struct proof_packet *packet, enum proof_way *way);

enum proof_sample_kind {
        PROOF_SAMPLE_ACCEPTED, /* packets that are accepted, on every path in turn */
        PROOF_SAMPLE_MISSES,   /* those that fail one test of an accepting path, and are rejected */
        PROOF_SAMPLE_PATHS,    /* one for each path */
};

struct proof_sample {
        enum proof_sample_kind kind;
        int program, paths; /* the program; and the same, added as completed */
        uint64_t count;     /* packets wanted, at most */
        /* Is shown each packet, no two of which are the same; true: no more of them. */
        bool (*show)(void *context, const struct proof_packet *packet, bool accepted);
        void *context;
};

/* Finds packets that show what a program means. With the same seed they are the same. Returns 0,
 * with
 * `*missed` set to how often none was found for a path that may have one; or PROOF_NO_MEMORY, or
 * PROOF_NO_GRAPH if that takes too long. */
int proof_sample(struct proof *proof, const struct proof_sample *sample, uint64_t *missed);

/* The solver that filt was built with, "Z3 4.8.12"; NULL if without any. */
const char *proof_solver(void);

/* What is missing for one; NULL if nothing is. */
const char *proof_missing_solver(void);

/* The search for the shortest program of a graph. It stands above the optimizer and the emitter:
 * what makes one graph's program shorter makes another's longer, so small graphs are optimized and
 * emitted in several variants, and the shortest program is kept. */
#pragma once

#include "cbpf/cbpf.h"
#include "cbpf/opt/pass.h"

/* A program on its way to become shorter. */
struct attempt;

/* What is judged by the program it leads to. Returns true if that is shorter. */
struct refinement {
        const char *name;
        bool (*run)(struct attempt *attempt);
        const char *summary;
};

bool attempt_outlining(struct attempt *attempt);
bool attempt_hoisting(struct attempt *attempt);

/* What is best. */
enum goal {
        GOAL_BALANCE, /* short, but not at the expense of speed */
        GOAL_SIZE,
        GOAL_SPEED,
};

struct optimizer {
        struct pass_list passes;
        const struct refinement *refinements;
        size_t refinement_count;
        enum goal goal;
        bool keeps_graph;          /* it is emitted as it is, without the passes */
        bool observed;             /* an observer will be shown the passes */
        struct arena *notes;       /* for the origins of instructions; NULL if nobody asks */
        bool merges_largest_first; /* outlining does, for graphs with copies of large parts */
        /* What is to be done with each graph when the passes are through with it (NULL: nothing).
         * Returns 0, or -1 if memory is short. */
        int (*complete)(struct graph *graph, const struct cbpf_target *target);
        const struct cbpf_target *target; /* for `complete` */
};

/* A graph as one variant of the passes leaves it, completed. */
struct candidate {
        uint32_t root;
        uint32_t length;   /* of its program before any refinement */
        unsigned variants; /* PASS_…: of the passes that led to it */
        bool settled;      /* those without laziness ran as well */
};

enum {
        MAX_CANDIDATES = 16,
};

struct candidates {
        uint32_t root; /* of the graph before any pass; of a large one, only while it is needed */
        struct candidate items[MAX_CANDIDATES]; /* the shortest first */
        size_t count;
        bool large;         /* there is one, and what leads to it is dropped on the way */
        bool file;          /* what loads are owed (cbpf/ir/ir.h) */
        uint32_t rejecting; /* the optimized graph with each test of an owed load rejecting, or
                               GRAPH_NONE where there is none; that of no candidate is different */
};

/* Optimizes `graph`, in all variants if it is small. `file`: it is for packets of files. Returns 0;
 * 1 if no program can be made of it; -1 if memory is short. */
int find_candidates(struct graph *graph, const struct optimizer *optimizer, bool file,
                    struct candidates *candidates);

/* Fills `program` with the shortest code found for the best candidates, which the caller frees with
 * cbpf_program_free(); the graph's root is then that of one of them. `observer` (or NULL) is shown
 * the passes that led there. Returns as find_candidates(). */
int emit_shortest(struct graph *graph, const struct optimizer *optimizer,
                  const struct candidates *candidates, const struct cbpf_pass_observer *observer,
                  struct bpf_program *program);

/* Whether one program for the same filter is better than the other, by length or, for speed, by the
 * steps to expect: 1 or 0; -1 if memory is short. */
int program_is_better(enum goal goal, const struct bpf_program *one,
                      const struct bpf_program *other);

/* The same of a program that asks one test after the other, beside one that searches for pairs,
 * which is shorter and usually takes more steps. */
int program_is_better_as_written(enum goal goal, const struct bpf_program *as_written,
                                 const struct bpf_program *searching);

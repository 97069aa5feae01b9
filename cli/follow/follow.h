/* --follow-sets: a process beside the capture keeps the power to read the files of sets and to load
 * programs. When a file changes, or when it is asked to, it reads them and makes the programs with
 * the new sets, a generation, from nothing. The capture then puts them into the place of those
 * before, at a moment of its own, so that each packet is judged by one generation. */
#pragma once

#include "base/error.h"
#include "cbpf/cbpf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which program the capture asks for. */
struct follow_request {
        uint32_t generation;
        struct cbpf_target target; /* but for its sets */
        uint32_t tap;
        bool copy; /* for packets as they stand in a file, to be run by the capture */
};

enum { FOLLOW_PROGRAM, FOLLOW_TABLE, FOLLOW_DESCRIPTORS }; /* of an extended program; or -1 */

struct follow_program {
        bool here;                  /* the capture is to run it */
        struct bpf_program classic; /* empty if the extended one is all that there is */
        int descriptors[FOLLOW_DESCRIPTORS];
};

/* What the process does of the capture's own; all is called there, after a fork, and complains by
 * itself. */
struct follow_work {
        void *context;
        const char *expression;
        bool quiet;                   /* what goes well is not told */
        const struct cbpf_sets *sets; /* the first generation, 0, whose programs are made */
        int *kept;                    /* descriptors that the process needs, with room for one more;
                                         is put in order */
        size_t kept_count;

        /* Makes the programs of a further generation for all that the one before has programs for.
         * Returns whether that can be. */
        bool (*make)(void *context, const struct cbpf_sets *sets);

        /* Finds a program, or makes it. The program stays the callee's, until the next call. */
        bool (*get)(void *context, const struct follow_request *request,
                    struct follow_program *program);

        /* Puts the filters of a generation, the one in force or the one made last, into the place
         * of those of the taps. Returns whether that could be; then it is done for none. */
        bool (*put)(void *context, uint32_t generation);

        /* The generation made last is the one in force, and the one before is needed no more; or it
         * is not. */
        void (*settle)(void *context, bool in_force);
};

struct follow;

/* Starts the process, while this one has one thread and its privileges. SIGIO comes when there is
 * something to look at: see follow_look(). Returns NULL with `error` filled on failure. */
struct follow *follow_start(const struct follow_work *work, struct error *error);
void follow_end(struct follow *follow); /* NULL is fine */

/* Has the files be read now. */
void follow_ask(struct follow *follow);

enum follow_news {
        FOLLOW_NOTHING,
        FOLLOW_GENERATION, /* the next one can be had: follow_settle() is to be called then */
        FOLLOW_ENDED,      /* the process has ended; told once */
};
enum follow_news follow_look(struct follow *follow);

/* What a generation changes, lines for the user. */
const char *follow_lines(const struct follow *follow);

/* Returns 0, or -1 with `error` filled; then the process has told why, or is gone. The caller frees
 * the classic program and closes the descriptors. */
int follow_get(struct follow *follow, const struct follow_request *request,
               struct follow_program *program, struct error *error);

/* Has the filters of a generation be put into the place of those of the taps. Returns as
 * follow_get(). */
int follow_put(struct follow *follow, uint32_t generation, struct error *error);

/* The generation was taken; or it was not, and the one before is still in force. */
void follow_settle(struct follow *follow, bool in_force);

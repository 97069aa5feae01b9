/* Filter programs in and out: --program and --format. */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

#include "cli.h"

/* What --format calls them; the first three in the order of -d, -dd and -ddd. */
enum program_form {
        PROGRAM_D,
        PROGRAM_DD,
        PROGRAM_DDD,
        PROGRAM_ASSEMBLER,
        PROGRAM_C,
        PROGRAM_IPTABLES,
        PROGRAM_TC,
        PROGRAM_JSON,
};

/* Finds the form of this name. Returns false if there is none. */
bool program_form_find(const char *name, enum program_form *form);

/* All names, for messages. */
#define PROGRAM_FORM_NAMES "d, dd, ddd, asm, c, iptables, tc and json"

/* Reads the program of --program FILE ("-" is standard input), in any form that cbpf_read() knows,
 * and checks it by the kernel's rules but for its length, which binds only what the kernel runs.
 * Returns STATUS_DONE, and the caller frees `program`; STATUS_USAGE after a complaint. */
int program_read(const char *path, struct bpf_program *program);

/* Puts the optimized program in the place of `program`; complains if it has to stay as it is.
 * Returns STATUS_DONE or STATUS_FAILED. */
int program_optimize(const char *path, struct bpf_program *program);

/* Warns if the program loads what only the kernel could tell: in a run over a file, such a load
 * rejects. */
void program_warn_of_file(const char *path, const struct bpf_program *program);

/* Where a program to be written came from. */
struct program_origin {
        const char *expression; /* NULL: it was read from a file */
        const char *device;     /* NULL if not for a certain one */
        struct cbpf_target target;
        bool target_known;
};

/* Where a program of this form runs, for an expression: changes `target` accordingly. */
void program_set_target(enum program_form form, struct cbpf_target *target);

/* Writes the program to standard output, and to standard error what one has to know to use it. What
 * is written for tc returns -1 to accept (`program` is changed). Returns the exit status. */
int program_write(enum program_form form, struct bpf_program *program,
                  const struct program_origin *origin);

#endif

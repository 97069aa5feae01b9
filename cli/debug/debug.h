/* filt debug: what its parts share. debug.c reads the command line and prepares the program,
 * packets.c moves between packets, view.c prints, commands.c talks to the user, line_editor.c
 * reads their lines on a terminal. */
#pragma once

#include "cli/common/cli.h"

DECLARE_SUBCOMMAND(debug);

struct debugger {
        const char *file;            /* -r */
        int input;                   /* that file, open for reading */
        const char *expression_file; /* -F; NULL if not given, as the next one */
        const char *program_file;    /* --program */
        struct cbpf_sets *sets;      /* of the expression */
        char *expression;            /* freed at the end */
        uint64_t first;              /* --packet: where to begin */
        uint64_t limit;              /* -c: packets to trace; 0 for all */
        bool trace;                  /* --trace */
        int color;                   /* --color, enum color_choice */
        bool deep;                   /* --deep */
        bool unoptimized;            /* -O */
        int optimize;                /* --optimize */

        struct capture *capture;
        struct printer *printer; /* has seen all packets of the file up to this one */
        const struct colors *colors;
        struct bpf_program program;
        struct cbpf_notes notes;
        bool *breakpoints; /* by instruction */

        struct capture_record record;
        const char *line; /* as a capture prints it */
        uint64_t number;  /* of the packet, from 1; 0 before the first */
        struct steps steps;
        size_t at;  /* the step to execute next; steps.count at the verdict */
        bool edits; /* lines come from the line editor */
        bool quits;
};

/* --- packets.c --- */

enum moved { MOVED, NO_MORE, TROUBLE };

/* Takes the next packet and runs it. */
enum moved take_packet(struct debugger *debugger);

/* Opens the file, or begins it anew. MOVED or, after a complaint, TROUBLE. */
enum moved open_again(struct debugger *debugger);

/* Goes to packet `number`; backwards by reading the file again. Stops at one before when it is
 * interrupted. */
enum moved go_to(struct debugger *debugger, uint64_t number);

/* --- view.c --- */

void show_packet(const struct debugger *debugger);

/* A line of the listing without its tab, padded; then the note, set in by `indent`. */
void show_noted(const struct debugger *debugger, uint32_t at, int indent);

/* Step number `at` as it was executed: the instruction, and the registers after it. */
void show_executed(const struct debugger *debugger, size_t at);

void show_verdict(const struct debugger *debugger);

/* The instruction to execute next, or the verdict. */
void show_place(const struct debugger *debugger);

void show_dump(const struct debugger *debugger);
void show_registers(const struct debugger *debugger);

/* --- commands.c --- */

/* Reads commands until `quit` or the end of standard input. */
void converse(struct debugger *debugger);

/* The words that may follow `before`, the start of a command: number `i` of them; NULL after the
 * last. */
const char *command_word(const char *before, size_t i);

/* --- line_editor.c: lines from a terminal, with editing and history --- */

typedef const char *completion_function(const char *before, size_t i);

/* Makes the terminal one whose lines are edited; `completion` is what Tab asks. Reads what the
 * terminal can do from files, so call it before a sandbox is entered. From then on, SIGINT does not
 * end the process. False if standard input or output is no terminal, or one that can do nothing, or
 * libedit is not there. */
bool line_editor_open(completion_function *completion);

/* Reads a line after a prompt; valid until the next call. NULL at the end. */
const char *line_editor_read(void);

/* Whether there was a SIGINT since the last line. */
bool interrupted(void);

void line_editor_close(void);

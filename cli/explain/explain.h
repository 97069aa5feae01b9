/* filt explain: what its parts share. explain.c reads the command line and compiles; each way to
 * show the result has a file of its own, and its option a row in the table there. */
#pragma once

#include "base/text.h"
#include "cli/common/cli.h"

DECLARE_SUBCOMMAND(explain);

struct explain;

/* What a picture is made of: what draws it is kept apart from what reads the capture. */
enum picture_part {
        PICTURE_GRAPH, /* in Graphviz' language; empty if nothing is to be drawn */
        PICTURE_HEAD,  /* of the page around the drawing; empty if there is none */
        PICTURE_TAIL,
        PICTURE_PARTS
};

/* Shows what the command line asks for; returns the exit status. */
typedef int explain_show(struct explain *explain);

struct explain {
        char *expression;         /* never NULL; empty with a program_file */
        struct cbpf_sets *sets;   /* of the expression */
        const char *program_file; /* --program: this instead of an expression; NULL if not given */
        const char *file;         /* -r; NULL if not given */
        uint64_t packet;          /* --packet, counted from 1; 0 if not given */
        const char *expression_file; /* -F; NULL if not given */
        explain_show *show;          /* what to do once the program is there */
        int place;                   /* --at, an enum cbpf_context; -1 if not given */
        int stage;                   /* --stage, an index into EXPLAIN_STAGES */
        const char *pass;            /* --stage passes=NAME; NULL for all */
        const char *picture_file;    /* of --svg and --html */
        bool deep;                   /* --deep */
        bool unoptimized;            /* -O or --stage unoptimized */
        int optimize;                /* --optimize */
        int link_type;               /* -y; -1 if not given */
        int color;                   /* --color, enum color_choice */
        const struct colors *colors; /* that it asks for */
        bool live;                   /* --live: for a socket, where the kernel keeps metadata */
        int parts[PICTURE_PARTS];    /* --svg, --html: files in memory that take what is shown */

        struct cbpf_target target;
        struct capture *capture; /* of `file`, before its first packet; NULL if not given */
        struct bpf_program program;
        struct cbpf_notes notes;
};

/* --- stage.c: --stage --- */

/* What it takes, in the order of the table in stage.c. */
#define EXPLAIN_STAGES "ast|graph|passes|unoptimized|cbpf|ebpf|native"

explain_show explain_show_stage;

/* --- why.c: --packet --- */

explain_show explain_why;

/* --- beside.c: --beside --- */

explain_show explain_beside;

struct cbpf_beside;

/* Puts the extended program beside the one that is explained, for the place of --at, or one where
 * packets are as that one has them. Returns STATUS_DONE, and the caller frees `beside`; GO_ON if
 * there is none, with `error` saying why; another status after a complaint. */
int explain_put_beside(struct explain *explain, int *place, struct cbpf_beside *beside,
                       struct error *error);

/* --- whole.c: what is shown when no option says otherwise --- */

explain_show explain_whole;

/* Prints the program with its annotations, a line an instruction. */
void explain_print_program(const struct explain *explain);

/* What is explained, for a heading: the expression, or the program's file. */
const char *explain_title(const struct explain *explain);

/* --- blocks.c: the basic blocks of a program, the nodes of its control flow graph: runs of
 * instructions that are entered at the first and left at the last only --- */

#define NO_BLOCK UINT32_MAX

struct block {
        uint32_t first, last;     /* instructions */
        uint32_t if_true, if_not; /* blocks a test leads to, else NO_BLOCK */
        uint32_t next;            /* the block that follows without a test, else NO_BLOCK */
};

struct blocks {
        struct block *list;
        uint32_t count;
};

/* Finds the blocks of a program of at least one instruction. A jump out of the program leads
 * nowhere. Returns 0, or -1 if memory is short. Free `blocks->list`. */
int blocks_find(const struct bpf_program *program, struct blocks *blocks);

/* --- picture_dot.c: the graph in Graphviz' language --- */

/* Room for an instruction as picture_instruction() writes it, with its NUL. */
#define PICTURE_INSTRUCTION 40

/* Writes one line of a program's listing without its number and targets: "jeq  #0x800". */
void picture_instruction(const struct bpf_program *program, uint32_t index,
                         char text[PICTURE_INSTRUCTION]);

/* The graph as a DOT digraph: a node for each basic block, accepting and rejecting ones coloured,
 * edges labelled jt and jf; straight ones if there are more than PICTURE_BLOCKS. Fresh memory, with
 * the number of blocks in `*blocks`; NULL if memory is short. */
char *picture_dot(const struct explain *explain, uint32_t *blocks);

/* More blocks than this are no picture any more: they take Graphviz long, and nobody reads them. A
 * drawing then is a rough one, and a page goes without. */
#define PICTURE_BLOCKS 400

/* --- picture.c: --dot and --svg --- */

explain_show explain_dot, explain_svg;

/* Has `describe`, which is given `explain`, write the parts of a picture, draws the graph with
 * Graphviz, and writes the picture's file when all is well. If there is a file of packets,
 * `describe` runs in a process of its own. Returns the exit status, complained about. */
int picture_make(struct explain *explain, int (*describe)(void *explain));

/* Write a part; the graph as picture_dot() has it. Return STATUS_DONE, or STATUS_FAILED after a
 * complaint. */
int picture_put(const struct explain *explain, enum picture_part part, const char *bytes,
                size_t length);
int picture_put_graph(const struct explain *explain);

/* --- picture_page.c: --html, a page on which packets can be stepped through the graph --- */

explain_show explain_html;

/* --- markup.c: text that may come from anyone (an expression, a packet, a file's name) into the
 * languages of the pictures, so that it is text there and nothing else. Bytes that are not UTF-8
 * become U+FFFD, control characters become spaces. --- */

/* Inside the double quotes of a DOT label. No more than `most` characters; a cut is shown by "…".
 */
void put_dot_text(struct text *out, const char *text, size_t most);

/* Between tags, or inside the quotes of an attribute. */
void put_html_text(struct text *out, const char *text);

/* --- output_file.c --- */

/* Writes a file that is there complete or not at all: it is written beside its place and moved
 * there when all is well. What is not a regular file (a terminal, a pipe, "-" for standard output)
 * is written directly. Returns STATUS_DONE; STATUS_FAILED after a complaint, with what was at
 * `path` before still there. */
int output_file_write(const char *path, const char *bytes, size_t length);

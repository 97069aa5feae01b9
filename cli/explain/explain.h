/* filt explain: what its parts share. explain.c reads the command line and compiles; each way to
 * show the result has a file of its own, and its option a row in the table there. */
#pragma once

#include "cli/common/cli.h"

DECLARE_SUBCOMMAND(explain);

struct explain;

/* Shows what the command line asks for; returns the exit status. */
typedef int explain_show(struct explain *explain);

struct explain {
        char *expression;         /* never NULL; empty with a program_file */
        const char *program_file; /* --program: this instead of an expression; NULL if not given */
        const char *file;         /* -r; NULL if not given */
        uint64_t packet;          /* --packet, counted from 1; 0 if not given */
        const char *expression_file; /* -F; NULL if not given */
        explain_show *show;          /* what to do once the program is there */
        int stage;                   /* --stage, an index into EXPLAIN_STAGES */
        const char *pass;            /* --stage passes=NAME; NULL for all */
        const char *picture_file;    /* of --svg and --html */
        bool unoptimized;            /* -O */
        bool optimize;               /* --optimize; matters for a program_file only */
        int link_type;               /* -y; -1 if not given */
        bool live;                   /* --live: for a socket, where the kernel keeps metadata */

        struct cbpf_target target;
        struct capture *capture; /* of `file`, before its first packet; NULL if not given */
        struct bpf_program program;
        struct cbpf_notes notes;
};

explain_show explain_whole; /* whole.c: what is shown when no option says otherwise */
/* What --stage takes, in the order of the table in stage.c. */
#define EXPLAIN_STAGES "ast|graph|passes|unoptimized|cbpf|ebpf|native"

explain_show explain_show_stage; /* stage.c: --stage */
explain_show explain_why;        /* why.c: --packet */
explain_show explain_dot;        /* picture.c: --dot */
explain_show explain_svg;        /* picture.c: --svg */
explain_show explain_html;       /* picture_page.c: --html */

/* listing.c. */

/* Prints `program` with its annotations, a line an instruction. Returns the exit status. */
int explain_print_program(const struct bpf_program *program, const struct cbpf_target *target);

/* What is explained, for a heading: the expression, or the program's file. */
const char *explain_title(const struct explain *explain);

/* What libpcap's optimizing compiler makes of the expression. */
struct explain_rival {
        enum {
                RIVAL_NONE, /* not asked: it has no such target */
                RIVAL_DONE,
                RIVAL_FAILED,
                RIVAL_LATE,
                RIVAL_CRASHED,
        } end;
        uint32_t instructions;
        uint32_t longest; /* path; 0 if unbounded */
};

enum { RIVAL_SECONDS = 2 };

/* rival.c: asks it, for no longer than RIVAL_SECONDS. */
struct explain_rival explain_compile_by_libpcap(const struct explain *explain);

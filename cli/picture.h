/* Pictures of a program: its control flow graph in Graphviz' language, drawn, and on a page where
 * packets can be stepped through it. */
#ifndef PICTURE_H
#define PICTURE_H

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct picture {
        const struct bpf_program *program; /* at least one instruction; passed cbpf_check() */
        const char *expression;            /* what it was compiled from */
        const char *const *notes; /* what each instruction does, in words; NULL: no notes */
        int link_type;            /* DLT_* */
        const char *capture;      /* file whose packets the page shows, or NULL */
        uint64_t packet;          /* the one it opens with, from 1; 0: the first */
};

/* The graph as a DOT digraph: a node for each basic block, accepting and rejecting ones coloured,
 * edges labelled jt and jf. Fresh memory, NULL if memory is short. */
char *picture_dot(const struct picture *picture);

/* The graph as SVG, by Graphviz. Fresh memory; NULL after a complaint in which `option` is what
 * asked for it. */
char *picture_svg(const struct picture *picture, const char *option);

/* Write the drawing, or the page, to `path` ("-" is standard output). A file is there complete or not
 * at all. Return the exit status, after a complaint if it is not STATUS_DONE. */
int picture_write_svg(const struct picture *picture, const char *path);
int picture_write_page(const struct picture *picture, const char *path);

/* A program's listing, cut into instructions: "jeq  #0x800", without number and targets. One piece of
 * fresh memory for the pointers and what they point to; NULL if memory is short. */
char **picture_instructions(const struct bpf_program *program);

#endif

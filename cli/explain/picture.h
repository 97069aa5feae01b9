/* Pictures of a program: its control flow graph in Graphviz' language, drawn, and on a page where
 * packets can be stepped through it. */
#pragma once

#include "explain.h"

#include <stddef.h>
#include <stdint.h>

/* More blocks than this are no picture any more: they take Graphviz long, and nobody reads them. A
 * drawing then is a rough one, and a page goes without. */
#define PICTURE_BLOCKS 400

/* Room for an instruction as picture_instruction() writes it, with its NUL. */
#define PICTURE_INSTRUCTION 40

/* Writes one line of a program's listing without its number and targets: "jeq  #0x800". */
void picture_instruction(const struct bpf_program *program, uint32_t index,
                         char text[PICTURE_INSTRUCTION]);

/* The graph as a DOT digraph: a node for each basic block, accepting and rejecting ones coloured,
 * edges labelled jt and jf. Fresh memory, with the number of blocks in `*blocks`; NULL if memory is
 * short. */
char *picture_dot(const struct explain *explain, uint32_t *blocks);

/* Has Graphviz draw the DOT text `dot` as SVG, a `rough` one if it is large. Returns fresh memory,
 * or NULL after a complaint, in which `option` is what asked for the drawing. */
char *picture_draw(const char *dot, bool rough, const char *option);

/* Both: the program's graph, drawn. Says so if that is large. */
char *picture_of(const struct explain *explain, const char *option);

/* True, after a complaint, if writing to `path` would replace the capture that is read. */
bool picture_would_overwrite(const struct explain *explain, const char *path);

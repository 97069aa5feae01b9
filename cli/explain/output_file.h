/* A file that is there complete or not at all: it is written beside its place and moved there when
 * all is well. What is no regular file (a terminal, a pipe, "-" for standard output) is written as
 * it comes. */
#pragma once

#include <stdio.h>

struct output_file {
        FILE *stream; /* write here; errors are found by output_file_finish() */
        const char *path;
        char *place;     /* what `path` leads to, links followed; NULL if written as it comes */
        char *temporary; /* beside it; NULL if written as it comes */
};

/* Returns STATUS_DONE, or STATUS_FAILED after a complaint. `path` must stay. */
int output_file_open(struct output_file *file, const char *path);

/* Ends the file and moves it to its place. Returns STATUS_DONE; STATUS_FAILED after a complaint,
 * with what was at `path` before still there. */
int output_file_finish(struct output_file *file);

/* Gives the file up. */
void output_file_abandon(struct output_file *file);

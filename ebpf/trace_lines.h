/* Splits trace_pipe's text into lines and parses them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The unparsed text is buffer[start] to buffer[end - 1]. All zero is empty. */
struct trace_lines {
        char buffer[8192];
        size_t start;
        size_t end;
        bool skipping; /* inside a line too long for the buffer */
};

/* Returns where to read text to, and how much fits: never 0 after trace_lines_next() found no line.
 * Invalidates earlier lines. */
char *trace_lines_room(struct trace_lines *lines, size_t *size);

/* Adds `size` bytes read to there. */
void trace_lines_filled(struct trace_lines *lines, size_t size);

/* Returns the next complete line, with its newline, or NULL. Drops lines longer than the buffer. */
const char *trace_lines_next(struct trace_lines *lines, size_t *length);

/* Returns whether the line, with its newline, is what the program prints for process `pid`. */
bool trace_line_is_from(const char *line, size_t length, pid_t pid);

/* Returns how many events the line reports as lost, mostly 0. */
uint64_t trace_line_lost(const char *line, size_t length);

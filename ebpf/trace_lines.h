/* trace_pipe's text, cut into lines, and what a line says. */
#ifndef TRACE_LINES_H
#define TRACE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Text read and not yet taken: buffer[start] to buffer[end - 1]. All zero is an empty one. */
struct trace_lines {
        char buffer[8192];
        size_t start;
        size_t end;
        bool skipping; /* inside a line too long for the buffer */
};

/* Where to read the next text to, and how much fits: never 0 once trace_lines_next() found no line.
 * Lines taken before are no longer valid. */
char *trace_lines_room(struct trace_lines *lines, size_t *size);

/* Says that `size` bytes were put there. */
void trace_lines_filled(struct trace_lines *lines, size_t size);

/* Takes the next line, newline included, if all of it has arrived; NULL otherwise. A line longer
 * than the buffer is dropped. */
const char *trace_lines_next(struct trace_lines *lines, size_t *length);

/* True if the line (its newline at the end) is what the program prints for process `pid`. */
bool trace_line_is_from(const char *line, size_t length, pid_t pid);

/* How many events the line says were lost; 0 if it says nothing of the kind. */
uint64_t trace_line_lost(const char *line, size_t length);

#endif

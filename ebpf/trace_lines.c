/* Splits trace_pipe's text into lines and parses them. A read() may end within a line; the rest
 * comes with the next one. */
#include "trace_lines.h"

#include <stdio.h>
#include <string.h>

char *trace_lines_room(struct trace_lines *lines, size_t *size)
{
        memmove(lines->buffer, lines->buffer + lines->start, lines->end - lines->start);
        lines->end -= lines->start;
        lines->start = 0;
        *size = sizeof lines->buffer - lines->end;
        return lines->buffer + lines->end;
}

void trace_lines_filled(struct trace_lines *lines, size_t size)
{
        lines->end += size;
}

const char *trace_lines_next(struct trace_lines *lines, size_t *length)
{
        while (lines->start < lines->end) {
                const char *line = lines->buffer + lines->start;
                const char *newline = memchr(line, '\n', lines->end - lines->start);
                bool skipped = lines->skipping;

                if (!newline) {
                        if (!skipped && lines->end - lines->start < sizeof lines->buffer)
                                return NULL;
                        lines->skipping = true;
                        lines->start = lines->end = 0;
                        return NULL;
                }
                *length = (size_t)(newline - line) + 1;
                lines->start += *length;
                lines->skipping = false;
                if (!skipped)
                        return line;
        }
        return NULL;
}

/* A line is "   comm-PID   [CPU] flags  time: bpf_trace_printk: TEXT". Only its end is reliable: a
 * task name may hold anything, and the PID is of the initial namespace. */
bool trace_line_is_from(const char *line, size_t length, pid_t pid)
{
        char wanted[64];
        size_t size =
            (size_t)snprintf(wanted, sizeof wanted, ": BPF triggered from PID %d.\n", (int)pid);

        return length >= size && memcmp(line + length - size, wanted, size) == 0;
}

/* The kernel writes "CPU:3 [LOST 42 EVENTS]" where it overwrote unread events. */
uint64_t trace_line_lost(const char *line, size_t length)
{
        char text[64];
        unsigned long long lost;
        int end = 0;

        if (length >= sizeof text)
                return 0;
        memcpy(text, line, length);
        text[length] = '\0';
        if (sscanf(text, "CPU:%*u [LOST %19llu EVENTS]%n", &lost, &end) != 1 || end == 0)
                return 0;
        return lost;
}

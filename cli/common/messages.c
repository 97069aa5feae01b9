/* Messages, to standard error. What they quote may come from a file or a stranger: no byte of it
 * may steer the terminal. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct subcommand *subcommands, *running_subcommand;

void open_standard_streams(void)
{
        int fd;

        /* Opened for reading: writing to a stream that was closed still fails, and is reported. */
        do
                fd = open("/dev/null", O_RDONLY);
        while (fd >= 0 && fd <= STDERR_FILENO);
        if (fd >= 0)
                close(fd);
}

static void write_harmless(const char *text, size_t length)
{
        for (size_t i = 0; i < length; i++) {
                unsigned char byte = (unsigned char)text[i];
                bool control = (byte < ' ' && byte != '\n' && byte != '\t') || byte == 0x7f;

                fputc(control ? '?' : byte, stderr);
        }
}

static bool line_stands; /* see standing_line() */

void standing_line(bool stands)
{
        line_stands = stands;
}

static void write_message(const char *format, va_list arguments)
{
        char usual[1024], *longer = NULL; /* cut if memory is short */
        const char *text = usual;
        va_list again;

        va_copy(again, arguments);
        if (vsnprintf(usual, sizeof usual, format, arguments) >= (int)sizeof usual &&
            vasprintf(&longer, format, again) >= 0)
                text = longer;
        va_end(again);
        if (line_stands)
                fputs("\r\033[K", stderr);
        line_stands = false;
        fputs("filt: ", stderr);
        write_harmless(text, strlen(text));
        if (text == longer)
                free(longer);
}

int complain(const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        write_message(format, arguments);
        fputc('\n', stderr);
        va_end(arguments);
        return STATUS_FAILED;
}

int complain_error(const struct error *error)
{
        return error->kind == ERROR_MEMORY ? out_of_memory() : complain("%s", error->message);
}

static bool memory_short;

int out_of_memory(void)
{
        if (memory_short)
                return STATUS_FAILED;
        fflush(stdout);
        memory_short = true;
        return complain("out of memory");
}

bool memory_was_short(void)
{
        return memory_short;
}

int complain_past_end(const char *file, uint64_t number, uint64_t last)
{
        if (last == 0)
                return complain("%s: there is no packet in it", file);
        return complain("%s: there is no packet %" PRIu64 "; the last is %" PRIu64, file, number,
                        last);
}

int complain_usage(const char *format, ...)
{
        const char *name = running_subcommand ? running_subcommand->name : NULL;
        va_list arguments;

        va_start(arguments, format);
        write_message(format, arguments);
        fprintf(stderr, " (see filt %s%s--help)\n", name ? name : "", name ? " " : "");
        va_end(arguments);
        return STATUS_USAGE;
}

struct counted counted(uint64_t count, const char *noun)
{
        struct counted counted;

        snprintf(counted.text, sizeof counted.text, "%" PRIu64 " %s%s", count, noun,
                 count == 1 ? "" : "s");
        return counted;
}

/* Shows the line of `expression` around `error`, cut to the width of a terminal, with carets below
 * the token. */
static void show_caret(const char *expression, const struct error *error)
{
        enum { WIDTH = 72, BEFORE = 48 };
        const char *token = expression + error->offset;
        const char *start = token;
        const char *end = token + strcspn(token, "\n");
        int column;

        while (start > expression && start[-1] != '\n' && token - start < BEFORE)
                start--;
        if (end - start > WIDTH)
                end = start + WIDTH;
        column = (int)(token - start);
        fputs("  ", stderr);
        write_harmless(start, (size_t)(end - start));
        fputs("\n  ", stderr);
        for (int i = 0; i < column; i++)
                fputc(start[i] == '\t' ? '\t' : ' ', stderr);
        for (size_t i = 0; i < error->length && (i == 0 || token + i < end); i++)
                fputc('^', stderr);
        fputc('\n', stderr);
}

int complain_filter(const char *expression, const struct error *error)
{
        int status = complain_error(error);

        if (error->offset != ERROR_NO_OFFSET)
                show_caret(expression, error);
        return error->kind == ERROR_MEMORY ? status : STATUS_USAGE;
}

void complain_text(const char *name, const char *text, const struct error *error)
{
        struct error shown = *error;
        size_t line = 1, start = 0, end = strlen(text);

        if (error->kind == ERROR_MEMORY) {
                out_of_memory();
                return;
        }
        if (error->offset == ERROR_NO_OFFSET) {
                complain("%s: %s", name, error->message);
                return;
        }
        /* What is missing at the end belongs behind the last word, not behind white space. */
        while (shown.offset == end && end > 0 && strchr(" \t\r\n", text[end - 1]))
                shown.offset = --end;
        for (size_t i = 0; i < shown.offset; i++)
                if (text[i] == '\n') {
                        line++;
                        start = i + 1;
                }
        complain("%s:%zu:%zu: %s", name, line, shown.offset - start + 1, error->message);
        show_caret(text, &shown);
}

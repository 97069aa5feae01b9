/* Messages, to standard error. What they quote may come from a file or a stranger: no byte of it
 * may steer the terminal. */
#include "base/array.h"
#include "base/descriptor.h"
#include "base/text.h"
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
const char *program_name = "filt";

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

const struct patience *streams_patience;

/* A reader who has been waited for in vain is not waited for again. */
static void write_messages(struct iovec *pieces, int count)
{
        static const struct patience at_once = {.hurry = HURRY_AT_ONCE};
        static bool stopped;
        uint64_t done = 0;

        if (descriptor_write(STDERR_FILENO, pieces, count, stopped ? &at_once : streams_patience,
                             &done) < 0 &&
            (errno == EINTR || errno == EAGAIN))
                stopped = true;
}

void write_standard_error(const char *bytes, size_t length)
{
        struct iovec piece = {(void *)bytes, length};

        write_messages(&piece, 1);
}

static bool line_stands;  /* see standing_line() */
static bool memory_short; /* which has been said */

void standing_line(bool stands)
{
        line_stands = stands;
}

static void begin_with(struct text *message, const char *name, const char *format,
                       va_list arguments)
{
        char *said;
        int length = vasprintf(&said, format, arguments);

        *message = (struct text){.failed = length < 0};
        if (line_stands)
                text_string(message, "\r\033[K");
        line_stands = false;
        text_string(message, name);
        text_string(message, *name ? ": " : "");
        if (length < 0)
                return;
        text_show(message, said, (size_t)length);
        free(said);
}

static void begin(struct text *message, const char *format, va_list arguments)
{
        begin_with(message, program_name, format, arguments);
}

/* Once, and without needing any. */
static void say_memory_is_short(void)
{
        static const char text[] = ": out of memory\n";
        struct iovec pieces[] = {{(void *)program_name, strlen(program_name)},
                                 {(void *)text, strlen(text)}};

        if (!memory_short)
                write_messages(pieces, array_count(pieces));
        memory_short = true;
}

/* Writes the message at once: lines of processes that share standard error do not mix. */
static void deliver_message(struct text *message)
{
        if (message->failed)
                say_memory_is_short();
        else
                write_standard_error(message->start, message->length);
        text_free(message);
}

int complain(const char *format, ...)
{
        struct text message;
        va_list arguments;

        va_start(arguments, format);
        begin(&message, format, arguments);
        va_end(arguments);
        text_char(&message, '\n');
        deliver_message(&message);
        return STATUS_FAILED;
}

void say(const char *format, ...)
{
        struct text message;
        va_list arguments;

        va_start(arguments, format);
        begin_with(&message, "", format, arguments);
        va_end(arguments);
        text_char(&message, '\n');
        deliver_message(&message);
}

void complain_quoting(const char *quoted, const char *format, ...)
{
        struct text message;
        va_list arguments;

        va_start(arguments, format);
        begin(&message, format, arguments);
        va_end(arguments);
        text_char(&message, '\n');
        while (*quoted) {
                size_t line = strcspn(quoted, "\n");

                text_show(&message, quoted, line);
                text_char(&message, '\n');
                quoted += line + (quoted[line] == '\n');
        }
        deliver_message(&message);
}

int complain_error(const struct error *error)
{
        return error->kind == ERROR_MEMORY ? out_of_memory() : complain("%s", error->message);
}

int out_of_memory(void)
{
        if (!memory_short)
                fflush(stdout);
        say_memory_is_short();
        return STATUS_FAILED;
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
        struct text message;
        va_list arguments;

        va_start(arguments, format);
        begin(&message, format, arguments);
        va_end(arguments);
        text_format(&message, " (see filt %s%s--help)\n", name ? name : "", name ? " " : "");
        deliver_message(&message);
        return STATUS_USAGE;
}

void complain_lines(const char *lines)
{
        while (*lines) {
                size_t length = strcspn(lines, "\n");

                complain("%.*s", (int)length, lines);
                lines += length + (lines[length] == '\n');
        }
}

struct counted counted(uint64_t count, const char *noun)
{
        struct counted counted;

        snprintf(counted.text, sizeof counted.text, "%" PRIu64 " %s%s", count, noun,
                 count == 1 ? "" : "s");
        return counted;
}

/* Appends a part of a line, a tab as a space. Returns how many columns it takes. */
static size_t put_part(struct text *message, const char *start, const char *end)
{
        size_t columns = 0;

        while (start < end) {
                char shown[TEXT_SHOWN] = " ";

                if (*start == '\t')
                        start++;
                else
                        start += text_show_next(start, (size_t)(end - start), shown);
                text_string(message, shown);
                for (const char *byte = shown; *byte; byte++)
                        columns += (*byte & 0xc0) != 0x80; /* but for the rest of a character */
        }
        return columns;
}

static void put_repeated(struct text *message, char character, size_t count)
{
        while (count-- > 0)
                text_char(message, character);
}

/* Appends the line of `expression` around `error`, cut to the width of a terminal, with carets
 * below the token. */
static void put_caret(struct text *message, const char *expression, const struct error *error)
{
        enum { WIDTH = 72, BEFORE = 48 };
        const char *token = expression + error->offset;
        const char *start = token;
        const char *end = token + strcspn(token, "\n");
        const char *token_end;
        size_t before, carets;

        while (start > expression && start[-1] != '\n' && token - start < BEFORE)
                start--;
        while (start < token && (*start & 0xc0) == 0x80) /* within a character */
                start++;
        if (end - start > WIDTH)
                end = start + WIDTH;
        token_end = error->length < (size_t)(end - token) ? token + error->length : end;
        text_string(message, "  ");
        before = put_part(message, start, token);
        carets = put_part(message, token, token_end);
        put_part(message, token_end, end);
        text_string(message, "\n  ");
        put_repeated(message, ' ', before);
        put_repeated(message, '^', carets > 0 ? carets : 1);
        text_char(message, '\n');
}

/* Sends "filt: ", the message made by `format`, and the place in `text` it is about. */
__attribute__((format(printf, 3, 4))) static void
complain_of_place(const char *text, const struct error *error, const char *format, ...)
{
        struct text message;
        va_list arguments;

        va_start(arguments, format);
        begin(&message, format, arguments);
        va_end(arguments);
        text_char(&message, '\n');
        if (error->offset != ERROR_NO_OFFSET)
                put_caret(&message, text, error);
        deliver_message(&message);
}

int complain_filter(const char *expression, const struct error *error)
{
        if (error->kind == ERROR_MEMORY)
                return out_of_memory();
        complain_of_place(expression, error, "%s", error->message);
        return STATUS_USAGE;
}

bool hints_are_shown(int wanted)
{
        return wanted < 0 ? isatty(STDERR_FILENO) : wanted;
}

void show_hints(const char *expression, const struct cbpf_target *target)
{
        struct cbpf_hints hints;

        if (cbpf_hints(expression, target, &hints) < 0) {
                out_of_memory();
                return;
        }
        for (size_t i = 0; i < hints.count; i++)
                complain_of_place(expression, &hints.hints[i], "hint: %s", hints.hints[i].message);
        cbpf_hints_free(&hints);
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
        complain_of_place(text, &shown, "%s:%zu:%zu: %s", name, line, shown.offset - start + 1,
                          error->message);
}

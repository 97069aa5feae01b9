/* What the subcommands share: messages, numbers, the expression. */
#include "cli.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void open_standard_streams(void)
{
        int fd;

        /* What is written to one that was closed fails, and is told, as far as there is where. */
        do
                fd = open("/dev/null", O_RDONLY);
        while (fd >= 0 && fd <= STDERR_FILENO);
        if (fd >= 0)
                close(fd);
}

/* Writes text that may come from a file or a stranger: no byte of it may steer the terminal. */
static void write_harmless(const char *text, size_t length)
{
        for (size_t i = 0; i < length; i++) {
                unsigned char byte = (unsigned char)text[i];
                bool control = (byte < ' ' && byte != '\n' && byte != '\t') || byte == 0x7f;

                fputc(control ? '?' : byte, stderr);
        }
}

static bool line_stands; /* on standard error's terminal, to be written over */

void standing_line(bool stands)
{
        line_stands = stands;
}

static void write_message(const char *format, va_list arguments)
{
        char *text;
        int length = vasprintf(&text, format, arguments);

        if (line_stands)
                fputs("\r\033[K", stderr);
        line_stands = false;
        fputs("filt: ", stderr);
        if (length < 0) {
                fputs("out of memory", stderr);
                return;
        }
        write_harmless(text, (size_t)length);
        free(text);
}

void complain(const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        write_message(format, arguments);
        fputc('\n', stderr);
        va_end(arguments);
}

int complain_usage(const char *subcommand, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        write_message(format, arguments);
        fprintf(stderr, " (see filt %s%s--help)\n", subcommand ? subcommand : "",
                subcommand ? " " : "");
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

int flush_standard_output(void)
{
        if (fflush(stdout) == 0 && !ferror(stdout))
                return STATUS_DONE;
        if (errno == EPIPE)
                return -1;
        complain("standard output: %s", strerror(errno));
        return STATUS_FAILED;
}

bool parse_number(const char *option, const char *text, uint64_t least, uint64_t most,
                  uint64_t *value)
{
        char *end;

        errno = 0;
        *value = strtoull(text, &end, 10);
        if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *value >= least &&
            *value <= most)
                return true;
        complain("%s%s: '%s' is not a number from %llu to %llu", *option == '-' ? "option " : "",
                 option, text, (unsigned long long)least, (unsigned long long)most);
        return false;
}

char *join_words(int count, char *const *words)
{
        struct text joined = {0};

        for (int i = 0; i < count; i++) {
                if (i > 0)
                        text_char(&joined, ' ');
                text_string(&joined, words[i]);
        }
        return text_take(&joined);
}

/* A file that never ends, such as /dev/zero, must not take all memory. */
enum { MAX_TEXT = 64 << 20, PIECE = 1 << 16 };

/* All of `file` as a string, or somewhat more than MAX_TEXT bytes of it; NULL with errno set if it
 * cannot be read. */
static char *read_text(FILE *file, size_t *length)
{
        struct text text = {0};
        size_t got;

        do {
                char *at = text_room(&text, PIECE);

                got = at ? fread(at, 1, PIECE, file) : 0;
                text.length += got;
        } while (got > 0 && text.length <= MAX_TEXT);
        *length = text.length;
        if (!ferror(file))
                return text_take(&text);
        text_free(&text);
        return NULL;
}

char *read_text_file(const char *path, const char *content)
{
        bool standard_input = strcmp(path, "-") == 0;
        const char *name = standard_input ? "standard input" : path;
        FILE *file = standard_input ? stdin : fopen(path, "re");
        size_t length = 0;
        char *text = file ? read_text(file, &length) : NULL;
        const char *nul;

        if (!text)
                complain("%s: %s", name, strerror(errno));
        else if (strspn(text, " \t\r\n") == length)
                complain("%s: the file is empty; it should hold %s", name, content);
        else if ((nul = memchr(text, '\0', length)))
                complain("%s: byte %zu is NUL; %s is text", name, (size_t)(nul - text), content);
        else if (length > MAX_TEXT)
                complain("%s: more than %d bytes; %s is shorter", name, MAX_TEXT, content);
        else {
                if (file != stdin)
                        fclose(file);
                return text;
        }
        if (file && file != stdin)
                fclose(file);
        free(text);
        return NULL;
}

char *read_expression(const char *path)
{
        return read_text_file(path, "a filter expression");
}

/* Shows the line of `expression` around `error`, cut to a terminal's width, and a caret below the
 * token. */
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

void complain_filter(const char *expression, const struct error *error)
{
        complain("%s", error->message);
        if (error->offset != ERROR_NO_OFFSET)
                show_caret(expression, error);
}

void complain_text(const char *name, const char *text, const struct error *error)
{
        struct error shown = *error;
        size_t line = 1, start = 0, end = strlen(text);

        if (error->offset == ERROR_NO_OFFSET) {
                complain("%s: %s", name, error->message);
                return;
        }
        /* What is missing at the end is missing behind the last thing there is. */
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

/* Errors as values. */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>

static int fill(struct error *error, size_t offset, size_t length, const char *format,
                va_list arguments)
{
        if (!error)
                return -1;
        vsnprintf(error->message, sizeof error->message, format, arguments);
        error->offset = offset;
        error->length = length;
        error->kind = 0;
        return -1;
}

int error_set(struct error *error, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        fill(error, ERROR_NO_OFFSET, 0, format, arguments);
        va_end(arguments);
        return -1;
}

int error_at(struct error *error, size_t offset, size_t length, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        fill(error, offset, length, format, arguments);
        va_end(arguments);
        return -1;
}

int error_memory(struct error *error)
{
        error_set(error, "out of memory");
        if (error)
                error->kind = ERROR_MEMORY;
        return -1;
}

char *error_quote(char buffer[QUOTE_SIZE], const char *text, size_t length)
{
        const size_t most = QUOTE_SIZE - 6; /* two quotes, three dots, NUL */
        size_t shown = length < most ? length : most;
        size_t at = 0;

        buffer[at++] = '\'';
        for (size_t i = 0; i < shown; i++)
                buffer[at++] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
        for (int dots = 0; shown < length && dots < 3; dots++)
                buffer[at++] = '.';
        buffer[at++] = '\'';
        buffer[at] = '\0';
        return buffer;
}

/* What parts of the text are, noted beside it while it is written. */
#include "printer.h"

#include "base/array.h"

/* Where fields were noted inside of this one, or in text that was taken back, it replaces them. */
static void span_note(struct printer *printer, enum role role, size_t start, size_t end)
{
        struct spans *spans = &printer->spans;

        while (spans->count > 0 && spans->list[spans->count - 1].end > start)
                spans->count--;
        if (!array_grow(spans->list, spans->room, spans->count + 1))
                longjmp(printer->abandon, ABANDON_MEMORY);
        spans->list[spans->count++] = (struct span){start, end, role};
}

/* What separates fields: space, line breaks, commas. */
static bool is_between(char c)
{
        return (unsigned char)c <= ' ' || c == ',';
}

/* Of each line a field of its own, as pagers forget colours at the end of a line, without the
 * separators around. */
void span_add(struct printer *printer, enum role role, size_t start)
{
        const char *text = printer->text.start;
        size_t end = printer->text.length;

        while (start < end) {
                const char *newline = memchr(text + start, '\n', end - start);
                size_t next = newline ? (size_t)(newline - text) + 1 : end;
                size_t last = next;

                while (start < last && is_between(text[start]))
                        start++;
                while (start < last && is_between(text[last - 1]))
                        last--;
                if (start < last)
                        span_note(printer, role, start, last);
                start = next;
        }
}

void output_take_back(struct printer *printer, size_t length)
{
        struct spans *spans = &printer->spans;

        printer->text.length = length;
        while (spans->count > 0 && spans->list[spans->count - 1].end > length)
                spans->count--;
}

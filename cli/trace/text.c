/* Text that grows. A line a write call costs little only if printf() has no part in it. */
#include "text.h"

#include <stdlib.h>
#include <string.h>

void text_free(struct text *text)
{
        free(text->start);
        *text = (struct text){0};
}

char *text_room(struct text *text, size_t size)
{
        if (size > text->room - text->length) {
                size_t room = 2 * text->room + size + 4096;
                char *larger = realloc(text->start, room);

                if (!larger) {
                        text->failed = true;
                        return NULL;
                }
                text->start = larger;
                text->room = room;
        }
        return text->start + text->length;
}

void text_put(struct text *text, const char *bytes, size_t size)
{
        char *room = text_room(text, size);

        if (!room)
                return;
        memcpy(room, bytes, size);
        text->length += size;
}

void text_string(struct text *text, const char *string)
{
        text_put(text, string, strlen(string));
}

/* The digits of `number` in `base`, at the end of `digits`; returns the first. */
static char *digits_of(char *end, uint64_t number, unsigned base)
{
        do {
                *--end = "0123456789abcdef"[number % base];
                number /= base;
        } while (number);
        return end;
}

void text_number(struct text *text, uint64_t number)
{
        char digits[20];
        char *end = digits + sizeof digits;
        char *first = digits_of(end, number, 10);

        text_put(text, first, (size_t)(end - first));
}

void text_number_right(struct text *text, uint64_t number, int width)
{
        for (uint64_t rest = number / 10; rest > 0; rest /= 10)
                width--;
        while (--width > 0)
                text_put(text, " ", 1);
        text_number(text, number);
}

void text_signed(struct text *text, int64_t number)
{
        if (number < 0)
                text_put(text, "-", 1);
        text_number(text, number < 0 ? -(uint64_t)number : (uint64_t)number);
}

void text_address(struct text *text, uint64_t address)
{
        char digits[16];
        char *end = digits + sizeof digits;
        char *first = digits_of(end, address, 16);

        text_put(text, "0x", 2);
        text_put(text, first, (size_t)(end - first));
}

void text_digits(struct text *text, uint64_t number, int digits)
{
        char *room = text_room(text, (size_t)digits);

        if (!room)
                return;
        for (int i = digits - 1; i >= 0; i--, number /= 10)
                room[i] = (char)('0' + number % 10);
        text->length += (size_t)digits;
}

void text_column(struct text *text, size_t line, size_t column)
{
        size_t used = text->length - line;
        char *room;

        if (used >= column)
                return;
        room = text_room(text, column - used);
        if (!room)
                return;
        memset(room, ' ', column - used);
        text->length += column - used;
}

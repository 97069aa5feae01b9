/* Text that grows, and UTF-8. */
#include "text.h"

#include "array.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { MIN_ROOM = 256 };

void text_free(struct text *text)
{
        free(text->start);
        *text = (struct text){0};
}

char *text_take(struct text *text)
{
        char *taken;

        text_char(text, '\0');
        taken = text->start;
        if (text->failed) {
                free(taken);
                taken = NULL;
        }
        *text = (struct text){0};
        return taken;
}

char *text_grow(struct text *text, size_t size)
{
        size_t wanted = text->length + size;

        if (wanted >= size && array_grow(text->start, text->room, wanted + MIN_ROOM))
                return text->start + text->length;
        text->failed = true;
        return NULL;
}

void text_format(struct text *text, const char *format, ...)
{
        va_list arguments;
        char *at;
        int length;

        /* First into what room there is, which mostly suffices. */
        va_start(arguments, format);
        at = text_room(text, MIN_ROOM);
        length = at ? vsnprintf(at, text->room - text->length, format, arguments) : -1;
        va_end(arguments);
        if (length >= 0 && (size_t)length >= text->room - text->length) {
                va_start(arguments, format);
                at = text_room(text, (size_t)length + 1);
                length = at ? vsnprintf(at, (size_t)length + 1, format, arguments) : -1;
                va_end(arguments);
        }
        if (length < 0)
                text->failed = true;
        else
                text->length += (size_t)length;
}

void text_signed(struct text *text, int64_t value)
{
        if (value < 0)
                text_char(text, '-');
        text_decimal(text, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

static void put_spaces(struct text *text, size_t count)
{
        char *at = text_room(text, count);

        if (!at)
                return;
        memset(at, ' ', count);
        text->length += count;
}

void text_decimal_right(struct text *text, uint64_t value, unsigned width)
{
        char digits[NUMBER_DECIMAL];
        size_t size = (size_t)(number_decimal(digits, value) - digits);

        if (size < width)
                put_spaces(text, width - size);
        text_put(text, digits, size);
}

void text_padded(struct text *text, uint64_t value, unsigned digits)
{
        char *at = text_room(text, digits);

        if (at)
                text->length = (size_t)(number_padded(at, value, digits) - text->start);
}

void text_hex(struct text *text, uint64_t value, unsigned digits)
{
        char *at = text_room(text, digits > NUMBER_HEX ? digits : NUMBER_HEX);

        if (at)
                text->length = (size_t)(number_hex(at, value, digits) - text->start);
}

void text_column(struct text *text, size_t line, size_t column)
{
        size_t used = text->length - line;

        if (used < column)
                put_spaces(text, column - used);
}

size_t text_utf8(const char *bytes, size_t left)
{
        const unsigned char *text = (const unsigned char *)bytes;
        unsigned char first = *text;
        size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

        if (size == 1)
                return 1;
        if (first < 0xc2 || first > 0xf4 || left < size)
                return 0;
        for (size_t i = 1; i < size; i++)
                if ((text[i] & 0xc0) != 0x80)
                        return 0;
        if ((first == 0xe0 && text[1] < 0xa0) || (first == 0xed && text[1] >= 0xa0) ||
            (first == 0xf0 && text[1] < 0x90) || (first == 0xf4 && text[1] >= 0x90))
                return 0;
        return size;
}

bool text_is_control(const char *bytes, size_t size)
{
        const unsigned char *text = (const unsigned char *)bytes;

        return size == 1 ? *text < ' ' || *text == 0x7f
                         : size == 2 && text[0] == 0xc2 && text[1] < 0xa0;
}

size_t text_show_next(const char *bytes, size_t left, char shown[TEXT_SHOWN])
{
        size_t size = text_utf8(bytes, left);
        size_t taken = size > 0 ? size : 1;

        if (size > 0 && !text_is_control(bytes, size)) {
                memcpy(shown, bytes, size);
                shown += size;
        } else {
                for (size_t i = 0; i < taken; i++) {
                        *shown++ = '\\';
                        *shown++ = 'x';
                        shown = number_hex(shown, (unsigned char)bytes[i], 2);
                }
        }
        *shown = '\0';
        return taken;
}

void text_show(struct text *text, const char *bytes, size_t size)
{
        char shown[TEXT_SHOWN];

        for (size_t taken; size > 0; bytes += taken, size -= taken) {
                taken = text_show_next(bytes, size, shown);
                text_string(text, shown);
        }
}

/* Growing text. A failed allocation is remembered, so that only the end has to be checked. */
#pragma once

#include "base/number.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* All zero is an empty text. There is no NUL at its end. */
struct text {
        char *start;
        size_t length; /* bytes in use */
        size_t room;   /* bytes allocated */
        bool failed;   /* memory was short: something is missing */
};

/* Frees the text and leaves it empty. */
void text_free(struct text *text);

/* Returns the text, ended by a NUL, which the caller frees; NULL if memory was short at any time.
 * `text` is empty afterwards. */
char *text_take(struct text *text);

/* For text_room(): there is not enough. */
char *text_grow(struct text *text, size_t size);

/* Makes room for `size` more bytes and returns where they go; whoever writes them adds to `length`.
 * Returns NULL if memory is short. */
static inline char *text_room(struct text *text, size_t size)
{
        if (__builtin_expect(size >= text->room - text->length, 0))
                return text_grow(text, size);
        return text->start + text->length;
}

/* All that follow append. They are inline where the length is mostly known to the compiler, which
 * then copies by a move or two. */
static inline void text_put(struct text *text, const char *bytes, size_t size)
{
        char *at = text_room(text, size);

        if (__builtin_expect(at == NULL, 0))
                return;
        memcpy(at, bytes, size);
        text->length += size;
}

static inline void text_string(struct text *text, const char *string)
{
        text_put(text, string, strlen(string));
}

static inline void text_char(struct text *text, char c)
{
        text_put(text, &c, 1);
}

void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline void text_decimal(struct text *text, uint64_t value)
{
        char *at = text_room(text, NUMBER_DECIMAL);

        if (__builtin_expect(at != NULL, 1))
                text->length = (size_t)(number_decimal(at, value) - text->start);
}

void text_signed(struct text *text, int64_t value);

/* Right-aligned in `width` columns. */
void text_decimal_right(struct text *text, uint64_t value, unsigned width);

/* The last `digits` digits, with leading zeros. */
void text_padded(struct text *text, uint64_t value, unsigned digits);

/* Lower-case hexadecimal, at least `digits` digits, without "0x". */
void text_hex(struct text *text, uint64_t value, unsigned digits);

/* The same behind "0x". */
static inline void text_address(struct text *text, uint64_t value)
{
        text_string(text, "0x");
        text_hex(text, value, 1);
}

/* Spaces up to `column`, counted from byte `line` of the text. */
void text_column(struct text *text, size_t line, size_t column);

/* The length in bytes of the UTF-8 character at `bytes`, of which `left` are there, at least one;
 * 0 if there is none: no overlong forms, no surrogates, nothing above U+10FFFF (RFC 3629). */
size_t text_utf8(const char *bytes, size_t left);

/* Whether a character of `size` bytes, as text_utf8() has it, is a control character: C0, DEL or
 * C1, which steer a terminal. */
bool text_is_control(const char *bytes, size_t size);

/* How to show the next character of foreign text on a terminal: as it is, or the bytes of a control
 * character, and those that are no UTF-8, as "\x1b". Writes that to `shown`, ended by a NUL.
 * Returns how many of the `left` bytes it stands for. */
enum { TEXT_SHOWN = 9 };
size_t text_show_next(const char *bytes, size_t left, char shown[TEXT_SHOWN]);

/* Appends foreign text in that form. */
void text_show(struct text *text, const char *bytes, size_t size);

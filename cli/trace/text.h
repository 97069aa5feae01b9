/* Text that grows: lines are put together here and written in large pieces. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero is an empty one. `start` is fresh memory, NULL or freed with text_free(). */
struct text {
        char *start;
        size_t length;
        size_t room;
        bool failed; /* out of memory: something is missing */
};

void text_free(struct text *text);

/* Makes room for `size` more bytes, and returns where they go; NULL if out of memory. */
char *text_room(struct text *text, size_t size);

void text_put(struct text *text, const char *bytes, size_t size);
void text_string(struct text *text, const char *string);
void text_number(struct text *text, uint64_t number);
void text_number_right(struct text *text, uint64_t number, int width); /* spaces in front */
void text_signed(struct text *text, int64_t number);
void text_address(struct text *text, uint64_t address);
/* `number` with leading zeros to `digits` digits, of which it has no more. */
void text_digits(struct text *text, uint64_t number, int digits);
/* Spaces up to `column`, counted from the byte `line`. */
void text_column(struct text *text, size_t line, size_t column);

#endif

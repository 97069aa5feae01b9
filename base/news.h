/* Lines that are to be told later, in their order. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* All zero is none. */
struct news {
        char *texts; /* one behind the other, each with its NUL */
        size_t length, told, room;
};

/* Adds "NAME: " and what the format makes of the arguments, up to some 500 bytes. When memory is
 * short, the line is lost. */
void news_add(struct news *news, const char *name, const char *format, va_list arguments);

/* The next line, valid until one is added or all are dropped; NULL if there is none. */
const char *news_next(struct news *news);

/* Drops what was not told. */
void news_drop(struct news *news);
void news_free(struct news *news);

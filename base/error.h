/* Errors as values: what a library's function fills in when it fails, and the command line prints.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ERROR_NO_OFFSET SIZE_MAX

/* The kind of an error that is no more than memory running out. */
#define ERROR_MEMORY (-1)

struct error {
        char message[1024]; /* one line: names the thing, says what is wrong and what to do */
        size_t offset;      /* the byte of the text it is about, or ERROR_NO_OFFSET */
        size_t length;      /* bytes from there, at least 1 where offset is set */
        int kind;           /* ERROR_MEMORY, a constant of the library's header, or 0 */
};

/* Fills `error`, NULL to ignore it, with a formatted message about no place in a text. Returns -1,
 * so that a function can fail by returning it. */
int error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same about `length` bytes at `offset`. */
int error_at(struct error *error, size_t offset, size_t length, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Fills `error`, NULL to ignore it, with "out of memory", and its kind. Returns -1. */
int error_memory(struct error *error);

/* Writes `length` bytes of `text` into `buffer`, in single quotes and cut to fit, for a message;
 * bytes that are not printable ASCII as '?'. Returns `buffer`. */
enum { QUOTE_SIZE = 48 };
char *error_quote(char buffer[QUOTE_SIZE], const char *text, size_t length);

/* Writes JSON (RFC 8259) to a text or a stream, with commas, line breaks and escapes. The output is
 * valid if the calls come in a valid order.
 *
 *      struct json json = {.text = &text};
 *
 *      json_open(&json, '{');
 *      json_decimal(json_key(&json, "pid"), pid);
 *      json_close(&json, '}'); */
#pragma once

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* All zero but for one of the first two. Needs no freeing. The caller checks for errors at the end:
 * `text->failed`, ferror(file). */
struct json {
        struct text *text; /* where it goes, or */
        FILE *file;

        /* The layout. */
        unsigned lines; /* objects and arrays nested up to this deep have a line for each element,
                           indented by two blanks a level */
        bool spaced;    /* a blank after the other commas and after colons */
        bool in_html;   /* "<", ">" and "&" are escaped, so that no string can end a script */

        /* Its own. */
        unsigned depth;
        bool follows;   /* something stands before in the same object or array */
        bool after_key; /* and this is its value */
};

/* Opens and closes an object or array: `bracket` is one of { } [ ]. */
void json_open(struct json *json, char bracket);
void json_close(struct json *json, char bracket);

/* A member's name, which needs no escape. Returns `json`, for the value to follow:
 * json_decimal(json_key(json, "pid"), pid). */
struct json *json_key(struct json *json, const char *name);

/* Values. */
void json_decimal(struct json *json, uint64_t value);
void json_signed(struct json *json, int64_t value);
void json_boolean(struct json *json, bool value);
void json_null(struct json *json);
/* A string ended by a NUL, or null if it is NULL. UTF-8; what is not is replaced by U+FFFD. */
void json_text(struct json *json, const char *text);
/* The same of `size` bytes, among which there may be NULs. */
void json_string(struct json *json, const char *text, size_t size);
/* A string with one character, U+0000 to U+00FF, for each byte: the bytes can be recovered from
 * it, whatever their encoding. ASCII only is written. */
void json_bytes(struct json *json, const char *bytes, size_t size);
/* A string in base64, RFC 4648. */
void json_base64(struct json *json, const uint8_t *bytes, size_t size);
/* Text that is JSON already. */
void json_raw(struct json *json, const char *value);

/* The characters of json_bytes() without the quotes; they take up to JSON_ESCAPED bytes each.
 * Returns the end. */
enum { JSON_ESCAPED = 6 };
char *json_escape_bytes(char *at, const char *bytes, size_t size);

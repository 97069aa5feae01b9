/* Text from outside into DOT, HTML and JSON. What each language takes for more than text is in a
 * table; all else is copied. */
#include "markup.h"

#include <stdbool.h>
#include <string.h>

struct escape {
        char character;
        const char *written;
};

/* DOT reads HTML's entities and its own backslashes in labels. */
static const struct escape dot_escapes[] = {{'"', "\\\""}, {'\\', "\\\\"}, {'&', "&amp;"}, {0}};

static const struct escape html_escapes[] = {
    {'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'"', "&quot;"}, {'\'', "&#39;"}, {0},
};

static const struct escape json_escapes[] = {
    {'"', "\\\""}, {'\\', "\\\\"}, {'<', "\\u003c"}, {'>', "\\u003e"}, {'&', "\\u0026"}, {0},
};

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* Bytes of the UTF-8 character at `text`, of which `left` bytes are there; 0 if it is none. No
 * overlong forms, surrogates or anything past U+10FFFF (RFC 3629). */
static size_t character_size(const unsigned char *text, size_t left)
{
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

static const char *find_escape(const struct escape *escapes, char character)
{
        for (; escapes->character; escapes++)
                if (escapes->character == character)
                        return escapes->written;
        return NULL;
}

/* Writes the character at `text`; returns how many bytes of it that were. */
static size_t put_character(FILE *out, const char *text, size_t left, const struct escape *escapes)
{
        unsigned char first = (unsigned char)*text;
        size_t size = character_size((const unsigned char *)text, left);
        const char *escape = find_escape(escapes, *text);

        if (size == 0)
                fputs(replacement, out);
        else if (first < ' ' || first == 0x7f)
                fputc(' ', out);
        else if (escape && first)
                fputs(escape, out);
        else
                fwrite(text, 1, size, out);
        return size ? size : 1;
}

void put_dot_text(FILE *out, const char *text, size_t most)
{
        size_t left = strlen(text);

        for (size_t count = 0; left > 0; count++) {
                size_t size;

                if (count == most) {
                        fputs("…", out);
                        return;
                }
                size = put_character(out, text, left, dot_escapes);
                text += size;
                left -= size;
        }
}

static void put_all(FILE *out, const char *text, size_t left, const struct escape *escapes)
{
        while (left > 0) {
                size_t size = put_character(out, text, left, escapes);

                text += size;
                left -= size;
        }
}

void put_html_text(FILE *out, const char *text)
{
        put_all(out, text, strlen(text), html_escapes);
}

void put_json_string(FILE *out, const char *text, size_t length)
{
        fputc('"', out);
        put_all(out, text, length, json_escapes);
        fputc('"', out);
}

void put_json_bytes(FILE *out, const uint8_t *bytes, size_t count)
{
        static const char digits[] =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

        fputc('"', out);
        for (size_t i = 0; i < count; i += 3) {
                uint32_t group = (uint32_t)bytes[i] << 16;

                if (i + 1 < count)
                        group |= (uint32_t)bytes[i + 1] << 8;
                if (i + 2 < count)
                        group |= bytes[i + 2];
                fputc(digits[group >> 18], out);
                fputc(digits[group >> 12 & 63], out);
                fputc(i + 1 < count ? digits[group >> 6 & 63] : '=', out);
                fputc(i + 2 < count ? digits[group & 63] : '=', out);
        }
        fputc('"', out);
}

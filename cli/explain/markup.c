/* Text from outside into DOT and HTML. What each language takes for more than text is in a
 * table; all else is copied. */
#include "explain.h"

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

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

static const char *find_escape(const struct escape *escapes, char character)
{
        for (; escapes->character; escapes++)
                if (escapes->character == character)
                        return escapes->written;
        return NULL;
}

/* Writes the character at `text`; returns how many bytes of it that were. */
static size_t put_character(struct text *out, const char *text, size_t left,
                            const struct escape *escapes)
{
        size_t size = text_utf8(text, left);
        const char *escape = find_escape(escapes, *text);

        if (size == 0)
                text_string(out, replacement);
        else if (text_is_control(text, size))
                text_char(out, ' ');
        else if (escape && *text)
                text_string(out, escape);
        else
                text_put(out, text, size);
        return size ? size : 1;
}

void put_dot_text(struct text *out, const char *text, size_t most)
{
        size_t left = strlen(text);

        for (size_t count = 0; left > 0; count++) {
                size_t size;

                if (count == most) {
                        text_string(out, "…");
                        return;
                }
                size = put_character(out, text, left, dot_escapes);
                text += size;
                left -= size;
        }
}

void put_html_text(struct text *out, const char *text)
{
        for (size_t left = strlen(text), size; left > 0; text += size, left -= size)
                size = put_character(out, text, left, html_escapes);
}

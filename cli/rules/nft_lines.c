/* The text of nft(8) as one statement a line: people write more than one on a line, and what braces
 * hold on several. */
#include "rules.h"

#include "base/text.h"

#include <string.h>

enum {
        IN_CHAIN = 2, /* so deep: in a table, and in what it holds */
};

struct cutting {
        struct text lines;
        int depth;
};

/* Returns what is behind the quotes. */
static const char *copy_quoted(struct cutting *cutting, const char *at)
{
        size_t length = 1 + strcspn(at + 1, "\"\n");

        length += at[length] == '"';
        text_put(&cutting->lines, at, length);
        return at + length;
}

/* A brace that holds statements, and not the values of one, ends a line. */
static void open_brace(struct cutting *cutting)
{
        text_char(&cutting->lines, '{');
        if (cutting->depth++ < IN_CHAIN)
                text_char(&cutting->lines, '\n');
}

static void close_brace(struct cutting *cutting)
{
        const bool is_structure = cutting->depth <= IN_CHAIN;

        cutting->depth--;
        if (is_structure)
                text_char(&cutting->lines, '\n');
        text_char(&cutting->lines, '}');
        if (is_structure)
                text_char(&cutting->lines, '\n');
}

char *rules_cut_nft_text(const char *text, bool *whole)
{
        struct cutting cutting = {.depth = 0};

        while (*text) {
                const bool is_value = cutting.depth > IN_CHAIN;

                if (*text == '"') {
                        text = copy_quoted(&cutting, text);
                        continue;
                }
                if (*text == '#') { /* a remark */
                        text += strcspn(text, "\n");
                        continue;
                }
                if (*text == '\\' && text[1] == '\n')
                        text++;
                else if (*text == '{')
                        open_brace(&cutting);
                else if (*text == '}')
                        close_brace(&cutting);
                else if (*text == '\n' && is_value)
                        text_char(&cutting.lines, ' ');
                else if ((*text == '\n' || *text == ';') && !is_value)
                        text_char(&cutting.lines, '\n');
                else
                        text_char(&cutting.lines, *text);
                text++;
        }
        *whole = cutting.depth == 0;
        return text_take(&cutting.lines);
}

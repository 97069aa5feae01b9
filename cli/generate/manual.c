/* A subcommand's options as a list in mdoc(7). In the texts, options, `literals` and page(1) become
 * bold and the row's placeholder an argument. */
#include "generate.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static void put_character(char character)
{
        if (character == '\\')
                fputs("\\e", stdout);
        else if (character == '-')
                fputs("\\-", stdout);
        else
                putchar(character);
}

/* The length of the word at `text`, without punctuation behind it. */
static size_t word_length(const char *text)
{
        size_t length = strcspn(text, " ()");

        while (length > 1 && strchr(".,;:", text[length - 1]))
                length--;
        return length;
}

/* The font of the word at `text`: 'B' or 'I', or 0 if it is plain. */
static char font_of(const struct cli_option *row, const char *text, size_t length)
{
        if (text[0] == '-' && length > 1 && !isdigit((unsigned char)text[1]))
                return 'B';
        if (text[length] == '(' && isdigit((unsigned char)text[length + 1]))
                return 'B';
        if (row->value && strlen(row->value) == length && strncmp(text, row->value, length) == 0)
                return 'I';
        return 0;
}

/* Writes text for a reader: marks and looks become fonts, each sentence begins a line. */
static void put_text(const struct cli_option *row, const char *text)
{
        while (*text) {
                size_t length = *text == '`' ? strcspn(text + 1, "`") : word_length(text);
                char font = *text == '`' ? 'B' : font_of(row, text, length);

                text += *text == '`';
                if (font)
                        printf("\\f%c", font);
                for (size_t i = 0; i < length; i++)
                        put_character(font == 'I' ? (char)tolower((unsigned char)text[i])
                                                  : text[i]);
                if (font)
                        printf("\\fR");
                text += length;
                text += *text == '`';
                for (; *text && strchr(".,;:() ", *text); text++) {
                        bool sentence = text[0] == '.' && text[1] == ' ' && text[2];

                        putchar(*text);
                        if (sentence)
                                putchar('\n');
                        text += sentence;
                }
        }
}

/* The arguments of .Fl and .Ar for the row's ways to write it. */
static void put_item(const struct cli_option *row)
{
        uint64_t most = row->value || row->most == 0 ? 1 : row->most;
        const char *value = row->value;

        fputs(".It Fl ", stdout);
        for (uint64_t times = 1; row->letter && times <= most; times++) {
                fputs(times > 1 ? " , " : "", stdout);
                for (uint64_t i = 0; i < times; i++)
                        putchar(row->letter);
        }
        if (row->letter && row->name)
                fputs(value ? "" : " , Fl ", stdout);
        for (int way = row->letter ? 0 : 1; way <= (row->name ? 1 : 0); way++) {
                if (way == 1 && row->letter && value)
                        fputs(" , Fl ", stdout);
                if (way == 1)
                        printf("-%s", row->name);
                if (!value)
                        continue;
                fputs(row->optional ? " Ns Op =" : way == 1 ? " Ns = Ns" : "", stdout);
                fputs(row->optional ? " Ns" : "", stdout);
                fputs(strchr(value, '|') ? " Cm " : " Ar ", stdout);
                for (const char *c = value; *c; c++)
                        if (*c == '|')
                                fputs(" | ", stdout);
                        else
                                putchar(tolower((unsigned char)*c));
        }
        putchar('\n');
}

static void put_row(const struct cli_option *row)
{
        char first[2] = {(char)toupper((unsigned char)row->help[0]), '\0'};

        put_item(row);
        if (first[0] == '`' || first[0] == '-') {
                put_text(row, row->help);
        } else {
                fputs(first, stdout);
                put_text(row, row->help + 1);
        }
        fputs(".\n", stdout);
        if (row->more) {
                put_text(row, row->more);
                putchar('\n');
        }
}

void write_manual(const struct subcommand *subcommand)
{
        const struct cli_option *row = subcommand->options->rows;
        bool open = false;

        for (; is_row(row); row++) {
                if (row->heading && open)
                        puts(".El");
                if (row->heading)
                        printf(".Ss %s\n", row->heading);
                if (row->heading || !open)
                        puts(".Bl -tag -width Ds");
                open = true;
                if (!row->heading)
                        put_row(row);
        }
        puts(".El");
}

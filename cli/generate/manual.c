/* A subcommand's options as a list in mdoc(7). In the texts, options, `literals` and page(1) become
 * bold and the row's placeholder an argument. */
#include "generate.h"

#include "cli/capture/capture.h"

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

/* The value behind the letter, or behind the long name. */
static void put_value(const struct cli_option *row, bool is_long)
{
        if (!row->value)
                return;
        fputs(row->optional ? " Ns Op = Ns" : is_long ? " Ns = Ns" : "", stdout);
        fputs(strchr(row->value, '|') ? " Cm " : " Ar ", stdout);
        for (const char *c = row->value; *c; c++)
                if (*c == '|')
                        fputs(" | ", stdout);
                else
                        putchar(tolower((unsigned char)*c));
}

static void put_row(const struct cli_option *row)
{
        bool marked = row->help[0] == '`' || row->help[0] == '-';

        fputs(".It Fl ", stdout);
        if (row->letter) {
                put_letters(row, " , ");
                put_value(row, false);
        }
        if (row->name) {
                printf("%s-%s", row->letter ? " , Fl " : "", row->name);
                put_value(row, true);
        }
        putchar('\n');
        if (!marked)
                putchar(toupper((unsigned char)row->help[0]));
        put_text(row, row->help + !marked);
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

        for (; option_is_row(row); row++) {
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

void write_habits(void)
{
        static const struct cli_option none;

        puts(".Bl -tag -width Ds");
        for (const struct habit *habit = habit_texts; habit->subject; habit++) {
                printf(".It ");
                put_text(&none, habit->subject);
                printf("\nfilt: ");
                put_text(&none, habit->filt);
                printf(";\n.br\ntcpdump: ");
                put_text(&none, habit->tcpdump);
                puts(".");
        }
        puts(".El");
}

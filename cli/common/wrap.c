/* Text that fits the width of a terminal: broken between words, set in under its column. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
        MIN_COLUMNS = 20, /* of a terminal, or a column */
        SET_IN = 6,       /* where there is no room for the column */
};

int terminal_columns(void)
{
        const char *given = getenv("COLUMNS");
        long columns = given ? strtol(given, NULL, 10) : 0;
        struct winsize size;

        if (!isatty(STDOUT_FILENO))
                return 0;
        if (columns < MIN_COLUMNS)
                columns = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 ? 0 : size.ws_col;
        return columns < MIN_COLUMNS || columns > INT32_MAX ? 0 : (int)columns;
}

struct column column_begin(int at, int start)
{
        struct column column = {.width = terminal_columns(), .start = start, .at = at};

        if (column.width > 0 && column.width < start + MIN_COLUMNS) {
                column.start = SET_IN;
                if (start > SET_IN)
                        column.at = column.width; /* a line of its own */
        }
        column.first = true;
        return column;
}

/* The columns of a terminal that `length` bytes of UTF-8 take; those that set a colour, none. */
static int columns_of(const char *word, int length)
{
        int columns = 0;

        for (int i = 0; i < length; i++) {
                bool color = word[i] == '\033';

                while (color && i < length && word[i] != 'm')
                        i++;
                columns += !color && ((unsigned char)word[i] & 0xc0) != 0x80;
        }
        return columns;
}

void column_room(struct column *column, int spaces, int columns)
{
        if (column->first)
                spaces = 0;
        if (column->width > 0 && column->at > column->start &&
            column->at + spaces + columns > column->width) {
                printf("\n%*s", column->start, "");
                column->at = column->start + columns;
        } else {
                printf("%*s", spaces, "");
                column->at += spaces + columns;
        }
        column->first = false;
}

void print_column(int at, int start, const char *text, size_t length)
{
        struct column column = column_begin(at, start);

        if (column.width == 0) {
                printf("%.*s", (int)length, text);
                return;
        }
        while (length > 0) {
                size_t spaces = strspn(text, " "), word;

                if (spaces > length)
                        spaces = length;
                word = strcspn(text + spaces, " ");
                if (word > length - spaces)
                        word = length - spaces;
                if (word > 0) {
                        column_room(&column, (int)spaces, columns_of(text + spaces, (int)word));
                        printf("%.*s", (int)word, text + spaces);
                }
                text += spaces + word;
                length -= spaces + word;
        }
}

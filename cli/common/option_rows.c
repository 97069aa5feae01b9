/* The rows of tables of options, of which one may stand on another. */
#include "cli.h"

#include <string.h>

size_t option_count(const struct cli_option *row)
{
        size_t count = 0;

        while (row && option_is_row(&row[count]))
                count++;
        return count;
}

bool option_same(const struct cli_option *a, const struct cli_option *b)
{
        return (a->letter && a->letter == b->letter) ||
               (a->name && b->name && strcmp(a->name, b->name) == 0);
}

/* Whether one of `rows` has the letter or the name of `row`, which is in another table. */
static bool is_replaced(const struct cli_option *rows, const struct cli_option *row)
{
        for (; option_is_row(rows); rows++)
                if (option_same(rows, row))
                        return true;
        return false;
}

/* The number of `row` in a table, or that of the table's rows. */
size_t option_number(const struct cli_option *table, const struct cli_option *row)
{
        size_t number = 0;

        while (option_is_row(&table[number]) && &table[number] != row)
                number++;
        return number;
}

const struct cli_option *option_after(const struct cli_options *options,
                                      const struct cli_option *row)
{
        const struct cli_option *more = options->more_rows;
        bool in_more =
            row && more && !option_is_row(&options->rows[option_number(options->rows, row)]);

        row = row ? row + 1 : options->rows;
        if (!in_more && (option_is_row(row) || !more))
                return option_is_row(row) ? row : NULL;
        if (!in_more)
                row = more;
        while (option_is_row(row) && is_replaced(options->rows, row))
                row++;
        return option_is_row(row) ? row : NULL;
}

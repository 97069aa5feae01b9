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

/* Whether `row` of the other table is left out, or replaced by a row with its letter or name. */
static bool is_absent(const struct cli_options *options, const struct cli_option *row)
{
        if (options->without_own && row->own)
                return true;
        for (const struct cli_option *own = options->rows; option_is_row(own); own++)
                if (option_same(own, row))
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
        while (option_is_row(row) && is_absent(options, row))
                row++;
        return option_is_row(row) ? row : NULL;
}

/* write-trace --summary as a table: a row per process or descriptor, most calls first, with a
 * latency histogram. */
#include "trace.h"

#include "base/array.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct row {
        struct writes_key key;
        struct writes_total total;
};

struct rows {
        struct row *row;
        size_t count;
        size_t room;
        bool failed; /* memory was short */
};

/* The table merges the kernel's buckets in pairs, and those below 1 us and above 67 ms. */
enum { FIRST_BUCKET = 10, CLASSES = 10 };
static const char *const classes[CLASSES] = {"<1us", "<4us", "<16us", "<65us", "<262us",
                                             "<1ms", "<4ms", "<17ms", "<67ms", "more"};

static int class_of(int bucket)
{
        int class = bucket < FIRST_BUCKET ? 0 : (bucket - FIRST_BUCKET) / 2 + 1;

        return class < CLASSES ? class : CLASSES - 1;
}

/* What there is room for. */
struct layout {
        size_t rows;
        int merged; /* so many classes are one column; 0: there are no such columns */
        bool by_descriptor;
};

static void add_row(void *context, const struct writes_key *key, const struct writes_total *total)
{
        struct rows *rows = context;

        if (!array_grow(rows->row, rows->room, rows->count + 1)) {
                rows->failed = true;
                return;
        }
        rows->row[rows->count++] = (struct row){*key, *total};
}

static int most_calls_first(const void *left, const void *right)
{
        const struct row *a = left;
        const struct row *b = right;

        if (a->total.calls != b->total.calls)
                return a->total.calls < b->total.calls ? 1 : -1;
        if (a->key.pid != b->key.pid)
                return a->key.pid < b->key.pid ? -1 : 1;
        return a->key.fd < b->key.fd ? -1 : a->key.fd > b->key.fd;
}

/* The last class of the column that begins with class `first`. */
static int last_of(const struct layout *layout, int first)
{
        int last = first + layout->merged - 1;

        return last < CLASSES ? last : CLASSES - 1;
}

static void put_heading(struct text *text, const struct layout *layout)
{
        text_format(text, "%7s %-15s %s%10s %14s %8s %9s ", "pid", "name",
                    layout->by_descriptor ? "   fd " : "", "calls", "bytes", "errors", "mean us");
        for (int i = 0; layout->merged && i < CLASSES; i += layout->merged)
                text_format(text, " %7s", classes[last_of(layout, i)]);
        text_char(text, '\n');
}

static void put_row(struct text *text, const struct row *row, const struct layout *layout)
{
        const struct writes_total *total = &row->total;
        unsigned long long counts[CLASSES] = {0};
        size_t name;

        for (int i = 0; i < WRITES_BUCKETS; i++)
                counts[class_of(i)] += total->histogram[i];
        text_format(text, "%7u ", row->key.pid);
        name = text->length;
        text_show(text, total->comm, strnlen(total->comm, WRITES_COMM));
        text_column(text, name, 15);
        if (layout->by_descriptor)
                text_format(text, " %5d", row->key.fd);
        text_format(text, " %10llu %14llu %8llu %9.2f ", (unsigned long long)total->calls,
                    (unsigned long long)total->bytes, (unsigned long long)total->errors,
                    total->calls ? (double)total->time / 1000 / (double)total->calls : 0.0);
        for (int i = 0; layout->merged && i < CLASSES; i += layout->merged) {
                unsigned long long count = 0;

                for (int j = i; j <= last_of(layout, i); j++)
                        count += counts[j];
                if (count)
                        text_format(text, " %7llu", count);
                else
                        text_format(text, " %7s", ".");
        }
        text_char(text, '\n');
}

static void put_json(struct text *text, const struct row *row, bool by_descriptor)
{
        const struct writes_total *total = &row->total;
        struct json json = {.text = text};

        json_open(&json, '{');
        json_text(json_key(&json, "type"), "total");
        json_decimal(json_key(&json, "pid"), row->key.pid);
        json_bytes(json_key(&json, "comm"), total->comm, strnlen(total->comm, WRITES_COMM));
        if (by_descriptor)
                json_signed(json_key(&json, "fd"), row->key.fd);
        json_decimal(json_key(&json, "calls"), total->calls);
        json_decimal(json_key(&json, "bytes"), total->bytes);
        json_decimal(json_key(&json, "errors"), total->errors);
        json_decimal(json_key(&json, "duration_ns"), total->time);
        json_open(json_key(&json, "histogram"), '[');
        for (int i = 0; i < WRITES_BUCKETS; i++)
                json_decimal(&json, total->histogram[i]);
        json_close(&json, ']');
        json_close(&json, '}');
        text_char(text, '\n');
}

/* Lines of the screen are for the heading, the rows and the cursor. Where not all classes have
 * room, as many of them become one column as it takes. */
static struct layout layout_for(const struct summary_style *style)
{
        enum { OTHER_COLUMNS = 69, DESCRIPTOR = 6, COLUMN = 8, LEAST_ROWS = 4, USUAL = 22 };
        struct layout layout = {
            .rows = SIZE_MAX, .merged = 1, .by_descriptor = style->by_descriptor};
        struct winsize size = {0};
        int room;

        if (style->screen < 0)
                return layout;
        if (ioctl(style->screen, TIOCGWINSZ, &size) < 0 || size.ws_row < LEAST_ROWS)
                size.ws_row = USUAL;
        layout.rows = size.ws_row - 2U;
        room = size.ws_col - OTHER_COLUMNS - (style->by_descriptor ? DESCRIPTOR : 0);
        room = room < 0 ? 0 : room / COLUMN;
        if (size.ws_col > 0 && room < CLASSES)
                layout.merged = room < 2 ? 0 : (CLASSES + room - 1) / room;
        return layout;
}

/* On a screen over what is there; lines that are too long all the same are cut by the terminal. */
static void put_table(struct text *text, const struct rows *rows, const struct summary_style *style)
{
        const struct layout layout = layout_for(style);
        size_t shown = rows->count <= layout.rows ? rows->count : layout.rows - 1;

        if (style->screen >= 0)
                text_string(text, "\033[H\033[J\033[?7l");
        put_heading(text, &layout);
        for (size_t i = 0; i < shown; i++)
                put_row(text, &rows->row[i], &layout);
        if (shown < rows->count)
                text_format(text, "%7s and %zu more\n", "", rows->count - shown);
        if (style->screen >= 0)
                text_string(text, "\033[?7h");
}

void trace_summary(struct text *text, const struct writes *writes,
                   const struct summary_style *style)
{
        struct rows rows = {0};

        writes_totals(writes, add_row, &rows);
        text->failed |= rows.failed;
        if (rows.count)
                qsort(rows.row, rows.count, sizeof *rows.row, most_calls_first);
        if (!style->json)
                put_table(text, &rows, style);
        for (size_t i = 0; style->json && i < rows.count; i++)
                put_json(text, &rows.row[i], style->by_descriptor);
        free(rows.row);
}

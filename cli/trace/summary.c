/* The sums of write-trace --summary as a table: a line for each process or descriptor, most calls
 * first, and how many of its calls took how long. */
#include "trace.h"

#include <stdarg.h>
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
};

/* The table joins the kernel's buckets in pairs, and those below 1 us and above 67 ms. */
enum { FIRST_BUCKET = 10, CLASSES = 10 };
static const char *const classes[CLASSES] = {"<1us", "<4us", "<16us", "<65us", "<262us",
                                             "<1ms", "<4ms", "<17ms", "<67ms", "more"};

static int class_of(int bucket)
{
        int class = bucket < FIRST_BUCKET ? 0 : (bucket - FIRST_BUCKET) / 2 + 1;

        return class < CLASSES ? class : CLASSES - 1;
}

static void add_row(void *context, const struct writes_key *key, const struct writes_total *total)
{
        struct rows *rows = context;

        if (rows->count == rows->room) {
                size_t room = 2 * rows->room + 64;
                struct row *larger = realloc(rows->row, room * sizeof *larger);

                if (!larger)
                        return;
                rows->row = larger;
                rows->room = room;
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

static void put(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct text *text, const char *format, ...)
{
        char line[256];
        va_list arguments;
        int length;

        va_start(arguments, format);
        length = vsnprintf(line, sizeof line, format, arguments);
        va_end(arguments);
        if (length > 0)
                text_put(text, line,
                         (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
}

/* A task may have any name; it must not steer the terminal. */
static void put_name(struct text *text, const char *comm, int width)
{
        for (int i = 0; i < WRITES_COMM && comm[i]; i++, width--)
                text_put(text, comm[i] >= ' ' && comm[i] <= '~' ? comm + i : "?", 1);
        put(text, "%*s", width > 0 ? width : 0, "");
}

static void put_heading(struct text *text, bool by_descriptor)
{
        put(text, "%7s %-15s %s%10s %14s %8s %9s ", "pid", "name", by_descriptor ? "   fd " : "",
            "calls", "bytes", "errors", "mean us");
        for (int i = 0; i < CLASSES; i++)
                put(text, " %7s", classes[i]);
        put(text, "\n");
}

static void put_row(struct text *text, const struct row *row, bool by_descriptor)
{
        const struct writes_total *total = &row->total;
        unsigned long long counts[CLASSES] = {0};

        for (int i = 0; i < WRITES_BUCKETS; i++)
                counts[class_of(i)] += total->histogram[i];
        put(text, "%7u ", row->key.pid);
        put_name(text, total->comm, 15);
        if (by_descriptor)
                put(text, " %5d", row->key.fd);
        put(text, " %10llu %14llu %8llu %9.2f ", (unsigned long long)total->calls,
            (unsigned long long)total->bytes, (unsigned long long)total->errors,
            total->calls ? (double)total->time / 1000 / (double)total->calls : 0.0);
        for (int i = 0; i < CLASSES; i++)
                if (counts[i])
                        put(text, " %7llu", counts[i]);
                else
                        put(text, " %7s", ".");
        put(text, "\n");
}

static void put_json(struct text *text, const struct row *row, bool by_descriptor)
{
        const struct writes_total *total = &row->total;

        put(text, "{\"type\":\"total\",\"pid\":%u,\"comm\":", row->key.pid);
        write_line_json_string(text, total->comm, strnlen(total->comm, WRITES_COMM));
        if (by_descriptor)
                put(text, ",\"fd\":%d", row->key.fd);
        put(text, ",\"calls\":%llu,\"bytes\":%llu,\"errors\":%llu,\"duration_ns\":%llu",
            (unsigned long long)total->calls, (unsigned long long)total->bytes,
            (unsigned long long)total->errors, (unsigned long long)total->time);
        put(text, ",\"histogram\":[");
        for (int i = 0; i < WRITES_BUCKETS; i++)
                put(text, "%s%llu", i ? "," : "", (unsigned long long)total->histogram[i]);
        put(text, "]}\n");
}

/* How many rows fit the terminal, below the heading and above the cursor. */
static size_t terminal_rows(void)
{
        struct winsize size;

        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row < 4)
                return 20;
        return size.ws_row - 2U;
}

void write_trace_summary(struct text *text, const struct writes *writes,
                         const struct summary_style *style)
{
        struct rows rows = {0};
        size_t shown;

        writes_totals(writes, add_row, &rows);
        if (rows.count)
                qsort(rows.row, rows.count, sizeof *rows.row, most_calls_first);
        shown = rows.count;
        if (style->redraw) {
                text_string(text, "\033[H\033[J");
                if (shown > terminal_rows())
                        shown = terminal_rows();
        }
        if (!style->json)
                put_heading(text, style->by_descriptor);
        for (size_t i = 0; i < shown; i++)
                if (style->json)
                        put_json(text, &rows.row[i], style->by_descriptor);
                else
                        put_row(text, &rows.row[i], style->by_descriptor);
        free(rows.row);
}

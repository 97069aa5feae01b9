/* Lines in strace's format, for the same eyes, scripts and diff. Where strace's documentation
 * leaves the format open, it is that of strace 6.1. */
#include "line.h"

#include "base/array.h"

#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum {
        RESULT_COLUMN = 40, /* where " = " starts, at least */
        NS = 1000000000
};

/* What stands between the two has the role's colour. */
static void paint(struct text *text, const struct trace_style *style, struct trace_state *state,
                  enum role role)
{
        size_t before = text->length;

        if (!style->colors || !*style->colors->sgr[role])
                return;
        text_format(text, "\033[%sm", style->colors->sgr[role]);
        state->sequences += text->length - before;
}

static void paint_end(struct text *text, const struct trace_style *style, struct trace_state *state,
                      enum role role)
{
        if (!style->colors || !*style->colors->sgr[role])
                return;
        text_string(text, COLORS_END);
        state->sequences += strlen(COLORS_END);
}

static void put_clock(struct text *text, struct trace_state *state, int64_t second)
{
        time_t time = (time_t)second;
        struct tm parts;

        if (second != state->second || !state->clock[0]) {
                localtime_r(&time, &parts);
                strftime(state->clock, sizeof state->clock, "%H:%M:%S", &parts);
                state->second = second;
        }
        text_string(text, state->clock);
}

static void put_time(struct text *text, const struct trace_style *style, struct trace_state *state,
                     uint64_t start)
{
        int64_t wall = (int64_t)start + state->wall_offset;

        if (style->time == TRACE_NO_TIME)
                return;
        if (style->time == TRACE_EPOCH_MICRO)
                text_signed(text, wall / NS);
        else
                put_clock(text, state, wall / NS);
        if (style->time != TRACE_TIME_OF_DAY) {
                text_put(text, ".", 1);
                text_padded(text, (uint64_t)(wall % NS / 1000), 6);
        }
        text_put(text, " ", 1);
}

static void put_relative(struct text *text, const struct trace_style *style,
                         struct trace_state *state, uint64_t start)
{
        uint64_t passed = state->before && start > state->before ? start - state->before : 0;

        state->before = start;
        text_format(text, style->time ? "(+%6llu.%06llu) " : "%6llu.%06llu ",
                    (unsigned long long)(passed / NS), (unsigned long long)(passed % NS / 1000));
}

/* Writes the escape of byte `i` and returns its end. Octal has as many digits as it needs, but
 * three before an octal digit. */
static char *escape(char *to, const char *bytes, size_t i, size_t size)
{
        static const char letters[256] = {['\t'] = 't', ['\n'] = 'n', ['\v'] = 'v', ['\f'] = 'f',
                                          ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
        const unsigned char byte = (unsigned char)bytes[i];
        const bool before_digit = i + 1 < size && bytes[i + 1] >= '0' && bytes[i + 1] <= '7';

        *to++ = '\\';
        if (letters[byte]) {
                *to++ = letters[byte];
                return to;
        }
        if (before_digit || byte >= 0100)
                *to++ = (char)('0' + (byte >> 6));
        if (before_digit || byte >= 010)
                *to++ = (char)('0' + (byte >> 3 & 7));
        *to++ = (char)('0' + (byte & 7));
        return to;
}

/* Whether the bytes are shown in hex, all of them. */
static bool wants_hex(enum trace_hex hex, const char *bytes, size_t size)
{
        for (size_t i = 0; hex == TRACE_HEX_FOREIGN && i < size; i++)
                if ((bytes[i] < ' ' && (bytes[i] < '\t' || bytes[i] > '\r')) || bytes[i] > '~')
                        return true;
        return hex == TRACE_HEX_ALL;
}

/* Needs room for four bytes each; returns their end. */
static char *put_hex(char *to, const char *bytes, size_t size)
{
        static const char digits[] = "0123456789abcdef";

        for (size_t i = 0; i < size; i++) {
                const unsigned char byte = (unsigned char)bytes[i];

                *to++ = '\\';
                *to++ = 'x';
                *to++ = digits[byte >> 4];
                *to++ = digits[byte & 15];
        }
        return to;
}

/* A name as strace prints it: without quotes; what would end or garble it is escaped. */
static void put_name(struct text *text, enum trace_hex hex, const char *name, size_t length)
{
        char *to = wants_hex(hex, name, length) ? text_room(text, 4 * length + 1) : NULL;

        if (to) {
                text->length += (size_t)(put_hex(to, name, length) - to);
                return;
        }
        for (size_t i = 0; i < length; i++) {
                char escaped[4];

                if (name[i] >= ' ' && name[i] <= '~' && !strchr("<>\\\"", name[i]))
                        text_char(text, name[i]);
                else
                        text_put(text, escaped,
                                 (size_t)(escape(escaped, name, i, length) - escaped));
        }
}

/* The task: "[pid    12] ", "[pid    12<sh>] ", or in files "12    ", "12<sh> ". */
static void put_task(struct text *text, const struct writes_event *event,
                     const struct trace_style *style)
{
        size_t number;

        if (!style->plain_pids)
                text_put(text, "[pid ", 5);
        number = text->length;
        if (!style->plain_pids)
                text_decimal_right(text, event->tid, 5);
        else
                text_decimal(text, event->tid);
        if (style->names) {
                text_put(text, "<", 1);
                put_name(text, style->hex, event->comm, strnlen(event->comm, WRITES_COMM));
                text_put(text, ">", 1);
        } else if (style->plain_pids)
                text_column(text, number, 5);
        text_string(text, style->plain_pids ? " " : "] ");
}

static void put_quoted(struct text *text, enum trace_hex hex, const char *bytes, size_t size,
                       bool cut)
{
        bool in_hex = wants_hex(hex, bytes, size);
        char *start = text_room(text, 4 * size + 5);
        char *to = start;

        if (!to)
                return;
        *to++ = '"';
        if (in_hex)
                to = put_hex(to, bytes, size);
        for (size_t i = 0; i < size && !in_hex; i++) {
                if (bytes[i] >= ' ' && bytes[i] <= '~' && bytes[i] != '"' && bytes[i] != '\\')
                        *to++ = bytes[i];
                else
                        to = escape(to, bytes, i, size);
        }
        *to++ = '"';
        if (cut)
                to = stpcpy(to, "...");
        text->length += (size_t)(to - start);
}

/* The first `kept` of `size` bytes at `address`, or the address if they could not be read. */
static void put_data(struct text *text, enum trace_hex hex, uint64_t address, uint64_t size,
                     const char *bytes, size_t kept, bool absent)
{
        if (absent && address)
                text_address(text, address);
        else if (!address)
                text_string(text, "NULL");
        else
                put_quoted(text, hex, bytes, kept, size > kept);
}

/* Returns an element of the vector, or NULL if the record does not have it. */
static const struct writes_vector *element(const struct writes_event *event, size_t i,
                                           size_t data_most)
{
        const size_t stride = sizeof(struct writes_vector) + data_most;

        if ((i + 1) * stride > event->length)
                return NULL;
        return (const void *)(event->data + i * stride);
}

static void put_vector(struct text *text, const struct writes_event *event,
                       const struct trace_style *style)
{
        const size_t data_most = style->data_most;
        const struct writes_vector *part = element(event, 0, data_most);
        uint64_t size;

        if (event->buffer && event->count &&
            (!part || __builtin_mul_overflow(event->count, 16, &size) ||
             event->buffer + size < event->buffer)) {
                text_address(text, event->buffer);
                return;
        }
        if (!event->buffer) {
                text_string(text, "NULL");
                return;
        }
        text_put(text, "[", 1);
        for (size_t i = 0; i < event->count; i++) {
                struct writes_vector head;

                if (i > 0)
                        text_put(text, ", ", 2);
                part = element(event, i, data_most);
                if (!part || !data_most) { /* a record has at least one element */
                        text_put(text, "...", 3);
                        break;
                }
                memcpy(&head, part, sizeof head); /* it need not be aligned */
                text_string(text, "{iov_base=");
                put_data(text, style->hex, head.base, head.length, (const char *)part + sizeof head,
                         head.length < data_most ? head.length : data_most,
                         head.state == WRITES_DATA_ABSENT);
                text_string(text, ", iov_len=");
                text_decimal(text, head.length);
                text_put(text, "}", 1);
        }
        text_put(text, "]", 1);
}

static void put_flags(struct text *text, uint32_t flags)
{
        static const char *const names[] = {"RWF_HIPRI", "RWF_DSYNC", "RWF_SYNC", "RWF_NOWAIT",
                                            "RWF_APPEND"};
        const char *separator = "";
        const uint32_t known = (1U << (array_count(names))) - 1;

        for (size_t i = 0; i < array_count(names); i++)
                if (flags >> i & 1) {
                        text_string(text, separator);
                        text_string(text, names[i]);
                        separator = "|";
                }
        if (flags & ~known) {
                text_string(text, separator);
                text_address(text, flags & ~known);
                if (!(flags & known))
                        text_string(text, " /* RWF_??? */");
        } else if (!flags)
                text_put(text, "0", 1);
}

/* Errors that no program sees: the kernel restarts the call or returns EINTR. */
static const struct restart {
        int number;
        const char *text;
} restarts[] = {
    {512, "? ERESTARTSYS (To be restarted if SA_RESTART is set)"},
    {513, "? ERESTARTNOINTR (To be restarted)"},
    {514, "? ERESTARTNOHAND (To be restarted if no handler)"},
    {516, "? ERESTART_RESTARTBLOCK (Interrupted by signal)"},
};

static void put_error(struct text *text, int number)
{
        const char *name = strerrorname_np(number);

        for (size_t i = 0; i < array_count(restarts); i++)
                if (restarts[i].number == number) {
                        text_string(text, restarts[i].text);
                        return;
                }
        if (name)
                text_format(text, "-1 %s (%s)", name, strerrordesc_np(number));
        else
                text_format(text, "-1 ERRNO_%d (Unknown error %d)", number, number);
}

static void put_path(struct text *text, enum trace_hex hex, const struct writes_path *path)
{
        char name[WRITES_PATH_MAX];

        if (!path || !writes_path_name(path, name, sizeof name))
                return;
        text_put(text, "<", 1);
        put_name(text, hex, name, strlen(name));
        text_put(text, ">", 1);
        if (path->kind == WRITES_PATH_DELETED)
                text_string(text, "(deleted)");
}

static void put_call(struct text *text, const struct writes_event *event,
                     const struct trace_style *style, struct trace_state *state, size_t line)
{
        bool failed = trace_is_error(event->result);

        paint(text, style, state, ROLE_OPERATION);
        text_string(text, writes_call_name(event->call));
        paint_end(text, style, state, ROLE_OPERATION);
        text_put(text, "(", 1);
        paint(text, style, state, ROLE_ADDRESS);
        text_signed(text, event->fd);
        put_path(text, style->hex, writes_event_path(event));
        paint_end(text, style, state, ROLE_ADDRESS);
        text_put(text, ", ", 2);
        if (writes_is_vector(event->call))
                put_vector(text, event, style);
        else
                put_data(text, style->hex, event->buffer, event->count, event->data, event->length,
                         event->data_state == WRITES_DATA_ABSENT);
        text_put(text, ", ", 2);
        text_decimal(text, event->count);
        if (event->call >= WRITES_PWRITE64) {
                text_put(text, ", ", 2);
                text_signed(text, event->offset);
        }
        if (event->call == WRITES_PWRITEV2) {
                text_put(text, ", ", 2);
                put_flags(text, event->flags);
        }
        text_put(text, ")", 1);
        text_column(text, line + state->sequences, RESULT_COLUMN - 1);
        text_put(text, " = ", 3);
        paint(text, style, state, failed ? ROLE_DAMAGE : ROLE_LENGTH);
        if (failed)
                put_error(text, (int)-event->result);
        else
                text_signed(text, event->result);
        paint_end(text, style, state, failed ? ROLE_DAMAGE : ROLE_LENGTH);
        if (style->durations) {
                text_put(text, " ", 1);
                paint(text, style, state, ROLE_TIME);
                text_put(text, "<", 1);
                text_decimal(text, event->duration / NS);
                text_put(text, ".", 1);
                text_padded(text, event->duration % NS / 1000, 6);
                text_put(text, ">", 1);
                paint_end(text, style, state, ROLE_TIME);
        }
}

static void put_exit(struct text *text, int status)
{
        if (WIFSIGNALED(status)) {
                text_string(text, "+++ killed by ");
                trace_signal_name(text, WTERMSIG(status));
                if (WCOREDUMP(status))
                        text_string(text, " (core dumped)");
        } else {
                text_format(text, "+++ exited with %d", WEXITSTATUS(status));
        }
        text_string(text, " +++");
}

void trace_line(struct text *text, const struct writes_event *event,
                const struct trace_style *style, struct trace_state *state, bool several)
{
        size_t line = text->length;

        state->sequences = 0;
        if (several || style->time || style->relative)
                paint(text, style, state, ROLE_TIME);
        if (several)
                put_task(text, event, style);
        put_time(text, style, state, event->start);
        if (style->relative)
                put_relative(text, style, state, event->start);
        if (several || style->time || style->relative)
                paint_end(text, style, state, ROLE_TIME);
        if (event->kind == WRITES_EXIT)
                put_exit(text, (int)event->result);
        else if (event->kind == WRITES_EXEC)
                text_format(text, "+++ superseded by execve in pid %lld +++",
                            (long long)event->result);
        else if (event->kind == WRITES_SIGNAL)
                trace_signal(text, event->data);
        else
                put_call(text, event, style, state, line);
        text_put(text, "\n", 1);
}

/* An event as a JSON object, one a line. */
#include "line.h"

#include "ebpf/writes.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static bool is_error(int64_t result)
{
        return result < 0 && result >= -4095;
}

/* Names are fixed strings that need no escape. */
static void put_name(struct text *text, const char *name)
{
        text_string(text, ",\"");
        text_string(text, name);
        text_string(text, "\":");
}

static void put_number(struct text *text, const char *name, int64_t number)
{
        put_name(text, name);
        text_signed(text, number);
}

void write_line_json_string(struct text *text, const char *bytes, size_t size)
{
        char *start = text_room(text, 6 * size + 2);
        char *to = start;

        if (!to)
                return;
        *to++ = '"';
        for (size_t i = 0; i < size; i++) {
                unsigned char byte = (unsigned char)bytes[i];

                if (byte == '"' || byte == '\\') {
                        *to++ = '\\';
                        *to++ = (char)byte;
                } else if (byte == '\n') {
                        *to++ = '\\';
                        *to++ = 'n';
                } else if (byte >= ' ' && byte <= '~')
                        *to++ = (char)byte;
                else {
                        to = stpcpy(to, "\\u00");
                        *to++ = "0123456789abcdef"[byte >> 4];
                        *to++ = "0123456789abcdef"[byte & 15];
                }
        }
        *to++ = '"';
        text->length += (size_t)(to - start);
}

static void put_data(struct text *text, const char *bytes, size_t size, bool absent)
{
        if (absent)
                text_string(text, "null");
        else
                write_line_json_string(text, bytes, size);
}

static void put_vector(struct text *text, const struct writes_event *event, size_t data_most)
{
        const size_t stride = sizeof(struct writes_vector) + data_most;

        text_put(text, "[", 1);
        for (size_t at = 0; at + stride <= event->length; at += stride) {
                struct writes_vector part;

                memcpy(&part, event->data + at, sizeof part);
                text_string(text, at ? ",{\"data\":" : "{\"data\":");
                put_data(text, event->data + at + sizeof part,
                         part.length < data_most ? part.length : data_most,
                         part.state == WRITES_DATA_ABSENT);
                text_string(text, ",\"bytes\":");
                text_decimal(text, part.length);
                text_put(text, "}", 1);
        }
        text_put(text, "]", 1);
}

static void put_path(struct text *text, const struct writes_path *path)
{
        char name[WRITES_PATH_MAX];

        if (!path || !writes_path_name(path, name, sizeof name))
                return;
        put_name(text, "path");
        write_line_json_string(text, name, strlen(name));
        if (path->kind == WRITES_PATH_DELETED)
                text_string(text, ",\"deleted\":true");
}

static void put_call(struct text *text, const struct writes_event *event,
                     const struct write_line_style *style)
{
        const bool vector = event->call != WRITES_WRITE && event->call != WRITES_PWRITE64;

        put_name(text, "call");
        text_put(text, "\"", 1);
        text_string(text, writes_call_name(event->call));
        text_put(text, "\"", 1);
        put_number(text, "fd", event->fd);
        put_path(text, writes_event_path(event));
        put_name(text, vector ? "vector" : "data");
        if (vector)
                put_vector(text, event, style->data_most);
        else
                put_data(text, event->data, event->length, event->data_state == WRITES_DATA_ABSENT);
        put_name(text, "requested");
        text_decimal(text, event->requested);
        if (vector)
                put_number(text, "count", (int64_t)event->count);
        if (event->call >= WRITES_PWRITE64)
                put_number(text, "offset", event->offset);
        if (event->call == WRITES_PWRITEV2)
                put_number(text, "flags", event->flags);
        if (is_error(event->result)) {
                const char *name = strerrorname_np((int)-event->result);

                put_number(text, "returned", -1);
                put_number(text, "errno", -event->result);
                if (name) {
                        put_name(text, "error");
                        write_line_json_string(text, name, strlen(name));
                }
        } else
                put_number(text, "returned", event->result);
        put_number(text, "duration_ns", (int64_t)event->duration);
}

static void put_exit(struct text *text, int status)
{
        if (WIFSIGNALED(status))
                put_number(text, "signal", WTERMSIG(status));
        else
                put_number(text, "status", WEXITSTATUS(status));
}

void write_line_json(struct text *text, const struct writes_event *event,
                     const struct write_line_style *style, const struct write_line_state *state)
{
        static const char *const types[] = {[WRITES_CALL] = "call",
                                            [WRITES_FORK] = "fork",
                                            [WRITES_EXIT] = "exit",
                                            [WRITES_EXEC] = "exec",
                                            [WRITES_SIGNAL] = "signal"};
        const int64_t wall = (int64_t)event->start + state->wall_offset;

        text_string(text, "{\"type\":\"");
        text_string(text, types[event->kind]);
        text_put(text, "\"", 1);
        put_name(text, "time");
        text_signed(text, wall / 1000000000);
        text_put(text, ".", 1);
        text_padded(text, (uint64_t)(wall % 1000000000), 9);
        put_number(text, "pid", event->pid);
        put_number(text, "tid", event->tid);
        put_name(text, "comm");
        write_line_json_string(text, event->comm, strnlen(event->comm, WRITES_COMM));
        if (event->kind == WRITES_CALL)
                put_call(text, event, style);
        if (event->kind == WRITES_EXIT)
                put_exit(text, (int)event->result);
        if (event->kind == WRITES_EXEC)
                put_number(text, "former_tid", event->result);
        if (event->kind == WRITES_SIGNAL)
                put_number(text, "signal", event->result);
        text_string(text, "}\n");
}

/* An event as a JSON object, one a line. */
#include "line.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static void put_data(struct json *json, const char *bytes, size_t size, bool absent)
{
        if (absent)
                json_null(json);
        else
                json_bytes(json, bytes, size);
}

static void put_vector(struct json *json, const struct writes_event *event, size_t data_most)
{
        const size_t stride = sizeof(struct writes_vector) + data_most;

        json_open(json, '[');
        for (size_t at = 0; at + stride <= event->length; at += stride) {
                struct writes_vector part;

                memcpy(&part, event->data + at, sizeof part);
                json_open(json, '{');
                put_data(json_key(json, "data"), event->data + at + sizeof part,
                         part.length < data_most ? part.length : data_most,
                         part.state == WRITES_DATA_ABSENT);
                json_decimal(json_key(json, "bytes"), part.length);
                json_close(json, '}');
        }
        json_close(json, ']');
}

static void put_path(struct json *json, const struct writes_path *path)
{
        char name[WRITES_PATH_MAX];

        if (!path || !writes_path_name(path, name, sizeof name))
                return;
        json_bytes(json_key(json, "path"), name, strlen(name));
        if (path->kind == WRITES_PATH_DELETED)
                json_boolean(json_key(json, "deleted"), true);
}

static void put_call(struct json *json, const struct writes_event *event,
                     const struct trace_style *style)
{
        const bool vector = writes_is_vector(event->call);

        json_text(json_key(json, "call"), writes_call_name(event->call));
        json_signed(json_key(json, "fd"), event->fd);
        put_path(json, writes_event_path(event));
        json_key(json, vector ? "vector" : "data");
        if (vector)
                put_vector(json, event, style->data_most);
        else
                put_data(json, event->data, event->length, event->data_state == WRITES_DATA_ABSENT);
        json_decimal(json_key(json, "requested"), event->requested);
        if (vector)
                json_signed(json_key(json, "count"), (int64_t)event->count);
        if (event->call >= WRITES_PWRITE64)
                json_signed(json_key(json, "offset"), event->offset);
        if (event->call == WRITES_PWRITEV2)
                json_signed(json_key(json, "flags"), event->flags);
        if (trace_is_error(event->result)) {
                const char *name = strerrorname_np((int)-event->result);

                json_signed(json_key(json, "returned"), -1);
                json_signed(json_key(json, "errno"), -event->result);
                if (name)
                        json_text(json_key(json, "error"), name);
        } else
                json_signed(json_key(json, "returned"), event->result);
        json_signed(json_key(json, "duration_ns"), (int64_t)event->duration);
}

static void put_exit(struct json *json, int status)
{
        if (WIFSIGNALED(status))
                json_signed(json_key(json, "signal"), WTERMSIG(status));
        else
                json_signed(json_key(json, "status"), WEXITSTATUS(status));
}

static void put_time(struct json *json, uint64_t time)
{
        char seconds[NUMBER_DECIMAL + sizeof ".000000000"];
        char *at = number_decimal(seconds, time / 1000000000);

        *at++ = '.';
        *number_padded(at, time % 1000000000, 9) = '\0';
        json_raw(json, seconds);
}

void trace_json(struct text *text, const struct writes_event *event,
                const struct trace_style *style, const struct trace_state *state)
{
        static const char *const types[] = {[WRITES_CALL] = "call",
                                            [WRITES_FORK] = "fork",
                                            [WRITES_EXIT] = "exit",
                                            [WRITES_EXEC] = "exec",
                                            [WRITES_SIGNAL] = "signal"};
        struct json json = {.text = text};

        json_open(&json, '{');
        json_text(json_key(&json, "type"), types[event->kind]);
        put_time(json_key(&json, "time"), event->start + (uint64_t)state->wall_offset);
        json_signed(json_key(&json, "pid"), event->pid);
        json_signed(json_key(&json, "tid"), event->tid);
        json_bytes(json_key(&json, "comm"), event->comm, strnlen(event->comm, WRITES_COMM));
        if (event->kind == WRITES_CALL)
                put_call(&json, event, style);
        if (event->kind == WRITES_EXIT)
                put_exit(&json, (int)event->result);
        if (event->kind == WRITES_EXEC)
                json_signed(json_key(&json, "former_tid"), event->result);
        if (event->kind == WRITES_SIGNAL)
                json_signed(json_key(&json, "signal"), event->result);
        json_close(&json, '}');
        text_char(text, '\n');
}

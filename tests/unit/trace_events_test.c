/* Events into lines, in order. That the lines are strace's is tested against strace itself, in
 * tests/run/write_trace_strace.t; these tests cover what that cannot reach: sizes, limits, times,
 * JSON. */
#include "cli/trace/event_queue.h"
#include "cli/trace/line.h"
#include "ebpf/writes.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 4096 };

/* An event with room behind it. */
static struct writes_event *event_of(const char *data, size_t size)
{
        struct writes_event *event = calloc(1, sizeof *event + ROOM);

        ck_assert_ptr_nonnull(event);
        event->kind = WRITES_CALL;
        event->data_state = WRITES_DATA_READ;
        event->fd = 1;
        event->pid = event->tid = 42;
        event->buffer = 0x1000;
        event->count = event->requested = size;
        event->result = (int64_t)size;
        event->length = (uint32_t)size;
        memcpy(event->data, data, size);
        return event;
}

static void expect(struct text *text, const char *wanted)
{
        text_put(text, "", 1);
        ck_assert(!text->failed);
        ck_assert_str_eq(text->start, wanted);
        text_free(text);
}

static void expect_line(const struct writes_event *event, const struct trace_style *style,
                        bool several, const char *wanted)
{
        struct trace_state state = {0};
        struct text text = {0};

        trace_line(&text, event, style, &state, several);
        expect(&text, wanted);
}

START_TEST(numbers_are_written_in_full)
{
        struct text text = {0};

        text_decimal(&text, UINT64_MAX);
        text_put(&text, " ", 1);
        text_signed(&text, INT64_MIN);
        text_put(&text, " ", 1);
        text_address(&text, UINT64_MAX);
        text_put(&text, " ", 1);
        text_padded(&text, 7, 6);
        text_decimal_right(&text, 0, 5);
        text_decimal_right(&text, 123456, 5);
        text_put(&text, "|", 1);
        text_column(&text, 0, 10);
        expect(&text, "18446744073709551615 -9223372036854775808 0xffffffffffffffff 000007    "
                      "0123456|");
}
END_TEST

START_TEST(tasks_and_times_come_first)
{
        struct writes_event *event = event_of("Kano\n", 5);
        struct trace_style style = {.data_most = 32};
        struct trace_state state = {.wall_offset = 1000};
        struct text text = {0};

        memcpy(event->comm, "a name of 16 byt", WRITES_COMM);
        expect_line(event, &style, false, "write(1, \"Kano\\n\", 5)                   = 5\n");
        expect_line(event, &style, true, "[pid    42] write(1, \"Kano\\n\", 5)       = 5\n");
        style.plain_pids = true;
        expect_line(event, &style, true, "42    write(1, \"Kano\\n\", 5)             = 5\n");
        style.names = true;
        expect_line(event, &style, true, "42<a name of 16 byt> write(1, \"Kano\\n\", 5) = 5\n");
        style.time = TRACE_EPOCH_MICRO;
        style.relative = style.durations = true;
        event->start = 5000000999;
        event->duration = 1234567;
        trace_line(&text, event, &style, &state, false);
        event->start += 1500000000;
        trace_line(&text, event, &style, &state, false);
        expect(&text, "5.000001 (+     0.000000) write(1, \"Kano\\n\", 5) = 5 <0.001234>\n"
                      "6.500001 (+     1.500000) write(1, \"Kano\\n\", 5) = 5 <0.001234>\n");
        free(event);
}
END_TEST

START_TEST(results_are_shown_as_the_kernel_means_them)
{
        static const struct {
                int64_t result;
                const char *text;
        } cases[] = {
            {-EBADF, "-1 EBADF (Bad file descriptor)"},
            {-512, "? ERESTARTSYS (To be restarted if SA_RESTART is set)"},
            {-4095, "-1 ERRNO_4095 (Unknown error 4095)"},
            {INT64_MAX, "9223372036854775807"},
        };
        struct writes_event *event = event_of("", 0);
        struct trace_style style = {.data_most = 32};
        char wanted[128];

        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                event->result = cases[i].result;
                snprintf(wanted, sizeof wanted, "write(1, \"\", 0)%*s = %s\n", 24, "",
                         cases[i].text);
                expect_line(event, &style, false, wanted);
        }
        free(event);
}
END_TEST

/* The record's length limits a vector's elements, whatever the call asked for. */
START_TEST(a_vector_ends_where_the_record_does)
{
        struct writes_event *event = event_of("", 0);
        struct trace_style style = {.data_most = 4};
        struct writes_vector parts[2] = {{0x2000, 10, WRITES_DATA_READ},
                                         {0x3000, 3, WRITES_DATA_ABSENT}};
        const size_t stride = sizeof *parts + 4;

        event->call = WRITES_WRITEV;
        event->count = 3;
        event->length = (uint32_t)(2 * stride);
        memcpy(event->data, &parts[0], sizeof *parts);
        memcpy(event->data + sizeof *parts, "abcd", 4);
        memcpy(event->data + stride, &parts[1], sizeof *parts);
        expect_line(event, &style, false,
                    "writev(1, [{iov_base=\"abcd\"..., iov_len=10}, {iov_base=0x3000, iov_len=3}, "
                    "...], 3) = 0\n");
        event->length = 0;
        expect_line(event, &style, false, "writev(1, 0x1000, 3)                    = 0\n");
        event->count = UINT64_MAX;
        event->length = (uint32_t)stride;
        expect_line(event, &style, false, "writev(1, 0x1000, 18446744073709551615) = 0\n");
        free(event);
}
END_TEST

static void add_path(struct writes_event *event, uint16_t kind, const char *names, size_t length)
{
        struct writes_path *path =
            (void *)((char *)event + ((sizeof *event + event->length + 7) & ~(size_t)7));

        event->has_path = 1;
        *path = (struct writes_path){.inode = 77, .kind = kind, .length = (uint32_t)length};
        memcpy(path->names, names, length);
}

START_TEST(paths_are_joined_from_their_end)
{
        static const char names[] = "f\0b c\0a";
        struct writes_event *event = event_of("x", 1);
        struct writes_path *path;
        char name[16];

        add_path(event, WRITES_PATH_FILE, names, sizeof names);
        ck_assert_uint_eq(writes_event_size(event),
                          sizeof *event + 8 + sizeof(struct writes_path) + sizeof names);
        ck_assert(writes_path_name(writes_event_path(event), name, sizeof name));
        ck_assert_str_eq(name, "/a/b c/f");
        ck_assert(writes_path_name(writes_event_path(event), name, 8));
        ck_assert_str_eq(name, ".../f"); /* there is no room for the rest */
        path = (void *)writes_event_path(event);
        path->cut = 1;
        ck_assert(writes_path_name(path, name, sizeof name));
        ck_assert_str_eq(name, ".../a/b c/f");
        add_path(event, WRITES_PATH_FILE, "", 0);
        ck_assert(writes_path_name(writes_event_path(event), name, sizeof name));
        ck_assert_str_eq(name, "/");
        add_path(event, WRITES_PATH_NONE, "", 0);
        ck_assert(!writes_path_name(writes_event_path(event), name, sizeof name));
        free(event);
}
END_TEST

START_TEST(json_takes_any_bytes)
{
        static const char data[] = "\"\\\n\0\x7f\xff";
        struct writes_event *event = event_of(data, sizeof data - 1);
        struct trace_style style = {.data_most = 32};
        struct trace_state state = {.wall_offset = 0};
        struct text text = {0};

        event->start = 1000000002;
        event->result = -EPIPE;
        memcpy(event->comm, "\x01", 2);
        trace_json(&text, event, &style, &state);
        expect(&text,
               "{\"type\":\"call\",\"time\":1.000000002,\"pid\":42,\"tid\":42,\"comm\":\"\\u0001\","
               "\"call\":\"write\",\"fd\":1,\"data\":\"\\\"\\\\\\n\\u0000\\u007f\\u00ff\","
               "\"requested\":6,\"returned\":-1,\"errno\":32,\"error\":\"EPIPE\","
               "\"duration_ns\":0}\n");
        free(event);
}
END_TEST

START_TEST(signals_show_what_their_cause_has)
{
        siginfo_t info = {.si_signo = SIGSEGV, .si_code = 99};
        struct text text = {0};

        trace_signal(&text, (const char *)&info);
        text_put(&text, "\n", 1);
        info = (siginfo_t){.si_signo = 34, .si_code = SI_QUEUE};
        info.si_pid = 5;
        info.si_value.sival_ptr = (void *)0x10;
        trace_signal(&text, (const char *)&info);
        expect(&text, "--- SIGSEGV {si_signo=SIGSEGV, si_code=0x63, si_addr=NULL} ---\n"
                      "--- SIGRT_2 {si_signo=SIGRT_2, si_code=SI_QUEUE, si_pid=5, si_uid=0, "
                      "si_int=16, si_ptr=0x10} ---");
}
END_TEST

/* Against a simple model: events with random start times and sizes come out sorted, equal times in
 * the order in which they went in, and each with its own bytes. */
START_TEST(the_queue_sorts_and_keeps_all)
{
        struct event_queue queue = {0};
        uint64_t taken = 0;
        uint64_t last = 0;
        unsigned random = 1;

        for (unsigned i = 0; i < 20000; i++) {
                char data[64];
                struct writes_event *event;
                const struct writes_event *first;

                random = random * 1103515245 + 12345;
                memset(data, (int)(i & 0xff), sizeof data);
                event = event_of(data, random >> 16 & 63);
                event->start = i + (random >> 8) % 50;
                event->offset = i;
                ck_assert(event_queue_add(&queue, event));
                free(event);
                while ((first = event_queue_take(&queue, i > 200 ? i - 100 : 0))) {
                        ck_assert_uint_ge(first->start, last);
                        last = first->start;
                        for (unsigned j = 0; j < first->length; j++)
                                ck_assert_int_eq((unsigned char)first->data[j],
                                                 (int)(first->offset & 0xff));
                        taken++;
                }
        }
        ck_assert(!event_queue_is_empty(&queue));
        while (event_queue_take(&queue, UINT64_MAX))
                taken++;
        ck_assert_uint_eq(taken, 20000);
        event_queue_free(&queue);
}
END_TEST

START_TEST(equal_times_keep_their_order)
{
        struct event_queue queue = {0};
        struct writes_event *event = event_of("", 0);

        for (int i = 0; i < 1000; i++) {
                event->offset = i;
                event_queue_add(&queue, event);
        }
        ck_assert_ptr_null(event_queue_take(&queue, 0));
        for (int i = 0; i < 1000; i++)
                ck_assert_int_eq((int)event_queue_take(&queue, 1)->offset, i);
        event_queue_free(&queue);
        free(event);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *cases = unit_case(suite, "events", UNIT_SECONDS);

        tcase_add_test(cases, numbers_are_written_in_full);
        tcase_add_test(cases, tasks_and_times_come_first);
        tcase_add_test(cases, results_are_shown_as_the_kernel_means_them);
        tcase_add_test(cases, a_vector_ends_where_the_record_does);
        tcase_add_test(cases, paths_are_joined_from_their_end);
        tcase_add_test(cases, json_takes_any_bytes);
        tcase_add_test(cases, signals_show_what_their_cause_has);
        tcase_add_test(cases, the_queue_sorts_and_keeps_all);
        tcase_add_test(cases, equal_times_keep_their_order);
}

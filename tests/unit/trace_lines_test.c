/* Splitting trace_pipe's text into lines, and recognizing ours. The texts are a real kernel's
 * (6.18).
 */
#include "ebpf/trace_lines.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#define OURS                                                                                       \
        "           <...>-8485    [001] ...21  1512.415697: bpf_trace_printk: BPF triggered from " \
        "PID 8485.\n"
#define FOREIGN "            bash-77      [000] .....  1512.500000: tracing_mark_write: hello\n"

static void feed(struct trace_lines *lines, const char *text, size_t length)
{
        size_t size;
        char *room = trace_lines_room(lines, &size);

        ck_assert_uint_ge(size, length);
        memcpy(room, text, length);
        trace_lines_filled(lines, length);
}

static void expect_line(struct trace_lines *lines, const char *wanted)
{
        size_t length = 0;
        const char *line = trace_lines_next(lines, &length);

        ck_assert_ptr_nonnull(line);
        ck_assert_uint_eq(length, strlen(wanted));
        ck_assert_mem_eq(line, wanted, length);
}

static void expect_none(struct trace_lines *lines)
{
        size_t length;

        ck_assert_ptr_null(trace_lines_next(lines, &length));
}

START_TEST(a_line_may_be_split_anywhere)
{
        static const char text[] = OURS "\n" FOREIGN;
        const size_t length = sizeof text - 1;

        for (size_t cut = 0; cut <= length; cut++) {
                struct trace_lines lines = {0};
                const char *wanted[] = {OURS, "\n", FOREIGN};
                size_t taken = 0;
                size_t ready = 0;

                feed(&lines, text, cut);
                while (taken < 3 && (ready += strlen(wanted[taken])) <= cut)
                        expect_line(&lines, wanted[taken++]);
                expect_none(&lines);
                feed(&lines, text + cut, length - cut);
                while (taken < 3)
                        expect_line(&lines, wanted[taken++]);
                expect_none(&lines);
        }
}
END_TEST

START_TEST(a_line_longer_than_the_buffer_is_dropped)
{
        struct trace_lines lines = {0};
        size_t size;

        feed(&lines, FOREIGN, strlen(FOREIGN));
        expect_line(&lines, FOREIGN);
        for (int rounds = 0; rounds < 3; rounds++) {
                char *room = trace_lines_room(&lines, &size);

                ck_assert_uint_gt(size, 0);
                memset(room, 'x', size);
                trace_lines_filled(&lines, size);
                expect_none(&lines);
        }
        feed(&lines, "tail\n" OURS, strlen("tail\n" OURS));
        expect_line(&lines, OURS);
        expect_none(&lines);
}
END_TEST

START_TEST(a_line_that_just_fits_is_kept)
{
        struct trace_lines lines = {0};
        size_t size;
        size_t length = 0;
        char *room = trace_lines_room(&lines, &size);

        memset(room, 'x', size);
        room[size - 1] = '\n';
        trace_lines_filled(&lines, size);
        ck_assert_ptr_nonnull(trace_lines_next(&lines, &length));
        ck_assert_uint_eq(length, sizeof lines.buffer);
}
END_TEST

static const struct {
        const char *line;
        pid_t pid;
        bool ours;
} matches[] = {
    {OURS, 8485, true},
    {OURS, 848, false},
    {OURS, 485, false},
    {OURS, 84850, false},
    {FOREIGN, 77, false},
    {"\n", 1, false},
    {"BPF triggered from PID 1.\n", 1, false}, /* no head: not a line of the trace's */
    {" x-1 [000] ...21 1.0: bpf_trace_printk: BPF triggered from PID 1. And more.\n", 1, false},
    {" x-1 [000] ...21 1.0: bpf_trace_printk: BPF triggered from PID 1.\n", 1, true},
    /* A name made to look like our text. */
    {" : BPF triggered from PID 1.-9 [000] ...21 1.0: bpf_trace_printk: other\n", 1, false},
};

START_TEST(only_our_text_and_pid_match)
{
        ck_assert_int_eq(
            trace_line_is_from(matches[_i].line, strlen(matches[_i].line), matches[_i].pid),
            matches[_i].ours);
}
END_TEST

START_TEST(lost_events_are_read)
{
        static const struct {
                const char *line;
                uint64_t lost;
        } cases[] = {
            {"CPU:0 [LOST 12 EVENTS]\n", 12},
            {"CPU:17 [LOST 18446744073 EVENTS]\n", 18446744073},
            {"CPU:0 [LOST EVENTS]\n", 0},
            {"CPU:0 [LOST 12 ", 0},
            {OURS, 0},
            {FOREIGN, 0},
            {"\n", 0},
        };

        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
                ck_assert_uint_eq(trace_line_lost(cases[i].line, strlen(cases[i].line)),
                                  cases[i].lost);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *cases = unit_case(suite, "lines", UNIT_SECONDS);

        tcase_add_test(cases, a_line_may_be_split_anywhere);
        tcase_add_test(cases, a_line_longer_than_the_buffer_is_dropped);
        tcase_add_test(cases, a_line_that_just_fits_is_kept);
        tcase_add_loop_test(cases, only_our_text_and_pid_match, 0,
                            (int)(sizeof matches / sizeof *matches));
        tcase_add_test(cases, lost_events_are_read);
}

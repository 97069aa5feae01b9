/* What libbpf logs, and the one line of it that is worth showing. */
#include "ebpf/libbpf_log.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

static const char verifier_refused[] =
    "libbpf: prog 'handle_write': BPF program load failed: Permission denied\n"
    "libbpf: prog 'handle_write': -- BEGIN PROG LOAD LOG --\n"
    "0: R1=ctx(off=0,imm=0) R10=fp0\n"
    "; my_pid += *(int *)(long)my_pid;\n"
    "3: (61) r1 = *(u32 *)(r1 +0)\n"
    "R1 invalid mem access 'scalar'\n"
    "processed 4 insns (limit 1000000) max_states_per_insn 0 total_states 0\n"
    "-- END PROG LOAD LOG --\n"
    "libbpf: prog 'handle_write': failed to load: -13\n"
    "libbpf: failed to load object 'write_trace_bpf'\n";

static bool reason_of(const char *text, char *reason, size_t size)
{
        struct libbpf_log log = {0};

        libbpf_log_add(&log, text, strlen(text));
        return libbpf_log_reason(&log, reason, size);
}

START_TEST(the_verifiers_last_words_come_first)
{
        char reason[128];

        ck_assert(reason_of(verifier_refused, reason, sizeof reason));
        ck_assert_str_eq(reason, "R1 invalid mem access 'scalar'");
}
END_TEST

START_TEST(else_the_first_line_without_its_prefix)
{
        char reason[128];

        ck_assert(!reason_of("libbpf: first: why\nlibbpf: second\n", reason, sizeof reason));
        ck_assert_str_eq(reason, "first: why");
        ck_assert(!reason_of("", reason, sizeof reason));
        ck_assert_str_eq(reason, "");
        ck_assert(!reason_of("-- BEGIN PROG LOAD LOG --", reason, sizeof reason));
        ck_assert(!reason_of("-- END PROG LOAD LOG --", reason, sizeof reason));
}
END_TEST

START_TEST(a_reason_is_cut_to_its_room)
{
        char reason[9];

        reason_of("libbpf: 0123456789\n", reason, sizeof reason);
        ck_assert_str_eq(reason, "01234567");
}
END_TEST

/* However much comes before, the end is kept. */
START_TEST(a_long_log_keeps_its_end)
{
        struct libbpf_log log = {0};
        char flood[3 * sizeof log.text];
        char reason[128];

        memset(flood, 'x', sizeof flood);
        libbpf_log_add(&log, flood, sizeof flood);
        for (int i = 0; i < 1000; i++)
                libbpf_log_add(&log, flood, (size_t)i % 100);
        libbpf_log_add(&log, verifier_refused, strlen(verifier_refused));
        ck_assert_uint_eq(strlen(log.text), log.length);
        ck_assert(libbpf_log_reason(&log, reason, sizeof reason));
        ck_assert_str_eq(reason, "R1 invalid mem access 'scalar'");
}
END_TEST

static int print_before(enum libbpf_print_level level, const char *format, va_list arguments)
{
        (void)level;
        (void)format;
        (void)arguments;
        return 0;
}

/* A message of libbpf itself: it is asked for a file that does not exist. */
START_TEST(messages_are_kept_and_the_function_before_comes_back)
{
        struct libbpf_log log;

        libbpf_set_print(print_before);
        libbpf_log_start(&log);
        ck_assert_ptr_null(bpf_object__open_file("/nonexistent.bpf.o", NULL));
        libbpf_log_stop(&log);
        ck_assert_ptr_nonnull(strstr(log.text, "/nonexistent.bpf.o"));
        ck_assert(libbpf_set_print(NULL) == print_before);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *cases = unit_case(suite, "log", UNIT_SECONDS);

        tcase_add_test(cases, the_verifiers_last_words_come_first);
        tcase_add_test(cases, else_the_first_line_without_its_prefix);
        tcase_add_test(cases, a_reason_is_cut_to_its_room);
        tcase_add_test(cases, a_long_log_keeps_its_end);
        tcase_add_test(cases, messages_are_kept_and_the_function_before_comes_back);
}

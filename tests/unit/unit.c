/* Runs a unit test: the tests that the file linked with this one defines. */
#include "unit.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <string.h>

TCase *unit_case(Suite *suite, const char *name, double seconds)
{
        TCase *tests = tcase_create(name);

        tcase_set_timeout(tests, seconds);
        suite_add_tcase(suite, tests);
        return tests;
}

struct bpf_program libpcap_compile(const char *expression, int link_type, bool optimize)
{
        pcap_t *handle = pcap_open_dead(link_type, 262144);
        struct bpf_program program;

        ck_assert_ptr_nonnull(handle);
        ck_assert_msg(pcap_compile(handle, &program, expression, optimize, 0xffffff00) == 0,
                      "%s: %s", expression, pcap_geterr(handle));
        pcap_close(handle);
        return program;
}

/* The program is build/tests/unit/NAME_test. */
int main(void)
{
        char *name = strdup(program_invocation_short_name);
        char *end = name ? strstr(name, "_test") : NULL;
        Suite *suite;
        SRunner *runner;
        int failed;

        if (end)
                *end = '\0';
        suite = suite_create(name);
        runner = srunner_create(suite);
        unit_tests(suite);
        srunner_run_all(runner, CK_NORMAL);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        free(name);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

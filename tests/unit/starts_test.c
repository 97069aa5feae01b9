/* Link types whose headers vary in length (cbpf/lower/lower.h): their filters are compiled
 * natively, and one copy of a filter serves all lengths. What programs mean, lower_test and the
 * differential tester say. */
#include "base/text.h"
#include "cbpf/cbpf.h"
#include "tests/unit/unit.h"

#include <pcap/pcap.h>
#include <stdlib.h>

/* The length of the program; `by_libpcap` says whether libpcap has compiled it. */
static uint32_t length_of(int link_type, const char *expression, bool by_libpcap)
{
        struct cbpf_target target = {.link_type = link_type, .snapshot_length = 65535};
        struct bpf_program program;
        struct cbpf_report report = {0};
        struct error error;
        uint32_t length;

        ck_assert_msg(cbpf_compile_and_report(expression, &target, 0, &program, &report, &error) ==
                          0,
                      "%s: %s", expression, error.message);
        ck_assert_msg(report.by_libpcap == by_libpcap, "%.100s: %s libpcap", expression,
                      report.by_libpcap ? "by" : "without");
        length = program.bf_len;
        cbpf_program_free(&program);
        return length;
}

/* With a copy of the filter for each length of the headers, most would be twice as long. */
static const struct {
        int link_type;
        const char *expression;
        uint32_t length;
} filters[] = {
    {DLT_PFLOG, "port 80", 33},
    {DLT_PFLOG, "ifname eth0 and host 1.2.3.4", 14},
    {DLT_IEEE802_11, "port 80", 41},
    {DLT_IEEE802_11, "wlan host 1:2:3:4:5:6 and ip", 42},
    {DLT_IEEE802_11, "pim", 18},
    {DLT_IEEE802_11_RADIO, "type mgt", 10},
    {DLT_IEEE802_11_RADIO, "ip", 36},
    {DLT_IEEE802_11_RADIO, "port 80", 60},
    {DLT_IEEE802_11_RADIO, "host 1.2.3.4 or host 1.2.3.5", 49},
    {DLT_IEEE802_11_RADIO, "wlan host 1:2:3:4:5:6 and ip", 61},
    {DLT_IEEE802_11_RADIO, "vlan 5 and llc i and tcp[13] & 2 != 0", 53},
    {DLT_IEEE802_11_RADIO_AVS, "port 80", 44},
    {DLT_PRISM_HEADER, "port 80", 50},
    {DLT_PPI, "port 80", 50},
};

START_TEST(programs_are_short)
{
        uint32_t length = length_of(filters[_i].link_type, filters[_i].expression, false);

        ck_assert_msg(length <= filters[_i].length, "%s: %u instructions, not %u",
                      filters[_i].expression, length, filters[_i].length);
}
END_TEST

/* libpcap overwrites the start of the headers here, and that is what the filter means. */
START_TEST(overwritten_starts_are_left_to_libpcap)
{
        length_of(DLT_PFLOG, "len > 60 and ip6 host ::1", true);
        length_of(DLT_IEEE802_11_RADIO, "len > 60 and type mgt", true);
        length_of(DLT_IEEE802_11_RADIO, "type mgt and len > 60 or ip", true);
        length_of(DLT_IEEE802_11_RADIO, "ip and len > 60 or type mgt", false);
        length_of(DLT_IEEE802_11_RADIO, "tcp[tcpflags] & tcp-syn != 0 and len > 60", false);
        length_of(DLT_PFLOG, "len > 60 and action pass", false);
}
END_TEST

/* What each of many tests adds does not grow with the number of lengths. */
START_TEST(many_tests_take_few_instructions)
{
        enum { LOG_TESTS = 600, FRAME_TESTS = 400, MOST = 27 };
        struct text log = {0}, frames = {0};
        char *expression;

        for (unsigned i = 0; i < LOG_TESTS; i++)
                text_format(&log, "%s(ifname eth%u and rnr %u and host 10.1.%u.%u and tcp port %u)",
                            i == 0 ? "" : " or ", i % 40, i, i / 200, i % 200, 1 + i * 7);
        for (unsigned i = 0; i < FRAME_TESTS; i++)
                text_format(&frames,
                            "%s(wlan addr1 2:0:0:0:0:%x and host 10.1.%u.%u and tcp port %u)",
                            i == 0 ? "" : " or ", i % 256, i / 200, i % 200, 1 + i * 7);
        expression = text_take(&log);
        ck_assert_ptr_nonnull(expression);
        ck_assert_uint_le(length_of(DLT_PFLOG, expression, false), LOG_TESTS * MOST);
        free(expression);
        expression = text_take(&frames);
        ck_assert_ptr_nonnull(expression);
        ck_assert_uint_le(length_of(DLT_IEEE802_11_RADIO, expression, false), FRAME_TESTS * MOST);
        free(expression);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "headers of varying length", 60);

        tcase_add_loop_test(tests, programs_are_short, 0, COUNT(filters));
        tcase_add_test(tests, overwritten_starts_are_left_to_libpcap);
        tcase_add_test(tests, many_tests_take_few_instructions);
}

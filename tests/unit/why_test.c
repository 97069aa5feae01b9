/* cbpf: the sentence that says why. On the whole corpus it agrees with the verdict, and it hardly
 * ever has to fall back on the last instruction. */
#include "cbpf/cbpf.h"
#include "tests/lib/corpus.h"
#include "tests/lib/programs.h"
#include "tests/lib/seeds.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SNAPSHOT = 262144, PACKETS = 5 };

static struct captures captures;
static size_t sentences, vague;

static void tell(const char *expression, const struct cbpf_target *target,
                 const struct bpf_program *program, const struct packet *packet)
{
        bool accepted = cbpf_execute(program, packet, NULL, NULL).verdict != 0;
        const char *start = accepted ? "accepted: " : "rejected: ";
        struct error error;
        char *sentence;

        ck_assert_msg(cbpf_why(expression, target, packet, &sentence, &error) == 0, "%s: %s",
                      expression, error.message);
        ck_assert_msg(strncmp(sentence, start, 10) == 0, "%s: %s", expression, sentence);
        ck_assert_uint_gt(strlen(sentence), 20);
        ck_assert_ptr_null(strchr(sentence, '\n'));
        ck_assert_ptr_null(strstr(sentence, "unknown"));
        if (getenv("SHOW_SENTENCES"))
                printf("%s\t%s\n", expression, sentence);
        sentences++;
        vague += strstr(sentence, "which the last test") != NULL;
        free(sentence);
}

static void tell_expression(void *context, int link_type, const char *expression)
{
        struct cbpf_target target = {
            .link_type = DLT_EN10MB, .snapshot_length = SNAPSHOT, .place = CBPF_FILE};
        struct bpf_program program;
        struct error error;

        (void)context;
        if (link_type != DLT_EN10MB || strstr(expression, "protochain"))
                return;
        if (cbpf_compile(expression, &target, 0, &program, &error) < 0)
                return;
        for (size_t i = 0; i < captures.count; i += captures.count / PACKETS)
                tell(expression, &target, &program, &captures.records[i].packet);
        cbpf_program_free(&program);
}

START_TEST(agrees_with_the_verdict)
{
        static const char *const files[] = {"pcaps/tcp.pcap",  "pcaps/dns.pcap",
                                            "pcaps/ndp.pcap",  "pcaps/arp.pcap",
                                            "pcaps/vlan.pcap", "pcaps/tcp-s40.pcap"};

        for (size_t i = 0; i < COUNT(files); i++)
                ck_assert(seeds_read(&captures, files[i]));
        ck_assert_uint_gt(corpus_visit(tell_expression, NULL), 1000);
        seeds_free(&captures);
        ck_assert_uint_gt(sentences, 2500);
        ck_assert_msg(vague * 100 < sentences, "%zu of %zu are vague", vague, sentences);
}
END_TEST

/* The text of one number may be part of another's. */
START_TEST(says_all_that_is_wanted)
{
        static const struct {
                const char *expression, *sentence;
        } cases[] = {
            {"dst port 8080 or dst port 80",
             "rejected: TCP destination port is 5000, the filter wants 8080 or 80"},
            {"dst port 80 or dst port 8080 or dst port 80",
             "rejected: TCP destination port is 5000, the filter wants 80 or 8080"},
        };
        struct cbpf_target target = {
            .link_type = DLT_EN10MB, .snapshot_length = SNAPSHOT, .place = CBPF_FILE};
        struct packet packet;
        struct error error;
        char *sentence;

        ck_assert(seeds_read(&captures, "pcaps/tcp.pcap"));
        packet = captures.records[0].packet;
        for (size_t i = 0; i < COUNT(cases); i++) {
                ck_assert_int_eq(cbpf_why(cases[i].expression, &target, &packet, &sentence, &error),
                                 0);
                ck_assert_str_eq(sentence, cases[i].sentence);
                free(sentence);
        }
        seeds_free(&captures);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "why", 120);

        tcase_add_test(tests, agrees_with_the_verdict);
        tcase_add_test(tests, says_all_that_is_wanted);
}

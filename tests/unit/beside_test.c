/* The classic program beside the extended one: each instruction stands there once, beside what
 * reads the same bytes of the packet. */
#include "cbpf/extended.h"
#include "unit.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOADED = 2048 }; /* bytes of a packet that are told apart */

static const struct cbpf_target file = {.link_type = DLT_EN10MB,
                                        .snapshot_length = 65535,
                                        .place = CBPF_FILE,
                                        .netmask = CBPF_NETMASK_UNKNOWN};
static const struct cbpf_extended_target xdp = {.context = CBPF_CONTEXT_XDP};

/* Marks the bytes that the lines load from constant places, by what stands in front of the offset.
 * Returns whether there are any. */
static bool mark_loads(const struct cbpf_beside_side *side, const char *in_front,
                       bool loaded[LOADED])
{
        bool any = false;

        for (uint32_t i = 0; i < side->count; i++) {
                const char *at = strstr(side->lines[i].text, in_front);
                char *end;
                unsigned long offset;

                if (!at || strncmp(side->lines[i].text, "ldx", 3) == 0)
                        continue;
                offset = strtoul(at + strlen(in_front), &end, 10);
                if ((*end != ']' && *end != ')') || offset >= LOADED)
                        continue;
                loaded[offset] = any = true;
        }
        return any;
}

static void check_loads(const char *expression, const struct cbpf_beside_test *test)
{
        bool classic[LOADED] = {false}, extended[LOADED] = {false}, common = false;

        if (!mark_loads(&test->classic, " [", classic) ||
            !mark_loads(&test->extended, "(r7 +", extended))
                return;
        for (int i = 0; i < LOADED; i++)
                common |= classic[i] && extended[i];
        ck_assert_msg(common, "%s: other bytes are read beside %u", expression,
                      test->classic.lines[0].number);
}

/* Counts how often each instruction is there. */
static void count_lines(const struct cbpf_beside *beside, bool extended, uint8_t *times)
{
        for (uint32_t i = 0; i < beside->count; i++) {
                const struct cbpf_beside_side *side =
                    extended ? &beside->tests[i].extended : &beside->tests[i].classic;

                for (uint32_t line = 0; line < side->count; line++)
                        times[side->lines[line].number]++;
        }
}

static void check_all_there(const char *expression, const struct cbpf_beside *beside)
{
        uint8_t *classic = calloc(beside->classic_count, 1);
        uint8_t *extended = calloc(beside->extended_count, 1);

        count_lines(beside, false, classic);
        count_lines(beside, true, extended);
        for (uint32_t i = 0; i < beside->classic_count; i++)
                ck_assert_msg(classic[i] == 1, "%s: classic instruction %u is there %u times",
                              expression, i, classic[i]);
        for (uint32_t i = 0; i < beside->extended_count; i++)
                ck_assert_msg(extended[i] == 1, "%s: extended instruction %u is there %u times",
                              expression, i, extended[i]);
        free(classic);
        free(extended);
}

/* The text of both programs, line by line, is that of their listings. */
static void check_texts(const char *expression, const struct cbpf_beside *beside)
{
        struct bpf_program program;
        struct error error;
        char listed[96], operation[16];

        ck_assert_int_eq(cbpf_compile(expression, &file, 0, &program, &error), 0);
        ck_assert_msg(program.bf_len == beside->classic_count, "%s", expression);
        for (uint32_t i = 0; i < beside->count; i++)
                for (uint32_t line = 0; line < beside->tests[i].classic.count; line++) {
                        const struct cbpf_beside_line *found =
                            &beside->tests[i].classic.lines[line];

                        cbpf_list_instruction(&program.bf_insns[found->number], found->number,
                                              listed, sizeof listed);
                        ck_assert(sscanf(listed, "(%*u) %15s", operation) == 1);
                        ck_assert_msg(strncmp(found->text, operation, strlen(operation)) == 0,
                                      "%s: %u is %s", expression, found->number, found->text);
                }
        cbpf_program_free(&program);
}

static void put_beside(const char *expression, struct cbpf_beside *beside)
{
        struct error error;

        ck_assert_msg(cbpf_put_beside(expression, &file, &xdp, beside, &error) == 0, "%s: %s",
                      expression, error.message);
}

/* The corpus, a fourth at a time, which has merged parts, long lists and libpcap's programs. */
START_TEST(all_instructions_are_beside_what_reads_the_same)
{
        FILE *corpus = fopen("tests/corpus.txt", "re");
        char line[65536], *expression;
        int number = 0;

        ck_assert_ptr_nonnull(corpus);
        while (fgets(line, sizeof line, corpus)) {
                struct cbpf_beside beside;
                struct error error;

                line[strcspn(line, "\n")] = '\0';
                expression = strchr(line, '\t');
                if (strncmp(line, "EN10MB\t", 7) != 0 || ++number % 4 != _i)
                        continue;
                expression++;
                if (cbpf_put_beside(expression, &file, &xdp, &beside, &error) < 0)
                        continue; /* what cannot be asked there */
                check_all_there(expression, &beside);
                check_texts(expression, &beside);
                for (uint32_t i = 0; i < beside.count; i++)
                        check_loads(expression, &beside.tests[i]);
                cbpf_beside_free(&beside);
        }
        fclose(corpus);
        ck_assert_int_gt(number, 500);
}
END_TEST

static const struct cbpf_beside_test *test_of_classic(const struct cbpf_beside *beside, uint32_t at)
{
        for (uint32_t i = 0; i < beside->count; i++)
                for (uint32_t line = 0; line < beside->tests[i].classic.count; line++)
                        if (beside->tests[i].classic.lines[line].number == at)
                                return &beside->tests[i];
        ck_abort_msg("there is no instruction %u", at);
}

static bool has_line(const struct cbpf_beside_side *side, const char *text)
{
        for (uint32_t i = 0; i < side->count; i++)
                if (strstr(side->lines[i].text, text))
                        return true;
        return false;
}

/* The classic program of `tcp port 80` looks for ports once, with X in front; the extended one does
 * behind each of the headers. */
START_TEST(merged_parts_are_for_all_that_they_stand_for)
{
        const struct cbpf_beside_test *test;
        struct cbpf_beside beside;

        put_beside("tcp port 80", &beside);
        test = test_of_classic(&beside, 12); /* ldh [x + 14] */
        ck_assert(has_line(&test->classic, "ldx  #0x28"));
        ck_assert(has_line(&test->extended, "(r7 +54)"));
        ck_assert(has_line(&test->extended, "(r9 +14)"));
        ck_assert_ptr_nonnull(strstr(test->question, "TCP source port"));
        ck_assert(!has_line(&test->extended, "(r7 +56)"));
        cbpf_beside_free(&beside);
}
END_TEST

START_TEST(registers_are_named)
{
        const struct cbpf_beside_test *test;
        struct cbpf_beside beside;
        bool named = false;

        put_beside("icmp", &beside);
        test = test_of_classic(&beside, 0);
        ck_assert_str_eq(test->classic.lines[0].note, "EtherType");
        for (uint32_t i = 0; i < test->extended.count; i++)
                named |= strcmp(test->extended.lines[i].note, "r0 = EtherType, bytes swapped") == 0;
        ck_assert(named);
        cbpf_beside_free(&beside);
}
END_TEST

START_TEST(constant_programs_have_an_end_only)
{
        struct cbpf_beside beside;

        put_beside("", &beside);
        ck_assert_uint_eq(beside.count, 1);
        ck_assert_str_eq(beside.tests[0].question, "accept\n");
        ck_assert_uint_eq(beside.tests[0].classic.count, 1);
        ck_assert_uint_eq(beside.tests[0].extended.count, 2);
        cbpf_beside_free(&beside);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "beside", 60);

        tcase_add_loop_test(tests, all_instructions_are_beside_what_reads_the_same, 0, 4);
        tcase_add_test(tests, merged_parts_are_for_all_that_they_stand_for);
        tcase_add_test(tests, registers_are_named);
        tcase_add_test(tests, constant_programs_have_an_end_only);
}

/* The differential tester itself: that it notices what is wrong and excuses only what may be
 * excused. */
#include "tests/lib/corpus.h"
#include "tests/lib/trial.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

enum {
        SNAPSHOT = 262144,
        BUDGET = 300000,
        ETHERNET_IPV6 = 14 + 40,
};

static struct captures captures;
static struct seeds seeds; /* for Ethernet */

static void read_captures(void)
{
        ck_assert(seeds_read(&captures, "pcaps/tcp.pcap"));
        ck_assert(seeds_read(&captures, "pcaps/icmp-errors.pcap"));
        ck_assert(seeds_read(&captures, "pcaps/ndp.pcap"));
        ck_assert(seeds_make(&seeds, &captures, DLT_EN10MB, false));
}

static void drop_captures(void)
{
        seeds_drop(&seeds);
        seeds_free(&captures);
}

static struct trial *try_expression(enum trial_candidate candidate, int link_type,
                                    const char *expression)
{
        struct trial_settings settings = {
            .candidate = candidate, .seed = 1, .budget = BUDGET, .captures = &captures};
        struct trial *trial = malloc(sizeof *trial);
        struct seeds own;

        ck_assert_ptr_nonnull(trial);
        ck_assert(seeds_make(&own, &captures, link_type, false));
        trial_run(trial, &settings, link_type, expression, &own);
        seeds_drop(&own);
        return trial;
}

static void assert_found(void *context, int link_type, const char *expression)
{
        struct trial *trial = try_expression(TRIAL_LIBPCAP, link_type, expression);

        (void)context;
        ck_assert_int_eq(trial->status, TRIAL_COMPARED);
        ck_assert_msg(trial->exploration.judged[JUDGED_DIFFERENT] > 0, "not found: %s", expression);
        free(trial);
}

START_TEST(finds_the_faults_of_libpcap)
{
        ck_assert_uint_ge(corpus_visit_file("tests/optimizer-faults.txt", assert_found, NULL), 12);
}
END_TEST

/* How many of the packets that steer into two programs they answer differently. */
static size_t count_differences(int link_type, const struct bpf_program *reference,
                                const struct bpf_program *candidate)
{
        struct exploration *exploration = malloc(sizeof *exploration);
        struct seeds own;
        size_t different;

        ck_assert_ptr_nonnull(exploration);
        ck_assert(seeds_make(&own, &captures, link_type, true));
        *exploration = (struct exploration){
            .reference = reference, .candidate = candidate, .seed = 1, .budget = BUDGET};
        ck_assert(explore(exploration, (const struct sample *const *)own.samples, own.count));
        different = exploration->judged[JUDGED_DIFFERENT];
        seeds_drop(&own);
        free(exploration);
        return different;
}

static void compare_front_ends(void *context, int link_type, const char *line)
{
        static const unsigned flags[] = {0, CBPF_UNOPTIMIZED};
        struct cbpf_target target = {.link_type = link_type, .snapshot_length = SNAPSHOT};
        const char *equal = strchr(line, '\t');
        char *expression = strndup(line, equal ? (size_t)(equal - line) : 0);
        struct bpf_program right, program;
        struct error error;

        (void)context;
        ck_assert_ptr_nonnull(equal);
        right = libpcap_compile(equal + 1, link_type, false);
        program = libpcap_compile(expression, link_type, false);
        ck_assert_msg(count_differences(link_type, &right, &program) > 0, "no fault: %s", line);
        pcap_freecode(&program);
        for (int i = 0; i < COUNT(flags); i++) {
                ck_assert_int_eq(cbpf_compile(expression, &target, flags[i], &program, &error), 0);
                ck_assert_msg(count_differences(link_type, &right, &program) == 0, "%s", line);
                cbpf_program_free(&program);
        }
        pcap_freecode(&right);
        free(expression);
}

START_TEST(knows_the_faults_of_libpcaps_front_end)
{
        ck_assert_uint_ge(corpus_visit_file("tests/front-end-faults.txt", compare_front_ends, NULL),
                          8);
}
END_TEST

/* The collection starts with these; this ensures that no edit loses them. */
START_TEST(finds_both_faults_of_the_design)
{
        static const char *const expressions[] = {
            "host 192.168.1.1 and not ((host 1.2.3.4 or host 5.6.7.8) and icmp)"
            " and not (host 5.6.7.8 or host 192.168.1.1)",
            "len >= 2147483648 & 2147483648 or len < 0 | 2147483648",
        };

        for (size_t i = 0; i < COUNT(expressions); i++) {
                struct trial *trial = try_expression(TRIAL_LIBPCAP, DLT_EN10MB, expressions[i]);

                ck_assert_msg(trial_wrong(trial, false), "not found: %s", expressions[i]);
                free(trial);
        }
}
END_TEST

/* Where steering misses an outcome of a jump, the proof finds a packet, or says that there is none.
 */
START_TEST(reaches_branches_by_proof)
{
        static const struct {
                const char *expression;
                size_t never;
        } rows[] = {
            {"ip[8] + ip[9] + ip[1] = 700", 0},
            {"len * ip[2:2] = 12345", 0},
            {"ip[8] * 2 = 77", 1},
        };

        for (int i = 0; i < COUNT(rows); i++) {
                struct bpf_program program = libpcap_compile(rows[i].expression, DLT_EN10MB, false);
                struct exploration by_chance = {
                    .reference = &program, .candidate = &program, .seed = 1, .budget = BUDGET};
                struct exploration by_proof = by_chance;

                by_proof.by_proof = true;
                by_proof.proof_limit = 60000;
                by_proof.link_type = DLT_EN10MB;
                ck_assert(
                    explore(&by_chance, (const struct sample *const *)seeds.samples, seeds.count));
                ck_assert(
                    explore(&by_proof, (const struct sample *const *)seeds.samples, seeds.count));
                ck_assert_uint_lt(by_chance.reference_coverage.covered,
                                  by_chance.reference_coverage.outcomes);
                ck_assert_uint_eq(by_proof.reference_coverage.covered + rows[i].never,
                                  by_proof.reference_coverage.outcomes);
                ck_assert_uint_eq(by_proof.proved.never, 2 * rows[i].never);
                pcap_freecode(&program);
        }
}
END_TEST

static const char *const right[] = {
    "tcp port 80",
    "host 192.0.2.1 and not port 22",
    "net 10.0.0.0/8 or ip6 host 2001:db8::1",
    "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
    "vlan 5 and ip[8] > 64",
    "tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)",
    "portrange 1000-2000 or len <= 100",
    "icmp6[icmp6type] = 135 or icmp[icmptype] = 8",
    "ether src 02:00:00:00:00:01 or ether multicast",
    "udp[8:4] % 7 = 3 or udp[4:2] / 3 > 100 ^ 5",
};

static struct exploration *explore_pair(const struct bpf_program *reference,
                                        const struct bpf_program *candidate)
{
        struct exploration *exploration = calloc(1, sizeof *exploration);

        ck_assert_ptr_nonnull(exploration);
        exploration->reference = reference;
        exploration->candidate = candidate;
        exploration->seed = 1;
        exploration->budget = BUDGET;
        ck_assert(explore(exploration, (const struct sample *const *)seeds.samples, seeds.count));
        return exploration;
}

START_TEST(finds_nothing_in_right_programs)
{
        struct bpf_program reference = libpcap_compile(right[_i], DLT_EN10MB, false),
                           candidate = libpcap_compile(right[_i], DLT_EN10MB, true);
        struct exploration *exploration = explore_pair(&reference, &candidate);

        ck_assert_uint_gt(exploration->packets, 1000);
        ck_assert_uint_eq(exploration->judged[JUDGED_DIFFERENT], 0);
        ck_assert_uint_eq(exploration->candidate_coverage.covered,
                          exploration->candidate_coverage.outcomes);
        free(exploration);
        exploration = explore_pair(&reference, &reference);
        ck_assert_uint_eq(exploration->judged[JUDGED_SAME], exploration->packets);
        free(exploration);
        cbpf_program_free(&reference);
        cbpf_program_free(&candidate);
}
END_TEST

/* Whether the instruction uses k. */
static bool uses_k(const struct bpf_insn *at)
{
        switch (BPF_CLASS(at->code)) {
        case BPF_ALU: return BPF_SRC(at->code) == BPF_K && BPF_OP(at->code) != BPF_NEG;
        case BPF_JMP: return BPF_SRC(at->code) == BPF_K;
        case BPF_RET: return BPF_RVAL(at->code) == BPF_K;
        case BPF_MISC: return false;
        case BPF_ST:
        case BPF_STX: return true;
        default: return BPF_MODE(at->code) != BPF_LEN;
        }
}

/* Changes instruction `at` in one of a few ways. Returns false if there is no such way. */
static bool damage(struct bpf_insn *at, int way)
{
        bool branch = BPF_CLASS(at->code) == BPF_JMP && BPF_OP(at->code) != BPF_JA;
        uint8_t exchanged = at->jt;

        switch (way) {
        case 0: at->k++; return uses_k(at);
        case 1: at->k ^= 0x80; return uses_k(at);
        case 2: at->code ^= BPF_JEQ ^ BPF_JGE; return branch && BPF_OP(at->code) != BPF_JSET;
        default:
                at->jt = at->jf;
                at->jf = exchanged;
                return branch && at->jt != at->jf;
        }
}

/* Of the damaged programs, those that happen to mean the same: a comparison that another one after
 * it repeats (1), a mask's bit that is shifted out (23). */
static bool means_the_same(int program, size_t at)
{
        return program == 5 && (at == 1 || at == 23);
}

/* Breaks programs in one place. */
START_TEST(notices_damage)
{
        struct bpf_program reference = libpcap_compile(right[_i], DLT_EN10MB, false),
                           candidate = libpcap_compile(right[_i], DLT_EN10MB, true);
        size_t damaged = 0;

        for (size_t at = 0; at < candidate.bf_len; at++) {
                for (int way = 0; way < 4; way++) {
                        struct bpf_insn whole = candidate.bf_insns[at];
                        struct exploration *exploration;
                        struct cbpf_violation violation;

                        if (damage(&candidate.bf_insns[at], way) &&
                            cbpf_check(&candidate, &violation) == 0 && !means_the_same(_i, at)) {
                                exploration = explore_pair(&reference, &candidate);
                                ck_assert_msg(exploration->judged[JUDGED_DIFFERENT] > 0,
                                              "%s: instruction %zu, damage %d", right[_i], at, way);
                                free(exploration);
                                damaged++;
                        }
                        candidate.bf_insns[at] = whole;
                }
        }
        ck_assert_uint_gt(damaged, 10);
        cbpf_program_free(&reference);
        cbpf_program_free(&candidate);
}
END_TEST

/* A packet of IPv6 between addresses that start with `first`, cut to `captured` bytes. */
static struct sample *make_ipv6(uint16_t first, uint32_t length, uint32_t captured)
{
        struct sample *sample = calloc(1, sizeof *sample);

        ck_assert_ptr_nonnull(sample);
        sample->data[12] = 0x86;
        sample->data[13] = 0xdd;
        sample->data[14] = 0x60;
        sample->data[22] = (uint8_t)(first >> 8);
        sample->data[23] = (uint8_t)first;
        sample->length = length;
        sample->captured = captured;
        return sample;
}

static enum judgement judge_one(const char *expression, const struct sample *sample,
                                uint32_t answer)
{
        struct bpf_program reference = libpcap_compile(expression, DLT_EN10MB, false);
        struct judge *judge_room = calloc(1, sizeof *judge_room);
        enum judgement judgement;

        ck_assert_ptr_nonnull(judge_room);
        judge_room->reference = &reference;
        judgement = judge(judge_room, sample, answer);
        if (judgement == JUDGED_FREE)
                ck_assert_uint_eq(judge_room->unsure, 0);
        free(judge_room);
        cbpf_program_free(&reference);
        return judgement;
}

/* Of the address only the first ten bits matter, but libpcap loads all of it. */
START_TEST(excuses_what_every_completion_gets)
{
        const char *expression = "ip6 src net fe80::/10";
        static const struct {
                uint16_t first;
                uint32_t length, captured, answer;
                enum judgement judgement;
        } cases[] = {
            {0xfe80, ETHERNET_IPV6, ETHERNET_IPV6, SNAPSHOT, JUDGED_SAME},
            {0xfe80, ETHERNET_IPV6, ETHERNET_IPV6, 0, JUDGED_DIFFERENT},
            {0xfe80, ETHERNET_IPV6, ETHERNET_IPV6, 1, JUDGED_DIFFERENT},
            {0xfe80, ETHERNET_IPV6, 24, SNAPSHOT, JUDGED_FREE},
            {0xfe80, ETHERNET_IPV6, 30, SNAPSHOT, JUDGED_FREE},
            {0xfe80, ETHERNET_IPV6, 30, 0, JUDGED_SAME},
            {0xfe80, ETHERNET_IPV6, 30, 1, JUDGED_DIFFERENT},
            {0xfe80, ETHERNET_IPV6, 22, SNAPSHOT, JUDGED_DIFFERENT},
            {0xfe80, ETHERNET_IPV6, 23, SNAPSHOT, JUDGED_DIFFERENT},
            {0xfe80, 30, 30, SNAPSHOT, JUDGED_SHORT},
            {0xfe80, 31, 30, SNAPSHOT, JUDGED_SHORT},
            {0xfec0, ETHERNET_IPV6, 30, SNAPSHOT, JUDGED_DIFFERENT},
            {0xfe80, 70000, 30, SNAPSHOT, JUDGED_FREE},
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                struct sample *sample =
                    make_ipv6(cases[i].first, cases[i].length, cases[i].captured);
                enum judgement judgement = judge_one(expression, sample, cases[i].answer);

                /* A packet longer than any completion tried cannot be judged. */
                ck_assert_msg(judgement == cases[i].judgement, "case %zu: %d", i, judgement);
                free(sample);
        }
}
END_TEST

/* One completion in 2^32 gets another answer. */
START_TEST(finds_rare_completions)
{
        struct sample *sample = make_ipv6(0, 100, 40);

        ck_assert_int_eq(judge_one("ip6 and ip6[50:4] * 3 + 7 != 0x12345", sample, SNAPSHOT),
                         JUDGED_DIFFERENT);
        ck_assert_int_eq(judge_one("ip6 and (ip6[50:4] ^ ip6[60:4]) != 0x12345", sample, SNAPSHOT),
                         JUDGED_DIFFERENT);
        ck_assert_int_eq(judge_one("ip6 and ip6[50] < 256", sample, SNAPSHOT), JUDGED_FREE);
        free(sample);
}
END_TEST

/* An offset that is read from the missing bytes, and lies thousands of bytes behind the packet. */
START_TEST(follows_offsets_far_behind_the_packet)
{
        struct sample *sample = make_ipv6(0, 74, 15);

        sample->data[14] = 0x10;
        ck_assert_int_eq(judge_one("ether[ether[14:2]] < 256", sample, SNAPSHOT), JUDGED_SHORT);
        ck_assert_int_eq(judge_one("ether[ether[14:2]] != 7", sample, SNAPSHOT), JUDGED_DIFFERENT);
        sample->length = 5000;
        ck_assert_int_eq(judge_one("ether[ether[14:2]] < 256", sample, SNAPSHOT), JUDGED_FREE);
        free(sample);
}
END_TEST

/* A division by zero or a missing ancillary value rejects, too, but no byte more would help. */
START_TEST(excuses_no_other_rejection)
{
        struct sample *sample = make_ipv6(0, 100, 40);

        ck_assert_int_eq(judge_one("ip6 and 1 / ip6[1] < 256", sample, SNAPSHOT), JUDGED_DIFFERENT);
        ck_assert_int_eq(judge_one("ip6[6] = 1", sample, SNAPSHOT), JUDGED_DIFFERENT);
        free(sample);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "differential", 120);

        tcase_add_unchecked_fixture(tests, read_captures, drop_captures);
        tcase_add_test(tests, finds_the_faults_of_libpcap);
        tcase_add_test(tests, finds_both_faults_of_the_design);
        tcase_add_test(tests, reaches_branches_by_proof);
        tcase_add_test(tests, knows_the_faults_of_libpcaps_front_end);
        tcase_add_loop_test(tests, finds_nothing_in_right_programs, 0, COUNT(right));
        tcase_add_loop_test(tests, notices_damage, 0, COUNT(right));
        tcase_add_test(tests, excuses_what_every_completion_gets);
        tcase_add_test(tests, finds_rare_completions);
        tcase_add_test(tests, follows_offsets_far_behind_the_packet);
        tcase_add_test(tests, excuses_no_other_rejection);
}

/* The decision graph: what lifting and emitting preserve, and what optimizing must and must not do.
 */
#include "cbpf/compile.h"
#include "tests/lib/programs.h"
#include "tests/lib/random.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

static uint64_t random_state = 1;

static struct bpf_program optimize(const struct bpf_program *in)
{
        struct bpf_program out;
        struct cbpf_violation violation;

        ck_assert_int_eq(cbpf_recompile(in, &out), 0);
        if (cbpf_check(&out, &violation) < 0)
                ck_assert_msg(violation.instruction >= CBPF_KERNEL_MAX, "%s", violation.message);
        return out;
}

/* Counts instructions with `code`; `k` is not compared if it is UINT32_MAX. */
static int count(const struct bpf_program *program, unsigned code, uint32_t k)
{
        int found = 0;

        for (u_int i = 0; i < program->bf_len; i++)
                found += program->bf_insns[i].code == code &&
                         (k == UINT32_MAX || program->bf_insns[i].k == k);
        return found;
}

/* For all operations and operands that matter: a switch of the operation's result, whatever normal
 * form it takes, decides as the operation and a comparison do. */
START_TEST(switches_decide_as_their_terms)
{
        static const uint32_t values[] = {0,          1,          2,          3,         7,
                                          8,          31,         0x80,       0xff,      0xffff,
                                          0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
        static const unsigned operations[] = {BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_MOD, BPF_AND,
                                              BPF_OR,  BPF_XOR, BPF_LSH, BPF_RSH, BPF_NEG};
        static const unsigned jumps[] = {BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET};
        unsigned operation = operations[_i % COUNT(operations)];
        unsigned jump = jumps[_i / COUNT(operations) % COUNT(jumps)];
        bool byte = _i / COUNT(operations) >= COUNT(jumps); /* its range allows more forms */

        for (size_t k = 0; k < COUNT(values); k++)
                for (size_t limit = 0; limit < COUNT(values); limit++) {
                        struct bpf_program in =
                            PROGRAM(BPF_STMT(byte ? LDB_ABS : LD_ABS, byte ? 3 : 0),
                                    BPF_STMT(BPF_ALU | operation, values[k]),
                                    BPF_JUMP(BPF_JMP | jump, values[limit], 0, 1), BPF_STMT(RET, 7),
                                    BPF_STMT(RET, 3));
                        struct cbpf_violation violation;
                        struct bpf_program out;

                        if (cbpf_check(&in, &violation) < 0)
                                continue; /* division by 0, wide shift */
                        out = optimize(&in);
                        for (size_t i = 0; i < 10 * COUNT(values); i++) {
                                uint32_t value = values[i % COUNT(values)] + (uint32_t)(i / 14) - 4;
                                uint8_t packet[] = {value >> 24, value >> 16, value >> 8, value};

                                ck_assert_msg(cbpf_run(&in, &(struct packet){packet, 4, 4}) ==
                                                  cbpf_run(&out, &(struct packet){packet, 4, 4}),
                                              "operation 0x%x %x, jump 0x%x %x, value %x",
                                              operation, values[k], jump, values[limit], value);
                        }
                        cbpf_program_free(&out);
                }
}
END_TEST

/* Meaning */

/* What is allowed on a truncated packet is checked with a completion of zeros and one of ones,
 * which differ in most answers. */
static void assert_same_meaning(const char *expression, const struct bpf_program *in,
                                const struct bpf_program *out)
{
        static const int pool[] = {0, 1, 2, 4, 6, 8, 17, 0x45, 0x60, 0x86, 0xdd, 80, 255};
        uint8_t packet[2000] = {0};

        for (int i = 0; i < 3000; i++) {
                uint32_t captured = i % 3 ? sizeof packet : random_below(&random_state, 100);
                uint32_t expected, got;

                if (i % 50 == 0) {
                        memset(packet, 0, sizeof packet);
                        memcpy(packet + 12, i % 100 ? "\x08\x00\x45" : "\x86\xdd\x60", 3);
                        packet[i % 100 ? 23 : 20] = i % 150 ? 6 : 17;
                }
                packet[random_below(&random_state, 80)] =
                    (uint8_t)pool[random_below(&random_state, COUNT(pool))];
                expected = cbpf_run(in, &(struct packet){packet, captured, 100});
                got = cbpf_run(out, &(struct packet){packet, captured, 100});
                if (expected == 0 && got != 0) {
                        uint8_t whole[2000];

                        memcpy(whole, packet, captured);
                        memset(whole + captured, 0, sizeof whole - captured);
                        expected = cbpf_run(in, &(struct packet){whole, sizeof whole, 100});
                        if (expected == got) {
                                memset(whole + captured, 0xff, sizeof whole - captured);
                                expected = cbpf_run(in, &(struct packet){whole, sizeof whole, 100});
                        }
                }
                ck_assert_msg(expected == got, "%s, %u bytes: %u, not %u", expression, captured,
                              got, expected);
        }
}

static const struct {
        const char *expression;
        int link_type;
} filters[] = {
    {"ip", DLT_EN10MB},
    {"tcp port 80 or host 1.2.3.4", DLT_EN10MB},
    {"tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 and not src net 10.0.0.0/8", DLT_EN10MB},
    {"host 192.168.1.1 and not ((host 1.2.3.4 or host 5.6.7.8) and icmp) and "
     "not (host 5.6.7.8 or host 192.168.1.1)",
     DLT_EN10MB},
    {"len >= 2147483648 & 2147483648 or len < 0 | 2147483648", DLT_EN10MB},
    {"portrange 6000-6008 or net fe80::/10", DLT_EN10MB},
    {"udp[8:4] % 7 = 3 or udp[4:2] / (ip[8] - 64) > 100 ^ 5", DLT_EN10MB},
    {"ip[ip[0] & 0xf] = 1 and tcp[tcp[12] >> 4 : 2] > 0x8000", DLT_EN10MB},
    {"tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)", DLT_RAW},
    {"vlan 5 and pppoes and tcp port 179", DLT_EN10MB},
    {"geneve 0xb and udp port 53", DLT_EN10MB},
    {"ip and tcp port 80 and not multicast", DLT_IEEE802_11_RADIO},
    {"sio 5 and opc 100 and dpc 200 and sls 3", DLT_MTP2},
    {"tcp port (80 or 443 or 8080) and not port (1 or 2 or 3)", DLT_LINUX_SLL2},
};

START_TEST(meaning_stays)
{
        struct bpf_program in =
            libpcap_compile(filters[_i].expression, filters[_i].link_type, false);
        struct bpf_program out = optimize(&in), again = optimize(&out);

        assert_same_meaning(filters[_i].expression, &in, &out);
        /* The result lifts to the graph it came from: there is nothing left to optimize. */
        ck_assert_uint_eq(again.bf_len, out.bf_len);
        cbpf_program_free(&again);
        cbpf_program_free(&out);
        pcap_freecode(&in);
}
END_TEST

START_TEST(no_longer_than_libpcaps)
{
        struct bpf_program in =
            libpcap_compile(filters[_i].expression, filters[_i].link_type, false);
        struct bpf_program best, out = optimize(&in);

        if (strstr(filters[_i].expression, "2147483648") ||
            strstr(filters[_i].expression, "and icmp"))
                goto wrong; /* libpcap's optimized program is short, but wrong */
        best = libpcap_compile(filters[_i].expression, filters[_i].link_type, true);
        ck_assert_msg(out.bf_len <= best.bf_len, "%s: %u, libpcap's %u", filters[_i].expression,
                      out.bf_len, best.bf_len);
        pcap_freecode(&best);
wrong:
        cbpf_program_free(&out);
        pcap_freecode(&in);
}
END_TEST

/* Loads stay in order: a packet that is accepted before the second load needs no bytes for it. */
START_TEST(accepts_on_the_bytes_it_needs)
{
        struct bpf_program in =
            PROGRAM(BPF_STMT(LDB_ABS, 0), BPF_JUMP(JEQ, 1, 5, 0), BPF_STMT(LDB_ABS, 9),
                    BPF_JUMP(JEQ, 2, 3, 0), BPF_STMT(LDB_ABS, 0), BPF_JUMP(JEQ, 3, 1, 0),
                    BPF_STMT(RET, 0), BPF_STMT(RET, 1));
        struct bpf_program out = optimize(&in);

        ck_assert_uint_eq(cbpf_run(&out, &(struct packet){(const uint8_t *)"\1", 1, 20}), 1);
        ck_assert_uint_eq(cbpf_run(&out, &(struct packet){(const uint8_t *)"\0", 1, 20}), 0);
        ck_assert_int_eq(count(&out, LDB_ABS, 0), 1); /* tested in one go */
        ck_assert_uint_eq(out.bf_len, 7);
        cbpf_program_free(&out);
}
END_TEST

START_TEST(division_by_zero_rejects)
{
        struct bpf_program in =
            PROGRAM(BPF_STMT(LDB_ABS, 1), BPF_STMT(TAX, 0), BPF_STMT(LDB_ABS, 0),
                    BPF_STMT(DIV_X, 0), BPF_JUMP(JEQ, 2, 0, 0), BPF_STMT(RET, 5));
        struct bpf_program out = optimize(&in);

        ck_assert_uint_eq(cbpf_run(&out, &(struct packet){(const uint8_t *)"\4\2", 2, 2}), 5);
        ck_assert_uint_eq(cbpf_run(&out, &(struct packet){(const uint8_t *)"\4\0", 2, 2}), 0);
        cbpf_program_free(&out);
}
END_TEST

/* 192.0.2.x, every second address: too many for a chain, so they are searched. */
START_TEST(long_lists_are_searched)
{
        enum { HOSTS = 600 };
        struct bpf_insn instructions[HOSTS * 2 + 2];
        struct bpf_program in = {0, instructions}, out;
        int worst = 0;

        for (uint32_t i = 0; i < HOSTS; i++) {
                instructions[in.bf_len++] =
                    (struct bpf_insn)BPF_JUMP(JEQ, 0xc0000200 + i * 2, 0, 1);
                instructions[in.bf_len++] = (struct bpf_insn)BPF_STMT(RET, 9);
        }
        memmove(instructions + 1, instructions, in.bf_len * sizeof *instructions);
        instructions[0] = (struct bpf_insn)BPF_STMT(LD_ABS, 0);
        in.bf_len++;
        instructions[in.bf_len++] = (struct bpf_insn)BPF_STMT(RET, 0);
        out = optimize(&in);
        ck_assert_uint_le(out.bf_len, HOSTS * 5 / 4);
        for (uint32_t value = 0xc00001f0; value < 0xc0000200 + HOSTS * 2 + 16; value++) {
                uint8_t packet[] = {value >> 24, value >> 16, value >> 8, value};
                int steps = 0;
                const struct bpf_insn *at = out.bf_insns;

                ck_assert_uint_eq(cbpf_run(&in, &(struct packet){packet, 4, 4}),
                                  cbpf_run(&out, &(struct packet){packet, 4, 4}));
                for (; BPF_CLASS(at->code) != BPF_RET; steps++) {
                        bool yes = BPF_OP(at->code) == BPF_JEQ ? value == at->k : value >= at->k;

                        if (BPF_CLASS(at->code) == BPF_LD)
                                at++;
                        else if (BPF_OP(at->code) == BPF_JA)
                                at += at->k + 1;
                        else
                                at += (yes ? at->jt : at->jf) + 1;
                }
                worst = steps > worst ? steps : worst;
        }
        ck_assert_int_le(worst, 20); /* 2 · log2(600) is 18 */
        cbpf_program_free(&out);
}
END_TEST

/* What the emitter's techniques save: each of these is shorter than libpcap's program. */
static const struct {
        const char *expression;
        int link_type;
        u_int length;
} lengths[] = {
    /* The same code tests the ports behind both kinds of IP header. */
    {"port 80", DLT_EN10MB, 22},
    /* Likewise the addresses of IPv4 and ARP. */
    {"host 192.0.2.1 or host 192.0.2.9 or host 192.0.2.77 or host 10.9.8.7", DLT_EN10MB, 20},
    /* The length of the preceding header is computed once, where all tests pass by. */
    {"proto 50", DLT_PFLOG, 15},
    /* It is needed twice within one value. */
    {"icmp[icmptype] = icmp-echoreply", DLT_PFLOG, 19},
    /* A single value under a mask takes one comparison. */
    {"tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn", DLT_EN10MB, 12},
};

START_TEST(programs_are_as_short_as_they_were)
{
        struct bpf_program in =
            libpcap_compile(lengths[_i].expression, lengths[_i].link_type, false);
        struct bpf_program out = optimize(&in);

        ck_assert_msg(out.bf_len <= lengths[_i].length, "%s: %u instructions",
                      lengths[_i].expression, out.bf_len);
        cbpf_program_free(&out);
        pcap_freecode(&in);
}
END_TEST

/* The kernel's check of scratch memory goes on behind a return as if that were no end. */
START_TEST(scratch_memory_is_written_before_it_is_read)
{
        struct bpf_program in = PROGRAM(
            BPF_STMT(BPF_ST, 0), BPF_STMT(LDH_ABS, 15), BPF_STMT(TAX, 0), BPF_STMT(LDB_IND, 3),
            BPF_STMT(BPF_ST, 1), BPF_STMT(LD_ABS, 4), BPF_STMT(TAX, 0), BPF_STMT(LDB_IND, 8),
            BPF_STMT(ADD, 9), BPF_STMT(BPF_ST, 2), BPF_STMT(BPF_ST, 2), BPF_STMT(LDX_MEM, 1),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 12, 0), BPF_STMT(LD_MEM, 2),
            BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0), BPF_STMT(LDX_MEM, 1),
            BPF_JUMP(BPF_JMP | BPF_JGT | BPF_X, 4, 8, 0), BPF_STMT(LD_MEM, 2), BPF_STMT(LDX_MEM, 1),
            BPF_STMT(BPF_ALU | BPF_OR | BPF_X, 0), BPF_STMT(RET_A, 0), BPF_STMT(LD_MEM, 2),
            BPF_STMT(LDX_MEM, 0), BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0),
            BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 9, 0, 3), BPF_STMT(LD_MEM, 2), BPF_STMT(ADD, 2),
            BPF_STMT(RET_A, 0), BPF_STMT(LD_MEM, 0), BPF_STMT(LDX_MEM, 2),
            BPF_STMT(BPF_ALU | BPF_OR | BPF_X, 0), BPF_STMT(RET_A, 0));
        struct bpf_program out = optimize(&in);

        ck_assert_int_le(out.bf_len, in.bf_len);
        cbpf_program_free(&out);
}
END_TEST

/* The same where a test that other code serves, which is placed already, comes between them. */
START_TEST(scratch_memory_is_written_though_a_shared_test_is_between)
{
        struct bpf_program in = PROGRAM(
            BPF_STMT(LDB_ABS, 30), BPF_JUMP(JEQ, 0, 0, 9), BPF_STMT(LDB_ABS, 0), BPF_STMT(LSH_K, 8),
            BPF_STMT(TAX, 0), BPF_STMT(LDB_ABS, 1), BPF_STMT(BPF_ALU | BPF_OR | BPF_X, 0),
            BPF_STMT(BPF_ST, 0), BPF_STMT(TAX, 0), BPF_STMT(LDB_IND, 0), BPF_JUMP(JSET, 4, 0, 4),
            /* Without M[0], then: */
            BPF_STMT(LDB_ABS, 31), BPF_JUMP(JSET, 8, 0, 1), BPF_STMT(RET_A, 0),
            BPF_JUMP(JEQ, 3, 9, 10),
            /* M[0] is read. */
            BPF_STMT(LD_MEM, 0), BPF_JUMP(JEQ, 1, 3, 0), BPF_STMT(LDX_MEM, 0), BPF_STMT(LDB_IND, 1),
            BPF_JUMP(JSET, 8, 4, 5), BPF_STMT(LDX_MEM, 0), BPF_STMT(LDB_IND, 2),
            BPF_JUMP(JSET, 8, 2, 0), BPF_JUMP(JEQ, 3, 0, 1), BPF_STMT(RET, 2), BPF_STMT(RET, 0));
        struct bpf_program out = optimize(&in);

        ck_assert_int_lt(out.bf_len, in.bf_len);
        assert_same_meaning("a return of A, then a shared test", &in, &out);
        cbpf_program_free(&out);
}
END_TEST

/* A jump may stand behind a return of A, for the kernel's check. What has A already goes to the
 * return. */
START_TEST(what_is_in_a_already_is_returned)
{
        struct bpf_program in = PROGRAM(
            BPF_STMT(LD_IMM, 1), BPF_STMT(LD_IMM, 2), BPF_STMT(LDB_ABS, 0), BPF_STMT(LSH_K, 8),
            BPF_STMT(TAX, 0), BPF_STMT(LDB_ABS, 1), BPF_STMT(BPF_ALU | BPF_OR | BPF_X, 0),
            BPF_STMT(BPF_ST, 0), BPF_STMT(TAX, 0), BPF_STMT(LDB_IND, 0), BPF_JUMP(JSET, 4, 0, 2),
            BPF_STMT(LDB_IND, 0), BPF_STMT(RET_A, 0), BPF_STMT(LD_MEM, 0), BPF_JUMP(JEQ, 1, 3, 0),
            BPF_STMT(LDX_MEM, 0), BPF_STMT(LDB_IND, 1), BPF_JUMP(JEQ, 5, 0, 1), BPF_STMT(RET, 2),
            BPF_STMT(RET, 0));
        struct bpf_program out = optimize(&in);

        ck_assert_int_lt(out.bf_len, in.bf_len);
        assert_same_meaning("a return of A", &in, &out);
        cbpf_program_free(&out);
}
END_TEST

/* Sizes and limits */

START_TEST(backward_jumps_are_left_alone)
{
        struct bpf_program in = libpcap_compile("ip protochain 51", DLT_EN10MB, false), out;

        ck_assert_int_eq(cbpf_recompile(&in, &out), 1);
        ck_assert_ptr_null(out.bf_insns);
        pcap_freecode(&in);
}
END_TEST

/* x = x * x and the like double the term's size with each instruction. */
START_TEST(huge_terms_are_left_alone)
{
        struct bpf_insn instructions[64 * 3 + 4];
        struct bpf_program in = {0, instructions}, out;

        instructions[in.bf_len++] = (struct bpf_insn)BPF_STMT(LD_ABS, 0);
        for (int i = 0; i < 64; i++) {
                instructions[in.bf_len++] = (struct bpf_insn)BPF_STMT(TAX, 0);
                instructions[in.bf_len++] = (struct bpf_insn)BPF_STMT(ADD, 1);
                instructions[in.bf_len++] = (struct bpf_insn)BPF_STMT(BPF_ALU | BPF_MUL | BPF_X, 0);
        }
        instructions[in.bf_len++] = (struct bpf_insn)BPF_STMT(RET_A, 0);
        ck_assert_int_eq(cbpf_recompile(&in, &out), 1);
}
END_TEST

/* Ten thousand tests of different bytes: linear, and no deep recursion. */
START_TEST(long_programs_pass)
{
        enum { TESTS = 10000 };
        struct bpf_insn *instructions = calloc(TESTS * 3 + 1, sizeof *instructions);
        struct bpf_program in = {0, instructions}, out;
        uint8_t *packet = calloc(1, TESTS);

        ck_assert(instructions && packet);
        for (uint32_t i = 0; i < TESTS; i++) {
                instructions[in.bf_len++] = (struct bpf_insn)BPF_STMT(LDB_ABS, i);
                instructions[in.bf_len++] = (struct bpf_insn)BPF_JUMP(JEQ, 1, 0, 1);
                instructions[in.bf_len++] = (struct bpf_insn)BPF_STMT(RET, i + 1);
        }
        instructions[in.bf_len++] = (struct bpf_insn)BPF_STMT(RET, 0);
        out = optimize(&in);
        ck_assert_uint_le(out.bf_len, in.bf_len + TESTS / 50);
        for (uint32_t i = 0; i < TESTS; i += 77) {
                packet[i] = 1;
                ck_assert_uint_eq(cbpf_run(&out, &(struct packet){packet, TESTS, TESTS}), i + 1);
                packet[i] = 0;
        }
        ck_assert_uint_eq(cbpf_run(&out, &(struct packet){packet, TESTS, TESTS}), 0);
        cbpf_program_free(&out);
        free(instructions);
        free(packet);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "graph", 60);

        tcase_add_loop_test(tests, switches_decide_as_their_terms, 0, 11 * 4 * 2);
        tcase_add_loop_test(tests, meaning_stays, 0, (int)COUNT(filters));
        tcase_add_loop_test(tests, no_longer_than_libpcaps, 0, (int)COUNT(filters));
        tcase_add_test(tests, accepts_on_the_bytes_it_needs);
        tcase_add_test(tests, division_by_zero_rejects);
        tcase_add_test(tests, long_lists_are_searched);
        tcase_add_loop_test(tests, programs_are_as_short_as_they_were, 0, (int)COUNT(lengths));
        tcase_add_test(tests, scratch_memory_is_written_before_it_is_read);
        tcase_add_test(tests, scratch_memory_is_written_though_a_shared_test_is_between);
        tcase_add_test(tests, what_is_in_a_already_is_returned);
        tcase_add_test(tests, backward_jumps_are_left_alone);
        tcase_add_test(tests, huge_terms_are_left_alone);
        tcase_add_test(tests, long_programs_pass);
}

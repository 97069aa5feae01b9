/* The proof: what graphs and diagrams say of a program is what the interpreter does, and questions
 * are answered right. */
#include "cbpf/proof/question.h"
#include "tests/lib/mend.h"
#include "tests/lib/programs.h"
#include "tests/lib/random.h"
#include "tests/unit/unit.h"

#include <string.h>

enum {
        PACKET = 64,
        LENGTH = 24,
        SNAPSHOT = 262144,
};

static uint64_t random_state = 1;
static struct proof_packet packet;

static uint32_t below(uint32_t limit)
{
        return random_below(&random_state, limit);
}

static void make_program(struct bpf_insn *instructions, struct bpf_program *program)
{
        for (uint32_t i = 0; i < LENGTH; i++)
                instructions[i] = (struct bpf_insn){
                    .code = program_opcodes[below(PROGRAM_OPCODES)],
                    .jt = (uint8_t)below(LENGTH),
                    .jf = (uint8_t)below(LENGTH),
                    .k = below(4) ? below(PACKET) : (uint32_t)random_next(&random_state)};
        *program = (struct bpf_program){LENGTH, instructions};
        mend_program(program);
}

static void make_packet(void)
{
        memset(&packet, 0, sizeof packet);
        packet.captured = below(PACKET + 1);
        packet.length = packet.captured + (below(2) ? below(100) : 0);
        for (uint32_t i = 0; i < packet.captured; i++)
                packet.data[i] = (uint8_t)(below(2) ? below(8) : below(256));
        packet.ancillary = (struct cbpf_ancillary){.protocol = (uint16_t)below(3),
                                                   .packet_type = (uint8_t)below(5),
                                                   .interface = below(3),
                                                   .hardware_type = (uint16_t)below(3),
                                                   .vlan_present = below(2),
                                                   .vlan_tag = (uint16_t)below(0x10000),
                                                   .vlan_protocol = 0x8100};
}

static bool graph_accepts(const struct proof *proof, uint32_t number, struct term_values *values)
{
        const struct node *node = &proof->graph.nodes[number];

        while (node->kind == NODE_SWITCH) {
                uint32_t value = term_value(values, node->term, &packet);

                node = &proof->graph.nodes[node->arms[graph_arm(node, value)].to];
        }
        return node->kind == NODE_RETURN ? node->k : term_value(values, node->term, &packet);
}

static uint32_t variable_value(const struct proof *proof, uint32_t number,
                               struct term_values *values)
{
        const struct variable *variable = &proof->encoding.variables[number];
        uint64_t place = variable->k;

        if (variable->kind == VARIABLE_FAR_BYTE)
                place += term_value(values, variable->base, &packet);
        if (variable->kind == VARIABLE_BYTE || variable->kind == VARIABLE_FAR_BYTE)
                return place < PROOF_ROOM ? packet.data[place] : 0;
        if (variable->kind != VARIABLE_ANCILLARY)
                return term_value(values, variable->base, &packet);
        for (uint32_t i = 0; i < proof->graph.term_count; i++)
                if (encoding_ancillary(&proof->graph, i) == variable->k)
                        return term_value(values, i, &packet);
        return 0;
}

static bool diagram_accepts(const struct proof *proof, uint32_t diagram, struct term_values *values)
{
        while (!diagram_is_leaf(diagram)) {
                const struct diagram *node = &proof->diagrams.nodes[diagram];
                struct node arms = {.count = node->count, .arms = node->arms};

                diagram =
                    node->arms[graph_arm(&arms, variable_value(proof, node->variable, values))].to;
        }
        return diagram == DIAGRAM_TRUE;
}

static void check_program(const struct bpf_program *program, bool live)
{
        struct proof_settings settings = {.link_type = DLT_EN10MB,
                                          .place = live ? CBPF_LIVE : CBPF_FILE,
                                          .snapshot_length = SNAPSHOT};
        struct proof *proof = proof_new(&settings);
        struct term_values values;

        ck_assert(proof);
        ck_assert_int_eq(proof_add(proof, program, false), 0);
        proof_prepare(proof);
        ck_assert(term_values_start(&values, proof));
        for (int i = 0; i < 40; i++) {
                struct packet seen = {packet.data, 0, 0};
                bool accepts;

                make_packet();
                seen.captured = packet.captured;
                seen.length = packet.length;
                accepts =
                    cbpf_execute(program, &seen, live ? &packet.ancillary : NULL, NULL).verdict;
                term_values_forget(&values);
                ck_assert_int_eq(graph_accepts(proof, proof->programs[0].root, &values), accepts);
                if (!diagrams_stopped(&proof->diagrams))
                        ck_assert_int_eq(
                            diagram_accepts(proof, proof->programs[0].diagram, &values), accepts);
        }
        term_values_free(&values);
        proof_free(proof);
}

START_TEST(means_what_the_interpreter_does)
{
        struct bpf_insn instructions[LENGTH];
        struct bpf_program program;

        for (int i = 0; i < 3000; i++) {
                make_program(instructions, &program);
                check_program(&program, i % 2);
        }
}
END_TEST

/* Asks whether a packet is accepted by the first and rejected by the second. */
static enum proof_answer ask(const char *one, const char *other, uint32_t snapshot, bool whole,
                             uint64_t limit)
{
        struct bpf_program programs[] = {libpcap_compile(one, DLT_EN10MB, false),
                                         libpcap_compile(other, DLT_EN10MB, false)};
        struct proof_settings settings = {
            .link_type = DLT_EN10MB, .snapshot_length = snapshot, .whole = whole, .limit = limit};
        struct proof *proof = proof_new(&settings);
        struct proof_condition conditions[] = {{0, true}, {1, false}};
        enum proof_answer answer;

        ck_assert(proof);
        ck_assert_int_eq(proof_add(proof, &programs[0], false), 0);
        ck_assert_int_eq(proof_add(proof, &programs[1], false), 1);
        answer = proof_find(proof, conditions, 2, &packet, NULL);
        proof_free(proof);
        pcap_freecode(&programs[0]);
        pcap_freecode(&programs[1]);
        return answer;
}

static void always(const char *one, const char *other)
{
        ck_assert_msg(ask(one, other, SNAPSHOT, false, 0) == PROOF_NONE, "%s, %s", one, other);
}

static void not_always(const char *one, const char *other)
{
        ck_assert_msg(ask(one, other, SNAPSHOT, false, 0) == PROOF_FOUND, "%s, %s", one, other);
}

START_TEST(decides_by_diagrams)
{
        always("ether[0:4] = 0x01020304", "ether[0:2] = 0x0102 and ether[2:2] = 0x0304");
        always("ether[0:4] & 0x00ffff00 = 0x00020300", "ether[1:2] = 0x0203");
        not_always("ether[1:2] = 0x0203", "ether[0:4] & 0x00ffff00 = 0x00020300"); /* cut short */
        always("ip[0] & 0xf0 = 0x40", "ip[0] & 0xf0 >> 4 = 0 or ip[0] & 0xc0 = 0x40");
        always("tcp[2:2] = 80", "tcp[2] = 0 and tcp[3] = 80");
        always("tcp[3] < 80", "not tcp[3] >= 80 and tcp");
        not_always("ether[0:2] < 0x0102", "ether[0:2] < 0x0101");
        not_always("tcp[2:2] = 80", "tcp[2] = 0 and tcp[3] = 81");
        not_always("len < 20", "len < 19");
}
END_TEST

START_TEST(minds_bounds_and_lengths)
{
        ck_assert_int_eq(ask("tcp", "ip6", 20, false, 0), PROOF_NONE);
        ck_assert_int_eq(ask("tcp", "ip6", 24, false, 0), PROOF_FOUND);
        /* Cut short, it still is known to be IP; whole, there is no such packet. */
        ck_assert_int_eq(ask("ip and len > 70", "ip[50] >= 0", SNAPSHOT, false, 0), PROOF_FOUND);
        ck_assert_uint_lt(packet.captured, packet.length);
        ck_assert_int_eq(ask("ip and len > 70", "ip[50] >= 0", SNAPSHOT, true, 0), PROOF_NONE);
        ck_assert_int_eq(ask("ip and len > 60", "ip[50] >= 0", SNAPSHOT, true, 0), PROOF_FOUND);
        ck_assert_uint_eq(packet.captured, packet.length);
}
END_TEST

START_TEST(leaves_arithmetic_to_the_solver)
{
        if (!proof_solver())
                return;
        ck_assert_int_eq(ask("ip[0] * 3 = 207", "ip[0] = 69", SNAPSHOT, false, 0), PROOF_UNDECIDED);
        ck_assert_int_eq(ask("ip[0] * 3 = 207", "ip[0] = 69", SNAPSHOT, false, 60000), PROOF_NONE);
        ck_assert_int_eq(ask("ip[4] * ip[5] = 77", "ip[4] = 7", SNAPSHOT, false, 60000),
                         PROOF_FOUND);
        ck_assert_uint_eq(packet.data[18] * packet.data[19], 77);
}
END_TEST

START_TEST(follows_loops)
{
        ck_assert_int_eq(ask("ip6 protochain 6", "ip6", SNAPSHOT, false, 0), PROOF_NONE);
        ck_assert_int_eq(ask("ip6 protochain 6", "ip6 proto 6", SNAPSHOT, false, 10000),
                         PROOF_FOUND);
}
END_TEST

START_TEST(shares_equal_diagrams)
{
        struct diagrams diagrams = {.budget = 1000};
        size_t start = diagram_start(&diagrams);
        uint32_t one, other;

        diagram_put(&diagrams, start, 0, DIAGRAM_FALSE);
        diagram_put(&diagrams, start, 5, DIAGRAM_TRUE);
        diagram_put(&diagrams, start, 7, DIAGRAM_FALSE);
        one = diagram_take(&diagrams, start, 1);
        diagram_put(&diagrams, start, 0, DIAGRAM_TRUE);
        diagram_put(&diagrams, start, 9, DIAGRAM_FALSE);
        other = diagram_take(&diagrams, start, 0);
        ck_assert_uint_eq(diagram_not(&diagrams, diagram_not(&diagrams, one)), one);
        ck_assert_uint_eq(diagram_and(&diagrams, one, other), diagram_and(&diagrams, other, one));
        ck_assert_uint_eq(diagram_and(&diagrams, one, diagram_not(&diagrams, one)), DIAGRAM_FALSE);
        ck_assert_uint_eq(diagram_choose(&diagrams, other, one, one), one);
        ck_assert(!diagrams_stopped(&diagrams));
        diagrams_free(&diagrams);
}
END_TEST

/* Ordinary packets have right lengths and checksums, so nothing is left to mend. */
START_TEST(has_ordinary_packets)
{
        static const int link_types[] = {DLT_EN10MB, DLT_RAW, DLT_LINUX_SLL, DLT_LINUX_SLL2,
                                         DLT_NULL,   DLT_PPP, DLT_IEEE802_11};
        struct ordinary packets[ORDINARY_MAX];

        for (int i = 0; i < COUNT(link_types); i++) {
                size_t count = ordinary_packets(link_types[i], packets);

                ck_assert_uint_gt(count, 8);
                ck_assert_uint_le(count, ORDINARY_MAX);
                for (size_t j = 0; j < count; j++)
                        for (unsigned what = 0; what < ORDINARY_MENDS; what++)
                                ck_assert(!ordinary_mend(&packets[j], what, packets[j].bytes,
                                                         packets[j].size));
        }
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "proof", 60);

        tcase_add_test(tests, means_what_the_interpreter_does);
        tcase_add_test(tests, decides_by_diagrams);
        tcase_add_test(tests, minds_bounds_and_lengths);
        tcase_add_test(tests, leaves_arithmetic_to_the_solver);
        tcase_add_test(tests, follows_loops);
        tcase_add_test(tests, shares_equal_diagrams);
        tcase_add_test(tests, has_ordinary_packets);
}

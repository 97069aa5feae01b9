/* cbpf: the interpreter, against libpcap's. */
#include "cbpf/cbpf.h"
#include "tests/lib/programs.h"
#include "tests/lib/random.h"
#include "tests/unit/unit.h"

#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

enum {
        PACKET = 64,
};

static uint64_t random_state = 1;

/* Mostly small, like offsets and shifts; sometimes at a limit of the arithmetic. */
static uint32_t random_operand(void)
{
        static const uint32_t limits[] = {
            PACKET - 1, PACKET, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 31, 32, 33,
        };

        switch (random_below(&random_state, 4)) {
        case 0: return limits[random_below(&random_state, COUNT(limits))];
        case 1: return random_below(&random_state, PACKET);
        default: return random_below(&random_state, 8);
        }
}

static struct bpf_insn random_instruction(uint32_t left)
{
        struct bpf_insn made = {
            .code = program_opcodes[random_below(&random_state, PROGRAM_OPCODES_INSIDE)]};

        made.k = random_operand();
        if (BPF_CLASS(made.code) == BPF_ST || BPF_CLASS(made.code) == BPF_STX ||
            ((BPF_CLASS(made.code) == BPF_LD || BPF_CLASS(made.code) == BPF_LDX) &&
             BPF_MODE(made.code) == BPF_MEM))
                made.k %= BPF_MEMWORDS;
        if (made.code == (BPF_ALU | BPF_DIV | BPF_K) || made.code == (BPF_ALU | BPF_MOD | BPF_K))
                made.k |= 1;
        if (made.code == (BPF_ALU | BPF_LSH | BPF_K) || made.code == (BPF_ALU | BPF_RSH | BPF_K))
                made.k %= 32; /* cbpf_check() refuses more, and libpcap's result is undefined */
        if (made.code == JA)
                made.k %= left;
        made.jt = (uint8_t)random_below(&random_state, left);
        made.jf = (uint8_t)random_below(&random_state, left);
        return made;
}

/* Writes all scratch memory first, so that none is read uninitialized, then anything. */
static void random_program(struct bpf_insn *instructions, uint32_t length)
{
        for (uint32_t i = 0; i < BPF_MEMWORDS; i++)
                instructions[i] = (struct bpf_insn){BPF_ST, 0, 0, i};
        for (uint32_t i = BPF_MEMWORDS; i < length - 1; i++)
                instructions[i] = random_instruction(length - 1 - i);
        instructions[length - 1] = (struct bpf_insn){RET_A, 0, 0, 0};
}

static uint32_t execute(const struct bpf_program *program, const uint8_t *packet, uint32_t captured)
{
        struct packet whole = {.data = packet, .captured = captured, .length = 1000};

        return cbpf_execute(program, &whole, NULL, NULL).verdict;
}

START_TEST(agrees_with_libpcap_on_random_programs)
{
        struct bpf_insn instructions[40];
        struct bpf_program program = {COUNT(instructions), instructions};
        size_t accepted = 0;

        for (int i = 0; i < 50000; i++) {
                uint32_t captured = random_below(&random_state, PACKET + 1);
                uint8_t *packet = malloc(captured + 1);
                uint32_t expected;

                for (uint32_t j = 0; j < captured; j++)
                        packet[j] = (uint8_t)random_below(&random_state, 256);
                random_program(instructions, COUNT(instructions));
                expected = bpf_filter(instructions, packet, 1000, captured);
                ck_assert_uint_eq(cbpf_run(&program, &(struct packet){packet, captured, 1000}),
                                  expected);
                ck_assert_uint_eq(execute(&program, packet, captured), expected);
                accepted += expected != 0;
                free(packet);
        }
        ck_assert_uint_gt(accepted, 5000); /* otherwise too little of the programs was run */
}
END_TEST

/* protochain is the one primitive that makes libpcap jump back. */
START_TEST(follows_backward_jumps)
{
        struct cbpf_target target = {
            .link_type = DLT_RAW, .snapshot_length = 262144, .place = CBPF_FILE};
        uint8_t packet[40 + 8 + 8 + 1] = {0x60, [6] = 0, [40] = 43, [48] = 50};
        struct bpf_program program;
        struct error error;

        ck_assert_int_eq(cbpf_compile("ip6 protochain 50", &target, 0, &program, &error), 0);
        ck_assert_uint_ne(
            cbpf_run(&program, &(struct packet){packet, sizeof packet, sizeof packet}), 0);
        packet[48] = 51;
        ck_assert_uint_eq(
            cbpf_run(&program, &(struct packet){packet, sizeof packet, sizeof packet}),
            bpf_filter(program.bf_insns, packet, sizeof packet, sizeof packet));
        cbpf_program_free(&program);
}
END_TEST

START_TEST(ends_endless_loops)
{
        struct bpf_program loop =
            PROGRAM({LD_LEN, 0, 0, 0}, {JA, 0, 0, (uint32_t)-2}, {RET, 0, 0, 1});
        struct packet packet = {.length = 1000};
        struct cbpf_outcome outcome = cbpf_execute(&loop, &packet, NULL, NULL);

        ck_assert_int_eq(outcome.end, CBPF_END_LOOP);
        ck_assert_uint_eq(outcome.verdict, 0);
        ck_assert_uint_eq(cbpf_run(&loop, &packet), 0);
}
END_TEST

START_TEST(runs_very_long_programs)
{
        uint32_t length = 100000;
        struct bpf_program program = {length, calloc(length, sizeof(struct bpf_insn))};
        struct packet packet = {.length = 1000};
        struct cbpf_outcome outcome;

        for (uint32_t i = 0; i < length - 1; i++)
                program.bf_insns[i] = (struct bpf_insn){BPF_ALU | BPF_ADD | BPF_K, 0, 0, 1};
        program.bf_insns[length - 1] = (struct bpf_insn){RET_A, 0, 0, 0};
        ck_assert_uint_eq(cbpf_run(&program, &packet), length - 1);
        outcome = cbpf_execute(&program, &packet, NULL, NULL);
        ck_assert_uint_eq(outcome.verdict, length - 1);
        ck_assert_uint_eq(outcome.steps, length);
        ck_assert_uint_eq(outcome.instruction, length - 1);
        free(program.bf_insns);
}
END_TEST

START_TEST(rejects_unknown_opcodes)
{
        struct bpf_program unknown = PROGRAM({0xff, 0, 0, 0}, {RET, 0, 0, 1});
        struct packet packet = {.length = 1000};

        ck_assert_int_eq(cbpf_execute(&unknown, &packet, NULL, NULL).end, CBPF_END_INVALID);
        ck_assert_uint_eq(cbpf_run(&unknown, &packet), 0);
}
END_TEST

START_TEST(reports_why_it_ended)
{
        static const uint8_t bytes[4] = {1, 2, 3, 4};
        struct packet packet = {.data = bytes, .captured = 4, .length = 1000};
        struct bpf_program reject = PROGRAM({LD_LEN, 0, 0, 0}, {RET, 0, 0, 0});
        struct bpf_program outside = PROGRAM({LD_LEN, 0, 0, 0}, {LD_ABS, 0, 0, 1}, {RET, 0, 0, 1});
        struct bpf_program division = PROGRAM({BPF_LDX | BPF_IMM, 0, 0, 0},
                                              {BPF_ALU | BPF_MOD | BPF_X, 0, 0, 0}, {RET, 0, 0, 1});
        struct cbpf_outcome outcome = cbpf_execute(&reject, &packet, NULL, NULL);

        ck_assert_int_eq(outcome.end, CBPF_END_RETURN);
        outcome = cbpf_execute(&outside, &packet, NULL, NULL);
        ck_assert_int_eq(outcome.end, CBPF_END_OUTSIDE);
        ck_assert_uint_eq(outcome.instruction, 1);
        ck_assert_uint_eq(outcome.steps, 2);
        outcome = cbpf_execute(&division, &packet, NULL, NULL);
        ck_assert_int_eq(outcome.end, CBPF_END_DIVISION);
}
END_TEST

START_TEST(loads_ancillary_data_if_given)
{
        struct cbpf_ancillary ancillary = {
            .protocol = 0x86dd,
            .packet_type = 4,
            .interface = 70000,
            .hardware_type = 772,
            .vlan_present = true,
            .vlan_tag = 0xe007,
            .vlan_protocol = 0x88a8,
        };
        static const struct {
                int offset;
                uint32_t value;
        } loads[] = {
            {SKF_AD_PROTOCOL, 0x86dd},  {SKF_AD_PKTTYPE, 4},          {SKF_AD_IFINDEX, 70000},
            {SKF_AD_HATYPE, 772},       {SKF_AD_VLAN_TAG_PRESENT, 1}, {SKF_AD_VLAN_TAG, 0xe007},
            {SKF_AD_VLAN_TPID, 0x88a8},
        };
        struct packet packet = {.length = 1000};
        struct bpf_program unknown =
            PROGRAM({LD_ABS, 0, 0, (uint32_t)(SKF_AD_OFF + SKF_AD_RANDOM)}, {RET, 0, 0, 1});

        for (size_t i = 0; i < COUNT(loads); i++) {
                struct bpf_program program = PROGRAM({LDB_ABS, 0, 0, 0}, {RET_A, 0, 0, 0});

                program.bf_insns[0].k = (uint32_t)(SKF_AD_OFF + loads[i].offset);
                ck_assert_uint_eq(cbpf_execute(&program, &packet, &ancillary, NULL).verdict,
                                  loads[i].value);
                ck_assert_int_eq(cbpf_execute(&program, &packet, NULL, NULL).end, CBPF_END_OUTSIDE);
        }
        ck_assert_int_eq(cbpf_execute(&unknown, &packet, &ancillary, NULL).end, CBPF_END_OUTSIDE);
}
END_TEST

struct seen {
        struct cbpf_step steps[8];
        uint32_t memory[8]; /* M[3] at each step */
        size_t count;
};

static void note_step(void *context, const struct cbpf_step *step)
{
        struct seen *seen = context;

        ck_assert_uint_lt(seen->count, COUNT(seen->steps));
        seen->memory[seen->count] = step->memory[3];
        seen->steps[seen->count++] = *step;
}

START_TEST(shows_each_step)
{
        static const uint8_t bytes[] = {0x45, 6, 7, 8};
        struct packet packet = {.data = bytes, .captured = 4, .length = 1000};
        struct bpf_program program =
            PROGRAM({LDB_ABS, 0, 0, 1}, {BPF_ST, 0, 0, 3}, {BPF_LDX | BPF_B | BPF_MSH, 0, 0, 0},
                    {JA, 0, 0, 1}, {RET, 0, 0, 1}, {LDB_IND, 0, 0, 2});
        struct seen seen = {.count = 0};
        struct cbpf_observer observer = {note_step, &seen};
        static const struct {
                size_t instruction;
                uint32_t a, x, memory;
                uint64_t offset;
                uint32_t size;
        } expected[] = {
            {0, 0, 0, 0, 1, 1},  {1, 6, 0, 0, 0, 0},   {2, 6, 0, 6, 0, 1},
            {3, 6, 20, 6, 0, 0}, {5, 6, 20, 6, 22, 1},
        };

        ck_assert_int_eq(cbpf_execute(&program, &packet, NULL, &observer).end, CBPF_END_OUTSIDE);
        ck_assert_uint_eq(seen.count, COUNT(expected));
        for (size_t i = 0; i < COUNT(expected); i++) {
                ck_assert_uint_eq(seen.steps[i].instruction, expected[i].instruction);
                ck_assert_uint_eq(seen.steps[i].a, expected[i].a);
                ck_assert_uint_eq(seen.steps[i].x, expected[i].x);
                ck_assert_uint_eq(seen.memory[i], expected[i].memory);
                ck_assert_uint_eq(seen.steps[i].offset, expected[i].offset);
                ck_assert_uint_eq(seen.steps[i].size, expected[i].size);
        }
}
END_TEST

/* The longest path reported is what a run that takes it executes. */
START_TEST(knows_the_longest_path)
{
        struct bpf_program branches =
            PROGRAM({LDB_ABS, 0, 0, 0}, {BPF_JMP | BPF_JEQ | BPF_K, 0, 2, 1}, {LDB_ABS, 0, 0, 1},
                    {RET_A, 0, 0, 0}, {JA, 0, 0, 1}, {RET, 0, 0, 7}, {BPF_ALU | BPF_NEG, 0, 0, 0},
                    {LDB_ABS, 0, 0, 2}, {RET, 0, 0, 9});
        struct bpf_program one = PROGRAM({RET, 0, 0, 0});
        struct bpf_program loop =
            PROGRAM({LD_LEN, 0, 0, 0}, {JA, 0, 0, (uint32_t)-2}, {RET, 0, 0, 1});
        struct packet packet = {.data = (const uint8_t[]){5, 6, 7}, .captured = 3, .length = 3};
        struct cbpf_outcome outcome = cbpf_execute(&branches, &packet, NULL, NULL);
        uint32_t longest = 0;

        ck_assert_int_eq(cbpf_longest_path(&branches, &longest), 0);
        ck_assert_uint_eq(longest, 6);
        ck_assert_uint_eq(outcome.steps, longest);
        ck_assert_uint_eq(outcome.verdict, 9);
        ck_assert_int_eq(cbpf_longest_path(&one, &longest), 0);
        ck_assert_uint_eq(longest, 1);
        ck_assert_int_eq(cbpf_longest_path(&loop, &longest), 1);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "vm", 60);

        tcase_add_test(tests, agrees_with_libpcap_on_random_programs);
        tcase_add_test(tests, follows_backward_jumps);
        tcase_add_test(tests, ends_endless_loops);
        tcase_add_test(tests, runs_very_long_programs);
        tcase_add_test(tests, rejects_unknown_opcodes);
        tcase_add_test(tests, reports_why_it_ended);
        tcase_add_test(tests, loads_ancillary_data_if_given);
        tcase_add_test(tests, shows_each_step);
        tcase_add_test(tests, knows_the_longest_path);
}

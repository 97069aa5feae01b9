/* The eBPF emitter: what its programs look like, and that each jump arrives. That they mean what
 * they should, the kernel says (tests/tools/extended). */
#include "cbpf/extended.h"
#include "unit.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void compile(const char *expression, const struct cbpf_extended_target *place,
                    struct cbpf_extended_program *program)
{
        struct cbpf_target target = {.link_type = DLT_EN10MB,
                                     .snapshot_length = 96,
                                     .place = CBPF_FILE,
                                     .netmask = CBPF_NETMASK_UNKNOWN};
        struct error error;

        ck_assert_msg(cbpf_compile_extended(expression, &target, place, program, &error) == 0,
                      "%s: %s", expression, error.message);
}

static const struct {
        const char *expression;
        struct cbpf_extended_target place;
        const char *listing;
} cases[] = {
    /* One comparison with the end for both fields, and no bytes swapped. */
    {"icmp",
     {.context = CBPF_CONTEXT_XDP},
     "   0: (61) r7 = *(u32 *)(r1 +0)\n"
     "   1: (61) r8 = *(u32 *)(r1 +4)\n"
     "   2: (bf) r0 = r7\n"
     "   3: (07) r0 += 24\n"
     "   4: (2d) if r0 > r8 goto pc+6\n"
     "   5: (69) r0 = *(u16 *)(r7 +12)\n"
     "   6: (56) if w0 != 0x8 goto pc+4\n"
     "   7: (71) r1 = *(u8 *)(r7 +23)\n"
     "   8: (56) if w1 != 0x1 goto pc+2\n"
     "   9: (b4) w0 = 96\n"
     "  10: (95) exit\n"
     "  11: (b4) w0 = 0\n"
     "  12: (95) exit\n"},
    {"less 60",
     {.context = CBPF_CONTEXT_XDP},
     "   0: (61) r7 = *(u32 *)(r1 +0)\n"
     "   1: (61) r8 = *(u32 *)(r1 +4)\n"
     "   2: (bf) r0 = r8\n"
     "   3: (1f) r0 -= r7\n"
     "   4: (a6) if w0 < 0x3d goto pc+2\n"
     "   5: (b4) w0 = 0\n"
     "   6: (95) exit\n"
     "   7: (b4) w0 = 96\n"
     "   8: (95) exit\n"},
    /* Of packets in pieces, a helper tells the length. */
    {"less 60",
     {.context = CBPF_CONTEXT_XDP, .fragments = true},
     "   0: (bf) r6 = r1\n"
     "   1: (85) call bpf_xdp_get_buff_len#188\n"
     "   2: (7b) *(u64 *)(r10 -424) = r0\n"
     "   3: (bf) r1 = r6\n"
     "   4: (61) r7 = *(u32 *)(r1 +0)\n"
     "   5: (61) r8 = *(u32 *)(r1 +4)\n"
     "   6: (79) r0 = *(u64 *)(r10 -424)\n"
     "   7: (a6) if w0 < 0x3d goto pc+2\n"
     "   8: (b4) w0 = 0\n"
     "   9: (95) exit\n"
     "  10: (b4) w0 = 96\n"
     "  11: (95) exit\n"},
    {"", {.context = CBPF_CONTEXT_TC}, "   0: (b4) w0 = 96\n   1: (95) exit\n"},
};

START_TEST(programs_are_as_short_as_by_hand)
{
        struct cbpf_extended_program program;
        char *text;

        compile(cases[_i].expression, &cases[_i].place, &program);
        text = cbpf_list_extended(&program);
        ck_assert_str_eq(text, cases[_i].listing);
        free(text);
        cbpf_extended_free(&program);
}
END_TEST

/* host 10.0.0.1 or host 10.0.0.3 or …; the caller frees it. */
static char *hosts(unsigned count)
{
        char *text = malloc(count * 24 + 1), *at = text;

        for (unsigned i = 0; i < count; i++)
                at += sprintf(at, "%shost 10.%u.%u.%u", i ? " or " : "", i * 2 >> 16,
                              i * 2 >> 8 & 255, (i * 2 & 255) + 1);
        return text;
}

/* Each jump leads forward to an instruction of the program, no path past its end. */
static void expect_sound(const struct cbpf_extended_program *program, uint32_t *far)
{
        *far = 0;
        ck_assert_uint_eq(program->instructions[program->count - 1].code, 0x95);
        for (uint32_t i = 0; i < program->count; i++) {
                const struct cbpf_extended_instruction *instruction = &program->instructions[i];
                unsigned class = instruction->code & 7, operation = instruction->code & 0xf0;
                int64_t skip = instruction->offset;

                if ((class != 5 && class != 6) || operation == 0x80 || operation == 0x90)
                        continue;
                if (instruction->code == 6) {
                        skip = instruction->immediate;
                        (*far)++;
                }
                ck_assert_int_ge(skip, 0);
                ck_assert_int_lt(i + 1 + skip, program->count);
        }
}

START_TEST(jumps_reach_however_far)
{
        const struct cbpf_extended_target place = {.context = CBPF_CONTEXT_SOCKET,
                                                   .far_jumps = true},
                                          near = {.context = CBPF_CONTEXT_SOCKET};
        struct cbpf_extended_program program;
        char *expression = hosts(20000);
        uint32_t far;

        compile(expression, &place, &program);
        ck_assert_uint_gt(program.count, 2 * INT16_MAX);
        expect_sound(&program, &far);
        ck_assert_uint_gt(far, 0);
        cbpf_extended_free(&program);

        /* Where the kernel has no far ones, they go by others. */
        compile(expression, &near, &program);
        expect_sound(&program, &far);
        ck_assert_uint_eq(far, 0);
        ck_assert_uint_gt(program.count, INT16_MAX);
        cbpf_extended_free(&program);
        free(expression);
}
END_TEST

static bool is_goto(const struct cbpf_extended_instruction *instruction)
{
        return instruction->code == 0x05;
}

static const char *const jumping[] = {
    "tcp port 80 or host 1.2.3.4",
    "deep tcp port 80",
    "port 53 or port 80 or port 443 or port 8080 or portrange 6000-6999 or port 22",
};

/* No jump leads to a goto, or over one that it could take itself, and what is behind a goto or the
 * end is led to. */
START_TEST(no_jump_is_needless)
{
        const struct cbpf_extended_target places[] = {
            {.context = CBPF_CONTEXT_SOCKET},
            {.context = CBPF_CONTEXT_XDP},
            {.context = CBPF_CONTEXT_TC, .fragments = true},
        };

        for (size_t place = 0; place < sizeof places / sizeof *places; place++) {
                struct cbpf_extended_program program;
                bool *reached;

                compile(jumping[_i], &places[place], &program);
                reached = calloc(program.count + (size_t)1, sizeof *reached);
                for (uint32_t i = 0; i < program.count; i++) {
                        const struct cbpf_extended_instruction *at = &program.instructions[i];
                        uint32_t to = i + 1 + (uint32_t)at->offset;

                        if (((at->code & 7) != 5 && (at->code & 7) != 6) || at->code == 0x85 ||
                            at->code == 0x95)
                                continue;
                        reached[to] = true;
                        ck_assert_msg(at->offset > 0 && !is_goto(&program.instructions[to]),
                                      "instruction %u leads to a jump", i);
                        ck_assert_msg(at->offset != 1 || (at->code & 0xf0) == 0x40 ||
                                          !is_goto(&program.instructions[i + 1]) || reached[i + 1],
                                      "instruction %u leads over a jump", i);
                }
                for (uint32_t i = 1; i < program.count; i++)
                        if (is_goto(&program.instructions[i - 1]) ||
                            program.instructions[i - 1].code == 0x95)
                                ck_assert_msg(reached[i], "nothing leads to instruction %u", i);
                free(reached);
                cbpf_extended_free(&program);
        }
}
END_TEST

/* Sources and destinations are looked up in the same set. */
START_TEST(long_lists_become_sets)
{
        const struct cbpf_extended_target place = {.context = CBPF_CONTEXT_SOCKET, .maps = true};
        struct cbpf_extended_program program;
        char *expression = hosts(20000);
        uint32_t looked_up = 0;

        compile(expression, &place, &program);
        ck_assert_uint_eq(program.map_count, 1);
        ck_assert_uint_eq(program.maps[0].count, 20000);
        ck_assert(!program.maps[0].ranges);
        ck_assert_uint_eq(program.maps[0].words, 1);
        for (uint32_t i = 0; i < program.maps[0].count; i++) {
                ck_assert_uint_eq(program.maps[0].values[i], 0x0a000001 + 2 * i);
        }
        for (uint32_t i = 0; i < program.count; i++)
                looked_up += program.instructions[i].code == CBPF_EXTENDED_LOAD &&
                             program.instructions[i].source == CBPF_EXTENDED_MAP;
        ck_assert_uint_ge(looked_up, 2);
        cbpf_extended_free(&program);
        free(expression);
}
END_TEST

static void write_mac(char *to, unsigned i)
{
        sprintf(to, "ether host 2:%x:%x:%x:0:%x", i % 70, i & 255, i >> 8, i % 3);
}

static void write_host6(char *to, unsigned i)
{
        sprintf(to, "ip6 host 2001:db8:%x::%x:%x:%x", i % 50, i % 30, i % 97, i);
}

static void write_network6(char *to, unsigned i)
{
        sprintf(to, i % 2 ? "net 20%02x:db8:%x::/48" : "net 20%02x:db8:0:%x::/64", i % 90, i);
}

static void write_pair(char *to, unsigned i)
{
        sprintf(to, "(src host 10.0.%u.%u and src port %u)", i >> 8, i & 255, i);
}

static const struct {
        void (*write)(char *to, unsigned i);
        unsigned words;
        bool ranges;
} longer_values[] = {
    {write_mac, 2, false},
    {write_host6, 3, false}, /* the first of four words is the same for all */
    {write_network6, 2, true},
    {write_pair, 2, false},
};

/* Values that take several loads are looked up at once, from as many entries. */
START_TEST(long_lists_of_longer_values_become_sets)
{
        enum { VALUES = 3000, ROOM = 64 };
        const struct cbpf_extended_target place = {.context = CBPF_CONTEXT_SOCKET, .maps = true};
        struct cbpf_extended_program program;
        char *expression = malloc((size_t)VALUES * ROOM), *at = expression;

        for (unsigned i = 0; i < VALUES; i++) {
                at += sprintf(at, "%s", i ? " or " : "");
                longer_values[_i].write(at, i + 1);
                at += strlen(at);
        }
        compile(expression, &place, &program);
        ck_assert_uint_eq(program.map_count, 1);
        ck_assert_uint_eq(program.maps[0].words, longer_values[_i].words);
        ck_assert_int_eq(program.maps[0].ranges, longer_values[_i].ranges);
        ck_assert_uint_eq(program.maps[0].count, VALUES);
        ck_assert_uint_lt(program.count, 150);
        cbpf_extended_free(&program);
        free(expression);
}
END_TEST

/* Where a call copies to, in bytes from the frame pointer; `placed`: from a computed place. */
struct copied {
        int32_t from, to;
        bool placed;
};

/* The arguments of the helper that a call at `at` gets, which stand before it. */
static struct copied copied_at(const struct cbpf_extended_program *program, uint32_t at)
{
        struct copied copied = {0};
        int32_t length = 0;

        for (uint32_t i = at - 6; i < at; i++) {
                const struct cbpf_extended_instruction *instruction = &program->instructions[i];

                if (instruction->code == 0x07 && instruction->destination == 3)
                        copied.from = instruction->immediate;
                if (instruction->code == 0xb4 && instruction->destination == 4)
                        length = instruction->immediate;
                if (instruction->code == 0xbc && instruction->destination == 2)
                        copied.placed = true;
        }
        copied.to = copied.from + length;
        return copied;
}

/* Of the second, the origin of what is copied lies in front of the packet's first byte. */
static const char *const far_reading[] = {
    "(tcp[2:2] > 100 and ip src 10.0.0.1 and ether[150] = 1 and ether[171] = 1) or icmp",
    "ether dst 2:0:0:0:0:1 and ip src 10.0.0.1 and ip dst 10.0.0.2 and tcp[2:2] > 100 and "
    "ether[171] = 1",
};

/* As much is copied at once as there is room for; what comes from the packet's start lies below the
 * rest. */
START_TEST(copies_keep_apart)
{
        const struct cbpf_extended_target place = {.context = CBPF_CONTEXT_SOCKET};
        struct cbpf_extended_program program;
        int32_t start_end = INT32_MIN, base_begin = 0;
        unsigned placed = 0;

        compile(far_reading[_i], &place, &program);
        for (uint32_t i = 0; i < program.count; i++) {
                struct copied copied;

                if (program.instructions[i].code != 0x85)
                        continue;
                copied = copied_at(&program, i);
                ck_assert_int_lt(copied.from, copied.to);
                ck_assert_int_le(copied.to, 0);
                placed += copied.placed;
                if (copied.placed && copied.from < base_begin)
                        base_begin = copied.from;
                if (!copied.placed && copied.from < -300 && copied.to > start_end)
                        start_end = copied.to;
        }
        ck_assert_uint_gt(placed, 0);
        ck_assert_int_le(start_end, base_begin);
        cbpf_extended_free(&program);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "extended", 60);

        tcase_add_loop_test(tests, programs_are_as_short_as_by_hand, 0,
                            sizeof cases / sizeof *cases);
        tcase_add_test(tests, jumps_reach_however_far);
        tcase_add_loop_test(tests, no_jump_is_needless, 0, sizeof jumping / sizeof *jumping);
        tcase_add_test(tests, long_lists_become_sets);
        tcase_add_loop_test(tests, long_lists_of_longer_values_become_sets, 0,
                            sizeof longer_values / sizeof *longer_values);
        tcase_add_loop_test(tests, copies_keep_apart, 0, sizeof far_reading / sizeof *far_reading);
}

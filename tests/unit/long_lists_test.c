/* Lists far longer than libpcap can compile: hosts in the list pass, their neighbours are rejected,
 * and no packet takes more steps than a search may. */
#include "cbpf/cbpf.h"
#include "tests/lib/random.h"
#include "tests/unit/unit.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        SNAPSHOT = 65535,
        FRAME = 14 + 40 + 8,
        OWN_STEPS = 20,        /* beside the two searches */
        PAIR_STEPS = 50,       /* beside the searches for a port and a host, each for both ends */
        TUPLE_LENGTH = 5,      /* instructions for a tuple */
        TUPLE_MIN_COUNT = 500, /* so that other instructions make no difference */
};

static const uint32_t sizes[] = {1, 2, 63, 64, 65, 319, 500, 641, 2000, 5000, 12000, 30000};

/* A frame of UDP: addresses are 2001:db8::/32 or 10.0.0.0/8 and the numbers given. */
struct frame {
        uint8_t bytes[FRAME];
};

static void put32(uint8_t *bytes, uint32_t value)
{
        for (int i = 0; i < 4; i++)
                bytes[i] = (uint8_t)(value >> (24 - 8 * i));
}

static struct frame ipv4_frame(uint32_t source, uint32_t destination, uint16_t source_port,
                               uint16_t destination_port)
{
        struct frame frame = {{0}};
        uint8_t *ip = frame.bytes + 14;

        frame.bytes[12] = 0x08;
        ip[0] = 0x45;
        ip[9] = 17;
        put32(ip + 12, source);
        put32(ip + 16, destination);
        put32(ip + 20, (uint32_t)source_port << 16 | destination_port);
        return frame;
}

static struct frame ipv6_frame(uint32_t source, uint32_t destination)
{
        struct frame frame = {{0}};
        uint8_t *ip = frame.bytes + 14;

        frame.bytes[12] = 0x86;
        frame.bytes[13] = 0xdd;
        ip[0] = 0x60;
        put32(ip + 8, 0x20010db8);
        put32(ip + 12, source >> 16 << 16);
        put32(ip + 20, source & 0xffff);
        put32(ip + 24, 0x20010db8);
        put32(ip + 28, destination >> 16 << 16);
        put32(ip + 36, destination & 0xffff);
        return frame;
}

/* Numbers with gaps between them, so that each has neighbours that are not in the list. */
static uint32_t *make_numbers(uint32_t count)
{
        uint32_t *numbers = malloc(count * sizeof *numbers), last = 0x0a000001;
        uint64_t random = 7;

        ck_assert_ptr_nonnull(numbers);
        for (uint32_t i = 0; i < count; i++)
                last = numbers[i] = last + 4 + random_below(&random, 60000);
        return numbers;
}

static uint16_t port_of(uint32_t i)
{
        return (uint16_t)(1 + i * 3 % 60000);
}

typedef void write_value(FILE *out, uint32_t number, uint32_t i);

static void write_host(FILE *out, uint32_t number, uint32_t i)
{
        (void)i;
        fprintf(out, "host %u.%u.%u.%u", number >> 24, number >> 16 & 255, number >> 8 & 255,
                number & 255);
}

static void write_ipv6(FILE *out, uint32_t number, uint32_t i)
{
        (void)i;
        fprintf(out, "host 2001:db8:%x::%x", number >> 16, number & 0xffff);
}

static void write_pair(FILE *out, uint32_t number, uint32_t i)
{
        fputc('(', out);
        write_host(out, number, i);
        fprintf(out, " and port %u)", port_of(i));
}

static void write_turned_pair(FILE *out, uint32_t number, uint32_t i)
{
        fprintf(out, "(port %u and ", port_of(i));
        write_host(out, number, i);
        fputc(')', out);
}

static void compile_list(const uint32_t *numbers, uint32_t count, write_value *write,
                         struct bpf_program *program)
{
        struct cbpf_target target = {.link_type = DLT_EN10MB,
                                     .snapshot_length = SNAPSHOT,
                                     .place = CBPF_FILE,
                                     .netmask = CBPF_NETMASK_UNKNOWN};
        struct error error;
        size_t length;
        char *text;
        FILE *out = open_memstream(&text, &length);

        ck_assert_ptr_nonnull(out);
        for (uint32_t i = 0; i < count; i++) {
                fputs(i ? " or " : "", out);
                write(out, numbers[i], i);
        }
        fclose(out);
        ck_assert_msg(cbpf_compile(text, &target, 0, program, &error) == 0, "%s", error.message);
        free(text);
}

static uint32_t logarithm(uint32_t count)
{
        return 32 - (uint32_t)__builtin_clz(count);
}

static void assert_passes(const struct bpf_program *program, const struct frame *frame, bool passes,
                          uint64_t most_steps)
{
        struct packet packet = {frame->bytes, FRAME, FRAME};
        struct cbpf_outcome result = cbpf_execute(program, &packet, NULL, NULL);

        ck_assert_uint_eq(result.verdict, passes ? SNAPSHOT : 0);
        ck_assert_uint_le(result.steps, most_steps);
}

START_TEST(hosts_are_found)
{
        uint32_t count = sizes[_i], *numbers = make_numbers(count);
        uint64_t steps = 2 * logarithm(count) + OWN_STEPS;
        struct bpf_program program;

        compile_list(numbers, count, write_host, &program);
        for (uint32_t i = 0; i < count; i++)
                for (uint32_t near = 0; near < 3; near++) {
                        uint32_t number = numbers[i] + near - 1;
                        struct frame from = ipv4_frame(number, 1, 2, 3);
                        struct frame to = ipv4_frame(0xffffffff, number, 2, 3);

                        assert_passes(&program, &from, near == 1, steps);
                        assert_passes(&program, &to, near == 1, steps);
                }
        cbpf_program_free(&program);
        free(numbers);
}
END_TEST

START_TEST(ipv6_hosts_are_found)
{
        uint32_t count = sizes[_i], *numbers = make_numbers(count);
        struct bpf_program program;

        compile_list(numbers, count, write_ipv6, &program);
        for (uint32_t i = 0; i < count; i++)
                for (uint32_t near = 0; near < 3; near++) {
                        uint32_t number = numbers[i] + near - 1;
                        struct frame from = ipv6_frame(number, 1);
                        struct frame to = ipv6_frame(0xffffffff, number);

                        assert_passes(&program, &from, near == 1, UINT64_MAX);
                        assert_passes(&program, &to, near == 1, UINT64_MAX);
                }
        cbpf_program_free(&program);
        free(numbers);
}
END_TEST

static void assert_pairs(const struct bpf_program *program, const uint32_t *numbers, uint32_t count)
{
        uint64_t steps = 4 * logarithm(count) + PAIR_STEPS;

        for (uint32_t i = 0; i < count; i++) {
                uint32_t other = (i + 1) % count, host = numbers[i];
                bool same = port_of(i) == port_of(other);
                struct frame frames[] = {
                    ipv4_frame(host, 1, port_of(i), 0),
                    ipv4_frame(1, host, 0, port_of(i)),
                    ipv4_frame(host, numbers[other], 0, port_of(other)),
                    ipv4_frame(host, 1, port_of(other), 0),
                    ipv4_frame(host + 1, 1, port_of(i), 0),
                    ipv4_frame(1, host - 1, 0, port_of(i)),
                };

                for (size_t j = 0; j < array_count(frames); j++)
                        assert_passes(program, &frames[j], j < 3 || (j == 3 && same), steps);
        }
}

START_TEST(pairs_are_found)
{
        uint32_t count = sizes[_i], *numbers = make_numbers(count);
        struct bpf_program program;

        compile_list(numbers, count, write_pair, &program);
        assert_pairs(&program, numbers, count);
        cbpf_program_free(&program);
        compile_list(numbers, count, write_turned_pair, &program);
        assert_pairs(&program, numbers, count);
        cbpf_program_free(&program);
        free(numbers);
}
END_TEST

static void write_triple(FILE *out, uint32_t number, uint32_t i)
{
        fputs("(src ", out);
        write_host(out, number, i);
        fputs(" and dst ", out);
        write_host(out, ~number, i);
        fprintf(out, " and port %u)", port_of(i));
}

static void write_conversation(FILE *out, uint32_t number, uint32_t i)
{
        fputc('(', out);
        write_host(out, number, i);
        fputs(" and ", out);
        write_host(out, ~number, i);
        fprintf(out, " and port %u)", port_of(i));
}

static void write_flow(FILE *out, uint32_t number, uint32_t i)
{
        fputs("(udp and src ", out);
        write_host(out, number, i);
        fprintf(out, " and src port %u and dst ", port_of(i));
        write_host(out, ~number, i);
        fprintf(out, " and dst port %u)", port_of(i));
}

static const struct {
        write_value *write;
        bool back;        /* it passes the other way round, too, which counts twice */
        bool either_port; /* its port may be at one end only */
        uint32_t more;    /* instructions for a tuple */
} tuples[] = {
    {write_triple, false, true, 0},
    {write_conversation, true, true, 0},
    {write_flow, false, false, 2},
};

/* `other` has another number. */
static void assert_tuple(const struct bpf_program *program, size_t kind, uint32_t i,
                         uint32_t number, uint32_t other, uint64_t steps)
{
        bool back = tuples[kind].back, either = tuples[kind].either_port;
        uint16_t port = port_of(i);
        struct {
                struct frame frame;
                bool passes;
        } cases[] = {
            {ipv4_frame(number, ~number, port, port), true},
            {ipv4_frame(number, ~number, port, 0), either},
            {ipv4_frame(number, ~number, 0, port), either},
            {ipv4_frame(~number, number, 0, port), back},
            {ipv4_frame(number, ~number, 0, 0), false},
            {ipv4_frame(number + 1, ~number, port, port), false},
            {ipv4_frame(number, ~number + 1, port, port), false},
            {ipv4_frame(number, ~other, port, port), false},
            {ipv4_frame(~number, number + 1, port, port), false},
        };

        for (size_t j = 0; j < array_count(cases); j++)
                assert_passes(program, &cases[j].frame, cases[j].passes, steps);
}

START_TEST(tuples_are_found)
{
        uint32_t count = sizes[_i], *numbers = make_numbers(count);
        struct bpf_program program;

        for (size_t kind = 0; kind < array_count(tuples); kind++) {
                uint32_t each = (TUPLE_LENGTH + tuples[kind].more) << tuples[kind].back;

                compile_list(numbers, count, tuples[kind].write, &program);
                if (count >= TUPLE_MIN_COUNT)
                        ck_assert_uint_le(program.bf_len, each * count);
                for (uint32_t i = 0; i < count; i++)
                        assert_tuple(&program, kind, i, numbers[i],
                                     i + 1 < count ? numbers[i + 1] : 1,
                                     2 * logarithm(count) + PAIR_STEPS);
                cbpf_program_free(&program);
        }
        free(numbers);
}
END_TEST

static void write_ports(FILE *out, uint32_t number, uint32_t i)
{
        (void)number;
        fprintf(out, "(port %u and port %u)", port_of(i), port_of(i) + 1);
}

/* One port at either end, and the other at the other. */
START_TEST(pairs_of_ports_are_found)
{
        enum { MOST = 20000 }; /* from which on the same ports come again */
        uint32_t count = sizes[_i] < MOST ? sizes[_i] : MOST, *numbers = make_numbers(count);
        struct bpf_program program;

        compile_list(numbers, count, write_ports, &program);
        for (uint32_t i = 0; i < count; i++) {
                uint16_t port = port_of(i);
                struct {
                        struct frame frame;
                        bool passes;
                } cases[] = {
                    {ipv4_frame(1, 2, port, port + 1), true},
                    {ipv4_frame(1, 2, port + 1, port), true},
                    {ipv4_frame(1, 2, port, port), false},
                    {ipv4_frame(1, 2, port + 1, port + 1), false},
                    {ipv4_frame(1, 2, port, port + 2), false},
                };

                for (size_t j = 0; j < array_count(cases); j++)
                        assert_passes(&program, &cases[j].frame, cases[j].passes,
                                      2 * logarithm(count) + PAIR_STEPS);
        }
        cbpf_program_free(&program);
        free(numbers);
}
END_TEST

/* Every other one asks for more bytes than the frames have. */
static void write_long_port(FILE *out, uint32_t number, uint32_t i)
{
        (void)number;
        fprintf(out, "((len > %u and port %u) or (port %u and host 10.9.%u.%u))", FRAME - 1 + i % 2,
                port_of(i), port_of(i) + 1, i >> 8, i & 0xff);
}

/* What is no list, but takes so many nodes that the graph is made smaller while it is lowered. */
START_TEST(large_graphs_keep_their_meaning)
{
        enum { COUNT = 1500, HOST = 0x0a090000 };
        uint32_t *numbers = make_numbers(COUNT);
        struct bpf_program program;

        compile_list(numbers, COUNT, write_long_port, &program);
        for (uint32_t i = 0; i < COUNT; i++) {
                uint16_t port = port_of(i);
                struct {
                        struct frame frame;
                        bool passes;
                } cases[] = {
                    {ipv4_frame(1, 2, port, 0), i % 2 == 0},
                    {ipv4_frame(1, 2, 0, port), i % 2 == 0},
                    {ipv4_frame(1, HOST + i, 0, port + 1), true},
                    {ipv4_frame(HOST + i, 2, port + 1, 0), true},
                    {ipv4_frame(1, HOST + i + 1, 0, port + 1), false},
                    {ipv4_frame(1, HOST + i, 0, port + 2), false},
                };

                for (size_t j = 0; j < array_count(cases); j++)
                        assert_passes(&program, &cases[j].frame, cases[j].passes, UINT64_MAX);
        }
        cbpf_program_free(&program);
        free(numbers);
}
END_TEST

/* Ports of one host: whoever it is not has no protocol and no port looked at. */
START_TEST(one_host_is_tested_first)
{
        static const char text[] = "(host 10.0.0.1 and port 80) or (host 10.0.0.1 and port 53) or "
                                   "(host 10.0.0.1 and udp port 443) or "
                                   "(host 10.0.0.1 and tcp port 1024) or len > 100";
        enum { TWO_ADDRESSES = 6, LENGTH_AND_END = 3 };
        struct cbpf_target target = {.link_type = DLT_EN10MB, .snapshot_length = SNAPSHOT};
        struct frame hit = ipv4_frame(2, 0x0a000001, 1, 443), miss = ipv4_frame(2, 3, 1, 443);
        struct bpf_program program;
        struct error error;

        ck_assert_msg(cbpf_compile(text, &target, 0, &program, &error) == 0, "%s", error.message);
        assert_passes(&program, &hit, true, UINT64_MAX);
        assert_passes(&program, &miss, false, TWO_ADDRESSES + LENGTH_AND_END);
        cbpf_program_free(&program);
}
END_TEST

/* Sums of so many terms are no longer than three instructions a term. */
START_TEST(long_sums_are_compiled)
{
        enum { TERMS = 1700, TERM_ROOM = 12 };
        struct cbpf_target target = {.link_type = DLT_EN10MB, .snapshot_length = SNAPSHOT};
        char *text = calloc(TERMS, TERM_ROOM);
        struct frame frame = ipv4_frame(1, 2, 3, 4);
        struct bpf_program program;
        struct error error;
        size_t length = 0;
        uint32_t sum = 0;

        for (uint32_t i = 0; i < TERMS; i++) {
                length +=
                    (size_t)snprintf(text + length, TERM_ROOM, "+ether[%u]" + (i == 0), i % 40);
                sum += frame.bytes[i % 40];
        }
        snprintf(text + length, TERM_ROOM * 2, " = %u", sum);
        ck_assert_msg(cbpf_compile(text, &target, 0, &program, &error) == 0, "%s", error.message);
        ck_assert_uint_le(program.bf_len, 3 * TERMS + 5);
        assert_passes(&program, &frame, true, UINT64_MAX);
        cbpf_program_free(&program);
        free(text);
}
END_TEST

void unit_tests(Suite *suite)
{
        enum { SIZES = COUNT(sizes) };
        TCase *tests = unit_case(suite, "long lists", 60);

        tcase_add_test(tests, long_sums_are_compiled);
        tcase_add_test(tests, one_host_is_tested_first);
        tcase_add_loop_test(tests, hosts_are_found, 0, SIZES);
        tcase_add_loop_test(tests, ipv6_hosts_are_found, 0, SIZES);
        tcase_add_loop_test(tests, pairs_are_found, 0, SIZES);
        tcase_add_loop_test(tests, tuples_are_found, 0, SIZES);
        tcase_add_loop_test(tests, pairs_of_ports_are_found, 0, SIZES);
        tcase_add_test(tests, large_graphs_keep_their_meaning);
}

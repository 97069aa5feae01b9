/* Filters that ask for layers: compiled programs against the dissector (tests/lib/reference.h), on
 * generated packets, damaged and cut ones, and the captures of pcaps/. */
#include "tests/lib/layer_trial.h"
#include "tests/lib/layered.h"
#include "tests/lib/random.h"
#include "tests/lib/seeds.h"
#include "tests/unit/unit.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
        EXPRESSION_ROOM = 2000,
        RANDOM = 1000,      /* expressions */
        MIN_COMPILED = 500, /* of all: some of the random ones contradict themselves */
        PACKETS = 450,      /* for each */
        CAPTURED = 100,     /* expressions that are tried on the captures */
        CUTS = 3,           /* of each captured packet */

        LENGTH = 1299, /* of deep tcp port 80 */
        OUTER_LENGTH = 269,
        MORE_STEPS = 15, /* than without deep */
};

static struct cbpf_target target_of(int link_type)
{
        return (struct cbpf_target){
            .link_type = link_type, .snapshot_length = 262144, .netmask = CBPF_NETMASK_UNKNOWN};
}

/* A test of the table by itself, then a random expression. */
static void write_expression(uint64_t *random, size_t number, char *text, size_t room)
{
        char test[EXPRESSION_ROOM / 2];

        if (layered_template(random, number, test, sizeof test))
                snprintf(text, room, "deep (%s)", test);
        else
                layered_expression(random, number & 1, text, room);
}

/* NULL for a random expression that cannot be compiled, if that is for a reason that is known. */
static struct layer_trial *trial_of(const char *expression, int link_type, unsigned flags)
{
        static const char *const reasons[] = {"both an outer and an inner", "not a broadcast link",
                                              "ethernet addresses supported only on", "more than",
                                              "that only libpcap knows"};
        struct cbpf_target target = target_of(link_type);
        struct error error;
        struct layer_trial *trial = layer_trial_new(expression, &target, flags, &error);

        for (int i = 0; !trial && i < COUNT(reasons); i++)
                if (strstr(error.message, reasons[i]))
                        return NULL;
        ck_assert_msg(trial != NULL, "%s: %s", expression, error.message);
        return trial;
}

static size_t count_templates(void)
{
        uint64_t random = 0;
        char text[EXPRESSION_ROOM];
        size_t count = 0;

        while (layered_template(&random, count, text, sizeof text))
                count++;
        return count;
}

START_TEST(programs_answer_as_the_dissector)
{
        static const unsigned flags[] = {0, CBPF_UNOPTIMIZED, 0, CBPF_FOR_SIZE, CBPF_FOR_SPEED};
        struct sample *sample = sample_new(SAMPLE_ROOM);
        size_t count = count_templates() + RANDOM;
        uint64_t random = 1, differences = 0, compiled = 0;

        ck_assert_ptr_nonnull(sample);
        for (size_t i = 0; i < count; i++) {
                char expression[EXPRESSION_ROOM];
                struct layer_trial *trial;

                write_expression(&random, i, expression, sizeof expression);
                trial = trial_of(expression, layered_link_type(&random), flags[i % COUNT(flags)]);
                if (!trial)
                        continue;
                compiled++;
                differences += layer_trial_random(trial, &random, sample, PACKETS, 1, stderr);
                layer_trial_free(trial);
        }
        free(sample);
        ck_assert_uint_eq(differences, 0);
        ck_assert_uint_ge(compiled, MIN_COMPILED);
}
END_TEST

/* Whole, and cut off at random places. */
static uint64_t try_record(struct layer_trial *trial, const struct capture_record *record,
                           uint64_t *random)
{
        const struct packet *whole = &record->packet;
        uint64_t differences = 0;

        for (int i = 0; i <= CUTS; i++) {
                struct packet packet = *whole;
                const char *message;
                uint8_t *bytes;

                if (i > 0)
                        packet.captured = random_below(random, packet.captured + 1);
                bytes = malloc(packet.captured + 1); /* that no byte behind it is read */
                ck_assert_ptr_nonnull(bytes);
                memcpy(bytes, whole->data, packet.captured);
                packet.data = bytes;
                if (!layer_trial_run(trial, &packet, whole, &message) && differences++ == 0)
                        layer_trial_print(trial, &packet, message, stderr);
                free(bytes);
        }
        return differences;
}

START_TEST(captures_are_answered_as_by_the_dissector)
{
        struct captures captures = {NULL, 0, 0};
        uint64_t random = 2, differences = 0, runs = 0;

        ck_assert(seeds_read(&captures, "pcaps/*.pcap"));
        for (size_t i = 0; i < CAPTURED; i++) {
                size_t number = i % 2 ? i : random_below(&random, 100000);
                int link_type = i % 8 ? DLT_EN10MB : DLT_LINUX_SLL2;
                char expression[EXPRESSION_ROOM];
                struct layer_trial *trial;

                write_expression(&random, number, expression, sizeof expression);
                trial = trial_of(expression, link_type, 0);
                for (size_t record = random_below(&random, 8); trial && record < captures.count;
                     record += 8) {
                        if (captures.records[record].link_type != link_type)
                                continue;
                        differences += try_record(trial, &captures.records[record], &random);
                        runs++;
                }
                layer_trial_free(trial);
        }
        seeds_free(&captures);
        ck_assert_uint_eq(differences, 0);
        ck_assert_uint_ge(runs, 10000);
}
END_TEST

/* --- Faults that were found --- */

struct example {
        const char *expression;
        int link_type;
        const char *packet; /* hexadecimal */
        bool accepted;
};

#define MACS "020000000002020000000001"
#define IPV4(protocol) "450000640000000040" protocol "0000c0000201c0000202"
#define IPV6(next)                                               \
        "6000000000ff" next "4020010db8000000000000000000000001" \
        "20010db8000000000000000000000002"
#define AH(next) next "0400000000000700000001696969696969696969696969"
#define MAC "020000000001"
#define WLAN(control, direction)                                     \
        control direction "0000020000000001020000000002020000000003" \
                          "1000"
#define SNAP "aaaa03000000"
#define TCP "04d200500000000000000000500200000000000000"

static const struct example examples[] = {
    /* Comparisons below two operators. */
    {"deep ((udp[0:2] = 53) or ((ether src 02:00:00:00:00:01) or (tcp src port 1234)))", DLT_EN10MB,
     MACS "0800" IPV4("06") TCP, true},
    {"deep (tcp[0:2] = 1235 or (ip[8] = 63 or (tcp[2:2] = 81 and not ip6)))", DLT_EN10MB,
     MACS "0800" IPV4("06") TCP, false},
    /* Frames in tunnels, where the outermost layer has no link header. */
    {"deep (tcp port 80)", DLT_RAW, IPV4("61") "3000" MACS "0800" IPV4("06") TCP, true},
    {"deep (ether src 02:00:00:00:00:01)", DLT_RAW, IPV4("61") "3000" MACS "0800" IPV4("06") TCP,
     true},
    {"deep (ether src 02:00:00:00:00:03)", DLT_RAW, IPV4("61") "3000" MACS "0800" IPV4("06") TCP,
     false},
    /* Extension headers are protocols of the layer as what they carry is. */
    {"deep ah", DLT_EN10MB, MACS "0800" IPV4("33") AH("06") TCP, true},
    {"deep (ah and tcp port 80)", DLT_EN10MB, MACS "0800" IPV4("33") AH("06") TCP, true},
    {"deep (ip6 proto 51)", DLT_EN10MB, MACS "0800" IPV4("33") AH("06") TCP, false},
    {"inner ah", DLT_RAW, IPV4("33") AH("04") IPV4("06") TCP, false},
    {"deep (proto 44 and proto 60)", DLT_RAW,
     IPV6("3c") "2c00010400000000"
                "0600000000000001" TCP,
     true},
    {"deep (ip6 proto 44 and tcp)", DLT_RAW, IPV6("2c") "0600000000000001" TCP, true},
    {"deep (proto 0)", DLT_RAW, IPV6("2c") "0600000000000001" TCP, false},
    /* What is behind the outermost layer cannot matter, and may be missing. */
    {"outer (not udp)", DLT_EN10MB, MACS "0800" IPV4("04") "45", true},
    {"not inner (ether[18] = 1)", DLT_EN10MB,
     MACS "1234"
          "0001",
     true},
    /* A byte of a link header is read in the layers of which it is asked, and may be missing in
     * others. */
    {"not (deep (tcp[2:2] > 80) and inner (ether[16] = 3))", DLT_EN10MB,
     MACS "8035"
          "0001",
     true},
    {"not (outer (ether[14] = 2) or inner (ip[12:4] = 0xc0000201))", DLT_RAW,
     IPV4("61") "3000" MACS "8035", true},
    /* Where the walk begins is a constant, as the marks are then. */
    /* Headers of varying length. */
    {"deep tcp port 80", DLT_IEEE802_11, WLAN("08", "01") SNAP "0800" IPV4("06") TCP, true},
    {"deep tcp port 80", DLT_IEEE802_11,
     WLAN("88", "83") MAC "0000"
                          "00000000" SNAP "8100"
                          "00050800" IPV4("06") TCP,
     true},
    {"deep tcp port 80", DLT_IEEE802_11, WLAN("08", "41") SNAP "0800" IPV4("06") TCP, false},
    {"deep (ether host 02:00:00:00:00:03 and tcp)", DLT_IEEE802_11,
     WLAN("08", "02") SNAP "0800" IPV4("06") TCP, true},
    {"deep ether src 02:00:00:00:00:02", DLT_IEEE802_11,
     WLAN("08", "02") SNAP "0800" IPV4("06") TCP, false},
    {"deep tcp port 80", DLT_IEEE802_11_RADIO,
     "00000900"
     "02000000"
     "20" WLAN("88", "01") "0000"
                           "0000" SNAP "0800" IPV4("06") TCP,
     true},
    {"deep tcp port 80 and len > 60", DLT_IEEE802_11_RADIO,
     "00000900"
     "02000000"
     "00" WLAN("88", "01") "0000" SNAP "0800" IPV4("06") TCP,
     true},
    {"deep tcp", DLT_PPI, "0000080069000000" WLAN("08", "01") SNAP "0800" IPV4("06") TCP, true},
    {"not deep tcp", DLT_PPI, "0000080001000000" WLAN("08", "01"), false},
    {"inner tcp", DLT_PFLOG, "03180000" IPV6("04") IPV4("06") TCP, true},
    {"deep ah and deep tcp", DLT_PPP_ETHER, "1100000100160021" IPV4("33") AH("06") TCP, true},
    {"not outer udp", DLT_EN10MB, MACS "0800" IPV4("04") "45", true},
    {"not deep udp", DLT_EN10MB, MACS "0800" IPV4("04") "45", false},
};

static uint32_t read_hexadecimal(const char *text, uint8_t *bytes)
{
        uint32_t count = 0;
        unsigned byte;

        for (; sscanf(text, "%2x", &byte) == 1; text += 2)
                bytes[count++] = (uint8_t)byte;
        return count;
}

START_TEST(example_is_answered)
{
        const struct example *example = &examples[_i];
        struct cbpf_target target = target_of(example->link_type);
        uint8_t bytes[400];
        struct packet packet = {.data = bytes};

        packet.captured = packet.length = read_hexadecimal(example->packet, bytes);
        for (int deep = 0; deep < 2; deep++)
                for (unsigned flags = 0; flags <= CBPF_UNOPTIMIZED; flags++) {
                        struct cbpf_violation violation;
                        struct bpf_program program;
                        struct error error;
                        char *expression = deep ? cbpf_deepen(example->expression, &error)
                                                : strdup(example->expression);

                        /* `deep` of what is one already is the same. */
                        ck_assert_ptr_nonnull(expression);
                        ck_assert_msg(cbpf_compile(expression, &target, flags, &program, &error) ==
                                          0,
                                      "%s: %s", expression, error.message);
                        ck_assert_msg(cbpf_check(&program, &violation) == 0, "%s: %s", expression,
                                      violation.message);
                        ck_assert_msg((cbpf_run(&program, &packet) > 0) == example->accepted,
                                      "%s: deep %d, flags %u", expression, deep, flags);
                        cbpf_program_free(&program);
                        free(expression);
                }
}
END_TEST

/* --- Extension headers --- */

/* A header of number `number`, behind another: its length, in each unit that there is, is another,
 * and the port is behind one of these or behind none. */
static void write_extension(uint8_t *bytes, uint32_t number, uint32_t length)
{
        static const char start[] = MACS "86dd" IPV6("00") "0000000000000000";
        uint32_t head = read_hexadecimal(start, bytes);

        bytes[head - 8] = (uint8_t)number;
        memset(bytes + head, 0, 100);
        bytes[head] = IPPROTO_TCP;
        bytes[head + 1] = 2;
        bytes[head + length + 3] = 80;
}

START_TEST(extension_headers_are_told_by_number)
{
        static const uint32_t lengths[] = {0, 8, 16, 24};
        struct layer_trial *trial = trial_of("deep tcp port 80", DLT_EN10MB, 0);
        uint8_t bytes[200];
        struct packet packet = {.data = bytes, .captured = sizeof bytes, .length = sizeof bytes};
        const char *message;

        for (uint32_t number = 0; number < 256; number++)
                for (int i = 0; i < COUNT(lengths); i++) {
                        write_extension(bytes, number, lengths[i]);
                        ck_assert_msg(layer_trial_run(trial, &packet, &packet, &message),
                                      "header %u, %u bytes: %s", number, lengths[i], message);
                }
        layer_trial_free(trial);
}
END_TEST

/* --- What it costs --- */

/* Steps of the program for `expression` on a SYN to port 80, which it must accept, or to another.
 */
static uint64_t steps_of(const char *expression, bool accepted, uint32_t *length)
{
        struct cbpf_target target = target_of(DLT_EN10MB);
        uint8_t bytes[400];
        struct packet packet = {.data = bytes};
        struct cbpf_outcome outcome;
        struct bpf_program program;
        struct error error;

        packet.captured = packet.length = read_hexadecimal(MACS "0800" IPV4("06") TCP, bytes);
        bytes[37] = accepted ? 80 : 81;
        ck_assert_int_eq(cbpf_compile(expression, &target, 0, &program, &error), 0);
        outcome = cbpf_execute(&program, &packet, NULL, NULL);
        ck_assert_int_eq(outcome.verdict > 0, accepted);
        *length = program.bf_len;
        cbpf_program_free(&program);
        return outcome.steps;
}

START_TEST(plain_packets_take_few_steps)
{
        for (int accepted = 0; accepted < 2; accepted++) {
                uint32_t length;
                uint64_t shallow = steps_of("tcp port 80", accepted, &length);

                ck_assert_uint_le(steps_of("deep tcp port 80", accepted, &length),
                                  shallow + MORE_STEPS);
                ck_assert_uint_le(length, LENGTH);
                ck_assert_uint_le(steps_of("outer tcp port 80", accepted, &length),
                                  shallow + MORE_STEPS);
                ck_assert_uint_le(length, OUTER_LENGTH);
        }
}
END_TEST

START_TEST(kernel_takes_the_program)
{
        struct cbpf_target target = target_of(DLT_EN10MB);
        int socket_to_filter = socket(AF_INET, SOCK_DGRAM, 0);

        ck_assert_int_ge(socket_to_filter, 0);
        for (int place = CBPF_FILE; place <= CBPF_LIVE_ANY; place++) {
                struct bpf_program program;
                struct sock_fprog code;
                struct error error;

                target.place = (enum cbpf_place)place;
                target.link_type = place == CBPF_LIVE_ANY ? DLT_LINUX_SLL2 : DLT_EN10MB;
                ck_assert_int_eq(cbpf_compile("deep (tcp port 80)", &target, 0, &program, &error),
                                 0);
                code = (struct sock_fprog){(unsigned short)program.bf_len,
                                           (struct sock_filter *)program.bf_insns};
                ck_assert_int_eq(
                    setsockopt(socket_to_filter, SOL_SOCKET, SO_ATTACH_FILTER, &code, sizeof code),
                    0);
                cbpf_program_free(&program);
        }
        close(socket_to_filter);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *cost = unit_case(suite, "cost", UNIT_SECONDS);
        TCase *random = unit_case(suite, "random", 20);
        TCase *found = unit_case(suite, "found", UNIT_SECONDS);

        tcase_add_test(random, programs_answer_as_the_dissector);
        tcase_add_test(random, captures_are_answered_as_by_the_dissector);
        tcase_add_test(found, extension_headers_are_told_by_number);
        tcase_add_test(cost, plain_packets_take_few_steps);
        tcase_add_test(cost, kernel_takes_the_program);
        tcase_add_loop_test(found, example_is_answered, 0, COUNT(examples));
}

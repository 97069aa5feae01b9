/* Tag stripping: a live program, shown a frame as the kernel shows it, answers as the program for a
 * file does on the frame with its tag; and VLAN tests behind cooked headers. */
#include "tests/lib/random.h"
#include "tests/lib/trial.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        SNAPSHOT = 262144,
        TAG = 12, /* offset */
        FRAME = 64,
        INDEX = 40, /* a byte that expressions take for an offset */
};

static struct bpf_program compile(const char *expression, int link_type, enum cbpf_place place,
                                  unsigned flags)
{
        struct cbpf_target target = {.link_type = link_type,
                                     .snapshot_length = SNAPSHOT,
                                     .place = place,
                                     .netmask = CBPF_NETMASK_UNKNOWN};
        struct bpf_program program;
        struct error error;

        ck_assert_msg(cbpf_compile(expression, &target, flags, &program, &error) == 0, "%s: %s",
                      expression, error.message);
        return program;
}

static void fill(struct sample *sample, uint64_t *random)
{
        static const uint16_t types[] = {0x8100, 0x88a8, 0x9100, 0x0800};
        uint16_t type = types[random_below(random, 4)];

        sample->captured = sample->length = FRAME;
        sample->live = true;
        sample->beside = random_below(random, 4) > 0;
        for (int i = 0; i < FRAME; i++)
                sample->data[i] = (uint8_t)random_next(random);
        sample->data[TAG] = (uint8_t)(type >> 8);
        sample->data[TAG + 1] = (uint8_t)type;
        sample_normalize(sample, SAMPLE_ETHERNET);
}

/* Whether the live program takes what the kernel shows of the sample. */
static bool takes(const struct bpf_program *program, const struct sample *sample)
{
        struct sample *shown = sample_new(SAMPLE_ROOM);
        struct packet packet;
        bool taken;

        ck_assert_ptr_nonnull(shown);
        sample_show(shown, sample, SAMPLE_ETHERNET);
        packet = sample_packet(shown);
        taken = cbpf_execute(program, &packet, sample_ancillary(shown), NULL).verdict > 0;
        free(shown);
        return taken;
}

static uint32_t bytes_at(const struct sample *sample, uint32_t offset, uint32_t size)
{
        uint32_t value = 0;

        for (uint32_t i = 0; i < size; i++)
                value = value << 8 | sample->data[offset + i];
        return value;
}

/* The right value is found, and no other. */
static void assert_loads(const char *load, const struct sample *sample, uint32_t value,
                         unsigned flags, uint64_t *random)
{
        for (int right = 0; right < 2; right++) {
                uint32_t wanted = right ? value : value ^ (1 + random_below(random, 255));
                char expression[200];
                struct bpf_program program;

                snprintf(expression, sizeof expression, "%s = %u", load, wanted);
                program = compile(expression, DLT_EN10MB, CBPF_LIVE, flags);
                ck_assert_msg(takes(&program, sample) == right, "%s (flags %u, beside %d)",
                              expression, flags, sample->beside);
                cbpf_program_free(&program);
        }
}

static const uint32_t sizes[] = {1, 2, 4};

START_TEST(loads_find_their_bytes)
{
        struct sample *sample = sample_new(SAMPLE_ROOM);
        uint64_t random = 1;

        ck_assert_ptr_nonnull(sample);
        for (uint32_t offset = 0; offset < 24; offset++)
                for (int i = 0; i < 12; i++) {
                        uint32_t size = sizes[i % 3];
                        char load[60];

                        fill(sample, &random);
                        snprintf(load, sizeof load, "ether[%u:%u]", offset, size);
                        assert_loads(load, sample, bytes_at(sample, offset, size),
                                     i % 2 ? CBPF_UNOPTIMIZED : 0, &random);
                }
        free(sample);
}
END_TEST

START_TEST(computed_loads_find_their_bytes)
{
        struct sample *sample = sample_new(SAMPLE_ROOM);
        uint64_t random = 2;

        ck_assert_ptr_nonnull(sample);
        for (uint32_t offset = 0; offset < 30; offset++)
                for (int i = 0; i < 12; i++) {
                        uint32_t size = sizes[i % 3], added = random_below(&random, 20);
                        char load[60];

                        fill(sample, &random);
                        sample->data[INDEX] = (uint8_t)offset;
                        snprintf(load, sizeof load, "ether[ether[%d] + %u:%u]", INDEX, added, size);
                        assert_loads(load, sample, bytes_at(sample, offset + added, size),
                                     i % 2 ? CBPF_UNOPTIMIZED : 0, &random);
                        snprintf(load, sizeof load, "ether[ether[%d] * 1 - %u:%u]", INDEX, added,
                                 size);
                        if (added <= offset)
                                assert_loads(load, sample, bytes_at(sample, offset - added, size),
                                             i % 2 ? CBPF_UNOPTIMIZED : 0, &random);
                }
        free(sample);
}
END_TEST

/* --- Steered packets */

static const struct {
        int link_type;
        enum cbpf_place place;
        const char *expression;
} steered[] = {
    {DLT_EN10MB, CBPF_LIVE, "ether[14:2] & 0xfff = 31 or less 100"},
    {DLT_EN10MB, CBPF_LIVE, "ether proto 0x8100 or ether proto 0x88a8 and len & 3 = 1"},
    {DLT_EN10MB, CBPF_LIVE, "vlan 5 and (ip or vlan 7 and tcp port 80) or arp"},
    {DLT_EN10MB, CBPF_LIVE, "ether[11:4] = 5 or ether[13:4] > 7 or ether[15:2] < 9"},
    {DLT_EN10MB, CBPF_LIVE, "ether[ether[20]:4] > 77 or ether[ether[21] & 15:2] = 5"},
    {DLT_EN10MB, CBPF_LIVE, "ether[ether[len - 20]] & 1 = 1"},
    {DLT_EN10MB, CBPF_LIVE, "ip[ip[20] - 3] = 7 or 2 << ether[14] > 64"},
    {DLT_EN10MB, CBPF_LIVE, "vlan and geneve or ip"},
    {DLT_EN10MB, CBPF_LIVE, "vlan and inbound and mpls 7 or ip6"},
    {DLT_EN10MB, CBPF_LIVE, "ip[0] = 0x45 or vlan and ip[1] = 3 and tcp"},
    {DLT_LINUX_SLL2, CBPF_LIVE_ANY, "tcp port 80 or greater 200"},
    {DLT_LINUX_SLL2, CBPF_LIVE_ANY, "vlan 5 and (ip or vlan 7 and tcp port 80) or arp"},
    {DLT_LINUX_SLL2, CBPF_LIVE_ANY, "link[0:2] = 0x8100 or link[20:4] > 0x70000 or inbound"},
    {DLT_LINUX_SLL2, CBPF_LIVE_ANY, "vlan and stp or ifindex 2 and ip[ip[9]] = 2"},
    {DLT_LINUX_SLL2, CBPF_LIVE_ANY, "link[7:2] = 3 or link[9] = 1 or link[20 + link[24]] = 2"},
};

START_TEST(answers_as_on_the_file)
{
        bool any = steered[_i].place == CBPF_LIVE_ANY;
        struct captures captures = {0};
        struct trial_settings settings = {
            .place = steered[_i].place, .seed = 1, .budget = 300000, .captures = &captures};
        struct trial *trial = malloc(sizeof *trial);
        struct seeds seeds;

        ck_assert_ptr_nonnull(trial);
        ck_assert(seeds_read(&captures, "pcaps/tcp.pcap"));
        ck_assert(seeds_read(&captures, "pcaps/qinq.pcap"));
        ck_assert(seeds_make(&seeds, &captures, DLT_EN10MB, true));
        trial_run(trial, &settings, steered[_i].link_type, steered[_i].expression, &seeds);
        ck_assert_msg(!trial_wrong(trial, false) && trial->status == TRIAL_COMPARED, "%s: %s",
                      steered[_i].expression, trial->message);
        ck_assert_int_eq(trial->exploration.form, any ? SAMPLE_ANY : SAMPLE_ETHERNET);
        ck_assert_uint_gt(trial->exploration.packets, 1000);
        seeds_drop(&seeds);
        seeds_free(&captures);
        free(trial);
}
END_TEST

/* --- What the kernel cannot be asked */

START_TEST(what_the_kernel_cannot_tell_is_for_files)
{
        static const struct {
                int link_type;
                enum cbpf_place place;
                const char *expression, *message;
        } cases[] = {
            {DLT_EN10MB, CBPF_LIVE, "ether[ether[ether[ether[14]]]] = 3",
             "bytes at computed places"},
            {DLT_EN10MB, CBPF_LIVE, "ip protochain 6 or vlan", "a loop"},
            {DLT_LINUX_SLL2, CBPF_LIVE_ANY, "link[11] = 6", "the link header"},
            {DLT_LINUX_SLL2, CBPF_LIVE_ANY, "link[link[20]] = 6", "the link header"},
            {DLT_LINUX_SLL2, CBPF_LIVE_ANY, "ip protochain 6", "a loop"},
            {DLT_LINUX_SLL2, CBPF_LIVE_ANY, "protochain 58 or ip6 protochain 6", "a loop"},
        };

        for (size_t i = 0; i < COUNT(cases); i++)
                for (unsigned flags = 0; flags <= CBPF_UNOPTIMIZED; flags++) {
                        struct cbpf_target target = {.link_type = cases[i].link_type,
                                                     .snapshot_length = SNAPSHOT,
                                                     .place = cases[i].place};
                        struct bpf_program program;
                        struct cbpf_violation violation;
                        struct error error;

                        if (flags == 0 && strstr(cases[i].expression, "protochain")) {
                                /* Optimized, the loop is unrolled. */
                                ck_assert_int_eq(cbpf_compile(cases[i].expression, &target, flags,
                                                              &program, &error),
                                                 0);
                                ck_assert_int_eq(cbpf_check(&program, &violation), 0);
                                cbpf_program_free(&program);
                                continue;
                        }
                        ck_assert_int_eq(
                            cbpf_compile(cases[i].expression, &target, flags, &program, &error),
                            -1);
                        ck_assert_int_eq(error.kind, CBPF_ONLY_IN_FILE);
                        ck_assert_msg(strstr(error.message, cases[i].message), "%s: %s",
                                      cases[i].expression, error.message);
                }
}
END_TEST

/* --- VLAN behind cooked headers */

/* The frame without its addresses, behind the header of a cooked one. */
static struct packet cook(const struct packet *frame, int link_type, uint8_t *room)
{
        uint32_t header = link_type == DLT_LINUX_SLL ? 16 : 20;
        uint32_t protocol = link_type == DLT_LINUX_SLL ? 14 : 0;

        memset(room, 0, header);
        memcpy(room + protocol, frame->data + TAG, 2);
        memcpy(room + header, frame->data + TAG + 2, frame->captured - TAG - 2);
        return (struct packet){room, frame->captured - TAG - 2 + header, frame->captured};
}

START_TEST(tags_are_found_behind_cooked_headers)
{
        static const char *const expressions[] = {
            "vlan",
            "vlan 7",
            "vlan 100",
            "vlan 8 or arp",
            "vlan and ip",
            "vlan 7 and icmp",
            "vlan and vlan",
            "vlan 100 and vlan 7",
            "vlan and (arp or vlan and tcp port 5000)",
            "vlan and host 192.0.2.1 and not tcp",
            "vlan and ip6 or tcp",
            "not vlan",
            "vlan and llc",
            "vlan and mpls",
            "vlan and pppoes and ip",
            "vlan and stp",
            "vlan and ip[8] > 60 and tcp[2:2] > 80",
            "vlan and not vlan",
        };
        static const int link_types[] = {DLT_LINUX_SLL, DLT_LINUX_SLL2};
        struct captures captures = {0};
        size_t taken = 0;

        ck_assert(seeds_read(&captures, "pcaps/vlan.pcap"));
        ck_assert(seeds_read(&captures, "pcaps/qinq.pcap"));
        ck_assert(seeds_read(&captures, "pcaps/tcp.pcap"));
        for (size_t i = 0; i < 4 * COUNT(expressions); i++) {
                const char *expression = expressions[i / 4];
                int link_type = link_types[i % 2];
                struct bpf_program frames = compile(expression, DLT_EN10MB, CBPF_FILE, 0);
                struct bpf_program cooked =
                    compile(expression, link_type, CBPF_FILE, i & 2 ? CBPF_UNOPTIMIZED : 0);

                for (size_t j = 0; j < captures.count; j++) {
                        uint8_t room[70000];
                        struct packet frame = captures.records[j].packet;
                        struct packet packet = cook(&frame, link_type, room);
                        bool wanted = cbpf_run(&frames, &frame) > 0;

                        ck_assert_msg((cbpf_run(&cooked, &packet) > 0) == wanted, "%s: packet %zu",
                                      expression, j + 1);
                        taken += wanted;
                }
                cbpf_program_free(&frames);
                cbpf_program_free(&cooked);
        }
        ck_assert_uint_gt(taken, 100);
        seeds_free(&captures);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "strip_tag", 60);

        tcase_add_test(tests, loads_find_their_bytes);
        tcase_add_test(tests, computed_loads_find_their_bytes);
        tcase_add_loop_test(tests, answers_as_on_the_file, 0, COUNT(steered));
        tcase_add_test(tests, what_the_kernel_cannot_tell_is_for_files);
        tcase_add_test(tests, tags_are_found_behind_cooked_headers);
}

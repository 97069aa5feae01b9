/* pcapng files: their blocks, read and copied. */
#include "capture/capture.h"
#include "tests/lib/memory_file.h"
#include "tests/lib/savefile.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct bytes file;

static void start(void)
{
        file.count = 0;
        file.swapped = false;
}

/* Two sections, one in each byte order; interfaces with different units and origins of time. */
static void make_sections(void)
{
        start();
        file.swapped = true;
        put_section(&file, 0x1234);
        put_interface(&file, 1, 100, 6, 0);
        put_unknown_block(&file);
        put_interface(&file, 1, 0, 9, 1000);
        put_packet(&file, 0, 1700000000123456, 1, 60);
        put_packet(&file, 1, 1700000000123456789, 2, 61);
        put_obsolete_packet(&file, 1, 1700000000000000001, 3, 62);
        put_simple_packet(&file, 4, 500, 100);
        file.swapped = false;
        put_section(&file, UINT32_MAX);
        put_interface(&file, 1, 300, 0x80 | 10, -1000);
        put_interface(&file, 101, 400, 3, 0);
        put_interface(&file, 101, 400, 12, 0);
        put_packet(&file, 0, (uint64_t)1700000000 * 1024 + 512, 5, 64);
        put_packet(&file, 1, 1700000000123, 6, 65);
        put_packet(&file, 2, 1700000000000123456, 7, 66);
        put_unknown_block(&file);
}

static const struct {
        uint32_t captured, length;
        uint8_t fill;
        int link_type;
        struct timespec time;
} of_sections[] = {
    {60, 65, 1, DLT_EN10MB, {1700000000, 123456000}},
    {61, 66, 2, DLT_EN10MB, {1700001000, 123456789}},
    {62, 62, 3, DLT_EN10MB, {1700001000, 1}},
    {100, 500, 4, DLT_EN10MB, {0, 0}},
    {64, 69, 5, DLT_EN10MB, {1699999000, 500000000}},
    {65, 70, 6, DLT_RAW, {1700000000, 123000000}},
    {66, 71, 7, DLT_RAW, {1700000, 123}},
};

enum {
        OF_SECTIONS = sizeof of_sections / sizeof *of_sections,
};

static void expect_sections(struct capture *capture)
{
        struct error error;
        struct capture_batch batch;
        size_t n = 0;

        while (capture_next_batch(capture, &batch, &error) == CAPTURE_PACKET)
                for (size_t i = 0; i < batch.count; i++, n++) {
                        struct capture_record record;

                        ck_assert_uint_lt(n, OF_SECTIONS);
                        capture_batch_record(&batch, i, &record);
                        ck_assert_uint_eq(record.packet.captured, of_sections[n].captured);
                        ck_assert_uint_eq(record.packet.length, of_sections[n].length);
                        ck_assert_uint_eq(record.packet.data[record.packet.captured - 1],
                                          of_sections[n].fill);
                        ck_assert_int_eq(record.link_type, of_sections[n].link_type);
                        ck_assert_int_eq(batch.link_type, of_sections[n].link_type);
                        ck_assert_int_eq(record.time.tv_sec, of_sections[n].time.tv_sec);
                        ck_assert_int_eq(record.time.tv_nsec, of_sections[n].time.tv_nsec);
                }
        ck_assert_uint_eq(n, OF_SECTIONS);
        capture_close(capture);
}

START_TEST(sections_interfaces_and_their_times)
{
        char path[MEMORY_FILE_PATH];
        int fd;

        make_sections();
        fd = memory_file_make(file.bytes, file.count, path);
        expect_sections(open_or_fail(path));
        close(fd);
}
END_TEST

/* Nothing changes except the sections' lengths, which may no longer be true. */
START_TEST(a_copy_of_pcapng_keeps_all_blocks)
{
        static uint8_t copied[sizeof file.bytes];
        char from[MEMORY_FILE_PATH], to[MEMORY_FILE_PATH];
        int fd, copy_fd;

        make_sections();
        fd = memory_file_make(file.bytes, file.count, from);
        copy_fd = memory_file_make(NULL, 0, to);
        copy(from, to, CAPTURE_PCAPNG, CAPTURE_PLAIN, NULL);
        ck_assert_int_eq(pread(copy_fd, copied, sizeof copied, 0), (ssize_t)file.count);
        memset(file.bytes + 16, 0xff, 8);
        ck_assert_mem_eq(copied, file.bytes, file.count);
        expect_sections(open_or_fail(to));
        close(fd);
        close(copy_fd);
}
END_TEST

/* Everything but the packets that are left out is kept. */
START_TEST(a_filtered_copy_keeps_the_other_blocks)
{
        static uint8_t copied[sizeof file.bytes];
        char from[MEMORY_FILE_PATH], to[MEMORY_FILE_PATH];
        ssize_t length;
        struct digest got, wanted;
        int fd, copy_fd;
        int unknown = 0;

        make_sections();
        fd = memory_file_make(file.bytes, file.count, from);
        copy_fd = memory_file_make(NULL, 0, to);
        wanted = copy(from, to, CAPTURE_PCAPNG, CAPTURE_PLAIN, choose_even);
        ck_assert_uint_eq(wanted.passed, 5);
        length = pread(copy_fd, copied, sizeof copied, 0);
        got = digest_of(open_or_fail(to), NULL);
        ck_assert_uint_eq(got.packets, 5);
        ck_assert_uint_eq(got.sum, wanted.sum);
        for (ssize_t at = 0; at + 8 <= length; at++)
                unknown += memcmp(copied + at, "whatever", 8) == 0;
        ck_assert_int_eq(unknown, 2);
        close(fd);
        close(copy_fd);
}
END_TEST

START_TEST(formats_convert)
{
        char to[MEMORY_FILE_PATH], back[MEMORY_FILE_PATH];
        struct digest wanted = digest_of(open_or_fail("pcaps/nanosecond.pcap"), NULL);
        int fd = memory_file_make(NULL, 0, to), back_fd = memory_file_make(NULL, 0, back);
        struct digest got;

        copy("pcaps/nanosecond.pcap", to, CAPTURE_PCAPNG, CAPTURE_PLAIN, NULL);
        got = digest_of(open_or_fail(to), NULL);
        ck_assert_uint_eq(got.sum, wanted.sum);
        copy(to, back, CAPTURE_PCAP, CAPTURE_PLAIN, NULL);
        got = digest_of(open_or_fail(back), NULL);
        ck_assert_uint_eq(got.sum, wanted.sum);
        ck_assert_uint_eq(got.packets, wanted.packets);
        close(fd);
        close(back_fd);
}
END_TEST

static void odd_length(void)
{
        put_unknown_block(&file);
        file.bytes[file.count - 16] = 19;
}

static void odd_trailer(void)
{
        put_unknown_block(&file);
        file.bytes[file.count - 4] = 24;
}

static void odd_interface(void)
{
        put_packet(&file, 9, 0, 0, 10);
}

static void odd_captured(void)
{
        size_t at = file.count;

        put_packet(&file, 0, 0, 0, 10);
        file.bytes[at + 20] = 200;
}

static void odd_snapshot(void)
{
        put_packet(&file, 0, 0, 0, 101);
}

static void odd_resolution(void)
{
        put_interface(&file, 1, 0, 20, 0);
}

static void odd_huge(void)
{
        put_unknown_block(&file);
        file.bytes[file.count - 13] = 0x7f;
}

static const struct {
        const char *message;
        void (*make)(void);
} odd_blocks[] = {
    {"a block of 19 bytes, not a multiple of 4", odd_length},
    {"lengths at both ends differ", odd_trailer},
    {"a packet of interface 9, which is not described", odd_interface},
    {"invalid packet capture length 200", odd_captured},
    {"invalid packet capture length 101, bigger than the snapshot length of 100", odd_snapshot},
    {"time resolution of 10^-20", odd_resolution},
    {"more than 16777216", odd_huge},
};

/* The packets before it, then an error with what is wrong and where. */
START_TEST(a_bad_block_is_reported_with_its_place)
{
        char path[MEMORY_FILE_PATH], place[64];
        struct digest digest;
        int fd;

        start();
        put_section(&file, UINT32_MAX);
        put_interface(&file, 1, 100, 6, 0);
        put_packet(&file, 0, 1, 1, 50);
        snprintf(place, sizeof place, "in the block at byte %zu", file.count);
        odd_blocks[_i].make();
        put_packet(&file, 0, 2, 1, 50);
        fd = memory_file_make(file.bytes, file.count, path);
        digest = digest_of(open_or_fail(path), NULL);
        ck_assert_int_eq(digest.end, CAPTURE_ERROR);
        ck_assert_uint_eq(digest.packets, 1);
        ck_assert_msg(strstr(digest.error.message, odd_blocks[_i].message) != NULL, "%s",
                      digest.error.message);
        ck_assert_msg(strstr(digest.error.message, place) != NULL, "%s", digest.error.message);
        close(fd);
}
END_TEST

/* A section without packets, then one in the other byte order that describes nothing. */
START_TEST(a_section_may_be_empty)
{
        struct digest digest;
        char path[MEMORY_FILE_PATH];
        int fd;

        start();
        put_section(&file, UINT32_MAX);
        put_interface(&file, 101, 100, 6, 0);
        file.swapped = true;
        put_section(&file, UINT32_MAX);
        file.swapped = false;
        fd = memory_file_make(file.bytes, file.count, path);
        digest = digest_of(open_or_fail(path), NULL);
        ck_assert_int_eq(digest.end, CAPTURE_END);
        ck_assert_uint_eq(digest.packets, 0);
        close(fd);
}
END_TEST

/* Neither is a capture file; the second is not kept in memory to its end. */
START_TEST(without_an_interface_there_is_no_capture)
{
        static const char *const messages[] = {"it describes no interface",
                                               "no interface in the first"};
        struct error error = {0};
        char path[MEMORY_FILE_PATH];
        int fd;

        start();
        put_section(&file, UINT32_MAX);
        put_unknown_block(&file);
        fd = memory_file_make(file.bytes, file.count, path);
        if (_i == 1) {
                static const uint32_t header[] = {0x0bad, 8 << 20};

                for (int n = 0; n < 20; n++) {
                        off_t at = (off_t)file.count + (off_t)n * header[1];

                        ck_assert_int_eq(pwrite(fd, header, 8, at), 8);
                        ck_assert_int_eq(pwrite(fd, &header[1], 4, at + header[1] - 4), 4);
                }
        }
        ck_assert_ptr_null(capture_open_file(path, &error));
        ck_assert_msg(strstr(error.message, messages[_i]) != NULL, "%s", error.message);
        close(fd);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "pcapng", 60);

        tcase_add_test(tests, sections_interfaces_and_their_times);
        tcase_add_test(tests, a_copy_of_pcapng_keeps_all_blocks);
        tcase_add_test(tests, a_filtered_copy_keeps_the_other_blocks);
        tcase_add_test(tests, formats_convert);
        tcase_add_loop_test(tests, a_bad_block_is_reported_with_its_place, 0, COUNT(odd_blocks));
        tcase_add_test(tests, a_section_may_be_empty);
        tcase_add_loop_test(tests, without_an_interface_there_is_no_capture, 0, 2);
}

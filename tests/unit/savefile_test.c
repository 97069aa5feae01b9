/* Batches of packets from files: pcapng's blocks, several threads, merging, compression, copies.
 * The files are built here block by block, because few tools write the rarer blocks. */
#include "capture/capture.h"
#include "tests/lib/memory_file.h"
#include "tests/lib/random.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

/* --- Making files --- */

struct bytes {
        size_t count;
        bool swapped; /* numbers are written in the other byte order */
        uint8_t bytes[8 << 20];
};

static void put(struct bytes *file, const void *data, size_t count)
{
        ck_assert_uint_le(file->count + count, sizeof file->bytes);
        if (count > 0)
                memcpy(file->bytes + file->count, data, count);
        file->count += count;
}

static void put32(struct bytes *file, uint32_t value)
{
        value = file->swapped ? __builtin_bswap32(value) : value;
        put(file, &value, sizeof value);
}

static void put16(struct bytes *file, uint16_t value)
{
        value = file->swapped ? __builtin_bswap16(value) : value;
        put(file, &value, sizeof value);
}

/* Opens a block; close_block() sets its length at both ends. */
static size_t open_block(struct bytes *file, uint32_t type)
{
        size_t at = file->count;

        put32(file, type);
        put32(file, 0);
        return at;
}

static void close_block(struct bytes *file, size_t at)
{
        uint32_t length = (uint32_t)(file->count - at) + 4;

        put32(file, length);
        memcpy(file->bytes + at + 4, file->bytes + file->count - 4, 4);
}

static void put_option(struct bytes *file, uint16_t code, const void *value, uint16_t length)
{
        static const uint8_t padding[4];

        put16(file, code);
        put16(file, length);
        put(file, value, length);
        put(file, padding, (4 - length % 4) % 4);
}

static void put_section(struct bytes *file, uint32_t section_length)
{
        size_t at = open_block(file, 0x0a0d0d0a);

        put32(file, 0x1a2b3c4d);
        put16(file, 1);
        put16(file, 0);
        put32(file, section_length);
        put32(file, section_length);
        put_option(file, 1, "a section's comment", 19);
        put_option(file, 0, NULL, 0);
        close_block(file, at);
}

static void put_interface(struct bytes *file, uint16_t link, uint32_t snapshot, uint8_t resolution,
                          int32_t offset)
{
        uint32_t zero_offset[] = {(uint32_t)offset, offset < 0 ? UINT32_MAX : 0};
        size_t at = open_block(file, 1);

        put16(file, link);
        put16(file, 0);
        put32(file, snapshot);
        put_option(file, 2, "eth7", 4);
        put_option(file, 9, &resolution, 1);
        if (file->swapped) {
                uint32_t turned[] = {__builtin_bswap32(zero_offset[1]),
                                     __builtin_bswap32(zero_offset[0])};

                put_option(file, 14, turned, 8);
        } else {
                put_option(file, 14, zero_offset, 8);
        }
        put_option(file, 0, NULL, 0);
        close_block(file, at);
}

static void put_padded(struct bytes *file, uint8_t fill, uint32_t count)
{
        for (uint32_t i = 0; i < (count + 3) / 4 * 4; i++) {
                uint8_t byte = i < count ? fill : 0;

                put(file, &byte, 1);
        }
}

static void put_packet(struct bytes *file, uint32_t interface, uint64_t stamp, uint8_t fill,
                       uint32_t captured)
{
        size_t at = open_block(file, 6);

        put32(file, interface);
        put32(file, (uint32_t)(stamp >> 32));
        put32(file, (uint32_t)stamp);
        put32(file, captured);
        put32(file, captured + 5);
        put_padded(file, fill, captured);
        put_option(file, 1, "a packet's comment", 18);
        put_option(file, 0, NULL, 0);
        close_block(file, at);
}

static void put_obsolete_packet(struct bytes *file, uint16_t interface, uint64_t stamp,
                                uint8_t fill, uint32_t captured)
{
        size_t at = open_block(file, 2);

        put16(file, interface);
        put16(file, 0xffff);
        put32(file, (uint32_t)(stamp >> 32));
        put32(file, (uint32_t)stamp);
        put32(file, captured);
        put32(file, captured);
        put_padded(file, fill, captured);
        close_block(file, at);
}

static void put_simple_packet(struct bytes *file, uint8_t fill, uint32_t length, uint32_t captured)
{
        size_t at = open_block(file, 3);

        put32(file, length);
        put_padded(file, fill, captured);
        close_block(file, at);
}

static void put_unknown_block(struct bytes *file)
{
        size_t at = open_block(file, 0x0bad);

        put(file, "whatever", 8);
        close_block(file, at);
}

static void put_pcap_header(struct bytes *file)
{
        static const uint32_t header[] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 262144, 1};

        put(file, header, sizeof header);
}

static void put_record(struct bytes *file, uint32_t seconds, const void *data, uint32_t captured)
{
        uint32_t record[] = {seconds, 7, captured, captured};

        put(file, record, sizeof record);
        put(file, data, captured);
}

/* --- Reading them --- */

static struct capture *open_or_fail(const char *path)
{
        struct error error = {0};
        struct capture *capture = capture_open_file(path, &error);

        ck_assert_msg(capture != NULL, "%s", error.message);
        capture_allow_links(capture);
        return capture;
}

/* What reading a file gives, in a few numbers. */
struct digest {
        size_t packets;
        size_t passed;
        uint64_t sum; /* of all bytes and times of packets that passed, in order */
        enum capture_result end;
        struct error error;
};

static void add_to_sum(uint64_t *sum, const void *data, size_t count)
{
        const uint8_t *bytes = data;

        for (size_t i = 0; i < count; i++)
                *sum = (*sum ^ bytes[i]) * 0x100000001b3u;
}

static struct digest digest_of(struct capture *capture, struct capture_writer *writer)
{
        struct digest digest = {0};
        struct capture_batch batch;

        while ((digest.end = capture_next_batch(capture, &batch, &digest.error)) ==
               CAPTURE_PACKET) {
                digest.packets += batch.seen;
                for (size_t i = 0; i < batch.count; i++) {
                        struct capture_record record;

                        if (batch.verdicts[i] == 0)
                                continue;
                        capture_batch_record(&batch, i, &record);
                        digest.passed++;
                        add_to_sum(&digest.sum, record.packet.data, record.packet.captured);
                        add_to_sum(&digest.sum, &record.time, sizeof record.time);
                        add_to_sum(&digest.sum, &record.packet.length, sizeof record.packet.length);
                }
                if (writer)
                        ck_assert_int_eq(
                            capture_writer_batch(writer, &batch, 0, batch.count, &digest.error), 0);
        }
        capture_close(capture);
        return digest;
}

/* Every second packet, by its length. */
static void choose_even(void *context, int link_type, const struct packet *packets, size_t count,
                        uint32_t *verdicts)
{
        (void)context, (void)link_type;
        for (size_t i = 0; i < count; i++)
                verdicts[i] = packets[i].captured % 2 == 0;
}

/* --- pcapng --- */

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

static struct digest copy(const char *from, const char *to, enum capture_format format,
                          enum capture_compression compression, capture_selector *selector)
{
        struct capture *capture = open_or_fail(from);
        struct capture_writer_options options = {
            .format = format,
            .compression = compression,
            .link_type = capture_info(capture)->link_type,
            .snapshot_length = capture_info(capture)->snapshot_length,
            .nanoseconds = capture_info(capture)->nanoseconds,
        };
        struct error error = {0};
        struct capture_writer *writer = capture_writer_create(to, &options, &error);
        struct digest digest;

        ck_assert_msg(writer != NULL, "%s", error.message);
        if (selector)
                capture_select(capture, selector, NULL);
        digest = digest_of(capture, writer);
        ck_assert_int_eq(capture_writer_close(writer, &error), 0);
        return digest;
}

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

/* --- Several threads --- */

static uint64_t random_state = 1;

/* Packets whose bytes look like records: 0 none, 1 some, 2 all of them throughout; 3: very long
 * ones. */
static void make_capture(int kind)
{
        static uint8_t data[CAPTURE_MAX_SNAPSHOT];
        uint32_t inner[] = {1700000000, 7, 44, 44};

        start();
        put_pcap_header(&file);
        for (uint32_t n = 0; file.count < (4 << 20) - 20000; n++) {
                uint32_t length = kind == 3 && n % 3 == 0
                                      ? 200000 + random_below(&random_state, 60000)
                                      : random_below(&random_state, 3000);

                for (uint32_t i = 0; i < length; i++)
                        data[i] = (uint8_t)random_next(&random_state);
                if (kind == 2 || (kind == 1 && n % 5 == 0))
                        for (uint32_t i = 0; i + 60 <= length; i += 60)
                                memcpy(data + i, inner, sizeof inner);
                put_record(&file, 1700000000 + n, data, length);
        }
}

static struct digest digest_with(const char *path, unsigned threads)
{
        struct capture *capture = open_or_fail(path);

        capture_set_threads(capture, threads);
        capture_select(capture, choose_even, NULL);
        return digest_of(capture, NULL);
}

START_TEST(threads_find_what_one_finds)
{
        struct digest one, several;
        char path[MEMORY_FILE_PATH];
        int fd;

        make_capture(_i);
        fd = memory_file_make(file.bytes, file.count, path);
        one = digest_with(path, 1);
        ck_assert_int_eq(one.end, CAPTURE_END);
        for (unsigned threads = 2; threads <= 5; threads++) {
                several = digest_with(path, threads);
                ck_assert_int_eq(several.end, CAPTURE_END);
                ck_assert_uint_eq(several.packets, one.packets);
                ck_assert_uint_eq(several.passed, one.passed);
                ck_assert_uint_eq(several.sum, one.sum);
        }
        close(fd);
}
END_TEST

/* Truncated, or with a record that is too long, in many places: the same packets and the same
 * message. */
START_TEST(threads_report_damage_as_one_does)
{
        char path[MEMORY_FILE_PATH];
        int fd;

        make_capture(1);
        for (size_t at = 100; at < file.count; at += 300007) {
                struct digest one, several;
                static const uint8_t damage[16] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

                fd = memory_file_make(file.bytes, file.count, path);
                if (_i == 0)
                        ck_assert_int_eq(ftruncate(fd, (off_t)at), 0);
                else
                        ck_assert_int_eq(pwrite(fd, damage, sizeof damage, (off_t)at), 16);
                one = digest_with(path, 1);
                several = digest_with(path, 3);
                ck_assert_int_eq(several.end, one.end);
                ck_assert_uint_eq(several.packets, one.packets);
                ck_assert_uint_eq(several.sum, one.sum);
                ck_assert_str_eq(several.error.message, one.error.message);
                close(fd);
        }
}
END_TEST

/* A file that is truncated while it is read ends there, within a record or between two. */
START_TEST(a_shrinking_file_does_no_harm)
{
        char path[MEMORY_FILE_PATH];
        struct error error = {0};
        struct capture_batch batch;
        struct capture *capture;
        enum capture_result result;
        size_t packets = 0;
        int fd;

        make_capture(0);
        fd = memory_file_make(file.bytes, file.count, path);
        capture = open_or_fail(path);
        capture_set_threads(capture, _i ? 3 : 1);
        while ((result = capture_next_batch(capture, &batch, &error)) == CAPTURE_PACKET) {
                packets += batch.seen;
                ck_assert_int_eq(ftruncate(fd, 300000), 0);
        }
        ck_assert_uint_gt(packets, 10);
        ck_assert(result == CAPTURE_ERROR || result == CAPTURE_END);
        if (result == CAPTURE_ERROR)
                ck_assert_msg(strstr(error.message, "truncated") != NULL, "%s", error.message);
        capture_close(capture);
        close(fd);
}
END_TEST

/* --- Several files --- */

START_TEST(files_are_merged_by_time)
{
        enum { FILES = 5, PACKETS = 60 };
        struct capture *captures[FILES], *merged;
        struct capture_batch batch;
        struct error error;
        int fds[FILES];
        int64_t last = -1;
        size_t count = 0;

        for (int i = 0; i < FILES; i++) {
                char path[MEMORY_FILE_PATH];
                uint32_t seconds = 0;

                start();
                put_pcap_header(&file);
                for (int n = 0; n < PACKETS; n++) {
                        uint8_t which = (uint8_t)i;

                        seconds += random_below(&random_state, 4);
                        put_record(&file, seconds, &which, 1);
                }
                if (i == 2)
                        file.count--; /* ends within its last packet */
                fds[i] = memory_file_make(file.bytes, file.count, path);
                captures[i] = open_or_fail(path);
        }
        merged = capture_merge(captures, FILES);
        while (capture_next_batch(merged, &batch, &error) == CAPTURE_PACKET)
                for (size_t i = 0; i < batch.count; i++, count++) {
                        struct capture_record record;
                        int64_t key;

                        capture_batch_record(&batch, i, &record);
                        key = (int64_t)record.time.tv_sec * FILES + record.packet.data[0];
                        ck_assert_int_ge(key, last);
                        last = key;
                }
        ck_assert_uint_eq(count, FILES * PACKETS - 1);
        ck_assert_int_eq(capture_next_batch(merged, &batch, &error), CAPTURE_ERROR);
        ck_assert_msg(strstr(error.message, "after 59 packets: truncated") != NULL, "%s",
                      error.message);
        capture_close(merged);
        for (int i = 0; i < FILES; i++)
                close(fds[i]);
}
END_TEST

/* Where everything read is rejected, a merge returns in between, so that a signal is handled, and
 * counts each packet once. */
START_TEST(a_merge_reports_what_is_rejected)
{
        struct capture *captures[2], *merged;
        struct capture_batch batch;
        struct error error;
        int fds[2];
        size_t batches = 0, seen = 0, passed = 0, records = 0;
        const size_t every = 30000;

        for (int i = 0; i < 2; i++) {
                char path[MEMORY_FILE_PATH];

                start();
                put_pcap_header(&file);
                for (uint32_t n = 0; n < every; n++, records++)
                        put_record(&file, n, "12", _i && n == every / 2 ? 2 : 1);
                fds[i] = memory_file_make(file.bytes, file.count, path);
                captures[i] = open_or_fail(path);
        }
        merged = capture_merge(captures, 2);
        capture_select(merged, choose_even, NULL);
        while (capture_next_batch(merged, &batch, &error) == CAPTURE_PACKET) {
                batches++;
                seen += batch.seen;
                for (size_t i = 0; i < batch.count; i++)
                        passed += batch.verdicts[i] != 0;
        }
        ck_assert_uint_gt(batches, 4);
        ck_assert_uint_eq(seen, records);
        ck_assert_uint_eq(passed, _i ? 2 : 0);
        capture_close(merged);
        close(fds[0]);
        close(fds[1]);
}
END_TEST

/* --- Compression --- */

/* For zstd in blocks of odd lengths, as if flushed now and then. */
static size_t compress_file(int how, uint8_t *out, size_t room)
{
        if (how == CAPTURE_GZIP) {
                z_stream stream = {.next_in = file.bytes,
                                   .avail_in = (uInt)file.count,
                                   .next_out = out,
                                   .avail_out = (uInt)room};

                ck_assert_int_eq(deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, 0), Z_OK);
                ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
                room -= stream.avail_out;
                deflateEnd(&stream);
                return room;
        }
        ZSTD_CCtx *zstd = ZSTD_createCCtx();
        ZSTD_inBuffer in = {.src = file.bytes, .size = file.count / 3};
        ZSTD_outBuffer to = {.dst = out, .size = room};

        ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
        ck_assert_uint_eq(ZSTD_compressStream2(zstd, &to, &in, ZSTD_e_flush), 0);
        in.size = file.count;
        ck_assert_uint_eq(ZSTD_compressStream2(zstd, &to, &in, ZSTD_e_flush), 0);
        ck_assert_uint_eq(ZSTD_compressStream2(zstd, &to, &in, ZSTD_e_end), 0);
        ZSTD_freeCCtx(zstd);
        return to.pos;
}

static void make_small_capture(void)
{
        start();
        put_pcap_header(&file);
        for (uint32_t n = 0; n < 20; n++)
                put_record(&file, n, "some bytes of a packet", n);
}

/* Cut at every byte: whole packets, then a message about the compressed file. */
START_TEST(compressed_files_may_be_cut_anywhere)
{
        static uint8_t packed[1 << 16];
        size_t length, before = 0;
        struct digest whole;
        char path[MEMORY_FILE_PATH];

        make_small_capture();
        length = compress_file(_i, packed, sizeof packed);
        for (size_t cut = 1; cut <= length; cut++) {
                int fd = memory_file_make(packed, cut, path);
                struct error error = {0};
                struct capture *capture = capture_open_file(path, &error);

                if (capture) {
                        whole = digest_of(capture, NULL);
                        error = whole.error;
                        ck_assert_int_eq(whole.end, cut == length ? CAPTURE_END : CAPTURE_ERROR);
                        ck_assert_uint_ge(whole.packets, before);
                        before = whole.packets;
                } else {
                        ck_assert_uint_lt(cut, length);
                }
                if (cut > 4 && cut < length)
                        ck_assert_msg(strstr(error.message, "of the compressed file: truncated") !=
                                          NULL,
                                      "%zu: %s", cut, error.message);
                close(fd);
        }
        ck_assert_uint_eq(whole.packets, 20);
}
END_TEST

/* Its checksum is wrong: all packets nevertheless, then the message. */
START_TEST(all_before_a_fault_in_compressed_data_is_given)
{
        static uint8_t packed[1 << 20];
        struct digest got;
        char path[MEMORY_FILE_PATH];
        size_t length;
        int fd;

        start();
        put_pcap_header(&file);
        for (uint32_t n = 0; n < 20000; n++)
                put_record(&file, n, "some bytes of a packet", n % 20);
        length = compress_file(_i, packed, sizeof packed);
        packed[length - (_i == CAPTURE_GZIP ? 6 : 2)] ^= 1;
        fd = memory_file_make(packed, length, path);
        got = digest_of(open_or_fail(path), NULL);
        ck_assert_int_eq(got.end, CAPTURE_ERROR);
        ck_assert_uint_eq(got.packets, 20000);
        ck_assert_msg(strstr(got.error.message, "check") != NULL, "%s", got.error.message);
        close(fd);
}
END_TEST

/* Exactly as long as what is decompressed at a time, or a byte longer or shorter. */
START_TEST(compressed_data_may_end_with_the_buffer)
{
        static uint8_t packed[1 << 20], data[1000];
        const size_t piece = 256 << 10;

        for (size_t wanted = piece - 1; wanted <= piece + 1; wanted++) {
                struct digest got;
                char path[MEMORY_FILE_PATH];
                size_t length;
                uint32_t last;
                int fd;

                start();
                put_pcap_header(&file);
                while (file.count + 2 * (16 + sizeof data) < wanted)
                        put_record(&file, 1, data, sizeof data);
                put_record(&file, 2, data, sizeof data);
                last = (uint32_t)(wanted - file.count - 16);
                put_record(&file, 3, data, last);
                ck_assert_uint_eq(file.count, wanted);
                length = compress_file(_i, packed, sizeof packed);
                fd = memory_file_make(packed, length, path);
                got = digest_of(open_or_fail(path), NULL);
                ck_assert_msg(got.end == CAPTURE_END, "%s", got.error.message);
                close(fd);
        }
}
END_TEST

/* The output of pzstd begins with a skippable frame. */
START_TEST(a_skippable_frame_may_come_first)
{
        static uint8_t packed[1 << 16] = {0x5a, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4};
        struct digest got;
        char path[MEMORY_FILE_PATH];
        size_t length;
        int fd;

        make_small_capture();
        length = 12 + compress_file(CAPTURE_ZSTD, packed + 12, sizeof packed - 12);
        fd = memory_file_make(packed, length, path);
        got = digest_of(open_or_fail(path), NULL);
        ck_assert_int_eq(got.end, CAPTURE_END);
        ck_assert_uint_eq(got.packets, 20);
        close(fd);
}
END_TEST

/* From a pipe that stays open: all packets in the bytes so far are given before more bytes are
 * awaited. They end with a zstd block larger than what is decompressed at a time. */
START_TEST(compressed_packets_do_not_wait_for_the_next)
{
        static uint8_t packed[1 << 20];
        struct capture_batch batch;
        struct error error;
        struct capture *capture;
        size_t length, packets = 0;
        char path[MEMORY_FILE_PATH];
        int ends[2];

        start();
        put_pcap_header(&file);
        for (uint32_t n = 0; n < 14000; n++)
                put_record(&file, n, "1234", 4);
        length = compress_file(_i, packed, sizeof packed) - 7; /* except for its end */
        ck_assert_int_eq(pipe(ends), 0);
        ck_assert_int_ge(fcntl(ends[1], F_SETPIPE_SZ, sizeof packed), 0);
        ck_assert_int_eq(write(ends[1], packed, length), (ssize_t)length);
        snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
        capture = open_or_fail(path);
        alarm(20);
        while (packets < 14000) {
                ck_assert_int_eq(capture_next_batch(capture, &batch, &error), CAPTURE_PACKET);
                packets += batch.seen;
        }
        alarm(0);
        capture_close(capture);
        close(ends[0]);
        close(ends[1]);
}
END_TEST

START_TEST(compressed_copies_read_as_the_original)
{
        char from[MEMORY_FILE_PATH], to[MEMORY_FILE_PATH], twice[MEMORY_FILE_PATH];
        struct digest wanted, got;
        int fd, to_fd, twice_fd;
        static uint8_t packed[16 << 20];
        ssize_t length;

        make_capture(0);
        fd = memory_file_make(file.bytes, file.count, from);
        to_fd = memory_file_make(NULL, 0, to);
        wanted = copy(from, to, CAPTURE_PCAP, (enum capture_compression)_i, NULL);
        got = digest_of(open_or_fail(to), NULL);
        ck_assert_int_eq(got.end, CAPTURE_END);
        ck_assert_uint_eq(got.packets, wanted.packets);
        ck_assert_uint_eq(got.sum, wanted.sum);

        /* one compressed file after another is one file */
        length = pread(to_fd, packed, sizeof packed, 0);
        make_small_capture();
        length += (ssize_t)compress_file(_i, packed + length, sizeof packed - (size_t)length);
        twice_fd = memory_file_make(packed, (size_t)length, twice);
        got = digest_of(open_or_fail(twice), NULL);
        ck_assert_uint_gt(got.packets, wanted.packets);
        close(fd);
        close(to_fd);
        close(twice_fd);
}
END_TEST

/* --- Writing --- */

/* Runs of records, from `from` to `to`, are those of the file. */
START_TEST(parts_of_batches_are_written)
{
        struct capture_writer_options options = {
            .format = CAPTURE_PCAP, .link_type = DLT_EN10MB, .snapshot_length = 262144};
        struct error error;
        struct capture_writer *writer;
        struct capture_batch batch;
        struct capture *capture;
        char from[MEMORY_FILE_PATH], to[MEMORY_FILE_PATH];
        static uint8_t got[1 << 16];
        int fd, to_fd;

        make_small_capture();
        fd = memory_file_make(file.bytes, file.count, from);
        to_fd = memory_file_make(NULL, 0, to);
        capture = open_or_fail(from);
        writer = capture_writer_create(to, &options, &error);
        ck_assert_int_eq(capture_next_batch(capture, &batch, &error), CAPTURE_PACKET);
        ck_assert_uint_eq(batch.count, 20);
        for (size_t i = 0; i < 20; i += 4)
                ck_assert_int_eq(capture_writer_batch(writer, &batch, i, i + 4, &error), 0);
        ck_assert_uint_eq(capture_writer_size(writer), file.count);
        ck_assert_int_eq(capture_writer_close(writer, &error), 0);
        capture_close(capture);
        ck_assert_int_eq(pread(to_fd, got, sizeof got, 0), (ssize_t)file.count);
        ck_assert_mem_eq(got, file.bytes, file.count);
        close(fd);
        close(to_fd);
}
END_TEST

/* The error says how much had reached the file. */
START_TEST(a_full_disk_is_reported_with_what_was_written)
{
        struct capture_writer_options options = {
            .format = CAPTURE_PCAP, .link_type = DLT_EN10MB, .snapshot_length = 262144};
        struct error error = {0};
        struct capture_writer *writer = capture_writer_create("/dev/full", &options, &error);
        struct capture_batch batch;
        struct capture *capture;
        char path[MEMORY_FILE_PATH];
        int fd;

        make_capture(0);
        fd = memory_file_make(file.bytes, file.count, path);
        capture = open_or_fail(path);
        ck_assert_int_eq(capture_next_batch(capture, &batch, &error), CAPTURE_PACKET);
        ck_assert_int_eq(capture_writer_batch(writer, &batch, 0, batch.count, &error), -1);
        ck_assert_str_eq(error.message, "/dev/full: No space left on device after 0 bytes");
        capture_writer_close(writer, &error);
        capture_close(capture);
        close(fd);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "savefile", 60);

        tcase_add_test(tests, sections_interfaces_and_their_times);
        tcase_add_test(tests, a_copy_of_pcapng_keeps_all_blocks);
        tcase_add_test(tests, a_filtered_copy_keeps_the_other_blocks);
        tcase_add_test(tests, formats_convert);
        tcase_add_loop_test(tests, a_bad_block_is_reported_with_its_place, 0, COUNT(odd_blocks));
        tcase_add_test(tests, a_section_may_be_empty);
        tcase_add_loop_test(tests, without_an_interface_there_is_no_capture, 0, 2);
        tcase_add_loop_test(tests, threads_find_what_one_finds, 0, 4);
        tcase_add_loop_test(tests, threads_report_damage_as_one_does, 0, 2);
        tcase_add_loop_test(tests, a_shrinking_file_does_no_harm, 0, 2);
        tcase_add_test(tests, files_are_merged_by_time);
        tcase_add_loop_test(tests, a_merge_reports_what_is_rejected, 0, 2);
        tcase_add_loop_test(tests, compressed_files_may_be_cut_anywhere, CAPTURE_GZIP,
                            CAPTURE_ZSTD + 1);
        tcase_add_loop_test(tests, compressed_copies_read_as_the_original, CAPTURE_GZIP,
                            CAPTURE_ZSTD + 1);
        tcase_add_loop_test(tests, all_before_a_fault_in_compressed_data_is_given, CAPTURE_GZIP,
                            CAPTURE_ZSTD + 1);
        tcase_add_loop_test(tests, compressed_data_may_end_with_the_buffer, CAPTURE_GZIP,
                            CAPTURE_ZSTD + 1);
        tcase_add_test(tests, a_skippable_frame_may_come_first);
        tcase_add_loop_test(tests, compressed_packets_do_not_wait_for_the_next, CAPTURE_GZIP,
                            CAPTURE_ZSTD + 1);
        tcase_add_test(tests, parts_of_batches_are_written);
        tcase_add_test(tests, a_full_disk_is_reported_with_what_was_written);
}

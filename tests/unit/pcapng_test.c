/* pcapng files: their blocks, read and copied. */
#include "capture/capture.h"
#include "tests/lib/memory_file.h"
#include "tests/lib/savefile.h"
#include "tests/unit/unit.h"

#include <netinet/in.h>
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

/* Two files in memory: of the bytes of `file`, and one for a copy of them. */
struct copies {
        char from[MEMORY_FILE_PATH], to[MEMORY_FILE_PATH];
        int from_fd, to_fd;
};

static struct copies make_copies(void)
{
        struct copies copies;

        copies.from_fd = memory_file_make(file.bytes, file.count, copies.from);
        copies.to_fd = memory_file_make(NULL, 0, copies.to);
        return copies;
}

static void close_copies(const struct copies *copies)
{
        close(copies->from_fd);
        close(copies->to_fd);
}

/* Nothing changes except the sections' lengths, which may no longer be true. */
START_TEST(a_copy_of_pcapng_keeps_all_blocks)
{
        static uint8_t copied[sizeof file.bytes];
        struct copies copies;

        make_sections();
        copies = make_copies();
        copy(copies.from, copies.to, CAPTURE_PCAPNG, CAPTURE_PLAIN, NULL);
        ck_assert_int_eq(pread(copies.to_fd, copied, sizeof copied, 0), (ssize_t)file.count);
        memset(file.bytes + 16, 0xff, 8);
        ck_assert_mem_eq(copied, file.bytes, file.count);
        expect_sections(open_or_fail(copies.to));
        close_copies(&copies);
}
END_TEST

/* A comment goes behind the section's own, in its byte order. */
START_TEST(a_copy_may_get_comments)
{
        static const char *const comments[] = {"added"};
        struct capture_writer_options options = {
            .format = CAPTURE_PCAPNG, .comments = comments, .comment_count = 1};
        struct copies copies;
        struct error error = {0};
        struct capture *capture;

        make_sections();
        copies = make_copies();
        struct capture_writer *writer = capture_writer_create(copies.to, &options, &error);
        digest_of(open_or_fail(copies.from), writer);
        ck_assert_int_eq(capture_writer_close(writer, &error), 0);
        capture = open_or_fail(copies.to);
        ck_assert_str_eq(capture_section(capture)->comment, "a section's comment\nadded");
        expect_sections(capture);
        close_copies(&copies);
}
END_TEST

/* Everything but the packets that are left out is kept. */
START_TEST(a_filtered_copy_keeps_the_other_blocks)
{
        static uint8_t copied[sizeof file.bytes];
        struct copies copies;
        ssize_t length;
        struct digest got, wanted;
        int unknown = 0;

        make_sections();
        copies = make_copies();
        wanted = copy(copies.from, copies.to, CAPTURE_PCAPNG, CAPTURE_PLAIN, choose_even);
        ck_assert_uint_eq(wanted.passed, 5);
        length = pread(copies.to_fd, copied, sizeof copied, 0);
        got = digest_of(open_or_fail(copies.to), NULL);
        ck_assert_uint_eq(got.packets, 5);
        ck_assert_uint_eq(got.sum, wanted.sum);
        for (ssize_t at = 0; at + 8 <= length; at++)
                unknown += memcmp(copied + at, "whatever", 8) == 0;
        ck_assert_int_eq(unknown, 2);
        close_copies(&copies);
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

static void change32(size_t at, uint32_t value)
{
        memcpy(file.bytes + at, &value, sizeof value);
}

static void odd_length(void)
{
        put_unknown_block(&file);
        change32(file.count - 16, 19);
}

static void odd_trailer(void)
{
        put_unknown_block(&file);
        change32(file.count - 4, 24);
}

static void odd_interface(void)
{
        put_packet(&file, 9, 0, 0, 10);
}

static void odd_captured(void)
{
        size_t at = file.count;

        put_packet(&file, 0, 0, 0, 10);
        change32(at + 20, 200);
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
        change32(file.count - 16, 0x7f000014);
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

/* Nobody looks at the first section's second length; a copy has the right one. */
START_TEST(the_first_section_may_have_an_odd_trailer)
{
        static uint8_t copied[sizeof file.bytes];
        struct copies copies;
        struct digest digest;
        size_t length;

        start();
        put_section(&file, UINT32_MAX);
        length = file.count;
        file.bytes[length - 4] ^= 4;
        put_interface(&file, 1, 100, 6, 0);
        put_packet(&file, 0, 1, 1, 50);
        put_section(&file, UINT32_MAX);
        file.bytes[file.count - 4] ^= _i == 1 ? 4 : 0;
        copies = make_copies();
        digest = digest_of(open_or_fail(copies.from), NULL);
        ck_assert_int_eq(digest.end, _i == 1 ? CAPTURE_ERROR : CAPTURE_END);
        ck_assert_uint_eq(digest.packets, 1);
        if (_i == 0) {
                copy(copies.from, copies.to, CAPTURE_PCAPNG, CAPTURE_PLAIN, NULL);
                ck_assert_int_eq(pread(copies.to_fd, copied, sizeof copied, 0),
                                 (ssize_t)file.count);
                file.bytes[length - 4] ^= 4;
                ck_assert_mem_eq(copied + length - 4, file.bytes + length - 4, 4);
        }
        close_copies(&copies);
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

/* --- What blocks say --- */

static void put_text(uint16_t code, const char *text)
{
        put_option(&file, code, text, (uint16_t)strlen(text));
}

static void put64_option(uint16_t code, uint64_t value)
{
        value = file.swapped ? __builtin_bswap64(value) : value;
        put_option(&file, code, &value, sizeof value);
}

static void put32_option(uint16_t code, uint32_t value)
{
        value = file.swapped ? __builtin_bswap32(value) : value;
        put_option(&file, code, &value, sizeof value);
}

/* When statistics begin. */
static void put_begin(uint32_t upper, uint32_t lower)
{
        uint32_t halves[] = {upper, lower},
                 turned[] = {__builtin_bswap32(upper), __builtin_bswap32(lower)};

        put_option(&file, 2, file.swapped ? turned : halves, sizeof halves);
}

/* Broadcast, with a frame check sequence of 4 bytes that is wrong. */
#define FLAGS (1 | 3 << 2 | 4 << 5 | 1 << 24)

/* A section that says everything, with a packet. */
static void put_talkative_section(const char *name)
{
        size_t at = open_block(&file, 0x0a0d0d0a);

        put32(&file, 0x1a2b3c4d);
        put16(&file, 1);
        put16(&file, 0);
        put32(&file, UINT32_MAX);
        put32(&file, UINT32_MAX);
        put_text(1, "first comment");
        put_text(2, "hardware");
        put_text(3, "os");
        put_text(4, "application");
        put_text(1, "second comment");
        close_block(&file, at);

        at = open_block(&file, 1);
        put16(&file, 1);
        put16(&file, 0);
        put32(&file, 2000);
        put_text(2, name);
        put_text(3, "description");
        put64_option(8, 10000000000);
        put_option(&file, 9, "\x09", 1);
        put_option(&file, 11, "\0udp port 53", 12);
        put_text(12, "interface os");
        put_text(15, "card");
        close_block(&file, at);

        at = open_block(&file, 6);
        for (int i = 0; i < 3; i++)
                put32(&file, 0);
        put32(&file, 5);
        put32(&file, 5);
        put(&file, "hello\0\0", 8);
        put_text(1, "a packet");
        put32_option(2, FLAGS);
        put64_option(4, 77);
        put_text(1, "and more");
        close_block(&file, at);

        at = open_block(&file, 5);
        for (int i = 0; i < 3; i++)
                put32(&file, 0);
        put_begin(0x01020304, 0x05060708);
        put64_option(4, 5000000000);
        put64_option(5, 3);
        put64_option(7, 4);
        close_block(&file, at);
}

static void expect_said(const struct capture *capture, const struct capture_record *record,
                        const char *name)
{
        const struct capture_section *section = capture_section(capture);
        const struct capture_interface *on = record->on;

        ck_assert_str_eq(section->comment, "first comment\nsecond comment");
        ck_assert_str_eq(section->hardware, "hardware");
        ck_assert_str_eq(section->os, "os");
        ck_assert_str_eq(section->application, "application");
        ck_assert_ptr_eq(on, capture_interface(capture, 0));
        ck_assert_ptr_null(capture_interface(capture, 1));
        ck_assert_str_eq(on->name, name);
        ck_assert_str_eq(on->description, "description");
        ck_assert_str_eq(on->filter, "udp port 53");
        ck_assert_str_eq(on->os, "interface os");
        ck_assert_str_eq(on->hardware, "card");
        ck_assert_uint_eq(on->speed, 10000000000);
        ck_assert_uint_eq(on->units, 1000000000);
        ck_assert_uint_eq(on->snapshot_length, 2000);
        ck_assert_int_eq(on->link_type, DLT_EN10MB);
        ck_assert_int_eq(record->passage, PASSAGE_BROADCAST);
        ck_assert_uint_eq(record->dropped, 77);
        ck_assert_str_eq(record->comment, "a packet\nand more");
}

/* What was counted is known at a section's end. */
static void expect_counts(void *context)
{
        const struct capture_interface *on = capture_interface(context, 0);

        ck_assert(on->counted);
        ck_assert_uint_eq(on->received, 5000000000);
        ck_assert_uint_eq(on->dropped, 4);
}

static int sections_begun;

static void count_sections(void *context)
{
        sections_begun++;
        ck_assert_str_eq(capture_section(context)->os, "os");
}

/* In either byte order. */
START_TEST(what_blocks_say_is_known)
{
        static const char *const names[] = {"eth0", "wlan0"};
        struct capture_record record;
        struct error error = {0};
        struct capture *capture;
        char path[MEMORY_FILE_PATH];
        int fd;

        start();
        put_talkative_section(names[0]);
        file.swapped = true;
        put_talkative_section(names[1]);
        fd = memory_file_make(file.bytes, file.count, path);
        capture = open_or_fail(path);
        ck_assert_str_eq(capture_section(capture)->os, "os");
        ck_assert_str_eq(capture_interface(capture, 0)->name, names[0]);
        capture_watch_sections(capture, count_sections, expect_counts, capture);
        for (int i = 0; i < 2; i++) {
                ck_assert_int_eq(capture_next(capture, &record, &error), CAPTURE_PACKET);
                expect_said(capture, &record, names[i]);
        }
        ck_assert_int_eq(capture_next(capture, &record, &error), CAPTURE_END);
        expect_counts(capture);
        ck_assert_int_eq(sections_begun, 1);
        capture_close(capture);
        close(fd);
}
END_TEST

/* How often these bytes are in the file. */
static int count_in_file(int fd, const void *bytes, size_t length)
{
        static uint8_t all[sizeof file.bytes];
        ssize_t count = pread(fd, all, sizeof all, 0);
        int found = 0;

        for (ssize_t at = 0; at + (ssize_t)length <= count; at++)
                found += memcmp(all + at, bytes, length) == 0;
        return found;
}

static const struct {
        uint16_t code, length;
        uint32_t value;
} flags_option = {2, 4, FLAGS};

static void write_records(struct capture *capture, const char *path)
{
        static const char *const comments[] = {"one", "two\nlines"};
        struct capture_writer_options options = {
            .format = CAPTURE_PCAPNG,
            .link_type = DLT_EN10MB,
            .snapshot_length = 2000,
            .nanoseconds = true,
            .section = {.hardware = "hardware", .os = "os", .application = "application"},
            .comments = comments,
            .comment_count = 2,
        };
        struct capture_name names[] = {
            {AF_INET, {192, 0, 2, 1}, "one.example"},
            {AF_INET6, {0x20, 1, 0xd, 0xb8}, "six.example"},
        };
        struct capture_record record;
        struct error error = {0};
        struct capture_writer *writer = capture_writer_create(path, &options, &error);

        while (capture_next(capture, &record, &error) == CAPTURE_PACKET)
                ck_assert_int_eq(capture_writer_write(writer, &record, &error), 0);
        ck_assert_int_eq(capture_writer_names(writer, names, 2, &error), 0);
        ck_assert_int_eq(capture_writer_close(writer, &error), 0);
        capture_close(capture);
}

/* Packets written one by one, from files in either byte order. */
START_TEST(what_records_say_is_written)
{
        struct capture_record record;
        struct error error = {0};
        struct capture *capture;
        struct copies copies;

        start();
        put_talkative_section("eth0");
        file.swapped = true;
        put_talkative_section("wlan0");
        copies = make_copies();
        write_records(open_or_fail(copies.from), copies.to);
        capture = open_or_fail(copies.to);
        for (uint32_t i = 0; i < 2; i++) {
                const struct capture_section *section;
                const struct capture_interface *on;

                ck_assert_int_eq(capture_next(capture, &record, &error), CAPTURE_PACKET);
                section = capture_section(capture);
                ck_assert_str_eq(section->comment, "one\ntwo\nlines");
                ck_assert_str_eq(section->hardware, "hardware");
                ck_assert_str_eq(section->os, "os");
                ck_assert_str_eq(section->application, "application");
                on = record.on;
                ck_assert_ptr_eq(on, capture_interface(capture, i));
                ck_assert_str_eq(on->name, i ? "wlan0" : "eth0");
                ck_assert_str_eq(on->description, "description");
                ck_assert_str_eq(on->filter, "udp port 53");
                ck_assert_str_eq(on->os, "interface os");
                ck_assert_str_eq(on->hardware, "card");
                ck_assert_uint_eq(on->speed, 10000000000);
                ck_assert_int_eq(record.passage, PASSAGE_BROADCAST);
                ck_assert_uint_eq(record.dropped, 77);
                ck_assert_str_eq(record.comment, "a packet\nand more");
        }
        ck_assert_int_eq(capture_next(capture, &record, &error), CAPTURE_END);
        capture_close(capture);
        ck_assert_int_eq(count_in_file(copies.to_fd, &flags_option, sizeof flags_option), 2);
        close_copies(&copies);
}
END_TEST

/* Merges files made by `make` and one without packets. Returns the descriptor of the result. */
static int merge(void (*const *make)(void), size_t count, char path[MEMORY_FILE_PATH])
{
        enum { MOST = 3 };
        struct capture *captures[MOST], *merged;
        struct capture_writer_options options = {.format = CAPTURE_PCAPNG,
                                                 .link_type = DLT_EN10MB,
                                                 .snapshot_length = 2000,
                                                 .nanoseconds = true};
        struct capture_writer *writer;
        struct capture_batch batch;
        struct error error = {0};
        int fds[MOST], fd;

        for (size_t i = 0; i <= count; i++) {
                start();
                if (i < count)
                        make[i]();
                else
                        put_pcap_header(&file);
                fds[i] = memory_file_make(file.bytes, file.count, path);
                captures[i] = open_or_fail(path);
                capture_allow_links(captures[i]);
        }
        fd = memory_file_make(NULL, 0, path);
        options.merged = merged = capture_merge(captures, count + 1, false);
        writer = capture_writer_create(path, &options, &error);
        while (capture_next_batch(merged, &batch, &error) == CAPTURE_PACKET)
                ck_assert_int_eq(capture_writer_batch(writer, &batch, 0, batch.count, &error), 0);
        ck_assert_int_eq(capture_writer_close(writer, &error), 0);
        capture_close(merged);
        for (size_t i = 0; i <= count; i++)
                close(fds[i]);
        return fd;
}

/* All kinds of packets' blocks, in either byte order. */
START_TEST(a_merge_keeps_packets)
{
        static void (*const make[])(void) = {make_sections};
        char path[MEMORY_FILE_PATH];
        int fd = merge(make, 1, path);

        expect_sections(open_or_fail(path));
        close(fd);
}
END_TEST

static void make_unknown(void)
{
        put_section(&file, UINT32_MAX);
        put_interface(&file, 31092, 100, 6, 0);
        put_packet(&file, 0, 1700000000123456, 1, 60);
}

START_TEST(a_merge_keeps_unknown_link_types)
{
        static void (*const make[])(void) = {make_unknown};
        struct capture_record record;
        struct error error = {0};
        struct capture *capture;
        char path[MEMORY_FILE_PATH];
        int fd = merge(make, 1, path);

        capture = open_or_fail(path);
        ck_assert_int_eq(capture_next(capture, &record, &error), CAPTURE_PACKET);
        ck_assert_int_eq(record.link_type, 31092);
        ck_assert_int_eq(capture_next(capture, &record, &error), CAPTURE_END);
        capture_close(capture);
        close(fd);
}
END_TEST

static void make_native(void)
{
        put_talkative_section("eth0");
        put_section(&file, UINT32_MAX); /* what the section before says is kept */
        put_interface(&file, 1, 100, 6, 0);
}

static void make_swapped(void)
{
        file.swapped = true;
        put_talkative_section("wlan0");
}

START_TEST(a_merge_keeps_what_blocks_say)
{
        static void (*const make[])(void) = {make_native, make_swapped};
        static const struct {
                uint16_t code, length;
                uint32_t high, low;
        } began = {2, 8, 0x01020304, 0x05060708};
        struct capture_record record;
        struct error error = {0};
        struct capture *capture;
        char path[MEMORY_FILE_PATH];
        int fd = merge(make, 2, path);

        capture = open_or_fail(path);
        for (uint32_t i = 0; i < 2; i++) {
                ck_assert_int_eq(capture_next(capture, &record, &error), CAPTURE_PACKET);
                ck_assert_str_eq(record.on->name, i ? "wlan0" : "eth0");
                ck_assert_str_eq(record.on->filter, "udp port 53");
                ck_assert_uint_eq(record.on->speed, 10000000000);
                ck_assert_str_eq(record.comment, "a packet\nand more");
                ck_assert_uint_eq(record.dropped, 77);
        }
        ck_assert_int_eq(capture_next(capture, &record, &error), CAPTURE_END);
        for (uint32_t i = 0; i < 2; i++) {
                const struct capture_interface *on = capture_interface(capture, i);

                ck_assert(on->counted);
                ck_assert_uint_eq(on->received, 5000000000);
                ck_assert_uint_eq(on->dropped, 4);
        }
        ck_assert_ptr_null(capture_interface(capture, 2));
        capture_close(capture);
        ck_assert_int_eq(count_in_file(fd, &flags_option, sizeof flags_option), 2);
        ck_assert_int_eq(count_in_file(fd, &began, sizeof began), 2);
        close(fd);
}
END_TEST

/* Options that do not fit, or are too short, are left out, and what is before them counts. */
START_TEST(odd_options_are_left_out)
{
        struct capture_record record;
        struct error error = {0};
        struct capture *capture;
        char path[MEMORY_FILE_PATH];
        size_t at;
        int fd;

        start();
        put_section(&file, UINT32_MAX);
        at = open_block(&file, 1);
        put32(&file, 1);
        put32(&file, 0);
        put_option(&file, 2, "a\0b", 3);
        put_option(&file, 8, "123", 3);
        put_option(&file, 11, "\1\0\0\0\0", 5);
        put_option(&file, 3, NULL, 0);
        close_block(&file, at);
        at = open_block(&file, 6);
        for (int i = 0; i < 5; i++)
                put32(&file, 0);
        put_option(&file, 2, "\1", 1);
        put_option(&file, 4, "\1\1\1\1", 4);
        put_text(1, "the comment");
        put16(&file, 1);
        put16(&file, UINT16_MAX);
        close_block(&file, at);
        at = open_block(&file, 5);
        put32(&file, 4000);
        close_block(&file, at);
        fd = memory_file_make(file.bytes, file.count, path);
        capture = open_or_fail(path);
        ck_assert_int_eq(capture_next(capture, &record, &error), CAPTURE_PACKET);
        ck_assert_str_eq(record.comment, "the comment");
        ck_assert_int_eq(record.passage, PASSAGE_UNKNOWN);
        ck_assert_uint_eq(record.dropped, 0);
        ck_assert_str_eq(record.on->name, "a");
        ck_assert_ptr_null(record.on->description);
        ck_assert_ptr_null(record.on->filter);
        ck_assert_uint_eq(record.on->speed, 0);
        ck_assert(!record.on->counted);
        ck_assert_int_eq(capture_next(capture, &record, &error), CAPTURE_END);
        capture_close(capture);
        close(fd);
}
END_TEST

/* Seconds of 64 bits, which nanoseconds of 64 bits cannot hold. */
START_TEST(a_time_beyond_the_resolution_keeps_its_lower_bits)
{
        struct capture_record record;
        struct error error = {0};
        struct capture *capture;
        struct copies copies;

        start();
        put_section(&file, UINT32_MAX);
        put_interface(&file, 1, 100, 0, 0);
        put_packet(&file, 0, (uint64_t)1 << 56 | 1, 1, 60);
        copies = make_copies();
        write_records(open_or_fail(copies.from), copies.to);
        capture = open_or_fail(copies.to);
        ck_assert_int_eq(capture_next(capture, &record, &error), CAPTURE_PACKET);
        ck_assert_int_eq(record.time.tv_sec, 1);
        ck_assert_int_eq(record.time.tv_nsec, 0);
        capture_close(capture);
        close_copies(&copies);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "pcapng", 60);

        tcase_add_test(tests, sections_interfaces_and_their_times);
        tcase_add_test(tests, a_copy_of_pcapng_keeps_all_blocks);
        tcase_add_test(tests, a_copy_may_get_comments);
        tcase_add_test(tests, a_filtered_copy_keeps_the_other_blocks);
        tcase_add_test(tests, formats_convert);
        tcase_add_loop_test(tests, a_bad_block_is_reported_with_its_place, 0, COUNT(odd_blocks));
        tcase_add_loop_test(tests, the_first_section_may_have_an_odd_trailer, 0, 2);
        tcase_add_test(tests, a_section_may_be_empty);
        tcase_add_test(tests, what_blocks_say_is_known);
        tcase_add_test(tests, what_records_say_is_written);
        tcase_add_test(tests, a_merge_keeps_packets);
        tcase_add_test(tests, a_merge_keeps_unknown_link_types);
        tcase_add_test(tests, a_merge_keeps_what_blocks_say);
        tcase_add_test(tests, odd_options_are_left_out);
        tcase_add_test(tests, a_time_beyond_the_resolution_keeps_its_lower_bits);
        tcase_add_loop_test(tests, without_an_interface_there_is_no_capture, 0, 2);
}

/* Batches of packets from files: several threads, merging, compression, copies. */
#include "capture/capture.h"
#include "tests/lib/memory_file.h"
#include "tests/lib/random.h"
#include "tests/lib/savefile.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

static struct bytes file;

static void start(void)
{
        file.count = 0;
        file.swapped = false;
}

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

/* A file that is truncated while it is read ends there, and says so. */
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
        ck_assert_int_eq(result, CAPTURE_ERROR);
        ck_assert_msg(strstr(error.message, "cut while it was read") != NULL, "%s", error.message);
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
        merged = capture_merge(captures, FILES, false);
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
        merged = capture_merge(captures, 2, false);
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

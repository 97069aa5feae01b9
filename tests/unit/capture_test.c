/* Files in and out. The captures are those of pcaps/; what a truncated file must still give is
 * computed here from the file's own lengths, and what a written file must look like comes from
 * libpcap's dumper. What needs a network is in tests/run/capture.t. */
#include "capture/capture.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
        FILE_HEADER = 24,
        RECORD_HEADER = 16,
        MAX_PACKETS = 256,
        MAX_PACKET = 300000,
        PCAPNG_SECTION = 0x0a0d0d0a,
        PCAPNG_PACKET = 6,
};

/* A copy of everything a capture gave. */
struct contents {
        size_t count;
        enum capture_result end;
        struct capture_record packets[MAX_PACKETS];
        char message[512];
};

static struct capture *open_or_fail(const char *path)
{
        struct error error = {0};
        struct capture *capture = capture_open_file(path, &error);

        ck_assert_msg(capture != NULL, "%s", error.message);
        return capture;
}

static void read_contents(struct capture *capture, struct contents *contents)
{
        struct error error = {0};
        struct capture_record record;

        contents->count = 0;
        while ((contents->end = capture_next(capture, &record, &error)) == CAPTURE_PACKET) {
                uint8_t *copy = malloc(record.packet.captured + (size_t)1);

                ck_assert_uint_lt(contents->count, MAX_PACKETS);
                memcpy(copy, record.packet.data, record.packet.captured);
                record.packet.data = copy;
                contents->packets[contents->count++] = record;
        }
        memcpy(contents->message, error.message, sizeof contents->message);
}

static void free_contents(struct contents *contents)
{
        for (size_t i = 0; i < contents->count; i++)
                free((void *)contents->packets[i].packet.data);
}

static void read_file(const char *path, struct contents *contents)
{
        struct capture *capture = open_or_fail(path);

        read_contents(capture, contents);
        capture_close(capture);
}

static void expect_same(const struct contents *got, const struct contents *wanted)
{
        ck_assert_int_eq(got->end, wanted->end);
        ck_assert_uint_eq(got->count, wanted->count);
        for (size_t i = 0; i < got->count; i++) {
                const struct capture_record *a = &got->packets[i];
                const struct capture_record *b = &wanted->packets[i];

                ck_assert_uint_eq(a->packet.captured, b->packet.captured);
                ck_assert_uint_eq(a->packet.length, b->packet.length);
                ck_assert_int_eq(a->time.tv_sec, b->time.tv_sec);
                ck_assert_int_eq(a->time.tv_nsec, b->time.tv_nsec);
                ck_assert_mem_eq(a->packet.data, b->packet.data, a->packet.captured);
        }
}

/* A scratch file that has a name only below /proc. */
static int scratch_file(char path[32])
{
        char template[] = "/tmp/filt-capture-test.XXXXXX";
        int fd = mkostemp(template, O_CLOEXEC);

        ck_assert_int_ge(fd, 0);
        unlink(template);
        snprintf(path, 32, "/proc/self/fd/%d", fd);
        return fd;
}

static uint8_t *slurp(const char *path, size_t *length)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        struct stat status;
        uint8_t *bytes;

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(fstat(fd, &status), 0);
        *length = (size_t)status.st_size;
        bytes = malloc(*length + 1);
        ck_assert_int_eq(pread(fd, bytes, *length, 0), status.st_size);
        close(fd);
        return bytes;
}

/* The same packets, whatever the file's byte order, precision and format. */
static const struct {
        const char *path;
        const char *same_as;
        bool nanoseconds;
} formats[] = {
    {"pcaps/ping.pcap", "pcaps/ping.pcap", false},
    {"pcaps/big-endian.pcap", "pcaps/ping.pcap", false},
    {"pcaps/nanosecond.pcap", "pcaps/nanosecond.pcap", true},
    {"pcaps/big-endian-nanosecond.pcap", "pcaps/nanosecond.pcap", true},
    {"pcaps/nanosecond.pcapng", "pcaps/nanosecond.pcap", true},
    {"pcaps/sample.pcapng", "pcaps/udp.pcap", true},
};

START_TEST(every_format_gives_the_same_packets)
{
        static struct contents got, wanted;
        struct capture *capture = open_or_fail(formats[_i].path);

        ck_assert_int_eq(capture_info(capture)->link_type, DLT_EN10MB);
        ck_assert_uint_eq(capture_info(capture)->snapshot_length, 262144);
        ck_assert_int_eq(capture_info(capture)->nanoseconds, formats[_i].nanoseconds);
        read_contents(capture, &got);
        capture_close(capture);
        read_file(formats[_i].same_as, &wanted);
        ck_assert_uint_gt(got.count, 3);
        expect_same(&got, &wanted);
        free_contents(&got);
        free_contents(&wanted);
}
END_TEST

static uint32_t number_at(const uint8_t *bytes, bool big_endian)
{
        uint32_t number;

        memcpy(&number, bytes, sizeof number);
        return big_endian ? be32toh(number) : le32toh(number);
}

/* Checked by hand, so that the packets above are not only the same but correct. */
START_TEST(fields_are_those_in_the_file)
{
        static struct contents got;
        size_t length;
        uint8_t *bytes = slurp("pcaps/nanosecond.pcap", &length);
        size_t at = FILE_HEADER;
        size_t n = 0;
        bool beyond_microseconds = false;

        read_file("pcaps/nanosecond.pcap", &got);
        for (; at < length; n++) {
                uint32_t fields[4];

                ck_assert_uint_lt(n, got.count);
                for (int i = 0; i < 4; i++)
                        fields[i] = number_at(bytes + at + 4 * i, false);
                ck_assert_uint_eq((uint32_t)got.packets[n].time.tv_sec, fields[0]);
                ck_assert_uint_eq((uint32_t)got.packets[n].time.tv_nsec, fields[1]);
                ck_assert_uint_eq(got.packets[n].packet.captured, fields[2]);
                ck_assert_uint_eq(got.packets[n].packet.length, fields[3]);
                ck_assert_mem_eq(got.packets[n].packet.data, bytes + at + RECORD_HEADER, fields[2]);
                beyond_microseconds |= fields[1] % 1000 != 0;
                at += RECORD_HEADER + fields[2];
        }
        ck_assert_uint_eq(n, got.count);
        ck_assert(beyond_microseconds);
        free_contents(&got);
        free(bytes);
}
END_TEST

static const struct {
        const char *path;
        const char *message; /* part of it */
} unreadable[] = {
    {"pcaps/broken/empty.pcap", "pcaps/broken/empty.pcap: the file is empty"},
    {"pcaps/broken/not-a-capture.pcap", "pcaps/broken/not-a-capture.pcap: not a capture file"},
    {"pcaps/broken/truncated-file-header.pcap", "not a capture file"},
    {"pcaps/no-such-file.pcap", "pcaps/no-such-file.pcap: No such file or directory"},
    {"pcaps", "pcaps: Is a directory"},
};

START_TEST(what_is_not_a_capture_is_refused)
{
        struct error error = {0};

        ck_assert_ptr_null(capture_open_file(unreadable[_i].path, &error));
        ck_assert_msg(strstr(error.message, unreadable[_i].message) != NULL, "%s", error.message);
}
END_TEST

static const struct {
        const char *path;
        size_t packets;
        const char *message;
} breaking[] = {
    {"pcaps/broken/truncated.pcap", 5, "after 5 packets: truncated"},
    {"pcaps/broken/truncated-record-header.pcap", 5, "after 5 packets: truncated"},
    {"pcaps/broken/oversize-record.pcap", 5, "after 5 packets: invalid packet capture length"},
    {"pcaps/broken/truncated.pcapng", 15, "after 15 packets: truncated"},
    {"pcaps/broken/two-links.pcapng", 0, "after 0 packets: an interface has a type"},
};

START_TEST(packets_before_the_damage_are_given)
{
        static struct contents got;

        read_file(breaking[_i].path, &got);
        ck_assert_int_eq(got.end, CAPTURE_ERROR);
        ck_assert_uint_eq(got.count, breaking[_i].packets);
        ck_assert_msg(strstr(got.message, breaking[_i].message) != NULL, "%s", got.message);
        ck_assert_msg(strncmp(got.message, breaking[_i].path, strlen(breaking[_i].path)) == 0, "%s",
                      got.message);
        free_contents(&got);
}
END_TEST

/* Where a file may be cut without damage, and how many packets come before each such place. */
struct boundaries {
        size_t least; /* if shorter, the file cannot be opened */
        size_t count;
        size_t offset[2 * MAX_PACKETS];
        size_t packets[2 * MAX_PACKETS];
};

static void add_boundary(struct boundaries *boundaries, size_t offset, size_t packets)
{
        ck_assert_uint_lt(boundaries->count, 2 * MAX_PACKETS);
        boundaries->offset[boundaries->count] = offset;
        boundaries->packets[boundaries->count++] = packets;
}

static void find_pcap_boundaries(const uint8_t *bytes, size_t length, struct boundaries *boundaries)
{
        bool swapped = bytes[0] == 0xa1;
        size_t packets = 0;

        boundaries->least = FILE_HEADER;
        for (size_t at = FILE_HEADER; at <= length; packets++) {
                add_boundary(boundaries, at, packets);
                if (at == length)
                        return;
                at += RECORD_HEADER + number_at(bytes + at + 8, swapped);
        }
        ck_abort_msg("the capture itself is cut");
}

/* A pcapng file can be opened once the block that describes the first interface is whole: the
 * second one, in what editcap writes. */
static void find_pcapng_boundaries(const uint8_t *bytes, size_t length,
                                   struct boundaries *boundaries)
{
        size_t packets = 0;
        size_t at = number_at(bytes + 4, false);

        at += number_at(bytes + at + 4, false);
        boundaries->least = at;
        while (at < length) {
                add_boundary(boundaries, at, packets);
                packets += number_at(bytes + at, false) == PCAPNG_PACKET;
                at += number_at(bytes + at + 4, false);
        }
        ck_assert_uint_eq(at, length);
        add_boundary(boundaries, at, packets);
}

static void find_boundaries(const uint8_t *bytes, size_t length, struct boundaries *boundaries)
{
        boundaries->count = 0;
        if (number_at(bytes, false) == PCAPNG_SECTION)
                find_pcapng_boundaries(bytes, length, boundaries);
        else
                find_pcap_boundaries(bytes, length, boundaries);
}

static void check_cut(const char *path, const char *name, size_t cut,
                      const struct boundaries *boundaries)
{
        static struct contents got;
        struct error error = {0};
        struct capture *capture = capture_open_file(path, &error);
        struct capture_record record;
        size_t last = 0;

        if (cut < boundaries->least) {
                ck_assert_msg(capture == NULL, "%s opened with %zu bytes", name, cut);
                ck_assert_msg(error.message[0] != '\0', "%s cut to %zu: no message", name, cut);
                return;
        }
        ck_assert_msg(capture != NULL, "%s cut to %zu: %s", name, cut, error.message);
        while (last + 1 < boundaries->count && boundaries->offset[last + 1] <= cut)
                last++;
        read_contents(capture, &got);
        ck_assert_msg(got.count == boundaries->packets[last], "%s cut to %zu: %zu packets", name,
                      cut, got.count);
        ck_assert_msg(got.end == (boundaries->offset[last] == cut ? CAPTURE_END : CAPTURE_ERROR),
                      "%s cut to %zu: ends with %d", name, cut, (int)got.end);
        if (got.end == CAPTURE_ERROR)
                ck_assert_msg(strstr(got.message, " byte ") != NULL, "%s cut to %zu: %s", name, cut,
                              got.message);
        /* and no packet comes after an end or an error */
        ck_assert_int_ne(capture_next(capture, &record, &error), CAPTURE_PACKET);
        free_contents(&got);
        capture_close(capture);
}

/* One file of each format, cut after each of its bytes. */
START_TEST(a_cut_file_gives_the_whole_packets_before_the_cut)
{
        static struct boundaries boundaries;
        const char *name = formats[_i].path;
        size_t length;
        uint8_t *bytes = slurp(name, &length);
        char path[32];
        int fd = scratch_file(path);

        find_boundaries(bytes, length, &boundaries);
        ck_assert_int_eq(write(fd, bytes, length), (ssize_t)length);
        for (size_t cut = length + 1; cut-- > 0;) {
                ck_assert_int_eq(ftruncate(fd, (off_t)cut), 0);
                check_cut(path, name, cut, &boundaries);
        }
        close(fd);
        free(bytes);
}
END_TEST

/* Every byte of a small capture set to every of some values: whatever is then wrong, the reader
 * says so or gives packets that fit their snapshot length. The sanitizers watch. */
static volatile uint8_t last_byte; /* so that it is read */
static const char *const spoiled[] = {"pcaps/nanosecond.pcap", "pcaps/big-endian.pcap",
                                      "pcaps/nanosecond.pcapng"};

START_TEST(a_corrupted_byte_does_no_harm)
{
        static const uint8_t values[] = {0x00, 0x7f, 0xff};
        size_t length;
        uint8_t *bytes = slurp(spoiled[_i], &length);
        char path[32];
        int fd = scratch_file(path);

        for (size_t at = 0; at < length; at++)
                for (size_t v = 0; v < sizeof values; v++) {
                        struct error error = {0};
                        struct capture_record record;
                        struct capture *capture;
                        enum capture_result result = CAPTURE_ERROR;

                        ck_assert_int_eq(pwrite(fd, bytes, length, 0), (ssize_t)length);
                        ck_assert_int_eq(pwrite(fd, &values[v], 1, (off_t)at), 1);
                        capture = capture_open_file(path, &error);
                        while (capture && (result = capture_next(capture, &record, &error)) ==
                                              CAPTURE_PACKET) {
                                ck_assert_uint_le(record.packet.captured,
                                                  capture_info(capture)->snapshot_length);
                                if (record.packet.captured > 0)
                                        last_byte = record.packet.data[record.packet.captured - 1];
                        }
                        ck_assert(result == CAPTURE_END || error.message[0] != '\0');
                        capture_close(capture);
                }
        close(fd);
        free(bytes);
}
END_TEST

/* A pipe that delivers one byte at a time. */
START_TEST(a_pipe_may_be_slow)
{
        static struct contents got, wanted;
        size_t length;
        uint8_t *bytes = slurp("pcaps/ping.pcap", &length);
        char path[32];
        int ends[2];
        pid_t child;

        ck_assert_int_eq(pipe(ends), 0);
        child = fork();
        if (child == 0) {
                for (size_t i = 0; i < length; i++)
                        if (write(ends[1], bytes + i, 1) != 1)
                                _exit(1);
                _exit(0);
        }
        snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
        close(ends[1]);
        read_file(path, &got);
        read_file("pcaps/ping.pcap", &wanted);
        expect_same(&got, &wanted);
        ck_assert_int_eq(waitpid(child, NULL, 0), child);
        close(ends[0]);
        free_contents(&got);
        free_contents(&wanted);
        free(bytes);
}
END_TEST

static struct capture *interrupted;

static void interrupt(int signal)
{
        (void)signal;
        capture_interrupt(interrupted);
}

/* The pipe's other end stays open: the first packet is given at once, and only the signal ends the
 * read for a second one. `_i` is the number of bytes of the second that have come. */
START_TEST(a_signal_ends_a_waiting_read)
{
        struct sigaction action = {.sa_handler = interrupt, .sa_flags = SA_RESTART};
        struct itimerval soon = {.it_value = {.tv_usec = 50000}};
        size_t first = FILE_HEADER + RECORD_HEADER + 98;
        struct error error = {0};
        struct capture_record record;
        size_t length;
        uint8_t *bytes = slurp("pcaps/ping.pcap", &length);
        char path[32];
        int ends[2];

        ck_assert_int_eq(pipe(ends), 0);
        ck_assert_int_eq(write(ends[1], bytes, first + (size_t)_i), (ssize_t)(first + (size_t)_i));
        snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
        sigaction(SIGALRM, &action, NULL);
        setitimer(ITIMER_REAL, &soon, NULL);
        interrupted = open_or_fail(path);
        ck_assert_int_eq(capture_next(interrupted, &record, &error), CAPTURE_PACKET);
        ck_assert_uint_eq(record.packet.captured, 98);
        ck_assert_int_eq(capture_next(interrupted, &record, &error),
                         _i ? CAPTURE_ERROR : CAPTURE_END);
        capture_close(interrupted);
        close(ends[0]);
        close(ends[1]);
        free(bytes);
}
END_TEST

static bool count_waits(void *context, int fd)
{
        ck_assert_int_ge(fd, 0);
        ++*(unsigned *)context;
        return false;
}

/* The pipe's other end stays open: only the wait ends it. A regular file is never waited for. */
START_TEST(a_wait_before_a_read_may_end_it)
{
        static struct contents got, whole;
        size_t first = FILE_HEADER + RECORD_HEADER + 98;
        struct capture *captures[2], *merged;
        unsigned waits = 0;
        size_t length;
        uint8_t *bytes = slurp("pcaps/ping.pcap", &length);
        char path[32];
        int ends[2];

        ck_assert_int_eq(pipe(ends), 0);
        ck_assert_int_eq(write(ends[1], bytes, first), (ssize_t)first);
        snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
        captures[0] = open_or_fail(path);
        captures[1] = open_or_fail("pcaps/ping.pcap");
        merged = capture_merge(captures, 2, false);
        ck_assert_ptr_nonnull(merged);
        capture_watch_stream(merged, count_waits, &waits);
        read_contents(merged, &got);
        capture_close(merged);
        read_file("pcaps/ping.pcap", &whole);
        ck_assert_int_eq(got.end, CAPTURE_END);
        ck_assert_uint_eq(got.count, whole.count + 1);
        ck_assert_uint_eq(waits, 1);
        free_contents(&got);
        free_contents(&whole);
        close(ends[0]);
        close(ends[1]);
        free(bytes);
}
END_TEST

START_TEST(a_file_has_no_live_parts)
{
        struct capture *capture = open_or_fail("pcaps/ping.pcap");
        struct error error = {0};
        struct capture_statistics statistics = capture_statistics(capture);

        capture_set_filter(capture, NULL, NULL);
        ck_assert_ptr_null(capture_interface(capture, 0));
        ck_assert_int_eq(capture_start(capture, &error), 0);
        ck_assert_int_eq(capture_wait(capture, -1, -1, &error), 0);
        ck_assert_uint_eq(statistics.received + statistics.dropped, 0);
        capture_close(capture);
        capture_close(NULL);
}
END_TEST

START_TEST(an_interface_name_has_a_limit)
{
        static const struct capture_live_options options = {.snapshot_length = 96};
        const char *name = "a-name-of-16-chars";
        struct error error = {0};

        ck_assert_ptr_null(capture_open_live(&name, 1, &options, &error));
        ck_assert_str_eq(error.message,
                         "a-name-of-16-chars: there is no such interface (filt -D lists them)");
}
END_TEST

/* DLT_*, and its number in the file header (LINKTYPE_*). */
static const struct {
        int link_type;
        uint32_t in_file;
} link_types[] = {
    {DLT_NULL, 0},         {DLT_EN10MB, 1},       {DLT_PPP, 9},
    {DLT_RAW, 101},        {DLT_IEEE802_11, 105}, {DLT_LINUX_SLL, 113},
    {DLT_LINUX_SLL2, 276}, {DLT_NETLINK, 253},    {DLT_IEEE802_11_RADIO, 127},
};

static struct capture_record sample_packet(const uint8_t *data, uint32_t captured, uint32_t n)
{
        return (struct capture_record){
            .packet = {data, captured, captured + n},
            .time = {.tv_sec = 1700000000 + n, .tv_nsec = 987654321 + (long)n},
        };
}

/* What libpcap would have written. */
static void dump_with_libpcap(const char *path, int link_type, bool nanoseconds,
                              const struct capture_record *packets, size_t count)
{
        pcap_t *pcap = pcap_open_dead_with_tstamp_precision(
            link_type, 262144,
            nanoseconds ? PCAP_TSTAMP_PRECISION_NANO : PCAP_TSTAMP_PRECISION_MICRO);
        pcap_dumper_t *dumper = pcap_dump_open(pcap, path);

        ck_assert_ptr_nonnull(dumper);
        for (size_t i = 0; i < count; i++) {
                struct pcap_pkthdr header = {
                    .ts = {.tv_sec = packets[i].time.tv_sec,
                           .tv_usec = nanoseconds ? packets[i].time.tv_nsec
                                                  : packets[i].time.tv_nsec / 1000},
                    .caplen = packets[i].packet.captured,
                    .len = packets[i].packet.length,
                };

                pcap_dump((u_char *)dumper, &header, packets[i].packet.data);
        }
        pcap_dump_close(dumper);
        pcap_close(pcap);
}

static struct capture_writer *create_pcap(const char *path, int link_type, bool nanoseconds,
                                          struct error *error)
{
        struct capture_writer_options options = {
            .format = CAPTURE_PCAP,
            .link_type = link_type,
            .snapshot_length = 262144,
            .nanoseconds = nanoseconds,
        };

        return capture_writer_create(path, &options, error);
}

static void dump_with_writer(const char *path, int link_type, bool nanoseconds,
                             const struct capture_record *packets, size_t count)
{
        struct error error = {0};
        struct capture_writer *writer = create_pcap(path, link_type, nanoseconds, &error);

        ck_assert_msg(writer != NULL, "%s", error.message);
        for (size_t i = 0; i < count; i++)
                ck_assert_int_eq(capture_writer_write(writer, &packets[i], &error), 0);
        ck_assert_int_eq(capture_writer_close(writer, &error), 0);
}

/* Sizes around the writer's buffer of 256 KiB are among the packets. */
START_TEST(written_files_equal_libpcaps)
{
        static const uint32_t sizes[] = {0, 1, 98, 262000, 1514, 262143, 262144, 60, 262128, 7};
        enum { COUNT = sizeof sizes / sizeof *sizes };
        static uint8_t data[MAX_PACKET];
        struct capture_record packets[COUNT];
        char ours[32], theirs[32];
        int our_fd = scratch_file(ours);
        int their_fd = scratch_file(theirs);

        for (size_t i = 0; i < sizeof data; i++)
                data[i] = (uint8_t)(i * 7 + i / 251);
        for (size_t i = 0; i < COUNT; i++)
                packets[i] = sample_packet(data + i, sizes[i], (uint32_t)i);
        for (int nanoseconds = 0; nanoseconds < 2; nanoseconds++) {
                int link_type = link_types[_i].link_type;
                size_t our_length, their_length;
                uint8_t *our_bytes, *their_bytes;
                struct capture *capture;

                dump_with_writer(ours, link_type, nanoseconds, packets, COUNT);
                dump_with_libpcap(theirs, link_type, nanoseconds, packets, COUNT);
                our_bytes = slurp(ours, &our_length);
                their_bytes = slurp(theirs, &their_length);
                ck_assert_uint_eq(our_length, their_length);
                ck_assert_mem_eq(our_bytes, their_bytes, our_length);
                ck_assert_uint_eq(number_at(our_bytes + 20, __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__),
                                  link_types[_i].in_file);

                capture = open_or_fail(ours);
                ck_assert_int_eq(capture_info(capture)->link_type, link_type);
                ck_assert_int_eq(capture_info(capture)->nanoseconds, nanoseconds);
                capture_close(capture);
                free(our_bytes);
                free(their_bytes);
        }
        close(our_fd);
        close(their_fd);
}
END_TEST

START_TEST(what_is_written_is_read_again)
{
        static struct contents read, again;
        char path[32];
        int fd = scratch_file(path);

        read_file("pcaps/nanosecond.pcapng", &read);
        dump_with_writer(path, DLT_EN10MB, true, read.packets, read.count);
        read_file(path, &again);
        expect_same(&again, &read);
        free_contents(&again);

        dump_with_writer(path, DLT_EN10MB, false, read.packets, read.count);
        read_file(path, &again);
        for (size_t i = 0; i < read.count; i++)
                read.packets[i].time.tv_nsec -= read.packets[i].time.tv_nsec % 1000;
        expect_same(&again, &read);
        free_contents(&again);
        free_contents(&read);
        close(fd);
}
END_TEST

START_TEST(a_flush_reaches_the_file)
{
        static const uint8_t data[98];
        struct capture_record record = sample_packet(data, sizeof data, 0);
        struct error error = {0};
        struct capture_writer *writer;
        struct stat status;
        char path[32];
        int fd = scratch_file(path);

        writer = create_pcap(path, DLT_EN10MB, true, &error);
        ck_assert_ptr_nonnull(writer);
        ck_assert_int_eq(capture_writer_write(writer, &record, &error), 0);
        ck_assert_int_eq(capture_writer_flush(writer, false, &error), 0);
        ck_assert_int_eq(fstat(fd, &status), 0);
        ck_assert_int_eq(status.st_size, FILE_HEADER + RECORD_HEADER + 98);
        ck_assert_int_eq(capture_writer_close(writer, &error), 0);
        close(fd);
}
END_TEST

/* Numbers that libpcap does not know stay what they are. */
START_TEST(a_link_type_is_read_as_it_was_written)
{
        static const int types[] = {DLT_EN10MB, DLT_RAW, DLT_LINUX_SLL2, 31092, UINT16_MAX};
        static const uint8_t data[60];
        struct capture_record record = sample_packet(data, 60, 0);
        struct error error = {0};

        for (size_t i = 0; i < array_count(types); i++) {
                char path[32];
                int fd = scratch_file(path);
                struct capture *capture;

                dump_with_writer(path, types[i], true, &record, 1);
                capture = capture_open_file(path, &error);
                ck_assert_ptr_nonnull(capture);
                ck_assert_int_eq(capture_info(capture)->link_type, types[i]);
                capture_close(capture);
                close(fd);
        }
}
END_TEST

START_TEST(a_file_that_cannot_be_made_is_named)
{
        struct error error = {0};

        ck_assert_ptr_null(create_pcap("/no-such-folder/x.pcap", DLT_EN10MB, true, &error));
        ck_assert_str_eq(error.message, "/no-such-folder/x.pcap: No such file or directory");
        ck_assert_ptr_null(create_pcap("/dev/null", 12345678, true, &error));
        ck_assert_msg(strstr(error.message, "12345678 cannot be stored") != NULL, "%s",
                      error.message);
}
END_TEST

START_TEST(a_full_disk_is_reported_once)
{
        static const uint8_t data[MAX_PACKET];
        struct capture_record record = sample_packet(data, 1000, 0);
        struct error error = {0};
        struct capture_writer *writer = create_pcap("/dev/full", DLT_EN10MB, true, &error);
        int written = 0;

        ck_assert_ptr_nonnull(writer);
        while (written < 1000 && capture_writer_write(writer, &record, &error) == 0)
                written++;
        ck_assert_int_lt(written, 1000);
        ck_assert_str_eq(error.message, "/dev/full: No space left on device after 0 bytes");
        ck_assert_int_eq(capture_writer_close(writer, &error), 0); /* nothing was left to write */

        writer = create_pcap("/dev/full", DLT_EN10MB, true, &error);
        ck_assert_int_eq(capture_writer_write(writer, &record, &error), 0);
        ck_assert_int_eq(capture_writer_close(writer, &error), -1);

        writer = create_pcap("/dev/full", DLT_EN10MB, true, &error);
        record.packet.captured = MAX_PACKET; /* goes past the buffer */
        ck_assert_int_eq(capture_writer_write(writer, &record, &error), -1);
        capture_writer_close(writer, &error);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *reading = unit_case(suite, "reading", 60);
        TCase *writing = unit_case(suite, "writing", UNIT_SECONDS);

        tcase_add_loop_test(reading, every_format_gives_the_same_packets, 0, COUNT(formats));
        tcase_add_test(reading, fields_are_those_in_the_file);
        tcase_add_loop_test(reading, what_is_not_a_capture_is_refused, 0, COUNT(unreadable));
        tcase_add_loop_test(reading, packets_before_the_damage_are_given, 0, COUNT(breaking));
        tcase_add_loop_test(reading, a_cut_file_gives_the_whole_packets_before_the_cut, 0,
                            COUNT(formats));
        tcase_add_loop_test(reading, a_corrupted_byte_does_no_harm, 0, COUNT(spoiled));
        tcase_add_test(reading, a_pipe_may_be_slow);
        tcase_add_loop_test(reading, a_signal_ends_a_waiting_read, 0, 2);
        tcase_add_test(reading, a_wait_before_a_read_may_end_it);
        tcase_add_test(reading, a_file_has_no_live_parts);
        tcase_add_test(reading, an_interface_name_has_a_limit);
        tcase_add_loop_test(writing, written_files_equal_libpcaps, 0, COUNT(link_types));
        tcase_add_test(writing, what_is_written_is_read_again);
        tcase_add_test(writing, a_flush_reaches_the_file);
        tcase_add_test(writing, a_link_type_is_read_as_it_was_written);
        tcase_add_test(writing, a_file_that_cannot_be_made_is_named);
        tcase_add_test(writing, a_full_disk_is_reported_once);
}

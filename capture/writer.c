/* Writing capture files: classic pcap and pcapng, in this machine's byte order. Single packets are
 * collected in the sink's buffer. Records read from a file of the same format are passed to the
 * kernel in place, in runs of neighbours; only if little of a batch remains, it is copied to the
 * buffer, as a system call would cost more. The header of a classic file comes from libpcap, which
 * knows how a DLT_* is numbered in files. */
#include "internal.h"
#include "pcapng.h"
#include "reader.h"
#include "sink.h"

#include "base/array.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
        FILE_HEADER = 24,
        LITTLE = 16 << 10,
        MAX_INTERFACES = 4096,
};

struct record_header {
        uint32_t seconds;
        uint32_t fraction; /* micro- or nanoseconds */
        uint32_t captured;
        uint32_t length;
};

/* An interface that the pcapng file describes. */
struct interface {
        const void *origin;
        uint32_t section;
        uint32_t number; /* at its origin */
        int link_type;
        bool copied; /* its block was copied and may have other units of time */
};

struct capture_writer {
        struct sink *sink;
        char *name;
        struct capture_writer_options options;
        bool begun; /* the file's header is written */
        struct interface *interfaces;
        size_t interface_count, interface_room;
        struct iovec runs[SINK_MAX_PIECES + 1]; /* the first place is the sink's */
        int run_count;
        size_t run_bytes;
        uint64_t run_packets;
};

/* --- Headers --- */

/* Makes the file header that libpcap writes for such a capture of this link type. */
static int make_file_header(const char *name, const struct capture_writer_options *options,
                            int link_type, uint8_t header[FILE_HEADER], struct error *error)
{
        u_int precision =
            options->nanoseconds ? PCAP_TSTAMP_PRECISION_NANO : PCAP_TSTAMP_PRECISION_MICRO;
        pcap_t *pcap = pcap_open_dead_with_tstamp_precision(
            link_type, (int)options->snapshot_length, precision);
        uint8_t space[FILE_HEADER + 1]; /* fmemopen() adds a NUL */
        FILE *memory = fmemopen(space, sizeof space, "w");
        pcap_dumper_t *dumper = pcap && memory ? pcap_dump_fopen(pcap, memory) : NULL;

        if (dumper) {
                pcap_dump_close(dumper);
                memcpy(header, space, FILE_HEADER);
        } else if (memory) {
                fclose(memory);
        }
        if (pcap)
                pcap_close(pcap);
        return dumper ? 0
                      : error_set(error, "%s: link type %d cannot be stored in a pcap file", name,
                                  link_type);
}

static int put_section(struct capture_writer *writer, struct error *error)
{
        static const uint16_t version[] = {1, 0};
        uint32_t block[] = {BLOCK_SECTION, 28, BYTE_ORDER_MAGIC, 0, UINT32_MAX, UINT32_MAX, 28};

        memcpy(&block[3], version, sizeof version);
        return sink_put(writer->sink, block, sizeof block, error);
}

/* Its link type, snapshot length and, as an option, the digits of its time stamps. */
static int put_interface(struct capture_writer *writer, int link_type, struct error *error)
{
        uint8_t header[FILE_HEADER];
        uint32_t block[] = {BLOCK_INTERFACE, 32, 0, writer->options.snapshot_length, 0, 0, 0, 32};
        uint16_t option[] = {INTERFACE_TIME_RESOLUTION, 1};
        uint8_t digits = writer->options.nanoseconds ? 9 : 6;
        uint16_t link;

        if (make_file_header(writer->name, &writer->options, link_type, header, error) < 0)
                return -1;
        link = (uint16_t)read32(header + 20, false);
        memcpy(&block[2], &link, sizeof link);
        memcpy(&block[4], option, sizeof option);
        memcpy(&block[5], &digits, sizeof digits);
        return sink_put(writer->sink, block, sizeof block, error);
}

static int begin(struct capture_writer *writer, struct error *error)
{
        if (writer->begun)
                return 0;
        writer->begun = true;
        return put_section(writer, error);
}

static bool same_interface(const struct interface *a, const struct interface *b)
{
        return a->origin == b->origin && a->section == b->section && a->number == b->number &&
               a->link_type == b->link_type && a->copied == b->copied;
}

/* Sets `number` to that of `wanted` in this file. If it is new, writes the block that describes it:
 * `block`, or one of our own if that is NULL. */
static int find_interface(struct capture_writer *writer, const struct interface *wanted,
                          const uint8_t *block, uint32_t length, uint32_t *number,
                          struct error *error)
{
        for (size_t i = writer->interface_count; i-- > 0;)
                if (same_interface(&writer->interfaces[i], wanted)) {
                        *number = (uint32_t)i;
                        return 0;
                }
        if (writer->interface_count == MAX_INTERFACES)
                return error_set(error, "%s: more than %d interfaces", writer->name,
                                 MAX_INTERFACES);
        if (!array_grow(writer->interfaces, writer->interface_room, writer->interface_count + 1))
                return error_set(error, "%s: out of memory", writer->name);
        writer->interfaces[writer->interface_count] = *wanted;
        *number = (uint32_t)writer->interface_count++;
        if (block)
                return sink_put(writer->sink, block, length, error);
        return put_interface(writer, wanted->link_type, error);
}

/* Returns the interface on which a packet was captured. */
static struct interface interface_of(const struct capture_writer *writer,
                                     const struct capture_record *record)
{
        return (struct interface){
            .origin = record->origin,
            .section = record->section,
            .number = record->interface,
            .link_type = record->origin ? record->link_type : writer->options.link_type,
        };
}

/* --- Packets --- */

static int put_enhanced_packet(struct capture_writer *writer, const struct capture_record *record,
                               struct error *error)
{
        uint32_t captured = record->packet.captured, padded = (captured + 3) & ~3u;
        uint32_t length = BLOCK_OVERHEAD + PACKET_BODY + padded;
        uint32_t units = writer->options.nanoseconds ? 1000000000 : 1000000;
        uint64_t stamp = (uint64_t)record->time.tv_sec * units +
                         (uint64_t)record->time.tv_nsec / (1000000000 / units);
        uint32_t header[] = {
            BLOCK_ENHANCED_PACKET, length, 0, (uint32_t)(stamp >> 32), (uint32_t)stamp, captured,
            record->packet.length,
        };
        struct interface wanted = interface_of(writer, record);
        uint8_t *block;

        if (begin(writer, error) < 0 ||
            find_interface(writer, &wanted, NULL, 0, &header[2], error) < 0)
                return -1;
        block = sink_room(writer->sink, length, error);
        if (!block)
                return -1;
        memcpy(block, header, sizeof header);
        memcpy(block + sizeof header, record->packet.data, captured);
        memset(block + sizeof header + captured, 0, padded - captured);
        memcpy(block + length - sizeof length, &length, sizeof length);
        sink_count(writer->sink, 1);
        return 0;
}

int capture_writer_write(struct capture_writer *writer, const struct capture_record *record,
                         struct error *error)
{
        struct record_header header = {
            .seconds = (uint32_t)record->time.tv_sec,
            .fraction = (uint32_t)(writer->options.nanoseconds ? record->time.tv_nsec
                                                               : record->time.tv_nsec / 1000),
            .captured = record->packet.captured,
            .length = record->packet.length,
        };
        uint8_t *place;

        if (writer->options.format == CAPTURE_PCAPNG)
                return put_enhanced_packet(writer, record, error);
        if (record->origin && record->link_type != writer->options.link_type)
                return error_set(error,
                                 "%s: packets of another link type (%d after %d) do not go into "
                                 "a pcap file; write pcapng (--format pcapng)",
                                 writer->name, record->link_type, writer->options.link_type);
        place = sink_room(writer->sink, sizeof header + header.captured, error);
        if (!place)
                return -1;
        memcpy(place, &header, sizeof header);
        memcpy(place + sizeof header, record->packet.data, header.captured);
        sink_count(writer->sink, 1);
        return 0;
}

/* Copies a packet from one of several pcapng files: its block with all options, but with the new
 * number of the interface, whose own block is copied too. Sets `done` if that is possible. */
static int copy_block(struct capture_writer *writer, const struct capture_batch *batch, size_t i,
                      const struct capture_record *record, bool *done, struct error *error)
{
        const struct file *file = batch->keeper;
        struct interface wanted = interface_of(writer, record);
        const struct capture_extent *extent;
        const uint8_t *block;
        uint8_t *copy;
        uint32_t length, number;

        *done = false;
        if (writer->options.format != CAPTURE_PCAPNG || !file->reader->interface_block ||
            !file->reader->interface_block(file, record->interface, &block, &length))
                return 0;
        extent = &batch->extents[i];
        if (read32(extent->bytes, false) != BLOCK_ENHANCED_PACKET)
                return 0;
        *done = true;
        wanted.copied = true;
        if (begin(writer, error) < 0 ||
            find_interface(writer, &wanted, block, length, &number, error) < 0)
                return -1;
        copy = sink_room(writer->sink, extent->length, error);
        if (!copy)
                return -1;
        memcpy(copy, extent->bytes, extent->length);
        memcpy(copy + BLOCK_HEADER, &number, sizeof number);
        sink_count(writer->sink, 1);
        return 0;
}

static int write_converted(struct capture_writer *writer, const struct capture_batch *batch,
                           size_t from, size_t to, struct error *error)
{
        for (size_t i = from; i < to; i++) {
                struct capture_record record;
                bool done;

                if (batch->verdicts[i] == 0)
                        continue;
                capture_batch_record(batch, i, &record);
                if (copy_block(writer, batch, i, &record, &done, error) < 0)
                        return -1;
                if (!done && capture_writer_write(writer, &record, error) < 0)
                        return -1;
        }
        return 0;
}

static const uint8_t *record_of(const struct capture_batch *batch, size_t i)
{
        if (batch->extents)
                return batch->extents[i].bytes;
        return batch->packets[i].data - sizeof(struct record_header);
}

static const uint8_t *end_of_record(const struct capture_batch *batch, size_t i)
{
        if (batch->extents)
                return batch->extents[i].bytes + batch->extents[i].length;
        return batch->packets[i].data + batch->packets[i].captured;
}

/* Copies the runs to the sink's buffer, or writes them in place. */
static int settle_runs(struct capture_writer *writer, struct error *error)
{
        bool little = writer->run_bytes <= LITTLE;
        int count = writer->run_count, result = 0;

        sink_count(writer->sink, writer->run_packets);
        writer->run_count = 0;
        writer->run_bytes = 0;
        writer->run_packets = 0;
        if (!little)
                return sink_write(writer->sink, &writer->runs[1], count, error);
        for (int i = 1; i <= count && result == 0; i++)
                result = sink_put(writer->sink, writer->runs[i].iov_base, writer->runs[i].iov_len,
                                  error);
        return result;
}

static int add_run(struct capture_writer *writer, const uint8_t *begin, const uint8_t *end,
                   struct error *error)
{
        size_t length = (size_t)(end - begin);
        struct iovec *last = &writer->runs[writer->run_count];

        if (length == 0)
                return 0;
        writer->run_bytes += length;
        if (writer->run_count > 0 && (uint8_t *)last->iov_base + last->iov_len == begin) {
                last->iov_len += length;
                return 0;
        }
        writer->runs[++writer->run_count] = (struct iovec){(void *)begin, length};
        return writer->run_count == SINK_MAX_PIECES - 1 ? settle_runs(writer, error) : 0;
}

/* Writes all bytes from the first record to the last except rejected packets. */
static int write_runs(struct capture_writer *writer, const struct capture_batch *batch, size_t from,
                      size_t to, struct error *error)
{
        const uint8_t *run = from == 0 ? batch->begin : record_of(batch, from);
        const uint8_t *end = to == batch->count ? batch->end : record_of(batch, to);

        for (size_t i = from; i < to; i++) {
                if (batch->verdicts[i] != 0) {
                        writer->run_packets++;
                        continue;
                }
                if (add_run(writer, run, record_of(batch, i), error) < 0)
                        return -1;
                run = end_of_record(batch, i);
        }
        if (add_run(writer, run, end, error) < 0)
                return -1;
        return settle_runs(writer, error);
}

/* Writes what a pcapng file must begin with to hold the blocks of this batch. */
static int put_preamble(struct capture_writer *writer, const struct capture_batch *batch,
                        struct error *error)
{
        const struct file *file = batch->keeper;
        const uint8_t *bytes;
        size_t length;

        writer->begun = true;
        file->reader->preamble(file, &bytes, &length);
        return sink_put(writer->sink, bytes, length, error);
}

int capture_writer_batch(struct capture_writer *writer, const struct capture_batch *batch,
                         size_t from, size_t to, struct error *error)
{
        enum capture_format format = writer->options.format;

        if (format == CAPTURE_PCAP && writer->options.nanoseconds)
                format = CAPTURE_PCAP_NANOSECONDS;
        if (batch->format != format ||
            (format != CAPTURE_PCAPNG && batch->link_type != writer->options.link_type))
                return write_converted(writer, batch, from, to, error);
        if (format == CAPTURE_PCAPNG) {
                bool first = !writer->begun || batch->begins_section;

                if (first && put_preamble(writer, batch, error) < 0)
                        return -1;
                if (first && batch->describes)
                        return 0;
        }
        return write_runs(writer, batch, from, to, error);
}

/* --- Opening and closing --- */

static void writer_free(struct capture_writer *writer)
{
        free(writer->interfaces);
        free(writer->name);
        free(writer);
}

/* Writes a pcapng file's section and an interface, which state the link type also without packets.
 */
static int finish(struct capture_writer *writer, struct error *error)
{
        struct interface wanted = {.link_type = writer->options.link_type};
        uint32_t number;

        if (writer->begun)
                return 0;
        if (begin(writer, error) < 0)
                return -1;
        return find_interface(writer, &wanted, NULL, 0, &number, error);
}

/* A classic file's header is known now; that of a pcapng file depends on the packets. */
static int prepare(struct capture_writer *writer, struct error *error)
{
        const struct capture_writer_options *options = &writer->options;
        uint8_t header[FILE_HEADER];
        uint32_t number;

        if (options->format == CAPTURE_PCAPNG && options->at_once)
                return finish(writer, error);
        if (options->format == CAPTURE_PCAPNG)
                return 0;
        if (make_file_header(writer->name, options, options->link_type, header, error) < 0)
                return -1;
        number = read32(header + 20, false) | options->link_type_extension;
        memcpy(header + 20, &number, sizeof number);
        writer->begun = true;
        return sink_put(writer->sink, header, sizeof header, error);
}

int capture_writer_check(const char *name, const struct capture_writer_options *options,
                         struct error *error)
{
        uint8_t header[FILE_HEADER];

        return make_file_header(name, options, options->link_type, header, error);
}

struct capture_writer *capture_writer_on(int fd, const char *name,
                                         const struct capture_writer_options *options,
                                         struct error *error)
{
        struct capture_writer *writer = calloc(1, sizeof *writer);
        struct error ignored;

        if (!writer || !(writer->name = strdup(name))) {
                error_set(error, "%s: out of memory", name);
                free(writer);
                if (fd != STDOUT_FILENO)
                        close(fd);
                return NULL;
        }
        writer->options = *options;
        writer->sink = sink_new(fd, name, options, error);
        if (writer->sink && prepare(writer, error) == 0)
                return writer;
        if (writer->sink)
                sink_close(writer->sink, &ignored);
        writer_free(writer);
        return NULL;
}

struct capture_writer *capture_writer_create(const char *path,
                                             const struct capture_writer_options *options,
                                             struct error *error)
{
        bool standard_output = strcmp(path, "-") == 0;
        const char *name = standard_output ? "standard output" : path;
        int fd = STDOUT_FILENO;

        if (capture_writer_check(name, options, error) < 0)
                return NULL;
        if (!standard_output)
                fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd >= 0)
                return capture_writer_on(fd, name, options, error);
        error_set(error, "%s: %s", path, strerror(errno));
        return NULL;
}

uint64_t capture_writer_size(const struct capture_writer *writer)
{
        return sink_size(writer->sink);
}

int capture_writer_flush(struct capture_writer *writer, bool sync, struct error *error)
{
        return sync ? sink_sync(writer->sink, error) : sink_flush(writer->sink, error);
}

int capture_writer_close(struct capture_writer *writer, struct error *error)
{
        struct error later;
        int failed = finish(writer, error);
        int reason = errno;

        if (sink_close(writer->sink, failed ? &later : error) < 0 && !failed) {
                failed = -1;
                reason = errno;
        }
        writer_free(writer);
        errno = reason;
        return failed;
}

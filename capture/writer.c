/* Writes capture files: classic pcap and pcapng, in this machine's byte order. Single packets are
 * collected in a buffer. Records read from a file of the same format are passed to the kernel in
 * place, in runs of neighbours; if few are left of a batch, they are copied to the buffer instead,
 * which is cheaper than a system call. The header of a classic file comes from libpcap, which knows
 * the LINKTYPE_* of each DLT_*. */
#include "internal.h"
#include "pcapng.h"
#include "reader.h"

#include "base/array.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
        BUFFER = 1 << 18,
        FILE_HEADER = 24,
        MAX_RUNS = 1000, /* writev() takes 1024 pieces */
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
        int fd;
        char *name;
        struct capture_writer_options options;
        struct compressor *compressor;
        bool begun;       /* the file's header is written */
        bool failed;      /* and reported: nothing more is tried */
        uint64_t written; /* bytes that have reached the file */
        uint64_t taken;   /* bytes to be written, before compression */
        struct interface *interfaces;
        size_t interface_count, interface_room;
        size_t run_bytes;
        int run_count;
        struct iovec runs[MAX_RUNS + 1]; /* the first place is the buffer's */
        size_t used;
        uint8_t buffer[BUFFER];
};

static int fail_writing(struct capture_writer *writer, int reason, struct error *error)
{
        error_set(error, "%s: %s after %" PRIu64 " bytes", writer->name, strerror(reason),
                  writer->written);
        writer->failed = true;
        errno = reason;
        return -1;
}

/* Writes all the pieces, from `next` on. */
static int write_pieces(struct capture_writer *writer, struct iovec *next, int count,
                        struct error *error)
{
        while (count > 0) {
                ssize_t done = writev(writer->fd, next, count);

                if (done < 0 && capture_try_again(writer->fd, POLLOUT, errno))
                        continue;
                if (done < 0)
                        return fail_writing(writer, errno, error);
                writer->written += (uint64_t)done;
                while (count > 0 && (size_t)done >= next->iov_len) {
                        done -= (ssize_t)next->iov_len;
                        next++;
                        count--;
                }
                if (count > 0)
                        *next = (struct iovec){(uint8_t *)next->iov_base + done,
                                               next->iov_len - (size_t)done};
        }
        return 0;
}

static int write_plain(struct capture_writer *writer, const void *data, size_t length,
                       struct error *error)
{
        struct iovec piece = {(void *)data, length};

        return write_pieces(writer, &piece, length > 0, error);
}

static int write_compressed(struct capture_writer *writer, enum compressor_step step,
                            const uint8_t *data, size_t length, struct error *error)
{
        int more;

        do {
                const uint8_t *out;
                size_t out_length;

                more = compressor_run(writer->compressor, step, &data, &length, &out, &out_length);
                if (more < 0)
                        return fail_writing(writer, EIO, error);
                if (write_plain(writer, out, out_length, error) < 0)
                        return -1;
        } while (more);
        return 0;
}

static int write_out(struct capture_writer *writer, const void *data, size_t length,
                     struct error *error)
{
        if (writer->compressor)
                return write_compressed(writer, COMPRESSOR_GO_ON, data, length, error);
        return write_plain(writer, data, length, error);
}

static int flush_buffer(struct capture_writer *writer, struct error *error)
{
        size_t used = writer->used;

        writer->used = 0; /* even on failure: a second try would repeat what has been written */
        return write_out(writer, writer->buffer, used, error);
}

/* Adds bytes to the buffer; more than fit the buffer are written directly. */
static int put(struct capture_writer *writer, const void *data, size_t length, struct error *error)
{
        writer->taken += length;
        if (length > BUFFER - writer->used && flush_buffer(writer, error) < 0)
                return -1;
        if (length > BUFFER)
                return write_out(writer, data, length, error);
        memcpy(writer->buffer + writer->used, data, length);
        writer->used += length;
        return 0;
}

/* Copies the runs to the buffer, or writes them after it. */
static int settle_runs(struct capture_writer *writer, struct error *error)
{
        bool little = writer->run_bytes <= LITTLE && writer->run_bytes <= BUFFER - writer->used;
        int count = writer->run_count;
        struct iovec *first = writer->runs;
        int result = 0;

        writer->run_count = 0;
        writer->run_bytes = 0;
        if (little || writer->compressor) {
                for (int i = 1; i <= count && result == 0; i++) {
                        writer->taken -= first[i].iov_len; /* put() counts it again */
                        result = put(writer, first[i].iov_base, first[i].iov_len, error);
                }
                return result;
        }
        *first = (struct iovec){writer->buffer, writer->used};
        writer->used = 0;
        return write_pieces(writer, first, count + 1, error);
}

static int add_run(struct capture_writer *writer, const uint8_t *begin, const uint8_t *end,
                   struct error *error)
{
        size_t length = (size_t)(end - begin);
        struct iovec *last = &writer->runs[writer->run_count];

        if (length == 0)
                return 0;
        writer->taken += length;
        writer->run_bytes += length;
        if (writer->run_count > 0 && (uint8_t *)last->iov_base + last->iov_len == begin) {
                last->iov_len += length;
                return 0;
        }
        writer->runs[++writer->run_count] = (struct iovec){(void *)begin, length};
        return writer->run_count == MAX_RUNS ? settle_runs(writer, error) : 0;
}

static int flush(struct capture_writer *writer, enum compressor_step step, struct error *error)
{
        if (flush_buffer(writer, error) < 0)
                return -1;
        return writer->compressor ? write_compressed(writer, step, NULL, 0, error) : 0;
}

int capture_writer_flush(struct capture_writer *writer, struct error *error)
{
        return flush(writer, COMPRESSOR_FLUSH, error);
}

/* --- Headers --- */

/* Makes the file header that libpcap writes for such a capture. */
static int make_file_header(const struct capture_writer *writer, int link_type,
                            uint8_t header[FILE_HEADER], struct error *error)
{
        const struct capture_writer_options *options = &writer->options;
        pcap_t *pcap = pcap_open_dead_with_tstamp_precision(
            link_type, (int)options->snapshot_length,
            options->nanoseconds ? PCAP_TSTAMP_PRECISION_NANO : PCAP_TSTAMP_PRECISION_MICRO);
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
                      : error_set(error, "%s: link type %d cannot be stored in a pcap file",
                                  writer->name, link_type);
}

static int put_section(struct capture_writer *writer, struct error *error)
{
        static const uint16_t version[] = {1, 0};
        uint32_t block[] = {BLOCK_SECTION, 28, BYTE_ORDER_MAGIC, 0, UINT32_MAX, UINT32_MAX, 28};

        memcpy(&block[3], version, sizeof version);
        return put(writer, block, sizeof block, error);
}

/* Its link type, snapshot length and, as an option, the digits of its time stamps. */
static int put_interface(struct capture_writer *writer, int link_type, struct error *error)
{
        uint8_t header[FILE_HEADER];
        uint32_t block[] = {BLOCK_INTERFACE, 32, 0, writer->options.snapshot_length, 0, 0, 0, 32};
        uint16_t option[] = {OPTION_TIME_RESOLUTION, 1};
        uint8_t digits = writer->options.nanoseconds ? 9 : 6;
        uint16_t link;

        if (make_file_header(writer, link_type, header, error) < 0)
                return -1;
        link = (uint16_t)read32(header + 20, false);
        memcpy(&block[2], &link, sizeof link);
        memcpy(&block[4], option, sizeof option);
        memcpy(&block[5], &digits, sizeof digits);
        return put(writer, block, sizeof block, error);
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
                return put(writer, block, length, error);
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
        static const uint8_t padding[4];
        uint32_t rest = (4 - record->packet.captured % 4) % 4;
        uint32_t length = BLOCK_OVERHEAD + PACKET_BODY + record->packet.captured + rest;
        uint32_t units = writer->options.nanoseconds ? 1000000000 : 1000000;
        uint64_t stamp = (uint64_t)record->time.tv_sec * units +
                         (uint64_t)record->time.tv_nsec / (1000000000 / units);
        uint32_t header[] = {
            BLOCK_ENHANCED_PACKET,   length,          0,
            (uint32_t)(stamp >> 32), (uint32_t)stamp, record->packet.captured,
            record->packet.length,
        };

        struct interface wanted = interface_of(writer, record);

        if (begin(writer, error) < 0 ||
            find_interface(writer, &wanted, NULL, 0, &header[2], error) < 0 ||
            put(writer, header, sizeof header, error) < 0 ||
            put(writer, record->packet.data, record->packet.captured, error) < 0 ||
            put(writer, padding, rest, error) < 0)
                return -1;
        return put(writer, &length, sizeof length, error);
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

        if (writer->options.format == CAPTURE_PCAPNG)
                return put_enhanced_packet(writer, record, error);
        if (record->origin && record->link_type != writer->options.link_type)
                return error_set(error,
                                 "%s: packets of another link type (%d after %d) do not go into "
                                 "a pcap file; write pcapng (--format pcapng)",
                                 writer->name, record->link_type, writer->options.link_type);
        if (put(writer, &header, sizeof header, error) < 0)
                return -1;
        return put(writer, record->packet.data, record->packet.captured, error);
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
        uint32_t length, number;
        const size_t behind = BLOCK_HEADER + sizeof number;

        *done = false;
        if (writer->options.format != CAPTURE_PCAPNG || !file->reader->interface ||
            !file->reader->interface(file, record->interface, &block, &length))
                return 0;
        extent = &batch->extents[i];
        if (read32(extent->bytes, false) != BLOCK_ENHANCED_PACKET)
                return 0;
        *done = true;
        wanted.copied = true;
        if (begin(writer, error) < 0 ||
            find_interface(writer, &wanted, block, length, &number, error) < 0 ||
            put(writer, extent->bytes, BLOCK_HEADER, error) < 0 ||
            put(writer, &number, sizeof number, error) < 0)
                return -1;
        return put(writer, extent->bytes + behind, extent->length - behind, error);
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

/* Writes all bytes from the first record to the last except rejected packets. */
static int write_runs(struct capture_writer *writer, const struct capture_batch *batch, size_t from,
                      size_t to, struct error *error)
{
        const uint8_t *run = from == 0 ? batch->begin : record_of(batch, from);
        const uint8_t *end = to == batch->count ? batch->end : record_of(batch, to);

        for (size_t i = from; i < to; i++) {
                if (batch->verdicts[i] != 0)
                        continue;
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
        return put(writer, bytes, length, error);
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
        compressor_free(writer->compressor);
        free(writer->interfaces);
        free(writer->name);
        free(writer);
}

/* A classic file's header is known now; that of a pcapng file depends on the packets. */
static int prepare(struct capture_writer *writer, struct error *error)
{
        const struct capture_writer_options *options = &writer->options;
        uint32_t number;

        if (options->compression != CAPTURE_PLAIN) {
                writer->compressor = compressor_new(options->compression);
                if (!writer->compressor)
                        return error_set(error, "%s: out of memory", writer->name);
        }
        if (make_file_header(writer, options->link_type, writer->buffer, error) < 0)
                return -1;
        if (options->format == CAPTURE_PCAPNG)
                return 0;
        number = read32(writer->buffer + 20, false) | options->link_type_extension;
        memcpy(writer->buffer + 20, &number, sizeof number);
        writer->used = writer->taken = FILE_HEADER;
        writer->begun = true;
        return 0;
}

struct capture_writer *capture_writer_create(const char *path,
                                             const struct capture_writer_options *options,
                                             struct error *error)
{
        bool standard_output = strcmp(path, "-") == 0;
        const char *name = standard_output ? "standard output" : path;
        struct capture_writer *writer = calloc(1, sizeof *writer);

        if (!writer || !(writer->name = strdup(name))) {
                error_set(error, "%s: out of memory", name);
                free(writer);
                return NULL;
        }
        writer->options = *options;
        writer->fd = STDOUT_FILENO;
        if (prepare(writer, error) == 0) {
                if (!standard_output)
                        writer->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
                if (writer->fd >= 0)
                        return writer;
                error_set(error, "%s: %s", name, strerror(errno));
        }
        writer_free(writer);
        return NULL;
}

uint64_t capture_writer_size(const struct capture_writer *writer)
{
        return writer->taken;
}

/* Even an empty pcapng file gets a section and an interface, to state its link type. */
static int finish(struct capture_writer *writer, struct error *error)
{
        if (writer->failed)
                return 0;
        if (!writer->begun && (begin(writer, error) < 0 ||
                               put_interface(writer, writer->options.link_type, error) < 0))
                return -1;
        return flush(writer, COMPRESSOR_END, error);
}

int capture_writer_close(struct capture_writer *writer, struct error *error)
{
        int failed = finish(writer, error);
        int reason = errno;

        if (writer->fd != STDOUT_FILENO && close(writer->fd) < 0 && !failed) {
                reason = errno;
                failed = error_set(error, "%s: %s", writer->name, strerror(errno));
        }
        writer_free(writer);
        errno = reason;
        return failed;
}

/* Writing capture files: classic pcap and pcapng, in this machine's byte order. Single packets are
 * collected in the sink's buffer. Records read from a file of the same format are passed to the
 * kernel in place, in runs of neighbours; only if little of a batch remains, it is copied to the
 * buffer, as a system call would cost more. */
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

enum { LITTLE = 16 << 10 };

struct record_header {
        uint32_t seconds;
        uint32_t fraction; /* micro- or nanoseconds */
        uint32_t captured;
        uint32_t length;
};

struct capture_writer {
        struct sink *sink;
        char *name;
        struct capture_writer_options options;
        struct pcapng_writer *pcapng;           /* NULL for a classic file */
        bool begun;                             /* a classic file's header is written */
        struct iovec runs[SINK_MAX_PIECES + 1]; /* the first place is the sink's */
        int run_count;
        size_t run_bytes;
        uint64_t run_packets;
};

/* --- Classic files --- */

static int make_header(const char *name, const struct capture_writer_options *options,
                       uint8_t header[PCAP_FILE_HEADER], struct error *error)
{
        return reader_file_header(name, options->link_type, options->snapshot_length,
                                  options->nanoseconds, header, error);
}

/* Begins a classic file. */
static int put_header(struct capture_writer *writer, struct error *error)
{
        uint8_t header[PCAP_FILE_HEADER];
        uint32_t number;

        if (make_header(writer->name, &writer->options, header, error) < 0)
                return -1;
        number = read32(header + PCAP_LINK_TYPE, false) | writer->options.link_type_extension;
        memcpy(header + PCAP_LINK_TYPE, &number, sizeof number);
        writer->begun = true;
        return sink_put(writer->sink, header, sizeof header, error);
}

static const char *link_name(int link_type)
{
        const char *name = pcap_datalink_val_to_name(link_type);

        return name ? name : "of a number that has no name";
}

/* Makes sure that the file is of this link type: that of its first packet. */
static int demand_link_type(struct capture_writer *writer, int link_type, struct error *error)
{
        struct capture_writer_options *options = &writer->options;

        if (!writer->begun) {
                if (link_type != options->link_type)
                        options->link_type_extension = 0;
                options->link_type = link_type;
                return put_header(writer, error);
        }
        if (link_type == options->link_type)
                return 0;
        return error_set(error,
                         "%s: packets of link type %s after some of %s, and a pcap file has one "
                         "link type; write pcapng (--format pcapng, or a name in .pcapng), or "
                         "choose those of one by the expression",
                         writer->name, link_name(link_type), link_name(options->link_type));
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

        if (writer->pcapng)
                return pcapng_put_packet(writer->pcapng, record, error);
        if (demand_link_type(writer, record->origin ? record->link_type : writer->options.link_type,
                             error) < 0)
                return -1;
        place = sink_room(writer->sink, sizeof header + header.captured, error);
        if (!place)
                return -1;
        memcpy(place, &header, sizeof header);
        memcpy(place + sizeof header, record->packet.data, header.captured);
        sink_count(writer->sink, 1);
        return 0;
}

static int write_converted(struct capture_writer *writer, const struct capture_batch *batch,
                           size_t from, size_t to, struct error *error)
{
        for (size_t i = from; i < to; i++) {
                struct capture_record record;
                bool done = false;

                if (batch->verdicts[i] == 0)
                        continue;
                capture_batch_record(batch, i, &record);
                if (writer->pcapng &&
                    pcapng_copy_packet(writer->pcapng, batch, i, &record, &done, error) < 0)
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

int capture_writer_batch(struct capture_writer *writer, const struct capture_batch *batch,
                         size_t from, size_t to, struct error *error)
{
        enum capture_format format = writer->options.format;
        bool begins;

        if (format == CAPTURE_PCAP && writer->options.nanoseconds)
                format = CAPTURE_PCAP_NANOSECONDS;
        if (batch->format != format ||
            (!writer->pcapng && (!writer->begun || batch->link_type != writer->options.link_type)))
                return write_converted(writer, batch, from, to, error);
        if (!writer->pcapng)
                return write_runs(writer, batch, from, to, error);
        begins = !writer->begun || batch->begins_section;
        writer->begun = true;
        if (begins && pcapng_put_preamble(writer->pcapng, batch->keeper, error) < 0)
                return -1;
        return begins && batch->describes ? 0 : write_runs(writer, batch, from, to, error);
}

/* --- Opening and closing --- */

static void writer_free(struct capture_writer *writer)
{
        pcapng_writer_free(writer->pcapng);
        free(writer->name);
        free(writer);
}

/* Writes the header if it does not depend on packets. */
static int prepare(struct capture_writer *writer, struct error *error)
{
        const struct capture_writer_options *options = &writer->options;

        if (options->format != CAPTURE_PCAPNG)
                return options->link_type_varies ? 0 : put_header(writer, error);
        writer->pcapng = pcapng_writer_new(writer->sink, writer->name, options);
        if (!writer->pcapng)
                return error_memory(error);
        return options->live ? pcapng_begin(writer->pcapng, error) : 0;
}

int capture_writer_check(const char *name, const struct capture_writer_options *options,
                         struct error *error)
{
        uint8_t header[PCAP_FILE_HEADER];

        return options->link_type_varies ? 0 : make_header(name, options, header, error);
}

struct capture_writer *capture_writer_on(int fd, const char *name,
                                         const struct capture_writer_options *options,
                                         struct error *error)
{
        struct capture_writer *writer = calloc(1, sizeof *writer);
        struct error ignored;

        if (!writer || !(writer->name = strdup(name))) {
                error_memory(error);
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

int capture_writer_names(struct capture_writer *writer, const struct capture_name *names,
                         size_t count, struct error *error)
{
        if (!writer->pcapng || sink_failed(writer->sink))
                return 0;
        return pcapng_put_names(writer->pcapng, names, count, error);
}

/* Writes what a file must have even without packets, and what comes last. */
static int finish(struct capture_writer *writer, struct error *error)
{
        if (sink_failed(writer->sink))
                return 0;
        if (writer->pcapng)
                return pcapng_finish(writer->pcapng, error);
        return writer->begun ? 0 : put_header(writer, error);
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

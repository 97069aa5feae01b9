/* Classic pcap files out. Format: draft-ietf-opsawg-pcap; numbers in this machine's byte order, as
 * the magic number tells. Records are collected in a buffer and written when it is full or flushed.
 * The file header comes from libpcap, which knows how a DLT_* is numbered in files. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
        BUFFER = 1 << 18,
};

struct record_header {
        uint32_t seconds;
        uint32_t fraction; /* micro- or nanoseconds */
        uint32_t captured;
        uint32_t length;
};

struct capture_writer {
        int fd;
        char *name;
        bool nanoseconds;
        uint64_t written; /* bytes that have reached the file */
        size_t used;
        uint8_t buffer[BUFFER];
};

static int write_out(struct capture_writer *writer, const void *data, size_t length,
                     struct capture_error *error)
{
        const uint8_t *next = data;

        while (length > 0) {
                ssize_t put = write(writer->fd, next, length);

                if (put < 0 && errno == EINTR)
                        continue;
                if (put < 0) {
                        int reason = errno;

                        capture_fail(error, "%s: %s after %" PRIu64 " bytes", writer->name,
                                     strerror(reason), writer->written);
                        errno = reason;
                        return -1;
                }
                next += put;
                length -= (size_t)put;
                writer->written += (uint64_t)put;
        }
        return 0;
}

int capture_writer_flush(struct capture_writer *writer, struct capture_error *error)
{
        size_t used = writer->used;

        writer->used = 0; /* also when it fails: a second try would repeat what has been written */
        return write_out(writer, writer->buffer, used, error);
}

/* Adds bytes to the buffer; what is larger than the buffer goes past it. */
static int put(struct capture_writer *writer, const void *data, size_t length,
               struct capture_error *error)
{
        if (length > BUFFER - writer->used && capture_writer_flush(writer, error) < 0)
                return -1;
        if (length > BUFFER)
                return write_out(writer, data, length, error);
        memcpy(writer->buffer + writer->used, data, length);
        writer->used += length;
        return 0;
}

int capture_writer_write(struct capture_writer *writer, const struct capture_packet *packet,
                         struct capture_error *error)
{
        struct record_header header = {
            .seconds = (uint32_t)packet->time.tv_sec,
            .fraction = (uint32_t)(writer->nanoseconds ? packet->time.tv_nsec
                                                       : packet->time.tv_nsec / 1000),
            .captured = packet->captured,
            .length = packet->length,
        };

        if (put(writer, &header, sizeof header, error) < 0)
                return -1;
        return put(writer, packet->data, packet->captured, error);
}

/* Puts the file header that libpcap writes for such a capture into the empty buffer. */
static int put_file_header(struct capture_writer *writer, int link_type, uint32_t snapshot_length)
{
        u_int precision =
            writer->nanoseconds ? PCAP_TSTAMP_PRECISION_NANO : PCAP_TSTAMP_PRECISION_MICRO;
        pcap_t *pcap =
            pcap_open_dead_with_tstamp_precision(link_type, (int)snapshot_length, precision);
        FILE *memory = fmemopen(writer->buffer, sizeof writer->buffer, "w");
        pcap_dumper_t *dumper = pcap && memory ? pcap_dump_fopen(pcap, memory) : NULL;

        if (dumper) {
                pcap_dump_flush(dumper);
                writer->used = (size_t)pcap_dump_ftell(dumper);
                pcap_dump_close(dumper);
        } else if (memory) {
                fclose(memory);
        }
        if (pcap)
                pcap_close(pcap);
        return dumper ? 0 : -1;
}

static void writer_free(struct capture_writer *writer)
{
        free(writer->name);
        free(writer);
}

struct capture_writer *capture_writer_open(const char *path, int link_type,
                                           uint32_t snapshot_length, bool nanoseconds,
                                           struct capture_error *error)
{
        bool standard_output = strcmp(path, "-") == 0;
        const char *name = standard_output ? "standard output" : path;
        struct capture_writer *writer = calloc(1, sizeof *writer);

        if (!writer || !(writer->name = strdup(name))) {
                capture_fail(error, "%s: out of memory", name);
                free(writer);
                return NULL;
        }
        writer->nanoseconds = nanoseconds;
        if (put_file_header(writer, link_type, snapshot_length) < 0) {
                capture_fail(error, "%s: link type %d cannot be stored in a pcap file", name,
                             link_type);
                writer_free(writer);
                return NULL;
        }
        writer->fd = standard_output ? STDOUT_FILENO
                                     : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (writer->fd < 0) {
                capture_fail(error, "%s: %s", name, strerror(errno));
                writer_free(writer);
                return NULL;
        }
        return writer;
}

int capture_writer_close(struct capture_writer *writer, struct capture_error *error)
{
        int failed = capture_writer_flush(writer, error);
        int reason = errno;

        if (writer->fd != STDOUT_FILENO && close(writer->fd) < 0 && !failed) {
                reason = errno;
                failed = capture_fail(error, "%s: %s", writer->name, strerror(errno));
        }
        writer_free(writer);
        errno = reason;
        return failed;
}

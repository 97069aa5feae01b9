/* See sink.h. A write that fails may have been carried out in part: then the file is cut behind the
 * last record that is in it whole, and the message says how many packets that leaves. */
#include "sink.h"
#include "base/array.h"
#include "base/descriptor.h"
#include "internal.h"
#include "pcapng.h"
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
        BUFFER = 256 << 10, /* to be flushed beyond; one record may be longer */
        FILE_HEADER = 24,   /* of a classic file, and then of each record: */
        RECORD_HEADER = 16,
};

struct sink {
        int fd;
        char *name;
        bool regular;
        bool pcapng;
        const struct patience *patience;
        _Atomic uint64_t *whole; /* also known to others: how much of the file is whole records */
        uint64_t base;           /* where in the file our bytes begin */
        uint64_t written;        /* bytes that have reached the file */
        uint64_t valid;   /* of them, up to the end of the last whole record, member or frame */
        uint64_t packets; /* in them */
        uint64_t pending; /* packets taken, but not yet in them; of compressed output */
        uint64_t taken;   /* bytes, before compression */
        struct compressor *compressor;
        bool open;   /* the compressor has begun a member or frame */
        bool failed; /* and reported: nothing more is tried */
        uint8_t *buffer;
        size_t used, room;
        _Atomic uint64_t own_whole; /* for who does not share it */
};

/* --- What a part of the output holds --- */

/* The length of the record that begins `bytes`, of which there are `length`; 0 if it is cut. */
static size_t record_length(const struct sink *sink, const uint8_t *bytes, size_t length,
                            bool first, bool *packet)
{
        uint64_t whole = UINT64_MAX;

        *packet = false;
        if (sink->pcapng) {
                if (length >= BLOCK_OVERHEAD)
                        whole = read32(bytes + 4, false);
                *packet = length >= 4 && read32(bytes, false) == BLOCK_ENHANCED_PACKET;
        } else if (first) {
                whole = FILE_HEADER;
        } else if (length >= RECORD_HEADER) {
                whole = RECORD_HEADER + (uint64_t)read32(bytes + 8, false);
                *packet = true;
        }
        return whole > 0 && whole <= length ? (size_t)whole : 0;
}

/* Counts the packets of whole records, and the bytes of these. */
static size_t whole_records(const struct sink *sink, const uint8_t *bytes, size_t length,
                            bool first, uint64_t *packets)
{
        size_t at = 0, step;
        bool packet;

        while ((step = record_length(sink, bytes + at, length - at, first && at == 0, &packet)) >
               0) {
                at += step;
                *packets += packet;
        }
        return at;
}

/* --- To the kernel --- */

static void set_valid(struct sink *sink, uint64_t valid)
{
        sink->valid = valid;
        atomic_store_explicit(sink->whole, valid, memory_order_release);
}

/* All that has been taken is in the file. */
static void settle(struct sink *sink)
{
        set_valid(sink, sink->written);
        sink->packets += sink->pending;
        sink->pending = 0;
}

/* Takes what is not whole off the end of the file: if it is the end, and nobody else's bytes come
 * behind it. */
static void cut(struct sink *sink)
{
        struct stat status;

        if (sink->regular && sink->written > sink->valid && fstat(sink->fd, &status) == 0 &&
            (uint64_t)status.st_size == sink->base + sink->written &&
            ftruncate(sink->fd, (off_t)(sink->base + sink->valid)) == 0)
                sink->written = sink->valid;
}

/* `left` bytes have not been written. */
static int fail(struct sink *sink, int reason, uint64_t left, struct error *error)
{
        sink->failed = true;
        cut(sink);
        if (sink->regular)
                error_set(error, "%s: %s; it holds the first %" PRIu64 " packets", sink->name,
                          strerror(reason), sink->packets);
        else if (reason == EINTR || reason == EAGAIN)
                error_set(error, "%s: nobody reads it: %" PRIu64 " bytes were not delivered",
                          sink->name, left);
        else
                error_set(error, "%s: %s after %" PRIu64 " bytes", sink->name, strerror(reason),
                          sink->written);
        errno = reason;
        return -1;
}

/* Counts the records that a failed write has left whole in the file. */
static void count_rest(struct sink *sink, const struct iovec *pieces, int count, uint64_t done)
{
        uint64_t valid = sink->valid;

        for (int i = 0; i < count && done > 0; i++) {
                size_t length = pieces[i].iov_len < done ? pieces[i].iov_len : (size_t)done;
                size_t whole =
                    whole_records(sink, pieces[i].iov_base, length, valid == 0, &sink->packets);

                valid += whole;
                done -= length;
                if (whole < pieces[i].iov_len)
                        break;
        }
        set_valid(sink, valid);
}

/* Writes whole records, uncompressed. */
static int write_records(struct sink *sink, struct iovec *pieces, int count, struct error *error)
{
        struct iovec kept[SINK_MAX_PIECES + 1];
        uint64_t done = 0;
        int failed;

        memcpy(kept, pieces, (size_t)count * sizeof *pieces);
        failed = descriptor_write(sink->fd, pieces, count, sink->patience, &done);
        sink->written += done;
        if (failed) {
                uint64_t left = 0;
                int reason = errno;

                for (int i = 0; i < count; i++)
                        left += kept[i].iov_len;
                count_rest(sink, kept, count, done);
                return fail(sink, reason, left - done, error);
        }
        settle(sink);
        return 0;
}

/* Compresses; a member or frame that is complete makes all before it valid. */
static int compress(struct sink *sink, enum compressor_step step, const uint8_t *data,
                    size_t length, struct error *error)
{
        int more;

        do {
                const uint8_t *out;
                struct iovec piece;
                size_t out_length;
                uint64_t done = 0;
                int failed;

                more = compressor_run(sink->compressor, step, &data, &length, &out, &out_length);
                if (more < 0)
                        return fail(sink, errno, length, error);
                piece = (struct iovec){(void *)out, out_length};
                failed = descriptor_write(sink->fd, &piece, out_length > 0, sink->patience, &done);
                sink->written += done;
                if (failed)
                        return fail(sink, errno, out_length - done, error);
        } while (more);
        sink->open = step != COMPRESSOR_END;
        if (step == COMPRESSOR_END)
                settle(sink);
        return 0;
}

/* --- The buffer --- */

static int empty_buffer(struct sink *sink, struct error *error)
{
        struct iovec piece = {sink->buffer, sink->used};

        if (sink->used == 0)
                return 0;
        sink->used = 0; /* even on failure: a second try would repeat what has been written */
        if (sink->compressor)
                return compress(sink, COMPRESSOR_GO_ON, piece.iov_base, piece.iov_len, error);
        return write_records(sink, &piece, 1, error);
}

uint8_t *sink_room(struct sink *sink, size_t length, struct error *error)
{
        uint8_t *room;

        if (sink->failed) {
                error_set(error, "%s: a write to it has failed before", sink->name);
                return NULL;
        }
        if (sink->used > 0 && sink->used + length > BUFFER && empty_buffer(sink, error) < 0)
                return NULL;
        if (!array_grow(sink->buffer, sink->room, sink->used + length)) {
                error_memory(error);
                return NULL;
        }
        room = sink->buffer + sink->used;
        sink->used += length;
        sink->taken += length;
        return room;
}

int sink_put(struct sink *sink, const void *record, size_t length, struct error *error)
{
        uint8_t *room = sink_room(sink, length, error);

        if (!room)
                return -1;
        memcpy(room, record, length);
        return 0;
}

void sink_count(struct sink *sink, uint64_t packets)
{
        sink->pending += packets;
}

int sink_write(struct sink *sink, struct iovec *pieces, int count, struct error *error)
{
        for (int i = 0; i < count; i++)
                sink->taken += pieces[i].iov_len;
        if (sink->compressor) {
                int result = empty_buffer(sink, error);

                for (int i = 0; i < count && result == 0; i++)
                        result = compress(sink, COMPRESSOR_GO_ON, pieces[i].iov_base,
                                          pieces[i].iov_len, error);
                return result;
        }
        if (sink->used > 0) {
                *--pieces = (struct iovec){sink->buffer, sink->used};
                count++;
                sink->used = 0;
        }
        return write_records(sink, pieces, count, error);
}

int sink_flush(struct sink *sink, struct error *error)
{
        if (sink->failed)
                return 0;
        if (empty_buffer(sink, error) < 0)
                return -1;
        return sink->compressor && sink->open ? compress(sink, COMPRESSOR_END, NULL, 0, error) : 0;
}

int sink_sync(struct sink *sink, struct error *error)
{
        if (sink_flush(sink, error) < 0)
                return -1;
        if (!sink->regular || sink->failed || fdatasync(sink->fd) == 0)
                return 0;
        return fail(sink, errno, 0, error);
}

uint64_t sink_size(const struct sink *sink)
{
        return sink->taken;
}

bool sink_failed(const struct sink *sink)
{
        return sink->failed;
}

/* --- Opening and closing --- */

static void sink_free(struct sink *sink)
{
        compressor_free(sink->compressor);
        free(sink->buffer);
        free(sink->name);
        free(sink);
}

/* Where in a regular file the first byte will be. Standard output may be one that others write to
 * as well, or, as with >>, one whose end every write goes to, whatever its offset is. */
static void find_base(struct sink *sink)
{
        struct stat status;
        off_t at = lseek(sink->fd, 0, SEEK_CUR);
        int flags = fcntl(sink->fd, F_GETFL);

        sink->regular = at >= 0 && fstat(sink->fd, &status) == 0 && S_ISREG(status.st_mode);
        if (sink->regular && flags >= 0 && (flags & O_APPEND))
                at = status.st_size;
        sink->base = sink->regular ? (uint64_t)at : 0;
}

struct sink *sink_new(int fd, const char *name, const struct capture_writer_options *options,
                      struct error *error)
{
        struct sink *sink = calloc(1, sizeof *sink);
        bool compressed = options->compression != CAPTURE_PLAIN;

        if (sink) {
                sink->fd = fd;
                sink->name = strdup(name);
                sink->pcapng = options->format == CAPTURE_PCAPNG;
                sink->patience = options->patience;
                sink->whole = options->whole ? options->whole : &sink->own_whole;
                sink->compressor = compressed ? compressor_new(options->compression) : NULL;
                find_base(sink);
                if (sink->name && (sink->compressor || !compressed))
                        return sink;
                sink_free(sink);
        }
        error_memory(error);
        if (fd != STDOUT_FILENO)
                close(fd);
        return NULL;
}

int sink_close(struct sink *sink, struct error *error)
{
        int failed = sink_flush(sink, error);
        int reason = errno;

        if (sink->fd != STDOUT_FILENO && close(sink->fd) < 0 && !failed && !sink->failed) {
                reason = errno;
                failed = error_set(error, "%s: %s", sink->name, strerror(reason));
        }
        sink_free(sink);
        errno = reason;
        return failed;
}

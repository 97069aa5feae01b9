/* Where a writer's bytes go: a descriptor, perhaps through a compressor. Bytes are handed to the
 * kernel in whole records only, so that the file is valid whenever no write is under way; after a
 * write that failed, too. */
#pragma once

#include "capture.h"

#include <sys/uio.h>

enum { SINK_MAX_PIECES = 1000 }; /* writev() takes 1024 */

struct sink;

/* Takes `fd` over, even on failure, and closes it at the end unless it is standard output. `name`
 * is for messages. NULL with `error` filled on failure. */
struct sink *sink_new(int fd, const char *name, const struct capture_writer_options *options,
                      struct error *error);

/* Returns room for a record of `length` bytes, which the caller fills before the next call; NULL
 * with `error` filled. */
uint8_t *sink_room(struct sink *sink, size_t length, struct error *error);

/* The same, and copies the record. Returns 0, or -1 with `error` filled. */
int sink_put(struct sink *sink, const void *record, size_t length, struct error *error);

/* Says that so many packets were in what has been put, or are in the pieces to be written next. */
void sink_count(struct sink *sink, uint64_t packets);

/* Writes pieces, each of them whole records, behind what is in the buffer. `pieces` has room for
 * one more before the first and is changed. */
int sink_write(struct sink *sink, struct iovec *pieces, int count, struct error *error);

/* Hands everything to the kernel; compressed output then ends with a gzip member or a zstd frame.
 */
int sink_flush(struct sink *sink, struct error *error);

/* The same, and waits until it is on the disk. */
int sink_sync(struct sink *sink, struct error *error);

/* Bytes taken so far, before compression. */
uint64_t sink_size(const struct sink *sink);

/* Whether a write has failed, which has been reported: nothing more is written. */
bool sink_failed(const struct sink *sink);

/* Flushes unless a write has failed before, closes and frees. Returns 0, or -1 with `error` filled.
 */
int sink_close(struct sink *sink, struct error *error);

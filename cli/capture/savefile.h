/* Where -w writes to: one file, or one after another with -C and -G. */
#pragma once

#include "capture.h"

struct savefile;

/* Returns NULL after a complaint. Refuses a file that is one of those being read. */
struct savefile *savefile_open(const struct capture_command *command, const struct capture *capture,
                               uint32_t snapshot_length);

enum savefile_result {
        SAVEFILE_DONE,
        SAVEFILE_FULL,   /* -W with -G: that was the last file; said */
        SAVEFILE_FAILED, /* complained */
};

/* Writes the packets of `batch` from number `from` to before `to` that passed, or one packet. */
enum savefile_result savefile_batch(struct savefile *savefile, const struct capture_batch *batch,
                                    size_t from, size_t to);
enum savefile_result savefile_packet(struct savefile *savefile,
                                     const struct capture_record *record);
enum savefile_result savefile_flush(struct savefile *savefile);

/* Writes what is left; frees in any case. */
enum savefile_result savefile_close(struct savefile *savefile);

/* What the parts of capture/ share: reading files, writing them. */
#pragma once

#include "source.h"

/* The bytes of a packet's record or block, where they cannot be derived from the packet. */
struct capture_extent {
        const uint8_t *bytes;
        uint32_t length;
        uint32_t interface; /* of pcapng, its number in the section */
};

/* Compresses output with zlib or libzstd: compress.c. */
enum compressor_step {
        COMPRESSOR_GO_ON,
        COMPRESSOR_FLUSH, /* all input so far can be decompressed from the output */
        COMPRESSOR_END,
};

/* Returns NULL if memory is short. */
struct compressor *compressor_new(enum capture_compression compression);
void compressor_free(struct compressor *compressor);

/* Consumes from `*data`, advancing it and `*length`, and sets `*out` and `*out_length` to the
 * output, valid until the next call. Returns 0 when done, 1 to be called again, -1 on failure
 * with errno set. */
int compressor_run(struct compressor *compressor, enum compressor_step step, const uint8_t **data,
                   size_t *length, const uint8_t **out, size_t *out_length);

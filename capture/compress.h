/* compress: compresses output with zlib or libzstd. */
#ifndef CAPTURE_COMPRESS_H
#define CAPTURE_COMPRESS_H

#include "capture.h"

struct compressor;

/* NULL without memory. */
struct compressor *compressor_new(enum capture_compression compression);
void compressor_free(struct compressor *compressor);

enum compressor_step {
        COMPRESSOR_GO_ON,
        COMPRESSOR_FLUSH, /* so that all that came in can be decompressed from what came out */
        COMPRESSOR_END,
};

/* Takes from `*data` (moving it and `*length`) and gives in `*out` and `*out_length` what has come
 * of it, the compressor's own until the next call. To be called until it returns 0, which says that
 * all is done; 1 asks for another call, -1 is a failure of the library's. */
int compressor_run(struct compressor *compressor, enum compressor_step step, const uint8_t **data,
                   size_t *length, const uint8_t **out, size_t *out_length);

#endif

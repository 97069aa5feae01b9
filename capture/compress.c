/* Compresses output at the libraries' default levels. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
        OUT = 128 << 10,
        GZIP_WINDOW = 15 + 16, /* the largest window, gzip's header; see deflateInit2() */
        GZIP_MEMORY = 8,
        MAX_AT_ONCE = 1 << 30, /* zlib counts in an unsigned int */
};

struct compressor {
        enum capture_compression compression;
        z_stream gzip;
        ZSTD_CCtx *zstd;
        uint8_t out[OUT];
};

struct compressor *compressor_new(enum capture_compression compression)
{
        struct compressor *compressor = calloc(1, sizeof *compressor);

        if (!compressor)
                return NULL;
        compressor->compression = compression;
        if (compression == CAPTURE_GZIP &&
            deflateInit2(&compressor->gzip, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW,
                         GZIP_MEMORY, Z_DEFAULT_STRATEGY) == Z_OK)
                return compressor;
        if (compression == CAPTURE_ZSTD && (compressor->zstd = ZSTD_createCCtx()))
                return compressor;
        free(compressor);
        return NULL;
}

void compressor_free(struct compressor *compressor)
{
        if (!compressor)
                return;
        if (compressor->compression == CAPTURE_GZIP)
                deflateEnd(&compressor->gzip);
        ZSTD_freeCCtx(compressor->zstd);
        free(compressor);
}

static int run_gzip(struct compressor *compressor, enum compressor_step step, const uint8_t **data,
                    size_t *length, size_t *out_length)
{
        static const int flushes[] = {Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FINISH};
        z_stream *gzip = &compressor->gzip;
        uInt given = *length < MAX_AT_ONCE ? (uInt)*length : MAX_AT_ONCE;
        int result;

        gzip->next_in = (Bytef *)*data;
        gzip->avail_in = given;
        gzip->next_out = compressor->out;
        gzip->avail_out = OUT;
        result = deflate(gzip, flushes[step]);
        *data += given - gzip->avail_in;
        *length -= given - gzip->avail_in;
        *out_length = OUT - gzip->avail_out;
        errno = EIO;
        if (result == Z_STREAM_ERROR)
                return -1;
        if (step == COMPRESSOR_END && result != Z_STREAM_END)
                return 1;
        if (step == COMPRESSOR_END) /* what comes next is another member */
                return deflateReset(gzip) == Z_OK ? 0 : -1;
        return *length > 0 || gzip->avail_out == 0;
}

static int run_zstd(struct compressor *compressor, enum compressor_step step, const uint8_t **data,
                    size_t *length, size_t *out_length)
{
        static const ZSTD_EndDirective ends[] = {ZSTD_e_continue, ZSTD_e_flush, ZSTD_e_end};
        ZSTD_inBuffer in = {.src = *data, .size = *length};
        ZSTD_outBuffer out = {.dst = compressor->out, .size = OUT};
        size_t left = ZSTD_compressStream2(compressor->zstd, &out, &in, ends[step]);

        *data += in.pos;
        *length -= in.pos;
        *out_length = out.pos;
        if (ZSTD_isError(left)) {
                errno = ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation ? ENOMEM : EIO;
                return -1;
        }
        return step == COMPRESSOR_GO_ON ? *length > 0 : left > 0;
}

int compressor_run(struct compressor *compressor, enum compressor_step step, const uint8_t **data,
                   size_t *length, const uint8_t **out, size_t *out_length)
{
        *out = compressor->out;
        if (compressor->compression == CAPTURE_GZIP)
                return run_gzip(compressor, step, data, length, out_length);
        return run_zstd(compressor, step, data, length, out_length);
}

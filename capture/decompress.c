/* Compressed bytes in, plain ones out: gzip by zlib, zstd by libzstd, told by the first bytes. A
 * file may be several compressed ones after one another, as `cat` makes them. */
#include "input.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum {
        COMPRESSED = 256 << 10,
        GZIP_WINDOW = 15 + 16, /* the largest window, gzip's header; see inflateInit2() */
};

struct decoder {
        const struct method *method;
        z_stream gzip;
        ZSTD_DStream *zstd;
        bool between; /* at the end of a compressed stream, where the file may end */
        bool failed;
        uint64_t taken; /* compressed bytes that have come */
        const uint8_t *next;
        size_t left;
        uint8_t in[COMPRESSED + DECODER_MAGIC]; /* the first may have come byte by byte */
};

/* Decompresses from decoder->next to `out`; returns the bytes made, or -1 with a reason. */
struct method {
        const char *name;
        uint8_t magic[DECODER_MAGIC];
        size_t magic_length;
        bool (*start)(struct decoder *);
        ssize_t (*step)(struct decoder *, uint8_t *out, size_t length, const char **reason);
};

static bool gzip_start(struct decoder *decoder)
{
        return inflateInit2(&decoder->gzip, GZIP_WINDOW) == Z_OK;
}

static ssize_t gzip_step(struct decoder *decoder, uint8_t *out, size_t length, const char **reason)
{
        z_stream *gzip = &decoder->gzip;
        int result;

        if (decoder->between)
                inflateReset(gzip);
        decoder->between = false;
        gzip->next_in = (Bytef *)decoder->next;
        gzip->avail_in = (uInt)decoder->left;
        gzip->next_out = out;
        gzip->avail_out = (uInt)length;
        result = inflate(gzip, Z_NO_FLUSH);
        decoder->next = gzip->next_in;
        decoder->left = gzip->avail_in;
        decoder->between = result == Z_STREAM_END;
        if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR)
                return (ssize_t)(length - gzip->avail_out);
        *reason = gzip->msg ? gzip->msg : zError(result);
        return -1;
}

static bool zstd_start(struct decoder *decoder)
{
        decoder->zstd = ZSTD_createDStream();
        return decoder->zstd != NULL;
}

static ssize_t zstd_step(struct decoder *decoder, uint8_t *out, size_t length, const char **reason)
{
        ZSTD_inBuffer in = {.src = decoder->next, .size = decoder->left};
        ZSTD_outBuffer to = {.dst = out, .size = length};
        size_t result = ZSTD_decompressStream(decoder->zstd, &to, &in);

        decoder->next += in.pos;
        decoder->left -= in.pos;
        decoder->between = result == 0;
        if (!ZSTD_isError(result))
                return (ssize_t)to.pos;
        *reason = ZSTD_getErrorName(result);
        return -1;
}

static const struct method methods[] = {
    {"gzip", {0x1f, 0x8b}, 2, gzip_start, gzip_step},
    {"zstd", {0x28, 0xb5, 0x2f, 0xfd}, 4, zstd_start, zstd_step},
};

static const struct method *find_method(const uint8_t *head, size_t length)
{
        for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
                if (length >= methods[i].magic_length &&
                    memcmp(head, methods[i].magic, methods[i].magic_length) == 0)
                        return &methods[i];
        return NULL;
}

struct decoder *decoder_for(const uint8_t *head, size_t length, bool *known)
{
        const struct method *method = find_method(head, length);
        struct decoder *decoder;

        *known = method != NULL;
        if (!method || length > sizeof((struct decoder *)0)->in)
                return NULL;
        decoder = calloc(1, sizeof *decoder);
        if (!decoder)
                return NULL;
        decoder->method = method;
        memcpy(decoder->in, head, length);
        decoder->next = decoder->in;
        decoder->left = length;
        decoder->taken = length;
        if (method->start(decoder))
                return decoder;
        free(decoder);
        return NULL;
}

void decoder_free(struct decoder *decoder)
{
        if (!decoder)
                return;
        if (decoder->zstd)
                ZSTD_freeDStream(decoder->zstd);
        else
                inflateEnd(&decoder->gzip);
        free(decoder);
}

static ssize_t fail(struct decoder *decoder, const char *reason, char *fault, size_t fault_size)
{
        decoder->failed = true;
        snprintf(fault, fault_size, "%s data at byte %" PRIu64 " of the compressed file: %s",
                 decoder->method->name, decoder->taken - decoder->left, reason);
        return -1;
}

ssize_t decoder_read(struct decoder *decoder, uint8_t *out, size_t length,
                     ssize_t (*take)(void *context, void *buffer, size_t length), void *context,
                     char *fault, size_t fault_size)
{
        const char *reason = NULL;

        while (!decoder->failed) {
                ssize_t made;

                if (decoder->left == 0) {
                        ssize_t got = take(context, decoder->in, COMPRESSED);

                        if (got < 0)
                                return fail(decoder, strerror(errno), fault, fault_size);
                        if (got == 0 && decoder->between)
                                return 0;
                        decoder->next = decoder->in;
                        decoder->left = (size_t)got;
                        decoder->taken += (uint64_t)got;
                        made = decoder->method->step(decoder, out, length, &reason);
                        if (got == 0 && made == 0)
                                return fail(decoder, "truncated", fault, fault_size);
                } else {
                        made = decoder->method->step(decoder, out, length, &reason);
                }
                if (made < 0)
                        return fail(decoder, reason, fault, fault_size);
                if (made > 0)
                        return made;
        }
        return -1;
}

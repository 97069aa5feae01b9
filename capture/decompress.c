/* Decompresses input: gzip with zlib, zstd with libzstd, recognized by the first bytes. A file may
 * be several compressed ones, concatenated. What was decompressed before a fault is returned before
 * the fault is reported, and everything that can be decompressed is returned before more input is
 * read, which may block. */
#include "input.h"

#include "base/array.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
        COMPRESSED = 256 << 10,
        GZIP_WINDOW = 15 + 16, /* the largest window, gzip's header; see inflateInit2() */
        ZSTD_FIRST = 5,        /* bytes of a frame that tell how long its header is */
};

struct decoder {
        const struct method *method;
        z_stream gzip;
        ZSTD_DStream *zstd;
        size_t zstd_wanted; /* bytes that make its next step whole */
        bool between;       /* at the end of a compressed stream, where the file may end */
        bool pending;       /* more may come out without more going in */
        bool failed;
        const char *reason; /* of a fault, to report after the output before it */
        bool lacks_memory;  /* that is the reason */
        uint64_t taken;     /* compressed bytes read */
        const uint8_t *next;
        size_t left;
        uint8_t in[COMPRESSED + DECODER_MAGIC]; /* the first may have been read one by one */
};

/* Decompresses from decoder->next to `out`; returns the bytes made, and sets decoder->reason if
 * there is a fault behind them. */
struct method {
        const char *name;
        uint32_t magic; /* as four bytes are read, the first one the lowest */
        uint32_t mask;
        bool (*start)(struct decoder *);
        size_t (*step)(struct decoder *, uint8_t *out, size_t length);
};

static bool gzip_start(struct decoder *decoder)
{
        return inflateInit2(&decoder->gzip, GZIP_WINDOW) == Z_OK;
}

static size_t gzip_step(struct decoder *decoder, uint8_t *out, size_t length)
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
        decoder->pending = gzip->avail_out == 0 && !decoder->between;
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
                decoder->reason = gzip->msg ? gzip->msg : zError(result);
        decoder->lacks_memory = result == Z_MEM_ERROR;
        return length - gzip->avail_out;
}

static bool zstd_start(struct decoder *decoder)
{
        decoder->zstd = ZSTD_createDStream();
        decoder->zstd_wanted = ZSTD_FIRST;
        return decoder->zstd != NULL;
}

/* One block per step: what libzstd decompresses in the call that finds a fault is lost. */
static size_t zstd_step(struct decoder *decoder, uint8_t *out, size_t length)
{
        size_t given = decoder->left < decoder->zstd_wanted ? decoder->left : decoder->zstd_wanted;
        ZSTD_inBuffer in = {.src = decoder->next, .size = given};
        ZSTD_outBuffer to = {.dst = out, .size = length};
        size_t result = ZSTD_decompressStream(decoder->zstd, &to, &in);

        decoder->next += in.pos;
        decoder->left -= in.pos;
        decoder->between = result == 0;
        decoder->pending = to.pos == length && !decoder->between;
        if (ZSTD_isError(result))
                decoder->reason = ZSTD_getErrorName(result);
        else
                decoder->zstd_wanted = result ? result : ZSTD_FIRST;
        decoder->lacks_memory = ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation;
        return to.pos;
}

/* zstd files may begin with a frame to be skipped, as pzstd's do: its last four bits are free. */
static const struct method methods[] = {
    {"gzip", 0x8b1f, 0xffff, gzip_start, gzip_step},
    {"zstd", 0xfd2fb528, 0xffffffff, zstd_start, zstd_step},
    {"zstd", 0x184d2a50, 0xfffffff0, zstd_start, zstd_step},
};

static const struct method *find_method(const uint8_t *head, size_t length)
{
        uint32_t found = 0;

        for (size_t i = 0; i < length && i < DECODER_MAGIC; i++)
                found |= (uint32_t)head[i] << 8 * i;
        for (size_t i = 0; i < array_count(methods); i++)
                if ((found & methods[i].mask) == methods[i].magic)
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

static ssize_t fail(struct input *input, const char *reason)
{
        struct decoder *decoder = input->decoder;

        decoder->failed = true;
        input->lacks_memory = decoder->lacks_memory;
        snprintf(input->fault, sizeof input->fault,
                 "%s data at byte %" PRIu64 " of the compressed file: %s", decoder->method->name,
                 decoder->taken - decoder->left, reason);
        return -1;
}

ssize_t decoder_read(struct input *input, uint8_t *out, size_t length,
                     ssize_t (*take)(struct input *input, void *buffer, size_t length))
{
        struct decoder *decoder = input->decoder;

        while (!decoder->failed) {
                bool at_end = false;
                size_t made;

                if (decoder->reason)
                        return fail(input, decoder->reason);
                if (decoder->left == 0 && !decoder->pending) {
                        ssize_t got = take(input, decoder->in, COMPRESSED);

                        if (got < 0)
                                return fail(input, strerror(errno));
                        if (got == 0 && decoder->between)
                                return 0;
                        at_end = got == 0;
                        decoder->next = decoder->in;
                        decoder->left = (size_t)got;
                        decoder->taken += (uint64_t)got;
                }
                made = decoder->method->step(decoder, out, length);
                if (made > 0)
                        return (ssize_t)made;
                if (at_end)
                        return fail(input, "truncated");
        }
        return -1;
}

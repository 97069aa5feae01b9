/* input: the bytes of a file, pipe or compressed file, buffered for parsing in place. */
#pragma once

#include "capture.h"

struct decoder;

struct input {
        int fd;
        int end;      /* a pipe at its end: an interrupt replaces a stream's `fd` with it */
        bool regular; /* read with pread(), so that several threads can */
        capture_stream_wait *wait; /* NULL, or called before a stream is read */
        void *wait_context;
        struct decoder *decoder; /* NULL if the file is not compressed */
        uint64_t raw;            /* bytes read from the file */
        uint64_t size;           /* of a regular file when it was opened, else 0 */
        uint8_t *memory;
        size_t capacity;
        const uint8_t *bytes; /* read and not yet consumed */
        size_t count;
        uint64_t offset; /* of `bytes` in the file, or in what it decompresses to */
        bool at_end;
        char fault[256];   /* why there is no more, if not for the file's end */
        bool lacks_memory; /* that is the fault */
};

/* Takes over `fd` and reads its first bytes. Detects compression. Returns 0, or -1 with `error`
 * filled. */
int input_open(struct input *input, int fd, const char *name, struct error *error);
void input_close(struct input *input);

/* Tries to make `wanted` bytes available at input->bytes, and more if the same read returns them.
 * The bytes may move. Returns whether there are `wanted`; if not, it is the end or input->fault is
 * set. Memory grows with the data, not with `wanted`. */
bool input_fill(struct input *input, size_t wanted);

/* Discards the first `count` of input->count bytes. */
void input_consume(struct input *input, size_t count);

/* Continues at `offset` of a regular file that is not compressed. */
void input_seek(struct input *input, uint64_t offset);

/* Reads `length` bytes at `offset`, fewer only at the end; signals do not interrupt it. Returns the
 * number of bytes, or -1 with errno set. */
ssize_t read_at(int fd, void *buffer, size_t length, uint64_t offset);

/* Decompression: decompress.c. Returns a decoder that consumes the first bytes, or NULL if memory
 * is short or, with `known` false, if they are not of a known compression. */
enum { DECODER_MAGIC = 4 };
struct decoder *decoder_for(const uint8_t *head, size_t length, bool *known);
void decoder_free(struct decoder *decoder);

/* Gives up to `length` decompressed bytes of `input`; takes compressed ones by `take`, which
 * returns like read(). Returns 0 at the end, -1 with input->fault filled. */
ssize_t decoder_read(struct input *input, uint8_t *out, size_t length,
                     ssize_t (*take)(struct input *input, void *buffer, size_t length));

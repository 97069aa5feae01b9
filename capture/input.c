/* The bytes of a file. Regular files are read in pieces that fit the processor's cache, pipes as
 * data arrives. Not mapped: on 950 MB in the page cache, walking all record headers takes 205 ms
 * with mmap() (mostly page faults), 123 ms with reads of 128 KiB; and if another process truncates
 * a mapped file, SIGBUS kills this one. */
#include "input.h"

#include "base/descriptor.h"
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, READ = 128 << 10, STREAM_READ = 256 << 10 };

static int open_end(void)
{
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -1;
        close(ends[1]);
        return ends[0];
}

ssize_t read_at(int fd, void *buffer, size_t length, uint64_t offset)
{
        size_t have = 0;

        while (have < length) {
                ssize_t got =
                    pread(fd, (uint8_t *)buffer + have, length - have, (off_t)(offset + have));

                if (got == 0)
                        break;
                if (got < 0 && errno != EINTR)
                        return -1;
                have += got > 0 ? (size_t)got : 0;
        }
        return (ssize_t)have;
}

/* Reads bytes as they are in the file. A stream returns what is available without waiting for more,
 * so that a pipe's packets are shown as they arrive. */
static ssize_t take_raw(struct input *input, void *buffer, size_t length)
{
        ssize_t got;

        if (input->regular) {
                got = read_at(input->fd, buffer, length, input->raw);
        } else if (input->wait && !input->wait(input->wait_context, input->fd)) {
                got = 0;
        } else {
                do
                        got = read(input->fd, buffer, length);
                while (got < 0 && descriptor_wait(input->fd, POLLIN, errno, NULL));
        }
        if (got > 0)
                input->raw += (uint64_t)got;
        return got;
}

/* Moves the remaining bytes to just before the address that the next ones are read to, which is
 * page-aligned because the kernel copies faster then. Returns that address, with room for READ
 * bytes, or NULL. */
static uint8_t *make_room(struct input *input, size_t *room)
{
        size_t piece = input->regular && !input->decoder ? READ : STREAM_READ;
        size_t before = (input->count + PAGE - 1) / PAGE * PAGE;
        size_t used = input->count ? (size_t)(input->bytes - input->memory) + input->count : 0;

        *room = piece;
        if (input->count >= piece && used + piece <= input->capacity)
                return input->memory + used; /* do not move a large record for every piece */
        if (before + piece > input->capacity) {
                size_t capacity = (before + piece) * 2;
                uint8_t *memory = aligned_alloc(PAGE, capacity);

                if (!memory)
                        return NULL;
                if (input->count)
                        memcpy(memory + before - input->count, input->bytes, input->count);
                free(input->memory);
                input->memory = memory;
                input->capacity = capacity;
        } else if (input->count) {
                memmove(input->memory + before - input->count, input->bytes, input->count);
        }
        input->bytes = input->memory + before - input->count;
        return input->memory + before;
}

static void fill_once(struct input *input)
{
        size_t room;
        uint8_t *to = make_room(input, &room);
        ssize_t got = -1;

        input->lacks_memory = !to;
        if (!to)
                snprintf(input->fault, sizeof input->fault, "out of memory");
        else if (input->decoder)
                got = decoder_read(input, to, room, take_raw);
        else if ((got = take_raw(input, to, room)) < 0)
                snprintf(input->fault, sizeof input->fault, "%s", strerror(errno));
        else if (got == 0 && input->regular && input->raw < input->size)
                snprintf(input->fault, sizeof input->fault,
                         "cut while it was read: it had %" PRIu64 " bytes, and ends at %" PRIu64,
                         input->size, input->raw);
        if (got > 0)
                input->count += (size_t)got;
        else
                input->at_end = true;
}

bool input_fill(struct input *input, size_t wanted)
{
        while (input->count < wanted && !input->at_end)
                fill_once(input);
        return input->count >= wanted;
}

void input_consume(struct input *input, size_t count)
{
        input->bytes += count;
        input->count -= count;
        input->offset += count;
}

void input_seek(struct input *input, uint64_t offset)
{
        input->raw = offset;
        input->offset = offset;
        input->count = 0;
        input->at_end = false;
}

/* Reads the first bytes; `none` is the error if there are none. */
static int demand_byte(struct input *input, const char *name, const char *none, struct error *error)
{
        if (input_fill(input, 1))
                return 0;
        if (input->lacks_memory)
                return error_memory(error);
        return error_set(error, "%s: %s", name, input->fault[0] ? input->fault : none);
}

/* Adds a decoder if the first bytes are those of a compressed file, and passes them to it. */
static int recognize_compression(struct input *input, const char *name, struct error *error)
{
        bool known;

        input_fill(input, DECODER_MAGIC);
        input->decoder = decoder_for(input->bytes, input->count, &known);
        if (!known)
                return 0;
        if (!input->decoder)
                return error_memory(error);
        input->count = 0;
        input->offset = 0;
        input->at_end = false;
        return demand_byte(input, name, "there is nothing in the compressed file", error);
}

int input_open(struct input *input, int fd, const char *name, struct error *error)
{
        struct stat status;

        *input = (struct input){.fd = fd, .end = -1};
        if (fstat(input->fd, &status) < 0)
                return error_set(error, "%s: %s", name, strerror(errno));
        if (S_ISREG(status.st_mode)) {
                off_t now = lseek(input->fd, 0, SEEK_CUR);

                input->regular = now >= 0;
                input->raw = now > 0 ? (uint64_t)now : 0; /* not 0 if `< file` was read before */
                input->size = (uint64_t)status.st_size;
                input->offset = input->raw;
                posix_fadvise(input->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
        }
        if (!input->regular && (input->end = open_end()) < 0)
                return error_set(error, "%s: %s", name, strerror(errno));
        if (demand_byte(input, name, "the file is empty, not a capture file", error) < 0)
                return -1;
        return recognize_compression(input, name, error);
}

void input_close(struct input *input)
{
        if (input->fd > STDIN_FILENO)
                close(input->fd);
        if (input->end >= 0)
                close(input->end);
        decoder_free(input->decoder);
        free(input->memory);
}

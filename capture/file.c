/* Savefiles in, by libpcap's reader: classic pcap and pcapng.
 *
 * libpcap does not tell whether a file has micro- or nanosecond stamps (it converts to what it is
 * asked for), and its words for an empty file or a folder are poor. So the first bytes are looked
 * at here, and then handed to libpcap again through a stream of our own, which also works for
 * pipes. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
        MAGIC_BYTES = 4,
        READ_BUFFER = 1 << 18,
};

/* Magic numbers as the four bytes stand in the file. Nanosecond stamps are possible in pcapng, so
 * none is cut there. */
static const uint8_t nanosecond_magics[][MAGIC_BYTES] = {
    {0xa1, 0xb2, 0x3c, 0x4d},
    {0x4d, 0x3c, 0xb2, 0xa1},
    {0x0a, 0x0d, 0x0d, 0x0a},
};

/* What the stream reads: the bytes looked at, then the descriptor. */
struct stream {
        int fd;
        int end; /* a pipe that nobody writes to, so at its end: what an interrupt puts in `fd`'s
                    place */
        uint8_t head[MAGIC_BYTES];
        size_t head_length;
        size_t head_given;
};

struct file_capture {
        struct capture capture;
        char *name;
        struct stream *stream; /* libpcap's; gone with `pcap` */
        pcap_t *pcap;
        uint64_t packets;
        char buffer[READ_BUFFER]; /* of the standard library's stream */
};

static ssize_t read_fully(int fd, uint8_t *buffer, size_t length)
{
        size_t have = 0;

        while (have < length) {
                ssize_t got = read(fd, buffer + have, length - have);

                if (got == 0)
                        break;
                if (got < 0 && errno != EINTR)
                        return -1;
                have += got > 0 ? (size_t)got : 0;
        }
        return (ssize_t)have;
}

/* Gives what there is and does not wait for more: a pipe's packets are wanted as they come. */
static ssize_t stream_read(void *cookie, char *buffer, size_t length)
{
        struct stream *stream = cookie;
        size_t rest = stream->head_length - stream->head_given;
        ssize_t got;

        if (rest == 0) {
                do
                        got = read(stream->fd, buffer, length);
                while (got < 0 && errno == EINTR);
                return got;
        }
        if (length > rest)
                length = rest;
        memcpy(buffer, stream->head + stream->head_given, length);
        stream->head_given += length;
        return (ssize_t)length;
}

static int stream_close(void *cookie)
{
        struct stream *stream = cookie;

        if (stream->fd > STDIN_FILENO)
                close(stream->fd);
        if (stream->end >= 0)
                close(stream->end);
        free(stream);
        return 0;
}

static int open_end(void)
{
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -1;
        close(ends[1]);
        return ends[0];
}

/* Opens `path` and looks at its first bytes. */
static struct stream *stream_open(const char *path, const char *name, struct capture_error *error)
{
        struct stream *stream = calloc(1, sizeof *stream);
        ssize_t got;

        if (!stream) {
                capture_fail(error, "%s: out of memory", name);
                return NULL;
        }
        stream->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
        stream->end = stream->fd < 0 ? -1 : open_end();
        got = stream->end < 0 ? -1 : read_fully(stream->fd, stream->head, MAGIC_BYTES);
        if (got > 0) {
                stream->head_length = (size_t)got;
                return stream;
        }
        if (got == 0)
                capture_fail(error, "%s: the file is empty, not a capture file", name);
        else
                capture_fail(error, "%s: %s", name, strerror(errno));
        stream_close(stream);
        return NULL;
}

static bool has_nanoseconds(const struct stream *stream)
{
        for (size_t i = 0; i < sizeof nanosecond_magics / sizeof *nanosecond_magics; i++)
                if (stream->head_length == MAGIC_BYTES &&
                    memcmp(stream->head, nanosecond_magics[i], MAGIC_BYTES) == 0)
                        return true;
        return false;
}

static int file_set_filter(struct capture *capture, const struct bpf_program *program,
                           struct capture_error *error)
{
        (void)capture, (void)program;
        return capture_fail(error, "a file has no socket to attach a filter to");
}

static int file_start(struct capture *capture, struct capture_error *error)
{
        (void)capture, (void)error;
        return 0;
}

static enum capture_result file_next(struct capture *capture, struct capture_packet *packet,
                                     struct capture_error *error)
{
        struct file_capture *file = (struct file_capture *)capture;
        struct pcap_pkthdr *header;
        const u_char *data;

        switch (pcap_next_ex(file->pcap, &header, &data)) {
        case 1:
                file->packets++;
                *packet = (struct capture_packet){
                    .data = data,
                    .captured = header->caplen,
                    .length = header->len,
                    .time = {.tv_sec = header->ts.tv_sec, .tv_nsec = header->ts.tv_usec},
                };
                return CAPTURE_PACKET;
        case PCAP_ERROR_BREAK: return CAPTURE_END;
        default:
                capture_fail(error, "%s: after %" PRIu64 " packet%s: %s", file->name, file->packets,
                             file->packets == 1 ? "" : "s", pcap_geterr(file->pcap));
                return CAPTURE_ERROR;
        }
}

static int file_wait(struct capture *capture, int wake, int timeout_ms, struct capture_error *error)
{
        (void)capture, (void)wake, (void)timeout_ms, (void)error;
        return 0;
}

/* A read that waits is begun anew when the signal's handler returns (SA_RESTART), and then finds
 * the pipe. */
static void file_interrupt(struct capture *capture)
{
        struct file_capture *file = (struct file_capture *)capture;
        int saved = errno;

        dup3(file->stream->end, file->stream->fd, O_CLOEXEC);
        errno = saved;
}

static struct capture_statistics file_statistics(struct capture *capture)
{
        (void)capture;
        return (struct capture_statistics){0};
}

static void file_close(struct capture *capture)
{
        struct file_capture *file = (struct file_capture *)capture;

        if (file->pcap)
                pcap_close(file->pcap);
        free(file->name);
        free(file);
}

static const struct capture_source file_source = {
    .set_filter = file_set_filter,
    .start = file_start,
    .next = file_next,
    .wait = file_wait,
    .interrupt = file_interrupt,
    .statistics = file_statistics,
    .close = file_close,
};

/* Hands the stream to libpcap, which owns it from here on if all goes well. */
static pcap_t *open_pcap(struct file_capture *capture, struct capture_error *error)
{
        static const cookie_io_functions_t calls = {.read = stream_read, .close = stream_close};
        struct stream *stream = capture->stream;
        char message[PCAP_ERRBUF_SIZE];
        FILE *file = fopencookie(stream, "r", calls);
        pcap_t *pcap;

        if (!file) {
                capture_fail(error, "%s: %s", capture->name, strerror(errno));
                stream_close(stream);
                return NULL;
        }
        setvbuf(file, capture->buffer, _IOFBF, sizeof capture->buffer);
        pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, message);
        if (!pcap) {
                capture_fail(error, "%s: not a capture file (%s)", capture->name, message);
                fclose(file);
        }
        return pcap;
}

struct capture *capture_open_file(const char *path, struct capture_error *error)
{
        const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
        struct stream *stream = stream_open(path, name, error);
        struct file_capture *file;

        if (!stream)
                return NULL;
        file = calloc(1, sizeof *file);
        if (!file || !(file->name = strdup(name))) {
                capture_fail(error, "%s: out of memory", name);
                stream_close(stream);
                free(file);
                return NULL;
        }
        file->capture.source = &file_source;
        file->stream = stream;
        file->capture.nanoseconds = has_nanoseconds(stream);
        file->pcap = open_pcap(file, error);
        if (!file->pcap) {
                file_close(&file->capture);
                return NULL;
        }
        file->capture.link_type = pcap_datalink(file->pcap);
        file->capture.snapshot_length = (uint32_t)pcap_snapshot(file->pcap);
        return &file->capture;
}

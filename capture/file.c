/* Reading savefiles: what is the same for all formats. The readers are asked in turn whether they
 * know a file; libpcap's, the last, takes the rest. */
#include "reader.h"

#include "base/array.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct reader *const readers[] = {&pcap_reader, &pcapng_reader, &libpcap_reader};

/* An end or an error is final: further calls return it again. */
static enum capture_result file_next_batch(struct capture *capture, struct capture_batch *batch,
                                           struct error *error)
{
        struct file *file = (struct file *)capture;

        if (!file->done) {
                *batch = (struct capture_batch){.keeper = file};
                if (file->threads > 1 && !file->parallel)
                        file->parallel = parallel_start(file, file->threads);
                file->threads = 0;
                if (file->parallel && parallel_batch(file, batch))
                        return CAPTURE_PACKET;
                file->result = file->reader->batch(file, batch, &file->fault);
                if (file->result == CAPTURE_PACKET) {
                        batch->packets = file->packets;
                        batch->verdicts = file->verdicts;
                        batch->extents = file->extents;
                        batch->seen = batch->count;
                        file->packets_read += batch->count;
                        reader_filter(file, batch->link_type, file->packets, batch->count,
                                      file->verdicts);
                        return CAPTURE_PACKET;
                }
                file->done = true;
        }
        if (file->result == CAPTURE_ERROR)
                *error = file->fault;
        return file->result;
}

static void file_batch_record(const struct capture_batch *batch, size_t i,
                              struct capture_record *record)
{
        const struct file *file = batch->keeper;

        file->reader->record(batch, i, record);
}

static const struct capture_interface *file_interface(const struct capture *capture,
                                                      uint32_t number)
{
        const struct file *file = (const struct file *)capture;

        return file->reader->interface ? file->reader->interface(file, number) : NULL;
}

static const struct capture_section *file_section(const struct capture *capture)
{
        const struct file *file = (const struct file *)capture;

        return file->reader->section ? file->reader->section(file) : NULL;
}

static struct capture_progress file_progress(const struct capture *capture)
{
        const struct file *file = (const struct file *)capture;
        uint64_t read = file->input.decoder ? file->input.raw : file->input.offset;

        return (struct capture_progress){.read = read, .size = file->input.size};
}

/* A blocking read restarts when the signal's handler returns (SA_RESTART), and then reads end of
 * file from the pipe. */
static void file_interrupt(struct capture *capture)
{
        struct file *file = (struct file *)capture;
        int saved = errno;

        if (!file->input.regular)
                dup3(file->input.end, file->input.fd, O_CLOEXEC);
        errno = saved;
}

static void file_watch_stream(struct capture *capture, capture_stream_wait *wait, void *context)
{
        struct input *input = &((struct file *)capture)->input;

        input->wait = wait;
        input->wait_context = context;
}

static void file_close(struct capture *capture)
{
        struct file *file = (struct file *)capture;

        parallel_stop(file->parallel);
        if (file->reader && file->reader->close)
                file->reader->close(file);
        input_close(&file->input);
        free(file->packets);
        free(file->verdicts);
        free(file->extents);
        free(file->capture.first_interface);
        free(file->name);
        free(file);
}

static const struct capture_source file_source = {
    .next_batch = file_next_batch,
    .batch_record = file_batch_record,
    .interface = file_interface,
    .section = file_section,
    .progress = file_progress,
    .interrupt = file_interrupt,
    .watch_stream = file_watch_stream,
    .close = file_close,
};

static int find_reader(struct file *file, struct error *error)
{
        for (size_t i = 0; i < array_count(readers); i++) {
                int result;

                file->reader = readers[i];
                result = file->reader->open(file, error);
                if (result != 0)
                        return result < 0 ? -1 : 0;
        }
        if (file->input.lacks_memory)
                return error_memory(error);
        return error_set(error, "%s: not a capture file", file->name);
}

void capture_set_threads(struct capture *capture, unsigned threads)
{
        if (capture->source == &file_source)
                ((struct file *)capture)->threads = threads;
}

struct capture *capture_open_descriptor(int fd, const char *name, struct error *error)
{
        struct file *file = calloc(1, sizeof *file);

        if (!file || !(file->name = strdup(name))) {
                error_memory(error);
                if (fd > STDIN_FILENO)
                        close(fd);
                free(file);
                return NULL;
        }
        file->capture.source = &file_source;
        if (input_open(&file->input, fd, name, error) == 0 && find_reader(file, error) == 0)
                return &file->capture;
        file_close(&file->capture);
        return NULL;
}

struct capture *capture_open_file(const char *path, struct error *error)
{
        int fd;

        if (strcmp(path, "-") == 0)
                return capture_open_descriptor(STDIN_FILENO, "standard input", error);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0)
                return capture_open_descriptor(fd, path, error);
        error_set(error, "%s: %s", path, strerror(errno));
        return NULL;
}

/* Files that are left to libpcap: rare formats, and link types whose packets it converts to this
 * machine's byte order. It reads from a stream of ours, which begins with the bytes already read.
 * Packets come one by one. */
#include "reader.h"

#include "base/array.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct libpcap {
        pcap_t *pcap;
        struct timespec time; /* of the packet in the batch */
};

/* Magic numbers of files with nanosecond stamps, as in the file. libpcap converts stamps as asked
 * and does not say what the file has. pcapng may have nanoseconds. */
static const uint8_t nanosecond_magics[][4] = {
    {0xa1, 0xb2, 0x3c, 0x4d}, {0x4d, 0x3c, 0xb2, 0xa1}, {0x0a, 0x0d, 0x0d, 0x0a}};

static bool has_nanoseconds(const struct input *input)
{
        for (size_t i = 0; i < array_count(nanosecond_magics); i++)
                if (input->count >= 4 && memcmp(input->bytes, nanosecond_magics[i], 4) == 0)
                        return true;
        return false;
}

static ssize_t stream_read(void *cookie, char *buffer, size_t length)
{
        struct input *input = cookie;

        if (!input_fill(input, 1)) {
                errno = EIO;
                return input->fault[0] ? -1 : 0;
        }
        if (length > input->count)
                length = input->count;
        memcpy(buffer, input->bytes, length);
        input_consume(input, length);
        return (ssize_t)length;
}

static int libpcap_open(struct file *file, struct error *error)
{
        static const cookie_io_functions_t calls = {.read = stream_read};
        struct libpcap *state = calloc(1, sizeof *state);
        FILE *stream = state ? fopencookie(&file->input, "r", calls) : NULL;
        char message[PCAP_ERRBUF_SIZE];

        file->state = state;
        if (!stream || !reader_room(file, 1, false)) {
                if (stream)
                        fclose(stream);
                return error_memory(error);
        }
        file->capture.info.nanoseconds = has_nanoseconds(&file->input);
        errno = 0;
        state->pcap =
            pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, message);
        if (!state->pcap) {
                if (errno == ENOMEM || file->input.lacks_memory)
                        error_memory(error);
                else
                        error_set(error, "%s: not a capture file (%s)", file->name,
                                  file->input.fault[0] ? file->input.fault : message);
                fclose(stream);
                return -1;
        }
        file->capture.info.link_type = pcap_datalink(state->pcap);
        file->capture.info.snapshot_length = (uint32_t)pcap_snapshot(state->pcap);
        return 1;
}

static enum capture_result libpcap_batch(struct file *file, struct capture_batch *batch,
                                         struct error *error)
{
        struct libpcap *state = file->state;
        struct pcap_pkthdr *header;
        const u_char *data;

        switch (pcap_next_ex(state->pcap, &header, &data)) {
        case 1:
                file->packets[0] = (struct packet){data, header->caplen, header->len};
                state->time = (struct timespec){header->ts.tv_sec, header->ts.tv_usec};
                batch->count = 1;
                batch->link_type = file->capture.info.link_type;
                return CAPTURE_PACKET;
        case PCAP_ERROR_BREAK: return CAPTURE_END;
        default:
                return reader_fail(file, error, "%s at or before byte %llu",
                                   file->input.fault[0] ? file->input.fault
                                                        : pcap_geterr(state->pcap),
                                   (unsigned long long)file->input.offset);
        }
}

static void libpcap_record(const struct capture_batch *batch, size_t i,
                           struct capture_record *record)
{
        const struct file *file = batch->keeper;
        const struct libpcap *state = file->state;

        *record = (struct capture_record){.packet = batch->packets[i],
                                          .link_type = batch->link_type,
                                          .origin = file,
                                          .time = state->time};
}

static void libpcap_close(struct file *file)
{
        struct libpcap *state = file->state;

        if (state && state->pcap)
                pcap_close(state->pcap); /* closes the stream, too */
        free(state);
}

const struct reader libpcap_reader = {
    .open = libpcap_open, .batch = libpcap_batch, .record = libpcap_record, .close = libpcap_close};

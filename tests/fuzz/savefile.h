/* What the targets for capture files share: reading the input as a file, with filt's reader and
 * with libpcap's, and comparing. */
#pragma once

#include "capture/capture.h"
#include "fuzz.h"
#include "tests/lib/memory_file.h"

#include <unistd.h>

struct packets {
        size_t count;
        struct capture_record *packets;
};

static volatile uint8_t fuzz_sum; /* so that the bytes are really read */

static inline void add_packet(struct packets *packets, const struct capture_record *record)
{
        struct capture_record copy = *record;
        uint8_t *data = malloc(record->packet.captured + (size_t)1);

        packets->packets =
            realloc(packets->packets, (packets->count + 1) * sizeof *packets->packets);
        if (!data || !packets->packets)
                abort();
        if (record->packet.captured)
                memcpy(data, record->packet.data, record->packet.captured);
        copy.packet.data = data;
        packets->packets[packets->count++] = copy;
}

static inline void free_packets(struct packets *packets)
{
        for (size_t i = 0; i < packets->count; i++)
                free((void *)packets->packets[i].packet.data);
        free(packets->packets);
}

/* Reads a file to its end with `threads` threads, and copies each batch to `writer` (or NULL).
 * Returns false if it cannot be opened. */
static inline bool read_packets(const char *path, bool several_links, unsigned threads,
                                struct packets *packets, struct capture_writer *writer)
{
        struct error error = {0};
        struct capture *capture = capture_open_file(path, &error);
        struct capture_batch batch;
        enum capture_result result;

        *packets = (struct packets){0};
        if (!capture) {
                if (!error.message[0])
                        fuzz_fail("not opened, and no message");
                return false;
        }
        if (several_links)
                capture_allow_links(capture);
        capture_set_threads(capture, threads);
        while ((result = capture_next_batch(capture, &batch, &error)) == CAPTURE_PACKET) {
                for (const uint8_t *at = batch.begin; at < batch.end; at++)
                        fuzz_sum ^= *at;
                for (size_t i = 0; i < batch.count; i++) {
                        struct capture_record record;

                        capture_batch_record(&batch, i, &record);
                        if (record.packet.captured > capture_info(capture)->snapshot_length)
                                fuzz_fail("packet %zu is longer than the snapshot length",
                                          packets->count);
                        add_packet(packets, &record);
                }
                if (writer && capture_writer_batch(writer, &batch, 0, batch.count, &error) < 0)
                        fuzz_fail("writing: %s", error.message);
        }
        if (result == CAPTURE_ERROR && !error.message[0])
                fuzz_fail("an error without a message");
        if (result != CAPTURE_ERROR && result != CAPTURE_END)
                fuzz_fail("result %d", (int)result);
        capture_close(capture);
        return true;
}

/* The same by libpcap. `whole` says whether it reached the end. */
static inline bool read_by_libpcap(const uint8_t *data, size_t size, struct packets *packets,
                                   bool *whole)
{
        char message[PCAP_ERRBUF_SIZE];
        FILE *file = size ? fmemopen((void *)data, size, "r") : NULL;
        pcap_t *pcap = file ? pcap_fopen_offline_with_tstamp_precision(
                                  file, PCAP_TSTAMP_PRECISION_NANO, message)
                            : NULL;
        struct pcap_pkthdr *header;
        const u_char *bytes;
        int result;

        *packets = (struct packets){0};
        if (!pcap) {
                if (file)
                        fclose(file);
                return false;
        }
        while ((result = pcap_next_ex(pcap, &header, &bytes)) == 1)
                add_packet(packets, &(struct capture_record){
                                        .packet = {bytes, header->caplen, header->len},
                                        .time = {header->ts.tv_sec, header->ts.tv_usec},
                                    });
        *whole = result == PCAP_ERROR_BREAK;
        pcap_close(pcap);
        return true;
}

/* Whether the first `count` packets are the same. Of the times only what fits into 31 bits of
 * seconds is compared: libpcap treats them as signed. */
static inline void expect_same_packets(const struct packets *ours, const struct packets *theirs,
                                       size_t count, bool times)
{
        if (ours->count < count || theirs->count < count)
                fuzz_fail("%zu and %zu packets, not %zu", ours->count, theirs->count, count);
        for (size_t i = 0; i < count; i++) {
                const struct capture_record *a = &ours->packets[i], *b = &theirs->packets[i];

                if (a->packet.captured != b->packet.captured ||
                    a->packet.length != b->packet.length ||
                    memcmp(a->packet.data, b->packet.data, a->packet.captured) != 0)
                        fuzz_fail("packet %zu: %u of %u bytes, not %u of %u (or other ones)", i,
                                  a->packet.captured, a->packet.length, b->packet.captured,
                                  b->packet.length);
                if (times && b->time.tv_sec >= 0 && b->time.tv_nsec >= 0 &&
                    b->time.tv_sec <= INT32_MAX && b->time.tv_nsec < 1000000000 &&
                    (a->time.tv_sec != b->time.tv_sec || a->time.tv_nsec != b->time.tv_nsec))
                        fuzz_fail("packet %zu: time %lld.%09ld, not %lld.%09ld", i,
                                  (long long)a->time.tv_sec, a->time.tv_nsec,
                                  (long long)b->time.tv_sec, b->time.tv_nsec);
        }
}

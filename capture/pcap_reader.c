/* Classic pcap files (draft-ietf-opsawg-pcap): a header of 24 bytes, then records, each a header
 * and a packet. Handles both byte orders, micro- and nanoseconds, and the modified format with 8
 * more bytes in a record's header (magic a1b2cd34). Files older than version 2.4, whose lengths may
 * be swapped, are left to libpcap. */
#include "reader.h"

#include "base/array.h"

#include <inttypes.h>

enum {
        FILE_HEADER = 24,
        RECORD_HEADER = 16,
        MODIFIED_RECORD_HEADER = 24,
        PSEUDO_ETHERNET = 14, /* packets in a modified file may exceed the snapshot length by it */
};

static const struct {
        uint32_t magic;
        bool nanoseconds;
        uint32_t header;
} magics[] = {
    {0xa1b2c3d4, false, RECORD_HEADER},
    {0xa1b23c4d, true, RECORD_HEADER},
    {0xa1b2cd34, false, MODIFIED_RECORD_HEADER},
};

static bool recognize(const uint8_t *bytes, struct pcap_layout *layout)
{
        for (int swapped = 0; swapped < 2; swapped++)
                for (size_t i = 0; i < array_count(magics); i++)
                        if (read32(bytes, swapped) == magics[i].magic) {
                                layout->swapped = swapped;
                                layout->nanoseconds = magics[i].nanoseconds;
                                layout->header = magics[i].header;
                                return true;
                        }
        return false;
}

static enum capture_format format_of(const struct pcap_layout *layout)
{
        if (layout->swapped || layout->header != RECORD_HEADER)
                return CAPTURE_UNKNOWN;
        return layout->nanoseconds ? CAPTURE_PCAP_NANOSECONDS : CAPTURE_PCAP;
}

static int read_pcap_header(struct file *file, struct error *error)
{
        struct pcap_layout layout = {0};
        const uint8_t *bytes;
        uint32_t number;
        int link_type;

        if (!input_fill(&file->input, FILE_HEADER))
                return 0;
        bytes = file->input.bytes;
        if (!recognize(bytes, &layout) || read16(bytes + 4, layout.swapped) != 2 ||
            read16(bytes + 6, layout.swapped) != 4)
                return 0;
        number = read32(bytes + 20, layout.swapped);
        if (reader_describe_link(file, number, read32(bytes + 16, layout.swapped), &link_type,
                                 &layout.snapshot, error) < 0)
                return -1;
        if (reader_needs_libpcap(link_type, layout.swapped))
                return 0;
        if (layout.header == MODIFIED_RECORD_HEADER && link_type == DLT_EN10MB)
                layout.snapshot += PSEUDO_ETHERNET;
        layout.longest = reader_longest_packet(link_type);
        layout.format = format_of(&layout);
        file->layout = layout;
        file->capture.info.link_type = link_type;
        file->capture.info.link_type_extension = number & 0xfc000000u;
        file->capture.info.snapshot_length = layout.snapshot;
        file->capture.info.nanoseconds = layout.nanoseconds;
        input_consume(&file->input, FILE_HEADER);
        return 1;
}

const struct pcap_layout *pcap_layout_of(const struct file *file)
{
        return file->reader == &pcap_reader ? &file->layout : NULL;
}

/* One loop for each byte order, so that neither tests it for every packet. */
static inline __attribute__((always_inline)) const uint8_t *
walk(const struct pcap_layout *layout, bool swapped, const uint8_t *at, const uint8_t *end,
     struct packet *packets, size_t room, size_t *count)
{
        uint32_t header = layout->header;
        uint32_t most = layout->snapshot < layout->longest ? layout->snapshot : layout->longest;
        size_t n = 0;

        while (n < room && (size_t)(end - at) >= header) {
                uint32_t captured = read32(at + 8, swapped);

                if (captured > most || captured > (size_t)(end - at) - header)
                        break;
                packets[n++] = (struct packet){
                    .data = at + header, .captured = captured, .length = read32(at + 12, swapped)};
                at += header + captured;
        }
        *count = n;
        return at;
}

const uint8_t *pcap_walk(const struct pcap_layout *layout, const uint8_t *at, const uint8_t *end,
                         struct packet *packets, size_t room, size_t *count)
{
        return layout->swapped ? walk(layout, true, at, end, packets, room, count)
                               : walk(layout, false, at, end, packets, room, count);
}

/* Completes or rejects the first record of the input, which is incomplete in the buffer or invalid.
 * Returns CAPTURE_PACKET if it is complete now. */
static enum capture_result complete_record(struct file *file, const struct pcap_layout *layout,
                                           struct error *error)
{
        struct input *input = &file->input;
        uint32_t captured = 0;

        if (input_fill(input, layout->header)) {
                captured = read32(input->bytes + 8, layout->swapped);
                if (captured > layout->longest)
                        return reader_fail(file, error,
                                           "invalid packet capture length %" PRIu32
                                           " in the record at byte %" PRIu64
                                           ": the longest packet of this link type has %" PRIu32
                                           " bytes",
                                           captured, input->offset, layout->longest);
                if (input_fill(input, layout->header + (size_t)captured))
                        return CAPTURE_PACKET;
        }
        if (input->fault[0])
                return reader_fail(file, error, "%s", input->fault);
        if (input->count == 0)
                return CAPTURE_END;
        if (input->count < layout->header)
                return reader_fail(file, error,
                                   "truncated: the record at byte %" PRIu64 " has %zu of %" PRIu32
                                   " bytes of its header",
                                   input->offset, input->count, layout->header);
        return reader_fail(file, error,
                           "truncated: the packet of the record at byte %" PRIu64
                           " has %zu of %" PRIu32 " bytes",
                           input->offset, input->count - layout->header, captured);
}

/* Takes a complete record that the walk does not: its packet is longer than the file's snapshot
 * length and is cut to it. */
static void take_cut(struct file *file, const struct pcap_layout *layout,
                     struct capture_batch *batch)
{
        const uint8_t *at = file->input.bytes;
        uint32_t captured = read32(at + 8, layout->swapped);

        file->packets[0] = (struct packet){.data = at + layout->header,
                                           .captured = layout->snapshot,
                                           .length = read32(at + 12, layout->swapped)};
        batch->count = 1;
        batch->format = CAPTURE_UNKNOWN;
        input_consume(&file->input, layout->header + (size_t)captured);
}

static enum capture_result pcap_batch(struct file *file, struct capture_batch *batch,
                                      struct error *error)
{
        const struct pcap_layout *layout = &file->layout;
        struct input *input = &file->input;

        batch->link_type = file->capture.info.link_type;
        for (int complete = 0;; complete = 1) {
                if (!reader_room(file, input->count / layout->header, false)) {
                        error_memory(error);
                        return CAPTURE_ERROR;
                }
                batch->format = layout->format;
                batch->begin = input->bytes;
                batch->end = pcap_walk(layout, input->bytes, input->bytes + input->count,
                                       file->packets, file->room, &batch->count);
                if (batch->count > 0) {
                        input_consume(input, (size_t)(batch->end - batch->begin));
                        return CAPTURE_PACKET;
                }
                if (complete) {
                        take_cut(file, layout, batch);
                        return CAPTURE_PACKET;
                }
                enum capture_result result = complete_record(file, layout, error);

                if (result != CAPTURE_PACKET)
                        return result;
        }
}

static void pcap_record(const struct capture_batch *batch, size_t i, struct capture_record *record)
{
        const struct file *file = batch->keeper;
        const struct pcap_layout *layout = &file->layout;
        const uint8_t *header = batch->packets[i].data - layout->header;
        int32_t fraction = (int32_t)read32(header + 4, layout->swapped); /* libpcap has it signed */

        *record = (struct capture_record){
            .packet = batch->packets[i],
            .link_type = batch->link_type,
            .origin = file,
            .time = {.tv_sec = read32(header, layout->swapped),
                     .tv_nsec = layout->nanoseconds ? fraction : fraction * 1000L},
        };
}

const struct reader pcap_reader = {
    .open = read_pcap_header, .batch = pcap_batch, .record = pcap_record};

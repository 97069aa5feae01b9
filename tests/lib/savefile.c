/* See savefile.h. */
#include "savefile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void put(struct bytes *file, const void *data, size_t count)
{
        if (file->count + count > sizeof file->bytes)
                abort();
        if (count > 0)
                memcpy(file->bytes + file->count, data, count);
        file->count += count;
}

void put32(struct bytes *file, uint32_t value)
{
        value = file->swapped ? __builtin_bswap32(value) : value;
        put(file, &value, sizeof value);
}

void put16(struct bytes *file, uint16_t value)
{
        value = file->swapped ? __builtin_bswap16(value) : value;
        put(file, &value, sizeof value);
}

size_t open_block(struct bytes *file, uint32_t type)
{
        size_t at = file->count;

        put32(file, type);
        put32(file, 0);
        return at;
}

void close_block(struct bytes *file, size_t at)
{
        uint32_t length = (uint32_t)(file->count - at) + 4;

        put32(file, length);
        memcpy(file->bytes + at + 4, file->bytes + file->count - 4, 4);
}

void put_option(struct bytes *file, uint16_t code, const void *value, uint16_t length)
{
        static const uint8_t padding[4];

        put16(file, code);
        put16(file, length);
        put(file, value, length);
        put(file, padding, (4 - length % 4) % 4);
}

void put_section(struct bytes *file, uint32_t section_length)
{
        size_t at = open_block(file, 0x0a0d0d0a);

        put32(file, 0x1a2b3c4d);
        put16(file, 1);
        put16(file, 0);
        put32(file, section_length);
        put32(file, section_length);
        put_option(file, 1, "a section's comment", 19);
        put_option(file, 0, NULL, 0);
        close_block(file, at);
}

void put_interface(struct bytes *file, uint16_t link, uint32_t snapshot, uint8_t resolution,
                   int32_t offset)
{
        uint64_t added = (uint64_t)(int64_t)offset;
        size_t at = open_block(file, 1);

        put16(file, link);
        put16(file, 0);
        put32(file, snapshot);
        put_option(file, 2, "eth7", 4);
        put_option(file, 9, &resolution, 1);
        added = file->swapped ? __builtin_bswap64(added) : added;
        put_option(file, 14, &added, sizeof added);
        put_option(file, 0, NULL, 0);
        close_block(file, at);
}

static void put_padded(struct bytes *file, uint8_t fill, uint32_t count)
{
        for (uint32_t i = 0; i < (count + 3) / 4 * 4; i++) {
                uint8_t byte = i < count ? fill : 0;

                put(file, &byte, 1);
        }
}

void put_packet(struct bytes *file, uint32_t interface, uint64_t stamp, uint8_t fill,
                uint32_t captured)
{
        size_t at = open_block(file, 6);

        put32(file, interface);
        put32(file, (uint32_t)(stamp >> 32));
        put32(file, (uint32_t)stamp);
        put32(file, captured);
        put32(file, captured + 5);
        put_padded(file, fill, captured);
        put_option(file, 1, "a packet's comment", 18);
        put_option(file, 0, NULL, 0);
        close_block(file, at);
}

void put_obsolete_packet(struct bytes *file, uint16_t interface, uint64_t stamp, uint8_t fill,
                         uint32_t captured)
{
        size_t at = open_block(file, 2);

        put16(file, interface);
        put16(file, 0xffff);
        put32(file, (uint32_t)(stamp >> 32));
        put32(file, (uint32_t)stamp);
        put32(file, captured);
        put32(file, captured);
        put_padded(file, fill, captured);
        close_block(file, at);
}

void put_simple_packet(struct bytes *file, uint8_t fill, uint32_t length, uint32_t captured)
{
        size_t at = open_block(file, 3);

        put32(file, length);
        put_padded(file, fill, captured);
        close_block(file, at);
}

void put_unknown_block(struct bytes *file)
{
        size_t at = open_block(file, 0x0bad);

        put(file, "whatever", 8);
        close_block(file, at);
}

void put_pcap_header(struct bytes *file)
{
        static const struct {
                uint32_t magic;
                uint16_t major, minor;
                uint32_t zone, accuracy, snapshot, link_type;
        } header = {0xa1b2c3d4, 2, 4, 0, 0, 262144, 1};

        put(file, &header, sizeof header);
}

void put_record(struct bytes *file, uint32_t seconds, const void *data, uint32_t captured)
{
        uint32_t record[] = {seconds, 7, captured, captured};

        put(file, record, sizeof record);
        put(file, data, captured);
}

/* --- Reading and copying them --- */

static _Noreturn void give_up(const struct error *error)
{
        fprintf(stderr, "%s\n", error->message);
        abort();
}

struct capture *open_or_fail(const char *path)
{
        struct error error = {0};
        struct capture *capture = capture_open_file(path, &error);

        if (!capture)
                give_up(&error);
        capture_allow_links(capture);
        return capture;
}

static void add_to_sum(uint64_t *sum, const void *data, size_t count)
{
        const uint8_t *bytes = data;

        for (size_t i = 0; i < count; i++)
                *sum = (*sum ^ bytes[i]) * 0x100000001b3u;
}

struct digest digest_of(struct capture *capture, struct capture_writer *writer)
{
        struct digest digest = {0};
        struct capture_batch batch;

        while ((digest.end = capture_next_batch(capture, &batch, &digest.error)) ==
               CAPTURE_PACKET) {
                digest.packets += batch.seen;
                for (size_t i = 0; i < batch.count; i++) {
                        struct capture_record record;

                        if (batch.verdicts[i] == 0)
                                continue;
                        capture_batch_record(&batch, i, &record);
                        digest.passed++;
                        add_to_sum(&digest.sum, record.packet.data, record.packet.captured);
                        add_to_sum(&digest.sum, &record.time, sizeof record.time);
                        add_to_sum(&digest.sum, &record.packet.length, sizeof record.packet.length);
                }
                if (writer &&
                    capture_writer_batch(writer, &batch, 0, batch.count, &digest.error) < 0)
                        give_up(&digest.error);
        }
        capture_close(capture);
        return digest;
}

void choose_even(void *context, int link_type, const struct packet *packets, size_t count,
                 uint32_t *verdicts)
{
        (void)context, (void)link_type;
        for (size_t i = 0; i < count; i++)
                verdicts[i] = packets[i].captured % 2 == 0;
}

struct digest copy(const char *from, const char *to, enum capture_format format,
                   enum capture_compression compression, capture_selector *selector)
{
        struct capture *capture = open_or_fail(from);
        struct capture_writer_options options = {
            .format = format,
            .compression = compression,
            .link_type = capture_info(capture)->link_type,
            .snapshot_length = capture_info(capture)->snapshot_length,
            .nanoseconds = capture_info(capture)->nanoseconds,
        };
        struct error error = {0};
        struct capture_writer *writer = capture_writer_create(to, &options, &error);
        struct digest digest;

        if (!writer)
                give_up(&error);
        if (selector)
                capture_select(capture, selector, NULL);
        digest = digest_of(capture, writer);
        if (capture_writer_close(writer, &error) < 0)
                give_up(&error);
        return digest;
}

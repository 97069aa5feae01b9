/* Writing pcapng: a section that says where it was captured, an interface for each that packets
 * come from, packets with what is known of them, and at the end of a live capture each interface's
 * statistics. All is in this machine's byte order, except behind a section that was copied from a
 * file in the other one. */
#include "pcapng.h"
#include "reader.h"
#include "sink.h"

#include "base/array.h"
#include "base/hash.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum {
        MAX_INTERFACES = 1 << 16,
        OPTION_HEADER = 4,
        FLAGS_OPTION = OPTION_HEADER + 4,
        DROPPED_OPTION = OPTION_HEADER + 8,
        MAX_TEXT = UINT16_MAX - 1, /* in an option, perhaps behind a byte of another kind */
};

/* An interface that the file describes. */
struct interface {
        const void *origin; /* the file, or live, the capture's description of it */
        uint32_t section;
        uint32_t number; /* at its origin */
        int link_type;
        bool live;
        bool copied; /* its block was copied and may have other units of time */
};

struct pcapng_writer {
        struct sink *sink;
        const char *name;
        const struct capture_writer_options *options;
        bool begun;   /* a section is there */
        bool swapped; /* and it is in the other byte order */
        struct interface *interfaces;
        size_t count, room;
        struct hash_table table; /* of the interfaces */
        uint32_t last;           /* the interface of the packet before */
        struct text block;       /* being made */
};

/* --- Making a block --- */

static void put32(struct pcapng_writer *writer, uint32_t value)
{
        value = writer->swapped ? __builtin_bswap32(value) : value;
        text_put(&writer->block, (const char *)&value, sizeof value);
}

static void put16(struct pcapng_writer *writer, uint16_t value)
{
        value = writer->swapped ? __builtin_bswap16(value) : value;
        text_put(&writer->block, (const char *)&value, sizeof value);
}

static void open_block(struct pcapng_writer *writer, uint32_t type)
{
        writer->block.length = 0;
        put32(writer, type);
        put32(writer, 0);
}

static void pad(struct pcapng_writer *writer)
{
        while (writer->block.length % 4 != 0)
                text_char(&writer->block, '\0');
}

static void put_option(struct pcapng_writer *writer, uint16_t code, const void *value,
                       size_t length)
{
        put16(writer, code);
        put16(writer, (uint16_t)length);
        text_put(&writer->block, value, length);
        pad(writer);
}

/* An option that is left out where there is no text. */
static void put_text(struct pcapng_writer *writer, uint16_t code, const char *text)
{
        if (text && *text)
                put_option(writer, code, text, strnlen(text, MAX_TEXT));
}

static void put_number(struct pcapng_writer *writer, uint16_t code, uint64_t value)
{
        value = writer->swapped ? __builtin_bswap64(value) : value;
        put_option(writer, code, &value, sizeof value);
}

/* Ends the block with its length, which is also at its start, and writes it. */
static int close_block(struct pcapng_writer *writer, struct error *error)
{
        struct text *block = &writer->block;

        put32(writer, (uint32_t)block->length + 4);
        if (block->failed)
                return error_memory(error);
        memcpy(block->start + 4, block->start + block->length - 4, 4);
        return sink_put(writer->sink, block->start, block->length, error);
}

static int close_options(struct pcapng_writer *writer, struct error *error)
{
        put32(writer, OPTION_END);
        return close_block(writer, error);
}

static void put_comments(struct pcapng_writer *writer)
{
        for (size_t i = 0; i < writer->options->comment_count; i++)
                put_text(writer, OPTION_COMMENT, writer->options->comments[i]);
}

/* --- Sections and interfaces --- */

static int put_section(struct pcapng_writer *writer, struct error *error)
{
        const struct capture_section *section = &writer->options->section;

        open_block(writer, BLOCK_SECTION);
        put32(writer, BYTE_ORDER_MAGIC);
        put16(writer, 1); /* the version: 1.0 */
        put16(writer, 0);
        put32(writer, UINT32_MAX); /* the length, not known */
        put32(writer, UINT32_MAX);
        put_comments(writer);
        put_text(writer, SECTION_HARDWARE, section->hardware);
        put_text(writer, SECTION_OS, section->os);
        put_text(writer, SECTION_APPLICATION, section->application);
        return close_options(writer, error);
}

static void put_filter(struct pcapng_writer *writer, const char *filter)
{
        const size_t length = strnlen(filter, MAX_TEXT);

        put16(writer, INTERFACE_FILTER);
        put16(writer, (uint16_t)(1 + length));
        text_char(&writer->block, '\0'); /* the kind: text */
        text_put(&writer->block, filter, length);
        pad(writer);
}

/* `on` says what is known of it. */
static int put_interface(struct pcapng_writer *writer, const struct interface *interface,
                         const struct capture_interface *on, struct error *error)
{
        const struct capture_writer_options *options = writer->options;
        const char *filter = on->filter ? on->filter : options->filter;
        const char *os = on->os || !interface->live ? on->os : options->section.os;
        uint8_t digits = options->nanoseconds ? 9 : 6;
        uint8_t header[PCAP_FILE_HEADER];

        if (reader_file_header(writer->name, interface->link_type, options->snapshot_length,
                               options->nanoseconds, header, error) < 0)
                return -1;
        open_block(writer, BLOCK_INTERFACE);
        put16(writer, (uint16_t)read32(header + PCAP_LINK_TYPE, false));
        put16(writer, 0);
        put32(writer, options->snapshot_length);
        put_text(writer, INTERFACE_NAME, on->name);
        put_text(writer, INTERFACE_DESCRIPTION, on->description);
        if (on->speed)
                put_number(writer, INTERFACE_SPEED, on->speed);
        put_option(writer, INTERFACE_TIME_RESOLUTION, &digits, sizeof digits);
        if (filter)
                put_filter(writer, filter);
        put_text(writer, INTERFACE_OS, os);
        put_text(writer, INTERFACE_HARDWARE, on->hardware);
        return close_options(writer, error);
}

static bool same_interface(const struct interface *a, const struct interface *b)
{
        return a->origin == b->origin && a->section == b->section && a->number == b->number &&
               a->link_type == b->link_type && a->copied == b->copied;
}

static uint32_t hash_of(const struct interface *interface)
{
        uint64_t hash = hash_mix(interface->copied, (uintptr_t)interface->origin);

        hash = hash_mix(hash, interface->section);
        hash = hash_mix(hash, interface->number);
        return hash_fold(hash_mix(hash, (uint32_t)interface->link_type));
}

/* Adds an interface that the file does not describe yet. */
static int add_interface(struct pcapng_writer *writer, const struct interface *added,
                         struct error *error)
{
        if (writer->count == MAX_INTERFACES)
                return error_set(error, "%s: more than %d interfaces", writer->name,
                                 MAX_INTERFACES);
        if (!array_grow(writer->interfaces, writer->room, writer->count + 1) ||
            !hash_put(&writer->table, hash_of(added), (uint32_t)writer->count))
                return error_memory(error);
        writer->last = (uint32_t)writer->count;
        writer->interfaces[writer->count++] = *added;
        return 0;
}

/* Makes `wanted` the last interface. Returns false if the file does not describe it. */
static bool find_interface(struct pcapng_writer *writer, const struct interface *wanted)
{
        uint32_t hash, at, item;

        if (writer->count > 0 && same_interface(&writer->interfaces[writer->last], wanted))
                return true;
        at = hash = hash_of(wanted);
        while ((item = hash_next(&writer->table, hash, &at)) != HASH_NONE)
                if (same_interface(&writer->interfaces[item], wanted)) {
                        writer->last = item;
                        return true;
                }
        return false;
}

static int describe(struct pcapng_writer *writer, const struct interface *wanted,
                    const struct capture_interface *on, struct error *error)
{
        static const struct capture_interface nothing;

        if (find_interface(writer, wanted))
                return 0;
        if (add_interface(writer, wanted, error) < 0)
                return -1;
        return put_interface(writer, wanted, on ? on : &nothing, error);
}

/* The interface on which a packet was captured. */
static struct interface interface_of(const struct pcapng_writer *writer,
                                     const struct capture_record *record)
{
        bool live = !record->origin && record->on;

        return (struct interface){
            .origin = live ? (const void *)record->on : record->origin,
            .section = record->section,
            .number = record->interface,
            .link_type = record->origin ? record->link_type
                         : live         ? record->on->link_type
                                        : writer->options->link_type,
            .live = live,
        };
}

/* Describes all interfaces that a live capture knows, or one without a name: the link type is
 * stated also where there are no packets. */
static int put_known_interfaces(struct pcapng_writer *writer, struct error *error)
{
        const struct capture *live = writer->options->live;
        struct interface wanted = {.link_type = writer->options->link_type};
        const struct capture_interface *on = NULL;

        for (uint32_t i = 0; live && (on = capture_interface(live, i)); i++) {
                struct capture_record record = {.on = on};

                wanted = interface_of(writer, &record);
                if (describe(writer, &wanted, on, error) < 0)
                        return -1;
        }
        /* A live capture that waits for its first interface has none to describe. */
        if (writer->count > 0 || wanted.link_type < 0)
                return 0;
        return describe(writer, &wanted, NULL, error);
}

static int begin(struct pcapng_writer *writer, struct error *error)
{
        if (writer->begun)
                return 0;
        writer->begun = true;
        return put_section(writer, error);
}

int pcapng_begin(struct pcapng_writer *writer, struct error *error)
{
        if (writer->begun)
                return 0;
        return begin(writer, error) < 0 ? -1 : put_known_interfaces(writer, error);
}

/* --- Packets --- */

/* A time that the file's resolution cannot hold, as one of coarser resolution may be, keeps its
 * lower 64 bits. */
static uint64_t stamp_of(const struct pcapng_writer *writer, const struct timespec *time)
{
        uint64_t units = writer->options->nanoseconds ? 1000000000 : 1000000;

        return (uint64_t)time->tv_sec * units + (uint64_t)time->tv_nsec / (1000000000 / units);
}

static uint8_t *option_at(uint8_t *at, uint16_t code, const void *value, uint16_t length)
{
        uint16_t header[] = {code, length};

        memcpy(at, header, sizeof header);
        memset(at + OPTION_HEADER + length / 4 * 4, 0, length % 4 ? 4 : 0);
        memcpy(at + OPTION_HEADER, value, length);
        return at + OPTION_HEADER + (length + 3u) / 4 * 4;
}

/* What is known of a packet, for its block. */
struct remarks {
        uint32_t flags;
        uint64_t dropped;
        const char *comment;
        uint16_t comment_length;
        uint32_t length; /* of all options, with the one that ends them; 0 if there is none */
};

static struct remarks remarks_of(const struct capture_record *record)
{
        struct remarks remarks = {
            .flags = record->flags ? record->flags : pcapng_flags_of(record->passage),
            .dropped = record->dropped,
            .comment = record->comment,
        };

        if (remarks.flags)
                remarks.length += FLAGS_OPTION;
        if (remarks.dropped)
                remarks.length += DROPPED_OPTION;
        if (remarks.comment) {
                remarks.comment_length = (uint16_t)strnlen(remarks.comment, MAX_TEXT);
                remarks.length += OPTION_HEADER + (remarks.comment_length + 3u) / 4 * 4;
        }
        if (remarks.length)
                remarks.length += OPTION_HEADER;
        return remarks;
}

static void put_remarks(uint8_t *at, const struct remarks *remarks)
{
        if (remarks->length == 0)
                return;
        if (remarks->comment)
                at = option_at(at, OPTION_COMMENT, remarks->comment, remarks->comment_length);
        if (remarks->flags)
                at = option_at(at, PACKET_FLAGS, &remarks->flags, sizeof remarks->flags);
        if (remarks->dropped)
                at = option_at(at, PACKET_DROPPED, &remarks->dropped, sizeof remarks->dropped);
        memset(at, 0, OPTION_HEADER);
}

int pcapng_put_packet(struct pcapng_writer *writer, const struct capture_record *record,
                      struct error *error)
{
        uint32_t captured = record->packet.captured, padded = (captured + 3) & ~3u;
        struct remarks remarks = remarks_of(record);
        uint32_t length = BLOCK_OVERHEAD + PACKET_BODY + padded + remarks.length;
        uint64_t stamp = stamp_of(writer, &record->time);
        struct interface wanted = interface_of(writer, record);
        uint8_t *block;

        if (begin(writer, error) < 0 || describe(writer, &wanted, record->on, error) < 0 ||
            !(block = sink_room(writer->sink, length, error)))
                return -1;
        uint32_t header[] = {
            BLOCK_ENHANCED_PACKET, length,   writer->last,          (uint32_t)(stamp >> 32),
            (uint32_t)stamp,       captured, record->packet.length,
        };

        memcpy(block, header, sizeof header);
        memcpy(block + sizeof header, record->packet.data, captured);
        memset(block + sizeof header + captured, 0, padded - captured);
        put_remarks(block + sizeof header + padded, &remarks);
        memcpy(block + length - sizeof length, &length, sizeof length);
        sink_count(writer->sink, 1);
        return 0;
}

/* --- Copying from one of several files --- */

/* The block's options, `fixed` bytes behind its header, brought into this machine's byte order. */
static void put_options_of(struct pcapng_writer *writer, const struct pcapng_block *block,
                           size_t fixed)
{
        const struct pcapng_options options = {
            .at = block->bytes + BLOCK_HEADER + fixed,
            .end = block->bytes + block->length - (BLOCK_OVERHEAD - BLOCK_HEADER),
            .swapped = block->swapped,
        };

        pcapng_put_options(&writer->block, read32(block->bytes, block->swapped), options);
}

/* A number of 32 bits in the block, `at` bytes behind its header. */
static uint32_t number_in(const struct pcapng_block *block, size_t at)
{
        return read32(block->bytes + BLOCK_HEADER + at, block->swapped);
}

/* Makes the interface of another file, whose block is given, the last one. */
static int copy_interface(struct pcapng_writer *writer, const struct interface *wanted,
                          const struct pcapng_block *block, struct error *error)
{
        if (find_interface(writer, wanted))
                return 0;
        if (add_interface(writer, wanted, error) < 0)
                return -1;
        if (!block->swapped)
                return sink_put(writer->sink, block->bytes, block->length, error);
        open_block(writer, BLOCK_INTERFACE);
        put16(writer, read16(block->bytes + BLOCK_HEADER, true));
        put16(writer, 0);
        put32(writer, number_in(block, 4));
        put_options_of(writer, block, INTERFACE_BODY);
        return close_options(writer, error);
}

/* From the other byte order, or an obsolete block, where what was dropped is not among the options.
 */
static int put_translated(struct pcapng_writer *writer, const struct pcapng_block *block,
                          const struct capture_record *record, struct error *error)
{
        uint32_t captured = record->packet.captured;
        size_t body = PACKET_BODY + ((size_t)captured + 3) / 4 * 4;

        open_block(writer, BLOCK_ENHANCED_PACKET);
        put32(writer, writer->last);
        put32(writer, number_in(block, 4));
        put32(writer, number_in(block, 8));
        put32(writer, captured);
        put32(writer, record->packet.length);
        text_put(&writer->block, (const char *)record->packet.data, captured);
        pad(writer);
        if (block->length > BLOCK_OVERHEAD + body)
                put_options_of(writer, block, body);
        if (read32(block->bytes, block->swapped) == BLOCK_OBSOLETE_PACKET && record->dropped)
                put_number(writer, PACKET_DROPPED, record->dropped);
        return close_options(writer, error);
}

/* The same byte order and kind: only the number of the interface is a new one. */
static int put_copy(struct pcapng_writer *writer, const struct capture_extent *extent,
                    struct error *error)
{
        uint8_t *copy = sink_room(writer->sink, extent->length, error);

        if (!copy)
                return -1;
        memcpy(copy, extent->bytes, extent->length);
        memcpy(copy + BLOCK_HEADER, &writer->last, sizeof writer->last);
        return 0;
}

int pcapng_copy_packet(struct pcapng_writer *writer, const struct capture_batch *batch, size_t i,
                       const struct capture_record *record, bool *done, struct error *error)
{
        const struct file *file = batch->keeper;
        struct interface wanted = interface_of(writer, record);
        struct pcapng_block interface, block;
        uint32_t type;
        int failed;

        *done = false;
        if (!file->reader->interface_block)
                return 0;
        interface = file->reader->interface_block(file, record->interface);
        block = (struct pcapng_block){batch->extents[i].bytes, batch->extents[i].length,
                                      interface.swapped};
        type = read32(block.bytes, block.swapped);
        if (type == BLOCK_SIMPLE_PACKET) /* it has no time, which a copied interface may shift */
                return 0;
        *done = true;
        wanted.copied = true;
        if (begin(writer, error) < 0 || copy_interface(writer, &wanted, &interface, error) < 0)
                return -1;
        if (!block.swapped && type == BLOCK_ENHANCED_PACKET)
                failed = put_copy(writer, &batch->extents[i], error);
        else
                failed = put_translated(writer, &block, record, error);
        if (!failed)
                sink_count(writer->sink, 1);
        return failed;
}

/* Makes the interface of these statistics the last one, which is described now if it had no packet.
 */
static int describe_counted(struct pcapng_writer *writer, const struct file *file,
                            const struct pcapng_statistics *statistics, struct error *error)
{
        const struct interface wanted = {
            .origin = file,
            .section = statistics->section,
            .number = statistics->number,
            .link_type = statistics->link_type,
            .copied = true,
        };

        return copy_interface(writer, &wanted, &statistics->interface, error);
}

static int copy_statistics(struct pcapng_writer *writer, const struct file *file,
                           const struct pcapng_statistics *statistics, struct error *error)
{
        if (describe_counted(writer, file, statistics, error) < 0)
                return -1;
        open_block(writer, BLOCK_STATISTICS);
        put32(writer, writer->last);
        put32(writer, number_in(&statistics->block, 4));
        put32(writer, number_in(&statistics->block, 8));
        put_options_of(writer, &statistics->block, STATISTICS_BODY);
        return close_options(writer, error);
}

typedef int use_statistics(struct pcapng_writer *writer, const struct file *file,
                           const struct pcapng_statistics *statistics, struct error *error);

static int for_merged(struct pcapng_writer *writer, use_statistics *use, struct error *error)
{
        const struct capture *merged = writer->options->merged, *capture;

        for (size_t i = 0; (capture = merged->source->merged(merged, i)); i++) {
                const struct file *file = (const struct file *)capture;
                const struct pcapng_kept *kept =
                    file->reader->statistics ? file->reader->statistics(file) : NULL;

                for (size_t n = 0; kept && n < kept->count; n++)
                        if (use(writer, file, &kept->list[n], error) < 0)
                                return -1;
        }
        return 0;
}

/* What the files say of their interfaces, behind all other blocks. */
static int put_merged_statistics(struct pcapng_writer *writer, struct error *error)
{
        if (for_merged(writer, describe_counted, error) < 0)
                return -1;
        return for_merged(writer, copy_statistics, error);
}

/* --- Copying all of a file --- */

/* Writes a section's block with comments added to its options. */
static int put_commented(struct pcapng_writer *writer, const uint8_t *block, size_t length,
                         struct error *error)
{
        struct pcapng_options options = {
            .at = block + BLOCK_HEADER + SECTION_BODY,
            .end = block + length - (BLOCK_OVERHEAD - BLOCK_HEADER),
            .swapped = writer->swapped,
        };
        struct pcapng_option option;

        while (pcapng_next_option(&options, &option)) {
        }
        writer->block.length = 0;
        text_put(&writer->block, (const char *)block, (size_t)(options.at - block));
        put_comments(writer);
        return close_options(writer, error);
}

int pcapng_put_preamble(struct pcapng_writer *writer, const struct file *file, struct error *error)
{
        bool first = !writer->begun;
        const uint8_t *bytes;
        size_t length, section = 0;

        file->reader->preamble(file, &bytes, &length);
        writer->begun = true;
        writer->swapped = read32(bytes + BLOCK_HEADER, false) != BYTE_ORDER_MAGIC;
        if (first && writer->options->comment_count > 0) {
                section = read32(bytes + 4, writer->swapped);
                if (put_commented(writer, bytes, section, error) < 0)
                        return -1;
        }
        if (length == section)
                return 0;
        return sink_put(writer->sink, bytes + section, length - section, error);
}

/* --- The end --- */

int pcapng_put_names(struct pcapng_writer *writer, const struct capture_name *names, size_t count,
                     struct error *error)
{
        if (count == 0)
                return 0;
        if (pcapng_begin(writer, error) < 0)
                return -1;
        open_block(writer, BLOCK_NAMES);
        for (size_t i = 0; i < count; i++) {
                size_t address = names[i].family == AF_INET ? 4 : 16;
                size_t length = strnlen(names[i].name, UINT8_MAX);

                put16(writer, address == 4 ? NAMES_IP4 : NAMES_IP6);
                put16(writer, (uint16_t)(address + length + 1));
                text_put(&writer->block, (const char *)names[i].address, address);
                text_put(&writer->block, names[i].name, length);
                text_char(&writer->block, '\0');
                pad(writer);
        }
        put32(writer, 0); /* the record that ends them */
        return close_block(writer, error);
}

static void put_time(struct pcapng_writer *writer, uint16_t code, const struct timespec *time)
{
        uint64_t stamp = stamp_of(writer, time);
        uint32_t halves[] = {(uint32_t)(stamp >> 32), (uint32_t)stamp};

        put_option(writer, code, halves, sizeof halves);
}

/* What was received is what was delivered or dropped: the kernel also counts packets that filt
 * passes over, such as the second copy of those sent over the loopback interface. */
static int put_statistics(struct pcapng_writer *writer, uint32_t number,
                          const struct capture_interface *on, struct error *error)
{
        uint64_t received = on->delivered + on->dropped;
        struct timespec now;
        uint64_t stamp;

        clock_gettime(CLOCK_REALTIME, &now);
        stamp = stamp_of(writer, &now);
        open_block(writer, BLOCK_STATISTICS);
        put32(writer, number);
        put32(writer, (uint32_t)(stamp >> 32));
        put32(writer, (uint32_t)stamp);
        put_time(writer, STATISTICS_BEGAN, &writer->options->began);
        put_time(writer, STATISTICS_ENDED, &now);
        if (on->counted) {
                put_number(writer, STATISTICS_RECEIVED, received);
                put_number(writer, STATISTICS_DROPPED, on->dropped);
                put_number(writer, STATISTICS_ACCEPTED, received);
                put_number(writer, STATISTICS_DROPPED_BY_OS, on->dropped);
        }
        put_number(writer, STATISTICS_DELIVERED, on->delivered);
        return close_options(writer, error);
}

/* Each interface's; or, where packets are not counted for each, as on `any`, those of all on the
 * one without a name that was described before any was known. */
static int put_all_statistics(struct pcapng_writer *writer, struct error *error)
{
        struct capture_interface all = {
            .counted = true, .dropped = capture_statistics(writer->options->live).dropped};
        const struct interface none = {.link_type = DLT_EN10MB};
        bool counted = false;

        if (writer->count == 0) /* no interface has come: readers want one, whatever its kind */
                return describe(writer, &none, NULL, error);
        for (size_t i = 0; i < writer->count; i++) {
                const struct capture_interface *on = writer->interfaces[i].origin;

                if (!on)
                        continue;
                if (put_statistics(writer, (uint32_t)i, on, error) < 0)
                        return -1;
                counted |= on->counted;
                all.delivered += on->delivered;
        }
        if (counted || writer->interfaces[0].origin)
                return 0;
        return put_statistics(writer, 0, &all, error);
}

int pcapng_finish(struct pcapng_writer *writer, struct error *error)
{
        if (writer->options->merged &&
            (begin(writer, error) < 0 || put_merged_statistics(writer, error) < 0))
                return -1;
        if (writer->options->merged && writer->count == 0)
                return put_known_interfaces(writer, error);
        if (pcapng_begin(writer, error) < 0)
                return -1;
        return writer->options->live ? put_all_statistics(writer, error) : 0;
}

struct pcapng_writer *pcapng_writer_new(struct sink *sink, const char *name,
                                        const struct capture_writer_options *options)
{
        struct pcapng_writer *writer = calloc(1, sizeof *writer);

        if (writer) {
                writer->sink = sink;
                writer->name = name;
                writer->options = options;
        }
        return writer;
}

void pcapng_writer_free(struct pcapng_writer *writer)
{
        if (!writer)
                return;
        hash_free(&writer->table);
        text_free(&writer->block);
        free(writer->interfaces);
        free(writer);
}

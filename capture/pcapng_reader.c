/* pcapng files: blocks, each with its length at both ends. Sections may follow one another in
 * either byte order, each with interfaces of its own; a packet names its interface, which has a
 * link type, a snapshot length, and the unit and zero of its time stamps. What is neither section,
 * interface nor packet is skipped, but stays part of the batch's bytes for those who copy them. */
#include "pcapng.h"
#include "reader.h"

#include "base/array.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        LONGEST_BLOCK = 16 << 20, /* as libpcap's */
        MAX_INTERFACES = 1 << 16,
        MAX_PREAMBLE = 32 << 20,
        MAX_BEFORE = 64 << 20, /* bytes before the first interface, all kept in memory */
};

struct interface {
        int link_type;
        uint32_t number; /* LINKTYPE_*, as in the file */
        uint32_t stated; /* snapshot length in the file */
        uint32_t snapshot;
        uint64_t units; /* of time stamps, per second */
        int64_t offset; /* seconds added to time stamps */
        size_t block;   /* its block in the preamble */
        uint32_t block_length;
        size_t statistics;              /* where they are kept; 0: nowhere */
        struct capture_interface *said; /* its description */
};

struct pcapng {
        bool swapped;      /* the section's byte order */
        uint32_t sections; /* so far */
        struct interface *interfaces;
        size_t count;
        size_t room;
        uint8_t *preamble; /* the section header and the blocks of its interfaces, unchanged */
        size_t preamble_length;
        size_t preamble_room;
        struct capture_section *said; /* by the section */
        struct pcapng_kept kept;      /* statistics */
        struct text comment;          /* of the packet whose record was filled last */
        bool needs_libpcap;           /* for the link type of an interface */
        bool lacks_memory;
        char wrong[200]; /* with the current block */
};

/* A block that is completely in memory. */
struct block {
        uint32_t type;
        uint32_t length;
        const uint8_t *bytes;
        const uint8_t *body;
        uint32_t body_length;
};

enum parsed {
        PARSED,
        INCOMPLETE,
        LATER, /* it belongs to the next batch */
        WRONG, /* `wrong` says why */
};

static __attribute__((format(printf, 2, 3))) enum parsed wrong(struct pcapng *state,
                                                               const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(state->wrong, sizeof state->wrong, format, arguments);
        va_end(arguments);
        return WRONG;
}

/* Finds the block at `at` and its byte order, which a section header states after its length. Of
 * `state` only `wrong` changes. */
static enum parsed find_block(struct pcapng *state, const uint8_t *at, size_t left,
                              struct block *block, bool *swapped, size_t *wanted)
{
        *wanted = BLOCK_OVERHEAD;
        if (left < BLOCK_OVERHEAD)
                return INCOMPLETE;
        *swapped = state->swapped;
        block->type = read32(at, *swapped);
        if (block->type == BLOCK_SECTION) {
                *swapped = read32(at + BLOCK_HEADER, false) != BYTE_ORDER_MAGIC;
                if (read32(at + BLOCK_HEADER, *swapped) != BYTE_ORDER_MAGIC)
                        return wrong(state, "a section without the byte-order magic");
        }
        block->length = read32(at + 4, *swapped);
        if (block->length < BLOCK_OVERHEAD || block->length % 4 != 0)
                return wrong(state, "a block of %" PRIu32 " bytes, not a multiple of 4 from 12",
                             block->length);
        if (block->length > LONGEST_BLOCK)
                return wrong(state, "a block of %" PRIu32 " bytes, more than %d", block->length,
                             LONGEST_BLOCK);
        *wanted = block->length;
        if (left < block->length)
                return INCOMPLETE;
        /* As libpcap, take the file's first section whatever its second length. */
        if (read32(at + block->length - 4, *swapped) != block->length &&
            (block->type != BLOCK_SECTION || state->sections > 0))
                return wrong(state, "a block whose lengths at both ends differ");
        block->bytes = at;
        block->body = at + BLOCK_HEADER;
        block->body_length = block->length - BLOCK_OVERHEAD;
        return PARSED;
}

static enum parsed lacks_memory(struct pcapng *state)
{
        state->lacks_memory = true;
        return WRONG;
}

/* Adds a block to the preamble. */
static enum parsed keep(struct pcapng *state, const struct block *block)
{
        size_t needed = state->preamble_length + block->length;

        if (needed > MAX_PREAMBLE)
                return wrong(state, "more interfaces than can be kept");
        if (!array_grow(state->preamble, state->preamble_room, needed))
                return lacks_memory(state);
        memcpy(state->preamble + state->preamble_length, block->bytes, block->length);
        if (block->type == BLOCK_SECTION) {
                /* Packets may be omitted: the length becomes unknown. The block's own may have been
                 * wrong at the end. */
                memset(state->preamble + BLOCK_HEADER + 8, 0xff, 8);
                memcpy(state->preamble + needed - 4, block->bytes + 4, 4);
        }
        state->preamble_length = needed;
        return PARSED;
}

/* The options of a block behind its fixed part of `fixed` bytes. */
static struct pcapng_options options_of(const struct pcapng *state, const uint8_t *block,
                                        uint32_t length, size_t fixed)
{
        return (struct pcapng_options){
            .at = block + BLOCK_HEADER + fixed,
            .end = block + length - (BLOCK_OVERHEAD - BLOCK_HEADER),
            .swapped = state->swapped,
        };
}

/* Forgets the section and its interfaces. */
static void forget_section(struct pcapng *state)
{
        for (size_t i = 0; i < state->count; i++)
                free(state->interfaces[i].said);
        state->count = 0;
        free(state->said);
        state->said = NULL;
}

static enum parsed take_section(struct file *file, const struct block *block, bool swapped)
{
        struct pcapng *state = file->state;
        unsigned major, minor;

        if (block->body_length < SECTION_BODY)
                return wrong(state, "a section's block of only %" PRIu32 " bytes", block->length);
        /* What was called 1.2 for a while is the same. As in libpcap, the minor number of a
         * later section does not matter. */
        major = read16(block->body + 4, swapped);
        minor = read16(block->body + 6, swapped);
        if (major != 1 || (state->sections == 0 && minor != 0 && minor != 2))
                return wrong(state, "a section of version %u.%u, which nobody knows", major, minor);
        if (state->sections > 0 && file->capture.section_ended)
                file->capture.section_ended(file->capture.section_context);
        forget_section(state);
        state->swapped = swapped;
        state->sections++;
        state->preamble_length = 0;
        state->said =
            pcapng_section_said(options_of(state, block->bytes, block->length, SECTION_BODY));
        if (!state->said)
                return lacks_memory(state);
        if (state->sections > 1 && file->capture.section_began)
                file->capture.section_began(file->capture.section_context);
        return keep(state, block);
}

/* `value` counts decimal digits after the point or, with the top bit, binary ones. */
static enum parsed set_resolution(struct pcapng *state, struct interface *interface, uint8_t value)
{
        const int base = value & 0x80 ? 2 : 10;
        unsigned power = value & 0x7f;

        if (power > (base == 2 ? 63 : 19))
                return wrong(state, "an interface's time resolution of %d^-%u, which is too fine",
                             base, power);
        interface->units = 1;
        while (power-- > 0)
                interface->units *= (uint64_t)base;
        return PARSED;
}

/* Notes whether interfaces have different names. */
static enum parsed take_name(struct capture *capture, const struct pcapng_option *option)
{
        const char *name = (const char *)option->value;
        size_t length = strnlen(name, option->length);
        const char *first = capture->first_interface;

        if (length == 0)
                return PARSED;
        if (first) {
                capture->info.several_interfaces |=
                    strlen(first) != length || memcmp(first, name, length) != 0;
                return PARSED;
        }
        capture->first_interface = strndup(name, length);
        return capture->first_interface ? PARSED : WRONG;
}

/* What the time stamps and the lines of packets depend on. */
static enum parsed take_options(struct file *file, struct interface *interface,
                                struct pcapng_options options)
{
        struct pcapng *state = file->state;
        struct pcapng_option option;

        while (pcapng_next_option(&options, &option)) {
                if (option.code == INTERFACE_NAME && take_name(&file->capture, &option) == WRONG)
                        return lacks_memory(state);
                if (option.code == INTERFACE_TIME_OFFSET && option.length >= 8)
                        interface->offset = (int64_t)pcapng_read64(option.value, state->swapped);
                if (option.code == INTERFACE_TIME_RESOLUTION && option.length >= 1 &&
                    set_resolution(state, interface, *option.value) == WRONG)
                        return WRONG;
        }
        return options.cut ? wrong(state, "an interface's option longer than its block") : PARSED;
}

static enum parsed describe(struct file *file, struct interface *interface)
{
        struct pcapng *state = file->state;
        const struct interface *last = state->count ? &state->interfaces[state->count - 1] : NULL;
        struct error error;

        if (last && last->number == interface->number && last->stated == interface->stated) {
                interface->link_type = last->link_type;
                interface->snapshot = last->snapshot;
                return PARSED;
        }
        if (reader_describe_link(file, interface->number, interface->stated, &interface->link_type,
                                 &interface->snapshot, &error) < 0)
                return error.kind == ERROR_MEMORY
                           ? lacks_memory(state)
                           : wrong(state, "an interface of a link type that cannot be read");
        return PARSED;
}

/* What the block says of the interface, for those who ask. */
static struct capture_interface *say(const struct pcapng *state, const struct interface *interface,
                                     const struct block *block)
{
        struct capture_interface *said =
            pcapng_interface_said(options_of(state, block->bytes, block->length, INTERFACE_BODY));

        if (said) {
                said->link_type = interface->link_type;
                said->snapshot_length = interface->stated;
                said->units = interface->units;
        }
        return said;
}

static enum parsed take_interface(struct file *file, const struct block *block)
{
        struct pcapng *state = file->state;
        struct interface interface = {.units = 1000000};

        if (block->body_length < INTERFACE_BODY)
                return wrong(state, "an interface's block of only %" PRIu32 " bytes",
                             block->length);
        interface.number = read16(block->body, state->swapped);
        interface.stated = read32(block->body + 4, state->swapped);
        if (take_options(file, &interface,
                         options_of(state, block->bytes, block->length, INTERFACE_BODY)) == WRONG ||
            describe(file, &interface) == WRONG)
                return WRONG;
        if (!array_grow(state->interfaces, state->room, state->count + 1))
                return lacks_memory(state);
        if (state->count == MAX_INTERFACES)
                return wrong(state, "more interfaces than can be kept");
        if (keep(state, block) == WRONG)
                return WRONG;
        interface.block = state->preamble_length - block->length;
        interface.block_length = block->length;
        interface.said = say(state, &interface, block);
        if (!interface.said)
                return lacks_memory(state);
        state->interfaces[state->count++] = interface;
        state->needs_libpcap |= reader_needs_libpcap(interface.link_type, state->swapped);
        if (interface.snapshot > file->capture.info.snapshot_length)
                file->capture.info.snapshot_length = interface.snapshot;
        return PARSED;
}

static struct pcapng_block block_of(const struct pcapng *state, const struct interface *interface)
{
        return (struct pcapng_block){
            .bytes = state->preamble + interface->block,
            .length = interface->block_length,
            .swapped = state->swapped,
        };
}

/* Of several for an interface the last one counts. */
static enum parsed take_statistics(struct file *file, const struct block *block)
{
        struct pcapng *state = file->state;
        struct pcapng_statistics statistics = {
            .section = state->sections,
            .block = {block->bytes, block->length, state->swapped},
        };
        struct interface *interface;

        if (block->body_length < STATISTICS_BODY)
                return PARSED;
        statistics.number = read32(block->body, state->swapped);
        if (statistics.number >= state->count)
                return PARSED;
        interface = &state->interfaces[statistics.number];
        pcapng_statistics_said(options_of(state, block->bytes, block->length, STATISTICS_BODY),
                               interface->said);
        if (!file->capture.keeps_statistics)
                return PARSED;
        statistics.link_type = interface->link_type;
        statistics.interface = block_of(state, interface);
        return pcapng_keep(&state->kept, &interface->statistics, &statistics) ? PARSED
                                                                              : lacks_memory(state);
}

static enum parsed take_block(struct file *file, const struct block *block, bool swapped)
{
        switch (block->type) {
        case BLOCK_SECTION: return take_section(file, block, swapped);
        case BLOCK_INTERFACE: return take_interface(file, block);
        default: return PARSED;
        }
}

static bool is_packet(uint32_t type)
{
        return type == BLOCK_ENHANCED_PACKET || type == BLOCK_SIMPLE_PACKET ||
               type == BLOCK_OBSOLETE_PACKET;
}

/* Finds the packet in the body of its block, of which there are three kinds. */
static enum parsed find_packet(struct pcapng *state, const struct block *block,
                               struct packet *packet, struct capture_extent *extent)
{
        bool simple = block->type == BLOCK_SIMPLE_PACKET;
        uint32_t before = simple ? SIMPLE_PACKET_BODY : PACKET_BODY;
        const uint8_t *body = block->body;
        const struct interface *interface;

        if (block->body_length < before)
                return wrong(state, "a packet's block of only %" PRIu32 " bytes", block->length);
        *extent = (struct capture_extent){.bytes = block->bytes, .length = block->length};
        if (block->type == BLOCK_ENHANCED_PACKET)
                extent->interface = read32(body, state->swapped);
        else if (block->type == BLOCK_OBSOLETE_PACKET)
                extent->interface = read16(body, state->swapped);
        if (extent->interface >= state->count)
                return wrong(state, "a packet of interface %" PRIu32 ", which is not described",
                             extent->interface);
        interface = &state->interfaces[extent->interface];
        packet->data = body + before;
        packet->length = read32(body + (simple ? 0 : 16), state->swapped);
        packet->captured = simple ? packet->length : read32(body + 12, state->swapped);
        if (simple && packet->captured > interface->snapshot)
                packet->captured = interface->snapshot;
        if (packet->captured > interface->snapshot)
                return wrong(state,
                             "invalid packet capture length %" PRIu32
                             ", bigger than the snapshot length of %" PRIu32,
                             packet->captured, interface->snapshot);
        if (packet->captured > block->body_length - before)
                return wrong(state, "a packet of %" PRIu32 " bytes in a block of %" PRIu32,
                             packet->captured, block->length);
        return PARSED;
}

static const char *why_no_more(const struct input *input, size_t at)
{
        if (input->fault[0])
                return input->fault;
        return at == input->count ? "it describes no interface" : "truncated";
}

/* Parses the first blocks without consuming them: as many as it takes to find an interface, and
 * those already in the buffer. */
static enum parsed look_ahead(struct file *file)
{
        struct pcapng *state = file->state;
        struct input *input = &file->input;
        size_t at = 0;
        size_t wanted;

        for (;;) {
                struct block block;
                bool swapped;
                enum parsed parsed = find_block(state, input->bytes + at, input->count - at, &block,
                                                &swapped, &wanted);

                if (parsed == WRONG)
                        return state->count ? PARSED : WRONG;
                if (parsed == INCOMPLETE) {
                        if (state->count)
                                return PARSED;
                        if (at + wanted > MAX_BEFORE)
                                return wrong(state, "no interface in the first %d bytes",
                                             MAX_BEFORE);
                        if (!input_fill(input, at + wanted))
                                return wrong(state, "%s", why_no_more(input, at));
                        continue;
                }
                if (state->count && block.type == BLOCK_SECTION)
                        return PARSED; /* the next section has its own */
                if (is_packet(block.type))
                        return state->count ? PARSED
                                            : wrong(state, "a packet before any interface");
                if (take_block(file, &block, swapped) == WRONG)
                        return state->count && !state->lacks_memory ? PARSED : WRONG;
                at += block.length;
        }
}

static void pcapng_close(struct file *file)
{
        struct pcapng *state = file->state;

        if (!state)
                return;
        forget_section(state);
        free(state->interfaces);
        free(state->preamble);
        pcapng_kept_free(&state->kept);
        text_free(&state->comment);
        free(state);
        file->state = NULL;
}

static int pcapng_open(struct file *file, struct error *error)
{
        struct pcapng *state;

        if (!input_fill(&file->input, BLOCK_OVERHEAD) ||
            read32(file->input.bytes, false) != BLOCK_SECTION)
                return 0;
        file->state = state = calloc(1, sizeof *state);
        if (!state)
                return error_memory(error);
        if (look_ahead(file) == WRONG)
                return state->lacks_memory || file->input.lacks_memory
                           ? error_memory(error)
                           : error_set(error, "%s: not a capture file (%s)", file->name,
                                       state->wrong);
        if (state->needs_libpcap) {
                pcapng_close(file);
                file->capture.info.several_interfaces = false; /* whose names are not known then */
                return 0;
        }
        file->capture.info.link_type = state->interfaces[0].link_type;
        file->capture.info.nanoseconds = true;
        file->capture.info.link_type_varies = true;
        state->sections = 0; /* the first batch parses all of it again */
        return 1;
}

/* Adds a packet to the batch, unless its link type is different. */
static enum parsed take_packet(struct file *file, const struct block *block,
                               struct capture_batch *batch)
{
        struct pcapng *state = file->state;
        struct capture_extent *extent = &file->extents[batch->count];
        int link_type;

        if (find_packet(state, block, &file->packets[batch->count], extent) == WRONG)
                return WRONG;
        link_type = state->interfaces[extent->interface].link_type;
        if (batch->count > 0 && link_type != batch->link_type)
                return LATER;
        batch->link_type = link_type;
        batch->count++;
        return PARSED;
}

/* Takes the block of a section or interface. They form a batch of their own, with one section at
 * most, so all packets of a batch have the same interfaces, and a copy can substitute others.
 * Unless several link types are allowed, a second one is an error: a filter is compiled for one. */
static enum parsed take_description(struct file *file, const struct block *block, bool swapped,
                                    struct capture_batch *batch)
{
        struct pcapng *state = file->state;
        bool section = block->type == BLOCK_SECTION;
        const struct interface *newest;

        if (block->bytes != batch->begin && (section || !batch->describes))
                return LATER;
        if (take_block(file, block, swapped) == WRONG)
                return WRONG;
        newest = section ? NULL : &state->interfaces[state->count - 1];
        if (newest && !file->capture.several_links &&
            newest->link_type != file->capture.info.link_type)
                return wrong(state,
                             "an interface has a type %" PRIu32
                             " different from the first one's: one file, one link type",
                             newest->number);
        batch->describes = true;
        batch->begins_section |= section;
        return PARSED;
}

/* Takes the blocks in the buffer that go into one batch. */
static enum parsed scan(struct file *file, struct capture_batch *batch, size_t *wanted)
{
        const uint8_t *end = file->input.bytes + file->input.count;

        while (batch->count < file->room) {
                struct block block;
                bool swapped;
                enum parsed parsed = find_block(file->state, batch->end, (size_t)(end - batch->end),
                                                &block, &swapped, wanted);

                if (parsed != PARSED)
                        return parsed;
                if (block.type == BLOCK_SECTION || block.type == BLOCK_INTERFACE)
                        parsed = take_description(file, &block, swapped, batch);
                else if (batch->describes)
                        parsed = LATER;
                else if (is_packet(block.type))
                        parsed = take_packet(file, &block, batch);
                else if (block.type == BLOCK_STATISTICS)
                        parsed = take_statistics(file, &block);
                if (parsed != PARSED)
                        return parsed;
                batch->end += block.length;
        }
        return PARSED;
}

static enum capture_result pcapng_batch(struct file *file, struct capture_batch *batch,
                                        struct error *error)
{
        struct pcapng *state = file->state;
        struct input *input = &file->input;

        for (;;) {
                size_t wanted = 0;
                enum parsed parsed;

                if (state->lacks_memory || state->comment.failed ||
                    !reader_room(file, input->count / (BLOCK_OVERHEAD + SIMPLE_PACKET_BODY),
                                 true)) {
                        error_memory(error);
                        return CAPTURE_ERROR;
                }
                batch->link_type = file->capture.info.link_type;
                batch->format = CAPTURE_PCAPNG;
                batch->count = 0;
                batch->describes = batch->begins_section = false;
                batch->begin = batch->end = input->bytes;
                parsed = scan(file, batch, &wanted);
                if (batch->end > batch->begin) {
                        input_consume(input, (size_t)(batch->end - batch->begin));
                        return CAPTURE_PACKET;
                }
                if (parsed == WRONG && state->lacks_memory)
                        continue; /* to the error above */
                if (parsed == WRONG)
                        return reader_fail(file, error, "%s, in the block at byte %" PRIu64,
                                           state->wrong, input->offset);
                if (input_fill(input, wanted))
                        continue;
                if (input->fault[0])
                        return reader_fail(file, error, "%s", input->fault);
                if (input->count == 0)
                        return CAPTURE_END;
                return reader_fail(
                    file, error, "truncated: the block at byte %" PRIu64 " has %zu of %s%zu bytes",
                    input->offset, input->count, wanted == BLOCK_OVERHEAD ? "at least " : "",
                    wanted);
        }
}

/* Converts a time stamp in the interface's units. */
static struct timespec time_of(const struct interface *interface, uint64_t stamp)
{
        uint64_t rest = stamp % interface->units;
        uint64_t nanoseconds;

        if (interface->units == 1000000000)
                nanoseconds = rest;
        else if (interface->units == 1000000)
                nanoseconds = rest * 1000;
        else
                nanoseconds = (uint64_t)((unsigned __int128)rest * 1000000000 / interface->units);
        return (struct timespec){
            .tv_sec = (time_t)(stamp / interface->units + (uint64_t)interface->offset),
            .tv_nsec = (long)nanoseconds,
        };
}

/* An obsolete packet counts what was dropped in 16 bits, all of them set where it is not known. */
static uint64_t drops_of_obsolete(uint16_t count)
{
        return count == UINT16_MAX ? 0 : count;
}

/* What follows the packet in its block. */
static void read_options(struct pcapng *state, const uint8_t *block, const struct packet *packet,
                         struct capture_record *record, uint32_t length)
{
        size_t before = PACKET_BODY + ((size_t)packet->captured + 3) / 4 * 4;

        if (length > BLOCK_OVERHEAD + before)
                pcapng_packet_said(options_of(state, block, length, before), record,
                                   &state->comment);
}

static void pcapng_record(const struct capture_batch *batch, size_t i,
                          struct capture_record *record)
{
        const struct file *file = batch->keeper;
        struct pcapng *state = file->state;
        const struct capture_extent *extent = &batch->extents[i];
        const struct interface *interface = &state->interfaces[extent->interface];
        const uint8_t *stamp = extent->bytes + BLOCK_HEADER + 4;
        uint32_t type = read32(extent->bytes, state->swapped);

        *record = (struct capture_record){.packet = batch->packets[i],
                                          .on = interface->said,
                                          .link_type = batch->link_type,
                                          .origin = file,
                                          .section = state->sections,
                                          .interface = extent->interface};
        if (type == BLOCK_SIMPLE_PACKET)
                return;
        record->time = time_of(interface, (uint64_t)read32(stamp, state->swapped) << 32 |
                                              read32(stamp + 4, state->swapped));
        if (type == BLOCK_OBSOLETE_PACKET)
                record->dropped = drops_of_obsolete(read16(stamp - 2, state->swapped));
        read_options(state, extent->bytes, &batch->packets[i], record, extent->length);
}

static void pcapng_preamble(const struct file *file, const uint8_t **bytes, size_t *length)
{
        const struct pcapng *state = file->state;

        *bytes = state->preamble;
        *length = state->preamble_length;
}

static struct pcapng_block pcapng_interface_block(const struct file *file, uint32_t number)
{
        const struct pcapng *state = file->state;

        return block_of(state, &state->interfaces[number]);
}

static const struct pcapng_kept *pcapng_statistics(const struct file *file)
{
        const struct pcapng *state = file->state;

        return &state->kept;
}

static const struct capture_interface *pcapng_interface(const struct file *file, uint32_t number)
{
        const struct pcapng *state = file->state;

        return number < state->count ? state->interfaces[number].said : NULL;
}

static const struct capture_section *pcapng_section(const struct file *file)
{
        const struct pcapng *state = file->state;

        return state->said;
}

const struct reader pcapng_reader = {
    .open = pcapng_open,
    .batch = pcapng_batch,
    .record = pcapng_record,
    .preamble = pcapng_preamble,
    .interface_block = pcapng_interface_block,
    .statistics = pcapng_statistics,
    .interface = pcapng_interface,
    .section = pcapng_section,
    .close = pcapng_close,
};

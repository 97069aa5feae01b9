/* Capture files made block by block, because few tools write the rarer blocks, and what reading
 * them gives. What goes wrong here aborts. */
#pragma once

#include "capture/capture.h"

/* --- Making files --- */

struct bytes {
        size_t count;
        bool swapped; /* numbers are written in the other byte order */
        uint8_t bytes[8 << 20];
};

void put(struct bytes *file, const void *data, size_t count);
void put32(struct bytes *file, uint32_t value);
void put16(struct bytes *file, uint16_t value);

/* Opens a block; close_block() sets its length at both ends. */
size_t open_block(struct bytes *file, uint32_t type);
void close_block(struct bytes *file, size_t at);
void put_option(struct bytes *file, uint16_t code, const void *value, uint16_t length);

/* Blocks of pcapng. Sections, interfaces ("eth7") and packets have some options. */
void put_section(struct bytes *file, uint32_t section_length);
void put_interface(struct bytes *file, uint16_t link, uint32_t snapshot, uint8_t resolution,
                   int32_t offset);
void put_packet(struct bytes *file, uint32_t interface, uint64_t stamp, uint8_t fill,
                uint32_t captured);
void put_obsolete_packet(struct bytes *file, uint16_t interface, uint64_t stamp, uint8_t fill,
                         uint32_t captured);
void put_simple_packet(struct bytes *file, uint8_t fill, uint32_t length, uint32_t captured);
void put_unknown_block(struct bytes *file);

/* Of a classic file: its header, and a packet. */
void put_pcap_header(struct bytes *file);
void put_record(struct bytes *file, uint32_t seconds, const void *data, uint32_t captured);

/* --- Reading and copying them --- */

struct capture *open_or_fail(const char *path);

/* What reading a file gives, in a few numbers. */
struct digest {
        size_t packets;
        size_t passed;
        uint64_t sum; /* of all bytes and times of packets that passed, in order */
        enum capture_result end;
        struct error error;
};

/* Reads the capture to its end and closes it. With a writer, copies each batch to it. */
struct digest digest_of(struct capture *capture, struct capture_writer *writer);

/* A selector: every second packet, by its length. */
void choose_even(void *context, int link_type, const struct packet *packets, size_t count,
                 uint32_t *verdicts);

/* Copies a file. `selector` may be NULL. Digests what was read. */
struct digest copy(const char *from, const char *to, enum capture_format format,
                   enum capture_compression compression, capture_selector *selector);

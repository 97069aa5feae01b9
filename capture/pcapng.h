/* pcapng: numbers of the format and its options, for its reader and its writer.
 * draft-ietf-opsawg-pcapng. */
#pragma once

#include "base/text.h"
#include "capture.h"

enum {
        BLOCK_SECTION = 0x0a0d0d0a,
        BLOCK_INTERFACE = 1,
        BLOCK_OBSOLETE_PACKET = 2,
        BLOCK_SIMPLE_PACKET = 3,
        BLOCK_NAMES = 4,
        BLOCK_STATISTICS = 5,
        BLOCK_ENHANCED_PACKET = 6,

        BYTE_ORDER_MAGIC = 0x1a2b3c4d,

        BLOCK_HEADER = 8,    /* type, total length */
        BLOCK_OVERHEAD = 12, /* and the total length again at the end */

        SECTION_BODY = 16,    /* magic, version, section length; then options */
        INTERFACE_BODY = 8,   /* link type, reserved, snapshot length; then options */
        PACKET_BODY = 20,     /* interface, time, lengths; then the packet, then options */
        STATISTICS_BODY = 12, /* interface, time; then options */
        SIMPLE_PACKET_BODY = 4,

        /* Of every block. */
        OPTION_END = 0,
        OPTION_COMMENT = 1,
        OPTION_CUSTOM_TEXT = 2988, /* and the others of somebody's own */
        OPTION_CUSTOM_BYTES = 2989,
        OPTION_CUSTOM_TEXT_FIXED = 19372,
        OPTION_CUSTOM_BYTES_FIXED = 19373,

        SECTION_HARDWARE = 2,
        SECTION_OS = 3,
        SECTION_APPLICATION = 4,

        INTERFACE_NAME = 2,
        INTERFACE_DESCRIPTION = 3,
        INTERFACE_IP4 = 4,
        INTERFACE_IP6 = 5,
        INTERFACE_MAC = 6,
        INTERFACE_EUI = 7,
        INTERFACE_SPEED = 8,
        INTERFACE_TIME_RESOLUTION = 9,
        INTERFACE_TIME_ZONE = 10,
        INTERFACE_FILTER = 11, /* a byte that tells the kind: 0 for text */
        INTERFACE_OS = 12,
        INTERFACE_FCS_LENGTH = 13,
        INTERFACE_TIME_OFFSET = 14,
        INTERFACE_HARDWARE = 15,
        INTERFACE_SEND_SPEED = 16,
        INTERFACE_RECEIVE_SPEED = 17,

        PACKET_FLAGS = 2,
        PACKET_HASH = 3,
        PACKET_DROPPED = 4,
        PACKET_NUMBER = 5,
        PACKET_QUEUE = 6,
        PACKET_VERDICT = 7,
        PACKET_PROCESS = 8,

        STATISTICS_BEGAN = 2,
        STATISTICS_ENDED = 3,
        STATISTICS_RECEIVED = 4,
        STATISTICS_DROPPED = 5,
        STATISTICS_ACCEPTED = 6,
        STATISTICS_DROPPED_BY_OS = 7,
        STATISTICS_DELIVERED = 8,

        NAMES_IP4 = 1, /* kinds of records in the block, before its options */
        NAMES_IP6 = 2,
};

/* --- Reading options: pcapng_options.c --- */

/* Options from `at` to `end`, in the byte order of their section. */
struct pcapng_options {
        const uint8_t *at;
        const uint8_t *end;
        bool swapped;
        bool cut; /* set when an option is longer than what is left */
};

struct pcapng_option {
        uint16_t code;
        uint16_t length; /* bytes at `value` */
        const uint8_t *value;
};

/* Sets `option` to the next one. Returns false after the last. */
bool pcapng_next_option(struct pcapng_options *options, struct pcapng_option *option);

/* Returns the number of 64 bits at `at`. */
uint64_t pcapng_read64(const uint8_t *at, bool swapped);

/* What a block says, as one piece of memory that the caller frees; NULL if memory is short. Of an
 * interface, only what its options say is filled. */
struct capture_section *pcapng_section_said(struct pcapng_options options);
struct capture_interface *pcapng_interface_said(struct pcapng_options options);

/* Fills `passage`, `flags`, `dropped` and `comment` of `record`, the last in the memory of
 * `comment`. */
void pcapng_packet_said(struct pcapng_options options, struct capture_record *record,
                        struct text *comment);

/* Sets the interface's counters to what a block of statistics says. */
void pcapng_statistics_said(struct pcapng_options options, struct capture_interface *interface);

/* Appends the options of a block of type `block`, in this machine's byte order and without the one
 * that ends them, to a block that is being made. Of those in the other byte order, it leaves out
 * what it does not know the numbers in. */
void pcapng_put_options(struct text *to, uint32_t block, struct pcapng_options options);

/* The direction and kind of reception in a packet's flags, and back. */
uint32_t pcapng_flags_of(enum packet_passage passage);
enum packet_passage pcapng_passage_of(uint32_t flags);

/* --- Statistics of a file's interfaces, kept for another file: pcapng_statistics.c --- */

/* A block of the file, in the order of its section. */
struct pcapng_block {
        const uint8_t *bytes;
        uint32_t length;
        bool swapped;
};

/* The last statistics of an interface, and its description. */
struct pcapng_statistics {
        uint32_t section; /* its number */
        uint32_t number;  /* of the interface in there */
        int link_type;    /* DLT_* */
        struct pcapng_block interface, block;
};

struct pcapng_kept {
        struct pcapng_statistics *list; /* their blocks are owned */
        size_t count, room;
        size_t bytes; /* of all blocks */
};

/* Puts a copy of `statistics` into the list, in the place number `*place` - 1, or if that is 0, in
 * a new one, to which it then sets `*place`. What is too much is left out: 32 MiB in all. Returns
 * false if memory is short. */
bool pcapng_keep(struct pcapng_kept *kept, size_t *place,
                 const struct pcapng_statistics *statistics);
void pcapng_kept_free(struct pcapng_kept *kept);

/* --- Writing: pcapng_writer.c --- */

struct file;
struct pcapng_writer;
struct sink;

/* Writes to `sink`. All three stay the caller's, as long as the writer is used. NULL if memory is
 * short. */
struct pcapng_writer *pcapng_writer_new(struct sink *sink, const char *name,
                                        const struct capture_writer_options *options);
void pcapng_writer_free(struct pcapng_writer *writer);

/* All that follow return 0, or -1 with `error` filled. */

/* Unless the file is begun: writes the section and the interfaces known so far. */
int pcapng_begin(struct pcapng_writer *writer, struct error *error);

/* Writes a packet, before it the interface it was captured on if that is new. */
int pcapng_put_packet(struct pcapng_writer *writer, const struct capture_record *record,
                      struct error *error);

/* Copies packet `i` of a batch from one of several pcapng files, whose record is `record`: its
 * block with all options, but with the new number of the interface, whose own block is copied too.
 * Both are brought into this machine's byte order. Sets `done` if that is possible: if the block is
 * one of pcapng and tells the time. */
int pcapng_copy_packet(struct pcapng_writer *writer, const struct capture_batch *batch, size_t i,
                       const struct capture_record *record, bool *done, struct error *error);

/* Writes what the file must begin with to hold the blocks of the last batch of `file`. */
int pcapng_put_preamble(struct pcapng_writer *writer, const struct file *file, struct error *error);

int pcapng_put_names(struct pcapng_writer *writer, const struct capture_name *names, size_t count,
                     struct error *error);

/* Writes what comes last: the statistics of a live capture, or of the files that were merged. */
int pcapng_finish(struct pcapng_writer *writer, struct error *error);

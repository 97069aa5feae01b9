/* reader: a file format. A reader finds the packets in the bytes of an input; the capture around it
 * (file.c) is the same for all. */
#pragma once

#include "input.h"
#include "internal.h"

struct file;
struct parallel;
struct pcapng_block;
struct pcapng_kept;

struct reader {
        /* Reads the file's header. Returns 1; 0 if the file is in another format, with nothing
         * consumed; -1 with `error` filled. */
        int (*open)(struct file *file, struct error *error);

        /* Finds the packets that are complete in the input's buffer and stores them in
         * file->packets. Sets all of the batch but the verdicts. */
        enum capture_result (*batch)(struct file *file, struct capture_batch *batch,
                                     struct error *error);
        void (*record)(const struct capture_batch *batch, size_t i, struct capture_record *record);

        /* Sets `bytes` and `length` to the blocks that a file must begin with to hold the records
         * of the last batch; NULL for a format without. */
        void (*preamble)(const struct file *file, const uint8_t **bytes, size_t *length);

        /* Returns the block that describes an interface of the last batch's section, valid until
         * the next batch. NULL for a format without. */
        struct pcapng_block (*interface_block)(const struct file *file, uint32_t number);

        /* Returns the statistics of interfaces so far, if the capture keeps them. NULL for a format
         * without. */
        const struct pcapng_kept *(*statistics)(const struct file *file);

        /* As capture_interface() and capture_section(); NULL for a format without. */
        const struct capture_interface *(*interface)(const struct file *file, uint32_t number);
        const struct capture_section *(*section)(const struct file *file);
        void (*close)(struct file *file); /* may be NULL */
};

extern const struct reader pcap_reader;
extern const struct reader pcapng_reader;
extern const struct reader libpcap_reader; /* takes every file, and reports those it cannot read */

/* Of a classic pcap file. */
struct pcap_layout {
        bool swapped;
        bool nanoseconds;
        uint32_t header;   /* bytes of a record's header: 16, or 24 in a modified format */
        uint32_t snapshot; /* longer packets are cut to this */
        uint32_t longest;  /* even longer ones mean that the file is damaged */
        enum capture_format format;
};

struct file {
        struct capture capture;
        char *name;
        struct input input;
        const struct reader *reader;
        void *state; /* the reader's own */
        struct pcap_layout layout;
        uint64_t packets_read;
        bool done; /* `result` is the end or an error */
        struct error fault;
        enum capture_result result;

        struct packet *packets;
        uint32_t *verdicts;
        struct capture_extent *extents;
        size_t room;               /* in each of these */
        unsigned threads;          /* wanted, until the first batch */
        struct parallel *parallel; /* NULL when one thread reads */
};

/* Makes room for at least one packet after `count`, also in `extents` if `with_extents`. Returns
 * false when memory is short. */
bool reader_room(struct file *file, size_t count, bool with_extents);

/* Filters `count` packets as capture_select() says. */
void reader_filter(const struct file *file, int link_type, const struct packet *packets,
                   size_t count, uint32_t *verdicts);

/* Fills `error` with the file's name, the number of packets read before, and the formatted message.
 * Returns CAPTURE_ERROR. */
enum capture_result reader_fail(struct file *file, struct error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Sets `link_type` (DLT_*) and `snapshot` to what libpcap makes of a classic file's `number`
 * (LINKTYPE_*, with the upper bits as in the header) and `snapshot_length`. Returns 0, or -1 with
 * `error` filled. */
int reader_describe_link(struct file *file, uint32_t number, uint32_t snapshot_length,
                         int *link_type, uint32_t *snapshot, struct error *error);

/* The inverse: makes the header of a classic file. `name` is for messages. Returns 0, or -1 with
 * `error` filled if packets of this link type cannot be stored. */
enum { PCAP_FILE_HEADER = 24, PCAP_LINK_TYPE = 20 /* where in it the LINKTYPE_* is */ };
int reader_file_header(const char *name, int link_type, uint32_t snapshot_length, bool nanoseconds,
                       uint8_t header[PCAP_FILE_HEADER], struct error *error);

/* Returns the length of the longest packet that libpcap accepts of this link type. */
uint32_t reader_longest_packet(int link_type);

/* Returns whether libpcap has to read packets of this link type, because it changes some fields:
 * `swapped` says that the file is in another byte order than this machine's. */
bool reader_needs_libpcap(int link_type, bool swapped);

static inline uint32_t read32(const uint8_t *bytes, bool swapped)
{
        uint32_t value;

        __builtin_memcpy(&value, bytes, sizeof value);
        return swapped ? __builtin_bswap32(value) : value;
}

static inline uint16_t read16(const uint8_t *bytes, bool swapped)
{
        uint16_t value;

        __builtin_memcpy(&value, bytes, sizeof value);
        return swapped ? __builtin_bswap16(value) : value;
}

/* --- Classic pcap, also for parallel.c --- */

/* Finds the complete records from `at` to `end`, at most `room`. Stops at a record that is
 * incomplete, to be cut, or invalid. Returns where it stopped. */
const uint8_t *pcap_walk(const struct pcap_layout *layout, const uint8_t *at, const uint8_t *end,
                         struct packet *packets, size_t room, size_t *count);

/* Returns the layout of a classic pcap file; NULL if `file` is in another format. */
const struct pcap_layout *pcap_layout_of(const struct file *file);

/* --- Several threads on one file: parallel.c --- */

/* Starts threads on the rest of a regular, uncompressed classic pcap file. Returns NULL for any
 * other file or if no thread starts: then the file's reader does the work. */
struct parallel *parallel_start(struct file *file, unsigned threads);
void parallel_stop(struct parallel *parallel);

/* Returns the next filtered batch in `batch`, or false if the file's reader has to continue from
 * its input's position: at the end, and at a record that is damaged or cut. */
bool parallel_batch(struct file *file, struct capture_batch *batch);

/* file: what the readers of file formats share. A reader finds the packets in the bytes of an
 * input; the capture around it (file.c) is the same for all. */
#ifndef CAPTURE_FILE_H
#define CAPTURE_FILE_H

#include "input.h"
#include "internal.h"

struct file;
struct parallel;

struct reader {
        const char *name; /* of the format */

        /* Reads what stands at the beginning. Returns 1; 0 if it is none of the reader's, with
         * nothing consumed; -1 with `error` filled. */
        int (*open)(struct file *file, struct error *error);

        /* Finds the next packets, into file->packets: all that are whole in the input's buffer.
         * Sets all of the batch but the verdicts. */
        enum capture_result (*batch)(struct file *file, struct capture_batch *batch,
                                     struct error *error);
        void (*record)(const struct capture_batch *batch, size_t i, struct capture_record *record);
        /* The blocks that have to stand at the beginning of a file for the records of the last
         * batch; NULL for a format without. */
        void (*preamble)(const struct file *file, const uint8_t **bytes, size_t *length);

        /* The block that describes an interface of the last batch's section, if what names it can
         * be copied into a file of this machine's byte order. NULL for a format without. */
        bool (*interface)(const struct file *file, uint32_t number, const uint8_t **block,
                          uint32_t *length);
        void (*close)(struct file *file); /* may be NULL */
};

extern const struct reader pcap_reader;
extern const struct reader pcapng_reader;
extern const struct reader libpcap_reader; /* takes everything; errors are its own */

struct file {
        struct capture capture;
        char *name;
        struct input input;
        const struct reader *reader;
        void *state; /* the reader's own */
        uint64_t packets_read;
        bool done; /* an end or error has been told */
        struct error fault;
        enum capture_result result;

        struct packet *packets;
        uint32_t *verdicts;
        struct capture_extent *extents;
        size_t room;               /* in each of these */
        unsigned threads;          /* wanted, until the first batch */
        struct parallel *parallel; /* NULL when one thread reads */

        struct capture_batch current; /* what capture_next() gives one by one */
        size_t next;
};

/* Sees to room for one more packet after `count`, also in `extents` if `with_extents`. Returns
 * false when memory is short. */
bool file_room(struct file *file, size_t count, bool with_extents);

/* Fills `error`: the file's name, how many packets came before, then what is wrong and where.
 * Returns CAPTURE_ERROR. */
enum capture_result file_fail(struct file *file, struct error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What a classic file of link type `number` (LINKTYPE_*, the upper bits as they are in a file's
 * header) and this snapshot length would be for libpcap. Returns 0, or -1 with `error` filled. */
int file_describe_link(struct file *file, uint32_t number, uint32_t snapshot_length, int *link_type,
                       uint32_t *snapshot, struct error *error);

/* Longest packet that a file of this link type can hold, as libpcap has it. */
uint32_t file_longest_packet(int link_type);

/* True if libpcap changes packets of this link type as it reads them (fields in the byte order of
 * the machine that wrote them), so that it has to read them. */
bool file_needs_libpcap(int link_type);

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

struct pcap_layout {
        bool swapped;
        bool nanoseconds;
        uint32_t header;   /* bytes of a record's header: 16, or 24 in a modified format */
        uint32_t snapshot; /* longer packets are cut to this */
        uint32_t longest;  /* still longer ones are taken for damage */
        enum capture_format format;
};

/* Finds whole records from `at` to `end`; at most `room`. Stops at a record that is not whole, is
 * to be cut, or cannot be. Returns where it stopped. */
const uint8_t *pcap_walk(const struct pcap_layout *layout, const uint8_t *at, const uint8_t *end,
                         struct packet *packets, size_t room, size_t *count);

const struct pcap_layout *pcap_layout_of(const struct file *file);

#endif

/* capture: packets in and out. Live from AF_PACKET sockets, and savefiles.
 *
 * A library: it prints nothing, installs no signal handler and keeps no global state. */
#ifndef CAPTURE_H
#define CAPTURE_H

#include "base/error.h"
#include "net/packet.h"

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* As tcpdump: large enough for any packet, and its default. */
#define CAPTURE_MAX_SNAPSHOT 262144

struct capture;
struct capture_writer;

/* A packet with what a capture knows of it. */
struct capture_record {
        struct packet packet; /* its data is the capture's, valid until the next call */
        struct timespec time; /* nanoseconds as the source has them */

        /* Of packets from a batch; else zero. */
        int link_type;      /* DLT_* */
        const void *origin; /* tells the files of several apart */
        uint32_t section;   /* in pcapng: which one of the file, */
        uint32_t interface; /* and which interface of it */
};

enum capture_direction {
        CAPTURE_INOUT,
        CAPTURE_IN,
        CAPTURE_OUT,
};

struct capture_live_options {
        uint32_t snapshot_length; /* bytes; at most CAPTURE_MAX_SNAPSHOT */
        size_t buffer;            /* bytes of the kernel's ring; 0 for the default of 2 MiB */
        bool promiscuous;
        enum capture_direction direction;
};

/* Opens an AF_PACKET socket for `device`, an interface's name or "any" (all of them, cooked). The
 * socket is not bound: nothing is received before capture_start(). Returns NULL with `error` filled
 * when there is no such interface or no permission. */
struct capture *capture_open_live(const char *device, const struct capture_live_options *options,
                                  struct error *error);

/* Opens a savefile, "-" for standard input. Returns NULL with `error` filled if it cannot be read
 * or is no capture file. */
struct capture *capture_open_file(const char *path, struct error *error);

/* Makes one capture of several of files, its packets by time. It owns them from here on. Returns
 * NULL when memory is short; then they stay the caller's. */
struct capture *capture_merge(struct capture *const *captures, size_t count);

/* Has a pcapng file deliver packets of several link types; each batch has packets of one. Without,
 * the second link type is an error. Before the first batch only. */
void capture_allow_links(struct capture *capture);

/* True if a file is pcapng and its packets come with their blocks in the batches. */
bool capture_is_pcapng(const struct capture *capture);

void capture_close(struct capture *capture);

/* DLT_* of the packets this capture delivers. */
int capture_link_type(const struct capture *capture);

/* Longest packet this capture delivers, bytes; what a file it is saved to states. */
uint32_t capture_snapshot_length(const struct capture *capture);

/* True if the source has time stamps finer than microseconds (every live one has). */
bool capture_nanoseconds(const struct capture *capture);

/* Attaches `program` to a live capture's socket (SO_ATTACH_FILTER), before capture_start() only.
 * The kernel cuts each packet to the number of bytes the program returns. */
int capture_set_filter(struct capture *capture, const struct bpf_program *program,
                       struct error *error);

/* Sets up the ring and binds the socket of a live capture: packets arrive from here on. Does
 * nothing for a file. Returns 0, or -1 with `error` filled. */
int capture_start(struct capture *capture, struct error *error);

enum capture_result {
        CAPTURE_PACKET,
        CAPTURE_EMPTY, /* live: nothing more for now; see capture_wait() */
        CAPTURE_END,   /* no more packets: a file's end, or capture_stop() */
        CAPTURE_ERROR, /* what came before it is good */
};

/* Takes the next packet, without waiting. */
enum capture_result capture_next(struct capture *capture, struct capture_record *record,
                                 struct error *error);

/* --- Batches: many packets a call, as they stand in a file's buffer --- */

/* Formats of files. */
enum capture_format {
        CAPTURE_UNKNOWN,
        CAPTURE_PCAP, /* classic, in this machine's byte order, microseconds */
        CAPTURE_PCAP_NANOSECONDS,
        CAPTURE_PCAPNG,
};

/* Packets that follow one another in a file, valid until the next call. */
struct capture_batch {
        const struct packet *packets;
        const uint32_t *verdicts; /* of the selector, one a packet; 0 rejects */
        size_t count;             /* may be 0, where there is something else than packets */
        size_t seen;              /* packets judged: `count`, and those rejected and left out */
        int link_type;            /* DLT_* of all of them */

        /* The bytes of the file in which they stand, whole records, if these could be part of a
         * file in this format; CAPTURE_UNKNOWN if not. In pcapng other blocks are among them. */
        enum capture_format format;
        const uint8_t *begin;
        const uint8_t *end;
        const struct capture_extent *extents; /* where each packet's is; private to capture/ */
        const void *keeper;                   /* the capture that gave it; private to capture/ */
        bool describes;                       /* pcapng: not packets, but what those to come need */
        bool begins_section;                  /* and that begins with a section's header */
};

/* Decides on `count` packets of one link type: 0 in `verdicts` rejects. May be called by several
 * threads at once. */
typedef void capture_selector(void *context, int link_type, const struct packet *packets,
                              size_t count, uint32_t *verdicts);

/* Has every batch of a file's capture judged. Without a selector all packets pass. Before the first
 * batch only. */
void capture_select(struct capture *capture, capture_selector *selector, void *context);

/* Has so many threads read and judge a file, where that can be: a classic pcap file that is regular
 * and not compressed. The packets and their order stay the same. Before the first batch only. */
void capture_set_threads(struct capture *capture, unsigned threads);

/* Takes the next packets of a file: as capture_next(), for a batch. Do not mix the two. */
enum capture_result capture_next_batch(struct capture *capture, struct capture_batch *batch,
                                       struct error *error);

/* Fills `record` with packet `i` of the batch. */
void capture_batch_record(const struct capture_batch *batch, size_t i,
                          struct capture_record *record);

/* How far a file has been read. */
struct capture_progress {
        uint64_t read; /* bytes of the file, compressed ones if it is compressed */
        uint64_t size; /* of the file; 0 if not known */
};
struct capture_progress capture_progress(const struct capture *capture);

/* Waits until a live capture may have packets, `wake` (a descriptor, or -1) is readable, a signal
 * arrives, or `timeout_ms` have passed (-1: no limit). Returns 0 for all of these, -1 with `error`
 * filled if waiting failed. That the interface is gone is told by capture_next(), after the
 * packets that came before. */
int capture_wait(struct capture *capture, int wake, int timeout_ms, struct error *error);

/* Ends the receiving of a live capture. Packets that have arrived are still given; then comes
 * CAPTURE_END. May take a tenth of a second, until the kernel hands over what it holds. Does
 * nothing to a file. */
void capture_stop(struct capture *capture);

/* Makes a file end: reads that wait for data, and later ones, find its end. What is cut by that is
 * reported as CAPTURE_ERROR. Async-signal-safe, so that a signal can end the reading of a pipe on
 * which nothing comes. Does nothing to a live capture, whose waits end by themselves. */
void capture_interrupt(struct capture *capture);

struct capture_statistics {
        uint64_t received; /* packets the filter let pass, those dropped included */
        uint64_t dropped;  /* of these, lost because the ring was full */
};

/* Totals since capture_start(). All zero for a file. */
struct capture_statistics capture_statistics(struct capture *capture);

/* Creates a classic pcap file, "-" for standard output, and writes its header. */
struct capture_writer *capture_writer_open(const char *path, int link_type,
                                           uint32_t snapshot_length, bool nanoseconds,
                                           struct error *error);

enum capture_compression {
        CAPTURE_PLAIN,
        CAPTURE_GZIP,
        CAPTURE_ZSTD,
};

struct capture_writer_options {
        enum capture_format format; /* CAPTURE_PCAP or CAPTURE_PCAPNG */
        enum capture_compression compression;
        int link_type;                /* DLT_*; in pcapng, of packets that do not tell theirs */
        uint32_t link_type_extension; /* capture_link_type_extension(), or 0 */
        uint32_t snapshot_length;
        bool nanoseconds;
};

/* The same for both formats. */
struct capture_writer *capture_writer_create(const char *path,
                                             const struct capture_writer_options *options,
                                             struct error *error);

/* What a classic file's header has beside the link type, such as the length of checksums. */
uint32_t capture_link_type_extension(const struct capture *capture);

/* Bytes that the file has or will have from what it has been given so far, before compression. */
uint64_t capture_writer_size(const struct capture_writer *writer);

/* Writes those packets of a batch from number `from` to before `to` that passed. Records of the
 * same format are not changed; in pcapng, the blocks between them are written, too. Returns as
 * below. The batch is not needed any more afterwards. */
int capture_writer_batch(struct capture_writer *writer, const struct capture_batch *batch,
                         size_t from, size_t to, struct error *error);

/* These return 0, or -1 with `error` filled when not all could be written. Packets are collected in
 * memory until a flush or until a buffer is full. Closing flushes, and frees the writer even when
 * that fails. */
int capture_writer_write(struct capture_writer *writer, const struct capture_record *record,
                         struct error *error);
int capture_writer_flush(struct capture_writer *writer, struct error *error);
int capture_writer_close(struct capture_writer *writer, struct error *error);

#endif

/* capture: reads live packets from AF_PACKET sockets, and reads and writes savefiles. It prints
 * nothing, installs no signal handler and keeps no global state. */
#pragma once

#include "base/error.h"
#include "net/packet.h"

#include <pcap/pcap.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Large enough for any packet; tcpdump's default. */
#define CAPTURE_MAX_SNAPSHOT 262144

/* The kind of an error that is no more than that an interface does not exist, or no longer. */
#define CAPTURE_NO_INTERFACE 1
#define CAPTURE_INTERFACE_GONE 2

struct capture;
struct capture_writer;

/* What a section of a pcapng file says of the capture it holds. Texts are UTF-8, or what a file has
 * in their place; NULL where nothing is said. Several comments are lines of one text; in
 * `comments`, each ends with a NUL, and an empty one follows the last. */
struct capture_section {
        const char *hardware;
        const char *os;
        const char *application;
        const char *comment;
        const char *comments;
};

/* An interface on which packets were captured, as the system or a pcapng file describes it. Texts
 * as above; nor is anything known where a number is 0. */
struct capture_interface {
        uint32_t index;           /* live: the system's number for it */
        int link_type;            /* DLT_*, of its packets */
        uint32_t snapshot_length; /* bytes */
        const char *name;
        const char *description;
        const char *hardware;
        const char *os;
        const char *filter; /* the expression that packets had to pass */
        uint64_t speed;     /* bits per second */
        uint64_t units;     /* of its time stamps, per second */
        uint64_t delivered; /* live: packets of it that the capture has returned, and that were not
                               rejected */
        bool counted;       /* the next two are known; live: as of capture_statistics() */
        uint64_t received;  /* packets that passed the filter, including dropped ones */
        uint64_t dropped;   /* of them, lost before they could be saved */
};

/* A packet with what a capture knows of it. */
struct capture_record {
        struct packet packet; /* its data belongs to the capture and is valid until the next call */
        struct timespec time; /* as fine as the source has it */

        /* NULL if not known. Valid as long as a live capture; from a file, as the packet's data. */
        const struct capture_interface *on;
        enum packet_passage passage;
        uint32_t flags;      /* of pcapng, which also tell the passage; 0 if there are none */
        uint64_t dropped;    /* packets lost on that interface since the one before it, if known */
        const char *comment; /* NULL if there is none; several are lines of one text; valid until
                                the record of another packet is filled */

        /* What is found out about it, to be printed: behind its line, what follows a line break
         * below it, and as members of its JSON object. Set by who makes or wraps a live capture;
         * NULL if there is nothing; valid as the comment. */
        const char *note, *members;

        int link_type; /* DLT_* */
        uint32_t mark; /* live: see capture_mark() */

        /* For packets from a batch, otherwise zero. */
        const void *origin; /* identifies the file, if there are several */
        uint32_t section;   /* pcapng: its number in the file */
        uint32_t interface; /* pcapng: its number in the section */
};

enum capture_direction { CAPTURE_INOUT, CAPTURE_IN, CAPTURE_OUT };

/* Who takes the time of packets, in the words of pcap-tstamp(7). */
#define CAPTURE_TIME_STAMPS \
        "host|host_lowprec|host_hiprec|host_hiprec_unsynced|adapter|adapter_unsynced"
enum capture_time_stamps { /* in the order of these words */
                           TIME_STAMPS_HOST,
                           TIME_STAMPS_HOST_LOW,
                           TIME_STAMPS_HOST_HIGH,
                           TIME_STAMPS_HOST_UNSYNCED,
                           TIME_STAMPS_ADAPTER,
                           TIME_STAMPS_ADAPTER_UNSYNCED,
};

struct capture_live_options {
        uint32_t snapshot_length; /* bytes; at most CAPTURE_MAX_SNAPSHOT */
        size_t buffer; /* bytes of the kernel's ring; of each interface; 0 for the default */
        uint32_t kept; /* bytes, of a packet, that the caller's filter keeps at most; 0 for all */
        bool promiscuous;
        bool wait; /* for interfaces that are down to come up, or absent or deleted to appear */
        bool start_without; /* with `wait`: also if no device is there yet */
        bool first_cooked;  /* "any": packets get LINUX_SLL headers rather than LINUX_SLL2's */
        bool cooked;        /* "any": the kernel takes link headers off, whatever they are */
        bool docsis;        /* what Ethernet frames hold is DOCSIS, as behind Cisco's CMTS */
        bool one_link_type; /* such a one is left out if its link type is not that of the first */
        const char *filter; /* the expression, to describe interfaces; or NULL */
        enum capture_direction direction;
        enum capture_time_stamps time_stamps;
};

/* Opens AF_PACKET sockets for `devices`: names of interfaces and patterns of fnmatch(3), or "any"
 * alone (all, cooked). Packets of several interfaces are merged by time. The sockets are not bound:
 * nothing arrives before capture_start(). Of what is no network interface (nflog:GROUP,
 * nfqueue:QUEUE, usbmonN, bluetoothN, bluetooth-monitor, dbus-system, dbus-session), one may be
 * opened alone, through libpcap. Returns NULL with `error` filled on failure. */
struct capture *capture_open_live(const char *const *devices, size_t count,
                                  const struct capture_live_options *options, struct error *error);

/* Whether there is an interface for one of the `devices`: 1 or 0, or -1 with `error` filled. */
int capture_has_device(const char *const *devices, size_t count, struct error *error);

/* Waits for that, at most `timeout_ms` milliseconds, -1 for any number. Returns 0; 1 if that time
 * passed, `wake`, a descriptor, became readable or a signal arrived before; -1 with `error` filled.
 */
int capture_await_device(const char *const *devices, size_t count, int wake, int timeout_ms,
                         struct error *error);

/* Opens a packet socket beside a capture, which becomes readable when a packet comes that `program`
 * accepts, on the interface of that number or, if it is 0, on any. `cooked`: the program expects no
 * link headers. It needs the privilege to capture. Returns the descriptor, which the caller closes,
 * or -1. */
int capture_lookout(uint32_t interface, bool cooked, const struct bpf_program *program);

/* Opens a savefile, "-" for standard input. Returns NULL with `error` filled if it cannot be read
 * or is not a capture file. */
struct capture *capture_open_file(const char *path, struct error *error);

/* The same of a descriptor that is open for reading, which the capture takes over, even on failure.
 * A regular file is read from its position, which stays what it is. `name` is for messages. */
struct capture *capture_open_descriptor(int fd, const char *name, struct error *error);

/* Merges captures of files into one that delivers their packets in order of time, or those of one
 * file after those of another, and owns them. A batch has packets of one file. Returns NULL when
 * memory is short; then the caller still owns them. */
struct capture *capture_merge(struct capture *const *captures, size_t count, bool in_turn);

/* Allows a pcapng file to have several link types; each batch has packets of one. Without this, a
 * second link type is an error. Call it before the first batch. */
void capture_allow_links(struct capture *capture);

void capture_close(struct capture *capture);

/* What a capture says of its packets. */
struct capture_info {
        int link_type;                /* DLT_*; if there are several, that of the first packets or
                                         interface; -1 if there was no interface at the start */
        uint32_t link_type_extension; /* upper bits of the link type in a classic file's header,
                                         such as the length of frame check sequences */
        uint32_t snapshot_length;     /* the greatest length of a packet in bytes */
        bool nanoseconds;        /* time stamps are finer than microseconds, as live ones are */
        bool link_type_varies;   /* a packet may have another one: each batch states its own */
        bool several_interfaces; /* have packets, or may have later; of files, if different names
                                    have been described so far */
        /* Live, for all interfaces: a filter sees the frames of Ethernet whole, other packets from
         * the network header on (CBPF_LIVE_ANY). If false, it sees all from there. */
        bool any;
        bool by_libpcap; /* live, but no interface: a filter sees what a file would hold */
        bool answers;    /* and packets wait for an answer, which takes CAP_NET_ADMIN */
};
const struct capture_info *capture_info(const struct capture *capture);

/* Describes interface `number`, from 0 on: live, of those that packets come from or have come from,
 * on "any" only once there is one, in the order in which the capture came to know them; of a pcapng
 * file, in the section read last. NULL if there are not so many, or if nothing is known.
 * Valid as long as a live capture; from a file, until the next call for a batch. */
const struct capture_interface *capture_interface(const struct capture *capture, uint32_t number);

/* Returns what the section read last says, at first the first one; NULL if it is no pcapng file.
 * Valid until the next call for a batch. */
const struct capture_section *capture_section(const struct capture *capture);

/* Calls `began` whenever a section other than the first of its file has been begun, of which
 * capture_section() then speaks; and `ended` whenever one has been read that is not the last, while
 * capture_section() and capture_interface() still speak of it. Either may be NULL. */
typedef void capture_section_event(void *context);
void capture_watch_sections(struct capture *capture, capture_section_event *began,
                            capture_section_event *ended, void *context);

/* A program for the kernel: an eBPF program's descriptor or, if that is negative, a classic one. */
struct capture_program {
        const struct bpf_program *classic;
        int extended;
};

/* Whether a socket may have so long a filter (sysctl net.core.optmem_max). True if the kernel does
 * not say. */
bool capture_has_room(const struct bpf_program *program);

/* The same for one that is to take the place of another one as long: while that is done, the socket
 * has both. */
bool capture_has_room_to_replace(const struct bpf_program *program);

/* Sets the program for packets of the interface, valid until the next call. Returns 0, or -1 with
 * `error` filled if there is none. */
typedef int capture_filter(void *context, const struct capture_interface *interface,
                           struct capture_program *program, struct error *error);

/* Has the kernel filter a live capture's packets (SO_ATTACH_FILTER, SO_ATTACH_BPF) on each
 * interface by the program that `filter` gives for it. It is called by capture_start(), and for
 * interfaces that appear later. The kernel truncates packets to the program's result. Does nothing
 * to a file. */
void capture_set_filter(struct capture *capture, capture_filter *filter, void *context);

/* Sets up the rings and binds the sockets of a live capture; does nothing to a file. Returns 0, or
 * -1 with `error` filled. */
int capture_start(struct capture *capture, struct error *error);

/* Gives packets that come from now on a `mark` one higher than those that have come, which may
 * still have to be returned. The first packets have 0. Call it no more than twice until
 * capture_passed_marks(). */
void capture_mark(struct capture *capture);

/* Whether all packets of lower marks have been returned, and the call for the next ones made. */
bool capture_passed_marks(const struct capture *capture);

/* Asks the filter of capture_set_filter() once more, for all interfaces, and puts the programs into
 * the place of those before: each packet is judged by the one or the other. When this returns, none
 * runs those before any more. Returns 0; or -1 with `error` filled, and then some may have been
 * replaced. */
int capture_filter_again(struct capture *capture, struct error *error);

enum capture_result {
        CAPTURE_PACKET,
        CAPTURE_EMPTY,  /* live: nothing more for now; see capture_wait() */
        CAPTURE_CHANGE, /* live: an interface has changed, as the error says; the capture goes on */
        CAPTURE_END,    /* no more packets: a file's end, or capture_stop() */
        CAPTURE_ERROR,  /* the packets before it are valid */
};

/* Live: returns the next packets, without waiting: up to `room` in `records`, and how many in
 * `count`. All are valid until the next call. */
enum capture_result capture_next_live(struct capture *capture, struct capture_record *records,
                                      size_t room, size_t *count, struct error *error);

/* Returns the next packet in `record`, without waiting. */
enum capture_result capture_next(struct capture *capture, struct capture_record *record,
                                 struct error *error);

/* --- Batches: many packets per call, in place in a file's buffer --- */

/* Formats of files. */
enum capture_format {
        CAPTURE_UNKNOWN,
        CAPTURE_PCAP, /* classic, in this machine's byte order, microseconds */
        CAPTURE_PCAP_NANOSECONDS,
        CAPTURE_PCAPNG,
};

/* Consecutive packets of a file, valid until the next call. */
struct capture_batch {
        const struct packet *packets;
        uint32_t
            *verdicts; /* of the selector, one per packet; 0 rejects, as the receiver may, too */
        size_t count;  /* may be 0, for blocks that are not packets */
        size_t seen;   /* packets filtered: `count`, and rejected ones left out */
        int link_type; /* DLT_* of all of them */

        /* The part of the file that holds them: complete records, which can be copied to a file in
         * this format; CAPTURE_UNKNOWN if they cannot. In pcapng it may include other blocks. */
        enum capture_format format;
        const uint8_t *begin;
        const uint8_t *end;
        const struct capture_extent *extents; /* of each packet's record; private to capture/ */
        const void *keeper;                   /* the capture that gave it; private to capture/ */
        bool describes;      /* pcapng: no packets, but blocks that describe later ones */
        bool begins_section; /* and the first of these is a section header */
};

/* Filters `count` packets of one link type: 0 in `verdicts` rejects. May be called by several
 * threads at once. */
typedef void capture_selector(void *context, int link_type, const struct packet *packets,
                              size_t count, uint32_t *verdicts);

/* Filters each batch of a file; by default all packets pass. Call it before the first batch. */
void capture_select(struct capture *capture, capture_selector *selector, void *context);

/* Sets the number of threads for a regular, uncompressed classic pcap file. Packets and their order
 * stay the same. Call it before the first batch. */
void capture_set_threads(struct capture *capture, unsigned threads);

/* Has `wait` called before each read of a file that is not a regular one, such as a pipe: it may
 * wait until `fd` is readable, and do other things meanwhile. It returns false to end the file
 * there. Call it before the first batch. */
typedef bool capture_stream_wait(void *context, int fd);
void capture_watch_stream(struct capture *capture, capture_stream_wait *wait, void *context);

/* Returns the next packets of a file in `batch`. Do not mix it with capture_next(). */
enum capture_result capture_next_batch(struct capture *capture, struct capture_batch *batch,
                                       struct error *error);

/* Fills `record` with packet `i` of the batch. */
void capture_batch_record(const struct capture_batch *batch, size_t i,
                          struct capture_record *record);

/* How far a file has been read. */
struct capture_progress {
        uint64_t read; /* bytes of the file, compressed ones if it is compressed */
        uint64_t size; /* of the file; 0 if unknown */
};
struct capture_progress capture_progress(const struct capture *capture);

/* Waits until a live capture may have packets, `wake` (a descriptor, or -1) is readable, a signal
 * arrives, an interface changes, or `timeout_ms` have passed (-1: no limit). Returns 0 for all of
 * these, -1 with `error` filled if waiting failed. If the interface is gone, capture_next() reports
 * it, after the packets that arrived before. */
int capture_wait(struct capture *capture, int wake, int timeout_ms, struct error *error);

/* Stops a live capture: nothing arrives any more. It still delivers all packets that have arrived,
 * for which capture_next() may wait a tenth of a second, until the kernel releases its last block.
 * Does nothing to a file. */
void capture_stop(struct capture *capture);

/* Ends a file: reads, even one in progress, return end of file; a truncated packet is
 * CAPTURE_ERROR. Async-signal-safe, to end a blocking read from a pipe. Does nothing to a live
 * capture. */
void capture_interrupt(struct capture *capture);

struct capture_statistics {
        uint64_t received; /* packets that passed the filter, including dropped ones */
        uint64_t dropped;  /* of them, lost because the ring was full */
};

/* Live: does not count the packet returned last as delivered: the caller's own filter does not
 * accept it. */
void capture_reject(const struct capture_record *record);

/* Returns the totals since capture_start(); zeros for a file. */
struct capture_statistics capture_statistics(struct capture *capture);

/* --- Other sources --- */

/* A live capture whose packets come from elsewhere: what the caller does in the place of packet
 * sockets. Each call is as the one of the same name of a capture: capture_next_live(), and so on.
 */
struct capture_feed {
        void (*set_filter)(void *context, capture_filter *filter, void *filter_context);
        int (*start)(void *context, struct error *error);
        enum capture_result (*next)(void *context, struct capture_record *records, size_t room,
                                    size_t *count, struct error *error);
        int (*wait)(void *context, int wake, int timeout_ms, struct error *error);
        void (*stop)(void *context);
        void (*mark)(void *context);
        bool (*passed_marks)(const void *context);
        int (*filter_again)(void *context, struct error *error);
        struct capture_statistics (*statistics)(void *context);
        const struct capture_interface *(*interface)(const void *context, uint32_t number);
        void (*close)(void *context);
};

/* How a packet passed that the kernel gives this type: PACKET_* of <linux/if_packet.h>. */
enum packet_passage capture_passage(unsigned type);

/* Opens such a capture, which calls `feed` with `context` until it has closed it. Returns NULL with
 * `error` filled when memory is short; then `context` is the caller's to close. */
struct capture *capture_open_feed(const struct capture_feed *feed, void *context,
                                  const struct capture_info *info, struct error *error);

/* --- Other network namespaces --- */

/* A network namespace, and sockets in it. */
struct capture_namespace {
        uint32_t inode;   /* of the namespace, which identifies it */
        const char *name; /* to be put in front of those of its interfaces: NAME/eth0 */
        int loopback;     /* index of its loopback interface */
        int packets;      /* for packets of all interfaces; nothing arrives yet */
        int changes;      /* tells of changes of interfaces */
        int query;        /* to ask for all of them */
};

/* Opens the sockets, and finds the loopback interface, in the namespace that the calling thread is
 * in. Returns 0, or -1 with `error` filled and nothing open. */
int capture_open_namespace(struct capture_namespace *opened, struct error *error);
void capture_close_namespace(const struct capture_namespace *opened);

/* Captures in that namespace, too: at once, or from capture_start() on. The capture is one of "any"
 * with the option `cooked`. Takes the sockets over and needs no privilege. Returns 0, or -1 with
 * `error` filled and the sockets closed. */
int capture_add_namespace(struct capture *capture, const struct capture_namespace *added,
                          struct error *error);

/* Captures there no longer. What has been received is still delivered, then the sockets, which keep
 * the namespace in being, are closed. */
void capture_leave_namespace(struct capture *capture, uint32_t inode);

/* Has capture_wait() of such a capture call `came` when `fd` is readable. */
typedef void capture_namespace_event(void *context);
void capture_watch_namespaces(struct capture *capture, int fd, capture_namespace_event *came,
                              void *context);

/* --- Interfaces, for such captures --- */

struct capture_link {
        uint32_t index;
        const char *name;
        uint16_t hardware_type; /* ARPHRD_* of <linux/if_arp.h> */
        bool exists;            /* false: it has been deleted, or has left the network namespace */
};

typedef void capture_link_event(void *context, const struct capture_link *link);

/* Watches the interfaces of this network namespace. Returns NULL with `error` filled on failure. */
struct capture_links;
struct capture_links *capture_watch_links(struct error *error);

/* Returns a descriptor that is readable while something has changed. */
int capture_links_descriptor(const struct capture_links *links);

/* Calls `each` for every interface that is there. Returns false if the kernel does not answer or,
 * with errno ENOMEM, memory is short. */
bool capture_links_each(struct capture_links *links, capture_link_event *each, void *context);

/* Calls `each` for every interface that has changed since, without waiting. Returns 0; 1 if changes
 * were lost, and `each` was called for all that are there, so that others are deleted; -1 if memory
 * is short. */
int capture_links_read(struct capture_links *links, capture_link_event *each, void *context);

/* NULL is fine. */
void capture_links_close(struct capture_links *links);

/* --- Writing --- */

enum capture_compression { CAPTURE_PLAIN, CAPTURE_GZIP, CAPTURE_ZSTD };

struct capture_writer_options {
        enum capture_format format; /* CAPTURE_PCAP or CAPTURE_PCAPNG */
        enum capture_compression compression;
        int link_type;                /* DLT_*, of packets without one of their own */
        uint32_t link_type_extension; /* see struct capture_info; or 0 */
        bool link_type_varies;        /* pcap: what the first packet has is taken instead */
        uint32_t snapshot_length;
        bool nanoseconds;

        /* What a pcapng file says besides. Texts may be NULL, and are used until it is closed. */
        struct capture *live;   /* NULL, or the capture whose interfaces are described at the start
                                   and counted at the end */
        struct timespec began;  /* when that was started */
        const char *filter;     /* its expression, on interfaces that have none of their own */
        struct capture *merged; /* NULL, or the capture of capture_merge(), open until the file is
                                   closed, the statistics of whose files are written at the end */
        struct capture_section section; /* its comments are not written, but: */
        const char *const *comments;
        size_t comment_count;

        /* NULL, or set to how many bytes of the file are whole records, before and after each
         * write: for whoever is left to cut the file if this process is killed in the middle of
         * one. */
        _Atomic uint64_t *whole;

        /* NULL, or what a write obeys that has to wait; see base/descriptor.h. */
        const struct patience *patience;
};

/* The same for both formats. The file is created with mode 0600. */
struct capture_writer *capture_writer_create(const char *path,
                                             const struct capture_writer_options *options,
                                             struct error *error);

/* Returns 0, or -1 with `error` filled if no file in this format can hold packets of this link
 * type. */
int capture_writer_check(const char *name, const struct capture_writer_options *options,
                         struct error *error);

/* The same on a descriptor, which the writer takes over, even on failure; it closes all but
 * standard output. `name` is for messages. */
struct capture_writer *capture_writer_on(int fd, const char *name,
                                         const struct capture_writer_options *options,
                                         struct error *error);

/* Returns the size of the file with all that was written to it so far, before compression. */
uint64_t capture_writer_size(const struct capture_writer *writer);

/* Writes the packets of a batch that passed, from number `from` to `to` - 1. Records in the same
 * format are copied unchanged; in pcapng, so are the blocks between them. Returns as below. */
int capture_writer_batch(struct capture_writer *writer, const struct capture_batch *batch,
                         size_t from, size_t to, struct error *error);

/* A name of an address. */
struct capture_name {
        int family;          /* AF_INET or AF_INET6 */
        uint8_t address[16]; /* 4 of them for AF_INET, in network byte order */
        const char *name;
};

/* These return 0, or -1 with `error` filled if not everything could be written. Packets are
 * buffered, and reach the kernel in whole records. Names go into a pcapng file; a classic one has
 * no place for them. Flushing ends the gzip member or zstd frame at hand; with `sync` it waits for
 * the disk. Closing flushes, and frees the writer even on failure.
 */
int capture_writer_write(struct capture_writer *writer, const struct capture_record *record,
                         struct error *error);
int capture_writer_names(struct capture_writer *writer, const struct capture_name *names,
                         size_t count, struct error *error);
int capture_writer_flush(struct capture_writer *writer, bool sync, struct error *error);
int capture_writer_close(struct capture_writer *writer, struct error *error);

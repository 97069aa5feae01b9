/* A live capture in parts: live.c is the capture and runs the others. A listener (socket.c, ring.c)
 * is a packet socket with its ring on one interface, or on all of them; order.c merges what several
 * have by time; changes.c follows what becomes of interfaces; interfaces.c describes them;
 * namespaces.c adds other network namespaces. */
#pragma once

#include "base/hash.h"
#include "base/news.h"
#include "capture/source.h"
#include "links.h"

#include <limits.h>
#include <linux/if_packet.h>

enum {
        STEP_MS = 5,
        MAX_RETIRE_MS = 1000, /* until the kernel hands over a packet, at most */
        DRAIN_MS = 2000,
};

/* --- namespaces.c: other network namespaces --- */

/* Kept as long as the capture: what is known of its interfaces points at it. */
struct space {
        uint32_t inode;
        int links, query; /* as those of struct live; -1 once it is left */
        char name[];
};

/* Closes its sockets. */
void space_close(struct space *space);
void space_free(struct space *space);

/* --- interfaces.c: what is known of interfaces --- */

/* Kept as long as the capture: packets point at it. */
struct known {
        struct capture_interface on;
        const struct space *space; /* NULL in this network namespace */
        char name[IF_NAMESIZE];
        char full_name[IF_NAMESIZE + NAME_MAX + 2]; /* with that of the namespace */
        char description[256];
        char hardware[80];
        bool listed;
        bool deleted; /* another interface may be this one from now on */
};

/* What an interface was called. */
struct recent_name {
        const struct space *space;
        int index;
        char name[IF_NAMESIZE];
};

enum { RECENT_NAMES = 256 };

struct interfaces {
        uint32_t snapshot_length; /* of all */
        int any_link_type;        /* of the packets of "any" */
        const char *filter;
        struct known **all;
        size_t count, room;
        struct known **listed; /* those that packets came from, or may come from */
        size_t listed_count, listed_room;
        struct hash_table by_index; /* numbers in `all` */
        struct known *last;         /* found */

        /* Of interfaces that changed, a ring: one may be gone when its packets are looked at. */
        struct recent_name recent[RECENT_NAMES];
        size_t recent_count;
        void (*read_changes)(void *context); /* those that are still to be read */
        void *context;
};

/* The interface that `link` is: the one known by its index, or of its name and link type if it had
 * been deleted; else a new one, described by what the kernel says through `socket`. NULL when
 * memory is short. */
struct known *interfaces_know(struct interfaces *interfaces, int socket,
                              const struct link_state *link, int link_type);

/* The same by index alone, on all interfaces. One that is gone has the name that it had. */
struct known *interfaces_find(struct interfaces *interfaces, int socket, const struct space *space,
                              int index);

/* Lists it, if it is not listed yet. Returns false when memory is short. */
bool interfaces_list(struct interfaces *interfaces, struct known *known);

/* The interface of this index has another name, or is deleted. */
void interfaces_change(struct interfaces *interfaces, const struct link_state *link);

void interfaces_free(struct interfaces *interfaces);

/* --- socket.c, ring.c: listeners --- */

enum listener_state {
        LISTENER_LISTENS,
        LISTENER_GONE,   /* the interface is deleted */
        LISTENER_BROKEN, /* the socket is */
        LISTENER_STOPPED,
};

/* A block that was copied out of the ring to make room there. */
struct copy {
        struct copy *next;
        size_t size;
        _Alignas(16) uint8_t bytes[];
};

struct listener {
        const struct capture_live_options *options;
        struct interfaces *interfaces;
        struct known *known;    /* NULL for all interfaces */
        struct space *space;    /* NULL in this network namespace */
        struct link_state link; /* as last heard of; its name is that of all messages */
        bool was_up;            /* ever, while this has listened */
        bool lost_carrier;      /* and that was told */
        enum listener_state state;
        int interface; /* index; 0 for all */
        int loopback;  /* index of the loopback interface; 0 if there is none */
        int link_type;
        bool any;    /* see struct capture_info */
        bool cooked; /* packets get a header made here */

        int socket;
        uint64_t taken;      /* packets taken out of the ring, including unwanted ones */
        uint64_t received;   /* packets that passed the filter, those dropped too */
        uint64_t dropped;    /* of them, as the ring was full */
        int64_t drain_until; /* nanoseconds of CLOCK_MONOTONIC: how long, at the end, to wait for
                                packets that have been received */

        uint8_t *ring;
        size_t block_size, blocks;
        size_t block;          /* in the ring, the one being read, or to be read next */
        struct copy *copies;   /* read before those in the ring */
        size_t *copied;        /* bytes in copies of all listeners */
        uint8_t *current;      /* the block being read; NULL if there is none */
        uint32_t packets_left; /* in it */
        uint8_t *next_packet;  /* in it */
        uint8_t *packet;       /* in it, what listener_next() has found */
        int64_t time;          /* of it, nanoseconds since 1970 */
        int64_t taken_at;      /* when its block was, nanoseconds of CLOCK_MONOTONIC */
        struct listener *next_ended;

        uint32_t mark;         /* of packets that come now, */
        uint64_t marked_at[2]; /* after so many; and after so many the one before it was */
};

/* Opens a packet socket of type SOCK_RAW or SOCK_DGRAM that receives nothing yet. Returns -1 with
 * `error` filled; `name` is for the message. */
int socket_open(int type, const char *name, struct error *error);

int socket_find_loopback(int socket);

/* Whether some interface has link headers whose length neither a filter nor this knows: 1 or 0, or
 * -1 with `error` filled. */
int socket_has_other_headers(int socket, struct error *error);

/* Fills `error` with that there is no interface of this name. Returns -1. */
int no_such_interface(const char *name, struct error *error);

/* Fills the state of the interface of this name. Returns 0, or -1 with `error` filled. */
int socket_find_interface(int socket, const char *name, struct link_state *link,
                          struct error *error);

/* Attaches a filter (SO_ATTACH_FILTER, SO_ATTACH_BPF), in place of any before. */
int listener_set_filter(struct listener *listener, const struct capture_program *program,
                        struct error *error);

/* Sets up a ring of `buffer` bytes and binds the socket: packets arrive. */
int listener_start(struct listener *listener, size_t buffer, bool must_be_up, struct error *error);

/* Brings what is counted up to date. */
void listener_count(struct listener *listener);

/* Nothing more arrives; what has been received is still there. */
void listener_end(struct listener *listener, enum listener_state state);

/* Whether the interface is deleted, by what the socket says. */
bool listener_lost_interface(const struct listener *listener);

/* Takes the error that poll() reports, as errno has it; 0 if there is none. */
int listener_error(const struct listener *listener);

/* Frees the listener. Returns its socket, without filter, ring and interface, or -1. */
int listener_free(struct listener *listener);

/* ring.c */
int ring_set_up(struct listener *listener, size_t buffer, struct error *error);
void ring_take_down(struct listener *listener);

/* Goes to the next block that the kernel has handed over. Returns false if there is none. */
bool listener_next_block(struct listener *listener);

static inline const struct sockaddr_ll *packet_sender(const struct tpacket3_hdr *header)
{
        return (const struct sockaddr_ll *)((const uint8_t *)header +
                                            TPACKET_ALIGN(sizeof *header));
}

/* A packet sent over the loopback interface is also received there; one of the two is enough. */
static inline bool listener_wants(const struct listener *listener, const struct sockaddr_ll *from)
{
        bool out = from->sll_pkttype == PACKET_OUTGOING;

        if (listener->options->direction == CAPTURE_INOUT)
                return !out || from->sll_ifindex != listener->loopback;
        return out == (listener->options->direction == CAPTURE_OUT);
}

/* Goes to the next packet of the block: `packet` and `time`. Returns false if there is none. It is
 * here, and asks for what lies some packets ahead, as it runs for each packet: another processor
 * has just written them. */
static inline bool listener_next_in_block(struct listener *listener)
{
        enum { AHEAD = 1024, LINE = 64, LINES = 3 };

        while (listener->packets_left > 0) {
                const struct tpacket3_hdr *header =
                    (const struct tpacket3_hdr *)listener->next_packet;

                listener->packet = listener->next_packet;
                listener->time = header->tp_sec * INT64_C(1000000000) + header->tp_nsec;
                listener->next_packet += header->tp_next_offset;
                listener->packets_left--;
                listener->taken++;
                for (int i = 0; i < LINES; i++)
                        __builtin_prefetch(listener->next_packet + AHEAD + i * LINE);
                if (listener_wants(listener, packet_sender(header)))
                        return true;
        }
        return false;
}

/* Goes to the next packet, also of a further block: the packets before it are then no longer valid.
 * Returns false if there is none for now. */
static inline bool listener_next(struct listener *listener)
{
        while (!listener_next_in_block(listener))
                if (!listener_next_block(listener))
                        return false;
        return true;
}

/* Fills the record of that packet, once: the headers that it lacks are put in front of it. */
void listener_record(const struct listener *listener, struct capture_record *record);

/* Gives later packets the next mark. */
void listener_set_mark(struct listener *listener);

/* Whether the kernel has packets that it has not handed over yet. */
bool listener_has_more(const struct listener *listener);

/* If more than half of the ring is full, copies the blocks that are handed over and returns them to
 * the kernel. */
void listener_make_room(struct listener *listener);

/* --- order.c: the packets of all listeners in order of time --- */

/* Each listener is in one of the two arrays, or has ended. */
struct order {
        struct listener **ready; /* a heap: the earliest packet is first */
        struct listener **idle;  /* had nothing when they were looked at */
        size_t ready_count, idle_count, ready_room, idle_room;
        struct listener *ended; /* a list */
        bool given;             /* the first packet has been delivered */
        int64_t safe;  /* nanoseconds since 1970: no idle one will bring a packet of before that */
        size_t copied; /* bytes, of all listeners */
};

/* Adds a listener that has started. Returns false when memory is short. */
bool order_add(struct order *order, struct listener *listener);

/* Returns the listener whose packet is next; NULL if that cannot be known yet. */
struct listener *order_next(struct order *order);

/* Whether the next packet is also one of that listener, and in the same block, so that those before
 * it stay valid; if so, goes to it. */
bool order_goes_on(struct order *order);

/* Takes out, and returns, a listener in another state than LISTENER_LISTENS whose packets are all
 * delivered; NULL if there is none. */
struct listener *order_take_ended(struct order *order);

/* How many milliseconds to wait, at most `timeout` (-1: any number), as poll() has it. */
int order_timeout(const struct order *order, int timeout);

/* Whether all packets of former marks have been delivered. */
bool order_passed_marks(const struct order *order);

void order_free(struct order *order);

/* --- by_libpcap.c: what no packet socket reads --- */

/* Whether the name is that of such a device. */
bool by_libpcap(const char *name);

/* Opens it. Returns NULL with `error` filled on failure. */
struct capture *by_libpcap_open(const char *name, const struct capture_live_options *options,
                                struct error *error);

/* --- devices.c: what a capture listens on --- */

enum { MAX_SPARES = 128 };

/* An interface that cannot be had, or can no longer. */
struct refused {
        int index;
        bool lacked_socket; /* it can be once a socket is free */
};

struct live {
        struct capture capture;
        struct capture_live_options options;
        char **devices; /* names and patterns; "any" alone */
        size_t device_count;
        int loopback;
        struct interfaces interfaces;
        struct listener **listeners;
        size_t count, room;
        struct order order;
        struct capture_statistics retired; /* of former listeners */
        capture_filter *filter;
        void *filter_context;

        /* Sockets for interfaces that are waited for: raw ones, cooked ones. */
        int spares[2][MAX_SPARES];
        size_t spare_count[2];
        bool spare_returned; /* since refused interfaces were tried */
        struct refused *refused;
        size_t refused_count, refused_room;

        uint32_t mark; /* of capture_mark(), the last one */

        int links; /* tells of changes of interfaces; -1 if that cannot be had */
        int query; /* to ask for all interfaces; -1 likewise */
        struct space **spaces;
        size_t space_count, space_room;
        bool started;
        int watched; /* a descriptor, or -1, and what is called when it is readable */
        capture_namespace_event *came;
        void *came_context;
        struct news news;

        bool stopped;
        struct error end; /* why the last listener was lost */
        bool broken;      /* its socket was */
        struct pollfd *polled;
        size_t polled_room;
};

/* Adds a line about an interface to what is to be told. */
void live_tell(struct live *live, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Opens listeners for all devices that are there. */
int live_open_devices(struct live *live, struct error *error);

/* Makes a listener of `socket`, which it owns; `link` is NULL for all interfaces, which are those
 * of `space`. Returns NULL, with the socket closed, when memory is short. */
struct listener *live_add(struct live *live, int socket, const struct link_state *link,
                          struct space *space);

/* The listener on the interface of this index; NULL if there is none. */
struct listener *live_find(const struct live *live, int index);

/* Whether a device is a name of this interface and no pattern. */
bool live_is_named(const struct live *live, const struct link_state *link);

/* Gives a listener its filter; no filter is fine. */
int live_set_listener_filter(struct live *live, struct listener *listener, struct error *error);

/* The same, and has it start. */
int live_start_listener(struct live *live, struct listener *listener, struct error *error);

/* An interface has appeared: listens on it, if that is wanted. */
void live_try_interface(struct live *live, const struct link_state *link);

/* What is told once of an interface that cannot be had is not told again with each change of it,
 * until it is forgotten. */
void live_refuse(struct live *live, int index);
void live_forget_refused(struct live *live, int index);

/* Listens, as far as there are sockets again, on interfaces for which there was none. */
void live_try_refused(struct live *live);

/* Frees a listener that has ended. Its socket may serve another one. */
void live_retire(struct live *live, struct listener *listener);

/* --- changes.c --- */

/* Reads what the system tells of its interfaces. Returns 0, or -1 if memory is short. */
int live_read_changes(struct live *live, struct error *error);

/* Nothing more comes from the listener, for one of the reasons LISTENER_GONE or LISTENER_BROKEN. */
void live_lose(struct live *live, struct listener *listener, enum listener_state state, int broken);

/* Loses the listener if its interface is gone. */
void live_look_for_interface(struct live *live, struct listener *listener);

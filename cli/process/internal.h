/* What the parts of --process share. */
#pragma once

#include "base/hash.h"
#include "base/text.h"
#include "capture/capture.h"
#include "ebpf/process/process.h"
#include "process.h"

/* --- owners.c: what was told of processes and sockets, in order of time --- */

/* A process, under one name. */
struct owner {
        struct process_id id;
        uint32_t pid, uid, network_namespace;
        bool followed;
        int64_t forked; /* when it had a child for the last time; 0: never */
        char *cgroup;   /* its path; starts with "..." if that is longer */
};

/* Who had a conversation from `time` on. */
struct moment {
        int64_t time;
        const struct owner *owner; /* NULL: not known */
        uint64_t socket, inode;
        uint8_t event;
        uint16_t flags;
};

enum { MOMENTS = 8 };

/* From a local end to a remote one; a later moment overwrites the oldest. */
struct conversation {
        struct process_ends ends;
        struct moment moments[MOMENTS]; /* by time */
        uint32_t count;
        uint32_t received;          /* packets that more than one process may have read */
        uint32_t scan;              /* the last one that found a socket of it, */
        const struct owner *holder; /* and who alone had it open, or NULL */
};

/* A process that used a socket, again and again without another one between; whether no other
 * process had it open then; and when it left nothing to be read, for the last time. */
struct run_of_uses {
        const struct owner *owner;
        bool alone;
        int64_t first, last, emptied;
};

enum { RUNS = 8 };

/* By time; a later one overwrites the oldest. */
struct uses {
        struct run_of_uses runs[RUNS];
        uint32_t count;
};

/* Closed ones are kept: packets of theirs may still be held. */
struct process_socket {
        uint64_t number, inode;
        struct process_ends ends;
        uint16_t flags;
        bool closed;
        int64_t closed_at; /* or later than that */
        int64_t told;      /* when, for the last time */
        int64_t opened;    /* later than that, as another one had its end; 0: not known */
        struct uses uses, reads;
        const struct owner *alone; /* the process that alone had it open, or NULL; */
        int64_t alone_at;          /* when */
        uint32_t scan;             /* the last one that found it, which began then: */
        int64_t held_at;
        const struct owner *holder; /* who had it open, */
        uint32_t holder_count;      /* the last of so many, */
        bool user_holds;            /* among whom is the one that used it last */
};

struct owners;

/* NULL when memory is short. */
struct owners *owners_new(void);
void owners_free(struct owners *owners);

/* A process_watch_take; the context is the owners. */
void owners_take(void *owners, const struct process_new *process,
                 const struct process_record *record);

/* Call the first before a scan, and the second behind one that was complete. Times are those of
 * CLOCK_MONOTONIC. */
void owners_begin_scan(struct owners *owners, int64_t time);
void owners_end_scan(struct owners *owners);

/* Forgets everything. What was found before is no longer valid. */
void owners_forget(struct owners *owners);

/* Whether memory was short, or there is so much that it should be forgotten. */
bool owners_failed(const struct owners *owners);
bool owners_full(const struct owners *owners);

/* The conversation between these ends, or NULL; the socket of that inode, or NULL. */
struct conversation *owners_conversation(struct owners *owners, const struct process_ends *ends);
struct process_socket *owners_socket(struct owners *owners, uint64_t inode);

/* Whether no other process has the socket open; and whether this one has. Both are told only if
 * that is sure: no child may have got it since. */
bool owners_alone(const struct process_socket *socket, const struct owner *owner);
bool owners_hold(const struct process_socket *socket, const struct owner *owner);

/* Finds sockets that were open at that time, not connected, and have the local end of `ends`; with
 * `any` in the place of its address that of all. Returns how many there are, of which up to `room`
 * go into `found`. */
size_t owners_local(struct owners *owners, const struct process_ends *ends, int64_t time, bool any,
                    struct process_socket **found, size_t room);

/* --- ends.c: the ends of a packet --- */

struct packet_ends {
        struct process_ends sent; /* local: the source */
        bool synchronizes;        /* TCP: the first packet of a connection */
        bool has_payload;         /* TCP */
        bool can_be_received; /* by a socket: not an echo request, for which the kernel answers */
};

/* Returns false if it is no IP packet, or too short. */
bool packet_ends_find(const struct capture_record *record, struct packet_ends *ends);

/* --- addresses.c: which addresses are this host's --- */

struct addresses;

struct addresses *addresses_open(struct error *error);
void addresses_close(struct addresses *addresses);

/* Takes what has changed. */
void addresses_read(struct addresses *addresses);
bool addresses_have(const struct addresses *addresses, const uint8_t address[16]);

/* --- decide.c: whose a packet is --- */

/* One of the two ends of a packet. */
struct party {
        bool applies; /* there may be a process here */
        bool decided;
        const struct owner *owner; /* NULL: not known */
};

/* What is known of a packet. */
struct ownership {
        struct packet_ends ends;
        bool has_ends;
        enum packet_passage passage;
        int64_t time; /* of the packet, by CLOCK_MONOTONIC */
        struct party sender, receiver;
        bool looked;     /* at what was known when it was captured */
        bool wants_scan; /* which would tell more at once */
};

/* Looks again; `late`: nothing is waited for any more, and a scan is behind it, if there can be
 * one. Returns whether all is decided, which it is when late. */
bool ownership_decide(struct ownership *ownership, struct owners *owners,
                      const struct addresses *addresses, bool late);

/* --- words.c: what is said of it --- */

/* Appends "curl[1234]", or "[unknown]". */
void words_note(struct text *text, const struct ownership *ownership);

/* Appends members of a JSON object. */
void words_members(struct text *text, const struct ownership *ownership);

/* Appends a comment on the packet, a line for each process. */
void words_comment(struct text *text, const struct ownership *ownership);

/* --- language.c --- */

bool process_language_accepts(struct process_language *language,
                              const struct capture_record *record,
                              const struct ownership *ownership);

/* Taps: copies of the packets that pass a place in the kernel, taken by the programs of taps.bpf.c
 * behind a filter. All taps of one capture share a ring, and places of one kind a tap. All of
 * it is gone when the process ends, however that happens, but for what taps_lasts(): nobody else
 * undoes that. */
#pragma once

#include "base/error.h"
#include "ebpf/program.h"
#include "record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct taps;

/* Where a program is attached. */
enum taps_hook {
        TAPS_XDP,
        TAPS_TC_INGRESS,
        TAPS_TC_EGRESS,
        TAPS_CGROUP_INGRESS,
        TAPS_CGROUP_EGRESS,
        TAPS_NETFILTER,
};

/* In the order of NF_INET_* of <linux/netfilter.h>. */
#define TAPS_NETFILTER_HOOKS "prerouting|input|forward|output|postrouting"

enum taps_mode {
        TAPS_MODE_ANY,
        TAPS_MODE_GENERIC, /* XDP */
        TAPS_MODE_NATIVE,
        TAPS_MODE_TCX, /* tc */
        TAPS_MODE_CLSACT,
};

/* Kinds of errors. */
enum {
        TAPS_OCCUPIED = 1, /* another program is where only one can be */
        TAPS_NO_TCX,       /* the kernel is too old for it */
        TAPS_NO_NATIVE,    /* the driver does not take a program, where no mode was asked for:
                              TAPS_MODE_GENERIC does, by another tap */
};

/* Where to attach: what the hook of the tap asks for. */
struct taps_place {
        uint32_t interface; /* index: XDP, tc */
        enum taps_mode mode;
        int cgroup;                 /* descriptor of its folder */
        int family, hook, priority; /* netfilter: NFPROTO_*, NF_INET_* */
        const char *name;           /* for messages */
};

/* The XDP program that was at an interface before, and gets each packet behind the filter. */
struct taps_occupant {
        uint32_t id;
        char name[16];
        int program;              /* its descriptor */
        enum ebpf_kind kind;      /* of what can go on to it */
        uint32_t interface, mode; /* XDP_FLAGS_* */
        bool left; /* a filt that was killed had not put it back, which was done now */
};

/* Makes a ring of `ring` bytes, rounded up to a size that the kernel accepts, for taps that copy
 * `snapshot` bytes of a packet at most. Returns NULL with `error` filled on failure. libbpf's
 * process-wide print function is replaced while this or taps_add() runs. */
struct taps *taps_new(size_t ring, uint32_t snapshot, struct error *error);

/* Adds a place, whose packets are of a link type. Returns the number of its tap, counted from 0:
 * one that is there, if places of its hook and link type can share it, for which no privilege is
 * needed; else a new one. Returns -1 with `error` filled on failure. */
int taps_add(struct taps *taps, enum taps_hook hook, const struct taps_place *place, int link_type,
             struct error *error);

/* How many taps there are. */
size_t taps_count(const struct taps *taps);

enum taps_hook taps_hook(const struct taps *taps, int tap);

/* Has a tap copy so many bytes of a packet, at most, from now on. */
void taps_keep(struct taps *taps, int tap, uint32_t snapshot);

/* Returns the descriptor of the table of the tap: what a filter goes on to by entry 0 for a packet
 * that it accepts and, if there is an occupant, by entry 1 for others. It stays the tap's. */
int taps_table(const struct taps *taps, int tap);

/* The kind that the filter of the tap must be. */
enum ebpf_kind taps_kind(const struct taps *taps, int tap);

/* NULL if there is none. */
const struct taps_occupant *taps_occupant(const struct taps *taps, int tap);

/* Attaches a filter, the descriptor of a program, before the tap at a place that was added. From
 * Linux 5.19 on, no privilege is needed. Returns 0, or -1 with `error` filled. */
int taps_attach(struct taps *taps, int tap, int filter, const struct taps_place *place,
                struct error *error);

/* Detaches what is at a place that was added, and forgets the place and what was lost there.
 * `where`: as in struct taps_record. */
void taps_leave(struct taps *taps, int tap, uint32_t where);

/* Attaching without a link, which the kernel does not undo at the end of the process: in the place
 * of an XDP program that is put back then, and by clsact. A process that outlives this one is to do
 * it, and to undo it. */
struct taps_lasting {
        int tap, filter;
        struct taps_place place;
        uint32_t link;       /* that holds the place at XDP; 0 for none */
        int pins;            /* says that the XDP program will be put back; 0 or -1 for none */
        bool made;           /* the qdisc */
        uint32_t handle;     /* of tc's filter */
        bool attached, lost; /* that somebody else has changed it was said */
};

/* Whether the tap is attached so at the place. */
bool taps_lasts(const struct taps *taps, int tap, const struct taps_place *place);

/* The descriptors that it takes. Returns how many there are. */
enum { TAPS_LASTING_DESCRIPTORS = 5 };
size_t taps_lasting_descriptors(const struct taps *taps, const struct taps_lasting *lasting,
                                int descriptors[TAPS_LASTING_DESCRIPTORS]);

/* Returns 0, or -1 with `error` filled. */
int taps_lasting_attach(struct taps *taps, struct taps_lasting *lasting, struct error *error);

/* Returns 0; or -1 with `error` filled if somebody else has changed what is there, which is said
 * once. */
int taps_lasting_check(struct taps *taps, struct taps_lasting *lasting, struct error *error);

/* Undoes it if it was attached: what somebody else has changed stays. Returns as
 * taps_lasting_check(). */
int taps_lasting_detach(struct taps *taps, struct taps_lasting *lasting, struct error *error);

/* Waits until no program that was detached, or replaced, runs any more. */
void taps_settle(void);

/* Detaches all but these, which are to be detached before, and returns when none runs any more.
 * What is in the ring can still be read.
 */
void taps_detach(struct taps *taps);
void taps_free(struct taps *taps);

/* Returns a descriptor that is readable while there are records. Whoever waits for that is woken up
 * when the ring is an eighth full, or by the next record after taps_arm(). */
int taps_descriptor(const struct taps *taps);
void taps_arm(struct taps *taps);

/* Returns the next record, in the order in which they were put into the ring, or NULL if there is
 * none yet. It is valid until taps_release(), which gives the kernel the room of all that were
 * returned. */
const struct taps_record *taps_next(struct taps *taps);
void taps_release(struct taps *taps);

/* Returns the next of the records that were not returned yet, without taking it; `*position` is 0
 * for the first. */
const struct taps_record *taps_peek(const struct taps *taps, unsigned long *position);

/* Positions in the ring, which grow: behind all records that have been begun; and behind those that
 * were returned. */
unsigned long taps_end(const struct taps *taps);
unsigned long taps_taken(const struct taps *taps);

/* Whether nothing has arrived behind what was returned. */
bool taps_is_empty(const struct taps *taps);

/* How many packets the filters of a tap have accepted, and how many of them found no room. */
struct taps_counts {
        uint64_t accepted, lost;
};
struct taps_counts taps_counts(const struct taps *taps, int tap);

/* How many of those that were lost passed a place. */
uint64_t taps_lost(const struct taps *taps, int tap, uint32_t where);

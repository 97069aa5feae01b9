/* Inside cli/fate: source.c is the capture; journey.c keeps what is known of each packet; end.c
 * says what became of it. */
#pragma once

#include "cli/drops/drop.h"
#include "ebpf/fate/fate.h"
#include "fate.h"

enum { JOURNEY_STOPS = 24 };

/* Where a packet was seen. */
struct stop {
        enum fate_kind kind;
        uint32_t network_namespace, interface;
        uint64_t time; /* nanoseconds of CLOCK_MONOTONIC */
        char name[DROPS_NAME];
};

enum end {
        END_UNKNOWN,
        END_DROPPED,
        END_PROCESS, /* copied to one */
        END_SOCKET,  /* reached one of TCP */
        END_KERNEL,  /* a function of the kernel has taken it */
        END_SENT,    /* by a driver, or in pieces */
};

/* A packet on its way. */
struct journey {
        uint64_t packet;
        uint32_t expected; /* the number of its next event */
        bool lost;         /* events, or its stops do not all fit */
        bool shared;       /* buffers with the same data are still there after its end */
        struct stop stops[JOURNEY_STOPS];
        size_t stop_count;
        enum end end;
        uint64_t end_time;
        uint32_t end_namespace;
        char *drop, *members; /* words about the drop, and JSON */
        uint32_t process;
        char command[16];
        char taker[64]; /* the function */

        /* Of the first line without an end. */
        uint64_t line; /* its number; 0 if there is none */
        char *name;    /* who sent to whom */
        uint64_t line_time;
        size_t line_stop;
        bool line_was_sent;
};

struct journeys;

struct journeys *journeys_new(void); /* NULL if memory is short */
void journeys_free(struct journeys *journeys);

/* What they are told by. */
struct guide {
        struct drop_tables tables;
        uint32_t own_namespace;
        int verbose;
};

/* Takes an event in. Returns the packet's journey; NULL if none is known of it, or memory is short.
 */
struct journey *journeys_take(struct journeys *journeys, const struct fate_event *event,
                              const struct drops_record *record, const struct guide *guide);

/* Whether the packet may be the one that a process has read from a socket; then it is. */
bool journey_was_read(struct journey *journey, const struct fate_event *event);

/* NULL if it is not known any more. */
struct journey *journeys_find(const struct journeys *journeys, uint64_t packet);

/* What became of a packet that was captured at a stop. */
struct verdict {
        struct text *words, *members; /* are appended to */
        bool settled;                 /* nothing that comes later changes it */
        bool known;
};

/* `last` says that no more is waited for. */
void end_tell(const struct journey *journey, size_t stop, bool last, const struct guide *guide,
              struct verdict *verdict);

/* Appends where it has been from the stop on, and the time between. */
void end_path(const struct journey *journey, size_t stop, struct text *words);

/* Inside cli/taps: a capture of taps in parts: source.c is the capture; attach.c attaches filters
 * at its places; changes.c follows what becomes of interfaces and cgroups. */
#pragma once

#include "base/clock.h"
#include "base/news.h"
#include "capture/capture.h"
#include "join.h"
#include "places.h"
#include "taps.h"
#include "watcher.h"

/* --- changes.c: what becomes of interfaces and cgroups --- */

/* An interface that cannot be had, which was told. */
struct refused {
        const struct tap_point *point;
        uint32_t interface;
};

struct changes {
        struct capture_links *links;
        int cgroups; /* a descriptor of inotify(7); -1 if there is none */
        struct news news;
        struct refused *refused;
        size_t refused_count, refused_room;
};

struct tap_source {
        struct taps *taps;
        struct tap_places places;
        uint32_t kept;
        int first_link_type; /* -1 if there was no place at the start */
        capture_filter *filter;
        void *filter_context;
        struct capture *socket; /* another place; or NULL */
        struct join *join;      /* NULL if each copy is a packet */
        int any;                /* an epoll descriptor, of all that may wake a capture */
        struct changes changes;
        struct clock_offset offset;
        uint64_t complete; /* when all places were there: nanoseconds of CLOCK_MONOTONIC */
        unsigned bursts;   /* of copies */
        bool stopped, drained;
        bool busy;                    /* copies have come since the last wait */
        struct taps_lasting *lasting; /* what the watcher attaches, and detaches at the end */
        size_t lasting_count, lasting_room;
        struct watcher *watcher;
        tap_judge *judge; /* of each copy, before it is joined; or NULL: accepts all */
        void *judge_context;
        tap_replace *replace; /* the filters of all taps; or NULL */
        void *replace_context;
        uint32_t mark;              /* of copies that come now, */
        unsigned long marked_at[2]; /* from here on; and from where those of the mark before */
        bool failed;                /* joining: what is held is still to be given, then the error */
        struct error failure;
};

/* Opens what tells of changes. Returns 0, or -1 with `error` filled. */
int changes_open(struct changes *changes, struct error *error);

/* Watches the folder of a cgroup, a descriptor: what cannot be watched is not told of. */
void changes_watch_cgroup(struct changes *changes, struct tap_place *place, int folder);

/* Reads what has changed; the second returns whether there is news, which `news` is filled with. */
void changes_read(struct tap_source *source);
bool changes_tell(struct tap_source *source, struct error *news);

/* Whether packets may still come from taps. */
bool changes_leave_any(const struct tap_source *source);
void changes_close(struct changes *changes);

/* --- attach.c --- */

struct taps_place attach_place(const struct tap_place *place);

/* Attaches the place's filter. What is left to the watcher is attached by the next one. Both return
 * 0, or -1 with `error` filled. */
int attach_filter(struct tap_source *source, struct tap_place *place, int filter,
                  struct error *error);
int attach_by_watcher(struct tap_source *source, struct error *error);

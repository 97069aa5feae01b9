/* What the sources of packets share: each implements the same calls. */
#pragma once

#include "capture.h"

struct capture_source {
        /* Of a live capture only. */
        void (*set_filter)(struct capture *, capture_filter *, void *context);
        int (*start)(struct capture *, struct error *);
        enum capture_result (*next)(struct capture *, struct capture_record *, size_t room,
                                    size_t *count, struct error *);
        int (*wait)(struct capture *, int wake, int timeout_ms, struct error *);
        void (*stop)(struct capture *);
        void (*mark)(struct capture *);
        bool (*passed_marks)(const struct capture *);
        int (*filter_again)(struct capture *, struct error *);
        struct capture_statistics (*statistics)(struct capture *);

        /* Of files only. */
        enum capture_result (*next_batch)(struct capture *, struct capture_batch *, struct error *);
        void (*batch_record)(const struct capture_batch *, size_t, struct capture_record *);
        struct capture_progress (*progress)(const struct capture *);
        void (*interrupt)(struct capture *); /* async-signal-safe */
        void (*watch_stream)(struct capture *, capture_stream_wait *, void *context);

        /* May be NULL where nothing is known. */
        const struct capture_interface *(*interface)(const struct capture *, uint32_t number);
        const struct capture_section *(*section)(const struct capture *);

        /* The file number `i` of those that are merged, NULL behind the last; NULL for others. */
        struct capture *(*merged)(const struct capture *, size_t i);

        void (*close)(struct capture *);
};

/* The first member of each source's own struct. */
struct capture {
        const struct capture_source *source;
        struct capture_info info;
        char *first_interface; /* described in a file; see info.several_interfaces */
        bool several_links;    /* a pcapng file may have several link types */
        bool keeps_statistics; /* of its interfaces, to be written to another file */
        capture_selector *selector;
        void *selector_context;
        capture_section_event *section_began, *section_ended; /* NULL if nobody wants to know */
        void *section_context;
        struct capture_batch batch; /* what capture_next() returns one by one, from `next` on */
        size_t next;
};

/* What the sources of packets share: each implements the same calls. */
#ifndef CAPTURE_INTERNAL_H
#define CAPTURE_INTERNAL_H

#include "capture.h"

struct capture_source {
        int (*set_filter)(struct capture *, const struct bpf_program *, struct error *);
        int (*start)(struct capture *, struct error *);
        enum capture_result (*next)(struct capture *, struct capture_record *, struct error *);
        enum capture_result (*next_batch)(struct capture *, struct capture_batch *,
                                          struct error *); /* NULL for a live one */
        void (*batch_record)(const struct capture_batch *, size_t, struct capture_record *);
        struct capture_progress (*progress)(const struct capture *);
        int (*wait)(struct capture *, int wake, int timeout_ms, struct error *);
        void (*stop)(struct capture *);      /* may be NULL */
        void (*interrupt)(struct capture *); /* async-signal-safe; may be NULL */
        struct capture_statistics (*statistics)(struct capture *);
        void (*close)(struct capture *);
};

/* The first member of each source's own struct. */
struct capture {
        const struct capture_source *source;
        int link_type;
        uint32_t link_type_extension; /* the upper bits of the link type in a classic file */
        uint32_t snapshot_length;
        bool nanoseconds;
        bool several_links; /* a pcapng file may have several link types */
        capture_selector *selector;
        void *selector_context;
};

/* The bytes of a packet's record or block, where they cannot be derived from the packet. */
struct capture_extent {
        const uint8_t *bytes;
        uint32_t length;
        uint32_t interface; /* of pcapng, its number in the section */
};

/* Returns whether a call on `fd` that failed with errno `reason` should be retried. Waits for a
 * pipe that another process has made non-blocking. */
bool capture_try_again(int fd, short events, int reason);

#endif

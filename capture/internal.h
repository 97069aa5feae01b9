/* capture: what its sources share. A capture is one of two sources behind the same calls. */
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

/* The first member of each source's own structure. */
struct capture {
        const struct capture_source *source;
        int link_type;
        uint32_t link_type_extension; /* upper bits beside the link type in a classic file */
        uint32_t snapshot_length;
        bool nanoseconds;
        bool several_links; /* pcapng with several link types may be read */
        capture_selector *selector;
        void *selector_context;
};

/* Where a packet's record or block is in the file, where that does not follow from the packet. */
struct capture_extent {
        const uint8_t *bytes;
        uint32_t length;
        uint32_t interface; /* of pcapng, its number in the section */
};

/* After a call on `fd` failed with `reason`: true if it is to be tried again. A pipe that somebody
 * else has made non-blocking is waited for. */
bool capture_try_again(int fd, short events, int reason);

#endif

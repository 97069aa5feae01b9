/* capture: what its sources share. A capture is one of two sources behind the same calls. */
#ifndef CAPTURE_INTERNAL_H
#define CAPTURE_INTERNAL_H

#include "capture.h"

struct capture_source {
        int (*set_filter)(struct capture *, const struct bpf_program *, struct capture_error *);
        int (*start)(struct capture *, struct capture_error *);
        enum capture_result (*next)(struct capture *, struct capture_packet *,
                                    struct capture_error *);
        int (*wait)(struct capture *, int wake, int timeout_ms, struct capture_error *);
        void (*stop)(struct capture *);      /* may be NULL */
        void (*interrupt)(struct capture *); /* async-signal-safe; may be NULL */
        struct capture_statistics (*statistics)(struct capture *);
        void (*close)(struct capture *);
};

/* The first member of each source's own structure. */
struct capture {
        const struct capture_source *source;
        int link_type;
        uint32_t snapshot_length;
        bool nanoseconds;
};

/* Fills `error` with a formatted message; always returns -1. */
int capture_fail(struct capture_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif

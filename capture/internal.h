/* What the sources of packets share: each implements the same calls. */
#pragma once

#include "capture.h"

struct capture_source {
        /* Of a live capture only. */
        int (*set_filter)(struct capture *, const struct bpf_program *, struct error *);
        int (*start)(struct capture *, struct error *);
        enum capture_result (*next)(struct capture *, struct capture_record *, struct error *);
        int (*wait)(struct capture *, int wake, int timeout_ms, struct error *);
        void (*stop)(struct capture *);
        struct capture_statistics (*statistics)(struct capture *);

        /* Of files only. */
        enum capture_result (*next_batch)(struct capture *, struct capture_batch *, struct error *);
        void (*batch_record)(const struct capture_batch *, size_t, struct capture_record *);
        struct capture_progress (*progress)(const struct capture *);
        void (*interrupt)(struct capture *); /* async-signal-safe */

        /* May be NULL where nothing is known. */
        const struct capture_interface *(*interface)(const struct capture *, uint32_t number);
        const struct capture_section *(*section)(const struct capture *);

        void (*close)(struct capture *);
};

/* The first member of each source's own struct. */
struct capture {
        const struct capture_source *source;
        struct capture_info info;
        bool several_links; /* a pcapng file may have several link types */
        capture_selector *selector;
        void *selector_context;
        capture_section_ended *section_ended; /* NULL if nobody wants to know */
        void *section_context;
        struct capture_batch batch; /* what capture_next() returns one by one, from `next` on */
        size_t next;
};

/* The bytes of a packet's record or block, where they cannot be derived from the packet. */
struct capture_extent {
        const uint8_t *bytes;
        uint32_t length;
        uint32_t interface; /* of pcapng, its number in the section */
};

/* Compresses output with zlib or libzstd: compress.c. */
enum compressor_step {
        COMPRESSOR_GO_ON,
        COMPRESSOR_FLUSH, /* all input so far can be decompressed from the output */
        COMPRESSOR_END,
};

/* Returns NULL if memory is short. */
struct compressor *compressor_new(enum capture_compression compression);
void compressor_free(struct compressor *compressor);

/* Consumes from `*data`, advancing it and `*length`, and sets `*out` and `*out_length` to the
 * output, valid until the next call. Returns 0 when done, 1 to be called again, -1 on failure. */
int compressor_run(struct compressor *compressor, enum compressor_step step, const uint8_t **data,
                   size_t *length, const uint8_t **out, size_t *out_length);

/* A packet to try programs on, with what the kernel would know of it. */
#pragma once

#include "cbpf/cbpf.h"

#include <stdio.h>

enum {
        SAMPLE_ROOM =
            1 << 17, /* bytes of packet a sample can hold: more than 16 bits can address */
};

struct sample {
        uint32_t captured;
        uint32_t length;
        struct cbpf_ancillary ancillary;
        bool live;   /* whether programs may see `ancillary` */
        bool beside; /* the kernel keeps the outermost VLAN tag, if there is one, apart */
        uint8_t data[SAMPLE_ROOM];
};

static inline struct packet sample_packet(const struct sample *sample)
{
        return (struct packet){
            .data = sample->data,
            .captured = sample->captured,
            .length = sample->length,
        };
}

/* What programs may see of it besides its bytes; NULL if nothing. */
static inline const struct cbpf_ancillary *sample_ancillary(const struct sample *sample)
{
        return sample->live ? &sample->ancillary : NULL;
}

/* A sample on the heap with room for `captured` bytes only, all zero; NULL when memory is short. */
struct sample *sample_new(uint32_t captured);

/* Bytes past `captured` are left as they are: they do not count. */
void sample_copy(struct sample *to, const struct sample *from);

/* Extends the sample to `captured` bytes, new ones zero; the wire length grows as needed. Returns
 * false if there is no room. */
bool sample_extend(struct sample *sample, uint64_t captured);

/* Writes the sample for a person: lengths, the first bytes in hexadecimal, and what the kernel
 * knows of it. Ends with a new line. */
void sample_print(const struct sample *sample, FILE *out);

/* How a live program is shown what is saved. */
enum sample_form {
        SAMPLE_AS_SAVED,
        SAMPLE_ETHERNET, /* by an Ethernet socket */
        SAMPLE_ANY,      /* by a raw socket for all interfaces; saved behind a LINUX_SLL2 header */
};

/* Makes `sample` one that can be saved: its tag is where it belongs, its header says what the
 * kernel tells. */
void sample_normalize(struct sample *sample, enum sample_form form);

/* Fills `shown` with what a live program sees of `saved`, which is normal. */
void sample_show(struct sample *shown, const struct sample *saved, enum sample_form form);

/* The other way: fills `saved` with what becomes of what a live program saw. */
void sample_save(struct sample *saved, const struct sample *shown, enum sample_form form);

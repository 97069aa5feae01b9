/* Packets to start from: those of capture files, and generated ones. */
#pragma once

#include "sample.h"

#include "capture/capture.h"

struct captures {
        struct capture_record *records; /* with link type; we own their bytes */
        size_t count, room;
};

/* Appends the packets of the capture files that match `pattern`, as for glob(3). Returns false if
 * there are none or one cannot be read. */
bool seeds_read(struct captures *captures, const char *pattern);
void seeds_free(struct captures *captures);

struct seeds {
        struct sample **samples;
        size_t count;
};

/* What to start with for a link type: some of its captured packets; network packets of Ethernet
 * captures after a header of zeros; packets of one repeated byte and of random ones. `live` is for
 * programs that may read ancillary data. Returns false when memory is short. */
bool seeds_make(struct seeds *seeds, const struct captures *captures, int link_type, bool live);
void seeds_drop(struct seeds *seeds);

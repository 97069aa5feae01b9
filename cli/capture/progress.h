/* Telling on standard error how far the reading of files has come. */
#pragma once

#include "cli/common/cli.h"
#include <time.h>

struct progress {
        bool enabled;
        bool asked;    /* by --progress: told also where nobody may look */
        bool terminal; /* one line, written over and over */
        bool shown;
        struct timespec begun;
        struct timespec told;
        uint64_t packets; /* read so far */
};

/* `wanted`: 1 for --progress, 0 for --no-progress, -1 for neither: then a terminal gets it, after a
 * second, unless it `prints`: shows packets too, which tell as much. */
void progress_start(struct progress *progress, int wanted, bool prints);

/* `packets` more have been read. */
void progress_step(struct progress *progress, const struct capture *capture, uint64_t packets);
void progress_end(struct progress *progress, const struct capture *capture);

/* Whether a candidate program may answer as it does, given a reference and a packet.
 *
 * The same answer is right. There is one other freedom: where the reference rejected because a
 * load went past the captured end, the candidate may give the answer that every completion of the
 * packet gets from the reference. A completion has the same captured bytes, and any bytes from
 * there to the wire length.
 *
 * Not all completions can be tried; those that steer the reference into all its branches are. */
#pragma once

#include "trail.h"

enum judgement {
        JUDGED_SAME,
        JUDGED_FREE,  /* different, but every completion tried gets the candidate's answer */
        JUDGED_SHORT, /* as FREE, but only if packets were longer than they were on the wire; or
                       * what was missing is farther away than any packet reaches (SAMPLE_ROOM) */
        JUDGED_DIFFERENT,
};

struct judge {
        const struct bpf_program *reference;
        uint64_t random;
        /* Of the judgements FREE and SHORT, how many stopped trying before they ran out of branches
         * to steer into. */
        size_t unsure;
        struct trail trail, from; /* room to work in */
        struct sample completion; /* where the judgement is DIFFERENT for a load past the captured
                                   * end: one that gets another answer, if captured is not 0 */
};

enum judgement judge(struct judge *judge, const struct sample *sample, uint32_t answer);

/* How far the clock of the day is ahead of the one that is never set. */
#include "clock.h"

static struct clock_offset measure(void)
{
        enum { TRIES = 8, SMALL = 1000 };
        struct clock_offset best = {0, INT64_MAX / 2};

        for (int i = 0; i < TRIES && best.error > SMALL; i++) {
                int64_t before = clock_now(CLOCK_MONOTONIC), now = clock_now(CLOCK_REALTIME);
                int64_t error = (clock_now(CLOCK_MONOTONIC) - before) / 2;

                if (error < best.error)
                        best = (struct clock_offset){now - before - error, error};
        }
        return best;
}

void clock_follow(struct clock_offset *offset)
{
        struct clock_offset now = measure();
        int64_t difference = now.nanoseconds - offset->nanoseconds;

        if (difference > now.error + offset->error || -difference > now.error + offset->error ||
            now.error < offset->error)
                *offset = now;
}

/* The time, as one number. */
#pragma once

#include <stdint.h>
#include <time.h>

/* Nanoseconds of a clock, as clock_gettime(2) has it. */
static inline int64_t clock_now(clockid_t clock)
{
        struct timespec time;

        clock_gettime(clock, &time);
        return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/* How far CLOCK_REALTIME is ahead of CLOCK_MONOTONIC, and by how much that may be wrong; both in
 * nanoseconds. */
struct clock_offset {
        int64_t nanoseconds;
        int64_t error;
};

/* Before the first clock_follow(). */
#define CLOCK_OFFSET_UNKNOWN           \
        {                              \
                .error = INT64_MAX / 2 \
        }

/* Measures it anew: both run at the same speed, and only the clock of the day may be set. */
void clock_follow(struct clock_offset *offset);

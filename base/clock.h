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

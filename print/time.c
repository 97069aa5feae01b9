/* The time stamp in front of a line. The zone is looked up at most once per quarter hour of packet
 * time: every offset from UTC in use today is a multiple of that, and so is every change. */
#include "forms.h"

#include <stdio.h>

#define NANOSECONDS 1000000000

/* Of a damaged file, what should be less than a second may be more, or negative. It is printed as
 * the 32 bits that it was. */
static void put_fraction(struct printer *printer, long nanoseconds)
{
        bool fine = printer->options.nanoseconds;
        uint32_t fraction = (uint32_t)(fine ? nanoseconds : nanoseconds / 1000);
        uint32_t microseconds = fine ? fraction / 1000 : fraction;
        char *at = output_room(printer, 10);

        *at = '.';
        if (microseconds >= 1000000) {
                output_end(printer, at + 1);
                put_decimal(printer, fraction);
                return;
        }
        at = number_pair(at + 1, microseconds / 10000);
        at = number_pair(at, microseconds / 100 % 100);
        output_end(printer, number_pair(at, microseconds % 100));
        if (fine)
                put_decimal_padded(printer, fraction % 1000, 3);
}

/* The text of the last second is cached: thousands of packets share it. */
static void put_clock(struct printer *printer, uint32_t seconds, long nanoseconds)
{
        char *clock = printer->clock;

        if (printer->clock_second != seconds || clock[2] != ':') {
                printer->clock_second = seconds;
                number_pair(clock, seconds / 3600 % 100);
                clock[2] = ':';
                number_pair(clock + 3, seconds / 60 % 60);
                clock[5] = ':';
                number_pair(clock + 6, seconds % 60);
        }
        put_bytes(printer, clock, sizeof printer->clock);
        put_fraction(printer, nanoseconds);
}

/* Looks up the local day of `second` and keeps it. */
static void day_find(struct printer *printer, int64_t second)
{
        enum { QUARTER = 15 * 60, DAY = 24 * 60 * 60 };
        time_t seconds = (time_t)second;
        struct tm local;
        int64_t quarter = second / QUARTER * QUARTER;

        if (!localtime_r(&seconds, &local))
                local = (struct tm){.tm_year = 70, .tm_mday = 1};
        printer->day_start = second - (local.tm_hour * 3600 + local.tm_min * 60 + local.tm_sec);
        printer->day_from = quarter > printer->day_start ? quarter : printer->day_start;
        printer->day_until = quarter + QUARTER < printer->day_start + DAY
                                 ? quarter + QUARTER
                                 : printer->day_start + DAY;
        snprintf(printer->day, sizeof printer->day, "%04d-%02d-%02d ", local.tm_year + 1900,
                 local.tm_mon + 1, local.tm_mday);
}

static void put_local(struct printer *printer, struct timespec time, bool with_date)
{
        if (time.tv_sec < printer->day_from || time.tv_sec >= printer->day_until)
                day_find(printer, time.tv_sec);
        if (with_date)
                put(printer, printer->day);
        put_clock(printer, (uint32_t)(time.tv_sec - printer->day_start), time.tv_nsec);
}

/* The time from `then` to `now`, signed. */
static void put_difference(struct printer *printer, struct timespec now, struct timespec then)
{
        bool back =
            now.tv_sec < then.tv_sec || (now.tv_sec == then.tv_sec && now.tv_nsec < then.tv_nsec);
        struct timespec later = back ? then : now;
        struct timespec earlier = back ? now : then;
        uint64_t seconds = (uint64_t)later.tv_sec - (uint64_t)earlier.tv_sec;
        long nanoseconds = later.tv_nsec - earlier.tv_nsec;

        if (nanoseconds < 0) {
                seconds--;
                nanoseconds += NANOSECONDS;
        }
        put_char(printer, back ? '-' : ' ');
        put_clock(printer, (uint32_t)(seconds % (24 * 60 * 60)),
                  nanoseconds); /* days are not shown */
}

/* The first packet is told from the rest by the time before it, 0, so one of that time still is
 * before the first. */
static void begin_at(struct timespec *since, struct timespec time)
{
        if (since->tv_sec == 0 && since->tv_nsec == 0)
                *since = time;
}

void time_print(struct printer *printer, struct timespec time)
{
        size_t start;

        /* Differences are of the stamps as shown: microseconds are cut, then subtracted. */
        if (!printer->options.nanoseconds)
                time.tv_nsec -= time.tv_nsec % 1000;
        begin_at(&printer->first, time);
        begin_at(&printer->previous, time);
        start = span_start(printer);
        switch (printer->options.time) {
        case PRINT_TIME_NONE: return;
        case PRINT_TIME_OF_DAY: put_local(printer, time, false); break;
        case PRINT_TIME_DATE: put_local(printer, time, true); break;
        case PRINT_TIME_EPOCH:
                put_decimal(printer, (uint64_t)time.tv_sec);
                put_fraction(printer, time.tv_nsec);
                break;
        case PRINT_TIME_SINCE_PREVIOUS:
                put_difference(printer, time, printer->previous);
                printer->previous = time;
                break;
        case PRINT_TIME_SINCE_FIRST: put_difference(printer, time, printer->first); break;
        }
        span_end(printer, ROLE_TIME, start);
        put_char(printer, ' ');
}

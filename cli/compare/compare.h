/* compare: the parts of `filt compare`, which runs tcpdump and filt over the same traffic.
 *
 *      compare.c   options, the order of things, the verdict
 *      runner.c    one of the two programs, running as a child
 *      listing.c   the programs both compile, side by side
 *      file.c      packets of a file
 *      live.c      packets of an interface: starting, stopping
 *      align.c     packets of an interface: which are the same
 *      report.c    the differences, printed as they are found */
#pragma once

#include "cli/common/cli.h"

DECLARE_SUBCOMMAND(compare);

enum side {
        TCPDUMP,
        FILT,
        SIDES,
};

#define COMPARE_MAX_WORDS 64

/* Words to pass on to a program. */
struct compare_words {
        const char *words[COMPARE_MAX_WORDS];
        size_t count;
};

struct compare_options {
        const char *file;             /* -r, or NULL */
        const char *device;           /* -i, or NULL */
        uint64_t packets;             /* -c; 0: no limit */
        uint64_t duration;            /* milliseconds; 0: no limit */
        uint64_t timeout;             /* seconds either program has to compile */
        bool full;                    /* show listings to their end */
        struct compare_words shared;  /* options both get */
        struct compare_words tcpdump; /* options tcpdump alone gets */
        struct compare_words filter;  /* the expression, as the last words of a command */
};

/* "tcpdump" and "filt", for messages. */
const char *side_name(enum side side);

static inline enum side other_side(enum side side)
{
        return side == TCPDUMP ? FILT : TCPDUMP;
}

/* One of the two programs, running. What it prints is collected in memory (memfd), so that it never
 * waits for us and leaves nothing behind. */
struct runner {
        enum side side;
        pid_t process; /* 0 once it has ended */
        int output;    /* memfd of its standard output, or -1 if the caller gave a descriptor */
        int messages;  /* memfd of its standard error */
        int status;    /* once ended, as process_wait() */
};

/* Starts the program of `side` with the options both get, then `more` (NULL-terminated), then its
 * own options and the expression. Its standard output goes to `output`, or is collected if that is
 * -1. Returns STATUS_DONE, or STATUS_FAILED after a complaint. Stop it with runner_end(), then
 * runner_free() it. */
int runner_start(struct runner *runner, const struct compare_options *options, enum side side,
                 const char *const *more, int output);

/* Waits until the program ends by itself. Returns false if it still runs after `timeout_ms`. */
bool runner_wait(struct runner *runner, int timeout_ms);

/* Ends it if it still runs: by SIGTERM (SIGINT may be ignored, in the background), and by SIGKILL
 * if that does not help within seconds. */
void runner_end(struct runner *runner);

void runner_free(struct runner *runner);

/* Complains that the program failed: how it ended, and what it said. */
void runner_complain(const struct runner *runner);

/* Has both compile the expression, and prints the two programs side by side. Returns STATUS_DONE if
 * there are two, otherwise the exit status of the whole, everything being said. */
int compare_listings(const struct compare_options *options);

/* What came out. */
struct compare_result {
        uint64_t matched[SIDES];
        uint64_t total;       /* packets in the file */
        uint64_t differences; /* packets that are not the same in both */
        uint64_t outside;     /* live: packets of a time when only one of them listened */
        uint64_t dropped[SIDES];
        bool clock_was_set; /* live: so that the time both listened is uncertain */
        bool failed;        /* one of them, or the file; complained about already */
};

/* True if packets may be missing for which no filter is to blame. */
static inline bool compare_inconclusive(const struct compare_result *result)
{
        return result->dropped[TCPDUMP] || result->dropped[FILT] || result->clock_was_set;
}

/* Prints differences while they are found, the first few; counts them all in `result`. */
struct compare_report {
        struct compare_result *result;
        struct printer *printer;
        const char *file; /* NULL if live */
        bool silent;      /* it is inconclusive already: only count */
};

/* Returns STATUS_DONE, or STATUS_FAILED after a complaint. Freed with compare_report_free(). */
int compare_report_open(struct compare_report *report, struct compare_result *result,
                        const struct capture *like, const char *file);
void compare_report_free(struct compare_report *report);

/* A difference at `record`: `format` makes the line above the packet. */
void compare_report(struct compare_report *report, const struct capture_record *record,
                    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Run both over the file, or the traffic of the interface, and compare what they write. */
void compare_file(const struct compare_options *options, struct compare_result *result);
void compare_live(const struct compare_options *options, struct compare_result *result);

/* A span of time, in nanoseconds since the epoch. */
struct compare_window {
        int64_t start;
        int64_t end;
};

static inline int64_t compare_nanoseconds(const struct timespec *time)
{
        return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

/* Finds which packets of two live captures are the same; `window` is when both were listening. */
void compare_align(struct capture *const captures[SIDES], const struct compare_window *window,
                   struct compare_report *report);

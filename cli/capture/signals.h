/* What signals ask of a capture.
 *
 *      SIGINT, SIGTERM, SIGQUIT, SIGALRM, SIGXCPU, SIGXFSZ   end in order: everything is written
 *      SIGUSR1                                               print the figures
 *      SIGUSR2                                               flush what is written
 *      SIGHUP                                                begin the file of -w anew, by its
 *                                                            name, and with --follow-sets, read
 *                                                            the sets; without both, end
 *      SIGIO                                                 look at what the process that follows
 *                                                            the sets has to say
 *
 * A second signal to end, or two seconds in which a reader takes nothing, end a write that has to
 * wait. */
#pragma once

#include "capture/capture.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* What SIGHUP asks for; 0: the end. */
enum { HANGUP_REOPENS = 1, HANGUP_REREADS = 2 };

/* Installs the handlers. Of signals that are ignored from before, SIGHUP stays so, as nohup(1)
 * wants it. Where it only asks to read the sets, it ends the capture nevertheless if it comes from
 * a terminal that is gone. Returns false after a complaint. */
bool signals_catch(int hangup);

/* Files whose reading a signal to end interrupts; NULL if there are none any more. */
void signals_interrupt(struct capture *capture);

/* Asks for the end when `ms` milliseconds, and up to a second, have passed, so that a write that
 * waits ends then as well. An alarm that whoever started filt has set stays, if it is earlier. */
void signals_end_after(uint64_t ms);

/* Readable when a signal has come since signals_settle(). */
int signals_descriptor(void);

/* Whether a signal has come that has not been looked at yet. */
extern volatile sig_atomic_t signals_pending;
static inline bool signals_came(void)
{
        return signals_pending;
}

/* What has been asked for since the last call; look at it after signals_settle(), so that nothing
 * is missed. */
void signals_settle(void);
bool signals_want_end(void);

/* How often somebody has asked for the end so far. */
unsigned signals_end_requests(void);
bool signals_want_figures(void);
bool signals_want_flush(void);
bool signals_want_reopening(void);
bool signals_want_rereading(void);

/* For writes, as capture_writer_options has it. */
const struct patience *signals_patience(void);

/* Has `answer` called while a write waits and a signal may have come. */
void signals_answer_in_writes(void (*answer)(void *context), void *context);

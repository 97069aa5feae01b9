/* See signals.h. The handlers note what is asked for, and wake whoever waits. */
#include "signals.h"
#include "base/array.h"
#include "base/descriptor.h"
#include "cli/common/cli.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { PATIENCE = 1 }; /* seconds until HURRY_IMPATIENT; and between further alarms */

volatile sig_atomic_t signals_pending;
static volatile sig_atomic_t figures, flush, reopening, rereading;
static struct patience patience;
static volatile sig_atomic_t end_requests;
static int hangup_asks;
static int wake = -1; /* makes a wait end that begins just after a signal came */
static struct capture *volatile interrupted;

/* From then on, alarms end a write that begins to wait just after the hurry was looked
 * at. */
static void ask_for_end(bool by_user)
{
        if (by_user)
                end_requests++;
        if (patience.hurry == HURRY_NONE)
                patience.hurry = HURRY_ENDING;
        else if (by_user)
                patience.hurry = HURRY_AT_ONCE;
        else if (patience.hurry == HURRY_ENDING)
                patience.hurry = HURRY_IMPATIENT;
        alarm(PATIENCE);
        if (interrupted)
                capture_interrupt(interrupted);
}

/* Returns false if it asks for the end. */
static bool take_hangup(const siginfo_t *info)
{
        bool reopens = hangup_asks & HANGUP_REOPENS;
        bool rereads = hangup_asks & HANGUP_REREADS && (reopens || info->si_code != SI_KERNEL);

        if (reopens)
                reopening = 1;
        if (rereads)
                rereading = 1;
        return reopens || rereads;
}

static void on_signal(int signal, siginfo_t *info, void *context)
{
        uint64_t one = 1;
        int saved = errno;

        (void)context;
        signals_pending = 1;
        if (signal == SIGUSR1)
                figures = 1;
        else if (signal == SIGUSR2)
                flush = 1;
        else if (signal == SIGHUP && take_hangup(info))
                ;
        else if (signal != SIGIO)
                ask_for_end(signal == SIGINT || signal == SIGQUIT || info->si_code != SI_KERNEL);
        if (write(wake, &one, sizeof one) < 0) {
                /* the counter is full: the wait ends anyway */
        }
        errno = saved;
}

bool signals_catch(int hangup)
{
        static const int caught[] = {SIGINT,  SIGTERM, SIGQUIT, SIGALRM, SIGXCPU,
                                     SIGXFSZ, SIGUSR1, SIGUSR2, SIGHUP,  SIGIO};
        /* Without SA_RESTART: a write that waits must end. */
        struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};

        wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (wake < 0) {
                complain("eventfd: %s", strerror(errno));
                return false;
        }
        hangup_asks = hangup;
        for (size_t i = 0; i < array_count(caught); i++) {
                struct sigaction before;

                if (caught[i] == SIGHUP && sigaction(SIGHUP, NULL, &before) == 0 &&
                    before.sa_handler == SIG_IGN)
                        continue;
                sigaction(caught[i], &action, NULL);
        }
        /* A reader of the printed lines who leaves must not take the saved packets along. */
        signal(SIGPIPE, SIG_IGN);
        return true;
}

void signals_interrupt(struct capture *capture)
{
        interrupted = capture;
}

void signals_end_after(uint64_t ms)
{
        uint64_t longest = UINT_MAX - 1;
        unsigned wanted = (unsigned)(ms / 1000 < longest ? ms / 1000 + 1 : longest);
        unsigned before = alarm(wanted);

        if (before > 0 && before < wanted)
                alarm(before);
}

int signals_descriptor(void)
{
        return wake;
}

void signals_settle(void)
{
        uint64_t count;

        signals_pending = 0;
        if (read(wake, &count, sizeof count) < 0) {
                /* empty already */
        }
}

static bool take(volatile sig_atomic_t *flag)
{
        bool set = *flag;

        *flag = 0;
        return set;
}

bool signals_want_end(void)
{
        return patience.hurry != HURRY_NONE;
}

unsigned signals_end_requests(void)
{
        return (unsigned)end_requests;
}

bool signals_want_figures(void)
{
        return take(&figures);
}

bool signals_want_flush(void)
{
        return take(&flush);
}

bool signals_want_reopening(void)
{
        return take(&reopening);
}

bool signals_want_rereading(void)
{
        return take(&rereading);
}

const struct patience *signals_patience(void)
{
        return &patience;
}

void signals_answer_in_writes(void (*answer)(void *context), void *context)
{
        patience.interrupted = answer;
        patience.context = context;
}

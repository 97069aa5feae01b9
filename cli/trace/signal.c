/* A signal as strace prints it. */
#include "line.h"

#include "base/array.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

void trace_signal_name(struct text *text, int number)
{
        if (sigabbrev_np(number))
                text_format(text, "SIG%s", sigabbrev_np(number));
        else if (number == 32)
                text_string(text, "SIGRTMIN");
        else if (number > 32 && number < 65)
                text_format(text, "SIGRT_%d", number - 32);
        else
                text_signed(text, number);
}

/* Meanings of si_code. Most depend on the signal. */
static const struct code {
        int signal; /* 0: any */
        int code;
        const char *name;
} codes[] = {
#define OF(signal, name)            \
        {                           \
                signal, name, #name \
        }
    OF(0, SI_USER),           OF(0, SI_KERNEL),
    OF(0, SI_QUEUE),          OF(0, SI_TIMER),
    OF(0, SI_MESGQ),          OF(0, SI_ASYNCIO),
    OF(0, SI_SIGIO),          OF(0, SI_TKILL),
    OF(SIGCHLD, CLD_EXITED),  OF(SIGCHLD, CLD_KILLED),
    OF(SIGCHLD, CLD_DUMPED),  OF(SIGCHLD, CLD_TRAPPED),
    OF(SIGCHLD, CLD_STOPPED), OF(SIGCHLD, CLD_CONTINUED),
    OF(SIGSEGV, SEGV_MAPERR), OF(SIGSEGV, SEGV_ACCERR),
    OF(SIGBUS, BUS_ADRALN),   OF(SIGBUS, BUS_ADRERR),
    OF(SIGBUS, BUS_OBJERR),   OF(SIGFPE, FPE_INTDIV),
    OF(SIGFPE, FPE_INTOVF),   OF(SIGFPE, FPE_FLTDIV),
    OF(SIGFPE, FPE_FLTOVF),   OF(SIGFPE, FPE_FLTUND),
    OF(SIGFPE, FPE_FLTRES),   OF(SIGFPE, FPE_FLTINV),
    OF(SIGFPE, FPE_FLTSUB),   OF(SIGILL, ILL_ILLOPC),
    OF(SIGILL, ILL_ILLOPN),   OF(SIGILL, ILL_ILLADR),
    OF(SIGILL, ILL_ILLTRP),   OF(SIGILL, ILL_PRVOPC),
    OF(SIGILL, ILL_PRVREG),   OF(SIGTRAP, TRAP_BRKPT),
    OF(SIGTRAP, TRAP_TRACE)
#undef OF
};

static void put_code(struct text *text, const siginfo_t *info)
{
        for (size_t i = 0; i < array_count(codes); i++)
                if (codes[i].code == info->si_code &&
                    (codes[i].signal == 0 || codes[i].signal == info->si_signo)) {
                        text_string(text, codes[i].name);
                        return;
                }
        text_address(text, (uint32_t)info->si_code);
}

static void put_sender(struct text *text, const siginfo_t *info)
{
        text_format(text, ", si_pid=%d, si_uid=%u", info->si_pid, info->si_uid);
}

/* Clock ticks; in seconds too, unless 0. */
static void put_ticks(struct text *text, const char *name, long ticks)
{
        const long second = sysconf(_SC_CLK_TCK);

        text_format(text, ", %s=%ld", name, ticks);
        if (ticks && second > 0)
                text_format(text, " /* %.2f s */", (double)ticks / (double)second);
}

static void put_child(struct text *text, const siginfo_t *info)
{
        put_sender(text, info);
        text_string(text, ", si_status=");
        if (info->si_code == CLD_EXITED)
                text_signed(text, info->si_status);
        else
                trace_signal_name(text, info->si_status);
        put_ticks(text, "si_utime", info->si_utime);
        put_ticks(text, "si_stime", info->si_stime);
}

static void put_value(struct text *text, const siginfo_t *info)
{
        if (!info->si_ptr)
                return;
        text_format(text, ", si_int=%d, si_ptr=", info->si_int);
        text_address(text, (uintptr_t)info->si_ptr);
}

static void put_address(struct text *text, const siginfo_t *info)
{
        text_string(text, ", si_addr=");
        if (info->si_addr)
                text_address(text, (uintptr_t)info->si_addr);
        else
                text_string(text, "NULL");
}

/* Which other fields there are depends on who sent it and why. */
static void put_rest(struct text *text, const siginfo_t *info)
{
        if (info->si_code <= 0 && info->si_code != SI_TIMER) {
                put_sender(text, info);
                if (info->si_code != SI_USER && info->si_code != SI_TKILL)
                        put_value(text, info);
                return;
        }
        if (info->si_code == SI_TIMER) {
                text_format(text, ", si_timerid=0x%x, si_overrun=%d", (unsigned)info->si_timerid,
                            info->si_overrun);
                put_value(text, info);
                return;
        }
        switch (info->si_signo) {
        case SIGCHLD: put_child(text, info); break;
        case SIGILL:
        case SIGFPE:
        case SIGSEGV:
        case SIGBUS: put_address(text, info); break;
        default:
                if (info->si_pid || info->si_uid)
                        put_sender(text, info);
                put_value(text, info);
        }
}

void trace_signal(struct text *text, const char *information)
{
        siginfo_t info = {0};

        memcpy(&info, information, WRITES_SIGINFO);
        text_string(text, "--- ");
        trace_signal_name(text, info.si_signo);
        text_string(text, " {si_signo=");
        trace_signal_name(text, info.si_signo);
        text_string(text, ", si_code=");
        put_code(text, &info);
        put_rest(text, &info);
        text_string(text, "} ---");
}

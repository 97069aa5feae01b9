/* See watcher.h. The end of the other process is the end of a pair of sockets. */
#include "watcher.h"

#include "base/array.h"
#include "cli/common/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct watcher {
        int channel;
        pid_t process;
};

/* How it has begun. */
struct report {
        int result;
        struct error error;
};

/* --- In the process --- */

/* Who reads what filt prints waits for it, not for this process. */
static void leave_output(void)
{
        int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

        dup2(nowhere, STDIN_FILENO);
        dup2(nowhere, STDOUT_FILENO);
}

static void await_end(const struct watcher_task *task, int channel)
{
        enum { LOOK_MS = 1000 };
        struct pollfd polled = {.fd = channel, .events = POLLIN};

        while (poll(&polled, 1, LOOK_MS) <= 0)
                task->look(task->context);
}

static _Noreturn void run(const struct watcher_task *task, int channel)
{
        struct report report = {0};
        sigset_t all;

        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, NULL);
        setsid();
        prctl(PR_SET_NAME, "filt-taps");
        leave_output();
        task->kept[task->kept_count] = channel;
        process_close_others(task->kept, task->kept_count + 1);
        report.result = task->begin(task->context, &report.error);
        if (send(channel, &report, sizeof report, MSG_NOSIGNAL) >= 0 && report.result == 0)
                await_end(task, channel);
        task->end(task->context);
        _exit(STATUS_DONE);
}

/* --- In the other one --- */

static int start(struct watcher *watcher, const struct watcher_task *task)
{
        int ends[2];

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
                return -1;
        watcher->process = fork();
        if (watcher->process == 0)
                run(task, ends[1]);
        close(ends[1]);
        watcher->channel = ends[0];
        return watcher->process < 0 ? -1 : 0;
}

/* Returns as the task's begin(). */
static int await_begin(const struct watcher *watcher, struct error *error)
{
        struct report report;
        ssize_t got;

        do
                got = recv(watcher->channel, &report, sizeof report, 0);
        while (got < 0 && errno == EINTR);
        if (got != (ssize_t)sizeof report)
                return error_set(error, "the process that attaches programs has ended");
        if (report.result < 0)
                *error = report.error;
        return report.result;
}

struct watcher *watcher_start(const struct watcher_task *task, struct error *error)
{
        struct watcher *watcher = calloc(1, sizeof *watcher);

        if (!watcher) {
                error_memory(error);
                return NULL;
        }
        watcher->channel = -1;
        if (start(watcher, task) < 0)
                error_set(error, "starting the process that attaches programs: %s",
                          strerror(errno));
        else if (await_begin(watcher, error) == 0)
                return watcher;
        watcher_end(watcher);
        return NULL;
}

void watcher_end(struct watcher *watcher)
{
        if (!watcher)
                return;
        if (watcher->channel >= 0)
                close(watcher->channel);
        if (watcher->process > 0 && process_wait(watcher->process) != STATUS_DONE)
                complain("the process that puts back what was there was killed: look at it with "
                         "ip(8) link and tc(8)");
        free(watcher);
}

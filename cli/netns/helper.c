/* The process that keeps the privilege to enter network namespaces. See internal.h. The kernel
 * tells nobody that there is a new one, so it looks every now and then. */
#include "internal.h"

#include "capture/capture.h"
#include "cli/common/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOOK_MS = 100 };

/* Returns false if the capture has ended. `sockets` may be NULL. */
static bool tell(int channel, const struct netns_message *message, const int *sockets)
{
        union {
                struct cmsghdr header;
                char room[CMSG_SPACE(NETNS_SOCKETS * sizeof(int))];
        } control = {.header = {.cmsg_len = CMSG_LEN(NETNS_SOCKETS * sizeof(int)),
                                .cmsg_level = SOL_SOCKET,
                                .cmsg_type = SCM_RIGHTS}};
        struct iovec piece = {(void *)message, sizeof *message};
        struct msghdr header = {.msg_iov = &piece, .msg_iovlen = 1};

        if (sockets) {
                memcpy(CMSG_DATA(&control.header), sockets, NETNS_SOCKETS * sizeof(int));
                header.msg_control = control.room;
                header.msg_controllen = sizeof control.room;
        }
        return sendmsg(channel, &header, MSG_NOSIGNAL) >= 0;
}

/* Opens sockets in a namespace. Returns 0, an errno, or -1 if it is gone or another one. */
static int open_in(const struct netns_found *found, int own, struct capture_namespace *opened)
{
        int fd = open(found->path, O_RDONLY | O_CLOEXEC), reason = errno;
        struct stat status;
        struct error error;

        if (fd < 0)
                return reason == ENOENT ? -1 : reason;
        if (fstat(fd, &status) < 0 || (uint32_t)status.st_ino != found->inode) {
                close(fd);
                return -1;
        }
        reason = setns(fd, CLONE_NEWNET) < 0 ? errno : 0;
        close(fd);
        if (reason)
                return reason;
        errno = 0;
        if (capture_open_namespace(opened, &error) < 0)
                reason = errno ? errno : EPERM;
        if (setns(own, CLONE_NEWNET) < 0)
                _exit(STATUS_FAILED); /* what it did next would be done elsewhere */
        return reason;
}

static bool enter(int channel, int own, struct netns_found *found)
{
        struct netns_message message = {.news = NETNS_CAME, .inode = found->inode};
        struct capture_namespace opened;
        int reason = open_in(found, own, &opened);
        bool told;

        if (reason < 0)
                return true;
        found->told = true;
        found->held = reason == 0;
        snprintf(message.name, sizeof message.name, "%s", found->name);
        if (reason) {
                message.news = NETNS_REFUSED;
                message.reason = reason;
                return tell(channel, &message, NULL);
        }
        message.loopback = opened.loopback;
        told = tell(channel, &message,
                    (const int[NETNS_SOCKETS]){opened.packets, opened.changes, opened.query});
        capture_close_namespace(&opened);
        return told;
}

/* One that is about to be mounted has its name only then, so processes are looked at twice. */
static bool is_settled(const struct netns_scan *scan, const struct netns_found *found)
{
        return found->mounted || found->times > 1 || scan->number == 1;
}

static bool look(int channel, int own, struct netns_scan *scan)
{
        bool goes_on = netns_scan(scan);

        for (size_t i = 0; goes_on && i < scan->count;) {
                struct netns_found *found = &scan->all[i];
                struct netns_message went = {.news = NETNS_WENT, .inode = found->inode};

                if (found->scan == scan->number) {
                        if (!found->told && is_settled(scan, found))
                                goes_on = enter(channel, own, found);
                        i++;
                        continue;
                }
                snprintf(went.name, sizeof went.name, "%s", found->name);
                goes_on = !found->held || tell(channel, &went, NULL);
                *found = scan->all[--scan->count];
        }
        return goes_on;
}

/* Who reads what filt prints waits for it, not for this process. */
static void leave_output(void)
{
        int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

        dup2(nowhere, STDIN_FILENO);
        dup2(nowhere, STDOUT_FILENO);
}

_Noreturn void netns_help(int channel)
{
        int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        int kept[] = {channel, own, -1};
        struct netns_scan scan = {.own = netns_own()};
        struct netns_message all = {.news = NETNS_ALL};
        struct pollfd polled = {.fd = channel};
        sigset_t signals;
        bool goes_on;

        sigfillset(&signals);
        sigprocmask(SIG_SETMASK, &signals, NULL);
        setsid();
        prctl(PR_SET_NAME, "filt-netns");
        leave_output();
        process_close_others(kept, 2);
        goes_on = own >= 0 && look(channel, own, &scan);
        all.unreadable = scan.unreadable;
        goes_on = goes_on && tell(channel, &all, NULL);
        while (goes_on && poll(&polled, 1, LOOK_MS) == 0)
                goes_on = look(channel, own, &scan);
        free(scan.all);
        _exit(STATUS_DONE);
}

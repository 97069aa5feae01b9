/* See netns.h: the capture's side. */
#include "netns.h"

#include "base/text.h"
#include "cli/common/cli.h"
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct netns_follower {
        int channel;
        pid_t process;
        struct capture *capture;
};

struct netns_follower *netns_follow(void)
{
        struct netns_follower *follower = calloc(1, sizeof *follower);
        int ends[2];

        if (!follower) {
                out_of_memory();
                return NULL;
        }
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
                complain("--all-netns: %s", strerror(errno));
                free(follower);
                return NULL;
        }
        follower->channel = ends[0];
        follower->process = fork();
        if (follower->process == 0)
                netns_help(ends[1]);
        close(ends[1]);
        if (follower->process > 0)
                return follower;
        complain("--all-netns: %s", strerror(errno));
        netns_end(follower);
        return NULL;
}

/* Returns 1; 0 if the process has ended; -1 if there is no message for now. */
static int receive(const struct netns_follower *follower, bool wait, struct netns_message *message,
                   struct capture_namespace *came)
{
        union {
                struct cmsghdr header;
                char room[CMSG_SPACE(NETNS_SOCKETS * sizeof(int))];
        } control;
        struct iovec piece = {message, sizeof *message};
        struct msghdr header = {.msg_iov = &piece,
                                .msg_iovlen = 1,
                                .msg_control = control.room,
                                .msg_controllen = sizeof control.room};
        int sockets[NETNS_SOCKETS] = {-1, -1, -1};
        const struct cmsghdr *rights;
        ssize_t got;

        do
                got = recvmsg(follower->channel, &header,
                              MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
        while (got < 0 && errno == EINTR);
        if (got != (ssize_t)sizeof *message)
                return got < 0 && errno == EAGAIN ? -1 : 0;
        rights = CMSG_FIRSTHDR(&header);
        if (rights && rights->cmsg_type == SCM_RIGHTS)
                memcpy(sockets, CMSG_DATA(rights), rights->cmsg_len - CMSG_LEN(0));
        *came = (struct capture_namespace){
            .inode = message->inode,
            .name = message->name,
            .loopback = message->loopback,
            .packets = sockets[0],
            .changes = sockets[1],
            .query = sockets[2],
        };
        return 1;
}

/* Where descriptors are short, the kernel leaves some out. */
static bool add(const struct netns_follower *follower, const struct capture_namespace *came)
{
        struct error error;

        if (came->query < 0) {
                capture_close_namespace(came);
                complain("%s: the network namespace is left out: %s", came->name, strerror(EMFILE));
        } else if (capture_add_namespace(follower->capture, came, &error) < 0) {
                complain("%s: the network namespace is left out: %s", came->name, error.message);
        } else {
                return true;
        }
        return false;
}

/* While the capture waits. */
static void take_news(void *context)
{
        struct netns_follower *follower = context;
        struct netns_message message;
        struct capture_namespace came;
        int result;

        while ((result = receive(follower, false, &message, &came)) > 0) {
                switch (message.news) {
                case NETNS_CAME:
                        if (add(follower, &came))
                                complain("%s: the network namespace is there", message.name);
                        break;
                case NETNS_WENT:
                        capture_leave_namespace(follower->capture, message.inode);
                        complain("%s: the network namespace is gone", message.name);
                        break;
                case NETNS_REFUSED:
                        complain("%s: the network namespace cannot be entered: %s", message.name,
                                 strerror(message.reason));
                        break;
                case NETNS_ALL: break;
                }
        }
        if (result == 0) {
                capture_watch_namespaces(follower->capture, -1, NULL, NULL);
                complain("--all-netns: the process that looks for network namespaces has ended: "
                         "new ones are not noticed");
        }
}

/* What cannot be entered is counted, and the first are named. */
struct refused {
        struct text names;
        size_t count;
        int reason; /* of the first */
};

static void note_refused(struct refused *refused, const struct netns_message *message)
{
        enum { NAMED = 4 };

        if (refused->count == 0)
                refused->reason = message->reason;
        if (refused->count < NAMED)
                text_format(&refused->names, "%s%s", refused->count > 0 ? ", " : "", message->name);
        else if (refused->count == NAMED)
                text_format(&refused->names, ", ...");
        refused->count++;
}

static void tell_refused(struct refused *refused, size_t unreadable)
{
        char *names = text_take(&refused->names);
        struct text line = {0};
        char *told;

        if (refused->count > 0)
                text_format(&line, "%s cannot be entered: %s (%s%s)",
                            counted(refused->count, "network namespace").text, names ? names : "",
                            strerror(refused->reason),
                            refused->reason == EPERM ? ": that takes CAP_SYS_ADMIN, or root" : "");
        if (unreadable > 0)
                text_format(&line,
                            "%sthose of %zu process%s cannot be seen (that takes "
                            "CAP_SYS_PTRACE)",
                            refused->count > 0 ? "; " : "network namespaces: ", unreadable,
                            unreadable == 1 ? "" : "es");
        told = text_take(&line);
        if (told && *told)
                complain("--all-netns: %s", told);
        free(told);
        free(names);
}

int netns_join(struct netns_follower *follower, struct capture *capture)
{
        struct refused refused = {.count = 0};
        struct netns_message message;
        struct capture_namespace came;

        follower->capture = capture;
        do {
                if (receive(follower, true, &message, &came) <= 0) {
                        free(text_take(&refused.names));
                        return complain("--all-netns: the process that looks for network "
                                        "namespaces has ended");
                }
                if (message.news == NETNS_CAME)
                        add(follower, &came);
                else if (message.news == NETNS_REFUSED)
                        note_refused(&refused, &message);
        } while (message.news != NETNS_ALL);
        tell_refused(&refused, message.unreadable);
        capture_watch_namespaces(capture, follower->channel, take_news, follower);
        return STATUS_DONE;
}

void netns_end(struct netns_follower *follower)
{
        if (!follower)
                return;
        close(follower->channel);
        if (follower->process > 0)
                process_wait(follower->process);
        free(follower);
}

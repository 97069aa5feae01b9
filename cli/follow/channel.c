/* See channel.h. */
#include "channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for the descriptors beside a message. */
union control {
        char bytes[CMSG_SPACE(MESSAGE_DESCRIPTORS * sizeof(int))];
        struct cmsghdr aligned;
};

static ssize_t send_with(int channel, const struct message *message, const int *sent, size_t count)
{
        union control control = {{0}};
        struct iovec piece = {(void *)message, sizeof *message};
        struct msghdr header = {
            .msg_iov = &piece,
            .msg_iovlen = 1,
            .msg_control = control.bytes,
            .msg_controllen = CMSG_SPACE(count * sizeof *sent),
        };
        struct cmsghdr *rights = CMSG_FIRSTHDR(&header);

        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(count * sizeof *sent);
        memcpy(CMSG_DATA(rights), sent, count * sizeof *sent);
        return sendmsg(channel, &header, MSG_NOSIGNAL);
}

bool message_send(int channel, struct message *message, const int *descriptors)
{
        int sent[MESSAGE_DESCRIPTORS];
        size_t count = 0;
        ssize_t done;

        for (size_t i = 0; i < MESSAGE_DESCRIPTORS; i++) {
                message->sent[i] = descriptors && descriptors[i] >= 0;
                if (message->sent[i])
                        sent[count++] = descriptors[i];
        }
        do
                done = count > 0 ? send_with(channel, message, sent, count)
                                 : write(channel, message, sizeof *message);
        while (done < 0 && errno == EINTR);
        return done == (ssize_t)sizeof *message;
}

static void take_descriptors(struct msghdr *header, const struct message *message,
                             int descriptors[MESSAGE_DESCRIPTORS])
{
        const struct cmsghdr *rights = CMSG_FIRSTHDR(header);
        int came[MESSAGE_DESCRIPTORS];
        size_t count = 0, next = 0;

        if (rights && rights->cmsg_type == SCM_RIGHTS)
                count = (rights->cmsg_len - CMSG_LEN(0)) / sizeof *came;
        if (count > MESSAGE_DESCRIPTORS)
                count = 0;
        if (count > 0)
                memcpy(came, CMSG_DATA(rights), count * sizeof *came);
        for (size_t i = 0; i < MESSAGE_DESCRIPTORS; i++)
                descriptors[i] = message->sent[i] && next < count ? came[next++] : -1;
}

int message_receive(int channel, struct message *message, int descriptors[MESSAGE_DESCRIPTORS],
                    bool wait)
{
        union control control;
        struct iovec piece = {message, sizeof *message};
        struct msghdr header = {
            .msg_iov = &piece,
            .msg_iovlen = 1,
            .msg_control = control.bytes,
            .msg_controllen = sizeof control.bytes,
        };
        ssize_t got;

        do
                got = recvmsg(channel, &header, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
        while (got < 0 && errno == EINTR);
        if (got < 0 && errno == ECONNRESET)
                got = 0;
        if (got != (ssize_t)sizeof *message)
                return got < 0 ? -1 : 0;
        take_descriptors(&header, message, descriptors);
        return 1;
}

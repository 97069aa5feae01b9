/* See descriptor.h. */
#include "descriptor.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

enum { LAST_WAIT_MS = 1000 };

bool descriptor_wait(int fd, short events, int reason, const struct patience *patience)
{
        struct pollfd polled = {.fd = fd, .events = events};
        int pressing = patience ? patience->hurry : HURRY_NONE;
        bool again = false;

        if (reason == EINTR && pressing < HURRY_IMPATIENT)
                again = true;
        else if (reason != EINTR && reason != EAGAIN)
                again = false;
        else if (pressing < HURRY_IMPATIENT)
                again = poll(&polled, 1, -1) >= 0 || errno == EINTR;
        else if (pressing == HURRY_IMPATIENT)
                again = poll(&polled, 1, LAST_WAIT_MS) > 0;
        errno = reason;
        return again;
}

int descriptor_write(int fd, struct iovec *pieces, int count, const struct patience *patience,
                     uint64_t *done)
{
        bool again = false;

        while (count > 0) {
                /* So little fits a pipe that poll() calls ready. */
                bool little = patience && patience->hurry >= HURRY_IMPATIENT;
                size_t first = little && pieces->iov_len > PIPE_BUF ? PIPE_BUF : pieces->iov_len;
                ssize_t step;

                /* A signal has made the last call fail, or write less. */
                if (again && patience && patience->interrupted)
                        patience->interrupted(patience->context);
                again = true;
                step = count > 1 && !little ? writev(fd, pieces, count)
                                            : write(fd, pieces->iov_base, first);

                if (step < 0 && descriptor_wait(fd, POLLOUT, errno, patience))
                        continue;
                if (step < 0)
                        return -1;
                *done += (uint64_t)step;
                for (; count > 0 && (size_t)step >= pieces->iov_len; pieces++, count--)
                        step -= (ssize_t)pieces->iov_len;
                if (count > 0)
                        *pieces = (struct iovec){(char *)pieces->iov_base + step,
                                                 pieces->iov_len - (size_t)step};
        }
        return 0;
}

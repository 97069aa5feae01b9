/* See descriptor.h. */
#include "descriptor.h"
#include "clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

enum { LAST_WAIT_MS = 1000 };

static int64_t now(void)
{
        return clock_now(CLOCK_MONOTONIC) / 1000000;
}

/* Waits until the descriptor is ready, for as long as the hurry allows. */
static bool is_ready(int fd, short events, const struct patience *patience)
{
        struct pollfd polled = {.fd = fd, .events = events};
        int64_t give_up = INT64_MAX, left;
        int ready;

        do {
                int pressing = patience ? patience->hurry : HURRY_NONE;

                if (pressing == HURRY_IMPATIENT && give_up == INT64_MAX)
                        give_up = now() + LAST_WAIT_MS;
                left = give_up - now();
                if (left < 0 || pressing == HURRY_AT_ONCE)
                        left = 0;
                ready = poll(&polled, 1, give_up == INT64_MAX && left > 0 ? -1 : (int)left);
        } while (ready < 0 && errno == EINTR);
        return ready > 0;
}

bool descriptor_wait(int fd, short events, int reason, const struct patience *patience)
{
        int pressing = patience ? patience->hurry : HURRY_NONE;
        bool again = false;

        if (reason == EINTR && pressing < HURRY_IMPATIENT)
                again = true;
        else if ((reason == EINTR || reason == EAGAIN) && pressing < HURRY_AT_ONCE)
                again = is_ready(fd, events, patience);
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
                /* No signal may come any more that would end a write that waits. */
                if (little && !is_ready(fd, POLLOUT, patience)) {
                        errno = EAGAIN;
                        return -1;
                }
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

/* Standard output: every byte of every subcommand goes through one place, which notices each
 * failure, and which a reader who takes nothing cannot hold for ever. */
#include "cli.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
        OUTPUT_BUFFER = 64 << 10,
        LAST_WAIT_MS = 1000,
};

static const volatile sig_atomic_t *hurry; /* as struct capture_writer_options has it */
static int failure;                        /* errno of the first write that failed */
static uint64_t undelivered;               /* bytes */

/* Waits until the reader takes more, where that may last. Returns false if it is not to be waited
 * for. */
static bool can_write(void)
{
        struct pollfd polled = {.fd = STDOUT_FILENO, .events = POLLOUT};

        if (!hurry || *hurry < 2)
                return errno == EINTR || poll(&polled, 1, -1) >= 0 || errno == EINTR;
        return *hurry == 2 && poll(&polled, 1, LAST_WAIT_MS) > 0;
}

static ssize_t write_output(void *cookie, const char *data, size_t size)
{
        size_t done = 0;

        (void)cookie;
        while (done < size && !failure) {
                /* So little fits a pipe that poll() calls ready. */
                size_t length =
                    hurry && *hurry >= 2 && size - done > PIPE_BUF ? PIPE_BUF : size - done;
                ssize_t step = write(STDOUT_FILENO, data + done, length);

                if (step >= 0)
                        done += (size_t)step;
                else if ((errno != EINTR && errno != EAGAIN) || !can_write())
                        failure = errno;
        }
        undelivered += size - done;
        if (failure)
                errno = failure;
        return failure ? 0 : (ssize_t)size;
}

bool open_standard_output(void)
{
        static char buffer[OUTPUT_BUFFER];
        FILE *output = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_output});

        if (!output)
                return false;
        setvbuf(output, buffer, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, sizeof buffer);
        stdout = output;
        return true;
}

void hurry_standard_output(const volatile sig_atomic_t *flag)
{
        hurry = flag;
}

int flush_standard_output(void)
{
        if (fflush(stdout) == 0 && !ferror(stdout) && !failure)
                return STATUS_DONE;
        if (failure == EPIPE)
                return -1;
        if (failure == EINTR || failure == EAGAIN)
                return complain("standard output: nobody reads it: %" PRIu64
                                " bytes were not delivered",
                                undelivered);
        return complain("standard output: %s", strerror(failure ? failure : errno));
}

/* Standard output: every byte of every subcommand goes through one place, which notices each
 * failure, and which a reader who takes nothing cannot hold for ever. */
#include "base/descriptor.h"
#include "base/text.h"
#include "cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { OUTPUT_BUFFER = 64 << 10 };

static int failure;          /* errno of the first write that failed */
static uint64_t undelivered; /* bytes */

static ssize_t write_output(void *cookie, const char *data, size_t size)
{
        struct iovec piece = {(void *)data, size};
        uint64_t done = 0;

        (void)cookie;
        if (memory_was_short()) /* what is written since may be false */
                failure = ENOMEM;
        if (!failure && descriptor_write(STDOUT_FILENO, &piece, 1, streams_patience, &done) < 0)
                failure = errno;
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

void print_shown(FILE *stream, const char *foreign)
{
        char shown[TEXT_SHOWN];

        for (size_t left = strlen(foreign), taken; left > 0; foreign += taken, left -= taken) {
                taken = text_show_next(foreign, left, shown);
                fputs(shown, stream);
        }
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
        if (failure == ENOMEM)
                return out_of_memory();
        return complain("standard output: %s", strerror(failure ? failure : errno));
}

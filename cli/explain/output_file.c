/* Files that are there complete or not at all. */
#include "explain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The permissions a new file gets; umask() can only be asked by setting it. */
static mode_t usual_mode(void)
{
        mode_t mask = umask(0);

        umask(mask);
        return 0666 & ~mask;
}

/* These return 0, or -1 with errno set. */

static int write_and_close(int fd, const char *bytes, size_t length)
{
        int result = write_all(fd, bytes, length);
        int error = errno;

        if (close(fd) < 0 && result == 0)
                return -1;
        errno = error;
        return result;
}

/* Writes a file beside `place` and moves it there. */
static int replace(const char *place, mode_t mode, const char *bytes, size_t length)
{
        char *temporary;
        int fd, result = -1;

        if (asprintf(&temporary, "%s.XXXXXX", place) < 0)
                return -1;
        fd = mkostemp(temporary, O_CLOEXEC);
        if (fd >= 0) {
                int error;

                fchmod(fd, mode); /* fails on a file system without permissions, which is fine */
                result = write_and_close(fd, bytes, length);
                if (result == 0)
                        result = rename(temporary, place);
                error = errno;
                if (result < 0)
                        unlink(temporary);
                errno = error;
        }
        free(temporary);
        return result;
}

static int write_file(const char *path, const char *bytes, size_t length)
{
        struct stat there;
        bool exists = stat(path, &there) == 0;
        char *place; /* what `path` leads to, links followed */
        int result;

        if (exists && !S_ISREG(there.st_mode)) {
                int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

                return fd < 0 ? -1 : write_and_close(fd, bytes, length);
        }
        if (exists && access(path, W_OK) < 0)
                return -1;
        place = exists ? realpath(path, NULL) : strdup(path);
        result = place ? replace(place, exists ? there.st_mode & 0777 : usual_mode(), bytes, length)
                       : -1;
        free(place);
        return result;
}

int output_file_write(const char *path, const char *bytes, size_t length)
{
        bool standard_output = strcmp(path, "-") == 0;
        int result;

        if (standard_output)
                result = fwrite(bytes, 1, length, stdout) == length ? fflush(stdout) : -1;
        else
                result = write_file(path, bytes, length);
        if (result == 0)
                return STATUS_DONE;
        return complain("%s: %s; it cannot be written", standard_output ? "standard output" : path,
                        strerror(errno));
}

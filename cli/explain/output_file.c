/* Files that are there complete or not at all. */
#include "output_file.h"
#include "cli/common/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int failed(const char *path)
{
        return complain("%s: %s; it cannot be written", path, strerror(errno));
}

/* The permissions a new file gets; umask() can only be asked by setting it. */
static mode_t usual_mode(void)
{
        mode_t mask = umask(0);

        umask(mask);
        return 0666 & ~mask;
}

/* A fresh file beside `place`, with the permissions `mode`. Returns a descriptor, or -1 with errno.
 */
static int make_beside(struct output_file *file, mode_t mode)
{
        int descriptor;

        if (asprintf(&file->temporary, "%s.XXXXXX", file->place) < 0) {
                file->temporary = NULL;
                return -1;
        }
        descriptor = mkostemp(file->temporary, O_CLOEXEC);
        if (descriptor < 0) {
                free(file->temporary);
                file->temporary = NULL;
        } else if (fchmod(descriptor, mode) < 0) {
                /* a file system without permissions: it has the ones it has */
        }
        return descriptor;
}

/* Opens `file->path`, directly or a file beside it. */
static int open_descriptor(struct output_file *file)
{
        struct stat there;
        bool exists = stat(file->path, &there) == 0;

        if (exists && !S_ISREG(there.st_mode))
                return open(file->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        if (exists && access(file->path, W_OK) < 0)
                return -1;
        file->place = exists ? realpath(file->path, NULL) : strdup(file->path);
        if (!file->place)
                return -1;
        return make_beside(file, exists ? there.st_mode & 0777 : usual_mode());
}

int output_file_open(struct output_file *file, const char *path)
{
        int descriptor;

        *file = (struct output_file){.path = path};
        if (strcmp(path, "-") == 0) {
                file->path = "standard output";
                file->stream = stdout;
                return STATUS_DONE;
        }
        descriptor = open_descriptor(file);
        file->stream = descriptor < 0 ? NULL : fdopen(descriptor, "w");
        if (file->stream)
                return STATUS_DONE;
        failed(path);
        if (descriptor >= 0)
                close(descriptor);
        output_file_abandon(file);
        return STATUS_FAILED;
}

void output_file_abandon(struct output_file *file)
{
        if (file->stream && file->stream != stdout)
                fclose(file->stream);
        if (file->temporary)
                unlink(file->temporary);
        free(file->temporary);
        free(file->place);
        *file = (struct output_file){0};
}

/* What was written has arrived. Returns 0, or -1 with errno set. */
static int close_stream(struct output_file *file)
{
        bool complete = fflush(file->stream) == 0 && !ferror(file->stream);
        int error = errno;

        if (file->stream != stdout && fclose(file->stream) != 0 && complete) {
                complete = false;
                error = errno;
        }
        file->stream = NULL;
        errno = error;
        return complete ? 0 : -1;
}

int output_file_finish(struct output_file *file)
{
        int status = STATUS_DONE;

        if (close_stream(file) < 0 ||
            (file->temporary && rename(file->temporary, file->place) < 0)) {
                status = failed(file->path);
        } else {
                free(file->temporary); /* it is in its place now */
                file->temporary = NULL;
        }
        output_file_abandon(file);
        return status;
}

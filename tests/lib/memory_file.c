#include "memory_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int memory_file_make(const void *bytes, size_t count, char path[MEMORY_FILE_PATH])
{
        int fd = memfd_create("filt-test", MFD_CLOEXEC);

        if (fd < 0 || (count > 0 && write(fd, bytes, count) != (ssize_t)count))
                abort();
        snprintf(path, MEMORY_FILE_PATH, "/proc/self/fd/%d", fd);
        return fd;
}

/* Files from strangers, read with no more rights than that takes. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int open_input(const char *path)
{
        int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

        if (fd < 0)
                complain("%s: %s", path, strerror(errno));
        return fd;
}

void enter_sandbox_to_read(const char *expression, bool terminal)
{
        /* With memory too short to tell, there may be names. */
        struct sandbox sandbox = {.names = expression && cbpf_has_names(expression) != 0,
                                  .terminal = terminal,
                                  .channel = -1};

        sandbox_enter(&sandbox);
}

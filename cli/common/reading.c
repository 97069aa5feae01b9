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

/* Where there are names, they may be looked up once for each part of an expression. */
static bool has_names(const char *expression)
{
        struct error error;
        char *resolved = cbpf_resolve(expression, &error);
        bool has = !resolved || strcmp(resolved, expression) != 0;

        free(resolved);
        return has;
}

void enter_sandbox_to_read(const char *expression)
{
        struct sandbox sandbox = {.names = has_names(expression), .channel = -1};

        sandbox_enter(&sandbox);
}

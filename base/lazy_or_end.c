/* Libraries that there is no way on without. What cannot be loaded ends the process as it does when
 * the dynamic linker starts a program; the exit status is the linker's, or 1 if memory was short.
 */
#include "lazy.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { STATUS_NO_MEMORY = 1, STATUS_NO_LIBRARY = 127 };

static void give_up(const char *what)
{
        /* "cannot create shared object descriptor", "cannot allocate name record" ... */
        bool memory = !what || strstr(what, "memory") || strstr(what, "cannot create") ||
                      strstr(what, "cannot allocate");

        fprintf(stderr, "filt: %s\n", memory ? "out of memory" : what);
        _exit(memory ? STATUS_NO_MEMORY : STATUS_NO_LIBRARY);
}

void lazy_load(struct lazy_library *library)
{
        char reason[512];

        if (!lazy_open(library, reason, sizeof reason))
                give_up(reason);
}

void *lazy_function(struct lazy_library *library, const char *name)
{
        void *function;

        lazy_load(library);
        function = dlsym(library->handle, name);
        if (!function)
                give_up(dlerror());
        return function;
}

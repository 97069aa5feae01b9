/* Loading libraries late. What cannot be loaded ends the process as it does when the dynamic linker
 * starts a program; the exit status is the linker's, or 1 if memory was short. */
#include "lazy.h"

#include <dlfcn.h>
#include <stdbool.h>
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
        void *handle = __atomic_load_n(&library->handle, __ATOMIC_ACQUIRE);

        for (int i = 0; !handle; i++) {
                const char *what;

                handle = dlopen(library->names[i], RTLD_NOW | RTLD_LOCAL);
                what = handle ? NULL : dlerror();
                if (!handle && (i + 1 == LAZY_MAX_NAMES || !library->names[i + 1] || !what ||
                                !strstr(what, "No such file")))
                        give_up(what);
        }
        __atomic_store_n(&library->handle, handle, __ATOMIC_RELEASE);
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

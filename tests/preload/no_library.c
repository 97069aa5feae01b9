/* Preloaded: libpcap, or the library that FILT_NO_LIBRARY names, cannot be loaded by dlopen(3). */
#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static __thread char *reason;

void *dlopen(const char *name, int flags)
{
        const char *library = getenv("FILT_NO_LIBRARY");
        void *(*real)(const char *, int);

        if (!name || !strstr(name, library ? library : "libpcap")) {
                *(void **)&real = dlsym(RTLD_NEXT, "dlopen");
                return real(name, flags);
        }
        reason = "no such library here: No such file or directory";
        return NULL;
}

char *dlerror(void)
{
        char *(*real)(void), *own = reason;

        *(void **)&real = dlsym(RTLD_NEXT, "dlerror");
        reason = NULL;
        return own ? own : real();
}

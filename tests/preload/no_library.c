/* Preloaded: libpcap cannot be loaded by dlopen(3). */
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

static __thread char *reason;

void *dlopen(const char *name, int flags)
{
        void *(*real)(const char *, int);

        if (!name || !strstr(name, "libpcap")) {
                *(void **)&real = dlsym(RTLD_NEXT, "dlopen");
                return real(name, flags);
        }
        reason = "no libpcap here: No such file or directory";
        return NULL;
}

char *dlerror(void)
{
        char *(*real)(void), *own = reason;

        *(void **)&real = dlsym(RTLD_NEXT, "dlerror");
        reason = NULL;
        return own ? own : real();
}

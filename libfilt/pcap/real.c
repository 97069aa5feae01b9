/* libpcap itself. */
#include "internal.h"

#include <dlfcn.h>

void *real_function(const char *name)
{
        void *function = dlsym(RTLD_NEXT, name), *library;

        if (function)
                return function;
        /* libpcap may have been loaded by dlopen(), which this library comes before all the same.
         */
        library = dlopen("libpcap.so.0.8", RTLD_NOW | RTLD_LOCAL);
        if (!library)
                library = dlopen("libpcap.so.1", RTLD_NOW | RTLD_LOCAL);
        return library ? dlsym(library, name) : NULL;
}

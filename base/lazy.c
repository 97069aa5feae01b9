/* Loading libraries late. What cannot be loaded ends the process as it does when the dynamic linker
 * starts a program; the exit status is the linker's, or 1 if memory was short. */
#include "lazy.h"

#include <dlfcn.h>
#include <link.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
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

/* Of the ABI for thread-local storage: the address of a library's, for the thread that asks. */
struct storage {
        unsigned long library, offset;
};
void *__tls_get_addr(struct storage *storage);

/* Where glibc cannot allocate the thread-local storage of a library, which it does when a thread
 * first uses it, it ends the process with a message and status of its own. So this thread gets it
 * here, after making sure that there is memory: what is freed is what is allocated next. */
static int allocate_storage(struct dl_phdr_info *info, size_t size, void *nothing)
{
        struct storage storage = {.library = info->dlpi_tls_modid};

        (void)size, (void)nothing;
        for (int i = 0; i < info->dlpi_phnum && info->dlpi_tls_modid; i++) {
                const ElfW(Phdr) *header = &info->dlpi_phdr[i];
                bool usual = header->p_align <= alignof(max_align_t);
                void *volatile room; /* or the compiler would leave the question out */

                if (header->p_type != PT_TLS || info->dlpi_tls_data)
                        continue;
                room = malloc(header->p_memsz + (usual ? 0 : header->p_align)); /* as glibc does */
                if (!room)
                        give_up(NULL);
                free(room);
                __tls_get_addr(&storage);
        }
        return 0;
}

void lazy_load(struct lazy_library *library)
{
        void *handle = __atomic_load_n(&library->handle, __ATOMIC_ACQUIRE);

        if (handle)
                return;
        for (int i = 0; !handle; i++) {
                const char *what;

                handle = dlopen(library->names[i], RTLD_NOW | RTLD_LOCAL);
                what = handle ? NULL : dlerror();
                if (!handle && (i + 1 == LAZY_MAX_NAMES || !library->names[i + 1] || !what ||
                                !strstr(what, "No such file")))
                        give_up(what);
        }
        dl_iterate_phdr(allocate_storage, NULL);
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

bool lazy_find(void *library, const struct lazy_pointer *pointers, size_t count, void *table)
{
        for (size_t i = 0; i < count; i++) {
                void *function = dlsym(library, pointers[i].name);

                if (!function)
                        return false;
                memcpy((char *)table + pointers[i].offset, &function, sizeof function);
        }
        return true;
}

/* Loading libraries late. */
#include "lazy.h"

#include <dlfcn.h>
#include <link.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the ABI for thread-local storage: the address of a library's, for the thread that asks. That
 * of s390x has another function. */
struct storage {
        unsigned long library, offset;
};
__attribute__((weak)) void *__tls_get_addr(struct storage *storage);

/* Where glibc cannot allocate the thread-local storage of a library, which it does when a thread
 * first uses it, it ends the process with a message and status of its own. So this thread gets it
 * here, after making sure that there is memory: what is freed is what is allocated next. Returns 1
 * if there is none. */
static int allocate_storage(struct dl_phdr_info *info, size_t size, void *nothing)
{
        struct storage storage = {.library = info->dlpi_tls_modid};

        (void)size, (void)nothing;
        for (int i = 0; i < info->dlpi_phnum && info->dlpi_tls_modid && __tls_get_addr; i++) {
                const ElfW(Phdr) *header = &info->dlpi_phdr[i];
                bool usual = header->p_align <= alignof(max_align_t);
                void *volatile room; /* or the compiler would leave the question out */

                if (header->p_type != PT_TLS || info->dlpi_tls_data)
                        continue;
                room = malloc(header->p_memsz + (usual ? 0 : header->p_align)); /* as glibc does */
                if (!room)
                        return 1;
                free(room);
                __tls_get_addr(&storage);
        }
        return 0;
}

static void *open_first(const char *const names[LAZY_MAX_NAMES], char *reason, size_t room)
{
        void *handle = NULL;

        for (int i = 0; !handle && i < LAZY_MAX_NAMES && names[i]; i++) {
                const char *what;

                handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
                what = handle ? NULL : dlerror();
                if (!handle && room > 0)
                        snprintf(reason, room, "%s", what ? what : "out of memory");
                if (!handle && (!what || !strstr(what, "No such file")))
                        break;
        }
        return handle;
}

void *lazy_open(struct lazy_library *library, char *reason, size_t room)
{
        void *handle = __atomic_load_n(&library->handle, __ATOMIC_ACQUIRE);

        if (handle)
                return handle;
        handle = open_first(library->names, reason, room);
        if (!handle)
                return NULL;
        if (dl_iterate_phdr(allocate_storage, NULL)) {
                dlclose(handle);
                snprintf(reason, room, "out of memory");
                return NULL;
        }
        __atomic_store_n(&library->handle, handle, __ATOMIC_RELEASE);
        return handle;
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

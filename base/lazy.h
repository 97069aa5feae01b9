/* Libraries that are loaded when one of their functions is first called. Most runs need none of
 * them, and loading libpcap, with the ten libraries that it needs itself, takes longer than
 * compiling a filter.
 *
 * A file defines the functions of a library, each by a line that forwards to it:
 *
 *      static struct lazy_library library = {{"libfew.so.2", "libfew.so.1"}, NULL};
 *      LAZY(int, few_count, (const struct few *a), (a))
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { LAZY_MAX_NAMES = 2 };

struct lazy_library {
        const char
            *names[LAZY_MAX_NAMES]; /* as the linker knows it; the first that is there counts */
        void *handle;               /* once it is loaded; it stays */
};

/* The library, loaded where it is not yet; NULL with the reason in `reason` (`room` bytes,
 * truncated) if it cannot be. Its thread-local storage, and that of the libraries it needs, is
 * allocated for this thread. Threads may call it at once. */
void *lazy_open(struct lazy_library *library, char *reason, size_t room);

/* The function of that name, from the library, which is loaded first where it is not yet. As with a
 * library that is linked, there is no way on without it: ends the process, with a message, if it
 * cannot be loaded or lacks the function. Threads may call it at once. */
void *lazy_function(struct lazy_library *library, const char *name);

/* Loads the library now, or ends the process: for one that is about to give up what that takes. */
void lazy_load(struct lazy_library *library);

#define LAZY(result, name, parameters, arguments)                                           \
        result name parameters                                                              \
        {                                                                                   \
                static __typeof__(&name) function;                                          \
                                                                                            \
                if (!__atomic_load_n(&function, __ATOMIC_ACQUIRE))                          \
                        __atomic_store_n(&function,                                         \
                                         (__typeof__(&name))lazy_function(&library, #name), \
                                         __ATOMIC_RELEASE);                                 \
                return function arguments;                                                  \
        }

/* For who can do without a library, and has loaded it with dlopen(3): where in a table which
 * pointer to a function is. */
struct lazy_pointer {
        const char *name;
        size_t offset;
};

/* Fills the table. Returns false, and dlerror(3) says why, if the library lacks a function. */
bool lazy_find(void *library, const struct lazy_pointer *pointers, size_t count, void *table);

/* libpcap.c */
void libpcap_load(void);

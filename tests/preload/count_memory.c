/* Preloaded: counts the memory that a program has from malloc() at one time, as far as it is used
 * or not. The most that it has had is written to the file that FILT_MEMORY names when it ends. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

/* The C library's own, below the names that are taken here. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *memory);

static size_t now, most; /* bytes; the programs that are counted have one thread */

static void *taken(void *memory)
{
        now += memory ? malloc_usable_size(memory) : 0;
        if (now > most)
                most = now;
        return memory;
}

void *malloc(size_t size)
{
        return taken(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
        return taken(__libc_calloc(count, size));
}

void *realloc(void *old, size_t size)
{
        size_t before = old ? malloc_usable_size(old) : 0;
        void *memory = __libc_realloc(old, size);

        if (memory || size == 0)
                now -= before;
        return taken(memory);
}

void free(void *memory)
{
        now -= memory ? malloc_usable_size(memory) : 0;
        __libc_free(memory);
}

static __attribute__((destructor)) void report(void)
{
        const char *name = getenv("FILT_MEMORY");
        FILE *file = name ? fopen(name, "w") : NULL;

        if (!file)
                return;
        fprintf(file, "%zu\n", most);
        fclose(file);
}

/* Preloaded: makes one allocation of the program fail, or all from one on. Only those made after
 * main() begins count, those of forked children as well; programs that are started do not inherit
 * it. */
#include "fail_allocation.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <link.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The C library's own, below the names that are taken here. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static struct failure *failure; /* NULL before main() */
static struct {
        uintptr_t base, end;
} program;

/* Functions of others that do not survive a failing allocation, so that filt cannot either. What
 * they and those that they call allocate does not fail. */
static const char *const spared[] = {
    /* libpcap 1.10.3: its scanner writes "out of dynamic memory in yy_scan_bytes()" and calls
     * exit(2); if it cannot be initialized, it is used all the same (SIGSEGV). */
    "pcap_compile",
    /* glibc 2.36, looking up names: "nss_database.c: nss_database_reload_1: Assertion `ret > 0'
     * failed", "Unexpected error", or SIGSEGV. */
    "getaddrinfo",
    "getnameinfo",
    "getservbyname_r",
    "getservbyport_r",
    "getservbyport",
    "getpwnam",
    /* capstone 4.0.2: uses what it could not allocate (SIGSEGV). */
    "cs_open",
    "cs_disasm",
};

/* The callers of an allocation, as far as they are known. */
struct callers {
        void *frames[MAX_FAILURE_CALLERS];
        int count;
};

static bool is_in_program(const void *address)
{
        return (uintptr_t)address >= program.base && (uintptr_t)address < program.end;
}

/* When filt itself asks for the thread-local storage of a library (base/lazy.c), it has just freed
 * as much, which cannot be gone. Asked by the library, for lack of it glibc would end filt. */
static bool is_freed_before(const struct callers *callers, int i, const char *function)
{
        return strcmp(function, "__tls_get_addr") == 0 && i + 1 < callers->count &&
               is_in_program(callers->frames[i + 1]);
}

static bool is_spared(const struct callers *callers)
{
        for (int i = 0; i < callers->count; i++) {
                Dl_info info;

                if (!dladdr(callers->frames[i], &info) || !info.dli_sname)
                        continue;
                if (is_freed_before(callers, i, info.dli_sname))
                        return true;
                for (size_t j = 0; j < sizeof spared / sizeof *spared; j++)
                        if (strcmp(info.dli_sname, spared[j]) == 0)
                                return true;
        }
        return false;
}

static void note_callers(const struct callers *callers)
{
        for (int i = 0; i < callers->count; i++) {
                uintptr_t address = (uintptr_t)callers->frames[i];

                failure->caller[i] =
                    is_in_program(callers->frames[i]) ? address - program.base - 1 : 0;
        }
        failure->callers = callers->count;
}

/* Counts an allocation. Returns true, with errno set, if it is to fail. */
static bool fails(void)
{
        struct callers callers;
        uint64_t number;

        if (!failure)
                return false;
        number = atomic_fetch_add(&failure->allocations, 1) + 1;
        if (failure->at == 0 || number < failure->at || (number > failure->at && !failure->lasting))
                return false;
        callers.count = backtrace(callers.frames, MAX_FAILURE_CALLERS);
        if (!atomic_exchange(&failure->reached, true))
                note_callers(&callers);
        if (is_spared(&callers))
                return false;
        errno = ENOMEM;
        return true;
}

void *malloc(size_t size)
{
        return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
        return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
        return fails() ? NULL : __libc_realloc(old, size);
}

void *reallocarray(void *old, size_t count, size_t size)
{
        size_t total;

        if (__builtin_mul_overflow(count, size, &total)) {
                errno = ENOMEM;
                return NULL;
        }
        return realloc(old, total);
}

void *memalign(size_t alignment, size_t size)
{
        return fails() ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
        return memalign(alignment, size);
}

int posix_memalign(void **pointer, size_t alignment, size_t size)
{
        int before = errno;
        void *fresh = memalign(alignment, size);

        errno = before;
        if (!fresh)
                return ENOMEM;
        *pointer = fresh;
        return 0;
}

/* The program's own object comes first. */
static int find_program(struct dl_phdr_info *info, size_t size, void *nothing)
{
        (void)size, (void)nothing;
        program.base = info->dlpi_addr;
        for (int i = 0; i < info->dlpi_phnum; i++)
                if (info->dlpi_phdr[i].p_type == PT_LOAD)
                        program.end = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr +
                                      info->dlpi_phdr[i].p_memsz;
        return 1;
}

static int (*program_main)(int, char **, char **);

static int counted_main(int argc, char **argv, char **environment)
{
        const char *descriptor = getenv(FAILURE_DESCRIPTOR);

        if (descriptor) {
                int fd = atoi(descriptor);
                void *mapped, *frame;

                backtrace(&frame, 1); /* loads what it needs */
                dl_iterate_phdr(find_program, NULL);
                mapped = mmap(NULL, sizeof *failure, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
                if (mapped == MAP_FAILED)
                        abort();
                close(fd);
                unsetenv("LD_PRELOAD");
                unsetenv(FAILURE_DESCRIPTOR);
                failure = mapped;
        }
        return program_main(argc, argv, environment);
}

/* What the C library's start of a program calls. */
int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
                      void (*finish)(void), void (*loader_finish)(void), void *stack_end)
{
        __typeof__(&__libc_start_main) next =
            (__typeof__(&__libc_start_main))dlsym(RTLD_NEXT, "__libc_start_main");

        program_main = main;
        return next(counted_main, argc, argv, init, finish, loader_finish, stack_end);
}

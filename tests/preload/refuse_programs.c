/* Preloaded: a kernel that is too old for one type of eBPF programs, the number that
 * FILT_REFUSED_PROGRAMS holds. */
#include <dlfcn.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>

/* All system calls have at most six arguments, in registers: those that were not given are not
 * looked at. */
long syscall(long number, ...)
{
        static long (*next)(long, ...);
        const char *refused = getenv("FILT_REFUSED_PROGRAMS");
        long arguments[6];
        va_list list;

        va_start(list, number);
        for (int i = 0; i < 6; i++)
                arguments[i] = va_arg(list, long);
        va_end(list);
        if (number == SYS_bpf && (int)arguments[0] == BPF_PROG_LOAD && refused &&
            *(const uint32_t *)arguments[1] == strtoul(refused, NULL, 10)) {
                errno = EINVAL;
                return -1;
        }
        if (!next)
                next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
        return next(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
                    arguments[5]);
}

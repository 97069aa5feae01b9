/* Preloaded: a kernel that is too old for one type of eBPF programs, the number that
 * FILT_REFUSED_PROGRAMS holds; or whose verifier refuses filters of more instructions than
 * FILT_REFUSED_LENGTH holds; or takes, for those of more than FILT_SLOW_LENGTH holds, until a
 * signal comes. Those of more than FILT_SPOILED_LENGTH holds read a register first that holds
 * nothing, which the kernel's own verifier refuses. */
#include <dlfcn.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A filter, and longer than the environment says. */
static bool is_long(const union bpf_attr *program, const char *variable)
{
        const char *length = getenv(variable);

        return length && program->insn_cnt > strtoul(length, NULL, 10) &&
               strcmp(program->prog_name, "filt") == 0;
}

static bool is_refused(const union bpf_attr *program)
{
        const char *type = getenv("FILT_REFUSED_PROGRAMS");

        return (type && program->prog_type == strtoul(type, NULL, 10)) ||
               is_long(program, "FILT_REFUSED_LENGTH");
}

/* The same call, with the program changed. */
static void spoil(long arguments[6])
{
        const union bpf_attr *program = (const union bpf_attr *)arguments[1];
        size_t size = program->insn_cnt * sizeof(struct bpf_insn);
        struct bpf_insn *instructions = malloc(size);
        union bpf_attr *spoiled = malloc((size_t)arguments[2]);

        if (!instructions || !spoiled)
                abort();
        memcpy(instructions, (const void *)(uintptr_t)program->insns, size);
        memcpy(spoiled, program, (size_t)arguments[2]);
        instructions[0] = (struct bpf_insn){
            .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_0, .src_reg = BPF_REG_9};
        spoiled->insns = (uintptr_t)instructions;
        arguments[1] = (long)spoiled;
}

/* All system calls have at most six arguments, in registers: those that were not given are not
 * looked at. */
long syscall(long number, ...)
{
        static long (*next)(long, ...);
        long arguments[6];
        va_list list;

        va_start(list, number);
        for (int i = 0; i < 6; i++)
                arguments[i] = va_arg(list, long);
        va_end(list);
        if (number == SYS_bpf && (int)arguments[0] == BPF_PROG_LOAD &&
            is_refused((const union bpf_attr *)arguments[1])) {
                errno = EINVAL;
                return -1;
        }
        if (number == SYS_bpf && (int)arguments[0] == BPF_PROG_LOAD &&
            is_long((const union bpf_attr *)arguments[1], "FILT_SLOW_LENGTH")) {
                pause();
                errno = EAGAIN;
                return -1;
        }
        if (number == SYS_bpf && (int)arguments[0] == BPF_PROG_LOAD &&
            is_long((const union bpf_attr *)arguments[1], "FILT_SPOILED_LENGTH"))
                spoil(arguments);
        if (!next)
                next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
        return next(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
                    arguments[5]);
}

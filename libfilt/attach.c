/* Attaching a filter to a socket: as the classic program it is or, where that is too long for a
 * socket, as an extended one, behind a short one that goes on to it. */
#include "cbpf/extended.h"
#include "ebpf/extended/extended.h"
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
        /* The time that the kernel takes to verify a program may grow with the square of its
         * length: this takes some seconds. */
        EXTENDED_MAX = 65536,
};

/* As the kernel has it; its header conflicts with libpcap's. */
struct kernel_program {
        unsigned short length;
        const struct bpf_insn *instructions;
};

/* Returns 0 or an errno. */
static int attach_classic(const struct filt_filter *filter, int socket)
{
        const struct kernel_program program = {(unsigned short)filter->program.bf_len,
                                               filter->program.bf_insns};

        if (filter->program.bf_len > CBPF_KERNEL_MAX)
                return E2BIG;
        return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0
                   ? errno
                   : 0;
}

/* Loads what is compiled. Returns 0 or an errno, and then `refusal` has the verifier's words. */
static int load(struct filt_filter *filter, struct cbpf_extended_program *program, char *refusal,
                size_t room)
{
        static const struct ebpf_miss rejects = {.table = -1};
        int loaded = program->count > EXTENDED_MAX
                         ? -E2BIG
                         : ebpf_extended_load(EBPF_SOCKET_FILTER, program, -1, refusal, room);

        if (loaded < 0)
                return -loaded;
        filter->extended =
            ebpf_program_forward(EBPF_SOCKET_FILTER, loaded, &rejects, &filter->table);
        close(loaded);
        if (filter->extended >= 0)
                return 0;
        loaded = -filter->extended;
        filter->extended = filter->table = -1;
        return loaded;
}

static int fail_to_load(struct filt_error *error, int reason, const char *refusal)
{
        if (*refusal)
                return fail_system(error, reason, "the kernel's verifier refuses it: %s", refusal);
        if (reason == EPERM || reason == EACCES)
                return fail_system(error, EPERM,
                                   "the filter is too long for a classic program, and extended "
                                   "ones may be loaded with CAP_BPF, or as root, only");
        if (reason == E2BIG || reason == EFAULT)
                return fail_system(error, E2BIG, "the filter is too long for the kernel");
        return fail_system(error, reason, "the kernel does not load it: %s",
                           strerrordesc_np(reason));
}

/* Loads the extended program, once. */
static int load_extended(struct filt_filter *filter, struct filt_error *error)
{
        const struct cbpf_extended_target place = {
            .context = CBPF_CONTEXT_SOCKET, .far_jumps = ebpf_kernel_jumps_far(), .maps = true};
        struct cbpf_extended_program program;
        struct error reason;
        char refusal[256] = "";
        int failed;

        if (filter->extended >= 0)
                return 0;
        if (cbpf_compile_extended(filter->expression, &filter->target, &place, &program, &reason) <
            0)
                return fail_by(error, &reason);
        failed = load(filter, &program, refusal, sizeof refusal);
        cbpf_extended_free(&program);
        return failed ? fail_to_load(error, failed, refusal) : 0;
}

static int attach_extended(struct filt_filter *filter, int socket, struct filt_error *error)
{
        int failed;

        pthread_mutex_lock(&filter->attaching);
        failed = load_extended(filter, error);
        pthread_mutex_unlock(&filter->attaching);
        if (failed)
                return -1;
        if (setsockopt(socket, SOL_SOCKET, SO_ATTACH_BPF, &filter->extended,
                       sizeof filter->extended) == 0)
                return FILT_ATTACHED_EXTENDED;
        return fail_system(error, errno, "the socket does not take it: %s", strerrordesc_np(errno));
}

int filt_attach(struct filt_filter *filter, int socket, uint32_t flags, struct filt_error *error)
{
        struct cbpf_violation violation;
        int reason;

        if (flags & ~FILT_ONLY_CLASSIC)
                return fail(error, FILT_ERROR_ARGUMENT, "unknown flags 0x%x",
                            flags & ~FILT_ONLY_CLASSIC);
        if (cbpf_check(&filter->program, &violation) < 0 && !violation.only_length)
                return violation.lacks_memory
                           ? fail_memory(error)
                           : fail(error, FILT_ERROR_NOT_LIVE,
                                  "the kernel does not run such a program: instruction %zu: %s",
                                  violation.instruction, violation.message);
        reason = attach_classic(filter, socket);
        if (reason == 0)
                return FILT_ATTACHED_CLASSIC;
        /* A socket's memory is charged for its filter: ENOMEM is its limit as well. */
        if (reason != E2BIG && reason != ENOMEM)
                return fail_system(error, reason, "the socket does not take the filter: %s",
                                   strerrordesc_np(reason));
        if (!(flags & FILT_ONLY_CLASSIC) && filter->expression)
                return attach_extended(filter, socket, error);
        if (reason == E2BIG)
                return fail_system(error, E2BIG,
                                   "the program has %u instructions: sockets take no more than %d",
                                   filter->program.bf_len, CBPF_KERNEL_MAX);
        return fail(error, FILT_ERROR_MEMORY,
                    "out of memory for the socket's filter of %u instructions: the limit is the "
                    "sysctl net.core.optmem_max",
                    filter->program.bf_len);
}

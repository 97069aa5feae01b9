/* Filter text to classic BPF, by libpcap's compiler. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(struct cbpf_error *error, const char *message)
{
        snprintf(error->message, sizeof error->message, "%s", message);
        return -1;
}

/* A program that can match nothing is one to libpcap's optimizer, too, but it calls it an error. */
static int reject_all(struct bpf_program *program)
{
        program->bf_insns = calloc(1, sizeof *program->bf_insns);
        if (!program->bf_insns)
                return -1;
        program->bf_insns[0] = (struct bpf_insn)BPF_STMT(BPF_RET | BPF_K, 0);
        program->bf_len = 1;
        return 0;
}

static int compile_with(pcap_t *handle, const char *expression, const struct cbpf_target *target,
                        unsigned flags, struct bpf_program *program, struct cbpf_error *error)
{
        int optimize = !(flags & CBPF_UNOPTIMIZED);

        if (pcap_compile(handle, program, expression, optimize, target->netmask) == 0)
                return 0;
        *program = (struct bpf_program){0};
        if (strcmp(pcap_geterr(handle), "expression rejects all packets") == 0)
                return reject_all(program) < 0 ? fail(error, "out of memory") : 0;
        return fail(error, pcap_geterr(handle));
}

int cbpf_compile(const char *expression, const struct cbpf_target *target, unsigned flags,
                 struct bpf_program *program, struct cbpf_error *error)
{
        pcap_t *handle = cbpf_open_handle(target);
        int failed;

        *program = (struct bpf_program){0};
        *error = (struct cbpf_error){.offset = CBPF_NO_OFFSET};
        if (!handle)
                return fail(error, "out of memory");
        failed = compile_with(handle, expression, target, flags, program, error);
        pcap_close(handle);
        if (failed || target->place != CBPF_LIVE || target->link_type != DLT_LINUX_SLL2)
                return failed;
        if (cbpf_cook(program) == 0)
                return 0;
        cbpf_program_free(program);
        error->only_in_file = true;
        return fail(error, "it asks for a field of the link header that the kernel cannot tell");
}

void cbpf_program_free(struct bpf_program *program)
{
        free(program->bf_insns);
        *program = (struct bpf_program){0};
}

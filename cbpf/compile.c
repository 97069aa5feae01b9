/* Filter text to classic BPF, by libpcap's compiler. */
#include "cbpf.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cbpf_compile(const char *expression, const struct cbpf_target *target, unsigned flags,
                 struct bpf_program *program, struct cbpf_error *error)
{
        pcap_t *handle = pcap_open_dead(target->link_type, (int)target->snapshot_length);
        int failed;

        *program = (struct bpf_program){0};
        error->offset = CBPF_NO_OFFSET;
        error->length = 0;
        if (!handle) {
                snprintf(error->message, sizeof error->message, "out of memory");
                return -1;
        }
        failed =
            pcap_compile(handle, program, expression, !(flags & CBPF_UNOPTIMIZED), target->netmask);
        if (failed)
                snprintf(error->message, sizeof error->message, "%s", pcap_geterr(handle));
        pcap_close(handle);
        return failed ? -1 : 0;
}

void cbpf_program_free(struct bpf_program *program)
{
        pcap_freecode(program);
}

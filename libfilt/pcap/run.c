/* Running, showing and checking programs. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>

/* Runs a program of filt's. Returns whether it is one, with the verdict in `verdict`. */
static bool run(const struct bpf_insn *instructions, const struct filt_packet *packet,
                u_int *verdict)
{
        struct program *program = instructions ? program_find(instructions) : NULL;
        struct filt_filter *filter = program ? program_for_memory(program) : NULL;

        if (filter)
                *verdict = filt_match(filter, packet);
        program_release(program);
        return filter != NULL;
}

PUBLIC u_int bpf_filter(const struct bpf_insn *instructions, const u_char *bytes, u_int length,
                        u_int captured)
{
        const struct filt_packet packet = {bytes, captured, length};
        u_int verdict;

        return run(instructions, &packet, &verdict)
                   ? verdict
                   : REAL(bpf_filter)(instructions, bytes, length, captured);
}

PUBLIC int pcap_offline_filter(const struct bpf_program *program, const struct pcap_pkthdr *header,
                               const u_char *bytes)
{
        const struct filt_packet packet = {bytes, header->caplen, header->len};
        u_int verdict;

        return run(program->bf_insns, &packet, &verdict)
                   ? (int)verdict
                   : REAL(pcap_offline_filter)(program, header, bytes);
}

PUBLIC char *bpf_image(const struct bpf_insn *instruction, int number)
{
        static __thread char image[256]; /* the next call's, as libpcap has it */

        cbpf_list_instruction(instruction, (uint32_t)number, image, sizeof image);
        return image;
}

PUBLIC void bpf_dump(const struct bpf_program *program, int option)
{
        enum cbpf_listing form = option > 2   ? CBPF_LISTING_DECIMAL
                                 : option > 1 ? CBPF_LISTING_C
                                              : CBPF_LISTING_TEXT;
        char *text = cbpf_list(program, form);

        if (text)
                fputs(text, stdout);
        else
                REAL(bpf_dump)(program, option);
        free(text);
}

/* What the kernel takes is valid; of other programs, libpcap knows. */
PUBLIC int bpf_validate(const struct bpf_insn *instructions, int count)
{
        const struct bpf_program program = {(u_int)count, (struct bpf_insn *)instructions};
        struct cbpf_violation violation;

        return (count > 0 && cbpf_check(&program, &violation) == 0) ||
               REAL(bpf_validate)(instructions, count);
}

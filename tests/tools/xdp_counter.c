/* An XDP program of somebody else, for tests: counts frames of at least 1,000 bytes in the piece
 * that it sees directly, and lets all pass, or drops those.
 *
 * xdp_counter [-pugnld] INTERFACE: -p is for packets in pieces, -u has no expected attach type, -g
 * and -n attach it generic or native, -l by a link, -d drops what it counts. Prints the numbers of
 * the program and of the map with the count, and waits for a signal; without -l, the program stays.
 */
#include "ebpf/program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/filter.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SIZE = 1000 };

static int load(enum ebpf_kind kind, int map, bool drops)
{
        const struct bpf_insn program[] = {
            {BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, XDP_PASS},
            {BPF_LDX | BPF_MEM | BPF_W, BPF_REG_2, BPF_REG_1, 0, 0}, /* data */
            {BPF_LDX | BPF_MEM | BPF_W, BPF_REG_3, BPF_REG_1, 4, 0}, /* data_end */
            {BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, SIZE},
            {BPF_JMP | BPF_JGT | BPF_X, BPF_REG_2, BPF_REG_3, 10, 0},
            {BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -4, 0},
            {BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_10, 0, 0},
            {BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, -4},
            {BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map},
            {0},
            {BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem},
            {BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 2, 0},
            {BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, 1},
            {BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_0, BPF_REG_1, 0, BPF_ADD},
            {BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, drops ? XDP_DROP : XDP_PASS},
            {BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
        };
        const struct ebpf_attributes attributes = ebpf_attributes(kind);
        LIBBPF_OPTS(bpf_prog_load_opts, options,
                    .expected_attach_type = (enum bpf_attach_type)attributes.attach_type,
                    .prog_flags = attributes.flags);

        return bpf_prog_load((enum bpf_prog_type)attributes.type, "counter", "GPL", program,
                             sizeof program / sizeof *program, &options);
}

static int attach(int program, int interface, uint32_t mode, bool by_link)
{
        LIBBPF_OPTS(bpf_link_create_opts, options, .flags = mode);

        return by_link ? bpf_link_create(program, interface, BPF_XDP, &options)
                       : bpf_xdp_attach(interface, program, mode, NULL);
}

static int report(int program, int map)
{
        struct bpf_prog_info program_info = {0};
        struct bpf_map_info map_info = {0};
        uint32_t size = sizeof program_info, map_size = sizeof map_info;

        if (bpf_obj_get_info_by_fd(program, &program_info, &size) < 0 ||
            bpf_obj_get_info_by_fd(map, &map_info, &map_size) < 0)
                return 1;
        printf("%u %u\n", program_info.id, map_info.id);
        return fflush(stdout);
}

int main(int argc, char **argv)
{
        static const enum ebpf_kind kinds[2][2] = {{EBPF_XDP, EBPF_XDP_UNTYPED},
                                                   {EBPF_XDP_PARTS, EBPF_XDP_UNTYPED_PARTS}};
        bool pieces = false, untyped = false, by_link = false, drops = false;
        uint32_t mode = 0;
        int option, map, program;

        while ((option = getopt(argc, argv, "pugnld")) != -1)
                switch (option) {
                case 'p': pieces = true; break;
                case 'u': untyped = true; break;
                case 'g': mode = XDP_FLAGS_SKB_MODE; break;
                case 'n': mode = XDP_FLAGS_DRV_MODE; break;
                case 'l': by_link = true; break;
                case 'd': drops = true; break;
                default: return 2;
                }
        if (optind + 1 != argc)
                return 2;
        map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "count", sizeof(uint32_t), sizeof(uint64_t), 1,
                             NULL);
        program = load(kinds[pieces][untyped], map, drops);
        if (program < 0 || attach(program, (int)if_nametoindex(argv[optind]), mode, by_link) < 0) {
                perror("xdp_counter");
                return 1;
        }
        if (report(program, map) != 0)
                return 1;
        pause();
        return 0;
}

#include "fake_skb.h"
#include "ebpf/program.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
        SIZE = 16384, /* of the map: its address, and from these offsets on: */
        SKB = 1024,
        DEVICE = 4096,
        SOCKET = 7168,
        HEAD = 8192,
        HEADROOM = 64,
        ARGUMENTS = 4,
};

/* Has the kernel write the map's address to its begin. */
static bool find_address(struct fake_skb *skb)
{
        const struct bpf_insn instructions[] = {
            {BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1, BPF_PSEUDO_MAP_VALUE, 0, skb->map},
            {0},
            {BPF_STX | BPF_MEM | BPF_DW, BPF_REG_1, BPF_REG_1, 0, 0},
            {BPF_ALU | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0},
            {BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
        };
        int program = ebpf_program_load(EBPF_RAW_TRACEPOINT, instructions, 5, NULL, 0);
        LIBBPF_OPTS(bpf_test_run_opts, options);
        int result = program < 0 ? program : bpf_prog_test_run_opts(program, &options);

        if (program >= 0)
                close(program);
        memcpy(&skb->address, skb->memory, sizeof skb->address);
        return result == 0 && skb->address != 0;
}

bool fake_skb_make(struct fake_skb *skb, const struct skb_layout *layout)
{
        LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);

        *skb = (struct fake_skb){.layout = *layout};
        skb->map = bpf_map_create(BPF_MAP_TYPE_ARRAY, EBPF_NAME, 4, SIZE, 1, &options);
        if (skb->map < 0)
                return false;
        skb->memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, skb->map, 0);
        if (skb->memory != MAP_FAILED && find_address(skb))
                return true;
        fake_skb_free(skb);
        return false;
}

void fake_skb_free(struct fake_skb *skb)
{
        if (skb->memory != MAP_FAILED)
                munmap(skb->memory, SIZE);
        close(skb->map);
}

static void put(uint8_t *structure, const struct skb_field *field, uint64_t value)
{
        uint8_t *at = structure + field->offset;

        switch (field->size) {
        case 1: *at = (uint8_t)value; break;
        case 2: memcpy(at, &(uint16_t){(uint16_t)value}, 2); break;
        case 4: memcpy(at, &(uint32_t){(uint32_t)value}, 4); break;
        case 8: memcpy(at, &value, 8); break;
        }
}

void fake_skb_set(struct fake_skb *skb, const struct skb_field *field, uint32_t value)
{
        put(skb->memory + SKB, field, value);
}

void fake_skb_set_device(struct fake_skb *skb, const struct skb_field *field, uint32_t value)
{
        put(skb->memory + SKB, &skb->layout.device, skb->address + DEVICE);
        put(skb->memory + DEVICE, field, value);
}

void fake_skb_set_family(struct fake_skb *skb, uint32_t family, bool own)
{
        put(skb->memory + SOCKET, &skb->layout.family, family);
        skb->has_receiver = !own;
        if (own)
                put(skb->memory + SKB, &skb->layout.socket, skb->address + SOCKET);
}

void fake_skb_put(struct fake_skb *skb, const struct fake_packet *packet)
{
        const struct skb_layout *layout = &skb->layout;
        uint8_t *structure = skb->memory + SKB, *head = skb->memory + HEAD;
        uint64_t address = skb->address + HEAD;

        skb->has_receiver = false;
        memset(skb->memory + SKB, 0, HEAD - SKB);
        memset(head, 0xee, SIZE - HEAD);
        memcpy(head + HEADROOM, packet->bytes, packet->length - packet->elsewhere);
        put(structure, &layout->head, address);
        put(structure, &layout->data, address + HEADROOM + packet->pulled);
        put(structure, &layout->length, packet->length - packet->pulled);
        put(structure, &layout->data_length, packet->elsewhere);
        put(structure, &layout->mac_header, packet->has_link ? HEADROOM : UINT16_MAX);
        put(structure, &layout->network_header, HEADROOM + packet->link_length);
        if (packet->link_length >= 2)
                memcpy(structure + layout->protocol.offset, packet->bytes + packet->link_length - 2,
                       2);
        if (!packet->has_link)
                memset(head + HEADROOM, 0xee, packet->link_length);
}

int fake_skb_run(const struct fake_skb *skb, int program, unsigned argument, uint32_t *returned)
{
        uint64_t arguments[ARGUMENTS] = {0};
        LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = arguments,
                    .ctx_size_in = sizeof arguments);
        int result;

        if (argument >= ARGUMENTS)
                return -EINVAL;
        arguments[argument] = skb->address + SKB;
        if (skb->has_receiver && argument + 1 < ARGUMENTS)
                arguments[argument + 1] = skb->address + SOCKET;
        result = bpf_prog_test_run_opts(program, &options);
        *returned = options.retval;
        return result;
}

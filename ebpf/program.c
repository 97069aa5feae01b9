#include "program.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The last one is of Linux 6.4; older headers have none of it. */
static const struct ebpf_attributes kinds[] = {
    [EBPF_SOCKET_FILTER] = {BPF_PROG_TYPE_SOCKET_FILTER, 0, 0},
    [EBPF_TC] = {BPF_PROG_TYPE_SCHED_CLS, 0, 0},
    [EBPF_XDP] = {BPF_PROG_TYPE_XDP, BPF_XDP, 0},
    [EBPF_XDP_PARTS] = {BPF_PROG_TYPE_XDP, BPF_XDP, BPF_F_XDP_HAS_FRAGS},
    [EBPF_XDP_UNTYPED] = {BPF_PROG_TYPE_XDP, 0, 0},
    [EBPF_XDP_UNTYPED_PARTS] = {BPF_PROG_TYPE_XDP, 0, BPF_F_XDP_HAS_FRAGS},
    [EBPF_CGROUP_SKB] = {BPF_PROG_TYPE_CGROUP_SKB, 0, 0},
    [EBPF_NETFILTER] = {32, 45, 0}, /* BPF_PROG_TYPE_NETFILTER, BPF_NETFILTER */
    [EBPF_RAW_TRACEPOINT] = {BPF_PROG_TYPE_RAW_TRACEPOINT, 0, 0},
};

struct ebpf_attributes ebpf_attributes(enum ebpf_kind kind)
{
        return kinds[kind];
}

int ebpf_program_load(enum ebpf_kind kind, const void *instructions, size_t count, char *log,
                      size_t log_room)
{
        LIBBPF_OPTS(bpf_prog_load_opts, options, .log_buf = log, .log_size = (uint32_t)log_room,
                    .log_level = log_room > 0,
                    .expected_attach_type = (enum bpf_attach_type)kinds[kind].attach_type,
                    .prog_flags = kinds[kind].flags);

        if (log_room > 0)
                log[0] = '\0';
        return bpf_prog_load((enum bpf_prog_type)kinds[kind].type, EBPF_NAME, "GPL", instructions,
                             count, &options);
}

/* Lines of the verifier's log: of an instruction, "12: (85) call ...", of its figures, or what it
 * has to say. Sets the number of the last instruction, -1 if there is none. Returns its last words,
 * or NULL. */
static const char *read_log(const char *log, long *instruction)
{
        const char *last = NULL;

        *instruction = -1;
        while (*log) {
                char *end;
                long number = strtol(log, &end, 10);

                if (end > log && strncmp(end, ": (", 3) == 0)
                        *instruction = number;
                else if (*log != '\n' && *log != ';' && !(end > log && *end == ':') &&
                         strncmp(log, "processed ", 10) != 0 &&
                         strncmp(log, "verification time", 17) != 0)
                        last = log;
                log += strcspn(log, "\n");
                log += *log == '\n';
        }
        return last;
}

void ebpf_program_refusal(enum ebpf_kind kind, const void *instructions, size_t count, char *reason,
                          size_t room)
{
        enum { LOG_ROOM = 1 << 20 };
        char *log = malloc(LOG_ROOM);
        int program = log ? ebpf_program_load(kind, instructions, count, log, LOG_ROOM) : -ENOMEM;
        long instruction;
        const char *words = log ? read_log(log, &instruction) : NULL;

        reason[0] = '\0';
        if (program >= 0)
                close(program);
        else if (words && instruction >= 0)
                snprintf(reason, room, "instruction %ld: %.*s", instruction,
                         (int)strcspn(words, "\n"), words);
        else if (words)
                snprintf(reason, room, "%.*s", (int)strcspn(words, "\n"), words);
        free(log);
}

int ebpf_table_put(int table, uint32_t entry, int program)
{
        return bpf_map_update_elem(table, &entry, &program, BPF_ANY);
}

/* Writes the tail call to an entry of a table. Returns how many instructions it is. */
static size_t write_tail_call(struct bpf_insn *instructions, int table, uint32_t entry)
{
        const struct bpf_insn call[] = {
            {BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_6, 0, 0},
            {BPF_LD | BPF_IMM | BPF_DW, BPF_REG_2, BPF_PSEUDO_MAP_FD, 0, table},
            {0},
            {BPF_ALU | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, (int)entry},
            {BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_tail_call},
        };

        memcpy(instructions, call, sizeof call);
        return sizeof call / sizeof *call;
}

static int load_forward(enum ebpf_kind kind, int table, const struct ebpf_miss *miss)
{
        struct bpf_insn instructions[16] = {
            {BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_6, BPF_REG_1, 0, 0}};
        size_t count = 1;

        count += write_tail_call(instructions + count, table, 0);
        if (miss->table >= 0)
                count += write_tail_call(instructions + count, miss->table, miss->entry);
        instructions[count++] =
            (struct bpf_insn){BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, miss->verdict};
        instructions[count++] = (struct bpf_insn){BPF_JMP | BPF_EXIT, 0, 0, 0, 0};
        return ebpf_program_load(kind, instructions, count, NULL, 0);
}

int ebpf_program_forward(enum ebpf_kind kind, int program, const struct ebpf_miss *miss, int *table)
{
        int result;

        *table = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, EBPF_NAME, sizeof(uint32_t),
                                sizeof program, 1, NULL);
        if (*table < 0)
                return *table;
        result = ebpf_table_put(*table, 0, program);
        if (result == 0)
                result = load_forward(kind, *table, miss);
        if (result < 0)
                close(*table);
        return result;
}

/* One by one, where the kernel knows no batches of such maps. */
static int fill(int map, const void *keys, size_t key_size, const uint32_t *classes, uint32_t count)
{
        LIBBPF_OPTS(bpf_map_batch_opts, options);
        uint32_t done = count;
        int result = bpf_map_update_batch(map, keys, classes, &done, &options);

        if (result == 0)
                return 0;
        for (uint32_t i = 0; i < count; i++) {
                result = bpf_map_update_elem(map, (const char *)keys + i * key_size, &classes[i],
                                             BPF_ANY);
                if (result < 0)
                        return result;
        }
        return 0;
}

int ebpf_set_new(bool prefixes, const void *keys, size_t key_size, const uint32_t *classes,
                 uint32_t count)
{
        LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = prefixes ? BPF_F_NO_PREALLOC : 0);
        int map = bpf_map_create(prefixes ? BPF_MAP_TYPE_LPM_TRIE : BPF_MAP_TYPE_HASH, EBPF_NAME,
                                 (uint32_t)key_size, sizeof *classes, count ? count : 1, &options);
        int result;

        if (map < 0)
                return map;
        result = fill(map, keys, key_size, classes, count);
        if (result == 0)
                return map;
        close(map);
        return result;
}

bool ebpf_kernel_jumps_far(void)
{
        static const struct bpf_insn instructions[] = {
            {BPF_ALU | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0},
            {BPF_JMP32 | BPF_JA, 0, 0, 0, 0},
            {BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
        };
        int program = ebpf_program_load(EBPF_SOCKET_FILTER, instructions,
                                        sizeof instructions / sizeof *instructions, NULL, 0);

        if (program >= 0)
                close(program);
        return program != -EINVAL;
}

/* Sets the place of a member that begins at a bit of the structure. */
static void place_field(const struct btf *btf, const struct btf_type *type, uint32_t member,
                        uint32_t bit, struct skb_field *field)
{
        uint32_t bits = btf_member_bitfield_size(type, member);
        bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
        int64_t size = btf__resolve_size(btf, btf_members(type)[member].type);

        field->offset = (uint16_t)(bit / 8);
        field->size = size == 1 || size == 2 || size == 4 || size == 8 ? (uint8_t)size : 0;
        if (bits == 0)
                return;
        field->size = bit % 8 + bits <= 8;
        field->mask = ((1u << bits) - 1) << (big ? 8 - bit % 8 - bits : bit % 8);
}

/* Finds a field of a structure that begins at a bit, also of one without a name within it. */
static bool find_field(const struct btf *btf, int structure, uint32_t bit, const char *name,
                       int depth, struct skb_field *field)
{
        const struct btf_type *type =
            structure < 0 ? NULL : btf__type_by_id(btf, (uint32_t)structure);
        const struct btf_member *members = type ? btf_members(type) : NULL;

        for (uint32_t i = 0; type && btf_is_composite(type) && i < btf_vlen(type); i++) {
                const char *own = btf__name_by_offset(btf, members[i].name_off);
                uint32_t at = bit + btf_member_bit_offset(type, i);

                if (own && strcmp(own, name) == 0) {
                        place_field(btf, type, i, at, field);
                        return true;
                }
                if ((!own || !*own) && depth > 0 &&
                    find_field(btf, (int)members[i].type, at, name, depth - 1, field))
                        return true;
        }
        return false;
}

static int find_function(const struct btf *btf, const char *name)
{
        int number = btf__find_by_name_kind(btf, name, BTF_KIND_FUNC);

        return number < 0 ? 0 : number;
}

static const struct {
        const char *name;
        size_t at; /* in struct skb_layout */
} buffer_fields[] =
    {
        {"head", offsetof(struct skb_layout, head)},
        {"data", offsetof(struct skb_layout, data)},
        {"len", offsetof(struct skb_layout, length)},
        {"data_len", offsetof(struct skb_layout, data_length)},
        {"mac_header", offsetof(struct skb_layout, mac_header)},
        {"network_header", offsetof(struct skb_layout, network_header)},
        {"protocol", offsetof(struct skb_layout, protocol)},
        {"mark", offsetof(struct skb_layout, mark)},
        {"queue_mapping", offsetof(struct skb_layout, queue)},
        {"hash", offsetof(struct skb_layout, hash)},
        {"vlan_tci", offsetof(struct skb_layout, vlan_tag)},
        {"vlan_proto", offsetof(struct skb_layout, vlan_protocol)},
        {"vlan_all", offsetof(struct skb_layout, vlan_present)},
        {"vlan_present", offsetof(struct skb_layout, vlan_present)}, /* before Linux 6.2 */
        {"dev", offsetof(struct skb_layout, device)},
        {"sk", offsetof(struct skb_layout, socket)},
},
  device_fields[] = {
      {"ifindex", offsetof(struct skb_layout, device_index)},
      {"type", offsetof(struct skb_layout, device_type)},
};

static void find_layout(const struct btf *btf, struct skb_layout *layout)
{
        enum { NESTED = 4 };
        int buffer = btf__find_by_name_kind(btf, "sk_buff", BTF_KIND_STRUCT);
        int device = btf__find_by_name_kind(btf, "net_device", BTF_KIND_STRUCT);
        int socket = btf__find_by_name_kind(btf, "sock_common", BTF_KIND_STRUCT);

        *layout = (struct skb_layout){0};
        for (size_t i = 0; i < sizeof buffer_fields / sizeof *buffer_fields; i++)
                find_field(btf, buffer, 0, buffer_fields[i].name, NESTED,
                           (struct skb_field *)((char *)layout + buffer_fields[i].at));
        for (size_t i = 0; i < sizeof device_fields / sizeof *device_fields; i++)
                find_field(btf, device, 0, device_fields[i].name, NESTED,
                           (struct skb_field *)((char *)layout + device_fields[i].at));
        find_field(btf, socket, 0, "skc_family", NESTED, &layout->family);
}

int ebpf_kernel_find(struct ebpf_kernel *kernel)
{
        libbpf_print_fn_t before = libbpf_set_print(NULL); /* the caller says what it misses */
        struct btf *btf = btf__load_vmlinux_btf();
        int number = errno;

        libbpf_set_print(before);
        if (!btf)
                return -number;
        *kernel = (struct ebpf_kernel){
            .cast_context = find_function(btf, "bpf_cast_to_kern_ctx"),
            .dynptr_from_skb = find_function(btf, "bpf_dynptr_from_skb"),
        };
        find_layout(btf, &kernel->skb);
        kernel->data = kernel->skb.data.offset;
        kernel->length = kernel->skb.length.offset;
        kernel->data_length = kernel->skb.data_length.offset;
        btf__free(btf);
        return kernel->skb.data.size && kernel->skb.length.size && kernel->skb.data_length.size
                   ? 0
                   : -ENOENT;
}

int ebpf_program_run(int program, const void *data, size_t length, unsigned repeat,
                     uint32_t *returned, uint32_t *nanoseconds)
{
        LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = data, .data_size_in = (uint32_t)length,
                    .repeat = (int)repeat);
        int result = bpf_prog_test_run_opts(program, &options);

        *returned = options.retval;
        if (nanoseconds)
                *nanoseconds = options.duration;
        return result;
}

int ebpf_program_run_in_pieces(int program, const void *data, size_t length, size_t first,
                               uint32_t *returned)
{
        struct xdp_md context = {.data_end = (uint32_t)first};
        LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = data, .data_size_in = (uint32_t)length,
                    .ctx_in = &context, .ctx_size_in = sizeof context, .repeat = 1);
        int result = bpf_prog_test_run_opts(program, &options);

        *returned = options.retval;
        return result;
}

int ebpf_tracepoint_arguments(const char *tracepoint)
{
        struct btf *btf = btf__load_vmlinux_btf();
        const struct btf_type *type;
        int number, count = -ENOENT;
        char name[64];

        if (!btf)
                return -errno;
        snprintf(name, sizeof name, "btf_trace_%s", tracepoint);
        number = btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF);
        type = number < 0 ? NULL : btf__type_by_id(btf, (uint32_t)number);
        while (type && (btf_is_typedef(type) || btf_is_ptr(type)))
                type = btf__type_by_id(btf, type->type);
        if (type && btf_is_func_proto(type))
                count = btf_vlen(type) - 1; /* the first one is the tracepoint's own */
        btf__free(btf);
        return count;
}

int ebpf_program_information(int program)
{
        char path[64];

        snprintf(path, sizeof path, "/proc/self/fdinfo/%d", program);
        return open(path, O_RDONLY | O_CLOEXEC);
}

uint64_t ebpf_program_missed(int information)
{
        static const char key[] = "recursion_misses:";
        char text[1024];
        ssize_t got = information < 0 ? -1 : pread(information, text, sizeof text - 1, 0);
        const char *at;

        text[got < 0 ? 0 : got] = '\0';
        at = strstr(text, key);
        return at ? strtoull(at + sizeof key - 1, NULL, 10) : 0;
}

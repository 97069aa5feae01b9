/* Packets that a tracepoint is told of: a struct sk_buff in the kernel's memory, which is read by
 * bpf_probe_read_kernel(). Its fields are copied to the stack first; then START is the address of
 * the packet's first byte, and END the number of bytes that lie there in a row. */
#include "emission.h"
#include "net/protocols.h"

#include <arpa/inet.h>
#include <linux/filter.h>

enum {
        FIELDS_ROOM = START_ROOM + BASE_ROOM, /* fields are copied where the packet's bytes come */
        ETHERNET = 14,                        /* bytes of the header */
        UNSET = 0xffff,                       /* mac_header */
        INET = 2,                             /* AF_* */
        INET6 = 10,

        /* Below the frame pointer. */
        DEVICE_AREA = DYNPTR_AREA - 8,
};

/* What ancillary loads give. */
enum metadata {
        PROTOCOL,
        MARK,
        QUEUE,
        HASH,
        VLAN_TAG,
        VLAN_PRESENT,
        VLAN_PROTOCOL,
        INTERFACE,
        HARDWARE,
        UNTOLD,
};

_Static_assert((int)UNTOLD == (int)METADATA, "there is room for all of it");

static enum metadata metadata_at(uint32_t k)
{
        switch (k - (uint32_t)SKF_AD_OFF) {
        case SKF_AD_PROTOCOL: return PROTOCOL;
        case SKF_AD_MARK: return MARK;
        case SKF_AD_QUEUE: return QUEUE;
        case SKF_AD_RXHASH: return HASH;
        case SKF_AD_VLAN_TAG: return VLAN_TAG;
        case SKF_AD_VLAN_TAG_PRESENT: return VLAN_PRESENT;
        case SKF_AD_VLAN_TPID: return VLAN_PROTOCOL;
        case SKF_AD_IFINDEX: return INTERFACE;
        case SKF_AD_HATYPE: return HARDWARE;
        default: return UNTOLD;
        }
}

static bool is_of_device(enum metadata what)
{
        return what == INTERFACE || what == HARDWARE;
}

static const struct skb_field *field_of(const struct skb_layout *layout, enum metadata what)
{
        switch (what) {
        case PROTOCOL: return &layout->protocol;
        case MARK: return &layout->mark;
        case QUEUE: return &layout->queue;
        case HASH: return &layout->hash;
        case VLAN_TAG: return &layout->vlan_tag;
        case VLAN_PRESENT: return &layout->vlan_present;
        case VLAN_PROTOCOL: return &layout->vlan_protocol;
        case INTERFACE: return &layout->device_index;
        default: return &layout->device_type;
        }
}

/* Where it is kept, from the frame pointer. */
static int32_t slot_of(enum metadata what)
{
        return -(METADATA_AREA - 4 * (int32_t)what);
}

/* Copies of fields */

/* What is copied of a structure, and is then at START_AREA. */
struct span {
        uint32_t from, to;
};

static void widen(struct emission *emission, struct span *span, const struct skb_field *field)
{
        uint32_t end = (uint32_t)field->offset + field->size;

        if (field->offset < span->from)
                span->from = field->offset & ~7u;
        if (end > span->to)
                span->to = end;
        emission->impossible |= field->size == 0 || span->to - span->from > FIELDS_ROOM;
}

static void call_read(struct emission *emission)
{
        code_put(&emission->code, CLASS_JMP | JUMP_CALL, 0, 0, 0, READ_KERNEL);
        code_jump(&emission->code, CLASS_JMP | JUMP_NE, 0, 0, 0, emission_reject(emission));
}

/* Copies them of the structure whose address register 3 has. */
static void copy_fields(struct emission *emission, const struct span *span)
{
        struct code *code = &emission->code;

        if (span->from > 0)
                code_put(code, CLASS_ALU64 | ALU_ADD, 3, 0, 0, (int32_t)span->from);
        code_put(code, CLASS_ALU | ALU_MOV, 2, 0, 0, (int32_t)(span->to - span->from));
        code_address(code, 1, START_AREA);
        call_read(emission);
}

static void load_field(struct emission *emission, unsigned to, const struct skb_field *field,
                       const struct span *span)
{
        static const uint8_t sizes[16] = {[1] = SIZE_B, [2] = SIZE_H, [4] = SIZE_W, [8] = SIZE_DW};

        code_put(&emission->code, CLASS_LDX | MODE_MEM | sizes[field->size & 15], to, FRAME,
                 (int32_t)(field->offset - span->from) - START_AREA, 0);
}

/* Metadata */

/* What the graph asks for: a bit each. */
static uint32_t asked_metadata(struct emission *emission)
{
        const struct graph *graph = emission->graph;
        uint32_t asked = 0;

        for (uint32_t i = 0; i < graph->term_count; i++) {
                enum metadata what;

                if (graph->terms[i].kind != TERM_LOAD || is_packet_load(&graph->terms[i]) ||
                    emission->uses[i] == 0)
                        continue;
                what = metadata_at(graph->terms[i].k);
                asked |= 1u << what;
                emission->impossible |=
                    what == UNTOLD ||
                    (is_of_device(what) && !emission->target->tracepoint->has_device);
        }
        return asked;
}

static void keep(struct emission *emission, enum metadata what, const struct span *span)
{
        const struct skb_field *field = field_of(&emission->target->tracepoint->layout, what);
        struct code *code = &emission->code;
        uint32_t absent;

        load_field(emission, 0, field, span);
        if (what == PROTOCOL || what == VLAN_PROTOCOL)
                code_put(code, CLASS_ALU | ALU_END | BY_REGISTER, 0, 0, 0, 16);
        if (field->mask)
                code_put(code, CLASS_ALU | ALU_AND, 0, 0, 0, (int32_t)field->mask);
        if (what == VLAN_PRESENT) {
                absent = code_label(code);
                code_jump(code, CLASS_JMP32 | JUMP_EQ, 0, 0, 0, absent);
                code_put(code, CLASS_ALU | ALU_MOV, 0, 0, 0, 1);
                code_here(code, absent);
        }
        code_put(code, CLASS_STX | MODE_MEM | SIZE_W, FRAME, 0, slot_of(what), 0);
}

/* The device has a structure of its own. A packet without one: 0. */
static void keep_of_device(struct emission *emission, enum metadata what)
{
        struct code *code = &emission->code;
        struct span span = {UINT32_MAX, 0};
        uint32_t none = code_label(code);

        widen(emission, &span, field_of(&emission->target->tracepoint->layout, what));
        code_put(code, CLASS_ST | MODE_MEM | SIZE_W, FRAME, 0, slot_of(what), 0);
        code_put(code, CLASS_LDX | MODE_MEM | SIZE_DW, 3, FRAME, -DEVICE_AREA, 0);
        code_jump(code, CLASS_JMP | JUMP_EQ, 3, 0, 0, none);
        copy_fields(emission, &span);
        keep(emission, what, &span);
        code_here(code, none);
}

/* The begin */

/* START becomes the address of a header, whose field has its distance from the head. */
static void start_at(struct emission *emission, const struct skb_field *header, int32_t unset,
                     const struct span *span)
{
        struct code *code = &emission->code;

        load_field(emission, START, &emission->target->tracepoint->layout.head, span);
        load_field(emission, 2, header, span);
        code_jump(code, CLASS_JMP | JUMP_EQ, 2, 0, unset, emission_reject(emission));
        code_put(code, CLASS_ALU64 | ALU_ADD | BY_REGISTER, START, 2, 0, 0);
}

/* Reads a few bytes at the address in register 3 to where single loads come. Leads to `failed` if
 * they cannot be read. */
static void peek(struct emission *emission, uint32_t length, uint32_t failed)
{
        struct code *code = &emission->code;

        code_put(code, CLASS_ALU | ALU_MOV, 2, 0, 0, (int32_t)length);
        code_address(code, 1, SINGLE_AREA);
        code_put(code, CLASS_JMP | JUMP_CALL, 0, 0, 0, READ_KERNEL);
        code_jump(code, CLASS_JMP | JUMP_NE, 0, 0, 0, failed);
}

/* The EtherType in PLACE that a packet has by its socket. */
static void find_type_by_socket(struct emission *emission, const struct span *span)
{
        const struct cbpf_extended_tracepoint *tracepoint = emission->target->tracepoint;
        struct code *code = &emission->code;
        uint32_t found = code_label(code), done = code_label(code);

        if (tracepoint->receiver > 0) {
                emission->uses_context = true;
                code_put(code, CLASS_LDX | MODE_MEM | SIZE_DW, 3, CONTEXT,
                         8 * (int32_t)tracepoint->receiver, 0);
                code_jump(code, CLASS_JMP | JUMP_NE, 3, 0, 0, found);
        }
        load_field(emission, 3, &tracepoint->layout.socket, span);
        code_jump(code, CLASS_JMP | JUMP_EQ, 3, 0, 0, emission_reject(emission));
        code_here(code, found);
        code_put(code, CLASS_ALU64 | ALU_ADD, 3, 0, 0, tracepoint->layout.family.offset);
        peek(emission, 2, emission_reject(emission));
        code_put(code, CLASS_LDX | MODE_MEM | SIZE_H, 0, FRAME, -SINGLE_AREA, 0);
        code_put(code, CLASS_ALU | ALU_MOV, PLACE, 0, 0, htons(ETHERTYPE_IPV4));
        code_jump(code, CLASS_JMP | JUMP_EQ, 0, 0, INET, done);
        code_put(code, CLASS_ALU | ALU_MOV, PLACE, 0, 0, htons(ETHERTYPE_IPV6));
        code_jump(code, CLASS_JMP | JUMP_NE, 0, 0, INET6, emission_reject(emission));
        code_here(code, done);
}

/* Where the header may be, from the head. */
enum candidate {
        AS_TOLD,
        AT_DATA,
        BEHIND_LINK,
        BEHIND_LINK_AT_DATA,
        CANDIDATES,
};

/* Has START be the candidate's address, and END be behind the last byte. Leads to `found` if it is
 * within the packet, and may be a header of the type in PLACE. */
static void try_start(struct emission *emission, enum candidate candidate, uint32_t found,
                      const struct span *span)
{
        const struct skb_layout *layout = &emission->target->tracepoint->layout;
        struct code *code = &emission->code;
        uint32_t next = code_label(code), is_inet6 = code_label(code);

        load_field(emission, START, &layout->head, span);
        if (candidate == AS_TOLD) {
                load_field(emission, 2, &layout->network_header, span);
        } else if (candidate == BEHIND_LINK) {
                load_field(emission, 2, &layout->mac_header, span);
                code_jump(code, CLASS_JMP | JUMP_EQ, 2, 0, UNSET, next);
        } else {
                load_field(emission, 2, &layout->data, span);
                code_put(code, CLASS_ALU64 | ALU_SUB | BY_REGISTER, 2, START, 0, 0);
        }
        if (candidate == BEHIND_LINK || candidate == BEHIND_LINK_AT_DATA)
                code_put(code, CLASS_ALU64 | ALU_ADD, 2, 0, 0, ETHERNET);
        code_jump(code, CLASS_JMP | JUMP_EQ, 2, 0, 0, next);
        code_put(code, CLASS_ALU64 | ALU_ADD | BY_REGISTER, START, 2, 0, 0);
        code_jump(code, CLASS_JMP | JUMP_GE | BY_REGISTER, START, END, 0, next);
        code_put(code, CLASS_ALU64 | ALU_MOV | BY_REGISTER, 3, START, 0, 0);
        peek(emission, 1, next);
        code_put(code, CLASS_LDX | MODE_MEM | SIZE_B, 0, FRAME, -SINGLE_AREA, 0);
        code_put(code, CLASS_ALU | ALU_AND, 0, 0, 0, 0xf0);
        code_jump(code, CLASS_JMP | JUMP_EQ, PLACE, 0, htons(ETHERTYPE_IPV6), is_inet6);
        code_jump(code, CLASS_JMP | JUMP_NE, PLACE, 0, htons(ETHERTYPE_IPV4), found);
        code_jump(code, CLASS_JMP | JUMP_EQ, 0, 0, 0x40, found);
        code_goto(code, next);
        code_here(code, is_inet6);
        code_jump(code, CLASS_JMP | JUMP_EQ, 0, 0, 0x60, found);
        code_here(code, next);
}

/* START becomes the address of the network header, PLACE the EtherType. */
static void find_network(struct emission *emission, const struct span *span)
{
        const struct skb_layout *layout = &emission->target->tracepoint->layout;
        struct code *code = &emission->code;
        uint32_t typed = code_label(code), found = code_label(code);

        load_field(emission, PLACE, &layout->protocol, span);
        code_jump(code, CLASS_JMP | JUMP_NE, PLACE, 0, 0, typed);
        find_type_by_socket(emission, span);
        code_here(code, typed);
        load_field(emission, END, &layout->data, span);
        load_field(emission, 2, &layout->length, span);
        code_put(code, CLASS_ALU64 | ALU_ADD | BY_REGISTER, END, 2, 0, 0);
        load_field(emission, 2, &layout->data_length, span);
        code_put(code, CLASS_ALU64 | ALU_SUB | BY_REGISTER, END, 2, 0, 0);
        for (enum candidate i = AS_TOLD; i < CANDIDATES; i++)
                try_start(emission, i, found, span);
        code_goto(code, emission_reject(emission));
        code_here(code, found);
        code_put(code, CLASS_ALU | ALU_END | BY_REGISTER, PLACE, 0, 0, 16);
        code_put(code, CLASS_STX | MODE_MEM | SIZE_W, FRAME, PLACE, slot_of(PROTOCOL), 0);
}

static void find_start(struct emission *emission, const struct span *span)
{
        const struct cbpf_extended_tracepoint *tracepoint = emission->target->tracepoint;

        switch (tracepoint->start) {
        case CBPF_START_DATA: load_field(emission, START, &tracepoint->layout.data, span); break;
        case CBPF_START_LINK:
                start_at(emission, &tracepoint->layout.mac_header, UNSET, span);
                break;
        case CBPF_START_NETWORK:
                start_at(emission, &tracepoint->layout.network_header, 0, span);
                break;
        case CBPF_START_FOUND: find_network(emission, span); break;
        }
}

/* END, and the packet's length, which data and len tell from where the data begin. */
static void find_end(struct emission *emission, const struct span *span)
{
        const struct skb_layout *layout = &emission->target->tracepoint->layout;
        struct code *code = &emission->code;

        load_field(emission, END, &layout->data, span);
        load_field(emission, 2, &layout->length, span);
        code_put(code, CLASS_ALU64 | ALU_ADD | BY_REGISTER, END, 2, 0, 0);
        code_put(code, CLASS_ALU64 | ALU_MOV | BY_REGISTER, 2, END, 0, 0);
        code_put(code, CLASS_ALU64 | ALU_SUB | BY_REGISTER, 2, START, 0, 0);
        code_put(code, CLASS_STX | MODE_MEM | SIZE_DW, FRAME, 2, -LENGTH_AREA, 0);
        load_field(emission, 2, &layout->data_length, span);
        code_put(code, CLASS_ALU64 | ALU_SUB | BY_REGISTER, END, 2, 0, 0);
        code_jump(code, CLASS_JMP | JUMP_GT | BY_REGISTER, START, END, 0,
                  emission_reject(emission));
        code_put(code, CLASS_ALU64 | ALU_SUB | BY_REGISTER, END, START, 0, 0);
}

static void widen_all(struct emission *emission, struct span *span, uint32_t asked)
{
        const struct cbpf_extended_tracepoint *tracepoint = emission->target->tracepoint;
        const struct skb_layout *layout = &tracepoint->layout;

        widen(emission, span, &layout->head);
        widen(emission, span, &layout->data);
        widen(emission, span, &layout->length);
        widen(emission, span, &layout->data_length);
        if (tracepoint->start == CBPF_START_LINK || tracepoint->start == CBPF_START_FOUND)
                widen(emission, span, &layout->mac_header);
        if (tracepoint->start == CBPF_START_NETWORK || tracepoint->start == CBPF_START_FOUND)
                widen(emission, span, &layout->network_header);
        if (tracepoint->start == CBPF_START_FOUND) {
                widen(emission, span, &layout->protocol);
                widen(emission, span, &layout->socket);
                emission->impossible |= layout->family.size != 2;
        }
        for (unsigned what = 0; what < METADATA; what++)
                if (asked >> what & 1)
                        widen(emission, span,
                              is_of_device((enum metadata)what)
                                  ? &layout->device
                                  : field_of(layout, (enum metadata)what));
}

void skb_begin(struct emission *emission)
{
        const struct cbpf_extended_tracepoint *tracepoint = emission->target->tracepoint;
        struct code *code = &emission->code;
        struct span span = {UINT32_MAX, 0};
        uint32_t asked = asked_metadata(emission);

        widen_all(emission, &span, asked);
        if (emission->impossible)
                return;
        code_put(code, CLASS_LDX | MODE_MEM | SIZE_DW, 3, 1, 8 * (int32_t)tracepoint->argument, 0);
        copy_fields(emission, &span);
        for (unsigned what = 0; what < METADATA; what++)
                if (asked >> what & 1 && !is_of_device((enum metadata)what))
                        keep(emission, (enum metadata)what, &span);
        if (asked & (1u << INTERFACE | 1u << HARDWARE)) {
                load_field(emission, 2, &tracepoint->layout.device, &span);
                code_put(code, CLASS_STX | MODE_MEM | SIZE_DW, FRAME, 2, -DEVICE_AREA, 0);
        }
        find_start(emission, &span);
        find_end(emission, &span);
        for (unsigned what = 0; what < METADATA; what++)
                if (asked >> what & 1 && is_of_device((enum metadata)what))
                        keep_of_device(emission, (enum metadata)what);
}

void skb_load_metadata(struct emission *emission, unsigned to, uint32_t k)
{
        code_put(&emission->code, CLASS_LDX | MODE_MEM | SIZE_W, to, FRAME, slot_of(metadata_at(k)),
                 0);
}

void skb_copy(struct emission *emission, unsigned place, uint32_t offset, int below,
              uint32_t length)
{
        struct code *code = &emission->code;

        if (place == FRAME) {
                code_jump(code, CLASS_JMP | JUMP_LT, END, 0, (int32_t)(offset + length),
                          emission_reject(emission));
                code_put(code, CLASS_ALU64 | ALU_MOV | BY_REGISTER, 3, START, 0, 0);
                if (offset > 0)
                        code_put(code, CLASS_ALU64 | ALU_ADD, 3, 0, 0, (int32_t)offset);
        } else {
                code_put(code, CLASS_ALU | ALU_MOV | BY_REGISTER, 3, place, 0, 0);
                if (offset > 0)
                        code_put(code, CLASS_ALU | ALU_ADD, 3, 0, 0, (int32_t)offset);
                code_put(code, CLASS_ALU64 | ALU_MOV | BY_REGISTER, 2, 3, 0, 0);
                code_put(code, CLASS_ALU64 | ALU_ADD, 2, 0, 0, (int32_t)length);
                code_jump(code, CLASS_JMP | JUMP_GT | BY_REGISTER, 2, END, 0,
                          emission_reject(emission));
                code_put(code, CLASS_ALU64 | ALU_ADD | BY_REGISTER, 3, START, 0, 0);
        }
        code_put(code, CLASS_ALU | ALU_MOV, 2, 0, 0, (int32_t)length);
        code_address(code, 1, below);
        call_read(emission);
}

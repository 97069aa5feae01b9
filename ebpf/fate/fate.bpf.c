// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Follows packets through the kernel: copies those that a filter accepts where an interface has
 * received them, or its driver is about to send them, and tells what is seen of them from there on,
 * at raw tracepoints. As the copy is made where the packet is, nothing has to be matched later.
 *
 * A packet is known by the address of its buffer (struct sk_buff). Addresses are used again, and
 * not every packet's end is seen: so each time it is asked whether the bytes that do not change on
 * a packet's way are still those of the packet that was followed. Buffers that share its data
 * (clones) are found by the address of that.
 *
 * Of packets that are not followed nothing is read but, where they first come up, what the filter
 * asks for. */
#include <linux/bpf.h> /* first: the next ones need its types */

#include "ebpf/drops/packet.bpf.h"
#include "record.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum {
        FOLLOWED = 32768, /* packets at most; the oldest are given up */
        NEAR = 4096,      /* counters, by address: a power of two */
        INTERFACES = 16,
        SIGNED = 40,
        PACKET = 17, /* AF_PACKET */
        DATA_REFERENCES = 0xffff,
        PEEK = 2,          /* MSG_PEEK */
        PROCESSORS = 1024, /* a power of two: of others, some share a place */
};

/* A packet that is followed. */
struct followed {
        __u64 packet;    /* its number */
        __u64 head;      /* the address of its data, */
        __u32 at;        /* and its network header in there, when this was last known to be so */
        __u32 signature; /* of the bytes that do not change */
        __u32 events;    /* told so far */
        __u32 last;      /* the kind of the last one */
};

struct {
        __uint(type, BPF_MAP_TYPE_RINGBUF);
        __uint(max_entries, 4096); /* set before it is created */
} ring SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_LRU_HASH);
        __uint(max_entries, FOLLOWED);
        __type(key, __u64); /* the address of the buffer, */
        __type(value, struct followed);
} buffers SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_LRU_HASH);
        __uint(max_entries, FOLLOWED);
        __type(key, __u64); /* or that of its data */
        __type(value, struct followed);
} heads SEC(".maps");

#define TABLE(name)                                    \
        struct {                                       \
                __uint(type, BPF_MAP_TYPE_PROG_ARRAY); \
                __uint(max_entries, 1);                \
                __type(key, __u32);                    \
                __type(value, __u32);                  \
        } name SEC(".maps")

/* Filters, and the programs that they go on to. */
TABLE(receive_filter);
TABLE(send_filter);
TABLE(drop_filter);
TABLE(behind_receive_filter);
TABLE(behind_send_filter);
TABLE(behind_drop_filter);

const volatile __u32 own_namespace;          /* packets are captured in */
const volatile __u32 snapshot;               /* bytes kept of a packet at most */
const volatile __u32 frames;                 /* of the stack, likewise */
const volatile bool has_reason;              /* what kfree_skb tells: Linux 5.17, */
const volatile bool has_socket;              /* and 6.11 */
const volatile __u32 interfaces[INTERFACES]; /* to capture on; the first is 0 for all */

__u64 captured;            /* packets */
__u64 lost;                /* of them, those for which the ring had no room */
__u64 lost_events;         /* likewise */
__u64 packets;             /* numbers given */
__u32 buffers_near[NEAR];  /* how many are followed, by parts of their addresses: */
__u32 heads_near[NEAR];    /* mostly that tells that one is not */
__u64 at_work[PROCESSORS]; /* by processor: the address of the last buffer received, if its packet
                              is followed */
bool has_ports;            /* any of these: */
__u8 ports[65536];         /* of UDP, to which packets went that are followed */

struct sk_buff___more {
        __u16 inner_network_header;
        __u8 cloned : 1;
        unsigned int end;
} KERNEL;

typedef struct {
        int counter;
} KERNEL atomic_t;

struct skb_shared_info {
        atomic_t dataref;
} KERNEL;

/* --- Which packet it is --- */

static __always_inline __u32 mix(__u32 hash, __u32 value)
{
        hash = (hash ^ value) * 0x9e3779b1u;
        return hash ^ hash >> 15;
}

static __always_inline __u32 word_at(const __u8 *bytes)
{
        return (__u32)bytes[0] << 24 | (__u32)bytes[1] << 16 | (__u32)bytes[2] << 8 | bytes[3];
}

/* What no router, address translation or checksum changes: of TCP the sequence numbers, of UDP the
 * length and the first bytes, of ICMP the sequence number and the first bytes. */
static __always_inline __u32 sign_payload(__u32 hash, __u8 protocol, const __u8 *start,
                                          __u32 length)
{
        __u8 bytes[16];

        if (bpf_probe_read_kernel(bytes, sizeof(bytes), start))
                return hash;
        hash = mix(hash, protocol);
        if (protocol == TCP)
                return mix(mix(hash, word_at(bytes + 4)), word_at(bytes + 8));
        if (protocol == UDP)
                hash = mix(hash, word_at(bytes + 4) >> 16);
        else if (protocol == ICMP || protocol == ICMP6)
                hash = mix(hash, word_at(bytes + 4) & 0xffff);
        return length < sizeof(bytes) ? hash
                                      : mix(mix(hash, word_at(bytes + 8)), word_at(bytes + 12));
}

/* Of the bytes from a network header on; 0 if they cannot be read. */
static __always_inline __u32 sign(const __u8 *start)
{
        __u8 bytes[SIGNED];
        __u32 hash;

        if (bpf_probe_read_kernel(bytes, sizeof(bytes), start))
                return 0;
        hash = bytes[0] >> 4;
        if (hash == 4) {
                __u32 header = (bytes[0] & 15) * 4, length = word_at(bytes) & 0xffff;

                hash = mix(hash, word_at(bytes + 4) >> 16); /* the identification */
                return sign_payload(hash, bytes[9], start + header, length - header) | 1;
        }
        if (hash == 6)
                return sign_payload(hash, bytes[6], start + 40, word_at(bytes + 4) >> 16) | 1;
        for (int i = 0; i < 24; i += 4)
                hash = mix(hash, word_at(bytes + i));
        return hash | 1;
}

static __always_inline __u32 near(__u64 address)
{
        return (__u32)(address >> 6 ^ address >> 18) % NEAR;
}

static __always_inline bool is_at(struct followed *followed, __u64 head, __u32 at)
{
        if (at == 0 || at == NOT_SET || sign((const __u8 *)head + at) != followed->signature)
                return false;
        followed->head = head;
        followed->at = at;
        return true;
}

/* Whether it is still the packet that was followed: with its header where the kernel says that it
 * is now, or behind that of a tunnel. What lies elsewhere may be what another packet has left. */
static __always_inline bool is_same(struct followed *followed, struct sk_buff *packet, __u32 at)
{
        const struct sk_buff___more *more = (const void *)packet;
        __u64 head = (__u64)BPF_CORE_READ(packet, head);

        return is_at(followed, head, at) ||
               is_at(followed, head, BPF_CORE_READ(more, inner_network_header));
}

static __always_inline void forget_head(__u64 head)
{
        if (bpf_map_delete_elem(&heads, &head) == 0)
                __sync_fetch_and_add(&heads_near[near(head)], -1);
}

static __always_inline void forget_buffer(__u64 address)
{
        if (bpf_map_delete_elem(&buffers, &address) == 0)
                __sync_fetch_and_add(&buffers_near[near(address)], -1);
}

/* What is known of a buffer by its address, whatever it is now. */
static __always_inline struct followed *look_up(struct sk_buff *packet)
{
        __u64 address = (__u64)packet;

        return buffers_near[near(address)] == 0 ? NULL : bpf_map_lookup_elem(&buffers, &address);
}

/* NULL if this buffer's packet is not followed; what is not any more is forgotten. */
static __always_inline struct followed *find(struct sk_buff *packet)
{
        struct followed *followed = look_up(packet);

        if (!followed || is_same(followed, packet, BPF_CORE_READ(packet, network_header)))
                return followed;
        forget_buffer((__u64)packet);
        return NULL;
}

/* The same where an interface has received it, and the data begin at the network header. Only a
 * buffer that was received before has an interface's index. One that is new there, and was last
 * seen received, is another packet's; one that is not comes out of a tunnel if its header is
 * another. */
static __always_inline struct followed *find_received_before(struct sk_buff *packet)
{
        struct followed *followed = look_up(packet);
        __u64 head;
        __u32 at;
        bool again;

        if (!followed)
                return NULL;
        head = (__u64)BPF_CORE_READ(packet, head);
        at = (__u32)((__u64)BPF_CORE_READ(packet, data) - head);
        again = BPF_CORE_READ(packet, skb_iif) != 0;
        if ((again || followed->last != FATE_RECEIVED) && is_same(followed, packet, at))
                return followed;
        if (again && followed->last == FATE_RECEIVED) {
                followed->head = head;
                followed->at = at;
                followed->signature = sign((const __u8 *)head + at);
                return followed;
        }
        forget_buffer((__u64)packet);
        return NULL;
}

/* Likewise, by the data: if another buffer has the same, and is none of a packet socket's. */
static __always_inline struct followed *find_original(struct sk_buff *packet)
{
        __u64 head = (__u64)BPF_CORE_READ(packet, head);
        struct followed *followed;
        struct sock *socket;

        if (heads_near[near(head)] == 0)
                return NULL;
        followed = bpf_map_lookup_elem(&heads, &head);
        if (!followed)
                return NULL;
        if (BPF_CORE_READ(packet, network_header) != followed->at ||
            sign((const __u8 *)head + followed->at) != followed->signature) {
                forget_head(head);
                return NULL;
        }
        socket = BPF_CORE_READ(packet, sk);
        return socket && BPF_CORE_READ(socket, __sk_common.skc_family) == PACKET ? NULL : followed;
}

static __always_inline struct followed *follow(struct sk_buff *packet, const struct layout *layout)
{
        __u64 address = (__u64)packet, head = (__u64)layout->head;
        struct followed followed = {
            .packet = __sync_fetch_and_add(&packets, 1) + 1,
            .head = head,
            .at = (__u32)(layout->start - layout->head),
            .signature = sign(layout->start),
        };

        forget_buffer(address);
        forget_head(head);
        if (bpf_map_update_elem(&buffers, &address, &followed, BPF_ANY))
                return NULL;
        __sync_fetch_and_add(&buffers_near[near(address)], 1);
        if (bpf_map_update_elem(&heads, &head, &followed, BPF_ANY) == 0)
                __sync_fetch_and_add(&heads_near[near(head)], 1);
        return bpf_map_lookup_elem(&buffers, &address);
}

/* Whether others than this buffer have its data. */
static __always_inline bool is_shared(struct sk_buff *packet)
{
        const struct sk_buff___more *more = (const void *)packet;
        struct skb_shared_info *shared;

        if (!BPF_CORE_READ_BITFIELD_PROBED(more, cloned))
                return false;
        shared = (void *)BPF_CORE_READ(packet, head) + BPF_CORE_READ(more, end);
        return (BPF_CORE_READ(shared, dataref.counter) & DATA_REFERENCES) > 1;
}

/* The payload of a packet of UDP is often copied where no tracepoint is (copy_linear_skb()). So
 * ports of those that are followed are noted, and what is read there is told. */
static __always_inline void note_port(__u32 port)
{
        ports[port & 0xffff] = 1;
        has_ports = true;
}

static __always_inline void note_ports(const struct layout *layout)
{
        __u8 bytes[SIGNED + 4];
        __u32 header;

        if (bpf_probe_read_kernel(bytes, sizeof(bytes), layout->start))
                return;
        if (bytes[0] >> 4 == 6 && bytes[6] == UDP) {
                note_port(word_at(bytes + 40));
        } else if (bytes[0] >> 4 == 4 && bytes[9] == UDP) {
                header = (bytes[0] & 15) * 4;
                if (bpf_probe_read_kernel(bytes, 4, layout->start + header) == 0)
                        note_port(word_at(bytes));
        }
}

/* --- What is told --- */

static __always_inline void describe_event(struct fate_event *event, __u32 kind,
                                           struct followed *followed, struct net_device *device)
{
        __builtin_memset(event, 0, sizeof(*event));
        event->time = bpf_ktime_get_ns();
        event->packet = followed->packet;
        event->kind = (__u8)kind;
        if (!device)
                return;
        event->network_namespace = namespace_of(BPF_CORE_READ(device, nd_net.net));
        event->interface = (__u32)BPF_CORE_READ(device, ifindex);
        BPF_CORE_READ_INTO(&event->name, device, name);
}

static __always_inline void describe_process(struct fate_event *event)
{
        event->process = (__u32)(bpf_get_current_pid_tgid() >> 32);
        bpf_get_current_comm(event->command, sizeof(event->command));
}

/* An event without the packet's bytes. */
static __always_inline void tell(__u32 kind, __u32 flags, struct followed *followed,
                                 struct net_device *device, __u64 location)
{
        struct fate_event *event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0);
        __u32 number = flags & FATE_CLONE ? 0 : followed->events++;

        followed->last = kind;
        if (!event) {
                __sync_fetch_and_add(&lost_events, 1);
                return;
        }
        describe_event(event, kind, followed, device);
        event->number = number;
        event->flags = (__u8)flags;
        event->location = location;
        if (kind == FATE_CONSUMED || kind == FATE_COPIED)
                describe_process(event);
        bpf_ringbuf_submit(event, 0);
}

/* An event with the packet. */
struct account {
        __u32 kind, flags;
        struct followed *followed;
        const struct drop *drop;
        const struct place *place;
        const struct layout *layout;
};

static __always_inline void account_in(__u32 room, void *context, const struct account *account,
                                       __u32 kept)
{
        struct drops_record *record;
        struct fate_event *event =
            bpf_ringbuf_reserve(&ring, sizeof(*event) + sizeof(*record) + room, 0);
        __u32 number = account->flags & FATE_CLONE ? 0 : account->followed->events++;

        account->followed->last = account->kind;
        if (!event) {
                __sync_fetch_and_add(account->flags & FATE_CAPTURED ? &lost : &lost_events, 1);
                return;
        }
        describe_event(event, account->kind, account->followed, account->place->device);
        event->number = number;
        event->flags = (__u8)account->flags;
        event->network_namespace = account->place->network_namespace;
        record = (void *)(event + 1);
        __builtin_memset(record, 0, sizeof(*record));
        record->time = event->time;
        record->location = account->drop->location;
        record->reason = account->drop->reason;
        record->network_namespace = account->place->network_namespace;
        record->length = account->layout->length;
        record->captured = kept;
        record->protocol = account->layout->protocol;
        describe_tag(record, account->drop->packet);
        describe_link(record, account->drop, account->place, account->layout);
        if (account->kind == FATE_DROPPED) {
                const __u32 most = frames < DROPS_STACK ? frames : DROPS_STACK;

                if (bpf_get_stack(context, record->stack, most * (__u32)sizeof(*record->stack), 0) <
                    0)
                        record->stack[0] = 0;
        } else {
                record->received = account->kind == FATE_RECEIVED;
        }
        if (kept > 0 && !copy_bytes(record, account->layout, kept, room))
                record->captured = 0;
        bpf_ringbuf_submit(event, 0);
}

static __always_inline void tell_packet(void *context, const struct account *account)
{
        __u32 kept = account->layout->captured < snapshot ? account->layout->captured : snapshot;

        if (account->flags & FATE_CAPTURED)
                __sync_fetch_and_add(&captured, 1);
        else if (kept > 128) /* of one that is known, its headers are enough */
                kept = 128;
        if (kept <= 128)
                account_in(128, context, account, kept);
        else if (kept <= 1600)
                account_in(1600, context, account, kept);
        else
                account_in(DROPS_LONGEST, context, account,
                           kept < DROPS_LONGEST ? kept : DROPS_LONGEST);
}

/* --- Where packets first come up --- */

static __always_inline bool is_chosen(__u32 interface)
{
        if (interfaces[0] == 0)
                return true;
        for (int i = 0; i < INTERFACES; i++)
                if (interfaces[i] == interface)
                        return true;
        return false;
}

/* The data begin at the network header where an interface has received a packet. */
static __always_inline bool find_received(const struct drop *drop, struct layout *layout)
{
        struct sk_buff *packet = drop->packet;

        layout->head = BPF_CORE_READ(packet, head);
        layout->start = BPF_CORE_READ(packet, data);
        layout->protocol = bpf_ntohs(BPF_CORE_READ(packet, protocol));
        layout->length = BPF_CORE_READ(packet, len);
        layout->captured = BPF_CORE_READ(packet, tail) - (__u32)(layout->start - layout->head);
        if (layout->captured > layout->length)
                layout->captured = layout->length;
        return layout->captured > 0;
}

/* What a state of TCP changes for has a tracepoint; that packet's end has none. */
static __always_inline void note_work(__u64 address)
{
        at_work[bpf_get_smp_processor_id() % PROCESSORS] = address;
}

static __always_inline int capture(void *context, __u32 kind)
{
        struct bpf_raw_tracepoint_args *arguments = context;
        const struct drop drop = {.packet = (struct sk_buff *)arguments->args[0]};
        struct place place = find_place(&drop);
        struct layout layout = {0};
        struct account account = {
            .kind = kind,
            .flags = FATE_CAPTURED,
            .drop = &drop,
            .place = &place,
            .layout = &layout,
        };
        struct net_device *device = place.device;

        if (!device || place.network_namespace != own_namespace ||
            !is_chosen((__u32)BPF_CORE_READ(device, ifindex)))
                return 0;
        if (kind == FATE_SENT && BPF_CORE_READ(device, type) == LOOPBACK)
                return 0; /* it is received there as well */
        if (kind == FATE_RECEIVED ? !find_received(&drop, &layout) : !find_layout(&drop, &layout))
                return 0;
        account.followed = look_up(drop.packet); /* asked right before whether it is the same */
        if (!account.followed)
                account.followed = follow(drop.packet, &layout);
        if (kind == FATE_RECEIVED) {
                note_ports(&layout);
                note_work((__u64)drop.packet);
        }
        if (account.followed)
                tell_packet(context, &account);
        else
                __sync_fetch_and_add(&lost, 1);
        return 0;
}

SEC("raw_tp/netif_receive_skb")
int capture_received(struct bpf_raw_tracepoint_args *context)
{
        return capture(context, FATE_RECEIVED);
}

SEC("raw_tp/net_dev_start_xmit")
int capture_sent(struct bpf_raw_tracepoint_args *context)
{
        return capture(context, FATE_SENT);
}

SEC("raw_tp/netif_receive_skb")
int receive(struct bpf_raw_tracepoint_args *context)
{
        struct sk_buff *packet = (struct sk_buff *)context->args[0];
        struct followed *followed = find_received_before(packet);

        note_work(followed ? (__u64)packet : 0);
        if (followed)
                tell(FATE_RECEIVED, 0, followed, BPF_CORE_READ(packet, dev), 0);
        bpf_tail_call(context, &receive_filter, 0);
        return 0;
}

SEC("raw_tp/net_dev_start_xmit")
int send(struct bpf_raw_tracepoint_args *context)
{
        struct sk_buff *packet = (struct sk_buff *)context->args[0];
        struct followed *followed = find(packet);

        if (followed)
                tell(FATE_SENT, 0, followed, (struct net_device *)context->args[1], 0);
        bpf_tail_call(context, &send_filter, 0);
        return 0;
}

/* --- Where packets are seen again --- */

SEC("raw_tp/net_dev_queue")
int queue(struct bpf_raw_tracepoint_args *context)
{
        struct sk_buff *packet = (struct sk_buff *)context->args[0];
        struct followed *followed = find(packet);

        if (followed)
                tell(FATE_QUEUED, 0, followed, BPF_CORE_READ(packet, dev), 0);
        return 0;
}

static __always_inline struct drop dropped(const struct bpf_raw_tracepoint_args *context)
{
        return (struct drop){
            .packet = (struct sk_buff *)context->args[0],
            .location = context->args[1],
            .reason = has_reason ? (__u32)context->args[2] : 0,
            .receiver = has_socket ? (struct sock *)context->args[3] : NULL,
        };
}

static __always_inline void tell_drop(void *context, __u32 flags, struct followed *followed)
{
        const struct drop drop = dropped(context);
        const struct place place = find_place(&drop);
        struct layout layout = {0};
        const struct account account = {
            .kind = FATE_DROPPED,
            .flags = flags,
            .followed = followed,
            .drop = &drop,
            .place = &place,
            .layout = &layout,
        };

        if (!find_layout(&drop, &layout))
                layout.captured = 0;
        tell_packet(context, &account);
}

SEC("raw_tp/kfree_skb")
int drop(struct bpf_raw_tracepoint_args *context)
{
        struct sk_buff *packet = (struct sk_buff *)context->args[0];
        struct followed *followed = find(packet);

        if (followed) {
                const bool shared = is_shared(packet);

                tell_drop(context, shared ? FATE_SHARED : 0, followed);
                if (!shared)
                        forget_head(followed->head);
                forget_buffer((__u64)packet);
                return 0;
        }
        followed = find_original(packet);
        if (followed)
                tell_drop(context, FATE_CLONE, followed);
        else
                bpf_tail_call(context, &drop_filter, 0);
        return 0;
}

/* What was made here and dropped before any interface had it. One that was chosen has to be known.
 */
SEC("raw_tp/kfree_skb")
int capture_dropped(struct bpf_raw_tracepoint_args *context)
{
        const struct drop drop = dropped(context);
        const struct place place = find_place(&drop);
        struct layout layout = {0};
        struct followed followed = {0};
        struct net_device *device = place.device;
        struct sk_buff *packet = drop.packet;

        if (place.network_namespace != own_namespace || BPF_CORE_READ(packet, skb_iif) != 0 ||
            (interfaces[0] && (!device || !is_chosen((__u32)BPF_CORE_READ(device, ifindex)))) ||
            !find_layout(&drop, &layout))
                return 0;
        followed.packet = __sync_fetch_and_add(&packets, 1) + 1;
        tell_drop(context, FATE_CAPTURED, &followed);
        return 0;
}

SEC("raw_tp/consume_skb")
int consume(struct bpf_raw_tracepoint_args *context)
{
        struct sk_buff *packet = (struct sk_buff *)context->args[0];
        struct followed *followed = find(packet);
        bool shared;

        if (!followed)
                return 0;
        shared = is_shared(packet);
        tell(FATE_CONSUMED, shared ? FATE_SHARED : 0, followed, NULL, context->args[1]);
        if (!shared)
                forget_head(followed->head);
        forget_buffer((__u64)packet);
        return 0;
}

SEC("raw_tp/skb_copy_datagram_iovec")
int copy(struct bpf_raw_tracepoint_args *context)
{
        struct sk_buff *packet = (struct sk_buff *)context->args[0];
        struct followed *followed = find(packet);

        if (followed)
                tell(FATE_COPIED, 0, followed, NULL, 0);
        else if ((followed = find_original(packet)))
                tell(FATE_COPIED, FATE_CLONE, followed, NULL, 0);
        return 0;
}

SEC("raw_tp/tcp_probe")
int arrive(struct bpf_raw_tracepoint_args *context)
{
        struct followed *followed = find((struct sk_buff *)context->args[1]);

        if (followed)
                tell(FATE_SOCKET, 0, followed, NULL, 0);
        return 0;
}

/* Whether the packet is of the socket's connection, by its ports; a socket that is closed has given
 * its own up. */
static __always_inline bool is_of(struct sock *socket, struct sk_buff *packet)
{
        const __u8 *start =
            (const __u8 *)BPF_CORE_READ(packet, head) + BPF_CORE_READ(packet, network_header);
        __u8 bytes[4];
        __u32 header, local;

        if (bpf_probe_read_kernel(bytes, 1, start))
                return false;
        header = bytes[0] >> 4 == 6 ? 40 : (bytes[0] & 15) * 4;
        if (bpf_probe_read_kernel(bytes, sizeof(bytes), start + header))
                return false;
        local = BPF_CORE_READ(socket, __sk_common.skc_num);
        return word_at(bytes) >> 16 == bpf_ntohs(BPF_CORE_READ(socket, __sk_common.skc_dport)) &&
               (local == 0 || (word_at(bytes) & 0xffff) == local);
}

/* A connection that begins or ends by a packet, other than by tcp_rcv_established(). */
SEC("raw_tp/inet_sock_set_state")
int change_state(struct bpf_raw_tracepoint_args *context)
{
        const __u64 address = at_work[bpf_get_smp_processor_id() % PROCESSORS];
        struct sock *socket = (struct sock *)context->args[0];
        struct sk_buff *packet = (struct sk_buff *)address;
        struct followed *followed = address ? find(packet) : NULL;

        if (followed && followed->last == FATE_RECEIVED && is_of(socket, packet))
                tell(FATE_SOCKET, 0, followed, NULL, 0);
        return 0;
}

/* What a process has read from a socket of UDP: whose packet that was, is found out by its ends. */
SEC("raw_tp/sock_recv_length")
int read_socket(struct bpf_raw_tracepoint_args *context)
{
        struct sock *socket = (struct sock *)context->args[0];
        const int length = (int)context->args[1];
        struct followed none = {0};
        struct fate_event *event;
        struct net *net;
        __u16 port;

        if (!has_ports || length < 0 || context->args[2] & PEEK)
                return 0;
        port = BPF_CORE_READ(socket, __sk_common.skc_num);
        if (!ports[port] || BPF_CORE_READ(socket, sk_protocol) != UDP)
                return 0;
        event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0);
        if (!event) {
                __sync_fetch_and_add(&lost_events, 1);
                return 0;
        }
        describe_event(event, FATE_READ, &none, NULL);
        describe_process(event);
        net = BPF_CORE_READ(socket, __sk_common.skc_net.net);
        event->network_namespace = namespace_of(net);
        event->number = (__u32)length;
        event->port = port;
        event->peer_port = bpf_ntohs(BPF_CORE_READ(socket, __sk_common.skc_dport));
        bpf_ringbuf_submit(event, 0);
        return 0;
}

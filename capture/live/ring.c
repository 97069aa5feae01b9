/* Packets from the ring of a listener: TPACKET_V3 of packet(7),
 * Documentation/networking/packet_mmap.rst.
 *
 * The kernel fills the ring block by block and hands a block over when it is full, or when it holds
 * a packet and a while has passed, be it empty else. So a reader who is stopped or has to wait
 * loses nothing for as long as that while takes times the number of blocks. The ring is large
 * enough that this is some seconds, and the while is no longer than that needs. Packets are not
 * copied, so a block is returned to the kernel only when the packet after its last one is asked
 * for; unless packets must wait for those of another listener, and the ring would become full. */
#include "base/clock.h"
#include "internal.h"
#include "net/link_types.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

enum {
        /* A block holds the longest packet: of those the network carries, or of those inside a host
         * that use big TCP, https://docs.kernel.org/networking/segmentation-offloads.html. */
        BLOCK = 128 << 10,
        LARGE_BLOCK = 512 << 10,
        BLOCK_OVERHEAD = 512,
        LASTS_MS = 8500, /* a stop of the reader, however few bytes come */
        MIN_RETIRE_MS = 50,
        VLAN_TAG = 4,
        SLL2_HEADER = 20,
        MAC_ADDRESSES = 12, /* at the start of an Ethernet frame; the tag follows */
};

/* LINKTYPE_LINUX_SLL2's header, https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html; all in
 * network byte order. */
struct sll2_header {
        uint16_t protocol;
        uint16_t reserved;
        uint32_t interface;
        uint16_t hardware_type;
        uint8_t packet_type;
        uint8_t address_length;
        uint8_t address[8];
};

_Static_assert(sizeof(struct sll2_header) == SLL2_HEADER, "the header has no padding");

/* --- The ring --- */

/* At the end of a block there is room that the next packet does not fit in, and one block is being
 * read: a few more make up for that, so that the ring holds what was asked for. */
static void choose_blocks(struct listener *listener, size_t buffer)
{
        const struct capture_live_options *options = listener->options;
        uint32_t longest =
            listener->interface || listener->space ? listener->link.largest : links_largest();
        uint32_t kept = options->kept ? options->kept : options->snapshot_length;
        size_t blocks;

        listener->block_size = BLOCK;
        if (longest > BLOCK - BLOCK_OVERHEAD && kept > BLOCK - BLOCK_OVERHEAD)
                listener->block_size = LARGE_BLOCK;
        blocks = (buffer + listener->block_size - 1) / listener->block_size;
        listener->blocks = blocks + blocks / 32 + 1;
}

/* Milliseconds after which a block with a packet is handed over. */
static unsigned retire_time(size_t blocks)
{
        unsigned time = (unsigned)(LASTS_MS / (blocks - 1));

        if (time < MIN_RETIRE_MS)
                return MIN_RETIRE_MS;
        return time < MAX_RETIRE_MS ? time : MAX_RETIRE_MS;
}

static int option(struct listener *listener, int name, const void *value, socklen_t length)
{
        return setsockopt(listener->socket, SOL_PACKET, name, value, length);
}

int ring_set_up(struct listener *listener, size_t buffer, struct error *error)
{
        const char *name = listener->link.name;
        int version = TPACKET_V3;
        unsigned reserve = VLAN_TAG + (listener->cooked ? SLL2_HEADER : 0);
        struct tpacket_req3 request;
        void *ring;

        choose_blocks(listener, buffer);
        request = (struct tpacket_req3){
            .tp_block_size = (unsigned)listener->block_size,
            .tp_block_nr = (unsigned)listener->blocks,
            .tp_frame_size = (unsigned)listener->block_size,
            .tp_frame_nr = (unsigned)listener->blocks,
            .tp_retire_blk_tov = retire_time(listener->blocks),
        };
        if (option(listener, PACKET_VERSION, &version, sizeof version) < 0)
                return error_set(error, "%s: TPACKET_V3 (Linux 3.2 or later is needed): %s", name,
                                 strerror(errno));
        if (option(listener, PACKET_RESERVE, &reserve, sizeof reserve) < 0)
                return error_set(error, "%s: PACKET_RESERVE: %s", name, strerror(errno));
        if (option(listener, PACKET_RX_RING, &request, sizeof request) < 0)
                return error_set(error, "%s: a ring of %zu KiB: %s; -B sets its size", name,
                                 listener->blocks * listener->block_size / 1024, strerror(errno));
        ring = mmap(NULL, listener->blocks * listener->block_size, PROT_READ | PROT_WRITE,
                    MAP_SHARED, listener->socket, 0);
        if (ring == MAP_FAILED)
                return error_set(error, "%s: mapping the ring: %s", name, strerror(errno));
        /* In a child, it would keep the socket from getting another one. */
        madvise(ring, listener->blocks * listener->block_size, MADV_DONTFORK);
        listener->ring = ring;
        listener->block = 0;
        return 0;
}

void ring_take_down(struct listener *listener)
{
        struct tpacket_req3 none = {0};

        while (listener->copies) {
                struct copy *copy = listener->copies;

                listener->copies = copy->next;
                free(copy);
        }
        if (listener->ring)
                munmap(listener->ring, listener->blocks * listener->block_size);
        listener->ring = NULL;
        if (listener->socket >= 0)
                option(listener, PACKET_RX_RING, &none, sizeof none);
}

/* --- Blocks --- */

static struct tpacket_hdr_v1 *header_at(const struct listener *listener, size_t block)
{
        return &((struct tpacket_block_desc *)(listener->ring + block * listener->block_size))
                    ->hdr.bh1;
}

static bool is_handed_over(const struct listener *listener, size_t block)
{
        return __atomic_load_n(&header_at(listener, block)->block_status, __ATOMIC_ACQUIRE) &
               TP_STATUS_USER;
}

/* The number of packets in it is set back, so that it is that of new ones at any time. */
static void return_block(struct listener *listener)
{
        struct tpacket_hdr_v1 *header = header_at(listener, listener->block);

        header->num_pkts = 0;
        __atomic_store_n(&header->block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
        listener->block = (listener->block + 1) % listener->blocks;
}

static bool take_block(struct listener *listener)
{
        struct tpacket_block_desc *block;

        if (listener->copies)
                block = (struct tpacket_block_desc *)listener->copies->bytes;
        else if (listener->ring && is_handed_over(listener, listener->block))
                block = (struct tpacket_block_desc *)(listener->ring +
                                                      listener->block * listener->block_size);
        else
                return false;
        listener->current = (uint8_t *)block;
        listener->taken_at = clock_now(CLOCK_MONOTONIC);
        listener->packets_left = block->hdr.bh1.num_pkts;
        listener->next_packet = listener->current + block->hdr.bh1.offset_to_first_pkt;
        return true;
}

static void give_block_back(struct listener *listener)
{
        struct copy *copy = listener->copies;

        listener->current = NULL;
        if (!copy) {
                return_block(listener);
                return;
        }
        listener->copies = copy->next;
        *listener->copied -= copy->size;
        free(copy);
}

bool listener_has_more(const struct listener *listener)
{
        return listener->ring && __atomic_load_n(&header_at(listener, listener->block)->num_pkts,
                                                 __ATOMIC_RELAXED) > 0;
}

/* Copies the block to be returned to the kernel next, and what points into it. */
static bool copy_block(struct listener *listener)
{
        uint8_t *block = listener->ring + listener->block * listener->block_size;
        size_t size = header_at(listener, listener->block)->blk_len;
        struct copy *copy = malloc(sizeof *copy + size), **end = &listener->copies;

        if (!copy)
                return false;
        memcpy(copy->bytes, block, size);
        copy->size = size;
        copy->next = NULL;
        while (*end)
                end = &(*end)->next;
        *end = copy;
        *listener->copied += size;
        if (listener->current == block) {
                listener->current = copy->bytes;
                listener->next_packet = copy->bytes + (listener->next_packet - block);
                listener->packet = copy->bytes + (listener->packet - block);
        }
        return_block(listener);
        return true;
}

void listener_make_room(struct listener *listener)
{
        if (!listener->ring ||
            !is_handed_over(listener, (listener->block + listener->blocks / 2) % listener->blocks))
                return;
        while (is_handed_over(listener, listener->block) && copy_block(listener)) {
        }
}

/* How many packets there have been, with those in the ring. The kernel counts one in its block when
 * it begins to copy it there. */
static uint64_t count_packets(const struct listener *listener)
{
        uint64_t count = listener->taken + listener->packets_left;
        bool counted = listener->current; /* the first of the blocks below */

        for (const struct copy *copy = listener->copies; copy; copy = copy->next) {
                const struct tpacket_block_desc *block =
                    (const struct tpacket_block_desc *)copy->bytes;

                count += counted ? 0 : block->hdr.bh1.num_pkts;
                counted = false;
        }
        for (size_t i = counted; listener->ring && i < listener->blocks; i++) {
                size_t block = (listener->block + i) % listener->blocks;

                count += __atomic_load_n(&header_at(listener, block)->num_pkts, __ATOMIC_RELAXED);
        }
        return count;
}

void listener_set_mark(struct listener *listener)
{
        listener->marked_at[1] = listener->marked_at[0];
        listener->marked_at[0] = count_packets(listener);
        listener->mark++;
}

/* --- Packets --- */

/* Restores the VLAN tag that the kernel moved to the metadata: after the MAC addresses, or in front
 * of a cooked packet's payload, whose protocol it then is. PACKET_RESERVE made room for it. Of a
 * frame captured no further than that, only the length changes. Returns the protocol for a cooked
 * header. If there are two tags, the inner one is still in the frame. */
static uint16_t restore_vlan_tag(const struct listener *listener, const struct tpacket3_hdr *header,
                                 uint16_t protocol, struct packet *packet)
{
        bool known = header->tp_status & TP_STATUS_VLAN_TPID_VALID;
        uint16_t tpid = known ? header->hv1.tp_vlan_tpid : ETH_P_8021Q;
        uint8_t *data = (uint8_t *)packet->data - VLAN_TAG;
        uint16_t tag[2] = {htons(tpid), htons((uint16_t)header->hv1.tp_vlan_tci)};
        uint8_t *place = data + MAC_ADDRESSES;

        packet->length += VLAN_TAG;
        if (listener->cooked) {
                tag[0] = tag[1];
                tag[1] = protocol;
                place = data;
        } else if (packet->captured < MAC_ADDRESSES) {
                return protocol;
        } else {
                memmove(data, packet->data, MAC_ADDRESSES);
        }
        memcpy(place, tag, sizeof tag);
        packet->data = data;
        packet->captured += VLAN_TAG;
        return htons(tpid);
}

static bool has_ethernet_header(const struct sockaddr_ll *from)
{
        return from->sll_hatype == ARPHRD_ETHER || from->sll_hatype == ARPHRD_LOOPBACK;
}

/* Takes the link header off a packet of the raw socket for all interfaces. Returns the protocol:
 * that of the frame where there is a tag, as the kernel says 1 or 4 for an 802.3 length. */
static uint16_t take_header(const struct sockaddr_ll *from, const struct tpacket3_hdr *header,
                            struct packet *packet)
{
        bool ethernet = has_ethernet_header(from);
        uint32_t length = ethernet                          ? ETH_HLEN
                          : header->tp_net > header->tp_mac ? header->tp_net - header->tp_mac
                                                            : 0;
        uint32_t captured = length < packet->captured ? length : packet->captured;
        uint16_t protocol = from->sll_protocol;

        if (header->tp_status & TP_STATUS_VLAN_VALID && ethernet && captured == ETH_HLEN)
                memcpy(&protocol, packet->data + MAC_ADDRESSES, sizeof protocol);
        packet->data += captured;
        packet->captured -= captured;
        packet->length -= length < packet->length ? length : packet->length;
        return protocol;
}

/* LINKTYPE_LINUX_SLL's header, https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html; all in
 * network byte order. */
struct sll_header {
        uint16_t packet_type;
        uint16_t hardware_type;
        uint16_t address_length;
        uint8_t address[8];
        uint16_t protocol;
};

static void put_in_front(struct packet *packet, const void *header, uint32_t length)
{
        packet->data -= length;
        memcpy((uint8_t *)packet->data, header, length);
        packet->captured += length;
        packet->length += length;
}

static void add_sll_header(const struct sockaddr_ll *from, uint16_t protocol, struct packet *packet)
{
        struct sll_header header = {
            .packet_type = htons(from->sll_pkttype),
            .hardware_type = htons(from->sll_hatype),
            .address_length = htons(from->sll_halen),
            .protocol = protocol,
        };

        memcpy(header.address, from->sll_addr, sizeof header.address);
        put_in_front(packet, &header, sizeof header);
}

static void add_sll2_header(const struct sockaddr_ll *from, uint16_t protocol,
                            struct packet *packet)
{
        struct sll2_header header = {
            .protocol = protocol,
            .interface = htonl((uint32_t)from->sll_ifindex),
            .hardware_type = htons(from->sll_hatype),
            .packet_type = from->sll_pkttype,
            .address_length = from->sll_halen,
        };

        memcpy(header.address, from->sll_addr, sizeof header.address);
        put_in_front(packet, &header, sizeof header);
}

enum packet_passage capture_passage(unsigned type)
{
        switch (type) {
        case PACKET_HOST: return PASSAGE_IN;
        case PACKET_BROADCAST: return PASSAGE_BROADCAST;
        case PACKET_MULTICAST: return PASSAGE_MULTICAST;
        case PACKET_OTHERHOST: return PASSAGE_OTHER_HOST;
        case PACKET_OUTGOING: return PASSAGE_OUT;
        default: return PASSAGE_UNKNOWN;
        }
}

static const struct capture_interface *interface_of(const struct listener *listener,
                                                    const struct sockaddr_ll *from)
{
        struct known *known = listener->known;

        if (!known) {
                known = interfaces_find(listener->interfaces, listener->socket, listener->space,
                                        from->sll_ifindex);
                if (!known || !interfaces_list(listener->interfaces, known))
                        return NULL;
        }
        return &known->on;
}

/* Every member is named: to clear them all before, for each packet, costs more than all else. */
void listener_record(const struct listener *listener, struct capture_record *record)
{
        const struct tpacket3_hdr *header = (const struct tpacket3_hdr *)listener->packet;
        const struct sockaddr_ll *from = packet_sender(header);
        struct packet *packet = &record->packet;
        uint16_t protocol = from->sll_protocol;

        packet->data = listener->packet + header->tp_mac;
        packet->captured = header->tp_snaplen;
        packet->length = header->tp_len;
        record->time.tv_sec = header->tp_sec;
        record->time.tv_nsec = header->tp_nsec;
        record->on = interface_of(listener, from);
        record->passage = capture_passage(from->sll_pkttype);
        record->flags = 0;
        record->dropped = 0;
        record->comment = record->note = record->members = NULL;
        record->link_type = listener->link_type;
        record->mark = listener->mark - (listener->taken <= listener->marked_at[0]) -
                       (listener->taken <= listener->marked_at[1]);
        record->origin = NULL;
        record->section = 0;
        record->interface = 0;
        if (listener->any)
                protocol = take_header(from, header, packet);
        if ((header->tp_status & TP_STATUS_VLAN_VALID) &&
            (listener->cooked || listener->link_type == DLT_EN10MB))
                protocol = restore_vlan_tag(listener, header, protocol, packet);
        if (listener->link_type == DLT_LINUX_SLL)
                add_sll_header(from, protocol, packet);
        else if (listener->cooked)
                add_sll2_header(from, protocol, packet);
        if (packet->captured > listener->options->snapshot_length)
                packet->captured = listener->options->snapshot_length;
}

bool listener_next_block(struct listener *listener)
{
        if (listener->current)
                give_block_back(listener);
        return take_block(listener);
}

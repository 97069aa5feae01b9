/* Live packets from an AF_PACKET socket with a TPACKET_V3 ring: packet(7),
 * Documentation/networking/packet_mmap.rst.
 *
 * No packet arrives unfiltered: the socket is opened with protocol 0 and receives nothing; only
 * when the filter is attached and the ring set up is it bound to the interface with ETH_P_ALL.
 *
 * The kernel fills the ring block by block and hands a block over when it is full or RETIRE_MS
 * after its first packet. Packets are not copied, so a block is returned to the kernel only when
 * the packet after its last one is asked for.
 *
 * An interface may go down, come back, change its name: the socket stays bound to it. When it is
 * deleted, the socket is bound to nothing; and to the next interface of that name, if that is
 * waited for. */
#include "internal.h"
#include "links.h"
#include "net/link_types.h"

#include <net/if.h> /* before <linux/if_arp.h>, which then omits what this declares */

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/filter.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/membarrier.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
        /* A block holds the longest packet: of those the network carries, or of those inside a host
         * that use big TCP, https://docs.kernel.org/networking/segmentation-offloads.html. */
        BLOCK = 128 << 10,
        LARGE_BLOCK = 512 << 10,
        BLOCK_OVERHEAD = 512,
        DEFAULT_BUFFER = 2 << 20,
        RETIRE_MS = 50,
        STEP_MS = 5,
        DRAIN_MS = 2000,
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

struct live_capture {
        struct capture capture;
        char device[IF_NAMESIZE];
        int socket;
        int interface; /* index; 0 for any */
        int loopback;  /* index of the loopback interface; 0 if there is none */
        bool cooked;   /* packets get a header made here */
        bool promiscuous;
        bool waits; /* for an interface that is deleted to come back */
        enum capture_direction direction;
        int links;              /* tells of changes of interfaces; -1 if that cannot be had */
        struct link_state link; /* as last heard of */
        char changes[512];      /* to be told */
        uint8_t *ring;
        size_t buffer; /* bytes that were asked for */
        uint32_t kept; /* bytes of a packet, at most */
        size_t block_size, blocks;
        size_t block;          /* the one being read, or to be read next */
        bool in_block;         /* the kernel has handed it over */
        uint32_t packets_left; /* in it */
        uint8_t *next_packet;  /* in it */
        uint64_t taken;        /* packets taken out of the ring, including unwanted ones */
        uint64_t received;     /* packets that passed the filter, those dropped too */
        uint64_t dropped;      /* of them, as the ring was full */
        bool stopped;
        bool gone;      /* the interface is deleted, and not waited for */
        int drain_left; /* milliseconds, at most, to wait for packets that have been received */
        int broken;     /* errno of the socket, once it has one */
};

static int fail_for_permission(const char *device, struct error *error)
{
        char path[256];
        ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);

        path[length > 0 ? length : 0] = '\0';
        return error_set(error,
                         "%s: no permission to capture: it needs CAP_NET_RAW; run it with sudo, "
                         "or grant it once: sudo setcap cap_net_raw+ep %s",
                         device, *path ? path : "/path/to/filt");
}

static int open_socket(int type, const char *device, struct error *error)
{
        int fd = socket(AF_PACKET, type | SOCK_CLOEXEC, 0);

        if (fd >= 0)
                return fd;
        if (errno == EPERM || errno == EACCES)
                return fail_for_permission(device, error);
        if (errno == EAFNOSUPPORT)
                return error_set(error, "%s: this kernel has no packet sockets (CONFIG_PACKET)",
                                 device);
        return error_set(error, "%s: packet socket: %s", device, strerror(errno));
}

static int option(struct live_capture *live, int name, const void *value, socklen_t length)
{
        return setsockopt(live->socket, SOL_PACKET, name, value, length);
}

/* Finds the interface and its link type, which decides the kind of socket. */
static int find_interface(struct live_capture *live, struct error *error)
{
        struct ifreq request = {0};

        snprintf(request.ifr_name, sizeof request.ifr_name, "%s", live->device);
        if (ioctl(live->socket, SIOCGIFINDEX, &request) < 0)
                return error_set(error, "%s: there is no such interface (filt -D lists them)",
                                 live->device);
        live->interface = request.ifr_ifindex;
        if (ioctl(live->socket, SIOCGIFHWADDR, &request) < 0)
                return error_set(error, "%s: kind of interface: %s", live->device, strerror(errno));
        live->capture.info.link_type = net_link_type_of_hardware(request.ifr_hwaddr.sa_family);
        return 0;
}

static int find_loopback(int socket)
{
        struct ifreq request = {.ifr_name = "lo"};

        return ioctl(socket, SIOCGIFINDEX, &request) < 0 ? 0 : request.ifr_ifindex;
}

static int live_set_filter(struct capture *capture, const struct bpf_program *program,
                           struct error *error)
{
        struct live_capture *live = (struct live_capture *)capture;
        struct sock_fprog filter = {
            .len = (unsigned short)program->bf_len,
            .filter = (struct sock_filter *)program->bf_insns,
        };

        _Static_assert(sizeof(struct bpf_insn) == sizeof(struct sock_filter), "the same layout");
        if (program->bf_len > UINT16_MAX)
                errno = EINVAL;
        else if (setsockopt(live->socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) ==
                 0)
                return 0;
        if (errno == ENOMEM)
                return error_set(error,
                                 "%s: the kernel has no room for a filter of %u instructions "
                                 "(sysctl net.core.optmem_max is the limit)",
                                 live->device, program->bf_len);
        return error_set(error, "%s: the kernel refused the filter of %u instructions: %s",
                         live->device, program->bf_len, strerror(errno));
}

/* A block handed over after RETIRE_MS is half empty on average; a few more blocks make up for that,
 * so that the ring holds what was asked for. */
static void choose_block_size(struct live_capture *live)
{
        uint32_t longest = live->interface ? live->link.largest : links_largest();
        size_t blocks;

        live->block_size = BLOCK;
        if (longest > BLOCK - BLOCK_OVERHEAD && live->kept > BLOCK - BLOCK_OVERHEAD)
                live->block_size = LARGE_BLOCK;
        blocks = (live->buffer + live->block_size - 1) / live->block_size;
        live->blocks = blocks + blocks / 32 + 1;
}

static int set_up_ring(struct live_capture *live, struct error *error)
{
        int version = TPACKET_V3;
        unsigned reserve = VLAN_TAG + (live->cooked ? SLL2_HEADER : 0);
        struct tpacket_req3 request = {
            .tp_block_size = (unsigned)live->block_size,
            .tp_block_nr = (unsigned)live->blocks,
            .tp_frame_size = (unsigned)live->block_size,
            .tp_frame_nr = (unsigned)live->blocks,
            .tp_retire_blk_tov = RETIRE_MS,
        };
        void *ring;

        if (option(live, PACKET_VERSION, &version, sizeof version) < 0)
                return error_set(error, "%s: TPACKET_V3 (Linux 3.2 or later is needed): %s",
                                 live->device, strerror(errno));
        if (option(live, PACKET_RESERVE, &reserve, sizeof reserve) < 0)
                return error_set(error, "%s: PACKET_RESERVE: %s", live->device, strerror(errno));
        if (option(live, PACKET_RX_RING, &request, sizeof request) < 0)
                return error_set(error, "%s: a ring of %zu KiB: %s; -B sets its size", live->device,
                                 live->blocks * live->block_size / 1024, strerror(errno));
        ring = mmap(NULL, live->blocks * live->block_size, PROT_READ | PROT_WRITE, MAP_SHARED,
                    live->socket, 0);
        if (ring == MAP_FAILED)
                return error_set(error, "%s: mapping the ring: %s", live->device, strerror(errno));
        live->ring = ring;
        return 0;
}

static int bind_socket(struct live_capture *live, struct error *error)
{
        struct sockaddr_ll address = {
            .sll_family = AF_PACKET,
            .sll_protocol = htons(ETH_P_ALL),
            .sll_ifindex = live->interface,
        };
        int reason = 0;
        socklen_t length = sizeof reason;

        if (bind(live->socket, (struct sockaddr *)&address, sizeof address) < 0)
                return error_set(error, "%s: bind: %s", live->device, strerror(errno));
        if (getsockopt(live->socket, SOL_SOCKET, SO_ERROR, &reason, &length) < 0)
                reason = errno;
        if (reason == ENETDOWN && !live->waits)
                return error_set(
                    error,
                    "%s: the interface is down; bring it up with 'ip link set %s up', or wait "
                    "for that with --wait",
                    live->device, live->device);
        if (reason == ENETDOWN)
                live->link.up = false;
        else if (reason)
                return error_set(error, "%s: bind: %s", live->device, strerror(reason));
        return 0;
}

/* The membership ends with the socket. The kernel counts memberships, so other programs that need
 * promiscuous mode keep it. */
static int be_promiscuous(struct live_capture *live, struct error *error)
{
        struct packet_mreq membership = {
            .mr_ifindex = live->interface,
            .mr_type = PACKET_MR_PROMISC,
        };

        if (option(live, PACKET_ADD_MEMBERSHIP, &membership, sizeof membership) == 0)
                return 0;
        return error_set(error, "%s: promiscuous mode: %s (-p does without)", live->device,
                         strerror(errno));
}

/* A packet sent over the loopback interface is also received there; one of the two is enough. */
static bool is_unwanted(const struct live_capture *live, const struct sockaddr_ll *from)
{
        bool out = from->sll_pkttype == PACKET_OUTGOING;

        if (live->direction == CAPTURE_INOUT)
                return out && from->sll_ifindex == live->loopback;
        return out != (live->direction == CAPTURE_OUT);
}

/* Saves the kernel from copying packets that is_unwanted() drops. Kernels before 4.20 lack it. */
static void ignore_outgoing(struct live_capture *live)
{
        bool loopback = live->interface != 0 && live->interface == live->loopback;
        int yes = 1;

        if (live->direction == CAPTURE_IN || (loopback && live->direction == CAPTURE_INOUT))
                option(live, PACKET_IGNORE_OUTGOING, &yes, sizeof yes);
}

/* --- Changes of the interface --- */

static void tell(struct live_capture *live, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void tell(struct live_capture *live, const char *format, ...)
{
        size_t used = strlen(live->changes);
        va_list arguments;

        if (used > 0)
                used += (size_t)snprintf(live->changes + used, sizeof live->changes - used, "; ");
        if (used >= sizeof live->changes)
                return;
        va_start(arguments, format);
        vsnprintf(live->changes + used, sizeof live->changes - used, format, arguments);
        va_end(arguments);
}

static void lose_interface(struct live_capture *live)
{
        if (live->interface <= 0)
                return;
        live->interface = -1;
        live->link.exists = false;
        if (!live->waits) {
                live->gone = true;
                live->drain_left = DRAIN_MS;
                return;
        }
        tell(live, "the interface is gone; waiting for it to come back");
}

/* An interface of the name that is waited for. */
static void find_again(struct live_capture *live, const struct link_state *now)
{
        struct error error;

        if (net_link_type_of_hardware(now->hardware_type) != live->capture.info.link_type) {
                tell(live, "an interface of this name is there, but with another link type");
                return;
        }
        live->interface = now->index;
        live->link = *now;
        if (bind_socket(live, &error) < 0 ||
            (live->promiscuous && be_promiscuous(live, &error) < 0)) {
                live->broken = EIO;
                return;
        }
        tell(live, "the interface is there again%s", now->up ? "" : ", but down");
}

static void compare_link(struct live_capture *live, const struct link_state *now)
{
        const struct link_state *before = &live->link;

        if (strcmp(now->name, before->name) != 0) {
                tell(live, "the interface was called %s before", before->name);
                snprintf(live->device, sizeof live->device, "%s", now->name);
        }
        if (now->mtu != before->mtu)
                tell(live, "the MTU is %" PRIu32 " bytes now", now->mtu);
        if (now->up != before->up)
                tell(live, now->up ? "the interface is up again"
                                   : "the interface went down; the capture goes on once it is up");
        else if (now->up && now->carrier != before->carrier)
                tell(live, now->carrier ? "the carrier is back" : "the carrier is lost");
        live->link = *now;
}

/* Where notifications were lost or are not to be had, the socket knows whether its interface is
 * still there. */
static void look_for_interface(struct live_capture *live)
{
        struct sockaddr_ll address = {0};
        socklen_t length = sizeof address;

        if (live->interface > 0 &&
            getsockname(live->socket, (struct sockaddr *)&address, &length) == 0 &&
            address.sll_ifindex <= 0)
                lose_interface(live);
}

static void read_changes(struct live_capture *live)
{
        struct link_state now;
        int more;

        while ((more = links_next(live->links, &now)) != 0) {
                if (more < 0)
                        look_for_interface(live);
                else if (now.index == live->interface && now.exists)
                        compare_link(live, &now);
                else if (now.index == live->interface)
                        lose_interface(live);
                else if (live->interface < 0 && live->waits && now.exists &&
                         strcmp(now.name, live->device) == 0)
                        find_again(live, &now);
        }
}

/* Where this fails, the capture does without. */
static void watch_interface(struct live_capture *live)
{
        if (live->interface == 0)
                return;
        live->links = links_open();
        if (live->links >= 0 && !links_find(live->device, 0, &live->link)) {
                close(live->links);
                live->links = -1;
        }
}

/* --- Packets --- */

static int live_start(struct capture *capture, struct error *error)
{
        struct live_capture *live = (struct live_capture *)capture;

        ignore_outgoing(live);
        watch_interface(live);
        choose_block_size(live);
        if (set_up_ring(live, error) < 0 || bind_socket(live, error) < 0)
                return -1;
        return live->promiscuous && live->interface ? be_promiscuous(live, error) : 0;
}

static struct tpacket_block_desc *block_at(struct live_capture *live)
{
        return (struct tpacket_block_desc *)(live->ring + live->block * live->block_size);
}

static bool take_block(struct live_capture *live)
{
        struct tpacket_block_desc *block = block_at(live);

        if (!(__atomic_load_n(&block->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
                return false;
        live->in_block = true;
        live->packets_left = block->hdr.bh1.num_pkts;
        live->next_packet = (uint8_t *)block + block->hdr.bh1.offset_to_first_pkt;
        return true;
}

static void give_block_back(struct live_capture *live)
{
        __atomic_store_n(&block_at(live)->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
        live->in_block = false;
        live->block = (live->block + 1) % live->blocks;
}

/* Restores the VLAN tag that the kernel moved to the metadata: after the MAC addresses, or in front
 * of a cooked packet's payload, whose protocol it then is. PACKET_RESERVE made room for it. Returns
 * the protocol for a cooked header. If there are two tags, the inner one is still in the frame. */
static uint16_t restore_vlan_tag(struct live_capture *live, const struct tpacket3_hdr *header,
                                 uint16_t protocol, struct capture_record *record)
{
        bool known = header->tp_status & TP_STATUS_VLAN_TPID_VALID;
        uint16_t tpid = known ? header->hv1.tp_vlan_tpid : ETH_P_8021Q;
        uint8_t *data = (uint8_t *)record->packet.data - VLAN_TAG;
        uint16_t tag[2] = {htons(tpid), htons((uint16_t)header->hv1.tp_vlan_tci)};
        uint8_t *place = data + MAC_ADDRESSES;

        if (live->cooked) {
                tag[0] = tag[1];
                tag[1] = protocol;
                place = data;
        } else {
                memmove(data, record->packet.data, MAC_ADDRESSES);
        }
        memcpy(place, tag, sizeof tag);
        record->packet.data = data;
        record->packet.captured += VLAN_TAG;
        record->packet.length += VLAN_TAG;
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
        uint32_t length = has_ethernet_header(from) ? ETH_HLEN : header->tp_net - header->tp_mac;
        uint16_t protocol = from->sll_protocol;

        if (header->tp_net < header->tp_mac || length > packet->captured)
                length = packet->captured;
        if (header->tp_status & TP_STATUS_VLAN_VALID && length == ETH_HLEN)
                memcpy(&protocol, packet->data + MAC_ADDRESSES, sizeof protocol);
        packet->data += length;
        packet->captured -= length;
        packet->length -= length;
        return protocol;
}

static void add_sll2_header(const struct sockaddr_ll *from, uint16_t protocol,
                            struct capture_record *record)
{
        struct sll2_header header = {
            .protocol = protocol,
            .interface = htonl((uint32_t)from->sll_ifindex),
            .hardware_type = htons(from->sll_hatype),
            .packet_type = from->sll_pkttype,
            .address_length = from->sll_halen,
        };

        memcpy(header.address, from->sll_addr, sizeof header.address);
        record->packet.data -= sizeof header;
        memcpy((uint8_t *)record->packet.data, &header, sizeof header);
        record->packet.captured += sizeof header;
        record->packet.length += sizeof header;
}

/* Takes the next packet of the block. Returns false if it is not wanted. */
static bool take_packet(struct live_capture *live, struct capture_record *record)
{
        struct tpacket3_hdr *header = (struct tpacket3_hdr *)live->next_packet;
        struct sockaddr_ll *from =
            (struct sockaddr_ll *)(live->next_packet + TPACKET_ALIGN(sizeof *header));
        bool ethernet = live->capture.info.link_type == DLT_EN10MB;
        uint16_t protocol = from->sll_protocol;

        live->packets_left--;
        live->taken++;
        live->next_packet += header->tp_next_offset;
        if (is_unwanted(live, from))
                return false;
        *record = (struct capture_record){
            .packet = {.data = (uint8_t *)header + header->tp_mac,
                       .captured = header->tp_snaplen,
                       .length = header->tp_len},
            .time = {.tv_sec = header->tp_sec, .tv_nsec = header->tp_nsec},
        };
        if (live->capture.info.any)
                protocol = take_header(from, header, &record->packet);
        if ((header->tp_status & TP_STATUS_VLAN_VALID) &&
            (live->cooked || (ethernet && record->packet.captured >= MAC_ADDRESSES)))
                protocol = restore_vlan_tag(live, header, protocol, record);
        if (live->cooked)
                add_sll2_header(from, protocol, record);
        if (record->packet.captured > live->capture.info.snapshot_length)
                record->packet.captured = live->capture.info.snapshot_length;
        return true;
}

/* --- The end --- */

static void count_packets(struct live_capture *live)
{
        struct tpacket_stats_v3 since = {0}; /* reading the counters resets them */
        socklen_t length = sizeof since;

        if (getsockopt(live->socket, SOL_PACKET, PACKET_STATISTICS, &since, &length) < 0)
                return;
        live->received += since.tp_packets;
        live->dropped += since.tp_drops;
}

static struct capture_statistics live_statistics(struct capture *capture)
{
        struct live_capture *live = (struct live_capture *)capture;

        count_packets(live);
        return (struct capture_statistics){live->received, live->dropped};
}

/* Of a capture at its end: whether all packets that have been received are taken. If not, waits a
 * little: the kernel hands over a block that is not full only some time after its first packet. */
static bool is_drained(struct live_capture *live)
{
        count_packets(live);
        if (live->taken + live->dropped >= live->received || live->drain_left <= 0)
                return true;
        poll(NULL, 0, STEP_MS);
        live->drain_left -= STEP_MS;
        return false;
}

static enum capture_result end_of(const struct live_capture *live, struct error *error)
{
        if (live->stopped)
                return CAPTURE_END;
        if (live->gone)
                error_set(error, "%s: the interface is gone", live->device);
        else
                error_set(error, "%s: %s", live->device, strerror(live->broken));
        return CAPTURE_ERROR;
}

static enum capture_result live_next(struct capture *capture, struct capture_record *record,
                                     struct error *error)
{
        struct live_capture *live = (struct live_capture *)capture;

        if (live->changes[0]) {
                error_set(error, "%s: %s", live->device, live->changes);
                live->changes[0] = '\0';
                return CAPTURE_CHANGE;
        }
        for (;;) {
                while (live->in_block || take_block(live)) {
                        while (live->packets_left > 0)
                                if (take_packet(live, record))
                                        return CAPTURE_PACKET;
                        give_block_back(live);
                }
                if (!live->stopped && !live->gone && !live->broken)
                        return CAPTURE_EMPTY;
                if (is_drained(live))
                        return end_of(live, error);
        }
}

static int live_wait(struct capture *capture, int wake, int timeout_ms, struct error *error)
{
        struct live_capture *live = (struct live_capture *)capture;
        struct pollfd polled[] = {
            {.fd = live->socket, .events = POLLIN},
            {.fd = wake, .events = POLLIN}, /* poll() ignores -1 */
            {.fd = live->links, .events = POLLIN},
        };
        int reason = 0;
        socklen_t length = sizeof reason;

        if (poll(polled, 3, timeout_ms) < 0 && errno != EINTR)
                return error_set(error, "%s: poll: %s", live->device, strerror(errno));
        if (polled[2].revents)
                read_changes(live);
        if (!(polled[0].revents & (POLLERR | POLLHUP)))
                return 0;
        if (getsockopt(live->socket, SOL_SOCKET, SO_ERROR, &reason, &length) < 0)
                reason = errno;
        if (reason == ENETDOWN) {
                look_for_interface(live);
                return 0;
        }
        live->broken = reason ? reason : EIO;
        live->drain_left = DRAIN_MS;
        return 0;
}

/* The socket stays bound, but a filter that rejects all lets nothing in: bound to no protocol or
 * interface it would for a moment be open to others. Then waits until no processor is still at the
 * filter before. */
static void live_stop(struct capture *capture)
{
        static struct bpf_insn reject[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
        struct bpf_program nothing = {.bf_len = 1, .bf_insns = reject};
        struct live_capture *live = (struct live_capture *)capture;
        struct error ignored;

        live_set_filter(capture, &nothing, &ignored);
        if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0)
                poll(NULL, 0, STEP_MS);
        live->stopped = true;
        live->drain_left = DRAIN_MS;
}

static void live_close(struct capture *capture)
{
        struct live_capture *live = (struct live_capture *)capture;

        if (live->ring)
                munmap(live->ring, live->blocks * live->block_size);
        if (live->socket >= 0)
                close(live->socket);
        if (live->links >= 0)
                close(live->links);
        free(live);
}

static const struct capture_source live_source = {
    .set_filter = live_set_filter,
    .start = live_start,
    .next = live_next,
    .wait = live_wait,
    .stop = live_stop,
    .statistics = live_statistics,
    .close = live_close,
};

/* True if a frame of the interface may start with a link header of a length that a filter cannot
 * know, as with IP over InfiniBand or multipoint GRE. */
static bool has_other_header(int socket, const char *name)
{
        struct ifreq request = {0};
        unsigned type;

        snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
        if (ioctl(socket, SIOCGIFFLAGS, &request) < 0 || !(request.ifr_flags & IFF_UP) ||
            ioctl(socket, SIOCGIFHWADDR, &request) < 0)
                return false;
        type = request.ifr_hwaddr.sa_family;
        return type == ARPHRD_IPGRE || type == ARPHRD_IP6GRE ||
               net_link_type_of_hardware(type) == DLT_LINUX_SLL2;
}

static bool have_other_headers(int socket)
{
        struct if_nameindex *interfaces = if_nameindex();
        bool found = false;

        for (size_t i = 0; interfaces && interfaces[i].if_index && !found; i++)
                found = has_other_header(socket, interfaces[i].if_name);
        if (interfaces)
                if_freenameindex(interfaces);
        return found;
}

/* Opens a raw socket if the interface delivers complete frames, otherwise a cooked one. For all
 * interfaces, a cooked one would do, but since Linux 6.11 its protocol skips all VLAN tags, so that
 * an inner tag or its type is lost: there, too, a raw one is opened and its packets are cooked
 * here, unless there are link headers of which neither this nor a filter knows the length. */
static int open_device(struct live_capture *live, struct error *error)
{
        live->socket = open_socket(SOCK_RAW, live->device, error);
        if (live->socket < 0)
                return -1;
        live->loopback = find_loopback(live->socket);
        live->capture.info.link_type = DLT_LINUX_SLL2;
        if (strcmp(live->device, "any") == 0)
                live->capture.info.any = !have_other_headers(live->socket);
        else if (find_interface(live, error) < 0)
                return -1;
        live->cooked = live->capture.info.link_type == DLT_LINUX_SLL2;
        if (!live->cooked || live->capture.info.any)
                return 0;
        close(live->socket);
        live->socket = open_socket(SOCK_DGRAM, live->device, error);
        return live->socket < 0 ? -1 : 0;
}

int capture_await_device(const char *device, int wake, struct error *error)
{
        struct pollfd polled[] = {{.fd = links_open(), .events = POLLIN},
                                  {.fd = wake, .events = POLLIN}};
        struct link_state state;
        int result = -1;

        if (polled[0].fd < 0)
                return error_set(error, "%s: waiting for the interface: %s", device,
                                 strerror(errno));
        while (result < 0) {
                if (links_find(device, 0, &state)) {
                        result = 0;
                } else if (poll(polled, 2, -1) < 0 || polled[1].revents) {
                        result = 1;
                } else {
                        while (links_next(polled[0].fd, &state) != 0) {
                        }
                }
        }
        close(polled[0].fd);
        return result;
}

struct capture *capture_open_live(const char *device, const struct capture_live_options *options,
                                  struct error *error)
{
        struct live_capture *live;

        if (strlen(device) >= IF_NAMESIZE) {
                error_set(error, "%s: there is no such interface (filt -D lists them)", device);
                return NULL;
        }
        live = calloc(1, sizeof *live);
        if (!live) {
                error_set(error, "%s: out of memory", device);
                return NULL;
        }
        *live = (struct live_capture){
            .capture = {.source = &live_source,
                        .info = {.snapshot_length = options->snapshot_length, .nanoseconds = true}},
            .promiscuous = options->promiscuous,
            .direction = options->direction,
            .waits = options->wait,
            .buffer = options->buffer ? options->buffer : DEFAULT_BUFFER,
            .kept = options->kept ? options->kept : options->snapshot_length,
            .socket = -1,
            .links = -1,
        };
        memcpy(live->device, device, strlen(device) + 1);
        if (open_device(live, error) < 0) {
                live_close(&live->capture);
                return NULL;
        }
        return &live->capture;
}

/* Live packets from an AF_PACKET socket with a TPACKET_V3 ring: packet(7),
 * Documentation/networking/packet_mmap.rst.
 *
 * No packet arrives unfiltered: the socket is opened with protocol 0 and receives nothing; only
 * when the filter is attached and the ring set up is it bound to the interface with ETH_P_ALL.
 *
 * The kernel fills the ring block by block and hands a block over when it is full or RETIRE_MS
 * after its first packet. Packets are not copied, so a block is returned to the kernel only when
 * the packet after its last one is asked for. */
#include "internal.h"
#include "net/link_types.h"

#include <net/if.h> /* before <linux/if_arp.h>, which then omits what this declares */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
        BLOCK = 128 << 10, /* a power of two, as the kernel requires; twice the longest IP packet */
        DEFAULT_BUFFER = 2 << 20,
        RETIRE_MS = 50,
        FORGET_MS = 1000,
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
        bool cooked;
        bool promiscuous;
        enum capture_direction direction;
        uint8_t *ring;
        size_t blocks;
        size_t block;          /* the one being read, or to be read next */
        bool in_block;         /* the kernel has handed it over */
        uint32_t packets_left; /* in it */
        uint8_t *next_packet;  /* in it */
        uint64_t taken;        /* packets taken out of the ring, including unwanted ones */
        bool stopped;
        int broken; /* errno of the socket, once it has one */
        struct capture_statistics statistics;
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

static int set_up_ring(struct live_capture *live, struct error *error)
{
        int version = TPACKET_V3;
        unsigned reserve = VLAN_TAG + (live->cooked ? SLL2_HEADER : 0);
        struct tpacket_req3 request = {
            .tp_block_size = BLOCK,
            .tp_block_nr = (unsigned)live->blocks,
            .tp_frame_size = BLOCK,
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
                                 live->blocks * BLOCK / 1024, strerror(errno));
        ring =
            mmap(NULL, live->blocks * BLOCK, PROT_READ | PROT_WRITE, MAP_SHARED, live->socket, 0);
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
        if (reason == ENETDOWN)
                return error_set(error,
                                 "%s: the interface is down; bring it up with 'ip link set %s up'",
                                 live->device, live->device);
        if (reason)
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

static int live_start(struct capture *capture, struct error *error)
{
        struct live_capture *live = (struct live_capture *)capture;

        ignore_outgoing(live);
        if (set_up_ring(live, error) < 0 || bind_socket(live, error) < 0)
                return -1;
        return live->promiscuous && live->interface ? be_promiscuous(live, error) : 0;
}

static struct tpacket_block_desc *block_at(struct live_capture *live)
{
        return (struct tpacket_block_desc *)(live->ring + live->block * BLOCK);
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
 * the protocol for a cooked header. If there are two tags, the inner one is still in the frame;
 * since Linux 6.11 a cooked packet's protocol skips it, so its TPID is lost there. */
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
        if ((header->tp_status & TP_STATUS_VLAN_VALID) &&
            (live->cooked || (ethernet && record->packet.captured >= MAC_ADDRESSES)))
                protocol = restore_vlan_tag(live, header, protocol, record);
        if (live->cooked)
                add_sll2_header(from, protocol, record);
        if (record->packet.captured > live->capture.info.snapshot_length)
                record->packet.captured = live->capture.info.snapshot_length;
        return true;
}

/* An interface that is removed goes down first; its name may remain for a while. */
static bool is_gone(const struct live_capture *live)
{
        char name[IF_NAMESIZE];

        for (int waits = 0; waits < FORGET_MS / RETIRE_MS; waits++) {
                if (!if_indextoname((unsigned)live->interface, name))
                        return true;
                poll(NULL, 0, RETIRE_MS);
        }
        return false;
}

static enum capture_result report_broken(const struct live_capture *live, struct error *error)
{
        if (live->broken != ENETDOWN)
                error_set(error, "%s: %s", live->device, strerror(live->broken));
        else if (is_gone(live))
                error_set(error, "%s: the interface is gone", live->device);
        else
                error_set(error, "%s: the interface went down", live->device);
        return CAPTURE_ERROR;
}

static enum capture_result live_next(struct capture *capture, struct capture_record *record,
                                     struct error *error)
{
        struct live_capture *live = (struct live_capture *)capture;

        while (live->in_block || take_block(live)) {
                while (live->packets_left > 0)
                        if (take_packet(live, record))
                                return CAPTURE_PACKET;
                give_block_back(live);
        }
        if (live->broken)
                return report_broken(live, error);
        return live->stopped ? CAPTURE_END : CAPTURE_EMPTY;
}

static struct capture_statistics live_statistics(struct capture *capture)
{
        struct live_capture *live = (struct live_capture *)capture;
        struct tpacket_stats_v3 since = {0}; /* reading the counters resets them */
        socklen_t length = sizeof since;

        if (getsockopt(live->socket, SOL_PACKET, PACKET_STATISTICS, &since, &length) == 0) {
                live->statistics.received += since.tp_packets;
                live->statistics.dropped += since.tp_drops;
        }
        return live->statistics;
}

/* Waits until the kernel has handed over a block that is not full, which it does only some time
 * after its first packet. In steps, because a signal interrupts one. */
static void wait_for_last_block(struct live_capture *live)
{
        enum { STEP_MS = 5 };
        struct capture_statistics statistics = live_statistics(&live->capture);

        if (live->taken + live->packets_left + statistics.dropped >= statistics.received)
                return;
        for (int waited = 0; waited < 2 * RETIRE_MS; waited += STEP_MS)
                poll(NULL, 0, STEP_MS);
}

static int live_wait(struct capture *capture, int wake, int timeout_ms, struct error *error)
{
        struct live_capture *live = (struct live_capture *)capture;
        struct pollfd polled[] = {
            {.fd = live->socket, .events = POLLIN},
            {.fd = wake, .events = POLLIN}, /* poll() ignores -1 */
        };
        int reason = 0;
        socklen_t length = sizeof reason;

        if (poll(polled, 2, timeout_ms) < 0 && errno != EINTR)
                return error_set(error, "%s: poll: %s", live->device, strerror(errno));
        if (!(polled[0].revents & (POLLERR | POLLHUP)))
                return 0;
        if (getsockopt(live->socket, SOL_SOCKET, SO_ERROR, &reason, &length) < 0)
                reason = errno;
        wait_for_last_block(live);
        live->broken = reason ? reason : EIO;
        return 0;
}

/* Bound to protocol 0 again, the socket receives nothing. */
static void live_stop(struct capture *capture)
{
        static const struct sockaddr_ll nothing = {.sll_family = AF_PACKET};
        struct live_capture *live = (struct live_capture *)capture;

        bind(live->socket, (const struct sockaddr *)&nothing, sizeof nothing);
        wait_for_last_block(live);
        live->stopped = true;
}

static void live_close(struct capture *capture)
{
        struct live_capture *live = (struct live_capture *)capture;

        if (live->ring)
                munmap(live->ring, live->blocks * BLOCK);
        if (live->socket >= 0)
                close(live->socket);
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

/* Opens a raw socket if the interface delivers complete frames, otherwise a cooked one. */
static int open_device(struct live_capture *live, struct error *error)
{
        live->socket = open_socket(SOCK_RAW, live->device, error);
        if (live->socket < 0)
                return -1;
        live->loopback = find_loopback(live->socket);
        live->capture.info.link_type = DLT_LINUX_SLL2;
        if (strcmp(live->device, "any") != 0 && find_interface(live, error) < 0)
                return -1;
        live->cooked = live->capture.info.link_type == DLT_LINUX_SLL2;
        if (!live->cooked)
                return 0;
        close(live->socket);
        live->socket = open_socket(SOCK_DGRAM, live->device, error);
        return live->socket < 0 ? -1 : 0;
}

/* A block handed over after RETIRE_MS is half empty on average; a few more blocks make up for that,
 * so that the ring holds what was asked for. */
static size_t ring_blocks(size_t bytes)
{
        size_t blocks = (bytes + BLOCK - 1) / BLOCK;

        return blocks + blocks / 32 + 1;
}

struct capture *capture_open_live(const char *device, const struct capture_live_options *options,
                                  struct error *error)
{
        size_t buffer = options->buffer ? options->buffer : DEFAULT_BUFFER;
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
            .blocks = ring_blocks(buffer),
            .socket = -1,
        };
        memcpy(live->device, device, strlen(device) + 1);
        if (open_device(live, error) < 0) {
                live_close(&live->capture);
                return NULL;
        }
        return &live->capture;
}

/* The packet sockets of listeners: what they are bound to, and what the kernel says of them.
 *
 * No packet arrives unfiltered: a socket is opened with protocol 0 and receives nothing; only when
 * the filter is attached and the ring set up is it bound to the interface with ETH_P_ALL. Opening
 * one needs a privilege, binding it does not.
 *
 * An interface may go down, come back, change its name: the socket stays bound to it. When it is
 * deleted, the socket is bound to nothing, and can be bound to another one. */
#include "base/clock.h"
#include "internal.h"
#include "net/link_types.h"

#include <net/if.h> /* before <linux/if_arp.h>, which then omits what this declares */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- Opening --- */

static int fail_for_permission(const char *name, struct error *error)
{
        char path[256];
        ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);

        path[length > 0 ? length : 0] = '\0';
        return error_set(error,
                         "%s: no permission to capture: it needs CAP_NET_RAW; run it with sudo, "
                         "or grant it once: sudo setcap cap_net_raw+ep %s",
                         name, *path ? path : "/path/to/filt");
}

int socket_open(int type, const char *name, struct error *error)
{
        int fd = socket(AF_PACKET, type | SOCK_CLOEXEC, 0);

        if (fd >= 0)
                return fd;
        if (errno == EPERM || errno == EACCES)
                return fail_for_permission(name, error);
        if (errno == EAFNOSUPPORT)
                return error_set(error, "%s: this kernel has no packet sockets (CONFIG_PACKET)",
                                 name);
        return error_set(error, "%s: packet socket: %s", name, strerror(errno));
}

int no_such_interface(const char *name, struct error *error)
{
        error_set(error, "%s: there is no such interface (filt -D lists them)", name);
        if (error)
                error->kind = CAPTURE_NO_INTERFACE;
        return -1;
}

int socket_find_interface(int socket, const char *name, struct link_state *link,
                          struct error *error)
{
        struct ifreq request = {0};

        if (links_find(name, 0, link))
                return 0;
        if (errno == ENOMEM)
                return error_memory(error);
        *link = (struct link_state){.exists = true, .up = true};
        snprintf(link->name, sizeof link->name, "%s", name);
        snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
        if (ioctl(socket, SIOCGIFINDEX, &request) < 0)
                return no_such_interface(name, error);
        link->index = request.ifr_ifindex;
        if (ioctl(socket, SIOCGIFHWADDR, &request) < 0)
                return error_set(error, "%s: kind of interface: %s", name, strerror(errno));
        link->hardware_type = request.ifr_hwaddr.sa_family;
        return 0;
}

int socket_find_loopback(int socket)
{
        struct ifreq request = {.ifr_name = "lo"};

        return ioctl(socket, SIOCGIFINDEX, &request) < 0 ? 0 : request.ifr_ifindex;
}

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

int socket_has_other_headers(int socket, struct error *error)
{
        struct if_nameindex *interfaces = links_list("any", error);
        bool found = false;

        if (!interfaces)
                return -1;
        for (size_t i = 0; interfaces[i].if_index && !found; i++)
                found = has_other_header(socket, interfaces[i].if_name);
        if_freenameindex(interfaces);
        return found;
}

/* --- Starting --- */

static int set_extended(struct listener *listener, int program, struct error *error)
{
        if (setsockopt(listener->socket, SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof program) == 0)
                return 0;
        return error_set(error, "%s: the kernel refused the filter as extended BPF: %s",
                         listener->link.name, strerror(errno));
}

/* Returns 0, or -1 with errno set. */
static int attach_classic(int socket, const struct bpf_program *program)
{
        struct sock_fprog filter = {
            .len = (unsigned short)program->bf_len,
            .filter = (struct sock_filter *)program->bf_insns,
        };

        _Static_assert(sizeof(struct bpf_insn) == sizeof(struct sock_filter), "the same layout");
        if (program->bf_len <= UINT16_MAX)
                return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
        errno = EINVAL;
        return -1;
}

/* The kernel charges any socket for its filter, and takes the next one before it drops the one that
 * is there. */
static bool takes_after(const struct bpf_program *before, const struct bpf_program *program)
{
        int probe = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        bool has_room =
            probe < 0 ||
            (attach_classic(probe, before) == 0 && attach_classic(probe, program) == 0) ||
            errno != ENOMEM;

        if (probe >= 0)
                close(probe);
        return has_room;
}

bool capture_has_room(const struct bpf_program *program)
{
        struct bpf_insn reject[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
        const struct bpf_program before = {.bf_len = 1, .bf_insns = reject};

        return takes_after(&before, program);
}

bool capture_has_room_to_replace(const struct bpf_program *program)
{
        return takes_after(program, program);
}

static int set_classic(struct listener *listener, const struct bpf_program *program,
                       struct error *error)
{
        const char *name = listener->link.name;

        if (attach_classic(listener->socket, program) == 0)
                return 0;
        if (errno == ENOMEM)
                return error_set(error,
                                 "%s: the kernel has no room for a filter of %u instructions "
                                 "(sysctl net.core.optmem_max is the limit)",
                                 name, program->bf_len);
        return error_set(error, "%s: the kernel refused the filter of %u instructions: %s", name,
                         program->bf_len, strerror(errno));
}

int listener_set_filter(struct listener *listener, const struct capture_program *program,
                        struct error *error)
{
        return program->extended >= 0 ? set_extended(listener, program->extended, error)
                                      : set_classic(listener, program->classic, error);
}

static int option(struct listener *listener, int name, const void *value, socklen_t length)
{
        return setsockopt(listener->socket, SOL_PACKET, name, value, length);
}

/* Saves the kernel from copying packets that are not wanted. Kernels before 4.20 lack it. */
static void ignore_outgoing(struct listener *listener)
{
        enum capture_direction direction = listener->options->direction;
        bool loopback = listener->interface != 0 && listener->interface == listener->loopback;
        int yes = 1;

        if (direction == CAPTURE_IN || (loopback && direction == CAPTURE_INOUT))
                option(listener, PACKET_IGNORE_OUTGOING, &yes, sizeof yes);
}

int listener_error(const struct listener *listener)
{
        int reason = 0;
        socklen_t length = sizeof reason;

        if (getsockopt(listener->socket, SOL_SOCKET, SO_ERROR, &reason, &length) < 0)
                return errno;
        return reason;
}

static int bind_socket(struct listener *listener, bool must_be_up, struct error *error)
{
        const char *name = listener->link.name;
        struct sockaddr_ll address = {
            .sll_family = AF_PACKET,
            .sll_protocol = htons(ETH_P_ALL),
            .sll_ifindex = listener->interface,
        };
        int reason;

        listener_error(listener); /* of the interface before */
        if (bind(listener->socket, (struct sockaddr *)&address, sizeof address) < 0)
                return error_set(error, "%s: bind: %s", name, strerror(errno));
        reason = listener_error(listener);
        if (reason == ENETDOWN && must_be_up)
                return error_set(
                    error,
                    "%s: the interface is down; bring it up with 'ip link set %s up', or wait "
                    "for that with --wait",
                    name, name);
        if (reason == ENETDOWN)
                listener->link.up = false;
        else if (reason)
                return error_set(error, "%s: bind: %s", name, strerror(reason));
        return 0;
}

/* The membership ends with the socket or the interface. The kernel counts memberships, so other
 * programs that need promiscuous mode keep it. */
static int be_promiscuous(struct listener *listener, struct error *error)
{
        struct packet_mreq membership = {
            .mr_ifindex = listener->interface,
            .mr_type = PACKET_MR_PROMISC,
        };

        if (option(listener, PACKET_ADD_MEMBERSHIP, &membership, sizeof membership) == 0)
                return 0;
        return error_set(error, "%s: promiscuous mode: %s (-p does without)", listener->link.name,
                         strerror(errno));
}

/* Has the adapter take the time of packets, as
 * https://docs.kernel.org/networking/timestamping.html has it. Those of the host come by
 * themselves. */
static int set_time_stamps(struct listener *listener, struct error *error)
{
        const char *name = listener->link.name;
        struct hwtstamp_config wanted = {.tx_type = HWTSTAMP_TX_OFF,
                                         .rx_filter = HWTSTAMP_FILTER_ALL};
        struct ifreq request = {.ifr_data = (void *)&wanted};
        int flags = SOF_TIMESTAMPING_RAW_HARDWARE;

        if (listener->options->time_stamps < TIME_STAMPS_ADAPTER || !listener->interface)
                return 0;
        snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
        if (ioctl(listener->socket, SIOCSHWTSTAMP, &request) < 0 ||
            option(listener, PACKET_TIMESTAMP, &flags, sizeof flags) < 0)
                return error_set(error, "%s: time stamps of the adapter: %s (-J lists the types)",
                                 name, strerror(errno));
        return 0;
}

int listener_start(struct listener *listener, size_t buffer, bool must_be_up, struct error *error)
{
        ignore_outgoing(listener);
        if (set_time_stamps(listener, error) < 0 || ring_set_up(listener, buffer, error) < 0 ||
            bind_socket(listener, must_be_up, error) < 0)
                return -1;
        if (listener->options->promiscuous && listener->interface)
                return be_promiscuous(listener, error);
        return 0;
}

/* --- What becomes of it --- */

void listener_count(struct listener *listener)
{
        struct tpacket_stats_v3 since = {0}; /* reading the counters resets them */
        socklen_t length = sizeof since;

        if (getsockopt(listener->socket, SOL_PACKET, PACKET_STATISTICS, &since, &length) < 0)
                return;
        listener->received += since.tp_packets;
        listener->dropped += since.tp_drops;
        if (listener->known) {
                listener->known->on.received += since.tp_packets;
                listener->known->on.dropped += since.tp_drops;
        }
}

bool listener_lost_interface(const struct listener *listener)
{
        struct sockaddr_ll address = {0};
        socklen_t length = sizeof address;

        return listener->interface > 0 &&
               getsockname(listener->socket, (struct sockaddr *)&address, &length) == 0 &&
               address.sll_ifindex <= 0;
}

void listener_end(struct listener *listener, enum listener_state state)
{
        if (listener->state != LISTENER_LISTENS)
                return;
        listener->state = state;
        listener->drain_until = clock_now(CLOCK_MONOTONIC) + DRAIN_MS * INT64_C(1000000);
}

int listener_free(struct listener *listener)
{
        int socket = listener->socket, no = 0;

        option(listener, PACKET_IGNORE_OUTGOING, &no, sizeof no);
        ring_take_down(listener);
        free(listener);
        return socket;
}

/* replay INTERFACE [PACKETS]: sends small UDP datagrams on INTERFACE as fast as one core can.
 *
 * It sends 64-byte Ethernet frames (without the frame check sequence) of 16 flows, 192.0.2.1 port
 * 10000… to 192.0.2.2 port 20000…, past the queueing discipline and straight to the driver. At the
 * end it prints one line: packets sent, seconds. It sends only on INTERFACE, which is meant to be
 * one end of a veth pair in a namespace of its own (see capture.sh). */
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
        FLOWS = 16,
        BATCH = 64, /* frames a system call */
        DEFAULT_PACKETS = 2000000,
};

struct frame {
        struct ether_header ethernet;
        struct iphdr ip;
        struct udphdr udp;
        uint8_t payload[22];
} __attribute__((packed));

_Static_assert(sizeof(struct frame) == 64, "small frames");

static uint16_t ip_checksum(struct iphdr ip)
{
        uint16_t words[sizeof ip / 2];
        uint32_t sum = 0;
        memcpy(words, &ip, sizeof words);
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
                sum += words[i];
        sum = (sum & 0xffff) + (sum >> 16);
        return (uint16_t) ~(sum + (sum >> 16));
}

static void fill_frame(struct frame *frame, uint16_t flow)
{
        *frame = (struct frame){
            .ethernet = {.ether_dhost = {2, 0, 0, 0, 0, 2},
                         .ether_shost = {2, 0, 0, 0, 0, 1},
                         .ether_type = htons(ETHERTYPE_IP)},
            .ip = {.version = 4,
                   .ihl = 5,
                   .tot_len = htons(sizeof *frame - sizeof frame->ethernet),
                   .ttl = 64,
                   .protocol = IPPROTO_UDP,
                   .saddr = htonl(0xc0000201),
                   .daddr = htonl(0xc0000202)},
            .udp = {.source = htons(10000 + flow),
                    .dest = htons(20000 + flow),
                    .len = htons(sizeof frame->udp + sizeof frame->payload)},
        };
        frame->ip.check = ip_checksum(frame->ip);
}

/* A packet socket for sending on `interface` only; -1 with errno set if there is none. */
static int open_sender(const char *interface)
{
        struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                      .sll_ifindex = (int)if_nametoindex(interface)};
        int bypass = 1;
        if (address.sll_ifindex == 0)
                return -1;
        int sender = socket(AF_PACKET, SOCK_RAW, 0);
        if (sender < 0)
                return -1;
        if (setsockopt(sender, SOL_PACKET, PACKET_QDISC_BYPASS, &bypass, sizeof bypass) ||
            bind(sender, (struct sockaddr *)&address, sizeof address)) {
                close(sender);
                return -1;
        }
        return sender;
}

/* Sends `packets` frames. The driver may refuse some when its queue is full: those are sent again.
 */
static int send_all(int sender, uint64_t packets)
{
        static struct frame frames[FLOWS];
        struct iovec parts[BATCH];
        struct mmsghdr messages[BATCH];
        memset(messages, 0, sizeof messages);
        for (uint16_t flow = 0; flow < FLOWS; flow++)
                fill_frame(&frames[flow], flow);
        for (size_t i = 0; i < BATCH; i++) {
                parts[i] = (struct iovec){&frames[i % FLOWS], sizeof frames[0]};
                messages[i].msg_hdr.msg_iov = &parts[i];
                messages[i].msg_hdr.msg_iovlen = 1;
        }
        while (packets > 0) {
                int sent =
                    sendmmsg(sender, messages, packets < BATCH ? (unsigned)packets : BATCH, 0);
                if (sent > 0)
                        packets -= (uint64_t)sent;
                else if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
                        return -1;
        }
        return 0;
}

int main(int argc, char **argv)
{
        char *end = "";
        uint64_t packets = argc == 3 ? strtoull(argv[2], &end, 10) : DEFAULT_PACKETS;
        struct timespec before, after;
        if (argc < 2 || argc > 3 || *end != '\0') {
                fprintf(stderr, "usage: replay INTERFACE [PACKETS]\n");
                return 2;
        }
        int sender = open_sender(argv[1]);
        if (sender < 0) {
                fprintf(stderr, "replay: %s: %s\n", argv[1], strerror(errno));
                return 1;
        }
        clock_gettime(CLOCK_MONOTONIC, &before);
        if (send_all(sender, packets)) {
                fprintf(stderr, "replay: %s: %s\n", argv[1], strerror(errno));
                return 1;
        }
        clock_gettime(CLOCK_MONOTONIC, &after);
        close(sender);
        printf("%llu %.3f\n", (unsigned long long)packets,
               (double)(after.tv_sec - before.tv_sec) +
                   (double)(after.tv_nsec - before.tv_nsec) / 1e9);
        return 0;
}

/* Numbered packets, to see whether a capture has each of them once:
 *
 *   numbered send INTERFACE RATE   sends packets 1, 2, 3 … over the interface until a signal ends
 * it: RATE a second, or 0 for as many as it can; tells how many it sent numbered check FILE... one
 * line for all files, which follow one another: packets, first and last number, numbers missing in
 * between, and when the last was sent, in nanoseconds since the epoch. Fails if a file is damaged
 * or a number comes again.
 *
 * A packet is an Ethernet frame of the protocol for local experiments (0x88b5), and has its number
 * and the time of sending in the first 16 bytes after the header. */
#include "base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
        PROTOCOL = 0x88b5,
        LENGTH = 200,
        BATCH = 32,
        SECOND = 1000000000,
};

struct frame {
        uint8_t addresses[12];
        uint16_t protocol;
        uint8_t number[8], time[8];
        uint8_t rest[LENGTH - 30];
};

static volatile sig_atomic_t ended;

static void end(int signal)
{
        (void)signal;
        ended = 1;
}

static int fail(const char *what, const char *why)
{
        fprintf(stderr, "numbered: %s: %s\n", what, why);
        return 1;
}

static int open_interface(const char *name)
{
        struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                      .sll_ifindex = (int)if_nametoindex(name)};
        int fd = socket(AF_PACKET, SOCK_RAW, 0);

        if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0)
                return fd;
        return -1;
}

/* Sends up to BATCH packets from `number` on. Returns how many the kernel took. */
static unsigned send_batch(int fd, uint64_t number, unsigned count)
{
        static struct frame frames[BATCH];
        struct mmsghdr messages[BATCH];
        struct iovec pieces[BATCH];
        uint64_t now = (uint64_t)clock_now(CLOCK_REALTIME);
        int sent;

        memset(messages, 0, sizeof messages);
        for (unsigned i = 0; i < count; i++) {
                uint64_t one = number + i;

                memset(frames[i].addresses, 2, sizeof frames[i].addresses);
                frames[i].protocol = htons(PROTOCOL);
                memcpy(frames[i].number, &one, sizeof one);
                memcpy(frames[i].time, &now, sizeof now);
                pieces[i] = (struct iovec){&frames[i], sizeof frames[i]};
                messages[i].msg_hdr.msg_iov = &pieces[i];
                messages[i].msg_hdr.msg_iovlen = 1;
        }
        sent = sendmmsg(fd, messages, count, 0);
        return sent > 0 ? (unsigned)sent : 0;
}

static int send_packets(const char *interface, uint64_t rate)
{
        int fd = open_interface(interface);
        int64_t begun = clock_now(CLOCK_MONOTONIC);
        uint64_t number = 1;

        if (fd < 0)
                return fail(interface, strerror(errno));
        signal(SIGTERM, end);
        signal(SIGINT, end);
        while (!ended) {
                uint64_t due = UINT64_MAX;
                unsigned sent = 0;

                if (rate)
                        due = (uint64_t)((double)(clock_now(CLOCK_MONOTONIC) - begun) / SECOND *
                                         (double)rate);
                if (number <= due)
                        sent =
                            send_batch(fd, number,
                                       due - number < BATCH ? (unsigned)(due - number) + 1 : BATCH);
                number += sent;
                if (sent == 0)
                        poll(NULL, 0, 1); /* nothing is due, or the interface is down */
        }
        printf("%" PRIu64 "\n", number - 1);
        return 0;
}

struct tally {
        uint64_t packets, first, last, missing, sent;
};

static int take_packet(struct tally *tally, const struct pcap_pkthdr *header, const uint8_t *data)
{
        const struct frame *frame = (const struct frame *)data;
        uint64_t number;

        if (header->caplen != LENGTH || frame->protocol != htons(PROTOCOL))
                return fail("check", "a packet that is not one of those sent");
        memcpy(&number, frame->number, sizeof number);
        if (number <= tally->last)
                return fail("check", "a number comes again, or out of order");
        if (tally->packets++ == 0)
                tally->first = number;
        else
                tally->missing += number - tally->last - 1;
        tally->last = number;
        memcpy(&tally->sent, frame->time, sizeof tally->sent);
        return 0;
}

static int check_file(struct tally *tally, const char *path)
{
        char message[PCAP_ERRBUF_SIZE];
        pcap_t *pcap = pcap_open_offline(path, message);
        struct pcap_pkthdr *header;
        const uint8_t *data;
        int got = 1, failed = 0;

        if (!pcap)
                return fail(path, message);
        while (!failed && (got = pcap_next_ex(pcap, &header, &data)) == 1)
                failed = take_packet(tally, header, data);
        if (!failed && got != PCAP_ERROR_BREAK)
                failed = fail(path, pcap_geterr(pcap));
        pcap_close(pcap);
        return failed;
}

static int check(char **paths)
{
        struct tally tally = {0};

        for (; *paths; paths++)
                if (check_file(&tally, *paths))
                        return 1;
        printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", tally.packets,
               tally.first, tally.last, tally.missing, tally.sent);
        return 0;
}

int main(int argc, char **argv)
{
        if (argc == 4 && strcmp(argv[1], "send") == 0)
                return send_packets(argv[2], strtoull(argv[3], NULL, 10));
        if (argc > 2 && strcmp(argv[1], "check") == 0)
                return check(argv + 2);
        return fail("usage", "numbered send INTERFACE RATE | check FILE...");
}

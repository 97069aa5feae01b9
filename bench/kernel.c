/* kernel RUNS FILE: what it costs the kernel to ask one packet: by the classic program, which it
 * translates itself, by the extended one for sockets, and, by its own measurement, by those for tc
 * and AT_XDP. As root.
 *
 * Programs for sockets are attached to one end of a pair of local sockets, and what sending to it
 * takes with the program is compared with what it takes with one that rejects all. All ways are
 * measured in alternation; the results are medians. Traffic: the packets of a capture, of those no
 * longer than 1,500 bytes. */
#include "cbpf/extended.h"
#include "ebpf/program.h"

#include <linux/filter.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
        MAX_RUNS = 101,
        MAX_PACKETS = 2000,
        MAX_LENGTH = 1500,
        MIN_LENGTH = 60,
        ROUNDS = 40,
        REPEAT = 20000, /* of one packet, by the kernel's own measurement */
        TRIED = 25,     /* packets for that */
};

static const char *const expressions[] = {
    "icmp",
    "tcp port 443",
    "udp port 53",
    "host 10.0.0.1",
    "src net 10.0.0.0/8",
    "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
    "ip6",
    "ether host 00:11:22:33:44:55",
    "port 80 or port 443 or port 8080",
    "portrange 1-1023",
    "not arp and not port 22",
    "host 10.0.0.1 and tcp port 80",
    "(host 10.0.0.1 or host 10.0.0.2) and (port 80 or port 443)",
    "ip[6:2] & 0x1fff != 0",
    "icmp6 or icmp",
    "vlan and tcp port 80",
    "ip6 and tcp dst port 443",
    "len > 1000 and udp",
    "ip proto 47 or ip proto 50",
    "net 192.168.0.0/16 and not net 192.168.1.0/24 and tcp",
};

enum way {
        BY_NOTHING,
        BY_CLASSIC,
        BY_SOCKET,
        BY_PEEKING,
        AT_TC,
        AT_XDP,
        WAYS,
};

static struct packets {
        uint8_t bytes[MAX_PACKETS][MAX_LENGTH];
        uint32_t lengths[MAX_PACKETS];
        size_t count;
} packets;

static void fail(const char *what)
{
        fprintf(stderr, "kernel: %s\n", what);
        exit(1);
}

static void read_packets(const char *path)
{
        char message[PCAP_ERRBUF_SIZE];
        pcap_t *pcap = pcap_open_offline(path, message);
        struct pcap_pkthdr *header;
        const u_char *data;

        if (!pcap)
                fail(message);
        while (packets.count < MAX_PACKETS && pcap_next_ex(pcap, &header, &data) == 1) {
                if (header->caplen > MAX_LENGTH || header->caplen < MIN_LENGTH)
                        continue;
                memcpy(packets.bytes[packets.count], data, header->caplen);
                packets.lengths[packets.count++] = header->caplen;
        }
        pcap_close(pcap);
        if (packets.count == 0)
                fail("no packets");
}

static double cpu_ns(void)
{
        struct timespec time;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
        return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* What a packet costs to send to a socket and, where it passes, to receive. */
static double send_all(const int pair[2])
{
        static uint8_t room[MAX_LENGTH];
        double start = cpu_ns();

        for (int round = 0; round < ROUNDS; round++)
                for (size_t i = 0; i < packets.count; i++) {
                        send(pair[0], packets.bytes[i], packets.lengths[i], MSG_DONTWAIT);
                        if (i % 8 == 7)
                                while (recv(pair[1], room, sizeof room, MSG_DONTWAIT) > 0)
                                        ;
                }
        while (recv(pair[1], room, sizeof room, MSG_DONTWAIT) > 0)
                ;
        return (cpu_ns() - start) / ROUNDS / (double)packets.count;
}

static int load(const char *expression, enum cbpf_context context, enum ebpf_kind kind,
                const struct cbpf_extended_peek *peek, uint32_t *length)
{
        struct cbpf_target target = {DLT_EN10MB, 1, CBPF_FILE, CBPF_NETMASK_UNKNOWN,
                                     .saved = false};
        struct cbpf_extended_target extended = {
            .context = context, .peek = peek, .far_jumps = true};
        struct cbpf_extended_program program;
        struct error error;
        int fd;

        if (cbpf_compile_extended(expression, &target, &extended, &program, &error) < 0)
                fail(error.message);
        fd = ebpf_program_load(kind, program.instructions, program.count, NULL, 0);
        if (fd < 0)
                fail("a program is refused");
        *length = program.count;
        cbpf_extended_free(&program);
        return fd;
}

/* The answers are 0 or 1 byte, so that both ways copy as little. */
static void attach_classic(int socket, const char *expression, uint32_t *length)
{
        struct cbpf_target target = {DLT_EN10MB, 1, CBPF_FILE, CBPF_NETMASK_UNKNOWN,
                                     .saved = false};
        struct bpf_program program;
        struct sock_fprog filter;
        struct error error;

        if (cbpf_compile(expression, &target, 0, &program, &error) < 0)
                fail(error.message);
        filter = (struct sock_fprog){(unsigned short)program.bf_len,
                                     (struct sock_filter *)program.bf_insns};
        if (setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) < 0)
                fail("SO_ATTACH_FILTER");
        *length = program.bf_len;
        cbpf_program_free(&program);
}

static double by_kernel(int program)
{
        double sum = 0;

        for (size_t i = 0; i < TRIED; i++) {
                size_t at = i * packets.count / TRIED;
                uint32_t returned, nanoseconds;

                if (ebpf_program_run(program, packets.bytes[at], packets.lengths[at], REPEAT,
                                     &returned, &nanoseconds) < 0)
                        fail("BPF_PROG_TEST_RUN");
                sum += nanoseconds;
        }
        return sum / TRIED;
}

static int by_value(const void *one, const void *other)
{
        double a = *(const double *)one, b = *(const double *)other;

        return (a > b) - (a < b);
}

static double median(double *values, size_t count)
{
        qsort(values, count, sizeof *values, by_value);
        return values[count / 2];
}

static void measure(const char *expression, const struct cbpf_extended_peek *peek, size_t runs)
{
        static double times[WAYS][MAX_RUNS];
        static const struct sock_filter reject[] = {BPF_STMT(BPF_RET | BPF_K, 1)};
        struct sock_fprog nothing = {1, (struct sock_filter *)reject};
        uint32_t lengths[WAYS] = {0};
        int pairs[WAYS][2], programs[WAYS] = {0};
        double medians[WAYS];

        for (int way = BY_NOTHING; way <= BY_PEEKING; way++)
                if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pairs[way]) < 0)
                        fail("socketpair");
        programs[BY_SOCKET] =
            load(expression, CBPF_CONTEXT_SOCKET, EBPF_SOCKET_FILTER, NULL, &lengths[BY_SOCKET]);
        programs[BY_PEEKING] =
            load(expression, CBPF_CONTEXT_SOCKET, EBPF_SOCKET_FILTER, peek, &lengths[BY_PEEKING]);
        programs[AT_TC] = load(expression, CBPF_CONTEXT_TC, EBPF_TC, NULL, &lengths[AT_TC]);
        programs[AT_XDP] = load(expression, CBPF_CONTEXT_XDP, EBPF_XDP, NULL, &lengths[AT_XDP]);
        attach_classic(pairs[BY_CLASSIC][1], expression, &lengths[BY_CLASSIC]);
        if (setsockopt(pairs[BY_NOTHING][1], SOL_SOCKET, SO_ATTACH_FILTER, &nothing,
                       sizeof nothing) < 0)
                fail("SO_ATTACH_FILTER");
        for (int way = BY_SOCKET; way <= BY_PEEKING; way++)
                if (setsockopt(pairs[way][1], SOL_SOCKET, SO_ATTACH_BPF, &programs[way],
                               sizeof programs[way]) < 0)
                        fail("SO_ATTACH_BPF");
        for (size_t run = 0; run < runs; run++) {
                for (int way = BY_CLASSIC; way <= BY_PEEKING; way++)
                        times[way][run] = send_all(pairs[way]);
                for (int way = AT_TC; way <= AT_XDP; way++)
                        times[way][run] = by_kernel(programs[way]);
        }
        for (int way = BY_CLASSIC; way < WAYS; way++)
                medians[way] = median(times[way], runs);
        printf("%-58s %3u: %6.1f", expression, lengths[BY_CLASSIC], medians[BY_CLASSIC]);
        for (int way = BY_SOCKET; way <= BY_PEEKING; way++)
                printf("  %3u: %6.1f (%.3f)", lengths[way], medians[way],
                       medians[way] / medians[BY_CLASSIC]);
        printf("  %3u: %5.1f  %3u: %5.1f\n", lengths[AT_TC], medians[AT_TC], lengths[AT_XDP],
               medians[AT_XDP]);
        for (int way = BY_NOTHING; way <= BY_PEEKING; way++) {
                close(pairs[way][0]);
                close(pairs[way][1]);
        }
        for (int way = BY_SOCKET; way < WAYS; way++)
                close(programs[way]);
}

int main(int argc, char **argv)
{
        size_t runs = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
        struct ebpf_kernel kernel;
        struct cbpf_extended_peek peek;

        if (runs < 1 || runs > MAX_RUNS || argc < 3)
                fail("usage: kernel RUNS FILE, 1 to 101 runs");
        if (ebpf_kernel_find(&kernel) < 0 || !kernel.cast_context)
                fail("the kernel has no BTF");
        peek = (struct cbpf_extended_peek){kernel.cast_context, kernel.data, kernel.length,
                                           kernel.data_length};
        read_packets(argv[2]);
        puts("instructions and nanoseconds: classic; socket, by copies; socket, where the packet "
             "lies; tc; XDP");
        for (size_t i = 0; i < sizeof expressions / sizeof *expressions; i++)
                measure(expressions[i], &peek, runs);
        return 0;
}

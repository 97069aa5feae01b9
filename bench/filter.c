/* filter [RUNS]: what it costs to filter one packet: by libpcap's bpf_filter(), by the
 * interpreter, and as machine code, one packet a call and in batches.
 *
 * All run the program that filt compiles. Packets are generated here: TCP, UDP and ICMP at random,
 * between random addresses of 10.0.0.0/8. The ways are measured in alternation; the results are
 * medians. */
#include "cbpf/cbpf.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
        DEFAULT_RUNS = 9,
        MAX_RUNS = 1000,
        BATCH = 256,
        HEADERS = 54,
        LIST_HOSTS = 1000,
};

/* Packets that stay in the cache, and packets that come from memory. */
static const struct traffic {
        const char *name;
        size_t packets, bytes; /* the latter of each, and of a record header of 16 bytes */
        size_t rounds;
} traffics[] = {
    {"cached", 4096, 128, 50},
    {"from memory", 500000, 496, 1},
};

struct load {
        uint8_t *bytes;
        struct packet *packets;
        uint32_t *verdicts;
        size_t count, rounds;
};

static void fail(const char *what)
{
        fprintf(stderr, "filter: %s\n", what);
        exit(1);
}

static uint32_t next_random(uint32_t *state)
{
        *state ^= *state << 13;
        *state ^= *state >> 17;
        *state ^= *state << 5;
        return *state;
}

static void make_packet(uint8_t *packet, uint32_t *random)
{
        static const uint8_t protocols[] = {6, 6, 17, 1}, ports[] = {80, 22, 53, 81};
        uint32_t dice = next_random(random),
                 addresses[] = {next_random(random), next_random(random)};

        memset(packet, 0, HEADERS);
        packet[12] = 8;
        packet[14] = 0x45;
        packet[23] = protocols[dice & 3];
        memcpy(packet + 26, addresses, sizeof addresses);
        packet[26] = packet[30] = 10;
        packet[35] = ports[dice >> 2 & 3];
        packet[37] = ports[dice >> 4 & 3];
}

static struct load make_load(const struct traffic *traffic)
{
        struct load load = {
            .bytes = malloc(traffic->packets * traffic->bytes),
            .packets = malloc(traffic->packets * sizeof *load.packets),
            .verdicts = malloc(traffic->packets * sizeof *load.verdicts),
            .count = traffic->packets,
            .rounds = traffic->rounds,
        };
        uint32_t random = 1;

        if (!load.bytes || !load.packets || !load.verdicts)
                fail("out of memory");
        for (size_t i = 0; i < load.count; i++) {
                uint8_t *packet = load.bytes + i * traffic->bytes + 16;
                uint32_t captured = (uint32_t)traffic->bytes - 16;

                make_packet(packet, &random);
                load.packets[i] = (struct packet){packet, captured, captured};
                load.verdicts[i] = 0;
        }
        return load;
}

static void free_load(struct load *load)
{
        free(load->bytes);
        free(load->packets);
        free(load->verdicts);
}

/* The ways to filter. */

struct filter {
        struct bpf_program program;
        struct cbpf_jit *jit;
};

static void by_libpcap(const struct filter *filter, struct load *load)
{
        for (size_t i = 0; i < load->count; i++)
                load->verdicts[i] = bpf_filter(filter->program.bf_insns, load->packets[i].data,
                                               load->packets[i].length, load->packets[i].captured);
}

static void by_interpreter(const struct filter *filter, struct load *load)
{
        for (size_t i = 0; i < load->count; i++)
                load->verdicts[i] = cbpf_run(&filter->program, &load->packets[i]);
}

static void by_code(const struct filter *filter, struct load *load)
{
        for (size_t i = 0; i < load->count; i++)
                load->verdicts[i] = cbpf_jit_run(filter->jit, &load->packets[i], NULL);
}

static void by_code_in_batches(const struct filter *filter, struct load *load)
{
        for (size_t i = 0; i < load->count; i += BATCH)
                cbpf_jit_run_batch(filter->jit, load->packets + i,
                                   load->count - i < BATCH ? load->count - i : BATCH,
                                   load->verdicts + i);
}

static const struct way {
        const char *name;
        void (*run)(const struct filter *, struct load *);
} ways[] = {
    {"libpcap", by_libpcap},
    {"vm", by_interpreter},
    {"jit", by_code},
    {"batches", by_code_in_batches},
};

enum { WAYS = sizeof ways / sizeof *ways };

static double now(void)
{
        struct timespec time;

        clock_gettime(CLOCK_MONOTONIC, &time);
        return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int compare_times(const void *a, const void *b)
{
        double left = *(const double *)a, right = *(const double *)b;

        return (left > right) - (left < right);
}

static void measure(const struct filter *filter, struct load *load, size_t runs)
{
        static double times[WAYS][MAX_RUNS];
        double median[WAYS];

        for (size_t run = 0; run < runs; run++) {
                for (size_t way = 0; way < WAYS; way++) {
                        double before = now();

                        for (size_t round = 0; round < load->rounds; round++)
                                ways[way].run(filter, load);
                        times[way][run] = (now() - before) / (double)(load->count * load->rounds);
                }
        }
        for (size_t way = 0; way < WAYS; way++) {
                qsort(times[way], runs, sizeof times[way][0], compare_times);
                median[way] = times[way][runs / 2];
                printf(" %8.2f", median[way]);
        }
        printf(" %8.1f\n", median[0] / median[WAYS - 1]);
}

static struct filter make_filter(const char *expression)
{
        struct cbpf_target target = {.link_type = DLT_EN10MB,
                                     .snapshot_length = 262144,
                                     .place = CBPF_FILE,
                                     .netmask = CBPF_NETMASK_UNKNOWN};
        struct filter filter;
        struct error error;

        if (cbpf_compile(expression, &target, 0, &filter.program, &error) != 0)
                fail(error.message);
        filter.jit = cbpf_jit_new(&filter.program);
        if (!filter.jit)
                fail("no machine code on this machine");
        return filter;
}

static void row(const char *name, const char *expression, struct load *load, size_t runs)
{
        struct filter filter = make_filter(expression);

        printf("%-22.22s %5u", name, filter.program.bf_len);
        measure(&filter, load, runs);
        cbpf_jit_free(filter.jit);
        cbpf_program_free(&filter.program);
}

static void table(const struct traffic *traffic, size_t runs)
{
        static const char *const expressions[] = {
            "icmp", "tcp port 80", "host 10.1.2.3",
            "tcp and port 443 and (host 10.1.2.3 or net 10.2.0.0/16)"};
        struct load load = make_load(traffic);
        char list[LIST_HOSTS * 24], *end = list;

        printf("filter: %zu packets of %zu bytes, %s; ns a packet\n%-22s %5s", traffic->packets,
               traffic->bytes, traffic->name, "expression", "insns");
        for (size_t way = 0; way < WAYS; way++)
                printf(" %8s", ways[way].name);
        printf(" %8s\n", "times");
        for (size_t i = 0; i < sizeof expressions / sizeof *expressions; i++)
                row(expressions[i], expressions[i], &load, runs);
        for (uint32_t i = 0, random = 7; i < LIST_HOSTS; i++) {
                uint32_t host = next_random(&random);

                end += sprintf(end, "%shost 10.%u.%u.%u", i ? " or " : "", host & 255,
                               host >> 8 & 255, host >> 16 & 255);
        }
        row("1,000 hosts", list, &load, runs);
        free_load(&load);
}

int main(int argc, char **argv)
{
        char *end = "";
        unsigned long runs = argc == 2 ? strtoul(argv[1], &end, 10) : DEFAULT_RUNS;

        if (argc > 2 || *end != '\0' || runs < 1 || runs > MAX_RUNS) {
                fprintf(stderr, "usage: filter [RUNS]\n");
                return 2;
        }
        for (size_t i = 0; i < sizeof traffics / sizeof *traffics; i++)
                table(&traffics[i], runs);
        return 0;
}

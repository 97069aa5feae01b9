/* Runs filters for raw tracepoints on packets of which the kernel knows this and that: where the
 * headers begin, what is not in a row, metadata. Prints a line a fault. As root.
 *
 * at_tracepoint [COMMAND]: with a command, the programs are what that makes of their C. It is run
 * by the shell, with the name of the file in C and that of the object file behind it. */
#include "cbpf/extended.h"
#include "ebpf/program.h"
#include "tests/lib/fake_skb.h"
#include "tests/lib/object_loading.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
        LINK = 14,
        LENGTH = 60,
        IMPOSSIBLE = -1,
        FAILED = -2,
        ARGUMENT = 2, /* of the tracepoint: the packet, and the socket that it is for */
        RECEIVER = 3,
};

/* From 02:00:00:00:00:01, UDP from 10.0.0.1 port 7 to 10.0.0.2 port 9, with 18 bytes of 1. */
static const uint8_t frame[LENGTH] = {
    2, 0, 0,  0,  0, 2, 2,  0, 0, 0, 0,  1, 8, 0, 0x45, 0, 0, 46, 0, 0,
    0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0,    7, 0, 9,  0, 26,
    0, 0, 1,  1,  1, 1, 1,  1, 1, 1, 1,  1, 1, 1, 1,    1, 1, 1,  1, 1,
};

static const struct trial {
        const char *expression;
        enum cbpf_start start;
        int accepts; /* 0, 1, or IMPOSSIBLE */
        bool without_link;
        size_t pulled, elsewhere;
        bool of_network; /* compiled for packets from the network header on */
        const char *set; /* a field that is set, or NULL */
        uint32_t value;
} trials[] = {
    {"udp port 9", CBPF_START_LINK, 1, false, 0, 0, false, NULL, 0},
    {"udp port 9", CBPF_START_LINK, 1, false, LINK, 0, false, NULL, 0},
    {"udp port 9", CBPF_START_LINK, 0, true, LINK, 0, false, NULL, 0},
    {"udp port 9", CBPF_START_NETWORK, 1, true, LINK + 28, 0, true, NULL, 0},
    {"udp port 8", CBPF_START_NETWORK, 0, true, LINK + 28, 0, true, NULL, 0},
    {"udp port 9", CBPF_START_NETWORK, 0, true, 0, 0, true, "network_header", 0},
    {"udp port 9", CBPF_START_DATA, 1, false, LINK, 0, true, NULL, 0},
    {"udp port 9", CBPF_START_DATA, 0, false, LINK + 20, 0, true, NULL, 0},
    {"udp port 9", CBPF_START_FOUND, 1, false, 0, 0, true, NULL, 0},
    {"udp port 8", CBPF_START_FOUND, 0, false, 0, 0, true, NULL, 0},
    {"udp port 9", CBPF_START_FOUND, 1, true, LINK + 28, 0, true, NULL, 0},
    {"udp port 9", CBPF_START_FOUND, 1, true, LINK, 0, true, "network_header", 0},
    {"udp port 9", CBPF_START_FOUND, 1, false, LINK + 20, 0, true, "network_header", 0},
    {"udp port 9", CBPF_START_FOUND, 1, true, 0, 0, true, "network_header", 0},
    {"udp port 9", CBPF_START_FOUND, 0, true, LINK + 28, 0, true, "network_header", 0},
    {"udp port 9", CBPF_START_FOUND, 1, true, LINK, 0, true, "network_header", UINT16_MAX},
    {"udp", CBPF_START_FOUND, 0, false, LINK, 0, true, "protocol", 0},
    {"udp", CBPF_START_FOUND, 1, false, LINK, 0, true, "family", 2},
    {"udp and ip", CBPF_START_FOUND, 1, false, LINK, 0, true, "receiver", 2},
    {"link[0:2] = 0x800", CBPF_START_FOUND, 1, false, LINK, 0, true, "family", 2},
    {"", CBPF_START_FOUND, 1, false, LINK, 0, true, "family", 1},
    {"len >= 0", CBPF_START_FOUND, 1, false, LINK, 0, true, "family", 1},
    {"udp", CBPF_START_FOUND, 0, false, LINK, 0, true, "family", 1},
    {"udp", CBPF_START_FOUND, 0, false, LINK, 0, true, "family", 10},
    {"link[0:2] = 0x806", CBPF_START_FOUND, 1, false, LINK, 0, true, "protocol", 0x0608},
    /* What is elsewhere is not read, but counts. */
    {"udp[20] = 1", CBPF_START_LINK, 1, false, 0, 5, false, NULL, 0},
    {"udp[21] = 1", CBPF_START_LINK, 0, false, 0, 5, false, NULL, 0},
    {"udp[ip[36]+20] = 1", CBPF_START_LINK, 0, false, 0, 5, false, NULL, 0},
    {"len = 60", CBPF_START_LINK, 1, false, LINK, 5, false, NULL, 0},
    {"len = 46", CBPF_START_NETWORK, 1, false, LINK + 28, 0, true, NULL, 0},
    {"len = 66", CBPF_START_FOUND, 1, true, LINK, 0, true, NULL, 0},
    {"len = 70", CBPF_START_FOUND, 1, true, LINK, 0, true, "vlan", 7},
    {"udp[21] = 1", CBPF_START_FOUND, 0, false, 0, 5, true, NULL, 0},
    /* Metadata. */
    {"vlan 7 and udp port 9", CBPF_START_LINK, 1, false, LINK, 0, false, "vlan", 7},
    {"vlan 7 and udp port 9", CBPF_START_FOUND, 1, true, LINK, 0, true, "vlan", 7},
    {"vlan 8 and udp port 9", CBPF_START_FOUND, 0, true, LINK, 0, true, "vlan", 7},
    {"udp port 9", CBPF_START_FOUND, 0, true, LINK, 0, true, "vlan", 7},
    {"deep udp port 9", CBPF_START_FOUND, 1, true, LINK, 0, true, "vlan", 7},
    {"deep udp port 9", CBPF_START_FOUND, 1, true, LINK, 0, true, NULL, 0},
    {"deep udp port 8", CBPF_START_FOUND, 0, true, LINK, 0, true, "vlan", 7},
    {"link[22:2] = 0x800 and link[24] = 0x45", CBPF_START_FOUND, 1, true, LINK, 0, true, "vlan", 7},
    {"vlan 8", CBPF_START_LINK, 0, false, LINK, 0, false, "vlan", 7},
    {"vlan", CBPF_START_LINK, 0, false, LINK, 0, false, NULL, 0},
    {"ifindex 3 and udp", CBPF_START_LINK, 1, false, LINK, 0, false, "ifindex", 3},
    {"ifindex 4 and udp", CBPF_START_LINK, 0, false, LINK, 0, false, "ifindex", 3},
    {"not ifindex 4 and udp", CBPF_START_LINK, 1, false, LINK, 0, false, NULL, 0},
    {"inbound", CBPF_START_LINK, IMPOSSIBLE, false, LINK, 0, false, NULL, 0},
    {"inbound", CBPF_START_FOUND, IMPOSSIBLE, false, LINK, 0, true, NULL, 0},
    {"ifindex 3", CBPF_START_FOUND, IMPOSSIBLE, false, LINK, 0, true, NULL, 0},
    {"link[12] = 2", CBPF_START_FOUND, IMPOSSIBLE, false, LINK, 0, true, NULL, 0},
};

static void prepare(struct fake_skb *skb, const struct trial *trial)
{
        const struct fake_packet packet = {
            .bytes = frame,
            .length = LENGTH,
            .link_length = LINK,
            .has_link = !trial->without_link,
            .pulled = trial->pulled,
            .elsewhere = trial->elsewhere,
        };

        fake_skb_put(skb, &packet);
        if (!trial->set)
                return;
        if (strcmp(trial->set, "protocol") == 0)
                fake_skb_set(skb, &skb->layout.protocol, trial->value);
        if (strcmp(trial->set, "family") == 0 || strcmp(trial->set, "receiver") == 0) {
                fake_skb_set(skb, &skb->layout.protocol, 0);
                fake_skb_set_family(skb, trial->value, strcmp(trial->set, "family") == 0);
        }
        if (strcmp(trial->set, "network_header") == 0)
                fake_skb_set(skb, &skb->layout.network_header, trial->value);
        if (strcmp(trial->set, "ifindex") == 0)
                fake_skb_set_device(skb, &skb->layout.device_index, trial->value);
        if (strcmp(trial->set, "vlan") == 0) {
                fake_skb_set(skb, &skb->layout.vlan_present, UINT32_MAX);
                fake_skb_set(skb, &skb->layout.vlan_protocol, 0x0081);
                fake_skb_set(skb, &skb->layout.vlan_tag, trial->value);
        }
}

static int load(const char *expression, const struct cbpf_target *target,
                const struct cbpf_extended_target *place)
{
        struct cbpf_extended_program program;
        struct error error;
        int loaded;

        if (cbpf_compile_extended(expression, target, place, &program, &error) < 0)
                return IMPOSSIBLE;
        loaded =
            ebpf_program_load(EBPF_RAW_TRACEPOINT, program.instructions, program.count, NULL, 0);
        cbpf_extended_free(&program);
        return loaded < 0 ? FAILED : loaded;
}

static int load_c(const char *command, const char *expression, const struct cbpf_target *target,
                  const struct cbpf_extended_target *place)
{
        char source[] = "/tmp/at_tracepoint.XXXXXX.c", object[sizeof source], *text;
        char line[1024];
        struct error error;
        int loaded = FAILED, file;

        if (cbpf_compile_extended_c(expression, target, place, &text, &error) < 0)
                return IMPOSSIBLE;
        file = mkstemps(source, 2);
        memcpy(object, source, sizeof source);
        object[sizeof object - 2] = 'o';
        snprintf(line, sizeof line, "%s %s %s", command, source, object);
        if (file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text) &&
            system(line) == 0)
                loaded = object_load(object, NULL);
        free(text);
        close(file);
        unlink(source);
        unlink(object);
        return loaded < 0 ? FAILED : loaded;
}

/* What the kernel's run says: 0, 1, or IMPOSSIBLE; FAILED for an error. */
static int run(struct fake_skb *skb, const struct trial *trial, const char *command)
{
        const bool found = trial->start == CBPF_START_FOUND;
        const struct cbpf_target target = {.link_type = found               ? DLT_LINUX_SLL2
                                                        : trial->of_network ? DLT_RAW
                                                                            : DLT_EN10MB,
                                           .snapshot_length = 96,
                                           .place = found ? CBPF_LIVE_NETWORK : CBPF_LIVE,
                                           .netmask = CBPF_NETMASK_UNKNOWN};
        const struct cbpf_extended_tracepoint tracepoint = {.name = "netif_receive_skb",
                                                            .argument = ARGUMENT,
                                                            .start = trial->start,
                                                            .has_device = !found,
                                                            .receiver = RECEIVER,
                                                            .layout = skb->layout};
        const struct cbpf_extended_target place = {.context = CBPF_CONTEXT_TRACEPOINT,
                                                   .tracepoint = &tracepoint};
        uint32_t returned = 0;
        int loaded, result;

        loaded = command ? load_c(command, trial->expression, &target, &place)
                         : load(trial->expression, &target, &place);
        if (loaded < 0)
                return loaded;
        prepare(skb, trial);
        result = fake_skb_run(skb, loaded, ARGUMENT, &returned);
        close(loaded);
        return result < 0 ? FAILED : returned != 0;
}

int main(int argc, char **argv)
{
        struct ebpf_kernel kernel;
        struct fake_skb skb;
        int faults = 0;

        if (ebpf_kernel_find(&kernel) < 0 || !fake_skb_make(&skb, &kernel.skb)) {
                fprintf(stderr, "at_tracepoint: no BTF, or no root\n");
                return 2;
        }
        for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
                int said = run(&skb, &trials[i], argc > 1 ? argv[1] : NULL);

                if (said == trials[i].accepts)
                        continue;
                printf("%s (number %zu): %d, not %d\n", trials[i].expression, i, said,
                       trials[i].accepts);
                faults++;
        }
        fake_skb_free(&skb);
        return faults > 0;
}

/* Has the kernel run a loaded program on the packets of captures, and compares its verdicts with
 * those of libpcap's unoptimized program. As root.
 *
 * kernel_verdicts PLACE PINNED EXPRESSION CAPTURE...: PLACE is that of --at, and PINNED the program
 * in a BPF file system or, for nf, which bpftool may not know yet, an object file. Prints the
 * packets that the two disagree on, then how many were accepted and rejected; exits with 1 for a
 * difference, 2 if it cannot run. */
#include "cbpf/cbpf.h"
#include "ebpf/program.h"
#include "tests/lib/object_loading.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
        ETHERNET = 14,
        LONGEST = 3000,
        OBJ_GET = 7, /* BPF_OBJ_GET */
};

static const struct place {
        const char *name;
        uint32_t accept;   /* UINT32_MAX - 1: anything but 0 */
        uint32_t before;   /* bytes in front of the packet that the program is not shown */
        uint32_t stripped; /* link header that it is not shown either */
        int link_type;
} places[] = {
    {"socket", UINT32_MAX - 1, ETHERNET, 0, DLT_EN10MB},
    {"tc", UINT32_MAX, 0, 0, DLT_EN10MB},
    {"xdp", 2, 0, 0, DLT_EN10MB},
    {"cgroup", 1, ETHERNET, ETHERNET, DLT_RAW},
    {"nf", 1, 0, ETHERNET, DLT_RAW},
};

struct trial {
        const struct place *place;
        int program;
        struct bpf_program reference;
        size_t accepted, rejected, different;
};

static int open_pinned(const char *path)
{
        struct {
                uint64_t path;
                uint32_t descriptor, flags;
        } attributes = {.path = (uintptr_t)path};

        return (int)syscall(SYS_bpf, OBJ_GET, &attributes, sizeof attributes);
}

static bool is_internet(const uint8_t *frame)
{
        return (frame[12] == 0x08 && frame[13] == 0) || (frame[12] == 0x86 && frame[13] == 0xdd);
}

static void compare(struct trial *trial, const struct pcap_pkthdr *header, const uint8_t *bytes)
{
        const struct place *place = trial->place;
        static uint8_t frame[LONGEST];
        uint32_t returned, length = header->len - place->stripped;
        struct packet packet = {
            .data = bytes + place->stripped, .captured = length, .length = length};
        bool accepted;

        if (header->caplen != header->len || header->len <= ETHERNET + 20 ||
            place->before + length > LONGEST || (place->stripped && !is_internet(bytes)))
                return;
        memcpy(frame + place->before, packet.data, length);
        if (ebpf_program_run(trial->program, frame, place->before + length, 1, &returned, NULL) < 0)
                return;
        accepted = place->accept == UINT32_MAX - 1 ? returned != 0 : returned == place->accept;
        if (accepted)
                trial->accepted++;
        else
                trial->rejected++;
        if (accepted != (cbpf_run(&trial->reference, &packet) != 0)) {
                trial->different++;
                printf("%s by the kernel, which returns %u, alone: packet %zu\n",
                       accepted ? "accepted" : "rejected", returned,
                       trial->accepted + trial->rejected);
        }
}

static bool read_capture(struct trial *trial, const char *path)
{
        char error[PCAP_ERRBUF_SIZE];
        pcap_t *capture = pcap_open_offline(path, error);
        struct pcap_pkthdr *header;
        const uint8_t *bytes;

        if (!capture)
                return false;
        while (pcap_datalink(capture) == DLT_EN10MB && pcap_next_ex(capture, &header, &bytes) == 1)
                compare(trial, header, bytes);
        pcap_close(capture);
        return true;
}

int main(int argc, char **argv)
{
        struct trial trial = {0};
        struct cbpf_target target = {
            .snapshot_length = 262144, .place = CBPF_FILE, .netmask = CBPF_NETMASK_UNKNOWN};
        struct error error;

        for (size_t i = 0; argc > 4 && i < sizeof places / sizeof *places; i++)
                if (strcmp(argv[1], places[i].name) == 0)
                        trial.place = &places[i];
        if (!trial.place)
                return 2;
        target.link_type = trial.place->link_type;
        trial.program = strcmp(trial.place->name, "nf") == 0
                            ? object_load(argv[2], &(enum ebpf_kind){EBPF_NETFILTER})
                            : open_pinned(argv[2]);
        if (trial.program < 0 ||
            cbpf_compile(argv[3], &target, CBPF_UNOPTIMIZED, &trial.reference, &error) < 0)
                return 2;
        for (int i = 4; i < argc; i++)
                if (!read_capture(&trial, argv[i]))
                        return 2;
        printf("%zu accepted, %zu rejected\n", trial.accepted, trial.rejected);
        cbpf_program_free(&trial.reference);
        return trial.different > 0;
}

/* Packets that are said to tell two filters apart, seen by the kernel: `counterexamples IN OUT
 * [PAIRS [SEED]]`, in a network namespace where nothing else is sent. IN and OUT are the interfaces
 * of a veth pair: frames are sent by OUT, and two sockets at IN have the filters. IN has the index
 * 2 and the address 00:00:5e:00:53:02, as the proof's ordinary packets have it.
 *
 * Pairs are libpcap's optimized programs and unoptimized ones of tests/optimizer-faults.txt, random
 * expressions and what becomes of them by changing an instruction, and the same of programs for
 * live capture, which also ask what the kernel knows. Each packet is run by the interpreter and by
 * libpcap's; as a datagram, of any link type; and over the veth pair if it is a frame. Prints a
 * line for each disagreement, then figures; the status is 1 if there was one. */
#include "cbpf/program/program.h"
#include "cbpf/proof/proof.h"
#include "tests/lib/attached.h"
#include "tests/lib/corpus.h"
#include "tests/lib/grammar.h"
#include "tests/lib/mutant.h"
#include "tests/lib/random.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
        SNAPSHOT = 65535,
        EXPRESSION_ROOM = 4000,
        MAC_ADDRESSES = 12,
        TAG = 4,
        LIMIT = 10000,    /* milliseconds for a question */
        PATIENCE = 30000, /* and until a frame has to be there */
        RECEIVE_BUFFER = 4 << 20,
        MAX_DATAGRAM = 60000,
};

/* Sockets at IN, in the order in which they were made. The kernel shows a frame to them in one
 * order or the other, so what both witnesses have seen, both filters have. */
enum { FIRST_WITNESS, FILTER_A, FILTER_B, LAST_WITNESS, SOCKETS };

struct tool {
        uint64_t random;
        int in, out; /* interfaces */
        int sockets[SOCKETS];
        int sender[2]; /* by OUT, and by IN itself: frames that go out there */
        struct proof_packet packet;
        uint64_t pairs, same, undecided, packets, datagrams, frames, unsendable, wrong;
};

static void die(const char *what)
{
        perror(what);
        exit(2);
}

/* Sockets */

static int open_socket(int interface, int protocol)
{
        struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                      .sll_protocol = htons((uint16_t)protocol),
                                      .sll_ifindex = interface};
        int buffer = RECEIVE_BUFFER, made = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);

        if (made < 0 || setsockopt(made, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer) < 0 ||
            setsockopt(made, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof buffer) < 0 ||
            (protocol && bind(made, (struct sockaddr *)&address, sizeof address) < 0))
                die("a socket");
        return made;
}

/* Whether there was something. */
static bool receive(int socket)
{
        uint8_t byte;

        return recv(socket, &byte, 1, MSG_TRUNC) >= 0;
}

/* Sends a frame. Returns false if the kernel does not send it. */
static bool send_frame(const struct tool *tool, bool from_inside, const uint8_t *frame, size_t size)
{
        struct sockaddr_ll to = {.sll_family = AF_PACKET,
                                 .sll_ifindex = from_inside ? tool->in : tool->out};
        uint16_t type;

        memcpy(&type, frame + MAC_ADDRESSES, sizeof type);
        to.sll_protocol = type;
        return sendto(tool->sender[from_inside], frame, size, 0, (struct sockaddr *)&to,
                      sizeof to) == (ssize_t)size;
}

static void wait_for(int socket)
{
        struct pollfd waiting = {socket, POLLIN, 0};

        if (poll(&waiting, 1, PATIENCE) != 1 || !receive(socket)) {
                fputs("counterexamples: a frame was sent and did not arrive\n", stderr);
                exit(2);
        }
}

/* What the sockets with the filters do with a frame. Returns false if it cannot be sent. */
static bool ask_sockets(const struct tool *tool, bool from_inside, const uint8_t *frame,
                        size_t size, bool accepted[2])
{
        for (int i = 0; i < SOCKETS; i++)
                while (receive(tool->sockets[i]))
                        continue;
        if (!send_frame(tool, from_inside, frame, size))
                return false;
        wait_for(tool->sockets[FIRST_WITNESS]);
        wait_for(tool->sockets[LAST_WITNESS]);
        accepted[0] = receive(tool->sockets[FILTER_A]);
        accepted[1] = receive(tool->sockets[FILTER_B]);
        return true;
}

/* Frames */

static bool is_tag(uint16_t type)
{
        return type == ETH_P_8021Q || type == ETH_P_8021AD;
}

static unsigned type_of_destination(const struct tool *tool, const uint8_t *frame)
{
        static const uint8_t own[] = {0x00, 0x00, 0x5e, 0x00, 0x53, 0x02},
                             broadcast[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

        (void)tool;
        if (memcmp(frame, own, sizeof own) == 0)
                return PACKET_HOST;
        if (memcmp(frame, broadcast, sizeof broadcast) == 0)
                return PACKET_BROADCAST;
        return frame[0] & 1 ? PACKET_MULTICAST : PACKET_OTHERHOST;
}

/* The frame that the kernel shows as the packet: it takes out the outermost tag, which is then
 * known apart. Returns its size; 0 if there is none. */
static size_t make_frame(const struct tool *tool, bool live, uint8_t *frame, bool *from_inside)
{
        const struct proof_packet *packet = &tool->packet;
        const struct cbpf_ancillary *known = &packet->ancillary;
        size_t size = packet->captured;
        uint16_t type, tag[2];

        *from_inside = live && known->packet_type == PACKET_OUTGOING;
        if (size < ETH_HLEN)
                return 0;
        memcpy(&type, packet->data + MAC_ADDRESSES, sizeof type);
        type = ntohs(type);
        memcpy(frame, packet->data, size);
        if (!live || !known->vlan_present)
                return is_tag(type) && !*from_inside ? 0 : size;
        if (!is_tag(known->vlan_protocol) || size < ETH_HLEN + 1)
                return 0;
        tag[0] = htons(known->vlan_protocol);
        tag[1] = htons(known->vlan_tag);
        memcpy(frame + MAC_ADDRESSES, tag, TAG);
        memcpy(frame + MAC_ADDRESSES + TAG, packet->data + MAC_ADDRESSES, size - MAC_ADDRESSES);
        return *from_inside ? 0 : size + TAG;
}

/* Whether what the kernel knows of the frame can be what the packet has, as far as it is asked. */
static bool is_as_known(const struct tool *tool, const struct bpf_program *programs)
{
        const struct cbpf_ancillary *known = &tool->packet.ancillary;
        bool good = true;
        uint16_t type;

        memcpy(&type, tool->packet.data + MAC_ADDRESSES, sizeof type);
        for (int i = 0; i < 2; i++)
                good &= (!cbpf_program_asks(&programs[i], SKF_AD_IFINDEX) ||
                         (int)known->interface == tool->in) &&
                        (!cbpf_program_asks(&programs[i], SKF_AD_HATYPE) ||
                         known->hardware_type == ARPHRD_ETHER) &&
                        (!cbpf_program_asks(&programs[i], SKF_AD_PROTOCOL) ||
                         known->protocol == ntohs(type)) &&
                        (!cbpf_program_asks(&programs[i], SKF_AD_PKTTYPE) ||
                         known->packet_type == PACKET_OUTGOING ||
                         known->packet_type == type_of_destination(tool, tool->packet.data));
        return good;
}

static void complain(struct tool *tool, const char *expression, const char *how, bool a, bool b)
{
        printf("WRONG\t%s\n    %s: A %s, B %s; a packet of %u bytes:", expression, how,
               a ? "accepts" : "rejects", b ? "accepts" : "rejects", tool->packet.captured);
        for (uint32_t i = 0; i < tool->packet.captured && i < 96; i++)
                printf(" %02x", tool->packet.data[i]);
        putchar('\n');
        tool->wrong++;
}

/* Over the veth pair. */
static void try_frame(struct tool *tool, const char *expression, const struct bpf_program *programs,
                      bool live, bool a_accepts)
{
        static uint8_t frame[SNAPSHOT + TAG + 1];
        bool from_inside, accepted[2];
        size_t size = make_frame(tool, live, frame, &from_inside);

        if (size == 0 || (live && !is_as_known(tool, programs)) ||
            !attached_set(tool->sockets[FILTER_A], &programs[0]) ||
            !attached_set(tool->sockets[FILTER_B], &programs[1]) ||
            !ask_sockets(tool, from_inside, frame, size, accepted)) {
                tool->unsendable++;
                return;
        }
        tool->frames++;
        if (accepted[0] != a_accepts || accepted[1] == a_accepts)
                complain(tool, expression, "sockets", accepted[0], accepted[1]);
}

static void try_datagram(struct tool *tool, const char *expression,
                         const struct bpf_program *programs, bool a_accepts)
{
        int a, b;

        if (tool->packet.captured == 0 || tool->packet.captured > MAX_DATAGRAM)
                return;
        a = attached_accepts(&programs[0], tool->packet.data, tool->packet.captured);
        b = attached_accepts(&programs[1], tool->packet.data, tool->packet.captured);
        if (a < 0 || b < 0)
                return;
        tool->datagrams++;
        if (a != a_accepts || b == a_accepts)
                complain(tool, expression, "datagrams", a, b);
}

static void try_interpreters(struct tool *tool, const char *expression,
                             const struct bpf_program *programs, bool live, bool a_accepts)
{
        const struct packet packet = {tool->packet.data, tool->packet.captured,
                                      tool->packet.length};
        bool accepted[2];

        for (int i = 0; i < 2; i++)
                accepted[i] =
                    cbpf_execute(&programs[i], &packet, live ? &tool->packet.ancillary : NULL, NULL)
                        .verdict != 0;
        if (accepted[0] != a_accepts || accepted[1] == a_accepts)
                complain(tool, expression, "the interpreter", accepted[0], accepted[1]);
        if (live)
                return;
        for (int i = 0; i < 2; i++)
                accepted[i] = bpf_filter(programs[i].bf_insns, tool->packet.data,
                                         tool->packet.length, tool->packet.captured) != 0;
        if (accepted[0] != a_accepts || accepted[1] == a_accepts)
                complain(tool, expression, "libpcap", accepted[0], accepted[1]);
}

static void try_packet(struct tool *tool, int link_type, const char *expression,
                       const struct bpf_program *programs, bool live, bool a_accepts)
{
        tool->packets++;
        try_interpreters(tool, expression, programs, live, a_accepts);
        if (program_reads_before_x(&programs[0]) || program_reads_before_x(&programs[1]) ||
            (!live && (cbpf_program_asks_metadata(&programs[0]) ||
                       cbpf_program_asks_metadata(&programs[1]))))
                return; /* the kernel means something else, or knows what files do not */
        if (!live)
                try_datagram(tool, expression, programs, a_accepts);
        if (link_type == DLT_EN10MB)
                try_frame(tool, expression, programs, live, a_accepts);
}

/* Asks for packets that tell the programs apart, one for each side, and tries them. Returns how
 * many there are. */
static int try_pair(struct tool *tool, int link_type, const char *expression,
                    const struct bpf_program *programs, bool live)
{
        const struct proof_settings settings = {.link_type = link_type,
                                                .place = live ? CBPF_LIVE : CBPF_FILE,
                                                .snapshot_length = SNAPSHOT - TAG,
                                                .whole = true,
                                                .limit = LIMIT};
        struct proof *proof = proof_new(&settings);
        bool undecided = false;
        int found = 0;

        if (!proof)
                die("a proof");
        tool->pairs++;
        if (proof_add(proof, &programs[0], false) != 0 ||
            proof_add(proof, &programs[1], false) != 1)
                undecided = true;
        for (int a = 0; a < 2 && !undecided; a++)
                switch (proof_find(proof, (struct proof_condition[]){{0, a}, {1, !a}}, 2,
                                   &tool->packet, NULL)) {
                case PROOF_NONE: break;
                case PROOF_FOUND:
                        try_packet(tool, link_type, expression, programs, live, a);
                        found++;
                        break;
                case PROOF_UNDECIDED: undecided = true; break;
                case PROOF_FAILED: die("a proof");
                }
        tool->undecided += undecided;
        tool->same += !undecided && found == 0;
        proof_free(proof);
        return found;
}

/* Pairs */

/* libpcap's; one that rejects all if its optimizer says so. */
static bool compile(int link_type, const char *expression, bool optimize,
                    struct bpf_program *program)
{
        pcap_t *handle = pcap_open_dead(link_type, SNAPSHOT);
        bool done;

        if (!handle)
                die("a handle");
        done = pcap_compile(handle, program, expression, optimize, htonl(0xffffff00)) == 0;
        if (!done && strstr(pcap_geterr(handle), "rejects all packets")) {
                program->bf_insns = calloc(1, sizeof *program->bf_insns);
                program->bf_len = 1;
                if (!program->bf_insns)
                        die("a program");
                program->bf_insns[0].code = BPF_RET | BPF_K;
                done = true;
        }
        pcap_close(handle);
        return done;
}

static void try_fault(void *context, int link_type, const char *expression)
{
        struct bpf_program programs[2] = {{0}};

        if (!compile(link_type, expression, false, &programs[0]) ||
            !compile(link_type, expression, true, &programs[1]))
                die(expression);
        if (try_pair(context, link_type, expression, programs, false) == 0) {
                /* Some err on packets cut short alone, or are told apart by no whole one. */
                printf("no whole packet tells apart: %s\n", expression);
        }
        cbpf_program_free(&programs[0]);
        cbpf_program_free(&programs[1]);
}

static bool make_random(struct tool *tool, bool live, int *link_type, char *expression,
                        struct bpf_program *program)
{
        struct choices choices = {.random = &tool->random};
        struct cbpf_target target = {.link_type = DLT_EN10MB,
                                     .snapshot_length = SNAPSHOT,
                                     .place = CBPF_LIVE,
                                     .netmask = htonl(0xffffff00)};
        struct error error;

        *link_type = grammar_link_type(&choices);
        if (live)
                *link_type = DLT_EN10MB;
        grammar_expression(&choices, *link_type, expression, EXPRESSION_ROOM);
        if (live)
                return cbpf_compile(expression, &target, CBPF_UNOPTIMIZED, program, &error) == 0;
        return compile(*link_type, expression, false, program);
}

static void try_mutant(struct tool *tool, bool live)
{
        static char expression[EXPRESSION_ROOM];
        struct bpf_program programs[2];
        int link_type;

        while (!make_random(tool, live, &link_type, expression, &programs[0]))
                continue;
        if (!cbpf_jumps_back(&programs[0]) &&
            mutant_make(&tool->random, &programs[0], &programs[1])) {
                try_pair(tool, link_type, expression, programs, live);
                cbpf_program_free(&programs[1]);
        }
        cbpf_program_free(&programs[0]);
}

static void report(struct tool *tool, const char *what)
{
        printf("%s: %lu pairs, %lu the same, %lu not decided; %lu packets; as datagrams: %lu; "
               "as frames: %lu; not to be sent: %lu\n",
               what, tool->pairs, tool->same, tool->undecided, tool->packets, tool->datagrams,
               tool->frames, tool->unsendable);
        tool->pairs = tool->same = tool->undecided = tool->packets = tool->datagrams =
            tool->frames = tool->unsendable = 0;
}

int main(int argc, char **argv)
{
        static struct tool tool;
        uint64_t pairs = argc > 3 ? strtoull(argv[3], NULL, 10) : 300;

        if (argc < 3) {
                fputs("usage: counterexamples IN OUT [PAIRS [SEED]]\n", stderr);
                return 2;
        }
        tool.in = (int)if_nametoindex(argv[1]);
        tool.out = (int)if_nametoindex(argv[2]);
        if (tool.in == 0 || tool.out == 0)
                die("an interface");
        tool.random = random_mix(argc > 4 ? strtoull(argv[4], NULL, 10) : 1);
        for (int i = 0; i < SOCKETS; i++)
                tool.sockets[i] = open_socket(tool.in, ETH_P_ALL);
        for (int i = 0; i < 2; i++)
                tool.sender[i] = open_socket(0, 0);
        if (corpus_visit_file("tests/optimizer-faults.txt", try_fault, &tool) == 0)
                die("tests/optimizer-faults.txt");
        report(&tool, "optimizer faults");
        for (uint64_t i = 0; i < pairs; i++)
                try_mutant(&tool, false);
        report(&tool, "changed programs");
        for (uint64_t i = 0; i < pairs; i++)
                try_mutant(&tool, true);
        report(&tool, "changed live programs");
        printf("wrong: %lu\n", tool.wrong);
        return tool.wrong > 0;
}

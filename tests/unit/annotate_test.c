/* cbpf: annotations. That each instruction has one, what some say, and that what they say is true:
 * a note that names a field is checked against a packet decoder that knows nothing about programs.
 */
#include "cbpf/cbpf.h"
#include "tests/lib/corpus.h"
#include "tests/lib/programs.h"
#include "tests/lib/random.h"
#include "tests/lib/seeds.h"
#include "tests/unit/unit.h"

#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SNAPSHOT = 262144, TEXT_ROOM = 1024 };

static struct cbpf_target target_for(int link_type, enum cbpf_place place)
{
        return (struct cbpf_target){
            .link_type = link_type, .snapshot_length = SNAPSHOT, .place = place};
}

/* --- Each instruction has a note --- */

static size_t annotated, vague;

/* Whether a note speaks of registers only. */
static bool is_vague(const char *text)
{
        static const char *const starts[] = {"A equal to",  "A above",       "A at least",
                                             "A with bits", "A, calculated", "what is kept"};

        for (size_t i = 0; i < COUNT(starts); i++)
                if (strncmp(text, starts[i], strlen(starts[i])) == 0)
                        return true;
        return strstr(text, "of the packet at ") || strstr(text, "a calculated number");
}

/* Behind a second `geneve`, headers may be at so many places that notes do not list them. */
static bool is_tangled(const char *expression)
{
        const char *geneve = strstr(expression, "geneve");

        return geneve && strstr(geneve + 1, "geneve");
}

static void check_notes(const struct bpf_program *program, const struct cbpf_target *target,
                        const char *expression, bool optimized)
{
        struct cbpf_notes notes;

        ck_assert_int_eq(cbpf_annotate(program, target, &notes), 0);
        ck_assert_uint_eq(notes.count, program->bf_len);
        for (uint32_t i = 0; i < notes.count; i++) {
                const char *text = notes.notes[i].text;

                ck_assert_msg(*text, "%s: instruction %u has no note", expression, i);
                ck_assert_msg(!strstr(text, "unknown"), "%s: (%03u) %s", expression, i, text);
                ck_assert_msg(!optimized || !strstr(text, "never reached"), "%s: (%03u) %s",
                              expression, i, text);
                annotated++;
                vague += is_vague(text) && !is_tangled(expression);
        }
        cbpf_notes_free(&notes);
}

static void annotate_expression(void *context, int link_type, const char *expression)
{
        struct bpf_program program;
        struct error error;

        (void)context;
        if (!corpus_is_native(link_type))
                return;
        for (int place = CBPF_FILE; place <= CBPF_LIVE; place++)
                for (unsigned flags = 0; flags <= CBPF_UNOPTIMIZED; flags++) {
                        struct cbpf_target target = target_for(link_type, (enum cbpf_place)place);

                        if (place == CBPF_LIVE && strstr(expression, "protochain"))
                                continue; /* likewise where chains are unrolled */
                        if (cbpf_compile(expression, &target, flags, &program, &error) < 0)
                                continue; /* not every one has a live form */
                        /* Where headers are behind Geneve's, notes know more than the optimizer. */
                        check_notes(&program, &target, expression,
                                    flags == 0 && !strstr(expression, "geneve"));
                        cbpf_program_free(&program);
                }
}

START_TEST(annotates_every_instruction)
{
        ck_assert_uint_gt(corpus_visit(annotate_expression, NULL), 1000);
        ck_assert_uint_gt(annotated, 40000);
        /* Notes that speak only of registers, because too many paths meet, are rare. */
        ck_assert_msg(vague * 100 < annotated, "%zu of %zu notes are vague", vague, annotated);
}
END_TEST

/* --- What notes say --- */

/* The notes of a program, a line each. */
static void notes_of(const struct bpf_program *program, int link_type, enum cbpf_place place,
                     char *text)
{
        struct cbpf_target target = target_for(link_type, place);
        struct cbpf_notes notes;

        ck_assert_int_eq(cbpf_annotate(program, &target, &notes), 0);
        *text = '\0';
        for (uint32_t i = 0; i < notes.count; i++) {
                strcat(text, notes.notes[i].text);
                strcat(text, "\n");
                ck_assert_uint_lt(strlen(text), 4000);
        }
        cbpf_notes_free(&notes);
}

static const struct {
        int link_type;
        enum cbpf_place place;
        const char *expression, *notes;
} examples[] = {
    {DLT_EN10MB, CBPF_FILE, "tcp dst port 80 and ip",
     "EtherType\n"
     "IPv4? else reject\n"
     "IPv4 protocol\n"
     "TCP? else reject\n"
     "IPv4 flags and fragment offset\n"
     "a later fragment (IPv4 fragment offset above 0)? reject\n"
     "X = IPv4 header length\n"
     "TCP destination port\n"
     "TCP destination port 80? accept, else reject\n"
     "accept: keep at most 262144 bytes\n"
     "reject\n"},
    {DLT_RAW, CBPF_FILE, "ip6 and tcp",
     "IP version and header length\n"
     "IP version at least 6? else reject\n"
     "IP version at least 7? reject\n"
     "IPv6 next header\n"
     "TCP? accept\n"
     "fragment header? else reject\n"
     "IPv6 fragment next header\n"
     "TCP? accept, else reject\n"
     "accept: keep at most 262144 bytes\n"
     "reject\n"},
    {DLT_NULL, CBPF_FILE, "icmp",
     "address family\nIPv4? else reject\nIPv4 protocol\nICMP? accept, else reject\n"
     "accept: keep at most 262144 bytes\nreject\n"},
    {DLT_LINUX_SLL, CBPF_FILE, "outbound and arp",
     "packet type\npacket type outgoing? else reject\nEtherType\nARP? accept, else reject\n"
     "accept: keep at most 262144 bytes\nreject\n"},
    {DLT_LINUX_SLL2, CBPF_FILE, "ifindex 3 and icmp6",
     "interface index\ninterface index 3? else reject\nEtherType\nIPv6? else reject\n"
     "IPv6 next header\nICMPv6? accept\nfragment header? else reject\n"
     "IPv6 fragment next header\nICMPv6? accept, else reject\n"
     "accept: keep at most 262144 bytes\nreject\n"},
    {DLT_LINUX_SLL2, CBPF_LIVE, "udp[4:2] > 100 and ip",
     "EtherType (metadata)\nIPv4? else reject\nIPv4 protocol\nUDP? else reject\n"
     "IPv4 flags and fragment offset\n"
     "a later fragment (IPv4 fragment offset above 0)? reject\n"
     "X = IPv4 header length\nUDP length\nUDP length at least 101? accept, else reject\n"
     "accept: keep at most 262144 bytes\nreject\n"},
    {DLT_PPP, CBPF_FILE, "ip src host 10.0.0.5",
     "PPP protocol\nIPv4? else reject\nIPv4 source address\n"
     "IPv4 source address 10.0.0.5? accept, else reject\n"
     "accept: keep at most 262144 bytes\nreject\n"},
    {DLT_EN10MB, CBPF_FILE, "vlan 7 and ip dst host 10.0.0.5",
     "EtherType\nVLAN?\nprovider VLAN?\nold provider VLAN? else reject\n"
     "VLAN tag\nVLAN number\nVLAN number 7? else reject\n"
     "EtherType behind the VLAN tag\nIPv4? else reject\n"
     "IPv4 destination address\nIPv4 destination address 10.0.0.5? accept, else reject\n"
     "accept: keep at most 262144 bytes\nreject\n"},
    {DLT_EN10MB, CBPF_FILE, "mpls 1000 and ip",
     "EtherType\nMPLS? else reject\nMPLS header\nMPLS label at least 1001? reject\n"
     "MPLS label at least 1000? else reject\n"
     "MPLS byte with the bottom-of-stack bit\n"
     "MPLS byte with the bottom-of-stack bit: bit 0x1 set? else reject\n"
     "IP version and header length\nIP version at least 4? else reject\n"
     "IP version at least 5? reject, else accept\n"
     "accept: keep at most 262144 bytes\nreject\n"},
    {DLT_EN10MB, CBPF_FILE, "vlan and vlan 6 and arp",
     "EtherType\nVLAN?\nprovider VLAN?\nold provider VLAN? else reject\n"
     "EtherType behind the VLAN tag\nVLAN?\nprovider VLAN?\nold provider VLAN? else reject\n"
     "second VLAN tag\nsecond VLAN number\nsecond VLAN number 6? else reject\n"
     "EtherType behind the second VLAN tag\nARP? accept, else reject\n"
     "accept: keep at most 262144 bytes\nreject\n"},
    {DLT_EN10MB, CBPF_FILE, "pppoes 17",
     "EtherType\nPPPoE session? else reject\nPPPoE version, type, code and session\n"
     "PPPoE session\nPPPoE session 17? accept, else reject\n"
     "accept: keep at most 262144 bytes\nreject\n"},
    {DLT_EN10MB, CBPF_FILE, "isis",
     "EtherType\nEtherType above 1500 (so it is no 802.3 length)? reject\n"
     "802.2 DSAP and SSAP\n802.2 DSAP and SSAP 0xfefe (OSI)? else reject\n"
     "OSI network protocol\nOSI network protocol 0x83? accept, else reject\n"
     "accept: keep at most 262144 bytes\nreject\n"},
    {DLT_EN10MB, CBPF_FILE, "stp",
     "EtherType\nEtherType above 1500 (so it is no 802.3 length)? reject\n"
     "802.2 DSAP\n802.2 DSAP 0x42 (spanning tree)? accept, else reject\n"
     "accept: keep at most 262144 bytes\nreject\n"},
    {DLT_EN10MB, CBPF_FILE, "ip multicast",
     "EtherType\nIPv4? else reject\nIPv4 destination address, first byte\n"
     "IPv4 destination address, first byte at least 224? accept, else reject\n"
     "accept: keep at most 262144 bytes\nreject\n"},
    {DLT_EN10MB, CBPF_FILE, "ip protochain 6",
     "EtherType\nIPv4? else reject\nIPv4 protocol\nX = IPv4 header length\n"
     "TCP?\nno next header?\nnext header in the chain\nAH?\n"
     "offset of the chained header\nnext header of the chained header\n"
     "M[0] = next header of the chained header\noffset of the chained header\n"
     "offset of the chained header + 1\nX = offset of the chained header + 1\n"
     "length byte of the chained header\nlength byte of the chained header + 2\n"
     "(length byte of the chained header + 2) << 2\n"
     "X = (length byte of the chained header + 2) << 2\n"
     "next header of the chained header, kept in M[0]\ngo on at (004)\n"
     "next header in the chain\nTCP? accept, else reject\n"
     "accept: keep at most 262144 bytes\nreject\n"},
    {DLT_EN10MB, CBPF_LIVE, "vlan and arp",
     "whether a VLAN tag is in the metadata\nVLAN tag in the metadata?\n"
     "EtherType\nARP? accept, else reject\n"
     "EtherType\nVLAN?\nprovider VLAN?\nold provider VLAN? else reject\n"
     "EtherType behind the VLAN tag\nARP? accept, else reject\n"
     "accept: keep at most 262144 bytes\nreject\n"},
};

START_TEST(names_fields_on_each_link_type)
{
        struct cbpf_target target = target_for(examples[_i].link_type, examples[_i].place);
        struct bpf_program program;
        struct error error;
        char text[4096];

        ck_assert_msg(cbpf_compile(examples[_i].expression, &target, 0, &program, &error) == 0,
                      "%s", error.message);
        notes_of(&program, target.link_type, target.place, text);
        ck_assert_str_eq(text, examples[_i].notes);
        cbpf_program_free(&program);
}
END_TEST

/* Two paths meet at a load: on one it is the IPv4 source, on the other ARP's sender; or X differs.
 */
/* The shift that extracts TCP's header length from its byte means something else for other bytes.
 */
START_TEST(names_a_header_length_for_what_it_is)
{
        static const struct {
                const char *expression;
                bool is_length;
        } cases[] = {
            {"(tcp[12] & 0xf0) >> 2 > 23", true},
            {"(tcp[12:2] & 0xf0) >> 2 > 23", false},
            {"(udp[12] & 0xf0) >> 2 > 23", false},
        };
        struct cbpf_target target = target_for(DLT_EN10MB, CBPF_FILE);
        struct bpf_program program;
        struct error error;
        char text[4096];

        for (size_t i = 0; i < COUNT(cases); i++) {
                ck_assert_int_eq(
                    cbpf_compile(cases[i].expression, &target, CBPF_UNOPTIMIZED, &program, &error),
                    0);
                notes_of(&program, target.link_type, target.place, text);
                ck_assert_msg(cases[i].is_length == !!strstr(text, "TCP header length\n"), "%s: %s",
                              cases[i].expression, text);
                cbpf_program_free(&program);
        }
}
END_TEST

START_TEST(names_all_fields_that_paths_bring)
{
        struct bpf_program meet = PROGRAM(
            BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12), BPF_JUMP(BPF_JMP | BPF_JEQ, 0x800, 0, 2),
            BPF_STMT(BPF_LDX | BPF_IMM, 26), BPF_STMT(BPF_JMP | BPF_JA, 2),
            BPF_JUMP(BPF_JMP | BPF_JEQ, 0x806, 0, 3), BPF_STMT(BPF_LDX | BPF_IMM, 28),
            BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0), BPF_JUMP(BPF_JMP | BPF_JEQ, 0x0a000005, 1, 0),
            BPF_STMT(BPF_RET | BPF_K, 0), BPF_STMT(BPF_RET | BPF_K, 1));
        char text[4096];

        notes_of(&meet, DLT_EN10MB, CBPF_FILE, text);
        ck_assert_ptr_nonnull(strstr(
            text, "\nIPv4 source address or ARP sender address\n"
                  "IPv4 source address or ARP sender address 10.0.0.5? accept, else reject\n"));
}
END_TEST

/* What is known on one path only must not name what both paths lead to. */
START_TEST(claims_nothing_that_holds_on_one_path_only)
{
        struct bpf_program meet =
            PROGRAM(BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
                    BPF_JUMP(BPF_JMP | BPF_JEQ, 0x800, 0, 1), BPF_STMT(BPF_JMP | BPF_JA, 0),
                    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 23), BPF_STMT(BPF_RET | BPF_A, 0));
        struct cbpf_target target = target_for(DLT_EN10MB, CBPF_FILE);
        struct cbpf_notes notes;

        ck_assert_int_eq(cbpf_annotate(&meet, &target, &notes), 0);
        ck_assert_msg(strstr(notes.notes[3].text, "byte 23 of the packet") ||
                          strstr(notes.notes[3].text, "if it is IPv4"),
                      "%s", notes.notes[3].text);
        cbpf_notes_free(&notes);
}
END_TEST

/* A register that holds something else in each iteration has no name. */
START_TEST(forgets_registers_in_loops)
{
        struct bpf_program loop =
            PROGRAM(BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 23), BPF_JUMP(BPF_JMP | BPF_JEQ, 6, 3, 0),
                    BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1), BPF_STMT(BPF_JMP | BPF_JA, 0xfffffffd),
                    BPF_STMT(BPF_RET | BPF_K, 0), BPF_STMT(BPF_RET | BPF_K, 1));
        struct cbpf_target target = target_for(DLT_EN10MB, CBPF_FILE);
        struct cbpf_notes notes;

        ck_assert_int_eq(cbpf_annotate(&loop, &target, &notes), 0);
        ck_assert_msg(strstr(notes.notes[1].text, "what A held at (001)") != NULL, "%s",
                      notes.notes[1].text);
        cbpf_notes_free(&notes);
}
END_TEST

/* What may differ each time is not known from the time before; what Linux has besides packets. */
START_TEST(names_what_only_the_kernel_has)
{
        struct bpf_program odd =
            PROGRAM(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_RANDOM),
                    BPF_JUMP(BPF_JMP | BPF_JEQ, 1, 4, 0),
                    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_RANDOM),
                    BPF_JUMP(BPF_JMP | BPF_JEQ, 1, 0, 2),
                    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, SKF_NET_OFF + 9),
                    BPF_STMT(BPF_RET | BPF_A, 0), BPF_STMT(BPF_RET | BPF_K, 0));
        char text[4096];

        notes_of(&odd, DLT_EN10MB, CBPF_LIVE, text);
        ck_assert_str_eq(text, "a random number\na random number 1? reject\n"
                               "a random number\na random number 1? else reject\n"
                               "byte 9 from the network header\n"
                               "keep as many bytes as A says: byte 9 from the network header\n"
                               "reject\n");
}
END_TEST

/* --- What notes say is true --- */

static uint32_t bytes_at(const struct packet *packet, uint32_t offset, uint32_t size)
{
        uint32_t value = 0;

        for (uint32_t i = 0; i < size; i++)
                value = value << 8 | (offset + i < packet->captured ? packet->data[offset + i] : 0);
        return value;
}

/* Where the network header is, and which EtherType announces it. */
static uint32_t find_network(const struct packet *packet, uint32_t *type)
{
        uint32_t at = 12;

        *type = bytes_at(packet, at, 2);
        while (*type == 0x8100 || *type == 0x88a8 || *type == 0x9100) {
                at += 4;
                *type = bytes_at(packet, at, 2);
        }
        return at + 2;
}

static uint32_t find_transport(const struct packet *packet, uint32_t network, uint32_t type,
                               uint32_t *protocol)
{
        if (type == 0x800) {
                *protocol = bytes_at(packet, network + 9, 1);
                return network + 4 * (bytes_at(packet, network, 1) & 0xf);
        }
        *protocol = bytes_at(packet, network + 6, 1);
        if (*protocol == 44) {
                *protocol = bytes_at(packet, network + 40, 1);
                return network + 48;
        }
        return network + 40;
}

/* Fields by their names in notes. `type`: of the network header they are of or, with `protocol`,
 * of any that carries that protocol. */
static const struct known {
        const char *name;
        uint32_t type, protocol, offset, size;
} known_fields[] = {
    {"IPv4 protocol", 0x800, 0, 9, 1},
    {"IPv4 TTL", 0x800, 0, 8, 1},
    {"IPv4 total length", 0x800, 0, 2, 2},
    {"IPv4 flags and fragment offset", 0x800, 0, 6, 2},
    {"IPv4 source address", 0x800, 0, 12, 4},
    {"IPv4 destination address", 0x800, 0, 16, 4},
    {"IPv6 next header", 0x86dd, 0, 6, 1},
    {"IPv6 source address, first 4 bytes", 0x86dd, 0, 8, 4},
    {"IPv6 destination address, last 4 bytes", 0x86dd, 0, 36, 4},
    {"ARP sender address", 0x806, 0, 14, 4},
    {"ARP target address", 0x806, 0, 24, 4},
    {"TCP source port", 0, 6, 0, 2},
    {"TCP destination port", 0, 6, 2, 2},
    {"TCP flags", 0, 6, 13, 1},
    {"UDP source port", 0, 17, 0, 2},
    {"UDP destination port", 0, 17, 2, 2},
    {"SCTP source port", 0, 132, 0, 2},
    {"SCTP destination port", 0, 132, 2, 2},
    {"ICMP type", 0, 1, 0, 1},
    {"ICMPv6 type", 0, 58, 0, 1},
    {"source port", 0, 6, 0, 2},
    {"source port", 0, 17, 0, 2},
    {"source port", 0, 132, 0, 2},
    {"destination port", 0, 6, 2, 2},
    {"destination port", 0, 17, 2, 2},
    {"destination port", 0, 132, 2, 2},
    {"sender address", 0x806, 0, 14, 4},
    {"sender address", 0x8035, 0, 14, 4},
    {"target address", 0x806, 0, 24, 4},
    {"target address", 0x8035, 0, 24, 4},
};

/* Whether the packet has that field, with that value. */
static bool has_field(const struct packet *packet, const struct known *known, uint32_t value)
{
        uint32_t type, protocol, at = find_network(packet, &type);

        if (known->type)
                return known->type == type &&
                       bytes_at(packet, at + known->offset, known->size) == value;
        if (type != 0x800 && type != 0x86dd)
                return false;
        at = find_transport(packet, at, type, &protocol);
        return protocol == known->protocol &&
               bytes_at(packet, at + known->offset, known->size) == value;
}

/* True if a known name is that of such a field; `known` says whether there is one. */
static bool name_is_true(const struct packet *packet, const char *name, uint32_t value, bool *known)
{
        uint32_t type, at = find_network(packet, &type);

        if (strcmp(name, "EtherType") == 0)
                return *known = true, bytes_at(packet, 12, 2) == value;
        if (strcmp(name, "EtherType behind the VLAN tag") == 0) {
                *known = true;
                for (uint32_t i = 16; i < at; i += 4)
                        if (bytes_at(packet, i, 2) == value)
                                return true;
                return false;
        }
        if (strcmp(name, "IPv4 header length") == 0)
                return *known = true, type == 0x800 && 4 * (bytes_at(packet, at, 1) & 0xf) == value;
        for (size_t i = 0; i < COUNT(known_fields); i++)
                if (strcmp(name, known_fields[i].name) == 0) {
                        *known = true;
                        if (has_field(packet, &known_fields[i], value))
                                return true;
                }
        return false;
}

struct truth {
        const struct bpf_program *program;
        const struct cbpf_notes *notes;
        struct packet packet;
        const char *expression;
        size_t pending; /* the load before, plus one; 0 if there was none */
        size_t checked;
};

/* A note that names several fields is true if one of them is it. */
static void check_subject(struct truth *truth, size_t at, uint32_t value)
{
        const char *subject = truth->notes->notes[at].subject;
        char text[TEXT_ROOM], *rest = text;
        bool all_known = true, any_true = false;

        snprintf(text, sizeof text, "%s", strncmp(subject, "X = ", 4) ? subject : subject + 4);
        while (rest) {
                char *next = strstr(rest, " or ");
                bool known = false;

                if (next)
                        *next = '\0';
                any_true |= name_is_true(&truth->packet, rest, value, &known);
                all_known &= known;
                rest = next ? next + 4 : NULL;
        }
        if (!all_known)
                return;
        ck_assert_msg(any_true, "%s: (%03zu) '%s' is no name of 0x%x", truth->expression, at,
                      subject, value);
        truth->checked++;
}

static void check_step(void *context, const struct cbpf_step *step)
{
        struct truth *truth = context;
        const struct bpf_insn *instruction = &truth->program->bf_insns[step->instruction];

        if (truth->pending) {
                bool x = BPF_CLASS(truth->program->bf_insns[truth->pending - 1].code) == BPF_LDX;

                check_subject(truth, truth->pending - 1, x ? step->x : step->a);
        }
        truth->pending = step->size ? step->instruction + 1 : 0;
        if (BPF_CLASS(instruction->code) == BPF_JMP && BPF_OP(instruction->code) != BPF_JA)
                check_subject(truth, step->instruction, step->a);
}

static struct captures captures;
static size_t truths;

/* A packet with some of the bytes that say what is inside changed. */
static void vary(uint64_t *random, uint8_t *data, uint32_t length)
{
        static const uint16_t types[] = {0x800, 0x86dd, 0x806, 0x8035, 0x8100, 0x88a8, 0x8847};
        static const uint8_t protocols[] = {1, 6, 17, 44, 58, 132};
        uint32_t at = 12;

        for (; at + 2 <= length && random_below(random, 3) == 0; at += 4) {
                data[at] = 0x81;
                data[at + 1] = 0;
        }
        if (at + 2 <= length && random_below(random, 2)) {
                uint16_t type = types[random_below(random, COUNT(types))];

                data[at] = (uint8_t)(type >> 8);
                data[at + 1] = (uint8_t)type;
        }
        if (at + 12 <= length) {
                if (random_below(random, 3) == 0)
                        data[at + 2] = (uint8_t)(0x45 + random_below(random, 4));
                if (random_below(random, 2))
                        data[at + 11] = protocols[random_below(random, COUNT(protocols))];
                if (random_below(random, 2))
                        data[at + 8] = protocols[random_below(random, COUNT(protocols))];
                if (random_below(random, 4) == 0)
                        data[at + 8] = data[at + 9] = 0;
        }
}

static void try_packets(struct truth *truth)
{
        uint64_t random = 42;
        struct cbpf_observer observer = {check_step, truth};

        for (size_t i = 0; i < captures.count; i++) {
                const struct packet *from = &captures.records[i].packet;
                uint8_t data[2048];
                uint32_t length = from->captured < sizeof data ? from->captured : sizeof data;
                struct packet packet = {.data = data, .captured = length, .length = length};

                memcpy(data, from->data, length);
                if (i % 2)
                        vary(&random, data, length);
                truth->packet = packet;
                truth->pending = 0;
                cbpf_execute(truth->program, &packet, NULL, &observer);
        }
}

static void tell_truth(void *context, int link_type, const char *expression)
{
        struct cbpf_target target = target_for(DLT_EN10MB, CBPF_FILE);
        struct truth truth = {.expression = expression};
        struct bpf_program program;
        struct cbpf_notes notes;
        struct error error;

        (void)context;
        if (link_type != DLT_EN10MB)
                return;
        for (unsigned flags = 0; flags <= CBPF_UNOPTIMIZED; flags++) {
                if (cbpf_compile(expression, &target, flags, &program, &error) < 0)
                        continue;
                ck_assert_int_eq(cbpf_annotate(&program, &target, &notes), 0);
                truth.program = &program;
                truth.notes = &notes;
                try_packets(&truth);
                cbpf_notes_free(&notes);
                cbpf_program_free(&program);
        }
        truths += truth.checked;
}

START_TEST(tells_the_truth_on_every_packet)
{
        static const char *const files[] = {"pcaps/tcp.pcap",  "pcaps/dns.pcap",
                                            "pcaps/ndp.pcap",  "pcaps/arp.pcap",
                                            "pcaps/vlan.pcap", "pcaps/icmp-errors.pcap"};

        for (size_t i = 0; i < COUNT(files); i++)
                ck_assert(seeds_read(&captures, files[i]));
        corpus_visit(tell_truth, NULL);
        seeds_free(&captures);
        ck_assert_uint_gt(truths, 100000);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "annotate", 120);

        tcase_add_test(tests, annotates_every_instruction);
        tcase_add_loop_test(tests, names_fields_on_each_link_type, 0, COUNT(examples));
        tcase_add_test(tests, names_a_header_length_for_what_it_is);
        tcase_add_test(tests, names_all_fields_that_paths_bring);
        tcase_add_test(tests, claims_nothing_that_holds_on_one_path_only);
        tcase_add_test(tests, forgets_registers_in_loops);
        tcase_add_test(tests, names_what_only_the_kernel_has);
        tcase_add_test(tests, tells_the_truth_on_every_packet);
}

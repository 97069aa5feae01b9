/* Compiles the expressions of the corpora to extended BPF, has the kernel verify the programs and
 * run them, in each context, and compares their answers with those of libpcap's unoptimized
 * program, on packets steered into the branches. As root.
 *
 * extended [-mnv] [-p CAPTURE] [-f FILE] [-r COUNT] [-s SEED] [EXPRESSION [LINK-TYPE]]: -v lists
 * the programs; -n has them do without jumps of 32 bits, -m has long sets be maps; -p tries the
 * packets of a capture, too; -f takes expressions of a file, -r takes random expressions in place
 * of those of the corpora, -s makes others. */
#include "cbpf/extended.h"
#include "ebpf/program.h"
#include "tests/lib/corpus.h"
#include "tests/lib/explore.h"
#include "tests/lib/fake_skb.h"
#include "tests/lib/grammar.h"
#include "tests/lib/random.h"
#include "tests/lib/seeds.h"

#include <endian.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
        BUDGET = 4000,
        SNAPSHOT = 262144,
        LOG_ROOM = 1 << 24,
        ETHERNET = 14,
        MAX_SETS = 16,
};

static const struct cbpf_verdicts of_netfilter = {.accept = 1, .reject = 0};

static const struct trial_context {
        const char *name;
        enum cbpf_context context;
        enum ebpf_kind kind;
        bool fragments;
        uint32_t before; /* bytes in front of the packet that the program is not shown */
        bool peeks;      /* where the kernel can */
        const struct cbpf_verdicts *verdicts;
        enum cbpf_start start; /* of a tracepoint */
} contexts[] = {
    {"socket", CBPF_CONTEXT_SOCKET, EBPF_SOCKET_FILTER, true, ETHERNET, false, NULL, 0},
    {"peeking socket", CBPF_CONTEXT_SOCKET, EBPF_SOCKET_FILTER, true, ETHERNET, true, NULL, 0},
    {"tc", CBPF_CONTEXT_TC, EBPF_TC, true, 0, false, NULL, 0},
    {"xdp", CBPF_CONTEXT_XDP, EBPF_XDP, false, 0, false, NULL, 0},
    {"xdp in pieces", CBPF_CONTEXT_XDP, EBPF_XDP_PARTS, true, 0, false, NULL, 0},
    {"netfilter", CBPF_CONTEXT_NETFILTER, EBPF_NETFILTER, true, 0, false, &of_netfilter, 0},
    {"tracepoint", CBPF_CONTEXT_TRACEPOINT, EBPF_RAW_TRACEPOINT, false, 0, false, NULL,
     CBPF_START_LINK},
    {"tracepoint, any state", CBPF_CONTEXT_TRACEPOINT, EBPF_RAW_TRACEPOINT, false, 0, false, NULL,
     CBPF_START_FOUND},
};

enum {
        COUNT = sizeof contexts / sizeof *contexts,
};

struct tool {
        struct captures captures;
        struct captures own; /* packets that each program is tried on */
        char *log;
        bool verbose;
        bool can_peek, has_netfilter, has_pieces, jumps_far;
        bool maps;
        int sets[MAX_SETS]; /* of the program that is tried */
        struct cbpf_extended_peek peek;
        struct cbpf_extended_netfilter netfilter;
        bool has_tracepoints;
        struct fake_skb skb;
        struct counts {
                size_t programs, refused, impossible, wrong, packets, instructions, classic, sets,
                    accepted;
        } counts[COUNT];
};

/* One program in the kernel. */
struct kernel {
        int program;
        uint32_t before;
        bool in_pieces;
        struct fake_skb *skb; /* of a tracepoint's, or NULL */
        enum cbpf_start start;
        size_t asked;
        bool has_verdicts; /* in place of what the reference returns */
        const struct bpf_program *reference;
};

/* How many bytes the first piece has: varied, with the end of all headers among them. */
static size_t first_piece(size_t length)
{
        size_t first = ETHERNET + length * 7 % 50;

        return first < length ? first : length;
}

enum { ARGUMENT = 1 /* of the tracepoint: the packet */ };

/* Behind the header of LINUX_SLL2 that the packet is saved with. The data begin there, or in front
 * of an Ethernet header, whether the kernel knows where the network header is or not. Returns false
 * for a packet that is not of the type that it says. */
static bool run_in_any_state(const struct kernel *kernel, const uint8_t *saved, size_t length,
                             uint32_t *returned)
{
        enum { HEADER = 20, STATES = 3 };
        static uint8_t frame[SAMPLE_ROOM + ETHERNET];
        const uint16_t type = (uint16_t)(saved[0] << 8 | saved[1]);
        const size_t state = length % STATES;
        const struct fake_packet packet = {
            .bytes = frame,
            .length = length - HEADER + ETHERNET,
            .link_length = ETHERNET,
            .has_link = state != 0,
            .pulled = state == 2 ? 0 : ETHERNET,
        };

        if (type == 0 || (type == 0x0800 && saved[HEADER] >> 4 != 4) ||
            (type == 0x86dd && saved[HEADER] >> 4 != 6))
                return false;
        memcpy(frame + ETHERNET, saved + HEADER, length - HEADER);
        memcpy(frame + ETHERNET - 2, saved, 2);
        fake_skb_put(kernel->skb, &packet);
        if (state == 1 && type == 0x0800)
                fake_skb_set(kernel->skb, &kernel->skb->layout.network_header, 0);
        return fake_skb_run(kernel->skb, kernel->program, ARGUMENT, returned) == 0;
}

static bool run_at_tracepoint(const struct kernel *kernel, const uint8_t *frame, size_t length,
                              uint32_t *returned)
{
        const struct fake_packet packet = {
            .bytes = frame,
            .length = length,
            .link_length = ETHERNET,
            .has_link = true,
            .pulled = length % 2 ? ETHERNET : 0,
        };

        if (kernel->start == CBPF_START_FOUND)
                return length > 20 && run_in_any_state(kernel, frame, length, returned);
        fake_skb_put(kernel->skb, &packet);
        return fake_skb_run(kernel->skb, kernel->program, ARGUMENT, returned) == 0;
}

static int run(const struct kernel *kernel, const uint8_t *frame, size_t length, uint32_t *returned)
{
        if (kernel->skb)
                return run_at_tracepoint(kernel, frame, length, returned) ? 0 : -1;
        return kernel->in_pieces
                   ? ebpf_program_run_in_pieces(kernel->program, frame, length, first_piece(length),
                                                returned)
                   : ebpf_program_run(kernel->program, frame, length, 1, returned, NULL);
}

/* The kernel takes only what could be a frame: of other packets the answer is that of the
 * reference. */
static uint32_t ask_kernel(void *context, const struct sample *sample)
{
        static uint8_t frame[SAMPLE_ROOM + ETHERNET];
        struct kernel *kernel = context;
        struct packet packet = sample_packet(sample);
        size_t length = kernel->before + sample->captured;
        uint32_t returned;

        memcpy(frame + kernel->before, sample->data, sample->captured);
        if (sample->captured != sample->length || length < ETHERNET + 1 || length > 3000 ||
            run(kernel, frame, length, &returned) < 0)
                return cbpf_run(kernel->reference, &packet);
        kernel->asked++;
        if (kernel->has_verdicts && returned == (uint32_t)of_netfilter.accept) {
                uint32_t kept = cbpf_run(kernel->reference, &packet);

                return kept ? kept : SNAPSHOT;
        }
        return returned;
}

static void compare(struct tool *tool, struct counts *counts, const struct trial_context *place,
                    int link_type, const char *expression, struct kernel *kernel,
                    const struct bpf_program *reference, const struct bpf_program *classic)
{
        struct exploration exploration = {
            .reference = reference,
            .candidate = classic,
            .answer = ask_kernel,
            .context = kernel,
            .seed = 1,
            .budget = BUDGET,
        };
        struct seeds seeds;

        if (!seeds_make(&seeds, &tool->captures, link_type, false) ||
            !explore(&exploration, (const struct sample *const *)seeds.samples, seeds.count))
                abort();
        counts->packets += kernel->asked;
        for (size_t i = 0; i < exploration.difference_count; i++) {
                const struct difference *difference = &exploration.differences[i];

                if (difference->judgement != JUDGED_DIFFERENT)
                        continue;
                counts->wrong++;
                printf("WRONG %s: %s: libpcap's program returns %u, this one %u on\n", place->name,
                       expression, difference->reference, difference->candidate);
                sample_print(&difference->sample, stdout);
        }
        seeds_drop(&seeds);
}

/* Likewise on the packets that were given. */
static void compare_own(struct tool *tool, struct counts *counts, const struct trial_context *place,
                        int link_type, const char *expression, struct kernel *kernel)
{
        for (size_t i = 0; i < tool->own.count; i++) {
                const struct packet *packet = &tool->own.records[i].packet;
                struct sample *sample;
                uint32_t wanted, returned;

                if (tool->own.records[i].link_type != link_type)
                        continue;
                sample = sample_new(packet->captured);
                if (!sample)
                        abort();
                memcpy(sample->data, packet->data, packet->captured);
                sample->length = packet->length;
                wanted = cbpf_run(kernel->reference, packet);
                returned = ask_kernel(kernel, sample);
                counts->accepted += wanted != 0;
                if (returned != wanted) {
                        counts->wrong++;
                        printf("WRONG %s: %.60s: packet %zu: %u, not %u\n", place->name, expression,
                               i + 1, returned, wanted);
                }
                free(sample);
        }
}

/* Whether the kernel has it. */
static bool is_tried(const struct tool *tool, const struct trial_context *place)
{
        return (!place->peeks || tool->can_peek) && (!place->verdicts || tool->has_netfilter) &&
               (place->kind != EBPF_XDP_PARTS || tool->has_pieces) &&
               (place->kind != EBPF_RAW_TRACEPOINT || tool->has_tracepoints);
}

/* Makes the sets of a program, and puts their descriptors where it has their numbers. */
static void make_sets(struct tool *tool, struct cbpf_extended_program *program)
{
        if (program->map_count > MAX_SETS)
                abort();
        for (uint32_t i = 0; i < program->map_count; i++) {
                const struct cbpf_extended_map *map = &program->maps[i];
                size_t words = map->words + (size_t)map->ranges;
                uint32_t *keys = malloc(map->count * words * sizeof *keys), *key = keys;
                uint32_t *classes = malloc(map->count * sizeof *classes);

                for (uint32_t entry = 0; entry < map->count; entry++) {
                        if (map->ranges)
                                *key++ = map->prefixes[entry];
                        for (uint32_t word = 0; word < map->words; word++) {
                                uint32_t value = map->values[entry * map->words + word];

                                *key++ = map->ranges ? htobe32(value) : value;
                        }
                        classes[entry] = map->classes[entry];
                }
                tool->sets[i] =
                    ebpf_set_new(map->ranges, keys, words * sizeof *keys, classes, map->count);
                free(keys);
                free(classes);
        }
        for (uint32_t i = 0; i < program->count; i++)
                if (program->instructions[i].code == CBPF_EXTENDED_LOAD &&
                    program->instructions[i].source == CBPF_EXTENDED_MAP)
                        program->instructions[i].immediate =
                            tool->sets[program->instructions[i].immediate];
}

static void try_context(struct tool *tool, const struct trial_context *place, int link_type,
                        const char *expression, const struct bpf_program *reference,
                        const struct bpf_program *classic)
{
        const bool found = place->start == CBPF_START_FOUND;
        struct cbpf_target target = {link_type, SNAPSHOT, found ? CBPF_LIVE_NETWORK : CBPF_FILE,
                                     CBPF_NETMASK_UNKNOWN, .saved = true};
        const struct cbpf_extended_tracepoint tracepoint = {
            .argument = ARGUMENT, .start = place->start, .layout = tool->skb.layout};
        struct cbpf_extended_target extended = {.context = place->context,
                                                .fragments = place->fragments,
                                                .far_jumps = tool->jumps_far,
                                                .maps = tool->maps,
                                                .verdicts = place->verdicts,
                                                .netfilter = &tool->netfilter,
                                                .tracepoint = &tracepoint,
                                                .peek = place->peeks ? &tool->peek : NULL};
        struct cbpf_extended_program program;
        struct kernel kernel = {
            .before = place->before,
            .in_pieces = place->kind == EBPF_XDP_PARTS,
            .skb = place->kind == EBPF_RAW_TRACEPOINT ? &tool->skb : NULL,
            .start = place->start,
            .has_verdicts = place->verdicts,
            .reference = reference,
        };
        struct counts *counts = &tool->counts[place - contexts];
        struct error error;

        if (!is_tried(tool, place) || found != (link_type == DLT_LINUX_SLL2))
                return;
        if (cbpf_compile_extended(expression, &target, &extended, &program, &error) < 0) {
                counts->impossible++;
                if (tool->verbose)
                        printf("%s: %s: %s\n", place->name, expression, error.message);
                return;
        }
        if (tool->verbose) {
                char *text = cbpf_list_extended(&program);

                printf("%s: %s: %u instructions\n%s", place->name, expression, program.count, text);
                free(text);
        }
        make_sets(tool, &program);
        counts->programs++;
        counts->sets += program.map_count;
        counts->instructions += program.count;
        counts->classic += classic->bf_len;
        kernel.program =
            ebpf_program_load(place->kind, program.instructions, program.count, NULL, 0);
        if (kernel.program < 0) {
                counts->refused++;
                kernel.program = ebpf_program_load(place->kind, program.instructions, program.count,
                                                   tool->log, LOG_ROOM);
                printf("REFUSED %s: %s: %s\n%s", place->name, expression, strerror(-kernel.program),
                       strlen(tool->log) > 3000 ? tool->log + strlen(tool->log) - 3000 : tool->log);
        } else {
                compare(tool, counts, place, link_type, expression, &kernel, reference, classic);
                compare_own(tool, counts, place, link_type, expression, &kernel);
                close(kernel.program);
        }
        for (uint32_t i = 0; i < program.map_count; i++)
                close(tool->sets[i]);
        cbpf_extended_free(&program);
}

static void try(void *context, int link_type, const char *expression)
{
        struct tool *tool = context;
        struct cbpf_target target = {.link_type = link_type < 0 ? DLT_EN10MB : link_type,
                                     .snapshot_length = SNAPSHOT,
                                     .place = CBPF_FILE,
                                     .netmask = CBPF_NETMASK_UNKNOWN,
                                     .saved = true};
        struct bpf_program reference, classic;
        struct error error;

        /* What takes libpcap too much is compared with our own classic program. */
        if (cbpf_compile(expression, &target, CBPF_UNOPTIMIZED, &reference, &error) < 0 &&
            cbpf_compile(expression, &target, 0, &reference, &error) < 0)
                return;
        if (cbpf_compile(expression, &target, 0, &classic, &error) == 0) {
                for (size_t i = 0; i < sizeof contexts / sizeof *contexts &&
                                   !cbpf_program_asks_metadata(&reference);
                     i++)
                        try_context(tool, &contexts[i], target.link_type, expression, &reference,
                                    &classic);
                cbpf_program_free(&classic);
        }
        cbpf_program_free(&reference);
}

/* XDP has packets in pieces since Linux 5.18. */
static bool has_pieces(void)
{
        static const struct cbpf_extended_instruction pass[] = {{0xb4, 0, 0, 0, 2},
                                                                {0x95, 0, 0, 0, 0}};
        int program = ebpf_program_load(EBPF_XDP_PARTS, pass, 2, NULL, 0);

        if (program >= 0)
                close(program);
        return program >= 0;
}

static void look_at_kernel(struct tool *tool)
{
        struct ebpf_kernel kernel;

        tool->jumps_far = ebpf_kernel_jumps_far();
        tool->has_pieces = has_pieces();
        if (ebpf_kernel_find(&kernel) < 0)
                return;
        tool->can_peek = kernel.cast_context;
        tool->peek = (struct cbpf_extended_peek){kernel.cast_context, kernel.data, kernel.length,
                                                 kernel.data_length};
        tool->has_netfilter = kernel.dynptr_from_skb;
        tool->netfilter = (struct cbpf_extended_netfilter){kernel.dynptr_from_skb, kernel.length};
        tool->has_tracepoints = fake_skb_make(&tool->skb, &kernel.skb);
}

static void try_random(struct tool *tool, long count, uint64_t seed)
{
        char expression[1024];

        for (long i = 0; i < count; i++) {
                uint64_t random = random_mix(seed) + random_mix((uint64_t)i);
                struct choices choices = {.random = &random};
                int link_type = grammar_link_type(&choices);

                grammar_expression(&choices, link_type, expression, sizeof expression);
                try(tool, link_type, expression);
        }
}

/* Returns the exit status. */
/* Of the corpora, there is something for each context; of what a caller gives, only some may have
 * something. */
static int report(const struct tool *tool, bool of_all)
{
        bool good = true;

        for (size_t i = 0; i < COUNT; i++) {
                const struct counts *counts = &tool->counts[i];

                if (!of_all && counts->programs + counts->impossible + counts->refused == 0)
                        continue;
                printf("%s: %zu programs, %zu instructions (classic %zu), %zu packets; not "
                       "possible %zu, "
                       "refused %zu, wrong %zu\n",
                       contexts[i].name, counts->programs, counts->instructions, counts->classic,
                       counts->packets, counts->impossible, counts->refused, counts->wrong);
                if (tool->maps)
                        printf("%s: %zu sets, %zu accepted\n", contexts[i].name, counts->sets,
                               counts->accepted);
                good &= counts->refused + counts->wrong == 0 &&
                        (counts->programs > 0 || !is_tried(tool, &contexts[i]));
        }
        return !good;
}

int main(int argc, char **argv)
{
        struct tool tool = {.log = malloc(LOG_ROOM)};
        const char *file = NULL;
        long random = 0;
        uint64_t seed = 1;
        int option, status;

        if (!tool.log || !seeds_read(&tool.captures, "pcaps/*.pcap"))
                return 2;
        look_at_kernel(&tool);
        while ((option = getopt(argc, argv, "mnvf:p:r:s:")) != -1)
                switch (option) {
                case 'f': file = optarg; break;
                case 'p':
                        if (!seeds_read(&tool.own, optarg))
                                return 2;
                        break;
                case 'm': tool.maps = true; break;
                case 'n': tool.jumps_far = false; break;
                case 'v': tool.verbose = true; break;
                case 'r': random = strtol(optarg, NULL, 10); break;
                case 's': seed = strtoull(optarg, NULL, 10); break;
                default: return 2;
                }
        if (file)
                corpus_visit_file(file, try, &tool);
        else if (optind < argc)
                try(&tool,
                    optind + 1 < argc ? pcap_datalink_name_to_val(argv[optind + 1]) : DLT_EN10MB,
                    argv[optind]);
        else if (random > 0)
                try_random(&tool, random, seed);
        else
                corpus_visit(try, &tool);
        status = report(&tool, !file && optind == argc);
        if (tool.has_tracepoints)
                fake_skb_free(&tool.skb);
        seeds_free(&tool.captures);
        seeds_free(&tool.own);
        free(tool.log);
        return status;
}

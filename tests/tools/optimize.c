/* optimize [-v] [-p PACKETS] FILE: for each line of FILE (link type, tab, expression) optimizes
 * libpcap's unoptimized program and compares it with that program on packets steered into its
 * branches, and its length with libpcap's optimized program. Exits 1 on a difference in meaning.
 * Lines that libpcap does not compile are left out. */
#include "cbpf/cbpf.h"
#include "cbpf/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
        LONGEST_PACKET = 1 << 17,
        PACKET = 200,
        COMPLETIONS = 12,
};

static uint64_t random_state = 88172645463325252u;

static uint32_t random_below(uint32_t limit)
{
        random_state ^= random_state << 13;
        random_state ^= random_state >> 7;
        random_state ^= random_state << 17;
        return (uint32_t)(random_state >> 11) % limit;
}

/* A branch on what was loaded from the packet. */
struct branch {
        uint32_t offset, size, k;
};

struct run {
        uint32_t result;
        bool truncated;
        uint32_t branch_count;
        struct branch branches[256];
};

/* The interpreter of this test: also tells why a packet was rejected, and what was compared. */
static void run(const struct bpf_program *program, const uint8_t *packet, uint32_t length,
                uint32_t captured, struct run *run)
{
        uint32_t a = 0, x = 0, memory[BPF_MEMWORDS] = {0};
        struct branch last = {0};

        run->result = 0;
        run->truncated = false;
        run->branch_count = 0;
        for (const struct bpf_insn *i = program->bf_insns;; i++) {
                uint32_t operand = BPF_SRC(i->code) == BPF_X ? x : i->k;
                uint64_t at = i->k;
                uint32_t size = BPF_SIZE(i->code) == BPF_W ? 4 : BPF_SIZE(i->code) == BPF_H ? 2 : 1;
                uint32_t value = 0;
                bool yes = false;

                switch (BPF_CLASS(i->code)) {
                case BPF_LD:
                case BPF_LDX:
                        switch (BPF_MODE(i->code)) {
                        case BPF_IMM: value = i->k; break;
                        case BPF_LEN: value = length; break;
                        case BPF_MEM: value = memory[i->k]; break;
                        default:
                                if (BPF_MODE(i->code) == BPF_IND)
                                        at += x;
                                if (at + size > captured) {
                                        run->truncated = true;
                                        return;
                                }
                                for (uint32_t byte = 0; byte < size; byte++)
                                        value = value << 8 | packet[at + byte];
                                last = (struct branch){(uint32_t)at, size, 0};
                                if (BPF_MODE(i->code) == BPF_MSH)
                                        value = (value & 0xf) << 2;
                        }
                        if (BPF_CLASS(i->code) == BPF_LD)
                                a = value;
                        else
                                x = value;
                        break;
                case BPF_ST: memory[i->k] = a; break;
                case BPF_STX: memory[i->k] = x; break;
                case BPF_ALU:
                        switch (BPF_OP(i->code)) {
                        case BPF_ADD: a += operand; break;
                        case BPF_SUB: a -= operand; break;
                        case BPF_MUL: a *= operand; break;
                        case BPF_AND: a &= operand; break;
                        case BPF_OR: a |= operand; break;
                        case BPF_XOR: a ^= operand; break;
                        case BPF_LSH: a = operand < 32 ? a << operand : 0; break;
                        case BPF_RSH: a = operand < 32 ? a >> operand : 0; break;
                        case BPF_NEG: a = -a; break;
                        case BPF_DIV:
                                if (operand == 0)
                                        return;
                                a /= operand;
                                break;
                        case BPF_MOD:
                                if (operand == 0)
                                        return;
                                a %= operand;
                                break;
                        }
                        break;
                case BPF_JMP:
                        if (BPF_OP(i->code) == BPF_JA) {
                                i += i->k;
                                break;
                        }
                        if (last.size && run->branch_count < 256) {
                                last.k = operand;
                                run->branches[run->branch_count++] = last;
                        }
                        switch (BPF_OP(i->code)) {
                        case BPF_JEQ: yes = a == operand; break;
                        case BPF_JGT: yes = a > operand; break;
                        case BPF_JGE: yes = a >= operand; break;
                        case BPF_JSET: yes = a & operand; break;
                        }
                        i += yes ? i->jt : i->jf;
                        break;
                case BPF_RET: run->result = BPF_RVAL(i->code) == BPF_A ? a : i->k; return;
                case BPF_MISC:
                        if (BPF_MISCOP(i->code) == BPF_TAX)
                                x = a;
                        else
                                a = x;
                        break;
                }
        }
}

/* Gives bytes that a branch has read a value near the one it was compared with. */
static void steer(uint8_t *packet, const struct run *run)
{
        const struct branch *branch;
        uint32_t value;

        if (run->branch_count == 0 || random_below(8) == 0) {
                packet[random_below(PACKET)] = (uint8_t)random_below(256);
                return;
        }
        branch = &run->branches[random_below(run->branch_count)];
        value = branch->k;
        switch (random_below(8)) {
        case 0: value++; break;
        case 1: value--; break;
        case 2: value = random_below(UINT32_MAX); break;
        case 3: value <<= random_below(8); break;
        }
        if (branch->offset + branch->size > LONGEST_PACKET)
                return;
        for (uint32_t i = branch->size; i-- > 0; value >>= 8)
                packet[branch->offset + i] = (uint8_t)value;
}

/* True if every completion of the packet that was tried gets `result` from `in`. */
static bool all_completions_get(const struct bpf_program *in, const uint8_t *packet,
                                uint32_t length, uint32_t captured, uint32_t result)
{
        static uint8_t whole[LONGEST_PACKET];
        struct run complete;

        memcpy(whole, packet, captured);
        for (int i = 0; i < COMPLETIONS; i++) {
                for (uint32_t byte = captured; byte < 2 * PACKET; byte++)
                        whole[byte] = i == 0 ? packet[byte] : (uint8_t)random_below(256);
                for (int steps = 0; steps < 4; steps++) {
                        run(in, whole, length, LONGEST_PACKET, &complete);
                        if (!complete.truncated && complete.result != result)
                                return false;
                        steer(whole, &complete);
                        memcpy(whole, packet, captured);
                }
        }
        return true;
}

static bool same_on(const struct bpf_program *in, const struct bpf_program *out,
                    const uint8_t *packet, uint32_t length, uint32_t captured, struct run *steps)
{
        static struct run other;

        run(in, packet, length, captured, steps);
        run(out, packet, length, captured, &other);
        if (steps->result == other.result)
                return true;
        return steps->truncated && all_completions_get(in, packet, length, captured, other.result);
}

static uint32_t in_pool[] = {14, 20, 34, 40, 54, 60, 64, 100, 200};

static bool same_meaning(const struct bpf_program *in, const struct bpf_program *out, int packets)
{
        static uint8_t packet[LONGEST_PACKET];
        static struct run steps;

        for (int i = 0; i < packets; i++) {
                uint32_t captured = random_below(3) ? LONGEST_PACKET : random_below(PACKET);
                uint32_t length = random_below(2) ? in_pool[random_below(9)] : random_below(2000);

                if (i % 40 == 0)
                        for (int byte = 0; byte < 2 * PACKET; byte++)
                                packet[byte] = random_below(3) ? (uint8_t)random_below(256) : 0;
                if (!same_on(in, out, packet, length, captured, &steps)) {
                        printf("captured %u length %u:", captured, length);
                        for (int byte = 0; byte < 80; byte++)
                                printf(" %02x", packet[byte]);
                        printf("\n");
                        return false;
                }
                /* Steered by both programs: what the other asks may be asked nowhere here. */
                if (random_below(2))
                        run(out, packet, length, LONGEST_PACKET, &steps);
                steer(packet, &steps);
        }
        return true;
}

static void dump(const char *title, const struct bpf_program *program)
{
        char *text = cbpf_list(program, CBPF_LISTING_TEXT);

        printf("%s: %u\n%s", title, program->bf_len, text ? text : "");
        free(text);
}

struct total {
        unsigned long expressions, unoptimized, libpcap, ours, longer, shorter, skipped, unlifted;
        unsigned long unstable;
        bool differs;
};

static void compare(const char *link, const char *expression, int packets, int verbose,
                    struct total *total)
{
        int type = pcap_datalink_name_to_val(link);
        pcap_t *handle = pcap_open_dead(type, 262144);
        struct bpf_program in, best, out, again;
        struct cbpf_violation violation;
        int result;

        if (!handle)
                exit(1);
        if (pcap_compile(handle, &in, expression, 0, 0xffffff00) < 0) {
                if (verbose)
                        printf("%s: %s\n", expression, pcap_geterr(handle));
                total->skipped++;
                pcap_close(handle);
                return;
        }
        if (pcap_compile(handle, &best, expression, 1, 0xffffff00) < 0) {
                best.bf_len = 1;
                best.bf_insns = calloc(1, sizeof *best.bf_insns);
                best.bf_insns->code = BPF_RET;
        }
        pcap_close(handle);
        total->expressions++;
        result = cbpf_optimize(&in, NULL, &out);
        if (result != 0) {
                total->unlifted++;
                if (verbose || result < 0)
                        printf("%s: not lifted (%d)\n", expression, result);
        } else {
                if (cbpf_check(&out, &violation) < 0 && violation.instruction < CBPF_KERNEL_MAX) {
                        printf("%s: %s\n", expression, violation.message);
                        total->differs = true;
                } else if (!same_meaning(&in, &out, packets)) {
                        printf("%s %s: differs\n", link, expression);
                        if (verbose) {
                                dump("unoptimized", &in);
                                dump("ours", &out);
                        }
                        total->differs = true;
                }
                if (cbpf_optimize(&out, NULL, &again) == 0) {
                        if (again.bf_len != out.bf_len) {
                                total->unstable++;
                                if (verbose)
                                        printf("%s %s: %u, again %u\n", link, expression,
                                               out.bf_len, again.bf_len);
                        }
                        cbpf_program_free(&again);
                }
                total->unoptimized += in.bf_len;
                total->libpcap += best.bf_len;
                total->ours += out.bf_len;
                total->shorter += out.bf_len < best.bf_len;
                if (out.bf_len > best.bf_len) {
                        total->longer++;
                        printf("longer by %d (%u): %s %s%s\n", (int)(out.bf_len - best.bf_len),
                               best.bf_len, link, expression,
                               same_meaning(&in, &best, 3000) ? "" : " (libpcap is wrong)");
                }
                if (verbose) {
                        if (verbose > 1)
                                dump("unoptimized", &in);
                        dump("libpcap", &best);
                        dump("ours", &out);
                }
                cbpf_program_free(&out);
        }
        pcap_freecode(&in);
        pcap_freecode(&best);
}

int main(int argc, char **argv)
{
        struct total total = {0};
        int option, packets = 2000, verbose = 0;
        char *line = NULL;
        size_t room = 0;
        FILE *file;

        while ((option = getopt(argc, argv, "vp:")) != -1)
                if (option == 'v')
                        verbose++;
                else if (option == 'p')
                        packets = atoi(optarg);
                else
                        return 2;
        file = optind < argc ? fopen(argv[optind], "r") : stdin;
        if (!file) {
                perror(argv[optind]);
                return 2;
        }
        while (getline(&line, &room, file) > 0) {
                char *tab = strchr(line, '\t');

                line[strcspn(line, "\n")] = 0;
                if (line[0] == '#' || !tab)
                        continue;
                *tab = 0;
                compare(line, tab + 1, packets, verbose, &total);
        }
        free(line);
        printf("%lu expressions (%lu not for libpcap, %lu not lifted): unoptimized %lu, libpcap "
               "%lu, ours %lu; shorter %lu, longer %lu, unstable %lu\n",
               total.expressions, total.skipped, total.unlifted, total.unoptimized, total.libpcap,
               total.ours, total.shorter, total.longer, total.unstable);
        return total.differs;
}

/* Machine code against the interpreter, and against libpcap's where its result is defined. Packets
 * end at a fence: code that reads past the captured bytes gets a signal. */
#include "cbpf/cbpf.h"
#include "tests/lib/corpus.h"
#include "tests/lib/fence.h"
#include "tests/lib/mend.h"
#include "tests/lib/programs.h"
#include "tests/lib/random.h"
#include "tests/lib/seeds.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

enum {
        SNAPSHOT = 262144,
};

static uint64_t random_state = 1;

static const struct cbpf_ancillary ancillary = {
    .protocol = 0x86dd,
    .packet_type = 4,
    .interface = 0x87654321,
    .hardware_type = 772,
    .vlan_present = true,
    .vlan_tag = 0xe007,
    .vlan_protocol = 0x88a8,
};

static bool is_shift(uint16_t code)
{
        return BPF_CLASS(code) == BPF_ALU && (BPF_OP(code) == BPF_LSH || BPF_OP(code) == BPF_RSH);
}

static bool is_constant_division(uint16_t code)
{
        return code == (BPF_ALU | BPF_DIV | BPF_K) || code == (BPF_ALU | BPF_MOD | BPF_K);
}

/* Fails with the program and both results. */
static void disagree(const struct bpf_program *program, const struct packet *packet,
                     const char *whose, uint32_t expected, uint32_t verdict)
{
        char *listing = cbpf_list(program, CBPF_LISTING_TEXT);

        fprintf(stderr, "%.3000s", listing ? listing : "");
        free(listing);
        ck_abort_msg("%s %u, machine code %u; %u of %u bytes captured", whose, expected, verdict,
                     packet->captured, packet->length);
}

static void compare(const struct bpf_program *program, const struct cbpf_jit *jit,
                    const struct packet *packet, const struct cbpf_ancillary *known)
{
        uint32_t verdict = cbpf_jit_run(jit, packet, known);
        uint32_t expected =
            known ? cbpf_execute(program, packet, known, NULL).verdict : cbpf_run(program, packet);

        if (verdict != expected)
                disagree(program, packet, "interpreter", expected, verdict);
}

static void compare_with_libpcap(const struct bpf_program *program, const struct cbpf_jit *jit,
                                 const struct packet *packet)
{
        uint32_t expected =
            bpf_filter(program->bf_insns, packet->data, packet->length, packet->captured);
        uint32_t verdict = cbpf_jit_run(jit, packet, NULL);

        if (verdict != expected)
                disagree(program, packet, "libpcap", expected, verdict);
}

/* Each opcode, with whatever may matter in k, A and X, on packets of different length. */

static const uint32_t values[] = {
    0, 1, 2, 3, 4, 7, 15, 16, 31, 32, 33, 63, 64, 127, 128, 255, 256, 0x7ffe, 8192, 65536,
    0x7ffffffb, 0x7ffffffc, 0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001, 0xffefffff,
    /* SKF_LL_OFF, SKF_NET_OFF, and ancillary data up to more than Linux has */
    0xffe00000, 0xfff00000, 0xffffefff, 0xfffff000, 0xfffff004, 0xfffff008, 0xfffff01c, 0xfffff02c,
    0xfffff030, 0xfffff03c, 0xfffff040, 0xffffff7f, 0xffffff80, 0xfffffffc, 0xfffffffe, 0xffffffff};

static void put_steps(struct bpf_insn *instructions, uint16_t code, uint32_t k, uint32_t a,
                      uint32_t x, uint16_t shown)
{
        bool scratch = code == BPF_ST || code == BPF_STX ||
                       (BPF_CLASS(code) <= BPF_LDX && BPF_MODE(code) == BPF_MEM);
        bool jump = BPF_CLASS(code) == BPF_JMP;
        uint32_t word = scratch ? k % BPF_MEMWORDS : 5;

        k = code == JA ? k % 2 : scratch ? word : k;
        instructions[0] = (struct bpf_insn){LD_IMM, 0, 0, 99};
        instructions[1] = (struct bpf_insn){BPF_ST, 0, 0, word};
        instructions[2] = (struct bpf_insn){LDX_IMM, 0, 0, x};
        instructions[3] = (struct bpf_insn){LD_IMM, 0, 0, a};
        instructions[4] = (struct bpf_insn){code, jump, 0, k};
        instructions[5] = (struct bpf_insn){ADD, 0, 0, jump};
        instructions[6] = (struct bpf_insn){shown, 0, 0, word};
        instructions[7] = (struct bpf_insn){RET_A, 0, 0, 0};
}

static bool libpcap_defines(uint16_t code, uint32_t k, uint32_t x)
{
        bool constant = BPF_SRC(code) == BPF_K;

        if (is_shift(code))
                return (constant ? k : x) < 32;
        return !(is_constant_division(code) && k == 0);
}

/* The program then returns A, X or a word of scratch memory, at random. */
static void try_opcode(struct fence *fence, uint16_t code, uint32_t k, uint32_t a, uint32_t x)
{
        static const uint16_t shown[] = {ADD, TXA, BPF_LD | BPF_MEM};
        static const uint32_t lengths[] = {0, 1, 2, 3, 4, 5, 8, 20, 67};
        struct bpf_insn instructions[8];
        struct bpf_program program = {COUNT(instructions), instructions};
        struct cbpf_jit *jit;
        uint8_t bytes[67];

        for (uint32_t i = 0; i < sizeof bytes; i++)
                bytes[i] = (uint8_t)(0xf1 + 7 * i);
        put_steps(instructions, code, k, a, x, shown[random_below(&random_state, COUNT(shown))]);
        jit = cbpf_jit_new(&program);
        ck_assert_ptr_nonnull(jit);
        for (size_t i = 0; i < COUNT(lengths); i++) {
                struct packet packet = {.data = fence_put(fence, bytes, lengths[i]),
                                        .captured = lengths[i],
                                        .length = 0x80000001};

                compare(&program, jit, &packet, NULL);
                if (libpcap_defines(code, k, x))
                        compare_with_libpcap(&program, jit, &packet);
                compare(&program, jit, &packet, &ancillary);
        }
        cbpf_jit_free(jit);
}

START_TEST(does_what_each_opcode_says)
{
        uint16_t code = program_opcodes[_i];
        struct fence fence = fence_make();

        for (size_t i = 0; i < COUNT(values); i++) {
                try_opcode(&fence, code, values[i], 0x89abcdef, 3);
                for (size_t j = 0; j < COUNT(values); j++) {
                        try_opcode(&fence, code, values[i], 0x89abcdef, values[j]);
                        if (BPF_CLASS(code) == BPF_ALU || BPF_CLASS(code) == BPF_JMP)
                                try_opcode(&fence, code, values[i], values[j],
                                           values[random_below(&random_state, COUNT(values))]);
                }
        }
        fence_drop(&fence);
}
END_TEST

/* Captured bytes are read wherever they are, even past 2 GB, and X and k are added without
 * wrapping. Only the pages of this packet that are read exist. */
static uint8_t *make_huge_packet(uint32_t captured)
{
        static const uint32_t places[] = {0, 0x7fff0000, 0xfffe0000};
        uint8_t *bytes = mmap(NULL, captured, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        ck_assert_ptr_ne(bytes, MAP_FAILED);
        for (size_t i = 0; i < COUNT(places); i++) {
                uint32_t end = places[i] < captured - 0x20000 ? places[i] + 0x20000 : captured;

                ck_assert_int_eq(
                    mprotect(bytes + places[i], end - places[i], PROT_READ | PROT_WRITE), 0);
                for (uint32_t j = places[i]; j < end; j++)
                        bytes[j] = (uint8_t)(j * 7 ^ j >> 8);
        }
        return bytes;
}

START_TEST(reads_huge_packets)
{
        static const uint16_t loads[] = {BPF_LD | BPF_W | BPF_ABS, BPF_LD | BPF_H | BPF_ABS,
                                         BPF_LD | BPF_B | BPF_ABS, BPF_LD | BPF_W | BPF_IND,
                                         BPF_LD | BPF_H | BPF_IND, BPF_LD | BPF_B | BPF_IND,
                                         BPF_LDX | BPF_B | BPF_MSH};
        static const uint32_t offsets[] = {0,          9,          0x7ffffff0, 0x7ffffffc,
                                           0x7fffffff, 0x80000000, 0x80000001, 0xffffdff8,
                                           0xffffdffc, 0xffffdffe, 0xffffdfff};
        uint32_t captured = 0xffffe000;
        struct packet packet = {make_huge_packet(captured), captured, captured};

        for (size_t i = 0; i < COUNT(loads) * COUNT(offsets) * COUNT(offsets); i++) {
                uint16_t code = loads[i % COUNT(loads)];
                uint32_t k = offsets[i / COUNT(loads) % COUNT(offsets)];
                uint32_t x = offsets[i / COUNT(loads) / COUNT(offsets)];
                struct bpf_program program =
                    PROGRAM({LDX_IMM, 0, 0, x}, {code, 0, 0, k},
                            {BPF_CLASS(code) == BPF_LDX ? TXA : ADD, 0, 0, 0}, {ADD, 0, 0, 1},
                            {RET_A, 0, 0, 0});
                struct cbpf_jit *jit = cbpf_jit_new(&program);

                ck_assert_ptr_nonnull(jit);
                compare(&program, jit, &packet, NULL);
                cbpf_jit_free(jit);
        }
        munmap((void *)packet.data, captured);
}
END_TEST

/* Only NULL means no ancillary data; an address whose lower 32 bits are zero does not. */
START_TEST(takes_ancillary_data_from_any_address)
{
        struct cbpf_ancillary *placed =
            mmap((void *)0x300000000000, sizeof *placed, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
        struct bpf_program program =
            PROGRAM({LDB_ABS, 0, 0, (uint32_t)(SKF_AD_OFF + SKF_AD_IFINDEX)}, {RET_A, 0, 0, 0});
        struct cbpf_jit *jit = cbpf_jit_new(&program);

        ck_assert_ptr_nonnull(jit);
        ck_assert_ptr_eq(placed, (void *)0x300000000000);
        *placed = ancillary;
        ck_assert_uint_eq(cbpf_jit_run(jit, &(struct packet){0}, placed), ancillary.interface);
        ck_assert_uint_eq(cbpf_jit_run(jit, &(struct packet){0}, NULL), 0);
        cbpf_jit_free(jit);
        munmap(placed, sizeof *placed);
}
END_TEST

/* A and X are 0 at the start, and so is scratch memory. */
START_TEST(starts_with_zeros)
{
        struct packet packet = {.length = 1000};

        for (uint32_t word = 0; word < BPF_MEMWORDS; word++) {
                struct bpf_program program =
                    PROGRAM({BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0}, {BPF_LDX | BPF_MEM, 0, 0, word},
                            {BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0}, {ADD, 0, 0, 7}, {RET_A, 0, 0, 0});
                struct cbpf_jit *jit = cbpf_jit_new(&program);

                ck_assert_ptr_nonnull(jit);
                ck_assert_uint_eq(cbpf_jit_run(jit, &packet, NULL), 7);
                cbpf_jit_free(jit);
        }
}
END_TEST

/* Programs of random instructions. */

static uint32_t random_k(void)
{
        switch (random_below(&random_state, 8)) {
        case 0: return values[random_below(&random_state, COUNT(values))];
        case 1: return (uint32_t)random_next(&random_state);
        case 2:
        case 3: return random_below(&random_state, 64);
        default: return random_below(&random_state, 8);
        }
}

/* Most of them run for long: returns are rare. With `tame`, nothing in them is undefined in
 * libpcap: all scratch memory is written first, and X, which may be a shift count, stays small. */
static void random_program(struct bpf_program *program, bool tame)
{
        for (uint32_t i = 0; i < program->bf_len; i++) {
                struct bpf_insn *made = &program->bf_insns[i];

                *made = (struct bpf_insn){
                    .code = program_opcodes[random_below(&random_state, PROGRAM_OPCODES)],
                    .jt = (uint8_t)random_below(&random_state, 6),
                    .jf = (uint8_t)random_below(&random_state, 6),
                    .k = random_k(),
                };
                if (BPF_CLASS(made->code) == BPF_RET && random_below(&random_state, 4) > 0)
                        made->code = NEG;
                if (made->code == JA)
                        made->k %= 6;
                if (tame && i < BPF_MEMWORDS)
                        *made = (struct bpf_insn){BPF_ST, 0, 0, i};
                if (tame && is_shift(made->code))
                        made->code = (uint16_t)(made->code & ~BPF_X);
        }
        mend_program(program);
}

START_TEST(answers_as_the_interpreters_on_random_programs)
{
        struct fence fence = fence_make();
        size_t accepted = 0;

        for (int i = 0; i < 20000; i++) {
                struct bpf_insn instructions[120];
                bool tame = i % 2;
                struct bpf_program program = {20 + random_below(&random_state, 100), instructions};
                struct cbpf_jit *jit;

                random_program(&program, tame);
                jit = cbpf_jit_new(&program);
                ck_assert_ptr_nonnull(jit);
                for (uint32_t captured = 0; captured < 80; captured += captured < 20 ? 1 : 6) {
                        uint8_t bytes[80];
                        struct packet packet = {.captured = captured,
                                                .length =
                                                    captured + random_below(&random_state, 3)};

                        for (uint32_t j = 0; j < captured; j++)
                                bytes[j] = (uint8_t)random_below(&random_state, 256);
                        packet.data = fence_put(&fence, bytes, captured);
                        compare(&program, jit, &packet, NULL);
                        if (tame)
                                compare_with_libpcap(&program, jit, &packet);
                        accepted += cbpf_jit_run(jit, &packet, NULL) != 0;
                        compare(&program, jit, &packet, &ancillary);
                }
                cbpf_jit_free(jit);
        }
        fence_drop(&fence);
        ck_assert_uint_gt(accepted, 50000); /* otherwise too little of the programs was run */
}
END_TEST

/* The programs of the corpora, on captured and generated packets, whole and truncated. */

enum {
        MAX_LINK_TYPES = 300, /* more than libpcap compiles for */
        CUTS = 6,
};

struct corpus {
        struct captures captures;
        struct seeds seeds[MAX_LINK_TYPES]; /* by link type, made when first needed */
        struct fence fence;
        size_t compared, refused;
};

static bool jumps_back(const struct bpf_program *program)
{
        for (size_t i = 0; i < program->bf_len; i++)
                if (program->bf_insns[i].code == JA && program->bf_insns[i].k > INT32_MAX)
                        return true;
        return false;
}

static void try_sample(struct corpus *corpus, const struct bpf_program *program,
                       const struct cbpf_jit *jit, const struct sample *sample)
{
        struct packet packet = sample_packet(sample);

        for (int i = 0; i < CUTS; i++) {
                packet.data = fence_put(&corpus->fence, sample->data, packet.captured);
                compare(program, jit, &packet, NULL);
                packet.captured = random_below(&random_state, sample->captured + 1);
                if (i % 2)
                        packet.captured %= 64;
        }
}

static void try_program(struct corpus *corpus, int link_type, const struct bpf_program *program,
                        bool live)
{
        struct cbpf_jit *jit = cbpf_jit_new(program);
        struct seeds *seeds;

        corpus->refused += !jit;
        corpus->compared += jit != NULL;
        if (!jit) {
                ck_assert(jumps_back(program));
                return;
        }
        ck_assert_int_lt(link_type, MAX_LINK_TYPES);
        seeds = &corpus->seeds[link_type];
        if (!seeds->samples)
                ck_assert(seeds_make(seeds, &corpus->captures, link_type, live));
        for (size_t i = 0; i < seeds->count; i++) {
                seeds->samples[i]->live = live;
                try_sample(corpus, program, jit, seeds->samples[i]);
        }
        cbpf_jit_free(jit);
}

static void try_expression(void *context, int link_type, const char *expression)
{
        static const struct {
                enum cbpf_place place;
                unsigned flags;
        } ways[] = {{CBPF_FILE, 0}, {CBPF_FILE, CBPF_UNOPTIMIZED}, {CBPF_LIVE, 0}};

        for (size_t i = 0; i < COUNT(ways); i++) {
                struct cbpf_target target = {.link_type = link_type,
                                             .snapshot_length = SNAPSHOT,
                                             .place = ways[i].place,
                                             .netmask = 0x00ffffff};
                struct bpf_program program;
                struct error error;

                if (cbpf_compile(expression, &target, ways[i].flags, &program, &error) != 0)
                        continue;
                try_program(context, link_type, &program, ways[i].place == CBPF_LIVE);
                cbpf_program_free(&program);
        }
}

START_TEST(answers_as_the_interpreter_on_the_corpus)
{
        struct corpus corpus = {.fence = fence_make()};

        ck_assert(seeds_read(&corpus.captures, "pcaps/*.pcap"));
        ck_assert_uint_gt(corpus_visit(try_expression, &corpus), 0);
        for (size_t i = 0; i < MAX_LINK_TYPES; i++)
                seeds_drop(&corpus.seeds[i]);
        seeds_free(&corpus.captures);
        fence_drop(&corpus.fence);
        ck_assert_uint_gt(corpus.compared, 3000);
        ck_assert_uint_gt(corpus.refused, 0); /* protochain */
        ck_assert_uint_lt(corpus.refused, 100);
}
END_TEST

/* Jumps of every length around the limit of the short form. */

static void try_jump(uint16_t code, uint32_t shorts, uint32_t longs)
{
        struct bpf_insn instructions[400];
        struct bpf_program program = {0, instructions};
        struct cbpf_jit *jit;

        instructions[program.bf_len++] = (struct bpf_insn){LDB_ABS, 0, 0, 0};
        instructions[program.bf_len++] =
            (struct bpf_insn){code, (uint8_t)(shorts + longs), 0, code == JA ? shorts + longs : 5};
        for (uint32_t i = 0; i < shorts + longs; i++)
                instructions[program.bf_len++] = i < shorts ? (struct bpf_insn){NEG, 0, 0, 0}
                                                            : (struct bpf_insn){ADD, 0, 0, 1000};
        instructions[program.bf_len++] = (struct bpf_insn){RET_A, 0, 0, 0};
        jit = cbpf_jit_new(&program);
        ck_assert_ptr_nonnull(jit);
        for (uint8_t byte = 4; byte <= 6; byte++)
                compare(&program, jit, &(struct packet){&byte, 1, 1}, NULL);
        compare(&program, jit, &(struct packet){.length = 1}, NULL);
        cbpf_jit_free(jit);
}

START_TEST(jumps_any_distance)
{
        static const uint16_t codes[] = {JA, JEQ, BPF_JMP | BPF_JGT | BPF_K,
                                         BPF_JMP | BPF_JGE | BPF_K, BPF_JMP | BPF_JSET | BPF_K};

        for (size_t i = 0; i < COUNT(codes); i++)
                for (uint32_t longs = 0; longs <= 50; longs++)
                        for (uint32_t shorts = 0; shorts <= 70; shorts++)
                                try_jump(codes[i], shorts, longs);
}
END_TEST

/* Many more instructions than the kernel accepts, and a jump across nearly all of them. */
START_TEST(compiles_very_long_programs)
{
        uint32_t length = 1000000;
        struct bpf_program program = {length, calloc(length, sizeof(struct bpf_insn))};
        struct cbpf_jit *jit;

        for (uint32_t i = 0; i < length; i++)
                program.bf_insns[i] = (struct bpf_insn){ADD, 0, 0, 1};
        program.bf_insns[0] = (struct bpf_insn){LDB_ABS, 0, 0, 0};
        program.bf_insns[1] = (struct bpf_insn){JEQ, 0, 1, 8};
        program.bf_insns[2] = (struct bpf_insn){JA, 0, 0, length - 5};
        program.bf_insns[length - 1] = (struct bpf_insn){RET_A, 0, 0, 0};
        jit = cbpf_jit_new(&program);
        ck_assert_ptr_nonnull(jit);
        ck_assert_uint_eq(cbpf_jit_run(jit, &(struct packet){(uint8_t[]){8}, 1, 1}, NULL), 9);
        ck_assert_uint_eq(cbpf_jit_run(jit, &(struct packet){(uint8_t[]){7}, 1, 1}, NULL),
                          7 + length - 4);
        cbpf_jit_free(jit);
        free(program.bf_insns);
}
END_TEST

/* A long list, as text; then packets from the hosts of the list and from others. */
START_TEST(searches_long_lists)
{
        enum { HOSTS = 10000 };
        struct cbpf_target target = {.link_type = DLT_EN10MB,
                                     .snapshot_length = SNAPSHOT,
                                     .place = CBPF_FILE,
                                     .netmask = CBPF_NETMASK_UNKNOWN};
        char *expression = malloc(HOSTS * 24), *end = expression;
        uint8_t bytes[34] = {[12] = 8, [14] = 0x45, [23] = 6};
        struct bpf_program program;
        struct error error;
        struct cbpf_jit *jit;
        size_t accepted = 0;

        for (int i = 0; i < HOSTS; i++)
                end += sprintf(end, "%s10.%d.%d.1", i ? " or host " : "host ", i / 250, i % 250);
        ck_assert_int_eq(cbpf_compile(expression, &target, 0, &program, &error), 0);
        ck_assert_uint_gt(program.bf_len, CBPF_KERNEL_MAX);
        jit = cbpf_jit_new(&program);
        ck_assert_ptr_nonnull(jit);
        for (int i = 0; i < 4 * HOSTS; i++) {
                struct packet packet = {bytes, sizeof bytes, 60};

                bytes[26] = 10;
                bytes[27] = (uint8_t)random_below(&random_state, 45);
                bytes[28] = (uint8_t)random_below(&random_state, 256);
                bytes[29] = (uint8_t)random_below(&random_state, 3);
                compare(&program, jit, &packet, NULL);
                accepted += cbpf_jit_run(jit, &packet, NULL) != 0;
        }
        ck_assert_uint_gt(accepted, HOSTS / 2);
        ck_assert_uint_lt(accepted, 2 * HOSTS);
        cbpf_jit_free(jit);
        cbpf_program_free(&program);
        free(expression);
}
END_TEST

START_TEST(leaves_other_programs_to_the_interpreter)
{
        struct bpf_program programs[] = {
            {0, NULL},
            PROGRAM({LD_IMM, 0, 0, 0}),                                           /* no end */
            PROGRAM({LD_IMM, 0, 0, 0}, {JA, 0, 0, (uint32_t)-2}, {RET, 0, 0, 1}), /* a loop */
            PROGRAM({JA, 0, 0, UINT32_MAX}, {RET, 0, 0, 1}), /* a shorter one */
            PROGRAM({JA, 0, 0, 1}, {RET, 0, 0, 1}),          /* jumps out */
            PROGRAM({JEQ, 1, 0, 0}, {RET, 0, 0, 1}),
            PROGRAM({JEQ, 0, 1, 0}, {RET, 0, 0, 1}),
            PROGRAM({0xff, 0, 0, 0}, {RET, 0, 0, 1}), /* no opcodes */
            PROGRAM({RET, 0, 0, 1}, {0x106, 0, 0, 0}, {RET, 0, 0, 1}),
        };

        for (size_t i = 0; i < COUNT(programs); i++)
                ck_assert_ptr_null(cbpf_jit_new(&programs[i]));
        cbpf_jit_free(NULL);
}
END_TEST

/* Batches. */

START_TEST(filters_batches)
{
        enum { PACKETS = 200 };
        struct bpf_program program =
            PROGRAM({LDB_ABS, 0, 0, 1}, {JEQ, 1, 0, 7}, {RET_A, 0, 0, 0}, {RET, 0, 0, 9999});
        struct cbpf_jit *jit = cbpf_jit_new(&program);
        uint8_t bytes[PACKETS + 1];
        struct packet packets[PACKETS];
        uint32_t verdicts[PACKETS + 1];

        ck_assert_ptr_nonnull(jit);
        for (uint32_t i = 0; i <= PACKETS; i++)
                bytes[i] = (uint8_t)random_below(&random_state, 9);
        for (uint32_t i = 0; i < PACKETS; i++) /* some without any bytes */
                packets[i] = (struct packet){i % 5 ? &bytes[i] : NULL, i % 5 ? 2 : 0, 60};
        for (size_t count = 0; count <= PACKETS; count++) {
                memset(verdicts, 0xee, sizeof verdicts);
                cbpf_jit_run_batch(jit, packets, count, verdicts);
                for (size_t i = 0; i < count; i++)
                        ck_assert_uint_eq(verdicts[i], cbpf_jit_run(jit, &packets[i], NULL));
                ck_assert_uint_eq(verdicts[count], 0xeeeeeeee);
        }
        cbpf_jit_free(jit);
}
END_TEST

/* Memory. */

static size_t count_mappings(const char *permissions)
{
        FILE *maps = fopen("/proc/self/maps", "r");
        char line[1000];
        size_t count = 0;

        ck_assert_ptr_nonnull(maps);
        while (fgets(line, sizeof line, maps)) {
                const char *found = strchr(line, ' ');

                count += found && strncmp(found + 1, permissions, strlen(permissions)) == 0;
        }
        fclose(maps);
        return count;
}

START_TEST(keeps_memory_either_writable_or_executable)
{
        struct bpf_program program = PROGRAM({RET, 0, 0, 1});
        size_t before = count_mappings("r-xp");
        struct cbpf_jit *jit = cbpf_jit_new(&program);

        ck_assert_ptr_nonnull(jit);
        ck_assert_uint_eq(count_mappings("r-xp"), before + 1);
        ck_assert_uint_eq(count_mappings("rwx"), 0);
        ck_assert_uint_eq(count_mappings("-wx"), 0);
        cbpf_jit_free(jit);
        ck_assert_uint_eq(count_mappings("r-xp"), before);
}
END_TEST

/* As on a hardened system: mprotect() may not make memory executable. */
static void deny_executable_memory(void)
{
        struct sock_filter instructions[] = {
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 3),
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
            BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = {COUNT(instructions), instructions};

        ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

/* For this process only, which is the test's own. */
START_TEST(does_without_executable_memory)
{
        struct bpf_program program = PROGRAM({RET, 0, 0, 1});
        struct cbpf_jit *jit = cbpf_jit_new(&program);

        ck_assert_ptr_nonnull(jit);
        cbpf_jit_free(jit);
        deny_executable_memory();
        ck_assert_ptr_null(cbpf_jit_new(&program));
}
END_TEST

static void add_tests_of_code(TCase *tests)
{
        tcase_add_loop_test(tests, does_what_each_opcode_says, 0, PROGRAM_OPCODES);
        tcase_add_test(tests, reads_huge_packets);
        tcase_add_test(tests, takes_ancillary_data_from_any_address);
        tcase_add_test(tests, starts_with_zeros);
        tcase_add_test(tests, answers_as_the_interpreters_on_random_programs);
        tcase_add_test(tests, answers_as_the_interpreter_on_the_corpus);
        tcase_add_test(tests, jumps_any_distance);
        tcase_add_test(tests, compiles_very_long_programs);
        tcase_add_test(tests, searches_long_lists);
        tcase_add_test(tests, filters_batches);
        tcase_add_test(tests, keeps_memory_either_writable_or_executable);
        tcase_add_test(tests, does_without_executable_memory);
}

/* On other machines all programs are left to the interpreter, and there is nothing else to test. */
static const bool has_code =
#if defined __x86_64__ && defined __LP64__
    true;
#else
    false;
#endif

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "jit", 120);

        tcase_add_test(tests, leaves_other_programs_to_the_interpreter);
        if (has_code)
                add_tests_of_code(tests);
}

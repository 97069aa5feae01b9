/* cbpf: listings against libpcap's own, the checker against the kernel's, the reader and the
 * runner. */
#include "cbpf/cbpf.h"
#include "tests/lib/programs.h"
#include "tests/lib/random.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct cbpf_target ethernet_file = {
    .link_type = DLT_EN10MB, .snapshot_length = 262144, .place = CBPF_FILE};

/* Numbers for generated programs, the same in every run. */
static uint64_t random_state;

static uint32_t random_of(const uint32_t *values, size_t count)
{
        return values[random_below(&random_state, (uint32_t)count)];
}

static struct bpf_program compile(const char *expression, int link_type, unsigned flags)
{
        struct cbpf_target target = ethernet_file;
        struct bpf_program program;
        struct error error;

        target.link_type = link_type;
        ck_assert_msg(cbpf_compile(expression, &target, flags, &program, &error) == 0, "%s: %s",
                      expression, error.message);
        return program;
}

/* cbpf_compile() */

START_TEST(compile_fills_the_program)
{
        struct bpf_program program = compile("icmp", DLT_EN10MB, 0);
        const struct bpf_insn *last = &program.bf_insns[program.bf_len - 1];

        ck_assert_uint_ge(program.bf_len, 4);
        ck_assert_uint_eq(BPF_CLASS(last->code), BPF_RET);
        cbpf_program_free(&program);
        ck_assert_ptr_null(program.bf_insns);
        ck_assert_uint_eq(program.bf_len, 0);
}
END_TEST

START_TEST(compile_takes_empty_expression_as_all)
{
        static const uint8_t packet[14];
        struct bpf_program program = compile("", DLT_EN10MB, 0);

        ck_assert_uint_eq(cbpf_run(&program, &(struct packet){packet, 14, 14}), 262144);
        cbpf_program_free(&program);
}
END_TEST

START_TEST(compile_heeds_target_and_flags)
{
        struct bpf_program ethernet = compile("tcp port 80", DLT_EN10MB, 0);
        struct bpf_program plain = compile("tcp port 80", DLT_EN10MB, CBPF_UNOPTIMIZED);
        struct bpf_program raw = compile("ip", DLT_RAW, 0);
        static const uint8_t ip[20] = {0x45};

        ck_assert_uint_gt(plain.bf_len, ethernet.bf_len);
        ck_assert_uint_ne(cbpf_run(&raw, &(struct packet){ip, sizeof ip, sizeof ip}), 0);
        ck_assert_uint_eq(cbpf_run(&ethernet, &(struct packet){ip, sizeof ip, sizeof ip}), 0);
        cbpf_program_free(&ethernet);
        cbpf_program_free(&plain);
        cbpf_program_free(&raw);
}
END_TEST

START_TEST(compile_explains_failure)
{
        static const char *const wrong[] = {
            "host", "port 70000", "(tcp", "tcp)", "ip[0:3] = 1", "frobnicate 1", "ether host 1.2.3",
        };

        for (size_t i = 0; i < COUNT(wrong); i++) {
                struct bpf_program program = {1, NULL};
                struct error error = {.offset = 12345};

                ck_assert_int_eq(cbpf_compile(wrong[i], &ethernet_file, 0, &program, &error), -1);
                ck_assert_ptr_null(program.bf_insns);
                ck_assert_uint_eq(program.bf_len, 0);
                ck_assert_str_ne(error.message, "");
                ck_assert(error.offset == ERROR_NO_OFFSET || error.offset <= strlen(wrong[i]));
        }
}
END_TEST

/* Listings */

/* What libpcap's bpf_dump() writes to standard output. */
static char *libpcap_list(const struct bpf_program *program, int option)
{
        FILE *file = tmpfile();
        int saved = dup(STDOUT_FILENO);
        char *text;
        long length;

        ck_assert(file && saved >= 0);
        fflush(stdout);
        ck_assert_int_ge(dup2(fileno(file), STDOUT_FILENO), 0);
        bpf_dump(program, option);
        fflush(stdout);
        ck_assert_int_ge(dup2(saved, STDOUT_FILENO), 0);
        close(saved);
        length = lseek(fileno(file), 0, SEEK_END);
        text = calloc((size_t)length + 1, 1);
        ck_assert_int_eq(pread(fileno(file), text, (size_t)length, 0), length);
        fclose(file);
        return text;
}

static void assert_same_text(const char *got, const char *wanted)
{
        const char *line = wanted;
        size_t i = 0;

        for (; got[i] == wanted[i] && got[i]; i++)
                if (wanted[i] == '\n')
                        line = wanted + i + 1;
        if (got[i] == wanted[i])
                return;
        got += line - wanted;
        ck_abort_msg("got:    '%.*s'\nwanted: '%.*s'", (int)strcspn(got, "\n"), got,
                     (int)strcspn(line, "\n"), line);
}

static void assert_lists_as_libpcap(const struct bpf_program *program)
{
        for (int option = 1; option <= 3; option++) {
                char *got = cbpf_list(program, (enum cbpf_listing)(option - 1));
                char *wanted = libpcap_list(program, option);

                ck_assert_ptr_nonnull(got);
                assert_same_text(got, wanted);
                free(got);
                free(wanted);
        }
}

START_TEST(listing_of_every_opcode)
{
        static const struct bpf_insn operands[] = {
            {0, 0, 0, 0},
            {0, 3, 7, 5},
            {0, 255, 255, 0x7fffffff},
            {0, 1, 0, 0x80000000},
            {0, 0, 1, 0xffffffff},
            {0, 128, 2, (uint32_t)SKF_AD_OFF + SKF_AD_VLAN_TAG},
        };
        struct bpf_program program = {65536, calloc(65536, sizeof *program.bf_insns)};

        for (uint32_t code = 0; code < program.bf_len; code++) {
                program.bf_insns[code] = operands[_i];
                program.bf_insns[code].code = (uint16_t)code;
        }
        assert_lists_as_libpcap(&program);
        free(program.bf_insns);
}
END_TEST

START_TEST(listing_of_ancillary_loads)
{
        static const uint16_t codes[] = {LD_ABS, LDH_ABS, LDB_ABS, LD_IND, LDX_MSH, LD_IMM};
        enum { BEFORE = 8, OFFSETS = SKF_AD_MAX + 2 * BEFORE };
        struct bpf_program program = {
            COUNT(codes) * OFFSETS,
            calloc(COUNT(codes) * OFFSETS, sizeof *program.bf_insns),
        };

        for (uint32_t i = 0; i < program.bf_len; i++)
                program.bf_insns[i] = (struct bpf_insn){
                    codes[i / OFFSETS], 0, 0, (uint32_t)SKF_AD_OFF - BEFORE + i % OFFSETS};
        assert_lists_as_libpcap(&program);
        free(program.bf_insns);
}
END_TEST

START_TEST(listing_of_empty_program)
{
        static const char *const wanted[] = {"", "", "0\n"};
        struct bpf_program program = {0};

        for (int listing = CBPF_LISTING_TEXT; listing <= CBPF_LISTING_DECIMAL; listing++) {
                char *got = cbpf_list(&program, (enum cbpf_listing)listing);

                ck_assert_str_eq(got, wanted[listing]);
                free(got);
        }
}
END_TEST

/* cbpf_read_ddd() */

static void assert_same_program(const struct bpf_program *got, const struct bpf_program *wanted)
{
        ck_assert_uint_eq(got->bf_len, wanted->bf_len);
        ck_assert_mem_eq(got->bf_insns, wanted->bf_insns,
                         wanted->bf_len * sizeof *wanted->bf_insns);
}

static void assert_reads(const char *text, size_t length, const struct bpf_program *wanted)
{
        struct bpf_program program;
        struct error error;

        ck_assert_msg(cbpf_read_ddd(text, length, &program, &error) == 0, "%s", error.message);
        assert_same_program(&program, wanted);
        cbpf_program_free(&program);
}

START_TEST(reads_what_it_lists)
{
        random_state = 20240607;
        for (int round = 0; round < 500; round++) {
                struct bpf_insn instructions[64];
                struct bpf_program program = {random_below(&random_state, 65), instructions};
                char *text;

                for (size_t i = 0; i < program.bf_len; i++)
                        instructions[i] = (struct bpf_insn){
                            (uint16_t)random_below(&random_state, 65536),
                            (uint8_t)random_below(&random_state, 256),
                            (uint8_t)random_below(&random_state, 256),
                            random_below(&random_state, 2) ? random_below(&random_state, 0xffffffff)
                                                           : 0xffffffff};
                text = cbpf_list(&program, CBPF_LISTING_DECIMAL);
                assert_reads(text, strlen(text), &program);
                assert_reads(text, strlen(text) - 1, &program);
                for (char *c = text; *c; c++)
                        *c = *c == '\n' ? ',' : *c;
                assert_reads(text, strlen(text), &program);
                assert_reads(text, strlen(text) - 1, &program);
                free(text);
        }
}
END_TEST

START_TEST(reads_every_spacing)
{
        static const char *const texts[] = {
            "2\n48 0 0 9\n6 0 0 65535\n",
            "2 48 0 0 9 6 0 0 65535",
            "\r\n\t2\r\n48\t0  0 9\r\n\r\n6\v0\f0 65535  \n",
            "2,48 0 0 9,6 0 0 65535",
            "2 , 48 0 0 9 ,\n6 0 0 65535,",
            "0002,00000048 0 0 9,6 0 0 000000000000000065535",
        };
        struct bpf_program wanted = PROGRAM({48, 0, 0, 9}, {6, 0, 0, 65535});

        for (size_t i = 0; i < COUNT(texts); i++)
                assert_reads(texts[i], strlen(texts[i]), &wanted);
        /* What follows the number of instructions given is not read. */
        assert_reads("2,48 0 0 9,6 0 0 65535999", 22, &wanted);
}
END_TEST

static const struct {
        const char *text;
        size_t offset;
        size_t length;
        const char *says;
} unreadable[] = {
    {"", 0, 1, "number of instructions"},
    {" \n", 2, 1, "number of instructions"},
    {"x", 0, 1, "number of instructions"},
    {",1,6 0 0 0", 0, 1, "number of instructions"},
    {"-1", 0, 1, "number of instructions"},
    {"4294967296", 0, 10, "4294967295"},
    {"99999999999999999999999", 0, 23, "4294967295"},
    {"4294967295", 10, 1, "after 0 of the 4294967295"},
    {"4294967295\n6 0 0 0\n", 19, 1, "after 1 of the 4294967295"},
    {"1", 1, 1, "after 0 of the 1"},
    {"1\n", 2, 1, "after 0 of the 1"},
    {"2\n6 0 0 0\n", 10, 1, "after 1 of the 2"},
    {"1\n6 0 0", 7, 1, "k of instruction 0"},
    {"1\n6 0", 5, 1, "jf of instruction 0"},
    {"2\n6 0 0 0\n6", 11, 1, "jt of instruction 1"},
    {"1\n6 0 0 0\n6 0 0 0\n", 10, 1, "goes on after the 1"},
    {"0\n6", 2, 1, "goes on after the 0"},
    {"1,6 0 0 0,,", 10, 1, "goes on after the 1"},
    {"2,6 0 0 0,,6 0 0 0", 10, 1, "opcode of instruction 1"},
    {"1,,6 0 0 0", 2, 1, "opcode of instruction 0"},
    {"1,6,0,0,0", 3, 1, "jt of instruction 0"},
    {"1,65536 0 0 0", 2, 5, "opcode of instruction 0 is more than 65535"},
    {"1,6 256 0 0", 4, 3, "jt of instruction 0 is more than 255"},
    {"2,6 0 0 0,6 0 300 0", 14, 3, "jf of instruction 1 is more than 255"},
    {"1,6 0 0 4294967296", 8, 10, "k of instruction 0 is more than 4294967295"},
    {"1,6 0 0 18446744073709551616", 8, 20, "k of instruction 0 is more than 4294967295"},
    {"1,0x6 0 0 0", 3, 2, "jt of instruction 0"},
    {"1,6 0 0 -1", 8, 1, "k of instruction 0"},
    {"1,6 0 +0 1", 6, 1, "jf of instruction 0"},
    {"1,6 0 0 1.5", 9, 1, "goes on after the 1"},
    {"1,6 0 0 1\xff", 9, 1, "goes on after the 1"},
};

START_TEST(refuses_what_is_not_a_listing)
{
        /* In its own memory, so that a sanitizer notices reading past the end. */
        size_t length = strlen(unreadable[_i].text);
        char *text = malloc(length + 1);
        struct bpf_program program = {1, NULL};
        struct error error;

        memcpy(text, unreadable[_i].text, length);
        text = realloc(text, length ? length : 1);
        ck_assert_int_eq(cbpf_read_ddd(text, length, &program, &error), -1);
        ck_assert_msg(strstr(error.message, unreadable[_i].says), "'%s' is not in '%s'",
                      unreadable[_i].says, error.message);
        ck_assert_uint_eq(error.offset, unreadable[_i].offset);
        ck_assert_uint_eq(error.length, unreadable[_i].length);
        ck_assert_ptr_null(program.bf_insns);
        ck_assert_uint_eq(program.bf_len, 0);
        free(text);
}
END_TEST

START_TEST(refuses_nul_byte)
{
        static const char text[] = "1\n6 0\0 0 0\n";
        struct bpf_program program;
        struct error error;

        ck_assert_int_eq(cbpf_read_ddd(text, sizeof text - 1, &program, &error), -1);
        ck_assert_uint_eq(error.offset, 5);
}
END_TEST

/* Whatever the damage: a program that is listed as the same numbers, or an error within the text.
 */
START_TEST(survives_damaged_listings)
{
        static const char bytes[] = "0123456789, \n-x";
        struct bpf_program program = compile("tcp port 80 or icmp", DLT_EN10MB, 0);
        char *text = cbpf_list(&program, CBPF_LISTING_DECIMAL);
        size_t length = strlen(text);
        int accepted = 0;

        cbpf_program_free(&program);
        random_state = 7;
        for (int round = 0; round < 20000; round++) {
                size_t at = random_below(&random_state, (uint32_t)length);
                size_t end = random_below(&random_state, 4)
                                 ? length
                                 : random_below(&random_state, (uint32_t)length);
                char saved = text[at];
                struct error error;

                text[at] = bytes[random_below(&random_state, sizeof bytes - 1)];
                if (cbpf_read_ddd(text, end, &program, &error) == 0) {
                        char *again = cbpf_list(&program, CBPF_LISTING_DECIMAL);

                        assert_reads(again, strlen(again), &program);
                        free(again);
                        cbpf_program_free(&program);
                        accepted++;
                } else {
                        ck_assert_uint_le(error.offset, end);
                        ck_assert_uint_ge(error.length, 1);
                        ck_assert_str_ne(error.message, "");
                }
                text[at] = saved;
        }
        ck_assert_int_gt(accepted, 2000);
        ck_assert_int_lt(accepted, 18000);
        free(text);
}
END_TEST

/* cbpf_check(), with the kernel as judge */

static int judge;

static void open_judge(void)
{
        judge = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        ck_assert_int_ge(judge, 0);
}

static void close_judge(void)
{
        close(judge);
}

static bool kernel_accepts(const struct bpf_program *program)
{
        struct sock_fprog attached = {(unsigned short)program->bf_len,
                                      (struct sock_filter *)program->bf_insns};

        if (setsockopt(judge, SOL_SOCKET, SO_ATTACH_FILTER, &attached, sizeof attached) == 0)
                return true;
        ck_assert_msg(errno == EINVAL, "the kernel: %s", strerror(errno));
        return false;
}

/* Both verdicts on one program; returns whether it is accepted. */
static bool assert_kernel_agrees(const struct bpf_program *program)
{
        struct cbpf_violation violation = {0};
        bool accepts = cbpf_check(program, &violation) == 0;

        if (kernel_accepts(program) != accepts) {
                char *text = cbpf_list(program, CBPF_LISTING_TEXT);

                ck_abort_msg("the kernel %s this program; cbpf_check: '%s'\n%s",
                             accepts ? "refuses" : "accepts",
                             accepts ? "accepted" : violation.message, text);
        }
        if (!accepts)
                ck_assert_uint_lt(violation.instruction, program->bf_len ? program->bf_len : 1);
        return accepts;
}

START_TEST(check_knows_every_opcode)
{
        int accepted = 0;

        /* The operand 1 is right for all of them: no zero, a target, a word of scratch memory. */
        for (uint32_t code = 0; code < 65536; code++) {
                struct bpf_program program = PROGRAM({BPF_ST, 0, 0, 1}, {(uint16_t)code, 0, 1, 1},
                                                     {RET, 0, 0, 0}, {RET, 0, 0, 1});

                accepted += assert_kernel_agrees(&program);
        }
        ck_assert_int_eq(accepted, 49);
}
END_TEST

START_TEST(check_knows_every_operand)
{
        static const uint32_t edges[] = {
            0,          1,          2,          3,          15,         16,         17,
            31,         32,         33,         63,         64,         255,        256,
            65535,      65536,      0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001, 0xffe00000,
            0xfff00000, 0xffffefff, 0xfffffffd, 0xfffffffe, 0xffffffff,
        };

        for (uint32_t code = 0; code < 256; code++)
                for (size_t i = 0; i < COUNT(edges) + 72; i++) {
                        uint32_t k = i < COUNT(edges)
                                         ? edges[i]
                                         : (uint32_t)SKF_AD_OFF - 2 + (uint32_t)(i - COUNT(edges));
                        struct bpf_program program =
                            PROGRAM({BPF_ST, 0, 0, 0}, {(uint16_t)code, 0, 1, k}, {RET, 0, 0, 0},
                                    {RET, 0, 0, 1});

                        assert_kernel_agrees(&program);
                }
}
END_TEST

START_TEST(check_knows_every_target)
{
        static const unsigned lengths[] = {1, 2, 3, 100, 255, 256, 257, 258};
        struct bpf_insn instructions[258];
        struct bpf_program program = {lengths[_i], instructions};

        for (size_t i = 0; i < COUNT(instructions); i++)
                instructions[i] = (struct bpf_insn){RET, 0, 0, 0};
        for (uint32_t distance = 0; distance < 256; distance++) {
                instructions[0] = (struct bpf_insn){JEQ, (uint8_t)distance, 0, 0};
                assert_kernel_agrees(&program);
                instructions[0] = (struct bpf_insn){JEQ, 0, (uint8_t)distance, 0};
                assert_kernel_agrees(&program);
                instructions[0] = (struct bpf_insn){JA, 0, 0, distance};
                assert_kernel_agrees(&program);
        }
}
END_TEST

/* Instructions that mostly keep the rules: jumps stay inside, and only a few words of scratch
 * memory are used, so that reads often find what was written. */
static struct bpf_insn random_instruction(uint32_t at, uint32_t length)
{
        static const uint32_t plain[] = {
            LD_IMM,
            LD_LEN,
            LDX_IMM,
            LDX_MSH,
            LD_IND,
            LD_ABS,
            BPF_ALU | BPF_ADD | BPF_X,
            BPF_ALU | BPF_NEG,
            BPF_MISC | BPF_TAX,
            BPF_MISC | BPF_TXA,
            RSH_K,
            DIV_K,
            BPF_LDX | BPF_W | BPF_LEN,
        };
        static const uint32_t branches[] = {JEQ, BPF_JMP | BPF_JGT | BPF_X,
                                            BPF_JMP | BPF_JSET | BPF_K, BPF_JMP | BPF_JGE | BPF_X};
        static const uint32_t stores[] = {BPF_ST, BPF_STX};
        static const uint32_t recalls[] = {LD_MEM, LDX_MEM};
        uint32_t ahead = length - at - 1;

        switch (ahead ? random_below(&random_state, 10) : 9) {
        case 0:
        case 1:
        case 2:
                return (struct bpf_insn){(uint16_t)random_of(stores, COUNT(stores)), 0, 0,
                                         random_below(&random_state, 3)};
        case 3:
                return (struct bpf_insn){(uint16_t)random_of(recalls, COUNT(recalls)), 0, 0,
                                         random_below(&random_state, 3)};
        case 4:
        case 5:
                return (struct bpf_insn){(uint16_t)random_of(branches, COUNT(branches)),
                                         (uint8_t)random_below(&random_state, ahead),
                                         (uint8_t)random_below(&random_state, ahead),
                                         random_below(&random_state, 1000)};
        case 6: return (struct bpf_insn){JA, 0, 0, random_below(&random_state, ahead)};
        case 7:
        case 8:
                return (struct bpf_insn){(uint16_t)random_of(plain, COUNT(plain)), 0, 0,
                                         1 + random_below(&random_state, 31)};
        default:
                return (struct bpf_insn){(uint16_t)(random_below(&random_state, 2) ? RET : RET_A),
                                         0, 0, random_below(&random_state, 2)};
        }
}

/* Breaks one field of one instruction, perhaps against a rule. */
static void damage(struct bpf_insn *instruction)
{
        static const uint32_t odd[] = {0,  1,  2,  15,         16,         31,
                                       32, 33, 64, 0x80000000, 0xfffff008, 0xffffffff};

        switch (random_below(&random_state, 4)) {
        case 0: instruction->code = (uint16_t)random_below(&random_state, 0xb8); break;
        case 1: instruction->jt = (uint8_t)random_of(odd, COUNT(odd)); break;
        case 2: instruction->jf = (uint8_t)random_of(odd, COUNT(odd)); break;
        case 3: instruction->k = random_of(odd, COUNT(odd)); break;
        }
}

START_TEST(check_agrees_on_random_programs)
{
        enum { ROUNDS = 40000, LONGEST = 32 };
        struct bpf_insn instructions[LONGEST];
        int accepted = 0;

        random_state = 0x5eed;
        for (int round = 0; round < ROUNDS; round++) {
                struct bpf_program program = {1 + random_below(&random_state, LONGEST),
                                              instructions};

                for (uint32_t i = 0; i < program.bf_len; i++)
                        instructions[i] = random_instruction(i, program.bf_len);
                if (random_below(&random_state, 4) == 0)
                        damage(&instructions[random_below(&random_state, program.bf_len)]);
                accepted += assert_kernel_agrees(&program);
        }
        ck_assert_int_gt(accepted, ROUNDS / 4);
        ck_assert_int_lt(accepted, ROUNDS * 3 / 4);
}
END_TEST

START_TEST(check_counts_instructions)
{
        struct bpf_program program = {0, calloc(5000, sizeof *program.bf_insns)};
        struct cbpf_violation violation;

        for (size_t i = 0; i < 5000; i++)
                program.bf_insns[i] = (struct bpf_insn){RET, 0, 0, 1};
        ck_assert(!assert_kernel_agrees(&program));
        program.bf_len = CBPF_KERNEL_MAX;
        ck_assert(assert_kernel_agrees(&program));
        program.bf_len = CBPF_KERNEL_MAX + 1;
        ck_assert(!assert_kernel_agrees(&program));

        /* Length is reported last, so that a long program is still checked throughout. */
        program.bf_len = 5000;
        ck_assert_int_eq(cbpf_check(&program, &violation), -1);
        ck_assert_uint_eq(violation.instruction, CBPF_KERNEL_MAX);
        ck_assert_ptr_nonnull(strstr(violation.message, "5000"));
        ck_assert_ptr_nonnull(strstr(violation.message, "4096"));
        program.bf_insns[4998] = (struct bpf_insn){DIV_K, 0, 0, 0};
        ck_assert_int_eq(cbpf_check(&program, &violation), -1);
        ck_assert_uint_eq(violation.instruction, 4998);
        free(program.bf_insns);
}
END_TEST

/* One program for each rule: instruction `at` breaks it, and the message contains these strings. */
static const struct {
        struct bpf_insn instructions[6];
        unsigned length;
        unsigned at;
        const char *says[3];
} violations[] = {
    {{{0}}, 0, 0, {"empty"}},
    {{{0xff, 0, 0, 0}, {RET, 0, 0, 0}}, 2, 0, {"instruction 0", "0xff"}},
    {{{RET, 0, 0, 0}, {0x106, 0, 0, 0}}, 2, 1, {"instruction 1", "0x106"}},
    {{{DIV_K, 0, 0, 0}, {RET, 0, 0, 0}}, 2, 0, {"instruction 0", "division", "0"}},
    {{{LD_LEN, 0, 0, 0}, {MOD_K, 0, 0, 0}, {RET, 0, 0, 0}}, 3, 1, {"instruction 1", "remainder"}},
    {{{LSH_K, 0, 0, 32}, {RET, 0, 0, 0}}, 2, 0, {"32 bits", "31"}},
    {{{RSH_K, 0, 0, 77}, {RET, 0, 0, 0}}, 2, 0, {"77 bits", "31"}},
    {{{BPF_ST, 0, 0, 16}, {RET, 0, 0, 0}}, 2, 0, {"M[16]", "M[15]"}},
    {{{LDX_MEM, 0, 0, 4000000000}, {RET, 0, 0, 0}}, 2, 0, {"M[4000000000]", "M[15]"}},
    {{{LD_MEM, 0, 0, 3}, {RET, 0, 0, 0}}, 2, 0, {"M[3]", "not written"}},
    {{{JA, 0, 0, 1}, {RET, 0, 0, 0}}, 2, 0, {"k 1", "to 2", "is 1"}},
    {{{RET, 0, 0, 0}, {JA, 0, 0, 0xfffffffe}, {RET, 0, 0, 0}}, 3, 1, {"k -2", "back to 0"}},
    {{{JEQ, 9, 0, 1}, {RET, 0, 0, 0}}, 2, 0, {"jt 9", "to 10", "is 1"}},
    {{{JEQ, 0, 255, 1}, {RET, 0, 0, 0}}, 2, 0, {"jf 255", "to 256", "is 1"}},
    {{{LDB_ABS, 0, 0, 0xfffff040}, {RET, 0, 0, 0}}, 2, 0, {"0xfffff040", "-4032", "64"}},
    {{{LD_ABS, 0, 0, 0xfffff001}, {RET, 0, 0, 0}}, 2, 0, {"0xfffff001", "-4095", "number 1"}},
    {{{LD_IMM, 0, 0, 0}}, 1, 0, {"instruction 0", "last instruction", "0x0"}},
    /* The first violation in program order is named, whatever the rule. */
    {{{LD_MEM, 0, 0, 0}, {DIV_K, 0, 0, 0}, {RET, 0, 0, 0}}, 3, 0, {"instruction 0", "M[0]"}},
    /* Written on one of two paths. */
    {{{JEQ, 0, 1, 1}, {BPF_ST, 0, 0, 7}, {LD_MEM, 0, 0, 7}, {RET, 0, 0, 0}}, 4, 2, {"M[7]"}},
    /* A return counts as a successor. */
    {{{JEQ, 0, 2, 1},
      {BPF_ST, 0, 0, 7},
      {JA, 0, 0, 1},
      {RET, 0, 0, 0},
      {LD_MEM, 0, 0, 7},
      {RET, 0, 0, 0}},
     6,
     4,
     {"instruction 4", "M[7]"}},
};

START_TEST(check_names_the_violation)
{
        struct bpf_program program = {violations[_i].length,
                                      (struct bpf_insn *)violations[_i].instructions};
        struct cbpf_violation violation;

        ck_assert(!assert_kernel_agrees(&program));
        ck_assert_int_eq(cbpf_check(&program, &violation), -1);
        ck_assert_uint_eq(violation.instruction, violations[_i].at);
        for (size_t i = 0; i < COUNT(violations[_i].says) && violations[_i].says[i]; i++)
                ck_assert_msg(strstr(violation.message, violations[_i].says[i]),
                              "'%s' is not in '%s'", violations[_i].says[i], violation.message);
}
END_TEST

START_TEST(check_accepts_scratch_written_on_all_paths)
{
        struct bpf_program program = PROGRAM({JEQ, 0, 2, 1}, {BPF_ST, 0, 0, 7}, {JA, 0, 0, 1},
                                             {BPF_STX, 0, 0, 7}, {LD_MEM, 0, 0, 7}, {RET, 0, 0, 0});

        ck_assert(assert_kernel_agrees(&program));
}
END_TEST

START_TEST(check_refuses_protochain)
{
        struct bpf_program program = compile("ip protochain 6", DLT_EN10MB, 0);
        struct cbpf_violation violation;

        ck_assert(!assert_kernel_agrees(&program));
        ck_assert_int_eq(cbpf_check(&program, &violation), -1);
        ck_assert_ptr_nonnull(strstr(violation.message, "jumps back"));
        cbpf_program_free(&program);
}
END_TEST

/* cbpf_run() */

static uint32_t run(const struct bpf_program *program, const uint8_t *packet, size_t captured)
{
        return cbpf_run(program, &(struct packet){packet, (uint32_t)captured, 1000});
}

START_TEST(run_returns_what_the_program_returns)
{
        static const uint8_t packet[] = {1, 2, 3, 4, 5};
        struct bpf_program constant = PROGRAM({RET, 0, 0, 0xffffffff});
        struct bpf_program word = PROGRAM({LD_ABS, 0, 0, 1}, {RET_A, 0, 0, 0});
        struct bpf_program length = PROGRAM({LD_LEN, 0, 0, 0}, {RET_A, 0, 0, 0});
        struct bpf_program by_x =
            PROGRAM({LD_IMM, 0, 0, 8}, {LDX_MEM, 0, 0, 0}, {DIV_X, 0, 0, 0}, {RET, 0, 0, 1});

        by_x.bf_insns[1] = (struct bpf_insn){LDX_IMM, 0, 0, 0};
        ck_assert_uint_eq(run(&constant, packet, 0), 0xffffffff);
        ck_assert_uint_eq(run(&word, packet, 5), 0x02030405);
        ck_assert_uint_eq(run(&length, packet, 5), 1000);
        ck_assert_uint_eq(run(&by_x, packet, 5), 0);
}
END_TEST

/* Each load of a packet of five bytes, just inside and just outside. */
START_TEST(run_rejects_loads_past_the_end)
{
        static const uint8_t packet[] = {0x40, 0, 0, 0, 0x40};
        static const struct {
                uint16_t code;
                uint32_t last;
        } loads[] = {{LD_ABS, 1},
                     {LDH_ABS, 3},
                     {LDB_ABS, 4},
                     {LDX_MSH, 4},
                     {LD_IND, 1},
                     {BPF_LD | BPF_H | BPF_IND, 3},
                     {BPF_LD | BPF_B | BPF_IND, 4}};
        static const uint32_t outside[] = {1, 2, 100, 0x7fffffff, 0xffffffff - 4};
        uint8_t *tight = malloc(sizeof packet);

        memcpy(tight, packet, sizeof packet);
        for (size_t i = 0; i < COUNT(loads); i++) {
                struct bpf_program program = PROGRAM({LDX_IMM, 0, 0, 0}, {0}, {RET, 0, 0, 1});

                program.bf_insns[1] = (struct bpf_insn){loads[i].code, 0, 0, loads[i].last};
                ck_assert_uint_eq(run(&program, tight, sizeof packet), 1);
                ck_assert_uint_eq(run(&program, tight, sizeof packet - 1), 0);
                for (size_t j = 0; j < COUNT(outside); j++) {
                        program.bf_insns[1].k = loads[i].last + outside[j];
                        ck_assert_uint_eq(run(&program, tight, sizeof packet), 0);
                }
        }
        free(tight);
}
END_TEST

START_TEST(run_rejects_ancillary_loads)
{
        static const uint8_t packet[64];
        static const uint16_t codes[] = {LD_ABS, LDH_ABS, LDB_ABS};

        for (size_t i = 0; i < COUNT(codes); i++)
                for (uint32_t offset = 0; offset < SKF_AD_MAX; offset += 4) {
                        struct bpf_program program = PROGRAM(
                            {codes[i], 0, 0, (uint32_t)SKF_AD_OFF + offset}, {RET, 0, 0, 1});

                        ck_assert_uint_eq(run(&program, packet, sizeof packet), 0);
                }
}
END_TEST

/* cbpf_rejects_all() */

START_TEST(rejects_all_follows_jumps)
{
        struct bpf_program empty = {0};
        struct bpf_program reject = PROGRAM({RET, 0, 0, 0});
        struct bpf_program accept = PROGRAM({RET, 0, 0, 5});
        struct bpf_program accumulator = PROGRAM({LD_LEN, 0, 0, 0}, {RET_A, 0, 0, 0});
        struct bpf_program behind = PROGRAM({RET, 0, 0, 0}, {RET, 0, 0, 5});
        struct bpf_program jumped_over =
            PROGRAM({JA, 0, 0, 1}, {RET, 0, 0, 5}, {LD_LEN, 0, 0, 0}, {RET, 0, 0, 0});
        struct bpf_program if_true =
            PROGRAM({JEQ, 1, 0, 1}, {RET, 0, 0, 0}, {RET, 0, 0, 5}, {RET, 0, 0, 0});
        struct bpf_program if_false =
            PROGRAM({JEQ, 0, 1, 1}, {RET, 0, 0, 0}, {RET, 0, 0, 5}, {RET, 0, 0, 0});
        struct bpf_program neither =
            PROGRAM({JEQ, 0, 2, 1}, {RET, 0, 0, 0}, {RET, 0, 0, 5}, {RET, 0, 0, 0});
        struct bpf_program backward =
            PROGRAM({JA, 0, 0, 1}, {RET, 0, 0, 5}, {JA, 0, 0, 0xfffffffe}, {RET, 0, 0, 0});
        struct bpf_program endless = PROGRAM({JA, 0, 0, 0xffffffff}, {RET, 0, 0, 5});
        struct bpf_program outside = PROGRAM({JEQ, 200, 255, 1}, {RET, 0, 0, 5});

        ck_assert(cbpf_rejects_all(&empty));
        ck_assert(cbpf_rejects_all(&reject));
        ck_assert(!cbpf_rejects_all(&accept));
        ck_assert(!cbpf_rejects_all(&accumulator));
        ck_assert(cbpf_rejects_all(&behind));
        ck_assert(cbpf_rejects_all(&jumped_over));
        ck_assert(!cbpf_rejects_all(&if_true));
        ck_assert(!cbpf_rejects_all(&if_false));
        ck_assert(cbpf_rejects_all(&neither));
        ck_assert(!cbpf_rejects_all(&backward));
        ck_assert(cbpf_rejects_all(&endless));
        ck_assert(cbpf_rejects_all(&outside));
}
END_TEST

START_TEST(rejects_all_on_compiled_programs)
{
        static const char *const expressions[] = {"tcp", "ip protochain 6", "len < 0 or arp", ""};

        for (size_t i = 0; i < COUNT(expressions); i++) {
                struct bpf_program program = compile(expressions[i], DLT_EN10MB, 0);

                ck_assert_msg(!cbpf_rejects_all(&program), "%s", expressions[i]);
                cbpf_program_free(&program);
        }
}
END_TEST

/* What a program takes for a TCP segment from 192.0.2.1 to 192.0.2.2. */
static uint64_t steps_for_tcp(const char *expression, unsigned flags, u_int *length)
{
        static const uint8_t frame[] = {0,    0, 0,   0,  0,    0,  0,  0, 0,  0, 0, 0, 8,   0,
                                        0x45, 0, 0,   40, 0,    1,  0,  0, 64, 6, 0, 0, 192, 0,
                                        2,    1, 192, 0,  2,    2,  16, 0, 31, 0, 0, 0, 0,   1,
                                        0,    0, 0,   1,  0x50, 16, 1,  0, 0,  0, 0, 0};
        struct cbpf_target target = {.link_type = DLT_EN10MB, .snapshot_length = 262144};
        struct packet packet = {.data = frame, .captured = sizeof frame, .length = sizeof frame};
        struct bpf_program program;
        struct error error;
        uint64_t steps;

        ck_assert_int_eq(cbpf_compile(expression, &target, flags, &program, &error), 0);
        steps = cbpf_execute(&program, &packet, NULL, NULL).steps;
        *length = program.bf_len;
        cbpf_program_free(&program);
        return steps;
}

START_TEST(goals_are_reached)
{
        static const char *const expressions[] = {
            "host 10.0.0.1 or host 10.0.0.2",
            "net 10.0.0.0/8",
            "host 10.0.0.1",
            "(host 10.0.0.1 and port 80) or (host 10.0.0.2 and port 443)",
        };

        for (int i = 0; i < COUNT(expressions); i++) {
                u_int small, quick, usual;
                uint64_t small_steps = steps_for_tcp(expressions[i], CBPF_FOR_SIZE, &small);
                uint64_t quick_steps = steps_for_tcp(expressions[i], CBPF_FOR_SPEED, &quick);
                uint64_t usual_steps = steps_for_tcp(expressions[i], 0, &usual);
                struct bpf_program theirs = libpcap_compile(expressions[i], DLT_EN10MB, true);

                ck_assert_uint_le(small, usual);
                ck_assert_uint_le(usual, theirs.bf_len);
                ck_assert_uint_le(quick_steps, usual_steps);
                ck_assert_uint_le(usual_steps, small_steps);
                if (i < 2)
                        ck_assert_msg(small < usual && usual_steps < small_steps, "%s: %u %u",
                                      expressions[i], small, usual);
                pcap_freecode(&theirs);
        }
}
END_TEST

static void add_compile_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "compile", 120);

        tcase_add_test(tests, goals_are_reached);
        tcase_add_test(tests, compile_fills_the_program);
        tcase_add_test(tests, compile_takes_empty_expression_as_all);
        tcase_add_test(tests, compile_heeds_target_and_flags);
        tcase_add_test(tests, compile_explains_failure);
}

static void add_text_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "text", 120);

        tcase_add_loop_test(tests, listing_of_every_opcode, 0, 6);
        tcase_add_test(tests, listing_of_ancillary_loads);
        tcase_add_test(tests, listing_of_empty_program);
        tcase_add_test(tests, reads_what_it_lists);
        tcase_add_test(tests, reads_every_spacing);
        tcase_add_loop_test(tests, refuses_what_is_not_a_listing, 0, (int)COUNT(unreadable));
        tcase_add_test(tests, refuses_nul_byte);
        tcase_add_test(tests, survives_damaged_listings);
}

static void add_check_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "check", 120);

        tcase_add_checked_fixture(tests, open_judge, close_judge);
        tcase_add_test(tests, check_knows_every_opcode);
        tcase_add_test(tests, check_knows_every_operand);
        tcase_add_loop_test(tests, check_knows_every_target, 0, 8);
        tcase_add_test(tests, check_agrees_on_random_programs);
        tcase_add_test(tests, check_counts_instructions);
        tcase_add_loop_test(tests, check_names_the_violation, 0, (int)COUNT(violations));
        tcase_add_test(tests, check_accepts_scratch_written_on_all_paths);
        tcase_add_test(tests, check_refuses_protochain);
}

static void add_run_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "run", 120);

        tcase_add_test(tests, run_returns_what_the_program_returns);
        tcase_add_test(tests, run_rejects_loads_past_the_end);
        tcase_add_test(tests, run_rejects_ancillary_loads);
        tcase_add_test(tests, rejects_all_follows_jumps);
        tcase_add_test(tests, rejects_all_on_compiled_programs);
}

void unit_tests(Suite *suite)
{
        add_compile_tests(suite);
        add_text_tests(suite);
        add_check_tests(suite);
        add_run_tests(suite);
}

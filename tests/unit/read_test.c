/* cbpf: programs as text, written in every form and read back; what the readers accept, and their
 * messages for what they refuse; shortening programs that were read. */
#include "cbpf/cbpf.h"
#include "tests/lib/corpus.h"
#include "tests/lib/programs.h"
#include "tests/lib/random.h"
#include "tests/lib/unused.h"
#include "tests/unit/unit.h"

#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LISTINGS = CBPF_LISTING_JSON + 1 };

static void assert_same_program(const struct bpf_program *got, const struct bpf_program *wanted,
                                const char *text)
{
        for (uint32_t i = 0; i < got->bf_len && i < wanted->bf_len; i++) {
                const struct bpf_insn *g = &got->bf_insns[i], *w = &wanted->bf_insns[i];

                ck_assert_msg(memcmp(g, w, sizeof *g) == 0,
                              "instruction %u: {0x%x, %u, %u, 0x%x} became {0x%x, %u, %u, 0x%x} "
                              "in\n%.2000s",
                              i, w->code, w->jt, w->jf, w->k, g->code, g->jt, g->jf, g->k, text);
        }
        ck_assert_uint_eq(got->bf_len, wanted->bf_len);
}

/* Memory that ends with the text, so that a sanitizer notices a read past it. */
static char *exact_copy(const char *text, size_t length)
{
        char *copy = malloc(length ? length : 1);

        memcpy(copy, text, length);
        return copy;
}

static void assert_reads(const char *text, const struct bpf_program *wanted)
{
        size_t length = strlen(text);
        char *copy = exact_copy(text, length);
        struct bpf_program program;
        struct error error;

        ck_assert_msg(cbpf_read(copy, length, &program, &error) == 0, "%s, at byte %zu of\n%.2000s",
                      error.message, error.offset, text);
        assert_same_program(&program, wanted, text);
        cbpf_program_free(&program);
        free(copy);
}

static void assert_survives_every_form(const struct bpf_program *program)
{
        for (int listing = 0; listing < LISTINGS; listing++) {
                char *text = cbpf_list(program, (enum cbpf_listing)listing);

                assert_reads(text, program);
                free(text);
        }
}

struct way {
        enum cbpf_place place;
        unsigned flags;
        int compiled; /* expressions */
};

static void read_expression(void *context, int link_type, const char *expression)
{
        struct way *way = context;
        struct cbpf_target target = {
            .link_type = link_type, .snapshot_length = 262144, .place = way->place};
        struct bpf_program program;
        struct error error;

        ck_assert_int_ge(link_type, 0);
        if (cbpf_compile(expression, &target, way->flags, &program, &error) < 0) {
                ck_assert_msg(way->place == CBPF_LIVE, "%s: %s", expression, error.message);
                return;
        }
        assert_survives_every_form(&program);
        cbpf_program_free(&program);
        way->compiled++;
}

START_TEST(reads_every_form_of_the_corpus)
{
        struct way way = {
            .place = _i & 1 ? CBPF_LIVE : CBPF_FILE,
            .flags = _i & 2 ? CBPF_UNOPTIMIZED : 0,
        };

        ck_assert_uint_gt(corpus_visit(read_expression, &way), 0);
        ck_assert_int_gt(way.compiled, way.place == CBPF_LIVE ? 500 : 1500);
}
END_TEST

START_TEST(reads_every_opcode)
{
        static const uint32_t operands[] = {
            0, 1, 5, 31, 14, 0x7fffffff, 0x80000000, 0xffffffff, 0xfff00000, 0xfffff02c};
        uint64_t random = 1;
        int tried = 0;

        for (uint32_t code = 0; code < 256; code++) {
                for (size_t i = 0; i < COUNT(operands); i++) {
                        struct bpf_insn first = {(uint16_t)code, (uint8_t)random_below(&random, 4),
                                                 (uint8_t)random_below(&random, 4), operands[i]};
                        struct cbpf_violation violation;
                        struct bpf_program program;

                        clear_unused(&first);
                        program =
                            PROGRAM({BPF_ST, 0, 0, 5}, {BPF_ST, 0, 0, 1}, first,
                                    {BPF_MISC | BPF_TAX, 0, 0, 0}, {BPF_RET | BPF_A, 0, 0, 0},
                                    {BPF_RET | BPF_K, 0, 0, 0xffffffff},
                                    {BPF_MISC | BPF_TXA, 0, 0, 0}, {BPF_RET | BPF_A, 0, 0, 0});
                        if (cbpf_check(&program, &violation) < 0)
                                continue;
                        assert_survives_every_form(&program);
                        tried++;
                }
        }
        ck_assert_int_gt(tried, 350);
}
END_TEST

/* Numbers survive, whatever their value. */
START_TEST(reads_every_number)
{
        static const enum cbpf_listing exact[] = {CBPF_LISTING_C, CBPF_LISTING_DECIMAL,
                                                  CBPF_LISTING_BYTECODE, CBPF_LISTING_JSON};
        uint64_t random = 2;

        for (int round = 0; round < 500; round++) {
                struct bpf_insn instructions[16];
                struct bpf_program program = {1 + random_below(&random, 16), instructions};

                for (uint32_t i = 0; i < program.bf_len; i++)
                        instructions[i] = (struct bpf_insn){
                            (uint16_t)random_next(&random), (uint8_t)random_next(&random),
                            (uint8_t)random_next(&random), (uint32_t)random_next(&random)};
                for (size_t i = 0; i < COUNT(exact); i++) {
                        char *text = cbpf_list(&program, exact[i]);

                        assert_reads(text, &program);
                        free(text);
                }
        }
}
END_TEST

/* All of these are: accept IPv4. */
static const char *const ipv4[] = {
    /* Assembler, with comments and alternative spellings. */
    "ldh [12]\njeq #0x800, yes, no\nyes: ret #96\nno: ret #0",
    "ldh [12] jne #2048, no ret #96 no: ret #0\n",
    "; IPv4?\n  ldh [ 12 ]   ; EtherType\n  jneq # 04000 , drop\n\tret #+96\n\ndrop:\n\n ret #0 ;",
    "/* { \n } */ start: ldh [0xc] // {\n jeq #0x0800, start_2, r\nstart_2:ret #0x60\nr:ret #0",
    "#!/usr/bin/filt\nldh[12]\njeq#0x800,a,b\na:ret#96\nb:ret#0",
    "ldh [12]\r\njne #0x800, out\r\nret #96\r\nout: ret #0\r\n",
    /* -d, with its own and with other spacing. */
    "(000) ldh      [12]\n(001) jeq      #0x800           jt 2\tjf 3\n(002) ret      #96\n(003) "
    "ret #0\n",
    "(0)ldh [12] (1)jeq #2048 jt 2 jf 3 (2)ret #96 (3)ret #0",
    "ldh [12]\njeq #0x800 jt 2 jf 3\nret #96\nret #0",
    /* C, from -dd to an array as it stands in a source file. */
    "{ 0x28, 0, 0, 0x0000000c },\n{ 0x15, 0, 1, 0x00000800 },\n{ 0x6, 0, 0, 0x00000060 },\n{ 0x6, "
    "0, 0, 0 },",
    "{40,0,0,12},{21,0,1,2048},{6,0,0,96},{6,0,0,0}",
    "{{40,0,0,12},{21,0,1,2048,},{6,0,0,0140u},{6,0,0,0UL},}",
    "#include <linux/filter.h>\n#define X {1}\n/* ldh [12]; } */ static const struct sock_filter "
    "code[4] "
    "= {\n\t{ 0x28, 0, 0, 0xc }, // {\n\t{ 0x15, 0, 1, 0x800 },\n{0X6,0,0,96},\n{6,0,0,0} };\n\n"
    "struct sock_fprog p = { .len = 4, .filter = code };\n",
    /* Numbers, and command lines around them. */
    "4\n40 0 0 12\n21 0 1 2048\n6 0 0 96\n6 0 0 0\n",
    "# tcpdump -ddd -s 96 ip\n4,40 0 0 12,21 0 1 2048,6 0 0 96,6 0 0 0",
    "\"4,40 0 0 12,21 0 1 2048,6 0 0 96,6 0 0 0,\"\n",
    "'4,40 0 0 12,21 0 1 2048,6 0 0 96,6 0 0 0'",
    "iptables -A INPUT -m comment --comment https://example.com/{x} -m bpf "
    "--bytecode \"4,40 0 0 12,21 0 1 2048,6 0 0 96,6 0 0 0\" -j DROP",
    "-A INPUT -m bpf --bytecode='4,40 0 0 12,21 0 1 2048,6 0 0 96,6 0 0 0'\n",
    "tc filter add dev eth0 ingress bpf da bytecode \"4,40 0 0 12,21 0 1 2048,6 0 0 96,6 0 0 0\" "
    "action {x}",
    "filter protocol all bpf handle 0x1 bytecode '4,40 0 0 12,21 0 1 2048,6 0 0 96,6 0 0 0' ",
    /* JSON: names in any order, and other members. */
    "[{\"code\":40,\"jt\":0,\"jf\":0,\"k\":12},{\"k\":2048,\"jf\":1,\"jt\":0,\"code\":21},"
    "{\"code\":6,\"jt\":0,\"jf\":0,\"k\":96,\"text\":\"\\\"]}/"
    "*\"},{\"code\":6,\"jt\":0,\"jf\":0,\"k\":0}]",
    " { \"a\" : [ { \"b\" : [ ] }, -1.5e3 , true, null, {} ], \"instructions\": [\n"
    "{\"code\":40,\"jt\":0,\"jf\":0,\"k\":12,\"x\":{\"code\":1}}, "
    "{\"code\":21,\"jt\":0,\"jf\":1,\"k\":2048},"
    "{\"code\":6,\"jt\":0,\"jf\":0,\"k\":96}, {\"code\":6,\"jt\":0,\"jf\":0,\"k\":0} ], \"c\": "
    "\"\" }\n",
};

START_TEST(reads_every_dialect)
{
        struct bpf_program wanted =
            PROGRAM({0x28, 0, 0, 12}, {0x15, 0, 1, 0x800}, {6, 0, 0, 96}, {6, 0, 0, 0});

        assert_reads(ipv4[_i], &wanted);
}
END_TEST

START_TEST(reads_every_mnemonic)
{
        static const char text[] =
            "first: ld [4]\n ld [x + 4]\n ld [%x+-4]\n ld M[3]\n ld #5\n ldi 5\n ldi #5\n ld #-1\n "
            "ld #len\n"
            " ld #pktlen\n ld len\n ld #vlan_avail\n ldb #vlan_pr\n ldh [vlanp]\n ld vlan_tci\n ld "
            "#rand\n"
            " ld [-4096]\n ldh [x+0]\n ldb [0]\n"
            " ldx #5\n ldxi 5\n ldx M[15]\n ldx #len\n ldx #pktlen\n unimp 0x81\n ldx "
            "4*([14]&0xf)\n"
            " ldxb 4 * ( [ 14 ] & 15 )\n st M[3]\n stx M[0]\n"
            " add #1\n add x\n sub %x\n mul #3\n div #4\n mod x\n and #0xff\n or #010\n xor x\n "
            "lsh #31\n"
            " rsh x\n neg\n tax\n txa\n"
            " ja end\n jmp end\n ja 45\n jeq x, end\n jgt #1, end, end\n jge %x, jt\n jset #1, "
            "end, jt\n"
            " jlt #7, end\n jle x, end\nend: ret\njt: ret a\n ret %a\n ret #-1\n ret x";
        struct bpf_program wanted = PROGRAM(
            {0x20, 0, 0, 4}, {0x40, 0, 0, 4}, {0x40, 0, 0, 0xfffffffc}, {0x60, 0, 0, 3},
            {0, 0, 0, 5}, {0, 0, 0, 5}, {0, 0, 0, 5}, {0, 0, 0, 0xffffffff}, {0x80, 0, 0, 0},
            {0x80, 0, 0, 0}, {0x80, 0, 0, 0}, {0x20, 0, 0, 0xfffff030}, {0x30, 0, 0, 0xfffff030},
            {0x28, 0, 0, 0xfffff030}, {0x20, 0, 0, 0xfffff02c}, {0x20, 0, 0, 0xfffff038},
            {0x20, 0, 0, 0xfffff000}, {0x48, 0, 0, 0}, {0x30, 0, 0, 0}, {1, 0, 0, 5}, {1, 0, 0, 5},
            {0x61, 0, 0, 15}, {0x81, 0, 0, 0}, {0x81, 0, 0, 0}, {0x81, 0, 0, 0}, {0xb1, 0, 0, 14},
            {0xb1, 0, 0, 14}, {2, 0, 0, 3}, {3, 0, 0, 0}, {0x04, 0, 0, 1}, {0x0c, 0, 0, 0},
            {0x1c, 0, 0, 0}, {0x24, 0, 0, 3}, {0x34, 0, 0, 4}, {0x9c, 0, 0, 0}, {0x54, 0, 0, 255},
            {0x44, 0, 0, 8}, {0xac, 0, 0, 0}, {0x64, 0, 0, 31}, {0x7c, 0, 0, 0}, {0x84, 0, 0, 0},
            {7, 0, 0, 0}, {0x87, 0, 0, 0}, {5, 0, 0, 8}, {5, 0, 0, 7}, {5, 0, 0, 0xffffffff},
            {0x1d, 5, 0, 0}, {0x25, 4, 4, 1}, {0x3d, 4, 0, 0}, {0x45, 2, 3, 1}, {0x35, 0, 1, 7},
            {0x2d, 0, 0, 0}, {0x16, 0, 0, 0}, {0x16, 0, 0, 0}, {0x16, 0, 0, 0},
            {6, 0, 0, 0xffffffff}, {0x0e, 0, 0, 0});

        assert_reads(text, &wanted);
}
END_TEST

/* JSON is parsed as a whole: an error in its content has no position in the text. */
static const char NOWHERE[] = "nowhere";

static const struct {
        const char *text;
        const char *token; /* where it points to: the last place of this; NULL for the end */
        const char *says;
} unreadable[] = {
    {"", NULL, "no program"},
    {" \n; nothing\n", NULL, "ends before an instruction"},
    {"/* ldh [12]", "/*", "comment is not closed"},
    {"ldq [12]", "ldq", "not 'ldq'"},
    {"ldh [12", NULL, "ends before ']'"},
    {"ldh 12]", "12", "not '12'"},
    {"ldh [y]", "y", "expected the offset of instruction 0, a number, not 'y'"},
    {"ldh [x - 4]", "-", "'+' behind x"},
    {"ldb #5", "5", "what to load"},
    {"ldh M[3]", "M", "what to load"},
    {"ld #4294967296", "4294967296", "more than 4294967295"},
    {"ld #-2147483649", "-2147483649", "less than -2147483648"},
    {"ld #0x", "x", "not 'x'"},
    {"ldx [4]", "[", "what to load"},
    {"ldxb 4*([14]&0xe)", "4*([14]&0xe)", "4*([k]&0xf)"},
    {"ldxb 4*([14]|0xf)", "|", "'&'"},
    {"st 3", "3", "M[k]"},
    {"add 5", "5", "#k or x"},
    {"jeq #1", NULL, "',' and a label"},
    {"jeq #1, 5", "5", "expected a label, not '5'"},
    {"jeq #1, yes, no\nyes: ret #1", "no", "no label 'no'"},
    {"back: jeq #1, back\nret #1", "back", "jumps must lead forward"},
    {"yes: ret #1\nyes: ret #0", "yes", "given to instruction 0 already"},
    {"ret #1\nyes:", "yes", "no instruction follows"},
    {"jeq #1 jt 1", NULL, "jf and its target"},
    {"jeq #1 jt 0 jf 1\nret #0", "0 jf", "jumps must lead forward"},
    {"jeq #1 jt 1 jf 257\nret #0", "257", "at most 255"},
    {"(000) ret #1\n(002) ret #0", "002", "instruction 1, not 2"},
    {"(000 ret #1", "ret", "')'"},
    {"(000) unimp 0x99", "9", "opcode 0x99"},
    {"ret 5", "5", "#k, a or nothing"},
    {"{ 0x28, 0, 0, 12 } { 6", "{ 6", "',' or the end"},
    {"{ 0x28, 0, 0 }", "}", "',' behind jf"},
    {"{ 0x28, 0, 0, 12, 5 }", "5", "'}'"},
    {"{ BPF_STMT(6, 0) }", "BPF_STMT", "opcode of instruction 0"},
    {"{ 0x28, 256, 0, 12 }", "256", "more than 255"},
    {"{ 65536, 0, 0, 12 }", "65536", "more than 65535"},
    {"x[] = { { 6, 0, 0, 0 },", NULL, "'}' at the end of the array"},
    {"x[] = { 6, 0, 0, 0, };", ";", "the end of the program"},
    {"2,6 0 0 0", NULL, "1 of the 2"},
    {"\"1,6 0 0 0", "\"", "quote is not closed"},
    {"tc bpf bytecode '1,6 0 0'", "'", "k of instruction 0"},
    {"[", NULL, "']' expected"},
    {"[{}]", NOWHERE, "instruction 0 has no \"code\""},
    {"[{\"code\": 6}]", NOWHERE, "no \"jt\""},
    {"[{\"code\": 6.5, \"jt\":0,\"jf\":0,\"k\":0}]", NOWHERE,
     "code of instruction 0 is not an integer"},
    {"[{\"code\": -6}]", NOWHERE, "code of instruction 0 is not an integer"},
    {"[{\"code\": \"6\"}]", NOWHERE, "code of instruction 0 is not an integer"},
    {"[{\"code\": 65536}]", NOWHERE, "from 0 to 65535"},
    {"[{\"code\": 6, \"jt\":256}]", NOWHERE, "from 0 to 255"},
    {"[{\"code\": 6, \"jt\":0,\"jf\":256}]", NOWHERE, "from 0 to 255"},
    {"[{\"code\": 6, \"jt\":0,\"jf\":0,\"k\":4294967296}]", NOWHERE, "from 0 to 4294967295"},
    {"[{\"code\": 99999999999999999999}]", "}]", "too big integer"},
    {"[[]]", NOWHERE, "instruction 0 is not an object"},
    {"{\"a\": 1}", NOWHERE, "no \"instructions\""},
    {"{\"instructions\": {}}", NOWHERE, "not an array"},
    {"{\"instructions\": [], \"instructions\": []}", ": []}", "duplicate object key"},
    {"[] x", NULL, "end of file expected near 'x'"},
    {"{\"a\": \"\n\"}", "\n", "newline"},
    {"{\"a\": tru}", "}", "invalid token"},
};

START_TEST(refuses_with_the_place)
{
        const char *text = unreadable[_i].text, *token = unreadable[_i].token;
        size_t length = strlen(text), place = length;
        char *copy = exact_copy(text, length);
        struct bpf_program program = {1, NULL};
        struct error error;

        for (const char *c = text; token && (c = strstr(c, token)); c++)
                place = (size_t)(c - text);
        ck_assert_int_eq(cbpf_read(copy, length, &program, &error), -1);
        ck_assert_msg(strstr(error.message, unreadable[_i].says), "'%s' is not in '%s'",
                      unreadable[_i].says, error.message);
        if (token == NOWHERE)
                place = ERROR_NO_OFFSET;
        ck_assert_msg(error.offset == place, "byte %zu, not %zu: %s", error.offset, place,
                      error.message);
        ck_assert_uint_ge(error.length, token != NOWHERE);
        ck_assert_ptr_null(program.bf_insns);
        free(copy);
}
END_TEST

START_TEST(refuses_deep_json)
{
        enum { DEPTH = 100000 };
        char *text = malloc(DEPTH + 16);
        struct bpf_program program;
        struct error error;

        strcpy(text, "{\"a\":");
        memset(text + 5, '[', DEPTH);
        ck_assert_int_eq(cbpf_read(text, 5 + DEPTH, &program, &error), -1);
        ck_assert_ptr_nonnull(strstr(error.message, "maximum parsing depth"));
        free(text);
}
END_TEST

/* A label every second instruction, all of them used: time is not quadratic. */
START_TEST(reads_long_assembler)
{
        enum { LABELS = 100000 };
        char *text = malloc(LABELS * 64);
        char *end = text;
        struct bpf_program program;
        struct error error;

        for (int i = 0; i < LABELS; i++)
                end += sprintf(end, "l%d: jeq #%d, l%d\n ld #%d\n", i, i, i + 1, i);
        end += sprintf(end, "l%d: ret #0\n", LABELS);
        ck_assert_msg(cbpf_read(text, (size_t)(end - text), &program, &error) == 0, "%s",
                      error.message);
        ck_assert_uint_eq(program.bf_len, 2 * LABELS + 1);
        ck_assert_uint_eq(program.bf_insns[0].jt, 1);
        cbpf_program_free(&program);
        free(text);
}
END_TEST

/* Whatever the damage: a program, or an error within the text. */
START_TEST(survives_damage)
{
        static const char bytes[] = "0123456789abxM, \n-+#[](){}\"'&*:;/jtf\0\xff";
        struct bpf_program program =
            PROGRAM({0x28, 0, 0, 12}, {0x15, 0, 3, 0x800}, {0xb1, 0, 0, 14}, {0x48, 0, 0, 16},
                    {6, 0, 0, 96}, {6, 0, 0, 0});
        char *text = cbpf_list(&program, (enum cbpf_listing)_i);
        size_t length = strlen(text);
        uint64_t random = (uint64_t)_i;
        int refused = 0;

        for (int round = 0; round < 20000; round++) {
                size_t at = random_below(&random, (uint32_t)length);
                size_t end =
                    random_below(&random, 4) ? length : random_below(&random, (uint32_t)length);
                char *copy = exact_copy(text, length);
                struct bpf_program damaged;
                struct error error;

                copy[at] = bytes[random_below(&random, sizeof bytes - 1)];
                if (cbpf_read(copy, end, &damaged, &error) == 0) {
                        cbpf_program_free(&damaged);
                } else {
                        if (_i != CBPF_LISTING_JSON || error.offset != ERROR_NO_OFFSET) {
                                ck_assert_uint_le(error.offset, end);
                                ck_assert_uint_ge(error.length, 1);
                        }
                        refused++;
                }
                free(copy);
        }
        ck_assert_int_gt(refused, 2000);
        free(text);
}
END_TEST

/* cbpf_shorten() */

START_TEST(shortens_what_it_may)
{
        struct bpf_program twice = PROGRAM({0x28, 0, 0, 12}, {0x28, 0, 0, 12}, {0x15, 0, 1, 0x800},
                                           {6, 0, 0, 96}, {6, 0, 0, 0});
        struct bpf_program once =
            PROGRAM({0x28, 0, 0, 12}, {0x15, 0, 1, 0x800}, {6, 0, 0, 96}, {6, 0, 0, 0});
        struct bpf_program shorter;

        ck_assert_int_eq(cbpf_shorten(&twice, &shorter), 0);
        assert_same_program(&shorter, &once, "shortened");
        cbpf_program_free(&shorter);
}
END_TEST

START_TEST(shortens_nothing_impure)
{
        static const struct bpf_insn impure[] = {
            {0x20, 0, 0, (uint32_t)SKF_AD_OFF + SKF_AD_RANDOM},
            {0x20, 0, 0, (uint32_t)SKF_AD_OFF + SKF_AD_NLATTR},
            {0x20, 0, 0, (uint32_t)SKF_AD_OFF + SKF_AD_NLATTR_NEST},
            {0x20, 0, 0, (uint32_t)SKF_AD_OFF + SKF_AD_ALU_XOR_X},
            {0x30, 0, 0, (uint32_t)SKF_NET_OFF + 9},
            {0x28, 0, 0, (uint32_t)SKF_LL_OFF + 12},
            {0xb1, 0, 0, (uint32_t)SKF_NET_OFF},
        };

        for (size_t i = 0; i < COUNT(impure); i++) {
                struct bpf_program program = PROGRAM(impure[i], impure[i], {0x16, 0, 0, 0});
                struct bpf_program shorter;

                ck_assert_int_eq(cbpf_shorten(&program, &shorter), 1);
                ck_assert_ptr_null(shorter.bf_insns);
        }
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "read", 240);

        tcase_add_loop_test(tests, reads_every_form_of_the_corpus, 0, 4);
        tcase_add_test(tests, reads_every_opcode);
        tcase_add_test(tests, reads_every_number);
        tcase_add_loop_test(tests, reads_every_dialect, 0, (int)COUNT(ipv4));
        tcase_add_test(tests, reads_every_mnemonic);
        tcase_add_loop_test(tests, refuses_with_the_place, 0, (int)COUNT(unreadable));
        tcase_add_test(tests, refuses_deep_json);
        tcase_add_test(tests, reads_long_assembler);
        tcase_add_loop_test(tests, survives_damage, 0, LISTINGS);
        tcase_add_test(tests, shortens_what_it_may);
        tcase_add_test(tests, shortens_nothing_impure);
}

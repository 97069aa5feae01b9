/* Sets, `host in FILE` and `host in {…}`: they compile to the program of their values joined by
 * `or`, and mean what libpcap says that means; files of any size; what is wrong with them is told
 * by line. */
#include "base/array.h"
#include "base/text.h"
#include "cbpf/cbpf.h"
#include "tests/lib/explore.h"
#include "tests/lib/random.h"
#include "tests/unit/unit.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        SNAPSHOT = 262144, /* as in libpcap_compile() */
        ROUNDS = 600,
        EXPLORED = 60, /* of these are run on packets, too */
        BUDGET = 200000,
};

/* --- Files --- */

struct text_file {
        const char *name, *text;
        size_t length; /* 0: all of `text` */
};

static int read_from(void *context, const char *name, char **text, size_t *length,
                     struct error *error)
{
        for (const struct text_file *file = context; file->name; file++) {
                if (strcmp(file->name, name) != 0)
                        continue;
                *length = file->length ? file->length : strlen(file->text);
                *text = malloc(*length + 1);
                ck_assert_ptr_nonnull(*text);
                memcpy(*text, file->text, *length);
                (*text)[*length] = '\0';
                return 0;
        }
        return error_set(error, "%s: not there", name);
}

/* --- Programs --- */

static bool compile(const char *expression, const struct text_file *files, int link_type,
                    struct bpf_program *program, struct error *error)
{
        struct cbpf_target target = {
            .link_type = link_type, .snapshot_length = SNAPSHOT, .place = CBPF_FILE};
        struct cbpf_sets *sets;
        int status;

        *program = (struct bpf_program){0};
        if (cbpf_sets_new(expression, read_from, (void *)files, &sets, error) < 0)
                return false;
        target.sets = sets;
        status = cbpf_compile(expression, &target, 0, program, error);
        cbpf_sets_free(sets);
        return status == 0;
}

static bool same(const struct bpf_program *one, const struct bpf_program *other)
{
        return one->bf_len == other->bf_len &&
               memcmp(one->bf_insns, other->bf_insns, one->bf_len * sizeof *one->bf_insns) == 0;
}

static void expect_same(const char *expression, const char *list, const struct text_file *files,
                        int link_type)
{
        struct bpf_program program, other;
        struct error error;

        ck_assert_msg(compile(expression, files, link_type, &program, &error), "%s: %s", expression,
                      error.message);
        ck_assert_msg(compile(list, NULL, link_type, &other, &error), "%s: %s", list,
                      error.message);
        ck_assert_msg(same(&program, &other), "%s\nis not\n%s", expression, list);
        cbpf_program_free(&program);
        cbpf_program_free(&other);
}

/* --- Random sets --- */

/* An expression being made twice: with sets, and with lists in their place. */
struct twins {
        struct text sets, lists, file;
        uint64_t random;
        bool in_file;
};

static const char *const ends[] = {"", "src ", "dst ", "src or dst "};

/* What a set can be of: qualifiers before the direction, the word of one value, entries. */
static const struct {
        const char *before, *word, *value, *network;
        bool ipv4, ipv6;
} kinds[] = {
    {"", "host", "host", "net", true, true},
    {"", "net", "host", "net", true, true},
    {"ip ", "host", "host", "net", true, false},
    {"ip6 ", "net", "host", "net", false, true},
    {"arp ", "host", "host", "net", true, false},
    {"", "port", "port", "portrange", false, false},
    {"tcp ", "port", "port", "portrange", false, false},
    {"udp ", "portrange", "port", "portrange", false, false},
    {"ether ", "host", "host", NULL, false, false},
};

/* Makes one entry; `*more` says whether it is more than one value, that is a network or range. */
static void make_entry(struct twins *twins, size_t kind, char entry[64], bool *more)
{
        uint64_t *random = &twins->random;
        bool ipv6 = kinds[kind].ipv6 && (!kinds[kind].ipv4 || random_below(random, 3) == 0);
        uint32_t bits = 1 + random_below(random, 32), number = (uint32_t)random_next(random);

        *more = random_below(random, 3) == 0;
        if (!kinds[kind].ipv4 && !kinds[kind].ipv6) {
                if (!kinds[kind].network) {
                        *more = false;
                        snprintf(entry, 64, "02:00:00:%02x:%02x:%02x", number & 255,
                                 number >> 8 & 255, number >> 16 & 1);
                        return;
                }
                number %= 60000;
                if (*more)
                        snprintf(entry, 64, "%u-%u", number, number + bits);
                else
                        snprintf(entry, 64, "%u", number);
        } else if (ipv6) {
                if (*more)
                        snprintf(entry, 64, "2001:db8:%x::/%u", number & 0xffff, 48 + bits);
                else
                        snprintf(entry, 64, "2001:db8::%x:%x", number & 0xf, number >> 16);
        } else {
                *more &= bits < 32;
                if (*more)
                        number &= UINT32_MAX << (32 - bits);
                snprintf(entry, 64, *more ? "%u.%u.%u.%u/%u" : "%u.%u.%u.%u", number >> 24,
                         number >> 16 & 255, number >> 8 & 255, number & 255, bits);
        }
}

static void make_set(struct twins *twins)
{
        size_t kind = random_below(&twins->random, array_count(kinds));
        uint32_t count = 1 + random_below(&twins->random, 9);
        const char *end = ends[random_below(&twins->random, array_count(ends))];
        bool file = twins->in_file && twins->file.length == 0;
        char entry[64];
        bool more;

        text_format(&twins->sets, "%s%s%s in %s", kinds[kind].before, end, kinds[kind].word,
                    file ? "\"a file\"" : "{");
        text_char(&twins->lists, '(');
        for (uint32_t i = 0; i < count; i++) {
                make_entry(twins, kind, entry, &more);
                if (file)
                        text_format(&twins->file, "%s%s", entry, i % 2 ? "\r\n" : " # it\n\n");
                else
                        text_format(&twins->sets, "%s%s", i ? i % 2 ? " " : ", " : "", entry);
                text_format(&twins->lists, "%s%s%s%s %s", i ? " or " : "", kinds[kind].before, end,
                            more ? kinds[kind].network : kinds[kind].value, entry);
        }
        text_string(&twins->sets, file ? "" : "}");
        text_char(&twins->lists, ')');
}

static void put_both(struct twins *twins, const char *text)
{
        text_string(&twins->sets, text);
        text_string(&twins->lists, text);
}

static void make_expression(struct twins *twins)
{
        static const char *const others[] = {"tcp", "host 10.0.0.1", "len > 100", "port 53"};
        static const char *const joints[] = {" and ", " or ", " and not ", " or not "};
        uint32_t tests = 1 + random_below(&twins->random, 3);

        if (random_below(&twins->random, 3) == 0)
                put_both(twins, "not ");
        for (uint32_t i = 0; i < tests; i++) {
                if (i > 0)
                        put_both(twins, joints[random_below(&twins->random, array_count(joints))]);
                if (i > 0 && random_below(&twins->random, 3) == 0)
                        put_both(twins, others[random_below(&twins->random, array_count(others))]);
                else
                        make_set(twins);
        }
}

/* What libpcap says that the list means, on packets that steer into every branch. */
static void explore_set(const char *expression, const char *list, const struct text_file *files,
                        uint64_t seed)
{
        static const struct sample empty = {.captured = 64, .length = 64};
        const struct sample *seeds[] = {&empty};
        struct bpf_program reference = libpcap_compile(list, DLT_EN10MB, false), program;
        struct exploration exploration = {
            .reference = &reference, .candidate = &program, .seed = seed, .budget = BUDGET};
        struct error error;

        ck_assert(compile(expression, files, DLT_EN10MB, &program, &error));
        ck_assert(explore(&exploration, seeds, 1));
        ck_assert_msg(exploration.judged[JUDGED_DIFFERENT] == 0, "%s", expression);
        cbpf_program_free(&program);
        pcap_freecode(&reference);
}

START_TEST(random_sets_are_lists)
{
        static const int link_types[] = {DLT_EN10MB, DLT_EN10MB, DLT_LINUX_SLL2, DLT_PPP};

        for (uint32_t round = 0; round < ROUNDS; round++) {
                struct twins twins = {.random = round, .in_file = round % 2};
                struct text_file files[] = {{"a file", "", 0}, {0}};
                int link_type = link_types[round % array_count(link_types)];
                char *sets, *lists, *file;

                make_expression(&twins);
                sets = text_take(&twins.sets);
                lists = text_take(&twins.lists);
                file = text_take(&twins.file);
                ck_assert(sets && lists && file);
                files[0].text = file;
                if (link_type != DLT_EN10MB && strstr(sets, "ether"))
                        link_type = DLT_EN10MB;
                expect_same(sets, lists, files, link_type);
                if (round < EXPLORED)
                        explore_set(sets, lists, files, round);
                free(sets);
                free(lists);
                free(file);
        }
}
END_TEST

/* --- Single ones --- */

static const struct {
        const char *set, *list;
} equal[] = {
    {"host in f",
     "host 1.2.3.4 or net 10.0.0.0/8 or host ::1 or net 9.9.9.1/32 or net 9.9.9.2/31 or "
     "net 9.9.9.4/31 or net 9.9.9.6/32"},
    {"host not in f", "not (host 1.2.3.4 or net 10.0.0.0/8 or host ::1 or net 9.9.9.1/32 or net "
                      "9.9.9.2/31 or net 9.9.9.4/31 or net 9.9.9.6/32)"},
    {"src and dst host in {1.1.1.1, 2.2.2.2}",
     "(src host 1.1.1.1 or src host 2.2.2.2) and (dst host 1.1.1.1 or dst host 2.2.2.2)"},
    {"host in {1.1.1.1} or 2.2.2.2", "host 1.1.1.1 or host 2.2.2.2"},
    {"host (in {1.1.1.1} or in {2.2.2.2,} or 3.3.3.3)", "host 1.1.1.1 or 2.2.2.2 or 3.3.3.3"},
    {"host 1.1.1.1 or in {2.2.2.2}", "host 1.1.1.1 or 2.2.2.2"},
    {"host:port in pairs", "(host 1.2.3.4 and port 80) or (net 10.0.0.0/8 and portrange 50-60) or "
                           "(host ::1 and port 443)"},
    {"tcp src host:port in pairs",
     "(src host 1.2.3.4 and tcp src port 80) or (src net 10.0.0.0/8 and tcp src portrange 50-60) "
     "or (src host ::1 and tcp src port 443)"},
    {"ip6 host:port in pairs", "ip6 host ::1 and port 443"},
    {"host:port in {1.2.3.4:80,[::1]:443}",
     "(host 1.2.3.4 and port 80) or (host ::1 and port 443)"},
    {"ip6 net in {fe80::1-fe80::4}", "ip6 host fe80::1 or ip6 net fe80::2/127 or ip6 host fe80::4"},
    {"host in {0.0.0.0-255.255.255.255}", "net 0.0.0.0/0"},
    {"port in {localhost-port-that-is-none}", NULL},
    {"host in {} or tcp", "tcp"},
    {"host in empty and tcp", "less 0 and greater 1"},
    {"port in ports", "port 80 or portrange 8000-8080"},
    {"host in\tand.txt or tcp", "host 1.1.1.1 or tcp"},
};

static const struct text_file equal_files[] = {
    {"f", "\xef\xbb\xbf# comment\r\n 1.2.3.4\t\r\n10.0.0.0/8 ; note\r\n\r\n::1\n9.9.9.1-9.9.9.6",
     0},
    {"pairs", "1.2.3.4:80\n[::1]:443\n10.0.0.0/8:50-60", 0},
    {"empty", "# nothing\n\n", 0},
    {"ports", "80\n8000-8080\n", 0},
    {"and.txt", "1.1.1.1", 0},
    {0}};

START_TEST(sets_are_lists)
{
        struct bpf_program program, other;
        struct error error;

        if (!equal[_i].list) {
                ck_assert(!compile(equal[_i].set, equal_files, DLT_EN10MB, &program, &error));
                return;
        }
        ck_assert_msg(compile(equal[_i].set, equal_files, DLT_EN10MB, &program, &error), "%s: %s",
                      equal[_i].set, error.message);
        ck_assert(compile(equal[_i].list, equal_files, DLT_EN10MB, &other, &error));
        ck_assert_msg(same(&program, &other), "%s\nis not\n%s", equal[_i].set, equal[_i].list);
        cbpf_program_free(&program);
        cbpf_program_free(&other);
}
END_TEST

/* Where libpcap compiles the rest, on other link types, sets are written out or marked. */
START_TEST(sets_reach_libpcap)
{
        char list[16 * 200] = "", set[16 * 200] = "";
        int listed = 0, put = 0;

        expect_same("host in {1.1.1.1, 2.2.2.0/24}", "host 1.1.1.1 or net 2.2.2.0/24", NULL,
                    DLT_IEEE802_11_RADIO);
        expect_same("tcp or host in {}", "tcp or not (len >= 0)", NULL, DLT_IEEE802_11_RADIO);
        for (int i = 0; i < 100; i++) {
                listed += sprintf(list + listed, "%shost 10.1.2.%d", i ? " or " : "", 2 * i);
                put += sprintf(set + put, "%s10.1.2.%d", i ? "," : "host in {", 2 * i);
        }
        sprintf(set + put, "}");
        expect_same(set, list, NULL, DLT_IEEE802_11_RADIO);
        expect_same(set, list, NULL, DLT_EN10MB);
}
END_TEST

/* What libpcap takes stays what it is: a host of that name. */
START_TEST(in_is_a_name)
{
        static const char *const texts[] = {
            "host in",   "host in or tcp", "host in and tcp",   "host (in)",
            "host \\in", "host in && tcp", "port 80 or host in"};

        ck_assert_int_eq(cbpf_has_sets(texts[_i]), 0);
        ck_assert(cbpf_has_names(texts[_i]));
}
END_TEST

static const struct {
        const char *expression, *text, *message;
        size_t length;
} wrong[] = {
    {"host in f", "1.2.3.4\n\nexample.com\n", "f:3: 'example.com' is no IPv4 or IPv6 address", 0},
    {"host in f", "1.2.3.4 5.6.7.8", "f:1: '1.2.3.4 5.6.7.8' is more than one entry", 0},
    {"net in f", "10.1.0.0/8", "f:1: '10.1.0.0/8' has bits set behind its prefix", 0},
    {"net in f", "10.0.0.0/33", "f:1: '10.0.0.0/33' has no prefix", 0},
    {"net in f", "fe80::/129", "f:1: 'fe80::/129' has no prefix", 0},
    {"net in f", "fe80::1/64", "f:1: 'fe80::1/64' has bits set", 0},
    {"host in f", "2.2.2.2-1.1.1.1", "f:1: '2.2.2.2-1.1.1.1' is a range that ends before", 0},
    {"host in f", "1.2.3", "f:1: '1.2.3' is no IPv4", 0},
    {"host in f", "1.2.3.4.5", "f:1: '1.2.3.4.5' is no IPv4", 0},
    {"host in f", "1.2.3.4\0", "f:1: '1.2.3.4?' is no IPv4", 8},
    {"port in f", "80\n65536", "f:2: '65536' is no port", 0},
    {"port in f", "http", "f:1: 'http' is no port", 0},
    {"port in f", "9-8", "f:1: '9-8' is a range that ends before", 0},
    {"ether host in f", "00:11:22:33:44", "f:1: '00:11:22:33:44' is no MAC address", 0},
    {"host:port in f", "1.2.3.4", "f:1: '1.2.3.4' is no ADDRESS:PORT", 0},
    {"host:port in f", "::1:80", "f:1: '::1:80' is no ADDRESS:PORT", 0},
    {"host:port in f", "1.2.3.4:0x50", "f:1: '1.2.3.4:0x50' is no ADDRESS:PORT", 0},
    {"host in g", "", "g: not there", 0},
    {"host in -", "", "'-' is no file", 0},
    {"host in \"f", "", "missing \" that ends", 0},
    {"host in {1.2.3.4", "", "missing '}'", 0},
    {"host in {1.2.3.4/8}", "", "'1.2.3.4/8' has bits set", 0},
    {"proto in f", "6", "'in' needs a word before it", 0},
    {"in f", "6", "'in' needs a word before it", 0},
    {"tcp host in f", "1.2.3.4", "'tcp' has no set of addresses", 0},
    {"ip port in f", "80", "'ip' has no set of ports", 0},
    {"host:port 1.2.3.4", "", "'host:port' needs 'in'", 0},
    {"host:port in f or 80", "1.2.3.4:5", "'host:port' needs 'in'", 0},
};

START_TEST(tells_what_is_wrong)
{
        struct text_file files[] = {{"f", wrong[_i].text, wrong[_i].length}, {0}};
        struct bpf_program program;
        struct error error;

        ck_assert_msg(!compile(wrong[_i].expression, files, DLT_EN10MB, &program, &error), "%s",
                      wrong[_i].expression);
        ck_assert_msg(strstr(error.message, wrong[_i].message), "%s: %s", wrong[_i].expression,
                      error.message);
        ck_assert_msg(error.offset < strlen(wrong[_i].expression), "%s", wrong[_i].expression);
}
END_TEST

/* The text of a set is read again as the same set. */
START_TEST(texts_of_sets)
{
        static const char *const texts[] = {
            "host in {1.2.3.4, 10.0.0.0/8, 9.9.9.1-9.9.9.6, ::1, fe80::/10}", "port in {80, 90-99}",
            "ether src host in {00:11:22:33:44:55}", "src host:port in {1.2.3.4:80, [::1]:90-99}",
            "host in {}"};
        struct error error;
        char *text, *again;

        ck_assert_int_eq(cbpf_write_tree(texts[_i], NULL, &text, &error), 0);
        text[strlen(text) - 1] = '\0';
        ck_assert_str_eq(text, texts[_i]);
        again = cbpf_resolve(texts[_i], &error);
        ck_assert_str_eq(again, texts[_i]);
        free(again);
        free(text);
        text = cbpf_resolve("host in \"a \\\"b\\\"\" and port in {http, 99}", &error);
        ck_assert_ptr_nonnull(text);
        ck_assert_str_eq(text, "((host in \"a \\\"b\\\"\") and ((port in {99}) or (tcp port 80)))");
        free(text);
}
END_TEST

/* A feed: parsed and searched. */
START_TEST(a_long_feed)
{
        enum { COUNT = 200000 };
        struct text text = {0};
        struct text_file files[] = {{"feed", NULL, 0}, {0}};
        struct bpf_program program;
        struct error error;
        uint8_t frame[64] = {[12] = 0x08, [14] = 0x45, [23] = 17};

        for (uint32_t i = 0; i < COUNT; i++)
                text_format(&text, "%u.%u.%u.%u\n", 10 + (i >> 20), i >> 12 & 255, i >> 4 & 255,
                            (i & 15) * 16);
        files[0].text = text_take(&text);
        ck_assert(compile("src host in feed", files, DLT_EN10MB, &program, &error));
        for (uint32_t i = 0; i < COUNT; i += 997) {
                struct packet packet = {.data = frame, .captured = 64, .length = 64};

                frame[26] = (uint8_t)(10 + (i >> 20));
                frame[27] = (uint8_t)(i >> 12);
                frame[28] = (uint8_t)(i >> 4);
                frame[29] = (uint8_t)((i & 15) * 16);
                ck_assert_uint_eq(cbpf_run(&program, &packet), SNAPSHOT);
                frame[29]++;
                ck_assert_uint_eq(cbpf_run(&program, &packet), 0);
        }
        cbpf_program_free(&program);
        free((char *)files[0].text);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "sets", 60);

        tcase_add_test(tests, random_sets_are_lists);
        tcase_add_loop_test(tests, sets_are_lists, 0, COUNT(equal));
        tcase_add_test(tests, sets_reach_libpcap);
        tcase_add_loop_test(tests, in_is_a_name, 0, 7);
        tcase_add_loop_test(tests, tells_what_is_wrong, 0, COUNT(wrong));
        tcase_add_loop_test(tests, texts_of_sets, 0, 5);
        tcase_add_test(tests, a_long_feed);
}

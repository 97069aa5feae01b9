/* The parser: accepts what libpcap accepts with the same meaning, says where an expression is
 * wrong, and is exhausted by none. Each expression is compared with libpcap, without its optimizer.
 */
#include "cbpf/cbpf.h"
#include "cbpf/syntax/lex.h"
#include "cbpf/syntax/syntax.h"
#include "tests/lib/corpus.h"
#include "tests/lib/random.h"
#include "tests/unit/unit.h"

#include <dlfcn.h>
#include <netdb.h>
#include <pcap/pcap.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int link_types[] = {
    DLT_EN10MB, DLT_RAW,  DLT_IEEE802_11,   DLT_LINUX_SLL2, DLT_PFLOG,
    DLT_SUNATM, DLT_MTP2, DLT_ARCNET_LINUX, DLT_NULL,       DLT_IEEE802_11_RADIO};

enum { LINK_TYPES = sizeof link_types / sizeof *link_types, SNAPSHOT_LENGTH = 65535 };

/* Random expressions have unknown words in place of hosts. libpcap and the parser both call this
 * function, so that no name server is asked about them. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **result)
{
        static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
        struct addrinfo numeric = hints ? *hints : (struct addrinfo){0};

        if (!real)
                *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
        if (node && strcmp(node, "localhost") != 0)
                numeric.ai_flags |= AI_NUMERICHOST;
        return real(node, service, &numeric, result);
}

/* libpcap's reasons that are not about the expression but about what a link type or its code
 * generator can do; the parser leaves them to later passes. */
static bool is_about_link_type(const char *message)
{
        static const char *const reasons[] = {
            "supported only on",
            "only supported on",
            "support for",
            "after MPLS",
            "over mpls",
            "not present",
            "not implemented",
            "not a broadcast link",
            "too many registers",
            "not supported on",
            "supported only with",
            "not supported with",
            "not supported for",
            "only ethernet/FDDI",
            "netmask not known",
            /* Also reported for a divisor or count that only begins with such a number, as in
             * len / ip[0] and len >> (32 - len). */
            "division by zero",
            "modulus by zero",
            "shift by more than 31 bits",
        };

        for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
                if (strstr(message, reasons[i]))
                        return true;
        return false;
}

static bool same_programs(const struct bpf_program *a, const struct bpf_program *b)
{
        return a->bf_len == b->bf_len &&
               memcmp(a->bf_insns, b->bf_insns, a->bf_len * sizeof *a->bf_insns) == 0;
}

/* The tree's text must compile to the same program as the text it was made from. Where packets
 * have no link header, libpcap tests a host given by name for IP only and one given by address for
 * ARP as well, which never occurs: not the same program, but the same meaning. */
static void check_meaning(pcap_t *handle, const char *expression, const struct tree *tree,
                          struct bpf_program *program)
{
        struct bpf_program again;
        char *text;

        if (pcap_datalink(handle) == DLT_RAW && strstr(expression, "localhost"))
                return;
        text = cbpf_tree_text(tree);
        ck_assert_ptr_nonnull(text);
        ck_assert_msg(pcap_compile(handle, &again, text, 0, 0xffffff) == 0,
                      "'%s' gave '%s', which libpcap refuses: %s", expression, text,
                      pcap_geterr(handle));
        ck_assert_msg(same_programs(program, &again), "'%s' is not the same as '%s'", expression,
                      text);
        pcap_freecode(&again);
        free(text);
}

static void check_error(const char *expression, const struct error *error)
{
        size_t length = strlen(expression);

        ck_assert_msg(error->offset < length && error->length > 0 &&
                          error->length <= length - error->offset && error->message[0],
                      "'%s': %s, at %zu, %zu long", expression, error->message, error->offset,
                      error->length);
}

/* A word of filt's own, which the parser takes where libpcap takes no name. */
static bool has_own_word(const char *expression)
{
        const char *word;

        for (size_t i = 0; (word = cbpf_dialect_word(i)); i++)
                if (strstr(expression, word))
                        return true;
        return false;
}

/* Parses `expression` as libpcap does. Returns whether both accept it. */
static bool check_expression(pcap_t *handle, const char *expression)
{
        struct arena arena = {0};
        struct tree *tree;
        struct error error = {.offset = ERROR_NO_OFFSET};
        struct bpf_program program;
        bool parsed = cbpf_parse(expression, 0, NULL, &arena, &tree, &error) == 0;
        bool compiled = pcap_compile(handle, &program, expression, 0, 0xffffff) == 0;

        ck_assert_msg(!compiled || parsed, "libpcap takes '%s', the parser says %s", expression,
                      error.message);
        ck_assert_msg(compiled || !parsed || is_about_link_type(pcap_geterr(handle)) ||
                          has_own_word(expression),
                      "the parser takes '%s', libpcap says %s", expression, pcap_geterr(handle));
        if (!parsed)
                check_error(expression, &error);
        if (compiled) {
                check_meaning(handle, expression, tree, &program);
                pcap_freecode(&program);
        }
        arena_free(&arena);
        return parsed && compiled;
}

/* The lines of tests/language.txt. */
static char **corpus;
static size_t corpus_length, corpus_room;

static void add_expression(void *context, int link_type, const char *expression)
{
        (void)context;
        (void)link_type;
        ck_assert(array_grow(corpus, corpus_room, corpus_length + 1));
        corpus[corpus_length++] = strdup(expression);
}

static void read_corpus(void)
{
        ck_assert_msg(corpus_visit_file("tests/language.txt", add_expression, NULL) > 0,
                      "run this in the folder that holds tests/");
}

static void free_corpus(void)
{
        for (size_t i = 0; i < corpus_length; i++)
                free(corpus[i]);
        free(corpus);
        corpus = NULL;
        corpus_length = corpus_room = 0;
}

START_TEST(corpus_means_what_libpcap_says)
{
        pcap_t *handle = pcap_open_dead(link_types[_i], SNAPSHOT_LENGTH);
        size_t taken = 0;

        for (size_t i = 0; i < corpus_length; i++)
                taken += check_expression(handle, corpus[i]);
        ck_assert_uint_gt(taken, corpus_length / 20);
        pcap_close(handle);
}
END_TEST

static uint64_t random_state;

static const char *const vocabulary[] = {
    "and",     "or",     "not",     "!",           "&&",     "||",          "(",       ")",
    "(",       ")",      "[",       "]",           ":",      "+",           "-",       "*",
    "/",       "%",      "^",       "&",           "|",      "<<",          ">>",      "=",
    "!=",      ">",      "<=",      "1",           "2",      "80",          "443",     "0x10",
    "010",     "0",      "32",      "65536",       "1.2",    "10.0.0.0",    "1.2.3.4", "::1",
    "fe80::",  "len",    "tcp",     "udp",         "ip",     "ip6",         "ether",   "arp",
    "icmp",    "wlan",   "iso",     "decnet",      "host",   "net",         "port",    "portrange",
    "src",     "dst",    "proto",   "\\tcp",       "\\arp",  "protochain",  "mask",    "localhost",
    "80-90",   "ftp",    "vlan",    "mpls",        "pppoes", "broadcast",   "less",    "multicast",
    "byte",    "type",   "subtype", "data",        "dir",    "inbound",     "vpi",     "opc",
    "gateway", "llc",    "rnr",     "ra",          "addr1",  "1:2:3:4:5:6", "$1",      "unknown",
    "tcp-syn", "reason", "action",  "a1b2c3d4e5f6"};

static const char *random_word(void)
{
        return vocabulary[random_below(&random_state, COUNT(vocabulary))];
}

enum { MAX_TOKENS = 64, TEXT_SIZE = 4096 };

struct tokens {
        char texts[MAX_TOKENS][64];
        uint32_t count;
};

static void put(struct tokens *tokens, uint32_t at, const char *text, size_t length)
{
        if (tokens->count == MAX_TOKENS || length >= sizeof tokens->texts[0])
                return;
        memmove(tokens->texts[at + 1], tokens->texts[at],
                (tokens->count - at) * sizeof tokens->texts[0]);
        memcpy(tokens->texts[at], text, length);
        tokens->texts[at][length] = '\0';
        tokens->count++;
}

static void split(struct tokens *tokens, const char *expression)
{
        struct lexer lexer = {.text = expression};
        struct error error;
        struct token token;

        while (lex_token(&lexer, &token, &error) && token.kind != TOKEN_END)
                put(tokens, tokens->count, expression + token.offset, token.length);
}

/* Changes a few tokens of an expression of the corpus, or of two joined ones. */
static void mutate(struct tokens *tokens)
{
        uint32_t at = random_below(&random_state, tokens->count);
        uint32_t other = random_below(&random_state, tokens->count);
        const char *word = random_word();
        char kept[sizeof tokens->texts[0]];

        switch (random_below(&random_state, 4)) {
        case 0: put(tokens, at, word, strlen(word)); break;
        case 1: snprintf(tokens->texts[at], sizeof tokens->texts[at], "%s", word); break;
        case 2:
                memmove(tokens->texts[at], tokens->texts[at + 1],
                        (tokens->count - at - 1) * sizeof tokens->texts[0]);
                tokens->count--;
                break;
        case 3:
                memcpy(kept, tokens->texts[at], sizeof kept);
                memcpy(tokens->texts[at], tokens->texts[other], sizeof kept);
                memcpy(tokens->texts[other], kept, sizeof kept);
                break;
        }
}

static void random_expression(char text[TEXT_SIZE])
{
        static const char *const joints[] = {"and", "or", "and not", "or not", "and (", "or not ("};
        struct tokens tokens = {0};
        uint32_t changes = random_below(&random_state, 4);
        size_t length = 0;

        if (random_below(&random_state, 4) == 0) {
                for (uint32_t i = 1 + random_below(&random_state, 8); i; i--) {
                        const char *word = random_word();

                        put(&tokens, tokens.count, word, strlen(word));
                }
        } else {
                uint32_t joint = random_below(&random_state, 12);

                split(&tokens, corpus[random_below(&random_state, (uint32_t)corpus_length)]);
                if (joint < sizeof joints / sizeof *joints) {
                        split(&tokens, joints[joint]);
                        split(&tokens,
                              corpus[random_below(&random_state, (uint32_t)corpus_length)]);
                        if (strchr(joints[joint], '('))
                                split(&tokens, ")");
                }
        }
        while (changes-- && tokens.count)
                mutate(&tokens);
        text[0] = '\0';
        for (uint32_t i = 0; i < tokens.count && length < TEXT_SIZE - 80; i++)
                length +=
                    (size_t)sprintf(text + length, "%s%s",
                                    random_below(&random_state, 8) ? " " : "", tokens.texts[i]);
}

START_TEST(random_sequences_agree_with_libpcap)
{
        enum { EXPRESSIONS = 8000 };
        pcap_t *handle = pcap_open_dead(link_types[_i], SNAPSHOT_LENGTH);
        char text[TEXT_SIZE];
        unsigned taken = 0;

        random_state = (uint64_t)_i;
        for (int i = 0; i < EXPRESSIONS; i++) {
                random_expression(text);
                taken += check_expression(handle, text);
        }
        ck_assert_uint_gt(taken, EXPRESSIONS / 40);
        pcap_close(handle);
}
END_TEST

static const struct {
        const char *expression;
        size_t offset;
        size_t length;
        const char *message;
} refusals[] = {
    {"ip and prot 80", 7, 4, "unknown word 'prot'; did you mean 'port'?"},
    {"prot 80", 0, 4, "unknown word 'prot'; did you mean 'port'?"},
    {"TCP", 0, 3, "unknown word 'TCP'; did you mean 'tcp'?"},
    {"\\tcp", 0, 4,
     "'\\tcp' needs a word before it that says what it is: 'host', 'net', 'port' ..."},
    {"deep (\\http)", 6, 5,
     "'\\http' needs a word before it that says what it is: 'host', 'net', 'port' ..."},
    {"tcp \\udp", 4, 4, "after 'tcp' should come 'and', 'or' or the end, not '\\udp'"},
    {"tcp and (port )", 14, 1, "'port' needs a port number or name after it, not ')'"},
    {"(tcp or (udp", 8, 1, "missing ')' for this '('"},
    {"tcp)", 3, 1, "')' without '(' before it"},
    {"tcp and", 4, 3, "the expression ends after 'and'"},
    {"not", 0, 3, "the expression ends after 'not'"},
    {"tcp or host", 7, 4, "'host' needs a name or address after it, but the expression ends here"},
    {"tcp udp", 4, 3, "after 'tcp' should come 'and', 'or' or the end, not 'udp'"},
    {"src or port 80", 7, 4, "'src or' needs 'dst' after it, not 'port'"},
    {"1.2.3.4", 0, 7,
     "'1.2.3.4' needs a word before it that says what it is: 'host', 'net', 'port' ...; write "
     "'host "
     "1.2.3.4'"},
    {"port 1 and ((2 or 3))", 11, 1,
     "values that share qualifiers stand in one pair of parentheses only: write '(80 or 443)', not "
     "'((80 or 443))'"},
    {"ip[0] & 1", 0, 9, "a number alone is no test: compare it, as in 'ip[0] & 15 > 5'"},
    {"tcp and port nonesuch", 13, 8, "unknown port 'nonesuch'"},
    {"ip proto \\nonesuch", 9, 9, "unknown protocol '\\nonesuch'"},
    {"tcp or net nonesuch", 11, 8, "unknown network 'nonesuch'"},
    {"host nonesuch", 5, 8, "unknown host 'nonesuch'"},
    {"ether port 80", 11, 2, "'ether' has no ports: 'tcp', 'udp' and 'sctp' do"},
    {"udp port http", 9, 4, "'http' is a port of TCP, not of 'udp'"},
    {"tcp port 70000", 9, 5, "70000 is no port: the highest is 65535"},
    {"net 10.1.2.3/8", 4, 10, "non-network bits set in \"10.1.2.3/8\""},
    {"net 10.0.0.0/33", 13, 2, "a prefix of an IPv4 address has at most 32 bits"},
    {"net fe80::/129", 11, 3, "a prefix of an IPv6 address has at most 128 bits"},
    {"host 1.2.3.256", 5, 9,
     "'1.2.3.256' is no IPv4 address: none of its numbers may be above 255"},
    {"port 08", 5, 2, "'08' starts with 0, so it is octal, and has a digit above 7"},
    {"len > 4294967296", 6, 10, "'4294967296' does not fit in 32 bits"},
    {"ip[0:3] = 1", 5, 1, "a load is of 1, 2 or 4 bytes"},
    {"len / 0 = 1", 6, 1, "division by zero"},
    {"vlan 4096", 5, 4, "4096 is no VLAN number: the highest is 4095"},
    {"tcp ; udp", 4, 1, "';' has no meaning in a filter"},
    {"udp or (mpls and not (ip or arp[2:4]=1))", 28, 10, "unsupported protocol over mpls"},
    {"arp and dir fromds", 8, 10, "frame direction supported only with 802.11 headers"},
};

/* What is written in another language, and what it is in this one. */
static const struct {
        const char *foreign, *own;
} suggestions[] = {
    {"tcp.port == 80", "tcp port 80"},
    {"tcp.port==80", "tcp port 80"},
    {"ip.addr == 192.0.2.1", "host 192.0.2.1"},
    {"ip.addr eq 192.0.2.0/24", "net 192.0.2.0/24"},
    {"ip.src != 192.0.2.1", "not src host 192.0.2.1"},
    {"ipv6.dst == 2001:db8::1", "ip6 dst host 2001:db8::1"},
    {"eth.addr == 00:01:02:03:04:05", "ether host 00:01:02:03:04:05"},
    {"udp and ip.ttl < 5", "ip[8] < 5"},
    {"frame.len >= 100", "len >= 100"},
    {"tcp.flags.syn == 1", "tcp[tcpflags] & tcp-syn != 0"},
    {"tcp[tcpflags] = syn", "tcp[tcpflags] & tcp-syn != 0"},
    {"vxlan.vni == 7", "deep vxlan 7"},
    {"http.request.uri", "http"},
    {"port 80,443", "(80 or 443)"},
    {"tcp port 80, 443 , 8080", "(80 or 443 or 8080)"},
    {"port 80 443", "(80 or 443)"},
    {"port 1-100", "portrange 1-100"},
    {"port = 80", "port 80"},
    {"tcp 80", "tcp port 80"},
    {"192.0.2.1", "host 192.0.2.1"},
    {"icmp and 192.0.2.0/24", "net 192.0.2.0/24"},
    {"192.0.2.0/255.255.255.0", "net 192.0.2.0 mask 255.255.255.0"},
    {"net 192.0.2.0/255.255.255.0", "192.0.2.0 mask 255.255.255.0"},
    {"src host 192.0.2.0/255.255.255.0", "net 192.0.2.0 mask 255.255.255.0"},
    {"ip == 192.0.2.1", "ip host 192.0.2.1"},
    {"ip 192.0.2.1", "ip host 192.0.2.1"},
    {"00:01:02:03:04:05", "ether host 00:01:02:03:04:05"},
    {"2001:db8::1", "host 2001:db8::1"},
    {"host 192.0.2.1:80", "and port 80"},
    {"tcp dport 80", "dst port"},
    {"ipv6", "ip6"},
    {"dhcp", "udp port 67 or udp port 68"},
    {"lldp", "ether proto 0x88cc"},
};

START_TEST(suggests_what_to_write)
{
        struct arena arena = {0};
        struct tree *tree;
        struct error error;
        char end[200];

        ck_assert_int_eq(cbpf_parse(suggestions[_i].foreign, 0, NULL, &arena, &tree, &error), -1);
        snprintf(end, sizeof end, "; write '%s'", suggestions[_i].own);
        ck_assert_msg(strlen(error.message) > strlen(end) &&
                          strcmp(error.message + strlen(error.message) - strlen(end), end) == 0,
                      "'%s': %s", suggestions[_i].foreign, error.message);
        arena_free(&arena);
}
END_TEST

START_TEST(refusal_names_token_and_reason)
{
        struct cbpf_target target = {.link_type = DLT_EN10MB, .snapshot_length = SNAPSHOT_LENGTH};
        struct bpf_program program;
        struct error error;

        ck_assert_int_eq(cbpf_compile(refusals[_i].expression, &target, 0, &program, &error), -1);
        ck_assert_str_eq(error.message, refusals[_i].message);
        ck_assert_uint_eq(error.offset, refusals[_i].offset);
        ck_assert_uint_eq(error.length, refusals[_i].length);
        ck_assert_ptr_null(program.bf_insns);
}
END_TEST

START_TEST(link_type_is_blamed_at_its_word)
{
        struct cbpf_target target = {.link_type = DLT_EN10MB, .snapshot_length = SNAPSHOT_LENGTH};
        struct bpf_program program;
        struct error error;

        ck_assert_int_eq(cbpf_compile("tcp or vpi 3", &target, 0, &program, &error), -1);
        ck_assert_str_eq(error.message, "'vpi' supported only on raw ATM");
        ck_assert_uint_eq(error.offset, 7);
        ck_assert_uint_eq(error.length, 3);
}
END_TEST

START_TEST(what_rejects_all_is_a_program)
{
        struct cbpf_target target = {.link_type = DLT_EN10MB, .snapshot_length = SNAPSHOT_LENGTH};
        struct bpf_program program;
        struct error error;

        ck_assert_int_eq(cbpf_compile("tcp and udp", &target, 0, &program, &error), 0);
        ck_assert_uint_eq(program.bf_len, 1);
        ck_assert(cbpf_rejects_all(&program));
        cbpf_program_free(&program);
}
END_TEST

/* `count` times `unit`, between `start` and `end`; `close` once more for each unit if not NULL. */
static char *repeat(const char *start, const char *unit, size_t count, const char *end,
                    const char *close)
{
        char *text = NULL;
        size_t length;
        FILE *out = open_memstream(&text, &length);

        ck_assert_ptr_nonnull(out);
        fputs(start, out);
        for (size_t i = 0; i < count; i++)
                fputs(unit, out);
        fputs(end, out);
        for (size_t i = 0; close && i < count; i++)
                fputs(close, out);
        fclose(out);
        return text;
}

enum { MANY = 100000, MEGABYTES_10 = 10 << 20 };

static const struct {
        const char *start, *unit, *end, *close;
        size_t count;
        bool taken;
} large[] = {
    {"tcp", " or udp", "", NULL, MANY, true},
    {"tcp", " or udp and ip", "", NULL, MANY, true},
    {"", "(", "tcp", ")", MANY, true},
    {"", "(", "tcp", NULL, MANY, false},
    {"tcp", ")", "", NULL, MANY, false},
    {"", "not ", "tcp", NULL, MANY, true},
    {"", "!(", "tcp", ")", MANY, true},
    {"", "tcp or (", "tcp", ")", MANY, true},
    {"", "tcp or (udp and not ", "tcp", ")", MANY, true},
    {"port 1 or ", "(1 or not ", "2", ")", MANY, true},
    {"port ", "(1 or ", "2", ")", MANY, true},
    {"", "ip[", "0", "]", MANY, false},
    {"1 = ", "ip[", "0", "]", MANY, true},
    {"", "(", "1", ") = 1", 1, true},
    {"1 = ", "(", "len", ")", MANY, true},
    {"1 = ", "(1 + ", "len", ")", MANY, true},
    {"1 = ", "- ", "len", NULL, MANY, true},
    {"1 = ", "1 % ", "len", NULL, MANY, true},
    {"len", " + 1", " = 2", NULL, MANY, true},
    {"vlan ", "(", "1", ")", MANY, true},
    {"vpi (1", " or 2", ")", NULL, MANY, true},
    {"tcp", " or tcp", "", NULL, MEGABYTES_10 / 7, true},
    {"", "(", "", NULL, MEGABYTES_10, false},
    {"host 1.2.3.4", " or 1.2.3.4", "", NULL, MEGABYTES_10 / 11, true},
    {"host ", "a", "", NULL, MEGABYTES_10, true},
    {"port ", "1", "", NULL, MEGABYTES_10, false},
    {"host ::", "1", "", NULL, MEGABYTES_10, false},
    {"host ", "1:", "", NULL, MEGABYTES_10 / 2, false},
    {"host a", "-", "", NULL, MEGABYTES_10, false},
    {"host ", "\\", "", NULL, MEGABYTES_10, true},
    {"tcp", " ", "", NULL, MEGABYTES_10, true},
};

/* Walking the tree must not recurse either. */
static void walk(const struct tree *tree)
{
        size_t count = 0, operands = 0;

        for (const struct tree *node = tree_first(tree); node; node = tree_next(node)) {
                count++;
                operands += node->operand_count;
        }
        ck_assert_uint_eq(count, operands + 1);
}

/* Names are left to be looked up later; a range of two numbers is not a name. */
START_TEST(leaves_only_names_unresolved)
{
        static const struct {
                const char *expression, *text;
        } pairs[] = {
            {"portrange 80-90", "(portrange 80-90)"},
            {"portrange 80", "(portrange 80-80)"},
            {"portrange http-90", "(portrange \\http-90)"},
            {"host 80-90", "(host \\80-90)"},
            {"port http", "(port \\http)"},
        };

        for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
                struct arena arena = {0};
                struct error error;
                struct tree *tree;
                char *text;

                ck_assert_msg(cbpf_parse(pairs[i].expression, PARSE_NO_NAMES, NULL, &arena, &tree,
                                         &error) == 0,
                              "%s: %s", pairs[i].expression, error.message);
                text = cbpf_tree_text(tree);
                ck_assert_str_eq(text, pairs[i].text);
                free(text);
                arena_free(&arena);
        }
}
END_TEST

static void *parse_large(void *argument)
{
        const char *expression = argument;
        struct arena arena = {0};
        struct tree *tree;
        struct error error;
        bool taken = cbpf_parse(expression, PARSE_NO_NAMES, NULL, &arena, &tree, &error) == 0;

        if (taken) {
                char *text = cbpf_tree_text(tree);

                walk(tree);
                ck_assert_ptr_nonnull(text);
                free(text);
        } else {
                check_error(expression, &error);
        }
        arena_free(&arena);
        return taken ? argument : NULL;
}

/* In a thread whose stack is too small for recursion of that depth; whatever takes more than linear
 * time hits the test's timeout. */
START_TEST(size_and_depth_exhaust_nothing)
{
        char *expression = repeat(large[_i].start, large[_i].unit, large[_i].count, large[_i].end,
                                  large[_i].close);
        pthread_attr_t attributes;
        pthread_t thread;
        void *taken;

        ck_assert_int_eq(pthread_attr_init(&attributes), 0);
        ck_assert_int_eq(pthread_attr_setstacksize(&attributes, 256 << 10), 0);
        ck_assert_int_eq(pthread_create(&thread, &attributes, parse_large, expression), 0);
        ck_assert_int_eq(pthread_join(thread, &taken), 0);
        pthread_attr_destroy(&attributes);
        ck_assert_int_eq(taken != NULL, large[_i].taken);
        free(expression);
}
END_TEST

/* Without the optimizer, libpcap compiles, on a stack of its own if the expression is long; the
 * program must be the same. */
START_TEST(long_expression_compiles_as_by_libpcap)
{
        struct cbpf_target target = {.link_type = DLT_EN10MB, .snapshot_length = SNAPSHOT_LENGTH};
        char *expression = repeat("tcp", " or less 100", 2000, "", NULL);
        pcap_t *handle = pcap_open_dead(DLT_EN10MB, SNAPSHOT_LENGTH);
        struct bpf_program program, theirs;
        struct error error;

        ck_assert_int_eq(cbpf_compile(expression, &target, CBPF_UNOPTIMIZED, &program, &error), 0);
        ck_assert_int_eq(pcap_compile(handle, &theirs, expression, 0, 0), 0);
        ck_assert(same_programs(&program, &theirs));
        cbpf_program_free(&program);
        pcap_freecode(&theirs);
        pcap_close(handle);
        free(expression);
}
END_TEST

START_TEST(too_many_tests_are_refused_before_libpcap_overflows)
{
        struct cbpf_target target = {.link_type = DLT_EN10MB, .snapshot_length = SNAPSHOT_LENGTH};
        char *expression = repeat("tcp", " or less 100", MANY, "", NULL);
        struct bpf_program program;
        struct error error;

        ck_assert_int_eq(cbpf_compile(expression, &target, CBPF_UNOPTIMIZED, &program, &error), -1);
        ck_assert_ptr_nonnull(strstr(error.message, "cannot be compiled"));
        ck_assert_int_eq(cbpf_compile(expression, &target, 0, &program, &error), 0);
        ck_assert_uint_le(program.bf_len, 14); /* as `tcp or less 100` once */
        cbpf_program_free(&program);
        free(expression);
}
END_TEST

static const struct {
        const char *expression;
        const char *text;
} texts[] = {
    {"src host 1.2.3.4 and not tcp port 80", "((src host 1.2.3.4) and (not (tcp port 80)))"},
    {"tcp or udp and icmp", "(((tcp) or (udp)) and (icmp))"},
    {"port 80 or 443 or 22", "((port 80) or (port 443) or (port 22))"},
    {"tcp dst port (80 or 443)", "((tcp dst port 80) or (tcp dst port 443))"},
    {"port http", "(tcp port 80)"},
    {"net 10", "(net 10.0.0.0 mask 255.0.0.0)"},
    {"not ip[2:2] & 3 = 1 + 2 * 3", "(not ((ip[2:2] & 3) = (1 + (2 * 3))))"},
    {"", ""},
};

START_TEST(text_shows_the_tree)
{
        struct arena arena = {0};
        struct tree *tree;
        struct error error;
        char *text;

        ck_assert_int_eq(cbpf_parse(texts[_i].expression, 0, NULL, &arena, &tree, &error), 0);
        text = cbpf_tree_text(tree);
        ck_assert_str_eq(text, texts[_i].text);
        free(text);
        arena_free(&arena);
}
END_TEST

/* Every node knows the part of the text it was made from. */
START_TEST(nodes_know_their_text)
{
        static const char expression[] = "tcp and (src net 10.0.0.0/8 or not ip[0] & 1 = 2)";
        static const char *const parts[] = {"tcp",
                                            "src net 10.0.0.0/8",
                                            "0",
                                            "ip[0]",
                                            "1",
                                            "ip[0] & 1",
                                            "2",
                                            "ip[0] & 1 = 2",
                                            "not ip[0] & 1 = 2",
                                            "src net 10.0.0.0/8 or not ip[0] & 1 = 2"};
        struct arena arena = {0};
        struct tree *tree;
        struct error error;
        const struct tree *node;

        ck_assert_int_eq(cbpf_parse(expression, 0, NULL, &arena, &tree, &error), 0);
        node = tree_first(tree);
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++, node = tree_next(node)) {
                ck_assert_ptr_nonnull(node);
                ck_assert_uint_eq(node->length, strlen(parts[i]));
                ck_assert_mem_eq(expression + node->offset, parts[i], node->length);
        }
        ck_assert_ptr_eq(node, tree);
        arena_free(&arena);
}
END_TEST

START_TEST(names_become_numbers)
{
        static const struct {
                const char *expression, *resolved;
                bool has_names;
        } pairs[] = {
            {"tcp port 80 and host 10.0.0.1", "tcp port 80 and host 10.0.0.1", false},
            {"ether host 00:00:5e:00:53:01", "ether host 00:00:5e:00:53:01", false},
            {"on eth0", "on eth0", false}, /* a name, but none to look up */
            {"portrange 80-90", "portrange 80-90", false},
            {"tcp port http", "(tcp port 80)", true},
            {"ip proto \\tcp", "(ip proto 6)", true},
            {"udp port domain or tcp port 80", "((udp port 53) or (tcp port 80))", true},
        };

        for (size_t i = 0; i < COUNT(pairs); i++) {
                struct error error;
                char *resolved = cbpf_resolve(pairs[i].expression, &error);

                ck_assert_msg(resolved != NULL, "%s: %s", pairs[i].expression, error.message);
                ck_assert_str_eq(resolved, pairs[i].resolved);
                ck_assert_int_eq(cbpf_has_names(pairs[i].expression), pairs[i].has_names);
                free(resolved);
        }
}
END_TEST

START_TEST(a_name_may_be_unknown)
{
        struct error error;

        ck_assert(cbpf_has_names("port no-such-service"));
        ck_assert_ptr_null(cbpf_resolve("port no-such-service", &error));
        ck_assert_ptr_nonnull(strstr(error.message, "no-such-service"));
        ck_assert(!cbpf_has_names("port ("));
        ck_assert(!cbpf_has_names("\""));
}
END_TEST

START_TEST(a_broadcast_address_needs_the_netmask)
{
        ck_assert(cbpf_uses_netmask("tcp or ip broadcast"));
        ck_assert(!cbpf_uses_netmask("host 10.0.0.255 and not net 10.0.0.0/8"));
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *libpcap = unit_case(suite, "as libpcap", 60);
        TCase *own = unit_case(suite, "own", UNIT_SECONDS);
        TCase *limits = unit_case(suite, "limits", 60);

        tcase_add_checked_fixture(libpcap, read_corpus, free_corpus);
        tcase_add_loop_test(libpcap, corpus_means_what_libpcap_says, 0, LINK_TYPES);
        tcase_add_loop_test(libpcap, random_sequences_agree_with_libpcap, 0, LINK_TYPES);
        tcase_add_loop_test(own, suggests_what_to_write, 0, COUNT(suggestions));
        tcase_add_loop_test(own, refusal_names_token_and_reason, 0, COUNT(refusals));
        tcase_add_test(own, link_type_is_blamed_at_its_word);
        tcase_add_test(own, what_rejects_all_is_a_program);
        tcase_add_loop_test(own, text_shows_the_tree, 0, COUNT(texts));
        tcase_add_test(own, nodes_know_their_text);
        tcase_add_test(own, leaves_only_names_unresolved);
        tcase_add_test(own, names_become_numbers);
        tcase_add_test(own, a_name_may_be_unknown);
        tcase_add_test(own, a_broadcast_address_needs_the_netmask);
        tcase_add_loop_test(limits, size_and_depth_exhaust_nothing, 0, COUNT(large));
        tcase_add_test(limits, long_expression_compiles_as_by_libpcap);
        tcase_add_test(limits, too_many_tests_are_refused_before_libpcap_overflows);
}

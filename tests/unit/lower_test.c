/* Lowering: for every link type that is lowered, the graph must be identical to the one lifted from
 * libpcap's unoptimized program, and no expression exhausts it. */
#include "cbpf/lower/lower.h"
#include "cbpf/program/program.h"
#include "tests/lib/corpus.h"
#include "tests/lib/grammar.h"
#include "tests/lib/random.h"
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        SNAPSHOT = 262144,
        TEXT_ROOM = 4000,
        RANDOM_EXPRESSIONS = 1000, /* for each target */
};

static const struct {
        const char *name;
        int link_type;
        enum cbpf_place place;
} targets[] = {
    {"EN10MB", DLT_EN10MB, CBPF_FILE},
    {"EN10MB live", DLT_EN10MB, CBPF_LIVE},
    {"RAW", DLT_RAW, CBPF_FILE},
    {"IPV4", DLT_IPV4, CBPF_FILE},
    {"IPV6", DLT_IPV6, CBPF_FILE},
    {"NULL", DLT_NULL, CBPF_FILE},
    {"LOOP", DLT_LOOP, CBPF_FILE},
    {"LINUX_SLL", DLT_LINUX_SLL, CBPF_FILE},
    {"LINUX_SLL2", DLT_LINUX_SLL2, CBPF_FILE},
    {"LINUX_SLL2 live", DLT_LINUX_SLL2, CBPF_LIVE},
    {"PPP", DLT_PPP, CBPF_FILE},
    {"PPP_SERIAL", DLT_PPP_SERIAL, CBPF_FILE},
    {"PPP_ETHER", DLT_PPP_ETHER, CBPF_FILE},
    {"PFLOG", DLT_PFLOG, CBPF_FILE},
    {"IEEE802_11", DLT_IEEE802_11, CBPF_FILE},
    {"IEEE802_11_RADIO", DLT_IEEE802_11_RADIO, CBPF_FILE},
    {"IEEE802_11_RADIO_AVS", DLT_IEEE802_11_RADIO_AVS, CBPF_FILE},
    {"PRISM_HEADER", DLT_PRISM_HEADER, CBPF_FILE},
    {"PPI", DLT_PPI, CBPF_FILE},
};

struct subject {
        struct cbpf_target target;
        pcap_t *handle;
        pcap_t *live; /* for Ethernet: it has directions and interfaces, but tags in metadata */
        const char *name;
        int same, foreign, gathered; /* expressions */
};

static struct subject subject_for(int number)
{
        char message[PCAP_ERRBUF_SIZE] = "out of memory";
        struct subject subject = {
            .target = {targets[number].link_type, SNAPSHOT, targets[number].place, 0x00ffffff},
            .name = targets[number].name,
        };

        if (targets[number].link_type == DLT_EN10MB && targets[number].place == CBPF_LIVE) {
                subject.live = pcap_create("lo", message);
                ck_assert_msg(subject.live, "%s", message);
                pcap_set_snaplen(subject.live, SNAPSHOT);
                ck_assert_msg(pcap_activate(subject.live) >= 0, "lo: %s (this needs root)",
                              pcap_geterr(subject.live));
        }
        subject.handle = pcap_open_dead(targets[number].link_type, SNAPSHOT);
        ck_assert_ptr_nonnull(subject.handle);
        return subject;
}

static bool has_kind(const struct tree *tree, enum tree_kind kind)
{
        for (const struct tree *node = tree ? tree_first(tree) : NULL; node; node = tree_next(node))
                if (node->kind == kind)
                        return true;
        return false;
}

/* A load that may be past the end of every packet. */
static bool is_far(const struct tree *node)
{
        return node->kind == TREE_LOAD &&
               (node->operands->kind == TREE_NEGATE ||
                (node->operands->kind == TREE_NUMBER && node->operands->number > INT32_MAX));
}

static bool asks_metadata(const struct tree *tree)
{
        return has_kind(tree, TREE_INBOUND) || has_kind(tree, TREE_OUTBOUND) ||
               has_kind(tree, TREE_IFINDEX);
}

/* In a copy for each way into tunnels, few fit into one another. What libpcap's program reads from
 * scratch memory where no tunnel was passed, relations may have written. */
static bool is_foreign_tunnel(const struct cbpf_target *target, const struct tree *tree)
{
        bool cooked = target->place == CBPF_LIVE && target->link_type == DLT_LINUX_SLL2;
        int tunnels = 0;

        for (const struct tree *node = tree ? tree_first(tree) : NULL; node; node = tree_next(node))
                tunnels += node->kind == TREE_GENEVE;
        return tunnels > 0 && (tunnels > 2 || cooked || has_kind(tree, TREE_RELATION));
}

/* What is lowered nowhere or, behind headers of varying length, not there: libpcap may overwrite
 * where they start when it computes relations. */
static bool is_foreign(const struct cbpf_target *target, const struct tree *tree)
{
        if (graph_starts_vary(target) &&
            (has_kind(tree, TREE_PPPOES) || asks_metadata(tree) || has_kind(tree, TREE_RELATION)))
                return true;
        for (const struct tree *node = tree_first(tree); node; node = tree_next(node))
                if ((node->kind == TREE_BYTE && node->test->operation >= TREE_BITS_SET) ||
                    is_far(node))
                        return true;
        return is_foreign_tunnel(target, tree) || has_kind(tree, TREE_PROTOCHAIN);
}

/* Host names would be looked up at a name server. */
static bool asks_name_server(const char *expression)
{
        struct arena arena = {0};
        struct error error;
        struct tree *tree = NULL;
        bool asks = false;

        if (cbpf_parse(expression, PARSE_NO_NAMES, NULL, &arena, &tree, &error) < 0)
                tree = NULL;
        for (const struct tree *node = tree ? tree_first(tree) : NULL; node; node = tree_next(node))
                if (node->kind == TREE_NAME && node->test->qualifiers.type <= TYPE_HOST &&
                    strcmp(node->test->text, "localhost") != 0)
                        asks = true;
        arena_free(&arena);
        return asks;
}

/* What libpcap makes of the expression, on a cooked socket if that is the target. */
static bool compile_by_libpcap(const struct subject *subject, const struct tree *tree,
                               const char *expression, struct bpf_program *program)
{
        pcap_t *handle = subject->live && asks_metadata(tree) ? subject->live : subject->handle;

        if (pcap_compile(handle, program, expression, 0, subject->target.netmask) < 0)
                return false;
        if (subject->target.place == CBPF_FILE || subject->target.link_type != DLT_LINUX_SLL2 ||
            cbpf_cook(program) == 0)
                return true;
        pcap_freecode(program);
        return false;
}

/* The same tree with its lists gathered, natively and through markers. */
static void compare_lists(struct subject *subject, const char *expression, struct tree *tree,
                          struct arena *arena)
{
        struct lists lists = {.arena = arena};
        struct bpf_program program;
        struct graph graph = {0};
        uint32_t lowered;
        char *text;

        ck_assert_int_eq(lists_gather(&lists, tree), 0);
        if (lists.count > 0 && !(subject->live && asks_metadata(tree))) {
                ck_assert_int_eq(
                    graph_lower(&graph, tree, &lists, NULL, &subject->target, false, NULL), 0);
                lowered = graph.root;
                ck_assert_int_eq(lists_mark(&lists, tree, 1), 0);
                text = cbpf_tree_text(tree);
                ck_assert_ptr_nonnull(text);
                ck_assert(compile_by_libpcap(subject, tree, text, &program));
                ck_assert_int_eq(graph_lift(&graph, &program), 0);
                /* Without a marker there is nothing to put back, as for IPv6 hosts in IPv4. */
                if (lists_put_back(&lists, &graph) == 0) {
                        ck_assert_msg(graph.root == lowered, "%s: lists of %s", subject->name,
                                      expression);
                        subject->gathered++;
                }
                pcap_freecode(&program);
                graph_free(&graph);
                free(text);
        }
        lists_free(&lists);
}

/* Where the program asks for tags in metadata, which lowering knows nothing of, the two are the
 * same to the kernel once the tag is stripped from both. But libpcap keeps the 4 bytes of the tag
 * in scratch memory, which relations may overwrite. */
static void strip(struct subject *subject, const struct tree *tree, struct graph *graph,
                  uint32_t *lowered)
{
        uint32_t lifted = graph->root;

        if (!subject->live || !asks_metadata(tree) || !has_kind(tree, TREE_VLAN))
                return;
        if (has_kind(tree, TREE_RELATION)) {
                graph->root = *lowered;
                return;
        }
        graph->root = *lowered;
        ck_assert_int_eq(graph_strip_tag(graph, CBPF_LIVE), 0);
        *lowered = graph->root;
        graph->root = lifted;
        ck_assert_int_eq(graph_strip_tag(graph, CBPF_LIVE), 0);
}

/* Both graphs in one: equal graphs have one root. */
static void compare(struct subject *subject, const char *expression, struct tree *tree,
                    struct arena *arena)
{
        struct bpf_program program;
        struct graph graph = {0};
        int status = graph_lower(&graph, tree, NULL, NULL, &subject->target, false, NULL);
        uint32_t lowered = graph.root;

        ck_assert_int_ge(status, 0);
        if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ && strstr(expression, "decnet ")) {
                /* libpcap compares addresses of DECnet, which are little-endian, as they stand. */
        } else if (!compile_by_libpcap(subject, tree, expression, &program)) {
                /* Behind cooked headers, only we know tags. */
                ck_assert_msg(status == 1 || (subject->target.link_type >= DLT_LINUX_SLL &&
                                              has_kind(tree, TREE_VLAN)),
                              "%s: %s is impossible: %s", subject->name, expression,
                              pcap_geterr(subject->handle));
        } else if (status == 1) {
                subject->foreign++;
                ck_assert_msg(is_foreign(&subject->target, tree), "%s: %s should be known",
                              subject->name, expression);
                pcap_freecode(&program);
        } else if (cbpf_jumps_back(&program)) {
                pcap_freecode(&program); /* where no loop is allowed, it is unrolled */
        } else {
                ck_assert_int_eq(graph_lift(&graph, &program), 0);
                strip(subject, tree, &graph, &lowered);
                ck_assert_msg(graph.root == lowered, "%s: %s", subject->name, expression);
                subject->same++;
                pcap_freecode(&program);
                if (tree)
                        compare_lists(subject, expression, tree, arena);
        }
        graph_free(&graph);
}

/* Whatever link type the expression was written for. */
static void try(void *context, int link_type, const char *expression)
{
        struct subject *subject = context;
        struct arena arena = {0};
        struct error error;
        struct tree *tree;

        (void)link_type;
        if (!asks_name_server(expression) &&
            cbpf_parse(expression, 0, NULL, &arena, &tree, &error) == 0)
                compare(subject, expression, tree, &arena);
        arena_free(&arena);
}

/* Corner cases that are not in the files, mostly headers that are shifted more than once. */
static const char *const corners[] = {
    "vlan and pppoes and link[0:2] = 0x21",
    "vlan or pppoes and (ether[2] = 4 or ether[ip[0]:2] > 3)",
    "vlan 5 and pppoes 7 and byte 3 > 4 and ip[ip[0]] = tcp[ip[1] - 3]",
    "vlan and not vlan 3 or vlan and mpls 4 and mpls and host 10.1.2.3",
    "not (vlan or ip) and (tcp port 80 or vlan and udp) or arp",
    "ip and vlan or tcp src port 5 or not vlan 9",
    "mpls and llc i or len / (ip[0] - ip[1]) = 3 % tcp[4:4]",
    "inbound or ifindex 5 or link[0xfffffff0] = 1 or byte 0xfffff008 > 3",
    "ip[0x7fffffff - 13] = 1 or ip[0x80000000:2] = 2 or ether[0xfffff004:2] < 7",
    "tcp[0x7ffffff0] = ip[len] or ip[len + 0x7fffffff:4] = 5",
    "byte 0xfffff700 = 3 or tcp",
};

START_TEST(gives_libpcaps_graph)
{
        struct subject subject = subject_for(_i);
        uint64_t random = (uint64_t)_i + 1;
        struct choices choices = {.random = &random};
        char text[TEXT_ROOM];

        ck_assert_uint_gt(corpus_visit(try, &subject), 0);
        ck_assert_uint_gt(corpus_visit_file("tests/language.txt", try, &subject), 0);
        for (size_t i = 0; i < COUNT(corners); i++)
                try(&subject, -1, corners[i]);
        for (int i = 0; i < RANDOM_EXPRESSIONS; i++) {
                grammar_expression(&choices, subject.target.link_type, text, sizeof text);
                try(&subject, -1, text);
        }
        if (getenv("LOWER_FIGURES"))
                printf("%s: %d same (%d with lists), %d foreign\n", subject.name, subject.same,
                       subject.gathered, subject.foreign);
        ck_assert_int_gt(subject.same, RANDOM_EXPRESSIONS / 2);
        pcap_close(subject.handle);
        if (subject.live)
                pcap_close(subject.live);
}
END_TEST

/* Lists of random values, including the limits of their ranges, overlapping and nested. */
static void write_value(FILE *out, uint64_t *random, int kind)
{
        static const uint32_t corners[] = {0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
        uint32_t number = random_below(random, 4) == 0
                              ? corners[random_below(random, COUNT(corners))]
                              : (uint32_t)random_next(random);
        uint32_t bits = random_below(random, 33);

        switch (kind) {
        case 0:
                fprintf(out, "host %u.%u.%u.%u", number >> 24, number >> 16 & 255,
                        number >> 8 & 255, number & 255);
                break;
        case 1:
                number &= bits ? UINT32_MAX << (32 - bits) : 0;
                fprintf(out, "src net %u.%u.%u.%u/%u", number >> 24, number >> 16 & 255,
                        number >> 8 & 255, number & 255, bits);
                break;
        case 2: fprintf(out, "tcp dst port %u", number & 0xffff); break;
        case 3:
                fprintf(out, "portrange %u-%u", number & 0xffff,
                        bits % 2 ? number >> 16 : (number & 0xffff) + bits % 3 * (number % 2));
                break;
        case 4:
                fprintf(out, "ether host %02x:00:00:00:%02x:%02x", number & 3, number >> 8 & 1,
                        number >> 24);
                break;
        case 5:
                fprintf(out, "dst host 2001:db8:%x::%x:%x", number & 1, number >> 8 & 3,
                        number >> 16);
                break;
        default:
                number &= bits > 16 ? UINT32_MAX << (32 - bits) : 0xffff0000;
                fprintf(out, "net %x:%x::/%u", number >> 16, number & 0xffff,
                        bits > 16 ? bits : 16 + bits % 2 * 100);
        }
}

START_TEST(lists_equal_those_by_markers)
{
        struct subject subject = subject_for(0);
        uint64_t random = 1;

        for (int i = 0; i < 700; i++) {
                size_t length;
                char *text;
                FILE *out = open_memstream(&text, &length);
                uint32_t values = 2 + random_below(&random, i % 10 ? 10 : 200);
                bool negated = i % 3 == 0;

                ck_assert_ptr_nonnull(out);
                for (uint32_t j = 0; j < values; j++) {
                        fputs(j == 0 ? "" : negated ? " and " : " or ", out);
                        fputs(negated ? "not " : "", out);
                        write_value(out, &random, i % 7);
                }
                fclose(out);
                try(&subject, -1, text);
                free(text);
        }
        ck_assert_int_eq(subject.foreign, 0);
        ck_assert_int_ge(subject.gathered, 600);
        pcap_close(subject.handle);
}
END_TEST

/* These have messages of libpcap's, or a meaning that only its program tells. */
START_TEST(leaves_to_libpcap)
{
        static const struct {
                int link_type;
                enum cbpf_place place;
                const char *expression;
        } filters[] = {
            {DLT_EN10MB, CBPF_FILE, "(ip[0] = 3 or geneve) and ip"},
            {DLT_EN10MB, CBPF_FILE, "geneve and geneve and geneve and ip"},
            {DLT_PFLOG, CBPF_FILE, "geneve and inbound"},
            {DLT_EN10MB, CBPF_FILE, "ip protochain 6"},
            {DLT_EN10MB, CBPF_FILE, "tcp and byte 0 & 1"},
            {DLT_EN10MB, CBPF_FILE, "type data"},
            {DLT_EN10MB, CBPF_FILE, "mpls and arp"},
            {DLT_EN10MB, CBPF_FILE, "mpls and vlan"},
            {DLT_EN10MB, CBPF_FILE, "len / ip[0] = 1"},
            {DLT_EN10MB, CBPF_FILE, "ip broadcast"},
            {DLT_EN10MB, CBPF_FILE, "radio[0] = 1"},
            {DLT_EN10MB, CBPF_LIVE, "mpls and vlan"},
            {DLT_RAW, CBPF_FILE, "ether host 1:2:3:4:5:6"},
            {DLT_RAW, CBPF_FILE, "vlan"},
            {DLT_PPP, CBPF_FILE, "broadcast"},
            {DLT_LINUX_SLL, CBPF_FILE, "llc"},
            {DLT_LINUX_SLL2, CBPF_FILE, "mpls"},
            {DLT_LINUX_SLL2, CBPF_LIVE, "link[11] = 6"},
            {DLT_LINUX_SLL2, CBPF_LIVE, "byte 12 = 2"},
            {DLT_IEEE802_11, CBPF_FILE, "pppoes and ip"},
            {DLT_IEEE802_11_RADIO, CBPF_FILE, "inbound"},
            {DLT_PPI, CBPF_FILE, "type mgt"},
            {DLT_PFLOG, CBPF_FILE, "mpls"},
            {DLT_EN10MB, CBPF_FILE, "action pass"},
            {DLT_FDDI, CBPF_FILE, "tcp"},
        };

        for (size_t i = 0; i < COUNT(filters); i++) {
                struct cbpf_target target = {.link_type = filters[i].link_type,
                                             .snapshot_length = SNAPSHOT,
                                             .place = filters[i].place,
                                             .netmask = CBPF_NETMASK_UNKNOWN};
                struct arena arena = {0};
                struct graph graph = {0};
                struct error error;
                struct tree *tree;

                ck_assert_int_eq(cbpf_parse(filters[i].expression, 0, NULL, &arena, &tree, &error),
                                 0);
                ck_assert_msg(graph_lower(&graph, tree, NULL, NULL, &target, false, NULL) == 1,
                              "%s", filters[i].expression);
                graph_free(&graph);
                arena_free(&arena);
        }
}
END_TEST

/* Expressions that only a machine would write. */
static void write_repeated(FILE *out, int count, const char *text)
{
        while (count-- > 0)
                fputs(text, out);
}

static void write_parentheses(FILE *out)
{
        write_repeated(out, 100000, "(");
        fputs("tcp", out);
        write_repeated(out, 100000, ")");
}

static void write_deep(FILE *out)
{
        for (int i = 0; i < 50000; i++)
                fprintf(out, "tcp port %d or not (udp and (", i);
        fputs("ip", out);
        write_repeated(out, 50000, "))");
}

static void write_wide(FILE *out)
{
        fputs("arp", out);
        for (int i = 0; i < 50000; i++)
                fprintf(out, " or host 10.1.%d.%d or len > 9 and tcp port %d", i / 256, i % 256, i);
}

static void write_ten_megabytes(FILE *out)
{
        fputs("ip", out);
        for (int i = 0; ftell(out) < 10 << 20; i++)
                fprintf(out, " or ip6[%d]/tcp[%d:2] = %d", i % 1000, 1 + i % 100, i);
}

static void write_sum(FILE *out)
{
        write_repeated(out, 100000, "(ip[1]+");
        fputs("1", out);
        write_repeated(out, 100000, ")");
        fputs(" = 3", out);
}

static void write_indices(FILE *out)
{
        write_repeated(out, 100000, "tcp[");
        fputs("0", out);
        write_repeated(out, 100000, "]");
        fputs(" = 3", out);
}

static void write_tags(FILE *out)
{
        fputs("vlan", out);
        write_repeated(out, 100000, " and vlan");
}

static void (*const writers[])(FILE *) = {write_parentheses,   write_deep, write_wide,
                                          write_ten_megabytes, write_sum,  write_indices,
                                          write_tags};

/* Parses, lowers and strips the tag; returns `text` if it went well. */
static void *lower_text(void *text)
{
        struct cbpf_target target = {
            .link_type = DLT_EN10MB, .snapshot_length = SNAPSHOT, .place = CBPF_LIVE};
        struct arena arena = {0};
        struct lists lists = {.arena = &arena};
        struct graph graph = {0};
        struct error error;
        struct tree *tree;
        bool lowered = cbpf_parse(text, 0, NULL, &arena, &tree, &error) == 0 &&
                       lists_gather(&lists, tree) == 0 &&
                       graph_lower(&graph, tree, &lists, NULL, &target, false, NULL) == 0 &&
                       graph_strip_tag(&graph, CBPF_LIVE) == 0;

        graph_free(&graph);
        lists_free(&lists);
        arena_free(&arena);
        return lowered ? text : NULL;
}

START_TEST(no_expression_exhausts_it)
{
        enum { SMALL_STACK = 256 << 10 };
        size_t length;
        char *text;
        FILE *out = open_memstream(&text, &length);
        pthread_attr_t attributes;
        pthread_t thread;
        void *lowered;

        ck_assert_ptr_nonnull(out);
        writers[_i](out);
        fclose(out);
        ck_assert_int_eq(pthread_attr_init(&attributes), 0);
        ck_assert_int_eq(pthread_attr_setstacksize(&attributes, SMALL_STACK), 0);
        ck_assert_int_eq(pthread_create(&thread, &attributes, lower_text, text), 0);
        ck_assert_int_eq(pthread_join(thread, &lowered), 0);
        ck_assert_ptr_eq(lowered, text);
        pthread_attr_destroy(&attributes);
        free(text);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "lower", 120);

        tcase_add_loop_test(tests, gives_libpcaps_graph, 0, (int)COUNT(targets));
        tcase_add_test(tests, lists_equal_those_by_markers);
        tcase_add_test(tests, leaves_to_libpcap);
        tcase_add_loop_test(tests, no_expression_exhausts_it, 0, (int)COUNT(writers));
}

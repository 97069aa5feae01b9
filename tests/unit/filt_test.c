/* libfilt by its public interface alone: this program is linked with the shared library. */
#include "filt.h"
#include "unit.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* An Ethernet frame: TCP from 192.0.2.1, port 1024, to 192.0.2.2, port 80; it has a SYN. */
static const uint8_t frame[] = {
    2, 0, 0, 0,   0, 2, 2, 0, 0, 0, 0,  1, 8, 0, 0x45, 0, 0, 40, 0, 0,    0, 0, 64, 6, 0, 0, 192,
    0, 2, 1, 192, 0, 2, 2, 4, 0, 0, 80, 0, 0, 0, 0,    0, 0, 0,  0, 0x50, 2, 0, 0,  0, 0, 0, 0,
};
static const struct filt_packet packet = {frame, sizeof frame, sizeof frame};

static struct filt_filter *compile(const char *expression, const struct filt_options *options)
{
        struct filt_error error;
        struct filt_filter *filter = filt_compile(expression, options, &error);

        ck_assert_msg(filter, "%s: %s", expression, error.message);
        return filter;
}

/* Fails to compile, and checks the error's code and its place in the expression. */
static void refuse(const char *expression, const struct filt_options *options, int code,
                   const char *place)
{
        struct filt_error error;

        ck_assert_msg(!filt_compile(expression, options, &error), "%s", expression);
        ck_assert_msg(error.code == code, "%s: %d, %s", expression, error.code, error.message);
        ck_assert(error.message[0] && !strchr(error.message, '\n'));
        if (place) {
                ck_assert_msg(error.offset < strlen(expression), "%s", expression);
                ck_assert_uint_eq(error.length, strlen(place));
                ck_assert(strncmp(expression + error.offset, place, error.length) == 0);
        }
        ck_assert(!filt_compile(expression, options, NULL));
}

START_TEST(version_is_told)
{
        ck_assert_str_eq(filt_version(), FILT_VERSION);
}
END_TEST

/* --- Compiling -------------------------------------------------------------------------------- */

static const char *const expressions[] = {
    "",
    "tcp port 80",
    "ip6 or arp",
    "host 192.0.2.1 and not udp",
    "tcp[tcpflags] & tcp-syn != 0",
    "portrange 1-1024 and net 192.0.2.0/24",
    "port in {53, 80, 443, 8000-8999}",
    "vlan or mpls or ip proto 47",
    "ip[2:2] + 4 < ip[4] * 3 or len > 100",
    "ether host 02:00:00:00:00:01",
    "deep port 80",
};

static const char *const captures[] = {"pcaps/ping.pcap", "pcaps/dns.pcap", "pcaps/tcp-md5.pcap"};

/* Three filters for what is in a capture: of the expression, of its program, and without optimizing
 * it. */
static void judge_alike(const char *expression, const char *capture)
{
        enum { MOST = 500 };
        struct filt_options options = FILT_OPTIONS;
        struct filt_filter *filters[3];
        const struct filt_instruction *program;
        size_t count;
        char message[PCAP_ERRBUF_SIZE];
        pcap_t *file = pcap_open_offline(capture, message);
        struct pcap_pkthdr *header;
        const u_char *bytes;

        ck_assert_msg(file, "%s", message);
        filters[0] = compile(expression, &options);
        program = filt_program(filters[0], &count);
        filters[1] = filt_from_program(program, count, NULL, NULL);
        options.flags = FILT_UNOPTIMIZED;
        filters[2] = compile(expression, &options);
        for (int i = 0; i < MOST && pcap_next_ex(file, &header, &bytes) == 1; i++) {
                struct filt_packet one = {bytes, header->caplen, header->len};
                uint32_t verdict = filt_match(filters[0], &one), batch[2];

                ck_assert(verdict == 0 || verdict == 262144);
                ck_assert_msg(filt_match(filters[1], &one) == verdict, "%s", expression);
                ck_assert_msg(filt_match(filters[2], &one) == verdict, "%s", expression);
                filt_match_many(filters[0], (struct filt_packet[]){packet, one}, 2, batch);
                ck_assert_uint_eq(batch[1], verdict);
                ck_assert_uint_eq(batch[0], filt_match(filters[0], &packet));
        }
        for (int i = 0; i < 3; i++)
                filt_free(filters[i]);
        pcap_close(file);
}

START_TEST(filters_judge)
{
        for (int i = 0; i < COUNT(captures); i++)
                judge_alike(expressions[_i], captures[i]);
}
END_TEST

START_TEST(matches_are_those_of_libpcap)
{
        struct bpf_program program = libpcap_compile("tcp port 80", DLT_EN10MB, false);
        struct filt_filter *filter = compile("tcp port 80", NULL);

        ck_assert_uint_ne(filt_match(filter, &packet), 0);
        ck_assert_uint_ne(bpf_filter(program.bf_insns, frame, sizeof frame, sizeof frame), 0);
        filt_free(filter);
        filter = compile("udp port 80", NULL);
        ck_assert_uint_eq(filt_match(filter, &packet), 0);
        filt_free(filter);
        pcap_freecode(&program);
}
END_TEST

START_TEST(errors_have_places)
{
        refuse("tcp port bogus-service", NULL, FILT_ERROR_EXPRESSION, "bogus-service");
        refuse("port 80 and (", NULL, FILT_ERROR_EXPRESSION, NULL);
        refuse("ip host 1.2.3.256", NULL, FILT_ERROR_EXPRESSION, "1.2.3.256");
        refuse(NULL, NULL, FILT_ERROR_ARGUMENT, NULL);
}
END_TEST

START_TEST(names_can_be_refused)
{
        struct filt_options options = FILT_OPTIONS;
        static const char *const numeric[] = {"tcp port 80", "ip proto 6 and host 192.0.2.1", "",
                                              "icmp[icmptype] == icmp-echo", "ether proto 0x800"};

        options.flags = FILT_NO_NAMES;
        refuse("udp and tcp port http", &options, FILT_ERROR_LIMIT, "tcp port http");
        refuse("host example.net", &options, FILT_ERROR_LIMIT, NULL);
        refuse("deep (udp or port domain)", &options, FILT_ERROR_LIMIT, NULL);
        refuse("port in {80, http}", &options, FILT_ERROR_LIMIT, NULL);
        for (int i = 0; i < COUNT(numeric); i++)
                filt_free(compile(numeric[i], &options));
        filt_free(compile("tcp port http", NULL));
}
END_TEST

START_TEST(libpcap_can_be_refused)
{
        struct filt_options options = FILT_OPTIONS;
        struct filt_filter *filter = compile("ip6 protochain 6", NULL);

        ck_assert(filt_by_libpcap(filter));
        ck_assert_uint_eq(filt_match(filter, &packet), 0);
        filt_free(filter);
        options.flags = FILT_NO_LIBPCAP;
        refuse("ip6 protochain 6", &options, FILT_ERROR_LIMIT, NULL);
        options.flags |= FILT_UNOPTIMIZED;
        refuse("ip6 protochain 6", &options, FILT_ERROR_LIMIT, NULL);
        filter = compile("tcp port 80", &options);
        ck_assert(!filt_by_libpcap(filter));
        ck_assert_uint_ne(filt_match(filter, &packet), 0);
        filt_free(filter);
}
END_TEST

START_TEST(sizes_can_be_limited)
{
        struct filt_options options = FILT_OPTIONS;

        options.max_length = 11;
        filt_free(compile("tcp port 80", &options));
        refuse("tcp port 443", &options, FILT_ERROR_LIMIT, NULL);
        options.max_length = 0;
        options.max_instructions = 4;
        filt_free(compile("arp", &options));
        refuse("tcp port 443", &options, FILT_ERROR_LIMIT, NULL);
}
END_TEST

/* Reads one file, and fails with the error that its context is. */
static int read_set(void *context, const char *name, char **text, size_t *length)
{
        if (context)
                return *(int *)context;
        if (strcmp(name, "hosts") != 0)
                return ENOENT;
        *text = strdup("192.0.2.1\n198.51.100.0/24\n");
        *length = strlen(*text);
        return 0;
}

START_TEST(files_are_read_by_the_caller)
{
        struct filt_options options = FILT_OPTIONS;
        struct filt_filter *filter;
        int reason = ENOMEM;

        refuse("host in hosts", NULL, FILT_ERROR_LIMIT, NULL);
        options.read_set = read_set;
        filter = compile("src host in hosts", &options);
        ck_assert_uint_ne(filt_match(filter, &packet), 0);
        filt_free(filter);
        filter = compile("dst host in hosts", &options);
        ck_assert_uint_eq(filt_match(filter, &packet), 0);
        filt_free(filter);
        refuse("host in others", &options, FILT_ERROR_EXPRESSION, NULL);
        options.context = &reason;
        refuse("host in hosts", &options, FILT_ERROR_MEMORY, NULL);
        reason = EACCES;
        refuse("host in hosts", &options, FILT_ERROR_EXPRESSION, NULL);
}
END_TEST

/* A program of the future knows more options, one of the past fewer. */
START_TEST(options_have_a_size)
{
        struct {
                struct filt_options known;
                uint64_t unknown;
        } later = {FILT_OPTIONS, 0};
        struct filt_options options = FILT_OPTIONS;

        later.known.size = sizeof later;
        filt_free(compile("arp", &later.known));
        later.unknown = 1;
        refuse("arp", &later.known, FILT_ERROR_ARGUMENT, NULL);
        options.size = offsetof(struct filt_options, max_length);
        options.max_length = 1;
        filt_free(compile("arp", &options));
        options.size = 0;
        refuse("arp", &options, FILT_ERROR_ARGUMENT, NULL);
}
END_TEST

START_TEST(options_are_checked)
{
        struct filt_options options = FILT_OPTIONS;

        options.flags = 1u << 31;
        refuse("arp", &options, FILT_ERROR_ARGUMENT, NULL);
        options.flags = FILT_FOR_SIZE | FILT_FOR_SPEED;
        refuse("arp", &options, FILT_ERROR_ARGUMENT, NULL);
        options.flags = 0;
        options.snapshot_length = 0;
        refuse("arp", &options, FILT_ERROR_ARGUMENT, NULL);
        options.snapshot_length = 96;
        options.source = FILT_FROM_ANY;
        refuse("arp", &options, FILT_ERROR_ARGUMENT, NULL);
        options.source = 3;
        refuse("arp", &options, FILT_ERROR_ARGUMENT, NULL);
        options.source = FILT_FROM_FILE;
        options.link_type = -1;
        refuse("arp", &options, FILT_ERROR_EXPRESSION, NULL);
}
END_TEST

START_TEST(programs_are_checked)
{
        const struct filt_instruction reads_outside[] = {
            {0x28, 0, 0, 12}, {0x15, 9, 0, 6}, {6, 0, 0, 0}};
        struct filt_error error;

        ck_assert(!filt_from_program(reads_outside, 3, NULL, &error));
        ck_assert_int_eq(error.code, FILT_ERROR_ARGUMENT);
        ck_assert(strstr(error.message, "instruction 1"));
        ck_assert(!filt_from_program(reads_outside, 0, NULL, &error));
        ck_assert_int_eq(error.code, FILT_ERROR_ARGUMENT);
}
END_TEST

/* --- Sockets ---------------------------------------------------------------------------------- */

/* What goes through a socket pair goes through the filter of the one that receives. */
static bool passes(const int pair[2], const void *bytes, size_t length)
{
        uint8_t received[sizeof frame];

        ck_assert_int_eq(send(pair[0], bytes, length, 0), (ssize_t)length);
        return recv(pair[1], received, sizeof received, MSG_DONTWAIT) == (ssize_t)length;
}

static void make_pair(int pair[2])
{
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
}

static const struct filt_options live = {.size = sizeof live,
                                         .link_type = FILT_LINK_ETHERNET,
                                         .source = FILT_FROM_SOCKET,
                                         .snapshot_length = 262144,
                                         .netmask = FILT_NETMASK_UNKNOWN};

START_TEST(short_filters_are_attached)
{
        struct filt_filter *filter = compile("tcp port 80", &live);
        uint8_t other[sizeof frame];
        int pair[2];

        memcpy(other, frame, sizeof frame);
        other[37] = 81;
        make_pair(pair);
        ck_assert_int_eq(filt_attach(filter, pair[1], 0, NULL), FILT_ATTACHED_CLASSIC);
        filt_free(filter); /* the socket has a copy */
        ck_assert(passes(pair, frame, sizeof frame));
        ck_assert(!passes(pair, other, sizeof other));
        close(pair[0]);
        close(pair[1]);
}
END_TEST

/* Hosts that no classic program for a socket has room for; of the last, frame[] is. */
static char *many_hosts(void)
{
        enum { HOSTS = 4000, ROOM = 32 };
        char *text = malloc(HOSTS * (size_t)ROOM), *end = text;

        ck_assert_ptr_nonnull(text);
        for (int i = 0; i < HOSTS; i++)
                end += sprintf(end, "host 10.%d.%d.7 or ", i % 251, i / 251 * 3);
        sprintf(end, "host 192.0.2.1");
        return text;
}

START_TEST(long_filters_are_attached)
{
        char *text = many_hosts();
        struct filt_filter *filter = compile(text, &live);
        struct filt_error error;
        uint8_t other[sizeof frame];
        size_t count;
        int pair[2], second[2];

        memcpy(other, frame, sizeof frame);
        other[29] = 9;
        free(text);
        make_pair(pair);
        make_pair(second);
        filt_program(filter, &count);
        ck_assert_uint_gt(count, 4096);
        ck_assert_int_eq(filt_attach(filter, pair[1], FILT_ONLY_CLASSIC, &error), -1);
        ck_assert_int_eq(error.code, FILT_ERROR_SYSTEM);
        ck_assert_int_eq(error.system, E2BIG);
        if (geteuid() == 0) {
                ck_assert_msg(filt_attach(filter, pair[1], 0, &error) == FILT_ATTACHED_EXTENDED,
                              "%s", error.message);
                ck_assert_int_eq(filt_attach(filter, second[1], 0, NULL), FILT_ATTACHED_EXTENDED);
                ck_assert(passes(pair, frame, sizeof frame));
                ck_assert(!passes(pair, other, sizeof other));
                ck_assert(passes(second, frame, sizeof frame));
        }
        filt_free(filter);
        /* The kernel empties the table a little later; the test's time is limited. */
        while (geteuid() == 0 && passes(pair, frame, sizeof frame))
                usleep(1000);
        for (int i = 0; i < 2; i++) {
                close(pair[i]);
                close(second[i]);
        }
}
END_TEST

START_TEST(what_cannot_be_attached)
{
        struct filt_filter *filter = compile("arp", &live), *loop;
        struct filt_error error;

        ck_assert_int_eq(filt_attach(filter, -1, 0, &error), -1);
        ck_assert_int_eq(error.code, FILT_ERROR_SYSTEM);
        ck_assert_int_eq(error.system, EBADF);
        ck_assert_int_eq(filt_attach(filter, -1, 8, &error), -1);
        ck_assert_int_eq(error.code, FILT_ERROR_ARGUMENT);
        loop = compile("ip6 protochain 6", NULL);
        ck_assert_int_eq(filt_attach(loop, -1, 0, &error), -1);
        ck_assert_int_eq(error.code, FILT_ERROR_NOT_LIVE);
        filt_free(loop);
        filt_free(filter);
}
END_TEST

/* As the kernel shows it: a tag is metadata. */
START_TEST(metadata_counts)
{
        struct filt_filter *filter = compile("vlan 5 and tcp", &live);
        struct filt_metadata metadata = {
            .protocol = 0x800, .has_vlan_tag = 1, .vlan_tag = 5, .vlan_protocol = 0x8100};

        ck_assert_uint_ne(filt_match_live(filter, &packet, &metadata), 0);
        metadata.vlan_tag = 6;
        ck_assert_uint_eq(filt_match_live(filter, &packet, &metadata), 0);
        ck_assert_uint_eq(filt_match(filter, &packet), 0);
        filt_free(filter);
}
END_TEST

/* --- Words ------------------------------------------------------------------------------------ */

static void says(const struct filt_filter *filter, enum filt_form form, const char *part)
{
        struct filt_error error;
        char *text = filt_text(filter, form, &error);

        ck_assert_msg(text, "%d: %s", form, error.message);
        ck_assert_msg(strstr(text, part), "%d: %s", form, text);
        ck_assert(text[strlen(text) - 1] == '\n');
        filt_free_text(text);
}

START_TEST(filters_are_described)
{
        struct filt_filter *filter = compile("tcp port 80", NULL), *given;
        const struct filt_instruction *program;
        struct filt_error error;
        size_t count;

        says(filter, FILT_LISTING, "(000) ldh      [12]\n");
        says(filter, FILT_C, "{ 0x28, 0, 0, 0x0000000c },\n");
        says(filter, FILT_DECIMAL, "\n40 0 0 12\n");
        says(filter, FILT_ASSEMBLER, "ldh [12]\n");
        says(filter, FILT_BYTECODE, ",40 0 0 12,");
        says(filter, FILT_JSON, "\"ldh [12]\"");
        says(filter, FILT_NOTES, "; EtherType\n");
        says(filter, FILT_MEANING, "tcp port 80");
        says(filter, FILT_GRAPH, "EtherType");
        ck_assert(!filt_text(filter, (enum filt_form)99, &error));
        ck_assert_int_eq(error.code, FILT_ERROR_ARGUMENT);
        program = filt_program(filter, &count);
        given = filt_from_program(program, count, NULL, NULL);
        says(given, FILT_NOTES, "; EtherType\n");
        ck_assert(!filt_text(given, FILT_MEANING, &error));
        ck_assert_int_eq(error.code, FILT_ERROR_ARGUMENT);
        ck_assert(!filt_why(given, &packet, NULL));
        filt_free(given);
        filt_free(filter);
}
END_TEST

START_TEST(verdicts_are_explained)
{
        struct filt_filter *filter = compile("tcp port 443", NULL);
        char *sentence = filt_why(filter, &packet, NULL);

        ck_assert_msg(strstr(sentence, "rejected") && strstr(sentence, "443"), "%s", sentence);
        filt_free_text(sentence);
        filt_free(filter);
}
END_TEST

START_TEST(nothing_is_freed)
{
        filt_free(NULL);
        filt_free_text(NULL);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *compiling = unit_case(suite, "compiling", UNIT_SECONDS);
        TCase *sockets = unit_case(suite, "sockets", UNIT_SECONDS);
        TCase *words = unit_case(suite, "words", UNIT_SECONDS);

        tcase_add_test(compiling, version_is_told);
        tcase_add_loop_test(compiling, filters_judge, 0, COUNT(expressions));
        tcase_add_test(compiling, matches_are_those_of_libpcap);
        tcase_add_test(compiling, errors_have_places);
        tcase_add_test(compiling, names_can_be_refused);
        tcase_add_test(compiling, libpcap_can_be_refused);
        tcase_add_test(compiling, sizes_can_be_limited);
        tcase_add_test(compiling, files_are_read_by_the_caller);
        tcase_add_test(compiling, options_have_a_size);
        tcase_add_test(compiling, options_are_checked);
        tcase_add_test(compiling, programs_are_checked);
        tcase_add_test(sockets, short_filters_are_attached);
        tcase_add_test(sockets, long_filters_are_attached);
        tcase_add_test(sockets, what_cannot_be_attached);
        tcase_add_test(sockets, metadata_counts);
        tcase_add_test(words, filters_are_described);
        tcase_add_test(words, verdicts_are_explained);
        tcase_add_test(words, nothing_is_freed);
}

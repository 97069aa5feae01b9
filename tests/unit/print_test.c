/* print: lines as tcpdump 4.99 gave them for the same packets; and no packet, however truncated,
 * broken or nested, is read past its end. */
#include "tests/lib/printing.h"
#include "tests/lib/random.h"
#include "tests/unit/unit.h"

#include <pcap/dlt.h>
#include <string.h>
#include <sys/socket.h>

/* Packets, in hexadecimal. */
static const char http[] =
    "020000000002020000000001080045000043123400004006e47dc0000201c00002029c400050000003e9"
    "00001389501801f622000000474554202f20485454502f312e310d0a486f73743a20780d0a0d0a";

static const char dns_query[] =
    "020000000002020000000001080045000039123400004011e47cc0000201c00002029c40003500250aeb"
    "04d201000001000000000000076578616d706c6503636f6d0000010001";

static const char dns_answer[] =
    "02000000000202000000000108004500005d123400004011e458c0000201c000020200359c40004921d8"
    "04d281800001000200000000076578616d706c6503636f6d0000010001c00c0005000100000046000501"
    "610162000161016200000100010000003c0004c0000202";

static const char icmp_unreachable[] =
    "02000000000202000000000108004500003d123400004001e488c0000201c00002020303811f00000000"
    "45000021123400004011e494c0000201c000020203e8829a000db17b68656c6c6f";

static const char bad_checksums[] =
    "020000000002020000000001080045000021123400004011e594c0000201c000020203e807d0000d2c46"
    "68656c6c6e";

static const char fragment[] =
    "02000000000202000000000108004500002c123420004011c489c0000201c000020203e807d000306fd2"
    "00000000000000000000000000000000";

static const char later_fragment[] =
    "02000000000202000000000108004500002c123400034011e486c0000201c00002020000000000000000"
    "00000000000000000000000000000000";

static const char arp_request[] =
    "ffffffffffff02000000000108060001080006040001020000000001c0000201000000000000c0000202";

static const char neighbor_solicitation[] =
    "02000000000202000000000186dd6000000000203aff20010db8000000000000000000000001fe800000"
    "00000000000200000000000187001bab0000000020010db8000000000000000000000001010102000000"
    "0001";

static const char extension_headers[] =
    "02000000000202000000000186dd600000000024004020010db8000000000000000000000001fe800000"
    "0000000000020000000000013c000502000001002c00010400000000110000010000004d00010002000c"
    "fad264617461";

static const char router_advertisement[] =
    "02000000000202000000000186dd6000000000383aff20010db8000000000000000000000001fe800000"
    "0000000000020000000000018600c9d54040070800000000000000000101020000000001030440c00027"
    "8d0000093a800000000020010db8000000000000000000000001";

static const char two_tags[] =
    "02000000000202000000000188a800648100600508004500003c123440004006a484c0000201c0000202"
    "9c400050000003e800000000a00201f6211f0000020405b40402080a0000006f0000000001030307";

static const char cooked[] =
    "000400010006020000000001000008004500001d123400004011e498c0000201c0000202000100020009"
    "03d578";

static const char loopback[] = "000000024500001d123400004011e498c0000201c000020200010002000903d578";

static const char raw[] =
    "600000000009114020010db8000000000000000000000001fe8000000000000000020000000000010001"
    "000200095b9b78";

static const char unknown_type[] = "02000000000202000000000112340001020304050607";

static const char snap_organization[] = "0180c2000000020000000001000aaaaa0300906912340102";

static const char lldp_organization[] = "0180c200000e02000000000188ccfe040001427f0000";

static const char ip_options[] =
    "020000000002020000000001080047000025123400004011d5c7c0000201c0000202070704c000020100"
    "00010002000903d578";

static const struct {
        const char *packet;
        int link_type;
        struct print_options options; /* no time stamp */
        const char *lines;
} cases[] = {
    {snap_organization,
     DLT_EN10MB,
     {.dump = PRINT_DUMP_HEX},
     "02:00:00:00:00:01 > 01:80:c2:00:00:00 SNAP, oui Juniper (0x009069), pid Unknown (0x1234), "
     "length 2: \n"
     "\t0x0000:  0102\n"},
    {lldp_organization,
     DLT_EN10MB,
     {.verbose = 1},
     "LLDP, length 8\n"
     "\tOrganization specific TLV (127), length 4: OUI Unknown (0x000142)\n"
     "\t  0x0000:  0001 427f\n"
     "\tEnd TLV (0), length 0\n"},
    {tcp_syn,
     DLT_EN10MB,
     {},
     "IP 192.0.2.1.40000 > 192.0.2.2.80: Flags [S], seq 1000, win 502, options [mss 1460,sackOK,TS "
     "val 111 ecr 0,nop,wscale 7], length 0\n"},
    {tcp_syn,
     DLT_EN10MB,
     {.verbose = 1},
     "IP (tos 0x0, ttl 64, id 4660, offset 0, flags [DF], proto TCP (6), length 60)\n"
     "    192.0.2.1.40000 > 192.0.2.2.80: Flags [S], cksum 0x211f (correct), seq 1000, win 502, "
     "options [mss 1460,sackOK,TS val 111 ecr 0,nop,wscale 7], length 0\n"},
    {tcp_syn, DLT_EN10MB, {.quiet = true}, "IP 192.0.2.1.40000 > 192.0.2.2.80: tcp 0\n"},
    {tcp_syn,
     DLT_EN10MB,
     {.link_header = true},
     "02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype IPv4 (0x0800), length 74: 192.0.2.1.40000 > "
     "192.0.2.2.80: Flags [S], seq 1000, win 502, options [mss 1460,sackOK,TS val 111 ecr "
     "0,nop,wscale 7], length 0\n"},
    {http,
     DLT_EN10MB,
     {},
     "IP 192.0.2.1.40000 > 192.0.2.2.80: Flags [P.], seq 1001:1028, ack 5001, win 502, length 27: "
     "HTTP: GET / HTTP/1.1\n"},
    {http,
     DLT_EN10MB,
     {.verbose = 1},
     "IP (tos 0x0, ttl 64, id 4660, offset 0, flags [none], proto TCP (6), length 67)\n"
     "    192.0.2.1.40000 > 192.0.2.2.80: Flags [P.], cksum 0x2200 (correct), seq 1001:1028, ack "
     "5001, win 502, length 27: HTTP, length: 27\n"
     "\tGET / HTTP/1.1\n"
     "\tHost: x\n"
     "\t\n"},
    {http,
     DLT_EN10MB,
     {.dump = PRINT_DUMP_ASCII},
     "IP 192.0.2.1.40000 > 192.0.2.2.80: Flags [P.], seq 1001:1028, ack 5001, win 502, length 27: "
     "HTTP: GET / HTTP/1.1\n"
     "E..C.4..@..}.........@.P........P...\"...GET / HTTP/1.1\n"
     "Host: x\n"
     "\n"
     "\n"},
    {dns_query, DLT_EN10MB, {}, "IP 192.0.2.1.40000 > 192.0.2.2.53: 1234+ A? example.com. (29)\n"},
    {dns_query,
     DLT_EN10MB,
     {.dump = PRINT_DUMP_HEX},
     "IP 192.0.2.1.40000 > 192.0.2.2.53: 1234+ A? example.com. (29)\n"
     "\t0x0000:  4500 0039 1234 0000 4011 e47c c000 0201\n"
     "\t0x0010:  c000 0202 9c40 0035 0025 0aeb 04d2 0100\n"
     "\t0x0020:  0001 0000 0000 0000 0765 7861 6d70 6c65\n"
     "\t0x0030:  0363 6f6d 0000 0100 01\n"},
    {dns_answer,
     DLT_EN10MB,
     {},
     "IP 192.0.2.1.53 > 192.0.2.2.40000: 1234 2/0/0 CNAME a.b., A 192.0.2.2 (65)\n"},
    {dns_answer,
     DLT_EN10MB,
     {.verbose = 3},
     "IP (tos 0x0, ttl 64, id 4660, offset 0, flags [none], proto UDP (17), length 93)\n"
     "    192.0.2.1.53 > 192.0.2.2.40000: [udp sum ok] 1234 q: A? example.com. 2/0/0 example.com. "
     "[1m10s] CNAME a.b., a.b. [1m] A 192.0.2.2 (65)\n"},
    {icmp_unreachable,
     DLT_EN10MB,
     {},
     "IP 192.0.2.1 > 192.0.2.2: ICMP 192.0.2.2 udp port 33434 unreachable, length 41\n"},
    {icmp_unreachable,
     DLT_EN10MB,
     {.verbose = 1},
     "IP (tos 0x0, ttl 64, id 4660, offset 0, flags [none], proto ICMP (1), length 61)\n"
     "    192.0.2.1 > 192.0.2.2: ICMP 192.0.2.2 udp port 33434 unreachable, length 41\n"
     "\tIP (tos 0x0, ttl 64, id 4660, offset 0, flags [none], proto UDP (17), length 33)\n"
     "    192.0.2.1.1000 > 192.0.2.2.33434: UDP, length 5\n"},
    {bad_checksums,
     DLT_EN10MB,
     {.verbose = 2},
     "IP (tos 0x0, ttl 64, id 4660, offset 0, flags [none], proto UDP (17), length 33, bad cksum "
     "e594 (->e494)!)\n"
     "    192.0.2.1.1000 > 192.0.2.2.2000: [bad udp cksum 0x2c46 -> 0x2d46!] UDP, length 5\n"},
    {fragment, DLT_EN10MB, {}, "IP 192.0.2.1.1000 > 192.0.2.2.2000: UDP, length 40\n"},
    {later_fragment, DLT_EN10MB, {}, "IP 192.0.2.1 > 192.0.2.2: ip-proto-17\n"},
    {arp_request, DLT_EN10MB, {}, "ARP, Request who-has 192.0.2.2 tell 192.0.2.1, length 28\n"},
    {neighbor_solicitation,
     DLT_EN10MB,
     {},
     "IP6 2001:db8::1 > fe80::2:0:0:1: ICMP6, neighbor solicitation, who has 2001:db8::1, length "
     "32\n"},
    {neighbor_solicitation,
     DLT_EN10MB,
     {.verbose = 1},
     "IP6 (hlim 255, next-header ICMPv6 (58) payload length: 32) 2001:db8::1 > fe80::2:0:0:1: "
     "[icmp6 sum ok] ICMP6, neighbor solicitation, length 32, who has 2001:db8::1\n"
     "\t  source link-address option (1), length 8 (1): 02:00:00:00:00:01\n"},
    {extension_headers,
     DLT_EN10MB,
     {},
     "IP6 2001:db8::1 > fe80::2:0:0:1: HBH DSTOPT frag (0|12) 1 > 2: UDP, length 4\n"},
    {extension_headers,
     DLT_EN10MB,
     {.verbose = 2},
     "IP6 (hlim 64, next-header Options (0) payload length: 36) 2001:db8::1 > fe80::2:0:0:1: HBH "
     "(rtalert: 0x0000) (padn) DSTOPT (padn) frag (0x0000004d:0|12) 1 > 2: UDP, length 4\n"},
    {router_advertisement,
     DLT_EN10MB,
     {.verbose = 1},
     "IP6 (hlim 255, next-header ICMPv6 (58) payload length: 56) 2001:db8::1 > fe80::2:0:0:1: "
     "[icmp6 sum ok] ICMP6, router advertisement, length 56\n"
     "\thop limit 64, Flags [other stateful], pref medium, router lifetime 1800s, reachable time "
     "0ms, retrans timer 0ms\n"
     "\t  source link-address option (1), length 8 (1): 02:00:00:00:00:01\n"
     "\t  prefix info option (3), length 32 (4): 2001:db8::1/64, Flags [onlink, auto], valid time "
     "2592000s, pref. time 604800s\n"},
    {two_tags,
     DLT_EN10MB,
     {.link_header = true},
     "02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype 802.1Q-QinQ (0x88a8), length 82: vlan 100, "
     "p 0, ethertype 802.1Q (0x8100), vlan 5, p 3, ethertype IPv4 (0x0800), 192.0.2.1.40000 > "
     "192.0.2.2.80: Flags [S], seq 1000, win 502, options [mss 1460,sackOK,TS val 111 ecr "
     "0,nop,wscale 7], length 0\n"},
    {cooked,
     DLT_LINUX_SLL,
     {.link_header = true},
     "Out 02:00:00:00:00:01 ethertype IPv4 (0x0800), length 45: 192.0.2.1.1 > 192.0.2.2.2: UDP, "
     "length 1\n"},
    {loopback,
     DLT_LOOP,
     {.link_header = true},
     "AF IPv4 (2), length 33: 192.0.2.1.1 > 192.0.2.2.2: UDP, length 1\n"},
    {raw, DLT_RAW, {}, "IP6 2001:db8::1.1 > fe80::2:0:0:1.2: UDP, length 1\n"},
    {unknown_type,
     DLT_EN10MB,
     {},
     "02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype Unknown (0x1234), length 22: \n"
     "\t0x0000:  0001 0203 0405 0607                      ........\n"},
    {ip_options,
     DLT_EN10MB,
     {.verbose = 1},
     "IP (tos 0x0, ttl 64, id 4660, offset 0, flags [none], proto UDP (17), length 37, options (RR "
     "192.0.2.1,EOL))\n"
     "    192.0.2.1.1 > 192.0.2.2.2: UDP, length 1\n"},
};

START_TEST(lines_are_tcpdumps)
{
        uint8_t bytes[MAX_PACKET];
        size_t length = unhex(cases[_i].packet, bytes);
        struct printer *printer = new_printer(cases[_i].options);

        ck_assert_str_eq(print_exact(printer, cases[_i].link_type, bytes, length, length),
                         cases[_i].lines);
        printer_free(printer);
}
END_TEST

START_TEST(every_cut_is_survived)
{
        uint8_t bytes[MAX_PACKET];
        size_t length = unhex(cases[_i].packet, bytes);

        for (int verbose = 0; verbose <= 3; verbose++) {
                for (int dump = PRINT_DUMP_NONE; dump <= PRINT_DUMP_ASCII_LINK; dump++) {
                        struct print_options options = cases[_i].options;
                        struct printer *printer;

                        options.verbose = verbose;
                        options.dump = (enum print_dump)dump;
                        printer = new_printer(options);
                        for (size_t captured = 0; captured <= length; captured++) {
                                print_exact(printer, cases[_i].link_type, bytes, captured, length);
                                print_exact(printer, cases[_i].link_type, bytes, captured,
                                            captured);
                        }
                        printer_free(printer);
                }
        }
}
END_TEST

START_TEST(damage_is_survived)
{
        static const int link_types[] = {DLT_EN10MB, DLT_LINUX_SLL, DLT_LINUX_SLL2,
                                         DLT_RAW,    DLT_NULL,      DLT_LOOP};
        uint8_t sound[MAX_PACKET], bytes[MAX_PACKET];
        size_t length = unhex(cases[_i].packet, sound);
        uint64_t random = (uint64_t)_i;

        for (size_t i = 0; i < COUNT(link_types); i++) {
                int link_type = i == 0 ? cases[_i].link_type : link_types[i];
                struct printer *printer = new_printer(
                    (struct print_options){.verbose = (int)(i % 4), .link_header = i % 2});

                for (int round = 0; round < 500; round++) {
                        memcpy(bytes, sound, length);
                        for (uint32_t n = random_below(&random, 4) + 1; n > 0; n--)
                                bytes[random_below(&random, (uint32_t)length)] =
                                    (uint8_t)random_next(&random);
                        print_exact(printer, link_type, bytes,
                                    random_below(&random, (uint32_t)length + 1), length);
                }
                printer_free(printer);
        }
}
END_TEST

START_TEST(cut_packets_say_so)
{
        uint8_t bytes[MAX_PACKET];
        size_t length = unhex(tcp_syn, bytes);
        struct printer *printer = new_printer((struct print_options){0});

        ck_assert_str_eq(print_exact(printer, DLT_EN10MB, bytes, 10, length), " [|ether]\n");
        ck_assert_str_eq(print_exact(printer, DLT_EN10MB, bytes, 30, length), "IP  [|ip]\n");
        ck_assert_str_eq(print_exact(printer, DLT_EN10MB, bytes, 36, length),
                         "IP 192.0.2.1 > 192.0.2.2: [|tcp]\n");
        ck_assert_str_eq(print_exact(printer, DLT_EN10MB, bytes, 60, length),
                         "IP 192.0.2.1.40000 > 192.0.2.2.80: Flags [S], seq 1000, win 502, "
                         "options [mss 1460,sackOK, [|tcp]\n");
        printer_free(printer);
}
END_TEST

START_TEST(compression_loops_end)
{
        uint8_t bytes[MAX_PACKET];
        size_t length = unhex(dns_query, bytes);
        struct printer *printer = new_printer((struct print_options){0});
        const size_t question = 14 + 20 + 8 + 12;

        bytes[question] = 0xc0; /* to itself */
        bytes[question + 1] = 12;
        ck_assert_ptr_nonnull(
            strstr(print_exact(printer, DLT_EN10MB, bytes, length, length), "<BAD PTR>"));
        bytes[question] = 1; /* "e", then back to the start */
        bytes[question + 1] = 'e';
        bytes[question + 2] = 0xc0;
        bytes[question + 3] = 12;
        ck_assert_ptr_nonnull(
            strstr(print_exact(printer, DLT_EN10MB, bytes, length, length), "e.<BAD PTR>"));
        printer_free(printer);
}
END_TEST

/* Nested headers of `size` bytes, from byte 20 on, after an IPv4 header. */
static void nest(uint8_t *bytes, size_t count, const uint8_t *header, size_t size)
{
        static const uint8_t ip[20] = {0x45};

        memcpy(bytes, ip, sizeof ip);
        for (size_t at = 0; at + size <= count; at += size) {
                size_t rest = count - at;

                memcpy(bytes + at, header, size);
                bytes[at + 2] = (uint8_t)(rest >> 8);
                bytes[at + 3] = (uint8_t)rest;
        }
}

START_TEST(deep_tunnels_end)
{
        static const uint8_t gre[24] = {0x45, [9] = 47, [22] = 0x08};
        static uint8_t bytes[sizeof gre * 2500];
        struct printer *printer = new_printer((struct print_options){.verbose = 1});

        nest(bytes, sizeof bytes, gre, sizeof gre);
        ck_assert_ptr_nonnull(
            strstr(print_exact(printer, DLT_RAW, bytes, sizeof bytes, sizeof bytes), "(invalid)"));
        printer_free(printer);
}
END_TEST

START_TEST(deep_authentication_ends)
{
        static uint8_t bytes[60000] = {0x45, [9] = 51};
        struct printer *printer = new_printer((struct print_options){0});

        bytes[2] = sizeof bytes >> 8;
        bytes[3] = sizeof bytes & 255;
        for (size_t at = 20; at + 12 <= sizeof bytes; at += 12) {
                bytes[at] = 51; /* AH again */
                bytes[at + 1] = 1;
        }
        ck_assert_ptr_nonnull(
            strstr(print_exact(printer, DLT_RAW, bytes, sizeof bytes, sizeof bytes), "(invalid)"));
        printer_free(printer);
}
END_TEST

START_TEST(deep_nesting_ends)
{
        static uint8_t bytes[20 * 3000];
        struct printer *printer = new_printer((struct print_options){.verbose = 1});

        for (size_t at = 0; at < sizeof bytes; at += 20) {
                size_t rest = sizeof bytes - at;

                bytes[at] = 0x45;
                bytes[at + 2] = (uint8_t)(rest >> 8);
                bytes[at + 3] = (uint8_t)rest;
                bytes[at + 9] = 4; /* IPv4 again */
        }
        ck_assert_ptr_nonnull(
            strstr(print_exact(printer, DLT_RAW, bytes, sizeof bytes, sizeof bytes), "(invalid)"));
        printer_free(printer);
}
END_TEST

/* Taking the escape sequences away gives the plain text. */
START_TEST(color_only_adds)
{
        struct print_options options = {.dump = PRINT_DUMP_HEX_ASCII};
        struct printer *plain = new_printer(options), *colored;
        struct colors colors;
        uint8_t bytes[MAX_PACKET];
        size_t length = unhex(tcp_syn, bytes);
        char stripped[4096];
        size_t count = 0;
        const char *at;

        colors_read(&colors, NULL);
        options.colors = &colors;
        colored = new_printer(options);
        at = print_exact(colored, DLT_EN10MB, bytes, length, length);
        ck_assert_str_eq(strstr(at, "\033[1mIP\033[0m "), at);
        while (*at && count < sizeof stripped - 1) {
                if (*at == '\033')
                        at = strchr(at, 'm') + 1;
                else
                        stripped[count++] = *at++;
        }
        stripped[count] = '\0';
        ck_assert_str_eq(stripped, print_exact(plain, DLT_EN10MB, bytes, length, length));
        printer_free(plain);
        printer_free(colored);
}
END_TEST

static const char *address_name(void *context, int family, const void *address)
{
        (void)context;
        return family == AF_INET && memcmp(address, "\300\0\2\1", 4) == 0 ? "one.example" : NULL;
}

static const char *port_name(void *context, int ip_protocol, uint16_t port)
{
        return ip_protocol == 6 && port == 80 ? context : NULL;
}

START_TEST(names_are_asked_for)
{
        uint8_t bytes[MAX_PACKET];
        size_t length = unhex(tcp_syn, bytes);
        struct printer *printer = new_printer((struct print_options){
            .quiet = true,
            .names = {.address = address_name, .port = port_name, .context = "web"}});

        ck_assert_str_eq(print_exact(printer, DLT_EN10MB, bytes, length, length),
                         "IP one.example.40000 > 192.0.2.2.web: tcp 0\n");
        printer_free(printer);
}
END_TEST

START_TEST(link_types_known)
{
        ck_assert(print_knows_link_type(DLT_EN10MB));
        ck_assert(print_knows_link_type(DLT_LINUX_SLL2));
        ck_assert(print_knows_link_type(DLT_PPP));
        ck_assert(!print_knows_link_type(DLT_DOCSIS));
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "print", 60);

        tcase_add_loop_test(tests, lines_are_tcpdumps, 0, COUNT(cases));
        tcase_add_loop_test(tests, every_cut_is_survived, 0, COUNT(cases));
        tcase_add_loop_test(tests, damage_is_survived, 0, COUNT(cases));
        tcase_add_test(tests, cut_packets_say_so);
        tcase_add_test(tests, compression_loops_end);
        tcase_add_test(tests, deep_tunnels_end);
        tcase_add_test(tests, deep_authentication_ends);
        tcase_add_test(tests, deep_nesting_ends);
        tcase_add_test(tests, color_only_adds);
        tcase_add_test(tests, names_are_asked_for);
        tcase_add_test(tests, link_types_known);
}

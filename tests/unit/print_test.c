/* print: lines as tcpdump 4.99 gave them for the same packets; no packet, however truncated or
 * broken, is read past its end; and what a printer remembers from packet to packet. */
#include "print/print.h"
#include "tests/lib/random.h"
#include "tests/unit/unit.h"

#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { MAX_PACKET = 65536 };

/* Packets, in hexadecimal. */
static const char tcp_syn[] =
    "02000000000202000000000108004500003c123440004006a484c0000201c00002029c400050000003e8"
    "00000000a00201f6211f0000020405b40402080a0000006f0000000001030307";

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

static size_t unhex(const char *text, uint8_t *bytes)
{
        size_t count = strlen(text) / 2;

        for (size_t i = 0; i < count; i++) {
                unsigned byte;

                ck_assert_int_eq(sscanf(text + 2 * i, "%2x", &byte), 1);
                bytes[i] = (uint8_t)byte;
        }
        return count;
}

/* Prints `captured` of `length` bytes from memory that ends where they do, so that AddressSanitizer
 * notices a read past them. */
static const char *print_known(struct printer *printer, struct print_packet packet,
                               const uint8_t *bytes, size_t captured, size_t length)
{
        uint8_t *exact = malloc(captured);
        size_t size;
        const char *text;

        packet.packet = (struct packet){exact, (uint32_t)captured, (uint32_t)length};
        ck_assert(exact || captured == 0);
        memcpy(exact, bytes, captured);
        text = printer_print(printer, &packet, &size);
        free(exact);
        ck_assert_ptr_nonnull(text);
        ck_assert_uint_eq(strlen(text), size);
        ck_assert_uint_gt(size, 0);
        ck_assert_int_eq(text[size - 1], '\n');
        return text;
}

static const char *print_exact(struct printer *printer, int link_type, const uint8_t *bytes,
                               size_t captured, size_t length)
{
        return print_known(printer, (struct print_packet){.link_type = link_type}, bytes, captured,
                           length);
}

static struct printer *new_printer(struct print_options options)
{
        struct printer *printer;

        options.time = PRINT_TIME_NONE;
        printer = printer_new(&options);
        ck_assert_ptr_nonnull(printer);
        return printer;
}

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

/* Headers whose fields the tests below vary: 20 bytes of IPv4, 20 of TCP. */
static void tcp_segment(uint8_t bytes[40], uint16_t port, bool back, uint8_t flags,
                        uint32_t sequence, uint32_t acknowledgment)
{
        static const uint8_t header[40] = {0x45, 0, 0,   40, 0,    0, 0, 0, 64, 6, 0, 0, 192, 0,
                                           2,    1, 192, 0,  2,    2, 0, 0, 0,  0, 0, 0, 0,   0,
                                           0,    0, 0,   0,  0x50, 0, 1, 0, 0,  0, 0, 0};

        memcpy(bytes, header, sizeof header);
        bytes[15] = back ? 2 : 1;
        bytes[19] = back ? 1 : 2;
        bytes[back ? 22 : 20] = (uint8_t)(port >> 8);
        bytes[back ? 23 : 21] = (uint8_t)port;
        bytes[back ? 21 : 23] = 80;
        for (int i = 0; i < 4; i++) {
                bytes[24 + i] = (uint8_t)(sequence >> (24 - 8 * i));
                bytes[28 + i] = (uint8_t)(acknowledgment >> (24 - 8 * i));
        }
        bytes[33] = flags;
}

static const char *print_segment(struct printer *printer, uint16_t port, bool back, uint8_t flags,
                                 uint32_t sequence, uint32_t acknowledgment)
{
        uint8_t bytes[40];

        tcp_segment(bytes, port, back, flags, sequence, acknowledgment);
        return print_exact(printer, DLT_RAW, bytes, sizeof bytes, sizeof bytes);
}

enum { SYN = 2, ACK = 16, FIN = 1 };

START_TEST(sequence_numbers_are_relative)
{
        struct printer *printer = new_printer((struct print_options){0});

        ck_assert_ptr_nonnull(
            strstr(print_segment(printer, 1000, false, SYN, 7000, 0), "seq 7000"));
        ck_assert_ptr_nonnull(strstr(print_segment(printer, 1000, true, SYN | ACK, 90000, 7001),
                                     "seq 90000, ack 7001"));
        ck_assert_ptr_nonnull(
            strstr(print_segment(printer, 1000, false, FIN | ACK, 7011, 90001), "seq 11, ack 1,"));
        ck_assert_ptr_nonnull(
            strstr(print_segment(printer, 1000, true, FIN | ACK, 90005, 7012), "seq 5, ack 12,"));
        /* Another connection counts separately. */
        ck_assert_ptr_nonnull(
            strstr(print_segment(printer, 1001, true, FIN | ACK, 4, 5), "seq 4, ack 5,"));
        printer_free(printer);

        printer = new_printer((struct print_options){.absolute_sequence = true});
        print_segment(printer, 1000, true, SYN | ACK, 90000, 7001);
        ck_assert_ptr_nonnull(strstr(print_segment(printer, 1000, true, FIN | ACK, 90005, 7012),
                                     "seq 90005, ack 7012"));
        printer_free(printer);
}
END_TEST

/* A connection, the count and the times go on from one link type to another. */
START_TEST(link_types_share_what_is_remembered)
{
        struct printer *printer =
            printer_new(&(struct print_options){.numbered = true, .time = PRINT_TIME_SINCE_FIRST});
        uint8_t ethernet[14 + 40] = {[12] = 8}, *bytes = ethernet + 14;

        ck_assert_ptr_nonnull(printer);
        tcp_segment(bytes, 1000, false, SYN, 7000, 0);
        ck_assert_ptr_nonnull(strstr(
            print_known(printer, (struct print_packet){.link_type = DLT_RAW, .time = {.tv_sec = 1}},
                        bytes, 40, 40),
            "    1   00:00:00.000000 IP "));
        tcp_segment(bytes, 1000, true, SYN | ACK, 90000, 7001);
        ck_assert_ptr_nonnull(
            strstr(print_exact(printer, DLT_EN10MB, ethernet, 54, 54), "seq 90000, ack 7001"));
        tcp_segment(bytes, 1000, false, FIN | ACK, 7001, 90001);
        ck_assert_ptr_nonnull(strstr(
            print_known(printer, (struct print_packet){.link_type = DLT_RAW, .time = {.tv_sec = 3}},
                        bytes, 40, 40),
            "    3   00:00:02.000000 IP 192.0.2.1.1000 > 192.0.2.2.80: Flags [F.], "
            "seq 1, ack 1,"));
        printer_free(printer);
}
END_TEST

/* A segment of IPv4 on a named interface, by a printer with these options. */
static const char *print_there(struct print_options options, struct print_packet packet)
{
        static char line[2000];
        struct printer *printer = new_printer(options);
        uint8_t bytes[40];

        packet.link_type = DLT_RAW;
        tcp_segment(bytes, 1000, false, SYN, 7000, 0);
        snprintf(line, sizeof line, "%s", print_known(printer, packet, bytes, 40, 40));
        printer_free(printer);
        return line;
}

START_TEST(several_interfaces_are_named)
{
        static const struct {
                struct print_packet packet;
                const char *start;
        } lines[] = {
            {{.interface = "eth0", .passage = PASSAGE_IN}, "IP 192"},
            {{.several = true, .interface = "eth0", .passage = PASSAGE_IN}, "eth0  In  IP 192"},
            {{.several = true, .interface = "eth0"}, "eth0  IP 192"},
            {{.several = true, .interface = "longer0", .passage = PASSAGE_OUT},
             "longer0 Out IP 192"},
            {{.several = true, .interface = "a", .passage = PASSAGE_BROADCAST}, "a     B   IP 192"},
            {{.several = true, .interface = "a", .passage = PASSAGE_MULTICAST}, "a     M   IP 192"},
            {{.several = true, .passage = PASSAGE_OTHER_HOST}, "?     P   IP 192"},
            {{.several = true, .interface = "\033[2J\302\233\303\244\377"},
             "^[[2JM-BM-^[\303\244M-^? IP 192"},
        };

        for (size_t i = 0; i < COUNT(lines); i++) {
                const char *line = print_there((struct print_options){0}, lines[i].packet);

                ck_assert_msg(strncmp(line, lines[i].start, strlen(lines[i].start)) == 0, "%s",
                              line);
        }
}
END_TEST

START_TEST(remarks_stand_below_the_line)
{
        struct print_packet packet = {.dropped = 12, .comment = "one\n\033two"};
        const char *lines =
            print_there((struct print_options){.verbose = 1, .dump = PRINT_DUMP_HEX}, packet);

        ck_assert_ptr_nonnull(strstr(lines, "\n\tdropped before this packet: 12\n"
                                            "\tcomment: one\n\tcomment: ^[two\n\t0x0000:  4500"));
        ck_assert_ptr_null(strstr(print_there((struct print_options){0}, packet), "comment"));
}
END_TEST

START_TEST(objects_say_where)
{
        struct print_options options = {.json = true};
        const char *text = print_there(options, (struct print_packet){
                                                    .interface = "\303\244\"\377",
                                                    .interface_description = "up",
                                                    .passage = PASSAGE_MULTICAST,
                                                    .dropped = 3,
                                                    .comment = "one\ntwo",
                                                });

        ck_assert_msg(strstr(text, ",\"frame.interface_name\":\"\303\244\\\"\357\277\275\","
                                   "\"frame.interface_description\":\"up\","
                                   "\"frame.packet_flags_direction\":1,"
                                   "\"frame.packet_flags_reception_type\":2,"
                                   "\"frame.drop_count\":3,\"frame.comment\":\"one\\ntwo\","
                                   "\"layers\"") != NULL,
                      "%s", text);
        text = print_there(options, (struct print_packet){.passage = PASSAGE_OUT});
        ck_assert_ptr_nonnull(strstr(text, "40,\"frame.packet_flags_direction\":2,\"layers\""));
        text = print_there(options, (struct print_packet){0});
        ck_assert_ptr_nonnull(strstr(text, "\"frame.cap_len\":40,\"layers\""));
}
END_TEST

static const char *interface_name(void *interfaces, uint32_t index)
{
        return index == 7 ? interfaces : NULL;
}

/* LINUX_SLL2 has a number: the capture's name goes before that of the one asked. */
START_TEST(numbers_of_interfaces_have_names)
{
        static const struct {
                uint8_t index;
                const char *interface, *start;
        } lines[] = {{7, NULL, "veth7 Out IP "},
                     {8, NULL, "?     Out IP "},
                     {7, "any", "veth7 Out IP "},
                     {7, "eth0", "eth0  Out IP "}};
        struct printer *printer = new_printer(
            (struct print_options){.names = {.interface = interface_name, .interfaces = "veth7"}});

        for (size_t i = 0; i < COUNT(lines); i++) {
                uint8_t bytes[20 + 40] = {0x08, [7] = lines[i].index, [10] = 4};
                struct print_packet packet = {
                    .link_type = DLT_LINUX_SLL2, .interface = lines[i].interface, .several = true};
                const char *line;

                tcp_segment(bytes + 20, 1000, false, SYN, 7000, 0);
                line = print_known(printer, packet, bytes, sizeof bytes, sizeof bytes);
                ck_assert_msg(strncmp(line, lines[i].start, strlen(lines[i].start)) == 0, "%s",
                              line);
        }
        printer_free(printer);
}
END_TEST

START_TEST(connections_kept_are_bounded)
{
        enum { MORE_THAN_ARE_KEPT = 200000 };
        struct printer *printer = new_printer((struct print_options){0});
        uint8_t bytes[40];

        print_segment(printer, 1000, false, FIN | ACK, 7000, 5000);
        ck_assert_ptr_nonnull(
            strstr(print_segment(printer, 1000, false, FIN | ACK, 7005, 5001), "seq 5, ack 2,"));
        for (uint32_t i = 0; i < MORE_THAN_ARE_KEPT; i++) {
                tcp_segment(bytes, (uint16_t)i, false, ACK, 1, 1);
                bytes[13] = (uint8_t)(i >> 16);
                print_exact(printer, DLT_RAW, bytes, sizeof bytes, sizeof bytes);
        }
        /* The first has been forgotten and starts anew; the last is remembered. */
        ck_assert_ptr_nonnull(strstr(print_segment(printer, 1000, false, FIN | ACK, 7007, 5003),
                                     "seq 7007, ack 5003"));
        tcp_segment(bytes, (uint16_t)(MORE_THAN_ARE_KEPT - 1), false, FIN | ACK, 4, 9);
        bytes[13] = (MORE_THAN_ARE_KEPT - 1) >> 16;
        ck_assert_ptr_nonnull(strstr(
            print_exact(printer, DLT_RAW, bytes, sizeof bytes, sizeof bytes), "seq 3, ack 9,"));
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

START_TEST(objects_have_fields)
{
        struct print_options options = {.json = true};
        struct printer *printer = new_printer(options);
        uint8_t bytes[MAX_PACKET];
        size_t length = unhex(tcp_syn, bytes);
        struct print_packet packet = {.link_type = DLT_EN10MB, .interface = "a\"b\\c\n"};
        const char *text = print_known(printer, packet, bytes, length, length);

        ck_assert_str_eq(strstr(text, "{\"layer\":\"ip"),
                         strstr(text, "{\"layer\":\"ip\",\"ip.version\":4,\"ip.hdr_len\":20,"));
        ck_assert_ptr_nonnull(
            strstr(text, "\"frame.number\":1,\"frame.time_epoch\":\"0.000000000\""));
        ck_assert_ptr_nonnull(strstr(text, "\"frame.interface_name\":\"a\\\"b\\\\c\\n\""));
        ck_assert_ptr_nonnull(strstr(text, "\"tcp.flags\":\"0x0002\""));
        ck_assert_ptr_nonnull(strstr(text, "\"tcp.flags.syn\":true"));
        ck_assert_ptr_nonnull(strstr(text, "\"text\":\"IP "));
        printer_free(printer);
}
END_TEST

/* An incomplete field is left out, and so is everything after it. */
START_TEST(objects_end_where_the_packet_does)
{
        struct print_options options = {.json = true};
        struct printer *printer = new_printer(options);
        uint8_t bytes[MAX_PACKET];
        size_t length = unhex(tcp_syn, bytes);
        const char *text = print_exact(printer, DLT_EN10MB, bytes, 14 + 18, length);

        ck_assert_ptr_nonnull(strstr(text, "\"ip.src\""));
        ck_assert_ptr_null(strstr(text, "\"ip.dst\""));
        ck_assert_ptr_null(strstr(text, "\"tcp"));
        for (size_t captured = 0; captured <= length; captured++)
                print_exact(printer, DLT_EN10MB, bytes, captured, length);
        printer_free(printer);
}
END_TEST

static const char *const inner_ip = "450000210001000040010000c0000201c0000202080000000001000100";

/* The encapsulated protocol is named, too, however much of it is captured. */
START_TEST(objects_continue_inside_tunnels)
{
        static const struct {
                const char *bytes, *layers;
        } packets[] = {
            {"02000000000202000000000188641100000700230021",
             "{\"layer\":\"pppoes\",\"pppoe.version\":1,\"pppoe.type\":1,\"pppoe.code\":0,"
             "\"pppoe.session_id\":\"0x0007\",\"pppoe.payload_length\":35},"
             "{\"layer\":\"ppp\",\"ppp.protocol\":\"0x0021\"},{\"layer\":\"ip\","},
            {"0200000000020200000000010800450000450001000040110000c0000201c0000202"
             "c35017c1003100000140080000002a0000000000",
             "{\"layer\":\"geneve\",\"geneve.version\":0,\"geneve.flags.oam\":false,"
             "\"geneve.flags.critical\":true,\"geneve.proto_type\":\"0x0800\",\"geneve.vni\":42},"
             "{\"layer\":\"ip\","},
            {"0200000000020200000000010800450000530001000040110000c0000201c0000202"
             "c35017c1003f00000000655800002a000200000000020200000000010800",
             "\"geneve.vni\":42},{\"layer\":\"eth\",\"eth.dst\":\"02:00:00:00:00:02\","
             "\"eth.src\":\"02:00:00:00:00:01\",\"eth.type\":\"0x0800\"},{\"layer\":\"ip\","},
        };
        struct print_options options = {.json = true};
        struct printer *printer = new_printer(options);

        for (size_t i = 0; i < sizeof packets / sizeof *packets; i++) {
                uint8_t bytes[MAX_PACKET];
                size_t length = unhex(packets[i].bytes, bytes);

                length += unhex(inner_ip, bytes + length);
                for (size_t captured = 0; captured < length; captured++)
                        print_exact(printer, DLT_EN10MB, bytes, captured, length);
                const char *text = print_exact(printer, DLT_EN10MB, bytes, length, length);
                ck_assert_msg(strstr(text, packets[i].layers) && strstr(text, "\"icmp.type\":8"),
                              "%s", text);
        }
        printer_free(printer);
}
END_TEST

/* What is not a session packet, or is of an unknown version, encapsulates nothing. */
START_TEST(objects_end_at_what_encapsulates_nothing)
{
        static const struct {
                const char *bytes, *last;
        } packets[] = {
            {"02000000000202000000000188641109000700230021", "{\"layer\":\"pppoes\","},
            {"02000000000202000000000188631109000000230021", "{\"layer\":\"pppoed\","},
            {"0200000000020200000000010800450000450001000040110000c0000201c0000202"
             "c35017c1003100004040080000002a00",
             "{\"layer\":\"geneve\","},
        };
        struct print_options options = {.json = true};
        struct printer *printer = new_printer(options);

        for (size_t i = 0; i < sizeof packets / sizeof *packets; i++) {
                uint8_t bytes[MAX_PACKET];
                size_t length = unhex(packets[i].bytes, bytes);
                const char *last;

                length += unhex(inner_ip, bytes + length);
                last = strstr(print_exact(printer, DLT_EN10MB, bytes, length, length),
                              packets[i].last);
                ck_assert_ptr_nonnull(last);
                ck_assert_ptr_null(strstr(last + 1, "{\"layer\""));
        }
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

/* Prints a packet of one unknown byte at each of the times; returns the time stamps, one per line.
 */
static char *stamps(enum print_time style, bool nanoseconds, const struct timespec *times,
                    size_t count)
{
        static char text[1024];
        struct print_options options = {
            .time = style, .nanoseconds = nanoseconds, .numbered = true};
        struct printer *printer = printer_new(&options);

        text[0] = '\0';
        for (size_t i = 0; i < count; i++) {
                struct print_packet packet = {.packet = {(const uint8_t *)"\0\0\0\0", 4, 4},
                                              .link_type = DLT_RAW,
                                              .time = times[i]};
                size_t size;
                const char *line = printer_print(printer, &packet, &size);

                strcat(text, line);
        }
        printer_free(printer);
        return text;
}

START_TEST(time_stamps)
{
        /* The end of summer time: 02:59:59 CEST is followed by 02:00:00 CET. */
        static const struct timespec times[] = {
            {1792889999, 999999999}, {1792890000, 1000}, {1792886400, 0}};

        setenv("TZ", "Europe/Berlin", 1);
        tzset();
        ck_assert_str_eq(stamps(PRINT_TIME_OF_DAY, false, times, 3),
                         "    1  02:59:59.999999 unknown ip 0\n"
                         "    2  02:00:00.000001 unknown ip 0\n"
                         "    3  02:00:00.000000 unknown ip 0\n");
        ck_assert_str_eq(stamps(PRINT_TIME_DATE, true, times, 2),
                         "    1  2026-10-25 02:59:59.999999999 unknown ip 0\n"
                         "    2  2026-10-25 02:00:00.000001000 unknown ip 0\n");
        ck_assert_str_eq(stamps(PRINT_TIME_EPOCH, false, times, 1),
                         "    1  1792889999.999999 unknown ip 0\n");
        ck_assert_str_eq(stamps(PRINT_TIME_NONE, false, times, 1), "    1  unknown ip 0\n");
        ck_assert_str_eq(stamps(PRINT_TIME_SINCE_PREVIOUS, false, times, 3),
                         "    1   00:00:00.000000 unknown ip 0\n"
                         "    2   00:00:00.000002 unknown ip 0\n"
                         "    3  -01:00:00.000001 unknown ip 0\n");
        ck_assert_str_eq(stamps(PRINT_TIME_SINCE_FIRST, false, times, 3),
                         "    1   00:00:00.000000 unknown ip 0\n"
                         "    2   00:00:00.000002 unknown ip 0\n"
                         "    3  -00:59:59.999999 unknown ip 0\n");
}
END_TEST

/* tcpdump's numbers of a damaged file, and of a first packet at the time 0. */
START_TEST(time_stamps_odd)
{
        static const struct timespec times[] = {
            {0, 0}, {1, 1999999000}, {2, -1000}, {2, 5000}, {2, 2147483647000}};

        setenv("TZ", "UTC", 1);
        tzset();
        ck_assert_str_eq(stamps(PRINT_TIME_OF_DAY, false, times, 5),
                         "    1  00:00:00.000000 unknown ip 0\n"
                         "    2  00:00:01.1999999 unknown ip 0\n"
                         "    3  00:00:02.4294967295 unknown ip 0\n"
                         "    4  00:00:02.000005 unknown ip 0\n"
                         "    5  00:00:02.2147483647 unknown ip 0\n");
        ck_assert_str_eq(stamps(PRINT_TIME_EPOCH, true, times, 5),
                         "    1  0.000000000 unknown ip 0\n"
                         "    2  1.1999999000 unknown ip 0\n"
                         "    3  2.4294966296 unknown ip 0\n"
                         "    4  2.000005000 unknown ip 0\n"
                         "    5  2.4294966296 unknown ip 0\n");
        ck_assert_str_eq(stamps(PRINT_TIME_SINCE_PREVIOUS, false, times, 4),
                         "    1   00:00:00.000000 unknown ip 0\n"
                         "    2   00:00:00.000000 unknown ip 0\n"
                         "    3   00:00:00.4293967296 unknown ip 0\n"
                         "    4   00:00:00.000006 unknown ip 0\n");
        ck_assert_str_eq(stamps(PRINT_TIME_SINCE_FIRST, false, times, 5),
                         "    1   00:00:00.000000 unknown ip 0\n"
                         "    2   00:00:00.000000 unknown ip 0\n"
                         "    3   00:00:00.4293967296 unknown ip 0\n"
                         "    4   00:00:00.4293967302 unknown ip 0\n"
                         "    5   00:00:01.2145483648 unknown ip 0\n");
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
        tcase_add_test(tests, sequence_numbers_are_relative);
        tcase_add_test(tests, link_types_share_what_is_remembered);
        tcase_add_test(tests, several_interfaces_are_named);
        tcase_add_test(tests, remarks_stand_below_the_line);
        tcase_add_test(tests, objects_say_where);
        tcase_add_test(tests, numbers_of_interfaces_have_names);
        tcase_add_test(tests, connections_kept_are_bounded);
        tcase_add_test(tests, compression_loops_end);
        tcase_add_test(tests, deep_nesting_ends);
        tcase_add_test(tests, deep_tunnels_end);
        tcase_add_test(tests, deep_authentication_ends);
        tcase_add_test(tests, objects_have_fields);
        tcase_add_test(tests, objects_end_where_the_packet_does);
        tcase_add_test(tests, objects_continue_inside_tunnels);
        tcase_add_test(tests, objects_end_at_what_encapsulates_nothing);
        tcase_add_test(tests, color_only_adds);
        tcase_add_test(tests, names_are_asked_for);
        tcase_add_test(tests, time_stamps);
        tcase_add_test(tests, time_stamps_odd);
        tcase_add_test(tests, link_types_known);
}

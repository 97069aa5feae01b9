/* print: what a line has from outside of the packet: from the packets before it, the time, and what
 * the capture knows. */
#include "tests/lib/printing.h"
#include "tests/unit/unit.h"

#include <pcap/dlt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *print_segment(struct printer *printer, uint16_t port, bool back, uint8_t flags,
                                 uint32_t sequence, uint32_t acknowledgment)
{
        uint8_t bytes[40];

        tcp_segment(bytes, port, back, flags, sequence, acknowledgment);
        return print_exact(printer, DLT_RAW, bytes, sizeof bytes, sizeof bytes);
}

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

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "print context", 60);

        tcase_add_test(tests, sequence_numbers_are_relative);
        tcase_add_test(tests, connections_kept_are_bounded);
        tcase_add_test(tests, link_types_share_what_is_remembered);
        tcase_add_test(tests, several_interfaces_are_named);
        tcase_add_test(tests, numbers_of_interfaces_have_names);
        tcase_add_test(tests, remarks_stand_below_the_line);
        tcase_add_test(tests, time_stamps);
        tcase_add_test(tests, time_stamps_odd);
}

/* print: JSON objects say where a packet came from, and have the fields of its headers as far as
 * they are captured. */
#include "tests/lib/printing.h"
#include "tests/unit/unit.h"

#include <pcap/dlt.h>
#include <string.h>

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

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "print objects", 60);

        tcase_add_test(tests, objects_say_where);
        tcase_add_test(tests, objects_have_fields);
        tcase_add_test(tests, objects_end_where_the_packet_does);
        tcase_add_test(tests, objects_continue_inside_tunnels);
        tcase_add_test(tests, objects_end_at_what_encapsulates_nothing);
}

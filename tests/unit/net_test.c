/* net: the tables of headers and link types, and stepping from header to header. */
#include "net/link_types.h"
#include "net/protocols.h"
#include "print/print.h"
#include "tests/lib/random.h"
#include "tests/unit/unit.h"

#include <pcap/dlt.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LINK_TYPE = 300, MAX_CAPTURED = 80, TRIES = 200 };

typedef void visit_header(const struct net_header *header);

static void visit(visit_header *visitor, const struct net_header *header)
{
        for (; header; header = header->next)
                visitor(header);
}

/* Visits all headers that the tables lead to, some more than once. Returns how often. */
static size_t visit_headers(visit_header *visitor)
{
        static const enum net_numbers spaces[] = {NET_ETHERTYPES,    NET_IP_PROTOCOLS,
                                                  NET_PPP_PROTOCOLS, NET_FAMILIES,
                                                  NET_VERSIONS,      NET_PORTS};
        size_t count = 0;

        for (int i = 0; i < MAX_LINK_TYPE; i++)
                if (net_link_type(i)) {
                        visit(visitor, net_link_type(i)->header);
                        count++;
                }
        for (int i = 0; i < COUNT(spaces); i++)
                for (uint32_t number = 0; number <= UINT16_MAX; number++)
                        if (net_header_by(spaces[i], number)) {
                                visit(visitor, net_header_by(spaces[i], number));
                                count++;
                        }
        return count;
}

static void check_fields(const struct net_header *header)
{
        ck_assert_ptr_nonnull(header->name);
        for (uint32_t i = 0; i < header->field_count; i++) {
                const struct net_field *field = &header->fields[i];

                ck_assert_msg(field->name || field->filter, "%s: field %u has no name",
                              header->name, i);
                ck_assert_msg(field->size > 0 && field->value < NET_VALUES &&
                                  field->role < NET_ROLES,
                              "%s: field %u", header->name, i);
                if (field->mask) {
                        ck_assert_uint_le(field->size, 4);
                        ck_assert_msg(field->size == 4 || field->mask >> 8 * field->size == 0,
                                      "%s: field %u has bits outside its bytes", header->name, i);
                }
                /* JSON reads numbers of 4 bytes at most. */
                if (field->filter && field->size > 4)
                        ck_assert_msg(field->value == NET_MAC_ADDRESS ||
                                          field->value == NET_IPV6_ADDRESS,
                                      "%s: %s", header->name, field->filter);
        }
}

START_TEST(fields_are_well_formed)
{
        ck_assert_uint_gt(visit_headers(check_fields), 50);
}
END_TEST

/* In memory that ends where the captured bytes do, so that AddressSanitizer notices a read past
 * them. */
static void go_on(const struct net_header *header)
{
        static uint64_t random = 1;

        for (int i = 0; i < TRIES; i++) {
                uint32_t captured = (uint32_t)(random_next(&random) % MAX_CAPTURED), offset;
                uint8_t *data = malloc(captured ? captured : 1);
                const struct net_header *next;

                ck_assert_ptr_nonnull(data);
                for (uint32_t at = 0; at < captured; at++)
                        data[at] = (uint8_t)(random_next(&random) & random_next(&random));
                next = net_next_header(header, data, captured, &offset);
                if (next) {
                        ck_assert_uint_ge(captured, header->size);
                        ck_assert_uint_ge(offset, header->size);
                        ck_assert_msg(offset > 0 || next != header, "%s: no way on", header->name);
                }
                free(data);
        }
}

START_TEST(what_follows_is_found_in_what_is_captured)
{
        visit_headers(go_on);
}
END_TEST

START_TEST(link_types_can_be_printed)
{
        size_t count = 0;

        for (int i = 0; i < MAX_LINK_TYPE; i++) {
                const struct net_link_type *link_type = net_link_type(i);

                ck_assert_msg(!link_type || print_knows_link_type(i), "link type %d", i);
                if (!link_type)
                        continue;
                count++;
                ck_assert_int_eq(link_type->number, i);
                ck_assert_uint_ge(net_link_payload_offset(link_type),
                                  net_link_type_offset(link_type));
        }
        ck_assert_uint_ge(count, 11);
}
END_TEST

START_TEST(options_and_tags_are_stepped_over)
{
        static const uint8_t vlan[] = {0x20, 0x07, 0x86, 0xdd};
        static const uint8_t ipv4[20] = {0x45, [9] = 6}, short_ipv4[20] = {0x44, [9] = 6};
        static const uint8_t long_ipv4[20] = {0x46, [9] = 6}, later[20] = {0x45, [7] = 1, [9] = 6};
        /* Hop-by-hop options of 16 bytes, then the fragment header. */
        static const uint8_t ipv6[58] = {0x60, [6] = 0, [40] = 44, [41] = 1};
        static const struct {
                const struct net_header *header, *next;
                const uint8_t *data;
                uint32_t captured, offset;
        } cases[] = {
            {&net_vlan, &net_ipv6, vlan, sizeof vlan, 4},
            {&net_vlan, NULL, vlan, sizeof vlan - 1, 0},
            {&net_ipv4, &net_tcp, ipv4, sizeof ipv4, 20},
            {&net_ipv4, &net_tcp, long_ipv4, sizeof long_ipv4, 24},
            {&net_ipv4, NULL, short_ipv4, sizeof short_ipv4, 0},
            {&net_ipv4, NULL, later, sizeof later, 0},
            {&net_ipv6, &net_ipv6_fragment, ipv6, sizeof ipv6, 56},
            {&net_ipv6, NULL, ipv6, 41, 0},
        };

        for (int i = 0; i < COUNT(cases); i++) {
                uint32_t offset;

                ck_assert_msg(net_next_header(cases[i].header, cases[i].data, cases[i].captured,
                                              &offset) == cases[i].next,
                              "case %d", i);
                if (cases[i].next)
                        ck_assert_uint_eq(offset, cases[i].offset);
        }
}
END_TEST

START_TEST(link_types_know_where_they_say_what_follows)
{
        ck_assert_uint_eq(net_link_type_offset(net_link_type(DLT_EN10MB)), 12);
        ck_assert_uint_eq(net_link_payload_offset(net_link_type(DLT_EN10MB)), 14);
        ck_assert_uint_eq(net_link_type_offset(net_link_type(DLT_PPP_ETHER)), 6);
        ck_assert_uint_eq(net_link_payload_offset(net_link_type(DLT_PPP_ETHER)), 8);
        ck_assert_uint_eq(net_link_payload_offset(net_link_type(DLT_RAW)), 0);
        ck_assert_ptr_null(net_link_type(DLT_USB));
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "net", 60);

        tcase_add_test(tests, fields_are_well_formed);
        tcase_add_test(tests, what_follows_is_found_in_what_is_captured);
        tcase_add_test(tests, link_types_can_be_printed);
        tcase_add_test(tests, options_and_tags_are_stepped_over);
        tcase_add_test(tests, link_types_know_where_they_say_what_follows);
}

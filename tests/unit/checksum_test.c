/* net/checksum: the Internet checksum. */
#include "net/checksum.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

/* The example of RFC 1071, section 3: the sum is ddf2. */
static const uint8_t example[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

START_TEST(checksums_are_those_of_the_rfc)
{
        uint8_t with_field[sizeof example + 2];

        ck_assert_uint_eq(checksum(example, sizeof example), 0xffff - 0xddf2);
        ck_assert_uint_eq(checksum(example, 7), 0xffff - 0xdcfb); /* padded with a zero */
        memcpy(with_field, example, sizeof example);
        with_field[8] = 0x22;
        with_field[9] = 0x0d;
        ck_assert_uint_eq(checksum(with_field, sizeof with_field), 0);
}
END_TEST

START_TEST(checksums_continue_across_pieces)
{
        uint32_t sum = checksum_add(0, example, 2);

        ck_assert_uint_eq(checksum_finish(checksum_add(sum, example + 2, 6)),
                          checksum(example, sizeof example));
}
END_TEST

/* 192.0.2.1 > 192.0.2.2, UDP, 8 bytes. */
START_TEST(pseudo_headers_are_summed)
{
        static const uint8_t addresses[] = {192, 0, 2, 1, 192, 0, 2, 2};
        static const uint8_t header[] = {192, 0, 2, 1, 192, 0, 2, 2, 0, 17, 0, 8};

        ck_assert_uint_eq(
            checksum_finish(checksum_pseudo_header(addresses, addresses + 4, 4, 17, 8)),
            checksum(header, sizeof header));
}
END_TEST

START_TEST(a_wrong_field_reveals_the_right_one)
{
        uint8_t data[sizeof example + 2] = {0};

        memcpy(data, example, sizeof example);
        data[8] = 0xab;
        data[9] = 0xcd;
        ck_assert_uint_eq(checksum_expected(0xabcd, checksum(data, sizeof data)), 0x220d);
}
END_TEST

/* More words than a 32-bit sum can hold: a jumbogram has that many. */
START_TEST(long_data_does_not_overflow)
{
        enum { LENGTH = 262144 };
        uint8_t *data = malloc(LENGTH);

        ck_assert_ptr_nonnull(data);
        memset(data, 0xff, LENGTH);
        data[0] = 0xff;
        data[1] = 0xfe; /* ffff is zero in this arithmetic, so the sum is fffe */
        ck_assert_uint_eq(checksum(data, LENGTH), 1);
        free(data);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *checksums = unit_case(suite, "checksum", UNIT_SECONDS);

        tcase_add_test(checksums, checksums_are_those_of_the_rfc);
        tcase_add_test(checksums, checksums_continue_across_pieces);
        tcase_add_test(checksums, pseudo_headers_are_summed);
        tcase_add_test(checksums, a_wrong_field_reveals_the_right_one);
        tcase_add_test(checksums, long_data_does_not_overflow);
}

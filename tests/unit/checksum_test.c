/* net/checksum: the Internet checksum. */
#include "net/checksum.h"
#include "tests/lib/random.h"
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

/* As the RFC defines it: the sum of words of two bytes, a last odd byte as if a zero followed. */
static uint16_t checksum_by_words(const uint8_t *data, uint32_t length)
{
        uint32_t sum = 0;

        for (uint32_t i = 0; i < length; i++)
                sum += i % 2 == 0 ? (uint32_t)data[i] << 8 : data[i];
        while (sum >> 16)
                sum = (sum & 0xffff) + (sum >> 16);
        return (uint16_t)~sum;
}

/* In memory that ends where the data do, so that AddressSanitizer notices a read past them. The
 * large bytes make sums of any width carry. */
START_TEST(data_of_any_length_are_summed)
{
        uint64_t random = 1;

        for (uint32_t length = 1; length < 70; length++) {
                uint8_t *data = malloc(length);

                ck_assert_ptr_nonnull(data);
                for (uint32_t at = 0; at < length; at++)
                        data[at] = (uint8_t)(random_next(&random) | random_next(&random));
                for (uint32_t start = 0; start < length; start++)
                        ck_assert_uint_eq(checksum(data + start, length - start),
                                          checksum_by_words(data + start, length - start));
                free(data);
        }
        ck_assert_uint_eq(checksum(NULL, 0), 0xffff);
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
        tcase_add_test(checksums, data_of_any_length_are_summed);
        tcase_add_test(checksums, pseudo_headers_are_summed);
        tcase_add_test(checksums, a_wrong_field_reveals_the_right_one);
        tcase_add_test(checksums, long_data_does_not_overflow);
}

/* base: growing arrays and text, numbers, JSON, the hash table, errors. */
#include "base/array.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/number.h"
#include "base/text.h"
#include "tests/lib/random.h"
#include "tests/unit/unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A failed allocation returns NULL under AddressSanitizer, too. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
        return "allocator_may_return_null=1";
}

START_TEST(arrays_keep_their_items)
{
        uint32_t *items = NULL, count = 0;
        uint32_t room = 0, grown = 0;

        while (count < 100000) {
                uint32_t before = room;

                ck_assert(array_grow(items, room, count + 1));
                grown += room != before;
                items[count] = count;
                count++;
        }
        for (uint32_t i = 0; i < count; i++)
                ck_assert_uint_eq(items[i], i);
        ck_assert_uint_lt(grown, 20);
        ck_assert(array_grow(items, room, count + 500000));
        ck_assert_uint_ge(room, count + 500000);
        ck_assert(array_grow(items, room, 0));
        free(items);
}
END_TEST

START_TEST(arrays_end_with_the_width_of_their_room)
{
        char *items = NULL;
        uint8_t room = 0;

        for (unsigned count = 0; count < UINT8_MAX - 1; count++)
                ck_assert(array_grow(items, room, count + 1));
        ck_assert_uint_eq(room, UINT8_MAX - 1);
        ck_assert(!array_grow(items, room, UINT8_MAX));
        ck_assert(!array_grow(items, room, UINT8_MAX + 1));
        ck_assert_uint_eq(room, UINT8_MAX - 1);
        ck_assert_ptr_nonnull(items);
        memset(items, 'x', room);
        free(items);
}
END_TEST

START_TEST(arrays_survive_short_memory)
{
        static const size_t wanted[] = {SIZE_MAX, SIZE_MAX / sizeof(uint64_t) + 2,
                                        PTRDIFF_MAX / sizeof(uint64_t) + 1,
                                        PTRDIFF_MAX / sizeof(uint64_t)};
        uint64_t *items = NULL, *before;
        size_t room = 0, room_before;

        ck_assert(array_grow(items, room, 3));
        items[2] = 7;
        before = items;
        room_before = room;
        ck_assert(!array_grow(items, room, wanted[_i]));
        ck_assert_ptr_eq(items, before);
        ck_assert_uint_eq(room, room_before);
        ck_assert_uint_eq(items[2], 7);
        free(items);
}
END_TEST

static void check_number(uint64_t value)
{
        char wanted[64], got[64];

        *number_decimal(got, value) = '\0';
        snprintf(wanted, sizeof wanted, "%" PRIu64, value);
        ck_assert_str_eq(got, wanted);
        for (unsigned digits = 0; digits < 20; digits++) {
                *number_hex(got, value, digits) = '\0';
                snprintf(wanted, sizeof wanted, "%0*" PRIx64, (int)(digits ? digits : 1), value);
                ck_assert_str_eq(got, wanted);
        }
        *number_padded(got, value, 25) = '\0';
        snprintf(wanted, sizeof wanted, "%025" PRIu64, value);
        ck_assert_str_eq(got, wanted);
}

START_TEST(numbers_are_printfs)
{
        uint64_t power = 1, random = 1;

        for (int digits = 0; digits < 20; digits++, power *= 10)
                for (int first = 1; first < 10; first++) {
                        check_number(power * (uint64_t)first);
                        check_number(power * (uint64_t)first - 1);
                        check_number(power * (uint64_t)first + 1);
                }
        for (int bit = 0; bit < 64; bit++) {
                check_number(1ull << bit);
                check_number((1ull << bit) - 1);
        }
        check_number(UINT64_MAX);
        for (int i = 0; i < 20000; i++) {
                uint64_t number = random_next(&random);

                check_number(number >> (number & 63));
        }
}
END_TEST

START_TEST(padded_numbers_keep_their_last_digits)
{
        char text[8] = {0};

        number_padded(text, 1234567, 3);
        ck_assert_str_eq(text, "567");
}
END_TEST

START_TEST(text_grows)
{
        struct text text = {0};
        char *taken;
        size_t line;

        for (int i = 0; i < 10000; i++)
                text_string(&text, "0123456789");
        ck_assert_uint_eq(text.length, 100000);
        for (size_t i = 0; i < text.length; i++)
                ck_assert_int_eq(text.start[i], '0' + (char)(i % 10));
        text_char(&text, '\n');
        line = text.length;
        text_signed(&text, INT64_MIN);
        text_column(&text, line, 25);
        text_decimal_right(&text, 42, 5);
        text_decimal_right(&text, 123456, 5);
        text_padded(&text, 7, 3);
        text_address(&text, 0xab);
        text_hex(&text, 0xc, 2);
        text_format(&text, "<%s,%300d>", "x", 1);
        taken = text_take(&text);
        ck_assert_ptr_nonnull(taken);
        ck_assert(strncmp(taken + line, "-9223372036854775808        421234560070xab0c<x, ", 47) ==
                  0);
        ck_assert_uint_eq(strlen(taken + line), 20 + 5 + 5 + 6 + 3 + 4 + 2 + 3 + 300 + 1);
        ck_assert_ptr_null(text.start);
        free(taken);
        taken = text_take(&text);
        ck_assert_str_eq(taken, "");
        free(taken);
}
END_TEST

START_TEST(text_remembers_short_memory)
{
        struct text text = {0};

        text_string(&text, "kept");
        ck_assert_ptr_null(text_room(&text, SIZE_MAX - 2)); /* the sum wraps */
        ck_assert(text.failed);
        text.failed = false;
        ck_assert_ptr_null(text_room(&text, PTRDIFF_MAX - 1000));
        ck_assert(text.failed);
        text_string(&text, " and more");
        ck_assert_uint_eq(text.length, strlen("kept and more"));
        ck_assert_ptr_null(text_take(&text));
        ck_assert_ptr_null(text.start);
        ck_assert(!text.failed);
}
END_TEST

/* Well-formed and malformed, according to the table of RFC 3629, section 4. */
static const struct {
        const char *bytes;
        size_t length;
} characters[] = {
    {"a", 1},
    {"\x7f", 1},
    {"\x80", 0},
    {"\xc1\xbf", 0},
    {"\xc2\x80", 2},
    {"\xdf\xbf", 2},
    {"\xdf\x7f", 0},
    {"\xc3", 0},
    {"\xe0\x9f\xbf", 0},
    {"\xe0\xa0\x80", 3},
    {"\xe2\x82", 0},
    {"\xed\x9f\xbf", 3},
    {"\xed\xa0\x80", 0},
    {"\xef\xbf\xbf", 3},
    {"\xf0\x8f\xbf\xbf", 0},
    {"\xf0\x90\x80\x80", 4},
    {"\xf4\x8f\xbf\xbf", 4},
    {"\xf4\x90\x80\x80", 0},
    {"\xf5\x80\x80\x80", 0},
    {"\xff", 0},
};

START_TEST(utf8_is_distinguished_from_other_bytes)
{
        const char *bytes = characters[_i].bytes;

        ck_assert_uint_eq(text_utf8(bytes, strlen(bytes)), characters[_i].length);
}
END_TEST

static const struct {
        const char *foreign, *shown;
} foreign_texts[] = {
    {"eth0 a\\b", "eth0 a\\b"},
    {"\033[2J\a\n\t\x7f", "\\x1b[2J\\x07\\x0a\\x09\\x7f"},
    {"\x9b"
     "2J\x80\xa0\xff",
     "\\x9b2J\\x80\\xa0\\xff"},
    {"\xc2\x9b"
     "2J\xc2\x80",
     "\\xc2\\x9b2J\\xc2\\x80"},
    {"\xc2\xa0\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xa9",
     "\xc2\xa0\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xa9"},
    {"\xe2\x82", "\\xe2\\x82"},
    {"\xc0\x9b", "\\xc0\\x9b"},
};

START_TEST(foreign_text_does_not_steer_a_terminal)
{
        const char *foreign = foreign_texts[_i].foreign;
        struct text text = {0};
        char *shown;

        text_show(&text, foreign, strlen(foreign));
        shown = text_take(&text);
        ck_assert_str_eq(shown, foreign_texts[_i].shown);
        free(shown);
}
END_TEST

/* The same value written to a text and to a stream. */
static char *write_both(struct json layout, void (*write)(struct json *json))
{
        struct text text = {0};
        struct json json = layout;
        char *streamed = NULL, *taken;
        size_t length;
        FILE *file = open_memstream(&streamed, &length);

        ck_assert_ptr_nonnull(file);
        json.text = &text;
        write(&json);
        ck_assert_uint_eq(json.depth, 0);
        json = layout;
        json.file = file;
        write(&json);
        ck_assert_int_eq(fclose(file), 0);
        taken = text_take(&text);
        ck_assert_str_eq(taken, streamed);
        free(streamed);
        return taken;
}

static void expect(struct json layout, void (*write)(struct json *json), const char *wanted)
{
        char *got = write_both(layout, write);

        ck_assert_str_eq(got, wanted);
        free(got);
}

static void write_values(struct json *json)
{
        json_open(json, '[');
        json_open(json, '{');
        json_key(json, "least");
        json_signed(json, INT64_MIN);
        json_key(json, "most");
        json_decimal(json, UINT64_MAX);
        json_key(json, "list");
        json_open(json, '[');
        json_boolean(json, true);
        json_boolean(json, false);
        json_null(json);
        json_text(json, NULL);
        json_open(json, '{');
        json_close(json, '}');
        json_close(json, ']');
        json_close(json, '}');
        json_open(json, '[');
        json_close(json, ']');
        json_raw(json, "1.5");
        json_close(json, ']');
}

START_TEST(json_has_its_commas)
{
        expect((struct json){0}, write_values,
               "[{\"least\":-9223372036854775808,\"most\":18446744073709551615,"
               "\"list\":[true,false,null,null,{}]},[],1.5]");
        expect((struct json){.lines = 2, .spaced = true}, write_values,
               "[\n  {\n    \"least\": -9223372036854775808,\n    \"most\": 18446744073709551615,\n"
               "    \"list\": [true, false, null, null, {}]\n  },\n  [],\n  1.5\n]");
}
END_TEST

static void write_odd_text(struct json *json)
{
        static const char odd[] = "a\"b\\c/\n\t\r\0\x1f\x7f<&>é€😀|\xff\xc3(\xed\xa0\x80\xe2\x82";

        json_open(json, '[');
        json_string(json, odd, sizeof odd - 1);
        json_text(json, "");
        json_bytes(json, odd, sizeof odd - 1);
        json_bytes(json, "", 0);
        json_close(json, ']');
}

#define LOST "\xef\xbf\xbd"
#define CONTROLS "a\\\"b\\\\c/\\n\\u0009\\u000d\\u0000\\u001f\\u007f"
#define BYTES                                                                         \
        CONTROLS "<&>\\u00c3\\u00a9\\u00e2\\u0082\\u00ac\\u00f0\\u009f\\u0098\\u0080" \
                 "|\\u00ff\\u00c3(\\u00ed\\u00a0\\u0080\\u00e2\\u0082"

START_TEST(json_takes_any_bytes)
{
        expect((struct json){0}, write_odd_text,
               "[\"" CONTROLS "<&>é€😀|" LOST LOST "(" LOST LOST LOST LOST LOST "\",\"\",\"" BYTES
               "\",\"\"]");
        expect((struct json){.in_html = true}, write_odd_text,
               "[\"" CONTROLS "\\u003c\\u0026\\u003eé€😀|" LOST LOST "(" LOST LOST LOST LOST LOST
               "\",\"\",\"" BYTES "\",\"\"]");
}
END_TEST

static void write_long_strings(struct json *json)
{
        static char bytes[1000];

        memset(bytes, '"', sizeof bytes);
        json_open(json, '[');
        json_bytes(json, bytes, sizeof bytes);
        json_string(json, bytes, sizeof bytes);
        json_close(json, ']');
}

START_TEST(json_strings_may_be_long)
{
        char *got = write_both((struct json){0}, write_long_strings);

        ck_assert_uint_eq(strlen(got), 2 * (2 + 2 * 1000) + 3);
        free(got);
}
END_TEST

/* RFC 4648, section 10. */
static void write_base64(struct json *json)
{
        json_open(json, '[');
        for (size_t size = 0; size <= 6; size++)
                json_base64(json, (const uint8_t *)"foobar", size);
        json_base64(json, (const uint8_t *)"\xff\xff\xfe", 3);
        json_close(json, ']');
}

START_TEST(base64_is_the_rfcs)
{
        expect((struct json){0}, write_base64,
               "[\"\",\"Zg==\",\"Zm8=\",\"Zm9v\",\"Zm9vYg==\",\"Zm9vYmE=\",\"Zm9vYmFy\","
               "\"///+\"]");
}
END_TEST

static bool holds(const struct hash_table *table, uint32_t hash, uint32_t wanted)
{
        uint32_t at = hash, item;

        while ((item = hash_next(table, hash, &at)) != HASH_NONE)
                if (item == wanted)
                        return true;
        return false;
}

/* The first words of the reference's output of SipHash-1-3 for the key 00 01 … 0f and messages 00
 * 01 …, folded; and keys differ. */
START_TEST(hash_with_secret)
{
        const struct hash_key key = {{0x0706050403020100u, 0x0f0e0d0c0b0a0908u}};
        struct hash_key one, other;
        uint8_t message[64];

        for (uint8_t i = 0; i < sizeof message; i++)
                message[i] = i;
        ck_assert_uint_eq(hash_keyed(&key, message, 0), hash_fold(0xabac0158050fc4dcu));
        ck_assert_uint_eq(hash_keyed(&key, message, 1), hash_fold(0xc9f49bf37d57ca93u));
        ck_assert_uint_eq(hash_keyed(&key, message, 15), hash_fold(0xd320d86d2a519956u));
        hash_key_new(&one);
        hash_key_new(&other);
        ck_assert_mem_ne(&one, &other, sizeof one);
        ck_assert_uint_ne(hash_keyed(&one, message, 64), hash_keyed(&other, message, 64));
}
END_TEST

/* Items by their number, with hashes that are all the same, collide in neighboring slots, wrap at
 * the end of the table, or differ. */
static uint32_t hash_of(int kind, uint32_t item)
{
        switch (kind) {
        case 0: return 5;
        case 1: return item % 3 + UINT32_MAX - 1;
        case 2: return item << 16 | (item & 7);
        default: return hash_fold(hash_mix(1, item));
        }
}

START_TEST(the_table_finds_what_it_holds)
{
        const uint32_t count = _i < 2 ? 1000 : 20000;
        struct hash_table table = {0};

        ck_assert(!holds(&table, 1, 0));
        for (uint32_t i = 0; i < count; i++)
                ck_assert(hash_put(&table, hash_of(_i, i), i));
        ck_assert_uint_eq(table.used, count);
        ck_assert_uint_ge(table.size, 2 * count);
        for (uint32_t i = 0; i < count; i++)
                ck_assert(holds(&table, hash_of(_i, i), i));
        ck_assert(!holds(&table, hash_of(_i, count), count));
        for (uint32_t i = 0; i < count; i += 3)
                hash_remove(&table, hash_of(_i, i), i);
        for (uint32_t i = 0; i < count; i++)
                ck_assert(holds(&table, hash_of(_i, i), i) == (i % 3 != 0));
        for (uint32_t i = 0; i < count; i += 3)
                ck_assert(hash_put(&table, hash_of(_i, i), i));
        for (uint32_t i = 0; i < count; i++)
                ck_assert(holds(&table, hash_of(_i, i), i));
        hash_clear(&table);
        ck_assert_uint_eq(table.used, 0);
        ck_assert(!holds(&table, hash_of(_i, 1), 1));
        hash_free(&table);
        ck_assert_ptr_null(table.slots);
}
END_TEST

START_TEST(a_full_table_refuses)
{
        struct hash_table table = {.size = 1u << 31, .used = 1u << 30};

        ck_assert(!hash_put(&table, 1, 1)); /* 2^32 slots have no number */
        ck_assert_uint_eq(table.used, 1u << 30);
}
END_TEST

START_TEST(hashes_differ_in_every_byte)
{
        char bytes[20] = {0};

        for (size_t size = 0; size <= sizeof bytes; size++) {
                uint32_t plain = hash_bytes(bytes, size);

                for (size_t i = 0; i < size; i++) {
                        bytes[i] = 1;
                        ck_assert_uint_ne(hash_bytes(bytes, size), plain);
                        bytes[i] = 0;
                }
                if (size > 0)
                        ck_assert_uint_ne(hash_bytes(bytes, size - 1), plain);
        }
}
END_TEST

START_TEST(errors_are_filled_in_whole)
{
        struct error error = {.kind = 3, .offset = 5, .length = 6};
        char quote[QUOTE_SIZE];

        ck_assert_int_eq(error_set(&error, "%s: %d", "a", 1), -1);
        ck_assert_str_eq(error.message, "a: 1");
        ck_assert_uint_eq(error.offset, ERROR_NO_OFFSET);
        ck_assert_uint_eq(error.length, 0);
        ck_assert_int_eq(error.kind, 0);
        ck_assert_int_eq(error_at(&error, 7, 2, "b"), -1);
        ck_assert_uint_eq(error.offset, 7);
        ck_assert_uint_eq(error.length, 2);
        ck_assert_int_eq(error_set(NULL, "nobody asks"), -1);
        ck_assert_int_eq(error_set(&error, "%2000d", 1), -1);
        ck_assert_uint_eq(strlen(error.message), sizeof error.message - 1);
        ck_assert_str_eq(error_quote(quote, "a\nb\xff", 4), "'a?b?'");
        ck_assert_str_eq(error_quote(quote, "", 0), "''");
        error_quote(quote, "0123456789012345678901234567890123456789012345", 46);
        ck_assert_str_eq(quote, "'012345678901234567890123456789012345678901...'");
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "base", 20);

        tcase_add_test(tests, arrays_keep_their_items);
        tcase_add_test(tests, arrays_end_with_the_width_of_their_room);
        tcase_add_loop_test(tests, arrays_survive_short_memory, 0, 4);
        tcase_add_test(tests, numbers_are_printfs);
        tcase_add_test(tests, padded_numbers_keep_their_last_digits);
        tcase_add_test(tests, text_grows);
        tcase_add_test(tests, text_remembers_short_memory);
        tcase_add_loop_test(tests, utf8_is_distinguished_from_other_bytes, 0, COUNT(characters));
        tcase_add_loop_test(tests, foreign_text_does_not_steer_a_terminal, 0, COUNT(foreign_texts));
        tcase_add_test(tests, json_has_its_commas);
        tcase_add_test(tests, json_takes_any_bytes);
        tcase_add_test(tests, json_strings_may_be_long);
        tcase_add_test(tests, base64_is_the_rfcs);
        tcase_add_loop_test(tests, the_table_finds_what_it_holds, 0, 4);
        tcase_add_test(tests, a_full_table_refuses);
        tcase_add_test(tests, hashes_differ_in_every_byte);
        tcase_add_test(tests, hash_with_secret);
        tcase_add_test(tests, errors_are_filled_in_whole);
}

/* Reading programs: white space, words, numbers and messages, which all forms of text share. */
#include "reader.h"

#include "base/array.h"
#include "base/number.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool reader_refuse(struct reader *reader, size_t offset, size_t length, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(reader->error->message, sizeof reader->error->message, format, arguments);
        va_end(arguments);
        reader->error->offset = offset;
        reader->error->length = length;
        reader->error->kind = 0;
        return false;
}

/* A word or a number, or else a byte. */
static size_t token_length(const struct reader *reader)
{
        size_t end = reader->at;

        while (end < reader->length &&
               (is_letter(reader->text[end]) || is_digit(reader->text[end])))
                end++;
        return end > reader->at ? end - reader->at : 1;
}

bool reader_expected(struct reader *reader, const char *expected, ...)
{
        char what[128], token[QUOTE_SIZE];
        va_list arguments;

        va_start(arguments, expected);
        vsnprintf(what, sizeof what, expected, arguments);
        va_end(arguments);
        if (reader_at_end(reader))
                return reader_refuse(reader, reader->at, 1, "the program ends before %s", what);
        error_quote(token, reader->text + reader->at, token_length(reader));
        return reader_refuse(reader, reader->at, token_length(reader), "expected %s, not %s", what,
                             token);
}

bool reader_at_end(struct reader *reader)
{
        while (reader->at < reader->length && is_blank(reader->text[reader->at]))
                reader->at++;
        return reader->at == reader->length;
}

bool reader_pass(struct reader *reader, char c)
{
        if (reader_at_end(reader) || reader->text[reader->at] != c)
                return false;
        reader->at++;
        return true;
}

bool reader_demand(struct reader *reader, char c, const char *expected)
{
        return reader_pass(reader, c) || reader_expected(reader, "'%c' %s", c, expected);
}

size_t reader_word(const struct reader *reader)
{
        return is_letter(reader_peek(reader)) ? token_length(reader) : 0;
}

bool reader_is_word(const struct reader *reader, const char *word)
{
        size_t length = reader_word(reader);

        return length == strlen(word) && memcmp(reader->text + reader->at, word, length) == 0;
}

/* The base that the first digits tell; passes 0x. */
static uint64_t pass_base(struct reader *reader, enum reader_base base)
{
        const char *text = reader->text + reader->at;
        size_t left = reader->length - reader->at;

        if (base == READER_DECIMAL || left < 2 || text[0] != '0')
                return 10;
        if (left > 2 && (text[1] == 'x' || text[1] == 'X') && number_digit(text[2]) < 16) {
                reader->at += 2;
                return 16;
        }
        return is_digit(text[1]) ? 8 : 10;
}

bool reader_number(struct reader *reader, enum reader_base base, const char *name, uint32_t most,
                   uint32_t *number)
{
        uint64_t value = 0, radix, greatest = most;
        bool negative = false;
        size_t start;

        if (reader_at_end(reader))
                return reader_refuse(reader, reader->at, 1, "the program ends before %s", name);
        start = reader->at;
        if (base == READER_SIGNED && (reader_peek(reader) == '-' || reader_peek(reader) == '+')) {
                negative = reader_peek(reader) == '-';
                greatest = negative ? (uint64_t)INT32_MAX + 1 : most;
                reader->at++;
        }
        if (!is_digit(reader_peek(reader)))
                return reader_expected(reader, "%s, %s number", name,
                                       base == READER_DECIMAL ? "a decimal" : "a");
        radix = pass_base(reader, base);
        for (; number_digit(reader_peek(reader)) < radix; reader->at++)
                if (value <= greatest)
                        value = value * radix + number_digit(reader_peek(reader));
        if (value > greatest)
                return reader_refuse(reader, start, reader->at - start, "%s is %s than %s%llu",
                                     name, negative ? "less" : "more", negative ? "-" : "",
                                     (unsigned long long)greatest);
        *number = negative ? 0u - (uint32_t)value : (uint32_t)value;
        return true;
}

bool reader_field(struct reader *reader, enum reader_base base, const char *field, uint32_t most,
                  uint32_t *number)
{
        char name[48];

        snprintf(name, sizeof name, "the %s of instruction %u", field, reader->count);
        return reader_number(reader, base, name, most, number);
}

bool reader_out_of_memory(struct reader *reader)
{
        error_memory(reader->error);
        return false;
}

bool reader_make_room(struct reader *reader)
{
        return array_grow(reader->instructions, reader->room, reader->count + 1) ||
               reader_out_of_memory(reader);
}

bool reader_add(struct reader *reader, const struct bpf_insn *instruction)
{
        if (!reader_make_room(reader))
                return false;
        reader->instructions[reader->count++] = *instruction;
        return true;
}

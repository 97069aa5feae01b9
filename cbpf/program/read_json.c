/* JSON: an array of objects, each with the numbers code, jt, jf and k and whatever else, or an
 * object that holds such an array as "instructions". Nothing else of it is looked at, but for its
 * syntax (RFC 8259). */
#include "read.h"

#include <string.h>

enum { MAX_DEPTH = 64 };

/* A string of JSON, with its quotes; escapes are left as they are. */
struct name {
        const char *text;
        size_t length;
};

static bool is(const struct name *name, const char *text)
{
        return name->length == strlen(text) && memcmp(name->text, text, name->length) == 0;
}

static bool next_is(struct reader *reader, char c)
{
        return !reader_at_end(reader) && reader->text[reader->at] == c;
}

static bool read_string(struct reader *reader, struct name *name)
{
        size_t start;

        if (!reader_demand(reader, '"', "of a name or text"))
                return false;
        start = reader->at;
        for (; reader->at < reader->length && reader->text[reader->at] != '"'; reader->at++) {
                if ((unsigned char)reader->text[reader->at] < ' ')
                        return reader_refuse(reader, reader->at, 1,
                                             "a text of JSON holds no control character; is a "
                                             "quote missing?");
                if (reader->text[reader->at] == '\\' && reader->at + 1 < reader->length)
                        reader->at++;
        }
        *name = (struct name){reader->text + start, reader->at - start};
        return reader_demand(reader, '"', "at the end of the text");
}

static bool pass_value(struct reader *reader, unsigned depth);

/* What stands between the brackets of an object or array, but for the first of them. */
static bool pass_members(struct reader *reader, char end, unsigned depth)
{
        struct name name;

        if (depth > MAX_DEPTH)
                return reader_refuse(reader, reader->at, 1, "nested more than %d deep", MAX_DEPTH);
        if (reader_pass(reader, end))
                return true;
        do {
                if (end == '}' && (!read_string(reader, &name) ||
                                   !reader_demand(reader, ':', "between a name and its value")))
                        return false;
                if (!pass_value(reader, depth))
                        return false;
        } while (reader_pass(reader, ','));
        return reader_pass(reader, end) || reader_expected(reader, "',' or '%c'", end);
}

/* A number that is of no interest may be of any size and have a fraction. */
static bool pass_number(struct reader *reader)
{
        size_t start = reader->at;

        while (reader->at < reader->length &&
               (memchr("+-.eE", reader->text[reader->at], 5) ||
                (reader->text[reader->at] >= '0' && reader->text[reader->at] <= '9')))
                reader->at++;
        return reader->at > start || reader_expected(reader, "a value of JSON");
}

static bool pass_value(struct reader *reader, unsigned depth)
{
        static const char *const words[] = {"true", "false", "null"};
        struct name name;

        if (next_is(reader, '"'))
                return read_string(reader, &name);
        if (reader_pass(reader, '{'))
                return pass_members(reader, '}', depth + 1);
        if (reader_pass(reader, '['))
                return pass_members(reader, ']', depth + 1);
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
                if (reader_is_word(reader, words[i])) {
                        reader->at += strlen(words[i]);
                        return true;
                }
        return pass_number(reader);
}

enum { CODE, JT, JF, K, FIELDS };

static const struct {
        const char *name;
        uint32_t most;
} fields[FIELDS] = {
    [CODE] = {"code", UINT16_MAX},
    [JT] = {"jt", UINT8_MAX},
    [JF] = {"jf", UINT8_MAX},
    [K] = {"k", UINT32_MAX},
};

static bool read_member(struct reader *reader, uint32_t *values, unsigned *seen)
{
        struct name name;

        if (!read_string(reader, &name) ||
            !reader_demand(reader, ':', "between a name and its value"))
                return false;
        for (unsigned i = 0; i < FIELDS; i++) {
                if (!is(&name, fields[i].name))
                        continue;
                *seen |= 1u << i;
                return reader_field(reader, READER_DECIMAL, fields[i].name, fields[i].most,
                                    &values[i]);
        }
        return pass_value(reader, 0);
}

static bool read_instruction(struct reader *reader)
{
        uint32_t values[FIELDS] = {0};
        unsigned seen = 0;
        size_t start;

        if (!reader_demand(reader, '{', "of an instruction"))
                return false;
        start = reader->at - 1;
        do
                if (!read_member(reader, values, &seen))
                        return false;
        while (reader_pass(reader, ','));
        if (!reader_demand(reader, '}', "at the end of the instruction"))
                return false;
        for (unsigned i = 0; i < FIELDS; i++)
                if (!(seen >> i & 1))
                        return reader_refuse(reader, start, 1, "instruction %u has no \"%s\"",
                                             reader->count, fields[i].name);
        return reader_add(reader, &(struct bpf_insn){(uint16_t)values[CODE], (uint8_t)values[JT],
                                                     (uint8_t)values[JF], values[K]});
}

static bool read_array(struct reader *reader)
{
        if (!reader_demand(reader, '[', "of the instructions"))
                return false;
        if (reader_pass(reader, ']'))
                return true;
        do
                if (!read_instruction(reader))
                        return false;
        while (reader_pass(reader, ','));
        return reader_pass(reader, ']') || reader_expected(reader, "',' or ']'");
}

static bool read_object(struct reader *reader)
{
        bool found = false;
        struct name name;

        reader_pass(reader, '{');
        do {
                if (!read_string(reader, &name) ||
                    !reader_demand(reader, ':', "between a name and its value"))
                        return false;
                reader_at_end(reader);
                if (is(&name, "instructions") && found)
                        return reader_refuse(reader, reader->at, 1, "a second \"instructions\"");
                if (is(&name, "instructions"))
                        found = read_array(reader);
                if (is(&name, "instructions") ? !found : !pass_value(reader, 1))
                        return false;
        } while (reader_pass(reader, ','));
        if (!reader_pass(reader, '}'))
                return reader_expected(reader, "',' or '}'");
        return found || reader_refuse(reader, 0, 1, "the object has no \"instructions\"");
}

bool read_json(struct reader *reader)
{
        if (!(next_is(reader, '[') ? read_array(reader) : read_object(reader)))
                return false;
        return reader_at_end(reader) || reader_expected(reader, "the end of the program");
}

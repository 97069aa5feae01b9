/* Reading programs as text: the forms made of numbers, and finding out which form a text has. The
 * program's meaning is not checked: that is check.c's work. */
#include "base/array.h"
#include "reader.h"

#include <stdlib.h>
#include <string.h>

/* Reads opcode, jt, jf and k of an instruction; in C with commas between and suffixes behind. */
static bool read_fields(struct reader *reader, bool c)
{
        static const struct {
                const char *name;
                uint32_t most;
                const char *comma; /* where it stands */
        } fields[] = {
            {"opcode", UINT16_MAX, "behind the opcode"},
            {"jt", UINT8_MAX, "behind jt"},
            {"jf", UINT8_MAX, "behind jf"},
            {"k", UINT32_MAX, NULL},
        };
        uint32_t values[array_count(fields)];

        for (size_t i = 0; i < array_count(fields); i++) {
                if (!reader_field(reader, c ? READER_C : READER_DECIMAL, fields[i].name,
                                  fields[i].most, &values[i]))
                        return false;
                while (c && reader_peek(reader) && strchr("uUlL", reader_peek(reader)))
                        reader->at++;
                if (c && fields[i].comma && !reader_demand(reader, ',', fields[i].comma))
                        return false;
        }
        reader_pass(reader, ',');
        return reader_add(reader, &(struct bpf_insn){(uint16_t)values[0], (uint8_t)values[1],
                                                     (uint8_t)values[2], values[3]});
}

/* -ddd: the number of instructions, then the fields of each. A comma may take the place of a line's
 * end, as iptables and tc want it. */
bool read_numbers(struct reader *reader)
{
        uint32_t count;

        if (!reader_number(reader, READER_DECIMAL, "the number of instructions", UINT32_MAX,
                           &count))
                return false;
        reader_pass(reader, ',');
        while (reader->count < count) {
                if (reader_at_end(reader))
                        return reader_refuse(reader, reader->at, 1,
                                             "the listing ends after %u of the %u instructions "
                                             "that its first number promises",
                                             reader->count, count);
                if (!read_fields(reader, false))
                        return false;
        }
        return reader_at_end(reader) ||
               reader_refuse(reader, reader->at, 1,
                             "the listing goes on after the %u instructions that its first number "
                             "promises",
                             count);
}

/* C: { code, jt, jf, k }, ... as -dd prints them, or with what makes them an array around. */

static bool read_initializer(struct reader *reader)
{
        return reader_demand(reader, '{', "of an instruction") && read_fields(reader, true) &&
               reader_demand(reader, '}', "at the end of the instruction");
}

/* Moves to the first instruction. Returns true if it stands in the braces of an array. */
static bool enter_array(struct reader *reader)
{
        const char *brace = memchr(reader->text + reader->at, '{', reader->length - reader->at);
        struct reader inside = *reader;

        if (!brace)
                return false;
        reader->at = inside.at = (size_t)(brace - reader->text);
        if (!reader_pass(&inside, '{') || reader_at_end(&inside) || reader_peek(&inside) != '{')
                return false;
        reader->at = inside.at;
        return true;
}

bool read_c(struct reader *reader)
{
        bool array = enter_array(reader);

        do {
                if (!read_initializer(reader))
                        return false;
                if (!reader_pass(reader, ',') && !reader_at_end(reader) &&
                    reader_peek(reader) != '}')
                        return reader_expected(reader, "',' or the end of the program");
                if (array && reader_pass(reader, '}'))
                        return true; /* what follows are other declarations */
        } while (!reader_at_end(reader));
        return !array || reader_expected(reader, "'}' at the end of the array");
}

/* The argument of bytecode in a command line of iptables or tc, and nothing else of it. */
static bool read_command(struct reader *reader, size_t argument)
{
        char quote = reader->text[argument];
        const char *end;

        reader->at = argument;
        if (quote == '"' || quote == '\'') {
                reader->at++;
                end = memchr(reader->text + reader->at, quote, reader->length - reader->at);
                if (!end)
                        return reader_refuse(reader, argument, 1, "this quote is not closed");
                reader->length = (size_t)(end - reader->text);
        }
        return read_numbers(reader);
}

/* Where the argument of `bytecode` begins, a number or a quote; `length` if there is none. */
static size_t find_bytecode(const char *text, size_t length)
{
        static const char word[] = "bytecode";

        for (size_t at = 0; at + sizeof word < length; at++) {
                struct reader behind = {.text = text, .length = length, .at = at + strlen(word)};

                if (memcmp(text + at, word, strlen(word)) != 0 ||
                    (at > 0 && text[at - 1] != '-' && !is_blank(text[at - 1])))
                        continue;
                if (reader_peek(&behind) == '=')
                        behind.at++;
                else if (!is_blank(reader_peek(&behind)))
                        continue;
                if (!reader_at_end(&behind) &&
                    (is_digit(reader_peek(&behind)) || reader_peek(&behind) == '"' ||
                     reader_peek(&behind) == '\''))
                        return behind.at;
        }
        return length;
}

/* The length of the comment at `at`: of C, or a line that begins with #. 0 if there is none,
 * more than is left if it is not closed. The // of an address (https://) begins none. */
static size_t comment_length(const char *text, size_t length, size_t at, bool line_start)
{
        char next = at + 1 < length ? text[at + 1] : '\0';
        const char *end;

        if (text[at] == '/' && next == '*') {
                for (size_t i = at + 2; i + 1 < length; i++)
                        if (text[i] == '*' && text[i + 1] == '/')
                                return i + 2 - at;
                return length + 1;
        }
        if (!(text[at] == '/' && next == '/' && (at == 0 || text[at - 1] != ':')) &&
            !(line_start && text[at] == '#'))
                return 0;
        end = memchr(text + at, '\n', length - at);
        return end ? (size_t)(end - text) - at : length - at;
}

/* Puts blanks in the place of all but the ends of lines. */
static void blank(char *text, size_t length)
{
        for (size_t i = 0; i < length; i++)
                text[i] = text[i] == '\n' ? '\n' : ' ';
}

/* A copy with blanks in the place of comments, so that all else stays where it was; NULL, with the
 * error filled, if there is none. */
static char *without_comments(struct reader *reader)
{
        char *copy = malloc(reader->length + 1);
        bool line_start = true;

        if (!copy) {
                reader_out_of_memory(reader);
                return NULL;
        }
        memcpy(copy, reader->text, reader->length);
        copy[reader->length] = '\0';
        for (size_t at = 0; at < reader->length; at++) {
                size_t comment = comment_length(copy, reader->length, at, line_start);

                if (comment > reader->length - at) {
                        reader_refuse(reader, at, 2, "this comment is not closed");
                        free(copy);
                        return NULL;
                }
                blank(copy + at, comment);
                line_start = copy[at] == '\n' || (line_start && is_blank(copy[at]));
        }
        return copy;
}

/* True if a brace stands in it, but for assembler's comments from a ; to the end of the line. */
static bool has_brace(const char *text)
{
        while (*(text += strcspn(text, "{;")) == ';')
                text += strcspn(text, "\n");
        return *text == '{';
}

static void blank_assembler_comments(char *text)
{
        for (; *(text += strcspn(text, ";")); text += strcspn(text, "\n"))
                blank(text, strcspn(text, "\n"));
}

static bool is_json(const char *text, size_t length)
{
        struct reader reader = {.text = text, .length = length};

        if (reader_pass(&reader, '['))
                return true;
        return reader_pass(&reader, '{') && !reader_at_end(&reader) && reader_peek(&reader) == '"';
}

/* The first thing in a text tells its form; comments are no thing. */
static bool read_form(struct reader *reader, char *text)
{
        size_t argument;

        if (reader_at_end(reader))
                return reader_refuse(reader, reader->at, 1, "there is no program in it");
        if (is_digit(reader_peek(reader)))
                return read_numbers(reader);
        if (reader_peek(reader) == '"' || reader_peek(reader) == '\'')
                return read_command(reader, reader->at);
        argument = find_bytecode(reader->text, reader->length);
        if (argument < reader->length)
                return read_command(reader, argument);
        if (has_brace(text))
                return read_c(reader);
        blank_assembler_comments(text);
        return read_assembler(reader);
}

static bool read_any(struct reader *reader)
{
        const char *given = reader->text;
        bool done;
        char *text;

        if (is_json(reader->text, reader->length))
                return read_json(reader);
        text = without_comments(reader);
        if (!text)
                return false;
        reader->text = text;
        done = read_form(reader, text);
        free(text);
        reader->text = given;
        return done;
}

static int read_with(bool (*read)(struct reader *reader), const char *text, size_t length,
                     struct bpf_program *program, struct error *error)
{
        struct reader reader = {.text = text, .length = length, .error = error};

        *program = (struct bpf_program){0};
        *error = (struct error){.offset = ERROR_NO_OFFSET};
        if (read(&reader) &&
            (reader.instructions || reader_make_room(&reader))) { /* also an empty one */
                *program = (struct bpf_program){reader.count, reader.instructions};
                return 0;
        }
        free(reader.instructions);
        return -1;
}

int cbpf_read_ddd(const char *text, size_t length, struct bpf_program *program, struct error *error)
{
        return read_with(read_numbers, text, length, program, error);
}

int cbpf_read(const char *text, size_t length, struct bpf_program *program, struct error *error)
{
        return read_with(read_any, text, length, program, error);
}

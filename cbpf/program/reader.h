/* Reading programs: what the readers of all forms share. A reader stops at the first error, and its
 * message names the token found and what was expected. Memory is bounded by the size of the text.
 */
#pragma once

#include "program.h"

struct reader {
        const char *text; /* not ended by a NUL */
        size_t length;
        size_t at;
        struct bpf_insn *instructions;
        uint32_t count, room;
        struct error *error;
};

/* ASCII only, whatever the locale. */
static inline bool is_blank(char c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static inline bool is_letter(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* The byte at the reader's place; NUL at the end. */
static inline char reader_peek(const struct reader *reader)
{
        return reader->at < reader->length ? reader->text[reader->at] : '\0';
}

/* Fills the error, about `length` bytes at `offset`; returns false. */
__attribute__((format(printf, 4, 5))) bool reader_refuse(struct reader *reader, size_t offset,
                                                         size_t length, const char *format, ...);

/* The same for want of memory. */
bool reader_out_of_memory(struct reader *reader);

/* Refuses what is at the reader's place, naming it and what was expected; returns false. */
__attribute__((format(printf, 2, 3))) bool reader_expected(struct reader *reader,
                                                           const char *expected, ...);

/* Passes white space. Returns true if nothing follows. */
bool reader_at_end(struct reader *reader);

/* Passes white space, then `c` if it stands there; returns whether it did. */
bool reader_pass(struct reader *reader, char c);

/* The same, and refuses if `c` does not stand there; `expected` is what it ends or begins. */
bool reader_demand(struct reader *reader, char c, const char *expected);

/* The length of the word at the reader's place: letters, digits and _, not beginning with a digit;
 * 0 if there is none. */
size_t reader_word(const struct reader *reader);

/* True if that word is this one. */
bool reader_is_word(const struct reader *reader, const char *word);

/* How a form writes numbers. */
enum reader_base {
        READER_DECIMAL,
        READER_C,      /* also 0x and, behind a 0, octal */
        READER_SIGNED, /* the same, with a sign in front; down to -2^31, two's complement */
};

/* Reads a number up to `most`. `name` is what it says, for messages. */
bool reader_number(struct reader *reader, enum reader_base base, const char *name, uint32_t most,
                   uint32_t *number);

/* The same for a field ("jt") of the instruction that is read now. */
bool reader_field(struct reader *reader, enum reader_base base, const char *field, uint32_t most,
                  uint32_t *number);

/* Makes room for another instruction. */
bool reader_make_room(struct reader *reader);

/* Appends an instruction. */
bool reader_add(struct reader *reader, const struct bpf_insn *instruction);

/* The readers; each takes all of the text from the reader's place on. */
bool read_numbers(struct reader *reader);   /* -ddd, or in one line */
bool read_c(struct reader *reader);         /* -dd, or within a declaration */
bool read_assembler(struct reader *reader); /* bpf_asm's language, and -d */
bool read_json(struct reader *reader);

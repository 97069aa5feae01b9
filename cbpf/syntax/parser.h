/* What the parts of the parser share: parse.c (operators and parentheses), primitive.c (tests of
 * one word), operand.c (qualified values). */
#pragma once

#include "lex.h"
#include "syntax.h"

struct parser {
        struct lexer lexer;
        struct token token;    /* the next one */
        struct token previous; /* the one before, for messages */
        unsigned flags;
        const struct cbpf_sets *sets;
        const struct tree *unread; /* the first set of a file that is not among them, or NULL */
        unsigned layers;           /* how many `deep`, `outer` and `inner` are open */
        struct arena *arena;
        struct error *error;
};

/* Moves on to the next token. False, here and everywhere below: `error` is filled. */
bool parse_advance(struct parser *parser);

/* Refuses the next token: "HERE, not TOKEN", with a nearest word where it is an unknown one.
 * Always returns false. */
__attribute__((format(printf, 2, 3))) bool parse_refuse_token(struct parser *parser,
                                                              const char *format, ...);

/* Refuses `length` bytes at `offset`; false. */
#define parse_refuse(parser, offset, length, ...) \
        (error_at((parser)->error, offset, length, __VA_ARGS__), false)

/* The same about a token. */
#define parse_refuse_this(parser, token, ...) \
        parse_refuse(parser, (token).offset, (token).length, __VA_ARGS__)

bool parse_out_of_memory(struct parser *parser);

/* The token as it is written, quoted; of `\name`, that is more than its text. */
char *parse_quote(char buffer[QUOTE_SIZE], const struct parser *parser, const struct token *token);

/* Whether it is `\name`, which no word of the language can be meant by. */
static inline bool parse_is_escaped(const struct parser *parser, const struct token *token)
{
        return parser->lexer.text[token->offset] == '\\';
}

/* The bytes from `offset` to the end of the previous token. */
static inline uint32_t parse_span(const struct parser *parser, uint32_t offset)
{
        return parser->previous.offset + parser->previous.length - offset;
}

/* A node of the text from `offset` to the end of the previous token; NULL with `error` filled
 * when memory is short. */
struct tree *parse_node(struct parser *parser, enum tree_kind kind, uint32_t offset);

/* The same with a test. */
struct tree *parse_test(struct parser *parser, enum tree_kind kind, uint32_t offset,
                        const struct tree_test *test);

/* The same with `operands`, a list of `count` through `next`. */
struct tree *parse_operator(struct parser *parser, enum tree_kind kind, uint32_t offset,
                            struct tree *operands, uint32_t count);

/* NUM: reads a number with nothing around it. `after` is the word that needs it. */
bool parse_plain_number(struct parser *parser, const char *after, uint32_t *number);

/* pnum: a number in any parentheses. */
bool parse_wrapped_number(struct parser *parser, const char *after, uint32_t *number);

/* primitive.c: a test that begins with the next token and takes no value with qualifiers. A
 * `protocol` may have been read before it. `taken` is false if the next token begins none. */
bool parse_primitive(struct parser *parser, uint8_t protocol, uint32_t offset, bool *taken,
                     struct tree **tree);

/* dialect.c: whether the token can be one of filt's own words. */
bool dialect_is_word(const struct token *token);

/* dialect.c: whether the next token is one of filt's own words. `inherits`: it would be the value
 * of qualifiers before it if it were a name. */
bool dialect_begins(const struct parser *parser, bool inherits);

/* dialect.c: reads that word: a whole test, or `deep`, `outer` or `inner`: then `*layers` is its
 * number (enum tree_layers), and `*tree` NULL. */
bool parse_dialect(struct parser *parser, int *layers, struct tree **tree);

/* suggestion.c: adds to the message of an error what to write instead, where that can be guessed.
 */
void suggest(const char *expression, struct error *error);

/* operand.c: whether the next token is a value that `qualifiers` can be applied to. */
bool operand_begins(const struct parser *parser);

/* operand.c: reads a value that is no number alone and applies `qualifiers`. */
bool parse_operand(struct parser *parser, struct tree_qualifiers qualifiers, struct tree **tree);

/* operand.c: applies `qualifiers` to a name, which is `length` bytes at `offset`. */
bool operand_name(struct parser *parser, struct tree_qualifiers qualifiers, uint32_t offset,
                  uint32_t length, struct tree **tree);

/* set_operand.c: whether the next token is the `in` before a set. In the place of a value, `in` is
 * also a name, as it is to libpcap; then the expression ends behind it, or one of `)`, `and` and
 * `or` follows. */
bool set_begins(const struct parser *parser);

/* set_operand.c: reads a set and applies `qualifiers`. */
bool parse_set(struct parser *parser, struct tree_qualifiers qualifiers, struct tree **tree);

/* operand.c: applies `qualifiers` to a number, whose text is `length` bytes at `offset`. */
bool operand_number(struct parser *parser, struct tree_qualifiers qualifiers, uint32_t number,
                    uint32_t offset, uint32_t length, struct tree **tree);

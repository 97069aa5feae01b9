/* The parser: moving from token to token, messages, and making nodes. */
#include "parser.h"

#include <stdarg.h>
#include <stdio.h>

bool parse_advance(struct parser *parser)
{
        parser->previous = parser->token;
        return lex_token(&parser->lexer, &parser->token, parser->error);
}

char *parse_quote(char buffer[QUOTE_SIZE], const struct parser *parser, const struct token *token)
{
        return error_quote(buffer, parser->lexer.text + token->offset, token->length);
}

bool parse_refuse_token(struct parser *parser, const char *format, ...)
{
        const struct token *token = &parser->token;
        const char *nearest = NULL;
        char here[256], quoted[QUOTE_SIZE];
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(here, sizeof here, format, arguments);
        va_end(arguments);
        if (token->kind == TOKEN_END) {
                /* The end is no byte to point at: point at what it comes after. */
                const struct token *last = &parser->previous;

                return parse_refuse(parser, last->offset, last->length ? last->length : 1,
                                    "%s, but the expression ends here", here);
        }
        parse_quote(quoted, parser, token);
        if (token->kind == TOKEN_NAME && !parse_is_escaped(parser, token))
                nearest = lex_nearest_word(token->text, token->text_length);
        return parse_refuse_this(parser, *token, "%s, not %s%s%s%s", here, quoted,
                                 nearest ? "; did you mean '" : "", nearest ? nearest : "",
                                 nearest ? "'?" : "");
}

bool parse_out_of_memory(struct parser *parser)
{
        error_memory(parser->error);
        return false;
}

struct tree *parse_node(struct parser *parser, enum tree_kind kind, uint32_t offset)
{
        struct tree *node = arena_take(parser->arena, sizeof *node);

        if (!node) {
                parse_out_of_memory(parser);
                return NULL;
        }
        node->kind = (uint8_t)kind;
        node->offset = offset;
        node->length = parse_span(parser, offset);
        return node;
}

struct tree *parse_test(struct parser *parser, enum tree_kind kind, uint32_t offset,
                        const struct tree_test *test)
{
        struct tree_test *copy = arena_take(parser->arena, sizeof *copy);
        struct tree *node = parse_node(parser, kind, offset);

        if (!copy || !node) {
                parse_out_of_memory(parser);
                return NULL;
        }
        *copy = *test;
        node->test = copy;
        return node;
}

struct tree *parse_operator(struct parser *parser, enum tree_kind kind, uint32_t offset,
                            struct tree *operands, uint32_t count)
{
        struct tree *node = parse_node(parser, kind, offset);

        if (!node)
                return NULL;
        node->operands = operands;
        node->operand_count = count;
        for (; operands; operands = operands->next)
                operands->parent = node;
        return node;
}

bool parse_plain_number(struct parser *parser, const char *after, uint32_t *number)
{
        if (parser->token.kind != TOKEN_NUMBER)
                return parse_refuse_token(parser, "'%s' needs a number after it", after);
        *number = parser->token.number;
        return parse_advance(parser);
}

/* pnum: NUM | paren pnum ')' */
bool parse_wrapped_number(struct parser *parser, const char *after, uint32_t *number)
{
        size_t depth = 0;

        for (; parser->token.kind == TOKEN_OPEN; depth++)
                if (!parse_advance(parser))
                        return false;
        if (!parse_plain_number(parser, after, number))
                return false;
        for (; depth; depth--) {
                if (parser->token.kind != TOKEN_CLOSE)
                        return parse_refuse_token(parser, "missing ')' after the number");
                if (!parse_advance(parser))
                        return false;
        }
        return true;
}

/* Tokens of a filter expression. */
#pragma once

#include "cbpf/cbpf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum token_kind {
        TOKEN_END,

        /* `value` of TOKEN_ARITHMETIC and TOKEN_COMPARISON is an enum tree_operator. */
        TOKEN_OPEN,
        TOKEN_CLOSE,
        TOKEN_OPEN_INDEX,
        TOKEN_CLOSE_INDEX,
        TOKEN_COLON,
        TOKEN_COMPARISON,
        TOKEN_ARITHMETIC, /* also `/` before a prefix length, `|` and `&` of `byte` */

        TOKEN_AND,
        TOKEN_OR,
        TOKEN_NOT,

        /* Operands. */
        TOKEN_NUMBER, /* `number` */
        TOKEN_NAME, /* `text` of `text_length` bytes, without the backslash; to TOKEN_ARCNET: values
                     */
        TOKEN_IPV4, /* two to four numbers with dots between */
        TOKEN_IPV6, /* `ipv6` */
        TOKEN_MAC,  /* `mac` */
        TOKEN_ARCNET, /* `number` */

        /* Words; `value` says which. */
        TOKEN_PROTOCOL,  /* enum tree_protocol */
        TOKEN_DIRECTION, /* enum tree_direction */
        TOKEN_TYPE,      /* enum tree_type */
        TOKEN_MASK,
        TOKEN_LENGTH,
        TOKEN_TEST,        /* enum tree_kind: a test of one word */
        TOKEN_TEST_NUMBER, /* enum tree_kind: needs a number */
        TOKEN_TEST_LABEL,  /* enum tree_kind: takes a number or none */
        TOKEN_TEST_TEXT,   /* enum tree_kind: needs a name */
        TOKEN_CAST,        /* enum tree_kind: broadcast or multicast */
        TOKEN_BYTE,
        TOKEN_REASON,
        TOKEN_ACTION,
        TOKEN_WLAN_TYPE,
        TOKEN_WLAN_SUBTYPE,
        TOKEN_WLAN_DIRECTION,
        TOKEN_LLC,
        TOKEN_ATM,        /* enum tree_atm */
        TOKEN_ATM_FIELD,  /* enum tree_atm_field */
        TOKEN_MTP2,       /* enum tree_mtp2 */
        TOKEN_MTP3_FIELD, /* enum tree_mtp3_field */
};

struct token {
        enum token_kind kind;
        uint8_t value;
        uint32_t offset; /* of its first byte in the expression */
        uint32_t length;
        const char *text; /* in the expression, not ended by a NUL */
        uint32_t text_length;
        uint32_t number;
        union {
                uint8_t mac[6];
                uint8_t ipv6[16];
        };
};

struct lexer {
        const char *text; /* ended by a NUL */
        size_t at;
};

/* Reads the next token. Returns false with `error` filled if there is none. */
bool lex_token(struct lexer *lexer, struct token *token, struct error *error);

/* The length of the MAC address at `text`, 0 if there is none; fills `mac`. */
size_t lex_mac(const char *text, uint8_t mac[6]);

/* Whether it is a word of the language. */
bool lex_is_word(const char *text);

/* The word of the language that `text` may be a misspelling of, or NULL. */
const char *lex_nearest_word(const char *text, size_t length);

/* filt's own words, which are names to libpcap. One of them is taken for a word where libpcap would
 * take no name at all, so that every expression of libpcap's keeps its meaning; within `deep ( )`,
 * where nothing is libpcap's, wherever it stands. A backslash makes a name of it. */
#include "base/array.h"
#include "parser.h"

#include <netinet/in.h>
#include <string.h>

enum dialect_kind {
        DIALECT_LAYERS,
        DIALECT_TUNNEL,
        DIALECT_PORT,
};

static const struct dialect_word {
        const char *text;
        uint8_t kind;
        uint8_t value; /* enum tree_layers, enum tree_tunnel, or the transport protocol of a port */
        uint16_t port;
} words[] = {
    {"deep", DIALECT_LAYERS, LAYERS_ANY, 0},    {"outer", DIALECT_LAYERS, LAYERS_OUTER, 0},
    {"inner", DIALECT_LAYERS, LAYERS_INNER, 0}, {"vni", DIALECT_TUNNEL, TUNNEL_VNI, 0},
    {"vxlan", DIALECT_TUNNEL, TUNNEL_VXLAN, 0}, {"gre", DIALECT_TUNNEL, TUNNEL_GRE, 0},
    {"ipip", DIALECT_TUNNEL, TUNNEL_IPIP, 0},   {"gtp", DIALECT_TUNNEL, TUNNEL_GTP, 0},
    {"http", DIALECT_PORT, IPPROTO_TCP, 80},    {"tls", DIALECT_PORT, IPPROTO_TCP, 443},
    {"ssh", DIALECT_PORT, IPPROTO_TCP, 22},     {"dns", DIALECT_PORT, 0, 53},
};

enum {
        MAX_NETWORK = 0xffffff, /* of VXLAN and Geneve */
        MAX_LAYERS_DEPTH = 32,
};

static const struct dialect_word *word_of(const struct token *token)
{
        if (token->kind != TOKEN_NAME || token->length != token->text_length)
                return NULL; /* with a backslash */
        for (size_t i = 0; i < array_count(words); i++)
                if (strlen(words[i].text) == token->text_length &&
                    memcmp(words[i].text, token->text, token->text_length) == 0)
                        return &words[i];
        return NULL;
}

const char *cbpf_dialect_word(size_t index)
{
        return index < array_count(words) ? words[index].text : NULL;
}

const char *cbpf_word(size_t index)
{
        size_t keywords = 0;

        if (cbpf_keyword(index))
                return cbpf_keyword(index);
        while (cbpf_keyword(keywords))
                keywords++;
        return cbpf_dialect_word(index - keywords);
}

bool dialect_is_word(const struct token *token)
{
        return word_of(token);
}

static bool parenthesis_follows(const struct parser *parser)
{
        const char *rest = parser->lexer.text + parser->lexer.at;

        return rest[strspn(rest, " \t\r\n")] == '(';
}

bool dialect_begins(const struct parser *parser, bool inherits)
{
        const struct dialect_word *word = word_of(&parser->token);

        if (!word)
                return false;
        return !inherits || parser->layers > 0 ||
               (word->kind == DIALECT_LAYERS && parenthesis_follows(parser));
}

static bool refuse_outside(struct parser *parser, const struct token *token,
                           const struct dialect_word *word)
{
        static const char *const instead[TUNNELS] = {
            [TUNNEL_VNI] = "",
            [TUNNEL_VXLAN] = ", or 'udp dst port 4789' for what carries it",
            [TUNNEL_GRE] = ", or 'proto 47' for what carries it",
            [TUNNEL_IPIP] = ", or 'proto 4' for what carries it",
            [TUNNEL_GTP] = ", or 'udp dst port 2152' for what carries it",
        };

        return parse_refuse_this(
            parser, *token,
            "'%s' asks what carries a layer, so it stands within 'deep': write 'deep (%s ...)'%s",
            word->text, word->text, instead[word->value]);
}

/* VNI pnum | VXLAN pnum | VXLAN | GRE | IPIP | GTP */
static bool parse_tunnel(struct parser *parser, const struct token *token,
                         const struct dialect_word *word, struct tree **tree)
{
        struct tree_test test = {.word = word->value};
        uint32_t start = parser->token.offset;

        if (parser->layers == 0)
                return refuse_outside(parser, token, word);
        if (word->value == TUNNEL_VNI ||
            (word->value == TUNNEL_VXLAN && parser->token.kind == TOKEN_NUMBER)) {
                if (!parse_wrapped_number(parser, word->text, &test.number))
                        return false;
                test.has_number = true;
        }
        if (test.number > MAX_NETWORK)
                return parse_refuse(parser, start, parse_span(parser, start),
                                    "%u is no network's number: the highest is %d", test.number,
                                    MAX_NETWORK);
        *tree = parse_test(parser, TREE_TUNNEL, token->offset, &test);
        return *tree;
}

bool parse_dialect(struct parser *parser, int *layers, struct tree **tree)
{
        const struct token token = parser->token;
        const struct dialect_word *word = word_of(&token);
        struct tree_test test = {0};

        *tree = NULL;
        if (!parse_advance(parser))
                return false;
        switch ((enum dialect_kind)word->kind) {
        case DIALECT_LAYERS:
                *layers = word->value;
                return parser->layers < MAX_LAYERS_DEPTH ||
                       parse_refuse_this(parser, token, "'%s' is nested more than %d deep",
                                         word->text, MAX_LAYERS_DEPTH);
        case DIALECT_TUNNEL: return parse_tunnel(parser, &token, word, tree);
        default:
                test.qualifiers.type = TYPE_PORT;
                if (word->value == IPPROTO_TCP)
                        test.qualifiers.protocol = PROTOCOL_TCP;
                test.ports.first = test.ports.last = word->port;
                test.ports.transport = word->value;
                *tree = parse_test(parser, TREE_PORT, token.offset, &test);
                return *tree;
        }
}

/* Sets in an expression: `in FILE` and `in {VALUE, …}` where a value may stand. The name of a file
 * is a word or stands in quotes; it is no token of the language, so it is read byte by byte. */
#include "base/text.h"
#include "parser.h"
#include "set.h"

#include <netinet/in.h>
#include <string.h>

/* What names of files without quotes are made of, and what must be quoted: blanks and signs. */
static bool is_name_byte(char c)
{
        return c != '\0' && !strchr(" \t\r\n()[]{}<>'\"!&|,;=\\$`*?", c);
}

static size_t name_length(const char *text)
{
        size_t length = 0;

        while (is_name_byte(text[length]))
                length++;
        return length;
}

static const char *behind_blanks(const char *text)
{
        return text + strspn(text, " \t\r\n");
}

bool set_begins(const struct parser *parser)
{
        const struct token *token = &parser->token;
        const char *next = behind_blanks(parser->lexer.text + parser->lexer.at);
        size_t length = name_length(next);

        if (token->kind != TOKEN_NAME || token->length != 2 || memcmp(token->text, "in", 2) != 0)
                return false;
        if (*next == '{' || *next == '"' || *next == '\'')
                return true;
        return length > 0 && !(length == 3 && memcmp(next, "and", 3) == 0) &&
               !(length == 2 && memcmp(next, "or", 2) == 0);
}

struct reading {
        struct parser *parser;
        struct tree_qualifiers qualifiers;
        struct set set;
        struct tree *first, **end; /* the tests of names, a list */
        uint32_t names;
        uint32_t start; /* of `in` */
};

#define REFUSE(reading, at, length, ...)                                                        \
        parse_refuse((reading)->parser, (size_t)((at) - (reading)->parser->lexer.text), length, \
                     __VA_ARGS__)

/* What kind of values the qualifiers ask for. */
static bool find_kind(struct reading *reading)
{
        struct parser *parser = reading->parser;
        struct tree_qualifiers *qualifiers = &reading->qualifiers;
        uint8_t protocol = qualifiers->protocol;
        bool transport =
            protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP || protocol == PROTOCOL_SCTP;
        bool ip = protocol == PROTOCOL_IP || protocol == PROTOCOL_IP6;
        bool none = protocol == PROTOCOL_DEFAULT;
        bool fits = true;

        switch (qualifiers->type) {
        case TYPE_DEFAULT:
        case TYPE_HOST:
        case TYPE_NET:
                reading->set.kind = protocol == PROTOCOL_LINK ? SET_MACS : SET_HOSTS;
                fits = none || ip || protocol == PROTOCOL_ARP || protocol == PROTOCOL_RARP ||
                       (protocol == PROTOCOL_LINK && qualifiers->type != TYPE_NET);
                break;
        case TYPE_PORT:
        case TYPE_PORTRANGE:
                reading->set.kind = SET_PORTS;
                fits = none || transport;
                break;
        case TYPE_PAIR:
                reading->set.kind = SET_PAIRS;
                fits = none || ip || transport;
                break;
        default:
                return parse_refuse_this(parser, parser->token,
                                         "'in' needs a word before it that says what is in the "
                                         "set: 'host', 'net', 'port', 'ether host', 'host:port'");
        }
        if (!fits)
                return parse_refuse_this(parser, parser->token, "'%s' has no set of %s to test",
                                         tree_protocol_names[protocol],
                                         reading->set.kind == SET_PORTS ? "ports" : "addresses");
        if (qualifiers->direction >= DIRECTION_ADDR1 && reading->set.kind != SET_MACS)
                return parse_refuse_this(parser, parser->token,
                                         "'%s' is for MAC addresses of 802.11",
                                         tree_direction_names[qualifiers->direction]);
        return true;
}

/* A name between braces becomes a test of its own. */
static bool add_name(struct reading *reading, const char *text, size_t length, const char *wrong)
{
        struct parser *parser = reading->parser;
        char quoted[QUOTE_SIZE];
        bool letters = false;

        for (size_t i = 0; i < length; i++)
                letters |= (text[i] | 0x20) >= 'a' && (text[i] | 0x20) <= 'z';
        if (!letters || reading->set.kind == SET_PAIRS || memchr(text, ':', length) ||
            memchr(text, '/', length))
                return REFUSE(reading, text, (uint32_t)length, "%s %s",
                              error_quote(quoted, text, length), wrong);
        if (parser->flags & PARSE_NO_NAMES) {
                reading->set.has_names = true;
                return true;
        }
        if (!operand_name(parser, reading->qualifiers, (uint32_t)(text - parser->lexer.text),
                          (uint32_t)length, reading->end))
                return false;
        reading->end = &(*reading->end)->next;
        reading->names++;
        return true;
}

/* '{' entries '}', with commas or blanks between entries. Moves `*at` behind it. */
static bool read_braces(struct reading *reading, const char **at)
{
        const char *open = (*at)++;

        for (;;) {
                const char *entry, *wrong;
                size_t length;

                *at += strspn(*at, ", \t\r\n");
                entry = *at;
                length = strcspn(entry, ", \t\r\n{}()\"'");
                if (*entry == '}') {
                        ++*at;
                        return true;
                }
                if (*entry == '\0')
                        return REFUSE(reading, open, 1, "missing '}' for this '{'");
                if (length == 0)
                        return REFUSE(reading, entry, 1, "'%c' cannot stand in a set", *entry);
                *at += length;
                wrong = set_add(&reading->set, entry, length);
                if (wrong == set_out_of_memory)
                        return parse_out_of_memory(reading->parser);
                if (wrong && !add_name(reading, entry, length, wrong))
                        return false;
        }
}

/* A word, or text in quotes with \ before those in it. Returns it in `*name`. */
static bool read_name(struct reading *reading, const char **at, const char **name)
{
        char quote = **at == '"' || **at == '\'' ? *(*at)++ : '\0', *copy;
        const char *start = *at, *end = start;
        size_t length = 0;

        if (quote)
                while (*end != '\0' && *end != quote)
                        end += *end == '\\' && end[1] != '\0' ? 2 : 1;
        else
                end += name_length(end);
        if (quote && *end == '\0')
                return REFUSE(reading, start - 1, 1, "missing %c that ends the file's name", quote);
        copy = arena_take(reading->parser->arena, (size_t)(end - start) + 1);
        if (!copy)
                return parse_out_of_memory(reading->parser);
        for (const char *from = start; from < end; from++)
                copy[length++] = quote && *from == '\\' && from + 1 < end ? *++from : *from;
        *at = quote ? end + 1 : end;
        if (length == 0)
                return REFUSE(reading, start - 1, 2, "a file's name cannot be empty");
        if (strcmp(copy, "-") == 0)
                return REFUSE(reading, start, 1,
                              "'-' is no file: a set comes from a file with a name");
        *name = copy;
        return true;
}

/* Copies an array into the arena. */
#define KEEP(parser, array, count) \
        ((count) == 0 || ((array) = keep((parser)->arena, (array), (count) * sizeof *(array))))

static void *keep(struct arena *arena, const void *bytes, size_t size)
{
        void *copy = arena_take(arena, size);

        return copy ? memcpy(copy, bytes, size) : NULL;
}

/* The values between braces, which live as long as the tree. */
static const struct set *keep_set(struct parser *parser, const struct set *set)
{
        struct set *kept = keep(parser->arena, set, sizeof *set);
        bool pairs = set->kind == SET_PAIRS;

        if (!kept || !KEEP(parser, kept->ipv4, kept->ipv4_count) ||
            !KEEP(parser, kept->ipv6, kept->ipv6_count) ||
            !KEEP(parser, kept->ports, kept->port_count) ||
            !KEEP(parser, kept->macs, kept->mac_count) ||
            (pairs && (!KEEP(parser, kept->ipv4_ports, kept->ipv4_count) ||
                       !KEEP(parser, kept->ipv6_ports, kept->ipv6_count)))) {
                parse_out_of_memory(parser);
                return NULL;
        }
        return kept;
}

/* The test of the set; of both ends, a test of each. */
static struct tree *make_leaf(struct reading *reading, struct tree_test *test)
{
        struct parser *parser = reading->parser;
        struct tree *source, *destination;

        test->qualifiers = reading->qualifiers;
        test->word = reading->set.kind;
        if (reading->qualifiers.direction != DIRECTION_AND)
                return parse_test(parser, TREE_SET, reading->start, test);
        test->qualifiers.direction = DIRECTION_SRC;
        source = parse_test(parser, TREE_SET, reading->start, test);
        test->qualifiers.direction = DIRECTION_DST;
        destination = parse_test(parser, TREE_SET, reading->start, test);
        if (!source || !destination)
                return NULL;
        source->next = destination;
        return parse_operator(parser, TREE_AND, reading->start, source, 2);
}

/* The test of the set, and those of names beside it, joined by `or`. */
static bool make_tests(struct reading *reading, struct tree_test *test, struct tree **tree)
{
        struct parser *parser = reading->parser;
        struct tree *leaf = make_leaf(reading, test);

        if (!leaf)
                return false;
        leaf->next = reading->first;
        *tree = reading->names
                    ? parse_operator(parser, TREE_OR, reading->start, leaf, reading->names + 1)
                    : leaf;
        return *tree;
}

static bool read_set(struct reading *reading, struct tree **tree)
{
        struct parser *parser = reading->parser;
        const char *at = behind_blanks(parser->lexer.text + parser->lexer.at);
        uint32_t offset = parser->token.offset;
        struct tree_test test = {0};

        if (*at == '{' ? !read_braces(reading, &at) : !read_name(reading, &at, &test.set.file))
                return false;
        if (!test.set.file && !(test.set.values = keep_set(parser, &reading->set)))
                return false;
        /* What was read becomes one token. */
        parser->lexer.at = (size_t)(at - parser->lexer.text);
        parser->token.length = (uint32_t)parser->lexer.at - offset;
        if (test.set.file && !(parser->flags & (PARSE_NO_NAMES | PARSE_NO_SETS)))
                test.set.values = sets_find(parser->sets, test.set.file, reading->set.kind);
        if (!parse_advance(parser) || !make_tests(reading, &test, tree))
                return false;
        if (!test.set.values && !parser->unread)
                parser->unread = *tree;
        return true;
}

bool parse_set(struct parser *parser, struct tree_qualifiers qualifiers, struct tree **tree)
{
        struct reading reading = {
            .parser = parser, .qualifiers = qualifiers, .start = parser->token.offset};
        bool done;

        reading.end = &reading.first;
        done = find_kind(&reading) && read_set(&reading, tree);
        set_free(&reading.set);
        return done;
}

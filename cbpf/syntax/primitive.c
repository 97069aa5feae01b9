/* Tests that are not "qualifiers, value": a protocol alone, and words with what follows them. The
 * words are in the table of lex.c. */
#include "base/array.h"
#include "parser.h"

#include <string.h>
#include <strings.h>

struct named {
        const char *name;
        uint32_t number;
};

/* Frame control of 802.11: the type's bits, and type and subtype together. */
enum {
        WLAN_TYPE_MASK = 0x0c,
        WLAN_SUBTYPE_MASK = 0xf0,
        WLAN_MANAGEMENT = 0x00,
        WLAN_CONTROL = 0x04,
        WLAN_DATA = 0x08,
};

static const struct named wlan_types[] = {
    {"data", WLAN_DATA},   {"mgt", WLAN_MANAGEMENT},  {"management", WLAN_MANAGEMENT},
    {"ctl", WLAN_CONTROL}, {"control", WLAN_CONTROL}, {NULL, 0},
};

static const struct named wlan_subtypes[] = {
    {"assocreq", 0x00},
    {"assoc-req", 0x00},
    {"assocresp", 0x10},
    {"assoc-resp", 0x10},
    {"reassocreq", 0x20},
    {"reassoc-req", 0x20},
    {"reassocresp", 0x30},
    {"reassoc-resp", 0x30},
    {"probereq", 0x40},
    {"probe-req", 0x40},
    {"proberesp", 0x50},
    {"probe-resp", 0x50},
    {"beacon", 0x80},
    {"atim", 0x90},
    {"disassoc", 0xa0},
    {"disassociation", 0xa0},
    {"auth", 0xb0},
    {"authentication", 0xb0},
    {"deauth", 0xc0},
    {"deauthentication", 0xc0},
    {"ps-poll", 0xa4},
    {"rts", 0xb4},
    {"cts", 0xc4},
    {"ack", 0xd4},
    {"cf-end", 0xe4},
    {"cf-end-ack", 0xf4},
    {"data", 0x08},
    {"data-cf-ack", 0x18},
    {"data-cf-poll", 0x28},
    {"data-cf-ack-poll", 0x38},
    {"null", 0x48},
    {"cf-ack", 0x58},
    {"cf-poll", 0x68},
    {"cf-ack-poll", 0x78},
    {"qos-data", 0x88},
    {"qos-data-cf-ack", 0x98},
    {"qos-data-cf-poll", 0xa8},
    {"qos-data-cf-ack-poll", 0xb8},
    {"qos", 0xc8},
    {"qos-cf-poll", 0xe8},
    {"qos-cf-ack-poll", 0xf8},
    {NULL, 0},
};

static const struct named wlan_directions[] = {
    {"nods", 0}, {"tods", 1}, {"fromds", 2}, {"dstods", 3}, {NULL, 0},
};

/* OpenBSD's PFRES_* and PF_*, as FreeBSD and libpcap number them. */
static const struct named pf_reasons[] = {
    {"match", 0},        {"bad-offset", 1},  {"fragment", 2},        {"short", 3},
    {"normalize", 4},    {"memory", 5},      {"bad-timestamp", 6},   {"congestion", 7},
    {"ip-option", 8},    {"proto-cksum", 9}, {"state-mismatch", 10}, {"state-insert", 11},
    {"state-limit", 12}, {"src-limit", 13},  {"synproxy", 14},       {NULL, 0},
};

static const struct named pf_actions[] = {
    {"pass", 0},  {"block", 1},          {"drop", 1},   {"scrub", 2},   {"noscrub", 3},
    {"nat", 4},   {"nonat", 5},          {"binat", 6},  {"nobinat", 7}, {"rdr", 8},
    {"nordr", 9}, {"synproxy-drop", 10}, {"accept", 0}, {NULL, 0},
};

/* The number of a name in a table, whatever its case. */
static bool look_up(const struct named *table, const char *name, size_t length, uint32_t *number)
{
        for (; table->name; table++) {
                if (strlen(table->name) != length || strncasecmp(table->name, name, length) != 0)
                        continue;
                *number = table->number;
                return true;
        }
        return false;
}

static bool refuse_name(struct parser *parser, const char *what, const char *examples)
{
        char quoted[QUOTE_SIZE];

        return parse_refuse_this(parser, parser->token, "unknown %s %s: %s", what,
                                 parse_quote(quoted, parser, &parser->token), examples);
}

/* NUM | ID of `table` */
static bool parse_named(struct parser *parser, const struct named *table, const char *what,
                        const char *examples, uint32_t *number)
{
        const struct token *token = &parser->token;

        if (token->kind == TOKEN_NUMBER)
                return parse_plain_number(parser, what, number);
        if (token->kind != TOKEN_NAME)
                return parse_refuse_token(parser, "expected a %s (%s)", what, examples);
        if (!look_up(table, token->text, token->text_length, number))
                return refuse_name(parser, what, examples);
        return parse_advance(parser);
}

/* pname, alone */
static bool check_protocol(struct parser *parser, uint8_t protocol)
{
        char quoted[QUOTE_SIZE];

        if (protocol != PROTOCOL_LINK && protocol != PROTOCOL_RADIO)
                return true;
        parse_quote(quoted, parser, &parser->previous);
        if (parser->token.kind != TOKEN_END && parser->token.kind != TOKEN_CLOSE &&
            parser->token.kind != TOKEN_AND && parser->token.kind != TOKEN_OR)
                return parse_refuse_token(parser, "%s needs 'host', 'proto', '[' ... after it",
                                          quoted);
        return parse_refuse_this(parser, parser->previous,
                                 "%s alone is no test: it needs 'host', 'proto', '[' ... after it",
                                 quoted);
}

/* pqual TK_BROADCAST | pqual TK_MULTICAST, at the word */
static bool check_cast(struct parser *parser, uint8_t protocol)
{
        bool multicast = parser->token.value == TREE_MULTICAST;

        if (protocol == PROTOCOL_DEFAULT || protocol == PROTOCOL_LINK || protocol == PROTOCOL_IP ||
            (protocol == PROTOCOL_IP6 && multicast))
                return true;
        return parse_refuse_this(parser, parser->token,
                                 multicast
                                     ? "'%s' has no multicast addresses: 'ether', 'ip' and 'ip6' do"
                                     : "'%s' has no broadcast addresses: 'ether' and 'ip' do",
                                 tree_protocol_names[protocol]);
}

/* Reads what follows the word of a test, which is parser->previous, into `test`. */
typedef bool rest_reader(struct parser *parser, enum tree_kind kind, struct tree_test *test);

/* VLAN pnum | VLAN | MPLS pnum | MPLS | PPPOES pnum | PPPOES | GENEVE pnum | GENEVE */
static bool read_label(struct parser *parser, enum tree_kind kind, struct tree_test *test)
{
        static const struct {
                const char *word;
                uint32_t most;
                const char *what;
        } labels[] = {[TREE_VLAN] = {"vlan", 0xfff, "VLAN number"},
                      [TREE_MPLS] = {"mpls", 0xfffff, "MPLS label"},
                      [TREE_PPPOES] = {"pppoes", 0xffff, "PPPoE session"},
                      [TREE_GENEVE] = {"geneve", 0xffffff, "Geneve network number"}};
        uint32_t start = parser->token.offset;

        if (parser->token.kind != TOKEN_NUMBER && parser->token.kind != TOKEN_OPEN)
                return true;
        if (!parse_wrapped_number(parser, labels[kind].word, &test->number))
                return false;
        test->has_number = true;
        return test->number <= labels[kind].most ||
               parse_refuse(parser, start, parse_span(parser, start),
                            "%u is no %s: the highest is %u", test->number, labels[kind].what,
                            labels[kind].most);
}

/* LESS NUM | GREATER NUM | IFINDEX NUM | PF_RNR NUM | PF_SRNR NUM */
static bool read_number(struct parser *parser, enum tree_kind kind, struct tree_test *test)
{
        const struct token *word = &parser->previous;
        char name[16] = "";

        (void)kind;
        memcpy(name, word->text, word->length < sizeof name ? word->length : sizeof name - 1);
        test->has_number = true;
        return parse_plain_number(parser, name, &test->number);
}

/* PF_IFNAME ID | PF_RSET ID */
static bool read_text(struct parser *parser, enum tree_kind kind, struct tree_test *test)
{
        const struct token *name = &parser->token;
        char *text;

        (void)kind;
        if (name->kind != TOKEN_NAME)
                return parse_refuse_token(parser, "expected a name");
        /* The log record's field, which it is compared with, ends in a NUL. */
        if (name->text_length > 15)
                return parse_refuse_this(parser, *name, "the name is longer than 15 characters");
        text = arena_take(parser->arena, name->text_length + 1);
        if (!text)
                return parse_out_of_memory(parser);
        test->text = memcpy(text, name->text, name->text_length);
        return parse_advance(parser);
}

/* CBYTE NUM byteop NUM; byteop: '&' | '|' | '<' | '>' | '=' */
static bool read_byte(struct parser *parser, enum tree_kind kind, struct tree_test *test)
{
        (void)kind;
        if (!parse_plain_number(parser, "byte", &test->index))
                return false;
        switch (parser->token.kind == TOKEN_COMPARISON || parser->token.kind == TOKEN_ARITHMETIC
                    ? parser->token.value
                    : TREE_ADD) {
        case TREE_EQUAL:
        case TREE_GREATER_THAN:
        case TREE_LESS_THAN: test->operation = parser->token.value; break;
        case TREE_BIT_AND: test->operation = TREE_BITS_SET; break;
        case TREE_BIT_OR: test->operation = TREE_BITS_ANY; break;
        default: return parse_refuse_token(parser, "expected one of = < > & |");
        }
        return parse_advance(parser) && parse_plain_number(parser, "the operator", &test->number);
}

/* PF_REASON reason | PF_ACTION action | DIR dir; reason, dir: NUM | ID; action: ID */
static bool read_named(struct parser *parser, enum tree_kind kind, struct tree_test *test)
{
        static const struct {
                const struct named *table;
                const char *what, *examples;
        } sets[] = {
            [TREE_PF_REASON] = {pf_reasons, "reason", "match, short, memory ..."},
            [TREE_PF_ACTION] = {pf_actions, "action", "pass, block, nat, rdr, binat, scrub ..."},
            [TREE_WLAN_DIRECTION] = {wlan_directions, "802.11 direction",
                                     "nods, tods, fromds, dstods"},
        };

        if (kind == TREE_PF_ACTION && parser->token.kind == TOKEN_NUMBER)
                return parse_refuse_token(parser, "expected an action (%s)", sets[kind].examples);
        return parse_named(parser, sets[kind].table, sets[kind].what, sets[kind].examples,
                           &test->number);
}

/* subtype: NUM | ID. The name must belong to the type in `test`, unless `any` does. */
static bool parse_subtype(struct parser *parser, struct tree_test *test, bool any)
{
        static const char examples[] = "beacon, probe-req, rts, ack, data, qos-data ...";
        const struct token token = parser->token;
        uint32_t number;

        test->mask = WLAN_TYPE_MASK | WLAN_SUBTYPE_MASK;
        if (any && token.kind == TOKEN_NUMBER)
                return parse_refuse_token(parser, "expected the name of a subtype (%s)", examples);
        if (token.kind == TOKEN_NAME && !any) {
                /* `data` also names a type, but only one subtype. */
                if (!look_up(wlan_subtypes, token.text, token.text_length, &number) ||
                    (number & WLAN_TYPE_MASK) != test->number)
                        return refuse_name(parser, "802.11 subtype of this type", examples);
                test->number = number;
                return parse_advance(parser);
        }
        if (!parse_named(parser, wlan_subtypes, "802.11 subtype", examples, &number))
                return false;
        if (token.kind == TOKEN_NUMBER && number & ~(uint32_t)WLAN_SUBTYPE_MASK)
                return parse_refuse_this(
                    parser, token,
                    "an 802.11 subtype is a number from 0x00 to 0xf0 in steps of 0x10");
        test->number |= number;
        return true;
}

/* TYPE type | TYPE type SUBTYPE subtype; type: NUM | ID */
static bool read_wlan_type(struct parser *parser, enum tree_kind kind, struct tree_test *test)
{
        (void)kind;
        test->mask = WLAN_TYPE_MASK;
        if (!parse_named(parser, wlan_types, "802.11 type", "mgt, ctl, data", &test->number))
                return false;
        if (test->number & ~(uint32_t)WLAN_TYPE_MASK)
                return parse_refuse_this(parser, parser->previous,
                                         "an 802.11 type is one of the numbers 0, 4, 8 and 12");
        return parser->token.kind != TOKEN_WLAN_SUBTYPE ||
               (parse_advance(parser) && parse_subtype(parser, test, false));
}

/* SUBTYPE type_subtype; type_subtype: ID */
static bool read_wlan_subtype(struct parser *parser, enum tree_kind kind, struct tree_test *test)
{
        (void)kind;
        return parse_subtype(parser, test, true);
}

/* pllc: LLC | LLC ID | LLC PF_RNR */
static bool read_llc(struct parser *parser, enum tree_kind kind, struct tree_test *test)
{
        const struct token *token = &parser->token;
        bool rnr = token->kind == TOKEN_TEST_NUMBER && token->value == TREE_PF_RULE;
        const char *name = rnr ? "rnr" : token->text;
        size_t length = rnr ? strlen(name) : token->text_length;

        (void)kind;
        if (token->kind != TOKEN_NAME && !rnr)
                return true;
        for (const struct tree_llc_kind *at = tree_llc_kinds; at->name; at++)
                if (strlen(at->name) == length && strncasecmp(at->name, name, length) == 0) {
                        test->word = at->word;
                        test->number = at->number;
                        return parse_advance(parser);
                }
        return refuse_name(parser, "kind of LLC frame", "i, s, u, rr, rnr, rej, ui, ua ...");
}

/* atmfieldvalue: NUM */
static bool read_field_value(struct parser *parser, enum tree_kind kind, struct tree_test *test)
{
        static const uint32_t most[] = {
            [MTP3_SIO] = 255,  [MTP3_OPC] = 16383,  [MTP3_DPC] = 16383,  [MTP3_SLS] = 15,
            [MTP3_HSIO] = 255, [MTP3_HOPC] = 16383, [MTP3_HDPC] = 16383, [MTP3_HSLS] = 15};

        if (!parse_plain_number(parser, "the field", &test->number))
                return false;
        return kind == TREE_ATM_FIELD || test->number <= most[test->word] ||
               parse_refuse_this(parser, parser->previous,
                                 "%u is too much for this field: it holds at most %u", test->number,
                                 most[test->word]);
}

/* atmfield atmvalue and mtp3field mtp3value
 * atmvalue: atmfieldvalue | relop NUM | irelop NUM | paren atmlistvalue ')' */
static bool read_field(struct parser *parser, enum tree_kind kind, struct tree_test *test)
{
        test->operation = TREE_EQUAL;
        if (parser->token.kind == TOKEN_OPEN)
                return true; /* parse_field_list() reads it */
        if (parser->token.kind == TOKEN_COMPARISON) {
                test->operation = parser->token.value;
                if (!parse_advance(parser))
                        return false;
        }
        return read_field_value(parser, kind, test);
}

/* paren atmlistvalue ')'; atmlistvalue: atmfieldvalue | atmlistvalue or atmfieldvalue */
static bool parse_field_list(struct parser *parser, enum tree_kind kind, uint32_t offset,
                             struct tree_test *test, struct tree **tree)
{
        struct tree *first = NULL, **end = &first;
        uint32_t count = 0;

        do {
                uint32_t start;

                if (!parse_advance(parser))
                        return false;
                start = parser->token.offset;
                if (!read_field_value(parser, kind, test) ||
                    !(*end = parse_test(parser, kind, start, test)))
                        return false;
                end = &(*end)->next;
                count++;
        } while (parser->token.kind == TOKEN_OR);
        if (parser->token.kind != TOKEN_CLOSE)
                return parse_refuse_token(parser, "expected 'or' or ')'");
        if (!parse_advance(parser))
                return false;
        *tree = first;
        if (count == 1)
                return true;
        *tree = parse_operator(parser, TREE_OR, offset, first, count);
        return *tree;
}

static const struct beginning {
        rest_reader *read;     /* NULL: nothing follows */
        uint8_t kind;          /* 0: the token's value is the kind */
        bool known, qualified; /* a protocol may come before it */
} beginnings[] = {[TOKEN_CAST] = {NULL, 0, true, true},
                  [TOKEN_WLAN_TYPE] = {read_wlan_type, TREE_WLAN_TYPE, true, true},
                  [TOKEN_WLAN_SUBTYPE] = {read_wlan_subtype, TREE_WLAN_TYPE, true, true},
                  [TOKEN_WLAN_DIRECTION] = {read_named, TREE_WLAN_DIRECTION, true, true},
                  [TOKEN_TEST] = {NULL, 0, true, false},
                  [TOKEN_TEST_NUMBER] = {read_number, 0, true, false},
                  [TOKEN_TEST_LABEL] = {read_label, 0, true, false},
                  [TOKEN_TEST_TEXT] = {read_text, 0, true, false},
                  [TOKEN_BYTE] = {read_byte, TREE_BYTE, true, false},
                  [TOKEN_REASON] = {read_named, TREE_PF_REASON, true, false},
                  [TOKEN_ACTION] = {read_named, TREE_PF_ACTION, true, false},
                  [TOKEN_LLC] = {read_llc, TREE_LLC, true, false},
                  [TOKEN_ATM] = {NULL, TREE_ATM, true, false},
                  [TOKEN_MTP2] = {NULL, TREE_MTP2, true, false},
                  [TOKEN_ATM_FIELD] = {read_field, TREE_ATM_FIELD, true, false},
                  [TOKEN_MTP3_FIELD] = {read_field, TREE_MTP3_FIELD, true, false}};

/* other, atype, atmfield atmvalue, mtp2type, mtp3field mtp3value, pname */
bool parse_primitive(struct parser *parser, uint8_t protocol, uint32_t offset, bool *taken,
                     struct tree **tree)
{
        const struct token token = parser->token;
        struct tree_test test = {.qualifiers.protocol = protocol};
        struct beginning beginning = {0};
        enum tree_kind kind = TREE_PROTOCOL;

        if (token.kind < array_count(beginnings))
                beginning = beginnings[token.kind];
        beginning.known &= protocol == PROTOCOL_DEFAULT || beginning.qualified;
        *taken = beginning.known || protocol != PROTOCOL_DEFAULT;
        if (!*taken)
                return true;
        if (beginning.known) {
                kind = beginning.kind ? beginning.kind : token.value;
                test.word = beginning.kind ? token.value : 0;
                if ((token.kind == TOKEN_CAST && !check_cast(parser, protocol)) ||
                    !parse_advance(parser) ||
                    (beginning.read && !beginning.read(parser, kind, &test)))
                        return false;
                if (beginning.read == read_field && parser->previous.offset == token.offset)
                        return parse_field_list(parser, kind, offset, &test, tree);
        } else if (!check_protocol(parser, protocol)) {
                return false;
        }
        *tree = parse_test(parser, kind, offset, &test);
        return *tree;
}

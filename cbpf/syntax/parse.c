/* From an expression to its syntax tree: tests joined by and, or, not and parentheses, and numbers
 * calculated and compared.
 *
 * There is no recursion, so that no text exhausts the stack: what is begun and not finished (an
 * open parenthesis, `not`, half a comparison) is a frame on a stack in memory. The parser
 * alternates between begin(), which reads what can begin a value and pushes frames on the way to
 * it, and finish(), which hands the value to the frames on top until one needs another value.
 *
 * A parenthesis may hold tests, `(tcp or udp)`; values that inherit qualifiers, `port (80 or 443)`;
 * or a number, `(ip[0] & 15) * 4 < len`. A frame says what is wanted inside, and the first value
 * decides. */
#include "base/array.h"
#include "parser.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST_EXPRESSION = 1 << 28 };

enum frame_kind {
        FRAME_GROUP,    /* '(' or the whole expression: tests or values joined by and, or */
        FRAME_NOT,      /* '!' */
        FRAME_LAYERS,   /* deep, outer or inner; `operation` says which */
        FRAME_HEAD,     /* qualifiers waiting for their value */
        FRAME_RELATION, /* arth relop */
        FRAME_OPERATOR, /* arth operator */
        FRAME_NEGATE,   /* '-' */
        FRAME_INDEX,    /* pname '[' */
};

/* What a frame can take. */
enum wants {
        WANT_TEST = 1,   /* a term: a test, or the beginning of a relation */
        WANT_VALUE = 2,  /* an id: a value for qualifiers known before */
        WANT_NUMBER = 4, /* part of a calculation, nothing else */
};

struct frame {
        uint8_t kind;
        uint8_t wants;     /* of a group: until its first test or value is read */
        uint8_t operation; /* of a relation or calculation; of a group: TREE_AND, TREE_OR */
        uint8_t protocol;  /* of an index */
        bool joined;       /* a group has its first test or value */
        bool chained;      /* a group's `tree` is its own AND or OR, to be continued */
        struct tree_qualifiers outer; /* what a group inherits; a head's own qualifiers */
        struct tree_qualifiers inner; /* what the next value in a group inherits */
        uint32_t offset;
        struct tree *tree; /* of a group: so far; else the left operand */
        struct tree *last; /* the last operand of `tree`, if chained */
};

enum value_kind {
        VALUE_PLAIN,  /* pnum: a number that may become a value of qualifiers or of calculations */
        VALUE_NUMBER, /* narth: a number made of more */
        VALUE_ID,     /* nid: a value with its qualifiers */
        VALUE_IDS,    /* paren pid ')' */
        VALUE_TEST,   /* term */
};

struct value {
        uint8_t kind;
        struct tree_qualifiers qualifiers; /* what follows inherits these */
        uint32_t offset;
        uint32_t length;
        uint32_t number;   /* of VALUE_PLAIN */
        struct tree *tree; /* of the others */
};

struct stack {
        struct frame *frames;
        size_t count;
        size_t room;
};

static const struct tree_qualifiers nothing = {.type = TYPE_UNDEFINED};

/* How tightly an operator binds. libpcap's grammar gives % and ^ no precedence, so that all that
 * follows is their right operand: `a % b + c` is `a % (b + c)`. */
static const uint8_t precedences[] = {
    [TREE_BIT_OR] = 1, [TREE_BIT_AND] = 2,  [TREE_SHIFT_LEFT] = 3, [TREE_SHIFT_RIGHT] = 3,
    [TREE_ADD] = 4,    [TREE_SUBTRACT] = 4, [TREE_MULTIPLY] = 5,   [TREE_DIVIDE] = 5,
    [TREE_MODULO] = 0, [TREE_BIT_XOR] = 0,
};

static struct frame *top(struct stack *stack)
{
        return &stack->frames[stack->count - 1];
}

static bool push(struct parser *parser, struct stack *stack, struct frame frame)
{
        if (!array_grow(stack->frames, stack->room, stack->count + 1))
                return parse_out_of_memory(parser);
        stack->frames[stack->count++] = frame;
        return true;
}

static unsigned wants(const struct frame *frame)
{
        if (frame->kind != FRAME_GROUP || !frame->joined)
                return frame->wants;
        /* After the first, values go with values; tests with tests, and values that inherit. */
        return frame->wants & WANT_TEST ? WANT_TEST | WANT_VALUE : WANT_VALUE;
}

static struct tree_qualifiers inherited(const struct frame *frame)
{
        return frame->kind == FRAME_GROUP ? frame->inner : frame->outer;
}

/* A node of two operands, whose text spans both. */
static struct tree *parse_pair(struct parser *parser, enum tree_kind kind, struct tree *left,
                               struct tree *right)
{
        struct tree *node;

        left->next = right;
        node = parse_operator(parser, kind, left->offset, left, 2);
        if (node)
                node->length = right->offset + right->length - left->offset;
        return node;
}

/* A number as part of a calculation: arth: pnum | narth. NULL if memory is short. */
static struct tree *as_number(struct parser *parser, const struct value *value)
{
        struct tree *tree;

        if (value->kind == VALUE_NUMBER)
                return value->tree;
        tree = parse_node(parser, TREE_NUMBER, value->offset);
        if (!tree)
                return NULL;
        tree->number = value->number;
        tree->length = value->length;
        return tree;
}

/* Pops the frame on top, which made a number of `node`. */
static void pop_number(struct stack *stack, struct value *value, struct tree *node)
{
        stack->count--;
        *value = (struct value){.kind = VALUE_NUMBER, .offset = node->offset, .tree = node};
}

static const char *missing_value(const struct tree_qualifiers *qualifiers)
{
        static const char *const needs[TYPES] = {
            [TYPE_DEFAULT] = "a name or address",
            [TYPE_HOST] = "a name or address",
            [TYPE_NET] = "a network's name or address",
            [TYPE_PORT] = "a port number or name",
            [TYPE_PORTRANGE] = "two ports, such as 6000-6008,",
            [TYPE_GATEWAY] = "a name",
            [TYPE_PROTO] = "a protocol number, or a name such as \\tcp,",
            [TYPE_PROTOCHAIN] = "a protocol number, or a name such as \\tcp,",
            [TYPE_PAIR] = "'in' and a file or {...}",
        };

        return needs[qualifiers->type];
}

static bool refuse_begin(struct parser *parser, const struct frame *frame)
{
        const struct token *previous = &parser->previous;
        const struct token *token = &parser->token;
        const char *nearest = NULL;
        char quoted[QUOTE_SIZE];

        parse_quote(quoted, parser, previous);
        if (frame->kind == FRAME_HEAD)
                return parse_refuse_token(parser, "%s needs %s after it", quoted,
                                          missing_value(&frame->outer));
        if (token->kind == TOKEN_END)
                return parse_refuse_this(parser, *previous, "the expression ends after %s", quoted);
        if (wants(frame) == WANT_NUMBER)
                return parse_refuse_token(parser, "%s needs a number after it", quoted);
        parse_quote(quoted, parser, token);
        if (token->kind == TOKEN_NAME && !parse_is_escaped(parser, token))
                nearest = lex_nearest_word(token->text, token->text_length);
        if (nearest)
                return parse_refuse_this(parser, *token, "unknown word %s; did you mean '%s'?",
                                         quoted, nearest);
        if (operand_begins(parser))
                return parse_refuse_this(parser, *token,
                                         "%s needs a word before it that says what it is: 'host', "
                                         "'net', 'port' ...",
                                         quoted);
        if (!previous->length)
                return parse_refuse_this(parser, *token, "%s cannot begin an expression", quoted);
        return parse_refuse_token(parser, "expected a test such as 'tcp' or 'host NAME'");
}

/* dqual: SRC | DST | SRC OR DST | DST OR SRC | SRC AND DST | DST AND SRC | ADDR1 | ... | TA */
static bool parse_direction(struct parser *parser, uint8_t *direction)
{
        uint8_t first = parser->token.value;
        uint8_t other = first == DIRECTION_SRC ? DIRECTION_DST : DIRECTION_SRC;
        bool both;

        *direction = first;
        if (!parse_advance(parser))
                return false;
        both = parser->token.kind == TOKEN_AND;
        if (first > DIRECTION_DST || (!both && parser->token.kind != TOKEN_OR))
                return true;
        *direction = both ? DIRECTION_AND : DIRECTION_OR;
        if (!parse_advance(parser))
                return false;
        if (parser->token.kind != TOKEN_DIRECTION || parser->token.value != other)
                return parse_refuse_token(parser, "'%s %s' needs '%s' after it",
                                          tree_direction_names[first], both ? "and" : "or",
                                          tree_direction_names[other]);
        return parse_advance(parser);
}

/* ':' PORT, after HOST, which is what comes before in the head of a set of pairs */
static bool parse_pair_type(struct parser *parser, struct frame *frame)
{
        if (parser->token.kind != TOKEN_COLON || frame->outer.type != TYPE_HOST)
                return true;
        if (!parse_advance(parser))
                return false;
        if (parser->token.kind != TOKEN_TYPE || parser->token.value != TYPE_PORT)
                return parse_refuse_token(parser, "'host:' needs 'port' after it");
        frame->outer.type = TYPE_PAIR;
        return parse_advance(parser) &&
               (set_begins(parser) ||
                parse_refuse_token(parser, "'host:port' needs 'in' and a file or {...} after it"));
}

/* head: pqual dqual aqual | pqual dqual | pqual aqual | pqual PROTO | pqual PROTOCHAIN |
 *       pqual ndaqual, after pqual
 * aqual: HOST | NET | PORT | PORTRANGE
 * ndaqual: GATEWAY */
static bool parse_head(struct parser *parser, struct stack *stack, uint8_t protocol,
                       uint32_t offset)
{
        struct frame frame = {.kind = FRAME_HEAD, .wants = WANT_VALUE, .offset = offset};
        bool directed = parser->token.kind == TOKEN_DIRECTION;

        frame.outer.protocol = protocol;
        if (directed && !parse_direction(parser, &frame.outer.direction))
                return false;
        if (parser->token.kind == TOKEN_TYPE &&
            (!directed || parser->token.value <= TYPE_PORTRANGE)) {
                frame.outer.type = parser->token.value;
                if (!parse_advance(parser) || !parse_pair_type(parser, &frame))
                        return false;
        }
        return push(parser, stack, frame);
}

/* rterm: head id | pname | other | ...; narth: pname '[' …
 * A test, or the frame of what the protocol begins. `done` says that `value` is complete. */
static bool begin_test(struct parser *parser, struct stack *stack, struct value *value, bool *done)
{
        unsigned wanted = wants(top(stack));
        uint32_t offset = parser->token.offset;
        uint8_t protocol = PROTOCOL_DEFAULT;
        struct token protocol_token = parser->token;

        *done = false;
        if (parser->token.kind == TOKEN_PROTOCOL) {
                protocol = parser->token.value;
                if (!parse_advance(parser))
                        return false;
                if (parser->token.kind == TOKEN_OPEN_INDEX)
                        return parse_advance(parser) && push(parser, stack,
                                                             (struct frame){.kind = FRAME_INDEX,
                                                                            .wants = WANT_NUMBER,
                                                                            .protocol = protocol,
                                                                            .offset = offset});
                if (!(wanted & WANT_TEST)) {
                        char quoted[QUOTE_SIZE];

                        parse_quote(quoted, parser, &protocol_token);
                        return parse_refuse_token(parser, "%s needs '[' after it to be a number",
                                                  quoted);
                }
        }
        if (parser->token.kind == TOKEN_DIRECTION || parser->token.kind == TOKEN_TYPE)
                return parse_head(parser, stack, protocol, offset);
        *value = (struct value){.kind = VALUE_TEST, .qualifiers = nothing, .offset = offset};
        return parse_primitive(parser, protocol, offset, done, &value->tree) &&
               (*done || refuse_begin(parser, top(stack)));
}

/* nid and term: what filt's own words begin. */
static bool begin_dialect(struct parser *parser, struct stack *stack, struct value *value,
                          bool *done)
{
        uint32_t offset = parser->token.offset;
        int layers;

        *value = (struct value){.kind = VALUE_TEST, .qualifiers = nothing, .offset = offset};
        if (!parse_dialect(parser, &layers, &value->tree))
                return false;
        *done = value->tree;
        if (*done)
                return true;
        parser->layers++;
        return push(parser, stack,
                    (struct frame){.kind = FRAME_LAYERS,
                                   .wants = WANT_TEST,
                                   .operation = (uint8_t)layers,
                                   .outer = nothing,
                                   .inner = nothing,
                                   .offset = offset});
}

/* Reads what can begin a value. `done` is false where only a frame was pushed. */
static bool begin(struct parser *parser, struct stack *stack, struct value *value, bool *done)
{
        const struct frame *frame = top(stack);
        unsigned wanted = wants(frame);
        const struct token token = parser->token;
        bool calculable = wanted & (WANT_TEST | WANT_NUMBER);
        struct frame next = {.wants = (uint8_t)wanted,
                             .outer = inherited(frame),
                             .inner = inherited(frame),
                             .offset = token.offset};

        *done = false;
        *value = (struct value){
            .qualifiers = inherited(frame), .offset = token.offset, .length = token.length};
        if (wanted & WANT_TEST && dialect_begins(parser, inherited(frame).type != TYPE_UNDEFINED))
                return begin_dialect(parser, stack, value, done);
        switch (token.kind) {
        case TOKEN_OPEN:
                next.kind = FRAME_GROUP;
                return parse_advance(parser) && push(parser, stack, next);
        case TOKEN_NOT:
                if (wanted == WANT_NUMBER)
                        break;
                next.kind = FRAME_NOT;
                return parse_advance(parser) && push(parser, stack, next);
        case TOKEN_NUMBER:
                *done = true;
                value->kind = VALUE_PLAIN;
                value->number = token.number;
                return parse_advance(parser);
        case TOKEN_LENGTH:
                if (!calculable)
                        break;
                *done = true;
                value->kind = VALUE_NUMBER;
                return parse_advance(parser) &&
                       (value->tree = parse_node(parser, TREE_LENGTH, token.offset));
        case TOKEN_ARITHMETIC:
                if (!calculable || token.value != TREE_SUBTRACT)
                        break;
                next = (struct frame){
                    .kind = FRAME_NEGATE, .wants = WANT_NUMBER, .offset = token.offset};
                return parse_advance(parser) && push(parser, stack, next);
        default:
                if (operand_begins(parser)) {
                        if (!(wanted & WANT_VALUE))
                                break;
                        *done = true;
                        value->kind = VALUE_ID;
                        if (set_begins(parser))
                                return parse_set(parser, value->qualifiers, &value->tree);
                        return parse_operand(parser, value->qualifiers, &value->tree);
                }
                if (wanted & WANT_TEST || (calculable && token.kind == TOKEN_PROTOCOL))
                        return begin_test(parser, stack, value, done);
        }
        return refuse_begin(parser, frame);
}

static bool is_number(const struct value *value)
{
        return value->kind == VALUE_PLAIN || value->kind == VALUE_NUMBER;
}

/* head id */
static bool finish_head(struct parser *parser, struct stack *stack, struct value *value)
{
        struct frame frame = *top(stack);

        if (value->kind == VALUE_PLAIN &&
            !operand_number(parser, frame.outer, value->number, value->offset, value->length,
                            &value->tree))
                return false;
        stack->count--;
        value->kind = VALUE_TEST;
        value->qualifiers = frame.outer;
        /* The text of a single test begins with its qualifiers. */
        if (value->tree->offset > frame.offset && !value->tree->operands) {
                value->tree->length += value->tree->offset - frame.offset;
                value->tree->offset = frame.offset;
        }
        return true;
}

/* arth: '-' arth */
static bool finish_negate(struct parser *parser, struct stack *stack, struct value *value)
{
        struct tree *operand = as_number(parser, value), *node;

        if (!operand ||
            !(node = parse_operator(parser, TREE_NEGATE, top(stack)->offset, operand, 1)))
                return false;
        node->length = operand->offset + operand->length - node->offset;
        pop_number(stack, value, node);
        return true;
}

/* What cannot be calculated whatever the packet. */
static bool check_operator(struct parser *parser, uint8_t operation, const struct tree *right)
{
        const char *wrong = NULL;

        if (right->kind != TREE_NUMBER)
                return true;
        if (operation == TREE_DIVIDE && right->number == 0)
                wrong = "division by zero";
        else if (operation == TREE_MODULO && right->number == 0)
                wrong = "modulus by zero";
        else if ((operation == TREE_SHIFT_LEFT || operation == TREE_SHIFT_RIGHT) &&
                 right->number > 31)
                wrong = "shift by more than 31 bits";
        return !wrong || parse_refuse_this(parser, *right, "%s", wrong);
}

/* arth: arth '+' arth | ... and rterm: arth relop arth */
static bool finish_pair(struct parser *parser, struct stack *stack, struct value *value)
{
        struct frame frame = *top(stack);
        bool relation = frame.kind == FRAME_RELATION;
        struct tree *right = as_number(parser, value), *node;

        if (!right || (!relation && !check_operator(parser, frame.operation, right)))
                return false;
        node = parse_pair(parser, relation ? TREE_RELATION : TREE_CALCULATE, frame.tree, right);
        if (!node)
                return false;
        node->operation = frame.operation;
        pop_number(stack, value, node);
        value->qualifiers = nothing;
        if (relation)
                value->kind = VALUE_TEST;
        return true;
}

/* The headers that can be loaded from; libpcap knows no others. */
static bool has_header(uint8_t protocol)
{
        switch (protocol) {
        case PROTOCOL_AH:
        case PROTOCOL_ESP:
        case PROTOCOL_AARP: return false;
        default: return protocol <= PROTOCOL_MOPDL || protocol == PROTOCOL_RADIO;
        }
}

/* narth: pname '[' arth ']' | pname '[' arth ':' NUM ']' */
static bool finish_index(struct parser *parser, struct stack *stack, struct value *value)
{
        struct frame frame = *top(stack);
        struct tree *offset = as_number(parser, value), *node;
        uint32_t size = 1;

        if (!offset)
                return false;
        if (parser->token.kind == TOKEN_COLON) {
                if (!parse_advance(parser) || !parse_plain_number(parser, ":", &size))
                        return false;
                if (size != 1 && size != 2 && size != 4)
                        return parse_refuse_this(parser, parser->previous,
                                                 "a load is of 1, 2 or 4 bytes");
        }
        if (parser->token.kind != TOKEN_CLOSE_INDEX)
                return parse_refuse_token(parser, "missing ']'");
        if (!parse_advance(parser))
                return false;
        if (!has_header(frame.protocol))
                return parse_refuse(parser, frame.offset, parse_span(parser, frame.offset),
                                    "'%s' has no header that can be loaded from",
                                    tree_protocol_names[frame.protocol]);
        node = parse_operator(parser, TREE_LOAD, frame.offset, offset, 1);
        if (!node)
                return false;
        node->protocol = frame.protocol;
        node->size = (uint8_t)size;
        pop_number(stack, value, node);
        return true;
}

static bool refuse_number(struct parser *parser, const struct value *value)
{
        const struct token *token = &parser->token;

        if (operand_begins(parser) || (token->kind != TOKEN_END && token->kind != TOKEN_CLOSE &&
                                       token->kind != TOKEN_AND && token->kind != TOKEN_OR))
                return parse_refuse_token(parser,
                                          "expected a comparison such as '=' after the number");
        return parse_refuse(
            parser, value->offset, parse_span(parser, value->offset),
            value->kind == VALUE_PLAIN
                ? "a number alone is no test: compare it, or write 'port', 'host' ... before it"
                : "a number alone is no test: compare it, as in 'ip[0] & 15 > 5'");
}

/* A number that nothing is calculated with: as value of the inherited qualifiers. id: pnum */
static bool settle_number(struct parser *parser, const struct frame *frame, struct value *value)
{
        if (!is_number(value))
                return true;
        if (value->kind == VALUE_NUMBER || !(wants(frame) & WANT_VALUE))
                return refuse_number(parser, value);
        value->kind = VALUE_ID;
        value->qualifiers = inherited(frame);
        return operand_number(parser, value->qualifiers, value->number, value->offset,
                              value->length, &value->tree);
}

/* term: not term and nid: not id */
static bool finish_not(struct parser *parser, struct stack *stack, struct value *value)
{
        struct tree *node;

        if (!settle_number(parser, top(stack), value))
                return false;
        node = parse_operator(parser, TREE_NOT, top(stack)->offset, value->tree, 1);
        if (!node)
                return false;
        if (value->kind == VALUE_IDS)
                value->kind = VALUE_ID;
        value->tree = node;
        value->offset = node->offset;
        stack->count--;
        return true;
}

/* term: deep term */
static bool finish_layers(struct parser *parser, struct stack *stack, struct value *value)
{
        struct frame frame = *top(stack);
        struct tree_test test = {.word = frame.operation};

        if (!settle_number(parser, top(stack), value))
                return false;
        test.inside = value->tree;
        value->tree = parse_test(parser, TREE_LAYERS, frame.offset, &test);
        if (!value->tree)
                return false;
        value->tree->length = test.inside->offset + test.inside->length - frame.offset;
        value->kind = VALUE_TEST;
        value->qualifiers = nothing;
        value->offset = frame.offset;
        parser->layers--;
        stack->count--;
        return true;
}

/* expr: term | expr and term | expr and id | expr or term | expr or id
 * pid: nid | qid and id | qid or id
 * Appends a test or value to a group. */
static bool join(struct parser *parser, struct frame *group, struct value *value)
{
        struct tree *node;

        group->inner = value->qualifiers;
        if (!group->joined) {
                if (value->kind == VALUE_IDS)
                        return parse_refuse(
                            parser, group->offset, 1,
                            "values that share qualifiers stand in one pair of parentheses "
                            "only: write '(80 or 443)', not '((80 or 443))'");
                group->wants = value->kind == VALUE_TEST ? WANT_TEST : WANT_VALUE;
                group->joined = true;
                group->tree = value->tree;
                return true;
        }
        if (group->chained && group->tree->kind == group->operation) {
                node = group->tree;
                group->last->next = value->tree;
                value->tree->parent = node;
                node->operand_count++;
        } else {
                node = parse_pair(parser, group->operation, group->tree, value->tree);
                if (!node)
                        return false;
                group->tree = node;
                group->chained = true;
        }
        node->length = value->tree->offset + value->tree->length - node->offset;
        group->last = value->tree;
        return true;
}

/* paren expr ')', paren pid ')', paren pnum ')', paren narth ')': at the parenthesis */
static bool close_group(struct parser *parser, struct stack *stack, struct value *value)
{
        struct frame group = *top(stack);

        if (!parse_advance(parser))
                return false;
        stack->count--;
        if (group.joined)
                *value = (struct value){.kind = group.wants & WANT_TEST ? VALUE_TEST : VALUE_IDS,
                                        .qualifiers = group.outer,
                                        .tree = group.tree};
        value->offset = group.offset;
        value->length = parse_span(parser, group.offset);
        return true;
}

static bool refuse_after(struct parser *parser, const struct frame *group, bool whole)
{
        char quoted[QUOTE_SIZE];

        if (parser->token.kind == TOKEN_END)
                return parse_refuse(parser, group->offset, 1, "missing ')' for this '('");
        if (parser->token.kind == TOKEN_CLOSE)
                return parse_refuse(parser, parser->token.offset, 1, "')' without '(' before it");
        parse_quote(quoted, parser, &parser->previous);
        return parse_refuse_token(parser, "after %s should come 'and', 'or' or %s", quoted,
                                  whole ? "the end" : "')'");
}

/* Hands a value to the group on top. `more` says that the group needs another one. */
static bool finish_group(struct parser *parser, struct stack *stack, struct value *value,
                         bool *more)
{
        struct frame *group = top(stack);
        bool whole = stack->count == 1;

        *more = false;
        if (is_number(value) && !group->joined && !whole && parser->token.kind == TOKEN_CLOSE)
                return close_group(parser, stack, value);
        if (is_number(value) && group->wants == WANT_NUMBER)
                return refuse_after(parser, group, whole);
        if (!settle_number(parser, group, value) || !join(parser, group, value))
                return false;
        if (parser->token.kind == TOKEN_AND || parser->token.kind == TOKEN_OR) {
                group->operation = parser->token.kind == TOKEN_AND ? TREE_AND : TREE_OR;
                *more = true;
                return parse_advance(parser);
        }
        if (!whole && parser->token.kind == TOKEN_CLOSE)
                return close_group(parser, stack, value);
        if (whole && parser->token.kind == TOKEN_END) {
                value->tree = group->tree;
                stack->count--;
                return true;
        }
        return refuse_after(parser, group, whole);
}

/* Whether the operator that comes next takes the value before the frame on top does. */
static bool binds_next(const struct parser *parser, const struct frame *frame)
{
        uint8_t next;

        if (parser->token.kind != TOKEN_ARITHMETIC)
                return false;
        next = precedences[parser->token.value];
        switch (frame->kind) {
        case FRAME_HEAD: return false;
        case FRAME_NEGATE: return next == 0;
        case FRAME_OPERATOR:
                return next == 0 || precedences[frame->operation] == 0 ||
                       next > precedences[frame->operation];
        default: return wants(frame) & (WANT_TEST | WANT_NUMBER);
        }
}

static bool compares_next(const struct parser *parser, const struct frame *frame)
{
        return parser->token.kind == TOKEN_COMPARISON && wants(frame) & WANT_TEST;
}

static bool push_pair(struct parser *parser, struct stack *stack, enum frame_kind kind,
                      const struct value *value)
{
        struct frame frame = {.kind = (uint8_t)kind,
                              .wants = WANT_NUMBER,
                              .operation = parser->token.value,
                              .tree = as_number(parser, value)};

        return frame.tree && parse_advance(parser) && push(parser, stack, frame);
}

/* Hands a value to the frames on top, until one needs another value or none is left. */
static bool finish(struct parser *parser, struct stack *stack, struct value *value)
{
        bool more = false;

        while (stack->count && !more) {
                const struct frame *frame = top(stack);
                bool finished = false;

                if (is_number(value) && binds_next(parser, frame))
                        return push_pair(parser, stack, FRAME_OPERATOR, value);
                switch ((enum frame_kind)frame->kind) {
                case FRAME_HEAD: finished = finish_head(parser, stack, value); break;
                case FRAME_NEGATE: finished = finish_negate(parser, stack, value); break;
                case FRAME_OPERATOR:
                case FRAME_RELATION: finished = finish_pair(parser, stack, value); break;
                case FRAME_INDEX: finished = finish_index(parser, stack, value); break;
                case FRAME_NOT:
                case FRAME_LAYERS:
                case FRAME_GROUP:
                        if (is_number(value) && compares_next(parser, frame))
                                return push_pair(parser, stack, FRAME_RELATION, value);
                        if (frame->kind == FRAME_NOT)
                                finished = finish_not(parser, stack, value);
                        else if (frame->kind == FRAME_LAYERS)
                                finished = finish_layers(parser, stack, value);
                        else
                                finished = finish_group(parser, stack, value, &more);
                        break;
                }
                if (!finished)
                        return false;
        }
        return true;
}

/* prog: null expr | null */
static bool parse_program(struct parser *parser, struct stack *stack, struct tree **tree)
{
        struct value value = {0};
        bool done;

        if (!parse_advance(parser))
                return false;
        if (parser->token.kind == TOKEN_END)
                return true;
        if (!push(parser, stack,
                  (struct frame){
                      .kind = FRAME_GROUP, .wants = WANT_TEST, .outer = nothing, .inner = nothing}))
                return false;
        while (stack->count)
                if (!begin(parser, stack, &value, &done) ||
                    (done && !finish(parser, stack, &value)))
                        return false;
        *tree = value.tree;
        return true;
}

int cbpf_parse(const char *expression, unsigned flags, const struct cbpf_sets *sets,
               struct arena *arena, struct tree **tree, struct error *error)
{
        struct parser parser = {
            .lexer.text = expression, .flags = flags, .sets = sets, .arena = arena, .error = error};
        struct stack stack = {0};
        bool parsed;

        *tree = NULL;
        if (strlen(expression) > LONGEST_EXPRESSION) {
                error_set(error, "the expression is longer than %d MiB", LONGEST_EXPRESSION >> 20);
                return -1;
        }
        parsed = parse_program(&parser, &stack, tree);
        free(stack.frames);
        if (parsed && parser.unread && !(flags & (PARSE_NO_NAMES | PARSE_NO_SETS)))
                parsed = parse_refuse(&parser, parser.unread->offset, parser.unread->length,
                                      "the file of this set was not read");
        if (!parsed && error->kind != ERROR_MEMORY)
                suggest(expression, error);
        return parsed ? 0 : -1;
}

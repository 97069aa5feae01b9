/* What is asked of layers: queries, and formulas of them. */
#include "layers.h"
#include "base/array.h"
#include "base/error.h"
#include "base/text.h"

#include <netinet/in.h>
#include <stdlib.h>

enum {
        MAX_DEPTH = 500, /* of a tree */
        FIRST_TYPE = 1536,
        ALL_LEVELS = (1 << LAYERS_COUNT) - 1,
};

struct formula {
        enum {
                FORMULA_TRUE,
                FORMULA_QUERY,
                FORMULA_NOT, /* of `left` */
                FORMULA_AND,
                FORMULA_OR,
        } kind;
        uint32_t query;
        const struct formula *left, *right;
};

/* Trees, the last first. */
struct work {
        const struct tree *tree;
        const struct work *next;
};

struct collection {
        struct layers *layers;
        struct lists *lists;
        uint8_t levels; /* of the innermost `deep` */
        uint8_t all;
        int depth;
};

static const struct formula always = {.kind = FORMULA_TRUE};

/* --- Errors: NULL or false, with `error` filled. --- */

static void *refuse(struct collection *collection, const struct tree *tree, const char *what)
{
        error_at(collection->layers->error, tree->offset, tree->length, "%s", what);
        return NULL;
}

static void *out_of_memory(struct collection *collection)
{
        error_memory(collection->layers->error);
        return NULL;
}

static bool refuse_test(struct collection *collection, const struct tree *tree)
{
        char *text = tree_test_text(tree);

        if (!text)
                return out_of_memory(collection);
        error_at(collection->layers->error, tree->offset, tree->length,
                 "'%s' cannot be asked of a layer: write it outside of 'deep'", text);
        free(text);
        return false;
}

/* --- What a query needs --- */

/* The node that a walk over a relation visits after `node`; NULL after its last number. The
 * relation may be a copy: then its operands, which are those of the original, know that as their
 * parent. */
static const struct tree *next_number(const struct tree *relation, const struct tree *node)
{
        node = tree_next(node);
        return node->operands == relation->operands ? NULL : node;
}

const uint8_t layers_extensions[] = {IPPROTO_HOPOPTS, IPPROTO_ROUTING, IPPROTO_FRAGMENT,
                                     IPPROTO_AH,      IPPROTO_DSTOPTS, PROTOCOL_MOBILITY,
                                     PROTOCOL_HIP,    PROTOCOL_SHIM6,  LAYERS_NO_EXTENSION};

bool layers_is_extension(const struct tree *tree, uint32_t number, bool ipv6)
{
        uint8_t protocol;

        if ((tree->kind != TREE_PROTO && tree->kind != TREE_PROTOCOL) ||
            (!ipv6 && number != IPPROTO_AH))
                return false;
        protocol = tree->test->qualifiers.protocol;
        if (tree->kind == TREE_PROTOCOL)
                return protocol == PROTOCOL_AH && number == IPPROTO_AH;
        return tree->test->number == number &&
               (protocol == PROTOCOL_DEFAULT || protocol == (ipv6 ? PROTOCOL_IP6 : PROTOCOL_IP));
}

bool layers_is_fact(const struct tree *tree)
{
        switch (tree->kind) {
        case TREE_VLAN:
        case TREE_MPLS:
        case TREE_PPPOES:
        case TREE_GENEVE:
        case TREE_TUNNEL:
        case TREE_MAC: return true;
        case TREE_BROADCAST:
        case TREE_MULTICAST:
                return tree->test->qualifiers.protocol == PROTOCOL_DEFAULT ||
                       tree->test->qualifiers.protocol == PROTOCOL_LINK;
        case TREE_RELATION:
                for (const struct tree *node = tree_first(tree); node;
                     node = next_number(tree, node))
                        if (node->kind == TREE_LOAD)
                                return node->protocol == PROTOCOL_LINK;
                return false;
        default: return false;
        }
}

static bool add_fact(struct collection *collection, const struct tree *tree)
{
        struct layers *layers = collection->layers;

        if (layers->fact_count == MAX_FACTS)
                return refuse(collection, tree,
                              "this asks for more than 16 link headers and tunnels within "
                              "'deep'");
        layers->facts[layers->fact_count++] =
            (struct fact){.tree = tree, .levels = collection->levels};
        return true;
}

/* A protocol may be that of an extension header, which is passed before the layer is asked. */
static bool add_extension(struct collection *collection, const struct tree *tree)
{
        for (const uint8_t *number = layers_extensions; *number != LAYERS_NO_EXTENSION; number++)
                if (layers_is_extension(tree, *number, false) ||
                    layers_is_extension(tree, *number, true))
                        return add_fact(collection, tree);
        return true;
}

static bool add_type(struct collection *collection, const struct tree *tree, uint32_t type)
{
        struct layers *layers = collection->layers;

        if (type < FIRST_TYPE || type > UINT16_MAX)
                return refuse_test(collection, tree);
        for (uint32_t i = 0; i < layers->type_count; i++)
                if (layers->types[i] == type)
                        return true;
        if (layers->type_count == MAX_TYPES)
                return refuse(collection, tree,
                              "this asks for more than 32 EtherTypes within 'deep'");
        layers->types[layers->type_count++] = (uint16_t)type;
        return true;
}

/* A protocol by number, of what `below` says. */
static bool add_number(struct collection *collection, struct query *query, const struct tree *tree,
                       enum tree_protocol below, uint32_t number)
{
        switch (below) {
        case PROTOCOL_LINK: return add_type(collection, tree, number);
        case PROTOCOL_DEFAULT:
        case PROTOCOL_IP:
        case PROTOCOL_IP6:
                query->stage = STAGE_TRANSPORT;
                if (number < array_count(collection->layers->numbers))
                        collection->layers->numbers[number] = true;
                return true;
        default: return refuse_test(collection, tree);
        }
}

static bool add_protocol(struct collection *collection, struct query *query,
                         const struct tree *tree, enum tree_protocol protocol)
{
        enum tree_protocol below;
        const uint16_t *numbers = lower_protocol_numbers(protocol, &below);

        if (!*numbers)
                return refuse_test(collection, tree);
        for (; *numbers; numbers++)
                if (!add_number(collection, query, tree, below, *numbers))
                        return false;
        return true;
}

static bool add_ports(struct collection *collection, struct query *query, const struct tree *tree)
{
        bool *numbers = collection->layers->numbers;
        uint8_t transport = tree->test->ports.transport;

        query->stage = STAGE_TRANSPORT;
        if (transport)
                numbers[transport] = true;
        else
                numbers[IPPROTO_TCP] = numbers[IPPROTO_UDP] = numbers[IPPROTO_SCTP] = true;
        return true;
}

static bool add_load(struct collection *collection, struct query *query,
                     const struct tree *relation, enum tree_protocol protocol)
{
        switch (protocol) {
        case PROTOCOL_IP:
        case PROTOCOL_IP6:
        case PROTOCOL_ARP:
        case PROTOCOL_RARP: query->uses_head = true; return true;
        case PROTOCOL_LINK:
                return refuse(collection, relation,
                              "within 'deep' a comparison looks at link headers or at others, "
                              "not at both");
        case PROTOCOL_TCP:
        case PROTOCOL_UDP:
        case PROTOCOL_SCTP:
        case PROTOCOL_ICMP:
        case PROTOCOL_ICMP6:
        case PROTOCOL_IGMP:
        case PROTOCOL_IGRP:
        case PROTOCOL_PIM:
        case PROTOCOL_VRRP:
        case PROTOCOL_CARP: return add_protocol(collection, query, relation, protocol);
        default: return refuse_test(collection, relation);
        }
}

static bool add_relation(struct collection *collection, struct query *query,
                         const struct tree *relation)
{
        int depth = 0;

        for (const struct tree *node = tree_first(relation); node;
             node = next_number(relation, node)) {
                if (node->kind == TREE_LOAD &&
                    !add_load(collection, query, relation, node->protocol))
                        return false;
                if (++depth > MAX_DEPTH)
                        return refuse(collection, relation, "too long a calculation for 'deep'");
        }
        return true;
}

static bool is_address_of(const struct tree_qualifiers *qualifiers, enum tree_protocol version)
{
        if (qualifiers->type == TYPE_GATEWAY)
                return false;
        if (qualifiers->protocol == PROTOCOL_DEFAULT || qualifiers->protocol == version)
                return true;
        return version == PROTOCOL_IP &&
               (qualifiers->protocol == PROTOCOL_ARP || qualifiers->protocol == PROTOCOL_RARP);
}

/* Pairs are asked for where their ports are. */
static bool add_pairs(struct collection *collection, struct query *query, const struct tree *tree)
{
        const struct pairs *pairs = &collection->lists->pairs[tree->list - 1];
        bool *numbers = collection->layers->numbers;

        query->stage = STAGE_TRANSPORT;
        query->uses_head = true;
        for (uint32_t i = 0; i < pairs->count; i++)
                if (pairs->pairs[i].transport)
                        numbers[pairs->pairs[i].transport] = true;
                else
                        numbers[IPPROTO_TCP] = numbers[IPPROTO_UDP] = numbers[IPPROTO_SCTP] = true;
        return true;
}

static bool add_test(struct collection *collection, struct query *query, const struct tree *tree)
{
        const struct tree_test *test = tree->test;

        if (tree->kind == TREE_RELATION && layers_is_fact(tree)) {
                for (const struct tree *node = tree_first(tree); node;
                     node = next_number(tree, node))
                        if (node->kind == TREE_LOAD && node->protocol != PROTOCOL_LINK)
                                return add_load(collection, query, tree, PROTOCOL_LINK);
                return add_fact(collection, tree);
        }
        if (layers_is_fact(tree))
                return add_fact(collection, tree);
        switch (tree->kind) {
        case TREE_IPV4:
                query->uses_head = true;
                return is_address_of(&test->qualifiers, PROTOCOL_IP) ||
                       refuse_test(collection, tree);
        case TREE_IPV6:
                query->uses_head = true;
                return is_address_of(&test->qualifiers, PROTOCOL_IP6) ||
                       refuse_test(collection, tree);
        case TREE_BROADCAST:
        case TREE_MULTICAST: query->uses_head = true; return true;
        case TREE_PORT:
        case TREE_PORT_RANGE: return add_ports(collection, query, tree);
        case TREE_PAIRS: return add_pairs(collection, query, tree);
        case TREE_PROTO:
                return test->qualifiers.direction == DIRECTION_DEFAULT
                           ? add_number(collection, query, tree, test->qualifiers.protocol,
                                        test->number) &&
                                 add_extension(collection, tree)
                           : refuse_test(collection, tree);
        case TREE_PROTOCOL:
                return add_protocol(collection, query, tree, test->qualifiers.protocol) &&
                       add_extension(collection, tree);
        case TREE_PPPOED: return add_type(collection, tree, ETHERTYPE_PPPOED);
        case TREE_LESS:
        case TREE_GREATER: return true;
        case TREE_RELATION: return add_relation(collection, query, tree);
        default: return refuse_test(collection, tree);
        }
}

static bool add_tests(struct collection *collection, struct query *query, const struct tree *tree)
{
        if (!tree_is_logic(tree))
                return add_test(collection, query, tree);
        for (const struct tree *operand = tree->operands; operand; operand = operand->next)
                if (!add_tests(collection, query, operand))
                        return false;
        return true;
}

/* --- Formulas --- */

static const struct formula *make_formula(struct collection *collection, int kind,
                                          const struct formula *left, const struct formula *right)
{
        struct formula *formula = arena_take(collection->layers->arena, sizeof *formula);

        if (!formula)
                return out_of_memory(collection);
        *formula = (struct formula){.kind = kind, .left = left, .right = right};
        return formula;
}

/* NULL in `left`: nothing yet. */
static const struct formula *join(struct collection *collection, int kind,
                                  const struct formula *left, const struct formula *right)
{
        if (!left || !right)
                return right;
        if (left == &always)
                return kind == FORMULA_AND ? right : left;
        return make_formula(collection, kind, left, right);
}

static const struct formula *ask(struct collection *collection, const struct tree *tree)
{
        struct layers *layers = collection->layers;
        struct query query = {.tree = tree, .levels = collection->levels};
        struct formula *formula;

        if (layers->query_count == MAX_QUERIES)
                return refuse(collection, tree,
                              "this asks layers for more than 16 things: write 'not deep (A or B)' "
                              "in place of 'not deep A and not deep B', which is one");
        if (!add_tests(collection, &query, tree))
                return NULL;
        formula = (struct formula *)make_formula(collection, FORMULA_QUERY, NULL, NULL);
        if (!formula)
                return NULL;
        formula->query = layers->query_count;
        layers->queries[layers->query_count++] = query;
        return formula;
}

/* Of one layer alone. */
static bool is_plain(const struct tree *tree)
{
        if (tree->kind == TREE_NOT || tree->kind == TREE_LAYERS)
                return false;
        if (!tree_is_logic(tree))
                return true;
        for (const struct tree *operand = tree->operands; operand; operand = operand->next)
                if (!is_plain(operand))
                        return false;
        return true;
}

static bool is_at_network(const struct tree *tree)
{
        switch (tree->kind) {
        case TREE_PORT:
        case TREE_PORT_RANGE:
        case TREE_PAIRS:
        case TREE_PROTO:
        case TREE_PROTOCOL: return false;
        case TREE_RELATION:
                for (const struct tree *node = tree_first(tree); node;
                     node = next_number(tree, node))
                        if (node->kind == TREE_LOAD && node->protocol != PROTOCOL_IP &&
                            node->protocol != PROTOCOL_IP6 && node->protocol != PROTOCOL_LINK)
                                return false;
                return true;
        default:
                for (const struct tree *operand = tree->operands; operand; operand = operand->next)
                        if (!is_at_network(operand))
                                return false;
                return true;
        }
}

/* A tree being made of copies of others, which then are its operands. */
struct gathered {
        struct tree *tree;
        struct tree **end; /* where the next operand goes */
};

static bool start(struct collection *collection, const struct tree *like, uint8_t kind,
                  struct gathered *gathered)
{
        struct tree *tree = arena_take(collection->layers->arena, sizeof *tree);

        if (!tree)
                return out_of_memory(collection);
        *tree = (struct tree){.kind = kind, .offset = like->offset, .length = like->length};
        *gathered = (struct gathered){tree, &tree->operands};
        return true;
}

static bool append(struct collection *collection, struct gathered *gathered,
                   const struct tree *operand)
{
        struct tree *copy = arena_take(collection->layers->arena, sizeof *copy);

        if (!copy)
                return out_of_memory(collection);
        *copy = *operand;
        copy->next = NULL;
        copy->parent = gathered->tree;
        *gathered->end = copy;
        gathered->end = &copy->next;
        gathered->tree->operand_count++;
        return true;
}

static const struct formula *formula_of(struct collection *collection, const struct tree *tree);

/* What is known at the network header is asked there, apart from the rest. */
static const struct formula *formula_of_or(struct collection *collection, const struct tree *tree)
{
        const struct formula *formula = NULL, *next;
        struct gathered parts[2]; /* by stage */

        if (!start(collection, tree, TREE_OR, &parts[0]) ||
            !start(collection, tree, TREE_OR, &parts[1]))
                return NULL;
        for (const struct tree *operand = tree->operands; operand; operand = operand->next) {
                if (is_plain(operand)) {
                        if (!append(collection, &parts[!is_at_network(operand)], operand))
                                return NULL;
                        continue;
                }
                next = formula_of(collection, operand);
                if (!next || !(formula = join(collection, FORMULA_OR, formula, next)))
                        return NULL;
        }
        for (int i = 0; i < 2; i++) {
                if (parts[i].tree->operand_count == 0)
                        continue;
                next = ask(collection, parts[i].tree);
                if (!next || !(formula = join(collection, FORMULA_OR, formula, next)))
                        return NULL;
        }
        return formula;
}

/* What an `and` asks for, sorted: tests of one layer, what is asked of the whole packet, and each
 * `or` with both in it. */
struct conjunction {
        struct gathered plain;
        const struct formula *formula;
        const struct work *mixed;
};

static bool add_to_conjunction(struct collection *collection, struct conjunction *conjunction,
                               const struct tree *tree)
{
        const struct formula *next;
        struct work *work;

        if (is_plain(tree))
                return append(collection, &conjunction->plain, tree);
        switch (tree->kind) {
        case TREE_AND:
                for (const struct tree *operand = tree->operands; operand; operand = operand->next)
                        if (!add_to_conjunction(collection, conjunction, operand))
                                return false;
                return true;
        case TREE_OR:
                work = arena_take(collection->layers->arena, sizeof *work);
                if (!work)
                        return out_of_memory(collection);
                *work = (struct work){tree, conjunction->mixed};
                conjunction->mixed = work;
                return true;
        default:
                next = formula_of(collection, tree);
                if (next)
                        next = join(collection, FORMULA_AND, conjunction->formula, next);
                conjunction->formula = next;
                return next;
        }
}

/* The first mixed `or` is distributed: each of its operands makes a conjunction of its own. */
static const struct formula *formula_of_conjunction(struct collection *collection,
                                                    const struct conjunction *conjunction)
{
        const struct tree *plain = conjunction->plain.tree;
        const struct formula *next, *any = NULL;

        if (!conjunction->mixed) {
                if (plain->operand_count == 0)
                        return conjunction->formula;
                next = ask(collection, plain);
                return next ? join(collection, FORMULA_AND, conjunction->formula, next) : NULL;
        }
        for (const struct tree *operand = conjunction->mixed->tree->operands; operand;
             operand = operand->next) {
                struct conjunction one = {.formula = conjunction->formula,
                                          .mixed = conjunction->mixed->next};

                if (!start(collection, plain, TREE_AND, &one.plain))
                        return NULL;
                for (const struct tree *part = plain->operands; part; part = part->next)
                        if (!append(collection, &one.plain, part))
                                return NULL;
                if (!add_to_conjunction(collection, &one, operand) ||
                    !(next = formula_of_conjunction(collection, &one)) ||
                    !(any = join(collection, FORMULA_OR, any, next)))
                        return NULL;
        }
        return any;
}

static const struct formula *formula_of_and(struct collection *collection, const struct tree *tree)
{
        struct conjunction conjunction = {.formula = &always};

        if (is_plain(tree))
                return ask(collection, tree);
        if (!start(collection, tree, TREE_AND, &conjunction.plain) ||
            !add_to_conjunction(collection, &conjunction, tree))
                return NULL;
        return formula_of_conjunction(collection, &conjunction);
}

static const struct formula *formula_of(struct collection *collection, const struct tree *tree)
{
        static const uint8_t masks[] = {
            [LAYERS_ANY] = ALL_LEVELS, [LAYERS_OUTER] = 1, [LAYERS_INNER] = ALL_LEVELS & ~1};
        const struct formula *formula;
        uint8_t levels = collection->levels;

        if (++collection->depth > MAX_DEPTH)
                return refuse(collection, tree, "nested too deep within 'deep'");
        switch (tree->kind) {
        case TREE_LAYERS:
                collection->levels &= masks[tree->test->word];
                formula = collection->levels ? formula_of(collection, tree->test->inside)
                                             : refuse(collection, tree,
                                                      "no layer is both an outer and an inner one");
                collection->levels = levels;
                break;
        case TREE_NOT:
                formula = formula_of(collection, tree->operands);
                if (formula)
                        formula = make_formula(collection, FORMULA_NOT, formula, NULL);
                break;
        case TREE_OR: formula = formula_of_or(collection, tree); break;
        case TREE_AND: formula = formula_of_and(collection, tree); break;
        default: formula = ask(collection, tree);
        }
        collection->depth--;
        return formula;
}

/* --- What a query decides for the whole expression --- */

enum truth {
        UNKNOWN,
        NO,
        YES,
};

static enum truth opposite(enum truth truth)
{
        return truth == UNKNOWN ? UNKNOWN : truth == YES ? NO : YES;
}

static enum truth truth_of(const struct formula *formula, uint32_t met)
{
        enum truth left, right;

        switch (formula->kind) {
        case FORMULA_TRUE: return YES;
        case FORMULA_QUERY: return formula->query == met ? YES : UNKNOWN;
        case FORMULA_NOT: return opposite(truth_of(formula->left, met));
        default:
                left = truth_of(formula->left, met);
                right = truth_of(formula->right, met);
                if (formula->kind == FORMULA_AND)
                        return left == NO || right == NO     ? NO
                               : left == YES && right == YES ? YES
                                                             : UNKNOWN;
                return left == YES || right == YES ? YES : left == NO && right == NO ? NO : UNKNOWN;
        }
}

static const struct formula *find_formula(const struct layers *layers, const struct tree *tree)
{
        for (uint32_t i = 0; i < layers->leaf_count; i++)
                if (layers->leaves[i].tree == tree)
                        return layers->leaves[i].formula;
        return &always;
}

/* Whether the whole is decided if query `met` is. The trees of operators can be deep. */
static enum truth truth_of_tree(const struct layers *layers, const struct tree *tree, uint32_t met,
                                int depth)
{
        enum truth first, all = UNKNOWN;
        bool known = true;

        if (tree->kind == TREE_LAYERS)
                return truth_of(find_formula(layers, tree), met);
        if (!tree_is_logic(tree) || depth == MAX_DEPTH)
                return UNKNOWN;
        first = truth_of_tree(layers, tree->operands, met, depth + 1);
        if (tree->kind == TREE_NOT)
                return opposite(first);
        for (const struct tree *operand = tree->operands; operand; operand = operand->next) {
                enum truth truth = truth_of_tree(layers, operand, met, depth + 1);

                if (truth == (tree->kind == TREE_OR ? YES : NO))
                        return truth;
                known &= truth != UNKNOWN;
                all = truth;
        }
        return known ? all : UNKNOWN;
}

/* Queries that decide need no mark: whoever comes to the end has not met them. */
static void decide(struct layers *layers, const struct tree *tree)
{
        for (uint32_t i = 0; i < layers->query_count; i++) {
                enum truth truth = truth_of_tree(layers, tree, i, 0);

                layers->queries[i].decides = truth == YES  ? DECIDES_ACCEPT
                                             : truth == NO ? DECIDES_REJECT
                                                           : DECIDES_NOTHING;
        }
}

/* Facts come to the lowest bits. */
static void number_marks(struct layers *layers)
{
        uint32_t mark = 1;

        for (uint32_t i = 0; i < layers->fact_count; i++, mark <<= 1)
                layers->facts[i].mark = mark;
        for (uint32_t i = 0; i < layers->query_count; i++)
                if (layers->queries[i].decides == DECIDES_NOTHING) {
                        layers->queries[i].mark = mark;
                        mark <<= 1;
                }
}

/* How deep a tree is, without recursion. */
static int depth_of(const struct tree *tree)
{
        const struct tree *node = tree;
        int depth = 1, most = 1;

        for (;;) {
                for (; node->operands; node = node->operands)
                        depth++;
                most = depth > most ? depth : most;
                for (; node != tree && !node->next; node = node->parent)
                        depth--;
                if (node == tree)
                        return most;
                node = node->next;
        }
}

static bool add_leaf(struct collection *collection, struct tree *tree)
{
        struct layers *layers = collection->layers;
        const struct formula *formula;

        collection->levels = collection->all;
        collection->depth = 0;
        if (lists_gather(collection->lists, (struct tree *)tree->test->inside) < 0)
                return out_of_memory(collection);
        if (depth_of(tree->test->inside) > MAX_DEPTH)
                return refuse(collection, tree, "nested too deep within 'deep'");
        formula = formula_of(collection, tree);
        if (!formula)
                return false;
        if (!array_grow(layers->leaves, layers->leaf_room, layers->leaf_count + 1))
                return out_of_memory(collection);
        layers->leaves[layers->leaf_count++] = (struct leaf){tree, formula};
        return true;
}

int layers_collect(struct tree *tree, struct lists *lists, unsigned only, struct arena *arena,
                   struct layers **layers, struct error *error)
{
        struct collection collection = {.lists = lists,
                                        .all = only ? 1u << (only - 1) : ALL_LEVELS};
        bool done = true;

        *layers = NULL;
        if (!tree_join_layers(arena, tree)) {
                error_memory(error);
                return -1;
        }
        lists->within_layers = true;
        for (const struct tree *node = tree_first(tree); node && done; node = tree_next(node)) {
                if (node->kind != TREE_LAYERS)
                        continue;
                if (!collection.layers) {
                        collection.layers = arena_take(arena, sizeof *collection.layers);
                        if (!collection.layers) {
                                error_memory(error);
                                return -1;
                        }
                        *collection.layers = (struct layers){.arena = arena, .error = error};
                }
                done = add_leaf(&collection, (struct tree *)node);
        }
        lists->within_layers = false;
        *layers = collection.layers;
        if (!done)
                return -1;
        if (*layers) {
                decide(*layers, tree);
                number_marks(*layers);
        }
        return 0;
}

void layers_free(struct layers *layers)
{
        if (layers)
                free(layers->leaves);
}

/* --- At the end of the walk --- */

static uint32_t lower_formula(struct lower *lower, const struct formula *formula, uint32_t yes,
                              uint32_t no)
{
        uint32_t mark, marks;

        switch (formula->kind) {
        case FORMULA_TRUE: return yes;
        case FORMULA_QUERY:
                mark = lower->layers->queries[formula->query].mark;
                if (mark == 0)
                        return no;
                marks = graph_variable(lower->graph, LAYER_MARKS);
                return lower_jump(lower, BPF_JSET, marks, mark, yes, no);
        case FORMULA_NOT: return lower_formula(lower, formula->left, no, yes);
        case FORMULA_AND:
                return lower_formula(lower, formula->left,
                                     lower_formula(lower, formula->right, yes, no), no);
        default:
                return lower_formula(lower, formula->left, yes,
                                     lower_formula(lower, formula->right, yes, no));
        }
}

uint32_t lower_layers(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        return lower_formula(lower, find_formula(lower->layers, tree), yes, no);
}

/* Arithmetic: numbers to terms, and relations of two.
 *
 * Before a relation is looked at, the packet must be of the protocols whose headers it loads from.
 * libpcap's quirk: of `a + b` only the checks for `a` are made. */
#include "base/array.h"
#include "lowering.h"

#include <netinet/in.h>
#include <stdlib.h>

/* A condition on the packet, linked from the last to be tested to the first. */
struct check {
        struct check *before;
        enum {
                CHECK_PROTOCOL,
                CHECK_NOT_FRAGMENT,
                CHECK_ICMP6, /* the next header of IPv6 */
        } kind;
        enum tree_protocol protocol;
};

struct checks {
        struct check *first, *last;
};

struct number {
        uint32_t term;
        struct checks checks;
};

/* What must not be 0, the last first. */
struct divisor {
        struct divisor *before;
        uint32_t term;
};

struct relation {
        struct number left, right;
        struct divisor *divisors;
        struct reach reach;
};

static const uint8_t operations[] = {
    [TREE_ADD] = BPF_ADD,         [TREE_SUBTRACT] = BPF_SUB, [TREE_MULTIPLY] = BPF_MUL,
    [TREE_DIVIDE] = BPF_DIV,      [TREE_MODULO] = BPF_MOD,   [TREE_BIT_AND] = BPF_AND,
    [TREE_BIT_OR] = BPF_OR,       [TREE_BIT_XOR] = BPF_XOR,  [TREE_SHIFT_LEFT] = BPF_LSH,
    [TREE_SHIFT_RIGHT] = BPF_RSH,
};

unsigned lower_operation(enum tree_operator operation)
{
        return operations[operation];
}

static struct checks check(struct lower *lower, int kind, enum tree_protocol protocol)
{
        struct check *check = lower_take(lower, sizeof *check);

        if (check)
                *check = (struct check){.kind = kind, .protocol = protocol};
        return (struct checks){check, check};
}

static struct checks join(struct checks earlier, struct checks later)
{
        if (!later.first)
                return earlier;
        if (!earlier.first)
                return later;
        later.first->before = earlier.last;
        return (struct checks){earlier.first, later.last};
}

static void push(struct lower *lower, struct numbers *numbers, const struct number *number)
{
        if (!array_grow(numbers->numbers, numbers->room, numbers->count + 1)) {
                lower->graph->failed = true;
                return;
        }
        numbers->numbers[numbers->count++] = *number;
}

/* How the header of a protocol is found. */
enum access {
        ACCESS_NONE,
        ACCESS_PACKET,
        ACCESS_LINK,
        ACCESS_NETWORK,   /* on top of the link header */
        ACCESS_TRANSPORT, /* on top of IPv4 */
        ACCESS_ICMP6,     /* on top of IPv6 without more headers */
};

static const uint8_t accesses[PROTOCOLS] = {
    [PROTOCOL_LINK] = ACCESS_LINK,      [PROTOCOL_IP] = ACCESS_NETWORK,
    [PROTOCOL_ARP] = ACCESS_NETWORK,    [PROTOCOL_RARP] = ACCESS_NETWORK,
    [PROTOCOL_ATALK] = ACCESS_NETWORK,  [PROTOCOL_DECNET] = ACCESS_NETWORK,
    [PROTOCOL_SCA] = ACCESS_NETWORK,    [PROTOCOL_LAT] = ACCESS_NETWORK,
    [PROTOCOL_MOPRC] = ACCESS_NETWORK,  [PROTOCOL_MOPDL] = ACCESS_NETWORK,
    [PROTOCOL_IP6] = ACCESS_NETWORK,    [PROTOCOL_SCTP] = ACCESS_TRANSPORT,
    [PROTOCOL_TCP] = ACCESS_TRANSPORT,  [PROTOCOL_UDP] = ACCESS_TRANSPORT,
    [PROTOCOL_ICMP] = ACCESS_TRANSPORT, [PROTOCOL_IGMP] = ACCESS_TRANSPORT,
    [PROTOCOL_IGRP] = ACCESS_TRANSPORT, [PROTOCOL_PIM] = ACCESS_TRANSPORT,
    [PROTOCOL_VRRP] = ACCESS_TRANSPORT, [PROTOCOL_CARP] = ACCESS_TRANSPORT,
    [PROTOCOL_ICMP6] = ACCESS_ICMP6,    [PROTOCOL_RADIO] = ACCESS_PACKET,
};

static uint32_t load(struct lower *lower, const struct tree *tree, uint32_t index)
{
        unsigned size = lower_load_size(tree->size);

        switch (accesses[tree->protocol]) {
        case ACCESS_PACKET:
                if (!lower->headers->link->in_front || lower->target->link_type == DLT_PPI)
                        return lower_foreign(lower);
                return lower_load_outermost_indexed(lower, index, size);
        case ACCESS_LINK: return lower_load_indexed(lower, HEADER_LINK, index, 0, size);
        case ACCESS_NETWORK: return lower_load_indexed(lower, HEADER_NETWORK, index, 0, size);
        case ACCESS_TRANSPORT: return lower_load_transport(lower, index, 0, size);
        case ACCESS_ICMP6: return lower_load_indexed(lower, HEADER_NETWORK, index, 40, size);
        default: return lower_foreign(lower);
        }
}

/* `inner` are the checks of the index. */
static struct checks load_checks(struct lower *lower, enum tree_protocol protocol,
                                 struct checks inner)
{
        struct checks checks;

        switch (accesses[protocol]) {
        case ACCESS_NETWORK:
                /* The right operand is not checked, but refused all the same. */
                if (lower->headers->mpls_labels > 0 && protocol != PROTOCOL_IP &&
                    protocol != PROTOCOL_IP6)
                        lower_foreign(lower);
                return join(inner, check(lower, CHECK_PROTOCOL, protocol));
        case ACCESS_TRANSPORT:
                checks = join(check(lower, CHECK_PROTOCOL, PROTOCOL_IP), inner);
                checks = join(checks, check(lower, CHECK_PROTOCOL, protocol));
                return join(checks, check(lower, CHECK_NOT_FRAGMENT, protocol));
        case ACCESS_ICMP6:
                checks = join(inner, check(lower, CHECK_PROTOCOL, PROTOCOL_IP6));
                return join(checks, check(lower, CHECK_ICMP6, protocol));
        default: return inner;
        }
}

static void keep_divisor(struct lower *lower, struct numbers *numbers, uint32_t term)
{
        struct divisor *divisor = lower_take(lower, sizeof *divisor);

        if (!divisor)
                return;
        *divisor = (struct divisor){numbers->divisors, term};
        numbers->divisors = divisor;
}

static uint32_t term_of(struct lower *lower, const struct tree *tree, uint32_t left, uint32_t right)
{
        struct graph *graph = lower->graph;

        switch (tree->kind) {
        case TREE_NUMBER: return graph_constant(graph, tree->number);
        case TREE_LENGTH: return lower_length(lower);
        case TREE_LOAD: return load(lower, tree, left);
        case TREE_NEGATE: return graph_operation(graph, BPF_NEG, left, GRAPH_NONE);
        default: return graph_operation(graph, operations[tree->operation], left, right);
        }
}

/* libpcap refuses a divisor and a count of bits that only begin with an impossible one, as in
 * `len / ip[0]`, too. */
static bool is_refused(const struct tree *tree)
{
        const struct tree *first;

        if (tree->kind != TREE_CALCULATE)
                return false;
        first = tree_first(tree->operands->next);
        if (first->kind != TREE_NUMBER)
                return false;
        switch (tree->operation) {
        case TREE_DIVIDE:
        case TREE_MODULO: return first->number == 0;
        case TREE_SHIFT_LEFT:
        case TREE_SHIFT_RIGHT: return first->number > 31;
        default: return false;
        }
}

void lower_number(struct lower *lower, struct numbers *numbers, const struct tree *tree)
{
        struct number left = {0}, right = {0}, result;
        const struct number *operands;

        if (is_refused(tree)) {
                lower_foreign(lower);
                return;
        }
        operands = tree->operand_count > 0 ? &numbers->numbers[numbers->count - tree->operand_count]
                                           : NULL;
        if (tree->operand_count > 0)
                left = operands[0];
        if (tree->operand_count > 1)
                right = operands[1];
        numbers->count -= tree->operand_count;
        result.checks = left.checks;
        if (tree->kind == TREE_LOAD)
                result.checks = load_checks(lower, tree->protocol, left.checks);
        result.term = term_of(lower, tree, left.term, right.term);
        if (tree->kind == TREE_CALCULATE &&
            (tree->operation == TREE_DIVIDE || tree->operation == TREE_MODULO))
                keep_divisor(lower, numbers, right.term);
        push(lower, numbers, &result);
}

struct relation *lower_read_relation(struct lower *lower, struct numbers *numbers)
{
        struct relation *relation = lower_take(lower, sizeof *relation);

        if (!relation)
                return NULL;
        relation->right = numbers->numbers[--numbers->count];
        relation->left = numbers->numbers[--numbers->count];
        relation->divisors = numbers->divisors;
        numbers->divisors = NULL;
        relation->reach = lower->reach;
        lower->reach = (struct reach){0};
        return relation;
}

static uint32_t make_check(struct lower *lower, const struct check *check, uint32_t yes,
                           uint32_t no)
{
        uint32_t next;

        switch (check->kind) {
        case CHECK_PROTOCOL: return lower_protocol(lower, check->protocol, yes, no);
        case CHECK_NOT_FRAGMENT: return lower_not_fragment(lower, yes, no);
        default:
                next = lower_load(lower, HEADER_NETWORK, 6, BPF_B);
                return lower_equal(lower, next, IPPROTO_ICMPV6, yes, no);
        }
}

uint32_t lower_comparison(struct lower *lower, enum tree_operator operation, uint32_t left,
                          uint32_t right, uint32_t yes, uint32_t no)
{
        struct graph *graph = lower->graph;

        switch (operation) {
        case TREE_GREATER_THAN: return graph_branch(graph, BPF_JGT, left, right, yes, no);
        case TREE_GREATER_OR_EQUAL: return graph_branch(graph, BPF_JGE, left, right, yes, no);
        case TREE_LESS_THAN: return graph_branch(graph, BPF_JGE, left, right, no, yes);
        case TREE_LESS_OR_EQUAL: return graph_branch(graph, BPF_JGT, left, right, no, yes);
        case TREE_NOT_EQUAL: return lower_comparison(lower, TREE_EQUAL, left, right, no, yes);
        default:
                left = graph_operation(graph, BPF_SUB, left, right);
                return lower_equal(lower, left, 0, yes, no);
        }
}

uint32_t lower_relation(struct lower *lower, const struct tree *tree,
                        const struct relation *relation, uint32_t yes, uint32_t no)
{
        struct graph *graph = lower->graph;
        uint32_t reject = graph_return(graph, 0);
        uint32_t node = lower_comparison(lower, tree->operation, relation->left.term,
                                         relation->right.term, yes, no);

        for (const struct divisor *divisor = relation->divisors; divisor; divisor = divisor->before)
                if (graph->terms[divisor->term].low == 0)
                        node = lower_jump(lower, BPF_JGT, divisor->term, 0, node, reject);
        node = lower_reaching(lower, relation->reach, node);
        for (const struct check *check = relation->right.checks.last; check; check = check->before)
                node = make_check(lower, check, node, no);
        for (const struct check *check = relation->left.checks.last; check; check = check->before)
                node = make_check(lower, check, node, no);
        return node;
}

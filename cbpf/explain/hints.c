/* Hints: where an expression is right, but hardly means what it says to a reader. */
#include "base/array.h"
#include "base/text.h"
#include "cbpf/cbpf.h"
#include "cbpf/syntax/syntax.h"
#include "net/link_types.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        MAX_TRIED = 16, /* comparisons that are compiled to see whether they ever vary */
};

struct hinting {
        const char *expression;
        const struct cbpf_target *target;
        struct cbpf_hints *hints;
        uint32_t tried;
        bool within_layers;
        bool failed;
};

__attribute__((format(printf, 3, 4))) static void
hint(struct hinting *hinting, const struct tree *tree, const char *format, ...)
{
        struct cbpf_hints *hints = hinting->hints;
        struct error *one;
        va_list arguments;

        for (size_t i = 0; i < hints->count; i++)
                if (hints->hints[i].offset == tree->offset &&
                    hints->hints[i].length == tree->length)
                        return; /* one at each place */
        if (!array_grow(hints->hints, hints->room, hints->count + 1)) {
                hinting->failed = true;
                return;
        }
        one = &hints->hints[hints->count++];
        *one = (struct error){.offset = tree->offset, .length = tree->length};
        va_start(arguments, format);
        vsnprintf(one->message, sizeof one->message, format, arguments);
        va_end(arguments);
}

/* --- Tests behind tags --- */

static bool is_tag(const struct tree *tree)
{
        return tree->kind == TREE_VLAN || tree->kind == TREE_MPLS || tree->kind == TREE_PPPOES ||
               tree->kind == TREE_GENEVE;
}

/* The operator, above both, in which the two are in different operands; NULL if they are in one. */
static const struct tree *joint_of(const struct tree *tree, const struct tree *other)
{
        for (const struct tree *up = tree->parent; up; up = up->parent)
                for (const struct tree *down = other; down; down = down->parent)
                        if (down == up)
                                return up;
        return NULL;
}

static bool is_negated(const struct tree *tree, const struct tree *below)
{
        bool negated = false;

        for (const struct tree *up = tree->parent; up && up != below; up = up->parent)
                negated ^= up->kind == TREE_NOT;
        return negated;
}

/* Where headers vary in length, libpcap keeps where they start for the last part of the expression
 * only: all up to the last `geneve` is looked for at the start of the packet. */
static void hint_at_geneve(struct hinting *hinting, const struct tree *tree)
{
        if (!hinting->within_layers && !net_link_type(hinting->target->link_type))
                hint(hinting, tree,
                     "on this link type, libpcap's 'geneve' looks for IP at the start of the "
                     "packet, where the link header is: write 'inner (...)' or 'deep (...)', which "
                     "know Geneve");
}

static const char *name_of(const struct tree *tag)
{
        switch (tag->kind) {
        case TREE_VLAN: return "vlan";
        case TREE_MPLS: return "mpls";
        case TREE_PPPOES: return "pppoes";
        default: return "geneve";
        }
}

/* Whether a comparison loads from a header of `protocol` or, for PROTOCOL_DEFAULT, of any but the
 * link header. */
static bool loads_from(const struct tree *relation, uint8_t protocol)
{
        for (const struct tree *node = tree_first(relation); node != relation;
             node = tree_next(node))
                if (node->kind == TREE_LOAD &&
                    (protocol == PROTOCOL_DEFAULT ? node->protocol != PROTOCOL_LINK
                                                  : node->protocol == protocol))
                        return true;
        return false;
}

/* True of a test that looks where headers are. */
static bool looks_for_headers(const struct tree *tree)
{
        switch (tree->kind) {
        case TREE_LESS:
        case TREE_GREATER:
        case TREE_INBOUND:
        case TREE_OUTBOUND:
        case TREE_IFINDEX:
        case TREE_MAC:
        case TREE_LAYERS: return false;
        case TREE_RELATION: return loads_from(tree, PROTOCOL_DEFAULT);
        default: return tree->kind > TREE_CALCULATE;
        }
}

/* A tag moves the headers of all that is written after it, whether or not the packet has it. */
static void hint_at_tags(struct hinting *hinting, const struct tree *root)
{
        for (const struct tree *tag = tree_first(root); tag; tag = tree_next(tag)) {
                if (!is_tag(tag))
                        continue;
                for (const struct tree *test = tree_next(tag); test; test = tree_next(test)) {
                        const struct tree *joint;

                        if (is_tag(test))
                                break;
                        if (!looks_for_headers(test) || !(joint = joint_of(tag, test)))
                                continue;
                        if (joint->kind == TREE_OR) {
                                hint(hinting, test,
                                     "this is looked for behind the %s header even in packets "
                                     "without one, as '%s' comes before it: write it first, or use "
                                     "'deep'",
                                     name_of(tag), name_of(tag));
                                break;
                        }
                        if (joint->kind == TREE_AND && is_negated(tag, joint)) {
                                hint(hinting, test,
                                     "this is looked for behind a %s header, which 'not %s' says "
                                     "is not there: write it before 'not %s'",
                                     name_of(tag), name_of(tag), name_of(tag));
                                break;
                        }
                }
        }
}

/* --- What can never be, or always is --- */

static bool loads(const struct tree *relation)
{
        for (const struct tree *node = tree_first(relation); node != relation;
             node = tree_next(node))
                if (node->kind == TREE_LOAD)
                        return true;
        return false;
}

static bool rejects(struct hinting *hinting, const char *text)
{
        struct cbpf_target target = *hinting->target;
        struct bpf_program program;
        struct error error;
        int rejects;

        target.place = CBPF_FILE;
        if (cbpf_compile(text, &target, 0, &program, &error) != 0) {
                hinting->failed |= error.kind == ERROR_MEMORY;
                return false;
        }
        rejects = cbpf_rejects_all(&program);
        cbpf_program_free(&program);
        hinting->failed |= rejects < 0;
        return rejects > 0;
}

static void hint_at_relation(struct hinting *hinting, const struct tree *relation)
{
        char *text, *opposite = NULL;

        if (hinting->tried++ >= MAX_TRIED)
                return;
        text = tree_test_text(relation);
        hinting->failed |= !text;
        if (text && rejects(hinting, text)) {
                hint(hinting, relation, "this comparison is false for every packet");
        } else if (text) {
                struct tree copy = *relation;

                /* The opposite has the same loads and checks. */
                static const uint8_t opposites[] = {
                    [TREE_EQUAL] = TREE_NOT_EQUAL,
                    [TREE_NOT_EQUAL] = TREE_EQUAL,
                    [TREE_GREATER_THAN] = TREE_LESS_OR_EQUAL,
                    [TREE_GREATER_OR_EQUAL] = TREE_LESS_THAN,
                    [TREE_LESS_THAN] = TREE_GREATER_OR_EQUAL,
                    [TREE_LESS_OR_EQUAL] = TREE_GREATER_THAN,
                };

                copy.operation = opposites[relation->operation];
                copy.next = copy.parent = NULL;
                opposite = tree_relation_text(&copy);
                hinting->failed |= !opposite;
                if (opposite && rejects(hinting, opposite))
                        hint(hinting, relation, "this comparison is true for every packet%s",
                             loads(relation) ? " that has the bytes" : "");
        }
        free(text);
        free(opposite);
}

/* --- Parts of one `and` --- */

static bool is_protocol(const struct tree *tree, uint8_t protocol)
{
        return tree->kind == TREE_PROTOCOL && tree->test->qualifiers.protocol == protocol;
}

static bool is_of_ipv6(const struct tree *tree)
{
        return tree->kind == TREE_IPV6 || is_protocol(tree, PROTOCOL_IP6) ||
               is_protocol(tree, PROTOCOL_ICMP6) ||
               (tree->kind == TREE_RELATION && loads_from(tree, PROTOCOL_IP6));
}

static uint8_t transport_loaded(const struct tree *relation)
{
        static const uint8_t protocols[] = {PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_SCTP};

        for (size_t i = 0; i < array_count(protocols); i++)
                if (loads_from(relation, protocols[i]))
                        return protocols[i];
        return PROTOCOL_DEFAULT;
}

/* ip[6:2] & 0x1fff > 0 and the like. */
static bool is_later_fragment(const struct tree *tree)
{
        bool masked = false, field = false;

        if (tree->kind != TREE_RELATION ||
            (tree->operation != TREE_NOT_EQUAL && tree->operation != TREE_GREATER_THAN &&
             tree->operation != TREE_GREATER_OR_EQUAL))
                return false;
        for (const struct tree *node = tree_first(tree); node != tree; node = tree_next(node)) {
                masked |= node->kind == TREE_NUMBER && node->number == 0x1fff;
                field |= node->kind == TREE_LOAD && node->protocol == PROTOCOL_IP &&
                         node->operands->kind == TREE_NUMBER && node->operands->number == 6;
        }
        return masked && field;
}

static bool asks_ports(const struct tree *tree)
{
        return tree->kind == TREE_PORT || tree->kind == TREE_PORT_RANGE ||
               (tree->kind == TREE_RELATION && transport_loaded(tree));
}

static void hint_at_parts(struct hinting *hinting, const struct tree *both)
{
        const struct tree *ipv6 = NULL, *fragment = NULL;

        for (const struct tree *part = both->operands; part; part = part->next) {
                ipv6 = is_of_ipv6(part) ? part : ipv6;
                fragment = is_later_fragment(part) ? part : fragment;
        }
        for (const struct tree *part = both->operands; part; part = part->next) {
                uint8_t protocol =
                    part->kind == TREE_RELATION ? transport_loaded(part) : PROTOCOL_DEFAULT;

                if (ipv6 && protocol && !hinting->within_layers)
                        hint(hinting, part,
                             "'%s[...]' is of IPv4 only, so this matches nothing: write 'ip6[40 + "
                             "...]', or use 'deep'",
                             tree_protocol_names[protocol]);
                if (fragment && asks_ports(part))
                        hint(hinting, part,
                             "only the first fragment of a packet has ports, so this matches "
                             "nothing");
        }
}

/* --- Precedence --- */

static bool is_in_parentheses(const struct hinting *hinting, const struct tree *tree)
{
        size_t before = tree->offset, after = tree->offset + (size_t)tree->length;

        while (before > 0 && isspace((unsigned char)hinting->expression[before - 1]))
                before--;
        while (isspace((unsigned char)hinting->expression[after]))
                after++;
        return before > 0 && hinting->expression[before - 1] == '(' &&
               hinting->expression[after] == ')';
}

/* `a or b and c` is `(a or b) and c`: both bind equally, from the left. */
static void hint_at_precedence(struct hinting *hinting, const struct tree *tree)
{
        const struct tree *first = tree->operands;
        bool both = tree->kind == TREE_AND;

        if (first->kind != (both ? TREE_OR : TREE_AND) || is_in_parentheses(hinting, first) ||
            !both)
                return;
        hint(hinting, tree,
             "'and' and 'or' bind equally, from the left, so this means '(%.*s) and ...': put "
             "parentheses where you want them",
             first->length < 60 ? (int)first->length : 60,
             first->length < 60 ? hinting->expression + first->offset : "... or ...");
}

static void hint_at_tree(struct hinting *hinting, const struct tree *root)
{
        for (const struct tree *node = tree_first(root); node && !hinting->failed;
             node = tree_next(node)) {
                if (node->kind == TREE_AND || node->kind == TREE_OR)
                        hint_at_precedence(hinting, node);
                if (node->kind == TREE_AND)
                        hint_at_parts(hinting, node);
                if (node->kind == TREE_RELATION)
                        hint_at_relation(hinting, node);
                if (node->kind == TREE_GENEVE)
                        hint_at_geneve(hinting, node);
                if (node->kind == TREE_LAYERS) {
                        hinting->within_layers = true;
                        hint_at_tree(hinting, node->test->inside);
                        hinting->within_layers = false;
                }
        }
}

static int by_place(const void *one, const void *other)
{
        const struct error *a = one, *b = other;

        return (a->offset > b->offset) - (a->offset < b->offset);
}

int cbpf_hints(const char *expression, const struct cbpf_target *target, struct cbpf_hints *hints)
{
        struct hinting hinting = {.expression = expression, .target = target, .hints = hints};
        struct arena arena = {0};
        struct tree *tree = NULL;
        struct error error;

        *hints = (struct cbpf_hints){0};
        if (strlen(expression) <= CBPF_HINTS_MAX_EXPRESSION &&
            cbpf_parse(expression, PARSE_NO_NAMES, target->sets, &arena, &tree, &error) < 0)
                hinting.failed = error.kind == ERROR_MEMORY;
        if (tree) {
                hint_at_tree(&hinting, tree);
                hint_at_tags(&hinting, tree);
                if (hints->count > 1)
                        qsort(hints->hints, hints->count, sizeof *hints->hints, by_place);
        }
        arena_free(&arena);
        if (!hinting.failed)
                return 0;
        cbpf_hints_free(hints);
        return -1;
}

void cbpf_hints_free(struct cbpf_hints *hints)
{
        free(hints->hints);
        *hints = (struct cbpf_hints){0};
}

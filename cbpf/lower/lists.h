/* Lists and their values, pairs and tuples: what the parts of lowering share. */
#pragma once

#include "lower.h"

enum {
        LISTS_MAX_WORDS = 4, /* of a value */
};

struct interval {
        uint32_t first, last;
};

/* A value is read word by word, in the order in which the program tests them. */
struct value {
        struct interval words[LISTS_MAX_WORDS];
};

/* What tests have in common that can be gathered into one list. */
struct shape {
        uint8_t kind; /* TREE_IPV4, TREE_IPV6, TREE_MAC or TREE_PORT */
        struct tree_qualifiers qualifiers;
        uint8_t transport;
};

struct list {
        struct shape shape;
        uint32_t words; /* of each value */
        uint32_t marker[LISTS_MAX_WORDS];
        struct value *values;
        uint32_t count, room;
};

/* The words of a value of this kind. */
static inline uint32_t lists_words(uint8_t kind)
{
        return kind == TREE_IPV6 ? 4 : kind == TREE_MAC ? 2 : 1;
}

static inline bool lists_same_interval(struct interval a, struct interval b)
{
        return a.first == b.first && a.last == b.last;
}

/* What `tree` is without operators of one operand; `negated` changes with each `not` among them. */
struct tree *lists_below(struct tree *tree, bool *negated);
/* The kind under which a test can be gathered: TREE_IPV4, TREE_IPV6, TREE_MAC or TREE_PORT; or -1.
 */
int lists_kind(const struct tree *test);
/* The same for tests of both source and destination, too. */
int lists_kind_of_value(const struct tree *test);
/* Finds the shape of a test; false if it cannot be gathered. */
bool lists_shape(const struct tree *test, struct shape *shape);
/* The value of an address or network, and of a MAC address. */
struct value lists_ipv6_value(const uint8_t address[16], unsigned prefix);
struct value lists_mac_value(const uint8_t mac[6]);
/* The value a test asks for. */
struct value lists_value(const struct tree *test);
/* True if the words of a value after number `word` may be anything. */
bool lists_value_ends(const struct value *value, uint32_t word, uint32_t words);

/* In one `and` or `or`, the operands from `*link` up to `end` give way to `leaf`, which is true
 * where one of them is; or, in an `and`, of what they negate. Returns 0, or -1 if memory is short.
 */
int lists_put_leaf(struct lists *lists, struct tree *cluster, struct tree **link, struct tree *end,
                   struct tree leaf);

/* Sorts values and drops those that others contain; overlapping values of one word are joined.
 * Returns how many are left. */
uint32_t lists_order(struct value *values, uint32_t count, uint32_t words);
/* The same for each list, once before lists_switch(). */
void lists_sort(const struct lists *lists);

/* Arms of switches being made, a stack: a word's are pushed while those of the word before are.
 * Where memory is short, graph->failed is set. */
struct arms {
        struct arm *arms;
        uint32_t count, room;
};

void lists_push_arm(struct arms *arms, struct graph *graph, uint32_t from, uint32_t to);
/* Makes a switch of the arms from number `start` on and takes them off the stack. */
uint32_t lists_pop_switch(struct arms *arms, struct graph *graph, uint32_t start, uint32_t term);

/* Makes the nodes that lead to `yes` if the words of a packet, which `terms` are, have one of the
 * values of list number `list` (as in tree->list), else to `no`. Time O(n log n). */
uint32_t lists_switch(const struct lists *lists, uint32_t list, struct graph *graph,
                      const uint32_t *terms, uint32_t yes, uint32_t no);
/* The same where it makes no difference in which order words are loaded: words that all values of a
 * long list have in common are tested once, before the others. */
uint32_t lists_switch_reordered(const struct lists *lists, uint32_t list, struct graph *graph,
                                const uint32_t *terms, uint32_t yes, uint32_t no);
/* The same for values that lists_order() has sorted. */
uint32_t lists_switch_values(struct graph *graph, const struct value *values, uint32_t count,
                             uint32_t words, const uint32_t *terms, uint32_t yes, uint32_t no);

/* Pairs: `(host a and port p) or (host b and port q) or …`, the same with its parts the other way
 * round, and `not (host a and port p) and not (host b and port q) …`. A run of them becomes one
 * leaf of the tree, which is lowered to sorted searches (pair_search.c). */
struct pair {
        struct value host;
        struct interval port;
        uint8_t transport; /* as in struct tree_test */
};

/* What all pairs of a run have in common. */
struct pairs_shape {
        uint8_t host;                           /* TREE_IPV4 or TREE_IPV6 */
        uint8_t host_direction, port_direction; /* DIRECTION_DEFAULT, _SRC or _DST */
        bool port_first;                        /* the port is tested before the host */
};

struct pairs {
        struct pairs_shape shape;
        struct pair *pairs; /* in the order of the expression */
        uint32_t count, room;
};

/* Replaces each run of pairs among the operands of one `and` or `or` by a leaf TREE_PAIRS, whose
 * `list` is the number of the run, counted from 1. Returns 0, or -1 if memory is short. */
int pairs_gather(struct lists *lists, struct tree *cluster);
void pairs_free(struct lists *lists);

/* Tuples: `(src host a and dst host b and port p) or (src host c and dst host d and port q) or …`,
 * tests of the same fields, each with values of its own, and the same with `not` and `and`. A run
 * of them becomes one leaf of the tree, which is lowered to a search for the first field, then for
 * the next one among the tuples that are left (tuple_search.c). */
enum {
        TUPLES_MAX_FIELDS = 12, /* words of the packet */
};

/* A word of an address, or a port. */
struct tuple_field {
        uint8_t kind;      /* TREE_IPV4, TREE_IPV6 or TREE_PORT */
        uint8_t direction; /* DIRECTION_SRC or _DST; _DEFAULT, either, for the last field only */
        uint8_t word;      /* of the address */
};

/* What all tuples of a run have in common. */
struct tuples_shape {
        struct tuple_field fields[TUPLES_MAX_FIELDS]; /* in the order in which they are tested */
        uint8_t count;
        uint8_t host;      /* TREE_IPV4 or TREE_IPV6; 0 where only ports are tested, of both */
        bool ports;        /* some are tested, */
        uint8_t transport; /* of these: as in struct tree_test */
        uint8_t protocol;  /* that is asked for as well; of IPv4 only; 0: none */
        bool only_ip;      /* IPv4: addresses of ARP do not count, nor ports of IPv6 */
};

struct tuples {
        struct tuples_shape shape;
        struct interval *values; /* shape.count of each tuple */
        uint32_t count;          /* tuples */
        size_t room;
};

/* Replaces each run of tuples among the operands of one `and` or `or` by a leaf TREE_TUPLES, whose
 * `list` is the number of the run, counted from 1. Returns 0, or -1 if memory is short. */
int tuples_gather(struct lists *lists, struct tree *cluster);
void tuples_free(struct lists *lists);

/* Long sets to maps: what a set holds is data, which loads sooner than code, and can be as long as
 * memory allows.
 *
 * A set of values of one term is a switch with many arms. One of longer values, as MAC and IPv6
 * addresses or pairs, is a switch whose arms lead to switches of further terms, with one target for
 * all that is not in it. Each path through these switches becomes an entry of the map. */
#include "base/array.h"
#include "emission.h"

#include <stdlib.h>
#include <string.h>

enum {
        MIN_ARMS = 4096,       /* of a switch; fewer are found sooner by comparing, */
        MIN_PATHS = 2048,      /* and as many values have such a switch */
        MAX_ENTRIES = 1 << 22, /* of several words, which products of lists may exceed */
        MAX_STEPS = 1 << 26,
        MAX_WITHIN = 64, /* terms within one of a value */
};

/* Finding the terms */

struct nodes {
        uint32_t *items;
        uint32_t count, room;
};

static int compare_numbers(const void *a, const void *b)
{
        uint32_t first = *(const uint32_t *)a, second = *(const uint32_t *)b;

        return (first > second) - (first < second);
}

static void drop_repeated(struct nodes *nodes)
{
        uint32_t kept = 0;

        if (nodes->count == 0)
                return;
        qsort(nodes->items, nodes->count, sizeof *nodes->items, compare_numbers);
        for (uint32_t i = 0; i < nodes->count; i++)
                if (kept == 0 || nodes->items[kept - 1] != nodes->items[i])
                        nodes->items[kept++] = nodes->items[i];
        nodes->count = kept;
}

/* Adds the targets of a switch but the usual one. Returns false if memory is short. */
static bool add_targets(struct nodes *nodes, const struct node *node, uint32_t usual)
{
        for (uint32_t i = 0; i < node->count; i++) {
                uint32_t to = node->arms[i].to;

                if (to == usual || (nodes->count > 0 && nodes->items[nodes->count - 1] == to))
                        continue;
                if (!array_grow(nodes->items, nodes->room, nodes->count + (size_t)1))
                        return false;
                nodes->items[nodes->count++] = to;
        }
        return true;
}

static uint32_t switched_term(const struct graph *graph, uint32_t node)
{
        return graph->nodes[node].kind == NODE_SWITCH ? graph->nodes[node].term : GRAPH_NONE;
}

/* The term that most of the nodes ask for, if more than half of them do. Sets the number of the
 * others. */
static uint32_t common_term(const struct graph *graph, const struct nodes *nodes, uint32_t *others)
{
        uint32_t term = GRAPH_NONE, ahead = 0;

        for (uint32_t i = 0; i < nodes->count; i++) {
                uint32_t found = switched_term(graph, nodes->items[i]);

                if (ahead == 0)
                        term = found;
                if (found == term)
                        ahead++;
                else
                        ahead--;
        }
        *others = 0;
        for (uint32_t i = 0; i < nodes->count; i++)
                *others += switched_term(graph, nodes->items[i]) != term;
        return term;
}

/* Whether a load is made by all paths from the node that accept, or its bytes are known to be there
 * by then: only then it may be made before the other tests. */
static bool is_there(const struct emission *emission, uint32_t number, const struct term *load)
{
        const struct graph *graph = emission->graph;
        const struct term *own = &graph->terms[graph->nodes[number].term];
        uint64_t end = (uint64_t)load->k + graph_load_size(load);
        uint32_t base = needs_base(&emission->needs, load->a);
        const uint32_t *need;

        if (base == emission->needs.count)
                return false;
        need = emission->needs.bases[base].need;
        return (need && need[number] >= end) ||
               (is_packet_load(own) && own->a == load->a &&
                (uint64_t)own->k + graph_load_size(own) >= end) ||
               (base == 0 ? emission->state.checked >= end
                          : emission->state.base == base && emission->state.base_checked >= end);
}

static bool are_all_there(const struct emission *emission, uint32_t number, uint32_t of, int *left)
{
        const struct term *term = &emission->graph->terms[of];

        if ((*left)-- <= 0 || term->kind == TERM_EQUAL || term->kind == TERM_GREATER)
                return false;
        if (term->kind < TERM_LOAD)
                return true;
        return (!is_packet_load(term) || is_there(emission, number, term)) &&
               (term->a == GRAPH_NONE || are_all_there(emission, number, term->a, left)) &&
               (term->kind == TERM_LOAD || term->b == GRAPH_NONE ||
                are_all_there(emission, number, term->b, left));
}

/* The node's target for what is no value of the set is `usual` to all of its switches. Replaces
 * those of the nodes that ask for the term by what they lead to. */
static bool pass_term(const struct emission *emission, struct nodes *nodes, uint32_t term,
                      uint32_t usual)
{
        struct nodes next = {0};
        bool fine = true;

        for (uint32_t i = 0; i < nodes->count && fine; i++) {
                const struct node *node = &emission->graph->nodes[nodes->items[i]];

                if (switched_term(emission->graph, nodes->items[i]) == term) {
                        fine = add_targets(&next, node, usual);
                } else {
                        fine = array_grow(next.items, next.room, next.count + (size_t)1);
                        if (fine)
                                next.items[next.count++] = nodes->items[i];
                }
        }
        free(nodes->items);
        *nodes = next;
        drop_repeated(nodes);
        return fine;
}

/* Finds terms until what follows them are few classes. */
static bool find_terms(struct emission *emission, uint32_t number, struct set *set,
                       struct nodes *nodes)
{
        const struct node *node = &emission->graph->nodes[number];
        uint32_t others;

        set->terms[set->words++] = node->term;
        if (!add_targets(nodes, node, set->usual)) {
                emission->code.failed = true;
                return false;
        }
        drop_repeated(nodes);
        if (nodes->count <= MAX_CLASSES && node->count >= MIN_ARMS)
                return true;
        /* If all goes on by one node, or by different tests, the set begins behind this one. */
        if (nodes->count < 2)
                return false;
        do {
                uint32_t term = common_term(emission->graph, nodes, &others);
                int left = MAX_WITHIN;

                if (set->words == CBPF_EXTENDED_WORDS || term == GRAPH_NONE ||
                    others > (nodes->count <= MAX_CLASSES ? 0 : MAX_CLASSES) ||
                    !are_all_there(emission, number, term, &left))
                        return false;
                for (unsigned i = 0; i < set->words; i++)
                        if (set->terms[i] == term)
                                return false;
                set->terms[set->words++] = term;
                if (!pass_term(emission, nodes, term, set->usual)) {
                        emission->code.failed = true;
                        return false;
                }
        } while (nodes->count > MAX_CLASSES);
        return true;
}

/* Entries */

struct walk {
        struct emission *emission;
        struct set *set;
        unsigned places[CBPF_EXTENDED_WORDS]; /* by term: which word of the values it is */
        uint32_t from[CBPF_EXTENDED_WORDS], last[CBPF_EXTENDED_WORDS]; /* by word */
        uint32_t room[3];
};

/* Words are in the order of the packet where that is one, as prefixes have it. */
static void order_words(struct walk *walk)
{
        const struct graph *graph = walk->emission->graph;
        const struct set *set = walk->set;
        const struct term *first = &graph->terms[set->terms[0]];
        bool in_order = true;

        for (unsigned i = 0; i < set->words; i++) {
                const struct term *term = &graph->terms[set->terms[i]];

                in_order &= is_packet_load(term) && term->a == first->a;
        }
        for (unsigned i = 0; i < set->words; i++) {
                walk->places[i] = in_order ? 0 : i;
                for (unsigned j = 0; in_order && j < set->words; j++)
                        walk->places[i] +=
                            graph->terms[set->terms[j]].k < graph->terms[set->terms[i]].k;
        }
}

/* The bits that all values have in common of the largest block from `from` on, up to `last`, that
 * is a prefix. */
static uint8_t prefix_of(uint32_t from, uint32_t last)
{
        uint8_t prefix = 32;

        while (prefix > 0) {
                uint64_t size = (uint64_t)1 << (33 - prefix);

                if (from & (size - 1) || from + size - 1 > last)
                        break;
                prefix--;
        }
        return prefix;
}

static bool add_entry(struct walk *walk, const uint32_t *value, unsigned prefix, uint8_t class)
{
        struct cbpf_extended_map *map = &walk->set->map;
        size_t count = map->count + (size_t)1;

        if (map->words > 1 && map->count == MAX_ENTRIES)
                return false;
        if (!array_grow(map->values, walk->room[0], count * map->words) ||
            !array_grow(map->prefixes, walk->room[1], count) ||
            !array_grow(map->classes, walk->room[2], count)) {
                walk->emission->code.failed = true;
                return false;
        }
        memcpy(map->values + map->count * (size_t)map->words, value, map->words * sizeof *value);
        map->prefixes[map->count] = (uint8_t)prefix;
        map->classes[map->count++] = class;
        return true;
}

/* Adds the values between `from` and `last`, word by word, as prefixes. Returns false if they are
 * none. */
static bool add_range(struct walk *walk, uint8_t class)
{
        struct cbpf_extended_map *map = &walk->set->map;
        uint32_t value[CBPF_EXTENDED_WORDS] = {0};
        unsigned word = 0;
        uint64_t next;

        while (word < map->words && walk->from[word] == walk->last[word]) {
                value[word] = walk->from[word];
                word++;
        }
        if (word == map->words)
                return add_entry(walk, value, 32 * word, class);
        for (unsigned i = word + 1; i < map->words; i++)
                if (walk->from[i] != 0 || walk->last[i] != UINT32_MAX)
                        return false;
        map->ranges = true;
        for (next = walk->from[word]; next <= walk->last[word];) {
                uint8_t prefix = prefix_of((uint32_t)next, walk->last[word]);

                value[word] = (uint32_t)next;
                if (!add_entry(walk, value, 32 * word + prefix, class))
                        return false;
                next += (uint64_t)1 << (32 - prefix);
        }
        return true;
}

/* The class of what is at a node: from 1; 0 if there are too many. */
static uint8_t class_of(struct set *set, uint32_t node)
{
        uint32_t i = 0;

        while (i < set->classes && set->targets[i] != node)
                i++;
        if (i == MAX_CLASSES)
                return 0;
        if (i == set->classes)
                set->targets[set->classes++] = node;
        return (uint8_t)(i + 1);
}

static void set_word(struct walk *walk, unsigned term, uint32_t from, uint32_t last)
{
        walk->from[walk->places[term]] = from;
        walk->last[walk->places[term]] = last;
}

/* Adds all paths from a node, where terms from `next` on are asked for. The recursion is as deep as
 * there are terms. */
static bool add_paths(struct walk *walk, uint32_t number, unsigned next)
{
        const struct graph *graph = walk->emission->graph;
        const struct node *node = &graph->nodes[number];
        struct set *set = walk->set;
        unsigned term = next;
        uint8_t class;

        if (number == set->usual)
                return true;
        if (walk->emission->steps-- == 0)
                return false;
        while (term < set->words && switched_term(graph, number) != set->terms[term])
                term++;
        for (unsigned i = next; i < term; i++)
                set_word(walk, i, 0, UINT32_MAX);
        if (term == set->words) {
                class = class_of(set, number);
                return class > 0 && add_range(walk, class);
        }
        for (uint32_t i = 0; i < node->count; i++) {
                set_word(walk, term, node->arms[i].from, graph_arm_end(node, i));
                if (!add_paths(walk, node->arms[i].to, term + 1))
                        return false;
        }
        return true;
}

static bool make_entries(struct emission *emission, uint32_t number, struct set *set)
{
        struct walk walk = {.emission = emission, .set = set};

        order_words(&walk);
        memcpy(set->places, walk.places, sizeof set->places);
        set->map.words = (uint8_t)set->words;
        if (!add_paths(&walk, number, 0) || set->map.count == 0) {
                extended_free_map(&set->map);
                return false;
        }
        if (!set->map.ranges) {
                free(set->map.prefixes);
                set->map.prefixes = NULL;
        }
        return true;
}

/* By node: how many paths begin there that take no usual target. */
bool set_count_paths(struct emission *emission)
{
        const struct graph *graph = emission->graph;
        uint32_t *paths = calloc((size_t)graph->root + 1, sizeof *paths);

        emission->paths = paths;
        emission->steps = MAX_STEPS;
        for (uint32_t i = 0; paths && i <= graph->root; i++) {
                const struct node *node = &graph->nodes[i];
                uint32_t usual;

                if (node->kind != NODE_SWITCH || !emission->needs.reached[i])
                        continue;
                usual = graph_usual_target(node);
                for (uint32_t arm = 0; arm < node->count && paths[i] < MIN_PATHS; arm++)
                        if (node->arms[arm].to != usual)
                                paths[i] +=
                                    paths[node->arms[arm].to] ? paths[node->arms[arm].to] : 1;
        }
        return paths;
}

bool set_find(struct emission *emission, uint32_t number, struct set *set)
{
        const struct node *node = &emission->graph->nodes[number];
        struct nodes nodes = {0};
        bool found;

        *set = (struct set){.usual = graph_usual_target(node)};
        if (!emission->target->maps ||
            (node->count < MIN_ARMS && emission->paths[number] < MIN_PATHS))
                return false;
        found = find_terms(emission, number, set, &nodes);
        free(nodes.items);
        return found && make_entries(emission, number, set);
}

/* Code */

static bool same_map(const struct cbpf_extended_map *a, const struct cbpf_extended_map *b)
{
        return a->count == b->count && a->words == b->words && a->ranges == b->ranges &&
               memcmp(a->values, b->values, a->count * (size_t)a->words * sizeof *a->values) == 0 &&
               (!a->ranges || memcmp(a->prefixes, b->prefixes, a->count) == 0) &&
               memcmp(a->classes, b->classes, a->count) == 0;
}

/* The number of a map with these entries, which become its: sources and destinations are often
 * looked for in the same set. */
static uint32_t keep_map(struct emission *emission, struct cbpf_extended_map *map)
{
        for (uint32_t i = 0; i < emission->map_count; i++)
                if (same_map(&emission->maps[i], map)) {
                        extended_free_map(map);
                        return i;
                }
        if (!array_grow(emission->maps, emission->map_room, emission->map_count + (size_t)1)) {
                extended_free_map(map);
                emission->code.failed = true;
                return 0;
        }
        emission->maps[emission->map_count] = *map;
        return emission->map_count++;
}

/* Leaves a word of the value where the map is asked for it: of a trie behind its length, in network
 * byte order. */
static void store_word(struct emission *emission, const struct set *set, unsigned term)
{
        struct code *code = &emission->code;
        unsigned value = values_compute(emission, set->terms[term], false);
        int32_t at = -KEY_AREA + 4 * (int32_t)(set->places[term] + set->map.ranges);

        if (set->map.ranges) {
                code_put(code, CLASS_ALU | ALU_END | BY_REGISTER, value, 0, 0, 32);
                emission->state.values[value] = GRAPH_NONE;
        }
        code_put(code, CLASS_STX | MODE_MEM | SIZE_W, FRAME, value, at, 0);
}

void set_emit(struct emission *emission, uint32_t number, struct set *set)
{
        struct code *code = &emission->code;
        uint32_t map;

        for (unsigned i = 0; i < set->words; i++) {
                values_prepare(emission, number, set->terms[i]);
                store_word(emission, set, i);
        }
        if (set->map.ranges)
                code_put(code, CLASS_ST | MODE_MEM | SIZE_W, FRAME, 0, -KEY_AREA,
                         32 * (int32_t)set->words);
        map = keep_map(emission, &set->map);
        code_put(code, CBPF_EXTENDED_LOAD, 1, CBPF_EXTENDED_MAP, 0, (int32_t)map);
        code_put(code, 0, 0, 0, 0, 0);
        code_address(code, 2, KEY_AREA);
        code_put(code, CLASS_JMP | JUMP_CALL, 0, 0, 0, LOOK_UP);
        values_forget(emission);
        code_jump(code, CLASS_JMP | JUMP_EQ, 0, 0, 0,
                  emission_target(emission, emission->way, set->usual));
        if (set->classes > 1)
                code_put(code, CLASS_LDX | MODE_MEM | SIZE_W, 0, 0, 0, 0);
        for (uint32_t i = 1; i < set->classes; i++)
                code_jump(code, CLASS_JMP32 | JUMP_EQ, 0, 0, (int32_t)i + 1,
                          emission_target(emission, emission->way, set->targets[i]));
        emission_go(emission, set->targets[0]);
}

/* Long switches to maps: what a set holds is data, which loads sooner than code, and can be as long
 * as memory allows. */
#include "base/array.h"
#include "emission.h"

#include <stdlib.h>

/* A switch as a map: each target but the usual one is a class of values, numbered from 1. */
struct classes {
        uint32_t usual;
        uint32_t targets[MAX_CLASSES];
        uint32_t count;
        bool ranges; /* an arm holds more than one value */
};

static uint32_t class_of(const struct classes *classes, uint32_t to)
{
        uint32_t i = 0;

        while (i < classes->count && classes->targets[i] != to)
                i++;
        return i;
}

/* Returns false if there are too many. */
static bool find_classes(const struct node *node, struct classes *classes)
{
        *classes = (struct classes){.usual = graph_usual_target(node)};
        for (uint32_t i = 0; i < node->count; i++) {
                uint32_t to = node->arms[i].to;

                if (to == classes->usual)
                        continue;
                classes->ranges |= node->arms[i].from != graph_arm_end(node, i);
                if (class_of(classes, to) < classes->count)
                        continue;
                if (classes->count == MAX_CLASSES)
                        return false;
                classes->targets[classes->count++] = to;
        }
        return true;
}

bool set_wanted(const struct emission *emission, const struct node *node)
{
        struct classes classes;

        return emission->target->maps && node->count >= MIN_LOOKED_UP &&
               find_classes(node, &classes);
}

/* Entries */

struct entries {
        struct cbpf_extended_entry *items;
        uint32_t count, room;
        bool failed;
};

/* The largest block of values from `from` on, up to `last`, that is a prefix. */
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

static void add_range(struct entries *entries, uint32_t from, uint32_t last, uint32_t class)
{
        uint64_t next = from;

        while (next <= last && !entries->failed) {
                uint8_t prefix = prefix_of((uint32_t)next, last);

                if (!array_grow(entries->items, entries->room, entries->count + (size_t)1)) {
                        entries->failed = true;
                        return;
                }
                entries->items[entries->count++] =
                    (struct cbpf_extended_entry){(uint32_t)next, prefix, (uint8_t)(class + 1)};
                next += (uint64_t)1 << (32 - prefix);
        }
}

static bool same_entries(const struct cbpf_extended_map *map, const struct entries *entries)
{
        if (map->count != entries->count)
                return false;
        for (uint32_t i = 0; i < map->count; i++)
                if (map->entries[i].from != entries->items[i].from ||
                    map->entries[i].prefix != entries->items[i].prefix ||
                    map->entries[i].class != entries->items[i].class)
                        return false;
        return true;
}

/* The number of a map with these entries: sources and destinations are often looked for in the same
 * set. */
static uint32_t keep_map(struct emission *emission, struct entries *entries, bool ranges)
{
        for (uint32_t i = 0; i < emission->map_count && !entries->failed; i++)
                if (same_entries(&emission->maps[i], entries)) {
                        free(entries->items);
                        return i;
                }
        if (entries->failed ||
            !array_grow(emission->maps, emission->map_room, emission->map_count + (size_t)1)) {
                free(entries->items);
                emission->code.failed = true;
                return 0;
        }
        emission->maps[emission->map_count] =
            (struct cbpf_extended_map){ranges, entries->count, entries->items};
        return emission->map_count++;
}

static uint32_t make_map(struct emission *emission, const struct node *node,
                         const struct classes *classes)
{
        struct entries entries = {0};

        for (uint32_t i = 0; i < node->count; i++)
                if (node->arms[i].to != classes->usual)
                        add_range(&entries, node->arms[i].from, graph_arm_end(node, i),
                                  class_of(classes, node->arms[i].to));
        return keep_map(emission, &entries, classes->ranges);
}

/* Code */

enum {
        KEY = -(VARIABLE_AREA + 8), /* where a single load would be, which is not needed any more */
        PREFIX_LENGTH = 4,          /* bytes in front of the value in a key of a trie */
};

/* Leaves the value where the map is asked for it: of a trie behind its length, in network byte
 * order. */
static void store_key(struct emission *emission, unsigned value, bool ranges)
{
        struct code *code = &emission->code;

        if (ranges) {
                code_put(code, CLASS_ST | MODE_MEM | SIZE_W, FRAME, 0, KEY, 32);
                code_put(code, CLASS_ALU | ALU_END | BY_REGISTER, value, 0, 0, 32);
        }
        code_put(code, CLASS_STX | MODE_MEM | SIZE_W, FRAME, value,
                 ranges ? KEY + PREFIX_LENGTH : KEY, 0);
}

void set_emit(struct emission *emission, const struct node *node)
{
        struct code *code = &emission->code;
        struct classes classes;
        uint32_t map;

        find_classes(node, &classes);
        map = make_map(emission, node, &classes);
        store_key(emission, values_compute(emission, node->term, false), classes.ranges);
        code_put(code, CBPF_EXTENDED_LOAD, 1, CBPF_EXTENDED_MAP, 0, (int32_t)map);
        code_put(code, 0, 0, 0, 0, 0);
        code_put(code, CLASS_ALU64 | ALU_MOV | BY_REGISTER, 2, FRAME, 0, 0);
        code_put(code, CLASS_ALU64 | ALU_ADD, 2, 0, 0, KEY);
        code_put(code, CLASS_JMP | JUMP_CALL, 0, 0, 0, LOOK_UP);
        values_forget(emission);
        code_jump(code, CLASS_JMP | JUMP_EQ, 0, 0, 0,
                  emission_target(emission, emission->way, classes.usual));
        if (classes.count > 1)
                code_put(code, CLASS_LDX | MODE_MEM | SIZE_W, 0, 0, 0, 0);
        for (uint32_t i = 1; i < classes.count; i++)
                code_jump(code, CLASS_JMP32 | JUMP_EQ, 0, 0, (int32_t)i + 1,
                          emission_target(emission, emission->way, classes.targets[i]));
        emission_go(emission, classes.targets[0]);
}

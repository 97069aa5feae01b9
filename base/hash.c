/* A hash table of item numbers. */
#include "hash.h"

#include <stdlib.h>
#include <string.h>

enum { MIN_SIZE = 256 };

uint32_t hash_bytes(const void *bytes, size_t size)
{
        const uint8_t *at = bytes;
        uint64_t hash = size, word = 0;

        for (; size >= sizeof word; at += sizeof word, size -= sizeof word) {
                memcpy(&word, at, sizeof word);
                hash = hash_mix(hash, word);
        }
        word = 0;
        memcpy(&word, at, size);
        return hash_fold(hash_mix(hash, word));
}

static void place(struct hash_table *table, struct hash_slot slot)
{
        uint32_t at = slot.hash & (table->size - 1);

        while (table->slots[at].item)
                at = (at + 1) & (table->size - 1);
        table->slots[at] = slot;
}

/* Keeps the table at most half full: looking up is short, and always ends. */
static bool grow(struct hash_table *table)
{
        struct hash_table grown = {.used = table->used};

        if (table->used < table->size / 2)
                return true;
        grown.size = table->size ? table->size * 2 : MIN_SIZE;
        grown.slots = grown.size ? calloc(grown.size, sizeof *grown.slots) : NULL;
        if (!grown.slots)
                return false;
        for (uint32_t i = 0; i < table->size; i++)
                if (table->slots[i].item)
                        place(&grown, table->slots[i]);
        free(table->slots);
        *table = grown;
        return true;
}

bool hash_put(struct hash_table *table, uint32_t hash, uint32_t item)
{
        if (!grow(table))
                return false;
        place(table, (struct hash_slot){hash, item + 1});
        table->used++;
        return true;
}

/* What stands behind the gap moves into it, unless it would then stand before its own hash's slot:
 * a search stops at the first empty slot. */
void hash_remove(struct hash_table *table, uint32_t hash, uint32_t item)
{
        const uint32_t mask = table->size - 1;
        uint32_t gap = hash & mask;

        while (table->slots[gap].hash != hash || table->slots[gap].item != item + 1)
                gap = (gap + 1) & mask;
        for (uint32_t at = (gap + 1) & mask; table->slots[at].item; at = (at + 1) & mask) {
                uint32_t home = table->slots[at].hash & mask;

                if (((at - home) & mask) >= ((at - gap) & mask)) {
                        table->slots[gap] = table->slots[at];
                        gap = at;
                }
        }
        table->slots[gap] = (struct hash_slot){0};
        table->used--;
}

void hash_clear(struct hash_table *table)
{
        if (table->size > 0)
                memset(table->slots, 0, table->size * sizeof *table->slots);
        table->used = 0;
}

void hash_free(struct hash_table *table)
{
        free(table->slots);
        *table = (struct hash_table){0};
}

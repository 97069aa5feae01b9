/* A hash table from hashes to numbers of items that the caller keeps in an array of its own: open
 * addressing, linear probing, at most half full. A slot holds the whole hash, so that few items
 * need a closer look, and looking does not touch the items. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_NONE UINT32_MAX

struct hash_slot {
        uint32_t hash;
        uint32_t item; /* its number + 1; 0 if the slot is empty */
};

/* All zero is an empty table. */
struct hash_table {
        struct hash_slot *slots;
        uint32_t size; /* slots: a power of two, or 0 */
        uint32_t used;
};

/* One step of hashing a value of several words; begin with any `hash`. */
static inline uint64_t hash_mix(uint64_t hash, uint64_t value)
{
        hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
        return hash ^ hash >> 29;
}

/* The last step. */
static inline uint32_t hash_fold(uint64_t hash)
{
        return (uint32_t)(hash ^ hash >> 32);
}

/* The hash of `size` bytes. */
uint32_t hash_bytes(const void *bytes, size_t size);

/* A secret, so that who chooses what is hashed, such as whoever sends packets, cannot choose hashes
 * that collide. */
struct hash_key {
        uint64_t words[2];
};

void hash_key_new(struct hash_key *key);

/* The hash of `size` bytes under a key: SipHash-1-3, https://www.aumasson.jp/siphash/siphash.pdf,
 * folded. */
uint32_t hash_keyed(const struct hash_key *key, const void *bytes, size_t size);

/* Returns, one a call, the items that were put with `hash`, then HASH_NONE. Of these the caller
 * compares the keys. `*at` starts as `hash` itself and is where the search stands. No item may be
 * put or removed in between.
 *
 *      uint32_t at = hash, item;
 *
 *      while ((item = hash_next(&table, hash, &at)) != HASH_NONE)
 *              if (is_equal(&items[item], key))
 *                      return item; */
static inline uint32_t hash_next(const struct hash_table *table, uint32_t hash, uint32_t *at)
{
        if (table->size == 0)
                return HASH_NONE;
        for (;;) {
                const struct hash_slot *slot = &table->slots[*at & (table->size - 1)];

                if (slot->item == 0)
                        return HASH_NONE;
                ++*at;
                if (slot->hash == hash)
                        return slot->item - 1;
        }
}

/* Adds `item`, a number below HASH_NONE - 1. Equal items are not looked for. Returns false, with
 * the table unchanged, if memory is short. */
bool hash_put(struct hash_table *table, uint32_t hash, uint32_t item);

/* Removes `item`, which was put with `hash`. O(1). */
void hash_remove(struct hash_table *table, uint32_t hash, uint32_t item);

/* Removes all items and keeps the slots. */
void hash_clear(struct hash_table *table);

/* Frees the table and leaves it empty. */
void hash_free(struct hash_table *table);

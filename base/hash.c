/* A hash table of item numbers. */
#include "hash.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

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

void hash_key_new(struct hash_key *key)
{
        struct timespec now;

        if (getrandom(key, sizeof *key, GRND_NONBLOCK) == (ssize_t)sizeof *key)
                return;
        clock_gettime(CLOCK_MONOTONIC, &now); /* early in the machine's life; better than nothing */
        key->words[0] = hash_mix((uint64_t)now.tv_nsec, (uint64_t)now.tv_sec);
        key->words[1] = hash_mix(key->words[0], (uintptr_t)key);
}

struct sip {
        uint64_t a, b, c, d;
};

static uint64_t rotate(uint64_t word, int bits)
{
        return word << bits | word >> (64 - bits);
}

static void sip_round(struct sip *sip)
{
        sip->a += sip->b;
        sip->c += sip->d;
        sip->b = rotate(sip->b, 13) ^ sip->a;
        sip->d = rotate(sip->d, 16) ^ sip->c;
        sip->a = rotate(sip->a, 32) + sip->d;
        sip->c += sip->b;
        sip->d = rotate(sip->d, 21) ^ sip->a;
        sip->b = rotate(sip->b, 17) ^ sip->c;
        sip->c = rotate(sip->c, 32);
}

static void sip_word(struct sip *sip, uint64_t word)
{
        sip->d ^= word;
        sip_round(sip);
        sip->a ^= word;
}

uint32_t hash_keyed(const struct hash_key *key, const void *bytes, size_t size)
{
        struct sip sip = {key->words[0] ^ 0x736f6d6570736575u, key->words[1] ^ 0x646f72616e646f6du,
                          key->words[0] ^ 0x6c7967656e657261u, key->words[1] ^ 0x7465646279746573u};
        const uint8_t *at = bytes;
        uint64_t last = (uint64_t)size << 56, word;

        for (; size >= sizeof word; at += sizeof word, size -= sizeof word) {
                memcpy(&word, at, sizeof word);
                sip_word(&sip, le64toh(word));
        }
        for (size_t i = 0; i < size; i++)
                last |= (uint64_t)at[i] << 8 * i;
        sip_word(&sip, last);
        sip.c ^= 0xff;
        for (int i = 0; i < 3; i++)
                sip_round(&sip);
        return hash_fold(sip.a ^ sip.b ^ sip.c ^ sip.d);
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

/* Memory for one compilation: taken piece by piece, given back all at once. */
#pragma once

#include <stddef.h>

struct arena_block;

/* All zero is an empty arena. */
struct arena {
        struct arena_block *blocks; /* the one in use first */
        size_t used;                /* bytes of it */
        size_t size;
};

/* Returns `size` zeroed bytes, aligned for any object of that size, also for one that ends in an
 * array of any length, or NULL if memory is short. */
void *arena_take(struct arena *arena, size_t size);

/* Frees all that was taken; the arena is empty again. */
void arena_free(struct arena *arena);

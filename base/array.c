/* Growing arrays: the arithmetic, which must not overflow, and the allocation. */
#include "array.h"

#include <stdint.h>
#include <stdlib.h>

enum { MIN_ROOM = 16 };

void *array_grown(void *array, size_t *room, size_t wanted, size_t size, size_t limit)
{
        size_t most = PTRDIFF_MAX / size;
        size_t larger = *room * 2;
        void *grown;

        if (most >= limit)
                most = limit - 1;
        if (wanted > most)
                return NULL;
        if (larger < MIN_ROOM)
                larger = MIN_ROOM;
        if (larger < wanted)
                larger = wanted;
        if (larger > most)
                larger = most;
        grown = realloc(array, larger * size);
        if (grown)
                *room = larger;
        return grown;
}

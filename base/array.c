/* Growing arrays: the arithmetic, which must not overflow, and the allocation. */
#include "array.h"

#include <stdint.h>
#include <stdlib.h>

enum { MIN_ROOM = 16 };

void *array_grown(void *array, size_t *room, size_t wanted, size_t size, size_t limit)
{
        size_t most = PTRDIFF_MAX / size;
        size_t larger;
        void *grown;

        if (most >= limit)
                most = limit - 1;
        if (wanted > most)
                return NULL;
        larger = *room < MIN_ROOM / 2 ? MIN_ROOM : *room > most / 2 ? most : *room * 2;
        if (larger < wanted)
                larger = wanted;
        if (larger > most)
                larger = most;
        grown = realloc(array, larger * size);
        if (grown)
                *room = larger;
        return grown;
}

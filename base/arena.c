/* A bump allocator. Blocks double up to a limit, so that a short expression costs one small block
 * and a long one few calls of malloc(). */
#include "arena.h"

#include <stdint.h>
#include <stdlib.h>

enum {
        FIRST_BLOCK = 4096,
        LARGEST_BLOCK = 1 << 18,
};

struct arena_block {
        struct arena_block *previous;
        _Alignas(max_align_t) unsigned char bytes[];
};

static int add_block(struct arena *arena, size_t least)
{
        size_t size = arena->size ? arena->size * 2 : FIRST_BLOCK;
        struct arena_block *block;

        if (size > LARGEST_BLOCK)
                size = LARGEST_BLOCK;
        if (size < least)
                size = least;
        if (size > SIZE_MAX - sizeof *block)
                return -1;
        /* Zeroed by calloc(), which gets large blocks zeroed from the kernel. */
        block = calloc(1, sizeof *block + size);
        if (!block)
                return -1;
        block->previous = arena->blocks;
        *arena = (struct arena){block, 0, size};
        return 0;
}

/* No object has a size that is no multiple of its alignment; but one that ends in an array of any
 * length, which has pointers in front, may be taken with that. */
static size_t alignment_for(size_t size)
{
        size_t alignment = size & -size;

        if (alignment == 0 || alignment > _Alignof(max_align_t))
                return _Alignof(max_align_t);
        return size > sizeof(void *) && alignment < _Alignof(void *) ? _Alignof(void *) : alignment;
}

void *arena_take(struct arena *arena, size_t size)
{
        size_t alignment = alignment_for(size), padding = -arena->used & (alignment - 1);
        void *piece;

        if (size > SIZE_MAX / 2)
                return NULL;
        if (arena->blocks && size + padding <= arena->size - arena->used)
                arena->used += padding;
        else if (add_block(arena, size))
                return NULL;
        piece = arena->blocks->bytes + arena->used;
        arena->used += size;
        return piece;
}

void arena_free(struct arena *arena)
{
        struct arena_block *block = arena->blocks;

        while (block) {
                struct arena_block *previous = block->previous;

                free(block);
                block = previous;
        }
        *arena = (struct arena){0};
}

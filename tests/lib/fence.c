#include "fence.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
        FORBIDDEN = 1 << 16, /* on either side */
        ALL = FORBIDDEN + FENCE_ROOM + FORBIDDEN,
};

struct fence fence_make(void)
{
        uint8_t *all = mmap(NULL, ALL, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (all == MAP_FAILED || mprotect(all + FORBIDDEN, FENCE_ROOM, PROT_READ | PROT_WRITE) != 0)
                abort();
        return (struct fence){all + FORBIDDEN + FENCE_ROOM};
}

void fence_drop(struct fence *fence)
{
        munmap(fence->end - FENCE_ROOM - FORBIDDEN, ALL);
}

const uint8_t *fence_put(struct fence *fence, const uint8_t *bytes, uint32_t count)
{
        if (count > 0)
                memcpy(fence->end - count, bytes, count);
        return fence->end - count;
}

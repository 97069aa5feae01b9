/* Memory whose end is the end of what may be read: machine code, which no sanitizer watches, ends
 * by a signal if it reads further. */
#pragma once

#include <stdint.h>

enum {
        FENCE_ROOM = 1 << 16,
};

struct fence {
        uint8_t *end; /* FENCE_ROOM bytes in front of it may be read and written */
};

/* Aborts if there is no memory. */
struct fence fence_make(void);
void fence_drop(struct fence *fence);

/* Copies up to FENCE_ROOM bytes so that they end at the fence. */
const uint8_t *fence_put(struct fence *fence, const uint8_t *bytes, uint32_t count);

/* Memory that ends where reading must end: machine code, which no sanitizer watches, gets a signal
 * if it reads further. */
#pragma once

#include <stdint.h>

enum {
        FENCE_ROOM = 1 << 16,
};

struct fence {
        uint8_t *end; /* FENCE_ROOM bytes before it may be read and written */
};

/* Aborts if there is no memory. */
struct fence fence_make(void);
void fence_drop(struct fence *fence);

/* Copies up to FENCE_ROOM bytes so that they end at the fence. */
const uint8_t *fence_put(struct fence *fence, const uint8_t *bytes, uint32_t count);

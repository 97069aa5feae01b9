/* What is kept of a pcapng file that is merged with others: the last statistics of each interface,
 * which are written when all files have ended. */
#include "pcapng.h"

#include "base/array.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_BYTES = 32 << 20 };

/* Replaces `to`, which may be empty, by a copy of `from`. Returns false if memory is short. */
static bool copy_block(struct pcapng_block *to, const struct pcapng_block *from)
{
        uint8_t *bytes = malloc(from->length);

        if (!bytes)
                return false;
        memcpy(bytes, from->bytes, from->length);
        free((void *)to->bytes);
        *to = *from;
        to->bytes = bytes;
        return true;
}

static bool add(struct pcapng_kept *kept, const struct pcapng_statistics *statistics)
{
        struct pcapng_statistics added = *statistics;

        added.interface = added.block = (struct pcapng_block){0};
        if (!array_grow(kept->list, kept->room, kept->count + 1) ||
            !copy_block(&added.interface, &statistics->interface))
                return false;
        if (!copy_block(&added.block, &statistics->block)) {
                free((void *)added.interface.bytes);
                return false;
        }
        kept->list[kept->count++] = added;
        return true;
}

bool pcapng_keep(struct pcapng_kept *kept, size_t *place,
                 const struct pcapng_statistics *statistics)
{
        struct pcapng_statistics *old = *place > 0 ? &kept->list[*place - 1] : NULL;
        size_t gone = old ? old->block.length : 0;
        size_t come = statistics->block.length + (old ? 0 : statistics->interface.length);

        if (kept->bytes - gone + come > MAX_BYTES)
                return true;
        if (old ? !copy_block(&old->block, &statistics->block) : !add(kept, statistics))
                return false;
        if (!old)
                *place = kept->count;
        kept->bytes += come - gone;
        return true;
}

void pcapng_kept_free(struct pcapng_kept *kept)
{
        for (size_t i = 0; i < kept->count; i++) {
                free((void *)kept->list[i].interface.bytes);
                free((void *)kept->list[i].block.bytes);
        }
        free(kept->list);
}

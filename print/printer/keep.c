/* What is kept of a few streams that is more than recall.c has room for. The oldest makes room for
 * a new one. */
#include "earlier.h"

#include <stdlib.h>

void *keep_find(struct printer *printer, const void *key, size_t key_size)
{
        uint8_t padded[KEPT_KEY] = {0};

        memcpy(padded, key, key_size);
        for (unsigned i = 0; i < KEPT; i++) {
                struct kept *kept = &printer->kept[i];

                if (kept->state && memcmp(kept->key, padded, sizeof padded) == 0)
                        return kept->state;
        }
        return NULL;
}

void *keep_new(struct printer *printer, const void *key, size_t key_size, size_t size)
{
        struct kept *kept = &printer->kept[printer->kept_next];

        printer->kept_next = (printer->kept_next + 1) % KEPT;
        free(kept->state);
        *kept = (struct kept){.state = calloc(1, size)};
        if (!kept->state)
                longjmp(printer->abandon, ABANDON_MEMORY);
        memcpy(kept->key, key, key_size);
        return kept->state;
}

void keep_free(struct printer *printer)
{
        for (unsigned i = 0; i < KEPT; i++)
                free(printer->kept[i].state);
}

struct stream_key stream_key_make(const struct printer *printer)
{
        const struct network *network = printer->network;
        size_t size = network->version == 4 ? 4 : 16;
        struct stream_key key = {.ports = {printer->source_port, printer->destination_port}};

        memcpy(key.source, network->source, size);
        memcpy(key.destination, network->destination, size);
        return key;
}

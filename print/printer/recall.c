/* What earlier packets said, for those that are understood only with it: a reply by its call. Of
 * each kind the last few are known; the oldest makes room for a new one. */
#include "earlier.h"

/* As many as tcpdump knows. */
static unsigned most(enum recall_kind kind)
{
        enum { IKE_EXCHANGES = 20 };

        return kind == RECALL_IKE ? IKE_EXCHANGES : RECALL_ENTRIES;
}

void recall_put(struct printer *printer, enum recall_kind kind, const void *key, size_t key_size,
                const void *value, size_t value_size)
{
        unsigned *next = &printer->recall_next[kind];
        struct recalled *entry = &printer->recalled[kind][*next];

        memset(entry, 0, sizeof *entry);
        entry->used = true;
        memcpy(entry->key, key, key_size);
        memcpy(entry->value, value, value_size);
        *next = (*next + 1) % most(kind);
}

bool recall_is_full(const struct printer *printer, enum recall_kind kind)
{
        return printer->recalled[kind][most(kind) - 1].used;
}

void *recall_get(struct printer *printer, enum recall_kind kind, const void *key, size_t key_size)
{
        /* The newest first: a number may be used again. */
        for (unsigned i = 1; i <= most(kind); i++) {
                unsigned at = (printer->recall_next[kind] + most(kind) - i) % most(kind);
                struct recalled *entry = &printer->recalled[kind][at];

                if (entry->used && memcmp(entry->key, key, key_size) == 0)
                        return entry->value;
        }
        return NULL;
}

void *recall_get_onward(struct printer *printer, enum recall_kind kind, const void *key,
                        size_t key_size)
{
        for (unsigned i = 0; i < most(kind); i++) {
                unsigned at = (printer->recall_found[kind] + i) % most(kind);
                struct recalled *entry = &printer->recalled[kind][at];

                if (entry->used && memcmp(entry->key, key, key_size) == 0) {
                        printer->recall_found[kind] = at;
                        return entry->value;
                }
        }
        return NULL;
}

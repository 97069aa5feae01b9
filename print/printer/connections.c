/* The TCP connections seen so far, for relative sequence numbers. Their number is bounded: when it
 * is reached, the oldest is forgotten. */
#include "printer.h"

#include "base/array.h"
#include "base/hash.h"

#include <stdlib.h>

#define MAX_CONNECTIONS (1u << 17)

/* The two ends in a fixed order, so that both directions give the same key. */
struct key {
        uint8_t addresses[2][16];
        uint16_t ports[2];
        uint32_t version;
};

struct connection {
        struct key key;
        uint32_t bases[2]; /* first sequence number of each end, in the key's order */
};

struct connections {
        struct connection *entries;
        struct hash_table table; /* by key, of entries */
        struct hash_key secret;
        uint32_t room, count;
        uint32_t oldest; /* next to be replaced, once there are MAX_CONNECTIONS */
};

struct connections *connections_new(void)
{
        struct connections *connections = calloc(1, sizeof *connections);

        if (connections)
                hash_key_new(&connections->secret);
        return connections;
}

void connections_free(struct connections *connections)
{
        if (!connections)
                return;
        free(connections->entries);
        hash_free(&connections->table);
        free(connections);
}

/* Fills `key`; returns which end of it the packet's source is. */
static int key_make(struct key *key, const struct network *network, uint16_t source,
                    uint16_t destination)
{
        size_t size = network->version == 4 ? 4 : 16;
        int order = memcmp(network->source, network->destination, size);
        int end = order > 0 || (order == 0 && source > destination);

        memset(key, 0, sizeof *key);
        memcpy(key->addresses[end], network->source, size);
        memcpy(key->addresses[!end], network->destination, size);
        key->ports[end] = source;
        key->ports[!end] = destination;
        key->version = (uint32_t)network->version;
        return end;
}

static struct connection *find(struct connections *connections, const struct key *key,
                               uint32_t hash)
{
        uint32_t at = hash, item;

        while ((item = hash_next(&connections->table, hash, &at)) != HASH_NONE)
                if (memcmp(&connections->entries[item].key, key, sizeof *key) == 0)
                        return &connections->entries[item];
        return NULL;
}

/* An entry for `key`, in the table. NULL when memory is short. */
static struct connection *add(struct connections *connections, const struct key *key, uint32_t hash)
{
        bool full = connections->count == MAX_CONNECTIONS;
        uint32_t index = full ? connections->oldest : connections->count;
        struct connection *connection;

        if (!array_grow(connections->entries, connections->room, index + 1))
                return NULL;
        connection = &connections->entries[index];
        if (full) {
                hash_remove(
                    &connections->table,
                    hash_keyed(&connections->secret, &connection->key, sizeof connection->key),
                    index);
                connections->oldest = (index + 1) % MAX_CONNECTIONS;
        }
        /* Into the place of the one removed, this cannot fail. */
        if (!hash_put(&connections->table, hash, index))
                return NULL;
        connections->count += !full;
        connection->key = *key;
        return connection;
}

bool connection_start(struct printer *printer, uint16_t source, uint16_t destination, bool reopened,
                      struct connection_start *start)
{
        struct key key;
        int end = key_make(&key, printer->network, source, destination);
        uint32_t hash = hash_keyed(&printer->connections->secret, &key, sizeof key);
        struct connection *connection = find(printer->connections, &key, hash);

        if (connection && !reopened) {
                start->own = connection->bases[end];
                start->peer = connection->bases[!end];
                return true;
        }
        if (!connection)
                connection = add(printer->connections, &key, hash);
        if (!connection)
                longjmp(printer->abandon, ABANDON_MEMORY);
        connection->bases[end] = start->own;
        connection->bases[!end] = start->peer;
        return false;
}

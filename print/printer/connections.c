/* The TCP connections seen so far, for relative sequence numbers. Their number is bounded: when it
 * is reached, the oldest is forgotten. */
#include "printer.h"

#include <stdlib.h>
#include <string.h>

enum {
        FIRST_ROOM = 64,
        MAX_ROOM = 1 << 17,
        NONE = -1,
};

/* The two ends in a fixed order, so that both directions give the same key. */
struct key {
        uint8_t addresses[2][16];
        uint16_t ports[2];
        uint32_t version;
};

struct connection {
        struct key key;
        uint32_t bases[2]; /* first sequence number of each end, in the key's order */
        int32_t next;      /* in the chain of the same hash */
};

struct connections {
        struct connection *entries;
        int32_t *chains; /* `room` of them; heads into entries */
        uint32_t room;   /* a power of two */
        uint32_t count;
        uint32_t oldest; /* next to be replaced, once room is MAX_ROOM and all used */
};

struct connections *connections_new(void)
{
        return calloc(1, sizeof(struct connections));
}

void connections_free(struct connections *connections)
{
        if (!connections)
                return;
        free(connections->entries);
        free(connections->chains);
        free(connections);
}

static uint32_t key_hash(const struct key *key)
{
        uint64_t words[sizeof *key / 8];
        uint64_t hash = 0;

        _Static_assert(sizeof *key % 8 == 0, "the key is hashed in whole words");
        memcpy(words, key, sizeof *key);
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
                hash = (hash ^ words[i]) * 0x9e3779b97f4a7c15u;
        return (uint32_t)(hash >> 32);
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

static void chain_all(struct connections *connections)
{
        for (uint32_t i = 0; i < connections->room; i++)
                connections->chains[i] = NONE;
        for (uint32_t i = 0; i < connections->count; i++) {
                struct connection *connection = &connections->entries[i];
                int32_t *chain =
                    &connections->chains[key_hash(&connection->key) & (connections->room - 1)];

                connection->next = *chain;
                *chain = (int32_t)i;
        }
}

static bool grow(struct connections *connections)
{
        uint32_t room = connections->room ? connections->room * 2 : FIRST_ROOM;
        struct connection *entries =
            realloc(connections->entries, room * sizeof *connections->entries);
        int32_t *chains;

        if (!entries)
                return false;
        connections->entries = entries;
        chains = realloc(connections->chains, room * sizeof *connections->chains);
        if (!chains)
                return false;
        connections->chains = chains;
        connections->room = room;
        chain_all(connections);
        return true;
}

static struct connection *find(struct connections *connections, const struct key *key)
{
        if (connections->room == 0)
                return NULL;
        for (int32_t i = connections->chains[key_hash(key) & (connections->room - 1)]; i != NONE;
             i = connections->entries[i].next)
                if (memcmp(&connections->entries[i].key, key, sizeof *key) == 0)
                        return &connections->entries[i];
        return NULL;
}

static void unchain(struct connections *connections, uint32_t index)
{
        struct connection *connection = &connections->entries[index];
        int32_t *link = &connections->chains[key_hash(&connection->key) & (connections->room - 1)];

        while (*link != (int32_t)index)
                link = &connections->entries[*link].next;
        *link = connection->next;
}

/* An entry for `key`, chained. NULL when memory is short. */
static struct connection *add(struct connections *connections, const struct key *key)
{
        uint32_t index = connections->count;
        struct connection *connection;
        int32_t *chain;

        if (connections->count == connections->room && connections->room < MAX_ROOM &&
            !grow(connections))
                return NULL;
        if (connections->count < connections->room) {
                connections->count++;
        } else {
                index = connections->oldest;
                connections->oldest = (index + 1) % connections->room;
                unchain(connections, index);
        }
        connection = &connections->entries[index];
        connection->key = *key;
        chain = &connections->chains[key_hash(key) & (connections->room - 1)];
        connection->next = *chain;
        *chain = (int32_t)index;
        return connection;
}

bool connection_start(struct printer *printer, uint16_t source, uint16_t destination, bool reopened,
                      struct connection_start *start)
{
        struct key key;
        int end = key_make(&key, printer->network, source, destination);
        struct connection *connection = find(printer->connections, &key);

        if (connection && !reopened) {
                start->own = connection->bases[end];
                start->peer = connection->bases[!end];
                return true;
        }
        if (!connection)
                connection = add(printer->connections, &key);
        if (!connection)
                longjmp(printer->abandon, ABANDON_MEMORY);
        connection->bases[end] = start->own;
        connection->bases[!end] = start->peer;
        return false;
}

/* The connections seen so far, of TCP for relative sequence numbers, and what they carry; and the
 * streams of TCP and UDP, for their numbers in JSON. How many are kept is bounded: beyond that, the
 * oldest is forgotten. */
#include "earlier.h"

#include "base/array.h"
#include "base/hash.h"

#include <netinet/in.h>
#include <stdlib.h>

/* The two ends in a fixed order, so that both directions give the same key. */
struct key {
        uint8_t addresses[2][16];
        uint16_t ports[2];
        uint8_t version;
        uint8_t protocol;
        uint8_t zeros[2];
};

struct connection {
        struct key key;
        uint32_t bases[2];         /* first sequence number of each end, in the key's order */
        protocol_printer *carries; /* NULL where only its ports tell */

        /* Of a stream. */
        uint32_t number;
        bool synchronized[2]; /* this end's base is from a segment that opened the connection */
};

struct connections {
        struct connection *entries;
        struct hash_table table; /* by key, of entries */
        struct hash_key secret;  /* of printer->connections, used for the streams, too */
        struct key hashed;       /* the last one, as a packet's is asked for several times */
        uint32_t hash;
        uint32_t room, count, most;
        uint32_t oldest; /* next to be replaced, once there are `most` */
        bool any_carries;
};

struct connections *connections_new(uint32_t most)
{
        struct connections *connections = calloc(1, sizeof *connections);

        if (!connections)
                return NULL;
        connections->most = most;
        hash_key_new(&connections->secret);
        connections->hash =
            hash_keyed(&connections->secret, &connections->hashed, sizeof connections->hashed);
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
        key->version = (uint8_t)network->version;
        key->protocol = network->protocol;
        return end;
}

static uint32_t hash_of(const struct printer *printer, const struct key *key)
{
        struct connections *connections = printer->connections;

        if (memcmp(key, &connections->hashed, sizeof *key) != 0) {
                connections->hashed = *key;
                connections->hash = hash_keyed(&connections->secret, key, sizeof *key);
        }
        return connections->hash;
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
static struct connection *add(const struct printer *printer, struct connections *connections,
                              const struct key *key, uint32_t hash)
{
        bool full = connections->count == connections->most;
        uint32_t index = full ? connections->oldest : connections->count;
        struct connection *connection;

        if (!array_grow(connections->entries, connections->room, index + 1))
                return NULL;
        connection = &connections->entries[index];
        if (full) {
                hash_remove(&connections->table,
                            hash_keyed(&printer->connections->secret, &connection->key,
                                       sizeof connection->key),
                            index);
                connections->oldest = (index + 1) % connections->most;
        }
        /* Into the place of the one removed, this cannot fail. */
        if (!hash_put(&connections->table, hash, index))
                return NULL;
        connections->count += !full;
        *connection = (struct connection){.key = *key};
        return connection;
}

bool connection_start(struct printer *printer, uint16_t source, uint16_t destination, bool reopened,
                      struct connection_start *start)
{
        struct key key;
        int end = key_make(&key, printer->network, source, destination);
        uint32_t hash = hash_of(printer, &key);
        struct connection *connection = find(printer->connections, &key, hash);

        if (connection && !reopened) {
                start->own = connection->bases[end];
                start->peer = connection->bases[!end];
                return true;
        }
        if (!connection)
                connection = add(printer, printer->connections, &key, hash);
        if (!connection)
                longjmp(printer->abandon, ABANDON_MEMORY);
        connection->bases[end] = start->own;
        connection->bases[!end] = start->peer;
        connection->carries = NULL;
        return false;
}

/* The segment that opens a connection begins another stream, unless it is the same segment again or
 * the other end's. */
static bool begins_another(const struct connection *stream, int end, uint32_t sequence)
{
        if (stream->synchronized[end])
                return stream->bases[end] != sequence;
        return !stream->synchronized[!end];
}

uint32_t stream_number(struct printer *printer, uint8_t protocol, uint16_t source,
                       uint16_t destination, bool opens, uint32_t sequence)
{
        struct connections *streams = printer->streams;
        struct key key;
        int end = key_make(&key, printer->network, source, destination);
        struct connection *stream;
        uint32_t hash;

        key.protocol = protocol;
        hash = hash_of(printer, &key);
        stream = find(streams, &key, hash);
        if (!stream || (opens && begins_another(stream, end, sequence))) {
                if (!stream)
                        stream = add(printer, streams, &key, hash);
                if (!stream)
                        longjmp(printer->abandon, ABANDON_MEMORY);
                stream->number = printer->stream_counts[protocol == IPPROTO_UDP]++;
                stream->synchronized[end] = stream->synchronized[!end] = false;
        }
        if (opens) {
                stream->bases[end] = sequence;
                stream->synchronized[end] = true;
        }
        return stream->number;
}

/* Remembers it until the connection is reopened. */
static void carry(struct printer *printer, uint16_t source, uint16_t destination,
                  protocol_printer *print)
{
        struct key key;
        struct connection *connection;
        uint32_t hash;

        key_make(&key, printer->network, source, destination);
        hash = hash_of(printer, &key);
        connection = find(printer->connections, &key, hash);
        if (!connection)
                connection = add(printer, printer->connections, &key, hash);
        if (!connection)
                longjmp(printer->abandon, ABANDON_MEMORY);
        connection->carries = print;
        printer->connections->any_carries = true;
}

protocol_printer *protocol_carried(struct printer *printer, uint16_t source, uint16_t destination)
{
        const struct connection *connection;
        struct key key;

        if (!printer->connections->any_carries)
                return NULL;
        key_make(&key, printer->network, source, destination);
        connection = find(printer->connections, &key, hash_of(printer, &key));
        return connection ? connection->carries : NULL;
}

void ports_collect(struct port_set *ports, const struct protocol *rows)
{
        for (; rows->print; rows++)
                ports->bits[(uint16_t)rows->number / 8] |= (uint8_t)(1 << rows->number % 8);
}

static bool has_port(const struct port_set *ports, uint16_t port)
{
        return ports->bits[port / 8] >> port % 8 & 1;
}

/* The first row that has either port, or `other`, decides. NULL if none has, as is the case with
 * most packets. */
static protocol_printer *protocol_by_port(struct printer *printer, enum number_space space,
                                          uint16_t source, uint16_t destination, uint32_t other)
{
        const struct port_set *ports =
            space == TCP_PORT ? &printer->tcp_ports : &printer->udp_ports;
        const struct protocol *row = printer->protocols[space];

        if (other == NO_OTHER && !has_port(ports, source) && !has_port(ports, destination))
                return NULL;
        while (row->print && row->number != source && row->number != destination &&
               row->number != TO_PORT(destination) && row->number != FROM_PORT(source) &&
               row->number != other)
                row++;
        return row->print;
}

protocol_printer *protocol_of_payload(struct printer *printer, enum number_space space,
                                      struct packet payload, uint16_t source, uint16_t destination,
                                      uint32_t other)
{
        const struct content *content =
            space == TCP_PORT ? printer->tcp_contents : printer->udp_contents;
        protocol_printer *print;

        while (content->print && !content->fits(payload, source, destination))
                content++;
        if (content->print) {
                carry(printer, source, destination, content->print);
                return content->print;
        }
        print = protocol_carried(printer, source, destination);
        return print ? print : protocol_by_port(printer, space, source, destination, other);
}

/* What printers know from earlier packets: connections and their streams, what a reply needs of its
 * request, and what is spread over several packets. Each kind keeps a bounded number, and forgets
 * the oldest. */
#pragma once

#include "print/printer/printer.h"

/* ---- TCP connections, known from packet to packet ---- */

/* For `most` at a time; then the oldest is forgotten. */
struct connections *connections_new(uint32_t most);
void connections_free(struct connections *connections);

/* The first sequence numbers of a connection's two ends. */
struct connection_start {
        uint32_t own, peer;
};

/* Replaces `*start` by what is known of the connection between these ports of printer->network, and
 * returns true. If it is new, or was reopened, remembers `*start` and returns false. */
bool connection_start(struct printer *printer, uint16_t source, uint16_t destination, bool reopened,
                      struct connection_start *start);

/* The number of the stream between these ports of printer->network, in printer->streams: from 0 on,
 * in the order in which they appear, TCP and UDP apart. `opens`: a segment of TCP with SYN alone
 * and this sequence number. */
uint32_t stream_number(struct printer *printer, uint8_t protocol, uint16_t source,
                       uint16_t destination, bool opens, uint32_t sequence);

/* What the connection between these ports of printer->network is known to carry; NULL if nothing
 * is.
 */
protocol_printer *protocol_carried(struct printer *printer, uint16_t source, uint16_t destination);

/* Adds the ports that a table of them has rows of, and maybe others. */
void ports_collect(struct port_set *ports, const struct protocol *rows);

/* The printer of a payload of TCP or UDP between these ports: by what it looks like, which is
 * remembered for the rest of the connection; else by what was remembered, else by its ports or
 * `other`. NULL if none. */
protocol_printer *protocol_of_payload(struct printer *printer, enum number_space space,
                                      struct packet payload, uint16_t source, uint16_t destination,
                                      uint32_t other);

/* ---- Earlier packets, by a key of at most 48 bytes; what is known of it has at most 40 ---- */

void recall_put(struct printer *printer, enum recall_kind kind, const void *key, size_t key_size,
                const void *value, size_t value_size);
/* Whether each new one replaces another. */
bool recall_is_full(const struct printer *printer, enum recall_kind kind);
/* NULL if the key is not known, or no longer. */
void *recall_get(struct printer *printer, enum recall_kind kind, const void *key, size_t key_size);
/* Of several with the same key, the first at or behind the one found last. */
void *recall_get_onward(struct printer *printer, enum recall_kind kind, const void *key,
                        size_t key_size);

/* ---- What is spread over several packets, by a key of at most 64 bytes ---- */

/* NULL if there is none. */
struct assembly *assembly_find(struct printer *printer, const void *key, size_t key_size);
/* One of at most `size` bytes, none of which is known. Replaces one with the same key. */
struct assembly *assembly_begin(struct printer *printer, const void *key, size_t key_size,
                                uint32_t size);
/* What is beyond its size is left out. All calls together are linear in the size and the pieces. */
void assembly_add(struct assembly *assembly, uint64_t offset, struct packet piece);
void assembly_end(struct printer *printer, struct assembly *assembly);
void assemblies_free(struct printer *printer);

/* ---- State of a stream, by a key of at most 40 bytes ---- */

/* NULL if there is none. */
void *keep_find(struct printer *printer, const void *key, size_t key_size);
/* `size` bytes of zeros, for a key that there is none of. */
void *keep_new(struct printer *printer, const void *key, size_t key_size, size_t size);
void keep_free(struct printer *printer);

/* One direction of a connection: between these ports of printer->network. It has no gap, so it is a
 * key. */
struct stream_key {
        uint8_t source[16], destination[16];
        uint16_t ports[2];
};

struct stream_key stream_key_make(const struct printer *printer);

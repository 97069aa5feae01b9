/* Records of TLS's handshake that go on in further segments of TCP. What a segment has of a message
 * that it does not hold to its end is kept, until the segments with the rest have come, in whatever
 * order. */
#include "tls.h"

static void *take(struct printer *printer, size_t size)
{
        void *taken = arena_take(&printer->decrypted, size);

        if (!taken)
                longjmp(printer->abandon, ABANDON_MEMORY);
        return taken;
}

bool tls_join_begin(struct printer *printer, struct packet payload, struct packet messages)
{
        enum { MOST = 1 << 14 };
        struct stream_key key = stream_key_make(printer);
        uint32_t start = printer->sequence + (uint32_t)(messages.data - payload.data);
        struct assembly *assembly = assembly_find(printer, &key, sizeof key);

        if (messages.captured == 0 || messages.length > MOST)
                return false;
        if (assembly && assembly->start == start)
                return true;
        assembly = assembly_begin(printer, &key, sizeof key, messages.length);
        assembly->start = start;
        assembly_add(assembly, 0, messages);
        return true;
}

static void complete(struct printer *printer, struct assembly *assembly, struct tls_join *join)
{
        uint8_t *messages = take(printer, assembly->size);

        memcpy(messages, assembly->bytes, assembly->size);
        join->messages = (struct packet){messages, assembly->size, assembly->size};
        assembly_end(printer, assembly);
}

const struct tls_join *tls_join(struct printer *printer, struct packet payload)
{
        struct tls_join *join = printer->tls_joins;
        struct assembly *assembly;
        struct stream_key key;
        uint32_t offset;

        while (join && join->from != payload.data)
                join = join->next;
        if (join || printer->assembly_count == 0)
                return join;
        key = stream_key_make(printer);
        assembly = assembly_find(printer, &key, sizeof key);
        offset = assembly ? printer->sequence - assembly->start : 0;
        if (!assembly || offset >= assembly->size)
                return NULL;
        join = take(printer, sizeof *join);
        *join = (struct tls_join){.next = printer->tls_joins,
                                  .from = payload.data,
                                  .rest = packet_from(payload, assembly->size - offset)};
        printer->tls_joins = join;
        assembly_add(assembly, offset, payload);
        if (assembly->known == assembly->size)
                complete(printer, assembly, join);
        return join;
}

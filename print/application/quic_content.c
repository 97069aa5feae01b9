/* What the first packets of a QUIC connection hold, whose keys everyone can derive: RFC 9001,
 * section 5.2. */
#include "quic.h"
#include "tls.h"

#include "print/printer/earlier.h"

uint64_t quic_number_read(struct cursor *at)
{
        uint32_t size;

        if (!has(at->rest, 0, 1)) {
                at->cut = true;
                return 0;
        }
        size = 1u << (at->rest.data[0] >> 6);
        return cursor_number(at, size) & (UINT64_MAX >> (66 - 8 * size));
}

uint32_t quic_size_read(struct cursor *at)
{
        uint64_t value = quic_number_read(at);

        return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

/* ---- Frames ---- */

static void acknowledgment_skip(struct cursor *at, bool marks)
{
        enum { MARKS = 3 };
        uint64_t ranges;

        quic_number_read(at); /* the largest */
        quic_number_read(at); /* the delay */
        ranges = quic_number_read(at);
        quic_number_read(at); /* the first range */
        for (uint64_t i = 0; i < ranges && !at->cut; i++) {
                quic_number_read(at); /* a gap */
                quic_number_read(at); /* the range behind it */
        }
        for (int i = 0; marks && i < MARKS; i++)
                quic_number_read(at);
}

bool quic_frame_read(struct cursor *at, struct quic_frame *frame)
{
        if (cursor_at_end(at))
                return false;
        *frame = (struct quic_frame){.type = quic_number_read(at)};
        switch (frame->type) {
        case QUIC_PADDING:
                while (has(at->rest, 0, 1) && at->rest.data[0] == QUIC_PADDING)
                        at->rest = packet_from(at->rest, 1);
                return true;
        case QUIC_PING: return true;
        case QUIC_ACK:
        case QUIC_ACK_WITH_MARKS:
                acknowledgment_skip(at, frame->type == QUIC_ACK_WITH_MARKS);
                return true;
        case QUIC_CRYPTO:
                frame->offset = quic_number_read(at);
                frame->packet = cursor_part(at, quic_size_read(at));
                return true;
        case QUIC_CLOSE:
        case QUIC_CLOSE_BY_APPLICATION:
                frame->error = quic_number_read(at);
                if (frame->type == QUIC_CLOSE)
                        quic_number_read(at); /* the type of the frame that it is about */
                frame->packet = cursor_part(at, quic_size_read(at));
                return true;
        default: at->cut = true; return false;
        }
}

static void *take(struct printer *printer, size_t size)
{
        void *taken = arena_take(&printer->decrypted, size);

        if (!taken)
                longjmp(printer->abandon, ABANDON_MEMORY);
        return taken;
}

/* ---- Keys: what the first packet of a connection calls its destination ---- */

struct ends {
        uint8_t addresses[2][16];
        uint16_t ports[2];
};

struct connection_id {
        uint8_t size, bytes[QUIC_MAX_CONNECTION_ID];
};

/* One direction of a connection. Its parts leave no gap: it is a key, too. */
struct flow {
        struct ends ends;
        struct connection_id connection;
        bool from_server;
        uint8_t datagrams; /* 1: no stream of TCP has this key */
};

/* The client first. */
static void ends_make(struct printer *printer, struct ends *ends, bool from_server)
{
        const struct network *network = printer->network;
        size_t size = network->version == 4 ? 4 : 16;

        memset(ends, 0, sizeof *ends);
        memcpy(ends->addresses[from_server], network->source, size);
        memcpy(ends->addresses[!from_server], network->destination, size);
        ends->ports[from_server] = printer->source_port;
        ends->ports[!from_server] = printer->destination_port;
}

static bool try_open(struct printer *printer, const struct quic_header *header,
                     const struct flow *flow, struct quic_content *content)
{
        const struct quic_initial initial = {.version = header->version,
                                             .connection = flow->connection.bytes,
                                             .connection_size = flow->connection.size,
                                             .from_server = flow->from_server,
                                             .packet = header->packet,
                                             .number_at = header->number_at};

        return quic_initial_open(printer, &initial, &content->frames, &content->number);
}

/* With the keys of a connection between these ends that is known, else as its first packet. Fills
 * `flow`. */
static bool initial_open(struct printer *printer, const struct quic_header *header,
                         struct flow *flow, struct quic_content *content)
{
        flow->datagrams = 1;
        if (header->destination.length > QUIC_MAX_CONNECTION_ID)
                return false;
        for (int from_server = 0; from_server <= 1; from_server++) {
                const struct connection_id *known;

                flow->from_server = from_server;
                ends_make(printer, &flow->ends, from_server);
                known = recall_get(printer, RECALL_QUIC, &flow->ends, sizeof flow->ends);
                if (!known)
                        continue;
                flow->connection = *known;
                if (try_open(printer, header, flow, content))
                        return true;
        }
        flow->from_server = false;
        ends_make(printer, &flow->ends, false);
        flow->connection = (struct connection_id){.size = (uint8_t)header->destination.length};
        memcpy(flow->connection.bytes, header->destination.data, flow->connection.size);
        if (!try_open(printer, header, flow, content))
                return false;
        recall_put(printer, RECALL_QUIC, &flow->ends, sizeof flow->ends, &flow->connection,
                   sizeof flow->connection);
        return true;
}

/* ---- The handshake, which may come in pieces and in any order ---- */

/* Where the messages end of which all `known` bytes behind `at` hold the whole. */
static uint32_t messages_end(const uint8_t *bytes, uint32_t at, uint32_t known)
{
        enum { HEADER = 4 };

        while (known - at >= HEADER) {
                uint32_t length =
                    (uint32_t)bytes[at + 1] << 16 | (uint32_t)bytes[at + 2] << 8 | bytes[at + 3];

                if (length > known - at - HEADER)
                        break;
                at += HEADER + length;
        }
        return at;
}

/* Adds the packet's pieces to those of earlier packets. Returns whether that completes messages,
 * which are then what the packet has of the handshake. */
static bool completes(struct printer *printer, const struct flow *flow,
                      struct quic_content *content)
{
        enum { MOST = 1 << 14 }; /* bytes of hellos */
        struct assembly *assembly = assembly_find(printer, flow, sizeof *flow);
        struct cursor at = cursor_of(content->frames);
        struct quic_frame frame;
        uint8_t *copy;
        uint32_t size;

        if (!assembly)
                assembly = assembly_begin(printer, flow, sizeof *flow, MOST);
        while (quic_frame_read(&at, &frame))
                if (frame.type == QUIC_CRYPTO)
                        assembly_add(assembly, frame.offset, frame.packet);
        size = messages_end(assembly->bytes, assembly->shown, assembly->known) - assembly->shown;
        if (size == 0)
                return false;
        /* Copied, as another stream may need the place before the packet is printed. */
        copy = take(printer, size);
        memcpy(copy, assembly->bytes + assembly->shown, size);
        content->handshake = (struct packet){copy, size, size};
        assembly->shown += size;
        return true;
}

/* Whether this beginning of a hello tells as much as one mostly wants to know. */
static bool names_server(struct packet handshake)
{
        struct cursor at = cursor_of(handshake);
        bool client = cursor_8(&at) == TLS_CLIENT_HELLO;
        struct tls_hello hello;

        tls_hello_read(cursor_vector(&at, 3), client, &hello);
        return hello.server_name.captured > 0;
}

/* What the packet alone has from the first byte of the handshake on. */
static void pieces_read(struct printer *printer, struct quic_content *content)
{
        uint32_t size = content->frames.length, known = 0;
        uint8_t *bytes = take(printer, 2 * (size_t)size + 1), *is_known = bytes + size;
        struct cursor at = cursor_of(content->frames);
        struct quic_frame frame;

        content->first = UINT64_MAX;
        while (quic_frame_read(&at, &frame)) {
                struct packet piece = frame.packet;

                if (frame.type != QUIC_CRYPTO)
                        continue;
                if (frame.offset < content->first)
                        content->first = frame.offset;
                if (frame.offset + piece.length > content->end)
                        content->end = frame.offset + piece.length;
                content->total += piece.length;
                if (frame.offset < size && piece.captured <= size - frame.offset) {
                        memcpy(bytes + frame.offset, piece.data, piece.captured);
                        memset(is_known + frame.offset, 1, piece.captured);
                }
        }
        while (known < size && is_known[known])
                known++;
        content->handshake = (struct packet){bytes, known, size};
}

/* The messages that are complete with this packet; else what it has itself, if that is complete, or
 * enough. */
static void handshake_read(struct printer *printer, const struct flow *flow,
                           struct quic_content *content)
{
        struct packet own;

        pieces_read(printer, content);
        own = content->handshake;
        if (content->total == 0 || completes(printer, flow, content))
                return;
        content->partial = messages_end(own.data, 0, own.captured) < own.captured;
        if (content->partial && !names_server(own))
                content->handshake.captured = 0;
}

const struct quic_content *quic_open(struct printer *printer, const struct quic_header *header)
{
        struct quic_content *content = printer->quic_contents;
        struct flow flow;

        if (!header->known || header->kind != QUIC_INITIAL)
                return NULL;
        while (content && content->from != header->packet.data)
                content = content->next;
        if (content)
                return content->opened ? content : NULL;
        content = take(printer, sizeof *content);
        *content =
            (struct quic_content){.next = printer->quic_contents, .from = header->packet.data};
        printer->quic_contents = content;
        content->opened = initial_open(printer, header, &flow, content);
        if (!content->opened)
                return NULL;
        handshake_read(printer, &flow, content);
        return content;
}

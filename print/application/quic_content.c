/* What the first packets of a QUIC connection hold, whose keys everyone can derive: RFC 9001,
 * section 5.2. */
#include "quic.h"

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

/* ---- The handshake, which may come in pieces and in any order ---- */

static void *take(struct printer *printer, size_t size)
{
        void *taken = arena_take(&printer->decrypted, size);

        if (!taken)
                longjmp(printer->abandon, ABANDON_MEMORY);
        return taken;
}

static void handshake_read(struct printer *printer, struct quic_content *content)
{
        uint32_t size = content->frames.length, known = 0;
        uint8_t *bytes = take(printer, 2 * (size_t)size + 1), *is_known = bytes + size;
        struct cursor at = cursor_of(content->frames);
        struct quic_frame frame;

        while (quic_frame_read(&at, &frame)) {
                struct packet piece = frame.packet;

                if (frame.type != QUIC_CRYPTO)
                        continue;
                if (content->total == 0 || frame.offset < content->first)
                        content->first = frame.offset;
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

/* ---- Keys: what the first packet of a connection calls its destination ---- */

struct ends {
        uint8_t addresses[2][16];
        uint16_t ports[2];
};

struct connection_id {
        uint8_t size, bytes[QUIC_MAX_CONNECTION_ID];
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
                     const struct connection_id *connection, bool from_server, struct packet *text,
                     uint32_t *number)
{
        const struct quic_initial initial = {.version = header->version,
                                             .connection = connection->bytes,
                                             .connection_size = connection->size,
                                             .from_server = from_server,
                                             .packet = header->packet,
                                             .number_at = header->number_at};

        return quic_initial_open(printer, &initial, text, number);
}

/* With the keys of a connection between these ends that is known, else as its first packet. */
static bool initial_open(struct printer *printer, const struct quic_header *header,
                         struct packet *text, uint32_t *number)
{
        struct connection_id connection = {.size = (uint8_t)header->destination.length};
        struct ends ends;

        if (header->destination.length > QUIC_MAX_CONNECTION_ID)
                return false;
        for (int from_server = 0; from_server <= 1; from_server++) {
                const struct connection_id *known;

                ends_make(printer, &ends, from_server);
                known = recall_get(printer, RECALL_QUIC, &ends, sizeof ends);
                if (known && try_open(printer, header, known, from_server, text, number))
                        return true;
        }
        memcpy(connection.bytes, header->destination.data, connection.size);
        if (!try_open(printer, header, &connection, false, text, number))
                return false;
        ends_make(printer, &ends, false);
        recall_put(printer, RECALL_QUIC, &ends, sizeof ends, &connection, sizeof connection);
        return true;
}

const struct quic_content *quic_open(struct printer *printer, const struct quic_header *header)
{
        struct quic_content *content = printer->quic_contents;

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
        content->opened = initial_open(printer, header, &content->frames, &content->number);
        if (!content->opened)
                return NULL;
        handshake_read(printer, content);
        return content;
}

/* QUIC, RFC 9000 and its version 2, RFC 9369: the headers, and what the first packets of a
 * connection hold, whose keys everyone can derive. */
#include "tls.h"

enum { LONG = 0x80, FIXED = 0x40, MAX_CONNECTION_ID = 20 };
enum version { VERSION_2 = 0x6b3343cf, VERSION_2_DRAFT = 0x709a50c4 };

enum kind { INITIAL, EARLY_DATA, HANDSHAKE, RETRY, KINDS };

/* A long header, and where it ends. */
struct header {
        uint32_t version;
        enum kind kind;
        struct packet destination, source; /* connection IDs */
        struct packet token;
        uint32_t number_at;   /* where the packet number is, */
        struct packet packet; /* of this packet, up to its end; what follows is another one */
};

/* Section 16. */
static uint64_t variable_read(struct cursor *at)
{
        uint32_t size;

        if (!has(at->rest, 0, 1)) {
                at->cut = true;
                return 0;
        }
        size = 1u << (at->rest.data[0] >> 6);
        return cursor_number(at, size) & (UINT64_MAX >> (66 - 8 * size));
}

static uint32_t variable_read_size(struct cursor *at)
{
        uint64_t value = variable_read(at);

        return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

/* Version 2 gives the kinds other numbers. */
static enum kind kind_of(uint8_t first, uint32_t version)
{
        unsigned number = first >> 4 & 3;

        return version == VERSION_2 || version == VERSION_2_DRAFT ? (number + RETRY) % KINDS
                                                                  : number;
}

/* Returns false if this is none, or not captured far enough. */
static bool header_read(struct packet packet, struct header *header)
{
        struct cursor at = cursor_of(packet);
        uint8_t first = cursor_8(&at);
        uint32_t length;

        *header = (struct header){.version = cursor_32(&at), .packet = packet};
        header->kind = kind_of(first, header->version);
        header->destination = cursor_vector(&at, 1);
        header->source = cursor_vector(&at, 1);
        if (at.cut || !(first & LONG))
                return false;
        if (!quic_version_is_known(header->version) || header->kind == RETRY)
                return true;
        if (header->kind == INITIAL)
                header->token = cursor_part(&at, variable_read_size(&at));
        length = variable_read_size(&at);
        if (at.cut || length > at.rest.length)
                return false;
        header->number_at = packet.length - at.rest.length;
        header->packet = packet_cut(packet, header->number_at + length);
        return true;
}

static bool is_usual(uint16_t port)
{
        return port == 443 || port == 8443;
}

/* A long header of a known version on any port; others on the usual ones. */
bool quic_fits(struct packet payload, uint16_t source, uint16_t destination)
{
        bool usual = is_usual(source) || is_usual(destination);
        struct header header;

        if (!has(payload, 0, 1))
                return false;
        if (!(payload.data[0] & LONG))
                return usual && payload.data[0] & FIXED;
        if (!header_read(payload, &header) || header.destination.length > MAX_CONNECTION_ID ||
            header.source.length > MAX_CONNECTION_ID)
                return false;
        if (quic_version_is_known(header.version))
                return usual || payload.data[0] & FIXED; /* it may be cleared, RFC 9287 */
        return usual && (header.version == 0 || payload.data[0] & FIXED);
}

/* ---- Frames of the first packets ---- */

enum frame {
        PADDING = 0,
        PING = 1,
        ACK = 2,
        ACK_WITH_MARKS = 3,
        CRYPTO = 6,
        CLOSE = 0x1c,
        CLOSE_BY_APPLICATION = 0x1d,
};

/* The bytes of the handshake, which may come in pieces and in any order. */
struct stream {
        uint8_t *bytes, *known; /* of each byte whether it is known */
        uint32_t size;
        uint64_t first, total; /* where the first piece begins, how many bytes there are */
};

static void piece_add(struct stream *stream, uint64_t offset, struct packet piece)
{
        if (stream->total == 0 || offset < stream->first)
                stream->first = offset;
        stream->total += piece.length;
        if (offset >= stream->size || piece.captured > stream->size - offset)
                return;
        memcpy(stream->bytes + offset, piece.data, piece.captured);
        memset(stream->known + offset, 1, piece.captured);
}

/* Messages of TLS as far as they are known from the first byte on. */
static void stream_print(struct printer *printer, const struct stream *stream)
{
        enum { MESSAGE_HEADER = 4 };
        struct cursor at;
        uint32_t known = 0;

        if (stream->total == 0)
                return;
        if (stream->first > 0) {
                putf(printer, ", crypto %llu:%llu", (unsigned long long)stream->first,
                     (unsigned long long)(stream->first + stream->total));
                return;
        }
        while (known < stream->size && stream->known[known])
                known++;
        at = cursor_of((struct packet){stream->bytes, known, stream->size});
        while (at.rest.captured >= MESSAGE_HEADER) {
                uint8_t type = cursor_8(&at);
                struct packet body = cursor_vector(&at, 3);

                put(printer, ", ");
                tls_message_print(printer, type, body);
        }
}

static void acknowledgment_skip(struct cursor *at, bool marks)
{
        enum { MARKS = 3 };
        uint64_t ranges;

        variable_read(at); /* the largest */
        variable_read(at); /* the delay */
        ranges = variable_read(at);
        variable_read(at); /* the first range */
        for (uint64_t i = 0; i < ranges && !at->cut; i++) {
                variable_read(at); /* a gap */
                variable_read(at); /* the range behind it */
        }
        for (int i = 0; marks && i < MARKS; i++)
                variable_read(at);
}

/* An error of TLS is an alert, RFC 9001, 4.8. */
static void close_print(struct printer *printer, struct cursor *at, bool by_application)
{
        static const struct name errors[] = {{0, "no error"},
                                             {1, "internal error"},
                                             {2, "connection refused"},
                                             {3, "flow control error"},
                                             {4, "stream limit error"},
                                             {5, "stream state error"},
                                             {6, "final size error"},
                                             {7, "frame encoding error"},
                                             {8, "transport parameter error"},
                                             {9, "connection ID limit error"},
                                             {10, "protocol violation"},
                                             {11, "invalid token"},
                                             {12, "application error"},
                                             {13, "crypto buffer exceeded"},
                                             {14, "key update error"},
                                             {15, "AEAD limit reached"},
                                             {16, "no viable path"},
                                             {17, "version negotiation error"},
                                             {0, NULL}};
        uint32_t error = variable_read_size(at);
        struct packet reason;

        if (!by_application)
                variable_read(at); /* the type of the frame that it is about */
        reason = cursor_part(at, variable_read_size(at));
        put(printer, ", close: ");
        if (by_application)
                putf(printer, "application error %u", error);
        else if (error >> 8 == 1)
                put_name(printer, tls_alerts, "alert %u", error & 0xff);
        else
                put_name(printer, errors, "error 0x%x", error);
        if (reason.captured > 0) {
                put(printer, " \"");
                put_part(printer, reason);
                put_char(printer, '"');
        }
}

static void frames_print(struct printer *printer, struct packet frames)
{
        struct cursor at = cursor_of(frames);
        struct stream stream = {.size = frames.length};

        stream.bytes = arena_take(&printer->decrypted, 2 * (size_t)frames.length + 1);
        if (!stream.bytes)
                longjmp(printer->abandon, ABANDON_MEMORY);
        stream.known = stream.bytes + frames.length;
        while (!cursor_at_end(&at)) {
                uint64_t type = variable_read(&at), offset;

                switch (type) {
                case PADDING:
                case PING: break;
                case ACK:
                case ACK_WITH_MARKS: acknowledgment_skip(&at, type == ACK_WITH_MARKS); break;
                case CRYPTO:
                        offset = variable_read(&at);
                        piece_add(&stream, offset, cursor_part(&at, variable_read_size(&at)));
                        break;
                case CLOSE:
                case CLOSE_BY_APPLICATION:
                        close_print(printer, &at, type == CLOSE_BY_APPLICATION);
                        break;
                default: at.cut = true;
                }
        }
        stream_print(printer, &stream);
}

/* ---- Keys: what the first packet of a connection calls its destination ---- */

struct ends {
        uint8_t addresses[2][16];
        uint16_t ports[2];
};

struct connection_id {
        uint8_t size, bytes[MAX_CONNECTION_ID];
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

static bool try_open(struct printer *printer, const struct header *header,
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
static bool initial_open(struct printer *printer, const struct header *header, struct packet *text,
                         uint32_t *number)
{
        struct connection_id connection = {.size = (uint8_t)header->destination.length};
        struct ends ends;

        if (header->destination.length > MAX_CONNECTION_ID)
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

/* ---- Packets ---- */

static void id_print(struct printer *printer, const char *title, struct packet id)
{
        if (id.length == 0)
                return;
        put(printer, title);
        put_hex_bytes(printer, id, 0, id.length);
}

static void version_print(struct printer *printer, uint32_t version)
{
        if (version == VERSION_2)
                put(printer, "2");
        else
                putf(printer, version < 256 ? "%u" : "0x%08x", version);
}

/* RFC 9000, 17.2.1. */
static void negotiation_print(struct printer *printer, const struct header *header,
                              struct packet packet)
{
        enum { FIXED_PART = 7 };
        struct cursor at = cursor_of(
            packet_from(packet, FIXED_PART + header->destination.length + header->source.length));

        put(printer, "version negotiation");
        id_print(printer, ", dcid ", header->destination);
        id_print(printer, ", scid ", header->source);
        put(printer, ", versions");
        while (!cursor_at_end(&at)) {
                uint32_t version = cursor_32(&at);

                if (at.cut)
                        break;
                put_char(printer, ' ');
                version_print(printer, version);
        }
}

static void long_print(struct printer *printer, const struct header *header)
{
        static const char *const kinds[] = {"initial", "0-RTT", "handshake", "retry"};
        struct packet text;
        uint32_t number;

        put(printer, quic_version_is_known(header->version) ? kinds[header->kind] : "long header");
        put(printer, ", version ");
        version_print(printer, header->version);
        id_print(printer, ", dcid ", header->destination);
        id_print(printer, ", scid ", header->source);
        if (header->token.length > 0)
                putf(printer, ", token %u", header->token.length);
        putf(printer, ", length %u", header->packet.length);
        if (quic_version_is_known(header->version) && header->kind == INITIAL &&
            initial_open(printer, header, &text, &number)) {
                putf(printer, ", number %u", number);
                frames_print(printer, text);
        }
}

/* The connection ID has a length that only its ends know. */
static void short_print(struct printer *printer, struct packet packet)
{
        enum { SPIN = 0x20 };

        put(printer, "1-RTT");
        if (printer->options.verbose)
                putf(printer, ", spin %u", (packet.data[0] & SPIN) != 0);
        putf(printer, ", length %u", packet.length);
}

/* One packet; returns what follows it in the datagram. */
static struct packet packet_print(struct printer *printer, struct packet packet)
{
        struct header header;

        if (!(get8(printer, packet, 0) & LONG)) {
                short_print(printer, packet);
                return packet_from(packet, packet.length);
        }
        if (!header_read(packet, &header)) {
                put(printer, "long header");
                need(printer, packet, 0, packet.length);
                put_invalid(printer);
                return packet_from(packet, packet.length);
        }
        if (header.version == 0) {
                negotiation_print(printer, &header, packet);
                return packet_from(packet, packet.length);
        }
        long_print(printer, &header);
        return packet_from(packet, header.packet.length);
}

void quic_print(struct printer *printer, struct packet packet)
{
        enum { MOST = 16 }; /* packets in one datagram */

        printer->protocol = "quic";
        put(printer, packet.length > 0 ? "QUIC " : "QUIC, length 0");
        for (int i = 0; i < MOST && packet.length > 0; i++) {
                if (i > 0) {
                        if (packet.captured > 0 && packet.data[0] == 0)
                                return; /* zeros, to make the datagram larger */
                        put(printer, printer->options.verbose ? "\n\t" : "; ");
                }
                packet = packet_print(printer, packet);
        }
}

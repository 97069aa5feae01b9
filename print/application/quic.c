/* QUIC, RFC 9000 and its version 2, RFC 9369: the headers, and what the first packets of a
 * connection hold (quic_content.c). */
#include "quic.h"
#include "tls.h"

/* Version 2 gives the kinds other numbers. */
static enum quic_kind kind_of(uint8_t first, uint32_t version)
{
        unsigned number = first >> 4 & 3;

        return quic_is_version_2(version) ? (number + QUIC_RETRY) % QUIC_KINDS : number;
}

bool quic_header_read(struct packet packet, struct quic_header *header)
{
        struct cursor at = cursor_of(packet);
        uint8_t first = cursor_8(&at);

        *header = (struct quic_header){.version = cursor_32(&at), .packet = packet};
        header->kind = kind_of(first, header->version);
        header->destination = cursor_vector(&at, 1);
        header->source = cursor_vector(&at, 1);
        if (at.cut || !(first & QUIC_LONG))
                return false;
        header->rest = at.rest;
        header->known = quic_version_is_known(header->version);
        if (!header->known || header->kind == QUIC_RETRY)
                return true;
        if (header->kind == QUIC_INITIAL)
                header->token = cursor_part(&at, quic_size_read(&at));
        header->length = quic_size_read(&at);
        if (at.cut || header->length > at.rest.length)
                return false;
        header->number_at = packet.length - at.rest.length;
        header->packet = packet_cut(packet, header->number_at + header->length);
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
        struct quic_header header;

        if (!has(payload, 0, 1))
                return false;
        if (!(payload.data[0] & QUIC_LONG))
                return usual && payload.data[0] & QUIC_FIXED;
        if (!quic_header_read(payload, &header) ||
            header.destination.length > QUIC_MAX_CONNECTION_ID ||
            header.source.length > QUIC_MAX_CONNECTION_ID)
                return false;
        if (header.known)
                return usual || payload.data[0] & QUIC_FIXED; /* it may be cleared, RFC 9287 */
        return usual && (header.version == 0 || payload.data[0] & QUIC_FIXED);
}

/* An error of TLS is an alert, RFC 9001, 4.8. */
static void close_print(struct printer *printer, const struct quic_frame *frame)
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
        uint32_t error = frame->error < UINT32_MAX ? (uint32_t)frame->error : UINT32_MAX;
        bool by_application = frame->type == QUIC_CLOSE_BY_APPLICATION;

        put(printer, ", close: ");
        if (by_application)
                putf_as(printer, ROLE_REFUSAL, "application error %u", error);
        else if (error >> 8 == 1)
                put_name_as(printer, ROLE_REFUSAL, tls_alerts, "alert %u", error & 0xff);
        else
                put_name_as(printer, ROLE_REFUSAL, errors, "error 0x%x", error);
        if (frame->packet.captured > 0) {
                put(printer, " \"");
                put_part(printer, frame->packet);
                put_char(printer, '"');
        }
}

/* Messages of TLS, or which bytes of them are there. */
static void handshake_print(struct printer *printer, const struct quic_content *content)
{
        enum { MESSAGE_HEADER = 4 };
        struct cursor at = cursor_of(content->handshake);

        if (content->total > 0 && content->handshake.captured == 0) {
                putf(printer, ", crypto %llu:%llu", (unsigned long long)content->first,
                     (unsigned long long)content->end);
                if (content->total != content->end - content->first)
                        putf(printer, " (%llu bytes)", (unsigned long long)content->total);
        }
        while (at.rest.captured >= MESSAGE_HEADER) {
                uint8_t type = cursor_8(&at);
                struct packet body = cursor_vector(&at, 3);

                put(printer, ", ");
                tls_message_print(printer, type, body);
        }
}

static void content_print(struct printer *printer, const struct quic_content *content)
{
        struct cursor at = cursor_of(content->frames);
        struct quic_frame frame;

        putf(printer, ", number %u", content->number);
        while (quic_frame_read(&at, &frame))
                if (frame.type == QUIC_CLOSE || frame.type == QUIC_CLOSE_BY_APPLICATION)
                        close_print(printer, &frame);
        handshake_print(printer, content);
}

/* ---- Packets ---- */

static void id_print(struct printer *printer, const char *title, struct packet id)
{
        size_t start;

        if (id.length == 0)
                return;
        put(printer, title);
        start = span_start(printer);
        put_hex_bytes(printer, id, 0, id.length);
        span_end(printer, ROLE_ADDRESS, start);
}

static void version_print(struct printer *printer, uint32_t version)
{
        if (version == QUIC_VERSION_2)
                put(printer, "2");
        else
                putf(printer, version < 256 ? "%u" : "0x%08x", version);
}

/* RFC 9000, 17.2.1. */
static void negotiation_print(struct printer *printer, const struct quic_header *header)
{
        struct cursor at = cursor_of(header->rest);

        put_as(printer, ROLE_PROTOCOL, "version negotiation");
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

static void long_print(struct printer *printer, const struct quic_header *header)
{
        static const char *const kinds[] = {"initial", "0-RTT", "handshake", "retry"};
        const struct quic_content *content;

        put_as(printer, ROLE_PROTOCOL, header->known ? kinds[header->kind] : "long header");
        put(printer, ", version ");
        version_print(printer, header->version);
        id_print(printer, ", dcid ", header->destination);
        id_print(printer, ", scid ", header->source);
        if (header->token.length > 0)
                putf(printer, ", token %u", header->token.length);
        put_number_as(printer, ROLE_LENGTH, ", length ", header->packet.length);
        content = quic_open(printer, header);
        if (content)
                content_print(printer, content);
}

/* The connection ID has a length that only its ends know. */
static void short_print(struct printer *printer, struct packet packet)
{
        put_as(printer, ROLE_PROTOCOL, "1-RTT");
        if (printer->options.verbose)
                putf(printer, ", spin %u", (packet.data[0] & QUIC_SPIN) != 0);
        put_number_as(printer, ROLE_LENGTH, ", length ", packet.length);
}

/* One packet; returns what follows it in the datagram. */
static struct packet packet_print(struct printer *printer, struct packet packet)
{
        struct quic_header header;

        if (!(get8(printer, packet, 0) & QUIC_LONG)) {
                short_print(printer, packet);
                return packet_from(packet, packet.length);
        }
        if (!quic_header_read(packet, &header)) {
                put(printer, "long header");
                need(printer, packet, 0, packet.length);
                put_invalid(printer);
                return packet_from(packet, packet.length);
        }
        if (header.version == 0) {
                negotiation_print(printer, &header);
                return packet_from(packet, packet.length);
        }
        long_print(printer, &header);
        return packet_from(packet, header.packet.length);
}

void quic_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "quic";
        put_as(printer, ROLE_PROTOCOL, "QUIC");
        put(printer, packet.length > 0 ? " " : ", length 0");
        for (int i = 0; i < QUIC_MAX_PACKETS && packet.length > 0; i++) {
                if (i > 0) {
                        if (packet.captured > 0 && packet.data[0] == 0)
                                return; /* zeros, to make the datagram larger */
                        put(printer, printer->options.verbose ? "\n\t" : "; ");
                }
                packet = packet_print(printer, packet);
        }
}

/* QUIC's fields in JSON: an object for each packet of a datagram. */
#include "quic.h"
#include "tls.h"

#include "print/printer/earlier.h"
#include "print/printer/fields.h"

bool quic_starts(struct printer *printer, struct packet payload, uint16_t source,
                 uint16_t destination)
{
        return quic_fits(payload, source, destination) ||
               (payload.captured > 0 &&
                protocol_carried(printer, source, destination) == quic_print);
}

static void part_field(struct printer *printer, const char *name, struct packet part)
{
        if (part.length > 0)
                field_bytes(printer, name, part, 0, part.length);
}

static void versions_field(struct printer *printer, struct packet versions)
{
        field_open(printer, "quic.supported_version", '[');
        for (uint32_t at = 0; at + 4 <= versions.length; at += 4)
                field_hex(printer, NULL, get32(printer, versions, at), 8);
        field_close(printer);
}

/* The token, and what proves that it is from the server: RFC 9000, 17.2.5. */
static void retry_fields(struct printer *printer, struct packet rest)
{
        enum { TAG = 16 };

        if (rest.length < TAG)
                return;
        part_field(printer, "quic.retry_token", packet_cut(rest, rest.length - TAG));
        field_bytes(printer, "quic.retry_integrity_tag", rest, rest.length - TAG, TAG);
}

static void close_fields(struct printer *printer, const struct quic_frame *frame)
{
        if (frame->type == QUIC_CLOSE)
                field_number(printer, "quic.cc.error_code", frame->error);
        else
                field_number(printer, "quic.cc.error_code.app", frame->error);
        if (frame->packet.length > 0)
                field_text(printer, "quic.cc.reason_phrase", frame->packet, 0,
                           frame->packet.length);
}

static void content_fields(struct printer *printer, const struct quic_content *content)
{
        struct cursor at = cursor_of(content->frames);
        struct quic_frame frame, closing = {.type = QUIC_PADDING};

        field_number(printer, "quic.packet_number", content->number);
        field_open(printer, "quic.frame_type", '[');
        while (quic_frame_read(&at, &frame)) {
                field_number(printer, NULL, frame.type);
                if (frame.type == QUIC_CLOSE || frame.type == QUIC_CLOSE_BY_APPLICATION)
                        closing = frame;
        }
        field_close(printer);
        if (closing.type != QUIC_PADDING)
                close_fields(printer, &closing);
        if (content->handshake.captured > 0 && !content->partial)
                tls_messages_fields(printer, content->handshake);
}

/* ---- Connection IDs of short headers: as long as the one that their receiver gave itself in its
 * long headers, which nothing else tells ---- */

/* Of the packets that go the other way. */
static struct stream_key stream_key_reversed(const struct printer *printer)
{
        struct stream_key key = stream_key_make(printer), reversed;

        memcpy(reversed.source, key.destination, sizeof key.destination);
        memcpy(reversed.destination, key.source, sizeof key.source);
        reversed.ports[0] = key.ports[1];
        reversed.ports[1] = key.ports[0];
        return reversed;
}

static void id_size_remember(struct printer *printer, const struct quic_header *header)
{
        uint8_t size = (uint8_t)header->source.length;
        struct stream_key answers = stream_key_reversed(printer);
        uint8_t *known = recall_get(printer, RECALL_QUIC_IDS, &answers, sizeof answers);

        if (!header->known || header->source.length > QUIC_MAX_CONNECTION_ID)
                return;
        if (known)
                *known = size;
        else
                recall_put(printer, RECALL_QUIC_IDS, &answers, sizeof answers, &size, sizeof size);
}

static void short_fields(struct printer *printer, struct packet packet)
{
        struct stream_key key = stream_key_make(printer);
        const uint8_t *size = recall_get(printer, RECALL_QUIC_IDS, &key, sizeof key);

        field_flag(printer, "quic.spin_bit", packet.data[0] & QUIC_SPIN);
        if (size && *size < packet.length)
                part_field(printer, "quic.dcid", packet_cut(packet_from(packet, 1), *size));
}

/* ---- Packets ---- */

static void long_fields(struct printer *printer, const struct quic_header *header)
{
        const struct quic_content *content;

        id_size_remember(printer, header);
        if (header->known)
                field_number(printer,
                             quic_is_version_2(header->version) ? "quic.long.packet_type_v2"
                                                                : "quic.long.packet_type",
                             header->packet.data[0] >> 4 & 3);
        field_hex(printer, "quic.version", header->version, 8);
        field_number(printer, "quic.dcil", header->destination.length);
        part_field(printer, "quic.dcid", header->destination);
        field_number(printer, "quic.scil", header->source.length);
        part_field(printer, "quic.scid", header->source);
        if (header->version == 0)
                versions_field(printer, header->rest);
        if (!header->known)
                return;
        if (header->kind == QUIC_RETRY) {
                retry_fields(printer, header->rest);
                return;
        }
        if (header->kind == QUIC_INITIAL) {
                field_number(printer, "quic.token_length", header->token.length);
                part_field(printer, "quic.token", header->token);
        }
        field_number(printer, "quic.length", header->length);
        content = quic_open(printer, header);
        if (content)
                content_fields(printer, content);
}

/* Returns what follows the packet in the datagram. */
static struct packet packet_fields(struct printer *printer, struct packet packet)
{
        uint8_t first = get8(printer, packet, 0);
        struct quic_header header = {.packet = packet};
        bool whole = !(first & QUIC_LONG) || quic_header_read(packet, &header);

        field_open(printer, NULL, '{');
        field_number(printer, "quic.packet_length", header.packet.length);
        field_number(printer, "quic.header_form", first >> 7);
        if (!(first & QUIC_LONG) || header.version != 0)
                field_flag(printer, "quic.fixed_bit", first & QUIC_FIXED);
        if (!(first & QUIC_LONG))
                short_fields(printer, packet);
        else if (whole)
                long_fields(printer, &header);
        field_close(printer);
        return packet_from(packet, header.packet.length);
}

void quic_fields(struct printer *printer, struct packet packet)
{
        field_open(printer, "packets", '[');
        for (int i = 0; i < QUIC_MAX_PACKETS && packet.length > 0; i++) {
                if (i > 0 && packet.captured > 0 && packet.data[0] == 0)
                        break; /* zeros, to make the datagram larger */
                packet = packet_fields(printer, packet);
        }
        field_close(printer);
}

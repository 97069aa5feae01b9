/* The records of TLS in a segment of TCP, and the messages of its handshake that are complete with
 * them. A record may be in several segments, a message in several records: what a segment has of a
 * message that it does not hold to its end is kept, with the headers of the records that it spans,
 * until the segments with the rest have come, in whatever order. */
#include "tls.h"

#include "print/printer/earlier.h"

enum { RECORD_HEADER = 5, MESSAGE_HEADER = 4, MAX_RECORD = 16384 + 2048 };
/* Of messages that are kept: bytes of one, and of those records that one may be spread over. */
enum { MAX_MESSAGE = 1 << 14, MAX_KEPT = 2 * MAX_MESSAGE };

bool tls_is_record(struct packet packet)
{
        const uint8_t *byte = packet.data;

        return has(packet, 0, RECORD_HEADER) && byte[0] >= TLS_CHANGE_CIPHER_SPEC &&
               byte[0] <= TLS_HEARTBEAT && byte[1] == 3 && byte[2] <= 4 &&
               (byte[3] << 8 | byte[4]) <= MAX_RECORD && (byte[3] | byte[4]) != 0;
}

static uint32_t message_length(const uint8_t *message)
{
        return (uint32_t)message[1] << 16 | (uint32_t)message[2] << 8 | message[3];
}

uint32_t tls_messages_end(const uint8_t *bytes, uint32_t at, uint32_t known)
{
        while (known - at >= MESSAGE_HEADER) {
                uint32_t length = message_length(bytes + at);

                if (length > known - at - MESSAGE_HEADER)
                        break;
                at += MESSAGE_HEADER + length;
        }
        return at;
}

/* Whether a record can begin with a message that is not encrypted: of a known type, and either it
 * ends in this record, or its length is not absurd. */
static bool is_message(struct packet record)
{
        uint32_t length;

        if (record.captured == 0 || !name_find(tls_messages, record.data[0]))
                return false;
        if (record.captured < MESSAGE_HEADER)
                return record.data[0] != 0 && (record.captured < 2 || record.data[1] == 0);
        length = message_length(record.data);
        return length <= record.length - MESSAGE_HEADER || length < MAX_MESSAGE ||
               (record.data[0] == TLS_CERTIFICATE && length < 1u << 18);
}

static void *take(struct printer *printer, size_t size)
{
        void *taken = arena_take(&printer->decrypted, size);

        if (!taken)
                longjmp(printer->abandon, ABANDON_MEMORY);
        return taken;
}

/* ---- A segment's records ---- */

/* What is read: the records of a segment; if it completes a message, those from the one on in which
 * that begins. */
struct reader {
        struct printer *printer;
        struct packet stream;
        uint32_t sequence; /* of the stream's first byte */
        uint32_t old;      /* how many of its bytes earlier segments had */
        uint32_t at;       /* what has been read of it */
        bool encrypted;

        /* The message that is not complete: its bytes, between `begin` and `end` of `joined`; where
         * it begins in the stream, and how many bytes its first record has from there on. */
        bool open;
        uint8_t *joined;
        uint32_t begin, end;
        uint32_t open_at, open_left;
        struct tls_record *shown_by; /* the last record that has what is there of it; or NULL */

        struct tls_record **next;
};

/* Adds to the open message. Each byte of the stream is added at most once. */
static void add(struct reader *reader, struct packet piece)
{
        if (!reader->joined)
                reader->joined = take(reader->printer, reader->stream.captured + 1);
        memcpy(reader->joined + reader->end, piece.data, piece.captured);
        reader->end += piece.captured;
}

static void close_message(struct reader *reader)
{
        reader->open = false;
        reader->begin = reader->end;
        reader->shown_by = NULL;
}

/* What is there of an open message is shown with the last record that adds to it. */
static void show_with(struct reader *reader, struct tls_record *record, struct packet messages)
{
        if (reader->shown_by)
                reader->shown_by->goes_on = TLS_GOES_ON_HERE;
        reader->shown_by = record;
        record->messages = messages;
}

/* The messages of a record. Its last one, if it is not complete, is left open. */
static void messages_read(struct reader *reader, struct tls_record *record)
{
        uint32_t body_at = reader->at + RECORD_HEADER, size, missing;
        struct packet body = record->body;

        if (reader->encrypted || !(reader->open || is_message(body))) {
                close_message(reader);
                record->encrypted = true;
                return;
        }
        if (!reader->open) {
                reader->open_at = body_at;
                reader->open_left = body.length;
        }
        add(reader, body);
        size = reader->end - reader->begin;
        missing = body.length - body.captured;
        record->whole = tls_messages_end(reader->joined + reader->begin, 0, size);
        if (record->whole > 0 || reader->open_at >= reader->old)
                show_with(reader, record,
                          (struct packet){reader->joined + reader->begin, size, size + missing});
        if (record->whole > 0) {
                reader->begin += record->whole;
                reader->open_left = size - record->whole + missing;
                reader->open_at = body_at + body.captured + missing - reader->open_left;
        }
        reader->open = reader->open_left > 0;
        if (!reader->open)
                close_message(reader);
}

/* A record, of which the stream holds at least the header. One that began in an earlier segment is
 * told of if it completes a message. */
static void record_read(struct reader *reader)
{
        struct packet packet = packet_from(reader->stream, reader->at);
        uint32_t length = (uint32_t)(packet.data[3] << 8 | packet.data[4]);
        struct packet body = packet_cut(packet_from(packet, RECORD_HEADER), length);
        struct tls_record *record = take(reader->printer, sizeof *record);
        bool begins = reader->at >= reader->old;

        *record = (struct tls_record){.type = packet.data[0],
                                      .version = (uint16_t)(packet.data[1] << 8 | packet.data[2]),
                                      .begins = begins,
                                      .encrypted = reader->encrypted,
                                      .body = body};
        if (record->type == TLS_HANDSHAKE)
                messages_read(reader, record);
        else
                close_message(reader);
        reader->encrypted = reader->encrypted || record->type == TLS_CHANGE_CIPHER_SPEC;
        reader->at += RECORD_HEADER + length;
        if (begins || record->whole > 0) {
                *reader->next = record;
                reader->next = &record->next;
        }
}

/* ---- From segment to segment ---- */

/* How many bytes are to be kept of the stream from the open message on, behind a header. 0: there
 * is nothing to wait for, or too much. */
static uint32_t kept_size(const struct reader *reader)
{
        uint32_t there = reader->end - reader->begin, needed = 0;

        if (!reader->open || reader->open_left > MAX_RECORD)
                return 0;
        if (there >= MESSAGE_HEADER)
                needed = MESSAGE_HEADER + message_length(reader->joined + reader->begin);
        if (needed > MAX_MESSAGE)
                return 0;
        if (needed <= reader->open_left && reader->at > reader->stream.length)
                return RECORD_HEADER + reader->open_left;
        return MAX_KEPT;
}

/* Keeps the message that is not complete until later segments have its rest. Kept is a record: the
 * header says how many bytes the one in which the message begins has from there on. */
static void keep(struct reader *reader, struct assembly *known)
{
        struct printer *printer = reader->printer;
        struct packet rest = packet_from(reader->stream, reader->open_at);
        struct stream_key key = stream_key_make(printer);
        uint32_t size = kept_size(reader), left = reader->open_left;
        uint32_t start = reader->sequence + reader->open_at - RECORD_HEADER;
        const uint8_t header[] = {TLS_HANDSHAKE, 3, 3, (uint8_t)(left >> 8), (uint8_t)left};

        if (size == 0)
                return;
        if (reader->shown_by)
                reader->shown_by->goes_on = TLS_GOES_ON_LATER;
        if (known && known->start == start && known->known < known->size)
                return;
        known = assembly_begin(printer, &key, sizeof key, size);
        known->start = start;
        assembly_add(known, 0, (struct packet){header, sizeof header, sizeof header});
        assembly_add(known, RECORD_HEADER, rest);
}

/* The stream from what is kept on. If something in between is missing, what follows it. */
static void resume(struct reader *reader, struct assembly *known, uint32_t offset)
{
        struct packet payload = reader->stream;
        uint32_t size;
        uint8_t *bytes;

        assembly_add(known, offset, payload);
        if (known->known < offset || payload.captured < payload.length) {
                reader->stream = packet_from(payload, known->size - offset);
                reader->sequence += known->size - offset;
                return;
        }
        size = offset + payload.captured > known->known ? offset + payload.captured : known->known;
        bytes = take(reader->printer, size);
        memcpy(bytes, known->bytes, known->known);
        memcpy(bytes + offset, payload.data, payload.captured);
        reader->stream = (struct packet){bytes, size, size};
        reader->sequence = known->start;
        reader->old = offset;
}

static void segment_read(struct printer *printer, struct tls_segment *segment,
                         struct packet payload)
{
        struct stream_key key = stream_key_make(printer);
        struct assembly *known = assembly_find(printer, &key, sizeof key);
        uint32_t offset = known ? printer->sequence - known->start : 0;
        struct reader reader = {.printer = printer,
                                .stream = payload,
                                .sequence = printer->sequence,
                                .next = &segment->records};
        bool resumes = known && offset >= RECORD_HEADER && offset < known->size;

        if (resumes)
                resume(&reader, known, offset);
        while (tls_is_record(packet_from(reader.stream, reader.at)))
                record_read(&reader);
        segment->rest = packet_from(reader.stream, reader.at);
        if (segment->rest.length >= RECORD_HEADER)
                close_message(&reader); /* what follows is no record */
        if (resumes && reader.old > 0 && !(reader.open && reader.open_at == RECORD_HEADER))
                assembly_end(printer, known);
        if (payload.captured == payload.length)
                keep(&reader, assembly_find(printer, &key, sizeof key));
}

const struct tls_segment *tls_segment(struct printer *printer, struct packet payload)
{
        static const struct tls_segment none;
        struct tls_segment *segment = printer->tls_segments;

        while (segment && segment->from != payload.data)
                segment = segment->next;
        if (segment)
                return segment;
        if (printer->assembly_count == 0 && !tls_is_record(payload))
                return &none;
        segment = take(printer, sizeof *segment);
        *segment = (struct tls_segment){.next = printer->tls_segments, .from = payload.data};
        printer->tls_segments = segment;
        segment_read(printer, segment, payload);
        return segment;
}

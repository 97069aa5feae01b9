/* TLS over TCP: its records, RFC 8446 section 5, and as much of what they carry as is not
 * encrypted. A segment may begin in the middle of a record: then nothing is said of it. */
#include "tls.h"

#include "print/printer/fields.h"

enum record {
        CHANGE_CIPHER_SPEC = 20,
        ALERT = 21,
        HANDSHAKE = 22,
        APPLICATION_DATA = 23,
        HEARTBEAT = 24,
};

enum { RECORD_HEADER = 5, MESSAGE_HEADER = 4, MAX_RECORD = 16384 + 2048 };

static bool is_record(struct packet packet)
{
        const uint8_t *byte = packet.data;

        return has(packet, 0, RECORD_HEADER) && byte[0] >= CHANGE_CIPHER_SPEC &&
               byte[0] <= HEARTBEAT && byte[1] == 3 && byte[2] <= 4 &&
               (byte[3] << 8 | byte[4]) <= MAX_RECORD && (byte[3] | byte[4]) != 0;
}

bool tls_fits(struct packet payload, uint16_t source, uint16_t destination)
{
        const uint8_t *message = payload.data + RECORD_HEADER;

        (void)source;
        (void)destination;
        return is_record(payload) && payload.data[0] == HANDSHAKE &&
               has(payload, RECORD_HEADER, MESSAGE_HEADER) && message[1] == 0 &&
               (message[0] == TLS_CLIENT_HELLO || message[0] == TLS_SERVER_HELLO ||
                message[0] == TLS_CERTIFICATE);
}

void tls_alert_print(struct printer *printer, uint8_t level, uint8_t description)
{
        put(printer, level == 2 ? "alert fatal, " : level == 1 ? "alert warning, " : "alert, ");
        put_name_as(printer, ROLE_REFUSAL, tls_alerts, "%u", description);
}

void tls_message_print(struct printer *printer, uint8_t type, struct packet body)
{
        struct tls_hello hello;

        switch (type) {
        case TLS_CLIENT_HELLO:
        case TLS_SERVER_HELLO:
                tls_hello_read(body, type == TLS_CLIENT_HELLO, &hello);
                tls_hello_print(printer, &hello);
                break;
        case TLS_CERTIFICATE: tls_certificate_print(printer, body); break;
        default: put_name_as(printer, ROLE_PROTOCOL, tls_messages, "handshake %u", type);
        }
}

/* Whether this can be a message that is not encrypted: of a known type, and it ends in its record,
 * or, if it is one of those that may be long, at a place that is not absurd. */
static bool is_message(struct packet packet)
{
        uint32_t length;

        if (packet.captured < MESSAGE_HEADER)
                return packet.captured == packet.length ? false : packet.captured > 0;
        if (!name_find(tls_messages, packet.data[0]))
                return false;
        length = (uint32_t)packet.data[1] << 16 | (uint32_t)packet.data[2] << 8 | packet.data[3];
        return length <= packet.length - MESSAGE_HEADER ||
               (packet.data[0] == TLS_CERTIFICATE && length < 1u << 18);
}

static void messages_print(struct printer *printer, struct packet messages)
{
        struct cursor at = cursor_of(messages);

        do {
                uint8_t type = cursor_8(&at);
                struct packet body = cursor_vector(&at, 3);

                if (at.cut && body.captured == 0) {
                        put_truncated(printer);
                        return;
                }
                tls_message_print(printer, type, body);
                if (!cursor_at_end(&at))
                        put(printer, "; ");
        } while (!cursor_at_end(&at));
}

static void handshake_print(struct printer *printer, struct packet record, bool encrypted)
{
        if (encrypted || !is_message(record))
                put(printer, "encrypted handshake");
        else
                messages_print(printer, record);
}

/* The record's messages from the first one on that is not all there. */
static struct packet unfinished(struct packet record)
{
        struct cursor at = cursor_of(record);
        struct packet message = record;

        while (!cursor_at_end(&at)) {
                message = at.rest;
                cursor_8(&at);
                cursor_vector(&at, 3);
        }
        return at.cut ? message : packet_from(message, message.length);
}

/* Keeps what later segments may complete. Returns the record without that. */
static struct packet keep_unfinished(struct printer *printer, struct packet payload,
                                     struct packet record, uint8_t type, bool encrypted)
{
        struct packet messages;

        if (type != HANDSHAKE || encrypted || record.captured == record.length ||
            payload.captured < payload.length || !is_message(record))
                return record;
        messages = unfinished(record);
        if (!tls_join_begin(printer, payload, messages))
                return record;
        return packet_cut(record, record.length - messages.length);
}

static void alert_print(struct printer *printer, struct packet record)
{
        if (record.length != 2)
                put(printer, "encrypted alert");
        else if (record.captured == 2)
                tls_alert_print(printer, record.data[0], record.data[1]);
        else
                put(printer, "alert");
}

static void record_print(struct printer *printer, uint8_t type, struct packet record,
                         uint32_t length, bool encrypted)
{
        switch (type) {
        case CHANGE_CIPHER_SPEC: put(printer, "change cipher spec"); break;
        case ALERT: alert_print(printer, record); break;
        case HANDSHAKE: handshake_print(printer, record, encrypted); break;
        case APPLICATION_DATA:
                put_number_as(printer, ROLE_LENGTH, "application data ", length);
                break;
        default: put_number_as(printer, ROLE_LENGTH, "heartbeat ", length);
        }
}

/* Records follow one another on the line, or with -v each has its own. */
static void separator_print(struct printer *printer, bool first)
{
        if (first) {
                put(printer, ": ");
                put_as(printer, ROLE_PROTOCOL, "TLS");
        }
        if (printer->options.verbose)
                put(printer, "\n\t");
        else
                put(printer, first ? " " : "; ");
}

/* A record behind its header, as long as that says, and as far as the segment has it. */
static struct packet record_of(struct packet packet, uint32_t length)
{
        struct packet record = packet_cut(packet_from(packet, RECORD_HEADER), length);

        record.length = length;
        return record;
}

void tls_print(struct printer *printer, struct packet packet)
{
        const struct tls_join *join = tls_join(printer, packet);
        struct packet payload = packet;
        bool first = true, encrypted = false;

        printer->protocol = "tls";
        if (join) {
                packet = join->rest;
                if (join->messages.captured > 0) {
                        separator_print(printer, first);
                        first = false;
                        messages_print(printer, join->messages);
                }
        }
        while (is_record(packet)) {
                uint8_t type = packet.data[0];
                uint32_t length = get16(printer, packet, 3);
                struct packet record = record_of(packet, length);

                separator_print(printer, first);
                first = false;
                keep_unfinished(printer, payload, record, type, encrypted);
                record_print(printer, type, record, length, encrypted);
                encrypted = encrypted || type == CHANGE_CIPHER_SPEC;
                packet = packet_from(packet, RECORD_HEADER + length);
        }
        if (!first && packet.captured < RECORD_HEADER)
                need(printer, packet, 0, packet.length);
}

/* ---- Fields ---- */

bool tls_starts(struct printer *printer, struct packet payload)
{
        const struct tls_join *join;

        if (is_record(payload))
                return true;
        join = tls_join(printer, payload);
        return join && (join->messages.captured > 0 || is_record(join->rest));
}

/* Numbers of 16 bits, in hexadecimal. */
static void numbers_field(struct printer *printer, const char *name, struct packet numbers)
{
        if (!numbers.data)
                return;
        field_open(printer, name, '[');
        for (uint32_t at = 0; at + 2 <= numbers.length; at += 2)
                field_hex(printer, NULL, get16(printer, numbers, at), 4);
        field_close(printer);
}

static void hello_fields(struct printer *printer, const struct tls_hello *hello)
{
        struct packet protocols = hello->protocols, name = hello->server_name;

        if (hello->cut && hello->random.captured == 0)
                return;
        field_hex(printer, "tls.handshake.version", hello->legacy_version, 4);
        if (hello->client) {
                numbers_field(printer, "tls.handshake.ciphersuite", hello->ciphers);
        } else {
                field_open(printer, "tls.handshake.ciphersuite", '[');
                field_hex(printer, NULL, hello->cipher, 4);
                field_close(printer);
        }
        if (name.length > 0)
                field_text(printer, "tls.handshake.extensions_server_name", name, 0, name.length);
        if (protocols.data) {
                field_open(printer, "tls.handshake.extensions_alpn_str", '[');
                while (protocols.length > 0) {
                        uint32_t size = get8(printer, protocols, 0);

                        field_text(printer, NULL, protocols, 1, size);
                        protocols = packet_from(protocols, 1 + size);
                }
                field_close(printer);
        }
        numbers_field(printer, "tls.handshake.extensions.supported_version", hello->versions);
        if (!hello->client && hello->version != hello->legacy_version) {
                field_open(printer, "tls.handshake.extensions.supported_version", '[');
                field_hex(printer, NULL, hello->version, 4);
                field_close(printer);
        }
}

void tls_messages_fields(struct printer *printer, struct packet messages)
{
        struct cursor at = cursor_of(messages);

        field_open(printer, "messages", '[');
        do {
                uint8_t type = cursor_8(&at);
                struct packet body = cursor_vector(&at, 3);
                struct tls_hello hello;

                if (at.cut && body.captured == 0)
                        break;
                field_open(printer, NULL, '{');
                field_number(printer, "tls.handshake.type", type);
                if (type == TLS_CLIENT_HELLO || type == TLS_SERVER_HELLO) {
                        tls_hello_read(body, type == TLS_CLIENT_HELLO, &hello);
                        hello_fields(printer, &hello);
                }
                field_close(printer);
        } while (!cursor_at_end(&at));
        field_close(printer);
}

/* `whole` is the record without a message that is not complete yet. */
static void record_fields(struct printer *printer, struct packet packet, struct packet record,
                          struct packet whole, bool encrypted)
{
        uint8_t type = packet.data[0];

        field_number(printer, "tls.record.content_type", type);
        field_hex(printer, "tls.record.version", get16(printer, packet, 1), 4);
        field_number(printer, "tls.record.length", record.length);
        if (type == HANDSHAKE && !encrypted && whole.captured > 0 && is_message(whole))
                tls_messages_fields(printer, whole);
        if (type == ALERT && !encrypted && record.length == 2) {
                field_number(printer, "tls.alert_message.level", get8(printer, record, 0));
                field_number(printer, "tls.alert_message.desc", get8(printer, record, 1));
        }
}

/* The records that begin in this segment, and one that began earlier, if it is complete now.
 * Messages that are encrypted have no fields. */
void tls_fields(struct printer *printer, struct packet packet)
{
        const struct tls_join *join = tls_join(printer, packet);
        struct packet payload = packet;
        bool encrypted = false;

        field_open(printer, "records", '[');
        if (join) {
                packet = join->rest;
                if (join->messages.captured > 0) {
                        field_open(printer, NULL, '{');
                        field_number(printer, "tls.record.content_type", HANDSHAKE);
                        tls_messages_fields(printer, join->messages);
                        field_close(printer);
                }
        }
        while (is_record(packet)) {
                struct packet record = record_of(packet, get16(printer, packet, 3));
                uint8_t type = packet.data[0];
                struct packet whole = keep_unfinished(printer, payload, record, type, encrypted);

                field_open(printer, NULL, '{');
                record_fields(printer, packet, record, whole, encrypted);
                field_close(printer);
                encrypted = encrypted || type == CHANGE_CIPHER_SPEC;
                packet = packet_from(packet, RECORD_HEADER + record.length);
        }
        field_close(printer);
}

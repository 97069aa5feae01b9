/* TLS over TCP: its records, RFC 8446 section 5, and as much of what they carry as is not
 * encrypted. A segment may begin in the middle of a record: of that, only messages are told of that
 * end there (tls_records.c). */
#include "tls.h"

#include "print/printer/fields.h"

enum { RECORD_HEADER = 5, MESSAGE_HEADER = 4 };

bool tls_fits(struct packet payload, uint16_t source, uint16_t destination)
{
        const uint8_t *message = payload.data + RECORD_HEADER;

        (void)source;
        (void)destination;
        return tls_is_record(payload) && payload.data[0] == TLS_HANDSHAKE &&
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

static void alert_print(struct printer *printer, struct packet record)
{
        if (record.length != 2)
                put(printer, "encrypted alert");
        else if (record.captured == 2)
                tls_alert_print(printer, record.data[0], record.data[1]);
        else
                put(printer, "alert");
}

/* Messages that go on in the next record are shown with that. */
static void handshake_print(struct printer *printer, const struct tls_record *record)
{
        struct packet messages = record->messages;

        if (record->encrypted)
                put(printer, "encrypted handshake");
        else if (record->goes_on == TLS_GOES_ON_HERE)
                messages_print(printer, packet_cut(messages, record->whole));
        else
                messages_print(printer, messages);
}

static void record_print(struct printer *printer, const struct tls_record *record)
{
        switch (record->type) {
        case TLS_CHANGE_CIPHER_SPEC: put(printer, "change cipher spec"); break;
        case TLS_ALERT: alert_print(printer, record->body); break;
        case TLS_HANDSHAKE: handshake_print(printer, record); break;
        case TLS_APPLICATION_DATA:
                put_number_as(printer, ROLE_LENGTH, "application data ", record->body.length);
                break;
        default: put_number_as(printer, ROLE_LENGTH, "heartbeat ", record->body.length);
        }
}

/* A handshake's record without anything to tell of: its message goes on, or began in an earlier
 * segment. */
static bool is_silent(const struct tls_record *record)
{
        return record->type == TLS_HANDSHAKE && !record->encrypted &&
               (record->goes_on == TLS_GOES_ON_HERE ? record->whole : record->messages.length) == 0;
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

void tls_print(struct printer *printer, struct packet packet)
{
        const struct tls_segment *segment = tls_segment(printer, packet);
        bool first = true;

        printer->protocol = "tls";
        for (const struct tls_record *record = segment->records; record; record = record->next) {
                if (is_silent(record))
                        continue;
                separator_print(printer, first);
                first = false;
                record_print(printer, record);
        }
        if (!first && segment->rest.captured < RECORD_HEADER)
                need(printer, segment->rest, 0, segment->rest.length);
}

/* ---- Fields ---- */

bool tls_starts(struct printer *printer, struct packet payload)
{
        return tls_segment(printer, payload)->records != NULL;
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

static void record_fields(struct printer *printer, const struct tls_record *record)
{
        struct packet messages = record->messages;

        field_number(printer, "tls.record.content_type", record->type);
        if (record->begins) {
                field_hex(printer, "tls.record.version", record->version, 4);
                field_number(printer, "tls.record.length", record->body.length);
        }
        if (record->goes_on != TLS_ENDS)
                messages = packet_cut(messages, record->whole);
        if (messages.captured > 0)
                tls_messages_fields(printer, messages);
        if (record->type == TLS_ALERT && !record->encrypted && record->body.length == 2) {
                field_number(printer, "tls.alert_message.level", get8(printer, record->body, 0));
                field_number(printer, "tls.alert_message.desc", get8(printer, record->body, 1));
        }
}

/* Messages that are encrypted have no fields. */
void tls_fields(struct printer *printer, struct packet packet)
{
        field_open(printer, "records", '[');
        for (const struct tls_record *record = tls_segment(printer, packet)->records; record;
             record = record->next) {
                field_open(printer, NULL, '{');
                record_fields(printer, record);
                field_close(printer);
        }
        field_close(printer);
}

/* PostgreSQL's protocol 3.0, https://www.postgresql.org/docs/current/protocol.html: its messages,
 * as many as a segment holds. Which end the server is, its port tells. */
#include "cursor.h"

enum { PORT = 5432, LENGTH = 4, MAX_LENGTH = 1 << 30 };

/* What a client begins with instead of a type: "version" 1234, and a number. */
enum request {
        VERSION_3 = 196608,
        CANCEL = 80877102,
        USE_TLS = 80877103,
        USE_GSSAPI = 80877104,
};

static const struct name client_names[] = {
    {'B', "bind"},          {'C', "close"},     {'d', "copy data"}, {'c', "copy done"},
    {'f', "copy fail"},     {'D', "describe"},  {'E', "execute"},   {'H', "flush"},
    {'F', "function call"}, {'P', "parse"},     {'p', "password"},  {'Q', "query"},
    {'S', "sync"},          {'X', "terminate"}, {0, NULL}};

static const struct name server_names[] = {{'R', "authentication"},
                                           {'K', "backend key"},
                                           {'2', "bind complete"},
                                           {'3', "close complete"},
                                           {'C', "complete"},
                                           {'d', "copy data"},
                                           {'c', "copy done"},
                                           {'G', "copy in"},
                                           {'H', "copy out"},
                                           {'W', "copy both"},
                                           {'D', "row"},
                                           {'I', "empty query"},
                                           {'E', "error"},
                                           {'V', "function result"},
                                           {'v', "negotiate version"},
                                           {'n', "no data"},
                                           {'N', "notice"},
                                           {'A', "notification"},
                                           {'t', "parameters"},
                                           {'S', "parameter"},
                                           {'1', "parse complete"},
                                           {'s', "portal suspended"},
                                           {'Z', "ready"},
                                           {'T', "row description"},
                                           {0, NULL}};

static const struct name authentication_names[] = {
    {0, "ok"},          {2, "Kerberos"}, {3, "cleartext password"},
    {5, "MD5"},         {7, "GSSAPI"},   {8, "GSSAPI continue"},
    {9, "SSPI"},        {10, "SASL"},    {11, "SASL continue"},
    {12, "SASL final"}, {0, NULL}};

/* Pairs of names and values: user, database, application_name. */
static void startup_print(struct printer *printer, struct cursor *at)
{
        put_as(printer, ROLE_PROTOCOL, "startup");
        while (!cursor_at_end(at) && has(at->rest, 0, 1) && at->rest.data[0] != 0) {
                struct packet name = cursor_text(at), value = cursor_text(at);

                if (!printer->options.verbose && !packet_begins(name, "user") &&
                    !packet_begins(name, "database"))
                        continue;
                put(printer, ", ");
                put_part(printer, name);
                put_char(printer, ' ');
                put_part(printer, value);
        }
}

static bool request_print(struct printer *printer, struct packet packet)
{
        struct cursor at = cursor_of(packet);
        uint32_t length = cursor_32(&at), request = cursor_32(&at);

        if (at.cut || length < 2 * LENGTH || length > packet.length)
                return false;
        at.rest = packet_cut(at.rest, length - 2 * LENGTH);
        switch (request) {
        case VERSION_3:
                put_protocol(printer, "PostgreSQL");
                startup_print(printer, &at);
                return true;
        case CANCEL:
                put_protocol(printer, "PostgreSQL");
                putf(printer, "cancel request, process %u", cursor_32(&at));
                return true;
        case USE_TLS:
                put_protocol(printer, "PostgreSQL");
                put(printer, "TLS request");
                return true;
        case USE_GSSAPI:
                put_protocol(printer, "PostgreSQL");
                put(printer, "GSSAPI request");
                return true;
        default: return false;
        }
}

/* Fields, each with its kind in front: severity, SQLSTATE, the message. */
static void error_print(struct printer *printer, struct cursor *at, bool refuses)
{
        while (!cursor_at_end(at)) {
                uint8_t kind = cursor_8(at);
                struct packet text;
                size_t start;

                if (kind == 0)
                        return;
                text = cursor_text(at);
                if (kind == 'M') {
                        put_text_part(printer, text);
                } else if (kind == 'S' || kind == 'C') {
                        put_char(printer, ' ');
                        start = span_start(printer);
                        put_part(printer, text);
                        if (refuses)
                                span_end(printer, ROLE_REFUSAL, start);
                } else if (printer->options.verbose) {
                        putf(printer, " %c:", kind >= ' ' && kind < 0x7f ? kind : '?');
                        put_text_part(printer, text);
                }
        }
}

static void client_print(struct printer *printer, uint8_t type, struct cursor *at)
{
        if (type == 'Q') {
                put_text_part(printer, cursor_text(at));
        } else if (type == 'P') {
                cursor_text(at); /* the statement's name */
                put_text_part(printer, cursor_text(at));
        }
}

static void server_print(struct printer *printer, uint8_t type, struct cursor *at)
{
        uint8_t state;

        switch (type) {
        case 'R':
                put_char(printer, ' ');
                put_name(printer, authentication_names, "%u", cursor_32(at));
                break;
        case 'E':
        case 'N': error_print(printer, at, type == 'E'); break;
        case 'C': put_text_part(printer, cursor_text(at)); break;
        case 'T': putf(printer, " %u columns", cursor_16(at)); break;
        case 'S':
                if (!printer->options.verbose)
                        break;
                put_char(printer, ' ');
                put_part(printer, cursor_text(at));
                put_char(printer, '=');
                put_part(printer, cursor_text(at));
                break;
        case 'Z':
                state = cursor_8(at);
                put_as(printer, ROLE_FLAGS,
                       state == 'I'   ? " idle"
                       : state == 'T' ? " in transaction"
                                      : " in failed transaction");
                break;
        default: break;
        }
}

/* Several of one type in a row are counted. */
static struct packet run_skip(struct packet packet, uint8_t type, uint32_t *count)
{
        for (*count = 1;; (*count)++) {
                struct cursor at = cursor_of(packet);
                uint32_t length;

                if (cursor_8(&at) != type || at.cut)
                        return packet;
                length = cursor_32(&at);
                if (at.cut || length < LENGTH)
                        return packet;
                packet = packet_from(at.rest, length - LENGTH);
        }
}

/* One message, and those that follow it with nothing more to say. */
static struct packet message_print(struct printer *printer, struct packet packet,
                                   const struct name *names, bool from_server)
{
        struct cursor at = cursor_of(packet), content;
        uint8_t type = cursor_8(&at);
        uint32_t length = cursor_32(&at), count = 1;

        content = cursor_of(packet_cut(at.rest, length - LENGTH < at.rest.length ? length - LENGTH
                                                                                 : at.rest.length));
        packet = packet_from(at.rest, length - LENGTH);
        put_as(printer, ROLE_PROTOCOL, name_find(names, type));
        if (from_server &&
            (type == 'D' || type == 'd' || (type == 'S' && !printer->options.verbose)))
                packet = run_skip(packet, type, &count);
        if (count > 1)
                putf(printer, " x%u", count);
        if (from_server)
                server_print(printer, type, &content);
        else
                client_print(printer, type, &content);
        return packet;
}

/* Whether a message begins here: its type is known, and its length is not absurd. */
static bool is_message(struct packet packet, const struct name *names)
{
        struct cursor at = cursor_of(packet);
        uint8_t type = cursor_8(&at);
        uint32_t length = cursor_32(&at);

        return !at.cut && name_find(names, type) && length >= LENGTH && length < MAX_LENGTH;
}

void postgresql_print(struct printer *printer, struct packet packet)
{
        bool from_server = printer->source_port == PORT;
        const struct name *names = from_server ? server_names : client_names;
        bool first = true;

        printer->protocol = "postgresql";
        if (from_server && packet.length == 1 && has(packet, 0, 1) &&
            (packet.data[0] == 'S' || packet.data[0] == 'N' || packet.data[0] == 'G')) {
                put_protocol(printer, "PostgreSQL");
                put(printer, packet.data[0] == 'N' ? "no" : "yes");
                return;
        }
        if (!from_server && request_print(printer, packet))
                return;
        while (is_message(packet, names)) {
                if (first)
                        put_protocol(printer, "PostgreSQL");
                else
                        put(printer, "; ");
                first = false;
                packet = message_print(printer, packet, names, from_server);
        }
}

/* HTTP/2, RFC 9113, as it is spoken without TLS, by gRPC above all: its frames, and the header
 * fields in them. A segment may begin in the middle of a frame: then nothing is said of it. */
#include "hpack.h"

enum { FRAME_HEADER = 9, MAX_FRAME = 1 << 20 };

enum type {
        DATA,
        HEADERS,
        PRIORITY,
        RST_STREAM,
        SETTINGS,
        PUSH_PROMISE,
        PING,
        GOAWAY,
        WINDOW_UPDATE,
        CONTINUATION,
};

enum flag { END_STREAM = 1, ACKNOWLEDGED = 1, END_HEADERS = 4, PADDED = 8, WITH_PRIORITY = 0x20 };

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

static const struct name type_names[] = {{DATA, "DATA"},
                                         {HEADERS, "HEADERS"},
                                         {PRIORITY, "PRIORITY"},
                                         {RST_STREAM, "RST_STREAM"},
                                         {SETTINGS, "SETTINGS"},
                                         {PUSH_PROMISE, "PUSH_PROMISE"},
                                         {PING, "PING"},
                                         {GOAWAY, "GOAWAY"},
                                         {WINDOW_UPDATE, "WINDOW_UPDATE"},
                                         {CONTINUATION, "CONTINUATION"},
                                         {0x0a, "ALTSVC"},
                                         {0x0c, "ORIGIN"},
                                         {0x10, "PRIORITY_UPDATE"},
                                         {0, NULL}};

static const struct name error_names[] = {{0, "NO_ERROR"},
                                          {1, "PROTOCOL_ERROR"},
                                          {2, "INTERNAL_ERROR"},
                                          {3, "FLOW_CONTROL_ERROR"},
                                          {4, "SETTINGS_TIMEOUT"},
                                          {5, "STREAM_CLOSED"},
                                          {6, "FRAME_SIZE_ERROR"},
                                          {7, "REFUSED_STREAM"},
                                          {8, "CANCEL"},
                                          {9, "COMPRESSION_ERROR"},
                                          {10, "CONNECT_ERROR"},
                                          {11, "ENHANCE_YOUR_CALM"},
                                          {12, "INADEQUATE_SECURITY"},
                                          {13, "HTTP_1_1_REQUIRED"},
                                          {0, NULL}};

static const struct name setting_names[] = {
    {1, "HEADER_TABLE_SIZE"},       {2, "ENABLE_PUSH"},           {3, "MAX_CONCURRENT_STREAMS"},
    {4, "INITIAL_WINDOW_SIZE"},     {5, "MAX_FRAME_SIZE"},        {6, "MAX_HEADER_LIST_SIZE"},
    {8, "ENABLE_CONNECT_PROTOCOL"}, {9, "NO_RFC7540_PRIORITIES"}, {0, NULL}};

struct frame {
        uint8_t type, flags;
        uint32_t length, stream;
        struct packet payload; /* as far as the segment holds it */
};

/* Whether a frame begins here: of a known type, and with a stream where it has to have one. */
static bool is_frame(struct packet packet)
{
        const uint8_t *b = packet.data;
        bool stream;

        if (!has(packet, 0, FRAME_HEADER) || !name_find(type_names, b[3]) || b[5] & 0x80 ||
            (b[0] << 16 | b[1] << 8 | b[2]) > MAX_FRAME)
                return false;
        stream = b[5] | b[6] | b[7] | b[8];
        switch (b[3]) {
        case SETTINGS:
        case PING:
        case GOAWAY: return !stream;
        case WINDOW_UPDATE: return true;
        default: return stream || b[3] > CONTINUATION;
        }
}

/* What a server begins with: settings, without any flag. */
static bool is_server_preface(struct packet packet)
{
        enum { SETTING = 6, MOST = 20 * SETTING };
        const uint8_t *b = packet.data;

        return is_frame(packet) && b[3] == SETTINGS && b[4] == 0 && b[0] == 0 && b[1] == 0 &&
               b[2] >= SETTING && b[2] <= MOST && b[2] % SETTING == 0 &&
               has(packet, FRAME_HEADER, 2) && b[FRAME_HEADER] == 0 &&
               name_find(setting_names, b[FRAME_HEADER + 1]);
}

bool http2_fits(struct packet payload, uint16_t source, uint16_t destination)
{
        (void)source;
        (void)destination;
        return packet_begins(payload, preface) || is_server_preface(payload);
}

/* ---- Header fields ---- */

static bool is_named(const struct header_field *field, const char *name)
{
        return field->name.length == strlen(name) && packet_begins(field->name, name);
}

/* On one line the request or status, and what a gRPC message is known by. */
static bool is_shown(const struct header_field *field)
{
        static const char *const names[] = {":method",     ":scheme",     ":authority",
                                            ":path",       ":status",     "content-type",
                                            "grpc-status", "grpc-message"};

        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                if (is_named(field, names[i]))
                        return true;
        return false;
}

static void headers_print(struct printer *printer, struct hpack *hpack, struct packet block)
{
        struct cursor at = cursor_of(block);
        struct header_field field;

        while (hpack_read(printer, hpack, &at, &field)) {
                if (!printer->options.verbose && !is_shown(&field))
                        continue;
                put(printer, printer->options.verbose ? "\n\t  " : ", ");
                put_part(printer, field.name);
                put(printer, printer->options.verbose ? ": " : " ");
                put_part(printer, field.value);
        }
        if (at.cut)
                put_truncated(printer);
}

/* The block of fields without padding, and what is in front of it. */
static struct packet block_of(const struct frame *frame)
{
        struct cursor at = cursor_of(frame->payload);
        uint8_t padding = 0;

        if (frame->type != CONTINUATION && frame->flags & PADDED)
                padding = cursor_8(&at);
        if (frame->type == HEADERS && frame->flags & WITH_PRIORITY)
                cursor_part(&at, 5);
        if (frame->type == PUSH_PROMISE)
                cursor_32(&at);
        return packet_cut(at.rest, at.rest.length > padding ? at.rest.length - padding : 0);
}

/* ---- Frames ---- */

static void settings_print(struct printer *printer, const struct frame *frame)
{
        struct cursor at = cursor_of(frame->payload);

        if (frame->flags & ACKNOWLEDGED)
                put(printer, " ack");
        while (printer->options.verbose && !cursor_at_end(&at)) {
                uint16_t setting = cursor_16(&at);
                uint32_t value = cursor_32(&at);

                if (at.cut)
                        break;
                put(printer, "\n\t  ");
                put_name(printer, setting_names, "setting %u", setting);
                putf(printer, " %u", value);
        }
}

static void error_print(struct printer *printer, struct cursor *at)
{
        uint32_t error = cursor_32(at);

        if (at->cut)
                return;
        put_char(printer, ' ');
        put_name(printer, error_names, "error %u", error);
}

static void goaway_print(struct printer *printer, const struct frame *frame)
{
        struct cursor at = cursor_of(frame->payload);

        putf(printer, " last stream %u", cursor_32(&at));
        error_print(printer, &at);
        if (at.rest.captured > 0) {
                put(printer, " \"");
                put_part(printer, at.rest);
                put_char(printer, '"');
        }
}

static void frame_print(struct printer *printer, struct hpack *hpack, const struct frame *frame)
{
        struct cursor at = cursor_of(frame->payload);

        put_name(printer, type_names, "type %u", frame->type);
        if (frame->stream)
                putf(printer, " stream %u", frame->stream);
        switch (frame->type) {
        case DATA: putf(printer, " length %u", frame->length); break;
        case SETTINGS: settings_print(printer, frame); break;
        case PING: put(printer, frame->flags & ACKNOWLEDGED ? " ack" : ""); break;
        case RST_STREAM: error_print(printer, &at); break;
        case GOAWAY: goaway_print(printer, frame); break;
        case WINDOW_UPDATE: putf(printer, " +%u", cursor_32(&at) & 0x7fffffffu); break;
        default: break;
        }
        if ((frame->type == DATA || frame->type == HEADERS) && frame->flags & END_STREAM)
                put(printer, " end");
        if (frame->type == HEADERS || frame->type == PUSH_PROMISE || frame->type == CONTINUATION)
                headers_print(printer, hpack, block_of(frame));
}

/* Frames follow one another on the line, or with -v each has its own. */
static void separator_print(struct printer *printer, bool *first)
{
        if (*first)
                put(printer, ": HTTP/2");
        if (printer->options.verbose)
                put(printer, "\n\t");
        else
                put(printer, *first ? " " : "; ");
        *first = false;
}

void http2_print(struct printer *printer, struct packet packet)
{
        struct hpack *hpack;
        bool first = true;

        printer->protocol = "http2";
        if (packet_begins(packet, preface)) {
                separator_print(printer, &first);
                put(printer, "preface");
                packet = packet_from(packet, sizeof preface - 1);
        }
        if (!is_frame(packet))
                return;
        hpack = arena_take(&printer->decrypted, sizeof *hpack);
        if (!hpack)
                longjmp(printer->abandon, ABANDON_MEMORY);
        while (is_frame(packet)) {
                struct cursor at = cursor_of(packet);
                struct frame frame = {.length = (uint32_t)cursor_number(&at, 3)};

                frame.type = cursor_8(&at);
                frame.flags = cursor_8(&at);
                frame.stream = cursor_32(&at);
                frame.payload = cursor_part(&at, frame.length);
                separator_print(printer, &first);
                frame_print(printer, hpack, &frame);
                packet = at.rest;
        }
}

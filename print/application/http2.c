/* HTTP/2, RFC 9113, as it is spoken without TLS, by gRPC above all: its frames, and the header
 * fields in them. Of the last few connections whose beginning was seen, each direction is followed
 * segment by segment: where the next frame begins, and the table of header fields. Of others, a
 * segment that begins in the middle of a frame says nothing, and fields in the table are unknown.
 */
#include "hpack.h"

#include "print/printer/earlier.h"

enum { FRAME_HEADER = 9, MAX_FRAME = 1 << 20, MAX_HELD = FRAME_HEADER + (1 << 14) };

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

/* One direction of a connection. */
struct direction {
        bool followed; /* else the others mean nothing, but hpack may be used for a segment */
        uint32_t next; /* the sequence number of the next segment */
        uint32_t skip; /* how many of its bytes belong to a frame that has been printed */
        uint32_t held; /* bytes of a frame that is not complete */
        uint8_t frame[MAX_HELD];
        uint32_t left; /* bytes of a header field that goes on in a CONTINUATION */
        uint8_t field[MAX_HELD];
        struct hpack hpack;
};

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

static void field_print(struct printer *printer, const struct header_field *field)
{
        if (!printer->options.verbose && !is_shown(field))
                return;
        put(printer, printer->options.verbose ? "\n\t  " : ", ");
        put_part(printer, field->name);
        put(printer, printer->options.verbose ? ": " : " ");
        if (is_named(field, ":authority") || is_named(field, "host"))
                put_part_as(printer, ROLE_ADDRESS, field->value);
        else
                put_part(printer, field->value);
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

/* The block behind what earlier frames left of a field. */
static struct packet behind_left(struct printer *printer, const struct direction *direction,
                                 struct packet block)
{
        uint8_t *bytes = arena_take(&printer->decrypted, direction->left + block.captured + 1);

        if (!bytes)
                longjmp(printer->abandon, ABANDON_MEMORY);
        memcpy(bytes, direction->field, direction->left);
        memcpy(bytes + direction->left, block.data, block.captured);
        return (struct packet){bytes, direction->left + block.captured,
                               direction->left + block.length};
}

/* Keeps a field that the frame does not have to its end, section 4.3. Returns false if the frame
 * should have it, or it is too long. */
static bool leave(struct direction *direction, const struct frame *frame, struct packet field)
{
        if (frame->flags & END_HEADERS || frame->payload.captured < frame->length ||
            field.captured < field.length || field.length > sizeof direction->field)
                return false;
        memcpy(direction->field, field.data, field.captured);
        direction->left = field.captured;
        return true;
}

/* Returns false if it is cut. */
static bool headers_print(struct printer *printer, struct direction *direction,
                          const struct frame *frame)
{
        struct packet block = block_of(frame);
        struct cursor at, before;
        struct header_field field;
        uint32_t added;

        if (frame->type == CONTINUATION && direction->left > 0)
                block = behind_left(printer, direction, block);
        if (frame->payload.captured == frame->length)
                direction->left = 0;
        at = before = cursor_of(block);
        added = direction->hpack.added;
        while (hpack_read(printer, &direction->hpack, &at, &field)) {
                field_print(printer, &field);
                before = at;
                added = direction->hpack.added;
        }
        if (!at.cut)
                return true;
        if (leave(direction, frame, before.rest)) {
                direction->hpack.added = added;
                return true;
        }
        put_truncated(printer);
        return false;
}

/* ---- Frames ---- */

static void settings_print(struct printer *printer, const struct frame *frame)
{
        struct cursor at = cursor_of(frame->payload);

        if (frame->flags & ACKNOWLEDGED)
                put_as(printer, ROLE_FLAGS, " ack");
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
        put_name_as(printer, ROLE_REFUSAL, error_names, "error %u", error);
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

static bool has_fields(const struct frame *frame)
{
        return frame->type == HEADERS || frame->type == PUSH_PROMISE || frame->type == CONTINUATION;
}

/* Returns false if header fields in it are cut. */
static bool frame_print(struct printer *printer, struct direction *direction,
                        const struct frame *frame)
{
        struct cursor at = cursor_of(frame->payload);

        put_name_as(printer, ROLE_PROTOCOL, type_names, "type %u", frame->type);
        if (frame->stream)
                putf(printer, " stream %u", frame->stream);
        switch (frame->type) {
        case DATA: put_number_as(printer, ROLE_LENGTH, " length ", frame->length); break;
        case SETTINGS: settings_print(printer, frame); break;
        case PING: put_as(printer, ROLE_FLAGS, frame->flags & ACKNOWLEDGED ? " ack" : ""); break;
        case RST_STREAM: error_print(printer, &at); break;
        case GOAWAY: goaway_print(printer, frame); break;
        case WINDOW_UPDATE: putf(printer, " +%u", cursor_32(&at) & 0x7fffffffu); break;
        default: break;
        }
        if ((frame->type == DATA || frame->type == HEADERS) && frame->flags & END_STREAM)
                put_as(printer, ROLE_FLAGS, " end");
        return !has_fields(frame) || headers_print(printer, direction, frame);
}

/* Frames follow one another on the line, or with -v each has its own. */
static void separator_print(struct printer *printer, bool *first)
{
        if (*first) {
                put(printer, ": ");
                put_as(printer, ROLE_PROTOCOL, "HTTP/2");
        }
        if (printer->options.verbose)
                put(printer, "\n\t");
        else
                put(printer, *first ? " " : "; ");
        *first = false;
}

static struct frame frame_read(struct packet packet)
{
        struct cursor at = cursor_of(packet);
        struct frame frame = {.length = (uint32_t)cursor_number(&at, 3)};

        frame.type = cursor_8(&at);
        frame.flags = cursor_8(&at);
        frame.stream = cursor_32(&at);
        frame.payload = cursor_part(&at, frame.length);
        return frame;
}

/* ---- From segment to segment ---- */

/* The direction of this segment, if all before it has been seen; else one of which nothing is
 * known. */
static struct direction *direction_find(struct printer *printer, struct packet segment, bool begins)
{
        static const uint8_t nobody[KEPT_KEY] = {[KEPT_KEY - 1] = 1}; /* no stream's */
        struct stream_key key = stream_key_make(printer);
        struct direction *direction = keep_find(printer, &key, sizeof key);

        if (direction && direction->followed && direction->next == printer->sequence) {
                direction->next += segment.length;
                return direction;
        }
        if (begins) {
                if (!direction)
                        direction = keep_new(printer, &key, sizeof key, sizeof *direction);
                direction->followed = true;
                direction->next = printer->sequence + segment.length;
                direction->skip = direction->held = direction->left = 0;
                direction->hpack.added = 0;
                return direction;
        }
        /* A segment that is sent again changes nothing; one that is missing, all. */
        if (direction && (int32_t)(printer->sequence + segment.length - direction->next) > 0)
                direction->followed = false;
        direction = keep_find(printer, nobody, sizeof nobody);
        if (!direction)
                direction = keep_new(printer, nobody, sizeof nobody, sizeof *direction);
        direction->left = 0;
        direction->hpack.added = 0;
        return direction;
}

/* Keeps what follows the last whole frame, if it is all there and not too much. */
static void hold(struct direction *direction, struct packet rest)
{
        if (rest.captured < rest.length || rest.length > MAX_HELD) {
                direction->followed = false;
                return;
        }
        memcpy(direction->frame, rest.data, rest.captured);
        direction->held = rest.captured;
}

/* Adds to what is held up to `size` bytes. Returns whether they are there. */
static bool held_fill(struct direction *direction, uint32_t size, struct packet *packet)
{
        uint32_t missing = direction->held < size ? size - direction->held : 0;
        struct packet part =
            packet_cut(*packet, missing < packet->length ? missing : packet->length);

        if (size > MAX_HELD || part.captured < part.length) {
                direction->followed = false;
                direction->held = 0;
                *packet = packet_from(*packet, packet->length);
                return false;
        }
        memcpy(direction->frame + direction->held, part.data, part.captured);
        direction->held += part.captured;
        *packet = packet_from(*packet, part.captured);
        return direction->held >= size;
}

/* A frame, or what the segment has of it. Returns what follows it. */
static struct packet next_frame(struct printer *printer, struct direction *direction,
                                struct packet packet)
{
        struct frame frame = frame_read(packet);
        uint32_t there = packet.length - FRAME_HEADER, added = direction->hpack.added;
        bool complete = frame_print(printer, direction, &frame);

        if (frame.length <= there) {
                if (!complete)
                        direction->followed = false;
        } else if (has_fields(&frame)) {
                direction->hpack.added = added; /* it will be read again */
                hold(direction, packet);
        } else {
                direction->skip = frame.length - there;
        }
        return packet_from(packet, FRAME_HEADER + frame.length);
}

/* The rest of the frame that is held. */
static void held_print(struct printer *printer, struct direction *direction, struct packet *packet,
                       bool *first)
{
        struct packet held = {direction->frame, FRAME_HEADER, FRAME_HEADER};
        struct frame frame;

        if (!held_fill(direction, FRAME_HEADER, packet))
                return;
        if (!is_frame(held)) {
                direction->followed = false;
                *packet = packet_from(*packet, packet->length);
                return;
        }
        frame = frame_read(held);
        if (frame.type == DATA) {
                direction->skip = frame.length;
        } else {
                if (!held_fill(direction, FRAME_HEADER + frame.length, packet))
                        return;
                held.captured = held.length = FRAME_HEADER + frame.length;
                frame = frame_read(held);
        }
        direction->held = 0;
        separator_print(printer, first);
        if (!frame_print(printer, direction, &frame))
                direction->followed = false;
}

void http2_print(struct printer *printer, struct packet packet)
{
        bool first = true, begins = http2_fits(packet, 0, 0);
        struct direction *direction;
        uint32_t skip;

        printer->protocol = "http2";
        direction = direction_find(printer, packet, begins);
        if (direction->followed) {
                if (direction->held > 0)
                        held_print(printer, direction, &packet, &first);
                skip = direction->skip < packet.length ? direction->skip : packet.length;
                direction->skip -= skip;
                packet = packet_from(packet, skip);
        }
        if (packet_begins(packet, preface)) {
                separator_print(printer, &first);
                put(printer, "preface");
                packet = packet_from(packet, sizeof preface - 1);
        }
        while (is_frame(packet)) {
                separator_print(printer, &first);
                packet = next_frame(printer, direction, packet);
        }
        if (direction->followed && packet.length > 0) {
                if (packet.length < FRAME_HEADER)
                        hold(direction, packet);
                else
                        direction->followed = false;
        }
}

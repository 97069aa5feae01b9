/* Writes a packet as one JSON object on one line, with Wireshark's names of fields
 * (https://www.wireshark.org/docs/dfref/): what the capture says of it, its headers (layers.c), and
 * the text. */
#include "forms.h"
#include "print/printer/fields.h"

#include "base/json.h"
/* Newlines are the long escape, u000a: scripts may split the text there. */
static void put_string(struct printer *printer, const char *text, size_t length)
{
        const char *end = text + length, *newline;
        char *at;

        put_char(printer, '"');
        at = output_room(printer, length * JSON_ESCAPED + 1);
        for (; (newline = memchr(text, '\n', (size_t)(end - text))); text = newline + 1) {
                at = json_escape_bytes(at, text, (size_t)(newline - text));
                memcpy(at, "\\u000a", JSON_ESCAPED);
                at += JSON_ESCAPED;
        }
        at = json_escape_bytes(at, text, (size_t)(end - text));
        *at++ = '"';
        output_end(printer, at);
}

/* Absent where it is not known. */
static void put_text_member(struct printer *printer, const char *key, const char *text)
{
        if (!text)
                return;
        field_key(printer, key);
        output_room(printer, strlen(text) * JSON_ESCAPED + 3); /* so that the next cannot fail */
        json_text(&(struct json){.text = &printer->text}, text);
}

/* As pcapng's flags and Wireshark have it: the direction, and how it was received. */
static void put_packet_flags(struct printer *printer, enum packet_passage passage)
{
        enum { IN = 1, OUT = 2 };
        static const uint8_t receptions[] = {[PASSAGE_IN] = 1,
                                             [PASSAGE_MULTICAST] = 2,
                                             [PASSAGE_BROADCAST] = 3,
                                             [PASSAGE_OTHER_HOST] = 4,
                                             [PASSAGE_OUT] = 0};

        if (passage == PASSAGE_UNKNOWN)
                return;
        put_labelled(printer,
                     ",\"frame.packet_flags_direction\":", passage == PASSAGE_OUT ? OUT : IN);
        if (receptions[passage])
                put_labelled(printer,
                             ",\"frame.packet_flags_reception_type\":", receptions[passage]);
}

static void put_provenance(struct printer *printer, const struct print_packet *packet)
{
        put_text_member(printer, "frame.interface_name", packet->interface);
        put_text_member(printer, "frame.interface_description", packet->interface_description);
        put_packet_flags(printer, packet->passage);
        if (packet->dropped > 0)
                put_labelled(printer, ",\"frame.drop_count\":", packet->dropped);
        put_text_member(printer, "frame.comment", packet->comment);
        if (packet->members) {
                put_char(printer, ',');
                put(printer, packet->members);
        }
}

size_t json_print(struct printer *printer, const struct print_packet *packet, size_t end)
{
        size_t start = printer->text.length;
        struct packet frame = packet->packet;

        put_labelled(printer, "{\"frame.number\":", printer->packets);
        /* A string, as most JSON readers' numbers have fewer digits. */
        put_labelled(printer, ",\"frame.time_epoch\":\"", (uint64_t)printer->now.tv_sec);
        put_char(printer, '.');
        put_decimal_padded(printer, (uint64_t)printer->now.tv_nsec, 9);
        put_labelled(printer, "\",\"frame.len\":", frame.length);
        put_labelled(printer, ",\"frame.cap_len\":", frame.captured);
        put_provenance(printer, packet);
        if (frame.captured > frame.length)
                frame.captured = frame.length;
        layers_print(printer, frame, packet->link_type);
        field_key(printer, "text");
        output_room(printer, end * JSON_ESCAPED + 2); /* `text` moves when it grows */
        put_string(printer, printer->text.start, end);
        put_char(printer, '}');
        return start;
}

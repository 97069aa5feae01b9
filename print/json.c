/* Writes a packet as one JSON object on one line, with Wireshark's names of fields
 * (https://www.wireshark.org/docs/dfref/). Headers and fields come from the tables of
 * net/headers.c, so a protocol is added there. The list of headers silently ends with the captured
 * bytes, and after MAX_HEADERS. */
#include "forms.h"

#include "base/json.h"
#include "net/link_types.h"

enum { MAX_HEADERS = 32 };

static void put_key(struct printer *printer, const char *name)
{
        put(printer, ",\"");
        put(printer, name);
        put(printer, "\":");
}

static void put_field(struct printer *printer, const struct net_field *field, const uint8_t *data)
{
        uint32_t value = field->size <= 4 ? net_read(data, field->size) : 0;

        if (field->mask)
                value = (value & field->mask) >> __builtin_ctz(field->mask);
        put_key(printer, field->filter);
        switch (field->value) {
        case NET_FLAG: put(printer, value ? "true" : "false"); return;
        case NET_BITS:
        case NET_IDENTIFIER:
        case NET_ETHERTYPE:
        case NET_PPP_PROTOCOL:
                put(printer, "\"0x");
                put_hex(printer, value, field->size * 2u);
                break;
        case NET_IPV4_ADDRESS:
                put_char(printer, '"');
                put_ipv4_numeric(printer, data);
                break;
        case NET_IPV6_ADDRESS:
                put_char(printer, '"');
                put_ipv6_numeric(printer, data);
                break;
        case NET_MAC_ADDRESS:
                put_char(printer, '"');
                put_ethernet_numeric(printer, data);
                break;
        default: put_decimal(printer, (uint64_t)value * (field->unit ? field->unit : 1)); return;
        }
        put_char(printer, '"');
}

static void put_fields(struct printer *printer, const struct net_header *header,
                       struct packet packet)
{
        for (uint32_t i = 0; i < header->field_count; i++) {
                const struct net_field *field = &header->fields[i];

                if (field->filter && has(packet, field->offset, field->size) &&
                    net_has_field(field, packet.data))
                        put_field(printer, field, packet.data + field->offset);
        }
}

static void put_headers(struct printer *printer, struct packet packet, int link_type)
{
        const struct net_link_type *link = net_link_type(link_type);
        const struct net_header *header = link ? link->header : NULL;
        uint32_t next;

        put(printer, ",\"layers\":[");
        for (int i = 0; i < MAX_HEADERS && header && header->filter; i++) {
                put(printer, i > 0 ? ",{\"layer\":\"" : "{\"layer\":\"");
                put(printer, header->filter);
                put_char(printer, '"');
                put_fields(printer, header, packet);
                put_char(printer, '}');
                header = net_next_header(header, packet.data, packet.captured, &next);
                if (header)
                        packet = packet_from(packet, next);
        }
        put_char(printer, ']');
}

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
        put_key(printer, key);
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
        frame.length = frame.captured;
        put_headers(printer, frame, packet->link_type);
        put_key(printer, "text");
        output_room(printer, end * JSON_ESCAPED + 2); /* `text` moves when it grows */
        put_string(printer, printer->text.start, end);
        put_char(printer, '}');
        return start;
}

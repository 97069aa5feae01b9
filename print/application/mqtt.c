/* MQTT 3.1.1 and 5.0, OASIS: its packets, as many as a segment holds. */
#include "cursor.h"

enum type {
        CONNECT = 1,
        CONNACK,
        PUBLISH,
        PUBACK,
        PUBREC,
        PUBREL,
        PUBCOMP,
        SUBSCRIBE,
        SUBACK,
        UNSUBSCRIBE,
        UNSUBACK,
        PINGREQ,
        PINGRESP,
        DISCONNECT,
        AUTH,
};

static const char *const type_names[] = {NULL,        "CONNECT",  "CONNACK",     "PUBLISH",
                                         "PUBACK",    "PUBREC",   "PUBREL",      "PUBCOMP",
                                         "SUBSCRIBE", "SUBACK",   "UNSUBSCRIBE", "UNSUBACK",
                                         "PINGREQ",   "PINGRESP", "DISCONNECT",  "AUTH"};

/* Section 1.5.5 of 5.0. */
static uint32_t length_read(struct cursor *at)
{
        enum { MOST = 4 };
        uint32_t length = 0;

        for (int i = 0; i < MOST; i++) {
                uint8_t byte = cursor_8(at);

                length |= (byte & 0x7fu) << 7 * i;
                if (!(byte & 0x80))
                        return length;
        }
        at->cut = true;
        return 0;
}

static void text_print(struct printer *printer, const char *label, struct packet text)
{
        put(printer, label);
        put_part(printer, text);
        put_char(printer, '"');
}

static void connect_print(struct printer *printer, struct cursor *at)
{
        enum { CLEAN = 2, WILL = 4, PASSWORD = 0x40, USER = 0x80, WITH_PROPERTIES = 5 };
        uint8_t version, flags;
        struct packet client, topic = {NULL, 0, 0};

        cursor_vector(at, 2); /* "MQTT" */
        version = cursor_8(at);
        flags = cursor_8(at);
        putf(printer, " version %s",
             version == 3   ? "3.1"
             : version == 4 ? "3.1.1"
             : version == 5 ? "5"
                            : "?");
        putf(printer, ", keep alive %u", cursor_16(at));
        if (version >= WITH_PROPERTIES)
                cursor_part(at, length_read(at));
        client = cursor_vector(at, 2);
        if (flags & WILL) {
                if (version >= WITH_PROPERTIES)
                        cursor_part(at, length_read(at));
                topic = cursor_vector(at, 2);
                cursor_vector(at, 2);
        }
        text_print(printer, ", client \"", client);
        if (flags & USER)
                text_print(printer, ", user \"", cursor_vector(at, 2));
        if (!printer->options.verbose)
                return;
        put_as(printer, ROLE_FLAGS, flags & CLEAN ? ", clean" : "");
        put_as(printer, ROLE_FLAGS, flags & PASSWORD ? ", password" : "");
        if (topic.length > 0)
                text_print(printer, ", will \"", topic);
}

/* The length of the payload in version 3.1.1; 5 has its properties in front of it. */
static void publish_print(struct printer *printer, struct cursor *at, uint8_t flags)
{
        unsigned quality = flags >> 1 & 3;

        text_print(printer, " \"", cursor_vector(at, 2));
        put_number_as(printer, ROLE_FLAGS, ", QoS ", quality);
        put_as(printer, ROLE_FLAGS, flags & 8 ? ", duplicate" : "");
        put_as(printer, ROLE_FLAGS, flags & 1 ? ", retain" : "");
        if (quality > 0)
                putf(printer, ", id %u", cursor_16(at));
        put_number_as(printer, ROLE_LENGTH, ", length ", at->rest.length);
}

/* Topics: version 5 has properties in front of them, which are a zero in nearly all messages; a
 * topic of 3.1.1 begins with the high byte of its length, which nearly always is one, too. */
static void topics_print(struct printer *printer, struct cursor *at, bool with_options)
{
        putf(printer, " id %u", cursor_16(at));
        if (has(at->rest, 0, 3) && at->rest.data[0] == 0 && at->rest.data[1] == 0)
                cursor_8(at);
        while (!cursor_at_end(at)) {
                text_print(printer, " \"", cursor_vector(at, 2));
                if (with_options)
                        putf(printer, " QoS %u", cursor_8(at) & 3u);
        }
}

static void body_print(struct printer *printer, uint8_t first, struct packet body)
{
        struct cursor at = cursor_of(body);
        uint8_t type = first >> 4;

        switch (type) {
        case CONNECT: connect_print(printer, &at); break;
        case CONNACK:
                put(printer, cursor_8(&at) & 1 ? " session present" : "");
                putf(printer, " code %u", cursor_8(&at));
                break;
        case PUBLISH: publish_print(printer, &at, first & 0x0f); break;
        case SUBSCRIBE: topics_print(printer, &at, true); break;
        case UNSUBSCRIBE: topics_print(printer, &at, false); break;
        case PINGREQ:
        case PINGRESP:
        case DISCONNECT:
        case AUTH:
                if (body.length > 0)
                        putf(printer, " code %u", cursor_8(&at));
                break;
        default: putf(printer, " id %u", cursor_16(&at));
        }
        if (body.captured < body.length && at.cut)
                put_truncated(printer);
}

/* Type, the flags that it has to have, and a length that is not absurd. */
static bool is_packet(struct packet packet)
{
        unsigned type, flags;

        if (!has(packet, 0, 2))
                return false;
        type = packet.data[0] >> 4;
        flags = packet.data[0] & 0x0f;
        if (type == 0)
                return false;
        if (type == PUBLISH)
                return (flags >> 1 & 3) != 3;
        return flags == (type == PUBREL || type == SUBSCRIBE || type == UNSUBSCRIBE ? 2 : 0);
}

void mqtt_print(struct printer *printer, struct packet packet)
{
        bool first = true;

        printer->protocol = "mqtt";
        while (is_packet(packet)) {
                struct cursor at = cursor_of(packet);
                uint8_t head = cursor_8(&at);
                uint32_t length = length_read(&at);

                if (at.cut)
                        return;
                if (first)
                        put_protocol(printer, "MQTT");
                else
                        put(printer, "; ");
                first = false;
                put_as(printer, ROLE_PROTOCOL, type_names[head >> 4]);
                body_print(printer, head,
                           packet_cut(at.rest, length < at.rest.length ? length : at.rest.length));
                packet = packet_from(at.rest, length);
        }
}

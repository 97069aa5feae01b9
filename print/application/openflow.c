/* OpenFlow, opennetworking.org: the messages in a TCP segment, and what versions 1.0 and 1.3 have
 * in common. */
#include "openflow.h"

enum { HEADER = 8 };

static const struct openflow_message *message_find(uint8_t version, uint8_t type)
{
        if (version == 1 && type < openflow10_message_count)
                return &openflow10_messages[type];
        if (version == 4 && type < openflow13_message_count)
                return &openflow13_messages[type];
        return NULL;
}

/* The body of a message whose type and length have been printed. */
static void body_print(struct printer *printer, struct packet body, uint8_t version, uint8_t type)
{
        const struct openflow_message *message = message_find(version, type);
        enum openflow_result result = OPENFLOW_FINE;

        if (message && (body.length < message->least || body.length > message->most))
                result = OPENFLOW_INVALID;
        else if (message && message->print && printer->options.verbose)
                result = message->print(printer, body);
        if (result == OPENFLOW_INVALID)
                put_invalid(printer);
        if (result == OPENFLOW_FINE || result == OPENFLOW_INVALID)
                need_hard(printer, body, 0, body.length);
}

/* A message. Returns its size, 0 if nothing can follow. */
static uint32_t message_print(struct printer *printer, struct packet packet)
{
        static const struct name versions[] = {{1, "1.0"}, {2, "1.1"}, {3, "1.2"}, {4, "1.3"},
                                               {5, "1.4"}, {6, "1.5"}, {0, NULL}};
        const struct openflow_message *message;
        uint8_t version, type;
        uint32_t length;
        struct packet body;

        version = get8(printer, packet, 0);
        put(printer, "\n\tversion ");
        put_name(printer, versions, "unknown (0x%02x)", version);
        if (packet.length < 2)
                goto end;
        type = get8(printer, packet, 1);
        message = message_find(version, type);
        if (message)
                putf(printer, ", type %s", message->name);
        else
                putf(printer, ", type unknown (0x%02x)", type);
        if (packet.length < 4)
                goto end;
        length = get16(printer, packet, 2);
        putf(printer, ", length %u%s", length, length < HEADER ? " (too short!)" : "");
        if (packet.length < HEADER)
                goto end;
        putf(printer, ", xid 0x%08x", get32(printer, packet, 4));
        if (length < HEADER) {
                put_invalid_rest(printer, packet);
                return 0;
        }
        body = packet_from(packet, HEADER);
        body.length = length - HEADER;
        body_print(printer, body, version, type);
        return length;
end:
        put(printer, " (end of TCP payload)");
        need_hard(printer, packet, 0, packet.length);
        return 0;
}

void openflow_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "openflow";
        put(printer, ": OpenFlow");
        while (packet.length > 0) {
                uint32_t size = message_print(printer, packet);

                if (size == 0)
                        return;
                packet = packet_from(packet, size);
        }
}

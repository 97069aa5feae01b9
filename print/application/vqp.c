/* Cisco's VLAN query protocol, as http://vqp.sourceforge.net describes it. */
#include "print/printer/printer.h"

enum kind { NONE, ADDRESS, TEXT, STATION };

static const struct object {
        uint32_t type;
        const char *name;
        enum kind kind;
} objects[] = {{0x0c01, "Client IP Address", ADDRESS},
               {0x0c02, "Port Name", TEXT},
               {0x0c03, "VLAN Name", TEXT},
               {0x0c04, "VTP Domain", TEXT},
               {0x0c05, "Ethernet Packet", TEXT},
               {0x0c06, "MAC Null", STATION},
               {0x0c08, "MAC Address", STATION},
               {0, "Unknown", NONE}};

/* False if the value's size is wrong. */
static bool value_print(struct printer *printer, struct packet value, enum kind kind)
{
        switch (kind) {
        case ADDRESS:
                if (value.length != 4)
                        return false;
                need_hard(printer, value, 0, 4);
                put_ipv4_at(printer, value, 0);
                putf(printer, " (0x%08x)", get32(printer, value, 0));
                break;
        case STATION:
                if (value.length != 6)
                        return false;
                put_ethernet_labelled(printer, "", value, 0);
                break;
        case TEXT: put_until_zero(printer, value); break;
        case NONE:
                if (printer->options.verbose < 2)
                        dump_hex(printer, "\n\t    ", value, value.length);
                break;
        }
        return true;
}

void vqp_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 8, ITEM_HEADER = 6, VERSION = 1 };
        static const struct name messages[] = {{1, "Request, Join Port"},
                                               {2, "Response, VLAN"},
                                               {3, "Request, Reconfirm"},
                                               {4, "Response, Reconfirm"},
                                               {0, NULL}};
        static const struct name errors[] = {{0, "No error"},
                                             {3, "Access denied"},
                                             {4, "Shutdown port"},
                                             {5, "Wrong VTP domain"},
                                             {0, NULL}};
        uint8_t version, type, error, count;
        uint32_t length = packet.length;

        printer->protocol = "vqp";
        need_hard(printer, packet, 0, HEADER);
        if (packet.length < HEADER) {
                put_invalid(printer);
                return;
        }
        version = get8(printer, packet, 0);
        if (version != VERSION) {
                putf(printer, "VQP version %u packet not supported", version);
                return;
        }
        type = get8(printer, packet, 1);
        error = get8(printer, packet, 2);
        count = get8(printer, packet, 3);
        if (!printer->options.verbose) {
                put_as(printer, ROLE_PROTOCOL, "VQPv1 ");
                put_name(printer, messages, "unknown (%u)", type);
                putf(printer, " Message, error-code %s (%u), length %u",
                     name_or(errors, error, "unknown"), error, length);
                return;
        }
        put(printer, "\n\tVQPv1, ");
        put_name(printer, messages, "unknown (%u)", type);
        putf(printer, " Message, error-code %s (%u), seq 0x%08x, items %u, length %u",
             name_or(errors, error, "unknown"), error, get32(printer, packet, 4), count, length);
        for (packet = packet_from(packet, HEADER); count > 0 && packet.length > 0; count--) {
                const struct object *object = objects;
                uint32_t kind;
                uint16_t size;
                struct packet value;

                need_hard(printer, packet, 0, ITEM_HEADER);
                if (packet.length < ITEM_HEADER) {
                        put_invalid(printer);
                        return;
                }
                kind = get32(printer, packet, 0);
                size = get16(printer, packet, 4);
                while (object->type != 0 && object->type != kind)
                        object++;
                putf(printer, "\n\t  %s Object (0x%08x), length %u, value: ", object->name, kind,
                     size);
                packet = packet_from(packet, ITEM_HEADER);
                if (kind == 0 || size == 0)
                        return;
                need_hard(printer, packet, 0, size);
                if (packet.length < size) {
                        put_invalid(printer);
                        return;
                }
                value = packet_cut(packet, size);
                if (!value_print(printer, value, object->kind)) {
                        put_invalid(printer);
                        return;
                }
                packet = packet_from(packet, size);
        }
}

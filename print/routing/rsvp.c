/* The resource reservation protocol, RFC 2205: messages, and their objects one after another. */
#include "rsvp_objects.h"

enum { HEADER = 8, OBJECT_HEADER = 4, BUNDLE = 12 };

static const struct name messages[] = {{1, "Path"},
                                       {2, "Resv"},
                                       {3, "PathErr"},
                                       {4, "ResvErr"},
                                       {5, "PathTear"},
                                       {6, "ResvTear"},
                                       {7, "ResvConf"},
                                       {BUNDLE, "Bundle"},
                                       {13, "Acknowledgement"},
                                       {14, "Hello (Old)"},
                                       {15, "Refresh"},
                                       {20, "Hello"},
                                       {0, NULL}};

/* Returns false if nothing can follow. */
static bool object_print(struct printer *printer, struct packet packet, uint32_t size,
                         const char *indent)
{
        uint8_t class = get8(printer, packet, 2);
        uint8_t type = get8(printer, packet, 3);
        struct packet value = packet_part(packet_from(packet, OBJECT_HEADER), size - OBJECT_HEADER);
        enum rsvp_result result;

        putf(printer, "%s%s Object (%u) Flags: [%s", indent, rsvp_class_name(class), class,
             class & 0x80 ? class & 0x40 ? "ignore and forward" : "ignore silently" : "reject");
        put(printer, " if unknown], Class-Type: ");
        putf(printer, "%s (%u), length: %u", rsvp_type_name(class, type), type, size);
        if (size > packet.length) {
                put_damage(printer, "%sERROR: object goes past end of objects TLV", indent);
                return false;
        }
        need(printer, packet, 0, size);
        result = rsvp_object_print(printer, value, class, type, indent);
        if (result == RSVP_FAULT)
                return false;
        if (result == RSVP_UNKNOWN || printer->options.verbose > 1)
                dump_hex(printer, "\n\t    ", value, value.length);
        return true;
}

/* Returns false if nothing can follow. */
static bool objects_print(struct printer *printer, struct packet packet, const char *indent)
{
        while (packet.length >= OBJECT_HEADER) {
                uint32_t size;

                need(printer, packet, 0, OBJECT_HEADER);
                size = get16(printer, packet, 0);
                if (size % 4 != 0) {
                        put_damage(printer, "%sERROR: object header size %u not a multiple of 4",
                                   indent, size);
                        return false;
                }
                if (size < OBJECT_HEADER) {
                        put_damage(printer, "%sERROR: object header too short %u < %u", indent,
                                   size, OBJECT_HEADER);
                        return false;
                }
                if (!object_print(printer, packet, size, indent))
                        return false;
                packet = packet_from(packet, size);
        }
        return true;
}

/* The common header, in verbose form. Returns the message's length. */
static uint32_t header_print(struct printer *printer, struct packet packet, const char *indent)
{
        static const struct name flags[] = {{1, "Refresh reduction capable"}, {0, NULL}};
        uint8_t type = get8(printer, packet, 1);
        uint32_t size = get16(printer, packet, 6);

        putf(printer, "%sRSVPv%u ", indent, get8(printer, packet, 0) >> 4);
        put_name(printer, messages, "unknown, type: %u", type);
        putf(printer, " Message (%u)", type);
        put_flag_list(printer, ", Flags: [", flags, get8(printer, packet, 0) & 0x0f);
        putf(printer, ", length: %u, ttl: %u, checksum: 0x%04x", size, get8(printer, packet, 4),
             get16(printer, packet, 2));
        if (size < HEADER) {
                put_damage(printer, "ERROR: common header too short %u < %u", size, HEADER);
                return 0;
        }
        return size;
}

static bool is_version(struct printer *printer, struct packet packet)
{
        unsigned version = get8(printer, packet, 0) >> 4;

        if (version == 1)
                return true;
        put_damage(printer, "ERROR: RSVP version %u packet not supported", version);
        return false;
}

/* RFC 2961, 3. */
static void bundle_print(struct printer *printer, struct packet packet)
{
        while (packet.length > 0) {
                uint32_t size;

                need(printer, packet, 0, HEADER);
                if (!is_version(printer, packet))
                        return;
                size = header_print(printer, packet, "\n\t  ");
                if (size == 0)
                        return;
                if (size > packet.length) {
                        put_damage(printer, "ERROR: common header too large %u > %u", size,
                                   packet.length);
                        return;
                }
                if (!objects_print(printer, packet_part(packet_from(packet, HEADER), size - HEADER),
                                   "\n\t    "))
                        return;
                packet = packet_from(packet, size);
        }
}

void rsvp_print(struct printer *printer, struct packet packet)
{
        uint32_t size;
        uint8_t type;

        printer->protocol = "rsvp";
        need(printer, packet, 0, HEADER);
        type = packet.data[1];
        if (!is_version(printer, packet))
                return;
        if (!printer->options.verbose) {
                put_as(printer, ROLE_PROTOCOL, "RSVPv1 ");
                put_name(printer, messages, "unknown (%u)", type);
                putf(printer, " Message, length: %u", packet.length);
                return;
        }
        size = header_print(printer, packet, "\n\t");
        if (size == 0)
                return;
        packet = packet_part(packet_from(packet, HEADER), size - HEADER);
        if (type == BUNDLE)
                bundle_print(printer, packet);
        else if (!name_find(messages, type))
                dump_hex(printer, "\n\t    ", packet, packet.length);
        else
                objects_print(printer, packet, "\n\t  ");
}

/* Extensions after the packet quoted by an ICMP error, RFC 4884; in practice mostly MPLS labels,
 * RFC 4950. */
#include "network.h"

#include "net/checksum.h"

enum {
        HEADER = 4,
        OBJECT_HEADER = 4,
        VERSION = 2,
        MPLS = 1,
        INTERFACE = 2,
        INCOMING = 1, /* class type of MPLS */
};

static const struct name objects[] = {
    {MPLS, "MPLS Stack Entry"},
    {INTERFACE, "Interface Identification"},
    {0, NULL},
};

static void label_print(struct printer *printer, struct packet object)
{
        uint32_t entry;

        need(printer, object, 0, 4);
        entry = get32(printer, object, 0);
        putf(printer, "\n\t    label %u, tc %u%s, ttl %u", entry >> 12, entry >> 9 & 7,
             entry & 0x100 ? ", [S]" : "", entry & 0xff);
}

static void objects_print(struct printer *printer, struct packet packet)
{
        while (packet.length > OBJECT_HEADER) {
                uint32_t size;
                uint8_t class, type;

                need(printer, packet, 0, OBJECT_HEADER);
                size = get16(printer, packet, 0);
                class = get8(printer, packet, 2);
                type = get8(printer, packet, 3);
                if (size < OBJECT_HEADER)
                        return;
                putf(printer, "\n\t  %s Object (%u), Class-Type: %u, length %u",
                     name_or(objects, class, "unknown"), class, type, size);
                if (class == MPLS && type == INCOMING)
                        label_print(printer, packet_from(packet, OBJECT_HEADER));
                else if (class != 0)
                        dump_hex(printer, "\n\t    ", packet_from(packet, OBJECT_HEADER),
                                 size - OBJECT_HEADER);
                packet = packet_from(packet, size);
        }
}

void icmp_extension_print(struct printer *printer, struct packet packet, bool announced)
{
        uint16_t sum;
        bool whole = has(packet, 0, packet.length);

        need(printer, packet, 0, HEADER + 1); /* an empty extension is none */
        sum = whole ? checksum(packet.data, packet.length) : 0;
        /* Senders may leave out the length that announces it: then only the checksum tells an
         * extension from more of the packet. */
        if (sum != 0 && !announced)
                return;
        putf(printer, "\n\tICMP Multi-Part extension v%u", get8(printer, packet, 0) >> 4);
        if (get8(printer, packet, 0) >> 4 != VERSION) {
                put(printer, " packet not supported");
                return;
        }
        if (whole)
                putf(printer, ", checksum 0x%04x (%scorrect), length %u", get16(printer, packet, 2),
                     sum == 0 ? "" : "in", packet.length);
        objects_print(printer, packet_from(packet, HEADER));
}

/* OSPF, RFC 2328, and for IPv6, RFC 5340: the packet's header. */
#include "ospf.h"

enum { HEADER_2 = 24, HEADER_3 = 16, DIGEST_SIZE = 16 };

static const struct name types[] = {
    {OSPF_HELLO, "Hello"},           {OSPF_DESCRIPTION, "Database Description"},
    {OSPF_REQUEST, "LS-Request"},    {OSPF_UPDATE, "LS-Update"},
    {OSPF_ACKNOWLEDGMENT, "LS-Ack"}, {0, NULL},
};

enum authentication { NONE, SIMPLE, DIGEST };

static void put_area(struct printer *printer, struct packet packet)
{
        need_hard(printer, packet, 4, 4);
        put_ipv4_labelled(printer, "\n\tRouter-ID ", packet, 4);
        if (get32(printer, packet, 8) == 0)
                put(printer, ", Backbone Area");
        else
                put_ipv4_labelled(printer, ", Area ", packet, 8);
}

/* False if the rest cannot be printed. */
static bool authentication_print(struct printer *printer, struct packet packet)
{
        static const struct name names[] = {
            {NONE, "none"}, {SIMPLE, "simple"}, {DIGEST, "MD5"}, {0, NULL}};
        uint16_t type = get16(printer, packet, 14);

        need_hard(printer, packet, 16, 8);
        putf(printer, ", Authentication Type: %s (%u)", name_or(names, type, "unknown"), type);
        if (type == SIMPLE) {
                put(printer, "\n\tSimple text password: ");
                for (uint32_t i = 16; i < HEADER_2 && packet.data[i] != 0; i++)
                        put_visible(printer, packet.data[i]);
        } else if (type == DIGEST) {
                putf(printer, "\n\tKey-ID: %u, Auth-Length: %u, Crypto Sequence Number: 0x%08x",
                     get8(printer, packet, 18), get8(printer, packet, 19),
                     get32(printer, packet, 20));
        }
        return type <= DIGEST;
}

/* The signaling block behind the first `size` bytes of a version 2 packet and its digest, if the
 * packet says that there is one. */
static void signaling_print(struct printer *printer, struct packet packet, uint32_t size,
                            uint8_t type)
{
        enum { SIGNALING = 0x10, HELLO_OPTIONS = HEADER_2 + 6, DESCRIPTION_OPTIONS = HEADER_2 + 2 };
        uint32_t at = type == OSPF_HELLO ? HELLO_OPTIONS : DESCRIPTION_OPTIONS;

        if ((type != OSPF_HELLO && type != OSPF_DESCRIPTION) ||
            !(get8(printer, packet, at) & SIGNALING) || size >= packet.length)
                return;
        if (get16(printer, packet, 14) == DIGEST)
                size += get8(printer, packet, 19);
        if (size >= packet.length)
                put_damage(printer, "\n\t[LLS truncated]");
        else
                ospf_lls_print(printer, packet_from(packet, size));
}

/* Whether a version 3 packet has the L bit of its options. */
static bool signals_3(struct printer *printer, struct packet body, uint8_t type)
{
        enum { SIGNALING = 0x200 };

        if (type == OSPF_HELLO)
                return get24(printer, body, 5) & SIGNALING;
        if (type == OSPF_DESCRIPTION)
                return get24(printer, body, 1) & SIGNALING;
        return false;
}

void ospf_print(struct printer *printer, struct packet packet)
{
        const struct network *network = printer->network;
        struct packet whole;
        uint8_t type, version;
        uint32_t size;

        printer->protocol = network->version == 6 ? "ospf3" : "ospf2";
        need_hard(printer, packet, 0, network->version == 6 ? 2 : 16);
        /* A trailing digest is not part of the packet. If it is cut, tcpdump subtracts its size
         * from what was captured. */
        if (network->version == 4 && get16(printer, packet, 14) == DIGEST &&
            packet.length >= DIGEST_SIZE) {
                packet.length -= DIGEST_SIZE;
                packet.captured -= DIGEST_SIZE; /* the type was read, so there are as many */
                need_hard(printer, packet, 0, 2);
        }
        version = get8(printer, packet, 0);
        type = get8(printer, packet, 1);
        putf_as(printer, ROLE_PROTOCOL, "OSPFv%u, ", version);
        put_name(printer, types,
                 network->version == 6 ? "unknown packet type (%u)" : "unknown LS-type %u", type);
        putf(printer, ", length %u", packet.length);
        if (!name_find(types, type) || !printer->options.verbose)
                return;
        size = get16(printer, packet, 2);
        if (size != packet.length && (network->version == 4 || size > packet.length))
                putf(printer, " [len %u]", size);
        if (size > packet.length && network->version == 6)
                return;
        whole = packet;
        /* The stated length bounds the lists, not single reads. */
        if (size < packet.length)
                packet.length = size;
        put_area(printer, packet);
        if (network->version == 6) {
                if (get8(printer, packet, 14))
                        putf(printer, ", Instance %u", get8(printer, packet, 14));
                if (version != 3)
                        return;
                ospf_3_print(printer, packet_from(packet, HEADER_3), type);
                ospf_3_trailer_print(printer, packet_from(whole, size),
                                     signals_3(printer, packet_from(packet, HEADER_3), type));
                return;
        }
        if (!authentication_print(printer, packet))
                return;
        if (version != 2) {
                putf(printer, " ospf [version %u]", version);
                return;
        }
        ospf_2_print(printer, packet_from(packet, HEADER_2), type);
        signaling_print(printer, whole, size, type);
}

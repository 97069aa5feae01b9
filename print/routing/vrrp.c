/* VRRP: version 2, RFC 3768, and 3, RFC 5798. */
#include "routing.h"

#include "net/checksum.h"

enum { HEADER = 8, ADVERTISEMENT = 1, PASSWORD = 1 };

static void addresses_print(struct printer *printer, struct packet packet,
                            const struct network *network, uint32_t count)
{
        uint32_t size = network->version == 4 ? 4 : 16;
        char separator = ' ';

        put(printer, ", addrs");
        if (count > 1)
                putf(printer, "(%u)", count);
        put_char(printer, ':');
        for (uint32_t i = 0; i < count; i++) {
                const uint8_t *address = bytes_at(printer, packet, i * size, size);

                put_char(printer, separator);
                separator = ',';
                put_network_address(printer, network, address);
        }
}

static void put_password(struct printer *printer, struct packet packet)
{
        put(printer, " auth \"");
        for (uint32_t i = 0; i < 8 && get8(printer, packet, i) != 0; i++)
                put_visible(printer, packet.data[i]);
        put_char(printer, '"');
}

static bool checksum_wrong(struct packet packet, const struct network *network, uint8_t version)
{
        if (!has(packet, 0, packet.length))
                return false;
        if (version == 2)
                return checksum(packet.data, packet.length) != 0;
        return network_checksum(network, packet, packet.length) != 0;
}

static void advertisement_print(struct printer *printer, struct packet packet,
                                const struct network *network, uint8_t version)
{
        static const struct name authentications[] = {
            {0, "none"}, {1, "simple"}, {2, "ah"}, {0, NULL}};
        uint8_t authentication, count;

        putf(printer, ", vrid %u, prio %u", get8(printer, packet, 1), get8(printer, packet, 2));
        count = get8(printer, packet, 3);
        authentication = get8(printer, packet, 4);
        if (version == 2) {
                put(printer, ", authtype ");
                put_name(printer, authentications, "#%u", authentication);
                putf(printer, ", intvl %us, length %u", get8(printer, packet, 5), packet.length);
        } else {
                putf(printer, ", intvl %ucs, length %u", get16(printer, packet, 4) & 0xfffu,
                     packet.length);
        }
        if (!printer->options.verbose)
                return;
        if (checksum_wrong(packet, network, version))
                put_damage(printer, ", (bad vrrp cksum %x)", get16(printer, packet, 6));
        packet = packet_from(packet, HEADER);
        addresses_print(printer, packet, network, count);
        if (version == 2 && authentication == PASSWORD)
                put_password(printer, packet_from(packet, count * 4u));
}

void vrrp_print(struct printer *printer, struct packet packet)
{
        const struct network *network = printer->network;
        uint8_t version, type;

        if (printer->options.type == PRINT_TYPE_CARP) {
                carp_print(printer, packet);
                return;
        }
        printer->protocol = "vrrp";
        put(printer, "VRRP");
        version = get8(printer, packet, 0) >> 4;
        type = get8(printer, packet, 0) & 15;
        putf(printer, "v%u, ", version);
        if (type == ADVERTISEMENT)
                put(printer, "Advertisement");
        else
                putf(printer, "unknown type (%u)", type);
        if (network->ttl != 255)
                putf(printer, ", (ttl %u)", network->ttl);
        if (version >= 2 && version <= 3 && type == ADVERTISEMENT)
                advertisement_print(printer, packet, network, version);
}

/* What the protocols above IP print of it and need from it: addresses and the checksum's pseudo
 * header. */
#include "printer.h"

#include "net/checksum.h"

void put_network_address(struct printer *printer, const struct network *network,
                         const uint8_t *address)
{
        if (network->version == 4)
                put_ipv4(printer, address);
        else
                put_ipv6(printer, address);
}

void endpoints_print(struct printer *printer, const struct network *network, int ip_protocol,
                     uint16_t source, uint16_t destination)
{
        if (network->addressed) {
                put_network_address(printer, network, network->source);
                put_char(printer, '.');
        }
        put_port(printer, ip_protocol, source);
        put_bytes(printer, " > ", 3);
        if (network->addressed) {
                put_network_address(printer, network, network->destination);
                put_char(printer, '.');
        }
        put_port(printer, ip_protocol, destination);
        put_bytes(printer, ": ", 2);
}

void endpoints_print_short(struct printer *printer, const struct network *network, const char *end)
{
        put_network_address(printer, network, network->source);
        put(printer, " > ");
        put_network_address(printer, network, network->destination);
        put(printer, end);
}

uint16_t network_checksum(const struct network *network, struct packet packet, uint32_t length)
{
        uint32_t sum =
            checksum_pseudo_header(network->source, network->final, network->version == 4 ? 4 : 16,
                                   network->protocol, length);

        return checksum_finish(checksum_add(sum, packet.data, length));
}

void network_checksum_print(struct printer *printer, struct packet packet, uint32_t length,
                            uint32_t field, const char *name)
{
        uint16_t found, sum;

        if (!has(packet, 0, length))
                return;
        found = get16(printer, packet, field);
        sum = network_checksum(printer->network, packet, length);
        if (sum == 0)
                putf(printer, "[%s sum ok] ", name);
        else
                put_damage(printer, "[bad %s cksum 0x%04x -> 0x%04x!] ", name, found,
                           checksum_expected(found, sum));
}

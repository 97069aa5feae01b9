/* VRRP: version 2, RFC 3768, and 3, RFC 5798. */
#include "print/printer/printer.h"

#include "net/checksum.h"

enum { HEADER = 8, ADVERTISEMENT = 1, PASSWORD = 1 };

static void addresses_print(struct printer *printer, struct view view, int version, uint32_t count)
{
        uint32_t size = version == 4 ? 4 : 16;
        char separator = ' ';

        put(printer, ", addrs");
        if (count > 1)
                putf(printer, "(%u)", count);
        put_char(printer, ':');
        for (uint32_t i = 0; i < count; i++) {
                const uint8_t *address = bytes_at(printer, view, i * size, size);

                put_char(printer, separator);
                separator = ',';
                if (version == 4)
                        put_ipv4(printer, address);
                else
                        put_ipv6(printer, address);
        }
}

static void put_password(struct printer *printer, struct view view)
{
        put(printer, " auth \"");
        for (uint32_t i = 0; i < 8 && get8(printer, view, i) != 0; i++)
                put_visible(printer, view.data[i]);
        put_char(printer, '"');
}

static bool checksum_wrong(struct view view, const struct network *network, uint8_t version)
{
        if (!has(view, 0, view.length))
                return false;
        if (version == 2)
                return checksum(view.data, view.length) != 0;
        return network_checksum(network, view, view.length) != 0;
}

static void advertisement_print(struct printer *printer, struct view view,
                                const struct network *network, uint8_t version)
{
        static const struct name authentications[] = {
            {0, "none"}, {1, "simple"}, {2, "ah"}, {0, NULL}};
        uint8_t authentication, count;

        putf(printer, ", vrid %u, prio %u", get8(printer, view, 1), get8(printer, view, 2));
        count = get8(printer, view, 3);
        authentication = get8(printer, view, 4);
        if (version == 2) {
                put(printer, ", authtype ");
                put_name(printer, authentications, "#%u", authentication);
                putf(printer, ", intvl %us, length %u", get8(printer, view, 5), view.length);
        } else {
                putf(printer, ", intvl %ucs, length %u", get16(printer, view, 4) & 0xfffu,
                     view.length);
        }
        if (!printer->options.verbose)
                return;
        if (checksum_wrong(view, network, version))
                putf(printer, ", (bad vrrp cksum %x)", get16(printer, view, 6));
        view = view_from(view, HEADER);
        addresses_print(printer, view, network->version, count);
        if (version == 2 && authentication == PASSWORD)
                put_password(printer, view_from(view, count * 4u));
}

void vrrp_print(struct printer *printer, struct view view)
{
        const struct network *network = printer->network;
        uint8_t version, type;

        printer->protocol = "vrrp";
        put(printer, "VRRP");
        version = get8(printer, view, 0) >> 4;
        type = get8(printer, view, 0) & 15;
        putf(printer, "v%u, ", version);
        if (type == ADVERTISEMENT)
                put(printer, "Advertisement");
        else
                putf(printer, "unknown type (%u)", type);
        if (network->ttl != 255)
                putf(printer, ", (ttl %u)", network->ttl);
        if (version >= 2 && version <= 3 && type == ADVERTISEMENT)
                advertisement_print(printer, view, network, version);
}

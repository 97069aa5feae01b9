/* Novell IPX, with its routing (RIP) and service advertising (SAP) protocols, as Novell's "IPX
 * Router Specification" has them. */
#include "network.h"

enum {
        HEADER = 30,
        LENGTH = 2,
        /* Addresses: network, node, socket. */
        DESTINATION = 6,
        SOURCE = 18,
        NODE = 4,
        SOCKET = 10,

        SOCKET_NCP = 0x451,
        SOCKET_SAP = 0x452,
        SOCKET_RIP = 0x453,
        SOCKET_NETBIOS = 0x455,
        SOCKET_DIAGNOSTICS = 0x456,
        SOCKET_NWLINK = 0x553,
        SOCKET_EIGRP = 0x85be,

        SERVICE = 64, /* bytes */
        MAX_SERVICES = 8,

        EIGRP = 88, /* as an IP protocol */
};

enum operation { REQUEST = 1, RESPONSE = 2, NEAREST_REQUEST = 3, NEAREST_RESPONSE = 4 };

/* "00000001.02:00:00:00:00:01" */
static void put_ipx(struct printer *printer, struct packet packet, uint32_t offset)
{
        put_hex(printer, get32(printer, packet, offset), 8);
        put_char(printer, '.');
        put_ethernet_numeric(printer, bytes_at(printer, packet, offset + NODE, 6));
}

static void endpoint_print(struct printer *printer, struct packet packet, uint32_t offset,
                           const char *end)
{
        need_hard(printer, packet, offset, SOCKET + 2);
        put_ipx(printer, packet, offset);
        putf(printer, ".%04x%s", get16(printer, packet, offset + SOCKET), end);
}

static void put_short(struct printer *printer, uint32_t length, uint32_t least)
{
        putf(printer, "[length %u < %u]", length, least);
        put_invalid(printer);
}

/* Whether the header claims `size` bytes; that they are captured is checked first. */
static bool claims(struct printer *printer, struct packet packet, uint32_t size)
{
        need_hard(printer, packet, 0, size);
        return packet.length >= size;
}

/* A service: type, name, address, distance. False if it is cut short. */
static void put_service_type(struct printer *printer, uint16_t type)
{
        const char *name = printer->options.names.port ? name_find(ipx_service_names, type) : NULL;

        put_char(printer, ' ');

        if (name)
                put(printer, name);
        else
                put_hex(printer, type, 4);
}

static bool service_print(struct printer *printer, struct packet packet)
{
        enum { NAME = 2, NAME_SIZE = 48, ADDRESS = NAME + NAME_SIZE, DISTANCE = ADDRESS + SOCKET };

        if (!claims(printer, packet, NAME))
                return false;
        put_service_type(printer, get16(printer, packet, 0));
        put(printer, " '");
        for (uint32_t i = 0; packet.length >= ADDRESS && i < NAME_SIZE; i++) {
                uint8_t c = get8(printer, packet, NAME + i);

                if (c == 0)
                        break;
                put_visible(printer, c);
        }
        put_char(printer, '\'');
        if (packet.length < ADDRESS || !claims(printer, packet, DISTANCE))
                return false;
        put(printer, " addr ");
        put_ipx(printer, packet, ADDRESS);
        return claims(printer, packet, SERVICE);
}

static void sap_print(struct printer *printer, struct packet packet)
{
        static const struct name operations[] = {
            {REQUEST, "req"},
            {RESPONSE, "resp"},
            {NEAREST_REQUEST, "nearest-req"},
            {NEAREST_RESPONSE, "nearest-resp"},
            {0, NULL},
        };
        uint16_t operation;

        operation = get16(printer, packet, 0);
        if (packet.length < 2) {
                put_char(printer, ' ');
                put_short(printer, packet.length, 2);
                return;
        }
        put(printer, "ipx-sap-");
        put_name(printer, operations, "?%x", operation);
        packet = packet_from(packet, 2);
        if (operation == REQUEST || operation == NEAREST_REQUEST) {
                put_service_type(printer, get16(printer, packet, 0));
        } else if (operation == RESPONSE || operation == NEAREST_RESPONSE) {
                for (int i = 0; i < MAX_SERVICES && packet.length != 0; i++) {
                        if (!service_print(printer, packet)) {
                                put_invalid(printer);
                                return;
                        }
                        packet = packet_from(packet, SERVICE);
                }
        }
}

static void rip_print(struct printer *printer, struct packet packet)
{
        enum { ROUTE = 8, MAX_ROUTES = 50 };
        uint16_t operation = get16(printer, packet, 0);

        if (packet.length < 2) {
                put_char(printer, ' ');
                put_short(printer, packet.length, 2);
                return;
        }
        packet = packet_from(packet, 2);
        if (operation == REQUEST) {
                put(printer, "ipx-rip-req");
        } else if (operation == RESPONSE) {
                put(printer, "ipx-rip-resp");
        } else {
                putf(printer, "ipx-rip-?%x", operation);
                return;
        }
        for (int i = 0; i < (operation == REQUEST ? 1 : MAX_ROUTES) && packet.length != 0;
             i++, packet = packet_from(packet, ROUTE)) {
                if (packet.length < ROUTE) {
                        put_invalid(printer);
                        return;
                }
                putf(printer, " %08x/%u.%u", get32(printer, packet, 0), get16(printer, packet, 4),
                     get16(printer, packet, 6));
        }
}

static void payload_print(struct printer *printer, struct packet packet, uint16_t socket)
{
        static const struct name names[] = {
            {SOCKET_NCP, "ncp"},
            {SOCKET_NETBIOS, "netbios"},
            {SOCKET_DIAGNOSTICS, "diags"},
            {SOCKET_NWLINK, "nwlink-dgm"},
            {0, NULL},
        };

        switch (socket) {
        case SOCKET_SAP: sap_print(printer, packet); break;
        case SOCKET_RIP: rip_print(printer, packet); break;
        default:
                if (socket == SOCKET_EIGRP && protocol_print(printer, IP_PROTOCOL, EIGRP, packet))
                        break;
                put(printer, "ipx-");
                put_name(printer, names, "#%x", socket);
                putf(printer, " %u", packet.length);
        }
}

void ipx_print(struct printer *printer, struct packet packet)
{
        uint16_t length;

        printer->protocol = "ipx";
        if (!printer->options.link_header)
                put_as(printer, ROLE_PROTOCOL, "IPX ");
        endpoint_print(printer, packet, SOURCE, " > ");
        endpoint_print(printer, packet, DESTINATION, ": ");
        length = get16(printer, packet, LENGTH);
        if (length < HEADER) {
                put_short(printer, length, HEADER);
                return;
        }
        packet.length = length;
        payload_print(printer, packet_from(packet, HEADER),
                      get16(printer, packet, DESTINATION + SOCKET));
}

void ipx_ethernet_print(struct printer *printer, struct packet packet)
{
        put(printer, "(NOV-ETHII) ");
        ipx_print(printer, packet);
}

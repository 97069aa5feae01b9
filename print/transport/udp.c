/* UDP, RFC 768, and its dispatch by port. */
#include "rpc.h"

#include "print/printer/earlier.h"
#include "print/printer/fields.h"

#include <netinet/in.h>

enum { HEADER = 8 };

/* A zero field means no checksum, which only IPv4 allows. */
static void checksum_print(struct printer *printer, struct packet packet, uint32_t length)
{
        if (get16(printer, packet, 6) == 0 && printer->network->version == 4)
                put(printer, "[no cksum] ");
        else
                network_checksum_print(printer, packet, length, 6, "udp");
}

/* Whether what -T says shows no addresses and ports here: its printer does, or has none for UDP. */
static bool forced_alone(const struct printer *printer)
{
        switch (printer->options.type) {
        case PRINT_TYPE_CARP:
        case PRINT_TYPE_RESP:
        case PRINT_TYPE_RPC:
        case PRINT_TYPE_ZMTP1: return true;
        default: return false;
        }
}

/* By -T; `start` is where the text of UDP begins. Only the length is cut: bytes after it that IP
 * has may still be read. */
static bool forced_print(struct printer *printer, struct packet packet, uint32_t length,
                         size_t start)
{
        if (printer->options.type == PRINT_TYPE_BY_PORT)
                return false;
        if (length < packet.length)
                packet.length = length;
        if (forced_alone(printer))
                output_take_back(printer, start);
        protocol_print(printer, FORCED_TYPE, (uint32_t)printer->options.type,
                       packet_from(packet, HEADER));
        return true;
}

/* NFS: by its port and the message's direction. */
static bool nfs_calls_print(struct printer *printer, struct packet packet, uint32_t length,
                            uint16_t source, uint16_t destination)
{
        uint32_t number = rpc_nfs(packet_from(packet, HEADER), source, destination);

        if (number == NO_OTHER || printer->options.quiet)
                return false;
        if (length < packet.length)
                packet.length = length;
        return protocol_print(printer, UDP_PORT, number, packet_from(packet, HEADER));
}

/* Whether AppleTalk's datagrams are in it: by their ports, which may have any of three bases, and
 * LocalTalk's type. */
static uint32_t kip(struct packet packet, uint16_t source, uint16_t destination)
{
        enum { TYPE = HEADER + 2, LONG_DATAGRAM = 2, SOCKETS = 128 };
        static const uint16_t bases[] = {200, 768, 16512};
        bool from = false, to = false;

        for (size_t i = 0; i < sizeof bases / sizeof *bases; i++) {
                from = from || (uint16_t)(source - bases[i]) < SOCKETS;
                to = to || (uint16_t)(destination - bases[i]) < SOCKETS;
        }
        return (from || to) && has(packet, TYPE, 1) && packet.data[TYPE] == LONG_DATAGRAM
                   ? UDP_KIP
                   : NO_OTHER;
}

void udp_print(struct printer *printer, struct packet packet)
{
        const struct network *network = printer->network;
        uint16_t source, destination;
        uint32_t length, payload, available;
        protocol_printer *application;
        size_t start = printer->text.length;

        printer->protocol = "udp";
        if (!has(packet, 0, 4)) {
                if (network->addressed)
                        endpoints_print_short(printer, network, ": ");
                printer_abandon_softly(printer);
        }
        source = get16(printer, packet, 0);
        destination = get16(printer, packet, 2);
        printer->source_port = source;
        printer->destination_port = destination;
        endpoints_print(printer, network, IPPROTO_UDP, source, destination);
        if (packet.length < HEADER) {
                put_damage(printer, "truncated-udp %u", packet.length);
                return;
        }
        need(printer, packet, 4, 2);
        length = get16(printer, packet, 4);
        /* A jumbogram states no length, RFC 2675. */
        if (length == 0 && packet.length > 65535)
                length = packet.length;
        if (length < HEADER) {
                put_damage(printer, "truncated-udplength %u", length);
                return;
        }
        need(printer, packet, 0, HEADER);
        payload = length - HEADER;
        if (forced_print(printer, packet, length, start) ||
            nfs_calls_print(printer, packet, length, source, destination))
                return;
        if (printer->options.verbose >= (network->version == 4 ? 2 : 1) && !network->fragment &&
            !printer->options.no_checksums)
                checksum_print(printer, packet, length < packet.length ? length : packet.length);
        available = packet.length - HEADER;
        application =
            printer->options.quiet
                ? NULL
                : protocol_of_payload(printer, UDP_PORT, packet_from(packet, HEADER), source,
                                      destination, kip(packet, source, destination));
        if (application) {
                /* Only the length is cut: bytes after it that IP has may still be read. */
                if (length < packet.length)
                        packet.length = length;
                application(printer, packet_from(packet, HEADER));
        } else if (payload > available && !network->fragment) {
                put_as(printer, ROLE_PROTOCOL, "UDP");
                put_damage(printer, ", bad length %u > %u", payload, available);
        } else {
                put_as(printer, ROLE_PROTOCOL, "UDP");
                put_number_as(printer, ROLE_LENGTH, ", length ", payload);
        }
}

void udp_fields(struct printer *printer, struct packet packet)
{
        printer->source_port = get16(printer, packet, 0);
        printer->destination_port = get16(printer, packet, 2);
        field_number(printer, "udp.stream",
                     stream_number(printer, IPPROTO_UDP, printer->source_port,
                                   printer->destination_port, false, 0));
}

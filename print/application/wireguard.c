/* WireGuard, https://www.wireguard.com/protocol: what its messages say in the clear. Numbers have
 * the low byte first. */
#include "print/printer/printer.h"

enum type { INITIATION = 1, RESPONSE = 2, COOKIE = 3, TRANSPORT = 4 };

enum { INITIATION_SIZE = 148, RESPONSE_SIZE = 92, COOKIE_SIZE = 64, TRANSPORT_SIZE = 32 };

/* A message by its type, the three zeros behind that, and its length, which only that of data may
 * choose, in steps of 16. */
static bool is_message(struct packet packet)
{
        if (!has(packet, 0, 4) || packet.data[1] || packet.data[2] || packet.data[3])
                return false;
        switch (packet.data[0]) {
        case INITIATION: return packet.length == INITIATION_SIZE;
        case RESPONSE: return packet.length == RESPONSE_SIZE;
        case COOKIE: return packet.length == COOKIE_SIZE;
        case TRANSPORT: return packet.length >= TRANSPORT_SIZE && packet.length % 16 == 0;
        default: return false;
        }
}

/* A handshake on any port, anything on the usual one. */
bool wireguard_fits(struct packet payload, uint16_t source, uint16_t destination)
{
        enum { PORT = 51820 };

        return is_message(payload) &&
               (payload.data[0] == INITIATION || payload.data[0] == RESPONSE || source == PORT ||
                destination == PORT);
}

static void index_print(struct printer *printer, const char *label, struct packet packet,
                        uint32_t offset)
{
        putf(printer, "%s0x%08x", label, get32_little(printer, packet, offset));
}

void wireguard_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "wireguard";
        if (!is_message(packet)) {
                put_as(printer, ROLE_PROTOCOL, "UDP");
                put_number_as(printer, ROLE_LENGTH, ", length ", packet.length);
                return;
        }
        put_as(printer, ROLE_PROTOCOL, "WireGuard");
        put_char(printer, ' ');
        switch (packet.data[0]) {
        case INITIATION: index_print(printer, "handshake initiation, sender ", packet, 4); break;
        case RESPONSE:
                index_print(printer, "handshake response, sender ", packet, 4);
                index_print(printer, ", receiver ", packet, 8);
                break;
        case COOKIE: index_print(printer, "cookie reply, receiver ", packet, 4); break;
        default:
                index_print(printer,
                            packet.length > TRANSPORT_SIZE ? "data, receiver "
                                                           : "keepalive, receiver ",
                            packet, 4);
                putf(printer, ", counter %llu",
                     (unsigned long long)__builtin_bswap64(get64(printer, packet, 8)));
        }
        put_number_as(printer, ROLE_LENGTH, ", length ", packet.length);
        if (printer->options.verbose && packet.data[0] <= RESPONSE) {
                put(printer, ", ephemeral ");
                put_hex_bytes(printer, packet, packet.data[0] == INITIATION ? 8 : 12, 32);
        }
}

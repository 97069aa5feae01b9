/* BGP's open message, RFC 4271, 4.2, and the capabilities in it, RFC 5492. */
#include "bgp.h"

enum { OPEN = 29, CAPABILITIES = 2 };

enum capability {
        MULTIPROTOCOL = 1,
        REFRESH = 2,
        LABELS = 8,
        GRACEFUL_RESTART = 64,
        AS4 = 65,
        ADD_PATH = 69,
        LONG_RESTART = 71,
        REFRESH_CISCO = 128
};

static const struct name capabilities[] = {{MULTIPROTOCOL, "Multiprotocol Extensions"},
                                           {REFRESH, "Route Refresh"},
                                           {3, "Cooperative Route Filtering"},
                                           {4, "Multiple Routes to a Destination"},
                                           {5, "Extended Next Hop Encoding"},
                                           {LABELS, "Multiple Labels"},
                                           {GRACEFUL_RESTART, "Graceful Restart"},
                                           {AS4, "32-Bit AS Number"},
                                           {67, "Dynamic Capability"},
                                           {68, "Multisession BGP"},
                                           {ADD_PATH, "Multiple Paths"},
                                           {70, "Enhanced Route Refresh"},
                                           {LONG_RESTART, "Long-lived Graceful Restart"},
                                           {REFRESH_CISCO, "Route Refresh (Cisco)"},
                                           {0, NULL}};

/* The shortest value of each. */
static uint32_t least_size(uint8_t code)
{
        return code == MULTIPROTOCOL || code == AS4 ? 4 : code == GRACEFUL_RESTART ? 2 : 0;
}

/* RFC 4724. */
static void restart_print(struct printer *printer, struct packet value)
{
        uint16_t flags = get16(printer, value, 0);

        putf(printer, "\n\t\tRestart Flags: [%s], Restart Time %us", flags & 0x8000 ? "R" : "none",
             flags & 0xfff);
        for (value = packet_from(value, 2); value.length >= 4; value = packet_from(value, 4)) {
                put(printer, "\n\t\t  ");
                bgp_family_print(printer, get16(printer, value, 0), get8(printer, value, 2));
                putf(printer, ", Forwarding state preserved: %s",
                     get8(printer, value, 3) & 0x80 ? "yes" : "no");
        }
}

/* RFC 7911. */
static void add_path_print(struct printer *printer, struct packet value)
{
        static const struct name directions[] = {
            {1, "Receive"}, {2, "Send"}, {3, "Both"}, {0, NULL}};

        if (value.length == 0)
                put_damage(printer, " (bogus)");
        for (; value.length >= 4; value = packet_from(value, 4)) {
                put(printer, "\n\t\t");
                bgp_family_print(printer, get16(printer, value, 0), get8(printer, value, 2));
                put(printer, ", Send/Receive: ");
                put_name(printer, directions, "Bogus (0x%02x)", get8(printer, value, 3));
        }
        if (value.length > 0)
                put_invalid(printer);
}

/* RFC 8277. */
static void labels_print(struct printer *printer, struct packet value)
{
        for (; value.length >= 4; value = packet_from(value, 4)) {
                put(printer, "\n\t\t");
                bgp_family_print(printer, get16(printer, value, 0), get8(printer, value, 2));
                putf(printer, ", Count: %u", get8(printer, value, 3));
        }
}

static void capability_print(struct printer *printer, struct packet value, uint8_t code)
{
        bool decoded = true;

        switch (code) {
        case MULTIPROTOCOL:
                put(printer, "\n\t\t");
                bgp_family_print(printer, get16(printer, value, 0), get8(printer, value, 3));
                break;
        case GRACEFUL_RESTART: restart_print(printer, value); break;
        case AS4:
                put(printer, "\n\t\t 4 Byte AS ");
                put_autonomous_system(printer, get32(printer, value, 0));
                break;
        case ADD_PATH: add_path_print(printer, value); break;
        case LABELS: labels_print(printer, value); break;
        case REFRESH:
        case LONG_RESTART:
        case REFRESH_CISCO: break;
        default: putf(printer, "\n\t\tno decoder for Capability %u", code); decoded = false;
        }
        if (value.length > 0 && (!decoded || printer->options.verbose > 1))
                dump_hex(printer, "\n\t\t", value, value.length);
}

static bool capabilities_print(struct printer *printer, struct packet packet)
{
        while (packet.length > 0) {
                uint8_t code, size;

                if (!has(packet, 0, 2))
                        return false;
                code = get8(printer, packet, 0);
                size = get8(printer, packet, 1);
                putf(printer, "\n\t      %s (%u), length: %u",
                     name_or(capabilities, code, "Unknown"), code, size);
                packet = packet_from(packet, 2);
                if (!has(packet, 0, size))
                        return false;
                if (size < least_size(code)) {
                        put_damage(printer, " (too short, < %u)", least_size(code));
                        return true;
                }
                capability_print(printer, packet_part(packet, size), code);
                packet = packet_from(packet, size);
        }
        return true;
}

bool bgp_open_print(struct printer *printer, struct packet packet)
{
        static const struct name options[] = {{1, "Authentication Information"},
                                              {CAPABILITIES, "Capabilities Advertisement"},
                                              {0, NULL}};
        uint32_t left, available; /* of the options, and of the message */

        if (!has(packet, 0, OPEN) || packet.length < OPEN)
                return false;
        putf(printer, "\n\t  Version %u, my AS %u, Holdtime %us, ID ", get8(printer, packet, 19),
             get16(printer, packet, 20), get16(printer, packet, 22));
        put_ipv4_at(printer, packet, 24);
        left = get8(printer, packet, 28);
        putf(printer, "\n\t  Optional parameters, length: %u", left);
        packet = packet_from(packet, OPEN);
        available = packet.length;
        packet.length = left;
        while (packet.length > 0) {
                uint8_t option, size;

                if (available < 2 || !has(packet, 0, 2))
                        return false;
                option = get8(printer, packet, 0);
                size = get8(printer, packet, 1);
                if (2u + size > packet.length) {
                        putf(printer,
                             "\n\t     Option %u, length: %u, goes past the end of the options",
                             option, size);
                        return true;
                }
                putf(printer, "\n\t    Option %s (%u), length: %u",
                     name_or(options, option, "Unknown"), option, size);
                packet = packet_from(packet, 2);
                if (option != CAPABILITIES)
                        putf(printer, "\n\t      no decoder for option %u", option);
                else if (!capabilities_print(printer, packet_part(packet, size)))
                        put_truncated(printer);
                packet = packet_from(packet, size);
                available -= 2u + size < available ? 2u + size : available;
        }
        return true;
}

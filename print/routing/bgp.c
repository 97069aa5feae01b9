/* BGP-4, RFC 4271: the messages of a segment. A message that began in an earlier segment is skipped
 * up to the next marker. */
#include "bgp.h"

enum { MARKER = 16, HEADER = 19 };

enum type { OPEN = 1, UPDATE, NOTIFICATION, KEEPALIVE, ROUTE_REFRESH };

static const struct name messages[] = {{OPEN, "Open"},
                                       {UPDATE, "Update"},
                                       {NOTIFICATION, "Notification"},
                                       {KEEPALIVE, "Keepalive"},
                                       {ROUTE_REFRESH, "Route Refresh"},
                                       {0, NULL}};

/* The next `*left` bytes of the message: routes, up to one that is invalid. */
static bool routes_print(struct printer *printer, struct packet *packet, uint32_t *left)
{
        bool path_ids = bgp_has_path_ids(packet_part(*packet, *left), 32);

        while (*left > 0) {
                uint32_t size;

                switch (bgp_prefix_print(printer, packet_part(*packet, *left), 32, path_ids,
                                         "\n\t    ", &size)) {
                case BGP_ROUTE_SHOWN: break;
                case BGP_ROUTE_INVALID:
                        put_damage(printer, "\n\t    (illegal prefix length)");
                        return true;
                default: return false;
                }
                *packet = packet_from(*packet, size);
                *left -= size;
        }
        return true;
}

/* A length of two bytes. False if it, or what it measures, is not there. */
static bool length_take(struct printer *printer, struct packet *packet, uint32_t *length)
{
        if (!has(*packet, 0, 2) || packet->length < 2)
                return false;
        *length = get16(printer, *packet, 0);
        *packet = packet_from(*packet, 2);
        return *length <= packet->length;
}

static bool update_print(struct printer *printer, struct packet packet)
{
        uint32_t withdrawn, attributes, left;

        packet = packet_from(packet, HEADER);
        if (!length_take(printer, &packet, &withdrawn))
                return false;
        if (withdrawn > 1) {
                put(printer, "\n\t  Withdrawn routes:");
                if (!routes_print(printer, &packet, &withdrawn))
                        return false;
        } else {
                packet = packet_from(packet, withdrawn);
        }
        if (!length_take(printer, &packet, &attributes))
                return false;
        if (withdrawn == 0 && attributes == 0 && packet.length == 0) {
                put(printer, "\n\t  End-of-Rib Marker (empty NLRI)");
                return true;
        }
        if (!bgp_attributes_print(printer, packet, attributes))
                return false;
        packet = packet_from(packet, attributes);
        left = packet.length;
        if (left > 0) {
                put(printer, "\n\t  Updated routes:");
                return routes_print(printer, &packet, &left);
        }
        return true;
}

/* Why a session ends: RFC 4271, 4.5, RFC 4486, and capability messages. */
static const struct name errors[] = {{1, "Message Header Error"},       {2, "OPEN Message Error"},
                                     {3, "UPDATE Message Error"},       {4, "Hold Timer Expired"},
                                     {5, "Finite State Machine Error"}, {6, "Cease"},
                                     {7, "Capability Message Error"},   {0, NULL}};

static const struct name header_errors[] = {{1, "Connection Not Synchronized"},
                                            {2, "Bad Message Length"},
                                            {3, "Bad Message Type"},
                                            {0, NULL}};

static const struct name open_errors[] = {
    {1, "Unsupported Version Number"}, {2, "Bad Peer AS"},
    {3, "Bad BGP Identifier"},         {4, "Unsupported Optional Parameter"},
    {5, "Authentication Failure"},     {6, "Unacceptable Hold Time"},
    {7, "Capability Message Error"},   {0, NULL}};

static const struct name update_errors[] = {{1, "Malformed Attribute List"},
                                            {2, "Unrecognized Well-known Attribute"},
                                            {3, "Missing Well-known Attribute"},
                                            {4, "Attribute Flags Error"},
                                            {5, "Attribute Length Error"},
                                            {6, "Invalid ORIGIN Attribute"},
                                            {7, "AS Routing Loop"},
                                            {8, "Invalid NEXT_HOP Attribute"},
                                            {9, "Optional Attribute Error"},
                                            {10, "Invalid Network Field"},
                                            {11, "Malformed AS_PATH"},
                                            {0, NULL}};

static const struct name state_errors[] = {{0, "Unspecified Error"},
                                           {1, "In OpenSent State"},
                                           {2, "In OpenConfirm State"},
                                           {3, "In Established State"},
                                           {0, NULL}};

enum cease { MOST_PREFIXES = 1, SHUTDOWN = 2, RESET = 4 };

static const struct name cease_errors[] = {{MOST_PREFIXES, "Maximum Number of Prefixes Reached"},
                                           {SHUTDOWN, "Administrative Shutdown"},
                                           {3, "Peer Unconfigured"},
                                           {RESET, "Administrative Reset"},
                                           {5, "Connection Rejected"},
                                           {6, "Other Configuration Change"},
                                           {7, "Connection Collision Resolution"},
                                           {0, NULL}};

static const struct name capability_errors[] = {{1, "Invalid Action Value"},
                                                {2, "Invalid Capability Length"},
                                                {3, "Malformed Capability Value"},
                                                {4, "Unsupported Capability Code"},
                                                {0, NULL}};

/* By the error's number; `before` separates it from the subcode. */
static const struct {
        const char *before;
        const struct name *names;
} subcodes[] = {
    [1] = {", ", header_errors}, [2] = {", ", open_errors},  [3] = {", ", update_errors},
    [5] = {" ", state_errors},   [6] = {", ", cease_errors}, [7] = {" ", capability_errors},
};

/* What an operator wants said, RFC 8203. */
static bool communication_print(struct printer *printer, struct packet packet)
{
        uint8_t size, said = 0; /* in a byte: tcpdump says 255 bytes of text twice */

        if (!has(packet, 0, 1))
                return false;
        size = get8(printer, packet, 0);
        if (size > packet.length - 1) {
                put_damage(printer, ", invalid Shutdown Communication length");
        } else if (size == 0) {
                put(printer, ", empty Shutdown Communication");
                said = 1;
        } else {
                putf(printer, ", Shutdown Communication (length: %u): \"", size);
                characters_print(printer, packet, 1, size);
                put_char(printer, '"');
                said = (uint8_t)(1 + size);
        }
        if (said < packet.length) {
                packet = packet_from(packet, said);
                putf(printer, ", Data: (length: %u)", packet.length);
                dump_hex(printer, "\n\t\t", packet, packet.length);
        }
        return true;
}

static bool notification_print(struct printer *printer, struct packet packet)
{
        enum { SIZE = HEADER + 2, PREFIXES = 7, CEASE = 6 };
        uint8_t code, subcode;

        if (!has(packet, 0, SIZE))
                return false;
        /* A lone code, without the subcode it has to have. */
        if (packet.length < SIZE)
                return true;
        code = get8(printer, packet, HEADER);
        subcode = get8(printer, packet, HEADER + 1);
        putf(printer, ", %s (%u)", name_or(errors, code, "Unknown Error"), code);
        if (code >= sizeof subcodes / sizeof *subcodes || !subcodes[code].names)
                return true;
        putf(printer, "%ssubcode %s (%u)", subcodes[code].before,
             name_or(subcodes[code].names, subcode, "Unknown"), subcode);
        if (code != CEASE)
                return true;
        packet = packet_from(packet, SIZE);
        if (subcode == MOST_PREFIXES && packet.length >= PREFIXES) {
                if (!has(packet, 0, PREFIXES))
                        return false;
                put(printer, ", ");
                bgp_family_print(printer, get16(printer, packet, 0), get8(printer, packet, 2));
                putf(printer, ", Max Prefixes: %u", get32(printer, packet, 3));
        }
        if ((subcode == SHUTDOWN || subcode == RESET) && packet.length >= 1)
                return communication_print(printer, packet);
        return true;
}

/* RFC 2918. */
static bool route_refresh_print(struct printer *printer, struct packet packet)
{
        if (!has(packet, 0, HEADER + 4))
                return false;
        if (packet.length < HEADER + 4)
                return true;
        put(printer, "\n\t  ");
        bgp_family_print(printer, get16(printer, packet, HEADER),
                         get8(printer, packet, HEADER + 3));
        if (printer->options.verbose > 1)
                dump_hex(printer, "\n\t  ", packet, packet.length);
        return true;
}

static void message_print(struct printer *printer, struct packet packet)
{
        uint8_t type = get8(printer, packet, 18);
        bool whole = true;

        putf(printer, "\n\t%s Message (%u), length: %u", name_or(messages, type, "Unknown"), type,
             packet.length);
        switch (type) {
        case OPEN: whole = bgp_open_print(printer, packet); break;
        case UPDATE: whole = update_print(printer, packet); break;
        case NOTIFICATION: whole = notification_print(printer, packet); break;
        case KEEPALIVE: break;
        case ROUTE_REFRESH: whole = route_refresh_print(printer, packet); break;
        default:
                putf(printer, "\n\t  no Message %u decoder", type);
                dump_hex(printer, "\n\t  ", packet, packet.length);
        }
        if (!whole)
                put_truncated(printer);
}

static bool is_marker(struct packet packet)
{
        for (uint32_t i = 0; i < MARKER; i++)
                if (packet.data[i] != 0xff)
                        return false;
        return true;
}

void bgp_print(struct printer *printer, struct packet packet)
{
        bool skipped = false; /* bytes that are no message's */

        printer->protocol = "bgp";
        put(printer, ": BGP");
        if (!printer->options.verbose)
                return;
        while (packet.length > 0 && has(packet, 0, 1)) {
                uint32_t size;

                if (packet.data[0] != 0xff) {
                        packet = packet_from(packet, 1);
                        skipped = true;
                        continue;
                }
                if (!has(packet, 0, MARKER))
                        return;
                if (!is_marker(packet)) {
                        packet = packet_from(packet, 1);
                        skipped = true;
                        continue;
                }
                need(printer, packet, 0, HEADER);
                if (skipped)
                        put_truncated(printer);
                skipped = false;
                size = get16(printer, packet, MARKER);
                if (size < HEADER) {
                        putf(printer, "\nmessage length %u < %u", size, HEADER);
                        put_invalid(printer);
                        return;
                }
                if (!has(packet, 0, size)) {
                        put_damage(
                            printer, "\n[|BGP %s]",
                            name_or(messages, get8(printer, packet, 18), "Unknown Message Type"));
                        return;
                }
                message_print(printer, packet_part(packet, size));
                packet = packet_from(packet, size);
        }
}

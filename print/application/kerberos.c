/* Kerberos version 4, from "Kerberos Authentication and Authorization System" (Project Athena
 * Technical Plan, section E.2.1); of the others only the version. */
#include "print/printer/printer.h"

/* The string at `at`, up to its zero byte. Returns where the next field begins; 0 if the string is
 * not all there. */
static uint32_t string_print(struct printer *printer, struct packet packet, uint32_t at)
{
        for (; has(packet, at, 1); at++) {
                uint8_t c = packet.data[at];

                if (c == '\0')
                        return at + 1;
                put_visible(printer, c);
        }
        return 0;
}

/* "user.instance@REALM". Returns as string_print(). */
static uint32_t name_print(struct printer *printer, struct packet packet, uint32_t at, bool realm)
{
        at = string_print(printer, packet, at);
        if (!at)
                return 0;
        put_char(printer, '.');
        at = string_print(printer, packet, at);
        if (!at || !realm)
                return at;
        put_char(printer, '@');
        return string_print(printer, packet, at);
}

static uint16_t short_at(struct printer *printer, struct packet packet, uint32_t at, bool little)
{
        uint16_t value = get16(printer, packet, at);

        return little ? (uint16_t)(value << 8 | value >> 8) : value;
}

/* False if the message is cut short. */
static bool message_print(struct printer *printer, struct packet packet)
{
        enum { KDC_REQUEST = 2, KDC_REPLY = 4, APPL_REQUEST = 6, MUTUAL = 8, ERR_REPLY = 10 };
        enum { LITTLE_ENDIAN_BIT = 1, LIFETIME_UNIT = 5, TIME = 4, REPLY_FIELDS = 10 };
        static const struct name types[] = {{KDC_REQUEST, "KDC_REQUEST"},
                                            {KDC_REPLY, "KDC_REPLY"},
                                            {APPL_REQUEST, "APPL_REQUEST"},
                                            {MUTUAL, "APPL_REQUEST_MUTUAL"},
                                            {ERR_REPLY, "ERR_REPLY"},
                                            {12, "PRIVATE"},
                                            {14, "SAFE"},
                                            {16, "APPL_ERR"},
                                            {126, "DIE"},
                                            {0, NULL}};
        static const struct name errors[] = {{0, "OK"},
                                             {1, "NAME_EXP"},
                                             {2, "SERVICE_EXP"},
                                             {3, "AUTH_EXP"},
                                             {4, "PKT_VER"},
                                             {5, "NAME_MAST_KEY_VER"},
                                             {6, "SERV_MAST_KEY_VER"},
                                             {7, "BYTE_ORDER"},
                                             {8, "PRINCIPAL_UNKNOWN"},
                                             {9, "PRINCIPAL_NOT_UNIQUE"},
                                             {10, "NULL_KEY"},
                                             {0, NULL}};
        uint8_t type = get8(printer, packet, 1);
        bool little = type & LITTLE_ENDIAN_BIT;
        uint32_t at = 2;
        uint16_t error;

        type &= (uint8_t)~LITTLE_ENDIAN_BIT;
        putf(printer, " %s ", little ? "le" : "be");
        put_name(printer, types, "#%u", type);
        put(printer, ": ");
        switch (type) {
        case KDC_REQUEST:
                at = name_print(printer, packet, at, true);
                if (!at)
                        return false;
                at += TIME;
                putf(printer, " %umin ", get8(printer, packet, at) * LIFETIME_UNIT);
                return name_print(printer, packet, at + 1, false) != 0;
        case KDC_REPLY:
                at = name_print(printer, packet, at, true);
                if (!at)
                        return false;
                putf(printer, " (%u)", short_at(printer, packet, at + REPLY_FIELDS, little));
                return true;
        case APPL_REQUEST:
                putf(printer, "v%u ", get8(printer, packet, at));
                at = string_print(printer, packet, at + 1);
                if (!at)
                        return false;
                putf(printer, " (%u)", get8(printer, packet, at));
                putf(printer, " (%u)", get8(printer, packet, at + 1));
                return true;
        case ERR_REPLY:
                at = name_print(printer, packet, at, true);
                if (!at)
                        return false;
                at += TIME;
                error = short_at(printer, packet, at, little);
                put_char(printer, ' ');
                put_name(printer, errors, "#%u", error);
                put_char(printer, ' ');
                return string_print(printer, packet, at + 4) != 0;
        default: put(printer, "(unknown)"); return true;
        }
}

void kerberos_print(struct printer *printer, struct packet packet)
{
        uint8_t version;

        printer->protocol = "krb";
        need(printer, packet, 0, 1);
        version = get8(printer, packet, 0);
        if (version >= 1 && version <= 4)
                putf(printer, " v%u", version);
        else if (version == 106 || version == 107)
                put(printer, " v5");
        if (version == 4 && !message_print(printer, packet))
                put_truncated(printer);
}

/* EAP over LANs, IEEE 802.1X, and with -v EAP itself, RFC 3748. */
#include "link.h"

enum { HEADER = 4, PACKET = 0, EAP_HEADER = 4 };

enum code { REQUEST = 1, RESPONSE = 2 };

enum method {
        IDENTITY = 1,
        NOTIFICATION = 2,
        NAK = 3,
        TLS = 13,
        SIM = 18,
        TTLS = 21,
        AKA = 23,
        FAST = 43
};

static const struct name types[] = {
    {PACKET, "EAP packet"},        {1, "EAPOL start"}, {2, "EAPOL logoff"}, {3, "EAPOL key"},
    {4, "Encapsulated ASF alert"}, {0, NULL},
};

static const struct name codes[] = {
    {REQUEST, "Request"}, {RESPONSE, "Response"}, {3, "Success"}, {4, "Failure"}, {0, NULL},
};

static const struct name methods[] = {
    {0, "No proposed"},
    {IDENTITY, "Identity"},
    {NOTIFICATION, "Notification"},
    {NAK, "Nak"},
    {4, "MD5-challenge"},
    {5, "OTP"},
    {6, "GTC"},
    {TLS, "TLS"},
    {SIM, "SIM"},
    {TTLS, "TTLS"},
    {AKA, "AKA"},
    {FAST, "FAST"},
    {254, "Expanded types"},
    {255, "Experimental"},
    {0, NULL},
};

/* Methods whose value must not be empty, as messages name them. */
static const struct name message_names[] = {
    {NOTIFICATION, "Notification"},
    {NAK, "Legacy NAK"},
    {TLS, "TLS/TTLS"},
    {SIM, "SIM/AKA"},
    {TTLS, "TLS/TTLS"},
    {AKA, "SIM/AKA"},
    {FAST, "FAST"},
    {0, NULL},
};

enum { LENGTH_INCLUDED = 0x80 };

static const struct name tls_flags[] = {
    {LENGTH_INCLUDED, "L bit"}, {0x40, "More fragments bit"}, {0x20, "Start bit"}, {0, NULL}};

/* TLS, and two methods with a version in the flags. */
static void tls_print(struct printer *printer, struct packet packet, uint8_t method)
{
        uint8_t flags = get8(printer, packet, 5);

        if (method != TLS)
                putf(printer, " %sv%u", method == TTLS ? "TTLS" : "FAST", flags & 7);
        put_flag_list(printer, " flags [", tls_flags, flags);
        putf(printer, " 0x%02x", flags);
        if (!(flags & LENGTH_INCLUDED))
                return;
        if (packet.length < 10) {
                put_damage(printer, " (too short for EAP %s request/response with length)",
                           name_find(message_names, method));
                return;
        }
        putf(printer, ", len %u", get32(printer, packet, 6));
}

/* The methods the peer proposes instead. */
static void wishes_print(struct printer *printer, struct packet packet)
{
        for (uint32_t i = 5; i < packet.length; i++) {
                uint8_t wish = get8(printer, packet, i);

                putf(printer, "%s%s (%u)", i > 5 ? ", " : " ", name_or(methods, wish, "unknown"),
                     wish);
        }
}

static void telephone_print(struct printer *printer, struct packet packet)
{
        static const struct name subtypes[] = {
            {1, "Challenge"},     {2, "Auth reject"}, {4, "Sync failure"},  {5, "Identity"},
            {10, "Start"},        {11, "Challenge"},  {12, "Notification"}, {13, "Reauth"},
            {14, "Client error"}, {0, NULL},
        };
        uint8_t subtype = get8(printer, packet, 5);

        putf(printer, " subtype [%s] 0x%02x", name_or(subtypes, subtype, "unknown"), subtype);
}

static void method_print(struct printer *printer, struct packet packet)
{
        uint8_t method = get8(printer, packet, EAP_HEADER);

        putf(printer, "\n\t\t Type %s (%u)", name_or(methods, method, "unknown"), method);
        if (packet.length < 6) {
                const char *name = name_find(message_names, method);

                if (name)
                        put_damage(printer, " (too short for EAP %s request/response)", name);
                return;
        }
        switch (method) {
        case IDENTITY:
                put(printer, ", Identity: ");
                put_until_zero(printer, packet_from(packet, 5));
                break;
        case NOTIFICATION:
                put(printer, ", Notification: ");
                put_until_zero(printer, packet_from(packet, 5));
                break;
        case NAK: wishes_print(printer, packet); break;
        case SIM:
        case AKA: telephone_print(printer, packet); break;
        case TLS:
        case TTLS:
        case FAST: tls_print(printer, packet, method); break;
        default: break;
        }
}

void eap_print(struct printer *printer, struct packet packet)
{
        uint8_t code;
        uint32_t size;

        printer->protocol = "eap";
        need_hard(printer, packet, 0, EAP_HEADER);
        code = get8(printer, packet, 0);
        size = get16(printer, packet, 2);
        if (size != packet.length) {
                put(printer, "EAP fragment?");
                return;
        }
        putf(printer, "%s (%u), id %u, len %u", name_or(codes, code, "unknown"), code,
             get8(printer, packet, 1), size);
        if (size < EAP_HEADER) {
                put_damage(printer, " (too short for EAP header)");
                return;
        }
        need(printer, packet, 0, size);
        if (code != REQUEST && code != RESPONSE)
                return;
        if (size > EAP_HEADER)
                method_print(printer, packet);
        else
                put_damage(printer, " (too short for EAP request/response)");
}

void eapol_print(struct printer *printer, struct packet packet)
{
        uint8_t type;
        uint32_t size;

        printer->protocol = "eap";
        need(printer, packet, 0, HEADER);
        type = get8(printer, packet, 1);
        size = get16(printer, packet, 2);
        putf(printer, "%s (%u) v%u, len %u", name_or(types, type, "unknown"), type,
             get8(printer, packet, 0), size);
        if (!printer->options.verbose || type != PACKET)
                return;
        if (size == 0)
                printer_abandon_softly(printer);
        put(printer, ", ");
        /* Only the length is cut: EAP's own is read even past it. */
        packet = packet_from(packet, HEADER);
        packet.length = size;
        eap_print(printer, packet);
}

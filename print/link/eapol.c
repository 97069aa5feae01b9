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

enum { LENGTH_INCLUDED = 0x80 };

static const struct name tls_flags[] = {
    {LENGTH_INCLUDED, "L bit"}, {0x40, "More fragments bit"}, {0x20, "Start bit"}, {0, NULL}};

static void put_too_short(struct printer *printer, const char *what)
{
        putf(printer, " (too short for EAP %s)", what);
}

/* TLS, and two methods with a version in the flags. */
static void tls_print(struct printer *printer, struct packet packet, uint8_t method)
{
        const char *what = method == FAST ? "FAST request/response" : "TLS/TTLS request/response";
        uint8_t flags;

        if (packet.length < 6) {
                put_too_short(printer, what);
                return;
        }
        flags = get8(printer, packet, 5);
        if (method != TLS)
                putf(printer, " %sv%u", method == TTLS ? "TTLS" : "FAST", flags & 7);
        put(printer, " flags [");
        put_flags(printer, tls_flags, ", ", flags);
        putf(printer, "] 0x%02x", flags);
        if (!(flags & LENGTH_INCLUDED))
                return;
        if (packet.length < 10) {
                putf(printer, " (too short for EAP %s with length)", what);
                return;
        }
        putf(printer, ", len %u", get32(printer, packet, 6));
}

/* The methods the peer proposes instead. */
static void wishes_print(struct printer *printer, struct packet packet)
{
        for (uint32_t i = 5; i < packet.length; i++) {
                uint8_t wish = get8(printer, packet, i);

                put(printer, i > 5 ? ", " : " ");
                put_name(printer, methods, "unknown", wish);
                putf(printer, " (%u)", wish);
        }
}

static void telephone_print(struct printer *printer, struct packet packet)
{
        static const struct name subtypes[] = {
            {1, "Challenge"},     {2, "Auth reject"}, {4, "Sync failure"},  {5, "Identity"},
            {10, "Start"},        {11, "Challenge"},  {12, "Notification"}, {13, "Reauth"},
            {14, "Client error"}, {0, NULL},
        };

        put(printer, " subtype [");
        put_name(printer, subtypes, "unknown", get8(printer, packet, 5));
        putf(printer, "] 0x%02x", get8(printer, packet, 5));
}

static void method_print(struct printer *printer, struct packet packet)
{
        uint8_t method = get8(printer, packet, EAP_HEADER);
        bool empty = packet.length < 6;

        put(printer, "\n\t\t Type ");
        put_name(printer, methods, "unknown", method);
        putf(printer, " (%u)", method);
        switch (method) {
        case IDENTITY:
                if (empty)
                        break;
                put(printer, ", Identity: ");
                put_until_zero(printer, packet_from(packet, 5));
                break;
        case NOTIFICATION:
                if (empty) {
                        put_too_short(printer, "Notification request/response");
                        break;
                }
                put(printer, ", Notification: ");
                put_until_zero(printer, packet_from(packet, 5));
                break;
        case NAK:
                if (empty)
                        put_too_short(printer, "Legacy NAK request/response");
                else
                        wishes_print(printer, packet);
                break;
        case SIM:
        case AKA:
                if (empty)
                        put_too_short(printer, "SIM/AKA request/response");
                else
                        telephone_print(printer, packet);
                break;
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

        if (packet.length < EAP_HEADER)
                printer_abandon_softly(printer);
        printer->protocol = "eap";
        code = get8(printer, packet, 0);
        size = get16(printer, packet, 2);
        if (size != packet.length) {
                put(printer, "EAP fragment?");
                return;
        }
        put_name(printer, codes, "unknown", code);
        putf(printer, " (%u), id %u, len %u", code, get8(printer, packet, 1), size);
        need(printer, packet, 0, size);
        if (code == REQUEST || code == RESPONSE)
                method_print(printer, packet);
}

void eapol_print(struct printer *printer, struct packet packet)
{
        uint8_t type;
        uint32_t size;

        printer->protocol = "eap";
        need(printer, packet, 0, HEADER);
        type = get8(printer, packet, 1);
        size = get16(printer, packet, 2);
        put_name(printer, types, "unknown", type);
        putf(printer, " (%u) v%u, len %u", type, get8(printer, packet, 0), size);
        if (!printer->options.verbose || type != PACKET)
                return;
        packet = packet_from(packet, HEADER);
        if (size == 0)
                printer_abandon_softly(printer);
        put(printer, ", ");
        eap_print(printer, packet_cut(packet, size));
}

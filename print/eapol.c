/* EAP over LANs, IEEE 802.1X, and with -v EAP itself, RFC 3748. */
#include "print/internal.h"

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
    {REQUEST, "Request"}, {RESPONSE, "Response"}, {3, "Success"}, {4, "Failure"},
    {5, "Initiate"},      {6, "Finish"},          {0, NULL},
};

static const struct name methods[] = {
    {0, "unset"},
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
    {38, "TNC"},
    {254, "Expanded types"},
    {255, "Experimental"},
    {0, NULL},
};

static const struct name tls_flags[] = {
    {0x80, "L bit"}, {0x40, "More fragments bit"}, {0x20, "Start bit"}, {0, NULL}};

static void put_text(struct printer *printer, struct view view, uint32_t offset, uint32_t count)
{
        for (uint32_t i = 0; i < count; i++)
                put_visible(printer, get8(printer, view, offset + i));
}

static void tls_print(struct printer *printer, struct view view, uint8_t method)
{
        uint8_t flags = get8(printer, view, 5);

        if (method == TLS) {
                put(printer, " flags [");
                put_flags(printer, tls_flags, ", ", flags);
                putf(printer, "] 0x%02x", flags);
        } else {
                putf(printer, " %sv%u flags [", method == TTLS ? "TTLS" : "FAST", flags & 7);
                put_flags(printer, tls_flags, ", ", flags);
                putf(printer, "] 0x%02x", flags);
        }
        if (flags & 0x80)
                putf(printer, ", len %u", get32(printer, view, 6));
}

static void method_print(struct printer *printer, struct view view, uint32_t size)
{
        uint8_t method = get8(printer, view, EAP_HEADER);

        put(printer, "\n\t\t Type ");
        put_name(printer, methods, "unknown", method);
        putf(printer, " (%u)", method);
        switch (method) {
        case IDENTITY:
                if (size > 5) {
                        put(printer, ", Identity: ");
                        put_text(printer, view, 5, size - 5);
                }
                break;
        case NOTIFICATION:
                if (size > 5) {
                        put(printer, ", Notification: ");
                        put_text(printer, view, 5, size - 5);
                }
                break;
        case NAK:
                /* The methods the peer would like better. */
                for (uint32_t i = 5; i < size; i++) {
                        uint8_t wish = get8(printer, view, i);

                        put(printer, i > 5 ? ", " : " ");
                        put_name(printer, methods, "unknown", wish);
                        putf(printer, " (%u)", wish);
                }
                break;
        case TLS:
        case TTLS:
        case FAST: tls_print(printer, view, method); break;
        default: break;
        }
}

void eap_print(struct printer *printer, struct view view)
{
        uint8_t code;
        uint32_t size;

        printer->protocol = "eap";
        code = get8(printer, view, 0);
        size = get16(printer, view, 2);
        put_name(printer, codes, "unknown", code);
        putf(printer, " (%u), id %u, len %u", code, get8(printer, view, 1), size);
        if (size != view.length) {
                putf(printer, " != packet length %u", view.length);
                return;
        }
        need(printer, view, 0, size);
        if (code == REQUEST || code == RESPONSE)
                method_print(printer, view, size);
}

void eapol_print(struct printer *printer, struct view view)
{
        uint8_t type;
        uint32_t size;

        printer->protocol = "eap";
        need(printer, view, 0, HEADER);
        type = get8(printer, view, 1);
        size = get16(printer, view, 2);
        put_name(printer, types, "unknown", type);
        putf(printer, " (%u) v%u, len %u", type, get8(printer, view, 0), size);
        if (!printer->options.verbose || type != PACKET)
                return;
        put(printer, ", ");
        view = view_from(view, HEADER);
        eap_print(printer, view_cut(view, size < view.length ? size : view.length));
}

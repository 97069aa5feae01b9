/* RADIUS, RFC 2865: the kind of message, and with -v the common attributes. */
#include "print/internal.h"

enum { HEADER = 20 };

static const struct name codes[] = {
    {1, "Access-Request"},
    {2, "Access-Accept"},
    {3, "Access-Reject"},
    {4, "Accounting-Request"},
    {5, "Accounting-Response"},
    {11, "Access-Challenge"},
    {12, "Status-Server"},
    {13, "Status-Client"},
    {40, "Disconnect-Request"},
    {41, "Disconnect-ACK"},
    {42, "Disconnect-NAK"},
    {43, "CoA-Request"},
    {44, "CoA-ACK"},
    {45, "CoA-NAK"},
    {255, "Reserved"},
    {0, NULL},
};

enum shape { BYTES, TEXT, ADDRESS, NUMBER, NOTHING };

static const struct {
        uint8_t type;
        enum shape shape;
        const char *name;
} attributes[] = {
    {1, TEXT, "User-Name"},
    {2, NOTHING, "User-Password"},
    {3, NOTHING, "CHAP-Password"},
    {4, ADDRESS, "NAS-IP-Address"},
    {5, NUMBER, "NAS-Port"},
    {8, ADDRESS, "Framed-IP-Address"},
    {9, ADDRESS, "Framed-IP-Netmask"},
    {11, TEXT, "Filter-Id"},
    {12, NUMBER, "Framed-MTU"},
    {14, ADDRESS, "Login-IP-Host"},
    {18, TEXT, "Reply-Message"},
    {19, TEXT, "Callback-Number"},
    {22, TEXT, "Framed-Route"},
    {24, TEXT, "State"},
    {25, TEXT, "Class"},
    {30, TEXT, "Called-Station-Id"},
    {31, TEXT, "Calling-Station-Id"},
    {32, TEXT, "NAS-Identifier"},
    {42, NUMBER, "Acct-Input-Octets"},
    {43, NUMBER, "Acct-Output-Octets"},
    {44, TEXT, "Acct-Session-Id"},
    {47, NUMBER, "Acct-Input-Packets"},
    {48, NUMBER, "Acct-Output-Packets"},
    {62, NUMBER, "Port-Limit"},
    {87, TEXT, "NAS-Port-Id"},
};

static void value_print(struct printer *printer, struct view value, enum shape shape)
{
        switch (shape) {
        case TEXT:
                if (!has(value, 0, value.length)) {
                        put_truncated(printer);
                        break;
                }
                for (uint32_t i = 0; i < value.length; i++) {
                        uint8_t c = value.data[i];

                        put_char(printer, c >= 0x20 && c < 0x7f ? (char)c : '.');
                }
                break;
        case ADDRESS:
                if (value.length != 4)
                        put(printer, "ERROR: length != 4");
                else
                        put_ipv4(printer, bytes_at(printer, value, 0, 4));
                break;
        case NUMBER:
                if (value.length != 4)
                        put(printer, "ERROR: length != 4");
                else
                        put_decimal(printer, get32(printer, value, 0));
                break;
        case BYTES:
        case NOTHING: break;
        }
}

static void attributes_print(struct printer *printer, struct view view)
{
        while (view.length > 0) {
                const char *name = "Unknown";
                enum shape shape = BYTES;
                uint8_t type;
                uint32_t size;

                if (view.length < 2)
                        printer_abandon_softly(printer);
                need(printer, view, 0, 2);
                type = get8(printer, view, 0);
                size = get8(printer, view, 1);
                for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
                        if (attributes[i].type != type)
                                continue;
                        name = attributes[i].name;
                        shape = attributes[i].shape;
                }
                putf(printer, "\n\t  %s Attribute (%u), length: %u", name, type, size);
                if (size < 2) {
                        put(printer, " (invalid)");
                        return;
                }
                if (size > view.length) {
                        put(printer, " (goes past end of packet)");
                        return;
                }
                put(printer, ", Value: ");
                value_print(printer, view_from(view_cut(view, size), 2), shape);
                if (printer->options.verbose > 1)
                        dump_hex(printer, "\n\t    ", view_from(view, 2), size - 2);
                view = view_from(view, size);
        }
}

void radius_print(struct printer *printer, struct view view)
{
        uint32_t size;
        uint8_t code;

        printer->protocol = "radius";
        need(printer, view, 0, HEADER);
        size = get16(printer, view, 2);
        if (size < HEADER) {
                put_invalid(printer);
                return;
        }
        if (size > view.length)
                size = view.length;
        code = get8(printer, view, 0);
        if (!printer->options.verbose) {
                put(printer, "RADIUS, ");
                put_name(printer, codes, "Unknown Command", code);
                putf(printer, " (%u), id: 0x%02x length: %u", code, get8(printer, view, 1), size);
                return;
        }
        putf(printer, "RADIUS, length: %u\n\t", size);
        put_name(printer, codes, "Unknown Command", code);
        putf(printer, " (%u), id: 0x%02x, Authenticator: ", code, get8(printer, view, 1));
        put_hex_bytes(printer, view, 4, 16);
        attributes_print(printer, view_from(view_cut(view, size), HEADER));
}

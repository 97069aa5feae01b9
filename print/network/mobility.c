/* The mobility header of IPv6, RFC 6275, 6. */
#include "network.h"

#include "base/array.h"

enum {
        REFRESH_REQUEST,
        HOME_INIT,
        CARE_OF_INIT,
        HOME_TEST,
        CARE_OF_TEST,
        BINDING_UPDATE,
        BINDING_ACKNOWLEDGEMENT,
        BINDING_ERROR,
};

/* RFC 6275, 6.2. */
static void option_print(struct printer *printer, struct packet option, uint32_t left)
{
        enum { PADN = 1, REFRESH_ADVICE, ALTERNATE_ADDRESS, NONCES, AUTHENTICATION };
        static const struct {
                const char *name;
                uint8_t least;
        } known[] = {
            [REFRESH_ADVICE] = {"refresh", 4},
            [ALTERNATE_ADDRESS] = {"altcoa", 18},
            [NONCES] = {"ni", 6},
            [AUTHENTICATION] = {"auth", 12},
        };
        uint8_t type = get8(printer, option, 0);

        if (type < array_count(known) && known[type].name && left < known[type].least) {
                putf(printer, "(%s: trunc)", known[type].name);
                printer_abandon_softly(printer);
        }
        switch (type) {
        case PADN: put(printer, "(padn)"); break;
        case REFRESH_ADVICE: putf(printer, "(refresh: %u)", get16(printer, option, 2) * 4); break;
        case ALTERNATE_ADDRESS:
                need_hard(printer, option, 2, 16);
                put_ipv6_labelled(printer, "(alt-CoA: ", option, 2);
                put_char(printer, ')');
                break;
        case NONCES:
                putf(printer, "(ni: ho=0x%04x co=0x%04x)", get16(printer, option, 2),
                     get16(printer, option, 4));
                break;
        case AUTHENTICATION: put(printer, "(auth)"); break;
        default: putf(printer, "(type-0x%02x: len=%u)", type, get8(printer, option, 1));
        }
}

/* The options from `at` on in a header of `size` bytes. tcpdump wants to see one more byte behind
 * each. */
static void options_print(struct printer *printer, struct packet packet, uint32_t at, uint32_t size)
{
        while (at < size) {
                uint32_t left = size - at;
                uint32_t option;

                if (get8(printer, packet, at) == 0) {
                        option = 1;
                } else {
                        if (left < 2)
                                printer_abandon_softly(printer);
                        option = get8(printer, packet, at + 1) + 2u;
                }
                if (option > left)
                        printer_abandon_softly(printer);
                need(printer, packet, at + option, 1);
                if (option == 1)
                        put(printer, "(pad1)");
                else
                        option_print(printer, packet_from(packet, at), left);
                at += option;
        }
}

static void cookie_print(struct printer *printer, struct packet packet, uint32_t offset,
                         const char *kind, const char *name)
{
        putf(printer, " %s %s=%08x:%08x", kind, name, get32(printer, packet, offset),
             get32(printer, packet, offset + 4));
}

static void update_print(struct printer *printer, struct packet packet)
{
        static const struct name flags[] = {
            {0x80, "A"}, {0x40, "H"}, {0x20, "L"}, {0x10, "K"}, {0, NULL}};
        uint8_t bits;

        putf(printer, " seq#=%u", get16(printer, packet, 6));
        need(printer, packet, 8, 2);
        bits = get8(printer, packet, 8) & 0xf0;
        if (bits) {
                put_char(printer, ' ');
                put_flags(printer, flags, "", bits);
        }
        putf(printer, " lifetime=%u", get16(printer, packet, 10) * 4);
}

static void acknowledgement_print(struct printer *printer, struct packet packet)
{
        enum { KEY_MANAGEMENT = 0x80 };

        putf(printer, " status=%u", get8(printer, packet, 6));
        if (get8(printer, packet, 7) & KEY_MANAGEMENT)
                put(printer, " K");
        putf(printer, " seq#=%u", get16(printer, packet, 8));
        putf(printer, " lifetime=%u", get16(printer, packet, 10) * 4);
}

void mobility_print(struct printer *printer, struct packet packet)
{
        static const struct {
                const char *name;
                uint8_t least; /* where its options begin */
        } messages[] = {{"BRR", 8},  {"HoTI", 16}, {"CoTI", 16}, {"HoT", 24},
                        {"CoT", 24}, {"BU", 12},   {"BA", 12},   {"BE", 24}};
        bool verbose = printer->options.verbose > 0;
        uint8_t type;
        uint32_t size;

        printer->protocol = "mobility";
        need(printer, packet, 0, 2);
        size = (get8(printer, packet, 1) + 1u) * 8;
        type = get8(printer, packet, 2);
        if (type >= array_count(messages)) {
                putf(printer, "mobility: type-#%u len=%u", type, get8(printer, packet, 1));
                return;
        }
        if (size < messages[type].least) {
                put_damage(printer, "(header length %u is too small for type %u)", size, type);
                printer_abandon_softly(printer);
        }
        putf(printer, "mobility: %s", messages[type].name);
        switch (type) {
        case HOME_INIT:
                if (verbose)
                        cookie_print(printer, packet, 8, "Home", "Init Cookie");
                break;
        case CARE_OF_INIT:
                if (verbose)
                        cookie_print(printer, packet, 8, "Care-of", "Init Cookie");
                break;
        case HOME_TEST:
        case CARE_OF_TEST: {
                const char *kind = type == HOME_TEST ? "Home" : "Care-of";

                putf(printer, " nonce id=0x%x", get16(printer, packet, 6));
                if (verbose) {
                        cookie_print(printer, packet, 8, kind, "Init Cookie");
                        cookie_print(printer, packet, 16, kind, "Keygen Token");
                }
                break;
        }
        case BINDING_UPDATE: update_print(printer, packet); break;
        case BINDING_ACKNOWLEDGEMENT: acknowledgement_print(printer, packet); break;
        case BINDING_ERROR:
                putf(printer, " status=%u", get8(printer, packet, 6));
                need_hard(printer, packet, 8, 16);
                put_ipv6_labelled(printer, " homeaddr ", packet, 8);
                break;
        }
        if (verbose)
                options_print(printer, packet, messages[type].least, size);
}

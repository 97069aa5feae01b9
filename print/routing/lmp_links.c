/* LMP's objects of links and their channels, RFC 4204, 13.11 to 13.14, and of services at a user
 * network interface of the OIF. */
#include "lmp.h"

enum kind { IPV4 = 1, IPV6, UNNUMBERED };

/* "192.0.2.1 (0xc0000201)". Returns the identifier's size. */
static uint32_t put_id(struct printer *printer, struct packet value, uint32_t offset, uint8_t kind)
{
        if (kind == IPV4)
                put_ipv4_at(printer, value, offset);
        else if (kind == IPV6)
                put_ipv6_at(printer, value, offset);
        else
                put_decimal(printer, get32(printer, value, offset));
        putf(printer, " (0x%08x)", get32(printer, value, offset));
        return kind == IPV6 ? 16 : 4;
}

bool lmp_te_link_print(struct printer *printer, struct packet value, uint8_t type)
{
        static const struct name flags[] = {
            {1, "Fault Management Supported"}, {2, "Link Verification Supported"}, {0, NULL}};
        uint32_t at;

        put_flag_list(printer, "\n\t    Flags: [", flags, get8(printer, value, 0));
        put(printer, "\n\t    Local Link-ID: ");
        at = 4 + put_id(printer, value, 4, type);
        put(printer, "\n\t    Remote Link-ID: ");
        put_id(printer, value, at, type);
        return true;
}

/* What a data link can do. Returns whether all of that was shown. */
static bool data_link_parts_print(struct printer *printer, struct packet value)
{
        enum { HEADER = 2, SWITCHING = 1, WAVELENGTH };
        static const struct name names[] = {
            {SWITCHING, "Interface Switching Type"}, {WAVELENGTH, "Wavelength"}, {0, NULL}};

        while (value.length > 0) {
                uint8_t type = get8(printer, value, 0);
                uint32_t size = get8(printer, value, 1);

                putf(printer, "\n\t    Subobject, Type: %s (%u), Length: %u",
                     name_or(names, type, "Unknown"), type, size);
                if (size < 4) {
                        put_damage(printer, " (too short)");
                        break;
                }
                if (size % 4 != 0) {
                        put(printer, " (not a multiple of 4)");
                        break;
                }
                if (size > value.length) {
                        put_damage(printer, " (goes past the end of the object)");
                        break;
                }
                switch (type) {
                case SWITCHING: {
                        uint8_t switching = get8(printer, value, 2);
                        uint8_t encoding = get8(printer, value, 3);

                        putf(printer, "\n\t      Switching Type: %s (%u)",
                             name_or(gmpls_switchings, switching, "Unknown"), switching);
                        putf(printer, "\n\t      Encoding Type: %s (%u)",
                             name_or(gmpls_encodings, encoding, "Unknown"), encoding);
                        need_hard(printer, value, 4, 4);
                        put(printer, "\n\t      Min Reservable Bandwidth: ");
                        put_megabits(printer, value, 4);
                        put(printer, " Mbps");
                        need_hard(printer, value, 8, 4);
                        put(printer, "\n\t      Max Reservable Bandwidth: ");
                        put_megabits(printer, value, 8);
                        put(printer, " Mbps");
                        break;
                }
                case WAVELENGTH:
                        putf(printer, "\n\t      Wavelength: %u", get32(printer, value, 4));
                        break;
                default: return false;
                }
                value = packet_from(value, size);
        }
        return true;
}

bool lmp_data_link_print(struct printer *printer, struct packet value, uint8_t type)
{
        static const struct name flags[] = {{1, "Data Link Port"},
                                            {2, "Allocated for user traffic"},
                                            {4, "Failed link"},
                                            {0, NULL}};
        uint32_t at;

        put_flag_list(printer, "\n\t    Flags: [", flags, get8(printer, value, 0));
        put(printer, "\n\t    Local Interface ID: ");
        at = 4 + put_id(printer, value, 4, type);
        put(printer, "\n\t    Remote Interface ID: ");
        at += put_id(printer, value, at, type);
        return data_link_parts_print(printer, packet_from(value, at));
}

bool lmp_channel_status_print(struct printer *printer, struct packet value, uint8_t type)
{
        enum { ACTIVE = 0x80000000, TRANSMIT = 0x40000000 };
        static const struct name states[] = {
            {1, "Signal Okay"}, {2, "Signal Degraded"}, {3, "Signal Fail"}, {0, NULL}};
        uint32_t size = type == IPV6 ? 20 : 8;

        for (; value.length >= size; value = packet_from(value, size)) {
                uint32_t status;

                put(printer, "\n\t    Interface ID: ");
                put_id(printer, value, 0, type);
                status = get32(printer, value, size - 4);
                putf(printer, "\n\t\t    Active: %s (%u)",
                     status & ACTIVE ? "Allocated" : "Non-allocated", status >> 31);
                putf(printer, "\n\t\t    Direction: %s (%u)",
                     status & TRANSMIT ? "Transmit" : "Receive", status >> 30 & 1);
                putf(printer, "\n\t\t    Channel Status: %s (%u)",
                     name_or(states, status & 0x3ffffff, "Unknown"), status & 0x3ffffff);
        }
        return true;
}

bool lmp_channel_request_print(struct printer *printer, struct packet value, uint8_t type)
{
        uint32_t size = type == IPV6 ? 16 : 4;

        for (; value.length >= size; value = packet_from(value, size)) {
                put(printer, "\n\t    Interface ID: ");
                put_id(printer, value, 0, type);
        }
        return true;
}

/* ---- Services ---- */

static void put_flags_line(struct printer *printer, const char *title, const struct name *flags,
                           uint32_t bits)
{
        put(printer, title);
        put_flags(printer, flags, ", ", bits);
}

/* What kind of circuits a port has. */
static void port_print(struct printer *printer, struct packet value)
{
        enum { SDH = 5, SONET = 6 };
        static const struct name links[] = {
            {SDH, "SDH ITU-T G.707"}, {SONET, "SONET ANSI T1.105"}, {0, NULL}};
        static const struct name sdh[] = {{5, "VC-3"},    {6, "VC-4"},     {7, "STM-0"},
                                          {8, "STM-1"},   {9, "STM-4"},    {10, "STM-16"},
                                          {11, "STM-64"}, {12, "STM-256"}, {0, NULL}};
        static const struct name sonet[] = {{5, "STS-1 SPE"}, {6, "STS-3c SPE"}, {7, "STS-1"},
                                            {8, "STM-3"},     {9, "STM-12"},     {10, "STM-48"},
                                            {11, "STM-192"},  {12, "STM-768"},   {0, NULL}};
        static const struct name transparencies[] = {
            {1, "Path/VC Overhead Transparency Supported"},
            {2, "Line/MS Overhead Transparency Supported"},
            {4, "Section/RS Overhead Transparency Supported"},
            {0, NULL}};
        static const struct name concatenations[] = {
            {1, "Contiguous Concatenation Types Supported"}, {0, NULL}};
        uint8_t link = get8(printer, value, 0);
        uint8_t signal = get8(printer, value, 1);

        putf(printer, "\n\t Link Type: %s (%u)", name_or(links, link, "Unknown"), link);
        if (link == SDH || link == SONET)
                putf(printer, "\n\t Signal Type: %s (%u)",
                     name_or(link == SDH ? sdh : sonet, signal, "Unknown"), signal);
        put_flags_line(printer, "\n\t Transparency: ", transparencies, get8(printer, value, 2));
        put_flags_line(printer, "\n\t Contiguous Concatenation Types: ", concatenations,
                       get8(printer, value, 3));
        putf(printer, "\n\t Minimum NCC: %u\n\t Maximum NCC: %u", get16(printer, value, 4),
             get16(printer, value, 6));
        putf(printer, "\n\t Minimum NVC:%u\n\t Maximum NVC:%u", get16(printer, value, 8),
             get16(printer, value, 10));
        put(printer, "\n\t    Local Interface ID: ");
        put_id(printer, value, 12, IPV4);
}

bool lmp_service_print(struct printer *printer, struct packet value, uint8_t type)
{
        enum { PROTOCOLS = 1, PORT, TRANSPARENCY, DIVERSITY };
        static const struct name protocols[] = {
            {1, "RSVP Supported"}, {2, "LDP Supported"}, {0, NULL}};
        static const struct name transparencies[] = {
            {1, "Standard SOH/RSOH Transparency Supported"},
            {2, "Standard LOH/MSOH Transparency Supported"},
            {0, NULL}};
        static const struct name monitorings[] = {
            {1, "Transparent Tandem Connection Monitoring Supported"}, {0, NULL}};
        static const struct name diversities[] = {{1, "Node Diversity Supported"},
                                                  {2, "Link Diversity Supported"},
                                                  {4, "SRLG Diversity Supported"},
                                                  {0, NULL}};

        switch (type) {
        case PROTOCOLS:
                put_flags_line(printer, "\n\t Flags: ", protocols, get8(printer, value, 0));
                putf(printer, "\n\t  UNI Version: %u", get8(printer, value, 1));
                break;
        case PORT: port_print(printer, value); break;
        case TRANSPARENCY:
                put_flags_line(printer, "\n\t Transparency Flags: ", transparencies,
                               get32(printer, value, 0));
                put_flags_line(printer, "\n\t TCM Monitoring Flags: ", monitorings,
                               get8(printer, value, 7));
                break;
        case DIVERSITY:
                put_flags_line(printer, "\n\t Diversity: Flags: ", diversities,
                               get8(printer, value, 3));
                break;
        }
        return true;
}

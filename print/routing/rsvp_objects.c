/* RSVP's objects: of RFC 2205, of traffic engineering (RFC 3209, 4090, 4875), refresh reduction
 * (RFC 2961), GMPLS (RFC 3473), and authentication (RFC 2747). */
#include "rsvp_objects.h"

/* ---- Sessions and senders ---- */

static enum rsvp_result session_print(struct printer *printer, struct packet value, uint8_t type,
                                      const char *indent)
{
        enum {
                IPV4 = 1,
                IPV6 = 2,
                TUNNEL_4 = 7,
                TUNNEL_6 = 8,
                UNI_4 = 11,
                P2MP_4 = 13,
                P2MP_6 = 14
        };

        switch (type) {
        case IPV4:
                putf(printer, "%s  IPv4 DestAddress: ", indent);
                put_ipv4_at(printer, value, 0);
                putf(printer, ", Protocol ID: 0x%02x%s  Flags: [0x%02x], DestPort %u",
                     get8(printer, value, 4), indent, get8(printer, value, 5),
                     get16(printer, value, 6));
                break;
        case IPV6:
                putf(printer, "%s  IPv6 DestAddress: ", indent);
                put_ipv6_at(printer, value, 0);
                putf(printer, ", Protocol ID: 0x%02x%s  Flags: [0x%02x], DestPort %u",
                     get8(printer, value, 16), indent, get8(printer, value, 17),
                     get16(printer, value, 18));
                break;
        case TUNNEL_4:
        case UNI_4:
        case P2MP_4:
                putf(printer, "%s  IPv4 %s: ", indent,
                     type == P2MP_4 ? "P2MP LSP ID" : "Tunnel EndPoint");
                put_ipv4_at(printer, value, 0);
                putf(printer,
                     ", Tunnel ID: 0x%04x, Extended Tunnel ID: ", get16(printer, value, 6));
                put_ipv4_at(printer, value, 8);
                break;
        case TUNNEL_6:
                putf(printer, "%s  IPv6 Tunnel EndPoint: ", indent);
                put_ipv6_at(printer, value, 0);
                putf(printer,
                     ", Tunnel ID: 0x%04x, Extended Tunnel ID: ", get16(printer, value, 18));
                put_ipv6_at(printer, value, 20);
                break;
        case P2MP_6:
                putf(printer, "%s  IPv6 P2MP LSP ID: 0x%08x", indent, get32(printer, value, 0));
                putf(printer,
                     ", Tunnel ID: 0x%04x, Extended Tunnel ID: ", get16(printer, value, 6));
                put_ipv6_at(printer, value, 8);
                break;
        }
        return RSVP_SHOWN;
}

/* A sender template, or the filter that selects one. */
static enum rsvp_result sender_print(struct printer *printer, struct packet value, uint8_t type,
                                     const char *indent, const char *tunnel)
{
        enum { IPV4 = 1, IPV6, FLOW_LABEL, TUNNEL_4 = 7, TUNNEL_6, P2MP_4 = 12, P2MP_6 };

        switch (type) {
        case IPV4:
                putf(printer, "%s  Source Address: ", indent);
                put_ipv4_at(printer, value, 0);
                putf(printer, ", Source Port: %u", get16(printer, value, 6));
                break;
        case IPV6:
        case FLOW_LABEL:
                putf(printer, "%s  Source Address: ", indent);
                put_ipv6_at(printer, value, 0);
                if (type == IPV6)
                        putf(printer, ", Source Port: %u", get16(printer, value, 18));
                else
                        putf(printer, ", Flow Label: %u", get24(printer, value, 17));
                break;
        case TUNNEL_4:
                putf(printer, "%s  %s: ", indent, tunnel);
                put_ipv4_at(printer, value, 0);
                putf(printer, ", LSP-ID: 0x%04x", get16(printer, value, 6));
                break;
        case TUNNEL_6:
                /* tcpdump prints four bytes of the address. */
                putf(printer, "%s  %s: ", indent, tunnel);
                put_ipv4_at(printer, value, 0);
                putf(printer, ", LSP-ID: 0x%04x", get16(printer, value, 18));
                break;
        case P2MP_4:
                putf(printer, "%s  IPv4 Tunnel Sender Address: ", indent);
                put_ipv4_at(printer, value, 0);
                putf(printer,
                     ", LSP ID: 0x%04x%s  Sub-Group Originator ID: ", get16(printer, value, 6),
                     indent);
                put_ipv4_at(printer, value, 8);
                putf(printer, ", Sub-Group ID: 0x%04x", get16(printer, value, 12));
                break;
        case P2MP_6:
                putf(printer, "%s  IPv6 Tunnel Sender Address: ", indent);
                put_ipv6_at(printer, value, 0);
                putf(printer,
                     ", LSP ID: 0x%04x%s  Sub-Group Originator ID: ", get16(printer, value, 18),
                     indent);
                put_ipv6_at(printer, value, 20);
                putf(printer, ", Sub-Group ID: 0x%04x", get16(printer, value, 38));
                break;
        }
        return RSVP_SHOWN;
}

static enum rsvp_result template_print(struct printer *printer, struct packet value, uint8_t type,
                                       const char *indent)
{
        return sender_print(printer, value, type, indent, "IPv4 Tunnel Sender Address");
}

static enum rsvp_result filter_print(struct printer *printer, struct packet value, uint8_t type,
                                     const char *indent)
{
        return sender_print(printer, value, type, indent, "Source Address");
}

/* ---- Hops and errors ---- */

/* Odd types have addresses of IPv4, even ones of IPv6. Returns the address's size. */
static uint32_t put_address(struct printer *printer, struct packet value, uint8_t type)
{
        if (type % 2 == 1) {
                put_ipv4_at(printer, value, 0);
                return 4;
        }
        put_ipv6_at(printer, value, 0);
        return 16;
}

static enum rsvp_result hop_print(struct printer *printer, struct packet value, uint8_t type,
                                  const char *indent)
{
        uint32_t size;

        putf(printer, "%s  Previous/Next Interface: ", indent);
        size = put_address(printer, value, type);
        putf(printer, ", Logical Interface Handle: 0x%08x", get32(printer, value, size));
        /* tcpdump does not count an address of IPv6. */
        return size == 16 || value.length > size + 4 ? RSVP_UNKNOWN : RSVP_SHOWN;
}

static const struct name error_codes[] = {{24, "Routing Problem"},
                                          {25, "Notify Error"},
                                          {28, "Diffserv TE Error"},
                                          {125, "Diffserv TE Error (Old)"},
                                          {0, NULL}};

static const struct name routing_errors[] = {{1, "Bad EXPLICIT_ROUTE object"},
                                             {2, "Bad strict node"},
                                             {3, "Bad loose node"},
                                             {4, "Bad initial subobject"},
                                             {5, "No route available toward destination"},
                                             {6, "Unacceptable label value"},
                                             {7, "RRO indicated routing loops"},
                                             {8, "non-RSVP-capable router in the path"},
                                             {9, "MPLS label allocation failure"},
                                             {10, "Unsupported L3PID"},
                                             {0, NULL}};

/* RFC 4124. */
static const struct name diffserv_errors[] = {
    {1, "Unexpected CT object"},
    {2, "Unsupported CT"},
    {3, "Invalid CT value"},
    {4, "CT/setup priority do not form a configured TE-Class"},
    {5, "CT/holding priority do not form a configured TE-Class"},
    {6, "CT/setup priority and CT/holding priority do not form a configured TE-Class"},
    {7, "Inconsistency between signaled PSC and signaled CT"},
    {8, "Inconsistency between signaled PHBs and signaled CT"},
    {0, NULL}};

static enum rsvp_result error_print(struct printer *printer, struct packet value, uint8_t type,
                                    const char *indent)
{
        enum { ROUTING = 24, DIFFSERV = 28, DIFFSERV_OLD = 125 };
        const struct name *values;
        uint32_t at;
        uint16_t why;
        uint8_t code;

        putf(printer, "%s  Error Node Address: ", indent);
        at = put_address(printer, value, type);
        code = get8(printer, value, at + 1);
        why = get16(printer, value, at + 2);
        putf(printer, ", Flags: [0x%02x]%s  Error Code: %s (%u)", get8(printer, value, at), indent,
             name_or(error_codes, code, "unknown"), code);
        /* tcpdump explains errors of DiffServ at nodes of IPv4 only. */
        values = code == ROUTING                                         ? routing_errors
                 : at == 4 && (code == DIFFSERV || code == DIFFSERV_OLD) ? diffserv_errors
                                                                         : NULL;
        if (values)
                putf(printer, ", Error Value: %s (%u)", name_or(values, why, "unknown"), why);
        else if (at == 4)
                putf(printer, ", Unknown Error Value (%u)", why);
        return RSVP_SHOWN;
}

static enum rsvp_result style_print(struct printer *printer, struct packet value, uint8_t type,
                                    const char *indent)
{
        static const struct name styles[] = {
            {10, "Fixed Filter"}, {17, "Wildcard Filter"}, {18, "Shared Explicit"}, {0, NULL}};

        (void)type;
        putf(printer, "%s  Reservation Style: %s, Flags: [0x%02x]", indent,
             name_or(styles, get24(printer, value, 1), "Unknown"), get8(printer, value, 0));
        return RSVP_SHOWN;
}

/* ---- An address or a number or two ---- */

static enum rsvp_result titled_address_print(struct printer *printer, struct packet value,
                                             uint8_t type, const char *indent, const char *title)
{
        putf(printer, "%s  IPv%u %s: ", indent, type == 1 ? 4 : 6, title);
        put_address(printer, value, type);
        return RSVP_SHOWN;
}

static enum rsvp_result confirm_print(struct printer *printer, struct packet value, uint8_t type,
                                      const char *indent)
{
        return titled_address_print(printer, value, type, indent, "Receiver Address");
}

static enum rsvp_result notify_print(struct printer *printer, struct packet value, uint8_t type,
                                     const char *indent)
{
        return titled_address_print(printer, value, type, indent, "Notify Node Address");
}

static enum rsvp_result branch_print(struct printer *printer, struct packet value, uint8_t type,
                                     const char *indent)
{
        putf(printer, "%s  Sub-LSP destination address: ", indent);
        put_address(printer, value, type);
        return RSVP_SHOWN;
}

static enum rsvp_result time_print(struct printer *printer, struct packet value, uint8_t type,
                                   const char *indent)
{
        (void)type;
        putf(printer, "%s  Refresh Period: %ums", indent, get32(printer, value, 0));
        return RSVP_SHOWN;
}

static enum rsvp_result hello_print(struct printer *printer, struct packet value, uint8_t type,
                                    const char *indent)
{
        (void)type;
        putf(printer, "%s  Source Instance: 0x%08x, Destination Instance: 0x%08x", indent,
             get32(printer, value, 0), get32(printer, value, 4));
        return RSVP_SHOWN;
}

static enum rsvp_result restart_print(struct printer *printer, struct packet value, uint8_t type,
                                      const char *indent)
{
        (void)type;
        putf(printer, "%s  Restart  Time: %ums, Recovery Time: %ums", indent,
             get32(printer, value, 0), get32(printer, value, 4));
        return RSVP_SHOWN;
}

static enum rsvp_result class_type_print(struct printer *printer, struct packet value, uint8_t type,
                                         const char *indent)
{
        (void)type;
        putf(printer, "%s  CT: %u", indent, get32(printer, value, 0) & 7);
        return RSVP_SHOWN;
}

static enum rsvp_result capability_print(struct printer *printer, struct packet value, uint8_t type,
                                         const char *indent)
{
        static const struct name flags[] = {{4, "RecoveryPath Transmit Enabled"},
                                            {2, "RecoveryPath Desired"},
                                            {1, "RecoveryPath Srefresh Capable"},
                                            {0, NULL}};
        uint32_t bits = get32(printer, value, 0);

        (void)type;
        if (bits & ~7u)
                put_damage(printer, "%s  [reserved=0x%08x must be zero]", indent, bits & ~7u);
        putf(printer, "%s  Flags: [", indent);
        put_flags(printer, flags, ", ", bits);
        put_char(printer, ']');
        return RSVP_SHOWN;
}

static enum rsvp_result status_print(struct printer *printer, struct packet value, uint8_t type,
                                     const char *indent)
{
        static const struct name flags[] = {{0x80000000, "Reflect"},
                                            {4, "Testing"},
                                            {2, "Admin-down"},
                                            {1, "Delete-in-progress"},
                                            {0, NULL}};

        (void)type;
        putf(printer, "%s  Flags [", indent);
        put_flags(printer, flags, ", ", get32(printer, value, 0));
        put_char(printer, ']');
        return RSVP_SHOWN;
}

static enum rsvp_result message_id_print(struct printer *printer, struct packet value, uint8_t type,
                                         const char *indent)
{
        (void)type;
        putf(printer, "%s  Flags [0x%02x], epoch: %u", indent, get8(printer, value, 0),
             get24(printer, value, 1));
        for (value = packet_from(value, 4); value.length >= 4; value = packet_from(value, 4)) {
                uint32_t id = get32(printer, value, 0);

                putf(printer, "%s    Message-ID 0x%08x (%u)", indent, id, id);
        }
        return RSVP_SHOWN;
}

/* ---- Protection ---- */

static enum rsvp_result detour_print(struct printer *printer, struct packet value, uint8_t type,
                                     const char *indent)
{
        (void)type;
        for (; value.length >= 8; value = packet_from(value, 8)) {
                putf(printer, "%s  PLR-ID: ", indent);
                put_ipv4_at(printer, value, 0);
                put_ipv4_labelled(printer, ", Avoid-Node-ID: ", value, 4);
        }
        return RSVP_SHOWN;
}

static enum rsvp_result reroute_print(struct printer *printer, struct packet value, uint8_t type,
                                      const char *indent)
{
        putf(printer,
             "%s  Setup Priority: %u, Holding Priority: %u, Hop-limit: %u, Bandwidth: ", indent,
             get8(printer, value, 0), get8(printer, value, 1), get8(printer, value, 2));
        put_megabits_scaled(printer, value, 4);
        if (type == 1)
                putf(printer,
                     " Mbps%s  Include-any: 0x%08x, Exclude-any: 0x%08x, Include-all: 0x%08x",
                     indent, get32(printer, value, 8), get32(printer, value, 12),
                     get32(printer, value, 16));
        else
                putf(printer, " Mbps%s  Include Colors: 0x%08x, Exclude Colors: 0x%08x", indent,
                     get32(printer, value, 8), get32(printer, value, 12));
        return RSVP_SHOWN;
}

static enum rsvp_result attribute_print(struct printer *printer, struct packet value, uint8_t type,
                                        const char *indent)
{
        static const struct name flags[] = {
            {0x01, "Local Protection"},     {0x02, "Label Recording"}, {0x04, "SE Style"},
            {0x08, "Bandwidth protection"}, {0x10, "Node protection"}, {0, NULL}};
        uint8_t bits = get8(printer, value, 2);
        uint8_t size = get8(printer, value, 3);

        (void)type;
        if (value.length < 4u + size)
                return rsvp_fault(printer, indent, "object is too short");
        putf(printer, "%s  Session Name: ", indent);
        for (uint32_t i = 0; i < size; i++)
                put_visible(printer, get8(printer, value, 4 + i));
        putf(printer, "%s  Setup Priority: %u, Holding Priority: %u, Flags: [", indent,
             get8(printer, value, 0), get8(printer, value, 1));
        put_flags(printer, flags, ", ", bits);
        putf(printer, bits ? "] (0x%x)" : "] (%x)", bits);
        return RSVP_SHOWN;
}

/* ---- The others ---- */

/* RFC 2747. The key is not known, so the digest is not checked. */
static enum rsvp_result integrity_print(struct printer *printer, struct packet value, uint8_t type,
                                        const char *indent)
{
        static const struct name flags[] = {{0x80, "Handshake"}, {0, NULL}};

        (void)type;
        putf(printer, "%s  Key-ID 0x%04x%08x, Sequence 0x%08x%08x, Flags [", indent,
             get16(printer, value, 2), get32(printer, value, 4), get32(printer, value, 8),
             get32(printer, value, 12));
        put_flags(printer, flags, ", ", get8(printer, value, 0));
        putf(printer, "]%s  MD5-sum 0x", indent);
        put_hex_bytes(printer, value, 16, 16);
        put(printer, "  (unchecked)");
        return RSVP_SHOWN;
}

/* Juniper's. */
static enum rsvp_result properties_print(struct printer *printer, struct packet value, uint8_t type,
                                         const char *indent)
{
        static const struct name names[] = {{1, "Cos"},        {2, "Metric 1"},   {4, "Metric 2"},
                                            {8, "CCC Status"}, {16, "Path Type"}, {0, NULL}};
        uint32_t padding = get16(printer, value, 2);

        (void)type;
        putf(printer, "%s  TLV count: %u, padding bytes: %u", indent, get16(printer, value, 0),
             padding);
        value = packet_from(value, 4);
        while (value.length >= 2 + padding) {
                uint8_t kind = get8(printer, value, 0);
                uint8_t size = get8(printer, value, 1);

                putf(printer, "%s    %s TLV (0x%02x), length: %u", indent,
                     name_or(names, kind, "unknown"), kind, size);
                if (value.length < size)
                        return rsvp_fault(printer, indent, "object is too short");
                if (size < 2)
                        return rsvp_fault(printer, indent, "property TLV is too short");
                dump_hex(printer, "\n\t\t", packet_from(value, 2), size - 2u);
                value = packet_from(value, size);
        }
        return RSVP_SHOWN;
}

/* ---- Which is which ---- */

static const struct name classes[] = {{1, "Session"},
                                      {3, "RSVP Hop"},
                                      {4, "Integrity"},
                                      {5, "Time Values"},
                                      {6, "Error Spec"},
                                      {7, "Scope"},
                                      {8, "Style"},
                                      {9, "Flowspec"},
                                      {10, "FilterSpec"},
                                      {11, "Sender Template"},
                                      {12, "Sender TSpec"},
                                      {13, "Adspec"},
                                      {14, "Policy Data"},
                                      {15, "Confirm"},
                                      {16, "Label"},
                                      {19, "Label Request"},
                                      {20, "ERO"},
                                      {21, "RRO"},
                                      {22, "Hello"},
                                      {23, "Message ID"},
                                      {24, "Message ID Ack"},
                                      {25, "Message ID List"},
                                      {34, "Recovery Label"},
                                      {35, "Upstream Label"},
                                      {36, "Label Set"},
                                      {37, "Protection"},
                                      {50, "Sub-LSP to LSP"},
                                      {63, "Detour"},
                                      {66, "Class Type"},
                                      {125, "Class Type (old)"},
                                      {129, "Suggested Label"},
                                      {130, "Acceptable Label Set"},
                                      {131, "Restart Capability"},
                                      {134, "Capability"},
                                      {195, "Notify Request"},
                                      {196, "Administrative Status"},
                                      {204, "Properties"},
                                      {205, "Fast Re-Route"},
                                      {207, "Session Attribute"},
                                      {229, "Generalized UNI"},
                                      {230, "Call-ID"},
                                      {236, "Call Capability"},
                                      {0, NULL}};

/* Types that are not here are unknown; those without a printer have a name, but are dumped. `least`
 * are a value's bytes. */
static const struct object_form {
        uint8_t class, type;
        uint8_t least;
        const char *name;
        rsvp_printer *print;
} objects[] = {
    {1, 1, 8, "IPv4", session_print},
    {1, 2, 20, "IPv6", session_print},
    {1, 7, 12, "Tunnel IPv4", session_print},
    {1, 8, 36, "Unknown", session_print},
    {1, 11, 12, "UNI IPv4", session_print},
    {1, 13, 12, "IPv4 P2MP LSP Tunnel", session_print},
    {1, 14, 26, "IPv6 P2MP LSP Tunnel", session_print},
    {3, 1, 8, "IPv4", hop_print},
    {3, 2, 20, "IPv6", hop_print},
    {3, 3, 8, "IPv4 plus opt. TLVs", hop_print},
    {3, 4, 20, "IPv6 plus opt. TLVs", hop_print},
    {4, 1, 32, "Unknown", integrity_print},
    {5, 1, 4, "1", time_print},
    {6, 1, 8, "IPv4", error_print},
    {6, 2, 20, "IPv6", error_print},
    {6, 3, 8, "IPv4 plus opt. TLVs", error_print},
    {6, 4, 20, "IPv6 plus opt. TLVs", error_print},
    {8, 1, 4, "1", style_print},
    {9, 1, 0, "obsolete", NULL},
    {9, 2, 4, "IntServ", rsvp_intserv_print},
    {10, 1, 8, "IPv4", filter_print},
    {10, 2, 20, "IPv6", filter_print},
    {10, 3, 20, "IPv6 Flow-label", filter_print},
    {10, 7, 8, "Tunnel IPv4", filter_print},
    {10, 8, 20, "Unknown", filter_print},
    {10, 12, 16, "IPv4 P2MP LSP Tunnel", filter_print},
    {10, 13, 40, "IPv6 P2MP LSP Tunnel", filter_print},
    {11, 1, 8, "IPv4", template_print},
    {11, 2, 20, "IPv6", template_print},
    {11, 7, 8, "Tunnel IPv4", template_print},
    {11, 12, 16, "IPv4 P2MP LSP Tunnel", template_print},
    {11, 13, 40, "IPv6 P2MP LSP Tunnel", template_print},
    {12, 2, 4, "IntServ", rsvp_intserv_print},
    {13, 2, 4, "IntServ", rsvp_intserv_print},
    {15, 1, 4, "IPv4", confirm_print},
    {15, 2, 16, "IPv6", confirm_print},
    {16, 1, 0, "Label", rsvp_label_print},
    {16, 2, 4, "Generalized Label", rsvp_label_print},
    {16, 3, 12, "Waveband Switching", rsvp_label_print},
    {19, 1, 0, "without label range", rsvp_label_request_print},
    {19, 2, 12, "with ATM label range", rsvp_label_request_print},
    {19, 3, 12, "with FR label range", rsvp_label_request_print},
    {19, 4, 4, "Generalized Label", rsvp_label_request_print},
    {20, 1, 0, "IPv4", rsvp_route_print},
    {21, 1, 0, "IPv4", rsvp_route_print},
    {22, 1, 8, "Hello Request", hello_print},
    {22, 2, 8, "Hello Ack", hello_print},
    {23, 1, 4, "1", message_id_print},
    {23, 2, 4, "Unknown", message_id_print},
    {24, 1, 4, "Message id ack", message_id_print},
    {24, 2, 4, "Message id nack", message_id_print},
    {25, 1, 4, "1", message_id_print},
    {25, 2, 4, "Unknown", message_id_print},
    {34, 1, 0, "Label", rsvp_label_print},
    {34, 2, 4, "Generalized Label", rsvp_label_print},
    {34, 3, 12, "Waveband Switching", rsvp_label_print},
    {35, 1, 0, "Label", rsvp_label_print},
    {35, 2, 4, "Generalized Label", rsvp_label_print},
    {35, 3, 12, "Waveband Switching", rsvp_label_print},
    {36, 1, 4, "1", rsvp_label_set_print},
    {50, 1, 4, "IPv4 sub-LSP", branch_print},
    {50, 2, 16, "IPv6 sub-LSP", branch_print},
    {63, 7, 0, "Tunnel IPv4", detour_print},
    {66, 1, 4, "1", class_type_print},
    {125, 1, 4, "1", class_type_print},
    {129, 1, 0, "Label", rsvp_label_print},
    {129, 2, 4, "Generalized Label", rsvp_label_print},
    {129, 3, 12, "Waveband Switching", rsvp_label_print},
    {131, 1, 8, "IPv4", restart_print},
    {134, 1, 4, "1", capability_print},
    {195, 1, 4, "IPv4", notify_print},
    {195, 2, 16, "IPv6", notify_print},
    {196, 1, 4, "1", status_print},
    {204, 1, 4, "1", properties_print},
    {205, 1, 20, "1", reroute_print},
    {205, 7, 16, "Tunnel IPv4", reroute_print},
    {207, 7, 4, "Tunnel IPv4", attribute_print},
    {229, 1, 4, "1", rsvp_uni_print},
};

static const struct object_form *object_find(uint8_t class, uint8_t type)
{
        static const struct object_form unknown = {0, 0, 0, "Unknown", NULL};

        for (size_t i = 0; i < sizeof objects / sizeof *objects; i++)
                if (objects[i].class == class && objects[i].type == type)
                        return &objects[i];
        return &unknown;
}

const char *rsvp_class_name(uint8_t class)
{
        return name_or(classes, class, "Unknown");
}

const char *rsvp_type_name(uint8_t class, uint8_t type)
{
        return object_find(class, type)->name;
}

enum rsvp_result rsvp_object_print(struct printer *printer, struct packet value, uint8_t class,
                                   uint8_t type, const char *indent)
{
        const struct object_form *form = object_find(class, type);

        if (value.length < form->least)
                return rsvp_fault(printer, indent, "object is too short");
        return form->print ? form->print(printer, value, type, indent) : RSVP_UNKNOWN;
}

/* DHCP, RFC 2131, and BOOTP, RFC 951; with -v the options of RFC 2132 and its successors. */
#include "print/printer/printer.h"

#include "base/array.h"

enum {
        REQUEST = 1,
        REPLY = 2,
        ETHERNET = 1,
        FIXED = 236,
        CLIENT_STATION = 28,
        SERVER_NAME = 44,
        SERVER_NAME_SIZE = 64,
        FILE_NAME = 108,
        FILE_NAME_SIZE = 128,
        COOKIE = 0x63825363,
        COOKIE_CMU = 0x434d5500,
        PAD = 0,
        END = 255,
};

/* How the value of an option is shown. */
enum shape {
        UNKNOWN,
        BYTES,
        TEXT,
        ADDRESSES,
        PAIRS,
        NUMBERS16,
        NUMBERS32,
        SIGNED32,
        BOOLEANS,
        MESSAGE,
        PARAMETERS,
        CLIENT,
        NODE,
        OVERLOAD,
        USER_CLASS,
        FQDN,
        AGENT,
        ROUTES,
};

static const struct {
        const char *name;
        enum shape shape;
} options[256] = {
    [PAD] = {"PAD", BYTES},
    [1] = {"Subnet-Mask", ADDRESSES},
    [2] = {"Time-Zone", SIGNED32},
    [3] = {"Default-Gateway", ADDRESSES},
    [4] = {"Time-Server", ADDRESSES},
    [5] = {"IEN-Name-Server", ADDRESSES},
    [6] = {"Domain-Name-Server", ADDRESSES},
    [7] = {"LOG", ADDRESSES},
    [8] = {"CS", ADDRESSES},
    [9] = {"LPR-Server", ADDRESSES},
    [10] = {"IM", ADDRESSES},
    [11] = {"RL", ADDRESSES},
    [12] = {"Hostname", TEXT},
    [13] = {"BS", NUMBERS16},
    [14] = {"DP", TEXT},
    [15] = {"Domain-Name", TEXT},
    [16] = {"SS", ADDRESSES},
    [17] = {"RP", TEXT},
    [18] = {"EP", TEXT},
    [19] = {"IPF", BOOLEANS},
    [20] = {"SRT", BOOLEANS},
    [21] = {"PF", PAIRS},
    [22] = {"RSZ", NUMBERS16},
    [23] = {"TTL", BYTES},
    [24] = {"MTU-Timeout", NUMBERS32},
    [25] = {"MTU-Table", NUMBERS16},
    [26] = {"MTU", NUMBERS16},
    [27] = {"LSN", BOOLEANS},
    [28] = {"BR", ADDRESSES},
    [29] = {"MD", BOOLEANS},
    [30] = {"MS", BOOLEANS},
    [31] = {"Router-Discovery", BOOLEANS},
    [32] = {"RSA", ADDRESSES},
    [33] = {"Static-Route", PAIRS},
    [34] = {"UT", BOOLEANS},
    [35] = {"AT", NUMBERS32},
    [36] = {"IE", BOOLEANS},
    [37] = {"TT", BYTES},
    [38] = {"KI", NUMBERS32},
    [39] = {"KG", BOOLEANS},
    [40] = {"YD", TEXT},
    [41] = {"YS", ADDRESSES},
    [42] = {"NTP", ADDRESSES},
    [43] = {"Vendor-Option", BYTES},
    [44] = {"Netbios-Name-Server", ADDRESSES},
    [45] = {"WDD", ADDRESSES},
    [46] = {"Netbios-Node", NODE},
    [47] = {"Netbios-Scope", TEXT},
    [48] = {"XFS", ADDRESSES},
    [49] = {"XDM", ADDRESSES},
    [50] = {"Requested-IP", ADDRESSES},
    [51] = {"Lease-Time", NUMBERS32},
    [52] = {"OO", OVERLOAD},
    [53] = {"DHCP-Message", MESSAGE},
    [54] = {"Server-ID", ADDRESSES},
    [55] = {"Parameter-Request", PARAMETERS},
    [56] = {"MSG", TEXT},
    [57] = {"MSZ", NUMBERS16},
    [58] = {"RN", NUMBERS32},
    [59] = {"RB", NUMBERS32},
    [60] = {"Vendor-Class", TEXT},
    [61] = {"Client-ID", CLIENT},
    [64] = {"N+D", NUMBERS16},
    [65] = {"N+S", ADDRESSES},
    [66] = {"TFTP", TEXT},
    [67] = {"BF", TEXT},
    [68] = {"MH", ADDRESSES},
    [69] = {"SMTP", ADDRESSES},
    [70] = {"POP3", ADDRESSES},
    [71] = {"NNTP", ADDRESSES},
    [72] = {"WWW", ADDRESSES},
    [73] = {"FG", ADDRESSES},
    [74] = {"IRC", ADDRESSES},
    [75] = {"STS", ADDRESSES},
    [76] = {"STDA", ADDRESSES},
    [77] = {"User-Class", USER_CLASS},
    [78] = {"SLP-DA", BYTES},
    [79] = {"SLP-SCOPE", BYTES},
    [80] = {"SLP-NA", TEXT},
    [81] = {"FQDN", FQDN},
    [82] = {"Agent-Information", AGENT},
    [83] = {"ARMT", BYTES},
    [88] = {"TZSTR", TEXT},
    [89] = {"FQDNS", BYTES},
    [90] = {"AUTH", BYTES},
    [91] = {"Last-Transaction-Time", SIGNED32},
    [92] = {"Associated-IP", ADDRESSES},
    [93] = {"ARCH", NUMBERS16},
    [94] = {"NDI", BYTES},
    [95] = {"LDAP", TEXT},
    [97] = {"GUID", BYTES},
    [98] = {"UAP", TEXT},
    [100] = {"POSIX-TZ", TEXT},
    [101] = {"TZ-Name", TEXT},
    [112] = {"NI", ADDRESSES},
    [113] = {"NITAG", TEXT},
    [114] = {"URL", TEXT},
    [116] = {"NOAUTO", BOOLEANS},
    [117] = {"NSSEARCH", NUMBERS16},
    [118] = {"SUBNET", ADDRESSES},
    [121] = {"Classless-Static-Route", ROUTES},
    [150] = {"TFTP-Server-Address", ADDRESSES},
    [161] = {"MUD-URL", TEXT},
    [249] = {"Classless-Static-Route-Microsoft", ROUTES},
    [END] = {"END", BYTES},
};

static const char *option_name(uint8_t number)
{
        return options[number].name ? options[number].name : "Unknown";
}

static void put_quoted(struct printer *printer, struct packet packet, uint32_t offset, uint32_t end)
{
        put_char(printer, '"');
        characters_print(printer, packet, offset, end - offset);
        put_char(printer, '"');
}

/* Addresses, or pairs of them. Like most of the following, returns how much of the value it showed.
 */
static uint32_t addresses_print(struct printer *printer, struct packet value, bool pairs)
{
        uint32_t size = pairs ? 8 : 4;
        uint32_t at;

        for (at = 0; at + size <= value.length; at += size) {
                put(printer, at == 0 ? pairs ? "(" : "" : pairs ? ",(" : ",");
                put_ipv4_at(printer, value, at);
                if (!pairs)
                        continue;
                put_char(printer, ':');
                put_ipv4_at(printer, value, at + 4);
                put_char(printer, ')');
        }
        return at;
}

static uint32_t numbers_print(struct printer *printer, struct packet value, enum shape shape)
{
        uint32_t size, at;

        if (shape == UNKNOWN) /* guess by the length */
                shape = value.length & 1 ? BYTES : value.length & 2 ? NUMBERS16 : NUMBERS32;
        size = shape == BOOLEANS || shape == BYTES ? 1 : shape == NUMBERS16 ? 2 : 4;
        for (at = 0; at + size <= value.length; at += size) {
                if (at > 0)
                        put_char(printer, shape == BYTES ? '.' : ',');
                switch (shape) {
                case BOOLEANS: {
                        uint8_t truth = get8(printer, value, at);

                        if (truth > 1)
                                putf(printer, "%u?", truth);
                        else
                                put_char(printer, truth ? 'Y' : 'N');
                        break;
                }
                case NUMBERS16: put_decimal(printer, get16(printer, value, at)); break;
                case NUMBERS32: put_decimal(printer, get32(printer, value, at)); break;
                case SIGNED32: putf(printer, "%d", (int)get32(printer, value, at)); break;
                default: put_decimal(printer, get8(printer, value, at));
                }
        }
        return at;
}

/* One byte with a name. */
static uint32_t choice_print(struct printer *printer, struct packet value, const struct name *names,
                             const char *unknown)
{
        put_name(printer, names, unknown, get8(printer, value, 0));
        return 1;
}

static uint32_t message_print(struct printer *printer, struct packet value)
{
        enum { DECLINE = 4, NACK = 6 };
        static const struct name messages[] = {
            {1, "Discover"},
            {2, "Offer"},
            {3, "Request"},
            {DECLINE, "Decline"},
            {5, "ACK"},
            {NACK, "NACK"},
            {7, "Release"},
            {8, "Inform"},
            /* RFC 4388 */
            {10, "LeaseQuery"},
            {11, "LeaseUnassigned"},
            {12, "LeaseUnknown"},
            {13, "LeaseActive"},
            {0, NULL},
        };

        if (value.length == 1) {
                uint8_t message = get8(printer, value, 0);

                put_name_as(printer,
                            message == DECLINE || message == NACK ? ROLE_REFUSAL : ROLE_PROTOCOL,
                            messages, "Unknown (%u)", message);
                return 1;
        }
        return numbers_print(printer, value, BYTES);
}

static void parameters_print(struct printer *printer, struct packet value)
{
        enum { A_LINE = 4 };

        for (uint32_t i = 0; i < value.length; i++) {
                uint8_t number = get8(printer, value, i);

                put(printer, i % A_LINE == 0 ? "\n\t      " : ", ");
                putf(printer, "%s (%u)", option_name(number), number);
        }
}

static void client_print(struct printer *printer, struct packet value)
{
        static const struct name hardware[] = {
            {ETHERNET, "ether"}, {6, "ieee802"},   {7, "arcnet"}, {15, "frelay"},
            {23, "strip"},       {24, "ieee1394"}, {0, NULL},
        };
        uint8_t type = get8(printer, value, 0);

        if (type == 0) {
                put_quoted(printer, value, 1, value.length);
                return;
        }
        put_name(printer, hardware, "hardware-type %u,", type);
        put_char(printer, ' ');
        if (value.length > 1)
                put_link_address(printer, value, 1, value.length - 1);
}

static void user_class_print(struct printer *printer, struct packet value)
{
        uint32_t at = 0;

        for (unsigned instance = 1; at < value.length; instance++) {
                uint32_t size = get8(printer, value, at++);

                putf(printer, "\n\t      instance#%u: ", instance);
                if (size == 0) {
                        put_damage(printer, "[ERROR: suboption length must be non-zero]");
                        return;
                }
                if (value.length - at < size) {
                        put_damage(printer, "[ERROR: invalid option]");
                        return;
                }
                put_quoted(printer, value, at, at + size);
                putf(printer, ", length %u", size);
                at += size;
        }
}

static void fqdn_print(struct printer *printer, struct packet value)
{
        static const struct name flag_names[] = {{1, "S"}, {2, "O"}, {4, "E"}, {8, "N"}, {0, NULL}};
        uint8_t flags = get8(printer, value, 0);

        if (flags & 0xf0)
                put_damage(printer, "[ERROR: MBZ nibble 0x%x != 0] ", flags >> 4);
        flags &= 15;
        if (flags) {
                put_char(printer, '[');
                put_flags(printer, flag_names, "", flags);
                put(printer, "] ");
        }
        if (get8(printer, value, 1) || get8(printer, value, 2))
                putf(printer, "%u/%u ", get8(printer, value, 1), get8(printer, value, 2));
        put_quoted(printer, value, 3, value.length);
}

/* Returns what is left. */
static uint32_t agent_print(struct printer *printer, struct packet value)
{
        static const struct name names[] = {
            {1, "Circuit-ID"}, {2, "Remote-ID"}, {6, "Subscriber-ID"}, {0, NULL}};

        while (value.length >= 2) {
                uint8_t type = get8(printer, value, 0);
                uint32_t size = get8(printer, value, 1);

                value = packet_from(value, 2);
                put(printer, "\n\t      ");
                put_name(printer, names, "Unknown", type);
                putf(printer, " SubOption %u, length %u: ", type, size);
                if (size > value.length) {
                        put_damage(printer, "length goes past end of option");
                        return 0;
                }
                if (!name_find(names, type))
                        dump_hex(printer, "\n\t\t", value, size);
                else
                        characters_print(printer, value, 0, size);
                value = packet_from(value, size);
        }
        return value.length;
}

/* RFC 3442: of each route's destination only the significant bytes are present. */
static void routes_print(struct printer *printer, struct packet value)
{
        for (uint32_t at = 0; at < value.length;) {
                uint8_t bits = get8(printer, value, at++);
                uint8_t destination[4] = {0};
                uint32_t size = (bits + 7u) / 8;

                if (at > 1)
                        put_char(printer, ',');
                if (bits > 32) {
                        put_damage(printer, "[ERROR: Mask width (%u) > 32]", bits);
                        return;
                }
                if (value.length - at < size + 4) {
                        put_damage(printer, "[ERROR: Remaining length (%u) < %u bytes]",
                                   value.length - at, size + 4);
                        return;
                }
                for (uint32_t i = 0; i < size; i++)
                        destination[i] = get8(printer, value, at + i);
                put_char(printer, '(');
                if (bits == 0) {
                        put(printer, "default");
                } else {
                        put_ipv4_numeric(printer, destination);
                        putf(printer, "/%u", bits);
                }
                put_char(printer, ':');
                put_ipv4_at(printer, value, at + size);
                put_char(printer, ')');
                at += size + 4;
        }
}

/* Returns how much of the value it showed. */
static uint32_t value_print(struct printer *printer, struct packet value, enum shape shape)
{
        static const struct name nodes[] = {
            {1, "b-node"}, {2, "p-node"}, {4, "m-node"}, {8, "h-node"}, {0, NULL}};
        static const struct name overloads[] = {
            {1, "file"}, {2, "sname"}, {3, "file+sname"}, {0, NULL}};
        /* The minimum lengths. */
        static const uint8_t sizes[ROUTES + 1] = {
            [CLIENT] = 1, [NODE] = 1, [OVERLOAD] = 1, [USER_CLASS] = 2, [FQDN] = 3, [ROUTES] = 5};

        if (value.length < sizes[shape]) {
                put_damage(printer, "[ERROR: length < %u bytes]", sizes[shape]);
                return value.length;
        }
        switch (shape) {
        case TEXT: put_quoted(printer, value, 0, value.length); break;
        case ADDRESSES: return addresses_print(printer, value, false);
        case PAIRS: return addresses_print(printer, value, true);
        case MESSAGE: return message_print(printer, value);
        case PARAMETERS: parameters_print(printer, value); break;
        case CLIENT: client_print(printer, value); break;
        case NODE: return choice_print(printer, value, nodes, "#%u");
        case OVERLOAD: return choice_print(printer, value, overloads, "#%u");
        case USER_CLASS: user_class_print(printer, value); break;
        case FQDN: fqdn_print(printer, value); break;
        case AGENT: return value.length - agent_print(printer, value);
        case ROUTES: routes_print(printer, value); break;
        default: return numbers_print(printer, value, shape);
        }
        return value.length;
}

static void options_print(struct printer *printer, struct packet packet)
{
        putf(printer, "\n\t  Vendor-rfc1048 Extensions\n\t    Magic Cookie 0x%08x", COOKIE);
        packet = packet_from(packet, 4);
        while (packet.captured > 0) {
                uint8_t number = get8(printer, packet, 0);
                struct packet value;
                uint32_t size, left, count = 0;

                if (number == PAD) {
                        while (has(packet, count, 1) && packet.data[count] == PAD)
                                count++;
                        if (printer->options.verbose > 2)
                                put(printer, "\n\t    PAD (0), length 0");
                        if (printer->options.verbose > 2 && count > 1)
                                put_labelled(printer, ", occurs ", count);
                        packet = packet_from(packet, count);
                        continue;
                }
                if (number == END) {
                        if (printer->options.verbose < 3)
                                return;
                        put(printer, "\n\t    END (255), length 0");
                        packet = packet_from(packet, 1);
                        continue;
                }
                size = get8(printer, packet, 1);
                value = packet_from(packet, 2);
                putf(printer, "\n\t    %s (%u), length %u%s", option_name(number), number, size,
                     size > 0 ? ": " : "");
                need(printer, value, 0, size);
                value = packet_cut(value, size);
                left = size - value_print(printer, value, options[number].shape);
                if (left > 0)
                        put_damage(printer, "\n\t  trailing data length %u", left);
                packet = packet_from(packet, 2 + size);
        }
}

/* The vendor area of Carnegie Mellon's BOOTP: addresses behind the cookie and flags. A subnet mask
 * that the flags do not vouch for has a star. */
static void cmu_print(struct printer *printer, struct packet packet)
{
        enum { FLAGS = 4, MASK = 8, MASK_IS_KNOWN = 1 };
        static const struct {
                uint8_t offset;
                const char *label;
        } fields[] = {{12, " DG:"},   {MASK, " SM:"}, {16, " NS1:"}, {20, " NS2:"},
                      {24, " IEN1:"}, {28, " IEN2:"}, {32, " TS1:"}, {36, " TS2:"}};

        uint8_t flags;

        put(printer, " vend-cmu");
        need(printer, packet, FLAGS, 4);
        flags = get8(printer, packet, FLAGS);
        if (flags & ~MASK_IS_KNOWN)
                putf(printer, " F:0x%x", flags);
        for (size_t i = 0; i < array_count(fields); i++) {
                const char *label;

                need(printer, packet, fields[i].offset, 4);
                label = fields[i].label;
                if (fields[i].offset == MASK && !(flags & MASK_IS_KNOWN))
                        label = " SM*:";
                put_ipv4_unless_zero(printer, label, packet, fields[i].offset);
        }
}

/* A field of text; empty ones are not shown. */
static void put_text_line(struct printer *printer, struct packet packet, const char *name,
                          uint32_t offset, uint32_t size)
{
        uint32_t end = offset;

        if (get8(printer, packet, offset) == 0)
                return;
        putf(printer, "\n\t  %s \"", name);
        while (end < offset + size && has(packet, end, 1) && packet.data[end] != 0)
                put_visible(printer, packet.data[end++]);
        put_char(printer, '"');
        /* Without a terminating zero the field counts as truncated. */
        if (end == offset + size || !has(packet, end, 1))
                printer_abandon_softly(printer);
}

static void put_station(struct printer *printer, struct packet packet, const char *label)
{
        const uint8_t *address = bytes_at(printer, packet, CLIENT_STATION, 6);

        put(printer, label);
        put_ethernet(printer, address);
}

static void details_print(struct printer *printer, struct packet packet, uint8_t hardware,
                          uint8_t size)
{
        static const struct name flag_names[] = {{0x8000, "Broadcast"}, {0, NULL}};
        uint16_t flags;

        if (hardware != ETHERNET)
                putf(printer, ", htype %u", hardware);
        if (hardware != ETHERNET || size != 6)
                putf(printer, ", hlen %u", size);
        if (get8(printer, packet, 3))
                putf(printer, ", hops %u", get8(printer, packet, 3));
        if (get32(printer, packet, 4))
                putf(printer, ", xid 0x%x", get32(printer, packet, 4));
        if (get16(printer, packet, 8))
                putf(printer, ", secs %u", get16(printer, packet, 8));
        flags = get16(printer, packet, 10);
        put_flag_list(printer, ", Flags [", flag_names, flags);
        if (printer->options.verbose > 1)
                putf(printer, " (0x%04x)", flags);
        put_ipv4_unless_zero(printer, "\n\t  Client-IP ", packet, 12);
        put_ipv4_unless_zero(printer, "\n\t  Your-IP ", packet, 16);
        put_ipv4_unless_zero(printer, "\n\t  Server-IP ", packet, 20);
        put_ipv4_unless_zero(printer, "\n\t  Gateway-IP ", packet, 24);
        if (hardware == ETHERNET && size == 6)
                put_station(printer, packet, "\n\t  Client-Ethernet-Address ");
        put_text_line(printer, packet, "sname", SERVER_NAME, SERVER_NAME_SIZE);
        put_text_line(printer, packet, "file", FILE_NAME, FILE_NAME_SIZE);
}

void dhcp_print(struct printer *printer, struct packet packet)
{
        static const struct name operations[] = {{REQUEST, "Request"}, {REPLY, "Reply"}, {0, NULL}};
        uint8_t operation, hardware, size;

        printer->protocol = "bootp";
        operation = get8(printer, packet, 0);
        put_as(printer, ROLE_PROTOCOL, "BOOTP/DHCP, ");
        put_name(printer, operations, "unknown (0x%02x)", operation);
        hardware = get8(printer, packet, 1);
        size = get8(printer, packet, 2);
        if (operation == REQUEST && hardware == ETHERNET && size == 6)
                put_station(printer, packet, " from ");
        put_number_as(printer, ROLE_LENGTH, ", length ", packet.length);
        if (!printer->options.verbose)
                return;
        need(printer, packet, 8, 2);
        details_print(printer, packet, hardware, size);
        packet = packet_from(packet, FIXED);
        need(printer, packet, 0, 4);
        if (get32(printer, packet, 0) == COOKIE)
                options_print(printer, packet);
        else if (get32(printer, packet, 0) == COOKIE_CMU)
                cmu_print(printer, packet);
        else if (get32(printer, packet, 0) != 0)
                putf(printer, "\n\t  Vendor-#0x%x", get32(printer, packet, 0));
}

/* DNS, RFC 1035, over UDP and TCP; multicast DNS, RFC 6762; EDNS, RFC 6891. */
#include "application.h"

#include "base/array.h"

enum {
        HEADER = 12,
        /* Bits of the header's second word. */
        RESPONSE = 0x8000,
        AUTHORITATIVE = 0x0400,
        TRUNCATED = 0x0200,
        RECURSION_DESIRED = 0x0100,
        RECURSION_AVAILABLE = 0x0080,
        AUTHENTIC = 0x0020,
        CHECKING_DISABLED = 0x0010,
        OPCODE_INVERSE = 1,
        CLASS_IN = 1,
        CLASS_TOP_BIT = 0x8000, /* mDNS: unicast wanted, or cache flush */
        TYPE_OPT = 41
};

static const char *const opcodes[16] = {
    "",     " inv_q",   " stat",    " op3",      " notify",  " update",   " op6",      " op7",
    " op8", " updateA", " updateD", " updateDA", " updateM", " updateMA", " zoneInit", " zoneRef"};

/* Two of these lack their space in tcpdump, and so here. */
static const struct name results[] = {
    {0, ""},          {1, " FormErr"}, {2, " ServFail"}, {3, " NXDomain"},
    {4, " NotImp"},   {5, " Refused"}, {6, " YXDomain"}, {7, " YXRRSet"},
    {8, " NXRRSet"},  {9, " NotAuth"}, {10, " NotZone"}, {15, " NoChange"},
    {16, " BadVers"}, {17, "Resp17"},  {21, "Resp21"},   {23, " BadCookie"},
    {0, NULL}};

const struct name dns_class_names[] = {{1, "IN"}, {3, "CHAOS"}, {4, "HS"}, {255, "ANY"}, {0, NULL}};

static const struct name type_names[] = {
    {1, "A"},      {2, "NS"},      {3, "MD"},        {4, "MF"},        {5, "CNAME"},
    {6, "SOA"},    {7, "MB"},      {8, "MG"},        {9, "MR"},        {10, "NULL"},
    {11, "WKS"},   {12, "PTR"},    {13, "HINFO"},    {14, "MINFO"},    {15, "MX"},
    {16, "TXT"},   {17, "RP"},     {18, "AFSDB"},    {19, "X25"},      {20, "ISDN"},
    {21, "RT"},    {22, "NSAP"},   {23, "NSAP_PTR"}, {24, "SIG"},      {25, "KEY"},
    {26, "PX"},    {27, "GPOS"},   {28, "AAAA"},     {29, "LOC"},      {30, "NXT"},
    {31, "EID"},   {32, "NIMLOC"}, {33, "SRV"},      {34, "ATMA"},     {35, "NAPTR"},
    {36, "KX"},    {37, "CERT"},   {38, "A6"},       {39, "DNAME"},    {40, "SINK"},
    {41, "OPT"},   {42, "APL"},    {43, "DS"},       {44, "SSHFP"},    {45, "IPSECKEY"},
    {46, "RRSIG"}, {47, "NSEC"},   {48, "DNSKEY"},   {99, "SPF"},      {100, "UINFO"},
    {101, "UID"},  {102, "GID"},   {103, "UNSPEC"},  {104, "UNSPECA"}, {249, "TKEY"},
    {250, "TSIG"}, {251, "IXFR"},  {252, "AXFR"},    {253, "MAILB"},   {254, "MAILA"},
    {255, "ANY"},  {256, "URI"},   {0, NULL}};

/* Prints the name at `at`, and returns where it ends. A malformed one ends the packet. */
static uint32_t name_print(struct printer *printer, struct packet message, uint32_t at)
{
        at = domain_name_print(printer, message, at);
        if (at == 0)
                printer_abandon_softly(printer);
        return at;
}

/* The same without printing it. */
static uint32_t name_skip(struct printer *printer, struct packet message, uint32_t at)
{
        at = domain_name_skip(message, at);
        if (at == 0)
                printer_abandon_softly(printer);
        return at;
}

/* A counted string. Returns where it ends. */
static uint32_t string_print(struct printer *printer, struct packet message, uint32_t at)
{
        uint32_t size = get8(printer, message, at++);

        if (!characters_print(printer, message, at, size))
                printer_abandon_softly(printer);
        return at + size;
}

void dns_type_print(struct printer *printer, uint16_t type)
{
        put_char(printer, ' ');
        put_name_as(printer, ROLE_PROTOCOL, type_names, "Type%u", type);
}

static void put_class(struct printer *printer, uint16_t class, bool multicast)
{
        if (multicast)
                class &= CLASS_TOP_BIT - 1;
        if (class == CLASS_IN)
                return;
        put_char(printer, ' ');
        put_name(printer, dns_class_names, "(Class %u)", class);
}

/* ---- Records ---- */

/* The data of one record: from `at` to `end` of the message. */
struct record {
        struct packet message;
        uint32_t at, end;
        uint16_t type, class;
        uint16_t flags; /* lower half of the time to live, which OPT uses for them */
};

static void name_record_print(struct printer *printer, const struct record *record)
{
        put_char(printer, ' ');
        name_print(printer, record->message, record->at);
}

static void address_print(struct printer *printer, const struct record *record)
{
        need(printer, record->message, record->at, 4);
        put_char(printer, ' ');
        put_ipv4_numeric_at(printer, record->message, record->at);
}

static void address6_print(struct printer *printer, const struct record *record)
{
        need(printer, record->message, record->at, 16);
        put_char(printer, ' ');
        put_ipv6_numeric_at(printer, record->message, record->at);
}

static void soa_print(struct printer *printer, const struct record *record)
{
        uint32_t at = record->at;

        if (!printer->options.verbose)
                return;
        for (int names = 0; names < 2; names++) {
                put_char(printer, ' ');
                at = name_print(printer, record->message, at);
        }
        need(printer, record->message, at, 20);
        for (int i = 0; i < 5; i++, at += 4)
                putf(printer, " %u", get32(printer, record->message, at));
}

static void mx_print(struct printer *printer, const struct record *record)
{
        put_char(printer, ' ');
        need(printer, record->message, record->at, 2);
        name_print(printer, record->message, record->at + 2);
        putf(printer, " %u", get16(printer, record->message, record->at));
}

static void text_record_print(struct printer *printer, const struct record *record)
{
        for (uint32_t at = record->at; at < record->end;) {
                put(printer, " \"");
                at = string_print(printer, record->message, at);
                put_char(printer, '"');
        }
}

/* As it stands, with nothing in front of it. */
static void raw_print(struct printer *printer, const struct record *record)
{
        if (!characters_print(printer, record->message, record->at, record->end - record->at))
                printer_abandon_softly(printer);
}

static void srv_print(struct printer *printer, const struct record *record)
{
        struct packet message = record->message;

        put_char(printer, ' ');
        need(printer, message, record->at, 6);
        name_print(printer, message, record->at + 6);
        put_char(printer, ':');
        putf_as(printer, ROLE_PORT, "%u", get16(printer, message, record->at + 4));
        putf(printer, " %u %u", get16(printer, message, record->at),
             get16(printer, message, record->at + 2));
}

static void uri_print(struct printer *printer, const struct record *record)
{
        struct packet message = record->message;

        putf(printer, " %u %u ", get16(printer, message, record->at),
             get16(printer, message, record->at + 2));
        /* The target; of a record too short for one, all that follows, as tcpdump has it. */
        if (!characters_print(printer, message, record->at + 4, record->end - record->at - 4))
                printer_abandon_softly(printer);
}

/* RFC 2874: a prefix length, the rest of an address, the name of the prefix. */
static void a6_print(struct printer *printer, const struct record *record)
{
        uint8_t address[16] = {0};
        uint32_t prefix = get8(printer, record->message, record->at);
        uint32_t at = record->at + 1;
        uint32_t missing = prefix / 8;

        if (prefix > 128) {
                put_damage(printer, " %u(bad plen)", prefix);
                return;
        }
        if (prefix < 128) {
                need(printer, record->message, at, 16 - missing);
                for (uint32_t i = missing; i < 16; i++)
                        address[i] = get8(printer, record->message, at++);
                putf(printer, " %u ", prefix);
                put_ipv6(printer, address);
        }
        if (prefix > 0) {
                put_char(printer, ' ');
                name_print(printer, record->message, at);
        }
}

static void tsig_print(struct printer *printer, const struct record *record)
{
        struct packet message = record->message;
        uint32_t at, size;

        if (!printer->options.verbose)
                return;
        put_char(printer, ' ');
        at = name_print(printer, message, record->at) + 6; /* the time signed */
        putf(printer, " fudge=%u", get16(printer, message, at));
        size = get16(printer, message, at + 2);
        putf(printer, " maclen=%u", size);
        at += 4 + size;
        putf(printer, " origid=%u error=%u otherlen=%u", get16(printer, message, at),
             get16(printer, message, at + 2), get16(printer, message, at + 4));
}

static void options_record_print(struct printer *printer, const struct record *record)
{
        putf(printer, " UDPsize=%u%s", record->class, record->flags & 0x8000 ? " DO" : "");
        edns_print(printer, record->message, record->at, record->end);
}

static const struct {
        uint16_t type;
        void (*print)(struct printer *printer, const struct record *record);
} record_printers[] = {
    {1, address_print},      {2, name_record_print},  {5, name_record_print},
    {12, name_record_print}, {39, name_record_print}, {6, soa_print},
    {15, mx_print},          {16, text_record_print}, {28, address6_print},
    {33, srv_print},         {38, a6_print},          {256, uri_print},
    {104, raw_print},        {250, tsig_print},       {TYPE_OPT, options_record_print}};

/* "1d2h3s" */
void dns_duration_print(struct printer *printer, uint32_t seconds)
{
        static const struct {
                uint32_t seconds;
                char letter;
        } units[] = {
            {365 * 86400, 'y'}, {7 * 86400, 'w'}, {86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'},
        };

        if (seconds == 0)
                put(printer, "0s");
        for (size_t i = 0; i < array_count(units); i++) {
                if (seconds >= units[i].seconds)
                        putf(printer, "%u%c", seconds / units[i].seconds, units[i].letter);
                seconds %= units[i].seconds;
        }
}

/* Prints a record; returns where the next begins. */
static uint32_t record_print(struct printer *printer, struct packet message, uint32_t at,
                             bool multicast)
{
        struct record record = {.message = message};
        uint32_t lifetime;

        if (printer->options.verbose) {
                put_char(printer, ' ');
                at = name_print(printer, message, at);
        } else {
                at = domain_name_skip(message, at);
        }
        if (at == 0 || !has(message, at, 10))
                return message.captured;
        record.type = get16(printer, message, at);
        record.class = get16(printer, message, at + 2);
        lifetime = get32(printer, message, at + 4);
        record.flags = (uint16_t)lifetime;
        if (record.type != TYPE_OPT)
                put_class(printer, record.class, multicast);
        if (multicast && (record.class & CLASS_TOP_BIT)) {
                put(printer, " (Cache flush)");
                record.class &= (uint16_t)~CLASS_TOP_BIT;
        }
        if (record.type != TYPE_OPT) {
                if (printer->options.verbose > 2) {
                        put(printer, " [");
                        dns_duration_print(printer, lifetime);
                        put_char(printer, ']');
                }
        }
        dns_type_print(printer, record.type);
        record.at = at + 10;
        record.end = record.at + get16(printer, message, at + 8);
        if (record.end > message.captured)
                printer_abandon_softly(printer);
        for (size_t i = 0; i < array_count(record_printers); i++)
                if (record_printers[i].type == record.type)
                        record_printers[i].print(printer, &record);
        return record.end;
}

/* Prints `count` records of a section. Returns where they end; does not return if they do not fit.
 */
static uint32_t section_print(struct printer *printer, struct packet message, uint32_t at,
                              uint16_t count, bool multicast)
{
        for (bool first = true; count > 0; count--, first = false) {
                if (!first && at >= message.captured)
                        printer_abandon_softly(printer);
                if (!first)
                        put_char(printer, ',');
                at = record_print(printer, message, at, multicast);
        }
        return at;
}

/* ---- Questions ---- */

static uint32_t question_print(struct printer *printer, struct packet message, uint32_t at,
                               bool multicast)
{
        uint32_t end = name_skip(printer, message, at);
        uint16_t class;

        need(printer, message, end, 4);
        class = get16(printer, message, end + 2);
        dns_type_print(printer, get16(printer, message, end));
        put_class(printer, class, multicast);
        if (multicast)
                put(printer, class & CLASS_TOP_BIT ? " (QU)" : " (QM)");
        put(printer, "? ");
        name_print(printer, message, at);
        return end + 4;
}

struct header {
        uint16_t id, flags, questions, answers, authorities, additionals;
};

/* The result code; its upper bits are in an OPT record at the end, RFC 6891, 6.1.3. */
static uint16_t result_find(struct printer *printer, struct packet message,
                            const struct header *header)
{
        uint32_t at = HEADER;
        uint32_t skip = header->answers + (uint32_t)header->authorities;
        uint16_t result = header->flags & 15;

        for (uint32_t i = 0; i < header->questions && at < message.captured; i++) {
                at = domain_name_skip(message, at);
                if (at == 0)
                        return result;
                at += 4;
        }
        for (uint32_t i = 0; i < skip + header->additionals && at < message.captured; i++) {
                uint32_t end = domain_name_skip(message, at);

                if (end == 0 || !has(message, end, 5))
                        return result;
                if (i >= skip && get16(printer, message, end) == TYPE_OPT)
                        return (uint16_t)(result | get8(printer, message, end + 4) << 4);
                if (!has(message, end, 10))
                        return result;
                at = end + 10 + get16(printer, message, end + 8);
        }
        return result;
}

/* The sections after the answers. */
static void rest_print(struct printer *printer, struct packet message, uint32_t at,
                       const struct header *header, bool multicast)
{
        const uint16_t counts[] = {header->authorities, header->additionals};

        for (int i = 0; i < 2; i++) {
                if (counts[i] == 0)
                        continue;
                need(printer, message, at, 1);
                put(printer, i == 0 ? " ns:" : " ar:");
                at = section_print(printer, message, at, counts[i], multicast);
        }
}

static void put_count(struct printer *printer, uint16_t count, uint16_t usual, const char *what)
{
        if (count != usual)
                putf(printer, " [%u%s]", count, what);
}

static void response_print(struct printer *printer, struct packet message,
                           const struct header *header, bool multicast)
{
        uint16_t flags = header->flags;
        uint16_t result = result_find(printer, message, header);
        bool all = printer->options.verbose > 1;
        uint32_t at = HEADER;

        put_decimal(printer, header->id);
        put(printer, opcodes[flags >> 11 & 15]);
        put_name_as(printer, ROLE_REFUSAL, results, " Resp%u", result);
        putf_as(printer, ROLE_FLAGS, "%s%s%s%s", flags & AUTHORITATIVE ? "*" : "",
                flags & RECURSION_AVAILABLE ? "" : "-", flags & TRUNCATED ? "|" : "",
                flags & AUTHENTIC ? "$" : "");
        put_count(printer, header->questions, 1, "q");
        for (uint32_t i = 0; i < header->questions; i++) {
                if (i > 0)
                        put_char(printer, ',');
                if (all) {
                        put(printer, " q:");
                        at = question_print(printer, message, at, multicast);
                } else {
                        at = name_skip(printer, message, at) + 4;
                }
        }
        put_labelled(printer, " ", header->answers);
        put_labelled(printer, "/", header->authorities);
        put_labelled(printer, "/", header->additionals);
        at = section_print(printer, message, at, header->answers, multicast);
        if (all)
                rest_print(printer, message, at, header, multicast);
}

static void query_counts_print(struct printer *printer, const struct header *header)
{
        if ((header->flags >> 11 & 15) == OPCODE_INVERSE) {
                put_count(printer, header->questions, 0, "q");
                put_count(printer, header->answers, 1, "a");
        } else {
                put_count(printer, header->answers, 0, "a");
                put_count(printer, header->questions, 1, "q");
        }
        put_count(printer, header->authorities, 0, "n");
        put_count(printer, header->additionals, 0, "au");
}

static void query_print(struct printer *printer, struct packet message, const struct header *header,
                        bool multicast)
{
        uint32_t at = HEADER;

        put_decimal(printer, header->id);
        put(printer, opcodes[header->flags >> 11 & 15]);
        putf_as(printer, ROLE_FLAGS, "%s%s", header->flags & RECURSION_DESIRED ? "+" : "",
                header->flags & CHECKING_DISABLED ? "%" : "");
        if (header->flags & 0x06cf) /* bits without meaning in a query */
                putf(printer, " [b2&3=0x%x]", header->flags);
        query_counts_print(printer, header);
        for (uint32_t i = 0; i < header->questions; i++)
                at = question_print(printer, message, at, multicast);
        if (printer->options.verbose < 2)
                return;
        at = section_print(printer, message, at, header->answers, multicast);
        rest_print(printer, message, at, header, multicast);
}

static void message_print(struct printer *printer, struct packet message, bool multicast)
{
        struct header header;

        printer->protocol = "domain";
        if (message.length < HEADER) {
                put_damage(printer, "domain [length %u < %u]", message.length, HEADER);
                put_invalid(printer);
                return;
        }
        need(printer, message, 0, HEADER);
        header.id = get16(printer, message, 0);
        header.flags = get16(printer, message, 2);
        header.questions = get16(printer, message, 4);
        header.answers = get16(printer, message, 6);
        header.authorities = get16(printer, message, 8);
        header.additionals = get16(printer, message, 10);
        if (header.flags & RESPONSE)
                response_print(printer, message, &header, multicast);
        else
                query_print(printer, message, &header, multicast);
        put_number_as(printer, ROLE_LENGTH, " (", message.length);
        put_char(printer, ')');
}

void dns_print(struct printer *printer, struct packet packet)
{
        message_print(printer, packet, false);
}

void mdns_print(struct printer *printer, struct packet packet)
{
        message_print(printer, packet, true);
}

/* Over TCP two bytes of length come first. Only a message that is a segment of its own is printed.
 */
void dns_tcp_print(struct printer *printer, struct packet packet)
{
        uint16_t length;

        printer->protocol = "domain";
        if (packet.length < 2) {
                put_damage(printer, " [DNS over TCP: length %u < 2]", packet.length);
                put_invalid(printer);
                return;
        }
        length = get16(printer, packet, 0);
        put_char(printer, ' ');
        packet = packet_from(packet, 2);
        if (length != packet.length) {
                put_damage(printer, "[prefix length(%u) != length(%u)]", length, packet.length);
                put_invalid(printer);
                return;
        }
        message_print(printer, packet, false);
}

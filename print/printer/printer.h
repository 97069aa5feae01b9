/* What every protocol's printer stands on: the printer, the only ways to read packet bytes, to
 * write text, and to pass what a header carries to the next protocol's printer.
 *
 * A protocol's printer is void name_print(struct printer *, struct packet): it writes what it finds
 * in the packet, which begins with the protocol's header. `length` is what the enclosing header
 * claims; `captured` is what is there; either may be the smaller one. Reading past the captured
 * bytes does not return: it abandons the packet, and the line ends in "[|proto]" with the name last
 * put into printer->protocol. So no printer needs to check that bytes are there, and none can read
 * bytes that are not.
 *
 * Protocols nest in circles (Ethernet carries IP carries GRE carries Ethernet), so none calls
 * another by name: it asks protocol_print() for the one with a number. The rows are in
 * print/protocols.c.
 *
 * To add a protocol: write its file, and give it rows in print/protocols.c. */
#pragma once

#include "base/arena.h"
#include "base/text.h"
#include "net/protocols.h"
#include "print/print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

struct connections;
struct network;
struct printer;

/* Prints what a protocol's header says, and what it carries. */
typedef void protocol_printer(struct printer *printer, struct packet packet);

/* What a number that stands for a protocol is a number of. */
enum number_space {
        LINK_TYPE,    /* DLT_*; the printer sets printer->link_header */
        ETHERTYPE,    /* what a link header carries */
        TUNNEL,       /* EtherTypes, of what tunnels carry */
        LLC_SAP,      /* service access points of IEEE 802.2 */
        SNAP_CISCO,   /* what follows Cisco's organization number in a SNAP header, */
        SNAP_BRIDGED, /* that of IEEE 802.1, */
        SNAP_APPLE,   /* and Apple's */
        NLPID,        /* network layer protocols of ISO TR 9577; the packet begins with it */
        PPP_PROTOCOL,
        IP_PROTOCOL, /* printer->network is the IP header */
        IGMP_TYPE,   /* of messages that belong to routing; with IGMP's header */
        UDP_PORT,
        TCP_PORT,
        FORCED_TYPE,     /* enum print_type, of what UDP carries, */
        FORCED_TCP_TYPE, /* TCP, */
        FORCED_PGM_TYPE, /* and PGM */
        NUMBER_SPACES
};

/* In the spaces of ports, what is no port. */
enum { NO_OTHER = 0x40000, UDP_KIP, RPC_NFS };

/* In the space of EtherTypes, what is none: AppleTalk by its address family. */
enum { FAMILY_ATALK = 0x10000 };

struct protocol {
        uint32_t number;
        protocol_printer *print; /* NULL at the end of a table */
};

/* A bit for each port. */
struct port_set {
        uint8_t bits[(UINT16_MAX + 1) / 8];
};

/* A protocol that is known by how its messages begin, whatever the ports. */
struct content {
        bool (*fits)(struct packet payload, uint16_t source, uint16_t destination);
        protocol_printer *print; /* NULL at the end of a table */
};

/* The addresses of a link header, as what it carries may want to show them; NULL where it has none.
 */
struct stations {
        const uint8_t *source;
        const uint8_t *destination;
};

/* A byte of an address: "255." */
struct octet {
        char text[4];
        uint8_t length;
};

/* What bytes [start, end) of the text are. */
struct span {
        size_t start, end;
        enum role role;
};

/* Those of the packet being printed, in order, apart from each other. None are noted where there
 * are no colours. */
struct spans {
        struct span *list;
        size_t count, room;
};

/* What LINKTYPE_SLIP needs of earlier packets. */
struct slip {
        uint32_t data[2][256]; /* bytes of the last one, by direction and connection */
        uint8_t connection;    /* of the last one */
};

/* What is remembered from packet to packet: see recall.c. */
enum recall_kind {
        RECALL_IKE,
        RECALL_RPC,
        RECALL_RX,
        RECALL_QUIC,
        RECALL_QUIC_IDS,
        RECALL_KAFKA,
        RECALL_KINDS
};

enum { RECALL_ENTRIES = 64 };

struct recalled {
        bool used;
        uint8_t key[48];
        uint8_t value[40] __attribute__((aligned(8))); /* a structure, where it is read */
};

enum { ASSEMBLIES = 32, ASSEMBLY_KEY = 64 };

/* The beginning of a stream of bytes: see assembly.c. */
struct assembly {
        uint8_t key[ASSEMBLY_KEY];
        uint8_t *bytes, *is_known; /* NULL: not in use */
        uint32_t size, known;      /* how many there may be; the first that are there */
        uint32_t shown;            /* for its user: how many of them have been printed, */
        uint32_t start;            /* and the number of the first */
};

enum { KEPT = 32, KEPT_KEY = 40 };

/* See keep.c. */
struct kept {
        uint8_t key[KEPT_KEY];
        void *state;
};

enum { FIELDS_DEPTH = 24 };

/* The JSON object that is being written: see fields.h. */
struct fields {
        size_t complete; /* the text up to here stays if the packet is abandoned */
        unsigned depth;
        char brackets[FIELDS_DEPTH]; /* those that will close what is open */
        bool raw;                    /* put_visible() writes bytes as they are */
};

struct printer {
        struct print_options options;
        int verbose; /* what options.verbose is at the start of each packet */
        const struct protocol *const *protocols; /* a table for each number space */
        struct port_set tcp_ports, udp_ports;    /* those that its tables have rows of */
        const struct content *tcp_contents, *udp_contents;
        bool dumps; /* a hex dump will follow, so an unknown payload needs none of its own */

        struct text text; /* the output: grown, never shrunk, reused for each packet */
        struct spans spans;

        const struct print_packet *current; /* the packet being printed */

        int link_type;                /* of the last packet, and */
        protocol_printer *link_print; /* its printer; NULL if none */

        jmp_buf abandon;      /* see enum abandon */
        const char *protocol; /* for "[|proto]" */
        size_t withdraw;      /* text from here on goes if the packet is abandoned; or SIZE_MAX */
        uint32_t link_header; /* bytes that -x, -X and -A leave out, this many times, */
        uint32_t link_header_times;
        uint32_t outer_header;                  /* and these in front of them: see ppi.c */
        unsigned tunnels;                       /* frames around the current one */
        unsigned depth;                         /* headers inside headers of the same kind */
        struct timespec now;                    /* of the packet being printed */
        struct stations stations;               /* of the innermost link header, */
        bool stations_are_eui64;                /* of 8 bytes each, not 6 */
        const struct network *network;          /* the innermost IP header around what is printed */
        uint16_t source_port, destination_port; /* of what is in it, and of TCP */
        uint32_t sequence;                      /* the number of its first byte of payload */

        uint64_t packets;
        struct timespec first;    /* as printed; 0 until there is one */
        struct timespec previous; /* the same, of -ttt */
        int64_t day_from; /* seconds since the epoch for which `day` below holds: [from, until) */
        int64_t day_until;
        int64_t day_start;    /* local midnight, in the same count */
        char day[32];         /* "2026-01-31 " */
        int64_t clock_second; /* for which `clock` below holds */
        char clock[8];        /* "23:59:59" */

        bool secrets_expected;              /* by a packet so far */
        struct arena decrypted;             /* of the packet being printed, */
        struct quic_content *quic_contents; /* such as what is in it of QUIC (quic.h), */
        struct tls_segment *tls_segments;   /* and its records of TLS (tls.h) */
        struct quic_crypto *quic_crypto;    /* NULL if QUIC stays encrypted */
        struct fields fields;
        struct connections *connections;
        struct connections *streams; /* NULL where no JSON is written */
        uint32_t stream_counts[2];   /* of TCP and of UDP so far */
        struct recalled recalled[RECALL_KINDS][RECALL_ENTRIES];
        unsigned recall_next[RECALL_KINDS];
        unsigned recall_found[RECALL_KINDS];
        struct assembly assemblies[ASSEMBLIES];
        unsigned assembly_count, assembly_next;
        struct kept kept[KEPT];
        unsigned kept_next;
        struct slip slip;
        uint32_t bridge_padding;  /* in front of the frame that a SNAP header says was bridged */
        struct octet octets[256]; /* filled by octets_make() */
};

/* Values of setjmp(printer->abandon). */
enum abandon {
        ABANDON_SHORT = 1, /* a read past what was captured */
        ABANDON_SOFTLY,    /* a check found bytes missing */
        ABANDON_SILENTLY,  /* the same, and the line just ends */
        ABANDON_ALL,       /* the line stays as it is, without an end: see before_secrets */
        ABANDON_MEMORY,
};

/* Headers nested deeper than this are not followed: packets must not control the depth of our
 * stack. */
#define MAX_DEPTH 32

/* ---- Reading ---- */

void printer_abandon_short(struct printer *printer) __attribute__((noreturn, cold));
void printer_abandon_softly(struct printer *printer) __attribute__((noreturn, cold));
void printer_abandon_silently(struct printer *printer) __attribute__((noreturn, cold));

/* There are two ways to run out of bytes, and a dump (-x, -X, -A) tells them apart, as in tcpdump:
 * where a printer checked before it read, the link header is left out as usual; where a read
 * failed, the dump shows the whole packet. need() is the check; all reads below fail hard. */
static inline void need(struct printer *printer, struct packet packet, uint32_t offset,
                        uint32_t size)
{
        if (offset > packet.captured || packet.captured - offset < size)
                printer_abandon_softly(printer);
}

/* need() for what the enclosing header claims, captured or not. */
static inline void need_length(struct printer *printer, struct packet packet, uint32_t size)
{
        if (packet.length < size)
                printer_abandon_softly(printer);
}

static inline bool has(struct packet packet, uint32_t offset, uint32_t size)
{
        return offset <= packet.captured && packet.captured - offset >= size;
}

/* Fails as a read of these bytes would. */
static inline void need_hard(struct printer *printer, struct packet packet, uint32_t offset,
                             uint32_t size)
{
        if (!has(packet, offset, size))
                printer_abandon_short(printer);
}

/* The bytes at `offset`, all `size` of them. */
static inline const uint8_t *bytes_at(struct printer *printer, struct packet packet,
                                      uint32_t offset, uint32_t size)
{
        need_hard(printer, packet, offset, size);
        return packet.data + offset;
}

static inline uint8_t get8(struct printer *printer, struct packet packet, uint32_t offset)
{
        return *bytes_at(printer, packet, offset, 1);
}

static inline uint16_t get16(struct printer *printer, struct packet packet, uint32_t offset)
{
        const uint8_t *b = bytes_at(printer, packet, offset, 2);

        return (uint16_t)(b[0] << 8 | b[1]);
}

static inline uint32_t get24(struct printer *printer, struct packet packet, uint32_t offset)
{
        const uint8_t *b = bytes_at(printer, packet, offset, 3);

        return (uint32_t)b[0] << 16 | (uint32_t)b[1] << 8 | b[2];
}

static inline uint32_t get32(struct printer *printer, struct packet packet, uint32_t offset)
{
        const uint8_t *b = bytes_at(printer, packet, offset, 4);

        return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static inline uint64_t get64(struct printer *printer, struct packet packet, uint32_t offset)
{
        return (uint64_t)get32(printer, packet, offset) << 32 | get32(printer, packet, offset + 4);
}

static inline uint16_t get16_little(struct printer *printer, struct packet packet, uint32_t offset)
{
        return __builtin_bswap16(get16(printer, packet, offset));
}

static inline uint32_t get32_little(struct printer *printer, struct packet packet, uint32_t offset)
{
        return __builtin_bswap32(get32(printer, packet, offset));
}

/* The packet without its first `count` bytes. */
static inline struct packet packet_from(struct packet packet, uint32_t count)
{
        uint32_t captured = count < packet.captured ? count : packet.captured;
        uint32_t length = count < packet.length ? count : packet.length;

        return (struct packet){packet.data + captured, packet.captured - captured,
                               packet.length - length};
}

/* The packet as a header claims it: `length` bytes long, with nothing captured past that. */
static inline struct packet packet_cut(struct packet packet, uint32_t length)
{
        return (struct packet){packet.data, packet.captured < length ? packet.captured : length,
                               length};
}

/* The packet without what was captured past its length. */
static inline struct packet packet_claimed(struct packet packet)
{
        return packet_cut(packet, packet.length);
}

/* ---- Writing ---- */

/* Makes room for `size` more bytes of text; whoever writes them adds to text.length. Where memory
 * is short, the packet is abandoned. */
char *output_grow(struct printer *printer, size_t size);

static inline char *output_room(struct printer *printer, size_t size)
{
        if (__builtin_expect(printer->text.room - printer->text.length < size, 0))
                return output_grow(printer, size);
        return printer->text.start + printer->text.length;
}

static inline void put_char(struct printer *printer, char c)
{
        *output_room(printer, 1) = c;
        printer->text.length++;
}

/* Inline, as most of what is written is literal: its length is known to the compiler, which then
 * copies it with a move or two. */
static inline void put_bytes(struct printer *printer, const char *text, size_t length)
{
        memcpy(output_room(printer, length), text, length);
        printer->text.length += length;
}

static inline void put(struct printer *printer, const char *text)
{
        put_bytes(printer, text, strlen(text));
}

void octets_make(struct octet octets[256]);

/* Shortens the text. */
void output_take_back(struct printer *printer, size_t length);

/* Fields have colours. One is everything that was written since the text had length `start`; what
 * stands there, and whether it looks like anything, does not matter. */
void span_add(struct printer *printer, enum role role, size_t start);

static inline size_t span_start(const struct printer *printer)
{
        return printer->text.length;
}

static inline void span_end(struct printer *printer, enum role role, size_t start)
{
        if (__builtin_expect(printer->options.colors != NULL, 0))
                span_add(printer, role, start);
}

static inline void put_as(struct printer *printer, enum role role, const char *text)
{
        size_t start = span_start(printer);

        put(printer, text);
        span_end(printer, role, start);
}

/* The end of what was written into output_room(). */
static inline void output_end(struct printer *printer, const char *end)
{
        printer->text.length = (size_t)(end - printer->text.start);
}

static inline void put_decimal(struct printer *printer, uint64_t value)
{
        output_end(printer, number_decimal(output_room(printer, NUMBER_DECIMAL), value));
}

/* " id 7": what putf() would do, quicker. */
static inline void put_labelled(struct printer *printer, const char *label, uint64_t value)
{
        put(printer, label);
        put_decimal(printer, value);
}

static inline void put_number_as(struct printer *printer, enum role role, const char *label,
                                 uint64_t value)
{
        size_t start;

        put(printer, label);
        start = span_start(printer);
        put_decimal(printer, value);
        span_end(printer, role, start);
}

/* The last `digits` digits, zeros in front. */
static inline void put_decimal_padded(struct printer *printer, uint64_t value, unsigned digits)
{
        output_end(printer, number_padded(output_room(printer, digits), value, digits));
}

/* Lower case, at least `digits` digits. */
static inline void put_hex(struct printer *printer, uint64_t value, unsigned digits)
{
        output_end(printer, number_hex(output_room(printer, NUMBER_HEX), value, digits));
}

/* ", cksum 0x0d3f" */
static inline void put_labelled_hex(struct printer *printer, const char *label, uint64_t value,
                                    unsigned digits)
{
        put(printer, label);
        put_hex(printer, value, digits);
}

/* "3900000000.500000000 (2023-08-02T21:20:00Z)": eight bytes of seconds since 1900. */
void put_ntp_time(struct printer *printer, struct packet packet, uint32_t offset);

/* Two hex digits a byte, nothing between. */
void put_hex_bytes(struct printer *printer, struct packet packet, uint32_t offset, uint32_t count);

/* Understands %s %c %u %d %x %% and %llu %lld %llx, with a width and 0 or - flag; nothing more. */
void putf(struct printer *printer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same as fields: of this role; of what the packet shows to be wrong with it. */
void putf_as(struct printer *printer, enum role role, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void put_damage(struct printer *printer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* As C writes it, without a zero in front. */
void put_octal(struct printer *printer, uint32_t value);

/* With `digits` digits behind the point. */
void put_real(struct printer *printer, double value, int digits);

/* Addresses, in network byte order. The plain forms ask the caller's names first. */
void put_ipv4(struct printer *printer, const uint8_t *address);
void put_ipv6(struct printer *printer, const uint8_t *address);
static inline void put_ipv4_at(struct printer *printer, struct packet packet, uint32_t offset)
{
        put_ipv4(printer, bytes_at(printer, packet, offset, 4));
}

static inline void put_ipv6_at(struct printer *printer, struct packet packet, uint32_t offset)
{
        put_ipv6(printer, bytes_at(printer, packet, offset, 16));
}

static inline void put_ipv4_labelled(struct printer *printer, const char *label,
                                     struct packet packet, uint32_t offset)
{
        put(printer, label);
        put_ipv4_at(printer, packet, offset);
}

/* Nothing where the address is 0.0.0.0. */
static inline void put_ipv4_unless_zero(struct printer *printer, const char *label,
                                        struct packet packet, uint32_t offset)
{
        if (get32(printer, packet, offset) != 0)
                put_ipv4_labelled(printer, label, packet, offset);
}

static inline void put_ipv6_labelled(struct printer *printer, const char *label,
                                     struct packet packet, uint32_t offset)
{
        put(printer, label);
        put_ipv6_at(printer, packet, offset);
}

void put_ipv4_numeric(struct printer *printer, const uint8_t *address);
void put_ipv6_numeric(struct printer *printer, const uint8_t *address);
static inline void put_ipv4_numeric_at(struct printer *printer, struct packet packet,
                                       uint32_t offset)
{
        put_ipv4_numeric(printer, bytes_at(printer, packet, offset, 4));
}

static inline void put_ipv6_numeric_at(struct printer *printer, struct packet packet,
                                       uint32_t offset)
{
        put_ipv6_numeric(printer, bytes_at(printer, packet, offset, 16));
}

/* One of printer->stations. */
void put_frame_station(struct printer *printer, const uint8_t *address);
void put_ethernet(struct printer *printer, const uint8_t *address);
/* Nothing, not even the label, where the address is not captured. */
static inline void put_ethernet_labelled(struct printer *printer, const char *label,
                                         struct packet packet, uint32_t offset)
{
        const uint8_t *address = bytes_at(printer, packet, offset, 6);

        put(printer, label);
        put_ethernet(printer, address);
}

void put_ethernet_numeric(struct printer *printer, const uint8_t *address);
void put_link_address(struct printer *printer, struct packet packet, uint32_t offset,
                      uint32_t size);
void put_port(struct printer *printer, int ip_protocol, uint16_t port);
/* NULL if it has none, or names are not wanted. */
const char *ip_protocol_name(const struct printer *printer, uint8_t ip_protocol);
/* "icmp", or "ip-proto-1". */
void put_ip_protocol(struct printer *printer, uint8_t ip_protocol);
/* "icmp", or "1". */
void put_ip_protocol_or_number(struct printer *printer, uint8_t ip_protocol);

/* One character of a string found in a packet: control and 8-bit characters as ^X and M-x. */
void put_visible_escaped(struct printer *printer, uint8_t c);

static inline void put_visible(struct printer *printer, uint8_t c)
{
        if (c >= 0x20 && c < 0x7f)
                put_char(printer, (char)c);
        else
                put_visible_escaped(printer, c);
}

/* Those up to a zero byte, or the packet's end. */
void put_until_zero(struct printer *printer, struct packet packet);
/* `count` of them. False if not all are captured. */
bool characters_print(struct printer *printer, struct packet packet, uint32_t at, uint32_t count);

/* Prints the domain name at `at` of a message, following pointers backwards only. Returns where it
 * ends, or 0 if it is malformed. */
uint32_t domain_name_print(struct printer *printer, struct packet message, uint32_t at);
/* The same with pointers that count from `base`, of a name that may not be all captured: 0, too. */
uint32_t domain_name_print_from(struct printer *printer, struct packet message, uint32_t at,
                                uint32_t base);
/* Where the name at `at` ends, without following pointers; 0 if it is malformed or cut short. */
uint32_t domain_name_skip(struct packet message, uint32_t at);

/* An address of ISO's network layer, "49.0001.0203.0405". */
void put_nsap(struct printer *printer, struct packet packet, uint32_t offset, uint32_t size);
/* Whether the checksum `found` at `offset` of the packet, whose first `length` bytes it covers, is
 * right by ISO 8473: " (correct)" and its like. */
void iso_checksum_print(struct printer *printer, struct packet packet, uint16_t found,
                        uint32_t offset, uint32_t length);

/* Text that is not the packet's, in UTF-8; what a terminal might act on as ^X and M-x. */
void put_utf8(struct printer *printer, const char *text, size_t length);

/* "eth0  In  ", in tcpdump's columns. `passage` may be NULL. */
void put_passage(struct printer *printer, const char *name, const char *passage);

/* " (invalid)": the packet contradicts itself. */
void put_invalid(struct printer *printer);
/* The same; what follows is not printed, but that it was not all captured is. */
static inline void put_invalid_rest(struct printer *printer, struct packet rest)
{
        put_invalid(printer);
        need_hard(printer, rest, 0, rest.length);
}

/* " [|proto]". */
void put_truncated(struct printer *printer);

/* Numbers with names. A table ends with a NULL name. */
struct name {
        uint32_t value;
        const char *name;
};

/* NULL if the table has none. */
const char *name_find(const struct name *table, uint32_t value);
const char *name_or(const struct name *table, uint32_t value, const char *unknown);
/* `unknown` is a putf() format for the value where the table has no name. */
void put_name(struct printer *printer, const struct name *table, const char *unknown,
              uint32_t value);
void put_name_as(struct printer *printer, enum role role, const struct name *table,
                 const char *unknown, uint32_t value);
/* `label` and the name of the byte at `offset`, or nothing if that is not captured. */
static inline void put_named8(struct printer *printer, const char *label, const struct name *table,
                              const char *unknown, struct packet packet, uint32_t offset)
{
        uint8_t value = get8(printer, packet, offset);

        put(printer, label);
        put_name(printer, table, unknown, value);
}

/* Names of the bits set in `value`, with `separator` between; "none" if no named one is. */
void put_flags(struct printer *printer, const struct name *table, const char *separator,
               uint32_t value);
/* `title`, which ends in "[", those names with ", " between, and "]". */
void put_flag_list(struct printer *printer, const char *title, const struct name *table,
                   uint32_t value);

/* EtherTypes, IANA's numbers of enterprises and address families, and IEEE's of organizations. */
extern const struct name ethertype_names[], enterprise_names[], address_family_names[],
    nlpid_names[], oui_names[];

/* A payload without a printer: a hex dump, unless one follows the line anyway. */
void put_unknown(struct printer *printer, struct packet packet, uint32_t length);
/* Hex, 16 bytes a line, each line after `indent`. */
void dump_hex(struct printer *printer, const char *indent, struct packet packet, uint32_t length);
void dump_hex_ascii(struct printer *printer, const char *indent, struct packet packet,
                    uint32_t length);

/* ---- Passing on ---- */

/* NULL if the table has no row with this number. */
static inline protocol_printer *protocol_find(const struct protocol *row, uint32_t number)
{
        while (row->print && row->number != number)
                row++;
        return row->print;
}

/* Prints what a header carries, by its number in a number space. False if no printer knows it. */
static inline bool protocol_print(struct printer *printer, enum number_space space, uint32_t number,
                                  struct packet packet)
{
        protocol_printer *print = protocol_find(printer->protocols[space], number);

        if (print)
                print(printer, packet);
        return print != NULL;
}

/* The same of a packet that a message quotes. A quote cut short, where a check finds it, does not
 * end the message. Nothing is printed of what is quoted too deep inside of quotes. */
void protocol_print_quote(struct printer *printer, enum number_space space, uint32_t number,
                          struct packet quote);

/* A number in a table of ports: the destination alone, not either port. */
#define TO_PORT(port) (0x10000u | (port))
/* The source alone. */
#define FROM_PORT(port) (0x20000u | (port))

/* ---- IP, as the protocols above it need it ---- */

/* The pointers are to captured bytes. */
struct network {
        int version;
        const uint8_t *source;
        const uint8_t *destination;
        const uint8_t *final; /* where a source route ends; what checksums cover */
        uint8_t protocol;     /* the transport's number, for checksums and names */
        uint8_t next;         /* what the IP header says follows it: an AH, ..., or the same */
        bool addressed;       /* the transport prints the addresses */
        bool fragment;        /* of a datagram in pieces */
        uint8_t ttl;
};

void put_network_address(struct printer *printer, const struct network *network,
                         const uint8_t *address);

/* "192.0.2.1.1024 > 192.0.2.2.80: ", or the ports alone where the addresses have been said. */
void endpoints_print(struct printer *printer, const struct network *network, int ip_protocol,
                     uint16_t source, uint16_t destination);
/* The addresses, of a packet cut before its ports, and `end`. */
void endpoints_print_short(struct printer *printer, const struct network *network, const char *end);

/* Whether the checksum at `field` of `packet`, whose first `length` bytes it covers, is right:
 * "[udp sum ok] " and its like. Nothing if not all are captured. */
void network_checksum_print(struct printer *printer, struct packet packet, uint32_t length,
                            uint32_t field, const char *name);

/* The checksum of the packet's first `length` bytes, which are captured, and the pseudo header; 0
 * if it is right. */
uint16_t network_checksum(const struct network *network, struct packet packet, uint32_t length);

/* ---- Secrets ---- */

/* For each packet that secrets may be for. Does not return if the caller wants no more. */
void secrets_expect(struct printer *printer);

/* Decrypts ESP for printer->network's destination, up to the integrity check value. `text` is valid
 * until the packet is printed. Returns false if there is no secret for it, or no text. */
bool esp_decrypt(struct printer *printer, uint32_t spi, struct packet packet, struct packet *text);

/* Whether `found`, the digest in a segment with a header of `header` bytes, all of it captured, is
 * right by RFC 2385, 2.0. There is a secret. */
bool tcp_digest_is_valid(struct printer *printer, struct packet segment, uint32_t header,
                         const uint8_t *found);

/* ---- QUIC ---- */

/* What it needs of libcrypto, which is read from a file. NULL without the library, or, then `error`
 * says so, when memory is short.
 *
 * It is loaded before the first packet is read, not by the first packet of QUIC, though that costs
 * each run half a millisecond, for the library's relocations: by then the sandbox is entered, and
 * to load it there the process would have to be able to open files, and to map code from them. */
struct quic_crypto *quic_crypto_load(struct error *error);
void quic_crypto_free(struct quic_crypto *crypto);

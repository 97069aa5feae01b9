/* SCTP, RFC 9260: the chunks. */
#include "sctp.h"

#include "base/array.h"

enum { HEADER = 12, CHUNK_HEADER = 4 };

enum type { DATA = 0, INIT = 1, INIT_ACK = 2, SACK = 3 };

static const struct name types[] = {
    {DATA, "DATA"},
    {INIT, "INIT"},
    {INIT_ACK, "INIT ACK"},
    {SACK, "SACK"},
    {4, "HB REQ"},
    {5, "HB ACK"},
    {6, "ABORT"},
    {7, "SHUTDOWN"},
    {8, "SHUTDOWN ACK"},
    {9, "OP ERR"},
    {10, "COOKIE ECHO"},
    {11, "COOKIE ACK"},
    {12, "ECN ECHO"},
    {13, "ECN CWR"},
    {14, "SHUTDOWN COMPLETE"},
    {0xc0, "FOR CUM TSN"},
    {0xc1, "REL CTRL"},
    {0xc2, "REL CTRL ACK"},
    {0, NULL},
};

static const struct name payload_protocols[] = {
    {1, "ISDN Q.921"}, {2, "M2UA"},       {3, "M3UA"},       {4, "SUA"},     {5, "M2PA"},
    {6, "V5.2"},       {7, "H.248"},      {8, "BICC"},       {9, "TALI"},    {10, "DUA"},
    {11, "ASAP"},      {12, "ENRP"},      {13, "H.323"},     {14, "Q.IPC"},  {15, "SIMCO"},
    {16, "DDPSC"},     {17, "DDPSSC"},    {18, "S1AP"},      {19, "RUA"},    {20, "HNBAP"},
    {21, "ForCES HP"}, {22, "ForCES MP"}, {23, "ForCES LP"}, {24, "SBc-AP"}, {25, "NBAP"},
    {27, "X2AP"},      {0, NULL},
};

/* Too short for its type, which ends parsing. */
static bool bogus_print(struct printer *printer, struct packet body)
{
        put_damage(printer, "bogus chunk length %u]", body.length + CHUNK_HEADER);
        return false;
}

/* False if it is too short, or holds nothing. */
static bool data_print(struct printer *printer, struct packet packet, uint8_t flags, bool forces)
{
        enum {
                LAST = 1,
                FIRST = 2,
                UNORDERED = 4,
                SIZE = 12,
                M3UA = 3,
                FORCES = 21,
                LAST_FORCES = 23
        };
        uint32_t size = packet.length - SIZE, protocol;

        if (flags & UNORDERED)
                put(printer, "(U)");
        if (flags & FIRST)
                put(printer, "(B)");
        if (flags & LAST)
                put(printer, "(E)");
        if (flags & (UNORDERED | FIRST | LAST))
                put_char(printer, ' ');
        if (packet.length < SIZE)
                return bogus_print(printer, packet);
        putf(printer, "[TSN: %u] [SID: %u] [SSEQ %u] [PPID ", get32(printer, packet, 0),
             get16(printer, packet, 4), get16(printer, packet, 6));
        put_name(printer, payload_protocols, "0x%x", get32(printer, packet, 8));
        put(printer, "] ");
        if (size == 0)
                return bogus_print(printer, packet);
        protocol = get32(printer, packet, 8);
        forces = forces || (protocol >= FORCES && protocol <= LAST_FORCES);
        if (printer->options.verbose < 2 && !forces)
                return true;
        if (forces || protocol == M3UA) {
                struct packet payload = packet_from(packet, SIZE);

                payload.length = size;
                (forces ? forces_print : m3ua_print)(printer, payload);
                printer->protocol = "sctp";
                return true;
        }
        put(printer, "[Payload");
        if (!printer->options.quiet && !printer->dumps) {
                put_char(printer, ':');
                dump_hex_ascii(printer, "\n\t", packet_from(packet, SIZE), size);
        }
        put_char(printer, ']');
        return true;
}

static bool init_print(struct printer *printer, struct packet packet)
{
        if (packet.length < 16)
                return bogus_print(printer, packet);
        putf(printer, "[init tag: %u] [rwnd: %u] [OS: %u] [MIS: %u] [init TSN: %u] ",
             get32(printer, packet, 0), get32(printer, packet, 4), get16(printer, packet, 8),
             get16(printer, packet, 10), get32(printer, packet, 12));
        return true;
}

static bool sack_print(struct printer *printer, struct packet packet)
{
        uint32_t base, blocks, duplicates, at = 12;

        if (packet.length < at)
                return bogus_print(printer, packet);
        base = get32(printer, packet, 0);
        blocks = get16(printer, packet, 8);
        duplicates = get16(printer, packet, 10);
        putf(printer, "[cum ack %u] [a_rwnd %u] [#gap acks %u] [#dup tsns %u] ", base,
             get32(printer, packet, 4), blocks, duplicates);
        for (uint32_t i = 0; i < blocks && at < packet.length; i++, at += 4) {
                if (at + 4 > packet.length)
                        return bogus_print(printer, packet);
                putf(printer, "\n\t\t[gap ack block #%u: start = %u, end = %u] ", i + 1,
                     base + get16(printer, packet, at), base + get16(printer, packet, at + 2));
        }
        for (uint32_t i = 0; i < duplicates && at < packet.length; i++, at += 4) {
                if (at + 4 > packet.length)
                        return bogus_print(printer, packet);
                putf(printer, "\n\t\t[dup TSN #%u: %u] ", i + 1, get32(printer, packet, at));
        }
        return true;
}

/* Returns the size of the chunk with its padding; 0 to end. */
static uint32_t chunk_print(struct printer *printer, struct packet packet, bool forces)
{
        uint8_t type = get8(printer, packet, 0);
        uint8_t flags = get8(printer, packet, 1);
        uint32_t size = get16(printer, packet, 2);
        struct packet body;

        if (size < CHUNK_HEADER) {
                putf(printer, "[Bad chunk length %u, < size of chunk descriptor]", size);
                return 0;
        }
        if (size > packet.length) {
                putf(printer, "[Bad chunk length %u, > remaining data in packet]", size);
                return 0;
        }
        body = packet_from(packet, CHUNK_HEADER);
        body.length = size - CHUNK_HEADER; /* padding may still be read */
        if (!name_find(types, type)) {
                putf(printer, "[Unknown chunk type: 0x%x] ", type);
        } else {
                putf(printer, "[%s] ", name_find(types, type));
                if (type == DATA && !data_print(printer, body, flags, forces))
                        return 0;
                if ((type == INIT || type == INIT_ACK) && !init_print(printer, body))
                        return 0;
                if (type == SACK && !sack_print(printer, body))
                        return 0;
        }
        return (size + 3) & ~3u;
}

/* Also where the line has the addresses already; ports are never named. */
static void endpoint_print(struct printer *printer, const struct network *network,
                           const uint8_t *address, uint16_t port)
{
        put_network_address(printer, network, address);
        put_char(printer, '.');
        put_decimal(printer, port);
}

/* Whether a port is one of ForCES, RFC 5811. */
static bool channel_print(struct printer *printer, uint16_t port)
{
        enum { FIRST = 6704 };
        static const char *const channels[] = {"[ForCES HP]", "[ForCES MP]", "[ForCES LP]"};

        if (port < FIRST || port >= FIRST + array_count(channels))
                return false;
        put(printer, channels[port - FIRST]);
        return true;
}

void sctp_print(struct printer *printer, struct packet packet)
{
        const struct network *network = printer->network;
        bool forces;

        printer->protocol = "sctp";
        if (packet.length < HEADER) {
                put_damage(printer, "truncated-sctp - %u bytes missing!", HEADER - packet.length);
                return;
        }
        need(printer, packet, 0, HEADER);
        endpoint_print(printer, network, network->source, get16(printer, packet, 0));
        put(printer, " > ");
        endpoint_print(printer, network, network->destination, get16(printer, packet, 2));
        put(printer, ": ");
        put(printer, "sctp");
        forces = channel_print(printer, get16(printer, packet, 0));
        if (channel_print(printer, get16(printer, packet, 2)))
                forces = true;
        packet = packet_from(packet, HEADER);
        for (unsigned count = 1; packet.length > 0; count++) {
                uint32_t size;

                if (packet.length >= CHUNK_HEADER) {
                        need(printer, packet, 0, CHUNK_HEADER);
                        need(printer, packet, 0, get16(printer, packet, 2));
                }
                if (printer->options.verbose > 1)
                        putf(printer, "\n\t%u) ", count);
                else
                        putf(printer, "%s (%u) ", count == 1 ? "" : ",", count);
                if (packet.length < CHUNK_HEADER) {
                        put(printer, "[chunk descriptor cut off at end of packet]");
                        return;
                }
                size = chunk_print(printer, packet, forces);
                if (size == 0)
                        return;
                need(printer, packet, 0, size);
                packet = packet_from(packet, size);
        }
}

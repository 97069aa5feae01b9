/* ATM: what RFC 2684 and Classical IP (RFC 2225) put into a virtual circuit, and SunATM's captures,
 * which say which circuit it was: for signalling, management (ITU-T I.610), LAN emulation or LLC.
 */
#include "link.h"

enum { UI = 0x03 };

static const struct stations no_stations = {NULL, NULL};

static void logical_link_print(struct printer *printer, struct packet packet)
{
        if (!llc_print(printer, packet, no_stations) && !printer->options.quiet)
                put_unknown(printer, packet, packet.captured);
}

/* LLC; or, behind its control byte, the number of a network layer protocol; or LLC behind a header
 * that is not known further. */
void atm_rfc1483_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 20, OSI_LLC = 0xfefe03, SNAP_LLC = 0xaaaa03 };
        uint32_t start;

        printer->protocol = "atm";
        printer->link_header = 0;
        if (get8(printer, packet, 0) == UI) {
                if (printer->options.link_header)
                        put(printer, "CNLPID ");
                printer->link_header = 1;
                protocol_print(printer, LLC_SAP, SAP_ISO, packet_from(packet, 1));
                return;
        }
        start = get24(printer, packet, 0);
        if (start != OSI_LLC && start != SNAP_LLC) {
                if (printer->options.link_header) {
                        need_hard(printer, packet, 0, 16);
                        put_hex_bytes(printer, packet, 0, 8);
                        put_char(printer, ' ');
                        put_hex_bytes(printer, packet, 8, 8);
                        put_char(printer, ' ');
                }
                need_hard(printer, packet, 0, HEADER);
                printer->link_header = HEADER;
                packet = packet_from(packet, HEADER);
        }
        logical_link_print(printer, packet);
}

void atm_clip_print(struct printer *printer, struct packet packet)
{
        static const uint8_t snap[] = {0xaa, 0xaa, 0x03, 0x00, 0x00, 0x00};

        printer->protocol = "cip";
        printer->link_header = 0;
        if (printer->options.link_header)
                putf(printer, "%u: ", packet.length);
        if (memcmp(bytes_at(printer, packet, 0, sizeof snap), snap, sizeof snap) == 0)
                logical_link_print(printer, packet);
        else
                protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV4, packet);
}

/* ---- Signalling ---- */

static void signalling_print(struct printer *printer, struct packet packet)
{
        enum { Q2931 = 9 };
        static const struct name messages[] = {
            {0x02, "Call_proceeding"},  {0x05, "Setup"},
            {0x07, "Connect"},          {0x0f, "Connect_ack"},
            {0x46, "Restart"},          {0x4d, "Release"},
            {0x4e, "Restart_ack"},      {0x5a, "Release_complete"},
            {0x75, "Status_enquiry"},   {0x7d, "Status"},
            {0x80, "Add_party"},        {0x81, "Add_party_ack"},
            {0x82, "Add_party_reject"}, {0x83, "Drop_party"},
            {0x84, "Drop_party_ack"},   {0, NULL}};
        uint8_t protocol = get8(printer, packet, 0);

        if (protocol != Q2931) {
                putf(printer, "SSCOP, proto %u ", protocol);
                return;
        }
        put(printer, "Q.2931");
        need_hard(printer, packet, 0, 6);
        put_char(printer, ':');
        put_name(printer, messages, "msgtype#%u", get8(printer, packet, 5));
        putf(printer, " CALL_REF:0x%06x", get24(printer, packet, 2));
}

/* ---- Management ---- */

enum cell_type { FAULT = 1, PERFORMANCE = 2, ACTIVATION = 8, SYSTEM = 15 };

static const char *function_name(uint8_t type, uint8_t function)
{
        enum { AIS = 0, RDI = 1 };
        static const struct name fault[] = {
            {AIS, "AIS"}, {RDI, "RDI"}, {4, "Continuity Check"}, {8, "Loopback"}, {0, NULL}};
        static const struct name performance[] = {{0, "Forward Monitoring"},
                                                  {1, "Backward Reporting"},
                                                  {2, "Monitoring and Reporting"},
                                                  {0, NULL}};
        static const struct name activation[] = {
            {0, "Performance Monitoring"}, {1, "Continuity Check"}, {0, NULL}};

        switch (type) {
        case FAULT: return name_or(fault, function, "none");
        case PERFORMANCE: return name_or(performance, function, "none");
        case ACTIVATION: return name_or(activation, function, "none");
        default: return "unknown";
        }
}

static void put_words(struct printer *printer, const char *label, struct packet packet, uint32_t at,
                      unsigned count)
{
        put(printer, label);
        for (; count > 0; count--, at += 2)
                putf(printer, "%04x ", get16(printer, packet, at));
}

/* CRC-10, I.610: 0 if the last ten bits of the payload are right. */
static unsigned payload_remainder(const uint8_t *payload, uint32_t size)
{
        enum { POLYNOMIAL = 0x633, TOP = 0x400 };
        unsigned remainder = 0;

        for (uint32_t i = 0; i < size * 8; i++) {
                remainder = remainder << 1 | (payload[i / 8] >> (7 - i % 8) & 1u);
                if (remainder & TOP)
                        remainder ^= POLYNOMIAL;
        }
        return remainder;
}

static const char *flow_name(unsigned circuit)
{
        static const struct name flows[] = {{3, "F4 (segment)"}, {4, "F4 (end)"}, {0, NULL}};

        return name_or(flows, circuit, "F5");
}

void atm_cell_print(struct printer *printer, struct packet packet, uint32_t before)
{
        enum { HEADER = 4, PAYLOAD = 48, FUNCTION_END = 50, CHECKSUM = 0x3ff };
        enum { AIS = 0x10, RDI = 0x11, LOOPBACK = 0x18 };
        static const struct name types[] = {{FAULT, "Fault Management"},
                                            {PERFORMANCE, "Performance Management"},
                                            {ACTIVATION, "activate/deactivate"},
                                            {SYSTEM, "System Management"},
                                            {0, NULL}};
        static const char *const payloads[] = {
            "user data, uncongested, SDU 0",     "user data, uncongested, SDU 1",
            "user data, congested, SDU 0",       "user data, congested, SDU 1",
            "VCC OAM F5 flow segment",           "VCC OAM F5 flow end-to-end",
            "Traffic Control and resource Mgmt", "Unknown"};
        struct packet cell = packet_from(packet, before);
        uint32_t header;
        uint8_t kind;

        printer->protocol = "oam";
        header = get32(printer, cell, 0);
        kind = get8(printer, cell, HEADER);
        putf(printer, "OAM %s, vpi %u, vci %u, payload [ %s ], clp %u, length %u",
             flow_name(header >> 4 & 0xffff), header >> 20 & 0xff, header >> 4 & 0xffff,
             payloads[header >> 1 & 7], header & 1, packet.length);
        if (!printer->options.verbose)
                return;
        putf(printer, "\n\tcell-type %s (%u)", name_or(types, kind >> 4, "unknown"),
             (unsigned)kind >> 4);
        putf(printer, ", func-type %s (%u)", function_name(kind >> 4, kind & 15), kind & 15u);
        if (kind == LOOPBACK) {
                need_hard(printer, cell, 0, FUNCTION_END);
                putf(printer, "\n\tLoopback-Indicator %s, Correlation-Tag 0x%08x",
                     get8(printer, cell, 5) & 1 ? "Request" : "Reply", get32(printer, cell, 6));
                put_words(printer, "\n\tLocation-ID ", cell, 11, 6);
                put_words(printer, "\n\tSource-ID   ", cell, 23, 6);
        } else if (kind == AIS || kind == RDI) {
                need_hard(printer, cell, 0, FUNCTION_END);
                putf(printer, "\n\tFailure-type 0x%02x", get8(printer, cell, 5));
                put_words(printer, "\n\tLocation-ID ", cell, 7, 8);
        }
        need_hard(printer, cell, HEADER, PAYLOAD);
        putf(printer, "\n\tcksum 0x%03x (%scorrect)",
             get16(printer, cell, HEADER + PAYLOAD - 2) & CHECKSUM,
             payload_remainder(cell.data + HEADER, PAYLOAD) == 0 ? "" : "in");
}

/* ---- LAN emulation ---- */

static void emulation_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 2, CONTROL = 0xff00, ETHERNET_HEADER = 14 };
        static const struct name operations[] = {{0x0001, "configure request"},
                                                 {0x0002, "join request"},
                                                 {0x0003, "ready query"},
                                                 {0x0004, "register request"},
                                                 {0x0005, "unregister request"},
                                                 {0x0006, "ARP request"},
                                                 {0x0007, "flush request"},
                                                 {0x0008, "NARP request"},
                                                 {0x0009, "topology request"},
                                                 {0x0101, "configure response"},
                                                 {0x0102, "join response"},
                                                 {0x0103, "ready indication"},
                                                 {0x0104, "register response"},
                                                 {0x0105, "unregister response"},
                                                 {0x0106, "ARP response"},
                                                 {0x0107, "flush response"},
                                                 {0, NULL}};
        struct packet frame = packet_from(packet, HEADER);
        uint16_t client;

        printer->protocol = "lane";
        client = get16(printer, packet, 0);
        if (client == CONTROL) {
                need_hard(printer, packet, 0, 6);
                putf(printer, "lec: proto %x vers %x ", get8(printer, packet, 2),
                     get8(printer, packet, 3));
                put_name(printer, operations, "opcode-#%u", get16(printer, packet, 4));
                return;
        }
        printer->protocol = "ether";
        need(printer, frame, 0, ETHERNET_HEADER);
        putf(printer, "lecid:%x ", client);
        protocol_print(printer, TUNNEL, ETHERTYPE_BRIDGING, frame);
}

/* ---- SunATM ---- */

/* What a circuit of path 0 is for. False if that is not fixed. */
static bool reserved_print(struct printer *printer, struct packet packet, unsigned circuit)
{
        enum { META = 1, BROADCAST = 2, SEGMENT = 3, END_TO_END = 4, SIGNALLING = 5, ILMI = 16 };
        enum { SNMP_PORT = 161 };

        printer->protocol = "atm";
        switch (circuit) {
        case META: put(printer, "meta: "); return true;
        case BROADCAST: put(printer, "broadcast sig: "); return true;
        case SEGMENT:
        case END_TO_END: atm_cell_print(printer, packet, 1); return true;
        case SIGNALLING: signalling_print(printer, packet); return true;
        case ILMI:
                put(printer, "ilmi: ");
                protocol_print(printer, UDP_PORT, SNMP_PORT, packet);
                return true;
        default: return false;
        }
}

void sunatm_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 4, SENT = 0x80, TYPE = 0x0f, EMULATION = 1 };
        struct packet inner = packet_from(packet, HEADER);
        uint8_t flags, path;
        uint16_t circuit;

        printer->protocol = "sunatm";
        printer->link_header = 0;
        if (!has(packet, 0, HEADER)) {
                if (printer->options.link_header && packet.captured > 0)
                        put(printer, packet.data[0] & SENT ? "Tx: " : "Rx: ");
                printer_abandon_short(printer);
        }
        printer->link_header = HEADER;
        flags = packet.data[0];
        path = packet.data[1];
        circuit = get16(printer, packet, 2);
        if (printer->options.link_header)
                putf(printer, "%s: VPI:%u VCI:%u ", flags & SENT ? "Tx" : "Rx", path, circuit);
        if (path == 0 && reserved_print(printer, inner, circuit))
                return;
        printer->tunnels++; /* dumps leave out no other header */
        if ((flags & TYPE) == EMULATION)
                emulation_print(printer, inner);
        else
                logical_link_print(printer, inner);
        printer->tunnels--;
}

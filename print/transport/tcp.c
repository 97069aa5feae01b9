/* TCP, RFC 9293, and its dispatch by port. Sequence numbers are shown relative to the first
 * one seen of their connection (connections.c). */
#include "tcp.h"
#include "rpc.h"

#include "net/checksum.h"
#include "print/printer/earlier.h"
#include "print/printer/fields.h"

#include <netinet/in.h>

enum { MIN_HEADER = 20 };

/* "Flags [P.]": the letters from the lowest bit on. */
static void put_tcp_flags(struct printer *printer, uint8_t flags)
{
        static const char letters[] = "FSRP.UEW";
        char *start, *at;
        size_t first;

        put(printer, "Flags [");
        start = at = output_room(printer, sizeof letters);
        for (int i = 0; i < 8; i++) {
                *at = letters[i];
                at += flags >> i & 1;
        }
        first = span_start(printer);
        printer->text.length += (size_t)(at - start);
        if (at == start)
                put(printer, "none");
        span_end(printer, flags & TCP_RST ? ROLE_REFUSAL : ROLE_FLAGS, first);
        put_char(printer, ']');
}

/* ", cksum 0x1234 (correct)": only if the whole segment was captured. */
static void checksum_print(struct printer *printer, struct packet packet,
                           const struct network *network)
{
        uint16_t found = get16(printer, packet, 16);
        uint16_t sum;

        if (network->fragment || !has(packet, 0, packet.length))
                return;
        sum = network_checksum(network, packet, packet.length);
        put_labelled_hex(printer, ", cksum 0x", found, 4);
        if (sum == 0)
                put(printer, " (correct)");
        else
                put_damage(printer, " (incorrect -> 0x%04x)", checksum_expected(found, sum));
}

/* RFC 9293, 3.10.7 allows a reset to say why; RFC 1122, 4.2.2.12 suggests text. */
static void reset_print(struct printer *printer, struct packet payload)
{
        enum { MOST = 30 };

        put(printer, payload.captured < payload.length ? " [!RST" : " [RST");
        put(printer, payload.length > MOST ? "+ " : " ");
        for (uint32_t i = 0; i < payload.captured && i < MOST; i++)
                put_visible(printer, payload.data[i]);
        put_char(printer, ']');
}

static void payload_print(struct printer *printer, struct packet payload,
                          const struct tcp_segment *segment)
{
        enum { RECORD_MARK = 4 };
        protocol_printer *print;

        if ((segment->flags & TCP_RST) && printer->options.verbose) {
                reset_print(printer, payload);
                return;
        }
        if (printer->options.type != PRINT_TYPE_BY_PORT) {
                protocol_print(printer, FORCED_TCP_TYPE, (uint32_t)printer->options.type, payload);
                return;
        }
        print = protocol_of_payload(
            printer, TCP_PORT, payload, segment->source, segment->destination,
            rpc_nfs(packet_from(payload, RECORD_MARK), segment->source, segment->destination));
        if (print)
                print(printer, payload);
}

static void numbers_print(struct printer *printer, const struct tcp_segment *segment,
                          uint32_t payload)
{
        if (printer->options.verbose > 1 || payload > 0 ||
            (segment->flags & (TCP_SYN | TCP_FIN | TCP_RST))) {
                put_labelled(printer, ", seq ", segment->sequence);
                if (payload > 0) {
                        put_char(printer, ':');
                        put_decimal(printer, (uint32_t)(segment->sequence + payload));
                }
        }
        if (segment->flags & TCP_ACK)
                put_labelled(printer, ", ack ", segment->acknowledgment);
}

/* Makes the segment's numbers relative to the first ones seen of its connection. Those themselves
 * stay as they are. */
static void numbers_relate(struct printer *printer, struct tcp_segment *segment)
{
        struct connection_start start = {segment->sequence, segment->acknowledgment - 1};

        if (connection_start(printer, segment->source, segment->destination,
                             segment->flags & TCP_SYN, &start)) {
                segment->sequence -= start.own;
                segment->acknowledgment -= start.peer;
        }
        segment->peer_base = start.peer;
}

void tcp_print(struct printer *printer, struct packet packet)
{
        const struct network *network = printer->network;
        struct tcp_segment segment = {0};
        uint32_t header, payload;

        printer->protocol = "tcp";
        if (!has(packet, 0, 4)) {
                endpoints_print_short(printer, network, ":");
                printer_abandon_softly(printer);
        }
        segment.source = get16(printer, packet, 0);
        segment.destination = get16(printer, packet, 2);
        printer->source_port = segment.source;
        printer->destination_port = segment.destination;
        endpoints_print(printer, network, IPPROTO_TCP, segment.source, segment.destination);
        need(printer, packet, 0, MIN_HEADER);
        header = (get8(printer, packet, 12) >> 4) * 4u;
        payload = packet.length - header;
        if (header < MIN_HEADER) {
                put_as(printer, ROLE_PROTOCOL, " tcp");
                put_number_as(printer, ROLE_LENGTH, " ", payload);
                put_damage(printer, " [bad hdr length %u - too short, < %u]", header, MIN_HEADER);
                return;
        }
        segment.packet = packet;
        segment.header = header;
        segment.whole = has(packet, 0, packet.length);
        segment.flags = get16(printer, packet, 12) & 0xff;
        segment.sequence = get32(printer, packet, 4);
        segment.acknowledgment = get32(printer, packet, 8);
        printer->sequence = segment.sequence + ((segment.flags & TCP_SYN) != 0);
        if (printer->options.quiet) {
                put_as(printer, ROLE_PROTOCOL, "tcp");
                put_number_as(printer, ROLE_LENGTH, " ", payload);
        } else {
                if (!printer->options.absolute_sequence && (segment.flags & TCP_ACK))
                        numbers_relate(printer, &segment);
                put_tcp_flags(printer, (uint8_t)segment.flags);
        }
        if (header > packet.length) {
                put_damage(printer, " [bad hdr length %u - too long, > %u]", header, packet.length);
                return;
        }
        if (printer->options.quiet)
                return;
        if (printer->options.verbose && !printer->options.no_checksums)
                checksum_print(printer, packet, network);
        numbers_print(printer, &segment, payload);
        put_labelled(printer, ", win ", get16(printer, packet, 14));
        if (segment.flags & TCP_URG)
                putf(printer, ", urg %u", get16(printer, packet, 18));
        if (header > MIN_HEADER) {
                struct packet options = packet_from(packet, MIN_HEADER);

                /* Only the length ends with the header: an option may run past it. */
                options.length = header - MIN_HEADER;
                if (!tcp_options_print(printer, options, &segment))
                        return;
        }
        put_number_as(printer, ROLE_LENGTH, ", length ", payload);
        if (payload == 0)
                return;
        if (packet.captured < header) {
                put_damage(printer, " [remaining caplen(%u) < header length(%u)]", packet.captured,
                           header);
                printer_abandon_short(printer);
        }
        payload_print(printer, packet_from(packet, header), &segment);
}

void tcp_fields(struct printer *printer, struct packet packet)
{
        uint32_t header = (get8(printer, packet, 12) >> 4) * 4u;
        uint8_t flags = get8(printer, packet, 13);
        uint32_t sequence = get32(printer, packet, 4);
        struct packet options;

        printer->source_port = get16(printer, packet, 0);
        printer->destination_port = get16(printer, packet, 2);
        printer->sequence = sequence + ((flags & TCP_SYN) != 0);
        field_number(printer, "tcp.stream",
                     stream_number(printer, IPPROTO_TCP, printer->source_port,
                                   printer->destination_port,
                                   (flags & (TCP_SYN | TCP_ACK)) == TCP_SYN, sequence));
        if (header < MIN_HEADER || header > packet.length)
                return;
        field_number(printer, "tcp.len", packet.length - header);
        options = packet_cut(packet, header);
        tcp_option_fields(printer, packet_from(options, MIN_HEADER));
}

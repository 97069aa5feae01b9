/* The printer: its life, and the frame of a packet's lines. The one place where an abandoned packet
 * comes back to. */
#include "forms.h"

#include "print/printer/earlier.h"

#include <pcap/dlt.h>
#include <stdlib.h>

/* Bytes of text to begin with. */
#define FIRST_ROOM 4096

/* Streams are to keep their number in the whole run, so of them there are more. */
enum { MAX_CONNECTIONS = 1 << 17, MAX_STREAMS = 1 << 20 };

void printer_free(struct printer *printer)
{
        if (!printer)
                return;
        arena_free(&printer->decrypted);
        assemblies_free(printer);
        keep_free(printer);
        quic_crypto_free(printer->quic_crypto);
        connections_free(printer->connections);
        connections_free(printer->streams);
        text_free(&printer->text);
        free(printer->spans.list);
        free(printer);
}

struct printer *printer_new(const struct print_options *options)
{
        struct printer *printer = calloc(1, sizeof *printer);
        struct error error = {0};

        if (!printer)
                return NULL;
        printer->options = *options;
        if (options->json)
                printer->options.colors = NULL;
        printer->verbose = options->verbose;
        printer->dumps = options->dump != PRINT_DUMP_NONE && options->dump != PRINT_DUMP_ASCII &&
                         options->dump != PRINT_DUMP_ASCII_LINK;
        printer->protocols = options->tcpdumps_protocols ? tcpdump_protocols : protocols;
        ports_collect(&printer->tcp_ports, printer->protocols[TCP_PORT]);
        ports_collect(&printer->udp_ports, printer->protocols[UDP_PORT]);
        printer->tcp_contents = options->tcpdumps_protocols ? no_contents : tcp_contents;
        printer->udp_contents = options->tcpdumps_protocols ? no_contents : udp_contents;
        printer->link_type = -1; /* none */
        printer->slip.connection = UINT8_MAX;
        octets_make(printer->octets);
        if (printer->udp_contents != no_contents && !options->quiet)
                printer->quic_crypto = quic_crypto_load(&error);
        if (error.kind == ERROR_MEMORY) {
                free(printer);
                return NULL;
        }
        printer->connections = connections_new(MAX_CONNECTIONS);
        if (options->json)
                printer->streams = connections_new(MAX_STREAMS);
        if (text_room(&printer->text, FIRST_ROOM) && printer->connections &&
            (printer->streams || !options->json))
                return printer;
        printer_free(printer);
        return NULL;
}

/* What is wrong with a record that is not valid. */
static bool invalid_print(struct printer *printer, const struct packet *packet)
{
        uint32_t captured = packet->captured, length = packet->length;
        const char *separator = "[Invalid header:";
        size_t start;

        if (packet_is_valid(packet))
                return false;
        start = span_start(printer);
        if (captured == 0) {
                putf(printer, "%s caplen==0", separator);
                separator = ",";
        }
        if (length == 0 || length < captured) {
                if (length == 0)
                        putf(printer, "%s len==0", separator);
                else
                        putf(printer, "%s len(%u) < caplen(%u)", separator, length, captured);
                separator = ",";
        }
        if (captured > PRINT_LONGEST) {
                putf(printer, "%s caplen(%u) > %u", separator, captured, (unsigned)PRINT_LONGEST);
                separator = ",";
        }
        if (length > PRINT_LONGEST)
                putf(printer, "%s len(%u) > %u", separator, length, (unsigned)PRINT_LONGEST);
        put_char(printer, ']');
        span_end(printer, ROLE_DAMAGE, start);
        return true;
}

/* Most packets have the link type of the one before. */
static protocol_printer *link_printer(struct printer *printer, int link_type)
{
        if (link_type != printer->link_type) {
                printer->link_type = link_type;
                printer->link_print = protocol_find(protocols[LINK_TYPE], (uint32_t)link_type);
        }
        return printer->link_print;
}

/* On which interface, and how. */
static void passage_print(struct printer *printer, const struct print_packet *packet)
{
        static const char *const passages[] = {[PASSAGE_IN] = "In",
                                               [PASSAGE_BROADCAST] = "B",
                                               [PASSAGE_MULTICAST] = "M",
                                               [PASSAGE_OTHER_HOST] = "P",
                                               [PASSAGE_OUT] = "Out"};

        if (packet->several && packet->link_type != DLT_LINUX_SLL2)
                put_passage(printer, packet->interface ? packet->interface : "?",
                            passages[packet->passage]);
}

/* What the capture says of the packet. */
static void remarks_print(struct printer *printer, const struct print_packet *packet)
{
        const char *line = packet->comment;

        if (packet->dropped > 0)
                putf(printer, "\n\tdropped before this packet: %llu",
                     (unsigned long long)packet->dropped);
        while (line) {
                const char *end = strchrnul(line, '\n');

                put(printer, "\n\tcomment: ");
                put_utf8(printer, line, (size_t)(end - line));
                line = *end ? end + 1 : NULL;
        }
}

/* What was found out about it. */
static void note_print(struct printer *printer, const struct print_packet *packet)
{
        const char *rest = packet->note;

        if (!rest)
                return;
        put_char(printer, ' ');
        put_utf8(printer, rest, strcspn(rest, "\n"));
        while (*(rest += strcspn(rest, "\n"))) {
                put(printer, "\n\t");
                rest++;
                put_utf8(printer, rest, strcspn(rest, "\n"));
        }
}

/* A link type without a printer. */
static void unsupported_print(struct printer *printer, struct packet frame)
{
        put(printer, "UNSUPPORTED");
        dump_hex_ascii(printer, "\n\t", frame, frame.captured);
}

static void frame_print(struct printer *printer, const struct print_packet *packet)
{
        protocol_printer *print = link_printer(printer, packet->link_type);
        struct packet frame = packet->packet;

        printer->protocol = "";
        printer->withdraw = SIZE_MAX;
        printer->link_header = 0;
        printer->link_header_times = 1;
        printer->outer_header = 0;
        printer->options.verbose = printer->verbose;
        printer->depth = 0;
        printer->tunnels = 0;
        printer->network = NULL;
        printer->stations = (struct stations){NULL, NULL};
        printer->stations_are_eui64 = false;
        if (invalid_print(printer, &packet->packet))
                return;
        if (!printer->options.json)
                time_print(printer, printer->now);
        passage_print(printer, packet);
        if (print)
                print(printer, frame);
        else
                unsupported_print(printer, frame);
}

/* Appends the text once more in the form that the options ask for. Returns where that starts. */
static size_t dressed_print(struct printer *printer, const struct print_packet *packet)
{
        if (printer->options.json)
                return json_print(printer, packet, printer->text.length);
        if (printer->options.colors)
                return color_print(printer, printer->text.length);
        return 0;
}

void printer_skip(struct printer *printer)
{
        printer->packets++;
}

const char *printer_print(struct printer *printer, const struct print_packet *packet,
                          size_t *length)
{
        size_t start;

        /* Abandoned packets come back here: nothing local may be changed below. */
        switch (setjmp(printer->abandon)) {
        case 0:
                if (printer->decrypted.blocks) {
                        arena_free(&printer->decrypted);
                        printer->quic_contents = NULL;
                        printer->tls_segments = NULL;
                }
                output_take_back(printer, 0);
                printer->packets++;
                printer->now = packet->time;
                printer->current = packet;
                if (printer->options.numbered && !printer->options.json)
                        putf(printer, "%5llu  ", (unsigned long long)printer->packets);
                if (printer->options.lengths && !printer->options.json)
                        putf(printer, "caplen %u len %u ", packet->packet.captured,
                             packet->packet.length);
                frame_print(printer, packet);
                break;
        case ABANDON_SHORT:
                /* Its end is not reliable: dumps show everything. */
                printer->link_header = printer->outer_header = 0;
                /* fall through */
        case ABANDON_SOFTLY:
                if (printer->withdraw < printer->text.length)
                        output_take_back(printer, printer->withdraw);
                put_truncated(printer);
                break;
        case ABANDON_SILENTLY: break;
        case ABANDON_ALL: *length = printer->text.length; return printer->text.start;
        default: return NULL;
        }
        note_print(printer, packet);
        if (printer->options.verbose)
                remarks_print(printer, packet);
        dump_print(printer, &packet->packet);
        start = dressed_print(printer, packet);
        put_bytes(printer, "\n", 2); /* and its NUL */
        *length = printer->text.length - 1 - start;
        return printer->text.start + start;
}

bool print_knows_link_type(int link_type)
{
        return protocol_find(protocols[LINK_TYPE], (uint32_t)link_type) != NULL;
}

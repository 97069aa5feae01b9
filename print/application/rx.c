/* Rx, the remote procedure calls of AFS: the header, acknowledgments, and calls and replies of the
 * services of AFS, which are known by their ports. A reply does not say of what; its call is
 * remembered. */
#include "rx.h"

#include "base/array.h"
#include "print/printer/earlier.h"

enum { CONNECTION = 4, CALL = 8, SEQUENCE = 12, SERIAL = 16, SECURITY = 23, SERVICE = 26 };

static bool is_first(struct printer *printer, struct packet packet)
{
        return get8(printer, packet, RX_TYPE) == RX_DATA && get32(printer, packet, SEQUENCE) == 1;
}

bool rx_is_call(struct printer *printer, struct packet packet)
{
        return is_first(printer, packet) && (get8(printer, packet, RX_FLAGS) & RX_FROM_CLIENT);
}

bool rx_is_reply(struct printer *printer, struct packet packet)
{
        return (is_first(printer, packet) || get8(printer, packet, RX_TYPE) == RX_ABORT) &&
               !(get8(printer, packet, RX_FLAGS) & RX_FROM_CLIENT);
}

/* tcpdump looks for the addresses where an IPv4 header has them, in an IPv6 header, too; what it
 * finds there are two parts of the source's address. */
struct rx_key rx_key_of(struct printer *printer, struct packet packet, bool reply)
{
        const struct network *network = printer->network;
        bool ipv4 = network->version == 4;
        const uint8_t *from = ipv4 ? network->source : network->source + 4;
        const uint8_t *to = ipv4 ? network->destination : network->source + 8;
        struct rx_key key;

        key.call = get32(printer, packet, CALL);
        memcpy(key.client, reply ? to : from, sizeof key.client);
        memcpy(key.server, reply ? from : to, sizeof key.server);
        key.port = reply ? printer->source_port : printer->destination_port;
        key.service = get16(printer, packet, SERVICE);
        return key;
}

const struct rx_service *rx_service_find(uint16_t port)
{
        const struct rx_service *service = rx_services;

        while (service->port != 0 && service->port != port)
                service++;
        return service->port != 0 ? service : NULL;
}

const struct rx_operation *rx_operation_of(const struct rx_service **service, uint32_t code)
{
        const struct rx_operation *operation = rx_operation_find((*service)->operations, code);

        if (operation || !(*service)->ubik)
                return operation;
        operation = rx_operation_find(rx_ubik.operations, code);
        if (operation)
                *service = &rx_ubik;
        return operation;
}

/* " pt ubik call disk-begin". Returns NULL if the operation is not known; `*service` becomes the
 * one that it belongs to. */
static const struct rx_operation *operation_print(struct printer *printer,
                                                  const struct rx_service **service, uint32_t code,
                                                  const char *direction)
{
        const struct rx_operation *operation;

        put_char(printer, ' ');
        put_as(printer, ROLE_PROTOCOL, (*service)->name);
        operation = rx_operation_of(service, code);
        if (*service == &rx_ubik)
                put(printer, " ubik");
        put(printer, direction);
        if (operation)
                put_as(printer, ROLE_OPERATION, operation->name);
        else
                putf_as(printer, ROLE_OPERATION, "op#%u", code);
        return operation;
}

static void call_print(struct printer *printer, struct packet packet)
{
        const struct rx_service *service = rx_service_find(printer->destination_port);
        const struct rx_operation *operation;
        uint32_t code;
        struct rx_key key;

        if (has(packet, RX_HEADER, sizeof code)) {
                code = get32(printer, packet, RX_HEADER);
                key = rx_key_of(printer, packet, false);
                recall_put(printer, RECALL_RX, &key, sizeof key, &code, sizeof code);
        }
        if (!service || packet.length <= RX_HEADER)
                return;
        code = get32(printer, packet, RX_HEADER);
        operation = operation_print(printer, &service, code, " call ");
        if (operation)
                rx_values_print(printer, service, operation->arguments, packet,
                                RX_HEADER + sizeof code);
}

static void reply_print(struct printer *printer, struct packet packet, bool aborted)
{
        const struct rx_service *service = rx_service_find(printer->source_port);
        const struct rx_operation *operation;
        struct rx_key key = rx_key_of(printer, packet, true);
        uint32_t *code = recall_get_onward(printer, RECALL_RX, &key, sizeof key);

        if (!code || !service ||
            packet.length < (service->empty_replies ? RX_HEADER : RX_HEADER + 1))
                return;
        operation = operation_print(printer, &service, *code, " reply ");
        /* Who does not vote for the caller says so by a result; who does, by an error. */
        if (aborted && service == &rx_ubik && *code == RX_VOTE_BEACON)
                rx_values_print(printer, service, "vote yes until %t", packet, RX_HEADER);
        else if (aborted)
                rx_values_print(printer, service, service->error, packet, RX_HEADER);
        else if (operation)
                rx_values_print(printer, service, operation->results, packet, RX_HEADER);
}

/* " acked 1-3,5": those of the packets from `first` on that are in this state. */
static void states_print(struct printer *printer, const char *title, struct packet states,
                         uint32_t first, uint8_t state)
{
        bool any = false;

        for (uint32_t i = 0; i < states.length; i++) {
                uint32_t start = i;

                while (i < states.length && states.data[i] == state)
                        i++;
                if (i == start)
                        continue;
                put(printer, any ? "," : title);
                any = true;
                put_decimal(printer, first + start);
                if (i - start > 1)
                        put_labelled(printer, "-", first + i - 1);
        }
}

static void acknowledgment_print(struct printer *printer, struct packet packet)
{
        enum {
                SKEW = 2,
                FIRST = 4,
                PREVIOUS = 8,
                ANSWERED = 12,
                REASON = 16,
                COUNT = 17,
                STATES = 18
        };
        enum { NOT_RECEIVED = 0, RECEIVED = 1, PADDING = 3 };
        static const struct name reasons[] = {{1, "ack requested"},
                                              {2, "duplicate packet"},
                                              {3, "out of sequence"},
                                              {4, "exceeds window"},
                                              {5, "no buffer space"},
                                              {6, "ping"},
                                              {7, "ping response"},
                                              {8, "delay"},
                                              {9, "idle"},
                                              {0, NULL}};
        static const char *const sizes[] = {" ifmtu ", " maxmtu ", " rwind ", " maxpackets "};
        int verbose = printer->options.verbose;
        struct packet states;
        uint32_t first;

        printer->protocol = "ack";
        if (!has(packet, 0, STATES)) {
                put_truncated(printer);
                return;
        }
        if (verbose > 2)
                putf(printer, " bufspace %u maxskew %u", get16(printer, packet, 0),
                     get16(printer, packet, SKEW));
        first = get32(printer, packet, FIRST);
        putf(printer, " first %u serial %u reason ", first, get32(printer, packet, ANSWERED));
        put_name(printer, reasons, "#%u", get8(printer, packet, REASON));
        states = packet_cut(packet_from(packet, STATES), get8(printer, packet, COUNT));
        if (states.captured < get8(printer, packet, COUNT)) {
                put_truncated(printer);
                return;
        }
        states_print(printer, " acked ", states, first, RECEIVED);
        states_print(printer, " nacked ", states, first, NOT_RECEIVED);
        packet = packet_from(packet, STATES + states.length + PADDING);
        for (uint32_t i = 0; verbose > 1 && i < 4 && has(packet, i * 4, 4); i++)
                put_labelled(printer, sizes[i], get32(printer, packet, i * 4));
}

/* What the header says besides the type. */
static void header_print(struct printer *printer, struct packet packet, int verbose)
{
        static const struct {
                const char *name;
                uint8_t bit;
                uint8_t type; /* only of this one; 0 for all */
        } flags[] = {{"client-init", 0x01, 0},
                     {"req-ack", 0x02, 0},
                     {"last-pckt", 0x04, 0},
                     {"more-pckts", 0x08, 0},
                     {"free-pckt", 0x10, 0},
                     {"jumbogram", 0x20, RX_DATA},
                     {"slow-start", 0x20, RX_ACKNOWLEDGMENT}};
        uint8_t type = get8(printer, packet, RX_TYPE), set = get8(printer, packet, RX_FLAGS);
        bool any = false;
        size_t start;

        if (verbose > 1)
                putf(printer, " cid %08x call# %u", get32(printer, packet, CONNECTION),
                     get32(printer, packet, CALL));
        putf(printer, " seq %u ser %u", get32(printer, packet, SEQUENCE),
             get32(printer, packet, SERIAL));
        if (verbose > 2)
                putf(printer, " secindex %u serviceid %u", get8(printer, packet, SECURITY),
                     get16(printer, packet, SERVICE));
        if (verbose < 2)
                return;
        start = span_start(printer);
        for (size_t i = 0; i < array_count(flags); i++) {
                if (!(set & flags[i].bit) || (flags[i].type != 0 && flags[i].type != type))
                        continue;
                put(printer, any ? ",<" : " <");
                put(printer, flags[i].name);
                put_char(printer, '>');
                any = true;
        }
        if (any)
                span_end(printer, ROLE_FLAGS, start);
}

static void packet_print(struct printer *printer, struct packet packet)
{
        static const struct name types[] = {{1, "data"},     {2, "ack"},    {3, "busy"},
                                            {4, "abort"},    {5, "ackall"}, {6, "challenge"},
                                            {7, "response"}, {8, "debug"},  {9, "params"},
                                            {13, "version"}, {0, NULL}};
        uint8_t type;

        if (!has(packet, 0, RX_HEADER)) {
                put_truncated(printer);
                return;
        }
        type = get8(printer, packet, RX_TYPE);
        put_char(printer, ' ');
        put_as(printer, ROLE_PROTOCOL, "rx");
        put_char(printer, ' ');
        put_name(printer, types, "type %u", type);
        if (printer->options.verbose > 0)
                header_print(printer, packet, printer->options.verbose);
        if (rx_is_call(printer, packet))
                call_print(printer, packet);
        else if (rx_is_reply(printer, packet))
                reply_print(printer, packet, type == RX_ABORT);
        else if (type == RX_ACKNOWLEDGMENT && packet.length >= RX_HEADER)
                acknowledgment_print(printer, packet_from(packet, RX_HEADER));
}

void rx_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "rx";
        packet_print(printer, packet);
        printer->protocol = "rx";
        put(printer, " (");
        put_number_as(printer, ROLE_LENGTH, "", packet.length);
        put_char(printer, ')');
}

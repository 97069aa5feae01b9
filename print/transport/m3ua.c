/* M3UA, RFC 4666: signalling of SS7 over SCTP. */
#include "sctp.h"

#include "base/array.h"

static const char *const management[] = {"Error", "Notify"};
static const char *const transfer[] = {NULL, "Data"};
static const char *const network[] = {NULL,
                                      "Destination Unavailable",
                                      "Destination Available",
                                      "Destination State Audit",
                                      "Signalling Congestion",
                                      "Destination User Part Unavailable",
                                      "Destination Restricted"};
static const char *const state[] = {NULL,
                                    "Up",
                                    "Down",
                                    "Heartbeat",
                                    "Up Acknowledgement",
                                    "Down Acknowledgement",
                                    "Heartbeat Acknowledgement"};
static const char *const traffic[] = {NULL, "Active", "Inactive", "Active Acknowledgement",
                                      "Inactive Acknowledgement"};
static const char *const routing[] = {NULL, "Registration Request", "Registration Response",
                                      "Deregistration Request", "Deregistration Response"};

static const struct {
        const char *name;
        const char *const *types;
        size_t count;
} classes[] = {
    {"Management", management, array_count(management)},
    {"Transfer", transfer, array_count(transfer)},
    {"SS7", network, array_count(network)},
    {"ASP", state, array_count(state)},
    {"ASP", traffic, array_count(traffic)},
    [9] = {"Routing Key Management", routing, array_count(routing)},
};

static void parameters_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 4, ROUTING_CONTEXT = 0x0006, CORRELATION = 0x0013, APPEARANCE = 0x0200 };
        static const struct name parameters[] = {{0x0004, "INFO String"},
                                                 {ROUTING_CONTEXT, "Routing Context"},
                                                 {0x0007, "Diagnostic Info"},
                                                 {0x0009, "Heartbeat Data"},
                                                 {0x000b, "Traffic Mode Type"},
                                                 {0x000c, "Error Code"},
                                                 {0x000d, "Status"},
                                                 {0x0011, "ASP Identifier"},
                                                 {0x0012, "Affected Point Code"},
                                                 {CORRELATION, "Correlation ID"},
                                                 {APPEARANCE, "Network Appearance"},
                                                 {0x0204, "User/Cause"},
                                                 {0x0205, "Congestion Indications"},
                                                 {0x0206, "Concerned Destination"},
                                                 {0x0207, "Routing Key"},
                                                 {0x0208, "Registration Result"},
                                                 {0x0209, "Deregistration Result"},
                                                 {0x020a, "Local Routing Key Identifier"},
                                                 {0x020b, "Destination Point Code"},
                                                 {0x020c, "Service Indicators"},
                                                 {0x020e, "Originating Point Code List"},
                                                 {0x0210, "Protocol Data"},
                                                 {0x0212, "Registration Status"},
                                                 {0x0213, "Deregistration Status"},
                                                 {0, NULL}};

        while (packet.length > 0) {
                uint16_t tag;
                uint32_t size;

                if (packet.length < HEADER) {
                        put_invalid_rest(printer, packet);
                        return;
                }
                tag = get16(printer, packet, 0);
                put(printer, "\n\t\t\t");
                put_name(printer, parameters, "Unknown Parameter (0x%04x)", tag);
                put(printer, ": ");
                size = get16(printer, packet, 2);
                if (size < HEADER) {
                        put_invalid_rest(printer, packet);
                        return;
                }
                size = (size + 3) & ~3u;
                need_hard(printer, packet, 0, size);
                /* tcpdump shows tag and size as the value. */
                if (tag == ROUTING_CONTEXT || tag == CORRELATION || tag == APPEARANCE)
                        putf(printer, "0x%08x", get32(printer, packet, 0));
                else
                        putf(printer, "(length %u)", get16(printer, packet, 2));
                packet = packet_from(packet, size);
        }
}

void m3ua_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 8, VERSION = 1 };
        uint8_t class, type;
        uint32_t length;

        printer->protocol = "m3ua";
        if (packet.length < HEADER) {
                put_invalid_rest(printer, packet);
                return;
        }
        if (get8(printer, packet, 0) != VERSION)
                return;
        class = get8(printer, packet, 2);
        type = get8(printer, packet, 3);
        if (class < array_count(classes) && classes[class].name) {
                bool known = type < classes[class].count && classes[class].types[type];

                if (known)
                        putf(printer, "\n\t\t%s %s Message", classes[class].name,
                             classes[class].types[type]);
                else
                        putf(printer, "\n\t\t%s Unknown (0x%02x) Message", classes[class].name,
                             type);
        } else {
                putf(printer, "\n\t\tUnknown message class %u", class);
        }
        length = get32(printer, packet, 4);
        if (length != packet.length) {
                putf(printer, "\n\t\t\t@@@@@@ Corrupted length %u of message @@@@@@", length);
                return;
        }
        parameters_print(printer, packet_from(packet, HEADER));
}

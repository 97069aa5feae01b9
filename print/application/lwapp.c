/* The Lightweight Access Point Protocol, RFC 5412: control messages and frames of stations, both
 * behind a transport header. */
#include "print/printer/printer.h"

enum { HEADER = 6, ADDRESS = 6 };

static const struct name messages[] = {
    {1, "Discovery req"},
    {2, "Discovery resp"},
    {3, "Join req"},
    {4, "Join resp"},
    {5, "Join ack"},
    {6, "Join confirm"},
    {10, "Configure req"},
    {11, "Configure resp"},
    {12, "Update req"},
    {13, "Update resp"},
    {14, "WTP event req"},
    {15, "WTP event resp"},
    {16, "Change state event req"},
    {17, "Change state event resp"},
    {22, "Echo req"},
    {23, "Echo resp"},
    {24, "Image data req"},
    {25, "Image data resp"},
    {26, "Channel status req"},
    {27, "Channel status resp"},
    {30, "Key update req"},
    {31, "Key update resp"},
    {32, "Primary discovery req"},
    {33, "Primary discovery resp"},
    {34, "Data transfer req"},
    {35, "Data transfer resp"},
    {36, "Clear config ind"},
    {37, "Wlan config req"},
    {38, "Wlan config resp"},
    {39, "Mobile config req"},
    {40, "Mobile config resp"},
    {0, NULL},
};

/* The transport header at `at`, of a packet whose port says what is in it. False if nothing more is
 * to be printed. */
static bool header_print(struct printer *printer, struct packet packet, uint32_t at,
                         const char *space)
{
        enum { CONTROL = 4 };
        static const struct name flag_names[] = {
            {1, "Last Fragment Bit"}, {2, "Fragment Bit"}, {CONTROL, "Control Bit"}, {0, NULL}};
        bool verbose = printer->options.verbose > 0;
        uint8_t first = get8(printer, packet, at);

        if (first >> 6 != 0) {
                putf(printer, "LWAPP version %u packet not supported", first >> 6);
                return false;
        }
        putf(printer, "LWAPPv0, %s frame, ", first & CONTROL ? "Control" : "Data");
        if (verbose)
                putf(printer, "Radio-id %s%u, ", space, first >> 3 & 7);
        put_flag_list(printer, "Flags [", flag_names, first & 7);
        if (!verbose)
                putf(printer, ", length %u", packet.length);
        return verbose;
}

static void messages_print(struct printer *printer, struct packet packet, uint32_t left)
{
        enum { MESSAGE_HEADER = 8 };

        while (left > 0) {
                uint32_t size;
                uint8_t type;

                need(printer, packet, 0, MESSAGE_HEADER);
                size = MESSAGE_HEADER + get16(printer, packet, 2);
                if (size > left) {
                        put(printer, "\n\t  Msg goes past end of PDU");
                        return;
                }
                type = get8(printer, packet, 0);
                putf(printer, "\n\t  Msg type: %s (%u), Seqnum: %u, Msg len: %u, Session: 0x%08x",
                     name_or(messages, type, "Unknown"), type, get8(printer, packet, 1),
                     size - MESSAGE_HEADER, get32(printer, packet, 4));
                packet = packet_from(packet, size);
                left -= size;
        }
}

/* `address`: whether an access point's address comes first. */
static void control_print(struct printer *printer, struct packet packet, bool address)
{
        uint32_t at = address ? ADDRESS : 0;
        uint16_t length;

        printer->protocol = "lwapp_control";
        need(printer, packet, 0, at + HEADER);
        if (!header_print(printer, packet, at, ""))
                return;
        length = get16(printer, packet, at + 2);
        putf(printer, ", Frag-id %u, length %u", get8(printer, packet, at + 1), length);
        if (address)
                put_ethernet_labelled(printer, "\n\tAP identity: ", packet, 0);
        messages_print(printer, packet_from(packet, at + HEADER), length);
}

void lwapp_to_control_print(struct printer *printer, struct packet packet)
{
        control_print(printer, packet, true);
}

void lwapp_from_control_print(struct printer *printer, struct packet packet)
{
        control_print(printer, packet, false);
}

void lwapp_data_print(struct printer *printer, struct packet packet)
{
        uint16_t length;

        printer->protocol = "lwapp_data";
        need(printer, packet, 0, HEADER);
        if (!header_print(printer, packet, 0, " "))
                return;
        length = get16(printer, packet, 2);
        if (length < HEADER) {
                putf(printer, ", length %u < transport header length", length);
                return;
        }
        putf(printer, ", Frag-id  %u, length %u", get8(printer, packet, 1), length);
        dump_hex(printer, "\n\t", packet_from(packet, HEADER), length - HEADER);
}

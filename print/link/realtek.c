/* Protocols and tags of Realtek's switches; of the remote control protocol (RRCP) what is known
 * from OpenRRCP. */
#include "link.h"

enum type { RRCP = 1, REP = 2, RLDP = 3, TAG_8 = 4, RLDP_2 = 0x23 };

static const struct name types[] = {
    {REP, "REP"}, {RLDP, "RLDP"}, {RLDP_2, "RLDP"}, {TAG_8, "Realtek 8-byte DSA tag"}, {0, NULL}};

/* By the upper four bits of what else is the type. */
static const struct name tags[] = {
    {9, "Realtek RTL8306 4-byte DSA tag"}, {10, "Realtek RTL8366RB 4-byte DSA tag"}, {0, NULL}};

static void rrcp_print(struct printer *printer, struct packet packet)
{
        enum { REPLY = 0x80, HELLO = 0, GET = 1, SET = 2 };
        static const struct name operations[] = {
            {HELLO, "hello"}, {GET, "get"}, {SET, "set"}, {0, NULL}};
        uint8_t byte, operation;

        printer->protocol = "rrcp";
        byte = get8(printer, packet, 1);
        operation = byte & ~REPLY;
        putf(printer, "RRCP %s: ", byte & REPLY ? "reply" : "query");
        put_name(printer, operations, "unknown opcode (0x%02x)", operation);
        if (operation == GET || operation == SET)
                putf(printer, " addr=0x%04x, data=0x%08x",
                     __builtin_bswap16(get16(printer, packet, 4)),
                     get32_little(printer, packet, 6));
        putf(printer, ", auth=0x%04x", get16(printer, packet, 2));
        if (operation == HELLO && byte & REPLY) {
                need_hard(printer, packet, 4, 14);
                putf(printer, " downlink_port=%u", get8(printer, packet, 4));
                putf(printer, ", uplink_port=%u", get8(printer, packet, 5));
                put_ethernet_labelled(printer, ", uplink_mac=", packet, 6);
                putf(printer, ", vendor_id=%08x", get32(printer, packet, 14));
                putf(printer, " ,chip_id=%04x ", get16(printer, packet, 12));
        } else if (operation == GET || operation == SET) {
                putf(printer, ", cookie=0x%08x%08x ", get32(printer, packet, 14),
                     get32(printer, packet, 10));
        }
}

void realtek_print(struct printer *printer, struct packet packet)
{
        uint8_t type;

        printer->protocol = "rtl";
        if (printer->stations.source) {
                put_frame_station(printer, printer->stations.source);
                put(printer, " > ");
        }
        if (printer->stations.destination) {
                put_frame_station(printer, printer->stations.destination);
                put(printer, ", ");
        }
        type = get8(printer, packet, 0);
        if (type == RRCP)
                rrcp_print(printer, packet);
        else if (name_find(types, type))
                put(printer, name_find(types, type));
        else if (name_find(tags, type >> 4))
                put(printer, name_find(tags, type >> 4));
        else
                putf(printer, "Realtek unknown type 0x%02x", type);
}

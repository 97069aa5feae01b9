/* What OSPF versions 2 and 3 print alike. */
#include "ospf.h"

void ospf_neighbors_print(struct printer *printer, struct packet packet)
{
        put(printer, "\n\t  Neighbor List:");
        for (uint32_t at = 0; at < packet.length; at += 4) {
                need_hard(printer, packet, at, 4);
                put_ipv4_labelled(printer, "\n\t    ", packet, at);
        }
}

void ospf_routers_print(struct printer *printer, struct packet packet, uint32_t offset)
{
        put_ipv4_unless_zero(printer, "\n\t  Designated Router ", packet, offset);
        put_ipv4_unless_zero(printer, ", Backup Designated Router ", packet, offset + 4);
}

/* False if the length is wrong. */
static bool put_grace_value(struct printer *printer, struct packet value, uint16_t type)
{
        enum { PERIOD = 1, REASON = 2, ADDRESS = 3 };
        static const struct name reasons[] = {{0, "Unknown"},
                                              {1, "Software Restart"},
                                              {2, "Software Reload/Upgrade"},
                                              {3, "Control Processor Switch"},
                                              {0, NULL}};

        if (type == PERIOD && value.length == 4) {
                putf(printer, "%us", get32(printer, value, 0));
        } else if (type == REASON && value.length == 1) {
                uint8_t reason = get8(printer, value, 0);

                putf(printer, "%s (%u)", name_or(reasons, reason, "Unknown"), reason);
        } else if (type == ADDRESS && value.length == 4) {
                put_ipv4_at(printer, value, 0);
        } else if (type >= PERIOD && type <= ADDRESS) {
                putf(printer, "\n\t    Bogus length %u != %u", value.length,
                     type == REASON ? 1 : 4);
                return false;
        } else if (printer->options.verbose < 2) {
                dump_hex(printer, "\n\t      ", value, value.length);
        }
        return true;
}

bool ospf_grace_print(struct printer *printer, struct packet packet)
{
        static const struct name names[] = {{1, "Grace Period"},
                                            {2, "Graceful restart Reason"},
                                            {3, "IPv4 interface address"},
                                            {0, NULL}};

        uint32_t left = packet.length;

        while (left > 0) {
                uint16_t type;
                uint32_t size, padded;

                if (!has(packet, 0, 4))
                        return false;
                if (left < 4) {
                        putf(printer, "\n\t    Remaining LS length %u < 4", left);
                        return false;
                }
                type = get16(printer, packet, 0);
                size = get16(printer, packet, 2);
                packet = packet_from(packet, 4);
                left -= 4;
                putf(printer,
                     "\n\t    %s TLV (%u), length %u, value: ", name_or(names, type, "unknown"),
                     type, size);
                if (size > left) {
                        putf(printer, "\n\t    Bogus length %u > %u", size, left);
                        return false;
                }
                if (type == 0 || size == 0 || !has(packet, 0, size))
                        return false;
                if (!put_grace_value(printer, packet_cut(packet, size), type))
                        return false;
                padded = (size + 3) & ~3u;
                packet = packet_from(packet, padded);
                left -= padded; /* if that is more than was left, tcpdump never comes to an end */
        }
        return true;
}

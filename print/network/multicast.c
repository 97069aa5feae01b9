/* Multicast groups and their sources, as IGMP version 3 (RFC 3376, 4) and MLD version 2 (RFC 3810,
 * 5) list them; they differ in the size of an address. */
#include "network.h"

static uint32_t address_size(const struct printer *printer)
{
        return printer->network->version == 4 ? 4 : 16;
}

/* " { 192.0.2.1 192.0.2.2 }"; with one -v how many there are. */
static void put_sources(struct printer *printer, struct packet packet, uint32_t count)
{
        uint32_t size = address_size(printer);

        if (printer->options.verbose < 2) {
                putf(printer, ", %u source(s)", count);
                return;
        }
        put(printer, " {");
        for (uint32_t i = 0; i < count; i++) {
                const uint8_t *source = bytes_at(printer, packet, i * size, size);

                put_char(printer, ' ');
                put_network_address(printer, printer->network, source);
        }
        put(printer, " }");
}

void multicast_query_sources_print(struct printer *printer, struct packet packet, uint32_t header)
{
        uint32_t count = get16(printer, packet, header - 2);

        if (count > 0 && packet.length < header + count * address_size(printer))
                put_damage(printer, " [invalid number of sources]");
        else if (count > 0)
                put_sources(printer, packet_from(packet, header), count);
        put_char(printer, ']');
}

void multicast_report_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 8, GROUP = 4 /* where it is in a record */ };
        static const struct name kinds[] = {{1, "is_in"}, {2, "is_ex"}, {3, "to_in"}, {4, "to_ex"},
                                            {5, "allow"}, {6, "block"}, {0, NULL}};
        bool igmp = printer->network->version == 4;
        uint32_t size = address_size(printer), header = GROUP + size;
        uint32_t count = get16(printer, packet, 6);

        putf(printer, ", %u group record(s)", count);
        if (!printer->options.verbose)
                return;
        packet = packet_from(packet, HEADER);
        for (uint32_t i = 0; i < count; i++) {
                const uint8_t *group;
                uint32_t sources, end;

                if (packet.length < header) {
                        put_damage(printer, " [invalid number of groups]");
                        return;
                }
                group = bytes_at(printer, packet, GROUP, size);
                put(printer, " [gaddr ");
                put_network_address(printer, printer->network, group);
                put_char(printer, ' ');
                put_name(printer, kinds, igmp ? " [v3-report-#%u]" : " [v2-report-#%u]",
                         get8(printer, packet, 0));
                sources = get16(printer, packet, 2);
                end = header + sources * size;
                if (packet.length < end) {
                        put_damage(printer, " [invalid number of sources %u]", sources);
                        return;
                }
                put_sources(printer, packet_from(packet, header), sources);
                put_char(printer, ']');
                packet = packet_from(packet, end); /* tcpdump takes auxiliary data for records */
        }
}

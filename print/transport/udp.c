/* UDP, RFC 768, and what is known by its ports. */
#include "print/internal.h"

#include <netinet/in.h>

enum { HEADER = 8 };

static const struct {
        uint16_t port;
        application_printer *print;
} applications[] = {
    {53, dns_print},      {5353, mdns_print},    {67, dhcp_print},     {69, tftp_print},
    {123, ntp_print},     {161, snmp_print},     {162, snmp_print},    {546, dhcp6_print},
    {547, dhcp6_print},   {514, syslog_print},   {1645, radius_print}, {1646, radius_print},
    {1812, radius_print}, {1813, radius_print},  {3799, radius_print}, {5060, sip_print},
    {68, dhcp_print},     {4500, esp_udp_print}, {4789, vxlan_print},  {4790, vxlan_gpe_print},
    {6081, geneve_print}, {8472, otv_print},
};

/* "[udp sum ok] " and its like. A zero field means none was made, which only IPv4 allows. */
static void checksum_print(struct printer *printer, struct view view, uint32_t length,
                           const struct network *network)
{
        uint16_t found = get16(printer, view, 6);
        uint16_t sum;

        if (found == 0 && network->version == 4) {
                put(printer, "[no cksum] ");
                return;
        }
        if (!has(view, 0, length))
                return;
        sum = checksum_transport(network, view, length);
        if (sum != 0)
                putf(printer, "[bad udp cksum 0x%04x -> 0x%04x!] ", found,
                     checksum_expected(found, sum));
        else
                put(printer, "[udp sum ok] ");
}

static application_printer *application_find(uint16_t source, uint16_t destination)
{
        for (size_t i = 0; i < sizeof applications / sizeof *applications; i++)
                if (applications[i].port == source || applications[i].port == destination)
                        return applications[i].print;
        return NULL;
}

void udp_print(struct printer *printer, struct view view, const struct network *network)
{
        uint16_t source, destination;
        uint32_t length, payload, available;
        application_printer *application;

        printer->protocol = "udp";
        if (!has(view, 0, 4)) {
                if (network->addressed)
                        endpoints_print_short(printer, network, ": ");
                printer_abandon_softly(printer);
        }
        source = get16(printer, view, 0);
        destination = get16(printer, view, 2);
        endpoints_print(printer, network, IPPROTO_UDP, source, destination);
        if (view.length < HEADER) {
                putf(printer, "truncated-udp %u", view.length);
                return;
        }
        need(printer, view, 4, 2);
        length = get16(printer, view, 4);
        /* A jumbogram states no length, RFC 2675. */
        if (length == 0 && view.length > 65535)
                length = view.length;
        if (length < HEADER) {
                putf(printer, "truncated-udplength %u", length);
                return;
        }
        need(printer, view, 0, HEADER);
        payload = length - HEADER;
        if (printer->options.verbose >= (network->version == 4 ? 2 : 1) && !network->fragment)
                checksum_print(printer, view, length < view.length ? length : view.length, network);
        available = view.length - HEADER;
        application = printer->options.quiet ? NULL : application_find(source, destination);
        if (application) {
                /* What the header says less than IP does is not taken away: the reading may go on.
                 */
                if (length < view.length)
                        view.length = length;
                application(printer, view_from(view, HEADER));
        } else if (payload > available && !network->fragment) {
                putf(printer, "UDP, bad length %u > %u", payload, available);
        } else {
                put(printer, "UDP, length ");
                put_decimal(printer, payload);
        }
}

/* Juniper's cards for bundles of links, which may have taken the packets out of their frames. */
#include "juniper.h"

enum { SERVICES_IPV4 = 0x00, SERVICES_IPV6 = 0x10, SERVICES_MPLS = 0x20, SERVICES_ISO = 0x30 };

/* What a services card has taken out of its frames. False if that is not known. */
static bool services_payload_print(struct printer *printer, struct packet packet, uint16_t protocol)
{
        switch (protocol) {
        case SERVICES_IPV4: return protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV4, packet);
        case SERVICES_IPV6: return protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV6, packet);
        case SERVICES_MPLS: return protocol_print(printer, ETHERTYPE, ETHERTYPE_MPLS, packet);
        case SERVICES_ISO: return protocol_print(printer, LLC_SAP, SAP_ISO, packet);
        default: return false;
        }
}

void juniper_mlppp_print(struct printer *printer, struct packet packet)
{
        static const struct juniper_pic pic = {
            .protocol = "juniper_mlppp", .name = "MLPPP", .cookie_size = 2, .bundles = true};
        struct juniper juniper;

        if (!juniper_header_take(printer, &packet, &pic, &juniper))
                return;
        if (printer->options.link_header)
                putf(printer, "Bundle-ID %u: ", juniper.bundle);
        if (!services_payload_print(printer, packet, juniper.protocol))
                ppp_print_inside(printer, packet);
}

/* What BGP says of the addresses of a family (SAFI), RFC 4760. */
#include "bgp.h"

const struct name bgp_subsequent_families[] = {{0, "Reserved"},
                                               {1, "Unicast"},
                                               {2, "Multicast"},
                                               {3, "Unicast+Multicast"},
                                               {4, "labeled Unicast"},
                                               {5, "Multicast VPN"},
                                               {64, "Tunnel"},
                                               {65, "VPLS"},
                                               {66, "MDT"},
                                               {70, "EVPN"},
                                               {128, "labeled VPN Unicast"},
                                               {129, "labeled VPN Multicast"},
                                               {130, "labeled VPN Unicast+Multicast"},
                                               {132, "Route Target Routing Information"},
                                               {0, NULL}};

void bgp_family_print(struct printer *printer, uint32_t family, uint32_t subsequent)
{
        putf(printer, "AFI %s (%u), SAFI %s (%u)", name_or(address_family_names, family, "Unknown"),
             family, name_or(bgp_subsequent_families, subsequent, "Unknown"), subsequent);
}

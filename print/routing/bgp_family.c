/* The address families that BGP carries, and what is said of their addresses, RFC 4760. */
#include "bgp.h"

const struct name bgp_families[] = {{0, "Reserved"},
                                    {BGP_IPV4, "IPv4"},
                                    {BGP_IPV6, "IPv6"},
                                    {BGP_NSAP, "NSAP"},
                                    {4, "HDLC"},
                                    {5, "BBN 1822"},
                                    {6, "802"},
                                    {7, "E.163"},
                                    {8, "E.164"},
                                    {9, "F.69"},
                                    {10, "X.121"},
                                    {11, "Novell IPX"},
                                    {12, "Appletalk"},
                                    {13, "Decnet IV"},
                                    {14, "Banyan Vines"},
                                    {15, "E.164 with NSAP subaddress"},
                                    {BGP_VPLS, "VPLS"},
                                    {BGP_L2VPN, "Layer-2 VPN"},
                                    {0, NULL}};

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
        putf(printer, "AFI %s (%u), SAFI %s (%u)", name_or(bgp_families, family, "Unknown"), family,
             name_or(bgp_subsequent_families, subsequent, "Unknown"), subsequent);
}

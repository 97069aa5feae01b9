/* PPP's protocols (https://www.iana.org/assignments/ppp-numbers), and what is shown of options and
 * messages alike. */
#include "ppp.h"

const struct name ppp_protocol_names[] = {
    {0x0021, "IP"},
    {0x0023, "OSI"},
    {0x0025, "NS"},
    {0x0027, "DECNET"},
    {0x0029, "APPLE"},
    {0x002b, "IPX"},
    {0x002d, "VJC IP"},
    {0x002f, "VJNC IP"},
    {0x0031, "BRPDU"},
    {0x0033, "STII"},
    {0x0035, "VINES"},
    {MULTILINK, "MLPPP"},
    {0x0057, "IP6"},
    {0x00fd, "Compressed"},
    {0x0201, "HELLO"},
    {0x0231, "LUXCOM"},
    {0x0233, "SNS"},
    {0x0281, "MPLS"},
    {0x0283, "MPLS"},
    {0x8021, "IPCP"},
    {0x8023, "OSICP"},
    {0x8025, "NSCP"},
    {0x8027, "DECNETCP"},
    {0x8029, "APPLECP"},
    {0x802b, "IPXCP"},
    {0x8033, "STIICP"},
    {0x8035, "VINESCP"},
    {0x8057, "IP6CP"},
    {0x80fd, "CCP"},
    {0x8281, "MPLSCP"},
    {0xc021, "LCP"},
    {PAP, "PAP"},
    {0xc025, "LQM"},
    {SPAP, "SPAP"},
    {0xc02b, "BACP"},
    {0xc02d, "BAP"},
    {OLD_SPAP, "Old-SPAP"},
    {CHAP, "CHAP"},
    {0xc03d, "MLPPP-CP"},
    {EAP_IN_PPP, "EAP"},
    {0, NULL},
};

void ppp_vendor_print(struct printer *printer, const char *label, uint32_t vendor)
{
        putf(printer, "%s%s (%u)", label, name_or(oui_names, vendor, "Unknown"), vendor);
}

void ppp_cut_print(struct printer *printer, const char *name)
{
        put_damage(printer, "[|%s]", name);
}

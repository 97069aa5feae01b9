/* The tags that switches and the host they belong to tell each other ports with, in the place of
 * EtherTypes or in front of the frame: Marvell's DSA and EDSA, and Broadcom's. */
#include "ethernet.h"

/* ---- Marvell ---- */

enum mode { TO_CPU, FROM_CPU, TO_SNIFFER, FORWARD };

struct dsa {
        enum mode mode;
        bool tagged, canonical;
        bool marked; /* a trunk if forwarded; received if sniffed */
        unsigned device, port, vlan, priority, code;
};

static struct dsa dsa_read(uint32_t tag)
{
        return (struct dsa){.mode = tag >> 30,
                            .tagged = tag >> 29 & 1,
                            .device = tag >> 24 & 0x1f,
                            .port = tag >> 19 & 0x1f,
                            .marked = tag >> 18 & 1,
                            .canonical = tag >> 16 & 1,
                            .priority = tag >> 13 & 7,
                            .code = (tag >> 16 & 6) | (tag >> 12 & 1),
                            .vlan = tag & 0xfff};
}

/* With -e. */
static void dsa_fields_print(struct printer *printer, const struct dsa *dsa)
{
        static const char *const codes[] = {
            "BPDU (MGMT) Trap", "Frame2Reg",     "IGMP/MLD Trap", "Policy Trap",
            "ARP Mirror",       "Policy Mirror", "reserved",      "reserved",
        };

        put(printer, "mode ");
        switch (dsa->mode) {
        case TO_CPU:
                putf(printer, "To CPU, source dev %u, port %u, ", dsa->device, dsa->port);
                putf(printer, "code %s, ", codes[dsa->code]);
                break;
        case FROM_CPU:
                putf(printer, "From CPU, target dev %u, port %u, ", dsa->device, dsa->port);
                break;
        case TO_SNIFFER:
                putf(printer, "To Sniffer, source dev %u, port %u, ", dsa->device, dsa->port);
                putf(printer, "%s sniff, ", dsa->marked ? "ingress" : "egress");
                break;
        case FORWARD:
                putf(printer, "Forward, dev %u, %s %u, ", dsa->device,
                     dsa->marked ? "trunk" : "port", dsa->port);
                break;
        }
        putf(printer, "%s, %sVID %u, FPri %u, ", dsa->tagged ? "tagged" : "untagged",
             dsa->canonical ? "CFI, " : "", dsa->vlan, dsa->priority);
}

static void dsa_path_print(struct printer *printer, const struct dsa *dsa)
{
        switch (dsa->mode) {
        case TO_CPU: putf(printer, "port %u.%u > CPU", dsa->device, dsa->port); break;
        case FROM_CPU: putf(printer, "CPU > port %u.%u", dsa->device, dsa->port); break;
        case TO_SNIFFER:
                putf(printer, "port %u.%u > %s Sniffer", dsa->device, dsa->port,
                     dsa->marked ? "Rx" : "Tx");
                break;
        case FORWARD:
                putf(printer, "Forward %s %u.%u", dsa->marked ? "trunk" : "port", dsa->device,
                     dsa->port);
                break;
        }
        putf(printer, ", VLAN %u%c, ", dsa->vlan, dsa->tagged ? 't' : 'u');
}

static void dsa_tag_print(struct printer *printer, struct packet packet)
{
        struct dsa dsa = dsa_read(get32(printer, packet, 0));

        if (printer->options.link_header) {
                put_as(printer, ROLE_PROTOCOL, "Marvell DSA ");
                dsa_fields_print(printer, &dsa);
        } else {
                put_as(printer, ROLE_PROTOCOL, "DSA ");
                dsa_path_print(printer, &dsa);
        }
}

void dsa_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "dsa";
        ethernet_print_tagged(printer, packet, 4, dsa_tag_print);
}

/* The same behind an EtherType. */
static void edsa_tag_print(struct printer *printer, struct packet packet)
{
        struct dsa dsa = dsa_read(get32(printer, packet, 4));
        uint16_t type = get16(printer, packet, 0);

        if (printer->options.link_header) {
                putf(printer, "Marvell EDSA ethertype 0x%04x (%s), ", type,
                     name_or(ethertype_names, type, "Unknown"));
                putf(printer, "rsvd %u %u, ", get8(printer, packet, 2), get8(printer, packet, 3));
                dsa_fields_print(printer, &dsa);
        } else {
                putf(printer, "EDSA 0x%04x, ", type);
                dsa_path_print(printer, &dsa);
        }
}

void edsa_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "edsa";
        ethernet_print_tagged(printer, packet, 8, edsa_tag_print);
}

/* ---- Broadcom ---- */

enum { BROADCOM_TAG = 4 };

static void broadcom_tag_print(struct printer *printer, struct packet packet)
{
        enum { INGRESS = 1 << 29 };
        static const struct name reasons[] = {
            {0x01, "mirror"},     {0x02, "MAC learning"}, {0x04, "switching"}, {0x08, "prot term"},
            {0x10, "prot snoop"}, {0x20, "exception"},    {0, NULL},
        };
        static const char *const encapsulations[] = {"None", "Untag", "Header", "Reserved"};
        uint32_t tag = get32(printer, packet, 0);

        putf(printer, "BRCM tag OP: %s, ", tag >> 24 ? "IG" : "EG");
        if (tag & INGRESS) {
                putf(printer, "TC: %u, TE: %s, ", tag >> 18 & 7, encapsulations[tag >> 16 & 3]);
                putf(printer, "TS: %u, DST map: 0x%04x, ", tag >> 23 & 1, tag & 0x1ff);
        } else {
                putf(printer, "CID: %u, RC: %s, ", tag >> 16 & 0xff,
                     name_or(reasons, tag >> 8 & 0xff, "reserved"));
                putf(printer, "TC: %u, port: %u, ", tag >> 5 & 7, tag & 0x1f);
        }
}

void broadcom_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "brcm-tag";
        ethernet_print_tagged(printer, packet, BROADCOM_TAG, broadcom_tag_print);
}

void broadcom_prepended_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "brcm-tag-prepend";
        need_hard(printer, packet, 0, BROADCOM_TAG);
        printer->link_header = BROADCOM_TAG;
        if (printer->options.link_header)
                broadcom_tag_print(printer, packet);
        printer->protocol = "ether";
        ethernet_print_tagged(printer, packet_from(packet, BROADCOM_TAG), 0, NULL);
}

/* Link types: the table of them, and those whose header is no more than a protocol number or
 * nothing. */
#include "internal.h"

#include <pcap/dlt.h>
#include <string.h>

/* The headers of NULL and LOOP hold the address family as the capturing system numbers it; IPv6 has
 * a different number on nearly every BSD. */
static const struct name families[] = {
    {2, "IPv4"},  {6, "NS"},    {7, "ISO"},   {16, "Appletalk"}, {23, "IPX"},
    {24, "IPv6"}, {28, "IPv6"}, {30, "IPv6"}, {0, NULL},
};

static bool family_is_ipv6(uint32_t family)
{
        return family == 24 || family == 28 || family == 30;
}

static void put_family(struct printer *printer, uint32_t family, uint32_t length)
{
        const char *name = name_find(families, family);

        if (!printer->options.quiet)
                putf(printer, "AF %s (%u)", name ? name : "Unknown", family);
        else if (name)
                put(printer, name);
        else
                putf(printer, "Unknown AF %u", family);
        putf(printer, ", length %u: ", length);
}

static void null_print_family(struct printer *printer, struct view view, uint32_t family)
{
        struct view inner = view_from(view, 4);

        printer->link_header = 4;
        if (printer->options.link_header)
                put_family(printer, family, view.length);
        if (family == 2) {
                ipv4_print(printer, inner);
        } else if (family_is_ipv6(family)) {
                ipv6_print(printer, inner);
        } else {
                /* The family is worth telling where nothing else is known. */
                if (!printer->options.link_header)
                        put_family(printer, family, view.length);
                if (!printer->options.quiet)
                        put_unknown(printer, inner, inner.captured);
        }
}

/* DLT_NULL: in the byte order of the capturing machine, which a small number gives away. */
static void null_print(struct printer *printer, struct view view)
{
        uint32_t family;

        printer->protocol = "null";
        need(printer, view, 0, 4);
        memcpy(&family, view.data, 4);
        if (family & 0xffff0000)
                family = __builtin_bswap32(family);
        null_print_family(printer, view, family);
}

static void raw_print(struct printer *printer, struct view view)
{
        printer->protocol = "raw";
        printer->link_header = 0;
        if (printer->options.link_header)
                put(printer, "ip: ");
        ip_print_any(printer, view);
}

static const struct {
        int link_type;
        link_printer *print;
} link_types[] = {
    {DLT_EN10MB, ethernet_print},
    {DLT_LINUX_SLL, sll_print},
    {DLT_LINUX_SLL2, sll2_print},
    {DLT_RAW, raw_print},
    {DLT_IPV4, raw_print},
    {DLT_IPV6, raw_print},
    {DLT_NULL, null_print},
    {DLT_LOOP, null_print},
    {DLT_PPP_SERIAL, ppp_serial_print},
    {DLT_PPP, ppp_print},
    {DLT_PPP_ETHER, pppoe_link_print},
};

link_printer *link_find(int link_type)
{
        for (size_t i = 0; i < sizeof link_types / sizeof *link_types; i++)
                if (link_types[i].link_type == link_type)
                        return link_types[i].print;
        return NULL;
}

/* OpenBSD's enc interfaces: packets of IPsec outside of their protection, with what protected them.
 * The header is in the byte order of the host that captured, but for the security parameter index.
 */
#include "link.h"

void enc_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 12, AUTHENTIC = 0x0800, CONFIDENTIAL = 0x0400 };
        enum { IPV4 = 2, OPENBSD_IPV6 = 24, FREEBSD_IPV6 = 28, DARWIN_IPV6 = 30 };
        static const struct name names[] = {
            {AUTHENTIC, "authentic"}, {CONFIDENTIAL, "confidential"}, {0, NULL}};
        struct packet inner = packet_from(packet, HEADER);
        uint32_t family, flags;

        printer->protocol = "enc";
        printer->link_header = HEADER;
        need_hard(printer, packet, 0, HEADER);
        family = get32(printer, packet, 0);
        flags = get32(printer, packet, 8);
        if ((family & 0xffff) == 0) {
                family = __builtin_bswap32(family);
                flags = __builtin_bswap32(flags);
        }
        if (flags == 0)
                put(printer, "(unprotected): ");
        else
                put_char(printer, '(');
        for (const struct name *name = names; name->name; name++) {
                if (!(flags & name->value))
                        continue;
                flags &= ~name->value;
                putf(printer, "%s%s", name->name, flags ? "," : "): ");
        }
        putf(printer, "SPI 0x%08x: ", get32(printer, packet, 4));
        if (family == IPV4)
                protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV4, inner);
        else if (family == OPENBSD_IPV6 || family == FREEBSD_IPV6 || family == DARWIN_IPV6)
                protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV6, inner);
}

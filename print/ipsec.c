/* IPsec: the authentication header (RFC 4302), which says what follows, and the encapsulating
 * security payload (RFC 4303), which does not. */
#include "print/internal.h"

void ah_print(struct printer *printer, struct view view, const struct network *network)
{
        enum { FIXED = 12 };
        struct network inner = *network;
        uint32_t size;

        printer->protocol = "ah";
        need(printer, view, 0, 1);
        put(printer, "AH");
        inner.protocol = get8(printer, view, 0);
        size = (get8(printer, view, 1) + 2u) * 4;
        put_char(printer, '(');
        if (printer->options.verbose)
                putf(printer, "length=%u(%u-bytes),", get8(printer, view, 1), size);
        if (get16(printer, view, 2) != 0)
                putf(printer, "reserved=0x%x[MustBeZero],", get16(printer, view, 2));
        putf(printer, "spi=0x%08x,", get32(printer, view, 4));
        putf(printer, "seq=0x%x,icv=0x", get32(printer, view, 8));
        if (size > FIXED)
                put_hex_bytes(printer, view, FIXED, size - FIXED);
        put(printer, "): ");
        transport_print(printer, view_from(view, size), &inner);
}

void esp_print(struct printer *printer, struct view view, const struct network *network)
{
        (void)network;
        printer->protocol = "esp";
        need(printer, view, 0, 9); /* one byte more than the header, as the reference */
        putf(printer, "ESP(spi=0x%08x,seq=0x%x), length %u", get32(printer, view, 0),
             get32(printer, view, 4), view.length);
}

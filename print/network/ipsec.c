/* IPsec: the authentication header (RFC 4302), which names its payload, and the encapsulating
 * security payload (RFC 4303), which does not. */
#include "network.h"

void ah_print(struct printer *printer, struct packet packet)
{
        enum { FIXED = 12 };
        struct network inner = *printer->network;
        uint32_t size;

        printer->protocol = "ah";
        need(printer, packet, 0, 1);
        put(printer, "AH");
        inner.protocol = get8(printer, packet, 0);
        size = (get8(printer, packet, 1) + 2u) * 4;
        put_char(printer, '(');
        if (printer->options.verbose)
                putf(printer, "length=%u(%u-bytes),", get8(printer, packet, 1), size);
        if (get16(printer, packet, 2) != 0)
                putf(printer, "reserved=0x%x[MustBeZero],", get16(printer, packet, 2));
        putf(printer, "spi=0x%08x,", get32(printer, packet, 4));
        putf(printer, "seq=0x%x,icv=0x", get32(printer, packet, 8));
        if (size > FIXED)
                put_hex_bytes(printer, packet, FIXED, size - FIXED);
        put(printer, "): ");
        inner.addressed = false;
        if (printer->depth >= MAX_DEPTH) {
                put_invalid(printer);
                return;
        }
        printer->depth++;
        transport_print(printer, packet_from(packet, size), &inner);
        printer->depth--;
}

/* What was encrypted: a payload, padding, the length of that, and the payload's protocol. */
static void esp_text_print(struct printer *printer, struct packet text)
{
        enum { TRAILER = 2 };
        struct network inner = *printer->network;
        uint32_t padding;

        need(printer, text, 0, TRAILER);
        padding = get8(printer, text, text.length - TRAILER);
        need(printer, text, 0, TRAILER + padding);
        put(printer, ": ");
        inner.protocol = get8(printer, text, text.length - 1);
        inner.addressed &= inner.protocol == printer->network->protocol;
        if (printer->depth >= MAX_DEPTH) {
                put_invalid(printer);
                return;
        }
        printer->depth++;
        transport_print(printer, packet_cut(text, text.length - TRAILER - padding), &inner);
        printer->depth--;
}

void esp_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 8 };
        struct packet text;
        uint32_t spi;

        printer->protocol = "esp";
        need(printer, packet, 0, HEADER + 1); /* one byte more than the header, like tcpdump */
        spi = get32(printer, packet, 0);
        putf(printer, "ESP(spi=0x%08x,seq=0x%x), length %u", spi, get32(printer, packet, 4),
             packet.length);
        if (printer->network->version == 4 && printer->network->fragment)
                return;
        secrets_expect(printer);
        if (printer->options.secrets &&
            esp_decrypt(printer, spi, packet_from(packet, HEADER), &text))
                esp_text_print(printer, text);
}

/* Compressed payload, RFC 3173. */
void ipcomp_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "ipcomp";
        need_hard(printer, packet, 0, 4);
        putf(printer, "IPComp(cpi=0x%04x)", get16(printer, packet, 2));
}

/* RFC 3948: ESP in UDP. The exchange of keys on the same port has four zero bytes in front. */
void esp_udp_print(struct printer *printer, struct packet packet)
{
        enum { ISAKMP = 500 };

        printer->protocol = "isakmp_rfc3948";
        if (packet.length == 1 && get8(printer, packet, 0) == 0xff) {
                put(printer, "isakmp-nat-keep-alive");
                return;
        }
        need_length(printer, packet, 4);
        if (get32(printer, packet, 0) == 0) {
                put(printer, "NONESP-encap: ");
                protocol_print(printer, UDP_PORT, ISAKMP, packet_from(packet, 4));
                return;
        }
        put(printer, "UDP-encap: ");
        esp_print(printer, packet);
}

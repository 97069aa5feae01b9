/* Information elements of IEEE 802.15.4, 7.4. */
#include "ieee802154.h"

enum {
        ELEMENT_HEADER = 2,
        IS_PAYLOAD = 0x8000, /* in the element's first word: not of the header */

        HEADER_IDS = 0x80,    /* there are no more */
        TERMINATION_1 = 0x7e, /* of the header's elements: those of the payload follow */
        TERMINATION_2 = 0x7f,

        GROUP_TERMINATION = 0x0f,
};

static const struct name header_elements[] = {
    {0x00, "Vendor Specific Header IE"},
    {0x1a, "LE CSL IE"},
    {0x1b, "LE RIT IE"},
    {0x1c, "DSME PAN descriptor IE"},
    {0x1d, "Rendezvous Time IE"},
    {0x1e, "Time Correction IE"},
    {0x21, "Extended DSME PAN descriptor IE"},
    {0x22, "Fragment Sequence Context Description IE"},
    {0x23, "Simplified Superframe Specification IE"},
    {0x24, "Simplified GTS Specification IE"},
    {0x25, "LECIM Capabilities IE"},
    {0x26, "TRLE Descriptor IE"},
    {0x27, "RCC Capabilities IE"},
    {0x28, "RCCN Descriptor IE"},
    {0x29, "Global Time IE"},
    {0x2a, "Omnibus Header IE"},
    {0x2b, "DA IE"},
    {TERMINATION_1, "Header Termination 1 IE"},
    {TERMINATION_2, "Header Termination 2 IE"},
    {0, NULL},
};

static const struct name payload_groups[] = {
    {0, "ESDU IE"},
    {1, "MLME IE"},
    {2, "Vendor Specific Nested IE"},
    {3, "Multiplexed IE (802.15.9)"},
    {4, "Omnibus Payload Group IE"},
    {5, "IETF IE"},
    {GROUP_TERMINATION, "List termination"},
    {0, NULL},
};

/* The element's content, which is taken off the packet. */
static bool content_print(struct printer *printer, struct packet *packet, uint32_t size)
{
        if (!has(*packet, 0, size))
                return ieee802154_fault(printer, "Truncated IE data");
        if (size > 0) {
                put(printer, "IE Data = ");
                for (uint32_t i = 0; i < size; i++)
                        putf(printer, "%02x ", packet->data[i]);
        }
        *packet = packet_from(*packet, size);
        return true;
}

static bool named_print(struct printer *printer, struct packet *packet, const struct name *names,
                        uint32_t number, uint32_t size)
{
        put(printer, "\n\t");
        put_name(printer, names, "Reserved 0x%02x", number);
        put(printer, " [");
        if (size > 0)
                putf(printer, " length = %u, ", size);
        if (!content_print(printer, packet, size))
                return false;
        put_char(printer, ']');
        return true;
}

/* Those of the header. `*last` is the number of the last one. */
static bool header_print(struct printer *printer, struct packet *packet, uint32_t *last)
{
        do {
                uint16_t word;
                uint32_t size;

                if (!has(*packet, 0, ELEMENT_HEADER))
                        return ieee802154_fault(printer, "Truncated header IE");
                word = ieee802154_get16(printer, *packet, 0);
                *packet = packet_from(*packet, ELEMENT_HEADER);
                *last = word >> 7 & 0xff;
                size = word & 0x7f;
                if (word & IS_PAYLOAD)
                        put_damage(printer, "[ERROR: Header IE with type 1] ");
                if (*last < HEADER_IDS) {
                        if (!named_print(printer, packet, header_elements, *last, size))
                                return false;
                        put_char(printer, ' ');
                } else {
                        putf(printer, "Reserved Element ID %02x, length = %u ", *last, size);
                        if (!content_print(printer, packet, size))
                                return false;
                        put(printer, "] ");
                }
        } while (*last != TERMINATION_1 && *last != TERMINATION_2 && packet->captured > 0);
        return true;
}

static bool payload_print(struct printer *printer, struct packet *packet)
{
        uint32_t group;

        do {
                uint16_t word;

                if (!has(*packet, 0, ELEMENT_HEADER))
                        return ieee802154_fault(printer, "Truncated header IE");
                word = ieee802154_get16(printer, *packet, 0);
                *packet = packet_from(*packet, ELEMENT_HEADER);
                group = word >> 11 & 0x0f;
                if (!(word & IS_PAYLOAD))
                        put_damage(printer, "[ERROR: Payload IE with type 0] ");
                if (!named_print(printer, packet, payload_groups, group, word & 0x3ff))
                        return false;
                put(printer, "\n\t");
        } while (group != GROUP_TERMINATION && packet->captured > 0);
        return true;
}

bool ieee802154_elements_print(struct printer *printer, struct packet *packet, bool is_encrypted)
{
        uint32_t last;

        if (!header_print(printer, packet, &last))
                return false;
        if (last != TERMINATION_1)
                return true;
        if (!is_encrypted)
                return payload_print(printer, packet);
        put(printer, "Payload IEs present, but encrypted, cannot print ");
        return true;
}

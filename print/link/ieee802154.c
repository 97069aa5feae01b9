/* IEEE 802.15.4 frames (section numbers are those of IEEE 802.15.4-2015), and the TAP header that
 * may stand in front of them. All is little-endian. */
#include "ieee802154.h"

enum {
        /* The frame control field, 7.2.2. */
        FC_SECURITY = 0x0008,
        FC_PENDING = 0x0010,
        FC_ACKNOWLEDGE = 0x0020,
        FC_PAN_COMPRESSION = 0x0040,
        FC_NO_SEQUENCE = 0x0100,
        FC_ELEMENTS = 0x0200,

        /* That of multipurpose frames, 7.3.5. */
        MULTIPURPOSE_LONG = 0x0008,
        MULTIPURPOSE_PAN = 0x0100,
        MULTIPURPOSE_SECURITY = 0x0200,
        MULTIPURPOSE_NO_SEQUENCE = 0x0400,
        MULTIPURPOSE_PENDING = 0x0800,
        MULTIPURPOSE_ACKNOWLEDGE = 0x4000,
        MULTIPURPOSE_ELEMENTS = 0x8000,
};

enum { BEACON, DATA, ACKNOWLEDGMENT, COMMAND, RESERVED, MULTIPURPOSE, FRAGMENT, EXTENDED };

/* Of addresses, 7.2.2.9. */
enum { MODE_NONE, MODE_RESERVED, MODE_SHORT, MODE_EXTENDED };

/* What the frame control field says, of both kinds. */
struct frame {
        unsigned type, version;
        unsigned destination, source; /* address modes */
        bool destination_pan, source_pan;
        bool is_secured, has_sequence, has_elements;
        struct ieee802154_check check;
        uint32_t reach; /* captured from its first byte on, also behind its end */
};

static const struct name flag_names[] = {
    {FC_SECURITY, "Security Enabled, "},
    {FC_PENDING, "Frame Pending, "},
    {FC_ACKNOWLEDGE, "AR, "},
    {FC_PAN_COMPRESSION, "PAN ID Compression, "},
    {FC_NO_SEQUENCE, "Sequence Number Suppression, "},
    {FC_ELEMENTS, "IE present, "},
    {0, NULL},
};

static const struct name multipurpose_flag_names[] = {
    {MULTIPURPOSE_SECURITY, "Security Enabled, "},
    {MULTIPURPOSE_PENDING, "Frame Pending, "},
    {MULTIPURPOSE_ACKNOWLEDGE, "AR, "},
    {MULTIPURPOSE_PAN, "PAN ID Present, "},
    {MULTIPURPOSE_NO_SEQUENCE, "Sequence Number Suppression, "},
    {MULTIPURPOSE_ELEMENTS, "IE present, "},
    {0, NULL},
};

static void flags_print(struct printer *printer, const struct name *names, uint16_t control)
{
        if (printer->options.verbose < 3)
                return;
        for (const struct name *name = names; name->name; name++)
                if (control & name->value)
                        put(printer, name->name);
}

/* "PAN:address"; a hyphen for a PAN that is not said. */
static bool address_print(struct printer *printer, struct packet *packet, bool has_pan,
                          unsigned mode)
{
        uint32_t size = mode == MODE_EXTENDED ? 8 : 2;

        if (has_pan) {
                if (!has(*packet, 0, 2))
                        return ieee802154_fault(printer, "Truncated before dst_pan");
                putf(printer, "%04x:", ieee802154_get16(printer, *packet, 0));
                *packet = packet_from(*packet, 2);
        } else {
                put(printer, "-:");
        }
        if (mode == MODE_NONE) {
                put(printer, "none");
                return true;
        }
        if (!has(*packet, 0, size))
                return ieee802154_fault(printer, "Truncated before dst_addr");
        if (mode == MODE_EXTENDED)
                ieee802154_put_extended(printer, *packet, 0);
        else
                putf(printer, "%04x", ieee802154_get16(printer, *packet, 0));
        *packet = packet_from(*packet, size);
        return true;
}

static bool addresses_print(struct printer *printer, struct packet *packet,
                            const struct frame *frame, const char *between)
{
        if (!address_print(printer, packet, frame->destination_pan, frame->destination))
                return false;
        put(printer, between);
        if (!address_print(printer, packet, frame->source_pan, frame->source))
                return false;
        put_char(printer, ' ');
        return true;
}

static bool modes_check(struct printer *printer, const struct frame *frame)
{
        if (frame->source == MODE_RESERVED)
                return ieee802154_fault(printer, "Invalid src address mode");
        if (frame->destination == MODE_RESERVED)
                return ieee802154_fault(printer, "Invalid dst address mode");
        return true;
}

/* Which PAN identifiers are there: Table 7-2, but for extended source and short destination, where
 * tcpdump always takes the source to have none. */
static void pans_find(struct printer *printer, struct frame *frame, bool compressed)
{
        bool has_destination = frame->destination != MODE_NONE;
        bool has_source = frame->source != MODE_NONE;

        if (frame->version < 2) {
                if (compressed && !(has_destination && has_source))
                        ieee802154_fault(printer, "PAN ID Compression != 0, and only one address "
                                                  "with frame version < 2");
                frame->destination_pan = has_destination;
                frame->source_pan = has_source && !compressed;
        } else if (!has_destination || !has_source) {
                frame->destination_pan = has_destination ? !compressed : !has_source && compressed;
                frame->source_pan = has_source && !compressed;
        } else if (frame->destination == MODE_EXTENDED && frame->source == MODE_EXTENDED) {
                frame->destination_pan = !compressed;
        } else {
                frame->destination_pan = true;
                frame->source_pan = !compressed && frame->source == MODE_SHORT;
        }
}

/* tcpdump shows the sequence number also where it is part of the check sequence, or behind it. */
static bool sequence_print(struct printer *printer, struct packet whole, struct packet *packet,
                           const struct frame *frame)
{
        uint8_t sequence;

        if (!frame->has_sequence)
                return true;
        whole.captured = frame->reach;
        sequence = get8(printer, whole, (uint32_t)(packet->data - whole.data));
        if (printer->options.verbose)
                putf(printer, "seq %02x ", sequence);
        if (!has(*packet, 0, 1)) {
                put_truncated(printer);
                return false;
        }
        *packet = packet_from(*packet, 1);
        return true;
}

/* What follows the addresses is alike in all frames. `whole` is the frame from its first byte.
 * False if that is malformed, but for the payload. */
static bool rest_print(struct printer *printer, struct packet whole, struct packet packet,
                       const struct frame *frame)
{
        struct ieee802154_security security = {false, 0, NULL};

        if (frame->is_secured && !ieee802154_security_print(printer, &packet, &security))
                return false;
        if (frame->has_elements &&
            !ieee802154_elements_print(printer, &packet, security.is_encrypted))
                return false;
        ieee802154_code_print(printer, security);
        ieee802154_check_print(printer, frame->check);
        /* A payload that is malformed is not shown again. */
        if (frame->type == BEACON && frame->version < 2 &&
            !ieee802154_beacon_print(printer, &packet))
                return true;
        if (frame->type == COMMAND && !ieee802154_command_print(printer, whole, &packet))
                return true;
        if (!printer->options.quiet)
                put_unknown(printer, packet, packet.captured);
        return true;
}

/* 7.3.1 to 7.3.4. */
static bool standard_print(struct printer *printer, struct packet whole, uint32_t reach,
                           uint16_t control)
{
        struct packet packet = packet_from(whole, 2);
        struct frame frame = {
            .type = control & 7,
            .version = control >> 12 & 3,
            .destination = control >> 10 & 3,
            .source = control >> 14 & 3,
            .is_secured = control & FC_SECURITY,
            .has_sequence = !(control & FC_NO_SEQUENCE),
            .has_elements = control & FC_ELEMENTS,
            .reach = reach,
        };

        frame.check = ieee802154_check_take(printer, whole, &packet);
        putf(printer, "v%u ", frame.version);
        flags_print(printer, flag_names, control);
        if (!frame.has_sequence) {
                if (frame.version < 2)
                        ieee802154_fault(printer, "Sequence number suppressed on frames where "
                                                  "version < 2");
                if (printer->options.verbose)
                        put(printer, "seq suppressed ");
        }
        if (!sequence_print(printer, whole, &packet, &frame) || !modes_check(printer, &frame))
                return false;
        pans_find(printer, &frame, control & FC_PAN_COMPRESSION);
        return addresses_print(printer, &packet, &frame, " < ") &&
               rest_print(printer, whole, packet, &frame);
}

/* 7.3.5. */
static bool multipurpose_print(struct printer *printer, struct packet whole, uint32_t reach,
                               uint16_t control)
{
        bool is_long = control & MULTIPURPOSE_LONG;
        struct packet packet = packet_from(whole, 1);
        struct frame frame = {
            .type = MULTIPURPOSE,
            .destination = control >> 4 & 3,
            .source = control >> 6 & 3,
            .has_sequence = true,
            .reach = reach,
        };

        frame.check = ieee802154_check_take(printer, whole, &packet);
        if (is_long) {
                packet = packet_from(packet, 1);
                frame.version = control >> 12 & 3;
                frame.destination_pan = control & MULTIPURPOSE_PAN;
                frame.is_secured = control & MULTIPURPOSE_SECURITY;
                frame.has_sequence = !(control & MULTIPURPOSE_NO_SEQUENCE);
                frame.has_elements = control & MULTIPURPOSE_ELEMENTS;
                putf(printer, "v%u ", frame.version);
                flags_print(printer, multipurpose_flag_names, control);
        }
        return sequence_print(printer, whole, &packet, &frame) && modes_check(printer, &frame) &&
               addresses_print(printer, &packet, &frame, " <  ") &&
               rest_print(printer, whole, packet, &frame);
}

/* False if its headers are malformed or of an unknown kind. */
static bool frame_print(struct printer *printer, struct packet packet, uint32_t reach)
{
        static const char *const names[] = {
            [BEACON] = "Beacon",     [DATA] = "Data",         [ACKNOWLEDGMENT] = "ACK",
            [COMMAND] = "Command",   [RESERVED] = "Reserved", [MULTIPURPOSE] = "Multipurpose",
            [FRAGMENT] = "Fragment", [EXTENDED] = "Extended",
        };
        uint16_t control;

        printer->protocol = "802.15.4";
        if (packet.length < 2) {
                printer->link_header += packet.captured;
                put_truncated(printer);
                return false;
        }
        control = ieee802154_get16(printer, packet, 0);
        putf(printer, "IEEE 802.15.4 %s packet ", names[control & 7]);
        switch (control & 7) {
        case RESERVED:
        case FRAGMENT:
        case EXTENDED: return false;
        case MULTIPURPOSE: return multipurpose_print(printer, packet, reach, control);
        default: return standard_print(printer, packet, reach, control);
        }
}

/* Dumps leave out one byte of what is right, as tcpdump does. */
static void captured_print(struct printer *printer, struct packet packet)
{
        /* All that matters is what is there. */
        if (frame_print(printer, packet_cut(packet, packet.captured), packet.captured))
                printer->link_header++;
}

void ieee802154_print(struct printer *printer, struct packet packet)
{
        printer->link_header = 0;
        captured_print(printer, packet);
}

bool ieee802154_print_inside(struct printer *printer, struct packet packet, uint32_t size)
{
        uint32_t link_header = printer->link_header;
        bool is_right = frame_print(printer, packet_cut(packet, size), packet.captured);

        printer->link_header = link_header;
        return is_right || size < 2;
}

/* LINKTYPE_IEEE802_15_4_TAP: version, reserved, size with the fields, which are skipped. */
void ieee802154_tap_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 4 };
        uint16_t size;

        printer->protocol = "802.15.4_tap";
        printer->link_header = 0;
        if (!has(packet, 0, HEADER)) {
                printer->link_header = packet.captured;
                put_truncated(printer);
                return;
        }
        size = ieee802154_get16(printer, packet, 2);
        if (get8(printer, packet, 0) != 0 || size < HEADER) {
                put_invalid(printer);
                return;
        }
        if (!has(packet, 0, size)) {
                printer->link_header = packet.captured;
                put_truncated(printer);
                return;
        }
        printer->link_header = size;
        captured_print(printer, packet_from(packet, size));
}

/* IS-IS, ISO 10589: the messages' fixed parts. */
#include "isis.h"

enum { HEADER = 8, VERSION = 1, FIELD_HEADER = 2 };

enum pdu {
        HELLO_1 = 15,
        HELLO_2 = 16,
        HELLO_P2P = 17,
        LSP_1 = 18,
        LSP_2 = 20,
        CSNP_1 = 24,
        CSNP_2 = 25,
        PSNP_1 = 26,
        PSNP_2 = 27
};

/* What is known of a kind of message. */
static const struct kind {
        uint8_t pdu;
        uint8_t size; /* of the fixed part behind the common header */
        const char *name;
} kinds[] = {
    {HELLO_1, 19, "L1 Lan IIH"}, {HELLO_2, 19, "L2 Lan IIH"}, {HELLO_P2P, 12, "p2p IIH"},
    {LSP_1, 19, "L1 LSP"},       {LSP_2, 19, "L2 LSP"},       {CSNP_1, 25, "L1 CSNP"},
    {CSNP_2, 25, "L2 CSNP"},     {PSNP_1, 9, "L1 PSNP"},      {PSNP_2, 9, "L2 PSNP"},
};

static const struct kind *kind_find(uint8_t pdu)
{
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
                if (kinds[i].pdu == pdu)
                        return &kinds[i];
        return NULL;
}

/* ---- One line ---- */

static void summary_print(struct printer *printer, struct packet fixed, const struct kind *kind)
{
        switch (kind->pdu) {
        case HELLO_1:
        case HELLO_2:
                put(printer, ", src-id ");
                isis_put_id(printer, fixed, 1, ISIS_SYSTEM);
                put(printer, ", lan-id ");
                isis_put_id(printer, fixed, 12, ISIS_NODE);
                putf(printer, ", prio %u", get8(printer, fixed, 11));
                break;
        case HELLO_P2P:
                put(printer, ", src-id ");
                isis_put_id(printer, fixed, 1, ISIS_SYSTEM);
                break;
        case LSP_1:
        case LSP_2:
                put(printer, ", lsp-id ");
                isis_put_id(printer, fixed, 4, ISIS_LSP);
                putf(printer, ", seq 0x%08x, lifetime %5us", get32(printer, fixed, 12),
                     get16(printer, fixed, 2));
                break;
        default: put(printer, ", src-id "); isis_put_id(printer, fixed, 2, ISIS_NODE);
        }
}

/* ---- With -v ---- */

static void hello_print(struct printer *printer, struct packet fixed, bool lan, uint16_t length)
{
        static const struct name circuits[] = {
            {1, "Level 1 only"}, {2, "Level 2 only"}, {3, "Level 1, Level 2"}, {0, NULL}};

        put(printer, "\n\t  source-id: ");
        isis_put_id(printer, fixed, 1, ISIS_SYSTEM);
        putf(printer, lan ? ",  holding time: %us, Flags: [" : ", holding time: %us, Flags: [",
             get16(printer, fixed, 7));
        put_name(printer, circuits, "unknown circuit type 0x%02x", get8(printer, fixed, 0));
        put_char(printer, ']');
        if (lan) {
                put(printer, "\n\t  lan-id:    ");
                isis_put_id(printer, fixed, 12, ISIS_NODE);
                putf(printer, ", Priority: %u", get8(printer, fixed, 11) & 0x7fu);
        } else {
                putf(printer, "\n\t  circuit-id: 0x%02x", get8(printer, fixed, 11));
        }
        putf(printer, ", PDU length: %u", length);
}

static void lsp_flags_print(struct printer *printer, uint8_t flags)
{
        enum { OVERLOAD = 0x04, ATTACHED = 0x78, PARTITION = 0x80, LEVEL = 0x03 };
        static const struct name attached[] = {
            {0x40, "error"}, {0x20, "expense"}, {0x10, "delay"}, {0x08, "default"}, {0, NULL}};
        static const struct name levels[] = {
            {0, "Unused 0x0 (invalid)"},
            {1, "L1 IS"},
            {2, "Unused 0x2 (invalid)"},
            {3, "L2 IS"},
            {0, NULL},
        };

        put(printer, ", Flags: [ ");
        if (flags & OVERLOAD)
                put(printer, "Overload bit set, ");
        for (int i = 3; flags & ATTACHED && i >= 0; i--)
                if (flags & attached[i].value)
                        putf(printer, "%s ", attached[i].name);
        if (flags & ATTACHED)
                put(printer, "ATT bit set, ");
        if (flags & PARTITION)
                put(printer, "P bit set, ");
        putf(printer, "%s ]", name_find(levels, flags & LEVEL));
}

/* The checksum covers all from the identifier on. */
static void lsp_print(struct printer *printer, struct packet pdu, struct packet fixed,
                      uint16_t length)
{
        enum { COVERED = 12, FIELD = 12 };
        uint16_t checksum = get16(printer, fixed, 16);
        uint32_t size = length < pdu.length ? length : pdu.length;
        uint32_t covered = size > COVERED ? size - COVERED : 0;

        put(printer, "\n\t  lsp-id: ");
        isis_put_id(printer, fixed, 4, ISIS_LSP);
        putf(printer, ", seq: 0x%08x, lifetime: %5us\n\t  chksum: 0x%04x",
             get32(printer, fixed, 12), get16(printer, fixed, 2), checksum);
        iso_checksum_print(printer, packet_from(pdu, COVERED), checksum, FIELD, covered);
        putf(printer, ", PDU length: %u", length);
        lsp_flags_print(printer, get8(printer, fixed, 18));
}

static void snp_print(struct printer *printer, struct packet fixed, bool complete, uint16_t length)
{
        put(printer, "\n\t  source-id:    ");
        isis_put_id(printer, fixed, 2, ISIS_NODE);
        putf(printer, ", PDU length: %u", length);
        if (!complete)
                return;
        put(printer, "\n\t  start lsp-id: ");
        isis_put_id(printer, fixed, 9, ISIS_LSP);
        put(printer, "\n\t  end lsp-id:   ");
        isis_put_id(printer, fixed, 17, ISIS_LSP);
}

/* The fixed part. Returns the message's length, as it says. */
static uint16_t fixed_print(struct printer *printer, struct packet pdu, struct packet fixed,
                            uint8_t kind)
{
        uint16_t length;

        switch (kind) {
        case HELLO_1:
        case HELLO_2:
        case HELLO_P2P:
                length = get16(printer, fixed, 9);
                hello_print(printer, fixed, kind != HELLO_P2P, length);
                break;
        case LSP_1:
        case LSP_2:
                length = get16(printer, fixed, 0);
                lsp_print(printer, pdu, fixed, length);
                break;
        default:
                length = get16(printer, fixed, 0);
                snp_print(printer, fixed, kind == CSNP_1 || kind == CSNP_2, length);
        }
        return length;
}

static void fields_print(struct printer *printer, struct packet pdu, struct packet fields)
{
        while (fields.length > 0) {
                struct packet value;
                enum isis_result result;
                uint8_t type;
                uint32_t size;

                need(printer, fields, 0, FIELD_HEADER);
                if (fields.length < FIELD_HEADER) {
                        put_truncated(printer);
                        return;
                }
                type = get8(printer, fields, 0);
                size = get8(printer, fields, 1);
                value = packet_from(fields, FIELD_HEADER);
                value.length = size;
                fields = packet_from(fields, FIELD_HEADER);
                isis_field_name_print(printer, type, size);
                result = ISIS_CUT;
                if (fields.length >= size)
                        result = isis_field_print(printer, pdu, value, type);
                if (result != ISIS_DONE) {
                        if (result == ISIS_CUT)
                                put_truncated(printer);
                        return;
                }
                fields = packet_from(fields, size);
        }
}

/* ---- The message ---- */

/* What is wrong with the common header, in words; or nothing. */
static bool header_check(struct printer *printer, struct packet packet)
{
        uint8_t size = get8(printer, packet, 1), id = get8(printer, packet, 3);

        if (get8(printer, packet, 2) != VERSION)
                putf(printer, "version %u packet not supported", get8(printer, packet, 2));
        else if (id != ISIS_SYSTEM && id != 0)
                putf(printer, "system ID length of %u is not supported", id);
        else if (get8(printer, packet, 5) != VERSION)
                putf(printer, "version %u packet not supported", get8(printer, packet, 5));
        else if (size < HEADER)
                putf(printer, "fixed header length %u < minimum header size %u", size, HEADER);
        else if (size > packet.length)
                putf(printer, "fixed header length %u > packet length %u", size, packet.length);
        else if (get8(printer, packet, 7) == 255)
                put_damage(printer, "bad packet -- 255 areas");
        else
                return true;
        return false;
}

static bool size_check(struct printer *printer, uint8_t size, const struct kind *kind)
{
        if (size == HEADER + kind->size)
                return true;
        /* tcpdump says it in more than one way. */
        put_damage(printer, "%s bogus fixed header length %u should be %u",
                   kind->pdu == PSNP_1 || kind->pdu == PSNP_2 ? "-" : ",", size,
                   kind->pdu == LSP_1 || kind->pdu == LSP_2 ? kind->size : HEADER + kind->size);
        return false;
}

/* Returns false if the message is to be shown in hex. */
static bool message_print(struct printer *printer, struct packet packet)
{
        bool shown = printer->options.link_header;
        const struct kind *kind;
        struct packet fixed, fields;
        uint8_t size, id, pdu, areas;
        uint16_t length;

        need(printer, packet, 0, HEADER);
        need_length(printer, packet, HEADER);
        if (!shown)
                put(printer, "IS-IS");
        if (!header_check(printer, packet))
                return false;
        size = get8(printer, packet, 1);
        id = get8(printer, packet, 3);
        pdu = get8(printer, packet, 4);
        areas = get8(printer, packet, 7);
        kind = kind_find(pdu);
        fixed = packet_from(packet, HEADER);
        if (!printer->options.verbose) {
                put(printer, shown ? "" : ", ");
                if (!kind) {
                        putf(printer, "unknown PDU-Type %u", pdu);
                        putf(printer, ", length %u", packet.length);
                        return true;
                }
                put(printer, kind->name);
                if (!size_check(printer, size, kind))
                        return false;
                need(printer, fixed, 0, kind->size);
                summary_print(printer, fixed, kind);
                putf(printer, ", length %u", packet.length);
                return true;
        }
        putf(printer, "%slength %u\n\t", shown ? "" : ", ", packet.length);
        if (kind)
                put(printer, kind->name);
        else
                putf(printer, "unknown, type %u", pdu);
        putf(printer, ", hlen: %u, v: %u, pdu-v: %u, sys-id-len: %u (%u), ", size, VERSION, VERSION,
             id == 0 ? ISIS_SYSTEM : id, id);
        putf(printer, "max-area: %u (%u)", areas == 0 ? 3 : areas, areas);
        if (printer->options.verbose > 1)
                dump_hex(printer, "\n\t", packet, HEADER);
        if (!kind) {
                dump_hex(printer, "\n\t  ", fixed, fixed.length);
                return false;
        }
        if (!size_check(printer, size, kind))
                return false;
        need(printer, fixed, 0, kind->size);
        length = fixed_print(printer, packet, fixed, pdu);
        if (printer->options.verbose > 1)
                dump_hex(printer, "\n\t  ", fixed, kind->size);
        if (length < size) {
                putf(printer, " [packet length %u < %u]", length, size);
                put_invalid(printer);
                return true;
        }
        if (packet.length > length)
                packet.length = length;
        fields = packet_from(packet, size);
        fields_print(printer, packet, fields);
        return true;
}

void isis_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "isis";
        if (!message_print(printer, packet))
                dump_hex(printer, "\n\t", packet, packet.length);
}

/* MAC control: pause, and the multipoint control protocol of passive optical networks, IEEE 802.3,
 * annex 31A and clause 64. */
#include "link.h"

enum opcode {
        PAUSE = 1,
        GATE = 2,
        REPORT = 3,
        REGISTER_REQUEST = 4,
        REGISTER = 5,
        REGISTER_ACK = 6
};

enum { HEADER = 6, GRANTS = 7 };

static const struct name opcodes[] = {
    {PAUSE, "Pause"},
    {GATE, "Gate"},
    {REPORT, "Report"},
    {REGISTER_REQUEST, "Register Request"},
    {REGISTER, "Register"},
    {REGISTER_ACK, "Register ACK"},
    {0, NULL},
};

static void gate_print(struct printer *printer, struct packet packet)
{
        static const struct name flag_names[] = {
            {0x08, "Discovery"},      {0x10, "Force Grant #1"}, {0x20, "Force Grant #2"},
            {0x40, "Force Grant #3"}, {0x80, "Force Grant #4"}, {0, NULL},
        };
        uint8_t flags = get8(printer, packet, 0);
        unsigned count = flags & GRANTS;
        uint32_t at = 1;

        putf(printer, "\n\tGrant Numbers %u, Flags [ ", count);
        if (flags & ~GRANTS)
                put_flags(printer, flag_names, ", ", flags);
        else
                put_char(printer, '?');
        put(printer, " ]");
        for (unsigned i = 1; i <= count; i++, at += 6) {
                need_hard(printer, packet, at, 6);
                putf(printer, "\n\tGrant #%u, Start-Time %u ticks, duration %u ticks", i,
                     get32(printer, packet, at), get16(printer, packet, at + 4));
        }
        putf(printer, "\n\tSync-Time %u ticks", get16(printer, packet, at));
}

/* Sets of the lengths of queues. As in tcpdump, the last set is not shown, and all go by
 * the number of sets. */
static void report_print(struct printer *printer, struct packet packet)
{
        static const struct name queues[] = {
            {0x01, "Q0"}, {0x02, "Q1"}, {0x04, "Q2"}, {0x08, "Q3"}, {0x10, "Q4"},
            {0x20, "Q5"}, {0x40, "Q6"}, {0x80, "Q7"}, {0, NULL},
        };
        unsigned total = get8(printer, packet, 0);
        uint32_t at = 1;

        putf(printer, "\n\tTotal Queue-Sets %u", total);
        for (unsigned sets = total; sets > 1; sets--) {
                unsigned bitmap = get8(printer, packet, at++);

                putf(printer, "\n\t  Queue-Set #%u, Report-Bitmap [ ", total);
                if (bitmap)
                        put_flags(printer, queues, ", ", bitmap);
                else
                        put(printer, "Unknown");
                put(printer, " ]");
                for (unsigned i = 1; bitmap; i++, bitmap >>= 1) {
                        if (!(bitmap & 1))
                                continue;
                        putf(printer, "\n\t    Q%u Report, Duration %u ticks", i,
                             get16(printer, packet, at));
                        at += 2;
                }
        }
}

/* Flags that are none of the known ones are "Reserved". */
static void put_register_flags(struct printer *printer, const struct name *names, uint8_t flags)
{
        uint8_t known = 0;

        for (const struct name *name = names; name->name; name++)
                if ((flags & name->value) == name->value)
                        known |= (uint8_t)name->value;
        put(printer, "Flags [ ");
        if (known)
                put_flags(printer, names, ", ", flags);
        else
                put(printer, "Reserved");
        put(printer, " ]");
}

static void request_print(struct printer *printer, struct packet packet)
{
        static const struct name names[] = {{1, "Register"}, {3, "De-Register"}, {0, NULL}};

        need_hard(printer, packet, 0, 2);
        put(printer, "\n\t");
        put_register_flags(printer, names, get8(printer, packet, 0));
        putf(printer, ", Pending-Grants %u", get8(printer, packet, 1));
}

static void register_print(struct printer *printer, struct packet packet)
{
        static const struct name names[] = {
            {1, "Re-Register"}, {2, "De-Register"}, {3, "ACK"}, {4, "NACK"}, {0, NULL}};

        need_hard(printer, packet, 0, 6);
        putf(printer, "\n\tAssigned-Port %u, ", get16(printer, packet, 0));
        put_register_flags(printer, names, get8(printer, packet, 2));
        putf(printer, "\n\tSync-Time %u ticks, Echoed-Pending-Grants %u", get16(printer, packet, 3),
             get8(printer, packet, 5));
}

static void acknowledgement_print(struct printer *printer, struct packet packet)
{
        static const struct name names[] = {{1, "ACK"}, {0, NULL}};

        need_hard(printer, packet, 0, 5);
        putf(printer, "\n\tEchoed-Assigned-Port %u, ", get16(printer, packet, 1));
        put_register_flags(printer, names, get8(printer, packet, 0));
        putf(printer, "\n\tEchoed-Sync-Time %u ticks", get16(printer, packet, 3));
}

void mpcp_print(struct printer *printer, struct packet packet)
{
        struct packet body = packet_from(packet, HEADER);
        uint16_t opcode;

        printer->protocol = "mpcp";
        need_hard(printer, packet, 0, HEADER);
        opcode = get16(printer, packet, 0);
        put(printer, "MPCP, Opcode ");
        put_name(printer, opcodes, "Unknown (%u)", opcode);
        if (opcode != PAUSE)
                putf(printer, ", Timestamp %u ticks", get32(printer, packet, 2));
        putf(printer, ", length %u", packet.length);
        if (!printer->options.verbose)
                return;
        switch (opcode) {
        case PAUSE: break;
        case GATE: gate_print(printer, body); break;
        case REPORT: report_print(printer, body); break;
        case REGISTER_REQUEST: request_print(printer, body); break;
        case REGISTER: register_print(printer, body); break;
        case REGISTER_ACK: acknowledgement_print(printer, body); break;
        default: dump_hex(printer, "\n\t", packet, packet.length); break;
        }
}

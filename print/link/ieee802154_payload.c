/* Payloads of IEEE 802.15.4 beacons (7.3.1) and commands (7.5). */
#include "base/array.h"
#include "ieee802154.h"

static void superframe_print(struct printer *printer, uint16_t superframe)
{
        enum { BATTERY_LIFE = 0x1000, COORDINATOR = 0x4000, PERMIT = 0x8000 };

        putf(printer, "\n\tBeacon order = %u, Superframe order = %u, Final CAP Slot = %u",
             superframe & 15u, superframe >> 4 & 15u, superframe >> 8 & 15u);
        if (superframe & BATTERY_LIFE)
                put(printer, ", BLE enabled");
        if (superframe & COORDINATOR)
                put(printer, ", PAN Coordinator");
        if (superframe & PERMIT)
                put(printer, ", Association Permit");
}

/* Guaranteed time slots, 7.3.1.5. */
static bool slots_print(struct printer *printer, struct packet *packet)
{
        enum { DESCRIPTOR = 3 };
        uint32_t count;

        if (!has(*packet, 0, 1))
                return ieee802154_fault(printer, "Truncated before GTS info");
        count = get8(printer, *packet, 0) & 7;
        *packet = packet_from(*packet, 1);
        if (count == 0) {
                if (printer->options.verbose)
                        put(printer, "\n\tGTS Descriptor Count = 0, ");
                return true;
        }
        if (!has(*packet, 0, 1 + count * DESCRIPTOR)) {
                put_char(printer, ' ');
                return ieee802154_fault(printer, "Truncated GTS Info List");
        }
        if (printer->options.verbose > 1) {
                putf(printer, "GTS Descriptor Count = %u, GTS Directions Mask = %02x, [ ", count,
                     get8(printer, *packet, 0) & 0x7fu);
                /* tcpdump takes slot and length from the address. */
                for (uint32_t i = 0; i < count; i++) {
                        uint32_t at = 1 + i * DESCRIPTOR;
                        unsigned slot = get8(printer, *packet, at + 1);

                        putf(printer, "[ %04x, Start slot = %u, Length = %u ] ",
                             ieee802154_get16(printer, *packet, at), slot & 15, slot >> 4);
                }
                put(printer, "]");
        }
        *packet = packet_from(*packet, 1 + count * DESCRIPTOR);
        return true;
}

/* Of whom frames are waiting, 7.3.1.6. */
static bool pending_print(struct printer *printer, struct packet *packet)
{
        uint32_t shorts, extended, at = 0;
        uint8_t counts;

        if (!has(*packet, 0, 1))
                return ieee802154_fault(printer, "Truncated before pending addresses");
        counts = get8(printer, *packet, 0);
        *packet = packet_from(*packet, 1);
        shorts = counts & 7;
        extended = counts >> 4 & 7;
        if (printer->options.verbose)
                putf(printer,
                     "\n\tPending address list, # short addresses = %u, # extended addresses = %u",
                     shorts, extended);
        if (!has(*packet, 0, shorts * 2 + extended * 8)) {
                put_char(printer, ' ');
                return ieee802154_fault(printer, "Pending address list truncated");
        }
        if (printer->options.verbose > 1 && shorts > 0) {
                put(printer, ", Short address list = [ ");
                for (; at < shorts * 2; at += 2)
                        putf(printer, "%04x ", ieee802154_get16(printer, *packet, at));
                put_char(printer, ']');
        }
        if (printer->options.verbose > 1 && extended > 0) {
                put(printer, ", Extended address list = [ ");
                for (uint32_t i = 0; i < extended; i++) {
                        ieee802154_put_extended(printer, *packet, shorts * 2 + i * 8);
                        put_char(printer, ' ');
                }
                put_char(printer, ']');
        }
        *packet = packet_from(*packet, shorts * 2 + extended * 8);
        return true;
}

bool ieee802154_beacon_print(struct printer *printer, struct packet *packet)
{
        if (!has(*packet, 0, 2))
                return ieee802154_fault(printer, "Truncated before beacon information");
        if (printer->options.verbose)
                superframe_print(printer, ieee802154_get16(printer, *packet, 0));
        *packet = packet_from(*packet, 2);
        return slots_print(printer, packet) && pending_print(printer, packet);
}

/* 7.5.2: what the device can do. */
static void association_request_print(struct printer *printer, struct packet whole, uint32_t at,
                                      uint32_t size)
{
        static const struct name capabilities[] = {
            {0x04, "AC powered, "},       {0x08, "Receiver on when idle, "},
            {0x10, "Fast association, "}, {0x40, "Security supported, "},
            {0x80, "Allocate address, "}, {0, NULL},
        };
        enum { FULL_FUNCTION = 0x02 };
        uint8_t bits = get8(printer, whole, at);

        (void)size;
        put(printer, bits & FULL_FUNCTION ? "FFD, " : "RFD, ");
        for (const struct name *name = capabilities; name->name; name++)
                if (bits & name->value)
                        put(printer, name->name);
}

static void association_response_print(struct printer *printer, struct packet whole, uint32_t at,
                                       uint32_t size)
{
        static const struct name statuses[] = {
            {0x00, "Association successful"},      {0x01, "PAN at capacity"},
            {0x02, "PAN access denied"},           {0x03, "Hooping sequence offset duplication"},
            {0x80, "Fast association successful"}, {0, NULL},
        };

        (void)size;
        putf(printer, "Short address = %04x, ", ieee802154_get16(printer, whole, at));
        put_name(printer, statuses, "Status = 0x%02x", get8(printer, whole, at + 2));
}

/* tcpdump prints an unknown reason from two bytes behind it. */
static void disassociation_print(struct printer *printer, struct packet whole, uint32_t at,
                                 uint32_t size)
{
        static const struct name reasons[] = {
            {0, "Reserved"},
            {1, "Reason = The coordinator wishes the device to leave PAN"},
            {2, "Reason = The device wishes to leave the PAN"},
            {0, NULL},
        };
        const char *reason = name_find(reasons, get8(printer, whole, at));

        (void)size;
        if (reason)
                put(printer, reason);
        else
                putf(printer, "Reason = 0x%02x", get8(printer, whole, at + 2));
}

/* 7.5.10. The channel page, if there is one, has a bit that says whether it extends the number. */
static void realignment_print(struct printer *printer, struct packet whole, uint32_t at,
                              uint32_t size)
{
        enum { PAGE = 7, EXTENDS_NUMBER = 0x80 };
        unsigned channel = get8(printer, whole, at + 4);
        unsigned page = size > PAGE ? get8(printer, whole, at + PAGE) : EXTENDS_NUMBER;

        putf(printer, "Pan ID = 0x%04x, Coordinator short address = %04x, Channel Number = %u",
             ieee802154_get16(printer, whole, at), ieee802154_get16(printer, whole, at + 2),
             page & EXTENDS_NUMBER ? (page & ~EXTENDS_NUMBER) << 8 | channel : channel);
        if (!(page & EXTENDS_NUMBER))
                put_labelled(printer, ", page = ", page);
        putf(printer, ", Short address = %04x", ieee802154_get16(printer, whole, at + 5));
}

static void slot_request_print(struct printer *printer, struct packet whole, uint32_t at,
                               uint32_t size)
{
        enum { RECEIVE = 0x10, ALLOCATE = 0x20 };
        uint8_t bits = get8(printer, whole, at);

        (void)size;
        putf(printer, "GTS Length = %u, %s-only GTS, %s", bits & 15u,
             bits & RECEIVE ? "Receive" : "Transmit",
             bits & ALLOCATE ? "GTS allocation" : "GTS deallocations");
}

/* Table 7-49. */
static const struct command {
        const char *name;
        /* Where there is no printer, `short_name` means that nothing more is printed. */
        const char *short_name;
        uint32_t least, most; /* bytes behind the number */
        void (*print)(struct printer *, struct packet whole, uint32_t at, uint32_t size);
} commands[] = {
    [0x01] = {"Association Request", "Association request", 1, 1, association_request_print},
    [0x02] = {"Association Response", "Association response", 3, 3, association_response_print},
    [0x03] = {"Disassociation Notification", "Disassociation Notification", 1, 1,
              disassociation_print},
    [0x04] = {"Data Request", "Data Request", 0, 0, NULL},
    [0x05] = {"PAN ID Conflict Notification", "PAN ID Conflict Notification", 0, 0, NULL},
    [0x06] = {"Orphan Notification", "Orphan Notification", 0, 0, NULL},
    [0x07] = {"Beacon Request", "Beacon Request", 0, 0, NULL},
    [0x08] = {"Coordinator realignment", "Coordinator Realignment", 7, 8, realignment_print},
    [0x09] = {"GTS request", "GTS Request", 1, 1, slot_request_print},
    [0x0a] = {"TRLE Management Request", NULL, 0, 0, NULL},
    [0x0b] = {"TRLE Management Response", NULL, 0, 0, NULL},
    [0x13] = {"DSME Association Request", NULL, 0, 0, NULL},
    [0x14] = {"DSME Association Response", NULL, 0, 0, NULL},
    [0x15] = {"DSME GTS Request", NULL, 0, 0, NULL},
    [0x16] = {"DSME GTS Response", NULL, 0, 0, NULL},
    [0x17] = {"DSME GTS Notify", NULL, 0, 0, NULL},
    [0x18] = {"DSME Information Request", NULL, 0, 0, NULL},
    [0x19] = {"DSME Information Response", NULL, 0, 0, NULL},
    [0x1a] = {"DSME Beacon Allocation Notification", NULL, 0, 0, NULL},
    [0x1b] = {"DSME Beacon Collision Notification", NULL, 0, 0, NULL},
    [0x1c] = {"DSME Link Report", NULL, 0, 0, NULL},
    [0x20] = {"RIT Data Request", NULL, 0, 0, NULL},
    [0x21] = {"DBS Request", NULL, 0, 0, NULL},
    [0x22] = {"DBS Response", NULL, 0, 0, NULL},
    [0x23] = {"RIT Data Response", NULL, 0, 0, NULL},
    [0x24] = {"Vendor Specific", NULL, 0, 0, NULL},
};

bool ieee802154_command_print(struct printer *printer, struct packet whole, struct packet *packet)
{
        static const struct command unknown = {NULL, NULL, 0, 0, NULL};
        const struct command *command = &unknown;
        uint32_t size;
        uint8_t number;

        if (!has(*packet, 0, 1))
                return ieee802154_fault(printer, "Truncated before Command ID");
        number = get8(printer, *packet, 0);
        *packet = packet_from(*packet, 1);
        size = packet->captured;
        if (number < array_count(commands) && commands[number].name)
                command = &commands[number];
        if (command->name)
                putf(printer, "Command ID = %s command ", command->name);
        else
                putf(printer, "Command ID = Reserved 0x%02x ", number);
        if (size == 0 || (command->short_name && !command->print))
                return true;
        if (!command->print) {
                put(printer, "Command Data = ");
                for (uint32_t i = 0; i < size; i++)
                        putf(printer, "%02x ", packet->data[i]);
        } else if (size < command->least || size > command->most) {
                put_damage(printer, "Invalid %s command length", command->short_name);
        } else {
                command->print(printer, whole, (uint32_t)(packet->data - whole.data), size);
                *packet = packet_from(*packet, size);
        }
        return true;
}

/* ATA over Ethernet, "AoEr11" of the Brantley Coile Company. */
#include "link.h"

enum { VERSION_1 = 1, HEADER = 10, RESPONSE_ERROR = 0x4 };

enum command { ATA = 0, CONFIG = 1, MASK = 2, RESERVE = 3 };

/* The header begins with the version and these flags. */
static const struct name header_flags[] = {
    {0x08, "Response"}, {RESPONSE_ERROR, "Error"}, {0x02, "MBZ-1"}, {0x01, "MBZ-0"}, {0, NULL}};

static const struct name errors[] = {
    {1, "Unrecognized command code"},
    {2, "Bad argument parameter"},
    {3, "Device unavailable"},
    {4, "Config string present"},
    {5, "Unsupported version"},
    {6, "Target is reserved"},
    {0, NULL},
};

static const struct name commands[] = {
    {ATA, "Issue ATA Command"},
    {CONFIG, "Query Config Information"},
    {MASK, "MAC Mask List"},
    {RESERVE, "Reserve/Release"},
    {0, NULL},
};

static bool ata_print(struct printer *printer, struct packet packet)
{
        enum { SIZE = 12, LBA = 4 };
        static const struct name flag_names[] = {
            {0x80, "MBZ-7"}, {0x40, "Ext48"}, {0x20, "MBZ-5"}, {0x10, "Device"}, {0x08, "MBZ-3"},
            {0x04, "MBZ-2"}, {0x02, "Async"}, {0x01, "Write"}, {0, NULL},
        };

        if (packet.length < SIZE)
                return false;
        put_flag_list(printer, "\n\tAFlags: [", flag_names, get8(printer, packet, 0));
        putf(printer, ", Err/Feature: %u", get8(printer, packet, 1));
        putf(printer, ", Sector Count: %u", get8(printer, packet, 2));
        putf(printer, ", Cmd/Status: %u", get8(printer, packet, 3));
        for (uint32_t i = 0; i < 6; i++)
                putf(printer, "%slba%u: %u", i == 0 ? "\n\t" : ", ", i,
                     get8(printer, packet, LBA + i));
        need_hard(printer, packet, 0, SIZE);
        packet = packet_from(packet, SIZE);
        if (packet.length > 0)
                putf(printer, "\n\tData: %u bytes", packet.length);
        return true;
}

static bool config_print(struct printer *printer, struct packet packet)
{
        enum { SIZE = 8 };
        static const struct name names[] = {
            {0, "read config string"},        {1, "test config string"},
            {2, "test config string prefix"}, {3, "set config string"},
            {4, "force set config string"},   {0, NULL},
        };
        uint32_t size;
        uint8_t byte;

        if (packet.length < SIZE)
                return false;
        putf(printer, "\n\tBuffer Count: %u", get16(printer, packet, 0));
        putf(printer, ", Firmware Version: %u", get16(printer, packet, 2));
        putf(printer, ", Sector Count: %u", get8(printer, packet, 4));
        byte = get8(printer, packet, 5);
        putf(printer, ", AoE: %u, CCmd: %s", byte >> 4,
             name_or(names, byte & 15, "Unknown (0x02x)"));
        size = get16(printer, packet, 6);
        packet = packet_from(packet, SIZE);
        if (size > 1024 || packet.length < size)
                return false;
        if (size > 0) {
                putf(printer, "\n\tConfig String (length %u): ", size);
                if (!characters_print(printer, packet, 0, size))
                        printer_abandon_short(printer);
        }
        return true;
}

static bool mask_print(struct printer *printer, struct packet packet)
{
        enum { SIZE = 4, DIRECTIVE = 8 };
        static const struct name mask_commands[] = {
            {0, "Read Mac Mask List"}, {1, "Edit Mac Mask List"}, {0, NULL}};
        static const struct name mask_errors[] = {
            {1, "Unspecified Error"}, {2, "Bad DCmd directive"}, {3, "Mask list full"}, {0, NULL}};
        static const struct name directives[] = {
            {0, "No Directive"},
            {1, "Add mac address to mask list"},
            {2, "Delete mac address from mask list"},
            {0, NULL},
        };
        unsigned count;

        if (packet.length < SIZE)
                return false;
        put_named8(printer, "\n\tMCmd: ", mask_commands, "Unknown (0x%02x)", packet, 1);
        put_named8(printer, ", MError: ", mask_errors, "Unknown (0x%02x)", packet, 2);
        count = get8(printer, packet, 3);
        putf(printer, ", Dir Count: %u", count);
        packet = packet_from(packet, SIZE);
        if (packet.length < count * DIRECTIVE)
                return false;
        for (; count > 0; count--, packet = packet_from(packet, DIRECTIVE)) {
                put_named8(printer, "\n\t DCmd: ", directives, "Unknown (0x%02x)", packet, 1);
                put_ethernet_labelled(printer, ", Ethernet Address: ", packet, 2);
        }
        return true;
}

static bool reserve_print(struct printer *printer, struct packet packet)
{
        enum { SIZE = 2, ADDRESS = 6 };
        static const struct name names[] = {{0, "Read reserve list"},
                                            {1, "Set reserve list"},
                                            {2, "Force set reserve list"},
                                            {0, NULL}};
        unsigned count;

        if (packet.length < SIZE || (packet.length - SIZE) % ADDRESS != 0)
                return false;
        put_named8(printer, "\n\tRCmd: ", names, "Unknown (0x%02x)", packet, 0);
        count = get8(printer, packet, 1);
        putf(printer, ", NMacs: %u", count);
        packet = packet_from(packet, SIZE);
        if (count * ADDRESS != packet.length)
                return false;
        for (unsigned i = 0; i < count; i++) {
                need_hard(printer, packet, i * ADDRESS, ADDRESS);
                putf(printer, "\n\tEthernet Address %u: ", i);
                put_ethernet(printer, bytes_at(printer, packet, i * ADDRESS, ADDRESS));
        }
        return true;
}

static bool payload_print(struct printer *printer, struct packet packet, uint8_t command)
{
        switch (command) {
        case ATA: return ata_print(printer, packet);
        case CONFIG: return config_print(printer, packet);
        case MASK: return mask_print(printer, packet);
        case RESERVE: return reserve_print(printer, packet);
        default: return true;
        }
}

void aoe_print(struct printer *printer, struct packet packet)
{
        uint8_t first, command;

        printer->protocol = "aoe";
        put_as(printer, ROLE_PROTOCOL, "AoE");
        putf(printer, " length %u", packet.length);
        if (packet.length < 1) {
                put_invalid_rest(printer, packet);
                return;
        }
        first = get8(printer, packet, 0);
        putf(printer, ", Ver %u", first >> 4);
        if (first >> 4 != VERSION_1)
                return;
        if (packet.length < HEADER) {
                put_invalid_rest(printer, packet);
                return;
        }
        put_flag_list(printer, ", Flags: [", header_flags, first & 15);
        if (!printer->options.verbose)
                return;
        if (first & RESPONSE_ERROR) {
                put_named8(printer, "\n\tError: ", errors, "Invalid (%u)", packet, 1);
        }
        putf(printer, "\n\tMajor: 0x%04x", get16(printer, packet, 2));
        putf(printer, ", Minor: 0x%02x", get8(printer, packet, 4));
        command = get8(printer, packet, 5);
        put(printer, ", Command: ");
        put_name(printer, commands, "Unknown (0x%02x)", command);
        putf(printer, ", Tag: 0x%08x", get32(printer, packet, 6));
        packet = packet_from(packet, HEADER);
        if (!payload_print(printer, packet, command))
                put_invalid_rest(printer, packet);
}

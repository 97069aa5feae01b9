/* What printers of routing protocols share. */
#include "routing.h"

#include <stdio.h>

const struct name layer2_encapsulations[] = {
    {0, "Reserved"},
    {1, "Frame Relay"},
    {2, "ATM AAL5 SDU VCC transport"},
    {3, "ATM transparent cell transport"},
    {4, "Ethernet (VLAN) Tagged Mode"},
    {5, "Ethernet Raw Mode"},
    {6, "Cisco HDLC"},
    {7, "PPP"},
    {8, "SONET/SDH Circuit Emulation Service over MPLS"},
    {9, "ATM n-to-one VCC cell transport"},
    {10, "ATM n-to-one VPC cell transport"},
    {11, "IP layer 2 transport"},
    {15, "Frame Relay Port mode"},
    {17, "Structure-agnostic E1 over packet"},
    {18, "Structure-agnostic T1 (DS1) over packet"},
    {19, "VPLS"},
    {20, "Structure-agnostic T3 (DS3) over packet"},
    {21, "Nx64kbit/s Basic Service using Structure-aware"},
    {25, "Frame Relay DLCI"},
    {40, "Structure-agnostic E3 over packet"},
    {41, "Octet-aligned playload for Structure-agnostic DS1 circuits"},
    {42, "E1 Nx64kbit/s with CAS using Structure-aware"},
    {43, "DS1 (ESF) Nx64kbit/s with CAS using Structure-aware"},
    {44, "DS1 (SF) Nx64kbit/s with CAS using Structure-aware"},
    {0, NULL}};

const struct name pseudowire_types[] = {
    {0x00, "Reserved"},
    {0x01, "Frame Relay DLCI (Martini Mode)"},
    {0x02, "ATM AAL5 SDU VCC transport"},
    {0x03, "ATM transparent cell transport"},
    {0x04, "Ethernet VLAN"},
    {0x05, "Ethernet"},
    {0x06, "Cisco-HDLC"},
    {0x07, "PPP"},
    {0x08, "SONET/SDH Circuit Emulation Service over MPLS"},
    {0x09, "ATM n-to-one VCC cell transport"},
    {0x0a, "ATM n-to-one VPC cell transport"},
    {0x0b, "IP Layer2 Transport"},
    {0x0c, "ATM one-to-one VCC Cell Mode"},
    {0x0d, "ATM one-to-one VPC Cell Mode"},
    {0x0e, "ATM AAL5 PDU VCC transport"},
    {0x0f, "Frame-Relay Port mode"},
    {0x10, "SONET/SDH Circuit Emulation over Packet"},
    {0x11, "Structure-agnostic E1 over Packet"},
    {0x12, "Structure-agnostic T1 (DS1) over Packet"},
    {0x13, "Structure-agnostic E3 over Packet"},
    {0x14, "Structure-agnostic T3 (DS3) over Packet"},
    {0x15, "CESoPSN basic mode"},
    {0x16, "TDMoIP basic mode"},
    {0x17, "CESoPSN TDM with CAS"},
    {0x18, "TDMoIP TDM with CAS"},
    {0x19, "Frame Relay DLCI"},
    {0x40, "IP-interworking"},
    {0, NULL},
};

void put_autonomous_system(struct printer *printer, uint32_t number)
{
        if (printer->options.as_dotted && number > 0xffff)
                putf(printer, "%u.%u", number >> 16, number & 0xffff);
        else
                putf(printer, "%u", number);
}

void put_route_distinguisher(struct printer *printer, struct packet packet, uint32_t offset)
{
        const uint8_t *b = bytes_at(printer, packet, offset, 8);

        switch (get16(printer, packet, offset)) {
        case 0:
                putf(printer, "%u:%u (= %u.%u.%u.%u)", get16(printer, packet, offset + 2),
                     get32(printer, packet, offset + 4), b[4], b[5], b[6], b[7]);
                break;
        case 1:
                putf(printer, "%u.%u.%u.%u:%u", b[2], b[3], b[4], b[5],
                     get16(printer, packet, offset + 6));
                break;
        case 2:
                put_autonomous_system(printer, get32(printer, packet, offset + 2));
                putf(printer, ":%u (%u.%u.%u.%u:%u)", get16(printer, packet, offset + 6), b[2],
                     b[3], b[4], b[5], get16(printer, packet, offset + 6));
                break;
        default: put(printer, "unknown RD format");
        }
}

static float float_at(struct printer *printer, struct packet packet, uint32_t offset)
{
        uint32_t bits = get32(printer, packet, offset);
        float value;

        memcpy(&value, &bits, sizeof value);
        return value;
}

/* `format` is for one double. */
static void put_number(struct printer *printer, const char *format, float value)
{
        char text[64]; /* 3.4e38 has 39 digits */

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(text, sizeof text, format, (double)value);
#pragma GCC diagnostic pop
        put(printer, text);
}

/* All in single precision, as tcpdump computes. */

void put_megabits(struct printer *printer, struct packet packet, uint32_t offset)
{
        put_number(printer, "%.3f", float_at(printer, packet, offset) * 8 / 1000000);
}

void put_megabits_short(struct printer *printer, struct packet packet, uint32_t offset)
{
        put_number(printer, "%.10g", float_at(printer, packet, offset) / 125000);
}

void put_megabits_scaled(struct printer *printer, struct packet packet, uint32_t offset)
{
        put_number(printer, "%.10g", float_at(printer, packet, offset) * 8 / 1000000);
}

void put_float(struct printer *printer, struct packet packet, uint32_t offset)
{
        put_number(printer, "%.10g", float_at(printer, packet, offset));
}

void put_duration(struct printer *printer, uint32_t seconds)
{
        static const struct {
                uint32_t size;
                char unit;
        } units[] = {{31536000, 'y'}, {604800, 'w'}, {86400, 'd'},
                     {3600, 'h'},     {60, 'm'},     {1, 's'}};

        if (seconds == 0)
                put(printer, "0s");
        for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
                if (seconds >= units[i].size)
                        putf(printer, "%u%c", seconds / units[i].size, units[i].unit);
                seconds %= units[i].size;
        }
}

void put_ipv4_right(struct printer *printer, const uint8_t *address)
{
        enum { WIDTH = 15 };
        size_t start = printer->text.length, size, gap;
        char *text;

        put_ipv4(printer, address);
        size = printer->text.length - start;
        if (size >= WIDTH)
                return;
        gap = WIDTH - size;
        text = output_room(printer, gap) - size;
        memmove(text + gap, text, size);
        memset(text, ' ', gap);
        printer->text.length += gap;
}

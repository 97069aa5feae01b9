/* Arista's tag between an Ethernet header and its payload, which says when a tap saw the frame. */
#include "ethernet.h"

#include <time.h>

enum { TIME_STAMP = 1, HEADER = 4 };

enum format { BITS_64 = 1, BITS_48 = 2 };

/* "2024-02-17 12:08:18": UTC, or TAI, whatever the user's zone. */
static void put_date(struct printer *printer, time_t seconds)
{
        struct tm date;

        gmtime_r(&seconds, &date);
        putf(printer, "%04d-%02d-%02d %02d:%02d:%02d", date.tm_year + 1900, date.tm_mon + 1,
             date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec);
}

/* Returns the size of the time, 0 if it is not known. */
static uint32_t time_print(struct printer *printer, struct packet packet, uint8_t format)
{
        enum { SECOND = 1000000000 };
        uint32_t at = format == BITS_64 ? 4 : 2, seconds, nanoseconds;

        put(printer, "Timestamp ");
        if (format != BITS_64 && format != BITS_48)
                return 0;
        seconds = format == BITS_64 ? get32(printer, packet, 0) : get16(printer, packet, 0);
        nanoseconds = get32(printer, packet, at);
        seconds += nanoseconds / SECOND;
        if (format == BITS_64)
                put_date(printer, seconds);
        else
                put_decimal(printer, seconds);
        put_char(printer, '.');
        put_decimal_padded(printer, nanoseconds % SECOND, 9);
        return at + 4;
}

bool arista_print(struct printer *printer, struct ethernet *ethernet)
{
        static const struct name scales[] = {{0, "TAI"}, {1, "UTC"}, {0, NULL}};
        static const struct name formats[] = {{BITS_64, "64-bit"}, {BITS_48, "48-bit"}, {0, NULL}};
        static const struct name hardware[] = {{0, "R/R2"}, {1, "R3"}, {0, NULL}};
        struct packet packet = ethernet->inner;
        uint32_t size;
        uint16_t subtype;
        uint8_t scale, format, info;

        printer->protocol = "arista";
        subtype = get16(printer, packet, 0);
        putf(printer, "SubType %s (0x%04x), ", subtype == TIME_STAMP ? "Timestamp" : "Unknown",
             subtype);
        if (subtype != TIME_STAMP)
                return false;
        scale = get8(printer, packet, 2);
        putf(printer, "Timescale %s (%u), ", name_or(scales, scale, "Unknown"), scale);
        format = get8(printer, packet, 3) >> 4;
        info = get8(printer, packet, 3) & 15;
        putf(printer, "Format %s (%u), ", name_or(formats, format, "Unknown"), format);
        putf(printer, "HwInfo %s (%u), ", name_or(hardware, info, "Unknown"), info);
        size = time_print(printer, packet_from(packet, HEADER), format);
        if (size == 0)
                return false;
        put(printer, ": ");
        ethernet->inner = packet_from(packet, HEADER + size);
        *ethernet->link_header += HEADER + size;
        return true;
}

#include "printing.h"

#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void require(bool holds)
{
        if (!holds)
                abort();
}

const char tcp_syn[] =
    "02000000000202000000000108004500003c123440004006a484c0000201c00002029c400050000003e8"
    "00000000a00201f6211f0000020405b40402080a0000006f0000000001030307";

size_t unhex(const char *text, uint8_t *bytes)
{
        size_t count = strlen(text) / 2;

        for (size_t i = 0; i < count; i++) {
                unsigned byte;

                require(sscanf(text + 2 * i, "%2x", &byte) == 1);
                bytes[i] = (uint8_t)byte;
        }
        return count;
}

const char *print_known(struct printer *printer, struct print_packet packet, const uint8_t *bytes,
                        size_t captured, size_t length)
{
        uint8_t *exact = malloc(captured);
        size_t size;
        const char *text;

        packet.packet = (struct packet){exact, (uint32_t)captured, (uint32_t)length};
        require(exact || captured == 0);
        memcpy(exact, bytes, captured);
        text = printer_print(printer, &packet, &size);
        free(exact);
        require(text && size > 0 && strlen(text) == size && text[size - 1] == '\n');
        return text;
}

const char *print_exact(struct printer *printer, int link_type, const uint8_t *bytes,
                        size_t captured, size_t length)
{
        return print_known(printer, (struct print_packet){.link_type = link_type}, bytes, captured,
                           length);
}

struct printer *new_printer(struct print_options options)
{
        struct printer *printer;

        options.time = PRINT_TIME_NONE;
        printer = printer_new(&options);
        require(printer);
        return printer;
}

void tcp_segment(uint8_t bytes[40], uint16_t port, bool back, uint8_t flags, uint32_t sequence,
                 uint32_t acknowledgment)
{
        static const uint8_t header[40] = {0x45, 0, 0,   40, 0,    0, 0, 0, 64, 6, 0, 0, 192, 0,
                                           2,    1, 192, 0,  2,    2, 0, 0, 0,  0, 0, 0, 0,   0,
                                           0,    0, 0,   0,  0x50, 0, 1, 0, 0,  0, 0, 0};

        memcpy(bytes, header, sizeof header);
        bytes[15] = back ? 2 : 1;
        bytes[19] = back ? 1 : 2;
        bytes[back ? 22 : 20] = (uint8_t)(port >> 8);
        bytes[back ? 23 : 21] = (uint8_t)port;
        bytes[back ? 21 : 23] = 80;
        for (int i = 0; i < 4; i++) {
                bytes[24 + i] = (uint8_t)(sequence >> (24 - 8 * i));
                bytes[28 + i] = (uint8_t)(acknowledgment >> (24 - 8 * i));
        }
        bytes[33] = flags;
}

const char *print_there(struct print_options options, struct print_packet packet)
{
        static char line[2000];
        struct printer *printer = new_printer(options);
        uint8_t bytes[40];

        packet.link_type = DLT_RAW;
        tcp_segment(bytes, 1000, false, SYN, 7000, 0);
        snprintf(line, sizeof line, "%s", print_known(printer, packet, bytes, 40, 40));
        printer_free(printer);
        return line;
}

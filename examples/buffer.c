/* buffer EXPRESSION <CAPTURE: reads a capture in pcap's format, of this machine's byte order, into
 * memory, filters all of its packets at once, by machine code where there is some, and prints how
 * many pass.
 *
 *      cc buffer.c $(pkg-config --cflags --libs libfilt) -o buffer */
#include <filt.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The formats of the file, of its header and of those of its packets. */
struct file_header {
        uint32_t magic;
        uint16_t major, minor;
        uint32_t zone, figures, snapshot_length, link_type;
};
struct packet_header {
        uint32_t seconds, microseconds, captured, length;
};

enum { MICROSECONDS = 0xa1b2c3d4, NANOSECONDS = 0xa1b23c4d };

/* All of standard input, fresh memory. */
static uint8_t *read_all(size_t *length)
{
        size_t room = 1 << 16;
        uint8_t *bytes = NULL;

        *length = 0;
        do {
                room *= 2;
                bytes = realloc(bytes, room);
                if (!bytes)
                        err(1, "memory");
                *length += fread(bytes + *length, 1, room - *length, stdin);
        } while (*length == room);
        return bytes;
}

/* Finds the packets, which stay where they are. Returns how many there are. */
static size_t find_packets(const uint8_t *bytes, size_t length, struct filt_packet **packets)
{
        size_t count = 0, at = sizeof(struct file_header);
        struct packet_header header;

        /* No packet takes less room than its header. */
        *packets = malloc((length / sizeof header + 1) * sizeof **packets);
        if (!*packets)
                err(1, "memory");
        for (; length - at >= sizeof header; at += header.captured) {
                memcpy(&header, bytes + at, sizeof header);
                at += sizeof header;
                if (header.captured > length - at)
                        errx(1, "the file is cut short");
                (*packets)[count++] =
                    (struct filt_packet){bytes + at, header.captured, header.length};
        }
        return count;
}

int main(int argc, char **argv)
{
        struct filt_options options = FILT_OPTIONS;
        struct file_header header = {0};
        struct filt_packet *packets;
        struct filt_filter *filter;
        struct filt_error error;
        size_t length, count, passed = 0;
        uint8_t *bytes;
        uint32_t *verdicts;

        if (argc != 2)
                errx(2, "usage: buffer EXPRESSION <CAPTURE");
        bytes = read_all(&length);
        if (length >= sizeof header)
                memcpy(&header, bytes, sizeof header);
        if (header.magic != (uint32_t)MICROSECONDS && header.magic != (uint32_t)NANOSECONDS)
                errx(1, "this is no capture of this machine's byte order in pcap's format");
        options.link_type = (int32_t)header.link_type;
        filter = filt_compile(argv[1], &options, &error);
        if (!filter)
                errx(2, "%s", error.message);
        count = find_packets(bytes, length, &packets);
        verdicts = malloc((count + 1) * sizeof *verdicts);
        if (!verdicts)
                err(1, "memory");
        filt_match_many(filter, packets, count, verdicts);
        for (size_t i = 0; i < count; i++)
                passed += verdicts[i] != 0;
        printf("%zu of %zu packets\n", passed, count);
        filt_free(filter);
        free(verdicts);
        free(packets);
        free(bytes);
        return 0;
}

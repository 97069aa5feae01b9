/* What the readers of file formats share: link types as libpcap sees them, also for writers,
 * errors, and room for a batch. */
#include "reader.h"

#include "base/array.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
        MIN_ROOM = 1024,
        MAX_ROOM = 65536, /* packets in a batch */
        EBHSCR_LONGEST = 8 << 20,
        USB_LONGEST = 128 << 20,
};

/* libpcap's limits by link type; for all others it is CAPTURE_MAX_SNAPSHOT. */
static const struct {
        int link_type;
        uint32_t longest;
} long_links[] = {
    {DLT_DBUS, USB_LONGEST},
    {DLT_EBHSCR, EBHSCR_LONGEST},
    {DLT_USB_LINUX_MMAPPED, USB_LONGEST},
    {DLT_USBPCAP, USB_LONGEST},
};

/* Their fields are in the byte order of the machine that wrote the file. */
static const int swapped_links[] = {DLT_USB_LINUX, DLT_USB_LINUX_MMAPPED, DLT_NFLOG, DLT_PFLOG,
                                    DLT_PKTAP};

uint32_t reader_longest_packet(int link_type)
{
        for (size_t i = 0; i < array_count(long_links); i++)
                if (long_links[i].link_type == link_type)
                        return long_links[i].longest;
        return CAPTURE_MAX_SNAPSHOT;
}

bool reader_needs_libpcap(int link_type, bool swapped)
{
        if (!swapped)
                return link_type == DLT_USB_LINUX_MMAPPED; /* it may correct a length */
        for (size_t i = 0; i < array_count(swapped_links); i++)
                if (swapped_links[i] == link_type)
                        return true;
        return false;
}

int reader_describe_link(struct file *file, uint32_t number, uint32_t snapshot_length,
                         int *link_type, uint32_t *snapshot, struct error *error)
{
        struct pcap_file_header header = {
            .magic = 0xa1b2c3d4,
            .version_major = PCAP_VERSION_MAJOR,
            .version_minor = PCAP_VERSION_MINOR,
            .snaplen = snapshot_length,
            .linktype = number,
        };
        char message[PCAP_ERRBUF_SIZE];
        FILE *memory;
        pcap_t *pcap;

        errno = 0;
        memory = fmemopen(&header, sizeof header, "r");
        pcap = memory ? pcap_fopen_offline(memory, message) : NULL;
        if (!pcap) {
                int reason = errno;

                if (memory)
                        fclose(memory);
                if (reason == ENOMEM)
                        return error_memory(error);
                return error_set(error, "%s: not a capture file (%s)", file->name, message);
        }
        *link_type = pcap_datalink(pcap);
        *snapshot = (uint32_t)pcap_snapshot(pcap);
        pcap_close(pcap);
        return 0;
}

/* The header that libpcap writes. Returns 0, or why it cannot. */
static int libpcaps_header(int link_type, uint32_t snapshot_length, bool nanoseconds,
                           uint8_t header[PCAP_FILE_HEADER])
{
        uint8_t space[PCAP_FILE_HEADER + 1]; /* fmemopen() adds a NUL */
        pcap_dumper_t *dumper;
        FILE *memory;
        pcap_t *pcap;
        int reason;

        errno = 0;
        pcap = pcap_open_dead_with_tstamp_precision(link_type, (int)snapshot_length,
                                                    nanoseconds ? PCAP_TSTAMP_PRECISION_NANO
                                                                : PCAP_TSTAMP_PRECISION_MICRO);
        memory = fmemopen(space, sizeof space, "w");
        dumper = pcap && memory ? pcap_dump_fopen(pcap, memory) : NULL;
        reason = errno == ENOMEM ? ENOMEM : EINVAL;
        if (dumper) {
                pcap_dump_close(dumper);
                memcpy(header, space, PCAP_FILE_HEADER);
        } else if (memory) {
                fclose(memory);
        }
        if (pcap)
                pcap_close(pcap);
        return dumper ? 0 : reason;
}

int reader_file_header(const char *name, int link_type, uint32_t snapshot_length, bool nanoseconds,
                       uint8_t header[PCAP_FILE_HEADER], struct error *error)
{
        uint32_t stored = (uint32_t)link_type;
        int reason = libpcaps_header(link_type, snapshot_length, nanoseconds, header);

        /* libpcap keeps the number of a link type that it does not know when it reads one, so this
         * is how it was stored. */
        if (reason == EINVAL && stored <= UINT16_MAX) {
                reason = libpcaps_header(DLT_EN10MB, snapshot_length, nanoseconds, header);
                memcpy(header + PCAP_LINK_TYPE, &stored, sizeof stored);
        }
        if (reason == ENOMEM)
                return error_memory(error);
        return reason == 0 ? 0
                           : error_set(error, "%s: link type %d cannot be stored in a file", name,
                                       link_type);
}

enum capture_result reader_fail(struct file *file, struct error *error, const char *format, ...)
{
        char what[400];
        va_list arguments;

        if (file->input.lacks_memory) {
                error_memory(error);
                return CAPTURE_ERROR;
        }
        va_start(arguments, format);
        vsnprintf(what, sizeof what, format, arguments);
        va_end(arguments);
        error_set(error, "%s: after %" PRIu64 " packet%s: %s", file->name, file->packets_read,
                  file->packets_read == 1 ? "" : "s", what);
        return CAPTURE_ERROR;
}

bool reader_room(struct file *file, size_t count, bool with_extents)
{
        const size_t wanted = count < MIN_ROOM ? MIN_ROOM : count < MAX_ROOM ? count + 1 : MAX_ROOM;
        size_t packets = file->room, verdicts = file->room, extents = file->room;

        if (!array_grow(file->packets, packets, wanted) ||
            !array_grow(file->verdicts, verdicts, wanted) ||
            (with_extents && !array_grow(file->extents, extents, wanted)))
                return false;
        file->room = packets;
        return true;
}

void reader_filter(const struct file *file, int link_type, const struct packet *packets,
                   size_t count, uint32_t *verdicts)
{
        const struct capture *capture = &file->capture;

        if (capture->selector)
                capture->selector(capture->selector_context, link_type, packets, count, verdicts);
        else
                memset(verdicts, 0xff, count * sizeof *verdicts);
}

/* Packets that were made up: shown as a capture prints them, and saved. */
#include "cbpf/proof/proof.h"
#include "cli.h"
#include "print/print.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum {
        TAG_PLACE = 12, /* of a VLAN tag in an Ethernet frame */
        TAG = 4,
        ETHERNET_HEADER = 14,
        COOKED_HEADER = 20,
        HARDWARE_ETHERNET = 1,
        SHOWN_ROOM = PROOF_ROOM + 64,
};

struct shown_packets {
        struct cbpf_target target;
        struct printer *printer;
        struct capture_writer *writer;
        uint64_t count;
        bool failed;
        uint8_t bytes[SHOWN_ROOM];
};

static bool open_writer(struct shown_packets *shown, const char *path)
{
        struct capture_writer_options options = {.format = CAPTURE_PCAP,
                                                 .link_type = shown->target.link_type,
                                                 .snapshot_length = CAPTURE_MAX_SNAPSHOT};
        struct error error;

        if (!path)
                return true;
        shown->writer = capture_writer_create(path, &options, &error);
        if (!shown->writer)
                complain_error(&error);
        else if (strcmp(path, "-") == 0)
                stdout = stderr; /* text within the file would spoil it */
        return shown->writer;
}

struct shown_packets *shown_open(const char *path, const struct cbpf_target *target,
                                 bool link_header, const struct colors *colors)
{
        struct print_options options = {
            .link_header = link_header, .time = PRINT_TIME_NONE, .colors = colors};
        struct shown_packets *shown = calloc(1, sizeof *shown);

        if (!shown) {
                out_of_memory();
                return NULL;
        }
        shown->target = *target;
        shown->printer = printer_new(&options);
        if (!shown->printer)
                out_of_memory();
        if (!shown->printer || !open_writer(shown, path)) {
                printer_free(shown->printer);
                free(shown);
                return NULL;
        }
        return shown;
}

static void put16(uint8_t *place, uint16_t value)
{
        place[0] = (uint8_t)(value >> 8);
        place[1] = (uint8_t)value;
}

/* Puts the tag back into the frame. */
static uint32_t save_ethernet(uint8_t *bytes, const struct proof_packet *packet)
{
        uint32_t size = packet->captured;

        if (!packet->ancillary.vlan_present || size < TAG_PLACE) {
                memcpy(bytes, packet->data, size);
                return size;
        }
        memcpy(bytes, packet->data, TAG_PLACE);
        put16(bytes + TAG_PLACE, packet->ancillary.vlan_protocol);
        put16(bytes + TAG_PLACE + 2, packet->ancillary.vlan_tag);
        memcpy(bytes + TAG_PLACE + TAG, packet->data + TAG_PLACE, size - TAG_PLACE);
        return size + TAG;
}

/* Puts a LINUX_SLL2 header in the place of Ethernet's, or in front. */
static uint32_t save_cooked(uint8_t *bytes, const struct proof_packet *packet)
{
        const struct cbpf_ancillary *ancillary = &packet->ancillary;
        bool ethernet = ancillary->hardware_type == HARDWARE_ETHERNET;
        uint32_t skipped = ethernet && packet->captured >= ETHERNET_HEADER ? ETHERNET_HEADER : 0;
        uint32_t interface = htobe32(ancillary->interface), at = COOKED_HEADER;

        memset(bytes, 0, COOKED_HEADER);
        put16(bytes, ancillary->vlan_present ? ancillary->vlan_protocol
                     : skipped               ? (uint16_t)(packet->data[12] << 8 | packet->data[13])
                                             : ancillary->protocol);
        memcpy(bytes + 4, &interface, sizeof interface);
        put16(bytes + 8, ancillary->hardware_type);
        bytes[10] = ancillary->packet_type;
        if (skipped) {
                bytes[11] = 6;
                memcpy(bytes + 12, packet->data + 6, 6);
        }
        if (ancillary->vlan_present) {
                put16(bytes + at, ancillary->vlan_tag);
                put16(bytes + at + 2, skipped ? (uint16_t)(packet->data[12] << 8 | packet->data[13])
                                              : ancillary->protocol);
                at += TAG;
        }
        memcpy(bytes + at, packet->data + skipped, packet->captured - skipped);
        return at + packet->captured - skipped;
}

/* The packet as it is saved. */
static struct packet save(struct shown_packets *shown, const struct proof_packet *packet)
{
        struct packet saved = {.data = shown->bytes};

        if (shown->target.place == CBPF_FILE)
                return (struct packet){packet->data, packet->captured, packet->length};
        if (shown->target.link_type == DLT_LINUX_SLL2)
                saved.captured = save_cooked(shown->bytes, packet);
        else if (shown->target.link_type == DLT_EN10MB)
                saved.captured = save_ethernet(shown->bytes, packet);
        else
                memcpy(shown->bytes, packet->data, saved.captured = packet->captured);
        saved.length = packet->length - packet->captured + saved.captured;
        return saved;
}

static void print_beside(const struct shown_packets *shown, const struct proof_packet *packet)
{
        static const char *const types[] = {"to this host", "broadcast", "multicast",
                                            "to another host", "outgoing"};
        const struct cbpf_ancillary *ancillary = &packet->ancillary;

        if (packet->captured < packet->length)
                printf("  cut short: %u of %u bytes captured\n", packet->captured, packet->length);
        if (shown->target.place == CBPF_FILE)
                return;
        printf("  with it: interface %u, %s", ancillary->interface,
               ancillary->packet_type < sizeof types / sizeof *types ? types[ancillary->packet_type]
                                                                     : "of another type");
        if (ancillary->vlan_present)
                printf(", VLAN tag %u", ancillary->vlan_tag & 0xfff);
        putchar('\n');
}

int shown_packet(struct shown_packets *shown, const struct proof_packet *packet)
{
        struct capture_record record = {.packet = save(shown, packet),
                                        .time = {.tv_nsec = (long)shown->count++ * 1000},
                                        .link_type = shown->target.link_type};
        const char *line = packet_line(shown->printer, &record);
        struct error error;

        if (!line)
                return STATUS_FAILED;
        print_packet_line(line);
        print_beside(shown, packet);
        if (!shown->writer || capture_writer_write(shown->writer, &record, &error) == 0)
                return STATUS_DONE;
        shown->failed = true;
        return complain_error(&error);
}

bool shown_why(struct shown_packets *shown, const struct proof_packet *packet,
               const char *expression, bool accepts, int column)
{
        struct packet saved = save(shown, packet);
        struct cbpf_target file = shown->target;
        struct bpf_program program;
        struct error error;
        char *sentence;
        bool same;

        file.place = CBPF_FILE;
        file.saved = true;
        if (cbpf_compile(expression, &file, 0, &program, &error) < 0)
                return false;
        same =
            !cbpf_program_asks_metadata(&program) && (cbpf_run(&program, &saved) != 0) == accepts;
        cbpf_program_free(&program);
        if (!same || cbpf_why(expression, &file, &saved, &sentence, &error) < 0)
                return false;
        print_column(column, column, sentence, strlen(sentence));
        putchar('\n');
        free(sentence);
        return true;
}

bool shown_close(struct shown_packets *shown)
{
        struct error error;
        bool done;

        if (!shown)
                return true;
        done = !shown->failed;
        if (shown->writer && capture_writer_close(shown->writer, &error) < 0 && done) {
                complain_error(&error);
                done = false;
        }
        printer_free(shown->printer);
        free(shown);
        return done;
}

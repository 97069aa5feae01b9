#include "seeds.h"

#include "base/array.h"
#include "random.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

enum {
        MAX_CAPTURED = 70,
        MAX_REHEADED = 30,
        MAX_MADE = 12,
        MADE_LENGTH = 200,
        MAX_BYTES = 600, /* of a captured packet */
        ETHERNET_HEADER = 14,
};

static bool read_file(struct captures *captures, const char *path)
{
        char message[PCAP_ERRBUF_SIZE];
        pcap_t *file = pcap_open_offline(path, message);
        struct pcap_pkthdr *header;
        const u_char *data;
        int result;

        if (!file)
                return false;
        while ((result = pcap_next_ex(file, &header, &data)) == 1) {
                uint8_t *bytes;

                if (!array_grow(captures->records, captures->room, captures->count + 1))
                        abort();
                bytes = malloc(header->caplen + 1);
                if (!bytes)
                        abort();
                memcpy(bytes, data, header->caplen);
                captures->records[captures->count++] = (struct capture_record){
                    .packet = {bytes, header->caplen, header->len},
                    .link_type = pcap_datalink(file),
                };
        }
        pcap_close(file);
        return result == PCAP_ERROR_BREAK;
}

bool seeds_read(struct captures *captures, const char *pattern)
{
        glob_t paths;
        bool read = glob(pattern, 0, NULL, &paths) == 0;

        for (size_t i = 0; read && i < paths.gl_pathc; i++)
                read = read_file(captures, paths.gl_pathv[i]);
        globfree(&paths);
        return read;
}

void seeds_free(struct captures *captures)
{
        for (size_t i = 0; i < captures->count; i++)
                free((void *)captures->records[i].packet.data);
        free(captures->records);
        *captures = (struct captures){0};
}

/* Where the network header starts, most often. */
static uint32_t header_length(int link_type)
{
        static const struct {
                int link_type;
                uint32_t length;
        } lengths[] = {
            {DLT_RAW, 0},
            {DLT_IPV4, 0},
            {DLT_IPV6, 0},
            {DLT_NULL, 4},
            {DLT_LOOP, 4},
            {DLT_LINUX_SLL, 16},
            {DLT_LINUX_SLL2, 20},
            {DLT_PPP, 4},
            {DLT_PPP_SERIAL, 4},
            {DLT_PPP_ETHER, 8},
            {DLT_C_HDLC, 4},
            {DLT_FRELAY, 4},
            {DLT_FDDI, 21},
            {DLT_IEEE802, 22},
            {DLT_IEEE802_11, 32},
            {DLT_SLIP, 16},
            {DLT_IEEE802_11_RADIO, 40},
            {DLT_SUNATM, 12},
            {DLT_PFLOG, 64},
            {DLT_DSA_TAG_DSA, 18},
            {DLT_DSA_TAG_BRCM, 18},
            {DLT_ARCNET_LINUX, 6},
            {DLT_IPNET, 24},
        };

        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
                if (lengths[i].link_type == link_type)
                        return lengths[i].length;
        return ETHERNET_HEADER;
}

static struct sample *add(struct seeds *seeds, uint32_t captured, uint32_t length, bool live)
{
        struct sample *sample = sample_new(captured);

        if (!sample)
                return NULL;
        sample->length = length;
        sample->live = live;
        seeds->samples[seeds->count++] = sample;
        return sample;
}

static void set_ancillary(struct sample *sample, size_t number)
{
        bool ethernet = sample->captured >= ETHERNET_HEADER;

        sample->ancillary = (struct cbpf_ancillary){
            .protocol = (uint16_t)(ethernet ? sample->data[12] << 8 | sample->data[13] : 0),
            .packet_type = number % 5,
            .interface = 1 + number % 3,
            .hardware_type = 1,
            .vlan_present = number % 3 == 0,
            .vlan_tag = (uint16_t)(number % 3 == 0 ? number : 0),
            .vlan_protocol = 0x8100,
        };
}

/* `most` of the packets of `link_type`, evenly spread, from byte `skip` on, after `header` zeros.
 */
static bool add_captured(struct seeds *seeds, const struct captures *captures, int link_type,
                         size_t most, uint32_t skip, uint32_t header, bool live)
{
        size_t total = 0, seen = 0;

        for (size_t i = 0; i < captures->count; i++)
                total += captures->records[i].link_type == link_type;
        for (size_t i = 0; i < captures->count; i++) {
                const struct packet *packet = &captures->records[i].packet;
                struct sample *sample;
                uint32_t bytes = packet->captured < MAX_BYTES ? packet->captured : MAX_BYTES;

                if (captures->records[i].link_type != link_type)
                        continue;
                seen++;
                if (seen * most / total == (seen - 1) * most / total || bytes < skip)
                        continue;
                sample = add(seeds, header + bytes - skip, header + packet->length - skip, live);
                if (!sample)
                        return false;
                memcpy(sample->data + header, packet->data + skip, bytes - skip);
                set_ancillary(sample, seen);
        }
        return true;
}

static bool add_made(struct seeds *seeds, bool live)
{
        static const uint8_t patterns[] = {0, 0xff, 0x45, 0x60, 0x08};
        uint64_t random = 1;

        for (size_t i = 0; i < MAX_MADE; i++) {
                struct sample *sample = add(seeds, MADE_LENGTH, MADE_LENGTH, live);

                if (!sample)
                        return false;
                for (size_t j = 0; j < MADE_LENGTH; j++)
                        sample->data[j] =
                            i < sizeof patterns ? patterns[i] : (uint8_t)random_next(&random);
                if (i == sizeof patterns)
                        sample->length = 70000;
                if (i == sizeof patterns + 1)
                        sample->captured = sample->length = 0;
                set_ancillary(sample, i);
        }
        return true;
}

bool seeds_make(struct seeds *seeds, const struct captures *captures, int link_type, bool live)
{
        uint32_t header = header_length(link_type);

        seeds->count = 0;
        seeds->samples = calloc(MAX_CAPTURED + MAX_REHEADED + MAX_MADE, sizeof *seeds->samples);
        return seeds->samples &&
               add_captured(seeds, captures, link_type, MAX_CAPTURED, 0, 0, live) &&
               (link_type == DLT_EN10MB || add_captured(seeds, captures, DLT_EN10MB, MAX_REHEADED,
                                                        ETHERNET_HEADER, header, live)) &&
               add_made(seeds, live);
}

void seeds_drop(struct seeds *seeds)
{
        for (size_t i = 0; i < seeds->count; i++)
                free(seeds->samples[i]);
        free(seeds->samples);
        *seeds = (struct seeds){0};
}

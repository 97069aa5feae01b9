#include "sample.h"

#include <stdlib.h>
#include <string.h>

enum { PRINTED_BYTES = 400 };

struct sample *sample_new(uint32_t captured)
{
        struct sample *sample = calloc(1, offsetof(struct sample, data) + captured);

        if (sample)
                sample->captured = captured;
        return sample;
}

void sample_copy(struct sample *to, const struct sample *from)
{
        memcpy(to, from, offsetof(struct sample, data));
        memcpy(to->data, from->data, from->captured);
}

bool sample_extend(struct sample *sample, uint64_t captured)
{
        if (captured > SAMPLE_ROOM)
                return false;
        if (captured <= sample->captured)
                return true;
        memset(sample->data + sample->captured, 0, captured - sample->captured);
        sample->captured = (uint32_t)captured;
        if (sample->length < captured)
                sample->length = (uint32_t)captured;
        return true;
}

void sample_print(const struct sample *sample, FILE *out)
{
        const struct cbpf_ancillary *known = &sample->ancillary;

        fprintf(out, "length %u, captured %u: ", sample->length, sample->captured);
        for (uint32_t i = 0; i < sample->captured && i < PRINTED_BYTES; i++)
                fprintf(out, "%02x", sample->data[i]);
        fputs(sample->captured > PRINTED_BYTES ? "...\n" : "\n", out);
        if (sample->live)
                fprintf(out,
                        "    protocol 0x%04x, packet type %u, interface %u, hardware %u, VLAN tag "
                        "%s 0x%04x (0x%04x)\n",
                        known->protocol, known->packet_type, known->interface, known->hardware_type,
                        known->vlan_present ? "present" : "absent", known->vlan_tag,
                        known->vlan_protocol);
}

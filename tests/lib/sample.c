#include "sample.h"

#include <linux/if_arp.h>
#include <stdlib.h>
#include <string.h>

enum {
        PRINTED_BYTES = 400,
        MAC_ADDRESSES = 12,
        ETHERNET_HEADER = 14,
        SLL2_HEADER = 20,
        SLL2_ADDRESS = 11, /* with its length */
        TAG = 4,
};

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

static uint16_t get16(const uint8_t *bytes)
{
        return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static void put16(uint8_t *bytes, uint32_t value)
{
        bytes[0] = (uint8_t)(value >> 8);
        bytes[1] = (uint8_t)value;
}

/* The kernel takes no other tags out. */
static bool is_tag(uint16_t type)
{
        return type == 0x8100 || type == 0x88a8;
}

/* Bytes are put in at `place`, or taken out; the wire length follows. */
static void insert(struct sample *sample, uint32_t place, uint32_t count)
{
        if (sample->captured + count > SAMPLE_ROOM)
                sample->captured = SAMPLE_ROOM - count;
        memmove(sample->data + place + count, sample->data + place, sample->captured - place);
        memset(sample->data + place, 0, count);
        sample->captured += count;
        sample->length += count;
}

static void take_out(struct sample *sample, uint32_t place, uint32_t count)
{
        sample->captured -= count;
        sample->length -= count;
        memmove(sample->data + place, sample->data + place + count, sample->captured - place);
}

static bool is_ethernet(const struct cbpf_ancillary *ancillary)
{
        return ancillary->hardware_type == ARPHRD_ETHER ||
               ancillary->hardware_type == ARPHRD_LOOPBACK;
}

void sample_normalize(struct sample *sample, enum sample_form form)
{
        if (form == SAMPLE_AS_SAVED)
                return;
        sample->ancillary.vlan_present = false;
        sample->ancillary.vlan_tag = sample->ancillary.vlan_protocol = 0;
        if (sample->length < sample->captured)
                sample->length = sample->captured;
        if (form != SAMPLE_ANY)
                return;
        sample_extend(sample, SLL2_HEADER);
        memset(sample->data + 2, 0, 2);
        memset(sample->data + SLL2_ADDRESS, 0, SLL2_HEADER - SLL2_ADDRESS);
}

static void show_ethernet(struct sample *shown)
{
        const uint8_t *tag = shown->data + MAC_ADDRESSES;

        if (!shown->beside || shown->captured < MAC_ADDRESSES + TAG || !is_tag(get16(tag)))
                return;
        shown->ancillary.vlan_present = true;
        shown->ancillary.vlan_protocol = get16(tag);
        shown->ancillary.vlan_tag = get16(tag + 2);
        take_out(shown, MAC_ADDRESSES, TAG);
}

static void show_any(struct sample *shown)
{
        struct cbpf_ancillary *ancillary = &shown->ancillary;
        const uint8_t *data = shown->data;
        uint32_t header;

        ancillary->interface = (uint32_t)get16(data + 4) << 16 | get16(data + 6);
        ancillary->hardware_type = get16(data + 8);
        ancillary->packet_type = data[10];
        if (shown->beside && is_ethernet(ancillary) && is_tag(get16(data)) &&
            shown->captured >= SLL2_HEADER + TAG) {
                ancillary->vlan_present = true;
                ancillary->vlan_protocol = get16(data);
                ancillary->vlan_tag = get16(data + SLL2_HEADER);
                ancillary->protocol = get16(data + SLL2_HEADER + 2);
                header = MAC_ADDRESSES; /* the type behind the tag comes next */
                take_out(shown, 0, SLL2_HEADER + 2);
        } else {
                ancillary->protocol = get16(data);
                header = is_ethernet(ancillary) ? ETHERNET_HEADER : 0;
                take_out(shown, 0, SLL2_HEADER);
        }
        insert(shown, 0, header);
        memset(shown->data, 0xee, header); /* of no matter */
}

void sample_show(struct sample *shown, const struct sample *saved, enum sample_form form)
{
        sample_copy(shown, saved);
        if (form == SAMPLE_ANY)
                show_any(shown);
        else if (form == SAMPLE_ETHERNET)
                show_ethernet(shown);
}

static void save_any(struct sample *saved)
{
        const struct cbpf_ancillary *ancillary = &saved->ancillary;
        bool tagged = ancillary->vlan_present && is_ethernet(ancillary);

        if (is_ethernet(ancillary)) {
                sample_extend(saved, ETHERNET_HEADER);
                take_out(saved, 0, tagged ? MAC_ADDRESSES : ETHERNET_HEADER);
        }
        insert(saved, 0, SLL2_HEADER + (tagged ? 2 : 0));
        put16(saved->data, tagged ? ancillary->vlan_protocol : ancillary->protocol);
        put16(saved->data + 4, ancillary->interface >> 16);
        put16(saved->data + 6, ancillary->interface);
        put16(saved->data + 8, ancillary->hardware_type);
        saved->data[10] = ancillary->packet_type;
        if (tagged)
                put16(saved->data + SLL2_HEADER, ancillary->vlan_tag);
}

void sample_save(struct sample *saved, const struct sample *shown, enum sample_form form)
{
        struct cbpf_ancillary *ancillary = &saved->ancillary;

        sample_copy(saved, shown);
        if (form == SAMPLE_AS_SAVED)
                return;
        saved->beside = ancillary->vlan_present;
        if (saved->length < saved->captured)
                saved->length = saved->captured;
        if (!is_tag(ancillary->vlan_protocol))
                ancillary->vlan_protocol = 0x8100;
        if (form == SAMPLE_ANY) {
                save_any(saved);
        } else if (ancillary->vlan_present && saved->captured >= MAC_ADDRESSES) {
                insert(saved, MAC_ADDRESSES, TAG);
                put16(saved->data + MAC_ADDRESSES, ancillary->vlan_protocol);
                put16(saved->data + MAC_ADDRESSES + 2, ancillary->vlan_tag);
        }
        sample_normalize(saved, form);
}

/* Dropped packets as those of a capture of all interfaces: behind LINUX_SLL2's header, as many have
 * no other one, with a VLAN tag where it belongs. The header:
 * https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html */
#include "drop.h"

#include "base/array.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        TAG = 4,
        MAX_INTERFACES = 4096,
        SECOND = 1000000000,
};

/* All in network byte order. */
struct header {
        uint16_t protocol, reserved;
        uint32_t interface;
        uint16_t hardware;
        uint8_t type, address_length;
        uint8_t address[8];
};

/* An interface of some network namespace. The capture's description does not move. */
struct known_interface {
        uint32_t network_namespace;
        char name[DROPS_NAME];
        struct capture_interface interface;
};

struct frames {
        struct known_interface **known;
        size_t count, room;
        uint8_t bytes[sizeof(struct header) + TAG + DROPS_LONGEST];
};

/* --- Interfaces --- */

static struct known_interface *add(struct frames *frames, uint32_t network_namespace,
                                   uint32_t index, const char *name)
{
        struct known_interface *known;

        if (!array_grow(frames->known, frames->room, frames->count + 1) ||
            !(known = calloc(1, sizeof *known)))
                return NULL;
        snprintf(known->name, sizeof known->name, "%s", name);
        known->network_namespace = network_namespace;
        known->interface = (struct capture_interface){
            .index = index,
            .link_type = DLT_LINUX_SLL2,
            .snapshot_length = CAPTURE_MAX_SNAPSHOT,
            .name = *known->name ? known->name : NULL,
        };
        frames->known[frames->count++] = known;
        return known;
}

/* By any name, if none is given: the latest. */
static struct known_interface *find(const struct frames *frames, uint32_t network_namespace,
                                    uint32_t index, const char *name)
{
        for (size_t i = frames->count; i-- > 0;) {
                struct known_interface *known = frames->known[i];

                if (known->interface.index == index &&
                    known->network_namespace == network_namespace &&
                    (!*name || strcmp(known->name, name) == 0))
                        return known;
        }
        return NULL;
}

/* NULL if there are too many of them, or if memory is short. */
static const struct capture_interface *interface_of(struct frames *frames,
                                                    const struct drops_record *record)
{
        char name[DROPS_NAME];
        struct known_interface *known;

        snprintf(name, sizeof name, "%.*s", DROPS_NAME - 1, record->name);
        known = find(frames, record->network_namespace, record->interface, name);
        if (!known && frames->count < MAX_INTERFACES)
                known = add(frames, record->network_namespace, record->interface, name);
        return known ? &known->interface : NULL;
}

static bool add_present(struct frames *frames, uint32_t own_namespace)
{
        struct if_nameindex *all = if_nameindex();
        bool added = true;

        for (struct if_nameindex *at = all; at && at->if_index && added; at++)
                added = add(frames, own_namespace, at->if_index, at->if_name);
        if_freenameindex(all);
        return added;
}

struct frames *frames_new(uint32_t own_namespace)
{
        struct frames *frames = calloc(1, sizeof *frames);

        if (frames && add_present(frames, own_namespace))
                return frames;
        frames_free(frames);
        return NULL;
}

void frames_free(struct frames *frames)
{
        if (!frames)
                return;
        for (size_t i = 0; i < frames->count; i++)
                free(frames->known[i]);
        free(frames->known);
        free(frames);
}

/* --- Frames --- */

static uint8_t type_of(const struct drop *drop)
{
        return drop->place.is_sending || !drop->record->received ? PACKET_OUTGOING
                                                                 : drop->record->type;
}

/* Returns the size of all that stands before the packet's own bytes. */
static size_t put_header(uint8_t *bytes, const struct drop *drop)
{
        const struct drops_record *record = drop->record;
        const bool tagged = record->tag_protocol != 0;
        const uint16_t tag[] = {htons(record->tag), htons(record->protocol)};
        struct header header = {
            .protocol = htons(tagged ? record->tag_protocol : record->protocol),
            .interface = htonl(record->interface),
            .hardware = htons(record->hardware),
            .type = type_of(drop),
        };

        if (record->has_address) {
                header.address_length = sizeof record->address;
                memcpy(header.address, record->address, sizeof record->address);
        }
        memcpy(bytes, &header, sizeof header);
        if (!tagged)
                return sizeof header;
        memcpy(bytes + sizeof header, tag, sizeof tag);
        return sizeof header + sizeof tag;
}

bool frames_fill(struct frames *frames, const struct drop *drop, int64_t offset,
                 struct capture_record *record)
{
        const struct drops_record *from = drop->record;
        const uint64_t time = from->time + (uint64_t)offset;
        const size_t before = put_header(frames->bytes, drop);

        memcpy(frames->bytes + before, from->bytes, from->captured);
        *record = (struct capture_record){
            .packet = {.data = frames->bytes,
                       .captured = (uint32_t)before + from->captured,
                       .length = (uint32_t)before + from->length},
            .time = {.tv_sec = (time_t)(time / SECOND), .tv_nsec = (long)(time % SECOND)},
            .on = interface_of(frames, from),
            .passage = capture_passage(type_of(drop)),
            .link_type = DLT_LINUX_SLL2,
        };
        return record->on || frames->count >= MAX_INTERFACES;
}

/* See join.h. Packets are held in a queue in order of time. Those that are known by the same bytes,
 * which nothing tells apart, are a group, which a hash table finds: as each place sees them in one
 * order, a copy is that of the packet behind the last one that the place had a copy of. */
#include "join.h"

#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"
#include "net/protocols.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

enum {
        HOLD_MS = 100,
        SET_BACK = 100, /* times that: no copies are so far ahead of others */
        IDENTITY = 96,  /* bytes of the network layer, of what a tap copies at least */
        PLACES = 16,    /* of a packet */
        QUEUE = 1 << 16,
        MILLISECOND = 1000000,
};

/* What a packet is known by. */
struct identity {
        uint32_t length; /* of the network layer */
        uint32_t count;  /* of the bytes that follow */
        uint8_t bytes[IDENTITY];
};

struct held {
        struct capture_record record;
        uint8_t *bytes;
        int64_t time;   /* nanoseconds */
        uint32_t group; /* its number, */
        uint32_t next;  /* and the packet behind this one in it; NONE for the last */
        uint32_t place_count;
        const struct capture_interface *places[PLACES]; /* in the order of these times: */
        int64_t times[PLACES];
};

/* What a place has had copies of. */
struct cursor {
        const struct capture_interface *place;
        uint32_t next; /* the packet that it has a copy of next; NONE if that is still to come */
};

struct group {
        struct identity identity;
        uint32_t hash;
        uint32_t first, last;
        uint32_t cursor_count;
        struct cursor cursors[PLACES];
};

/* Numbers that are not in use, a stack. */
struct pool {
        uint32_t *unused;
        uint32_t count;
};

/* An interface named after several. */
struct together {
        struct capture_interface interface;
        char *name;
        uint32_t count;
        const struct capture_interface *places[PLACES];
};

struct join {
        struct hash_key key;
        struct hash_table table; /* numbers of groups */
        struct group *groups;    /* QUEUE of them, as of the others */
        struct held *held;
        struct pool unused_groups, unused_held;
        uint32_t *queue;       /* a ring of numbers in order of time, */
        uint32_t first, count; /* from here on */
        uint32_t *given;       /* by the last call, and freed by the next one */
        uint32_t given_count;
        struct together **together;
        size_t together_count, together_room;
};

static bool pool_fill(struct pool *pool)
{
        pool->unused = calloc(QUEUE, sizeof *pool->unused);
        while (pool->unused && pool->count < QUEUE) {
                pool->unused[pool->count] = QUEUE - 1 - pool->count;
                pool->count++;
        }
        return pool->unused;
}

struct join *join_new(void)
{
        struct join *join = calloc(1, sizeof *join);

        if (!join)
                return NULL;
        join->groups = calloc(QUEUE, sizeof *join->groups);
        join->held = calloc(QUEUE, sizeof *join->held);
        join->queue = calloc(QUEUE, sizeof *join->queue);
        join->given = calloc(QUEUE, sizeof *join->given);
        if (!join->groups || !join->held || !join->queue || !join->given ||
            !pool_fill(&join->unused_groups) || !pool_fill(&join->unused_held)) {
                join_free(join);
                return NULL;
        }
        hash_key_new(&join->key);
        return join;
}

void join_free(struct join *join)
{
        if (!join)
                return;
        for (size_t i = 0; join->held && i < QUEUE; i++)
                free(join->held[i].bytes);
        for (size_t i = 0; i < join->together_count; i++) {
                free(join->together[i]->name);
                free(join->together[i]);
        }
        free(join->together);
        free(join->groups);
        free(join->held);
        free(join->unused_groups.unused);
        free(join->unused_held.unused);
        free(join->queue);
        free(join->given);
        hash_free(&join->table);
        free(join);
}

/* --- Identity --- */

static uint16_t half(const uint8_t *bytes)
{
        return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

/* Where the network layer begins. */
static uint32_t network_of(const struct capture_record *record)
{
        enum { ADDRESSES = 12, TYPE = 2, TAG = 4, SLL2 = 20 };
        const struct packet *packet = &record->packet;
        uint32_t at = 0;

        if (record->link_type == DLT_LINUX_SLL2)
                at = SLL2;
        if (record->link_type == DLT_EN10MB) {
                at = ADDRESSES;
                while (at + TAG <= packet->captured && net_is_vlan(half(packet->data + at)))
                        at += TAG;
                at += TYPE;
        }
        return at < packet->captured ? at : packet->captured;
}

/* Padding of a frame is not of the network layer, and what routers change says nothing. */
static void identify(const struct capture_record *record, struct identity *identity)
{
        enum {
                IPV4 = 4,
                IPV4_HEADER = 20,
                IPV4_LENGTH = 2,
                TIME_TO_LIVE = 8,
                CHECKSUM = 10,
                IPV6 = 6,
                IPV6_HEADER = 40,
                IPV6_LENGTH = 4,
                HOP_LIMIT = 7,
        };
        const struct packet *packet = &record->packet;
        uint32_t at = network_of(record), told = 0, version;

        *identity = (struct identity){.length = packet->length - at};
        identity->count = packet->captured - at < IDENTITY ? packet->captured - at : IDENTITY;
        memcpy(identity->bytes, packet->data + at, identity->count);
        version = identity->count > 0 ? identity->bytes[0] >> 4 : 0;
        if (version == IPV4 && identity->count >= IPV4_HEADER) {
                told = half(identity->bytes + IPV4_LENGTH);
                identity->bytes[TIME_TO_LIVE] = 0;
                memset(identity->bytes + CHECKSUM, 0, 2);
        } else if (version == IPV6 && identity->count >= IPV6_HEADER) {
                told = IPV6_HEADER + half(identity->bytes + IPV6_LENGTH);
                identity->bytes[HOP_LIMIT] = 0;
        }
        if (told > 0 && told < identity->length)
                identity->length = told;
        if (identity->count > identity->length)
                identity->count = identity->length;
        memset(identity->bytes + identity->count, 0, IDENTITY - identity->count);
}

/* --- Groups --- */

/* The group of this identity, which is made if there is none; NONE when memory is short. */
static uint32_t find_group(struct join *join, const struct identity *identity)
{
        uint32_t hash = hash_keyed(&join->key, identity, sizeof *identity);
        uint32_t at = hash, number;

        while ((number = hash_next(&join->table, hash, &at)) != HASH_NONE)
                if (memcmp(&join->groups[number].identity, identity, sizeof *identity) == 0)
                        return number;
        number = join->unused_groups.unused[join->unused_groups.count - 1];
        if (!hash_put(&join->table, hash, number))
                return NONE;
        join->unused_groups.count--;
        join->groups[number] =
            (struct group){.identity = *identity, .hash = hash, .first = NONE, .last = NONE};
        return number;
}

static void drop_group(struct join *join, uint32_t number)
{
        hash_remove(&join->table, join->groups[number].hash, number);
        join->unused_groups.unused[join->unused_groups.count++] = number;
}

/* Of a place that has not had a copy, the first packet is next. NULL if there are too many. */
static struct cursor *cursor_of(struct group *group, const struct capture_interface *place)
{
        for (uint32_t i = 0; i < group->cursor_count; i++)
                if (group->cursors[i].place == place)
                        return &group->cursors[i];
        if (group->cursor_count == PLACES)
                return NULL;
        group->cursors[group->cursor_count] = (struct cursor){place, group->first};
        return &group->cursors[group->cursor_count++];
}

/* A packet is the last of its group, for all places but the one that has brought it. */
static void append_to_group(struct join *join, uint32_t number, const struct cursor *own)
{
        struct group *group = &join->groups[join->held[number].group];

        if (group->last == NONE)
                group->first = number;
        else
                join->held[group->last].next = number;
        group->last = number;
        for (uint32_t i = 0; i < group->cursor_count; i++)
                if (group->cursors[i].next == NONE && &group->cursors[i] != own)
                        group->cursors[i].next = number;
}

/* The first of its group is no longer held. One that is not the first, as time was set, leaves the
 * group with all those before it, which no copy is found for any more. */
static void take_from_group(struct join *join, uint32_t number)
{
        uint32_t group_number = join->held[number].group;
        struct group *group;

        if (group_number == NONE)
                return;
        group = &join->groups[group_number];
        for (uint32_t gone = group->first;; gone = join->held[gone].next) {
                join->held[gone].group = NONE;
                for (uint32_t i = 0; i < group->cursor_count; i++)
                        if (group->cursors[i].next == gone)
                                group->cursors[i].next = join->held[number].next;
                if (gone == number)
                        break;
        }
        group->first = join->held[number].next;
        if (group->first == NONE)
                drop_group(join, group_number);
}

/* --- The queue --- */

static uint32_t *queued(struct join *join, uint32_t i)
{
        return &join->queue[(join->first + i) & (QUEUE - 1)];
}

/* Nearly always behind the last one. */
static void enqueue(struct join *join, uint32_t number)
{
        uint32_t at = join->count++;

        while (at > 0 && join->held[*queued(join, at - 1)].time > join->held[number].time) {
                *queued(join, at) = *queued(join, at - 1);
                at--;
        }
        *queued(join, at) = number;
}

static void free_given(struct join *join)
{
        while (join->given_count > 0) {
                uint32_t number = join->given[--join->given_count];

                free(join->held[number].bytes);
                join->held[number].bytes = NULL;
                join->unused_held.unused[join->unused_held.count++] = number;
        }
}

/* The place is the last one but where packet sockets, whose packets are handed on later, bring it.
 */
static void add_place(struct held *held, const struct capture_interface *place, int64_t time)
{
        uint32_t at = held->place_count++;

        for (; at > 0 && held->times[at - 1] > time; at--) {
                held->places[at] = held->places[at - 1];
                held->times[at] = held->times[at - 1];
        }
        held->places[at] = place;
        held->times[at] = time;
}

/* There is always a number unused, as no more than a burst is taken when the queue is half full,
 * and what is given at once is far less than the other half. Returns false when memory is short. */
static bool hold(struct join *join, const struct capture_record *record, int64_t time,
                 uint32_t group, struct cursor *cursor)
{
        uint32_t number = join->unused_held.unused[join->unused_held.count - 1];
        struct held *held = &join->held[number];

        held->bytes = malloc(record->packet.captured + (size_t)1);
        if (!held->bytes)
                return false;
        join->unused_held.count--;
        memcpy(held->bytes, record->packet.data, record->packet.captured);
        held->record = *record;
        held->record.packet.data = held->bytes;
        held->time = time;
        held->group = group;
        held->next = NONE;
        held->place_count = 0;
        add_place(held, record->on, time);
        enqueue(join, number);
        if (cursor)
                cursor->next = NONE;
        append_to_group(join, number, cursor);
        return true;
}

bool join_take(struct join *join, const struct capture_record *record)
{
        int64_t time = record->time.tv_sec * (1000 * (int64_t)MILLISECOND) + record->time.tv_nsec;
        struct identity identity;
        struct cursor *cursor;
        struct held *next;
        uint32_t group;
        bool held;

        free_given(join);
        identify(record, &identity);
        group = find_group(join, &identity);
        if (group == NONE)
                return false;
        cursor = cursor_of(&join->groups[group], record->on);
        next = cursor && cursor->next != NONE ? &join->held[cursor->next] : NULL;
        if (next && next->place_count < PLACES && time - next->time < HOLD_MS * MILLISECOND) {
                cursor->next = next->next;
                add_place(next, record->on, time);
                return true;
        }
        held = hold(join, record, time, group, cursor);
        if (!held && join->groups[group].first == NONE)
                drop_group(join, group);
        return held;
}

/* --- Several places as one interface --- */

/* A place's name in parts: "b0" and "xdp" of "b0@xdp", or no device and "nf:input". The interface
 * of a packet socket has no more than the device's name. */
struct name_parts {
        const char *device;
        int length;
        const char *place;
};

static struct name_parts parts_of(const char *name)
{
        const char *at = strrchr(name, '@');

        if (strchr(name, ':')) /* what follows may have any name */
                return (struct name_parts){name, 0, name};
        if (at)
                return (struct name_parts){name, (int)(at - name), at + 1};
        return (struct name_parts){name, (int)strlen(name), "socket"};
}

/* "b0@xdp,socket,tc-ingress,nf:input": a device is named once for places in a row. */
static char *name_together(const struct capture_interface *const *places, uint32_t count)
{
        struct name_parts before = {"", 0, ""};
        struct text text = {0};

        for (uint32_t i = 0; i < count; i++) {
                struct name_parts parts = parts_of(places[i]->name);
                bool same = parts.length == before.length &&
                            strncmp(parts.device, before.device, (size_t)parts.length) == 0;

                if (i > 0)
                        text_format(&text, ",");
                if (!same && parts.length > 0)
                        text_format(&text, "%.*s@", parts.length, parts.device);
                text_format(&text, "%s", parts.place);
                before = parts;
        }
        return text_take(&text);
}

/* The first place alone when memory is short. */
static const struct capture_interface *interface_of(struct join *join, const struct held *held)
{
        size_t size = held->place_count * sizeof *held->places;
        struct together *together;

        for (size_t i = 0; i < join->together_count; i++)
                if (join->together[i]->count == held->place_count &&
                    memcmp(join->together[i]->places, held->places, size) == 0)
                        return &join->together[i]->interface;
        together = calloc(1, sizeof *together);
        if (!together ||
            !array_grow(join->together, join->together_room, join->together_count + 1)) {
                free(together);
                return held->places[0];
        }
        join->together[join->together_count++] = together;
        together->name = name_together(held->places, held->place_count);
        together->count = held->place_count;
        memcpy(together->places, held->places, size);
        together->interface = *held->places[0];
        if (together->name)
                together->interface.name = together->name;
        return &together->interface;
}

/* One keeps its name when memory is short. */
void join_rename(struct join *join)
{
        for (size_t i = 0; i < join->together_count; i++) {
                struct together *together = join->together[i];
                char *name = name_together(together->places, together->count);

                if (!name)
                        continue;
                free(together->name);
                together->interface.name = together->name = name;
        }
}

const struct capture_interface *join_first(const struct join *join,
                                           const struct capture_interface *interface)
{
        for (size_t i = 0; i < join->together_count; i++)
                if (interface == &join->together[i]->interface)
                        return join->together[i]->places[0];
        return interface;
}

bool join_is_full(const struct join *join)
{
        return join->count >= QUEUE / 2;
}

/* How many nanoseconds it is still to be held; 0 if that is so long that the clock has been set
 * back since. */
static int64_t left_of(const struct held *held, int64_t now)
{
        const int64_t whole = HOLD_MS * (int64_t)MILLISECOND, left = held->time + whole - now;

        return left > 0 && left < SET_BACK * whole ? left : 0;
}

size_t join_give(struct join *join, int64_t now, bool all, struct capture_record *records,
                 size_t room)
{
        size_t count = 0;

        free_given(join);
        while (count < room && join->count > 0) {
                uint32_t number = *queued(join, 0);
                struct held *held = &join->held[number];

                if (!all && !join_is_full(join) && left_of(held, now) > 0)
                        break;
                join->first = (join->first + 1) & (QUEUE - 1);
                join->count--;
                take_from_group(join, number);
                join->given[join->given_count++] = number;
                records[count] = held->record;
                records[count++].on = interface_of(join, held);
        }
        return count;
}

int join_wait(const struct join *join, int64_t now)
{
        int64_t left;

        if (join->count == 0)
                return -1;
        left = left_of(&join->held[join->queue[join->first]], now);
        return left > 0 ? (int)(left / MILLISECOND) + 1 : 0;
}

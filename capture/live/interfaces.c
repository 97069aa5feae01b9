/* See internal.h. What the kernel says of an interface beyond its state is asked for before
 * privileges are given up, where it still answers. */
#include "base/array.h"
#include "internal.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

/* --- Describing --- */

static bool ask(int socket, const char *name, void *command)
{
        struct ifreq request = {.ifr_data = command};

        snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
        return ioctl(socket, SIOCETHTOOL, &request) == 0;
}

/* Bits per second; 0 if there is no such thing. */
static uint64_t speed_of(int socket, const char *name)
{
        struct ethtool_cmd command = {.cmd = ETHTOOL_GSET};
        uint32_t megabits;

        if (!ask(socket, name, &command))
                return 0;
        megabits = (uint32_t)command.speed_hi << 16 | command.speed;
        return megabits == (uint32_t)SPEED_UNKNOWN ? 0 : megabits * UINT64_C(1000000);
}

/* Its driver, and where it is attached. */
static void describe_hardware(struct known *known, int socket)
{
        struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};

        if (!ask(socket, known->name, &info) || !info.driver[0])
                return;
        if (info.bus_info[0])
                snprintf(known->hardware, sizeof known->hardware, "%.31s (%.31s)", info.driver,
                         info.bus_info);
        else
                snprintf(known->hardware, sizeof known->hardware, "%.31s", info.driver);
        known->on.hardware = known->hardware;
}

static void rename_to(struct known *known, const char *name)
{
        snprintf(known->name, sizeof known->name, "%s", name);
        if (known->space)
                snprintf(known->full_name, sizeof known->full_name, "%s/%s", known->space->name,
                         name);
        known->on.name = !known->name[0] ? NULL : known->space ? known->full_name : known->name;
}

static struct known *describe(int socket, const struct link_state *link)
{
        struct known *known = calloc(1, sizeof *known);

        if (!known)
                return NULL;
        known->space = link->space;
        rename_to(known, link->name);
        snprintf(known->description, sizeof known->description, "%s", link->alias);
        known->on.description = known->description[0] ? known->description : NULL;
        known->on.units = 1000000000;
        known->on.speed = speed_of(socket, known->name);
        describe_hardware(known, socket);
        return known;
}

/* --- The table --- */

static uint32_t hash_of(const struct space *space, int index)
{
        return hash_fold(hash_mix(space ? space->inode : 0, (uint64_t)index));
}

static bool is_of(const struct known *known, const struct space *space, int index)
{
        return known->on.index == (uint32_t)index && known->space == space;
}

static struct known *look_up(struct interfaces *interfaces, const struct space *space, int index)
{
        uint32_t hash = hash_of(space, index), at = hash, item;

        while ((item = hash_next(&interfaces->by_index, hash, &at)) != HASH_NONE)
                if (is_of(interfaces->all[item], space, index))
                        return interfaces->all[item];
        return NULL;
}

/* It is no longer found by its index. */
static void unlink_index(struct interfaces *interfaces, const struct known *known)
{
        for (uint32_t i = 0; i < interfaces->count; i++)
                if (interfaces->all[i] == known)
                        hash_remove(&interfaces->by_index,
                                    hash_of(known->space, (int)known->on.index), i);
        interfaces->last = NULL;
}

static bool is_like(const struct known *known, const struct link_state *link, int link_type)
{
        return known->on.link_type == link_type && known->space == link->space &&
               strcmp(known->name, link->name) == 0;
}

/* One that was deleted, if the new one is like it. */
static struct known *look_for_former(struct interfaces *interfaces, const struct link_state *link,
                                     int link_type, uint32_t *item)
{
        for (*item = 0; *item < interfaces->count; ++*item) {
                struct known *known = interfaces->all[*item];

                if (known->deleted && is_like(known, link, link_type))
                        return known;
        }
        return NULL;
}

struct known *interfaces_know(struct interfaces *interfaces, int socket,
                              const struct link_state *link, int link_type)
{
        struct known *known = look_up(interfaces, link->space, link->index);
        uint32_t item;

        if (known && !known->deleted)
                return known;
        if (known)
                unlink_index(interfaces, known);
        known = look_for_former(interfaces, link, link_type, &item);
        if (!known) {
                if (!array_grow(interfaces->all, interfaces->room, interfaces->count + 1) ||
                    !(known = describe(socket, link)))
                        return NULL;
                known->on.link_type = link_type;
                known->on.snapshot_length = interfaces->snapshot_length;
                known->on.filter = interfaces->filter;
                item = (uint32_t)interfaces->count;
                interfaces->all[interfaces->count++] = known;
        } else if (look_up(interfaces, known->space, (int)known->on.index) == known) {
                unlink_index(interfaces, known);
        }
        known->on.index = (uint32_t)link->index;
        known->deleted = false;
        return hash_put(&interfaces->by_index, hash_of(link->space, link->index), item) ? known
                                                                                        : NULL;
}

/* --- Names of those that may be gone --- */

static const char *recent_name(const struct interfaces *interfaces, const struct space *space,
                               int index)
{
        size_t oldest =
            interfaces->recent_count > RECENT_NAMES ? interfaces->recent_count - RECENT_NAMES : 0;

        for (size_t i = interfaces->recent_count; i-- > oldest;)
                if (interfaces->recent[i % RECENT_NAMES].index == index &&
                    interfaces->recent[i % RECENT_NAMES].space == space)
                        return interfaces->recent[i % RECENT_NAMES].name;
        return NULL;
}

static void note_name(struct interfaces *interfaces, const struct link_state *link,
                      const char *name)
{
        const char *noted = recent_name(interfaces, link->space, link->index);
        struct recent_name *recent;

        if (noted && strcmp(noted, name) == 0)
                return;
        recent = &interfaces->recent[interfaces->recent_count++ % RECENT_NAMES];
        recent->space = link->space;
        recent->index = link->index;
        snprintf(recent->name, sizeof recent->name, "%s", name);
}

/* Asks the kernel for the interface of a packet; if it has gone, changes have told its name. */
static struct known *identify(struct interfaces *interfaces, int socket, const struct space *space,
                              int index)
{
        struct link_state link = {.space = space, .index = index};
        struct ifreq request = {.ifr_ifindex = index};
        bool gone = ioctl(socket, SIOCGIFNAME, &request) < 0;
        const char *name = request.ifr_name;
        struct known *known;

        if (gone) {
                interfaces->read_changes(interfaces->context);
                name = recent_name(interfaces, space, index);
        }
        if (name)
                snprintf(link.name, sizeof link.name, "%s", name);
        known = interfaces_know(interfaces, socket, &link, interfaces->any_link_type);
        if (known)
                known->deleted = gone; /* another one may have its name */
        return known;
}

struct known *interfaces_find(struct interfaces *interfaces, int socket, const struct space *space,
                              int index)
{
        struct known *known = interfaces->last;

        if (known && is_of(known, space, index))
                return known;
        known = look_up(interfaces, space, index);
        if (!known)
                known = identify(interfaces, socket, space, index);
        interfaces->last = known;
        return known;
}

bool interfaces_list(struct interfaces *interfaces, struct known *known)
{
        if (known->listed)
                return true;
        if (!array_grow(interfaces->listed, interfaces->listed_room, interfaces->listed_count + 1))
                return false;
        interfaces->listed[interfaces->listed_count++] = known;
        known->listed = true;
        return true;
}

void interfaces_change(struct interfaces *interfaces, const struct link_state *link)
{
        struct known *known = look_up(interfaces, link->space, link->index);

        if (link->exists)
                note_name(interfaces, link, link->name);
        else if (known)
                note_name(interfaces, link, known->name);
        if (!known)
                return;
        if (link->exists && !known->deleted) {
                rename_to(known, link->name);
                return;
        }
        unlink_index(interfaces, known);
        known->deleted = true;
}

void interfaces_free(struct interfaces *interfaces)
{
        for (size_t i = 0; i < interfaces->count; i++)
                free(interfaces->all[i]);
        free(interfaces->all);
        free(interfaces->listed);
        hash_free(&interfaces->by_index);
}

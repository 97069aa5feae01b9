/* What becomes of interfaces while a capture runs. */
#include "internal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static void compare_link(struct live *live, struct listener *listener, const struct link_state *now)
{
        struct link_state before = listener->link;

        listener->link = *now;
        if (strcmp(now->name, before.name) != 0)
                live_tell(live, now->name, "the interface was called %s before", before.name);
        if (now->mtu != before.mtu)
                live_tell(live, now->name, "the MTU is %" PRIu32 " bytes now", now->mtu);
        if (now->up != before.up) {
                live_tell(live, now->name, "%s",
                          !now->up ? "the interface went down; the capture goes on once it is up"
                          : listener->was_up ? "the interface is up again"
                                             : "the interface is up");
                listener->lost_carrier = false;
        } else if (now->up && now->carrier != before.carrier &&
                   now->carrier == listener->lost_carrier) {
                live_tell(live, now->name,
                          now->carrier ? "the carrier is back" : "the carrier is lost");
                listener->lost_carrier = !now->carrier;
        }
        listener->was_up |= now->up;
}

static bool others_listen(const struct live *live, const struct listener *listener)
{
        for (size_t i = 0; i < live->count; i++)
                if (live->listeners[i] != listener && live->listeners[i]->state == LISTENER_LISTENS)
                        return true;
        return false;
}

void live_lose(struct live *live, struct listener *listener, enum listener_state state, int broken)
{
        const char *name = listener->link.name;
        const char *why = state == LISTENER_GONE ? "the interface is gone" : strerror(broken);
        struct link_state gone = {.index = listener->interface};

        listener_end(listener, state);
        live_refuse(live, listener->interface); /* messages about it may still come */
        interfaces_change(&live->interfaces, &gone);
        live->broken = state == LISTENER_BROKEN;
        error_set(&live->end, "%s: %s", name, why);
        if (state == LISTENER_GONE)
                live->end.kind = CAPTURE_INTERFACE_GONE;
        if (state == LISTENER_GONE && live->options.wait && live_is_named(live, &listener->link))
                live_tell(live, name, "%s; waiting for it to come back", why);
        else if (live->options.wait || others_listen(live, listener))
                live_tell(live, name, "%s", why); /* else the end says so */
}

void live_look_for_interface(struct live *live, struct listener *listener)
{
        if (listener->state == LISTENER_LISTENS && listener_lost_interface(listener))
                live_lose(live, listener, LISTENER_GONE, 0);
}

static void take_change(void *context, const struct link_state *now)
{
        struct live *live = context;
        struct listener *listener = live_find(live, now->index);

        if (!listener && now->exists)
                live_try_interface(live, now);
        else if (listener && !now->exists)
                live_lose(live, listener, LISTENER_GONE, 0);
        else if (listener)
                compare_link(live, listener, now);
        if (!now->exists)
                live_forget_refused(live, now->index);
        interfaces_change(&live->interfaces, now);
}

/* Changes were lost: each socket knows whether its interface is still there, and the kernel tells
 * of all others. What it told before is older, and who was refused may be another one now. Returns
 * false if memory is short. */
static bool look_at_all(struct live *live)
{
        if (!links_discard(live->links))
                return false;
        for (size_t i = 0; i < live->count; i++)
                live_look_for_interface(live, live->listeners[i]);
        live->refused_count = 0;
        return live->query < 0 || links_each(live->query, take_change, live) || errno != ENOMEM;
}

struct space_changes {
        struct live *live;
        const struct space *space;
};

static void note_change(void *context, const struct link_state *now)
{
        const struct space_changes *changes = context;
        struct link_state here = *now;

        here.space = changes->space;
        interfaces_change(&changes->live->interfaces, &here);
}

/* All interfaces of another namespace are listened on at once, so only their names matter. Where
 * changes were lost, those that are there are asked for. */
static int read_changes_in(struct live *live, const struct space *space, struct error *error)
{
        struct space_changes changes = {live, space};
        struct link_state now;
        int more;

        while (space->links >= 0 && (more = links_next(space->links, &now)) != 0) {
                if (more > 0)
                        note_change(&changes, &now);
                else if (errno == ENOMEM || !links_discard(space->links) ||
                         (space->query >= 0 && !links_each(space->query, note_change, &changes) &&
                          errno == ENOMEM))
                        return error_memory(error);
        }
        return 0;
}

int live_read_changes(struct live *live, struct error *error)
{
        struct link_state now;
        int more;

        while ((more = links_next(live->links, &now)) != 0) {
                if (more < 0 && (errno == ENOMEM || !look_at_all(live)))
                        return error_memory(error);
                if (more > 0)
                        take_change(live, &now);
        }
        for (size_t i = 0; i < live->space_count; i++)
                if (read_changes_in(live, live->spaces[i], error) < 0)
                        return -1;
        return 0;
}

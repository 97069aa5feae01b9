/* Other network namespaces: all interfaces of each are listened on by one socket that was opened in
 * there. A socket keeps its namespace in being, so those of one that nobody else uses are closed.
 */
#include "base/array.h"
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void close_open(int fd)
{
        if (fd >= 0)
                close(fd);
}

int capture_open_namespace(struct capture_namespace *opened, struct error *error)
{
        *opened = (struct capture_namespace){.packets = -1, .changes = -1, .query = -1};
        opened->packets = socket_open(SOCK_DGRAM, "any", error);
        if (opened->packets < 0)
                return -1;
        opened->loopback = socket_find_loopback(opened->packets);
        opened->changes = links_open();
        opened->query = opened->changes < 0 ? -1 : links_open_query();
        if (opened->query >= 0)
                return 0;
        error_set(error, "list of interfaces: %s", strerror(errno));
        capture_close_namespace(opened);
        return -1;
}

void capture_close_namespace(const struct capture_namespace *opened)
{
        close_open(opened->packets);
        close_open(opened->changes);
        close_open(opened->query);
}

/* The sockets become its own. NULL when memory is short. */
static struct space *make_space(struct live *live, const struct capture_namespace *added)
{
        size_t size = sizeof(struct space) + strlen(added->name) + 1;
        struct space *space = NULL;

        if (!array_grow(live->spaces, live->space_room, live->space_count + 1) ||
            !(space = calloc(1, size)))
                return NULL;
        space->inode = added->inode;
        space->links = added->changes;
        space->query = added->query;
        memcpy(space->name, added->name, strlen(added->name) + 1);
        return live->spaces[live->space_count++] = space;
}

void space_close(struct space *space)
{
        close_open(space->links);
        close_open(space->query);
        space->links = space->query = -1;
}

void space_free(struct space *space)
{
        space_close(space);
        free(space);
}

struct description {
        struct live *live;
        struct listener *listener;
        bool failed; /* memory was short */
};

static void describe(void *context, const struct link_state *link)
{
        struct description *all = context;
        struct listener *listener = all->listener;
        struct link_state here = *link;

        here.space = listener->space;
        if (here.largest > listener->link.largest)
                listener->link.largest = here.largest;
        all->failed |= !interfaces_know(listener->interfaces, listener->socket, &here,
                                        listener->interfaces->any_link_type);
}

int capture_add_namespace(struct capture *capture, const struct capture_namespace *added,
                          struct error *error)
{
        struct live *live = (struct live *)capture;
        struct space *space = live->stopped ? NULL : make_space(live, added);
        struct description all = {.live = live};
        int result = -1;

        if (!space) {
                capture_close_namespace(added);
                return live->stopped ? 0 : error_memory(error);
        }
        all.listener = live_add(live, added->packets, NULL, space);
        if (!all.listener) {
                space_close(space);
                return error_memory(error);
        }
        all.listener->loopback = added->loopback;
        if (!links_each(space->query, describe, &all))
                all.failed |= errno == ENOMEM;
        if (all.failed)
                error_memory(error);
        else if (!live->started || live_start_listener(live, all.listener, error) == 0)
                result = 0;
        if (result < 0) {
                live_retire(live, all.listener);
                space_close(space);
        }
        return result;
}

void capture_leave_namespace(struct capture *capture, uint32_t inode)
{
        struct live *live = (struct live *)capture;

        for (size_t i = 0; i < live->count; i++) {
                struct listener *listener = live->listeners[i];

                if (!listener->space || listener->space->inode != inode ||
                    listener->state != LISTENER_LISTENS)
                        continue;
                space_close(listener->space);
                listener_end(listener, LISTENER_GONE);
        }
}

void capture_watch_namespaces(struct capture *capture, int fd, capture_namespace_event *came,
                              void *context)
{
        struct live *live = (struct live *)capture;

        live->watched = fd;
        live->came = came;
        live->came_context = context;
}

/* Changes of interfaces, for captures that are none of packet sockets. */
#include "capture/capture.h"
#include "links.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct capture_links {
        int changes, query;
};

/* Whom to tell. */
struct listening {
        capture_link_event *each;
        void *context;
};

static void pass_on(void *context, const struct link_state *state)
{
        const struct listening *listening = context;
        const struct capture_link link = {
            .index = (uint32_t)state->index,
            .name = state->name,
            .hardware_type = state->hardware_type,
            .exists = state->exists,
        };

        listening->each(listening->context, &link);
}

struct capture_links *capture_watch_links(struct error *error)
{
        struct capture_links *links = malloc(sizeof *links);

        if (!links) {
                error_memory(error);
                return NULL;
        }
        *links = (struct capture_links){links_open(), links_open_query()};
        if (links->changes >= 0 && links->query >= 0)
                return links;
        error_set(error, "list of interfaces: %s", strerror(errno));
        capture_links_close(links);
        return NULL;
}

int capture_links_descriptor(const struct capture_links *links)
{
        return links->changes;
}

bool capture_links_each(struct capture_links *links, capture_link_event *each, void *context)
{
        struct listening listening = {each, context};

        return links_each(links->query, pass_on, &listening);
}

int capture_links_read(struct capture_links *links, capture_link_event *each, void *context)
{
        struct listening listening = {each, context};
        struct link_state state;
        int more;

        while ((more = links_next(links->changes, &state)) > 0)
                pass_on(&listening, &state);
        if (more == 0)
                return 0;
        if (errno == ENOMEM || !links_discard(links->changes) ||
            (!capture_links_each(links, each, context) && errno == ENOMEM))
                return -1;
        return 1;
}

void capture_links_close(struct capture_links *links)
{
        if (!links)
                return;
        if (links->changes >= 0)
                close(links->changes);
        if (links->query >= 0)
                close(links->query);
        free(links);
}

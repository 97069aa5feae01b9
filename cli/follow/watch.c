/* See watch.h. All folders on the way are watched, each for the name that is next. */
#include "watch.h"

#include "base/array.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum {
        MAX_LINKS = 40, /* on the way, as the kernel has it */
        CHANGES = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB,
};

/* A name in a folder. */
struct step {
        int folder; /* inotify's number of it */
        char *name;
};

struct watch {
        int descriptor;
        struct step *steps;
        size_t count, room;
};

static bool add_step(struct watch *watch, int folder, const char *name)
{
        char *copy;

        if (!array_grow(watch->steps, watch->room, watch->count + 1) || !(copy = strdup(name)))
                return false;
        watch->steps[watch->count++] = (struct step){folder, copy};
        return true;
}

/* Where a path has led so far. */
struct way {
        char folder[PATH_MAX];
        unsigned links;
};

static bool go_into(struct way *way, const char *name)
{
        size_t length = strlen(way->folder);
        const char *slash = length > 0 && way->folder[length - 1] == '/' ? "" : "/";

        return (size_t)snprintf(way->folder + length, sizeof way->folder - length, "%s%s", slash,
                                name) < sizeof way->folder - length;
}

/* Goes from the folder along the path, whose text it takes apart. What is not there, or cannot be
 * looked into, is the end of the way; returns false only where nothing can be watched. */
static bool go_along(struct watch *watch, struct way *way, char *path)
{
        char *name, *rest = path;

        if (*path == '/')
                snprintf(way->folder, sizeof way->folder, "/");
        while ((name = strsep(&rest, "/"))) {
                char before[PATH_MAX], target[PATH_MAX];
                ssize_t length;
                int folder;

                if (*name == '\0' || strcmp(name, ".") == 0)
                        continue;
                folder = inotify_add_watch(watch->descriptor, way->folder, CHANGES | IN_ONLYDIR);
                if (folder < 0)
                        return errno != ENOSPC && errno != ENOMEM;
                if (strcmp(name, "..") != 0 && !add_step(watch, folder, name))
                        return false;
                snprintf(before, sizeof before, "%s", way->folder);
                if (!go_into(way, name))
                        return true;
                length = readlink(way->folder, target, sizeof target - 1);
                if (length < 0)
                        continue;
                if (++way->links > MAX_LINKS)
                        return true;
                target[length] = '\0';
                snprintf(way->folder, sizeof way->folder, "%s", before);
                if (!go_along(watch, way, target))
                        return false;
        }
        return true;
}

static bool add_path(struct watch *watch, const char *path)
{
        struct way way = {.folder = "."};
        char *copy = strdup(path);
        bool added = copy && go_along(watch, &way, copy);

        free(copy);
        return added;
}

struct watch *watch_new(const char *const *paths, size_t count)
{
        struct watch *watch = calloc(1, sizeof *watch);
        bool added;
        int reason;

        if (!watch)
                return NULL;
        watch->descriptor = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        added = watch->descriptor >= 0;
        for (size_t i = 0; i < count && added; i++)
                added = add_path(watch, paths[i]);
        if (added)
                return watch;
        reason = errno;
        watch_free(watch);
        errno = reason;
        return NULL;
}

void watch_free(struct watch *watch)
{
        if (!watch)
                return;
        if (watch->descriptor >= 0)
                close(watch->descriptor);
        while (watch->count > 0)
                free(watch->steps[--watch->count].name);
        free(watch->steps);
        free(watch);
}

int watch_descriptor(const struct watch *watch)
{
        return watch ? watch->descriptor : -1;
}

static bool is_step(const struct watch *watch, const struct inotify_event *event)
{
        if (event->mask & (IN_Q_OVERFLOW | IN_IGNORED))
                return true;
        for (size_t i = 0; event->len > 0 && i < watch->count; i++)
                if (watch->steps[i].folder == event->wd &&
                    strcmp(watch->steps[i].name, event->name) == 0)
                        return true;
        return false;
}

bool watch_changed(struct watch *watch)
{
        _Alignas(struct inotify_event) char buffer[4096];
        bool changed = false;
        ssize_t got;

        while ((got = read(watch->descriptor, buffer, sizeof buffer)) > 0)
                for (ssize_t at = 0; at < got;) {
                        const struct inotify_event *event =
                            (const struct inotify_event *)(buffer + at);

                        changed |= is_step(watch, event);
                        at += (ssize_t)(sizeof *event + event->len);
                }
        return changed;
}

/* See internal.h. An interface that appears gets the filter that was loaded for such ones, behind
 * the tap that was: attaching takes no privilege. */
#include "base/array.h"
#include "cli/common/cli.h"
#include "internal.h"

#include <limits.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

/* --- News --- */

static void tell(struct changes *changes, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void tell(struct changes *changes, const char *name, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        news_add(&changes->news, name, format, arguments);
        va_end(arguments);
}

/* --- What cannot be had --- */

static bool is_refused(const struct changes *changes, const struct tap_point *point,
                       uint32_t interface)
{
        for (size_t i = 0; i < changes->refused_count; i++)
                if (changes->refused[i].point == point &&
                    changes->refused[i].interface == interface)
                        return true;
        return false;
}

static void refuse(struct changes *changes, const struct tap_point *point, uint32_t interface)
{
        if (array_grow(changes->refused, changes->refused_room, changes->refused_count + 1))
                changes->refused[changes->refused_count++] = (struct refused){point, interface};
}

static void forget_refused(struct changes *changes, uint32_t interface)
{
        for (size_t i = changes->refused_count; i-- > 0;)
                if (changes->refused[i].interface == interface)
                        changes->refused[i] = changes->refused[--changes->refused_count];
}

/* --- Interfaces that appear --- */

/* Attaches the filter of a spare. Returns the number of the tap, or -1 with `error` filled. */
static int attach_as(struct tap_source *source, const struct tap_place *spare,
                     const struct capture_link *link, struct error *error)
{
        const struct taps_place at = {
            .interface = link->index, .mode = spare->mode, .name = link->name};
        struct capture_program program;
        int tap =
            taps_add(source->taps, spare->point->hook, &at, spare->interface.link_type, error);

        if (tap < 0)
                return -1;
        if (tap != spare->tap)
                error_set(error, "its program would have to be loaded");
        else if (taps_lasts(source->taps, tap, &at))
                error_set(error, "a filter of clsact is attached at the start only");
        else if (source->filter(source->filter_context, &spare->interface, &program, error) == 0 &&
                 taps_attach(source->taps, tap, program.extended, &at, error) == 0)
                return tap;
        taps_leave(source->taps, tap, link->index);
        return -1;
}

/* The same of the first spare that goes. */
static int attach(struct tap_source *source, const struct tap_point *point,
                  const struct capture_link *link, struct error *error)
{
        const struct tap_places *places = &source->places;
        int link_type = tap_link_type(link), tap = -1;

        if (places->options.one_link_type && link_type != source->first_link_type)
                return error_set(error, "its link type (%s) does not go into the same file",
                                 link_type_name(link_type));
        error_set(error, "the expression is none for its link type (%s)",
                  link_type_name(link_type));
        for (size_t i = 0; i < places->spare_count && tap < 0; i++) {
                const struct tap_place *spare = places->spares[i];

                if (spare->point == point && spare->interface.link_type == link_type &&
                    !spare->gone)
                        tap = attach_as(source, spare, link, error);
        }
        return tap;
}

/* What it says of interfaces is begun with their names. */
static const char *without_name(const char *message, const char *name)
{
        size_t length = strlen(name);

        return strncmp(message, name, length) == 0 && strncmp(message + length, ": ", 2) == 0
                   ? message + length + 2
                   : message;
}

/* Returns whether there is a place now. */
static bool appear_at(struct tap_source *source, const struct tap_point *point,
                      const struct capture_link *link)
{
        struct tap_place *place;
        struct error error;
        int tap;

        if (is_refused(&source->changes, point, link->index))
                return false;
        tap = attach(source, point, link, &error);
        if (tap >= 0) {
                place = tap_places_add(&source->places, point, link);
                if (place && tap_places_enter(&source->places, place, tap, link->index))
                        return true;
                taps_leave(source->taps, tap, link->index);
                error_memory(&error);
        }
        refuse(&source->changes, point, link->index);
        tell(&source->changes, link->name, "the interface is there, but %s is left out: %s",
             tap_point_name(point), without_name(error.message, link->name));
        return false;
}

/* --- Each change --- */

/* All places of a device, which has another name. */
static void compare(struct tap_source *source, const struct capture_link *link)
{
        char before[IF_NAMESIZE] = "";

        for (size_t i = 0; i < source->places.count; i++) {
                struct tap_place *place = source->places.all[i];

                if (!place->device || place->gone || place->interface.index != link->index ||
                    strcmp(place->device, link->name) == 0)
                        continue;
                snprintf(before, sizeof before, "%s", place->device);
                if (!tap_place_rename(place, link->name))
                        return; /* it is tried again with the next change */
        }
        if (!*before)
                return;
        if (source->join)
                join_rename(source->join);
        tell(&source->changes, link->name, "the interface was called %s before", before);
}

static void lose(struct tap_source *source, struct tap_place *place)
{
        place->lost += taps_lost(source->taps, place->tap, place->where);
        place->gone = true;
        taps_leave(source->taps, place->tap, place->where);
}

static void disappear(struct tap_source *source, uint32_t interface)
{
        const char *name = NULL;

        for (size_t i = 0; i < source->places.count; i++) {
                struct tap_place *place = source->places.all[i];

                if (place->device && !place->gone && place->interface.index == interface) {
                        lose(source, place);
                        name = place->device;
                }
        }
        if (name)
                tell(&source->changes, name, "the interface is gone");
        forget_refused(&source->changes, interface);
}

static void appear(struct tap_source *source, const struct capture_link *link)
{
        const struct tap_options *options = &source->places.options;
        bool added = false;

        if (source->stopped || source->places.spare_count == 0 || tap_link_type(link) < 0 ||
            !tap_places_want(&source->places, link->name))
                return;
        for (size_t i = 0; i < options->point_count; i++)
                if (tap_point_has_interface(&options->points[i]) &&
                    !tap_places_find_at(&source->places, &options->points[i], link->index))
                        added |= appear_at(source, &options->points[i], link);
        if (added)
                tell(&source->changes, link->name, "the interface is there");
}

static void take_change(void *context, const struct capture_link *link)
{
        struct tap_source *source = context;

        if (!link->exists) {
                disappear(source, link->index);
                return;
        }
        compare(source, link);
        appear(source, link);
}

/* --- Changes that were lost --- */

struct found {
        uint32_t *indices;
        size_t count, room;
        bool failed;
};

static void note(void *context, const struct capture_link *link)
{
        struct found *found = context;

        if (array_grow(found->indices, found->room, found->count + 1))
                found->indices[found->count++] = link->index;
        else
                found->failed = true;
}

static bool is_found(const struct found *found, uint32_t index)
{
        for (size_t i = 0; i < found->count; i++)
                if (found->indices[i] == index)
                        return true;
        return false;
}

/* All are compared already; who is not there is gone. */
static void look_for_all(struct tap_source *source)
{
        struct found found = {0};

        if (capture_links_each(source->changes.links, note, &found) && !found.failed)
                for (size_t i = 0; i < source->places.count; i++) {
                        const struct tap_place *place = source->places.all[i];

                        if (place->device && !place->gone &&
                            !is_found(&found, place->interface.index))
                                disappear(source, place->interface.index);
                }
        free(found.indices);
}

/* --- Cgroups --- */

/* The kernel tells of a folder of cgroups that is removed by the one that it was in. */
void changes_watch_cgroup(struct changes *changes, struct tap_place *place, int folder)
{
        char path[64], target[PATH_MAX];
        ssize_t length;

        snprintf(path, sizeof path, "/proc/self/fd/%d", folder);
        length = readlink(path, target, sizeof target - 1);
        if (changes->cgroups < 0 || length < 0)
                return;
        target[length] = '\0';
        snprintf(place->folder, sizeof place->folder, "%s", strrchr(target, '/') + 1);
        snprintf(path, sizeof path, "/proc/self/fd/%d/..", folder);
        place->watched = inotify_add_watch(changes->cgroups, path, IN_DELETE | IN_ONLYDIR);
}

static void lose_cgroup(struct tap_source *source, int watched, const char *folder)
{
        for (size_t i = 0; i < source->places.count; i++) {
                struct tap_place *place = source->places.all[i];

                if (place->watched != watched || place->gone || strcmp(place->folder, folder) != 0)
                        continue;
                lose(source, place);
                tell(&source->changes, place->name, "the cgroup is gone");
        }
}

static void read_cgroups(struct tap_source *source)
{
        _Alignas(struct inotify_event) char buffer[4096];
        const struct inotify_event *event;
        ssize_t got;

        while ((got = read(source->changes.cgroups, buffer, sizeof buffer)) > 0)
                for (ssize_t at = 0; at < got; at += (ssize_t)(sizeof *event + event->len)) {
                        event = (const struct inotify_event *)(buffer + at);
                        if (event->len > 0)
                                lose_cgroup(source, event->wd, event->name);
                }
}

/* --- All of it --- */

int changes_open(struct changes *changes, struct error *error)
{
        changes->cgroups = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        changes->links = capture_watch_links(error);
        return changes->links ? 0 : -1;
}

void changes_read(struct tap_source *source)
{
        if (capture_links_read(source->changes.links, take_change, source) > 0)
                look_for_all(source);
        if (source->changes.cgroups >= 0)
                read_cgroups(source);
}

bool changes_tell(struct tap_source *source, struct error *news)
{
        const char *line;

        changes_read(source);
        line = news_next(&source->changes.news);
        if (line)
                error_set(news, "%s", line);
        return line;
}

bool changes_leave_any(const struct tap_source *source)
{
        for (size_t i = 0; i < source->places.count; i++)
                if (!source->places.all[i]->gone)
                        return true;
        return source->places.spare_count > 0;
}

void changes_close(struct changes *changes)
{
        if (changes->cgroups >= 0)
                close(changes->cgroups);
        capture_links_close(changes->links);
        news_free(&changes->news);
        free(changes->refused);
}

/* Attaching filters at the places of a capture. */
#include "internal.h"

#include "base/array.h"
#include "cli/common/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
        PRIORITIES = 100, /* tried for a place that has none of its own */
        FAMILY_IPV4 = 2,  /* NFPROTO_IPV4 and NFPROTO_IPV6 */
        FAMILY_IPV6 = 10,
};

/* At IPv4's hook and at IPv6's. */
static int attach_netfilter(struct tap_source *source, const struct tap_place *place, int filter,
                            struct taps_place *at, struct error *error)
{
        static const int families[] = {FAMILY_IPV4, FAMILY_IPV6};

        for (size_t i = 0; i < array_count(families); i++) {
                int tries = place->point->priority_chosen ? 1 : PRIORITIES;

                at->family = families[i];
                at->priority = place->point->priority;
                while (taps_attach(source->taps, place->tap, filter, at, error) < 0) {
                        if (error->kind != TAPS_OCCUPIED || --tries == 0)
                                return -1;
                        at->priority++;
                }
        }
        return 0;
}

struct taps_place attach_place(const struct tap_place *place)
{
        return (struct taps_place){
            .interface = place->interface.index,
            .mode = place->mode,
            .hook = place->point->netfilter,
            .name = place->interface.name,
        };
}

/* Left to the watcher. */
static int attach_lasting(struct tap_source *source, const struct tap_place *place, int filter,
                          const struct taps_place *at, struct error *error)
{
        if (!array_grow(source->lasting, source->lasting_room, source->lasting_count + 1))
                return error_memory(error);
        source->lasting[source->lasting_count++] =
            (struct taps_lasting){.tap = place->tap, .filter = filter, .place = *at};
        return 0;
}

/* XDP and tc. Kernels without tcx have clsact. */
static int attach_to_interface(struct tap_source *source, const struct tap_place *place, int filter,
                               struct taps_place *at, struct error *error)
{
        if (!taps_lasts(source->taps, place->tap, at)) {
                int result = taps_attach(source->taps, place->tap, filter, at, error);

                if (result == 0 || error->kind != TAPS_NO_TCX || at->mode != TAPS_MODE_ANY)
                        return result;
                at->mode = TAPS_MODE_CLSACT;
        }
        return attach_lasting(source, place, filter, at, error);
}

int attach_filter(struct tap_source *source, struct tap_place *place, int filter,
                  struct error *error)
{
        const struct tap_point *point = place->point;
        struct taps_place at = attach_place(place);
        int result;

        if (point->hook == TAPS_NETFILTER)
                return attach_netfilter(source, place, filter, &at, error);
        if (!point->cgroup)
                return attach_to_interface(source, place, filter, &at, error);
        at.cgroup = open(point->cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (at.cgroup < 0)
                return error_set(error, "--at %s: %s", point->text, strerror(errno));
        result = taps_attach(source->taps, place->tap, filter, &at, error);
        if (result == 0)
                changes_watch_cgroup(&source->changes, place, at.cgroup);
        close(at.cgroup);
        return result;
}

/* --- In the watcher --- */

static int attach_all(void *context, struct error *error)
{
        struct tap_source *source = context;

        for (size_t i = 0; i < source->lasting_count; i++)
                if (taps_lasting_attach(source->taps, &source->lasting[i], error) < 0)
                        return -1;
        return 0;
}

static void check_all(void *context)
{
        struct tap_source *source = context;
        struct error error;

        for (size_t i = 0; i < source->lasting_count; i++)
                if (taps_lasting_check(source->taps, &source->lasting[i], &error) < 0)
                        complain("%s", error.message);
}

/* The last first: the one before may have made the qdisc that both are in. */
static void detach_all(void *context)
{
        struct tap_source *source = context;
        struct error error;

        for (size_t i = source->lasting_count; i-- > 0;)
                if (taps_lasting_detach(source->taps, &source->lasting[i], &error) < 0)
                        complain("%s", error.message);
}

/* --- Starting, with the watcher --- */

static void tell_of_occupants(const struct tap_source *source)
{
        for (size_t i = 0; i < source->lasting_count; i++) {
                const struct taps_lasting *lasting = &source->lasting[i];
                const struct taps_occupant *occupant = taps_occupant(source->taps, lasting->tap);

                if (occupant && occupant->left)
                        complain("%s: a filt that was killed had left its program before %s, which "
                                 "is put back",
                                 lasting->place.name, occupant->name);
                if (occupant)
                        complain("%s: filt runs before the XDP program %s (id %u) that is there, "
                                 "and puts it back at the end",
                                 lasting->place.name, occupant->name, occupant->id);
        }
}

int attach_by_watcher(struct tap_source *source, struct error *error)
{
        int *kept;
        struct watcher_task task = {attach_all, check_all, detach_all, source, NULL, 0};

        if (source->lasting_count == 0)
                return 0;
        kept = task.kept =
            malloc((source->lasting_count * TAPS_LASTING_DESCRIPTORS + 1) * sizeof *kept);
        if (!kept)
                return error_memory(error);
        for (size_t i = 0; i < source->lasting_count; i++)
                task.kept_count += taps_lasting_descriptors(source->taps, &source->lasting[i],
                                                            kept + task.kept_count);
        source->watcher = watcher_start(&task, error);
        free(kept);
        if (!source->watcher)
                return -1;
        tell_of_occupants(source);
        return 0;
}

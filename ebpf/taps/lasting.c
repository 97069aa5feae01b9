/* Attaching without a link: what the kernel does not undo at the end of the process. */
#include "clsact.h"
#include "internal.h"
#include "occupant.h"
#include "pins.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

bool taps_lasts(const struct taps *taps, int tap, const struct taps_place *place)
{
        return taps_occupant(taps, tap) || place->mode == TAPS_MODE_CLSACT;
}

size_t taps_lasting_descriptors(const struct taps *taps, const struct taps_lasting *lasting,
                                int descriptors[TAPS_LASTING_DESCRIPTORS])
{
        const struct tap *tap = &taps->taps[lasting->tap];
        size_t count = 0;

        descriptors[count++] = lasting->filter;
        descriptors[count++] = tap->table;
        descriptors[count++] = tap->object.program;
        if (tap->occupant.id) {
                descriptors[count++] = tap->occupant.program;
                descriptors[count++] = tap->object.before;
        }
        return count;
}

static void unpin(const struct tap *tap, struct taps_lasting *lasting)
{
        if (lasting->pins <= 0)
                return;
        pins_remove(tap->occupant.interface);
        close(lasting->pins);
        lasting->pins = -1;
}

/* Which interface the filter is at is not sure until it is there: until then, nothing is copied. */
static int replace(const struct tap *tap, struct taps_lasting *lasting)
{
        const int descriptors[PINS] = {
            [PINS_TABLE] = tap->table,
            [PINS_BEFORE] = tap->object.before,
            [PINS_PROGRAM] = tap->occupant.program,
        };
        int result = ebpf_table_put(tap->table, ON_ACCEPT, tap->occupant.program);

        if (result < 0)
                return result;
        lasting->pins = pins_make(tap->occupant.interface, descriptors);
        result = occupant_replace(&tap->occupant, lasting->filter, &lasting->link);
        lasting->attached = result == 0;
        if (result < 0)
                unpin(tap, lasting);
        return result < 0 ? result : ebpf_table_put(tap->table, ON_ACCEPT, tap->object.program);
}

static struct clsact clsact_of(const struct tap *tap, const struct taps_lasting *lasting)
{
        return (struct clsact){lasting->place.interface, tap->hook == TAPS_TC_EGRESS, lasting->made,
                               lasting->handle};
}

static int attach_by_clsact(const struct tap *tap, struct taps_lasting *lasting)
{
        struct clsact clsact = clsact_of(tap, lasting);
        int result = clsact_attach(&clsact, lasting->filter);

        lasting->attached = result == 0;
        lasting->made = clsact.made;
        lasting->handle = clsact.handle;
        return result;
}

static int complain_lasting(const struct tap *tap, const char *place, int number,
                            struct error *error)
{
        if (tap->occupant.id && number == EEXIST)
                return error_set(
                    error, "%s: the XDP program there has changed meanwhile: try again", place);
        if (tap->occupant.id && number == EPERM)
                return error_set(error,
                                 "%s: a link holds the XDP program %s (id %u) there: to run before "
                                 "it takes CAP_SYS_ADMIN",
                                 place, tap->occupant.name, tap->occupant.id);
        if (number == EEXIST)
                return error_set(error, "%s: a filter of another kind has the first priority",
                                 place);
        return tap_fail(error, place, number, NULL);
}

int taps_lasting_attach(struct taps *taps, struct taps_lasting *lasting, struct error *error)
{
        const struct tap *tap = &taps->taps[lasting->tap];
        int result;

        libbpf_log_start(&taps->log);
        result = tap->occupant.id ? replace(tap, lasting) : attach_by_clsact(tap, lasting);
        libbpf_log_stop(&taps->log);
        return result < 0 ? complain_lasting(tap, lasting->place.name, -result, error) : 0;
}

/* Tells once; that an interface is gone is told elsewhere. */
static int complain_lost(struct taps_lasting *lasting, struct error *error)
{
        char name[IF_NAMESIZE];

        if (lasting->lost || !if_indextoname(lasting->place.interface, name))
                return 0;
        lasting->lost = true;
        return error_set(error,
                         "%s: somebody else has changed what is there: filt sees no more "
                         "packets there, and leaves it as it is",
                         lasting->place.name);
}

static bool is_attached(const struct tap *tap, const struct taps_lasting *lasting)
{
        const struct clsact clsact = clsact_of(tap, lasting);

        if (tap->occupant.id)
                return occupant_at(lasting->place.interface) == occupant_number(lasting->filter);
        return clsact_is_attached(&clsact, lasting->filter);
}

int taps_lasting_check(struct taps *taps, struct taps_lasting *lasting, struct error *error)
{
        bool attached;

        libbpf_log_start(&taps->log);
        attached = is_attached(&taps->taps[lasting->tap], lasting);
        libbpf_log_stop(&taps->log);
        return attached ? 0 : complain_lost(lasting, error);
}

/* Returns 0, 1 if somebody else has changed what is there, or a negative errno. */
static int undo(const struct tap *tap, const struct taps_lasting *lasting)
{
        const struct clsact clsact = clsact_of(tap, lasting);

        if (tap->occupant.id)
                return occupant_restore(&tap->occupant, lasting->filter, lasting->link);
        return clsact_detach(&clsact, lasting->filter);
}

int taps_lasting_detach(struct taps *taps, struct taps_lasting *lasting, struct error *error)
{
        int result;

        if (!lasting->attached)
                return 0;
        lasting->attached = false;
        libbpf_log_start(&taps->log);
        result = undo(&taps->taps[lasting->tap], lasting);
        unpin(&taps->taps[lasting->tap], lasting);
        libbpf_log_stop(&taps->log);
        taps_settle();
        if (result < 0)
                return error_set(error, "%s: putting back what was there: %s", lasting->place.name,
                                 strerror(-result));
        return result > 0 ? complain_lost(lasting, error) : 0;
}

/* See occupant.h. */
#include "occupant.h"

#include "base/array.h"
#include "pins.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --- What is there --- */

static uint32_t find(uint32_t interface, uint32_t *mode)
{
        LIBBPF_OPTS(bpf_xdp_query_opts, query);

        *mode = 0;
        if (bpf_xdp_query((int)interface, 0, &query) < 0)
                return 0;
        *mode = query.drv_prog_id ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE;
        return query.drv_prog_id ? query.drv_prog_id : query.skb_prog_id;
}

uint32_t occupant_at(uint32_t interface)
{
        uint32_t mode;

        return find(interface, &mode);
}

uint32_t occupant_number(int program)
{
        struct bpf_prog_info info = {0};
        uint32_t size = sizeof info;

        return bpf_obj_get_info_by_fd(program, &info, &size) < 0 ? 0 : info.id;
}

static void find_name(struct taps_occupant *occupant)
{
        struct bpf_prog_info info = {0};
        uint32_t size = sizeof info;

        if (bpf_obj_get_info_by_fd(occupant->program, &info, &size) < 0 || !*info.name)
                snprintf(info.name, sizeof info.name, "without a name");
        snprintf(occupant->name, sizeof occupant->name, "%s", info.name);
}

/* The kernel does not tell what all programs of a table must have in common: tries. Returns 0 or a
 * negative errno. */
static int find_kind(struct taps_occupant *occupant)
{
        static const enum ebpf_kind kinds[] = {EBPF_XDP_PARTS, EBPF_XDP, EBPF_XDP_UNTYPED_PARTS,
                                               EBPF_XDP_UNTYPED};
        static const struct ebpf_miss miss = {.table = -1};
        int program = -EINVAL, table;

        for (size_t i = 0; i < array_count(kinds) && program < 0; i++) {
                program = ebpf_program_forward(kinds[i], occupant->program, &miss, &table);
                occupant->kind = kinds[i];
        }
        if (program < 0)
                return program;
        close(program);
        close(table);
        return 0;
}

static int complain_of(const struct taps_occupant *occupant, const char *place, const char *why,
                       struct error *error)
{
        return error_set(error, "%s: the XDP program %s (id %u) is there, and %s", place,
                         occupant->name, occupant->id, why);
}

/* Whether filt's can go before it. */
static int examine(const struct taps_place *place, struct taps_occupant *occupant,
                   struct error *error)
{
        static const uint32_t modes[] = {
            [TAPS_MODE_GENERIC] = XDP_FLAGS_SKB_MODE, [TAPS_MODE_NATIVE] = XDP_FLAGS_DRV_MODE};
        int result;

        if (strcmp(occupant->name, EBPF_NAME) == 0)
                return error_set(error, "%s: another filt captures there, and only one can",
                                 place->name);
        if (place->mode != TAPS_MODE_ANY && modes[place->mode] != occupant->mode)
                return complain_of(occupant, place->name,
                                   occupant->mode == XDP_FLAGS_SKB_MODE
                                       ? "generic: filt can be before it with xdp or xdp:generic"
                                       : "native: filt can be before it with xdp or xdp:native",
                                   error);
        result = find_kind(occupant);
        if (result == 0)
                return 1;
        if (result == -EPERM)
                return complain_of(occupant, place->name, "to run before it takes CAP_BPF", error);
        return complain_of(occupant, place->name,
                           result == -EBUSY ? "no program can go on to it, as others extend it"
                                            : "the kernel lets no program of filt's go on to it",
                           error);
}

/* --- Links --- */

/* Whether a link is that of the program at such an interface: numbers of interfaces are those of a
 * network namespace, which the kernel does not name. */
static bool may_hold(int link, const struct taps_occupant *occupant)
{
        struct bpf_link_info info = {0};
        uint32_t size = sizeof info;

        return bpf_obj_get_info_by_fd(link, &info, &size) == 0 && info.type == BPF_LINK_TYPE_XDP &&
               info.prog_id == occupant->id && info.xdp.ifindex == occupant->interface;
}

/* The kernel says EPERM where the link holds another program. */
static int update(int link, int program, int expected)
{
        LIBBPF_OPTS(bpf_link_update_opts, options, .flags = BPF_F_REPLACE,
                    .old_prog_fd = (uint32_t)expected);
        int result = bpf_link_update(link, program, &options);

        return result == -EPERM ? -EEXIST : result;
}

/* As occupant_replace(), of one link: -ENOENT if it is another one. */
static int replace_in(int link, const struct taps_occupant *occupant, int filter)
{
        int result = may_hold(link, occupant) ? update(link, filter, occupant->program) : -ENOENT;

        if (result < 0 || occupant_at(occupant->interface) == occupant_number(filter))
                return result;
        update(link, occupant->program, filter); /* in another network namespace */
        return -ENOENT;
}

static int replace_in_link(const struct taps_occupant *occupant, int filter, uint32_t *number)
{
        int result = -ENOENT;

        for (uint32_t id = 0; result == -ENOENT && bpf_link_get_next_id(id, &id) == 0;) {
                int link = bpf_link_get_fd_by_id(id);

                if (link == -ENOENT)
                        continue;
                if (link < 0)
                        return link;
                result = replace_in(link, occupant, filter);
                close(link);
                *number = id;
        }
        return result;
}

/* --- Its place --- */

static int exchange(const struct taps_occupant *occupant, int program, int expected)
{
        LIBBPF_OPTS(bpf_xdp_attach_opts, options, .old_prog_fd = expected);

        return bpf_xdp_attach((int)occupant->interface, program, occupant->mode | XDP_FLAGS_REPLACE,
                              &options);
}

/* The kernel says EBUSY where a link holds it. */
int occupant_replace(const struct taps_occupant *occupant, int filter, uint32_t *link)
{
        int result = exchange(occupant, filter, occupant->program);

        *link = 0;
        if (result == -EBUSY)
                result = replace_in_link(occupant, filter, link);
        return result == -ENOENT ? -EEXIST : result;
}

static int restore_in_link(const struct taps_occupant *occupant, int filter, uint32_t number)
{
        int link = bpf_link_get_fd_by_id(number), result;

        if (link < 0)
                return link;
        result = update(link, occupant->program, filter);
        close(link);
        return result;
}

int occupant_restore(const struct taps_occupant *occupant, int filter, uint32_t link)
{
        int result = link ? restore_in_link(occupant, filter, link)
                          : exchange(occupant, occupant->program, filter);

        switch (result) {
        case -EEXIST:
        case -EBUSY: /* a link */
        case -ENOENT:
        case -ENOLINK:
        case -ENODEV: return 1;
        default: return result;
        }
}

/* --- Finding it, which may put it back --- */

/* Where filt's program is there, and nobody lives who will put back what was there. Returns whether
 * it is there now. */
static bool put_back_left(const struct taps_occupant *own)
{
        int program = strcmp(own->name, EBPF_NAME) == 0 ? pins_left(own->interface) : -1;
        uint32_t link;
        bool done;

        if (program < 0)
                return false;
        done = occupant_replace(own, program, &link) == 0;
        close(program);
        if (done)
                pins_remove(own->interface);
        return done;
}

int occupant_find(const struct taps_place *place, struct taps_occupant *occupant,
                  struct error *error)
{
        int result;

        *occupant = (struct taps_occupant){.interface = place->interface, .program = -1};
        occupant->id = find(place->interface, &occupant->mode);
        if (occupant->id == 0)
                return 0;
        occupant->program = bpf_prog_get_fd_by_id(occupant->id);
        if (occupant->program == -ENOENT)
                return 0;
        if (occupant->program < 0)
                return error_set(error,
                                 "%s: an XDP program (id %u) is there, and to run before it takes "
                                 "CAP_SYS_ADMIN: %s",
                                 place->name, occupant->id, strerror(-occupant->program));
        find_name(occupant);
        if (put_back_left(occupant)) {
                close(occupant->program);
                result = occupant_find(place, occupant, error);
                occupant->left = result > 0;
                return result;
        }
        result = examine(place, occupant, error);
        if (result < 0)
                close(occupant->program);
        return result;
}

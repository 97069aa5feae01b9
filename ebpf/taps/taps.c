/* Loads taps.bpf.c, once for each tap, as a program's constants are its own, and attaches filters
 * that go on to it. */
#include "taps.h"

#include "base/array.h"
#include "clsact.h"
#include "ebpf/libbpf_log.h"
#include "ebpf/ring.h"
#include "ebpf/taps/taps.skel.h"
#include "occupant.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/membarrier.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Of <linux/bpf.h>, from Linux 6.4 and 6.6 on; older headers have none of it. */
enum {
        ATTACH_NETFILTER = 45,
        ATTACH_TCX_INGRESS = 46,
        ATTACH_TCX_EGRESS = 47,
        BEFORE_OTHERS = 1 << 3, /* BPF_F_BEFORE */
};

struct tap {
        struct taps_bpf *skeleton;
        int table;
        enum taps_hook hook;
        enum ebpf_kind kind;
        struct taps_occupant occupant; /* number 0 if there is none */
};

/* Entries of the table. */
enum { ON_ACCEPT, ON_REJECT, ENTRIES };

struct taps {
        struct tap *taps;
        size_t count, room;
        int *links; /* of all taps */
        size_t link_count, link_room;
        struct ring ring;
        unsigned long taken; /* the position in the ring up to which records were returned */
        size_t ring_size;
        struct libbpf_log log;
        bool detached;
};

/* `number` is an errno. */
static int fail(struct error *error, const char *what, int number, const struct libbpf_log *log)
{
        char reason[256] = "";
        bool verifier = log && libbpf_log_reason(log, reason, sizeof reason);

        if (number == ENOMEM)
                return error_memory(error);
        if (!verifier && (number == EPERM || number == EACCES))
                return error_set(error,
                                 "%s: no permission: it needs CAP_BPF, CAP_PERFMON and "
                                 "CAP_NET_ADMIN outside of any user namespace; run it with sudo",
                                 what);
        return error_set(error, "%s: %s%s%s", what, strerror(number), *reason ? "; " : "", reason);
}

/* --- Loading --- */

struct taps *taps_new(size_t ring, struct error *error)
{
        struct taps *taps = calloc(1, sizeof *taps);

        if (!taps) {
                error_memory(error);
                return NULL;
        }
        taps->ring_size = ring_round(ring);
        return taps;
}

static struct bpf_program *program_of(const struct taps_bpf *skeleton, enum taps_hook hook)
{
        struct bpf_program *const programs[] = {
            [TAPS_XDP] = skeleton->progs.tap_xdp,
            [TAPS_TC_INGRESS] = skeleton->progs.tap_tc_ingress,
            [TAPS_TC_EGRESS] = skeleton->progs.tap_tc_egress,
            [TAPS_CGROUP_INGRESS] = skeleton->progs.tap_cgroup_ingress,
            [TAPS_CGROUP_EGRESS] = skeleton->progs.tap_cgroup_egress,
            [TAPS_NETFILTER] = skeleton->progs.tap_netfilter,
        };

        return programs[hook];
}

static const enum ebpf_kind kinds[] = {
    [TAPS_XDP] = EBPF_XDP_PARTS,
    [TAPS_TC_INGRESS] = EBPF_TC,
    [TAPS_TC_EGRESS] = EBPF_TC,
    [TAPS_CGROUP_INGRESS] = EBPF_CGROUP_SKB,
    [TAPS_CGROUP_EGRESS] = EBPF_CGROUP_SKB,
    [TAPS_NETFILTER] = EBPF_NETFILTER,
};

static void set_attributes(struct bpf_program *program, enum ebpf_kind kind)
{
        const struct ebpf_attributes attributes = ebpf_attributes(kind);

        bpf_program__set_type(program, (enum bpf_prog_type)attributes.type);
        bpf_program__set_expected_attach_type(program,
                                              (enum bpf_attach_type)attributes.attach_type);
        bpf_program__set_flags(program, attributes.flags);
}

/* What taps take of the kernel. */
static const struct requirement {
        const char *name;
        int major, minor;
} requirements[] = {
    [TAPS_XDP] = {"XDP", 5, 18},
    [TAPS_TC_INGRESS] = {"tc", 5, 8},
    [TAPS_TC_EGRESS] = {"tc", 5, 8},
    [TAPS_CGROUP_INGRESS] = {"cgroups", 5, 8},
    [TAPS_CGROUP_EGRESS] = {"cgroups", 5, 8},
    [TAPS_NETFILTER] = {"netfilter", 6, 4},
};

/* Asked only where something has failed, as there are kernels that have more than their number
 * says. */
static bool is_too_old(const struct requirement *requirement)
{
        struct utsname system;
        int major, minor;

        return uname(&system) == 0 && sscanf(system.release, "%d.%d", &major, &minor) == 2 &&
               (major < requirement->major ||
                (major == requirement->major && minor < requirement->minor));
}

static int complain_load(enum taps_hook hook, int number, const struct libbpf_log *log,
                         struct error *error)
{
        const struct requirement *requirement = &requirements[hook];
        char what[64];

        if (number != EPERM && is_too_old(requirement))
                return error_set(error, "this kernel has no taps for %s: that takes Linux %d.%d",
                                 requirement->name, requirement->major, requirement->minor);
        snprintf(what, sizeof what, "loading a tap for %s (it takes Linux %d.%d)",
                 requirement->name, requirement->major, requirement->minor);
        return fail(error, what, number, log);
}

/* Only the program of the tap's hook is loaded. The first tap makes the ring. */
static int load(struct taps *taps, struct tap *tap, struct error *error)
{
        struct taps_bpf *skeleton = taps_bpf__open();
        struct bpf_program *program, *other;
        int result;

        if (!skeleton)
                return fail(error, "opening a tap", errno, &taps->log);
        tap->skeleton = skeleton;
        program = program_of(skeleton, tap->hook);
        bpf_object__for_each_program(other, skeleton->obj)
            bpf_program__set_autoload(other, other == program);
        set_attributes(program, tap->kind);
        skeleton->rodata->tap = (uint32_t)taps->count;
        bpf_map__set_autocreate(skeleton->maps.before, tap->hook == TAPS_XDP);
        result = taps->count > 0
                     ? bpf_map__reuse_fd(skeleton->maps.ring,
                                         bpf_map__fd(taps->taps[0].skeleton->maps.ring))
                     : bpf_map__set_max_entries(skeleton->maps.ring, (uint32_t)taps->ring_size);
        if (result == 0)
                result = taps_bpf__load(skeleton);
        if (result < 0)
                return complain_load(tap->hook, -result, &taps->log, error);
        return 0;
}

static int program_descriptor(const struct tap *tap)
{
        return bpf_program__fd(program_of(tap->skeleton, tap->hook));
}

static int put_entry(int table, uint32_t entry, int program)
{
        return bpf_map_update_elem(table, &entry, &program, BPF_ANY);
}

/* Those that have the packets which the filter rejects and which the tap has copied. */
static int put_occupant(const struct tap *tap)
{
        int result = put_entry(tap->table, ON_REJECT, tap->occupant.program);

        return result < 0
                   ? result
                   : put_entry(bpf_map__fd(tap->skeleton->maps.before), 0, tap->occupant.program);
}

/* The table by which a filter finds the program. */
static int make_table(const struct taps *taps, struct tap *tap, struct error *error)
{
        int result = tap->table = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, EBPF_NAME,
                                                 sizeof(uint32_t), sizeof(int), ENTRIES, NULL);

        if (result >= 0)
                result = put_entry(tap->table, ON_ACCEPT, program_descriptor(tap));
        if (result >= 0 && tap->occupant.id)
                result = put_occupant(tap);
        return result < 0 ? fail(error, "making a table for a tap", -result, &taps->log) : 0;
}

static void unload(struct tap *tap)
{
        if (tap->table >= 0)
                close(tap->table);
        if (tap->occupant.program >= 0)
                close(tap->occupant.program);
        taps_bpf__destroy(tap->skeleton);
}

int taps_add(struct taps *taps, enum taps_hook hook, const struct taps_place *place,
             struct error *error)
{
        struct tap tap = {.table = -1, .hook = hook, .kind = kinds[hook], .occupant.program = -1};
        int result = 0;

        if (!array_grow(taps->taps, taps->room, taps->count + 1))
                return error_memory(error);
        libbpf_log_start(&taps->log);
        if (hook == TAPS_XDP)
                result = occupant_find(place, &tap.occupant, error);
        if (result > 0)
                tap.kind = tap.occupant.kind;
        if (result >= 0)
                result = load(taps, &tap, error);
        if (result == 0)
                result = make_table(taps, &tap, error);
        libbpf_log_stop(&taps->log);
        if (result == 0 && taps->count == 0 &&
            ring_open(&taps->ring, bpf_map__fd(tap.skeleton->maps.ring), taps->ring_size) < 0)
                result = fail(error, "mapping the ring of the taps", errno, NULL);
        if (result < 0) {
                unload(&tap);
                return -1;
        }
        tap.skeleton->bss->many = (uint32_t)(taps->ring_size / 8);
        taps->taps[taps->count] = tap;
        return (int)taps->count++;
}

void taps_keep(struct taps *taps, int tap, uint32_t snapshot)
{
        taps->taps[tap].skeleton->bss->snapshot = snapshot;
}

void taps_arm(struct taps *taps)
{
        for (size_t i = 0; i < taps->count; i++)
                __atomic_store_n(&taps->taps[i].skeleton->bss->armed, 1, __ATOMIC_SEQ_CST);
}

int taps_table(const struct taps *taps, int tap)
{
        return taps->taps[tap].table;
}

enum ebpf_kind taps_kind(const struct taps *taps, int tap)
{
        return taps->taps[tap].kind;
}

const struct taps_occupant *taps_occupant(const struct taps *taps, int tap)
{
        return taps->taps[tap].occupant.id ? &taps->taps[tap].occupant : NULL;
}

/* --- Attaching --- */

/* What BPF_LINK_CREATE takes, where libbpf does not know of it yet: the beginning of union bpf_attr
 * of <linux/bpf.h>. */
struct link_attributes {
        uint32_t program, target, attach_type, flags;
        union {
                struct {
                        uint32_t family, hook;
                        int32_t priority;
                        uint32_t flags;
                } netfilter;
                struct {
                        uint32_t relative;
                        uint32_t padding;
                        uint64_t revision;
                } tcx;
        };
};

static int create_link(const struct link_attributes *attributes)
{
        return (int)syscall(SYS_bpf, BPF_LINK_CREATE, attributes, sizeof *attributes);
}

static const uint32_t modes[] = {
    [TAPS_MODE_ANY] = 0,
    [TAPS_MODE_GENERIC] = XDP_FLAGS_SKB_MODE,
    [TAPS_MODE_NATIVE] = XDP_FLAGS_DRV_MODE,
};

static bool is_tc(enum taps_hook hook)
{
        return hook == TAPS_TC_INGRESS || hook == TAPS_TC_EGRESS;
}

static int attach(enum taps_hook hook, int filter, const struct taps_place *place)
{
        static const uint32_t types[] = {
            [TAPS_XDP] = BPF_XDP,
            [TAPS_TC_INGRESS] = ATTACH_TCX_INGRESS,
            [TAPS_TC_EGRESS] = ATTACH_TCX_EGRESS,
            [TAPS_CGROUP_INGRESS] = BPF_CGROUP_INET_INGRESS,
            [TAPS_CGROUP_EGRESS] = BPF_CGROUP_INET_EGRESS,
            [TAPS_NETFILTER] = ATTACH_NETFILTER,
        };
        struct link_attributes attributes = {
            .program = (uint32_t)filter,
            .target = place->interface,
            .attach_type = types[hook],
        };

        switch (hook) {
        case TAPS_XDP: attributes.flags = modes[place->mode]; break;
        case TAPS_TC_INGRESS:
        case TAPS_TC_EGRESS: attributes.flags = BEFORE_OTHERS; break;
        case TAPS_CGROUP_INGRESS:
        case TAPS_CGROUP_EGRESS: attributes.target = (uint32_t)place->cgroup; break;
        case TAPS_NETFILTER:
                attributes.netfilter.family = (uint32_t)place->family;
                attributes.netfilter.hook = (uint32_t)place->hook;
                attributes.netfilter.priority = place->priority;
                break;
        }
        return create_link(&attributes);
}

static int complain_attach(struct error *error, enum taps_hook hook, const struct taps_place *place,
                           int number)
{
        fail(error, place->name, number, NULL);
        if (number == EEXIST && hook == TAPS_XDP)
                number = EBUSY; /* one in the other mode */
        if (number == EBUSY && (hook == TAPS_XDP || hook == TAPS_NETFILTER))
                error_set(error,
                          hook == TAPS_XDP
                              ? "%s: another XDP program has come meanwhile: try again"
                              : "%s: another program has this priority: give another one",
                          place->name);
        else if (number == EINVAL && is_tc(hook))
                error_set(error, "%s: this kernel has no tcx links: that takes Linux 6.6",
                          place->name);
        else if (number == EOPNOTSUPP && hook == TAPS_XDP && place->mode == TAPS_MODE_NATIVE)
                error_set(error, "%s: the driver has no XDP of its own: xdp:generic goes without",
                          place->name);
        else if (number == EBADF && (hook == TAPS_CGROUP_INGRESS || hook == TAPS_CGROUP_EGRESS))
                error_set(error, "%s: no folder of a cgroup (version 2)", place->name);
        else if (number == ENODEV)
                error_set(error, "%s: the interface is gone", place->name);
        if (number == EBUSY)
                error->kind = TAPS_OCCUPIED;
        else if (number == EINVAL && is_tc(hook))
                error->kind = TAPS_NO_TCX;
        return -1;
}

/* Whether the kernel's own XDP would not be attached either, where a driver's was not: a driver may
 * refuse, for example as frames are too large for it. */
static bool is_final(int number)
{
        return number == EBUSY || number == EEXIST || number == EPERM || number == EACCES ||
               number == ENODEV || number == ENOMEM;
}

int taps_attach(struct taps *taps, int tap, int filter, const struct taps_place *place,
                struct error *error)
{
        enum taps_hook hook = taps->taps[tap].hook;
        int link;

        if (!array_grow(taps->links, taps->link_room, taps->link_count + 1))
                return error_memory(error);
        link = attach(hook, filter, place);
        if (link < 0 && hook == TAPS_XDP && place->mode == TAPS_MODE_ANY && !is_final(errno)) {
                struct taps_place generic = *place;

                generic.mode = TAPS_MODE_GENERIC;
                link = attach(hook, filter, &generic);
        }
        if (link < 0)
                return complain_attach(error, hook, place, errno);
        taps->links[taps->link_count++] = link;
        return 0;
}

/* A program that runs on another processor when it is detached may still put a record into the
 * ring, or look for the next program: it runs with preemption or migration off, and in a read-side
 * section of RCU, which the system call waits for. */
static void settle(void)
{
        enum { PAUSE_MS = 5 };

        if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0)
                poll(NULL, 0, PAUSE_MS);
}

/* --- Attaching without a link --- */

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
        descriptors[count++] = program_descriptor(tap);
        if (tap->occupant.id) {
                descriptors[count++] = tap->occupant.program;
                descriptors[count++] = bpf_map__fd(tap->skeleton->maps.before);
        }
        return count;
}

/* Which interface the filter is at is not sure until it is there: until then, nothing is copied. */
static int replace(const struct tap *tap, struct taps_lasting *lasting)
{
        int result = put_entry(tap->table, ON_ACCEPT, tap->occupant.program);

        if (result == 0)
                result = occupant_replace(&tap->occupant, lasting->filter, &lasting->link);
        lasting->attached = result == 0;
        return result < 0 ? result : put_entry(tap->table, ON_ACCEPT, program_descriptor(tap));
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
        return fail(error, place, number, NULL);
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
        libbpf_log_stop(&taps->log);
        settle();
        if (result < 0)
                return error_set(error, "%s: putting back what was there: %s", lasting->place.name,
                                 strerror(-result));
        return result > 0 ? complain_lost(lasting, error) : 0;
}

/* --- Detaching --- */

void taps_detach(struct taps *taps)
{
        if (taps->detached)
                return;
        taps->detached = true;
        while (taps->link_count > 0)
                close(taps->links[--taps->link_count]);
        settle();
}

void taps_free(struct taps *taps)
{
        if (!taps)
                return;
        taps_detach(taps);
        if (taps->count > 0)
                ring_close(&taps->ring);
        while (taps->count > 0)
                unload(&taps->taps[--taps->count]);
        free(taps->taps);
        free(taps->links);
        free(taps);
}

/* --- Records --- */

int taps_descriptor(const struct taps *taps)
{
        return bpf_map__fd(taps->taps[0].skeleton->maps.ring);
}

const struct taps_record *taps_next(struct taps *taps)
{
        size_t size;

        return ring_next(&taps->ring, &taps->taken, &size);
}

void taps_release(struct taps *taps)
{
        ring_release(&taps->ring, taps->taken);
}

bool taps_is_empty(const struct taps *taps)
{
        return ring_is_empty(&taps->ring);
}

struct taps_counts taps_counts(const struct taps *taps, int tap)
{
        const struct taps_bpf__bss *counts = taps->taps[tap].skeleton->bss;

        return (struct taps_counts){
            __atomic_load_n(&counts->accepted, __ATOMIC_RELAXED),
            __atomic_load_n(&counts->lost, __ATOMIC_RELAXED),
        };
}

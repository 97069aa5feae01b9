/* Loads taps.bpf.c, once for each tap, as a program's constants are its own, and attaches filters
 * that go on to it. */
#include "taps.h"

#include "base/array.h"
#include "ebpf/libbpf_log.h"
#include "ebpf/ring.h"
#include "ebpf/taps/taps.skel.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/membarrier.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of <linux/bpf.h>, from Linux 6.4 and 6.6 on; older headers have none of it. */
enum {
        TYPE_NETFILTER = 32, /* BPF_PROG_TYPE_NETFILTER */
        ATTACH_NETFILTER = 45,
        ATTACH_TCX_INGRESS = 46,
        ATTACH_TCX_EGRESS = 47,
        BEFORE_OTHERS = 1 << 3, /* BPF_F_BEFORE */
};

struct tap {
        struct taps_bpf *skeleton;
        int table;
        enum taps_hook hook;
};

struct taps {
        struct tap *taps;
        size_t count, room;
        int *links; /* of all taps */
        size_t link_count, link_room;
        struct ring ring;
        unsigned long taken; /* the position in the ring up to which records were returned */
        size_t ring_size;
        struct libbpf_log log;
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

/* What a kernel that does not load the program is too old for. */
static const char *requirement(enum taps_hook hook)
{
        switch (hook) {
        case TAPS_XDP: return "loading a tap for XDP (it takes Linux 5.18)";
        case TAPS_NETFILTER: return "loading a tap for netfilter (it takes Linux 6.4)";
        default: return "loading a tap (it takes Linux 5.8)";
        }
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
        if (tap->hook == TAPS_NETFILTER) {
                bpf_program__set_type(program, (enum bpf_prog_type)TYPE_NETFILTER);
                bpf_program__set_expected_attach_type(program,
                                                      (enum bpf_attach_type)ATTACH_NETFILTER);
        }
        skeleton->rodata->tap = (uint32_t)taps->count;
        bpf_map__set_autocreate(skeleton->maps.before, tap->hook == TAPS_XDP);
        result = taps->count > 0
                     ? bpf_map__reuse_fd(skeleton->maps.ring,
                                         bpf_map__fd(taps->taps[0].skeleton->maps.ring))
                     : bpf_map__set_max_entries(skeleton->maps.ring, (uint32_t)taps->ring_size);
        if (result == 0)
                result = taps_bpf__load(skeleton);
        if (result < 0)
                return fail(error, requirement(tap->hook), -result, &taps->log);
        return 0;
}

/* The table by which a filter finds the program. */
static int make_table(const struct taps *taps, struct tap *tap, struct error *error)
{
        const uint32_t first = 0;
        int program = bpf_program__fd(program_of(tap->skeleton, tap->hook)), result;

        tap->table =
            bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "filt", sizeof first, sizeof program, 1, NULL);
        result = tap->table < 0 ? tap->table
                                : bpf_map_update_elem(tap->table, &first, &program, BPF_ANY);
        return result < 0 ? fail(error, "making a table for a tap", -result, &taps->log) : 0;
}

static void unload(struct tap *tap)
{
        if (tap->table >= 0)
                close(tap->table);
        taps_bpf__destroy(tap->skeleton);
}

int taps_add(struct taps *taps, enum taps_hook hook, struct error *error)
{
        struct tap tap = {.table = -1, .hook = hook};
        int result;

        if (!array_grow(taps->taps, taps->room, taps->count + 1))
                return error_memory(error);
        libbpf_log_start(&taps->log);
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
        if (number == EBUSY && (hook == TAPS_XDP || hook == TAPS_NETFILTER))
                error_set(error,
                          hook == TAPS_XDP
                              ? "%s: another XDP program is there, and only one can be"
                              : "%s: another program has this priority: give another one",
                          place->name);
        else if (number == EINVAL && (hook == TAPS_TC_INGRESS || hook == TAPS_TC_EGRESS))
                error_set(error, "%s: this kernel has no tcx links: that takes Linux 6.6",
                          place->name);
        else if (number == EOPNOTSUPP && hook == TAPS_XDP && place->mode == TAPS_MODE_NATIVE)
                error_set(error, "%s: the driver has no XDP of its own: xdp:generic goes without",
                          place->name);
        else if (number == ENODEV)
                error_set(error, "%s: the interface is gone", place->name);
        if (number == EBUSY)
                error->kind = TAPS_OCCUPIED;
        return -1;
}

int taps_attach(struct taps *taps, int tap, int filter, const struct taps_place *place,
                struct error *error)
{
        enum taps_hook hook = taps->taps[tap].hook;
        int link;

        if (!array_grow(taps->links, taps->link_room, taps->link_count + 1))
                return error_memory(error);
        link = attach(hook, filter, place);
        if (link < 0)
                return complain_attach(error, hook, place, errno);
        taps->links[taps->link_count++] = link;
        return 0;
}

/* A program that runs on another processor when it is detached may still put a record into the
 * ring: it runs with preemption or migration off, and in a read-side section of RCU, which the
 * system call waits for. */
void taps_detach(struct taps *taps)
{
        enum { PAUSE_MS = 5 };

        if (taps->link_count == 0)
                return;
        while (taps->link_count > 0)
                close(taps->links[--taps->link_count]);
        if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0)
                poll(NULL, 0, PAUSE_MS);
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

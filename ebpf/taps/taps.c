/* Loads taps, and attaches filters that go on to them. What packets are copied at several places
 * is told apart by what is in their records. */
#include "taps.h"

#include "base/array.h"
#include "internal.h"
#include "occupant.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/membarrier.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of <linux/bpf.h>, from Linux 6.4 and 6.6 on; older headers have none of it. */
enum {
        ATTACH_NETFILTER = 45,
        ATTACH_TCX_INGRESS = 46,
        ATTACH_TCX_EGRESS = 47,
        BEFORE_OTHERS = 1 << 3, /* BPF_F_BEFORE */
};

/* --- Loading --- */

struct taps *taps_new(size_t ring, uint32_t snapshot, struct error *error)
{
        struct taps *taps = calloc(1, sizeof *taps);

        if (!taps) {
                error_memory(error);
                return NULL;
        }
        taps->ring_size = ring_round(ring);
        taps->snapshot = snapshot;
        return taps;
}

/* The kernel's own XDP puts packets in one piece for a program that takes no others. For one that
 * does, Linux since 6.9 forgets where the link header of a copy ends: tc at the same interface
 * would see packets without it. */
static const enum ebpf_kind kinds[] = {
    [TAPS_XDP] = EBPF_XDP_PARTS,
    [TAPS_TC_INGRESS] = EBPF_TC,
    [TAPS_TC_EGRESS] = EBPF_TC,
    [TAPS_CGROUP_INGRESS] = EBPF_CGROUP_SKB,
    [TAPS_CGROUP_EGRESS] = EBPF_CGROUP_SKB,
    [TAPS_NETFILTER] = EBPF_NETFILTER,
};

/* Those that have the packets which the filter rejects and which the tap has copied. */
static int put_occupant(const struct tap *tap)
{
        int result = ebpf_table_put(tap->table, ON_REJECT, tap->occupant.program);

        return result < 0 ? result : ebpf_table_put(tap->object.before, 0, tap->occupant.program);
}

/* The table by which a filter finds the program. */
static int make_table(const struct taps *taps, struct tap *tap, struct error *error)
{
        int result = tap->table = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, EBPF_NAME,
                                                 sizeof(uint32_t), sizeof(int), ENTRIES, NULL);

        if (result >= 0)
                result = ebpf_table_put(tap->table, ON_ACCEPT, tap->object.program);
        if (result >= 0 && tap->occupant.id)
                result = put_occupant(tap);
        return result < 0 ? tap_fail(error, "making a table for a tap", -result, &taps->log) : 0;
}

static void unload(struct tap *tap)
{
        free(tap->places);
        if (tap->table >= 0)
                close(tap->table);
        if (tap->occupant.program >= 0)
                close(tap->occupant.program);
        tap_object_unload(&tap->object);
}

/* What its records say of a place. */
static uint32_t where_of(enum taps_hook hook, const struct taps_place *place)
{
        return hook == TAPS_NETFILTER ? (uint32_t)place->hook : place->interface;
}

static bool is_at(const struct tap *tap, uint32_t where)
{
        for (size_t i = 0; i < tap->place_count; i++)
                if (tap->places[i] == where)
                        return true;
        return false;
}

/* NULL if there is none. */
static struct taps_loss *find_loss(const struct tap *tap, uint32_t where)
{
        for (uint32_t i = 0; i < TAPS_LOSS_TRIES; i++) {
                struct taps_loss *loss = &tap->object.state->losses[(where + i) % TAPS_LOSSES];

                if (loss->where == where)
                        return loss;
        }
        return NULL;
}

/* What finds no counter is counted with the tap's. */
static int add_place(struct tap *tap, uint32_t where, struct error *error)
{
        if (!array_grow(tap->places, tap->place_room, tap->place_count + 1))
                return error_memory(error);
        tap->places[tap->place_count++] = where;
        if (find_loss(tap, where))
                return 0;
        for (uint32_t i = 0; i < TAPS_LOSS_TRIES; i++) {
                struct taps_loss *loss = &tap->object.state->losses[(where + i) % TAPS_LOSSES];

                if (loss->where == 0) {
                        loss->count = 0;
                        loss->where = where;
                        break;
                }
        }
        return 0;
}

/* One that the place may share; -1 if there is none. */
static int find_tap(const struct taps *taps, const struct tap *wanted, uint32_t where)
{
        for (size_t i = 0; i < taps->count; i++) {
                const struct tap *tap = &taps->taps[i];

                if (tap->hook == wanted->hook && tap->kind == wanted->kind &&
                    tap->link_type == wanted->link_type && !tap->alone && !is_at(tap, where))
                        return (int)i;
        }
        return -1;
}

/* A program at a bonding interface runs at those that are bound, which packets name. */
static bool is_bonding(uint32_t interface)
{
        struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
        struct ifreq request = {.ifr_data = (char *)&info};
        int query = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        bool is = query >= 0 && if_indextoname(interface, request.ifr_name) &&
                  ioctl(query, SIOCETHTOOL, &request) == 0 && strcmp(info.driver, "bonding") == 0;

        if (query >= 0)
                close(query);
        return is;
}

static int load(struct taps *taps, struct tap *tap, uint32_t where, struct error *error)
{
        const struct tap_request request = {
            .hook = tap->hook,
            .kind = tap->kind,
            .constants = {(uint32_t)taps->count, tap->alone ? where : 0},
            .ring = taps->count > 0 ? taps->taps[0].object.ring : -1,
            .ring_size = taps->ring_size,
        };

        if (tap_object_load(&tap->object, &request, &taps->log, error) < 0 ||
            make_table(taps, tap, error) < 0)
                return -1;
        if (taps->count == 0 && ring_open(&taps->ring, tap->object.ring, taps->ring_size) < 0)
                return tap_fail(error, "mapping the ring of the taps", errno, NULL);
        tap->object.state->many = (uint32_t)(taps->ring_size / 8);
        tap->object.state->snapshot = taps->snapshot;
        return add_place(tap, where, error);
}

static int add_tap(struct taps *taps, struct tap *tap, uint32_t where, struct error *error)
{
        int result;

        if (!array_grow(taps->taps, taps->room, taps->count + 1))
                return error_memory(error);
        libbpf_log_start(&taps->log);
        result = load(taps, tap, where, error);
        libbpf_log_stop(&taps->log);
        if (result < 0)
                return -1;
        taps->taps[taps->count] = *tap;
        return (int)taps->count++;
}

int taps_add(struct taps *taps, enum taps_hook hook, const struct taps_place *place, int link_type,
             struct error *error)
{
        struct tap tap = {
            .table = -1,
            .hook = hook,
            .kind = hook == TAPS_XDP && place->mode == TAPS_MODE_GENERIC ? EBPF_XDP : kinds[hook],
            .link_type = link_type,
            .object.before = -1,
            .occupant.program = -1};
        uint32_t where = where_of(hook, place);
        int shared, result = 0;

        if (hook == TAPS_XDP) {
                libbpf_log_start(&taps->log);
                result = occupant_find(place, &tap.occupant, error);
                libbpf_log_stop(&taps->log);
        }
        if (result < 0)
                return -1;
        if (result > 0)
                tap.kind = tap.occupant.kind;
        tap.alone = result > 0 || (hook == TAPS_XDP && is_bonding(place->interface));
        shared = tap.alone ? -1 : find_tap(taps, &tap, where);
        if (shared >= 0)
                return add_place(&taps->taps[shared], where, error) < 0 ? -1 : shared;
        result = add_tap(taps, &tap, where, error);
        if (result < 0)
                unload(&tap);
        return result;
}

size_t taps_count(const struct taps *taps)
{
        return taps->count;
}

enum taps_hook taps_hook(const struct taps *taps, int tap)
{
        return taps->taps[tap].hook;
}

void taps_keep(struct taps *taps, int tap, uint32_t snapshot)
{
        __atomic_store_n(&taps->taps[tap].object.state->snapshot, snapshot, __ATOMIC_SEQ_CST);
}

void taps_arm(struct taps *taps)
{
        for (size_t i = 0; i < taps->count; i++)
                __atomic_store_n(&taps->taps[i].object.state->armed, 1, __ATOMIC_SEQ_CST);
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
    [TAPS_MODE_ANY] = XDP_FLAGS_DRV_MODE, /* at first */
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

#define AT(hook) (1U << TAPS_##hook)

/* What the kernel means by an error. */
static const struct attach_failure {
        int number;     /* an errno */
        unsigned hooks; /* bits */
        bool native;    /* where the driver's XDP was asked for */
        int kind;       /* of the error */
        const char *words;
} attach_failures[] = {
    {EBUSY, AT(XDP), false, TAPS_OCCUPIED, "another XDP program is there: try again"},
    {EEXIST, AT(XDP), false, TAPS_OCCUPIED, "another XDP program is there: try again"},
    {EOPNOTSUPP, AT(XDP), true, 0, "the driver has no XDP of its own: xdp:generic goes without"},
    {EBUSY, AT(NETFILTER), false, TAPS_OCCUPIED,
     "another program has this priority: give another one"},
    {EINVAL, AT(TC_INGRESS) | AT(TC_EGRESS), false, TAPS_NO_TCX,
     "this kernel has no tcx links: that takes Linux 6.6"},
    {EBADF, AT(CGROUP_INGRESS) | AT(CGROUP_EGRESS), false, 0, "no folder of a cgroup (version 2)"},
    {ENODEV, AT(XDP) | AT(TC_INGRESS) | AT(TC_EGRESS), false, 0, "the interface is gone"},
};

static int complain_attach(struct error *error, enum taps_hook hook, const struct taps_place *place,
                           int number)
{
        for (size_t i = 0; i < array_count(attach_failures); i++) {
                const struct attach_failure *failure = &attach_failures[i];

                if (failure->number != number || !(failure->hooks >> hook & 1) ||
                    (failure->native && place->mode != TAPS_MODE_NATIVE))
                        continue;
                error_set(error, "%s: %s", place->name, failure->words);
                error->kind = failure->kind;
                return -1;
        }
        return tap_fail(error, place->name, number, NULL);
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
        if (link < 0) {
                int number = errno;

                complain_attach(error, hook, place, number);
                if (hook == TAPS_XDP && place->mode == TAPS_MODE_ANY && !is_final(number))
                        error->kind = TAPS_NO_NATIVE;
                return -1;
        }
        taps->links[taps->link_count++] = (struct tap_link){link, tap, where_of(hook, place)};
        return 0;
}

/* A program that runs on another processor when it is detached may still put a record into the
 * ring, or look for the next program: it runs with preemption or migration off, and in a read-side
 * section of RCU, which the system call waits for. */
void taps_settle(void)
{
        enum { PAUSE_MS = 5 };

        if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0)
                poll(NULL, 0, PAUSE_MS);
}

/* --- Detaching --- */

void taps_detach(struct taps *taps)
{
        if (taps->detached)
                return;
        taps->detached = true;
        while (taps->link_count > 0)
                close(taps->links[--taps->link_count].link);
        taps_settle();
}

static void close_links(struct taps *taps, int tap, uint32_t where)
{
        for (size_t i = taps->link_count; i-- > 0;)
                if (taps->links[i].tap == tap && taps->links[i].where == where) {
                        close(taps->links[i].link);
                        taps->links[i] = taps->links[--taps->link_count];
                }
}

void taps_leave(struct taps *taps, int number, uint32_t where)
{
        struct tap *tap = &taps->taps[number];
        struct taps_loss *loss = find_loss(tap, where);

        close_links(taps, number, where);
        for (size_t i = tap->place_count; i-- > 0;)
                if (tap->places[i] == where)
                        tap->places[i] = tap->places[--tap->place_count];
        if (loss)
                *loss = (struct taps_loss){0};
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
        return taps->taps[0].object.ring;
}

const struct taps_record *taps_next(struct taps *taps)
{
        size_t size;

        return ring_next(&taps->ring, &taps->taken, &size);
}

const struct taps_record *taps_peek(const struct taps *taps, unsigned long *position)
{
        size_t size;

        if (*position == 0)
                *position = taps->taken;
        return ring_next(&taps->ring, position, &size);
}

void taps_release(struct taps *taps)
{
        ring_release(&taps->ring, taps->taken);
}

unsigned long taps_end(const struct taps *taps)
{
        return ring_end(&taps->ring);
}

unsigned long taps_taken(const struct taps *taps)
{
        return taps->taken;
}

bool taps_is_empty(const struct taps *taps)
{
        return ring_is_empty(&taps->ring);
}

struct taps_counts taps_counts(const struct taps *taps, int tap)
{
        const struct taps_state *state = taps->taps[tap].object.state;

        return (struct taps_counts){
            __atomic_load_n(&state->accepted, __ATOMIC_RELAXED),
            __atomic_load_n(&state->lost, __ATOMIC_RELAXED),
        };
}

uint64_t taps_lost(const struct taps *taps, int tap, uint32_t where)
{
        const struct taps_loss *loss = find_loss(&taps->taps[tap], where);

        return loss ? __atomic_load_n(&loss->count, __ATOMIC_RELAXED) : 0;
}

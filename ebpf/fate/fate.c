/* Loads fate.bpf.c and reads its ring. */
#include "fate.h"

#include "base/array.h"
#include "ebpf/fate/fate.skel.h"
#include "ebpf/libbpf_log.h"
#include "ebpf/program.h"
#include "ebpf/ring.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TRACEPOINTS = 9, NEEDED = 8 };

struct fate {
        struct fate_bpf *skeleton;
        struct ring ring;
        unsigned long taken;    /* the position in the ring up to which events were returned */
        int links[TRACEPOINTS]; /* what is attached; -1 if nothing is */
        int information[TRACEPOINTS]; /* what /proc says of that; -1 if it is not known */
        uint8_t receiver;
};

static int fail(struct error *error, const char *what, int number, const struct libbpf_log *log)
{
        return libbpf_log_fail(error, what, "CAP_BPF and CAP_PERFMON", number, log);
}

static int load(struct fate *fate, const struct fate_options *options, size_t ring_size,
                const struct libbpf_log *log, struct error *error)
{
        enum { WITH_REASON = 3, WITH_SOCKET = 4, RECEIVER = 3 };
        const int arguments = ebpf_tracepoint_arguments("kfree_skb");
        int result;

        if (arguments < 0)
                return libbpf_log_no_structures(error, "filt cannot follow packets without that");
        fate->skeleton = fate_bpf__open();
        if (!fate->skeleton)
                return fail(error, "opening the programs that follow packets", errno, log);
        fate->receiver = arguments >= WITH_SOCKET ? RECEIVER : 0;
        fate->skeleton->rodata->has_reason = arguments >= WITH_REASON;
        fate->skeleton->rodata->has_socket = arguments >= WITH_SOCKET;
        fate->skeleton->rodata->own_namespace = options->network_namespace;
        fate->skeleton->rodata->snapshot = options->snapshot;
        fate->skeleton->rodata->frames = options->frames;
        memcpy((void *)fate->skeleton->rodata->interfaces, options->interfaces,
               sizeof options->interfaces);
        result = bpf_map__set_max_entries(fate->skeleton->maps.ring, (uint32_t)ring_size);
        if (result == 0)
                result = fate_bpf__load(fate->skeleton);
        if (result < 0)
                return fail(error, "loading the programs that follow packets", -result, log);
        if (ring_open(&fate->ring, bpf_map__fd(fate->skeleton->maps.ring), ring_size) < 0)
                return fail(error, "mapping the ring of packets", errno, log);
        return 0;
}

struct fate *fate_open(const struct fate_options *options, struct error *error)
{
        struct fate *fate = calloc(1, sizeof *fate);
        struct libbpf_log *log = calloc(1, sizeof *log);
        int result = -1;

        if (fate && log) {
                for (int i = 0; i < TRACEPOINTS; i++)
                        fate->links[i] = fate->information[i] = -1;
                libbpf_log_start(log);
                result = load(fate, options, ring_round(options->ring), log, error);
                libbpf_log_stop(log);
        } else {
                error_memory(error);
        }
        free(log);
        if (result == 0)
                return fate;
        fate_close(fate);
        return NULL;
}

int fate_table(const struct fate *fate, enum fate_filter filter)
{
        const struct fate_bpf *skeleton = fate->skeleton;
        struct bpf_map *const tables[FATE_FILTERS] = {
            [FATE_FILTER_RECEIVED] = skeleton->maps.behind_receive_filter,
            [FATE_FILTER_SENT] = skeleton->maps.behind_send_filter,
            [FATE_FILTER_DROPPED] = skeleton->maps.behind_drop_filter,
        };

        return bpf_map__fd(tables[filter]);
}

uint8_t fate_receiver(const struct fate *fate)
{
        return fate->receiver;
}

static int put(int table, int program)
{
        const uint32_t first = 0;

        return bpf_map_update_elem(table, &first, &program, BPF_ANY);
}

/* Each filter goes on to what captures; where there is none, that is in its place. */
static int place_filters(struct fate *fate, const int filters[FATE_FILTERS])
{
        const struct fate_bpf *skeleton = fate->skeleton;
        const struct {
                struct bpf_map *table;
                struct bpf_program *program;
        } places[FATE_FILTERS] = {
            [FATE_FILTER_RECEIVED] = {skeleton->maps.receive_filter,
                                      skeleton->progs.capture_received},
            [FATE_FILTER_SENT] = {skeleton->maps.send_filter, skeleton->progs.capture_sent},
            [FATE_FILTER_DROPPED] = {skeleton->maps.drop_filter, skeleton->progs.capture_dropped},
        };
        int result = 0;

        for (enum fate_filter i = 0; i < FATE_FILTERS && result == 0; i++) {
                const int program = bpf_program__fd(places[i].program);

                result = put(fate_table(fate, i), program);
                if (result == 0)
                        result = put(bpf_map__fd(places[i].table),
                                     filters[i] < 0 ? program : filters[i]);
        }
        return result;
}

/* Where packets are seen again comes first: what begins to be followed has not been there. */
int fate_attach(struct fate *fate, const int filters[FATE_FILTERS], struct error *error)
{
        const struct fate_bpf *skeleton = fate->skeleton;
        const struct {
                const char *tracepoint;
                struct bpf_program *program;
        } places[TRACEPOINTS] = {
            {"consume_skb", skeleton->progs.consume},
            {"skb_copy_datagram_iovec", skeleton->progs.copy},
            {"tcp_probe", skeleton->progs.arrive},
            {"inet_sock_set_state", skeleton->progs.change_state},
            {"kfree_skb", skeleton->progs.drop},
            {"net_dev_queue", skeleton->progs.queue},
            {"net_dev_start_xmit", skeleton->progs.send},
            {"netif_receive_skb", skeleton->progs.receive},
            {"sock_recv_length", skeleton->progs.read_socket}, /* Linux 6.3; before, nothing that a
                                                                  process reads is hidden */
        };
        int result = place_filters(fate, filters);

        if (result < 0)
                return fail(error, "putting the filters into their places", -result, NULL);
        for (int i = 0; i < TRACEPOINTS; i++) {
                const int program = bpf_program__fd(places[i].program);
                char what[64] = "attaching to the tracepoint ";

                fate->links[i] = bpf_raw_tracepoint_open(places[i].tracepoint, program);
                if (fate->links[i] < 0 && i < NEEDED) {
                        strcat(what, places[i].tracepoint);
                        return fail(error, what, -fate->links[i], NULL);
                }
                fate->information[i] = ebpf_program_information(program);
        }
        return 0;
}

void fate_detach(struct fate *fate)
{
        for (int i = TRACEPOINTS; i-- > 0;) {
                if (fate->links[i] >= 0)
                        close(fate->links[i]);
                fate->links[i] = -1;
        }
}

void fate_close(struct fate *fate)
{
        if (!fate)
                return;
        fate_detach(fate);
        for (int i = 0; i < TRACEPOINTS; i++)
                if (fate->information[i] >= 0)
                        close(fate->information[i]);
        ring_close(&fate->ring);
        fate_bpf__destroy(fate->skeleton);
        free(fate);
}

int fate_descriptor(const struct fate *fate)
{
        return bpf_map__fd(fate->skeleton->maps.ring);
}

const struct fate_event *fate_next(struct fate *fate, const struct drops_record **record)
{
        size_t size;
        const struct fate_event *event = ring_next(&fate->ring, &fate->taken, &size);

        *record = event && size > sizeof *event ? (const struct drops_record *)(event + 1) : NULL;
        return event;
}

void fate_release(struct fate *fate)
{
        ring_release(&fate->ring, fate->taken);
}

bool fate_is_empty(const struct fate *fate)
{
        return ring_is_empty(&fate->ring);
}

struct fate_counts fate_counts(const struct fate *fate)
{
        const struct fate_bpf *skeleton = fate->skeleton;
        struct fate_counts counts = {
            .captured = __atomic_load_n(&skeleton->bss->captured, __ATOMIC_RELAXED),
            .lost = __atomic_load_n(&skeleton->bss->lost, __ATOMIC_RELAXED),
            .lost_events = __atomic_load_n(&skeleton->bss->lost_events, __ATOMIC_RELAXED),
        };

        for (int i = 0; i < TRACEPOINTS; i++)
                counts.lost_events += ebpf_program_missed(fate->information[i]);
        return counts;
}

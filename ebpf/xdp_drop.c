/* Loads xdp_drop.bpf.c and attaches it by a link. Nothing is pinned, so all of it is gone when the
 * process ends, even if killed. (Attached by netlink, as ip does, a program would stay.) */
#include "xdp_drop.h"

#include "ebpf/xdp_drop.skel.h"
#include "libbpf_log.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct xdp_drop {
        struct xdp_drop_bpf *skeleton;
        int link;
        struct libbpf_log log;
};

/* `number` is an errno. The verifier may return EACCES, too, but then its log says why. */
static int fail(struct error *error, const char *step, int number, const struct libbpf_log *log)
{
        char what[128], reason[256];

        if (!libbpf_log_reason(log, reason, sizeof reason) && (number == EPERM || number == EACCES))
                return error_set(error,
                                 "no permission to %s: it needs CAP_BPF and CAP_NET_ADMIN outside "
                                 "of any user namespace; run it with sudo",
                                 step);
        snprintf(what, sizeof what, "cannot %s", step);
        return libbpf_log_fail(error, what, "", number, log);
}

static int load_and_attach(struct xdp_drop *drop, const char *interface, struct error *error)
{
        const struct libbpf_log *log = &drop->log;
        DECLARE_LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_SKB_MODE);
        unsigned index = if_nametoindex(interface);
        int status;

        if (index == 0)
                return fail(error, "find the interface for the XDP program", errno, log);
        drop->skeleton = xdp_drop_bpf__open();
        if (!drop->skeleton)
                return fail(error, "open the XDP program", errno, log);
        status = xdp_drop_bpf__load(drop->skeleton);
        if (status != 0)
                return fail(error, "load an XDP program", -status, log);
        drop->link = bpf_link_create(bpf_program__fd(drop->skeleton->progs.drop_udp), (int)index,
                                     BPF_XDP, &options);
        if (drop->link < 0)
                return fail(error, "attach an XDP program (a link takes Linux 5.9)", -drop->link,
                            log);
        return 0;
}

struct xdp_drop *xdp_drop_attach(const char *interface, struct error *error)
{
        struct xdp_drop *drop = calloc(1, sizeof *drop);
        int failed;

        if (!drop) {
                error_memory(error);
                return NULL;
        }
        drop->link = -1;
        libbpf_log_start(&drop->log);
        failed = load_and_attach(drop, interface, error);
        libbpf_log_stop(&drop->log);
        if (!failed)
                return drop;
        xdp_drop_detach(drop);
        return NULL;
}

int xdp_drop_count(const struct xdp_drop *drop, uint64_t *count)
{
        const uint32_t first = 0;

        return bpf_map_lookup_elem(bpf_map__fd(drop->skeleton->maps.dropped), &first, count);
}

void xdp_drop_detach(struct xdp_drop *drop)
{
        if (!drop)
                return;
        if (drop->link >= 0)
                close(drop->link);
        xdp_drop_bpf__destroy(drop->skeleton);
        free(drop);
}

/* See clsact.h. */
#include "clsact.h"
#include "occupant.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

/* The lowest there is. In it, the latest filter is the first. */
enum { PRIORITY = 1, HANDLES = 1000 };

#define HOOK(name, clsact, points)                                          \
        LIBBPF_OPTS(bpf_tc_hook, name, .ifindex = (int)(clsact)->interface, \
                    .attach_point = (points))

static enum bpf_tc_attach_point point_of(const struct clsact *clsact)
{
        return clsact->egress ? BPF_TC_EGRESS : BPF_TC_INGRESS;
}

static int make_qdisc(struct clsact *clsact)
{
        HOOK(hook, clsact, BPF_TC_INGRESS | BPF_TC_EGRESS);
        int result = bpf_tc_hook_create(&hook);

        clsact->made = result == 0;
        return result == -EEXIST ? 0 : result;
}

/* --- Filters of others --- */

/* Asks the kernel for the filters of one side. Returns 0 or a negative errno. */
static int ask(int channel, uint32_t interface, uint32_t side)
{
        const struct {
                struct nlmsghdr header;
                struct tcmsg filter;
        } request = {
            .header = {.nlmsg_len = sizeof request,
                       .nlmsg_type = RTM_GETTFILTER,
                       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
            .filter = {.tcm_family = AF_UNSPEC,
                       .tcm_ifindex = (int)interface,
                       .tcm_parent = TC_H_MAKE(TC_H_CLSACT, side)},
        };

        return send(channel, &request, sizeof request, 0) < 0 ? -errno : 0;
}

/* Whether the answer begins with a filter rather than its end; also if it cannot be read. */
static bool has_filter(int channel)
{
        struct nlmsghdr first;

        return recv(channel, &first, sizeof first, 0) < (ssize_t)sizeof first ||
               first.nlmsg_type != NLMSG_DONE;
}

static bool is_used(uint32_t interface, uint32_t side)
{
        int channel = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
        bool used = channel < 0 || ask(channel, interface, side) < 0 || has_filter(channel);

        if (channel >= 0)
                close(channel);
        return used;
}

static int remove_qdisc(const struct clsact *clsact)
{
        HOOK(hook, clsact, BPF_TC_INGRESS | BPF_TC_EGRESS);

        if (!clsact->made || is_used(clsact->interface, TC_H_MIN_INGRESS) ||
            is_used(clsact->interface, TC_H_MIN_EGRESS))
                return 0;
        return bpf_tc_hook_destroy(&hook);
}

/* --- The filter --- */

int clsact_attach(struct clsact *clsact, int program)
{
        HOOK(hook, clsact, point_of(clsact));
        int result = make_qdisc(clsact);

        if (result < 0)
                return result;
        result = -EEXIST;
        for (uint32_t handle = 1; result == -EEXIST && handle <= HANDLES; handle++) {
                LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = program, .handle = handle,
                            .priority = PRIORITY);

                clsact->handle = handle;
                result = bpf_tc_attach(&hook, &options);
        }
        if (result == 0)
                return 0;
        clsact->handle = 0;
        remove_qdisc(clsact);
        return result == -EINVAL ? -EEXIST : result; /* a filter of another kind */
}

bool clsact_is_attached(const struct clsact *clsact, int program)
{
        HOOK(hook, clsact, point_of(clsact));
        LIBBPF_OPTS(bpf_tc_opts, options, .handle = clsact->handle, .priority = PRIORITY);

        return clsact->handle && bpf_tc_query(&hook, &options) == 0 &&
               options.prog_id == occupant_number(program);
}

int clsact_detach(const struct clsact *clsact, int program)
{
        HOOK(hook, clsact, point_of(clsact));
        LIBBPF_OPTS(bpf_tc_opts, options, .handle = clsact->handle, .priority = PRIORITY);
        int result;

        if (!clsact_is_attached(clsact, program))
                return 1;
        result = bpf_tc_detach(&hook, &options);
        return result < 0 ? result : remove_qdisc(clsact);
}

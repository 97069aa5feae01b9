/* Writes extended programs in the forms of --format, as they are attached by themselves: what a
 * program returns there is what the place takes for "accept" and "reject". */
#include "base/array.h"
#include "cbpf/extended.h"
#include "cli.h"
#include "ebpf/object.h"
#include "ebpf/program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* enum xdp_action of <linux/bpf.h>, which does not go with libpcap's struct bpf_insn. */
enum {
        XDP_DROP = 1,
        XDP_PASS = 2,
};

/* What a classifier of tc returns: nothing, or the class of its command line. */
static const struct cbpf_verdicts of_tc = {.accept = -1, .reject = 0};
static const struct cbpf_verdicts of_xdp = {.accept = XDP_PASS, .reject = XDP_DROP};
static const struct cbpf_verdicts of_cgroup = {.accept = 1, .reject = 0};

static const struct cbpf_verdicts of_netfilter = {.accept = 1, .reject = 0};

static const struct place {
        const char *name;
        const char *section; /* of an object file, as libbpf knows the place by */
        const char *results;
        const struct cbpf_verdicts *verdicts;
        bool fragments;
} places[CBPF_CONTEXTS] = {
    [CBPF_CONTEXT_SOCKET] = {"socket", "socket", "the bytes to keep, or 0 to reject", NULL, true},
    [CBPF_CONTEXT_TC] = {"tc", "tc", "-1 to accept, or 0 to reject, as a classifier does", &of_tc,
                         true},
    [CBPF_CONTEXT_XDP] = {"xdp", "xdp", "XDP_PASS (2) to accept, or XDP_DROP (1) to reject",
                          &of_xdp, false},
    [CBPF_CONTEXT_CGROUP] = {"cgroup", "cgroup_skb/ingress", "1 to accept, or 0 to drop",
                             &of_cgroup, true},
    [CBPF_CONTEXT_NETFILTER] = {"nf", "netfilter",
                                "NF_ACCEPT (1) to accept, or NF_DROP (0) to reject", &of_netfilter,
                                true},
    [CBPF_CONTEXT_TRACEPOINT] = {"tracepoint", NULL,
                                 "the bytes to keep, or 0 to reject, which the kernel ignores",
                                 NULL, false},
};

/* Raw tracepoints that are told of a packet first, and where it begins; in the order of
 * extended_tracepoint(). */
static const struct tracepoint {
        const char *section;
        enum cbpf_start start;
} tracepoints[] = {
    {"raw_tracepoint/netif_receive_skb", CBPF_START_LINK},
    {"raw_tracepoint/netif_rx", CBPF_START_LINK},
    {"raw_tracepoint/net_dev_queue", CBPF_START_DATA},
    {"raw_tracepoint/net_dev_start_xmit", CBPF_START_DATA},
    {"raw_tracepoint/net_dev_xmit", CBPF_START_DATA},
    {"raw_tracepoint/kfree_skb", CBPF_START_FOUND},
    {"raw_tracepoint/consume_skb", CBPF_START_FOUND},
};

static const char *tracepoint_name(int tracepoint)
{
        return strchr(tracepoints[tracepoint].section, '/') + 1;
}

bool extended_begins_anywhere(int place, int tracepoint)
{
        return place == CBPF_CONTEXT_TRACEPOINT &&
               tracepoints[tracepoint].start == CBPF_START_FOUND;
}

int extended_tracepoint(const char *name)
{
        return parse_word("--at tracepoint", name,
                          "netif_receive_skb|netif_rx|net_dev_queue|net_dev_start_xmit|"
                          "net_dev_xmit|kfree_skb|consume_skb");
}

/* What is to be compiled for what. */
struct job {
        const struct program_origin *origin;
        const struct place *place;
        struct cbpf_target target;
        struct cbpf_extended_target extended;
};

static int complain_impossible(const struct job *job, const struct error *error)
{
        if (error->kind == ERROR_MEMORY)
                return out_of_memory();
        complain("--at %s: %s", job->place->name, error->message);
        return STATUS_USAGE;
}

static int write_listing(const struct job *job)
{
        struct cbpf_extended_program program;
        struct error error;
        char *text;

        if (cbpf_compile_extended(job->origin->expression, &job->target, &job->extended, &program,
                                  &error) < 0)
                return complain_impossible(job, &error);
        text = cbpf_list_extended(&program);
        cbpf_extended_free(&program);
        if (!text)
                return out_of_memory();
        fputs(text, stdout);
        free(text);
        return STATUS_DONE;
}

static int write_c(const struct job *job)
{
        struct error error;
        char *text;

        if (cbpf_compile_extended_c(job->origin->expression, &job->target, &job->extended, &text,
                                    &error) < 0)
                return complain_impossible(job, &error);
        program_describe(
            &(struct program_origin){.expression = job->origin->expression, .target = job->target});
        printf(
            ", at %s.\n * Returns %s.\n *\n"
            " * clang -O2 -g -target bpf -idirafter /usr/include/$(uname -m)-linux-gnu -c FILE */\n"
            "%s",
            job->place->name, job->place->results, text);
        free(text);
        return STATUS_DONE;
}

static const char *section_of(const struct job *job)
{
        return job->place->section ? job->place->section
                                   : tracepoints[job->origin->tracepoint].section;
}

static int write_object(const struct job *job)
{
        struct cbpf_extended_program program;
        struct ebpf_object object;
        struct error error;
        bool made;

        if (cbpf_compile_extended(job->origin->expression, &job->target, &job->extended, &program,
                                  &error) < 0)
                return complain_impossible(job, &error);
        made = ebpf_object_make(section_of(job), program.instructions, program.count, &object);
        cbpf_extended_free(&program);
        if (!made && errno == ENOMEM)
                return out_of_memory();
        if (!made)
                return complain("the object file cannot be made: %s", strerror(errno));
        fwrite(object.bytes, 1, object.size, stdout);
        free(object.bytes);
        return STATUS_DONE;
}

struct cbpf_extended_target extended_target(int place, const struct extended_kernel *kernel)
{
        return (struct cbpf_extended_target){
            .context = (enum cbpf_context)place,
            .verdicts = places[place].verdicts,
            .netfilter = &kernel->netfilter,
            .tracepoint = &kernel->tracepoint,
            .fragments = places[place].fragments,
            .hides_positions = true,
            .far_jumps = false, /* it may be for another kernel than this one */
        };
}

/* Whether programs there are for the running kernel only. */
static bool needs_kernel(int place)
{
        return place == CBPF_CONTEXT_NETFILTER || place == CBPF_CONTEXT_TRACEPOINT;
}

int extended_find_kernel(enum program_form form, int place, int tracepoint,
                         struct extended_kernel *found)
{
        struct ebpf_kernel kernel;
        int result;

        *found = (struct extended_kernel){.tracepoint = {.name = tracepoint_name(tracepoint),
                                                         .start = tracepoints[tracepoint].start}};
        if (form == PROGRAM_EBPF_C || !needs_kernel(place))
                return STATUS_DONE;
        result = ebpf_kernel_find(&kernel);
        if (result == -ENOMEM)
                return out_of_memory();
        if (result < 0 && place == CBPF_CONTEXT_TRACEPOINT)
                return complain("--at tracepoint: programs there take the kernel's BTF "
                                "(/sys/kernel/btf/vmlinux), and this one has none: --format "
                                "ebpf-c does not");
        if (result < 0 || (place == CBPF_CONTEXT_NETFILTER && !kernel.dynptr_from_skb))
                return complain("--at nf: this form of program takes a kernel with filters for "
                                "netfilter (Linux 6.4, and its BTF): --format ebpf-c does not");
        found->netfilter = (struct cbpf_extended_netfilter){kernel.dynptr_from_skb, kernel.length};
        found->tracepoint.layout = kernel.skb;
        return STATUS_DONE;
}

void program_set_target(enum program_form form, int place, int tracepoint,
                        struct cbpf_target *target)
{
        if (form == PROGRAM_IPTABLES ||
            (program_is_extended(form) &&
             (place == CBPF_CONTEXT_CGROUP || place == CBPF_CONTEXT_NETFILTER)))
                target->link_type = DLT_RAW;
        if (form == PROGRAM_TC)
                target->place = CBPF_LIVE;
        if (program_is_extended(form))
                target->place = place == CBPF_CONTEXT_XDP ? CBPF_FILE : CBPF_LIVE;
        if (program_is_extended(form) && extended_begins_anywhere(place, tracepoint)) {
                target->link_type = DLT_LINUX_SLL2;
                target->place = CBPF_LIVE_NETWORK;
        }
}

void extended_describe(int place, const struct cbpf_target *target, char text[EXTENDED_DESCRIBED])
{
        snprintf(text, EXTENDED_DESCRIBED, "%s and link type %s; it returns %s", places[place].name,
                 link_type_name(target->link_type), places[place].results);
}

int extended_write(enum program_form form, const struct program_origin *origin)
{
        struct extended_kernel kernel = {0};
        struct job job = {
            .origin = origin,
            .place = &places[origin->place],
            .target = origin->target,
            .extended = extended_target(origin->place, &kernel),
        };
        char described[EXTENDED_DESCRIBED];
        int status;

        if (job.target.place == CBPF_LIVE_ANY)
                return complain("packets of all interfaces have a made-up header here: give -i one "
                                "of them, or -y");
        status = extended_find_kernel(form, origin->place, origin->tracepoint, &kernel);
        if (status != STATUS_DONE)
                return status;
        program_set_target(form, origin->place, origin->tracepoint, &job.target);
        extended_describe(origin->place, &job.target, described);
        complain("compiled for %s%s", described,
                 needs_kernel(origin->place) && form != PROGRAM_EBPF_C ? "; for this kernel only"
                                                                       : "");
        switch (form) {
        case PROGRAM_EBPF_C: return write_c(&job);
        case PROGRAM_ELF: return write_object(&job);
        default: return write_listing(&job);
        }
}

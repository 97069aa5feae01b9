/* See load.h. Of each object, only the program of one hook is loaded. */
#include "load.h"

#include "base/array.h"
#include "ebpf/taps/netfilter.skel.h"
#include "ebpf/taps/taps.skel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

int tap_fail(struct error *error, const char *what, int number, const struct libbpf_log *log)
{
        return libbpf_log_fail(error, what, "CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN", number, log);
}

/* What taps take of the kernel. */
static const struct requirement {
        const char *name;
        int major, minor;
        bool btf;
} requirements[] = {
    [TAPS_XDP] = {"XDP", 5, 18, false},
    [TAPS_TC_INGRESS] = {"tc", 5, 8, false},
    [TAPS_TC_EGRESS] = {"tc", 5, 8, false},
    [TAPS_CGROUP_INGRESS] = {"cgroups", 5, 8, false},
    [TAPS_CGROUP_EGRESS] = {"cgroups", 5, 8, false},
    [TAPS_NETFILTER] = {"netfilter", 6, 4, true},
};

static bool is_before(int wanted_major, int wanted_minor)
{
        struct utsname system;
        int major, minor;

        return uname(&system) == 0 && sscanf(system.release, "%d.%d", &major, &minor) == 2 &&
               (major < wanted_major || (major == wanted_major && minor < wanted_minor));
}

/* Asked only where something has failed, as there are kernels that have more than their number
 * says. */
static bool is_too_old(const struct requirement *requirement)
{
        return is_before(requirement->major, requirement->minor);
}

/* Additions that give back what was there before, as the tap's that is a barrier, are of
 * Linux 5.12; others are none everywhere, but are on x86. */
static int do_without_results(struct bpf_program *program)
{
        size_t count = bpf_program__insn_cnt(program);
        struct bpf_insn *instructions = malloc(count * sizeof *instructions);
        int result;

        if (!instructions)
                return -ENOMEM;
        memcpy(instructions, bpf_program__insns(program), count * sizeof *instructions);
        for (size_t i = 0; i < count; i++)
                if (BPF_CLASS(instructions[i].code) == BPF_STX &&
                    BPF_MODE(instructions[i].code) == BPF_ATOMIC &&
                    instructions[i].imm == (BPF_ADD | BPF_FETCH))
                        instructions[i].imm = BPF_ADD;
        result = bpf_program__set_insns(program, instructions, count);
        free(instructions);
        return result;
}

static int complain_load(enum taps_hook hook, int number, const struct libbpf_log *log,
                         struct error *error)
{
        const struct requirement *requirement = &requirements[hook];
        struct ebpf_kernel ignored;
        char what[64];

        if (number != EPERM && is_too_old(requirement))
                return error_set(error, "this kernel has no taps for %s: that takes Linux %d.%d",
                                 requirement->name, requirement->major, requirement->minor);
        if (number != EPERM && number != ENOMEM && requirement->btf &&
            ebpf_kernel_find(&ignored) < 0)
                return error_set(error,
                                 "a tap for %s takes the kernel's BTF, and this one has none "
                                 "(/sys/kernel/btf/vmlinux; CONFIG_DEBUG_INFO_BTF)",
                                 requirement->name);
        snprintf(what, sizeof what, "loading a tap for %s (it takes Linux %d.%d)",
                 requirement->name, requirement->major, requirement->minor);
        return tap_fail(error, what, number, log);
}

/* What the two skeletons have in common. */
struct opened {
        struct bpf_object_skeleton *skeleton;
        struct bpf_object *object;
        struct bpf_program *program;
        struct bpf_map *ring, *before;
        struct taps_constants *constants;
};

static int open_netfilter(struct tap_object *object, struct opened *opened)
{
        struct netfilter_bpf *skeleton = object->opened = netfilter_bpf__open();

        if (!skeleton)
                return -errno;
        *opened = (struct opened){skeleton->skeleton,  skeleton->obj, skeleton->progs.tap_netfilter,
                                  skeleton->maps.ring, NULL,          &skeleton->rodata->constants};
        return 0;
}

static int open_other(struct tap_object *object, struct opened *opened)
{
        struct taps_bpf *skeleton = object->opened = taps_bpf__open();

        if (!skeleton)
                return -errno;
        struct bpf_program *const programs[] = {
            [TAPS_XDP] = skeleton->progs.tap_xdp,
            [TAPS_TC_INGRESS] = skeleton->progs.tap_tc_ingress,
            [TAPS_TC_EGRESS] = skeleton->progs.tap_tc_egress,
            [TAPS_CGROUP_INGRESS] = skeleton->progs.tap_cgroup_ingress,
            [TAPS_CGROUP_EGRESS] = skeleton->progs.tap_cgroup_egress,
        };
        *opened = (struct opened){skeleton->skeleton,     skeleton->obj,
                                  programs[object->hook], skeleton->maps.ring,
                                  skeleton->maps.before,  &skeleton->rodata->constants};
        return 0;
}

static void set_attributes(struct bpf_program *program, enum ebpf_kind kind)
{
        const struct ebpf_attributes attributes = ebpf_attributes(kind);

        bpf_program__set_type(program, (enum bpf_prog_type)attributes.type);
        bpf_program__set_expected_attach_type(program,
                                              (enum bpf_attach_type)attributes.attach_type);
        bpf_program__set_flags(program, attributes.flags);
}

static int load(const struct opened *opened, const struct tap_request *request)
{
        struct bpf_program *other;
        int result;

        bpf_object__for_each_program(other, opened->object)
            bpf_program__set_autoload(other, other == opened->program);
        set_attributes(opened->program, request->kind);
        *opened->constants = request->constants;
        if (opened->before)
                bpf_map__set_autocreate(opened->before, request->hook == TAPS_XDP);
        result = is_before(5, 12) ? do_without_results(opened->program) : 0;
        if (result < 0)
                return result;
        result = request->ring >= 0
                     ? bpf_map__reuse_fd(opened->ring, request->ring)
                     : bpf_map__set_max_entries(opened->ring, (uint32_t)request->ring_size);
        return result < 0 ? result : bpf_object__load_skeleton(opened->skeleton);
}

int tap_object_load(struct tap_object *object, const struct tap_request *request,
                    struct libbpf_log *log, struct error *error)
{
        struct opened opened = {0};
        int result;

        *object = (struct tap_object){.hook = request->hook, .before = -1};
        result = request->hook == TAPS_NETFILTER ? open_netfilter(object, &opened)
                                                 : open_other(object, &opened);
        if (result < 0)
                return tap_fail(error, "opening a tap", -result, log);
        result = load(&opened, request);
        if (result < 0)
                return complain_load(request->hook, -result, log, error);
        object->program = bpf_program__fd(opened.program);
        object->ring = bpf_map__fd(opened.ring);
        if (request->hook == TAPS_XDP)
                object->before = bpf_map__fd(opened.before);
        object->state = request->hook == TAPS_NETFILTER
                            ? &((struct netfilter_bpf *)object->opened)->bss->state
                            : &((struct taps_bpf *)object->opened)->bss->state;
        return 0;
}

void tap_object_unload(struct tap_object *object)
{
        if (!object->opened)
                return;
        if (object->hook == TAPS_NETFILTER)
                netfilter_bpf__destroy(object->opened);
        else
                taps_bpf__destroy(object->opened);
}

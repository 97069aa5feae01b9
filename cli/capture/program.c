/* The filter program: compiled or read, listed, attached to the socket or run here. */
#include "base/array.h"
#include "base/clock.h"
#include "cli/taps/taps.h"
#include "run.h"

#include <linux/filter.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* For packets of this link type; live, of the interface `name`. */
static struct cbpf_target target_of(const struct run *run, const char *name, int link_type)
{
        const struct capture_info *info = capture_info(run->capture);

        return (struct cbpf_target){
            .link_type = link_type,
            /* Tests of processes are judged later, by whole packets. */
            .snapshot_length = run->language ? CAPTURE_MAX_SNAPSHOT : snapshot_length(run),
            .place = !run->live || info->by_libpcap ? CBPF_FILE
                     : info->any                    ? CBPF_LIVE_ANY
                                                    : CBPF_LIVE,
            .netmask = run->live && name && run->netmask_matters ? device_netmask(name) : 0,
            .saved = !run->live,
            .sets = run->sets,
        };
}

bool is_for_tap(const struct run *run, const struct compiled *compiled)
{
        return run->taps && compiled->tap != TAPS_SOCKET;
}

static int try_to_compile(const struct run *run, struct compiled *compiled, struct error *error)
{
        unsigned flags = compile_flags(run->command->unoptimized, run->command->optimize);
        int64_t start = clock_now(CLOCK_MONOTONIC);
        int result = cbpf_compile_and_report(run->expression, &compiled->target, flags,
                                             &compiled->program, &compiled->report, error);

        compiled->time = (double)(clock_now(CLOCK_MONOTONIC) - start) / 1e6;
        return result;
}

void expression_words(const struct run *run, int link_type, struct error *error)
{
        enum { LONGEST = 4096 }; /* libpcap's time grows with the square of the length */
        struct bpf_program program;
        pcap_t *pcap;

        if (!run->command->habits->libpcaps_words || error->kind == ERROR_MEMORY ||
            strlen(run->expression) > LONGEST)
                return;
        pcap = pcap_open_dead(link_type, CAPTURE_MAX_SNAPSHOT);
        if (!pcap)
                return;
        if (pcap_compile(pcap, &program, run->expression, 0, 0) < 0)
                error_set(error, "%s", pcap_geterr(pcap));
        else
                pcap_freecode(&program);
        pcap_close(pcap);
}

int complain_expression(const struct run *run, const struct error *error)
{
        const char *file = run->command->file_word;
        int status = complain_filter(run->expression, error);

        if (file && status == STATUS_USAGE)
                complain("'%s' is a file: each one to be read needs -r before it, or its name in "
                         "the list of -V",
                         file);
        return status;
}

static int compile_for_file(const struct run *run, struct compiled *compiled)
{
        struct error error;

        if (try_to_compile(run, compiled, &error) == 0)
                return STATUS_DONE;
        expression_words(run, compiled->target.link_type, &error);
        return complain_expression(run, &error);
}

/* Has the kernel take every packet and the filter, compiled for frames as they stand in a file, run
 * here: for what the kernel cannot do. */
static int compile_for_here(const struct run *run, struct compiled *compiled, const char *reason)
{
        if (!compiled->was_here)
                complain("%s: filt copies every packet and filters it itself", reason);
        compiled->here = true;
        compiled->target.place = CBPF_FILE;
        return compile_for_file(run, compiled);
}

/* --at: as an extended program, which may be of any length. */
static int compile_for_place(const struct run *run, struct compiled *compiled)
{
        char reason[sizeof(struct error)];
        struct error error;
        int status = compile_for_file(run, compiled);

        if (status)
                return status;
        compiled->extended =
            taps_compile(run->taps, compiled->tap, run->expression, &compiled->target, &error);
        if (compiled->extended)
                return STATUS_DONE;
        if (error.kind == ERROR_MEMORY) {
                cbpf_program_free(&compiled->program);
                return out_of_memory();
        }
        snprintf(reason, sizeof reason, "%s: %s", taps_name(run->taps, compiled->tap),
                 error.message);
        compiled->extended = taps_compile(run->taps, compiled->tap, "", &compiled->target, &error);
        if (!compiled->extended)
                return complain("%s", reason);
        cbpf_program_free(&compiled->program);
        return compile_for_here(run, compiled, reason);
}

static bool has_room(const struct run *run, const struct bpf_program *program)
{
        return run->command->follow_sets ? capture_has_room_to_replace(program)
                                         : capture_has_room(program);
}

/* Whether the kernel takes the classic program on a socket; if not, `error` says why. */
static bool is_taken(const struct run *run, const struct bpf_program *program, struct error *error)
{
        if (program->bf_len > CBPF_KERNEL_MAX)
                error_set(error, "the filter has %u instructions and the kernel takes at most %d",
                          program->bf_len, CBPF_KERNEL_MAX);
        else if (!run->command->listed && !has_room(run, program))
                error_set(error,
                          "the filter has %u instructions, for which a socket has no room (sysctl "
                          "net.core.optmem_max is the limit)",
                          program->bf_len);
        else
                return true;
        return false;
}

/* The kernel does not see the header of LINUX_SLL that packets of `any` get, so the filter runs
 * here. */
static int compile_for_first_cooked(const struct run *run, struct compiled *compiled)
{
        compiled->here = true;
        compiled->target.place = CBPF_FILE;
        return compile_for_file(run, compiled);
}

static int compile_for_kernel(const struct run *run, struct compiled *compiled)
{
        struct error error, classic;
        char reason[2 * sizeof error.message + 32];

        if (try_to_compile(run, compiled, &error) < 0) {
                if (error.kind == CBPF_ONLY_IN_FILE)
                        return compile_for_here(run, compiled, error.message);
                expression_words(run, compiled->target.link_type, &error);
                return complain_expression(run, &error);
        }
        if (is_taken(run, &compiled->program, &classic))
                return STATUS_DONE;
        error_set(&error, "-O leaves the program as it is");
        if (!run->command->unoptimized)
                compiled->extended =
                    extended_new(run->expression, &compiled->target, !run->command->listed, &error);
        if (compiled->extended)
                return STATUS_DONE;
        if (error.kind == ERROR_MEMORY) {
                cbpf_program_free(&compiled->program);
                return out_of_memory();
        }
        snprintf(reason, sizeof reason, "%s; as extended BPF: %s", classic.message, error.message);
        cbpf_program_free(&compiled->program);
        return compile_for_here(run, compiled, reason);
}

/* Takes the program of --program, live only one that the kernel does. */
static int take_program(const struct run *run, struct compiled *compiled)
{
        const struct capture_command *command = run->command;

        compiled->program = run->program;
        if (!run->live || command->listed || run->program.bf_len <= CBPF_KERNEL_MAX)
                return STATUS_DONE;
        complain("%s: the program has %u instructions and the kernel takes at most %d",
                 command->program, run->program.bf_len, CBPF_KERNEL_MAX);
        return STATUS_USAGE;
}

static int make_program(const struct run *run, struct compiled *compiled)
{
        if (run->command->program)
                return take_program(run, compiled);
        if (is_for_tap(run, compiled))
                return compile_for_place(run, compiled);
        if (compiled->target.link_type == DLT_LINUX_SLL && compiled->target.place != CBPF_FILE)
                return compile_for_first_cooked(run, compiled);
        if (compiled->target.place == CBPF_FILE || run->command->form == PROGRAM_TC ||
            (run->command->listed && program_is_extended(run->command->form)))
                return compile_for_file(run, compiled);
        return compile_for_kernel(run, compiled);
}

void compiled_add(struct compiled **list, struct compiled *compiled)
{
        struct compiled **link = *list ? &(*list)->next : list;

        compiled->next = *link;
        *link = compiled;
}

int compiled_make(const struct run *run, struct compiled **list, const struct cbpf_target *target,
                  uint32_t tap, bool was_here)
{
        struct compiled *compiled = calloc(1, sizeof *compiled);
        int status;

        if (!compiled)
                return out_of_memory();
        compiled->target = compiled->asked = *target;
        compiled->tap = tap;
        compiled->was_here = was_here;
        status = make_program(run, compiled);
        if (status)
                free(compiled);
        else
                compiled_add(list, compiled);
        return status;
}

/* Where sets are followed, another filter may follow that of a tap. */
static int make_place(const struct run *run, const struct cbpf_target *target, uint32_t tap)
{
        struct compiled *compiled =
            compiled_find(run->compiled, target->link_type, &target->netmask, tap);
        struct error error;

        if (!run->command->follow_sets || !is_for_tap(run, compiled))
                return STATUS_DONE;
        compiled->place = taps_make_place(run->taps, tap, compiled->extended, &error);
        return compiled->place ? STATUS_DONE : complain_error(&error);
}

/* Adds a program to those of the run. */
static int add_program(struct run *run, const struct cbpf_target *target, uint32_t tap)
{
        bool first = !run->compiled;
        int status;

        if (run->get_program)
                return run->get_program(run, target, tap);
        status = compiled_make(run, &run->compiled, target, tap, false);
        if (!status)
                status = make_place(run, target, tap);
        if (!status && first && !run->command->program && hints_are_shown(run->command->hints))
                show_hints(run->expression, target);
        return status;
}

void compiled_free(struct compiled **list, bool with_program)
{
        while (*list) {
                struct compiled *compiled = *list;

                *list = compiled->next;
                if (with_program)
                        cbpf_program_free(&compiled->program);
                extended_free(compiled->extended);
                extended_free(compiled->place);
                free(compiled);
        }
}

void free_compiled(struct run *run)
{
        compiled_free(&run->compiled, !run->command->program);
        cbpf_program_free(&run->program);
}

struct compiled *compiled_find(struct compiled *compiled, int link_type, const uint32_t *netmask,
                               uint32_t tap)
{
        while (compiled && (compiled->target.link_type != link_type || compiled->tap != tap ||
                            (netmask && compiled->target.netmask != *netmask)))
                compiled = compiled->next;
        return compiled;
}

uint32_t tap_of(const struct run *run, const struct capture_interface *interface)
{
        return run->taps ? taps_number(run->taps, interface) : 0;
}

struct cbpf_target target_on(const struct run *run, const struct capture_interface *interface)
{
        uint32_t tap = tap_of(run, interface);

        if (run->taps && tap != TAPS_SOCKET) {
                struct cbpf_target target =
                    target_of(run, taps_device(run->taps, interface), interface->link_type);

                taps_set_target(run->taps, tap, &target);
                return target;
        }
        if (!interface)
                return target_of(run, run->devices[0], capture_info(run->capture)->link_type);
        return target_of(run, interface->name, interface->link_type);
}

/* Makes the program for an interface, if it is not made yet. Returns a status. */
static int have_program(struct run *run, const struct capture_interface *interface,
                        struct compiled **compiled)
{
        struct cbpf_target target = target_on(run, interface);
        uint32_t tap = tap_of(run, interface);
        int status = STATUS_DONE;

        *compiled = compiled_find(run->compiled, target.link_type, &target.netmask, tap);
        if (*compiled)
                return status;
        status = add_program(run, &target, tap);
        *compiled = compiled_find(run->compiled, target.link_type, &target.netmask, tap);
        return status;
}

/* Before there is an interface: an expression that is wrong for all kinds of links is wrong. */
static int check_expression(const struct run *run)
{
        static const int link_types[] = {DLT_EN10MB, DLT_IEEE802_11_RADIO, DLT_RAW, DLT_LINUX_SLL2};
        struct error errors[array_count(link_types)];

        for (size_t i = 0; !run->command->program && i < array_count(link_types); i++) {
                struct compiled tried = {.target = target_of(run, run->devices[0], link_types[i])};
                int result = try_to_compile(run, &tried, &errors[i]);

                cbpf_program_free(&tried.program);
                if (result == 0 || errors[i].kind == CBPF_ONLY_IN_FILE)
                        return STATUS_DONE;
                if (errors[i].kind == ERROR_MEMORY)
                        return out_of_memory();
        }
        return run->command->program ? STATUS_DONE : complain_expression(run, &errors[0]);
}

/* Called as tcpdump: what is wrong with the expression that was read is said only now. */
static int check_late(const struct run *run)
{
        if (*run->command->unread.message)
                return complain_error(&run->command->unread);
        return *run->unresolved.message ? complain_expression(run, &run->unresolved) : STATUS_DONE;
}

int compile(struct run *run)
{
        const struct capture_interface *interface;
        struct compiled *compiled;
        int status = check_late(run);

        if (status)
                return status;
        if (run->live && capture_info(run->capture)->link_type < 0)
                return check_expression(run);
        if (!live_interface(run, 0)) {
                struct cbpf_target target = target_of(run, run->live ? run->devices[0] : NULL,
                                                      capture_info(run->capture)->link_type);

                return add_program(run, &target, 0);
        }
        for (uint32_t i = 0; !status && (interface = live_interface(run, i)); i++)
                status = have_program(run, interface, &compiled);
        return status;
}

/* To standard error: the program alone may go on into a pipe. */
static int tell_statistics(const struct run *run, const struct compiled *compiled)
{
        char path[64] = "unbounded, for it jumps back";
        uint32_t longest;
        int result = cbpf_longest_path(&compiled->program, &longest);

        if (result < 0)
                return out_of_memory();
        if (result == 0)
                snprintf(path, sizeof path, "%u", longest);
        if (run->command->program) {
                complain("%s; longest path: %s",
                         counted(compiled->program.bf_len, "instruction").text, path);
                return STATUS_DONE;
        }
        complain("%s; longest path: %s; compiled in %.3f ms, %s libpcap%s",
                 counted(compiled->program.bf_len, "instruction").text, path, compiled->time,
                 compiled->report.by_libpcap ? "with" : "without",
                 compiled->here ? "; runs in user space" : "");
        if (compiled->extended)
                extended_tell(compiled->extended);
        return STATUS_DONE;
}

static bool is_same_program(const struct bpf_program *one, const struct bpf_program *other)
{
        return one->bf_len == other->bf_len &&
               memcmp(one->bf_insns, other->bf_insns, one->bf_len * sizeof *one->bf_insns) == 0;
}

/* The interface, if it is only one; else NULL. */
static const char *only_device(const struct run *run)
{
        const struct capture_interface *first;

        if (!run->live || !run->capture)
                return NULL;
        first = live_interface(run, 0);
        if (!first)
                return run->devices[0];
        return live_interface(run, 1) ? NULL : first->name;
}

int print_listing(struct run *run)
{
        const struct capture_command *command = run->command;
        struct compiled *compiled = run->compiled;
        struct program_origin origin = {
            .expression = command->program ? NULL : command->expression,
            .device = only_device(run),
            .place = command->place,
            .tracepoint = command->tracepoint,
            .target = compiled->target,
            .target_known = !command->program || run->capture || command->link_type >= 0,
        };
        int status;

        for (struct compiled *other = compiled->next; other; other = other->next)
                if (!is_same_program(&compiled->program, &other->program))
                        return complain("these interfaces have different programs (link types, or "
                                        "netmasks, differ): list that of one at a time");
        choose_colors(command->color, STDOUT_FILENO);
        status = program_is_extended(command->form)
                     ? extended_write(command->form, &origin)
                     : program_write(command->form, &compiled->program, &origin);
        return status == STATUS_DONE && command->statistics ? tell_statistics(run, compiled)
                                                            : status;
}

int list_for_link_type(struct run *run)
{
        const struct capture_command *command = run->command;
        struct cbpf_target target = {
            .link_type = command->link_type < 0 ? DLT_EN10MB : command->link_type,
            .snapshot_length = (uint32_t)command->snapshot_length,
            .place = CBPF_FILE,
            .sets = run->sets,
        };
        int status;

        program_set_target(command->form, command->place, command->tracepoint, &target);
        if (command->habits->libpcaps_words && command->link_type < 0)
                say("Warning: assuming Ethernet");
        status = check_late(run);
        if (!status)
                status = add_program(run, &target, 0);
        return status ? status : print_listing(run);
}

/* Prepares the filter that runs here, for packets of this link type too. */
static int make_filter(struct run *run, const struct compiled *compiled)
{
        const struct capture_command *command = run->command;

        if (run->filter) {
                filter_enter(run->filter, compiled->target.link_type, &compiled->program);
                return STATUS_DONE;
        }
        run->filter = filter_new(run->expression, &compiled->target,
                                 compile_flags(command->unoptimized, command->optimize),
                                 &compiled->program, command->jit);
        if (run->filter && !run->live && hints_are_shown(command->hints))
                filter_look_deeper(run->filter);
        return run->filter ? STATUS_DONE : out_of_memory();
}

int begin_here(struct run *run, const struct compiled *compiled)
{
        if (!compiled->here)
                return STATUS_DONE;
        if (is_for_tap(run, compiled))
                taps_copy_whole(run->taps, compiled->tap, true);
        return make_filter(run, compiled);
}

/* --at, for interfaces that may appear: the expression need not be one for their link type. */
static bool is_useless_spare(const struct run *run, const struct capture_interface *interface)
{
        struct compiled tried = {0};
        struct error ignored;
        bool useless;

        if (!run->taps || !taps_is_spare(run->taps, interface))
                return false;
        tried.target = target_on(run, interface);
        if (compiled_find(run->compiled, tried.target.link_type, &tried.target.netmask,
                          tap_of(run, interface)))
                return false;
        useless = try_to_compile(run, &tried, &ignored) < 0;
        cbpf_program_free(&tried.program);
        return useless;
}

/* A capture_filter. The program for the interface, or, if it runs here, one that takes every
 * packet, whole: the filter may look past the bytes that are to be kept. */
static int program_for(void *context, const struct capture_interface *interface,
                       struct capture_program *program, struct error *error)
{
        static struct bpf_insn take_all[] = {BPF_STMT(BPF_RET | BPF_K, CAPTURE_MAX_SNAPSHOT)};
        static const struct bpf_program everything = {.bf_len = 1, .bf_insns = take_all};
        struct run *run = context;
        const struct extended *attached;
        struct compiled *compiled;

        if (is_useless_spare(run, interface) ||
            have_program(run, interface, &compiled) != STATUS_DONE)
                return error_set(error, "%s: the filter does not compile for it", interface->name);
        attached = compiled->place ? compiled->place : compiled->extended;
        *program = (struct capture_program){
            compiled->here ? &everything : &compiled->program,
            attached ? extended_program(attached) : -1,
        };
        if (begin_here(run, compiled) != STATUS_DONE)
                return error_set(error, "%s: the filter cannot run here", interface->name);
        return 0;
}

void attach(struct run *run)
{
        capture_set_filter(run->capture, program_for, run);
}

int attach_to_files(struct run *run)
{
        int status = make_filter(run, run->compiled);

        if (status)
                return status;
        if (!run->command->program && cbpf_program_asks(&run->compiled->program, SKF_AD_IFINDEX)) {
                complain("ifindex: packets of link type %s in a file do not say which interface "
                         "they came from",
                         link_type_name(run->compiled->target.link_type));
                return STATUS_USAGE;
        }
        for (size_t i = 0; run->files && i < run->command->read_count; i++)
                if (!filter_add(run->filter, capture_info(run->files[i])->link_type))
                        return STATUS_USAGE;
        capture_select(run->capture, filter_select, run->filter);
        return passage_check(run);
}

/* The filter program: compiled or read, listed, attached to the socket or run here. */
#include "base/clock.h"
#include "run.h"

#include <stdio.h>

static enum cbpf_place place_of(const struct run *run)
{
        if (!run->device)
                return CBPF_FILE;
        return capture_info(run->capture)->any ? CBPF_LIVE_ANY : CBPF_LIVE;
}

struct cbpf_target target_of(const struct run *run)
{
        return (struct cbpf_target){
            .link_type = capture_info(run->capture)->link_type,
            .snapshot_length = snapshot_length(run),
            .place = place_of(run),
            .netmask = run->device ? device_netmask(run->device) : 0,
        };
}

static int try_to_compile(struct run *run, const struct cbpf_target *target, struct error *error)
{
        unsigned flags = run->command->unoptimized ? CBPF_UNOPTIMIZED : 0;
        int64_t start = clock_now(CLOCK_MONOTONIC);
        int result = cbpf_compile_and_report(run->command->expression, target, flags, &run->program,
                                             &run->report, error);

        run->compile_time = (double)(clock_now(CLOCK_MONOTONIC) - start) / 1e6;
        return result;
}

int compile(struct run *run, const struct cbpf_target *target)
{
        struct error error;

        if (run->command->program || try_to_compile(run, target, &error) == 0)
                return STATUS_DONE;
        return complain_filter(run->command->expression, &error);
}

/* Has the kernel take every packet and the filter, compiled for frames as they stand in a file, run
 * here: for what the kernel cannot do. */
static int compile_for_here(struct run *run, struct cbpf_target *target, const char *reason)
{
        complain("%s: every packet is copied and filtered here", reason);
        run->filter_here = true;
        target->place = CBPF_FILE;
        return compile(run, target);
}

/* Takes the program of --program as the kernel does. */
static int take_live(const struct run *run)
{
        if (run->command->listed || run->program.bf_len <= CBPF_KERNEL_MAX)
                return STATUS_DONE;
        complain("%s: the program has %u instructions and the kernel takes at most %d",
                 run->command->program, run->program.bf_len, CBPF_KERNEL_MAX);
        return STATUS_USAGE;
}

int compile_live(struct run *run, struct cbpf_target *target)
{
        struct error error;
        char reason[128];

        if (run->command->program)
                return take_live(run);
        if (try_to_compile(run, target, &error) < 0) {
                if (error.kind == CBPF_ONLY_IN_FILE)
                        return compile_for_here(run, target, error.message);
                return complain_filter(run->command->expression, &error);
        }
        if (run->program.bf_len <= CBPF_KERNEL_MAX)
                return STATUS_DONE;
        snprintf(reason, sizeof reason,
                 "the filter has %u instructions and the kernel takes at most %d",
                 run->program.bf_len, CBPF_KERNEL_MAX);
        cbpf_program_free(&run->program);
        return compile_for_here(run, target, reason);
}

/* To standard error: the program alone may go on into a pipe. */
static void tell_statistics(const struct run *run)
{
        char path[64] = "unbounded, for it jumps back";
        uint32_t longest;
        int result = cbpf_longest_path(&run->program, &longest);

        if (result < 0)
                snprintf(path, sizeof path, "unknown, for memory is short");
        else if (result == 0)
                snprintf(path, sizeof path, "%u", longest);
        if (run->command->program) {
                complain("%s; longest path: %s", counted(run->program.bf_len, "instruction").text,
                         path);
                return;
        }
        complain("%s; longest path: %s; compiled in %.3f ms, %s libpcap%s",
                 counted(run->program.bf_len, "instruction").text, path, run->compile_time,
                 run->report.by_libpcap ? "with" : "without",
                 run->filter_here ? "; runs in user space" : "");
}

int print_listing(struct run *run, const struct cbpf_target *target)
{
        const struct capture_command *command = run->command;
        struct program_origin origin = {
            .expression = command->program ? NULL : command->expression,
            .device = run->device,
            .target = *target,
            .target_known = !command->program || run->capture || command->link_type >= 0,
        };
        int status = program_write(command->form, &run->program, &origin);

        if (status == STATUS_DONE && command->statistics)
                tell_statistics(run);
        return status;
}

int list_for_link_type(struct run *run)
{
        const struct capture_command *command = run->command;
        struct cbpf_target target = {
            .link_type = command->link_type < 0 ? DLT_EN10MB : command->link_type,
            .snapshot_length = (uint32_t)command->snapshot_length,
            .place = CBPF_FILE,
        };
        int status;

        program_set_target(command->form, &target);
        status = compile(run, &target);
        return status ? status : print_listing(run, &target);
}

/* Prepares the filter that runs here, for packets of the first link type. */
static int make_filter(struct run *run, const struct cbpf_target *target)
{
        const struct capture_command *command = run->command;

        run->filter =
            filter_new(command->program ? NULL : command->expression, target,
                       command->unoptimized ? CBPF_UNOPTIMIZED : 0, &run->program, command->jit);
        if (run->filter)
                return STATUS_DONE;
        return out_of_memory();
}

/* Attaches the program, or, if it runs here, one that takes every packet, whole: the filter may
 * look past the bytes that are to be kept. */
int attach(struct run *run, const struct cbpf_target *target)
{
        struct bpf_insn take_all[] = {BPF_STMT(BPF_RET | BPF_K, CAPTURE_MAX_SNAPSHOT)};
        struct bpf_program everything = {.bf_len = 1, .bf_insns = take_all};
        struct error error;

        if (capture_set_filter(run->capture, run->filter_here ? &everything : &run->program,
                               &error) < 0)
                return complain_error(&error);
        return run->filter_here ? make_filter(run, target) : STATUS_DONE;
}

/* Has the files' packets filtered as they are read. */
int attach_to_files(struct run *run, const struct cbpf_target *target)
{
        int status = make_filter(run, target);

        if (status)
                return status;
        for (size_t i = 0; run->files && i < run->command->read_count; i++)
                if (!filter_add(run->filter, capture_info(run->files[i])->link_type))
                        return STATUS_USAGE;
        capture_select(run->capture, filter_select, run->filter);
        return STATUS_DONE;
}

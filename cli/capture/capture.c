/* filt [options] [expression]: packets from an interface or a file, filtered, printed or saved. */
#include "run.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* What the signal handlers leave for the loop. `wake` makes a wait end that begins just after a
 * signal came. */
static volatile sig_atomic_t stop_requested;
static volatile sig_atomic_t statistics_requested;
static int wake = -1;
static struct capture *volatile signalled; /* told of a stop; NULL when there is none */

enum { OUTPUT_BUFFER = 64 << 10 };

static void on_signal(int signal)
{
        uint64_t one = 1;
        int saved = errno;

        if (signal == SIGUSR1)
                statistics_requested = 1;
        else
                stop_requested = 1;
        if (stop_requested && signalled)
                capture_interrupt(signalled);
        if (write(wake, &one, sizeof one) < 0) {
                /* the counter is full: the wait ends anyway */
        }
        errno = saved;
}

static int catch_signals(struct capture *capture)
{
        static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
        struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

        wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (wake < 0) {
                complain("eventfd: %s", strerror(errno));
                return -1;
        }
        signalled = capture;
        for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
                struct sigaction before;

                /* nohup, and a shell's background jobs, have some ignored: so they stay */
                if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
                        sigaction(signals[i], &action, NULL);
        }
        /* A reader of the printed lines who leaves must not take the saved packets along. */
        signal(SIGPIPE, SIG_IGN);
        return 0;
}

static const char *link_type_description(int link_type)
{
        const char *description = pcap_datalink_val_to_description(link_type);

        return description ? description : "unknown";
}

static void announce_one(const struct run *run, const char *doing, const char *name,
                         const struct capture *capture)
{
        int link_type = capture_info(capture)->link_type;

        complain("%s %s, link-type %s (%s), snapshot length %" PRIu32 " bytes", doing, name,
                 link_type_name(link_type), link_type_description(link_type),
                 run->device ? snapshot_length(run) : capture_info(capture)->snapshot_length);
}

static void announce(const struct run *run)
{
        if (run->device)
                announce_one(run, "listening on", run->device, run->capture);
        for (size_t i = 0; i < run->command->read_count; i++)
                announce_one(run, "reading from file", run->command->read_files[i],
                             run->files ? run->files[i] : run->capture);
}

static void print_statistics(struct run *run)
{
        struct capture_statistics statistics = capture_statistics(run->capture);

        complain("%s captured, %" PRIu64 " received by filter, %" PRIu64 " dropped by kernel",
                 counted(run->packets, "packet").text, statistics.received, statistics.dropped);
}

/* Nothing to read just now: show what there is, then wait. */
static int idle(struct run *run)
{
        struct error error;
        int status = flush_output(run);

        if (status)
                return status;
        return capture_wait(run->capture, wake, -1, &error) < 0 ? complain_error(&error)
                                                                : STATUS_DONE;
}

/* Does what signals have asked for. Returns true if one wants an end. The flags are looked at after
 * `wake` is emptied: a signal that comes later fills it again, and the next wait ends at once. */
static bool answer_signals(struct run *run)
{
        while (statistics_requested) {
                uint64_t count;

                statistics_requested = 0;
                if (read(wake, &count, sizeof count) < 0) {
                        /* empty already */
                }
                print_statistics(run);
        }
        return stop_requested;
}

/* True if the packet is wanted; then cuts a live one to what is to be kept of it: the kernel does
 * not count a link header or VLAN tag that is put in front later. */
static bool passes(const struct run *run, struct capture_record *record)
{
        if (run->filter_here && filter_one(run->filter, &record->packet) == 0)
                return false;
        if (record->packet.captured > snapshot_length(run))
                record->packet.captured = snapshot_length(run);
        return true;
}

static bool is_complete(const struct run *run)
{
        return savefile_full(run->savefile) ||
               (run->command->count && run->packets >= run->command->count);
}

/* Live: until the count, a signal or an error. Returns the status, or -1 to end quietly. */
static int loop(struct run *run)
{
        struct capture_record record;
        struct error error;
        bool stopping = false;
        int status = 0;

        while (!status && !is_complete(run)) {
                if (answer_signals(run) && !stopping) {
                        capture_stop(run->capture);
                        stopping = true;
                }
                switch (capture_next(run->capture, &record, &error)) {
                case CAPTURE_PACKET:
                        if (passes(run, &record))
                                status = deliver(run, &record);
                        break;
                case CAPTURE_EMPTY: status = idle(run); break;
                case CAPTURE_END: return STATUS_DONE;
                case CAPTURE_ERROR: flush_output(run); return complain_error(&error);
                }
        }
        return status;
}

/* From files: until the end, the count, a signal or an error. */
static int file_loop(struct run *run)
{
        struct capture_batch batch;
        struct error error;
        int status = 0;

        while (!status && !is_complete(run)) {
                if (answer_signals(run))
                        return STATUS_DONE;
                switch (capture_next_batch(run->capture, &batch, &error)) {
                case CAPTURE_PACKET:
                        if (filter_failed(run->filter))
                                return STATUS_FAILED;
                        status = deliver_batch(run, &batch);
                        progress_step(&run->progress, run->capture, batch.seen);
                        break;
                case CAPTURE_EMPTY:
                case CAPTURE_END: return STATUS_DONE;
                case CAPTURE_ERROR:
                        if (stop_requested)
                                return STATUS_DONE; /* capture_interrupt() cut the file */
                        flush_output(run);
                        return complain_error(&error);
                }
        }
        return status;
}

static int run_files(struct run *run)
{
        int status;

        progress_start(&run->progress, run->command->progress, run->prints);
        status = file_loop(run);
        progress_end(&run->progress, run->capture);
        return status;
}

/* Writes what is left and says the figures. */
static int finish(struct run *run, int status)
{
        int flushed;

        if (run->command->only_count && status >= 0)
                puts(counted(run->packets, "packet").text);
        flushed = status == STATUS_DONE ? flush_output(run) : status; /* else said already */
        if (run->savefile) {
                int closed = savefile_close(run->savefile);

                run->savefile = NULL;
                if (closed && flushed >= 0)
                        flushed = closed > 0 || !flushed ? closed : flushed;
        }
        if (run->device && status >= 0)
                print_statistics(run);
        if (status == STATUS_DONE)
                status = flushed;
        return status < 0 ? STATUS_DONE : status;
}

/* Lines leave by many a system call, also to a terminal: they are flushed where nothing is waiting.
 */
static void buffer_standard_output(void)
{
        static char buffer[OUTPUT_BUFFER];

        setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
}

static int capture_packets(struct run *run)
{
        struct cbpf_target target = target_of(run);
        struct error error;
        int status;

        status = run->device && run->command->form != PROGRAM_TC ? compile_live(run, &target)
                                                                 : compile(run, &target);
        if (status)
                return status;
        if (run->command->listed)
                return print_listing(run, &target);
        if (run->command->program && !run->device)
                program_warn_of_file(run->command->program, &run->program);
        if (cbpf_rejects_all(&run->program))
                complain("warning: no packet can match this filter");
        status = run->device ? attach(run, &target) : attach_to_files(run, &target);
        if (status)
                return status;
        if (catch_signals(run->capture) < 0)
                return STATUS_FAILED;
        if (capture_start(run->capture, &error) < 0)
                return complain_error(&error);
        status = open_outputs(run); /* now: a capture that cannot start must not empty a file */
        if (status)
                return status;
        announce(run);
        buffer_standard_output();
        return finish(run, run->device ? loop(run) : run_files(run));
}

static int check_link_type(const struct run *run)
{
        int wanted = run->command->link_type;
        int have = capture_info(run->capture)->link_type;

        if (wanted < 0 || wanted == have)
                return STATUS_DONE;
        return complain("%s: link type %s is not one of the interface's: it has %s", run->device,
                        link_type_name(wanted), link_type_name(have));
}

static int run_command(struct run *run)
{
        const struct capture_command *command = run->command;
        int status;

        if (command->list_devices)
                return list_devices();
        status = command->program ? program_read(command->program, command->optimize, &run->program)
                                  : STATUS_DONE;
        if (status)
                return status;
        if (command->listed && !command->device && !command->read_count)
                return list_for_link_type(run);
        run->capture = command->read_count ? open_files(run) : open_device(run);
        if (!run->capture)
                return STATUS_FAILED;
        if (command->list_links)
                return list_link_types(run->device ? run->device : command->read_files[0],
                                       capture_info(run->capture)->link_type);
        status = check_link_type(run);
        return status ? status : capture_packets(run);
}

int capture_run(char **argv)
{
        struct capture_command command;
        struct run run = {.command = &command};
        int status = capture_command_read(argv, &command);

        if (status == GO_ON)
                status = run_command(&run);
        signalled = NULL;
        capture_close(run.capture); /* first: its threads filter */
        cbpf_program_free(&run.program);
        for (size_t i = 0; i < MAX_PRINTERS; i++)
                printer_free(run.printers[i].printer);
        filter_free(run.filter);
        free(run.files);
        resolver_free(run.resolver);
        free(run.device);
        capture_command_free(&command);
        return status;
}

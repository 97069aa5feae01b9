/* filt [options] [expression]: packets from an interface or a file, filtered, printed or saved. */
#include "capture.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* What the signal handlers leave for the loop. `wake` makes a wait end that begins just after a
 * signal came. */
static volatile sig_atomic_t stop_requested;
static volatile sig_atomic_t statistics_requested;
static int wake = -1;
static struct capture *volatile signalled; /* told of a stop; NULL when there is none */

struct run {
        const struct capture_command *command;
        char *device; /* NULL when reading a file */
        struct capture *capture;
        struct bpf_program program;
        struct cbpf_report report; /* on the program */
        double compile_time;       /* milliseconds */
        bool filter_here;          /* not in the kernel: a file, or a program too long for it */
        struct capture_writer *writer;
        struct printer *printer;
        struct resolver *resolver;
        uint64_t packets;
};

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

static const char *link_type_name(int link_type)
{
        const char *name = pcap_datalink_val_to_name(link_type);

        return name ? name : "unknown";
}

static const char *link_type_description(int link_type)
{
        const char *description = pcap_datalink_val_to_description(link_type);

        return description ? description : "unknown";
}

static int failed(const struct capture_error *error)
{
        complain("%s", error->message);
        return STATUS_FAILED;
}

/* Opens the interface or file. */
static struct capture *open_source(struct run *run)
{
        const struct capture_command *command = run->command;
        struct capture_live_options options = {
            .snapshot_length = CAPTURE_MAX_SNAPSHOT, /* the filter's return value cuts */
            .buffer = command->buffer,
            .promiscuous = command->promiscuous,
            .direction = command->direction,
        };
        struct capture_error error;
        struct capture *capture;

        if (command->read_file) {
                capture = capture_open_file(command->read_file, &error);
        } else {
                run->device = choose_device(command->device);
                if (!run->device)
                        return NULL;
                capture = capture_open_live(run->device, &options, &error);
        }
        if (!capture)
                failed(&error);
        return capture;
}

/* Bytes kept of a packet, at most. tcpdump ignores -s for a file, too. */
static uint32_t snapshot_length(const struct run *run)
{
        return run->device ? run->command->snapshot_length : capture_snapshot_length(run->capture);
}

static struct cbpf_target target_of(const struct run *run)
{
        return (struct cbpf_target){
            .link_type = capture_link_type(run->capture),
            .snapshot_length = snapshot_length(run),
            .place = run->device ? CBPF_LIVE : CBPF_FILE,
            .netmask = run->device ? device_netmask(run->device) : 0,
        };
}

static int try_to_compile(struct run *run, const struct cbpf_target *target,
                          struct cbpf_error *error)
{
        unsigned flags = run->command->unoptimized ? CBPF_UNOPTIMIZED : 0;

        struct timespec start, end;
        int result;

        clock_gettime(CLOCK_MONOTONIC, &start);
        result = cbpf_compile_and_report(run->command->expression, target, flags, &run->program,
                                         &run->report, error);
        clock_gettime(CLOCK_MONOTONIC, &end);
        run->compile_time =
            (double)(end.tv_sec - start.tv_sec) * 1e3 + (double)(end.tv_nsec - start.tv_nsec) / 1e6;
        return result;
}

static int compile(struct run *run, const struct cbpf_target *target)
{
        struct cbpf_error error;

        if (try_to_compile(run, target, &error) == 0)
                return STATUS_DONE;
        complain_filter(run->command->expression, &error);
        return STATUS_USAGE;
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

/* Compiles for the kernel where that can be, else for here. */
static int compile_live(struct run *run, struct cbpf_target *target)
{
        struct cbpf_error error;
        char reason[128];

        if (try_to_compile(run, target, &error) < 0) {
                if (error.only_in_file)
                        return compile_for_here(run, target, error.message);
                complain_filter(run->command->expression, &error);
                return STATUS_USAGE;
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
        complain("%u instructions; longest path: %s; compiled in %.3f ms, %s libpcap",
                 run->program.bf_len, path, run->compile_time,
                 run->report.by_libpcap ? "with" : "without");
}

static int print_listing(const struct run *run)
{
        char *listing = cbpf_list(&run->program, run->command->listing);

        if (!listing) {
                complain("out of memory");
                return STATUS_FAILED;
        }
        fputs(listing, stdout);
        free(listing);
        if (run->command->statistics)
                tell_statistics(run);
        return STATUS_DONE;
}

/* -d without a device or file: nothing is opened. */
static int list_for_link_type(struct run *run)
{
        const struct capture_command *command = run->command;
        struct cbpf_target target = {
            .link_type = command->link_type < 0 ? DLT_EN10MB : command->link_type,
            .snapshot_length = command->snapshot_length,
            .place = CBPF_FILE,
        };
        int status = compile(run, &target);

        return status ? status : print_listing(run);
}

/* Attaches the program, or, if it runs here, one that takes every packet, whole: the filter may
 * look past the bytes that are to be kept. */
static int attach(struct run *run)
{
        struct bpf_insn take_all[] = {BPF_STMT(BPF_RET | BPF_K, CAPTURE_MAX_SNAPSHOT)};
        struct bpf_program everything = {.bf_len = 1, .bf_insns = take_all};
        struct capture_error error;

        if (capture_set_filter(run->capture, run->filter_here ? &everything : &run->program,
                               &error) < 0)
                return failed(&error);
        return STATUS_DONE;
}

/* True if -w would empty the very file that is to be read. */
static bool would_overwrite_input(const struct capture_command *command)
{
        struct stat in;
        struct stat out;

        if (!command->read_file || stat(command->write_file, &out) < 0)
                return false;
        if ((strcmp(command->read_file, "-") == 0 ? fstat(STDIN_FILENO, &in)
                                                  : stat(command->read_file, &in)) < 0)
                return false;
        return S_ISREG(in.st_mode) && in.st_dev == out.st_dev && in.st_ino == out.st_ino;
}

/* https://no-color.org for those who never want any. */
static bool shows_color(const struct capture_command *command)
{
        const char *never = getenv("NO_COLOR");
        const char *terminal = getenv("TERM");

        if (command->color != COLOR_AUTO)
                return command->color == COLOR_ALWAYS;
        return isatty(STDOUT_FILENO) && !(never && *never) && terminal &&
               strcmp(terminal, "dumb") != 0;
}

static int open_outputs(struct run *run)
{
        const struct capture_command *command = run->command;
        struct print_options printing = command->printing;
        bool nanoseconds = capture_nanoseconds(run->capture) && !command->microseconds;
        struct capture_error error;

        if (command->write_file) {
                if (would_overwrite_input(command)) {
                        complain("%s: is the file being read; write to another one",
                                 command->write_file);
                        return STATUS_FAILED;
                }
                run->writer =
                    capture_writer_open(command->write_file, capture_link_type(run->capture),
                                        snapshot_length(run), nanoseconds, &error);
                if (!run->writer)
                        return failed(&error);
        }
        if (command->only_count || (command->write_file && !command->print))
                return STATUS_DONE;
        printing.link_type = capture_link_type(run->capture);
        printing.interface = run->device;
        printing.color = shows_color(command);
        if (command->resolve && (run->resolver = resolver_new()))
                printing.names =
                    (struct print_names){resolver_address, resolver_port, run->resolver};
        run->printer = printer_new(&printing);
        if (!run->printer || (command->resolve && !run->resolver)) {
                complain("out of memory");
                return STATUS_FAILED;
        }
        return STATUS_DONE;
}

static void announce(const struct run *run)
{
        int link_type = capture_link_type(run->capture);
        const char *doing = run->device ? "listening on" : "reading from file";

        complain("%s %s, link-type %s (%s), snapshot length %" PRIu32 " bytes", doing,
                 run->device ? run->device : run->command->read_file, link_type_name(link_type),
                 link_type_description(link_type), snapshot_length(run));
}

static const char *plural(uint64_t count)
{
        return count == 1 ? "" : "s";
}

static void print_statistics(struct run *run)
{
        struct capture_statistics statistics = capture_statistics(run->capture);

        complain("%" PRIu64 " packet%s captured, %" PRIu64 " received by filter, %" PRIu64
                 " dropped by kernel",
                 run->packets, plural(run->packets), statistics.received, statistics.dropped);
}

/* Hands on what has been printed and, with -U, saved; returns as flush_standard_output(). */
static int flush_output(struct run *run)
{
        struct capture_error error;

        if (run->writer && run->command->unbuffered &&
            capture_writer_flush(run->writer, &error) < 0)
                return errno == EPIPE ? -1 : failed(&error);
        return flush_standard_output();
}

/* Prints and saves one packet that passed. Returns 0 to go on, a status to end, -1 to end quietly.
 */
static int deliver(struct run *run, const struct capture_packet *packet)
{
        struct print_packet printed = {
            .data = packet->data,
            .captured = packet->captured,
            .length = packet->length,
            .time = packet->time,
        };
        struct capture_error error;
        const char *text;
        size_t length;

        run->packets++;
        if (run->writer && capture_writer_write(run->writer, packet, &error) < 0)
                return errno == EPIPE ? -1 : failed(&error);
        if (run->printer) {
                text = printer_print(run->printer, &printed, &length);
                if (!text) {
                        complain("out of memory");
                        return STATUS_FAILED;
                }
                fwrite_unlocked(text, 1, length, stdout); /* no other thread writes there */
        }
        if (run->command->line_buffered || run->command->unbuffered || ferror(stdout))
                return flush_output(run);
        return 0;
}

/* Nothing to read just now: show what there is, then wait. */
static int idle(struct run *run)
{
        struct capture_error error;
        int status = flush_output(run);

        if (status)
                return status;
        return capture_wait(run->capture, wake, -1, &error) < 0 ? failed(&error) : STATUS_DONE;
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
static bool passes(const struct run *run, struct capture_packet *packet)
{
        if (run->filter_here &&
            cbpf_run(&run->program, packet->data, packet->length, packet->captured) == 0)
                return false;
        if (packet->captured > snapshot_length(run))
                packet->captured = snapshot_length(run);
        return true;
}

/* Until the end, the count, a signal or an error. Returns the status, or -1 to end quietly. */
static int loop(struct run *run)
{
        struct capture_packet packet;
        struct capture_error error;
        bool stopping = false;
        int status = 0;

        while (!status) {
                if (answer_signals(run) && !stopping) {
                        capture_stop(run->capture);
                        stopping = true;
                }
                if (stopping && !run->device)
                        return STATUS_DONE;
                switch (capture_next(run->capture, &packet, &error)) {
                case CAPTURE_PACKET:
                        if (passes(run, &packet))
                                status = deliver(run, &packet);
                        if (run->command->count && run->packets == run->command->count)
                                return status;
                        break;
                case CAPTURE_EMPTY: status = idle(run); break;
                case CAPTURE_END: return STATUS_DONE;
                case CAPTURE_ERROR:
                        if (stop_requested && !run->device)
                                return STATUS_DONE; /* capture_interrupt() cut the file */
                        flush_output(run);
                        return failed(&error);
                }
        }
        return status;
}

/* Writes what is left and says the figures. */
static int finish(struct run *run, int status)
{
        struct capture_error error;
        int flushed;

        if (run->command->only_count && status >= 0)
                printf("%" PRIu64 " packet%s\n", run->packets, plural(run->packets));
        flushed = status == STATUS_DONE ? flush_output(run) : status; /* else said already */
        if (run->writer && capture_writer_close(run->writer, &error) < 0 && flushed >= 0)
                flushed = errno != EPIPE ? failed(&error) : flushed ? flushed : -1;
        if (run->device && status >= 0)
                print_statistics(run);
        if (status == STATUS_DONE)
                status = flushed;
        return status < 0 ? STATUS_DONE : status;
}

static int capture_packets(struct run *run)
{
        struct cbpf_target target = target_of(run);
        struct capture_error error;
        int status;

        run->filter_here = !run->device;
        status = run->device ? compile_live(run, &target) : compile(run, &target);
        if (status)
                return status;
        if (run->command->list)
                return print_listing(run);
        if (cbpf_rejects_all(&run->program))
                complain("warning: no packet can match this filter");
        if (run->device)
                status = attach(run);
        if (status)
                return status;
        if (catch_signals(run->capture) < 0)
                return STATUS_FAILED;
        if (capture_start(run->capture, &error) < 0)
                return failed(&error);
        status = open_outputs(run); /* now: a capture that cannot start must not empty a file */
        if (status)
                return status;
        announce(run);
        return finish(run, loop(run));
}

static int check_link_type(const struct run *run)
{
        int wanted = run->command->link_type;
        int have = capture_link_type(run->capture);

        if (wanted < 0 || wanted == have)
                return STATUS_DONE;
        complain("%s: link type %s is not one of the interface's: it has %s", run->device,
                 link_type_name(wanted), link_type_name(have));
        return STATUS_FAILED;
}

static int run_command(struct run *run)
{
        const struct capture_command *command = run->command;
        int status;

        if (command->list_devices)
                return list_devices();
        if (command->list && !command->device && !command->read_file)
                return list_for_link_type(run);
        run->capture = open_source(run);
        if (!run->capture)
                return STATUS_FAILED;
        if (command->list_links)
                return list_link_types(run->device ? run->device : command->read_file,
                                       capture_link_type(run->capture));
        status = check_link_type(run);
        return status ? status : capture_packets(run);
}

int capture_run(int argc, char **argv)
{
        struct capture_command command;
        struct run run = {.command = &command};
        int status = STATUS_USAGE;

        switch (capture_command_read(argc, argv, &command)) {
        case OPTIONS_DONE: status = STATUS_DONE; break;
        case OPTIONS_RUN: status = run_command(&run); break;
        case OPTIONS_WRONG: break;
        }
        signalled = NULL;
        cbpf_program_free(&run.program);
        capture_close(run.capture);
        printer_free(run.printer);
        resolver_free(run.resolver);
        free(run.device);
        capture_command_free(&command);
        return status;
}

/* filt [options] [expression]: packets from an interface or a file, filtered, printed or saved. */
#include "capture.h"
#include "filter.h"
#include "progress.h"
#include "savefile.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* What the signal handlers leave for the loop. `wake` makes a wait end that begins just after a
 * signal came. */
static volatile sig_atomic_t stop_requested;
static volatile sig_atomic_t statistics_requested;
static int wake = -1;
static struct capture *volatile signalled; /* told of a stop; NULL when there is none */

enum {
        MAX_PRINTERS = 64, /* link types among the packets of one run */
        LARGE_FILE = 32 << 20,
        MAX_OWN_THREADS = 4,
        OUTPUT_BUFFER = 64 << 10,
};

struct run {
        const struct capture_command *command;
        char *device; /* NULL when reading a file */
        struct capture *capture;
        struct capture **files; /* what `capture` merges, which owns them; NULL if it is one file */
        struct bpf_program program;
        struct cbpf_report report; /* on the program */
        double compile_time;       /* milliseconds */
        bool filter_here;          /* live, but not in the kernel: for a program it does not take */
        struct filter *filter;     /* of files, or live, if `filter_here` */
        struct savefile *savefile;
        bool prints;
        struct {
                int link_type;
                struct printer *printer;
        } printers[MAX_PRINTERS]; /* one a link type */
        struct progress progress;
        struct resolver *resolver;
        uint64_t packets; /* that passed */
        bool full;        /* -W ended it */
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

static int failed(const struct error *error)
{
        complain("%s", error->message);
        return STATUS_FAILED;
}

static struct capture *open_device(struct run *run)
{
        static const enum capture_direction directions[] = {
            [DIRECTION_IN] = CAPTURE_IN,
            [DIRECTION_OUT] = CAPTURE_OUT,
            [DIRECTION_INOUT] = CAPTURE_INOUT,
        };
        const struct capture_command *command = run->command;
        struct capture_live_options options = {
            .snapshot_length = CAPTURE_MAX_SNAPSHOT, /* the filter's return value cuts */
            .buffer = command->buffer,
            .promiscuous = command->promiscuous,
            .direction = directions[command->direction],
        };
        struct error error;
        struct capture *capture;

        run->device = choose_device(command->device);
        if (!run->device)
                return NULL;
        capture = capture_open_live(run->device, &options, &error);
        if (!capture)
                failed(&error);
        return capture;
}

/* Of a large file, each thread filters a part as fast as memory gives it, so all cores are wanted;
 * a small one is read before they have started. */
static unsigned threads_for(const struct capture_command *command, const struct capture *capture)
{
        cpu_set_t cores;
        int count;

        if (command->threads)
                return (unsigned)command->threads;
        if (capture_progress(capture).size < LARGE_FILE ||
            sched_getaffinity(0, sizeof cores, &cores) < 0)
                return 1;
        count = CPU_COUNT(&cores);
        return count < MAX_OWN_THREADS ? (unsigned)count : MAX_OWN_THREADS;
}

static struct capture *open_file(const struct run *run, const char *path)
{
        struct error error;
        struct capture *capture = capture_open_file(path, &error);

        if (!capture) {
                failed(&error);
                return NULL;
        }
        capture_allow_links(capture);
        if (run->command->read_count == 1)
                capture_set_threads(capture, threads_for(run->command, capture));
        return capture;
}

/* All files are open at once, and the usual limit is 1,024. What cannot be opened even so is told
 * by name. */
static void allow_open_files(void)
{
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
                return;
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
}

/* Opens the files, as one. */
static struct capture *open_files(struct run *run)
{
        size_t count = run->command->read_count;
        size_t opened = 0;

        if (count == 1)
                return open_file(run, run->command->read_files[0]);
        allow_open_files();
        run->files = calloc(count, sizeof *run->files);
        while (run->files && opened < count &&
               (run->files[opened] = open_file(run, run->command->read_files[opened])))
                opened++;
        if (run->files && opened == count) {
                struct capture *merged = capture_merge(run->files, count);

                if (merged)
                        return merged;
        }
        if (!run->files || opened == count)
                complain("out of memory");
        while (opened > 0)
                capture_close(run->files[--opened]);
        return NULL;
}

/* Bytes kept of a packet, at most. tcpdump ignores -s for a file, too. */
static uint32_t snapshot_length(const struct run *run)
{
        return run->device ? (uint32_t)run->command->snapshot_length
                           : capture_snapshot_length(run->capture);
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

static int try_to_compile(struct run *run, const struct cbpf_target *target, struct error *error)
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
        struct error error;

        if (run->command->program || try_to_compile(run, target, &error) == 0)
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

/* Takes the program of --program as the kernel does. */
static int take_live(const struct run *run)
{
        if (run->command->listed || run->program.bf_len <= CBPF_KERNEL_MAX)
                return STATUS_DONE;
        complain("%s: the program has %u instructions and the kernel takes at most %d",
                 run->command->program, run->program.bf_len, CBPF_KERNEL_MAX);
        return STATUS_USAGE;
}

/* Compiles for the kernel where that can be, else for here. */
static int compile_live(struct run *run, struct cbpf_target *target)
{
        struct error error;
        char reason[128];

        if (run->command->program)
                return take_live(run);
        if (try_to_compile(run, target, &error) < 0) {
                if (error.kind == CBPF_ONLY_IN_FILE)
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
        if (run->command->program) {
                complain("%s; longest path: %s", counted(run->program.bf_len, "instruction").text,
                         path);
                return;
        }
        complain("%s; longest path: %s; compiled in %.3f ms, %s libpcap",
                 counted(run->program.bf_len, "instruction").text, path, run->compile_time,
                 run->report.by_libpcap ? "with" : "without");
}

static int print_listing(struct run *run, const struct cbpf_target *target)
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

/* -d without a device or file: nothing is opened. */
static int list_for_link_type(struct run *run)
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
        complain("out of memory");
        return STATUS_FAILED;
}

/* Attaches the program, or, if it runs here, one that takes every packet, whole: the filter may
 * look past the bytes that are to be kept. */
static int attach(struct run *run, const struct cbpf_target *target)
{
        struct bpf_insn take_all[] = {BPF_STMT(BPF_RET | BPF_K, CAPTURE_MAX_SNAPSHOT)};
        struct bpf_program everything = {.bf_len = 1, .bf_insns = take_all};
        struct error error;

        if (capture_set_filter(run->capture, run->filter_here ? &everything : &run->program,
                               &error) < 0)
                return failed(&error);
        return run->filter_here ? make_filter(run, target) : STATUS_DONE;
}

/* Has the files' packets filtered as they are read. */
static int attach_to_files(struct run *run, const struct cbpf_target *target)
{
        int status = make_filter(run, target);

        if (status)
                return status;
        for (size_t i = 0; run->files && i < run->command->read_count; i++)
                if (!filter_add(run->filter, capture_link_type(run->files[i])))
                        return STATUS_USAGE;
        capture_select(run->capture, filter_select, run->filter);
        return STATUS_DONE;
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

/* The printer for packets of this link type; NULL after a complaint. */
static struct printer *printer_for(struct run *run, int link_type)
{
        struct print_options options = run->command->printing;

        for (size_t i = 0; i < MAX_PRINTERS; i++) {
                if (run->printers[i].printer && run->printers[i].link_type == link_type)
                        return run->printers[i].printer;
                if (run->printers[i].printer)
                        continue;
                options.link_type = link_type;
                options.interface = run->device;
                options.color = shows_color(run->command);
                if (run->resolver)
                        options.names =
                            (struct print_names){resolver_address, resolver_port, run->resolver};
                run->printers[i].link_type = link_type;
                run->printers[i].printer = printer_new(&options);
                if (!run->printers[i].printer)
                        break;
                return run->printers[i].printer;
        }
        complain("out of memory");
        return NULL;
}

static int open_outputs(struct run *run)
{
        const struct capture_command *command = run->command;

        if (command->write_file) {
                run->savefile = savefile_open(command, run->capture, snapshot_length(run));
                if (!run->savefile)
                        return STATUS_FAILED;
        }
        if (command->only_count || (command->write_file && !command->print))
                return STATUS_DONE;
        if (command->resolve && !(run->resolver = resolver_new())) {
                complain("out of memory");
                return STATUS_FAILED;
        }
        run->prints = true;
        return printer_for(run, capture_link_type(run->capture)) ? STATUS_DONE : STATUS_FAILED;
}

static void announce_one(const struct run *run, const char *doing, const char *name,
                         const struct capture *capture)
{
        int link_type = capture_link_type(capture);

        complain("%s %s, link-type %s (%s), snapshot length %" PRIu32 " bytes", doing, name,
                 link_type_name(link_type), link_type_description(link_type),
                 run->device ? snapshot_length(run) : capture_snapshot_length(capture));
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

/* The status to end with, 0 to go on. `full` becomes true where -W ends the run in order. */
static int status_of(struct run *run, enum savefile_result result)
{
        switch (result) {
        case SAVEFILE_DONE: return STATUS_DONE;
        case SAVEFILE_FULL: run->full = true; return STATUS_DONE;
        case SAVEFILE_FAILED: break;
        }
        return STATUS_FAILED;
}

/* Hands on what has been printed and, with -U, saved; returns as flush_standard_output(). */
static int flush_output(struct run *run)
{
        if (run->savefile && run->command->unbuffered) {
                int status = status_of(run, savefile_flush(run->savefile));

                if (status)
                        return status;
        }
        return flush_standard_output();
}

static int print_packet(struct run *run, int link_type, const struct capture_record *record)
{
        struct printer *printer = printer_for(run, link_type);
        const char *text;
        size_t length;

        if (!printer)
                return STATUS_FAILED;
        text = printer_print(printer, &record->packet, &record->time, &length);
        if (!text) {
                complain("out of memory");
                return STATUS_FAILED;
        }
        fwrite_unlocked(text, 1, length, stdout);
        return STATUS_DONE;
}

/* After what has been delivered: hands it on at once where that is asked for, and notices a reader
 * who has left. */
static int handed_on(struct run *run)
{
        if (run->command->line_buffered || run->command->unbuffered || ferror(stdout))
                return flush_output(run);
        return STATUS_DONE;
}

/* Prints and saves one packet that passed. Returns 0 to go on, a status to end, -1 to end quietly.
 */
static int deliver(struct run *run, const struct capture_record *record)
{
        int status = STATUS_DONE;

        run->packets++;
        if (run->savefile)
                status = status_of(run, savefile_packet(run->savefile, record));
        if (!status && run->prints)
                status = print_packet(run, capture_link_type(run->capture), record);
        return status ? status : handed_on(run);
}

/* How much of a batch is wanted: up to the packet that makes the count of -c full. Adds those that
 * passed to the packets delivered. */
static size_t take_count(struct run *run, const struct capture_batch *batch)
{
        uint64_t limit = run->command->count ? run->command->count : UINT64_MAX;

        for (size_t i = 0; i < batch->count; i++) {
                run->packets += batch->verdicts[i] != 0;
                if (run->packets == limit)
                        return i + 1;
        }
        return batch->count;
}

static int print_batch(struct run *run, const struct capture_batch *batch, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                struct capture_record record;
                int status;

                if (batch->verdicts[i] == 0)
                        continue;
                capture_batch_record(batch, i, &record);
                status = print_packet(run, batch->link_type, &record);
                if (!status && (run->command->line_buffered || ferror(stdout)))
                        status = flush_output(run);
                if (status)
                        return status;
        }
        return STATUS_DONE;
}

/* The same for a batch from files. */
static int deliver_batch(struct run *run, const struct capture_batch *batch)
{
        bool streams = capture_progress(run->capture).size == 0; /* more may come much later */
        size_t wanted = take_count(run, batch);
        int status = STATUS_DONE;

        if (run->savefile)
                status = status_of(run, savefile_batch(run->savefile, batch, 0, wanted));
        if (!status && run->prints)
                status = print_batch(run, batch, wanted);
        if (!status && streams && run->prints)
                return flush_output(run);
        return status ? status : handed_on(run);
}

/* Nothing to read just now: show what there is, then wait. */
static int idle(struct run *run)
{
        struct error error;
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
        return run->full || (run->command->count && run->packets >= run->command->count);
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
                case CAPTURE_ERROR: flush_output(run); return failed(&error);
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
                        return failed(&error);
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
                int closed = status_of(run, savefile_close(run->savefile));

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
                return failed(&error);
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
                                       capture_link_type(run->capture));
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

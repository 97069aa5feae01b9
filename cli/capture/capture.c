/* filt [options] [expression]: packets from an interface or a file, filtered, printed or saved. */
#include "base/clock.h"
#include "cli/fate/fate.h"
#include "cli/netns/netns.h"
#include "cli/process/process.h"
#include "cli/taps/taps.h"
#include "run.h"
#include "signals.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
        IDLE_MS = 100,      /* without a packet, after which what there is is written */
        FLUSH_MS = 500,     /* until it is written at the latest */
        CLOCK_PACKETS = 64, /* after so many, the clock is looked at */
        TELL_MS = 1000,
        BURST = 32, /* live packets at a time, before signals are looked at */
};

/* What was received by the filter is what was captured or lost: the kernel also counts packets that
 * come twice, go the other way, do not pass a filter that runs here, or come after the last of -c.
 */
static void print_statistics(struct run *run)
{
        uint64_t dropped = run->capture ? capture_statistics(run->capture).dropped : 0;
        const struct capture_interface *interface;
        char rest[48] = "";
        uint64_t received = run->packets + dropped + run->undelivered;

        if (run->command->habits->bare_lines) {
                say("%s captured", counted(run->packets, "packet").text);
                say("%s received by filter", counted(received, "packet").text);
                say("%s dropped by kernel", counted(dropped, "packet").text);
                return;
        }
        if (run->undelivered)
                snprintf(rest, sizeof rest, ", %" PRIu64 " not delivered", run->undelivered);
        complain("%s captured, %" PRIu64 " received by filter, %" PRIu64 " dropped by kernel%s",
                 counted(run->packets, "packet").text, received, dropped, rest);
        if (run->fate && fate_lost_events(run->fate) > 0)
                complain("--fate: %s lost: what became of such packets is unknown, unless that is "
                         "told (-B makes the buffer larger)",
                         counted(fate_lost_events(run->fate), "event").text);
        if (!run->capture || !run->command->printing.verbose || !live_interface(run, 1))
                return;
        for (uint32_t i = 0; (interface = live_interface(run, i)); i++)
                if (interface->counted)
                        complain("%s: %" PRIu64 " received by filter, %" PRIu64
                                 " dropped by kernel",
                                 interface->name, interface->delivered + interface->dropped,
                                 interface->dropped);
}

/* --- Time --- */

/* Milliseconds, by a clock that is never set. */
static int64_t now(void)
{
        return clock_now(CLOCK_MONOTONIC) / 1000000;
}

static int64_t earlier(int64_t one, int64_t other)
{
        return one < other ? one : other;
}

/* Notes when --duration ends, if it has not begun yet. */
static void begin_duration(struct run *run)
{
        const struct capture_command *command = run->command;

        if (run->end_at == 0)
                run->end_at = command->duration ? now() + (int64_t)command->duration : INT64_MAX;
}

/* -v -w: the number of packets is told, once they are captured. */
static void begin_counting(struct run *run)
{
        const struct capture_command *command = run->command;
        bool tells =
            run->live && command->printing.verbose > 0 && command->write_file && !command->print;

        run->tell_at = tells ? now() + TELL_MS : INT64_MAX;
        run->told = UINT64_MAX;
}

/* When what is saved is to be written; INT64_MAX if all of it is. */
static int64_t flush_deadline(const struct run *run)
{
        if (!run->unwritten_since)
                return INT64_MAX;
        return earlier(run->unwritten_since + FLUSH_MS, run->last_packet + IDLE_MS);
}

/* When the next thing is to be done, if no packet comes. */
static int64_t next_deadline(const struct run *run)
{
        int64_t deadline = run->stopping ? INT64_MAX : run->end_at;

        if (run->savefile)
                deadline = earlier(deadline, savefile_deadline(run->savefile));
        deadline = earlier(deadline, run->tell_at);
        return earlier(deadline, flush_deadline(run));
}

/* -v -w: says each second how many packets have come, if that is news. */
static void tell_count(struct run *run, int64_t time)
{
        if (time < run->tell_at)
                return;
        run->tell_at = time + TELL_MS;
        if (run->told == run->packets)
                return;
        run->told = run->packets;
        fprintf(stderr, "Got %" PRIu64 "\r", run->packets);
        fflush(stderr);
        standing_line(isatty(STDERR_FILENO));
}

/* Hands on what is written, if it is time. */
static int flush_in_time(struct run *run, int64_t time)
{
        if (time < flush_deadline(run))
                return STATUS_DONE;
        run->unwritten_since = 0;
        return savefile_flush(run->savefile);
}

/* Does what is due. Returns a status to end with, 0 to go on. */
static int do_what_is_due(struct run *run, int64_t time)
{
        int status = flush_in_time(run, time);

        if (!status && run->savefile)
                status = savefile_tick(run->savefile, time);
        if (time >= run->end_at)
                run->stop_wanted = true;
        tell_count(run, time);
        return status;
}

/* The packets that have come up to now are to be written soon. */
static void note_time(struct run *run, int64_t time)
{
        run->packets_since_clock = 0;
        run->last_packet = time;
        if (run->savefile && !run->unwritten_since)
                run->unwritten_since = time;
}

/* While packets come without a pause, what is due is due as well. */
static int note_packets(struct run *run, size_t count)
{
        int64_t time;

        run->packets_since_clock += (unsigned)count;
        if (run->packets_since_clock < CLOCK_PACKETS)
                return STATUS_DONE;
        time = now();
        note_time(run, time);
        return do_what_is_due(run, time);
}

/* Milliseconds to wait, as poll() has it. */
static int time_to(int64_t deadline, int64_t time)
{
        int64_t left = deadline - time;

        if (deadline == INT64_MAX)
                return -1;
        return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* Nothing to read just now: shows what there is, then waits for the next packet or deadline. */
static int idle(struct run *run)
{
        struct error error;
        int64_t time = now();
        int status;

        if (run->packets_since_clock > 0)
                note_time(run, time);
        replacing_settle(run);
        status = flush_output(run);
        if (!status)
                status = do_what_is_due(run, time);
        if (status || run->stop_wanted)
                return status;
        if (capture_wait(run->capture, lookout_descriptor(run), time_to(next_deadline(run), time),
                         &error) < 0)
                return complain_error(&error);
        lookout_tell(run);
        return STATUS_DONE;
}

/* Does what signals have asked for. */
static int answer_signals(struct run *run)
{
        int status = STATUS_DONE;

        if (!signals_came())
                return STATUS_DONE;
        signals_settle();
        if (signals_want_figures())
                print_statistics(run);
        if (signals_want_reopening() && run->savefile)
                status = savefile_reopen(run->savefile);
        if (signals_want_flush() && !status) {
                if (run->savefile)
                        status = savefile_flush(run->savefile);
                if (!status)
                        status = flush_output(run);
        }
        if (signals_want_rereading())
                replacing_ask(run);
        replacing_look(run);
        run->stop_wanted |= signals_want_end();
        return status;
}

/* While a write waits for its reader, nothing else can be done. */
static void answer_in_write(void *context)
{
        if (signals_want_figures())
                print_statistics(context);
}

/* While the first interface is waited for: does what signals ask for, and notices when the duration
 * is over. Returns how many milliseconds to wait, as poll() has it. */
static int attend(struct run *run)
{
        bool asked = signals_came();

        begin_duration(run);
        answer_signals(run);
        if (now() >= run->end_at)
                run->stop_wanted = true;
        if (asked && !run->stop_wanted)
                announce_waiting(run);
        if (run->stop_wanted && !run->command->listed && !run->command->list_links)
                print_statistics(run);
        return time_to(run->end_at, now());
}

/* Before a stream is read, and while it has nothing: does what is due and what signals ask for.
 * Returns false to end the run, with run->status. */
static bool await_stream(void *context, int fd)
{
        struct run *run = context;
        struct pollfd polled[] = {{.fd = fd, .events = POLLIN},
                                  {.fd = signals_descriptor(), .events = POLLIN}};
        int64_t time;

        do {
                time = now();
                if (run->packets_since_clock > 0)
                        note_time(run, time);
                run->status = answer_signals(run);
                if (!run->status)
                        run->status = do_what_is_due(run, time);
                if (run->status || run->stop_wanted)
                        return false;
        } while (poll(polled, 2, time_to(next_deadline(run), time)) >= 0 ? polled[0].revents == 0
                                                                         : errno == EINTR);
        return true;
}

/* --- Packets --- */

/* True if the packet is wanted; then cuts a live one to what is to be kept of it: the kernel does
 * not count a link header or VLAN tag that is put in front later. */
static bool passes(const struct run *run, struct capture_record *record)
{
        uint32_t kept = (uint32_t)run->command->snapshot_length;

        if (!passes_filter(run, record))
                return false;
        if (record->packet.captured > kept)
                record->packet.captured = kept;
        return true;
}

static bool is_complete(const struct run *run)
{
        const struct capture_command *command = run->command;

        return saved_enough(run) || (command->count && run->packets >= command->count);
}

/* Leaves those that pass. Returns their number. */
static size_t sift(const struct run *run, struct capture_record *records, size_t count)
{
        size_t kept = 0;

        for (size_t i = 0; i < count; i++) {
                if (!passes(run, &records[i]))
                        capture_reject(&records[i]);
                else if (kept++ < i)
                        records[kept - 1] = records[i];
        }
        return kept;
}

/* Those after the one that completes the capture have not been captured. Those after one that an
 * output failed for have, but go nowhere. */
static int deliver_burst(struct run *run, struct capture_record *records, size_t count)
{
        size_t wanted = sift(run, records, count), taken;
        int status = deliver(run, records, wanted, &taken);

        if (status > STATUS_DONE)
                run->undelivered += wanted - taken;
        for (size_t i = taken; status == STATUS_DONE && i < wanted; i++)
                capture_reject(&records[i]);
        return status ? status : note_packets(run, count);
}

/* Live: until the count, the size, the duration, a signal or an error. Returns the status, or -1 to
 * end quietly. */
static int loop(struct run *run)
{
        struct capture_record records[BURST];
        struct error error;
        size_t count;
        int status = 0;

        begin_duration(run);
        begin_counting(run);
        if (run->command->duration)
                signals_end_after((uint64_t)(run->end_at - earlier(now(), run->end_at)));
        while (!status && !is_complete(run)) {
                replacing_settle(run);
                status = answer_signals(run);
                run->stop_wanted |= run->child.pid && watched_ended(&run->child);
                if (run->stop_wanted && !run->stopping) {
                        capture_stop(run->capture);
                        run->stopping = true;
                }
                if (status)
                        break;
                switch (capture_next_live(run->capture, records, BURST, &count, &error)) {
                case CAPTURE_PACKET: status = deliver_burst(run, records, count); break;
                case CAPTURE_EMPTY: status = idle(run); break;
                case CAPTURE_CHANGE:
                        if (!run->command->habits->silent_changes)
                                complain_error(&error);
                        break;
                case CAPTURE_END: return STATUS_DONE;
                case CAPTURE_ERROR:
                        flush_output(run);
                        if (error.kind == CAPTURE_INTERFACE_GONE && refused("-i gone", ""))
                                return STATUS_FAILED;
                        return complain_error(&error);
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

        run->end_at = INT64_MAX;
        begin_counting(run);
        capture_watch_stream(run->capture, await_stream, run);
        while (!status && !is_complete(run)) {
                enum capture_result result;

                status = answer_signals(run);
                if (status || run->stop_wanted)
                        return status;
                result = capture_next_batch(run->capture, &batch, &error);
                if (run->status)
                        return run->status;
                switch (result) {
                case CAPTURE_PACKET:
                        if (filter_failed(run->filter))
                                return STATUS_FAILED;
                        status = passage_judge(run, &batch);
                        if (!status)
                                status = process_judge(run, &batch);
                        if (!status)
                                status = deliver_batch(run, &batch);
                        run->packets_since_clock++;
                        progress_step(&run->progress, run->capture, batch.seen);
                        break;
                case CAPTURE_EMPTY:
                case CAPTURE_CHANGE:
                case CAPTURE_END: return STATUS_DONE;
                case CAPTURE_ERROR:
                        if (signals_want_end())
                                return STATUS_DONE; /* capture_interrupt() cut the file */
                        flush_output(run);
                        file_words(run, &error);
                        return complain_error(&error);
                }
        }
        return status;
}

static int run_files(struct run *run)
{
        int status;

        progress_start(&run->progress, run->command->progress, run->printer && !run->silent);
        status = file_loop(run);
        progress_end(&run->progress, run->capture);
        if (run->language && status == STATUS_DONE && process_told_nothing(run->processes_told))
                complain("no packet says whose it is: those of pcapng files do that filt --process "
                         "-w has written");
        return status;
}

/* Counts what has been received but goes nowhere, as an output has failed. */
static void count_undelivered(struct run *run)
{
        struct capture_record record;
        enum capture_result result;
        struct error ignored;

        if (!run->stopping)
                capture_stop(run->capture);
        do {
                result = capture_next(run->capture, &record, &ignored);
                if (result == CAPTURE_PACKET && passes(run, &record))
                        run->undelivered++;
        } while (result != CAPTURE_END && result != CAPTURE_ERROR);
}

/* Writes what is left and says the figures. */
static int finish(struct run *run, int status)
{
        int flushed;

        if (run->command->only_count && status >= 0 && !memory_was_short())
                puts(counted(run->packets, "packet").text);
        flushed = status == STATUS_DONE ? flush_output(run) : status; /* else said already */
        if (run->savefile) {
                int closed = savefile_close(run->savefile);

                run->savefile = NULL;
                if (closed && flushed >= 0)
                        flushed = closed > 0 || !flushed ? closed : flushed;
        }
        if (run->live && status > STATUS_DONE)
                count_undelivered(run);
        if (run->live && status >= 0 && !memory_was_short())
                print_statistics(run);
        if (status == STATUS_DONE)
                status = flushed;
        return status < 0 ? STATUS_DONE : status;
}

static int enter_sandbox(const struct run *run)
{
        const struct capture_command *command = run->command;
        struct sandbox sandbox = {
            .user = command->user,
            .names = run->resolver != NULL,
            .verbose = command->printing.verbose > 0,
            .by_libpcap = run->capture && capture_info(run->capture)->by_libpcap,
            .answers = run->capture && capture_info(run->capture)->answers,
            .attaches = run->taps && taps_follow(run->taps),
            .scans = run->processes != NULL,
            .other = run->fate ? fate_channel(run->fate) : 0,
            .channel = run->savefile ? savefile_channel(run->savefile) : -1,
        };

        if (command->no_sandbox)
                return STATUS_DONE;
        return sandbox_enter(&sandbox) < 0 ? STATUS_FAILED : STATUS_DONE;
}

/* The sources are open; what creates outputs is prepared, and then nothing needs privileges. */
static int give_up_power(struct run *run)
{
        int status = prepare_outputs(run);

        if (!status)
                status = enter_sandbox(run);
        if (!status && run->resolver)
                resolver_start(run->resolver); /* its threads are inside, too */
        return status;
}

static int capture_packets(struct run *run)
{
        bool announced = !run->live && run->command->habits->bare_lines;
        struct error error;
        int status = announced ? announce(run) : STATUS_DONE, rejects;

        if (!status)
                status = compile(run);
        if (status)
                return status;
        if (run->command->listed)
                return print_listing(run);
        if (run->command->program && !run->live)
                program_warn_of_file(run->command->program, &run->program);
        rejects = run->compiled ? cbpf_rejects_all(&run->compiled->program) : 0;
        if (rejects < 0)
                return out_of_memory();
        if (rejects)
                complain("warning: no packet can match this filter");
        if (run->live) {
                attach(run);
                judge_copies(run);
        } else {
                status = attach_to_files(run);
        }
        if (status)
                return status;
        signals_interrupt(run->capture);
        if (capture_start(run->capture, &error) < 0)
                return complain_error(&error);
        if (run->live) {
                status = replacing_begin(run);
                if (status)
                        return status;
                lookout_begin(run);
                status = give_up_power(run);
        }
        if (!status)
                status =
                    begin_outputs(run); /* now: a capture that cannot start must not empty a file */
        if (!status && !announced)
                status = announce(run);
        if (status)
                return status;
        if (run->child.pid)
                watched_start(&run->child);
        return finish(run, run->live ? loop(run) : run_files(run));
}

/* -y, or the link type that tcpdump chooses for "any" */
static int check_link_type(const struct run *run, const char *name, int have)
{
        int wanted = run->command->link_type;

        if (wanted < 0 && run->command->habits->libpcaps_words && strcmp(name, "any") == 0)
                wanted = have;
        if (wanted < 0)
                return STATUS_DONE;
        if (run->command->habits->libpcaps_words) {
                const char *words = wanted == have
                                        ? "data link type %s"
                                        : "%s is not one of the DLTs supported by this device";

                complain(words, link_type_name(wanted));
        } else if (wanted != have) {
                complain("%s: link type %s is not one of the interface's: it has %s", name,
                         link_type_name(wanted), link_type_name(have));
        }
        return wanted == have ? STATUS_DONE : STATUS_FAILED;
}

/* -L: the interface's own, and the other that packets may get. */
static int list_link_types_of(const struct run *run, const char *name, int link_type)
{
        bool messages = run->command->habits->links_are_messages;
        int link_types[] = {link_type, DLT_DOCSIS};
        size_t count = messages && link_type == DLT_EN10MB && strcmp(name, "lo") != 0 ? 2 : 1;

        if (strcmp(name, "any") == 0) {
                link_types[0] = DLT_LINUX_SLL;
                link_types[1] = DLT_LINUX_SLL2;
                count = 2;
        }
        return list_link_types(messages ? stderr : stdout, name, link_types, count);
}

/* Lists the link types of the interfaces of a live capture, or checks them. */
static int look_at_interfaces(const struct run *run)
{
        const struct capture_command *command = run->command;
        const struct capture_interface *interface = live_interface(run, 0);
        int link_type = capture_info(run->capture)->link_type, status = STATUS_DONE;
        const char *name = run->devices[0]; /* "any" */

        for (uint32_t i = 0; !status && (i == 0 || interface);
             interface = live_interface(run, ++i)) {
                if (interface) {
                        name = interface->name;
                        link_type = interface->link_type;
                }
                status = command->list_links ? list_link_types_of(run, name, link_type)
                                             : check_link_type(run, name, link_type);
        }
        return status;
}

/* -L */
static int list_links(struct run *run)
{
        if (run->live)
                return look_at_interfaces(run);
        signals_interrupt(run->capture);
        return list_files(run);
}

/* --process: tests of processes are replaced by what the kernel can do of them. */
static int prepare_process_tests(struct run *run)
{
        const struct capture_command *command = run->command;
        int status = command->habits->libpcaps_words
                         ? GO_ON
                         : process_language_read(command->expression, &run->language);

        if (status != GO_ON || !run->language)
                return status;
        if (command->listed || (!command->process && command->read_count == 0))
                return complain_usage("pid, uid, comm and cgroup are tests of processes, which are "
                                      "known in a live capture with --process, and in a pcapng "
                                      "file that it has written");
        run->expression = process_language_any(run->language);
        if (cbpf_uses_netmask(run->expression))
                return complain_usage("broadcasts of IPv4 depend on the interface, and do not go "
                                      "with tests of processes");
        return GO_ON;
}

/* What the filter is compiled from. Names are looked up now where the filter is compiled after the
 * power to do that is given up: for files, and for interfaces that come later. */
static int prepare_expression(struct run *run)
{
        const struct capture_command *command = run->command;
        struct error error;
        int status;

        if (command->program)
                return STATUS_DONE;
        run->expression = command->expression;
        status = prepare_process_tests(run);
        if (status != GO_ON)
                return status;
        run->netmask_matters = cbpf_uses_netmask(run->expression);
        if (run->language) {
                status = process_language_prepare(run->language, command->expression, &run->sets);
                return status == GO_ON ? STATUS_DONE : status;
        }
        status = read_sets(run->expression, &run->sets);
        if (status != GO_ON)
                return status;
        if (command->follow_sets && !run->sets)
                return complain_usage("--follow-sets: the expression names no file as a set, as "
                                      "'host in FILE' does");
        if (command->read_count == 0 && !command->wait && !command->follow_sets)
                return STATUS_DONE;
        run->resolved = cbpf_resolve(command->expression, &error);
        if (!run->resolved) {
                expression_words(run, command->link_type < 0 ? DLT_EN10MB : command->link_type,
                                 &error);
                if (!command->habits->libpcaps_words)
                        return complain_expression(run, &error);
                run->unresolved = error;
                return STATUS_DONE;
        }
        run->expression = run->resolved;
        return STATUS_DONE;
}

/* -J */
static int list_time_stamps(struct run *run)
{
        int status = STATUS_DONE;

        if (!choose_devices(run))
                return STATUS_FAILED;
        for (size_t i = 0; !status && i < run->device_count; i++)
                status = list_time_stamp_types(run->devices[i]);
        return status;
}

static int run_command(struct run *run)
{
        const struct capture_command *command = run->command;
        int status = command->netns       ? netns_enter(command->netns)
                     : command->container ? netns_enter_container(command->container)
                                          : STATUS_DONE;

        if (status)
                return status;
        if (command->list_devices)
                return list_devices();
        if (command->list_time_stamps && command->read_count == 0)
                return list_time_stamps(run);
        status = command->program ? program_read(command->program, command->optimize, &run->program)
                                  : STATUS_DONE;
        if (status)
                return status;
        status = prepare_expression(run);
        if (status)
                return status;
        if (command->listed && !command->device_count && !command->read_count)
                return list_for_link_type(run);
        if (command->command && watched_prepare(&run->child, command->command) != STATUS_DONE)
                return STATUS_FAILED;
        if (!signals_catch(
                (command->write_file && !command->habits->hangup_ends ? HANGUP_REOPENS : 0) |
                (command->follow_sets ? HANGUP_REREADS : 0)))
                return STATUS_FAILED;
        streams_patience = signals_patience();
        signals_answer_in_writes(answer_in_write, run);
        run->live = command->read_count == 0;
        if (!run->live) {
                status = open_files(run);
                if (!status)
                        status = give_up_power(run);
                if (status)
                        return status;
        }
        if (run->live && (!choose_devices(run) ||
                          (command->wait && needs_interface(run) && !await_devices(run, attend))))
                return run->stop_wanted ? STATUS_DONE : STATUS_FAILED;
        if (!run->live && !command->habits->bare_packets &&
            !(run->processes_told = process_told_new(command->printing.json)))
                return out_of_memory();
        run->capture = run->live ? open_devices(run) : read_files(run);
        if (!run->capture)
                return signals_want_end() ? STATUS_DONE : STATUS_FAILED;
        if (command->list_links)
                return list_links(run);
        status = run->live ? look_at_interfaces(run) : STATUS_DONE;
        return status ? status : capture_packets(run);
}

/* What the filter does not see, a reader of its packets may miss. */
static void hint_at_layers(const struct filter *filter)
{
        uint32_t found = filter_found_deeper(filter);

        if (found > 0)
                complain(
                    "hint: %s behind tags, labels or extension headers, or within tunnels, would "
                    "match with --deep",
                    counted(found, "packet").text);
}

int capture_run_as(char **argv, const struct cli_options *options, const struct habits *habits)
{
        struct capture_command command;
        struct run run = {.command = &command};
        int status = capture_command_read(argv, options, habits, &command);

        if (status == GO_ON)
                status = run_command(&run);
        if (status == STATUS_DONE && run.child.pid && !signals_want_end())
                status = watched_status(&run.child, command.command);
        signals_interrupt(NULL);
        lookout_tell(&run);
        lookout_end(&run);
        capture_close(run.capture); /* first: its threads filter */
        netns_end(run.netns);
        replacing_end(&run);
        if (status == STATUS_DONE && run.filter)
                hint_at_layers(run.filter);
        free_compiled(&run);
        printer_free(run.printer);
        filter_free(run.filter);
        savefile_free(run.savefile);
        free(run.passage.verdicts);
        free(run.files);
        free(run.inputs);
        if (run.again)
                fclose(run.again);
        free(run.sections);
        cbpf_sets_free(run.sets);
        free(run.resolved);
        process_told_free(run.processes_told);
        process_language_free(run.language);
        resolver_free(run.resolver);
        interface_names_free(run.interface_names);
        free_devices(&run);
        capture_command_free(&command);
        return status == STATUS_USAGE && habits->one_status ? STATUS_FAILED : status;
}

int capture_run(char **argv)
{
        return capture_run_as(argv, &capture_options, &filt_habits);
}

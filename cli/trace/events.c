/* write-trace's main loop: starts the command, if any, and the tracer, and prints events until all
 * traced processes have ended or a signal arrives.
 *
 * When woken for a record, the loop sleeps GATHER_MS before reading, so that a busy process pays
 * for one wake-up per batch instead of per call. Events are printed after ORDER_MS, as calls that
 * started earlier may end later. */
#include "trace.h"

#include "base/clock.h"
#include "cli/common/cli.h"
#include "event_queue.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
        GATHER_MS = 10,
        ORDER_MS = 10,
        CHECK_MS = 100,     /* between checks whether followed tasks still run */
        FLUSH_AT = 1 << 18, /* bytes of text */
        NS_PER_MS = 1000000,
        NS_PER_S = 1000000000
};

struct session {
        const struct trace_options *options;
        struct writes *writes;
        struct event_queue queue;
        struct trace_state state;
        struct text text;
        struct event_queue held; /* signals during calls in progress */
        struct watched command;
        bool stopped;   /* by a signal or a limit */
        bool abandoned; /* a second signal: do not wait for the command */
        bool warned;    /* of a first signal, with a command */
        bool unread;    /* the output's reader is gone */
        bool failed;
        int output;
        const char *output_name;
        int signals;              /* signalfd */
        struct pollfd *processes; /* pidfds of -p or the command, and room for two more */
        size_t process_count;
        size_t processes_left;
        size_t tasks;       /* traced now, as far as known */
        uint64_t calls;     /* shown */
        uint64_t table_due; /* ns, with --interval */
        uint64_t told;      /* losses reported */
        uint64_t told_at;   /* ns */
};

/* The trace ends; the command goes on. */
static void lack_memory(struct session *session)
{
        out_of_memory();
        session->failed = session->stopped = true;
}

static void flush(struct session *session)
{
        const char *rest = session->text.start;
        size_t left = session->text.length;

        session->text.length = 0;
        while (left > 0 && !session->unread) {
                ssize_t put = write(session->output, rest, left);

                if (put < 0 && errno == EINTR)
                        continue;
                if (put < 0) {
                        session->unread = true;
                        session->failed = errno != EPIPE;
                        if (session->failed)
                                complain("%s: %s", session->output_name, strerror(errno));
                        return;
                }
                rest += put;
                left -= (size_t)put;
        }
}

/* Returns whether lines name their task; the rule is strace's. */
static bool several(const struct session *session)
{
        return !session->options->selection.pids || session->tasks > 1 ||
               (session->options->output && session->options->selection.follow);
}

static void print(struct session *session, const struct writes_event *event)
{
        const struct trace_options *options = session->options;
        size_t whole = session->text.length;

        if (watched_failed(&session->command))
                return;
        if (options->json)
                trace_json(&session->text, event, &options->style, &session->state);
        else if (event->kind != WRITES_FORK)
                trace_line(&session->text, event, &options->style, &session->state,
                           several(session));
        if (session->text.failed) {
                session->text.length = whole;
                lack_memory(session);
        }
        if (session->text.length >= FLUSH_AT)
                flush(session);
}

static void add_event(struct session *session, struct event_queue *queue,
                      const struct writes_event *event)
{
        if (!event_queue_add(queue, event))
                lack_memory(session);
}

/* Prints the task's held signals. */
static void release(struct session *session, uint32_t tid)
{
        const struct writes_event *event;
        struct event_queue rest = {0};

        while ((event = event_queue_take(&session->held, UINT64_MAX))) {
                if (event->tid == tid)
                        print(session, event);
                else
                        add_event(session, &rest, event);
        }
        event_queue_free(&session->held);
        session->held = rest;
}

static void show(struct session *session, const struct writes_event *event)
{
        if (event->kind == WRITES_SIGNAL && event->within_call) {
                add_event(session, &session->held, event);
                return;
        }
        if (event->kind == WRITES_CALL)
                session->calls++;
        else if (!event_queue_is_empty(&session->held))
                release(session, event->tid);
        if (event->kind == WRITES_FORK)
                session->tasks++;
        print(session, event);
        if (!event_queue_is_empty(&session->held))
                release(session, event->tid);
        if ((event->kind == WRITES_EXIT || event->kind == WRITES_EXEC) && session->tasks > 0)
                session->tasks--;
        if (session->options->calls && session->calls >= session->options->calls)
                session->stopped = true;
}

static void queue_event(void *context, const struct writes_event *event)
{
        struct session *session = context;

        add_event(session, &session->queue, event);
}

/* Prints events that started before `time`. */
static void show_until(struct session *session, uint64_t time)
{
        const uint64_t limit = session->options->calls;
        const struct writes_event *event;

        session->state.wall_offset = clock_now(CLOCK_REALTIME) - clock_now(CLOCK_MONOTONIC);
        while (!session->unread && (!limit || session->calls < limit) &&
               (event = event_queue_take(&session->queue, time)))
                show(session, event);
        flush(session);
}

/* Reports losses, at most once a second. */
static void tell_losses(struct session *session)
{
        uint64_t lost[WRITES_LOSSES];
        uint64_t time = clock_now(CLOCK_MONOTONIC);
        uint64_t sum = 0;

        if (time - session->told_at < NS_PER_S)
                return;
        session->told_at = time;
        if (!writes_lost(session->writes, lost)) {
                lack_memory(session);
                return;
        }
        for (int i = 0; i < WRITES_LOSSES; i++)
                sum += lost[i];
        if (sum > session->told)
                complain("write-trace: %s lost, %llu so far",
                         counted(sum - session->told, "event").text, (unsigned long long)sum);
        session->told = sum;
}

/* Drops processes that have ended from the selection, as their PIDs may be reused. */
static void look_for_ends(struct session *session)
{
        for (size_t i = 0; i < session->process_count; i++)
                if (session->processes[i].fd >= 0 && session->processes[i].revents) {
                        close(session->processes[i].fd);
                        session->processes[i].fd = -1; /* ignored by poll() */
                        session->processes_left--;
                        writes_forget(session->writes, session->options->selection.pids[i]);
                }
}

/* Forwards the first signal to the command, which may handle it, unless the terminal has sent it to
 * both. A second one ends the trace. */
static void handle_signal(struct session *session, const struct signalfd_siginfo *signal)
{
        const bool command_runs = session->options->command && session->processes_left > 0;

        if (!command_runs || session->warned) {
                session->stopped = true;
                session->abandoned = command_runs;
                return;
        }
        session->warned = true;
        /* A hangup is sent to the session leader only, which may be filt. */
        if (signal->ssi_code != SI_KERNEL || signal->ssi_signo == SIGHUP)
                kill(session->command.pid, (int)signal->ssi_signo);
}

static void read_signals(struct session *session)
{
        struct signalfd_siginfo signal;

        while (read(session->signals, &signal, sizeof signal) == sizeof signal)
                handle_signal(session, &signal);
}

/* Returns whether all traced processes have ended. */
static bool all_ended(const struct session *session)
{
        if (!session->options->selection.pids || session->processes_left)
                return false;
        return !session->options->selection.follow || !writes_has_followed(session->writes);
}

static void show_table(struct session *session, bool last)
{
        const struct trace_options *options = session->options;
        const struct summary_style style = {
            .screen = !last && !options->json && isatty(session->output) ? session->output : -1,
            .json = options->json,
            .by_descriptor = options->selection.by_descriptor,
        };

        trace_summary(&session->text, session->writes, &style);
        if (session->text.failed) {
                session->text.length = 0;
                lack_memory(session);
        }
        flush(session);
}

/* Shows the table if it is due. */
static void tick(struct session *session)
{
        const uint64_t interval = session->options->interval * NS_PER_MS;
        uint64_t time = clock_now(CLOCK_MONOTONIC);

        if (!interval || time < session->table_due)
                return;
        if (session->table_due)
                show_table(session, false);
        session->table_due = time + interval;
}

/* One iteration: reads all records, prints those due. Returns how long to wait next, in ms, or -1
 * for no limit. */
static int turn(struct session *session)
{
        uint64_t start = clock_now(CLOCK_MONOTONIC);
        double fullness;
        bool more = writes_read(session->writes, queue_event, session, &fullness);

        show_until(session, start - ORDER_MS * NS_PER_MS);
        tell_losses(session);
        if (more) {
                /* Do not sleep while the ring fills up. */
                if (fullness < 0.25)
                        poll(NULL, 0, GATHER_MS);
                return 0;
        }
        if (!event_queue_is_empty(&session->queue))
                return ORDER_MS;
        return session->options->selection.pids && !session->processes_left ? CHECK_MS : -1;
}

static int64_t left_ms(uint64_t end)
{
        uint64_t time = clock_now(CLOCK_MONOTONIC);

        return end > time ? (int64_t)((end - time) / NS_PER_MS) + 1 : 0;
}

/* Waits for a record (`records` is -1 for none), a signal, the end of a process, or `ms`. */
static void wait_for(struct session *session, int records, int ms)
{
        struct pollfd *polled = session->processes;
        size_t count = session->process_count;

        polled[count] = (struct pollfd){.fd = session->signals, .events = POLLIN};
        polled[count + 1] = (struct pollfd){.fd = records, .events = POLLIN};
        if (poll(polled, count + 2, ms) <= 0)
                return;
        if (polled[count].revents)
                read_signals(session);
        look_for_ends(session);
        if (polled[count + 1].revents)
                poll(NULL, 0, GATHER_MS);
}

/* The shorter of two waits, the second until `end` if that is not 0. */
static int sooner(int wait, uint64_t end)
{
        if (end && (wait < 0 || wait > left_ms(end)))
                return (int)left_ms(end);
        return wait;
}

static bool is_over(const struct session *session)
{
        return session->stopped || session->unread || all_ended(session);
}

static void trace(struct session *session)
{
        const int records = writes_descriptor(session->writes);
        const uint64_t duration = session->options->duration;
        const uint64_t end = duration ? clock_now(CLOCK_MONOTONIC) + duration * NS_PER_MS : 0;

        while (!is_over(session)) {
                int wait = turn(session);

                tick(session);
                if (is_over(session) || (end && left_ms(end) == 0))
                        break;
                wait_for(session, records, sooner(sooner(wait, end), session->table_due));
        }
}

/* The trace may be over before the command is. */
static void wait_for_command(struct session *session)
{
        while (session->processes_left > 0 && !session->abandoned)
                wait_for(session, -1, -1);
}

/* Prints the remaining events and the totals. */
static void finish(struct session *session)
{
        uint64_t lost[WRITES_LOSSES];
        double fullness;

        writes_stop(session->writes);
        while (writes_read(session->writes, queue_event, session, &fullness))
                ;
        show_until(session, UINT64_MAX);
        if (watched_failed(&session->command))
                return;
        if (session->options->selection.summary)
                show_table(session, true);
        if (!writes_lost(session->writes, lost)) {
                lack_memory(session);
                return;
        }
        if (lost[WRITES_LOST_THREADS])
                complain("write-trace: %s lost: too many threads at a time, or no memory",
                         counted(lost[WRITES_LOST_THREADS], "call").text);
        if (lost[WRITES_LOST_TOTALS])
                complain("write-trace: %s not in the summary: it holds %d processes or "
                         "descriptors, as far as there is memory",
                         counted(lost[WRITES_LOST_TOTALS], "call").text, WRITES_KEYS);
        if (lost[WRITES_LOST_OTHERS])
                complain("write-trace: %llu ends of tasks or signals lost: the ring was full",
                         (unsigned long long)lost[WRITES_LOST_OTHERS]);
        if (lost[WRITES_LOST_RING] ||
            (!session->options->quiet && !session->options->selection.summary))
                complain("write-trace: %s shown, %llu lost%s", counted(session->calls, "call").text,
                         (unsigned long long)lost[WRITES_LOST_RING],
                         lost[WRITES_LOST_RING] ? ": the ring was full (--buffer makes it larger)"
                                                : "");
}

static int open_processes(struct session *session)
{
        const struct writes_options *selection = &session->options->selection;
        size_t count = selection->pid_count;

        session->processes = calloc(count + 2, sizeof *session->processes);
        if (!session->processes)
                return out_of_memory();
        for (size_t i = 0; i < count; i++) {
                int process = (int)syscall(SYS_pidfd_open, selection->pids[i], 0);

                if (process < 0)
                        return complain("process %d: %s", (int)selection->pids[i], strerror(errno));
                session->processes[session->process_count++] =
                    (struct pollfd){.fd = process, .events = POLLIN};
        }
        session->processes_left = count;
        session->tasks = count;
        return STATUS_DONE;
}

/* Nothing can fail once the command has started. */
static int start(struct session *session, struct trace_options *options)
{
        struct error error;

        session->options = options;
        session->output = options->command ? STDERR_FILENO : STDOUT_FILENO;
        session->output_name = options->command ? "standard error" : "standard output";
        if (options->output) {
                session->output_name = options->output;
                session->output =
                    open(options->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
                if (session->output < 0)
                        return complain("%s: %s", options->output, strerror(errno));
        }
        if (options->command) {
                if (watched_prepare(&session->command, options->command) != STATUS_DONE)
                        return STATUS_FAILED;
                options->selection.pids = &session->command.pid;
                options->selection.pid_count = 1;
                options->selection.follow = true;
        }
        session->signals = signals_to_end();
        if (open_processes(session) != STATUS_DONE)
                return STATUS_FAILED;
        session->writes = writes_open(&options->selection, &error);
        if (!session->writes)
                return error.kind == ERROR_MEMORY ? out_of_memory()
                                                  : complain("write-trace: %s", error.message);
        if (options->command)
                watched_start(&session->command);
        return STATUS_DONE;
}

static void stop(struct session *session)
{
        for (size_t i = 0; i < session->process_count; i++)
                if (session->processes[i].fd >= 0)
                        close(session->processes[i].fd);
        free(session->processes);
        writes_close(session->writes);
        event_queue_free(&session->queue);
        event_queue_free(&session->held);
        text_free(&session->text);
}

int trace_events(struct trace_options *options)
{
        struct session session = {0};
        int status = STATUS_FAILED;

        if (start(&session, options) == STATUS_DONE) {
                trace(&session);
                finish(&session);
                status = session.failed ? STATUS_FAILED : STATUS_DONE;
                if (options->command)
                        wait_for_command(&session);
                if (options->command && !session.abandoned)
                        status = watched_status(&session.command, options->command);
        }
        stop(&session);
        return status;
}

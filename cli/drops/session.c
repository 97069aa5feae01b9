/* A run of drops: opens all that it takes, gives up its privileges, and shows what comes. */
#include "drop.h"

#include "base/array.h"
#include "base/clock.h"
#include "cbpf/extended.h"
#include "cli/common/cli.h"
#include "ebpf/program.h"
#include "print/print.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum {
        NS_PER_MS = 1000000,
        NS_PER_S = 1000000000,
        FRAMES = 16,      /* of the stack, if not all are told: no place is farther from the drop */
        GATHER_MS = 10,   /* after the first of some packets, before they are read */
        HEADING_ROWS = 2, /* of the screen, beside those of the table */
};

struct session {
        const struct drops_command *command;
        struct drops *drops;
        struct drop_tables tables;
        struct frames *frames;
        struct extended *filter;       /* in the kernel; NULL if there is none */
        struct bpf_program program;    /* what filt runs itself, if it has instructions */
        struct cbpf_jit *jit;          /* NULL: the program is interpreted */
        struct printer *printer;       /* NULL if nothing is printed */
        struct capture_writer *writer; /* NULL without -w */
        struct host host;
        struct summary *summary;     /* NULL without --summary */
        const struct colors *colors; /* NULL: none */
        struct text fate, line, table;
        int signals;
        uint64_t shown;
        uint64_t told, told_at; /* losses, and when */
        uint64_t table_due;     /* ns; 0 if no table is due before the end */
        bool stopped;
        bool unread; /* the reader of standard output has left */
        int status;
};

/* --- What passes --- */

static bool accepts(const struct session *session, const struct packet *packet)
{
        if (session->program.bf_len == 0)
                return true;
        return session->jit ? cbpf_jit_run(session->jit, packet, NULL) != 0
                            : cbpf_run(&session->program, packet) != 0;
}

static void fail(struct session *session, int status)
{
        session->status = status;
        session->stopped = true;
}

/* The line of the packet, to which what became of it is added: behind its last line or, as JSON,
 * before the end of its object. */
static const char *line_of(struct session *session, const struct capture_record *record,
                           size_t *length)
{
        const size_t end = strlen(session->command->json ? "}\n" : "\n");
        const struct print_packet packet = packet_to_print(record);
        const char *line = printer_print(session->printer, &packet, length);

        *length = line && *length > end ? *length - end : 0;
        return line;
}

static void put_members(struct text *text, const struct drop *drop)
{
        struct json json = {.text = text};

        text_string(text, ",\"filt.drop\":");
        json_open(&json, '{');
        drop_members(&json, drop);
        json_close(&json, '}');
        text_string(text, "}\n");
}

static void put_fate(struct session *session, const struct drop *drop)
{
        struct text *text = &session->fate;

        text->length = 0;
        text_string(text, "✗ ");
        drop_text(text, drop, session->command->verbose);
        text_char(text, '\0');
        if (!text->failed)
                put_packet_note(&session->line, session->colors, text->start, true);
}

static void print(struct session *session, const struct capture_record *record,
                  const struct drop *drop)
{
        struct text *line = &session->line;
        size_t length;
        const char *text = line_of(session, record, &length);

        line->length = 0;
        if (text)
                text_put(line, text, length);
        if (session->command->json)
                put_members(line, drop);
        else
                put_fate(session, drop);
        if (text && !line->failed && !session->fate.failed)
                fwrite_unlocked(line->start, 1, line->length, stdout);
        else
                fail(session, out_of_memory());
}

/* A file gets all that is known. */
static void save(struct session *session, struct capture_record *record, const struct drop *drop)
{
        struct error error;

        session->fate.length = 0;
        drop_text(&session->fate, drop, 2);
        text_char(&session->fate, '\0');
        record->comment = session->fate.start;
        if (session->fate.failed)
                fail(session, out_of_memory());
        else if (capture_writer_write(session->writer, record, &error) < 0)
                fail(session, complain_error(&error));
}

static void show(struct session *session, struct capture_record *record, const struct drop *drop)
{
        session->shown++;
        if (session->writer)
                save(session, record, drop);
        if (session->printer && !session->unread)
                print(session, record, drop);
        if (session->summary && !summary_add(session->summary, drop))
                fail(session, out_of_memory());
        if (session->command->count && session->shown == session->command->count)
                session->stopped = true;
}

/* Shows all that have come. */
static void read_drops(struct session *session)
{
        const int64_t offset = clock_now(CLOCK_REALTIME) - clock_now(CLOCK_MONOTONIC);
        const struct drops_record *from;

        while (!session->stopped && (from = drops_next(session->drops))) {
                struct capture_record record;
                struct drop drop;

                drop_explain(from, &session->tables, &drop);
                if (!frames_fill(session->frames, &drop, offset, &record))
                        fail(session, out_of_memory());
                else if (accepts(session, &record.packet))
                        show(session, &record, &drop);
                drops_release(session->drops);
        }
}

/* --- The table --- */

static size_t rows_of_screen(void)
{
        struct winsize size;

        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row <= HEADING_ROWS + 1)
                return 20;
        return size.ws_row - (size_t)HEADING_ROWS;
}

/* Cuts lines to the width of the terminal: one that goes on in the next row would spoil the screen.
 */
static void cut_lines(struct text *table, size_t from, size_t columns)
{
        size_t column = 0, to = from;

        for (; from < table->length; from++) {
                const bool ends = table->start[from] == '\n';

                if (ends || column < columns)
                        table->start[to++] = table->start[from];
                column = ends ? 0 : column + 1;
        }
        table->length = to;
}

/* On a terminal, over the one before; the last one is whole. */
static void show_table(struct session *session, bool last)
{
        const bool redraw = !last && !session->command->json && isatty(STDOUT_FILENO);
        struct text *table = &session->table;
        size_t start;

        table->length = 0;
        if (redraw)
                text_string(table, "\033[H\033[J");
        start = table->length;
        summary_text(table, session->summary, session->command->json,
                     redraw ? rows_of_screen() : 0);
        if (redraw && terminal_columns() > 0)
                cut_lines(table, start, (size_t)terminal_columns());
        if (table->failed)
                fail(session, out_of_memory());
        else
                fwrite_unlocked(table->start, 1, table->length, stdout);
}

static void tick(struct session *session, uint64_t now)
{
        if (!session->table_due || now < session->table_due)
                return;
        show_table(session, false);
        session->table_due = now + session->command->interval * NS_PER_MS;
}

/* --- Telling --- */

/* At most once a second. */
static void tell_losses(struct session *session, uint64_t now)
{
        uint64_t lost;

        if (now - session->told_at < NS_PER_S)
                return;
        session->told_at = now;
        lost = drops_lost(session->drops);
        if (lost > session->told)
                complain("drops: %s lost, %llu so far",
                         counted(lost - session->told, "packet").text, (unsigned long long)lost);
        session->told = lost;
}

static void tell_totals(const struct session *session)
{
        const uint64_t lost = drops_lost(session->drops);

        complain("drops: %s shown, %llu lost%s", counted(session->shown, "dropped packet").text,
                 (unsigned long long)lost, lost ? ": the ring was full (-B makes it larger)" : "");
}

/* --- The loop --- */

static void flush(struct session *session)
{
        int status = session->unread ? STATUS_DONE : flush_standard_output();
        struct error error;

        if (status > 0)
                fail(session, status);
        session->unread = session->unread || status < 0;
        if (session->unread && !session->writer)
                session->stopped = true;
        if (session->writer && capture_writer_flush(session->writer, false, &error) < 0)
                fail(session, complain_error(&error));
}

/* The sooner of two times; 0 is never. */
static uint64_t sooner(uint64_t one, uint64_t other)
{
        return !one || (other && other < one) ? other : one;
}

static int wait_until(uint64_t then, uint64_t now)
{
        if (!then)
                return -1;
        return then <= now ? 0 : (int)((then - now) / NS_PER_MS) + 1;
}

static void wait_for(struct session *session, int timeout_ms)
{
        struct rules_source *rules = session->tables.rules;
        struct pollfd polled[] = {
            {.fd = drops_descriptor(session->drops), .events = POLLIN},
            {.fd = session->signals, .events = POLLIN},
            {.fd = rules ? rules_source_changes(rules) : -1, .events = POLLIN},
        };

        /* The kernel wakes a waiter up only for a record that finds the ring empty. */
        if (!drops_is_empty(session->drops))
                timeout_ms = 0;
        if (poll(polled, array_count(polled), timeout_ms) < 0)
                return;
        /* To be woken up costs who drops more than all else: not for each packet of many. */
        if (timeout_ms == 0 || polled[0].revents)
                poll(&polled[1], 1, GATHER_MS);
        if (polled[1].revents)
                session->stopped = true;
        if (polled[2].revents)
                rules_source_refresh(rules);
}

static void run(struct session *session)
{
        const uint64_t duration = session->command->duration * NS_PER_MS;
        uint64_t now = (uint64_t)clock_now(CLOCK_MONOTONIC);
        const uint64_t end = duration ? now + duration : 0;

        while (!session->stopped) {
                read_drops(session);
                now = (uint64_t)clock_now(CLOCK_MONOTONIC);
                tick(session, now);
                tell_losses(session, now);
                flush(session);
                if (session->stopped || (end && now >= end))
                        break;
                wait_for(session, wait_until(sooner(end, session->table_due), now));
        }
}

/* What has come before the end is shown, too, unless -c or a failure has ended it. */
static void finish(struct session *session)
{
        const uint64_t count = session->command->count;

        drops_stop(session->drops);
        session->stopped = session->status != STATUS_DONE || (count && session->shown >= count);
        read_drops(session);
        if (session->summary && session->status == STATUS_DONE)
                show_table(session, true);
        flush(session);
        tell_totals(session);
}

/* --- Opening --- */

/* Finds what is wrong with the expression; the program is needed only if the kernel runs none. */
static int compile(struct session *session)
{
        const struct cbpf_target target = {
            .link_type = DLT_LINUX_SLL2,
            .snapshot_length = CAPTURE_MAX_SNAPSHOT,
            .place = CBPF_FILE,
            .netmask = CBPF_NETMASK_UNKNOWN,
            .sets = session->command->sets,
        };
        struct error error;

        if (cbpf_compile(session->command->expression, &target, 0, &session->program, &error) < 0)
                return complain_filter(session->command->expression, &error);
        return STATUS_DONE;
}

/* Has the kernel run the filter, before anything is done with a packet. */
static int start_filter(struct session *session)
{
        const struct cbpf_target target = {
            .link_type = DLT_LINUX_SLL2,
            .snapshot_length = CAPTURE_MAX_SNAPSHOT,
            .place = CBPF_LIVE_NETWORK,
            .netmask = CBPF_NETMASK_UNKNOWN,
            .sets = session->command->sets,
        };
        const struct extended_tap tap = {
            .context = CBPF_CONTEXT_TRACEPOINT,
            .kind = EBPF_RAW_TRACEPOINT,
            .table = drops_table(session->drops),
            .start = CBPF_START_FOUND,
            .argument = DROPS_PACKET,
            .receiver = drops_receiver(session->drops),
        };
        struct error error;

        if (*session->command->expression) {
                session->filter =
                    extended_for_tap(session->command->expression, &target, &tap, &error);
                if (!session->filter && error.kind == ERROR_MEMORY)
                        return out_of_memory();
                if (!session->filter)
                        complain("drops: the kernel does not run this filter, so filt does, on all "
                                 "that is dropped: %s",
                                 error.message);
        }
        if (!session->filter && *session->command->expression)
                session->jit = cbpf_jit_new(&session->program);
        else
                cbpf_program_free(&session->program);
        if (drops_attach(session->drops, session->filter ? extended_program(session->filter) : -1,
                         &error) < 0)
                return complain("drops: %s", error.message);
        return STATUS_DONE;
}

static int open_printer(struct session *session)
{
        const struct drops_command *command = session->command;
        struct print_options options = {
            .link_header = command->link_header,
            .quiet = command->quiet,
            .verbose = command->verbose,
            .time = (enum print_time)command->time,
            .json = command->json,
        };

        if (command->summary || (command->write_file && !command->print))
                return STATUS_DONE;
        options.colors = session->colors = choose_colors(command->color, STDOUT_FILENO);
        session->printer = printer_new(&options);
        return session->printer ? STATUS_DONE : out_of_memory();
}

static int open_writer(struct session *session)
{
        const struct drops_command *command = session->command;
        struct capture_writer_options options = {
            .format = CAPTURE_PCAPNG,
            .link_type = DLT_LINUX_SLL2,
            .snapshot_length = CAPTURE_MAX_SNAPSHOT,
            .nanoseconds = true,
            .filter = command->expression,
            .section = {.hardware = session->host.hardware,
                        .os = session->host.os,
                        .application = "filt " FILT_VERSION},
        };
        struct error error;

        if (!command->write_file)
                return STATUS_DONE;
        host_describe(&session->host);
        session->writer =
            strcmp(command->write_file, "-") == 0
                ? capture_writer_on(STDOUT_FILENO, "standard output", &options, &error)
                : capture_writer_create(command->write_file, &options, &error);
        return session->writer ? STATUS_DONE : complain_error(&error);
}

/* What is missing is told, and the rest is shown. */
static int read_tables(struct session *session)
{
        struct drop_tables *tables = &session->tables;
        struct error error;

        tables->reasons = drops_reasons_read(&error);
        if (!tables->reasons)
                return out_of_memory();
        if (session->command->all_namespaces && !(tables->namespaces = namespaces_read()))
                return out_of_memory();
        tables->symbols = drops_symbols_read(&error);
        if (!tables->symbols && error.kind == ERROR_MEMORY)
                return out_of_memory();
        if (!tables->symbols)
                complain("drops: places that only the stack tells are not known: %s",
                         error.message);
        return STATUS_DONE;
}

/* The process that reads them inherits signals that are blocked: it ends with this one. */
static int open_rules(struct session *session)
{
        struct error error;

        if (session->command->no_rules)
                return STATUS_DONE;
        session->tables.rules = rules_source_open(&error);
        if (!session->tables.rules)
                return complain_error(&error);
        rules_source_prepare(session->tables.rules, netns_own());
        return STATUS_DONE;
}

static int open_drops(struct session *session)
{
        const struct drops_command *command = session->command;
        const uint32_t own = netns_own();
        const bool whole = command->verbose > 1 || command->write_file || command->json;
        const struct drops_options options = {
            .frames = whole ? DROPS_STACK : FRAMES,
            .network_namespace = command->all_namespaces ? 0 : own,
            .snapshot = (uint32_t)command->snapshot_length,
            .ring = command->buffer,
        };
        struct error error;

        if (!own && !command->all_namespaces)
                return complain("drops: /proc/self/ns/net: %s", strerror(errno));
        session->frames = frames_new(own);
        if (!session->frames)
                return out_of_memory();
        session->drops = drops_open(&options, &error);
        if (!session->drops)
                return error.kind == ERROR_MEMORY ? out_of_memory()
                                                  : complain("drops: %s", error.message);
        return STATUS_DONE;
}

static int open_all(struct session *session)
{
        struct sandbox sandbox = {.channel = -1};
        int (*const steps[])(struct session *) = {
            compile, open_rules, open_drops, read_tables, open_writer, open_printer, start_filter};
        int status = STATUS_DONE;

        for (size_t i = 0; i < array_count(steps) && status == STATUS_DONE; i++)
                status = steps[i](session);
        if (status != STATUS_DONE)
                return status;
        if (session->command->summary && !(session->summary = summary_new()))
                return out_of_memory();
        session->signals = signals_to_end();
        if (session->tables.rules)
                sandbox.channel = rules_source_channel(session->tables.rules);
        return sandbox_enter(&sandbox) < 0 ? STATUS_FAILED : STATUS_DONE;
}

static void tell_start(const struct session *session)
{
        complain("listening on what the kernel drops in %s", session->command->all_namespaces
                                                                 ? "all network namespaces"
                                                                 : "this network namespace");
        if (!drops_has_reasons(session->drops))
                complain("drops: this kernel tells no reasons: that takes Linux 5.17");
}

/* --- The end --- */

static int close_all(struct session *session)
{
        struct error error;

        if (session->writer && capture_writer_close(session->writer, &error) < 0)
                session->status = complain_error(&error);
        printer_free(session->printer);
        summary_free(session->summary);
        drops_close(session->drops);
        drops_reasons_free(session->tables.reasons);
        drops_symbols_free(session->tables.symbols);
        namespaces_free(session->tables.namespaces);
        rules_source_close(session->tables.rules);
        frames_free(session->frames);
        extended_free(session->filter);
        cbpf_jit_free(session->jit);
        cbpf_program_free(&session->program);
        text_free(&session->fate);
        text_free(&session->line);
        text_free(&session->table);
        return session->status;
}

int drops_session(const struct drops_command *command)
{
        struct session session = {.command = command, .signals = -1};

        session.status = open_all(&session);
        if (session.status == STATUS_DONE) {
                if (command->summary && command->interval)
                        session.table_due =
                            (uint64_t)clock_now(CLOCK_MONOTONIC) + command->interval * NS_PER_MS;
                tell_start(&session);
                run(&session);
                finish(&session);
        }
        return close_all(&session);
}

/* The files of -w: when one follows another. Slices of -G begin at multiples of their length by the
 * clock on the wall or, where -W counts them, at multiples after the first one; how long one lasts
 * is measured by a clock that is never set. When files are read, the slices are those of their
 * packets' times. */
#include "base/clock.h"
#include "file_names.h"
#include "monitor.h"
#include "run.h"
#include "signals.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RETRY_MS = 50 };

struct savefile {
        const struct capture_command *command;
        struct capture_writer_options options;
        struct capture_writer *writer;
        struct resolver *resolver; /* NULL without --resolve */
        int names_status;          /* of writing names before the end of the file */
        struct monitor *monitor;   /* NULL for standard output */
        struct monitor_file file;  /* the one at hand */
        bool live;
        bool begun;        /* the first file is there */
        bool full;         /* -W ends the run */
        bool aligned;      /* slices begin at multiples of their length */
        time_t origin;     /* else: the first one begins */
        int64_t slice_end; /* live: in milliseconds of the clock that is never set */
        int64_t phase;     /* live, of slices' ends: milliseconds after the full second */
        time_t packet_end; /* from files: of the slice, in packets' time; 0 before the first */
        uint64_t finished; /* bytes in files before this one */
        struct host host;
        struct merged_section merged;
        char name[PATH_MAX];
};

static int64_t milliseconds(clockid_t clock)
{
        return clock_now(clock) / 1000000;
}

/* --- One file --- */

/* Takes `fd` over. */
static int begin_on(struct savefile *savefile, int fd)
{
        struct error error;

        savefile->writer = capture_writer_on(fd, savefile->name, &savefile->options, &error);
        if (!savefile->writer)
                return complain_error(&error);
        savefile->begun = true;
        /* So that the header is there. That of a pcapng file depends on the first packet. */
        return savefile_flush(savefile);
}

static int open_file(struct savefile *savefile, struct error *error)
{
        return monitor_open(savefile->monitor, &savefile->file, savefile->name, error);
}

/* A FIFO is tried until somebody reads it, or the end is asked for. */
static int begin_file(struct savefile *savefile)
{
        struct error error;
        int fd = savefile->monitor ? open_file(savefile, &error) : STDOUT_FILENO;

        while (fd < 0 && error.kind == MONITOR_NO_READER && !signals_want_end()) {
                poll(NULL, 0, RETRY_MS);
                fd = open_file(savefile, &error);
        }
        return fd < 0 ? complain_error(&error) : begin_on(savefile, fd);
}

static int write_names(struct savefile *savefile)
{
        struct error error;
        size_t count;
        struct capture_name *names = resolver_names(savefile->resolver, &count);
        int failed = names ? capture_writer_names(savefile->writer, names, count, &error)
                           : error_memory(&error);

        free(names);
        return failed ? complain_error(&error) : STATUS_DONE;
}

/* The resolver forgets: what is in no file yet goes into this one. */
static void keep_names(void *context)
{
        struct savefile *savefile = context;

        if (savefile->writer && !savefile->names_status)
                savefile->names_status = write_names(savefile);
}

/* `complete`: nothing more will come to the file of this name. */
static int end_file(struct savefile *savefile, bool complete)
{
        struct capture_writer *writer = savefile->writer;
        struct error error;
        int status = savefile->names_status;

        if (!status && writer && savefile->resolver)
                status = write_names(savefile);
        savefile->writer = NULL;
        if (!writer)
                return STATUS_DONE;
        savefile->finished += capture_writer_size(writer);
        if (capture_writer_close(writer, &error) < 0)
                return complain_error(&error);
        if (status)
                return status;
        if (complete && savefile->monitor)
                monitor_complete(savefile->monitor);
        return STATUS_DONE;
}

static int next_file(struct savefile *savefile)
{
        int status = end_file(savefile, true);

        return status ? status : begin_file(savefile);
}

int savefile_reopen(struct savefile *savefile)
{
        int status = savefile_flush(savefile);
        struct error error;
        int has_name, fd;

        if (!savefile->monitor || status)
                return status;
        has_name = monitor_has_name(savefile->monitor);
        if (has_name < 0)
                complain("%s: it cannot begin anew: the process that creates the files has ended; "
                         "packets go on into it",
                         savefile->name);
        if (has_name != 0)
                return STATUS_DONE;
        fd = open_file(savefile, &error);
        if (fd < 0) {
                complain("%s; packets go on into the file that had this name", error.message);
                return STATUS_DONE;
        }
        status = end_file(savefile, false);
        if (status) {
                close(fd);
                return status;
        }
        *savefile->options.whole = 0; /* of the new file */
        return begin_on(savefile, fd);
}

/* --- Rotation --- */

/* When the slice ends in which `time` lies: at a multiple of its length in local time, as an hour's
 * slice ends at the full hour; or after the first slice. */
static time_t end_of_slice(const struct savefile *savefile, time_t time)
{
        time_t length = (time_t)savefile->command->rotate_seconds;
        struct tm local;
        time_t offset = 0;

        if (!savefile->aligned)
                offset = -savefile->origin;
        else if (localtime_r(&time, &local))
                offset = local.tm_gmtoff;
        return time + length - (time + offset) % length;
}

static int next_slice(struct savefile *savefile, time_t begun)
{
        const struct capture_command *command = savefile->command;

        savefile->file = (struct monitor_file){.slice = savefile->file.slice + 1, .begun = begun};
        if (!command->rotate_size && command->rotate_files &&
            savefile->file.slice >= command->rotate_files) {
                complain("the maximum of %s is reached",
                         counted(command->rotate_files, "file").text);
                savefile->full = true;
                return STATUS_DONE;
        }
        return next_file(savefile);
}

/* Whether slices of -G end when a packet comes, not when it is time. */
static bool from_start(const struct savefile *savefile)
{
        return savefile->command->rotate_seconds && savefile->command->habits->slices_from_start;
}

int64_t savefile_deadline(const struct savefile *savefile)
{
        return savefile->live && savefile->command->rotate_seconds && !from_start(savefile)
                   ? savefile->slice_end
                   : INT64_MAX;
}

int savefile_tick(struct savefile *savefile, int64_t now)
{
        int64_t length = (int64_t)savefile->command->rotate_seconds * 1000, late;

        if (now < savefile_deadline(savefile))
                return STATUS_DONE;
        late = (now - savefile->slice_end) % length;
        savefile->slice_end = now - late + length;
        return next_slice(
            savefile,
            (time_t)((milliseconds(CLOCK_REALTIME) - late - savefile->phase + 500) / 1000));
}

/* A slice that is old enough ends when a packet comes. */
static int rotate_from_start(struct savefile *savefile)
{
        time_t now;

        if (!from_start(savefile))
                return STATUS_DONE;
        now = time(NULL);
        if (now < savefile->packet_end)
                return STATUS_DONE;
        savefile->packet_end = now + (time_t)savefile->command->rotate_seconds;
        return next_slice(savefile, now);
}

/* From files: a packet that comes after the slice begins its own. */
static int rotate_by_packet(struct savefile *savefile, time_t time)
{
        bool first = savefile->packet_end == 0;
        time_t begun = savefile->packet_end;

        if (savefile->live || !savefile->command->rotate_seconds || from_start(savefile) ||
            (!first && time < savefile->packet_end))
                return STATUS_DONE;
        if (first)
                savefile->origin = time;
        savefile->packet_end = end_of_slice(savefile, time);
        if (!first) {
                time_t full = savefile->packet_end - (time_t)savefile->command->rotate_seconds;

                return next_slice(savefile, full > begun ? full : begun);
        }
        savefile->file.begun = time;
        return begin_file(savefile);
}

/* A file that is too long gets no further packet. */
static int rotate_by_size(struct savefile *savefile)
{
        const struct capture_command *command = savefile->command;

        if (!command->rotate_size || capture_writer_size(savefile->writer) <= command->rotate_size)
                return STATUS_DONE;
        savefile->file.number++;
        if (command->rotate_files && savefile->file.number >= command->rotate_files)
                savefile->file.number = 0;
        return next_file(savefile);
}

static int rotate(struct savefile *savefile, time_t time)
{
        int status = rotate_by_packet(savefile, time);

        if (!status)
                status = rotate_from_start(savefile);
        return status || savefile->full ? status : rotate_by_size(savefile);
}

static bool rotates(const struct savefile *savefile)
{
        return savefile->command->rotate_size || savefile->command->rotate_seconds;
}

/* --- Packets --- */

static int write_part(struct savefile *savefile, const struct capture_batch *batch, size_t from,
                      size_t to)
{
        struct error error;

        if (capture_writer_batch(savefile->writer, batch, from, to, &error) == 0)
                return STATUS_DONE;
        return complain_error(&error);
}

int savefile_batch(struct savefile *savefile, const struct capture_batch *batch, size_t from,
                   size_t to)
{
        for (size_t i = from; rotates(savefile) && i < to; i++) {
                struct capture_record record;
                int status;

                if (batch->verdicts[i] == 0)
                        continue;
                capture_batch_record(batch, i, &record);
                status = rotate(savefile, record.time.tv_sec);
                if (!status && !savefile->full)
                        status = write_part(savefile, batch, from, i + 1);
                if (status || savefile->full || i + 1 == batch->count)
                        return status;
                from = i + 1;
        }
        return savefile->writer ? write_part(savefile, batch, from, to) : STATUS_DONE;
}

int savefile_packets(struct savefile *savefile, const struct capture_record *records, size_t count,
                     size_t *taken)
{
        struct error error;

        for (*taken = 0; *taken < count; ++*taken) {
                const struct capture_record *record = &records[*taken];
                int status =
                    rotates(savefile) ? rotate(savefile, record->time.tv_sec) : STATUS_DONE;

                if (status || savefile->full)
                        return status;
                if (capture_writer_write(savefile->writer, record, &error) < 0)
                        return complain_error(&error);
        }
        return STATUS_DONE;
}

int savefile_flush(struct savefile *savefile)
{
        struct error error;

        if (!savefile->writer ||
            capture_writer_flush(savefile->writer, savefile->command->sync, &error) == 0)
                return STATUS_DONE;
        return complain_error(&error);
}

uint64_t savefile_size(const struct savefile *savefile)
{
        return savefile->finished + (savefile->writer ? capture_writer_size(savefile->writer) : 0);
}

/* --- All of them --- */

/* Whether the command of -z can be run; complains if not. */
static bool check_command(const char *command, const struct user *user)
{
        if (!command || process_may_run(command, user))
                return true;
        if (process_find(command))
                complain("-z %s: the user of -Z may not execute it", command);
        else if (strchr(command, '/') && access(command, F_OK) == 0)
                complain("-z %s: it cannot be executed", command);
        else
                complain("-z %s: there is no such command", command);
        return false;
}

static bool start_monitor(struct savefile *savefile)
{
        const struct capture_command *command = savefile->command;
        bool as_other = command->user && strcmp(command->user, "root") != 0;
        struct user user;
        struct monitor_options options = {
            .name = file_name,
            .context = (void *)command,
            .command = command->after_file,
            .user = as_other ? &user : NULL,
            .keep = command->rotate_size ? command->rotate_files : 0,
            .mode = command->habits->open_files ? 0666 : 0600,
        };
        struct error error;

        if (strcmp(command->write_file, "-") == 0 && !rotates(savefile)) {
                snprintf(savefile->name, sizeof savefile->name, "standard output");
                return true;
        }
        if ((as_other && !user_find(command->user, &user)) ||
            !check_command(command->after_file, options.user))
                return false;
        savefile->monitor = monitor_start(&options, &error);
        if (!savefile->monitor) {
                complain_error(&error);
                return false;
        }
        savefile->options.whole = monitor_whole(savefile->monitor);
        return true;
}

/* With -G, the first file from files begins with the first packet. */
static bool begin(struct savefile *savefile)
{
        int64_t now = milliseconds(CLOCK_REALTIME);

        savefile->file.begun = savefile->origin = (time_t)(now / 1000);
        if (from_start(savefile))
                savefile->packet_end = savefile->origin + (time_t)savefile->command->rotate_seconds;
        else if (!savefile->live && savefile->command->rotate_seconds)
                return true;
        if (!savefile->aligned)
                savefile->phase = now % 1000;
        if (savefile->command->rotate_seconds)
                savefile->slice_end = milliseconds(CLOCK_MONOTONIC) + savefile->phase - now +
                                      end_of_slice(savefile, savefile->origin) * 1000;
        return begin_file(savefile) == STATUS_DONE;
}

/* A merged file says what all of its files say. Returns false if memory is short. */
static bool describe_merged(struct savefile *savefile, const struct run *run)
{
        struct capture_writer_options *options = &savefile->options;
        struct merged_section *merged = &savefile->merged;
        const char *this_program = options->section.application;

        if (!merged_section_make(merged, run))
                return false;
        options->section = merged->said;
        if (!options->section.application)
                options->section.application = this_program;
        options->comments = merged->comments;
        options->comment_count = merged->count;
        options->merged = run->capture;
        return true;
}

/* What a pcapng file says of the capture; that of packets from a file says nothing of this machine.
 * Returns false if memory is short. */
static bool describe_capture(struct savefile *savefile, const struct run *run)
{
        const struct capture_command *command = savefile->command;
        struct capture_writer_options *options = &savefile->options;

        options->section.application = "filt " FILT_VERSION;
        options->comments = command->comments;
        options->comment_count = command->comment_count;
        if (!savefile->live)
                return !run->files || describe_merged(savefile, run);
        clock_gettime(CLOCK_REALTIME, &options->began);
        options->section.hardware = savefile->host.hardware;
        options->section.os = savefile->host.os;
        options->filter = *command->expression ? command->expression : NULL;
        return true;
}

/* A classic file has one link type. */
static bool check_link_types(const struct savefile *savefile, const struct capture *capture)
{
        const struct capture_interface *first = capture_interface(capture, 0), *other;

        for (uint32_t i = 1; savefile->live && (other = capture_interface(capture, i)); i++)
                if (savefile->options.format == CAPTURE_PCAP &&
                    other->link_type != first->link_type) {
                        complain("%s: packets of %s (%s) and of %s (%s) do not go into one pcap "
                                 "file; write pcapng (--format pcapng)",
                                 savefile->command->write_file, first->name,
                                 link_type_name(first->link_type), other->name,
                                 link_type_name(other->link_type));
                        return false;
                }
        return true;
}

/* -G with names that repeat at once: what is written is lost soon. Those that repeat after some
 * slices, by the hour of the day for example, are meant so. */
static void warn_of_names(const struct savefile *savefile)
{
        enum { LOOKED_AT = 3 };
        const struct capture_command *command = savefile->command;
        time_t begun = time(NULL);

        if (!command->rotate_seconds || (!savefile->aligned && command->rotate_files == 1) ||
            command->habits->bare_lines)
                return;
        for (int i = 0; i < LOOKED_AT; i++) {
                time_t next = end_of_slice(savefile, begun);

                if (file_names_equal(command, begun, next)) {
                        complain("warning: -G: each file has the name of the one before, and "
                                 "overwrites it; put the time into the name: x-%%H%%M%%S.pcap");
                        return;
                }
                begun = next;
        }
}

struct savefile *savefile_prepare(const struct capture_command *command)
{
        struct savefile *savefile = calloc(1, sizeof *savefile);

        if (!savefile) {
                out_of_memory();
                return NULL;
        }
        savefile->command = command;
        savefile->live = command->read_count == 0;
        savefile->aligned = command->rotate_size || !command->rotate_files;
        warn_of_names(savefile);
        if (savefile->live)
                host_describe(&savefile->host);
        file_format(command, &savefile->options);
        if (start_monitor(savefile))
                return savefile;
        free(savefile);
        return NULL;
}

static bool writes_nanoseconds(const struct capture_command *command, struct capture *capture)
{
        if (command->habits->microseconds)
                return command->precision == PRECISION_NANO;
        return capture_info(capture)->nanoseconds && command->precision != PRECISION_MICRO;
}

int savefile_begin(struct savefile *savefile, const struct run *run)
{
        const struct capture_command *command = savefile->command;
        struct capture *capture = run->capture;
        _Atomic uint64_t *whole = savefile->options.whole;
        struct error error;

        savefile->options = (struct capture_writer_options){
            .whole = whole,
            .link_type = capture_info(capture)->link_type,
            .link_type_extension = capture_info(capture)->link_type_extension,
            .snapshot_length = snapshot_length(run),
            .nanoseconds = writes_nanoseconds(command, capture),
            .link_type_varies = capture_info(capture)->link_type_varies,
            .live = savefile->live ? capture : NULL,
            .patience = signals_patience(),
        };
        file_format(command, &savefile->options);
        if (!describe_capture(savefile, run))
                return out_of_memory();
        if (savefile->options.link_type >= 0 &&
            capture_writer_check(command->write_file, &savefile->options, &error) < 0)
                return complain_error(&error);
        return check_link_types(savefile, capture) && begin(savefile) ? STATUS_DONE : STATUS_FAILED;
}

bool savefile_wants_names(const struct savefile *savefile)
{
        return savefile->command->resolve && savefile->options.format == CAPTURE_PCAPNG;
}

void savefile_set_resolver(struct savefile *savefile, struct resolver *resolver)
{
        savefile->resolver = resolver;
        resolver_watch(resolver, keep_names, savefile);
}

int savefile_channel(const struct savefile *savefile)
{
        return savefile->monitor ? monitor_channel(savefile->monitor) : -1;
}

void savefile_free(struct savefile *savefile)
{
        if (!savefile)
                return;
        monitor_end(savefile->monitor);
        merged_section_free(&savefile->merged);
        free(savefile);
}

/* No packet came to a file that was to begin with the first: an empty one is what -w promises. */
static int begin_empty(struct savefile *savefile)
{
        return savefile->begun ? STATUS_DONE : begin_file(savefile);
}

int savefile_close(struct savefile *savefile)
{
        int status = savefile->writer ? STATUS_DONE : begin_empty(savefile);

        if (status == STATUS_DONE)
                status =
                    end_file(savefile, savefile->full || !savefile->command->habits->rotated_alone);
        if (!monitor_end(savefile->monitor) && status == STATUS_DONE)
                status = STATUS_FAILED;
        free(savefile);
        return status;
}

bool savefile_full(const struct savefile *savefile)
{
        return savefile && savefile->full;
}

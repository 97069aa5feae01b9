/* What becomes of packets that pass: printed, saved, counted. */
#include "cli/process/process.h"
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Returns NULL when memory is short. */
static struct printer *open_printer(struct run *run)
{
        struct print_options options = run->command->printing;

        options.colors = choose_colors(run->command->color, STDOUT_FILENO);
        if (run->silent)
                options = (struct print_options){.quiet = true};
        else
                options.names.interface = interface_names_find;
        options.names.interfaces = run->interface_names;
        if (run->resolver) {
                options.names.address = resolver_address;
                options.names.port = run->silent ? NULL : resolver_port;
                options.names.protocols = !run->silent;
                options.names.station = run->silent ? NULL : resolver_station;
                options.names.context = run->resolver;
        }
        return printer_new(&options);
}

static bool open_resolver(struct run *run)
{
        struct resolver_options options = {.first_labels = run->command->first_labels,
                                           .patient = run->command->habits->waits_for_names};

        if (run->command->foreign)
                device_network(run->devices[0], &options.network, &options.netmask);
        run->resolver = resolver_new(&options);
        return run->resolver != NULL;
}

int prepare_outputs(struct run *run)
{
        const struct capture_command *command = run->command;
        bool names;

        if (command->write_file && !(run->savefile = savefile_prepare(command)))
                return STATUS_FAILED;
        names = run->savefile && savefile_wants_names(run->savefile);
        run->silent = !(command->print && command->write_file && command->habits->prints_counted) &&
                      (command->only_count || (command->write_file && !command->print));
        if (run->silent && !names)
                return STATUS_DONE;
        if (command->resolve && !open_resolver(run))
                return out_of_memory();
        if (names)
                savefile_set_resolver(run->savefile, run->resolver);
        run->interface_names = interface_names_new(command);
        run->printer = run->interface_names ? open_printer(run) : NULL;
        return run->printer ? STATUS_DONE : out_of_memory();
}

int begin_outputs(struct run *run)
{
        return run->savefile ? savefile_begin(run->savefile, run) : STATUS_DONE;
}

int flush_output(struct run *run)
{
        int status = STATUS_DONE;

        if (run->savefile && run->command->unbuffered)
                status = savefile_flush(run->savefile);
        if (status)
                return status;
        if (run->unread)
                return STATUS_DONE;
        status = flush_standard_output();
        if (status >= 0 || !run->savefile || !run->printer)
                return status;
        complain("standard output: its reader has left; nothing more is printed, and saving goes "
                 "on");
        run->unread = true;
        return STATUS_DONE;
}

static bool names_are_saved(const struct run *run)
{
        return run->resolver && run->savefile && savefile_wants_names(run->savefile);
}

static struct print_packet printed_packet(const struct run *run,
                                          const struct capture_record *record)
{
        const struct capture_interface *on = record->on;
        struct print_packet packet = {
            .packet = record->packet, .link_type = record->link_type, .time = record->time};

        if (run->command->habits->bare_packets && !run->live)
                return packet;
        packet.interface = on ? on->name : NULL;
        packet.interface_description = on ? on->description : NULL;
        packet.comment = record->comment;
        packet.note = record->note;
        packet.members = record->members;
        packet.passage = record->passage;
        packet.dropped = record->dropped;
        packet.several = capture_info(run->capture)->several_interfaces;
        return packet;
}

static int print_packet(struct run *run, const struct capture_record *record)
{
        const struct print_packet packet = printed_packet(run, record);
        size_t length;
        const char *text;

        if (run->unread && !names_are_saved(run))
                return STATUS_DONE;
        if (run->command->sampling && ++run->unprinted < run->command->sampling) {
                printer_skip(run->printer);
                return STATUS_DONE;
        }
        run->unprinted = 0;
        text = printer_print(run->printer, &packet, &length);
        if (!text)
                return out_of_memory();
        if (!run->silent && !run->unread)
                fwrite_unlocked(text, 1, length, stdout);
        return length > 0 && text[length - 1] != '\n' ? late_status(run->command) : STATUS_DONE;
}

/* After what has been delivered: hands it on at once where that is asked for, and notices a reader
 * who has left. */
static int handed_on(struct run *run)
{
        if (run->command->line_buffered || run->command->unbuffered ||
            (ferror_unlocked(stdout) && !run->unread))
                return flush_output(run);
        return STATUS_DONE;
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

static int print_batch(struct run *run, const struct capture_batch *batch, size_t from, size_t to)
{
        for (size_t i = from; i < to; i++) {
                struct capture_record record;
                int status;

                if (batch->verdicts[i] == 0)
                        continue;
                capture_batch_record(batch, i, &record);
                if (run->processes_told && record.comment &&
                    !process_told_read(run->processes_told, &record))
                        return out_of_memory();
                status = print_packet(run, &record);
                if (!status && (run->command->line_buffered || ferror_unlocked(stdout)))
                        status = flush_output(run);
                if (status)
                        return status;
        }
        return STATUS_DONE;
}

bool saved_enough(const struct run *run)
{
        uint64_t size = run->command->size;

        return savefile_full(run->savefile) || (size && savefile_size(run->savefile) >= size);
}

/* Whether a batch is written and printed packet by packet: where the names in print go into the
 * same one of several files, or what is saved may be enough after any packet. */
static bool goes_singly(const struct run *run)
{
        const struct capture_command *command = run->command;

        return command->size || (command->rotate_files && command->rotate_seconds) ||
               (names_are_saved(run) && (command->rotate_size || command->rotate_seconds));
}

/* Prints each, and hands on what has been delivered. */
static int print_records(struct run *run, const struct capture_record *records, size_t count)
{
        int status = STATUS_DONE;

        for (size_t i = 0; run->printer && i < count && !status; i++) {
                status = print_packet(run, &records[i]);
                if (!status)
                        status = handed_on(run);
        }
        return status || run->printer ? status : handed_on(run);
}

/* --skip, -c: what is left of `count` packets, from `*first` on. */
static size_t choose_wanted(struct run *run, size_t count, size_t *first)
{
        const struct capture_command *command = run->command;
        uint64_t skipped = command->skip - run->skipped;

        *first = skipped < count ? (size_t)skipped : count;
        run->skipped += *first;
        count -= *first;
        if (command->count && command->count - run->packets < count)
                return (size_t)(command->count - run->packets);
        return count;
}

int deliver(struct run *run, const struct capture_record *records, size_t count, size_t *taken)
{
        bool singly = goes_singly(run);
        int status = STATUS_DONE;
        size_t left = choose_wanted(run, count, taken);

        while (left > 0 && !status && !saved_enough(run)) {
                const struct capture_record *next = &records[*taken];
                size_t step = singly ? 1 : left, saved = step;

                if (run->savefile)
                        status = savefile_packets(run->savefile, next, step, &saved);
                run->packets += saved;
                *taken += saved;
                left -= saved;
                if (status || saved < step)
                        break;
                status = print_records(run, next, step);
        }
        return status;
}

/* All are written, then all are printed; or one after the other. What is not written is taken back
 * from the packets delivered. */
static int write_and_print(struct run *run, const struct capture_batch *batch, size_t count)
{
        bool singly = goes_singly(run);
        int status = STATUS_DONE;
        size_t from = 0;

        do {
                size_t to = singly && from < count ? from + 1 : count;

                if (run->savefile)
                        status = savefile_batch(run->savefile, batch, from, to);
                if (savefile_full(run->savefile)) /* before it took the packet */
                        break;
                if (!status && run->printer)
                        status = print_batch(run, batch, from, to);
                from = to;
        } while (!status && from < count && !saved_enough(run));
        for (; from < count; from++)
                run->packets -= batch->verdicts[from] != 0;
        return status;
}

/* --skip */
static void skip_first(struct run *run, const struct capture_batch *batch)
{
        for (size_t i = 0; i < batch->count && run->skipped < run->command->skip; i++) {
                run->skipped += batch->verdicts[i] != 0;
                batch->verdicts[i] = 0;
        }
}

/* -c where it is for each file. */
static void pass_over_rest(struct run *run, const struct capture_batch *batch)
{
        uint64_t limit = run->command->count_each;

        if (limit == 0 || batch->count == 0)
                return;
        if (batch->keeper != run->counted_file)
                run->counted = 0;
        run->counted_file = batch->keeper;
        for (size_t i = 0; i < batch->count; i++)
                if (batch->verdicts[i] && run->counted++ >= limit)
                        batch->verdicts[i] = 0;
}

int deliver_batch(struct run *run, const struct capture_batch *batch)
{
        bool streams = capture_progress(run->capture).size == 0; /* more may come much later */
        int status;

        skip_first(run, batch);
        pass_over_rest(run, batch);
        status = write_and_print(run, batch, take_count(run, batch));

        if (!status && streams && run->printer)
                return flush_output(run);
        return status ? status : handed_on(run);
}

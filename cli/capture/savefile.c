/* The files of -w: their names, their format, and when one follows another. Names and times are
 * tcpdump's: with -G the name is strftime(3)'s format for the time when the file is begun; with -C
 * a number follows the name, from 1, or from 0 with as many digits as -W asks for. */
#include "run.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct savefile {
        const struct capture_command *command;
        struct capture_writer_options options;
        struct capture_writer *writer;
        time_t begun;    /* when the time slice began */
        uint64_t slice;  /* its number, from 0 */
        uint64_t number; /* of the file in it */
        bool rotates;
        bool full; /* -W with -G: that was the last file */
        char name[PATH_MAX];
};

static bool ends_with(const char *name, size_t length, const char *suffix)
{
        size_t wanted = strlen(suffix);

        return length > wanted && memcmp(name + length - wanted, suffix, wanted) == 0;
}

/* What the name tells of the format: .pcapng, and .gz or .zst behind it. */
static void choose_format(struct savefile *savefile)
{
        const struct capture_command *command = savefile->command;
        const char *name = command->write_file;
        size_t length = strlen(name);

        savefile->options.compression = CAPTURE_PLAIN;
        if (ends_with(name, length, ".gz")) {
                savefile->options.compression = CAPTURE_GZIP;
                length -= strlen(".gz");
        } else if (ends_with(name, length, ".zst")) {
                savefile->options.compression = CAPTURE_ZSTD;
                length -= strlen(".zst");
        }
        savefile->options.format =
            ends_with(name, length, ".pcapng") ? CAPTURE_PCAPNG : CAPTURE_PCAP;
        if (command->format != CAPTURE_UNKNOWN)
                savefile->options.format = command->format;
}

/* Digits of the highest number that -W lets a file have. */
static int digits_of(uint64_t files)
{
        int digits = 0;

        for (uint64_t last = files > 0 ? files - 1 : 0; last > 0; last /= 10)
                digits++;
        return digits;
}

static bool make_name(struct savefile *savefile)
{
        const struct capture_command *command = savefile->command;
        int digits = command->rotate_size ? digits_of(command->rotate_files) : 0;
        char stem[PATH_MAX];
        struct tm broken;
        int length;

        snprintf(stem, sizeof stem, "%s", command->write_file);
        if (command->rotate_seconds &&
            (!localtime_r(&savefile->begun, &broken) ||
             strftime(stem, sizeof stem, command->write_file, &broken) == 0)) {
                complain("%s: the time does not fit into the name", command->write_file);
                return false;
        }
        if (savefile->number == 0 && digits == 0)
                length = snprintf(savefile->name, sizeof savefile->name, "%s", stem);
        else
                length = snprintf(savefile->name, sizeof savefile->name, "%s%0*" PRIu64, stem,
                                  digits, savefile->number);
        if (length < (int)sizeof savefile->name)
                return true;
        complain("%s: the name becomes too long", command->write_file);
        return false;
}

static int begin_file(struct savefile *savefile)
{
        struct error error;

        if (!make_name(savefile))
                return STATUS_FAILED;
        for (size_t i = 0; i < savefile->command->read_count; i++)
                if (would_overwrite(savefile->name, savefile->command->read_files[i]))
                        return STATUS_FAILED;
        savefile->writer = capture_writer_create(savefile->name, &savefile->options, &error);
        if (savefile->writer)
                return STATUS_DONE;
        return complain_error(&error);
}

static int end_file(struct savefile *savefile)
{
        struct capture_writer *writer = savefile->writer;
        struct error error;

        savefile->writer = NULL;
        if (writer && capture_writer_close(writer, &error) < 0)
                return complain_error(&error);
        return STATUS_DONE;
}

static int next_file(struct savefile *savefile)
{
        int status = end_file(savefile);

        return status ? status : begin_file(savefile);
}

/* A time slice ends when a packet comes after it. */
static int rotate_by_time(struct savefile *savefile)
{
        const struct capture_command *command = savefile->command;
        time_t now = time(NULL);

        if (!command->rotate_seconds || now - savefile->begun < (time_t)command->rotate_seconds)
                return STATUS_DONE;
        savefile->begun = now;
        savefile->slice++;
        savefile->number = 0;
        if (!command->rotate_size && command->rotate_files &&
            savefile->slice >= command->rotate_files) {
                complain("the maximum of %" PRIu64 " files is reached", command->rotate_files);
                savefile->full = true;
                return STATUS_DONE;
        }
        return next_file(savefile);
}

/* A file that is too long gets no further packet. */
static int rotate_by_size(struct savefile *savefile)
{
        const struct capture_command *command = savefile->command;

        if (!command->rotate_size || capture_writer_size(savefile->writer) <= command->rotate_size)
                return STATUS_DONE;
        savefile->number++;
        if (command->rotate_files && savefile->number >= command->rotate_files)
                savefile->number = 0;
        return next_file(savefile);
}

static int rotate(struct savefile *savefile)
{
        int status = rotate_by_time(savefile);

        return status || savefile->full ? status : rotate_by_size(savefile);
}

static int write_part(struct savefile *savefile, const struct capture_batch *batch, size_t from,
                      size_t to)
{
        struct error error;

        if (capture_writer_batch(savefile->writer, batch, from, to, &error) < 0)
                return complain_error(&error);
        return STATUS_DONE;
}

int savefile_batch(struct savefile *savefile, const struct capture_batch *batch, size_t from,
                   size_t to)
{
        for (size_t i = from; savefile->rotates && i < to; i++) {
                int status;

                if (batch->verdicts[i] == 0)
                        continue;
                status = rotate(savefile);
                if (!status && !savefile->full)
                        status = write_part(savefile, batch, from, i + 1);
                if (status || savefile->full || i + 1 == batch->count)
                        return status;
                from = i + 1;
        }
        return write_part(savefile, batch, from, to);
}

int savefile_packet(struct savefile *savefile, const struct capture_record *record)
{
        int status = savefile->rotates ? rotate(savefile) : STATUS_DONE;
        struct error error;

        if (status || savefile->full || capture_writer_write(savefile->writer, record, &error) == 0)
                return status;
        return complain_error(&error);
}

int savefile_flush(struct savefile *savefile)
{
        struct error error;

        if (savefile->writer && capture_writer_flush(savefile->writer, &error) < 0)
                return complain_error(&error);
        return STATUS_DONE;
}

struct savefile *savefile_open(const struct capture_command *command, const struct capture *capture,
                               uint32_t snapshot_length)
{
        struct savefile *savefile = calloc(1, sizeof *savefile);

        if (!savefile) {
                out_of_memory();
                return NULL;
        }
        savefile->command = command;
        savefile->rotates = command->rotate_size || command->rotate_seconds;
        savefile->begun = time(NULL);
        savefile->options = (struct capture_writer_options){
            .link_type = capture_info(capture)->link_type,
            .link_type_extension = capture_info(capture)->link_type_extension,
            .snapshot_length = snapshot_length,
            .nanoseconds =
                capture_info(capture)->nanoseconds && command->precision != PRECISION_MICRO,
        };
        choose_format(savefile);
        if (begin_file(savefile) == STATUS_DONE)
                return savefile;
        free(savefile);
        return NULL;
}

int savefile_close(struct savefile *savefile)
{
        int status = end_file(savefile);

        free(savefile);
        return status;
}

bool savefile_full(const struct savefile *savefile)
{
        return savefile && savefile->full;
}

/* See file_names.h. */
#include "file_names.h"
#include "base/array.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const compressed[] = {[CAPTURE_GZIP] = ".gz", [CAPTURE_ZSTD] = ".zst"};
static const char *const foreign[] = {".7z",  ".br",   ".bz2", ".gzip", ".lz",  ".lz4",
                                      ".lzo", ".lzma", ".xz",  ".z",    ".zip", ".zstd"};

static bool ends_with(const char *name, size_t length, const char *suffix)
{
        size_t wanted = strlen(suffix);

        return length > wanted && strncasecmp(name + length - wanted, suffix, wanted) == 0;
}

/* The compression that a name states; takes its suffix off `*length`. */
static enum capture_compression compression_of(const char *name, size_t *length)
{
        for (int i = CAPTURE_GZIP; i <= CAPTURE_ZSTD; i++)
                if (ends_with(name, *length, compressed[i])) {
                        *length -= strlen(compressed[i]);
                        return (enum capture_compression)i;
                }
        return CAPTURE_PLAIN;
}

const char *foreign_compression(const char *name)
{
        size_t length = strlen(name);

        for (size_t i = 0; i < array_count(foreign); i++)
                if (ends_with(name, length, foreign[i]))
                        return foreign[i];
        return NULL;
}

void file_format(const struct capture_command *command, struct capture_writer_options *options)
{
        const char *name = command->write_file;
        size_t length = strlen(name);

        if (command->habits->classic_files) {
                options->format =
                    command->format == CAPTURE_UNKNOWN ? CAPTURE_PCAP : command->format;
                return;
        }
        options->compression = compression_of(name, &length);
        options->format = ends_with(name, length, ".pcapng") ? CAPTURE_PCAPNG : CAPTURE_PCAP;
        if (command->format != CAPTURE_UNKNOWN)
                options->format = command->format;
}

/* Digits of the highest number that -W lets a file have. */
static int digits_of(uint64_t files)
{
        int digits = 0;

        for (uint64_t last = files > 0 ? files - 1 : 0; last > 0; last /= 10)
                digits++;
        return digits;
}

/* Where the suffix of a name begins: x.pcapng.zst has .pcapng.zst, x has none. */
static size_t suffix_of(const char *name)
{
        size_t length = strlen(name), end = length;
        const char *file = strrchr(name, '/');
        const char *dot;

        file = file ? file + 1 : name;
        compression_of(name, &end);
        dot = memrchr(file, '.', (size_t)(name + end - file));
        return dot && dot > file ? (size_t)(dot - name) : end;
}

/* The name but for the number of -C. Returns false if the time does not fit. */
static bool put_time(const struct capture_command *command, time_t begun, char stem[PATH_MAX])
{
        struct tm broken;

        snprintf(stem, PATH_MAX, "%s", command->write_file);
        return !command->rotate_seconds ||
               (localtime_r(&begun, &broken) &&
                strftime(stem, PATH_MAX, command->write_file, &broken) > 0);
}

bool file_names_equal(const struct capture_command *command, time_t one, time_t other)
{
        char first[PATH_MAX], second[PATH_MAX];

        return put_time(command, one, first) && put_time(command, other, second) &&
               strcmp(first, second) == 0;
}

int file_name(void *context, const struct monitor_file *file, char name[PATH_MAX],
              struct error *error)
{
        const struct capture_command *command = context;
        int digits = command->rotate_size ? digits_of(command->rotate_files) : 0;
        char stem[PATH_MAX];
        size_t suffix;
        int length;

        if (!put_time(command, file->begun, stem))
                return error_set(error, "%s: the time does not fit into the name",
                                 command->write_file);
        suffix = suffix_of(stem);
        if (file->number == 0 && digits == 0)
                length = snprintf(name, PATH_MAX, "%s", stem);
        else if (command->habits->numbers_behind)
                length = snprintf(name, PATH_MAX, "%s%0*" PRIu64, stem, digits, file->number);
        else
                length = snprintf(name, PATH_MAX, "%.*s-%0*" PRIu64 "%s", (int)suffix, stem, digits,
                                  file->number, stem + suffix);
        if (length >= PATH_MAX)
                return error_set(error, "%s: the name becomes too long", command->write_file);
        for (size_t i = 0; i < command->read_count; i++)
                if (is_same_file(name, command->read_files[i]))
                        return error_set(error, "%s: is the file being read; write to another one",
                                         name);
        return 0;
}

/* filt tcpdump: the capture command with tcpdump's options and habits. The rows here are the
 * options that mean something else to tcpdump than to filt; the others are those of filt. */
#include "capture.h"

#include <errno.h>
#include <stdlib.h>

#define AT(member) offsetof(struct capture_command, member)

static bool take_last_input(void *place, const struct cli_option *option, const char *path)
{
        struct capture_command *command = place;

        (void)option;
        command->read_count = 0;
        return take_input(command, option, path);
}

static bool take_last_device(void *place, const struct cli_option *option, const char *device)
{
        struct capture_command *command = place;

        (void)option;
        command->device_count = 0;
        return take_device(command, option, device);
}

/* As Debian's tcpdump, which is built without libsmi. */
static bool take_mib(void *place, const struct cli_option *option, const char *file)
{
        (void)place;
        (void)option;
        complain("ignoring option `-m %s' (no libsmi support)", file);
        return true;
}

/* filt takes the last form for more of these. */
static bool take_time(void *place, const struct cli_option *option, const char *value)
{
        (void)option;
        (void)value;
        if (++*(int *)place <= PRINT_TIME_SINCE_FIRST)
                return true;
        complain("only -t, -tt, -ttt, -tttt and -ttttt are supported");
        return false;
}

/* What tcpdump says of values that it does not take, and of what is not there. */
static const struct refusal tcpdump_refusals[] = {
    {"-c", "invalid packet count ", "", false},
    {"-s", "invalid snaplen ", " (must be >= 0 and <= 262144)", false},
    {"-B", "invalid packet buffer size ", "", false},
    {"-C", "invalid file size ", "", false},
    {"-G", "invalid number of seconds ", "", false},
    {"-W", "invalid number of output files ", "", false},
    {"-Q", "unknown capture direction `", "'", false},
    {"-T", "unknown packet type `", "'", false},
    {"-y", "invalid data link type ", "", false},
    {"--time-stamp-type", "invalid time stamp type ", "", false},
    {"--time-stamp-precision", "unsupported time stamp precision", NULL, false},
    {"-i", "", ": No such device exists\n(No such device exists)", false},
    {"-i down", "", ": That device is not up", false},
    {"-i gone", "pcap_loop: The interface disappeared", NULL, false},
    {"-I", "", ": That device doesn't support monitor mode", false},
    {"number of -i", "Invalid adapter index", NULL, false},
    {"-F", "can't open ", ": ", true},
    {"-Z", "Couldn't find user '", "'", false},
    {"-F unread", "read ", ": ", true},
    {"-V", "Unable to open file: ", NULL, true},
    {"-V unread", "Nothing in ", "", false},
    {"-V empty", "Nothing in ", "", false},
    {NULL, NULL, NULL, false},
};

/* Keeps what tcpdump has read from `value`, if it is in the range. */
static bool keep(void *place, const struct cli_option *option, const char *value, int64_t number)
{
        const char name[] = {'-', option->letter, '\0'};

        *(uint64_t *)place = (uint64_t)number;
        return (number >= (int64_t)option->least && number <= (int64_t)option->most) ||
               !refused(name, value);
}

/* The digits in front, 0 where there are none, and the lower 32 bits of that. */
static bool take_leading(void *place, const struct cli_option *option, const char *value)
{
        return keep(place, option, value, (int32_t)strtol(value, NULL, 10));
}

static bool take_buffer(void *place, const struct cli_option *option, const char *value)
{
        int32_t bytes = (int32_t)((uint32_t)strtol(value, NULL, 10) * 1024);

        return keep(place, option, value, bytes / 1024);
}

/* All of it, in octal or hex, too; and the lower 32 bits of that. */
static bool take_snapshot_length(void *place, const struct cli_option *option, const char *value)
{
        char *end;
        int32_t length = (int32_t)strtol(value, &end, 0);

        return keep(place, option, value, end == value || *end ? -1 : length);
}

static bool take_file_size(void *place, const struct cli_option *option, const char *value)
{
        char *end;
        int64_t size;

        errno = 0;
        size = strtoll(value, &end, 10);
        if (end == value || *end || errno != 0)
                size = 0;
        if (size > (int64_t)option->most) {
                complain("file size %s is too large", value);
                return false;
        }
        return keep(place, option, value, size);
}

static const struct cli_option rows[] = {
    {'c', "packets", "N", take_leading, AT(count), 1, INT32_MAX, .help = "stop after N packets"},
    {'s', "snapshot-length", "N", take_snapshot_length, AT(snapshot_length), 0,
     CAPTURE_MAX_SNAPSHOT,
     .help = "keep at most N bytes of each packet (default, and meaning of 0: 262144)"},
    {'B', "buffer-size", "KIB", take_buffer, AT(buffer), 1, INT32_MAX,
     .help = "size of the kernel's ring of packets"},
    {'C', NULL, "MB", take_file_size, AT(rotate_size), 1, INT64_MAX / 1000000,
     .help = "begin another file once this one has more than so many million bytes"},
    {'G', NULL, "SECONDS", take_leading, AT(rotate_seconds), 0, INT32_MAX,
     .help = "begin another file once this one is so many seconds old; 0: do not"},
    {'W', NULL, "N", take_leading, AT(rotate_files), 1, INT32_MAX,
     .help = "with -C, keep the last N files; with -G alone, stop after N files"},
    {'i', "interface", "INTERFACE", take_last_device,
     .help = "capture on this interface; the last one counts"},
    {'r', NULL, "FILE", take_last_input, .help = "read a file; the last one counts"},
    {'j', "time-stamp-type", "TYPE", take_time_stamp_type, AT(time_stamp_type),
     .help = "who takes the time of packets: host, adapter, adapter_unsynced, ..."},
    {'m', NULL, "FILE", take_mib,
     .help = "accepted, without effect: names of SNMP's objects are known"},
    {'t', NULL, NULL, take_time, AT(printing.time), .repeats = true,
     .help = "time: none, seconds since 1970, since the previous packet, with the date, since the "
             "first packet"},
    {'n', NULL, NULL, take_no, AT(resolve), .help = "print numbers, not names"},
    {0},
};

static const struct cli_rule rules[] = {
    {"-f", .excludes = "-r -V", .message = "-f can not be used with -V or -r"},
    {"-V", .excludes = "-r", .message = "-V and -r are mutually exclusive."},
    {0},
};

/* The first line is what scripts look at: whose command line this is. */
static void print_versions(FILE *stream)
{
        fprintf(stream, "tcpdump version 4.99.3 (filt %s)\n%s\n", FILT_VERSION, pcap_lib_version());
}

static void tell_usage(void)
{
        print_versions(stderr);
        fputs("Usage: tcpdump [-AbdDefhHIJKlLnNOpqStuUvxX#] [ -B size ] [ -c count ] [--count]\n"
              "\t\t[ -C file_size ] [ -E algo:secret ] [ -F file ] [ -G seconds ]\n"
              "\t\t[ -i interface ] [ --immediate-mode ] [ -j tstamptype ]\n"
              "\t\t[ -M secret ] [ --number ] [ --print ] [ -Q in|out|inout ]\n"
              "\t\t[ -r file ] [ -s snaplen ] [ -T type ] [ --version ]\n"
              "\t\t[ -V file ] [ -w file ] [ -W filecount ] [ -y datalinktype ]\n"
              "\t\t[ --time-stamp-precision precision ] [ --micro ] [ --nano ]\n"
              "\t\t[ -z postrotate-command ] [ -Z user ] [ expression ]\n",
              stderr);
}

const struct cli_options tcpdump_options = {
    .synopsis = "[options] [expression]",
    .about =
        "Captures packets as tcpdump does: options and what they do, output and exit status "
        "are tcpdump's. A link to filt that is called tcpdump, or filt-tcpdump, does the same.",
    .rows = rows,
    .rules = rules,
    .more_rows = capture_rows,
    .without_own = true,
    .tell_usage = tell_usage,
    .print_versions = print_versions,
    .repeats = true,
    .word = cbpf_word,
    .end = "Exit status: 0 done, 1 failed.",
};

int tcpdump_run(char **argv)
{
        program_name = "tcpdump";
        refusals = tcpdump_refusals;
        return capture_run_as(argv, &tcpdump_options, &tcpdump_habits);
}

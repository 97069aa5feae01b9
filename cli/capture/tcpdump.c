/* filt tcpdump: the capture command with tcpdump's options and habits. The rows here are the
 * options that mean something else to tcpdump than to filt; the others are those of filt. */
#include "capture.h"

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

static const struct cli_option rows[] = {
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
    {"-f", .excludes = "-r -V"},
    {"-V", .excludes = "-r", .message = "-V and -r are mutually exclusive."},
    {0},
};

const struct cli_options tcpdump_options = {
    .synopsis = "[options] [expression]",
    .about =
        "Captures packets as tcpdump does: options and what they do, output and exit status "
        "are tcpdump's. A link to filt that is called tcpdump, or filt-tcpdump, does the same.",
    .rows = rows,
    .rules = rules,
    .more_rows = capture_rows,
    .repeats = true,
    .word = cbpf_word,
    .end = "Exit status: 0 done, 1 failed.",
};

int tcpdump_run(char **argv)
{
        program_name = "tcpdump";
        return capture_run_as(argv, &tcpdump_options, &tcpdump_habits);
}

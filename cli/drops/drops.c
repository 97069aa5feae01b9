/* filt drops: each packet that the kernel drops, as it does, and why. */
#include "drop.h"

#include "cli/common/cli.h"
#include "print/print.h"

#include <stdlib.h>
#include <unistd.h>

enum {
        REDRAW_MS = 1000,
        MAX_KIB = 1 << 21,
        BUFFER = 8 << 20,
};

/* -B: in units of KiB. */
static bool take_kib(void *place, const struct cli_option *option, const char *value)
{
        if (!take_number(place, option, value))
                return false;
        *(uint64_t *)place *= 1024;
        return true;
}

#define AT(member) offsetof(struct drops_command, member)

static const struct cli_option rows[] = {
    {.heading = "What to show"},
    {'F', NULL, "FILE", take_text, AT(expression_file),
     .help = "read the expression from a file; `-` is standard input"},
    {0, "deep", NULL, take_yes, AT(deep),
     .help = "let the expression look for any layer of a packet, within tunnels too"},
    {0, "all-netns", NULL, take_yes, AT(all_namespaces),
     .help = "in all network namespaces, not only in that of filt",
     .more = "The lines then end in the namespace's name, as ip(8) netns has it when filt starts, "
             "or its inode."},
    {'c', NULL, "N", take_number, AT(count), 1, UINT64_MAX, .help = "stop after N packets"},
    {0, "duration", "TIME", take_duration, AT(duration),
     .help = "stop after this time: 500ms, 1.5s, 10m, 2h, 7d; without a unit, seconds"},
    {'s', "snapshot-length", "BYTES", take_number, AT(snapshot_length), 64, DROPS_LONGEST,
     .help = "keep at most so many bytes of a packet, from its network header on (default 66000)"},
    {'B', "buffer-size", "KIB", take_kib, AT(buffer), 4, MAX_KIB,
     .help = "size of the kernel's ring (default 8192)",
     .more = "Packets that do not fit are lost, and counted."},

    {0, "no-rules", NULL, take_yes, AT(no_rules),
     .help = "do not look for the rule of iptables or nftables that dropped a packet"},

    {.heading = "How to show it"},
    {'v', NULL, NULL, take_more, AT(verbose), 0, 2,
     .help = "print more of the packet, and the kernel's function that dropped it; twice, all that "
             "called it"},
    {'e', NULL, NULL, take_yes, AT(link_header), .help = "print the link header"},
    {'q', NULL, NULL, take_yes, AT(quiet), .help = "print less of each packet"},
    {'t', NULL, NULL, take_more, AT(time), 0, PRINT_TIME_SINCE_FIRST,
     .help = "time: none, seconds since 1970, since the previous packet, with the date, since the "
             "first packet"},
    COLOR_OPTION(AT(color), "the parts of lines"),
    {0, "json", NULL, take_yes, AT(json), .help = "print a JSON object for each packet",
     .more = "It is that of a capture, with `filt.drop`: docs/json.md."},
    {0, "summary", NULL, take_yes, AT(summary),
     .help = "no lines but a table of how many packets were dropped, for each place, reason and "
             "conversation",
     .more = "On a terminal it is drawn anew each second; otherwise it comes at the end."},
    {0, "interval", "TIME", take_duration, AT(interval),
     .help = "with --summary: print that table every so often, with a TIME as for --duration"},
    {'w', NULL, "FILE", take_text, AT(write_file),
     .help = "write the packets to a pcapng file, where they are dropped as a comment; `-` is "
             "standard output"},
    {0, "print", NULL, take_yes, AT(print), .help = "with -w: print them, too"},
    {0},
};

static const struct cli_rule rules[] = {
    {"--interval", .needs = "--summary"},
    {"--print", .needs = "-w"},
    {.one_of = "--summary --print"},
    {"--summary", .excludes = "-v -e -q -t"},
    {0},
};

const struct cli_options drops_options = {
    .synopsis = "[options] [expression]",
    .about =
        "Shows each packet that the kernel drops, as it drops it: where, why, and by which rule.",
    .rows = rows,
    .rules = rules,
    .word = cbpf_word,
    .end = "Takes root, or CAP_BPF and CAP_PERFMON and, for places that only the stack tells, "
           "CAP_SYSLOG. Reasons take Linux 5.17.",
};

int drops_run(char **argv)
{
        struct drops_command command = {.snapshot_length = DROPS_LONGEST, .buffer = BUFFER};
        struct words words;
        int status = options_read(&drops_options, argv, &command, &words);

        if (status != GO_ON)
                return status;
        if (command.summary && !command.interval && !command.json && isatty(STDOUT_FILENO))
                command.interval = REDRAW_MS;
        status = read_expression(&words, command.expression_file, NULL, command.deep,
                                 &command.expression, NULL);
        if (status == GO_ON)
                status = read_sets(command.expression, &command.sets);
        if (status == GO_ON)
                status = drops_session(&command);
        cbpf_sets_free(command.sets);
        free(command.expression);
        return status;
}

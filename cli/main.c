/* filt: the table of subcommands. The first word selects one only if it is exactly its name;
 * anything else is the capture command's, whose words are options and a filter expression. */
#include "cli/common/cli.h"

#include <string.h>
#include <unistd.h>

DECLARE_SUBCOMMAND(capture);
DECLARE_SUBCOMMAND(compare);
DECLARE_SUBCOMMAND(debug);
DECLARE_SUBCOMMAND(demo);
DECLARE_SUBCOMMAND(explain);
DECLARE_SUBCOMMAND(write_trace);

const struct subcommand subcommand_table[] = {
    {"compare", compare_run, &compare_options, "the same traffic through tcpdump and filt"},
    {"debug", debug_run, &debug_options, "step packets through the program"},
    {"demo", demo_run, &demo_options, "what the tap sees, in a private network"},
    {"explain", explain_run, &explain_options, "what an expression compiles to, and why"},
    {"write-trace", write_trace_run, &write_trace_options, "write calls, by eBPF tracepoints"},
    {NULL, capture_run, &capture_options, "capture packets, live or from a file"},
};

int main(int argc, char **argv)
{
        const struct subcommand *row = subcommand_table;
        int status;

        open_standard_streams();
        if (!open_standard_output())
                return out_of_memory();
        if (getuid() != geteuid() || getgid() != getegid())
                return complain("this program is setuid or setgid, which it is not made for: take "
                                "that away (chmod ug-s); "
                                "to capture, users need no more than: setcap cap_net_raw+ep");
        leave_files_to_user();
        while (row->name && (argc < 2 || strcmp(argv[1], row->name) != 0))
                row++;
        subcommands = subcommand_table;
        running_subcommand = row;
        status = row->name ? row->run(argv + 1) : row->run(argv);
        if (memory_was_short())
                return STATUS_FAILED;
        /* A result that could not be delivered is a failure. */
        return status == STATUS_DONE && flush_standard_output() > 0 ? STATUS_FAILED : status;
}

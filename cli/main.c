/* filt: the table of subcommands. The first word selects one only if it is exactly its name;
 * anything else is the capture command's, whose words are options and a filter expression. A link
 * to filt that is called tcpdump is that subcommand. */
#include "cli/common/cli.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

DECLARE_SUBCOMMAND(capture);
DECLARE_SUBCOMMAND(compare);
DECLARE_SUBCOMMAND(debug);
DECLARE_SUBCOMMAND(demo);
DECLARE_SUBCOMMAND(drops);
DECLARE_SUBCOMMAND(explain);
DECLARE_SUBCOMMAND(prove);
DECLARE_SUBCOMMAND(sample);
DECLARE_SUBCOMMAND(tcpdump);
DECLARE_SUBCOMMAND(write_trace);

const struct subcommand subcommand_table[] = {
    {"compare", compare_run, &compare_options, "the same traffic through tcpdump and filt"},
    {"debug", debug_run, &debug_options, "step packets through the program"},
    {"demo", demo_run, &demo_options, "what the tap sees, in a private network"},
    {"drops", drops_run, &drops_options, "what the kernel drops, where, why, by which rule"},
    {"explain", explain_run, &explain_options, "what an expression compiles to, and why"},
    {"prove", prove_run, &prove_options, "whether two filters are the same, or what differs"},
    {"sample", sample_run, &sample_options, "packets that match a filter, or just miss it"},
    {"tcpdump", tcpdump_run, &tcpdump_options, "capture packets, by the command line of tcpdump"},
    {"write-trace", write_trace_run, &write_trace_options, "write calls, by eBPF tracepoints"},
    {NULL, capture_run, &capture_options, "capture packets, live or from a file"},
};

/* The name by which a link calls filt what it is not called itself. */
static const char *name_of_link(const char *path)
{
        const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

        return strcmp(name, "tcpdump") == 0 || strcmp(name, "filt-tcpdump") == 0 ? "tcpdump" : NULL;
}

int main(int argc, char **argv)
{
        const char *linked = argc > 0 ? name_of_link(argv[0]) : NULL;
        const char *wanted = linked ? linked : argc > 1 ? argv[1] : "";
        const struct subcommand *row = subcommand_table;
        int status;

        signal(SIGCHLD, SIG_DFL); /* ignored, as it may be inherited, children leave no status */
        open_standard_streams();
        if (!open_standard_output())
                return out_of_memory();
        if (getuid() != geteuid() || getgid() != getegid())
                return complain("this program is setuid or setgid, which it is not made for: take "
                                "that away (chmod ug-s); "
                                "to capture, users need no more than: setcap cap_net_raw+ep");
        leave_files_to_user();
        while (row->name && strcmp(wanted, row->name) != 0)
                row++;
        subcommands = subcommand_table;
        running_subcommand = row;
        status = row->run(row->name && !linked ? argv + 1 : argv);
        if (memory_was_short())
                return STATUS_FAILED;
        /* A result that could not be delivered is a failure. */
        return status == STATUS_DONE && flush_standard_output() > 0 ? STATUS_FAILED : status;
}

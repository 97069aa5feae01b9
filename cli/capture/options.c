/* The capture command's options: letters and long names as tcpdump has them. */
#include "capture.h"

#include "base/array.h"

#include <getopt.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        OPTION_COLOR = 256,
        OPTION_COUNT,
        OPTION_FORMAT,
        OPTION_HELP,
        OPTION_JSON,
        OPTION_MICRO,
        OPTION_NANO,
        OPTION_NO_JIT,
        OPTION_NO_PROGRESS,
        OPTION_OPTIMIZE,
        OPTION_PRECISION,
        OPTION_PRINT,
        OPTION_PROGRAM,
        OPTION_PROGRESS,
        OPTION_RESOLVE,
        OPTION_STATISTICS,
        OPTION_VERSION,
        OPTION_IMMEDIATE,
};

enum {
        MAX_FILE_MEGABYTES = 1000000000,
        MAX_THREADS = 64,
};

static const char short_options[] = ":#AB:C:DF:G:LOQ:SUV:W:Xc:dehi:j:lnpqr:s:tvw:xy:";

static const struct option long_options[] = {
    {"absolute-tcp-sequence-numbers", no_argument, NULL, 'S'},
    {"buffer-size", required_argument, NULL, 'B'},
    {"color", required_argument, NULL, OPTION_COLOR},
    {"count", no_argument, NULL, OPTION_COUNT},
    {"direction", required_argument, NULL, 'Q'},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"help", no_argument, NULL, OPTION_HELP},
    {"immediate-mode", no_argument, NULL, OPTION_IMMEDIATE},
    {"interface", required_argument, NULL, 'i'},
    {"jobs", required_argument, NULL, 'j'},
    {"json", no_argument, NULL, OPTION_JSON},
    {"linktype", required_argument, NULL, 'y'},
    {"list-data-link-types", no_argument, NULL, 'L'},
    {"list-interfaces", no_argument, NULL, 'D'},
    {"micro", no_argument, NULL, OPTION_MICRO},
    {"nano", no_argument, NULL, OPTION_NANO},
    {"no-jit", no_argument, NULL, OPTION_NO_JIT},
    {"no-optimize", no_argument, NULL, 'O'},
    {"no-progress", no_argument, NULL, OPTION_NO_PROGRESS},
    {"no-promiscuous-mode", no_argument, NULL, 'p'},
    {"number", no_argument, NULL, '#'},
    {"packet-buffered", no_argument, NULL, 'U'},
    {"optimize", no_argument, NULL, OPTION_OPTIMIZE},
    {"print", no_argument, NULL, OPTION_PRINT},
    {"program", required_argument, NULL, OPTION_PROGRAM},
    {"progress", no_argument, NULL, OPTION_PROGRESS},
    {"resolve", no_argument, NULL, OPTION_RESOLVE},
    {"snapshot-length", required_argument, NULL, 's'},
    {"stats", no_argument, NULL, OPTION_STATISTICS},
    {"time-stamp-precision", required_argument, NULL, OPTION_PRECISION},
    {"version", no_argument, NULL, OPTION_VERSION},
    {0},
};

static const char help[] =
    "usage: filt [options] [expression]        capture packets, live or from a file\n"
    "       filt compare [options] [expression]   the same traffic through tcpdump and filt\n"
    "       filt debug [options] -r FILE expression   step packets through the program\n"
    "       filt demo                          what the tap sees, in a private network\n"
    "       filt explain [options] expression  what it compiles to, and why\n"
    "       filt write-trace [options]         the eBPF write tracepoint\n"
    "\n"
    "The expression is pcap-filter(7)'s: icmp, tcp port 80, host 192.0.2.1 and not arp, ...\n"
    "Option letters mean what they mean in tcpdump.\n"
    "\n"
    "Where from and where to\n"
    "  -i INTERFACE     capture there; 'any' for all; a number counts in -D's list\n"
    "  -r FILE          read a pcap or pcapng file, also gzip or zstd, - for standard input;\n"
    "                   several are merged by time\n"
    "  -V LIST          read the files named in this file, a line each\n"
    "  -w FILE          write packets to a file, - for standard output: classic pcap, or what\n"
    "                   .pcapng, .gz, .zst at the end of its name say\n"
    "  --format pcap|pcapng   whatever the name says\n"
    "  -C N, -G N, -W N begin another file after N million bytes, N seconds; at most N files\n"
    "  --print          print them too, with -w\n"
    "  -F FILE          take the expression from a file\n"
    "  -c N             stop after N packets\n"
    "  -s N             keep at most N bytes of a packet (default and 0: 262144)\n"
    "  -B KIB           size of the kernel's ring (default 2048)\n"
    "  -Q in|out|inout  direction\n"
    "  -p               not in promiscuous mode\n"
    "  -l, -U           hand on each printed line, each written packet, at once\n"
    "  -j N             read a large file with N threads\n"
    "  --progress       tell how far reading is, also where standard error is no terminal;\n"
    "                   --no-progress: not even there\n"
    "  -D, -L           list interfaces; list the link types of one\n"
    "\n"
    "The filter program\n"
    "  -d, -dd, -ddd    print it (listing, C, numbers) and stop\n"
    "  --format FORM    with -d: print it as d, dd, ddd, asm, c, json, or as a command line of\n"
    "                   iptables or tc\n"
    "  --program FILE   a program instead of an expression, in any of these forms\n"
    "  --stats          tell how long it is, also its longest path, and what it took to make it\n"
    "  -O, --optimize   do not optimize it (default for --program); do (for an expression)\n"
    "  --no-jit         interpret it, where it runs here; else it runs as machine code\n"
    "  -y TYPE          link type to compile for (-d) or to demand (default EN10MB)\n"
    "\n"
    "What lines show\n"
    "  -n               numbers for names (the default); --resolve looks names up\n"
    "  -e -q -v -vv -vvv  link header; less; more\n"
    "  -t -tt -ttt -tttt -ttttt  time: none, epoch, since the last, date, since the first\n"
    "  --nano, --micro  digits of time stamps\n"
    "  -x -xx -X -XX -A hex, hex with link header, hex and ASCII, ..., ASCII\n"
    "  -#, -S           packet numbers; absolute TCP sequence numbers\n"
    "  --color=auto|always|never  colours; auto, the default, where a terminal shows them\n"
    "  --json           an object a packet, on one line, instead (docs/json.md)\n"
    "  --count          only the number of packets\n"
    "  --version, --help\n"
    "\n"
    "Exit status: 0 done, 1 failed at run time, 2 bad usage or a filter that does not compile.\n";

static bool read_direction(const char *text, enum capture_direction *direction)
{
        static const struct {
                const char *name;
                enum capture_direction direction;
        } names[] = {{"in", CAPTURE_IN}, {"out", CAPTURE_OUT}, {"inout", CAPTURE_INOUT}};

        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                if (strcmp(text, names[i].name) == 0) {
                        *direction = names[i].direction;
                        return true;
                }
        complain_usage(NULL, "option -Q: '%s' is none of in, out and inout", text);
        return false;
}

static bool read_color(const char *text, enum color_choice *choice)
{
        static const char *const names[] = {"auto", "always", "never"};

        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                if (strcmp(text, names[i]) == 0) {
                        *choice = (enum color_choice)i;
                        return true;
                }
        complain_usage(NULL, "option --color: '%s' is none of auto, always and never", text);
        return false;
}

static bool read_link_type(const char *text, int *link_type)
{
        *link_type = pcap_datalink_name_to_val(text);
        if (*link_type >= 0)
                return true;
        complain_usage(NULL,
                       "option -y: unknown link type '%s'; EN10MB is Ethernet, others are on "
                       "https://www.tcpdump.org/linktypes.html",
                       text);
        return false;
}

static bool read_precision(const char *text, struct capture_command *command)
{
        if (strcmp(text, "nano") != 0 && strcmp(text, "micro") != 0) {
                complain_usage(
                    NULL, "option --time-stamp-precision: '%s' is neither micro nor nano", text);
                return false;
        }
        command->printing.nanoseconds = strcmp(text, "nano") == 0;
        command->microseconds = !command->printing.nanoseconds;
        return true;
}

static bool read_snapshot_length(const char *text, struct capture_command *command)
{
        uint64_t number;

        if (!parse_number("-s", text, 0, CAPTURE_MAX_SNAPSHOT, &number))
                return false;
        command->snapshot_length = number ? (uint32_t)number : CAPTURE_MAX_SNAPSHOT;
        return true;
}

static bool read_buffer(const char *text, struct capture_command *command)
{
        uint64_t number;

        if (!parse_number("-B", text, 1, 4194303, &number))
                return false;
        command->buffer = number * 1024;
        return true;
}

static bool read_rotation_size(const char *text, struct capture_command *command)
{
        uint64_t number;

        if (!parse_number("-C", text, 1, MAX_FILE_MEGABYTES, &number))
                return false;
        command->rotate_size = number * 1000000;
        return true;
}

static bool read_threads(const char *text, struct capture_command *command)
{
        uint64_t number;

        if (!parse_number("-j", text, 1, MAX_THREADS, &number))
                return false;
        command->threads = (unsigned)number;
        return true;
}

static bool add_input(struct capture_command *command, const char *path)
{
        if (!array_grow(command->read_files, command->read_room, command->read_count + 1)) {
                complain("out of memory");
                return false;
        }
        command->read_files[command->read_count++] = path;
        return true;
}

/* The files named in a list, a line each; empty lines name none. */
static bool add_list(struct capture_command *command, const char *path)
{
        size_t before = command->read_count;
        char *rest;
        char *line;

        if (command->names) {
                complain_usage(NULL, "option -V is given twice");
                return false;
        }
        command->names = read_expression(path);
        if (!command->names)
                return false;
        for (rest = command->names; (line = strsep(&rest, "\n"));)
                if (*line && !add_input(command, line))
                        return false;
        if (command->read_count > before)
                return true;
        complain_usage(NULL, "option -V: %s names no files", path);
        return false;
}

/* -x, -X and -A given twice include the link header. */
static enum print_dump dump_more(enum print_dump now, enum print_dump plain)
{
        return now == plain ? plain + 1 : plain;
}

static bool set_expression_file(struct capture_command *command, const char *path)
{
        free(command->expression);
        command->expression = read_expression(path);
        return command->expression != NULL;
}

/* -O and --optimize; the last one counts. */
static bool set_optimizer(struct capture_command *command, bool on)
{
        command->optimize = on;
        command->unoptimized = !on;
        return true;
}

static bool wrong_option(int option, char **argv)
{
        const char *word = argv[optind - 1];

        if (option == ':' && optopt > 0 && optopt < 256 && word[0] == '-' && word[1] != '-')
                complain_usage(NULL, "option -%c needs an argument", optopt);
        else if (option == ':')
                complain_usage(NULL, "option %s needs an argument", word);
        else if (optopt > 0 && word[0] == '-' && word[1] == '-')
                complain_usage(NULL, "option %.*s takes no argument", (int)strcspn(word, "="),
                               word);
        else if (optopt > 0 && optopt < 128)
                complain_usage(NULL, "unknown option -%c", optopt);
        else
                complain_usage(NULL, "unknown option %s", word);
        return false;
}

/* Takes one option. Returns false after a complaint. */
static bool take(int option, char **argv, struct capture_command *command)
{
        struct print_options *printing = &command->printing;

        switch (option) {
        case '#': printing->numbered = true; break;
        case 'A': printing->dump = dump_more(printing->dump, PRINT_DUMP_ASCII); break;
        case 'B': return read_buffer(optarg, command);
        case 'C': return read_rotation_size(optarg, command);
        case 'D': command->list_devices = true; break;
        case 'F': return set_expression_file(command, optarg);
        case 'G': return parse_number("-G", optarg, 1, INT32_MAX, &command->rotate_seconds);
        case 'L': command->list_links = true; break;
        case 'O': return set_optimizer(command, false);
        case 'Q': return read_direction(optarg, &command->direction);
        case 'S': printing->absolute_sequence = true; break;
        case 'U': command->unbuffered = true; break;
        case 'V': return add_list(command, optarg);
        case 'W': return parse_number("-W", optarg, 1, INT32_MAX, &command->rotate_files);
        case 'X': printing->dump = dump_more(printing->dump, PRINT_DUMP_HEX_ASCII); break;
        case 'c': return parse_number("-c", optarg, 1, UINT64_MAX, &command->count);
        case 'd':
                command->form += command->list && command->form < PROGRAM_DDD;
                command->list = true;
                break;
        case 'e': printing->link_header = true; break;
        case 'i': command->device = optarg; break;
        case 'j': return read_threads(optarg, command);
        case 'l': command->line_buffered = true; break;
        case 'n': command->resolve = false; break;
        case 'p': command->promiscuous = false; break;
        case 'q': printing->quiet = true; break;
        case 'r': return add_input(command, optarg);
        case 's': return read_snapshot_length(optarg, command);
        case 't': printing->time += printing->time < PRINT_TIME_SINCE_FIRST; break;
        case 'v': printing->verbose++; break;
        case 'w': command->write_file = optarg; break;
        case 'x': printing->dump = dump_more(printing->dump, PRINT_DUMP_HEX); break;
        case 'y': return read_link_type(optarg, &command->link_type);
        case OPTION_COLOR: return read_color(optarg, &command->color);
        case OPTION_JSON: printing->json = true; break;
        case OPTION_COUNT: command->only_count = true; break;
        case OPTION_FORMAT: command->form_name = optarg; break;
        case OPTION_IMMEDIATE: break; /* a lone packet is never held back for long */
        case OPTION_MICRO: return read_precision("micro", command);
        case OPTION_NANO: return read_precision("nano", command);
        case OPTION_NO_JIT: command->jit = false; break;
        case OPTION_NO_PROGRESS: command->progress = 0; break;
        case OPTION_OPTIMIZE: return set_optimizer(command, true);
        case OPTION_PRECISION: return read_precision(optarg, command);
        case OPTION_PRINT: command->print = true; break;
        case OPTION_PROGRAM: command->program = optarg; break;
        case OPTION_PROGRESS: command->progress = 1; break;
        case OPTION_RESOLVE: command->resolve = true; break;
        case OPTION_STATISTICS: command->statistics = true; break;
        default: return wrong_option(option, argv);
        }
        return true;
}

/* --format without -d: that of the file which -w writes. */
static bool settle_file_format(struct capture_command *command)
{
        if (!command->write_file) {
                complain_usage(NULL, "--format says how -d prints the program, or what -w writes: "
                                     "give -d or -w, too");
                return false;
        }
        if (strcmp(command->form_name, "pcap") != 0 && strcmp(command->form_name, "pcapng") != 0) {
                complain_usage(NULL,
                               "option --format: '%s' is neither pcap nor pcapng, which -w writes",
                               command->form_name);
                return false;
        }
        command->format = strcmp(command->form_name, "pcap") == 0 ? CAPTURE_PCAP : CAPTURE_PCAPNG;
        return true;
}

/* --format is that of what -d prints, or else of what -w writes. Returns false after a complaint.
 */
static bool settle_format(struct capture_command *command)
{
        enum program_form listed = command->form;

        if (!command->form_name)
                return true;
        if (!command->list)
                return settle_file_format(command);
        if (!program_form_find(command->form_name, &command->form)) {
                complain_usage(NULL, "option --format: '%s' is none of " PROGRAM_FORM_NAMES,
                               command->form_name);
                return false;
        }
        if (listed != PROGRAM_D && listed != command->form) {
                complain_usage(NULL, "-%s and --format %s ask for different forms",
                               listed == PROGRAM_DD ? "dd" : "ddd", command->form_name);
                return false;
        }
        return true;
}

/* What iptables and tc get is compiled for what they show to a program. */
static bool check_form(const struct capture_command *command)
{
        bool iptables = command->form == PROGRAM_IPTABLES;

        if (!command->list || (!iptables && command->form != PROGRAM_TC))
                return true;
        if (command->read_count > 0)
                complain_usage(NULL,
                               "--format %s is for packets of the kernel, not of a file: leave "
                               "-r out",
                               command->form_name);
        else if (iptables && command->device)
                complain_usage(NULL, "--format iptables is the same for all interfaces: leave -i "
                                     "out");
        else if (iptables && command->link_type >= 0 && command->link_type != DLT_RAW)
                complain_usage(NULL, "--format iptables is compiled for link type RAW: leave -y "
                                     "out");
        else
                return true;
        return false;
}

static enum options_result check(struct capture_command *command)
{
        if (!settle_format(command) || !check_form(command))
                return OPTIONS_WRONG;
        if (command->device && command->read_count > 0) {
                complain_usage(NULL, "-i captures live and -r reads a file: give one of them");
                return OPTIONS_WRONG;
        }
        if (command->print && command->write_file && strcmp(command->write_file, "-") == 0) {
                complain_usage(NULL, "--print and -w - would both write to standard output");
                return OPTIONS_WRONG;
        }
        if (command->link_type >= 0 && command->read_count > 0) {
                complain_usage(NULL, "-y does not go with -r: the file states its link type");
                return OPTIONS_WRONG;
        }
        if ((command->rotate_size || command->rotate_seconds) &&
            (!command->write_file || strcmp(command->write_file, "-") == 0)) {
                complain_usage(NULL, "-C and -G begin one file after another: -w has to name them");
                return OPTIONS_WRONG;
        }
        if (command->rotate_files && !command->rotate_size && !command->rotate_seconds) {
                complain_usage(NULL, "-W limits the files that -C or -G make: give one of them");
                return OPTIONS_WRONG;
        }
        if (command->statistics && !command->list) {
                complain_usage(NULL, "--stats is about the program that -d prints: give -d, too");
                return OPTIONS_WRONG;
        }
        return OPTIONS_RUN;
}

enum options_result capture_command_read(int argc, char **argv, struct capture_command *command)
{
        int option;

        *command = (struct capture_command){
            .snapshot_length = CAPTURE_MAX_SNAPSHOT,
            .link_type = -1,
            .promiscuous = true,
            .progress = -1,
            .jit = true,
        };
        optind = 1;
        while ((option = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
                if (option == OPTION_HELP || option == 'h') {
                        fputs(help, stdout);
                        return OPTIONS_DONE;
                }
                if (option == OPTION_VERSION) {
                        printf("filt %s\n%s\n", FILT_VERSION, pcap_lib_version());
                        return OPTIONS_DONE;
                }
                if (!take(option, argv, command))
                        return OPTIONS_WRONG;
        }
        if (command->program && (command->expression || optind < argc)) {
                complain_usage(NULL, "--program gives the filter; '%s' is one more",
                               command->expression ? command->expression : argv[optind]);
                return OPTIONS_WRONG;
        }
        if (!command->expression)
                command->expression = join_words(argc - optind, argv + optind);
        else if (optind < argc) {
                complain_usage(NULL, "-F gives the expression; '%s' is one more", argv[optind]);
                return OPTIONS_WRONG;
        }
        if (!command->expression) {
                complain("out of memory");
                return OPTIONS_WRONG;
        }
        return check(command);
}

void capture_command_free(struct capture_command *command)
{
        free(command->expression);
        free(command->read_files);
        free(command->names);
}

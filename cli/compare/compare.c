/* filt compare: runs tcpdump and filt with one expression over the same file or the same live
 * traffic, and says whether they do the same. */
#include "compare.h"
#include "cli/common/cli.h"
#include "cli/common/process.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
    "Usage: filt compare -r FILE [options] [expression]\n"
    "       filt compare -i INTERFACE [-c N] [--duration SECONDS] [options] [expression]\n"
    "\n"
    "Runs tcpdump and filt with one expression over the same packets. Shows the programs both\n"
    "compile, how many packets each matches, and whether they are the same packets.\n"
    "\n"
    "  -r FILE              packets from a file\n"
    "  -i INTERFACE         packets from an interface, live; ends on Ctrl-C, or by\n"
    "  -c N                   N packets, by whichever program has them first\n"
    "  --duration SECONDS     time\n"
    "  -F FILE              the expression from a file\n"
    "  -O                   without the optimizer of either\n"
    "  -s BYTES             snapshot length of both\n"
    "  -B KIB, -p, -y TYPE  with -i: buffer, not promiscuous, link type, for both\n"
    "  --tcpdump-options 'OPTIONS'\n"
    "                       further options for tcpdump alone, such as -O\n"
    "  --timeout SECONDS    for each to compile the expression (60)\n"
    "  --full               listings to their end, however long\n"
    "  -h, --help           this\n"
    "\n"
    "Exit status: 0 the same packets; 1 a difference, or a failure; 2 bad usage, or both reject\n"
    "the expression.\n";

enum {
        OPTION_DURATION = 256,
        OPTION_TIMEOUT,
        OPTION_TCPDUMP,
        OPTION_FULL,
        OPTION_PROGRAM,
};

static const struct option long_options[] = {
    {"duration", required_argument, NULL, OPTION_DURATION},
    {"timeout", required_argument, NULL, OPTION_TIMEOUT},
    {"tcpdump-options", required_argument, NULL, OPTION_TCPDUMP},
    {"full", no_argument, NULL, OPTION_FULL},
    {"program", required_argument, NULL, OPTION_PROGRAM},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* The command line, as far as it is not handed on. */
struct arguments {
        struct compare_options options;
        const char *expression_file;
        const char *live_only; /* the option that goes with -i only, if one was given */
        char *tcpdump_text;    /* what options.tcpdump.words point into */
        char *expression;
        char expression_path[64]; /* where a program finds an expression too long for an argument */
};

static bool add_word(struct compare_words *words, const char *word)
{
        if (words->count == COMPARE_MAX_WORDS)
                return false;
        words->words[words->count++] = word;
        return true;
}

/* Splits `text` at white space; a later --tcpdump-options replaces an earlier one. */
static bool split(struct arguments *arguments, const char *text)
{
        struct compare_words *words = &arguments->options.tcpdump;
        char *rest;

        words->count = 0;
        free(arguments->tcpdump_text);
        arguments->tcpdump_text = strdup(text);
        if (!arguments->tcpdump_text)
                return false;
        for (char *word = strtok_r(arguments->tcpdump_text, " \t\n", &rest); word;
             word = strtok_r(NULL, " \t\n", &rest))
                if (!add_word(words, word))
                        return false;
        return true;
}

/* An option that both programs get. */
static bool share(struct arguments *arguments, const char *option, const char *value)
{
        struct compare_words *words = &arguments->options.shared;

        return add_word(words, option) && (!value || add_word(words, value));
}

static bool share_live(struct arguments *arguments, const char *option, const char *value)
{
        arguments->live_only = option;
        return share(arguments, option, value);
}

/* Takes one option; false if its value is wrong, which is said. */
static bool take_option(struct arguments *arguments, int option, const char *value)
{
        struct compare_options *options = &arguments->options;
        uint64_t ignored;
        bool fits = true;

        switch (option) {
        case 'r': options->file = value; break;
        case 'i': options->device = value; break;
        case 'F': arguments->expression_file = value; break;
        case 'c':
                arguments->live_only = "-c";
                return parse_number("-c", value, 1, INT64_MAX, &options->packets);
        case OPTION_DURATION:
                arguments->live_only = "--duration";
                return parse_number("--duration", value, 1, 1000000, &options->duration);
        case OPTION_TIMEOUT: return parse_number("--timeout", value, 1, 100000, &options->timeout);
        case OPTION_FULL: options->full = true; break;
        case OPTION_TCPDUMP: fits = split(arguments, value); break;
        case OPTION_PROGRAM:
                complain_usage("compare", "--program %s: tcpdump takes expressions only", value);
                return false;
        case 'O': fits = share(arguments, "-O", NULL); break;
        case 'p': fits = share_live(arguments, "-p", NULL); break;
        case 'y': fits = share_live(arguments, "-y", value); break;
        case 's':
                if (!parse_number("-s", value, 0, CAPTURE_MAX_SNAPSHOT, &ignored))
                        return false;
                fits = share(arguments, "-s", value);
                break;
        case 'B':
                if (!parse_number("-B", value, 1, INT32_MAX / 1024, &ignored))
                        return false;
                fits = share_live(arguments, "-B", value);
                break;
        }
        if (!fits)
                complain("too many options");
        return fits;
}

/* The file is read three times at once. */
static bool check_file(const char *path)
{
        struct stat info;

        if (strcmp(path, "-") != 0 && (stat(path, &info) < 0 || S_ISREG(info.st_mode)))
                return true; /* if it is not there, the programs say so */
        complain("-r %s: not a regular file; compare reads it more than once, so save it to one",
                 path);
        return false;
}

static bool check_arguments(const struct arguments *arguments)
{
        const struct compare_options *options = &arguments->options;

        if (!options->file == !options->device) {
                complain_usage("compare", "one of -r FILE and -i INTERFACE is needed");
                return false;
        }
        if (options->file && arguments->live_only) {
                complain_usage("compare", "%s goes with -i, not with -r", arguments->live_only);
                return false;
        }
        return !options->file || check_file(options->file);
}

/* The expression as words at the end of a command. The kernel takes no argument of more than 128
 * KiB, so a longer one goes through memory that the programs open as a file; a shorter one does
 * not, because tcpdump takes out comments from a file. */
static bool hand_on_expression(struct arguments *arguments)
{
        enum { ARGUMENT = 128 * 1024 };
        struct compare_words *words = &arguments->options.filter;
        const char *rest = arguments->expression;
        size_t left = strlen(rest);
        int fd;

        if (left < ARGUMENT)
                return add_word(words, "--") && (left == 0 || add_word(words, rest));
        fd = memfd_create("expression", 0); /* inherited by the programs, and open until the end */
        while (fd >= 0 && left > 0) {
                ssize_t put = write(fd, rest, left);

                if (put < 0)
                        break;
                rest += put;
                left -= (size_t)put;
        }
        if (left > 0) {
                complain("cannot hand on the expression: %s", strerror(errno));
                return false;
        }
        snprintf(arguments->expression_path, sizeof arguments->expression_path, "/proc/self/fd/%d",
                 fd);
        return add_word(words, "-F") && add_word(words, arguments->expression_path);
}

static bool read_arguments(struct arguments *arguments, int argc, char **argv, int *status)
{
        int option;

        *status = STATUS_USAGE;
        opterr = 0;
        while ((option = getopt_long(argc, argv, "+:r:i:c:F:Os:pB:y:h", long_options, NULL)) !=
               -1) {
                if (option == 'h') {
                        fputs(help, stdout);
                        *status = STATUS_DONE;
                        return false;
                }
                if (option == ':' || option == '?') {
                        complain_usage("compare",
                                       option == ':' ? "option %s needs a value"
                                                     : "unknown option %s",
                                       argv[optind - 1]);
                        return false;
                }
                if (!take_option(arguments, option, optarg))
                        return false;
        }
        if (!check_arguments(arguments))
                return false;
        if (arguments->expression_file && optind < argc) {
                complain_usage("compare", "-F %s and an expression: one of the two",
                               arguments->expression_file);
                return false;
        }
        arguments->expression = arguments->expression_file
                                    ? read_expression(arguments->expression_file)
                                    : join_words(argc - optind, argv + optind);
        return arguments->expression && hand_on_expression(arguments);
}

static void show_counts(const struct compare_options *options, const struct compare_result *result)
{
        printf("tcpdump matched %s, filt %" PRIu64,
               counted(result->matched[TCPDUMP], "packet").text, result->matched[FILT]);
        if (options->file)
                printf(", of %" PRIu64 " in %s.\n", result->total, options->file);
        else
                printf(" while both were listening on %s.\n", options->device);
        if (result->outside)
                printf("(%" PRIu64 " more, from when only one of them was, left out.)\n",
                       result->outside);
}

/* Dropped packets come before differences: no filter is to blame for what was lost. */
static int show_verdict(const struct compare_options *options, const struct compare_result *result)
{
        uint64_t dropped = result->dropped[TCPDUMP] + result->dropped[FILT];

        if (dropped > 0) {
                printf("Inconclusive: %" PRIu64 " dropped by the kernel (tcpdump %" PRIu64
                       ", filt %" PRIu64 "); a larger buffer (-B) may help.\n",
                       dropped, result->dropped[TCPDUMP], result->dropped[FILT]);
                return STATUS_FAILED;
        }
        if (result->clock_was_set) {
                printf("Inconclusive: the clock was set while they listened.\n");
                return STATUS_FAILED;
        }
        if (result->differences > 0) {
                printf("Different: %s.\n", counted(result->differences, "packet").text);
                return STATUS_FAILED;
        }
        if (result->failed) {
                printf("No difference, as far as it went.\n");
                return STATUS_FAILED;
        }
        if (result->matched[FILT] == 0) {
                printf("The same: neither matched any packet.\n");
                return STATUS_DONE;
        }
        printf("The same packets: %s\n",
               options->file ? "bytes, lengths and time stamps." : "bytes and lengths.");
        return STATUS_DONE;
}

static int compare(const struct compare_options *options)
{
        struct compare_result result = {0};
        int status = compare_listings(options);

        if (status != STATUS_DONE)
                return status;
        fflush(stdout); /* it may take a while until there is more to see */
        if (options->file)
                compare_file(options, &result);
        else
                compare_live(options, &result);
        show_counts(options, &result);
        status = show_verdict(options, &result);
        if (fflush(stdout) == 0)
                return status;
        complain("standard output: %s", strerror(errno));
        return STATUS_FAILED;
}

int compare_run(int argc, char **argv)
{
        struct arguments arguments = {.options.timeout = 60};
        int status;

        if (read_arguments(&arguments, argc, argv, &status)) {
                if (process_find("tcpdump")) {
                        status = compare(&arguments.options);
                } else {
                        complain(
                            "tcpdump: not found; it is in the package tcpdump (apt-get install "
                            "tcpdump)");
                        status = STATUS_FAILED;
                }
        }
        free(arguments.expression);
        free(arguments.tcpdump_text);
        return status;
}

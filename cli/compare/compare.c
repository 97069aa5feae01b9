/* filt compare: runs tcpdump and filt with one expression over the same file or the same live
 * traffic, and says whether they do the same. */
#include "compare.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The command line, as far as it is not handed on. */
struct arguments {
        struct compare_options options;
        const char *expression_file;
        char *tcpdump_text; /* what options.tcpdump.words point into */
        char *expression;
        char expression_path[64]; /* where a program finds an expression too long for an argument */
};

/* False after a complaint. */
static bool add_word(struct compare_words *words, const char *word)
{
        if (words->count < COMPARE_MAX_WORDS) {
                words->words[words->count++] = word;
                return true;
        }
        complain("too many options");
        return false;
}

/* Splits the text of --tcpdump-options at white space. */
static bool take_tcpdump_options(void *place, const struct cli_option *option, const char *value)
{
        static const char space[] = " \t\n";
        struct arguments *arguments = place;
        char *text = arguments->tcpdump_text = strdup(value), *rest;

        (void)option;
        if (!text)
                out_of_memory();
        for (char *word = text ? strtok_r(text, space, &rest) : NULL; word;
             word = strtok_r(NULL, space, &rest))
                if (!add_word(&arguments->options.tcpdump, word))
                        return false;
        return text;
}

/* An option that both programs get. */
static bool share(void *place, const struct cli_option *option, const char *value)
{
        static const char *const letters[128] = {
            ['B'] = "-B", ['O'] = "-O", ['p'] = "-p", ['s'] = "-s", ['y'] = "-y",
        };
        struct arguments *arguments = place;
        struct compare_words *words = &arguments->options.shared;

        return add_word(words, letters[(unsigned char)option->letter]) &&
               (!value || add_word(words, value));
}

/* A number that both programs get. */
static bool share_number(void *place, const struct cli_option *option, const char *value)
{
        uint64_t number;

        return take_number(&number, option, value) && share(place, option, value);
}

static bool refuse_program(void *place, const struct cli_option *option, const char *value)
{
        (void)place;
        (void)option;
        complain_usage("--program %s: tcpdump takes expressions only", value);
        return false;
}

#define AT(member) offsetof(struct arguments, member)

static const struct cli_option rows[] = {
    {'r', NULL, "FILE", take_text, AT(options.file), .help = "compare on the packets of this file"},
    {'i', NULL, "INTERFACE", take_text, AT(options.device),
     .help = "compare on the packets of this interface, live, until Ctrl-C, -c or --duration"},
    {'c', NULL, "N", take_number, AT(options.packets), 1, INT64_MAX,
     .help = "with -i: stop when either program has N packets"},
    {0, "duration", "TIME", take_duration, AT(options.duration),
     .help = "with -i: stop after this time: 30s, 10m, 2h; without a unit, seconds"},
    {'F', NULL, "FILE", take_text, AT(expression_file), .help = "read the expression from a file"},
    {'O', NULL, NULL, share, .help = "turn off the optimizer of both"},
    {'s', NULL, "N", share_number, 0, 0, CAPTURE_MAX_SNAPSHOT,
     .help = "snapshot length of both, in bytes"},
    {'B', NULL, "KIB", share_number, 0, 1, INT32_MAX / 1024,
     .help = "with -i: size of the kernel's buffer for both"},
    {'p', NULL, NULL, share, .help = "with -i: do not put the interface into promiscuous mode"},
    {'y', NULL, "TYPE", share, .help = "with -i: link type for both"},
    {0, "tcpdump-options", "OPTIONS", take_tcpdump_options,
     .help = "further options for tcpdump alone, in one word, such as -O"},
    {0, "timeout", "SECONDS", take_number, AT(options.timeout), 1, 100000,
     .help = "how long each may take to compile the expression (default 60)"},
    {0, "full", NULL, take_yes, AT(options.full),
     .help = "show listings to their end, however long"},
    {0, "program", "FILE", refuse_program, .help = "refused: tcpdump takes expressions only"},
    {0},
};

static const struct cli_rule rules[] = {
    {.one_of = "-r -i", .message = "one of -r FILE and -i INTERFACE is needed, not both"},
    {"-c", .needs = "-i"},
    {"--duration", .needs = "-i"},
    {"-B", .needs = "-i"},
    {"-p", .needs = "-i"},
    {"-y", .needs = "-i"},
    {0},
};

const struct cli_options compare_options = {
    .synopsis = "-r FILE [options] [expression]\n"
                "-i INTERFACE [options] [expression]",
    .about = "Runs tcpdump and filt with one expression over the same packets. Shows the programs "
             "both compile, how many packets each matches, and whether they are the same packets.",
    .rows = rows,
    .rules = rules,
    .word = cbpf_word,
    .end = "Exit status: 0 the same packets; 1 a difference, or a failure; 2 bad usage, or both "
           "reject the expression.",
};

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

/* A blank keeps what begins with a minus sign from being an option; what is behind "--" would be a
 * command to filt. Returns false if memory is short. */
static bool keep_from_options(char **expression)
{
        char *kept;

        if (**expression != '-')
                return true;
        if (asprintf(&kept, " %s", *expression) < 0) {
                out_of_memory();
                return false;
        }
        free(*expression);
        *expression = kept;
        return true;
}

/* The expression as a word at the end of a command. The kernel takes no argument of more than 128
 * KiB, so a longer one goes through memory that the programs open as a file; a shorter one does
 * not, because tcpdump takes out comments from a file. */
static bool hand_on_expression(struct arguments *arguments)
{
        enum { ARGUMENT = 128 * 1024 };
        struct compare_words *words = &arguments->options.filter;
        size_t length = strlen(arguments->expression);
        int fd;

        if (length == 0)
                return true;
        if (length < ARGUMENT)
                return keep_from_options(&arguments->expression) &&
                       add_word(words, arguments->expression);
        fd = memory_file(arguments->expression, length); /* open until the end */
        if (fd < 0) {
                complain("cannot hand on the expression: %s", strerror(errno));
                return false;
        }
        snprintf(arguments->expression_path, sizeof arguments->expression_path, "/proc/self/fd/%d",
                 fd);
        return add_word(words, "-F") && add_word(words, arguments->expression_path);
}

/* tcpdump does not know sets: both programs get their values. */
static int write_sets_out(struct arguments *arguments)
{
        struct cbpf_sets *sets;
        struct error error;
        int status = read_sets(arguments->expression, &sets);
        char *text;

        if (status != GO_ON || cbpf_has_sets(arguments->expression) == 0)
                return status;
        text = cbpf_write_out(arguments->expression, sets, &error);
        cbpf_sets_free(sets);
        if (!text)
                return complain_filter(arguments->expression, &error);
        free(arguments->expression);
        arguments->expression = text;
        return GO_ON;
}

static int read_arguments(struct arguments *arguments, char **argv)
{
        struct words words;
        int status = options_read(&compare_options, argv, arguments, &words);

        if (status != GO_ON)
                return status;
        if (!arguments->options.file && !arguments->options.device)
                return complain_usage("one of -r FILE and -i INTERFACE is needed");
        if (arguments->options.file && !check_file(arguments->options.file))
                return STATUS_USAGE;
        status = read_expression(&words, arguments->expression_file, NULL, false,
                                 &arguments->expression, NULL);
        if (status == GO_ON)
                status = write_sets_out(arguments);
        if (status != GO_ON)
                return status;
        return hand_on_expression(arguments) ? GO_ON : STATUS_FAILED;
}

static void show_counts(const struct compare_options *options, const struct compare_result *result)
{
        printf("tcpdump matched %s, filt %" PRIu64,
               counted(result->matched[TCPDUMP], "packet").text, result->matched[FILT]);
        if (options->file)
                printf(", of %" PRIu64 " in ", result->total);
        else
                fputs(" while both were listening on ", stdout);
        print_shown(stdout, options->file ? options->file : options->device);
        puts(".");
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
        } else if (result->clock_was_set) {
                printf("Inconclusive: the clock was set while they listened.\n");
        } else if (result->differences > 0) {
                printf("Different: %s.\n", counted(result->differences, "packet").text);
        } else if (result->failed) {
                printf("No difference, as far as it went.\n");
        } else if (result->matched[FILT] == 0) {
                printf("The same: neither matched any packet.\n");
                return STATUS_DONE;
        } else {
                printf("The same packets: %s\n",
                       options->file ? "bytes, lengths and time stamps." : "bytes and lengths.");
                return STATUS_DONE;
        }
        return STATUS_FAILED;
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
        return show_verdict(options, &result);
}

int compare_run(char **argv)
{
        struct arguments arguments = {.options.timeout = 60};
        int status = read_arguments(&arguments, argv);

        if (status == GO_ON && !process_find("tcpdump"))
                status = complain(
                    "tcpdump: not found; it is in the package tcpdump (apt-get install tcpdump)");
        if (status == GO_ON)
                status = compare(&arguments.options);
        free(arguments.expression);
        free(arguments.tcpdump_text);
        return status;
}

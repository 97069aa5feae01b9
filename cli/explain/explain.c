/* filt explain: what an expression compiles to, and why. */
#include "explain.h"
#include "cli/common/program.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool take_file(struct explain *explain, const char *value)
{
        explain->file = value;
        return true;
}

static bool take_expression_file(struct explain *explain, const char *value)
{
        free(explain->expression);
        explain->expression = read_expression(value);
        return explain->expression != NULL;
}

static bool take_link_type(struct explain *explain, const char *value)
{
        explain->link_type = pcap_datalink_name_to_val(value);
        if (explain->link_type >= 0)
                return true;
        complain_usage("explain", "option -y: unknown link type '%s'", value);
        return false;
}

static bool take_unoptimized(struct explain *explain, const char *value)
{
        (void)value;
        explain->unoptimized = true;
        explain->optimize = false;
        return true;
}

static bool take_optimize(struct explain *explain, const char *value)
{
        (void)value;
        explain->unoptimized = false;
        explain->optimize = true;
        return true;
}

static bool take_program(struct explain *explain, const char *value)
{
        explain->program_file = value;
        return true;
}

static bool take_live(struct explain *explain, const char *value)
{
        (void)value;
        explain->live = true;
        return true;
}

static bool take_packet(struct explain *explain, const char *value)
{
        return parse_number("--packet", value, 1, UINT64_MAX, &explain->packet);
}

/* The options. One that has `show` replaces what is shown; two of these exclude each other. */
static const struct explain_option {
        const char *name; /* long; NULL if there is only a letter */
        char letter;      /* 0 if there is none */
        bool has_value;
        bool (*take)(struct explain *explain, const char *value); /* false after a complaint */
        explain_show *show;
} options[] = {
    {"stage", 0, true, NULL, explain_show_stage},
    {"packet", 0, true, take_packet, explain_why},
    {"dot", 0, false, NULL, explain_dot},
    {"svg", 0, true, NULL, explain_svg},
    {"html", 0, true, NULL, explain_html},
    {NULL, 'r', true, take_file, NULL},
    {NULL, 'F', true, take_expression_file, NULL},
    {"linktype", 'y', true, take_link_type, NULL},
    {"program", 0, true, take_program, NULL},
    {"no-optimize", 'O', false, take_unoptimized, NULL},
    {"optimize", 0, false, take_optimize, NULL},
    {"live", 0, false, take_live, NULL},
};

enum { OPTIONS = sizeof options / sizeof *options, OPTION_FIRST = 256 };

static const char help[] =
    "Usage: filt explain [options] expression\n"
    "\n"
    "Shows how an expression is understood, and the program it compiles to with what each\n"
    "instruction does.\n"
    "\n"
    "  --stage ast|graph|passes[=PASS]|unoptimized|cbpf|ebpf|native   that stage only\n"
    "  -r FILE --packet N   why packet N of a file is accepted or rejected, in a sentence\n"
    "  --dot            the control flow graph in Graphviz' language\n"
    "  --svg FILE       the same, drawn by Graphviz\n"
    "  --html FILE      a page with graph and program; with -r, its packets can be stepped\n"
    "  -r FILE          for the link type of this file\n"
    "  -y, --linktype TYPE  for this link type (EN10MB, which is Ethernet)\n"
    "  --live           for a socket, where VLAN tags are metadata\n"
    "  -F FILE          the expression from a file\n"
    "  --program FILE   a program instead of an expression, in any form of filt -d --format\n"
    "  -O, --no-optimize  libpcap's program, not optimized; a --program is shown as it is\n"
    "  --optimize       optimized: the default for an expression\n"
    "  -h, --help       this\n";

static bool take_option(struct explain *explain, const struct explain_option *option,
                        const char *value)
{
        if (option->take && !option->take(explain, value))
                return false;
        if (!option->show)
                return true;
        if (explain->only) {
                complain_usage("explain", "--%s and --%s: one of the two", explain->only,
                               option->name);
                return false;
        }
        explain->only = option->name;
        explain->show = option->show;
        explain->show_value = value;
        return true;
}

/* What getopt_long() wants to know of the options. */
struct getopt_tables {
        char letters[2 * OPTIONS + 4];
        struct option names[OPTIONS + 2];
};

static void make_tables(struct getopt_tables *tables)
{
        char *letter = stpcpy(tables->letters, "+:h");
        struct option *name = tables->names;

        for (int i = 0; i < OPTIONS; i++) {
                if (options[i].letter) {
                        *letter++ = options[i].letter;
                        if (options[i].has_value)
                                *letter++ = ':';
                }
                if (options[i].name)
                        *name++ = (struct option){options[i].name, options[i].has_value, NULL,
                                                  OPTION_FIRST + i};
        }
        *letter = '\0';
        *name++ = (struct option){"help", no_argument, NULL, 'h'};
        *name = (struct option){0};
}

static const struct explain_option *find_option(int value)
{
        for (int i = 0; i < OPTIONS; i++)
                if (value == OPTION_FIRST + i || (options[i].letter && value == options[i].letter))
                        return &options[i];
        return NULL;
}

static bool read_arguments(struct explain *explain, int argc, char **argv, int *status)
{
        struct getopt_tables tables;
        int value;

        *status = STATUS_USAGE;
        make_tables(&tables);
        opterr = 0;
        optind = 1;
        while ((value = getopt_long(argc, argv, tables.letters, tables.names, NULL)) != -1) {
                const struct explain_option *option = find_option(value);

                if (value == 'h') {
                        fputs(help, stdout);
                        *status = STATUS_DONE;
                        return false;
                }
                if (!option) {
                        complain_usage("explain",
                                       value == ':' ? "option %s needs a value"
                                                    : "unknown option %s",
                                       argv[optind - 1]);
                        return false;
                }
                if (!take_option(explain, option, optarg))
                        return false;
        }
        if (explain->program_file && (explain->expression || optind < argc)) {
                complain_usage("explain", "--program gives the filter; '%s' is one more",
                               explain->expression ? "-F" : argv[optind]);
                return false;
        }
        if (explain->expression && optind < argc) {
                complain_usage("explain", "-F gives the expression; '%s' is one more",
                               argv[optind]);
                return false;
        }
        if (!explain->expression)
                explain->expression = join_words(argc - optind, argv + optind);
        if (!explain->expression)
                complain("out of memory");
        return explain->expression != NULL;
}

static bool check_arguments(const struct explain *explain)
{
        if (explain->packet && !explain->file) {
                complain_usage("explain", "--packet is one of a file: give -r FILE, too");
                return false;
        }
        if (explain->file && explain->link_type >= 0) {
                complain_usage("explain", "-y does not go with -r: the file states its link type");
                return false;
        }
        if (explain->file && explain->live) {
                complain_usage("explain", "--live does not go with -r: a file has no metadata");
                return false;
        }
        return true;
}

/* The program to be explained, read or compiled. */
static int make_program(struct explain *explain)
{
        struct error error;
        int status;

        if (explain->program_file) {
                status = program_read(explain->program_file, &explain->program);
                if (status == STATUS_DONE && explain->optimize)
                        status = program_optimize(explain->program_file, &explain->program);
                return status;
        }
        if (cbpf_compile(explain->expression, &explain->target,
                         explain->unoptimized ? CBPF_UNOPTIMIZED : 0, &explain->program,
                         &error) == 0)
                return STATUS_DONE;
        complain_filter(explain->expression, &error);
        return STATUS_USAGE;
}

static int prepare(struct explain *explain)
{
        struct error capture_error;
        int status;

        explain->target = (struct cbpf_target){
            .link_type = explain->link_type < 0 ? DLT_EN10MB : explain->link_type,
            .snapshot_length = CAPTURE_MAX_SNAPSHOT,
            .place = explain->live ? CBPF_LIVE : CBPF_FILE,
        };
        if (explain->file) {
                explain->capture = capture_open_file(explain->file, &capture_error);
                if (!explain->capture) {
                        complain("%s", capture_error.message);
                        return STATUS_FAILED;
                }
                explain->target.link_type = capture_link_type(explain->capture);
                explain->target.snapshot_length = capture_snapshot_length(explain->capture);
        }
        status = make_program(explain);
        if (status != STATUS_DONE)
                return status;
        if (explain->file && explain->program_file)
                program_warn_of_file(explain->program_file, &explain->program);
        if (cbpf_annotate(&explain->program, &explain->target, &explain->notes) < 0) {
                complain("out of memory");
                return STATUS_FAILED;
        }
        return STATUS_DONE;
}

/* Prints the line of a listing and what the instruction does, in two columns. */
static void print_line(const struct bpf_program *program, const struct cbpf_notes *notes,
                       uint32_t at)
{
        enum { WIDTH = 48, TAB = 8 };
        char line[96];
        int column = 0;

        cbpf_list_instruction(&program->bf_insns[at], at, line, sizeof line);
        for (const char *c = line; *c; c++)
                do
                        putchar(*c == '\t' ? ' ' : *c);
                while (++column % TAB != 0 && *c == '\t');
        printf("%*s%s\n", column < WIDTH ? WIDTH - column : 2, "", notes->notes[at].text);
}

int explain_print_program(const struct bpf_program *program, const struct cbpf_target *target)
{
        struct cbpf_notes notes;

        if (cbpf_annotate(program, target, &notes) < 0) {
                complain("out of memory");
                return STATUS_FAILED;
        }
        for (uint32_t i = 0; i < program->bf_len; i++)
                print_line(program, &notes, i);
        cbpf_notes_free(&notes);
        return STATUS_DONE;
}

/* A text whose lines are a test, a tab and its meaning; the first is the whole expression. */
static void print_understood(const char *text)
{
        enum { LINE = 1000, COLUMN = 24 };
        size_t first = strcspn(text, "\n");

        if (first <= LINE)
                printf("Understood as\n  %.*s\n", (int)first, text);
        else
                printf("Understood as (the first %d of %zu characters; --stage ast shows all)\n"
                       "  %.*s ...\n",
                       LINE, first, LINE, text);
        text += first + 1;
        if (*text)
                printf("\nWhere\n");
        while (*text) {
                size_t test = strcspn(text, "\t"), line = strcspn(text, "\n");

                printf("  %-*.*s %.*s\n", COLUMN, (int)test, text, (int)(line - test - 1),
                       text + test + 1);
                text += line + 1;
        }
}

static void print_rival(const struct explain *explain)
{
        struct explain_rival rival = explain_compile_by_libpcap(explain);

        switch (rival.end) {
        case RIVAL_DONE:
                printf("; libpcap's optimizer: %u", rival.instructions);
                if (rival.longest)
                        printf(", at most %u", rival.longest);
                printf(".\n");
                break;
        case RIVAL_LATE:
                printf("; libpcap's optimizer had not ended after %d seconds.\n", RIVAL_SECONDS);
                break;
        case RIVAL_FAILED: printf("; libpcap does not compile it.\n"); break;
        case RIVAL_CRASHED: printf("; libpcap crashes on it.\n"); break;
        case RIVAL_NONE: printf(".\n"); break;
        }
}

/* What filt's optimizer would make of a program that was read. */
static void print_optimized(const struct explain *explain)
{
        struct bpf_program shorter;
        uint32_t longest;

        if (explain->optimize) {
                printf(".\n");
                return;
        }
        if (cbpf_shorten(&explain->program, &shorter) != 0) {
                printf("; the optimizer does not know what it loads or keeps.\n");
                return;
        }
        printf("; optimized (--optimize): %u", shorter.bf_len);
        if (cbpf_longest_path(&shorter, &longest) == 0)
                printf(", at most %u", longest);
        printf(".\n");
        cbpf_program_free(&shorter);
}

static void print_size(const struct explain *explain)
{
        uint32_t longest;

        printf("\n%s, ", counted(explain->program.bf_len, "instruction").text);
        if (cbpf_longest_path(&explain->program, &longest) == 0)
                printf("at most %u of them for one packet", longest);
        else
                printf("some of them again and again, as it jumps back");
        if (explain->program_file)
                print_optimized(explain);
        else
                print_rival(explain);
        if (explain->program.bf_len > CBPF_KERNEL_MAX)
                printf("The kernel takes at most %d instructions: filt runs it itself.\n",
                       CBPF_KERNEL_MAX);
}

static int print_expression(const struct explain *explain)
{
        enum { TESTS = 24 };
        struct error error;
        char *text;

        if (cbpf_understand(explain->expression, TESTS, &text, &error) < 0) {
                complain_filter(explain->expression, &error);
                return STATUS_FAILED;
        }
        print_understood(text);
        free(text);
        putchar('\n');
        return STATUS_DONE;
}

const char *explain_title(const struct explain *explain)
{
        if (explain->program_file)
                return strcmp(explain->program_file, "-") == 0 ? "standard input"
                                                               : explain->program_file;
        return *explain->expression ? explain->expression : "(every packet)";
}

int explain_whole(struct explain *explain)
{
        const char *name = pcap_datalink_val_to_name(explain->target.link_type);
        const char *description = pcap_datalink_val_to_description(explain->target.link_type);

        if (explain->program_file)
                printf("Program of %s%s, taken as one", explain_title(explain),
                       explain->optimize ? ", optimized" : "");
        else if (print_expression(explain) != STATUS_DONE)
                return STATUS_FAILED;
        else
                printf("Program");
        printf(" for %s (%s)%s\n", name ? name : "this link type",
               description ? description : "no description", explain->live ? ", on a socket" : "");
        if (explain_print_program(&explain->program, &explain->target) != STATUS_DONE)
                return STATUS_FAILED;
        print_size(explain);
        return STATUS_DONE;
}

static void release(struct explain *explain)
{
        cbpf_notes_free(&explain->notes);
        cbpf_program_free(&explain->program);
        if (explain->capture)
                capture_close(explain->capture);
        free(explain->expression);
}

int explain_run(int argc, char **argv)
{
        struct explain explain = {.link_type = -1, .show = explain_whole};
        int status;

        if (read_arguments(&explain, argc, argv, &status)) {
                status = check_arguments(&explain) ? prepare(&explain) : STATUS_USAGE;
                if (status == STATUS_DONE)
                        status = explain.show(&explain);
        }
        release(&explain);
        return status;
}

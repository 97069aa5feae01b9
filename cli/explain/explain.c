/* filt explain: what an expression compiles to, and why. */
#include "explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Options that show something else than the whole. */

/* One of the set, or passes=NAME. */
static bool take_stage(void *place, const struct cli_option *option, const char *value)
{
        static const char passes[] = "passes=";
        struct explain *explain = place;

        if (strncmp(value, passes, strlen(passes)) == 0) {
                explain->pass = value + strlen(passes);
                value = "passes";
        }
        explain->show = explain_show_stage;
        explain->unoptimized |= strcmp(value, "unoptimized") == 0;
        return take_word(&explain->stage, option, value);
}

static bool take_packet(void *place, const struct cli_option *option, const char *value)
{
        struct explain *explain = place;

        explain->show = explain_why;
        return take_number(&explain->packet, option, value);
}

/* --dot, --svg and --html: the row's `least` tells which. */
static bool take_picture(void *place, const struct cli_option *option, const char *value)
{
        static explain_show *const pictures[] = {explain_dot, explain_svg, explain_html};
        struct explain *explain = place;

        explain->show = pictures[option->least];
        explain->picture_file = value;
        return true;
}

static bool take_beside(void *place, const struct cli_option *option, const char *value)
{
        struct explain *explain = place;

        (void)option;
        (void)value;
        explain->show = explain_beside;
        return true;
}

#define AT(member) offsetof(struct explain, member)

static const struct cli_option rows[] = {
    {0, "stage", EXPLAIN_STAGES, take_stage,
     .help = "show only this stage of the way from text to machine code",
     .more = "`ast` is the syntax tree; `graph` the decision graph of the program; `passes` that "
             "graph after each pass of the optimizer that changed it, `passes=NAME` after this "
             "pass only; `unoptimized` the program as libpcap means it; `cbpf` the program; `ebpf` "
             "the expression compiled to extended BPF, as -d --format ebpf lists it, and below it "
             "what the kernel translates the classic program to (by the rules of Linux 6.1, as the "
             "kernel does not hand out its translation); `native` the machine code that filt "
             "generates from it."},
    {0, "beside", NULL, take_beside,
     .help = "show the classic program and the extended one side by side, test by test",
     .more =
         "What stands beside one another comes from the same test of the filter; an instruction "
         "of the classic program may be for several tests, which are then shown as one. 80 "
         "columns will do; from 120 on, there are notes on what registers hold."},
    {0, "at", PROGRAM_PLACES, take_word, AT(place),
     .help = "where the extended program of --stage ebpf, --beside or --html is to run; socket for "
             "--stage ebpf if not given, else where packets are as in a file or, with --live, on a "
             "socket"},
    {0, "packet", "N", take_packet, 0, 1, UINT64_MAX,
     .help = "with -r: print packet N of the file, and say in a sentence why it is accepted or "
             "rejected",
     .more = "Packets are counted from 1."},
    {0, "dot", NULL, take_picture, 0, 0,
     .help = "print the control flow graph in the language of Graphviz"},
    {0, "svg", "FILE", take_picture, 0, 1,
     .help = "the same, drawn by Graphviz' dot(1) into a file",
     .more = "A graph of more than 400 blocks is drawn roughly, and a drawing that takes more than "
             "two minutes is given up."},
    {0, "html", "FILE", take_picture, 0, 2,
     .help = "write a page with the graph and the program; with -r, its packets can be stepped",
     .more = "See PICTURES below."},
    {'r', NULL, "FILE", take_text, AT(file),
     .help = "explain for the link type and snapshot length of this file"},
    {'y', "linktype", "TYPE", take_link_type, AT(link_type),
     .help = "explain for this link type (default EN10MB: Ethernet)"},
    {0, "live", NULL, take_yes, AT(live),
     .help = "explain for a live capture, where VLAN tags are metadata",
     .more = "So are the direction and the interface: the kernel keeps them beside the packet."},
    {'F', NULL, "FILE", take_text, AT(expression_file),
     .help = "read the expression from a file; `-` is standard input"},
    {0, "program", "FILE", take_text, AT(program_file),
     .help = "explain the program in this file in place of an expression, in any form that filt -d "
             "--format prints"},
    {0, "deep", NULL, take_yes, AT(deep),
     .help = "let the expression look for any layer of a packet, within tunnels too"},
    {'O', "no-optimize", NULL, take_yes, AT(unoptimized),
     .help = "do not optimize: the default for --program"},
    {0, "optimize", "size|speed", take_optimize, AT(optimize), .optional = true,
     .help = "optimize: the default for an expression; for the shortest or the quickest program"},
    COLOR_OPTION(AT(color), "listings"),
    {0},
};

static const struct cli_rule rules[] = {
    {.one_of = "--stage --packet --dot --svg --html --beside"},
    {"--packet", .needs = "-r", .message = "--packet is one of a file: give -r FILE, too"},
    {.one_of = "-y -r", .message = "-y does not go with -r: the file states its link type"},
    {.one_of = "--live -r", .message = "--live does not go with -r: a file has no metadata"},
    {"--at", .excludes = "--program"},
    {"--beside", .excludes = "--program"},
    {"--beside", .excludes = "-O"},
    {.one_of = "-F --program"},
    {.one_of = "-O --optimize"},
    {0},
};

const struct cli_options explain_options = {
    .synopsis = "[options] expression",
    .about = "Shows how an expression is understood, and the program it compiles to with what each "
             "instruction does.",
    .rows = rows,
    .rules = rules,
    .word = cbpf_word,
};

/* --at is for what shows an extended program. */
static int check_place(const struct explain *explain)
{
        if (explain->place < 0 || explain->show == explain_show_stage)
                return GO_ON;
        if (explain->show != explain_beside && explain->show != explain_html)
                return complain_usage("--at needs --stage, --beside or --html");
        if (explain->file || explain->live)
                return complain_usage("%s does not go with --at: the place says what packets are",
                                      explain->file ? "-r" : "--live");
        return GO_ON;
}

static int read_arguments(struct explain *explain, char **argv)
{
        struct words words;
        int status = options_read(&explain_options, argv, explain, &words);

        if (status == GO_ON)
                status = check_place(explain);
        if (status != GO_ON)
                return status;
        status = read_expression(&words, explain->expression_file, explain->program_file,
                                 explain->deep, &explain->expression, NULL);
        return status == GO_ON ? read_sets(explain->expression, &explain->sets) : status;
}

/* The program to be explained; it may have been read already. */
static int make_program(struct explain *explain)
{
        struct error error;

        if (explain->program_file)
                return STATUS_DONE;
        if (cbpf_compile(explain->expression, &explain->target,
                         compile_flags(explain->unoptimized, explain->optimize), &explain->program,
                         &error) == 0)
                return STATUS_DONE;
        return complain_filter(explain->expression, &error);
}

/* Pictures are files, and another program draws them. */
static bool makes_files(const struct explain *explain)
{
        return explain->show == explain_svg || explain->show == explain_html;
}

/* Returns false after a complaint. */
static bool open_capture(struct explain *explain)
{
        struct error error;
        int fd = open_input(explain->file);

        if (fd < 0)
                return false;
        enter_sandbox_to_read(explain->expression, false);
        explain->capture = capture_open_descriptor(
            fd, fd == STDIN_FILENO ? "standard input" : explain->file, &error);
        if (!explain->capture)
                complain_error(&error);
        return explain->capture != NULL;
}

static int prepare(struct explain *explain)
{
        int status = explain->program_file
                         ? program_read(explain->program_file, explain->optimize, &explain->program)
                         : STATUS_DONE;
        int layers;

        if (status != STATUS_DONE)
                return status;

        explain->target = (struct cbpf_target){
            .sets = explain->sets,
            .link_type = explain->link_type < 0 ? DLT_EN10MB : explain->link_type,
            .snapshot_length = CAPTURE_MAX_SNAPSHOT,
            .place = explain->live ? CBPF_LIVE : CBPF_FILE,
        };
        if (explain->file) {
                if (!open_capture(explain))
                        return STATUS_FAILED;
                explain->target.saved = true;
                explain->target.link_type = capture_info(explain->capture)->link_type;
                explain->target.snapshot_length = capture_info(explain->capture)->snapshot_length;
        }
        if (explain->live && explain->target.link_type == DLT_LINUX_SLL2)
                explain->target.place =
                    CBPF_LIVE_ANY; /* where most packets of that type come from */
        if (explain->place >= 0 && explain->show != explain_show_stage)
                program_set_target(PROGRAM_EBPF, explain->place, 0, &explain->target);
        status = make_program(explain);
        if (status != STATUS_DONE)
                return status;
        if (explain->file && explain->program_file)
                program_warn_of_file(explain->program_file, &explain->program);
        layers = explain->program_file ? 0 : cbpf_has_layers(explain->expression);
        explain->target.layers = layers > 0;
        if (layers < 0 || cbpf_annotate(&explain->program, &explain->target, &explain->notes) < 0)
                return out_of_memory();
        return GO_ON;
}

static void release(struct explain *explain)
{
        cbpf_notes_free(&explain->notes);
        cbpf_program_free(&explain->program);
        capture_close(explain->capture);
        cbpf_sets_free(explain->sets);
        free(explain->expression);
}

/* Compiles, and shows what comes of it. */
static int show(void *context)
{
        struct explain *explain = context;
        int status = prepare(explain);

        return status == GO_ON ? explain->show(explain) : status;
}

int explain_run(char **argv)
{
        struct explain explain = {.link_type = -1, .place = -1, .show = explain_whole};
        int status = read_arguments(&explain, argv);

        explain.colors = choose_colors(explain.color, STDOUT_FILENO);
        if (status == GO_ON)
                status = makes_files(&explain) ? picture_make(&explain, show) : show(&explain);
        release(&explain);
        return status;
}

/* filt debug: steps packets of a file through a program, forward and back. Commands come from
 * standard input, one a line, so that a script can give them as well as a person. */
#include "debug.h"
#include "print/print.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT(member) offsetof(struct debugger, member)

static const struct cli_option rows[] = {
    {'r', NULL, "FILE", take_text, AT(file), .help = "step the packets of this file; required"},
    {0, "packet", "N", take_number, AT(first), 1, UINT64_MAX,
     .help = "begin with packet N (default 1)"},
    {0, "trace", NULL, take_yes, AT(trace),
     .help = "read no commands: print every step of every packet"},
    {'c', NULL, "N", take_number, AT(limit), 1, UINT64_MAX,
     .help = "with --trace: stop after N packets"},
    {'F', NULL, "FILE", take_text, AT(expression_file),
     .help = "read the expression from a file; `-` is standard input"},
    {0, "program", "FILE", take_text, AT(program_file),
     .help = "use the program in this file in place of an expression, in any form that filt -d "
             "--format prints"},
    {0, "deep", NULL, take_yes, AT(deep),
     .help = "let the expression look for any layer of a packet, within tunnels too"},
    {'O', "no-optimize", NULL, take_yes, AT(unoptimized),
     .help = "do not optimize: the default for --program"},
    {0, "optimize", "size|speed", take_optimize, AT(optimize), .optional = true,
     .help = "optimize: the default for an expression; for the shortest or the quickest program"},
    COLOR_OPTION(AT(color), "what is shown"),
    {0},
};

static const struct cli_rule rules[] = {
    {"-c", .needs = "--trace"},
    {.one_of = "-F --program"},
    {.one_of = "-O --optimize"},
    {0},
};

const struct cli_options debug_options = {
    .synopsis = "-r FILE [options] expression",
    .about = "Steps packets of a file through the program that the expression compiles to. "
             "Commands are read from standard input; `help` there lists them.",
    .rows = rows,
    .rules = rules,
    .word = cbpf_word,
};

static int read_arguments(struct debugger *debugger, char **argv)
{
        struct words words;
        int status = options_read(&debug_options, argv, debugger, &words);
        bool commands = !debugger->trace;

        if (status != GO_ON)
                return status;
        if (!debugger->file)
                return complain_usage("-r FILE is needed: the packets come from a file");
        if (strcmp(debugger->file, "-") == 0)
                return complain_usage("-r -: give a file, as packets are read more than once");
        if (commands && debugger->program_file && strcmp(debugger->program_file, "-") == 0)
                return complain_usage(
                    "--program -: the commands come from standard input; give a file, or --trace");
        status = read_expression(&words, debugger->expression_file, debugger->program_file,
                                 debugger->deep, &debugger->expression, NULL);
        return status == GO_ON ? read_sets(debugger->expression, &debugger->sets) : status;
}

static int read_program(struct debugger *debugger)
{
        int status = program_read(debugger->program_file, debugger->optimize, &debugger->program);

        if (status == STATUS_DONE)
                program_warn_of_file(debugger->program_file, &debugger->program);
        return status;
}

static int compile(struct debugger *debugger, const struct cbpf_target *target)
{
        struct error error;

        if (cbpf_compile(debugger->expression, target,
                         compile_flags(debugger->unoptimized, debugger->optimize),
                         &debugger->program, &error) == 0)
                return STATUS_DONE;
        return complain_filter(debugger->expression, &error);
}

static int prepare(struct debugger *debugger)
{
        int layers = debugger->program_file ? 0 : cbpf_has_layers(debugger->expression);
        struct cbpf_target target = {
            .link_type = capture_info(debugger->capture)->link_type,
            .snapshot_length = capture_info(debugger->capture)->snapshot_length,
            .place = CBPF_FILE,
            .saved = true,
            .sets = debugger->sets,
            .layers = layers > 0,
        };
        int status = layers < 0               ? out_of_memory()
                     : debugger->program_file ? STATUS_DONE
                                              : compile(debugger, &target);

        if (status != STATUS_DONE)
                return status;
        debugger->breakpoints = calloc(debugger->program.bf_len, sizeof *debugger->breakpoints);
        if (debugger->breakpoints &&
            cbpf_annotate(&debugger->program, &target, &debugger->notes) == 0)
                return STATUS_DONE;
        return out_of_memory();
}

static void trace_packet(struct debugger *debugger)
{
        show_packet(debugger);
        for (size_t i = 0; i < debugger->steps.count; i++)
                show_executed(debugger, i);
        show_verdict(debugger);
}

static int trace(struct debugger *debugger)
{
        enum moved moved = MOVED;

        for (uint64_t count = 1; moved == MOVED; count++) {
                trace_packet(debugger);
                if (count == debugger->limit || ferror(stdout))
                        break;
                moved = take_packet(debugger);
        }
        return moved == TROUBLE ? STATUS_FAILED : STATUS_DONE;
}

static int run(struct debugger *debugger)
{
        int status = debugger->program_file ? read_program(debugger) : STATUS_DONE;

        if (status != STATUS_DONE)
                return status;
        debugger->input = open_input(debugger->file);
        if (debugger->input < 0)
                return STATUS_FAILED;
        debugger->edits = !debugger->trace && line_editor_open(command_word);
        enter_sandbox_to_read(debugger->expression, debugger->edits);
        if (open_again(debugger) == TROUBLE)
                return STATUS_FAILED;
        status = prepare(debugger);
        if (status != STATUS_DONE)
                return status;
        switch (go_to(debugger, debugger->first)) {
        case NO_MORE: return complain_past_end(debugger->file, debugger->first, debugger->number);
        case TROUBLE: return STATUS_FAILED;
        case MOVED: break;
        }
        if (debugger->trace)
                return trace(debugger);
        converse(debugger);
        return STATUS_DONE;
}

int debug_run(char **argv)
{
        struct debugger debugger = {.first = 1, .input = -1};
        int status = read_arguments(&debugger, argv);

        debugger.colors = choose_colors(debugger.color, STDOUT_FILENO);
        if (status == GO_ON)
                status = run(&debugger);
        line_editor_close();
        steps_free(&debugger.steps);
        cbpf_notes_free(&debugger.notes);
        cbpf_program_free(&debugger.program);
        free(debugger.breakpoints);
        cbpf_sets_free(debugger.sets);
        free(debugger.expression);
        printer_free(debugger.printer);
        capture_close(debugger.capture);
        if (debugger.input >= 0)
                close(debugger.input);
        return status;
}

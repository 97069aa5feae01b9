/* filt debug: steps packets of a file through a program, forward and back. Commands come from
 * standard input, a line each, so that a script can give them as well as a person. */
#include "cli/common/cli.h"
#include "cli/common/program.h"
#include "cli/common/steps.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "Usage: filt debug -r FILE [options] expression\n"
    "\n"
    "Steps packets of a file through the program that the expression compiles to. Commands are\n"
    "read from standard input; `help` there lists them.\n"
    "\n"
    "  -r FILE       packets from this file\n"
    "  --packet N    begin with packet N (1)\n"
    "  --trace       no commands: print every step of every packet\n"
    "  -c N          with --trace: stop after N packets\n"
    "  -F FILE       the expression from a file\n"
    "  --program FILE   a program instead of an expression, in any form of filt -d --format\n"
    "  -O, --no-optimize  libpcap's program, not optimized; a --program is taken as it is\n"
    "  --optimize    optimized: the default for an expression\n"
    "  -h, --help    this\n";

struct debugger {
        char *expression; /* freed at the end */
        const char *file;
        const char *program_file; /* --program: this instead of an expression */
        uint64_t first;           /* packet to begin with */
        uint64_t limit;           /* packets to trace; 0 for all */
        bool trace, unoptimized;
        bool optimize; /* matters for a program_file only */

        struct capture *capture;
        struct bpf_program program;
        struct cbpf_notes notes;
        bool *breakpoints; /* by instruction */

        struct capture_record record;
        uint64_t number; /* of the packet, from 1; 0 before the first */
        struct steps steps;
        size_t at; /* the step to be executed next; steps.count at the verdict */
};

/* --- Packets --- */

enum moved { MOVED, NO_MORE, TROUBLE };

static int read_program(struct debugger *debugger)
{
        int status = program_read(debugger->program_file, &debugger->program);

        if (status == STATUS_DONE && debugger->optimize)
                status = program_optimize(debugger->program_file, &debugger->program);
        if (status == STATUS_DONE)
                program_warn_of_file(debugger->program_file, &debugger->program);
        return status;
}

static int compile(struct debugger *debugger, const struct cbpf_target *target)
{
        struct error error;

        if (cbpf_compile(debugger->expression, target, debugger->unoptimized ? CBPF_UNOPTIMIZED : 0,
                         &debugger->program, &error) == 0)
                return STATUS_DONE;
        complain_filter(debugger->expression, &error);
        return STATUS_USAGE;
}

static int prepare(struct debugger *debugger)
{
        struct cbpf_target target = {
            .link_type = capture_link_type(debugger->capture),
            .snapshot_length = capture_snapshot_length(debugger->capture),
            .place = CBPF_FILE,
        };
        int status = debugger->program_file ? read_program(debugger) : compile(debugger, &target);

        if (status != STATUS_DONE)
                return status;
        debugger->breakpoints = calloc(debugger->program.bf_len, sizeof *debugger->breakpoints);
        if (debugger->breakpoints &&
            cbpf_annotate(&debugger->program, &target, &debugger->notes) == 0)
                return STATUS_DONE;
        complain("out of memory");
        return STATUS_FAILED;
}

/* Takes the next packet and runs it. */
static enum moved take_packet(struct debugger *debugger)
{
        struct error error;

        enum capture_result result = capture_next(debugger->capture, &debugger->record, &error);

        if (result != CAPTURE_PACKET) {
                /* The bytes of the packet before may be gone. */
                debugger->record = (struct capture_record){0};
                debugger->steps.count = debugger->at = 0;
        }
        if (result == CAPTURE_ERROR)
                complain("%s", error.message);
        if (result != CAPTURE_PACKET)
                return result == CAPTURE_ERROR ? TROUBLE : NO_MORE;
        debugger->number++;
        debugger->at = 0;
        if (steps_record(&debugger->steps, &debugger->program, &debugger->record.packet) < 0)
                return TROUBLE;
        return MOVED;
}

/* Goes to packet `number`; to one behind by starting the file again. */
static enum moved go_to(struct debugger *debugger, uint64_t number)
{
        enum moved moved = MOVED;

        if (number <= debugger->number) {
                struct error error;
                struct capture *again = capture_open_file(debugger->file, &error);

                if (!again) {
                        complain("%s", error.message);
                        return TROUBLE;
                }
                capture_close(debugger->capture);
                debugger->capture = again;
                debugger->number = 0;
        }
        while (moved == MOVED && debugger->number < number)
                moved = take_packet(debugger);
        return moved;
}

static void complain_past_end(const struct debugger *debugger, uint64_t number)
{
        if (debugger->number == 0)
                complain("%s: there is no packet in it", debugger->file);
        else
                complain("%s: there is no packet %" PRIu64 "; the last is %" PRIu64, debugger->file,
                         number, debugger->number);
}

/* --- What is shown --- */

static void show_packet(const struct debugger *debugger)
{
        const struct packet *packet = &debugger->record.packet;

        printf("packet %" PRIu64 ", %s", debugger->number, counted(packet->length, "byte").text);
        if (packet->captured < packet->length)
                printf(", %u of them captured", packet->captured);
        putchar('\n');
}

/* A line of the listing without its tab, padded. */
static void show_instruction(const struct debugger *debugger, uint32_t at)
{
        char line[96];
        char *tab;

        cbpf_list_instruction(&debugger->program.bf_insns[at], at, line, sizeof line);
        tab = strchr(line, '\t');
        if (tab)
                *tab = ' ';
        printf("%-44s", line);
}

static void show_bytes_read(const struct debugger *debugger, const struct step *step)
{
        const struct packet *packet = &debugger->record.packet;
        uint64_t end = step->offset + step->size;

        if (step->size == 0)
                return;
        printf("  [%" PRIu64, step->offset);
        if (step->size > 1)
                printf("-%" PRIu64, end - 1);
        printf("]");
        if (end > packet->captured) {
                printf(" not there");
                return;
        }
        putchar(' ');
        for (uint64_t i = step->offset; i < end; i++)
                printf("%02x", packet->data[i]);
}

/* A step as it was executed: the instruction, and the registers after it. */
static void show_executed(const struct debugger *debugger, size_t at)
{
        const struct step *step = &debugger->steps.steps[at];
        const struct step *after = at + 1 < debugger->steps.count ? step + 1 : step;

        printf("   ");
        show_instruction(debugger, step->instruction);
        printf(" A=0x%08x X=0x%08x", after->a, after->x);
        for (int i = 0; i < 16; i++)
                if (after->memory[i] != step->memory[i])
                        printf(" M[%d]=0x%08x", i, after->memory[i]);
        show_bytes_read(debugger, step);
        putchar('\n');
}

static void show_verdict(const struct debugger *debugger)
{
        char text[160];

        steps_verdict(&debugger->steps, &debugger->record.packet, text, sizeof text);
        printf("=> packet %" PRIu64 " %s, after %s\n", debugger->number, text,
               counted(debugger->steps.outcome.steps, "step").text);
        if (debugger->steps.incomplete)
                printf("   (only the first %d are kept)\n", MAX_STEPS);
}

/* Where it stands: the instruction to be executed next, or the verdict. */
static void show_place(const struct debugger *debugger)
{
        uint32_t instruction;

        if (debugger->at == debugger->steps.count) {
                show_verdict(debugger);
                return;
        }
        instruction = debugger->steps.steps[debugger->at].instruction;
        printf("-> ");
        show_instruction(debugger, instruction);
        printf(" %s\n", debugger->notes.notes[instruction].text);
}

/* Whether byte `i` is what the last executed step has read. */
static bool is_read(const struct step *step, uint64_t i)
{
        return step && i >= step->offset && i < step->offset + step->size;
}

static void show_dump(const struct debugger *debugger)
{
        enum { ROW = 16 };
        const struct packet *packet = &debugger->record.packet;
        const struct step *step = debugger->at ? &debugger->steps.steps[debugger->at - 1] : NULL;

        for (uint32_t row = 0; row < packet->captured; row += ROW) {
                printf("  0x%04x ", row);
                for (uint32_t i = row; i < row + ROW && i < packet->captured; i++) {
                        bool read = is_read(step, i), before = i > row && is_read(step, i - 1);

                        printf("%c%02x",
                               read && !before   ? '['
                               : before && !read ? ']'
                                                 : ' ',
                               packet->data[i]);
                        if (read && (i + 1 == row + ROW || i + 1 == packet->captured))
                                putchar(']');
                }
                putchar('\n');
        }
}

static void show_registers(const struct debugger *debugger)
{
        const struct step *step;

        if (debugger->steps.count == 0)
                return;
        step = &debugger->steps
                    .steps[debugger->at < debugger->steps.count ? debugger->at
                                                                : debugger->steps.count - 1];
        printf("   A=0x%08x (%u)  X=0x%08x (%u)\n", step->a, step->a, step->x, step->x);
        for (int i = 0; i < 16; i++)
                if (step->memory[i])
                        printf("   M[%d]=0x%08x (%u)\n", i, step->memory[i], step->memory[i]);
}

static void trace_packet(struct debugger *debugger)
{
        show_packet(debugger);
        for (size_t i = 0; i < debugger->steps.count; i++)
                show_executed(debugger, i);
        show_verdict(debugger);
}

/* --- Commands --- */

/* What follows the command's word; NULL if nothing does. Returns false to end. */
typedef bool command_function(struct debugger *debugger, const char *argument);

/* A number that may be left out. False after a complaint. */
static bool read_count(const char *command, const char *argument, uint64_t otherwise,
                       uint64_t *count)
{
        *count = otherwise;
        return !argument || parse_number(command, argument, 0, UINT32_MAX, count);
}

static bool do_step(struct debugger *debugger, const char *argument)
{
        uint64_t count;

        if (!read_count("step", argument, 1, &count))
                return true;
        if (debugger->at == debugger->steps.count)
                printf("   there is no step after the verdict; `next` takes the next packet\n");
        while (count-- > 0 && debugger->at < debugger->steps.count)
                show_executed(debugger, debugger->at++);
        show_place(debugger);
        return true;
}

static bool do_back(struct debugger *debugger, const char *argument)
{
        uint64_t count;

        if (!read_count("back", argument, 1, &count))
                return true;
        if (debugger->at == 0)
                printf("   this is the first step; `packet N` goes to another packet\n");
        debugger->at -= count < debugger->at ? count : debugger->at;
        show_place(debugger);
        return true;
}

static bool do_continue(struct debugger *debugger, const char *argument)
{
        (void)argument;
        if (debugger->at < debugger->steps.count)
                show_executed(debugger, debugger->at++);
        while (debugger->at < debugger->steps.count &&
               !debugger->breakpoints[debugger->steps.steps[debugger->at].instruction])
                show_executed(debugger, debugger->at++);
        show_place(debugger);
        return true;
}

/* Reads the number of an instruction. False after a complaint. */
static bool read_instruction(struct debugger *debugger, const char *command, const char *argument,
                             uint64_t *number)
{
        if (argument)
                return parse_number(command, argument, 0, debugger->program.bf_len - 1, number);
        complain("%s: say which instruction, a number from 0 to %u", command,
                 debugger->program.bf_len - 1);
        return false;
}

static bool do_break(struct debugger *debugger, const char *argument)
{
        uint64_t number;

        if (read_instruction(debugger, "break", argument, &number)) {
                debugger->breakpoints[number] = true;
                printf("   breakpoint at (%03" PRIu64 ")\n", number);
        }
        return true;
}

static bool do_delete(struct debugger *debugger, const char *argument)
{
        uint64_t number;

        if (read_instruction(debugger, "delete", argument, &number)) {
                debugger->breakpoints[number] = false;
                printf("   no breakpoint at (%03" PRIu64 ")\n", number);
        }
        return true;
}

/* Shows the packet it came to. */
static void show_arrival(struct debugger *debugger, enum moved moved)
{
        if (moved == NO_MORE)
                printf("   no more packets; the last was packet %" PRIu64 "\n", debugger->number);
        if (moved != MOVED)
                return;
        show_packet(debugger);
        show_place(debugger);
}

static bool do_next(struct debugger *debugger, const char *argument)
{
        bool match = argument && strcmp(argument, "match") == 0;
        bool reject = argument && strcmp(argument, "reject") == 0;
        enum moved moved;

        if (argument && !match && !reject) {
                complain("next: '%s' is neither match nor reject", argument);
                return true;
        }
        do
                moved = take_packet(debugger);
        while (moved == MOVED && ((match && debugger->steps.outcome.verdict == 0) ||
                                  (reject && debugger->steps.outcome.verdict != 0)));
        show_arrival(debugger, moved);
        if (moved != MOVED && go_to(debugger, debugger->number) == MOVED)
                debugger->at = debugger->steps.count; /* it stays at the end of the last one */
        return true;
}

static bool do_packet(struct debugger *debugger, const char *argument)
{
        uint64_t number, before = debugger->number;
        enum moved moved;

        if (!argument) {
                show_packet(debugger);
                return true;
        }
        if (!parse_number("packet", argument, 1, UINT64_MAX, &number))
                return true;
        moved = go_to(debugger, number);
        if (moved == NO_MORE)
                complain_past_end(debugger, number);
        if (moved != MOVED) {
                go_to(debugger, before);
                return true;
        }
        show_arrival(debugger, moved);
        return true;
}

static bool do_registers(struct debugger *debugger, const char *argument)
{
        (void)argument;
        show_registers(debugger);
        return true;
}

static bool do_dump(struct debugger *debugger, const char *argument)
{
        (void)argument;
        show_dump(debugger);
        return true;
}

static bool do_list(struct debugger *debugger, const char *argument)
{
        bool stands = debugger->at < debugger->steps.count;

        (void)argument;
        for (uint32_t i = 0; i < debugger->program.bf_len; i++) {
                bool here = stands && debugger->steps.steps[debugger->at].instruction == i;

                printf("%c%s ", debugger->breakpoints[i] ? '*' : ' ', here ? ">" : " ");
                show_instruction(debugger, i);
                printf(" %s\n", debugger->notes.notes[i].text);
        }
        return true;
}

static bool do_quit(struct debugger *debugger, const char *argument)
{
        (void)debugger;
        (void)argument;
        return false;
}

static command_function do_help;

static const struct command {
        const char *name;
        const char *short_name;
        const char *argument; /* for the help */
        command_function *run;
        const char *help;
} commands[] = {
    {"step", "s", "[N]", do_step, "execute one instruction, or N"},
    {"back", "b", "[N]", do_back, "take back one, or N"},
    {"continue", "c", "", do_continue, "go on to the verdict, or a breakpoint"},
    {"break", "br", "N", do_break, "stop before instruction N"},
    {"delete", "d", "N", do_delete, "do not stop there any more"},
    {"next", "n", "[match|reject]", do_next, "the next packet, or the next that (mis)matches"},
    {"packet", "p", "[N]", do_packet, "go to packet N, also back; say which this is"},
    {"registers", "r", "", do_registers, "A, X and M[]"},
    {"hex", "x", "", do_dump, "the packet's bytes; the ones just read in brackets"},
    {"list", "l", "", do_list, "the program; > here, * breakpoints"},
    {"help", "h", "", do_help, "this"},
    {"quit", "q", "", do_quit, "end"},
};

static bool do_help(struct debugger *debugger, const char *argument)
{
        (void)debugger;
        (void)argument;
        for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
                printf("  %-9s %-2s  %-14s  %s\n", commands[i].name, commands[i].short_name,
                       commands[i].argument, commands[i].help);
        printf("  An empty line does the last command again.\n");
        return true;
}

static const struct command *find_command(const char *word)
{
        for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
                if (strcmp(word, commands[i].name) == 0 ||
                    strcmp(word, commands[i].short_name) == 0)
                        return &commands[i];
        return NULL;
}

/* Does what a line says; false to end. */
static bool obey(struct debugger *debugger, char *line)
{
        char *rest;
        char *word = strtok_r(line, " \t\r\n", &rest);
        char *argument = word ? strtok_r(NULL, " \t\r\n", &rest) : NULL;
        const struct command *command = word ? find_command(word) : NULL;

        if (!word)
                return true;
        if (!command) {
                complain("unknown command '%s'; `help` lists them", word);
                return true;
        }
        if (strtok_r(NULL, " \t\r\n", &rest) || (argument && !*command->argument)) {
                complain("%s: more words than it takes", command->name);
                return true;
        }
        return command->run(debugger, argument);
}

enum { LINE_ROOM = 1024 }; /* far more than a command takes */

/* Reads a line; one that is too long is skipped, after a complaint. False at the end. */
static bool read_line(char line[LINE_ROOM])
{
        size_t length;
        int c;

        do {
                for (length = 0; (c = getc(stdin)) != EOF && c != '\n'; length++)
                        if (length < LINE_ROOM)
                                line[length] = (char)c;
                if (length < LINE_ROOM) {
                        line[length] = '\0';
                        return length > 0 || c != EOF;
                }
                complain("a command of more than %d characters; `help` lists them", LINE_ROOM - 1);
        } while (c != EOF);
        return false;
}

static int converse(struct debugger *debugger)
{
        bool terminal = isatty(STDIN_FILENO);
        char line[LINE_ROOM], last[LINE_ROOM] = "";
        bool goes_on = true;

        if (terminal)
                printf("`help` lists the commands.\n");
        show_packet(debugger);
        show_place(debugger);
        while (goes_on) {
                if (terminal)
                        fputs("filt> ", stdout);
                fflush(stdout);
                if (!read_line(line))
                        break;
                if (line[strspn(line, " \t\r\n")])
                        strcpy(last, line);
                else
                        strcpy(line, last);
                goes_on = obey(debugger, line);
        }
        if (terminal && goes_on)
                putchar('\n');
        return STATUS_DONE;
}

static int trace(struct debugger *debugger)
{
        enum moved moved = MOVED;

        for (uint64_t i = 0; moved == MOVED && (i < debugger->limit || debugger->limit == 0); i++) {
                if (i > 0)
                        moved = take_packet(debugger);
                if (moved != MOVED)
                        break;
                trace_packet(debugger);
                if (ferror(stdout))
                        break;
        }
        return moved == TROUBLE ? STATUS_FAILED : STATUS_DONE;
}

/* --- The command line --- */

enum { OPTION_TRACE = 256, OPTION_PACKET, OPTION_PROGRAM, OPTION_OPTIMIZE };

static const struct option long_options[] = {
    {"trace", no_argument, NULL, OPTION_TRACE},
    {"packet", required_argument, NULL, OPTION_PACKET},
    {"program", required_argument, NULL, OPTION_PROGRAM},
    {"no-optimize", no_argument, NULL, 'O'},
    {"optimize", no_argument, NULL, OPTION_OPTIMIZE},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static bool take_option(struct debugger *debugger, int option)
{
        switch (option) {
        case 'r': debugger->file = optarg; break;
        case 'O':
        case OPTION_OPTIMIZE:
                debugger->unoptimized = option == 'O';
                debugger->optimize = option == OPTION_OPTIMIZE;
                break;
        case OPTION_PROGRAM: debugger->program_file = optarg; break;
        case OPTION_TRACE: debugger->trace = true; break;
        case OPTION_PACKET:
                return parse_number("--packet", optarg, 1, UINT64_MAX, &debugger->first);
        case 'c': return parse_number("-c", optarg, 1, UINT64_MAX, &debugger->limit);
        case 'F':
                free(debugger->expression);
                debugger->expression = read_expression(optarg);
                return debugger->expression != NULL;
        }
        return true;
}

static bool check_arguments(const struct debugger *debugger)
{
        if (!debugger->file)
                complain_usage("debug", "-r FILE is needed: the packets come from a file");
        else if (strcmp(debugger->file, "-") == 0)
                complain_usage("debug", "-r -: give a file, as packets are read more than once");
        else if (debugger->program_file && strcmp(debugger->program_file, "-") == 0 &&
                 !debugger->trace)
                complain_usage("debug", "--program -: the commands come from standard input; "
                                        "give a file, or --trace");
        else if (debugger->limit && !debugger->trace)
                complain_usage("debug", "-c goes with --trace");
        else
                return true;
        return false;
}

static bool read_arguments(struct debugger *debugger, int argc, char **argv, int *status)
{
        int option;

        *status = STATUS_USAGE;
        opterr = 0;
        optind = 1;
        while ((option = getopt_long(argc, argv, "+:r:F:c:Oh", long_options, NULL)) != -1) {
                if (option == 'h') {
                        fputs(help, stdout);
                        *status = STATUS_DONE;
                        return false;
                }
                if (option == ':' || option == '?') {
                        complain_usage("debug",
                                       option == ':' ? "option %s needs a value"
                                                     : "unknown option %s",
                                       argv[optind - 1]);
                        return false;
                }
                if (!take_option(debugger, option))
                        return false;
        }
        if (!check_arguments(debugger))
                return false;
        if (debugger->program_file && (debugger->expression || optind < argc)) {
                complain_usage("debug", "--program gives the filter; '%s' is one more",
                               debugger->expression ? "-F" : argv[optind]);
                return false;
        }
        if (debugger->expression && optind < argc) {
                complain_usage("debug", "-F gives the expression; '%s' is one more", argv[optind]);
                return false;
        }
        if (!debugger->expression)
                debugger->expression = join_words(argc - optind, argv + optind);
        if (!debugger->expression)
                complain("out of memory");
        return debugger->expression != NULL;
}

static int run(struct debugger *debugger)
{
        struct error error;
        int status;

        debugger->capture = capture_open_file(debugger->file, &error);
        if (!debugger->capture) {
                complain("%s", error.message);
                return STATUS_FAILED;
        }
        status = prepare(debugger);
        if (status != STATUS_DONE)
                return status;
        switch (go_to(debugger, debugger->first)) {
        case MOVED: return debugger->trace ? trace(debugger) : converse(debugger);
        case NO_MORE: complain_past_end(debugger, debugger->first); return STATUS_FAILED;
        default: return STATUS_FAILED;
        }
}

int debug_run(int argc, char **argv)
{
        struct debugger debugger = {.first = 1};
        int status;

        if (read_arguments(&debugger, argc, argv, &status))
                status = run(&debugger);
        steps_free(&debugger.steps);
        cbpf_notes_free(&debugger.notes);
        cbpf_program_free(&debugger.program);
        free(debugger.breakpoints);
        free(debugger.expression);
        if (debugger.capture)
                capture_close(debugger.capture);
        return status;
}

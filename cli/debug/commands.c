/* The debugger's commands, from standard input, one a line. */
#include "base/array.h"
#include "debug.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* `argument` is what follows the command's word; NULL if nothing does. */
typedef void command_function(struct debugger *debugger, const char *argument);

/* A number, 1 if it is left out. False after a complaint. */
static bool read_count(const char *command, const char *argument, uint64_t *count)
{
        *count = 1;
        return !argument || parse_number(command, argument, 0, UINT32_MAX, count);
}

static void do_step(struct debugger *debugger, const char *argument)
{
        uint64_t count;

        if (!read_count("step", argument, &count))
                return;
        if (debugger->at == debugger->steps.count)
                printf("   there is no step after the verdict; `next` takes the next packet\n");
        while (count-- > 0 && debugger->at < debugger->steps.count && !interrupted())
                show_executed(debugger, debugger->at++);
        show_place(debugger);
}

static void do_back(struct debugger *debugger, const char *argument)
{
        uint64_t count;

        if (!read_count("back", argument, &count))
                return;
        if (debugger->at == 0)
                printf("   this is the first step; `packet N` goes to another packet\n");
        debugger->at -= count < debugger->at ? count : debugger->at;
        show_place(debugger);
}

static void do_continue(struct debugger *debugger, const char *argument)
{
        (void)argument;
        if (debugger->at < debugger->steps.count)
                show_executed(debugger, debugger->at++);
        while (debugger->at < debugger->steps.count && !interrupted() &&
               !debugger->breakpoints[debugger->steps.steps[debugger->at].instruction])
                show_executed(debugger, debugger->at++);
        show_place(debugger);
}

static void set_breakpoint(struct debugger *debugger, const char *command, const char *argument,
                           bool stop)
{
        uint32_t last = debugger->program.bf_len - 1;
        uint64_t number;

        if (!argument) {
                complain("%s: say which instruction, a number from 0 to %u", command, last);
        } else if (parse_number(command, argument, 0, last, &number)) {
                debugger->breakpoints[number] = stop;
                printf("   %sbreakpoint at (%03" PRIu64 ")\n", stop ? "" : "no ", number);
        }
}

static void do_break(struct debugger *debugger, const char *argument)
{
        set_breakpoint(debugger, "break", argument, true);
}

static void do_delete(struct debugger *debugger, const char *argument)
{
        set_breakpoint(debugger, "delete", argument, false);
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

/* Goes back to packet `number`. False if that fails, or is interrupted at one before, which is
 * shown. */
static bool return_to(struct debugger *debugger, uint64_t number)
{
        if (go_to(debugger, number) != MOVED)
                return false;
        if (debugger->number != number)
                show_arrival(debugger, MOVED);
        return debugger->number == number;
}

static void do_next(struct debugger *debugger, const char *argument)
{
        bool match = argument && strcmp(argument, "match") == 0;
        bool reject = argument && strcmp(argument, "reject") == 0;
        enum moved moved;

        if (argument && !match && !reject) {
                complain("next: '%s' is neither match nor reject", argument);
                return;
        }
        do
                moved = take_packet(debugger);
        while (moved == MOVED && !interrupted() &&
               ((match && debugger->steps.outcome.verdict == 0) ||
                (reject && debugger->steps.outcome.verdict != 0)));
        show_arrival(debugger, moved);
        if (moved != MOVED && return_to(debugger, debugger->number))
                debugger->at = debugger->steps.count; /* it stays at the end of the last one */
}

static void do_packet(struct debugger *debugger, const char *argument)
{
        uint64_t number, before = debugger->number;
        enum moved moved;

        if (!argument) {
                show_packet(debugger);
                return;
        }
        if (!parse_number("packet", argument, 1, UINT64_MAX, &number))
                return;
        moved = go_to(debugger, number);
        if (moved == NO_MORE)
                complain_past_end(debugger->file, number, debugger->number);
        if (moved == MOVED)
                show_arrival(debugger, moved);
        else
                return_to(debugger, before);
}

static void do_registers(struct debugger *debugger, const char *argument)
{
        (void)argument;
        show_registers(debugger);
}

static void do_dump(struct debugger *debugger, const char *argument)
{
        (void)argument;
        show_dump(debugger);
}

static void do_list(struct debugger *debugger, const char *argument)
{
        bool stands = debugger->at < debugger->steps.count;

        (void)argument;
        for (uint32_t i = 0; i < debugger->program.bf_len; i++) {
                bool here = stands && debugger->steps.steps[debugger->at].instruction == i;

                printf("%c%s ", debugger->breakpoints[i] ? '*' : ' ', here ? ">" : " ");
                show_noted(debugger, i, 3);
        }
}

static void do_quit(struct debugger *debugger, const char *argument)
{
        (void)argument;
        debugger->quits = true;
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
    {"hex", "x", "", do_dump, "the packet's bytes; those just read in brackets"},
    {"list", "l", "", do_list, "the program; > here, * breakpoints"},
    {"help", "h", "", do_help, "this"},
    {"quit", "q", "", do_quit, "end"},
};

static void do_help(struct debugger *debugger, const char *argument)
{
        (void)debugger;
        (void)argument;
        for (size_t i = 0; i < array_count(commands); i++)
                printf("  %-9s %-2s  %-14s  %s\n", commands[i].name, commands[i].short_name,
                       commands[i].argument, commands[i].help);
        printf("  An empty line does the last command again.\n");
}

static const struct command *find_command(const char *word)
{
        for (size_t i = 0; i < array_count(commands); i++)
                if (strcmp(word, commands[i].name) == 0 ||
                    strcmp(word, commands[i].short_name) == 0)
                        return &commands[i];
        return NULL;
}

const char *command_word(const char *before, size_t i)
{
        static const char *const verdicts[] = {"match", "reject"};
        const struct command *command;
        char word[16], rest;

        switch (sscanf(before, "%15s %c", word, &rest)) {
        case 1:
                command = find_command(word);
                return command && command->run == do_next && i < array_count(verdicts) ? verdicts[i]
                                                                                       : NULL;
        case 2: return NULL;
        default: return i < array_count(commands) ? commands[i].name : NULL;
        }
}

/* Does what a line says. */
static void obey(struct debugger *debugger, char *line)
{
        char *rest;
        char *word = strtok_r(line, " \t\r\n", &rest);
        char *argument = word ? strtok_r(NULL, " \t\r\n", &rest) : NULL;
        const struct command *command = word ? find_command(word) : NULL;

        if (!word)
                return;
        if (!command) {
                complain("unknown command '%s'; `help` lists them", word);
                return;
        }
        if (strtok_r(NULL, " \t\r\n", &rest) || (argument && !*command->argument)) {
                complain("%s: more words than it takes", command->name);
                return;
        }
        command->run(debugger, argument);
}

enum { LINE_ROOM = 1024 }; /* far more than a command takes */

static void complain_length(void)
{
        complain("a command of more than %d characters; `help` lists them", LINE_ROOM - 1);
}

/* Reads a line that is not edited. One that is too long is skipped, after a complaint. False at the
 * end. */
static bool read_plain_line(char line[LINE_ROOM])
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
                complain_length();
        } while (c != EOF);
        return false;
}

/* The same of one that is. */
static bool read_edited_line(char line[LINE_ROOM])
{
        const char *edited;

        while ((edited = line_editor_read())) {
                if (strlen(edited) < LINE_ROOM) {
                        strcpy(line, edited);
                        return true;
                }
                complain_length();
        }
        return false;
}

void converse(struct debugger *debugger)
{
        bool terminal = isatty(STDIN_FILENO);
        char line[LINE_ROOM], last[LINE_ROOM] = "";

        if (terminal)
                printf("`help` lists the commands.\n");
        show_packet(debugger);
        show_place(debugger);
        while (!debugger->quits) {
                if (terminal && !debugger->edits)
                        fputs("filt> ", stdout);
                fflush(stdout);
                if (debugger->edits ? !read_edited_line(line) : !read_plain_line(line))
                        break;
                if (line[strspn(line, " \t\r\n")])
                        strcpy(last, line);
                else
                        strcpy(line, last);
                obey(debugger, line);
                if (interrupted())
                        printf("   interrupted\n");
        }
        if (terminal && !debugger->quits)
                putchar('\n');
}

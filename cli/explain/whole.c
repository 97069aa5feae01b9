/* filt explain without an option that asks for a part: how the expression is understood, the
 * annotated program, and its size beside what libpcap's optimizer makes of it. On long lists that
 * may take minutes or crash, so it works in a process of its own. */
#include "explain.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A text whose lines are a test, a tab and its meaning; the first is the whole expression. */
static void print_understood(const char *text)
{
        enum { LINE = 1000, COLUMN = 24 };
        size_t first = strcspn(text, "\n");

        if (first <= LINE)
                printf("Understood as\n  ");
        else
                printf("Understood as (the first %d of %zu characters; --stage ast shows all)\n",
                       LINE, first);
        if (first > LINE)
                printf("  ");
        print_column(2, 2, text, first <= LINE ? first : LINE);
        printf("%s\n", first <= LINE ? "" : " ...");
        text += first + 1;
        if (*text)
                printf("\nWhere\n");
        while (*text) {
                size_t test = strcspn(text, "\t"), line = strcspn(text, "\n");

                printf("  %-*.*s ", COLUMN, (int)test, text);
                print_column(2 + (test > COLUMN ? (int)test : COLUMN) + 1, 2 + COLUMN + 1,
                             text + test + 1, line - test - 1);
                putchar('\n');
                text += line + 1;
        }
}

/* What libpcap's optimizing compiler makes of the expression. */
struct rival {
        enum {
                RIVAL_NONE, /* not asked: it has no such target */
                RIVAL_DONE,
                RIVAL_FAILED,
                RIVAL_LATE,
                RIVAL_CRASHED,
                RIVAL_NO_MEMORY,
        } end;
        uint32_t instructions;
        uint32_t longest; /* path; 0 if unbounded */
};

enum { RIVAL_SECONDS = 2 };

/* The child's work: writes the result into `pipe`. */
static void compile_into(int pipe, const struct explain *explain)
{
        pcap_t *pcap =
            pcap_open_dead(explain->target.link_type, (int)explain->target.snapshot_length);
        struct rival rival = {.end = RIVAL_FAILED};
        struct bpf_program program;
        const char *text = explain->expression;
        struct error error = {0};
        int unbounded = 0;

        if (cbpf_has_sets(explain->expression) != 0)
                text = cbpf_write_out(explain->expression, explain->sets, &error);
        if (pcap && text && pcap_compile(pcap, &program, text, 1, 0) == 0) {
                rival.end = RIVAL_DONE;
                rival.instructions = program.bf_len;
                unbounded = cbpf_longest_path(&program, &rival.longest);
                if (unbounded)
                        rival.longest = 0;
        }
        if (!pcap || unbounded < 0 || error.kind == ERROR_MEMORY)
                rival.end = RIVAL_NO_MEMORY;
        if (write(pipe, &rival, sizeof rival) < 0)
                _exit(1);
        _exit(0);
}

static struct rival compile_by_libpcap(const struct explain *explain)
{
        struct rival rival = {.end = RIVAL_NONE};
        struct pollfd answer = {.events = POLLIN};
        int ends[2];
        pid_t child;

        if (explain->live || explain->unoptimized || pipe(ends) < 0)
                return rival;
        child = fork();
        if (child == 0)
                compile_into(ends[1], explain);
        close(ends[1]);
        if (child > 0) {
                answer.fd = ends[0];
                if (poll(&answer, 1, RIVAL_SECONDS * 1000) <= 0)
                        rival.end = RIVAL_LATE;
                else if (read(ends[0], &rival, sizeof rival) != sizeof rival)
                        rival.end = RIVAL_CRASHED;
                kill(child, SIGKILL);
                waitpid(child, NULL, 0);
        }
        close(ends[0]);
        return rival;
}

static void put_rival(struct text *text, const struct explain *explain)
{
        struct rival rival = compile_by_libpcap(explain);

        switch (rival.end) {
        case RIVAL_DONE:
                text_format(text, "; libpcap's optimizer: %u", rival.instructions);
                if (rival.longest)
                        text_format(text, ", at most %u", rival.longest);
                text_format(text, ".");
                break;
        case RIVAL_LATE:
                text_format(text, "; libpcap's optimizer had not ended after %d seconds.",
                            RIVAL_SECONDS);
                break;
        case RIVAL_FAILED: text_format(text, "; libpcap does not compile it."); break;
        case RIVAL_CRASHED: text_format(text, "; libpcap crashes on it."); break;
        case RIVAL_NO_MEMORY: out_of_memory(); break;
        case RIVAL_NONE: text_format(text, "."); break;
        }
}

/* What filt's optimizer would make of a program that was read. */
static void put_optimized(struct text *text, const struct explain *explain)
{
        struct bpf_program shorter;
        uint32_t longest;
        int failed, unbounded;

        if (explain->optimize) {
                text_format(text, ".");
                return;
        }
        failed = cbpf_shorten(&explain->program, &shorter);
        if (failed < 0) {
                out_of_memory();
                return;
        }
        if (failed) {
                text_format(text, "; the optimizer does not know what it loads or keeps.");
                return;
        }
        text_format(text, "; optimized (--optimize): %u", shorter.bf_len);
        unbounded = cbpf_longest_path(&shorter, &longest);
        if (unbounded < 0)
                out_of_memory();
        if (!unbounded)
                text_format(text, ", at most %u", longest);
        text_format(text, ".");
        cbpf_program_free(&shorter);
}

static void put_size(struct text *text, const struct explain *explain)
{
        uint32_t longest;
        int unbounded = cbpf_longest_path(&explain->program, &longest);

        if (unbounded < 0)
                out_of_memory();
        text_format(text, "%s, ", counted(explain->program.bf_len, "instruction").text);
        if (!unbounded)
                text_format(text, "at most %u of them for one packet", longest);
        else
                text_format(text, "some of them again and again, as it jumps back");
        if (explain->program_file)
                put_optimized(text, explain);
        else
                put_rival(text, explain);
}

static int print_size(const struct explain *explain)
{
        struct text size = {0};
        bool failed;

        put_size(&size, explain);
        failed = size.failed;
        if (!failed) {
                putchar('\n');
                print_column(0, 0, size.start, size.length);
                putchar('\n');
                if (explain->program.bf_len > CBPF_KERNEL_MAX)
                        printf("The kernel takes at most %d instructions: filt runs it itself.\n",
                               CBPF_KERNEL_MAX);
        }
        text_free(&size);
        return failed ? out_of_memory() : STATUS_DONE;
}

static int print_expression(const struct explain *explain)
{
        enum { TESTS = 24 };
        struct error error;
        char *text;

        if (cbpf_understand(explain->expression, explain->sets, TESTS, &text, &error) < 0)
                return complain_filter(explain->expression, &error);
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

/* Prints the line of a listing and what the instruction does, in two columns. */
static void print_line(const struct explain *explain, uint32_t at)
{
        enum { WIDTH = 48, TAB = 8 };
        const char *note = explain->notes.notes[at].text;
        const struct bpf_insn *instruction = &explain->program.bf_insns[at];
        char line[96], shown[sizeof line + 2 * TAB];
        int column = 0;

        cbpf_list_instruction(instruction, at, line, sizeof line);
        for (const char *c = line; *c; c++)
                do
                        shown[column] = *c == '\t' ? ' ' : *c;
                while (++column % TAB != 0 && *c == '\t');
        shown[column] = '\0';
        print_listed(instruction, shown);
        printf("%*s", column < WIDTH ? WIDTH - column : 2, "");
        print_column(column < WIDTH ? WIDTH : column + 2, WIDTH, note, strlen(note));
        putchar('\n');
}

void explain_print_program(const struct explain *explain)
{
        for (uint32_t i = 0; i < explain->program.bf_len; i++)
                print_line(explain, i);
}

static void print_program_name(const struct explain *explain)
{
        fputs("Program of ", stdout);
        print_shown(stdout, explain_title(explain));
        printf("%s, taken as one", explain->optimize ? ", optimized" : "");
}

int explain_whole(struct explain *explain)
{
        const char *name = pcap_datalink_val_to_name(explain->target.link_type);
        const char *description = pcap_datalink_val_to_description(explain->target.link_type);

        if (explain->program_file)
                print_program_name(explain);
        else if (print_expression(explain) != STATUS_DONE)
                return STATUS_FAILED;
        else
                printf("Program");
        printf(" for %s (%s)%s\n", name ? name : "this link type",
               description ? description : "no description", explain->live ? ", on a socket" : "");
        explain_print_program(explain);
        return print_size(explain);
}

/* An annotated listing, and what its heading says. */
#include "explain.h"

#include <stdio.h>
#include <string.h>

const char *explain_title(const struct explain *explain)
{
        if (explain->program_file)
                return strcmp(explain->program_file, "-") == 0 ? "standard input"
                                                               : explain->program_file;
        return *explain->expression ? explain->expression : "(every packet)";
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

        if (cbpf_annotate(program, target, &notes) < 0)
                return out_of_memory();
        for (uint32_t i = 0; i < program->bf_len; i++)
                print_line(program, &notes, i);
        cbpf_notes_free(&notes);
        return STATUS_DONE;
}

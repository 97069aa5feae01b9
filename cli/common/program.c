/* Reads the filter program of --program. */
#include "cli.h"

#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

static const char *name_of(const char *path)
{
        return strcmp(path, "-") == 0 ? "standard input" : path;
}

/* The rule that is broken, and the line of the listing where. */
static void complain_violation(const char *path, const struct bpf_program *program,
                               const struct cbpf_violation *violation)
{
        size_t index = violation->instruction;
        char line[96];

        if (violation->lacks_memory) {
                out_of_memory();
                return;
        }
        complain("%s: the kernel would refuse this program: %s", name_of(path), violation->message);
        if (index >= program->bf_len)
                return;
        cbpf_list_instruction(&program->bf_insns[index], (uint32_t)index, line, sizeof line);
        complain("  %s", line);
}

static int read_program(const char *path, struct bpf_program *program)
{
        struct cbpf_violation violation;
        struct error error;
        char *text;
        int status = read_text_file("--program", path, "a filter program", &text, NULL);

        if (status != GO_ON)
                return status;
        if (cbpf_read(text, strlen(text), program, &error) < 0) {
                complain_text(name_of(path), text, &error);
                free(text);
                return STATUS_USAGE;
        }
        free(text);
        if (cbpf_check(program, &violation) == 0 || violation.only_length)
                return STATUS_DONE;
        complain_violation(path, program, &violation);
        cbpf_program_free(program);
        return STATUS_USAGE;
}

/* Puts the optimized program in the place of `program`. */
static int optimize_program(const char *path, struct bpf_program *program)
{
        struct bpf_program shorter;
        int result = cbpf_shorten(program, &shorter);

        if (result < 0)
                return out_of_memory();
        if (result > 0) {
                complain("%s: it stays as it is: what it loads from the kernel or keeps in scratch "
                         "memory is beyond the optimizer",
                         name_of(path));
                return STATUS_DONE;
        }
        cbpf_program_free(program);
        *program = shorter;
        return STATUS_DONE;
}

int program_read(const char *path, bool optimize, struct bpf_program *program)
{
        int status = read_program(path, program);

        return status == STATUS_DONE && optimize ? optimize_program(path, program) : status;
}

void program_warn_of_file(const char *path, const struct bpf_program *program)
{
        for (uint32_t i = 0; i < program->bf_len; i++) {
                const struct bpf_insn *instruction = &program->bf_insns[i];

                if (BPF_CLASS(instruction->code) == BPF_LD &&
                    BPF_MODE(instruction->code) == BPF_ABS && instruction->k > INT32_MAX) {
                        complain("warning: %s: instruction %u loads what only the kernel knows; "
                                 "where it comes to that, packets of a file are rejected",
                                 name_of(path), i);
                        return;
                }
        }
}

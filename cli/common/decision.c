/* Why a program accepts or rejects a packet: the instruction that decided. */
#include "cli.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a program can still answer when it comes to an instruction. */
struct answers {
        bool accept, reject;
};

static struct answers answers_of_return(const struct bpf_insn *instruction)
{
        if (BPF_RVAL(instruction->code) != BPF_K)
                return (struct answers){true, true};
        return (struct answers){instruction->k != 0, instruction->k == 0};
}

/* By instruction. Jumps lead forward, so one pass from the end finds them. NULL if memory is
 * short. */
static struct answers *find_answers(const struct bpf_program *program)
{
        struct answers *answers = calloc(program->bf_len, sizeof *answers);

        for (uint32_t i = program->bf_len; answers && i-- > 0;) {
                const struct bpf_insn *instruction = &program->bf_insns[i];
                const struct answers *next = &answers[i + 1], *if_true = next, *if_not = next;

                if (BPF_CLASS(instruction->code) == BPF_RET) {
                        answers[i] = answers_of_return(instruction);
                        continue;
                }
                if (instruction->code == (BPF_JMP | BPF_JA)) {
                        if_true = if_not = next + instruction->k;
                } else if (BPF_CLASS(instruction->code) == BPF_JMP) {
                        if_true = next + instruction->jt;
                        if_not = next + instruction->jf;
                }
                answers[i] = (struct answers){if_true->accept || if_not->accept,
                                              if_true->reject || if_not->reject};
        }
        return answers;
}

/* Finds the last step that tested something and, had the test gone the other way, could have led to
 * the other verdict; NULL if there is none. Returns a status. */
static int find_deciding(const struct bpf_program *program, const struct steps *steps,
                         const struct step **deciding)
{
        struct answers *answers = find_answers(program);

        *deciding = NULL;
        if (!answers)
                return out_of_memory();
        for (size_t i = steps->count; !*deciding && i-- > 1;) {
                const struct step *step = &steps->steps[i - 1];
                const struct bpf_insn *instruction = &program->bf_insns[step->instruction];
                uint32_t if_true = step->instruction + 1 + instruction->jt;
                uint32_t if_not = step->instruction + 1 + instruction->jf;
                uint32_t other = steps->steps[i].instruction == if_true ? if_not : if_true;

                if (BPF_CLASS(instruction->code) == BPF_JMP && if_true != if_not &&
                    BPF_OP(instruction->code) != BPF_JA &&
                    (steps->outcome.verdict ? answers[other].reject : answers[other].accept))
                        *deciding = step;
        }
        free(answers);
        return STATUS_DONE;
}

enum { DESCRIBED = 80 };

/* "jeq #0x800": the listing's line without number, padding and targets. */
static void describe(const struct bpf_program *program, uint32_t index, char text[DESCRIBED])
{
        char line[DESCRIBED], *targets, *to = text;

        cbpf_list_instruction(&program->bf_insns[index], index, line, sizeof line);
        targets = strstr(line, " jt ");
        if (targets)
                *targets = '\0';
        for (const char *from = strchr(line, ' ') + 1; *from; from++)
                if (*from != ' ' || (from[1] != ' ' && from[1] != '\0'))
                        *to++ = *from;
        *to = '\0';
}

static void print_value(const char *subject, uint32_t value)
{
        printf("%s is %" PRIu32, subject, value);
        if (value > 9)
                printf(" (0x%" PRIx32 ")", value);
}

static void print_deciding(const struct bpf_program *program, const struct cbpf_notes *notes,
                           const struct steps *steps, const struct step *step)
{
        const struct bpf_insn *instruction = &program->bf_insns[step->instruction];
        const char *subject = notes->notes[step->instruction].subject;
        char text[DESCRIBED];

        describe(program, step->instruction, text);
        printf("%s: instruction %" PRIu32 ", `%s`, %s: ",
               steps->outcome.verdict ? "accepted" : "rejected", step->instruction, text,
               step[1].instruction == step->instruction + 1 + instruction->jt ? "holds"
                                                                              : "does not hold");
        print_value(*subject ? subject : "A", step->a);
        if (BPF_SRC(instruction->code) == BPF_X)
                print_value(", X", step->x);
        putchar('\n');
}

/* No test decided: the packet is too short, the program divides by 0, or returns what it has
 * computed or always returns. */
static void print_end(const struct bpf_program *program, const struct steps *steps,
                      const struct packet *packet)
{
        uint32_t last = steps->steps[steps->count - 1].instruction;
        char text[160];

        if (steps->outcome.end != CBPF_END_RETURN) {
                steps_verdict(steps, packet, text, sizeof text);
                printf("%s\n", text);
                return;
        }
        printf("%s: instruction %" PRIu32 " returns %s%" PRIu32 "\n",
               steps->outcome.verdict ? "accepted" : "rejected", last,
               BPF_RVAL(program->bf_insns[last].code) == BPF_K ? "" : "A, which is ",
               steps->outcome.verdict);
}

static bool jumps_back(const struct bpf_program *program)
{
        for (uint32_t i = 0; i < program->bf_len; i++)
                if (program->bf_insns[i].code == (BPF_JMP | BPF_JA) &&
                    program->bf_insns[i].k > INT32_MAX)
                        return true;
        return false;
}

int program_decision(const struct bpf_program *program, const struct cbpf_notes *notes,
                     const struct packet *packet)
{
        const struct bpf_insn *instructions = program->bf_insns;
        const struct step *deciding = NULL;
        struct steps steps = {0};
        int failed = steps_record(&steps, program, packet);

        /* A return of A decides by itself, whatever was tested before. In a program that jumps
         * back, what a test decides is not known. */
        if (!failed && steps.outcome.end == CBPF_END_RETURN && !jumps_back(program) &&
            BPF_RVAL(instructions[steps.outcome.instruction].code) == BPF_K)
                failed = find_deciding(program, &steps, &deciding);
        if (deciding)
                print_deciding(program, notes, &steps, deciding);
        else if (!failed)
                print_end(program, &steps, packet);
        steps_free(&steps);
        return failed ? STATUS_FAILED : STATUS_DONE;
}

/* filt explain --packet: why a packet is accepted or rejected, in a sentence. */
#include "explain.h"
#include "print/print.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes packets up to number explain->packet, and prints its line. Returns an exit status. */
static int find_packet(const struct explain *explain, struct printer *printer,
                       struct capture_record *record)
{
        const char *line = "";
        struct error error;

        for (uint64_t taken = 0; taken < explain->packet; taken++) {
                enum capture_result result = capture_next(explain->capture, record, &error);

                if (result == CAPTURE_ERROR)
                        return complain_error(&error);
                if (result != CAPTURE_PACKET)
                        return complain_past_end(explain->file, explain->packet, taken);
                line = packet_line(printer, record);
                if (!line)
                        return STATUS_FAILED;
        }
        print_packet_line(line);
        return STATUS_DONE;
}

/* --- A program: the instruction that decided --- */

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

/* "jeq #0x800": the listing's line without number, padding and targets. */
static void describe(const struct bpf_program *program, uint32_t index,
                     char text[PICTURE_INSTRUCTION])
{
        char *to = text;

        picture_instruction(program, index, text);
        for (const char *from = text; *from; from++)
                if (*from != ' ' || from[1] != ' ')
                        *to++ = *from;
        *to = '\0';
}

static void print_value(const char *subject, uint32_t value)
{
        printf("%s is %" PRIu32, subject, value);
        if (value > 9)
                printf(" (0x%" PRIx32 ")", value);
}

static void print_deciding(const struct explain *explain, const struct steps *steps,
                           const struct step *step)
{
        const struct bpf_insn *instruction = &explain->program.bf_insns[step->instruction];
        const char *subject = explain->notes.notes[step->instruction].subject;
        char text[PICTURE_INSTRUCTION];

        describe(&explain->program, step->instruction, text);
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
static void print_end(const struct explain *explain, const struct steps *steps,
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
               BPF_RVAL(explain->program.bf_insns[last].code) == BPF_K ? "" : "A, which is ",
               steps->outcome.verdict);
}

static int why_program(const struct explain *explain, const struct packet *packet)
{
        const struct bpf_insn *instructions = explain->program.bf_insns;
        const struct step *deciding = NULL;
        struct steps steps = {0};
        int failed = steps_record(&steps, &explain->program, packet);

        /* A return of A decides by itself, whatever was tested before. */
        if (!failed && steps.outcome.end == CBPF_END_RETURN &&
            BPF_RVAL(instructions[steps.outcome.instruction].code) == BPF_K)
                failed = find_deciding(&explain->program, &steps, &deciding);
        if (deciding)
                print_deciding(explain, &steps, deciding);
        else if (!failed)
                print_end(explain, &steps, packet);
        steps_free(&steps);
        return failed ? STATUS_FAILED : STATUS_DONE;
}

/* --- An expression --- */

static int why_expression(const struct explain *explain, const struct packet *packet)
{
        struct error error;
        char *sentence;

        if (cbpf_why(explain->expression, &explain->target, packet, &sentence, &error) < 0) {
                complain_filter(explain->expression, &error);
                return STATUS_FAILED;
        }
        print_column(0, 0, sentence, strlen(sentence));
        putchar('\n');
        free(sentence);
        return STATUS_DONE;
}

int explain_why(struct explain *explain)
{
        struct printer *printer = packet_printer(explain->capture, explain->colors);
        struct capture_record record;
        int status = printer ? find_packet(explain, printer, &record) : STATUS_FAILED;

        if (status == STATUS_DONE)
                status = explain->program_file ? why_program(explain, &record.packet)
                                               : why_expression(explain, &record.packet);
        printer_free(printer);
        return status;
}

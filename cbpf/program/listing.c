/* Programs as text: the listings of tcpdump's -d, -dd and -ddd, the assembler of the kernel's
 * bpf_asm, the line that iptables and tc take, JSON. read.c reads them.
 *
 * The form of -d is libpcap's, and scripts rely on it: some constants are signed decimal and some
 * hexadecimal, an instruction without operand ends in a blank, and `ldx` of the packet length,
 * which the kernel knows, is `unimp`. The unit test compares every opcode with libpcap's output. */
#include "base/array.h"
#include "program.h"

#include <stdio.h>
#include <stdlib.h>

/* Room for the longest operand, 4*([-2147483648]&0xf). */
enum { OPERAND_ROOM = 24, LINE_ROOM = 96 };

static void name_offset(char *text, uint32_t offset)
{
        const struct ancillary *ancillary = cbpf_ancillary(offset);

        if (ancillary)
                snprintf(text, OPERAND_ROOM, "[%s]", ancillary->listed);
        else
                snprintf(text, OPERAND_ROOM, "[%d]", (int32_t)offset);
}

static void name_operand(char *text, const struct bpf_insn *instruction, enum operand operand,
                         uint32_t index)
{
        uint32_t k = instruction->k;

        switch (operand) {
        case OPERAND_UNKNOWN: snprintf(text, OPERAND_ROOM, "0x%x", instruction->code); break;
        case OPERAND_NONE: *text = '\0'; break;
        case OPERAND_DECIMAL: snprintf(text, OPERAND_ROOM, "#%d", (int32_t)k); break;
        case OPERAND_HEXADECIMAL: snprintf(text, OPERAND_ROOM, "#0x%x", k); break;
        case OPERAND_INDEX_REGISTER: snprintf(text, OPERAND_ROOM, "x"); break;
        case OPERAND_ABSOLUTE: name_offset(text, k); break;
        case OPERAND_INDEXED: snprintf(text, OPERAND_ROOM, "[x + %d]", (int32_t)k); break;
        case OPERAND_SCRATCH: snprintf(text, OPERAND_ROOM, "M[%d]", (int32_t)k); break;
        case OPERAND_HEADER_LENGTH: snprintf(text, OPERAND_ROOM, "4*([%d]&0xf)", (int32_t)k); break;
        case OPERAND_PACKET_LENGTH: snprintf(text, OPERAND_ROOM, "#pktlen"); break;
        case OPERAND_TARGET: snprintf(text, OPERAND_ROOM, "%d", (int32_t)(index + 1 + k)); break;
        }
}

struct writer {
        FILE *out;
        const struct bpf_program *program;
        const bool *labelled; /* by instruction: a jump leads to it */
        char separator;       /* of write_numbers() */
};

void cbpf_list_instruction(const struct bpf_insn *instruction, uint32_t index, char *text,
                           size_t room)
{
        const struct opcode *opcode = cbpf_opcode(instruction->code);
        char operand[OPERAND_ROOM];

        name_operand(operand, instruction, opcode->operand, index);
        /* Unknown opcodes of the class of branches have two targets, too. */
        if (cbpf_is_branch(instruction->code))
                snprintf(text, room, "(%03u) %-8s %-16s jt %u\tjf %u", index, opcode->mnemonic,
                         operand, index + 1 + instruction->jt, index + 1 + instruction->jf);
        else
                snprintf(text, room, "(%03u) %-8s %s", index, opcode->mnemonic, operand);
}

static void write_text(const struct writer *writer, uint32_t index)
{
        char line[LINE_ROOM];

        cbpf_list_instruction(&writer->program->bf_insns[index], index, line, sizeof line);
        fprintf(writer->out, "%s\n", line);
}

static void write_c(const struct writer *writer, uint32_t index)
{
        const struct bpf_insn *instruction = &writer->program->bf_insns[index];

        fprintf(writer->out, "{ 0x%x, %u, %u, 0x%08x },\n", instruction->code, instruction->jt,
                instruction->jf, instruction->k);
}

static void write_numbers(const struct writer *writer, uint32_t index)
{
        const struct bpf_insn *instruction = &writer->program->bf_insns[index];

        fprintf(writer->out, "%c%u %u %u %u", writer->separator, instruction->code, instruction->jt,
                instruction->jf, instruction->k);
}

static void write_json(const struct writer *writer, uint32_t index)
{
        const struct bpf_insn *instruction = &writer->program->bf_insns[index];
        const struct opcode *opcode = cbpf_opcode(instruction->code);
        char operand[OPERAND_ROOM];

        name_operand(operand, instruction, opcode->operand, index);
        fprintf(writer->out,
                "%s  {\"index\": %u, \"code\": %u, \"jt\": %u, \"jf\": %u, \"k\": %u, \"text\": "
                "\"%s%s%s",
                index > 0 ? ",\n" : "", index, instruction->code, instruction->jt, instruction->jf,
                instruction->k, opcode->mnemonic, *operand ? " " : "", operand);
        if (cbpf_is_branch(instruction->code))
                fprintf(writer->out, " jt %u jf %u", index + 1 + instruction->jt,
                        index + 1 + instruction->jf);
        fputs("\"}", writer->out);
}

/* The operand as the assembler has it: unlike in a listing, constants are unsigned. */
static void write_assembler_operand(const struct writer *writer, const struct bpf_insn *instruction)
{
        const struct opcode *opcode = cbpf_opcode(instruction->code);
        const struct ancillary *ancillary = cbpf_ancillary(instruction->k);
        char operand[OPERAND_ROOM];

        if (instruction->code == BPF_LDX_LENGTH)
                fputs("#pktlen", writer->out);
        else if (instruction->code == (BPF_RET | BPF_A))
                fputs("a", writer->out);
        else if (opcode->operand == OPERAND_DECIMAL)
                fprintf(writer->out, "#%u", instruction->k);
        else if (opcode->operand == OPERAND_ABSOLUTE && ancillary && ancillary->assembler)
                fprintf(writer->out, "#%s", ancillary->assembler);
        else if (opcode->operand == OPERAND_ABSOLUTE && instruction->k > INT32_MAX)
                fprintf(writer->out, "[0x%x]", instruction->k);
        else {
                name_operand(operand, instruction, opcode->operand, 0);
                fputs(operand, writer->out);
        }
}

/* A branch with one label falls through otherwise; some have a mnemonic for their opposite. */
static void write_assembler_branch(const struct writer *writer, uint32_t index)
{
        static const struct {
                uint8_t operation;
                const char *opposite;
        } opposites[] = {{BPF_JEQ, "jne"}, {BPF_JGT, "jle"}, {BPF_JGE, "jlt"}};
        const struct bpf_insn *instruction = &writer->program->bf_insns[index];
        const char *mnemonic = cbpf_opcode(instruction->code)->mnemonic;
        bool opposite = false;

        for (size_t i = 0;
             instruction->jt == 0 && instruction->jf > 0 && i < array_count(opposites); i++)
                if (opposites[i].operation == BPF_OP(instruction->code)) {
                        mnemonic = opposites[i].opposite;
                        opposite = true;
                }
        fprintf(writer->out, "%s ", mnemonic);
        write_assembler_operand(writer, instruction);
        if (!opposite)
                fprintf(writer->out, ", L%u", index + 1 + instruction->jt);
        if (opposite || instruction->jf > 0)
                fprintf(writer->out, ", L%u", index + 1 + instruction->jf);
}

static void write_assembler(const struct writer *writer, uint32_t index)
{
        const struct bpf_insn *instruction = &writer->program->bf_insns[index];
        const struct opcode *opcode = cbpf_opcode(instruction->code);
        char label[16] = "";

        if (writer->labelled[index])
                snprintf(label, sizeof label, "L%u:", index);
        fprintf(writer->out, *label ? "%-7s " : "\t", label);
        if (cbpf_is_branch(instruction->code)) {
                write_assembler_branch(writer, index);
        } else if (instruction->code == (BPF_JMP | BPF_JA)) {
                fprintf(writer->out, "ja L%u", index + 1 + instruction->k);
        } else {
                fputs(instruction->code == BPF_LDX_LENGTH ? "ldx" : opcode->mnemonic, writer->out);
                if (opcode->operand != OPERAND_NONE || BPF_CLASS(instruction->code) == BPF_RET)
                        fputc(' ', writer->out);
                write_assembler_operand(writer, instruction);
        }
        fputc('\n', writer->out);
}

static void mark_target(const struct bpf_program *program, uint32_t target, bool *labelled)
{
        if (target < program->bf_len)
                labelled[target] = true;
}

/* Marks the instructions that write_assembler() names: not the one that a branch falls through to,
 * unless both ways lead there. */
static void mark_targets(const struct bpf_program *program, bool *labelled)
{
        for (uint32_t i = 0; i < program->bf_len; i++) {
                const struct bpf_insn *instruction = &program->bf_insns[i];

                if (instruction->code == (BPF_JMP | BPF_JA))
                        mark_target(program, i + 1 + instruction->k, labelled);
                if (!cbpf_is_branch(instruction->code))
                        continue;
                if (instruction->jt > 0 || instruction->jf == 0 ||
                    BPF_OP(instruction->code) == BPF_JSET)
                        mark_target(program, i + 1 + instruction->jt, labelled);
                if (instruction->jf > 0)
                        mark_target(program, i + 1 + instruction->jf, labelled);
        }
}

static const struct form {
        void (*write)(const struct writer *writer, uint32_t index);
        const char *begin, *end;
        bool counted; /* the number of instructions comes first */
} forms[] = {
    [CBPF_LISTING_TEXT] = {write_text, "", "", false},
    [CBPF_LISTING_C] = {write_c, "", "", false},
    [CBPF_LISTING_DECIMAL] = {write_numbers, "", "\n", true},
    [CBPF_LISTING_ASSEMBLER] = {write_assembler, "", "", false},
    [CBPF_LISTING_BYTECODE] = {write_numbers, "", "\n", true},
    [CBPF_LISTING_JSON] = {write_json, "[\n", "\n]\n", false},
};

char *cbpf_list(const struct bpf_program *program, enum cbpf_listing listing)
{
        const struct form *form = &forms[listing];
        bool *labelled = calloc(program->bf_len + 1, sizeof *labelled);
        struct writer writer = {.program = program,
                                .labelled = labelled,
                                .separator = listing == CBPF_LISTING_DECIMAL ? '\n' : ','};
        char *text = NULL;
        size_t length;
        bool complete;

        writer.out = labelled ? open_memstream(&text, &length) : NULL;
        if (!writer.out) {
                free(labelled);
                return NULL;
        }
        mark_targets(program, labelled);
        fputs(form->begin, writer.out);
        if (form->counted)
                fprintf(writer.out, "%u", program->bf_len);
        for (uint32_t i = 0; i < program->bf_len; i++)
                form->write(&writer, i);
        fputs(form->end, writer.out);
        complete = !ferror(writer.out);
        free(labelled);
        if (fclose(writer.out) == 0 && complete)
                return text;
        free(text);
        return NULL;
}

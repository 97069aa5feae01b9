/* Programs as text: the listings of tcpdump's -d, -dd and -ddd, the assembler of the kernel's
 * bpf_asm, the line that iptables and tc take, JSON. read.c reads them.
 *
 * The form of -d is libpcap's, and scripts rely on it: some constants are signed decimal and some
 * hexadecimal, an instruction without operand ends in a blank, and `ldx` of the packet length,
 * which the kernel knows, is `unimp`. The unit test compares every opcode with libpcap's output. */
#include "base/text.h"
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
        struct text out;
        bool *labelled; /* by instruction: a jump leads to it */
        char separator; /* struct form's */
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

static void write_text(struct writer *writer, const struct bpf_insn *instruction, uint32_t index)
{
        char line[LINE_ROOM];

        cbpf_list_instruction(instruction, index, line, sizeof line);
        text_format(&writer->out, "%s\n", line);
}

static void write_c(struct writer *writer, const struct bpf_insn *instruction, uint32_t index)
{
        (void)index;
        text_format(&writer->out, "{ 0x%x, %u, %u, 0x%08x },\n", instruction->code, instruction->jt,
                    instruction->jf, instruction->k);
}

static void write_numbers(struct writer *writer, const struct bpf_insn *instruction, uint32_t index)
{
        (void)index;
        text_format(&writer->out, "%c%u %u %u %u", writer->separator, instruction->code,
                    instruction->jt, instruction->jf, instruction->k);
}

static void write_json(struct writer *writer, const struct bpf_insn *instruction, uint32_t index)
{
        const struct opcode *opcode = cbpf_opcode(instruction->code);
        char operand[OPERAND_ROOM];

        name_operand(operand, instruction, opcode->operand, index);
        text_format(&writer->out,
                    "%s  {\"index\": %u, \"code\": %u, \"jt\": %u, \"jf\": %u, \"k\": %u, "
                    "\"text\": \"%s%s%s",
                    index > 0 ? ",\n" : "", index, instruction->code, instruction->jt,
                    instruction->jf, instruction->k, opcode->mnemonic, *operand ? " " : "",
                    operand);
        if (cbpf_is_branch(instruction->code))
                text_format(&writer->out, " jt %u jf %u", index + 1 + instruction->jt,
                            index + 1 + instruction->jf);
        text_string(&writer->out, "\"}");
}

/* The operand as the assembler has it: unlike in a listing, constants are unsigned. */
static void write_assembler_operand(struct text *out, const struct bpf_insn *instruction)
{
        const struct opcode *opcode = cbpf_opcode(instruction->code);
        const struct ancillary *ancillary = cbpf_ancillary(instruction->k);
        char operand[OPERAND_ROOM];

        if (instruction->code == BPF_LDX_LENGTH) {
                text_string(out, "#pktlen");
        } else if (instruction->code == (BPF_RET | BPF_A)) {
                text_string(out, "a");
        } else if (opcode->operand == OPERAND_DECIMAL) {
                text_format(out, "#%u", instruction->k);
        } else if (opcode->operand == OPERAND_ABSOLUTE && ancillary && ancillary->assembler) {
                text_format(out, "#%s", ancillary->assembler);
        } else if (opcode->operand == OPERAND_ABSOLUTE && instruction->k > INT32_MAX) {
                text_format(out, "[0x%x]", instruction->k);
        } else {
                name_operand(operand, instruction, opcode->operand, 0);
                text_string(out, operand);
        }
}

/* A branch with one label falls through otherwise; some have a mnemonic for their opposite. */
static void write_assembler_branch(struct text *out, const struct bpf_insn *instruction,
                                   uint32_t index)
{
        static const char *const opposites[16] = {
            [BPF_JEQ >> 4] = "jne", [BPF_JGT >> 4] = "jle", [BPF_JGE >> 4] = "jlt"};
        const char *opposite = instruction->jt == 0 && instruction->jf > 0
                                   ? opposites[BPF_OP(instruction->code) >> 4]
                                   : NULL;

        text_format(out, "%s ", opposite ? opposite : cbpf_opcode(instruction->code)->mnemonic);
        write_assembler_operand(out, instruction);
        if (!opposite)
                text_format(out, ", L%u", index + 1 + instruction->jt);
        if (instruction->jf > 0)
                text_format(out, ", L%u", index + 1 + instruction->jf);
}

static void write_assembler(struct writer *writer, const struct bpf_insn *instruction,
                            uint32_t index)
{
        const struct opcode *opcode = cbpf_opcode(instruction->code);
        struct text *out = &writer->out;
        char label[16] = "";

        if (writer->labelled[index])
                snprintf(label, sizeof label, "L%u:", index);
        text_format(out, *label ? "%-7s " : "\t", label);
        if (cbpf_is_branch(instruction->code)) {
                write_assembler_branch(out, instruction, index);
        } else if (instruction->code == (BPF_JMP | BPF_JA)) {
                text_format(out, "ja L%u", index + 1 + instruction->k);
        } else {
                text_string(out, instruction->code == BPF_LDX_LENGTH ? "ldx" : opcode->mnemonic);
                if (opcode->operand != OPERAND_NONE || BPF_CLASS(instruction->code) == BPF_RET)
                        text_char(out, ' ');
                write_assembler_operand(out, instruction);
        }
        text_char(out, '\n');
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
        void (*write)(struct writer *writer, const struct bpf_insn *instruction, uint32_t index);
        const char *begin, *end;
        char separator; /* of numbers, the first of which is how many instructions there are */
} forms[] = {
    [CBPF_LISTING_TEXT] = {write_text, "", "", 0},
    [CBPF_LISTING_C] = {write_c, "", "", 0},
    [CBPF_LISTING_DECIMAL] = {write_numbers, "", "\n", '\n'},
    [CBPF_LISTING_ASSEMBLER] = {write_assembler, "", "", 0},
    [CBPF_LISTING_BYTECODE] = {write_numbers, "", "\n", ','},
    [CBPF_LISTING_JSON] = {write_json, "[\n", "\n]\n", 0},
};

char *cbpf_list(const struct bpf_program *program, enum cbpf_listing listing)
{
        const struct form *form = &forms[listing];
        struct writer writer = {.labelled = calloc(program->bf_len + 1, sizeof *writer.labelled),
                                .separator = form->separator};

        if (!writer.labelled)
                return NULL;
        mark_targets(program, writer.labelled);
        text_string(&writer.out, form->begin);
        if (form->separator)
                text_format(&writer.out, "%u", program->bf_len);
        for (uint32_t i = 0; i < program->bf_len; i++)
                form->write(&writer, &program->bf_insns[i], i);
        text_string(&writer.out, form->end);
        free(writer.labelled);
        return text_take(&writer.out);
}

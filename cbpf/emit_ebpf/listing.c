/* Extended programs as `bpftool prog dump xlated` lists them. */
#include "base/text.h"
#include "code.h"

static const char *const alu_signs[16] = {
    "+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", "", "%=", "^=", "=", "s>>=", "", "", ""};
static const char *const jump_signs[16] = {
    "", "==", ">", ">=", "&", "!=", "s>", "s>=", "", "", "<", "<=", "s<", "s<=", "", ""};
static const char *const sizes[4] = {"u32", "u16", "u8", "u64"};

static void list_alu(struct text *text, const struct cbpf_extended_instruction *instruction)
{
        unsigned operation = instruction->code & 0xf0;
        char name = (instruction->code & 7) == CLASS_ALU ? 'w' : 'r';
        unsigned to = instruction->destination;

        if (operation == ALU_END)
                text_format(text, "r%u = be%d r%u", to, instruction->immediate, to);
        else if (operation == ALU_NEG)
                text_format(text, "%c%u = -%c%u", name, to, name, to);
        else if (instruction->code & BY_REGISTER)
                text_format(text, "%c%u %s %c%u", name, to, alu_signs[operation >> 4], name,
                            instruction->source);
        else
                text_format(text, "%c%u %s %d", name, to, alu_signs[operation >> 4],
                            instruction->immediate);
}

static void list_call(struct text *text, int32_t helper)
{
        if (helper == LOOK_UP) {
                text_format(text, "call bpf_map_lookup_elem#%d", helper);
                return;
        }
        if (helper == TAIL_CALL) {
                text_format(text, "call bpf_tail_call#%d", helper);
                return;
        }
        if (helper == READ_KERNEL) {
                text_format(text, "call bpf_probe_read_kernel#%d", helper);
                return;
        }
        for (int i = 0; i < CBPF_CONTEXTS; i++) {
                const struct context *context = &emission_contexts[i];
                bool length = context->length_name && context->length_helper == helper;

                if (!length && (!context->copier || context->copier->helper != helper))
                        continue;
                text_format(text, "call %s#%d",
                            length ? context->length_name : context->copier->name, helper);
                return;
        }
        text_format(text, "call unknown#%d", helper);
}

static void list_jump(struct text *text, const struct cbpf_extended_instruction *instruction)
{
        unsigned operation = instruction->code & 0xf0;
        bool narrow = (instruction->code & 7) == CLASS_JMP32;
        char name = narrow ? 'w' : 'r';

        switch (operation) {
        case JUMP_EXIT: text_format(text, "exit"); return;
        case JUMP_CALL:
                if (instruction->source == KERNEL_FUNCTION)
                        text_format(text, "call kernel-function#%d", instruction->immediate);
                else
                        list_call(text, instruction->immediate);
                return;
        case JUMP_ALWAYS:
                if (narrow)
                        text_format(text, "gotol pc%+d", instruction->immediate);
                else
                        text_format(text, "goto pc%+d", instruction->offset);
                return;
        }
        text_format(text, "if %c%u %s ", name, instruction->destination,
                    jump_signs[operation >> 4]);
        if (instruction->code & BY_REGISTER)
                text_format(text, "%c%u", name, instruction->source);
        else
                text_format(text, "0x%x", (unsigned)instruction->immediate);
        text_format(text, " goto pc%+d", instruction->offset);
}

static void list_access(struct text *text, const struct cbpf_extended_instruction *instruction)
{
        const char *size = sizes[instruction->code >> 3 & 3];

        switch (instruction->code & 7) {
        case CLASS_LD:
                if (instruction->code == CBPF_EXTENDED_LOAD)
                        text_format(text, "r%u = map[%d]", instruction->destination,
                                    instruction->immediate);
                return;
        case CLASS_ST:
                text_format(text, "*(%s *)(r%u %+d) = %d", size, instruction->destination,
                            instruction->offset, instruction->immediate);
                return;
        case CLASS_LDX:
                text_format(text, "r%u = *(%s *)(r%u %+d)", instruction->destination, size,
                            instruction->source, instruction->offset);
                return;
        case CLASS_STX:
                text_format(text, "*(%s *)(r%u %+d) = r%u", size, instruction->destination,
                            instruction->offset, instruction->source);
                return;
        }
        text_format(text, "unknown 0x%02x", instruction->code);
}

char *cbpf_list_extended(const struct cbpf_extended_program *program)
{
        struct text text = {0};

        for (uint32_t i = 0; i < program->count; i++) {
                const struct cbpf_extended_instruction *instruction = &program->instructions[i];

                if (instruction->code == 0)
                        continue; /* the second half of the one before */

                text_format(&text, "% 4d: (%02x) ", (int)i, instruction->code);
                switch (instruction->code & 7) {
                case CLASS_ALU:
                case CLASS_ALU64: list_alu(&text, instruction); break;
                case CLASS_JMP:
                case CLASS_JMP32: list_jump(&text, instruction); break;
                default: list_access(&text, instruction);
                }
                text_char(&text, '\n');
        }
        return text_take(&text);
}

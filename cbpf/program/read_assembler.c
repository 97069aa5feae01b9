/* Assembler: the language of the kernel's tools/bpf/bpf_asm (Documentation/networking/filter.rst),
 * and the listings of tcpdump -d, which differ little from it: a number in parentheses precedes
 * each instruction, targets are numbers (`jt 2 jf 5`), names of ancillary data are in brackets, and
 * `ret` of the accumulator has no operand. Both may be mixed. */
#include "reader.h"

#include "base/array.h"
#include "base/error.h"

#include <stdlib.h>
#include <string.h>

struct label {
        const char *name; /* in the text */
        size_t length;
        uint32_t instruction;
};

enum field { FIELD_JT, FIELD_JF, FIELD_K };

/* A target to be filled in when all labels are known. */
struct jump {
        struct label to; /* without name: `to.instruction` is the target */
        size_t offset, length;
        uint32_t instruction;
        enum field field;
};

struct assembler {
        struct reader *reader;
        struct label *labels;
        size_t label_count, label_room;
        struct jump *jumps;
        size_t jump_count, jump_room;
};

/* Reads what stands behind a mnemonic. `instruction` has the part of the opcode that the mnemonic
 * tells. */
typedef bool operand_reader(struct assembler *assembler, struct bpf_insn *instruction);

/* True if something follows in this line. */
static bool more_in_line(struct reader *reader)
{
        for (; reader->at < reader->length; reader->at++)
                if (!strchr(" \t\r\v\f", reader->text[reader->at]))
                        return reader->text[reader->at] != '\n';
        return false;
}

static bool at_digit(struct reader *reader)
{
        return !reader_at_end(reader) && is_digit(reader_peek(reader));
}

static bool pass_word(struct reader *reader, const char *word)
{
        if (reader_at_end(reader) || !reader_is_word(reader, word))
                return false;
        reader->at += strlen(word);
        return true;
}

/* A register, also with a % in front. */
static bool pass_register(struct reader *reader, const char *name)
{
        struct reader behind = *reader;

        reader_pass(&behind, '%');
        if (!pass_word(&behind, name))
                return false;
        reader->at = behind.at;
        return true;
}

static bool read_k(struct assembler *assembler, const char *name, struct bpf_insn *instruction)
{
        return reader_field(assembler->reader, READER_SIGNED, name, UINT32_MAX, &instruction->k);
}

static bool read_immediate(struct assembler *assembler, struct bpf_insn *instruction)
{
        return read_k(assembler, "constant", instruction);
}

/* M[3], behind the M. */
static bool read_scratch(struct assembler *assembler, struct bpf_insn *instruction)
{
        return reader_demand(assembler->reader, '[', "of scratch memory") &&
               read_k(assembler, "word of scratch memory", instruction) &&
               reader_demand(assembler->reader, ']', "behind the word of scratch memory");
}

/* 4*([14]&0xf) */
static bool read_header_length(struct assembler *assembler, struct bpf_insn *instruction)
{
        struct reader *reader = assembler->reader;
        uint32_t four, mask;
        size_t start;

        reader_at_end(reader);
        start = reader->at;
        if (!reader_field(reader, READER_C, "factor 4", UINT32_MAX, &four) ||
            !reader_demand(reader, '*', "of 4*([k]&0xf)") ||
            !reader_demand(reader, '(', "of 4*([k]&0xf)") ||
            !reader_demand(reader, '[', "of 4*([k]&0xf)") ||
            !read_k(assembler, "offset", instruction) ||
            !reader_demand(reader, ']', "of 4*([k]&0xf)") ||
            !reader_demand(reader, '&', "of 4*([k]&0xf)") ||
            !reader_field(reader, READER_C, "mask 0xf", UINT32_MAX, &mask) ||
            !reader_demand(reader, ')', "of 4*([k]&0xf)"))
                return false;
        return (four == 4 && mask == 0xf) ||
               reader_refuse(reader, start, reader->at - start,
                             "the only header length that can be loaded is 4*([k]&0xf)");
}

/* The name of ancillary data, if one stands here. */
static bool pass_ancillary(struct reader *reader, uint32_t *offset)
{
        size_t length = reader_at_end(reader) ? 0 : reader_word(reader);

        *offset = length ? cbpf_ancillary_offset(reader->text + reader->at, length) : 0;
        if (*offset)
                reader->at += length;
        return *offset != 0;
}

/* [12], [x + 14], [vlan_tci], behind the bracket. */
static bool read_place(struct assembler *assembler, struct bpf_insn *instruction)
{
        struct reader *reader = assembler->reader;

        bool indexed = pass_register(reader, "x");

        instruction->code |= indexed ? BPF_IND : BPF_ABS;
        if (indexed && !reader_demand(reader, '+', "behind x"))
                return false;
        return ((!indexed && pass_ancillary(reader, &instruction->k)) ||
                read_k(assembler, "offset", instruction)) &&
               reader_demand(reader, ']', "behind the offset");
}

/* ld, ldh, ldb and ldx */
static bool read_load(struct assembler *assembler, struct bpf_insn *instruction)
{
        struct reader *reader = assembler->reader;
        bool index = BPF_CLASS(instruction->code) == BPF_LDX;
        bool word = BPF_SIZE(instruction->code) == BPF_W;
        bool marked;

        if (!index && reader_pass(reader, '['))
                return read_place(assembler, instruction);
        if (word && pass_word(reader, "M")) {
                instruction->code |= BPF_MEM;
                return read_scratch(assembler, instruction);
        }
        marked = reader_pass(reader, '#');
        if (!index && pass_ancillary(reader, &instruction->k)) {
                instruction->code |= BPF_ABS;
                return true;
        }
        if (word && (pass_word(reader, "len") || pass_word(reader, "pktlen"))) {
                instruction->code |= BPF_LEN;
                return true;
        }
        if (marked && word) {
                instruction->code |= BPF_IMM;
                return read_immediate(assembler, instruction);
        }
        if (index && at_digit(reader)) {
                instruction->code |= BPF_B | BPF_MSH;
                return read_header_length(assembler, instruction);
        }
        if (index)
                return reader_expected(reader,
                                       "what to load: #k, #len, M[k] or, by ldxb, 4*([k]&0xf)");
        return reader_expected(
            reader, word
                        ? "what to load: [k], [x + k], M[k], #k, #len or the name of ancillary data"
                        : "what to load: [k], [x + k] or the name of ancillary data");
}

/* ldi, ldxi: the # may be missing. */
static bool read_constant_load(struct assembler *assembler, struct bpf_insn *instruction)
{
        reader_pass(assembler->reader, '#');
        return read_immediate(assembler, instruction);
}

static bool read_store(struct assembler *assembler, struct bpf_insn *instruction)
{
        if (!pass_word(assembler->reader, "M"))
                return reader_expected(assembler->reader, "where to store: M[k]");
        return read_scratch(assembler, instruction);
}

/* A constant or the index register. */
static bool read_either(struct assembler *assembler, struct bpf_insn *instruction)
{
        if (reader_pass(assembler->reader, '#'))
                return read_immediate(assembler, instruction);
        if (!pass_register(assembler->reader, "x"))
                return reader_expected(assembler->reader, "#k or x");
        instruction->code |= BPF_X;
        return true;
}

static bool read_nothing(struct assembler *assembler, struct bpf_insn *instruction)
{
        (void)assembler, (void)instruction;
        return true;
}

static bool read_return(struct assembler *assembler, struct bpf_insn *instruction)
{
        struct reader *reader = assembler->reader;

        if (!more_in_line(reader) || pass_register(reader, "a")) {
                instruction->code |= BPF_A;
                return true;
        }
        if (pass_register(reader, "x")) {
                instruction->code |= BPF_X;
                return true;
        }
        return reader_pass(reader, '#') ? read_immediate(assembler, instruction)
                                        : reader_expected(reader, "#k, a or nothing");
}

/* A target: a label, or the number of an instruction. */
static bool read_target(struct assembler *assembler, enum field field, bool number)
{
        struct reader *reader = assembler->reader;
        struct jump jump = {.instruction = reader->count, .field = field};

        reader_at_end(reader);
        jump.offset = reader->at;
        if (number) {
                if (!reader_number(reader, READER_DECIMAL, "the target", UINT32_MAX,
                                   &jump.to.instruction))
                        return false;
        } else {
                if (reader_word(reader) == 0)
                        return reader_expected(reader, "a label");
                jump.to.name = reader->text + reader->at;
                jump.to.length = reader_word(reader);
                reader->at += jump.to.length;
        }
        jump.length = reader->at - jump.offset;
        if (!array_grow(assembler->jumps, assembler->jump_room, assembler->jump_count + 1))
                return reader_out_of_memory(reader);
        assembler->jumps[assembler->jump_count++] = jump;
        return true;
}

static bool read_jump(struct assembler *assembler, struct bpf_insn *instruction)
{
        (void)instruction;
        return read_target(assembler, FIELD_K, at_digit(assembler->reader));
}

static bool read_branch(struct assembler *assembler, struct bpf_insn *instruction)
{
        struct reader *reader = assembler->reader;

        if (!read_either(assembler, instruction))
                return false;
        if (pass_word(reader, "jt")) {
                if (!read_target(assembler, FIELD_JT, true))
                        return false;
                return pass_word(reader, "jf") ? read_target(assembler, FIELD_JF, true)
                                               : reader_expected(reader, "jf and its target");
        }
        if (!reader_pass(reader, ','))
                return reader_expected(reader, "',' and a label");
        return read_target(assembler, FIELD_JT, false) &&
               (!reader_pass(reader, ',') || read_target(assembler, FIELD_JF, false));
}

/* jne, jlt, jle: where the opposite does not hold. */
static bool read_opposite(struct assembler *assembler, struct bpf_insn *instruction)
{
        return read_either(assembler, instruction) &&
               reader_demand(assembler->reader, ',', "and a label") &&
               read_target(assembler, FIELD_JF, false);
}

/* What libpcap's listing says of `ldx` of the packet length. */
static bool read_unknown(struct assembler *assembler, struct bpf_insn *instruction)
{
        struct reader *reader = assembler->reader;
        uint32_t code;

        if (!reader_field(reader, READER_C, "opcode", UINT16_MAX, &code))
                return false;
        instruction->code = (uint16_t)code;
        return code == BPF_LDX_LENGTH ||
               reader_refuse(reader, reader->at - 1, 1,
                             "instruction %u: the listing does not tell what opcode 0x%x stands "
                             "for; give the program as numbers",
                             reader->count, code);
}

/* Mnemonics of bpf_asm beside those of the table of opcodes. */
static const struct {
        const char *name;
        uint16_t code;
        operand_reader *read;
} aliases[] = {
    {"ldi", BPF_LD | BPF_IMM, read_constant_load}, {"ldxi", BPF_LDX | BPF_IMM, read_constant_load},
    {"jmp", BPF_JMP | BPF_JA, read_jump},          {"jne", BPF_JMP | BPF_JEQ, read_opposite},
    {"jneq", BPF_JMP | BPF_JEQ, read_opposite},    {"jlt", BPF_JMP | BPF_JGE, read_opposite},
    {"jle", BPF_JMP | BPF_JGT, read_opposite},     {"unimp", 0, read_unknown},
};

/* The reader for a mnemonic of the table of opcodes, of which `*code` is one. Leaves of the opcode
 * what all that have this mnemonic share. */
static operand_reader *find_reader(uint16_t *code)
{
        switch (BPF_CLASS(*code)) {
        case BPF_LD: *code &= (uint16_t)~BPF_MODE(0xff); return read_load;
        case BPF_LDX: return *code == (BPF_LDX | BPF_B | BPF_MSH) ? read_header_length : read_load;
        case BPF_ST:
        case BPF_STX: return read_store;
        case BPF_ALU: return *code == (BPF_ALU | BPF_NEG) ? read_nothing : read_either;
        case BPF_JMP: return *code == (BPF_JMP | BPF_JA) ? read_jump : read_branch;
        case BPF_RET: return read_return;
        default: return read_nothing;
        }
}

/* (003) */
static bool read_index(struct reader *reader)
{
        uint32_t index;
        size_t start = reader->at;

        if (!reader_number(reader, READER_DECIMAL, "the number of the instruction", UINT32_MAX,
                           &index))
                return false;
        if (index != reader->count)
                return reader_refuse(reader, start, reader->at - start,
                                     "this is instruction %u, not %u: a line is missing or one too "
                                     "many",
                                     reader->count, index);
        return reader_demand(reader, ')', "behind the number of the instruction");
}

/* A name with a colon behind. */
static bool pass_label(struct assembler *assembler, bool *found)
{
        struct reader *reader = assembler->reader;
        struct reader behind = *reader;

        behind.at += reader_word(reader);
        *found = reader_word(reader) > 0 && reader_pass(&behind, ':');
        if (!*found)
                return true;
        if (!array_grow(assembler->labels, assembler->label_room, assembler->label_count + 1))
                return reader_out_of_memory(reader);
        assembler->labels[assembler->label_count++] =
            (struct label){reader->text + reader->at, reader_word(reader), reader->count};
        reader->at = behind.at;
        return true;
}

static bool read_instruction(struct assembler *assembler)
{
        struct reader *reader = assembler->reader;
        size_t length = reader_word(reader);
        struct bpf_insn instruction = {0};
        operand_reader *read = NULL;

        for (size_t i = 0; i < array_count(aliases); i++)
                if (reader_is_word(reader, aliases[i].name)) {
                        instruction.code = aliases[i].code;
                        read = aliases[i].read;
                }
        if (!read && cbpf_opcode_named(reader->text + reader->at, length, &instruction.code))
                read = find_reader(&instruction.code);
        if (!read)
                return reader_expected(reader, "an instruction (ldh, jeq, ret, ...) or a label");
        reader->at += length;
        return read(assembler, &instruction) && reader_add(reader, &instruction);
}

static int compare_names(const void *first, const void *second)
{
        const struct label *a = first, *b = second;
        int order = memcmp(a->name, b->name, a->length < b->length ? a->length : b->length);

        return order ? order : (a->length > b->length) - (a->length < b->length);
}

/* Of those with the same name, the first in the text comes first. */
static int compare_labels(const void *first, const void *second)
{
        const struct label *a = first, *b = second;
        int order = compare_names(a, b);

        return order ? order : (a->name > b->name) - (a->name < b->name);
}

/* Sorts the labels and refuses two of one name. */
static bool sort_labels(struct assembler *assembler)
{
        struct reader *reader = assembler->reader;

        if (assembler->label_count > 0)
                qsort(assembler->labels, assembler->label_count, sizeof *assembler->labels,
                      compare_labels);
        for (size_t i = 0; i < assembler->label_count; i++) {
                const struct label *label = &assembler->labels[i];
                char name[QUOTE_SIZE];

                error_quote(name, label->name, label->length);
                if (label->instruction == reader->count)
                        return reader_refuse(reader, (size_t)(label->name - reader->text),
                                             label->length, "no instruction follows the label %s",
                                             name);
                if (i > 0 && compare_names(label, label - 1) == 0)
                        return reader_refuse(
                            reader, (size_t)(label->name - reader->text), label->length,
                            "the label %s has been given to instruction %u already", name,
                            label[-1].instruction);
        }
        return true;
}

static const struct label *find_label(const struct assembler *assembler, const struct label *wanted)
{
        if (assembler->label_count == 0)
                return NULL;
        return bsearch(wanted, assembler->labels, assembler->label_count, sizeof *assembler->labels,
                       compare_names);
}

static bool fill_target(struct assembler *assembler, const struct jump *jump)
{
        struct reader *reader = assembler->reader;
        struct bpf_insn *instruction = &reader->instructions[jump->instruction];
        const struct label *label = jump->to.name ? find_label(assembler, &jump->to) : &jump->to;
        uint32_t next = jump->instruction + 1;
        char name[QUOTE_SIZE];

        error_quote(name, reader->text + jump->offset, jump->length);
        if (!label)
                return reader_refuse(reader, jump->offset, jump->length, "there is no label %s",
                                     name);
        if (jump->field == FIELD_K) {
                instruction->k = label->instruction - next;
                return true;
        }
        if (label->instruction < next)
                return reader_refuse(reader, jump->offset, jump->length,
                                     "%s is instruction %u, not behind this one, which is "
                                     "instruction %u; jumps must lead forward",
                                     name, label->instruction, jump->instruction);
        if (label->instruction - next > UINT8_MAX)
                return reader_refuse(reader, jump->offset, jump->length,
                                     "%s is %u instructions further on; a branch passes over at "
                                     "most %d (ja has no such limit)",
                                     name, label->instruction - next, UINT8_MAX);
        *(jump->field == FIELD_JT ? &instruction->jt : &instruction->jf) =
            (uint8_t)(label->instruction - next);
        return true;
}

static bool assemble(struct assembler *assembler)
{
        struct reader *reader = assembler->reader;
        bool label;

        while (!reader_at_end(reader)) {
                if (reader_pass(reader, '(')) {
                        if (!read_index(reader))
                                return false;
                        reader_at_end(reader);
                }
                if (!pass_label(assembler, &label) || (!label && !read_instruction(assembler)))
                        return false;
        }
        if (!sort_labels(assembler))
                return false;
        if (reader->count == 0)
                return reader_expected(reader, "an instruction");
        for (size_t i = 0; i < assembler->jump_count; i++)
                if (!fill_target(assembler, &assembler->jumps[i]))
                        return false;
        return true;
}

bool read_assembler(struct reader *reader)
{
        struct assembler assembler = {.reader = reader};
        bool done = assemble(&assembler);

        free(assembler.labels);
        free(assembler.jumps);
        return done;
}

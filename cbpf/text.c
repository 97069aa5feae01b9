/* Programs as text: the listings of tcpdump's -d, -dd and -ddd, and the reader of -ddd.
 *
 * What -d shows is libpcap's habit, not a standard, and people's scripts and eyes rely on it: some
 * constants are signed decimals and some hexadecimal, an instruction without operand ends in a
 * blank, and `ldx` of the packet length, which the kernel knows, is `unimp`. The unit test compares
 * every opcode with libpcap's own output. */
#include "cbpf.h"

#include <linux/filter.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum operand {
        OPERAND_UNKNOWN, /* no such opcode */
        OPERAND_NONE,
        OPERAND_DECIMAL,
        OPERAND_HEXADECIMAL,
        OPERAND_INDEX_REGISTER,
        OPERAND_ABSOLUTE,
        OPERAND_INDEXED,
        OPERAND_SCRATCH,
        OPERAND_HEADER_LENGTH,
        OPERAND_PACKET_LENGTH,
        OPERAND_TARGET,
};

/* Operators that take a constant or the index register. */
#define EITHER(code, mnemonic, constant)         \
        [(code) | BPF_K] = {mnemonic, constant}, \
                  [(code) | BPF_X] = {mnemonic, OPERAND_INDEX_REGISTER}

static const struct opcode {
        const char *mnemonic;
        enum operand operand;
} opcodes[256] = {
    [BPF_LD | BPF_IMM] = {"ld", OPERAND_HEXADECIMAL},
    [BPF_LD | BPF_MEM] = {"ld", OPERAND_SCRATCH},
    [BPF_LD | BPF_W | BPF_LEN] = {"ld", OPERAND_PACKET_LENGTH},
    [BPF_LD | BPF_W | BPF_ABS] = {"ld", OPERAND_ABSOLUTE},
    [BPF_LD | BPF_H | BPF_ABS] = {"ldh", OPERAND_ABSOLUTE},
    [BPF_LD | BPF_B | BPF_ABS] = {"ldb", OPERAND_ABSOLUTE},
    [BPF_LD | BPF_W | BPF_IND] = {"ld", OPERAND_INDEXED},
    [BPF_LD | BPF_H | BPF_IND] = {"ldh", OPERAND_INDEXED},
    [BPF_LD | BPF_B | BPF_IND] = {"ldb", OPERAND_INDEXED},

    [BPF_LDX | BPF_IMM] = {"ldx", OPERAND_HEXADECIMAL},
    [BPF_LDX | BPF_MEM] = {"ldx", OPERAND_SCRATCH},
    [BPF_LDX | BPF_B | BPF_MSH] = {"ldxb", OPERAND_HEADER_LENGTH},

    [BPF_ST] = {"st", OPERAND_SCRATCH},
    [BPF_STX] = {"stx", OPERAND_SCRATCH},

    EITHER(BPF_ALU | BPF_ADD, "add", OPERAND_DECIMAL),
    EITHER(BPF_ALU | BPF_SUB, "sub", OPERAND_DECIMAL),
    EITHER(BPF_ALU | BPF_MUL, "mul", OPERAND_DECIMAL),
    EITHER(BPF_ALU | BPF_DIV, "div", OPERAND_DECIMAL),
    EITHER(BPF_ALU | BPF_MOD, "mod", OPERAND_DECIMAL),
    EITHER(BPF_ALU | BPF_LSH, "lsh", OPERAND_DECIMAL),
    EITHER(BPF_ALU | BPF_RSH, "rsh", OPERAND_DECIMAL),
    EITHER(BPF_ALU | BPF_AND, "and", OPERAND_HEXADECIMAL),
    EITHER(BPF_ALU | BPF_OR, "or", OPERAND_HEXADECIMAL),
    EITHER(BPF_ALU | BPF_XOR, "xor", OPERAND_HEXADECIMAL),
    [BPF_ALU | BPF_NEG] = {"neg", OPERAND_NONE},

    [BPF_JMP | BPF_JA] = {"ja", OPERAND_TARGET},
    EITHER(BPF_JMP | BPF_JEQ, "jeq", OPERAND_HEXADECIMAL),
    EITHER(BPF_JMP | BPF_JGT, "jgt", OPERAND_HEXADECIMAL),
    EITHER(BPF_JMP | BPF_JGE, "jge", OPERAND_HEXADECIMAL),
    EITHER(BPF_JMP | BPF_JSET, "jset", OPERAND_HEXADECIMAL),

    [BPF_RET | BPF_K] = {"ret", OPERAND_DECIMAL},
    [BPF_RET | BPF_A] = {"ret", OPERAND_NONE},

    [BPF_MISC | BPF_TAX] = {"tax", OPERAND_NONE},
    [BPF_MISC | BPF_TXA] = {"txa", OPERAND_NONE},
};

/* What the kernel serves in place of packet bytes, by its offset from SKF_AD_OFF. */
static const char *const ancillary_names[SKF_AD_MAX] = {
    [SKF_AD_PROTOCOL] = "proto",
    [SKF_AD_PKTTYPE] = "type",
    [SKF_AD_IFINDEX] = "ifidx",
    [SKF_AD_NLATTR] = "nla",
    [SKF_AD_NLATTR_NEST] = "nlan",
    [SKF_AD_MARK] = "mark",
    [SKF_AD_QUEUE] = "queue",
    [SKF_AD_HATYPE] = "hatype",
    [SKF_AD_RXHASH] = "rxhash",
    [SKF_AD_CPU] = "cpu",
    [SKF_AD_ALU_XOR_X] = "xor_x",
    [SKF_AD_VLAN_TAG] = "vlan_tci",
    [SKF_AD_VLAN_TAG_PRESENT] = "vlanp",
    [SKF_AD_PAY_OFFSET] = "poff",
    [SKF_AD_RANDOM] = "random",
    [SKF_AD_VLAN_TPID] = "vlan_tpid",
};

/* Room for the longest operand, 4*([-2147483648]&0xf). */
enum { OPERAND_ROOM = 24, LINE_ROOM = 96 };

static void name_offset(char *text, uint32_t offset)
{
        uint32_t ancillary = offset - (uint32_t)SKF_AD_OFF;

        if (ancillary < SKF_AD_MAX && ancillary_names[ancillary])
                snprintf(text, OPERAND_ROOM, "[%s]", ancillary_names[ancillary]);
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

void cbpf_list_instruction(const struct bpf_insn *instruction, uint32_t index, char *text,
                           size_t room)
{
        static const struct opcode unknown = {"unimp", OPERAND_UNKNOWN};
        uint16_t code = instruction->code;
        const struct opcode *opcode =
            code < 256 && opcodes[code].mnemonic ? &opcodes[code] : &unknown;
        char operand[OPERAND_ROOM];

        name_operand(operand, instruction, opcode->operand, index);
        /* Two targets follow the operand wherever the code could be a branch, also an unknown one.
         */
        if (BPF_CLASS(code) == BPF_JMP && BPF_OP(code) != BPF_JA)
                snprintf(text, room, "(%03u) %-8s %-16s jt %u\tjf %u", index, opcode->mnemonic,
                         operand, index + 1 + instruction->jt, index + 1 + instruction->jf);
        else
                snprintf(text, room, "(%03u) %-8s %s", index, opcode->mnemonic, operand);
}

static void write_text(FILE *out, const struct bpf_insn *instruction, uint32_t index)
{
        char line[LINE_ROOM];

        cbpf_list_instruction(instruction, index, line, sizeof line);
        fprintf(out, "%s\n", line);
}

static void write_c(FILE *out, const struct bpf_insn *instruction)
{
        fprintf(out, "{ 0x%x, %u, %u, 0x%08x },\n", instruction->code, instruction->jt,
                instruction->jf, instruction->k);
}

static void write_decimal(FILE *out, const struct bpf_insn *instruction)
{
        fprintf(out, "%u %u %u %u\n", instruction->code, instruction->jt, instruction->jf,
                instruction->k);
}

char *cbpf_list(const struct bpf_program *program, enum cbpf_listing listing)
{
        char *text = NULL;
        size_t length;
        FILE *out = open_memstream(&text, &length);
        bool complete;

        if (!out)
                return NULL;
        if (listing == CBPF_LISTING_DECIMAL)
                fprintf(out, "%u\n", program->bf_len);
        for (uint32_t i = 0; i < program->bf_len; i++) {
                switch (listing) {
                case CBPF_LISTING_TEXT: write_text(out, &program->bf_insns[i], i); break;
                case CBPF_LISTING_C: write_c(out, &program->bf_insns[i]); break;
                case CBPF_LISTING_DECIMAL: write_decimal(out, &program->bf_insns[i]); break;
                }
        }
        complete = !ferror(out);
        if (fclose(out) == 0 && complete)
                return text;
        free(text);
        return NULL;
}

/* Where the reader of a -ddd listing stands. */
struct reader {
        const char *text;
        size_t length;
        size_t at;
        uint32_t instruction;
        struct cbpf_error *error;
};

__attribute__((format(printf, 4, 5))) static bool refuse(struct reader *reader, size_t offset,
                                                         size_t length, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(reader->error->message, sizeof reader->error->message, format, arguments);
        va_end(arguments);
        reader->error->offset = offset;
        reader->error->length = length;
        return false;
}

/* Locale-free, unlike isspace() and isdigit(): the format knows ASCII only. */
static bool is_blank(char c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool at_end(struct reader *reader)
{
        while (reader->at < reader->length && is_blank(reader->text[reader->at]))
                reader->at++;
        return reader->at == reader->length;
}

/* `name` is what the number says, for messages. */
static bool read_number(struct reader *reader, const char *name, uint32_t most, uint32_t *number)
{
        uint64_t value = 0;
        size_t start;

        if (at_end(reader))
                return refuse(reader, reader->at, 1, "the listing ends where %s should stand",
                              name);
        start = reader->at;
        if (!is_digit(reader->text[start]))
                return refuse(reader, start, 1, "%s should stand here, a decimal number", name);
        for (; reader->at < reader->length && is_digit(reader->text[reader->at]); reader->at++)
                if (value <= most)
                        value = value * 10 + (uint64_t)(reader->text[reader->at] - '0');
        if (value > most)
                return refuse(reader, start, reader->at - start, "%s is more than %u", name, most);
        *number = (uint32_t)value;
        return true;
}

static bool read_field(struct reader *reader, const char *field, uint32_t most, uint32_t *number)
{
        char name[48];

        snprintf(name, sizeof name, "the %s of instruction %u", field, reader->instruction);
        return read_number(reader, name, most, number);
}

/* A comma may take the place of a line's end: iptables -m bpf --bytecode writes listings so. */
static void pass_line_end(struct reader *reader)
{
        if (!at_end(reader) && reader->text[reader->at] == ',')
                reader->at++;
}

static bool read_instruction(struct reader *reader, struct bpf_insn *instruction)
{
        uint32_t code, jt, jf, k;

        if (!read_field(reader, "opcode", UINT16_MAX, &code) ||
            !read_field(reader, "jt", UINT8_MAX, &jt) ||
            !read_field(reader, "jf", UINT8_MAX, &jf) || !read_field(reader, "k", UINT32_MAX, &k))
                return false;
        pass_line_end(reader);
        *instruction = (struct bpf_insn){(uint16_t)code, (uint8_t)jt, (uint8_t)jf, k};
        return true;
}

static bool read_instructions(struct reader *reader, struct bpf_insn *instructions, uint32_t count)
{
        for (reader->instruction = 0; reader->instruction < count; reader->instruction++) {
                if (at_end(reader))
                        return refuse(reader, reader->at, 1,
                                      "the listing ends after %u of the %u instructions that its "
                                      "first number promises",
                                      reader->instruction, count);
                if (!read_instruction(reader, &instructions[reader->instruction]))
                        return false;
        }
        if (!at_end(reader))
                return refuse(reader, reader->at, 1,
                              "the listing goes on after the %u instructions that its first number "
                              "promises",
                              count);
        return true;
}

int cbpf_read_ddd(const char *text, size_t length, struct bpf_program *program,
                  struct cbpf_error *error)
{
        struct reader reader = {.text = text, .length = length, .error = error};
        struct bpf_insn *instructions;
        uint32_t count;
        size_t room;

        *program = (struct bpf_program){0};
        if (!read_number(&reader, "the number of instructions", UINT32_MAX, &count))
                return -1;
        pass_line_end(&reader);
        /* The text bounds the memory, whatever its first number promises: with its separator an
         * instruction takes eight bytes at least. */
        room = length / 8 + 1 < count ? length / 8 + 1 : count;
        instructions = calloc(room + 1, sizeof *instructions);
        if (!instructions) {
                refuse(&reader, CBPF_NO_OFFSET, 0, "out of memory");
                return -1;
        }
        if (!read_instructions(&reader, instructions, count)) {
                free(instructions);
                return -1;
        }
        *program = (struct bpf_program){count, instructions};
        return 0;
}

/* The table of opcodes, with libpcap's names, and that of the kernel's ancillary data. */
#include "program.h"

#include <stddef.h>
#include <string.h>

/* Operators that take a constant or the index register. */
#define EITHER(code, mnemonic, constant, sign)         \
        [(code) | BPF_K] = {mnemonic, constant, sign}, \
                  [(code) | BPF_X] = {mnemonic, OPERAND_INDEX_REGISTER, sign}

static const struct opcode opcodes[256] = {
    [BPF_LD | BPF_IMM] = {"ld", OPERAND_HEXADECIMAL, NULL},
    [BPF_LD | BPF_MEM] = {"ld", OPERAND_SCRATCH, NULL},
    [BPF_LD | BPF_W | BPF_LEN] = {"ld", OPERAND_PACKET_LENGTH, NULL},
    [BPF_LD | BPF_W | BPF_ABS] = {"ld", OPERAND_ABSOLUTE, NULL},
    [BPF_LD | BPF_H | BPF_ABS] = {"ldh", OPERAND_ABSOLUTE, NULL},
    [BPF_LD | BPF_B | BPF_ABS] = {"ldb", OPERAND_ABSOLUTE, NULL},
    [BPF_LD | BPF_W | BPF_IND] = {"ld", OPERAND_INDEXED, NULL},
    [BPF_LD | BPF_H | BPF_IND] = {"ldh", OPERAND_INDEXED, NULL},
    [BPF_LD | BPF_B | BPF_IND] = {"ldb", OPERAND_INDEXED, NULL},

    [BPF_LDX | BPF_IMM] = {"ldx", OPERAND_HEXADECIMAL, NULL},
    [BPF_LDX | BPF_MEM] = {"ldx", OPERAND_SCRATCH, NULL},
    [BPF_LDX | BPF_B | BPF_MSH] = {"ldxb", OPERAND_HEADER_LENGTH, NULL},

    [BPF_ST] = {"st", OPERAND_SCRATCH, NULL},
    [BPF_STX] = {"stx", OPERAND_SCRATCH, NULL},

    EITHER(BPF_ALU | BPF_ADD, "add", OPERAND_DECIMAL, "+"),
    EITHER(BPF_ALU | BPF_SUB, "sub", OPERAND_DECIMAL, "-"),
    EITHER(BPF_ALU | BPF_MUL, "mul", OPERAND_DECIMAL, "*"),
    EITHER(BPF_ALU | BPF_DIV, "div", OPERAND_DECIMAL, "/"),
    EITHER(BPF_ALU | BPF_MOD, "mod", OPERAND_DECIMAL, "%"),
    EITHER(BPF_ALU | BPF_LSH, "lsh", OPERAND_DECIMAL, "<<"),
    EITHER(BPF_ALU | BPF_RSH, "rsh", OPERAND_DECIMAL, ">>"),
    EITHER(BPF_ALU | BPF_AND, "and", OPERAND_HEXADECIMAL, "&"),
    EITHER(BPF_ALU | BPF_OR, "or", OPERAND_HEXADECIMAL, "|"),
    EITHER(BPF_ALU | BPF_XOR, "xor", OPERAND_HEXADECIMAL, "^"),
    [BPF_ALU | BPF_NEG] = {"neg", OPERAND_NONE, NULL},

    [BPF_JMP | BPF_JA] = {"ja", OPERAND_TARGET, NULL},
    EITHER(BPF_JMP | BPF_JEQ, "jeq", OPERAND_HEXADECIMAL, "=="),
    EITHER(BPF_JMP | BPF_JGT, "jgt", OPERAND_HEXADECIMAL, ">"),
    EITHER(BPF_JMP | BPF_JGE, "jge", OPERAND_HEXADECIMAL, ">="),
    EITHER(BPF_JMP | BPF_JSET, "jset", OPERAND_HEXADECIMAL, "&"),

    [BPF_RET | BPF_K] = {"ret", OPERAND_DECIMAL, NULL},
    [BPF_RET | BPF_A] = {"ret", OPERAND_NONE, NULL},

    [BPF_MISC | BPF_TAX] = {"tax", OPERAND_NONE, NULL},
    [BPF_MISC | BPF_TXA] = {"txa", OPERAND_NONE, NULL},
};

#define FIELD(name) offsetof(struct cbpf_ancillary, name), sizeof((struct cbpf_ancillary *)0)->name

static const struct ancillary ancillaries[SKF_AD_MAX] = {
    [SKF_AD_PROTOCOL] = {"proto", "proto", FIELD(protocol)},
    [SKF_AD_PKTTYPE] = {"type", "type", FIELD(packet_type)},
    [SKF_AD_IFINDEX] = {"ifidx", "ifidx", FIELD(interface)},
    [SKF_AD_NLATTR] = {"nla", "nla", 0, 0},
    [SKF_AD_NLATTR_NEST] = {"nlan", "nlan", 0, 0},
    [SKF_AD_MARK] = {"mark", "mark", 0, 0},
    [SKF_AD_QUEUE] = {"queue", "queue", 0, 0},
    [SKF_AD_HATYPE] = {"hatype", "hatype", FIELD(hardware_type)},
    [SKF_AD_RXHASH] = {"rxhash", "rxhash", 0, 0},
    [SKF_AD_CPU] = {"cpu", "cpu", 0, 0},
    [SKF_AD_ALU_XOR_X] = {"xor_x", NULL, 0, 0},
    [SKF_AD_VLAN_TAG] = {"vlan_tci", "vlan_tci", FIELD(vlan_tag)},
    [SKF_AD_VLAN_TAG_PRESENT] = {"vlanp", "vlan_avail", FIELD(vlan_present)},
    [SKF_AD_PAY_OFFSET] = {"poff", "poff", 0, 0},
    [SKF_AD_RANDOM] = {"random", "rand", 0, 0},
    [SKF_AD_VLAN_TPID] = {"vlan_tpid", "vlan_tpid", FIELD(vlan_protocol)},
};

const struct opcode *cbpf_opcode(uint16_t code)
{
        static const struct opcode unknown = {"unimp", OPERAND_UNKNOWN, NULL};

        return code < 256 && opcodes[code].mnemonic ? &opcodes[code] : &unknown;
}

static bool is_name(const char *name, const char *text, size_t length)
{
        return name && strlen(name) == length && memcmp(name, text, length) == 0;
}

bool cbpf_opcode_named(const char *mnemonic, size_t length, uint16_t *code)
{
        for (*code = 0; *code < 256; ++*code)
                if (is_name(opcodes[*code].mnemonic, mnemonic, length))
                        return true;
        return false;
}

const struct ancillary *cbpf_ancillary(uint32_t k)
{
        uint32_t number = k - (uint32_t)SKF_AD_OFF;

        return number < SKF_AD_MAX && ancillaries[number].listed ? &ancillaries[number] : NULL;
}

const struct ancillary *cbpf_ancillary_field(uint32_t k)
{
        const struct ancillary *ancillary = cbpf_ancillary(k);

        return ancillary && ancillary->size > 0 ? ancillary : NULL;
}

bool cbpf_is_unknown_ancillary(uint32_t k)
{
        uint32_t number = k - (uint32_t)SKF_AD_OFF;

        return k >= (uint32_t)SKF_AD_OFF && (number >= SKF_AD_MAX || number % 4 != 0);
}

uint32_t cbpf_ancillary_offset(const char *name, size_t length)
{
        if (is_name("vlan_pr", name, length)) /* bpf_asm's older name */
                return (uint32_t)SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT;
        for (uint32_t i = 0; i < SKF_AD_MAX; i++)
                if (is_name(ancillaries[i].listed, name, length) ||
                    is_name(ancillaries[i].assembler, name, length))
                        return (uint32_t)SKF_AD_OFF + i;
        return 0;
}

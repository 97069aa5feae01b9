/* Lists a classic program as the kernel translates it to eBPF, by the rules of bpf_convert_filter()
 * and convert_bpf_ld_abs() in Linux's net/core/filter.c (6.1).
 *
 * Registers: r0 is A, r7 is X, r6 the socket buffer, r8 its linear data and r9 the length of that,
 * r2 is scratch, and M[] is below the frame pointer r10. Loads from the linear data are direct;
 * others, and those at computed offsets, call a helper. */
#include "base/array.h"
#include "base/text.h"
#include "cbpf/program/program.h"

#include <linux/filter.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_ROOM = 72, NOWHERE = UINT32_MAX };

/* One eBPF instruction. A jump goes to classic instruction `target`, or skips `skip` of these. */
struct line {
        char text[TEXT_ROOM];
        uint32_t target, skip;
};

struct translation {
        struct line *lines;
        uint32_t count, room;
        uint32_t *starts; /* of each classic instruction */
        bool failed;
        struct line nowhere; /* written to and never read, once memory is short */
};

static struct line *next_line(struct translation *translation)
{
        if (!array_grow(translation->lines, translation->room, translation->count + 1)) {
                translation->failed = true;
                return &translation->nowhere;
        }
        translation->lines[translation->count] = (struct line){.target = NOWHERE};
        return &translation->lines[translation->count++];
}

/* Adds the lines of a text, separated by newlines. Returns the last. */
__attribute__((format(printf, 2, 3))) static struct line *emit(struct translation *translation,
                                                               const char *format, ...)
{
        char text[256], *rest = text;
        struct line *line = NULL;
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(text, sizeof text, format, arguments);
        va_end(arguments);
        while (rest) {
                line = next_line(translation);
                snprintf(line->text, sizeof line->text, "%s", strsep(&rest, "\n"));
        }
        return line;
}

static void load_packet(struct translation *translation, unsigned code, uint32_t k)
{
        unsigned bytes = cbpf_load_size((uint16_t)code);
        bool indexed = BPF_MODE(code) == BPF_IND, swapped = bytes > 1;
        bool near = k <= INT16_MAX;

        if (!indexed && k <= INT32_MAX) {
                emit(translation, "r2 = r9");
                if (k > 0)
                        emit(translation, "r2 -= %u", k);
                emit(translation, "if r2 s< 0x%x goto", bytes)->skip =
                    2u + swapped + (near ? 0 : 2);
                if (near)
                        emit(translation, "r0 = *(u%u *)(r8 +%u)", bytes * 8, k);
                else
                        emit(translation, "r2 = r8\nr2 += %u\nr0 = *(u%u *)(r2 +0)", k, bytes * 8);
                if (swapped)
                        emit(translation, "r0 = be%u r0", bytes * 8);
                emit(translation, "goto")->skip = 8;
        }
        emit(translation, "r1 = r6\nr2 = r8\nr3 = r9");
        if (indexed)
                emit(translation, "r4 = r7");
        if (!indexed || k > 0)
                emit(translation, indexed ? "r4 += %d" : "r4 = %d", (int32_t)k);
        emit(translation, "call bpf_skb_load_helper_%u\nif r0 s>= 0x0 goto", bytes * 8)->skip = 2;
        emit(translation, "w0 ^= w0\nexit");
}

#define CALL(function) "r1 = r6\nr2 = r0\nr3 = r7\ncall " function

/* Loads of ancillary data. Those of the device come behind a check that there is one. */
static const char *const ancillary[SKF_AD_MAX] = {
    [SKF_AD_PROTOCOL] = "r0 = *(u16 *)(r6 + skb->protocol)\nr0 = be16 r0",
    [SKF_AD_PKTTYPE] = "r0 = *(u8 *)(r6 + skb->pkt_type)\nw0 &= 7",
    [SKF_AD_IFINDEX] = "r0 = *(u32 *)(r2 + dev->ifindex)",
    [SKF_AD_HATYPE] = "r0 = *(u16 *)(r2 + dev->type)",
    [SKF_AD_MARK] = "r0 = *(u32 *)(r6 + skb->mark)",
    [SKF_AD_QUEUE] = "r0 = *(u16 *)(r6 + skb->queue_mapping)",
    [SKF_AD_RXHASH] = "r0 = *(u32 *)(r6 + skb->hash)",
    [SKF_AD_VLAN_TAG] = "r0 = *(u16 *)(r6 + skb->vlan_tci)",
    [SKF_AD_VLAN_TAG_PRESENT] = "r0 = *(u8 *)(r6 + skb->vlan_present)\nw0 &= 1",
    [SKF_AD_VLAN_TPID] = "r0 = *(u16 *)(r6 + skb->vlan_proto)\nr0 = be16 r0",
    [SKF_AD_PAY_OFFSET] = CALL("bpf_skb_get_pay_offset"),
    [SKF_AD_NLATTR] = CALL("bpf_skb_get_nlattr"),
    [SKF_AD_NLATTR_NEST] = CALL("bpf_skb_get_nlattr_nest"),
    [SKF_AD_CPU] = CALL("bpf_get_raw_cpu_id"),
    [SKF_AD_RANDOM] = CALL("bpf_user_rnd_u32"),
    [SKF_AD_ALU_XOR_X] = "w0 ^= w7",
};

/* Returns false if `k` is not an ancillary offset. */
static bool load_ancillary(struct translation *translation, uint32_t k)
{
        uint32_t number = k - (uint32_t)SKF_AD_OFF;

        if (number >= SKF_AD_MAX || !ancillary[number])
                return false;
        if (number == SKF_AD_IFINDEX || number == SKF_AD_HATYPE) {
                emit(translation, "r2 = *(u64 *)(r6 + skb->dev)\nif r2 != 0x0 goto")->skip = 1;
                emit(translation, "exit");
        }
        emit(translation, "%s", ancillary[number]);
        return true;
}

static void load(struct translation *translation, const struct bpf_insn *instruction)
{
        int destination = BPF_CLASS(instruction->code) == BPF_LD ? 0 : 7;

        switch (BPF_MODE(instruction->code)) {
        case BPF_IMM: emit(translation, "w%d = 0x%x", destination, instruction->k); return;
        case BPF_LEN: emit(translation, "r%d = *(u32 *)(r6 + skb->len)", destination); return;
        case BPF_MEM:
                emit(translation, "r%d = *(u32 *)(r10 -%u)", destination,
                     (BPF_MEMWORDS - instruction->k) * 4);
                return;
        case BPF_MSH:
                emit(translation, "r7 = r0");
                load_packet(translation, BPF_LD | BPF_ABS | BPF_B, instruction->k);
                emit(translation, "w0 &= 15\nw0 <<= 2\nr2 = r7\nr7 = r0\nr0 = r2");
                return;
        case BPF_ABS:
                if (load_ancillary(translation, instruction->k))
                        return;
        }
        load_packet(translation, instruction->code, instruction->k);
}

static void calculate(struct translation *translation, const struct bpf_insn *instruction)
{
        const char *sign = cbpf_opcode(instruction->code)->sign;
        int operation = BPF_OP(instruction->code);
        bool by_x = BPF_SRC(instruction->code) == BPF_X;

        if (operation == BPF_NEG) {
                emit(translation, "w0 = -w0");
                return;
        }
        if (by_x && (operation == BPF_DIV || operation == BPF_MOD)) {
                emit(translation, "w7 = w7\nif r7 != 0x0 goto")->skip = 2;
                emit(translation, "w0 ^= w0\nexit");
        }
        emit(translation, by_x ? "w0 %s= w7" : "w0 %s= %d", sign, (int32_t)instruction->k);
}

static void jump(struct translation *translation, const struct bpf_insn *instruction, uint32_t at)
{
        static const char *const opposites[] = {[BPF_JEQ >> 4] = "!=",
                                                [BPF_JGT >> 4] = "<=",
                                                [BPF_JGE >> 4] = "<",
                                                [BPF_JSET >> 4] = NULL};
        const char *opposite = opposites[BPF_OP(instruction->code) >> 4];
        bool inverted = instruction->jt == 0 && instruction->jf > 0 && opposite;
        char operand[16];

        if (BPF_OP(instruction->code) == BPF_JA) {
                emit(translation, "goto")->target = at + 1 + instruction->k;
                return;
        }
        if (BPF_SRC(instruction->code) == BPF_X) {
                snprintf(operand, sizeof operand, "r7");
        } else if (instruction->k > INT32_MAX) {
                /* the immediate would be sign-extended */
                emit(translation, "w2 = 0x%x", instruction->k);
                snprintf(operand, sizeof operand, "r2");
        } else {
                snprintf(operand, sizeof operand, "0x%x", instruction->k);
        }
        emit(translation, "if r0 %s %s goto",
             inverted ? opposite : cbpf_opcode(instruction->code)->sign, operand)
            ->target = at + 1 + (inverted ? instruction->jf : instruction->jt);
        if (instruction->jf > 0 && !inverted)
                emit(translation, "goto")->target = at + 1 + instruction->jf;
}

static void translate(struct translation *translation, const struct bpf_insn *instruction,
                      uint32_t at)
{
        switch (BPF_CLASS(instruction->code)) {
        case BPF_LD:
        case BPF_LDX: load(translation, instruction); break;
        case BPF_ST:
        case BPF_STX:
                emit(translation, "*(u32 *)(r10 -%u) = r%d", (BPF_MEMWORDS - instruction->k) * 4,
                     BPF_CLASS(instruction->code) == BPF_ST ? 0 : 7);
                break;
        case BPF_ALU: calculate(translation, instruction); break;
        case BPF_JMP: jump(translation, instruction, at); break;
        case BPF_RET:
                if (BPF_RVAL(instruction->code) == BPF_K)
                        emit(translation, "w0 = 0x%x", instruction->k);
                emit(translation, "exit");
                break;
        case BPF_MISC:
                emit(translation, BPF_MISCOP(instruction->code) == BPF_TAX ? "r7 = r0" : "r0 = r7");
                break;
        }
}

static bool looks_at_packet(const struct bpf_program *program)
{
        for (uint32_t i = 0; i < program->bf_len; i++)
                if (cbpf_loads_packet(program->bf_insns[i].code))
                        return true;
        return false;
}

static void translate_all(struct translation *translation, const struct bpf_program *program)
{
        emit(translation, "w0 ^= w0\nw7 ^= w7\nr6 = r1");
        if (looks_at_packet(program))
                emit(translation, "r8 = *(u64 *)(r6 + skb->data)\nr9 = *(u32 *)(r6 + skb->len)\n"
                                  "r2 = *(u32 *)(r6 + skb->data_len)\nw9 -= w2");
        for (uint32_t i = 0; i < program->bf_len; i++) {
                translation->starts[i] = translation->count;
                translate(translation, &program->bf_insns[i], i);
        }
}

static void write_lines(struct text *text, const struct translation *translation,
                        const struct bpf_program *program)
{
        uint32_t classic = 0;
        char listed[96];

        for (uint32_t i = 0; i < translation->count; i++) {
                const struct line *line = &translation->lines[i];

                for (; classic < program->bf_len && translation->starts[classic] == i; classic++) {
                        cbpf_list_instruction(&program->bf_insns[classic], classic, listed,
                                              sizeof listed);
                        text_format(text, "%s\n", listed);
                }
                text_format(text, "  %4u: %s", i, line->text);
                if (line->target != NOWHERE)
                        text_format(text, " %u", translation->starts[line->target]);
                else if (line->skip)
                        text_format(text, " %u", i + 1 + line->skip);
                text_char(text, '\n');
        }
}

char *cbpf_write_ebpf(const struct bpf_program *program)
{
        struct translation translation = {0};
        struct cbpf_violation violation;
        struct text text = {0};

        if (cbpf_check(program, &violation) < 0)
                return NULL;
        translation.starts = calloc(program->bf_len, sizeof *translation.starts);
        if (translation.starts)
                translate_all(&translation, program);
        text.failed = !translation.starts || translation.failed;
        if (!text.failed)
                write_lines(&text, &translation, program);
        free(translation.lines);
        free(translation.starts);
        return text_take(&text);
}

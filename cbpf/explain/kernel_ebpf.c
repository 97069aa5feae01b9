/* Lists a classic program as the kernel translates it to eBPF, by the rules of bpf_convert_filter()
 * and convert_bpf_ld_abs() in Linux's net/core/filter.c (6.1).
 *
 * Registers: r0 is A, r7 is X, r6 the socket buffer, r8 its linear data and r9 the length of that,
 * r2 is scratch, and M[] is below the frame pointer r10. Loads from the linear data are direct;
 * others, and those at computed offsets, call a helper. */
#include "base/array.h"
#include "cbpf/program/program.h"

#include <linux/filter.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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

__attribute__((format(printf, 2, 3))) static struct line *emit(struct translation *translation,
                                                               const char *format, ...)
{
        struct line *line = next_line(translation);
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(line->text, sizeof line->text, format, arguments);
        va_end(arguments);
        return line;
}

static void reject(struct translation *translation)
{
        emit(translation, "w0 ^= w0");
        emit(translation, "exit");
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
                if (near) {
                        emit(translation, "r0 = *(u%u *)(r8 +%u)", bytes * 8, k);
                } else {
                        emit(translation, "r2 = r8");
                        emit(translation, "r2 += %u", k);
                        emit(translation, "r0 = *(u%u *)(r2 +0)", bytes * 8);
                }
                if (swapped)
                        emit(translation, "r0 = be%u r0", bytes * 8);
                emit(translation, "goto")->skip = 8;
        }
        emit(translation, "r1 = r6");
        emit(translation, "r2 = r8");
        emit(translation, "r3 = r9");
        if (indexed) {
                emit(translation, "r4 = r7");
                if (k > 0)
                        emit(translation, "r4 += %d", (int32_t)k);
        } else {
                emit(translation, "r4 = %d", (int32_t)k);
        }
        emit(translation, "call bpf_skb_load_helper_%u", bytes * 8);
        emit(translation, "if r0 s>= 0x0 goto")->skip = 2;
        reject(translation);
}

/* A field of the socket buffer, by its name in struct sk_buff. */
static void load_field(struct translation *translation, unsigned bits, const char *field,
                       bool swapped)
{
        emit(translation, "r0 = *(u%u *)(r6 + skb->%s)", bits, field);
        if (swapped)
                emit(translation, "r0 = be%u r0", bits);
}

static void load_device(struct translation *translation, unsigned bits, const char *field)
{
        emit(translation, "r2 = *(u64 *)(r6 + skb->dev)");
        emit(translation, "if r2 != 0x0 goto")->skip = 1;
        emit(translation, "exit");
        emit(translation, "r0 = *(u%u *)(r2 + dev->%s)", bits, field);
}

static void call(struct translation *translation, const char *function)
{
        emit(translation, "r1 = r6");
        emit(translation, "r2 = r0");
        emit(translation, "r3 = r7");
        emit(translation, "call %s", function);
}

/* Returns false if `k` is not an ancillary offset. */
static bool load_ancillary(struct translation *translation, uint32_t k)
{
        switch (k - (uint32_t)SKF_AD_OFF) {
        case SKF_AD_PROTOCOL: load_field(translation, 16, "protocol", true); return true;
        case SKF_AD_PKTTYPE:
                load_field(translation, 8, "pkt_type", false);
                emit(translation, "w0 &= 7");
                return true;
        case SKF_AD_IFINDEX: load_device(translation, 32, "ifindex"); return true;
        case SKF_AD_HATYPE: load_device(translation, 16, "type"); return true;
        case SKF_AD_MARK: load_field(translation, 32, "mark", false); return true;
        case SKF_AD_QUEUE: load_field(translation, 16, "queue_mapping", false); return true;
        case SKF_AD_RXHASH: load_field(translation, 32, "hash", false); return true;
        case SKF_AD_VLAN_TAG: load_field(translation, 16, "vlan_tci", false); return true;
        case SKF_AD_VLAN_TAG_PRESENT:
                load_field(translation, 8, "vlan_present", false);
                emit(translation, "w0 &= 1");
                return true;
        case SKF_AD_VLAN_TPID: load_field(translation, 16, "vlan_proto", true); return true;
        case SKF_AD_PAY_OFFSET: call(translation, "bpf_skb_get_pay_offset"); return true;
        case SKF_AD_NLATTR: call(translation, "bpf_skb_get_nlattr"); return true;
        case SKF_AD_NLATTR_NEST: call(translation, "bpf_skb_get_nlattr_nest"); return true;
        case SKF_AD_CPU: call(translation, "bpf_get_raw_cpu_id"); return true;
        case SKF_AD_RANDOM: call(translation, "bpf_user_rnd_u32"); return true;
        case SKF_AD_ALU_XOR_X: emit(translation, "w0 ^= w7"); return true;
        default: return false;
        }
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
                emit(translation, "w0 &= 15");
                emit(translation, "w0 <<= 2");
                emit(translation, "r2 = r7");
                emit(translation, "r7 = r0");
                emit(translation, "r0 = r2");
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
                emit(translation, "w7 = w7");
                emit(translation, "if r7 != 0x0 goto")->skip = 2;
                reject(translation);
        }
        if (by_x)
                emit(translation, "w0 %s= w7", sign);
        else
                emit(translation, "w0 %s= %d", sign, (int32_t)instruction->k);
}

static void jump(struct translation *translation, const struct bpf_insn *instruction, uint32_t at)
{
        static const char *const opposites[] = {[BPF_JEQ >> 4] = "!=",
                                                [BPF_JGT >> 4] = "<=",
                                                [BPF_JGE >> 4] = "<",
                                                [BPF_JSET >> 4] = NULL};
        int operation = BPF_OP(instruction->code) >> 4;
        const char *opposite;
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
        opposite = opposites[operation];
        if (instruction->jt == 0 && instruction->jf > 0 && opposite) {
                emit(translation, "if r0 %s %s goto", opposite, operand)->target =
                    at + 1 + instruction->jf;
                return;
        }
        emit(translation, "if r0 %s %s goto", cbpf_opcode(instruction->code)->sign, operand)
            ->target = at + 1 + instruction->jt;
        if (instruction->jf > 0)
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
        for (uint32_t i = 0; i < program->bf_len; i++) {
                unsigned code = program->bf_insns[i].code;
                bool loads = BPF_CLASS(code) == BPF_LD || BPF_CLASS(code) == BPF_LDX;

                if (loads && (BPF_MODE(code) == BPF_ABS || BPF_MODE(code) == BPF_IND ||
                              BPF_MODE(code) == BPF_MSH))
                        return true;
        }
        return false;
}

static void translate_all(struct translation *translation, const struct bpf_program *program)
{
        emit(translation, "w0 ^= w0");
        emit(translation, "w7 ^= w7");
        emit(translation, "r6 = r1");
        if (looks_at_packet(program)) {
                emit(translation, "r8 = *(u64 *)(r6 + skb->data)");
                emit(translation, "r9 = *(u32 *)(r6 + skb->len)");
                emit(translation, "r2 = *(u32 *)(r6 + skb->data_len)");
                emit(translation, "w9 -= w2");
        }
        for (uint32_t i = 0; i < program->bf_len; i++) {
                translation->starts[i] = translation->count;
                translate(translation, &program->bf_insns[i], i);
        }
}

static void write_lines(FILE *out, const struct translation *translation,
                        const struct bpf_program *program)
{
        uint32_t classic = 0;
        char text[96];

        for (uint32_t i = 0; i < translation->count; i++) {
                const struct line *line = &translation->lines[i];

                for (; classic < program->bf_len && translation->starts[classic] == i; classic++) {
                        cbpf_list_instruction(&program->bf_insns[classic], classic, text,
                                              sizeof text);
                        fprintf(out, "%s\n", text);
                }
                if (line->target != NOWHERE)
                        fprintf(out, "  %4u: %s %u\n", i, line->text,
                                translation->starts[line->target]);
                else if (line->skip)
                        fprintf(out, "  %4u: %s %u\n", i, line->text, i + 1 + line->skip);
                else
                        fprintf(out, "  %4u: %s\n", i, line->text);
        }
}

char *cbpf_write_ebpf(const struct bpf_program *program)
{
        struct translation translation = {0};
        struct cbpf_violation violation;
        char *text = NULL;
        size_t length;
        FILE *out;

        if (cbpf_check(program, &violation) < 0)
                return NULL;
        translation.starts = calloc(program->bf_len, sizeof *translation.starts);
        out = translation.starts ? open_memstream(&text, &length) : NULL;
        translation.failed = !out;
        if (out) {
                translate_all(&translation, program);
                if (!translation.failed)
                        write_lines(out, &translation, program);
                translation.failed |= ferror(out) != 0;
                translation.failed |= fclose(out) != 0;
        }
        free(translation.lines);
        free(translation.starts);
        if (!translation.failed)
                return text;
        free(text);
        return NULL;
}

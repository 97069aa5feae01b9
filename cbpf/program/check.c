/* The kernel's rules for a classic socket filter, as net/core/filter.c of Linux applies them on
 * SO_ATTACH_FILTER: one pass over the program.
 *
 * Two rules may surprise. Scratch memory must be written on every path to a read, and a return
 * counts as a path to the instruction after it, although control never gets there. And only
 * absolute loads have their ancillary offset checked; an indexed load fails at run time. */
#include "program.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct check {
        const struct bpf_insn *instructions;
        size_t length;
        size_t at;          /* the instruction under examination */
        uint16_t written;   /* words of scratch memory written on every path to it, a bit each */
        uint16_t *on_jumps; /* by instruction: the same for the jumps to it alone */
        struct cbpf_violation *violation;
};

__attribute__((format(printf, 2, 3))) static bool violate(struct check *check, const char *format,
                                                          ...)
{
        char *message = check->violation->message;
        size_t room = sizeof check->violation->message;
        int used = snprintf(message, room, "instruction %zu: ", check->at);
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(message + used, room - (size_t)used, format, arguments);
        va_end(arguments);
        check->violation->instruction = check->at;
        return false;
}

/* The rules. Each returns whether the instruction keeps it, and if not, fills the violation. */

/* For constants of arithmetic; a value in X is not known before run time. */
static bool check_constant(struct check *check, const struct bpf_insn *instruction)
{
        switch (BPF_OP(instruction->code)) {
        case BPF_DIV: return instruction->k != 0 || violate(check, "division by the constant 0");
        case BPF_MOD:
                return instruction->k != 0 ||
                       violate(check, "remainder of a division by the constant 0");
        case BPF_LSH:
        case BPF_RSH:
                return instruction->k < 32 ||
                       violate(check, "shift by %u bits; at most 31 are allowed", instruction->k);
        default: return true;
        }
}

static bool check_scratch(struct check *check, const struct bpf_insn *instruction)
{
        uint32_t word = instruction->k;

        if (word >= BPF_MEMWORDS)
                return violate(check, "scratch memory M[%u]; the last word is M[%d]", word,
                               BPF_MEMWORDS - 1);
        if (BPF_CLASS(instruction->code) == BPF_ST || BPF_CLASS(instruction->code) == BPF_STX)
                check->written |= (uint16_t)(1u << word);
        return check->written >> word & 1 ||
               violate(check, "M[%u] is read, but not written on every path here", word);
}

/* From SKF_AD_OFF on, an offset must be that of ancillary data the kernel has. Below it, from
 * SKF_LL_OFF and SKF_NET_OFF on, every offset is allowed. */
static bool check_load(struct check *check, uint32_t k)
{
        return !cbpf_is_unknown_ancillary(k) ||
               violate(check,
                       "offset 0x%x (%d) is ancillary data number %u, which Linux does not have", k,
                       (int32_t)k, k - (uint32_t)SKF_AD_OFF);
}

/* `name` is the field that holds `distance`. */
static bool check_target(struct check *check, const char *name, uint32_t distance)
{
        if (distance < check->length - check->at - 1) {
                check->on_jumps[check->at + 1 + distance] &= check->written;
                return true;
        }
        if (distance > INT32_MAX)
                return violate(check, "%s %d jumps back to %lld; jumps must lead forward", name,
                               (int32_t)distance, (long long)check->at + 1 + (int32_t)distance);
        return violate(check, "%s %u jumps to %zu, but the last instruction is %zu", name, distance,
                       check->at + 1 + distance, check->length - 1);
}

/* Control does not pass from a jump to the instruction behind it. */
static bool check_jump(struct check *check, const struct bpf_insn *instruction)
{
        bool kept = BPF_OP(instruction->code) == BPF_JA
                        ? check_target(check, "k", instruction->k)
                        : check_target(check, "jt", instruction->jt) &&
                              check_target(check, "jf", instruction->jf);

        check->written = UINT16_MAX;
        return kept;
}

static bool check_rule(struct check *check, const struct bpf_insn *instruction,
                       const struct opcode *opcode)
{
        if (opcode->operand == OPERAND_SCRATCH)
                return check_scratch(check, instruction);
        if (opcode->operand == OPERAND_ABSOLUTE)
                return check_load(check, instruction->k);
        if (BPF_CLASS(instruction->code) == BPF_JMP)
                return check_jump(check, instruction);
        return BPF_CLASS(instruction->code) != BPF_ALU || BPF_SRC(instruction->code) != BPF_K ||
               check_constant(check, instruction);
}

static bool check_instruction(struct check *check)
{
        const struct bpf_insn *instruction = &check->instructions[check->at];
        uint16_t code = instruction->code;
        const struct opcode *opcode = cbpf_opcode(code);

        if (opcode->operand == OPERAND_UNKNOWN && code != BPF_LDX_LENGTH)
                return violate(check, "opcode 0x%x is unknown", code);
        check->written &= check->on_jumps[check->at];
        if (!check_rule(check, instruction, opcode))
                return false;
        return check->at < check->length - 1 || BPF_CLASS(code) == BPF_RET ||
               violate(check, "the last instruction must be a return, not opcode 0x%x", code);
}

static bool check_length(struct check *check)
{
        check->at = CBPF_KERNEL_MAX;
        check->violation->only_length = true; /* if any */
        return check->length <= CBPF_KERNEL_MAX ||
               violate(check, "the program has %zu instructions; the kernel takes %d",
                       check->length, CBPF_KERNEL_MAX);
}

static bool check_all(struct check *check)
{
        if (check->length == 0)
                return violate(check, "missing; the program is empty");
        check->on_jumps = malloc(check->length * sizeof *check->on_jumps);
        check->violation->lacks_memory = !check->on_jumps;
        if (!check->on_jumps)
                return violate(check, "not checked: out of memory");
        memset(check->on_jumps, 0xff, check->length * sizeof *check->on_jumps);
        for (; check->at < check->length; check->at++)
                if (!check_instruction(check))
                        return false;
        return check_length(check);
}

int cbpf_check(const struct bpf_program *program, struct cbpf_violation *violation)
{
        struct check check = {
            .instructions = program->bf_insns,
            .length = program->bf_len,
            .violation = violation,
        };
        bool kept;

        violation->only_length = violation->lacks_memory = false;
        kept = check_all(&check);
        free(check.on_jumps);
        return kept ? 0 : -1;
}

/* Which loads of a program must be checked against the packet's end, and how far.
 *
 * A load past the captured bytes rejects wherever it happens, and nothing else happens before. So a
 * check may ask for all that is read later on whatever way the program takes from there; the loads
 * behind it then need none. Two questions are answered for each instruction, each in one pass as
 * jumps lead forward only: how many bytes are needed from there on, from the last instruction to
 * the first; and how many are known to be captured, from the first to the last. */
#include "jit.h"

#include <linux/filter.h>
#include <stdlib.h>

/* Bytes from the packet's start, and from X on. More than any packet has: JIT_NEVER. */
struct reach {
        uint32_t packet, indexed;
};

struct planner {
        const struct bpf_program *program;
        struct reach *needed; /* where fewer are captured, the program returns 0 */
        struct reach *known;  /* so many are captured; JIT_NEVER: not reached so far */
        struct jit_plan *plan;
};

static uint32_t smaller(uint32_t a, uint32_t b)
{
        return a < b ? a : b;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
        return a > b ? a : b;
}

static struct reach both(struct reach a, struct reach b)
{
        return (struct reach){smaller(a.packet, b.packet), smaller(a.indexed, b.indexed)};
}

static bool is_return(const struct bpf_insn *instruction)
{
        return BPF_CLASS(instruction->code) == BPF_RET;
}

static bool writes_x(const struct bpf_insn *instruction)
{
        return BPF_CLASS(instruction->code) == BPF_LDX || instruction->code == (BPF_MISC | BPF_TAX);
}

/* Loads at a constant offset; those of unknown ancillary data are past the end of every packet. */
static bool is_packet_load(const struct bpf_insn *instruction)
{
        uint16_t code = instruction->code;

        if (code == (BPF_LDX | BPF_B | BPF_MSH))
                return true;
        return BPF_CLASS(code) == BPF_LD && BPF_MODE(code) == BPF_ABS &&
               !cbpf_ancillary_field(instruction->k);
}

static bool is_indexed_load(const struct bpf_insn *instruction)
{
        return BPF_CLASS(instruction->code) == BPF_LD && BPF_MODE(instruction->code) == BPF_IND;
}

static bool divides_by_zero(const struct bpf_insn *instruction)
{
        return (instruction->code == (BPF_ALU | BPF_DIV | BPF_K) ||
                instruction->code == (BPF_ALU | BPF_MOD | BPF_K)) &&
               instruction->k == 0;
}

/* Where a load ends, from the packet's start or X on. */
static uint32_t end_of_load(const struct bpf_insn *instruction)
{
        unsigned size = BPF_SIZE(instruction->code);
        uint64_t end = (uint64_t)instruction->k + (size == BPF_W ? 4 : size == BPF_H ? 2 : 1);

        return end < JIT_NEVER ? (uint32_t)end : JIT_NEVER;
}

/* The targets of a jump; the same twice for `ja`. */
struct targets {
        uint64_t yes, no;
};

static struct targets find_targets(const struct planner *planner, uint32_t at)
{
        const struct bpf_insn *instruction = &planner->program->bf_insns[at];
        uint64_t next = (uint64_t)at + 1;

        if (BPF_CLASS(instruction->code) != BPF_JMP)
                return (struct targets){next, next};
        if (BPF_OP(instruction->code) == BPF_JA)
                return (struct targets){next + instruction->k, next + instruction->k};
        return (struct targets){next + instruction->jt, next + instruction->jf};
}

/* Distances are unsigned: a jump meant to lead back leads out of the program. */
static bool stays_inside(const struct planner *planner)
{
        for (uint32_t i = 0; i < planner->program->bf_len; i++) {
                struct targets targets = find_targets(planner, i);

                if (!is_return(&planner->program->bf_insns[i]) &&
                    (targets.yes >= planner->program->bf_len ||
                     targets.no >= planner->program->bf_len))
                        return false;
        }
        return true;
}

static struct reach find_needed(const struct planner *planner, uint32_t at)
{
        static const struct reach none = {0, 0}, never = {JIT_NEVER, JIT_NEVER};
        const struct bpf_insn *instruction = &planner->program->bf_insns[at];
        struct targets targets = find_targets(planner, at);
        struct reach needed;

        if (is_return(instruction))
                return instruction->code == (BPF_RET | BPF_K) && instruction->k == 0 ? never : none;
        needed = both(planner->needed[targets.yes], planner->needed[targets.no]);
        if (needed.packet == JIT_NEVER || divides_by_zero(instruction))
                return never;
        if (writes_x(instruction))
                needed.indexed = 0;
        if (is_packet_load(instruction))
                needed.packet = larger(needed.packet, end_of_load(instruction));
        if (is_indexed_load(instruction))
                needed.indexed = larger(needed.indexed, end_of_load(instruction));
        return needed.packet == JIT_NEVER || needed.indexed == JIT_NEVER ? never : needed;
}

/* Plans the instruction if it is a load; returns what is known below it. */
static struct reach plan_load(struct planner *planner, uint32_t at)
{
        const struct bpf_insn *instruction = &planner->program->bf_insns[at];
        struct reach known = planner->known[at], needed = planner->needed[at];

        if (is_packet_load(instruction) && known.packet < end_of_load(instruction))
                known.packet = planner->plan[at].check = needed.packet;
        if (is_indexed_load(instruction) && known.indexed < end_of_load(instruction))
                known.indexed = planner->plan[at].check = needed.indexed;
        if (writes_x(instruction))
                known.indexed = 0;
        return known;
}

static void plan(struct planner *planner, uint32_t at)
{
        struct targets targets = find_targets(planner, at);
        struct reach known;

        if (planner->known[at].packet == JIT_NEVER)
                return;
        planner->plan[at].fate = JIT_REJECTS;
        if (planner->needed[at].packet == JIT_NEVER)
                return;
        planner->plan[at].fate = JIT_RUNS;
        if (is_return(&planner->program->bf_insns[at]))
                return;
        known = plan_load(planner, at);
        planner->known[targets.yes] = both(planner->known[targets.yes], known);
        planner->known[targets.no] = both(planner->known[targets.no], known);
}

static void plan_all(struct planner *planner)
{
        uint32_t count = planner->program->bf_len;

        for (uint32_t i = count; i-- > 0;) {
                planner->needed[i] = find_needed(planner, i);
                planner->known[i] = (struct reach){JIT_NEVER, JIT_NEVER};
        }
        planner->known[0] = (struct reach){0, 0};
        for (uint32_t i = 0; i < count; i++)
                plan(planner, i);
}

struct jit_plan *jit_make_plan(const struct bpf_program *program)
{
        size_t count = program->bf_len;
        struct planner planner = {.program = program};

        if (count == 0 || !stays_inside(&planner))
                return NULL;
        planner.needed = malloc(count * sizeof *planner.needed);
        planner.known = malloc(count * sizeof *planner.known);
        planner.plan = calloc(count, sizeof *planner.plan);
        if (planner.needed && planner.known && planner.plan) {
                plan_all(&planner);
        } else {
                free(planner.plan);
                planner.plan = NULL;
        }
        free(planner.needed);
        free(planner.known);
        return planner.plan;
}

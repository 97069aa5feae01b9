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

struct place {
        struct reach needed; /* where fewer are captured, the program returns 0 */
        struct reach known;  /* so many are captured; JIT_NEVER: not reached so far */
};

struct planner {
        const struct bpf_program *program;
        struct place *places; /* by instruction */
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
        uint64_t end = (uint64_t)instruction->k + cbpf_load_size(instruction->code);

        return end < JIT_NEVER ? (uint32_t)end : JIT_NEVER;
}

/* True if no jump leads back or out of the program. */
static bool stays_inside(const struct planner *planner)
{
        uint32_t length = planner->program->bf_len;

        for (uint32_t i = 0; i < length; i++) {
                uint32_t yes, no;

                cbpf_successors(planner->program, i, &yes, &no);
                if (!is_return(&planner->program->bf_insns[i]) &&
                    (yes <= i || yes >= length || no <= i || no >= length))
                        return false;
        }
        return true;
}

static struct reach find_needed(const struct planner *planner, uint32_t at)
{
        static const struct reach none = {0, 0}, never = {JIT_NEVER, JIT_NEVER};
        const struct bpf_insn *instruction = &planner->program->bf_insns[at];
        struct reach needed;
        uint32_t yes, no;

        if (is_return(instruction))
                return instruction->code == (BPF_RET | BPF_K) && instruction->k == 0 ? never : none;
        cbpf_successors(planner->program, at, &yes, &no);
        needed = both(planner->places[yes].needed, planner->places[no].needed);
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
        struct reach known = planner->places[at].known, needed = planner->places[at].needed;

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
        struct place *places = planner->places;
        struct reach known;
        uint32_t yes, no;

        if (places[at].known.packet == JIT_NEVER)
                return;
        planner->plan[at].fate = JIT_REJECTS;
        if (places[at].needed.packet == JIT_NEVER)
                return;
        planner->plan[at].fate = JIT_RUNS;
        if (is_return(&planner->program->bf_insns[at]))
                return;
        known = plan_load(planner, at);
        cbpf_successors(planner->program, at, &yes, &no);
        places[yes].known = both(places[yes].known, known);
        places[no].known = both(places[no].known, known);
}

static void plan_all(struct planner *planner)
{
        uint32_t count = planner->program->bf_len;

        for (uint32_t i = count; i-- > 0;) {
                planner->places[i].needed = find_needed(planner, i);
                planner->places[i].known = (struct reach){JIT_NEVER, JIT_NEVER};
        }
        planner->places[0].known = (struct reach){0, 0};
        for (uint32_t i = 0; i < count; i++)
                plan(planner, i);
}

struct jit_plan *jit_make_plan(const struct bpf_program *program)
{
        size_t count = program->bf_len;
        struct planner planner = {.program = program};

        if (count == 0 || !stays_inside(&planner))
                return NULL;
        planner.places = malloc(count * sizeof *planner.places);
        planner.plan = calloc(count, sizeof *planner.plan);
        if (planner.places && planner.plan) {
                plan_all(&planner);
        } else {
                free(planner.plan);
                planner.plan = NULL;
        }
        free(planner.places);
        return planner.plan;
}

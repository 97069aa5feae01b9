/* Recording runs, and solving backwards from a comparison to the packet. */
#include "trail.h"

#include "random.h"

#include <linux/filter.h>
#include <string.h>

/* Recording */

struct recorder {
        struct trail *trail;
        const struct bpf_program *program;
        const struct sample *sample;
        uint32_t a, x, memory[BPF_MEMWORDS]; /* the terms they hold */
};

static uint32_t add_term(struct trail *trail, const struct term *term)
{
        if (trail->term_count == TRAIL_TERMS) {
                trail->complete = false;
                return 0;
        }
        trail->terms[trail->term_count] = *term;
        return (uint32_t)trail->term_count++;
}

static uint32_t constant(struct trail *trail, uint32_t value)
{
        return add_term(trail, &(struct term){.kind = TERM_CONSTANT, .value = value});
}

static uint32_t operation(struct trail *trail, uint16_t operation, uint32_t left, uint32_t right,
                          uint32_t value)
{
        return add_term(trail, &(struct term){.kind = TERM_OPERATION,
                                              .operation = operation,
                                              .left = left,
                                              .right = right,
                                              .value = value});
}

static bool inside(const struct sample *sample, uint64_t offset, uint32_t size)
{
        return offset + size <= sample->captured;
}

static uint32_t load(struct recorder *recorder, const struct cbpf_step *step, uint32_t index)
{
        struct trail *trail = recorder->trail;
        struct term term = {.kind = TERM_LOAD, .size = step->size, .left = index};

        if (step->offset >= (uint32_t)SKF_AD_OFF && index == 0)
                return add_term(trail, &(struct term){.kind = TERM_ANCILLARY,
                                                      .offset = (uint32_t)step->offset});
        if (trail->read_count < TRAIL_READS)
                trail->reads[trail->read_count++] = (struct trail_read){step->offset, step->size};
        else
                trail->complete = false;
        if (!inside(recorder->sample, step->offset, step->size)) {
                trail->ends_past_packet = trail->read_count < TRAIL_READS;
                return 0; /* the run ends here */
        }
        term.offset = (uint32_t)step->offset;
        for (uint32_t i = 0; i < step->size; i++)
                term.value = term.value << 8 | recorder->sample->data[term.offset + i];
        return add_term(trail, &term);
}

/* X = 4 * (P[k] & 0xf) */
static uint32_t load_header_length(struct recorder *recorder, const struct cbpf_step *step)
{
        struct trail *trail = recorder->trail;
        uint32_t byte = load(recorder, step, 0);
        uint32_t nibble = trail->terms[byte].value & 0xf;
        uint32_t masked = operation(trail, BPF_AND, byte, constant(trail, 0xf), nibble);

        return operation(trail, BPF_LSH, masked, constant(trail, 2), nibble << 2);
}

static uint32_t loaded(struct recorder *recorder, const struct bpf_insn *at,
                       const struct cbpf_step *step)
{
        struct trail *trail = recorder->trail;

        switch (BPF_MODE(at->code)) {
        case BPF_ABS: return load(recorder, step, 0);
        case BPF_IND: return load(recorder, step, recorder->x);
        case BPF_MSH: return load_header_length(recorder, step);
        case BPF_LEN: return add_term(trail, &(struct term){.kind = TERM_LENGTH});
        case BPF_MEM: return recorder->memory[at->k % BPF_MEMWORDS];
        default: return constant(trail, at->k);
        }
}

static uint32_t operand(struct recorder *recorder, const struct bpf_insn *at)
{
        return BPF_SRC(at->code) == BPF_X ? recorder->x : constant(recorder->trail, at->k);
}

bool trail_compare(uint16_t condition, uint32_t left, uint32_t right)
{
        switch (condition) {
        case BPF_JEQ: return left == right;
        case BPF_JGT: return left > right;
        case BPF_JGE: return left >= right;
        default: return left & right;
        }
}

static void record_branch(struct recorder *recorder, const struct bpf_insn *at,
                          const struct cbpf_step *step)
{
        struct trail *trail = recorder->trail;
        struct branch branch = {
            .instruction = (uint32_t)step->instruction,
            .condition = BPF_OP(at->code),
            .left = recorder->a,
            .prefix = trail->path,
        };

        branch.holds =
            trail_compare(branch.condition, step->a, BPF_SRC(at->code) == BPF_X ? step->x : at->k);
        trail->path = random_mix(trail->path + 2 * branch.instruction + branch.holds + 1);
        if (trail->branch_count == TRAIL_BRANCHES) {
                trail->complete = false;
                return;
        }
        branch.right = operand(recorder, at);
        trail->branches[trail->branch_count++] = branch;
}

static void record_step(void *context, const struct cbpf_step *step)
{
        struct recorder *recorder = context;
        struct trail *trail = recorder->trail;
        const struct bpf_insn *at = &recorder->program->bf_insns[step->instruction];

        /* What the last instruction computed is known by now. */
        trail->terms[recorder->a].value = step->a;
        trail->terms[recorder->x].value = step->x;
        switch (BPF_CLASS(at->code)) {
        case BPF_LD: recorder->a = loaded(recorder, at, step); return;
        case BPF_LDX: recorder->x = loaded(recorder, at, step); return;
        case BPF_ST: recorder->memory[at->k % BPF_MEMWORDS] = recorder->a; return;
        case BPF_STX: recorder->memory[at->k % BPF_MEMWORDS] = recorder->x; return;
        case BPF_ALU:
                recorder->a = operation(trail, BPF_OP(at->code), recorder->a,
                                        BPF_OP(at->code) == BPF_NEG ? 0 : operand(recorder, at), 0);
                return;
        case BPF_JMP:
                if (BPF_OP(at->code) != BPF_JA)
                        record_branch(recorder, at, step);
                return;
        case BPF_MISC:
                if (BPF_MISCOP(at->code) == BPF_TAX)
                        recorder->x = recorder->a;
                else
                        recorder->a = recorder->x;
                return;
        default: return;
        }
}

void trail_record(struct trail *trail, const struct bpf_program *program,
                  const struct sample *sample)
{
        struct recorder recorder = {.trail = trail, .program = program, .sample = sample};
        struct cbpf_observer observer = {record_step, &recorder};
        struct packet packet = sample_packet(sample);

        trail->path = 0;
        trail->complete = true;
        trail->ends_past_packet = false;
        trail->term_count = trail->branch_count = trail->read_count = 0;
        constant(trail, 0);
        trail->outcome = cbpf_execute(program, &packet, sample_ancillary(sample), &observer);
        trail->path = random_mix(trail->path + trail->outcome.instruction + 1);
}

/* Solving. With both operands' values known and the result wanted, what should one operand be? */

/* The number that multiplied by `factor` gives `product` modulo 2^32, if there is one; otherwise
 * any. */
static uint32_t quotient(uint32_t product, uint32_t factor)
{
        uint32_t inverse = 1;

        if (factor == 0)
                return 0;
        for (; factor % 2 == 0; factor /= 2)
                product /= 2;
        /* Newton's iteration: each round doubles the number of correct bits. */
        for (int round = 0; round < 5; round++)
                inverse *= 2 - factor * inverse;
        return product * inverse;
}

static bool invert_common(uint16_t operation, uint32_t wanted, uint32_t own, uint32_t other,
                          uint32_t *result)
{
        switch (operation) {
        case BPF_ADD: *result = wanted - other; return true;
        case BPF_XOR: *result = wanted ^ other; return true;
        case BPF_AND: *result = (own & ~other) | wanted; return (wanted & ~other) == 0;
        case BPF_OR: *result = (wanted & ~other) | (own & other); return (other & ~wanted) == 0;
        case BPF_MUL: *result = quotient(wanted, other); return *result * other == wanted;
        default: return false;
        }
}

static bool invert_left(uint16_t operation, uint32_t wanted, uint32_t left, uint32_t right,
                        uint32_t *result)
{
        switch (operation) {
        case BPF_SUB: *result = wanted + right; return true;
        case BPF_NEG: *result = -wanted; return true;
        case BPF_DIV: *result = wanted * right; return right && *result / right == wanted;
        case BPF_MOD:
                if (wanted >= right)
                        return false;
                *result = left - left % right + wanted;
                return *result % right == wanted;
        case BPF_LSH:
                *result = right < 32 ? wanted >> right : 0;
                return right < 32 && *result << right == wanted;
        case BPF_RSH:
                if (right >= 32)
                        return false;
                *result = wanted << right | (left & ((1u << right) - 1));
                return *result >> right == wanted;
        default: return invert_common(operation, wanted, left, right, result);
        }
}

static bool invert_right(uint16_t operation, uint32_t wanted, uint32_t left, uint32_t right,
                         uint32_t *result)
{
        if (operation == BPF_SUB) {
                *result = left - wanted;
                return true;
        }
        return invert_common(operation, wanted, right, left, result);
}

static bool write_bytes(const struct term *term, uint32_t wanted,
                        const struct trail_freedom *freedom, struct sample *sample)
{
        if (term->size < 4 && wanted >> (8 * term->size))
                return false;
        if (!inside(sample, term->offset, term->size))
                return false;
        for (uint32_t i = 0; i < term->size; i++) {
                uint8_t byte = (uint8_t)(wanted >> (8 * (term->size - 1 - i)));
                uint8_t *place = &sample->data[term->offset + i];

                if (*place != byte && term->offset + i < freedom->first_byte)
                        return false;
                *place = byte;
        }
        return true;
}

static bool write_length(uint32_t wanted, struct sample *sample)
{
        sample->length = wanted;
        if (sample->captured > wanted)
                sample->captured = wanted;
        return true;
}

static bool write_ancillary(uint32_t k, uint32_t wanted, struct sample *sample)
{
        struct cbpf_ancillary *ancillary = &sample->ancillary;

        switch (k - (uint32_t)SKF_AD_OFF) {
        case SKF_AD_PROTOCOL: ancillary->protocol = (uint16_t)wanted; return wanted < 1 << 16;
        case SKF_AD_PKTTYPE: ancillary->packet_type = (uint8_t)wanted; return wanted < 1 << 8;
        case SKF_AD_IFINDEX: ancillary->interface = wanted; return true;
        case SKF_AD_HATYPE: ancillary->hardware_type = (uint16_t)wanted; return wanted < 1 << 16;
        case SKF_AD_VLAN_TAG: ancillary->vlan_tag = (uint16_t)wanted; return wanted < 1 << 16;
        case SKF_AD_VLAN_TAG_PRESENT: ancillary->vlan_present = wanted; return wanted < 2;
        case SKF_AD_VLAN_TPID: ancillary->vlan_protocol = (uint16_t)wanted; return wanted < 1 << 16;
        default: return false;
        }
}

enum {
        MAX_WORK = 1000, /* terms visited; those of a loop may be shared too often to visit all */
};

static bool solve(const struct trail *trail, uint32_t number, uint32_t wanted,
                  const struct trail_freedom *freedom, struct sample *sample, unsigned *work)
{
        const struct term *term = &trail->terms[number];
        uint32_t left = trail->terms[term->left].value;
        uint32_t right = trail->terms[term->right].value;
        uint32_t operand;

        if (++*work > MAX_WORK)
                return false;
        switch (term->kind) {
        case TERM_CONSTANT: return term->value == wanted;
        case TERM_LOAD: return write_bytes(term, wanted, freedom, sample);
        case TERM_LENGTH: return freedom->metadata && write_length(wanted, sample);
        case TERM_ANCILLARY:
                return freedom->metadata && write_ancillary(term->offset, wanted, sample);
        default: break;
        }
        if (invert_left(term->operation, wanted, left, right, &operand) &&
            solve(trail, term->left, operand, freedom, sample, work))
                return true;
        return term->operation != BPF_NEG &&
               invert_right(term->operation, wanted, left, right, &operand) &&
               solve(trail, term->right, operand, freedom, sample, work);
}

bool trail_solve(const struct trail *trail, uint32_t term, uint32_t wanted,
                 const struct trail_freedom *freedom, struct sample *sample)
{
        unsigned work = 0;

        return solve(trail, term, wanted, freedom, sample, &work);
}

size_t trail_wanted(const struct trail *trail, const struct branch *branch,
                    uint32_t wanted[TRAIL_WANTED])
{
        uint32_t left = trail->terms[branch->left].value;
        uint32_t right = trail->terms[branch->right].value;
        uint32_t guesses[TRAIL_WANTED] = {
            right,        right + 1, right - 1,  left & ~right, left | (right & -right),
            left | right, 0,         0xffffffff, 0xffff,        0xff,
        };
        size_t guess_count = 10, count = 0;

        /* Where the low bits are masked out or shifted in, a higher one makes the difference. */
        for (uint32_t bit = 0; bit < 32; bit++) {
                uint32_t near =
                    branch->condition == BPF_JSET ? left ^ 1u << bit : right ^ 1u << bit;

                guesses[guess_count++] = near;
        }
        for (size_t i = 0; i < guess_count; i++)
                if (trail_compare(branch->condition, guesses[i], right) != branch->holds)
                        wanted[count++] = guesses[i];
        return count;
}

/* The bits of the loads that a term depends on, counted; the `choice`th is flipped. */
struct disturbance {
        const struct trail *trail;
        const struct trail_freedom *freedom;
        struct sample *sample;
        uint32_t choice; /* UINT32_MAX to count only */
        uint32_t bits;
        unsigned work;
};

static void disturb(struct disturbance *disturbance, uint32_t number)
{
        const struct term *term = &disturbance->trail->terms[number];

        if (++disturbance->work > MAX_WORK)
                return;
        for (uint32_t i = term->offset; i < term->offset + term->size; i++) {
                uint32_t bit = disturbance->choice - disturbance->bits;

                if (i < disturbance->freedom->first_byte || i >= disturbance->sample->captured)
                        continue;
                if (bit < 8)
                        disturbance->sample->data[i] ^= (uint8_t)(1 << bit);
                disturbance->bits += 8;
        }
        if (term->left)
                disturb(disturbance, term->left);
        if (term->right)
                disturb(disturbance, term->right);
}

bool trail_disturb(const struct trail *trail, uint32_t term, uint32_t choice,
                   const struct trail_freedom *freedom, struct sample *sample)
{
        struct disturbance count = {trail, freedom, sample, UINT32_MAX, 0, 0};
        struct disturbance flip = {trail, freedom, sample, 0, 0, 0};

        disturb(&count, term);
        if (count.bits == 0)
                return false;
        flip.choice = choice % count.bits;
        disturb(&flip, term);
        return true;
}
